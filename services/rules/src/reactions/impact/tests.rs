//! Assessments that are out of date, in small worlds.

use serde_json::{Value, json};

use super::*;

const AT: &str = "2025-04-07T09:00:00Z";

fn trigger(name: &str, object: &str, data: Value) -> Trigger {
    Trigger::example(name, object, AT, data)
}

fn system(status: &str) -> Value {
    let version = |order: u32, datasets: Value| json!({ "order": order, "stage": "deployment", "status": "running", "datasets": datasets });
    json!({
        "name": "CreditLens", "stage": "deployment", "operationStatus": status,
        "versions": {
            "2.1": version(1, json!(["dst_1"])),
            "2.2": version(2, json!(["dst_1", "dst_2"])),
            "3.0": version(3, json!(["dst_1"])),
        },
    })
}

fn assessment(level: &str, approved: bool) -> Value {
    let approved_at = approved.then_some("2024-12-02T09:00:00Z");
    json!({
        "system": "sys_1", "status": "approved", "level": level, "approvedAt": approved_at,
        "intendedUses": ["Scoring"],
    })
}

fn world(status: &str, level: &str) -> Known {
    let known = Known::default().with("sys_1", "ai_system", system(status));
    known.with("ia_1", "impact_assessment", assessment(level, true))
}

fn fired(orders: &[Order]) -> Vec<(&str, &str)> {
    let text = |order: &'static str| order;
    let fired = orders.iter().filter(|order| order.verb == text("fire_trigger"));
    let told = fired.map(|order| (&order.input["trigger"], &order.input["source"]));
    told.filter_map(|(what, source)| Some((what.as_str()?, source.as_str()?))).collect()
}

#[test]
fn a_system_is_assessed_again_in_a_fortnight_when_its_impact_is_high() {
    let due = |level: &str, what: &str, status: &str| {
        let data = json!({ "trigger": { "trigger": what } });
        let trigger = trigger("impact_assessment.reassessment_triggered", "ia_1", data);
        let orders = out_of_date(&trigger, &world(status, level));
        let told = |order: &Order| {
            let text = |name: &str| order.input[name].as_str().unwrap_or_default().to_owned();
            (text("assigneeRole"), text("due"))
        };
        orders.iter().map(told).collect::<Vec<_>>()
    };
    let row = |role: &str, due: &str| (role.to_owned(), due.to_owned());
    let again = [row("IA", "2025-04-21"), row("RO", "2025-04-21")];
    assert_eq!(due("high", "critical_drift", "running"), again);
    assert_eq!(due("critical", "serious_incident", "running").len(), 2);
    assert_eq!(due("medium", "critical_drift", "restricted"), [row("IA", "2025-05-07")]);
    assert_eq!(due("high", "new_data_source", "running"), [row("IA", "2025-04-21")]);
}

#[test]
fn nothing_is_asked_twice_and_nothing_of_an_assessment_without_result() {
    let data = json!({ "trigger": { "trigger": "critical_drift" } });
    let trigger = trigger("impact_assessment.reassessment_triggered", "ia_1", data);
    let task = |subject: &str, kind: &str, role: &str| {
        json!({
            "subject": subject, "status": "open", "blocking": false, "taskKind": kind,
            "assigneeRole": role, "openedBy": "rea_P3",
        })
    };
    let asked = world("running", "high")
        .with("task_1", "task", task("ia_1", "assess_impact", "IA"))
        .with("task_2", "task", task("sys_1", "decide", "RO"));
    assert_eq!(out_of_date(&trigger, &asked), []);
    let first = Known::default().with("sys_1", "ai_system", system("running")).with(
        "ia_1",
        "impact_assessment",
        assessment("high", false),
    );
    assert_eq!(out_of_date(&trigger, &first), []);
    let overdue = Trigger { name: "impact_assessment.overdue".into(), ..trigger };
    let orders = out_of_date(&overdue, &first);
    assert_eq!(orders[0].input["doneWhen"]["event"], "nonconformity.raised");
    assert_eq!(out_of_date(&overdue, &world("running", "high")), [], "a trigger says that");
}

