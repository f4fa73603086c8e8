//! What the standing decision of an object rests on, and whether that still holds (7.5.3, 8.1): the
//! versions on which an approval, acceptance, gate or review was made. One for each object that
//! decides; the decision's event begins it, the next one renews it. When something that it was made
//! on changes materially, it is stale until that is undone or somebody decides again.
//!
//! ```text
//!           record             find_stale
//!   (none) ───────► Current ─────────────► Stale ──┐ find_stale (a further cause)
//!                    ▲ │ ◄─────────────────┘ │ ◄───┘
//!                    │ │ end   settle (the   │ end
//!              renew │ ▼       last cause)   ▼
//!                    └─────────── Ended ◄────┘      renew: from each state to Current
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Anything, Key, KindTag, Line, Ref};
use kernel::{Context, Fact, Instant, Position, Role};

#[cfg(test)]
mod tests;

/// What the standing decision of an object rests on.
#[record]
#[derive(Default)]
pub struct DecisionBasis {
    /// The decision, and what it rests on.
    #[field(flatten)]
    pub basis: Basis,
    /// Whether what it rests on still holds.
    #[field(index)]
    pub status: BasisStatus,
    /// Since when it does not.
    #[field(index)]
    pub since: Option<Instant>,
    /// What has changed since the decision, by object and fact; empty while all of it holds.
    #[field(max = 100)]
    pub because: BTreeMap<Key, Cause>,
    /// The event with which the decision ended without another, and when.
    pub ending: Option<Ending>,
}

/// A decision and what it rests on: input of `record` and `renew`.
#[record]
#[derive(Default)]
pub struct Basis {
    /// The object that decided.
    pub object: Ref<Anything>,
    /// The object's kind while its decision stands; empty afterwards.
    #[field(index)]
    pub watched: Line,
    /// Stored name of the decision's event, `risk.accepted`.
    #[field(index)]
    pub decision: Line,
    /// The event, by its position in the log.
    #[field(index)]
    pub decided: Position,
    /// The event's id.
    pub decision_event: Line,
    /// When it was recorded.
    #[field(index)]
    pub decided_at: Instant,
    /// Who decided, by pseudonym.
    pub decided_by: Line,
    /// The objects on which it was made, by id, as they stood then. Empty once it has ended.
    #[field(index, max = 200)]
    pub rested_on: BTreeMap<Key, Rested>,
    /// How many objects are not watched because there were too many.
    pub left_out: u32,
}

/// An object as it stood when something was decided on it.
#[record]
pub struct Rested {
    /// The object.
    pub object: Ref<Anything>,
    /// Its version then; 0 when it was not looked at but names others that may come to matter.
    pub seen_version: u64,
    /// What of it mattered, by the fact's name.
    pub seen: BTreeMap<Key, Seen>,
}

/// What was found of a fact.
#[record]
pub struct Seen {
    /// Its values in order: words, numbers, ids, or hashes of texts.
    pub values: Vec<Line>,
}

/// Why a decision no longer rests on what it was made on.
#[record]
pub struct Cause {
    /// The object that has changed.
    pub object: Ref<Anything>,
    /// What of it has.
    pub fact: Key,
    /// What the decision was made on.
    pub before: Vec<Line>,
    /// What it is now.
    pub now: Vec<Line>,
    /// The clause, control or article for which that matters.
    pub clause: Line,
    /// The event that changed it, by its position in the log.
    pub event: Position,
    /// The event's id.
    pub event_id: Line,
    /// The event's stored name.
    pub event_type: Line,
    /// When it was recorded.
    pub at: Instant,
}

/// How a decision ended.
#[record]
pub struct Ending {
    /// The event, by its position in the log.
    pub event: Position,
    /// The event's stored name, `risk.acceptance_expired`.
    pub event_type: Line,
    /// When it was recorded.
    pub at: Instant,
}

/// Whether what a decision rests on still holds.
#[words]
#[derive(Default)]
pub enum BasisStatus {
    /// It does.
    #[default]
    Current,
    /// Something has changed materially.
    Stale,
    /// The decision stands no more.
    Ended,
}

/// Input of `find_stale`.
#[record]
pub struct FindStale {
    /// The decision that was looked at, by its position: another one may have been made since.
    pub decided: Position,
    /// What has changed, by object and fact.
    #[field(max = 100)]
    pub causes: BTreeMap<Key, Cause>,
}

