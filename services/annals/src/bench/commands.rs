//! Commands over HTTP: decision, event, document. Many tenants against plain inserts, one hot
//! tenant against one row-locked transaction per command.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bus::{Request, Who};
use event_store::store::new_id;
use kernel::TenantId;
use kernel::id::{encode, uuid_v7};
use serde_json::{Value, json};

use super::client::Connection;
use super::reference::{self, Reference};
use crate::app::App;
use crate::settings::Settings;

/// Measures and prints the ratios.
pub async fn run(
    settings: Settings,
    clients: usize,
    seconds: u64,
    tenants: usize,
) -> anyhow::Result<()> {
    let url = settings.database_url.clone();
    let app = App::open(settings).await?;
    let running = app.serve()?;
    let mut members = Vec::new();
    for n in 0..=tenants {
        members.push(member(&app, n).await?);
    }
    let hot = members.pop().context("a hot tenant")?;
    let address = running.address.to_string();
    let load = |members: Vec<Member>| {
        let address = address.clone();
        async move { rate(&address, &members, clients, seconds).await }
    };
    load(members.clone()).await.context("warming up")?;
    println!("{clients} clients over HTTP, {} engine, {seconds} s each:", app.store.engine());
    let plain = match &url {
        Some(url) => {
            reference::prepare(url).await?;
            Some(reference::measure(Reference::Plain, url, clients, seconds).await?)
        }
        None => None,
    };
    let spread = load(members).await?;
    show(&format!("commands, {tenants} tenants"), spread, "plain single-row inserts", plain, 1.0);
    if let Some(url) = &url {
        let alike = reference::measure(Reference::Alike, url, clients, seconds).await?;
        println!(
            "    one transaction per command with rows like ours: {alike:.0}/s; ratio {:.2} (for \
             comparison)",
            spread / alike
        );
    }
    let locked = match &url {
        Some(url) => Some(reference::measure(Reference::Locked, url, clients, seconds).await?),
        None => None,
    };
    let heated = load(vec![hot]).await?;
    show("commands, one hot tenant", heated, "one row-locked transaction each", locked, 5.0);
    running.handle.stop(false).await;
    Ok(())
}

fn show(what: &str, rate: f64, against: &str, reference: Option<f64>, goal: f64) {
    match reference {
        Some(reference) => println!(
            "  {what}: {rate:.0}/s; {against}: {reference:.0}/s; ratio {:.2} (goal {goal})",
            rate / reference
        ),
        None => println!("  {what}: {rate:.0}/s (no reference on this engine)"),
    }
}

/// A tenant and its AIMS manager.
#[derive(Clone)]
struct Member {
    token: String,
}

async fn member(app: &App, n: usize) -> anyhow::Result<Member> {
    let tenant = TenantId::new(encode("tnt", uuid_v7(1, n as u128)));
    app.store.open_log(&tenant, false).await?;
    let log = app.store.log(&tenant);
    let sys = Who::system("bench");
    let organisation = json!({ "legalName": "Bench", "jurisdictions": ["NL"], "dataRegion": "eu" });
    let user = new_id("usr")?;
    let grant = json!({ "user": user, "name": "Priya", "roles": ["AM"] });
    for (kind, verb, input) in
        [("organisation", "provision", organisation), ("membership", "grant", grant)]
    {
        let kind = app.registry.named(kind).context("kind")?;
        let request = Request { verb: verb.into(), input, ..Request::default() };
        app.registry.dispatch(kind, &log, &sys, request).await?;
    }
    let token = app.identity.tokens().mint(&tenant, &user, Duration::from_secs(7200))?;
    Ok(Member { token })
}

/// Commands per second of so many clients, each with a connection of its own.
async fn rate(
    address: &str,
    members: &[Member],
    clients: usize,
    seconds: u64,
) -> anyhow::Result<f64> {
    let (done, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut tasks = Vec::new();
    for n in 0..clients {
        // Each client goes round all the tenants, from another one on.
        let mut connections = Vec::new();
        let each = members.len().div_ceil(clients);
        for m in 0..each {
            let member = &members[(n + m * clients) % members.len()];
            connections.push(Connection::open(address, &member.token).await?);
        }
        let (done, stop) = (Arc::clone(&done), Arc::clone(&stop));
        tasks.push(tokio::spawn(async move { client(connections, &done, &stop).await }));
    }
    let begun = Instant::now();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let count = done.load(Ordering::Relaxed);
    let elapsed = begun.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await??;
    }
    Ok(count as f64 / elapsed)
}

/// Registers parties and what they require, four commands a party: one makes an object, three
/// change it.
async fn client(
    mut connections: Vec<Connection>,
    done: &AtomicU64,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let mut turn = 0;
    while !stop.load(Ordering::Relaxed) {
        let place = turn % connections.len();
        let connection = &mut connections[place];
        turn += 1;
        let body = r#"{"name":"Loan applicants","kind":"affected_person"}"#;
        let (status, answer) = connection.post("/v1/interested-parties", body).await?;
        if status != 201 {
            bail!("{status}: {}", String::from_utf8_lossy(&answer));
        }
        done.fetch_add(1, Ordering::Relaxed);
        let answer: Value = serde_json::from_slice(&answer)?;
        let id = answer["id"].as_str().context("id")?;
        for key in ["explanation", "review", "notice"] {
            let path = format!("/v1/interested-parties/{id}/register-requirement");
            let body = format!(
                r#"{{"key":"{key}","text":"Declines are explained and reviewed by a person.","source":"law","reference":"Art. 86"}}"#
            );
            let (status, answer) = connection.post(&path, &body).await?;
            if status != 200 {
                bail!("{status}: {}", String::from_utf8_lossy(&answer));
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}
