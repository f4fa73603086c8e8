//! Risks, in small worlds.

use serde_json::Value;

use super::*;

const AT: &str = "2025-04-14T09:00:00Z";

fn world(operation: &str, status: &str) -> Known {
    let criteria = json!({
        "effective": { "version": 2 },
        "approvedVersions": {
            "v1": { "bands": [], "appetite": 4, "tolerance": 6 },
            "v2": { "bands": [], "appetite": 9, "tolerance": 14 },
        },
    });
    let system =
        json!({ "name": "CreditLens", "stage": "deployment", "operationStatus": operation });
    let risk = json!({
        "title": "Postcode", "systems": ["sys_1"], "owner": "usr_lena", "status": status,
    });
    Known::default()
        .with("rcr_1", "risk_criteria", criteria)
        .with("sys_1", "ai_system", system)
        .with("risk_1", "risk", risk)
        .with("mbr_lena", "membership", json!({ "roles": ["RO"], "status": "active" }))
}

fn rated_as(score: u32, known: &Known) -> Vec<Order> {
    let data = json!({ "score": score, "criteriaVersion": 2 });
    above_appetite(&Trigger::example("risk.residual_risk_evaluated", "risk_1", AT, data), known)
}

fn told(orders: &[Order]) -> Vec<(String, String)> {
    let text =
        |order: &Order, name: &str| order.input[name].as_str().unwrap_or_default().to_owned();
    orders.iter().map(|order| (text(order, "assigneeRole"), text(order, "due"))).collect()
}

fn row(role: &str, due: &str) -> (String, String) {
    (role.to_owned(), due.to_owned())
}

#[test]
fn a_risk_above_the_appetite_is_planned_and_decided_on() {
    let plan = [row("RM", "2025-05-14"), row("RO", "2025-05-14")];
    let orders = rated_as(10, &world("running", "analysed"));
    assert_eq!(told(&orders), plan);
    assert_eq!(orders[1].input["assignee"], "usr_lena");
    let submitted = json!({ "event": "treatment_plan.submitted", "about": "risk_1" });
    assert_eq!(orders[0].input["doneWhen"], submitted);
    assert_eq!(rated_as(9, &world("running", "analysed")), []);
    assert_eq!(told(&rated_as(14, &world("running", "analysed"))), plan);
    let above = told(&rated_as(15, &world("running", "analysed")));
    assert_eq!(above[2], row("TM", "2025-04-16"));
    assert_eq!(told(&rated_as(20, &world("stopped", "analysed"))), plan);
}

#[test]
fn what_is_planned_or_asked_for_already_is_not_asked_again() {
    let plan = |progress: &str| {
        let plan = json!({
            "status": "approved", "risks": ["risk_1"], "progress": progress,
            "inForce": { "version": 1, "risks": ["risk_1"] },
        });
        rated_as(10, &world("running", "analysed").with("tpl_1", "treatment_plan", plan))
    };
    assert_eq!(plan("in_progress"), []);
    assert_eq!(plan("completed").len(), 2, "what was done did not do");
    let task = |role: &str, kind: &str| {
        json!({
            "subject": "risk_1", "status": "open", "blocking": false, "taskKind": kind,
            "assigneeRole": role, "openedBy": "rea_P4",
        })
    };
    let asked = || {
        world("running", "analysed")
            .with("task_1", "task", task("RM", "handle_risk"))
            .with("task_2", "task", task("RO", "handle_risk"))
            .with("task_3", "task", task("TM", "decide"))
    };
    assert_eq!(rated_as(20, &asked()), []);
    let ended = rated_as(8, &asked());
    let cancelled: Vec<_> = ended.iter().map(|o| (o.verb, o.on.as_deref().unwrap())).collect();
    assert_eq!(cancelled, [("cancel", "task_1"), ("cancel", "task_2"), ("cancel", "task_3")]);
}

#[test]
fn when_top_management_does_not_decide_a_restriction_is_proposed() {
    let overdue = |role: &str, operation: &str| {
        let task = json!({
            "subject": "risk_1", "status": "overdue", "blocking": false, "taskKind": "decide",
            "assigneeRole": role, "openedBy": "rea_P4", "title": "Decide",
        });
        let known = world(operation, "analysed").with("task_1", "task", task);
        above_appetite(&Trigger::example("task.overdue", "task_1", AT, json!({})), &known)
    };
    let both = [row("AM", "2025-04-21"), row("RO", "2025-04-16")];
    assert_eq!(told(&overdue("TM", "running")), both);
    assert_eq!(told(&overdue("TM", "restricted")), both[..1]);
    assert_eq!(told(&overdue("RO", "running")), both[..1]);
    assert_eq!(overdue("RM", "running"), []);
}

#[test]
fn an_approved_plan_marks_what_it_treats() {
    let marked = |event: &str, status: &str| {
        let plan = json!({
            "status": "approved", "inForce": { "version": 1, "risks": ["risk_1"] },
        });
        let known = world("running", status).with("tpl_1", "treatment_plan", plan);
        above_appetite(&Trigger::example(event, "tpl_1", AT, json!({})), &known)
    };
    let order = |verb| [Order::to("risk", "risk_1", verb, json!({ "plan": "tpl_1" }))];
    let planned = order("record_treatment_planned");
    assert_eq!(marked("treatment_plan.approved", "evaluated"), planned);
    assert_eq!(marked("treatment_plan.approved", "analysed"), []);
    assert_eq!(marked("treatment_plan.completed", "treatment_planned"), order("record_treated"));
    assert_eq!(marked("treatment_plan.completed", "closed"), []);
}

#[test]
fn the_owner_answers_an_acceptance_that_ended_in_a_week() {
    let ended = |name: &str, known: &Known| {
        acceptance_ended(&Trigger::example(name, "risk_1", AT, json!({})), known)
    };
    let orders = ended("risk.acceptance_revoked", &world("running", "residual_evaluated"));
    assert_eq!(told(&orders), [row("RO", "2025-04-21")]);
    let accepted = json!({ "event": "risk.accepted", "object": "risk_1" });
    assert_eq!(orders[0].input["doneWhen"], accepted);
    assert_eq!(ended("risk.acceptance_expired", &world("running", "closed")), []);
    let task = |status: &str| {
        json!({
            "subject": "risk_1", "status": status, "blocking": false, "taskKind": "handle_risk",
            "assigneeRole": "RO", "openedBy": "rea_P5", "title": "Accept it",
        })
    };
    let asked = world("running", "evaluated").with("task_1", "task", task("open"));
    assert_eq!(ended("risk.acceptance_expired", &asked), []);
    let late = Trigger::example("task.overdue", "task_1", AT, json!({}));
    let known = world("running", "evaluated").with("task_1", "task", task("overdue"));
    assert_eq!(told(&acceptance_ended(&late, &known)), [row("AM", "2025-04-21")]);
}

#[test]
fn risks_are_assessed_again_under_new_criteria_and_when_their_review_is_due() {
    let approved = |version: u32| {
        let data = json!({ "effective": { "version": version } });
        let trigger = Trigger::example("risk_criteria.approved", "rcr_1", AT, data);
        assessed_again(&trigger, &Known::default())
    };
    assert_eq!(approved(1), []);
    assert_eq!(told(&approved(2)), [row("RM", "2025-07-13")]);
    let due = |status: &str| {
        let trigger = Trigger::example("risk.review_fell_due", "risk_1", AT, Value::Null);
        assessed_again(&trigger, &world("running", status))
    };
    assert_eq!(told(&due("analysed")), [row("RM", "2025-05-14")]);
    assert_eq!(due("closed"), []);
}
