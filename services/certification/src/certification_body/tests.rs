//! Given, when, then: certification bodies.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::correction::Correct;
use kernel::values::{Fields, Line, Prose};
use serde_json::json;

use super::*;
use crate::world::{
    BODY, HELEN, MIRIAM, World, accreditation, added, client, date, member, operator, person,
    rules, timer,
};

const DAY: &str = "2024-11-02";

fn at_platform(day: &str) -> Context {
    Context { tenant: kernel::id::platform(), ..timer(day) }
}

fn body(world: &World) -> CertificationBody {
    world.state(BODY)
}

#[test]
fn a_body_is_registered_accredited_lapses_and_is_accredited_again() {
    let mut world = World::default();
    let register = Register { name: Line::new("CertNova"), rules: rules() };
    world.does(BODY, Command::Register(register), operator(DAY));
    assert_eq!(body(&world).status, BodyStatus::Registered);
    assert!(!body(&world).is_accredited_on(date(DAY)));
    world.does(BODY, Command::RecordAccreditation(accreditation()), operator(DAY));
    assert_eq!(body(&world).status, BodyStatus::Accredited);
    let held = body(&world);
    for (day, holds) in
        [("2023-12-31", false), ("2024-01-01", true), ("2028-12-31", true), ("2029-01-01", false)]
    {
        assert_eq!(held.is_accredited_on(date(day)), holds, "{day}");
    }
    world.does(BODY, Command::LapseAccreditation, at_platform("2029-01-01"));
    assert_eq!(body(&world).status, BodyStatus::Lapsed);
    assert!(!body(&world).is_accredited_on(date("2028-12-31")));
    let again = Accreditation { valid_until: date("2032-12-31"), ..accreditation() };
    world.does(BODY, Command::RecordAccreditation(again), operator("2029-02-01"));
    assert!(body(&world).is_accredited_on(date("2029-02-01")));
}

#[test]
fn a_body_is_kept_in_the_installations_log_alone() {
    let register = Register { name: Line::new("CertNova"), rules: rules() };
    let at_home = member("usr_ada", Role::Adm, DAY);
    let refusal = World::default().refuses(BODY, Command::Register(register), at_home);
    assert_eq!(refusal, Refusal::NotThePlatform);
}

#[test]
fn an_accreditation_names_the_standards_and_has_not_run_out() {
    let world = World::certified();
    for (n, standard) in [(0, "17021-1"), (1, "42001"), (2, "42006")] {
        let mut input = accreditation();
        input.scope.remove(n);
        let refusal = world.refuses(BODY, Command::RecordAccreditation(input), operator(DAY));
        assert_eq!(refusal, Refusal::ScopeLacksStandard { standard, at: "/scope" });
    }
    let over = Accreditation { valid_until: date("2024-11-01"), ..accreditation() };
    let refusal = world.refuses(BODY, Command::RecordAccreditation(over), operator(DAY));
    assert_eq!(refusal, Refusal::HasRunOut { until: date("2024-11-01"), at: "/validUntil" });
    let turned = Accreditation { valid_from: date("2029-01-01"), ..accreditation() };
    let refusal = world.refuses(BODY, Command::RecordAccreditation(turned), operator(DAY));
    assert_eq!(refusal, Refusal::HasRunOut { until: date("2028-12-31"), at: "/validUntil" });
}

#[test]
fn an_accreditation_lapses_once_its_last_day_is_over() {
    let mut world = World::certified();
    let refusal = world.refuses(BODY, Command::LapseAccreditation, at_platform("2028-12-31"));
    assert_eq!(refusal, Refusal::StillHolds { until: date("2028-12-31") });
    world.does(BODY, Command::LapseAccreditation, at_platform("2029-01-01"));
    assert_eq!(world.does(BODY, Command::LapseAccreditation, at_platform("2029-01-02")), []);
    let mut bare = World::default();
    let register = Register { name: Line::new("Other"), rules: rules() };
    bare.does(BODY, Command::Register(register), operator(DAY));
    let refusal = bare.refuses(BODY, Command::LapseAccreditation, at_platform(DAY));
    assert_eq!(refusal, Refusal::NotAccredited);
}

#[test]
fn the_rules_lie_within_six_months() {
    let mut world = World::certified();
    for (reply, fix, what, at) in [
        (0, 90, "the time for a reply", "/rules/ncReplyDays"),
        (185, 90, "the time for a reply", "/rules/ncReplyDays"),
        (60, 0, "the time for the correction", "/rules/majorFixDays"),
        (60, 185, "the time for the correction", "/rules/majorFixDays"),
    ] {
        let rules = Rules { nc_reply_days: reply, major_fix_days: fix, minor_plan_ok: true };
        let refusal =
            world.refuses(BODY, Command::ChangeRules(ChangeRules { rules }), operator(DAY));
        assert_eq!(refusal, Refusal::RuleOutOfRange { what, max: 184, at });
    }
    let longest = Rules { nc_reply_days: 184, major_fix_days: 184, minor_plan_ok: false };
    let change = || Command::ChangeRules(ChangeRules { rules: longest.clone() });
    assert_eq!(world.does(BODY, change(), operator(DAY)).len(), 1);
    assert_eq!(world.does(BODY, change(), operator(DAY)), []);
}

#[test]
fn nobody_audits_and_decides() {
    let mut world = World::certified();
    let both = Command::AddPerson(added(HELEN, PersonRole::DecisionMaker));
    let refusal = world.refuses(BODY, both.clone(), operator(DAY));
    assert_eq!(refusal, Refusal::HoldsOtherRole { role: "auditor" });
    let reason = Prose::new("changes over");
    let end = EndPerson { user: person(HELEN), reason };
    world.does(BODY, Command::EndPerson(end), operator(DAY));
    world.does(BODY, both, operator("2024-11-03"));
    let helen = body(&world).person(&person(HELEN)).unwrap().clone();
    assert!(helen.acts_as(PersonRole::DecisionMaker) && !helen.acts_as(PersonRole::Auditor));
    let same = Command::AddPerson(added(MIRIAM, PersonRole::DecisionMaker));
    assert_eq!(world.does(BODY, same, operator(DAY)), []);
}

