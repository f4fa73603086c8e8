//! An append on SQLite: the writer is the lock.

use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Sqlite, Transaction};

use super::super::row::{self, Columns};
use super::super::{AnswerRow, Batch, Checks, Findings, GuardCheck, Head, Writes};
use super::write;
use crate::error::Fault;

const LOCK: &str = "select tenant, log, position, at, simulated, frontier from log_head \
     where tenant in (select value from json_each($1)) order by tenant";

/// Current version per stream, in the order of the list.
const VERSIONS: &str = "select coalesce((select max(version) from event \
     where tenant = json_extract(asked.value, '$[0]') \
     and stream = json_extract(asked.value, '$[1]')), 0) \
     from json_each($1) as asked order by asked.key";

/// First position that breaks each guard, in the order of the list.
const GUARDS: &str = "select (select event.position from event \
     where event.tenant = json_extract(guard.value, '$.tenant') \
     and event.position > json_extract(guard.value, '$.since') \
     and (event.kind in (select value from json_each(guard.value, '$.kinds')) \
     or event.stream in (select value from json_each(guard.value, '$.streams')) \
     or exists (select 1 from json_each(guard.value, '$.matching') as wanted \
         join document on document.tenant = event.tenant and document.id = event.stream \
         where json_extract(wanted.value, '$.kind') = event.kind \
         and json_extract(wanted.value, '$.value') = case json_extract(wanted.value, '$.slot') \
             when 0 then document.t0 when 1 then document.t1 else document.t2 end)) \
     order by event.position limit 1) from json_each($1) as guard order by guard.key";

/// The answers that stand under keys, with the place of the key.
const ANSWERS: &str = "select asked.key as place, answer.key, answer.fingerprint, answer.answer, \
     answer.at from json_each($1) as asked cross join answer \
     on answer.tenant = json_extract(asked.value, '$[0]') \
     and answer.key = json_extract(asked.value, '$[1]')";

/// The writer's transaction; dropping it rolls back.
pub(super) struct SqliteBatch {
    tx: Transaction<'static, Sqlite>,
    heads: Vec<Head>,
    now: Instant,
}

impl SqliteBatch {
    pub(super) async fn lock(
        mut tx: Transaction<'static, Sqlite>,
        tenants: &[TenantId],
    ) -> Result<Self, Fault> {
        let names: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
        let rows = sqlx::query(LOCK).bind(json!(names).to_string()).fetch_all(&mut *tx).await?;
        let heads = row::all(&rows, row::head)?;
        Ok(Self { tx, heads, now: now() })
    }

    /// One statement over a list; none when the list is empty.
    async fn look_up(
        &mut self,
        statement: &'static str,
        asked: Vec<serde_json::Value>,
    ) -> Result<Vec<SqliteRow>, Fault> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let asked = serde_json::Value::Array(asked).to_string();
        Ok(sqlx::query(statement).bind(asked).fetch_all(&mut *self.tx).await?)
    }

    async fn answers(
        &mut self,
        keys: &[(TenantId, String)],
    ) -> Result<Vec<Option<AnswerRow>>, Fault> {
        let mut answers = vec![None; keys.len()];
        for found in &self.look_up(ANSWERS, keys.iter().map(pair).collect()).await? {
            let place = usize::try_from(found.number(0)?).ok();
            if let Some(answer) = place.and_then(|place| answers.get_mut(place)) {
                *answer = Some(row::answer_from(found, 1)?);
            }
        }
        Ok(answers)
    }
}

#[async_trait]
impl Batch for SqliteBatch {
    fn heads(&self) -> &[Head] {
        &self.heads
    }

    fn now(&self) -> Instant {
        self.now
    }

    async fn check(&mut self, checks: &Checks) -> Result<Findings, Fault> {
        let versions = self.look_up(VERSIONS, checks.versions.iter().map(pair).collect()).await?;
        let broken = self.look_up(GUARDS, checks.guards.iter().map(guard).collect()).await?;
        Ok(Findings {
            versions: row::all(&versions, |row| Ok(row.number(0)?.cast_unsigned()))?,
            broken: row::all(&broken, |row| Ok(row.number_or_null(0)?.map(Position::from_i64)))?,
            answers: self.answers(&checks.keys).await?,
        })
    }

    async fn write(mut self: Box<Self>, writes: &Writes) -> Result<(), Fault> {
        write::events(&mut self.tx, &writes.events).await?;
        let ended: Vec<_> = writes.ended.iter().map(|(tenant, row)| (tenant, row)).collect();
        write::history(&mut self.tx, &ended).await?;
        let current: Vec<_> = writes.current.iter().map(|(tenant, row)| (tenant, row)).collect();
        write::current(&mut self.tx, &current).await?;
        write::answers(&mut self.tx, &writes.answers).await?;
        write::blobs(&mut self.tx, &writes.blobs).await?;
        write::subject_keys(&mut self.tx, &writes.subject_keys).await?;
        write::heads(&mut self.tx, &writes.heads).await?;
        self.tx.commit().await?;
        Ok(())
    }

    async fn abandon(self: Box<Self>) -> Result<(), Fault> {
        self.tx.rollback().await?;
        Ok(())
    }
}

fn pair((tenant, text): &(TenantId, String)) -> serde_json::Value {
    json!([tenant.as_str(), text])
}

fn guard(guard: &GuardCheck) -> serde_json::Value {
    json!({
        "tenant": guard.tenant.as_str(), "since": guard.since.as_i64(),
        "kinds": guard.kinds, "streams": guard.streams, "matching": guard.matching,
    })
}

/// The clock of this machine, which is the database's.
fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
