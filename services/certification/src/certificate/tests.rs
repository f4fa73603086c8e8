//! Given, when, then: certificates.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::Fields;
use serde_json::json;

use super::validity::{after_surveillance, new_cycle};
use super::*;
use crate::auditor_engagement::{self as engagement, AuditKind};
use crate::certification_audit::{self as audit, CertificationAudit, Conclusion};
use crate::certification_body as body;
use crate::world::{
    BODY, MIRIAM, World, client, date, helen, member, miriam, operator, person, terms, timer,
};

const CRT: &str = "crt_1";
const DAY: &str = "2025-03-20";

/// After stage 2, with its audit closed and its engagement over.
fn after_stage_two() -> World {
    let mut world = World::ready();
    world.through_stage_two(Conclusion::Recommend);
    world.does("cau_2", audit::Command::Close, helen("2025-03-08"));
    world
}

fn issue() -> Issue {
    Issue {
        number: Line::new("CERT-0421"),
        audit: Ref::new("cau_2"),
        sites: ["Utrecht", "Oslo"].map(Line::new).to_vec(),
        valid_from: None,
        valid_to: None,
    }
}

/// With a certificate that is in force.
fn certified() -> World {
    let mut world = after_stage_two();
    world.does(CRT, Command::Issue(issue()), miriam(DAY));
    world.does(CRT, Command::Activate, timer(DAY));
    world
}

/// A further audit that is over: its kind, its days, what it came to.
fn audited(world: &mut World, n: u32, kind: AuditKind, from: &str, conclusion: Conclusion) {
    let (engagement, id) = (format!("eng_{n}"), format!("cau_{n}"));
    let to = date(from).plus_days(4).to_string();
    world.engaged(&engagement, terms(kind, from, &to), from);
    world.audited(&id, &engagement, conclusion);
    world.does(&id, audit::Command::Close, helen(from));
}

fn now(world: &World) -> Certificate {
    world.state(CRT)
}

fn maintain(audit: &str) -> Command {
    let (updates_scope, sites, remark) = (None, Vec::new(), None);
    Command::Maintain(Maintain { audit: Ref::new(audit), updates_scope, sites, remark })
}

fn renew(audit: &str) -> Renew {
    Renew { audit: Ref::new(audit), valid_to: None, sites: Vec::new() }
}

fn suspend() -> Command {
    let ground = SuspensionGround::AuditsNotAllowed;
    Command::Suspend(Suspend { ground, reason: Prose::new("the audit was put off twice") })
}

fn lift() -> Command {
    Command::LiftSuspension(Lift { reason: Prose::new("the audit took place") })
}

fn reduce(audit: Option<&str>, sites: &[&str]) -> Command {
    Command::ReduceScope(ReduceScope {
        audit: audit.map(Ref::new),
        sites: sites.iter().copied().map(Line::new).collect(),
        updates_scope: None,
        reason: Prose::new("Oslo was given up"),
    })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("for good") })
}

#[test]
fn a_certificate_rests_on_scope_statement_documents_and_evidence() {
    let mut world = after_stage_two();
    world.does(CRT, Command::Issue(issue()), miriam(DAY));
    let issued = now(&world);
    assert_eq!(issued.status, CertificateStatus::Issued);
    assert_eq!((issued.certified.scope_version, issued.certified.soa_version), (1, 2));
    assert_eq!(issued.certified.valid_from, date(DAY));
    assert_eq!(issued.certified.valid_to, date("2028-03-19"));
    assert_eq!(issued.next_surveillance, Some(date("2026-03-20")));
    assert_eq!(issued.recertification_due, date("2027-09-19"));
    let rests_on: Vec<_> = issued.rests_on.iter().map(Ref::id).collect();
    assert_eq!(rests_on, ["doc_1", "evd_1", "scp_1", "soa_1"]);
    assert_eq!(issued.decided_by.as_str(), MIRIAM);
    assert_eq!(issued.copied.accreditation, Some(Line::new("RvA C 421")));
    let decision = issued.decisions.values().next().unwrap();
    assert_eq!(decision.audit, Some(Ref::new("cau_2")));
    assert_eq!(decision.seen.log.as_str(), "log_platform");
    world.does(CRT, Command::Activate, timer(DAY));
    assert_eq!(now(&world).status, CertificateStatus::Active);
    assert_eq!(world.does(CRT, Command::Activate, timer(DAY)), []);
}

