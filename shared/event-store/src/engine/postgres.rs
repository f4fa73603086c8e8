//! PostgreSQL: row-level security by tenant, group commit in one array statement, work claimed
//! by row locks.

mod batch;
mod claim;
mod read;
mod readers;
mod rebuild;
mod sql;

use std::borrow::Cow;
use std::collections::HashMap;
use std::str::FromStr;

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Postgres, SqlSafeStr, Transaction};

use super::{
    AnswerRow, Batch, BlobRow, Claim, DocumentRow, Engine, EventRow, Head, ListQuery, ParkedWork,
    row, sql as shared,
};
use crate::error::Fault;
use read::Reader;
use readers::Readers;

const MIGRATION: &str = include_str!("../../../../migrations/postgres/0001_store.sql");

/// Settings of connections that act as a role. The statements are few and are planned once per
/// connection: every table is reached by a key, so no table's size or a list's length may tempt
/// the planner to another way than its indexes.
const AS_READER: &str = "set role annals_reader; set plan_cache_mode = force_generic_plan; \
     set jit = off";
const AS_APPENDER: &str = "set role annals_appender; set plan_cache_mode = force_generic_plan; \
     set jit = off; set enable_seqscan = off; set enable_hashjoin = off; \
     set enable_mergejoin = off; set enable_bitmapscan = off";

/// Connections held for appends: one batch at a time, and the few small writes beside it.
const APPENDERS: u32 = 3;

/// How many broken connections are stepped over, after a fail-over say, before an append gives up.
const RETRIES: usize = 8;

/// A store on PostgreSQL.
pub struct PostgresEngine {
    options: PgConnectOptions,
    readers: Readers,
    appenders: PgPool,
    /// Claims keep their connection while a handler works, and the handler appends: from the same
    /// pool they could wait for each other.
    claims: PgPool,
}

impl PostgresEngine {
    /// Connects; the login role of the URL must own the schema or be able to create it.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, Fault> {
        let options =
            PgConnectOptions::from_str(url)?.application_name("annals").disable_statement_logging();
        let claims = (max_connections / 4).max(1);
        let readers = max_connections.saturating_sub(claims + APPENDERS).max(1);
        let engine = Self {
            readers: Readers::new(&options, readers),
            appenders: pool(&options, APPENDERS, AS_APPENDER),
            claims: pool(&options, claims, AS_APPENDER),
            options,
        };
        // The roles may not exist yet; but that the database answers is known before a request.
        sqlx::Connection::close(engine.options.connect().await?).await?;
        Ok(engine)
    }

    /// Closes every connection; requests that wait for one fail.
    pub async fn close(&self) {
        self.readers.close();
        self.appenders.close().await;
        self.claims.close().await;
    }

    async fn reader(&self, tenant: &TenantId) -> Result<Reader, Fault> {
        Reader::of(&self.readers, tenant).await
    }

    /// A transaction as the appender that sees these tenants.
    async fn appender(
        &self,
        tenants: &[TenantId],
    ) -> Result<Transaction<'static, Postgres>, Fault> {
        let mut list = String::new();
        for tenant in tenants {
            let name = tenant.as_str();
            // The list stands in the statement's text, which saves a round trip.
            if !name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
                return Err(row::corrupt("a tenant's id is lower-case and alphanumeric", name));
            }
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(name);
        }
        begin(&self.appenders, format!("begin; set local annals.tenants = '{list}'")).await
    }
}

fn pool(options: &PgConnectOptions, connections: u32, settings: &'static str) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(0)
        // Every use begins with a statement that shows whether the connection lives.
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            Box::pin(async move { sqlx::raw_sql(settings).execute(connection).await.map(|_| ()) })
        })
        .connect_lazy_with(options.clone())
}

/// Begins a transaction, stepping over connections that broke while they were idle.
async fn begin(pool: &PgPool, statement: String) -> Result<Transaction<'static, Postgres>, Fault> {
    for _ in 0..RETRIES {
        let sql = AssertSqlSafe(statement.clone()).into_sql_str();
        match pool.begin_with(sql).await {
            Err(error) if is_broken(&error) => {}
            other => return Ok(other?),
        }
    }
    Ok(pool.begin_with(AssertSqlSafe(statement).into_sql_str()).await?)
}

/// Whether the connection is gone: the statement did not run, or (after a fail-over) was refused.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // 57P01 to 57P03: the server shuts down, crashed or starts.
        sqlx::Error::Database(refusal) => {
            refusal.code().is_some_and(|code| matches!(&*code, "57P01" | "57P02"))
        }
        _ => false,
    }
}

#[async_trait]
impl Engine for PostgresEngine {
    async fn migrate(&self) -> Result<(), Fault> {
        let first = Migration::new(
            1,
            Cow::Borrowed("store"),
            MigrationType::Simple,
            MIGRATION.into_sql_str(),
            false,
        );
        let mut connection = self.options.connect().await?;
        Migrator::with_migrations(vec![first]).run_direct(None, &mut connection, false).await?;
        sqlx::Connection::close(connection).await?;
        Ok(())
    }

