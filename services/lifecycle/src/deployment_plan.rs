//! The plan by which one version of a system is deployed, and how that went (L-06; ISO/IEC 42001
//! A.6.2.5).
//!
//! ```text
//!           draft            submit              approve               execute
//!   (none) ──────► Draft ───────────► InReview ───────────► Approved ───────────► executed
//!                    ▲      reject       │                    ▲                      │ verify
//!                    └───────────────────┘      redraft,      │                      ▼
//!                                               submit,       │      roll_back    verified
//!                              Withdrawn        approve  rolled_back ◄───────────────┘
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem as SystemKind;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Fact, Instant, Need, Role, UserId};

pub use self::execution::{
    DeploymentExecuted, DeploymentRolledBack, DeploymentVerified, Execution, RollBack, Verify,
};
use crate::ai_system::AiSystem;

mod execution;
#[cfg(test)]
mod tests;

/// A plan with its successive versions and how its execution went.
#[record]
#[derive(Default)]
pub struct DeploymentPlan {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// How far the plan in force was carried out.
    pub progress: Progress,
    /// How it was carried out last.
    pub execution: Option<Execution>,
}

/// What a version of the plan says. Input of `draft` and `redraft`.
#[record]
#[derive(Default)]
pub struct Content {
    /// The system.
    #[field(index)]
    pub system: Ref<SystemKind>,
    /// The label of the version that is to be deployed.
    #[field(index)]
    pub system_version: Key,
    /// Where it is to run.
    #[field(correctable)]
    pub target_env: Line,
    /// What is done, step by step.
    #[field(max = 40)]
    pub steps: Vec<Line>,
    /// How it is undone, step by step.
    #[field(max = 40)]
    pub rollback: Vec<Line>,
    /// Who is told what, and when.
    #[field(correctable)]
    pub comms: Option<Prose>,
    /// Whether what watches operation is ready.
    pub monitoring_ready: bool,
    /// Whether the information for users is ready.
    pub user_info_ready: bool,
    /// When it is done.
    pub window: Window,
}

/// A span of time.
#[record]
#[derive(Default)]
pub struct Window {
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
}

/// How far a plan in force was carried out.
#[words]
#[derive(Default)]
pub enum Progress {
    /// Not at all.
    #[default]
    Planned,
    /// Its steps were carried out.
    Executed,
    /// It was looked at afterwards, and all is well.
    Verified,
    /// It was undone.
    RolledBack,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the first draft.
    #[command(by(Rel), emits(Drafted), creates)]
    Draft(Content),
    /// Writes the draft again, or begins the next version of the plan.
    #[command(by(Rel), emits(Drafted))]
    Redraft(Content),
    /// Submits the draft for approval.
    #[command(by(Rel), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Ro, So), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Ro, So), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back, unless it was carried out.
    #[command(by(Rel, Ro, So), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Records that the steps of the plan in force were carried out.
    #[command(by(Rel), emits(DeploymentExecuted))]
    Execute,
    /// Records that it was looked at afterwards, and all is well.
    #[command(by(Rel, So), emits(DeploymentVerified))]
    Verify(Verify),
    /// Records that it was undone.
    #[command(by(Rel, Ops), emits(DeploymentRolledBack))]
    RollBack(RollBack),
    /// Corrects an earlier event.
    #[command(by(Rel), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Drafted {
    /// Number of the version of the plan.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// What can have happened.
#[events(kind = "deployment_plan")]
pub enum Event {
    /// The draft was written.
    Drafted(Drafted),
    /// The draft was submitted.
    Submitted(Submitted),
    /// The submitted version was sent back.
    Rejected(Rejected),
    /// A version of the plan is no longer in force.
    Superseded(Superseded),
    /// A version of the plan is in force.
    Approved(Approved),
    /// A version of the plan was taken back.
    Withdrawn(Withdrawn),
    /// The steps were carried out.
    DeploymentExecuted(DeploymentExecuted),
    /// All is well afterwards.
    DeploymentVerified(DeploymentVerified),
    /// The deployment was undone.
    DeploymentRolledBack(DeploymentRolledBack),
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
    /// The system has no version {system_version} that lives.
    UnknownVersion {
        /// The label.
        system_version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The plan is for {system_version}: another version needs a plan of its own.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    OtherVersion {
        /// The version.
        system_version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The window ends before it begins.
    WindowEndsFirst {
        /// Where in the input.
        at: &'static str,
    },
    /// The plan lacks {what}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    PlanLacks {
        /// What is missing.
        what: &'static str,
    },
    /// The plan was carried out: verify it or roll it back before it is changed or withdrawn.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    IsExecuted,
    /// No version of the plan is in force, or the next one has been begun.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    NotInForce,
    /// The plan was rolled back: a next version is approved before it is carried out again.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    WasRolledBack,
    /// The plan has not been carried out.
    #[refusal(conflict)]
    NotExecuted,
    /// {system_version} has not come into deployment through a passed gate.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    NoPassedGate {
        /// The version.
        system_version: String,
    },
    /// The gate into deployment would not let through today: {check} blocks.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    GateNoLongerHolds {
        /// The check that blocks.
        check: &'static str,
    },
    /// No monitor of the system is armed.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.6")]
    NoArmedMonitor,
    /// No information for the users of the system is published.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.2")]
    NoUserInformation,
    /// It lies outside the window of the plan, from {from} to {to}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    OutsideWindow {
        /// Its beginning.
        from: Instant,
        /// Its end.
        to: Instant,
    },
}

