//! Given, when, then: trainings and competence.

use cqrs_es::test::TestFramework;
use serde_json::{Value, json};

use super::course::Shown;
use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(user: &str, roles: &[Role], now: &str) -> Context {
    let member = json!({ "user": "usr_sara", "roles": ["DEV"], "status": "active" });
    Context::of(user, roles, now)
        .knowing("mbr_sara", "membership", member)
        .knowing("evd_1", "evidence", json!({ "status": "registered" }))
        .knowing("evd_2", "evidence", json!({ "status": "stale" }))
}

fn on(user: &str, roles: &[Role]) -> Context {
    at(user, roles, "2024-11-04T09:00:00Z")
}

fn priya() -> Context {
    on("usr_priya", &[Role::Am])
}

fn training() -> Training {
    let conveyed = Conveyed { level: Level::Basic };
    Training {
        person: Pseudonym(UserId::new("usr_sara")),
        person_name: None,
        line_manager: Some(UserId::new("usr_marc")),
        basis: Basis::Training,
        course: Line::new("AI literacy"),
        audience: Some(Line::new("All employees")),
        competences: BTreeMap::from([(Key::new("ai-literacy"), conveyed)]),
    }
}

fn plan() -> Plan {
    Plan { training: training(), planned_on: date("2024-11-04") }
}

fn shown() -> Shown {
    Shown {
        completed_on: date("2024-11-04"),
        evidence: vec![Ref::new("evd_1")],
        valid_until: Some(date("2025-11-03")),
        result: None,
    }
}

fn complete(shown: Shown) -> Command {
    Command::Complete(Complete { shown })
}

fn planned() -> Vec<Event> {
    plan().planned(&priya()).unwrap()
}

fn done() -> Vec<Event> {
    let mut events = planned();
    events.extend(with(priya()).given(planned()).when(complete(shown())).inspect_result().unwrap());
    events
}

fn with(context: Context) -> TestFramework<TrainingRecord> {
    TestFramework::with(context)
}

fn judge(effective: bool) -> Command {
    Command::VerifyEffect(VerifyEffect { effective, method: Prose::new("a quiz a month later") })
}

fn state(events: Vec<Event>) -> TrainingRecord {
    let mut state = TrainingRecord::default();
    events.into_iter().for_each(|event| state.evolve(event));
    state
}

#[test]
fn a_training_is_planned_held_verified_and_runs_out() {
    let mut record = state(planned());
    for (context, command, status) in [
        (priya(), complete(shown()), TrainingStatus::Completed),
        (on("usr_marc", &[Role::Emp]), judge(true), TrainingStatus::EffectivenessVerified),
        (
            at("rea_timer", &[Role::Sys], "2025-11-04T09:00:00Z"),
            Command::Expire,
            TrainingStatus::Expired,
        ),
    ] {
        for event in record.decide(command, &context).unwrap() {
            record.evolve(event);
        }
        assert_eq!(record.status, status);
    }
}

#[test]
fn line_managers_keep_the_records_of_their_people_only() {
    let marc = || on("usr_marc", &[Role::Emp]);
    let planned_by = |context: Context| {
        with(context).given_no_previous_events().when(Command::Plan(plan())).inspect_result()
    };
    assert_eq!(planned_by(marc()), Err(Refusal::NotLineManager));
    let record = |manager: Value| {
        json!({ "person": "usr_sara", "lineManager": manager,
        "basis": "training", "course": "x", "status": "planned" })
    };
    let knowing = |id: &str, context: Context, manager: &str| {
        context.knowing(id, "training_record", record(json!(manager)))
    };
    assert!(planned_by(knowing("trr_1", marc(), "usr_marc")).is_ok());
    // The newest record that names somebody counts.
    let moved = knowing("trr_2", knowing("trr_1", marc(), "usr_marc"), "usr_olga");
    assert_eq!(planned_by(moved), Err(Refusal::NotLineManager));
    let other = json!({ "person": "usr_olga", "lineManager": "usr_marc", "basis": "training",
        "course": "x", "status": "planned" });
    let of_another = marc().knowing("trr_1", "training_record", other);
    assert_eq!(planned_by(of_another), Err(Refusal::NotLineManager));
    for command in [
        complete(shown()),
        Command::Fail(Fail { reason: Prose::new("absent") }),
        Command::Reschedule(Reschedule {
            planned_on: date("2024-12-02"),
            reason: Prose::new("ill"),
        }),
    ] {
        let given = || with(on("usr_olga", &[Role::Emp])).given(planned());
        given().when(command.clone()).then_expect_error(Refusal::NotLineManager);
        assert!(with(marc()).given(planned()).when(command).inspect_result().is_ok());
    }
}

