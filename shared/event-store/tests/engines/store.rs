//! The store above the engines: group commit, its conflicts, sealing, time, subscribers; each on
//! both engines, with a kind made for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use event_store::log::StoredEvent;
use event_store::mapping::Mapping;
use event_store::prepare::{Change, Grounds, NewEvent};
use event_store::seal::SecretKey;
use event_store::store::clock;
use event_store::subscribe::{self, Subscriber, Why};
use event_store::{Append, AppendError, AsOf, Guard, IdempotencyKey, Log, Store};
use kernel::{Actor, Instant, Position, Role, TenantId, Via};
use serde_json::{Value, json};

use crate::support::Fresh;

macro_rules! on_both_engines {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(super::Fresh::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(super::Fresh::postgres().await).await;
            })*
        }
    };
}

on_both_engines!(
    several_streams_are_written_together_or_not_at_all,
    what_is_drafted_is_seen_by_the_draft_alone_and_stored_whole,
    a_bad_append_does_not_harm_its_neighbours,
    a_guard_that_had_to_wait_sees_the_others_event,
    a_key_gives_the_first_answer_again,
    the_clock_of_a_log_only_goes_on,
    texts_are_sealed_and_open_again,
    subscribers_miss_nothing_and_park_what_fails,
    two_processes_share_one_log_without_gaps,
);

/// The store of one process over an engine.
async fn store(fresh: &Fresh, key: &SecretKey) -> Arc<Store> {
    let mappings = HashMap::from([("thing", Mapping { shape: 1, ..Mapping::default() })]);
    Store::open(Arc::clone(&fresh.engine), key.clone(), mappings).await.unwrap()
}

async fn log(fresh: &Fresh, simulated: bool) -> (Arc<Store>, Log) {
    let store = store(fresh, &SecretKey::generate().unwrap()).await;
    let tenant = TenantId::from_bits(7);
    assert!(store.open_log(&tenant, simulated).await.unwrap());
    let log = store.log(&tenant);
    (store, log)
}

fn id(n: u128) -> String {
    kernel::id::encode("thing", n)
}

fn events(values: &[Value]) -> Vec<NewEvent> {
    let event = |after: &Value| NewEvent {
        name: "thing.changed",
        version: 1,
        schema_hash: Arc::from(""),
        clauses: &[],
        data: after.clone(),
        after: after.clone(),
    };
    values.iter().map(event).collect()
}

/// An append of these objects with these values, as the newest documents stand.
async fn change(log: &Log, objects: &[(u128, &[Value])]) -> Append {
    let mut streams = Vec::new();
    for (n, values) in objects {
        let before = log.newest(&id(*n)).await.unwrap();
        let change =
            Change { kind: "thing", id: id(*n), before, is_fresh: false, events: events(values) };
        streams.push(log.prepare(change, &Grounds::default()).await.unwrap());
    }
    let actor = Actor { id: "usr_1".into(), role: Role::Am, via: Via::User, engagement: None };
    Append {
        tenant: log.tenant().clone(),
        actor,
        correlation: "cmd_1".into(),
        cause: None,
        effective: None,
        clock: None,
        streams,
        guard: None,
        unchanged: Vec::new(),
        key: None,
    }
}

async fn head(log: &Log) -> Position {
    log.resolve(AsOf::Now).await.unwrap().position
}

async fn several_streams_are_written_together_or_not_at_all(fresh: Fresh) {
    let (_, log) = log(&fresh, false).await;
    let two = [json!({"n": 1}), json!({"n": 2})];
    let append = change(&log, &[(1, &two), (2, &two[..1])]).await;
    let done = log.append(append).await.unwrap();
    assert_eq!(done.outcome.position, Position(3));
    let all = log.events(Position::START, Position(9), 9).await.unwrap();
    assert!(all.iter().all(|event| event.row.at == done.outcome.recorded_at));
    assert!(all.iter().all(|event| (event.header.tx.first, event.header.tx.n) == (1, 3)));
    // A version that stood only inside the transaction can be asked for by its position.
    let inside = log.document(&id(1), Position(1)).await.unwrap().unwrap();
    assert_eq!(*inside.body, json!({"n": 1}));

    let mut bad = change(&log, &[(1, &two[..1]), (3, &two[..1])]).await;
    bad.streams[0].expected = 1;
    let refused = log.append(bad).await.unwrap_err();
    assert!(matches!(refused, AppendError::VersionConflict { actual: 2, expected: 1, .. }));
    assert_eq!(head(&log).await, Position(3));
    assert!(log.newest(&id(3)).await.unwrap().is_none());
}

