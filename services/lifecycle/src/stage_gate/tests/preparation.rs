//! What each check says of what must be done before a version is released (G1 to G9).

use super::*;

const FAIL: CheckResult = CheckResult::Fail;
const PASS: CheckResult = CheckResult::Pass;
const UNKNOWN: CheckResult = CheckResult::Unknown;

fn into(to: Stage) -> Case {
    let from = match to {
        Stage::VerificationAndValidation => Stage::DesignAndDevelopment,
        Stage::Deployment => Stage::VerificationAndValidation,
        Stage::OperationAndMonitoring => Stage::Deployment,
        Stage::Inception
        | Stage::DesignAndDevelopment
        | Stage::ReEvaluation
        | Stage::Retirement => panic!(),
    };
    Case::requested(from, to)
}

/// A field of an object is changed: what comes of the check, and what it says.
fn told(to: Stage, check: Check, id: &str, field: &str, value: Value) -> (CheckResult, String) {
    let change = |world: &mut World| world.change(id, |body| body[field] = value);
    let (result, because, _) = into(to).answers(check, change);
    (result, because)
}

fn gone(to: Stage, check: Check, id: &str) -> (CheckResult, String) {
    let (result, because, _) = into(to).answers(check, |world| world.remove(id));
    (result, because)
}

fn said(result: CheckResult, because: &str) -> (CheckResult, String) {
    (result, because.to_owned())
}

#[test]
fn an_answer_names_what_was_looked_at_with_versions_and_no_person() {
    let case = Case::evaluated();
    for (code, state) in &case.gate.checks {
        assert!(!state.because.as_str().contains("usr_"), "{}", state.because);
        assert!(state.because.as_str().ends_with('.'), "{}", state.because);
        assert_eq!(state.looked_at.len(), usize::try_from(state.looked_at_count).unwrap());
        let nothing_to_see = code.as_str() == "g13";
        assert_eq!(state.looked_at.is_empty(), nothing_to_see, "{code:?}");
        assert!(state.looked_at.values().all(|seen| seen.version == 1));
    }
    let g10 = &case.gate.checks[&Check::G10.key()];
    assert_eq!(g10.evidence, [Ref::new("evd_1")]);
}

#[test]
fn g1_asks_for_a_confirmed_class_that_is_not_prohibited() {
    let to = Stage::Deployment;
    let (check, id) = (Check::G1, "cls_1");
    let (result, because, _) = into(to).answers(check, |_| ());
    assert_eq!((result, because), said(PASS, "Confirmed as eu_ai_act high_risk."));
    assert_eq!(gone(to, check, id), said(FAIL, "The system is not classified."));
    let proposed = told(to, check, id, "status", json!("proposed"));
    assert_eq!(proposed, said(FAIL, "cls_1: eu_ai_act is not confirmed."));
    let forbidden = told(to, check, id, "effects", json!(["forbidden"]));
    assert_eq!(forbidden, said(FAIL, "cls_1: eu_ai_act high_risk is prohibited."));
    let other = told(to, check, id, "system", json!("sys_2"));
    assert_eq!(other, said(FAIL, "The system is not classified."));
}

#[test]
fn g2_asks_for_an_assessment_in_time_that_covers_the_use_without_open_condition() {
    let (to, check, id) = (Stage::Deployment, Check::G2, "aia_1");
    let (result, because, _) = into(to).answers(check, |_| ());
    assert_eq!((result, because), said(PASS, "aia_1 is approved, in time and without condition."));
    assert_eq!(gone(to, check, id), said(FAIL, "The system has no impact assessment."));
    for status in ["planned", "submitted", "rejected", "reassessment_required", "superseded"] {
        let because = format!("aia_1 is {status}.");
        assert_eq!(told(to, check, id, "status", json!(status)), said(FAIL, &because));
    }
    assert_eq!(told(to, check, id, "status", json!("approved_with_conditions")).0, PASS);
    assert_eq!(told(to, check, id, "nextDue", json!("2025-01-15")).0, PASS);
    let late = told(to, check, id, "nextDue", json!("2025-01-14"));
    assert_eq!(late, said(FAIL, "aia_1 was to be done again by 2025-01-14."));
    let open = told(to, check, id, "conditions", json!({ "c": {}, "d": {} }));
    assert_eq!(open, said(FAIL, "aia_1: 2 of its conditions are not met."));
    let other = told(to, check, id, "intendedUses", json!(["Consumer credit for firms"]));
    assert_eq!(other, said(FAIL, "itu_1: the use \"consumer credit\" was not assessed."));
    // While no use is in force, another check says so.
    assert_eq!(told(to, check, "itu_1", "inForce", Value::Null).0, PASS);
}

