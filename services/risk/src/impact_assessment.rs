//! An AI system impact assessment (R-04; ISO/IEC 42001 6.1.4, 8.4, A.5.2 to A.5.5; ISO/IEC 42005),
//! with the fundamental rights part of Regulation (EU) 2024/1689 Art. 27 where that is required.
//! One object per system, with successive revisions.
//!
//! ```text
//!          start                    submit              approve
//!   (none) ─────────────► InProgress ────────► Submitted ─────────► Approved, or
//!     │ plan     revise ▲  ▲  ▲                   │ reject           ApprovedWithConditions
//!     └──► Planned ─────┘  │  └─── revise ─── Rejected                │
//!                          │                                          │ fire_trigger, mark_overdue
//!                          └─── revise ─── ReassessmentRequired ◄─────┘
//!
//!   supersede (from any, once the system is retired) ──► Superseded
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem;
use kernel::values::{Hash, Key, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

pub use self::approve::{Advice, Advise, Approve, Approved, ApprovedRevision, Rejected, Submitted};
pub use self::condition::{Condition, ConditionMet, MeetCondition, SetCondition};
pub use self::content::{
    Content, Missing, Plan, Planned, Revised, Rights, RightsAssessed, Start, Started, UseContext,
};
pub use self::level::{AppliedCriteria, Band, Grade, Level, Weights};
pub use self::rating::{
    Area, Direction, Impact, ImpactRated, ImpactRemoved, NoImpact, NoImpactStated, RateImpact,
    Rated, RemoveImpact, Residual, Sizes, StateNone, Subject,
};
pub use self::refusal::Refusal;
pub use self::trigger::{
    Audience, FireTrigger, ImpactResultShared, Overdue, ReassessmentTriggered, ShareResult, Shared,
    Supersede, Trigger, TriggerKind,
};

mod approve;
mod condition;
mod content;
mod level;
mod rating;
mod refusal;
#[cfg(test)]
mod tests;
mod trigger;

/// What an AI system does to individuals, groups and society.
#[record]
#[derive(Default)]
pub struct ImpactAssessment {
    /// The AI system.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// Where it stands.
    #[field(index)]
    pub status: Status,
    /// Level of the revision that was approved last: its greatest harm.
    #[field(index)]
    pub level: Option<Level>,
    /// When the system must be assessed, or assessed again, at the latest.
    #[field(index)]
    pub next_due: Option<Date>,
    /// When a revision was approved last.
    #[field(index)]
    pub approved_at: Option<Instant>,
    /// Number of the working revision, from 1; 0 while it is planned.
    pub revision: u32,
    /// What the working revision says of the system and its use.
    #[field(flatten)]
    pub content: Content,
    /// The impacts by the working revision.
    pub impacts: BTreeMap<Key, Impact>,
    /// Who bears no impact, by `individual`, `group` or `society`, and why.
    pub no_impacts: BTreeMap<Key, NoImpact>,
    /// The fundamental rights impact assessment (Art. 27).
    pub fria: Option<Rights>,
    /// The greatest harm by the working revision.
    pub working_level: Option<Level>,
    /// What the working revision still has to say before it can be approved.
    pub missing: Vec<Missing>,
    /// Everyone who wrote on the working revision.
    pub assessors: Vec<UserId>,
    /// The advice of the data protection officer on the working revision.
    pub advice: Option<Advice>,
    /// Who submitted it.
    pub submitted_by: Option<UserId>,
    /// When it was submitted.
    pub submitted_at: Option<Instant>,
    /// Hash of what was submitted.
    pub content_hash: Option<Hash>,
    /// The version of the risk criteria that gave the submitted revision its levels.
    pub criteria: Option<Key>,
    /// Why it was rejected last.
    pub rejection: Option<Prose>,
    /// The revision that was approved last; it stays while the next one is written.
    pub approved: Option<ApprovedRevision>,
    /// On what conditions that was approved.
    pub conditions: BTreeMap<Key, Condition>,
    /// What fired since then.
    pub triggers_fired: BTreeMap<Key, Trigger>,
    /// Since when it is overdue: the last day on which it was in time.
    pub overdue_since: Option<Date>,
    /// To whom the result of that revision was given.
    pub shared_with: BTreeMap<Key, Shared>,
}

/// Where an assessment stands.
#[words]
#[derive(Default)]
pub enum Status {
    /// It is to be done.
    #[default]
    Planned,
    /// A revision is being written.
    InProgress,
    /// A revision waits for approval.
    Submitted,
    /// The last revision is approved.
    Approved,
    /// The last revision is approved on conditions.
    ApprovedWithConditions,
    /// The revision was sent back; writing on it goes on.
    Rejected,
    /// Something made the approved revision out of date.
    ReassessmentRequired,
    /// It ended with its system.
    Superseded,
}

/// Input of `reject`.
#[record]
pub struct Reject {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Starts the assessment of a system.
    #[command(by(Ia), emits(Started), creates)]
    Start(Start),
    /// Plans the assessment of a system.
    #[command(by(Ia, Am, Sys), emits(Planned), creates)]
    Plan(Plan),
    /// Writes what the revision says of the system and its use, or begins the next revision.
    #[command(by(Ia, So), emits(Started, Revised))]
    Revise(Content),
    /// Rates an impact, for the first time or again.
    #[command(by(Ia), emits(ImpactRated))]
    RateImpact(RateImpact),
    /// Takes an impact out of the revision.
    #[command(by(Ia), emits(ImpactRemoved))]
    RemoveImpact(RemoveImpact),
    /// States that individuals, groups or society bear no impact.
    #[command(by(Ia), emits(NoImpactStated))]
    StateNone(StateNone),
    /// Writes parts of the fundamental rights impact assessment.
    #[command(by(Ia, Dpo), emits(RightsAssessed))]
    AssessRights(Rights),
    /// Gives the data protection officer's advice.
    #[command(by(Dpo), emits(Advised))]
    Advise(Advise),
    /// Submits the revision for approval.
    #[command(by(Ia), emits(Submitted))]
    Submit,
    /// Sends the submitted revision back.
    #[command(by(Iap, Tm), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted revision; what stays critical is for top management.
    #[command(by(Iap, Tm), emits(Approved), if_match)]
    Approve(Approve),
    /// Says how a condition of the approval is met.
    #[command(by(So, Ia), emits(ConditionMet))]
    MeetCondition(MeetCondition),
    /// Says that something makes the assessment out of date.
    #[command(by(Sys, Ia, So, Am, Rm, Dpo, Iap, Im, Ops, Sm), emits(ReassessmentTriggered))]
    FireTrigger(FireTrigger),
    /// Says with whom the approved result was shared.
    #[command(by(Ia, Am), emits(ImpactResultShared))]
    ShareResult(ShareResult),
    /// Says that it was not done again in time.
    #[command(by(Sys), emits(Overdue, ReassessmentTriggered))]
    MarkOverdue,
    /// Ends it with its system.
    #[command(by(Sys, Ia, Am), emits(Superseded))]
    Supersede(Supersede),
    /// Corrects an earlier event.
    #[command(by(Ia, Am), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "impact_assessment")]
pub enum Event {
    /// It was planned.
    Planned(Planned),
    /// A revision was begun.
    Started(Started),
    /// What the revision says of the system and its use was written again.
    Revised(Revised),
    /// An impact was rated.
    #[event(version = 2, upcast = rating::upcast)]
    ImpactRated(ImpactRated),
    /// An impact was taken out.
    ImpactRemoved(ImpactRemoved),
    /// It was stated that somebody bears no impact.
    NoImpactStated(NoImpactStated),
    /// Parts of the fundamental rights impact assessment were written.
    RightsAssessed(RightsAssessed),
    /// The data protection officer gave his advice.
    Advised(Advice),
    /// The revision was submitted.
    Submitted(Submitted),
    /// The submitted revision was sent back.
    Rejected(Rejected),
    /// The submitted revision was approved.
    Approved(Approved),
    /// A condition of the approval was met.
    ConditionMet(ConditionMet),
    /// The system is to be assessed again.
    ReassessmentTriggered(ReassessmentTriggered),
    /// An approved result was shared.
    ImpactResultShared(ImpactResultShared),
    /// It was not done again in time.
    Overdue(Overdue),
    /// It ended with its system.
    Superseded(Supersede),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(ImpactAssessment, "impact_assessment", Command, Event, Refusal);

impl Domain for ImpactAssessment {
    const ABOUT: About = About {
        kind: "impact_assessment",
        doc: "What an AI system does to individuals, groups and society: impacts, their levels, \
              and the approval of each revision.",
        clauses: &["6.1.4", "8.4", "A.5.2", "A.5.3", "A.5.4", "A.5.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Start(input) => {
                let mut needs = input.content.needs(&input.system);
                needs.extend(content::needs_of_new(&input.system));
                needs
            }
            Command::Plan(input) => content::needs_of_new(&input.system).into(),
            Command::Revise(content) => content.needs(&self.system),
            Command::RateImpact(_) | Command::Submit => vec![Need::All("risk_criteria")],
            Command::Approve(_) => self.needs_of_approval(),
            Command::Supersede(_) => vec![Need::Object(self.system.id().to_owned())],
            Command::RemoveImpact(_)
            | Command::StateNone(_)
            | Command::AssessRights(_)
            | Command::Advise(_)
            | Command::Reject(_)
            | Command::MeetCondition(_)
            | Command::FireTrigger(_)
            | Command::ShareResult(_)
            | Command::MarkOverdue
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let by = context.user();
        match command {
            Command::Start(input) => input.decide(context),
            Command::Plan(input) => input.decide(context),
            Command::Revise(content) => Ok(vec![self.revised(content, context)?]),
            Command::RateImpact(input) => self.rated(input, context),
            Command::RemoveImpact(input) => self.impact_removed(input, by),
            Command::StateNone(input) => self.none_stated(input, by),
            Command::AssessRights(rights) => {
                self.must_be_editable()?;
                let says_something = rights != Rights::default();
                let event = Event::RightsAssessed(RightsAssessed { by, rights });
                Ok(says_something.then_some(event).into_iter().collect())
            }
            Command::Advise(input) => Ok(vec![self.advised(input.advice, context)?]),
            Command::Submit => Ok(vec![self.submitted(context)?]),
            Command::Reject(input) => Ok(vec![self.rejected(input.reason, by)?]),
            Command::Approve(input) => Ok(vec![self.approve(input, context)?]),
            Command::MeetCondition(input) => self.condition_met(input, context),
            Command::FireTrigger(input) => self.triggered(input, context),
            Command::ShareResult(result) => self.result_shared(result, context),
            Command::MarkOverdue => self.fell_overdue(context),
            Command::Supersede(input) => self.superseded(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Planned(e) => (self.system, self.next_due) = (e.system, e.due),
            Event::Started(e) => self.evolve_started(e),
            Event::Revised(e) => {
                self.written(e.by);
                self.content = e.content;
            }
            Event::ImpactRated(e) => self.evolve_rated(e),
            Event::ImpactRemoved(e) => {
                self.written(e.by);
                self.impacts.remove(&e.key);
            }
            Event::NoImpactStated(NoImpactStated { subject, by, reason }) => {
                self.written(by.clone());
                self.no_impacts.insert(subject.key(), NoImpact { reason, by });
            }
            Event::RightsAssessed(e) => self.evolve_rights(e),
            Event::Advised(advice) => self.advice = Some(advice),
            Event::Submitted(e) => self.evolve_submitted(e),
            Event::Rejected(e) => self.evolve_rejected(e),
            Event::Approved(e) => self.evolve_approved(e),
            Event::ConditionMet(e) => self.evolve_met(e),
            Event::ReassessmentTriggered(e) => self.evolve_triggered(e),
            Event::ImpactResultShared(e) => {
                self.shared_with.insert(e.key, e.shared);
            }
            Event::Overdue(e) => self.overdue_since = Some(e.due),
            Event::Superseded(_) => self.status = Status::Superseded,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
        self.missing = self.still_missing();
        let worst = self.greatest(|impact| impact.sizes.level);
        self.working_level = (!self.impacts.is_empty()).then_some(worst);
    }
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Status::Planned => "planned",
            Status::InProgress => "in progress",
            Status::Submitted => "submitted",
            Status::Approved => "approved",
            Status::ApprovedWithConditions => "approved with conditions",
            Status::Rejected => "rejected",
            Status::ReassessmentRequired => "to be done again",
            Status::Superseded => "superseded",
        }
    }
}

impl ImpactAssessment {
    fn must_be_editable(&self) -> Result<(), Refusal> {
        match self.status {
            Status::InProgress | Status::Rejected => Ok(()),
            Status::Planned
            | Status::Submitted
            | Status::Approved
            | Status::ApprovedWithConditions
            | Status::ReassessmentRequired
            | Status::Superseded => Err(Refusal::NotEditable { status: self.status.text() }),
        }
    }

    fn must_live(&self) -> Result<(), Refusal> {
        if self.status == Status::Superseded { Err(Refusal::Ended) } else { Ok(()) }
    }

    /// Somebody wrote on the working revision.
    fn written(&mut self, by: UserId) {
        self.status = Status::InProgress;
        (self.submitted_by, self.submitted_at) = (None, None);
        (self.content_hash, self.criteria) = (None, None);
        if !self.assessors.contains(&by) {
            self.assessors.push(by);
        }
    }
}
