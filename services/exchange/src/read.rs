//! Files as trees whose every value knows its line and whether anybody has used it: what nobody
//! used was not understood.

mod csv;
mod json;
mod yaml;

use std::cell::Cell;
use std::collections::BTreeMap;

/// How deep values may lie in each other.
pub const DEPTH_MAX: usize = 64;
/// Most values of a file.
pub const NODES_MAX: usize = 1_000_000;

/// A value and where it stands.
#[derive(Debug)]
pub struct Node {
    /// Its line, from 1.
    pub line: usize,
    /// What it is.
    pub what: What,
    used: Cell<bool>,
}

/// What a value is.
#[derive(Debug)]
pub enum What {
    /// Nothing, or an empty text.
    Nothing,
    /// Text, a number or a flag, as it is written.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Values by name, in the order of the file.
    Map(Vec<(String, Node)>),
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Unreadable {
    /// The line, from 1.
    pub line: usize,
    /// Why.
    pub message: String,
}

impl Unreadable {
    /// A fault at a line.
    pub fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2.
    Yaml,
    /// Comma-separated values (RFC 4180) with a header line.
    Csv,
}

impl Notation {
    /// The notation of a file: by the end of its name, else by how it begins.
    pub fn of(name: &str, text: &str) -> Self {
        let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        match end.as_deref() {
            Some("json") => Notation::Json,
            Some("yaml" | "yml") => Notation::Yaml,
            Some("csv") => Notation::Csv,
            _ if text.trim_start().starts_with(['{', '[']) => Notation::Json,
            _ => Notation::Yaml,
        }
    }
}

/// Reads a file.
///
/// # Errors
/// Where it is not what it should be.
pub fn read(notation: Notation, bytes: &[u8]) -> Result<Node, Unreadable> {
    let text = text(bytes)?;
    match notation {
        Notation::Json => json::read(text),
        Notation::Yaml => yaml::read(text),
        Notation::Csv => csv::read(text),
    }
}

/// The text of a file, without a byte-order mark.
///
/// # Errors
/// When it is not UTF-8, is empty or holds U+0000.
pub fn text(bytes: &[u8]) -> Result<&str, Unreadable> {
    let line_of = |upto: usize| bytes[..upto].iter().filter(|b| **b == b'\n').count() + 1;
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Unreadable::at(line_of(error.valid_up_to()), "the file is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(place) = text.find('\0') {
        return Err(Unreadable::at(line_of(place), "the file holds the character U+0000"));
    }
    if text.trim().is_empty() {
        return Err(Unreadable::at(1, "the file is empty"));
    }
    Ok(text)
}

impl Node {
    /// A value at a line.
    pub fn new(line: usize, what: What) -> Self {
        Self { line, what, used: Cell::new(false) }
    }

    /// The member of this name, which counts as looked at, not as used.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.what {
            What::Map(members) => members.iter().find(|(n, _)| n == name).map(|(_, node)| node),
            What::Nothing | What::Text(_) | What::List(_) => None,
        }
    }

    /// The value at a path of names.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The members of a list; of anything else none.
    pub fn items(&self) -> &[Node] {
        match &self.what {
            What::List(items) => items,
            What::Nothing | What::Text(_) | What::Map(_) => &[],
        }
    }

    /// The text of a value that is one, which counts as used.
    pub fn used_text(&self) -> Option<&str> {
        match &self.what {
            What::Text(text) => {
                self.used.set(true);
                Some(text)
            }
            What::Nothing | What::List(_) | What::Map(_) => None,
        }
    }

    /// Counts this and everything inside as used.
    pub fn used(&self) {
        self.used.set(true);
    }

    /// All texts inside, paragraph by paragraph; they count as used.
    pub fn prose(&self) -> Option<String> {
        let mut paragraphs = Vec::new();
        self.paragraphs(&mut paragraphs);
        (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n"))
    }

    fn paragraphs(&self, into: &mut Vec<String>) {
        match &self.what {
            What::Text(text) => {
                self.used.set(true);
                let text = text.trim();
                if !text.is_empty() {
                    into.push(text.to_owned());
                }
            }
            What::List(items) => items.iter().for_each(|item| item.paragraphs(into)),
            What::Nothing | What::Map(_) => {}
        }
    }

    /// What nobody has used, by the path at which it stands in its kind of place (`risks[].tour`).
    pub fn unused(&self) -> Vec<Unused> {
        let mut found = BTreeMap::<String, Unused>::new();
        self.collect_unused("", &mut found);
        found.into_values().collect()
    }

    fn collect_unused(&self, path: &str, found: &mut BTreeMap<String, Unused>) {
        if self.used.get() || matches!(self.what, What::Nothing) {
            return;
        }
        if !self.any_used() {
            let path = if path.is_empty() { "/" } else { path };
            let first = || Unused { path: path.to_owned(), count: 0, line: self.line };
            found.entry(path.to_owned()).or_insert_with(first).count += 1;
            return;
        }
        match &self.what {
            What::Map(members) => {
                for (name, node) in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    node.collect_unused(&format!("{path}{dot}{name}"), found);
                }
            }
            What::List(items) => {
                items.iter().for_each(|item| item.collect_unused(&format!("{path}[]"), found));
            }
            What::Nothing | What::Text(_) => {}
        }
    }

    fn any_used(&self) -> bool {
        self.used.get()
            || match &self.what {
                What::Map(members) => members.iter().any(|(_, node)| node.any_used()),
                What::List(items) => items.iter().any(Node::any_used),
                What::Nothing | What::Text(_) => false,
            }
    }
}

