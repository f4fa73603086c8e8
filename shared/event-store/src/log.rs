//! A tenant's log: the only way to its events and documents.

use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Instant, Position, TenantId};
use serde_json::Value;

use crate::append::Append;
use crate::batch::{Committed, Outcome};
use crate::document::Document;
use crate::draft::Draft;
use crate::engine::{EventRow, Head, ListQuery};
use crate::error::{AppendError, Fault};
use crate::header::{self, Header};
use crate::mapping::Mapping;
use crate::prepare::{self, Change, Grounds, PreparedStream};
use crate::store::{Store, clock, new_id};

/// After so long a time in the past cannot get further events.
const SETTLED_AFTER_US: i64 = 5_000_000;

/// As of when a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// At the head of the log.
    Now,
    /// At a position, taken literally.
    Position(Position),
    /// At the last whole transaction recorded at or before a time.
    Time(Instant),
}

/// The position that a question is answered at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Everything in the answer is true as of it.
    pub position: Position,
    /// The log's head when it was resolved.
    pub head: Position,
    /// The time of the head.
    pub head_at: Instant,
    /// Whether the answer can never change: false for "now" and for a time so recent that a
    /// transaction may still be recorded at or before it.
    pub settled: bool,
    /// Whether the log's clock is simulated.
    pub simulated: bool,
}

/// Why a point cannot be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// There is no such log.
    #[error("no log of tenant {0}")]
    NoLog(TenantId),
    /// The point lies in the future.
    #[error("{0}")]
    InTheFuture(String),
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// An event as readers get it.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// As stored.
    pub row: EventRow,
    /// The header, parsed.
    pub header: Header,
    /// The payload, parsed.
    pub payload: Value,
}

impl StoredEvent {
    /// Reads a stored row.
    ///
    /// # Errors
    /// When header or payload are not what was written.
    pub fn read(row: EventRow) -> Result<Self, Fault> {
        let header = header::read(&row.header)?;
        let payload = serde_json::from_slice(&row.payload)
            .map_err(|error| Fault::Corrupt(format!("payload at {}: {error}", row.position)))?;
        Ok(Self { row, header, payload })
    }
}

/// One tenant's log.
#[derive(Clone)]
pub struct Log {
    pub(crate) store: Arc<Store>,
    pub(crate) tenant: TenantId,
    pub(crate) draft: Option<Arc<Draft>>,
}

impl Log {
    pub(crate) fn new(store: Arc<Store>, tenant: TenantId) -> Self {
        Self { store, tenant, draft: None }
    }

    /// Whose log it is.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The store that holds it.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The columns of a kind.
    pub fn mapping(&self, kind: &str) -> Option<&Mapping> {
        self.store.mappings.get(kind)
    }

