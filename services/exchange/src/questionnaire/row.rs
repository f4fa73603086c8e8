//! A row: a question with its choices, what they earn and where they lead.

use std::collections::BTreeMap;

use kernel::door;
use kernel::schema::Ty;
use serde_json::{Value, json};

use super::{Column, Notes, markup, text_of, texts};
use crate::plan::{Origin, Plan};
use crate::read::{Node, What};

/// The words for types of answers in files, beside the numbers of the templates of eramba.
const ANSWERS: &[(&str, &[&str])] = &[
    ("open", &["1", "open", "open answer", "text", "free text"]),
    ("single", &["2", "single", "single select", "dropdown", "choice", "radio"]),
    ("single_open", &["3", "single_open", "single select - open answer"]),
    ("date", &["4", "date"]),
    ("multiple", &["5", "multiple", "multiple select", "multi select", "checkbox"]),
    ("multiple_open", &["6", "multiple_open", "multiple select - open answer"]),
];

/// Choices that say that the question does not apply.
const NOT_APPLICABLE: &[&str] = &["not applicable", "n/a", "na", "not relevant", "does not apply"];

/// The cells of a row by what they say.
pub struct Row<'a> {
    /// Its line.
    pub line: usize,
    cells: BTreeMap<Column, &'a str>,
}

impl<'a> Row<'a> {
    /// A row of the table; cells whose column is not known stay unused.
    pub fn of(node: &'a Node) -> Self {
        let mut cells = BTreeMap::new();
        if let What::Map(members) = &node.what {
            for (name, cell) in members {
                if let Some((column, text)) = Column::of(name).zip(text_of(cell)) {
                    cell.used();
                    cells.entry(column).or_insert(text);
                }
            }
        }
        Self { line: node.line, cells }
    }

    /// A cell that says something.
    pub fn get(&self, column: Column) -> Option<&'a str> {
        self.cells.get(&column).copied()
    }

    /// A cell's text without markup.
    pub fn plain(&self, column: Column, text: &str, notes: &mut Notes) -> String {
        let (plain, had_markup) = markup::plain(text);
        if had_markup {
            notes.add(self.line, column, "markup was taken off", &plain);
        }
        plain
    }

    /// The parts of a cell, one for each choice.
    fn parts(&self, column: Column, count: usize, plan: &mut Plan) -> Option<Vec<&'a str>> {
        let parts: Vec<_> = self.get(column)?.split('|').map(str::trim).collect();
        if parts.len() == count {
            return Some(parts);
        }
        let message = format!("has {} parts for {count} options", parts.len());
        plan.wrong(self.line, column.label(), "other_count", &message);
        None
    }

    /// A cell that says yes or no.
    fn flag(&self, column: Column, plan: &mut Plan) -> Option<bool> {
        let text = self.get(column)?;
        match text.to_ascii_lowercase().as_str() {
            "1" | "yes" | "true" => Some(true),
            "0" | "no" | "false" => Some(false),
            _ => {
                let message = format!("must be 0 or 1, not {text:?}");
                plan.wrong(self.line, column.label(), "malformed", &message);
                None
            }
        }
    }

    fn number(&self, column: Column, text: &str, plan: &mut Plan) -> Option<u32> {
        let number = text.parse().ok();
        if number.is_none() {
            let message = format!("must be a whole number, not {text:?}");
            plan.wrong(self.line, column.label(), "malformed", &message);
        }
        number
    }
}

/// A question of the file.
pub struct Asked {
    /// Its number as a key.
    pub key: String,
    /// Its line.
    pub line: usize,
    /// It as `write` takes it.
    pub input: Value,
}

/// What the choices of a question earn.
struct Scores {
    weight: Option<u32>,
    points: Vec<Option<u32>>,
}

