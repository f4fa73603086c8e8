//! Who lets a version through.

use super::*;

#[test]
fn deployment_takes_the_release_manager_and_the_risk_owner_and_gives_two_events() {
    let mut case = Case::evaluated();
    let events = case.does(OWEN, Command::Approve);
    let [Event::ApprovalGiven(given)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((given.approval.role, given.approval.seen_version), (Role::Rel, 2));
    assert_eq!(given.approval.seen_position, Some(POSITION));
    assert_eq!(case.gate.status, Status::Evaluated);
    let events = case.does(LENA, Command::Approve);
    let [Event::Passed(passed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(passed.valid_until, "2025-02-14".parse().unwrap());
    assert_eq!(case.gate.status, Status::Passed);
    let roles: Vec<_> = case.gate.approvals.values().map(|approval| approval.role).collect();
    assert_eq!(roles, [Role::Ro, Role::Rel]);
}

#[test]
fn warnings_are_stored_in_the_decision() {
    let mut case = Case::requested(Stage::VerificationAndValidation, Stage::Deployment);
    case.evaluates(&[(Check::G16, Answer::Fail)]);
    case.does(AOIFE, Command::Approve);
    let events = case.does(OWEN, Command::Approve);
    let [Event::Passed(passed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(passed.warnings, [Check::G16]);
}

#[test]
fn which_gates_take_two_people() {
    for (from, to, count) in [
        (Stage::Inception, Stage::DesignAndDevelopment, 1),
        (Stage::DesignAndDevelopment, Stage::VerificationAndValidation, 1),
        (Stage::VerificationAndValidation, Stage::Deployment, 2),
        (Stage::Deployment, Stage::OperationAndMonitoring, 2),
        (Stage::OperationAndMonitoring, Stage::ReEvaluation, 1),
        (Stage::ReEvaluation, Stage::DesignAndDevelopment, 1),
        (Stage::ReEvaluation, Stage::OperationAndMonitoring, 2),
        (Stage::OperationAndMonitoring, Stage::Retirement, 2),
    ] {
        let mut case = Case::requested(from, to);
        case.evaluates(&[]);
        let mut people = [LENA, OWEN].into_iter();
        for _ in 0..count {
            assert_eq!(case.gate.status, Status::Evaluated, "{to:?}");
            case.does(people.next().unwrap(), Command::Approve);
        }
        assert_eq!(case.gate.status, Status::Passed, "{to:?}");
    }
}

#[test]
fn the_second_approval_comes_from_the_role_that_is_missing() {
    let mut case = Case::evaluated();
    case.does(LENA, Command::Approve);
    let refusal = Refusal::WrongApprover { roles: "REL".into() };
    assert_eq!(case.refuses(AOIFE, Command::Approve), refusal);
    let mut case = Case::evaluated();
    case.does(OWEN, Command::Approve);
    let refusal = Refusal::WrongApprover { roles: "RO or IAP".into() };
    assert_eq!(case.refuses(("usr_rel2", Role::Rel), Command::Approve), refusal);
}

#[test]
fn one_person_with_both_roles_does_not_approve_twice() {
    let mut case = Case::evaluated();
    let both = || case.context("usr_owen", &[Role::Rel, Role::Ro]);
    let first = case.world.decide(&case.gate, Command::Approve, both()).unwrap();
    let second = both();
    first.into_iter().for_each(|event| case.gate.evolve(event));
    let refusal = case.world.decide(&case.gate, Command::Approve, second).unwrap_err();
    assert_eq!(refusal, Refusal::SamePersonTwice);
}

#[test]
fn marc_cannot_approve_his_own_gate_nor_sara_that_of_her_version() {
    let case = Case::evaluated();
    for role in [Role::Rel, Role::Ro, Role::Iap] {
        let refusal = case.refuses(("usr_marc", role), Command::Approve);
        assert_eq!(refusal, Refusal::RequesterApproves);
        let refusal = case.refuses(("usr_sara", role), Command::Approve);
        assert_eq!(refusal, Refusal::DeveloperApproves);
    }
}

#[test]
fn only_an_evaluated_gate_is_approved() {
    let mut case = Case::requested(Stage::VerificationAndValidation, Stage::Deployment);
    assert_eq!(case.refuses(OWEN, Command::Approve), Refusal::NotEvaluated);
    case.evaluates(&[(Check::G2, Answer::Fail)]);
    let refusal = Refusal::GateClosed { status: "refused" };
    assert_eq!(case.refuses(OWEN, Command::Approve), refusal);
}

#[test]
fn the_last_approval_needs_an_evaluation_that_still_holds() {
    let mut case = Case::requested(Stage::VerificationAndValidation, Stage::Deployment);
    case.does(LENA, waive(Check::G4, "2025-01-20"));
    case.evaluates(&[(Check::G4, Answer::Fail), (Check::G16, Answer::Fail)]);
    case.does(OWEN, Command::Approve);
    let mut later = case.clone();
    later.today = "2025-01-21".into();
    let refusal = Refusal::EvaluationOutdated { check: "g4" };
    assert_eq!(later.refuses(LENA, Command::Approve), refusal);
    let mut stricter = case.clone();
    stricter.policy("2", vec![setting(Check::G16, Mode::Block)]);
    let refusal = Refusal::EvaluationOutdated { check: "g16" };
    assert_eq!(stricter.refuses(LENA, Command::Approve), refusal);
    let mut moved = case.clone();
    moved.system_in(Stage::Deployment);
    assert_eq!(moved.refuses(LENA, Command::Approve), Refusal::StageMoved);
    case.does(LENA, Command::Approve);
    assert_eq!(case.gate.status, Status::Passed);
}

#[test]
fn approvals_lapse_with_the_answers_on_which_they_were_given() {
    let mut case = Case::evaluated();
    case.does(OWEN, Command::Approve);
    assert_eq!(case.evaluates(&[]), vec![]);
    assert_eq!(case.gate.approvals.len(), 1);
    let events = case.evaluates(&[(Check::G16, Answer::Fail)]);
    let [Event::Evaluated(evaluated)] = events.as_slice() else { panic!("{events:?}") };
    assert!(evaluated.approvals_lapse && case.gate.approvals.is_empty());
    case.does(LENA, Command::Approve);
    assert_eq!(case.gate.status, Status::Evaluated);
}

#[test]
fn an_approval_is_not_dated_before_the_evaluation() {
    let case = Case::evaluated();
    let mut context = case.context("usr_owen", &[Role::Rel]);
    context.effective = Some("2025-01-14T09:00:00Z".parse().unwrap());
    let refusal = case.world.decide(&case.gate, Command::Approve, context).unwrap_err();
    assert_eq!(refusal, Refusal::ApprovedBeforeEvaluation { at: "/effectiveAt" });
}

#[test]
fn a_person_refuses_a_gate_for_good_whatever_the_checks_say() {
    let mut case = Case::evaluated();
    case.does(LENA, Command::Approve);
    let events = case.does(OWEN, refuse());
    let [Event::Refused(refused)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(refused.refusal.code, Line::new("stage_gate.refused_by_approver"));
    let message = "The gate into deployment is refused by REL.";
    assert_eq!(refused.refusal.message, Line::new(message));
    assert_eq!(case.gate.refused_by, Some(UserId::new("usr_owen")));
    assert_eq!(case.asks(OWEN, refuse()), Ok(vec![]));
    let refusal = Refusal::GateClosed { status: "refused" };
    assert_eq!(case.refuses(LENA, Command::Approve), refusal);
    let mut passed = Case::evaluated();
    passed.does(OWEN, Command::Approve);
    passed.does(LENA, Command::Approve);
    assert_eq!(passed.refuses(OWEN, refuse()), Refusal::GateClosed { status: "passed" });
}
