//! Given, when, then: a tenant's rule sets.

use cqrs_es::test::TestFramework;
use kernel::Facts;
use reference::rules::{Case, Rule, Rules, Trigger};
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2025-06-01T09:00:00Z";

fn dpo() -> Context {
    Context::of("usr_aoife", &[Role::Dpo], NOW)
}

/// One rule of the house that applies from 2026 on, and a class.
fn content(revision: &str) -> RuleSetContent {
    let rule = json!({
        "code": "house.report", "regime": "house", "jurisdiction": "NL", "article": "3",
        "trigger": "incident_report", "when": {}, "deadline": {"amount": 1, "unit": "days"},
        "published": "2025-01-01", "appliesFrom": "2026-01-01", "text": "Tell the board.",
        "source": "House rules", "sourceVersion": "1",
    });
    let mut class = rule.clone();
    let defines = json!({
        "code": "house.class", "trigger": "class", "class": "grave", "deadline": null,
    });
    class.as_object_mut().unwrap().extend(defines.as_object().unwrap().clone());
    serde_json::from_value(json!({
        "name": "house", "revision": revision, "source": "Board", "licence": "Own",
        "roles": ["provider"], "rules": {"house.report": rule, "house.class": class},
    }))
    .unwrap()
}

/// The events that follow from these commands of the data protection officer.
fn after(commands: Vec<Command>) -> Vec<Event> {
    let (mut set, mut all) = (RuleSet::default(), Vec::new());
    for command in commands {
        for event in set.decide(command, &dpo()).unwrap() {
            set.evolve(event.clone());
            all.push(event);
        }
    }
    all
}

fn state(events: Vec<Event>) -> RuleSet {
    let mut set = RuleSet::default();
    events.into_iter().for_each(|event| set.evolve(event));
    set
}

fn active() -> Vec<Event> {
    after(vec![Command::Load(content("1"))])
}

fn refused(given: Vec<Event>, command: Command) -> Refusal {
    state(given).decide(command, &dpo()).unwrap_err()
}

fn adopt(rule: &str) -> Command {
    Command::AdoptEarly(AdoptEarly { rule: Key::new(rule), reason: Prose::new("good practice") })
}

fn end_adoption(rule: &str) -> Command {
    let (rule, reason) = (Key::new(rule), Prose::new("too much"));
    Command::EndEarlyAdoption(EndEarlyAdoption { rule, reason })
}

fn retire() -> Command {
    Command::Retire(Retire { reason: Prose::new("taken into the packaged set") })
}

/// What the report rule of the house says, by the documents of these sets.
fn report_applies(events: Vec<Event>) -> Option<bool> {
    let mut facts = Facts::default();
    let document: Value = serde_json::to_value(state(events)).unwrap();
    facts.add("rst_1", "rule_set", document.into());
    let rules = Rules::known(&facts);
    let on = "2025-06-01".parse().unwrap();
    let said = rules.evaluate(Trigger::IncidentReport, &Case::default(), on);
    assert_eq!(facts.unreadable(), None);
    said.iter().find(|said| said.rule.code.as_str() == "house.report").map(|said| said.applies)
}

#[test]
fn a_set_is_loaded_revised_and_retired() {
    TestFramework::<RuleSet>::with(dpo())
        .given_no_previous_events()
        .when(Command::Load(content("1")))
        .then_expect_events(active());
    let mut changed = content("2");
    changed.source = Line::new("Board, revised");
    let given =
        after(vec![Command::Load(content("1")), Command::Revise(changed.clone()), retire()]);
    let set = state(given);
    assert_eq!((&set.content, set.status), (&changed, RuleSetStatus::Retired));
    assert_eq!(set.revisions, [Line::new("1"), Line::new("2")]);
    assert_eq!(set.loaded_by, UserId::new("usr_aoife"));
    assert_eq!(set.retirement, Some(Prose::new("taken into the packaged set")));
}

#[test]
fn what_holds_already_yields_nothing() {
    let loaded = active();
    let decide = |given: &[Event], command| state(given.to_vec()).decide(command, &dpo());
    assert_eq!(decide(&loaded, Command::Revise(content("1"))), Ok(vec![]));
    assert_eq!(decide(&loaded, end_adoption("house.report")), Ok(vec![]));
    let adopted = after(vec![Command::Load(content("1")), adopt("house.report")]);
    assert_eq!(decide(&adopted, adopt("house.report")), Ok(vec![]));
    let retired = after(vec![Command::Load(content("1")), retire()]);
    assert_eq!(decide(&retired, retire()), Ok(vec![]));
}

