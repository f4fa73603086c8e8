//! An impact assessment is written, advised on, approved, made out of date and done again.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::{self, because};

/// What a whole revision says of a system and its use.
pub fn content() -> Value {
    json!({
        "systemVersion": "1.0", "scope": "Credit scoring in two countries.",
        "purpose": "To score applications.", "intendedUses": ["Scoring by clerks"],
        "foreseeableMisuse": ["Scoring of tenants"],
        "context": { "geo": ["NL", "NO"], "sector": "lending", "population": "Applicants.",
            "affectedCount": 40000 },
        "consultedParties": ["A consumers' association"], "dataSummary": "Ten years of loans.",
        "personalData": false, "oversight": "A clerk decides.", "sensitiveUse": false,
    })
}

fn with(mut input: Value, name: &str, value: Value) -> Value {
    input[name] = value;
    input
}

/// An impact: severity, likelihood, scale, reversibility.
pub fn impact(subject: &str, [severity, likelihood, scale, reversibility]: [u32; 4]) -> Value {
    json!({
        "subject": subject, "who": "applicants", "area": "fairness", "direction": "harm",
        "severity": severity, "likelihood": likelihood, "scale": scale, "vulnerable": false,
        "reversibility": reversibility, "measures": ["A clerk looks at each refusal."],
    })
}

fn none(subject: &str) -> Value {
    json!({ "subject": subject, "reason": "The product is too small." })
}

/// Starts an assessment of a new system that can be approved, at level medium.
async fn assessed(world: &World) -> anyhow::Result<(String, String)> {
    let (desk, ia) = (Desk::of(world, "impact_assessment"), world.as_(Role::Ia));
    let system = given::system(world, "CreditLens", true).await?;
    let id = desk.make(&ia, "start", with(content(), "system", json!(system))).await?;
    desk.does(&ia, "rate_impact", &id, impact("individual", [3, 2, 2, 2])).await?;
    desk.does(&ia, "state_none", &id, none("group")).await?;
    desk.does(&ia, "state_none", &id, none("society")).await?;
    Ok((system, id))
}

