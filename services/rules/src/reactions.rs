//! The table of rules (domain model, 5.2): each reacts to events by name and is a pure function of
//! the event and of what is known. [`Known`] says how it asks.

use std::collections::HashMap;

use crate::{Known, Order, Trigger};

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Reaction {
    /// Its number in the domain model, `P4`: its actor is `rea_P4`.
    pub id: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The events that it reacts to, by stored name; `"*"` for all.
    pub on: &'static [&'static str],
    /// What it wants done.
    pub react: fn(&Trigger, &Known) -> Vec<Order>,
}

/// All rules, by topic.
pub const TABLE: &[&[Reaction]] = &[];

/// Rules by the events that they react to.
pub struct Rules {
    by_event: HashMap<&'static str, Vec<Reaction>>,
}

impl Rules {
    /// All rules of the domain model.
    pub fn all() -> Self {
        Self::of(TABLE.iter().flat_map(|rules| rules.iter().copied()))
    }

    /// These rules.
    pub fn of(rules: impl IntoIterator<Item = Reaction>) -> Self {
        let mut by_event: HashMap<_, Vec<Reaction>> = HashMap::new();
        for rule in rules {
            for event in rule.on {
                by_event.entry(*event).or_default().push(rule);
            }
        }
        Self { by_event }
    }

    /// The rules that react to an event, in the order of the table; those for all come last.
    pub fn reacting_to(&self, event: &str) -> impl Iterator<Item = &Reaction> {
        let of = |name: &str| self.by_event.get(name).into_iter().flatten();
        of(event).chain(of("*"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_stands_once_and_reacts_to_something() {
        let all: Vec<_> = TABLE.iter().flat_map(|rules| rules.iter()).collect();
        for rule in &all {
            assert_eq!(all.iter().filter(|other| other.id == rule.id).count(), 1, "{}", rule.id);
            assert!(!rule.on.is_empty() && !rule.doc.is_empty(), "{}", rule.id);
        }
    }
}
