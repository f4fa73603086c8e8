//! What only one of the engines can do: row-level security and row locks, the locked data folder.

use event_store::engine::postgres::PostgresEngine;
use event_store::engine::sqlite::SqliteEngine;
use event_store::engine::{Engine, Writes};
use event_store::error::Fault;
use kernel::{Position, TenantId};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::support::{Database, Fresh, Place};
use crate::world::{Change, World, event_of, start_of};

const TENANT_TABLES: [&str; 7] =
    ["event", "document", "document_history", "answer", "blob", "subject_key", "log_head"];

fn url(fresh: &Fresh) -> &str {
    match &fresh.place {
        Place::Database(database) => &database.url,
        Place::Folder(_) => panic!("this store is a folder"),
    }
}

/// Two tenants with a row in every table.
async fn two_tenants(fresh: &Fresh) {
    for tenant in ["tnt_a", "tnt_b"] {
        let mut world = World::open(&fresh.engine, tenant).await;
        world.commit(&[Change::of("x"), Change::of("x")]).await;
        let rows = format!(
            "insert into answer values ('{tenant}', 'k', '', '', 0); \
             insert into blob values ('{tenant}', 'h', 's', ''); \
             insert into subject_key values ('{tenant}', 's', '')"
        );
        fresh.raw(&rows).await.unwrap();
    }
}

async fn connection(fresh: &Fresh, settings: &str) -> PgConnection {
    let mut connection = PgConnection::connect(url(fresh)).await.unwrap();
    run(&mut connection, settings).await.unwrap();
    connection
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<u64, sqlx::Error> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await?;
    Ok(done.rows_affected())
}

/// Rows of a tenant that the connection sees in a table.
async fn seen(connection: &mut PgConnection, table: &str, tenant: &str) -> i64 {
    let sql = format!("select count(*) from {table} where tenant = $1");
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(tenant).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn a_reader_sees_one_tenant_whatever_it_asks_for() {
    let fresh = Fresh::postgres().await;
    two_tenants(&fresh).await;
    let mut set = connection(
        &fresh,
        "set role annals_reader; set annals.tenant = 'tnt_a'; set annals.tenants = 'tnt_a,tnt_b'",
    )
    .await;
    let mut unset = connection(&fresh, "set role annals_reader").await;
    for table in TENANT_TABLES {
        assert!(seen(&mut set, table, "tnt_a").await > 0, "{table}");
        assert_eq!(seen(&mut set, table, "tnt_b").await, 0, "{table}");
        assert_eq!(seen(&mut unset, table, "tnt_a").await, 0, "{table}");
        let count = format!("select count(*) from {table} where tenant <> 'tnt_a'");
        let others: i64 =
            sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut set).await.unwrap();
        assert_eq!(others, 0, "{table}");
    }
    for table in TENANT_TABLES {
        run(&mut set, &format!("update {table} set tenant = tenant")).await.expect_err(table);
        run(&mut set, &format!("delete from {table}")).await.expect_err(table);
        run(&mut set, &format!("truncate {table}")).await.expect_err(table);
    }
    run(&mut set, "insert into blob values ('tnt_a', 'n', 's', '')").await.expect_err("a reader");
}

#[tokio::test]
async fn an_appender_writes_only_for_the_tenants_of_its_transaction() {
    let fresh = Fresh::postgres().await;
    two_tenants(&fresh).await;
    let mut appender = connection(
        &fresh,
        "set role annals_appender; set annals.tenants = 'tnt_a'; set annals.tenant = 'tnt_b'",
    )
    .await;
    for table in TENANT_TABLES {
        assert!(seen(&mut appender, table, "tnt_a").await > 0, "{table}");
        // Whoever looks for work sees how far every log has come.
        let others = i64::from(table == "log_head");
        assert_eq!(seen(&mut appender, table, "tnt_b").await, others, "{table}");
    }
    let own = "insert into blob values ('tnt_a', 'n', 's', '')";
    assert_eq!(run(&mut appender, own).await.unwrap(), 1);
    let foreign = "insert into blob values ('tnt_b', 'n', 's', '')";
    let refusal = run(&mut appender, foreign).await.expect_err("another tenant's").to_string();
    assert!(refusal.contains("row-level security"), "{refusal}");
    let foreign = "update log_head set position = 0 where tenant = 'tnt_b'";
    assert_eq!(run(&mut appender, foreign).await.unwrap(), 0);
    for change in ["update event set at = at", "delete from event", "truncate event"] {
        let refusal = run(&mut appender, change).await.expect_err(change).to_string();
        assert!(refusal.contains("permission denied"), "{refusal}");
    }
}

