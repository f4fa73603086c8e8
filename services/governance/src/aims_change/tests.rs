//! Given, when, then: changes of the management system.

use cqrs_es::test::TestFramework;
use kernel::approval::Phase;

use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(user: &str, role: Role, now: &str) -> Context {
    Context::of(user, &[role], now)
}

fn priya() -> Context {
    at("usr_priya", Role::Am, "2025-03-03T09:00:00Z")
}

fn ingrid() -> Context {
    at("usr_ingrid", Role::Tm, "2025-03-10T09:00:00Z")
}

fn content() -> Content {
    Content {
        title: Line::new("Take HelpDesk Copilot out"),
        reason: Prose::new("The product is bought no longer."),
        affected: Affected { scope: true, ..Affected::default() },
        consequences: Prose::new("Two risks fall away."),
        resources: None,
        plan: vec![Line::new("Approve the next scope")],
        owner: UserId::new("usr_priya"),
        due: date("2025-06-30"),
    }
}

fn with(context: Context) -> TestFramework<AimsChange> {
    TestFramework::with(context)
}

fn history(commands: Vec<(Context, Command)>) -> (Vec<Event>, AimsChange) {
    let (mut state, mut all) = (AimsChange::default(), Vec::new());
    for (context, command) in commands {
        for event in state.decide(command, &context).unwrap() {
            state.evolve(event.clone());
            all.push(event);
        }
    }
    (all, state)
}

fn approved() -> Vec<(Context, Command)> {
    vec![
        (priya(), Command::Propose(content())),
        (priya(), Command::Submit),
        (ingrid(), Command::Approve(Approve { content_hash: None })),
    ]
}

fn implement(on: &str) -> Command {
    let what = Prose::new("The scope was approved.");
    Command::Implement(Implement { on: on.parse().ok(), what })
}

fn implemented() -> Vec<(Context, Command)> {
    let april = at("usr_priya", Role::Am, "2025-04-01T09:00:00Z");
    approved().into_iter().chain([(april, implement("2025-04-01"))]).collect()
}

fn review() -> Command {
    Command::Review(ReviewInput { effective: true, finding: Prose::new("as wanted") })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("x") })
}

#[test]
fn a_change_is_approved_carried_out_and_looked_at() {
    let (_, state) = history(approved());
    assert_eq!(state.approval.status, Phase::Approved);
    assert!(state.approved.is_some_and(|affected| affected.scope));
    let steps = implemented().into_iter().chain([(ingrid(), review())]).collect();
    let (given, state) = history(steps);
    assert_eq!(state.progress, Progress::Reviewed);
    with(ingrid()).given(given).when(review()).then_expect_events(vec![]);
}

#[test]
fn an_author_does_not_approve_his_own_change() {
    let mut steps = approved();
    steps.pop();
    let (given, _) = history(steps);
    with(at("usr_priya", Role::Tm, "2025-03-10T09:00:00Z"))
        .given(given)
        .when(Command::Approve(Approve { content_hash: None }))
        .then_expect_error(Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn a_change_touches_something_and_says_what_is_done() {
    let submitted = |content| {
        let (given, _) = history(vec![(priya(), Command::Propose(content))]);
        with(priya()).given(given).when(Command::Submit).inspect_result().map(|_| ())
    };
    let touching = |affected| Content { affected, ..content() };
    let none = Affected::default;
    assert_eq!(submitted(touching(none())), Err(Refusal::TouchesNothing));
    let line = || vec![Line::new("Release")];
    for affected in [
        Affected { scope: true, ..none() },
        Affected { criteria: true, ..none() },
        Affected { roles: line(), ..none() },
        Affected { processes: line(), ..none() },
        Affected { documents: vec![Ref::new("doc_1")], ..none() },
    ] {
        assert_eq!(submitted(touching(affected)), Ok(()));
    }
    assert_eq!(submitted(Content { plan: vec![], ..content() }), Err(Refusal::WithoutPlan));
}

#[test]
fn nothing_is_carried_out_before_it_is_approved() {
    let (given, _) = history(approved().into_iter().take(2).collect());
    with(priya()).given(given).when(implement("2025-03-03")).then_expect_error(Refusal::NotInForce);
    // Nor what the next version says before that is approved.
    let steps = approved().into_iter().chain([(ingrid(), Command::Revise(content()))]);
    let (given, state) = history(steps.collect());
    assert!(state.approved.is_some(), "the version in force still counts");
    with(ingrid())
        .given(given)
        .when(implement("2025-03-10"))
        .then_expect_error(Refusal::NotInForce);
}

#[test]
fn a_change_holds_from_its_approval_on_and_not_in_the_future() {
    let (given, _) = history(approved());
    let april = || at("usr_priya", Role::Am, "2025-04-01T09:00:00Z");
    for (on, refused) in [
        ("2025-04-02", Refusal::InTheFuture { day: date("2025-04-02"), at: "/on" }),
        ("2025-03-09", Refusal::BeforeApproval { day: date("2025-03-09"), at: "/on" }),
    ] {
        with(april()).given(given.clone()).when(implement(on)).then_expect_error(refused);
    }
    assert!(with(april()).given(given).when(implement("2025-03-10")).inspect_result().is_ok());
}

#[test]
fn who_carried_a_change_out_does_not_review_it() {
    let (given, _) = history(implemented());
    with(priya()).given(given).when(review()).then_expect_error(Refusal::ReviewerImplemented);
    let (given, _) = history(approved());
    with(ingrid()).given(given).when(review()).then_expect_error(Refusal::NotImplemented);
}

#[test]
fn what_was_carried_out_is_neither_revised_nor_withdrawn() {
    let (given, _) = history(implemented());
    for command in [Command::Revise(content()), withdraw()] {
        with(priya()).given(given.clone()).when(command).then_expect_error(Refusal::IsImplemented);
    }
    with(priya()).given(given).when(implement("2025-04-01")).then_expect_events(vec![]);
}

#[test]
fn a_withdrawn_change_covers_nothing() {
    let steps = approved().into_iter().chain([(priya(), withdraw())]);
    let (_, state) = history(steps.collect());
    assert_eq!((state.approval.effective, state.approved), (None, None));
    let revised = || (ingrid(), Command::Revise(content()));
    let steps = approved().into_iter().chain([revised(), (priya(), withdraw())]);
    let (_, state) = history(steps.collect());
    assert!(state.approved.is_some(), "only the next version was taken back");
}

#[test]
fn others_read_what_an_approved_change_touches_until_it_is_reviewed() {
    let touches = |steps: Vec<(Context, Command)>| {
        let view: facts::AimsChange =
            serde_json::from_value(serde_json::json!(history(steps).1)).unwrap();
        view.touches().is_some_and(|touched| touched.scope && !touched.criteria)
    };
    assert!(!touches(approved().into_iter().take(2).collect()));
    assert!(touches(approved()));
    assert!(touches(implemented()));
    assert!(!touches(implemented().into_iter().chain([(ingrid(), review())]).collect()));
}
