//! How far a catalogue is covered, item by item: by what is done about the item itself, and by
//! what is done about items of other catalogues that are mapped to it (domain model, 6 and 8). A
//! function of records as of one position; nothing here is stored.
//!
//! An item is covered directly when its row in the Statement of Applicability says that it is
//! implemented, or, where no statement decides on it, when fresh evidence is linked to it or events
//! that evidence it were recorded. Mappings count one step far, and in the direction in which they
//! say something. Covered through a mapping never means satisfied.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use declare::words;
use kernel::values::{Key, Line, Number, Ref};
use reference::catalogue::ItemKind;
use reference::mapping::{Confidence, Relation};

use crate::soa_control::{ControlStatus, Decision};

pub use self::report::{
    CatalogueCoverage, CoverageCount, CoverageLead, CoverageStatement, CoveredItem,
};

mod report;
#[cfg(test)]
mod tests;

/// An item of a catalogue: id of the catalogue, and number.
pub type Point = (String, String);

/// What an item is.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// What it is.
    pub item_kind: ItemKind,
    /// Number of the item that it belongs to.
    pub parent: Option<String>,
}

/// What a Statement of Applicability says of an item.
#[derive(Clone, Debug)]
pub struct Row {
    /// Id of the row.
    pub id: String,
    /// Whether it applies.
    pub decision: Decision,
    /// How far it is implemented.
    pub status: ControlStatus,
    /// The evidence that it names.
    pub evidence: Vec<String>,
}

/// A link between two items.
#[derive(Clone, Debug)]
pub struct Link {
    /// The first end.
    pub from: Point,
    /// The second end.
    pub to: Point,
    /// What the first is to the second.
    pub relation: Relation,
    /// Who says so.
    pub source: String,
    /// Its version.
    pub source_version: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Id of the mapping; none where it comes with the product.
    pub mapping: Option<String>,
}

/// What the records say as of one position.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// What every item is that is asked for or linked.
    pub items: HashMap<Point, Asked>,
    /// The rows of the statements.
    pub rows: HashMap<Point, Row>,
    /// The evidence that is linked to items, by id.
    pub linked: HashMap<Point, BTreeSet<String>>,
    /// The evidence that proves something on the day.
    pub fresh: BTreeSet<String>,
    /// Kinds of objects whose events evidence an item, as far as there are any.
    pub recorded: HashMap<Point, BTreeSet<&'static str>>,
    /// The links that touch the catalogue.
    pub links: Vec<Link>,
}

/// What is known of an item itself, the best first.
#[words]
#[derive(Default)]
pub enum Standing {
    /// Implemented, with evidence that is fresh.
    Proven,
    /// Implemented by its row in the statement, without fresh evidence.
    Implemented,
    /// No statement decides on it; fresh evidence is linked to it.
    Evidenced,
    /// Implemented in part.
    Partly,
    /// No statement decides on it; events that evidence it were recorded.
    Recorded,
    /// The statement excludes it.
    Excluded,
    /// Nothing of the kind.
    #[default]
    Open,
}

/// What covers an item.
#[words]
#[derive(Default)]
pub enum CoveredBy {
    /// What is done about the item itself.
    Direct,
    /// What is done about items that are mapped to it.
    Mapping,
    /// It is excluded.
    Excluded,
    /// Nothing.
    #[default]
    Nothing,
}

/// How far a catalogue is covered.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Its items, in order.
    pub items: Vec<CoveredItem>,
    /// How many stand how, by kind of item; headings are not counted.
    pub counts: Vec<CoverageCount>,
}

/// How far a catalogue with these items is covered.
pub fn coverage(catalogue: &str, items: &[Asked], records: &Records) -> Coverage {
    let leads = leads(catalogue, &records.links);
    let items: Vec<_> = items
        .iter()
        .map(|item| covered((catalogue.to_owned(), item.number.clone()), item, records, &leads))
        .collect();
    let mut counts = BTreeMap::<ItemKind, CoverageCount>::new();
    for item in items.iter().filter(|item| item.item_kind != ItemKind::Group) {
        let count = counts.entry(item.item_kind).or_default();
        count.item_kind = item.item_kind;
        count.take(item);
    }
    Coverage { items, counts: counts.into_values().collect() }
}

impl CoverageCount {
    fn take(&mut self, item: &CoveredItem) {
        let one = |holds: bool| u32::from(holds);
        self.items += 1;
        self.excluded += one(item.covered_by == CoveredBy::Excluded);
        self.applicable = self.items - self.excluded;
        self.direct += one(item.covered_by == CoveredBy::Direct);
        self.through_mappings += one(item.covered_by == CoveredBy::Mapping);
        self.uncovered += one(item.covered_by == CoveredBy::Nothing);
        self.proven += one(item.standing == Standing::Proven);
        self.implemented += one(item.standing == Standing::Implemented);
        self.partly += one(item.standing == Standing::Partly);
    }
}

/// The links that lead to items of the catalogue: the item, where from, and what that is to it.
type Leads<'a> = HashMap<&'a str, Vec<(&'a Point, Relation, &'a Link)>>;

