//! Fresh stores of both kinds for tests: each its own folder or database, gone when it is dropped.

use std::sync::Arc;

use event_store::engine::Engine;
use event_store::engine::postgres::PostgresEngine;
use event_store::engine::sqlite::SqliteEngine;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// Where the tests find PostgreSQL: a superuser's URL of a cluster.
pub const POSTGRES: &str = "TEST_POSTGRES_URL";

/// A migrated, empty store.
pub struct Fresh {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// Where it is.
    pub place: Place,
}

/// Where a fresh store is.
pub enum Place {
    /// In this folder.
    Folder(tempfile::TempDir),
    /// In this database.
    Database(Database),
}

impl Fresh {
    /// A store on SQLite.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let engine = SqliteEngine::open(folder.path()).await.expect("a SQLite store");
        engine.migrate().await.expect("migrations");
        Self { engine: Arc::new(engine), place: Place::Folder(folder) }
    }

    /// A store on PostgreSQL.
    pub async fn postgres() -> Self {
        let database = Database::create().await;
        let engine = PostgresEngine::connect(&database.url, 16).await.expect("a PostgreSQL store");
        engine.migrate().await.expect("migrations");
        Self { engine: Arc::new(engine), place: Place::Database(database) }
    }

    /// Runs SQL past the engine, on PostgreSQL as superuser.
    pub async fn raw(&self, sql: &str) -> Result<u64, sqlx::Error> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &self.place {
            Place::Folder(folder) => {
                let url = format!("sqlite://{}/annals.db", folder.path().display());
                let mut connection = SqliteConnection::connect(&url).await?;
                Ok(sql.execute(&mut connection).await?.rows_affected())
            }
            Place::Database(database) => {
                let mut connection = PgConnection::connect(&database.url).await?;
                Ok(sql.execute(&mut connection).await?.rows_affected())
            }
        }
    }
}

/// A database of its own; dropped with this value.
pub struct Database {
    /// Superuser's URL of this database.
    pub url: String,
    cluster: String,
    name: String,
}

impl Database {
    /// Creates an empty database with a random name.
    pub async fn create() -> Self {
        let cluster = std::env::var(POSTGRES).unwrap_or_else(|_| {
            panic!("{POSTGRES} is not set: run these tests with `tests/run`, which starts one")
        });
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("randomness");
        let name = format!("annals_test_{}", hex::encode(random));
        let mut connection = PgConnection::connect(&cluster).await.expect("a cluster");
        let create = format!("create database {name} template template0 encoding 'UTF8'");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.expect("a database");
        Self { url: with_database(&cluster, &name), cluster, name }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // On a thread of its own: a test's runtime may be about to end, and may be panicking.
        let (cluster, name) = (self.cluster.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&cluster).await?;
                let drop = format!("drop database if exists {name} with (force)");
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await
            })
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("{} was left behind: {error}", self.name);
        }
    }
}

/// The URL with another database, keeping its parameters.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) = url.split_once('?').unwrap_or((url, ""));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |slash| host + slash);
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{}/{name}{mark}{parameters}", &base[..end])
}
