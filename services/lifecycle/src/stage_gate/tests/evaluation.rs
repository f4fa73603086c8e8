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
    let events = case.evaluates(&failed.map(|check| (check, Answer::Fail)));
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
fn what_blocks_and_is_not_answered_is_unknown_and_never_passes() {
    let mut case = deployment();
    let Command::Evaluate(mut input) = case.answers(&[(Check::G5, Answer::Unknown)]) else {
        panic!()
    };
    input.checks.retain(|answer| answer.check != Check::G2);
    case.does(SYS, Command::Evaluate(input));
    assert_eq!(case.gate.status, Status::Refused);
    assert_eq!(case.gate.blocking, [Check::G2, Check::G5]);
    assert_eq!(case.result(Check::G2), CheckResult::Unknown);
    assert_eq!(case.gate.checks[&Check::G2.key()].because, None);
    let message = "The gate into deployment is refused: not known g2, g5.";
    assert_eq!(case.gate.refusal.as_ref().unwrap().message, Line::new(message));
    let mut case = deployment();
    case.does(SYS, Command::Evaluate(Evaluate { checks: vec![] }));
    assert_eq!(case.gate.blocking.len(), 13);
    assert_eq!(case.gate.warnings, [Check::G16]);
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
            for result in [Answer::Fail, Answer::Unknown] {
                let mut case = Case::requested(from, *to);
                case.evaluates(&[(row.check, result)]);
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
    let warned = [(Check::G8Preregistration, Answer::Fail), (Check::G16, Answer::Fail)];
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
    let refusal =
        Refusal::CheckNotAsked { check: "g4", to: "deployment", at: "/checks/3/check".into() };
    let answers = case.answers(&[]);
    assert_eq!(case.refuses(SYS, answers), refusal);
    case.policy("2", vec![]);
    let foreign = Evaluate { checks: vec![answer(Check::G17, Answer::Pass)] };
    let refusal =
        Refusal::CheckNotAsked { check: "g17", to: "deployment", at: "/checks/0/check".into() };
    assert_eq!(case.refuses(SYS, Command::Evaluate(foreign)), refusal);
}

#[test]
fn a_check_is_answered_once() {
    let twice = vec![answer(Check::G2, Answer::Fail), answer(Check::G2, Answer::Pass)];
    let refusal = Refusal::CheckTwice { check: "g2", at: "/checks/1/check".into() };
    assert_eq!(deployment().refuses(SYS, Command::Evaluate(Evaluate { checks: twice })), refusal);
}

#[test]
fn the_same_answers_again_change_nothing_and_better_ones_reopen_the_gate() {
    let mut case = deployment();
    case.evaluates(&[(Check::G3, Answer::Fail)]);
    assert_eq!(case.evaluates(&[(Check::G3, Answer::Fail)]), vec![]);
    assert_eq!(case.gate.status, Status::Refused);
    case.evaluates(&[]);
    assert_eq!((case.gate.status, &case.gate.refusal), (Status::Evaluated, &None));
    assert_eq!(case.evaluates(&[]), vec![]);
}

#[test]
fn a_refused_gate_is_not_reopened_while_another_asks_for_the_same() {
    let mut case = deployment();
    case.evaluates(&[(Check::G3, Answer::Fail)]);
    let rival = StageGate {
        status: Status::Requested,
        ..passed_gate("2.0", DEPLOYMENT.0, DEPLOYMENT.1, "2025-01-10")
    };
    case.world.put_state("gat_9", &rival);
    let answers = case.answers(&[]);
    let refusal = Refusal::OtherGateOpen { gate: "gat_9".into() };
    assert_eq!(case.refuses(SYS, answers), refusal);
}

#[test]
fn a_version_that_was_moved_meanwhile_is_not_evaluated() {
    let mut case = deployment();
    case.system_in(Stage::Deployment);
    let answers = case.answers(&[]);
    assert_eq!(case.refuses(SYS, answers), Refusal::StageMoved);
}

#[test]
fn a_closed_gate_is_neither_evaluated_nor_waived() {
    let mut case = Case::evaluated();
    case.does(OWEN, refuse());
    for (who, command) in [(SYS, case.answers(&[])), (LENA, waive(Check::G4, "2025-01-20"))] {
        assert_eq!(case.refuses(who, command), Refusal::GateClosed { status: "refused" });
    }
    let mut case = Case::evaluated();
    case.does(OWEN, Command::Approve);
    case.does(LENA, Command::Approve);
    for (who, command) in [(SYS, case.answers(&[])), (LENA, waive(Check::G4, "2025-01-20"))] {
        assert_eq!(case.refuses(who, command), Refusal::GateClosed { status: "passed" });
    }
}

#[test]
fn a_waived_check_does_not_block_before_or_after_a_refusal() {
    let mut case = deployment();
    case.does(LENA, waive(Check::G4, "2025-02-14"));
    case.evaluates(&[(Check::G4, Answer::Fail), (Check::G12, Answer::Unknown)]);
    assert_eq!(case.result(Check::G4), CheckResult::Waived);
    assert_eq!(case.gate.blocking, [Check::G12]);
    case.does(INGRID, waive(Check::G12, "2025-02-14"));
    assert_eq!(case.gate.status, Status::Refused);
    case.evaluates(&[(Check::G4, Answer::Fail), (Check::G12, Answer::Unknown)]);
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
    half.evaluates(&[(Check::G7, Answer::Fail)]);
    assert_eq!(half.gate.status, Status::Refused);
    let second = case.context("usr_rel2", &[Role::Rel]);
    let refusal = Refusal::WrongWaiver { check: "g7", roles: "REL and RO".into() };
    let again = case.world.decide(&case.gate, waive(Check::G7, "2025-01-29"), second);
    assert_eq!(again, Err(refusal));
    let both = case.context("usr_owen", &[Role::Rel, Role::Ro]);
    let again = case.world.decide(&case.gate, waive(Check::G7, "2025-01-29"), both);
    assert_eq!(again, Ok(vec![]));
    case.does(LENA, waive(Check::G7, "2025-01-25"));
    case.evaluates(&[(Check::G7, Answer::Fail)]);
    assert_eq!(case.gate.status, Status::Evaluated);
    case.today = "2025-01-26".into();
    let refusal = Refusal::EvaluationOutdated { check: "g7" };
    assert_eq!(case.refuses(OWEN, Command::Approve), refusal);
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
    let Command::Evaluate(mut input) = case.answers(&[]) else { panic!() };
    let id = |prefix: &str, n: usize| format!("{prefix}_{n:026}");
    for answer in &mut input.checks {
        answer.because = Line::new("x".repeat(200));
        answer.evidence = (0..10).map(|n| Ref::new(id("evd", n))).collect();
        answer.looked_at = (0..40).map(|n| Ref::new(id("risk", n))).collect();
    }
    case.does(SYS, Command::Evaluate(input));
    assert!(serde_json::to_string(&case.gate).unwrap().len() < 56 * 1024);
}
