//! What a version of a document is: its kind, metadata and the hash of its text.

use declare::{record, words};
use kernel::values::{Hash, Line, Ref, Version};
use kernel::{Date, Instant, UserId, kinds};

/// What a version of a document says of itself. Input of `draft` and `redraft`.
#[record]
#[derive(Default)]
pub struct Content {
    /// What kind of document it is.
    #[field(index)]
    pub kind: DocumentKind,
    /// Its title.
    #[field(index, search, correctable)]
    pub title: Line,
    /// Its number in the organisation's own order, `POL-01`.
    #[field(index, search, correctable, max = 40)]
    pub number: Line,
    /// Its version as printed on it, `1.1`; a later one must be higher.
    pub edition: Version,
    /// SHA-256 of its text.
    pub text_hash: Hash,
    /// Who answers for it.
    #[field(index)]
    pub owner: UserId,
    /// Who may see it.
    pub classification: Classification,
    /// From when on it is to be followed; from its approval when left out.
    pub effective_from: Option<Date>,
    /// When it must be reviewed: at most 24 months ahead.
    pub next_review_due: Date,
    /// Policies that it must agree with (A.2.3).
    pub related_policies: Vec<Ref<kinds::Document>>,
    /// To whom it speaks.
    pub audience: Vec<Line>,
    /// How long it is kept after it is no longer in force.
    pub retention_months: Option<u32>,
    /// What an AI policy commits to; other documents leave it out.
    pub commitments: Option<Commitments>,
}

/// What holds of the version in force while the next one is being written.
#[record]
pub struct InForce {
    /// Its version as printed on it.
    pub edition: Version,
    /// SHA-256 of its text.
    pub text_hash: Hash,
    /// From when on it is to be followed.
    pub effective_from: Date,
    /// When it must be reviewed.
    #[field(index)]
    pub next_review_due: Date,
    /// When it was published; it is not before it is.
    pub published_at: Option<Instant>,
}

/// What an AI policy commits to (5.2); each must hold before it is approved.
#[record]
pub struct Commitments {
    /// It gives a framework for setting AI objectives.
    pub frames_objectives: bool,
    /// It commits to meeting the requirements that apply.
    pub meets_requirements: bool,
    /// It commits to improving the management system.
    pub improves: bool,
}

/// What kind of document it is.
#[words]
#[derive(Default)]
pub enum DocumentKind {
    /// The AI policy (5.2, A.2.2).
    AiPolicy,
    /// Another policy.
    #[default]
    Policy,
    /// A procedure.
    Procedure,
    /// A plan.
    Plan,
    /// A document from outside that the AIMS needs (7.5.3).
    External,
}

/// Who may see a document or evidence.
#[words]
#[derive(Default)]
pub enum Classification {
    /// Everybody.
    Public,
    /// Members of the organisation.
    #[default]
    Internal,
    /// Those who need it.
    Confidential,
    /// Named persons.
    Restricted,
}
