//! Systems that come, change and go, in small worlds.

use serde_json::Value;

use super::*;

const SYSTEM: &str = "sys_1";
const AT: &str = "2024-08-26T09:00:00Z";

fn trigger(name: &str, object: &str) -> Trigger {
    Trigger::example(name, object, AT, json!({}))
}

fn system(more: &Value) -> Value {
    let mut body = json!({
        "name": "CreditLens", "inScope": true, "stage": "inception",
        "operationStatus": "stopped", "versions": {},
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

fn known(more: &Value) -> Known {
    Known::default().with(SYSTEM, "ai_system", system(more))
}

/// Kind, role and what ends each task that is ordered.
fn tasks(orders: &[Order]) -> Vec<(String, String, Value)> {
    let opened = orders.iter().filter(|order| (order.kind, order.verb) == ("task", "open"));
    let text = |input: &Value, name: &str| input[name].as_str().unwrap_or_default().to_owned();
    let told = |input: &Value| {
        let done = input["doneWhen"].clone();
        (text(input, "taskKind"), text(input, "assigneeRole"), done)
    };
    opened.map(|order| told(&order.input)).collect()
}

fn row(kind: &str, role: &str, done_when: Value) -> (String, String, Value) {
    (kind.to_owned(), role.to_owned(), done_when)
}

#[test]
fn a_system_in_scope_is_classified_assessed_described_owned_and_logged() {
    let orders = intake(&trigger("ai_system.registered", SYSTEM), &known(&json!({})));
    let about = |event: &str| json!({ "event": event, "about": SYSTEM });
    let owner = json!({ "event": "ai_system.owner_assigned", "object": SYSTEM });
    assert_eq!(
        tasks(&orders),
        [
            row("classify", "RM", about("regulatory_classification.confirmed")),
            row("assess_impact", "IA", about("impact_assessment.approved")),
            row("define_use", "SO", about("intended_use.approved")),
            row("assign_role", "SO", owner),
            row("define_logging", "SO", about("event_log_policy.defined")),
        ]
    );
    assert_eq!(
        orders[0].input,
        json!({
            "taskKind": "classify", "title": "Classify CreditLens in law", "assigneeRole": "RM",
            "due": "2024-09-25", "subject": SYSTEM, "openedByEvent": "100",
            "doneWhen": about("regulatory_classification.confirmed"),
        })
    );
    let outside = known(&json!({ "inScope": false }));
    assert_eq!(intake(&trigger("ai_system.registered", SYSTEM), &outside), []);
}

#[test]
fn what_a_system_has_already_or_is_asked_for_is_not_asked_again() {
    let task = |kind: &str, role: &str, by: &str| {
        json!({
            "subject": SYSTEM, "status": "open", "blocking": false, "taskKind": kind,
            "assigneeRole": role, "openedBy": by,
        })
    };
    let known = known(&json!({ "owner": "usr_marc" }))
        .with(
            "cls_1",
            "regulatory_classification",
            json!({
                "system": SYSTEM, "status": "confirmed", "regime": "eu_ai_act", "class": "minimal",
                "role": "provider", "confirmedAt": "2024-08-01T09:00:00Z",
            }),
        )
        .with("iuse_1", "intended_use", json!({ "system": SYSTEM, "effective": null }))
        .with("task_1", "task", task("define_use", "SO", "rea_P2"))
        .with("task_2", "task", task("assess_impact", "IA", "usr_priya"))
        .with("elp_1", "event_log_policy", json!({ "system": SYSTEM, "status": "defined" }));
    let orders = intake(&trigger("ai_system.scope_changed", SYSTEM), &known);
    let about = json!({ "event": "impact_assessment.approved", "about": SYSTEM });
    assert_eq!(tasks(&orders), [row("assess_impact", "IA", about)]);
}

#[test]
fn an_overdue_task_of_the_intake_is_proposed_as_a_nonconformity() {
    let task = |by: &str| {
        json!({
            "subject": SYSTEM, "status": "overdue", "blocking": false, "taskKind": "classify",
            "title": "Classify CreditLens in law", "assigneeRole": "RM", "openedBy": by,
        })
    };
    let overdue = |by: &str| {
        let known = known(&json!({})).with("task_1", "task", task(by));
        intake(&trigger("task.overdue", "task_1"), &known)
    };
    let orders = overdue("rea_P2");
    let about = json!({ "event": "nonconformity.raised", "about": SYSTEM });
    assert_eq!(tasks(&orders), [row("decide", "AM", about)]);
    assert_eq!(orders[0].input["due"], "2024-09-02", "five working days");
    assert_eq!(overdue("usr_priya"), []);
    assert_eq!(overdue("rea_P28"), []);
}

#[test]
fn a_substantial_change_shuts_the_gates_until_everything_is_done_again() {
    let change =
        |class: &str, outcome: Value| {
            let known = known(&json!({}))
            .with("chg_1", "change_request", json!({
                "system": SYSTEM, "title": "Other purpose", "changeKind": "purpose",
                "class": class, "reclassification": outcome,
            }))
            .with("ia_1", "impact_assessment", json!({
                "system": SYSTEM, "status": "approved", "approvedAt": "2024-08-01T09:00:00Z",
            }));
            substantial_change(&trigger("change_request.change_approved", "chg_1"), &known)
        };
    let orders = change("substantial", json!({ "outcome": "class_changed" }));
    let fired = &orders[0];
    assert_eq!((fired.verb, fired.on.as_deref()), ("fire_trigger", Some("ia_1")));
    assert_eq!(fired.input["trigger"], "substantial_change");
    assert_eq!(fired.input["source"], "chg_1");
    let about = |event: &str| json!({ "event": event, "about": SYSTEM });
    assert_eq!(
        tasks(&orders),
        [
            row("classify", "RM", about("regulatory_classification.confirmed")),
            row("review", "VAL", about("verification_record.completed")),
            row("review", "DEV", about("technical_documentation.approved")),
        ]
    );
    assert!(orders[1..].iter().all(|order| order.input["blocking"] == json!(true)));
    let unchanged = change("substantial", json!({ "outcome": "class_unchanged" }));
    assert_eq!(tasks(&unchanged).len(), 2);
    assert_eq!(change("significant", Value::Null), []);
}

#[test]
fn with_a_system_ends_what_belongs_to_it_alone() {
    let gone = json!({ "stage": "retirement" });
    let task = |subject: &str, kind: &str, role: &str, status: &str| {
        json!({
            "subject": subject, "status": status, "blocking": false, "taskKind": kind,
            "assigneeRole": role,
        })
    };
    let risk = |systems: Value, status: &str| json!({ "title": "Bias", "systems": systems, "status": status });
    let component = json!({
        "supplier": "sup_1", "name": "Lumora API", "status": "accepted",
        "usedBy": { SYSTEM: { "system": SYSTEM } },
    });
    let known = known(&gone)
        .with("sys_2", "ai_system", system(&json!({})))
        .with("mon_1", "monitor", json!({ "system": SYSTEM, "status": "armed" }))
        .with("mon_2", "monitor", json!({ "system": SYSTEM, "status": "closed" }))
        .with("ia_1", "impact_assessment", json!({ "system": SYSTEM, "status": "approved" }))
        .with("risk_1", "risk", risk(json!([SYSTEM]), "accepted"))
        .with("risk_2", "risk", risk(json!([SYSTEM, "sys_2"]), "accepted"))
        .with("risk_3", "risk", risk(json!([SYSTEM]), "closed"))
        .with("cmp_1", "supplied_component", component)
        .with("elp_1", "event_log_policy", json!({ "system": SYSTEM, "status": "active" }))
        .with("task_1", "task", task(SYSTEM, "define_use", "SO", "open"))
        .with("task_2", "task", task("risk_1", "handle_risk", "RO", "overdue"))
        .with("task_3", "task", task(SYSTEM, "decide", "AM", "open"))
        .with("task_4", "task", task(SYSTEM, "answer_finding", "AM", "open"))
        .with("task_5", "task", task(SYSTEM, "classify", "RM", "done"));
    let orders = retired(&trigger("ai_system.retired", SYSTEM), &known);
    let told: Vec<_> =
        orders.iter().map(|order| (order.verb, order.on.as_deref().unwrap_or("new"))).collect();
    assert_eq!(
        told,
        [
            ("close", "mon_1"),
            ("supersede", "ia_1"),
            ("close", "risk_1"),
            ("cancel", "task_1"),
            ("cancel", "task_2"),
            ("open", "new"),
            ("open", "new"),
        ]
    );
    assert_eq!(orders[2].input["ground"], "system_retired");
    let unlinked = json!({ "event": "supplied_component.unlinked", "object": "cmp_1" });
    let ended = json!({ "event": "event_log_policy.retired", "object": "elp_1" });
    assert_eq!(
        tasks(&orders),
        [row("renew_contract", "SM", unlinked), row("define_logging", "SO", ended),]
    );
}