#[test]
fn a_packaged_set_is_taken_over_as_it_is() {
    for name in packaged_names() {
        let load = Command::LoadPackaged(LoadPackaged { name: Key::new(name) });
        let set = state(after(vec![load]));
        assert_eq!(Some(&set.content), packaged(name));
    }
    let load = Command::LoadPackaged(LoadPackaged { name: Key::new("us_ai_act") });
    assert_eq!(
        refused(vec![], load).to_string(),
        "No set us_ai_act comes with the product; there are eu_ai_act, eu_gdpr."
    );
}

#[test]
fn a_taken_over_set_of_the_largest_size_fits_a_document_with_all_that_is_kept_of_it() {
    let mut set =
        state(after(vec![Command::LoadPackaged(LoadPackaged { name: Key::new("eu_ai_act") })]));
    let left = reference::rules::SET_MAX - serde_json::to_vec(&set.content).unwrap().len();
    let most: usize = set.content.rules.len();
    for rule in set.content.rules.values_mut() {
        let room = (600 - rule.text.as_str().len()).min(left / most);
        rule.text = Line::new(format!("{}{}", rule.text, "x".repeat(room)));
    }
    set.content.check().unwrap();
    let sealed = Prose::Sealed("0".repeat(64));
    for n in 0..adoption::EARLY_MAX {
        let code = Key::new(format!("{n:064}"));
        let by = UserId::new(format!("usr_{}", "0".repeat(26)));
        let since = "2025-01-01".parse().unwrap();
        set.adopted_early.insert(code, Adoption { since, by, reason: sealed.clone() });
    }
    set.revisions = vec![Line::new("é".repeat(40)); REVISIONS_KEPT];
    set.retirement = Some(sealed);
    assert!(serde_json::to_vec(&set).unwrap().len() < 63 * 1024);
}

#[test]
fn two_active_sets_do_not_share_a_name() {
    let document = |events| serde_json::to_value(state(events)).unwrap();
    let load = || Command::Load(content("1"));
    let taken = dpo().knowing("rst_1", "rule_set", document(active()));
    let refusal = RuleSet::default().decide(load(), &taken).unwrap_err();
    assert_eq!(refusal, Refusal::NameTaken { name: "house".into(), at: "/name" });
    let retired = after(vec![load(), retire()]);
    let free = dpo().knowing("rst_1", "rule_set", document(retired));
    assert!(RuleSet::default().decide(load(), &free).is_ok());
    let needs = RuleSet::default().needs(&load(), &dpo());
    assert_eq!(needs, [Need::Where("rule_set", "name", "house".into())]);
}

#[test]
fn rules_that_cannot_be_evaluated_are_not_loaded() {
    let mut unfit = content("2");
    unfit.rules.values_mut().for_each(|rule| rule.deadline = None);
    let missing = ContentRefusal::NoDeadline {
        rule: "house.report".into(),
        at: "/rules/house.report/deadline".into(),
    };
    let loaded = refused(vec![], Command::Load(unfit.clone()));
    assert_eq!(loaded, Refusal::Content(missing.clone()));
    assert_eq!(refused(active(), Command::Revise(unfit)), Refusal::Content(missing));
}

#[test]
fn a_new_edition_has_a_new_revision_and_the_same_name() {
    let mut changed = content("1");
    changed.licence = Line::new("Free");
    let revised = after(vec![Command::Load(content("1")), Command::Revise(content("2"))]);
    assert_eq!(
        refused(revised, Command::Revise(changed)),
        Refusal::RevisionNotNew { revision: "1".into(), at: "/revision" }
    );
    let mut other = content("2");
    other.name = Key::new("garden");
    assert_eq!(
        refused(active(), Command::Revise(other)),
        Refusal::OtherName { name: "house".into(), at: "/name" }
    );
}

#[test]
fn only_the_last_thirty_editions_are_remembered() {
    let mut commands = vec![Command::Load(content("0"))];
    commands.extend((1..=30).map(|n| Command::Revise(content(&n.to_string()))));
    let set = state(after(commands));
    assert_eq!((set.revisions.len(), set.revisions[0].as_str()), (30, "1"));
}

