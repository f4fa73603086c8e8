//! An append on PostgreSQL: lock, look up, write in one statement, commit.

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row, Transaction};

use super::super::row::{self, Columns};
use super::super::{
    AnswerRow, Batch, BlobRow, Checks, DocumentRow, EventRow, Findings, GuardCheck, Head, Writes,
    interval_node,
};
use super::sql;
use crate::error::Fault;

/// Locked heads and the transaction that holds them; dropping it rolls back.
pub(super) struct PostgresBatch {
    tx: Transaction<'static, Postgres>,
    heads: Vec<Head>,
    now: Instant,
}

impl PostgresBatch {
    pub(super) async fn lock(
        mut tx: Transaction<'static, Postgres>,
        tenants: &[TenantId],
        patient: bool,
    ) -> Result<Self, Fault> {
        let statement = if patient { sql::LOCK_PATIENTLY } else { sql::LOCK };
        let names: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
        let rows = sqlx::query(statement).bind(names).fetch_all(&mut *tx).await?;
        let (mut heads, mut now) = (Vec::with_capacity(rows.len()), 0);
        for held in &rows {
            now = now.max(held.number(0)?);
            if held.text_or_null(1)?.is_some() {
                heads.push(row::head_from(held, 1)?);
            }
        }
        heads.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        Ok(Self { tx, heads, now: Instant::from_micros(now) })
    }

    async fn versions(&mut self, asked: &[(TenantId, String)]) -> Result<Vec<u64>, Fault> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let (tenants, streams) = columns(asked);
        let rows: Vec<i64> = sqlx::query_scalar(sql::VERSIONS)
            .bind(tenants)
            .bind(streams)
            .fetch_all(&mut *self.tx)
            .await?;
        Ok(rows.into_iter().map(i64::cast_unsigned).collect())
    }

    async fn guards(&mut self, guards: &[GuardCheck]) -> Result<Vec<Option<Position>>, Fault> {
        if guards.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<_> = guards
            .iter()
            .map(|guard| {
                serde_json::json!({
                    "tenant": guard.tenant.as_str(), "since": guard.since.as_i64(),
                    "kinds": guard.kinds, "streams": guard.streams,
                    "matching": guard.matching,
                })
            })
            .collect();
        let asked = serde_json::Value::Array(asked).to_string();
        let rows: Vec<Option<i64>> =
            sqlx::query_scalar(sql::GUARDS).bind(asked).fetch_all(&mut *self.tx).await?;
        Ok(rows.into_iter().map(|found| found.map(Position::from_i64)).collect())
    }

    async fn answers(
        &mut self,
        keys: &[(TenantId, String)],
    ) -> Result<Vec<Option<AnswerRow>>, Fault> {
        let mut answers = vec![None; keys.len()];
        if keys.is_empty() {
            return Ok(answers);
        }
        let (tenants, names) = columns(keys);
        let rows =
            sqlx::query(sql::ANSWERS).bind(tenants).bind(names).fetch_all(&mut *self.tx).await?;
        for found in &rows {
            let place = usize::try_from(found.number(0)? - 1).ok();
            if let Some(answer) = place.and_then(|place| answers.get_mut(place)) {
                *answer = Some(row::answer_from(found, 1)?);
            }
        }
        Ok(answers)
    }
}

#[async_trait]
impl Batch for PostgresBatch {
    fn heads(&self) -> &[Head] {
        &self.heads
    }

    fn now(&self) -> Instant {
        self.now
    }

    async fn check(&mut self, checks: &Checks) -> Result<Findings, Fault> {
        Ok(Findings {
            versions: self.versions(&checks.versions).await?,
            broken: self.guards(&checks.guards).await?,
            answers: self.answers(&checks.keys).await?,
        })
    }

    async fn write(mut self: Box<Self>, writes: &Writes) -> Result<(), Fault> {
        let versions = writes.ended.iter().chain(&writes.current);
        let versions = versions.map(|(tenant, row)| (tenant, row));
        let query = bind_events(sqlx::query(sql::WRITE), &writes.events);
        let query = bind_versions(query, versions);
        let query = bind_heads(query, &writes.heads);
        let query = bind_answers(query, &writes.answers);
        let query = bind_blobs(query, &writes.blobs);
        let query = bind_subject_keys(query, &writes.subject_keys);
        let done: PgRow = query.fetch_one(&mut *self.tx).await?;
        let found = |column| done.try_get(column).map(i64::cast_unsigned);
        row::expect_rows("events", writes.events.len(), found(0)?)?;
        row::expect_rows("current documents", writes.current.len(), found(1)?)?;
        row::expect_rows("heads", writes.heads.len(), found(2)?)?;
        self.tx.commit().await?;
        Ok(())
    }

