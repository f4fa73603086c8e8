//! Documents, lists and counts as of every position, against a model in memory.

use event_store::engine::{Condition, ListQuery, Op, Order, Slot, SlotValue, interval_node};
use kernel::Position;

use crate::cases::on_both_engines;
use crate::support::Fresh;
use crate::world::{Change, Random, TEXTS, World, keys};

on_both_engines!(
    documents_as_of_every_position_are_those_of_that_time,
    the_node_of_an_ended_version_is_that_of_its_interval,
    any_list_is_that_of_the_model,
    pages_follow_each_other_without_gap_or_repetition,
);

/// Logs of the same seed are the same on both engines.
async fn random_world(fresh: &Fresh, seed: u64, commits: usize, objects: usize) -> World {
    let mut random = Random::new(seed);
    let mut world = World::open(&fresh.engine, "tnt_a").await;
    let mut beside = World::open(&fresh.engine, "tnt_b").await;
    for _ in 0..commits {
        let mut changes = Vec::new();
        for _ in 0..1 + random.below(4) {
            let id = format!("o{}", random.below(objects));
            changes.push(Change::random(&mut random, &id));
        }
        world.commit(&changes).await;
        if random.chance(20) {
            beside.commit(&changes).await;
        }
    }
    world
}

async fn documents_as_of_every_position_are_those_of_that_time(fresh: &Fresh) {
    let world = random_world(fresh, 1, 60, 12).await;
    let ids: Vec<String> = (0..13).map(|n| format!("o{n}")).collect();
    for at in 0..=world.position.0 + 1 {
        let at = Position(at);
        let mut found = fresh.engine.documents(&world.tenant, &ids, at).await.unwrap();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(found, world.as_of(at), "as of {at}");
    }
    let mut newest = fresh.engine.newest(&world.tenant, &ids).await.unwrap();
    newest.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(newest, world.as_of(world.position));
    assert!(fresh.engine.newest(&world.tenant, &[]).await.unwrap().is_empty());
}

async fn the_node_of_an_ended_version_is_that_of_its_interval(fresh: &Fresh) {
    let world = random_world(fresh, 2, 60, 5).await;
    for row in &world.versions {
        let Some(to) = row.to else { continue };
        let (id, from, node) = (&row.id, row.from, interval_node(row.from, to));
        let stored = format!(
            "update document_history set search = search where tenant = 'tnt_a' \
             and id = '{id}' and from_position = {from} and to_position = {to} and node = {node}"
        );
        assert_eq!(fresh.raw(&stored).await.unwrap(), 1, "{stored}");
    }
}

fn random_condition(random: &mut Random) -> Condition {
    let slot =
        random.one_of(&[Slot::Text(0), Slot::Text(1), Slot::Number(0), Slot::Number(1), Slot::Id]);
    let mut value = || match slot {
        _ if random.chance(5) => SlotValue::Null,
        Slot::Text(_) => SlotValue::Text(random.one_of(&TEXTS).to_owned()),
        Slot::Number(_) => SlotValue::Number(random.one_of(&[i64::MIN, -2, -1, 0, 1, i64::MAX])),
        Slot::Id => SlotValue::Text(format!("o{}", random.below(30))),
    };
    let (one, others) = (value(), vec![value(), value(), value()]);
    let op = match random.below(10) {
        0 => Op::Eq(one),
        1 => Op::Ne(one),
        2 => Op::In(others),
        3 => Op::In(Vec::new()),
        4 => Op::Lt(one),
        5 => Op::Lte(one),
        6 => Op::Gt(one),
        7 => Op::Gte(one),
        8 => match slot {
            Slot::Number(_) => Op::IsNull(random.chance(50)),
            Slot::Text(_) | Slot::Id => Op::StartsWith(random.one_of(&TEXTS).to_owned()),
        },
        _ => Op::IsNull(random.chance(50)),
    };
    Condition { slot, op }
}

fn random_query(random: &mut Random, world: &World) -> ListQuery {
    let mut order = Vec::new();
    for (slot, nullable) in [
        (Slot::Text(0), false),
        (Slot::Text(1), true),
        (Slot::Number(1), true),
        (Slot::Number(0), false),
    ] {
        if random.chance(35) {
            order.push(Order { slot, descending: random.chance(50), nullable });
        }
    }
    if random.chance(50) {
        order.reverse();
    }
    order.push(Order { slot: Slot::Id, descending: random.chance(50), nullable: false });
    let mut query = ListQuery {
        kind: if random.chance(80) { "scope" } else { "risk" }.to_owned(),
        conditions: (0..random.below(3)).map(|_| random_condition(random)).collect(),
        search: random.chance(25).then(|| random.one_of(&TEXTS).to_lowercase()),
        order,
        after: None,
        limit: random.one_of(&[1, 3, 10, 1_000]),
        at: match random.below(3) {
            0 => world.position,
            _ => Position(
                u64::try_from(random.below(usize::try_from(world.position.0).unwrap() + 9))
                    .unwrap(),
            ),
        },
    };
    if random.chance(50) {
        // Any row's keys may be a page's start, whether or not the row is in the list.
        let row = random.one_of(&world.versions);
        query.after = Some(keys(&query, &row));
    }
    query
}

async fn any_list_is_that_of_the_model(fresh: &Fresh) {
    let world = random_world(fresh, 3, 120, 30).await;
    let mut random = Random::new(4);
    let mut rows = 0;
    for _ in 0..600 {
        let query = random_query(&mut random, &world);
        let expected = world.page(&query);
        let found = fresh.engine.list(&world.tenant, &query).await.unwrap();
        assert_eq!(found, expected, "{query:?}");
        rows += found.len();
        let total = world.found(&query).len().min(query.limit);
        let counted = fresh.engine.count(&world.tenant, &query).await.unwrap();
        assert_eq!(counted, u64::try_from(total).unwrap(), "{query:?}");
    }
    assert!(rows > 500, "the queries find something: {rows}");
}

async fn pages_follow_each_other_without_gap_or_repetition(fresh: &Fresh) {
    let world = random_world(fresh, 5, 80, 30).await;
    let order = |slot, descending, nullable| Order { slot, descending, nullable };
    let mut query = ListQuery {
        kind: "scope".to_owned(),
        conditions: Vec::new(),
        search: None,
        order: vec![
            order(Slot::Number(1), true, true),
            order(Slot::Text(1), false, true),
            order(Slot::Id, true, false),
        ],
        after: None,
        limit: 4,
        at: Position(world.position.0 / 2),
    };
    let whole = world.found(&query);
    let mut read = Vec::new();
    loop {
        let page = fresh.engine.list(&world.tenant, &query).await.unwrap();
        let Some(last) = page.last() else { break };
        query.after = Some(keys(&query, last));
        read.extend(page);
    }
    assert_eq!(read, whole);
}
