//! Given, when, then: external reports.

use kernel::values::{Fields, Key, Ref};
use serde_json::{Value, json};

use super::*;

const DUE: &str = "2025-06-19T09:40:00Z";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn on(user: &str, role: Role, now: &str) -> Context {
    let mut context = Context::of(user, &[role], now);
    context.id = "xrp_1".into();
    context.version = 1;
    context
}

fn jonas() -> Context {
    on("usr_jonas", Role::Im, "2025-06-18T10:00:00Z")
}

fn aoife(now: &str) -> Context {
    on("usr_aoife", Role::Dpo, now)
}

fn ingrid() -> Context {
    on("usr_ingrid", Role::Tm, "2025-06-18T13:00:00Z")
}

fn timer(now: &str) -> Context {
    on("rea_P8", Role::Sys, now)
}

fn hash(c: char) -> Hash {
    Hash::new(c.to_string().repeat(64))
}

fn duty() -> Duty {
    Duty {
        rule: Some(Key::new("eu_gdpr.33_1")),
        recipient: Line::new("Data protection authority"),
        incident: Some(Ref::new("inc_1")),
        report_kind: ReportKind::Initial,
        due: Some(at(DUE)),
    }
}

fn draft(duty: Duty) -> Command {
    Command::Draft(Draft { duty, content_hash: hash('a'), channel: None })
}

fn redraft(c: char) -> Command {
    Command::Redraft(Redraft { recipient: None, content_hash: hash(c), channel: None })
}

fn release() -> Command {
    Command::Release(Release { content_hash: Some(hash('a')) })
}

fn submit(submitted_at: Option<&str>) -> Command {
    Command::Submit(Submit {
        submitted_at: submitted_at.map(at),
        receipt_placeholder: Some(Line::new("AP-2025-0618")),
    })
}

fn receipt(text: &str) -> Command {
    Command::RecordReceipt(RecordReceipt { receipt: Line::new(text) })
}

fn withdraw() -> Withdraw {
    Withdraw { reason: Prose::new("drafted for the wrong authority") }
}

