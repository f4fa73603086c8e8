//! Monitors: thousands of points become windows, windows are judged, people react.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, is_refusal, pointer, types};

const NOW: &str = "2024-09-20T12:00:00Z";

fn point(metric: &str, at: &str, value: &str) -> Value {
    json!({ "metric": metric, "at": at, "value": value })
}

/// So many points of one metric, one a second of a day.
fn points(day: u32, count: u32, value: &str) -> Vec<Value> {
    let at = |n: u32| format!("2024-09-{day:02}T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60);
    (0..count).map(|n| point("auc", &at(n), value)).collect()
}

fn ingest(points: &[Value]) -> Value {
    json!({ "points": points })
}

async fn armed(life: &Life<'_>) -> anyhow::Result<Thing> {
    life.day(NOW);
    life.watched().await
}

/// The key of the only alert.
async fn alert(life: &Life<'_>, monitor: &Thing) -> anyhow::Result<String> {
    let alerts = monitor.now(&life.by(Role::Ops)).await?["alerts"].clone();
    let alerts = alerts.as_object().unwrap();
    assert_eq!(alerts.len(), 1);
    Ok(alerts.keys().next().unwrap().clone())
}

story!(ten_thousand_points_are_one_event, world => {
    let life = Life::running(&world).await?;
    let monitor = armed(&life).await?;
    let sys = life.by(Role::Sys);
    let mut many = points(18, 5_000, "0.81");
    many.extend(points(19, 5_000, "0.8"));
    let done = monitor.then(&sys, "ingest", &ingest(&many)).await?;
    assert_eq!(types(&done), ["monitor.metric_observed"]);
    let read = life.graph(&monitor, "status level metrics { key level
        windows { key from to n value min max sum level } }").await?;
    assert_eq!(read["status"], "ARMED");
    let window = |day: u32, value: &str, sum: &str| json!({
        "key": format!("2024-09-{day}t00.00"), "n": 5_000, "value": value, "min": value,
        "max": value, "sum": sum, "level": "NORMAL",
        "from": format!("2024-09-{day}T00:00:00.000000Z"),
        "to": format!("2024-09-{}T00:00:00.000000Z", day + 1),
    });
    let windows = [window(18, "0.81", "4050"), window(19, "0.8", "4000")];
    assert_eq!(read["metrics"][0]["windows"], json!(windows));
    let history = monitor.history(&life.by(Role::Emp)).await?;
    assert_eq!(history[1]["data"]["points"], 10_000);
    assert_eq!(history[1]["data"]["windows"].as_array().unwrap().len(), 2);
    // A window goes on where it stood; a point may stand for many observations.
    let mut more = point("auc", "2024-09-19T23:00:00Z", "0.7");
    more["n"] = json!(5_000);
    let done = monitor.then(&life.by(Role::Ops), "ingest", &ingest(&[more])).await?;
    let window = &done["object"]["metrics"]["auc"]["windows"]["2024-09-19t00.00"];
    assert_eq!((&window["n"], &window["value"]), (&json!(10_000), &json!("0.75")));
    assert_eq!(window["level"], "warn");
});

story!(one_wrong_point_refuses_them_all, world => {
    let life = Life::running(&world).await?;
    let monitor = armed(&life).await?;
    let sys = life.by(Role::Sys);
    let before = monitor.now(&life.by(Role::Ops)).await?;
    let answer = monitor.send(&sys, "ingest", &ingest(&points(19, 10_001, "0.8"))).await?;
    let problem = answer.problem(422, "invalid_input");
    assert_eq!(pointer(&problem), "/points");
    let mut long = point("auc", "2024-09-19T00:00:00Z", "0.8");
    long["n"] = json!(0);
    let bad = [
        (point("f1", "2024-09-19T00:00:00Z", "0.8"), "unknown_metric", "metric"),
        (point("auc", "2024-09-20T12:05:01Z", "0.8"), "from_the_future", "at"),
        (point("auc", "2014-09-01T00:00:00Z", "0.8"), "too_late", "at"),
        (long, "nothing_observed", "n"),
    ];
    for (bad, code, field) in bad {
        let mut many = points(19, 9_000, "0.8");
        many.insert(4_321, bad);
        let answer = monitor.send(&sys, "ingest", &ingest(&many)).await?;
        is_refusal(&world, "monitor", code, answer, &format!("/points/4321/{field}"));
    }
    let mut many = points(19, 9_000, "0.8");
    many[7_777]["value"] = json!("0.8000001");
    let answer = monitor.send(&sys, "ingest", &ingest(&many)).await?;
    assert_eq!(pointer(&answer.problem(422, "invalid_input")), "/points/7777/value");
    let mut huge = point("auc", "2024-09-19T00:00:00Z", "999999999999");
    huge["n"] = json!(4_000_000_000_u64);
    let answer = monitor.send(&sys, "ingest", &ingest(&[huge])).await?;
    is_refusal(&world, "monitor", "sum_out_of_range", answer, "/points/0/value");
    assert_eq!(monitor.now(&life.by(Role::Ops)).await?, before);
});

story!(a_breach_is_acknowledged_resolved_and_armed_again, world => {
    let life = Life::running(&world).await?;
    let monitor = armed(&life).await?;
    let (sys, ops) = (life.by(Role::Sys), life.by(Role::Ops));
    // Nine observations are too few to judge.
    monitor.then(&sys, "ingest", &ingest(&points(17, 9, "0.1"))).await?;
    assert_eq!(monitor.now(&ops).await?["status"], "armed");
    let done = monitor.then(&sys, "ingest", &ingest(&points(18, 10, "0.74"))).await?;
    assert_eq!(types(&done), ["monitor.metric_observed", "monitor.metric_threshold_breached"]);
    let key = alert(&life, &monitor).await?;
    let resolve = |note: Option<&str>| {
        let mut input = json!({ "alert": key });
        if let Some(note) = note {
            input["note"] = json!(note);
        }
        input
    };
    life.refuses(&monitor, &[
        (Role::Ops, "resolve-alert", resolve(Some("Done.")), "not_acknowledged", ""),
        (Role::Ops, "acknowledge-alert", json!({ "alert": "ghost" }), "unknown_alert", "/alert"),
        (Role::Ops, "rearm", json!({}), "alerts_open", ""),
    ]).await?;
    let payload = life.mutate(&ops, "monitorAcknowledgeAlert",
        json!({ "id": monitor.id, "alert": key }),
        "monitor { status alerts { level ackBy { name } } } refusal { __typename }").await?;
    assert_eq!(payload["monitor"], json!({
        "status": "ACKNOWLEDGED",
        "alerts": [{ "level": "BREACH", "ackBy": { "name": "The OPS" } }],
    }));
    // Worse still: the same alert waits again, at once where it is critical.
    monitor.then(&sys, "ingest", &ingest(&points(19, 10, "0.5"))).await?;
    let read = monitor.now(&ops).await?;
    assert_eq!(read["status"], "alerting");
    assert_eq!(read["alerts"][&key]["level"], "critical");
    let due = read["alerts"][&key]["ackDue"].as_str().unwrap();
    assert!(due.starts_with("2024-09-20T16:00:00"), "{due}");
    life.refuses(&monitor, &[
        (Role::Ops, "resolve-alert", resolve(Some("Done.")), "not_acknowledged", ""),
    ]).await?;
    monitor.then(&ops, "acknowledge-alert", &json!({ "alert": key })).await?;
    life.refuses(&monitor, &[
        (Role::Ops, "resolve-alert", resolve(None), "resolved_without_note", "/note"),
    ]).await?;
    let done = monitor.then(&ops, "resolve-alert", &resolve(Some("Retrained."))).await?;
    assert_eq!(done["object"]["status"], "resolved");
    let done = monitor.then(&sys, "ingest", &ingest(&points(20, 10, "0.82"))).await?;
    assert_eq!(types(&done), ["monitor.metric_observed", "monitor.metric_recovered"]);
    assert_eq!(monitor.now(&ops).await?["status"], "armed");
});

story!(drift_is_called_by_its_name_and_alarms_are_rearmed_by_hand, world => {
    let life = Life::running(&world).await?;
    let monitor = armed(&life).await?;
    let so = life.by(Role::So);
    let mut metric = json!({
        "key": "psi", "name": "Population stability", "metricKind": "drift",
        "aggregate": "max", "direction": "lower_is_better",
        "window": { "amount": 1, "unit": "hours" }, "warn": "0.1", "critical": "0.25",
    });
    monitor.then(&so, "add-metric", &metric).await?;
    metric["critical"] = json!("0.3");
    life.refuses(&monitor, &[(Role::So, "add-metric", metric.clone(), "key_taken", "/key")]).await?;
    let drifted = ingest(&[point("psi", "2024-09-20T11:30:00Z", "0.2")]);
    let done = monitor.then(&life.by(Role::Sys), "ingest", &drifted).await?;
    assert_eq!(types(&done), ["monitor.metric_observed", "monitor.drift_detected"]);
    let key = json!({ "alert": alert(&life, &monitor).await?, "note": "A new region." });
    let ops = life.by(Role::Ops);
    monitor.then(&ops, "acknowledge-alert", &json!({ "alert": key["alert"] })).await?;
    life.refuses(&monitor, &[
        (Role::So, "remove-metric", json!({ "metric": "psi" }), "alerts_open", ""),
    ]).await?;
    monitor.then(&ops, "resolve-alert", &key).await?;
    let done = monitor.then(&so, "rearm", &json!({})).await?;
    assert_eq!(types(&done), ["monitor.rearmed"]);
    assert_eq!(done["object"]["status"], "armed");
    for n in 0..14 {
        metric["key"] = json!(format!("m{n}"));
        monitor.then(&so, "add-metric", &metric).await?;
    }
    metric["key"] = json!("m14");
    life.refuses(&monitor, &[
        (Role::So, "add-metric", metric, "too_many_metrics", "/key"),
    ]).await?;
});

story!(a_system_goes_unwatched_for_three_days_at_most, world => {
    let life = Life::running(&world).await?;
    let monitor = armed(&life).await?;
    let until = |until: &str| json!({ "reason": "Maintenance.", "until": until });
    let verb = "pause";
    life.refuses(&monitor, &[
        (Role::Ops, verb, until("2024-09-20T11:00:00Z"), "pause_in_the_past", "/until"),
        (Role::Ops, verb, until("2024-09-23T12:30:00Z"), "pause_too_long", "/until"),
        (Role::So, "close", json!({}), "system_not_retired", ""),
    ]).await?;
    monitor.then(&life.by(Role::Ops), verb, &until("2024-09-21T12:00:00Z")).await?;
    let one = ingest(&points(19, 1, "0.8"));
    life.refuses(&monitor, &[
        (Role::Sys, "ingest", one.clone(), "monitor_paused", ""),
        // Pauses that follow each other count as one.
        (Role::Ops, verb, until("2024-09-23T13:00:00Z"), "pause_too_long", "/until"),
    ]).await?;
    life.day("2024-09-21T13:00:00Z");
    let done = monitor.then(&life.by(Role::Sys), "ingest", &one).await?;
    assert_eq!(types(&done), ["monitor.pause_ended", "monitor.metric_observed"]);
    monitor.then(&life.by(Role::Ops), verb, &until("2024-09-22T12:00:00Z")).await?;
    let done = monitor.then(&life.by(Role::Ops), "end-pause", &json!({})).await?;
    assert_eq!(done["object"]["status"], "armed");
    life.classified("high_risk", Some("5(b)")).await?;
    life.refuses(&monitor, &[
        (Role::Ops, verb, until("2024-09-22T12:00:00Z"), "pause_needs_risk_owner", ""),
    ]).await?;
    monitor.then(&life.by(Role::Ro), verb, &until("2024-09-22T12:00:00Z")).await?;
});

story!(thresholds_are_loosened_only_by_an_approved_change, world => {
    let life = Life::running(&world).await?;
    let other = Life::begun(&world).await?;
    let propose = json!({
        "title": "Softer", "changeKind": "config", "class": "minor", "reason": "Noise.",
        "impact": { "aisiaNeeded": false, "revalidationNeeded": false },
    });
    let strange = other.makes(&life.by(Role::So), "change_request", &propose).await?;
    let monitor = armed(&life).await?;
    let so = life.by(Role::So);
    let change = |more: Value| {
        let mut input = json!({ "metric": "auc" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let own = life.makes(&so, "change_request", &propose).await?;
    let verb = "change-threshold";
    let loosened = "loosening_without_change";
    life.refuses(&monitor, &[
        (Role::So, verb, change(json!({ "breach": "0.74" })), loosened, "/change"),
        (Role::So, verb, change(json!({ "without": ["warn"] })), loosened, "/change"),
        (Role::So, verb, change(json!({ "minN": 11 })), loosened, "/change"),
        (Role::So, verb, change(json!({ "window": { "amount": 2, "unit": "days" } })), loosened,
            "/change"),
        (Role::So, verb, change(json!({ "breach": "0.74", "change": own.id })),
            "change_not_approved", "/change"),
        (Role::So, verb, change(json!({ "breach": "0.74", "change": strange.id })),
            "change_of_another_system", "/change"),
        (Role::So, verb, change(json!({ "breach": "0.79" })), "thresholds_out_of_order",
            "/breach"),
        (Role::So, verb, change(json!({ "minN": 0 })), "no_observations_needed", "/minN"),
        (Role::So, verb, change(json!({ "window": { "amount": 0, "unit": "days" } })),
            "window_too_long_or_short", "/window/amount"),
        (Role::So, verb, json!({ "metric": "f1" }), "unknown_metric", "/metric"),
        (Role::So, "remove-metric", json!({ "metric": "auc" }), "nothing_measured", "/metric"),
    ]).await?;
    let done = monitor.then(&so, verb, &change(json!({ "breach": "0.76" }))).await?;
    assert_eq!(types(&done), ["monitor.threshold_changed"], "tighter is free");
    own.then(&so, "submit", &json!({})).await?;
    own.then(&life.by(Role::Rel), "approve", &json!({})).await?;
    let both = json!({ "roles": ["TM", "SO"] });
    let path = format!("/v1/memberships/{}/change-roles", world.membership(Role::Tm));
    world.as_(Role::Adm).at(NOW).post(&path, &both).await?.ok();
    own.then(&life.by(Role::Tm), "approve", &json!({})).await?;
    let softer = change(json!({ "breach": "0.74", "change": own.id }));
    let done = monitor.then(&so, verb, &softer).await?;
    assert_eq!(done["object"]["metrics"]["auc"]["breach"], "0.74");
    let history = monitor.history(&so).await?;
    assert_eq!(history.last().unwrap()["data"]["loosened"], true);
});

story!(what_is_no_monitor, world => {
    let life = Life::begun(&world).await?;
    let so = life.by(Role::So);
    let metric = |more: Value| {
        let mut metric = json!({
            "name": "AUC", "metricKind": "performance", "aggregate": "mean",
            "direction": "higher_is_better", "window": { "amount": 1, "unit": "days" },
        });
        metric.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "name": "Operation", "metrics": { "auc": metric } })
    };
    let mut planned = metric(json!({}));
    planned["postMarketPlanRef"] = json!(life.system.id);
    for (input, code, at) in [
        (json!({ "name": "Empty" }), "nothing_measured", "/metrics"),
        (planned, "no_plan", "/postMarketPlanRef"),
        (metric(json!({ "warn": "0.7", "critical": "0.8" })), "thresholds_out_of_order",
            "/metrics/auc/critical"),
        (metric(json!({ "minN": 0 })), "no_observations_needed", "/metrics/auc/minN"),
        (metric(json!({ "window": { "amount": 13, "unit": "months" } })),
            "window_too_long_or_short", "/metrics/auc/window/amount"),
    ] {
        life.makes_no(&so, "monitor", &input, code, at).await?;
    }
    let monitor = life.watched().await?;
    let gate = life.passes("retirement").await?;
    let retire = json!({
        "gate": gate.id, "dataDisposition": "x", "modelDisposition": "x", "userNotice": "x",
        "openObligationsChecked": true, "logsKeptUntil": "2026-01-01",
    });
    life.system.then(&so, "retire", &retire).await?;
    life.makes_no(&so, "monitor", &metric(json!({})), "system_retired", "/system").await?;
    let done = monitor.then(&life.by(Role::Sys), "close", &json!({})).await?;
    assert_eq!(types(&done), ["monitor.closed"]);
    let one = ingest(&points(1, 1, "0.8"));
    life.refuses(&monitor, &[(Role::Ops, "ingest", one, "monitor_closed", "")]).await?;
});
