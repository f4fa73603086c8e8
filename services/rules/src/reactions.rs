//! The table of rules (domain model, 5.2): each reacts to events by name and is a pure function of
//! the event and of what is known. `Known` says how it asks.

use crate::{Known, Order, Trigger};

mod gates;
mod staleness;

/// A rule.
#[derive(Clone, Copy)]
pub struct Reaction {
    /// Its number in the domain model, `P4`: its actor is `rea_P4`.
    pub id: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The events that it reacts to, by stored name.
    pub on: &'static [&'static str],
    /// What it wants done.
    pub react: fn(&Trigger, &Known) -> Vec<Order>,
}

/// All rules.
pub const TABLE: &[&[Reaction]] = &[gates::RULES, staleness::RULES];

/// The rules that react to an event.
pub fn reacting_to(event: &str) -> impl Iterator<Item = &'static Reaction> {
    let all = TABLE.iter().flat_map(|rules| rules.iter());
    all.filter(move |rule| rule.on.contains(&event))
}