#[test]
fn others_see_what_it_rests_on() {
    let world = certified();
    let body = serde_json::to_value(now(&world)).unwrap();
    let view: facts::Certificate = serde_json::from_value(body).unwrap();
    assert!(view.is_active() && view.relies_on("evd_1") && !view.relies_on("doc_2"));
}

#[test]
fn surveillance_falls_due_within_a_year_and_then_in_each_calendar_year() {
    let to = date("2028-03-19");
    for (held, due) in [
        (None, vec!["2026-03-20", "2027-12-31"]),
        (Some("2025-11-20"), vec!["2026-12-31", "2027-12-31"]),
        (Some("2026-02-20"), vec!["2027-12-31"]),
        (Some("2027-06-01"), vec![]),
    ] {
        let found = match held {
            None => new_cycle(date(DAY), to),
            Some(held) => after_surveillance(date(held), to),
        };
        let due: Vec<_> = due.into_iter().map(date).collect();
        assert_eq!(found, due, "{held:?}");
    }
    assert_eq!(new_cycle(date(DAY), date("2026-03-19")), []);
}

#[test]
fn whoever_was_on_the_audit_team_does_not_decide() {
    let mut world = after_stage_two();
    let mut with_her: CertificationAudit = world.state("cau_2");
    with_her.plan.team.push(person(MIRIAM));
    world.put("cau_2", "certification_audit", serde_json::to_value(&with_her).unwrap());
    let refusal = world.refuses(CRT, Command::Issue(issue()), miriam(DAY));
    assert_eq!(refusal, Refusal::DeciderAudited { at: "/audit" });
    // Helen is an auditor of the body and no decision maker, on the team or not.
    with_her.plan.team = vec![person(MIRIAM)];
    world.put("cau_2", "certification_audit", serde_json::to_value(&with_her).unwrap());
    let refusal = world.refuses(CRT, Command::Issue(issue()), helen(DAY));
    assert_eq!(refusal, Refusal::NotYourBody);
}

#[test]
fn the_decision_is_the_bodys_own() {
    let world = after_stage_two();
    for context in [
        member(MIRIAM, Role::Cbd, DAY).for_body("cbo_2"),
        member(MIRIAM, Role::Cbd, DAY),
        member("usr_nobody", Role::Cbd, DAY).for_body(BODY),
    ] {
        let refusal = world.refuses(CRT, Command::Issue(issue()), context);
        assert_eq!(refusal, Refusal::NotYourBody);
    }
    let world = certified();
    let correct = Correct { corrects: 1, reason: Prose::new("x"), set: Fields::default() };
    for command in [
        maintain("cau_2"),
        suspend(),
        lift(),
        reduce(None, &[]),
        withdraw(),
        Command::Correct(correct),
    ] {
        let other = member(MIRIAM, Role::Cbd, DAY).for_body("cbo_2");
        assert_eq!(world.refuses(CRT, command, other), Refusal::NotYourBody);
    }
}