impl Asked {
    /// The question of a row; `None` when it has a fault, which the plan then names.
    pub fn read(
        row: &Row<'_>,
        numbers: &mut BTreeMap<String, usize>,
        plan: &mut Plan,
        notes: &mut Notes,
    ) -> Option<Self> {
        let faults = plan.errors.len();
        let key = number_of(row, numbers, plan);
        let Some(text) = row.get(Column::Text) else {
            plan.wrong(row.line, Column::Text.label(), "missing", "the row asks nothing");
            return None;
        };
        let text = markup::line(&row.plain(Column::Text, text, notes));
        let answer = answer_of(row, plan, notes)?;
        let choices = choices(row, answer, plan, notes);
        if plan.errors.len() != faults {
            return None;
        }
        let scores = scores(row, choices.len(), plan, notes);
        let choices = described(row, choices, &scores.points, plan, notes);
        let remarks = row.flag(Column::Remarks, plan).unwrap_or(true);
        let critical = row.flag(Column::Critical, plan).unwrap_or(false);
        let mut input = json!({
            "key": key, "text": text, "answer": answer, "choices": choices,
            "weight": scores.weight, "critical": critical, "takesRemarks": remarks,
        });
        let help = row.get(Column::Help).map(|help| row.plain(Column::Help, help, notes));
        if let Some(help) = help.filter(|help| !help.is_empty()) {
            input["help"] = json!(help);
        }
        let key = key.filter(|_| plan.errors.len() == faults)?;
        Some(Self { key, line: row.line, input })
    }

    /// The questions to which its choices lead.
    pub fn shows(&self) -> impl Iterator<Item = &str> {
        let choices = self.input["choices"].as_array().into_iter().flatten();
        let shows = choices.filter_map(|choice| choice["shows"].as_array()).flatten();
        shows.filter_map(Value::as_str)
    }

    /// Where in the file its values come from; it is the n-th of its chapter.
    pub fn origins(&self, n: usize) -> impl Iterator<Item = Origin> {
        let line = self.line;
        let columns = [
            ("", Column::Number),
            ("/key", Column::Number),
            ("/text", Column::Text),
            ("/help", Column::Help),
            ("/answer", Column::Answer),
            ("/choices", Column::Choices),
            ("/weight", Column::Weight),
            ("/takesRemarks", Column::Remarks),
        ];
        columns.into_iter().map(move |(field, column)| Origin {
            to: format!("questions/{n}{field}").into(),
            from: column.label().to_owned(),
            line,
        })
    }
}

/// The number of the question as a key, which no other row has.
fn number_of(
    row: &Row<'_>,
    numbers: &mut BTreeMap<String, usize>,
    plan: &mut Plan,
) -> Option<String> {
    let label = Column::Number.label();
    let Some(number) = row.get(Column::Number) else {
        plan.wrong(row.line, label, "missing", "the question has no number");
        return None;
    };
    let key = key_of(number);
    if let Some(fault) = door::check_value(&Ty::Key, &json!(key), "").into_iter().next() {
        plan.wrong(row.line, label, fault.code, &format!("{number:?} {}", fault.message));
        return None;
    }
    if let Some(line) = numbers.get(&key) {
        let message = format!("the question {number} stands in line {line} already");
        plan.wrong(row.line, label, "twice", &message);
        return None;
    }
    numbers.insert(key.clone(), row.line);
    Some(key)
}

fn key_of(number: &str) -> String {
    number.trim().to_lowercase().replace(' ', "_")
}

