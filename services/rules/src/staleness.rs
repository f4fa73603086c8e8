//! When a decision no longer rests on what it was made on: the vocabulary of the table of decisions
//! (`table`), and how it is read against documents.
//!
//! A decision rests on objects that are reached from the object that decided, step by step. Of
//! each, some facts matter. They are kept as they stood when it was decided; when an event changes
//! one of them in the way that the table calls material, the decision is stale.

mod events;
pub mod table;
#[cfg(test)]
mod tests;
mod values;

pub use events::EVENTS;
pub use values::values_at;

use serde_json::Value;

use crate::{Known, Trigger};

/// A kind whose objects decide something, and what that rests on.
#[derive(Debug)]
pub struct Decisions {
    /// The kind that decides.
    pub kind: &'static str,
    /// The events that are a decision; the next one takes the place of the one before.
    pub made: &'static [&'static str],
    /// The events of the same object with which a decision stands no more.
    pub ended: &'static [&'static str],
    /// Events of other objects that use a decision up, with the field of their data that names the
    /// object that decided.
    pub used: &'static [(&'static str, &'static str)],
    /// What it rests on.
    pub rests: &'static [Rest],
}

/// Objects of a kind that a decision rests on, and what of them matters.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// Their kind.
    pub kind: &'static str,
    /// How they are reached from the object that decided; no step: it is itself.
    pub route: &'static [Step],
    /// The events that can change what matters.
    pub on: &'static [&'static str],
    /// What matters of them.
    pub facts: &'static [Fact],
    /// The clause, control or article for which it matters.
    pub clause: &'static str,
    /// Where these fields do not have one of these words, nothing of the object matters.
    pub only: &'static [(&'static str, &'static [&'static str])],
    /// A field that the object must have in common with the one that decided.
    pub same: Option<&'static str>,
}

/// A step from objects to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the objects that they name at a path.
    To(&'static str),
    /// To the objects of a kind whose indexed field names them; also those that come later.
    From(&'static str, &'static str),
    /// To the objects of a kind whose indexed list names them; also those that come later.
    Holding(&'static str, &'static str),
    /// To all objects of a kind of which there are few.
    All(&'static str),
    /// To every object of a kind, but only once something happens to it.
    Any(&'static str),
}

/// Something that matters of an object.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Its name, of at most 32 characters.
    pub name: &'static str,
    /// Where it is found.
    pub found: Found,
    /// Which change of it is material.
    pub test: Test,
}

/// Where a fact is found.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    /// At a path of the document ([`values_at`]).
    At(&'static str),
    /// At the first path when it is decided, at the second later.
    Then(&'static str, &'static str),
    /// By a look at more than one object.
    By(fn(&Look) -> Vec<String>),
}

/// What is there to look at.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The event that makes one look; none while the decision is recorded.
    pub trigger: Option<&'a Trigger>,
    /// The object's document.
    pub document: &'a Value,
    /// The object that decided, by id.
    pub decider: &'a str,
    /// Its document.
    pub deciding: &'a Value,
    /// What else is known.
    pub known: &'a Known,
}

/// Which change is material. What was not there when it was decided has no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// What was there is there no more, or is another.
    Changes,
    /// It is not what it was, be it only there now.
    Differs,
    /// Something has come to it.
    Grows,
    /// It has come to be one of these words.
    Reaches(&'static [&'static str]),
    /// It was one of these words and is none of them any more.
    Leaves(&'static [&'static str]),
    /// It stands later in this order than it did.
    Rises(&'static [&'static str]),
}

/// A fact at a path.
pub const fn fact(name: &'static str, path: &'static str, test: Test) -> Fact {
    Fact { name, found: Found::At(path), test }
}

/// Objects that a decision rests on.
pub const fn rest(
    kind: &'static str,
    route: &'static [Step],
    on: &'static [&'static str],
    facts: &'static [Fact],
    clause: &'static str,
) -> Rest {
    Rest { kind, route, on, facts, clause, only: &[], same: None }
}

impl Rest {
    /// Only while a field of theirs has one of these words.
    #[must_use]
    pub const fn only(
        mut self,
        fields: &'static [(&'static str, &'static [&'static str])],
    ) -> Self {
        self.only = fields;
        self
    }

    /// Only those that have this field in common with the object that decided.
    #[must_use]
    pub const fn same(mut self, field: &'static str) -> Self {
        self.same = Some(field);
        self
    }

    /// Whether objects of the kind matter that come only after the decision.
    pub fn is_open(&self) -> bool {
        matches!(self.route.last(), Some(Step::From(..) | Step::Holding(..) | Step::Any(_)))
    }

    /// Whether this document has what it must have in common with the one that decided.
    pub fn is_of(&self, document: &Value, deciding: &Value) -> bool {
        self.same.is_none_or(|field| {
            values_at(document, field, deciding) == values_at(deciding, field, deciding)
        })
    }

    /// What is found of a fact; nothing of an object that does not matter.
    pub fn found(&self, fact: &Fact, look: &Look) -> Vec<String> {
        let matters = self.only.iter().all(|(field, words)| {
            let has = values_at(look.document, field, look.deciding);
            has.iter().any(|word| words.contains(&word.as_str()))
        });
        match fact.found {
            _ if !matters => Vec::new(),
            Found::At(path) => values_at(look.document, path, look.deciding),
            Found::Then(path, later) => {
                let path = if look.trigger.is_none() { path } else { later };
                values_at(look.document, path, look.deciding)
            }
            Found::By(find) => find(look),
        }
    }
}

impl Test {
    /// Whether the change from what was seen to what is there now is material.
    pub fn is_material(self, seen: &[String], now: &[String]) -> bool {
        match self {
            Test::Changes => !seen.is_empty() && seen != now,
            Test::Differs => seen != now,
            Test::Grows => now.iter().any(|value| !seen.contains(value)),
            Test::Reaches(words) => any(words, now) && !any(words, seen),
            Test::Leaves(words) => any(words, seen) && !any(words, now),
            Test::Rises(order) => match (place(order, seen), place(order, now)) {
                (Some(seen), Some(now)) => now > seen,
                (_, _) => false,
            },
        }
    }

    /// Whether what was seen must be kept for the test, or nothing can be said later.
    pub fn needs_seen(self, seen: &[String]) -> bool {
        match self {
            Test::Reaches(words) => any(words, seen),
            Test::Changes | Test::Differs | Test::Grows | Test::Leaves(_) | Test::Rises(_) => {
                !seen.is_empty()
            }
        }
    }
}

fn any(words: &[&str], values: &[String]) -> bool {
    values.iter().any(|value| words.contains(&value.as_str()))
}

/// The latest place of a value in an order.
fn place(order: &[&str], values: &[String]) -> Option<usize> {
    values.iter().filter_map(|value| order.iter().position(|word| word == value)).max()
}

/// What the decisions of a kind rest on; `None` when its objects decide nothing.
pub fn decisions_of(kind: &str) -> Option<&'static Decisions> {
    table::all().find(|decisions| decisions.kind == kind)
}
