//! A management review (G-11; ISO/IEC 42001 9.3.1 to 9.3.3, 5.1).
//!
//! ```text
//!           schedule            freeze_inputs, the last of seven             hold
//!   (none) ─────────► Scheduled ───────────────────────────────► InputsFrozen ────► Held
//!                      │    ▲ reschedule,                            │    ▲          │
//!                      └────┘ freeze_inputs                          └────┘          │
//!                               reschedule, freeze_inputs, record_decision           │
//!                                                                                    ▼
//!   record_decision and complete_decision while it is Held     close_actions ──► ActionsClosed
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::values::{Hash, Key, Line, Prose};
use kernel::{Context, Date, Fact, Need, Role, UserId};

pub use self::decisions::{
    CompleteDecision, Decision, DecisionCompleted, DecisionKind, DecisionRecorded, RecordDecision,
};
pub use self::inputs::{Documents, FreezeInputs, Frozen, InputKind, InputsFrozen, snapshot};
pub use self::meeting::{ActionsClosed, Held, Hold, Overdue, Reschedule, Rescheduled, Scheduled};
pub use self::refusal::Refusal;
use crate::stamp::Stamp;

mod decisions;
pub mod inputs;
mod meeting;
mod refusal;
#[cfg(test)]
mod tests;

/// Most decisions of a review.
pub const DECISIONS_MAX: usize = 60;

/// A review of the management system by top management.
#[record]
#[derive(Default)]
pub struct ManagementReview {
    /// What is planned.
    #[field(flatten)]
    pub plan: Plan,
    /// Where it stands.
    #[field(index)]
    pub status: ReviewStatus,
    /// Who scheduled it, and when.
    pub scheduled: Option<Stamp>,
    /// Since when it has been late.
    pub overdue_since: Option<Date>,
    /// The frozen inputs, by their words.
    pub inputs: BTreeMap<Key, Frozen>,
    /// The day on which it was held.
    #[field(index)]
    pub held_on: Option<Date>,
    /// SHA-256 of its minutes.
    pub minutes_hash: Option<Hash>,
    /// What it decided.
    pub decisions: BTreeMap<Key, Decision>,
    /// Who found that everything decided is done, and when.
    pub closed: Option<Stamp>,
}

/// Which time is reviewed, when and by whom. Input of `schedule`.
#[record]
#[derive(Default)]
pub struct Plan {
    /// What it is called.
    #[field(search, correctable)]
    pub title: Line,
    /// The first day of the time that is reviewed.
    pub period_from: Date,
    /// The last day of that time.
    pub period_to: Date,
    /// When it is to be held.
    #[field(index)]
    pub planned_on: Date,
    /// Who chairs it; top management does.
    #[field(index)]
    pub chair: UserId,
    /// Who else attends.
    #[field(max = 60)]
    pub attendees: Vec<UserId>,
    /// What else is to be talked about.
    #[field(correctable)]
    pub agenda: Option<Prose>,
}

