//! Given, when, then: the gate policy.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use cqrs_es::test::TestFramework;
use kernel::values::{Fields, Prose};

use super::*;

const NOW: &str = "2025-05-05T09:00:00Z";

fn ingrid() -> Context {
    Context::of("usr_ingrid", &[Role::Tm], NOW)
}

fn setting(check: Check, mode: Mode) -> Setting {
    Setting { check, mode, into: vec![], waivable_by: None, max_days: None }
}

fn policy(version: &str, rules: Vec<Setting>) -> Set {
    Set { policy_version: Line::new(version), rules }
}

fn given(sets: Vec<Set>) -> Vec<Event> {
    let (mut state, mut all) = (GatePolicy::default(), Vec::new());
    for set in sets {
        for event in state.decide(Command::Change(set), &ingrid()).unwrap() {
            state.evolve(event.clone());
            all.push(event);
        }
    }
    all
}

fn state(sets: Vec<Set>) -> GatePolicy {
    let mut state = GatePolicy::default();
    given(sets).into_iter().for_each(|event| state.evolve(event));
    state
}

fn refused(rules: Vec<Setting>) -> Refusal {
    GatePolicy::default().decide(Command::Set(policy("1", rules)), &ingrid()).unwrap_err()
}

fn codes(policy: &GatePolicy, into: Stage, mode: Mode) -> Vec<&'static str> {
    let asked = policy.asked(into).into_iter().filter(|(_, rule)| rule.mode == mode);
    asked.map(|(check, _)| check.code()).collect()
}

#[test]
fn without_a_policy_the_table_holds_and_one_check_warns() {
    let standard = GatePolicy::in_force(&ingrid());
    assert_eq!(standard.policy_version, Line::new("default"));
    let warn = codes(&standard, Stage::Deployment, Mode::Warn);
    assert_eq!(warn, ["g16"]);
    assert_eq!(codes(&standard, Stage::Retirement, Mode::Block), ["g17"]);
}

#[test]
fn a_set_policy_is_the_one_in_force() {
    let set = state(vec![policy("1", vec![])]);
    let known = ingrid().knowing("gpo_1", "gate_policy", serde_json::to_value(&set).unwrap());
    assert_eq!(GatePolicy::in_force(&known), set);
}

#[test]
fn from_version_to_version_checks_that_warned_come_to_block() {
    let halden = state(vec![
        policy("1", vec![setting(Check::G8Preregistration, Mode::Warn)]),
        policy("1.1", vec![setting(Check::G8Preregistration, Mode::Block)]),
        policy(
            "2",
            vec![setting(Check::G8Preregistration, Mode::Block), setting(Check::G16, Mode::Block)],
        ),
    ]);
    assert_eq!(codes(&halden, Stage::Deployment, Mode::Warn), Vec::<&str>::new());
    assert_eq!(halden.policy_versions.len(), 3);
    assert_eq!(halden.rules.len(), TABLE.len());
    assert_eq!(halden.set_by, Some(UserId::new("usr_ingrid")));
}

#[test]
fn the_view_of_others_reads_what_is_written_here() {
    let warns = |rules| {
        let body = serde_json::to_value(state(vec![policy("1", rules)])).unwrap();
        serde_json::from_value::<facts::GatePolicy>(body).unwrap().warns_of_early_runs()
    };
    assert!(!warns(vec![]));
    assert!(warns(vec![setting(Check::G8Preregistration, Mode::Warn)]));
}

