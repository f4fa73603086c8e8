//! Lists through GraphQL over HTTP: fifty pieces of evidence ordered by a field that changes, each
//! with the person who registered it and three links; now, and as of mid-history.

use std::collections::BTreeMap;
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
use crate::app::App;
use crate::settings::Settings;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Tenants.
    pub tenants: usize,
    /// Objects per tenant.
    pub objects: usize,
    /// Versions per object.
    pub versions: usize,
}

const FIELDS: &str = "evidenceList(first: 50, orderBy: [{field: FRESH_UNTIL, direction: DESC}]) \
    { nodes { id filename status freshUntil registeredBy { id roles } links { key clause } } }";

/// Fills a database, then asks.
pub async fn run(settings: Settings, size: Size) -> anyhow::Result<()> {
    let app = App::open(settings).await?;
    let begun = Instant::now();
    let mut members = Vec::new();
    for n in 0..size.tenants {
        members.push(fill(&app, n, size).await?);
    }
    let running = app.serve()?;
    println!(
        "{} engine: {} objects over {} tenants with {} versions each, filled in {:.0} s",
        app.store.engine(),
        size.objects * size.tenants,
        size.tenants,
        size.versions,
        begun.elapsed().as_secs_f64()
    );
    let address = running.address.to_string();
    let mut timings = Timings::default();
    // Each tenant is asked once per round, so that no page, plan or buffer is warmer than the
    // others' when the first question as of a position comes.
    for round in 0..4u64 {
        for member in &members {
            ask(&app, &address, member, round, &mut timings).await?;
        }
    }
    timings.show();
    running.handle.stop(false).await;
    Ok(())
}

#[derive(Default)]
struct Timings(BTreeMap<&'static str, Vec<Duration>>);

impl Timings {
    fn add(&mut self, what: &'static str, took: Duration) {
        self.0.entry(what).or_default().push(took);
    }

    fn median_ms(&self, what: &str) -> f64 {
        let mut all = self.0.get(what).cloned().unwrap_or_default();
        all.sort_unstable();
        all.get(all.len() / 2).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
    }

    fn show(&self) {
        let [first_now, now] = ["now, first time", "now, again"].map(|what| self.median_ms(what));
        println!("  now: {first_now:.2} ms after a write, {now:.2} ms again");
        let [first, again] = ["as of, first time", "as of, again"].map(|what| self.median_ms(what));
        println!(
            "  as of mid-history, first time: {first:.2} ms; ratio to now {:.2} after a write, \
             {:.2} again (goal at most 5)",
            first / first_now,
            first / now
        );
        println!(
            "  as of mid-history, again: {again:.2} ms; ratio to now {:.2} again (goal at most 1.2)",
            again / now
        );
    }
}

async fn ask(
    app: &App,
    address: &str,
    Member { tenant, user, object }: &Member,
    round: u64,
    timings: &mut Timings,
) -> anyhow::Result<()> {
    // A write, so that the first question about now is one that nobody has asked.
    let log = app.store.log(tenant);
    let changed = evidence(user, 0, 1000 + usize::try_from(round)?);
    append(&log, "evidence", "evidence.corrected", vec![(object.clone(), changed)]).await?;
    let token = app.identity.tokens().mint(tenant, user, Duration::from_secs(600))?;
    let mut connection = Connection::open(address, &token).await?;
    let head = log.head().await?.context("head")?.position;
    let mid = head.0 / 2 + round;
    let now = question(&format!("aims {{ {FIELDS} }}"));
    let past = question(&format!("aims(asOf: {{position: \"{mid}\"}}) {{ {FIELDS} }}"));
    for (body, first, again) in
        [(&now, "now, first time", "now, again"), (&past, "as of, first time", "as of, again")]
    {
        for n in 0..5 {
            let begun = Instant::now();
            let (status, answer) = connection.post("/graphql", body).await?;
            let took = begun.elapsed();
            ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&answer));
            let answer: Value = serde_json::from_slice(&answer)?;
            let nodes = answer["data"]["aims"]["evidenceList"]["nodes"].as_array();
            ensure!(nodes.is_some_and(|nodes| nodes.len() == 50), "{answer}");
            timings.add(if n == 0 { first } else { again }, took);
        }
    }
    Ok(())
}

fn question(fields: &str) -> String {
    json!({ "query": format!("{{ {fields} }}") }).to_string()
}

/// A tenant, its member and one of its objects.
struct Member {
    tenant: TenantId,
    user: String,
    object: String,
}

/// One tenant's log: a member, then the objects, changed round after round.
async fn fill(app: &App, n: usize, size: Size) -> anyhow::Result<Member> {
    let tenant = TenantId::new(encode("tnt", uuid_v7(1, n as u128)));
    app.store.open_log(&tenant, false).await?;
    let log = app.store.log(&tenant);
    let user = new_id("usr")?;
    let member =
        json!({ "user": user, "name": { "plain": "Priya" }, "roles": ["AM"], "status": "active" });
    let membership = format!("mbr_{}", suffix_of(&user));
    append(&log, "membership", "membership.granted", vec![(membership, member)]).await?;
    let ids: Vec<_> = (0..size.objects).map(|_| new_id("evd")).collect::<Result<_, _>>()?;
    for version in 0..size.versions {
        let objects = ids
            .iter()
            .enumerate()
            .map(|(object, id)| (id.clone(), evidence(&user, object, version)));
        append(&log, "evidence", "evidence.corrected", objects.collect()).await?;
    }
    let object = ids.into_iter().next().context("an object")?;
    Ok(Member { tenant, user, object })
}

fn evidence(user: &str, object: usize, version: usize) -> Value {
    let day = (object * 7919 + version * 104_729) % 3650;
    let fresh_until = kernel::Instant::from_micros(0).plus_days(18_000 + day as i64).date();
    let links = ["4.3", "6.1.3", "A.6.2.4"]
        .map(|clause| (format!("l{clause}"), json!({ "clause": clause })));
    json!({
        "sha256": format!("{object:064x}"), "size": 1000 + version, "mediaType": "application/pdf",
        "filename": format!("report-{object}-{version}.pdf"), "source": "upload",
        "classification": "internal", "freshUntil": fresh_until, "status": "verified",
        "registeredBy": user, "links": BTreeMap::from(links),
    })
}

async fn append(
    log: &Log,
    kind: &'static str,
    name: &'static str,
    objects: Vec<(String, Value)>,
) -> anyhow::Result<()> {
    let mut streams = Vec::with_capacity(objects.len());
    for (id, after) in objects {
        let before = log.newest(&id).await?;
        let event = NewEvent {
            name,
            version: 1,
            schema_hash: Arc::from(""),
            clauses: &[],
            data: json!({}),
            after,
        };
        let change = Change { kind, id, before, is_fresh: false, events: vec![event] };
        streams.push(log.prepare(change, &Grounds::default()).await?);
    }
    let actor =
        Actor { id: "imp_bench".into(), role: Role::Sys, via: Via::Import, engagement: None };
    let append = Append {
        tenant: log.tenant().clone(),
        actor,
        correlation: "cmd_bench".into(),
        cause: None,
        effective: None,
        clock: None,
        streams,
        guard: None,
        unchanged: Vec::new(),
        key: None,
    };
    log.append(append).await?;
    Ok(())
}
