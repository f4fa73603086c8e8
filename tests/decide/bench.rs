//! The time that deciding and folding each command takes, by criterion:
//! `cargo bench -p annals-tests --bench decide [-- risk.accept]`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on has failed")]

mod cases;
mod history;

use criterion::{BatchSize, Criterion};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for case in cases::all() {
        criterion.bench_function(&case.name, |bencher| {
            bencher.iter_batched(|| (case.prepare)(), |run| run(), BatchSize::SmallInput);
        });
    }
    criterion.final_summary();
}
