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
    /// Which part of the records they may read.
    #[serde(default)]
    scope: EngagementScope,
    /// What is withheld from them, by key.
    #[serde(default)]
    redactions: BTreeMap<String, EngagementRedaction>,
});

/// Which part of the records the auditors of an engagement may read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EngagementScope {
    /// Services whose records are shown; all when it is empty.
    pub services: Vec<String>,
    /// AI systems, by id: of what is about a system, only what is about these; all when it is
    /// empty.
    pub systems: Vec<String>,
}

/// Something withheld from the auditors of an engagement.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngagementRedaction {
    /// The object, by id.
    #[serde(default)]
    pub object: Option<String>,
    /// The kind, by name.
    #[serde(default)]
    pub object_kind: Option<String>,
}

impl AuditorEngagement {
    /// Whether its auditors may read and write on a day.
    pub fn is_open_on(&self, day: Date) -> bool {
        matches!(self.status.as_str(), "granted" | "active")
            && self.window.from <= day
            && day <= self.window.to
    }

    /// Whether it withholds an object of a kind.
    pub fn withholds(&self, kind: &str, id: &str) -> bool {
        self.redactions.values().any(|redaction| {
            redaction.object.as_deref() == Some(id)
                || redaction.object_kind.as_deref() == Some(kind)
        })
    }
}

view!("certification_body",
/// A certification body as others rely on it (in the installation's log).
CertificationBody {
    /// Its people, by user id.
    #[serde(default)]
    people: BTreeMap<String, BodyPerson>,
});

/// Somebody who acts for a certification body.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BodyPerson {
    /// `auditor`, `decision_maker`.
    pub role: String,
    /// The day from which he no longer acts for it.
    #[serde(default)]
    pub ended_on: Option<Date>,
}

impl CertificationBody {
    /// What a person does for it today; `None` when he does not act for it.
    pub fn role_of(&self, user: &str) -> Option<&str> {
        let person = self.people.get(user).filter(|person| person.ended_on.is_none())?;
        Some(&person.role)
    }
}

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