    /// The head, read afresh.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<Option<Head>, Fault> {
        if let Some(draft) = &self.draft {
            return Ok(Some(draft.head.clone()));
        }
        self.store.engine.head(&self.tenant).await
    }

    /// The position at which a question is answered.
    ///
    /// # Errors
    /// When there is no such log or the point lies in the future.
    pub async fn resolve(&self, as_of: AsOf) -> Result<Resolved, ResolveError> {
        let head = self.head().await?;
        let head = head.ok_or_else(|| ResolveError::NoLog(self.tenant.clone()))?;
        self.resolve_at(as_of, &head).await
    }

    /// The position at which a question is answered, given the head that was just read.
    ///
    /// # Errors
    /// When the point lies in the future.
    pub async fn resolve_at(&self, as_of: AsOf, head: &Head) -> Result<Resolved, ResolveError> {
        let (position, settled) = match as_of {
            AsOf::Now => (head.position, false),
            AsOf::Position(position) if position > head.position => {
                return Err(ResolveError::InTheFuture(format!(
                    "the log ends at position {}; there is no position {position} yet",
                    head.position
                )));
            }
            AsOf::Position(position) => (position, true),
            AsOf::Time(time) => self.at_time(time, head).await?,
        };
        Ok(Resolved {
            position,
            head: head.position,
            head_at: head.at,
            settled,
            simulated: head.simulated,
        })
    }

    async fn at_time(&self, time: Instant, head: &Head) -> Result<(Position, bool), ResolveError> {
        let now = clock();
        if time > now.max(head.at) {
            return Err(ResolveError::InTheFuture(format!("{time} lies in the future")));
        }
        let settled = time <= head.at || time < now.plus_micros(-SETTLED_AFTER_US);
        if time >= head.at {
            return Ok((head.position, settled && !head.simulated || time == head.at));
        }
        let key = (self.tenant.clone(), time);
        if let Some(position) = self.store.caches.times.get(&key) {
            return Ok((position, true));
        }
        let position = self.store.engine.position_at(&self.tenant, time).await?;
        self.store.caches.times.insert(key, position);
        Ok((position, true))
    }

    /// The newest version of an object, for a decision: it may come from memory, since the append
    /// that follows checks the version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest(&self, id: &str) -> Result<Option<Arc<Document>>, Fault> {
        if let Some(drafted) = self.draft.as_ref().and_then(|draft| draft.document(id)) {
            return Ok(Some(drafted));
        }
        let key = (self.tenant.clone(), id.to_owned());
        if let Some(known) = self.store.caches.newest.get(&key) {
            return Ok(Some(known));
        }
        let rows = self.store.engine.newest(&self.tenant, &[id.to_owned()]).await?;
        let found = rows.into_iter().next().map(Document::read).transpose()?;
        if let Some(document) = &found {
            self.store.caches.newest.insert(key, Arc::clone(document));
        }
        Ok(found)
    }

    /// Forgets what memory holds of an object, after a conflict has shown that it is stale.
    pub fn forget(&self, id: &str) {
        self.store.caches.newest.remove(&(self.tenant.clone(), id.to_owned()));
    }

    /// Objects as of a position, in the order of the ids; `None` where there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn documents(
        &self,
        ids: &[String],
        at: Position,
    ) -> Result<Vec<Option<Arc<Document>>>, Fault> {
        let caches = &self.store.caches;
        let key = |id: &String| (self.tenant.clone(), id.clone(), at);
        let mut known: Vec<_> = ids.iter().map(|id| caches.versions.get(&key(id))).collect();
        let missing: Vec<String> =
            ids.iter().zip(&known).filter(|(_, k)| k.is_none()).map(|(id, _)| id.clone()).collect();
        if missing.is_empty() {
            return Ok(known.into_iter().map(Option::unwrap_or_default).collect());
        }
        let mut found = HashMap::new();
        for row in self.store.engine.documents(&self.tenant, &missing, at).await? {
            let document = Document::read(row)?;
            found.insert(document.id.clone(), document);
        }
        for (id, known) in ids.iter().zip(&mut known).filter(|(_, known)| known.is_none()) {
            let document = found.get(id).cloned();
            caches.versions.insert(key(id), document.clone());
            *known = Some(document);
        }
        Ok(known.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// One object as of a position.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document(&self, id: &str, at: Position) -> Result<Option<Arc<Document>>, Fault> {
        if let Some(drafted) = self.draft.as_ref().and_then(|draft| draft.document(id)) {
            return Ok(Some(drafted));
        }
        Ok(self.documents(&[id.to_owned()], at).await?.into_iter().next().flatten())
    }

    /// A page of a kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, query: ListQuery) -> Result<Arc<Vec<Arc<Document>>>, Fault> {
        let Some(draft) = &self.draft else { return self.stored(query).await };
        let stored = self.stored(query.clone()).await?;
        Ok(Arc::new(draft.overlay(&query, &stored)?))
    }

    async fn stored(&self, query: ListQuery) -> Result<Arc<Vec<Arc<Document>>>, Fault> {
        let key = (self.tenant.clone(), query);
        if let Some(page) = self.store.caches.pages.get(&key) {
            return Ok(page);
        }
        let rows = self.store.engine.list(&self.tenant, &key.1).await?;
        let page = rows.into_iter().map(Document::read).collect::<Result<Vec<_>, _>>()?;
        let page = Arc::new(page);
        self.store.caches.pages.insert(key, Arc::clone(&page));
        Ok(page)
    }

    /// How many objects a query has over all pages, counting at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, query: &ListQuery) -> Result<u64, Fault> {
        self.store.engine.count(&self.tenant, query).await
    }

    /// Events after a position, up to and including another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events(
        &self,
        after: Position,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Fault> {
        let rows = self.store.engine.events(&self.tenant, after, upto, limit).await?;
        rows.into_iter().map(StoredEvent::read).collect()
    }

    /// Events of one object with a version above `after`, as of a position.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(
        &self,
        id: &str,
        after: u64,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, Fault> {
        let rows = self.store.engine.stream(&self.tenant, id, after, upto, limit).await?;
        rows.into_iter().map(StoredEvent::read).collect()
    }

    /// An object as its stream's version stood, no later than a position.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn at_version(
        &self,
        id: &str,
        version: u64,
        upto: Position,
    ) -> Result<Option<Arc<Document>>, Fault> {
        let after = version.saturating_sub(1);
        let rows = self.store.engine.stream(&self.tenant, id, after, upto, 1).await?;
        match rows.first().filter(|row| row.version == version) {
            Some(row) => self.document(id, row.position).await,
            None => Ok(None),
        }
    }

    /// What was answered under an idempotency key: the fingerprint of the request, and the outcome.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answered(&self, key: &str) -> Result<Option<(Vec<u8>, Outcome)>, Fault> {
        let row = self.store.engine.answer(&self.tenant, key).await?;
        row.map(|row| {
            let outcome = serde_json::from_slice(&row.answer)
                .map_err(|error| Fault::Corrupt(format!("answer under a key: {error}")))?;
            Ok((row.fingerprint, outcome))
        })
        .transpose()
    }

    /// Prepares an object's change for an append.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn prepare(
        &self,
        change: Change,
        grounds: &Grounds,
    ) -> Result<PreparedStream, AppendError> {
        let mapping = self.mapping(change.kind);
        let mapping = mapping.ok_or_else(|| Fault::Corrupt(format!("no kind {}", change.kind)))?;
        let context = format!("{}/{}", self.tenant, change.id);
        let drafted = self.draft.as_ref().and_then(|draft| draft.key(&change.id, &context));
        let key = match drafted {
            Some(key) => key,
            None => self.subject_key(&change.id, change.before.is_some()).await?,
        };
        let ids = (0..change.events.len()).map(|_| new_id("evt")).collect::<Result<_, _>>()?;
        prepare::prepare(change, grounds, mapping, &key, ids)
    }

    /// Appends.
    ///
    /// # Errors
    /// A conflict, or what makes it impossible; nothing is stored then.
    pub async fn append(&self, append: Append) -> Result<Arc<Committed>, AppendError> {
        debug_assert_eq!(append.tenant, self.tenant);
        if let Some(draft) = &self.draft {
            return draft.keep(append);
        }
        self.store.append(append).await
    }
}