#[test]
fn nobody_leads_himself_or_keeps_his_own_record() {
    let own = Training { line_manager: Some(UserId::new("usr_sara")), ..training() };
    with(priya())
        .given_no_previous_events()
        .when(Command::Plan(Plan { training: own, ..plan() }))
        .then_expect_error(Refusal::OwnManager { at: "/lineManager" });
    with(on("usr_sara", &[Role::Emp]))
        .given_no_previous_events()
        .when(Command::Plan(plan()))
        .then_expect_error(Refusal::NotLineManager);
}

#[test]
fn a_person_who_is_no_member_is_named_and_a_member_is_not() {
    let planned = |person: &str, name: Option<&str>| {
        let person = Pseudonym(UserId::new(person));
        let training = Training { person, person_name: name.map(Prose::new), ..training() };
        with(priya())
            .given_no_previous_events()
            .when(Command::Plan(Plan { training, ..plan() }))
            .inspect_result()
            .map(|_| ())
    };
    assert_eq!(planned("usr_sara", None), Ok(()));
    assert_eq!(planned("usr_temp", Some("Tim Temp")), Ok(()));
    assert_eq!(planned("usr_temp", None), Err(Refusal::NameMissing { at: "/personName" }));
    let named = planned("usr_sara", Some("Sara Lind"));
    assert_eq!(named, Err(Refusal::NameOfMember { at: "/personName" }));
}

#[test]
fn completion_needs_good_evidence() {
    let completed = |evidence: &[&str]| {
        let evidence = evidence.iter().map(|id| Ref::new(*id)).collect();
        let shown = Shown { evidence, ..shown() };
        with(priya()).given(planned()).when(complete(shown)).inspect_result().map(|_| ())
    };
    assert_eq!(completed(&[]), Err(Refusal::WithoutEvidence { at: "/evidence" }));
    for bad in ["evd_2", "evd_3"] {
        let refused = Refusal::EvidenceNotGood { evidence: bad.into(), at: "/evidence/1".into() };
        assert_eq!(completed(&["evd_1", bad]), Err(refused));
    }
    assert_eq!(completed(&["evd_1"]), Ok(()));
}

#[test]
fn completion_lies_behind_us_and_ends_after_it() {
    let completed = |on: &str, until: Option<&str>| {
        let (completed_on, valid_until) = (date(on), until.map(date));
        let shown = Shown { completed_on, valid_until, ..shown() };
        with(priya()).given(planned()).when(complete(shown)).inspect_result().map(|_| ())
    };
    let day = date("2024-11-05");
    let future = Err(Refusal::InTheFuture { day, at: "/completedOn" });
    assert_eq!(completed("2024-11-05", None), future);
    let until = date("2024-11-03");
    let ends = Err(Refusal::EndsBeforeItBegins { until, at: "/validUntil" });
    assert_eq!(completed("2024-11-04", Some("2024-11-03")), ends);
    assert_eq!(completed("2024-11-04", Some("2024-11-04")), Ok(()));
}

#[test]
fn what_is_regulated_is_valid_for_a_time() {
    let knowing = |regulated: bool, status: &str| {
        let required = json!({ "title": "AI literacy", "level": "basic", "regulated": regulated });
        let profile = json!({ "role": "EMP", "roleKey": "emp", "revision": 1,
            "required": { "ai-literacy": required }, "definedBy": "usr_priya", "status": status });
        priya().knowing("cpr_1", "competence_profile", profile)
    };
    let endless = || complete(Shown { valid_until: None, ..shown() });
    let completed = |context| with(context).given(planned()).when(endless()).inspect_result();
    let competence = "ai-literacy".to_owned();
    let refused = Refusal::NoEndOfValidity { competence, at: "/validUntil" };
    assert_eq!(completed(knowing(true, "in_force")), Err(refused));
    assert!(completed(knowing(true, "retired")).is_ok());
    assert!(completed(knowing(false, "in_force")).is_ok());
}

#[test]
fn what_came_of_education_is_recorded_with_what_it_gives() {
    let record =
        |training| Command::RecordCompetence(RecordCompetence { training, shown: shown() });
    let degree = Training { basis: Basis::Education, ..training() };
    let events =
        with(priya()).given_no_previous_events().when(record(degree)).inspect_result().unwrap();
    assert_eq!(state(events).status, TrainingStatus::Completed);
    with(priya())
        .given_no_previous_events()
        .when(record(Training { competences: BTreeMap::new(), ..training() }))
        .then_expect_error(Refusal::GivesNothing { at: "/competences" });
}

