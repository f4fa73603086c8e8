//! A controlled document: the AI policy, other policies, procedures, plans (G-04; ISO/IEC 42001
//! 5.2, 7.5; A.2.2, A.2.3, A.2.4).
//!
//! ```text
//!           draft            submit              approve                      publish
//!   (none) ──────► Draft ───────────► InReview ───────────► Approved ───────────────► Published
//!                    ▲      reject       │                    │    redraft
//!                    └───────────────────┘      withdraw      │ ────────────► Draft (next version)
//!                                       Withdrawn ◄───────────┘
//!
//!   review of the version in force:
//!   NotDue ──► DueSoon ──► Due ──► Overdue ──record_review, approve (next version)──► Reviewed
//! ```

use declare::{commands, events, record, refusals};
use kernel::approval::{
    Approval, ApprovalRefusal, Approve, Effective, Reject, Rejected, Submitted, Superseded,
    Withdraw, Withdrawn,
};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::values::Version;
use kernel::{Context, Date, Fact, Instant, Need, Role, UserId};

pub use self::content::{Classification, Commitments, Content, DocumentKind, InForce};
pub use self::review::{
    REVIEW_MONTHS_MAX, RecordReview, Review, ReviewDate, ReviewOutcome, ReviewStatus, Reviewed,
};

mod content;
mod review;
#[cfg(test)]
mod tests;

/// A controlled document with its successive versions.
#[record]
#[derive(Default)]
pub struct Document {
    /// Where the working version stands, and which version is in force.
    #[field(flatten)]
    pub approval: Approval,
    /// What the working version says of itself.
    #[field(flatten)]
    pub content: Content,
    /// What holds of the version in force.
    pub in_force: Option<InForce>,
    /// Where the review of the version in force stands.
    #[field(index)]
    pub review_status: ReviewStatus,
    /// The last review.
    pub last_review: Option<Review>,
    /// The highest version that was ever approved.
    pub highest_edition: Option<Version>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Writes the first draft.
    #[command(by(Do, Am), emits(VersionDrafted), creates)]
    Draft(Content),
    /// Writes the draft again, or begins the next version once one is approved or withdrawn.
    #[command(by(Do, Am), emits(VersionDrafted))]
    Redraft(Content),
    /// Submits the draft for approval.
    #[command(by(Do, Am), emits(VersionSubmitted))]
    Submit,
    /// Sends the submitted version back.
    #[command(by(Tm, Am), emits(VersionRejected))]
    Reject(Reject),
    /// Approves the submitted version: top management the AI policy, the AIMS manager all others.
    #[command(by(Tm, Am), emits(VersionSuperseded, VersionApproved, Reviewed), if_match)]
    Approve(Approve),
    /// Publishes the version in force to its audience.
    #[command(by(Do, Am), emits(Published))]
    Publish,
    /// Records that the version in force was reviewed.
    #[command(by(Do, Am, Tm), emits(Reviewed))]
    RecordReview(RecordReview),
    /// Notices that the review falls due: when the notice begins, and on the date.
    #[command(by(Sys), emits(ReviewFellDue))]
    FallDue,
    /// Notices that the review is overdue.
    #[command(by(Sys), emits(ReviewOverdue))]
    FallOverdue,
    /// Takes the version back.
    #[command(by(Tm, Am), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Do, Am), emits(Corrected))]
    Correct(Correct),
}

/// The draft was written.
#[record]
pub struct VersionDrafted {
    /// Number of the version within this object, from 1.
    pub version: u32,
    /// Who wrote it.
    pub by: UserId,
    /// What it says of itself.
    pub content: Content,
}

/// A version was approved.
#[record]
pub struct VersionApproved {
    /// The version as it is in force from now on.
    pub effective: Effective,
    /// What holds of it.
    pub in_force: InForce,
}

