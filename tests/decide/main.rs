//! Deciding and folding any one command takes less than 20 microseconds for an object of ordinary
//! size. The short form of `bench.rs`: each command some hundred times. It judges optimised builds
//! only: `cargo test --release -p annals-tests --test decide -- --nocapture`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod cases;
mod history;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use history::Case;

/// As in the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Most that a command may take, unless its case says otherwise and why.
const MOST: Duration = Duration::from_micros(20);
/// How often each is run in a round.
const TIMES: usize = 101;
/// How many rounds: the best one counts, so that other work of the machine does not.
const ROUNDS: usize = 3;

/// Half of the runs of the best round take no longer.
fn took(case: &Case) -> Duration {
    (0..ROUNDS).map(|_| median(case)).min().unwrap()
}

fn median(case: &Case) -> Duration {
    let once = |_| {
        let run = (case.prepare)();
        let begun = Instant::now();
        let after = run();
        let took = begun.elapsed();
        drop(after);
        took
    };
    let mut all: Vec<_> = (0..TIMES).map(once).collect();
    all.sort_unstable();
    all[TIMES / 2]
}

#[test]
fn any_command_is_decided_and_folded_within_20_microseconds() {
    let mut slow = Vec::new();
    for case in cases::all() {
        let took = took(&case);
        println!("{:45} {:7.2} µs", case.name, took.as_secs_f64() * 1e6);
        if took > case.most.unwrap_or(MOST) {
            slow.push(format!("{} takes {took:?}", case.name));
        }
    }
    if cfg!(debug_assertions) {
        println!("not held to {MOST:?}: this build is not optimised (cargo test --release)");
        return;
    }
    assert!(slow.is_empty(), "\n{}", slow.join("\n"));
}

#[test]
fn every_command_of_every_kind_is_measured() {
    let mut measured = BTreeSet::new();
    for case in cases::all() {
        let (kind, verb) = case.command();
        measured.insert(format!("{kind}.{verb}"));
    }
    let kinds = annals::app::all_kinds();
    let declared = kinds.iter().map(|kind| kind.decl()).flat_map(|decl| {
        decl.commands.iter().map(|command| format!("{}.{}", decl.row.name, command.verb))
    });
    let missing: Vec<_> = declared.filter(|command| !measured.contains(command)).collect();
    assert!(missing.is_empty(), "not measured: {missing:?}");
}
