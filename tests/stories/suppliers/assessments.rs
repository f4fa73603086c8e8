//! An assessment: planned, started with the questionnaire in force, answered with evidence,
//! completed, and over after its last day.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{approved, question, questionnaire, started, supplier};
use crate::desk::Desk;
use crate::given::{because, evidence};

/// `a` is critical and leads to `why` when there is nothing; `b` takes several; `c` may not apply.
fn questions() -> Value {
    let choice = |key: &str, points: u32| json!({ "key": key, "text": key, "points": points, "notApplicable": key == "na" });
    let mut leads = vec![choice("full", 10), choice("part", 5), choice("none", 0)];
    leads[2]["shows"] = json!(["why"]);
    json!([
        question("a", &json!({ "critical": true, "weight": 3, "choices": leads })),
        question("why", &json!({ "answer": "open", "choices": [], "weight": null })),
        question(
            "b",
            &json!({ "answer": "multiple", "weight": 1, "choices": [choice("x", 4), choice("y", 6), choice("na", 0)] })
        ),
        question(
            "since",
            &json!({ "answer": "date", "choices": [], "weight": null, "takesRemarks": false })
        ),
    ])
}

story!(an_assessment_has_the_score_and_the_gaps_of_its_answers, world => {
    let mut desk = Desk::of(&world, "supplier_assessment");
    let (sm, sys, am) = (world.as_(Role::Sm), world.as_(Role::Sys), world.as_(Role::Am));
    let by = questionnaire(&world, questions()).await?;
    let lumora = supplier(&world, "Lumora AI", "high").await?;
    let proof = evidence(&world, 1).await?;
    let plan = json!({ "supplier": lumora, "questionnaire": by, "plannedFor": "2024-07-31" });
    let id = desk.make(&sm, "plan", plan.clone()).await?;
    let answer = |answers: Value| json!({ "answers": answers });
    let until = |day: &str| json!({ "validUntil": day });
    desk.refuse(&sm, "answer", &id, answer(json!([])), "409 wrong_status").await?;
    desk.does(&sm, "start", &id, json!({})).await?;

    for (given, expected) in [
        (json!({ "question": "z" }), "no_such_question /answers/0/question"),
        (json!({ "question": "a", "choices": ["z"] }), "no_such_choice /answers/0/choices/0"),
        (json!({ "question": "since" }), "answer_missing /answers/0/date"),
        (json!({ "question": "since", "date": "2024-01-01", "remark": "x" }), "answer_not_taken /answers/0/remark"),
        (json!({ "question": "b", "choices": ["x", "na"] }), "not_applicable_among_others /answers/0/choices"),
    ] {
        desk.refuse(&sm, "answer", &id, answer(json!([given])), &format!("422 {expected}")).await?;
    }
    let twice = answer(json!([{ "question": "b", "choices": ["x"] }, { "question": "b", "choices": ["y"] }]));
    desk.refuse(&sm, "answer", &id, twice, "422 answered_twice /answers/1/question").await?;

    let most = json!([{ "question": "a", "choices": ["none"] }, { "question": "b", "choices": ["y"] }, { "question": "since", "date": "2023-01-01" }]);
    desk.does(&sm, "answer", &id, answer(most)).await?;
    desk.refuse(&sm, "complete", &id, until("2025-06-30"), "409 unanswered").await?;
    let part = json!([{ "question": "a", "choices": ["part"], "remark": "Seen on their screen." }]);
    desk.does(&sm, "answer", &id, answer(part.clone())).await?;
    desk.refuse(&sm, "complete", &id, until("2025-06-30"), "409 critical_without_evidence").await?;
    let proven = json!([{ "question": "a", "choices": ["part"], "evidence": [proof] }]);
    desk.does(&sm, "answer", &id, answer(proven)).await?;

    let certificate = json!({ "standard": "ISO/IEC 42001:2023", "issuer": "CertNova", "validUntil": "2026-01-01", "evidence": proof });
    desk.does(&sm, "record_certificate", &id, certificate).await?;
    let over = json!({ "standard": "ISO/IEC 27001:2022", "issuer": "CertNova", "validUntil": "2024-06-30" });
    desk.refuse(&sm, "record_certificate", &id, over, "422 certificate_ran_out /validUntil").await?;
    let wrong = json!({ "certificate": "other" });
    desk.refuse(&sm, "remove_certificate", &id, wrong, "422 no_such_certificate /certificate").await?;
    let kept = desk.shown(&id, "").await?["certificates"].clone();
    let key = kept.as_object().unwrap().keys().next().unwrap().clone();
    desk.does(&sm, "remove_certificate", &id, json!({ "certificate": key })).await?;

    desk.refuse(&sm, "complete", &id, until("2024-06-30"), "422 valid_in_past /validUntil").await?;
    desk.refuse(&sm, "complete", &id, until("2025-07-02"), "422 valid_too_long /validUntil").await?;
    let done = desk.mutates(&sm, "complete", &id, &until("2025-06-30"),
        "status score earned attainable asked gapCount gaps { key answer critical } validUntil assessors { name } supplier { name } questionnaireVersion").await?;
    assert_eq!(done["supplierAssessment"], json!({
        "id": id, "status": "COMPLETED", "score": 53, "earned": 21, "attainable": 40, "asked": 3, "gapCount": 2,
        "gaps": [{ "key": "a", "answer": "part", "critical": true }, { "key": "b", "answer": "y", "critical": false }],
        "validUntil": "2025-06-30", "assessors": [{ "name": "The SM" }], "supplier": { "name": "Lumora AI" },
        "questionnaireVersion": 1,
    }));
    desk.refuse(&sys, "expire", &id, json!({}), "409 still_valid").await?;
    desk.refuse_corrections(&sm, &id, "plannedFor").await?;
    let later = sys.at("2025-07-01T00:00:00Z");
    desk.does(&later, "expire", &id, json!({})).await?;
    assert_eq!(desk.shown(&id, "").await?["status"], "expired");

    // By a questionnaire that is not approved none is made.
    let questionnaires = Desk::of(&world, "questionnaire");
    questionnaires.does(&am, "withdraw", &by, because()).await?;
    let late = desk.make(&sm, "plan", plan.clone()).await?;
    desk.refuse(&sm, "start", &late, json!({}), "409 questionnaire_not_approved").await?;
    desk.all_but(&["supplier_terminated", "too_many_assessors", "too_large", "too_many_certificates", "nothing_scored"]);
});

