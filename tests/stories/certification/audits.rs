//! Audits by the certification body, in the worked example.

use annals_tests::story;
use serde_json::{Value, json};

use super::house::Certified;

fn report(conclusion: &str) -> Value {
    json!({ "conclusion": conclusion, "reportHash": "ab".repeat(32) })
}

story!(stage_two_comes_after_ones_own_check_and_stage_one, world => {
    for (until, from, to, refusal) in [
        ("2024-12-01T00:00:00Z", "2024-12-05", "2024-12-06", "422 no_internal_audit"),
        ("2025-01-12T00:00:00Z", "2025-01-14", "2025-01-15", "422 no_management_review"),
        ("2025-01-25T00:00:00Z", "2025-01-26", "2025-01-27", "422 stage_one_not_ready"),
    ] {
        let case = Certified::until(&world, until).await?;
        let engagement = case.engaged("stage2", from, to).await?;
        let mut desk = case.desk("certification_audit");
        let helen = case.certnova("helen")?;
        let plan = case.plan("stage2", &engagement, from, to);
        desk.refuse(&helen, "plan", "", plan, refusal).await?;
        let engagement = case.engaged("surveillance", from, to).await?;
        let plan = case.plan("surveillance", &engagement, from, to);
        desk.refuse(&helen, "plan", "", plan, "422 no_certificate").await?;
    }
});

