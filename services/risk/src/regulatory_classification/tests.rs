//! Given, when, then: regulatory classifications.

use cqrs_es::test::TestFramework;
use kernel::correction::CorrectionRefusal;
use serde_json::{Value, json};

use super::*;

const CREDIT: &str = "sys_credit";

fn on(user: &str, role: Role, now: &str) -> Context {
    Context::of(user, &[role], now)
}

fn tomas() -> Context {
    on("usr_tomas", Role::Rm, "2024-08-26T09:00:00Z")
}

fn aoife() -> Context {
    on("usr_aoife", Role::Dpo, "2024-09-02T09:00:00Z")
}

fn key(text: &str) -> Key {
    Key::new(text)
}

fn proposal(class: &str, point: Option<&str>, role: &str) -> Proposal {
    let (class, point, role) = (key(class), point.map(Line::new), key(role));
    Proposal { class, point, role, rationale: Prose::new("what it does"), ..Proposal::default() }
}

fn credit_scoring() -> Proposal {
    proposal("high_risk", Some("5(b)"), "provider")
}

fn exempted(reason: Option<&str>, profiling: bool) -> Proposal {
    let (ground, reason) = (ExemptionGround::Preparatory, reason.map(Prose::new));
    let exemption = Some(Exemption { ground, reason, profiling });
    Proposal { exemption, ..credit_scoring() }
}

fn propose(proposal: Proposal) -> Command {
    Command::Propose(Propose { system: Ref::new(CREDIT), regime: key("eu_ai_act"), proposal })
}

fn role_change(role: &str) -> Command {
    Command::RecordRoleChange(RecordRoleChange {
        role: key(role),
        because: RoleChangeGround::Rebranding,
        reason: Prose::new("sold under our name"),
    })
}

