//! How far a catalogue is covered, as of a position: what the records say of it and of the
//! catalogues that are mapped to it is read here, what that means is worked out by governance.

mod records;

use bus::Registry;
use event_store::{Fault, Log};
use governance::coverage::{CatalogueCoverage, CoveredBy, CoveredItem, coverage};
use identity::Caller;
use kernel::values::{Key, Line};
use kernel::{Date, Instant, Position};

use reference::catalogue::{Catalogue, Item};

/// Kinds that coverage is read from: who asks must be allowed to read them.
pub const READ: &[&str] =
    &["catalogue", "catalogue_item", "mapping", "soa", "soa_control", "evidence"];

/// Whether a caller is shown everything that coverage is worked out from: it would tell an outsider
/// of what is withheld from him.
pub fn is_whole(caller: &Caller) -> bool {
    let outlook = caller.outlook.as_ref();
    outlook.is_none_or(|outlook| READ.iter().all(|kind| outlook.sees_all_of(kind)))
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// Id of the catalogue: of one that comes with the product, or `cat_…`.
    pub catalogue: String,
    /// As of which position.
    pub at: Position,
    /// The time that the caller named, if he named one: evidence must be fresh on its day, else on
    /// that of the position.
    pub time: Option<Instant>,
    /// Only items that this covers.
    pub only: Option<CoveredBy>,
    /// Number of the item after which the page begins.
    pub after: Option<String>,
    /// How many items.
    pub first: usize,
}

/// Answers; `None` where there is no such catalogue. `next` is the number after which the following
/// page begins.
///
/// # Errors
/// When the database fails.
pub async fn answer(
    registry: &Registry,
    log: &Log,
    question: &Question,
) -> Result<Option<CatalogueCoverage>, Fault> {
    let at = question.at;
    let reader = records::Reader { registry, log, at };
    let Some(target) = reader.catalogue(&question.catalogue).await? else { return Ok(None) };
    let day = day(log, question).await?;
    let read = reader.records(&target, day).await?;
    let covered = coverage(&target.id, &target.items, &read.records);
    let (items, next) = page(covered.items, question);
    Ok(Some(CatalogueCoverage {
        catalogue: Key::new(target.id),
        title: Line::new(target.title),
        edition: Line::new(target.edition),
        as_of_position: at,
        day,
        statements: read.statements,
        complete: read.complete,
        counts: covered.counts,
        items,
        next,
    }))
}

/// One of the tenant's own catalogues, in the form of those that come with the product; without
/// texts, which are sealed.
///
/// # Errors
/// When the database fails.
pub async fn own(
    registry: &Registry,
    log: &Log,
    id: &str,
    at: Position,
) -> Result<Option<Catalogue>, Fault> {
    let reader = records::Reader { registry, log, at };
    let Some((catalogue, asked)) = reader.own(id).await? else { return Ok(None) };
    let edition = catalogue.edition;
    let item = |item: governance::coverage::Asked| Item {
        number: item.number,
        title: item.title,
        kind: item.item_kind,
        parent: item.parent,
        text: None,
        records: Vec::new(),
    };
    Ok(Some(Catalogue {
        id: id.to_owned(),
        title: edition.title.to_string(),
        edition: edition.edition.to_string(),
        publisher: edition.publisher.map(|line| line.to_string()).unwrap_or_default(),
        source: edition.source.to_string(),
        licence: edition.licence.to_string(),
        language: edition.language.as_str().to_owned(),
        names: Vec::new(),
        items: asked.into_iter().map(item).collect(),
        clauses: Vec::new(),
        objectives: Vec::new(),
        controls: Vec::new(),
    }))
}

/// The day of the time that the caller named, else of the event at the position.
async fn day(log: &Log, question: &Question) -> Result<Date, Fault> {
    if let Some(time) = question.time {
        return Ok(time.date());
    }
    let before = Position(question.at.0.saturating_sub(1));
    let events = log.events(before, question.at, 1).await?;
    Ok(events.first().map(|event| event.row.at).unwrap_or_default().date())
}

fn page(items: Vec<CoveredItem>, question: &Question) -> (Vec<CoveredItem>, Option<Line>) {
    let after = question.after.as_ref();
    let start = after.and_then(|after| items.iter().position(|i| i.number.as_str() == after));
    // What begins after an item that is not there begins nowhere.
    let start = match (after, start) {
        (None, _) => 0,
        (Some(_), Some(place)) => place + 1,
        (Some(_), None) => items.len(),
    };
    let fits = |item: &CoveredItem| question.only.is_none_or(|only| item.covered_by == only);
    let mut rest = items.into_iter().skip(start).filter(fits);
    let page: Vec<_> = rest.by_ref().take(question.first).collect();
    let more = rest.next().is_some();
    let next = page.last().filter(|_| more).map(|item| Line::new(item.number.to_string()));
    (page, next)
}
