//! Given, when, then: an object that has been through some commands.
#![allow(clippy::unwrap_used, clippy::panic, reason = "for tests")]

use kernel::domain::Domain;
use kernel::{Context, Position, Role};
use serde_json::{Value, json};

/// An object with what was recorded of it.
#[derive(Clone)]
pub struct Given<A: Domain> {
    pub id: &'static str,
    pub state: A,
    pub version: u64,
}

impl<A: Domain + Clone> Given<A> {
    /// An object that does not exist yet.
    pub fn nothing(id: &'static str) -> Self {
        Self { id, state: A::default(), version: 0 }
    }

    fn context(&self, mut context: Context) -> Context {
        context.id = self.id.into();
        context.version = self.version;
        context.facts.position = Position(40);
        context
    }

    /// What follows from a command.
    pub fn decides(&self, command: A::Command, context: Context) -> Vec<A::Event> {
        self.state.decide(command, &self.context(context)).unwrap()
    }

    /// The object after a command that brings something about. Texts are sealed then.
    pub fn after(mut self, command: A::Command, context: Context) -> Self {
        let events = self.decides(command, context);
        assert!(!events.is_empty(), "the command changed nothing");
        for event in events {
            self.state.evolve(event);
            self.version += 1;
        }
        self.state = serde_json::from_value(sealed(json!(self.state))).unwrap();
        self
    }

    /// Why a command is refused.
    pub fn refuses(&self, command: A::Command, context: Context) -> A::Error {
        self.state.decide(command, &self.context(context)).unwrap_err()
    }

    /// Whether a command holds already.
    pub fn holds(&self, command: A::Command, context: Context) -> bool {
        self.decides(command, context).is_empty()
    }
}

/// A document with its texts sealed, as it is stored.
pub fn sealed(document: Value) -> Value {
    match document {
        Value::Object(members) => match members.get(kernel::values::PLAIN) {
            Some(_) => json!({ kernel::values::SEALED: "0".repeat(64) }),
            None => members.into_iter().map(|(name, value)| (name, sealed(value))).collect(),
        },
        Value::Array(items) => items.into_iter().map(sealed).collect(),
        other => other,
    }
}

/// A person in a role at nine o'clock of a day, with his own membership and those of everybody who
/// is named with a role.
pub fn on(user: &str, role: Role, day: &str) -> Context {
    let at = if day.contains('T') { day.to_owned() } else { format!("{day}T09:00:00Z") };
    let members = [
        ("mbr_rui", json!(["AUD"])),
        ("mbr_vera", json!(["AUD", "RO"])),
        ("mbr_ingrid", json!(["TM"])),
        ("mbr_priya", json!(["AM"])),
    ];
    let context = Context::of(user, &[role, Role::Emp], &at);
    members.into_iter().fold(context, |context, (id, roles)| {
        context.knowing(id, "membership", json!({ "roles": roles, "status": "active" }))
    })
}
