//! Risk: criteria, AI risks, treatment plans, impact and privacy assessments, regulatory
//! classification and the rules behind it.

mod control;
pub mod impact_assessment;
pub mod privacy_assessment;
pub mod regulatory_classification;
pub mod risk;
pub mod risk_criteria;
pub mod rule_set;
pub mod treatment_plan;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<risk_criteria::RiskCriteria>(),
        kind::<risk::Risk>(),
        kind::<treatment_plan::TreatmentPlan>(),
        kind::<impact_assessment::ImpactAssessment>(),
        kind::<privacy_assessment::PrivacyAssessment>(),
        kind::<regulatory_classification::RegulatoryClassification>(),
        kind::<rule_set::RuleSet>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