    async fn abandon(self: Box<Self>) -> Result<(), Fault> {
        self.tx.rollback().await?;
        Ok(())
    }
}

type Bound<'q> = Query<'q, Postgres, PgArguments>;

fn columns(pairs: &[(TenantId, String)]) -> (Vec<&str>, Vec<&str>) {
    pairs.iter().map(|(tenant, text)| (tenant.as_str(), text.as_str())).unzip()
}

/// One array per column, from a list of rows.
macro_rules! column {
    ($rows:expr, $row:pat => $value:expr) => {
        $rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

fn bind_events<'q>(query: Bound<'q>, rows: &[EventRow]) -> Bound<'q> {
    query
        .bind(column!(rows, e => e.tenant.as_str()))
        .bind(column!(rows, e => e.position.as_i64()))
        .bind(column!(rows, e => e.stream.as_str()))
        .bind(column!(rows, e => e.kind.as_str()))
        .bind(column!(rows, e => e.version.cast_signed()))
        .bind(column!(rows, e => e.name.as_str()))
        .bind(column!(rows, e => e.at.micros()))
        .bind(column!(rows, e => e.effective.map(Instant::micros)))
        .bind(column!(rows, e => e.header.as_slice()))
        .bind(column!(rows, e => e.payload.as_slice()))
        .bind(column!(rows, e => e.leaf.as_slice()))
}

/// Versions as the parameters of [`sql::WRITE`] and [`sql::REBUILD`] have them.
pub(super) fn bind_versions<'q, 'r>(
    query: Bound<'q>,
    rows: impl Iterator<Item = (&'r TenantId, &'r DocumentRow)>,
) -> Bound<'q> {
    let rows: Vec<_> = rows.collect();
    query
        .bind(column!(rows, (tenant, _) => tenant.as_str()))
        .bind(column!(rows, (_, d) => d.id.as_str()))
        .bind(column!(rows, (_, d) => d.kind.as_str()))
        .bind(column!(rows, (_, d) => d.version.cast_signed()))
        .bind(column!(rows, (_, d) => d.from.as_i64()))
        .bind(column!(rows, (_, d) => d.to.map(Position::as_i64)))
        .bind(column!(rows, (_, d) => d.to.map(|to| interval_node(d.from, to))))
        .bind(column!(rows, (_, d) => d.at.micros()))
        .bind(column!(rows, (_, d) => d.created_at.micros()))
        .bind(column!(rows, (_, d) => i64::from(d.shape)))
        .bind(column!(rows, (_, d) => d.dated))
        .bind(column!(rows, (_, d) => d.slots.text[0].as_deref()))
        .bind(column!(rows, (_, d) => d.slots.text[1].as_deref()))
        .bind(column!(rows, (_, d) => d.slots.text[2].as_deref()))
        .bind(column!(rows, (_, d) => d.slots.number[0]))
        .bind(column!(rows, (_, d) => d.slots.number[1]))
        .bind(column!(rows, (_, d) => d.slots.number[2]))
        .bind(column!(rows, (_, d) => d.search.as_str()))
        .bind(column!(rows, (_, d) => &*d.body))
}

fn bind_heads<'q>(query: Bound<'q>, rows: &[Head]) -> Bound<'q> {
    query
        .bind(column!(rows, h => h.tenant.as_str()))
        .bind(column!(rows, h => h.position.as_i64()))
        .bind(column!(rows, h => h.at.micros()))
        .bind(column!(rows, h => h.frontier.as_slice()))
}

fn bind_answers<'q>(query: Bound<'q>, rows: &[(TenantId, AnswerRow)]) -> Bound<'q> {
    query
        .bind(column!(rows, (tenant, _) => tenant.as_str()))
        .bind(column!(rows, (_, a) => a.key.as_str()))
        .bind(column!(rows, (_, a) => a.fingerprint.as_slice()))
        .bind(column!(rows, (_, a) => a.answer.as_slice()))
        .bind(column!(rows, (_, a) => a.at.micros()))
}

fn bind_blobs<'q>(query: Bound<'q>, rows: &[(TenantId, BlobRow)]) -> Bound<'q> {
    query
        .bind(column!(rows, (tenant, _) => tenant.as_str()))
        .bind(column!(rows, (_, b) => b.hash.as_str()))
        .bind(column!(rows, (_, b) => b.subject.as_str()))
        .bind(column!(rows, (_, b) => b.bytes.as_slice()))
}

fn bind_subject_keys<'q>(query: Bound<'q>, rows: &[(TenantId, String, Vec<u8>)]) -> Bound<'q> {
    query
        .bind(column!(rows, (tenant, _, _) => tenant.as_str()))
        .bind(column!(rows, (_, subject, _) => subject.as_str()))
        .bind(column!(rows, (_, _, wrapped) => wrapped.as_slice()))
}
