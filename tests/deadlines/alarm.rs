//! A kind that does nothing but wait: it stands in the place of another in these tests.

use cqrs_es as _;
use declare::{commands, events, record, refusals};
use kernel::domain::{About, Deadline, Domain};
use kernel::{Context, Instant, Role};
use serde_json::json;

/// Waits for several times.
#[record]
#[derive(Default)]
pub struct Alarm {
    /// The times for which it waits.
    pub times: Vec<Instant>,
    /// When it rang.
    pub rang: Vec<Instant>,
    /// Whether it refuses to ring.
    pub is_stuck: bool,
    /// Whether it goes on waiting for a time after it has rung.
    pub is_forgetful: bool,
}

/// Input of `set`.
#[record]
pub struct Set {
    /// The times for which it waits.
    pub times: Vec<Instant>,
    /// Whether it refuses to ring.
    pub is_stuck: Option<bool>,
    /// Whether it goes on waiting for a time after it has rung.
    pub is_forgetful: Option<bool>,
}

/// Input of `ring`.
#[record]
pub struct Ring {
    /// For which time.
    pub time: Instant,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Sets it.
    #[command(by(Am), emits(Drafted), creates)]
    Draft(Set),
    /// Sets it anew.
    #[command(by(Am), emits(Drafted))]
    Redraft(Set),
    /// Rings.
    #[command(by(Sys), emits(Rang))]
    Ring(Ring),
}

/// What can have happened.
#[events(kind = "scope")]
pub enum Event {
    /// It was set.
    Drafted(Set),
    /// It rang.
    Rang(Ring),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// It is stuck.
    #[refusal(conflict)]
    Stuck,
    /// It is not time.
    #[refusal(conflict)]
    TooEarly,
}

kernel::aggregate!(Alarm, "scope", Command, Event, Refusal);

impl Domain for Alarm {
    const ABOUT: About = About {
        kind: "scope",
        doc: "Waits.",
        clauses: &[],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Draft(set) | Command::Redraft(set) => Ok(vec![Event::Drafted(set)]),
            Command::Ring(_) if self.is_stuck => Err(Refusal::Stuck),
            Command::Ring(ring) if context.now < ring.time => Err(Refusal::TooEarly),
            Command::Ring(ring) if !self.times.contains(&ring.time) => Ok(Vec::new()),
            Command::Ring(ring) => Ok(vec![Event::Rang(ring)]),
        }
    }

    fn deadlines(&self) -> Vec<Deadline> {
        let times = self.times.iter();
        times.map(|time| Deadline::at(*time, "ring").with(json!({ "time": time }))).collect()
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(set) => {
                self.times = set.times;
                self.is_stuck = set.is_stuck.unwrap_or_default();
                self.is_forgetful = set.is_forgetful.unwrap_or_default();
            }
            Event::Rang(ring) => {
                if !self.is_forgetful {
                    self.times.retain(|time| *time != ring.time);
                }
                self.rang.push(ring.time);
            }
        }
    }
}
