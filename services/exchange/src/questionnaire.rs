//! Questionnaires for suppliers: CSV with a question a row, and the chapter of each.
//!
//! Which column says what is read off the header: `COLUMNS` lists the words that are understood;
//! what a header says in brackets, as a rule how to fill it in, is passed over. Cells with several
//! values have them in the order of the choices, separated by `|`.

use std::collections::BTreeMap;

use event_store::Fault;
use kernel::values::Hash;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::row::{Asked, Row};
use crate::import::File;
use crate::plan::{Origin, Plan, cut};
use crate::read::{Node, What};

mod markup;
mod row;

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Number of the chapter.
    Chapter,
    /// Title of the chapter.
    ChapterTitle,
    /// What the chapter is about.
    ChapterAbout,
    /// Number of the question.
    Number,
    /// The question.
    Text,
    /// What helps to answer it.
    Help,
    /// How it is answered.
    Answer,
    /// The choices.
    Choices,
    /// What whoever makes a choice is told.
    Warnings,
    /// Whether the question is scored.
    Scored,
    /// How much it counts.
    Weight,
    /// What each choice earns.
    Points,
    /// The questions to which each choice leads.
    Shows,
    /// Whether remarks and files can be added.
    Remarks,
    /// Whether an answer needs evidence.
    Critical,
}

/// The words for a column in headers, the first of which names it in messages.
const COLUMNS: &[(Column, &[&str])] = &[
    (Column::Chapter, &["Chapter ID", "Section ID", "Chapter", "Section"]),
    (Column::ChapterTitle, &["Chapter Title", "Section Title", "Chapter Name", "Section Name"]),
    (Column::ChapterAbout, &["Chapter Description", "Section Description"]),
    (Column::Number, &["Question ID", "Question Number", "ID", "Number", "Ref"]),
    (Column::Text, &["Question Title", "Question", "Question Text", "Text"]),
    (Column::Help, &["Question Description", "Help", "Guidance", "Description"]),
    (Column::Answer, &["Answer Type", "Type", "Response Type"]),
    (Column::Choices, &["Dropdown Options", "Options", "Choices", "Answers"]),
    (Column::Warnings, &["DropDown Warnings", "Option Warnings", "Warnings"]),
    (Column::Scored, &["Dropdown Scoring", "Scoring", "Scored"]),
    (Column::Weight, &["Dropdown Option Score", "Score", "Weight"]),
    (Column::Points, &["Dropdown Option Score Multiplier", "Multiplier", "Points"]),
    (Column::Shows, &["Dropdown Option Show another Question", "Shows", "Branches"]),
    (Column::Remarks, &["Question Comments & Attachments", "Comments & Attachments", "Comments"]),
    (Column::Critical, &["Critical", "Evidence Required"]),
];

impl Column {
    /// What it is called in messages.
    fn label(self) -> &'static str {
        let found = COLUMNS.iter().find(|(column, _)| *column == self);
        found.and_then(|(_, names)| names.first()).copied().unwrap_or_default()
    }

    /// The column of a header's name.
    fn of(name: &str) -> Option<Self> {
        let name = name.split('(').next().unwrap_or_default().trim();
        let means = |(_, names): &&(Column, &[&str])| {
            names.iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        COLUMNS.iter().find(means).map(|(column, _)| *column)
    }
}

/// A chapter of the file.
struct Chapter {
    line: usize,
    title: String,
    about: Option<String>,
    questions: Vec<Asked>,
}

/// Plans the import of a questionnaire.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn plan(root: &Node, file: &File) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let rows: Vec<_> = root.items().iter().map(Row::of).collect();
    if rows.iter().all(|row| row.get(Column::Text).is_none()) {
        let message = "no column of the file holds questions (looked for Question Title)";
        plan.wrong(1, Column::Text.label(), "no_questions", message);
        return Ok(plan);
    }
    let mut notes = Notes::default();
    let mut numbers = BTreeMap::new();
    let chapters = chapters(&rows, file, &mut numbers, &mut plan, &mut notes);
    check_branches(&chapters, &numbers, &mut plan);
    notes.tell(&mut plan);
    if plan.errors.is_empty() {
        make(&chapters, file, &mut plan)?;
    }
    plan.leave_out(root.unused());
    Ok(plan)
}

/// What was done to many cells alike: told once.
#[derive(Default)]
pub struct Notes {
    seen: BTreeMap<(Column, &'static str), (usize, usize, String)>,
}

impl Notes {
    /// One more cell.
    fn add(&mut self, line: usize, column: Column, because: &'static str, value: &str) {
        let first = || (line, 0, value.to_owned());
        self.seen.entry((column, because)).or_insert_with(first).1 += 1;
    }

