//! SQLite: one file in the data folder, one writer, a few readers.

mod batch;
mod claim;
mod read;
mod rebuild;
mod write;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqlSafeStr, Sqlite, Transaction};

use super::{
    AnswerRow, Batch, BlobRow, Claim, DocumentRow, Engine, EventRow, Head, ListQuery, ParkedWork,
    sql,
};
use crate::error::Fault;
use claim::Claims;
use read::Reader;

const MIGRATION: &str = include_str!("../../../../migrations/sqlite/0001_store.sql");

const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A store in one file.
pub struct SqliteEngine {
    /// Of one connection: it is the lock that writers queue for.
    writer: SqlitePool,
    readers: SqlitePool,
    claims: Claims,
    /// Held as long as the store is open; `None` when it was opened beside another process.
    _lock: Option<File>,
}

impl SqliteEngine {
    /// Opens the store of a data folder, which is made where it is missing. A second process, or
    /// a second opening in this one, is refused.
    pub async fn open(folder: &Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
        let lock = lock(folder)?;
        Self::connect(folder, true, Some(lock)).await
    }

    /// Opens the store of a data folder for reading, even while another process has it open.
    /// Whatever writes is refused by the database.
    pub async fn open_shared(folder: &Path) -> Result<Self, Fault> {
        let file = folder.join(FILE);
        std::fs::metadata(&file).map_err(|error| unusable(&file, &error))?;
        Self::connect(folder, false, None).await
    }

    async fn connect(folder: &Path, may_write: bool, lock: Option<File>) -> Result<Self, Fault> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join(FILE))
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("temp_store", "memory")
            .pragma("mmap_size", "67108864")
            .disable_statement_logging();
        let reading = options.clone().read_only(true).pragma("cache_size", "-4000");
        let writing = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-8000")
            .pragma("journal_size_limit", "67108864");
        let pool = || {
            SqlitePoolOptions::new()
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        // The writer comes first: it makes the file and its journal, which readers cannot.
        let writer = match may_write {
            true => pool().max_connections(1).connect_with(writing).await?,
            false => pool().max_connections(1).connect_lazy_with(reading.clone()),
        };
        let readers = pool().max_connections(READERS).connect_lazy_with(reading);
        Ok(Self { writer, readers, claims: Claims::default(), _lock: lock })
    }

    /// Closes the file; requests that wait for it fail.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    fn reader(&self, tenant: &TenantId) -> Reader {
        Reader::of(&self.readers, tenant)
    }

    /// A transaction that holds the writer.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Fault> {
        Ok(begin(&self.writer).await?)
    }
}

const FILE: &str = "annals.db";
const LOCK: &str = "annals.lock";

async fn begin(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    writer.begin_with("begin immediate".into_sql_str()).await
}

