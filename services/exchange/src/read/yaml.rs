//! YAML 1.2, one document. Aliases are refused: a small file with them can stand for a huge one.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::{DEPTH_MAX, NODES_MAX, Node, Unreadable, What};

/// A list or map that is being read.
enum Open {
    List(usize, Vec<Node>),
    Map(usize, Vec<(String, Node)>, Option<(String, usize)>),
}

/// Reads a text.
pub fn read(text: &str) -> Result<Node, Unreadable> {
    let (mut open, mut root, mut count) = (Vec::<Open>::new(), None, 0);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| broken(&error))?;
        let line = span.start.line();
        let done = match event {
            Event::Alias(_) => {
                return Err(Unreadable::at(line, "aliases (*name) are not accepted"));
            }
            Event::DocumentStart(_) if root.is_some() => {
                return Err(Unreadable::at(line, "the file holds more than one document"));
            }
            Event::Scalar(text, style, _, _) => Some(scalar(&text, style, span)),
            Event::SequenceStart(..) => {
                open.push(Open::List(line, Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(line, Vec::new(), None));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|closed| match closed {
                Open::List(line, items) => Node::new(line, What::List(items)),
                Open::Map(line, members, _) => Node::new(line, What::Map(members)),
            }),
            Event::Nothing | Event::StreamStart | Event::StreamEnd => None,
            Event::DocumentStart(_) | Event::DocumentEnd => None,
        };
        count += 1;
        if open.len() > DEPTH_MAX || count > NODES_MAX {
            return Err(Unreadable::at(line, "the file is nested too deep or has too many values"));
        }
        if let Some(node) = done {
            match open.last_mut() {
                Some(parent) => put(parent, node)?,
                None => root = Some(node),
            }
        }
    }
    root.ok_or_else(|| Unreadable::at(1, "the file is empty"))
}

fn scalar(text: &str, style: ScalarStyle, span: Span) -> Node {
    let empty = matches!(text, "" | "~" | "null") && style == ScalarStyle::Plain;
    let what = if empty { What::Nothing } else { What::Text(text.to_owned()) };
    Node::new(span.start.line(), what)
}

/// Puts a value into its parent; in a map the first of two is the name.
fn put(parent: &mut Open, node: Node) -> Result<(), Unreadable> {
    match parent {
        Open::List(_, items) => items.push(node),
        Open::Map(_, members, name) => match name.take() {
            Some((name, _)) => members.push((name, node)),
            None => {
                let line = node.line;
                let What::Text(text) = node.what else {
                    return Err(Unreadable::at(line, "a name must be a text"));
                };
                if members.iter().any(|(known, _)| *known == text) {
                    return Err(Unreadable::at(line, format!("{text:?} stands twice")));
                }
                *name = Some((text, line));
            }
        },
    }
    Ok(())
}

fn broken(error: &ScanError) -> Unreadable {
    Unreadable::at(error.marker().line(), error.info())
}
