//! Given, when, then: audits by a certification body.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::Fields;
use serde_json::json;

use super::*;
use crate::auditor_engagement::{self as engagement, Terms};
use crate::certificate as crt;
use crate::world::{
    BODY, HELEN, OTTO, World, conclude, date, helen, ingrid, member, person, plan, terms,
};

const CAU: &str = "cau_2";

fn stage_two() -> Terms {
    terms(AuditKind::Stage2, "2025-02-24", "2025-03-07")
}

/// Ready for stage 2, with a stage 1 that came to a conclusion.
fn after_stage_one(conclusion: Conclusion) -> World {
    let mut world = World::ready();
    let stage_one = terms(AuditKind::Stage1, "2025-01-27", "2025-02-07");
    world.engaged("eng_1", stage_one, "2025-01-23");
    world.audited("cau_1", "eng_1", conclusion);
    world.engaged("eng_2", stage_two(), "2025-02-21");
    world
}

fn concluded(conclusion: Conclusion) -> World {
    let mut world = World::ready();
    world.through_stage_two(conclusion);
    world
}

fn planned(plan: Plan) -> Command {
    Command::Plan(plan)
}

fn accept(nonconformities: &[&str]) -> Command {
    let nonconformities = nonconformities.iter().map(|id| Ref::new(*id)).collect();
    Command::AcceptActionPlan(AcceptActionPlan { nonconformities, remark: None })
}

fn verify(findings: &[&str]) -> Command {
    let findings = findings.iter().map(|id| Ref::new(*id)).collect();
    Command::VerifyActions(VerifyActions { findings, remark: None })
}

fn now(world: &World) -> CertificationAudit {
    world.state(CAU)
}

#[test]
fn an_audit_is_planned_begun_concluded_reviewed_and_closed() {
    let mut world = after_stage_one(Conclusion::Ready);
    world.does(CAU, planned(plan(&stage_two(), "eng_2")), helen("2025-02-22"));
    let found = now(&world);
    assert_eq!(found.status, AuditStatus::Planned);
    assert_eq!(found.copied.body_name.as_str(), "CertNova");
    assert_eq!(found.copied.rules.nc_reply_days, 60);
    assert_eq!(found.copied.people.len(), 1);
    world.does(CAU, Command::Start, helen("2025-02-24"));
    let found = now(&world);
    assert_eq!((found.scope_version_seen, found.soa_version_seen), (Some(1), Some(2)));
    assert_eq!(world.does(CAU, Command::Start, helen("2025-02-24")), []);
    world.found("fnd_1", CAU, "minor", Some("ncf_1"));
    world.found("fnd_2", CAU, "ofi", None);
    world.found("fnd_9", "cau_1", "minor", None);
    let input = conclude(Conclusion::RecommendAfterActions);
    world.does(CAU, Command::Conclude(input), helen("2025-02-27"));
    let found = now(&world);
    assert_eq!(found.findings, [Ref::new("fnd_1"), Ref::new("fnd_2")]);
    assert_eq!(found.concluded_on, Some(date("2025-02-27")));
    assert!(found.recommends() && !found.is_reviewed());
    world.answered("ncf_1", "fnd_1", "actions_planned");
    world.does(CAU, accept(&["ncf_1"]), helen("2025-03-12"));
    assert!(now(&world).is_reviewed());
    assert_eq!(world.does(CAU, accept(&["ncf_1"]), helen("2025-03-13")), []);
    world.does(CAU, Command::Close, helen("2025-03-14"));
    assert_eq!(now(&world).status, AuditStatus::Closed);
    assert_eq!(world.does(CAU, Command::Close, helen("2025-03-14")), []);
}

