//! Comma-separated values: a list of rows by the names of the header line.

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::{NODES_MAX, Node, Unreadable, What};

/// Reads a text. Cells without a name in the header must be empty; rows of empty cells are left
/// out.
pub fn read(text: &str) -> Result<Node, Unreadable> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let lines = Lines::of(text);
    let mut record = StringRecord::new();
    let (mut names, mut rows, mut cells) = (Vec::new(), Vec::new(), 0);
    while reader.read_record(&mut record).map_err(|error| lines.broken(&error))? {
        let line = lines.of_position(record.position());
        if names.is_empty() {
            names = header(&record, line)?;
            continue;
        }
        cells += record.len();
        if cells > NODES_MAX {
            return Err(Unreadable::at(line, format!("more than {NODES_MAX} cells")));
        }
        if let Some(row) = row(&names, &record, line)? {
            rows.push(row);
        }
    }
    Ok(Node::new(1, What::List(rows)))
}

fn header(record: &StringRecord, line: usize) -> Result<Vec<String>, Unreadable> {
    let names = mended(record);
    let twice = names
        .iter()
        .enumerate()
        .find(|(n, name)| !name.is_empty() && names[..*n].iter().any(|other| other == *name));
    match twice {
        Some((_, name)) => {
            Err(Unreadable::at(line, format!("the header names the column {name:?} twice")))
        }
        None => Ok(names),
    }
}

/// The names of the columns. A file that was read and written again by a program that did not know
/// its byte-order mark has the mark inside the first name, in front of a quotation mark that is
/// then taken for text, so that the name is cut at its commas: the pieces are one name again.
fn mended(record: &StringRecord) -> Vec<String> {
    let cells: Vec<&str> = record.iter().map(|cell| cell.trim_start_matches('\u{feff}')).collect();
    let (mut names, mut n) = (Vec::with_capacity(cells.len()), 0);
    while let Some(cell) = cells.get(n) {
        let opened = cell.trim().strip_prefix('"').filter(|rest| !rest.ends_with('"'));
        let rest = cells.get(n + 1..).unwrap_or_default();
        let closed = rest.iter().position(|cell| cell.trim_end().ends_with('"'));
        match opened.and(closed) {
            Some(more) => {
                let name = cells[n..=n + 1 + more].join(",");
                names.push(name.trim().trim_matches('"').trim().to_owned());
                n += 2 + more;
            }
            None => {
                names.push(cell.trim().to_owned());
                n += 1;
            }
        }
    }
    names
}

fn row(names: &[String], record: &StringRecord, line: usize) -> Result<Option<Node>, Unreadable> {
    let mut members = Vec::with_capacity(names.len());
    for (n, cell) in record.iter().enumerate() {
        let cell = cell.trim();
        match names.get(n).map(String::as_str) {
            Some("") | None if cell.is_empty() => {}
            Some("") | None => {
                let message = format!("column {} has a value but no name in the header", n + 1);
                return Err(Unreadable::at(line, message));
            }
            Some(_) if cell.is_empty() => {}
            Some(name) => {
                let value = Node::new(line, What::Text(cell.to_owned()));
                members.push((name.to_owned(), value));
            }
        }
    }
    Ok((!members.is_empty()).then(|| Node::new(line, What::Map(members))))
}

/// Where the lines of a text begin.
struct Lines<'a> {
    text: &'a str,
    ends: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(n, _)| n).collect();
        Self { text, ends }
    }

    /// The line of a row. The reader's own count lags behind after line ends of two characters.
    fn of_position(&self, position: Option<&csv::Position>) -> usize {
        let byte = position.map_or(0, csv::Position::byte);
        let byte = usize::try_from(byte).unwrap_or(0).min(self.text.len());
        let ends = self.text.as_bytes()[byte..].iter();
        let first = byte + ends.take_while(|b| matches!(b, b'\r' | b'\n')).count();
        self.ends.partition_point(|end| *end < first) + 1
    }

    fn broken(&self, error: &csv::Error) -> Unreadable {
        let message = match error.kind() {
            ErrorKind::UnequalLengths { .. } => "the row has another number of cells".to_owned(),
            _ => error.to_string(),
        };
        Unreadable::at(self.of_position(error.position()), message)
    }
}
