//! Where a supplier stands: approved under conditions and without, suspended, reinstated, ended.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{assessed, completed, question, questionnaire, started, supplier};
use crate::desk::Desk;
use crate::given::{because, roles};

story!(a_supplier_is_approved_suspended_reinstated_and_ended, world => {
    let mut desk = Desk::of(&world, "supplier");
    let (sm, am, sys) = (world.as_(Role::Sm), world.as_(Role::Am), world.as_(Role::Sys));
    let (id, assessment) = assessed(&world, "Lumora AI", "high").await?;
    let under = |due: Value| json!({ "conditions": { "logs": { "text": "Keep logs for a year.", "due": due } } });
    let approve = "approve_conditionally";
    desk.refuse(&sm, "approve", &id, json!({}), "422 critical_by_other").await?;
    desk.refuse(&am, approve, &id, json!({ "conditions": {} }), "422 no_condition /conditions").await?;
    desk.refuse(&am, approve, &id, under(Value::Null), "422 condition_without_due /conditions/logs/due").await?;
    desk.refuse(&am, approve, &id, under(json!("2024-06-30")), "422 condition_due_in_past /conditions/logs/due").await?;
    let past = json!({ "reviewDue": "2024-06-30" });
    desk.refuse(&am, "approve", &id, past, "422 review_in_past /reviewDue").await?;
    let done = desk.mutates(&am, approve, &id, &under(json!("2024-12-31")),
        "status conditionDue conditions { key due } approval { score by { name } assessment { id } } reviewDue").await?;
    assert_eq!(done["supplier"], json!({
        "id": id, "status": "CONDITIONALLY_APPROVED", "conditionDue": "2024-12-31",
        "conditions": [{ "key": "logs", "due": "2024-12-31" }],
        "approval": { "score": 75, "by": { "name": "The AM" }, "assessment": { "id": assessment } },
        "reviewDue": "2025-06-30",
    }));
    desk.refuse(&am, approve, &id, under(json!("2025-01-31")), "422 condition_twice /conditions/logs").await?;
    desk.refuse(&am, "approve", &id, json!({}), "409 condition_open").await?;
    let logs = json!({ "condition": "logs" });
    let mark = "mark_condition_overdue";
    desk.refuse(&sys, mark, &id, json!({ "condition": "x" }), "422 no_such_condition /condition").await?;
    desk.refuse(&sys, mark, &id, logs.clone(), "409 condition_not_due").await?;
    desk.does(&sys.at("2025-01-01T09:00:00Z"), mark, &id, logs.clone()).await?;
    let met = json!({ "condition": "logs", "finding": "The contract says so." });
    let done = desk.does(&sm, "meet_condition", &id, met).await?;
    assert_eq!(done["events"][0]["type"], "supplier.condition_met");
    desk.does(&am, "approve", &id, json!({})).await?;
    let begin = json!({ "assessment": assessment });
    desk.refuse(&sm, "begin_assessment", &id, begin, "409 wrong_status").await?;

    desk.does(&sm, "suspend", &id, because()).await?;
    desk.refuse(&am, "reinstate", &id, json!({}), "409 assessed_before_suspension").await?;
    let by = desk_of_questionnaire(&world).await?;
    let again = started(&world, &id, &by).await?;
    completed(&world, &again, "2026-01-01").await?;
    let demand = json!({ "supplier": id, "title": "Isolation", "cause": "Shared.", "demanded": "Split.", "due": "2025-03-01" });
    let actions = Desk::of(&world, "supplier_corrective_action");
    let action = actions.make(&sm, "request", demand).await?;
    desk.refuse(&am, "reinstate", &id, json!({}), "409 corrective_action_open").await?;
    actions.does(&sm, "answer", &action, json!({ "reply": "We will." })).await?;
    actions.does(&sm, "implement", &action, json!({ "what": "Split." })).await?;
    actions.does(&world.as_(Role::Val), "verify", &action, json!({ "finding": "It is." })).await?;
    desk.does(&am, "reinstate", &id, json!({})).await?;
    desk.refuse_corrections(&sm, &id, "name").await?;
    desk.does(&sm, "terminate", &id, because()).await?;
    desk.refuse(&sm, "suspend", &id, because(), "409 wrong_status").await?;
    assert_eq!(desk.events(&id).await?, ["supplier.registered", "supplier.assessment_begun",
        "supplier.conditionally_approved", "supplier.condition_overdue", "supplier.condition_met",
        "supplier.approved", "supplier.suspended", "supplier.reinstated", "supplier.terminated"]);
    let register = json!({ "name": "ScoreHub", "supplierKind": "data", "criticality": "low" });
    desk.make(&sm, "register", register.clone()).await?;
    desk.refuse(&sm, "register", "", register, "422 name_taken /name").await?;
    desk.all_but(&["lowered_by_other", "assessment_of_another", "assessment_not_in_progress", "no_current_assessment",
        "approver_is_assessor", "too_many_conditions", "condition_not_open"]);
});

