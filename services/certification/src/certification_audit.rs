//! An audit by a certification body (G-20; ISO/IEC 17021-1 9.2 to 9.6, ISO/IEC 42006).
//!
//! ```text
//!           plan            start              conclude            accept_action_plan,
//!   (none) ──────► Planned ───────► InProgress ─────────► Concluded ── verify_actions ──►
//!                                                             │                  ActionsReviewed
//!                                                             └───── close ──► Closed ◄──┘
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Hash, Key, Number, Prose, Pseudonym, Ref};
use kernel::{Context, Date, Fact, Instant, Need, Role};

use crate::auditor_engagement::{AuditKind, Copied};

pub use self::actions::{
    AcceptActionPlan, ActionReview, ActionsVerified, CorrectiveActionPlanAccepted, VerifyActions,
};
pub(crate) use self::course::copied;
pub use self::course::{Closed, Conclude, Concluded, Plan, Started};
pub use self::refusal::Refusal;

mod actions;
mod course;
mod refusal;
#[cfg(test)]
mod tests;

/// An audit: by whom, of what, and what it came to.
#[record]
#[derive(Default)]
pub struct CertificationAudit {
    /// What is planned.
    #[field(flatten)]
    pub plan: AuditPlan,
    /// What the installation's log said of the body when it was planned.
    #[field(flatten)]
    pub copied: Copied,
    /// Where it stands.
    #[field(index)]
    pub status: AuditStatus,
    /// When it was begun.
    pub started_at: Option<Instant>,
    /// Version of the Statement of Applicability that was in force for the auditors.
    pub soa_version_seen: Option<u32>,
    /// Version of the scope that was in force for the auditors.
    pub scope_version_seen: Option<u32>,
    /// Its last day.
    #[field(index)]
    pub concluded_on: Option<Date>,
    /// What it came to.
    pub conclusion: Option<Conclusion>,
    /// What it came to, in words.
    #[field(correctable)]
    pub summary: Option<Prose>,
    /// What may become a nonconformity in stage 2.
    pub areas_of_concern: Vec<Prose>,
    /// SHA-256 of the report.
    pub report_hash: Option<Hash>,
    /// Its findings when it was concluded.
    pub findings: Vec<Ref<kinds::AuditFinding>>,
    /// What came of its major and minor findings, by finding.
    pub actions: BTreeMap<Key, ActionReview>,
}

impl Fact for CertificationAudit {
    const KIND: &'static str = "certification_audit";
}

/// What is planned of an audit.
#[record]
#[derive(Default)]
pub struct AuditPlan {
    /// The certification body.
    #[field(index)]
    pub body: Ref<kinds::CertificationBody>,
    /// Its kind.
    pub audit_kind: AuditKind,
    /// The engagement that lets its auditors read.
    #[field(index)]
    pub engagement: Ref<kinds::AuditorEngagement>,
    /// Its auditors.
    #[field(max = 20)]
    pub team: Vec<Pseudonym>,
    /// Its first day.
    #[field(index)]
    pub planned_from: Date,
    /// Its last day.
    pub planned_to: Date,
    /// What it is to show.
    #[field(correctable)]
    pub objective: Option<Prose>,
    /// Clauses and controls that it looks into; all when it is empty.
    #[field(max = 100)]
    pub criteria: Vec<Number>,
}

/// Where an audit stands.
#[words]
#[derive(Default)]
pub enum AuditStatus {
    /// It is planned.
    #[default]
    Planned,
    /// It is under way.
    InProgress,
    /// It has come to a conclusion.
    Concluded,
    /// What was to be done about its findings is accepted or verified.
    ActionsReviewed,
    /// It is over.
    Closed,
}

