//! A fresh store with one kind, and the logs in it.

use std::sync::Arc;

use bus::{Registry, Request, Who, kind};
use event_store::engine::Engine;
use event_store::engine::postgres::PostgresEngine;
use event_store::engine::sqlite::SqliteEngine;
use event_store::seal::SecretKey;
use event_store::store::{clock, new_id};
use event_store::{Log, Store};
use kernel::{Instant, Position, Role, TenantId, Via};
use rules::deadlines::Deadlines;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::alarm::Alarm;

/// Where the store is.
pub enum Place {
    Folder(tempfile::TempDir),
    Database { cluster: String, name: String },
}

pub struct World {
    pub store: Arc<Store>,
    pub registry: Arc<Registry>,
    pub place: Place,
    key: SecretKey,
}

/// A second as a number of microseconds.
pub const SECOND: i64 = 1_000_000;

pub fn registry() -> Arc<Registry> {
    Registry::new(vec![kind::<Alarm>().unwrap()])
}

impl World {
    pub async fn sqlite() -> Self {
        Self::over(Place::Folder(tempfile::tempdir().unwrap())).await
    }

    pub async fn postgres() -> Self {
        let cluster = std::env::var("TEST_POSTGRES_URL")
            .expect("TEST_POSTGRES_URL is not set: run tests/run or tests/with-postgres …");
        let mut name = new_id("annals_test").unwrap();
        name.truncate(60);
        let mut connection = PgConnection::connect(&cluster).await.unwrap();
        let create = format!("create database {name}");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
        Self::over(Place::Database { cluster, name }).await
    }

    async fn over(place: Place) -> Self {
        let (key, registry) = (SecretKey::generate().unwrap(), registry());
        let store = open(&place, &key, &registry).await;
        Self { store, registry, place, key }
    }

    /// Ends the process and starts another over the same data.
    pub async fn restarted(self) -> Self {
        let Self { store, registry, place, key } = self;
        drop((store, registry));
        // The appender ends with its last handle, and then the folder is free.
        let registry = self::registry();
        let store = open(&place, &key, &registry).await;
        Self { store, registry, place, key }
    }

    /// Another process over the same database.
    pub async fn beside(&self) -> (Arc<Store>, Arc<Registry>) {
        let registry = registry();
        (open(&self.place, &self.key, &registry).await, registry)
    }

    pub fn deadlines(&self) -> Deadlines {
        Deadlines::new(Arc::clone(&self.store), Arc::clone(&self.registry))
    }

    pub async fn log(&self, n: u128, simulated: bool) -> Log {
        let tenant = TenantId::from_bits(n);
        assert!(self.store.open_log(&tenant, simulated).await.unwrap());
        self.store.log(&tenant)
    }

    /// Sets an alarm; its id.
    pub async fn sets(&self, log: &Log, at: Option<Instant>, input: Value) -> String {
        self.gives(log, at, None, "draft", input).await
    }

    pub async fn gives(
        &self,
        log: &Log,
        at: Option<Instant>,
        id: Option<&str>,
        verb: &str,
        input: Value,
    ) -> String {
        let who = Who { roles: vec![Role::Am], via: Via::User, ..Who::system("test") };
        let request = Request {
            verb: verb.to_owned(),
            id: id.map(str::to_owned),
            input,
            clock: at,
            ..Request::default()
        };
        let kind = self.registry.named("scope").unwrap();
        self.registry.dispatch(kind, log, &who, request).await.unwrap().id
    }
}

async fn open(place: &Place, key: &SecretKey, registry: &Registry) -> Arc<Store> {
    let engine: Arc<dyn Engine> = match place {
        Place::Folder(folder) => {
            let mut tries = 0;
            loop {
                match SqliteEngine::open(folder.path()).await {
                    Ok(engine) => break Arc::new(engine),
                    Err(fault) if tries > 200 => panic!("{fault}"),
                    Err(_) => tries += 1,
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
        Place::Database { cluster, name } => {
            let (base, _) = cluster.rsplit_once('/').unwrap();
            Arc::new(PostgresEngine::connect(&format!("{base}/{name}"), 8).await.unwrap())
        }
    };
    Store::open(engine, key.clone(), registry.mappings()).await.unwrap()
}

/// Times as an input.
pub fn at(times: &[Instant]) -> Value {
    json!({ "times": times })
}

pub fn later(seconds: i64) -> Instant {
    clock().plus_micros(seconds * SECOND)
}

/// What rang in a log, in the order of the log: which object, for which time, recorded when.
pub async fn rung(log: &Log) -> Vec<(String, Instant, Instant)> {
    let all = log.events(Position::START, Position(u64::MAX >> 1), 100_000).await.unwrap();
    let rang = all.into_iter().filter(|event| event.row.name == "scope.rang");
    rang.map(|event| {
        assert_eq!(event.header.actor, "rea_deadline");
        let time = event.payload["data"]["time"].as_str().unwrap().parse().unwrap();
        (event.row.stream, time, event.row.at)
    })
    .collect()
}
