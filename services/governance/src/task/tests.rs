//! Given, when, then: tasks.

use cqrs_es::test::TestFramework;
use serde_json::json;

use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(user: &str, role: Role, now: &str) -> Context {
    let member = |status: &str| json!({ "roles": ["AM", "DS"], "status": status });
    let event = |name: &str, object: &str, at: &str| {
        let (name, object, at) = (json!(name), json!(object), json!(at));
        json!({ "name": name, "object": object, "recordedAt": at })
    };
    let resolved = "soa.contradiction_resolved";
    Context::of(user, &[role, Role::Emp], now)
        .knowing("mbr_priya", "membership", member("active"))
        .knowing("mbr_gone", "membership", member("revoked"))
        .knowing("7", "event", event("dataset.registered", "dst_2", "2025-09-08T09:00:00Z"))
        .knowing("9", "event", event(resolved, "soa_1", "2025-09-20T09:00:00Z"))
        .knowing("10", "event", event(resolved, "soa_2", "2025-09-20T09:00:00Z"))
        .knowing("3", "event", event(resolved, "soa_1", "2025-01-01T09:00:00Z"))
}

fn sys(now: &str) -> Context {
    at("rea_P15", Role::Sys, now)
}

const OPENED: &str = "2025-09-08T09:02:00Z";

fn work() -> Work {
    Work {
        title: Line::new("Resolve the contradiction about A.7.3"),
        detail: None,
        task_kind: TaskKind::ResolveContradiction,
        subject: Some(Ref::new("soa_1")),
        assignee: Some(UserId::new("usr_priya")),
        assignee_role: Role::Am,
        due: date("2025-09-22"),
        done_when: Some(DoneWhen {
            event: Line::new("soa.contradiction_resolved"),
            object: Some(Ref::new("soa_1")),
        }),
    }
}

fn open(work: Work) -> Open {
    Open { work, blocking: None, opened_by_event: Some(Position(7)) }
}

fn opened(work: Work) -> Vec<Event> {
    open(work).opened(&sys(OPENED)).unwrap()
}

fn with(context: Context) -> TestFramework<Task> {
    TestFramework::with(context)
}

fn priya(now: &str) -> Context {
    at("usr_priya", Role::Am, now)
}

const LATER: &str = "2025-09-20T10:00:00Z";

fn complete(event: Option<u64>) -> Command {
    Command::Complete(Complete { event: event.map(Position), note: None })
}

fn completed(work: Work, context: Context, event: Option<u64>) -> Result<Vec<Event>, Refusal> {
    with(context).given(opened(work)).when(complete(event)).inspect_result()
}

