//! What is said of a catalogue's coverage: the answer, its items, the leads to each, the counts.

use declare::record;
use kernel::values::{Key, Line, Number, Ref};
use kernel::{Date, Position, kinds};
use reference::catalogue::ItemKind;
use reference::mapping::{Confidence, Relation};

use super::{CoveredBy, Standing};
use crate::soa_control::{ControlStatus, Decision};

/// How far a catalogue is covered, as of one position.
#[record]
pub struct CatalogueCoverage {
    /// Id of the catalogue.
    pub catalogue: Key,
    /// Its title.
    pub title: Line,
    /// Its edition.
    pub edition: Line,
    /// The position as of which the records were read.
    pub as_of_position: Position,
    /// The day on which evidence must be fresh.
    pub day: Date,
    /// The Statements of Applicability that were looked at: the catalogue's, and those of
    /// catalogues that are mapped to it.
    pub statements: Vec<CoverageStatement>,
    /// Whether all evidence was looked at.
    pub complete: bool,
    /// How many items stand how, by kind of item; headings are not counted.
    pub counts: Vec<CoverageCount>,
    /// A page of its items, in order.
    pub items: Vec<CoveredItem>,
    /// Where the next page begins, if there is one.
    pub next: Option<Line>,
}

/// A Statement of Applicability that coverage rests on.
#[record]
pub struct CoverageStatement {
    /// The statement.
    pub soa: Ref<kinds::Soa>,
    /// Id of its catalogue.
    pub catalogue: Key,
    /// The approved version, whose rows count; none where no version is in force and the working
    /// copy counts.
    pub approved_version: Option<u32>,
    /// The position as of which its rows were read.
    pub rows_position: Position,
}

/// An item and what covers it.
#[record]
pub struct CoveredItem {
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: Line,
    /// What it is.
    pub item_kind: ItemKind,
    /// Number of the item that it belongs to.
    pub parent: Option<Number>,
    /// What covers it.
    pub covered_by: CoveredBy,
    /// What is known of the item itself.
    pub standing: Standing,
    /// What the statement decides.
    pub decision: Option<Decision>,
    /// How far the statement says it is implemented.
    pub status: Option<ControlStatus>,
    /// Its row in the statement.
    pub row: Option<Ref<kinds::SoaControl>>,
    /// Its fresh evidence.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Kinds of objects whose events evidence it.
    pub recorded_by: Vec<Line>,
    /// Items that are mapped to it, the best lead first.
    pub through: Vec<CoverageLead>,
}

/// An item of a catalogue that leads to another item.
#[record]
pub struct CoverageLead {
    /// Id of its catalogue.
    pub catalogue: Key,
    /// Its number.
    pub number: Number,
    /// Its title.
    pub title: Line,
    /// What it is to the covered item.
    pub relation: Relation,
    /// Whether it asks for all that the covered item asks for.
    pub whole: bool,
    /// Who says so.
    pub source: Line,
    /// Version of the source.
    pub source_version: Line,
    /// How sure it is.
    pub confidence: Confidence,
    /// The mapping; none where it comes with the product.
    pub mapping: Option<Ref<kinds::Mapping>>,
    /// What is known of it.
    pub standing: Standing,
    /// Whether it is covered directly, so that it covers the other.
    pub counts: bool,
}

/// How many items of one kind stand how: numerators and denominators.
#[record]
#[derive(Default)]
pub struct CoverageCount {
    /// The kind of item.
    pub item_kind: ItemKind,
    /// How many there are.
    pub items: u32,
    /// Those that the statement excludes.
    pub excluded: u32,
    /// All others: the denominator.
    pub applicable: u32,
    /// Those that are covered directly.
    pub direct: u32,
    /// Those that are covered through mappings alone.
    pub through_mappings: u32,
    /// Those that nothing covers.
    pub uncovered: u32,
    /// Those that are implemented with fresh evidence.
    pub proven: u32,
    /// Those that are implemented without.
    pub implemented: u32,
    /// Those that are implemented in part.
    pub partly: u32,
}