/// The questionnaire that the story's first assessment was made with.
async fn desk_of_questionnaire(world: &annals_tests::World) -> anyhow::Result<String> {
    let found = world.as_(Role::Emp).get("/v1/questionnaires?limit=1").await?.ok();
    Ok(found["data"][0]["id"].as_str().unwrap().to_owned())
}

story!(an_approval_rests_on_a_current_assessment_by_others, world => {
    let mut desk = Desk::of(&world, "supplier");
    let (sm, am, sys) = (world.as_(Role::Sm), world.as_(Role::Am), world.as_(Role::Sys));
    let (id, done) = assessed(&world, "Lumora AI", "medium").await?;
    desk.refuse(&sm, "approve", &id, json!({}), "422 approver_is_assessor").await?;
    let low = json!({ "criticality": "low", "reason": "Hardly used." });
    desk.refuse(&sm, "rate_criticality", &id, low.clone(), "422 lowered_by_other /criticality").await?;
    let other = supplier(&world, "ScoreHub", "low").await?;
    let begin = |assessment: &str| json!({ "assessment": assessment });
    desk.refuse(&sm, "begin_assessment", &other, begin(&done), "422 assessment_of_another /assessment").await?;
    let by = questionnaire(&world, json!([question("c", &json!({}))])).await?;
    let plan = json!({ "supplier": other, "questionnaire": by });
    let assessments = Desk::of(&world, "supplier_assessment");
    let planned = assessments.make(&sm, "plan", plan).await?;
    desk.refuse(&sm, "begin_assessment", &other, begin(&planned), "422 assessment_not_in_progress /assessment").await?;
    assessments.does(&sm, "start", &planned, json!({})).await?;
    desk.does(&sm, "begin_assessment", &other, begin(&planned)).await?;
    desk.refuse(&am, "approve", &other, json!({}), "409 no_current_assessment").await?;
    desk.does(&sm, "reject", &other, because()).await?;

    // A second supplier manager approves; raised to high, that counts no more.
    roles(&world, Role::So, &["SO", "SM"]).await?;
    let so = world.as_(Role::So);
    desk.does(&so, "approve", &id, json!({})).await?;
    desk.does(&am, "rate_criticality", &id, low).await?;
    let high = json!({ "criticality": "high", "reason": "All agents use it." });
    let raised = desk.does(&so, "rate_criticality", &id, high).await?;
    assert_eq!(raised["object"]["status"], "under_assessment");
    let under = json!({ "conditions": { "logs": { "text": "x", "due": "2024-12-31" } } });
    desk.does(&am, "approve_conditionally", &id, under).await?;
    let describe = json!({ "jurisdictions": ["IE"], "contacts": ["Ana"] });
    desk.does(&so, "describe", &id, describe).await?;
    assert_eq!(desk.shown(&id, "").await?["contacts"], json!(["Ana"]));
    let met = json!({ "condition": "logs", "finding": "Seen." });
    desk.does(&so, "meet_condition", &id, met).await?;
    let logs = json!({ "condition": "logs" });
    desk.refuse(&sys, "mark_condition_overdue", &id, logs, "409 condition_not_open").await?;
    desk.exactly(&["approver_is_assessor", "lowered_by_other", "assessment_of_another",
        "assessment_not_in_progress", "no_current_assessment", "condition_not_open"]);
});
