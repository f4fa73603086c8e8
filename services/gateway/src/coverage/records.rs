//! What the records say of a catalogue's items as of a position.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bus::Registry;
use event_store::engine::{Condition, ListQuery, Op, Order, Slot, SlotValue};
use event_store::{Document, Fault, Log};
use governance::catalogue::{Catalogue, CatalogueStatus};
use governance::catalogue_item::{CatalogueItem, ItemStatus};
use governance::coverage::{Asked, CoverageStatement, Link, Point, Records, Row};
use governance::evidence::{Evidence, Target};
use governance::mapping::{Mapping, MappingStatus};
use governance::soa::Soa;
use governance::soa_control::SoaControl;
use kernel::approval::Phase;
use kernel::values::{Key, Ref};
use kernel::{Date, Position};
use reference::catalogue::{self as packaged, ISO_42001};
use serde::de::DeserializeOwned;

/// Documents that are read in one go.
const CHUNK: usize = 1_000;
/// Most evidence that is looked at.
const EVIDENCE_MAX: usize = 50_000;
/// Most objects of another kind.
const OBJECTS_MAX: usize = 20_000;

/// A catalogue with its items, wherever it comes from.
pub struct CatalogueView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its edition.
    pub edition: String,
    /// Its items, in order.
    pub items: Vec<Asked>,
}

/// What was read.
pub struct Read {
    /// For the function of governance.
    pub records: Records,
    /// The statements whose rows it holds.
    pub statements: Vec<CoverageStatement>,
    /// Whether all evidence was looked at.
    pub complete: bool,
}

/// Reads a tenant's records as of a position.
pub struct Reader<'a> {
    /// The kinds.
    pub registry: &'a Registry,
    /// The tenant's log.
    pub log: &'a Log,
    /// As of which position.
    pub at: Position,
}

