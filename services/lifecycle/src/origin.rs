//! Where an imported register entry comes from.

use declare::record;
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
    /// Where it was taken from.
    pub source: Option<Line>,
    /// The licence under which it is given.
    pub licence: Option<Line>,
}
