//! What is said of a file when it is registered as evidence.

use declare::{record, words};
use kernel::values::{Hash, Line, Ref};
use kernel::{Context, Date, Instant, Need, UserId, kinds};

use super::{Evidence, EvidenceStatus, Refusal};
use crate::document::Classification;

/// Input of `register`, and what was registered.
#[record]
#[derive(Default)]
pub struct File {
    /// SHA-256 of its bytes.
    #[field(index)]
    pub sha256: Hash,
    /// Length in bytes.
    pub size: u64,
    /// Media type, `application/pdf`.
    #[field(max = 100)]
    pub media_type: Line,
    /// Name of the file. Public text, not sealed: people find and sort evidence by it. It must
    /// name no person; `correct` renames it.
    #[field(index, search, correctable)]
    pub filename: Line,
    /// Where the bytes are kept.
    pub storage_uri: Option<Line>,
    /// When it came to be.
    #[field(correctable)]
    pub captured_at: Option<Instant>,
    /// How it came here.
    pub source: EvidenceSource,
    /// Who may see it.
    #[field(correctable)]
    pub classification: Classification,
    /// The last day on which it proves anything; for ever when left out.
    #[field(index, correctable)]
    pub fresh_until: Option<Date>,
    /// The last day on which it must be kept.
    #[field(index)]
    pub retention_until: Option<Date>,
    /// The evidence whose place it takes.
    pub supersedes: Option<Ref<kinds::Evidence>>,
}

/// How evidence came here.
#[words]
#[derive(Default)]
pub enum EvidenceSource {
    /// A person uploaded it.
    #[default]
    Upload,
    /// Another system sent it.
    Integration,
    /// Annals made it.
    Generated,
}

/// Evidence was registered.
#[record]
pub struct Registered {
    /// Who registered it.
    pub by: UserId,
    /// The file.
    pub file: File,
}

impl File {
    /// What must be known to register it.
    pub(super) fn needs(&self) -> Vec<Need> {
        let same = Need::Where("evidence", "sha256", self.sha256.to_string());
        let old = self.supersedes.iter().map(|old| Need::Object(old.id().to_owned()));
        old.chain([same]).collect()
    }

    pub(super) fn register(self, context: &Context) -> Result<Registered, Refusal> {
        let known = context.facts.all::<Evidence>();
        let same = known
            .iter()
            .find(|(_, e)| e.file.sha256 == self.sha256 && e.status != EvidenceStatus::Shredded);
        if let Some((id, _)) = same {
            return Err(Refusal::Duplicate { id: id.clone(), at: "/sha256" });
        }
        let old = self.supersedes.as_ref();
        if let Some(old) = old.filter(|old| !context.facts.exists(old.id())) {
            return Err(Refusal::UnknownTarget { target: old.id().to_owned() });
        }
        Ok(Registered { by: context.user(), file: self })
    }
}
