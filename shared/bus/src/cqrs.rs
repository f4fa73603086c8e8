//! Our store as cqrs-es sees it: one value per request, which knows tenant, actor and grounds.
//!
//! `cqrs_es::CqrsFramework` runs on it unchanged. Positions and versions come back in the metadata
//! of the envelopes (`position`, `eventId`).

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use cqrs_es::{Aggregate, AggregateContext, AggregateError, EventEnvelope, EventStore};
use event_store::prepare::{Change, Grounds, NewEvent};
use event_store::{Append, AppendError, Committed, Document, Fault, Guard, IdempotencyKey, Log};
use kernel::domain::{Domain, Events};
use kernel::{Actor, Instant, Position};
use serde_json::Value;

use crate::kinds::SchemaHashes;

/// Everything about one request that the events record beside their data.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Who decides.
    pub actor: Actor,
    /// On what grounds.
    pub grounds: Grounds,
    /// When it was true in the world, where that differs.
    pub effective: Option<Instant>,
    /// The clock of a simulated log.
    pub clock: Option<Instant>,
    /// What caused it.
    pub cause: Option<String>,
    /// Groups what one cause brought about.
    pub correlation: String,
    /// Facts that may not have changed.
    pub guard: Option<Guard>,
    /// Other objects that must still be at these versions.
    pub unchanged: Vec<(String, u64)>,
    /// Makes the write repeatable.
    pub key: Option<IdempotencyKey>,
}

/// The store of one kind's objects for one request.
pub struct TenantStore<A> {
    log: Log,
    meta: Meta,
    schema_hashes: SchemaHashes,
    of: PhantomData<fn() -> A>,
}

/// An object that was loaded in order to decide.
pub struct Loaded<A> {
    /// Its id.
    pub id: String,
    /// Its document before; `None` when it does not exist.
    pub before: Option<Arc<Document>>,
    /// Whether its id has just been drawn, so that it cannot exist.
    pub is_fresh: bool,
    /// Its state.
    pub state: A,
}

impl<A: Aggregate> AggregateContext<A> for Loaded<A> {
    fn aggregate(&mut self) -> &mut A {
        &mut self.state
    }
}

/// The state of a document, whatever its shape.
pub(crate) fn state_of<A: Domain>(before: Option<&Arc<Document>>) -> Result<A, Fault> {
    let Some(document) = before else { return Ok(A::default()) };
    let state = if document.shape == A::ABOUT.shape {
        A::deserialize(&*document.body)
    } else {
        A::deserialize(A::upcast(document.shape, Value::clone(&document.body)))
    };
    state.map_err(|error| Fault::Corrupt(format!("document {}: {error}", document.id)))
}

impl<A: Domain> TenantStore<A> {
    /// The store for one request.
    pub fn new(log: Log, meta: Meta, schema_hashes: SchemaHashes) -> Self {
        Self { log, meta, schema_hashes, of: PhantomData }
    }

    /// Stores the events of a decision with the documents that follow from them.
    ///
    /// # Errors
    /// A conflict, or what makes it impossible; nothing is stored then.
    pub async fn store(
        &self,
        events: &[A::Event],
        loaded: &Loaded<A>,
    ) -> Result<Arc<Committed>, AppendError> {
        let unstorable = |error: serde_json::Error| AppendError::Unstorable(error.to_string());
        // Folded afresh: what `handle` did to the state it was lent does not count.
        let mut state = state_of::<A>(loaded.before.as_ref())?;
        let mut new_events = Vec::with_capacity(events.len());
        for event in events {
            state.evolve(event.clone());
            let schema_hash = self.schema_hashes.get(event.name()).cloned();
            new_events.push(NewEvent {
                name: event.name(),
                version: event.version(),
                schema_hash: schema_hash.unwrap_or_default(),
                clauses: A::ABOUT.clauses,
                data: event.data().map_err(unstorable)?,
                after: serde_json::to_value(&state).map_err(unstorable)?,
            });
        }
        let change = Change {
            kind: A::ABOUT.kind,
            id: loaded.id.clone(),
            before: loaded.before.clone(),
            is_fresh: loaded.is_fresh,
            events: new_events,
        };
        let Meta { actor, grounds, effective, clock, cause, .. } = self.meta.clone();
        let Meta { correlation, guard, unchanged, key, .. } = self.meta.clone();
        let stream = self.log.prepare(change, &grounds).await?;
        let append = Append {
            tenant: self.log.tenant().clone(),
            actor,
            correlation,
            cause,
            effective,
            clock,
            streams: vec![stream],
            guard,
            unchanged,
            key,
        };
        self.log.append(append).await
    }
}

fn envelopes<A: Domain>(
    id: &str,
    events: Vec<A::Event>,
    committed: &Committed,
    metadata: &HashMap<String, String>,
) -> Vec<EventEnvelope<A>> {
    let recorded = &committed.outcome.events;
    let envelope = |(payload, recorded): (A::Event, &event_store::batch::Recorded)| {
        let mut metadata = metadata.clone();
        metadata.insert("eventId".into(), recorded.id.clone());
        metadata.insert("position".into(), recorded.position.to_string());
        EventEnvelope {
            aggregate_id: id.to_owned(),
            sequence: usize::try_from(recorded.version).unwrap_or(usize::MAX),
            payload,
            metadata,
        }
    };
    events.into_iter().zip(recorded).map(envelope).collect()
}

fn unexpected<E: std::error::Error>(
    error: impl std::error::Error + Send + Sync + 'static,
) -> AggregateError<E> {
    AggregateError::UnexpectedError(Box::new(error))
}

impl<A: Domain + 'static> EventStore<A> for TenantStore<A> {
    type AC = Loaded<A>;

    async fn load_events(
        &self,
        id: &str,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        let mut envelopes = Vec::new();
        loop {
            let after = envelopes.len() as u64;
            let upto = Position(i64::MAX.cast_unsigned());
            let history = self.log.history(id, after, upto, 1_000).await.map_err(unexpected)?;
            if history.is_empty() {
                return Ok(envelopes);
            }
            for event in history {
                let data = event.payload["data"].clone();
                let read = A::Event::read(&event.row.name, event.header.schema.data, data);
                let payload =
                    read.map_err(|error| AggregateError::DeserializationError(Box::new(error)))?;
                let unknown = || unexpected(Fault::Corrupt(format!("event {}", event.row.name)));
                envelopes.push(EventEnvelope {
                    aggregate_id: id.to_owned(),
                    sequence: usize::try_from(event.row.version).unwrap_or(usize::MAX),
                    payload: payload.ok_or_else(unknown)?,
                    metadata: HashMap::from([
                        ("eventId".into(), event.header.id),
                        ("position".into(), event.row.position.to_string()),
                    ]),
                });
            }
        }
    }

    async fn load_aggregate(&self, id: &str) -> Result<Loaded<A>, AggregateError<A::Error>> {
        let before = self.log.newest(id).await.map_err(unexpected)?;
        let state = state_of(before.as_ref()).map_err(unexpected)?;
        Ok(Loaded { id: id.to_owned(), before, is_fresh: false, state })
    }

    async fn commit(
        &self,
        events: Vec<A::Event>,
        context: Loaded<A>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<A>>, AggregateError<A::Error>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        match self.store(&events, &context).await {
            Ok(committed) => Ok(envelopes(&context.id, events, &committed, &metadata)),
            Err(AppendError::VersionConflict { .. } | AppendError::GuardBroken { .. }) => {
                self.log.forget(&context.id);
                Err(AggregateError::AggregateConflict)
            }
            Err(error) => Err(unexpected(error)),
        }
    }
}
