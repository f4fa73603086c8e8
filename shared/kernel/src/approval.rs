//! The approval pattern: `Draft -> InReview -> Approved -> Superseded | Withdrawn`, and back to
//! `Draft` on rejection. Scope, policies, criteria, plans and assessments share it.
//!
//! One object holds its successive versions; the working version is in the fields of the object,
//! and `effective` says which version was approved last and at which point of the object's history
//! its content is to be read.

use declare::{record, refusals, words};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::canonical::canonical;
use crate::values::{Hash, Prose};
use crate::{Context, Instant, UserId};

/// Where the working version stands.
#[words]
#[derive(Default)]
pub enum Phase {
    /// Being written.
    #[default]
    Draft,
    /// Submitted; it cannot be edited until it is approved or rejected.
    InReview,
    /// Approved and in force.
    Approved,
    /// Taken back.
    Withdrawn,
}

/// The version in force.
#[record]
pub struct Effective {
    /// Its number.
    pub version: u32,
    /// Who approved it.
    pub approved_by: UserId,
    /// When it was approved.
    #[field(index)]
    pub approved_at: Instant,
    /// SHA-256 over the canonical JSON (RFC 8785) of the content that was submitted and approved.
    pub content_hash: Hash,
    /// The version of this object's history at which that content stands.
    pub history_version: u64,
}

/// The part of an object's state that the pattern needs.
#[record]
#[derive(Default)]
pub struct Approval {
    /// Where the working version stands.
    #[field(index)]
    pub status: Phase,
    /// Number of the working version, from 1.
    pub version: u32,
    /// Everyone who wrote on the working version.
    pub authors: Vec<UserId>,
    /// Who submitted it.
    pub submitted_by: Option<UserId>,
    /// When it was submitted.
    pub submitted_at: Option<Instant>,
    /// Hash of the submitted content.
    pub content_hash: Option<Hash>,
    /// Why it was rejected last.
    pub rejection: Option<Prose>,
    /// The version in force.
    pub effective: Option<Effective>,
}

/// The working version was submitted for approval.
#[record]
pub struct Submitted {
    /// Number of the version.
    pub version: u32,
    /// Who submitted it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Hash of its content.
    pub content_hash: Hash,
}

/// The submitted version was rejected and is a draft again.
#[record]
pub struct Rejected {
    /// Number of the version.
    pub version: u32,
    /// Who rejected it.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// The submitted version was approved and is in force.
#[record]
pub struct Approved {
    /// The version as it is in force from now on.
    pub effective: Effective,
}

/// A version is no longer in force because a newer one is.
#[record]
pub struct Superseded {
    /// Number of the version that ended.
    pub version: u32,
    /// Number of the version that replaced it.
    pub by_version: u32,
}

/// A version was taken back.
#[record]
pub struct Withdrawn {
    /// Number of the version.
    pub version: u32,
    /// Who took it back.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// Input of `reject`.
#[record]
pub struct Reject {
    /// Why.
    pub reason: Prose,
}

/// Input of `withdraw`.
#[record]
pub struct Withdraw {
    /// Why.
    pub reason: Prose,
}

/// Input of `approve`.
#[record]
pub struct Approve {
    /// The hash of the content that the approver saw; refused when another content was submitted.
    pub content_hash: Option<Hash>,
}

/// What the pattern refuses.
#[refusals]
pub enum ApprovalRefusal {
    /// The working version is {status}: only a draft can be edited or submitted.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2")]
    NotInDraft {
        /// Where it stands.
        status: &'static str,
    },
    /// The working version is {status}: only a submitted version can be approved or rejected.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2")]
    NotInReview {
        /// Where it stands.
        status: &'static str,
    },
    /// The approver is an author of this version: somebody else must approve it.
    #[refusal(rule = "segregation of duties: author is not approver")]
    ApproverIsAuthor,
    /// The content that the approver saw is not the content that was submitted.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.2")]
    ContentChanged,
    /// The approval is dated before the submission.
    #[refusal(rule = "ISO/IEC 42001 7.5.2")]
    ApprovedBeforeSubmission {
        /// Where in the input.
        at: &'static str,
    },
    /// There is no version that could be taken back.
    #[refusal(conflict)]
    NothingToWithdraw,
}

impl Phase {
    fn text(self) -> &'static str {
        match self {
            Phase::Draft => "a draft",
            Phase::InReview => "in review",
            Phase::Approved => "approved",
            Phase::Withdrawn => "withdrawn",
        }
    }
}

/// SHA-256 over the canonical JSON of the content.
pub fn content_hash(content: &impl Serialize) -> Hash {
    let bytes = canonical(content).unwrap_or_default();
    Hash::new(hex::encode(Sha256::digest(bytes)))
}

impl Approval {
    /// The number of the version that a new draft gets: the working version's while it is a draft,
    /// the next one after that.
    pub fn draft_version(&self) -> u32 {
        match self.status {
            Phase::Draft | Phase::InReview => self.version.max(1),
            Phase::Approved | Phase::Withdrawn => self.version + 1,
        }
    }

