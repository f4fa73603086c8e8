//! Measurements, alerts and gaps, in small worlds.

use super::*;

const AT: &str = "2025-04-07T09:00:00Z";

fn monitor(metrics: &[&str]) -> Value {
    let metric =
        |key: &&str| ((*key).to_owned(), json!({ "name": "Ratio", "metricKind": "fairness" }));
    let metrics: serde_json::Map<_, _> = metrics.iter().map(metric).collect();
    json!({ "system": "sys_1", "name": "Fairness", "status": "armed", "metrics": metrics })
}

fn world(metrics: &[&str]) -> Known {
    let assessment = json!({
        "system": "sys_1", "status": "approved", "approvedAt": "2024-12-16T09:00:00Z",
    });
    Known::default().with("mon_1", "monitor", monitor(metrics)).with(
        "ia_1",
        "impact_assessment",
        assessment,
    )
}

#[test]
fn an_alert_is_looked_into_and_what_is_grave_makes_the_assessment_out_of_date() {
    let breached = |level: &str, kind: &str, ack: &str| {
        let data = json!({
            "alert": "a", "metric": "dir", "metricKind": kind, "level": level, "value": "0.79",
            "threshold": "0.8", "ackDue": ack,
        });
        let trigger = Trigger::example("monitor.metric_threshold_breached", "mon_1", AT, data);
        stands_out(&trigger, &world(&["dir"]))
    };
    let verbs = |orders: &[Order]| orders.iter().map(|order| order.verb).collect::<Vec<_>>();
    let grave = breached("breach", "fairness", "2025-04-08T09:00:00Z");
    assert_eq!(verbs(&grave), ["open", "fire_trigger"]);
    assert_eq!(grave[0].input["due"], "2025-04-08");
    let acknowledged = json!({ "event": "monitor.alert_acknowledged", "object": "mon_1" });
    assert_eq!(grave[0].input["doneWhen"], acknowledged);
    assert_eq!(grave[1].input["trigger"], "critical_drift");
    assert_eq!(grave[1].input["source"], "mon_1");
    let critical = breached("critical", "performance", "2025-04-07T13:00:00Z");
    assert_eq!(verbs(&critical), ["open", "fire_trigger"]);
    assert_eq!(critical[0].input["due"], "2025-04-07");
    assert_eq!(verbs(&breached("breach", "performance", AT)), ["open"]);
    assert_eq!(verbs(&breached("warn", "fairness", AT)), ["open"]);
}

#[test]
fn an_alert_that_nobody_looked_into_is_an_incident() {
    let left = |level: &str| {
        let data = json!({ "alert": "a", "metric": "dir", "level": level });
        let trigger = Trigger::example("monitor.alert_unacknowledged", "mon_1", AT, data);
        stands_out(&trigger, &world(&["dir"]))
    };
    let orders = left("critical");
    assert_eq!((orders[0].kind, orders[0].verb), ("incident", "report"));
    assert_eq!(orders[0].input["severity"], "major");
    assert_eq!(orders[0].input["category"], "bias");
    assert_eq!(orders[0].input["awareAt"], "2025-04-07T09:00:00.000000Z");
    assert_eq!(left("breach")[0].input["severity"], "minor");
}

fn measured(metrics: &[&str], kpi: &Value, level: Value) -> Vec<Order> {
    let window = |metric: &str, level: Value| {
        json!({
            "metric": metric, "from": "2025-03-01T00:00:00Z", "to": "2025-04-01T00:00:00Z",
            "n": 1187, "value": "0.79", "level": level,
        })
    };
    let windows = [window("dir", level), window("gap", Value::Null)];
    let data = json!({ "points": 1, "windows": windows });
    let trigger = Trigger::example("monitor.metric_observed", "mon_1", AT, data);
    stands_out(&trigger, &world(metrics).with("kpi_1", "kpi", kpi.clone()))
}

fn kpi(metric: Value) -> Value {
    json!({
        "objective": "obj_1", "standing": "on_target", "status": "active", "monitor": "mon_1",
        "metric": metric,
    })
}

