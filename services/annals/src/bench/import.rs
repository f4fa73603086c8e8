//! A library of risks into an empty tenant, from the bytes of the file to the commit.

use std::fmt::Write;
use std::time::Instant;

use anyhow::{Context, ensure};
use bus::{Request, Who};
use exchange::import::{File, Import, Imports};
use exchange::operation::Format;
use kernel::id::encode;
use kernel::values::Line;
use kernel::{Role, TenantId, Via};
use serde_json::json;

use crate::app::App;
use crate::settings::Settings;

/// Runs that are taken; the fastest and the slowest are shown beside the middle one.
const RUNS: u128 = 5;

/// Imports, each time into a tenant of its own.
pub async fn run(settings: Settings, risks: usize) -> anyhow::Result<()> {
    let app = App::open(settings).await?;
    let library = library(risks)?;
    let mut times = Vec::new();
    for n in 0..RUNS {
        times.push(once(&app, n, &library, risks).await?);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "{} engine: {risks} risks ({} KiB of YAML) imported in {:.2} s ({:.2} to {:.2} s, {} runs)",
        app.store.engine(),
        library.len() / 1024,
        times[times.len() / 2],
        times[0],
        times[times.len() - 1],
        times.len(),
    );
    Ok(())
}

async fn once(app: &App, n: u128, library: &str, risks: usize) -> anyhow::Result<f64> {
    let tenant = TenantId::from_bits(1 << 80 | n);
    app.store.open_log(&tenant, false).await?;
    let log = app.store.log(&tenant);
    let user = encode("usr", n + 1);
    let organisation =
        json!({ "legalName": "Bench B.V.", "jurisdictions": ["NL"], "dataRegion": "eu" });
    let member = json!({ "user": user, "name": "Risk manager", "roles": ["RM"] });
    for (kind, verb, input) in
        [("organisation", "provision", organisation), ("membership", "grant", member)]
    {
        let kind = app.registry.named(kind).with_context(|| format!("no kind {kind}"))?;
        let request = Request { verb: verb.into(), input, ..Request::default() };
        app.registry.dispatch(kind, &log, &Who::system("bench"), request).await?;
    }
    let who = Who { id: user, roles: vec![Role::Rm], via: Via::User, ..Who::system("bench") };
    let file = File {
        format: Format::RiskLibrary,
        name: Line::new("library.yaml"),
        bytes: library.as_bytes().to_vec(),
        source: Line::new("annals bench"),
        licence: Line::new("CC0-1.0"),
        with_system: false,
        wishes: exchange::import::Wishes::default(),
    };
    let (imports, import) =
        (Imports::of(&app.registry), Import { log: log.clone(), who, file, clock: None });
    let begun = Instant::now();
    let operation = imports.start(&import, None).await?.id;
    imports.carry_out(&import, &operation).await?;
    let took = begun.elapsed().as_secs_f64();
    let done = log.newest(&operation).await?.context("the operation is not there")?;
    ensure!(done.body["status"] == "succeeded", "{}", done.body["errors"]);
    ensure!(done.body["created"][0]["count"] == risks, "{}", done.body["created"]);
    Ok(took)
}

/// A library in the words of the public ones.
fn library(risks: usize) -> Result<String, std::fmt::Error> {
    let mut text = String::from("taxonomies:\n  - id: bench\n    name: Bench library\nentries:\n");
    for n in 0..risks {
        writeln!(
            text,
            "  - id: bench-{n}\n    name: Risk number {n}\n    type: Risk\n    isPartOf: group-{}\n    \
             url: https://example.com/risks/{n}\n    description: >-\n      A model learns what is in \
             its data, in way {n}, and nobody looks at\n      every example; people who are judged \
             by it bear the consequences.\n    concern: Who is affected cannot know why.",
            n % 20
        )?;
    }
    Ok(text)
}