fn leads<'a>(catalogue: &str, links: &'a [Link]) -> Leads<'a> {
    let mut leads = Leads::new();
    for link in links {
        let back = link.relation.reversed().map(|relation| (&link.from, &link.to, relation));
        let ways = [(&link.to, &link.from, link.relation)].into_iter().chain(back);
        for (to, from, relation) in ways.filter(|(to, _, _)| to.0 == catalogue) {
            leads.entry(&to.1).or_default().push((from, relation, link));
        }
    }
    leads
}

fn covered(point: Point, item: &Asked, records: &Records, leads: &Leads<'_>) -> CoveredItem {
    let standing = standing(&point, records);
    let leads = leads.get(item.number.as_str()).map(Vec::as_slice).unwrap_or_default();
    let mut through: Vec<_> = leads
        .iter()
        .filter_map(|(from, relation, link)| through(from, *relation, link, records))
        .collect();
    through.sort_by(|a, b| {
        let key =
            |t: &CoverageLead| (!t.counts, !t.whole, std::cmp::Reverse(t.confidence), t.standing);
        let named = |t: &CoverageLead| (t.catalogue.clone(), t.number.clone(), t.source.clone());
        key(a).cmp(&key(b)).then_with(|| named(a).cmp(&named(b)))
    });
    let covered_by = if standing == Standing::Excluded {
        CoveredBy::Excluded
    } else if is_direct(standing, item.item_kind) {
        CoveredBy::Direct
    } else if item.item_kind != ItemKind::Group && through.iter().any(|lead| lead.counts) {
        CoveredBy::Mapping
    } else {
        CoveredBy::Nothing
    };
    let row = records.rows.get(&point);
    let recorded = records.recorded.get(&point).into_iter().flatten();
    CoveredItem {
        number: Number::new(item.number.clone()),
        title: Line::new(item.title.clone()),
        item_kind: item.item_kind,
        parent: item.parent.as_deref().map(Number::new),
        covered_by,
        standing,
        decision: row.map(|row| row.decision),
        status: row.filter(|row| row.decision == Decision::Applicable).map(|row| row.status),
        row: row.map(|row| Ref::new(row.id.clone())),
        evidence: fresh(&point, records).into_iter().map(Ref::new).collect(),
        recorded_by: recorded.map(|kind| Line::new(*kind)).collect(),
        through,
    }
}

fn through(
    from: &Point,
    relation: Relation,
    link: &Link,
    records: &Records,
) -> Option<CoverageLead> {
    let item = records.items.get(from)?;
    let standing = standing(from, records);
    Some(CoverageLead {
        catalogue: Key::new(from.0.clone()),
        number: Number::new(from.1.clone()),
        title: Line::new(item.title.clone()),
        relation,
        whole: matches!(relation, Relation::Equivalent | Relation::Superset),
        source: Line::new(link.source.clone()),
        source_version: Line::new(link.source_version.clone()),
        confidence: link.confidence,
        mapping: link.mapping.clone().map(Ref::new),
        standing,
        counts: is_direct(standing, item.item_kind),
    })
}

/// Whether an item that stands so is covered by what is done about itself.
fn is_direct(standing: Standing, item_kind: ItemKind) -> bool {
    match standing {
        Standing::Proven | Standing::Implemented | Standing::Evidenced => true,
        // Records alone say that something is done, not that a control works.
        Standing::Recorded => item_kind == ItemKind::Clause,
        Standing::Partly | Standing::Excluded | Standing::Open => false,
    }
}

/// What is known of an item itself. Where a statement decides, the statement counts.
fn standing(point: &Point, records: &Records) -> Standing {
    let is_fresh = !fresh(point, records).is_empty();
    let row = records.rows.get(point).filter(|row| row.decision != Decision::Undecided);
    if let Some(row) = row {
        return match (row.decision, row.status) {
            (Decision::Excluded, _) => Standing::Excluded,
            (_, ControlStatus::Implemented) if is_fresh => Standing::Proven,
            (_, ControlStatus::Implemented) => Standing::Implemented,
            (_, ControlStatus::PartiallyImplemented) => Standing::Partly,
            (_, ControlStatus::NotStarted)
            | (_, ControlStatus::Planned)
            | (_, ControlStatus::NotEffective) => Standing::Open,
        };
    }
    if is_fresh {
        return Standing::Evidenced;
    }
    let is_recorded = records.recorded.get(point).is_some_and(|kinds| !kinds.is_empty());
    if is_recorded { Standing::Recorded } else { Standing::Open }
}

/// Ids of the evidence of an item that proves something on the day.
fn fresh<'a>(point: &Point, records: &'a Records) -> BTreeSet<&'a str> {
    let linked = records.linked.get(point).into_iter().flatten();
    let named = records.rows.get(point).into_iter().flat_map(|row| &row.evidence);
    let all = linked.chain(named).map(String::as_str);
    all.filter(|id| records.fresh.contains(*id)).collect()
}