/// Input of `settle`.
#[record]
pub struct Settle {
    /// The causes that are gone.
    #[field(max = 100)]
    pub causes: Vec<Key>,
    /// The event that undid them, by its position in the log.
    pub event: Position,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Records on what a decision was made.
    #[command(by(Sys), emits(Recorded), creates)]
    Record(Basis),
    /// Records on what the object's next decision was made.
    #[command(by(Sys), emits(Renewed))]
    Renew(Basis),
    /// Says what has changed since the decision.
    #[command(by(Sys), emits(WentStale, CauseAdded))]
    FindStale(FindStale),
    /// Says that what had changed is again as the decision saw it.
    #[command(by(Sys), emits(CauseSettled, Restored))]
    Settle(Settle),
    /// Says that the decision stands no more.
    #[command(by(Sys), emits(Ended))]
    End(Ending),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// A decision was made.
#[record]
pub struct Recorded {
    /// The decision, and what it rests on.
    pub basis: Basis,
}

/// Something has changed materially since a decision.
#[record]
pub struct WentStale {
    /// The object that decided.
    pub object: Ref<Anything>,
    /// Stored name of the decision's event.
    pub decision: Line,
    /// The decision, by its position.
    pub decided: Position,
    /// What has changed, by object and fact.
    #[field(max = 100)]
    pub causes: BTreeMap<Key, Cause>,
}

/// Something is again as the decision saw it.
#[record]
pub struct Settled {
    /// The object that decided.
    pub object: Ref<Anything>,
    /// The causes that are gone.
    #[field(max = 100)]
    pub causes: Vec<Key>,
    /// The event that undid them, by its position in the log.
    pub event: Position,
}

/// A decision stands no more.
#[record]
pub struct Ended {
    /// The object that decided.
    pub object: Ref<Anything>,
    /// How.
    pub ending: Ending,
}

/// What can have happened.
#[events(kind = "decision_basis")]
pub enum Event {
    /// An object decided for the first time.
    Recorded(Recorded),
    /// It decided again; what was stale of the decision before is not of this one.
    Renewed(Recorded),
    /// A decision no longer rests on what it was made on.
    WentStale(WentStale),
    /// Something more has changed since a stale decision.
    CauseAdded(WentStale),
    /// Something is again as the decision saw it, but not all.
    CauseSettled(Settled),
    /// All is again as the decision saw it.
    Restored(Settled),
    /// The decision stands no more, and none takes its place.
    Ended(Ended),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The decision has ended: only the next one can be looked at.
    #[refusal(conflict)]
    DecisionEnded,
    /// Another decision was made meanwhile, at position {decided}.
    #[refusal(conflict)]
    DecidedAgain {
        /// Where it stands.
        decided: Position,
    },
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
}

kernel::aggregate!(DecisionBasis, "decision_basis", Command, Event, Refusal);

impl Fact for DecisionBasis {
    const KIND: &'static str = "decision_basis";
}

impl Domain for DecisionBasis {
    const ABOUT: About = About {
        kind: "decision_basis",
        doc: "What the standing decision of an object rests on, and whether that still holds.",
        clauses: &["7.5.3", "8.1", "9.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn given_id(command: &Command) -> Option<String> {
        match command {
            Command::Record(basis) => Some(id_for(basis.object.id())),
            Command::Renew(_)
            | Command::FindStale(_)
            | Command::Settle(_)
            | Command::End(_)
            | Command::Correct(_) => None,
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Record(basis) => Ok(vec![Event::Recorded(Recorded { basis })]),
            Command::Renew(basis) if self.basis.decided == basis.decided => Ok(Vec::new()),
            Command::Renew(basis) => Ok(vec![Event::Renewed(Recorded { basis })]),
            Command::FindStale(input) => self.found_stale(input),
            Command::Settle(input) => Ok(self.settled(input)),
            Command::End(_) if self.status == BasisStatus::Ended => Ok(Vec::new()),
            Command::End(ending) => {
                Ok(vec![Event::Ended(Ended { object: self.basis.object.clone(), ending })])
            }
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Recorded(e) | Event::Renewed(e) => {
                *self = Self { basis: e.basis, ..Self::default() };
            }
            Event::WentStale(e) | Event::CauseAdded(e) => {
                let first = e.causes.values().map(|cause| cause.at).min();
                self.since = self.since.or(first);
                self.status = BasisStatus::Stale;
                self.because.extend(e.causes);
            }
            Event::CauseSettled(e) => self.because.retain(|key, _| !e.causes.contains(key)),
            Event::Restored(_) => {
                (self.status, self.since) = (BasisStatus::Current, None);
                self.because.clear();
            }
            Event::Ended(e) => {
                (self.status, self.since) = (BasisStatus::Ended, None);
                self.because.clear();
                self.basis.rested_on.clear();
                self.basis.watched = Line::default();
                self.ending = Some(e.ending);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

/// The id of the basis of an object's standing decision.
pub fn id_for(object: &str) -> String {
    facts::derived(kinds::DecisionBasis::PREFIX, &["decision_basis", object])
}

impl DecisionBasis {
    /// Whether something has changed materially since the decision.
    pub fn is_stale(&self) -> bool {
        self.status == BasisStatus::Stale
    }

    fn found_stale(&self, input: FindStale) -> Result<Vec<Event>, Refusal> {
        if self.status == BasisStatus::Ended {
            return Err(Refusal::DecisionEnded);
        }
        if self.basis.decided != input.decided {
            return Err(Refusal::DecidedAgain { decided: self.basis.decided });
        }
        let mut causes = input.causes;
        causes.retain(|key, _| !self.because.contains_key(key));
        if causes.is_empty() {
            return Ok(Vec::new());
        }
        let went = WentStale {
            object: self.basis.object.clone(),
            decision: self.basis.decision.clone(),
            decided: self.basis.decided,
            causes,
        };
        Ok(vec![if self.is_stale() { Event::CauseAdded(went) } else { Event::WentStale(went) }])
    }

    fn settled(&self, input: Settle) -> Vec<Event> {
        let mut causes = input.causes;
        causes.retain(|key| self.because.contains_key(key));
        if causes.is_empty() {
            return Vec::new();
        }
        let is_last = self.because.keys().all(|key| causes.contains(key));
        let settled = Settled { object: self.basis.object.clone(), causes, event: input.event };
        vec![if is_last { Event::Restored(settled) } else { Event::CauseSettled(settled) }]
    }
}