kernel::aggregate!(DeploymentPlan, "deployment_plan", Command, Event, Refusal);

impl Fact for DeploymentPlan {
    const KIND: &'static str = "deployment_plan";
}

impl Domain for DeploymentPlan {
    const ABOUT: About = About {
        kind: "deployment_plan",
        doc: "The plan by which a version of a system is deployed, and how that went.",
        clauses: &["8.1", "A.6.2.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        let system = |content: &Content| Need::Object(content.system.id().to_owned());
        match command {
            Command::Draft(content) | Command::Redraft(content) => vec![system(content)],
            Command::Execute => self.execution_needs(system(&self.content), known),
            Command::Submit
            | Command::Reject(_)
            | Command::Approve(_)
            | Command::Withdraw(_)
            | Command::Verify(_)
            | Command::RollBack(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Draft(content) | Command::Redraft(content) => {
                vec![Event::Drafted(self.drafted(content, context)?)]
            }
            Command::Submit => {
                let submitted = approval.submit(&self.content, context)?;
                self.content.check_complete()?;
                vec![Event::Submitted(submitted)]
            }
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &self.content, context)?;
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => {
                if self.is_carried_out() {
                    return Err(Refusal::IsExecuted);
                }
                vec![Event::Withdrawn(approval.withdraw(input, context)?)]
            }
            Command::Execute => self.executed(context)?,
            Command::Verify(input) => self.verified(input, context)?,
            Command::RollBack(input) => self.rolled_back(input, context)?,
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
                self.approval.approved(e);
                (self.progress, self.execution) = (Progress::Planned, None);
            }
            Event::Withdrawn(e) => self.approval.withdrawn(&e),
            Event::DeploymentExecuted(e) => {
                self.progress = Progress::Executed;
                self.execution = Some(e.execution);
            }
            Event::DeploymentVerified(e) => self.take_verification(e),
            Event::DeploymentRolledBack(e) => self.take_rollback(e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl DeploymentPlan {
    /// Whether it is for this version of this system.
    pub fn is_for(&self, system: &str, system_version: &Key) -> bool {
        self.content.system.id() == system && self.content.system_version == *system_version
    }

    /// Whether a version of it is in force, was carried out and not undone.
    pub fn is_carried_out(&self) -> bool {
        self.approval.effective.is_some()
            && matches!(self.progress, Progress::Executed | Progress::Verified)
    }

    fn drafted(&self, content: Content, context: &Context) -> Result<Drafted, Refusal> {
        self.approval.may_draft()?;
        if self.progress == Progress::Executed {
            return Err(Refusal::IsExecuted);
        }
        let planned = &self.content;
        let is_first = self.approval.version == 0;
        if !is_first && !self.is_for(content.system.id(), &content.system_version) {
            let system_version = planned.system_version.as_str().into();
            return Err(Refusal::OtherVersion { system_version, at: "/systemVersion" });
        }
        let system = context.facts.get::<AiSystem>(content.system.id());
        let living = system.filter(|system| !system.is_retired());
        if living.is_none_or(|system| system.version(&content.system_version).is_none()) {
            let system_version = content.system_version.as_str().into();
            return Err(Refusal::UnknownVersion { system_version, at: "/systemVersion" });
        }
        if content.window.to <= content.window.from {
            return Err(Refusal::WindowEndsFirst { at: "/window/to" });
        }
        let version = self.approval.draft_version();
        Ok(Drafted { version, by: context.user(), content })
    }
}

impl Content {
    fn check_complete(&self) -> Result<(), Refusal> {
        let lacks = |what| Err(Refusal::PlanLacks { what });
        if self.steps.is_empty() {
            return lacks("steps");
        }
        if self.rollback.is_empty() {
            return lacks("a way back");
        }
        if !self.monitoring_ready {
            return lacks("monitoring that is ready");
        }
        if !self.user_info_ready {
            return lacks("information for users that is ready");
        }
        Ok(())
    }
}
