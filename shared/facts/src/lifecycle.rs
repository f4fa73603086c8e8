//! What others rely on of the life-cycle service.

use std::collections::BTreeMap;

use serde::Deserialize;

view!("ai_system",
/// An AI system as others rely on it.
AiSystem {
    /// Its name.
    name: String,
    /// The member who answers for it.
    #[serde(default)]
    owner: Option<String>,
    /// The organisational units that run it.
    #[serde(default)]
    org_units: Vec<String>,
    /// Whether it belongs to the AIMS.
    #[serde(default)]
    in_scope: bool,
    /// `built`, `bought`, `hybrid`.
    #[serde(default)]
    origin: String,
    /// The stage of its running version, or of its newest one: `inception`,
    /// `design_and_development`, `verification_and_validation`, `deployment`,
    /// `operation_and_monitoring`, `re_evaluation`, `retirement`.
    #[serde(default)]
    stage: String,
    /// `stopped`, `running`, `restricted`, `suspended`.
    #[serde(default)]
    operation_status: String,
    /// Its versions by label.
    #[serde(default)]
    versions: BTreeMap<String, SystemVersion>,
});

/// One version of an AI system.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemVersion {
    /// Its stage, in the words of [`AiSystem::stage`].
    pub stage: String,
    /// `in_preparation`, `running`, `stopped`, `retired`.
    pub status: String,
    /// Who develops it.
    #[serde(default)]
    pub developers: Vec<String>,
    /// The data sets that it uses, by id.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// The models, tools and other resources that it uses, by id.
    #[serde(default)]
    pub resources: Vec<String>,
}

impl AiSystem {
    /// Whether a version of it runs, if only with restrictions.
    pub fn is_running(&self) -> bool {
        matches!(self.operation_status.as_str(), "running" | "restricted")
    }

    /// Whether its life has ended.
    pub fn is_retired(&self) -> bool {
        self.stage == "retirement"
    }
}

view!("stage_gate",
/// A gate as others rely on it.
StageGate {
    /// The system, by id.
    system: String,
    /// The label of the system's version.
    system_version: String,
    /// The stage that it leads to.
    to: String,
    /// `requested`, `evaluated`, `passed`, `refused`, `expired`.
    status: String,
});

view!("design_record",
/// A design record as others rely on it.
DesignRecord {
    /// The system, by id.
    system: String,
    /// The label of the system's version.
    system_version: String,
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<serde_json::Value>,
});

view!("technical_documentation",
/// Technical documentation as others rely on it.
TechnicalDocumentation {
    /// The system, by id.
    system: String,
    /// The label of the system's version.
    system_version: String,
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<serde_json::Value>,
});

view!("verification_record",
/// A verification record as others rely on it.
VerificationRecord {
    /// The system, by id.
    system: String,
    /// The label of the system's version.
    system_version: String,
    /// `pass`, `fail`, `conditional`, once completed.
    #[serde(default)]
    outcome: Option<String>,
    /// Whether every run began after its criteria were registered.
    #[serde(default)]
    criteria_first: bool,
    /// Whether it still stands.
    status: String,
});

view!("dataset",
/// A data set as others rely on it.
Dataset {
    /// Its name.
    name: String,
    /// `registered`, `provenance_recorded`, `quality_assessed`, `approved_for_use`, `restricted`,
    /// `retired`.
    status: String,
    /// Whether it holds personal data.
    #[serde(default)]
    personal_data: bool,
});

view!("resource",
/// A resource as others rely on it.
Resource {
    /// Its name.
    name: String,
    /// `registered`, `approved`, `restricted`, `retired`, `blocked`.
    status: String,
});

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
});

impl Incident {
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
    /// `due`, `drafted`, `released`, `submitted`, `acknowledged`, `missed`.
    status: String,
});

impl ExternalReport {
    /// Whether the recipient has it.
    pub fn is_submitted(&self) -> bool {
        matches!(self.status.as_str(), "submitted" | "acknowledged")
    }
}

view!("change_request",
/// A change request as others rely on it.
ChangeRequest {
    /// The system, by id.
    system: String,
    /// `data`, `model`, `prompt`, `config`, `context`, `purpose`, `supplier`, `infra`.
    change_kind: String,
    /// `minor`, `significant`, `substantial`.
    class: String,
    /// The version in force, once it is approved.
    #[serde(default)]
    effective: Option<serde_json::Value>,
});

view!("intended_use",
/// Intended use and user information as others rely on it.
IntendedUse {
    /// The system, by id.
    system: String,
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<serde_json::Value>,
    /// When the user information of the version in force was published.
    #[serde(default)]
    published_at: Option<kernel::Instant>,
});
