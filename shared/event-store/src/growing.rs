//! A head as one batch moves it on: numbers, times and leaf hashes of new events, and which of them
//! guards must look at.

use kernel::{Instant, Position};
use merkle_log::Frontier;

use crate::append::{Append, Guard};
use crate::engine::{EventRow, Head, Matching, Slots};
use crate::error::{AppendError, Fault};
use crate::header::{self, Header, HeaderSchema, Transaction};
use crate::prepare::{PreparedEvent, PreparedStream};

/// A head as the batch moves it on.
pub(crate) struct Growing {
    pub head: Head,
    pub frontier: Frontier,
    pub moved: bool,
    pub landed: Vec<Landed>,
}

/// An event of this batch, as guards look at it.
pub(crate) struct Landed {
    pub position: Position,
    kind: &'static str,
    pub stream: String,
    slots: Slots,
}

impl Landed {
    pub fn breaks(&self, guard: &Guard) -> bool {
        self.position > guard.since
            && (guard.kinds.iter().any(|kind| kind == self.kind)
                || guard.streams.contains(&self.stream)
                || guard.matching.iter().any(|wanted| self.matches(wanted)))
    }

    fn matches(&self, wanted: &Matching) -> bool {
        let value = self.slots.text.get(wanted.slot).and_then(Option::as_ref);
        wanted.kind == self.kind && value == Some(&wanted.value)
    }
}

/// Where an event comes to stand.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub version: u64,
    pub at: Instant,
    pub transaction: Transaction,
}

impl Growing {
    pub fn of(head: &Head) -> Result<Self, AppendError> {
        let frontier = Frontier::read(head.position.0, &head.frontier)
            .map_err(|error| Fault::Corrupt(format!("log {}: {error}", head.tenant)))?;
        Ok(Self { head: head.clone(), frontier, moved: false, landed: Vec::new() })
    }

    pub fn event(
        &mut self,
        append: &Append,
        stream: &PreparedStream,
        event: &PreparedEvent,
        place: Place,
    ) -> Result<EventRow, AppendError> {
        let position = self.head.position.next();
        let header = header::bytes(&Header {
            v: 1,
            id: event.id.clone(),
            log: self.head.log.clone(),
            pos: position.0,
            tx: place.transaction,
            name: event.name.to_owned(),
            schema: HeaderSchema { data: event.version, shape: event.document.shape },
            stream: stream.id.clone(),
            ver: place.version,
            at: place.at,
            eff: append.effective,
            actor: append.actor.id.clone(),
            role: event.role.unwrap_or(append.actor.role),
            eng: append.actor.engagement.clone(),
            via: append.actor.via,
            cause: append.cause.clone(),
            corr: append.correlation.clone(),
            ph: event.payload_hash.clone(),
        })?;
        let leaf = merkle_log::leaf_hash(&header);
        self.frontier.push(leaf);
        self.moved = true;
        self.head.position = position;
        self.head.at = place.at;
        self.landed.push(Landed {
            position,
            kind: stream.kind,
            stream: stream.id.clone(),
            slots: event.document.slots.clone(),
        });
        Ok(EventRow {
            tenant: append.tenant.clone(),
            position,
            stream: stream.id.clone(),
            kind: stream.kind.to_owned(),
            version: place.version,
            name: event.name.to_owned(),
            at: place.at,
            effective: append.effective,
            header,
            payload: event.payload.clone(),
            leaf,
        })
    }
}
