//! Risk: criteria, AI risks, treatment plans, impact and privacy assessments, regulatory
//! classification and the rules behind it.

pub mod impact_assessment;
pub mod privacy_assessment;
pub mod regulatory_classification;
pub mod rule_set;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<impact_assessment::ImpactAssessment>(),
        kind::<privacy_assessment::PrivacyAssessment>(),
        kind::<regulatory_classification::RegulatoryClassification>(),
        kind::<rule_set::RuleSet>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
