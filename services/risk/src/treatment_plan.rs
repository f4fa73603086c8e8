//! A risk treatment plan (R-03; ISO/IEC 42001 6.1.3, 8.3): what is done about risks, by whom, by
//! when, and whether it worked.
//!
//! ```text
//!           draft           submit             approve
//!   (none) ──────► Draft ──────────► InReview ─────────► Approved ──redraft──► Draft (the next)
//!                    ▲     reject       │                    │
//!                    └──────────────────┘    withdraw ──► Withdrawn
//!
//!   progress of the version in force:
//!   NotStarted ─complete_action─► InProgress ─complete─► Completed ─verify─► EffectivenessVerified
//!                                                            │ verify              │ verify
//!                                                            └──► Ineffective ◄────┘
//! ```
//!
//! An ineffective plan is drafted again and goes through review. The version in force counts until
//! the next one is approved.

use declare::{commands, events, record, refusals, words};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Phase, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::Number;
use kernel::{Context, Date, Need, Role, UserId};

pub use self::content::{Budget, Content, Draft, ExpectedResidual, NewAction, PlannedAction};
pub use self::execution::{
    Action, ActionCompleted, ActionOverdue, ActionStatus, CompleteAction, Completed, InForce,
    MandatoryActions, MarkActionOverdue, Verification, Verified, Verify,
};

mod content;
mod execution;
#[cfg(test)]
mod tests;

/// How far the version in force is carried out.
#[words]
#[derive(Default)]
pub enum Progress {
    /// No action is done, or no version is in force.
    #[default]
    NotStarted,
    /// An action is done.
    InProgress,
    /// All actions are done.
    Completed,
    /// It was shown to work.
    EffectivenessVerified,
    /// It was shown not to work.
    Ineffective,
}

/// What is done about risks.
#[record]
#[derive(Default)]
pub struct TreatmentPlan {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// What holds of the version in force, and how far it is carried out.
    pub in_force: Option<InForce>,
    /// How far the version in force is carried out.
    #[field(index)]
    pub progress: Progress,
    /// Whether mandatory actions of the version in force are open.
    #[field(index)]
    pub mandatory_actions: MandatoryActions,
    /// The controls of the working version and of the one in force, each once.
    pub controls: Vec<Number>,
    /// When the next open action of the version in force must be done.
    #[field(index)]
    pub next_due: Option<Date>,
    /// Whether it worked.
    pub verification: Option<Verification>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the first draft.
    #[command(by(Rm), emits(Drafted), creates)]
    Draft(Draft),
    /// Writes the draft again, or begins the next version once one is approved or withdrawn.
    #[command(by(Rm), emits(Drafted))]
    Redraft(Draft),
    /// Submits the draft for approval.
    #[command(by(Rm), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Ro, Tm), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version: the owner of all its risks, or top management.
    #[command(by(Ro, Tm), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back; one in force only the owner of all its risks, or top management.
    #[command(by(Rm, Ro, Tm), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Says that an action is done: its owner, or the risk manager.
    #[command(by(Emp), emits(TreatmentActionCompleted))]
    CompleteAction(CompleteAction),
    /// Says that the plan is carried out.
    #[command(by(Rm, Ro), emits(Completed))]
    Complete,
    /// Says whether the plan worked: nobody who owned or did an action.
    #[command(by(Rm, Ro, Val), emits(TreatmentEffectivenessVerified, TreatmentFoundIneffective))]
    Verify(Verify),
    /// Notices that an action is overdue.
    #[command(by(Sys), emits(TreatmentActionOverdue))]
    MarkActionOverdue(MarkActionOverdue),
    /// Corrects an earlier event.
    #[command(by(Rm), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Drafted {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// What can have happened.
#[events(kind = "treatment_plan")]
pub enum Event {
    /// The draft was written.
    Drafted(Drafted),
    /// The draft was submitted.
    Submitted(Submitted),
    /// The submitted version was sent back.
    Rejected(Rejected),
    /// A version is no longer in force.
    Superseded(Superseded),
    /// A version is in force.
    Approved(Approved),
    /// A version was taken back.
    Withdrawn(Withdrawn),
    /// An action is done.
    TreatmentActionCompleted(ActionCompleted),
    /// An action is overdue.
    TreatmentActionOverdue(ActionOverdue),
    /// All actions are done.
    Completed(Completed),
    /// The plan was shown to work.
    TreatmentEffectivenessVerified(Verified),
    /// The plan was shown not to work.
    TreatmentFoundIneffective(Verified),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The pattern of approval forbids it.
    #[refusal(from)]
    Approval(ApprovalRefusal),
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// {control} is neither a control of ISO/IEC 42001 nor of a Statement of Applicability.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    UnknownControl {
        /// What was named.
        control: String,
        /// Where in the input.
        at: String,
    },
    /// Two actions have the key {key}.
    KeyTakenTwice {
        /// The key.
        key: String,
        /// Where in the input.
        at: String,
    },
    /// {grade} is no grade: likelihood and severity run from 1 to 5.
    #[refusal(rule = "ISO/IEC 42001 6.1.2")]
    NoGrade {
        /// What was given.
        grade: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// A budget is an amount of zero or more in a currency of three capital letters.
    NoBudget {
        /// Where in the input.
        at: &'static str,
    },
    /// The plan names no risk: it treats nothing.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    NoRisk,
    /// The plan has no action.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    NoAction,
    /// The risk {risk} is a candidate or closed: there is nothing to treat.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    RiskNotOpen {
        /// Title of the risk.
        risk: String,
    },
    /// Only the owner of all its risks, or top management, decides on the plan; not so of {risk}.
    #[refusal(rule = "ISO/IEC 42001 6.1.3")]
    NotDesignated {
        /// Title of a risk that the person does not own.
        risk: String,
    },
    /// No version of the plan is approved and in force.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.3")]
    NotInForce,
    /// The version in force has no action {action}.
    NoSuchAction {
        /// What was named.
        action: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Only the owner of an action, or the risk manager, says that it is done.
    #[refusal(rule = "ISO/IEC 42001 8.3")]
    NotTheActionOwner,
    /// An action is done only with evidence or a reason why there is none.
    #[refusal(rule = "ISO/IEC 42001 8.3")]
    DoneWithoutProof {
        /// Where in the input.
        at: &'static str,
    },
    /// {evidence} proves nothing: it is stale, superseded, in quarantine or shredded.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    EvidenceNotGood {
        /// What was named.
        evidence: String,
        /// Where in the input.
        at: String,
    },
    /// Open actions: {count}. The plan is completed only when all are done.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.3")]
    ActionsOpen {
        /// How many.
        count: usize,
    },
    /// The plan was found ineffective: draft its next version.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.3")]
    FoundIneffective,
    /// The plan is not completed: whether it works cannot be said yet.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.3")]
    NotCompleted,
    /// Whoever owned or did an action does not verify whether the plan worked.
    #[refusal(rule = "segregation of duties: action owner is not effectiveness verifier")]
    VerifierIsActionOwner,
    /// The action is due on {due}, and that day has not passed.
    #[refusal(conflict)]
    NotOverdue {
        /// When.
        due: Date,
    },
    /// The action is done.
    #[refusal(conflict)]
    ActionDone,
}

