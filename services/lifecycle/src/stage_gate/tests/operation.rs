//! What each check says of release, of the organisation around a system, and of its end (G10 to
//! G17).

use super::*;

const FAIL: CheckResult = CheckResult::Fail;
const PASS: CheckResult = CheckResult::Pass;
const UNKNOWN: CheckResult = CheckResult::Unknown;

fn deployment() -> Case {
    Case::requested(Stage::VerificationAndValidation, Stage::Deployment)
}

fn retirement() -> Case {
    Case::requested(Stage::OperationAndMonitoring, Stage::Retirement)
}

fn after(case: &Case, check: Check, change: impl FnOnce(&mut World)) -> (CheckResult, String) {
    let (result, because, _) = case.answers(check, change);
    (result, because)
}

/// What comes of a check at the gate into deployment when a field of an object is changed.
fn told(check: Check, id: &str, field: &str, value: Value) -> (CheckResult, String) {
    after(&deployment(), check, |world| world.change(id, |body| body[field] = value))
}

fn gone(check: Check, id: &str) -> (CheckResult, String) {
    after(&deployment(), check, |world| world.remove(id))
}

fn said(result: CheckResult, because: &str) -> (CheckResult, String) {
    (result, because.to_owned())
}

#[test]
fn g10_asks_for_a_published_use_and_competent_members_who_watch() {
    let (check, id) = (Check::G10, "itu_1");
    let holds = "itu_1 is approved and published, its oversight competent.";
    assert_eq!(after(&deployment(), check, |_| ()), said(PASS, holds));
    assert_eq!(gone(check, id), said(FAIL, "The system has no intended use."));
    let draft = told(check, id, "effective", Value::Null);
    assert_eq!(draft, said(FAIL, "itu_1 is not approved."));
    let unpublished = told(check, id, "publishedAt", Value::Null);
    assert_eq!(unpublished, said(FAIL, "itu_1: its user information is not published."));
    let alone = told(check, id, "inForce", json!({ "oversight": {} }));
    assert_eq!(alone, said(FAIL, "itu_1: nobody watches over the system."));
    for status in ["stale", "superseded", "quarantined", "shredded"] {
        let because = format!("itu_1: oversight clerk rests on evd_1, {status}.");
        assert_eq!(told(check, "evd_1", "status", json!(status)), said(FAIL, &because));
    }
    let because = "itu_1: oversight clerk rests on evd_1, which cannot be found.";
    assert_eq!(gone(check, "evd_1"), said(UNKNOWN, because));
    let unproven = told(
        check,
        id,
        "inForce",
        json!({ "oversight": {
        "clerk": { "who": "usr_olga", "competence": [] },
    } }),
    );
    assert_eq!(unproven, said(FAIL, "itu_1: oversight clerk has no evidence of competence."));
    let left = told(check, "mbr_olga", "status", json!("revoked"));
    assert_eq!(left, said(FAIL, "itu_1: oversight clerk is held by no member any more."));
    assert_eq!(gone(check, "mbr_olga").0, UNKNOWN);
}

#[test]
fn g11_asks_for_a_plan_with_a_way_back_a_monitor_and_a_log() {
    let check = Check::G11;
    let holds = "The plan for 2.0 is approved with a way back, 1 monitor, logging on.";
    assert_eq!(after(&deployment(), check, |_| ()), said(PASS, holds));
    assert_eq!(gone(check, "dpl_1"), said(FAIL, "Version 2.0 has no deployment plan."));
    let draft = told(check, "dpl_1", "effective", Value::Null);
    assert_eq!(draft, said(FAIL, "dpl_1 is not approved."));
    let one_way = told(check, "dpl_1", "rollback", json!([]));
    assert_eq!(one_way, said(FAIL, "dpl_1 names no way back."));
    let other = told(check, "dpl_1", "systemVersion", json!("1.9"));
    assert_eq!(other, said(FAIL, "Version 2.0 has no deployment plan."));
    assert_eq!(gone(check, "mon_1"), said(FAIL, "No monitor is armed."));
    for (status, result) in [
        ("armed", PASS),
        ("acknowledged", PASS),
        ("resolved", PASS),
        ("paused", FAIL),
        ("closed", FAIL),
    ] {
        assert_eq!(told(check, "mon_1", "status", json!(status)).0, result, "{status}");
    }
    assert_eq!(gone(check, "log_1"), said(FAIL, "No event-log policy is active."));
    let gap = told(check, "log_1", "status", json!("gap"));
    assert_eq!(gap, said(FAIL, "log_1 is gap."));
    let nothing = after(&deployment(), check, |world| {
        ["dpl_1", "mon_1", "log_1"].iter().for_each(|id| world.remove(id));
    });
    let because = "Version 2.0 has no deployment plan; No monitor is armed; \
                   No event-log policy is active.";
    assert_eq!(nothing, said(FAIL, because));
}

