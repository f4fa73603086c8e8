//! What a rule knows of the world: objects as they stood when the transaction of its trigger was
//! recorded.
//!
//! A rule asks and goes on with what it gets. What it asks for and is not there yet is noted; then
//! it is read and the rule, which is pure, runs again, until it asks for nothing new.

use std::sync::{Mutex, PoisonError};

use kernel::{Fact, Facts, Need, Position};
use serde_json::Value;

/// Objects at one position, and what was asked for beyond them.
#[derive(Debug, Default)]
pub struct Known {
    facts: Facts,
    asked: Mutex<Vec<Need>>,
    now: Option<Box<Known>>,
}

impl Known {
    /// What these facts say.
    pub fn new(facts: Facts) -> Self {
        Self { facts, asked: Mutex::default(), now: Some(Box::default()) }
    }

    /// The same as of now. Only for what nobody but the rules themselves write: they run one event
    /// after the other, so that all that came before the trigger has been dealt with, and nothing
    /// of what comes after it.
    pub fn now(&self) -> &Known {
        self.now.as_deref().unwrap_or(self)
    }

    /// What is known as of now, to read more into it.
    pub(crate) fn now_mut(&mut self) -> &mut Known {
        self.now.get_or_insert_default()
    }

    /// The object of this id, if it exists and is of the view's kind.
    pub fn get<F: Fact>(&self, id: &str) -> Option<F> {
        self.ask(Need::Object(id.to_owned()));
        self.facts.get(id)
    }

    /// The document of this id as it is stored, whatever its kind.
    pub fn document(&self, id: &str) -> Option<&Value> {
        self.ask(Need::Object(id.to_owned()));
        self.facts.document(id)
    }

    /// The version of the object of this id, if it exists.
    pub fn version(&self, id: &str) -> Option<u64> {
        self.ask(Need::Object(id.to_owned()));
        self.facts.version(id)
    }

    /// Where the event stands that made a version of an object.
    pub fn event_of(&self, id: &str, version: u64) -> Option<Position> {
        self.ask(Need::EventOf(id.to_owned(), version));
        let event = self.facts.document(&format!("{id}@{version}"))?;
        event["position"].as_str()?.parse().ok()
    }

    /// The objects of the view's kind whose indexed field has this text.
    pub fn of<F: Fact>(&self, field: &'static str, value: &str) -> Vec<(String, F)> {
        self.read(self.documents_of(F::KIND, field, value))
    }

    /// The objects of the view's kind whose indexed list of references, or map by its keys, holds
    /// this id.
    pub fn holding<F: Fact>(&self, field: &'static str, id: &str) -> Vec<(String, F)> {
        self.read(self.documents_holding(F::KIND, field, id))
    }

    /// The documents of a kind whose indexed field has this text.
    pub fn documents_of(
        &self,
        kind: &'static str,
        field: &'static str,
        value: &str,
    ) -> Vec<(&str, &Value)> {
        self.ask(Need::Where(kind, field, value.to_owned()));
        let all = self.facts.documents(kind);
        all.filter(|(_, body)| at_path(body, field).as_str() == Some(value)).collect()
    }

    /// The documents of a kind whose indexed list of references, or map by its keys, holds this id.
    pub fn documents_holding(
        &self,
        kind: &'static str,
        field: &'static str,
        id: &str,
    ) -> Vec<(&str, &Value)> {
        self.ask(Need::Holding(kind, field, id.to_owned()));
        let holds = |body: &Value| match at_path(body, field) {
            Value::Array(items) => items.iter().any(|item| item.as_str() == Some(id)),
            Value::Object(members) => members.contains_key(id),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        };
        self.facts.documents(kind).filter(|(_, body)| holds(body)).collect()
    }

    /// All documents of a kind: only of kinds that stay few.
    pub fn documents(&self, kind: &'static str) -> Vec<(&str, &Value)> {
        self.ask(Need::All(kind));
        self.facts.documents(kind).collect()
    }

    /// All objects of the view's kind: only of kinds that stay few.
    pub fn all<F: Fact>(&self) -> Vec<(String, F)> {
        self.ask(Need::All(F::KIND));
        self.facts.all()
    }

    /// What was asked for and has not been read.
    pub(crate) fn missing(&mut self) -> Vec<Need> {
        let asked = self.asked.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut missing = std::mem::take(asked);
        missing.retain(|need| !self.facts.answered.contains(need));
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// The facts, to read more into them.
    pub(crate) fn facts(&mut self) -> &mut Facts {
        &mut self.facts
    }

    /// A world for tests of rules: an object more.
    #[must_use]
    pub fn with(mut self, id: &str, kind: &str, body: Value) -> Self {
        self.facts.add(id, kind, std::sync::Arc::new(body));
        self
    }

    /// The same world with an object more that is looked at as of now.
    #[must_use]
    pub fn with_now(mut self, id: &str, kind: &str, body: Value) -> Self {
        let now = self.now.take().map_or_else(Self::default, |now| *now);
        self.now = Some(Box::new(now.with(id, kind, body)));
        self
    }

    fn read<F: Fact>(&self, found: Vec<(&str, &Value)>) -> Vec<(String, F)> {
        let read = |(id, _): (&str, &Value)| Some((id.to_owned(), self.facts.get(id)?));
        found.into_iter().filter_map(read).collect()
    }

    fn ask(&self, need: Need) {
        if !self.facts.answered.contains(&need) {
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(need);
        }
    }
}

/// The value at a dotted path.
fn at_path<'a>(body: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(body, |value, name| value.get(name).unwrap_or(&Value::Null))
}