#[test]
fn the_event_says_which_version_it_replaces() {
    let events = given(vec![policy("1", vec![]), policy("1.1", vec![])]);
    let [Event::Changed(first), Event::Changed(second)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(first.replaces, None);
    assert_eq!(second.replaces, Some(Line::new("1")));
}

#[test]
fn the_same_policy_again_changes_nothing() {
    TestFramework::<GatePolicy>::with(ingrid())
        .given(given(vec![policy("1", vec![setting(Check::G16, Mode::Block)])]))
        .when(Command::Change(policy("1", vec![setting(Check::G16, Mode::Block)])))
        .then_expect_events(vec![]);
}

#[test]
fn a_version_stands_for_one_policy_for_ever() {
    let used = state(vec![policy("1", vec![]), policy("2", vec![])]);
    for (version, rules) in
        [("1", vec![]), ("2", vec![setting(Check::G16, Mode::Off)]), ("1", vec![])]
    {
        let again = used.decide(Command::Change(policy(version, rules)), &ingrid());
        let policy_version = version.to_owned();
        assert_eq!(
            again.unwrap_err(),
            Refusal::VersionUsed { policy_version, at: "/policyVersion" }
        );
    }
    let reserved = used.decide(Command::Change(policy("default", vec![])), &ingrid());
    assert_eq!(reserved.unwrap_err(), Refusal::VersionReserved { at: "/policyVersion" });
}

#[test]
fn the_versions_of_a_policy_are_bounded() {
    let full = state((0..VERSIONS_MAX).map(|n| policy(&n.to_string(), vec![])).collect());
    let refusal = full.decide(Command::Change(policy("more", vec![])), &ingrid()).unwrap_err();
    assert_eq!(refusal, Refusal::TooManyVersions { max: VERSIONS_MAX });
}

#[test]
fn a_check_is_set_once() {
    let twice = vec![
        setting(Check::G4, Mode::Warn),
        setting(Check::G16, Mode::Block),
        setting(Check::G4, Mode::Block),
    ];
    let at = "/rules/2/check".to_owned();
    assert_eq!(refused(twice), Refusal::CheckTwice { check: "g4", at });
}

#[test]
fn what_cannot_be_waived_can_be_neither_softened_nor_made_waivable() {
    for row in TABLE.iter().filter(|row| row.leeway == Leeway::None) {
        let check = row.check.code();
        for mode in [Mode::Warn, Mode::Off] {
            let at = "/rules/0/mode".to_owned();
            assert_eq!(refused(vec![setting(row.check, mode)]), Refusal::MustBlock { check, at });
        }
        let waivable_by = Some(vec![Role::Tm]);
        let made = Setting { waivable_by, ..setting(row.check, Mode::Block) };
        let at = "/rules/0/waivableBy".to_owned();
        assert_eq!(refused(vec![made]), Refusal::NotWaivable { check, at });
        let days = Setting { max_days: Some(1), ..setting(row.check, Mode::Block) };
        let at = "/rules/0/maxDays".to_owned();
        assert_eq!(refused(vec![days]), Refusal::TooManyDays { check, max: 0, at });
    }
}

#[test]
fn preregistration_warns_or_blocks_but_is_always_asked() {
    let check = Check::G8Preregistration.code();
    let off = refused(vec![setting(Check::G8Preregistration, Mode::Off)]);
    assert_eq!(off, Refusal::MustBeAsked { check, at: "/rules/0/mode".into() });
    let waivable_by = Some(vec![Role::Rel]);
    let made = Setting { waivable_by, ..setting(Check::G8Preregistration, Mode::Warn) };
    let at = "/rules/0/waivableBy".to_owned();
    assert_eq!(refused(vec![made]), Refusal::NotWaivable { check, at });
}

#[test]
fn what_must_block_is_asked_at_every_gate_of_the_table_but_may_be_asked_at_more() {
    let elsewhere =
        Setting { into: vec![Stage::OperationAndMonitoring], ..setting(Check::G2, Mode::Block) };
    let refusal =
        Refusal::StageMissing { check: "g2", stage: "deployment", at: "/rules/0/into".into() };
    assert_eq!(refused(vec![elsewhere]), refusal);
    let into = vec![Stage::Deployment, Stage::OperationAndMonitoring];
    let more = state(vec![policy("1", vec![Setting { into, ..setting(Check::G2, Mode::Block) }])]);
    let asked = codes(&more, Stage::OperationAndMonitoring, Mode::Block);
    assert_eq!(asked, ["g1", "g2", "g15"]);
}

#[test]
fn waivable_checks_may_be_tightened_softened_and_switched_off() {
    let set = state(vec![policy(
        "1",
        vec![
            setting(Check::G4, Mode::Off),
            Setting { waivable_by: Some(vec![]), ..setting(Check::G9, Mode::Block) },
            Setting { max_days: Some(5), ..setting(Check::G14, Mode::Block) },
            Setting {
                waivable_by: Some(vec![Role::Ro, Role::Tm]),
                max_days: Some(30),
                ..setting(Check::G16, Mode::Block)
            },
        ],
    )]);
    let rule = |check: Check| set.rules[&check.key()].clone();
    assert!(!codes(&set, Stage::Deployment, Mode::Block).contains(&"g4"));
    assert!(rule(Check::G9).waivable_by.is_empty());
    assert_eq!((rule(Check::G14).max_days, rule(Check::G14).waivable_by), (5, vec![Role::Am]));
    assert_eq!(rule(Check::G16).waivable_by, [Role::Ro, Role::Tm]);
}

#[test]
fn a_waiver_keeps_the_people_and_the_days_of_the_table() {
    let by = |check, roles: &[Role]| {
        let waivable_by = Some(roles.to_vec());
        refused(vec![Setting { waivable_by, ..setting(check, Mode::Block) }])
    };
    let at = || "/rules/0/waivableBy".to_owned();
    let missing = Refusal::WaiverRoleMissing { check: "g7", role: "REL", at: at() };
    assert_eq!(by(Check::G7, &[Role::Ro]), missing);
    for role in [Role::Adm, Role::Dev, Role::Sys, Role::Emp, Role::Cba] {
        let refusal = Refusal::RoleMayNotWaive { check: "g4", role: role.code(), at: at() };
        assert_eq!(by(Check::G4, &[Role::Ro, role]), refusal);
    }
    for (check, max) in [(Check::G4, 30), (Check::G7, 14), (Check::G16, 30)] {
        let longer = Setting { max_days: Some(max + 1), ..setting(check, Mode::Block) };
        let at = "/rules/0/maxDays".to_owned();
        assert_eq!(refused(vec![longer]), Refusal::TooManyDays { check: check.code(), max, at });
    }
}

#[test]
fn a_correction_remarks_but_sets_no_rule() {
    let set = state(vec![policy("1", vec![])]);
    let mut context = ingrid();
    context.version = 1;
    let correct = |fields: serde_json::Value| {
        let set = Fields(fields.as_object().unwrap().clone());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("typing error"), set })
    };
    let remark = set.decide(correct(serde_json::json!({})), &context).unwrap();
    let mut after = set.clone();
    remark.into_iter().for_each(|event| after.evolve(event));
    assert_eq!(after, set);
    let refusal = set.decide(correct(serde_json::json!({ "rules": {} })), &context).unwrap_err();
    assert!(matches!(refusal, Refusal::Correction(CorrectionRefusal::NotCorrectable { .. })));
}
