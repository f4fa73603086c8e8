//! Given, when, then: engagements of auditors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::{Line, Prose, Ref};
use kernel::{Instant, Role};
use serde_json::json;

use super::*;
use crate::certification_body as body;
use crate::sample;
use crate::world::{
    BODY, HELEN, MIRIAM, OTTO, World, client, date, helen, helen_under, ingrid, member, operator,
    person, priya, terms, timer,
};

const ENG: &str = "eng_1";
const ASKED: &str = "2025-01-23";
const WITHIN: &str = "2025-01-28";

fn stage_one() -> Terms {
    terms(AuditKind::Stage1, "2025-01-27", "2025-02-07")
}

fn request(terms: Terms) -> Command {
    Command::Request(Request { terms, redactions: Vec::new() })
}

fn granted() -> World {
    let mut world = World::certified();
    world.engaged(ENG, stage_one(), ASKED);
    world
}

fn now(world: &World) -> AuditorEngagement {
    world.state(ENG)
}

fn redact(object: Option<&str>, kind: Option<&str>) -> Redact {
    Redact {
        object: object.map(Ref::new),
        object_kind: kind.map(Line::new),
        reason: Prose::new("a settlement in confidence"),
    }
}

fn reason() -> Prose {
    Prose::new("why")
}

#[test]
fn an_engagement_is_asked_for_granted_begun_and_over() {
    let mut world = World::certified();
    world.does(ENG, request(stage_one()), priya(ASKED));
    assert_eq!(now(&world).status, EngagementStatus::Requested);
    world.does(ENG, Command::Grant, ingrid(ASKED));
    let granted = now(&world);
    assert_eq!(granted.status, EngagementStatus::Granted);
    assert_eq!(granted.copied.body_name.as_str(), "CertNova");
    assert_eq!(granted.copied.accreditation, Some(Line::new("RvA C 421")));
    assert_eq!(granted.copied.seen.log.as_str(), "log_platform");
    assert_eq!(granted.copied.seen.position, kernel::Position(9));
    assert_eq!(granted.copied.people.len(), 1);
    assert_eq!(granted.granted_by, Some(kernel::UserId::new("usr_ingrid")));
    world.does(ENG, Command::Activate, timer("2025-01-27"));
    assert_eq!(now(&world).status, EngagementStatus::Active);
    assert_eq!(world.does(ENG, Command::Activate, timer("2025-01-27")), []);
    world.does(ENG, Command::Expire, timer("2025-02-08"));
    assert_eq!(now(&world).status, EngagementStatus::Expired);
    assert_eq!(world.does(ENG, Command::Expire, timer("2025-02-09")), []);
}

#[test]
fn it_is_open_inside_its_window_and_over_after_it() {
    let world = granted();
    for (day, open, over) in [
        ("2025-01-26", false, false),
        ("2025-01-27", true, false),
        ("2025-02-07", true, false),
        ("2025-02-08", false, true),
    ] {
        let engagement = now(&world);
        assert_eq!(engagement.is_open_on(date(day)), open, "{day}");
        assert_eq!(engagement.is_over_on(date(day)), over, "{day}");
    }
}

#[test]
fn whoever_asks_does_not_grant() {
    let mut world = World::certified();
    world.does(ENG, request(stage_one()), priya(ASKED));
    let herself = Context { roles: vec![Role::Am, Role::Tm], ..priya(ASKED) };
    assert_eq!(world.refuses(ENG, Command::Grant, herself), Refusal::GranterAskedForIt);
}