#[test]
fn g12_asks_for_accepted_components_of_approved_suppliers_under_contract() {
    let check = Check::G12;
    let holds = "2 components accepted, suppliers approved, responsibilities agreed.";
    assert_eq!(after(&deployment(), check, |_| ()), said(PASS, holds));
    for id in ["cmp_1", "cmp_2"] {
        for status in ["proposed", "version_changed", "withdrawn"] {
            let because = format!("{id} is {status}, not accepted.");
            assert_eq!(told(check, id, "status", json!(status)), said(FAIL, &because));
        }
    }
    for status in ["prospective", "under_assessment", "rejected", "suspended", "terminated"] {
        assert_eq!(told(check, "sup_2", "status", json!(status)).0, FAIL, "{status}");
    }
    assert_eq!(told(check, "sup_2", "status", json!("approved")).0, PASS);
    let late = told(check, "sup_1", "conditionDue", json!("2025-01-14"));
    assert_eq!(late, said(FAIL, "sup_1: a condition was due on 2025-01-14."));
    assert_eq!(told(check, "sup_1", "conditionDue", json!("2025-01-15")).0, PASS);
    assert_eq!(gone(check, "sup_1"), said(UNKNOWN, "sup_1 cannot be found."));
    let because = "No contract with sup_2 is in force that splits duties.";
    assert_eq!(gone(check, "ctr_2"), said(FAIL, because));
    assert_eq!(told(check, "ctr_2", "status", json!("draft")), said(FAIL, because));
    assert_eq!(told(check, "ctr_2", "validUntil", json!("2025-01-14")), said(FAIL, because));
    assert_eq!(told(check, "ctr_2", "validUntil", json!("2025-01-15")).0, PASS);
    assert_eq!(told(check, "ctr_2", "status", json!("amended")).0, PASS);
    // A component of another version, or of another system, is none of this one.
    let other = json!({ "sys_1": { "system": "sys_1", "systemVersions": ["1.9"] } });
    let fewer = after(&deployment(), check, |world| {
        world.change("cmp_1", |body| body["usedBy"] = other);
        world.change("res_1", |body| body["suppliedComponent"] = Value::Null);
    });
    assert_eq!(fewer, said(PASS, "No supplied component is part of this version."));
    assert_eq!(gone(check, "cmp_2"), said(UNKNOWN, "cmp_2 cannot be found."));
}

#[test]
fn g13_asks_for_no_major_nonconformity_and_no_blocking_task() {
    let check = Check::G13;
    let with = |system: &str, grade: &str, status: &str| {
        let nc = json!({ "system": system, "grade": grade, "status": status });
        after(&deployment(), check, |world| world.put("x_nc", "nonconformity", nc))
    };
    assert_eq!(with("sys_1", "major", "raised"), said(FAIL, "x_nc is major and raised."));
    assert_eq!(with("sys_1", "major", "effectiveness_verified").0, FAIL, "not yet closed");
    for (system, grade, status) in [
        ("sys_1", "major", "closed"),
        ("sys_1", "major", "rejected"),
        ("sys_1", "minor", "raised"),
        ("sys_2", "major", "raised"),
    ] {
        assert_eq!(with(system, grade, status).0, PASS, "{system} {grade} {status}");
    }
    for (status, result) in [("open", FAIL), ("overdue", FAIL), ("done", PASS), ("cancelled", PASS)]
    {
        let task = json!({ "subject": "sys_1", "blocking": true, "status": status });
        let found = after(&deployment(), check, |world| world.put("x_task", "task", task));
        assert_eq!(found.0, result, "{status}");
    }
}

