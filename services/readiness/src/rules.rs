//! What an organisation may set of its readiness, and what holds where it sets nothing.

use crate::rows::governance::{Rules as Set, Weights};

/// What holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// For how many months records must reach back before stage 2.
    pub months_of_records: u32,
    /// The share of applicable controls that must be implemented before stage 2, in percent.
    pub implementation_threshold: u32,
    /// How many days evidence counts that says nothing of it.
    pub evidence_fresh_days: u32,
    /// Weights of the index, in percent.
    pub weights: Weights,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            months_of_records: 3,
            implementation_threshold: 85,
            evidence_fresh_days: 365,
            weights: Weights {
                clause_coverage: 30,
                control_implementation: 25,
                control_proof: 15,
                impact_assessments: 10,
                nonconformities: 10,
                document_currency: 5,
                supplier_assurance: 5,
            },
        }
    }
}

impl Rules {
    /// What an organisation sets, and what holds anyway for the rest.
    pub(crate) fn of(set: Option<&Set>) -> Self {
        let usual = Self::default();
        let Some(set) = set else { return usual };
        Self {
            months_of_records: set.months_of_records.unwrap_or(usual.months_of_records),
            implementation_threshold: set
                .implementation_threshold
                .unwrap_or(usual.implementation_threshold),
            evidence_fresh_days: set.evidence_fresh_days.unwrap_or(usual.evidence_fresh_days),
            weights: set.weights.clone().unwrap_or(usual.weights),
        }
    }
}