#[test]
fn who_has_left_the_body_acts_for_it_no_more() {
    let mut world = World::certified();
    let end = || EndPerson { user: person(HELEN), reason: Prose::new("left") };
    world.does(BODY, Command::EndPerson(end()), operator(DAY));
    let helen = body(&world).person(&person(HELEN)).unwrap().clone();
    assert_eq!(helen.ended_on, Some(date(DAY)));
    assert!(!helen.acts_as(PersonRole::Auditor));
    let gone = Refusal::NotOfTheBody { user: HELEN.into(), at: "/user" };
    let user = || person(HELEN);
    let (client, on) = (client(), date("2024-10-01"));
    let declared = DeclareImpartiality { user: user(), client: client.clone(), declared_on: on };
    let advised = RecordConsultancy { user: user(), client, until: on };
    for command in [
        Command::EndPerson(end()),
        Command::DeclareImpartiality(declared),
        Command::RecordConsultancy(advised),
    ] {
        assert_eq!(world.refuses(BODY, command, operator(DAY)), gone);
    }
}

#[test]
fn impartiality_counts_from_its_day_and_advice_stands_in_the_way_for_two_years() {
    let mut world = World::certified();
    let tenant = kernel::TenantId::from_bits(1);
    let late = DeclareImpartiality {
        user: person(HELEN),
        client: client(),
        declared_on: date("2024-11-03"),
    };
    let refusal = world.refuses(BODY, Command::DeclareImpartiality(late), operator(DAY));
    assert_eq!(refusal, Refusal::InTheFuture { date: date("2024-11-03"), at: "/declaredOn" });
    let same = DeclareImpartiality {
        user: person(HELEN),
        client: client(),
        declared_on: date("2024-10-30"),
    };
    assert_eq!(world.does(BODY, Command::DeclareImpartiality(same), operator(DAY)), []);
    let until = date("2023-02-10");
    let advice = || RecordConsultancy { user: person(HELEN), client: client(), until };
    world.does(BODY, Command::RecordConsultancy(advice()), operator(DAY));
    assert_eq!(world.does(BODY, Command::RecordConsultancy(advice()), operator(DAY)), []);
    let helen = body(&world).person(&person(HELEN)).unwrap().clone();
    for (day, impartial, advised) in [
        ("2024-10-29", false, Some(until)),
        ("2024-10-30", true, Some(until)),
        ("2025-02-09", true, Some(until)),
        ("2025-02-10", true, None),
    ] {
        assert_eq!(helen.is_impartial(&tenant, date(day)), impartial, "{day}");
        assert_eq!(helen.advised_until(&tenant, date(day)), advised, "{day}");
    }
    assert_eq!(helen.advised_until(&kernel::TenantId::from_bits(2), date(DAY)), None);
}

#[test]
fn a_body_has_so_many_people_and_declarations() {
    let mut world = World::certified();
    for n in 3..50 {
        let added = added(&format!("usr_{n}"), PersonRole::Auditor);
        world.does(BODY, Command::AddPerson(added), operator(DAY));
    }
    let one_more = Command::AddPerson(added("usr_more", PersonRole::Auditor));
    let refusal = world.refuses(BODY, one_more, operator(DAY));
    assert_eq!(refusal, Refusal::TooMany { max: 50, what: "people" });
    for n in 3..300 {
        let client = kernel::values::Ref::new(kernel::TenantId::from_bits(n).as_str());
        let until = date("2020-01-01");
        let advice = RecordConsultancy { user: person("usr_9"), client, until };
        world.does(BODY, Command::RecordConsultancy(advice), operator(DAY));
    }
    let (user, client) = (person("usr_8"), client());
    let one_more = DeclareImpartiality { user, client, declared_on: date("2024-01-01") };
    let refusal = world.refuses(BODY, Command::DeclareImpartiality(one_more), operator(DAY));
    assert_eq!(refusal, Refusal::TooMany { max: 300, what: "declarations" });
}

#[test]
fn its_name_is_corrected_and_its_status_is_not() {
    let mut world = World::certified();
    let at = || Context { version: 8, ..operator(DAY) };
    let set = |set| match set {
        serde_json::Value::Object(set) => Fields(set),
        _ => Fields::default(),
    };
    let correct = |fields| Correct { corrects: 1, reason: Prose::new("typo"), set: set(fields) };
    world.does(BODY, Command::Correct(correct(json!({"name": "CertNova AG"}))), at());
    assert_eq!(body(&world).name.as_str(), "CertNova AG");
    let refusal = world.refuses(BODY, Command::Correct(correct(json!({"status": "lapsed"}))), at());
    assert!(matches!(refusal, Refusal::Correction(_)));
}

#[test]
fn others_see_who_does_what_for_it() {
    let mut world = World::certified();
    let end = EndPerson { user: person(HELEN), reason: Prose::new("left") };
    world.does(BODY, Command::EndPerson(end), operator(DAY));
    let view: facts::CertificationBody =
        serde_json::from_value(serde_json::to_value(body(&world)).unwrap()).unwrap();
    assert_eq!(view.role_of(MIRIAM), Some("decision_maker"));
    assert_eq!(view.role_of(crate::world::OTTO), Some("auditor"));
    assert_eq!((view.role_of(HELEN), view.role_of("usr_nobody")), (None, None));
}
