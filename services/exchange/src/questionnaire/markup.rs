//! Texts with HTML in them as plain texts.

/// The text without tags and with its entities resolved, and whether there were any. Line ends are
/// kept; a tag that ends a line of text in HTML ends one here.
pub fn plain(text: &str) -> (String, bool) {
    let (mut out, mut rest, mut found) = (String::with_capacity(text.len()), text, false);
    while let Some(place) = rest.find(['<', '&']) {
        out.push_str(&rest[..place]);
        rest = &rest[place..];
        if let Some((tag, after)) = tag(rest) {
            if is_block(tag) && !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            (rest, found) = (after, true);
        } else if let Some((c, after)) = entity(rest) {
            out.push(c);
            (rest, found) = (after, true);
        } else {
            let mut letters = rest.chars();
            out.extend(letters.next());
            rest = letters.as_str();
        }
    }
    out.push_str(rest);
    (out.trim().to_owned(), found)
}

/// The text in one line.
pub fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of the tag with which the text begins, and what comes after. `<` before anything but a
/// name, as in `a < b`, is no tag.
fn tag(text: &str) -> Option<(&str, &str)> {
    let (inside, after) = text.strip_prefix('<')?.split_once('>')?;
    let name = inside.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let is_tag = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && matches!(name[end..].chars().next(), None | Some(' ' | '/' | '\n' | '\t'))
        && !inside.contains('<');
    is_tag.then(|| (&name[..end], after))
}

fn is_block(tag: &str) -> bool {
    let blocks = ["br", "p", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6"];
    blocks.iter().any(|block| block.eq_ignore_ascii_case(tag))
}

/// The character of the entity with which the text begins, and what comes after.
fn entity(text: &str) -> Option<(char, &str)> {
    let (name, after) = text.strip_prefix('&')?.split_once(';')?;
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || *c == '\n')?
        }
    };
    Some((c, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_taken_off_and_text_is_not() {
        for (text, expected, found) in [
            ("<i>This applies\n- to all</i>", "This applies\n- to all", true),
            ("a < b and c > d", "a < b and c > d", false),
            ("5 <6> 7", "5 <6> 7", false),
            ("<p>One</p><p>Two<br/>Three</p>", "One\nTwo\nThree", true),
            ("R&amp;D &lt;now&gt; &#8211; &#x41;", "R&D <now> – A", true),
            ("R&D; &unknown; &#0; &#xZZ;", "R&D; &unknown; &#0; &#xZZ;", false),
            ("<a href=\"x\">link</a>", "link", true),
            ("an <open tag", "an <open tag", false),
            ("&lt;b&gt;", "<b>", true),
        ] {
            assert_eq!(plain(text), (expected.to_owned(), found), "{text}");
        }
        assert_eq!(line(" a\n  b\tc "), "a b c");
    }
}
