//! Given, when, then: requirement sets.

use std::collections::BTreeMap;

use kernel::values::{Line, Prose};
use serde_json::json;

use super::*;
use crate::threshold::{Comparison, Threshold};

const SYSTEM: &str = "sys_creditlens";

fn on(user: &str, role: Role) -> Context {
    Context::of(user, &[role], "2024-11-11T09:00:00Z")
}

fn marc() -> Context {
    on("usr_marc", Role::So)
}

fn lena() -> Context {
    on("usr_lena", Role::Ro)
}

fn at_least(value: &str) -> Option<Threshold> {
    Some(Threshold { comparison: Comparison::AtLeast, value: value.parse().unwrap() })
}

fn requirement(requirement_kind: RequirementKind) -> Requirement {
    let measured = requirement_kind.is_measurable();
    Requirement {
        text: Prose::new("Groups are treated alike."),
        requirement_kind,
        metric: measured.then(|| Line::new("disparate impact ratio")),
        threshold: at_least("0.8").filter(|_| measured),
        source: Line::new("IA-01"),
        priority: Priority::Must,
    }
}

fn items(kinds: &[RequirementKind]) -> BTreeMap<Key, Requirement> {
    kinds.iter().map(|kind| (Key::new(kind.text()), requirement(*kind))).collect()
}

fn draft(kinds: &[RequirementKind]) -> Command {
    Command::Draft(Content { system: Ref::new(SYSTEM), items: items(kinds) })
}

fn baseline() -> Command {
    Command::Baseline(Approve { content_hash: None })
}

fn add(key: &str, requirement: Requirement) -> Command {
    Command::AddRequirement(AddRequirement { key: Some(Key::new(key)), requirement })
}

fn change(key: &str, requirement: Requirement) -> Command {
    Command::ChangeRequirement(ChangeRequirement { key: Key::new(key), requirement })
}

fn remove(key: &str) -> Command {
    Command::RemoveRequirement(RemoveRequirement { key: Key::new(key) })
}

fn next_baseline() -> ChangeBaseline {
    ChangeBaseline {
        reason: Prose::new("The assessment asks for more."),
        remove: vec![],
        change: BTreeMap::new(),
        add: BTreeMap::new(),
    }
}

fn given(set: &mut RequirementSet, command: Command, context: &Context) -> Vec<Event> {
    let events = set.decide(command, context).unwrap();
    events.iter().for_each(|event| set.evolve(event.clone()));
    events
}

/// The set after these commands.
fn after(commands: Vec<(Command, Context)>) -> RequirementSet {
    let mut set = RequirementSet::default();
    for (command, context) in commands {
        given(&mut set, command, &context);
    }
    set
}

fn submitted(kinds: &[RequirementKind]) -> RequirementSet {
    after(vec![(draft(kinds), marc()), (Command::Submit, marc())])
}

fn baselined(kinds: &[RequirementKind]) -> RequirementSet {
    let mut set = submitted(kinds);
    given(&mut set, baseline(), &lena());
    set
}

fn refused(set: &RequirementSet, command: Command, context: &Context) -> Refusal {
    set.decide(command, context).unwrap_err()
}

fn high_risk(context: Context, status: &str) -> Context {
    let body = json!({
        "system": SYSTEM, "status": status, "regime": "eu_ai_act", "class": "high_risk",
        "role": "provider", "effects": ["high_risk"],
        "confirmedAt": (status == "confirmed").then_some("2024-09-02T09:00:00.000000Z"),
    });
    context.knowing("cls_1", "regulatory_classification", body)
}

fn assessed(context: Context, system: &str, level: &str, status: &str) -> Context {
    let body = json!({ "system": system, "status": status, "level": level });
    context.knowing("aia_1", "impact_assessment", body)
}