    fn name(&self) -> &'static str {
        "postgres"
    }

    fn writers(&self) -> usize {
        // Appends of one tenant wait for each other anyway; a second writer uses the time in which
        // the first one waits for the disk.
        2
    }

    async fn open_log(&self, head: &Head, wrapped_key: &[u8]) -> Result<bool, Fault> {
        let mut tx = self.appender(std::slice::from_ref(&head.tenant)).await?;
        let done = sqlx::query(shared::OPEN_LOG)
            .bind(head.tenant.as_str())
            .bind(&head.log)
            .bind(head.position.as_i64())
            .bind(head.at.micros())
            .bind(head.simulated)
            .bind(&head.frontier)
            .bind(wrapped_key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn head(&self, tenant: &TenantId) -> Result<Option<Head>, Fault> {
        self.reader(tenant).await?.head().await
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        // Only the appender's role sees every head.
        let names =
            sqlx::query_scalar::<_, String>(shared::TENANTS).fetch_all(&self.appenders).await?;
        Ok(names.into_iter().map(TenantId::new).collect())
    }

    async fn lock(&self, tenants: &[TenantId], patient: bool) -> Result<Box<dyn Batch>, Fault> {
        let tx = self.appender(tenants).await?;
        Ok(Box::new(batch::PostgresBatch::lock(tx, tenants, patient).await?))
    }

    async fn position_at(&self, tenant: &TenantId, at: Instant) -> Result<Position, Fault> {
        self.reader(tenant).await?.position_at(at).await
    }

    async fn documents(
        &self,
        tenant: &TenantId,
        ids: &[String],
        at: Position,
    ) -> Result<Vec<DocumentRow>, Fault> {
        self.reader(tenant).await?.documents(ids, at).await
    }

    async fn newest(&self, tenant: &TenantId, ids: &[String]) -> Result<Vec<DocumentRow>, Fault> {
        self.reader(tenant).await?.newest(ids).await
    }

    async fn list(&self, tenant: &TenantId, query: &ListQuery) -> Result<Vec<DocumentRow>, Fault> {
        self.reader(tenant).await?.list(query).await
    }

    async fn count(&self, tenant: &TenantId, query: &ListQuery) -> Result<u64, Fault> {
        self.reader(tenant).await?.count(query).await
    }

    async fn events(
        &self,
        tenant: &TenantId,
        after: Position,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault> {
        self.reader(tenant).await?.events(after, upto, limit).await
    }

    async fn stream(
        &self,
        tenant: &TenantId,
        stream: &str,
        after: u64,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault> {
        self.reader(tenant).await?.stream(stream, after, upto, limit).await
    }

    async fn blobs(&self, tenant: &TenantId, hashes: &[String]) -> Result<Vec<BlobRow>, Fault> {
        self.reader(tenant).await?.blobs(hashes).await
    }

    async fn tenant_key(&self, tenant: &TenantId) -> Result<Option<Vec<u8>>, Fault> {
        self.reader(tenant).await?.tenant_key().await
    }

    async fn subject_keys(
        &self,
        tenant: &TenantId,
        subjects: &[String],
    ) -> Result<HashMap<String, Vec<u8>>, Fault> {
        self.reader(tenant).await?.subject_keys(subjects).await
    }

    async fn put_key(&self, tenant: &TenantId, subject: &str, wrapped: &[u8]) -> Result<(), Fault> {
        let mut tx = self.appender(std::slice::from_ref(tenant)).await?;
        let query = sqlx::query(shared::PUT_KEY).bind(tenant.as_str()).bind(subject).bind(wrapped);
        query.execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    async fn drop_key(&self, tenant: &TenantId, subject: &str) -> Result<(), Fault> {
        let mut tx = self.appender(std::slice::from_ref(tenant)).await?;
        let query = sqlx::query(shared::DROP_KEY).bind(tenant.as_str()).bind(subject);
        query.execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    async fn answer(&self, tenant: &TenantId, key: &str) -> Result<Option<AnswerRow>, Fault> {
        self.reader(tenant).await?.answer(key).await
    }

    async fn claim(&self, subscriber: &str, now: Instant) -> Result<Option<Box<dyn Claim>>, Fault> {
        let claim = claim::PostgresClaim::of(&self.claims, subscriber, now).await?;
        Ok(claim.map(|claim| Box::new(claim) as Box<dyn Claim>))
    }

    async fn parked(&self, subscriber: Option<&str>) -> Result<Vec<ParkedWork>, Fault> {
        let rows = sqlx::query(shared::ALL_PARKED).bind(subscriber.unwrap_or_default());
        rows.fetch_all(&self.claims).await?.iter().map(row::parked).collect()
    }

    async fn resume(
        &self,
        subscriber: &str,
        tenant: &TenantId,
        stream: &str,
    ) -> Result<bool, Fault> {
        let query = sqlx::query(shared::RESUME).bind(subscriber).bind(tenant.as_str()).bind(stream);
        Ok(query.execute(&self.claims).await?.rows_affected() > 0)
    }

    async fn versions(
        &self,
        tenant: &TenantId,
        after: (&str, Position),
        limit: usize,
    ) -> Result<Vec<DocumentRow>, Fault> {
        self.reader(tenant).await?.versions(after, limit).await
    }

    async fn replace_documents(
        &self,
        tenant: &TenantId,
        head: Position,
        rows: Vec<DocumentRow>,
    ) -> Result<(), Fault> {
        let tx = self.appender(std::slice::from_ref(tenant)).await?;
        rebuild::replace(tx, tenant, head, &rows).await
    }
}