impl Reader<'_> {
    /// The catalogue of this id with its items.
    pub async fn catalogue(&self, id: &str) -> Result<Option<CatalogueView>, Fault> {
        if let Some(known) = packaged::catalogue(id) {
            let items = known.items.iter().map(|item| Asked {
                number: item.number.clone(),
                title: item.title.clone(),
                item_kind: item.kind,
                parent: item.parent.clone(),
            });
            let (title, edition) = (known.title.clone(), known.edition.clone());
            let (id, items) = (id.to_owned(), items.collect());
            return Ok(Some(CatalogueView { id, title, edition, items }));
        }
        let Some((catalogue, items)) = self.own(id).await? else { return Ok(None) };
        let (title, edition) = (catalogue.edition.title, catalogue.edition.edition);
        let (title, edition) = (title.to_string(), edition.to_string());
        Ok(Some(CatalogueView { id: id.to_owned(), title, edition, items }))
    }

    /// One of the tenant's own, with its items.
    pub async fn own(&self, id: &str) -> Result<Option<(Catalogue, Vec<Asked>)>, Fault> {
        // What can be no id is not asked of the database, which takes no U+0000.
        if !kernel::id::is_well_formed(id) {
            return Ok(None);
        }
        let found = self.log.document(id, self.at).await?;
        let Some(found) = found.filter(|found| found.kind == "catalogue") else { return Ok(None) };
        Ok(Some((self.read(&found)?, self.items(id).await?)))
    }

    /// The items of one of the tenant's own.
    async fn items(&self, catalogue: &str) -> Result<Vec<Asked>, Fault> {
        let only = Some(("catalogue", catalogue));
        let (found, _) = self.all("catalogue_item", only, self.at, OBJECTS_MAX).await?;
        let mut items = Vec::with_capacity(found.len());
        for document in found {
            let item: CatalogueItem = self.read(&document)?;
            if item.status == ItemStatus::Listed {
                items.push((item.place, item));
            }
        }
        items.sort_by_key(|(place, _)| *place);
        let asked = items.into_iter().map(|(_, item)| Asked {
            number: item.number.to_string(),
            title: item.wording.title.to_string(),
            item_kind: item.wording.item_kind,
            parent: item.wording.parent.map(|parent| parent.to_string()),
        });
        Ok(asked.collect())
    }

    /// All that coverage of a catalogue rests on.
    pub async fn records(&self, target: &CatalogueView, day: Date) -> Result<Read, Fault> {
        let links = self.links(&target.id).await?;
        let ends = links.iter().flat_map(|link| [&link.from.0, &link.to.0]);
        let others: BTreeSet<_> = ends.filter(|id| **id != target.id).cloned().collect();
        let mut records = Records { links, ..Records::default() };
        put(&mut records.items, target);
        for other in &others {
            if let Some(found) = self.catalogue(other).await?
                && self.counts(other).await?
            {
                put(&mut records.items, &found);
            }
        }
        let mut catalogues = others;
        catalogues.insert(target.id.clone());
        let statements = self.statements(&catalogues, &mut records).await?;
        let complete = self.evidence(&catalogues, day, &mut records).await?;
        self.recorded(&catalogues, &mut records).await?;
        Ok(Read { records, statements, complete })
    }

    /// Whether what is done about a catalogue's items counts for others: not once it is withdrawn.
    async fn counts(&self, catalogue: &str) -> Result<bool, Fault> {
        if packaged::catalogue(catalogue).is_some() {
            return Ok(true);
        }
        let Some(found) = self.log.document(catalogue, self.at).await? else { return Ok(false) };
        Ok(self.read::<Catalogue>(&found)?.status != CatalogueStatus::Withdrawn)
    }

    /// The links that touch a catalogue.
    async fn links(&self, catalogue: &str) -> Result<Vec<Link>, Fault> {
        let touches = |link: &&reference::mapping::Link| {
            link.from.catalogue == catalogue || link.to.catalogue == catalogue
        };
        let point = |end: &reference::mapping::End| (end.catalogue.into(), end.number.into());
        let known = reference::mapping::links().iter().filter(touches).map(|link| Link {
            from: point(&link.from),
            to: point(&link.to),
            relation: link.relation,
            source: link.source.source.clone(),
            source_version: link.source.version.clone(),
            confidence: link.source.confidence,
            mapping: None,
        });
        let mut links: Vec<_> = known.collect();
        let mut seen = BTreeSet::new();
        for end in ["from.catalogue", "to.catalogue"] {
            let only = Some((end, catalogue));
            let (found, _) = self.all("mapping", only, self.at, OBJECTS_MAX).await?;
            for document in found {
                let mapping: Mapping = self.read(&document)?;
                if mapping.status == MappingStatus::Active && seen.insert(document.id.clone()) {
                    links.push(own(mapping, &document.id));
                }
            }
        }
        Ok(links)
    }

    /// Takes the rows of the statements on these catalogues: the official ones where a version is
    /// in force, else the working copy.
    async fn statements(
        &self,
        catalogues: &BTreeSet<String>,
        records: &mut Records,
    ) -> Result<Vec<CoverageStatement>, Fault> {
        let mut statements = Vec::new();
        for document in self.all("soa", None, self.at, OBJECTS_MAX).await?.0 {
            let soa: Soa = self.read(&document)?;
            let in_force = soa.approval.effective.as_ref().zip(soa.effective_rows.as_ref());
            let (version, position) = match in_force {
                Some((effective, rows)) => (Some(effective.version), rows.position),
                None if soa.approval.status == Phase::Withdrawn => continue,
                None => (None, self.at),
            };
            if !catalogues.contains(soa.content.catalogue.as_str()) {
                continue;
            }
            let only = Some(("soa", document.id.as_str()));
            let (rows, _) = self.all("soa_control", only, position, OBJECTS_MAX).await?;
            for found in rows {
                let row: SoaControl = self.read(&found)?;
                let point = (row.catalogue.as_str().to_owned(), row.control.to_string());
                records.rows.insert(point, stated(row, &found.id));
            }
            statements.push(CoverageStatement {
                soa: Ref::new(document.id.clone()),
                catalogue: Key::new(soa.content.catalogue.as_str()),
                approved_version: version,
                rows_position: position,
            });
        }
        Ok(statements)
    }

    /// Takes the evidence that is fresh on the day, and what it is linked to; whether that was all.
    async fn evidence(
        &self,
        catalogues: &BTreeSet<String>,
        day: Date,
        records: &mut Records,
    ) -> Result<bool, Fault> {
        let (found, complete) = self.all("evidence", None, self.at, EVIDENCE_MAX).await?;
        for document in found {
            let evidence: Evidence = self.read(&document)?;
            if !evidence.proves_on(day) {
                continue;
            }
            for target in evidence.links.values() {
                for point in points(target, catalogues, records) {
                    records.linked.entry(point).or_default().insert(document.id.clone());
                }
            }
            records.fresh.insert(document.id.clone());
        }
        Ok(complete)
    }

    /// Takes the kinds of which there are objects, by the items that their events evidence.
    async fn recorded(
        &self,
        catalogues: &BTreeSet<String>,
        records: &mut Records,
    ) -> Result<(), Fault> {
        for decl in self.registry.decls() {
            let (kind, mut points) = (decl.row.name, Vec::new());
            if catalogues.contains(ISO_42001) {
                let clauses = decl.about.clauses.iter();
                points.extend(clauses.map(|number| (ISO_42001.to_owned(), (*number).to_owned())));
            }
            let known = catalogues.iter().filter_map(|id| packaged::catalogue(id));
            for catalogue in known {
                let items = catalogue.items.iter();
                let named = items.filter(|item| item.records.iter().any(|record| record == kind));
                points.extend(named.map(|item| (catalogue.id.clone(), item.number.clone())));
            }
            if points.is_empty() || !self.exists(kind).await? {
                continue;
            }
            for point in points {
                records.recorded.entry(point).or_default().insert(kind);
            }
        }
        Ok(())
    }

    async fn exists(&self, kind: &'static str) -> Result<bool, Fault> {
        let (found, _) = self.all(kind, None, self.at, 1).await?;
        Ok(!found.is_empty())
    }

    /// The objects of a kind, at most so many; whether those are all.
    async fn all(
        &self,
        kind: &str,
        only: Option<(&str, &str)>,
        at: Position,
        most: usize,
    ) -> Result<(Vec<Arc<Document>>, bool), Fault> {
        // A process that serves some of the kinds has none of the others.
        let Some(mapping) = self.log.mapping(kind) else { return Ok((Vec::new(), true)) };
        let mut conditions = Vec::new();
        if let Some((field, value)) = only {
            let slot = mapping.field(field).map(|indexed| indexed.slot);
            let slot = slot.ok_or_else(|| Fault::Corrupt(format!("{kind}.{field}: no column")))?;
            conditions.push(Condition { slot, op: Op::Eq(SlotValue::Text(value.to_owned())) });
        }
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let limit = CHUNK.min(most + 1 - found.len());
            let page = self
                .log
                .list(ListQuery {
                    kind: kind.to_owned(),
                    conditions: conditions.clone(),
                    search: None,
                    order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
                    after,
                    limit,
                    at,
                })
                .await?;
            after = page.last().map(|last| vec![SlotValue::Text(last.id.clone())]);
            found.extend(page.iter().cloned());
            if found.len() > most {
                found.truncate(most);
                return Ok((found, false));
            }
            if page.len() < limit {
                return Ok((found, true));
            }
        }
    }

    /// A document as its kind's state, in the newest shape.
    fn read<T: DeserializeOwned>(&self, document: &Document) -> Result<T, Fault> {
        let kind = self.registry.named(&document.kind);
        let read = match kind.filter(|kind| kind.decl().about.shape != document.shape) {
            Some(kind) => T::deserialize(kind.upcast(document.shape, (*document.body).clone())),
            None => T::deserialize(&*document.body),
        };
        read.map_err(|error| Fault::Corrupt(format!("{}: {error}", document.id)))
    }
}

