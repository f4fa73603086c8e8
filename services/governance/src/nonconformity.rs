//! A nonconformity and its corrective action (G-12; ISO/IEC 42001 10.2).
//!
//! ```text
//!           raise           record_containment         record_cause
//!   (none) ───────► Raised ───────────────────► Contained ──────────► CauseFound ◄──────┐
//!                     │                                           record_cause │        │
//!                     │ reject,                                   plan_actions │        │
//!                     │ by two                                                 ▼        │
//!                     ▼                             plan_actions ┌─► ActionsPlanned     │
//!                  Rejected                                      └──────┘ │             │
//!                                        complete_action, the last of all │  ineffective│
//!            close                        verify_effect                   ▼             │
//!   Closed ◄────── EffectivenessVerified ◄─────────────────────── ActionsDone ──────────┘
//!
//!   check_similar_cases, at any time before it is closed or rejected
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Anything, Key, Line, Number, Prose, Ref};
use kernel::{Context, Date, Fact, Need, Role};

pub use self::action::{
    Action, ActionCompleted, ActionOverdue, ActionsPlanned, CompleteAction, NewAction, PlanActions,
};
pub use self::cause::{Contain, Contained, FindCause, RootCause, SimilarCases, SimilarCheck};
pub use self::closing::{Close, Closed, Effect, Effectiveness, Outcome, VerifyEffect};
pub use self::raising::{Origin, Raise, Raised};
pub use self::refusal::Refusal;
pub use self::rejection::{Reject, Rejected, RejectionProposed};
use crate::stamp::Stamp;

mod action;
mod cause;
mod closing;
mod raising;
mod refusal;
mod rejection;
#[cfg(test)]
mod tests;

/// Most actions of a nonconformity.
pub const ACTIONS_MAX: usize = 40;
/// Days within which a major nonconformity is corrected.
pub const MAJOR_DAYS: i64 = 90;

/// A requirement that was not met, and what is done so that it does not happen again.
#[record]
#[derive(Default)]
pub struct Nonconformity {
    /// What it comes from.
    pub source: Source,
    /// The object that it comes from.
    #[field(index)]
    pub origin: Option<Ref<Anything>>,
    /// The finding that it answers, where it comes from one.
    pub finding: Option<Ref<kinds::AuditFinding>>,
    /// The indicator, where it comes from one.
    pub kpi: Option<Ref<kinds::Kpi>>,
    /// How grave it is.
    pub grade: Grade,
    /// Where it stands.
    #[field(index)]
    pub status: NonconformityStatus,
    /// The clause or control that was not met.
    pub requirement: Option<Number>,
    /// The AI system that it is about.
    #[field(index)]
    pub system: Option<Ref<kinds::AiSystem>>,
    /// What it is, in a line that names no person.
    #[field(search, correctable)]
    pub title: Line,
    /// What happened.
    #[field(correctable)]
    pub description: Prose,
    /// Who raised it, and when.
    pub raised: Option<Stamp>,
    /// The day on which it was raised.
    #[field(index)]
    pub raised_on: Date,
    /// The day by which its cause and actions are to be known.
    #[field(index)]
    pub reply_due: Option<Date>,
    /// The day by which its actions are to be done.
    #[field(index)]
    pub due: Option<Date>,
    /// What was done at once.
    pub containment: Option<Contained>,
    /// Why it happened.
    pub root_cause: Option<RootCause>,
    /// Whether somebody looked for similar cases.
    pub similar_cases_checked: bool,
    /// What that brought to light.
    pub similar_cases: Option<SimilarCheck>,
    /// What is done so that it does not happen again.
    pub actions: BTreeMap<Key, Action>,
    /// How it is found out whether that works, and whether it does.
    pub effectiveness: Option<Effectiveness>,
    /// How often its actions were found not to work.
    pub failed_checks: u32,
    /// The change of the management system that came of it.
    pub aims_change: Option<Ref<kinds::AimsChange>>,
    /// The first of the two who reject it.
    pub rejection: Option<RejectionProposed>,
    /// Who closed or rejected it, and when.
    pub ended: Option<Stamp>,
}

