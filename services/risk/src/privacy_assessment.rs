//! A data protection impact assessment (R-05; ISO/IEC 42001 A.5.4, A.7.2 to A.7.6; GDPR Art. 35;
//! ISO/IEC 27701). One object per AI system, with successive versions.
//!
//! ```text
//!          start           submit             approve              require_review
//!   (none) ─────► Draft ──────────► InReview ─────────► Approved ──────────────► Approved,
//!                 ▲ ▲     reject       │                   │ redraft             review due
//!                 │ └──────────────────┘                   ▼                        │
//!                 └───────────────────────── Draft (next version) ◄──── redraft ────┘
//!   withdraw (from any) ──► Withdrawn
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Phase, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem;
use kernel::values::{Prose, Ref};
use kernel::{Context, Instant, Need, Role, UserId};

pub use self::content::{
    Content, Draft, LawfulBasis, Measure, MeasureKind, Processing, Safeguard, SpecialBasis,
    Transfer,
};

mod content;
#[cfg(test)]
mod tests;

/// What an AI system does with personal data, and what protects the people.
#[record]
#[derive(Default)]
pub struct PrivacyAssessment {
    /// The AI system.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says.
    #[field(flatten)]
    pub content: Content,
    /// The advice of the data protection officer on the working version.
    pub dpo_advice: Option<Advice>,
    /// Whether the version in force is to be reviewed.
    #[field(index)]
    pub review_due: ReviewDue,
    /// Why it is to be reviewed.
    pub review_reason: Option<Prose>,
}

/// Whether the version in force is to be reviewed (GDPR Art. 35(11)).
#[words]
#[derive(Default)]
pub enum ReviewDue {
    /// It is not.
    #[default]
    None,
    /// The processing or its risk has changed.
    ReviewRequired,
}

