//! The time that deciding and folding each command takes, by criterion:
//! `cargo bench -p annals-tests --bench decide [-- monitor/ingest]`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on has failed")]

mod cases;
mod history;

use criterion::{BatchSize, Criterion};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for case in cases::all() {
        if let Some(most) = case.most {
            println!("{} may take {most:?}", case.name);
        }
        let (kind, _) = case.command();
        let name = case.name.strip_prefix(kind).unwrap_or_default().trim_start_matches('.');
        criterion.benchmark_group(kind).bench_function(name, |bencher| {
            bencher.iter_batched(|| (case.prepare)(), |run| run(), BatchSize::SmallInput);
        });
    }
    criterion.final_summary();
}