async fn what_is_drafted_is_seen_by_the_draft_alone_and_stored_whole(fresh: Fresh) {
    let (_, log) = log(&fresh, false).await;
    log.append(change(&log, &[(1, &[json!({"n": 1})])]).await).await.unwrap();
    let draft = log.drafting().await.unwrap();
    let first = json!({"name": {"plain": "Ingrid Solberg"}});
    let second = json!({"name": {"plain": "Ingrid Solberg"}, "n": 2});
    draft.append(change(&draft, &[(2, &[first])]).await).await.unwrap();
    draft.append(change(&draft, &[(2, &[second]), (1, &[json!({"n": 3})])]).await).await.unwrap();
    assert_eq!(draft.newest(&id(2)).await.unwrap().unwrap().version, 2);
    assert!(log.newest(&id(2)).await.unwrap().is_none());
    assert_eq!(log.newest(&id(1)).await.unwrap().unwrap().version, 1);
    let whole = draft.drafted().unwrap();
    assert!(draft.drafted().is_none());
    let done = log.append(whole).await.unwrap();
    assert_eq!((done.outcome.events.len(), done.outcome.position), (3, Position(4)));
    let stored = log.newest(&id(2)).await.unwrap().unwrap();
    assert_eq!((stored.version, &stored.body["n"]), (2, &json!(2)));
    let name = stored.body["name"]["sealed"].as_str().unwrap().to_owned();
    let opened = log.open_texts(std::slice::from_ref(&name)).await.unwrap();
    assert_eq!(&*opened[&name], "Ingrid Solberg");
    // Somebody else was faster: nothing of the draft is stored.
    let draft = log.drafting().await.unwrap();
    draft
        .append(change(&draft, &[(3, &[json!({})]), (1, &[json!({"n": 5})])]).await)
        .await
        .unwrap();
    log.append(change(&log, &[(1, &[json!({"n": 4})])]).await).await.unwrap();
    let refused = log.append(draft.drafted().unwrap()).await.unwrap_err();
    assert!(matches!(refused, AppendError::VersionConflict { .. }), "{refused}");
    assert!(log.newest(&id(3)).await.unwrap().is_none());
}

async fn a_bad_append_does_not_harm_its_neighbours(fresh: Fresh) {
    let (_, log) = log(&fresh, false).await;
    let mut tasks = Vec::new();
    for n in 0..40u128 {
        let mut append = change(&log, &[(n, &[json!({"n": n as u64})])]).await;
        match n % 4 {
            1 => append.streams[0].expected = 5,
            // Only the database can refuse this one: the batch is halved until it is alone.
            2 => append.streams[0].id = format!("{}\0", id(n)),
            _ => {}
        }
        let log = log.clone();
        tasks.push(tokio::spawn(async move { (n, log.append(append).await) }));
    }
    let mut positions = Vec::new();
    for task in tasks {
        let (n, result) = task.await.unwrap();
        match (n % 4, result) {
            (1, Err(AppendError::VersionConflict { .. })) => {}
            (2, Err(AppendError::Fault(_) | AppendError::Unstorable(_))) => {}
            (0 | 3, Ok(done)) => positions.push(done.outcome.position.0),
            (_, other) => panic!("{n}: {other:?}"),
        }
    }
    positions.sort_unstable();
    assert_eq!(positions, (1..=20).collect::<Vec<_>>());
}

async fn a_guard_that_had_to_wait_sees_the_others_event(fresh: Fresh) {
    let (_, log) = log(&fresh, false).await;
    let first = change(&log, &[(1, &[json!({})])]).await;
    let mut second = change(&log, &[(2, &[json!({})])]).await;
    let kinds = vec!["thing".to_owned()];
    second.guard = Some(Guard { since: head(&log).await, kinds, ..Guard::default() });
    let unrelated = Guard { since: head(&log).await, streams: vec![id(9)], ..Guard::default() };
    let mut third = change(&log, &[(3, &[json!({})])]).await;
    third.guard = Some(unrelated);
    // All in one batch or one after the other: the answer is the same.
    let (first, second, third) =
        tokio::join!(log.append(first), log.append(second), log.append(third));
    first.unwrap();
    assert!(matches!(second, Err(AppendError::GuardBroken { at: Position(1) })), "{second:?}");
    third.unwrap();
}