fn answer_of(row: &Row<'_>, plan: &mut Plan, notes: &mut Notes) -> Option<&'static str> {
    let Some(text) = row.get(Column::Answer) else {
        let has_choices = row.get(Column::Choices).is_some();
        let answer = if has_choices { "single" } else { "open" };
        notes.add(row.line, Column::Answer, "the file does not say how it is answered", answer);
        return Some(answer);
    };
    let known = |(_, words): &&(&str, &[&str])| words.iter().any(|w| w.eq_ignore_ascii_case(text));
    let found = ANSWERS.iter().find(known).map(|(answer, _)| *answer);
    if found.is_none() {
        let message = format!("{text:?} is no type of answer (1 to 6, or in words)");
        plan.wrong(row.line, Column::Answer.label(), "unknown_type", &message);
    }
    found
}

/// The texts of the choices.
fn choices(row: &Row<'_>, answer: &str, plan: &mut Plan, notes: &mut Notes) -> Vec<String> {
    let (label, is_free) = (Column::Choices.label(), matches!(answer, "open" | "date"));
    let Some(cell) = row.get(Column::Choices) else {
        if !is_free {
            plan.wrong(row.line, label, "missing", "a question with options names them");
        }
        return Vec::new();
    };
    if is_free {
        let message = "a question that is answered freely or by a date has no options";
        plan.wrong(row.line, label, "not_taken", message);
        return Vec::new();
    }
    let plain = row.plain(Column::Choices, cell, notes);
    let texts: Vec<_> = plain.split('|').map(markup::line).collect();
    if texts.iter().any(String::is_empty) {
        plan.wrong(row.line, label, "blank", "an option says nothing");
    }
    texts
}

/// Whether and how the question counts.
fn scores(row: &Row<'_>, count: usize, plan: &mut Plan, notes: &mut Notes) -> Scores {
    let none = Scores { weight: None, points: vec![None; count] };
    let given = [Column::Weight, Column::Points].map(|column| row.get(column).map(|_| column));
    let scored = match row.flag(Column::Scored, plan) {
        Some(scored) => scored,
        // Without a word on it, a question that has a score is scored.
        None => row.get(Column::Scored).is_none() && given.iter().any(Option::is_some),
    };
    if !scored {
        for column in given.into_iter().flatten() {
            let value = row.get(column).unwrap_or_default();
            notes.add(row.line, column, "passed over: scoring is switched off", value);
        }
        return none;
    }
    let missing = [Column::Weight, Column::Points].into_iter().find(|c| row.get(*c).is_none());
    if let Some(column) = missing {
        let message = "a scored question has a score, and a multiplier for each option";
        plan.wrong(row.line, column.label(), "missing", message);
        return none;
    }
    let weight = row.get(Column::Weight).and_then(|text| row.number(Column::Weight, text, plan));
    let parts = row.parts(Column::Points, count, plan).unwrap_or_default();
    let points: Vec<_> = parts.iter().map(|text| row.number(Column::Points, text, plan)).collect();
    if points.len() == count { Scores { weight, points } } else { none }
}

/// The choices with what each earns, tells, and leads to.
fn described(
    row: &Row<'_>,
    choices: Vec<String>,
    points: &[Option<u32>],
    plan: &mut Plan,
    notes: &mut Notes,
) -> Vec<Value> {
    let count = choices.len();
    let shows = row.parts(Column::Shows, count, plan).unwrap_or_default();
    let warnings = row.parts(Column::Warnings, count, plan).unwrap_or_default();
    let mut described = Vec::with_capacity(count);
    for (n, text) in choices.into_iter().enumerate() {
        let earned = points.get(n).copied().flatten();
        let not_applicable = earned.unwrap_or(0) == 0
            && NOT_APPLICABLE.iter().any(|known| known.eq_ignore_ascii_case(&text));
        if not_applicable {
            let because = "read as: the question does not apply, and is left out of the score";
            notes.add(row.line, Column::Choices, because, &text);
        }
        let shown = shows.get(n).copied().unwrap_or_default();
        let shown = shown.split([' ', ',', ';']).filter(|id| !id.is_empty()).map(key_of);
        let mut choice = json!({
            "key": (n + 1).to_string(), "text": text, "points": earned,
            "notApplicable": not_applicable, "shows": texts(shown),
        });
        if let Some(warning) = warnings.get(n).filter(|warning| !warning.is_empty()) {
            choice["warning"] = json!(markup::line(&row.plain(Column::Warnings, warning, notes)));
        }
        described.push(choice);
    }
    described
}