story!(an_assessment_is_written_approved_shared_and_done_again, world => {
    let desk = Desk::of(&world, "impact_assessment");
    let [ia, iap, so, dpo, am, sys] =
        [Role::Ia, Role::Iap, Role::So, Role::Dpo, Role::Am, Role::Sys].map(|role| world.as_(role));
    given::criteria(&world).await?;
    let system = given::system(&world, "CreditLens", true).await?;
    let planned = json!({ "system": system, "due": "2024-09-01" });
    let id = desk.make(&am, "plan", planned).await?;
    let object = desk.shown(&id, "").await?;
    assert_eq!((&object["status"], &object["revision"]), (&json!("planned"), &json!(0)));
    let done = desk.does(&ia, "revise", &id, content()).await?;
    assert_eq!((&done["object"]["status"], &done["object"]["revision"]), (&json!("in_progress"), &json!(1)));
    assert_eq!(done["object"]["missing"], json!(["individual", "group", "society"]));

    // min(5, 3 + irreversible + wide) x 2 = 10 before measures, (1 + 1 + 1) x 1 after.
    let rated = with(impact("individual", [3, 2, 4, 4]), "residual", json!({ "severity": 1, "likelihood": 1 }));
    let payload = desk.mutates(&ia, "rate_impact", &id, &rated, "
        workingLevel missing impacts { key subject score level residualScore residualLevel criteria }").await?;
    assert_eq!(payload["events"][0]["type"], "impact_assessment.impact_rated");
    let object = &payload["impactAssessment"];
    let rating = &object["impacts"][0];
    assert_eq!((&rating["score"], &rating["level"]), (&json!(10), &json!("HIGH")));
    assert_eq!((&rating["residualScore"], &rating["residualLevel"]), (&json!(3), &json!("LOW")));
    assert_eq!((&rating["criteria"], &object["workingLevel"]), (&json!("v1"), &json!("HIGH")));
    let key = rating["key"].as_str().unwrap().to_owned();
    desk.does(&ia, "rate_impact", &id, with(impact("group", [1, 1, 1, 1]), "direction", json!("benefit"))).await?;
    desk.does(&ia, "state_none", &id, none("society")).await?;
    desk.does(&dpo, "advise", &id, json!({ "advice": "Tell the applicants." })).await?;
    desk.does(&ia, "submit", &id, json!({})).await?;
    desk.does(&iap, "reject", &id, json!({ "reason": "Say more of misuse." })).await?;
    assert_eq!(desk.shown(&id, "").await?["status"], "rejected");
    let wider = with(content(), "foreseeableMisuse", json!(["Scoring of tenants", "Scoring of staff"]));
    desk.does(&so, "revise", &id, wider.clone()).await?;
    let submitted = desk.does(&ia, "submit", &id, json!({})).await?["object"].take();
    assert_eq!(submitted["criteria"], "v1");

    // The approver sets a condition; at a level of high the next one is due within six months.
    let hash = submitted["contentHash"].clone();
    let input = json!({ "contentHash": hash, "conditions": [{ "key": "letters", "text": "Explain refusals." }] });
    let payload = desk.mutates(&iap.at("2024-08-01T09:00:00Z"), "approve", &id, &input, "
        status level nextDue approved { revision level residualLevel criteria systemVersion nextDue
            approvedBy { name } }").await?;
    assert_eq!(payload["impactAssessment"], json!({
        "id": id, "status": "APPROVED_WITH_CONDITIONS", "level": "HIGH", "nextDue": "2025-02-01",
        "approved": {
            "revision": 1, "level": "HIGH", "residualLevel": "LOW", "criteria": "v1",
            "systemVersion": "1.0", "nextDue": "2025-02-01", "approvedBy": { "name": "The IAP" },
        },
    }));
    let met = json!({ "condition": "letters", "how": "A new letter." });
    let done = desk.does(&so, "meet_condition", &id, met).await?;
    assert_eq!(done["object"]["conditions"]["letters"]["metBy"], json!(so.user));
    let share = json!({ "with": "The consumers' association", "audience": "affected_persons" });
    let done = desk.does(&am, "share_result", &id, share).await?;
    let shared = done["object"]["sharedWith"].as_object().unwrap().values().next().unwrap().clone();
    assert_eq!((&shared["revision"], &shared["audience"]), (&json!(1), &json!("affected_persons")));

    // A new population makes it out of date; a revision answers that.
    let fired = json!({ "trigger": "new_population", "reason": "Students may apply." });
    let done = desk.does(&so.at("2024-10-01T09:00:00Z"), "fire_trigger", &id, fired).await?;
    assert_eq!(done["object"]["status"], "reassessment_required");
    assert_eq!(done["object"]["approved"]["revision"], 1);
    let done = desk.does(&ia, "revise", &id, wider).await?;
    assert_eq!((&done["object"]["revision"], &done["object"]["assessors"]), (&json!(2), &json!([ia.user])));
    let removed = json!({ "impact": key, "reason": "It was the same as another." });
    desk.does(&ia, "remove_impact", &id, removed).await?;
    desk.does(&ia, "rate_impact", &id, impact("individual", [2, 2, 1, 1])).await?;
    desk.does(&ia, "submit", &id, json!({})).await?;
    let done = desk.does(&iap, "approve", &id, json!({})).await?["object"].take();
    assert_eq!((&done["status"], &done["level"], &done["nextDue"]), (&json!("approved"), &json!("low"), &json!("2025-10-01")));
    assert_eq!(done["approved"]["answered"], json!(["new_population"]));
    assert_eq!((&done["conditions"], &done["triggersFired"], &done["sharedWith"]), (&Value::Null, &Value::Null, &Value::Null));

    // Not done again in time it is overdue, and ends with its system.
    desk.does(&sys.at("2025-10-02T00:00:00Z"), "mark_overdue", &id, json!({})).await?;
    let overdue = desk.read(&id, "", "status overdueSince triggersFired { trigger }").await?;
    assert_eq!(overdue, json!({
        "status": "REASSESSMENT_REQUIRED", "overdueSince": "2025-10-01",
        "triggersFired": [{ "trigger": "INTERVAL_ELAPSED" }],
    }));
    given::retire(&world, &system).await?;
    let done = desk.does(&ia, "supersede", &id, because()).await?;
    assert_eq!(done["object"]["status"], "superseded");
    for (time, status, level) in [
        ("2024-08-01T08:59:59Z", "SUBMITTED", Value::Null),
        ("2024-08-01T09:00:00Z", "APPROVED_WITH_CONDITIONS", json!("HIGH")),
        ("2024-10-01T09:00:00Z", "REASSESSMENT_REQUIRED", json!("HIGH")),
        ("2024-10-02T00:00:00Z", "APPROVED", json!("LOW")),
    ] {
        let read = desk.read(&id, &format!("(asOf: {{time: {time:?}}})"), "status level").await?;
        assert_eq!(read, json!({ "status": status, "level": level }), "{time}");
    }
    assert_eq!(desk.events(&id).await?, [
        "planned", "started", "impact_rated", "impact_rated", "no_impact_stated", "advised",
        "submitted", "rejected", "revised", "submitted", "approved", "condition_met",
        "impact_result_shared", "reassessment_triggered", "started", "impact_removed",
        "impact_rated", "submitted", "approved", "overdue", "reassessment_triggered", "superseded",
    ].map(|name| format!("impact_assessment.{name}")));
});

story!(fundamental_rights_are_assessed_where_that_is_required, world => {
    let mut desk = Desk::of(&world, "impact_assessment");
    let [ia, iap, rm, dpo] = [Role::Ia, Role::Iap, Role::Rm, Role::Dpo].map(|role| world.as_(role));
    let sets = Desk::of(&world, "rule_set");
    let set = sets.make(&dpo.at("2025-03-01T09:00:00Z"), "load_packaged", json!({ "name": "eu_ai_act" })).await?;
    let early = json!({ "rule": "eu_ai_act.27_1.credit", "reason": "Our customers ask for it." });
    sets.does(&dpo, "adopt_early", &set, early).await?;
    let (system, id) = assessed(&world).await?;
    let classes = Desk::of(&world, "regulatory_classification");
    let class = json!({ "system": system, "regime": "eu_ai_act", "class": "high_risk", "point": "5(b)",
        "role": "deployer", "rationale": "It scores credit." });
    let class = classes.make(&rm, "propose", class).await?;
    classes.does(&dpo, "confirm", &class, json!({})).await?;
    assert_eq!(classes.shown(&class, "").await?["friaRequired"], true);
    desk.does(&ia, "submit", &id, json!({})).await?;
    desk.refuse(&iap, "approve", &id, json!({}), "422 rights_not_assessed").await?;
    desk.does(&iap, "reject", &id, because()).await?;
    let first = json!({ "processes": "Scoring.", "periodAndFrequency": "Daily.", "affectedPersons": "Applicants." });
    desk.does(&ia, "assess_rights", &id, first).await?;
    let rest = json!({ "risksOfHarm": "Refusal.", "humanOversight": "A clerk.", "measures": "Complaints are heard." });
    let payload = desk.mutates(&dpo, "assess_rights", &id, &rest, "fria { processes measures }").await?;
    assert_eq!(payload["impactAssessment"]["fria"], json!({ "processes": "Scoring.", "measures": "Complaints are heard." }));
    desk.does(&ia, "submit", &id, json!({})).await?;
    let done = desk.does(&iap, "approve", &id, json!({})).await?;
    assert_eq!(done["object"]["status"], "approved");
    desk.exactly(&["rights_not_assessed"]);
});

story!(what_an_assessment_refuses, world => {
    let mut desk = Desk::of(&world, "impact_assessment");
    let [ia, iap, so, tm, sys] =
        [Role::Ia, Role::Iap, Role::So, Role::Tm, Role::Sys].map(|role| world.as_(role));
    let (system, id) = assessed(&world).await?;
    let again = with(content(), "system", json!(system));
    desk.refuse(&ia, "start", "", again, "409 already_assessed /system").await?;
    let gone = given::system(&world, "Old", true).await?;
    given::retire(&world, &gone).await?;
    desk.refuse(&ia, "plan", "", json!({ "system": gone }), "409 system_retired /system").await?;
    let other = given::system(&world, "Echo", true).await?;
    let planned = desk.make(&ia, "plan", json!({ "system": other })).await?;

    // What is written.
    let unknown = with(content(), "systemVersion", json!("9.9"));
    desk.refuse(&ia, "revise", &id, unknown, "422 unknown_system_version /systemVersion").await?;
    let privacy = Desk::of(&world, "privacy_assessment");
    let elsewhere = privacy.make(&so, "start", json!({
        "system": other, "specialCategories": false, "automatedDecision": false, "authorityConsulted": false,
    })).await?;
    let named = with(content(), "privacyAssessment", json!(elsewhere));
    desk.refuse(&ia, "revise", &id, named, "422 privacy_assessment_of_other_system /privacyAssessment").await?;
    let rate = impact("individual", [3, 2, 2, 2]);
    let unknown = with(rate.clone(), "impact", json!("nowhere"));
    desk.refuse(&ia, "rate_impact", &id, unknown, "422 unknown_impact /impact").await?;
    let unknown = json!({ "impact": "nowhere", "reason": "x" });
    desk.refuse(&ia, "remove_impact", &id, unknown, "422 unknown_impact /impact").await?;
    let rest = |severity: u32| json!({ "severity": severity, "likelihood": 2 });
    let good = with(with(rate.clone(), "direction", json!("benefit")), "residual", rest(1));
    desk.refuse(&ia, "rate_impact", &id, good, "422 residual_of_benefit /residual").await?;
    let more = with(rate.clone(), "residual", rest(4));
    desk.refuse(&ia, "rate_impact", &id, more, "422 residual_above_rating /residual").await?;
    let bare = with(with(rate.clone(), "measures", json!([])), "residual", rest(1));
    desk.refuse(&ia, "rate_impact", &id, bare, "422 residual_without_measure /measures").await?;
    desk.refuse(&ia, "state_none", &id, none("individual"), "409 impacts_rated /subject").await?;
    // A grade that is none does not pass the door.
    let problem = ia.post(&format!("/v1/impact-assessments/{id}/rate-impact"), &impact("group", [6, 1, 1, 0])).await?
        .problem(422, "invalid_input");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    for (verb, input) in [("submit", json!({})), ("rate_impact", rate.clone()), ("state_none", none("group"))] {
        desk.refuse(&ia, verb, &planned, input, "409 not_editable").await?;
    }
    desk.refuse(&sys, "fire_trigger", &planned, json!({ "trigger": "law_change", "reason": "x" }), "409 nothing_to_reassess").await?;
    desk.refuse(&ia, "share_result", &id, json!({ "with": "All", "audience": "public" }), "409 nothing_approved").await?;
    desk.refuse(&iap, "approve", &id, json!({}), "409 not_submitted").await?;
    desk.refuse(&iap, "reject", &id, because(), "409 not_submitted").await?;

    // What is missing is named at the approval, one after the other.
    let unapproved = [
        ("scope", Value::Null, "422 not_described"), ("systemVersion", Value::Null, "422 not_described"),
        ("oversight", Value::Null, "422 not_described"), ("intendedUses", json!([]), "422 no_intended_use"),
        ("foreseeableMisuse", json!([]), "422 no_foreseeable_misuse"),
        ("personalData", json!(true), "422 no_privacy_assessment"),
    ];
    for (field, value, expected) in unapproved {
        let mut input = with(content(), field, value);
        input.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        desk.does(&ia, "revise", &id, input).await?;
        desk.does(&ia, "submit", &id, json!({})).await?;
        desk.refuse(&iap, "approve", &id, json!({}), expected).await?;
        desk.does(&iap, "reject", &id, because()).await?;
    }
    let third = given::system(&world, "Third", true).await?;
    let silent = desk.make(&ia, "start", with(content(), "system", json!(third))).await?;
    for subject in ["individual", "group", "society"] {
        desk.does(&ia, "submit", &silent, json!({})).await?;
        desk.refuse(&iap, "approve", &silent, json!({}), "422 subject_not_assessed").await?;
        desk.does(&iap, "reject", &silent, because()).await?;
        desk.does(&ia, "state_none", &silent, none(subject)).await?;
    }

    // Who decides.
    desk.does(&ia, "revise", &id, content()).await?;
    desk.does(&ia, "submit", &id, json!({})).await?;
    desk.refuse(&ia, "revise", &id, content(), "409 not_editable").await?;
    desk.refuse(&tm, "approve", &id, json!({}), "422 not_an_impact_approver").await?;
    given::roles(&world, Role::Ia, &["IA", "IAP"]).await?;
    desk.refuse(&ia, "approve", &id, json!({}), "422 approver_is_assessor").await?;
    given::roles(&world, Role::So, &["SO", "IAP"]).await?;
    desk.refuse(&so, "approve", &id, json!({}), "422 approver_owns_system").await?;
    desk.refuse(&iap, "approve", &id, json!({ "contentHash": "0".repeat(64) }), "409 content_changed").await?;
    let early = json!({ "effectiveAt": "2024-07-01T00:00:00Z" });
    desk.refuse(&iap, "approve", &id, early, "422 approved_before_submission /effectiveAt").await?;
    let day = |day: &str| json!({ "nextDue": day });
    desk.refuse(&iap, "approve", &id, day("2025-07-02"), "422 next_due_too_late /nextDue").await?;
    desk.refuse(&iap, "approve", &id, day("2024-07-01"), "422 next_due_not_after_approval /nextDue").await?;
    let twice = json!({ "conditions": [{ "key": "a", "text": "x" }, { "key": "a", "text": "y" }] });
    desk.refuse(&iap, "approve", &id, twice, "422 condition_twice /conditions/1/key").await?;
    let fired = json!({ "trigger": "new_geography", "reason": "Norway." });
    desk.does(&so, "fire_trigger", &id, fired).await?;
    desk.refuse(&iap, "approve", &id, json!({}), "409 trigger_not_answered").await?;
    desk.does(&iap, "reject", &id, because()).await?;
    desk.does(&ia, "rate_impact", &id, impact("group", [5, 5, 5, 5])).await?;
    desk.does(&ia, "submit", &id, json!({})).await?;
    desk.refuse(&iap, "approve", &id, json!({}), "422 critical_without_top_management").await?;
    let done = desk.does(&tm, "approve", &id, day("2024-12-31")).await?;
    assert_eq!((&done["object"]["level"], &done["object"]["nextDue"]), (&json!("critical"), &json!("2024-12-31")));

    // Afterwards.
    let met = json!({ "condition": "none", "how": "x" });
    desk.refuse(&so, "meet_condition", &id, met.clone(), "422 unknown_condition /condition").await?;
    desk.refuse(&ia, "revise", &id, content(), "409 not_editable").await?;
    desk.refuse(&sys, "mark_overdue", &id, json!({}), "409 not_overdue").await?;
    desk.refuse(&ia, "supersede", &id, because(), "409 system_in_use").await?;
    desk.refuse_corrections(&ia, &id, "scope").await?;
    given::retire(&world, &system).await?;
    desk.does(&ia, "supersede", &id, because()).await?;
    desk.refuse(&so, "meet_condition", &id, met, "409 ended").await?;
    desk.refuse(&sys, "mark_overdue", &id, json!({}), "409 ended").await?;
    // `reversibility_not_assessed` needs an event of the first version, which older logs have: the
    // aggregate's tests have one. `full` stands in bounds.rs; `rights_not_assessed` has a story
    // of its own.
    desk.all_but(&["full", "reversibility_not_assessed", "rights_not_assessed"]);
});