#[test]
fn new_uses_data_and_major_versions_make_an_assessment_out_of_date() {
    let known = |uses: Value| {
        let in_force = json!({ "intendedUses": uses });
        let intended = json!({ "system": "sys_1", "effective": {}, "inForce": in_force });
        world("running", "high").with("iuse_1", "intended_use", intended)
    };
    let use_of = |uses: Value| {
        out_of_date(&trigger("intended_use.approved", "iuse_1", json!({})), &known(uses))
    };
    let orders = use_of(json!(["Scoring", "Pricing"]));
    assert_eq!(fired(&orders), [("new_intended_use", "iuse_1")]);
    assert_eq!(use_of(json!(["Scoring"])), []);
    let version = |name: &str, label: &str| {
        let data = json!({ "systemVersion": label });
        out_of_date(&trigger(name, "sys_1", data), &known(json!([])))
    };
    let added = version("ai_system.version_added", "2.2");
    assert_eq!(fired(&added), [("new_data_source", "dst_2")]);
    let major = version("ai_system.version_added", "3.0");
    assert_eq!(fired(&major), [("model_major_version", "sys_1")]);
    assert_eq!(version("ai_system.assets_linked", "3.0"), []);
    assert_eq!(version("ai_system.version_added", "2.1"), []);
    assert_eq!((super::major("v10.2"), super::major("beta")), (Some(10), None));
}

#[test]
fn a_serious_incident_makes_an_assessment_out_of_date() {
    let told = |severity: &str, status: &str| {
        let incident = json!({ "system": "sys_1", "severity": severity, "status": status });
        let known = world("running", "high").with("inc_1", "incident", incident);
        out_of_date(&trigger("incident.severity_changed", "inc_1", json!({})), &known)
    };
    assert_eq!(fired(&told("serious", "investigating")), [("serious_incident", "inc_1")]);
    assert_eq!(told("major", "investigating"), []);
    assert_eq!(told("serious", "not_an_incident"), []);
    let law = out_of_date(&trigger("rule_set.revised", "rls_1", json!({})), &Known::default());
    assert_eq!(law[0].input["assigneeRole"], "DPO");
}

#[test]
fn what_is_late_is_proposed_as_a_nonconformity() {
    let overdue = |kind: &str| {
        let task = json!({
            "subject": "ia_1", "status": "overdue", "blocking": false, "taskKind": kind,
            "openedBy": "rea_P3", "title": "Assess it again",
        });
        let known = world("running", "high").with("task_1", "task", task);
        out_of_date(&trigger("task.overdue", "task_1", json!({})), &known)
    };
    assert_eq!(overdue("assess_impact")[0].input["assigneeRole"], "AM");
    assert_eq!(overdue("decide"), []);
}

#[test]
fn three_complaints_in_thirty_days_are_a_cluster() {
    let concern = |at: &str| json!({ "system": "sys_1", "receivedAt": at });
    let complaint = |source: &str, at: &str| {
        json!({
            "customer": "Bank", "status": "captured", "systems": ["sys_1"], "source": source,
            "capturedAt": at,
        })
    };
    let heard = |third: Value, kind: &str| {
        let known = world("running", "high")
            .with("ccn_1", "concern", concern("2025-03-08T09:00:00Z"))
            .with("ccn_2", "concern", concern(AT))
            .with("x_3", kind, third);
        let data = json!({ "system": "sys_1" });
        complaints(&trigger("concern.reported", "ccn_2", data), &known)
    };
    let cluster = [("complaint_cluster", "sys_1")];
    assert_eq!(fired(&heard(concern("2025-04-01T09:00:00Z"), "concern")), cluster);
    assert_eq!(heard(concern("2025-03-08T08:59:59Z"), "concern"), [], "too long ago");
    let complained = complaint("complaint", "2025-04-01T09:00:00Z");
    assert_eq!(fired(&heard(complained, "customer_expectation")), cluster);
    let wish = complaint("survey", "2025-04-01T09:00:00Z");
    assert_eq!(heard(wish, "customer_expectation"), []);
    let other = trigger("concern.reported", "ccn_9", json!({}));
    assert_eq!(complaints(&other, &Known::default()), [], "it is about no system");
}