/// Where a review stands.
#[words]
#[derive(Default)]
pub enum ReviewStatus {
    /// It is to come.
    #[default]
    Scheduled,
    /// All seven inputs are frozen.
    InputsFrozen,
    /// It was held.
    Held,
    /// Everything that it decided is done.
    ActionsClosed,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Schedules a review.
    #[command(by(Am), emits(Scheduled), creates)]
    Schedule(Plan),
    /// Moves a review that was not held.
    #[command(by(Am), emits(Rescheduled))]
    Reschedule(Reschedule),
    /// Freezes inputs as they stand now.
    #[command(by(Am), emits(InputsFrozen))]
    FreezeInputs(FreezeInputs),
    /// Records a decision.
    #[command(by(Tm, Am), emits(DecisionRecorded))]
    RecordDecision(RecordDecision),
    /// Records that the review was held.
    #[command(by(Tm), emits(Held))]
    Hold(Hold),
    /// Says that what was decided is done.
    #[command(by(Am, Emp), emits(DecisionCompleted))]
    CompleteDecision(CompleteDecision),
    /// Finds that everything decided is done.
    #[command(by(Am), emits(ActionsClosed))]
    CloseActions,
    /// Says that it should have been held.
    #[command(by(Sys), emits(Overdue))]
    MarkOverdue,
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "management_review")]
pub enum Event {
    /// It was scheduled.
    Scheduled(Scheduled),
    /// It was moved.
    Rescheduled(Rescheduled),
    /// Inputs were frozen.
    InputsFrozen(InputsFrozen),
    /// A decision was recorded.
    DecisionRecorded(DecisionRecorded),
    /// It was held.
    Held(Held),
    /// What was decided is done.
    DecisionCompleted(DecisionCompleted),
    /// Everything that was decided is done.
    ActionsClosed(ActionsClosed),
    /// It should have been held.
    Overdue(Overdue),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(ManagementReview, "management_review", Command, Event, Refusal);

impl Fact for ManagementReview {
    const KIND: &'static str = "management_review";
}

impl Domain for ManagementReview {
    const ABOUT: About = About {
        kind: "management_review",
        doc: "A review of the management system by top management.",
        clauses: &["9.3.1", "9.3.2", "9.3.3", "5.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "improvements",
            doc: "The improvements that carry out its decisions.",
            kind: "improvement",
            by: "origin",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let member = |user: &UserId| Need::Object(facts::Membership::id_of(user));
        match command {
            Command::Schedule(plan) => vec![member(&plan.chair)],
            Command::Reschedule(input) => input.chair.iter().map(member).collect(),
            Command::Hold(_) => vec![member(&self.plan.chair)],
            Command::FreezeInputs(input) => input.needs(),
            Command::RecordDecision(_)
            | Command::CompleteDecision(_)
            | Command::CloseActions
            | Command::MarkOverdue
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Schedule(plan) => plan.scheduled(context),
            Command::Reschedule(input) => self.rescheduled(input, context),
            Command::FreezeInputs(input) => self.inputs_frozen(&input, context),
            Command::RecordDecision(input) => self.decision_recorded(input, context),
            Command::Hold(input) => self.held(input, context),
            Command::CompleteDecision(input) => self.decision_completed(input, context),
            Command::CloseActions => self.actions_closed(context),
            Command::MarkOverdue => self.overdue(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Scheduled(e) => {
                self.plan = e.plan;
                self.scheduled = Some(e.scheduled);
            }
            Event::Rescheduled(e) => {
                self.plan = e.plan;
                self.overdue_since = None;
            }
            Event::InputsFrozen(e) => {
                self.inputs.extend(e.inputs);
                if self.missing().is_empty() {
                    self.status = ReviewStatus::InputsFrozen;
                }
            }
            Event::DecisionRecorded(e) => {
                self.decisions.insert(e.key, e.decision);
            }
            Event::Held(e) => self.take_meeting(e),
            Event::DecisionCompleted(e) => {
                if let Some(decision) = self.decisions.get_mut(&e.decision) {
                    decision.completion = Some(e.completed);
                    decision.result = e.text;
                }
            }
            Event::ActionsClosed(e) => {
                self.status = ReviewStatus::ActionsClosed;
                self.closed = Some(e.closed);
            }
            Event::Overdue(e) => self.overdue_since = Some(e.planned_on),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl ReviewStatus {
    fn text(self) -> &'static str {
        match self {
            ReviewStatus::Scheduled => "scheduled",
            ReviewStatus::InputsFrozen => "about to be held",
            ReviewStatus::Held => "held",
            ReviewStatus::ActionsClosed => "closed",
        }
    }
}

impl ManagementReview {
    fn wrong_status(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    /// Whether it is still to be held.
    fn is_to_come(&self) -> bool {
        matches!(self.status, ReviewStatus::Scheduled | ReviewStatus::InputsFrozen)
    }
}
