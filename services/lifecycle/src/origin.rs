//! Where an imported register entry comes from.

use declare::record;
use kernel::Need;
use kernel::values::{Hash, Line};

/// The document from which an entry was imported, such as a CycloneDX bill of materials or a model
/// card. What a source does not say is left out, and demanded when the entry is approved.
#[record]
#[derive(Default)]
pub struct Origin {
    /// Its format, such as `CycloneDX 1.6`.
    pub format: Line,
    /// Its name or serial number.
    pub document: Option<Line>,
    /// SHA-256 of its bytes.
    pub document_hash: Option<Hash>,
    /// Which entry of the document it is, counted from 1: no entry is imported twice.
    pub entry: Option<u32>,
    /// Where it was taken from.
    pub source: Option<Line>,
    /// The licence under which it is given.
    pub licence: Option<Line>,
}

impl Origin {
    /// The entries of the same name: among them is one that was imported already.
    pub(crate) fn need(kind: &'static str, name: &Line, origin: Option<&Self>) -> Option<Need> {
        origin.and_then(Self::place).map(|_| Need::Where(kind, "name", name.to_string()))
    }

    /// Whether both are the same entry of the same document.
    pub(crate) fn is_same(&self, known: Option<&facts::ImportedFrom>) -> bool {
        let known = known.and_then(|known| Some((known.document_hash.as_deref()?, known.entry?)));
        known.is_some() && known == self.place()
    }

    fn place(&self) -> Option<(&str, u32)> {
        Some((self.document_hash.as_ref()?.as_str(), self.entry?))
    }
}
