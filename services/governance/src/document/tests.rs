//! Given, when, then: controlled documents.

use cqrs_es::test::TestFramework;
use kernel::values::Prose;
use serde_json::json;

use super::*;

const APPROVED_ON: &str = "2024-08-05T09:00:00Z";

fn on(user: &str, roles: &[Role], now: &str) -> Context {
    Context::of(user, roles, now)
}

fn priya() -> Context {
    on("usr_priya", &[Role::Am], APPROVED_ON)
}

fn ingrid(now: &str) -> Context {
    on("usr_ingrid", &[Role::Tm], now)
}

fn sys(now: &str) -> Context {
    on("rea_P18", &[Role::Sys], now)
}

fn policy(edition: &str, due: &str) -> Content {
    Content {
        kind: DocumentKind::AiPolicy,
        edition: Version::new(edition),
        next_review_due: due.parse().unwrap(),
        commitments: Some(Commitments {
            frames_objectives: true,
            meets_requirements: true,
            improves: true,
        }),
        ..Content::default()
    }
}

fn procedure() -> Content {
    Content { kind: DocumentKind::Procedure, commitments: None, ..policy("1.0", "2025-08-05") }
}

/// The events that follow from these commands, each given by somebody.
fn after(mut given: Vec<Event>, commands: Vec<(Command, Context)>) -> Vec<Event> {
    let mut document = Document::default();
    given.iter().for_each(|event| document.evolve(event.clone()));
    for (command, context) in commands {
        for event in document.decide(command, &context).unwrap() {
            document.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn submitted(content: Content) -> Vec<Event> {
    after(vec![], vec![(Command::Draft(content), priya()), (Command::Submit, priya())])
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

/// Version 1.0 of the AI policy in force, its review due on 2025-08-05.
fn in_force() -> Vec<Event> {
    let given = submitted(policy("1.0", "2025-08-05"));
    after(given, vec![(approve(), ingrid(APPROVED_ON))])
}

fn state(events: Vec<Event>) -> Document {
    let mut document = Document::default();
    events.into_iter().for_each(|event| document.evolve(event));
    document
}

fn refused(given: Vec<Event>, command: Command, context: &Context) -> Refusal {
    state(given).decide(command, context).unwrap_err()
}

#[test]
fn top_management_approves_the_ai_policy_and_the_aims_manager_publishes_it() {
    let given = after(in_force(), vec![(Command::Publish, priya())]);
    let document = state(given.clone());
    assert!(document.can_be_acknowledged(&Version::new("1.0")));
    assert!(!document.can_be_acknowledged(&Version::new("1.1")));
    TestFramework::<Document>::with(priya())
        .given(given)
        .when(Command::Publish)
        .then_expect_events(vec![]);
}

#[test]
fn ingrid_cannot_approve_a_policy_that_she_drafted() {
    let drafted = on("usr_ingrid", &[Role::Tm, Role::Do], APPROVED_ON);
    let draft = Command::Draft(policy("1.0", "2025-08-05"));
    let given = after(vec![], vec![(draft, drafted), (Command::Submit, priya())]);
    let refusal = refused(given, approve(), &ingrid(APPROVED_ON));
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn the_aims_manager_cannot_approve_the_ai_policy_nor_top_management_a_procedure() {
    let other = on("usr_am2", &[Role::Am], APPROVED_ON);
    let refusal = refused(submitted(policy("1.0", "2025-08-05")), approve(), &other);
    assert_eq!(refusal, Refusal::WrongApprover { role: "TM" });
    let refusal = refused(submitted(procedure()), approve(), &ingrid(APPROVED_ON));
    assert_eq!(refusal, Refusal::WrongApprover { role: "AM" });
}

#[test]
fn an_ai_policy_without_its_commitments_is_not_submitted() {
    for commitments in [
        None,
        Some(Commitments { frames_objectives: false, meets_requirements: true, improves: true }),
        Some(Commitments { frames_objectives: true, meets_requirements: false, improves: true }),
        Some(Commitments { frames_objectives: true, meets_requirements: true, improves: false }),
    ] {
        let content = Content { commitments, ..policy("1.0", "2025-08-05") };
        let given = after(vec![], vec![(Command::Draft(content), priya())]);
        assert_eq!(refused(given, Command::Submit, &priya()), Refusal::CommitmentMissing);
    }
}

#[test]
fn the_next_review_lies_ahead_and_at_most_24_months() {
    for (due, refusal) in [
        ("2026-08-06", Refusal::ReviewTooFarAhead { at: "/nextReviewDue" }),
        ("2024-08-05", Refusal::ReviewNotAhead { at: "/nextReviewDue" }),
    ] {
        let draft = Command::Draft(policy("1.0", due));
        let given = after(vec![], vec![(draft, priya())]);
        assert_eq!(refused(given, Command::Submit, &priya()), refusal);
    }
    let _fine = submitted(policy("1.0", "2026-08-05"));
}

#[test]
fn a_review_date_that_has_come_by_the_time_of_approval_is_refused() {
    let given = submitted(policy("1.0", "2024-08-20"));
    let refusal = refused(given, approve(), &ingrid("2024-08-20T09:00:00Z"));
    assert_eq!(refusal, Refusal::ReviewNotAhead { at: "/nextReviewDue" });
}

#[test]
fn an_unapproved_document_is_not_published() {
    let given = submitted(policy("1.0", "2025-08-05"));
    assert_eq!(refused(given, Command::Publish, &priya()), Refusal::NotApproved);
}

#[test]
fn the_next_version_must_be_higher() {
    let draft = Command::Redraft(policy("1.0.0", "2025-08-05"));
    let (edition, highest) = ("1.0.0".into(), "1.0".into());
    let refusal = Refusal::EditionNotHigher { edition, highest, at: "/edition" };
    assert_eq!(refused(in_force(), draft, &priya()), refusal);
}

#[test]
fn the_review_falls_due_twice_and_then_is_overdue() {
    let due: Date = "2025-08-05".parse().unwrap();
    let refusal = refused(in_force(), Command::FallDue, &sys("2025-07-05T09:00:00Z"));
    assert_eq!(refusal, Refusal::ReviewNotDue { due });
    let mut given = in_force();
    for (now, days_left) in [("2025-07-06T09:00:00Z", 30), ("2025-08-05T09:00:00Z", 0)] {
        let before = given.len();
        given = after(given, vec![(Command::FallDue, sys(now)), (Command::FallDue, sys(now))]);
        let fell = Event::ReviewFellDue(ReviewDate { due, days_left });
        assert_eq!(given[before..], [fell]);
    }
    let refusal = refused(given.clone(), Command::FallOverdue, &sys("2025-08-05T09:00:00Z"));
    assert_eq!(refusal, Refusal::ReviewNotDue { due });
    let given = after(given, vec![(Command::FallOverdue, sys("2025-08-06T09:00:00Z"))]);
    assert_eq!(state(given.clone()).review_status, ReviewStatus::Overdue);
    TestFramework::<Document>::with(sys("2025-08-07T09:00:00Z"))
        .given(given)
        .when(Command::FallOverdue)
        .then_expect_events(vec![]);
}

#[test]
fn approving_the_next_version_counts_as_the_review() {
    let now = "2025-09-15T09:00:00Z";
    let given = after(in_force(), vec![(Command::FallOverdue, sys("2025-08-06T09:00:00Z"))]);
    let author = || on("usr_priya", &[Role::Am], "2025-09-12T09:00:00Z");
    let draft = Command::Redraft(policy("1.1", "2026-09-15"));
    let given = after(given, vec![(draft, author()), (Command::Submit, author())]);
    let document = state(given.clone());
    assert_eq!(document.review_status, ReviewStatus::Overdue);
    assert_eq!(document.in_force.unwrap().next_review_due, "2025-08-05".parse().unwrap());

    let events = after(given.clone(), vec![(approve(), ingrid(now))]).split_off(given.len());
    assert!(matches!(
        events.as_slice(),
        [Event::VersionSuperseded(_), Event::VersionApproved(_), Event::Reviewed(_)]
    ));
    let document = state([given, events].concat());
    let review = document.last_review.unwrap();
    assert_eq!((review.days_late, review.outcome), (41, ReviewOutcome::Change));
    assert_eq!(document.review_status, ReviewStatus::Reviewed);
    let in_force = document.in_force.unwrap();
    assert_eq!(in_force.next_review_due, "2026-09-15".parse().unwrap());
    assert_eq!(in_force.published_at, None);
}

#[test]
fn a_review_that_keeps_the_document_sets_the_next_date() {
    let review = |due: &str| {
        Command::RecordReview(RecordReview {
            outcome: ReviewOutcome::Keep,
            next_review_due: due.parse().unwrap(),
            finding: None,
        })
    };
    let context = || ingrid("2025-08-01T09:00:00Z");
    let document = state(after(in_force(), vec![(review("2026-08-01"), context())]));
    assert_eq!(document.in_force.unwrap().next_review_due, "2026-08-01".parse().unwrap());
    assert_eq!(document.last_review.unwrap().days_late, 0);
    let refusal = refused(in_force(), review("2027-08-02"), &context());
    assert_eq!(refusal, Refusal::ReviewTooFarAhead { at: "/nextReviewDue" });
    let refusal = refused(vec![], review("2026-08-01"), &context());
    assert_eq!(refusal, Refusal::NotApproved);
}

#[test]
fn a_document_is_not_withdrawn_while_a_certificate_rests_on_it() {
    let withdraw = || Command::Withdraw(Withdraw { reason: Prose::new("no longer") });
    let mut context = ingrid(APPROVED_ON).knowing(
        "crt_1",
        "certificate",
        json!({"number": "CERT-0421", "status": "active", "restsOn": ["doc_1"]}),
    );
    context.id = "doc_1".into();
    let refusal = refused(in_force(), withdraw(), &context);
    assert_eq!(refusal, Refusal::CertificateActive { number: "CERT-0421".into() });
    context.id = "doc_2".into();
    assert!(state(in_force()).decide(withdraw(), &context).is_ok());
}
