//! Work for a subscriber on SQLite: one process has the file, so the lock is in its memory.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};
use sqlx::sqlite::SqlitePool;

use super::super::row::parked;
use super::super::sql::{FINISH, PARK, PARKED, UNPARK};
use super::super::{Claim, Parked};
use crate::error::Fault;

/// Logs with work at a time. The order is random, so that neither a busy log nor one whose handler
/// keeps failing keeps the others waiting.
const CANDIDATES: &str = "select h.tenant from log_head as h left join checkpoint as c \
     on c.subscriber = $1 and c.tenant = h.tenant \
     where h.position > coalesce(c.position, 0) or exists (select 1 from parked as p \
     where p.subscriber = $1 and p.tenant = h.tenant and p.retry_at <= $2) order by random()";

/// The checkpoint of a log, if there is work.
const CHECKPOINT: &str = "select coalesce(c.position, 0) from log_head as h \
     left join checkpoint as c on c.subscriber = $1 and c.tenant = h.tenant \
     where h.tenant = $2 and (h.position > coalesce(c.position, 0) or exists (select 1 \
     from parked as p where p.subscriber = $1 and p.tenant = h.tenant and p.retry_at <= $3))";

type Key = (String, TenantId);

/// Who works on what.
#[derive(Clone, Default)]
pub(super) struct Claims(Arc<Mutex<HashSet<Key>>>);

impl Claims {
    /// Any log with work that nobody holds.
    pub(super) async fn next(
        &self,
        readers: &SqlitePool,
        writer: &SqlitePool,
        subscriber: &str,
        now: Instant,
    ) -> Result<Option<SqliteClaim>, Fault> {
        let candidates = sqlx::query_scalar(CANDIDATES).bind(subscriber).bind(now.micros());
        let candidates: Vec<String> = candidates.fetch_all(readers).await?;
        for tenant in candidates {
            let Some(held) = self.hold((subscriber.to_owned(), TenantId::new(tenant))) else {
                continue;
            };
            // Read again: whoever held it may have finished between the list and the lock.
            let checkpoint: Option<i64> = sqlx::query_scalar(CHECKPOINT)
                .bind(subscriber)
                .bind(held.key.1.as_str())
                .bind(now.micros())
                .fetch_optional(readers)
                .await?;
            if let Some(checkpoint) = checkpoint {
                return Ok(Some(SqliteClaim {
                    held,
                    checkpoint: Position::from_i64(checkpoint),
                    changes: Vec::new(),
                    readers: readers.clone(),
                    writer: writer.clone(),
                }));
            }
        }
        Ok(None)
    }

    fn hold(&self, key: Key) -> Option<Held> {
        // A set stays a set whoever panicked beside it.
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        claims.insert(key.clone()).then(|| Held { claims: self.clone(), key })
    }
}

/// An entry among the claims; dropping it takes it out.
struct Held {
    claims: Claims,
    key: Key,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut claims = self.claims.0.lock().unwrap_or_else(PoisonError::into_inner);
        claims.remove(&self.key);
    }
}

/// A claimed log. What it parks is written when it is finished, as in a transaction.
pub(super) struct SqliteClaim {
    held: Held,
    checkpoint: Position,
    changes: Vec<Change>,
    readers: SqlitePool,
    writer: SqlitePool,
}

enum Change {
    Park(Parked),
    Unpark(String),
}

#[async_trait]
impl Claim for SqliteClaim {
    fn tenant(&self) -> &TenantId {
        &self.held.key.1
    }

    fn checkpoint(&self) -> Position {
        self.checkpoint
    }

    async fn finish(self: Box<Self>, checkpoint: Position) -> Result<(), Fault> {
        let (subscriber, tenant) = &self.held.key;
        let mut tx = super::begin(&self.writer).await?;
        for change in &self.changes {
            let query = match change {
                Change::Park(parked) => sqlx::query(PARK)
                    .bind(subscriber)
                    .bind(tenant.as_str())
                    .bind(&parked.stream)
                    .bind(parked.position.as_i64())
                    .bind(&parked.error)
                    .bind(i64::from(parked.retry.attempts))
                    .bind(parked.retry.at.map(Instant::micros)),
                Change::Unpark(stream) => {
                    sqlx::query(UNPARK).bind(subscriber).bind(tenant.as_str()).bind(stream)
                }
            };
            query.execute(&mut *tx).await?;
        }
        sqlx::query(FINISH)
            .bind(subscriber)
            .bind(tenant.as_str())
            .bind(checkpoint.as_i64())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn park(&mut self, parked: &Parked) -> Result<(), Fault> {
        self.changes.push(Change::Park(parked.clone()));
        Ok(())
    }

    async fn unpark(&mut self, stream: &str) -> Result<(), Fault> {
        self.changes.push(Change::Unpark(stream.to_owned()));
        Ok(())
    }

    async fn parked(&self) -> Result<Vec<Parked>, Fault> {
        let (subscriber, tenant) = &self.held.key;
        let rows = sqlx::query(PARKED).bind(subscriber).bind(tenant.as_str());
        let rows = rows.fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(parked(row)?.parked)).collect()
    }
}
