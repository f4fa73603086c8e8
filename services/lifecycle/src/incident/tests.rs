//! Given, when, then: incidents.

use kernel::values::Fields;
use serde_json::{Value, json};

use super::*;

const AWARE: &str = "2025-06-16T09:40:00Z";
const TRIAGED_ON: &str = "2025-06-16T09:50:00Z";
const GDPR: &str = "eu_gdpr.33_1";
const ART_73: &str = "eu_ai_act.73_2";
/// After the duties of high-risk systems apply.
const LATER: &str = "2028-03-01T12:00:00Z";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn on(user: &str, role: Role, now: &str) -> Context {
    let mut context = Context::of(user, &[role], now);
    context.id = "inc_1".into();
    context.version = 1;
    context.knowing(
        "sys_2",
        "ai_system",
        json!({"name": "HelpDesk Copilot", "versions": {
            "1.0": {"stage": "operation_and_monitoring", "status": "running"},
            "1.1": {"stage": "deployment", "status": "in_preparation"},
        }}),
    )
}

fn jonas() -> Context {
    on("usr_jonas", Role::Im, TRIAGED_ON)
}

fn aoife() -> Context {
    on("usr_aoife", Role::Dpo, TRIAGED_ON)
}

/// A confirmed classification of the system.
fn classified(context: Context, class: &str, role: &str, effects: &[&str]) -> Context {
    context.knowing(
        "cls_1",
        "regulatory_classification",
        json!({"system": "sys_2", "status": "confirmed", "regime": "eu_ai_act", "class": class,
            "role": role, "effects": effects, "confirmedAt": "2025-01-01T09:00:00Z"}),
    )
}

fn sys(now: &str) -> Context {
    classified(on("rea_P8", Role::Sys, now), "transparency", "deployer", &["transparency"])
}

fn high_risk(now: &str) -> Context {
    classified(on("rea_P8", Role::Sys, now), "high_risk", "provider", &["high_risk"])
}

fn findings(severity: Severity) -> Findings {
    Findings {
        severity,
        serious_ground: None,
        death: None,
        widespread: None,
        personal_data_breach: None,
    }
}

fn breach() -> Findings {
    Findings { personal_data_breach: Some(true), ..findings(Severity::Major) }
}

fn serious(ground: &str) -> Findings {
    Findings { serious_ground: Some(Key::new(ground)), ..findings(Severity::Serious) }
}

fn report(findings: Findings) -> Report {
    Report {
        system: Ref::new("sys_2"),
        system_version: None,
        title: Line::new("Case notes of others were shown"),
        description: Prose::new("Three users saw another customer's case note."),
        occurred_at: None,
        aware_at: at(AWARE),
        category: Category::Privacy,
        harm: vec![Harm {
            who: Prose::new("customers"),
            harm_kind: Line::new("disclosure"),
            count: 3,
        }],
        findings,
    }
}

fn triage(findings: Findings) -> Command {
    Command::Triage(Triage { category: Category::Privacy, findings, harm: vec![], note: None })
}

fn set(findings: Findings) -> Command {
    Command::SetSeverity(SetSeverity { findings, reason: Prose::new("found since") })
}

fn contain() -> Command {
    Command::Contain(Contain { what: Prose::new("The index was split."), contained_at: None })
}

fn inform(decision: UserDecision) -> InformUsers {
    InformUsers {
        decision,
        reason: Some(Prose::new("they are affected")),
        how: Some(Prose::new("by e-mail")),
        informed_at: None,
    }
}

fn resolve() -> Command {
    Command::Resolve(Resolve {
        cause: Some(Prose::new("tenant isolation")),
        actions: vec![Prose::new("isolation tests")],
    })
}

fn close() -> Command {
    Command::Close(Close { lessons: Prose::new("Test isolation before release.") })
}

fn move_to(aware_at: &str) -> Command {
    let reason = Prose::new("an earlier ticket was found");
    Command::MoveAwareAt(MoveAwareAt { aware_at: at(aware_at), reason })
}

fn meet(rule: &str) -> Command {
    Command::MeetClock(MeetClock { rule: Key::new(rule), report: Ref::new("xrp_1") })
}

fn lift(rule: &str) -> Command {
    Command::LiftClock(LiftClock { rule: Key::new(rule), reason: Prose::new("no longer owed") })
}

fn turn_down(proposal: Proposal) -> Command {
    Command::TurnDown(TurnDown { proposal, reason: Prose::new("not shown") })
}

fn dismiss() -> Command {
    Command::Dismiss(Dismiss { reason: Prose::new("a test message") })
}

fn submitted(context: Context, changes: Value) -> Context {
    let mut report = json!({"incident": "inc_1", "rule": GDPR, "reportKind": "initial",
        "status": "submitted", "submittedAt": "2025-06-18T14:05:00Z"});
    for (name, value) in changes.as_object().unwrap() {
        report[name] = value.clone();
    }
    context.knowing("xrp_1", "external_report", report)
}

