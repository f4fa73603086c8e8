//! What a rule knows of the world: objects as they stood when the transaction of its trigger was
//! recorded.
//!
//! A rule asks and goes on with what it gets. What it asks for and is not there yet is noted; then
//! it is read and the rule, which is pure, runs again, until it asks for nothing new.

use std::sync::{Mutex, PoisonError};

use kernel::{Fact, Facts, Need};
use serde_json::Value;

/// Objects at one position, and what was asked for beyond them.
#[derive(Debug, Default)]
pub struct Known {
    facts: Facts,
    asked: Mutex<Vec<Need>>,
}

impl Known {
    /// What these facts say.
    pub fn new(facts: Facts) -> Self {
        Self { facts, asked: Mutex::default() }
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

    /// The objects of the view's kind whose indexed field has this text.
    pub fn of<F: Fact>(&self, field: &'static str, value: &str) -> Vec<(String, F)> {
        self.ask(Need::Where(F::KIND, field, value.to_owned()));
        let all = self.facts.documents(F::KIND);
        let of_value = all.filter(|(_, body)| at_path(body, field).as_str() == Some(value));
        of_value.filter_map(|(id, _)| Some((id.to_owned(), self.facts.get(id)?))).collect()
    }

    /// The objects of the view's kind whose list of references holds this id.
    pub fn holding<F: Fact>(&self, field: &'static str, id: &str) -> Vec<(String, F)> {
        self.ask(Need::All(F::KIND));
        let holds = |body: &Value| {
            let list = at_path(body, field).as_array();
            list.is_some_and(|list| list.iter().any(|item| item.as_str() == Some(id)))
        };
        let holding = self.facts.documents(F::KIND).filter(|(_, body)| holds(body));
        holding.filter_map(|(id, _)| Some((id.to_owned(), self.facts.get(id)?))).collect()
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
