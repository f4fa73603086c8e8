//! Suppliers, components and contracts, in small worlds.

use serde_json::Value;

use super::*;

const AT: &str = "2025-06-17T09:00:00Z";

fn trigger(name: &str, object: &str, data: Value) -> Trigger {
    Trigger::example(name, object, AT, data)
}

/// A supplier of a status and criticality, whose component a system uses, and its assessment.
fn world(status: &str, criticality: &str, operation: &str) -> Known {
    let supplier = json!({ "name": "Lumora AI", "criticality": criticality, "status": status });
    let component = json!({
        "supplier": "sup_1", "name": "Lumora API", "status": "accepted",
        "usedBy": { "sys_1": { "system": "sys_1", "contract": "ctr_1" } },
    });
    let system = json!({
        "name": "Copilot", "owner": "usr_olga", "stage": "operation_and_monitoring",
        "operationStatus": operation,
    });
    let assessment = json!({
        "system": "sys_1", "status": "approved", "approvedAt": "2024-12-16T09:00:00Z",
    });
    Known::default()
        .with("sup_1", "supplier", supplier)
        .with("cmp_1", "supplied_component", component)
        .with("sys_1", "ai_system", system)
        .with("ia_1", "impact_assessment", assessment)
        .with("mbr_olga", "membership", json!({ "roles": ["SO"], "status": "active" }))
}

fn verbs(orders: &[Order]) -> Vec<(&str, &str)> {
    orders.iter().map(|order| (order.kind, order.verb)).collect()
}

#[test]
fn a_system_that_runs_on_a_suspended_supplier_is_assessed_again_and_decided_on() {
    let orders = supplier_stopped(
        &trigger("supplier.suspended", "sup_1", json!({})),
        &world("suspended", "low", "running"),
    );
    assert_eq!(verbs(&orders), [("impact_assessment", "fire_trigger"), ("task", "open")]);
    assert_eq!(orders[0].input["trigger"], "supplier_component_change");
    assert_eq!(orders[0].input["source"], "sup_1");
    assert_eq!(orders[1].input["subject"], "sys_1");
    assert_eq!(orders[1].input["due"], "2025-06-19");
    assert_eq!(orders[1].input["assignee"], "usr_olga");
    let suspended = json!({ "event": "ai_system.operation_suspended", "object": "sys_1" });
    assert_eq!(orders[1].input["doneWhen"], suspended);
    for (status, operation) in [("approved", "running"), ("terminated", "suspended")] {
        let known = world(status, "low", operation);
        let known = match status {
            "approved" => known.with(
                "sas_1",
                "supplier_assessment",
                json!({
                    "supplier": "sup_1", "status": "completed", "validUntil": "2025-06-17",
                }),
            ),
            _ => known,
        };
        let stopped = trigger("supplier.terminated", "sup_1", json!({}));
        assert_eq!(supplier_stopped(&stopped, &known), [], "{status} {operation}");
    }
}

#[test]
fn an_assessment_that_ran_out_counts_unless_a_newer_one_stands() {
    let expired = |until: Option<&str>| {
        let known = world("approved", "low", "running").with(
            "sas_1",
            "supplier_assessment",
            json!({
                "supplier": "sup_1", "status": "expired", "validUntil": "2025-06-16",
            }),
        );
        let newer = json!({ "supplier": "sup_1", "status": "completed", "validUntil": until });
        let known = match until {
            Some(_) => known.with("sas_2", "supplier_assessment", newer),
            None => known,
        };
        supplier_stopped(&trigger("supplier_assessment.expired", "sas_1", json!({})), &known)
    };
    let orders = expired(None);
    let opened = ("task", "open");
    assert_eq!(verbs(&orders), [("impact_assessment", "fire_trigger"), opened, opened]);
    let assessed = json!({ "event": "supplier_assessment.completed", "about": "sup_1" });
    assert_eq!(orders[2].input["doneWhen"], assessed);
    assert_eq!(expired(Some("2026-06-16")), []);
    assert_eq!(expired(Some("2025-06-16")).len(), 3);
}

#[test]
fn nobody_answered_so_what_depends_on_a_highly_critical_supplier_halts() {
    let overdue = |status: &str, criticality: &str, operation: &str| {
        let task = json!({
            "subject": "sys_1", "status": "overdue", "blocking": false, "taskKind": "decide",
            "openedBy": "rea_P6",
        });
        let known = world(status, criticality, operation).with("task_1", "task", task);
        supplier_stopped(&trigger("task.overdue", "task_1", json!({})), &known)
    };
    let halted = overdue("suspended", "high", "running");
    assert_eq!(verbs(&halted), [("ai_system", "suspend_operation")]);
    assert_eq!(halted[0].on.as_deref(), Some("sys_1"));
    assert_eq!(overdue("suspended", "medium", "running"), []);
    assert_eq!(overdue("suspended", "high", "suspended"), []);
    assert_eq!(overdue("rejected", "high", "running"), [], "it was never relied on");
    assert_eq!(verbs(&overdue("approved", "high", "running")).len(), 1, "no assessment counts");
}