#[test]
fn a_decision_maker_is_impartial_too() {
    let user = || person(MIRIAM);
    let refused = |world: &World| world.refuses(CRT, Command::Issue(issue()), miriam(DAY));
    let mut world = after_stage_two();
    world.put("mbr_miriam", "membership", json!({"roles": [], "status": "active"}));
    let conflict = "is a member of the organisation";
    assert_eq!(refused(&world), Refusal::DeciderNotImpartial { conflict });
    let mut world = after_stage_two();
    let advice =
        body::RecordConsultancy { user: user(), client: client(), until: date("2023-06-01") };
    world.does(BODY, body::Command::RecordConsultancy(advice), operator(DAY));
    let conflict = "advised the organisation less than two years ago";
    assert_eq!(refused(&world), Refusal::DeciderNotImpartial { conflict });
    let mut world = after_stage_two();
    let mut known: body::CertificationBody = world.state(BODY);
    let key = kernel::values::Key::new(MIRIAM);
    known.people.get_mut(&key).unwrap().impartiality.clear();
    world.put(BODY, "certification_body", serde_json::to_value(&known).unwrap());
    let conflict = "has not declared himself impartial towards the organisation";
    assert_eq!(refused(&world), Refusal::DeciderNotImpartial { conflict });
}

#[test]
fn a_certificate_rests_on_a_stage_two_that_is_reviewed_and_recommends_it() {
    let mut world = World::ready();
    world.through_stage_two(Conclusion::RecommendAfterActions);
    let refused = |world: &World| world.refuses(CRT, Command::Issue(issue()), miriam(DAY));
    let status = "concluded";
    assert_eq!(refused(&world), Refusal::AuditNotReviewed { status });
    let first = Issue { audit: Ref::new("cau_1"), ..issue() };
    let refusal = world.refuses(CRT, Command::Issue(first), miriam(DAY));
    let (expected, given) = ("a stage 2 audit", "stage1");
    assert_eq!(refusal, Refusal::WrongAudit { expected, given, at: "/audit" });
    world.does("cau_2", audit::Command::Close, helen("2025-03-08"));
    // What turns up after the audit was closed stands in the way as well.
    world.found("fnd_1", "cau_2", "major", None);
    assert_eq!(refused(&world), Refusal::MajorNotVerified { finding: "fnd_1".into() });
    world.found("fnd_1", "cau_2", "minor", None);
    assert_eq!(refused(&world), Refusal::NoPlanForMinor { finding: "fnd_1".into() });
    let mut world = World::ready();
    world.through_stage_two(Conclusion::NotRecommend);
    world.does("cau_2", audit::Command::Close, helen("2025-03-08"));
    assert_eq!(refused(&world), Refusal::NotRecommended { at: "/audit" });
}

#[test]
fn the_auditors_are_out_of_the_house_and_the_body_is_accredited() {
    let mut world = World::ready();
    world.through_stage_two(Conclusion::Recommend);
    world.does("cau_2", audit::Command::Close, helen("2025-02-24"));
    let refusal = world.refuses(CRT, Command::Issue(issue()), miriam("2025-03-07"));
    assert_eq!(refusal, Refusal::EngagementNotOver { to: date("2025-03-07") });
    let mut revoked = world.clone();
    let reason = Prose::new("all seen");
    let revoke = engagement::Command::Revoke(engagement::Revoke { reason });
    revoked.does("eng_2", revoke, helen("2025-02-25"));
    revoked.does(CRT, Command::Issue(issue()), miriam("2025-02-25"));
    let lapsed = Context { tenant: kernel::id::platform(), ..timer("2029-01-01") };
    world.does(BODY, body::Command::LapseAccreditation, lapsed);
    let refusal = world.refuses(CRT, Command::Issue(issue()), miriam(DAY));
    assert_eq!(refusal, Refusal::NotAccredited);
}

