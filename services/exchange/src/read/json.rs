//! JSON. Each value is first taken raw, a slice of the text, so that its line is known.

use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{DEPTH_MAX, NODES_MAX, Node, Unreadable, What};

/// Reads a text.
pub fn read(text: &str) -> Result<Node, Unreadable> {
    // Checks the whole once, with the parser's own guard against deep nesting.
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|error| Unreadable::at(error.line().max(1), error.to_string()))?;
    let mut reader = Reader { text, lines: newlines(text), count: 0 };
    reader.node(raw, 0)
}

fn newlines(text: &str) -> Vec<usize> {
    text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(n, _)| n).collect()
}

struct Reader<'a> {
    text: &'a str,
    lines: Vec<usize>,
    count: usize,
}

impl<'a> Reader<'a> {
    fn line(&self, part: &str) -> usize {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.lines.partition_point(|newline| *newline < offset) + 1
    }

    fn node(&mut self, raw: &'a RawValue, depth: usize) -> Result<Node, Unreadable> {
        let (text, line) = (raw.get(), self.line(raw.get()));
        self.count += 1;
        if depth > DEPTH_MAX || self.count > NODES_MAX {
            return Err(Unreadable::at(line, "the file is nested too deep or has too many values"));
        }
        let broken = |error: serde_json::Error| Unreadable::at(line, error.to_string());
        let mut parser = serde_json::Deserializer::from_str(text);
        let what = match text.as_bytes().first() {
            Some(b'{') => {
                let members = parser.deserialize_map(Members).map_err(broken)?;
                let mut read = Vec::<(String, Node)>::with_capacity(members.len());
                for (name, raw) in members {
                    if read.iter().any(|(known, _)| *known == name) {
                        let twice = format!("{name:?} stands twice");
                        return Err(Unreadable::at(self.line(raw.get()), twice));
                    }
                    read.push((name, self.node(raw, depth + 1)?));
                }
                What::Map(read)
            }
            Some(b'[') => {
                let items = parser.deserialize_seq(Items).map_err(broken)?;
                let items = items.into_iter().map(|raw| self.node(raw, depth + 1));
                What::List(items.collect::<Result<_, _>>()?)
            }
            Some(b'"') => {
                let text: String = serde_json::from_str(text).map_err(broken)?;
                if text.is_empty() { What::Nothing } else { What::Text(text) }
            }
            Some(b'n') | None => What::Nothing,
            Some(_) => What::Text(text.to_owned()),
        };
        Ok(Node::new(line, what))
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}
