//! Work for a subscriber on PostgreSQL: a locked checkpoint row, so any process can do it.

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};
use sqlx::postgres::PgPool;
use sqlx::{Postgres, Transaction};

use super::super::row::{Columns, parked};
use super::super::sql::{FINISH, PARK, PARKED, UNPARK};
use super::super::{Claim, Parked};
use crate::error::Fault;

/// Whether there may be work; asked often, so without a transaction.
const IS_WORK: &str = "select exists (select from log_head as h where h.position > coalesce(( \
     select c.position from checkpoint as c where c.subscriber = $1 and c.tenant = h.tenant), 0)) \
     or exists (select from parked where subscriber = $1 and retry_at <= $2)";

/// Rows to lock must exist. A checkpoint is no event, so the clause may be used.
const INTRODUCE: &str = "insert into checkpoint (subscriber, tenant, position) \
     select $1, h.tenant, 0 from log_head as h where h.position > 0 and not exists ( \
     select from checkpoint as c where c.subscriber = $1 and c.tenant = h.tenant) \
     order by h.tenant on conflict do nothing";

/// Any log with work that nobody holds. The choice is random, so that neither a busy log nor one
/// whose handler keeps failing keeps the others waiting.
const CLAIM: &str = "select c.tenant, c.position from checkpoint as c \
     join log_head as h on h.tenant = c.tenant \
     where c.subscriber = $1 and (h.position > c.position or exists (select from parked as p \
     where p.subscriber = $1 and p.tenant = c.tenant and p.retry_at <= $2)) \
     order by random() limit 1 for update of c skip locked";

/// A locked checkpoint; dropping it rolls back.
pub(super) struct PostgresClaim {
    tx: Transaction<'static, Postgres>,
    subscriber: String,
    tenant: TenantId,
    parked: Vec<Parked>,
    checkpoint: Position,
}

impl PostgresClaim {
    pub(super) async fn of(
        pool: &PgPool,
        subscriber: &str,
        now: Instant,
    ) -> Result<Option<Self>, Fault> {
        let is_work = sqlx::query_scalar(IS_WORK).bind(subscriber).bind(now.micros());
        let is_work: bool = is_work.fetch_one(pool).await?;
        if !is_work {
            return Ok(None);
        }
        // Committed by itself: an uncommitted row of another process would be waited for.
        sqlx::query(INTRODUCE).bind(subscriber).execute(pool).await?;
        let mut tx = super::begin(pool, "begin".to_owned()).await?;
        let found = sqlx::query(CLAIM).bind(subscriber).bind(now.micros());
        let found = found.fetch_optional(&mut *tx).await?;
        let Some(found) = found else {
            tx.rollback().await?;
            return Ok(None);
        };
        let tenant = TenantId::new(found.text(0)?);
        let rows = sqlx::query(PARKED).bind(subscriber).bind(tenant.as_str());
        let rows = rows.fetch_all(&mut *tx).await?;
        let parked =
            rows.iter().map(|row| Ok(parked(row)?.parked)).collect::<Result<_, Fault>>()?;
        Ok(Some(Self {
            tx,
            subscriber: subscriber.to_owned(),
            tenant,
            parked,
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

    async fn park(&mut self, parked: &Parked) -> Result<(), Fault> {
        sqlx::query(PARK)
            .bind(&self.subscriber)
            .bind(self.tenant.as_str())
            .bind(&parked.stream)
            .bind(parked.position.as_i64())
            .bind(&parked.error)
            .bind(i64::from(parked.retry.attempts))
            .bind(parked.retry.at.map(Instant::micros))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn unpark(&mut self, stream: &str) -> Result<(), Fault> {
        sqlx::query(UNPARK)
            .bind(&self.subscriber)
            .bind(self.tenant.as_str())
            .bind(stream)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn parked(&self) -> Result<Vec<Parked>, Fault> {
        Ok(self.parked.clone())
    }
}
