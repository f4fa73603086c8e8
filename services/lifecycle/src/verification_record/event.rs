//! What is recorded of a verification.

use declare::record;
use kernel::kinds::AiSystem;
use kernel::values::{Key, Prose, Ref};
use kernel::{Instant, UserId};

use super::{Outcome, Plan, Run};

/// A plan was registered.
#[record]
pub struct VerificationPlanRegistered {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// The label of its version.
    pub system_version: Key,
    /// The plan.
    pub plan: Plan,
    /// Who developed the version then: none of them verifies it.
    pub developers: Vec<UserId>,
}

/// Other criteria hold.
#[record]
pub struct CriteriaChanged {
    /// The plan with them.
    pub plan: Plan,
}

/// A run began, or was reported while others are to follow.
#[record]
pub struct RunRecorded {
    /// Key of the run.
    pub key: Key,
    /// The run.
    pub run: Run,
    /// What was found that the version does not do well.
    pub limits_found: Option<Prose>,
}

/// A run was broken off.
#[record]
pub struct RunAbandoned {
    /// Key of the run.
    pub run: Key,
    /// Who broke it off.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// The last run was reported, and the outcome worked out.
#[record]
pub struct VerificationCompleted {
    /// Key of the run.
    pub key: Key,
    /// The run.
    pub run: Run,
    /// What was found that the version does not do well.
    pub limits_found: Option<Prose>,
    /// What follows.
    pub outcome: Outcome,
    /// How many criteria passed.
    pub passed: u32,
    /// How many there are.
    pub total: u32,
    /// Those that did not pass.
    pub failed: Vec<Key>,
    /// Whether every run began when its criteria stood already.
    pub criteria_first: bool,
    /// When.
    pub at: Instant,
}

/// The record does not stand any more. Also kept in the state.
#[record]
pub struct VerificationInvalidated {
    /// Who invalidated it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: Prose,
}

/// Input of `invalidate`.
#[record]
pub struct Invalidate {
    /// Why it does not stand.
    pub reason: Prose,
}
