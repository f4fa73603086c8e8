//! Given, when, then: who answers for what.

use cqrs_es::test::TestFramework;
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2024-08-12T09:00:00Z";

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn member(roles: Value) -> Value {
    json!({ "user": "usr_kenji", "name": {"sealed": "00"}, "roles": roles, "status": "active" })
}

/// A person at a time, who knows that Kenji is a validator.
fn at(user: &str, roles: &[Role], now: &str) -> Context {
    let mut context = Context::of(user, roles, now);
    context.id = "ras_1".into();
    context.knowing("mbr_kenji", "membership", member(json!(["VAL"]))).knowing(
        "mbr_olga",
        "membership",
        member(json!(["RO"])),
    )
}

fn priya() -> Context {
    at("usr_priya", &[Role::Am], NOW)
}

fn ingrid() -> Context {
    at("usr_ingrid", &[Role::Tm], NOW)
}

fn nominee() -> Nominee {
    Nominee {
        holder: UserId::new("usr_kenji"),
        deputy: None,
        valid_from: date("2024-08-12"),
        valid_to: None,
        waiver: None,
        aims_change: None,
    }
}

fn post(responsibility: Responsibility) -> Post {
    Post {
        system: None,
        process: Some(Line::new("Verification  and validation")),
        role: Line::new("Validator"),
        aims_role: Some(Role::Val),
        responsibility,
        is_key: false,
        authority: None,
    }
}

fn propose(responsibility: Responsibility) -> Command {
    Command::Propose(Propose { post: post(responsibility), nominee: nominee() })
}

fn with(context: Context) -> TestFramework<RoleAssignment> {
    TestFramework::with(context)
}

/// The events of commands given one after the other.
fn history(commands: Vec<(Context, Command)>) -> (Vec<Event>, RoleAssignment) {
    let (mut state, mut all) = (RoleAssignment::default(), Vec::new());
    for (context, command) in commands {
        for event in state.decide(command, &context).unwrap() {
            state.evolve(event.clone());
            all.push(event);
        }
    }
    (all, state)
}

fn accountable() -> (Vec<Event>, RoleAssignment) {
    let proposed = (priya(), propose(Responsibility::Accountable));
    history(vec![proposed, (ingrid(), Command::Assign)])
}

fn end(item_ended: bool) -> Command {
    let reason = Prose::new("left the company");
    let (on, item_ended) = (Some(date("2024-09-01")), Some(item_ended));
    Command::End(End { reason, on, item_ended })
}

/// The accountable post, left on 2024-09-01.
fn left() -> (Vec<Event>, RoleAssignment) {
    let (mut events, mut state) = accountable();
    let context = at("usr_priya", &[Role::Am], "2024-09-02T09:00:00Z");
    for event in state.decide(end(false), &context).unwrap() {
        state.evolve(event.clone());
        events.push(event);
    }
    (events, state)
}

fn profile(role: &str, required: Value) -> Value {
    json!({ "role": role, "roleKey": role.to_lowercase(), "required": required, "revision": 3,
        "definedBy": "usr_priya", "status": "in_force" })
}

fn bias(level: &str, regulated: bool) -> Value {
    json!({ "bias": { "title": "Bias testing", "level": level, "regulated": regulated } })
}

