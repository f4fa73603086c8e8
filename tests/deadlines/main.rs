//! The scheduler: in order, once, in time, whoever else runs and whatever is refused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod alarm;
mod world;

use std::time::Duration;

use event_store::store::clock;
use event_store::verify;
use kernel::{Instant, Position, TenantId};
use rules::deadlines::Stop;
use serde_json::json;
use world::{SECOND, World, at, later, rung};

/// Each on both engines.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::World::sqlite().await).await; })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::World::postgres().await).await; })+
        }
    };
}

on_both!(
    what_was_missed_is_caught_up_in_the_order_of_its_times,
    a_restart_loses_and_doubles_nothing,
    two_schedulers_give_each_command_once,
    what_is_refused_is_parked_until_it_changes_or_is_resumed,
    a_later_command_of_a_parked_object_is_given_at_its_time,
    a_command_that_is_waited_for_again_does_not_spin,
    nothing_is_late_while_one_tenant_has_much_to_catch_up,
    a_thousand_tenants_are_served_at_one_moment,
    check_and_rebuild_know_what_is_waited_for,
);

fn time(text: &str) -> Instant {
    text.parse().unwrap()
}

async fn what_was_missed_is_caught_up_in_the_order_of_its_times(world: World) {
    let log = world.log(1, true).await;
    let begin = time("2025-01-01T00:00:00Z");
    let day = |n: i64| begin.plus_days(n);
    let a = world.sets(&log, Some(begin), at(&[day(1), day(4), day(4).plus_micros(1)])).await;
    let b = world.sets(&log, Some(begin), at(&[day(9), day(3), day(2)])).await;
    let deadlines = world.deadlines();
    assert!(deadlines.fire_next(&log, day(1).plus_micros(-1)).await.unwrap().is_none());
    let first = deadlines.fire_next(&log, day(1)).await.unwrap().unwrap();
    assert_eq!(
        (first.object.as_str(), first.verb, first.due, first.at),
        (&*a, "ring", day(1), day(1))
    );
    assert_eq!(first.events, ["scope.rang"]);
    assert_eq!(deadlines.advance(&log, day(8)).await.unwrap().len(), 4);
    let (a, b) = (a.as_str(), b.as_str());
    let seen = rung(&log).await;
    let seen: Vec<_> = seen.iter().map(|(id, due, at)| (id.as_str(), *due, *at)).collect();
    let just_after = day(4).plus_micros(1);
    assert_eq!(
        seen,
        [
            (a, day(1), day(1)),
            (b, day(2), day(2)),
            (b, day(3), day(3)),
            (a, day(4), day(4)),
            (a, just_after, just_after),
        ]
    );
    // Given late, it is recorded after what has been recorded meanwhile.
    world.gives(&log, Some(day(20)), Some(a), "redraft", at(&[])).await;
    let late = deadlines.fire_next(&log, day(20)).await.unwrap().unwrap();
    assert_eq!((late.due, late.at), (day(9), day(20).plus_micros(1)));
    // The event names the one since which the object waited.
    let all = log.events(Position::START, Position(1_000), 1_000).await.unwrap();
    let set = all.iter().find(|event| event.row.stream == a).unwrap();
    let rang = all.iter().find(|event| event.row.name == "scope.rang").unwrap();
    assert_eq!(rang.header.cause.as_deref(), Some(set.header.id.as_str()));
}

async fn a_restart_loses_and_doubles_nothing(world: World) {
    let log = world.log(1, true).await;
    let tenant = log.tenant().clone();
    let begin = time("2025-01-01T00:00:00Z");
    let times: Vec<_> = (1..=20).map(|n| begin.plus_days(n)).collect();
    for _ in 0..3 {
        world.sets(&log, Some(begin), at(&times)).await;
    }
    drop(log);
    let (mut world, mut given) = (world, 0);
    while given < 60 {
        let log = world.store.log(&tenant);
        for _ in 0..7 {
            let fired = world.deadlines().fire_next(&log, begin.plus_days(30)).await.unwrap();
            given += usize::from(fired.is_some());
        }
        drop(log);
        world = world.restarted().await;
    }
    let seen = rung(&world.store.log(&tenant)).await;
    assert_eq!(seen.len(), 60);
    assert!(seen.is_sorted_by_key(|(_, due, _)| *due));
}