#[test]
fn g14_asks_who_answers_for_the_system_and_the_management_system() {
    let check = Check::G14;
    let of_aims = "Nobody is accountable for the process \"AI management system\".";
    assert_eq!(gone(check, "ras_2"), said(FAIL, of_aims));
    assert_eq!(told(check, "ras_2", "status", json!("proposed")), said(FAIL, of_aims));
    assert_eq!(told(check, "ras_2", "responsibility", json!("informed")), said(FAIL, of_aims));
    assert_eq!(told(check, "ras_2", "validTo", json!("2025-01-14")), said(FAIL, of_aims));
    assert_eq!(told(check, "ras_2", "validTo", json!("2025-01-15")).0, PASS);
    assert_eq!(told(check, "mbr_ingrid", "status", json!("revoked")), said(FAIL, of_aims));
    // Without an assignment the registered owner answers for the system.
    assert_eq!(gone(check, "ras_1").0, PASS);
    let with_owner = |owner: Value, membership: Option<&str>| {
        after(&deployment(), check, |world| {
            world.remove("ras_1");
            world.change("sys_1", |system| system["owner"] = owner);
            match membership {
                Some(status) => world.change("mbr_marc", |body| body["status"] = json!(status)),
                None => world.remove("mbr_marc"),
            }
        })
    };
    let nobody = with_owner(Value::Null, Some("active"));
    assert_eq!(nobody, said(FAIL, "Nobody is accountable for the system."));
    let left = with_owner(json!("usr_marc"), Some("revoked"));
    assert_eq!(left, said(FAIL, "The owner of the system is no member any more."));
    assert_eq!(with_owner(json!("usr_marc"), None).0, UNKNOWN);
    let vacant = |item: &str, responsibility: &str| {
        let post = json!({ "item": item, "responsibility": responsibility, "status": "vacant" });
        after(&deployment(), check, |world| world.put("x_ras", "role_assignment", post))
    };
    let because = "x_ras: the accountable post for internal audit is vacant.";
    assert_eq!(vacant("internal audit", "accountable"), said(FAIL, because));
    assert_eq!(vacant("internal audit", "consulted").0, PASS);
    assert_eq!(vacant("sys_2", "accountable").0, PASS, "of another system");
    assert_eq!(vacant("sys_1", "accountable").0, FAIL);
}

#[test]
fn g15_asks_for_what_the_rules_of_the_day_demand() {
    let on = |day: &str, change: &dyn Fn(&mut World)| {
        let mut case = Case::requested(Stage::Deployment, Stage::OperationAndMonitoring);
        case.today = day.into();
        after(&case, Check::G15, change)
    };
    let none = "No rule asks for assessment of rights or registration on 2025-01-15.";
    assert_eq!(on("2025-01-15", &|_| ()), said(PASS, none));
    let (result, because) = on("2028-01-01", &|_| ());
    assert_eq!(result, FAIL);
    assert!(because.contains("asks for registration"), "{because}");
    let registered = |world: &mut World| {
        world.change("cls_1", |class| {
            class["registration"] = json!({ "register": "EU", "registeredOn": "2027-12-01" });
        });
    };
    assert_eq!(on("2028-01-01", &registered).0, PASS);
    let deployer = |world: &mut World| {
        registered(world);
        world.change("cls_1", |class| {
            (class["role"], class["publicBody"]) = (json!("deployer"), json!(true));
        });
    };
    let (result, because) = on("2028-01-01", &deployer);
    assert_eq!(result, FAIL);
    assert!(because.contains("asks for an impact assessment on rights"), "{because}");
    let assessed = |world: &mut World| {
        deployer(world);
        world.change("aia_1", |impact| impact["approved"]["rightsAssessed"] = json!(true));
    };
    assert_eq!(on("2028-01-01", &assessed).0, PASS);
    let outdated = |world: &mut World| {
        assessed(world);
        world.change("aia_1", |impact| impact["status"] = json!("reassessment_required"));
    };
    assert_eq!(on("2028-01-01", &outdated).0, FAIL);
    let proposed =
        |world: &mut World| world.change("cls_1", |class| class["status"] = json!("proposed"));
    let because = "cls_1: eu_ai_act is not confirmed.";
    assert_eq!(on("2028-01-01", &proposed), said(UNKNOWN, because));
    let removed = |world: &mut World| world.remove("cls_1");
    assert_eq!(on("2028-01-01", &removed), said(UNKNOWN, "The system is not classified."));
}