#[test]
fn there_is_something_to_certify() {
    for (id, refusal) in [("scp_1", Refusal::NoScope), ("soa_1", Refusal::NoSoa)] {
        let mut world = after_stage_two();
        let kind = if id == "scp_1" { "scope" } else { "soa" };
        let none = json!({"catalogue": "iso42001-2023", "effective": null});
        world.put(id, kind, none);
        assert_eq!(world.refuses(CRT, Command::Issue(issue()), miriam(DAY)), refusal);
    }
    let mut world = after_stage_two();
    let (version, at) = (1, "2025-01-13T09:00:00Z");
    let other = json!({
        "catalogue": "iso27001-2022", "effective": {"version": version, "approvedAt": at},
    });
    world.put("soa_1", "soa", other);
    assert_eq!(world.refuses(CRT, Command::Issue(issue()), miriam(DAY)), Refusal::NoSoa);
    let mut world = after_stage_two();
    for n in 0..800 {
        let document = json!({"title": "x", "effective": {"version": 1}});
        world.put(&format!("doc_x{n}"), "document", document);
    }
    let refusal = world.refuses(CRT, Command::Issue(issue()), miriam(DAY));
    assert_eq!(refusal, Refusal::TooMany { max: 800, what: "documents and evidence" });
}

#[test]
fn an_audit_and_a_number_carry_one_certificate() {
    let mut world = certified();
    let refusal = world.refuses("crt_2", Command::Issue(issue()), miriam(DAY));
    assert_eq!(refusal, Refusal::AuditUsed);
    let mut other: CertificationAudit = world.state("cau_2");
    other.findings.clear();
    world.put("cau_9", "certification_audit", serde_json::to_value(&other).unwrap());
    let again = |number: &str| {
        let number = Line::new(number);
        Command::Issue(Issue { number, audit: Ref::new("cau_9"), ..issue() })
    };
    let refusal = world.refuses("crt_2", again("CERT-0421"), miriam(DAY));
    assert_eq!(refusal, Refusal::NumberTaken { number: "CERT-0421".into(), at: "/number" });
    let refusal = world.refuses("crt_2", again("CERT-0422"), miriam(DAY));
    assert_eq!(refusal, Refusal::AlreadyCertified { number: "CERT-0421".into() });
    world.does(CRT, withdraw(), miriam(DAY));
    world.does("crt_2", again("CERT-0422"), miriam(DAY));
}

#[test]
fn a_certificate_is_valid_for_at_most_three_years_from_its_decision_on() {
    let world = after_stage_two();
    let with = |from: Option<&str>, to: Option<&str>| {
        let (valid_from, valid_to) = (from.map(date), to.map(date));
        Command::Issue(Issue { valid_from, valid_to, ..issue() })
    };
    let last = date("2028-03-20");
    let (from, to) = ("/validFrom", "/validTo");
    for (command, refusal) in [
        (with(None, Some("2028-03-21")), Refusal::ValidTooLong { last, at: to }),
        (with(Some("2025-03-19"), None), Refusal::WrongValidity { at: from }),
        (with(Some("2026-03-21"), None), Refusal::WrongValidity { at: from }),
        (with(None, Some(DAY)), Refusal::WrongValidity { at: to }),
    ] {
        assert_eq!(world.refuses(CRT, command, miriam(DAY)), refusal);
    }
    let mut world = world;
    world.does(CRT, with(Some("2025-04-01"), Some("2028-04-01")), miriam(DAY));
    let refusal = world.refuses(CRT, Command::Activate, timer("2025-03-31"));
    assert_eq!(refusal, Refusal::NotBegun { from: date("2025-04-01") });
    world.does(CRT, Command::Activate, timer("2025-04-01"));
}

