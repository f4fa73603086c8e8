//! The technical documentation of one version of an AI system (L-04; ISO/IEC 42001 A.6.2.7; AI Act
//! Art. 11 and Annex IV).
//!
//! ```text
//!           draft            submit              approve
//!   (none) ──────► Draft ───────────► InReview ──────────► Approved ──redraft──► Draft (next
//! version)           ▲     reject        │                    │
//!                    └───────────────────┘   withdraw ──► Withdrawn ──redraft──► Draft
//! ```

use declare::{commands, events, record, refusals};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Approved, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::{Context, Need, Role, UserId};

pub use self::content::{
    AnnexReference, AudienceDocument, Audiences, Content, DraftDocumentation, Subject,
};

mod check;
mod content;
#[cfg(test)]
mod tests;

/// What users, partners and authorities are told of a version of an AI system.
#[record]
#[derive(Default)]
pub struct TechnicalDocumentation {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// Which version of which system is documented.
    #[field(flatten)]
    pub subject: Subject,
    /// What the working version holds.
    #[field(flatten)]
    pub content: Content,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Begins the documentation of a version of a system.
    #[command(by(Dev), emits(Drafted), creates)]
    Draft(DraftDocumentation),
    /// Writes the draft again, or begins the next version once one is approved or withdrawn.
    #[command(by(Dev), emits(Drafted))]
    Redraft(Content),
    /// Submits the draft to the system owner.
    #[command(by(Dev), emits(Submitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(So), emits(Rejected))]
    Reject(Reject),
    /// Approves the submitted version.
    #[command(by(So), emits(Superseded, Approved), if_match)]
    Approve(Approve),
    /// Takes the version back.
    #[command(by(Dev, So), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Dev), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct Drafted {
    /// Number of the documentation's version.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// Which version of which system.
    pub subject: Subject,
    /// What the documentation holds.
    pub content: Content,
}

/// What can have happened.
#[allow(clippy::large_enum_variant, reason = "an event lives for one decision or fold")]
#[events(kind = "technical_documentation")]
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
    /// The system has no version {label}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.7")]
    UnknownVersion {
        /// The label.
        label: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Version {label} has technical documentation already: {documentation}; redraft that.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.7")]
    VersionIsDocumented {
        /// The label.
        label: String,
        /// The documentation's id.
        documentation: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {point} is no point of Annex IV: those are 1 to 9.
    #[refusal(rule = "AI Act Annex IV")]
    NoSuchPoint {
        /// The point.
        point: String,
        /// Where in the input.
        at: String,
    },
    /// There is no document for any audience: users, partners or authorities.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.7")]
    NoAudience,
    /// The system is high-risk: the documentation does not say where Annex IV({missing}) is met.
    #[refusal(rule = "AI Act Art. 11(1)")]
    AnnexPointsMissing {
        /// The points.
        missing: String,
    },
    /// Version {label} is older than {running}, which runs: document that one.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.7")]
    OlderThanRunning {
        /// The label of the documented version.
        label: String,
        /// The label of the running version.
        running: String,
    },
}

kernel::aggregate!(TechnicalDocumentation, "technical_documentation", Command, Event, Refusal);

impl Domain for TechnicalDocumentation {
    const ABOUT: About = About {
        kind: "technical_documentation",
        doc: "What users, partners and authorities are told of one version of an AI system.",
        clauses: &["A.6.2.7", "A.6.2.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let of = |kind, system: &str| Need::Where(kind, "system", system.to_owned());
        match command {
            Command::Draft(input) => {
                let system = input.subject.system.id();
                vec![Need::Object(system.to_owned()), of("technical_documentation", system)]
            }
            Command::Submit | Command::Approve(_) => {
                let system = self.subject.system.id();
                vec![Need::Object(system.to_owned()), of("regulatory_classification", system)]
            }
            Command::Redraft(_)
            | Command::Reject(_)
            | Command::Withdraw(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        let whole = (&self.subject, &self.content);
        Ok(match command {
            Command::Draft(DraftDocumentation { subject, content }) => {
                check::subject(&subject, context)?;
                vec![self.drafted(subject, content, context)?]
            }
            Command::Redraft(content) => {
                approval.may_draft()?;
                vec![self.drafted(self.subject.clone(), content, context)?]
            }
            Command::Submit => {
                let submitted = approval.submit(&whole, context)?;
                self.check_complete(context)?;
                vec![Event::Submitted(submitted)]
            }
            Command::Reject(input) => vec![Event::Rejected(approval.reject(input, context)?)],
            Command::Approve(input) => {
                let (ended, approved) = approval.approve(&input, &whole, context)?;
                self.check_complete(context)?;
                let ended = ended.map(Event::Superseded);
                ended.into_iter().chain([Event::Approved(approved)]).collect()
            }
            Command::Withdraw(input) => vec![Event::Withdrawn(approval.withdraw(input, context)?)],
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => {
                self.approval.drafted(e.version, e.by);
                (self.subject, self.content) = (e.subject, e.content);
            }
            Event::Submitted(e) => self.approval.submitted(e),
            Event::Rejected(e) => self.approval.rejected(e),
            Event::Superseded(_) => self.approval.effective = None,
            Event::Approved(e) => self.approval.approved(e),
            Event::Withdrawn(e) => self.approval.withdrawn(&e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl TechnicalDocumentation {
    fn drafted(
        &self,
        subject: Subject,
        content: Content,
        context: &Context,
    ) -> Result<Event, Refusal> {
        check::points(&content)?;
        let (version, by) = (self.approval.draft_version(), context.user());
        Ok(Event::Drafted(Drafted { version, by, subject, content }))
    }
}
