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
    /// How many calendar months an entry of the log is kept.
    #[serde(default)]
    retention_months: u32,
});

view!("monitor",
/// A monitor as others rely on it.
Monitor {
    /// The system, by id.
    system: String,
    /// Its name.
    #[serde(default)]
    name: String,
    /// `armed`, `alerting`, `acknowledged`, `resolved`, `paused`, `closed`.
    status: String,
    /// What it measures, by key.
    #[serde(default)]
    metrics: BTreeMap<String, MonitorMetric>,
    /// Its open alerts, by key.
    #[serde(default)]
    alerts: BTreeMap<String, MonitorAlert>,
});

/// A metric of a monitor.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MonitorMetric {
    /// Its name.
    pub name: String,
    /// `performance`, `drift`, `fairness`, `safety`, `cost`, `usage`, `override_rate`,
    /// `complaints`.
    pub metric_kind: String,
}

/// An open alert of a monitor.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MonitorAlert {
    /// Key of the metric.
    pub metric: String,
    /// `normal`, `warn`, `breach`, `critical`.
    pub level: String,
}

impl Monitor {
    /// Its name and that of one of its metrics.
    pub fn title_of(&self, metric: &str) -> String {
        let metric = self.metrics.get(metric).map_or(metric, |known| &known.name);
        format!("{}, {metric}", self.name)
    }
}

view!("concern",
/// A concern as others rely on it: how many there are and how they are dealt with; nothing of what
/// they say or of who reported them.
Concern {
    /// The AI system that it is about, by id.
    #[serde(default)]
    system: Option<String>,
    /// When it was reported.
    received_at: kernel::Instant,
    /// `received`, `acknowledged`, `under_review`, `escalated`, `resolved`, `closed`.
    #[serde(default)]
    status: String,
    /// Who looks into it; nobody while nobody without a conflict of interest was found.
    #[serde(default)]
    handler: Option<kernel::UserId>,
    /// When it is to be acknowledged at the latest.
    #[serde(default)]
    ack_due: kernel::Instant,
    /// When it is to be answered at the latest.
    #[serde(default)]
    answer_due: kernel::Instant,
    /// When it was acknowledged.
    #[serde(default)]
    acknowledged_at: Option<kernel::Instant>,
    /// The answer that the reporter got.
    #[serde(default)]
    reply: Option<serde_json::Value>,
});

view!("incident",
/// An incident as others rely on it.
Incident {
    /// The system, by id.
    system: String,
    /// The label of the system's version.
    #[serde(default)]
    system_version: Option<String>,
    /// What happened, in a line.
    #[serde(default)]
    title: String,
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
    /// Who was harmed, by key.
    #[serde(default)]
    harm: BTreeMap<String, serde_json::Value>,
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
    /// Whether the law may ask for a report on it.
    pub fn may_be_reportable(&self) -> bool {
        self.severity == "serious" || self.personal_data_breach
    }

    /// Whether it was ended as no incident of its own.
    pub fn is_dismissed(&self) -> bool {
        matches!(self.status.as_str(), "duplicate" | "not_an_incident")
    }

    /// Whether it was closed or dismissed: nothing more is done about it.
    pub fn has_ended(&self) -> bool {
        self.is_dismissed() || self.status == "closed"
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
    /// Who gets it.
    #[serde(default)]
    recipient: String,
    /// `initial`, `complete`, `follow_up`.
    report_kind: String,
    /// When it is due at the latest.
    #[serde(default)]
    due: Option<kernel::Instant>,
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
