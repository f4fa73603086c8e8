//! Readiness over HTTP of a tenant with many documents and their history: the first answer, after a
//! write, again, of the past, as a series, and after a restart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use event_store::prepare::{Change, Grounds, NewEvent};
use event_store::store::new_id;
use event_store::{Append, Log};
use kernel::id::{encode, suffix_of, uuid_v7};
use kernel::{Actor, Role, TenantId, Via};
use serde_json::{Value, json};

use super::client::Connection;
use super::start::resident_kib;
use crate::app::App;
use crate::settings::Settings;

/// Objects per transaction.
const CHUNK: usize = 1_000;
/// A question is asked so often; the median counts.
const TIMES: usize = 7;
/// How far back the records reach.
const DAYS: i64 = 730;

/// What a tenant has: kind, prefix, event, how many of a hundred, the clauses that it evidences.
const MIX: [(&str, &str, &str, usize, &[&str]); 6] = [
    ("risk", "risk", "risk.analysed", 25, &["6.1.2", "8.2"]),
    ("evidence", "evd", "evidence.linked", 35, &["7.5.3"]),
    ("training_record", "trr", "training_record.training_completed", 20, &["7.2"]),
    ("nonconformity", "ncf", "nonconformity.raised", 8, &["10.2"]),
    ("document", "doc", "document.version_approved", 8, &["7.5.2"]),
    ("treatment_plan", "tpl", "treatment_plan.approved", 4, &["6.1.3", "8.3"]),
];

/// Fills a database, then asks.
pub async fn run(settings: Settings, documents: usize, versions: usize) -> anyhow::Result<()> {
    let app = App::open(settings.clone()).await?;
    let begun = Instant::now();
    let tenant = TenantId::new(encode("tnt", uuid_v7(1, 1)));
    app.store.open_log(&tenant, true).await?;
    let log = app.store.log(&tenant);
    let user = fill(&log, documents, versions).await?;
    let head = log.head().await?.context("head")?;
    println!(
        "{} engine: {documents} documents with {versions} versions each, {} events, filled in {:.0} s",
        app.store.engine(),
        head.position,
        begun.elapsed().as_secs_f64()
    );
    let running = app.serve()?;
    let token = app.identity.tokens().mint(&tenant, &user, Duration::from_secs(3600))?;
    let mut connection = Connection::open(&running.address.to_string(), &token).await?;
    let before = resident_kib(std::process::id())?;
    let first = ask(&mut connection, "aims", NOW).await?;
    println!("  readiness, nothing known yet: {:.0} ms", ms(first));
    let taken = resident_kib(std::process::id())?.saturating_sub(before);
    println!("  memory for it: {} MiB", taken / 1024);
    show("readiness again", &mut connection, "aims", NOW).await?;
    let mid = format!("aims(asOf: {{position: \"{}\"}})", head.position.0 / 2);
    show("readiness as of mid-history", &mut connection, &mid, NOW).await?;
    show("a series of 24 months", &mut connection, "aims", SERIES).await?;
    let mut took = Vec::new();
    for n in 0..TIMES {
        write(&log, &MIX[0], vec![(new_id("risk")?, body("risk", &user, n, 0))], head.at).await?;
        took.push(ask(&mut connection, "aims", NOW).await?);
    }
    println!("  readiness after a write: {:.1} ms", ms(median(took)));
    // Its bytes are kept beside the answer.
    tokio::time::sleep(Duration::from_secs(3)).await;
    running.handle.stop(false).await;
    drop(app);
    let app = App::open(settings).await?;
    let running = app.serve()?;
    let token = app.identity.tokens().mint(&tenant, &user, Duration::from_secs(3600))?;
    let mut connection = Connection::open(&running.address.to_string(), &token).await?;
    let first = ask(&mut connection, "aims", NOW).await?;
    println!("  the first answer after a restart: {:.1} ms", ms(first));
    running.handle.stop(false).await;
    Ok(())
}

const NOW: &str = "readiness(items: 10) { metrics { name numerator denominator value items { id } } \
    stage1 { ready missing { what } } stage2 { ready } index { value forced } }";
const SERIES: &str = "readinessSeries(from: \"2024-01-31\", to: \"2025-12-31\", step: MONTH) \
    { points { at metrics { name value } index } }";

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

async fn show(
    what: &str,
    connection: &mut Connection,
    of: &str,
    fields: &str,
) -> anyhow::Result<()> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        took.push(ask(connection, of, fields).await?);
    }
    println!("  {what}: {:.1} ms", ms(median(took)));
    Ok(())
}

async fn ask(connection: &mut Connection, of: &str, fields: &str) -> anyhow::Result<Duration> {
    let body = json!({ "query": format!("{{ {of} {{ {fields} }} }}") }).to_string();
    let begun = Instant::now();
    let (status, answer) = connection.post("/graphql", &body).await?;
    let took = begun.elapsed();
    let text = String::from_utf8_lossy(&answer);
    ensure!(status == 200 && !text.contains("\"errors\""), "{status}: {text}");
    Ok(took)
}

