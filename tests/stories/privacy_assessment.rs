//! A data protection impact assessment: written by the system owner or data steward, advised on and
//! approved by the data protection officer, reviewed when the processing changes.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::{self, because};

fn whole() -> Value {
    json!({
        "purposes": ["Scoring"], "lawfulBases": ["contract"], "dataCategories": ["income"],
        "specialCategories": false, "subjects": ["applicants"], "automatedDecision": true,
        "minimisation": "Twelve fields.", "retention": "Five years.", "residual": "medium",
        "authorityConsulted": false,
        "transfers": [{ "to": "NO", "safeguard": "adequacy" }],
        "measures": [{ "measureKind": "human_review", "text": "A clerk decides." }],
    })
}

fn with(mut input: Value, name: &str, value: Value) -> Value {
    input[name] = value;
    input.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    input
}

story!(an_assessment_is_advised_on_approved_reviewed_and_replaced, world => {
    let desk = Desk::of(&world, "privacy_assessment");
    let [so, ds, dpo, sys] = [Role::So, Role::Ds, Role::Dpo, Role::Sys].map(|role| world.as_(role));
    let system = given::system(&world, "CreditLens", true).await?;
    let id = desk.make(&so, "start", with(whole(), "system", json!(system))).await?;
    let payload = desk.mutates(&dpo, "advise", &id, &json!({ "advice": "Ask for less." }), "
        status dpoAdvice { version advice by { name } }").await?;
    assert_eq!(payload["privacyAssessment"]["dpoAdvice"], json!({
        "version": 1, "advice": "Ask for less.", "by": { "name": "The DPO" },
    }));
    desk.does(&so, "submit", &id, json!({})).await?;
    desk.does(&dpo, "reject", &id, json!({ "reason": "Too long." })).await?;
    desk.does(&ds, "redraft", &id, with(whole(), "retention", json!("Two years."))).await?;
    desk.does(&ds, "submit", &id, json!({})).await?;
    let done = desk.does(&dpo.at("2024-08-01T09:00:00Z"), "approve", &id, json!({})).await?["object"].take();
    assert_eq!((&done["status"], &done["effective"]["version"]), (&json!("approved"), &json!(1)));
    assert_eq!(done["authors"], json!([so.user, ds.user]));

    let changed = json!({ "reason": "A new data source." });
    desk.does(&sys.at("2024-10-01T09:00:00Z"), "require_review", &id, changed).await?;
    assert_eq!(desk.shown(&id, "").await?["reviewDue"], "review_required");
    desk.does(&so, "redraft", &id, whole()).await?;
    let between = desk.read(&id, "", "status reviewDue dpoAdvice { version } effective { version }").await?;
    assert_eq!(between, json!({
        "status": "DRAFT", "reviewDue": "REVIEW_REQUIRED", "dpoAdvice": null, "effective": { "version": 1 },
    }));
    desk.does(&so, "submit", &id, json!({})).await?;
    let payload = desk.mutates(&dpo.at("2024-11-01T09:00:00Z"), "approve", &id, &json!({}), "
        reviewDue effective { version }").await?;
    assert_eq!(payload["events"], json!([
        { "type": "privacy_assessment.superseded" }, { "type": "privacy_assessment.approved" },
    ]));
    assert_eq!(payload["privacyAssessment"]["effective"]["version"], 2);
    assert_eq!(payload["privacyAssessment"]["reviewDue"], "NONE");
    let done = desk.does(&dpo.at("2024-12-01T09:00:00Z"), "withdraw", &id, because()).await?;
    assert_eq!((&done["object"]["status"], &done["object"]["effective"]), (&json!("withdrawn"), &Value::Null));
    for (time, version, review) in [
        ("2024-07-31T00:00:00Z", None, "NONE"), ("2024-08-01T09:00:00Z", Some(1), "NONE"),
        ("2024-10-01T09:00:00Z", Some(1), "REVIEW_REQUIRED"), ("2024-11-01T09:00:00Z", Some(2), "NONE"),
    ] {
        let read = desk.read(&id, &format!("(asOf: {{time: {time:?}}})"), "reviewDue effective { version }").await?;
        assert_eq!(read["effective"]["version"].as_u64(), version, "{time}");
        assert_eq!(read["reviewDue"], review, "{time}");
    }
});

story!(what_an_assessment_refuses, world => {
    let mut desk = Desk::of(&world, "privacy_assessment");
    let [so, ds, dpo] = [Role::So, Role::Ds, Role::Dpo].map(|role| world.as_(role));
    let system = given::system(&world, "CreditLens", true).await?;
    let start = with(whole(), "system", json!(system));
    let id = desk.make(&ds, "start", start.clone()).await?;
    desk.refuse(&so, "start", "", start, "409 already_assessed /system").await?;
    desk.refuse(&dpo, "approve", &id, json!({}), "409 not_in_review").await?;
    desk.refuse(&dpo, "require_review", &id, because(), "409 nothing_in_force").await?;
    let review = json!([{ "measureKind": "security", "text": "Encrypted." }]);
    let grave = |level: &str| with(whole(), "residual", json!(level));
    for (input, expected) in [
        (with(whole(), "purposes", json!([])), "422 not_described"),
        (with(whole(), "dataCategories", json!([])), "422 not_described"),
        (with(whole(), "subjects", json!([])), "422 not_described"),
        (with(whole(), "minimisation", Value::Null), "422 not_described"),
        (with(whole(), "retention", Value::Null), "422 not_described"),
        (with(whole(), "residual", Value::Null), "422 not_described"),
        (with(whole(), "lawfulBases", json!([])), "422 no_lawful_basis"),
        (with(whole(), "specialCategories", json!(true)), "422 special_categories_without_basis"),
        (with(whole(), "measures", json!([])), "422 automated_without_human_review"),
        (with(whole(), "measures", review), "422 automated_without_human_review"),
        (grave("high"), "422 authority_not_consulted"),
        (grave("critical"), "422 authority_not_consulted"),
    ] {
        desk.does(&ds, "redraft", &id, input).await?;
        desk.does(&ds, "submit", &id, json!({})).await?;
        desk.refuse(&dpo, "approve", &id, json!({}), expected).await?;
        desk.does(&dpo, "reject", &id, because()).await?;
    }
    let consulted = with(grave("high"), "authorityConsulted", json!(true));
    desk.does(&ds, "redraft", &id, consulted).await?;
    desk.does(&ds, "submit", &id, json!({})).await?;
    desk.refuse(&ds, "redraft", &id, whole(), "409 not_in_draft").await?;
    desk.refuse(&dpo, "approve", &id, json!({ "contentHash": "0".repeat(64) }), "409 content_changed").await?;
    let early = json!({ "effectiveAt": "2024-07-01T00:00:00Z" });
    desk.refuse(&dpo, "approve", &id, early, "422 approved_before_submission /effectiveAt").await?;
    given::roles(&world, Role::Ds, &["DS", "DPO"]).await?;
    desk.refuse(&ds, "approve", &id, json!({}), "422 approver_is_author").await?;
    given::roles(&world, Role::So, &["SO", "DPO"]).await?;
    desk.refuse(&so, "approve", &id, json!({}), "422 approver_owns_system").await?;
    desk.does(&dpo, "approve", &id, json!({})).await?;
    desk.refuse(&dpo, "advise", &id, json!({ "advice": "x" }), "409 nothing_to_advise_on").await?;
    desk.refuse_corrections(&ds, &id, "retention").await?;
    desk.does(&dpo, "withdraw", &id, because()).await?;
    desk.refuse(&dpo, "withdraw", &id, because(), "409 nothing_to_withdraw").await?;
    desk.all_but(&[]);
});
