//! What others rely on of governance and certification.

view!("certificate",
/// A certificate as others rely on it (owner: certification).
Certificate {
    /// Its number.
    number: String,
    /// `issued`, `active`, `suspended`, `scope_reduced`, `withdrawn`, `expired`, `lapsed`.
    status: String,
    /// Documents and evidence that its cycle rests on, by id.
    #[serde(default)]
    rests_on: Vec<String>,
});

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

view!("evidence",
/// Evidence as others rely on it (owner: governance).
Evidence {
    /// `registered`, `verified`, `stale`, `superseded`, `quarantined`, `shredded`.
    status: String,
});

impl Evidence {
    /// Whether it proves something today.
    pub fn is_good(&self) -> bool {
        matches!(self.status.as_str(), "registered" | "verified")
    }
}

view!("soa_control",
/// A control's row in a Statement of Applicability as others rely on it (owner: governance).
SoaControl {
    /// The control's number.
    control: String,
    /// `undecided`, `applicable`, `excluded`.
    decision: String,
    /// `not_started`, `planned`, `partially_implemented`, `implemented`, `not_effective`.
    status: String,
});

view!("aims_change",
/// A change of the management system as others rely on it (owner: governance).
AimsChange {
    /// The version in force, once it is approved.
    #[serde(default)]
    effective: Option<serde_json::Value>,
});
