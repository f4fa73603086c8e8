//! Suppliers: the third parties of an AI management system, their assessment, contracts, components
//! and corrective actions, and what customers expect.

pub mod contract;
pub mod customer_expectation;
pub mod questionnaire;
pub mod questionnaire_chapter;
#[cfg(test)]
mod samples;
pub mod supplied_component;
pub mod supplier;
pub mod supplier_assessment;
pub mod supplier_corrective_action;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<supplier::Supplier>(),
        kind::<questionnaire::Questionnaire>(),
        kind::<questionnaire_chapter::QuestionnaireChapter>(),
        kind::<supplier_assessment::SupplierAssessment>(),
        kind::<contract::Contract>(),
        kind::<supplied_component::SuppliedComponent>(),
        kind::<supplier_corrective_action::SupplierCorrectiveAction>(),
        kind::<customer_expectation::CustomerExpectation>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
