//! What others rely on of the risk service.

use std::collections::BTreeMap;

use kernel::{Date, Instant};
use serde::Deserialize;

view!("risk_criteria",
/// The risk criteria as others rely on them.
RiskCriteria {
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<CriteriaInForce>,
    /// What each approved version says, by `v` and its number.
    #[serde(default)]
    approved_versions: BTreeMap<String, ApprovedCriteria>,
});

/// Which version of the criteria is in force.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CriteriaInForce {
    /// Its number.
    pub version: u32,
}

/// What an approved version of the criteria says.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApprovedCriteria {
    /// Which scores have which level.
    pub bands: Vec<Band>,
}

/// The scores of one level.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Band {
    /// `low`, `medium`, `high`, `critical`.
    pub level: String,
    /// Lowest score.
    pub from: u32,
    /// Highest score.
    pub to: u32,
}

impl RiskCriteria {
    /// The version in force: its key and what it says.
    pub fn in_force(&self) -> Option<(&str, &ApprovedCriteria)> {
        let key = format!("v{}", self.effective.as_ref()?.version);
        let (key, approved) = self.approved_versions.get_key_value(&key)?;
        Some((key, approved))
    }
}

view!("risk",
/// An AI risk as others rely on it.
Risk {
    /// Its title.
    title: String,
    /// The AI systems that it concerns, by id.
    #[serde(default)]
    systems: Vec<String>,
    /// The member who owns it.
    #[serde(default)]
    owner: Option<String>,
    /// `candidate`, `identified`, `analysed`, `evaluated`, `treatment_planned`, `treated`,
    /// `residual_evaluated`, `accepted`, `closed`.
    status: String,
    /// Its rating before treatment.
    #[serde(default)]
    inherent: Option<Rating>,
    /// Its rating after treatment.
    #[serde(default)]
    residual: Option<Rating>,
    /// Its acceptance while that is in force.
    #[serde(default)]
    acceptance: Option<Acceptance>,
});

/// How large a risk is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rating {
    /// Likelihood times the largest consequence.
    pub score: u32,
    /// `low`, `medium`, `high`, `critical`.
    pub level: String,
}

/// Who accepted a risk, and until when.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acceptance {
    /// Who.
    pub by: String,
    /// Last day on which it holds.
    pub valid_until: Date,
}

view!("treatment_plan",
/// A treatment plan as others rely on it.
TreatmentPlan {
    /// Where it stands in the approval pattern.
    status: String,
    /// The risks that it treats, by id.
    #[serde(default)]
    risks: Vec<String>,
    /// The numbers of the controls that its actions implement.
    #[serde(default)]
    controls: Vec<String>,
});

impl TreatmentPlan {
    /// Whether the plan still asks for its controls.
    pub fn is_live(&self) -> bool {
        !matches!(self.status.as_str(), "draft" | "withdrawn" | "superseded")
    }
}

view!("impact_assessment",
/// An AI system impact assessment as others rely on it.
ImpactAssessment {
    /// The system, by id.
    system: String,
    /// `planned`, `in_progress`, `submitted`, `approved`, `approved_with_conditions`, `rejected`,
    /// `reassessment_required`, `superseded`.
    status: String,
    /// Overall level of the last approved revision: `low`, `medium`, `high`, `critical`.
    #[serde(default)]
    level: Option<String>,
    /// The intended uses that it covers.
    #[serde(default)]
    intended_uses: Vec<String>,
    /// When it must be done again at the latest.
    #[serde(default)]
    next_due: Option<Date>,
    /// When the last revision was approved.
    #[serde(default)]
    approved_at: Option<Instant>,
    /// On what conditions it was approved.
    #[serde(default)]
    conditions: BTreeMap<String, ImpactCondition>,
});

/// A condition on which an impact assessment was approved.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImpactCondition {
    /// When it was met, if it is.
    #[serde(default)]
    pub met_at: Option<Instant>,
}

impl ImpactAssessment {
    /// Whether it is approved and nothing has made it out of date.
    pub fn is_current(&self) -> bool {
        matches!(self.status.as_str(), "approved" | "approved_with_conditions")
    }

    /// Whether all conditions of its approval are met.
    pub fn conditions_met(&self) -> bool {
        self.conditions.values().all(|condition| condition.met_at.is_some())
    }
}

view!("privacy_assessment",
/// A privacy assessment as others rely on it.
PrivacyAssessment {
    /// The system, by id.
    system: String,
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<serde_json::Value>,
});

view!("regulatory_classification",
/// A regulatory classification as others rely on it.
RegulatoryClassification {
    /// The system, by id.
    system: String,
    /// `proposed`, `confirmed`; while a confirmed revision stands, the next one is not seen here.
    status: String,
    /// The regime, such as `eu_ai_act`.
    regime: String,
    /// The code of the class within the regime, such as `high_risk`.
    class: String,
    /// The role of the organisation, such as `provider`.
    role: String,
    /// What the class brings about: `forbidden`, `high_risk`, `transparency`.
    #[serde(default)]
    effects: Vec<String>,
    /// The use by its point in the regime's list, such as `5(b)`.
    #[serde(default)]
    point: Option<String>,
    /// Why a listed use is not of high risk all the same.
    #[serde(default)]
    exemption: Option<serde_json::Value>,
    /// Whether the organisation is a public body or provides public services with the system.
    #[serde(default)]
    public_body: bool,
    /// Whether, by the rules of the day of confirmation, the impact on fundamental rights must be
    /// assessed before first use.
    #[serde(default)]
    fria_required: bool,
    /// Whether, by the rules of that day, the system must be registered.
    #[serde(default)]
    registration_required: bool,
    /// When it was confirmed last.
    #[serde(default)]
    confirmed_at: Option<Instant>,
});

impl RegulatoryClassification {
    /// Whether it is confirmed as it stands.
    pub fn is_confirmed(&self) -> bool {
        self.status == "confirmed"
    }

    /// Whether its class was confirmed, even if a change of role waits for confirmation: duties
    /// such as reporting go on meanwhile.
    pub fn was_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// Whether the system is exempted from its class.
    pub fn is_exempt(&self) -> bool {
        self.exemption.is_some()
    }

    /// Whether its class has this effect.
    pub fn has_effect(&self, effect: &str) -> bool {
        self.effects.iter().any(|known| known == effect)
    }
}