#[test]
fn a_task_is_done_when_the_event_that_it_names_has_happened() {
    let events = completed(work(), priya(LATER), Some(9)).unwrap();
    let [Event::Completed(done)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((done.ending.event, done.late), (Some(Position(9)), false));
    let not_yet = Refusal::NotDoneYet { event: "soa.contradiction_resolved".into(), at: "/event" };
    assert_eq!(completed(work(), priya(LATER), None), Err(not_yet));
    let other = |position, found: &str| {
        let position = Position(position);
        Err(Refusal::OtherEvent { position, found: found.into(), at: "/event" })
    };
    let resolved = "soa.contradiction_resolved";
    assert_eq!(completed(work(), priya(LATER), Some(7)), other(7, "dataset.registered"));
    assert_eq!(completed(work(), priya(LATER), Some(10)), other(10, resolved), "of another object");
    assert_eq!(completed(work(), priya(LATER), Some(3)), other(3, resolved), "before the task");
    let none = Refusal::NoSuchEvent { position: Position(99), at: "/event" };
    assert_eq!(completed(work(), priya(LATER), Some(99)), Err(none));
}

#[test]
fn a_task_of_no_certain_event_is_done_when_its_assignee_says_so() {
    let free = || Work { done_when: None, ..work() };
    assert!(completed(free(), priya(LATER), None).is_ok());
    assert!(completed(free(), priya(LATER), Some(10)).is_ok(), "any event of its time shows it");
    let any = DoneWhen { event: Line::new("soa.contradiction_resolved"), object: None };
    let any = Work { done_when: Some(any), ..work() };
    assert!(completed(any, priya(LATER), Some(10)).is_ok());
}

#[test]
fn a_task_is_completed_by_whose_it_is() {
    let free = |assignee: Option<&str>, assignee_role| Work {
        done_when: None,
        assignee: assignee.map(UserId::new),
        assignee_role,
        ..work()
    };
    let elif = || at("usr_elif", Role::Ds, LATER);
    let of_priya = || free(Some("usr_priya"), Role::Ds);
    assert_eq!(completed(of_priya(), elif(), None), Err(Refusal::NotYourTask));
    assert!(completed(free(None, Role::Ds), elif(), None).is_ok());
    assert_eq!(completed(free(None, Role::Am), elif(), None), Err(Refusal::NotYourTask));
    assert!(completed(of_priya(), at("usr_other", Role::Am, LATER), None).is_ok());
    assert!(completed(of_priya(), sys(LATER), None).is_ok());
}

#[test]
fn a_task_is_overdue_after_its_last_day_and_may_still_be_done() {
    let (mut given, due) = (opened(work()), date("2025-09-22"));
    with(sys("2025-09-22T23:59:59Z"))
        .given(given.clone())
        .when(Command::FallOverdue)
        .then_expect_error(Refusal::NotOverdue { due });
    let assignee = Some(UserId::new("usr_priya"));
    let overdue = Event::Overdue(Overdue { due, assignee, assignee_role: Role::Am });
    with(sys("2025-09-23T00:00:00Z"))
        .given(given.clone())
        .when(Command::FallOverdue)
        .then_expect_events(vec![overdue.clone()]);
    given.push(overdue);
    let later = "2025-11-24T09:05:00Z";
    with(sys(later)).given(given.clone()).when(Command::FallOverdue).then_expect_events(vec![]);
    let events = with(priya(later)).given(given.clone()).when(complete(Some(9))).inspect_result();
    let events = events.unwrap();
    assert!(matches!(events.as_slice(), [Event::Completed(done)] if done.late));
    given.extend(events);
    with(priya(later)).given(given.clone()).when(complete(None)).then_expect_events(vec![]);
    for command in [
        Command::FallOverdue,
        Command::Cancel(Cancel { reason: Prose::new("x") }),
        Command::Assign(Assign { assignee: UserId::new("usr_priya") }),
    ] {
        with(sys(later))
            .given(given.clone())
            .when(command)
            .then_expect_error(Refusal::HasEnded { status: "done" });
    }
}

#[test]
fn the_aims_manager_and_who_opened_a_task_cancel_it() {
    let cancel = || Command::Cancel(Cancel { reason: Prose::new("it was a mistake") });
    let opened_by = |user: &str| {
        let context = at(user, Role::Emp, OPENED);
        open(work()).opened(&context).unwrap()
    };
    let cancelled =
        |given: Vec<Event>, context| with(context).given(given).when(cancel()).inspect_result();
    let olga = || at("usr_olga", Role::So, LATER);
    assert_eq!(cancelled(opened_by("usr_marc"), olga()), Err(Refusal::NotYoursToCancel));
    assert!(cancelled(opened_by("usr_marc"), priya(LATER)).is_ok());
    let events = cancelled(opened_by("usr_olga"), olga()).unwrap();
    let given: Vec<_> = opened_by("usr_olga").into_iter().chain(events).collect();
    with(olga()).given(given.clone()).when(cancel()).then_expect_events(vec![]);
    let ended = Refusal::HasEnded { status: "cancelled" };
    with(priya(LATER)).given(given).when(complete(Some(9))).then_expect_error(ended);
}

#[test]
fn a_task_is_given_to_a_member_who_has_its_role() {
    let lacks = |assignee: &str, role: &'static str| {
        let assignee = assignee.to_owned();
        Err(Refusal::AssigneeLacksRole { assignee, role, at: "/assignee" })
    };
    let opened_for = |assignee: &str, assignee_role| {
        let work = Work { assignee: Some(UserId::new(assignee)), assignee_role, ..work() };
        open(work).opened(&sys(OPENED)).map(|_| ())
    };
    assert_eq!(opened_for("usr_priya", Role::Am), Ok(()));
    assert_eq!(opened_for("usr_priya", Role::Emp), Ok(()));
    assert_eq!(opened_for("usr_priya", Role::Rm), lacks("usr_priya", "RM"));
    assert_eq!(opened_for("usr_gone", Role::Am), lacks("usr_gone", "AM"));
    assert_eq!(opened_for("usr_gone", Role::Emp), lacks("usr_gone", "EMP"));
    let assigned = |context, assignee: &str| {
        let work = Work { assignee: None, assignee_role: Role::Ds, ..work() };
        let command = Command::Assign(Assign { assignee: UserId::new(assignee) });
        with(context).given(opened(work)).when(command).inspect_result()
    };
    assert!(assigned(at("usr_elif", Role::Ds, LATER), "usr_priya").is_ok());
    let stranger = assigned(at("usr_olga", Role::So, LATER), "usr_priya");
    assert_eq!(stranger, Err(Refusal::NotYourTask));
    assert_eq!(assigned(priya(LATER), "usr_gone").map(|_| ()), lacks("usr_gone", "DS"));
    let same = Command::Assign(Assign { assignee: UserId::new("usr_priya") });
    with(priya(LATER)).given(opened(work())).when(same).then_expect_events(vec![]);
}

