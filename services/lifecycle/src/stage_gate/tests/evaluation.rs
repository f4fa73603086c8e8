//! Answers, waivers and what follows.

use super::*;

const DEPLOYMENT: (Stage, Stage) = (Stage::VerificationAndValidation, Stage::Deployment);

fn deployment() -> Case {
    Case::requested(DEPLOYMENT.0, DEPLOYMENT.1)
}

#[test]
fn with_every_answer_the_gate_waits_for_its_approvers() {
    let mut case = deployment();
    let events = case.evaluates(&[]);
    let [Event::Evaluated(evaluated)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(evaluated.position, POSITION);
    assert_eq!(evaluated.policy_version, Line::new("default"));
    assert!(evaluated.blocking.is_empty() && evaluated.warnings.is_empty());
    assert_eq!(case.gate.status, Status::Evaluated);
    assert_eq!(case.gate.evaluated_position, Some(POSITION));
    assert_eq!(case.gate.checks.len(), 14);
}

#[test]
fn v2_0_is_refused_for_its_risk_its_missing_validation_use_and_plan() {
    let mut case = deployment();
    let failed = [Check::G3, Check::G8, Check::G10, Check::G11];
    let events = case.evaluates(&failed.map(|check| (check, CheckResult::Fail)));
    let [Event::Evaluated(_), Event::Refused(refused)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(refused.checks, failed);
    assert_eq!(refused.refusal.code, Line::new("stage_gate.checks_failed"));
    let message = "The gate into deployment is refused: not met g3, g8, g10, g11.";
    assert_eq!(refused.refusal.message, Line::new(message));
    assert_eq!(case.gate.status, Status::Refused);
    assert_eq!(case.gate.blocking, failed);
    assert!(case.gate.refused_by.is_none());
}

#[test]
fn what_cannot_be_told_is_unknown_and_blocks_as_a_failure_does() {
    let mut case = deployment();
    case.evaluates(&[(Check::G3, CheckResult::Unknown), (Check::G2, CheckResult::Fail)]);
    assert_eq!(case.gate.status, Status::Refused);
    assert_eq!(case.gate.blocking, [Check::G2, Check::G3]);
    assert_eq!(case.result(Check::G3), CheckResult::Unknown);
    let message = "The gate into deployment is refused: not met g2; not known g3.";
    assert_eq!(case.gate.refusal.as_ref().unwrap().message, Line::new(message));
}

#[test]
fn nothing_passes_by_itself_in_an_empty_world() {
    let mut case = Case::before(Stage::VerificationAndValidation);
    case.world = World::default();
    case.system_in(Stage::VerificationAndValidation);
    case.does(MARC, request("2.0", Stage::Deployment));
    case.does(SYS, Command::Evaluate);
    let passes = case.gate.checks.iter().filter(|(_, s)| s.result == CheckResult::Pass);
    let passes: Vec<_> = passes.map(|(key, _)| key.as_str()).collect();
    // There is nothing that could be open: no risk, no plan, no component, no work, no statement.
    assert_eq!(passes, ["g12", "g13", "g16", "g3", "g4"]);
    assert_eq!(case.result(Check::G5), CheckResult::Unknown);
    assert_eq!(case.result(Check::G14), CheckResult::Fail);
    assert_eq!(case.gate.blocking.len(), 9);
    assert!(case.gate.refusal.unwrap().message.as_str().len() < 200);
}

#[test]
fn each_blocking_check_alone_refuses_the_gate() {
    for row in TABLE.iter().filter(|row| row.mode == Mode::Block) {
        for to in row.into {
            let from = match to {
                Stage::DesignAndDevelopment => Stage::Inception,
                Stage::VerificationAndValidation => Stage::DesignAndDevelopment,
                Stage::Deployment => Stage::VerificationAndValidation,
                Stage::OperationAndMonitoring => Stage::Deployment,
                Stage::ReEvaluation | Stage::Retirement => Stage::OperationAndMonitoring,
                Stage::Inception => panic!(),
            };
            for result in good::can_alone_be(row.check) {
                let mut case = Case::requested(from, *to);
                case.evaluates(&[(row.check, *result)]);
                assert_eq!(case.gate.status, Status::Refused, "{:?} {to:?}", row.check);
                assert_eq!(case.gate.blocking, [row.check]);
            }
        }
    }
}

#[test]
fn what_only_warns_is_kept_as_a_warning_until_a_policy_lets_it_block() {
    let mut case = deployment();
    case.policy("1", vec![setting(Check::G8Preregistration, Mode::Warn)]);
    let warned = [(Check::G8Preregistration, CheckResult::Fail), (Check::G16, CheckResult::Fail)];
    case.evaluates(&warned);
    assert_eq!(case.gate.status, Status::Evaluated);
    assert_eq!(case.gate.warnings, [Check::G8Preregistration, Check::G16]);
    assert_eq!(case.gate.policy_version, Some(Line::new("1")));
    case.policy("1.1", vec![setting(Check::G8Preregistration, Mode::Block)]);
    case.evaluates(&warned);
    assert_eq!(case.gate.status, Status::Refused);
    assert_eq!(case.gate.blocking, [Check::G8Preregistration]);
    assert_eq!(case.gate.warnings, [Check::G16]);
}

#[test]
fn what_a_policy_switches_off_is_not_asked() {
    let mut case = deployment();
    case.policy("1", vec![setting(Check::G4, Mode::Off)]);
    case.evaluates(&[(Check::G4, CheckResult::Fail)]);
    assert_eq!(case.gate.status, Status::Evaluated);
    assert!(!case.gate.checks.contains_key(&Check::G4.key()));
    assert!(!case.gate.checks.contains_key(&Check::G17.key()));
}

#[test]
fn the_same_answers_again_change_nothing_and_better_ones_reopen_the_gate() {
    let mut case = deployment();
    case.evaluates(&[(Check::G3, CheckResult::Fail)]);
    assert_eq!(case.evaluates(&[(Check::G3, CheckResult::Fail)]), vec![]);
    assert_eq!(case.gate.status, Status::Refused);
    case.evaluates(&[]);
    assert_eq!((case.gate.status, &case.gate.refusal), (Status::Evaluated, &None));
    assert_eq!(case.evaluates(&[]), vec![]);
}

#[test]
fn a_refused_gate_is_not_reopened_while_another_asks_for_the_same() {
    let mut case = deployment();
    case.evaluates(&[(Check::G3, CheckResult::Fail)]);
    let rival = StageGate {
        status: Status::Requested,
        ..passed_gate("2.0", DEPLOYMENT.0, DEPLOYMENT.1, "2025-01-10")
    };
    case.world.put_state("gat_9", &rival);
    let refusal = Refusal::OtherGateOpen { gate: "gat_9".into() };
    assert_eq!(case.refuses(SYS, Command::Evaluate), refusal);
}

#[test]
fn a_version_that_was_moved_meanwhile_is_not_evaluated() {
    let mut case = deployment();
    case.system_in(Stage::Deployment);
    assert_eq!(case.refuses(SYS, Command::Evaluate), Refusal::StageMoved);
}

#[test]
fn a_closed_gate_is_neither_evaluated_nor_waived() {
    let mut case = Case::evaluated();
    case.does(OWEN, refuse());
    for (who, command) in [(SYS, Command::Evaluate), (LENA, waive(Check::G4, "2025-01-20"))] {
        assert_eq!(case.refuses(who, command), Refusal::GateClosed { status: "refused" });
    }
    let mut case = Case::evaluated();
    case.does(OWEN, Command::Approve);
    case.does(LENA, Command::Approve);
    for (who, command) in [(SYS, Command::Evaluate), (LENA, waive(Check::G4, "2025-01-20"))] {
        assert_eq!(case.refuses(who, command), Refusal::GateClosed { status: "passed" });
    }
}

#[test]
fn a_waived_check_does_not_block_before_or_after_a_refusal() {
    let mut case = deployment();
    case.does(LENA, waive(Check::G4, "2025-02-14"));
    case.evaluates(&[(Check::G4, CheckResult::Fail), (Check::G12, CheckResult::Unknown)]);
    assert_eq!(case.result(Check::G4), CheckResult::Waived);
    assert_eq!(case.gate.blocking, [Check::G12]);
    case.does(INGRID, waive(Check::G12, "2025-02-14"));
    assert_eq!(case.gate.status, Status::Refused);
    case.evaluates(&[(Check::G4, CheckResult::Fail), (Check::G12, CheckResult::Unknown)]);
    assert_eq!(case.gate.status, Status::Evaluated);
    assert_eq!(case.result(Check::G12), CheckResult::Waived);
    let grant = case.gate.waivers[&Check::G12.key()].grants.values().next().unwrap();
    assert_eq!((&grant.by, grant.role), (&UserId::new("usr_ingrid"), Role::Tm));
}

#[test]
fn a_check_that_passes_needs_no_waiver() {
    let mut case = deployment();
    case.does(LENA, waive(Check::G4, "2025-02-14"));
    case.evaluates(&[]);
    assert_eq!(case.result(Check::G4), CheckResult::Pass);
}

#[test]
fn a_waiver_by_two_roles_takes_two_people() {
    let mut case = deployment();
    let events = case.does(OWEN, waive(Check::G7, "2025-01-29"));
    let [Event::CheckWaived(waived)] = events.as_slice() else { panic!("{events:?}") };
    assert!(!waived.is_complete);
    let mut half = case.clone();
    half.evaluates(&[(Check::G7, CheckResult::Fail)]);
    assert_eq!(half.gate.status, Status::Refused);
    let second = case.context("usr_rel2", &[Role::Rel]);
    let refusal = Refusal::WrongWaiver { check: "g7", roles: "REL and RO".into() };
    let again = case.world.decide(&case.gate, waive(Check::G7, "2025-01-29"), second);
    assert_eq!(again, Err(refusal));
    let both = case.context("usr_owen", &[Role::Rel, Role::Ro]);
    let again = case.world.decide(&case.gate, waive(Check::G7, "2025-01-29"), both);
    assert_eq!(again, Ok(vec![]));
    case.does(LENA, waive(Check::G7, "2025-01-25"));
    case.evaluates(&[(Check::G7, CheckResult::Fail)]);
    assert_eq!(case.gate.status, Status::Evaluated);
    case.today = "2025-01-26".into();
    let events = case.does(OWEN, Command::Approve);
    assert!(matches!(events.as_slice(), [Event::Evaluated(_), Event::Refused(_)]), "{events:?}");
    assert_eq!(case.gate.blocking, [Check::G7]);
}

#[test]
fn a_waiver_is_given_by_the_role_of_the_policy_up_to_its_last_day() {
    let case = deployment();
    let refusal = Refusal::WrongWaiver { check: "g4", roles: "RO".into() };
    assert_eq!(case.refuses(INGRID, waive(Check::G4, "2025-01-20")), refusal);
    assert!(case.asks(LENA, waive(Check::G4, "2025-02-14")).is_ok());
    let refusal = Refusal::WaiverTooLong { check: "g4", max: 30, at: "/until" };
    assert_eq!(case.refuses(LENA, waive(Check::G4, "2025-02-15")), refusal);
    let refusal = Refusal::WaiverPassed { at: "/until" };
    assert_eq!(case.refuses(LENA, waive(Check::G4, "2025-01-14")), refusal);
    let refusal = Refusal::CheckNotAsked { check: "g9", to: "deployment", at: "/check".into() };
    assert_eq!(case.refuses(LENA, waive(Check::G9, "2025-01-20")), refusal);
}

#[test]
fn what_cannot_be_waived_is_not_waived_by_anyone() {
    let mut case = deployment();
    let never = [Check::G1, Check::G2, Check::G3, Check::G8, Check::G8Preregistration, Check::G16];
    for check in never {
        for who in [OWEN, LENA, AOIFE, INGRID] {
            let refusal = Refusal::NotWaivable { check: check.code(), at: "/check" };
            assert_eq!(case.refuses(who, waive(check, "2025-01-20")), refusal);
        }
    }
    let waivable_by = Some(vec![Role::Tm]);
    case.policy("2", vec![Setting { waivable_by, ..setting(Check::G16, Mode::Block) }]);
    assert!(case.asks(INGRID, waive(Check::G16, "2025-02-14")).is_ok());
}

#[test]
fn who_asked_for_the_gate_waives_nothing() {
    let case = deployment();
    let marc = ("usr_marc", Role::Ro);
    let refusal = case.refuses(marc, waive(Check::G4, "2025-01-20"));
    assert_eq!(refusal, Refusal::RequesterWaives);
}

#[test]
fn a_waiver_given_again_is_renewed_or_holds_already() {
    let mut case = deployment();
    case.does(LENA, waive(Check::G4, "2025-01-20"));
    assert_eq!(case.does(LENA, waive(Check::G4, "2025-01-20")), vec![]);
    case.does(LENA, waive(Check::G4, "2025-01-30"));
    let grants = &case.gate.waivers[&Check::G4.key()].grants;
    let until: Vec<_> = grants.values().map(|grant| grant.until.to_string()).collect();
    assert_eq!(until, ["2025-01-30"]);
}

#[test]
fn the_largest_gate_stays_within_a_document() {
    let mut case = deployment();
    good::put(&mut case.world);
    let id = |prefix: &str, n: usize| format!("{prefix}_{n:026}");
    // Of everything that a check looks at there is more than it names.
    for n in 0..200 {
        let risk = json!({
            "title": "x", "systems": ["sys_1"], "status": "evaluated",
            "inherent": { "score": 20, "level": "critical" },
        });
        case.world.put(&id("risk", n), "risk", risk);
        let nc = json!({ "grade": "major", "status": "raised", "system": "sys_1" });
        case.world.put(&id("nc", n), "nonconformity", nc);
        let task = json!({ "subject": "sys_1", "status": "open", "blocking": true });
        case.world.put(&id("task", n), "task", task);
        let class = json!({
            "system": "sys_1", "status": "proposed", "regime": "r".repeat(64),
            "class": "c".repeat(64), "role": "provider",
        });
        case.world.put(&id("cls", n), "regulatory_classification", class);
        let plan = json!({ "status": "approved", "inForce": {
            "version": 1, "risks": [id("risk", n)],
            "actions": { "a": { "due": "2025-01-01", "mandatory": true, "status": "open" } },
        } });
        case.world.put(&id("tpl", n), "treatment_plan", plan);
    }
    case.does(SYS, Command::Evaluate);
    let risks = &case.gate.checks[&Check::G3.key()];
    assert_eq!((risks.looked_at.len(), risks.looked_at_count), (20, 202));
    assert!(risks.because.as_str().ends_with("and 197 more."), "{}", risks.because);
    assert!(serde_json::to_string(&case.gate).unwrap().len() < 32 * 1024);
}

#[test]
fn too_many_objects_to_look_at_are_not_taken_for_none() {
    let mut case = deployment();
    good::put(&mut case.world);
    let mut context = case.context("rea_P1", &[Role::Sys]);
    let risks = Need::Holding("risk", "systems", "sys_1".into());
    context.facts.cut(risks.clone());
    let events = case.world.decide(&case.gate, Command::Evaluate, context).unwrap();
    let [Event::Evaluated(evaluated), Event::Refused(_)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(evaluated.blocking, [Check::G3, Check::G4]);
    let state = &evaluated.checks[&Check::G3.key()];
    assert_eq!(state.result, CheckResult::Unknown);
    let said = "There are too many objects to look at: risk by systems sys_1.";
    assert_eq!(state.because, Line::new(said));
}
