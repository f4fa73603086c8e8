//! What of a kind a caller may read: all of it, what is his own, or nothing. A kind that few read
//! whole names the fields that say whose an object is (`Domain::OWN`); the same is asked here of
//! objects, lists, histories and the log, by REST and GraphQL.

use std::collections::HashMap;
use std::sync::Arc;

use event_store::log::StoredEvent;
use event_store::{Document, Fault};
use identity::Caller;
use kernel::Position;
use kernel::domain::KindDecl;
use serde_json::{Value, json};

use crate::listing::{Compare, Filter};

/// What of a kind a caller may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    Whole,
    /// The objects of which one of these fields names him.
    Own(&'static [&'static str]),
    /// Nothing.
    Nothing,
}

/// What of a kind this caller may read.
pub fn sight(caller: &Caller, decl: &KindDecl) -> Sight {
    if let Some(outlook) = &caller.outlook {
        // Which of the objects is a further question: `listing`, `Caller::document`, `visible`.
        return if outlook.reads(decl.row.name) { Sight::Whole } else { Sight::Nothing };
    }
    if caller.holds_one_of(decl.about.readers) {
        Sight::Whole
    } else if decl.own.is_empty() || caller.who.membership.is_none() {
        Sight::Nothing
    } else {
        Sight::Own(decl.own)
    }
}

impl Sight {
    /// What holds of every object that he may read; `None` where all may be read.
    pub fn filter(self, caller: &Caller) -> Option<Filter> {
        let named =
            |field: &&str| Filter::Field((*field).to_owned(), Compare::Eq(json!(caller.who.id)));
        match self {
            Sight::Whole => None,
            Sight::Own(fields) => Some(Filter::Or(fields.iter().map(named).collect())),
            Sight::Nothing => Some(Filter::Or(Vec::new())),
        }
    }

    /// Whether he may read an object that says this.
    pub fn shows(self, caller: &Caller, body: &Value) -> bool {
        match self {
            Sight::Whole => true,
            Sight::Own(fields) => {
                fields.iter().any(|field| body[*field].as_str() == Some(caller.who.id.as_str()))
            }
            Sight::Nothing => false,
        }
    }
}

/// Whether this caller may read a document of a kind.
pub fn may_read(caller: &Caller, decl: &KindDecl, document: &Document) -> bool {
    sight(caller, decl).shows(caller, &document.body)
}

/// Those of a log's events that the caller may read. An event belongs to whom its object names as
/// of the position.
///
/// # Errors
/// When the database fails.
pub async fn visible<'a>(
    caller: &Caller,
    decl: impl Fn(&str) -> Option<&'a KindDecl>,
    mut events: Vec<StoredEvent>,
    at: Position,
) -> Result<Vec<StoredEvent>, Fault> {
    let of = |event: &StoredEvent| {
        decl(&event.row.kind).map_or(Sight::Nothing, |decl| sight(caller, decl))
    };
    events.retain(|event| of(event) != Sight::Nothing);
    if let Some(outlook) = &caller.outlook {
        let mut shown = Vec::with_capacity(events.len());
        for event in events {
            if outlook.shows_event(&caller.log, &event.row).await? {
                shown.push(event);
            }
        }
        return Ok(shown);
    }
    let owned = events.iter().filter(|event| of(event) != Sight::Whole);
    let mut ids: Vec<_> = owned.map(|event| event.row.stream.clone()).collect();
    if ids.is_empty() {
        return Ok(events);
    }
    ids.sort_unstable();
    ids.dedup();
    let found = caller.log.documents(&ids, at).await?;
    let found: HashMap<_, Option<Arc<Document>>> = ids.into_iter().zip(found).collect();
    events.retain(|event| {
        let document = found.get(&event.row.stream).and_then(Option::as_ref);
        match of(event) {
            Sight::Whole => true,
            own => document.is_some_and(|document| own.shows(caller, &document.body)),
        }
    });
    Ok(events)
}