#[test]
fn stage_two_follows_a_stage_one_that_found_the_organisation_ready() {
    let mut world = World::ready();
    world.engaged("eng_2", stage_two(), "2025-02-21");
    let early = planned(plan(&stage_two(), "eng_2"));
    let refusal = world.refuses(CAU, early.clone(), helen("2025-02-22"));
    assert_eq!(refusal, Refusal::StageOneNotReady);
    let mut world = after_stage_one(Conclusion::NotReady);
    let refusal = world.refuses(CAU, early.clone(), helen("2025-02-22"));
    assert_eq!(refusal, Refusal::StageOneNotReady);
    // A further stage 1 counts, the one of another body does not.
    let again = terms(AuditKind::Stage1, "2025-02-10", "2025-02-14");
    world.engaged("eng_3", again, "2025-02-08");
    world.audited("cau_3", "eng_3", Conclusion::Ready);
    let other = json!({"body": "cbo_2", "auditKind": "stage1", "conclusion": "not_ready"});
    let mut foreign = serde_json::to_value(world.state::<CertificationAudit>("cau_3")).unwrap();
    foreign.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    world.put("cau_4", "certification_audit", foreign);
    world.does(CAU, early, helen("2025-02-22"));
}

#[test]
fn stage_two_needs_an_internal_audit_and_a_management_review() {
    let mut world = after_stage_one(Conclusion::Ready);
    let stage_two_plan = || planned(plan(&stage_two(), "eng_2"));
    for status in ["planned", "in_progress", "cancelled"] {
        world.put("iad_1", "internal_audit", json!({"status": status}));
        let refusal = world.refuses(CAU, stage_two_plan(), helen("2025-02-22"));
        assert_eq!(refusal, Refusal::NoInternalAudit, "{status}");
    }
    world.put("iad_1", "internal_audit", json!({"status": "closed"}));
    for status in ["scheduled", "inputs_frozen"] {
        world.put("mrv_1", "management_review", json!({"status": status}));
        let refusal = world.refuses(CAU, stage_two_plan(), helen("2025-02-22"));
        assert_eq!(refusal, Refusal::NoManagementReview, "{status}");
    }
    world.put("mrv_1", "management_review", json!({"status": "actions_closed"}));
    world.does(CAU, stage_two_plan(), helen("2025-02-22"));
    world.remove("iad_1");
    assert_eq!(world.refuses(CAU, Command::Start, helen("2025-02-24")), Refusal::NoInternalAudit);
}

#[test]
fn an_audit_is_planned_by_the_body_under_a_granted_engagement_of_its_kind() {
    let world = after_stage_one(Conclusion::Ready);
    let with = |change: fn(&mut Plan)| {
        let mut input = plan(&stage_two(), "eng_2");
        change(&mut input);
        planned(input)
    };
    let (from, to) = (date("2025-02-24"), date("2025-03-07"));
    let stranger = Refusal::TeamNotEngaged { user: OTTO.into(), at: "/team" };
    let nobody = Refusal::TeamNotEngaged { user: String::new(), at: "/team" };
    let other_kind =
        Refusal::EngagementForOther { expected: "stage2", given: "stage1", at: "/auditKind" };
    for (command, refusal) in [
        (with(|p| p.engagement = Ref::new("eng_9")), Refusal::EngagementNotOpen),
        (with(|p| p.audit_kind = AuditKind::Stage1), other_kind),
        (with(|p| p.team.push(person(OTTO))), stranger),
        (with(|p| p.team.clear()), nobody),
        (
            with(|p| p.planned_from = date("2025-02-23")),
            Refusal::OutsideOfWindow { from, to, at: "/plannedFrom" },
        ),
        (
            with(|p| p.planned_to = date("2025-03-08")),
            Refusal::OutsideOfWindow { from, to, at: "/plannedTo" },
        ),
        (
            with(|p| p.planned_to = date("2025-02-23")),
            Refusal::OutsideOfWindow { from, to, at: "/plannedTo" },
        ),
    ] {
        assert_eq!(world.refuses(CAU, command, helen("2025-02-22")), refusal);
    }
    let fine = with(|_| ());
    let other = member(HELEN, Role::Cba, "2025-02-22").for_body("cbo_2");
    assert_eq!(world.refuses(CAU, fine.clone(), other), Refusal::NotYourBody);
    let for_nobody = member(HELEN, Role::Cba, "2025-02-22");
    assert_eq!(world.refuses(CAU, fine.clone(), for_nobody), Refusal::NotYourBody);
    let refusal = world.refuses(CAU, fine.clone(), helen("2025-03-08"));
    assert_eq!(refusal, Refusal::EngagementNotOpen);
    let mut asked = World::ready();
    let request = engagement::Request { terms: stage_two(), redactions: Vec::new() };
    asked.does("eng_2", engagement::Command::Request(request), crate::world::priya("2025-02-21"));
    let refusal = asked.refuses(CAU, fine, helen("2025-02-22"));
    assert_eq!(refusal, Refusal::EngagementNotOpen);
}