/// What a nonconformity comes from.
#[words]
#[derive(Default)]
pub enum Source {
    /// Somebody saw it.
    #[default]
    Manual,
    /// A finding of an audit.
    Finding,
    /// An incident.
    Incident,
    /// A key performance indicator, or the monitor that measures it.
    Kpi,
    /// A concern.
    Concern,
    /// A supplier.
    Supplier,
    /// A gate.
    Gate,
}

/// How grave a nonconformity is.
#[words]
#[derive(Default)]
pub enum Grade {
    /// A lapse that does not put the intended results in doubt.
    #[default]
    Minor,
    /// It is in doubt whether the management system can reach its intended results.
    Major,
}

/// Where a nonconformity stands.
#[words]
#[derive(Default)]
pub enum NonconformityStatus {
    /// Somebody has raised it.
    #[default]
    Raised,
    /// Its consequences are dealt with.
    Contained,
    /// It is known why it happened.
    CauseFound,
    /// It is known what will be done.
    ActionsPlanned,
    /// That is done.
    ActionsDone,
    /// It works.
    EffectivenessVerified,
    /// Nothing is left to do.
    Closed,
    /// It was none.
    Rejected,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Raises a nonconformity.
    #[command(by(Aud, Emp, Sys), emits(Raised), creates)]
    Raise(Raise),
    /// Records what was done at once.
    #[command(by(Am), emits(ContainmentRecorded))]
    RecordContainment(Contain),
    /// Records why it happened.
    #[command(by(Am), emits(RootCauseRecorded))]
    RecordCause(FindCause),
    /// Records where else it happens or could happen.
    #[command(by(Am), emits(SimilarCasesChecked))]
    CheckSimilarCases(SimilarCases),
    /// Plans what is done so that it does not happen again.
    #[command(by(Am), emits(CorrectiveActionsPlanned))]
    PlanActions(PlanActions),
    /// Says that an action is done, with evidence.
    #[command(by(Am, Emp), emits(CorrectiveActionCompleted))]
    CompleteAction(CompleteAction),
    /// Says that an action should have been done.
    #[command(by(Sys), emits(CorrectiveActionOverdue))]
    MarkOverdue(ActionOverdue),
    /// Finds that the actions work, or that they do not.
    #[command(by(Aud, Emp), emits(EffectivenessVerified, EffectivenessFailed))]
    VerifyEffect(VerifyEffect),
    /// Closes it.
    #[command(by(Am, Aud), emits(Closed))]
    Close(Close),
    /// Rejects it: the AIMS manager and an auditor, one after the other.
    #[command(by(Am, Aud), emits(RejectionProposed, Rejected))]
    Reject(Reject),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "nonconformity")]
pub enum Event {
    /// It was raised.
    Raised(Raised),
    /// Something was done at once.
    ContainmentRecorded(Contained),
    /// It is known why it happened.
    RootCauseRecorded(RootCause),
    /// Somebody looked for similar cases.
    SimilarCasesChecked(SimilarCheck),
    /// It is known what will be done.
    CorrectiveActionsPlanned(ActionsPlanned),
    /// An action is done.
    CorrectiveActionCompleted(ActionCompleted),
    /// An action should have been done.
    CorrectiveActionOverdue(ActionOverdue),
    /// The actions work.
    EffectivenessVerified(Effect),
    /// The actions do not work: the cause is looked for again.
    EffectivenessFailed(Effect),
    /// It was closed.
    Closed(Closed),
    /// The first of the two wants to reject it.
    RejectionProposed(RejectionProposed),
    /// It was rejected.
    Rejected(Rejected),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Nonconformity, "nonconformity", Command, Event, Refusal);

impl Fact for Nonconformity {
    const KIND: &'static str = "nonconformity";
}