#[test]
fn a_component_that_changed_is_a_change_of_each_system() {
    let data = json!({ "before": "4.1", "componentVersion": "5.0" });
    let changed = trigger("supplied_component.version_changed", "cmp_1", data);
    let orders = component_changed(&changed, &world("approved", "high", "running"));
    assert_eq!(
        verbs(&orders),
        [("change_request", "propose"), ("task", "open"), ("impact_assessment", "fire_trigger"),]
    );
    assert_eq!(orders[0].input["title"], "Lumora API changes from 4.1 to 5.0");
    assert_eq!(orders[0].input["changeKind"], "supplier");
    let verified = json!({ "event": "verification_record.completed", "about": "sys_1" });
    assert_eq!(orders[1].input["doneWhen"], verified);
    assert_eq!(component_changed(&changed, &Known::default()), []);
}

fn change(status: &str, effective: Value) -> Value {
    json!({
        "system": "sys_1", "title": "Lumora API changes", "changeKind": "supplier",
        "class": "significant", "status": status, "effective": effective,
    })
}

#[test]
fn what_the_rule_proposed_is_decided_on_and_else_an_unplanned_change() {
    let proposed = |actor: &str, version: u32| {
        let known = world("approved", "high", "running");
        let known = known.with("chg_1", "change_request", change("draft", Value::Null));
        let trigger = Trigger {
            actor: actor.to_owned(),
            ..trigger("change_request.change_proposed", "chg_1", json!({ "version": version }))
        };
        component_changed(&trigger, &known)
    };
    let orders = proposed("rea_P7", 1);
    assert_eq!(orders[0].input["due"], "2025-07-01");
    let approved = json!({ "event": "change_request.change_approved", "object": "chg_1" });
    assert_eq!(orders[0].input["doneWhen"], approved);
    assert_eq!(proposed("rea_P7", 2), []);
    assert_eq!(proposed("usr_sara", 1), []);
    let overdue = |status: &str, effective: Value, operation: &str| {
        let task = json!({
            "subject": "chg_1", "status": "overdue", "blocking": false, "taskKind": "decide",
            "openedBy": "rea_P7",
        });
        let known = world("approved", "high", operation)
            .with("chg_1", "change_request", change(status, effective))
            .with("task_1", "task", task);
        component_changed(&trigger("task.overdue", "task_1", json!({})), &known)
    };
    let found = overdue("in_review", Value::Null, "running");
    assert_eq!(verbs(&found), [("change_request", "detect_unplanned")]);
    assert_eq!(found[0].input["unapproved"], "chg_1");
    assert_eq!(overdue("approved", json!({}), "running"), []);
    assert_eq!(overdue("withdrawn", Value::Null, "running"), []);
    assert_eq!(overdue("draft", Value::Null, "stopped"), []);
}

#[test]
fn a_contract_is_renewed_before_it_ends_or_its_end_is_a_nonconformity() {
    let contract = || json!({ "supplier": "sup_1", "title": "Services", "status": "agreed" });
    let ends = |name: &str, data: Value, known: Known| {
        let known = known.with("ctr_1", "contract", contract());
        contract_ends(&trigger(name, "ctr_1", data), &known)
    };
    let soon = json!({ "validUntil": "2025-09-15", "daysBefore": 90 });
    let running = || world("approved", "high", "running");
    let orders = ends("contract.expiry_approaching", soon.clone(), running());
    assert_eq!(orders[0].input["due"], "2025-09-15");
    assert_eq!(orders[0].input["taskKind"], "renew_contract");
    let task = json!({
        "subject": "ctr_1", "status": "open", "blocking": false, "taskKind": "renew_contract",
        "assigneeRole": "SM", "openedBy": "rea_P32",
    });
    let asked = running().with("task_1", "task", task);
    assert_eq!(ends("contract.expiry_approaching", soon, asked), []);
    let over = ends("contract.expired", json!({}), running());
    let raised = json!({ "event": "nonconformity.raised", "about": "ctr_1" });
    assert_eq!(over[0].input["doneWhen"], raised);
    let stopped = world("approved", "high", "stopped");
    assert_eq!(ends("contract.expired", json!({}), stopped), []);
    let open = json!({ "grade": "minor", "status": "raised", "origin": "ctr_1" });
    let known = running().with("nc_1", "nonconformity", open);
    assert_eq!(ends("contract.expired", json!({}), known), []);
}
