//! A risk from its identification through treatment and acceptance to its end.

use annals_tests::{Client, World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::{self, because};

fn identify(title: &str) -> Value {
    json!({ "title": title, "description": "Applicants of one group are refused more often." })
}

/// Likelihood and the consequences for organisation, individuals and society.
fn rated(likelihood: u32, org: u32, individual: u32, society: u32) -> Value {
    json!({
        "likelihood": likelihood, "consequenceOrg": org, "consequenceIndividual": individual,
        "consequenceSociety": society, "rationale": "By the figures of last year.",
    })
}

fn with(mut input: Value, name: &str, value: Value) -> Value {
    input[name] = value;
    input
}

fn until(day: &str) -> Value {
    json!({ "validUntil": day, "reason": "It is lived with." })
}

/// A risk that the risk manager identified for the risk owner and rated with this likelihood and
/// consequence for individuals.
async fn analysed(world: &World, likelihood: u32, individual: u32) -> anyhow::Result<String> {
    let (risks, rm) = (Desk::of(world, "risk"), world.as_(Role::Rm));
    let input = with(identify("Unfair refusals"), "owner", json!(world.as_(Role::Ro).user));
    let id = risks.make(&rm, "identify", input).await?;
    risks.does(&rm, "analyse", &id, rated(likelihood, 1, individual, 1)).await?;
    Ok(id)
}

/// The same, and this is done about it.
async fn evaluated(world: &World, sizes: (u32, u32), treatment: &str) -> anyhow::Result<String> {
    let id = analysed(world, sizes.0, sizes.1).await?;
    let input = json!({ "treatment": treatment, "rationale": "By the criteria." });
    Desk::of(world, "risk").does(&world.as_(Role::Rm), "evaluate", &id, input).await?;
    Ok(id)
}

/// A plan of one action by an employee, approved by top management.
pub async fn plan(world: &World, risk: &str) -> anyhow::Result<String> {
    let (plans, rm) = (Desk::of(world, "treatment_plan"), world.as_(Role::Rm));
    let action = json!({
        "key": "retrain", "text": "Train again on balanced data.", "control": "A.7.4",
        "owner": world.as_(Role::Dev).user, "due": "2024-09-30",
    });
    let input = json!({ "title": "Fairer data", "risks": [risk], "actions": [action] });
    let plan = plans.make(&rm, "draft", input).await?;
    plans.does(&rm, "submit", &plan, json!({})).await?;
    plans.does(&world.as_(Role::Tm), "approve", &plan, json!({})).await?;
    Ok(plan)
}

/// The plan's action is done and the plan completed.
pub async fn carry_out(world: &World, plan: &str) -> anyhow::Result<()> {
    let plans = Desk::of(world, "treatment_plan");
    let done = json!({ "action": "retrain", "reason": "Shown in the model's report." });
    plans.does(&world.as_(Role::Dev), "complete_action", plan, done).await?;
    plans.does(&world.as_(Role::Rm), "complete", plan, json!({})).await?;
    Ok(())
}

story!(a_risk_is_treated_accepted_and_assessed_again, world => {
    let risks = Desk::of(&world, "risk");
    let [so, rm, ro, tm, sys] =
        [Role::So, Role::Rm, Role::Ro, Role::Tm, Role::Sys].map(|role| world.as_(role));
    given::criteria(&world).await?;
    given::implemented_control(&world, "A.7.4").await?;
    let (system, other) = (given::system(&world, "CreditLens", true).await?, given::system(&world, "Echo", true).await?);

    let input = with(with(identify("Unfair refusals"), "systems", json!([system])), "owner", json!(ro.user));
    let input = with(with(input, "sources", json!(["machine_learning"])), "themes", json!(["fairness"]));
    let made = risks.rest(&so, "identify", "", &input).await?.created();
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["object"]["status"], "identified");
    assert_eq!(made["object"]["owner"], json!(ro.user));
    assert_eq!(made["events"][1]["type"], "risk.owner_assigned");

    let rm1 = rm.at("2024-07-10T09:00:00Z");
    let payload = risks.mutates(&rm1, "analyse", &id, &rated(4, 2, 3, 2), "
        status reviewDue analysisIncomplete inherentScore
        inherent { score level criteriaVersion edit { by { name } historyVersion } }").await?;
    assert_eq!(payload["risk"], json!({
        "id": id, "status": "ANALYSED", "reviewDue": "2025-01-06", "analysisIncomplete": false,
        "inherentScore": 12,
        "inherent": {
            "score": 12, "level": "HIGH", "criteriaVersion": 1,
            "edit": { "by": { "name": "The RM" }, "historyVersion": 3 },
        },
    }));
    let input = json!({ "treatment": "modify", "rationale": "Above the appetite." });
    let done = risks.does(&rm, "evaluate", &id, input).await?;
    let evaluation = &done["object"]["evaluation"];
    assert_eq!((&evaluation["withinAppetite"], &evaluation["withinTolerance"]), (&json!(false), &json!(true)));
    assert_eq!(evaluation["criteriaVersion"], 1);
    let plan = plan(&world, &id).await?;
    risks.does(&sys, "record_treatment_planned", &id, json!({ "plan": plan })).await?;
    assert_eq!(risks.shown(&id, "").await?["status"], "treatment_planned");

    // A refusal of an acceptance is a fact, and the same request answers the same.
    let tm_once = tm.at("2024-08-01T09:00:00Z").with("Idempotency-Key", "accept-1");
    let version = risks.version(&id).await?;
    let accept = format!("/v1/risks/{id}/accept");
    let first = tm_once.post_seen(&accept, version, &until("2024-12-31")).await?;
    let again = tm_once.post_seen(&accept, version, &until("2024-12-31")).await?;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(first.text, again.text);
    let refused = first.ok();
    assert_eq!(refused["refusal"]["code"], "risk.mandatory_actions_open");
    assert_eq!(refused["refusal"]["rule"], "ISO/IEC 42001 8.3");
    assert!(refused["refusal"]["message"].as_str().unwrap().contains(&plan), "{refused}");
    assert_eq!(refused["events"][0]["type"], "risk.acceptance_refused");
    assert_eq!(refused["object"]["lastRefusal"]["score"], 12);
    assert_eq!(refused["object"]["status"], "treatment_planned");

    carry_out(&world, &plan).await?;
    let done = risks.does(&rm.at("2024-08-10T09:00:00Z"), "record_treated", &id, json!({ "plan": plan })).await?;
    assert_eq!(done["object"]["status"], "treated");
    let control = json!([{ "control": "A.7.4", "effectiveness": "effective" }]);
    let rest = with(rated(2, 2, 3, 2), "controls", control);
    let done = risks.does(&rm, "evaluate_residual", &id, rest).await?;
    let residual = &done["object"]["residual"];
    assert_eq!((&residual["score"], &residual["level"]), (&json!(6), &json!("medium")));
    assert_eq!(residual["controls"]["a.7.4"]["effectiveness"], "effective");

    // The owner accepts exactly this rating.
    let seen = risks.version(&id).await?;
    let ro1 = ro.at("2024-08-15T09:00:00Z");
    let payload = risks.mutates(&ro1, "accept", &id, &until("2025-06-30"), "
        status acceptanceStale { since }
        acceptance { by { name } role score level residual validUntil criteriaVersion riskVersion
            ratingVersion }").await?;
    assert_eq!(payload["refusal"], Value::Null);
    assert_eq!(payload["risk"], json!({
        "id": id, "status": "ACCEPTED", "acceptanceStale": null,
        "acceptance": {
            "by": { "name": "The RO" }, "role": "RO", "score": 6, "level": "MEDIUM",
            "residual": true, "validUntil": "2025-06-30", "criteriaVersion": 1,
            "riskVersion": seen, "ratingVersion": seen,
        },
    }));

    // It grows stale once the risk concerns another system, and is taken back.
    let rm2 = rm.at("2024-09-01T09:00:00Z");
    let both = json!({ "systems": [system, other] });
    let done = risks.does(&rm2, "change_systems", &id, both).await?;
    assert_eq!(done["object"]["status"], "accepted");
    assert_eq!(done["object"]["acceptanceStale"], json!({
        "since": "2024-09-01T09:00:00.000000Z", "sinceVersion": done["version"],
        "because": ["systems_added"],
    }));
    let ro2 = ro.at("2024-10-01T09:00:00Z");
    let done = risks.does(&ro2, "revoke_acceptance", &id, because()).await?;
    assert_eq!(done["object"]["status"], "residual_evaluated");
    assert_eq!(done["object"]["acceptance"], Value::Null);
    assert_eq!(done["object"]["lastAcceptance"]["ended"], "revoked");

    // Each day has its answer.
    let days = [
        ("2024-08-15T08:59:59Z", "RESIDUAL_EVALUATED", None, false),
        ("2024-08-15T09:00:00Z", "ACCEPTED", Some("2025-06-30"), false),
        ("2024-09-02T00:00:00Z", "ACCEPTED", Some("2025-06-30"), true),
        ("2024-10-01T08:59:59.999999Z", "ACCEPTED", Some("2025-06-30"), true),
        ("2024-10-01T09:00:00Z", "RESIDUAL_EVALUATED", None, false),
    ];
    for (time, status, valid_until, stale) in days {
        let as_of = format!("(asOf: {{time: {time:?}}})");
        let read = risks.read(&id, &as_of, "status acceptance { validUntil } acceptanceStale { because }").await?;
        assert_eq!(read["status"], status, "{time}");
        assert_eq!(read["acceptance"]["validUntil"].as_str(), valid_until, "{time}");
        assert_eq!(read["acceptanceStale"].is_object(), stale, "{time}");
        let shown = risks.shown(&id, &format!("?asOf={time}")).await?;
        assert_eq!(shown["status"].as_str().unwrap().to_uppercase(), status, "{time}");
        assert_eq!(shown["acceptance"].is_object(), valid_until.is_some(), "{time}");
    }

    // Accepted anew, it expires; accepted once more, it is to be assessed again.
    risks.does(&ro2, "accept", &id, until("2024-11-30")).await?;
    risks.does(&sys.at("2024-12-01T00:00:00Z"), "expire_acceptance", &id, json!({})).await?;
    let expired = risks.shown(&id, "").await?;
    assert_eq!(expired["lastAcceptance"]["ended"], "expired");
    assert_eq!((&expired["status"], &expired["reviewDue"]), (&json!("residual_evaluated"), &json!("2025-08-10")));
    risks.does(&ro, "accept", &id, until("2025-11-30")).await?;
    risks.does(&sys.at("2025-08-10T00:00:00Z"), "fall_due_for_review", &id, json!({})).await?;
    let due = risks.shown(&id, "").await?;
    assert_eq!((&due["status"], &due["reviewFellDue"]), (&json!("analysed"), &json!(true)));
    assert_eq!(due["lastAcceptance"]["ended"], "reviewed");
    let done = risks.does(&rm, "analyse", &id, rated(1, 1, 2, 1)).await?;
    assert_eq!((&done["object"]["inherentScore"], &done["object"]["residual"]), (&json!(2), &Value::Null));
    let input = json!({ "treatment": "retain", "rationale": "Within the appetite." });
    risks.does(&rm, "evaluate", &id, input).await?;
    let done = risks.does(&ro, "accept", &id, until("2026-08-10")).await?;
    assert_eq!(done["object"]["acceptance"]["residual"], false);

    // It ends with its systems.
    for system in [&system, &other] {
        given::retire(&world, system).await?;
    }
    let close = json!({ "ground": "system_retired", "reason": "Both are retired." });
    let payload = risks.mutates(&ro, "close", &id, &close, "status closure { ground reason }").await?;
    assert_eq!(payload["risk"]["status"], "CLOSED");
    assert_eq!(payload["risk"]["closure"]["ground"], "SYSTEM_RETIRED");
    assert_eq!(risks.events(&id).await?, [
        "risk.identified", "risk.owner_assigned", "risk.analysed", "risk.evaluated",
        "risk.treatment_planned", "risk.acceptance_refused", "risk.treated",
        "risk.residual_risk_evaluated", "risk.accepted", "risk.systems_changed",
        "risk.acceptance_revoked", "risk.accepted", "risk.acceptance_expired", "risk.accepted",
        "risk.review_fell_due", "risk.analysed", "risk.evaluated", "risk.accepted", "risk.closed",
    ]);
});

/// An acceptance is refused as a fact, through both doors.
async fn not_accepted(
    risks: &mut Desk<'_>,
    who: &Client,
    id: &str,
    code: &str,
) -> anyhow::Result<()> {
    let full = format!("risk.{code}");
    let done = risks.does(who, "accept", id, until("2024-12-01")).await?;
    assert_eq!(done["refusal"]["code"], json!(full), "{done}");
    assert_eq!(done["events"][0]["type"], "risk.acceptance_refused", "{done}");
    assert_eq!(done["object"]["lastRefusal"]["refusal"], done["refusal"], "{done}");
    assert_eq!(done["object"]["acceptance"], Value::Null, "{done}");
    let payload = risks.mutates(who, "accept", id, &until("2024-12-01"), "status").await?;
    assert_eq!(payload["refusal"]["code"], json!(full), "{payload}");
    assert_eq!(payload["refusal"]["rule"], done["refusal"]["rule"], "{payload}");
    assert_eq!(payload["events"][0]["type"], "risk.acceptance_refused", "{payload}");
    risks.met(code);
    Ok(())
}

story!(what_the_assessment_of_a_risk_refuses, world => {
    let mut risks = Desk::of(&world, "risk");
    let rm = world.as_(Role::Rm);
    let origin = json!({ "library": "Atlas", "entry": "a-1", "source": "here", "licence": "CC0-1.0" });
    let first = with(identify("Unfair refusals"), "origin", origin);
    let id = risks.make(&rm, "identify", first.clone()).await?;
    risks.refuse(&rm, "identify", "", first.clone(), "409 duplicate_entry /origin/entry").await?;
    risks.refuse(&rm, "import_candidate", "", first, "409 duplicate_entry /origin/entry").await?;
    risks.refuse(&rm, "analyse", &id, rated(1, 1, 1, 1), "409 no_criteria").await?;
    let criteria = given::criteria(&world).await?;
    for (input, expected) in [
        (rated(0, 1, 1, 1), "422 no_grade /likelihood"),
        (rated(6, 1, 1, 1), "422 no_grade /likelihood"),
        (rated(1, 6, 1, 1), "422 no_grade /consequenceOrg"),
        (rated(1, 1, 0, 1), "422 no_grade /consequenceIndividual"),
        (rated(1, 1, 1, 4_000_000_000), "422 no_grade /consequenceSociety"),
        (json!({ "likelihood": 1, "rationale": "x" }), "422 nothing_rated"),
        (json!({ "likelihood": 1, "consequenceOrg": 1, "rationale": "x" }),
            "422 not_assessed_without_reason /notAssessedBecause"),
        (with(rated(1, 1, 1, 1), "controls", json!([{ "control": "A.99.9", "effectiveness": "effective" }])),
            "422 unknown_control /controls/0/control"),
        (with(rated(1, 1, 1, 1), "controls", json!([{ "control": "A.7.4", "effectiveness": "effective" },
            { "control": "A.7.4", "effectiveness": "not_tested" }])), "422 control_named_twice /controls/1/control"),
    ] {
        risks.refuse(&rm, "analyse", &id, input, expected).await?;
    }
    let evaluate = |treatment: &str| json!({ "treatment": treatment, "rationale": "x" });
    risks.refuse(&rm, "evaluate", &id, evaluate("avoid"), "409 wrong_status").await?;
    let partly = json!({ "likelihood": 4, "consequenceOrg": 3, "rationale": "x", "notAssessedBecause": "Unknown." });
    let done = risks.does(&rm, "analyse", &id, partly).await?;
    assert_eq!(done["object"]["analysisIncomplete"], true);
    assert_eq!(done["object"]["inherent"]["notAssessed"], json!(["individual", "society"]));
    risks.refuse(&rm, "evaluate", &id, evaluate("avoid"), "409 analysis_incomplete").await?;
    risks.does(&rm, "analyse", &id, rated(4, 3, 3, 1)).await?;
    risks.refuse(&rm, "evaluate", &id, evaluate("retain"), "422 retained_above_appetite /treatment").await?;

    // What is retained has no treatment; what is treated has one that names it.
    let retained = evaluated(&world, (2, 2), "retain").await?;
    let plan = plan(&world, &id).await?;
    let named = json!({ "plan": plan });
    risks.refuse(&rm, "record_treatment_planned", &retained, named.clone(), "409 retained").await?;
    let planned = evaluated(&world, (3, 4), "modify").await?;
    risks.refuse(&rm, "record_treatment_planned", &planned, named.clone(), "422 plan_does_not_treat /plan").await?;
    risks.does(&rm, "evaluate", &id, evaluate("modify")).await?;
    risks.refuse(&rm, "record_treated", &id, named.clone(), "409 wrong_status").await?;
    risks.does(&rm, "record_treatment_planned", &id, named.clone()).await?;
    risks.refuse(&rm, "record_treated", &id, named.clone(), "422 plan_not_completed /plan").await?;
    risks.refuse(&rm, "evaluate_residual", &id, rated(1, 1, 1, 1), "409 wrong_status").await?;
    carry_out(&world, &plan).await?;
    risks.does(&rm, "record_treated", &id, named).await?;
    let lower = rated(1, 1, 1, 1);
    risks.refuse(&rm, "evaluate_residual", &id, lower.clone(), "422 lower_without_proof /controls").await?;
    let claimed = json!([{ "control": "A.7.4", "effectiveness": "effective" }]);
    let claimed = with(lower.clone(), "controls", claimed);
    risks.refuse(&rm, "evaluate_residual", &id, claimed, "422 lower_without_proof /controls").await?;
    risks.refuse(&rm, "evaluate_residual", &id, rated(5, 5, 5, 5), "422 higher_without_reason /reason").await?;
    let stale = given::evidence(&world, 1).await?;
    let late = world.as_(Role::Sys).at("2024-10-01T00:00:00Z");
    Desk::of(&world, "evidence").does(&late, "go_stale", &stale, json!({})).await?;
    let stale = with(lower.clone(), "evidence", json!([stale]));
    risks.refuse(&rm, "evaluate_residual", &id, stale, "422 evidence_not_good /evidence/0").await?;
    let proof = with(lower, "evidence", json!([given::evidence(&world, 2).await?]));
    risks.does(&rm, "evaluate_residual", &id, proof).await?;
    risks.refuse_corrections(&rm, &id, "title").await?;

    // The criteria of an analysis are kept for twenty versions.
    let old = analysed(&world, 2, 2).await?;
    let sets = Desk::of(&world, "risk_criteria");
    let change = given::change_of_criteria(&world).await?;
    for _ in 0..20 {
        sets.does(&rm, "redraft", &criteria, change.clone()).await?;
        given::approve_criteria(&world, &criteria).await?;
    }
    risks.refuse(&rm, "evaluate", &old, evaluate("retain"), "409 criteria_not_kept").await?;
    risks.does(&rm, "analyse", &old, rated(2, 2, 2, 2)).await?;
    assert_eq!(risks.shown(&old, "").await?["inherent"]["criteriaVersion"], 21);
    risks.does(&rm, "evaluate", &old, evaluate("retain")).await?;
    risks.exactly(&ASSESSMENT);
});

story!(what_the_acceptance_of_a_risk_refuses, world => {
    let mut risks = Desk::of(&world, "risk");
    let [so, rm, ro, tm, sys] =
        [Role::So, Role::Rm, Role::Ro, Role::Tm, Role::Sys].map(|role| world.as_(role));
    let criteria = given::criteria(&world).await?;
    let retained = evaluated(&world, (3, 3), "retain").await?;
    let high = evaluated(&world, (4, 3), "modify").await?;

    // Facts, which are recorded.
    let unowned = risks.make(&rm, "identify", identify("Nobody's")).await?;
    risks.does(&rm, "analyse", &unowned, rated(1, 1, 1, 1)).await?;
    not_accepted(&mut risks, &ro, &unowned, "no_owner").await?;
    let incomplete = risks.make(&rm, "identify", with(identify("Partly"), "owner", json!(ro.user))).await?;
    let partly = json!({ "likelihood": 1, "consequenceOrg": 1, "rationale": "x", "notAssessedBecause": "y" });
    risks.does(&rm, "analyse", &incomplete, partly).await?;
    not_accepted(&mut risks, &ro, &incomplete, "analysis_incomplete").await?;
    not_accepted(&mut risks, &ro, &high, "no_authority").await?;
    not_accepted(&mut risks, &tm, &retained, "acceptor_is_not_owner").await?;
    let critical = evaluated(&world, (5, 3), "modify").await?;
    not_accepted(&mut risks, &tm, &critical, "critical_never_accepted").await?;
    let planned = evaluated(&world, (4, 3), "modify").await?;
    plan(&world, &planned).await?;
    not_accepted(&mut risks, &tm, &planned, "mandatory_actions_open").await?;
    // Who assessed a risk does not accept it, whatever roles he holds.
    given::roles(&world, Role::So, &["SO", "RO", "TM"]).await?;
    let own = with(identify("My own"), "owner", json!(so.user));
    let own = risks.make(&so, "identify", own).await?;
    risks.does(&rm, "analyse", &own, rated(1, 1, 1, 1)).await?;
    not_accepted(&mut risks, &so, &own, "acceptor_is_author").await?;

    // What the input or the state forbids leaves no trace.
    let ro_day = ro.at("2024-08-01T09:00:00Z");
    risks.refuse(&ro_day, "accept", &retained, until("2024-07-31"), "422 ends_in_the_past /validUntil").await?;
    risks.refuse(&ro_day, "accept", &retained, until("2025-08-02"), "422 accepted_too_long /validUntil").await?;
    risks.refuse(&ro_day, "accept", &retained, until("9999-12-31"), "422 accepted_too_long /validUntil").await?;
    risks.refuse(&tm, "accept", &high, until("2024-12-31"), "409 wrong_status").await?;
    risks.refuse(&ro, "revoke_acceptance", &retained, because(), "409 not_accepted").await?;
    risks.refuse(&sys, "expire_acceptance", &retained, json!({}), "409 not_accepted").await?;
    risks.refuse(&sys, "fall_due_for_review", &retained, json!({}), "409 review_not_due").await?;
    risks.does(&ro_day, "accept", &retained, until("2025-08-01")).await?;
    risks.refuse(&sys, "expire_acceptance", &retained, json!({}), "409 still_accepted").await?;
    risks.refuse(&so_not_owner(&world).await?, "revoke_acceptance", &retained, because(), "422 not_the_owner").await?;
    let treated = treated_high(&world).await?;
    risks.refuse(&tm, "accept", &treated, until("2025-01-29"), "422 accepted_too_long /validUntil").await?;
    let done = risks.does(&tm, "accept", &treated, until("2025-01-28")).await?;
    assert_eq!(done["object"]["acceptance"]["role"], "TM");

    // A new version of the criteria lowers the tolerance: what was analysed under the old one is
    // judged by the graver of both.
    let sets = Desk::of(&world, "risk_criteria");
    let change = given::change_of_criteria(&world).await?;
    sets.does(&rm, "redraft", &criteria, with(change, "tolerance", json!(10))).await?;
    given::approve_criteria(&world, &criteria).await?;
    not_accepted(&mut risks, &tm, &high, "above_tolerance").await?;

    // The end.
    let retired = |id: &str| json!({ "ground": id, "reason": "x" });
    risks.refuse(&rm, "close", &high, retired("system_retired"), "409 no_system").await?;
    let system = given::system(&world, "CreditLens", true).await?;
    risks.does(&rm, "change_systems", &high, json!({ "systems": [system] })).await?;
    risks.refuse(&rm, "close", &high, retired("system_retired"), "409 system_not_retired").await?;
    risks.does(&sys.at("2025-12-01T00:00:00Z"), "fall_due_for_review", &high, json!({})).await?;
    let evaluate = json!({ "treatment": "modify", "rationale": "x" });
    risks.refuse(&rm, "evaluate", &high, evaluate, "409 review_is_due").await?;
    risks.does(&rm, "close", &high, retired("source_gone")).await?;
    for (who, verb, input) in [
        (&rm, "analyse", rated(1, 1, 1, 1)), (&rm, "link", json!({})),
        (&rm, "assign_owner", json!({ "owner": ro.user })), (&ro, "accept", until("2026-01-01")),
        (&rm, "change_systems", json!({ "systems": [] })), (&rm, "adopt", json!({})),
        (&rm, "dismiss", because()), (&sys, "fall_due_for_review", json!({})),
    ] {
        risks.refuse(who, verb, &high, input, "409 wrong_status").await?;
    }
    for code in ASSESSMENT {
        risks.met(code);
    }
    // A hundred assessors and fifty-one links stand in bounds.rs.
    risks.all_but(&["too_many", "too_many_authors"]);
});

/// What the story of the assessment provokes.
const ASSESSMENT: [&str; 20] = [
    "analysis_incomplete",
    "control_named_twice",
    "criteria_not_kept",
    "duplicate_entry",
    "evidence_not_good",
    "higher_without_reason",
    "lower_without_proof",
    "no_criteria",
    "no_grade",
    "no_such_version",
    "not_assessed_without_reason",
    "not_correctable",
    "nothing_rated",
    "plan_does_not_treat",
    "plan_not_completed",
    "retained",
    "retained_above_appetite",
    "unknown_control",
    "wrong_status",
    "wrong_value",
];

/// The system owner, who holds RO but owns another risk.
async fn so_not_owner(world: &World) -> anyhow::Result<Client> {
    given::roles(world, Role::So, &["SO", "RO"]).await?;
    Ok(world.as_(Role::So))
}

/// A risk of score 12 before treatment and 12 after.
async fn treated_high(world: &World) -> anyhow::Result<String> {
    let (risks, rm) = (Desk::of(world, "risk"), world.as_(Role::Rm));
    let id = evaluated(world, (4, 3), "modify").await?;
    let plan = plan(world, &id).await?;
    risks.does(&rm, "record_treatment_planned", &id, json!({ "plan": plan })).await?;
    carry_out(world, &plan).await?;
    risks.does(&rm, "record_treated", &id, json!({ "plan": plan })).await?;
    risks.does(&rm, "evaluate_residual", &id, rated(4, 1, 3, 1)).await?;
    Ok(id)
}