#[test]
fn a_surveillance_audit_keeps_it_up() {
    let mut world = certified();
    audited(&mut world, 3, AuditKind::Surveillance, "2025-11-17", Conclusion::Recommend);
    world.put(
        "scp_1",
        "scope",
        json!({
            "effective": {"version": 2, "approvedAt": "2025-11-01T09:00:00Z"},
        }),
    );
    world.does(CRT, maintain("cau_3"), miriam("2025-12-12"));
    let kept = now(&world);
    assert_eq!(kept.status, CertificateStatus::Active);
    // What is certified stays as it was, unless the decision says otherwise.
    assert_eq!((kept.certified.scope_version, kept.certified.soa_version), (1, 2));
    assert_eq!(kept.surveillance_due, [date("2026-12-31"), date("2027-12-31")]);
    assert_eq!(kept.decisions.len(), 2);
    let refusal = world.refuses(CRT, maintain("cau_3"), miriam("2025-12-13"));
    assert_eq!(refusal, Refusal::AuditUsed);
    let refusal = world.refuses(CRT, maintain("cau_2"), miriam("2025-12-13"));
    let expected = "a surveillance or special audit";
    assert_eq!(refusal, Refusal::WrongAudit { expected, given: "stage2", at: "/audit" });
    audited(&mut world, 4, AuditKind::Special, "2026-02-02", Conclusion::Recommend);
    let follow = Command::Maintain(Maintain {
        audit: Ref::new("cau_4"),
        updates_scope: Some(true),
        sites: vec![Line::new("Bergen")],
        remark: Some(Prose::new("Bergen joins")),
    });
    world.does(CRT, follow, miriam("2026-02-10"));
    let wider = now(&world);
    assert_eq!(wider.certified.scope_version, 2);
    assert_eq!(wider.certified.sites, [Line::new("Bergen")]);
    assert_eq!(wider.surveillance_due, kept.surveillance_due);
}

#[test]
fn a_surveillance_that_is_missed_is_noted_until_the_next_decision() {
    let mut world = certified();
    let due = Command::SurveillanceFallDue;
    let refusal = world.refuses(CRT, due.clone(), timer("2026-03-19"));
    assert_eq!(refusal, Refusal::NoSurveillanceDue { due: "2026-03-20".into() });
    world.does(CRT, due.clone(), timer("2026-03-20"));
    assert_eq!(now(&world).overdue_since, Some(date("2026-03-20")));
    assert_eq!(world.does(CRT, due.clone(), timer("2026-03-21")), []);
    audited(&mut world, 3, AuditKind::Surveillance, "2026-04-06", Conclusion::Recommend);
    world.does(CRT, maintain("cau_3"), miriam("2026-04-20"));
    assert_eq!(now(&world).overdue_since, None);
    let mut short = after_stage_two();
    let valid_to = Some(date("2025-12-31"));
    short.does(CRT, Command::Issue(Issue { valid_to, ..issue() }), miriam(DAY));
    let refusal = short.refuses(CRT, due.clone(), timer("2025-12-01"));
    assert_eq!(refusal, Refusal::NoSurveillanceDue { due: "its recertification".into() });
    world.does(CRT, withdraw(), miriam("2026-05-01"));
    let refusal = world.refuses(CRT, due, timer("2027-12-31"));
    let done = "due for surveillance";
    assert_eq!(refusal, Refusal::NotNow { status: "withdrawn", done });
}

#[test]
fn a_suspension_lasts_at_most_six_months() {
    let mut world = certified();
    world.does(CRT, suspend(), miriam("2026-04-01"));
    let suspended = now(&world);
    assert_eq!(suspended.status, CertificateStatus::Suspended);
    assert_eq!(suspended.suspension.map(|s| s.until), Some(date("2026-10-01")));
    assert_eq!(world.does(CRT, suspend(), miriam("2026-04-02")), []);
    let refusal = world.refuses(CRT, maintain("cau_3"), miriam("2026-04-02"));
    assert_eq!(refusal, Refusal::NotNow { status: "suspended", done: "maintained" });
    let refusal = world.refuses(CRT, lift(), miriam("2026-10-02"));
    assert_eq!(refusal, Refusal::SuspendedTooLong);
    let mut lifted = world.clone();
    lifted.does(CRT, lift(), miriam("2026-10-01"));
    assert_eq!(now(&lifted).status, CertificateStatus::Active);
    let refusal = lifted.refuses(CRT, lift(), miriam("2026-10-01"));
    let done = "lifted out of a suspension";
    assert_eq!(refusal, Refusal::NotNow { status: "active", done });
    // After six months it is reduced and lifted, or withdrawn.
    audited(&mut world, 3, AuditKind::Special, "2026-10-05", Conclusion::NotRecommend);
    world.does(CRT, reduce(Some("cau_3"), &["Utrecht"]), miriam("2026-10-12"));
    let reduced = now(&world);
    assert_eq!(reduced.status, CertificateStatus::ScopeReduced);
    assert_eq!(reduced.certified.sites, [Line::new("Utrecht")]);
    world.does(CRT, lift(), miriam("2026-10-13"));
    assert_eq!(now(&world).status, CertificateStatus::Active);
}

