//! Reading on SQLite: only through an object that names the tenant.

use std::collections::HashMap;

use kernel::{Instant, Position, TenantId};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Sqlite};

use super::super::query::{self, Bind, Dialect, Statement};
use super::super::row::{self, Columns};
use super::super::sql::{self, current, ended};
use super::super::{AnswerRow, BlobRow, DocumentRow, EventRow, Head, ListQuery};
use crate::error::Fault;

/// Documents as of a position. Of an object's ended versions only the last that began in time can
/// be the one.
const DOCUMENTS: &str = concat!(
    "select ",
    current!(),
    " from document where tenant = $1 and id in (select value from json_each($2)) \
     and from_position <= $3 union all select ",
    ended!(),
    " from document_history as past where tenant = $1 \
     and id in (select value from json_each($2)) \
     and from_position = (select max(from_position) from document_history as other \
     where other.tenant = $1 and other.id = past.id and other.from_position <= $3) \
     and to_position > $3"
);

const NEWEST: &str = concat!(
    "select ",
    current!(),
    " from document where tenant = $1 and id in (select value from json_each($2))"
);

const BLOBS: &str = "select hash, subject, bytes from blob \
     where tenant = $1 and hash in (select value from json_each($2))";

const SUBJECT_KEYS: &str = "select subject, wrapped from subject_key \
     where tenant = $1 and subject in (select value from json_each($2))";

type Bound = Query<'static, Sqlite, SqliteArguments>;

/// Reads of one tenant: every statement has it as its first parameter.
pub(super) struct Reader {
    pool: SqlitePool,
    tenant: TenantId,
}

impl Reader {
    pub(super) fn of(pool: &SqlitePool, tenant: &TenantId) -> Self {
        Self { pool: pool.clone(), tenant: tenant.clone() }
    }

    /// A statement whose first parameter is the tenant.
    fn scoped(&self, sql: &'static str) -> Bound {
        sqlx::query(sql).bind(self.tenant.as_str().to_owned())
    }

    async fn rows(&self, query: Bound) -> Result<Vec<SqliteRow>, Fault> {
        Ok(query.fetch_all(&self.pool).await?)
    }

    async fn first(&self, query: Bound) -> Result<Option<SqliteRow>, Fault> {
        Ok(query.fetch_optional(&self.pool).await?)
    }

    pub(super) async fn head(&self) -> Result<Option<Head>, Fault> {
        self.first(self.scoped(sql::HEAD)).await?.as_ref().map(row::head).transpose()
    }

    pub(super) async fn tenant_key(&self) -> Result<Option<Vec<u8>>, Fault> {
        let found = self.first(self.scoped(sql::TENANT_KEY)).await?;
        Ok(found.map(|row| row.bytes(0)).transpose()?)
    }

    pub(super) async fn position_at(&self, at: Instant) -> Result<Position, Fault> {
        let found = self.first(self.scoped(sql::POSITION_AT).bind(at.micros())).await?;
        Ok(found.map(|row| row.number(0)).transpose()?.map_or(Position::START, row::position))
    }

    pub(super) async fn documents(
        &self,
        ids: &[String],
        at: Position,
    ) -> Result<Vec<DocumentRow>, Fault> {
        let query = self.scoped(DOCUMENTS).bind(json(ids)).bind(at.as_i64());
        row::all(&self.rows(query).await?, row::document)
    }

    pub(super) async fn newest(&self, ids: &[String]) -> Result<Vec<DocumentRow>, Fault> {
        let query = self.scoped(NEWEST).bind(json(ids));
        row::all(&self.rows(query).await?, row::document)
    }

    pub(super) async fn list(&self, query: &ListQuery) -> Result<Vec<DocumentRow>, Fault> {
        let statement = query::list(Dialect::Sqlite, &self.tenant, query)?;
        row::all(&self.rows(bound(statement)).await?, row::document)
    }

    pub(super) async fn count(&self, query: &ListQuery) -> Result<u64, Fault> {
        let statement = query::total(Dialect::Sqlite, &self.tenant, query)?;
        let found = self.first(bound(statement)).await?;
        Ok(found.map(|row| row.number(0)).transpose()?.unwrap_or_default().cast_unsigned())
    }

    pub(super) async fn events(
        &self,
        after: Position,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault> {
        let query = self
            .scoped(sql::EVENTS)
            .bind(after.as_i64())
            .bind(upto.as_i64())
            .bind(row::count(limit));
        row::all(&self.rows(query).await?, row::event)
    }

    pub(super) async fn stream(
        &self,
        stream: &str,
        after: u64,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault> {
        let query = self
            .scoped(sql::STREAM)
            .bind(stream.to_owned())
            .bind(Position(after).as_i64())
            .bind(upto.as_i64())
            .bind(row::count(limit));
        row::all(&self.rows(query).await?, row::event)
    }

    pub(super) async fn blobs(&self, hashes: &[String]) -> Result<Vec<BlobRow>, Fault> {
        let query = self.scoped(BLOBS).bind(json(hashes));
        row::all(&self.rows(query).await?, row::blob)
    }

    pub(super) async fn subject_keys(
        &self,
        subjects: &[String],
    ) -> Result<HashMap<String, Vec<u8>>, Fault> {
        let rows = self.rows(self.scoped(SUBJECT_KEYS).bind(json(subjects))).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.bytes(1)?))).collect()
    }

    pub(super) async fn answer(&self, key: &str) -> Result<Option<AnswerRow>, Fault> {
        let found = self.first(self.scoped(sql::ANSWER).bind(key.to_owned())).await?;
        found.as_ref().map(row::answer).transpose()
    }

    pub(super) async fn versions(
        &self,
        after: (&str, Position),
        limit: usize,
    ) -> Result<Vec<DocumentRow>, Fault> {
        let query = self
            .scoped(sql::VERSIONS)
            .bind(after.0.to_owned())
            .bind(after.1.as_i64())
            .bind(row::count(limit));
        row::all(&self.rows(query).await?, row::document)
    }
}

/// A list as the one parameter that `json_each` takes.
pub(super) fn json<T: Into<serde_json::Value> + Clone>(list: &[T]) -> String {
    serde_json::Value::from(list).to_string()
}

fn bound(statement: Statement) -> Bound {
    // Its words are ours; whatever came from outside is a parameter.
    let query = sqlx::query(AssertSqlSafe(statement.sql));
    statement.binds.into_iter().fold(query, |query, value| match value {
        Bind::Text(text) => query.bind(text),
        Bind::Number(number) => query.bind(number),
        Bind::Texts(texts) => query.bind(json(&texts)),
        Bind::Numbers(numbers) => query.bind(json(&numbers)),
    })
}