#[test]
fn the_window_has_at_most_thirty_days_and_is_not_over() {
    let world = World::certified();
    let with = |from: &str, to: &str, ceiling: Option<&str>| {
        let as_of_ceiling = ceiling.map(|at| at.parse::<Instant>().unwrap());
        request(Terms { as_of_ceiling, ..terms(AuditKind::Stage1, from, to) })
    };
    for (from, to, ceiling, refusal) in [
        ("2025-02-07", "2025-01-27", None, Refusal::WindowEndsFirst { at: "/window/to" }),
        (
            "2025-01-20",
            "2025-01-22",
            None,
            Refusal::WindowInThePast { to: date("2025-01-22"), at: "/window/to" },
        ),
        ("2025-01-27", "2025-02-26", None, Refusal::WindowTooLong { max: 30, at: "/window/to" }),
        (
            "2025-01-27",
            "2025-02-07",
            Some("2025-02-08T00:00:00Z"),
            Refusal::CeilingAfterWindow { to: date("2025-02-07"), at: "/asOfCeiling" },
        ),
    ] {
        assert_eq!(world.refuses(ENG, with(from, to, ceiling), priya(ASKED)), refusal);
    }
    let longest = with("2025-01-27", "2025-02-25", Some("2025-01-26T23:59:59Z"));
    assert_eq!(world.decides::<AuditorEngagement>(ENG, longest, priya(ASKED)).unwrap().len(), 1);
}

#[test]
fn a_window_that_is_over_is_not_granted() {
    let mut world = World::certified();
    world.does(ENG, request(stage_one()), priya(ASKED));
    let refusal = world.refuses(ENG, Command::Grant, ingrid("2025-02-08"));
    assert_eq!(refusal, Refusal::WindowOver { to: date("2025-02-07") });
    world.does(ENG, Command::Expire, timer("2025-02-08"));
    assert_eq!(now(&world).status, EngagementStatus::Expired);
}

#[test]
fn only_the_bodys_own_auditors_are_let_in() {
    let world = World::certified();
    let with = |auditors: &[&str]| {
        let auditors = auditors.iter().map(|user| person(user)).collect();
        request(Terms { auditors, ..stage_one() })
    };
    let at = "/auditors";
    assert_eq!(world.refuses(ENG, with(&[]), priya(ASKED)), Refusal::NoAuditor { at });
    for stranger in [MIRIAM, "usr_nobody"] {
        let refusal = world.refuses(ENG, with(&[HELEN, stranger]), priya(ASKED));
        assert_eq!(refusal, Refusal::NotAnAuditor { user: stranger.into(), at });
    }
    let unknown = request(Terms { body: Ref::new("cbo_9"), ..stage_one() });
    assert_eq!(world.refuses(ENG, unknown, priya(ASKED)), Refusal::UnknownBody { at: "/body" });
}

#[test]
fn a_member_of_the_organisation_does_not_audit_it() {
    let mut world = World::certified();
    world.put("mbr_helen", "membership", json!({"roles": [], "status": "active"}));
    let refusal = world.refuses(ENG, request(stage_one()), priya(ASKED));
    assert_eq!(refusal, Refusal::AuditorIsMember { user: HELEN.into(), at: "/auditors" });
    world.put("mbr_helen", "membership", json!({"roles": [], "status": "revoked"}));
    world.does(ENG, request(stage_one()), priya(ASKED));
    // It is looked at again when it is granted.
    world.put("mbr_helen", "membership", json!({"roles": [], "status": "active"}));
    let refusal = world.refuses(ENG, Command::Grant, ingrid(ASKED));
    assert_eq!(refusal, Refusal::AuditorIsMember { user: HELEN.into(), at: "/auditors" });
}

#[test]
fn whoever_advised_the_organisation_within_two_years_does_not_audit_it() {
    let mut world = World::certified();
    let until = date("2023-01-24");
    let advice = body::RecordConsultancy { user: person(HELEN), client: client(), until };
    world.does(BODY, body::Command::RecordConsultancy(advice), operator("2024-11-02"));
    let refusal = world.refuses(ENG, request(stage_one()), priya(ASKED));
    assert_eq!(refusal, Refusal::AuditorAdvised { user: HELEN.into(), until, at: "/auditors" });
    world.does(ENG, request(stage_one()), priya("2025-01-24"));
}