fn lock(folder: &Path) -> Result<File, Fault> {
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| unusable(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let folder = folder.display();
            Err(Fault::Folder(format!("{folder} is in use by another process of Annals")))
        }
        Err(TryLockError::Error(error)) => Err(unusable(&path, &error)),
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> Fault {
    Fault::Folder(format!("{} cannot be used: {error}", path.display()))
}

#[async_trait]
impl Engine for SqliteEngine {
    async fn migrate(&self) -> Result<(), Fault> {
        let first = Migration::new(
            1,
            Cow::Borrowed("store"),
            MigrationType::Simple,
            MIGRATION.into_sql_str(),
            false,
        );
        let mut connection = self.writer.acquire().await?;
        Migrator::with_migrations(vec![first]).run_direct(None, &mut *connection, false).await?;
        Ok(())
    }

    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn writers(&self) -> usize {
        1
    }

    async fn open_log(&self, head: &Head, wrapped_key: &[u8]) -> Result<bool, Fault> {
        let done = sqlx::query(sql::OPEN_LOG)
            .bind(head.tenant.as_str())
            .bind(&head.log)
            .bind(head.position.as_i64())
            .bind(head.at.micros())
            .bind(head.simulated)
            .bind(head.frontier.as_slice())
            .bind(wrapped_key)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn head(&self, tenant: &TenantId) -> Result<Option<Head>, Fault> {
        self.reader(tenant).head().await
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        let names = sqlx::query_scalar::<_, String>(sql::TENANTS).fetch_all(&self.readers).await?;
        Ok(names.into_iter().map(TenantId::new).collect())
    }

    /// There is one writer, so no head is ever held elsewhere: `patient` makes no difference.
    async fn lock(&self, tenants: &[TenantId], _patient: bool) -> Result<Box<dyn Batch>, Fault> {
        Ok(Box::new(batch::SqliteBatch::lock(self.begin().await?, tenants).await?))
    }

    async fn position_at(&self, tenant: &TenantId, at: Instant) -> Result<Position, Fault> {
        self.reader(tenant).position_at(at).await
    }

    async fn documents(
        &self,
        tenant: &TenantId,
        ids: &[String],
        at: Position,
    ) -> Result<Vec<DocumentRow>, Fault> {
        self.reader(tenant).documents(ids, at).await
    }

    async fn newest(&self, tenant: &TenantId, ids: &[String]) -> Result<Vec<DocumentRow>, Fault> {
        self.reader(tenant).newest(ids).await
    }

    async fn list(&self, tenant: &TenantId, query: &ListQuery) -> Result<Vec<DocumentRow>, Fault> {
        self.reader(tenant).list(query).await
    }

    async fn count(&self, tenant: &TenantId, query: &ListQuery) -> Result<u64, Fault> {
        self.reader(tenant).count(query).await
    }

    async fn events(
        &self,
        tenant: &TenantId,
        after: Position,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault> {
        self.reader(tenant).events(after, upto, limit).await
    }

    async fn stream(
        &self,
        tenant: &TenantId,
        stream: &str,
        after: u64,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault> {
        self.reader(tenant).stream(stream, after, upto, limit).await
    }

    async fn blobs(&self, tenant: &TenantId, hashes: &[String]) -> Result<Vec<BlobRow>, Fault> {
        self.reader(tenant).blobs(hashes).await
    }

    async fn tenant_key(&self, tenant: &TenantId) -> Result<Option<Vec<u8>>, Fault> {
        self.reader(tenant).tenant_key().await
    }

    async fn subject_keys(
        &self,
        tenant: &TenantId,
        subjects: &[String],
    ) -> Result<HashMap<String, Vec<u8>>, Fault> {
        self.reader(tenant).subject_keys(subjects).await
    }

    async fn put_key(&self, tenant: &TenantId, subject: &str, wrapped: &[u8]) -> Result<(), Fault> {
        let query = sqlx::query(sql::PUT_KEY).bind(tenant.as_str()).bind(subject).bind(wrapped);
        query.execute(&self.writer).await?;
        Ok(())
    }

    async fn drop_key(&self, tenant: &TenantId, subject: &str) -> Result<(), Fault> {
        let query = sqlx::query(sql::DROP_KEY).bind(tenant.as_str()).bind(subject);
        query.execute(&self.writer).await?;
        Ok(())
    }

    async fn answer(&self, tenant: &TenantId, key: &str) -> Result<Option<AnswerRow>, Fault> {
        self.reader(tenant).answer(key).await
    }

    async fn claim(&self, subscriber: &str, now: Instant) -> Result<Option<Box<dyn Claim>>, Fault> {
        let claim = self.claims.next(&self.readers, &self.writer, subscriber, now).await?;
        Ok(claim.map(|claim| Box::new(claim) as Box<dyn Claim>))
    }

    async fn parked(&self, subscriber: Option<&str>) -> Result<Vec<ParkedWork>, Fault> {
        let rows = sqlx::query(sql::ALL_PARKED).bind(subscriber.unwrap_or_default());
        rows.fetch_all(&self.readers).await?.iter().map(super::row::parked).collect()
    }

    async fn resume(
        &self,
        subscriber: &str,
        tenant: &TenantId,
        stream: &str,
    ) -> Result<bool, Fault> {
        let query = sqlx::query(sql::RESUME).bind(subscriber).bind(tenant.as_str()).bind(stream);
        Ok(query.execute(&self.writer).await?.rows_affected() > 0)
    }

    async fn versions(
        &self,
        tenant: &TenantId,
        after: (&str, Position),
        limit: usize,
    ) -> Result<Vec<DocumentRow>, Fault> {
        self.reader(tenant).versions(after, limit).await
    }

    async fn replace_documents(
        &self,
        tenant: &TenantId,
        head: Position,
        rows: Vec<DocumentRow>,
    ) -> Result<(), Fault> {
        rebuild::replace(self.begin().await?, tenant, head, &rows).await
    }
}
