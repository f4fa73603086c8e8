//! Work for a subscriber on PostgreSQL: a locked checkpoint row, so any process can do it.

use async_trait::async_trait;
use kernel::{Position, TenantId};
use sqlx::postgres::PgPool;
use sqlx::{Postgres, Transaction};

use super::super::Claim;
use super::super::row::Columns;
use super::super::sql::{FINISH, PARK, PARKED};
use crate::error::Fault;

/// Whether there may be work; asked often, so without a transaction.
const IS_WORK: &str = "select exists (select from log_head as h where h.position > coalesce(( \
     select c.position from checkpoint as c where c.subscriber = $1 and c.tenant = h.tenant), 0))";

/// Rows to lock must exist. A checkpoint is no event, so the clause may be used.
const INTRODUCE: &str = "insert into checkpoint (subscriber, tenant, position) \
     select $1, h.tenant, 0 from log_head as h where h.position > 0 and not exists ( \
     select from checkpoint as c where c.subscriber = $1 and c.tenant = h.tenant) \
     order by h.tenant on conflict do nothing";

/// Any log with work that nobody holds. The choice is random, so that neither a busy log nor one
/// whose handler keeps failing keeps the others waiting.
const CLAIM: &str = "select c.tenant, c.position from checkpoint as c \
     join log_head as h on h.tenant = c.tenant \
     where c.subscriber = $1 and h.position > c.position \
     order by random() limit 1 for update of c skip locked";

/// A locked checkpoint; dropping it rolls back.
pub(super) struct PostgresClaim {
    tx: Transaction<'static, Postgres>,
    subscriber: String,
    tenant: TenantId,
    checkpoint: Position,
}

impl PostgresClaim {
    pub(super) async fn of(pool: &PgPool, subscriber: &str) -> Result<Option<Self>, Fault> {
        let is_work: bool = sqlx::query_scalar(IS_WORK).bind(subscriber).fetch_one(pool).await?;
        if !is_work {
            return Ok(None);
        }
        // Committed by itself: an uncommitted row of another process would be waited for.
        sqlx::query(INTRODUCE).bind(subscriber).execute(pool).await?;
        let mut tx = super::begin(pool, "begin".to_owned()).await?;
        let found = sqlx::query(CLAIM).bind(subscriber).fetch_optional(&mut *tx).await?;
        let Some(found) = found else {
            tx.rollback().await?;
            return Ok(None);
        };
        Ok(Some(Self {
            tx,
            subscriber: subscriber.to_owned(),
            tenant: TenantId::new(found.text(0)?),
            checkpoint: Position::from_i64(found.number(1)?),
        }))
    }
}

#[async_trait]
impl Claim for PostgresClaim {
    fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    fn checkpoint(&self) -> Position {
        self.checkpoint
    }

    async fn finish(mut self: Box<Self>, checkpoint: Position) -> Result<(), Fault> {
        sqlx::query(FINISH)
            .bind(&self.subscriber)
            .bind(self.tenant.as_str())
            .bind(checkpoint.as_i64())
            .execute(&mut *self.tx)
            .await?;
        self.tx.commit().await?;
        Ok(())
    }

    async fn park(&mut self, stream: &str, at: Position, error: &str) -> Result<(), Fault> {
        sqlx::query(PARK)
            .bind(&self.subscriber)
            .bind(self.tenant.as_str())
            .bind(stream)
            .bind(at.as_i64())
            .bind(error)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn parked(&mut self) -> Result<Vec<String>, Fault> {
        let streams = sqlx::query_scalar(PARKED)
            .bind(&self.subscriber)
            .bind(self.tenant.as_str())
            .fetch_all(&mut *self.tx)
            .await?;
        Ok(streams)
    }
}