#[test]
fn an_auditor_has_declared_himself_impartial() {
    let mut world = World::certified();
    let again = crate::world::added("usr_new", body::PersonRole::Auditor);
    world.does(BODY, body::Command::AddPerson(again), operator("2024-11-02"));
    let input = Terms { auditors: vec![person("usr_new")], ..stage_one() };
    let refusal = world.refuses(ENG, request(input), priya(ASKED));
    assert_eq!(refusal, Refusal::NotImpartial { user: "usr_new".into(), at: "/auditors" });
}

#[test]
fn an_accredited_engagement_takes_an_accreditation() {
    let mut world = World::certified();
    let late = || terms(AuditKind::Stage1, "2029-01-10", "2029-01-20");
    let refusal = world.refuses(ENG, request(late()), priya("2029-01-02"));
    let body = "CertNova".to_owned();
    assert_eq!(refusal, Refusal::NotAccredited { body, at: "/accredited" });
    let lapse = Context { tenant: kernel::id::platform(), ..timer("2029-01-01") };
    world.does(BODY, body::Command::LapseAccreditation, lapse);
    let refusal = world.refuses(ENG, request(stage_one()), priya(ASKED));
    assert!(matches!(refusal, Refusal::NotAccredited { .. }));
    world.does(ENG, request(Terms { accredited: false, ..late() }), priya("2029-01-02"));
    assert_eq!(now(&world).copied.accreditation, None);
}

#[test]
fn an_extension_adds_time_or_a_later_ceiling_and_takes_nothing_back() {
    let mut world = World::certified();
    let ceiling: Instant = "2025-01-26T23:59:59Z".parse().unwrap();
    let input = Terms { as_of_ceiling: Some(ceiling), ..stage_one() };
    world.engaged(ENG, input, ASKED);
    let extend = |to: Option<&str>, at: Option<&str>| {
        let as_of_ceiling = at.map(|at| at.parse().unwrap());
        Command::Extend(Extend { to: to.map(date), as_of_ceiling, reason: reason() })
    };
    let (later, earlier) = ("2025-01-28T00:00:00Z", "2025-01-01T00:00:00Z");
    let window = Refusal::NotLater { what: "window", at: "/to" };
    let lower = Refusal::NotLater { what: "ceiling", at: "/asOfCeiling" };
    let too_long = Refusal::WindowTooLong { max: 30, at: "/to" };
    let beyond = Refusal::CeilingAfterWindow { to: date("2025-02-07"), at: "/asOfCeiling" };
    for (command, refusal) in [
        (extend(Some("2025-02-06"), None), window),
        (extend(None, Some(earlier)), lower.clone()),
        (extend(Some("2025-03-10"), None), too_long),
        (extend(None, Some("2025-02-08T00:00:00Z")), beyond),
    ] {
        assert_eq!(world.refuses(ENG, command, ingrid(WITHIN)), refusal);
    }
    assert_eq!(world.does(ENG, extend(Some("2025-02-07"), None), ingrid(WITHIN)), []);
    world.does(ENG, extend(Some("2025-03-09"), Some(later)), ingrid(WITHIN));
    let extended = now(&world);
    assert_eq!(extended.terms.window.to, date("2025-03-09"));
    assert_eq!(extended.terms.as_of_ceiling, later.parse().ok());
    assert_eq!(extended.extensions.len(), 1);
    let mut live = granted();
    assert_eq!(live.refuses(ENG, extend(None, Some(later)), ingrid(WITHIN)), lower);
    let refusal = live.refuses(ENG, extend(Some("2025-02-20"), None), ingrid("2025-02-08"));
    assert_eq!(refusal, Refusal::WindowOver { to: date("2025-02-07") });
    for n in 0..24 {
        let to = date("2025-02-08").plus_days(n).to_string();
        live.does(ENG, extend(Some(&to), None), ingrid(WITHIN));
    }
    let refusal = live.refuses(ENG, extend(Some("2025-03-20"), None), ingrid(WITHIN));
    assert_eq!(refusal, Refusal::TooManyExtensions { max: 24 });
}