#[test]
fn what_is_certified_changes_on_an_audit_alone_and_gets_less() {
    let mut world = certified();
    let refusal = world.refuses(CRT, reduce(None, &["Utrecht"]), miriam("2025-06-01"));
    assert_eq!(refusal, Refusal::ScopeChangeWithoutAudit { at: "/audit" });
    let refusal = world.refuses(CRT, reduce(Some("cau_2"), &["Utrecht"]), miriam("2025-06-01"));
    let expected = "an audit after certification";
    assert_eq!(refusal, Refusal::WrongAudit { expected, given: "stage2", at: "/audit" });
    let special = terms(AuditKind::Special, "2025-06-02", "2025-06-04");
    world.engaged("eng_3", special.clone(), "2025-06-01");
    let plan = crate::world::plan(&special, "eng_3");
    world.does("cau_3", audit::Command::Plan(plan), helen("2025-06-01"));
    let refusal = world.refuses(CRT, reduce(Some("cau_3"), &["Utrecht"]), miriam("2025-06-05"));
    assert_eq!(refusal, Refusal::AuditNotReviewed { status: "planned" });
    audited(&mut world, 4, AuditKind::Special, "2025-06-10", Conclusion::Recommend);
    let at = "/sites";
    for (sites, site) in [(vec!["Bergen"], "Bergen"), (vec!["Utrecht", "Oslo"], ""), (vec![], "")] {
        let refusal = world.refuses(CRT, reduce(Some("cau_4"), &sites), miriam("2025-06-20"));
        assert_eq!(refusal, Refusal::NotAReduction { site: site.into(), at });
    }
    world.does(CRT, reduce(Some("cau_4"), &["Oslo"]), miriam("2025-06-20"));
    assert_eq!(now(&world).status, CertificateStatus::Active);
}

#[test]
fn nothing_brings_a_withdrawn_certificate_back() {
    let mut world = certified();
    world.does(CRT, suspend(), miriam("2026-04-01"));
    world.does(CRT, withdraw(), miriam("2026-09-30"));
    assert_eq!(now(&world).status, CertificateStatus::Withdrawn);
    assert_eq!(world.does(CRT, withdraw(), miriam("2026-10-01")), []);
    for command in [
        lift(),
        suspend(),
        maintain("cau_3"),
        reduce(Some("cau_3"), &[]),
        Command::Renew(renew("cau_3")),
        Command::Restore(renew("cau_3")),
    ] {
        let refusal = world.refuses(CRT, command, miriam("2026-10-01"));
        assert_eq!(refusal, Refusal::IsWithdrawn);
    }
    for (command, done) in
        [(Command::Activate, "begun"), (Command::Expire, "ended"), (Command::Lapse, "lapsed")]
    {
        let refusal = world.refuses(CRT, command, timer("2030-01-01"));
        assert_eq!(refusal, Refusal::NotNow { status: "withdrawn", done });
    }
}

