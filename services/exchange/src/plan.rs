//! What an import would do: commands in order, what was assumed, what was not understood, and what
//! is wrong with the file. Mappings alone are planned with a look at the tenant's catalogues.

use std::borrow::Cow;

use bus::{CommandError, Request, Step};
use event_store::Fault;
use event_store::store::new_id;
use kernel::values::Line;
use serde_json::Value;

use crate::operation::{Assumed, FileError, NotUnderstood};
use crate::read::{Unreadable, Unused};

/// Most faults that are named.
pub const ERRORS_MAX: usize = 100;
/// Most parts that are named as not understood, and most assumptions; with them and the ids of the
/// objects an operation's document stays within its 64 KiB.
pub const NOTES_MAX: usize = 100;
/// Most bytes of a path or value in them.
const NOTE_BYTES: usize = 150;

/// What an import would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// The commands in order.
    pub commands: Vec<Planned>,
    /// What the file does not say and was assumed.
    pub assumed: Vec<Assumed>,
    /// What of the file was not understood.
    pub not_understood: Vec<NotUnderstood>,
    /// What is wrong with the file.
    pub errors: Vec<FileError>,
}

/// One command of a plan.
#[derive(Debug)]
pub struct Planned {
    /// The command.
    pub step: Step,
    /// What the object is called, for those who read the plan.
    pub title: String,
    /// The line that it comes from.
    pub line: usize,
    /// Where the values of its input come from: field of the input, field of the file, line.
    pub origins: Vec<Origin>,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Field of the command's input, or the path to one inside (`origin/entry`).
    pub to: Cow<'static, str>,
    /// Field of the file.
    pub from: String,
    /// Its line.
    pub line: usize,
}

impl Plan {
    /// Adds a command that makes an object; its id. What keeps the document that it was imported
    /// from gets the number of its entry there.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn create(
        &mut self,
        (kind, verb): (&'static str, &str),
        (title, line): (&str, usize),
        input: Value,
        origins: Vec<Origin>,
    ) -> Result<String, Fault> {
        let prefix = kernel::kinds::kind(kind).map_or("", |row| row.prefix);
        let id = new_id(prefix)?;
        self.make(id.clone(), (kind, verb), (title, line), input, origins);
        Ok(id)
    }

    /// Adds a command that makes an object whose id is known.
    pub fn make(
        &mut self,
        id: String,
        (kind, verb): (&'static str, &str),
        (title, line): (&str, usize),
        mut input: Value,
        origins: Vec<Origin>,
    ) {
        if let Some(document) = input.get_mut("origin").filter(|o| o.get("documentHash").is_some())
        {
            document["entry"] = (self.commands.len() + 1).into();
        }
        let request =
            Request { verb: verb.to_owned(), fresh: Some(id), input, ..Request::default() };
        let step = Step { kind: kind.to_owned(), request };
        self.commands.push(Planned { step, title: title.to_owned(), line, origins });
    }

    /// Adds a command on an object.
    pub fn change(&mut self, kind: &str, verb: &str, id: &str, line: usize, input: Value) {
        let (verb, id) = (verb.to_owned(), Some(id.to_owned()));
        let request = Request { verb, id, input, ..Request::default() };
        let step = Step { kind: kind.to_owned(), request };
        let planned = Planned { step, title: String::new(), line, origins: Vec::new() };
        self.commands.push(planned);
    }

    /// Notes what was assumed.
    pub fn assume(&mut self, line: usize, field: &str, value: &str, because: &str) {
        if self.assumed.len() < NOTES_MAX {
            let (field, value, because) = (cut(field), brief(value), cut(because));
            self.assumed.push(Assumed { line: number(line), field, value, because });
        }
    }

    /// Notes what was not understood.
    pub fn leave_out(&mut self, unused: Vec<Unused>) {
        for Unused { path, count, line } in unused.into_iter().take(NOTES_MAX) {
            let (path, count, line) = (brief(&path), number(count), number(line));
            self.not_understood.push(NotUnderstood { path, count, line });
        }
    }

    /// Notes what is wrong.
    pub fn wrong(&mut self, line: usize, field: &str, code: &str, message: &str) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(error(line, field, code, message));
        }
    }

    /// Whether a fault is only that an object is missing which another command was to make: that
    /// one's own fault is named.
    fn follows(&self, planned: &Planned, pointer: &str) -> bool {
        let named = planned.step.request.input.pointer(pointer).and_then(Value::as_str);
        let made = |other: &Planned| other.step.request.fresh.as_deref() == named;
        named.is_some() && self.commands.iter().any(made)
    }

    /// What is wrong with one of its commands, in the words of the file.
    pub fn faults(&self, command: usize, fault: &CommandError) -> Vec<FileError> {
        let Some(planned) = self.commands.get(command) else { return Vec::new() };
        let at = |pointer: &str| {
            let path = pointer.trim_start_matches('/');
            let within = |origin: &&Origin| {
                let rest = path.strip_prefix(&*origin.to);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let nearest = planned.origins.iter().filter(within).max_by_key(|o| o.to.len());
            match nearest {
                Some(origin) => (origin.line, origin.from.clone()),
                None => {
                    let first = path.split('/').next().unwrap_or_default();
                    (planned.line, first.to_owned())
                }
            }
        };
        match fault {
            CommandError::Invalid { errors } => errors
                .iter()
                .filter(|wrong| {
                    wrong.code != "unknown_reference" || !self.follows(planned, &wrong.pointer)
                })
                .map(|wrong| {
                    let (line, field) = at(&wrong.pointer);
                    error(line, &field, wrong.code, &wrong.message)
                })
                .collect(),
            CommandError::Refused { code, message, pointer, .. } => {
                let (line, field) = at(pointer.as_deref().unwrap_or_default());
                vec![error(line, &field, code, message)]
            }
            other => vec![error(planned.line, "", other.code(), &other.to_string())],
        }
    }
}

impl From<Unreadable> for FileError {
    fn from(fault: Unreadable) -> Self {
        error(fault.line, "", "unreadable", &fault.message)
    }
}

/// A fault at a line.
pub fn error(line: usize, field: &str, code: &str, message: &str) -> FileError {
    let field = (!field.is_empty()).then(|| cut(field));
    FileError { line: number(line), field, code: cut(code), message: cut(message) }
}

/// A count or line as events hold it.
pub fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A text as a line of at most 200 characters.
pub fn cut(text: &str) -> Line {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    Line::new(clean.take(kernel::schema::LINE_MAX).collect::<String>())
}

/// The same of at most so many bytes as a note may have.
fn brief(text: &str) -> Line {
    let text = cut(text);
    Line::new(&text.as_str()[..text.as_str().floor_char_boundary(NOTE_BYTES)])
}