#[test]
fn timers_speak_when_the_window_begins_and_ends() {
    let world = granted();
    let refusal = world.refuses(ENG, Command::Activate, timer("2025-01-26"));
    assert_eq!(refusal, Refusal::WindowNotBegun { from: date("2025-01-27") });
    let refusal = world.refuses(ENG, Command::Activate, timer("2025-02-08"));
    assert_eq!(refusal, Refusal::WindowOver { to: date("2025-02-07") });
    let refusal = world.refuses(ENG, Command::Expire, timer("2025-02-07"));
    assert_eq!(refusal, Refusal::WindowOpen { to: date("2025-02-07") });
}

#[test]
fn top_management_and_the_body_itself_revoke() {
    let revoke = || Command::Revoke(Revoke { reason: reason() });
    for who in [ingrid(WITHIN), helen(WITHIN)] {
        let mut world = granted();
        world.does(ENG, revoke(), who);
        assert_eq!(now(&world).status, EngagementStatus::Revoked);
        assert!(!now(&world).is_open_on(date(WITHIN)) && now(&world).is_over_on(date(WITHIN)));
        assert_eq!(world.does(ENG, revoke(), ingrid(WITHIN)), []);
        let refusal = world.refuses(ENG, Command::Expire, timer("2025-02-08"));
        assert_eq!(refusal, Refusal::NotNow { status: "revoked", done: "ended" });
    }
    let world = granted();
    let other = member(OTTO, Role::Cba, WITHIN).for_body("cbo_2");
    assert_eq!(world.refuses(ENG, revoke(), other), Refusal::NotYourBody);
    let refusal = world.refuses(ENG, revoke(), helen_under(ENG, WITHIN));
    assert_eq!(refusal, Refusal::NotYourBody);
}

#[test]
fn what_is_withheld_names_one_object_or_kind_and_never_what_auditors_did() {
    let mut world = granted();
    let refusal = |input: Redact| world.refuses(ENG, Command::Redact(input), ingrid(WITHIN));
    let both = Refusal::ObjectOrKind { at: "/object" };
    assert_eq!(refusal(redact(None, None)), both);
    assert_eq!(refusal(redact(Some("inc_1"), Some("incident"))), both);
    let unknown = Refusal::UnknownKind { at: "/objectKind" };
    assert_eq!(refusal(redact(None, Some("incidents"))), unknown);
    for kind in ["audit_finding", "sample", "audit_note", "auditor_query"] {
        let hidden = Refusal::CannotBeHidden { kind: kind.replace('_', " ") };
        assert_eq!(refusal(redact(None, Some(kind))), hidden);
    }
    let own = Refusal::CannotBeHidden { kind: "auditor engagement".into() };
    assert_eq!(refusal(redact(Some(ENG), None)), own);
    let one = || Command::Redact(redact(Some("inc_1"), None));
    world.does(ENG, one(), ingrid(WITHIN));
    assert_eq!(world.does(ENG, one(), ingrid(WITHIN)), []);
    let held = now(&world).redactions;
    assert!(held.values().any(|redaction| redaction.covers("incident", "inc_1")));
    assert!(!held.values().any(|redaction| redaction.covers("incident", "inc_2")));
    let key = held.keys().next().unwrap().clone();
    let lift =
        |key: kernel::values::Key| Command::LiftRedaction(LiftRedaction { key, reason: reason() });
    let wrong = world.refuses(ENG, lift(kernel::values::Key::new("redaction_9")), ingrid(WITHIN));
    assert_eq!(wrong, Refusal::NoSuchRedaction { key: "redaction_9".into(), at: "/key" });
    world.does(ENG, lift(key), ingrid(WITHIN));
    assert!(now(&world).redactions.is_empty());
}

