//! Facts between services: small typed views over named fields of other services' documents. Anyone
//! reads them from the shared store at one position; the owners keep the fields (a test binds
//! them).

use kernel::Fact;
use serde::Deserialize;

/// An AI system as others rely on it (owner: lifecycle).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AiSystem {
    /// Its name.
    pub name: String,
    /// The organisational units that run it.
    #[serde(default)]
    pub org_units: Vec<String>,
    /// Whether it belongs to the AIMS.
    #[serde(default)]
    pub in_scope: bool,
}

impl Fact for AiSystem {
    const KIND: &'static str = "ai_system";
}

/// A treatment plan as others rely on it (owner: risk).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TreatmentPlan {
    /// Where it stands in the approval pattern.
    pub status: String,
    /// The numbers of the controls that its actions implement.
    #[serde(default)]
    pub controls: Vec<String>,
}

impl Fact for TreatmentPlan {
    const KIND: &'static str = "treatment_plan";
}

impl TreatmentPlan {
    /// Whether the plan still asks for its controls.
    pub fn is_live(&self) -> bool {
        !matches!(self.status.as_str(), "draft" | "withdrawn" | "superseded")
    }
}

/// A certificate as others rely on it (owner: certification).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Its number.
    pub number: String,
    /// `issued`, `active`, `suspended`, `scope_reduced`, `withdrawn`, `expired`, `lapsed`.
    pub status: String,
    /// Documents and evidence that its cycle rests on, by id.
    #[serde(default)]
    pub rests_on: Vec<String>,
}

impl Fact for Certificate {
    const KIND: &'static str = "certificate";
}

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