#[test]
fn surveillance_recertification_and_special_audits_need_a_certificate() {
    for kind in [AuditKind::Surveillance, AuditKind::Recertification, AuditKind::Special] {
        let mut world = World::ready();
        let input = terms(kind, "2025-11-17", "2025-11-28");
        world.engaged("eng_3", input.clone(), "2025-11-10");
        let refusal = world.refuses("cau_3", planned(plan(&input, "eng_3")), helen("2025-11-12"));
        assert_eq!(refusal, Refusal::NoCertificate, "{kind:?}");
        for (status, allowed) in
            [("active", true), ("suspended", true), ("expired", true), ("withdrawn", false)]
        {
            let mut body = serde_json::to_value(crt::Certificate::default()).unwrap();
            body["body"] = json!(BODY);
            body["status"] = json!(status);
            world.put("crt_1", "certificate", body);
            let decided = world.decides::<CertificationAudit>(
                "cau_3",
                planned(plan(&input, "eng_3")),
                helen("2025-11-12"),
            );
            assert_eq!(decided.is_ok(), allowed, "{kind:?} {status}");
        }
    }
}

#[test]
fn only_the_team_commands_an_audit() {
    let mut world = after_stage_one(Conclusion::Ready);
    world.does(CAU, planned(plan(&stage_two(), "eng_2")), helen("2025-02-22"));
    let correct = Correct { corrects: 1, reason: Prose::new("x"), set: Fields::default() };
    for command in [
        Command::Start,
        Command::Conclude(conclude(Conclusion::Recommend)),
        accept(&["ncf_1"]),
        verify(&["fnd_1"]),
        Command::Close,
        Command::Correct(correct),
    ] {
        let otto = member(OTTO, Role::Cba, "2025-02-24").for_body(BODY);
        let refusal = world.refuses(CAU, command.clone(), otto);
        assert_eq!(refusal, Refusal::NotOnTheTeam { user: OTTO.into() });
        let other = member(HELEN, Role::Cba, "2025-02-24").for_body("cbo_2");
        assert_eq!(world.refuses(CAU, command, other), Refusal::NotYourBody);
    }
}

#[test]
fn an_audit_begins_while_its_engagement_is_open() {
    let mut world = after_stage_one(Conclusion::Ready);
    world.does(CAU, planned(plan(&stage_two(), "eng_2")), helen("2025-02-22"));
    for day in ["2025-02-23", "2025-03-08"] {
        let refusal = world.refuses(CAU, Command::Start, helen(day));
        assert_eq!(refusal, Refusal::EngagementNotOpen);
    }
    let reason = Prose::new("postponed");
    let revoke = engagement::Command::Revoke(engagement::Revoke { reason });
    world.does("eng_2", revoke, ingrid("2025-02-24"));
    let refusal = world.refuses(CAU, Command::Start, helen("2025-02-24"));
    assert_eq!(refusal, Refusal::EngagementNotOpen);
}