async fn a_key_gives_the_first_answer_again(fresh: Fresh) {
    let (_, log) = log(&fresh, false).await;
    let key = IdempotencyKey { key: "k".into(), fingerprint: vec![1] };
    let with_key = |mut append: Append| {
        append.key = Some(key.clone());
        append
    };
    let first = with_key(change(&log, &[(1, &[json!({})])]).await);
    let second = with_key(change(&log, &[(2, &[json!({})])]).await);
    let (first, second) = tokio::join!(log.append(first), log.append(second));
    let done = first.unwrap();
    let Err(AppendError::KeyTaken(answer)) = second else { panic!("{second:?}") };
    assert_eq!(answer.fingerprint, [1]);
    let (fingerprint, outcome) = log.answered("k").await.unwrap().unwrap();
    assert_eq!((fingerprint, outcome), (vec![1], done.outcome.clone()));
    assert_eq!(log.answered("other").await.unwrap(), None);
    let third = with_key(change(&log, &[(3, &[json!({})])]).await);
    assert!(matches!(log.append(third).await, Err(AppendError::KeyTaken(_))));
    assert_eq!(head(&log).await, Position(1));
}

async fn the_clock_of_a_log_only_goes_on(fresh: Fresh) {
    let (store, simulated) = log(&fresh, true).await;
    let at = |log: Log, n: u128, clock: &'static str| async move {
        let mut append = change(&log, &[(n, &[json!({})])]).await;
        append.clock = Some(clock.parse().unwrap());
        log.append(append).await.map(|done| done.outcome.recorded_at.to_string())
    };
    let noon = at(simulated.clone(), 1, "2024-07-01T12:00:00Z").await.unwrap();
    assert_eq!(noon, "2024-07-01T12:00:00.000000Z");
    let again = at(simulated.clone(), 2, "2024-07-01T12:00:00Z").await.unwrap();
    assert_eq!(again, "2024-07-01T12:00:00.000001Z");
    let back = at(simulated.clone(), 3, "2024-07-01T11:00:00Z").await;
    assert!(matches!(back, Err(AppendError::Clock(_))), "{back:?}");
    let time: Instant = "2024-07-01T12:00:00Z".parse().unwrap();
    let resolved = simulated.resolve(AsOf::Time(time)).await.unwrap();
    assert_eq!((resolved.position, resolved.settled), (Position(1), true));

    let real = TenantId::from_bits(8);
    store.open_log(&real, false).await.unwrap();
    let real = store.log(&real);
    let refused = at(real.clone(), 1, "2024-07-01T12:00:00Z").await;
    assert!(matches!(refused, Err(AppendError::Clock(_))), "{refused:?}");
    let append = change(&real, &[(1, &[json!({})])]).await;
    let done = real.append(append).await.unwrap();
    // A time so recent that a transaction may still be recorded at it is not settled.
    let resolved = real.resolve(AsOf::Time(done.outcome.recorded_at.plus_micros(1))).await;
    assert!(!resolved.unwrap().settled);
    assert!(real.resolve(AsOf::Position(Position(2))).await.is_err());
}

async fn texts_are_sealed_and_open_again(fresh: Fresh) {
    let (_, log) = log(&fresh, false).await;
    let secret =
        json!({"name": {"plain": "Ingrid Solberg"}, "notes": [{"plain": "Ingrid Solberg"}]});
    log.append(change(&log, &[(1, &[secret])]).await).await.unwrap();
    let second = json!({"name": {"plain": "Priya Nair"}});
    log.append(change(&log, &[(1, &[second])]).await).await.unwrap();
    let events = log.events(Position::START, Position(9), 9).await.unwrap();
    let payload = String::from_utf8(events[0].row.payload.clone()).unwrap();
    assert!(!payload.contains("Ingrid") && !payload.contains("plain"), "{payload}");
    let first = events[0].payload["data"]["name"]["sealed"].as_str().unwrap().to_owned();
    assert_eq!(events[0].payload["data"]["notes"][0]["sealed"], first.as_str());
    assert_eq!(events[0].payload["sealed"][0]["blob"], first.as_str());
    let newest = log.newest(&id(1)).await.unwrap().unwrap();
    let second = newest.body["name"]["sealed"].as_str().unwrap().to_owned();
    let opened = log.open_texts(&[first.clone(), second.clone(), "00".into()]).await.unwrap();
    assert_eq!((&*opened[&first], &*opened[&second]), ("Ingrid Solberg", "Priya Nair"));
    assert_eq!(opened.len(), 2);
    // Another installation's key opens nothing.
    let other = store(&fresh, &SecretKey::generate().unwrap()).await;
    assert!(other.log(log.tenant()).open_texts(&[first]).await.is_err());
}

/// Notes what it is given; one stream it cannot handle.
struct Noting {
    seen: Mutex<Vec<(TenantId, u64)>>,
    attempts: AtomicU64,
    broken: AtomicBool,
}

impl Noting {
    fn new(broken: bool) -> Self {
        let broken = AtomicBool::new(broken);
        Self { seen: Mutex::default(), attempts: AtomicU64::new(0), broken }
    }