#[tokio::test]
async fn the_engine_does_not_write_for_a_tenant_that_it_did_not_lock() {
    let fresh = Fresh::postgres().await;
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    World::open(&fresh.engine, "tnt_b").await;
    world.commit(&[Change::of("x")]).await;
    let event = event_of(&TenantId::new("tnt_b"), &world.versions[0]);
    let batch = fresh.engine.lock(std::slice::from_ref(&world.tenant), true).await.unwrap();
    let writes = Writes { events: vec![event], ..Writes::default() };
    batch.write(&writes).await.expect_err("row-level security");
    let odd = [TenantId::new("tnt_a'; drop table event; --")];
    assert!(matches!(fresh.engine.lock(&odd, true).await, Err(Fault::Corrupt(_))));
}

#[tokio::test]
async fn a_held_head_is_left_out() {
    let fresh = Fresh::postgres().await;
    let a = World::open(&fresh.engine, "tnt_a").await.tenant;
    let b = World::open(&fresh.engine, "tnt_b").await.tenant;
    let holding = fresh.engine.lock(std::slice::from_ref(&a), false).await.unwrap();
    let both = [b.clone(), a.clone()];
    let batch = fresh.engine.lock(&both, false).await.unwrap();
    assert_eq!(batch.heads().iter().map(|head| &head.tenant).collect::<Vec<_>>(), [&b]);
    batch.abandon().await.unwrap();
    holding.abandon().await.unwrap();
    let batch = fresh.engine.lock(&both, false).await.unwrap();
    assert_eq!(batch.heads().iter().map(|head| &head.tenant).collect::<Vec<_>>(), [&a, &b]);
}

#[tokio::test]
async fn an_owner_without_superuser_rights_can_run_it() {
    let database = Database::create().await;
    let mut admin = PgConnection::connect(&database.url).await.unwrap();
    let (base, name) = database.url.rsplit_once('/').unwrap();
    let role = format!("owner_{name}");
    let setup = format!(
        "create role {role} login createrole password 'p'; alter database {name} owner to {role}; \
         do $$ begin create role annals_reader nologin; exception when others then null; end $$; \
         do $$ begin create role annals_appender nologin; exception when others then null; end $$; \
         grant annals_reader, annals_appender to {role}"
    );
    run(&mut admin, &setup).await.unwrap();
    let host = base.rsplit_once('@').map_or(base, |(_, host)| host);
    let url = format!("postgres://{role}:p@{host}/{name}");
    let engine = PostgresEngine::connect(&url, 8).await.unwrap();
    engine.migrate().await.unwrap();
    let engine: std::sync::Arc<dyn Engine> = std::sync::Arc::new(engine);
    let mut world = World::open(&engine, "tnt_a").await;
    world.commit(&[Change::of("x"), Change::of("x")]).await;
    assert_eq!(engine.tenants().await.unwrap(), [world.tenant.clone()]);
    let ids = ["x".to_owned()];
    let found = engine.newest(&world.tenant, &ids).await.unwrap();
    assert_eq!(found, world.as_of(Position(2)));
    // The owner himself has no policy: force row level security hides everything from him.
    let mut owner = PgConnection::connect(&url).await.unwrap();
    assert_eq!(seen(&mut owner, "event", "tnt_a").await, 0);
    drop((owner, engine));
    let clean =
        format!("drop owned by {role} cascade; alter database {name} owner to current_user");
    run(&mut admin, &clean).await.unwrap();
    run(&mut admin, &format!("drop role {role}")).await.unwrap();
}

#[tokio::test]
async fn a_folder_is_opened_by_one() {
    let fresh = Fresh::sqlite().await;
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    world.commit(&[Change::of("x")]).await;
    let Place::Folder(folder) = &fresh.place else { panic!("a folder") };
    match SqliteEngine::open(folder.path()).await {
        Err(Fault::Folder(message)) => assert!(message.contains("in use"), "{message}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two writers"),
    }
    let beside = SqliteEngine::open_shared(folder.path()).await.unwrap();
    assert_eq!(beside.head(&world.tenant).await.unwrap().unwrap().position, Position(1));
    let batch = beside.lock(std::slice::from_ref(&world.tenant), true).await.unwrap();
    let writes = world.writes(batch.heads()[0].clone(), &[Change::of("x")]);
    batch.write(&writes).await.expect_err("the file is open for reading");
    assert!(beside.open_log(&start_of(&TenantId::new("tnt_b")), b"k").await.is_err());
    let nowhere = SqliteEngine::open_shared(&folder.path().join("none")).await;
    assert!(matches!(nowhere, Err(Fault::Folder(_))));
}