#[test]
fn a_rule_is_adopted_early_and_left_to_the_law_again() {
    assert_eq!(report_applies(active()), Some(false));
    let adopted = after(vec![Command::Load(content("1")), adopt("house.report")]);
    let adoption = &state(adopted.clone()).adopted_early[&Key::new("house.report")];
    assert_eq!(adoption.since, "2025-06-01".parse().unwrap());
    assert_eq!(adoption.by, UserId::new("usr_aoife"));
    assert_eq!(report_applies(adopted.clone()), Some(true));
    let mut ended = adopted.clone();
    ended.extend(state(adopted).decide(end_adoption("house.report"), &dpo()).unwrap());
    assert_eq!(report_applies(ended.clone()), Some(false));
    ended.extend(state(ended.clone()).decide(retire(), &dpo()).unwrap());
    assert_eq!(report_applies(ended), None);
}

#[test]
fn only_a_rule_that_does_not_apply_yet_can_be_adopted() {
    let unknown = Refusal::UnknownRule { rule: "house.nothing".into(), at: "/rule" };
    assert_eq!(refused(active(), adopt("house.nothing")), unknown);
    assert_eq!(refused(active(), end_adoption("house.nothing")), unknown);
    assert_eq!(
        refused(active(), adopt("house.class")),
        Refusal::ClassNotAdopted { rule: "house.class".into(), at: "/rule" }
    );
    let later = Context::of("usr_aoife", &[Role::Dpo], "2026-01-01T00:00:00Z");
    assert_eq!(
        state(active()).decide(adopt("house.report"), &later).unwrap_err(),
        Refusal::AppliesByLaw {
            rule: "house.report".into(),
            since: "2026-01-01".into(),
            at: "/rule"
        }
    );
}

#[test]
fn a_rule_that_has_ended_is_not_adopted() {
    let mut ended = content("1");
    for rule in ended.rules.values_mut() {
        rule.applies_from = "2025-01-01".parse().unwrap();
        rule.applies_until = Some("2025-05-31".parse().unwrap());
    }
    let (rule, until) = ("house.report".into(), "2025-05-31".into());
    assert_eq!(
        refused(after(vec![Command::Load(ended)]), adopt("house.report")),
        Refusal::RuleEnded { rule, until, at: "/rule" }
    );
}

#[test]
fn at_most_thirty_rules_are_adopted_early() {
    let mut many = content("1");
    let rule = many.rules[&Key::new("house.report")].clone();
    for n in 0..=30 {
        let code = Key::new(format!("house.{n}"));
        many.rules.insert(code.clone(), Rule { code, ..rule.clone() });
    }
    let mut commands = vec![Command::Load(many)];
    commands.extend((0..30).map(|n| adopt(&format!("house.{n}"))));
    let given = after(commands);
    assert_eq!(refused(given, adopt("house.30")), Refusal::TooManyAdopted { most: 30 });
}

#[test]
fn an_adopted_rule_stays_in_the_next_edition() {
    let given = after(vec![Command::Load(content("1")), adopt("house.report")]);
    let mut without = content("2");
    without.rules.remove(&Key::new("house.report"));
    assert_eq!(
        refused(given, Command::Revise(without)),
        Refusal::AdoptedRuleMissing { rule: "house.report".into(), at: "/rules" }
    );
}

#[test]
fn a_retired_set_is_not_changed() {
    let given = after(vec![Command::Load(content("1")), retire()]);
    for command in
        [Command::Revise(content("2")), adopt("house.report"), end_adoption("house.report")]
    {
        assert_eq!(refused(given.clone(), command), Refusal::SetRetired);
    }
}

#[test]
fn source_and_licence_can_be_corrected_but_no_rule() {
    let correct = |set: Value| {
        let set = serde_json::from_value(set).unwrap();
        Command::Correct(Correct { corrects: 1, reason: Prose::new("misread"), set })
    };
    let mut context = dpo();
    context.version = 1;
    let set = state(active());
    let events = set.decide(correct(json!({"source": "Works council"})), &context).unwrap();
    let mut set = set;
    events.into_iter().for_each(|event| set.evolve(event));
    assert_eq!(set.content.source, Line::new("Works council"));
    let refusal = set.decide(correct(json!({"rules": {}})), &context).unwrap_err();
    assert!(matches!(
        refusal,
        Refusal::Correction(CorrectionRefusal::NotCorrectable { field, .. }) if field == "rules"
    ));
}