/// On SQLite the second scheduler shares the process, on PostgreSQL it has its own.
async fn two_schedulers_give_each_command_once(world: World) {
    let other = match &world.place {
        world::Place::Folder(_) => (world.store.clone(), world.registry.clone()),
        world::Place::Database { .. } => world.beside().await,
    };
    let begin = later(-100);
    let mut logs = Vec::new();
    for tenant in 0..4 {
        let log = world.log(tenant, false).await;
        for n in 0..15 {
            let times = [begin.plus_micros(n * SECOND), begin.plus_micros(2 * n * SECOND + 1)];
            world.sets(&log, None, at(&times)).await;
        }
        logs.push(log);
    }
    let one = tokio::spawn(world.deadlines().run(clock));
    let two = tokio::spawn(rules::deadlines::Deadlines::new(other.0, other.1).run(clock));
    for log in &logs {
        until(async || rung(log).await.len() >= 30).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    one.abort();
    two.abort();
    for log in &logs {
        assert_eq!(rung(log).await.len(), 30);
    }
    assert_eq!(world.store.parked(None).await.unwrap(), []);
}

async fn what_is_refused_is_parked_until_it_changes_or_is_resumed(world: World) {
    let log = world.log(1, false).await;
    let stuck = json!({ "times": [later(-5)], "isStuck": true });
    let one = world.sets(&log, None, stuck.clone()).await;
    let two = world.sets(&log, None, stuck).await;
    let free = world.sets(&log, None, at(&[later(-1)])).await;
    let deadlines = world.deadlines();
    let fired = deadlines.advance(&log, clock()).await.unwrap();
    assert_eq!(fired.iter().map(|fired| &fired.object).collect::<Vec<_>>(), [&free]);
    let parked = world.store.parked(None).await.unwrap();
    let mut named: Vec<_> = parked.iter().map(|row| row.parked.stream.clone()).collect();
    named.sort();
    let mut both = [one.clone(), two.clone()];
    both.sort();
    assert_eq!(named, both);
    for row in &parked {
        assert_eq!(
            (row.subscriber.as_str(), row.parked.error.as_str()),
            ("deadlines", "ring: It is stuck.")
        );
        assert_eq!(row.tenant, *log.tenant());
    }
    // Passed over, not tried again.
    assert_eq!(deadlines.advance(&log, clock()).await.unwrap().len(), 0);
    assert_eq!(world.store.due(clock(), &[], 10).await.unwrap(), []);
    // It changes: it is tried again by itself.
    world.gives(&log, None, Some(&one), "redraft", at(&[later(-4)])).await;
    assert_eq!(deadlines.advance(&log, clock()).await.unwrap().len(), 1);
    // An operator resumes the other: it is tried, and parked again.
    assert!(world.store.resume("deadlines", log.tenant(), &two).await.unwrap());
    assert!(!world.store.resume("deadlines", log.tenant(), &two).await.unwrap());
    assert_eq!(world.store.due(clock(), &[], 10).await.unwrap().len(), 1);
    assert_eq!(deadlines.advance(&log, clock()).await.unwrap().len(), 0);
    let parked = world.store.parked(None).await.unwrap();
    assert_eq!(parked.iter().map(|row| &row.parked.stream).collect::<Vec<_>>(), [&two]);
}

async fn a_later_command_of_a_parked_object_is_given_at_its_time(world: World) {
    let log = world.log(1, true).await;
    let begin = time("2025-01-01T00:00:00Z");
    let times = [begin.plus_days(1), begin.plus_days(5)];
    let stuck = json!({ "times": times, "isStuck": true });
    let id = world.sets(&log, Some(begin), stuck).await;
    let deadlines = world.deadlines();
    deadlines.advance(&log, begin.plus_days(2)).await.unwrap();
    assert_eq!(world.store.parked(None).await.unwrap().len(), 1);
    assert_eq!(log.due(begin.plus_days(4), 10).await.unwrap(), []);
    assert_eq!(log.due(begin.plus_days(5), 10).await.unwrap().len(), 1);
    deadlines.advance(&log, begin.plus_days(5)).await.unwrap();
    let parked = world.store.parked(None).await.unwrap();
    assert_eq!(parked[0].parked.error, "ring: It is stuck.; ring: It is stuck.");
    assert_eq!(log.due(begin.plus_days(9), 10).await.unwrap(), []);
    world.gives(&log, Some(begin.plus_days(6)), Some(&id), "redraft", at(&times)).await;
    assert_eq!(deadlines.advance(&log, begin.plus_days(6)).await.unwrap().len(), 2);
}

async fn a_command_that_is_waited_for_again_does_not_spin(world: World) {
    let log = world.log(1, false).await;
    let forgetful = json!({ "times": [later(-5)], "isForgetful": true });
    let id = world.sets(&log, None, forgetful).await;
    let fired = world.deadlines().advance(&log, clock()).await.unwrap();
    assert_eq!(fired.len(), 1);
    let parked = world.store.parked(None).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].parked.stream, id);
    assert!(parked[0].parked.error.contains("waited for again"), "{}", parked[0].parked.error);
}