    /// Whether a new draft may be begun or the draft edited.
    ///
    /// # Errors
    /// When the working version is in review.
    pub fn may_draft(&self) -> Result<(), ApprovalRefusal> {
        match self.status {
            Phase::InReview => Err(ApprovalRefusal::NotInDraft { status: self.status.text() }),
            Phase::Draft | Phase::Approved | Phase::Withdrawn => Ok(()),
        }
    }

    /// Whether there is a draft to be edited.
    ///
    /// # Errors
    /// When the working version is no draft.
    pub fn may_edit(&self) -> Result<(), ApprovalRefusal> {
        match self.status {
            Phase::Draft => Ok(()),
            Phase::InReview | Phase::Approved | Phase::Withdrawn => {
                Err(ApprovalRefusal::NotInDraft { status: self.status.text() })
            }
        }
    }

    /// Decides on submission.
    ///
    /// # Errors
    /// When the working version is no draft.
    pub fn submit(
        &self,
        content: &impl Serialize,
        context: &Context,
    ) -> Result<Submitted, ApprovalRefusal> {
        self.may_edit()?;
        Ok(Submitted {
            version: self.version,
            by: context.user(),
            at: context.now,
            content_hash: content_hash(content),
        })
    }

    /// Decides on rejection.
    ///
    /// # Errors
    /// When nothing is in review.
    pub fn reject(&self, input: Reject, context: &Context) -> Result<Rejected, ApprovalRefusal> {
        self.in_review()?;
        Ok(Rejected { version: self.version, by: context.user(), reason: input.reason })
    }

    /// Decides on approval: the version that it ends, if any, and the approval.
    ///
    /// # Errors
    /// When nothing is in review, the approver is an author, or the content is another.
    pub fn approve(
        &self,
        input: &Approve,
        content: &impl Serialize,
        context: &Context,
    ) -> Result<(Option<Superseded>, Approved), ApprovalRefusal> {
        self.in_review()?;
        let approver = context.user();
        if self.authors.contains(&approver) || self.submitted_by.as_ref() == Some(&approver) {
            return Err(ApprovalRefusal::ApproverIsAuthor);
        }
        let submitted = self.content_hash.clone().unwrap_or_default();
        let seen = input.content_hash.as_ref().unwrap_or(&submitted);
        if *seen != submitted || content_hash(content) != submitted {
            return Err(ApprovalRefusal::ContentChanged);
        }
        let approved_at = context.effective.unwrap_or(context.now);
        if self.submitted_at.is_some_and(|submitted| approved_at < submitted) {
            return Err(ApprovalRefusal::ApprovedBeforeSubmission { at: "/effectiveAt" });
        }
        let ended = self
            .effective
            .as_ref()
            .map(|old| Superseded { version: old.version, by_version: self.version });
        let effective = Effective {
            version: self.version,
            approved_by: approver,
            approved_at,
            content_hash: submitted,
            history_version: context.version,
        };
        Ok((ended, Approved { effective }))
    }

    /// Decides on withdrawal of the working version or, when that is approved, of the one in force.
    ///
    /// # Errors
    /// When there is nothing to take back.
    pub fn withdraw(
        &self,
        input: Withdraw,
        context: &Context,
    ) -> Result<Withdrawn, ApprovalRefusal> {
        if self.version == 0 || self.status == Phase::Withdrawn {
            return Err(ApprovalRefusal::NothingToWithdraw);
        }
        Ok(Withdrawn { version: self.version, by: context.user(), reason: input.reason })
    }

    fn in_review(&self) -> Result<(), ApprovalRefusal> {
        match self.status {
            Phase::InReview => Ok(()),
            Phase::Draft | Phase::Approved | Phase::Withdrawn => {
                Err(ApprovalRefusal::NotInReview { status: self.status.text() })
            }
        }
    }

    /// A person wrote on version `version`; a new version begins with him alone.
    pub fn drafted(&mut self, version: u32, by: UserId) {
        if version != self.version {
            self.authors.clear();
        }
        self.version = version;
        self.status = Phase::Draft;
        self.submitted_by = None;
        self.submitted_at = None;
        self.content_hash = None;
        if !self.authors.contains(&by) {
            self.authors.push(by);
        }
    }

    /// Evolves by a submission.
    pub fn submitted(&mut self, event: Submitted) {
        self.status = Phase::InReview;
        self.submitted_by = Some(event.by);
        self.submitted_at = Some(event.at);
        self.content_hash = Some(event.content_hash);
        self.rejection = None;
    }

    /// Evolves by a rejection.
    pub fn rejected(&mut self, event: Rejected) {
        self.status = Phase::Draft;
        self.rejection = Some(event.reason);
    }

    /// Evolves by an approval.
    pub fn approved(&mut self, event: Approved) {
        self.status = Phase::Approved;
        self.effective = Some(event.effective);
    }

    /// Evolves by a withdrawal.
    pub fn withdrawn(&mut self, event: &Withdrawn) {
        self.status = Phase::Withdrawn;
        if self.effective.as_ref().is_some_and(|e| e.version == event.version) {
            self.effective = None;
        }
    }
}
