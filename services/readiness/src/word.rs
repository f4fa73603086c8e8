//! Words of closed lists that metrics ask for.

use serde::{Deserialize, Serialize};

/// A word of a closed list that a metric asks for; all others are one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "what a word means stands in the list that it belongs to")]
pub enum Word {
    Accepted,
    Acknowledged,
    Active,
    Agreed,
    AiPolicy,
    Amended,
    Applicable,
    Approved,
    ApprovedForUse,
    ApprovedWithConditions,
    AtRisk,
    Basic,
    Breached,
    Candidate,
    Cancelled,
    Closed,
    Completed,
    ConditionallyApproved,
    Confirmed,
    Critical,
    DesignAndDevelopment,
    Deployment,
    Done,
    Duplicate,
    Effective,
    EffectivenessVerified,
    Evaluated,
    Excluded,
    Expert,
    External,
    Fail,
    Gap,
    Held,
    High,
    Higher,
    Implemented,
    Inception,
    InForce,
    Issued,
    Low,
    Lower,
    Major,
    Medium,
    Minor,
    NotAnIncident,
    NotEffective,
    NotMeasured,
    NotStarted,
    OnTarget,
    OperationAndMonitoring,
    PartiallyImplemented,
    Pass,
    Passed,
    Paused,
    Planned,
    Published,
    Quarantined,
    Refused,
    Registered,
    Rejected,
    Reported,
    Resolved,
    Restricted,
    Retired,
    Running,
    ScopeReduced,
    Serious,
    Shredded,
    Skilled,
    Stale,
    Stopped,
    Superseded,
    Suspended,
    SystemsAdded,
    Undecided,
    Verified,
    VerificationAndValidation,
    Withdrawn,
    ActionsClosed,
    ReEvaluation,
    Retirement,
    #[default]
    #[serde(other)]
    Other,
}

impl Word {
    /// The word.
    pub fn text(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}