async fn nothing_is_late_while_one_tenant_has_much_to_catch_up(world: World) {
    let busy = world.log(1, false).await;
    let begin = later(-10_000);
    for n in 0..40 {
        let times: Vec<_> = (0..20).map(|m| begin.plus_micros((n * 20 + m) * SECOND)).collect();
        world.sets(&busy, None, at(&times)).await;
    }
    let other = world.log(2, false).await;
    let soon = later(1);
    world.sets(&other, None, at(&[soon])).await;
    let running = tokio::spawn(world.deadlines().run(clock));
    until(async || !rung(&other).await.is_empty()).await;
    let (_, due, recorded) = rung(&other).await[0].clone();
    assert_eq!(due, soon);
    let late = recorded.micros() - due.micros();
    assert!((0..5 * SECOND).contains(&late), "{late} µs late");
    until(async || rung(&busy).await.len() == 800).await;
    running.abort();
    let seen = rung(&busy).await;
    assert!(seen.is_sorted_by_key(|(_, due, _)| *due));
}

async fn a_thousand_tenants_are_served_at_one_moment(world: World) {
    let moment = later(20);
    for n in 0..1_000 {
        let log = world.log(n, false).await;
        world.sets(&log, None, at(&[moment])).await;
    }
    assert!(clock() < moment, "setting them took too long");
    assert_eq!(world.store.next_due(clock()).await.unwrap(), Some(moment));
    let running = tokio::spawn(world.deadlines().run(clock));
    let rest = moment.micros() - clock().micros() + 5 * SECOND;
    tokio::time::sleep(Duration::from_micros(rest.cast_unsigned())).await;
    running.abort();
    assert_eq!(world.store.due(clock(), &[], 2_000).await.unwrap(), [], "five seconds after");
    let one = world.store.log(&TenantId::from_bits(17));
    let (_, due, recorded) = rung(&one).await[0].clone();
    assert!(due == moment && recorded >= moment);
}

async fn check_and_rebuild_know_what_is_waited_for(world: World) {
    let (real, simulated) = (world.log(1, false).await, world.log(2, true).await);
    let begin = time("2030-01-01T00:00:00Z");
    world.sets(&real, None, at(&[begin])).await;
    world.sets(&simulated, Some(time("2025-01-01T00:00:00Z")), at(&[begin])).await;
    for log in [&real, &simulated] {
        let report = verify::check(log, &*world.registry).await.unwrap();
        assert_eq!(report.problems, []);
        verify::rebuild(log).await.unwrap();
        let report = verify::check(log, &*world.registry).await.unwrap();
        assert_eq!(report.problems, []);
        assert_eq!(log.due(begin, 10).await.unwrap().len(), 1);
    }
    // The scheduler on the real clock does not see what waits by a clock that is set.
    let due = world.store.due(begin, &[], 10).await.unwrap();
    assert_eq!(due.iter().map(|row| &row.tenant).collect::<Vec<_>>(), [real.tenant()]);
    assert_eq!(world.store.due(begin, &[real.tenant().clone()], 10).await.unwrap(), []);
    let (nobody, deadlines) = (world.store.log(&TenantId::from_bits(9)), world.deadlines());
    assert!(matches!(deadlines.fire_next(&nobody, begin).await, Ok::<_, Stop>(None)));
}

/// Waits for something that must come true within half a minute.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come true");
}