story!(an_assessment_of_nothing_that_applies_or_of_nobody_is_none, world => {
    let mut desk = Desk::of(&world, "supplier_assessment");
    let (sm, am) = (world.as_(Role::Sm), world.as_(Role::Am));
    let choice = |key: &str, points: u32| json!({ "key": key, "text": key, "points": points, "notApplicable": key == "na" });
    let only = question("a", &json!({ "choices": [choice("yes", 1), choice("na", 0)] }));
    let by = questionnaire(&world, json!([only])).await?;
    let lumora = supplier(&world, "Lumora AI", "low").await?;
    let id = started(&world, &lumora, &by).await?;
    let answers = json!({ "answers": [{ "question": "a", "choices": ["na"] }] });
    desk.does(&sm, "answer", &id, answers).await?;
    desk.refuse(&sm, "complete", &id, json!({ "validUntil": "2025-06-30" }), "409 nothing_scored").await?;
    let gone = approved(&world, "Gone Ltd", "low").await?;
    Desk::of(&world, "supplier").does(&am, "terminate", &gone, because()).await?;
    let plan = json!({ "supplier": gone, "questionnaire": by });
    desk.refuse(&sm, "plan", "", plan, "409 supplier_terminated /supplier").await?;
    desk.exactly(&["nothing_scored", "supplier_terminated"]);
});