/// A part of a file that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// Where it stands: names, with `[]` for the members of lists.
    pub path: String,
    /// How often.
    pub count: usize,
    /// The line where it stands first.
    pub line: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_yaml_and_csv_give_values_with_their_lines() {
        let json = read(Notation::Json, b"{\"a\": [1,\n {\"b\": \"x\\u00e9\"}],\n\"c\": null}");
        let yaml = read(Notation::Yaml, "a:\n  - 1\n  - b: x\u{e9}\nc:\n".as_bytes());
        for (node, line) in [(json.unwrap(), 2), (yaml.unwrap(), 3)] {
            let second = &node.get("a").unwrap().items()[1];
            assert_eq!((second.line, second.get("b").unwrap().used_text()), (line, Some("xé")));
            assert!(matches!(node.get("c").unwrap().what, What::Nothing));
        }
        let csv = read(Notation::Csv, b"id,name\r\n1,\"two\nlines\"\r\n2,x\r\n").unwrap();
        let lines: Vec<_> = csv.items().iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4]);
        assert_eq!(csv.items()[0].get("name").unwrap().used_text(), Some("two\nlines"));
    }

    #[test]
    fn a_name_that_was_cut_at_its_commas_is_one_again() {
        let cut =
            "\"\u{feff}\"\"Id (for example 1\", 2,\" 3)\"\"\",Name,\"\"\"quoted\"\"\"\n1,x,y\n";
        let node = read(Notation::Csv, cut.as_bytes()).unwrap();
        let row = &node.items()[0];
        assert_eq!(row.get("Id (for example 1, 2, 3)").unwrap().used_text(), Some("1"));
        assert_eq!(row.get("Name").unwrap().used_text(), Some("x"));
        assert_eq!(row.get("\"quoted\"").unwrap().used_text(), Some("y"));
        // An opening mark that nothing closes is part of the name.
        let inch = read(Notation::Csv, b"\"\"\"5 inch\",b\n1,2\n").unwrap();
        assert_eq!(inch.items()[0].get("\"5 inch").unwrap().used_text(), Some("1"));
    }

    #[test]
    fn what_is_broken_says_where() {
        for (notation, text, line) in [
            (Notation::Json, "{\"a\": 1,\n}", 2),
            (Notation::Json, "{\"a\": 1,\n\"a\": 2}", 2),
            (Notation::Json, "[1]\n2", 2),
            (Notation::Yaml, "a: 1\nb: [1\nc: 2\n", 3),
            (Notation::Yaml, "a: &x 1\nb: *x\n", 2),
            (Notation::Yaml, "a: 1\na: 2\n", 2),
            (Notation::Csv, "id,name\n1,x\n2,y,z\n", 3),
            (Notation::Csv, "id,id\n1,x\n", 1),
            (Notation::Yaml, " \n", 1),
        ] {
            assert_eq!(read(notation, text.as_bytes()).unwrap_err().line, line, "{text:?}");
        }
        assert_eq!(read(Notation::Csv, b"a\n\xff").unwrap_err().line, 2);
        let deep = "[".repeat(100_000);
        assert!(read(Notation::Json, deep.as_bytes()).is_err());
        assert!(read(Notation::Yaml, deep.as_bytes()).is_err());
    }

    #[test]
    fn what_nobody_used_is_listed_once_with_its_count() {
        let node = read(Notation::Yaml, b"x: {y: 1}\nr:\n  - {a: 1, b: 2}\n  - {a: 3, b: 4}\n");
        let node = node.unwrap();
        for item in node.get("r").unwrap().items() {
            item.get("a").unwrap().used_text();
        }
        let found: Vec<_> = node.unused().into_iter().map(|u| (u.path, u.count, u.line)).collect();
        assert_eq!(found, [("r[].b".to_owned(), 2, 3), ("x".to_owned(), 1, 1)]);
    }
}
