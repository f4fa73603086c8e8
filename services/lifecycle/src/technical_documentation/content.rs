//! What technical documentation holds: documents by audience, and where Annex IV is met.

use std::collections::BTreeMap;

use declare::record;
use kernel::kinds::AiSystem;
use kernel::values::{Hash, Key, Line, Ref};

/// Which version of which system.
#[record]
#[derive(Default)]
pub struct Subject {
    /// The AI system.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// The label of its version.
    #[field(index)]
    pub system_version: Key,
}

/// What a version of the documentation holds. Input of `redraft`. No correction changes it: who
/// corrects is no author of the version, and could then approve what he wrote.
#[record]
#[derive(Default)]
pub struct Content {
    /// The document for each audience.
    pub audiences: Audiences,
    /// Where each point of Annex IV to the AI Act is met, by point: `1` to `9`.
    #[field(max = 9)]
    pub annex_iv_map: BTreeMap<Key, AnnexReference>,
    /// SHA-256 of the model card.
    pub model_card_hash: Option<Hash>,
}

/// The document for each audience; at least one of them before it is submitted.
#[record]
#[derive(Default)]
pub struct Audiences {
    /// For those who use the system.
    pub user: Option<AudienceDocument>,
    /// For those who build on it or supply it.
    pub partner: Option<AudienceDocument>,
    /// For authorities that supervise it.
    pub authority: Option<AudienceDocument>,
}

/// A document for an audience; its text is kept elsewhere.
#[record]
pub struct AudienceDocument {
    /// SHA-256 of its text.
    pub hash: Hash,
    /// Its title.
    #[field(search)]
    pub title: Line,
    /// Its media type, `application/pdf`.
    #[field(max = 100)]
    pub media_type: Option<Line>,
}

/// Where a point of Annex IV is met.
#[record]
pub struct AnnexReference {
    /// Document and section.
    pub reference: Line,
}

/// Input of `draft`.
#[record]
pub struct DraftDocumentation {
    /// Which version of which system.
    #[field(flatten)]
    pub subject: Subject,
    /// What its documentation holds.
    #[field(flatten)]
    pub content: Content,
}

impl Audiences {
    /// Whether nobody is told anything.
    pub fn is_empty(&self) -> bool {
        self.user.is_none() && self.partner.is_none() && self.authority.is_none()
    }
}
