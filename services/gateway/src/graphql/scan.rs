//! The first look at a query's text, before it is parsed: how large and how deeply nested it is,
//! whether it holds commands, and whether an input object names a field twice (the parser would
//! keep the last and say nothing).

use super::limits::Refused;

/// Most bytes of a query.
pub const BYTES_MAX: usize = 64 * 1024;
/// Most words and signs of a query.
const TOKENS_MAX: usize = 10_000;
/// Most open brackets: as deep as the parser may recurse.
const NESTED_MAX: usize = 48;

/// What brackets are open.
enum Open<'a> {
    Selection,
    Arguments,
    List,
    Object(Vec<&'a str>),
}

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Whether it holds an operation that is a command.
    pub mutates: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    Sign(u8),
    Other,
}

/// Looks through a query.
///
/// # Errors
/// When it is too large, too deep or ambiguous.
pub fn scan(text: &str) -> Result<Seen, Refused> {
    if text.len() > BYTES_MAX {
        let message = format!("a query has at most {BYTES_MAX} bytes");
        return Err(Refused::new("query_too_large", message));
    }
    let (mut open, mut seen, mut before) = (Vec::new(), Seen::default(), Token::Other);
    let (mut at, mut count) = (0, 0);
    while let Some((token, next)) = token(text, at) {
        count += 1;
        if count > TOKENS_MAX {
            let message = format!("a query has at most {TOKENS_MAX} words and signs");
            return Err(Refused::new("query_too_large", message));
        }
        seen.mutates |= open.is_empty() && token == Token::Name("mutation");
        step(&mut open, token, before)?;
        if open.len() > NESTED_MAX {
            let message = format!("a query nests at most {NESTED_MAX} brackets");
            return Err(Refused::new("query_too_deep", message));
        }
        (before, at) = (token, next);
    }
    Ok(seen)
}

fn step<'a>(open: &mut Vec<Open<'a>>, token: Token<'a>, before: Token<'a>) -> Result<(), Refused> {
    let in_value = matches!(open.last(), Some(Open::Arguments | Open::List | Open::Object(_)));
    match token {
        Token::Sign(b'(') => open.push(Open::Arguments),
        Token::Sign(b'[') => open.push(Open::List),
        Token::Sign(b'{') if in_value => open.push(Open::Object(Vec::new())),
        Token::Sign(b'{') => open.push(Open::Selection),
        Token::Sign(b')' | b']' | b'}') => drop(open.pop()),
        Token::Sign(b':') => {
            if let (Some(Open::Object(names)), Token::Name(name)) = (open.last_mut(), before) {
                if names.contains(&name) {
                    let message = format!("an input object names {name} twice");
                    return Err(Refused::new("duplicate_input_field", message));
                }
                names.push(name);
            }
        }
        Token::Name(_) | Token::Sign(_) | Token::Other => {}
    }
    Ok(())
}

/// The token at or behind a place, and where it ends.
fn token(text: &str, mut at: usize) -> Option<(Token<'_>, usize)> {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at)? {
            b'#' => {
                let rest = &bytes[at..];
                at += rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
            }
            b if b.is_ascii_whitespace() || *b == b',' => at += 1,
            _ => break,
        }
    }
    let first = *bytes.get(at)?;
    if first == b'"' {
        return Some((Token::Other, string(bytes, at)));
    }
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    if !word(&first) {
        let next = (at + 1..=text.len()).find(|end| text.is_char_boundary(*end));
        return Some((Token::Sign(first), next.unwrap_or(text.len())));
    }
    let length = bytes[at..].iter().position(|b| !word(b)).unwrap_or(bytes.len() - at);
    let name = text.get(at..at + length).unwrap_or_default();
    let token = if first.is_ascii_digit() { Token::Other } else { Token::Name(name) };
    Some((token, at + length))
}

/// Where a string ends.
fn string(bytes: &[u8], start: usize) -> usize {
    let block = bytes[start..].starts_with(b"\"\"\"");
    let mut at = start + if block { 3 } else { 1 };
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        match byte {
            b'\\' if block && rest.starts_with(b"\\\"\"\"") => at += 4,
            b'\\' if !block => at += 2,
            b'"' if block && rest.starts_with(b"\"\"\"") => return at + 3,
            b'"' if !block => return at + 1,
            b'\n' | b'\r' if !block => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        scan(text).err().map_or("fine", |refused| refused.code)
    }

    #[test]
    fn a_field_that_is_named_twice_in_an_object_is_found() {
        assert_eq!(code("{ f(a: {b: 1, b: 2}) }"), "duplicate_input_field");
        assert_eq!(code("query($v: I = {b: {c: 1 c: 2}}) { f(a: $v) }"), "duplicate_input_field");
        assert_eq!(code("{ f(a: [{b: 1}, {b: 2}], b: {b: b}) { b: x b: y } }"), "fine");
        assert_eq!(code(r#"{ f(a: {b: "}, b: 2", c: """ b: "" \""" b: """}) } # {b: b:"#), "fine");
    }

    #[test]
    fn large_and_deep_texts_are_refused() {
        assert_eq!(code(&"{a".repeat(40)), "fine");
        assert_eq!(code(&"{a".repeat(60)), "query_too_deep");
        assert_eq!(code(&"a ".repeat(20_000)), "query_too_large");
        assert_eq!(code(&" ".repeat(BYTES_MAX + 1)), "query_too_large");
        assert_eq!(code("{ a(b: \"\\"), "fine");
        assert_eq!(code("é \u{10ffff} {"), "fine");
    }

    #[test]
    fn commands_are_seen_at_the_top_only() {
        let mutates = |text: &str| scan(text).unwrap().mutates;
        assert!(mutates("query A { a } mutation B { b }"));
        assert!(!mutates("{ mutation(mutation: mutation) { mutation } }"));
    }
}