/// What an audit comes to.
#[words]
pub enum Conclusion {
    /// Stage 1: the organisation is ready for stage 2.
    Ready,
    /// Stage 1: it is not.
    NotReady,
    /// The team recommends certification, or that the certificate stays.
    Recommend,
    /// The same, once what was found is dealt with.
    RecommendAfterActions,
    /// It does not.
    NotRecommend,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Plans an audit under an engagement.
    #[command(by(Cba), emits(Planned), creates)]
    Plan(Plan),
    /// Begins it: says which scope and Statement of Applicability its auditors see.
    #[command(by(Cba), emits(Started))]
    Start,
    /// Says what it comes to.
    #[command(by(Cba), emits(Concluded))]
    Conclude(Conclude),
    /// Accepts what the organisation plans to do about findings.
    #[command(by(Cba), emits(CorrectiveActionPlanAccepted), if_match)]
    AcceptActionPlan(AcceptActionPlan),
    /// Says that what was done about findings was seen to work.
    #[command(by(Cba), emits(CorrectiveActionsVerified))]
    VerifyActions(VerifyActions),
    /// Ends it.
    #[command(by(Cba), emits(Closed))]
    Close,
    /// Corrects an earlier event.
    #[command(by(Cba), emits(Corrected))]
    Correct(Correct),
}

/// An audit was planned.
#[record]
pub struct Planned {
    /// What is planned.
    pub plan: AuditPlan,
    /// What the installation's log said of the body.
    pub copied: Copied,
}

/// What can have happened.
#[events(kind = "certification_audit")]
pub enum Event {
    /// An audit was planned.
    Planned(Planned),
    /// It began.
    Started(Started),
    /// It came to a conclusion.
    Concluded(Concluded),
    /// Plans for corrective action were accepted.
    CorrectiveActionPlanAccepted(CorrectiveActionPlanAccepted),
    /// Corrective actions were seen to work.
    CorrectiveActionsVerified(ActionsVerified),
    /// It is over.
    Closed(Closed),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(CertificationAudit, "certification_audit", Command, Event, Refusal);

impl Domain for CertificationAudit {
    const ABOUT: About = About {
        kind: "certification_audit",
        doc: "An audit by a certification body.",
        clauses: &["9.2.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, context: &Context) -> Vec<Need> {
        match command {
            Command::Plan(input) => course::planning(input, context),
            Command::Start => course::starting(&self.plan),
            Command::Conclude(_) | Command::VerifyActions(_) | Command::Close => {
                self.reviewing(&[], context)
            }
            Command::AcceptActionPlan(input) => self.reviewing(&input.nonconformities, context),
            Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        if let Command::Plan(input) = command {
            return course::planned(input, context);
        }
        self.must_be_on_the_team(context)?;
        match command {
            Command::Plan(_) => Ok(Vec::new()),
            Command::Start => self.started(context),
            Command::Conclude(input) => self.concluded(input, context),
            Command::AcceptActionPlan(input) => self.plans_accepted(input, context),
            Command::VerifyActions(input) => self.actions_verified(input, context),
            Command::Close => self.closed(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Planned(e) => {
                *self = Self { plan: e.plan, copied: e.copied, ..Self::default() };
            }
            Event::Started(e) => {
                self.status = AuditStatus::InProgress;
                self.started_at = Some(e.at);
                self.soa_version_seen = e.soa_version_seen;
                self.scope_version_seen = e.scope_version_seen;
            }
            Event::Concluded(e) => {
                self.status = AuditStatus::Concluded;
                self.concluded_on = Some(e.concluded_on);
                self.conclusion = Some(e.conclusion);
                self.summary = e.summary;
                self.areas_of_concern = e.areas_of_concern;
                self.report_hash = Some(e.report_hash);
                self.findings = e.findings;
            }
            Event::CorrectiveActionPlanAccepted(e) => self.notes_plans(e),
            Event::CorrectiveActionsVerified(e) => self.notes_verification(e),
            Event::Closed(_) => self.status = AuditStatus::Closed,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl CertificationAudit {
    /// Whether everything that it asked for was dealt with.
    pub fn is_reviewed(&self) -> bool {
        matches!(self.status, AuditStatus::ActionsReviewed | AuditStatus::Closed)
    }

    /// Whether its team recommends the certificate, if after actions.
    pub fn recommends(&self) -> bool {
        matches!(self.conclusion, Some(Conclusion::Recommend | Conclusion::RecommendAfterActions))
    }
}