#[test]
fn a_recertification_audit_gives_another_cycle() {
    let mut world = certified();
    audited(&mut world, 3, AuditKind::Recertification, "2028-01-10", Conclusion::Recommend);
    let surveillance = world.refuses(CRT, Command::Renew(renew("cau_2")), miriam("2028-02-01"));
    let expected = "a recertification audit";
    assert_eq!(surveillance, Refusal::WrongAudit { expected, given: "stage2", at: "/audit" });
    for (to, refusal) in [
        ("2031-03-20", Refusal::ValidTooLong { last: date("2031-03-19"), at: "/validTo" }),
        ("2028-03-19", Refusal::WrongValidity { at: "/validTo" }),
    ] {
        let input = Renew { valid_to: Some(date(to)), ..renew("cau_3") };
        assert_eq!(world.refuses(CRT, Command::Renew(input), miriam("2028-02-01")), refusal);
    }
    let late = world.refuses(CRT, Command::Renew(renew("cau_3")), miriam("2028-03-20"));
    assert_eq!(late, Refusal::HasRunOut { to: date("2028-03-19") });
    world.put("doc_2", "document", json!({"title": "New", "effective": {"version": 1}}));
    world.does(CRT, Command::Renew(renew("cau_3")), miriam("2028-02-01"));
    let renewed = now(&world);
    assert_eq!(renewed.certified.valid_to, date("2031-03-19"));
    assert_eq!(renewed.next_surveillance, Some(date("2029-02-01")));
    assert!(renewed.rests_on.contains(&Ref::new("doc_2")));
}

#[test]
fn it_runs_out_and_is_restored_within_six_months_or_lapses() {
    let mut world = certified();
    let refusal = world.refuses(CRT, Command::Expire, timer("2028-03-19"));
    assert_eq!(refusal, Refusal::NotOver { to: date("2028-03-19") });
    world.does(CRT, Command::Expire, timer("2028-03-20"));
    assert_eq!(now(&world).status, CertificateStatus::Expired);
    assert_eq!(world.does(CRT, Command::Expire, timer("2028-03-21")), []);
    let refusal = world.refuses(CRT, Command::Renew(renew("cau_3")), miriam("2028-04-01"));
    assert_eq!(refusal, Refusal::NotNow { status: "expired", done: "renewed" });
    let refusal = world.refuses(CRT, Command::Lapse, timer("2028-09-19"));
    assert_eq!(refusal, Refusal::NotOver { to: date("2028-09-19") });
    audited(&mut world, 3, AuditKind::Recertification, "2028-05-08", Conclusion::Recommend);
    let refusal = world.refuses(CRT, Command::Restore(renew("cau_3")), miriam("2028-09-20"));
    assert_eq!(refusal, Refusal::TooLateToRestore { to: date("2028-03-19") });
    let mut restored = world.clone();
    restored.does(CRT, Command::Restore(renew("cau_3")), miriam("2028-09-19"));
    // The next cycle ends three years after the last one, not after the decision.
    assert_eq!(now(&restored).certified.valid_to, date("2031-03-19"));
    assert_eq!(now(&restored).status, CertificateStatus::Active);
    world.does(CRT, Command::Lapse, timer("2028-09-20"));
    assert_eq!(now(&world).status, CertificateStatus::Lapsed);
    assert_eq!(world.does(CRT, Command::Lapse, timer("2028-09-21")), []);
    let refusal = world.refuses(CRT, Command::Restore(renew("cau_3")), miriam("2028-09-21"));
    assert_eq!(refusal, Refusal::TooLateToRestore { to: date("2028-03-19") });
}

#[test]
fn a_certificate_keeps_so_many_decisions() {
    let mut world = certified();
    let mut full = now(&world);
    let one = full.decisions.values().next().unwrap().clone();
    for n in 1..60 {
        let key = kernel::values::Key::new(format!("decision_{n}"));
        full.decisions.insert(key, Decision { audit: None, ..one.clone() });
    }
    world.put(CRT, "certificate", serde_json::to_value(&full).unwrap());
    audited(&mut world, 3, AuditKind::Surveillance, "2025-11-17", Conclusion::Recommend);
    let refusal = world.refuses(CRT, maintain("cau_3"), miriam("2025-12-12"));
    assert_eq!(refusal, Refusal::TooMany { max: 60, what: "decisions" });
}
