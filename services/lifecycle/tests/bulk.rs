//! Ten thousand measurements in one request, through the bus and an embedded store.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bus::{CommandError, Done, Registry, Request, Who, kind};
use event_store::engine::sqlite::SqliteEngine;
use event_store::seal::SecretKey;
use event_store::{Log, Store};
use kernel::{Role, TenantId};
use lifecycle::ai_system::AiSystem;
use lifecycle::monitor::Monitor;
use serde_json::{Value, json};

const POINTS: usize = 10_000;

struct World {
    _folder: tempfile::TempDir,
    registry: Arc<Registry>,
    log: Log,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let registry =
            Registry::new([kind::<AiSystem>(), kind::<Monitor>()].map(Option::unwrap).into());
        let engine = Arc::new(SqliteEngine::open(folder.path()).await.unwrap());
        let key = SecretKey::generate().unwrap();
        let store = Store::open(engine, key, registry.mappings()).await.unwrap();
        let tenant = TenantId::from_bits(1);
        store.open_log(&tenant, true).await.unwrap();
        let log = store.log(&tenant);
        Self { _folder: folder, registry, log }
    }

    async fn give(
        &self,
        kind: &str,
        verb: &str,
        id: Option<&str>,
        input: Value,
    ) -> Result<Done, CommandError> {
        let request = Request {
            verb: verb.into(),
            id: id.map(str::to_owned),
            input,
            clock: Some("2025-03-31T12:00:00Z".parse().unwrap()),
            ..Request::default()
        };
        let who = Who { roles: vec![Role::So, Role::Ops, Role::Sys], ..Who::system("test") };
        self.registry.dispatch(self.registry.named(kind).unwrap(), &self.log, &who, request).await
    }

    /// A monitor with one metric of this window.
    async fn monitor(&self, amount: u32, unit: &str) -> String {
        let system = json!({
            "name": "CreditLens", "purpose": "Scores applicants.", "systemKind": "ml",
            "origin": "built", "autonomy": "human_in_loop", "inScope": true,
            "systemVersion": "2.0.1",
        });
        let system = self.give("ai_system", "register", None, system).await.unwrap().id;
        let metrics = json!({ "m": {
            "name": "DIR", "metricKind": "fairness", "aggregate": "mean",
            "direction": "higher_is_better", "warn": "0.85", "breach": "0.80",
            "window": { "amount": amount, "unit": unit },
        }});
        let input = json!({ "system": system, "name": "DIR", "metrics": metrics });
        self.give("monitor", "arm", None, input).await.unwrap().id
    }
}

/// A point a minute, the newest of them at noon.
fn points(count: usize) -> Value {
    let noon: kernel::Instant = "2025-03-31T12:00:00Z".parse().unwrap();
    let point = |n: usize| {
        let at = noon.plus_micros(-60_000_000 * i64::try_from(n).unwrap());
        json!({ "metric": "m", "at": at, "value": format!("0.{:06}", 800_000 + n) })
    };
    (0..count).map(point).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_points_become_one_event_of_their_windows_and_one_of_the_breach() {
    let world = World::new().await;
    let monitor = world.monitor(1, "days").await;
    let before = world.log.head().await.unwrap().unwrap().position;
    let input = json!({ "points": points(POINTS) });
    let begun = Instant::now();
    let done = world.give("monitor", "ingest", Some(&monitor), input).await.unwrap();
    let (took, after) = (begun.elapsed(), done.outcome.position);
    println!("{POINTS} points, 8 windows: {took:?} from input to commit");
    let names = done.outcome.events.iter().map(|event| event.name.as_str());
    let names: Vec<_> = names.collect();
    assert_eq!(names, ["monitor.metric_observed", "monitor.metric_threshold_breached"]);
    let events = world.log.events(before, after, 10).await.unwrap();
    let data = &events[0].payload["data"];
    assert_eq!(data["points"], POINTS);
    let windows = data["windows"].as_array().unwrap();
    let n: u64 = windows.iter().map(|window| window["n"].as_u64().unwrap()).sum();
    assert_eq!((windows.len(), n), (8, 10_000));
    // The points of 2025-03-31, from midnight to noon: 0.8 to 0.80072.
    assert_eq!((&windows[7]["n"], &windows[7]["value"]), (&json!(721), &json!("0.80036")));
    if cfg!(not(debug_assertions)) {
        assert!(took < Duration::from_millis(100), "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_windows_in_one_request_are_kept_in_the_log_and_six_in_the_document() {
    let world = World::new().await;
    let monitor = world.monitor(1, "minutes").await;
    let input = json!({ "points": points(POINTS) });
    let begun = Instant::now();
    let done = world.give("monitor", "ingest", Some(&monitor), input).await.unwrap();
    println!("{POINTS} points, {POINTS} windows: {:?} from input to commit", begun.elapsed());
    let history = world.log.history(&monitor, 1, done.outcome.position, 10).await.unwrap();
    assert_eq!(history[0].payload["data"]["windows"].as_array().unwrap().len(), POINTS);
    let document = world.log.newest(&monitor).await.unwrap().unwrap();
    assert_eq!(document.body["metrics"]["m"]["windows"].as_object().unwrap().len(), 6);
    assert_eq!(document.body["status"], "alerting", "0.8 to 0.85 warns");
    let report = event_store::verify::check(&world.log, &*world.registry).await.unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_at_once_lose_no_point() {
    let world = Arc::new(World::new().await);
    let monitor = world.monitor(1, "months").await;
    let mut tasks = Vec::new();
    for _ in 0..3 {
        let (world, monitor) = (Arc::clone(&world), monitor.clone());
        tasks.push(tokio::spawn(async move {
            for _ in 0..5 {
                let input = json!({ "points": points(20) });
                let mut done = Err(CommandError::Conflict);
                while matches!(done, Err(CommandError::Conflict)) {
                    done = world.give("monitor", "ingest", Some(&monitor), input.clone()).await;
                }
                done.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let document = world.log.newest(&monitor).await.unwrap().unwrap();
    assert_eq!(document.body["metrics"]["m"]["windows"]["2025-03-01t00.00"]["n"], 300);
}
