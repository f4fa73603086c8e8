//! What others rely on of the life-cycle service.

use std::collections::BTreeMap;

use kernel::Date;
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
    /// Its place among the versions in the order in which they came, from 1.
    #[serde(default)]
    pub order: u32,
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
    /// `plan_registered`, `running`, `completed`, `superseded`.
    status: String,
    /// Who registered its plan or reported its runs.
    #[serde(default)]
    validators: Vec<String>,
});

impl VerificationRecord {
    /// Whether it still stands: a version has at most one record that does.
    pub fn stands(&self) -> bool {
        self.status != "superseded"
    }
}

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
    /// SHA-256 of its content.
    #[serde(default)]
    hash: Option<String>,
    /// The last day on which its approval holds, where that rests on a waiver.
    #[serde(default)]
    approved_until: Option<Date>,
    /// What it is for: `train`, `validation`, `test`, `input`, `grounding`.
    #[serde(default)]
    roles: Vec<String>,
    /// The document from which it was imported.
    #[serde(default)]
    origin: Option<ImportedFrom>,
});

/// The entry of a document from which a resource or data set was imported.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedFrom {
    /// SHA-256 of the document's bytes.
    #[serde(default)]
    pub document_hash: Option<String>,
    /// Which of its entries, from 1.
    #[serde(default)]
    pub entry: Option<u32>,
}

impl Dataset {
    /// Whether it is approved for use on this day.
    pub fn is_approved_on(&self, day: Date) -> bool {
        self.status == "approved_for_use" && self.approved_until.is_none_or(|last| day <= last)
    }

    /// Whether it may not be used any more, or not now.
    pub fn is_closed(&self) -> bool {
        matches!(self.status.as_str(), "restricted" | "retired")
    }

    /// Whether a model may have learnt from it. One of which nobody says what it is for counts as
    /// such.
    pub fn may_have_trained(&self) -> bool {
        self.roles.is_empty() || self.roles.iter().any(|role| role != "test" && role != "input")
    }
}

view!("resource",
/// A resource as others rely on it.
Resource {
    /// Its name.
    name: String,
    /// `registered`, `approved`, `restricted`, `retired`, `blocked`.
    status: String,
    /// SHA-256 of its bytes.
    #[serde(default)]
    hash: Option<String>,
    /// The document from which it was imported.
    #[serde(default)]
    origin: Option<ImportedFrom>,
});

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
    /// `implemented`, `verified`, `closed`, `rolled_back`, `detected`, `reviewed`.
    #[serde(default)]
    progress: Option<String>,
    /// The label of the system's version that it leads to.
    #[serde(default)]
    to_version: Option<String>,
    /// The monitors whose thresholds it may loosen, by id.
    #[serde(default)]
    monitors: Vec<String>,
});

impl ChangeRequest {
    /// Whether it is approved and has not been rolled back.
    pub fn is_in_force(&self) -> bool {
        self.effective.is_some() && self.progress.as_deref() != Some("rolled_back")
    }

    /// Whether it is in force and names this monitor.
    pub fn may_loosen(&self, monitor: &str) -> bool {
        self.is_in_force() && self.monitors.iter().any(|named| named == monitor)
    }
}

view!("intended_use",
/// Intended use and user information as others rely on it.
IntendedUse {
    /// The system, by id.
    system: String,
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<serde_json::Value>,
    /// When the user information of the version in force was published. A version that was
    /// published before stays with the users until then.
    #[serde(default)]
    published_at: Option<kernel::Instant>,
    /// What holds of the version in force.
    #[serde(default)]
    in_force: Option<UseInForce>,
});

/// The use of a system as it is in force.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UseInForce {
    /// What it may be used for.
    #[serde(default)]
    pub intended_uses: Vec<String>,
    /// Who watches over it, by key.
    #[serde(default)]
    pub oversight: BTreeMap<String, Overseer>,
}

/// A person who watches over a system in use.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overseer {
    /// The member.
    pub who: String,
    /// The competence profile that he must meet, by id.
    pub competence: String,
    /// Whether he can stop the system.
    #[serde(default)]
    pub stop_ability: bool,
}

view!("requirement_set",
/// A requirement set as others rely on it.
RequirementSet {
    /// The system, by id.
    system: String,
    /// The version in force, if any: the baseline.
    #[serde(default)]
    effective: Option<serde_json::Value>,
});

view!("gate_policy",
/// The gate policy as others rely on it.
GatePolicy {
    /// What holds for each check, by its code.
    #[serde(default)]
    rules: BTreeMap<String, GateRule>,
});

/// What a gate policy says of one check.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GateRule {
    /// `block`, `warn`, `off`.
    pub mode: String,
}

impl GatePolicy {
    /// Whether a verification run that began before its criteria were registered is recorded with
    /// a warning (check `g8_preregistration`); else it is refused.
    pub fn warns_of_early_runs(&self) -> bool {
        self.rules.get("g8_preregistration").is_some_and(|rule| rule.mode == "warn")
    }
}