#[test]
fn what_was_approved_after_the_ceiling_was_not_seen() {
    let mut world = World::ready();
    let stage_one = terms(AuditKind::Stage1, "2025-01-27", "2025-02-07");
    let ceiling = "2025-01-13T08:59:59Z".parse().ok();
    world.engaged("eng_1", Terms { as_of_ceiling: ceiling, ..stage_one.clone() }, "2025-01-23");
    world.does(CAU, planned(plan(&stage_one, "eng_1")), helen("2025-01-27"));
    world.does(CAU, Command::Start, helen("2025-01-27"));
    let found = now(&world);
    assert_eq!((found.scope_version_seen, found.soa_version_seen), (None, None));
}

#[test]
fn each_kind_of_audit_has_its_conclusions() {
    let mut world = after_stage_one(Conclusion::Ready);
    world.does(CAU, planned(plan(&stage_two(), "eng_2")), helen("2025-02-22"));
    let early = Command::Conclude(conclude(Conclusion::Recommend));
    let refusal = world.refuses(CAU, early, helen("2025-02-24"));
    assert_eq!(refusal, Refusal::NotNow { status: "planned", done: "concluded" });
    world.does(CAU, Command::Start, helen("2025-02-24"));
    for (conclusion, text) in [(Conclusion::Ready, "ready"), (Conclusion::NotReady, "not_ready")] {
        let command = Command::Conclude(conclude(conclusion));
        let refusal = world.refuses(CAU, command, helen("2025-02-24"));
        assert_eq!(refusal, Refusal::WrongConclusion { conclusion: text, at: "/conclusion" });
    }
    let concern = Conclude {
        areas_of_concern: vec![Prose::new("no public channel")],
        ..conclude(Conclusion::Recommend)
    };
    let refusal = world.refuses(CAU, Command::Conclude(concern.clone()), helen("2025-02-24"));
    assert_eq!(refusal, Refusal::ConcernAfterStageOne { at: "/areasOfConcern" });
    let mut first = World::ready();
    let stage_one = terms(AuditKind::Stage1, "2025-01-27", "2025-02-07");
    first.engaged("eng_1", stage_one.clone(), "2025-01-23");
    first.does(CAU, planned(plan(&stage_one, "eng_1")), helen("2025-01-27"));
    first.does(CAU, Command::Start, helen("2025-01-27"));
    let recommend = Command::Conclude(concern.clone());
    let refusal = first.refuses(CAU, recommend, helen("2025-01-27"));
    assert_eq!(refusal, Refusal::WrongConclusion { conclusion: "recommend", at: "/conclusion" });
    let ready = Conclude { conclusion: Conclusion::Ready, ..concern };
    first.does(CAU, Command::Conclude(ready), helen("2025-01-28"));
    assert_eq!(now(&first).areas_of_concern.len(), 1);
}

#[test]
fn a_team_does_not_simply_recommend_with_an_unverified_major_one() {
    let mut world = after_stage_one(Conclusion::Ready);
    world.does(CAU, planned(plan(&stage_two(), "eng_2")), helen("2025-02-22"));
    world.does(CAU, Command::Start, helen("2025-02-24"));
    world.found("fnd_1", CAU, "major", Some("ncf_1"));
    // What the organisation says of its own nonconformity does not count.
    world.answered("ncf_1", "fnd_1", "closed");
    let recommend = || Command::Conclude(conclude(Conclusion::Recommend));
    let refusal = world.refuses(CAU, recommend(), helen("2025-02-27"));
    assert_eq!(refusal, Refusal::MajorNotVerified { finding: "fnd_1".into() });
    let mut after = world.clone();
    let later = Command::Conclude(conclude(Conclusion::RecommendAfterActions));
    after.does(CAU, later, helen("2025-02-27"));
    world.found("fnd_2", CAU, "minor", None);
    world.put(
        "fnd_1",
        "audit_finding",
        json!({
            "audit": CAU, "source": "stage2", "grade": "major", "status": "verified",
        }),
    );
    world.does(CAU, recommend(), helen("2025-02-27"));
}

