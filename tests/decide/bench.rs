//! The time that deciding and folding each command takes, by criterion:
//! `cargo bench -p annals-tests --bench decide [-- monitor/ingest]`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on has failed")]

mod cases;
mod history;

use std::time::Duration;

use criterion::{BatchSize, Criterion};

/// As in the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let short = Criterion::default().warm_up_time(Duration::from_millis(200));
    let short = short.measurement_time(Duration::from_secs(1)).sample_size(50);
    let mut criterion = short.configure_from_args();
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
