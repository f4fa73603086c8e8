//! What others rely on of the suppliers service.

use std::collections::BTreeMap;

use kernel::{Date, Instant, UserId};
use serde::Deserialize;

view!("supplier",
/// A supplier as others rely on it.
Supplier {
    /// Its name.
    name: String,
    /// `low`, `medium`, `high`.
    criticality: String,
    /// `prospective`, `under_assessment`, `approved`, `conditionally_approved`, `rejected`,
    /// `suspended`, `terminated`.
    status: String,
    /// The first day on which an open condition is due, while it is approved under conditions.
    #[serde(default)]
    condition_due: Option<Date>,
});

impl Supplier {
    /// Whether its components may be used on this day.
    pub fn is_approved_on(&self, day: Date) -> bool {
        match self.status.as_str() {
            "approved" => true,
            "conditionally_approved" => self.condition_due.is_none_or(|due| day <= due),
            _ => false,
        }
    }
}

view!("supplier_assessment",
/// The assessment of a supplier as others rely on it.
SupplierAssessment {
    /// The supplier, by id.
    supplier: String,
    /// `planned`, `in_progress`, `completed`, `expired`.
    status: String,
    /// Everyone who worked on it.
    #[serde(default)]
    assessors: Vec<UserId>,
    /// From 0 to 100.
    #[serde(default)]
    score: Option<u32>,
    /// When it was completed.
    #[serde(default)]
    completed_at: Option<Instant>,
    /// Last day on which it counts.
    #[serde(default)]
    valid_until: Option<Date>,
});

view!("contract",
/// A contract as others rely on it.
Contract {
    /// The supplier, by id; none for a contract with a customer.
    #[serde(default)]
    supplier: Option<String>,
    /// `draft`, `agreed`, `amended`, `expired`, `terminated`.
    status: String,
    /// First day on which it holds.
    #[serde(default)]
    valid_from: Option<Date>,
    /// Last day on which it holds; none for one without end.
    #[serde(default)]
    valid_until: Option<Date>,
    /// When it was amended last.
    #[serde(default)]
    amended_at: Option<Instant>,
});

impl Contract {
    /// Whether who answers for what is agreed and holds.
    pub fn is_agreed(&self) -> bool {
        matches!(self.status.as_str(), "agreed" | "amended")
    }

    /// The same on this day, whether or not its end was recorded.
    pub fn is_agreed_on(&self, day: Date) -> bool {
        self.is_agreed()
            && self.valid_from.is_none_or(|from| from <= day)
            && self.valid_until.is_none_or(|until| day <= until)
    }
}

view!("supplied_component",
/// A component from a supplier as others rely on it.
SuppliedComponent {
    /// The supplier, by id.
    supplier: String,
    /// Its name.
    name: String,
    /// `proposed`, `accepted`, `version_changed`, `withdrawn`.
    status: String,
    /// The systems that use it, by the system's id.
    #[serde(default)]
    used_by: BTreeMap<String, ComponentUse>,
});

/// Which versions of a system use a component.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentUse {
    /// The system, by id.
    pub system: String,
    /// The labels of its versions.
    #[serde(default)]
    pub system_versions: Vec<String>,
}

view!("supplier_corrective_action",
/// A corrective action demanded of a supplier as others rely on it.
SupplierCorrectiveAction {
    /// The supplier, by id.
    supplier: String,
    /// `requested`, `answered`, `implemented`, `verified`, `rejected`, `overdue`.
    status: String,
});

view!("customer_expectation",
/// What a customer expects as others rely on it.
CustomerExpectation {
    /// The customer.
    customer: String,
    /// `captured`, `assessed`, `adopted`, `declined`, `met`, `broken`.
    status: String,
    /// The systems that it is about, by id.
    #[serde(default)]
    systems: Vec<String>,
});