    /// What it has seen since it was asked last.
    fn places(&self) -> Vec<u64> {
        self.seen.lock().unwrap().drain(..).map(|(_, position)| position).collect()
    }
}

#[async_trait]
impl Subscriber for Noting {
    fn name(&self) -> &'static str {
        "noting"
    }

    async fn handle(&self, tenant: &TenantId, event: &StoredEvent) -> Result<(), Why> {
        if event.row.stream == id(2) && self.broken.load(Ordering::Relaxed) {
            self.attempts.fetch_add(1, Ordering::Relaxed);
            return Err("cannot be handled".into());
        }
        self.seen.lock().unwrap().push((tenant.clone(), event.row.position.0));
        Ok(())
    }
}

async fn subscribers_miss_nothing_and_park_what_fails(fresh: Fresh) {
    let (store, log) = log(&fresh, false).await;
    for n in [1, 2, 3, 2, 1] {
        log.append(change(&log, &[(n, &[json!({})])]).await).await.unwrap();
    }
    let noting = Noting::new(true);
    let mut now = clock();
    assert!(subscribe::step_at(&store, &noting, now).await.unwrap());
    assert!(!subscribe::step_at(&store, &noting, now).await.unwrap());
    // Events of the stream that failed are left out, visibly; the others go on.
    assert_eq!(noting.places(), [1, 3, 5]);
    log.append(change(&log, &[(2, &[json!({})]), (4, &[json!({})])]).await).await.unwrap();
    // Another process of the same name goes on where this one stopped.
    let again = Noting::new(true);
    assert!(subscribe::step_at(&store, &again, now).await.unwrap());
    assert_eq!((again.places(), again.attempts.load(Ordering::Relaxed)), (vec![7], 0));

    // It is tried again after pauses that grow, each time at the first event alone.
    let mut pauses = Vec::new();
    while let Some(at) = store.parked(Some("noting")).await.unwrap()[0].parked.retry.at {
        assert!(!subscribe::step_at(&store, &noting, at.plus_micros(-1)).await.unwrap());
        pauses.push(at.micros() - now.micros());
        now = at;
        assert!(subscribe::step_at(&store, &noting, now).await.unwrap());
    }
    assert!(pauses.is_sorted() && pauses.len() == 6, "{pauses:?}");
    assert_eq!(noting.attempts.load(Ordering::Relaxed), 7);
    assert!(noting.places().is_empty());
    let left = store.parked(Some("noting")).await.unwrap();
    assert_eq!((left.len(), left[0].parked.error.as_str()), (1, "cannot be handled"));

    // An operator who has cured the cause resumes it: it goes on where it stopped, in order.
    noting.broken.store(false, Ordering::Relaxed);
    assert!(store.resume("noting", log.tenant(), &id(2)).await.unwrap());
    while subscribe::step(&store, &noting).await.unwrap() {}
    assert_eq!(noting.places(), [2, 4, 6]);
    assert!(store.parked(None).await.unwrap().is_empty());
}

async fn two_processes_share_one_log_without_gaps(fresh: Fresh) {
    let key = SecretKey::generate().unwrap();
    let (one, two) = (store(&fresh, &key).await, store(&fresh, &key).await);
    let tenant = TenantId::from_bits(7);
    one.open_log(&tenant, false).await.unwrap();
    let mut tasks = Vec::new();
    for n in 0..60u128 {
        let log = if n % 2 == 0 { one.log(&tenant) } else { two.log(&tenant) };
        tasks.push(tokio::spawn(async move {
            let append = change(&log, &[(n, &[json!({})])]).await;
            log.append(append).await.map(|done| done.outcome.position.0)
        }));
    }
    let mut positions = Vec::new();
    for task in tasks {
        positions.push(task.await.unwrap().unwrap());
    }
    positions.sort_unstable();
    assert_eq!(positions, (1..=60).collect::<Vec<_>>());
    // What one process holds in memory of an object that the other changed is found to be stale.
    let (here, there) = (one.log(&tenant), two.log(&tenant));
    assert!(here.newest(&id(0)).await.unwrap().is_some());
    there.append(change(&there, &[(0, &[json!({"a": 1})])]).await).await.unwrap();
    let stale = change(&here, &[(0, &[json!({"a": 2})])]).await;
    let refused = here.append(stale).await.unwrap_err();
    assert!(matches!(refused, AppendError::VersionConflict { expected: 1, actual: 2, .. }));
    here.forget(&id(0));
    here.append(change(&here, &[(0, &[json!({"a": 2})])]).await).await.unwrap();
}