#[test]
fn g3_asks_for_no_critical_risk_and_none_above_the_appetite_that_is_not_accepted() {
    let (to, check, id) = (Stage::Deployment, Check::G3, "risk_1");
    let rated = |score: u32, level: &str| json!({ "score": score, "level": level });
    let (result, because, state) = into(to).answers(check, |_| ());
    assert_eq!((result, because), said(PASS, "1 open risk: 1 within the appetite 9, 0 accepted."));
    assert!(!state.looked_at.contains_key(&Key::new("risk_2")), "of another system");
    assert_eq!(told(to, check, id, "residual", rated(9, "medium")).0, PASS);
    let above = told(to, check, id, "residual", rated(10, "high"));
    let because =
        "risk_1 has a residual score 10 (high) above the appetite 9, not validly accepted.";
    assert_eq!(above, said(FAIL, because));
    let critical = told(to, check, id, "residual", rated(15, "critical"));
    assert_eq!(critical, said(FAIL, "risk_1 has a residual score 15, critical."));
    let untreated = told(to, check, id, "residual", Value::Null);
    assert_eq!(untreated, said(FAIL, "risk_1 has no residual rating, but score 20, critical."));
    for status in ["closed", "candidate"] {
        let (result, _, _) = into(to).answers(check, |world| {
            world.change(id, |risk| {
                risk["status"] = json!(status);
                risk["residual"] = rated(20, "critical");
            });
        });
        assert_eq!(result, PASS, "{status}");
    }
    let unrated = json!({ "title": "x", "systems": ["sys_1"], "status": "identified" });
    let (result, because, _) = into(to).answers(check, |world| world.put("x", "risk", unrated));
    assert_eq!((result, because), said(UNKNOWN, "x is not rated."));
    let (result, because, _) = into(to).answers(check, |world| world.remove("rcr_1"));
    let said_of_it = "risk_1 has score 8, and no criteria are in force.";
    assert_eq!((result, because), said(UNKNOWN, said_of_it));
}

#[test]
fn g3_counts_an_acceptance_that_covers_the_risk_today() {
    let accepted = |until: &str, score: u32, more: Value| {
        let (result, _, _) = into(Stage::Deployment).answers(Check::G3, |world| {
            world.change("risk_1", |risk| {
                risk["status"] = json!("accepted");
                risk["residual"] = json!({ "score": 12, "level": "high" });
                risk["acceptance"] =
                    json!({ "by": "usr_lena", "score": score, "validUntil": until });
                risk["acceptanceStale"] = more;
            });
        });
        result
    };
    assert_eq!(accepted("2025-01-15", 12, Value::Null), PASS);
    assert_eq!(accepted("2025-01-14", 12, Value::Null), FAIL, "it has ended");
    assert_eq!(accepted("2025-07-10", 11, Value::Null), FAIL, "less was accepted");
    let wider = json!({ "because": ["systems_added"] });
    assert_eq!(accepted("2025-07-10", 12, wider), FAIL, "other systems were accepted");
    assert_eq!(accepted("2025-07-10", 12, json!({ "because": ["owner_changed"] })), PASS);
}

#[test]
fn g4_asks_for_the_mandatory_actions_that_were_due_by_the_day_of_the_gate() {
    let (to, check) = (Stage::Deployment, Check::G4);
    let (result, because, _) = into(to).answers(check, |_| ());
    let holds = "1 treatment plan in force, no mandatory action due by 2025-01-15 is open.";
    assert_eq!((result, because), said(PASS, holds));
    let action = |due: &str, status: &str| {
        let (result, because, _) = into(to).answers(check, |world| {
            world.change("tpl_1", |plan| {
                plan["inForce"]["actions"]["a"] =
                    json!({ "due": due, "mandatory": true, "status": status });
            });
        });
        (result, because)
    };
    let because = "tpl_1: 1 mandatory action due by 2025-01-15 not done.";
    for status in ["open", "overdue"] {
        assert_eq!(action("2025-01-15", status), said(FAIL, because));
        assert_eq!(action("2025-01-16", status).0, PASS, "due after the gate");
    }
    assert_eq!(action("2025-01-01", "done").0, PASS);
    // Neither a draft nor a plan for a risk that is closed asks for anything.
    let (result, ..) = into(to).answers(check, |world| {
        world.change("tpl_1", |plan| plan["inForce"]["actions"]["a"]["status"] = json!("open"));
        world.change("risk_1", |risk| risk["status"] = json!("closed"));
    });
    assert_eq!(result, PASS);
}

#[test]
fn g5_asks_for_a_privacy_assessment_where_personal_data_are_used() {
    let (to, check) = (Stage::VerificationAndValidation, Check::G5);
    let with = |impact: bool, data: Value| {
        let (result, because, _) = into(to).answers(check, |world| {
            world.change("dpi_1", |body| body["effective"] = Value::Null);
            world.change("aia_1", |body| body["personalData"] = json!(impact));
            world.change("dst_1", |body| body["personalData"] = data);
        });
        (result, because)
    };
    assert_eq!(into(to).answers(check, |_| ()).1, "The privacy assessment dpi_1 is approved.");
    let by_impact = "By aia_1 personal data are used, none is assessed.";
    assert_eq!(with(true, json!(false)), said(FAIL, by_impact));
    let by_data = "dst_1 holds personal data, none is assessed.";
    assert_eq!(with(false, json!(true)), said(FAIL, by_data));
    let open = "Whether dst_1 holds personal data is open.";
    assert_eq!(with(false, Value::Null), said(UNKNOWN, open));
    let none = "No personal data are used: 1 data set, none with personal data.";
    assert_eq!(with(false, json!(false)), said(PASS, none));
}