#[test]
fn a_task_that_shuts_gates_is_opened_by_managers_about_an_object() {
    let blocking = |work, role| {
        let open = Open { blocking: Some(true), ..open(work) };
        open.opened(&at("usr_x", role, OPENED)).map(|_| ())
    };
    assert_eq!(blocking(work(), Role::Dev), Err(Refusal::MayNotBlock { at: "/blocking" }));
    for role in [Role::Tm, Role::Am, Role::Rm, Role::So, Role::Aud] {
        assert_eq!(blocking(work(), role), Ok(()));
    }
    let nothing = Work { subject: None, ..work() };
    assert_eq!(blocking(nothing, Role::Am), Err(Refusal::BlocksNothing { at: "/subject" }));
}

#[test]
fn a_task_names_a_role_of_members_and_an_event_that_can_be() {
    let tried = |work, by: u64| {
        let open = Open { opened_by_event: Some(Position(by)), ..open(work) };
        open.opened(&sys(OPENED)).map(|_| ())
    };
    let outside = Work { assignee: None, assignee_role: Role::Cba, ..work() };
    let refused = Refusal::NotAMemberRole { role: "CBA", at: "/assigneeRole" };
    assert_eq!(tried(outside, 7), Err(refused));
    for event in ["resolved", "nothing.resolved", "soa."] {
        let done_when = Some(DoneWhen { event: Line::new(event), object: None });
        let refused = Refusal::UnknownEvent { event: event.into(), at: "/doneWhen/event" };
        assert_eq!(tried(Work { done_when, ..work() }, 7), Err(refused));
    }
    let refused = Refusal::NoSuchEvent { position: Position(99), at: "/openedByEvent" };
    assert_eq!(tried(work(), 99), Err(refused));
}

#[test]
fn others_read_what_blocks_a_subject() {
    let mut state = Task::default();
    let open = Open { blocking: Some(true), ..open(work()) };
    open.opened(&sys(OPENED)).unwrap().into_iter().for_each(|event| state.evolve(event));
    let view: facts::Task = serde_json::from_value(json!(state)).unwrap();
    assert_eq!((view.subject.as_deref(), view.status.as_str()), (Some("soa_1"), "open"));
    assert!(view.blocking);
}
