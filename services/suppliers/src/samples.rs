//! Given, when, then: an object with its history, told command by command.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::panic::Location;

use cqrs_es::Aggregate;
use kernel::domain::{Domain, Events};
use kernel::values::{PLAIN, SEALED};
use kernel::{Context, Role};
use serde_json::{Value, json};

/// Who gives a command: his id and the roles that he holds.
pub type Person = (&'static str, &'static [Role]);

pub const NADIA: Person = ("usr_nadia", &[Role::Sm]);
pub const PRIYA: Person = ("usr_priya", &[Role::Am]);
pub const INGRID: Person = ("usr_ingrid", &[Role::Tm]);
pub const AOIFE: Person = ("usr_aoife", &[Role::Dpo]);
pub const MARC: Person = ("usr_marc", &[Role::So]);
pub const KENJI: Person = ("usr_kenji", &[Role::Val]);
pub const TIMER: Person = ("rea_timer", &[Role::Sys]);
/// Another supplier manager.
pub const SVEN: Person = ("usr_sven", &[Role::Sm]);

/// An object as far as its story has come.
#[derive(Clone)]
pub struct Tale<A> {
    pub state: A,
    id: &'static str,
    now: &'static str,
    version: u64,
    facts: Vec<(String, String, Value)>,
}

impl<A: Domain + Clone> Tale<A>
where
    <A as Aggregate>::Command: Clone,
{
    /// An object that does not exist yet, on this day at nine.
    pub fn of(id: &'static str, now: &'static str) -> Self {
        Self { state: A::default(), id, now, version: 0, facts: Vec::new() }
    }

    /// At this time from now on.
    pub fn at(mut self, now: &'static str) -> Self {
        self.now = now;
        self
    }

    /// With a fact more, or another version of it.
    pub fn knowing(mut self, id: &str, kind: &str, body: Value) -> Self {
        self.facts.retain(|(known, ..)| known != id);
        self.facts.push((id.to_owned(), kind.to_owned(), body));
        self
    }

    fn context(&self, (user, roles): Person) -> Context {
        let mut context = Context::of(user, roles, self.now);
        context.id = self.id.to_owned();
        context.version = self.version;
        context.seed = u128::from(self.version) << 32;
        for (id, kind, body) in &self.facts {
            context = context.knowing(id, kind, body.clone());
        }
        context
    }

    /// What is decided on a command.
    pub fn decided(&self, by: Person, command: A::Command) -> Result<Vec<A::Event>, A::Error> {
        self.state.decide(command, &self.context(by))
    }

    /// The command is carried out, and something happens.
    #[track_caller]
    pub fn then(mut self, by: Person, command: A::Command) -> Self {
        let place = Location::caller();
        let events = self.decided(by, command);
        let events = events.unwrap_or_else(|refused| panic!("{place}: {refused}"));
        assert!(!events.is_empty(), "{place}: nothing happens");
        for event in events {
            let data = stored(event.data().unwrap());
            let event = A::Event::read(event.name(), event.version(), data).unwrap().unwrap();
            self.state.evolve(event);
            self.version += 1;
        }
        self
    }

    /// The command is carried out, and nothing happens.
    #[track_caller]
    pub fn holds(&self, by: Person, command: A::Command) -> &Self {
        let events = self.decided(by, command);
        let events = events.unwrap_or_else(|refused| panic!("{}: {refused}", Location::caller()));
        assert!(events.is_empty(), "something happens");
        self
    }

    /// The command is refused.
    #[track_caller]
    pub fn refused(&self, by: Person, command: A::Command) -> A::Error {
        match self.decided(by, command) {
            Ok(_) => panic!("{}: not refused", Location::caller()),
            Err(refusal) => refusal,
        }
    }

    /// What the command needs to know.
    pub fn needs(&self, by: Person, command: &A::Command) -> Vec<kernel::Need> {
        self.state.needs(command, &self.context(by))
    }

    /// The document, as others read it.
    pub fn body(&self) -> Value {
        serde_json::to_value(&self.state).unwrap()
    }
}

/// The value with texts sealed, as the store keeps it.
fn stored(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key(PLAIN) => {
            json!({ SEALED: "5e".repeat(32) })
        }
        Value::Object(fields) => fields.into_iter().map(|(k, v)| (k, stored(v))).collect(),
        Value::Array(items) => items.into_iter().map(stored).collect(),
        other => other,
    }
}

/// A command from its JSON, as the door hands it on.
#[track_caller]
pub fn command<C: kernel::domain::Commands>(verb: &str, input: Value) -> C {
    let decl = C::declared().into_iter().find(|decl| decl.verb == verb);
    let decl = decl.unwrap_or_else(|| panic!("{}: no command {verb}", Location::caller()));
    assert_eq!(kernel::door::check(&decl.input.fields, &input, ""), [], "{verb}");
    C::parse(verb, input).unwrap().unwrap()
}