#[test]
fn g16_asks_for_contradictions_that_touch_the_system_or_the_whole() {
    let about = |object: Value| {
        after(&deployment(), Check::G16, |world| {
            world.change("soa_1", |statement| {
                statement["contradictions"] = json!({ "k": { "control": "A.7.3" } });
                statement["contradictions"]["k"]["object"] = object;
            });
        })
    };
    for part in ["sys_1", "dst_1", "res_1", "cmp_1", "cmp_2", "sup_1", "sup_2"] {
        let because = format!("soa_1 excludes A.7.3, against {part}.");
        assert_eq!(about(json!(part)), said(FAIL, &because));
    }
    assert_eq!(about(Value::Null), said(FAIL, "soa_1 excludes A.7.3 against the facts."));
    for other in ["sys_2", "dst_2", "sup_3"] {
        assert_eq!(about(json!(other)).0, PASS, "{other}");
    }
}

#[test]
fn g17_asks_for_a_plan_that_is_carried_out_and_for_nothing_left_open() {
    let check = Check::G17;
    let holds = "Data and models have a destination, users were told, logs are kept to \
                 2029-01-15, contracts have ended, no incident is open.";
    assert_eq!(after(&retirement(), check, |_| ()), said(PASS, holds));
    let system = |change: &dyn Fn(&mut Value)| {
        after(&retirement(), check, |world| world.change("sys_1", change))
    };
    let none = "No plan says what becomes of data, models, users and logs.";
    let unplanned = |body: &mut Value| body["retirementPlan"] = Value::Null;
    assert_eq!(system(&unplanned), said(FAIL, none));
    let untold = |body: &mut Value| body["retirementPlan"]["usersToldOn"] = Value::Null;
    assert_eq!(system(&untold), said(FAIL, "Users have not been told."));
    let short = |body: &mut Value| body["retirementPlan"]["logsKeptUntil"] = json!("2026-01-14");
    let because = "By log_1 logs are kept for 12 months, to 2026-01-15, not only to 2026-01-14.";
    assert_eq!(system(&short), said(FAIL, because));
    let enough = |body: &mut Value| body["retirementPlan"]["logsKeptUntil"] = json!("2026-01-15");
    assert_eq!(system(&enough).0, PASS);
    for (status, result) in [
        ("reported", FAIL),
        ("investigating", FAIL),
        ("resolved", FAIL),
        ("closed", PASS),
        ("duplicate", PASS),
        ("not_an_incident", PASS),
    ] {
        let incident = json!({ "system": "sys_1", "severity": "minor", "status": status });
        let found = after(&retirement(), check, |world| world.put("x", "incident", incident));
        assert_eq!(found.0, result, "{status}");
    }
}

#[test]
fn g17_asks_for_the_end_of_contracts_that_serve_this_system_alone() {
    let check = Check::G17;
    let alone = |contract: &str| {
        after(&retirement(), check, |world| {
            world.change("cmp_1", |body| {
                body["usedBy"] = json!({ "sys_1": { "system": "sys_1" } });
            });
            world.change("ctr_1", |body| body["status"] = json!(contract));
        })
    };
    let because = "ctr_1 with sup_1 is in force for cmp_1.";
    assert_eq!(alone("agreed"), said(FAIL, because));
    assert_eq!(alone("terminated").0, PASS);
    let promise = |status: &str, systems: Value| {
        let promise = json!({
            "customer": "A bank", "status": status, "systems": systems, "contract": "ctr_2",
        });
        after(&retirement(), check, |world| {
            world.put("x", "customer_expectation", promise);
        })
    };
    let because = "ctr_2 is in force, x rests on it.";
    assert_eq!(promise("adopted", json!(["sys_1"])), said(FAIL, because));
    assert_eq!(promise("declined", json!(["sys_1"])).0, PASS);
    assert_eq!(promise("adopted", json!(["sys_1", "sys_2"])).0, PASS, "it goes on for another");
}
