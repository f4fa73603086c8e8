//! Canonical JSON (RFC 8785) of our contents. Their keys are ASCII and their numbers whole, so the
//! compact form with the members of each object in order is canonical. It is made from the text,
//! without a tree of values: every submission and approval is hashed.

use serde::Serialize;

/// The canonical JSON of a content.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn canonical(content: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let json = serde_json::to_vec(content)?;
    let out = Vec::with_capacity(json.len());
    let mut writer = Writer { out, members: Vec::new(), unsorted: Vec::new() };
    writer.value(&json);
    Ok(writer.out)
}

/// Writes canonical JSON, with room that all of its objects share.
struct Writer<'a> {
    out: Vec<u8>,
    /// The members of the objects that are being written: each a key, its begin and its end.
    members: Vec<(&'a [u8], usize, usize)>,
    /// An object's members before they were put in order.
    unsorted: Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Writes the value with which the text begins; gives what follows it. The text is what
    /// `serde_json` writes: well-formed and without space.
    fn value(&mut self, json: &'a [u8]) -> &'a [u8] {
        match json {
            [b'{', rest @ ..] => self.object(rest),
            [b'[', rest @ ..] => self.array(rest),
            [b'"', ..] => self.taken(json, string_end(json)),
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}');
                self.taken(json, json.iter().position(ends).unwrap_or(json.len()))
            }
        }
    }

    fn array(&mut self, mut rest: &'a [u8]) -> &'a [u8] {
        self.out.push(b'[');
        loop {
            match rest {
                [b']', after @ ..] => {
                    self.out.push(b']');
                    return after;
                }
                [b',', after @ ..] => {
                    self.out.push(b',');
                    rest = self.value(after);
                }
                [] => return rest,
                _ => rest = self.value(rest),
            }
        }
    }

    /// Writes the members as they come; where that is not in order, puts them in order.
    fn object(&mut self, mut rest: &'a [u8]) -> &'a [u8] {
        self.out.push(b'{');
        let first = self.members.len();
        let after = loop {
            match rest {
                [b'}', after @ ..] => break after,
                [] => break rest,
                [b',', after @ ..] => {
                    self.out.push(b',');
                    rest = after;
                }
                _ => {
                    let (key, from) = (&rest[..string_end(rest)], self.out.len());
                    // With the colon that follows it.
                    rest = self.taken(rest, rest.len().min(key.len() + 1));
                    rest = self.value(rest);
                    self.members.push((key, from, self.out.len()));
                }
            }
        };
        if !self.members[first..].is_sorted_by_key(|(key, ..)| *key) {
            self.sort(first);
        }
        self.members.truncate(first);
        self.out.push(b'}');
        after
    }

    /// Puts the members from this one on, which were written last, in order.
    fn sort(&mut self, first: usize) {
        let members = &mut self.members[first..];
        let begin = members.first().map_or(self.out.len(), |(_, from, _)| *from);
        self.unsorted.clear();
        self.unsorted.extend_from_slice(&self.out[begin..]);
        self.out.truncate(begin);
        members.sort_unstable_by_key(|(key, ..)| *key);
        for (n, &(_, from, to)) in members.iter().enumerate() {
            if n > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&self.unsorted[from - begin..to - begin]);
        }
    }

    /// Writes so much of the text; gives the rest.
    fn taken(&mut self, json: &'a [u8], length: usize) -> &'a [u8] {
        let (taken, rest) = json.split_at(length);
        self.out.extend_from_slice(taken);
        rest
    }
}

/// The length of the string with which the text begins, its quotation marks counted.
fn string_end(json: &[u8]) -> usize {
    let mut end = 1;
    loop {
        let ends = |byte: &u8| matches!(byte, b'"' | b'\\');
        let Some(place) = json.get(end..).and_then(|rest| rest.iter().position(ends)) else {
            return json.len();
        };
        end += place;
        if json[end] == b'"' {
            return end + 1;
        }
        // What follows a backslash is no end.
        end += 2;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Contents that write their members as they are declared, not in order.
    #[derive(Serialize)]
    struct Content {
        zeta: Vec<Inner>,
        b1: Option<u32>,
        b: String,
        alpha: Value,
        nothing: (),
    }

    #[derive(Serialize, Default)]
    struct Inner {
        to: i64,
        from: &'static str,
        is_open: bool,
    }

    #[test]
    fn it_is_the_compact_form_with_members_in_order() {
        let inner = Inner { to: -5, from: "a\\\"},{\"b\":[", is_open: true };
        let content = Content {
            zeta: vec![inner, Inner::default()],
            b1: None,
            b: "line\nbreak \\ é \u{1}".into(),
            alpha: json!({ "y": [], "x": {}, "w": [[1, "]"], { "b": 1, "a": [{}] }] }),
            nothing: (),
        };
        let expected = serde_json::to_vec(&serde_json::to_value(&content).unwrap()).unwrap();
        assert_eq!(canonical(&content).unwrap(), expected);
        assert!(expected.starts_with(b"{\"alpha\":{\"w\":["));
    }

    #[test]
    fn a_content_need_not_be_an_object() {
        for content in [json!(7), json!("a"), json!([]), json!({}), json!([1, [2], null, true])] {
            assert_eq!(canonical(&content).unwrap(), content.to_string().into_bytes());
        }
    }

    #[test]
    fn every_string_ends_where_it_should() {
        for text in ["", "\"", "\\", "\\\\\"", "\\u0022", "}", "],[", "\"\\\"\\\\", "ü\"ü"] {
            let content = json!({ "b": text, "a": [text, { text: text }] });
            assert_eq!(canonical(&content).unwrap(), content.to_string().into_bytes());
        }
    }
}
