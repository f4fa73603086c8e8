//! Something that an interested party requires.

use declare::{record, words};
use kernel::values::{Line, Prose};
use kernel::{Date, UserId};

/// Something that a party requires.
#[record]
pub struct Requirement {
    /// What it asks for.
    #[field(flatten)]
    pub asked: Asked,
    /// Whether the AIMS takes it on.
    pub status: RequirementStatus,
    /// Who sees to it.
    pub owner: Option<UserId>,
    /// Why it was declined or retired.
    pub reason: Option<Prose>,
}

/// What a party asks for.
#[record]
pub struct Asked {
    /// What it requires.
    pub text: Prose,
    /// On what ground.
    pub source: RequirementSource,
    /// Where that stands: article, contract number.
    pub reference: Option<Line>,
    /// When it must be looked at again.
    pub review_due: Option<Date>,
}

/// On what ground a party requires something.
#[words]
pub enum RequirementSource {
    /// A law.
    Law,
    /// A contract.
    Contract,
    /// It expects so.
    Expectation,
}

/// Whether the AIMS takes a requirement on.
#[words]
#[derive(Default)]
pub enum RequirementStatus {
    /// Not yet decided.
    #[default]
    Identified,
    /// It does.
    Adopted,
    /// It does not.
    Declined,
    /// It no longer holds.
    Retired,
}

impl RequirementStatus {
    pub(super) fn text(self) -> &'static str {
        match self {
            RequirementStatus::Identified => "not yet decided",
            RequirementStatus::Adopted => "adopted",
            RequirementStatus::Declined => "declined",
            RequirementStatus::Retired => "retired",
        }
    }
}
