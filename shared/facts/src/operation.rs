//! What others rely on of the life-cycle service once a system is in operation.

use std::collections::BTreeMap;

use serde::Deserialize;

view!("event_log_policy",
/// An event-log policy as others rely on it.
EventLogPolicy {
    /// The system, by id.
    system: String,
    /// `defined`, `active`, `gap`, `retired`.
    status: String,
});

view!("monitor",
/// A monitor as others rely on it.
Monitor {
    /// The system, by id.
    system: String,
    /// `armed`, `alerting`, `acknowledged`, `resolved`, `paused`, `closed`.
    status: String,
});

view!("incident",
/// An incident as others rely on it.
Incident {
    /// The system, by id.
    system: String,
    /// The label of the system's version.
    #[serde(default)]
    system_version: Option<String>,
    /// `minor`, `major`, `serious`.
    severity: String,
    /// `reported`, `triaged`, `contained`, `investigating`, `resolved`, `closed`, `duplicate`,
    /// `not_an_incident`.
    status: String,
    /// Whether it is a breach of personal data.
    #[serde(default)]
    personal_data_breach: bool,
    /// When the organisation became aware of it.
    #[serde(default)]
    aware_at: kernel::Instant,
    /// Its regulatory clocks by the rule's key.
    #[serde(default)]
    clocks: BTreeMap<String, IncidentClock>,
});

/// A regulatory clock of an incident.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IncidentClock {
    /// When the report is due at the latest.
    pub due: kernel::Instant,
    /// When it was met.
    #[serde(default)]
    pub met_at: Option<kernel::Instant>,
    /// When it was lifted because its rule no longer applied.
    #[serde(default)]
    pub lifted_at: Option<kernel::Instant>,
}

impl IncidentClock {
    /// Whether a report is still owed.
    pub fn is_running(&self) -> bool {
        self.met_at.is_none() && self.lifted_at.is_none()
    }
}

impl Incident {
    /// Whether it was ended as no incident of its own.
    pub fn is_dismissed(&self) -> bool {
        matches!(self.status.as_str(), "duplicate" | "not_an_incident")
    }

    /// Whether its cause is still being looked for.
    pub fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "reported" | "triaged" | "contained" | "investigating")
    }
}

view!("external_report",
/// An external report as others rely on it.
ExternalReport {
    /// The incident, by id.
    #[serde(default)]
    incident: Option<String>,
    /// The code of the regulatory rule that demands it.
    #[serde(default)]
    rule: Option<String>,
    /// `initial`, `complete`, `follow_up`.
    report_kind: String,
    /// `due`, `drafted`, `released`, `submitted`, `acknowledged`, `missed`, `withdrawn`.
    status: String,
    /// When the recipient got it.
    #[serde(default)]
    submitted_at: Option<kernel::Instant>,
});

impl ExternalReport {
    /// Whether the recipient has it.
    pub fn is_submitted(&self) -> bool {
        matches!(self.status.as_str(), "submitted" | "acknowledged")
    }
}

view!("reporting_channel",
/// A reporting channel as others rely on it.
ReportingChannel {
    /// `internal`, `external`.
    audience: String,
    /// Who receives its concerns, in this order.
    #[serde(default)]
    handlers: Vec<kernel::UserId>,
    /// Whether a reporter may stay unnamed.
    #[serde(default)]
    accepts_anonymous: bool,
    /// Days until a concern is acknowledged at the latest.
    ack_days: u32,
    /// Days until it is answered at the latest.
    answer_days: u32,
    /// `published`, `withdrawn`.
    status: String,
});

impl ReportingChannel {
    /// Whether concerns can be reported through it.
    pub fn is_open(&self) -> bool {
        self.status == "published"
    }
}