/// A member, then documents over two years, each with its versions.
async fn fill(log: &Log, documents: usize, versions: usize) -> anyhow::Result<String> {
    let user = new_id("usr")?;
    let member =
        json!({ "user": user, "name": { "plain": "Priya" }, "roles": ["AM"], "status": "active" });
    let membership = format!("mbr_{}", suffix_of(&user));
    let begin = "2024-01-01T00:00:00Z".parse::<kernel::Instant>()?;
    let member = vec![(membership, member)];
    write(log, &("membership", "mbr", "membership.granted", 1, &[]), member, begin).await?;
    let mut ids = Vec::with_capacity(documents);
    for of in &MIX {
        for n in 0..documents * of.3 / 100 {
            ids.push((of, n, new_id(of.1)?));
        }
    }
    let chunks = ids.len().div_ceil(CHUNK) * versions;
    let mut done = 0;
    for version in 0..versions {
        for chunk in ids.chunks(CHUNK) {
            let at = begin.plus_days(DAYS * done / i64::try_from(chunks)?);
            done += 1;
            for of in &MIX {
                let own = chunk.iter().filter(|(kind, _, _)| kind.0 == of.0);
                let own = own.map(|(kind, n, id)| (id.clone(), body(kind.0, &user, *n, version)));
                let own: Vec<_> = own.collect();
                if !own.is_empty() {
                    write(log, of, own, at).await?;
                }
            }
        }
    }
    Ok(user)
}

/// A document with about as much text as a real one.
fn body(kind: &str, user: &str, n: usize, version: usize) -> Value {
    let day = |offset: usize| {
        let days = i64::try_from(n % 700 + offset).unwrap_or_default();
        kernel::Instant::from_micros(0).plus_days(19_723 + days).date()
    };
    let text = "What is said of it, at the length at which people say such things. ".repeat(4);
    let mut body = match kind {
        "risk" => json!({
            "title": format!("Risk {n}"), "status": "accepted", "owner": user,
            "inherent": { "likelihood": 4, "score": 12 + n % 8, "level": "high" },
            "residual": { "likelihood": 2, "score": 4 + (n + version) % 8, "level": "medium" },
            "acceptance": { "by": user, "score": 12, "validUntil": day(180 + version) },
        }),
        "evidence" => json!({
            "sha256": format!("{n:064x}"), "size": 1000 + version, "filename": format!("{n}.pdf"),
            "status": "verified", "freshUntil": day(300 + version),
            "links": { "a.6.2.4": { "control": "A.6.2.4" }, "6.1.3": { "clause": "6.1.3" } },
        }),
        "training_record" => json!({
            "person": user, "course": format!("Course {}", n % 40), "status": "completed",
            "completedOn": day(0), "validUntil": day(365 + version),
            "competences": { format!("c{}", n % 50): { "level": "skilled" } },
        }),
        "nonconformity" => json!({
            "title": format!("Nonconformity {n}"), "grade": "minor", "raisedOn": day(0),
            "status": if version == 0 { "raised" } else { "closed" }, "requirement": "7.2",
            "failedChecks": 0, "due": day(60),
        }),
        "document" => json!({
            "kind": "procedure", "number": format!("PRC-{n}"), "title": format!("Procedure {n}"),
            "status": "approved",
            "effective": { "version": version + 1, "approvedAt": "2024-01-01T00:00:00.000000Z" },
            "inForce": {
                "edition": format!("1.{version}"), "effectiveFrom": day(0),
                "nextReviewDue": day(365 + version),
            },
        }),
        _ => json!({
            "title": format!("Plan {n}"), "status": "approved",
            "effective": { "version": version + 1, "approvedAt": "2024-01-01T00:00:00.000000Z" },
            "inForce": { "version": version + 1, "actions": {
                "a1": { "due": day(30), "status": "open", "mandatory": true },
                "a2": { "due": day(90 + version), "status": "open", "mandatory": false },
            } },
        }),
    };
    body["note"] = json!({ "plain": text });
    body
}

async fn write(
    log: &Log,
    of: &(&'static str, &str, &'static str, usize, &'static [&'static str]),
    objects: Vec<(String, Value)>,
    at: kernel::Instant,
) -> anyhow::Result<()> {
    let mut streams = Vec::with_capacity(objects.len());
    for (id, after) in objects {
        let before = log.newest(&id).await?;
        let event = NewEvent {
            name: of.2,
            version: 1,
            schema_hash: Arc::from(""),
            clauses: of.4,
            data: json!({}),
            after,
        };
        let change = Change { kind: of.0, id, before, is_fresh: false, events: vec![event] };
        streams.push(log.prepare(change, &Grounds::default()).await?);
    }
    let actor =
        Actor { id: "imp_bench".into(), role: Role::Sys, via: Via::Import, engagement: None };
    let head = log.head().await?.context("head")?;
    log.append(Append {
        tenant: log.tenant().clone(),
        actor,
        correlation: "cmd_bench".into(),
        cause: None,
        effective: None,
        clock: Some(at.max(head.at.plus_micros(1))),
        streams,
        guard: None,
        unchanged: Vec::new(),
        key: None,
    })
    .await?;
    Ok(())
}