    fn tell(self, plan: &mut Plan) {
        for ((column, because), (line, count, value)) in self.seen {
            let because = format!("{because} ({count} times)");
            plan.assume(line, column.label(), &value, &because);
        }
    }
}

/// The chapters in the order in which they come, each with its questions.
fn chapters(
    rows: &[Row<'_>],
    file: &File,
    numbers: &mut BTreeMap<String, usize>,
    plan: &mut Plan,
    notes: &mut Notes,
) -> Vec<Chapter> {
    let (mut chapters, mut places) = (Vec::<Chapter>::new(), BTreeMap::<String, usize>::new());
    let has_chapters = rows.iter().any(|row| row.get(Column::Chapter).is_some());
    for row in rows {
        let id = match row.get(Column::Chapter) {
            Some(id) => id.to_owned(),
            None if has_chapters => {
                let message = "the question belongs to no chapter";
                plan.wrong(row.line, Column::Chapter.label(), "missing", message);
                continue;
            }
            None => String::new(),
        };
        let place = *places.entry(id.clone()).or_insert_with(|| {
            chapters.push(Chapter::begun(row, &id, file, notes));
            chapters.len() - 1
        });
        if let Some(asked) = Asked::read(row, numbers, plan, notes) {
            chapters[place].questions.push(asked);
        }
        chapters[place].said_again(row, notes);
    }
    chapters
}

impl Chapter {
    fn begun(row: &Row<'_>, id: &str, file: &File, notes: &mut Notes) -> Self {
        let title = row
            .get(Column::ChapterTitle)
            .map(|title| markup::line(&row.plain(Column::ChapterTitle, title, notes)));
        let title = title.unwrap_or_else(|| {
            let title = if id.is_empty() { stem(file) } else { format!("Chapter {id}") };
            let because = "the file gives the chapter no title";
            notes.add(row.line, Column::ChapterTitle, because, &title);
            title
        });
        let about = row.get(Column::ChapterAbout);
        let about = about.map(|about| row.plain(Column::ChapterAbout, about, notes));
        Self { line: row.line, title, about, questions: Vec::new() }
    }

    /// Each row says again what its chapter is called and about; the first one counts.
    fn said_again(&self, row: &Row<'_>, notes: &mut Notes) {
        let title =
            row.get(Column::ChapterTitle).map(|title| markup::line(&markup::plain(title).0));
        if title.is_some_and(|title| title != self.title) {
            let because = "a later row calls the chapter otherwise";
            notes.add(row.line, Column::ChapterTitle, because, &self.title);
        }
        let about = row.get(Column::ChapterAbout).map(|about| markup::plain(about).0);
        if about.is_some() && about != self.about {
            let because = "a later row describes the chapter otherwise";
            let first = self.about.as_deref().unwrap_or_default();
            notes.add(row.line, Column::ChapterAbout, because, first);
        }
    }
}

/// Every branch leads to a question of the file that comes later.
fn check_branches(chapters: &[Chapter], numbers: &BTreeMap<String, usize>, plan: &mut Plan) {
    let all = || chapters.iter().flat_map(|chapter| &chapter.questions);
    let places: BTreeMap<&str, usize> =
        all().enumerate().map(|(place, asked)| (asked.key.as_str(), place)).collect();
    for (place, asked) in all().enumerate() {
        for shown in asked.shows() {
            let (code, message) = match places.get(shown) {
                Some(target) if *target > place => continue,
                // It is there with a fault of its own, which is named.
                None if numbers.contains_key(shown) => continue,
                Some(_) => ("not_later", format!("question {shown} does not come after it")),
                None => ("unknown_question", format!("there is no question {shown}")),
            };
            plan.wrong(asked.line, Column::Shows.label(), code, &message);
        }
    }
}

/// The commands: each chapter, and the questionnaire of them.
fn make(chapters: &[Chapter], file: &File, plan: &mut Plan) -> Result<(), Fault> {
    let hash = Hash::new(hex::encode(Sha256::digest(&file.bytes)));
    let (mut ids, mut origins) = (Vec::new(), Vec::new());
    for chapter in chapters {
        let mut input = json!({
            "title": chapter.title,
            "questions": chapter.questions.iter().map(|asked| &asked.input).collect::<Vec<_>>(),
            "origin": { "document": file.name, "documentHash": hash, "source": file.source,
                "licence": file.licence },
        });
        if let Some(about) = &chapter.about {
            input["about"] = json!(about);
        }
        let at = |to: &'static str, column: Column| Origin {
            to: to.into(),
            from: column.label().to_owned(),
            line: chapter.line,
        };
        let mut from = vec![
            at("title", Column::ChapterTitle),
            at("about", Column::ChapterAbout),
            at("questions", Column::Number),
        ];
        for (n, asked) in chapter.questions.iter().enumerate() {
            from.extend(asked.origins(n));
        }
        let title = (chapter.title.as_str(), chapter.line);
        ids.push(plan.create(("questionnaire_chapter", "write"), title, input, from)?);
        origins.push(at("chapters", Column::Chapter));
    }
    origins.truncate(1);
    let title = stem(file);
    plan.assume(1, "title", &title, "a questionnaire is called as its file, which names none");
    let input = json!({
        "title": cut(&title), "chapters": ids, "source": file.source, "licence": file.licence,
        "documentHash": hash,
    });
    plan.create(("questionnaire", "draft"), (&title, 1), input, origins)?;
    Ok(())
}

/// The name of the file without its end, in words.
fn stem(file: &File) -> String {
    let name = file.name.as_str();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words = stem.replace(['-', '_'], " ");
    let mut letters = words.trim().chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => "Questionnaire".to_owned(),
    }
}

/// A JSON list of texts.
fn texts(of: impl Iterator<Item = String>) -> Value {
    of.map(Value::String).collect()
}

/// Whether a node is a text; other shapes do not occur in a table.
fn text_of(node: &Node) -> Option<&str> {
    match &node.what {
        What::Text(text) => Some(text),
        What::Nothing | What::List(_) | What::Map(_) => None,
    }
}
