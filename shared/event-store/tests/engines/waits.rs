//! Finding what has come due: of all tenants, oldest first, without looking through what has not.

use std::time::{Duration, Instant as Timer};

use event_store::engine::Due;
use kernel::{Instant, TenantId};

use crate::cases::on_both_engines;
use crate::support::Fresh;
use crate::world::{Change, World, start_of};

on_both_engines!(what_is_due_comes_oldest_first, looking_costs_the_same_however_much_waits,);

fn at(micros: i64) -> Instant {
    Instant::from_micros(micros)
}

fn due(id: &str, micros: i64) -> Change {
    Change { due: Some(at(micros)), ..Change::of(id) }
}

async fn what_is_due_comes_oldest_first(fresh: &Fresh) {
    let mut a = World::open(&fresh.engine, "tnt_a").await;
    let mut b = World::open(&fresh.engine, "tnt_b").await;
    a.commit(&[due("x", 30), due("y", 10), Change::of("z")]).await;
    b.commit(&[due("x", 20), due("w", 90)]).await;
    // The second version of `y` waits for something else.
    a.commit(&[due("y", 40)]).await;
    let engine = &fresh.engine;
    let found = |rows: &[event_store::engine::DueRow]| -> Vec<(String, String, u64, i64)> {
        let row = |row: &event_store::engine::DueRow| {
            (row.tenant.to_string(), row.id.clone(), row.version, row.at.micros())
        };
        rows.iter().map(row).collect()
    };
    let row = |tenant: &str, id: &str, version, micros| {
        (tenant.to_owned(), id.to_owned(), version, micros)
    };
    let all = engine.due(at(40), &[], 10).await.unwrap();
    let wanted = [row("tnt_b", "x", 1, 20), row("tnt_a", "x", 1, 30), row("tnt_a", "y", 2, 40)];
    assert_eq!(found(&all), wanted);
    assert_eq!(found(&engine.due(at(39), &[], 10).await.unwrap()), wanted[..2]);
    assert_eq!(found(&engine.due(at(40), &[], 1).await.unwrap()), wanted[..1]);
    let others = engine.due(at(40), &[TenantId::new("tnt_a")], 10).await.unwrap();
    assert_eq!(found(&others), wanted[..1]);
    assert_eq!(engine.next_due(at(40)).await.unwrap(), Some(at(90)));
    assert_eq!(engine.next_due(at(90)).await.unwrap(), None);
    let head = engine.head(&a.tenant).await.unwrap().unwrap();
    assert_eq!(found(&engine.due_of(&head, at(90), 10).await.unwrap()), wanted[1..]);
    // By a clock that is set, only its own log is looked at.
    let mut simulated = start_of(&TenantId::new("tnt_s"));
    simulated.simulated = true;
    assert!(engine.open_log(&simulated, b"key").await.unwrap());
    assert_eq!(found(&engine.due_of(&simulated, at(90), 10).await.unwrap()), []);
    assert_eq!(Due::of(Some(at(1)), true), Due { at: None, simulated: Some(at(1)) });
    // Parked at its version, and until another time.
    engine.park_due(&all[1], "stuck", Some(at(60))).await.unwrap();
    engine.park_due(&all[2], "stuck", None).await.unwrap();
    assert_eq!(found(&engine.due(at(59), &[], 10).await.unwrap()), wanted[..1]);
    assert_eq!(found(&engine.due(at(60), &[], 10).await.unwrap()), wanted[..2]);
    assert_eq!(engine.parked(None).await.unwrap().len(), 2);
    a.commit(&[due("y", 5)]).await;
    let parked = engine.parked(None).await.unwrap();
    assert_eq!(parked.iter().map(|row| row.parked.stream.as_str()).collect::<Vec<_>>(), ["x"]);
    assert!(engine.resume("deadlines", &a.tenant, "x").await.unwrap());
    assert!(!engine.resume("deadlines", &a.tenant, "ghost").await.unwrap());
    let all = engine.due(at(59), &[], 10).await.unwrap();
    assert_eq!(
        found(&all),
        [row("tnt_a", "y", 3, 5), row("tnt_b", "x", 1, 20), row("tnt_a", "x", 1, 30)]
    );
}

/// A thousand tenants with a hundred objects each that wait for later, and one that is due.
async fn looking_costs_the_same_however_much_waits(fresh: &Fresh) {
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    world.commit(&[due("x", 10)]).await;
    let alone = looking(fresh).await;
    let numbers = "with recursive number (n) as \
         (select 0 union all select n + 1 from number where n < 99999) ";
    fresh
        .raw(&format!(
            "insert into document (tenant, id, kind, version, from_position, at, created_at, \
             shape, dated, search, body, due_at) {numbers} \
             select 'tnt_' || (n % 1000), 'obj_' || n, 'scope', 1, 1, 0, 0, 1, {no}, '', '{{}}', \
             1000000 + n from number",
            no = if fresh.engine.name() == "sqlite" { "0" } else { "false" }
        ))
        .await
        .unwrap();
    let among = looking(fresh).await;
    assert!(among < alone * 5 + Duration::from_millis(1), "{alone:?} alone, {among:?} among many");
}

/// What half of the looks take at most.
async fn looking(fresh: &Fresh) -> Duration {
    let mut times = Vec::new();
    for _ in 0..51 {
        let begun = Timer::now();
        assert_eq!(fresh.engine.due(at(1_000), &[], 1_000).await.unwrap().len(), 1);
        fresh.engine.next_due(at(1_000)).await.unwrap();
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times[25]
}
