//! What others rely on of governance: audits, findings, nonconformities, reviews.

use kernel::{Date, Instant};

view!("internal_audit",
/// An internal audit as others rely on it.
InternalAudit {
    /// `planned`, `in_progress`, `reported`, `closed`, `cancelled`.
    status: String,
    /// When it was reported.
    #[serde(default)]
    reported_at: Option<Instant>,
});

impl InternalAudit {
    /// Whether its report stands.
    pub fn is_reported(&self) -> bool {
        matches!(self.status.as_str(), "reported" | "closed")
    }
}

view!("audit_finding",
/// A finding of an audit as others rely on it.
AuditFinding {
    /// The internal or certification audit, by id.
    audit: String,
    /// `internal`, `stage1`, `stage2`, `surveillance`, `recertification`, `special`.
    source: String,
    /// `ungraded`, `area_of_concern`, `major`, `minor`, `ofi`, `positive`.
    grade: String,
    /// `raised`, `accepted`, `disputed`, `answered`, `verified`, `closed`.
    status: String,
    /// Number of the clause or control that it is about.
    #[serde(default)]
    requirement: Option<String>,
    /// The nonconformity that answers it, by id.
    #[serde(default)]
    linked_nc: Option<String>,
});

view!("nonconformity",
/// A nonconformity as others rely on it.
Nonconformity {
    /// `major`, `minor`.
    grade: String,
    /// `raised`, `contained`, `cause_found`, `actions_planned`, `actions_done`,
    /// `effectiveness_verified`, `closed`, `rejected`.
    status: String,
    /// The AI system that it is about, by id.
    #[serde(default)]
    system: Option<String>,
    /// The finding that it answers, by id.
    #[serde(default)]
    finding: Option<String>,
});

impl Nonconformity {
    /// Whether something is still to be done about it.
    pub fn is_open(&self) -> bool {
        !matches!(self.status.as_str(), "closed" | "rejected")
    }

    /// Whether its correction was found to work.
    pub fn is_verified(&self) -> bool {
        matches!(self.status.as_str(), "effectiveness_verified" | "closed")
    }
}

view!("management_review",
/// A management review as others rely on it.
ManagementReview {
    /// `scheduled`, `inputs_frozen`, `held`, `actions_closed`.
    status: String,
    /// When it was held.
    #[serde(default)]
    held_on: Option<Date>,
    /// Its decisions by key.
    #[serde(default)]
    decisions: std::collections::BTreeMap<String, serde_json::Value>,
});

impl ManagementReview {
    /// Whether it was held.
    pub fn is_held(&self) -> bool {
        matches!(self.status.as_str(), "held" | "actions_closed")
    }
}