#[test]
fn what_was_sampled_is_not_withheld_any_more() {
    let mut world = granted();
    let take = sample::Take { object: Ref::new("inc_1"), requirement: None, purpose: None };
    world.does("smp_1", sample::Command::Take(take), helen_under(ENG, WITHIN));
    for (object, kind) in [(Some("inc_1"), None), (None, Some("incident"))] {
        let input = redact(object, kind);
        let refusal = world.refuses(ENG, Command::Redact(input), ingrid(WITHIN));
        assert_eq!(refusal, Refusal::Sampled { object: "inc_1".into() });
    }
    world.does(ENG, Command::Redact(redact(Some("inc_2"), None)), ingrid(WITHIN));
    let withdraw = sample::Withdraw { reason: reason() };
    world.does("smp_1", sample::Command::Withdraw(withdraw), helen_under(ENG, WITHIN));
    world.does(ENG, Command::Redact(redact(Some("inc_1"), None)), ingrid(WITHIN));
}

#[test]
fn an_engagement_withholds_so_much_and_no_more() {
    let mut world = granted();
    for n in 0..100 {
        let input = redact(Some(&format!("inc_{n}")), None);
        world.does(ENG, Command::Redact(input), ingrid(WITHIN));
    }
    let refusal = world.refuses(ENG, Command::Redact(redact(Some("inc_x"), None)), ingrid(WITHIN));
    assert_eq!(refusal, Refusal::TooManyRedactions { max: 100 });
}

#[test]
fn what_is_over_is_not_changed() {
    let mut world = granted();
    world.does(ENG, Command::Expire, timer("2025-02-08"));
    let extend = Extend { to: Some(date("2025-02-20")), as_of_ceiling: None, reason: reason() };
    for (command, done) in [
        (Command::Grant, "granted"),
        (Command::Extend(extend), "extended"),
        (Command::Redact(redact(Some("inc_1"), None)), "redacted"),
        (Command::Revoke(Revoke { reason: reason() }), "revoked"),
    ] {
        let refusal = world.refuses(ENG, command, ingrid("2025-02-08"));
        assert_eq!(refusal, Refusal::NotNow { status: "expired", done });
    }
    let refusal = world.refuses(ENG, Command::Activate, timer("2025-02-08"));
    assert_eq!(refusal, Refusal::NotNow { status: "expired", done: "begun" });
}

#[test]
fn others_see_who_may_read_what_and_when() {
    let mut world = World::certified();
    let ceiling: Instant = "2025-01-26T23:59:59Z".parse().unwrap();
    let scope = AccessScope {
        services: vec![Service::Risk],
        systems: vec![Ref::new("sys_1")],
        sites: vec![Line::new("Oslo")],
    };
    world.engaged(ENG, Terms { as_of_ceiling: Some(ceiling), scope, ..stage_one() }, ASKED);
    world.does(ENG, Command::Redact(redact(Some("inc_1"), None)), ingrid(WITHIN));
    world.does(ENG, Command::Redact(redact(None, Some("concern"))), ingrid(WITHIN));
    let view: facts::AuditorEngagement =
        serde_json::from_value(serde_json::to_value(now(&world)).unwrap()).unwrap();
    assert_eq!((view.body.as_str(), view.audit_kind.as_str()), (BODY, "stage1"));
    assert_eq!(view.auditors, [kernel::UserId::new(HELEN)]);
    assert_eq!((view.status.as_str(), view.as_of_ceiling), ("granted", Some(ceiling)));
    assert_eq!((view.window.from, view.window.to), (date("2025-01-27"), date("2025-02-07")));
    assert_eq!(
        (view.scope.services, view.scope.systems),
        (vec!["risk".into()], vec!["sys_1".into()])
    );
    let view: facts::AuditorEngagement =
        serde_json::from_value(serde_json::to_value(now(&world)).unwrap()).unwrap();
    assert!(view.withholds("incident", "inc_1") && !view.withholds("incident", "inc_2"));
    assert!(view.withholds("concern", "con_9"));
    for day in ["2025-01-26", "2025-01-27", "2025-02-07", "2025-02-08"] {
        assert_eq!(view.is_open_on(date(day)), now(&world).is_open_on(date(day)), "{day}");
    }
}
