//! What others rely on of certification.

use std::collections::BTreeMap;

use kernel::{Date, Instant, UserId};
use serde::Deserialize;

view!("certificate",
/// A certificate as others rely on it (owner: certification).
Certificate {
    /// Its number.
    number: String,
    /// `issued`, `active`, `suspended`, `scope_reduced`, `withdrawn`, `expired`, `lapsed`.
    status: String,
    /// Documents and evidence that its cycle rests on, by id.
    #[serde(default)]
    rests_on: Vec<String>,
});

impl Certificate {
    /// Whether its certification cycle runs.
    pub fn is_active(&self) -> bool {
        matches!(self.status.as_str(), "issued" | "active" | "suspended" | "scope_reduced")
    }

    /// Whether its cycle runs and rests on the object of this id.
    pub fn relies_on(&self, id: &str) -> bool {
        self.is_active() && self.rests_on.iter().any(|on| on == id)
    }
}

view!("auditor_engagement",
/// An engagement of a certification body's auditors as others rely on it.
AuditorEngagement {
    /// The certification body, by id (an object of the platform's log).
    body: String,
    /// The users of the body who may read, and write findings, notes and samples.
    #[serde(default)]
    auditors: Vec<UserId>,
    /// `stage1`, `stage2`, `surveillance`, `recertification`, `special`.
    audit_kind: String,
    /// `requested`, `granted`, `active`, `expired`, `revoked`.
    status: String,
    /// When its auditors may read.
    window: EngagementWindow,
    /// Nothing that was recorded later is shown to them; `None` while it is live.
    #[serde(default)]
    as_of_ceiling: Option<Instant>,
});

/// When the auditors of an engagement may read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngagementWindow {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub to: Date,
}

view!("certification_audit",
/// An audit by a certification body as others rely on it.
CertificationAudit {
    /// The certification body, by id.
    body: String,
    /// `stage1`, `stage2`, `surveillance`, `recertification`, `special`.
    audit_kind: String,
    /// The engagement under which it is done, by id.
    #[serde(default)]
    engagement: Option<String>,
    /// Its auditors.
    #[serde(default)]
    team: Vec<UserId>,
    /// `planned`, `in_progress`, `concluded`, `actions_reviewed`, `closed`.
    status: String,
    /// `ready`, `not_ready`, `recommend`, `recommend_after_actions`, `not_recommend`.
    #[serde(default)]
    conclusion: Option<String>,
    /// The rules of the body that hold for it, copied when it was planned.
    #[serde(default)]
    rules: BodyRules,
});

/// The rules by which a certification body deals with nonconformities.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BodyRules {
    /// Days until a nonconformity is answered at the latest.
    pub nc_reply_days: u32,
    /// Days until the correction of a major one is verified at the latest.
    pub major_fix_days: u32,
    /// Whether an accepted plan is enough for a minor one.
    pub minor_plan_ok: bool,
    /// Further limits by name, in days.
    pub further: BTreeMap<String, u32>,
}
