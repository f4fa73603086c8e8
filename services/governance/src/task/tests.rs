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
        let data = json!({ "key": "a.7.3-dst_2", "of": { "objects": ["dst_2"] } });
        json!({ "name": name, "object": object, "recordedAt": at, "data": data })
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
            about: None,
            naming: vec![],
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
    assert_eq!(completed(work(), priya(LATER), Some(3)), other(3, resolved), "before its cause");
    let by_hand = Open { opened_by_event: None, ..open(work()) }.opened(&priya(LATER)).unwrap();
    with(priya(LATER))
        .given(by_hand)
        .when(complete(Some(9)))
        .then_expect_error(other(9, resolved).unwrap_err());
    let none = Refusal::NoSuchEvent { position: Position(99), at: "/event" };
    assert_eq!(completed(work(), priya(LATER), Some(99)), Err(none));
}

#[test]
fn a_task_about_an_object_is_done_by_what_refers_to_it() {
    let confirmed = "regulatory_classification.confirmed";
    let about = |id: &str| Work {
        done_when: Some(DoneWhen {
            event: Line::new(confirmed),
            object: None,
            about: Some(Ref::new(id)),
            naming: vec![],
        }),
        ..work()
    };
    let context = || {
        let event = |object: &str| json!({ "name": confirmed, "object": object, "recordedAt": "2025-09-20T09:00:00Z" });
        let deep = json!({ "system": "sys_2", "note": { "of": { "deep": "sys_1" } } });
        priya(LATER)
            .knowing("11", "event", event("cls_1"))
            .knowing("12", "event", event("cls_2"))
            .knowing("cls_1", "regulatory_classification", json!({ "system": "sys_1" }))
            .knowing("cls_2", "regulatory_classification", deep)
    };
    assert!(completed(about("sys_1"), context(), Some(11)).is_ok());
    assert!(completed(about("cls_2"), context(), Some(12)).is_ok(), "it is the object itself");
    let other =
        Refusal::OtherEvent { position: Position(12), found: confirmed.into(), at: "/event" };
    assert_eq!(completed(about("sys_1"), context(), Some(12)), Err(other));
    let mut task = Task::default();
    opened(about("sys_1")).into_iter().for_each(|event| task.evolve(event));
    let complete = |event| Complete { event: Some(Position(event)), note: None };
    let command = Command::Complete(complete(11));
    let needs = task.needs(&command, &context());
    assert_eq!(needs, [Need::Event(Position(11)), Need::Object("cls_1".into())]);
}

#[test]
fn what_is_to_be_decided_is_done_also_by_a_reasoned_no() {
    let decide = || Work { task_kind: TaskKind::Decide, ..work() };
    let noted = |work: Work, note: Option<&str>| {
        let command = Command::Complete(Complete { event: None, note: note.map(Prose::new) });
        with(priya(LATER)).given(opened(work)).when(command).inspect_result()
    };
    assert!(noted(decide(), Some("It goes on as it is: the defect is mended.")).is_ok());
    let not_yet = Refusal::NotDoneYet { event: "soa.contradiction_resolved".into(), at: "/event" };
    assert_eq!(noted(decide(), None), Err(not_yet.clone()));
    assert_eq!(noted(work(), Some("It is done.")), Err(not_yet));
}

#[test]
fn a_task_gets_more_time_from_another_manager_before_it_is_overdue() {
    let postpone = |due: &str| {
        let reason = Prose::new("It waits for the release of version 2.1.0.");
        Command::Postpone(Postpone { due: date(due), reason })
    };
    let tried = |context: Context, given: Vec<Event>, due: &str| {
        with(context).given(given).when(postpone(due)).inspect_result()
    };
    let ingrid = |now: &str| at("usr_ingrid", Role::Tm, now);
    let last = "2025-09-22T23:59:59Z";
    let events = tried(ingrid(last), opened(work()), "2025-10-31").unwrap();
    let mut task = Task::default();
    opened(work()).into_iter().chain(events.clone()).for_each(|event| task.evolve(event));
    assert_eq!(task.work.due, date("2025-10-31"));
    assert_eq!(task.postponed.map(|moved| moved.before), Some(date("2025-09-22")));
    assert_eq!(tried(ingrid(last), opened(work()), "2025-09-22"), Ok(vec![]));
    let due = date("2025-09-22");
    let not_later = Refusal::NotLater { due, at: "/due" };
    assert_eq!(tried(ingrid(last), opened(work()), "2025-09-21"), Err(not_later));
    let himself = tried(priya(last), opened(work()), "2025-10-31");
    assert_eq!(himself, Err(Refusal::PostponedByAssignee));
    let too_late = tried(ingrid("2025-09-23T00:00:00Z"), opened(work()), "2025-10-31");
    assert_eq!(too_late, Err(Refusal::IsOverdue { due }));
    with(sys("2025-09-23T00:00:00Z"))
        .given(opened(work()).into_iter().chain(events).collect())
        .when(Command::FallOverdue)
        .then_expect_error(Refusal::NotOverdue { due: date("2025-10-31") });
}

