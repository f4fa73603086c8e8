//! A treatment plan is drafted, approved by designated management, carried out and verified by
//! somebody else; one that did not work is drafted again.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::{self, because};

/// A risk of the risk owner's, or nobody's.
async fn risk(world: &World, title: &str, owned: bool) -> anyhow::Result<String> {
    let mut input = json!({ "title": title, "description": "It may happen." });
    if owned {
        input["owner"] = json!(world.as_(Role::Ro).user);
    }
    Desk::of(world, "risk").make(&world.as_(Role::Rm), "identify", input).await
}

/// Input of a plan with the actions `retrain` by the developer and `watch`, which is not mandatory,
/// by the operator.
fn plan(world: &World, risks: &[&str]) -> Value {
    json!({
        "title": "Fairer data", "risks": risks,
        "actions": [
            { "key": "retrain", "text": "Train again.", "control": "A.7.4",
              "owner": world.as_(Role::Dev).user, "due": "2024-08-31" },
            { "key": "watch", "text": "Watch refusals.", "control": "A.6.2.6",
              "owner": world.as_(Role::Ops).user, "due": "2024-07-31", "mandatory": false },
        ],
        "budget": { "amount": "12000.50", "currency": "EUR" },
        "expectedResidual": { "likelihood": 2, "severity": 3 },
    })
}

fn with(mut input: Value, path: &str, value: Value) -> Value {
    *input.pointer_mut(path).unwrap() = value;
    input
}