#[test]
fn g6_and_g7_ask_for_what_is_approved_for_exactly_this_version() {
    let validation = Stage::VerificationAndValidation;
    let gone_set = gone(validation, Check::G6, "rqs_1");
    assert_eq!(gone_set, said(FAIL, "The system has no requirement set."));
    let draft = told(validation, Check::G6, "rqs_1", "effective", Value::Null);
    assert_eq!(draft, said(FAIL, "rqs_1 has no approved baseline."));
    let (check, to) = (Check::G7, Stage::Deployment);
    assert_eq!(gone(to, check, "dsr_1"), said(FAIL, "Version 2.0 has no design."));
    let draft = told(to, check, "tdc_1", "effective", Value::Null);
    let because = "tdc_1: the technical documentation of 2.0 is not approved.";
    assert_eq!(draft, said(FAIL, because));
    let other = told(to, check, "tdc_1", "systemVersion", json!("1.9"));
    assert_eq!(other, said(FAIL, "Version 2.0 has no technical documentation."));
    // Documentation is asked for only at the gate into deployment.
    assert_eq!(gone(validation, check, "tdc_1"), said(PASS, "Approved for version 2.0: dsr_1."));
    assert_eq!(gone(validation, check, "dsr_1").0, FAIL);
    let bought = told(to, check, "sys_1", "origin", json!("bought"));
    assert_eq!(bought, said(PASS, "Approved for version 2.0: tdc_1."));
}

#[test]
fn g8_asks_for_a_record_of_this_version_that_passed_by_others_than_its_developers() {
    let (to, check, id) = (Stage::Deployment, Check::G8, "ver_1");
    let none = "Version 2.0 has no verification record.";
    assert_eq!(gone(to, check, id), said(FAIL, none));
    assert_eq!(told(to, check, id, "systemVersion", json!("2.0.1")), said(FAIL, none));
    assert_eq!(told(to, check, id, "status", json!("superseded")), said(FAIL, none));
    let running = told(to, check, id, "status", json!("running"));
    assert_eq!(running, said(FAIL, "ver_1 is running, not completed."));
    for outcome in ["fail", "conditional"] {
        let because = format!("ver_1: the outcome is {outcome}.");
        assert_eq!(told(to, check, id, "outcome", json!(outcome)), said(FAIL, &because));
    }
    let open = told(to, check, id, "outcome", Value::Null);
    assert_eq!(open, said(UNKNOWN, "ver_1 names no outcome."));
    let own = told(to, check, id, "validators", json!(["usr_kenji", "usr_sara"]));
    assert_eq!(own, said(FAIL, "ver_1: a developer of 2.0 validated it."));
    let nobody = told(to, check, id, "validators", json!([]));
    assert_eq!(nobody, said(UNKNOWN, "ver_1 names no validator."));
}

#[test]
fn the_last_part_of_g8_asks_for_criteria_before_runs() {
    let (to, check, id) = (Stage::Deployment, Check::G8Preregistration, "ver_1");
    let none = "No criteria are registered for version 2.0.";
    assert_eq!(gone(to, check, id), said(FAIL, none));
    let early = told(to, check, id, "criteriaFirst", json!(false));
    assert_eq!(early, said(FAIL, "ver_1: a run began before its criteria were registered."));
    let running = told(to, check, id, "status", json!("running"));
    assert_eq!(running, said(UNKNOWN, "ver_1 is running, not completed."));
}

#[test]
fn g9_asks_for_every_data_set_to_be_approved_today() {
    let (to, check, id) = (Stage::VerificationAndValidation, Check::G9, "dst_1");
    let (result, because, _) = into(to).answers(check, |_| ());
    assert_eq!((result, because), said(PASS, "1 data set in use, each approved for use."));
    assert_eq!(gone(to, check, id), said(UNKNOWN, "dst_1 cannot be found."));
    for status in ["registered", "quality_assessed", "restricted", "retired"] {
        let because = format!("dst_1 is {status}.");
        assert_eq!(told(to, check, id, "status", json!(status)), said(FAIL, &because));
    }
    assert_eq!(told(to, check, id, "approvedUntil", json!("2025-01-15")).0, PASS);
    let over = told(to, check, id, "approvedUntil", json!("2025-01-14"));
    assert_eq!(over, said(FAIL, "dst_1 was approved until 2025-01-14."));
}
