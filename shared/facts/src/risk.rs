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
    /// Its acceptance, until that ends.
    #[serde(default)]
    acceptance: Option<Acceptance>,
    /// Since when and why the acceptance no longer fits the risk.
    #[serde(default)]
    acceptance_stale: Option<Stale>,
});

impl Risk {
    /// Whether it is neither a mere candidate nor closed.
    pub fn is_open(&self) -> bool {
        !matches!(self.status.as_str(), "candidate" | "closed")
    }

    /// Whether it concerns the system of this id.
    pub fn concerns(&self, system: &str) -> bool {
        self.systems.iter().any(|known| known == system)
    }

    /// How large it is now: after treatment where that was rated, before treatment otherwise.
    pub fn current(&self) -> Option<&Rating> {
        self.residual.as_ref().or(self.inherent.as_ref())
    }

    /// Whether on this day somebody's acceptance covers it as it is: it is not critical, not
    /// rated higher than what was accepted, and concerns no system more.
    pub fn has_valid_acceptance(&self, on: Date) -> bool {
        let (Some(acceptance), Some(rating)) = (&self.acceptance, self.current()) else {
            return false;
        };
        let wider = self.acceptance_stale.as_ref().is_some_and(Stale::is_for_more_systems);
        let covers = rating.score <= acceptance.score && !rating.is_critical();
        self.is_open() && on <= acceptance.valid_until && covers && !wider
    }
}

/// How large a risk is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rating {
    /// Likelihood times the largest consequence.
    pub score: u32,
    /// `low`, `medium`, `high`, `critical`.
    pub level: String,
}

impl Rating {
    /// Whether its level is the highest.
    pub fn is_critical(&self) -> bool {
        self.level == "critical"
    }
}

/// Who accepted a risk, and until when.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acceptance {
    /// Who.
    pub by: String,
    /// The score that was accepted.
    #[serde(default)]
    pub score: u32,
    /// Last day on which it holds.
    pub valid_until: Date,
}

/// Why an acceptance no longer fits the risk.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stale {
    /// `analysed_again`, `residual_evaluated`, `owner_changed`, `systems_added`.
    #[serde(default)]
    pub because: Vec<String>,
}

impl Stale {
    fn is_for_more_systems(&self) -> bool {
        self.because.iter().any(|reason| reason == "systems_added")
    }
}

view!("treatment_plan",
/// A treatment plan as others rely on it.
TreatmentPlan {
    /// Where its working version stands in the approval pattern.
    status: String,
    /// The risks that the working version treats, by id.
    #[serde(default)]
    risks: Vec<String>,
    /// The numbers of the controls that its actions implement: those of the working version and of
    /// the one in force.
    #[serde(default)]
    controls: Vec<String>,
    /// How far the version in force is carried out: `not_started`, `in_progress`, `completed`,
    /// `effectiveness_verified`, `ineffective`.
    #[serde(default)]
    progress: String,
    /// The version in force, if any.
    #[serde(default)]
    in_force: Option<PlanInForce>,
});

/// The version of a treatment plan that is in force.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanInForce {
    /// Its number.
    pub version: u32,
    /// The risks that it treats, by id.
    #[serde(default)]
    pub risks: Vec<String>,
    /// Its actions by key.
    #[serde(default)]
    pub actions: std::collections::BTreeMap<String, PlanAction>,
}

/// An action of a treatment plan in force.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanAction {
    /// When it must be done.
    pub due: Date,
    /// Whether the risk cannot be accepted without it.
    #[serde(default)]
    pub mandatory: bool,
    /// `open`, `overdue`, `done`.
    pub status: String,
}

impl TreatmentPlan {
    /// Whether the plan still asks for its controls.
    pub fn is_live(&self) -> bool {
        self.in_force.is_some()
            || !matches!(self.status.as_str(), "draft" | "withdrawn" | "superseded")
    }

    /// Whether its version in force treats the risk of this id.
    pub fn treats(&self, risk: &str) -> bool {
        let risks = self.in_force.iter().flat_map(|in_force| &in_force.risks);
        risks.into_iter().any(|known| known == risk)
    }

    /// Whether its version in force was carried out and not found ineffective.
    pub fn is_carried_out(&self) -> bool {
        self.in_force.is_some()
            && matches!(self.progress.as_str(), "completed" | "effectiveness_verified")
    }

    /// How many mandatory actions of its version in force are not done; of those due on or before a
    /// day, where one is given.
    pub fn open_mandatory(&self, due_by: Option<Date>) -> usize {
        let actions = self.in_force.iter().flat_map(|in_force| in_force.actions.values());
        let open = actions.filter(|action| action.mandatory && action.status != "done");
        open.filter(|action| due_by.is_none_or(|day| action.due <= day)).count()
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
