//! Monitors.

use std::time::Duration;

use kernel::id::encode;
use kernel::{Instant, Role};
use lifecycle::monitor::Monitor;
use serde_json::{Value, json};

use super::{Kind, correct};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[monitor];

fn metric(name: &str) -> Value {
    json!({
        "name": name, "metricKind": "fairness", "aggregate": "mean",
        "direction": "higher_is_better", "window": { "amount": 1, "unit": "days" },
        "warn": "0.85", "breach": "0.80", "critical": "0.70", "segment": "Applicants under 30",
    })
}

/// Points of four metrics, the newest of them at this time.
fn points(count: i64, newest: &str, value: &str) -> Value {
    let newest: Instant = newest.parse().unwrap();
    let metrics = ["dir", "auc", "psi", "latency"].iter().cycle();
    let point = |(n, metric): (i64, &&str)| {
        let at = newest.plus_micros(-n * 30_000_000);
        json!({ "metric": metric, "at": at, "value": value })
    };
    json!({ "points": (0..count).zip(metrics).map(point).collect::<Vec<_>>() })
}

/// A monitor of four metrics with six days of measurements.
fn monitor() -> Vec<Case> {
    let (system, change) = (encode("sys", 1), encode("chg", 1));
    let running = |stage: &str| {
        json!({ "name": "CreditLens", "stage": stage,
        "operationStatus": "running" })
    };
    let classified = json!({ "system": system, "status": "confirmed", "regime": "eu_ai_act",
        "class": "high_risk", "role": "provider", "effects": ["high_risk"] });
    let approved = json!({ "system": system, "changeKind": "config", "class": "minor",
        "effective": { "version": 1 } });
    let arm = json!({ "system": system, "name": "CreditLens in production", "metrics": {
        "dir": metric("Disparate-impact ratio"), "auc": metric("AUC"), "psi": metric("PSI"),
        "latency": metric("Share of answers within 200 ms"),
    }});
    let mut history = History::<Monitor>::of(&encode("mon", 1))
        .knowing(&system, "ai_system", running("operation_and_monitoring"))
        .knowing(&change, "change_request", approved)
        .knowing(&encode("cls", 1), "regulatory_classification", classified)
        .measured(Role::So, "arm", arm);
    for day in 3..9 {
        let now = format!("2025-03-0{day}T09:00:00Z");
        history = history.at(&now).given(Role::Sys, "ingest", points(40, &now, "0.9"));
    }
    let alert = |history: &History<Monitor>| {
        let body = history.body();
        json!({ "alert": body["alerts"].as_object().unwrap().keys().next().unwrap() })
    };
    let mut added = metric("Recall");
    added["key"] = json!("recall");
    let now = "2025-03-08T10:00:00Z";
    let bulk = Some(Duration::from_millis(2));
    history = history
        .at(now)
        .measured_as("ingest, 10000 points", bulk, Role::Sys, "ingest", points(10_000, now, "0.9"))
        .measured(Role::So, "add_metric", added)
        .measured(Role::So, "remove_metric", json!({ "metric": "recall", "change": change }))
        .measured(
            Role::So,
            "change_threshold",
            json!({ "metric": "dir", "breach": "0.79",
            "change": change }),
        )
        .measured(Role::So, "correct", correct("name", "CreditLens"))
        .measured(
            Role::Ro,
            "pause",
            json!({ "reason": "Migration of the data base.",
            "until": "2025-03-09T10:00:00Z" }),
        )
        .measured(Role::Ops, "end_pause", json!({}))
        .at("2025-03-09T10:00:00Z")
        .measured(Role::Sys, "ingest", points(4, "2025-03-09T10:00:00Z", "0.75"));
    let mut one = alert(&history);
    history = history.measured(Role::Ops, "acknowledge_alert", one.clone());
    one["note"] = json!("A feed was late; the values are right.");
    history = history.measured(Role::Ops, "resolve_alert", one);
    for _ in 1..4 {
        let mut other = alert(&history);
        history = history.given(Role::Ops, "acknowledge_alert", other.clone());
        other["note"] = json!("The same.");
        history = history.given(Role::Ops, "resolve_alert", other);
    }
    history
        .measured(Role::So, "rearm", json!({}))
        .knowing(&system, "ai_system", running("retirement"))
        .measured(Role::So, "close", json!({}))
        .cases()
}