fn after(mut given: Vec<Event>, commands: Vec<(Command, Context)>) -> Vec<Event> {
    let mut report = state(given.clone());
    for (command, context) in commands {
        for event in report.decide(command, &context).unwrap() {
            report.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn state(events: Vec<Event>) -> ExternalReport {
    let mut report = ExternalReport::default();
    events.into_iter().for_each(|event| report.evolve(event));
    report
}

fn decide(given: Vec<Event>, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
    state(given).decide(command, context)
}

fn refused(given: Vec<Event>, command: Command, context: &Context) -> Refusal {
    decide(given, command, context).unwrap_err()
}

fn drafted() -> Vec<Event> {
    after(vec![], vec![(draft(duty()), jonas())])
}

fn released() -> Vec<Event> {
    after(drafted(), vec![(release(), ingrid())])
}

const SUBMITTED_AT: &str = "2025-06-18T14:05:00Z";

fn submitted() -> Vec<Event> {
    after(released(), vec![(submit(None), aoife(SUBMITTED_AT))])
}

#[test]
fn the_data_protection_officer_submits_the_initial_report_within_the_clock() {
    let given = after(submitted(), vec![(receipt("AP-77"), aoife("2025-06-19T08:00:00Z"))]);
    let report = state(given);
    assert_eq!(report.status, ReportStatus::Acknowledged);
    assert_eq!(report.submitted_at, Some(at(SUBMITTED_AT)));
    assert_eq!(report.submitted_by, Some(UserId::new("usr_aoife")));
    assert_eq!(report.receipt, Some(Line::new("AP-77")));
    assert!(!report.late);
}

#[test]
fn a_report_that_is_owed_is_written_later() {
    let due = after(vec![], vec![(Command::FallDue(duty()), timer("2025-06-16T10:00:00Z"))]);
    assert_eq!(state(due.clone()).status, ReportStatus::Due);
    let unwritten = Refusal::WrongStatus { status: "due", step: "released before it is written" };
    assert_eq!(refused(due.clone(), release(), &ingrid()), unwritten);
    let given = after(due, vec![(redraft('a'), jonas()), (release(), ingrid())]);
    assert_eq!(state(given).status, ReportStatus::Released);
}

fn incident(clock: Value) -> Value {
    json!({"system": "sys_1", "severity": "major", "status": "triaged",
        "clocks": {"eu_gdpr.33_1": clock}})
}

#[test]
fn a_report_is_due_when_the_incidents_clock_ends_and_not_later() {
    let knowing = |clock| jonas().knowing("inc_1", "incident", incident(clock));
    let running = knowing(json!({"due": DUE}));
    let due_of = |due: Option<&str>, context: &Context| {
        let duty = Duty { due: due.map(at), ..duty() };
        let events = ExternalReport::default().decide(draft(duty), context)?;
        Ok(state(events).duty.due)
    };
    assert_eq!(due_of(None, &running), Ok(Some(at(DUE))));
    let earlier = "2025-06-18T00:00:00Z";
    assert_eq!(due_of(Some(earlier), &running), Ok(Some(at(earlier))));
    let later = "2025-06-19T09:40:00.000001Z";
    let (rule, due) = ("eu_gdpr.33_1".to_owned(), at(DUE));
    let refusal = Refusal::DueAfterClock { rule, due, at: "/due" };
    assert_eq!(due_of(Some(later), &running), Err(refusal));
    let met = knowing(json!({"due": DUE, "metAt": SUBMITTED_AT}));
    assert_eq!(due_of(Some(later), &met), Ok(Some(at(later))));
    let lifted = knowing(json!({"due": DUE, "liftedAt": SUBMITTED_AT}));
    assert_eq!(due_of(None, &lifted), Ok(None));
}

#[test]
fn whoever_wrote_on_a_report_does_not_release_it() {
    let aoife = || aoife("2025-06-18T13:00:00Z");
    let given = after(drafted(), vec![(redraft('b'), aoife())]);
    let release = Command::Release(Release { content_hash: None });
    assert_eq!(refused(given.clone(), release.clone(), &aoife()), Refusal::ReleaserIsAuthor);
    assert_eq!(
        refused(given.clone(), release.clone(), &on("usr_jonas", Role::Tm, DUE)),
        Refusal::ReleaserIsAuthor
    );
    assert!(decide(given, release, &ingrid()).is_ok());
}

#[test]
fn what_is_released_is_what_was_written_last() {
    let given = after(drafted(), vec![(redraft('b'), jonas())]);
    assert_eq!(refused(given, release(), &ingrid()), Refusal::ContentChanged);
    let given = after(released(), vec![(redraft('b'), jonas())]);
    assert_eq!(state(given.clone()).status, ReportStatus::Drafted);
    let aoife = aoife(SUBMITTED_AT);
    assert_eq!(refused(given, submit(None), &aoife), Refusal::NotReleased);
    assert_eq!(refused(drafted(), submit(None), &aoife), Refusal::NotReleased);
}

#[test]
fn a_report_is_sent_under_a_reference() {
    let without = Command::Submit(Submit { submitted_at: None, receipt_placeholder: None });
    assert_eq!(
        refused(released(), without, &aoife(SUBMITTED_AT)),
        Refusal::NoReceiptPlaceholder { at: "/receiptPlaceholder" }
    );
}

#[test]
fn a_report_is_submitted_between_its_release_and_now() {
    let place = "/submittedAt";
    let aoife = aoife(SUBMITTED_AT);
    for (when, expected) in [
        ("2025-06-18T14:05:00.000001Z", Some(Refusal::SubmittedInFuture { at: place })),
        (
            "2025-06-18T12:59:59Z",
            Some(Refusal::SubmittedBeforeRelease {
                released: at("2025-06-18T13:00:00Z"),
                at: place,
            }),
        ),
        ("2025-06-18T13:00:00Z", None),
        (SUBMITTED_AT, None),
    ] {
        assert_eq!(decide(released(), submit(Some(when)), &aoife).err(), expected, "{when}");
    }
}

#[test]
fn a_report_is_late_after_its_deadline_and_not_on_it() {
    for (when, late) in [(DUE, false), ("2025-06-19T09:40:00.000001Z", true)] {
        let given = after(released(), vec![(submit(None), aoife(when))]);
        assert_eq!(state(given).late, late, "{when}");
    }
    let open = after(vec![], vec![(draft(Duty { due: None, ..duty() }), jonas())]);
    let given = after(open, vec![(release(), ingrid()), (submit(None), aoife(DUE))]);
    assert!(!state(given).late);
}

#[test]
fn a_missed_report_stays_missed_until_it_is_submitted_late() {
    let now = "2025-06-19T12:00:00Z";
    let given = after(drafted(), vec![(Command::MissDeadline, timer(now))]);
    assert_eq!(state(given.clone()).status, ReportStatus::Missed);
    let refusal = refused(given.clone(), Command::Withdraw(withdraw()), &aoife(now));
    assert_eq!(refusal, Refusal::WrongStatus { status: "missed", step: "withdrawn" });
    assert_eq!(decide(given.clone(), Command::MissDeadline, &timer(now)), Ok(vec![]));
    let given = after(given, vec![(release(), on("usr_ingrid", Role::Tm, now))]);
    assert_eq!(state(given.clone()).status, ReportStatus::Missed);
    let report = state(after(given, vec![(submit(None), aoife(now))]));
    assert_eq!(report.status, ReportStatus::Submitted);
    assert!(report.late);
    assert_eq!(report.missed_at, Some(at(now)));
}

#[test]
fn a_deadline_is_missed_only_after_it() {
    let miss = Command::MissDeadline;
    assert_eq!(refused(drafted(), miss.clone(), &timer(DUE)), Refusal::DeadlineNotPassed);
    let open = after(vec![], vec![(draft(Duty { due: None, ..duty() }), jonas())]);
    let late = timer("2025-07-01T00:00:00Z");
    assert_eq!(refused(open, miss.clone(), &late), Refusal::DeadlineNotPassed);
    let refusal = refused(submitted(), miss, &late);
    assert_eq!(refusal, Refusal::WrongStatus { status: "submitted", step: "missed" });
}

#[test]
fn a_complete_report_waits_for_the_initial_one_of_the_same_duty() {
    let complete = Duty { report_kind: ReportKind::Complete, due: None, ..duty() };
    let given = after(vec![], vec![(draft(complete), jonas()), (release(), ingrid())]);
    let waits = Some(Refusal::InitialNotSubmitted { initial: "xrp_0".into() });
    let other = |changes: Value| {
        let mut other = json!({"incident": "inc_1", "rule": "eu_gdpr.33_1",
            "reportKind": "initial", "status": "drafted"});
        for (name, value) in changes.as_object().unwrap() {
            other[name] = value.clone();
        }
        other
    };
    for (changes, expected) in [
        (json!({}), waits.clone()),
        (json!({"status": "due"}), waits.clone()),
        (json!({"status": "missed"}), waits.clone()),
        (json!({"status": "submitted", "submittedAt": SUBMITTED_AT}), None),
        (json!({"status": "acknowledged", "submittedAt": SUBMITTED_AT}), None),
        (json!({"status": "submitted", "submittedAt": "2025-06-30T09:00:00.000001Z"}), waits),
        (json!({"status": "withdrawn"}), None),
        (json!({"incident": "inc_2"}), None),
        (json!({"rule": "eu_ai_act.73_2"}), None),
        (json!({"reportKind": "complete"}), None),
    ] {
        let context = aoife("2025-06-30T09:00:00Z");
        let context = context.knowing("xrp_0", "external_report", other(changes.clone()));
        let result = decide(given.clone(), submit(None), &context);
        assert_eq!(result.err(), expected, "{changes}");
    }
    assert!(decide(given.clone(), submit(None), &aoife("2025-06-30T09:00:00Z")).is_ok());
    let report = state(given);
    let needs = report.needs(&submit(None), &jonas());
    assert_eq!(needs, vec![Need::Where("external_report", "incident", "inc_1".into())]);
}

#[test]
fn a_receipt_follows_submission_and_does_not_change() {
    let early = Refusal::WrongStatus { status: "released", step: "acknowledged" };
    assert_eq!(refused(released(), receipt("AP-77"), &aoife(DUE)), early);
    let given = after(submitted(), vec![(receipt("AP-77"), aoife(DUE))]);
    assert_eq!(decide(given.clone(), receipt("AP-77"), &aoife(DUE)), Ok(vec![]));
    let other = Refusal::OtherReceipt { receipt: "AP-77".into() };
    assert_eq!(refused(given, receipt("AP-78"), &aoife(DUE)), other);
}

#[test]
fn a_step_that_was_taken_is_not_taken_twice() {
    assert_eq!(decide(drafted(), redraft('a'), &jonas()), Ok(vec![]));
    assert_eq!(decide(released(), release(), &ingrid()), Ok(vec![]));
    assert_eq!(decide(submitted(), submit(None), &aoife(DUE)), Ok(vec![]));
    assert_eq!(decide(submitted(), submit(Some(SUBMITTED_AT)), &aoife(DUE)), Ok(vec![]));
    let other = Refusal::WrongStatus { status: "submitted", step: "submitted at another time" };
    let another = submit(Some("2025-06-18T14:00:00Z"));
    assert_eq!(refused(submitted(), another, &aoife(DUE)), other);
}

#[test]
fn what_was_submitted_or_withdrawn_is_written_no_more() {
    let given = after(released(), vec![(Command::Withdraw(withdraw()), aoife(DUE))]);
    assert_eq!(state(given.clone()).status, ReportStatus::Withdrawn);
    assert_eq!(decide(given.clone(), Command::Withdraw(withdraw()), &aoife(DUE)), Ok(vec![]));
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    for (given, status) in [(given, "withdrawn"), (submitted(), "submitted")] {
        assert_eq!(refused(given.clone(), redraft('b'), &jonas()), wrong(status, "written"));
        assert_eq!(refused(given.clone(), release(), &ingrid()), wrong(status, "released"));
    }
    let withdrawn = refused(submitted(), Command::Withdraw(withdraw()), &aoife(DUE));
    assert_eq!(withdrawn, wrong("submitted", "withdrawn"));
}

#[test]
fn a_correction_changes_how_it_was_sent_and_nothing_that_was_decided() {
    let correct = |field: &str, value: Value| {
        let set = Fields(serde_json::Map::from_iter([(field.to_owned(), value)]));
        Command::Correct(Correct { corrects: 1, reason: Prose::new("typo"), set })
    };
    let given = after(submitted(), vec![(correct("channel", json!("web form")), jonas())]);
    assert_eq!(state(given).channel, Some(Line::new("web form")));
    for field in ["submittedAt", "due", "recipient", "contentHash", "late"] {
        let refusal = refused(submitted(), correct(field, json!(DUE)), &jonas());
        let (name, at) = (field.to_owned(), format!("/set/{field}"));
        let expected = kernel::correction::CorrectionRefusal::NotCorrectable { field: name, at };
        assert_eq!(refusal, Refusal::Correction(expected));
    }
}