#[test]
fn a_window_that_is_judged_is_a_measurement_of_the_kpi() {
    let input = json!({ "period": "2025-03-31", "value": "0.79", "n": 1187 });
    let order = [Order::to("kpi", "kpi_1", "record_measurement", input)];
    let judged = json!("breach");
    assert_eq!(measured(&["dir"], &kpi(Value::Null), judged.clone()), order);
    assert_eq!(measured(&["dir", "gap"], &kpi(json!("dir")), judged.clone()), order);
    assert_eq!(measured(&["dir", "gap"], &kpi(json!("gap")), judged.clone()), []);
    assert_eq!(measured(&["dir", "gap"], &kpi(Value::Null), judged.clone()), []);
    assert_eq!(measured(&["dir"], &kpi(Value::Null), Value::Null), []);
    let mut other = kpi(Value::Null);
    other["monitor"] = json!("mon_2");
    assert_eq!(measured(&["dir"], &other, judged.clone()), []);
    let mut retired = kpi(Value::Null);
    retired["status"] = json!("retired");
    assert_eq!(measured(&["dir"], &retired, judged), []);
}

#[test]
fn an_objective_stands_as_its_kpis_do() {
    let assessed = |progress: &str| {
        let objective = json!({ "status": "approved", "progress": progress });
        let known = Known::default().with("kpi_1", "kpi", kpi(Value::Null)).with(
            "obj_1",
            "objective",
            objective,
        );
        stands_out(&Trigger::example("kpi.measured", "kpi_1", AT, json!({})), &known)
    };
    let order = [Order::to("objective", "obj_1", "assess", json!({}))];
    assert_eq!(assessed("on_track"), order);
    assert_eq!(assessed("dropped"), []);
}

#[test]
fn a_period_that_is_measured_again_is_corrected() {
    let before = |value: &str| {
        let mut before = kpi(Value::Null);
        before["lastPeriod"] = json!("2025-03-01");
        before["lastValue"] = json!(value);
        measured(&["dir"], &before, json!("breach"))
    };
    assert_eq!(before("0.79"), []);
    assert!(before("0.81")[0].input["correction"].is_string());
}

#[test]
fn a_gap_in_the_log_of_a_running_system_of_high_risk_is_an_incident() {
    let gap_of = |operation: &str, effects: Value, asked: bool| {
        let system = json!({
            "name": "CreditLens", "stage": "deployment", "operationStatus": operation,
        });
        let class = json!({
            "system": "sys_1", "status": "confirmed", "regime": "eu_ai_act", "class": "high_risk",
            "role": "provider", "effects": effects, "confirmedAt": "2024-09-02T09:00:00Z",
        });
        let task = json!({
            "subject": "elp_1", "status": if asked { "open" } else { "done" }, "blocking": false,
            "taskKind": "investigate", "assigneeRole": "OPS", "openedBy": "rea_P33",
        });
        let known = Known::default()
            .with("elp_1", "event_log_policy", json!({ "system": "sys_1", "status": "gap" }))
            .with("sys_1", "ai_system", system)
            .with("cls_1", "regulatory_classification", class)
            .with("task_1", "task", task);
        let name = "event_log_policy.log_gap_detected";
        gap(&Trigger::example(name, "elp_1", AT, json!({})), &known)
    };
    let high = || json!(["high_risk"]);
    let orders = gap_of("running", high(), false);
    let told: Vec<_> = orders.iter().map(|order| (order.kind, order.verb)).collect();
    assert_eq!(told, [("incident", "report"), ("task", "open")]);
    assert_eq!(orders[0].input["severity"], "minor");
    assert_eq!(orders[1].input["due"], "2025-04-08");
    assert_eq!(gap_of("running", high(), true).len(), 1);
    assert_eq!(gap_of("stopped", high(), false), []);
    assert_eq!(gap_of("running", json!(["transparency"]), false), []);
}
