//! Given, when, then: objectives.

use cqrs_es::test::TestFramework;
use kernel::approval::Phase;
use kernel::values::Key;
use serde_json::{Value, json};

use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(user: &str, roles: &[Role]) -> Context {
    let mut context = Context::of(user, roles, "2024-10-21T09:00:00Z");
    context.id = "obj_1".into();
    context
}

/// A KPI of the objective as it stands by its newest value, of which 0.85 is the target.
fn kpi(standing: &str, value: &str) -> Value {
    let limits = json!({ "from": "2024-10-01", "target": "0.85", "warn": "0.82", "breach": "0.80",
        "proposedBy": "usr_priya", "approvedBy": "usr_ingrid",
        "approvedAt": "2024-10-20T09:00:00Z" });
    let mut kpi = json!({ "objective": "obj_1", "name": "DIR", "unit": "ratio",
        "direction": "higher", "frequency": "monthly", "limits": { "v1": limits },
        "limitsVersion": 1, "standing": standing, "breachedPeriods": 0, "status": "active" });
    if !value.is_empty() {
        kpi["lastPeriod"] = json!("2025-03-01");
        kpi["measurements"] = json!({ "2025-03-01": { "period": "2025-03-01", "value": value,
            "limits": "v1", "standing": standing, "by": "rea_timer",
            "at": "2025-04-07T09:00:00Z" } });
    }
    kpi
}

fn measured(context: Context, standing: &str, value: &str) -> Context {
    context.knowing("kpi_1", "kpi", kpi(standing, value))
}

fn priya() -> Context {
    at("usr_priya", &[Role::Am])
}

fn ingrid() -> Context {
    at("usr_ingrid", &[Role::Tm])
}

fn content() -> Content {
    Content {
        title: Line::new("CreditLens treats groups alike"),
        text: Prose::new("The disparate-impact ratio stays at 0.85 or above."),
        theme: Theme::Fairness,
        other_theme: None,
        linked_policy: None,
        plan: Plan {
            actions: vec![Line::new("Fairness constraint in training")],
            resources: None,
            owner: UserId::new("usr_lena"),
            due: date("2025-12-31"),
            evaluation: Prose::new("Each month by the ratio."),
        },
        not_measurable_because: None,
    }
}

fn with(context: Context) -> TestFramework<Objective> {
    TestFramework::with(context)
}