fn after(mut given: Vec<Event>, commands: Vec<(Command, Context)>) -> Vec<Event> {
    let mut classification = state(given.clone());
    for (command, context) in commands {
        for event in classification.decide(command, &context).unwrap() {
            classification.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn state(events: Vec<Event>) -> RegulatoryClassification {
    let mut classification = RegulatoryClassification::default();
    events.into_iter().for_each(|event| classification.evolve(event));
    classification
}

fn proposed(proposal: Proposal) -> Vec<Event> {
    after(vec![], vec![(propose(proposal), tomas())])
}

fn confirmed(proposal: Proposal) -> Vec<Event> {
    after(proposed(proposal), vec![(Command::Confirm, aoife())])
}

fn refused(given: Vec<Event>, command: Command, context: &Context) -> Refusal {
    state(given).decide(command, context).unwrap_err()
}

fn as_fact(events: Vec<Event>) -> facts::RegulatoryClassification {
    serde_json::from_value(serde_json::to_value(state(events)).unwrap()).unwrap()
}

#[test]
fn the_risk_manager_proposes_and_the_data_protection_officer_confirms() {
    let given = proposed(credit_scoring());
    let waiting = as_fact(given.clone());
    assert_eq!((waiting.status.as_str(), waiting.is_confirmed()), ("proposed", false));
    let found = state(confirmed(credit_scoring()));
    assert_eq!(found.status, ClassificationStatus::Confirmed);
    assert_eq!(found.confirmed_by, Some(UserId::new("usr_aoife")));
    assert_eq!(found.confirmed_at, Some("2024-09-02T09:00:00Z".parse().unwrap()));
    assert_eq!(found.findings.effects, [Effect::HighRisk]);
    assert_eq!(found.findings.rule_set_version, Some(Line::new("eu_ai_act@2026-07-24")));
    assert_eq!(found.findings.class_rule, Some(key("eu_ai_act.class.high_risk")));
    assert_eq!(found.revision, 1);
}

#[test]
fn others_read_what_they_rely_on() {
    let fact = as_fact(confirmed(credit_scoring()));
    assert!(fact.is_confirmed() && fact.was_confirmed() && fact.has_effect("high_risk"));
    assert_eq!((fact.system.as_str(), fact.regime.as_str()), (CREDIT, "eu_ai_act"));
    assert_eq!((fact.class.as_str(), fact.role.as_str()), ("high_risk", "provider"));
    assert_eq!((fact.point.as_deref(), fact.is_exempt()), (Some("5(b)"), false));
    let exempt = as_fact(confirmed(exempted(Some("it sorts mail"), false)));
    assert!(exempt.is_exempt() && !exempt.has_effect("high_risk"));
}

#[test]
fn each_class_of_the_ai_act_brings_its_effects() {
    for (class, effects) in [
        ("prohibited", vec![Effect::Forbidden]),
        ("high_risk_product", vec![Effect::HighRisk]),
        ("transparency", vec![Effect::Transparency]),
        ("minimal", vec![]),
        ("gpai", vec![]),
        ("gpai_systemic", vec![]),
    ] {
        let found = state(confirmed(proposal(class, None, "deployer")));
        assert_eq!(found.findings.effects, effects, "{class}");
    }
}

/// What is required of this proposal when it is confirmed at this time.
fn required(proposal: Proposal, now: &str) -> Findings {
    let dpo = on("usr_aoife", Role::Dpo, now);
    let rm = on("usr_tomas", Role::Rm, now);
    let given = vec![(propose(proposal), rm), (Command::Confirm, dpo)];
    state(after(vec![], given)).findings
}

#[test]
fn assessment_and_registration_are_required_by_the_rules_of_the_day() {
    let public = |point: &str, public_body| Proposal {
        public_body: Some(public_body),
        ..proposal("high_risk", Some(point), "deployer")
    };
    for (proposal, now, fria, registration) in [
        (credit_scoring(), "2027-12-01T23:59:59Z", false, false),
        (credit_scoring(), "2027-12-02T00:00:00Z", false, true),
        (public("5(b)", false), "2027-12-02T00:00:00Z", true, false),
        (public("4(a)", true), "2027-12-02T00:00:00Z", true, true),
        (public("2", true), "2027-12-02T00:00:00Z", false, false),
        (exempted(Some("it sorts mail"), false), "2027-12-02T00:00:00Z", false, true),
        (proposal("transparency", None, "deployer"), "2027-12-02T00:00:00Z", false, false),
    ] {
        let found = required(proposal.clone(), now);
        let is = (found.fria_required, found.registration_required);
        assert_eq!(is, (fria, registration), "{proposal:?} on {now}");
    }
}

#[test]
fn each_finding_names_its_rule_and_why() {
    let found = required(credit_scoring(), "2027-12-02T00:00:00Z").findings;
    let registration = &found[&key("eu_ai_act.49_1")];
    assert!(registration.applies && !registration.voluntary);
    assert_eq!(registration.duty, Duty::Registration);
    assert_eq!(registration.article.as_str(), "Art. 49(1)");
    assert_eq!(
        registration.because.as_str(),
        "applies since 2027-12-02; the class is high_risk; the role is provider; the point is 5(b)"
    );
    let fria = &found[&key("eu_ai_act.27_1.credit")];
    assert!(!fria.applies);
    assert_eq!(fria.because.as_str(), "the role is provider, not deployer");
}

#[test]
fn a_rule_that_was_adopted_early_is_required_before_its_time() {
    let mut set = serde_json::to_value(reference::rules::packaged("eu_ai_act").unwrap()).unwrap();
    set["revision"] = json!("house");
    set["status"] = json!("active");
    set["adoptedEarly"] = json!({"eu_ai_act.49_1": {"since": "2024-01-01"}});
    let dpo = aoife().knowing("rst_1", "rule_set", set);
    let found = state(after(proposed(credit_scoring()), vec![(Command::Confirm, dpo)])).findings;
    assert!(found.registration_required && !found.fria_required);
    assert!(found.findings[&key("eu_ai_act.49_1")].voluntary);
    assert_eq!(found.rule_set_version, Some(Line::new("eu_ai_act@house")));
}

#[test]
fn a_system_has_one_classification_per_regime() {
    let document = serde_json::to_value(state(proposed(credit_scoring()))).unwrap();
    let knowing = tomas().knowing("cls_1", "regulatory_classification", document);
    let refusal = refused(vec![], propose(credit_scoring()), &knowing);
    let (regime, id) = ("eu_ai_act".into(), "cls_1".into());
    assert_eq!(refusal, Refusal::AlreadyClassified { regime, id });
    let other = Command::Propose(Propose {
        system: Ref::new("sys_other"),
        regime: key("eu_ai_act"),
        proposal: credit_scoring(),
    });
    assert!(RegulatoryClassification::default().decide(other, &knowing).is_ok());
    let needs = RegulatoryClassification::default().needs(&propose(credit_scoring()), &tomas());
    let same = Need::Where("regulatory_classification", "system", CREDIT.into());
    assert_eq!(needs, [Rules::need(), same]);
}

#[test]
fn what_the_rules_do_not_know_is_refused_by_name() {
    let message = |command, context: &Context| refused(vec![], command, context).to_string();
    let elsewhere = Command::Propose(Propose {
        system: Ref::new(CREDIT),
        regime: key("us_ai_act"),
        proposal: credit_scoring(),
    });
    assert_eq!(
        message(elsewhere, &tomas()),
        "No rules published until 2024-08-26 define classes of us_ai_act; they do of eu_ai_act."
    );
    assert_eq!(
        message(propose(proposal("limited", None, "provider")), &tomas()),
        "No rule published until 2024-08-26 defines the class limited of eu_ai_act; there are \
         gpai, gpai_systemic, high_risk, high_risk_product, minimal, prohibited, transparency."
    );
    assert_eq!(
        message(propose(proposal("minimal", None, "controller")), &tomas()),
        "eu_ai_act knows no role controller; there are authorised_representative, deployer, \
         distributor, importer, product_manufacturer, provider."
    );
    let before = on("usr_tomas", Role::Rm, "2024-07-11T09:00:00Z");
    let unpublished = refused(vec![], propose(credit_scoring()), &before);
    assert!(matches!(unpublished, Refusal::UnknownRegime { at: "/regime", .. }));
    let repropose = Command::Repropose(proposal("limited", None, "provider"));
    let unknown = refused(proposed(credit_scoring()), repropose, &tomas());
    assert!(matches!(unknown, Refusal::UnknownClass { at: "/class", .. }));
    let role = refused(proposed(credit_scoring()), role_change("controller"), &tomas());
    assert!(matches!(role, Refusal::UnknownRole { at: "/role", .. }));
}

#[test]
fn a_class_of_listed_uses_needs_a_point_of_its_list() {
    let points = || "1, 2, 3, 4, 5, 6, 7, 8".to_owned();
    let of = |point: Option<&str>| {
        refused(vec![], propose(proposal("high_risk", point, "provider")), &tomas())
    };
    let class = || "high_risk".to_owned();
    let missing = Refusal::PointMissing { class: class(), points: points(), at: "/point" };
    assert_eq!(of(None), missing);
    for point in ["9", "9(a)", "5b", "5(B)", "5(bb)", "5()", "5(b", "05", "Annex III 5(b)"] {
        let (unknown, class, points) = (point.to_owned(), class(), points());
        let wanted = Refusal::UnknownPoint { point: unknown, class, points, at: "/point" };
        assert_eq!(of(Some(point)), wanted);
    }
    for point in ["1", "8", "5(b)"] {
        assert_eq!(proposed(proposal("high_risk", Some(point), "provider")).len(), 1);
    }
    let unlisted = proposal("transparency", Some("5(b)"), "deployer");
    assert_eq!(
        refused(vec![], propose(unlisted), &tomas()),
        Refusal::ClassWithoutPoints { class: "transparency".into(), at: "/point" }
    );
}

#[test]
fn an_exemption_needs_a_reason_and_is_not_for_profiling() {
    let of = |proposal| refused(vec![], propose(proposal), &tomas());
    let profiling = Refusal::ExemptionWhileProfiling { at: "/exemption/profiling" };
    assert_eq!(of(exempted(Some("it sorts mail"), true)), profiling);
    let unreasoned = Refusal::ExemptionWithoutReason { at: "/exemption/reason" };
    assert_eq!(of(exempted(None, false)), unreasoned);
    assert_eq!(of(exempted(Some("  "), false)), unreasoned);
    for class in ["transparency", "minimal", "prohibited", "high_risk_product"] {
        let exemption = exempted(Some("it sorts mail"), false).exemption;
        let proposal = Proposal { exemption, ..proposal(class, None, "provider") };
        let class = class.to_owned();
        assert_eq!(of(proposal), Refusal::NoExemptionFromClass { class, at: "/exemption" });
    }
}

#[test]
fn nobody_confirms_what_he_proposed() {
    let both = Context::of("usr_tomas", &[Role::Dpo, Role::Rm], "2024-09-02T09:00:00Z");
    let given = proposed(credit_scoring());
    assert_eq!(refused(given, Command::Confirm, &both), Refusal::ConfirmerIsAuthor);
    let again = Command::Repropose(proposal("minimal", None, "provider"));
    let given = after(confirmed(credit_scoring()), vec![(again, tomas())]);
    assert_eq!(refused(given, Command::Confirm, &both), Refusal::ConfirmerIsAuthor);
}

#[test]
fn who_recorded_the_change_of_role_does_not_confirm_it_unless_it_is_proposed_by_another() {
    let given = after(confirmed(credit_scoring()), vec![(role_change("deployer"), aoife())]);
    assert_eq!(refused(given.clone(), Command::Confirm, &aoife()), Refusal::ConfirmerIsAuthor);
    let again = Command::Repropose(proposal("high_risk", Some("5(b)"), "deployer"));
    let given = after(given, vec![(again, tomas()), (Command::Confirm, aoife())]);
    assert_eq!(state(given).status, ClassificationStatus::Confirmed);
    let given = after(proposed(credit_scoring()), vec![(role_change("deployer"), aoife())]);
    assert_eq!(refused(given, Command::Confirm, &aoife()), Refusal::ConfirmerIsAuthor);
}

#[test]
fn a_confirmed_classification_stands_until_another_is_confirmed() {
    let again = Command::Repropose(proposal("minimal", None, "deployer"));
    let waiting = after(confirmed(credit_scoring()), vec![(again, tomas())]);
    let fact = as_fact(waiting.clone());
    assert!(fact.is_confirmed() && fact.has_effect("high_risk"));
    let pending = state(waiting.clone()).pending.unwrap();
    assert_eq!((pending.revision, pending.proposal.class), (2, key("minimal")));
    let done = after(waiting, vec![(Command::Confirm, aoife())]);
    let [.., Event::Superseded(ended), Event::Confirmed(_)] = done.as_slice() else {
        panic!("{done:?}")
    };
    assert_eq!(*ended, Superseded { revision: 1, by_revision: 2 });
    let found = state(done);
    assert_eq!((found.revision, &found.proposal.class), (2, &key("minimal")));
    assert_eq!((found.findings.effects.len(), found.pending), (0, None));
    let former = &found.superseded[&key("revision-000001")];
    assert_eq!((&former.class, &former.role), (&key("high_risk"), &key("provider")));
    assert_eq!((former.by_revision, former.effects.as_slice()), (2, &[Effect::HighRisk][..]));
}

#[test]
fn before_the_first_confirmation_a_proposal_is_simply_replaced() {
    let again = Command::Repropose(proposal("minimal", None, "provider"));
    let found = state(after(proposed(credit_scoring()), vec![(again, tomas())]));
    assert_eq!((found.revision, &found.proposal.class), (1, &key("minimal")));
    assert_eq!((found.pending, found.status), (None, ClassificationStatus::Proposed));
}

#[test]
fn a_changed_role_holds_at_once_and_must_be_confirmed_again() {
    let deployer = proposal("high_risk", Some("5(b)"), "deployer");
    let given = after(confirmed(deployer), vec![(role_change("provider"), tomas())]);
    let fact = as_fact(given.clone());
    assert!(!fact.is_confirmed() && fact.was_confirmed() && fact.has_effect("high_risk"));
    assert_eq!(fact.role, "provider");
    let change = state(given.clone()).role_change.unwrap();
    assert_eq!((change.from, change.to), (key("deployer"), key("provider")));
    assert_eq!(change.on, "2024-08-26".parse().unwrap());
    let found = state(after(given, vec![(Command::Confirm, aoife())]));
    assert_eq!((found.status, found.revision), (ClassificationStatus::Confirmed, 2));
    assert_eq!(found.confirmed_role, Some(key("provider")));
    assert_eq!(found.superseded[&key("revision-000001")].role, key("deployer"));
}

#[test]
fn a_role_that_changes_while_a_revision_waits_changes_there_too() {
    let again = Command::Repropose(proposal("minimal", None, "deployer"));
    let changes = vec![
        (again, tomas()),
        (role_change("importer"), tomas()),
        (role_change("distributor"), tomas()),
    ];
    let given = after(confirmed(credit_scoring()), changes);
    let pending = state(given.clone()).pending.unwrap();
    assert_eq!((&pending.proposal.role, pending.revision), (&key("distributor"), 2));
    assert_eq!(pending.proposal.class, key("minimal"));
    let found = state(after(given, vec![(Command::Confirm, aoife())]));
    assert_eq!(found.proposal.role, key("distributor"));
    assert_eq!(found.superseded[&key("revision-000001")].role, key("provider"));
}

#[test]
fn what_holds_already_yields_nothing() {
    let given = confirmed(credit_scoring());
    let decide = |command| state(given.clone()).decide(command, &aoife());
    assert_eq!(decide(Command::Confirm), Ok(vec![]));
    assert_eq!(decide(role_change("provider")), Ok(vec![]));
}

#[test]
fn a_proposal_that_the_rules_no_longer_know_is_not_confirmed() {
    let set = |until: Value| {
        json!({
            "name": "house", "revision": "1", "source": "Board", "licence": "Own",
            "roles": ["maker"], "status": "active",
            "rules": {"house.grave": {
                "code": "house.grave", "regime": "house", "jurisdiction": "NL", "article": "1",
                "trigger": "class", "class": "grave", "effects": ["high_risk"], "when": {},
                "published": "2024-01-01", "appliesFrom": "2024-01-01", "appliesUntil": until,
                "text": "Grave.", "source": "Board", "sourceVersion": "1",
            }},
        })
    };
    let knowing = |context: Context, until| context.knowing("rst_1", "rule_set", set(until));
    let propose = Command::Propose(Propose {
        system: Ref::new(CREDIT),
        regime: key("house"),
        proposal: proposal("grave", None, "maker"),
    });
    let given = after(vec![], vec![(propose, knowing(tomas(), Value::Null))]);
    let ended = knowing(aoife(), json!("2024-08-31"));
    let refusal = refused(given.clone(), Command::Confirm, &ended);
    assert!(matches!(refusal, Refusal::ProposalOutdated { .. }), "{refusal}");
    let still = knowing(aoife(), json!("2024-09-02"));
    let found = state(after(given, vec![(Command::Confirm, still)]));
    assert_eq!(found.findings.rule_set_version, Some(Line::new("house@1")));
}

#[test]
fn a_forbidden_system_beyond_inception_is_found_and_shown() {
    let system = |stage: &str| {
        let status = "running";
        aoife().knowing(
            CREDIT,
            "ai_system",
            json!({"name": "CreditLens", "stage": stage, "operationStatus": status}),
        )
    };
    let given = || proposed(proposal("prohibited", None, "provider"));
    for (stage, found) in [
        ("inception", false),
        ("design_and_development", true),
        ("operation_and_monitoring", true),
        ("retirement", false),
    ] {
        let events = after(given(), vec![(Command::Confirm, system(stage))]);
        let recorded = events.iter().any(|event| matches!(event, Event::ForbiddenUseFound(_)));
        assert_eq!((recorded, state(events).forbidden_use.is_some()), (found, found), "{stage}");
    }
    let running = after(given(), vec![(Command::Confirm, system("operation_and_monitoring"))]);
    let again = Command::Repropose(proposal("minimal", None, "provider"));
    let cleared = after(
        running,
        vec![(again, tomas()), (Command::Confirm, system("operation_and_monitoring"))],
    );
    assert_eq!(state(cleared).forbidden_use, None);
    let needs = state(given()).needs(&Command::Confirm, &aoife());
    assert_eq!(needs, [Rules::need(), Need::Object(CREDIT.into())]);
}

#[test]
fn only_the_last_twenty_superseded_revisions_are_listed() {
    let mut given = confirmed(credit_scoring());
    for n in 0..22 {
        let class = if n % 2 == 0 { "minimal" } else { "transparency" };
        let again = Command::Repropose(proposal(class, None, "provider"));
        given = after(given, vec![(again, tomas()), (Command::Confirm, aoife())]);
    }
    let found = state(given);
    assert_eq!((found.revision, found.superseded.len()), (23, 20));
    assert!(found.superseded.contains_key(&key("revision-000003")));
    assert!(serde_json::to_vec(&found).unwrap().len() < 16 * 1024);
}

#[test]
fn the_rationale_can_be_corrected_but_not_the_class() {
    let correct = |set: Value| {
        let set = serde_json::from_value(set).unwrap();
        Command::Correct(Correct { corrects: 1, reason: Prose::new("misread"), set })
    };
    let mut context = tomas();
    context.version = 2;
    let given = confirmed(credit_scoring());
    let corrected = state(after(
        given.clone(),
        vec![(correct(json!({"rationale": "It rates people"})), {
            let mut context = tomas();
            context.version = 2;
            context
        })],
    ));
    assert_eq!(corrected.proposal.rationale, Prose::new("It rates people"));
    assert_eq!(corrected.status, ClassificationStatus::Confirmed);
    let refusal = refused(given, correct(json!({"class": "minimal"})), &context);
    assert!(matches!(refusal, Refusal::Correction(CorrectionRefusal::NotCorrectable { .. })));
}

#[test]
fn the_commands_run_through_the_framework() {
    let first = Proposed {
        system: Ref::new(CREDIT),
        regime: key("eu_ai_act"),
        revision: 1,
        by: UserId::new("usr_tomas"),
        proposal: credit_scoring(),
    };
    TestFramework::<RegulatoryClassification>::with(tomas())
        .given_no_previous_events()
        .when(propose(credit_scoring()))
        .then_expect_events(vec![Event::Proposed(first)]);
}