story!(what_an_audit_refuses, world => {
    // CA-2 is planned and has not begun.
    let case = Certified::until(&world, "2025-02-24T08:35:00Z").await?;
    let mut desk = case.desk("certification_audit");
    let (helen, audit, engagement) = (case.certnova("helen")?, case.id("CA-2"), case.id("ENG-2"));
    let otto = event_store::store::new_id("usr")?;
    let person = json!({ "user": otto, "name": "Otto Brandt", "role": "auditor", "competences": [] });
    case.operates("add-person", &person).await?;
    let plan = |kind: &str, engagement: &str, from: &str, to: &str| case.plan(kind, engagement, from, to);
    let mut with_otto = plan("stage2", engagement, "2025-02-24", "2025-02-28");
    with_otto["team"] = json!([case.id("helen"), otto]);
    for (input, expected) in [
        (plan("stage1", engagement, "2025-02-24", "2025-02-28"), "422 engagement_for_other /auditKind"),
        (plan("stage2", engagement, "2025-02-23", "2025-02-28"), "422 outside_of_window /plannedFrom"),
        (plan("stage2", engagement, "2025-02-24", "2025-03-08"), "422 outside_of_window /plannedTo"),
        (plan("stage1", case.id("ENG-1"), "2025-01-27", "2025-01-28"), "409 engagement_not_open"),
        (with_otto, "422 team_not_engaged /team"),
    ] {
        desk.refuse(&helen, "plan", "", input, expected).await?;
    }
    let stranger = case.bearing(&otto, identity::token::For::Body(case.id("CERTNOVA")))?;
    desk.refuse(&stranger, "start", audit, json!({}), "409 not_on_the_team").await?;
    desk.refuse(&helen, "conclude", audit, report("recommend"), "409 not_now").await?;
    desk.refuse_corrections(&helen, audit, "objective").await?;
    // The organisation commands nothing of it.
    let ingrid = case.by("ingrid")?.at("2025-02-24T08:50:00Z");
    let path = format!("/v1/certification-audits/{audit}/start");
    ingrid.post(&path, &json!({})).await?.problem(403, "forbidden");
    desk.does(&helen, "start", audit, json!({})).await?;
    desk.refuse(&helen, "conclude", audit, report("ready"), "422 wrong_conclusion /conclusion").await?;
    let mut concern = report("recommend");
    concern["areasOfConcern"] = json!(["No public channel."]);
    let expected = "422 concern_after_stage_one /areasOfConcern";
    desk.refuse(&helen, "conclude", audit, concern, expected).await?;

    // With a major finding the team does not simply recommend.
    let findings = case.desk("audit_finding");
    let major = json!({
        "audit": audit, "grade": "major", "requirement": "A.6.2.4", "title": "Runs before criteria",
        "statement": "All runs came before their criteria.",
        "objectiveEvidence": [{ "object": case.id("VR-01"), "note": "a run before its criteria" }],
    });
    let auditor = case.helen_under(engagement)?;
    let finding = findings.make(&auditor, "raise", major).await?;
    let advice = json!({
        "audit": audit, "grade": "ofi", "title": "Trends", "statement": "Look at trends.",
    });
    let advice = findings.make(&auditor, "raise", advice).await?;
    let refusal = "422 major_not_verified";
    desk.refuse(&helen, "conclude", audit, report("recommend"), refusal).await?;
    desk.does(&helen, "conclude", audit, report("recommend_after_actions")).await?;
    desk.refuse(&helen, "close", audit, json!({}), "409 actions_not_reviewed").await?;

    // Nothing is accepted that is not planned, nothing verified that is not done.
    let (accepts, verifies) = ("accept_action_plan", "verify_actions");
    let accept = |ids: &[&str]| json!({ "nonconformities": ids });
    let verify = |ids: &[&str]| json!({ "findings": ids });
    desk.refuse(&helen, accepts, audit, accept(&[]), "422 nothing_named /nonconformities").await?;
    desk.refuse(&helen, verifies, audit, verify(&[&advice]), "422 not_of_this_audit /findings").await?;
    desk.refuse(&helen, verifies, audit, verify(&[&finding]), "422 actions_not_done /findings").await?;
    let (ncs, priya) = (case.desk("nonconformity"), case.by("priya")?);
    let raise = json!({
        "source": "finding", "origin": finding, "title": "Runs before criteria",
        "description": "As the finding says.",
    });
    let nc = ncs.make(&priya, "raise", raise).await?;
    let manual = json!({
        "source": "manual", "requirement": "A.6.2.4", "grade": "minor", "title": "Another",
        "description": "Something else.",
    });
    let other = ncs.make(&priya, "raise", manual).await?;
    desk.refuse(&helen, accepts, audit, accept(&[&nc]), "422 no_action_plan /nonconformities").await?;
    // What answers no finding of the body's is as if it were not there.
    let answer = desk.rest(&helen, accepts, audit, &accept(&[&other])).await?;
    let problem = answer.problem(422, "invalid_input");
    assert_eq!(problem["errors"][0]["pointer"], "/nonconformities/0");
    let text = |text: &str| json!({ "text": text });
    ncs.does(&priya, "record_containment", &nc, text("The runs were repeated.")).await?;
    let cause = json!({ "method": "five_whys", "text": "The template does not ask." });
    ncs.does(&priya, "record_cause", &nc, cause).await?;
    ncs.does(&priya, "check_similar_cases", &nc, text("No other.")).await?;
    let actions = json!({
        "actions": { "template": {
            "text": "Ask for the criteria.", "owner": case.id("kenji"), "due": "2025-03-31",
        } },
        "method": "The next verification", "checkDue": "2025-04-30",
    });
    ncs.does(&priya, "plan_actions", &nc, actions).await?;
    let late = helen.at("2025-05-01T09:00:00Z");
    desk.refuse(&late, accepts, audit, accept(&[&nc]), "409 too_late").await?;
    let late = helen.at("2025-09-01T09:00:00Z");
    desk.refuse(&late, accepts, audit, accept(&[&nc]), "409 needs_new_stage_two").await?;
    // The plan of a major one is accepted; dealt with it is once it was seen done.
    desk.does(&helen, accepts, audit, accept(&[&nc])).await?;
    desk.refuse(&helen, "close", audit, json!({}), "409 actions_not_reviewed").await?;
    let path = format!("/v1/certification-audits/{audit}");
    assert_eq!(helen.get(&path).await?.ok()["status"], "concluded");
    // Told of in the story before.
    for code in ["no_internal_audit", "no_management_review", "stage_one_not_ready", "no_certificate"] {
        desk.met(code);
    }
    // Another body's audits are not there at all: doors.rs.
    desk.all_but(&["not_your_body"]);
});
