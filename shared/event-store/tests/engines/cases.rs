//! Rows, locks, checks and claims.

use std::sync::Arc;

use event_store::engine::{
    AnswerRow, BlobRow, Checks, Engine, GuardCheck, Matching, Parked, ParkedWork, Retry, Writes,
    interval_node,
};
use kernel::{Instant, Position, TenantId};

use crate::support::{Fresh, Place};
use crate::world::{Change, World, event_of, start_of};

/// Later than anything here.
const LATER: Instant = Instant::from_micros(i64::MAX);

/// Each case becomes a test on either engine.
macro_rules! on_both_engines {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(&$crate::support::Fresh::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(&$crate::support::Fresh::postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both_engines;

on_both_engines!(
    a_log_is_opened_once,
    events_come_back_as_written,
    answers_blobs_and_keys_come_back_as_written,
    a_position_or_version_is_never_taken_twice,
    a_batch_that_misses_a_row_is_refused,
    events_cannot_be_changed,
    what_is_not_committed_leaves_nothing,
    a_check_after_the_wait_sees_what_was_waited_for,
    guards_find_the_first_event_that_breaks_them,
    guards_find_objects_that_came_to_match,
    a_time_is_the_last_position_before_it,
    a_claim_is_held_by_one,
    a_parked_stream_stays_parked,
    migrations_run_once,
    documents_are_replaced_as_a_whole,
);

async fn a_log_is_opened_once(fresh: &Fresh) {
    let engine = &fresh.engine;
    let (a, b) = (TenantId::new("tnt_a"), TenantId::new("tnt_b"));
    let mut head = start_of(&a);
    (head.simulated, head.frontier) = (true, vec![1, 2, 3]);
    assert_eq!(engine.head(&a).await.unwrap(), None);
    assert!(engine.open_log(&head, b"wrapped").await.unwrap());
    assert!(!engine.open_log(&start_of(&a), b"other").await.unwrap());
    assert!(engine.open_log(&start_of(&b), b"b").await.unwrap());
    assert_eq!(engine.head(&a).await.unwrap(), Some(head));
    assert_eq!(engine.tenant_key(&a).await.unwrap().as_deref(), Some(&b"wrapped"[..]));
    assert_eq!(engine.tenant_key(&TenantId::new("tnt_c")).await.unwrap(), None);
    assert_eq!(engine.tenants().await.unwrap(), [a, b]);
}

async fn events_come_back_as_written(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    world.commit(&[Change::of("x"), Change::of("y"), Change::of("x")]).await;
    world.commit(&[Change::of("x")]).await;
    let (engine, tenant) = (&world.engine, &world.tenant);
    let all: Vec<_> = world.versions.iter().map(|row| event_of(tenant, row)).collect();

    let read = engine.events(tenant, Position(0), Position(9), 9).await.unwrap();
    assert_eq!(read, all);
    let read = engine.events(tenant, Position(1), Position(3), 9).await.unwrap();
    assert_eq!(read, all[1..3]);
    assert_eq!(engine.events(tenant, Position(0), Position(9), 1).await.unwrap(), all[..1]);

    let of_x: Vec<_> = all.iter().filter(|event| event.stream == "x").cloned().collect();
    let read = engine.stream(tenant, "x", 0, Position(9), 9).await.unwrap();
    assert_eq!(read, of_x);
    assert_eq!(engine.stream(tenant, "x", 1, Position(3), 9).await.unwrap(), of_x[1..2]);

    let head = engine.head(tenant).await.unwrap().unwrap();
    assert_eq!((head.position, head.at), (Position(4), all[3].at));
    assert_eq!(head.frontier, [7; 32]);
}

async fn answers_blobs_and_keys_come_back_as_written(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    let tenant = world.tenant.clone();
    let engine = fresh.engine.clone();
    let answer = AnswerRow {
        key: "k é".to_owned(),
        fingerprint: vec![0, 1],
        answer: b"{}".to_vec(),
        at: Instant::from_micros(-5),
    };
    let blob = BlobRow { hash: "ff".to_owned(), subject: "usr_1".to_owned(), bytes: vec![0, 255] };
    let batch = engine.lock(std::slice::from_ref(&tenant), true).await.unwrap();
    let mut writes = world.writes(batch.heads()[0].clone(), &[Change::of("x")]);
    writes.answers.push((tenant.clone(), answer.clone()));
    writes.blobs.push((tenant.clone(), blob.clone()));
    writes.subject_keys.push((tenant.clone(), "usr_1".to_owned(), b"one".to_vec()));
    batch.write(&writes).await.unwrap();

    assert_eq!(engine.answer(&tenant, "k é").await.unwrap().as_ref(), Some(&answer));
    assert_eq!(engine.answer(&tenant, "k").await.unwrap(), None);
    let hashes = ["ff".to_owned(), "00".to_owned()];
    assert_eq!(engine.blobs(&tenant, &hashes).await.unwrap(), [blob]);
    let mut batch = engine.lock(std::slice::from_ref(&tenant), true).await.unwrap();
    let keys = ["none", "k é"].map(|key| (tenant.clone(), key.to_owned())).to_vec();
    let found = batch.check(&Checks { keys, ..Checks::default() }).await.unwrap();
    batch.abandon().await.unwrap();
    assert_eq!(found.answers, [None, Some(answer)]);

    let subjects = ["usr_1".to_owned(), "usr_2".to_owned()];
    let keys = engine.subject_keys(&tenant, &subjects).await.unwrap();
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), [("usr_1".to_owned(), b"one".to_vec())]);
}

async fn a_position_or_version_is_never_taken_twice(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    world.commit(&[Change::of("x")]).await;
    let event = event_of(&world.tenant, &world.versions[0]);
    let mut other_stream = event.clone();
    other_stream.stream = "y".to_owned();
    let mut other_position = event;
    other_position.position = Position(2);
    for event in [other_stream, other_position] {
        let batch = fresh.engine.lock(std::slice::from_ref(&world.tenant), true).await.unwrap();
        let writes = Writes { events: vec![event], ..Writes::default() };
        batch.write(&writes).await.expect_err("the place is taken");
    }
    let events = fresh.engine.events(&world.tenant, Position(0), Position(9), 9).await.unwrap();
    assert_eq!(events.len(), 1);
}

async fn a_batch_that_misses_a_row_is_refused(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    world.commit(&[Change::of("x")]).await;
    let mut head = start_of(&TenantId::new("tnt_none"));
    head.position = Position(1);
    let unknown_head = Writes { heads: vec![head], ..Writes::default() };
    // It is not later than the document that it would replace.
    let current = vec![(world.tenant.clone(), world.as_of(Position(1)).remove(0))];
    let no_later_document = Writes { current, ..Writes::default() };
    for writes in [unknown_head, no_later_document] {
        let batch = fresh.engine.lock(std::slice::from_ref(&world.tenant), true).await.unwrap();
        batch.write(&writes).await.expect_err("there is no such row");
    }
}

async fn events_cannot_be_changed(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    world.commit(&[Change::of("x")]).await;
    let mut statements = vec![
        "update event set payload = payload",
        "update event set position = 7 where tenant = 'tnt_a'",
        "delete from event where tenant = 'tnt_a'",
        "delete from log_head where tenant = 'tnt_a'",
    ];
    statements.push(match fresh.place {
        Place::Folder(_) => {
            "insert or replace into event select tenant, position, stream, kind, version, \
             'forged', at, effective, leaf, header, payload from event"
        }
        Place::Database(_) => "truncate event",
    });
    for statement in statements {
        let refusal = fresh.raw(statement).await.expect_err(statement).to_string();
        assert!(refusal.contains("append-only"), "{statement}: {refusal}");
    }
    let events = fresh.engine.events(&world.tenant, Position(0), Position(9), 9).await.unwrap();
    assert_eq!(events, [event_of(&world.tenant, &world.versions[0])]);
}

async fn what_is_not_committed_leaves_nothing(fresh: &Fresh) {
    let world = World::open(&fresh.engine, "tnt_a").await;
    for dropped in [true, false] {
        let batch = fresh.engine.lock(std::slice::from_ref(&world.tenant), true).await.unwrap();
        if dropped {
            drop(batch);
        } else {
            batch.abandon().await.unwrap();
        }
    }
    let batch = fresh.engine.lock(&[], false).await.unwrap();
    assert!(batch.heads().is_empty());
    assert!(batch.now() > Instant::from_micros(1_700_000_000_000_000), "{}", batch.now());
    drop(batch);
    let batch = fresh.engine.lock(&[TenantId::new("tnt_none")], true).await.unwrap();
    assert!(batch.heads().is_empty());
}

/// Ruling 1: the check must not see the snapshot from before the wait.
async fn a_check_after_the_wait_sees_what_was_waited_for(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    let tenant = world.tenant.clone();
    let first = fresh.engine.lock(std::slice::from_ref(&tenant), true).await.unwrap();
    let (engine, waiting) = (fresh.engine.clone(), tenant.clone());
    let second = tokio::spawn(async move {
        let mut batch = engine.lock(std::slice::from_ref(&waiting), true).await.unwrap();
        let checks = Checks {
            versions: vec![(waiting.clone(), "y".to_owned()), (waiting.clone(), "x".to_owned())],
            guards: vec![GuardCheck {
                tenant: waiting,
                since: Position(0),
                kinds: vec!["scope".to_owned()],
                streams: Vec::new(),
                matching: Vec::new(),
            }],
            keys: Vec::new(),
        };
        let findings = batch.check(&checks).await.unwrap();
        (batch.heads()[0].position, batch.now(), findings)
    });
    // Time for the second to reach the lock; were it late, it would only wait less.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let locked_at = first.now();
    let writes = world.writes(first.heads()[0].clone(), &[Change::of("x")]);
    first.write(&writes).await.unwrap();
    let (position, now, findings) = second.await.unwrap();
    assert_eq!(position, Position(1));
    assert_eq!(findings.versions, [0, 1]);
    assert_eq!(findings.broken, [Some(Position(1))]);
    assert!(now.micros() - locked_at.micros() >= 150_000, "the clock is read after the wait");
}

async fn guards_find_the_first_event_that_breaks_them(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    let mut other = World::open(&fresh.engine, "tnt_b").await;
    let risk = Change { kind: "risk".to_owned(), ..Change::of("r") };
    world.commit(&[Change::of("x"), risk.clone(), Change::of("x"), risk]).await;
    other.commit(&[Change::of("z")]).await;
    let guard = |since, kinds: &[&str], streams: &[&str]| GuardCheck {
        tenant: TenantId::new("tnt_a"),
        since: Position(since),
        kinds: kinds.iter().map(|&kind| kind.to_owned()).collect(),
        streams: streams.iter().map(|&stream| stream.to_owned()).collect(),
        matching: Vec::new(),
    };
    let guards = vec![
        guard(0, &["risk"], &[]),
        guard(2, &["risk"], &[]),
        guard(4, &["risk", "scope"], &["x"]),
        guard(0, &[], &["z"]),
        guard(1, &["party"], &["x", "a,b"]),
        guard(0, &[], &[]),
    ];
    let both = [world.tenant, other.tenant];
    let mut batch = fresh.engine.lock(&both, true).await.unwrap();
    let found = batch.check(&Checks { guards, ..Checks::default() }).await.unwrap();
    let positions: Vec<_> = found.broken.iter().map(|found| found.map(|at| at.0)).collect();
    assert_eq!(positions, [Some(2), Some(4), None, None, Some(3), None]);
}

/// A guard on a value is broken by an object that has it now, and by no other of the kind.
async fn guards_find_objects_that_came_to_match(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    let with = |id: &str, value: &str| {
        let mut change = Change::of(id);
        change.slots.text[1] = Some(value.to_owned());
        change
    };
    world.commit(&[with("x", "red"), with("y", "blue"), with("x", "green")]).await;
    let guard = |since, kind: &str, slot, value: &str| GuardCheck {
        tenant: TenantId::new("tnt_a"),
        since: Position(since),
        kinds: Vec::new(),
        streams: Vec::new(),
        matching: vec![Matching { kind: kind.to_owned(), slot, value: value.to_owned() }],
    };
    let guards = vec![
        guard(0, "scope", 1, "green"),
        guard(0, "scope", 1, "red"),
        guard(0, "scope", 1, "blue"),
        guard(2, "scope", 1, "blue"),
        guard(0, "scope", 0, "green"),
        guard(0, "risk", 1, "green"),
    ];
    let mut batch = fresh.engine.lock(&[world.tenant], true).await.unwrap();
    let found = batch.check(&Checks { guards, ..Checks::default() }).await.unwrap();
    let positions: Vec<_> = found.broken.iter().map(|found| found.map(|at| at.0)).collect();
    assert_eq!(positions, [Some(1), None, Some(2), None, None, None]);
}

async fn a_time_is_the_last_position_before_it(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    // Recorded at 1000, 1000, 3000.
    world.commit(&[Change::of("x"), Change::of("y")]).await;
    world.commit(&[Change::of("x")]).await;
    for (at, expected) in [(999, 0), (1_000, 2), (2_999, 2), (3_000, 3), (i64::MAX, 3)] {
        let at = Instant::from_micros(at);
        let found = fresh.engine.position_at(&world.tenant, at).await.unwrap();
        assert_eq!(found, Position(expected), "{at}");
    }
}

async fn a_claim_is_held_by_one(fresh: &Fresh) {
    let engine: &Arc<dyn Engine> = &fresh.engine;
    let (mut a, mut b) = (World::open(engine, "tnt_a").await, World::open(engine, "tnt_b").await);
    World::open(engine, "tnt_empty").await;
    assert!(engine.claim("reactions", LATER).await.unwrap().is_none());
    a.commit(&[Change::of("x"), Change::of("x")]).await;
    b.commit(&[Change::of("x")]).await;

    let first = engine.claim("reactions", LATER).await.unwrap().expect("work");
    let second = engine.claim("reactions", LATER).await.unwrap().expect("work of the other log");
    assert_ne!(first.tenant(), second.tenant());
    assert!(engine.claim("reactions", LATER).await.unwrap().is_none(), "both are held");
    let other = engine.claim("webhooks", LATER).await.unwrap().expect("another subscriber's work");
    assert_eq!(other.checkpoint(), Position(0));
    drop(other);

    let (of_a, of_b) = if *first.tenant() == a.tenant { (first, second) } else { (second, first) };
    of_a.finish(Position(1)).await.unwrap();
    of_b.finish(Position(1)).await.unwrap();
    let again = engine.claim("reactions", LATER).await.unwrap().expect("one event is left");
    assert_eq!((again.tenant(), again.checkpoint()), (&a.tenant, Position(1)));
    drop(again);
    let again = loop {
        // A rollback that was begun by dropping may still be under way.
        if let Some(claim) = engine.claim("reactions", LATER).await.unwrap() {
            break claim;
        }
    };
    assert_eq!(again.checkpoint(), Position(1), "dropping handles nothing");
    again.finish(Position(2)).await.unwrap();
    assert!(engine.claim("reactions", LATER).await.unwrap().is_none());
}

fn parked(stream: &str, position: u64, error: &str, at: Option<i64>) -> Parked {
    let retry = Retry { attempts: 2, at: at.map(Instant::from_micros) };
    Parked { stream: stream.into(), position: Position(position), error: error.into(), retry }
}

async fn a_parked_stream_stays_parked(fresh: &Fresh) {
    let engine = &fresh.engine;
    let mut world = World::open(engine, "tnt_a").await;
    let tenant = world.tenant.clone();
    world.commit(&[Change::of("x"), Change::of("y")]).await;
    let mut claim = engine.claim("reactions", LATER).await.unwrap().expect("work");
    assert!(claim.parked().await.unwrap().is_empty());
    let (x, y) = (parked("x", 2, "down again", Some(500)), parked("y", 2, "down", None));
    for parked in [&parked("x", 1, "down", Some(100)), &y, &x] {
        claim.park(parked).await.unwrap();
    }
    claim.finish(Position(2)).await.unwrap();

    let now = Instant::from_micros(499);
    assert!(engine.claim("reactions", now).await.unwrap().is_none(), "nothing is to be tried yet");
    let mut claim = engine.claim("reactions", Instant::from_micros(500)).await.unwrap().unwrap();
    assert_eq!(claim.parked().await.unwrap(), [x, y.clone()]);
    claim.unpark("x").await.unwrap();
    claim.finish(Position(2)).await.unwrap();
    assert!(engine.claim("reactions", LATER).await.unwrap().is_none(), "y is an operator's");
    assert!(engine.parked(Some("webhooks")).await.unwrap().is_empty());

    for (subscriber, stream) in [("webhooks", "y"), ("reactions", "x")] {
        assert!(!engine.resume(subscriber, &tenant, stream).await.unwrap());
    }
    assert!(engine.resume("reactions", &tenant, "y").await.unwrap());
    let all = engine.parked(None).await.unwrap();
    let resumed = Parked { retry: Retry { attempts: 0, at: Some(Instant::default()) }, ..y };
    let subscriber = "reactions".to_owned();
    assert_eq!(all, [ParkedWork { subscriber, tenant, parked: resumed }]);
    assert!(engine.claim("reactions", LATER).await.unwrap().is_some());
}

async fn migrations_run_once(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    world.commit(&[Change::of("x")]).await;
    fresh.engine.migrate().await.unwrap();
    world.commit(&[Change::of("x")]).await;
}

async fn documents_are_replaced_as_a_whole(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    let mut other = World::open(&fresh.engine, "tnt_b").await;
    for _ in 0..3 {
        world.commit(&[Change::of("x"), Change::of("y")]).await;
    }
    other.commit(&[Change::of("x")]).await;
    let (engine, tenant) = (&fresh.engine, &world.tenant);
    let mut expected = world.versions.clone();
    expected.sort_by(|a, b| (&a.id, a.from).cmp(&(&b.id, b.from)));
    for row in &mut expected {
        (row.shape, row.slots.number[2]) = (2, Some(9));
    }
    engine
        .replace_documents(tenant, Position(5), expected.clone())
        .await
        .expect_err("the head is at 6");
    engine.replace_documents(tenant, Position(6), expected.clone()).await.unwrap();

    let all = engine.versions(tenant, ("", Position(0)), 99).await.unwrap();
    assert_eq!(all, expected);
    let rest = engine.versions(tenant, ("x", expected[1].from), 2).await.unwrap();
    assert_eq!(rest, expected[2..4]);
    let untouched = engine.versions(&other.tenant, ("", Position(0)), 99).await.unwrap();
    assert_eq!(untouched, other.versions);
    for row in all {
        if let Some(to) = row.to {
            let (id, from, node) = (row.id, row.from, interval_node(row.from, to));
            let stored = format!(
                "update document_history set node = node where tenant = 'tnt_a' and id = '{id}' \
                 and from_position = {from} and node = {node}"
            );
            assert_eq!(fresh.raw(&stored).await.unwrap(), 1, "{stored}");
        }
    }
}
