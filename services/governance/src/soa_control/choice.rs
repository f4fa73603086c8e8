//! What a row says of a control: whether it applies, and why.

use declare::{record, words};
use kernel::values::{Prose, Ref};
use kernel::{Instant, UserId, kinds};

/// Whether a control applies, and why: input of `decide`.
#[record]
#[derive(Default)]
pub struct Choice {
    /// Whether it applies.
    #[field(index)]
    pub decision: Decision,
    /// Why it is excluded, or how it is applied.
    pub justification: Option<Prose>,
    /// Why it is included.
    pub reason_codes: Vec<ReasonCode>,
    /// The risks that it treats.
    pub risks: Vec<Ref<kinds::Risk>>,
}

/// Whether a control applies.
#[words]
#[derive(Default)]
pub enum Decision {
    /// Not yet decided.
    #[default]
    Undecided,
    /// It applies.
    Applicable,
    /// It does not apply.
    Excluded,
}

/// Why a control is included.
#[words]
pub enum ReasonCode {
    /// It treats a risk.
    Risk,
    /// A law demands it.
    Law,
    /// A contract demands it.
    Contract,
    /// An impact assessment asks for it.
    Impact,
    /// It is good practice.
    BestPractice,
}

/// One person's last change of a row.
#[record]
pub struct Edit {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Instant,
}
