//! What waits and what is parked, of all logs, on PostgreSQL. Looking over all tenants is done in a
//! role of its own, which sees of a document no more than what it waits for.

use async_trait::async_trait;
use kernel::{Instant, TenantId};
use sqlx::postgres::PgPool;
use sqlx::{Postgres, Transaction};

use super::super::row::{self, Columns};
use super::super::sql::{self, due};
use super::super::{DueRow, Head, Waits};
use super::PostgresEngine;
use crate::error::Fault;

const DUE: &str = due!("due_at", "d.tenant <> all($2)");

/// A transaction that sees what waits in every log.
pub(super) async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, Fault> {
    super::begin(pool, "begin read only; set local role annals_scheduler".to_owned()).await
}

#[async_trait]
impl Waits for PostgresEngine {
    async fn due(
        &self,
        until: Instant,
        except: &[TenantId],
        limit: usize,
    ) -> Result<Vec<DueRow>, Fault> {
        let except: Vec<&str> = except.iter().map(TenantId::as_str).collect();
        let mut tx = begin(&self.appenders).await?;
        let query = sqlx::query(DUE).bind(until.micros()).bind(except).bind(row::count(limit));
        let rows = query.fetch_all(&mut *tx).await?;
        tx.commit().await?;
        row::all(&rows, row::due)
    }

    async fn due_of(
        &self,
        head: &Head,
        until: Instant,
        limit: usize,
    ) -> Result<Vec<DueRow>, Fault> {
        let statement = if head.simulated { sql::DUE_OF_SIMULATED } else { sql::DUE_OF_REAL };
        let mut tx = begin(&self.appenders).await?;
        let query = sqlx::query(statement).bind(until.micros()).bind(head.tenant.as_str());
        let rows = query.bind(row::count(limit)).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        row::all(&rows, row::due)
    }

    async fn next_due(&self, after: Instant) -> Result<Option<Instant>, Fault> {
        let mut tx = begin(&self.appenders).await?;
        let found =
            sqlx::query(sql::NEXT_DUE).bind(after.micros()).fetch_optional(&mut *tx).await?;
        tx.commit().await?;
        Ok(found.map(|row| row.number(0)).transpose()?.map(Instant::from_micros))
    }

    async fn park_due(
        &self,
        due: &DueRow,
        error: &str,
        until: Option<Instant>,
    ) -> Result<(), Fault> {
        let mut tx = super::begin(&self.appenders, "begin".to_owned()).await?;
        sqlx::query(sql::PARK_DUE)
            .bind(due.tenant.as_str())
            .bind(&due.id)
            .bind(due.from.as_i64())
            .bind(error)
            .bind(until.map(Instant::micros))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