/// The events of commands given one after the other, and the state after them.
fn history(commands: Vec<(Context, Command)>) -> (Vec<Event>, Objective) {
    let (mut state, mut all) = (Objective::default(), Vec::new());
    for (context, command) in commands {
        for event in state.decide(command, &context).unwrap() {
            state.evolve(event.clone());
            all.push(event);
        }
    }
    (all, state)
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn approved() -> (Vec<Event>, Objective) {
    history(vec![
        (priya(), Command::Set(content())),
        (priya(), Command::Submit),
        (measured(ingrid(), "not_measured", ""), approve()),
    ])
}

fn close(outcome: Outcome) -> Close {
    let reason = Prose::new("decided");
    Close { outcome, reason, evidence: vec![], review: None, decision: None }
}

#[test]
fn top_management_approves_what_the_aims_manager_set() {
    let (_, state) = approved();
    assert_eq!(state.approval.status, Phase::Approved);
    assert_eq!(state.progress, Progress::NotStarted);
    let (given, _) = history(vec![(priya(), Command::Set(content())), (priya(), Command::Submit)]);
    let both = measured(at("usr_priya", &[Role::Tm]), "not_measured", "");
    let refused = Refusal::Approval(ApprovalRefusal::ApproverIsAuthor);
    with(both).given(given).when(approve()).then_expect_error(refused);
}

#[test]
fn an_objective_without_kpi_is_approved_only_with_a_stated_reason() {
    let submitted = |content: Content| {
        history(vec![(priya(), Command::Set(content)), (priya(), Command::Submit)]).0
    };
    let not_measurable = || Refusal::NotMeasurable;
    with(ingrid()).given(submitted(content())).when(approve()).then_expect_error(not_measurable());
    let mut proposed = kpi("not_measured", "");
    proposed["limits"] = json!({});
    let mut retired = kpi("not_measured", "");
    retired["status"] = json!("retired");
    let mut other = kpi("not_measured", "");
    other["objective"] = json!("obj_2");
    for kpi in [proposed, retired, other] {
        with(ingrid().knowing("kpi_1", "kpi", kpi))
            .given(submitted(content()))
            .when(approve())
            .then_expect_error(not_measurable());
    }
    let because = Some(Prose::new("Trust cannot be counted."));
    let stated = submitted(Content { not_measurable_because: because, ..content() });
    assert!(with(ingrid()).given(stated).when(approve()).inspect_result().is_ok());
}

#[test]
fn a_theme_of_ones_own_has_a_name_and_others_have_none() {
    let name = Some(Line::new("Culture"));
    for (theme, other_theme, fits) in [
        (Theme::Fairness, None, true),
        (Theme::Other, name.clone(), true),
        (Theme::Fairness, name, false),
        (Theme::Other, None, false),
    ] {
        let content = Content { theme, other_theme, ..content() };
        let set = with(priya()).given_no_previous_events().when(Command::Set(content));
        let refused = Err(Refusal::ThemeName { at: "/otherTheme" });
        assert_eq!(set.inspect_result().map(|_| ()), if fits { Ok(()) } else { refused });
    }
}

#[test]
fn an_objective_is_reached_by_actions() {
    let plan = Plan { actions: vec![], ..content().plan };
    let (given, _) = history(vec![(priya(), Command::Set(Content { plan, ..content() }))]);
    with(priya()).given(given).when(Command::Submit).then_expect_error(Refusal::WithoutActions);
}

#[test]
fn it_goes_as_the_worst_of_its_kpis() {
    for (first, second, progress) in [
        ("not_measured", "not_measured", None),
        ("on_target", "not_measured", Some(Progress::OnTrack)),
        ("on_target", "at_risk", Some(Progress::AtRisk)),
        ("breached", "at_risk", Some(Progress::Breached)),
    ] {
        let mut state = approved().1;
        let context = measured(at("rea_P12", &[Role::Sys]), first, "0.9");
        let context = context.knowing("kpi_2", "kpi", kpi(second, "0.9"));
        let events = state.decide(Command::Assess, &context).unwrap();
        assert_eq!(events.is_empty(), progress.is_none(), "{first} {second}");
        events.into_iter().for_each(|event| state.evolve(event));
        assert_eq!(state.progress, progress.unwrap_or_default(), "{first} {second}");
        assert_eq!(state.decide(Command::Assess, &context), Ok(vec![]));
    }
}

#[test]
fn an_objective_that_is_not_in_force_does_not_go() {
    let (given, _) = history(vec![(priya(), Command::Set(content()))]);
    for command in [Command::Assess, Command::Close(close(Outcome::Achieved))] {
        with(priya()).given(given.clone()).when(command).then_expect_error(Refusal::NotInForce);
    }
}

#[test]
fn it_is_achieved_when_its_kpis_reach_their_targets() {
    let closed = |standing: &str, value: &str| {
        let (given, _) = approved();
        with(measured(priya(), standing, value))
            .given(given)
            .when(Command::Close(close(Outcome::Achieved)))
            .inspect_result()
            .map(|_| ())
    };
    let short = |standing| Refusal::NotReached { kpi: "kpi_1".into(), standing };
    assert_eq!(closed("on_target", "0.85"), Ok(()));
    assert_eq!(closed("on_target", "0.83"), Err(short("on target")), "only not at risk");
    assert_eq!(closed("at_risk", "0.81"), Err(short("at risk")));
    assert_eq!(closed("not_measured", ""), Err(short("not measured")));
}

#[test]
fn without_kpi_evidence_shows_that_it_was_reached() {
    let because = Some(Prose::new("Trust cannot be counted."));
    let content = Content { not_measurable_because: because, ..content() };
    let (given, _) = history(vec![
        (priya(), Command::Set(content)),
        (priya(), Command::Submit),
        (ingrid(), approve()),
    ]);
    let closed = |evidence: &[&str]| {
        let evidence = evidence.iter().map(|id| Ref::new(*id)).collect();
        let close = Close { evidence, ..close(Outcome::Achieved) };
        let context = priya()
            .knowing("evd_1", "evidence", json!({ "status": "verified" }))
            .knowing("evd_2", "evidence", json!({ "status": "stale" }));
        with(context).given(given.clone()).when(Command::Close(close)).inspect_result().map(|_| ())
    };
    assert_eq!(closed(&[]), Err(Refusal::AchievedWithoutProof { at: "/evidence" }));
    let refused = Refusal::EvidenceNotGood { evidence: "evd_2".into(), at: "/evidence/0".into() };
    assert_eq!(closed(&["evd_2"]), Err(refused));
    assert_eq!(closed(&["evd_1"]), Ok(()));
}

#[test]
fn a_breached_objective_is_dropped_only_by_a_decision_of_a_review() {
    let dropped = |standing: &str, review: Option<Value>, decision: Option<&str>| {
        let (given, _) = approved();
        let mut context = measured(ingrid(), standing, "0.79");
        let named = review.is_some();
        if let Some(review) = review {
            context = context.knowing("mrv_1", "management_review", review);
        }
        let review = named.then(|| Ref::new("mrv_1"));
        let close = Close { review, decision: decision.map(Key::new), ..close(Outcome::Dropped) };
        with(context).given(given).when(Command::Close(close)).inspect_result().map(|_| ())
    };
    let held = || json!({ "status": "held", "decisions": { "d1": {} } });
    let missing = || Err(Refusal::BreachedWithoutDecision { at: "/review" });
    let other = || Err(Refusal::NoSuchDecision { at: "/decision" });
    assert_eq!(dropped("at_risk", None, None), Ok(()));
    assert_eq!(dropped("breached", None, None), missing());
    assert_eq!(dropped("breached", Some(held()), None), missing());
    assert_eq!(dropped("breached", Some(held()), Some("d2")), other());
    let frozen = json!({ "status": "inputs_frozen", "decisions": { "d1": {} } });
    assert_eq!(dropped("breached", Some(frozen), Some("d1")), other());
    assert_eq!(dropped("breached", Some(held()), Some("d1")), Ok(()));
    assert_eq!(dropped("at_risk", Some(held()), Some("d2")), other(), "named wrongly");
}

#[test]
fn only_top_management_drops_an_objective() {
    let (given, _) = approved();
    with(measured(priya(), "at_risk", "0.81"))
        .given(given)
        .when(Command::Close(close(Outcome::Dropped)))
        .then_expect_error(Refusal::NotTopManagement);
}

#[test]
fn a_closed_objective_is_neither_revised_nor_closed_otherwise() {
    let (mut given, mut state) = approved();
    let context = || measured(ingrid(), "on_target", "0.9");
    for event in state.decide(Command::Close(close(Outcome::Achieved)), &context()).unwrap() {
        state.evolve(event.clone());
        given.push(event);
    }
    let closed = || Refusal::IsClosed { progress: "achieved" };
    for command in
        [Command::Revise(content()), Command::Assess, Command::Close(close(Outcome::Dropped))]
    {
        with(context()).given(given.clone()).when(command).then_expect_error(closed());
    }
    with(context())
        .given(given)
        .when(Command::Close(close(Outcome::Achieved)))
        .then_expect_events(vec![]);
}

#[test]
fn a_version_in_force_is_closed_and_not_withdrawn() {
    let withdraw = || Command::Withdraw(Withdraw { reason: Prose::new("x") });
    let (given, mut state) = approved();
    with(ingrid()).given(given).when(withdraw()).then_expect_error(Refusal::CloseInstead);
    for event in state.decide(Command::Revise(content()), &priya()).unwrap() {
        state.evolve(event);
    }
    assert!(state.decide(withdraw(), &priya()).is_ok(), "the next version may be taken back");
}

#[test]
fn others_read_how_it_goes() {
    let view =
        |state: &Objective| -> facts::Objective { serde_json::from_value(json!(state)).unwrap() };
    let (_, mut state) = approved();
    let pursued = view(&state);
    assert_eq!((pursued.status.as_str(), pursued.progress.as_str()), ("approved", "not_started"));
    assert!(pursued.is_about_people() && !pursued.is_closed());
    let context = measured(ingrid(), "on_target", "0.9");
    for event in state.decide(Command::Close(close(Outcome::Achieved)), &context).unwrap() {
        state.evolve(event);
    }
    assert!(view(&state).is_closed());
}
