//! What treatment and stale evidence make of a row.

use serde_json::{Value, json};

use super::*;
use crate::Order;

const ROW: &str = "soc_00000000000000000000000001";
const PLAN: &str = "trp_00000000000000000000000001";

fn row(decision: &str, status: &str, unproven: bool) -> Value {
    json!({
        "soa": "soa_1", "catalogue": "iso42001-2023", "control": "A.6.2.4", "decision": decision,
        "status": status, "evidence": ["evd_1"], "owner": "usr_marc",
        "unprovenSince": unproven.then_some("2025-02-01T00:00:05Z"),
    })
}

fn with_row(decision: &str, status: &str, unproven: bool) -> Known {
    let known = Known::default().with(ROW, "soa_control", row(decision, status, unproven));
    known.with("mbr_marc", "membership", json!({ "roles": ["SO"], "status": "active" }))
}

fn task(sort: &str, rule: &str) -> Value {
    json!({
        "subject": ROW, "status": "open", "blocking": false, "taskKind": sort, "title": "x",
        "openedBy": format!("rea_{rule}"),
    })
}

fn event(name: &str, object: &str, data: Value) -> Trigger {
    Trigger::example(name, object, "2025-02-01T00:00:05Z", data)
}

fn plan(known: Known, statuses: &[&str]) -> Known {
    let action =
        |status: &&str| json!({ "control": "A.6.2.4", "status": status, "due": "2025-01-31" });
    let actions = statuses.iter().enumerate();
    let mut actions: serde_json::Map<_, _> =
        actions.map(|(n, status)| (format!("a{n}"), action(status))).collect();
    actions
        .insert("b".into(), json!({ "control": "A.9.2", "status": "done", "due": "2025-01-31" }));
    let in_force = json!({ "version": 1, "actions": actions });
    let body = json!({
        "title": "Fair scores", "status": "approved", "controls": ["A.6.2.4", "A.9.2"],
        "inForce": in_force,
    });
    known.with(PLAN, "treatment_plan", body)
}

fn proposed(orders: &[Order]) -> Vec<&str> {
    orders.iter().map(|order| order.input["title"].as_str().unwrap()).collect()
}

#[test]
fn a_plan_that_is_approved_makes_its_controls_planned_ones() {
    let approved = event("treatment_plan.approved", PLAN, json!({}));
    let orders = treated(&approved, &plan(with_row("applicable", "not_started", false), &["open"]));
    let title = "Decide whether A.6.2.4 counts as planned: a treatment plan for it is approved";
    assert_eq!(proposed(&orders), [title]);
    let input = &orders[0].input;
    assert_eq!((&input["subject"], &input["due"]), (&json!(ROW), &json!("2025-03-03")));
    assert_eq!(input["doneWhen"], json!({ "event": STATUS_CHANGED, "object": ROW }));
    for (decision, status) in
        [("applicable", "planned"), ("applicable", "implemented"), ("excluded", "not_started")]
    {
        let known = plan(with_row(decision, status, false), &["open"]);
        assert_eq!(treated(&approved, &known), [], "{decision} {status}");
    }
    let undecided = plan(with_row("undecided", "not_started", false), &["open"]);
    assert_eq!(treated(&approved, &undecided).len(), 1);
}

#[test]
fn an_action_that_is_done_makes_its_control_implemented_in_part_or_whole() {
    let done = |action: &str| {
        let name = "treatment_plan.treatment_action_completed";
        event(name, PLAN, json!({ "action": action }))
    };
    let planned = || with_row("applicable", "planned", false);
    let orders = treated(&done("a0"), &plan(planned(), &["done", "open"]));
    let title =
        "Decide whether A.6.2.4 counts as partially implemented: a treatment action is done";
    assert_eq!(proposed(&orders), [title]);
    let orders = treated(&done("a0"), &plan(planned(), &["done", "done"]));
    let title = "Decide whether A.6.2.4 counts as implemented: its treatment actions are done";
    assert_eq!(proposed(&orders), [title]);
    assert_eq!(treated(&done("b"), &plan(planned(), &["open"])), [], "another control's");
    let part = plan(with_row("applicable", "partially_implemented", false), &["done", "open"]);
    assert_eq!(treated(&done("a0"), &part), [], "it counts as that");
    let asked = plan(planned(), &["done"]).with("tsk_1", "task", task("decide", "P16"));
    assert_eq!(treated(&done("a0"), &asked), []);
}