#[test]
fn a_plan_is_accepted_once_there_is_one_for_a_finding_of_the_audit() {
    let mut world = concluded(Conclusion::RecommendAfterActions);
    world.found("fnd_1", CAU, "minor", Some("ncf_1"));
    world.found("fnd_2", CAU, "minor", None);
    world.found("fnd_3", CAU, "ofi", Some("ncf_3"));
    world.found("fnd_4", "cau_1", "minor", Some("ncf_4"));
    for (id, finding) in
        [("ncf_1", "fnd_1"), ("ncf_2", "fnd_2"), ("ncf_3", "fnd_3"), ("ncf_4", "fnd_4")]
    {
        world.answered(id, finding, "actions_planned");
    }
    let (day, at) = ("2025-03-12", "/nonconformities");
    let refusal = world.refuses(CAU, accept(&[]), helen(day));
    assert_eq!(refusal, Refusal::NothingNamed { at });
    for stranger in ["ncf_3", "ncf_4", "ncf_9"] {
        let refusal = world.refuses(CAU, accept(&[stranger]), helen(day));
        assert_eq!(refusal, Refusal::NotOfThisAudit { nonconformity: stranger.into(), at });
    }
    for status in ["raised", "contained", "cause_found", "rejected"] {
        world.answered("ncf_1", "fnd_1", status);
        let refusal = world.refuses(CAU, accept(&["ncf_1"]), helen(day));
        let (nonconformity, status) = ("ncf_1".into(), status.into());
        assert_eq!(refusal, Refusal::NoActionPlan { nonconformity, status, at });
    }
    world.answered("ncf_1", "fnd_1", "actions_planned");
    world.does(CAU, accept(&["ncf_1"]), helen(day));
    assert_eq!(now(&world).status, AuditStatus::Concluded);
    // The link may stand on either side.
    world.does(CAU, accept(&["ncf_2"]), helen(day));
    assert_eq!(now(&world).status, AuditStatus::ActionsReviewed);
}

#[test]
fn a_major_one_is_dealt_with_once_its_actions_are_seen_done() {
    let mut world = concluded(Conclusion::RecommendAfterActions);
    world.found("fnd_1", CAU, "major", Some("ncf_1"));
    world.answered("ncf_1", "fnd_1", "actions_planned");
    world.does(CAU, accept(&["ncf_1"]), helen("2025-03-12"));
    assert_eq!(now(&world).status, AuditStatus::Concluded);
    let (day, at) = ("2025-04-12", "/findings");
    let refusal = world.refuses(CAU, verify(&[]), helen(day));
    assert_eq!(refusal, Refusal::NothingNamed { at });
    let refusal = world.refuses(CAU, verify(&["fnd_9"]), helen(day));
    assert_eq!(refusal, Refusal::NotOfThisAudit { nonconformity: "fnd_9".into(), at });
    let refusal = world.refuses(CAU, verify(&["fnd_1"]), helen(day));
    assert_eq!(refusal, Refusal::ActionsNotDone { finding: "fnd_1".into(), at });
    let refusal = world.refuses(CAU, Command::Close, helen(day));
    assert_eq!(refusal, Refusal::ActionsNotReviewed { finding: "fnd_1".into() });
    for done in ["actions_done", "effectiveness_verified", "closed"] {
        let mut world = world.clone();
        world.answered("ncf_1", "fnd_1", done);
        world.does(CAU, verify(&["fnd_1"]), helen(day));
        assert_eq!(now(&world).status, AuditStatus::ActionsReviewed, "{done}");
        assert_eq!(world.does(CAU, verify(&["fnd_1"]), helen(day)), []);
    }
}

