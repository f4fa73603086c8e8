//! The catalogues that mappings can name: those that come with the product, and the tenant's own
//! that are published.

use std::collections::BTreeMap;
use std::sync::Arc;

use event_store::engine::{Condition, ListQuery, Op, Order, Slot, SlotValue};
use event_store::{Document, Fault, Log};
use kernel::{Fact, Position};
use serde::Deserialize;

use crate::numbers::number;

/// Most catalogues, and most items of one, that are looked at.
const LOOKED_AT: usize = 5_000;

/// The tenant's own catalogues.
#[derive(Debug, Default)]
pub struct Known {
    own: Vec<Own>,
}

/// A published catalogue of the tenant's own.
#[derive(Debug)]
pub struct Own {
    id: String,
    title: String,
    /// Number of each item.
    numbers: Vec<String>,
    /// Number of the item of each title, in lower case.
    titles: BTreeMap<String, String>,
}

/// A catalogue that a file names.
#[derive(Clone, Copy)]
pub enum Named<'a> {
    /// One that comes with the product, and what its numbers begin with and the file's do not.
    Packaged(&'static reference::catalogue::Catalogue, &'static str),
    /// One of the tenant's own.
    Own(&'a Own),
}

impl Known {
    /// The tenant's catalogues as they stand now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(log: &Log) -> Result<Self, Fault> {
        let Some(head) = log.head().await? else { return Ok(Self::default()) };
        let mut own = Vec::new();
        for found in all(log, facts::Catalogue::KIND, None, head.position).await?.iter() {
            let catalogue: facts::Catalogue = view(found)?;
            if !catalogue.is_published() {
                continue;
            }
            let of_it = Some(("catalogue", found.id.as_str()));
            let items = all(log, facts::CatalogueItem::KIND, of_it, head.position).await?;
            let mut known = Own {
                id: found.id.clone(),
                title: catalogue.title,
                numbers: Vec::new(),
                titles: BTreeMap::new(),
            };
            for item in items.iter() {
                let item: facts::CatalogueItem = view(item)?;
                if item.is_listed() {
                    known.take(item.number, &item.title);
                }
            }
            own.push(known);
        }
        Ok(Self { own })
    }

    /// With a catalogue more.
    #[cfg(test)]
    pub fn with(mut self, id: &str, title: &str, items: &[(&str, &str)]) -> Self {
        let (id, title) = (id.to_owned(), title.to_owned());
        let mut own = Own { id, title, numbers: Vec::new(), titles: BTreeMap::new() };
        for (number, title) in items {
            own.take((*number).to_owned(), title);
        }
        self.own.push(own);
        self
    }

    /// The catalogue of this id, name or title.
    pub fn named(&self, name: &str) -> Option<Named<'_>> {
        let name = name.trim();
        if let Some((packaged, prefix)) = reference::catalogue::named(name) {
            return Some(Named::Packaged(packaged, prefix));
        }
        // Of two editions of one title the later one is meant: ids are in the order of time.
        let mut fitting =
            self.own.iter().filter(|own| own.id == name || own.title.eq_ignore_ascii_case(name));
        fitting.next_back().map(Named::Own)
    }
}

impl Own {
    fn take(&mut self, number: String, title: &str) {
        self.titles.insert(title.trim().to_lowercase(), number.clone());
        self.numbers.push(number);
    }
}

impl<'a> Named<'a> {
    /// Its id.
    pub fn id(&self) -> &'a str {
        match self {
            Named::Packaged(packaged, _) => &packaged.id,
            Named::Own(own) => &own.id,
        }
    }

    /// The number of the item that a file means: by its number as it is written or as records hold
    /// it, else by its title.
    pub fn number(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let written = [Some(text.to_owned()), number(text)].into_iter().flatten();
        match self {
            Named::Packaged(packaged, prefix) => {
                let mut numbers = written.map(|number| format!("{prefix}{number}"));
                numbers.find(|number| packaged.item(number).is_some())
            }
            Named::Own(own) => {
                let mut numbers = written.filter(|number| own.numbers.contains(number));
                numbers.next().or_else(|| own.titles.get(&text.to_lowercase()).cloned())
            }
        }
    }
}

async fn all(
    log: &Log,
    kind: &str,
    only: Option<(&str, &str)>,
    at: Position,
) -> Result<Arc<Vec<Arc<Document>>>, Fault> {
    // A process that serves some of the kinds has none of the others.
    let Some(mapping) = log.mapping(kind) else { return Ok(Arc::default()) };
    let mut conditions = Vec::new();
    if let Some((field, value)) = only {
        let slot = mapping.field(field).map(|indexed| indexed.slot);
        let slot = slot.ok_or_else(|| Fault::Corrupt(format!("{kind}.{field} has no column")))?;
        conditions.push(Condition { slot, op: Op::Eq(SlotValue::Text(value.to_owned())) });
    }
    log.list(ListQuery {
        kind: kind.to_owned(),
        conditions,
        search: None,
        order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
        after: None,
        limit: LOOKED_AT,
        at,
    })
    .await
}

fn view<T: for<'de> Deserialize<'de>>(document: &Document) -> Result<T, Fault> {
    T::deserialize(&*document.body)
        .map_err(|error| Fault::Corrupt(format!("{}: {error}", document.id)))
}