#[test]
fn the_business_owner_baselines_what_the_system_owner_wrote() {
    let mut set = submitted(&[RequirementKind::Fairness, RequirementKind::Legal]);
    let events = given(&mut set, baseline(), &lena());
    let [Event::Baselined(baselined)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(baselined.count, 2);
    assert_eq!(baselined.effective.approved_by, UserId::new("usr_lena"));
    let baseline = set.baseline.unwrap();
    assert_eq!(baseline.number, 1);
    let fairness = &baseline.requirements[&Key::new("fairness")];
    assert_eq!(fairness.threshold, at_least("0.8"));
}

#[test]
fn an_author_does_not_baseline_his_own_requirements() {
    let set = submitted(&[RequirementKind::Legal]);
    let both = Context::of("usr_marc", &[Role::So, Role::Ro], "2024-11-11T09:00:00Z");
    let refusal = refused(&set, baseline(), &both);
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn who_changed_a_single_requirement_is_an_author_too() {
    let lena_as_owner = on("usr_lena", Role::So);
    let set = after(vec![
        (draft(&[RequirementKind::Legal]), marc()),
        (add("oversight", requirement(RequirementKind::Oversight)), lena_as_owner),
        (Command::Submit, marc()),
    ]);
    let refusal = refused(&set, baseline(), &lena());
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn a_system_has_one_set() {
    let other = json!({ "system": SYSTEM });
    let context = marc().knowing("rqs_1", "requirement_set", other);
    let refusal = refused(&RequirementSet::default(), draft(&[]), &context);
    assert_eq!(refusal, Refusal::SystemHasSet { set: "rqs_1".into(), at: "/system" });
    let elsewhere = marc().knowing("rqs_1", "requirement_set", json!({ "system": "sys_other" }));
    assert!(RequirementSet::default().decide(draft(&[]), &elsewhere).is_ok());
}

#[test]
fn requirements_are_added_changed_and_removed_one_by_one() {
    let mut set = after(vec![(draft(&[RequirementKind::Legal]), marc())]);
    given(&mut set, add("safety", requirement(RequirementKind::Safety)), &marc());
    let stricter =
        Requirement { threshold: at_least("0.9"), ..requirement(RequirementKind::Safety) };
    given(&mut set, change("safety", stricter.clone()), &marc());
    given(&mut set, remove("legal"), &marc());
    assert_eq!(set.content.items, BTreeMap::from([(Key::new("safety"), stricter.clone())]));
    assert_eq!(set.decide(change("safety", stricter), &marc()), Ok(vec![]));
}

#[test]
fn a_requirement_without_a_key_gets_one() {
    let set = after(vec![(draft(&[]), marc())]);
    let requirement = requirement(RequirementKind::Legal);
    let command = Command::AddRequirement(AddRequirement { key: None, requirement });
    let events = set.decide(command, &marc()).unwrap();
    let [Event::RequirementAdded(added)] = events.as_slice() else { panic!("{events:?}") };
    assert!(added.key.as_str().starts_with("requirement_"));
}

#[test]
fn an_unknown_requirement_and_a_taken_key_are_refused() {
    let set = after(vec![(draft(&[RequirementKind::Legal]), marc())]);
    let legal = || requirement(RequirementKind::Legal);
    let unknown = || Refusal::UnknownRequirement { key: "privacy".into(), at: "/key".into() };
    assert_eq!(refused(&set, change("privacy", legal()), &marc()), unknown());
    assert_eq!(refused(&set, remove("privacy"), &marc()), unknown());
    let taken = Refusal::KeyTaken { key: "legal".into(), at: "/key".into() };
    assert_eq!(refused(&set, add("legal", legal()), &marc()), taken);
}

#[test]
fn a_threshold_needs_a_metric() {
    let bare = Requirement { metric: None, ..requirement(RequirementKind::Fairness) };
    let items = BTreeMap::from([(Key::new("dir"), bare.clone())]);
    let command = Command::Draft(Content { system: Ref::new(SYSTEM), items });
    let refusal = |at: &str| Refusal::ThresholdWithoutMetric { key: "dir".into(), at: at.into() };
    assert_eq!(refused(&RequirementSet::default(), command, &marc()), refusal("/items/dir/metric"));
    let set = after(vec![(draft(&[]), marc())]);
    assert_eq!(refused(&set, add("dir", bare), &marc()), refusal("/metric"));
}

#[test]
fn a_set_without_requirements_is_not_submitted() {
    let set = after(vec![(draft(&[]), marc())]);
    assert_eq!(refused(&set, Command::Submit, &marc()), Refusal::NoRequirements);
}

#[test]
fn what_is_measured_needs_metric_and_threshold_before_it_is_submitted() {
    for kind in [RequirementKind::Performance, RequirementKind::Fairness, RequirementKind::Safety] {
        for half in [
            Requirement { metric: None, threshold: None, ..requirement(kind) },
            Requirement { threshold: None, ..requirement(kind) },
        ] {
            let set = after(vec![(draft(&[]), marc()), (add("it", half), marc())]);
            let refusal = Refusal::NotMeasurable { key: "it".into(), kind: kind.text() };
            assert_eq!(refused(&set, Command::Submit, &marc()), refusal);
        }
    }
    let set = after(vec![(draft(&[RequirementKind::Security]), marc())]);
    assert!(set.decide(Command::Submit, &marc()).is_ok());
}

#[test]
fn a_system_of_high_impact_needs_fairness_oversight_and_legal_requirements() {
    let set = submitted(&[RequirementKind::Fairness]);
    let missing = Refusal::KindMissing { missing: "oversight, legal".into() };
    for context in [
        high_risk(lena(), "confirmed"),
        assessed(lena(), SYSTEM, "high", "approved"),
        assessed(lena(), SYSTEM, "critical", "reassessment_required"),
    ] {
        assert_eq!(refused(&set, baseline(), &context), missing);
    }
    for context in [
        lena(),
        high_risk(lena(), "proposed"),
        assessed(lena(), SYSTEM, "medium", "approved"),
        assessed(lena(), "sys_other", "high", "approved"),
        assessed(lena(), SYSTEM, "high", "superseded"),
    ] {
        assert!(set.decide(baseline(), &context).is_ok());
    }
    let whole = submitted(&RequirementKind::HIGH_IMPACT);
    assert!(whole.decide(baseline(), &high_risk(lena(), "confirmed")).is_ok());
    let draft = after(vec![(draft(&[RequirementKind::Fairness]), marc())]);
    let refusal = refused(&draft, Command::Submit, &high_risk(marc(), "confirmed"));
    assert_eq!(refusal, missing, "the author learns of it when he submits");
}

#[test]
fn a_baseline_is_changed_by_the_next_one_only() {
    let set = baselined(&[RequirementKind::Legal]);
    let refusal = refused(&set, remove("legal"), &marc());
    assert!(matches!(refusal, Refusal::Approval(ApprovalRefusal::NotInDraft { .. })));
    let draft = after(vec![(draft(&[]), marc())]);
    let command = Command::ChangeBaseline(next_baseline());
    assert_eq!(refused(&draft, command, &marc()), Refusal::StillDraft);
    let review = submitted(&[RequirementKind::Legal]);
    let refusal = refused(&review, Command::ChangeBaseline(next_baseline()), &marc());
    assert!(matches!(refusal, Refusal::Approval(ApprovalRefusal::NotInDraft { .. })));
}

#[test]
fn the_baseline_in_force_holds_until_the_next_one_is_approved() {
    let mut set = baselined(&[RequirementKind::Legal, RequirementKind::Security]);
    let change = ChangeBaseline {
        remove: vec![Key::new("security")],
        change: BTreeMap::from([(Key::new("legal"), requirement(RequirementKind::Function))]),
        add: items(&[RequirementKind::Privacy]),
        ..next_baseline()
    };
    let events = given(&mut set, Command::ChangeBaseline(change), &marc());
    assert!(matches!(events.as_slice(), [Event::RequirementBaselineChanged(e)] if e.version == 2));
    assert_eq!(set.content.items.len(), 2);
    let in_force = set.baseline.as_ref().unwrap();
    assert!(in_force.requirements.contains_key(&Key::new("security")));
    given(&mut set, Command::Submit, &marc());
    let events = given(&mut set, baseline(), &lena());
    assert!(matches!(events.as_slice(), [Event::Superseded(_), Event::Baselined(_)]));
    let in_force = set.baseline.unwrap();
    assert_eq!(in_force.number, 2);
    let legal = &in_force.requirements[&Key::new("legal")];
    assert_eq!(legal.requirement_kind, RequirementKind::Function);
    assert!(!in_force.requirements.contains_key(&Key::new("security")));
}

#[test]
fn a_change_names_requirements_that_there_are() {
    let set = baselined(&[RequirementKind::Legal]);
    let key = |key: &str| Key::new(key);
    let one = |k: &str| BTreeMap::from([(key(k), requirement(RequirementKind::Legal))]);
    let unknown =
        |key: &str, at: &str| Refusal::UnknownRequirement { key: key.into(), at: at.into() };
    for (change, refusal) in [
        (
            ChangeBaseline { remove: vec![key("legal"), key("legal")], ..next_baseline() },
            unknown("legal", "/remove/1"),
        ),
        (
            ChangeBaseline { remove: vec![key("legal")], change: one("legal"), ..next_baseline() },
            unknown("legal", "/change/legal"),
        ),
        (
            ChangeBaseline { add: one("legal"), ..next_baseline() },
            Refusal::KeyTaken { key: "legal".into(), at: "/add/legal".into() },
        ),
    ] {
        assert_eq!(refused(&set, Command::ChangeBaseline(change), &marc()), refusal);
    }
    let replaced =
        ChangeBaseline { remove: vec![key("legal")], add: one("legal"), ..next_baseline() };
    assert!(set.decide(Command::ChangeBaseline(replaced), &marc()).is_ok());
}

#[test]
fn a_set_does_not_grow_without_end() {
    let many = |count: usize| -> BTreeMap<Key, Requirement> {
        let keys = (0..count).map(|n| Key::new(format!("r{n}")));
        keys.map(|key| (key, requirement(RequirementKind::Legal))).collect()
    };
    let full = Content { system: Ref::new(SYSTEM), items: many(check::REQUIREMENTS_MAX) };
    let mut set = after(vec![(Command::Draft(full), marc()), (Command::Submit, marc())]);
    given(&mut set, baseline(), &lena());
    let add_one = ChangeBaseline { add: items(&[RequirementKind::Privacy]), ..next_baseline() };
    let max = Refusal::TooManyRequirements { max: check::REQUIREMENTS_MAX };
    assert_eq!(refused(&set, Command::ChangeBaseline(add_one), &marc()), max);
    given(&mut set, Command::ChangeBaseline(next_baseline()), &marc());
    let one_more = add("one-more", requirement(RequirementKind::Legal));
    assert_eq!(refused(&set, one_more, &marc()), max);
}

#[test]
fn a_rejected_set_is_a_draft_again_and_a_withdrawn_one_begins_anew() {
    let mut set = submitted(&[RequirementKind::Legal]);
    let reason = Prose::new("not enough");
    given(&mut set, Command::Reject(Reject { reason: reason.clone() }), &lena());
    given(&mut set, Command::Submit, &marc());
    given(&mut set, baseline(), &lena());
    given(&mut set, Command::Withdraw(Withdraw { reason }), &lena());
    assert_eq!((&set.baseline, &set.approval.effective), (&None, &None));
    given(&mut set, Command::ChangeBaseline(next_baseline()), &marc());
    assert_eq!(set.approval.version, 2);
}

#[test]
fn a_correction_leaves_the_requirements_as_they_were_approved() {
    let context = Context { version: 3, ..marc() };
    let set = baselined(&[RequirementKind::Legal]);
    let correct = |set: serde_json::Value| {
        let set = kernel::values::Fields(set.as_object().unwrap().clone());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("a slip"), set })
    };
    assert!(set.decide(correct(json!({})), &context).is_ok());
    let refusal = refused(&set, correct(json!({ "items": {} })), &context);
    assert!(matches!(refusal, Refusal::Correction(CorrectionRefusal::NotCorrectable { .. })));
}

#[test]
fn what_others_rely_on_is_what_the_set_says() {
    let body = serde_json::to_value(baselined(&[RequirementKind::Legal])).unwrap();
    let context = lena().knowing("rqs_1", "requirement_set", body);
    let seen: facts::RequirementSet = context.facts.get("rqs_1").unwrap();
    assert_eq!(seen.system, SYSTEM);
    assert_eq!(seen.effective.unwrap()["version"], 1);
}
