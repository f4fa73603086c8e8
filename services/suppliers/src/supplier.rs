//! A supplier of AI systems or of what they are made of (S-01; ISO/IEC 42001 A.10.3, 8.1).
//!
//! ```text
//!           register             begin_assessment                approve
//!   (none) ─────────► Prospective ───────► UnderAssessment ─────────────────► Approved ◄──┐
//!                       │      ▲              │  │  approve_conditionally         ▲  │     │
//!                reject │      │       reject │  └──────► ConditionallyApproved ──┘  │     │
//!                       ▼      │              ▼              (conditions, due) │     │     │
//!                    Rejected ◄───────────────┘                      suspend   ▼     ▼     │
//!                       │ begin_assessment                                   Suspended ────┘
//!                       └──────► UnderAssessment                 terminate │     reinstate
//!                                                                          ▼
//!              terminate, from Approved or ConditionallyApproved ──► Terminated
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::kinds;
use kernel::values::{Key, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

pub use self::approval::{
    Approve, ApproveConditionally, Approved, ConditionallyApproved, Reinstated, SupplierApproval,
};
pub use self::condition::{
    Condition, ConditionMet, ConditionOverdue, MarkConditionOverdue, MeetCondition, NewCondition,
};
pub use self::course::{AssessmentBegun, Because, BeginAssessment, Stopped};
pub use self::profile::{
    Criticality, CriticalityRated, Describe, Described, Profile, RateCriticality, Register,
    Registered, Subprocessor, SupplierKind,
};
pub use self::refusal::Refusal;

mod approval;
mod condition;
mod course;
mod profile;
mod refusal;
#[cfg(test)]
mod tests;

/// A supplier and where it stands.
#[record]
#[derive(Default)]
pub struct Supplier {
    /// What it is and supplies.
    #[field(flatten)]
    pub profile: Profile,
    /// Where it stands.
    #[field(index)]
    pub status: SupplierStatus,
    /// Why it stands there.
    pub status_reason: Option<Prose>,
    /// Who registered it.
    pub registered_by: UserId,
    /// The assessment that was begun last.
    pub assessment: Option<Ref<kinds::SupplierAssessment>>,
    /// The approval, while it counts.
    pub approval: Option<SupplierApproval>,
    /// The conditions of its approval.
    pub conditions: BTreeMap<Key, Condition>,
    /// The first day on which an open condition is due, while it is approved under conditions.
    #[field(index)]
    pub condition_due: Option<Date>,
    /// When it is to be looked at again.
    #[field(index)]
    pub review_due: Option<Date>,
    /// When it was suspended last.
    pub suspended_at: Option<Instant>,
}

/// Where a supplier stands.
#[words]
#[derive(Default)]
pub enum SupplierStatus {
    /// It is known; nobody has looked at it.
    #[default]
    Prospective,
    /// It is being assessed.
    UnderAssessment,
    /// What it supplies may be used.
    Approved,
    /// What it supplies may be used as long as no condition is overdue.
    ConditionallyApproved,
    /// What it supplies is not used.
    Rejected,
    /// What it supplies is not to be used until it is reinstated.
    Suspended,
    /// It supplies no more.
    Terminated,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Registers a supplier.
    #[command(by(Sm), emits(Registered), creates)]
    Register(Register),
    /// Describes anew where it acts and who works for it.
    #[command(by(Sm), emits(Described))]
    Describe(Describe),
    /// Says how critical it is; only the AIMS manager lowers that.
    #[command(by(Sm, Am), emits(CriticalityRated))]
    RateCriticality(RateCriticality),
    /// Says that an assessment was started.
    #[command(by(Sm, Sys), emits(AssessmentBegun))]
    BeginAssessment(BeginAssessment),
    /// Approves it on its current assessment; of high criticality the AIMS manager does.
    #[command(by(Sm, Am), emits(Approved), if_match)]
    Approve(Approve),
    /// Approves it under conditions.
    #[command(by(Sm, Am), emits(ConditionallyApproved), if_match)]
    ApproveConditionally(ApproveConditionally),
    /// Records that a condition is met.
    #[command(by(Sm, Am), emits(ConditionMet))]
    MeetCondition(MeetCondition),
    /// Says that a condition was not met in time.
    #[command(by(Sys), emits(ConditionOverdue))]
    MarkConditionOverdue(MarkConditionOverdue),
    /// Turns it down.
    #[command(by(Sm, Am), emits(Rejected))]
    Reject(Because),
    /// Stops the use of what it supplies.
    #[command(by(Sm, Am), emits(Suspended))]
    Suspend(Because),
    /// Lifts the suspension on a new assessment.
    #[command(by(Sm, Am), emits(Reinstated), if_match)]
    Reinstate(Approve),
    /// Ends it for good.
    #[command(by(Sm, Am), emits(Terminated))]
    Terminate(Because),
    /// Corrects an earlier event.
    #[command(by(Sm), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "supplier")]
pub enum Event {
    /// It was registered.
    Registered(Registered),
    /// It was described anew.
    Described(Described),
    /// Its criticality was rated.
    CriticalityRated(CriticalityRated),
    /// An assessment was begun.
    AssessmentBegun(AssessmentBegun),
    /// It was approved.
    Approved(Approved),
    /// It was approved under conditions.
    ConditionallyApproved(ConditionallyApproved),
    /// A condition is met.
    ConditionMet(ConditionMet),
    /// A condition was not met in time.
    ConditionOverdue(ConditionOverdue),
    /// It was turned down.
    Rejected(Stopped),
    /// The use of what it supplies was stopped.
    Suspended(Stopped),
    /// The suspension was lifted.
    Reinstated(Reinstated),
    /// It is over for good.
    Terminated(Stopped),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Supplier, "supplier", Command, Event, Refusal);

const fn relation(name: &'static str, doc: &'static str, kind: &'static str) -> Relation {
    Relation { name, doc, kind, by: "supplier", pinned: None }
}

impl Domain for Supplier {
    const ABOUT: About = About {
        kind: "supplier",
        doc: "A supplier of AI systems, models, data, labelling, computing or advice.",
        clauses: &["A.10.3", "8.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[
            relation("assessments", "Its assessments.", "supplier_assessment"),
            relation("contracts", "The contracts with it.", "contract"),
            relation("components", "What it supplies.", "supplied_component"),
            relation(
                "correctiveActions",
                "The corrective actions that were demanded of it.",
                "supplier_corrective_action",
            ),
        ],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        let of_this = |kind| Need::Where(kind, "supplier", known.id.clone());
        match command {
            Command::Register(input) => {
                vec![Need::Where("supplier", "name", input.name.to_string())]
            }
            Command::BeginAssessment(input) => {
                vec![Need::Object(input.assessment.id().to_owned())]
            }
            Command::Approve(_) | Command::ApproveConditionally(_) => {
                vec![of_this("supplier_assessment")]
            }
            Command::Reinstate(_) => {
                vec![of_this("supplier_assessment"), of_this("supplier_corrective_action")]
            }
            Command::Describe(_)
            | Command::RateCriticality(_)
            | Command::MeetCondition(_)
            | Command::MarkConditionOverdue(_)
            | Command::Reject(_)
            | Command::Suspend(_)
            | Command::Terminate(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Register(input) => self.registered(input, context),
            Command::Describe(input) => self.described(input, context),
            Command::RateCriticality(input) => self.rated(input, context),
            Command::BeginAssessment(input) => self.begun(input, context),
            Command::Approve(input) => self.approved(input, context),
            Command::ApproveConditionally(input) => self.conditionally_approved(input, context),
            Command::MeetCondition(input) => self.condition_met(input, context),
            Command::MarkConditionOverdue(input) => self.condition_overdue(&input, context),
            Command::Reject(input) => self.rejected(input, context),
            Command::Suspend(input) => self.suspended(input, context),
            Command::Reinstate(input) => self.reinstated(input, context),
            Command::Terminate(input) => self.terminated(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Registered(e) => {
                self.profile = e.profile;
                self.registered_by = e.by;
            }
            Event::Described(e) => self.profile.describe(e.about),
            Event::CriticalityRated(e) => self.rate(e),
            Event::AssessmentBegun(e) => {
                self.assessment = Some(e.assessment);
                self.stands(SupplierStatus::UnderAssessment, None);
            }
            Event::Approved(e) => self.approve(e.approval, e.review_due),
            Event::ConditionallyApproved(e) => {
                self.conditions.extend(e.conditions);
                self.approve(e.approval, e.review_due);
            }
            Event::ConditionMet(e) => self.meet(e),
            Event::ConditionOverdue(e) => {
                if let Some(condition) = self.conditions.get_mut(&e.condition) {
                    condition.overdue_since = Some(e.at);
                }
            }
            Event::Rejected(e) => self.stop(SupplierStatus::Rejected, e),
            Event::Suspended(e) => {
                self.suspended_at = Some(e.at);
                self.stop(SupplierStatus::Suspended, e);
            }
            Event::Reinstated(e) => self.approve(e.approval, e.review_due),
            Event::Terminated(e) => self.stop(SupplierStatus::Terminated, e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl SupplierStatus {
    fn text(self) -> &'static str {
        match self {
            SupplierStatus::Prospective => "prospective",
            SupplierStatus::UnderAssessment => "under assessment",
            SupplierStatus::Approved => "approved",
            SupplierStatus::ConditionallyApproved => "conditionally approved",
            SupplierStatus::Rejected => "rejected",
            SupplierStatus::Suspended => "suspended",
            SupplierStatus::Terminated => "terminated",
        }
    }

    /// Whether what it supplies is used.
    fn supplies(self) -> bool {
        match self {
            SupplierStatus::Approved | SupplierStatus::ConditionallyApproved => true,
            SupplierStatus::Prospective
            | SupplierStatus::UnderAssessment
            | SupplierStatus::Rejected
            | SupplierStatus::Suspended
            | SupplierStatus::Terminated => false,
        }
    }
}

impl Supplier {
    fn stands(&mut self, status: SupplierStatus, reason: Option<Prose>) {
        self.status = status;
        self.status_reason = reason;
        self.find_condition_due();
    }

    /// The first day on which an open condition is due counts only while there is such an approval.
    fn find_condition_due(&mut self) {
        let is_conditional = self.status == SupplierStatus::ConditionallyApproved;
        let first = self.open_conditions().map(|(_, condition)| condition.due).min();
        self.condition_due = first.filter(|_| is_conditional);
    }

    /// The approval ends; what was known stays.
    fn stop(&mut self, status: SupplierStatus, event: Stopped) {
        self.approval = None;
        self.stands(status, Some(event.reason));
    }

    fn wrong(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    /// Nothing is done with a supplier that is terminated.
    fn must_go_on(&self, step: &'static str) -> Result<(), Refusal> {
        match self.status {
            SupplierStatus::Terminated => Err(self.wrong(step)),
            SupplierStatus::Prospective
            | SupplierStatus::UnderAssessment
            | SupplierStatus::Approved
            | SupplierStatus::ConditionallyApproved
            | SupplierStatus::Rejected
            | SupplierStatus::Suspended => Ok(()),
        }
    }
}