impl Domain for Nonconformity {
    const ABOUT: About = About {
        kind: "nonconformity",
        doc: "A requirement that was not met, and its corrective action.",
        clauses: &["10.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Raise(input) => input.needs(known),
            Command::CompleteAction(input) => {
                input.evidence.iter().map(|e| Need::Object(e.id().to_owned())).collect()
            }
            Command::Close(_) => {
                let evidence = self.actions.values().flat_map(|action| &action.evidence);
                evidence.map(|e| Need::Object(e.id().to_owned())).collect()
            }
            Command::Reject(_) => {
                self.finding.iter().map(|found| Need::Object(found.id().to_owned())).collect()
            }
            Command::RecordContainment(_)
            | Command::RecordCause(_)
            | Command::CheckSimilarCases(_)
            | Command::PlanActions(_)
            | Command::MarkOverdue(_)
            | Command::VerifyEffect(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Raise(input) => input.decide(context),
            Command::RecordContainment(input) => self.contained(input, context),
            Command::RecordCause(input) => self.cause_found(input, context),
            Command::CheckSimilarCases(input) => self.similar_checked(input, context),
            Command::PlanActions(input) => self.planned(input, context),
            Command::CompleteAction(input) => self.completed(input, context),
            Command::MarkOverdue(input) => self.overdue(input, context),
            Command::VerifyEffect(input) => self.effect_verified(input, context),
            Command::Close(input) => self.closed(input, context),
            Command::Reject(input) => self.rejected(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Raised(e) => self.take(e),
            Event::ContainmentRecorded(e) => {
                self.status = NonconformityStatus::Contained;
                self.containment = Some(e);
            }
            Event::RootCauseRecorded(e) => {
                self.status = NonconformityStatus::CauseFound;
                self.root_cause = Some(e);
            }
            Event::SimilarCasesChecked(e) => {
                self.similar_cases_checked = true;
                self.similar_cases = Some(e);
            }
            Event::CorrectiveActionsPlanned(e) => self.take_plan(e),
            Event::CorrectiveActionCompleted(e) => self.take_completion(e),
            Event::CorrectiveActionOverdue(e) => {
                if let Some(action) = self.actions.get_mut(&e.action) {
                    action.is_overdue = true;
                }
            }
            Event::EffectivenessVerified(e) => {
                self.status = NonconformityStatus::EffectivenessVerified;
                self.take_effect(e, Outcome::Effective);
            }
            Event::EffectivenessFailed(e) => {
                self.status = NonconformityStatus::CauseFound;
                self.failed_checks = self.failed_checks.saturating_add(1);
                self.take_effect(e, Outcome::Ineffective);
            }
            Event::Closed(e) => {
                self.status = NonconformityStatus::Closed;
                self.aims_change = e.aims_change;
                self.ended = Some(e.closed);
            }
            Event::RejectionProposed(e) => self.rejection = Some(e),
            Event::Rejected(e) => {
                self.status = NonconformityStatus::Rejected;
                self.ended = Some(e.rejected);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl NonconformityStatus {
    fn text(self) -> &'static str {
        match self {
            NonconformityStatus::Raised => "raised",
            NonconformityStatus::Contained => "contained",
            NonconformityStatus::CauseFound => "at its cause",
            NonconformityStatus::ActionsPlanned => "at its actions",
            NonconformityStatus::ActionsDone => "done but for its effect",
            NonconformityStatus::EffectivenessVerified => "found effective",
            NonconformityStatus::Closed => "closed",
            NonconformityStatus::Rejected => "rejected",
        }
    }
}

impl Nonconformity {
    /// Whether something is still to be done about it.
    pub fn is_open(&self) -> bool {
        !matches!(self.status, NonconformityStatus::Closed | NonconformityStatus::Rejected)
    }

    fn wrong_status(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    /// Refuses a step unless it stands at one of these.
    fn must_be(&self, at: &[NonconformityStatus], step: &'static str) -> Result<(), Refusal> {
        if at.contains(&self.status) { Ok(()) } else { Err(self.wrong_status(step)) }
    }
}