#[test]
fn rows_of_other_catalogues_are_other_controls() {
    let mut other = row("applicable", "not_started", false);
    other["catalogue"] = json!("cat_1");
    let known = plan(Known::default().with(ROW, "soa_control", other), &["open"]);
    assert_eq!(treated(&event("treatment_plan.approved", PLAN, json!({})), &known), []);
}

#[test]
fn what_rests_on_stale_evidence_is_looked_at() {
    let check = || vec![Order::to("soa_control", ROW, "check_proof", json!({}))];
    let implemented = |unproven| with_row("applicable", "implemented", unproven);
    for name in ["went_stale", "quarantined", "superseded", "shredded"] {
        let stale = event(&format!("evidence.{name}"), "evd_1", json!({}));
        assert_eq!(proven(&stale, &implemented(false)), check(), "{name}");
        assert_eq!(proven(&stale, &implemented(true)), [], "it is known");
        assert_eq!(proven(&stale, &with_row("applicable", "planned", false)), []);
        assert_eq!(proven(&stale, &with_row("excluded", "implemented", false)), []);
    }
    let other = event("evidence.went_stale", "evd_2", json!({}));
    assert_eq!(proven(&other, &implemented(false)), [], "of no row");
    let verified = event("evidence.verified", "evd_1", json!({}));
    assert_eq!(proven(&verified, &implemented(true)), check());
    assert_eq!(proven(&verified, &implemented(false)), []);
}

#[test]
fn a_row_is_looked_at_again_when_its_evidence_or_status_changes() {
    let check = [Order::to("soa_control", ROW, "check_proof", json!({}))];
    let on = |name: &str, known: &Known| {
        proven(&event(&format!("soa_control.{name}"), ROW, json!({})), known)
    };
    for name in ["evidence_linked", "implementation_status_changed", "applicability_decided"] {
        assert_eq!(on(name, &with_row("applicable", "implemented", true)), check, "{name}");
        assert_eq!(on(name, &with_row("applicable", "implemented", false)), [], "{name}");
    }
    assert_eq!(on("evidence_unlinked", &with_row("applicable", "implemented", false)), check);
    assert_eq!(on("evidence_unlinked", &with_row("applicable", "planned", false)), []);
}

#[test]
fn who_answers_for_a_control_renews_its_proof_or_it_counts_for_less() {
    let lost = event("soa_control.proof_lost", ROW, json!({}));
    let known = || with_row("applicable", "implemented", true);
    let orders = proven(&lost, &known());
    assert_eq!(orders[0].input["assignee"], "usr_marc");
    assert_eq!(orders[0].input["due"], "2025-03-03");
    let restored = json!({ "event": "soa_control.proof_restored", "object": ROW });
    assert_eq!(orders[0].input["doneWhen"], restored);
    assert_eq!(proven(&lost, &known().with("tsk_1", "task", task("review", "P17"))), []);
    let late = Trigger::example(OVERDUE, "tsk_1", "2025-03-04T00:00:00Z", json!({}));
    let orders = proven(&late, &known().with("tsk_1", "task", task("review", "P17")));
    let title = "Decide whether A.6.2.4 counts as partially implemented: nothing proves more";
    assert_eq!(proposed(&orders), [title]);
    assert_eq!(orders[0].input["assigneeRole"], "AM");
    assert_eq!(proven(&late, &known().with("tsk_1", "task", task("decide", "P17"))), []);
    assert_eq!(proven(&late, &known().with("tsk_1", "task", task("review", "P16"))), []);
    let proven_again = with_row("applicable", "implemented", false);
    assert_eq!(proven(&late, &proven_again.with("tsk_1", "task", task("review", "P17"))), []);
}