fn training(level: &str, more: Value) -> Value {
    let mut record = json!({ "person": "usr_kenji", "basis": "training", "course": "Bias testing",
        "competences": { "bias": { "level": level } }, "completedOn": "2024-08-01",
        "status": "completed" });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

#[test]
fn top_management_assigns_an_accountable_role_that_the_aims_manager_proposed() {
    let (events, state) = accountable();
    let [Event::Proposed(_), Event::RoleAssigned(assigned)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((&assigned.by, &assigned.holder), (&UserId::new("usr_ingrid"), &nominee().holder));
    assert_eq!(state.item, Line::new("verification and validation"));
    assert!(state.post.is_key, "who is accountable holds a key role");
    assert_eq!(state.status, AssignmentStatus::Active);
    with(ingrid()).given(events).when(Command::Assign).then_expect_events(vec![]);
}

#[test]
fn the_aims_manager_assigns_other_roles_but_no_key_role() {
    let (given, _) = history(vec![(priya(), propose(Responsibility::Informed))]);
    let events = with(priya()).given(given).when(Command::Assign).inspect_result().unwrap();
    assert!(matches!(events.as_slice(), [Event::RoleAssigned(_)]));
    let (given, _) = history(vec![(priya(), propose(Responsibility::Accountable))]);
    with(priya()).given(given).when(Command::Assign).then_expect_error(Refusal::NotTopManagement);
    let key = Post { is_key: true, ..post(Responsibility::Consulted) };
    let propose = Command::Propose(Propose { post: key, nominee: nominee() });
    let (given, _) = history(vec![(priya(), propose)]);
    with(priya()).given(given).when(Command::Assign).then_expect_error(Refusal::NotTopManagement);
}

#[test]
fn who_proposed_a_key_role_does_not_assign_it() {
    let both = || at("usr_ingrid", &[Role::Am, Role::Tm], NOW);
    let (given, _) = history(vec![(both(), propose(Responsibility::Accountable))]);
    with(both()).given(given).when(Command::Assign).then_expect_error(Refusal::AssignerIsProposer);
}

#[test]
fn a_role_is_about_one_thing() {
    for (system, process) in [(None, None), (Some("sys_1"), Some("Lending"))] {
        let system = system.map(Ref::new);
        let process = process.map(Line::new);
        let post = Post { system, process, ..post(Responsibility::Informed) };
        with(priya())
            .given_no_previous_events()
            .when(Command::Propose(Propose { post, nominee: nominee() }))
            .then_expect_error(Refusal::NotOneItem { at: "/process" });
    }
}

#[test]
fn one_is_accountable_at_a_time() {
    let (_, mut other) = accountable();
    let taken = Refusal::AnotherIsAccountable { assignment: "ras_2".into() };
    let knowing = |other: &RoleAssignment| {
        priya().knowing("ras_2", "role_assignment", serde_json::to_value(other).unwrap())
    };
    let proposed = |context: Context, from: &str, responsibility: Responsibility| {
        let nominee = Nominee { valid_from: date(from), ..nominee() };
        with(context)
            .given_no_previous_events()
            .when(Command::Propose(Propose { post: post(responsibility), nominee }))
            .inspect_result()
    };
    let today = "2024-08-12";
    let sole = Responsibility::Accountable;
    assert_eq!(proposed(knowing(&other), today, sole), Err(taken.clone()));
    assert!(proposed(knowing(&other), today, Responsibility::Responsible).is_ok());
    other.item = Line::new("release");
    assert!(proposed(knowing(&other), today, sole).is_ok());
    // Of another time; the post itself has been held before, so it needs a planned change.
    let (_, mut other) = accountable();
    other.valid_to = Some(date("2024-12-31"));
    assert_eq!(proposed(knowing(&other), "2024-12-31", sole), Err(taken.clone()));
    let later = proposed(knowing(&other), "2025-01-01", sole);
    assert_eq!(later, Err(Refusal::NoAimsChange { at: "/aimsChange" }));
    let (_, vacant) = left();
    assert_eq!(proposed(knowing(&vacant), "2025-01-01", sole), Err(taken));
}

#[test]
fn the_holder_is_a_member_with_the_role_and_no_deputy_of_himself() {
    let tried = |context: Context, nominee: Nominee| {
        let post = post(Responsibility::Informed);
        with(context)
            .given_no_previous_events()
            .when(Command::Propose(Propose { post, nominee }))
            .inspect_result()
            .unwrap_err()
    };
    let gone = json!({ "user": "usr_kenji", "name": {"sealed": "00"}, "roles": ["VAL"],
        "status": "revoked" });
    let refused = Refusal::HolderNotMember { holder: "usr_kenji".into(), at: "/holder" };
    assert_eq!(tried(priya().knowing("mbr_kenji", "membership", gone), nominee()), refused);
    let olga = Nominee { holder: UserId::new("usr_olga"), ..nominee() };
    let refused = Refusal::HolderLacksRole { role: "VAL", at: "/holder" };
    assert_eq!(tried(priya(), olga), refused);
    let twice = Nominee { deputy: Some(UserId::new("usr_kenji")), ..nominee() };
    assert_eq!(tried(priya(), twice), Refusal::DeputyIsHolder { at: "/deputy" });
    for until in ["2024-08-11", "2024-07-01"] {
        let until = date(until);
        let over = Nominee { valid_to: Some(until), ..nominee() };
        assert_eq!(tried(priya(), over), Refusal::PeriodHasEnded { until, at: "/validTo" });
    }
}

#[test]
fn the_holder_has_the_competence_that_the_role_demands() {
    let tried = |profile_of: &str, demanded: Value, record: Option<Value>| {
        let mut context =
            priya().knowing("cpr_1", "competence_profile", profile(profile_of, demanded));
        if let Some(record) = record {
            context = context.knowing("trr_1", "training_record", record);
        }
        let command = propose(Responsibility::Informed);
        with(context).given_no_previous_events().when(command).inspect_result().is_ok()
    };
    let none = || json!({});
    let skilled = || bias("skilled", false);
    for (holds, profile_of, demanded, record) in [
        (false, "Validator", skilled(), None),
        (false, "VAL", skilled(), None),
        (true, "Developer", skilled(), None),
        (true, "Validator", skilled(), Some(training("skilled", none()))),
        (true, "VAL", skilled(), Some(training("expert", none()))),
        (false, "Validator", skilled(), Some(training("basic", none()))),
        (false, "Validator", skilled(), Some(training("skilled", json!({"person": "usr_olga"})))),
        (false, "Validator", skilled(), Some(training("skilled", json!({"status": "planned"})))),
        (false, "Validator", skilled(), Some(training("skilled", json!({"status": "expired"})))),
        (false, "Validator", skilled(), Some(training("skilled", json!({"status": "failed"})))),
        (
            true,
            "Validator",
            skilled(),
            Some(training("skilled", json!({"status": "effectiveness_verified"}))),
        ),
        (
            false,
            "Validator",
            skilled(),
            Some(training("skilled", json!({"validUntil": "2024-08-11"}))),
        ),
        (
            true,
            "Validator",
            skilled(),
            Some(training("skilled", json!({"validUntil": "2024-08-12"}))),
        ),
        (false, "Validator", bias("skilled", true), Some(training("skilled", none()))),
        (
            true,
            "Validator",
            bias("skilled", true),
            Some(training("skilled", json!({"validUntil": "2025-08-01"}))),
        ),
    ] {
        let said = format!("{profile_of} {demanded} {record:?}");
        assert_eq!(tried(profile_of, demanded, record), holds, "{said}");
    }
}

#[test]
fn an_assignment_keeps_what_the_holder_was_judged_by() {
    let knowing = |context: Context| {
        context
            .knowing("cpr_1", "competence_profile", profile("Validator", bias("basic", false)))
            .knowing("trr_1", "training_record", training("skilled", json!({})))
    };
    let (_, state) = history(vec![
        (knowing(priya()), propose(Responsibility::Accountable)),
        (knowing(ingrid()), Command::Assign),
    ]);
    let judged = state.judged.unwrap();
    assert_eq!(judged.proofs, [Ref::new("trr_1")]);
    assert_eq!(judged.profiles, [ProfileSeen { profile: Ref::new("cpr_1"), revision: 3 }]);
}

fn waived(until: &str) -> Command {
    let waiver = Some(Waiver { until: date(until), reason: Prose::new("course in autumn") });
    let nominee = Nominee { waiver, ..nominee() };
    Command::Propose(Propose { post: post(Responsibility::Accountable), nominee })
}

fn demanding(context: Context) -> Context {
    context.knowing("cpr_1", "competence_profile", profile("VAL", bias("skilled", false)))
}

#[test]
fn a_lacking_competence_is_waived_for_a_time_only() {
    with(demanding(priya()))
        .given_no_previous_events()
        .when(propose(Responsibility::Accountable))
        .then_expect_error(Refusal::LacksCompetence { competence: "bias".into(), at: "/holder" });
    for until in ["2024-08-12", "2025-08-13"] {
        with(demanding(priya())).given_no_previous_events().when(waived(until)).then_expect_error(
            Refusal::WaiverOutOfRange { until: date(until), at: "/waiver/until" },
        );
    }
    let (given, state) = history(vec![
        (demanding(priya()), waived("2024-12-31")),
        (demanding(ingrid()), Command::Assign),
    ]);
    assert_eq!(state.lacking, [Key::new("bias")]);
    let sys = |now| demanding(at("rea_timer", &[Role::Sys], now));
    with(sys("2024-12-31T09:00:00Z"))
        .given(given.clone())
        .when(Command::EndWaiver)
        .then_expect_error(Refusal::WaiverRuns { until: date("2024-12-31") });
    let (until, lacking) = (date("2024-12-31"), vec![Key::new("bias")]);
    let ended = Event::WaiverEnded(WaiverEnded { until, lacking });
    with(sys("2025-01-01T09:00:00Z"))
        .given(given.clone())
        .when(Command::EndWaiver)
        .then_expect_events(vec![ended.clone()]);
    let trained = sys("2025-01-01T09:00:00Z").knowing(
        "trr_1",
        "training_record",
        training("skilled", json!({})),
    );
    let learnt = Event::WaiverEnded(WaiverEnded { until, lacking: vec![] });
    with(trained).given(given.clone()).when(Command::EndWaiver).then_expect_events(vec![learnt]);
    let after: Vec<_> = given.into_iter().chain([ended]).collect();
    with(sys("2025-01-02T09:00:00Z"))
        .given(after)
        .when(Command::EndWaiver)
        .then_expect_events(vec![]);
}

#[test]
fn an_accountable_role_that_is_left_is_vacant_and_others_end() {
    let (_, state) = left();
    assert_eq!((state.status, state.holder), (AssignmentStatus::Vacant, None));
    assert_eq!(state.vacant_since, Some(date("2024-09-01")));
    let (given, _) =
        history(vec![(priya(), propose(Responsibility::Informed)), (priya(), Command::Assign)]);
    let later = at("usr_priya", &[Role::Am], "2024-09-02T09:00:00Z");
    let events = with(later).given(given).when(end(false)).inspect_result().unwrap();
    let [Event::Ended(ended)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(ended.vacant_since, None);
    let (given, _) = left();
    let later = || at("usr_priya", &[Role::Am], "2024-09-03T09:00:00Z");
    with(later()).given(given.clone()).when(end(false)).then_expect_events(vec![]);
    let events = with(later()).given(given).when(end(true)).inspect_result().unwrap();
    let mut state = state_of(events);
    assert_eq!(state.status, AssignmentStatus::Ended);
    state.status = AssignmentStatus::Ended;
    assert_eq!(state.decide(end(true), &later()), Ok(vec![]));
}

fn state_of(events: Vec<Event>) -> RoleAssignment {
    let (_, mut state) = left();
    events.into_iter().for_each(|event| state.evolve(event));
    state
}

#[test]
fn a_proposal_that_is_taken_back_leaves_nothing_vacant() {
    let (given, _) = history(vec![(priya(), propose(Responsibility::Accountable))]);
    let later = at("usr_priya", &[Role::Am], "2024-09-02T09:00:00Z");
    let events = with(later).given(given).when(end(false)).inspect_result().unwrap();
    let [Event::Ended(ended)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(ended.vacant_since, None);
}

#[test]
fn nothing_ends_in_the_future() {
    let (given, _) = accountable();
    let refused = Refusal::InTheFuture { day: date("2024-09-01"), at: "/on" };
    with(priya()).given(given).when(end(false)).then_expect_error(refused);
}

#[test]
fn somebody_stays_accountable_for_a_system_until_it_is_retired() {
    let post = Post {
        system: Some(Ref::new("sys_1")),
        process: None,
        ..post(Responsibility::Accountable)
    };
    let propose = Command::Propose(Propose { post, nominee: nominee() });
    let (given, state) = history(vec![(priya(), propose), (ingrid(), Command::Assign)]);
    assert_eq!(state.item, Line::new("sys_1"));
    let knowing = |stage: &str| {
        let system = json!({ "name": "CreditLens", "stage": stage });
        at("usr_priya", &[Role::Am], "2024-09-02T09:00:00Z").knowing("sys_1", "ai_system", system)
    };
    with(knowing("deployment"))
        .given(given.clone())
        .when(end(true))
        .then_expect_error(Refusal::SystemLives { at: "/itemEnded" });
    assert!(with(knowing("retirement")).given(given).when(end(true)).inspect_result().is_ok());
}

#[test]
fn a_vacancy_is_reported_once_after_thirty_days() {
    let (mut given, state) = left();
    let sys = |now| at("rea_timer", &[Role::Sys], now);
    let since = date("2024-09-01");
    let early = state.decide(Command::FallVacant, &sys("2024-10-01T09:00:00Z"));
    assert_eq!(early, Err(Refusal::NotVacantLong { since }));
    let late = sys("2024-10-02T09:00:00Z");
    let reported = Vacant { since, days: 31, at: late.now };
    let reported = Event::AccountableRoleVacant(reported);
    with(late)
        .given(given.clone())
        .when(Command::FallVacant)
        .then_expect_events(vec![reported.clone()]);
    given.push(reported);
    with(sys("2024-11-02T09:00:00Z"))
        .given(given)
        .when(Command::FallVacant)
        .then_expect_events(vec![]);
    let (given, _) = accountable();
    with(sys("2024-11-02T09:00:00Z"))
        .given(given)
        .when(Command::FallVacant)
        .then_expect_error(Refusal::NothingVacant);
}

fn follows(change: Option<&str>) -> Command {
    let aims_change = change.map(Ref::new);
    let valid_from = date("2024-09-10");
    let nominee = Nominee { aims_change, valid_from, ..nominee() };
    Command::ProposeSuccessor(ProposeSuccessor { nominee })
}

#[test]
fn a_key_role_changes_hands_by_a_planned_change() {
    let (given, state) = left();
    let change =
        |roles: Value| json!({ "effective": {"version": 1}, "approved": {"roles": roles} });
    let priya = |change: Value| {
        at("usr_priya", &[Role::Am], "2024-09-10T09:00:00Z").knowing("amc_1", "aims_change", change)
    };
    let fits = || change(json!(["validator"]));
    with(priya(fits()))
        .given(given.clone())
        .when(follows(None))
        .then_expect_error(Refusal::NoAimsChange { at: "/aimsChange" });
    for other in [change(json!(["Developer"])), json!({ "status": "in_review" })] {
        with(priya(other))
            .given(given.clone())
            .when(follows(Some("amc_1")))
            .then_expect_error(Refusal::AimsChangeNotApproved { at: "/aimsChange" });
    }
    let mut state = state;
    for event in state.decide(follows(Some("amc_1")), &priya(fits())).unwrap() {
        state.evolve(event);
    }
    assert_eq!(state.status, AssignmentStatus::Proposed);
    assert!(state.vacant_since.is_some(), "a proposal fills nothing");
    let ingrid = at("usr_ingrid", &[Role::Tm], "2024-09-11T09:00:00Z").knowing(
        "amc_1",
        "aims_change",
        fits(),
    );
    for event in state.decide(Command::Assign, &ingrid).unwrap() {
        state.evolve(event);
    }
    assert_eq!((state.status, state.vacant_since), (AssignmentStatus::Active, None));
}

#[test]
fn a_successor_follows_only_in_a_vacant_post() {
    let (given, _) = accountable();
    with(priya())
        .given(given)
        .when(follows(None))
        .then_expect_error(Refusal::WrongStatus { status: "active" });
    let (given, _) = left();
    with(ingrid())
        .given(given)
        .when(Command::Assign)
        .then_expect_error(Refusal::WrongStatus { status: "vacant" });
}

#[test]
fn others_read_who_is_accountable() {
    let view = |state: &RoleAssignment| -> facts::RoleAssignment {
        serde_json::from_value(json!(state)).unwrap()
    };
    let held = view(&accountable().1);
    assert_eq!(
        (held.item.as_str(), held.status.as_str()),
        ("verification and validation", "active")
    );
    assert_eq!(
        (held.responsibility.as_str(), held.holder),
        ("accountable", Some(nominee().holder))
    );
    let vacant = view(&left().1);
    assert_eq!((vacant.status.as_str(), vacant.holder), ("vacant", None));
}
