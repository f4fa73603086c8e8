//! How late commands are given that come due at one moment in many tenants, while others write;
//! against how fast one log after the other takes the same commands by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use bus::{Request, Who};
use event_store::Log;
use event_store::store::clock;
use kernel::id::encode;
use kernel::{Instant, Position, Role, TenantId, Via};
use serde_json::{Value, json};

use crate::app::App;
use crate::settings::Settings;

const SECOND: i64 = 1_000_000;
/// Commands that are given one after the other for comparison.
const BY_HAND: u128 = 200;

/// Sets up, waits for the moment, and looks at what was recorded when.
pub async fn run(
    settings: Settings,
    tenants: u128,
    objects: u128,
    clients: u128,
) -> anyhow::Result<()> {
    let app = Arc::new(App::open(settings).await?);
    let mut owners = Vec::new();
    for n in 0..tenants {
        owners.push(owner(&app, n).await?);
    }
    let reference = by_hand(&app, &owners[0]).await?;
    let mut monitors = Vec::new();
    for owner in &owners {
        for _ in 0..objects {
            monitors.push(owner.arms(&app).await?);
        }
    }
    // Long enough ahead that every pause is set before.
    let all = i64::try_from(tenants * objects).unwrap_or(i64::MAX);
    let moment = clock().plus_micros(10 * SECOND + all.saturating_mul(20_000));
    for (n, monitor) in monitors.iter().enumerate() {
        let owner = &owners[n / usize::try_from(objects)?];
        owner.gives(&app, Some(monitor), "monitor", "pause", pause(moment)).await?;
    }
    ensure!(clock() < moment, "setting up took too long");
    let written = Arc::new(AtomicU64::new(0));
    let scheduler = tokio::spawn(app.deadlines().run(clock));
    tokio::time::sleep(Duration::from_micros(
        (moment.micros() - clock().micros() - SECOND).max(0).cast_unsigned(),
    ))
    .await;
    let writers: Vec<_> = (0..clients)
        .map(|n| {
            let (app, written) = (Arc::clone(&app), Arc::clone(&written));
            let owner = owners[usize::try_from(n % tenants).unwrap_or_default()].clone();
            tokio::spawn(async move { owner.writes(&app, &written).await })
        })
        .collect();
    while !app.store.due(moment, &[], 1).await?.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    scheduler.abort();
    writers.iter().for_each(tokio::task::JoinHandle::abort);
    let mut late = Vec::new();
    for owner in &owners {
        let events = owner.log.events(Position::START, Position(u64::MAX >> 1), 100_000).await?;
        let ended = events.iter().filter(|event| event.row.name == "monitor.pause_ended");
        late.extend(
            ended
                .filter(|event| event.header.actor == "rea_deadline")
                .map(|event| (event.row.at.micros() - moment.micros()) as f64 / SECOND as f64),
        );
    }
    late.sort_by(f64::total_cmp);
    ensure!(late.len() == monitors.len(), "{} of {} came", late.len(), monitors.len());
    let last = late.last().copied().context("nothing was due")?;
    let seconds = last + 1.0;
    println!(
        "{} engine: {} commands due at one moment in {tenants} tenants: half of them {:.2} s late, \
         99 of 100 {:.2} s, the last {last:.2} s (goal 5), while {clients} clients wrote {:.0} \
         events a second; one client by hand gives {reference:.0} a second",
        app.store.engine(),
        late.len(),
        late[late.len() / 2],
        late[late.len() * 99 / 100],
        written.load(Ordering::Relaxed) as f64 / seconds,
    );
    Ok(())
}

/// Somebody who owns a system in a tenant of his own.
#[derive(Clone)]
struct Owner {
    log: Log,
    who: Who,
    system: String,
}

async fn owner(app: &App, n: u128) -> anyhow::Result<Owner> {
    let tenant = TenantId::from_bits(1 << 80 | n);
    app.store.open_log(&tenant, false).await?;
    let who = Who {
        id: encode("usr", n + 1),
        roles: vec![Role::So, Role::Ops, Role::Emp],
        via: Via::User,
        ..Who::system("bench")
    };
    let mut owner = Owner { log: app.store.log(&tenant), who, system: String::new() };
    let organisation =
        json!({ "legalName": "Bench B.V.", "jurisdictions": ["NL"], "dataRegion": "eu" });
    let member = json!({ "user": owner.who.id, "name": "Owner", "roles": ["SO", "OPS"] });
    let user = std::mem::replace(&mut owner.who, Who::system("bench"));
    owner.gives(app, None, "organisation", "provision", organisation).await?;
    owner.gives(app, None, "membership", "grant", member).await?;
    owner.who = user;
    let system = json!({
        "name": "CreditLens", "owner": owner.who.id, "purpose": "Scores consumer credit.",
        "systemKind": "ml", "origin": "built", "autonomy": "human_in_loop", "inScope": true,
        "systemVersion": "1.0",
    });
    owner.system = owner.gives(app, None, "ai_system", "register", system).await?;
    Ok(owner)
}

impl Owner {
    async fn gives(
        &self,
        app: &App,
        id: Option<&str>,
        kind: &str,
        verb: &str,
        input: Value,
    ) -> anyhow::Result<String> {
        let kind = app.registry.named(kind).with_context(|| format!("no kind {kind}"))?;
        let id = id.map(str::to_owned);
        let request = Request { verb: verb.to_owned(), id, input, ..Request::default() };
        Ok(app.registry.dispatch(kind, &self.log, &self.who, request).await?.id)
    }

    async fn arms(&self, app: &App) -> anyhow::Result<String> {
        let metric = json!({
            "name": "AUC", "metricKind": "performance", "aggregate": "mean",
            "direction": "higher_is_better", "window": { "amount": 1, "unit": "days" },
            "warn": "0.78", "breach": "0.75", "critical": "0.70", "minN": 10,
        });
        let input = json!({ "system": self.system, "name": "M", "metrics": { "auc": metric } });
        self.gives(app, None, "monitor", "arm", input).await
    }

    /// Opens tasks until it is stopped.
    async fn writes(&self, app: &App, written: &AtomicU64) -> anyhow::Result<()> {
        let due = clock().date().plus_days(90);
        loop {
            let task = json!({
                "title": "Look at it", "taskKind": "review", "assigneeRole": "SO", "due": due,
            });
            self.gives(app, None, "task", "open", task).await?;
            written.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn pause(until: Instant) -> Value {
    json!({ "until": until, "reason": "A migration." })
}

/// Commands a second when one follows the other.
async fn by_hand(app: &App, owner: &Owner) -> anyhow::Result<f64> {
    let monitor = owner.arms(app).await?;
    let begun = std::time::Instant::now();
    for _ in 0..BY_HAND / 2 {
        let until = clock().plus_micros(3_600 * SECOND);
        owner.gives(app, Some(&monitor), "monitor", "pause", pause(until)).await?;
        owner.gives(app, Some(&monitor), "monitor", "end_pause", json!({})).await?;
    }
    Ok(BY_HAND as f64 / begun.elapsed().as_secs_f64())
}