#[test]
fn where_the_body_wants_minor_ones_verified_a_plan_is_not_enough() {
    let mut world = concluded(Conclusion::RecommendAfterActions);
    let mut strict = now(&world);
    strict.copied.rules.minor_plan_ok = false;
    world.put(CAU, "certification_audit", serde_json::to_value(&strict).unwrap());
    world.found("fnd_1", CAU, "minor", Some("ncf_1"));
    world.answered("ncf_1", "fnd_1", "actions_done");
    world.does(CAU, accept(&["ncf_1"]), helen("2025-03-12"));
    assert_eq!(now(&world).status, AuditStatus::Concluded);
    world.does(CAU, verify(&["fnd_1"]), helen("2025-03-13"));
    assert_eq!(now(&world).status, AuditStatus::ActionsReviewed);
}

#[test]
fn replies_and_corrections_are_in_time_by_the_bodys_rules() {
    // Concluded on 2025-02-24: replies within 60 days, majors within 90, stage 2 within 6 months.
    let mut world = concluded(Conclusion::RecommendAfterActions);
    world.found("fnd_1", CAU, "major", Some("ncf_1"));
    world.answered("ncf_1", "fnd_1", "actions_done");
    let plan = || accept(&["ncf_1"]);
    let refusal = world.refuses(CAU, plan(), helen("2025-04-26"));
    assert_eq!(refusal, Refusal::TooLate { due: date("2025-04-25") });
    world.does(CAU, plan(), helen("2025-04-25"));
    let refusal = world.refuses(CAU, verify(&["fnd_1"]), helen("2025-05-26"));
    assert_eq!(refusal, Refusal::TooLate { due: date("2025-05-25") });
    let refusal = world.refuses(CAU, verify(&["fnd_1"]), helen("2025-08-25"));
    assert_eq!(refusal, Refusal::NeedsNewStageTwo);
    world.does(CAU, verify(&["fnd_1"]), helen("2025-05-25"));
    // A minor one with a plan is looked at whenever the next audit comes.
    let mut world = concluded(Conclusion::RecommendAfterActions);
    world.found("fnd_1", CAU, "minor", Some("ncf_1"));
    world.answered("ncf_1", "fnd_1", "actions_done");
    let refusal = world.refuses(CAU, verify(&["fnd_1"]), helen("2025-08-25"));
    assert_eq!(refusal, Refusal::NeedsNewStageTwo);
    world.does(CAU, plan(), helen("2025-03-12"));
    world.does(CAU, verify(&["fnd_1"]), helen("2025-11-20"));
}

#[test]
fn an_audit_is_closed_once_nothing_rests_on_what_is_open() {
    let mut world = after_stage_one(Conclusion::NotReady);
    world.does("cau_1", Command::Close, helen("2025-02-10"));
    let mut world = concluded(Conclusion::NotRecommend);
    world.found("fnd_1", CAU, "major", None);
    world.does(CAU, Command::Close, helen("2025-02-28"));
    let mut world = concluded(Conclusion::Recommend);
    world.does(CAU, Command::Close, helen("2025-02-28"));
    for (command, done) in [
        (accept(&["ncf_1"]), "reviewed for its actions"),
        (verify(&["fnd_1"]), "reviewed for its actions"),
        (Command::Start, "begun"),
    ] {
        let refusal = world.refuses(CAU, command, helen("2025-03-01"));
        assert_eq!(refusal, Refusal::NotNow { status: "closed", done });
    }
}

#[test]
fn others_see_its_team_its_rules_and_what_it_came_to() {
    let world = concluded(Conclusion::RecommendAfterActions);
    let view: facts::CertificationAudit =
        serde_json::from_value(serde_json::to_value(now(&world)).unwrap()).unwrap();
    assert_eq!((view.body.as_str(), view.audit_kind.as_str()), (BODY, "stage2"));
    assert_eq!(view.engagement.as_deref(), Some("eng_2"));
    assert_eq!(view.team, [kernel::UserId::new(HELEN)]);
    assert_eq!(view.status, "concluded");
    assert_eq!(view.conclusion.as_deref(), Some("recommend_after_actions"));
    let rules = view.rules;
    assert_eq!((rules.nc_reply_days, rules.major_fix_days, rules.minor_plan_ok), (60, 90, true));
}
