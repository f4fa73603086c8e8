//! What happens by itself when its time has come: on the real clock, on a clock that is set, and
//! not while an organisation is suspended.

use std::time::Duration;

use annals_tests::{World, story};
use event_store::Log;
use event_store::store::{clock, new_id};
use identity::tenant::{first_administrator, platform};
use kernel::{Instant, Role, TenantId};
use rules::deadlines::Stop;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::support::tasks::work;

const SECOND: i64 = 1_000_000;

fn time(text: &str) -> Instant {
    text.parse().unwrap()
}

fn log(world: &World) -> Log {
    world.app.store.log(&world.tenant)
}

/// An organisation on the real clock, and somebody in it who owns and runs systems.
async fn on_the_real_clock(world: &World) -> anyhow::Result<annals_tests::Client> {
    let operator = world.client(&platform(), first_administrator(&platform()).as_str())?;
    let input = json!({
        "legalName": "Real Time B.V.", "jurisdictions": ["NL"], "dataRegion": "eu",
        "administrator": { "name": "Ada Admin", "email": "ada@example.org" },
    });
    let made = operator.post("/v1/tenants", &input).await?.created();
    let tenant = TenantId::new(made["id"].as_str().unwrap());
    let administrator = world.client(&tenant, first_administrator(&tenant).as_str())?;
    while !administrator.get("/v1/me").await?.status.is_success() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let user = new_id("usr")?;
    let member = json!({ "user": user, "name": "Marc", "roles": ["SO", "OPS"] });
    administrator.post("/v1/memberships", &member).await?.created();
    world.client(&tenant, &user)
}

story!(a_pause_ends_by_itself_within_seconds_of_its_time, world => {
    let marc = on_the_real_clock(&world).await?;
    let system = json!({
        "name": "CreditLens", "owner": marc.user, "purpose": "Scores consumer credit.",
        "systemKind": "ml", "origin": "built", "autonomy": "human_in_loop", "inScope": true,
        "systemVersion": "1.0",
    });
    let system = marc.post("/v1/ai-systems", &system).await?.created();
    let metric = json!({
        "name": "AUC", "metricKind": "performance", "aggregate": "mean",
        "direction": "higher_is_better", "window": { "amount": 1, "unit": "days" },
        "warn": "0.78", "breach": "0.75", "critical": "0.70", "minN": 10,
    });
    let monitor = json!({
        "system": system["id"], "name": "Operation", "metrics": { "auc": metric },
    });
    let monitor = marc.post("/v1/monitors", &monitor).await?.created();
    let path = format!("/v1/monitors/{}", monitor["id"].as_str().unwrap());
    let until = clock().plus_micros(SECOND + SECOND / 2);
    let pause = json!({ "until": until, "reason": "A migration." });
    marc.post(&format!("{path}/pause"), &pause).await?.ok();
    for attempt in 0.. {
        let shown = marc.get(&path).await?.ok();
        if shown["status"] == "armed" {
            break;
        }
        assert!(attempt < 300, "the pause did not end: {shown}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let history = marc.get(&format!("{path}/history")).await?.ok();
    let all = history["data"].as_array().unwrap();
    let (paused, ended) = (&all[all.len() - 2], &all[all.len() - 1]);
    assert_eq!(ended["type"], "monitor.pause_ended");
    assert_eq!(ended["actor"], "rea_deadline");
    assert_eq!((&ended["role"], &ended["cause"]), (&json!("SYS"), &paused["id"]));
    let at = time(ended["recordedAt"].as_str().unwrap());
    let late = at.micros() - until.micros();
    assert!((0..5 * SECOND).contains(&late), "{late} µs late");
    assert_eq!(all.iter().filter(|event| event["type"] == "monitor.pause_ended").count(), 1);
});

story!(time_goes_by_as_it_is_set, world => {
    let desk = Desk::of(&world, "task");
    let sys = world.as_(Role::Sys).at("2024-07-02T09:00:00Z");
    let first = desk.make(&sys, "open", work("DO", "2024-07-10")).await?;
    let second = desk.make(&sys, "open", work("DO", "2024-07-05")).await?;
    let (deadlines, log) = (world.app.deadlines(), log(&world));
    let before = deadlines.advance(&log, time("2024-07-05T23:59:59.999999Z")).await.unwrap();
    assert!(before.is_empty(), "{before:?}");
    let fired = deadlines.advance(&log, time("2024-08-01T00:00:00Z")).await.unwrap();
    let fired: Vec<_> = fired.iter().map(|f| (f.object.as_str(), f.verb, f.at)).collect();
    assert_eq!(fired, [
        (second.as_str(), "fall_overdue", time("2024-07-06T00:00:00Z")),
        (first.as_str(), "fall_overdue", time("2024-07-11T00:00:00Z")),
    ]);
    // What is done in time never falls overdue.
    let owner = world.as_(Role::Do).at("2024-08-02T09:00:00Z");
    let third = desk.make(&owner, "open", work("DO", "2024-08-09")).await?;
    desk.does(&owner, "complete", &third, json!({})).await?;
    assert!(deadlines.advance(&log, time("2025-01-01T00:00:00Z")).await.unwrap().is_empty());
});

story!(a_suspended_organisation_is_caught_up_when_it_is_reactivated, world => {
    let desk = Desk::of(&world, "task");
    let sys = world.as_(Role::Sys).at("2024-07-02T09:00:00Z");
    let task = desk.make(&sys, "open", work("DO", "2024-07-05")).await?;
    let path = format!("/v1/organisations/org_{}", kernel::id::suffix_of(world.tenant.as_str()));
    let roles = json!({ "aiRoles": ["provider"], "euRoles": ["provider"] });
    sys.post(&format!("{path}/declare-ai-roles"), &roles).await?.ok();
    let why = json!({ "reason": "Unpaid." });
    sys.post(&format!("{path}/suspend"), &why).await?.ok();
    let (deadlines, log) = (world.app.deadlines(), log(&world));
    let until = time("2024-08-01T00:00:00Z");
    assert!(matches!(deadlines.advance(&log, until).await, Err(Stop::ReadOnly)));
    assert_eq!(world.app.store.parked(None).await?, []);
    let again = sys.at("2024-07-20T09:00:00Z");
    again.post(&format!("{path}/reactivate"), &json!({})).await?.ok();
    let fired = deadlines.advance(&log, until).await.unwrap();
    assert_eq!(fired.len(), 1);
    assert_eq!((fired[0].object.as_str(), fired[0].due), (&*task, time("2024-07-06T00:00:00Z")));
    let shown: Value = world.as_(Role::Do).get(&format!("/v1/tasks/{task}")).await?.ok();
    assert_eq!(shown["status"], "overdue");
});
