//! What others rely on of governance: statements, evidence, changes.

view!("evidence",
/// Evidence as others rely on it (owner: governance).
Evidence {
    /// `registered`, `verified`, `stale`, `superseded`, `quarantined`, `shredded`.
    status: String,
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    #[serde(default)]
    sha256: String,
    /// Length in bytes.
    #[serde(default)]
    size: u64,
    /// Media type.
    #[serde(default)]
    media_type: String,
    /// Name of the file.
    #[serde(default)]
    filename: String,
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
    /// The statement that it belongs to, by id.
    #[serde(default)]
    soa: String,
    /// What proves its implementation, by id.
    #[serde(default)]
    evidence: Vec<String>,
    /// The statement's catalogue, by id.
    catalogue: String,
    /// The control's number.
    control: String,
    /// `undecided`, `applicable`, `excluded`.
    decision: String,
    /// `not_started`, `planned`, `partially_implemented`, `implemented`, `not_effective`.
    status: String,
    /// Who answers for it.
    #[serde(default)]
    owner: Option<kernel::UserId>,
});

view!("aims_change",
/// A change of the management system as others rely on it (owner: governance).
AimsChange {
    /// The version in force, once it is approved.
    #[serde(default)]
    effective: Option<serde_json::Value>,
    /// What the version in force says that it touches.
    #[serde(default)]
    approved: Option<AffectedByChange>,
    /// `planned`, `implemented`, `reviewed`.
    #[serde(default)]
    progress: String,
});

/// What a change of the management system touches.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffectedByChange {
    /// The scope.
    #[serde(default)]
    pub scope: bool,
    /// The risk criteria.
    #[serde(default)]
    pub criteria: bool,
    /// Key roles, by name.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl AimsChange {
    /// What it touches, while it is approved and not yet reviewed: then its time is over.
    pub fn touches(&self) -> Option<&AffectedByChange> {
        let open = self.effective.is_some() && self.progress != "reviewed";
        self.approved.as_ref().filter(|_| open)
    }
}

/// A version in force in the approval pattern.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InForce {
    /// Its number.
    pub version: u32,
    /// When it was approved.
    pub approved_at: kernel::Instant,
}

view!("scope",
/// The scope of the AIMS as others rely on it.
Scope {
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<InForce>,
});

view!("soa",
/// A Statement of Applicability as others rely on it.
Soa {
    /// The catalogue of its controls, by id.
    catalogue: String,
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<InForce>,
});

impl Soa {
    /// Whether it is the statement on ISO/IEC 42001, on which a certificate rests; a tenant may
    /// have others on other catalogues.
    pub fn is_on_the_standard(&self) -> bool {
        self.catalogue == "iso42001-2023"
    }
}

view!("document",
/// A controlled document as others rely on it.
Document {
    /// Its title.
    title: String,
    /// The version in force, if any.
    #[serde(default)]
    effective: Option<serde_json::Value>,
});