#[test]
fn an_open_task_says_what_it_waits_for() {
    let awaits = |done_when: Option<DoneWhen>, ending: Option<Command>| {
        let mut task = Task::default();
        let mut given = opened(Work { done_when, ..work() });
        given.extend(ending.map(|command| task_after(&given, command)).unwrap_or_default());
        given.into_iter().for_each(|event| task.evolve(event));
        task.awaits.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let of = |object: Option<&str>, about: Option<&str>| {
        let (object, about) = (object.map(Ref::new), about.map(Ref::new));
        let naming = vec![];
        Some(DoneWhen { event: Line::new("risk.accepted"), object, about, naming })
    };
    assert_eq!(awaits(of(Some("risk_1"), None), None), ["risk.accepted@risk_1"]);
    assert_eq!(awaits(of(None, Some("sys_1")), None), ["risk.accepted@sys_1"]);
    assert_eq!(awaits(of(None, None), None), ["risk.accepted@"]);
    assert!(awaits(None, None).is_empty());
    let cancel = Command::Cancel(Cancel { reason: Prose::new("It was a mistake.") });
    assert!(awaits(of(Some("risk_1"), None), Some(cancel)).is_empty());
}

fn task_after(given: &[Event], command: Command) -> Vec<Event> {
    with(priya(LATER)).given(given.to_vec()).when(command).inspect_result().unwrap()
}

#[test]
fn a_task_of_no_certain_event_is_done_when_its_assignee_says_so() {
    let free = || Work { done_when: None, ..work() };
    assert!(completed(free(), priya(LATER), None).is_ok());
    assert!(completed(free(), priya(LATER), Some(10)).is_ok(), "any event of its time shows it");
    let event = Line::new("soa.contradiction_resolved");
    let any = DoneWhen { event, object: None, about: None, naming: vec![] };
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
        let done_when =
            Some(DoneWhen { event: Line::new(event), object: None, about: None, naming: vec![] });
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
    let done_when = view.done_when.unwrap();
    let awaited = facts::Task::awaited(&done_when.event, done_when.object.as_deref());
    assert_eq!(state.awaits.first().map(ToString::to_string), Some(awaited));
}

#[test]
fn a_task_of_one_matter_is_not_done_by_an_event_of_another() {
    let waits_for = |texts: &[&str]| {
        let naming = texts.iter().copied().map(Line::new).collect();
        let done_when = Some(DoneWhen { naming, ..work().done_when.unwrap() });
        completed(Work { done_when, ..work() }, priya(LATER), Some(9)).map(|_| ())
    };
    assert_eq!(waits_for(&["a.7.3-dst_2"]), Ok(()));
    assert_eq!(waits_for(&["dst_2", "a.7.3-dst_2"]), Ok(()), "however deep it stands");
    let found = "soa.contradiction_resolved".to_owned();
    let other = Refusal::OtherEvent { position: Position(9), found, at: "/event" };
    assert_eq!(waits_for(&["dst_2", "a.7.3-dst_3"]), Err(other.clone()));
    assert_eq!(waits_for(&["a.7.3"]), Err(other), "part of a text is another text");
}

#[test]
fn a_task_that_is_taken_from_somebody_is_anybodys_in_its_role() {
    let release = |assignee_role| Command::Release(Release { assignee_role });
    let released = |role| {
        let before = Some(UserId::new("usr_priya"));
        let by = UserId::new("rea_P15");
        vec![Event::Released(Released { before, assignee_role: role, by })]
    };
    let given = || opened(work());
    with(sys(LATER)).given(given()).when(release(None)).then_expect_events(released(Role::Am));
    let to_ds = release(Some(Role::Ds));
    with(sys(LATER)).given(given()).when(to_ds).then_expect_events(released(Role::Ds));
    let nobodys: Vec<_> = given().into_iter().chain(released(Role::Ds)).collect();
    with(sys(LATER)).given(nobodys.clone()).when(release(None)).then_expect_events(vec![]);
    let elif = at("usr_elif", Role::Ds, LATER);
    assert!(with(elif).given(nobodys).when(complete(Some(9))).inspect_result().is_ok());
    let refused = Refusal::NotAMemberRole { role: "CBD", at: "/assigneeRole" };
    with(sys(LATER)).given(given()).when(release(Some(Role::Cbd))).then_expect_error(refused);
    let cancel = Event::Cancelled(Cancelled {
        ending: Ending {
            by: UserId::new("usr_priya"),
            at: LATER.parse().unwrap(),
            note: None,
            event: None,
        },
    });
    let ended: Vec<_> = given().into_iter().chain([cancel]).collect();
    let refused = Refusal::HasEnded { status: "cancelled" };
    with(sys(LATER)).given(ended).when(release(None)).then_expect_error(refused);
}
