//! What stands out in operation: measurements, alerts, gaps in the log (P11, P33).

use facts::{AiSystem, EventLogPolicy, Kpi, Monitor, Objective, RegulatoryClassification};
use kernel::{Decimal, Instant, Role};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Reaction, work};
use crate::order::line;
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P11",
        doc: "Somebody looks into what stands out in operation, in 4 hours when it is critical, \
              else in 24; else it is an incident. What is grave makes the impact assessment out \
              of date; what a monitor measures for a KPI is recorded there (A.6.2.6, 9.1).",
        on: &[
            "monitor.metric_threshold_breached",
            "monitor.drift_detected",
            "monitor.alert_unacknowledged",
            "monitor.metric_observed",
            "kpi.measured",
        ],
        react: stands_out,
    },
    Reaction {
        id: "P33",
        doc: "A gap in the log of a running system of high risk is a minor incident that operators \
              look into within 24 hours (A.6.2.8; EU AI Act Art. 26(6)).",
        on: &["event_log_policy.log_gap_detected"],
        react: gap,
    },
];

fn stands_out(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "monitor.metric_observed" => observed(trigger, known),
        "kpi.measured" => measured(trigger, known),
        "monitor.alert_unacknowledged" => unacknowledged(trigger, known),
        _ => breached(trigger, known),
    }
}

fn breached(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let Some(monitor) = known.get::<Monitor>(id) else { return Vec::new() };
    let (level, metric) = (trigger.text("level"), trigger.text("metric"));
    let what = monitor.title_of(metric);
    let mut orders = Vec::new();
    if !work::is_asked(known, id, "P11", "investigate", Role::Ops) {
        let ack_due: Option<Instant> = trigger.field("ackDue");
        let due = ack_due.map_or_else(|| trigger.in_days(1), Instant::date);
        let title = format!("Look into an alert ({level}): {what}");
        let work = Work::new("investigate", &title, Role::Ops, due).about(id);
        orders.push(work.until("monitor.alert_acknowledged", Some(id)).order(trigger));
    }
    // Of fairness and safety a breach is as grave as anything critical of another sort.
    let about_people = matches!(trigger.text("metricKind"), "fairness" | "safety");
    if level == "critical" || level == "breach" && about_people {
        let reason = format!(
            "{what} is {}, beyond the limit of {} ({level}).",
            trigger.text("value"),
            trigger.text("threshold")
        );
        orders.extend(work::fire(known, &monitor.system, "critical_drift", id, &reason));
    }
    orders
}

fn unacknowledged(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(monitor) = known.get::<Monitor>(&trigger.object) else { return Vec::new() };
    let metric = trigger.text("metric");
    let kind = monitor.metrics.get(metric).map_or("", |metric| &metric.metric_kind);
    let category = match kind {
        "fairness" => "bias",
        "safety" => "safety",
        _ => "malfunction",
    };
    let level = trigger.text("level");
    let severity = if level == "critical" { "major" } else { "minor" };
    let title = format!("Nobody looked into an alert ({level}): {}", monitor.title_of(metric));
    let input = json!({
        "system": monitor.system, "title": line(&title), "category": category, "severity": severity,
        "description": "An alert of the monitor was not acknowledged in time.",
        "awareAt": trigger.at, "personalDataBreach": false,
    });
    vec![Order::make("incident", "report", input)]
}

/// A window as a measurement left it.
#[derive(Deserialize)]
struct Observed {
    metric: String,
    to: Instant,
    n: u32,
    value: Decimal,
    #[serde(default)]
    level: Option<String>,
}

/// Windows that are judged are measurements of the KPIs that the monitor serves.
fn observed(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let windows: Vec<Observed> = trigger.field("windows").unwrap_or_default();
    let judged: Vec<&Observed> = windows.iter().filter(|window| window.level.is_some()).collect();
    if judged.is_empty() {
        return Vec::new();
    }
    let Some(monitor) = known.get::<Monitor>(&trigger.object) else { return Vec::new() };
    let mut orders = Vec::new();
    for (id, kpi) in known.all::<Kpi>() {
        if kpi.monitor.as_deref() != Some(&trigger.object) || kpi.status != "active" {
            continue;
        }
        let only = monitor.metrics.keys().next().filter(|_| monitor.metrics.len() == 1);
        let metric = kpi.metric.as_ref().or(only);
        let own = judged.iter().filter(|window| Some(&window.metric) == metric);
        orders.extend(own.filter_map(|window| measurement(&id, &kpi, window)));
    }
    orders
}

/// What a window measures for a KPI; nothing when that stands there already.
fn measurement(id: &str, kpi: &Kpi, window: &Observed) -> Option<Order> {
    let last = window.to.plus_micros(-1).date();
    let known = kpi.last_period.is_some_and(|period| last.period_start(1) <= period);
    if known && kpi.last_value == Some(window.value) {
        return None;
    }
    let mut input = json!({ "period": last, "value": window.value, "n": window.n });
    if known {
        input["correction"] = Value::from("The monitor has measured more of the period.");
    }
    Some(Order::to("kpi", id, "record_measurement", input))
}

/// An objective stands as its KPIs do.
fn measured(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let objective = known.get::<Kpi>(&trigger.object).map(|kpi| kpi.objective);
    let objective = objective.filter(|objective| {
        known.get::<Objective>(objective).is_some_and(|objective| !objective.is_closed())
    });
    let assess = |objective: String| Order::to("objective", &objective, "assess", json!({}));
    objective.map(assess).into_iter().collect()
}

fn gap(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let Some(policy) = known.get::<EventLogPolicy>(id) else { return Vec::new() };
    let system = known.get::<AiSystem>(&policy.system).filter(AiSystem::is_running);
    let classes = known.of::<RegulatoryClassification>("system", &policy.system);
    let high = classes.iter().any(|(_, class)| {
        class.was_confirmed() && class.has_effect("high_risk") && !class.is_exempt()
    });
    let Some(system) = system.filter(|_| high) else { return Vec::new() };
    let title = format!("Entries are missing in the log of {}", system.name);
    let incident = json!({
        "system": policy.system, "title": line(&title), "category": "malfunction",
        "severity": "minor",
        "description": "The log of a running system of high risk has a gap.",
        "awareAt": trigger.at, "personalDataBreach": false,
    });
    let mut orders = vec![Order::make("incident", "report", incident)];
    if !work::is_asked(known, id, "P33", "investigate", Role::Ops) {
        let text = format!("Close the gap in the log of {}", system.name);
        let work = Work::new("investigate", &text, Role::Ops, trigger.in_days(1)).about(id);
        orders.push(work.until("event_log_policy.log_gap_closed", Some(id)).order(trigger));
    }
    orders
}

#[cfg(test)]
mod tests;
