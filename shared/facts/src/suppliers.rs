//! What others rely on of the suppliers service.

use kernel::{Date, UserId};

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
});

impl Contract {
    /// Whether who answers for what is agreed and holds.
    pub fn is_agreed(&self) -> bool {
        matches!(self.status.as_str(), "agreed" | "amended")
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
});
