//! What waits and what is parked, of all logs, on SQLite.

use async_trait::async_trait;
use kernel::{Instant, TenantId};

use super::super::row::{self, Columns};
use super::super::sql::{self, due};
use super::super::{DueRow, Head, Waits};
use super::SqliteEngine;
use crate::error::Fault;

const DUE: &str = due!("due_at", "d.tenant not in (select value from json_each($2))");

#[async_trait]
impl Waits for SqliteEngine {
    async fn due(
        &self,
        until: Instant,
        except: &[TenantId],
        limit: usize,
    ) -> Result<Vec<DueRow>, Fault> {
        let except: Vec<&str> = except.iter().map(TenantId::as_str).collect();
        let rows = sqlx::query(DUE)
            .bind(until.micros())
            .bind(serde_json::Value::from(except).to_string())
            .bind(row::count(limit))
            .fetch_all(&self.readers)
            .await?;
        row::all(&rows, row::due)
    }

    async fn due_of(
        &self,
        head: &Head,
        until: Instant,
        limit: usize,
    ) -> Result<Vec<DueRow>, Fault> {
        let statement = if head.simulated { sql::DUE_OF_SIMULATED } else { sql::DUE_OF_REAL };
        let query = sqlx::query(statement).bind(until.micros()).bind(head.tenant.as_str());
        row::all(&query.bind(row::count(limit)).fetch_all(&self.readers).await?, row::due)
    }

    async fn next_due(&self, after: Instant) -> Result<Option<Instant>, Fault> {
        let found =
            sqlx::query(sql::NEXT_DUE).bind(after.micros()).fetch_optional(&self.readers).await?;
        Ok(found.map(|row| row.number(0)).transpose()?.map(Instant::from_micros))
    }

    async fn park_due(
        &self,
        due: &DueRow,
        error: &str,
        until: Option<Instant>,
    ) -> Result<(), Fault> {
        sqlx::query(sql::PARK_DUE)
            .bind(due.tenant.as_str())
            .bind(&due.id)
            .bind(due.from.as_i64())
            .bind(error)
            .bind(until.map(Instant::micros))
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}