kernel::aggregate!(TreatmentPlan, "treatment_plan", Command, Event, Refusal);

impl Domain for TreatmentPlan {
    const ABOUT: About = About {
        kind: "treatment_plan",
        doc: "What is done about AI risks, by whom and by when, and whether it worked.",
        clauses: &["6.1.3", "8.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Draft(input) | Command::Redraft(input) => input.needs(),
            Command::Approve(_) | Command::Reject(_) | Command::Withdraw(_) => {
                let all = self.content.risks.iter().chain(self.risks_in_force());
                all.map(|risk| Need::Object(risk.id().to_owned())).collect()
            }
            Command::CompleteAction(input) => execution::needs(&input.evidence),
            Command::Verify(input) => execution::needs(&input.evidence),
            Command::Submit
            | Command::Complete
            | Command::MarkActionOverdue(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Draft(input) | Command::Redraft(input) => {
                approval.may_draft()?;
                let content = input.content(context)?;
                let (version, by) = (approval.draft_version(), context.user());
                vec![Event::Drafted(Drafted { version, by, content })]
            }
            Command::Submit => {
                let submitted = approval.submit(&self.content, context)?;
                self.content.check_whole()?;
                vec![Event::Submitted(submitted)]
            }
            Command::Reject(input) => {
                let rejected = approval.reject(input, context)?;
                check_designated(&self.content.risks, context)?;
                vec![Event::Rejected(rejected)]
            }
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &self.content, context)?;
                check_designated(&self.content.risks, context)?;
                self.check_risks_open(context)?;
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => {
                let withdrawn = approval.withdraw(input, context)?;
                if approval.status == Phase::Approved {
                    let risks: Vec<_> = self.risks_in_force().cloned().collect();
                    check_designated(&risks, context)?;
                }
                vec![Event::Withdrawn(withdrawn)]
            }
            Command::CompleteAction(input) => self.action_completed(input, context)?,
            Command::Complete => self.completed(context)?,
            Command::Verify(input) => self.verified(input, context)?,
            Command::MarkActionOverdue(input) => self.action_overdue(input, context)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => {
                self.come_into_force(e.effective.version);
                self.approval.approved(e);
            }
            Event::Withdrawn(e) => {
                self.approval.withdrawn(&e);
                if self.approval.effective.is_none() {
                    (self.in_force, self.progress) = (None, Progress::NotStarted);
                }
            }
            Event::TreatmentActionCompleted(e) => self.evolve_action_completed(e),
            Event::TreatmentActionOverdue(e) => self.evolve_action_overdue(&e),
            Event::Completed(_) => self.progress = Progress::Completed,
            Event::TreatmentEffectivenessVerified(e) => {
                self.progress = Progress::EffectivenessVerified;
                self.verification = Some(e.verification);
            }
            Event::TreatmentFoundIneffective(e) => {
                self.progress = Progress::Ineffective;
                self.verification = Some(e.verification);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
        self.settle();
    }
}

/// Top management decides on any plan, an owner on plans for risks that are all his own.
fn check_designated(
    risks: &[kernel::values::Ref<kernel::kinds::Risk>],
    context: &Context,
) -> Result<(), Refusal> {
    if context.holds(Role::Tm) {
        return Ok(());
    }
    for risk in risks {
        let known = context.facts.get::<facts::Risk>(risk.id());
        let owner = known.as_ref().and_then(|known| known.owner.as_deref());
        if owner != Some(context.actor.id.as_str()) {
            let risk = known.map_or_else(|| risk.id().to_owned(), |known| known.title);
            return Err(Refusal::NotDesignated { risk });
        }
    }
    Ok(())
}