/// The advice of the data protection officer (GDPR Art. 35(2)).
#[record]
pub struct Advice {
    /// Number of the version that it is on.
    pub version: u32,
    /// What he says.
    pub advice: Prose,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `start`.
#[record]
pub struct Start {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// What the first version says.
    #[field(flatten)]
    pub draft: Draft,
}

/// Input of `advise`.
#[record]
pub struct Advise {
    /// The advice.
    pub advice: Prose,
}

/// Input of `require_review`.
#[record]
pub struct RequireReview {
    /// What has changed.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Starts the assessment of a system.
    #[command(by(So, Ds), emits(Started), creates)]
    Start(Start),
    /// Writes the draft again, or begins the next version once one is approved or withdrawn.
    #[command(by(So, Ds), emits(Drafted))]
    Redraft(Draft),
    /// Gives the data protection officer's advice.
    #[command(by(Dpo), emits(Advised))]
    Advise(Advise),
    /// Submits the draft for approval.
    #[command(by(So, Ds), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Dpo), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(Dpo), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back.
    #[command(by(So, Dpo), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Says that the version in force is to be reviewed.
    #[command(by(Dpo, Sys), emits(PrivacyReviewRequired))]
    RequireReview(RequireReview),
    /// Corrects an earlier event.
    #[command(by(So, Ds), emits(Corrected))]
    Correct(Correct),
}

/// The assessment was started.
#[record]
pub struct Started {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// Who started it.
    pub by: UserId,
    /// What the first version says.
    pub content: Content,
}

/// The draft was written again.
#[record]
pub struct Drafted {
    /// Number of the version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says.
    pub content: Content,
}

/// The version in force is to be reviewed.
#[record]
pub struct PrivacyReviewRequired {
    /// Number of the version.
    pub version: u32,
    /// Who said so.
    pub by: UserId,
    /// What has changed.
    pub reason: Prose,
}

/// What can have happened.
#[events(kind = "privacy_assessment")]
pub enum Event {
    /// The assessment was started.
    Started(Started),
    /// The draft was written again, or the next version begun.
    Drafted(Drafted),
    /// The data protection officer gave his advice.
    Advised(Advice),
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
    /// The version in force is to be reviewed.
    PrivacyReviewRequired(PrivacyReviewRequired),
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
    /// The system has the privacy assessment {id} already: draft its next version.
    #[refusal(conflict, rule = "GDPR Art. 35")]
    AlreadyAssessed {
        /// The assessment.
        id: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The approver owns the system: another data protection officer must approve.
    #[refusal(rule = "segregation of duties: system owner is not approver; GDPR Art. 38(6)")]
    ApproverOwnsSystem,
    /// The assessment does not say {what}.
    #[refusal(rule = "GDPR Art. 35(7)")]
    NotDescribed {
        /// What.
        what: &'static str,
    },
    /// The assessment names nothing that makes the processing lawful.
    #[refusal(rule = "GDPR Art. 6(1)")]
    NoLawfulBasis,
    /// Special categories of data are processed, but nothing is named that allows it.
    #[refusal(rule = "GDPR Art. 9(2)")]
    SpecialCategoriesWithoutBasis,
    /// Decisions are automated, but no measure lets a person review them.
    #[refusal(rule = "GDPR Art. 22(3)")]
    AutomatedWithoutHumanReview,
    /// The risk stays high with all measures: consult the supervisory authority first.
    #[refusal(rule = "GDPR Art. 36(1)")]
    AuthorityNotConsulted,
    /// The working version is approved or withdrawn: nothing waits for the officer's advice.
    #[refusal(conflict, rule = "GDPR Art. 35(2)")]
    NothingToAdviseOn,
    /// No version is in force: there is nothing to review.
    #[refusal(conflict, rule = "GDPR Art. 35(11)")]
    NothingInForce,
}

kernel::aggregate!(PrivacyAssessment, "privacy_assessment", Command, Event, Refusal);

impl Domain for PrivacyAssessment {
    const ABOUT: About = About {
        kind: "privacy_assessment",
        doc: "What an AI system does with personal data, on what legal basis, and what protects \
              the people.",
        clauses: &["A.5.4", "A.7.2", "A.7.3", "A.7.4", "A.7.5", "A.7.6"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Start(input) => {
                let id = input.system.id().to_owned();
                vec![Need::Where("privacy_assessment", "system", id)]
            }
            Command::Approve(_) => vec![Need::Object(self.system.id().to_owned())],
            Command::Redraft(_)
            | Command::Advise(_)
            | Command::Submit
            | Command::Reject(_)
            | Command::Withdraw(_)
            | Command::RequireReview(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Start(input) => vec![input.decide(context)?],
            Command::Redraft(draft) => {
                approval.may_draft()?;
                let (version, by) = (approval.draft_version(), context.user());
                let content = draft.content(context);
                vec![Event::Drafted(Drafted { version, by, content })]
            }
            Command::Advise(input) => vec![self.advised(input.advice, context)?],
            Command::Submit => vec![Event::Submitted(approval.submit(&self.content, context)?)],
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => self.approved(&input, context)?,
            Command::Withdraw(input) => vec![Event::Withdrawn(approval.withdraw(input, context)?)],
            Command::RequireReview(input) => self.review_required(input, context)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Started(e) => {
                self.system = e.system;
                self.drafted(Drafted { version: 1, by: e.by, content: e.content });
            }
            Event::Drafted(e) => self.drafted(e),
            Event::Advised(advice) => self.dpo_advice = Some(advice),
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => {
                self.approval.approved(e);
                self.reviewed();
            }
            Event::Withdrawn(e) => {
                self.approval.withdrawn(&e);
                if self.approval.effective.is_none() {
                    self.reviewed();
                }
            }
            Event::PrivacyReviewRequired(e) => {
                self.review_due = ReviewDue::ReviewRequired;
                self.review_reason = Some(e.reason);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Start {
    fn decide(self, context: &Context) -> Result<Event, Refusal> {
        let others = context.facts.all::<facts::PrivacyAssessment>();
        let mut others = others.into_iter().filter(|(_, other)| other.system == self.system.id());
        if let Some((id, _)) = others.next() {
            return Err(Refusal::AlreadyAssessed { id, at: "/system" });
        }
        let (by, content) = (context.user(), self.draft.content(context));
        Ok(Event::Started(Started { system: self.system, by, content }))
    }
}

impl PrivacyAssessment {
    fn approved(&self, input: &Approve, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (ended, approved) = self.approval.approve(input, &self.content, context)?;
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        let owner = system.and_then(|system| system.owner);
        if owner.is_some_and(|owner| owner == context.user().as_str()) {
            return Err(Refusal::ApproverOwnsSystem);
        }
        self.content.check()?;
        let ended = ended.map(Event::Superseded);
        Ok(ended.into_iter().chain([Event::Approved(approved)]).collect())
    }

    /// The officer is heard on what waits for approval; that does not make him an author.
    fn advised(&self, advice: Prose, context: &Context) -> Result<Event, Refusal> {
        match self.approval.status {
            Phase::Draft | Phase::InReview => {}
            Phase::Approved | Phase::Withdrawn => return Err(Refusal::NothingToAdviseOn),
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        Ok(Event::Advised(Advice { version: self.approval.version, advice, by, at }))
    }

    fn review_required(
        &self,
        input: RequireReview,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let Some(effective) = &self.approval.effective else {
            return Err(Refusal::NothingInForce);
        };
        if self.review_due == ReviewDue::ReviewRequired {
            return Ok(Vec::new());
        }
        let (version, by, reason) = (effective.version, context.user(), input.reason);
        Ok(vec![Event::PrivacyReviewRequired(PrivacyReviewRequired { version, by, reason })])
    }

    /// A draft was written; advice on a version before it does not count for it.
    fn drafted(&mut self, event: Drafted) {
        if event.version != self.approval.version {
            self.dpo_advice = None;
        }
        self.approval.drafted(event.version, event.by);
        self.content = event.content;
    }

    /// No review of the version in force is due.
    fn reviewed(&mut self) {
        self.review_due = ReviewDue::None;
        self.review_reason = None;
    }
}