fn after(mut given: Vec<Event>, commands: Vec<(Command, Context)>) -> Vec<Event> {
    let mut incident = state(given.clone());
    for (command, context) in commands {
        for event in incident.decide(command, &context).unwrap() {
            incident.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn state(events: Vec<Event>) -> Incident {
    let mut incident = Incident::default();
    events.into_iter().for_each(|event| incident.evolve(event));
    incident
}

fn decide(given: Vec<Event>, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
    state(given).decide(command, context)
}

fn refused(given: Vec<Event>, command: Command, context: &Context) -> Refusal {
    decide(given, command, context).unwrap_err()
}

fn reported(findings: Findings) -> Vec<Event> {
    after(vec![], vec![(Command::Report(report(findings)), jonas())])
}

/// Reported and assessed alike.
fn triaged(findings: Findings) -> Vec<Event> {
    after(reported(findings.clone()), vec![(triage(findings), jonas())])
}

/// The incident of the worked example, its clocks started.
fn inc_01() -> Vec<Event> {
    after(triaged(breach()), vec![(Command::StartClocks, sys(TRIAGED_ON))])
}

/// A serious incident of a high-risk system, known at noon, its clocks started.
fn high_risk_incident(findings: Findings) -> Vec<Event> {
    let known = Report { aware_at: at(LATER), ..report(findings) };
    let jonas = || on("usr_jonas", Role::Im, LATER);
    after(
        vec![],
        vec![
            (Command::Report(known), jonas()),
            (triage(self::findings(Severity::Serious)), jonas()),
            (Command::StartClocks, high_risk(LATER)),
        ],
    )
}

fn due(given: &[Event], rule: &str) -> Option<Instant> {
    state(given.to_vec()).clocks.get(&Key::new(rule)).map(|clock| clock.due)
}

#[test]
fn the_worked_incident_is_reported_in_time_and_closed() {
    let met = submitted(aoife(), json!({}));
    let given = after(
        inc_01(),
        vec![
            (contain(), jonas()),
            (Command::Investigate, jonas()),
            (
                Command::EstablishCausality(EstablishCausality {
                    link: CausalLink::Established,
                    note: None,
                }),
                jonas(),
            ),
            (Command::InformUsers(inform(UserDecision::Informed)), jonas()),
            (meet(GDPR), met),
            (resolve(), jonas()),
            (close(), jonas()),
        ],
    );
    let incident = state(given);
    assert_eq!(incident.status, IncidentStatus::Closed);
    let clock = &incident.clocks[&Key::new(GDPR)];
    assert_eq!(clock.due, at("2025-06-19T09:40:00Z"));
    assert_eq!(clock.met_at, Some(at("2025-06-18T14:05:00Z")));
    assert_eq!(clock.report, Some(Ref::new("xrp_1")));
    assert_eq!(incident.users_informed_at, Some(at(TRIAGED_ON)));
    assert_eq!(incident.system_version, Some(Key::new("1.0")));
    assert_eq!(incident.harm.len(), 1);
}

#[test]
fn a_breach_starts_the_clock_of_the_gdpr_and_article_73_is_said_not_to_apply() {
    let given = inc_01();
    let incident = state(given);
    assert_eq!(incident.clocks.len(), 1);
    let gdpr = &incident.evaluations[&Key::new(GDPR)];
    assert!(gdpr.applies && gdpr.because.as_str().contains("personal data"), "{gdpr:?}");
    let ai_act = &incident.evaluations[&Key::new(ART_73)];
    assert!(!ai_act.applies);
    for words in ["the class is transparency", "applies from", "the incident is major, not serious"]
    {
        assert!(ai_act.because.as_str().contains(words), "{words}: {ai_act:?}");
    }
    let evaluated = incident.evaluated.unwrap();
    assert_eq!(evaluated.classes, vec![Line::new("eu_ai_act: transparency, deployer")]);
}

#[test]
fn each_ground_has_its_clock() {
    let death = Findings { death: Some(true), ..serious("a") };
    let widespread = Findings { widespread: Some(true), ..serious("c") };
    for (findings, rule, days) in [
        (serious("c"), "eu_ai_act.73_2", 15),
        (findings(Severity::Serious), "eu_ai_act.73_2", 15),
        (death, "eu_ai_act.73_4", 10),
        (widespread, "eu_ai_act.73_3", 2),
        (serious("b"), "eu_ai_act.73_3.b", 2),
    ] {
        let given = high_risk_incident(findings.clone());
        assert_eq!(due(&given, rule), Some(at(LATER).plus_days(days)), "{findings:?}");
        assert_eq!(due(&given, GDPR), None);
    }
}

#[test]
fn rules_look_at_the_confirmed_class_of_this_system_on_the_day_of_becoming_aware() {
    let started = |context: &Context, aware: &str| {
        let known = Report { aware_at: at(aware), ..report(serious("a")) };
        let given = after(vec![], vec![(Command::Report(known), jonas_at(LATER))]);
        let given = after_one(given, Command::StartClocks, context);
        state(given).clocks.contains_key(&Key::new(ART_73))
    };
    assert!(started(&high_risk(LATER), LATER));
    assert!(!started(&high_risk(LATER), "2025-06-16T09:40:00Z"));
    assert!(!started(&on("rea_P8", Role::Sys, LATER), LATER));
    for (field, value, applies) in [
        ("role", json!("provider"), true),
        ("status", json!("proposed"), true),
        ("role", json!("importer"), false),
        ("confirmedAt", Value::Null, false),
        ("system", json!("sys_1"), false),
        ("class", json!("minimal"), false),
        ("exemption", json!({"ground": "narrow_task"}), false),
    ] {
        let mut class = json!({"system": "sys_2", "status": "confirmed", "regime": "eu_ai_act",
            "class": "high_risk", "role": "provider", "effects": ["high_risk"],
            "confirmedAt": "2025-01-01T09:00:00Z"});
        class[field] = value;
        let context = on("rea_P8", Role::Sys, LATER);
        let context = context.knowing("cls_1", "regulatory_classification", class);
        assert_eq!(started(&context, LATER), applies, "{field}");
    }
}

fn jonas_at(now: &str) -> Context {
    on("usr_jonas", Role::Im, now)
}

fn after_one(given: Vec<Event>, command: Command, context: &Context) -> Vec<Event> {
    let events = decide(given.clone(), command, context).unwrap();
    [given, events].concat()
}

#[test]
fn no_clock_is_ever_due_later() {
    let given = high_risk_incident(serious("b"));
    let two_days = at(LATER).plus_days(2);
    assert_eq!(due(&given, "eu_ai_act.73_3.b"), Some(two_days));
    let given = after(
        given,
        vec![
            (set(serious("c")), jonas_at(LATER)),
            (Command::StartClocks, high_risk("2028-03-02T00:00:00Z")),
        ],
    );
    assert_eq!(due(&given, "eu_ai_act.73_3.b"), Some(two_days));
    assert_eq!(due(&given, ART_73), Some(at(LATER).plus_days(15)));
    let other_class = sys("2028-03-02T00:00:00Z");
    let given = after(given, vec![(Command::StartClocks, other_class)]);
    assert_eq!(due(&given, ART_73), Some(at(LATER).plus_days(15)));
    assert!(!state(given).evaluations[&Key::new(ART_73)].applies);
}

#[test]
fn evaluating_again_says_nothing_new() {
    let later = sys("2025-06-17T00:00:00Z");
    assert_eq!(decide(inc_01(), Command::StartClocks, &later), Ok(vec![]));
}

#[test]
fn awareness_only_moves_to_an_earlier_time() {
    let given = inc_01();
    let from = at(AWARE);
    let context = sys_as_jonas();
    assert_eq!(
        refused(given.clone(), move_to("2025-06-16T09:40:00.000001Z"), &context),
        Refusal::AwareMovedLater { from, at: "/awareAt" }
    );
    assert_eq!(decide(given.clone(), move_to(AWARE), &context), Ok(vec![]));
    let given = after_one(given, move_to("2025-06-15T08:00:00Z"), &context);
    assert_eq!(due(&given, GDPR), Some(at("2025-06-18T08:00:00Z")));
    let incident = state(given);
    assert_eq!(incident.aware_at, at("2025-06-15T08:00:00Z"));
    assert_eq!(incident.clocks[&Key::new(GDPR)].started_at, at(TRIAGED_ON));
    let unevaluated = after_one(triaged(breach()), move_to("2025-06-15T08:00:00Z"), &context);
    assert!(state(unevaluated).clocks.is_empty());
}

fn sys_as_jonas() -> Context {
    classified(jonas(), "transparency", "deployer", &["transparency"])
}

#[test]
fn nobody_is_aware_before_it_happened_or_after_it_is_recorded() {
    let occurred = at("2025-06-16T09:00:00Z");
    let place = "/awareAt";
    let happened = Report { occurred_at: Some(occurred), ..report(breach()) };
    let before = Refusal::AwareBeforeItHappened { occurred, at: place };
    let aware_at = at("2025-06-16T08:59:59Z");
    let early = Command::Report(Report { aware_at, ..happened.clone() });
    assert_eq!(refused(vec![], early, &jonas()), before);
    let given = after(vec![], vec![(Command::Report(happened), jonas())]);
    assert_eq!(refused(given, move_to("2025-06-16T08:59:59Z"), &jonas()), before);
    let aware_at = at("2025-06-16T09:50:00.000001Z");
    let late = Command::Report(Report { aware_at, ..report(breach()) });
    assert_eq!(refused(vec![], late, &jonas()), Refusal::AwareInFuture { at: place });
    let now = Command::Report(Report { aware_at: at(TRIAGED_ON), ..report(breach()) });
    assert!(decide(vec![], now, &jonas()).is_ok());
}

#[test]
fn a_version_is_named_that_the_system_has() {
    let of = |label: &str| {
        let system_version = Some(Key::new(label));
        Command::Report(Report { system_version, ..report(breach()) })
    };
    let unknown = Refusal::UnknownVersion { version: "9.9".into(), at: "/systemVersion" };
    assert_eq!(refused(vec![], of("9.9"), &jonas()), unknown);
    let given = after(vec![], vec![(of("1.1"), jonas())]);
    assert_eq!(state(given).system_version, Some(Key::new("1.1")));
    let two = jonas().knowing(
        "sys_2",
        "ai_system",
        json!({"name": "x", "versions": {
            "1.0": {"stage": "deployment", "status": "running"},
            "1.1": {"stage": "deployment", "status": "running"},
        }}),
    );
    let given = after(vec![], vec![(Command::Report(report(breach())), two)]);
    assert_eq!(state(given).system_version, None);
}

#[test]
fn what_the_law_calls_serious_is_serious() {
    let place = "/severity";
    for (findings, what) in [
        (serious("d"), "a ground of Article 3(49)"),
        (Findings { death: Some(true), ..findings(Severity::Major) }, "a death"),
        (
            Findings { widespread: Some(true), ..findings(Severity::Minor) },
            "a widespread infringement",
        ),
    ] {
        let severity = findings.severity.min(Severity::Major);
        let command = Command::Report(report(Findings { severity, ..findings }));
        let expected = Refusal::LessThanSerious { what, at: place };
        assert_eq!(refused(vec![], command, &jonas()), expected);
    }
    let unknown = Refusal::UnknownGround { ground: "e".into(), at: "/seriousGround" };
    assert_eq!(refused(vec![], Command::Report(report(serious("e"))), &jonas()), unknown);
    let none = state(reported(serious("none")));
    assert_eq!(none.assessment.serious_ground, None);
}

#[test]
fn what_was_reported_as_graver_is_not_lowered_in_triage() {
    let lowered = Refusal::LoweredInTriage { at: "/severity" };
    let major = triage(findings(Severity::Major));
    assert_eq!(refused(reported(findings(Severity::Serious)), major, &jonas()), lowered);
    let no_breach = Findings { personal_data_breach: Some(false), ..findings(Severity::Major) };
    assert_eq!(refused(reported(breach()), triage(no_breach), &jonas()), lowered);
    let minor = triage(findings(Severity::Minor));
    assert!(decide(reported(findings(Severity::Major)), minor, &jonas()).is_ok());
    let graver = after(reported(breach()), vec![(triage(serious("c")), jonas())]);
    let assessment = state(graver).assessment;
    assert_eq!(assessment.severity, Severity::Serious);
    assert!(assessment.personal_data_breach, "what is left out stays as it was");
}

#[test]
fn triage_may_say_more_of_the_harm_and_is_not_repeated() {
    let harm = vec![Harm { who: Prose::new("staff"), harm_kind: Line::new("stress"), count: 1 }];
    let more = Command::Triage(Triage {
        category: Category::Security,
        findings: breach(),
        harm,
        note: None,
    });
    let incident = state(after(reported(breach()), vec![(more, jonas())]));
    let kinds: Vec<_> = incident.harm.values().map(|harm| harm.harm_kind.as_str()).collect();
    assert_eq!(kinds, ["stress"]);
    assert_eq!(incident.category, Category::Security);
    assert_eq!(decide(triaged(breach()), triage(breach()), &jonas()), Ok(vec![]));
    let step = "triaged: set_severity assesses it again";
    assert_eq!(
        refused(triaged(breach()), triage(serious("a")), &jonas()),
        Refusal::WrongStatus { status: "triaged", step }
    );
}

#[test]
fn a_graver_assessment_holds_at_once() {
    let given = after(triaged(breach()), vec![(set(serious("c")), jonas())]);
    let assessment = state(given.clone()).assessment;
    assert_eq!(assessment.severity, Severity::Serious);
    assert_eq!(assessment.serious_ground, Some(Key::new("c")));
    assert!(assessment.personal_data_breach);
    assert_eq!(decide(given, set(serious("c")), &jonas()), Ok(vec![]));
    let minor =
        after(triaged(findings(Severity::Major)), vec![(set(findings(Severity::Minor)), jonas())]);
    assert_eq!(state(minor).assessment.severity, Severity::Minor);
}

#[test]
fn taking_back_what_makes_an_incident_reportable_needs_a_second_person() {
    let grave = Findings {
        death: Some(true),
        widespread: Some(true),
        personal_data_breach: Some(true),
        ..serious("a")
    };
    let less = |change: fn(&mut Findings)| {
        let mut findings = grave.clone();
        change(&mut findings);
        findings
    };
    for softer in [
        less(|f| f.serious_ground = Some(Key::new("none"))),
        less(|f| f.death = Some(false)),
        less(|f| f.widespread = Some(false)),
        less(|f| f.personal_data_breach = Some(false)),
        Findings {
            serious_ground: None,
            death: Some(false),
            widespread: Some(false),
            ..findings(Severity::Major)
        },
    ] {
        let given = triaged(grave.clone());
        let before = state(given.clone()).assessment;
        let given = after(given, vec![(set(softer.clone()), jonas())]);
        assert_eq!(state(given.clone()).assessment, before, "{softer:?}");
        assert_eq!(decide(given.clone(), set(softer.clone()), &jonas()), Ok(vec![]));
        let refusal = refused(given.clone(), Command::ConfirmLowering, &jonas());
        assert_eq!(refusal, Refusal::ProposerConfirms);
        let given = after(given, vec![(Command::ConfirmLowering, aoife())]);
        let incident = state(given);
        assert_eq!(incident.assessment, softer.clone().on(&before).unwrap());
        assert_eq!(incident.lowering, None);
    }
}

#[test]
fn what_is_graver_holds_at_once_even_when_something_else_is_softened() {
    let mixed = Findings { personal_data_breach: Some(false), ..serious("c") };
    let given = after(triaged(breach()), vec![(set(mixed), jonas())]);
    let incident = state(given.clone());
    assert_eq!(incident.assessment.severity, Severity::Serious);
    assert!(incident.assessment.personal_data_breach);
    assert!(!incident.lowering.unwrap().to.personal_data_breach);
    let given = after(given, vec![(set(serious("b")), jonas())]);
    assert_eq!(state(given.clone()).lowering, None, "a new finding ends the proposal");
    assert_eq!(refused(given, Command::ConfirmLowering, &aoife()), Refusal::NothingProposed);
}

#[test]
fn a_proposal_can_be_turned_down() {
    let softer = Findings { personal_data_breach: Some(false), ..findings(Severity::Major) };
    let given = after(
        triaged(breach()),
        vec![
            (set(softer), jonas()),
            (dismiss(), jonas()),
            (turn_down(Proposal::Lowering), aoife()),
            (turn_down(Proposal::Dismissal), aoife()),
        ],
    );
    let incident = state(given.clone());
    assert_eq!((incident.lowering, incident.dismissal), (None, None));
    for proposal in [Proposal::Lowering, Proposal::Dismissal] {
        assert_eq!(refused(given.clone(), turn_down(proposal), &aoife()), Refusal::NothingProposed);
    }
}

#[test]
fn containment_before_triage_counts() {
    let given = after(reported(breach()), vec![(contain(), jonas())]);
    assert_eq!(state(given.clone()).status, IncidentStatus::Reported);
    let given = after(given, vec![(triage(breach()), jonas())]);
    assert_eq!(state(given).status, IncidentStatus::Contained);
}

#[test]
fn steps_follow_one_another_and_no_time_lies_ahead() {
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    let contained = after(triaged(breach()), vec![(contain(), jonas())]);
    for (given, command, status, step) in [
        (triaged(breach()), Command::Investigate, "triaged", "investigated"),
        (contained, resolve(), "contained", "resolved"),
        (triaged(breach()), close(), "triaged", "closed"),
        (closed(), contain(), "closed", "contained"),
        (closed(), set(serious("a")), "closed", "assessed again"),
        (closed(), Command::ConfirmLowering, "closed", "assessed again"),
        (closed(), move_to(AWARE), "closed", "dated again"),
        (closed(), Command::StartClocks, "closed", "put to the regulatory rules"),
        (closed(), dismiss(), "closed", "dismissed"),
        (closed(), Command::ConfirmDismissal, "closed", "dismissed"),
        (closed(), turn_down(Proposal::Lowering), "closed", "turned down"),
        (closed(), Command::InformUsers(inform(UserDecision::Informed)), "closed", "told to users"),
    ] {
        assert_eq!(refused(given, command.clone(), &aoife()), wrong(status, step), "{command:?}");
    }
    let ahead = Some(at("2025-06-16T09:50:00.000001Z"));
    let what = Prose::new("x");
    let contain = Command::Contain(Contain { what, contained_at: ahead });
    let refusal = refused(triaged(breach()), contain, &jonas());
    assert_eq!(refusal, Refusal::InTheFuture { at: "/containedAt" });
    let told = InformUsers { informed_at: ahead, ..inform(UserDecision::Informed) };
    let refusal = refused(triaged(breach()), Command::InformUsers(told), &jonas());
    assert_eq!(refusal, Refusal::InTheFuture { at: "/informedAt" });
}

#[test]
fn an_incident_has_fifty_steps_of_containment_at_most() {
    let mut given = triaged(breach());
    for n in 0..50 {
        let mut events = decide(given.clone(), contain(), &jonas()).unwrap();
        if let Some(Event::Contained(step)) = events.first_mut() {
            step.key = Key::new(format!("step_{n}"));
        }
        given.extend(events);
    }
    assert_eq!(refused(given, contain(), &jonas()), Refusal::TooManySteps { most: 50 });
}

#[test]
fn a_decision_on_users_says_how_or_why_not() {
    let given = triaged(breach());
    let how = Command::InformUsers(InformUsers { how: None, ..inform(UserDecision::Informed) });
    assert_eq!(refused(given.clone(), how, &jonas()), Refusal::NotSaidHow { at: "/how" });
    let not_needed = inform(UserDecision::NotNeeded);
    let why = Command::InformUsers(InformUsers { reason: None, ..not_needed.clone() });
    let refusal = refused(given.clone(), why, &jonas());
    assert_eq!(refusal, Refusal::NotSaidWhyNot { at: "/reason" });
    let events = decide(given.clone(), Command::InformUsers(not_needed.clone()), &jonas()).unwrap();
    assert!(matches!(events.as_slice(), [Event::UserNoticeWaived(_)]));
    let told = after(given, vec![(Command::InformUsers(inform(UserDecision::Informed)), jonas())]);
    let refusal = refused(told, Command::InformUsers(not_needed), &jonas());
    assert_eq!(refusal, Refusal::UsersWereInformed);
}

#[test]
fn the_same_causal_link_is_not_assessed_twice() {
    let link = |link, note| Command::EstablishCausality(EstablishCausality { link, note });
    let given = after(triaged(breach()), vec![(link(CausalLink::Likely, None), jonas())]);
    assert_eq!(decide(given.clone(), link(CausalLink::Likely, None), &jonas()), Ok(vec![]));
    let note = Some(Prose::new("logs"));
    assert!(!decide(given.clone(), link(CausalLink::Likely, note), &jonas()).unwrap().is_empty());
    let given = after(given, vec![(link(CausalLink::None, None), jonas())]);
    assert_eq!(state(given).causal_link.unwrap().link, CausalLink::None);
}

/// A minor incident on its way to the end; what is left out is missing.
fn resolved(findings: Findings, cause: bool, told: bool) -> Vec<Event> {
    let mut commands = vec![(contain(), jonas()), (Command::Investigate, jonas())];
    if told {
        commands.push((Command::InformUsers(inform(UserDecision::NotNeeded)), jonas()));
    }
    let unknown = Command::Resolve(Resolve { cause: None, actions: vec![] });
    commands.push((if cause { resolve() } else { unknown }, jonas()));
    after(triaged(findings), commands)
}

fn closed() -> Vec<Event> {
    after(resolved(findings(Severity::Minor), true, true), vec![(close(), jonas())])
}

#[test]
fn an_incident_is_closed_with_its_cause_and_a_decision_on_users() {
    let minor = || findings(Severity::Minor);
    assert_eq!(refused(resolved(minor(), false, true), close(), &jonas()), Refusal::NoCause);
    assert_eq!(refused(resolved(minor(), true, false), close(), &jonas()), Refusal::NoUserDecision);
    let given = after(resolved(minor(), false, true), vec![(resolve(), jonas())]);
    assert!(decide(given, close(), &jonas()).is_ok(), "the cause may be found afterwards");
    assert_eq!(decide(closed(), close(), &jonas()), Ok(vec![]));
    let again = Command::Resolve(Resolve { cause: None, actions: vec![] });
    assert_eq!(decide(resolved(minor(), true, true), again, &jonas()), Ok(vec![]));
    assert_eq!(decide(inc_investigated(), Command::Investigate, &jonas()), Ok(vec![]));
}

fn inc_investigated() -> Vec<Event> {
    after(inc_01(), vec![(contain(), jonas()), (Command::Investigate, jonas())])
}

#[test]
fn an_incident_is_not_closed_while_a_clock_runs_or_the_rules_were_not_asked() {
    let given = resolved(breach(), true, true);
    assert_eq!(refused(given.clone(), close(), &jonas()), Refusal::RulesNotEvaluated);
    let given = after(given, vec![(Command::StartClocks, sys(TRIAGED_ON))]);
    let runs = Refusal::ClockRuns { rule: GDPR.into(), due: at("2025-06-19T09:40:00Z") };
    assert_eq!(refused(given.clone(), close(), &jonas()), runs);
    let graver = after(given.clone(), vec![(set(serious("a")), jonas())]);
    assert_eq!(refused(graver, close(), &jonas()), Refusal::RulesNotEvaluated);
    let met = submitted(aoife(), json!({}));
    assert!(decide(after(given, vec![(meet(GDPR), met)]), close(), &jonas()).is_ok());
}

#[test]
fn an_incident_is_not_closed_while_a_proposal_waits() {
    let given = resolved(findings(Severity::Minor), true, true);
    let given = after(given, vec![(dismiss(), jonas())]);
    assert_eq!(refused(given, close(), &jonas()), Refusal::ProposalWaits);
}

#[test]
fn a_clock_is_met_by_a_submitted_report_of_this_incident_under_its_rule() {
    let report = || "xrp_1".to_owned();
    let place = "/report";
    let another = Refusal::ReportOfAnother { report: report(), at: place };
    let not_sent = Refusal::ReportNotSubmitted { report: report(), at: place };
    let follows = Refusal::ReportOnlyFollowsUp { report: report(), at: place };
    for (changes, expected) in [
        (json!({"incident": "inc_2"}), another.clone()),
        (json!({"rule": ART_73}), another.clone()),
        (json!({"status": "released", "submittedAt": null}), not_sent),
        (json!({"reportKind": "follow_up"}), follows),
    ] {
        let context = submitted(aoife(), changes.clone());
        assert_eq!(refused(inc_01(), meet(GDPR), &context), expected, "{changes}");
    }
    assert_eq!(refused(inc_01(), meet(GDPR), &aoife()), another);
    let unknown = Refusal::NoSuchClock { rule: ART_73.into(), at: "/rule" };
    assert_eq!(refused(inc_01(), meet(ART_73), &submitted(aoife(), json!({}))), unknown);
}

#[test]
fn a_clock_is_met_when_the_first_report_arrived() {
    let due = "2025-06-19T09:40:00Z";
    for (when, late) in [(due, false), ("2025-06-19T09:40:00.000001Z", true)] {
        let context = submitted(aoife(), json!({"submittedAt": when}));
        let events = decide(inc_01(), meet(GDPR), &context).unwrap();
        let [Event::RegulatoryClockMet(met)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((met.late, met.due), (late, at(due)), "{when}");
    }
    let given = after(inc_01(), vec![(meet(GDPR), submitted(aoife(), json!({})))]);
    let complete = json!({"reportKind": "complete", "submittedAt": "2025-06-30T09:00:00Z"});
    let later = submitted(aoife(), complete);
    assert_eq!(decide(given.clone(), meet(GDPR), &later), Ok(vec![]));
    let earlier = submitted(aoife(), json!({"submittedAt": "2025-06-17T09:00:00Z"}));
    let given = after(given, vec![(meet(GDPR), earlier)]);
    let clock = &state(given).clocks[&Key::new(GDPR)];
    assert_eq!(clock.met_at, Some(at("2025-06-17T09:00:00Z")));
}

#[test]
fn a_clock_is_lifted_only_once_its_rule_applies_no_more() {
    let refusal = refused(inc_01(), lift(GDPR), &aoife());
    let Refusal::RuleStillApplies { rule, because } = refusal else { panic!("{refusal:?}") };
    assert_eq!(rule, GDPR);
    assert!(because.contains("personal data are affected"), "{because}");
    let softer = Findings { personal_data_breach: Some(false), ..findings(Severity::Major) };
    let given = after(
        inc_01(),
        vec![(set(softer), jonas()), (Command::ConfirmLowering, aoife()), (lift(GDPR), aoife())],
    );
    let clock = &state(given.clone()).clocks[&Key::new(GDPR)];
    assert!(!clock.is_running());
    assert_eq!(decide(given.clone(), lift(GDPR), &aoife()), Ok(vec![]));
    let unknown = Refusal::NoSuchClock { rule: GDPR.into(), at: "/rule" };
    assert_eq!(refused(given.clone(), meet(GDPR), &submitted(aoife(), json!({}))), unknown);
    let again =
        after(given, vec![(set(breach()), jonas()), (Command::StartClocks, sys(DUE_AGAIN))]);
    let clock = &state(again).clocks[&Key::new(GDPR)];
    assert!(clock.is_running());
    assert_eq!(clock.due, at("2025-06-19T09:40:00Z"));
}

const DUE_AGAIN: &str = "2025-06-20T00:00:00Z";

#[test]
fn a_met_clock_is_not_lifted() {
    let given = after(inc_01(), vec![(meet(GDPR), submitted(aoife(), json!({})))]);
    assert_eq!(refused(given, lift(GDPR), &aoife()), Refusal::ClockIsMet { rule: GDPR.into() });
}

#[test]
fn an_incident_starts_sixty_clocks_at_most() {
    let rules: serde_json::Map<String, Value> = (0..61)
        .map(|n| {
            let code = format!("halden.{n}");
            let rule = json!({
                "code": code, "regime": "halden", "jurisdiction": "NL", "article": "1",
                "trigger": "breach_report", "when": {"personalData": true},
                "deadline": {"amount": 1, "unit": "days"}, "published": "2024-01-01",
                "appliesFrom": "2024-01-01", "text": "Report.", "source": "own",
                "sourceVersion": "1",
            });
            (code, rule)
        })
        .collect();
    let set = json!({"name": "halden", "revision": "1", "source": "own", "licence": "own",
        "rules": rules, "status": "active"});
    let context = sys(TRIAGED_ON).knowing("rst_1", "rule_set", set);
    let refusal = refused(triaged(breach()), Command::StartClocks, &context);
    assert_eq!(refusal, Refusal::TooManyClocks { most: 60 });
}

fn original(changes: Value) -> Context {
    let mut original = json!({"system": "sys_2", "severity": "major", "status": "triaged",
        "personalDataBreach": true, "awareAt": AWARE,
        "clocks": {GDPR: {"due": "2025-06-19T09:40:00Z"}}});
    for (name, value) in changes.as_object().unwrap() {
        original[name] = value.clone();
    }
    jonas().knowing("inc_0", "incident", original)
}

#[test]
fn another_incident_stands_for_a_duplicate_that_owes_no_more_than_it() {
    let same = Command::MarkDuplicate(MarkDuplicate { of: Ref::new("inc_0") });
    let (of, place) = (|| "inc_0".to_owned(), "/of");
    let not_same = Refusal::NotTheSame { of: of(), at: place };
    let later = Refusal::OriginalAwareLater { of: of(), at: place };
    let runs = Refusal::ClockRuns { rule: GDPR.into(), due: at("2025-06-19T09:40:00Z") };
    let softer = Refusal::OriginalLessGrave { of: of(), at: place };
    for (changes, expected) in [
        (json!({}), None),
        (json!({"system": "sys_1"}), Some(not_same.clone())),
        (json!({"status": "duplicate"}), Some(not_same.clone())),
        (json!({"status": "not_an_incident"}), Some(not_same)),
        (json!({"awareAt": "2025-06-16T09:40:00.000001Z"}), Some(later)),
        (json!({"personalDataBreach": false}), Some(softer.clone())),
        (json!({"clocks": {}}), Some(runs.clone())),
        (json!({"clocks": {GDPR: {"due": "2025-06-19T09:41:00Z"}}}), Some(runs)),
    ] {
        let result = decide(inc_01(), same.clone(), &original(changes.clone()));
        assert_eq!(result.err(), expected, "{changes}");
    }
    let grave = triaged(serious("a"));
    assert_eq!(refused(grave, same.clone(), &original(json!({}))), softer);
    let itself = Command::MarkDuplicate(MarkDuplicate { of: Ref::new("inc_1") });
    let context = original(json!({})).knowing(
        "inc_1",
        "incident",
        json!({"system": "sys_2", "severity": "major", "status": "triaged"}),
    );
    let refusal = refused(inc_01(), itself, &context);
    assert_eq!(refusal, Refusal::NotTheSame { of: "inc_1".into(), at: place });
    let given = after(inc_01(), vec![(same.clone(), original(json!({})))]);
    assert_eq!(state(given.clone()).status, IncidentStatus::Duplicate);
    assert_eq!(decide(given, same, &original(json!({}))), Ok(vec![]));
}

#[test]
fn two_people_find_that_it_is_no_incident() {
    let minor = || triaged(findings(Severity::Minor));
    let confirm = Command::ConfirmDismissal;
    assert_eq!(refused(minor(), confirm.clone(), &aoife()), Refusal::NothingProposed);
    let given = after(minor(), vec![(dismiss(), jonas())]);
    assert_eq!(decide(given.clone(), dismiss(), &jonas()), Ok(vec![]));
    assert_eq!(refused(given.clone(), confirm.clone(), &jonas()), Refusal::ProposerConfirms);
    let given = after(given, vec![(confirm.clone(), aoife())]);
    assert_eq!(state(given.clone()).status, IncidentStatus::NotAnIncident);
    assert_eq!(decide(given.clone(), confirm.clone(), &aoife()), Ok(vec![]));
    assert_eq!(decide(given, dismiss(), &jonas()), Ok(vec![]));
    let given = after(inc_01(), vec![(dismiss(), jonas())]);
    let runs = Refusal::ClockRuns { rule: GDPR.into(), due: at("2025-06-19T09:40:00Z") };
    assert_eq!(refused(given, confirm, &aoife()), runs);
}

#[test]
fn a_correction_sets_words_and_nothing_that_was_decided() {
    let correct = |field: &str, value: Value| {
        let set = Fields(serde_json::Map::from_iter([(field.to_owned(), value)]));
        Command::Correct(Correct { corrects: 1, reason: Prose::new("typo"), set })
    };
    let given = after(inc_01(), vec![(correct("title", json!("Case notes")), jonas())]);
    assert_eq!(state(given).title, Line::new("Case notes"));
    for field in ["awareAt", "severity", "clocks", "status", "personalDataBreach"] {
        let refusal = refused(inc_01(), correct(field, json!(AWARE)), &jonas());
        let (name, at) = (field.to_owned(), format!("/set/{field}"));
        let expected = kernel::correction::CorrectionRefusal::NotCorrectable { field: name, at };
        assert_eq!(refusal, Refusal::Correction(expected));
    }
}

#[test]
fn the_facts_of_a_decision_are_asked_for() {
    let incident = state(inc_01());
    let needs = incident.needs(&Command::StartClocks, &jonas());
    let of_system = Need::Where("regulatory_classification", "system", "sys_2".into());
    assert!(needs.contains(&of_system) && needs.contains(&Need::All("rule_set")), "{needs:?}");
    assert_eq!(incident.needs(&move_to(AWARE), &jonas()), needs);
    assert_eq!(incident.needs(&lift(GDPR), &jonas()), needs);
    let report = Need::Object("xrp_1".into());
    assert_eq!(incident.needs(&meet(GDPR), &jonas()), vec![report]);
}
