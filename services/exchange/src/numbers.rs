//! Numbers of clauses and controls as files write them, and as records hold them.

use declare::words;

/// Longest number.
const NUMBER_MAX: usize = 40;

/// What to do with what a mapping names and no catalogue has.
#[words]
#[derive(Default)]
pub enum Unknown {
    /// Nothing is imported.
    #[default]
    Refuse,
    /// It is left out, and named among what was not understood.
    Skip,
    /// A framework without a catalogue gets one of the numbers that the file names; the rest is
    /// left out and named.
    Create,
}

/// A number with other characters than letters, digits, `.`, `-` and `_` as dashes: `Article 21(2)
/// (i)` is `Article-21-2-i`. `None` where nothing is left, or too much.
pub fn number(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    let mut out = out.trim_matches('-').to_owned();
    while out.contains("--") {
        out = out.replace("--", "-");
    }
    (1..=NUMBER_MAX).contains(&out.len()).then_some(out)
}

/// A name as a number: what is too long is cut.
pub fn shortened(text: &str) -> Option<String> {
    let short: String = text.trim().chars().take(NUMBER_MAX).collect();
    number(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_the_characters_that_records_hold() {
        for (text, wanted) in [
            ("A.6.2.4", Some("A.6.2.4")),
            (" GOVERN 1.1 ", Some("GOVERN-1.1")),
            ("Article 21(2) (i)", Some("Article-21-2-i")),
            ("37001:2025 - 7.3.1", Some("37001-2025-7.3.1")),
            ("(é)", None),
            ("—", None),
            ("", None),
        ] {
            assert_eq!(number(text).as_deref(), wanted, "{text}");
        }
        assert_eq!(number(&"x".repeat(41)), None);
        assert_eq!(shortened(&"x y".repeat(40)).map(|n| n.len()), Some(40));
    }
}
