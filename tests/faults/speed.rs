//! How fast the rules are: events a second with the whole table, and what they add to a command.
//! `cargo nextest run --release -p annals-tests --test faults --run-ignored only --no-capture`

use std::sync::Arc;
use std::time::{Duration, Instant};

use event_store::engine::sqlite::SqliteEngine;
use kernel::Role;
use kernel::id::encode;
use rules::Reaction;
use rules::reactions::TABLE;
use serde_json::json;

use crate::world::{Step, World};

const RESOURCES: u128 = 500;

fn steps() -> Vec<Step> {
    let made = |n| {
        let id = encode("res", n);
        let about = json!({ "name": format!("Model {n}"), "resourceKind": "model",
            "resourceVersion": "1", "licence": "MIT", "supplierName": "Lumora" });
        [
            Step::make(Role::Dev, "resource", "register", &id, about),
            Step::to(Role::So, "resource", "approve", &id, json!({})),
            Step::to(Role::Dev, "resource", "revise", &id, json!({ "resourceVersion": "2" })),
        ]
    };
    (0..RESOURCES).flat_map(made).collect()
}

/// The commands' times in order.
async fn given(world: &World) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for (n, step) in steps().iter().enumerate() {
        let began = Instant::now();
        world.give(n + 1, step).await.map_err(|error| anyhow::anyhow!("{error}"))?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

async fn world(rules: &[Reaction]) -> anyhow::Result<(World, tempfile::TempDir)> {
    let folder = tempfile::tempdir()?;
    let database = SqliteEngine::open(folder.path()).await?;
    let world = World::open(Arc::new(database), rules).await?;
    world.begin().await?;
    Ok((world, folder))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn events_a_second_and_what_a_command_waits() -> anyhow::Result<()> {
    let all: Vec<_> = TABLE.iter().flat_map(|rules| rules.iter().copied()).collect();
    let (alone, _folder) = world(&[]).await?;
    let without = given(&alone).await?;

    let (late, _folder) = world(&all).await?;
    given(&late).await?;
    let before = late.told().await?.len();
    let began = Instant::now();
    assert!(late.settle().await?);
    let took = began.elapsed();
    let after = late.told().await?.len();

    let (beside, _folder) = world(&all).await?;
    let engine = rules::Engine {
        store: Arc::clone(&beside.store),
        registry: Arc::clone(&beside.registry),
        rules: rules::Rules::of(all),
    };
    let following = event_store::subscribe::follow(Arc::clone(&beside.store), Arc::new(engine));
    let following = tokio::spawn(following);
    let with = given(&beside).await?;
    following.abort();

    println!("{before} events followed, {} more recorded, in {took:?}", after - before);
    println!("{:.0} events a second", after as f64 / took.as_secs_f64());
    for (name, times) in [("without rules", without), ("with rules beside", with)] {
        let of = |percent: usize| times[times.len() * percent / 100];
        println!("a command {name}: half in {:?}, 95 % in {:?}", of(50), of(95));
    }
    Ok(())
}