/// The version in force was published.
#[record]
pub struct Published {
    /// Its version as printed on it.
    pub edition: Version,
    /// When.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "document")]
pub enum Event {
    /// The draft was written.
    VersionDrafted(VersionDrafted),
    /// The draft was submitted.
    VersionSubmitted(Submitted),
    /// The submitted version was sent back.
    VersionRejected(Rejected),
    /// A version is no longer in force.
    VersionSuperseded(Superseded),
    /// A version is in force.
    VersionApproved(VersionApproved),
    /// The version in force was published.
    Published(Published),
    /// The version in force was reviewed; the approval of the next version is a review too.
    Reviewed(Reviewed),
    /// The review fell due.
    ReviewFellDue(ReviewDate),
    /// The review is overdue.
    ReviewOverdue(ReviewDate),
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
    /// Only {role} approves, rejects or withdraws this kind of document.
    #[refusal(rule = "ISO/IEC 42001 5.2")]
    WrongApprover {
        /// Who does.
        role: &'static str,
    },
    /// {edition} is not higher than {highest}, which was approved before.
    #[refusal(rule = "ISO/IEC 42001 7.5.2")]
    EditionNotHigher {
        /// The version of the draft.
        edition: String,
        /// The highest approved one.
        highest: String,
        /// Where in the input.
        at: &'static str,
    },
    /// An AI policy is not approved unless it frames objectives and commits to meeting the
    /// requirements and to improving.
    #[refusal(rule = "ISO/IEC 42001 5.2")]
    CommitmentMissing,
    /// The next review lies more than 24 months ahead.
    #[refusal(rule = "ISO/IEC 42001 A.2.4")]
    ReviewTooFarAhead {
        /// Where in the input.
        at: &'static str,
    },
    /// The next review does not lie ahead.
    #[refusal(rule = "ISO/IEC 42001 A.2.4")]
    ReviewNotAhead {
        /// Where in the input.
        at: &'static str,
    },
    /// No version of the document is approved and in force.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2")]
    NotApproved,
    /// The review is due on {due}: that is not yet so.
    #[refusal(conflict)]
    ReviewNotDue {
        /// When.
        due: Date,
    },
    /// The certificate {number} rests on the document: it cannot be withdrawn while that is active.
    #[refusal(conflict, rule = "ISO/IEC 17021-1")]
    CertificateActive {
        /// The certificate's number.
        number: String,
    },
}

kernel::aggregate!(Document, "document", Command, Event, Refusal);

impl Fact for Document {
    const KIND: &'static str = "document";
}

impl Domain for Document {
    const ABOUT: About = About {
        kind: "document",
        doc: "A controlled document: the AI policy, other policies, procedures and plans.",
        clauses: &["5.2", "7.5.1", "7.5.2", "7.5.3", "A.2.2", "A.2.3", "A.2.4"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "acknowledgements",
            doc: "Who has acknowledged which version.",
            kind: "acknowledgement",
            by: "document",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Withdraw(_) => vec![Need::All("certificate")],
            Command::FallDue => review::needs(),
            Command::Draft(_)
            | Command::Redraft(_)
            | Command::Submit
            | Command::Reject(_)
            | Command::Approve(_)
            | Command::Publish
            | Command::RecordReview(_)
            | Command::FallOverdue
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let approval = &self.approval;
        Ok(match command {
            Command::Draft(content) | Command::Redraft(content) => {
                vec![Event::VersionDrafted(self.drafted(content, context)?)]
            }
            Command::Submit => {
                let submitted = approval.submit(&self.content, context)?;
                self.check_complete(context)?;
                vec![Event::VersionSubmitted(submitted)]
            }
            Command::Reject(input) => {
                self.check_approver(context)?;
                vec![Event::VersionRejected(approval.reject(input, context)?)]
            }
            Command::Approve(input) => self.approved(&input, context)?,
            Command::Publish => self.published(context)?,
            Command::RecordReview(input) => self.reviewed(input, context)?,
            Command::FallDue => self.fallen_due(context)?,
            Command::FallOverdue => self.fallen_overdue(context)?,
            Command::Withdraw(input) => {
                self.check_approver(context)?;
                let certificates = context.facts.all::<facts::Certificate>();
                let mut certificates = certificates.into_iter();
                if let Some((_, active)) = certificates.find(|(_, c)| c.relies_on(&context.id)) {
                    return Err(Refusal::CertificateActive { number: active.number });
                }
                vec![Event::Withdrawn(approval.withdraw(input, context)?)]
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::VersionDrafted(e) => {
                self.approval.drafted(e.version, e.by);
                self.content = e.content;
            }
            Event::VersionSubmitted(e) => self.approval.submitted(e),
            Event::VersionRejected(e) => self.approval.rejected(e),
            Event::VersionSuperseded(_) => (self.approval.effective, self.in_force) = (None, None),
            Event::VersionApproved(e) => {
                self.approval.approved(kernel::approval::Approved { effective: e.effective });
                self.highest_edition = Some(e.in_force.edition.clone());
                self.in_force = Some(e.in_force);
                self.review_status = ReviewStatus::NotDue;
            }
            Event::Published(e) => {
                if let Some(in_force) = &mut self.in_force {
                    in_force.published_at = Some(e.at);
                }
            }
            Event::Reviewed(e) => {
                self.review_status = ReviewStatus::Reviewed;
                self.last_review = Some(e.review);
                if let Some(in_force) = &mut self.in_force {
                    in_force.next_review_due = e.next_review_due;
                }
            }
            Event::ReviewFellDue(e) => {
                let soon = e.days_left > 0;
                self.review_status = if soon { ReviewStatus::DueSoon } else { ReviewStatus::Due };
            }
            Event::ReviewOverdue(_) => self.review_status = ReviewStatus::Overdue,
            Event::Withdrawn(e) => {
                self.approval.withdrawn(&e);
                if self.approval.effective.is_none() {
                    (self.in_force, self.review_status) = (None, ReviewStatus::NotDue);
                }
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Document {
    /// Whether this version is in force and published: what a person can acknowledge.
    pub fn can_be_acknowledged(&self, edition: &Version) -> bool {
        let in_force = self.in_force.as_ref();
        in_force.is_some_and(|i| i.published_at.is_some() && i.edition == *edition)
    }

    fn drafted(&self, content: Content, context: &Context) -> Result<VersionDrafted, Refusal> {
        self.approval.may_draft()?;
        let highest = self.highest_edition.as_ref();
        if let Some(highest) = highest.filter(|h| content.edition.numbers() <= h.numbers()) {
            let (edition, highest) = (content.edition.to_string(), highest.to_string());
            return Err(Refusal::EditionNotHigher { edition, highest, at: "/edition" });
        }
        let version = self.approval.draft_version();
        Ok(VersionDrafted { version, by: context.user(), content })
    }

    fn approved(&self, input: &Approve, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (ended, approved) = self.approval.approve(input, &self.content, context)?;
        self.check_approver(context)?;
        self.check_complete(context)?;
        let effective = approved.effective;
        let next_review_due = self.content.next_review_due;
        let in_force = InForce {
            edition: self.content.edition.clone(),
            text_hash: self.content.text_hash.clone(),
            effective_from: self.content.effective_from.unwrap_or(effective.approved_at.date()),
            next_review_due,
            published_at: None,
        };
        let review = self.in_force.as_ref().map(|old| {
            let due = old.next_review_due;
            let review = Self::review(due, ReviewOutcome::Change, None, context);
            Event::Reviewed(Reviewed { review, next_review_due })
        });
        let approved = Event::VersionApproved(VersionApproved { effective, in_force });
        let ended = ended.map(Event::VersionSuperseded);
        Ok(ended.into_iter().chain([approved]).chain(review).collect())
    }

    fn published(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let in_force = self.in_force.as_ref().ok_or(Refusal::NotApproved)?;
        if in_force.published_at.is_some() {
            return Ok(Vec::new());
        }
        let edition = in_force.edition.clone();
        Ok(vec![Event::Published(Published { edition, at: context.now })])
    }

    /// Top management approves the AI policy, the AIMS manager all others.
    fn check_approver(&self, context: &Context) -> Result<(), Refusal> {
        let role = match self.content.kind {
            DocumentKind::AiPolicy => Role::Tm,
            DocumentKind::Policy
            | DocumentKind::Procedure
            | DocumentKind::Plan
            | DocumentKind::External => Role::Am,
        };
        if context.holds(role) {
            return Ok(());
        }
        Err(Refusal::WrongApprover { role: role.code() })
    }

    fn check_complete(&self, context: &Context) -> Result<(), Refusal> {
        let commits = self.content.commitments.as_ref();
        let commits =
            commits.is_some_and(|c| c.frames_objectives && c.meets_requirements && c.improves);
        if self.content.kind == DocumentKind::AiPolicy && !commits {
            return Err(Refusal::CommitmentMissing);
        }
        review::check_date(self.content.next_review_due, "/nextReviewDue", context)
    }
}