story!(a_plan_is_carried_out_verified_found_ineffective_and_drafted_again, world => {
    let plans = Desk::of(&world, "treatment_plan");
    let [rm, ro, tm, dev, ops, val, sys] =
        [Role::Rm, Role::Ro, Role::Tm, Role::Dev, Role::Ops, Role::Val, Role::Sys]
            .map(|role| world.as_(role));
    let risk = risk(&world, "Unfair refusals", true).await?;
    let id = plans.make(&rm, "draft", plan(&world, &[&risk, &risk])).await?;
    let draft = plans.shown(&id, "").await?;
    assert_eq!(draft["risks"], json!([risk]));
    assert_eq!((&draft["status"], &draft["progress"]), (&json!("draft"), &json!("not_started")));
    assert_eq!(draft["controls"], json!(["A.7.4", "A.6.2.6"]));
    assert_eq!(draft["nextDue"], Value::Null);
    plans.does(&rm, "submit", &id, json!({})).await?;
    plans.does(&ro, "reject", &id, json!({ "reason": "Too dear." })).await?;
    let cheaper = with(plan(&world, &[&risk]), "/budget/amount", json!("9000"));
    plans.does(&rm, "redraft", &id, cheaper).await?;
    plans.does(&rm, "submit", &id, json!({})).await?;
    let payload = plans.mutates(&ro.at("2024-07-15T09:00:00Z"), "approve", &id, &json!({}), "
        status progress mandatoryActions nextDue budget { amount currency }
        inForce { version risks { title } } effective { approvedBy { name } }").await?;
    assert_eq!(payload["treatmentPlan"], json!({
        "id": id, "status": "APPROVED", "progress": "NOT_STARTED", "mandatoryActions": "OPEN",
        "nextDue": "2024-07-31", "budget": { "amount": "9000", "currency": "EUR" },
        "inForce": { "version": 1, "risks": [{ "title": "Unfair refusals" }] },
        "effective": { "approvedBy": { "name": "The RO" } },
    }));

    // The days pass; each action is its owner's.
    let sys = sys.at("2024-08-01T00:00:00Z");
    plans.does(&sys, "mark_action_overdue", &id, json!({ "action": "watch" })).await?;
    let overdue = plans.shown(&id, "").await?;
    assert_eq!(overdue["inForce"]["actions"]["watch"]["status"], "overdue");
    let proof = given::evidence(&world, 1).await?;
    let done = json!({ "action": "retrain", "evidence": [proof] });
    let done = plans.does(&dev, "complete_action", &id, done).await?["object"].take();
    assert_eq!((&done["progress"], &done["mandatoryActions"]), (&json!("in_progress"), &json!("done")));
    assert_eq!(done["inForce"]["actions"]["retrain"]["doneBy"], json!(dev.user));
    let done = json!({ "action": "watch", "reason": "A board stands in the room." });
    plans.does(&ops, "complete_action", &id, done).await?;
    plans.does(&rm, "complete", &id, json!({})).await?;
    let works = json!({ "effective": true, "result": "Refusals are even." });
    let payload = plans.mutates(&val, "verify", &id, &works, "
        progress verification { version effective result by { name } }").await?;
    assert_eq!(payload["events"][0]["type"], "treatment_plan.treatment_effectiveness_verified");
    assert_eq!(payload["treatmentPlan"]["progress"], "EFFECTIVENESS_VERIFIED");
    assert_eq!(payload["treatmentPlan"]["verification"], json!({
        "version": 1, "effective": true, "result": "Refusals are even.", "by": { "name": "The VAL" },
    }));
    let fails = json!({ "effective": false, "result": "After a month they are not." });
    let found = plans.does(&val.at("2024-10-01T09:00:00Z"), "verify", &id, fails).await?;
    assert_eq!(found["events"][0]["type"], "treatment_plan.treatment_found_ineffective");
    assert_eq!(found["object"]["progress"], "ineffective");

    // The next version keeps what was done under the same key for the same control.
    let more = json!({ "key": "review", "text": "Review by a person.", "control": "A.9.2",
        "owner": dev.user, "due": "2024-11-30" });
    let mut next = plan(&world, &[&risk]);
    next["actions"].as_array_mut().unwrap().push(more);
    let next = with(next, "/actions/1/control", json!("A.6.2.8"));
    plans.does(&rm, "redraft", &id, next).await?;
    let between = plans.read(&id, "", "status version progress inForce { version }").await?;
    assert_eq!(between, json!({
        "status": "DRAFT", "version": 13, "progress": "INEFFECTIVE", "inForce": { "version": 1 },
    }));
    plans.does(&rm, "submit", &id, json!({})).await?;
    let done = plans.does(&tm, "approve", &id, json!({})).await?;
    let types: Vec<_> = done["events"].as_array().unwrap().iter().map(|e| &e["type"]).collect();
    assert_eq!(types, ["treatment_plan.superseded", "treatment_plan.approved"]);
    let actions = &done["object"]["inForce"]["actions"];
    let status = |key: &str| actions[key]["status"].as_str().unwrap();
    assert_eq!([status("retrain"), status("watch"), status("review")], ["done", "open", "open"]);
    assert_eq!(done["object"]["progress"], "in_progress");

    let withdrawn = plans.does(&tm.at("2024-12-01T09:00:00Z"), "withdraw", &id, because()).await?;
    assert_eq!(withdrawn["object"]["inForce"], Value::Null);
    let past = plans.read(&id, "(asOf: {time: \"2024-08-01T12:00:00Z\"})", "progress inForce { version }").await?;
    assert_eq!(past, json!({ "progress": "EFFECTIVENESS_VERIFIED", "inForce": { "version": 1 } }));
    let past = plans.shown(&id, "?asOf=2024-11-30T00:00:00Z").await?;
    assert_eq!(past["inForce"]["version"], 2);
});

story!(what_a_plan_refuses, world => {
    let mut plans = Desk::of(&world, "treatment_plan");
    let [rm, ro, tm, dev, ops, val, sys] =
        [Role::Rm, Role::Ro, Role::Tm, Role::Dev, Role::Ops, Role::Val, Role::Sys]
            .map(|role| world.as_(role));
    let (risk, other) = (risk(&world, "Unfair refusals", true).await?, risk(&world, "Outage", false).await?);
    let whole = plan(&world, &[&risk, &other]);
    for (at, value, expected) in [
        ("/actions/1/control", json!("A.99.1"), "422 unknown_control /actions/1/control"),
        ("/actions/1/key", json!("retrain"), "422 key_taken_twice /actions/1/key"),
        ("/budget/currency", json!("eur"), "422 no_budget /budget"),
        ("/budget/amount", json!("-0.01"), "422 no_budget /budget"),
        ("/expectedResidual/likelihood", json!(0), "422 no_grade /expectedResidual/likelihood"),
        ("/expectedResidual/severity", json!(6), "422 no_grade /expectedResidual/severity"),
    ] {
        plans.refuse(&rm, "draft", "", with(whole.clone(), at, value), expected).await?;
    }
    // An action without control, owner or due day is no action at all.
    for name in ["control", "owner", "due"] {
        let mut input = whole.clone();
        input["actions"][0].as_object_mut().unwrap().remove(name);
        let problem = rm.post("/v1/treatment-plans", &input).await?.problem(422, "invalid_input");
        assert_eq!(problem["errors"][0]["pointer"], format!("/actions/0/{name}"));
    }
    let id = plans.make(&rm, "draft", json!({ "title": "Nothing yet" })).await?;
    plans.refuse(&rm, "submit", &id, json!({}), "409 no_risk").await?;
    plans.does(&rm, "redraft", &id, json!({ "title": "Nothing yet", "risks": [risk] })).await?;
    plans.refuse(&rm, "submit", &id, json!({}), "409 no_action").await?;
    plans.refuse(&tm, "approve", &id, json!({}), "409 not_in_review").await?;
    plans.refuse(&rm, "complete", &id, json!({}), "409 not_in_force").await?;
    plans.does(&rm, "redraft", &id, whole.clone()).await?;
    plans.does(&rm, "submit", &id, json!({})).await?;
    plans.refuse(&rm, "redraft", &id, whole.clone(), "409 not_in_draft").await?;
    // The owner of one of two risks decides on neither.
    plans.refuse(&ro, "approve", &id, json!({}), "422 not_designated").await?;
    plans.refuse(&ro, "reject", &id, because(), "422 not_designated").await?;
    plans.refuse(&tm, "approve", &id, json!({ "contentHash": "0".repeat(64) }), "409 content_changed").await?;
    let early = json!({ "effectiveAt": "2024-07-01T00:00:00Z" });
    plans.refuse(&tm, "approve", &id, early, "422 approved_before_submission /effectiveAt").await?;
    let closed = json!({ "ground": "source_gone", "reason": "x" });
    Desk::of(&world, "risk").does(&rm, "close", &other, closed).await?;
    plans.refuse(&tm, "approve", &id, json!({}), "409 risk_not_open").await?;
    plans.does(&tm, "reject", &id, because()).await?;
    plans.does(&rm, "redraft", &id, plan(&world, &[&risk])).await?;
    given::roles(&world, Role::Rm, &["RM", "TM"]).await?;
    plans.does(&rm, "submit", &id, json!({})).await?;
    plans.refuse(&rm, "approve", &id, json!({}), "422 approver_is_author").await?;
    plans.does(&ro, "approve", &id, json!({})).await?;

    let done = |key: &str| json!({ "action": key, "reason": "It is done." });
    plans.refuse(&dev, "complete_action", &id, done("sleep"), "422 no_such_action /action").await?;
    plans.refuse(&ops, "complete_action", &id, done("retrain"), "422 not_the_action_owner").await?;
    let bare = json!({ "action": "retrain" });
    plans.refuse(&dev, "complete_action", &id, bare, "422 done_without_proof /evidence").await?;
    let overdue = json!({ "action": "retrain" });
    plans.refuse(&sys, "mark_action_overdue", &id, overdue.clone(), "409 not_overdue").await?;
    let stale = given::evidence(&world, 1).await?;
    let late = sys.at("2024-10-01T00:00:00Z");
    Desk::of(&world, "evidence").does(&late, "go_stale", &stale, json!({})).await?;
    let stale = json!({ "action": "retrain", "evidence": [stale] });
    plans.refuse(&dev, "complete_action", &id, stale, "422 evidence_not_good /evidence/0").await?;
    let verify = |effective: bool| json!({ "effective": effective, "result": "x" });
    plans.refuse(&val, "verify", &id, verify(true), "409 not_completed").await?;
    plans.does(&dev, "complete_action", &id, done("retrain")).await?;
    plans.refuse(&sys, "mark_action_overdue", &id, overdue, "409 action_done").await?;
    plans.refuse(&rm, "complete", &id, json!({}), "409 actions_open").await?;
    plans.does(&rm, "complete_action", &id, done("watch")).await?;
    plans.does(&rm, "complete", &id, json!({})).await?;
    plans.refuse(&rm, "verify", &id, verify(true), "422 verifier_is_action_owner").await?;
    plans.does(&val, "verify", &id, verify(false)).await?;
    plans.refuse(&val, "verify", &id, verify(true), "409 found_ineffective").await?;
    plans.refuse(&ro, "complete", &id, json!({}), "409 found_ineffective").await?;
    plans.refuse_corrections(&rm, &id, "title").await?;
    plans.does(&tm, "withdraw", &id, because()).await?;
    plans.refuse(&tm, "withdraw", &id, because(), "409 nothing_to_withdraw").await?;
    plans.all_but(&[]);
});
