//! Reading on PostgreSQL: only through a connection that is set to one tenant.

use std::collections::HashMap;

use kernel::{Instant, Position, TenantId};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres};

use super::super::query::{self, Bind, Dialect, Statement};
use super::super::row::{self, Columns};
use super::super::sql;
use super::super::{AnswerRow, BlobRow, DocumentRow, EventRow, Head, ListQuery};
use super::readers::{Readers, Scoped};
use super::sql::{BLOBS, DOCUMENTS, NEWEST, SUBJECT_KEYS};
use crate::error::Fault;

type Bound = Query<'static, Postgres, PgArguments>;

/// Reads of one tenant: every statement has it as its first parameter, and runs where row-level
/// security shows no other.
pub(super) struct Reader {
    connection: Scoped,
    tenant: TenantId,
}

impl Reader {
    pub(super) async fn of(readers: &Readers, tenant: &TenantId) -> Result<Self, Fault> {
        Ok(Self { connection: readers.reader(tenant).await?, tenant: tenant.clone() })
    }

    /// A statement whose first parameter is the tenant.
    fn scoped(&self, sql: &'static str) -> Bound {
        sqlx::query(sql).bind(self.tenant.as_str().to_owned())
    }

    async fn rows(&mut self, query: Bound) -> Result<Vec<PgRow>, Fault> {
        self.connection.rows(query).await
    }

    async fn first(&mut self, query: Bound) -> Result<Option<PgRow>, Fault> {
        Ok(self.rows(query).await?.into_iter().next())
    }

    pub(super) async fn head(&mut self) -> Result<Option<Head>, Fault> {
        let found = self.first(self.scoped(sql::HEAD)).await?;
        found.as_ref().map(row::head).transpose()
    }

    pub(super) async fn tenant_key(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let found = self.first(self.scoped(sql::TENANT_KEY)).await?;
        Ok(found.map(|row| row.bytes(0)).transpose()?)
    }

    pub(super) async fn position_at(&mut self, at: Instant) -> Result<Position, Fault> {
        let query = self.scoped(sql::POSITION_AT).bind(at.micros());
        let found = self.first(query).await?;
        Ok(found.map(|row| row.number(0)).transpose()?.map_or(Position::START, row::position))
    }

    pub(super) async fn documents(
        &mut self,
        ids: &[String],
        at: Position,
    ) -> Result<Vec<DocumentRow>, Fault> {
        let query = self.scoped(DOCUMENTS).bind(ids.to_vec()).bind(at.as_i64());
        row::all(&self.rows(query).await?, row::document)
    }

    pub(super) async fn newest(&mut self, ids: &[String]) -> Result<Vec<DocumentRow>, Fault> {
        let query = self.scoped(NEWEST).bind(ids.to_vec());
        row::all(&self.rows(query).await?, row::document)
    }

    pub(super) async fn list(&mut self, query: &ListQuery) -> Result<Vec<DocumentRow>, Fault> {
        let statement = query::list(Dialect::Postgres, &self.tenant, query)?;
        row::all(&self.rows(bound(statement)).await?, row::document)
    }

    pub(super) async fn count(&mut self, query: &ListQuery) -> Result<u64, Fault> {
        let statement = query::total(Dialect::Postgres, &self.tenant, query)?;
        let found = self.first(bound(statement)).await?;
        Ok(found.map(|row| row.number(0)).transpose()?.unwrap_or_default().cast_unsigned())
    }

    pub(super) async fn events(
        &mut self,
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
        &mut self,
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

    pub(super) async fn blobs(&mut self, hashes: &[String]) -> Result<Vec<BlobRow>, Fault> {
        let query = self.scoped(BLOBS).bind(hashes.to_vec());
        row::all(&self.rows(query).await?, row::blob)
    }

    pub(super) async fn subject_keys(
        &mut self,
        subjects: &[String],
    ) -> Result<HashMap<String, Vec<u8>>, Fault> {
        let rows = self.rows(self.scoped(SUBJECT_KEYS).bind(subjects.to_vec())).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.bytes(1)?))).collect()
    }

    pub(super) async fn answer(&mut self, key: &str) -> Result<Option<AnswerRow>, Fault> {
        let found = self.first(self.scoped(sql::ANSWER).bind(key.to_owned())).await?;
        found.as_ref().map(row::answer).transpose()
    }

    pub(super) async fn versions(
        &mut self,
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

fn bound(statement: Statement) -> Bound {
    // Its words are ours; whatever came from outside is a parameter.
    let query = sqlx::query(AssertSqlSafe(statement.sql));
    statement.binds.into_iter().fold(query, |query, value| match value {
        Bind::Text(text) => query.bind(text),
        Bind::Number(number) => query.bind(number),
        Bind::Texts(texts) => query.bind(texts),
        Bind::Numbers(numbers) => query.bind(numbers),
    })
}