fn put(items: &mut HashMap<Point, Asked>, of: &CatalogueView) {
    for item in &of.items {
        items.insert((of.id.clone(), item.number.clone()), item.clone());
    }
}

fn own(mapping: Mapping, id: &str) -> Link {
    let point = |end: governance::mapping::End| {
        (end.catalogue.as_str().to_owned(), end.number.as_str().to_owned())
    };
    Link {
        from: point(mapping.from),
        to: point(mapping.to),
        relation: mapping.claim.relation,
        source: mapping.source.to_string(),
        source_version: mapping.claim.source_version.to_string(),
        confidence: mapping.claim.confidence,
        mapping: Some(id.to_owned()),
    }
}

fn stated(row: SoaControl, id: &str) -> Row {
    Row {
        id: id.to_owned(),
        decision: row.choice.decision,
        status: row.status,
        evidence: row.evidence.iter().map(|evidence| evidence.id().to_owned()).collect(),
    }
}

/// The items that a link of evidence means. A control that the standard does not have is one of any
/// statement.
fn points(target: &Target, catalogues: &BTreeSet<String>, records: &Records) -> Vec<Point> {
    let of_the_standard = |number: &str| (ISO_42001.to_owned(), number.to_owned());
    let named = [target.clause.as_ref(), target.control.as_ref()].into_iter().flatten();
    let mut points = Vec::new();
    for number in named.map(|number| number.as_str()) {
        let standard = packaged::catalogue(ISO_42001);
        if standard.is_some_and(|standard| standard.item(number).is_some()) {
            points.push(of_the_standard(number));
            continue;
        }
        let others = catalogues.iter().map(|catalogue| (catalogue.clone(), number.to_owned()));
        points.extend(others.filter(|point| records.rows.contains_key(point)));
    }
    let item = target.item.as_ref();
    points.extend(item.map(|i| (i.catalogue.as_str().to_owned(), i.number.as_str().to_owned())));
    points
}