#[test]
fn the_effect_is_judged_by_another_than_the_trainee() {
    let both = on("usr_sara", &[Role::Am, Role::Dev]);
    with(both).given(done()).when(judge(true)).then_expect_error(Refusal::OwnEffect);
    let stranger = on("usr_olga", &[Role::Emp]);
    with(stranger).given(done()).when(judge(true)).then_expect_error(Refusal::NotLineManager);
    let rui = on("usr_rui", &[Role::Aud]);
    let events = with(rui).given(done()).when(judge(true)).inspect_result().unwrap();
    let verified: Vec<_> = done().into_iter().chain(events).collect();
    with(priya()).given(verified).when(judge(true)).then_expect_events(vec![]);
}

#[test]
fn a_training_without_effect_has_failed_and_shows_nothing() {
    let events = with(priya()).given(done()).when(judge(false)).inspect_result().unwrap();
    assert!(matches!(events.as_slice(), [Event::TrainingFoundIneffective(_)]));
    let record = state(done().into_iter().chain(events).collect());
    assert_eq!(record.status, TrainingStatus::Failed);
    let key = Key::new("ai-literacy");
    assert!(!record.shows(&key, Level::Basic, date("2024-11-04")));
    assert!(state(done()).shows(&key, Level::Basic, date("2024-11-04")));
    assert!(!state(done()).shows(&key, Level::Skilled, date("2024-11-04")));
    assert!(!state(done()).shows(&key, Level::Basic, date("2025-11-04")));
    assert!(!state(done()).shows(&key, Level::Basic, date("2024-11-03")));
}

#[test]
fn each_step_follows_its_own_only() {
    let wrong = |status| Refusal::WrongStatus { status };
    let fail = || Command::Fail(Fail { reason: Prose::new("absent") });
    with(priya()).given(done()).when(complete(shown())).then_expect_error(wrong("completed"));
    with(priya()).given(done()).when(fail()).then_expect_error(wrong("completed"));
    with(priya()).given(planned()).when(judge(true)).then_expect_error(wrong("planned"));
    let mut failed = planned();
    failed.extend(with(priya()).given(planned()).when(fail()).inspect_result().unwrap());
    with(priya()).given(failed).when(judge(true)).then_expect_error(wrong("failed"));
    let same = Reschedule { planned_on: date("2024-11-04"), reason: Prose::new("x") };
    with(priya()).given(planned()).when(Command::Reschedule(same)).then_expect_events(vec![]);
}

#[test]
fn what_has_an_end_runs_out_after_it() {
    let sys = |now| at("rea_timer", &[Role::Sys], now);
    with(sys("2025-11-03T23:00:00Z"))
        .given(done())
        .when(Command::Expire)
        .then_expect_error(Refusal::StillValid { until: date("2025-11-03") });
    let events = with(sys("2025-11-04T00:00:00Z"))
        .given(done())
        .when(Command::Expire)
        .inspect_result()
        .unwrap();
    let expired: Vec<_> = done().into_iter().chain(events).collect();
    with(sys("2025-11-05T00:00:00Z"))
        .given(expired)
        .when(Command::Expire)
        .then_expect_events(vec![]);
    let mut endless = planned();
    let shown = Shown { valid_until: None, ..shown() };
    endless.extend(with(priya()).given(planned()).when(complete(shown)).inspect_result().unwrap());
    with(sys("2025-11-05T00:00:00Z"))
        .given(endless)
        .when(Command::Expire)
        .then_expect_error(Refusal::HasNoEnd);
    with(sys("2025-11-05T00:00:00Z"))
        .given(planned())
        .when(Command::Expire)
        .then_expect_error(Refusal::WrongStatus { status: "planned" });
}

#[test]
fn others_read_what_a_person_shows() {
    let view: facts::TrainingRecord = serde_json::from_value(json!(state(done()))).unwrap();
    assert_eq!((&view.person, view.status.as_str()), (&UserId::new("usr_sara"), "completed"));
    assert_eq!(view.competences["ai-literacy"].level, facts::Level::Basic);
    assert!(view.counts_on(date("2024-11-04")) && !view.counts_on(date("2024-11-03")));
    assert!(view.counts_on(date("2025-11-03")) && !view.counts_on(date("2025-11-04")));
    let planned: facts::TrainingRecord = serde_json::from_value(json!(state(planned()))).unwrap();
    assert!(!planned.counts_on(date("2024-11-04")));
}
