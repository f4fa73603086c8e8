//! What a rule wants done: commands of other services, by kind and verb.

use kernel::{Date, Role};
use serde_json::{Value, json};

use crate::Trigger;

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The kind that is to decide.
    pub kind: &'static str,
    /// The command's verb.
    pub verb: &'static str,
    /// The object; `None` for a command that makes one.
    pub on: Option<String>,
    /// The command's input.
    pub input: Value,
}

impl Order {
    /// A command that makes an object.
    pub fn make(kind: &'static str, verb: &'static str, input: Value) -> Self {
        Self { kind, verb, on: None, input }
    }

    /// A command to an object.
    pub fn to(kind: &'static str, id: &str, verb: &'static str, input: Value) -> Self {
        Self { kind, verb, on: Some(id.to_owned()), input }
    }
}

/// A task that somebody is to do (G-17). Made by [`Work::new`], finished by [`Work::order`].
#[derive(Clone, Debug)]
pub struct Work {
    input: Value,
}

impl Work {
    /// Work of a sort (`TaskKind` of governance, in words), in a line that names no person, for a
    /// role, until a day.
    pub fn new(kind: &str, title: &str, role: Role, due: Date) -> Self {
        let title: String = title.chars().take(200).collect();
        Self {
            input: json!({
                "taskKind": kind, "title": title, "assigneeRole": role.code(), "due": due,
            }),
        }
    }

    /// What it is about.
    #[must_use]
    pub fn about(mut self, object: &str) -> Self {
        self.input["subject"] = json!(object);
        self
    }

    /// For this person, who holds the role.
    #[must_use]
    pub fn by(mut self, user: &str) -> Self {
        self.input["assignee"] = json!(user);
        self
    }

    /// Done when this has happened, to this object or to any.
    #[must_use]
    pub fn until(mut self, event: &str, object: Option<&str>) -> Self {
        self.input["doneWhen"] = json!({ "event": event });
        if let Some(object) = object {
            self.input["doneWhen"]["object"] = json!(object);
        }
        self
    }

    /// Keeps its subject's gate shut until it is done.
    #[must_use]
    pub fn blocking(mut self) -> Self {
        self.input["blocking"] = json!(true);
        self
    }

    /// At length.
    #[must_use]
    pub fn detail(mut self, text: &str) -> Self {
        self.input["detail"] = json!(text);
        self
    }

    /// The order to open it, naming the event that brought it about.
    pub fn order(mut self, trigger: &Trigger) -> Order {
        self.input["openedByEvent"] = json!(trigger.position);
        Order::make("task", "open", self.input)
    }
}
