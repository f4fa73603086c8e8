//! Given, when, then: audit findings.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::Position;
use kernel::values::Fields;
use serde_json::{Value, json};

use super::*;
use crate::given::{Given, on};

const INTERNAL: &str = "iad_1";
const EXTERNAL: &str = "cau_1";

fn internal(status: &str) -> Value {
    let mut audit = json!(crate::internal_audit::InternalAudit::default());
    audit["auditors"] = json!(["usr_rui"]);
    audit["status"] = json!(status);
    audit
}

fn external(audit_kind: &str, status: &str) -> Value {
    json!({ "body": "cbo_1", "auditKind": audit_kind, "engagement": "eng_1",
        "team": ["usr_helen"], "status": status,
        "rules": { "ncReplyDays": 90, "majorFixDays": 180, "minorPlanOk": true } })
}

fn rui(day: &str) -> Context {
    on("usr_rui", Role::Aud, day).knowing(INTERNAL, "internal_audit", internal("in_progress"))
}

/// An auditor of a certification body under an engagement of a stage of a certification.
fn auditor(user: &str, engagement: &str, audit_kind: &str) -> Context {
    let window = json!({ "from": "2025-02-24", "to": "2025-03-07" });
    let granted = |body: &str, auditors: Value| {
        json!({ "body": body, "auditors": auditors, "auditKind": audit_kind, "status": "active",
            "window": window })
    };
    let mut context = on(user, Role::Cba, "2025-02-26")
        .knowing(EXTERNAL, "certification_audit", external(audit_kind, "in_progress"))
        .knowing("eng_1", "auditor_engagement", granted("cbo_1", json!(["usr_helen"])))
        .knowing("eng_3", "auditor_engagement", granted("cbo_1", json!(["usr_noor"])))
        .knowing("eng_9", "auditor_engagement", granted("cbo_2", json!(["usr_otto"])));
    context.roles = vec![Role::Cba];
    context.actor.engagement = Some(engagement.to_owned());
    context
}

fn helen() -> Context {
    auditor("usr_helen", "eng_1", "stage2")
}

fn priya() -> Context {
    on("usr_priya", Role::Am, "2025-03-03")
}

fn proof() -> Proof {
    let object = Some(Ref::new("vrf_1"));
    Proof { evidence: None, object, as_of: Some(Position(12)), note: None }
}

fn minor(audit: &str) -> Raise {
    Raise {
        audit: Ref::new(audit),
        grade: Some(Grade::Minor),
        requirement: Some(Number::new("A.6.2.4")),
        requirement_violated: None,
        title: Line::new("Criteria after the runs"),
        statement: Prose::new("Fairness criteria were registered after two runs."),
        objective_evidence: vec![proof()],
    }
}

fn raise(change: fn(&mut Raise)) -> Command {
    let mut raise = minor(INTERNAL);
    change(&mut raise);
    Command::Raise(raise)
}

fn nothing() -> Given<AuditFinding> {
    Given::nothing("fnd_1")
}

fn found() -> Given<AuditFinding> {
    nothing().after(Command::Raise(minor(INTERNAL)), rui("2024-12-12"))
}

fn of_body() -> Given<AuditFinding> {
    nothing().after(Command::Raise(minor(EXTERNAL)), helen())
}

fn nonconformity(status: &str, finding: &str) -> Context {
    let document = json!({ "grade": "minor", "status": status, "finding": finding });
    priya().knowing("ncf_1", "nonconformity", document)
}

fn link_nc() -> Command {
    let (nonconformity, improvement) = (Some(Ref::new("ncf_1")), None);
    Command::Link(Link { nonconformity, improvement })
}

fn link_improvement() -> Command {
    let (nonconformity, improvement) = (None, Some(Ref::new("ipv_1")));
    Command::Link(Link { nonconformity, improvement })
}

fn answer() -> Command {
    Command::Answer(Answer { text: Prose::new("Criteria come first from now on.") })
}

fn dispute() -> Command {
    Command::Dispute(Dispute { reason: Prose::new("The criteria were in the minutes.") })
}

fn regrade(grade: Grade, reason: Option<&str>) -> Command {
    Command::Regrade(Regrade { grade, requirement: None, reason: reason.map(Prose::new) })
}

fn linked(finding: Given<AuditFinding>) -> Given<AuditFinding> {
    finding.after(link_nc(), nonconformity("raised", "fnd_1"))
}

fn answered(finding: Given<AuditFinding>) -> Given<AuditFinding> {
    linked(finding.after(Command::Accept, priya())).after(answer(), priya())
}

fn verifying(context: Context, status: &str) -> Context {
    let document = json!({ "grade": "minor", "status": status, "finding": "fnd_1" });
    context.knowing("ncf_1", "nonconformity", document)
}

#[test]
fn an_internal_finding_is_raised_accepted_answered_verified_and_closed() {
    let verified = answered(found()).after(Command::Verify, verifying(rui("2025-01-22"), "closed"));
    let closed = verified.after(Command::Close, rui("2025-01-22")).state;
    assert_eq!((closed.status, closed.source), (FindingStatus::Closed, Source::Internal));
    assert_eq!((closed.body, closed.reply_due), (None, None));
    assert!(closed.requirement_violated, "a nonconformity violates its requirement");
}

#[test]
fn a_body_s_finding_takes_sort_body_and_days_from_its_audit() {
    let finding = of_body().state;
    assert_eq!((finding.source, finding.body), (Source::Stage2, Some(Line::new("cbo_1"))));
    assert_eq!(finding.reply_due, Some("2025-05-27".parse().unwrap()));
    for (audit_kind, source) in [
        ("stage1", Source::Stage1),
        ("stage2", Source::Stage2),
        ("surveillance", Source::Surveillance),
        ("recertification", Source::Recertification),
        ("special", Source::Special),
    ] {
        let helen = auditor("usr_helen", "eng_1", audit_kind);
        let finding = nothing().after(Command::Raise(minor(EXTERNAL)), helen).state;
        assert_eq!(finding.source, source);
    }
}

#[test]
fn a_body_s_finding_is_closed_by_its_own_auditors_also_of_a_later_audit() {
    let answered = answered(of_body());
    let noor = || auditor("usr_noor", "eng_3", "surveillance");
    let verified = answered.clone().after(Command::Verify, verifying(noor(), "closed"));
    assert_eq!(verified.after(Command::Close, noor()).state.status, FindingStatus::Closed);
    answered.after(Command::Verify, verifying(helen(), "effectiveness_verified"));
}

#[test]
fn a_body_s_finding_cannot_be_touched_by_anyone_else() {
    let correct = || {
        let set = Fields([("title".to_owned(), json!("Milder"))].into_iter().collect());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("better so"), set })
    };
    let answered = answered(of_body());
    let touches: [fn() -> Command; 3] =
        [|| Command::Verify, || Command::Close, || regrade(Grade::Ofi, Some("It is fine."))];
    for touch in touches.into_iter().chain([correct as fn() -> Command]) {
        let own = || verifying(rui("2025-05-15"), "closed");
        assert_eq!(answered.refuses(touch(), own()), Refusal::FindingOfBody);
        let otto = || verifying(auditor("usr_otto", "eng_9", "stage2"), "closed");
        assert_eq!(answered.refuses(touch(), otto()), Refusal::FindingOfOtherBody);
        // Of the body, but not named in the engagement under which he came.
        let stranger = || verifying(auditor("usr_otto", "eng_3", "stage2"), "closed");
        assert_eq!(answered.refuses(touch(), stranger()), Refusal::FindingOfOtherBody);
    }
    let internal = found();
    assert_eq!(internal.refuses(Command::Close, helen()), Refusal::InternalFinding);
}

#[test]
fn findings_are_raised_by_the_audit_s_own_auditors_while_it_runs() {
    let own = |context| nothing().refuses(Command::Raise(minor(INTERNAL)), context);
    let vera = on("usr_vera", Role::Aud, "2024-12-12");
    let vera = vera.knowing(INTERNAL, "internal_audit", internal("in_progress"));
    assert_eq!(own(vera), Refusal::NotOfTheAudit);
    let over = on("usr_rui", Role::Aud, "2024-12-20");
    let over = over.knowing(INTERNAL, "internal_audit", internal("reported"));
    assert_eq!(own(over), Refusal::AuditNotUnderWay { status: "reported".into() });
    let theirs = |context| nothing().refuses(Command::Raise(minor(EXTERNAL)), context);
    assert_eq!(theirs(auditor("usr_noor", "eng_1", "stage2")), Refusal::NotOfTheAudit);
    assert_eq!(theirs(auditor("usr_helen", "eng_3", "stage2")), Refusal::NotOfTheAudit);
    let internal = on("usr_helen", Role::Aud, "2025-02-26");
    let audit = external("stage2", "in_progress");
    let internal = internal.knowing(EXTERNAL, "certification_audit", audit);
    assert_eq!(theirs(internal), Refusal::NotOfTheAudit);
    let concluded = external("stage2", "concluded");
    let concluded = helen().knowing(EXTERNAL, "certification_audit", concluded);
    assert_eq!(theirs(concluded), Refusal::AuditNotUnderWay { status: "concluded".into() });
    let object = "doc_1".to_owned();
    let other = raise(|raise| raise.audit = Ref::new("doc_1"));
    let refused = nothing().refuses(other, rui("2024-12-12"));
    assert_eq!(refused, Refusal::NoAudit { object, at: "/audit" });
}

#[test]
fn each_grade_asks_for_what_it_rests_on() {
    let refuses = |change| nothing().refuses(raise(change), rui("2024-12-12"));
    let requirement = Refusal::NoRequirement { at: "/requirement" };
    assert_eq!(refuses(|raise| raise.requirement = None), requirement);
    let major = |raise: &mut Raise| {
        (raise.grade, raise.requirement) = (Some(Grade::Major), None);
    };
    assert_eq!(refuses(major), requirement);
    let evidence = Refusal::NoObjectiveEvidence { at: "/objectiveEvidence" };
    assert_eq!(refuses(|raise| raise.objective_evidence.clear()), evidence);
    let dressed_up = |grade| Refusal::ViolationDressedUp { grade, at: "/grade" };
    let violated = |grade| {
        let mut raise = minor(INTERNAL);
        (raise.grade, raise.requirement_violated) = (Some(grade), Some(true));
        nothing().refuses(Command::Raise(raise), rui("2024-12-12"))
    };
    assert_eq!(violated(Grade::Ofi), dressed_up("an opportunity for improvement"));
    assert_eq!(violated(Grade::Positive), dressed_up("positive"));
    let concern = |raise: &mut Raise| raise.grade = Some(Grade::AreaOfConcern);
    let outside = Refusal::AreaOfConcernOutsideStage1 { at: "/grade" };
    assert_eq!(refuses(concern), outside);
    let mut of_stage1 = minor(EXTERNAL);
    concern(&mut of_stage1);
    let helen1 = auditor("usr_helen", "eng_1", "stage1");
    nothing().after(Command::Raise(of_stage1.clone()), helen1);
    assert_eq!(nothing().refuses(Command::Raise(of_stage1), helen()), outside);
    let unknown = refuses(|raise| raise.requirement = Some(Number::new("A.11.1")));
    let number = "A.11.1".to_owned();
    assert_eq!(unknown, Refusal::UnknownRequirement { number, at: "/requirement" });
}

#[test]
fn objective_evidence_is_one_thing_seen_at_a_position_that_exists() {
    let refuses = |change| nothing().refuses(raise(change), rui("2024-12-12"));
    let not_one = Refusal::NotOneProof { at: "/objectiveEvidence/0".into() };
    assert_eq!(refuses(|raise| raise.objective_evidence[0].object = None), not_one);
    let both = |raise: &mut Raise| raise.objective_evidence[0].evidence = Some(Ref::new("evd_1"));
    assert_eq!(refuses(both), not_one);
    let future = refuses(|raise| raise.objective_evidence[0].as_of = Some(Position(41)));
    let at = "/objectiveEvidence/0/asOf".to_owned();
    assert_eq!(future, Refusal::SeenInFuture { newest: 40, at });
    let now = raise(|raise| raise.objective_evidence[0].as_of = None);
    let now = nothing().after(now, rui("2024-12-12")).state;
    let seen = now.objective_evidence.into_values().next().unwrap();
    assert_eq!(seen.as_of, Position(40));
}

#[test]
fn a_finding_can_be_graded_later_and_lowered_with_a_reason() {
    let ungraded = raise(|raise| raise.grade = None);
    let ungraded = nothing().after(ungraded, rui("2024-12-12"));
    assert!(!ungraded.state.is_graded());
    let minor = ungraded.after(regrade(Grade::Minor, None), rui("2024-12-13"));
    assert!(minor.state.requirement_violated);
    assert!(minor.holds(regrade(Grade::Minor, None), rui("2024-12-13")));
    let refused = minor.refuses(regrade(Grade::Ofi, None), rui("2024-12-13"));
    let (from, to) = ("minor", "an opportunity for improvement");
    assert_eq!(refused, Refusal::LoweredWithoutReason { from, to, at: "/reason" });
    let lowered = minor.after(regrade(Grade::Ofi, Some("Not required.")), rui("2024-12-13"));
    assert_eq!((lowered.state.grade, lowered.state.requirement_violated), (Grade::Ofi, false));
    let raised = lowered.after(regrade(Grade::Major, None), rui("2024-12-13"));
    assert_eq!(raised.state.grade, Grade::Major);
    let bare = nothing()
        .after(raise(|raise| (raise.grade, raise.requirement) = (None, None)), rui("2024-12-12"));
    let refused = bare.refuses(regrade(Grade::Minor, None), rui("2024-12-13"));
    assert_eq!(refused, Refusal::NoRequirement { at: "/requirement" });
    let other = Some(Number::new("A.99"));
    let other = Regrade { grade: Grade::Minor, requirement: other, reason: None };
    let refused = bare.refuses(Command::Regrade(other), rui("2024-12-13"));
    let number = "A.99".to_owned();
    assert_eq!(refused, Refusal::UnknownRequirement { number, at: "/requirement" });
}

#[test]
fn a_body_lowers_its_own_grade_with_a_reason_and_the_day_of_reply_goes_with_it() {
    let disputed = of_body().after(dispute(), priya());
    let refused = disputed.refuses(regrade(Grade::Ofi, None), helen());
    assert!(matches!(refused, Refusal::LoweredWithoutReason { .. }), "{refused:?}");
    let lowered = disputed.after(regrade(Grade::Ofi, Some("Minutes were shown.")), helen());
    assert_eq!(lowered.state.reply_due, None);
    let again = lowered.after(regrade(Grade::Minor, None), helen());
    assert_eq!(again.state.reply_due, Some("2025-05-27".parse().unwrap()));
}

#[test]
fn a_finding_is_disputed_or_accepted_before_it_is_answered() {
    let disputed = found().after(dispute(), priya());
    assert_eq!(disputed.state.status, FindingStatus::Disputed);
    assert!(disputed.holds(dispute(), priya()));
    let accepted = disputed.after(Command::Accept, priya());
    assert!(accepted.holds(Command::Accept, priya()));
    assert_eq!(accepted.after(dispute(), priya()).state.status, FindingStatus::Disputed);
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    assert_eq!(found().refuses(answer(), priya()), wrong("raised", "answered"));
    let answered = answered(found());
    assert_eq!(answered.refuses(dispute(), priya()), wrong("answered", "disputed"));
    assert_eq!(answered.refuses(Command::Accept, priya()), wrong("answered", "accepted"));
    answered.after(answer(), priya());
}

#[test]
fn a_nonconformity_answers_a_finding_that_a_requirement_is_not_met() {
    let accepted = found().after(Command::Accept, priya());
    assert_eq!(accepted.refuses(answer(), priya()), Refusal::NoNonconformity);
    let other = |at| Refusal::AnswersOtherFinding { answer: "ncf_1".into(), at };
    let of_other = nonconformity("raised", "fnd_2");
    assert_eq!(accepted.refuses(link_nc(), of_other), other("/nonconformity"));
    let rejected = nonconformity("rejected", "fnd_1");
    assert_eq!(accepted.refuses(link_nc(), rejected), other("/nonconformity"));
    assert_eq!(accepted.refuses(link_nc(), priya()), other("/nonconformity"));
    let needs = Refusal::NeedsNonconformity { at: "/improvement" };
    assert_eq!(accepted.refuses(link_improvement(), priya()), needs);
    let linked = linked(accepted);
    assert!(linked.holds(link_nc(), nonconformity("raised", "fnd_1")));
    let neither = Command::Link(Link { nonconformity: None, improvement: None });
    assert_eq!(linked.refuses(neither, priya()), Refusal::NotOneAnswer);
}

#[test]
fn an_improvement_from_it_answers_an_opportunity() {
    let ofi = raise(|raise| raise.grade = Some(Grade::Ofi));
    let ofi = nothing().after(ofi, rui("2024-12-12"));
    let knowing = |origin: &str| {
        let mut improvement = json!(crate::improvement::Improvement::default());
        improvement["origin"] = json!(origin);
        priya().knowing("ipv_1", "improvement", improvement)
    };
    let refused = ofi.refuses(link_improvement(), knowing("fnd_2"));
    let answer = "ipv_1".to_owned();
    assert_eq!(refused, Refusal::AnswersOtherFinding { answer, at: "/improvement" });
    let linked = ofi.clone().after(link_improvement(), knowing("fnd_1"));
    assert!(linked.state.is_taken_care_of() && !ofi.state.is_taken_care_of());
    let answered = ofi.after(Command::Accept, priya()).after(self::answer(), priya());
    answered.after(Command::Verify, rui("2025-01-22")).after(Command::Close, rui("2025-01-22"));
}

#[test]
fn a_finding_is_verified_when_its_correction_works_and_closed_when_verified() {
    let answered = answered(found());
    let unverified = || verifying(rui("2025-01-22"), "actions_done");
    let nonconformity = "ncf_1".to_owned();
    let refused = answered.refuses(Command::Verify, unverified());
    assert_eq!(refused, Refusal::CorrectionNotVerified { nonconformity });
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    assert_eq!(answered.refuses(Command::Close, rui("2025-01-22")), wrong("answered", "closed"));
    let early = found().refuses(Command::Verify, rui("2025-01-22"));
    assert_eq!(early, wrong("raised", "verified"));
    let verified = answered.after(Command::Verify, verifying(rui("2025-01-22"), "closed"));
    assert!(verified.holds(Command::Verify, rui("2025-01-22")));
    let regraded = verified.refuses(regrade(Grade::Major, None), rui("2025-01-22"));
    assert_eq!(regraded, wrong("verified", "graded"));
    let mut other = verified.clone();
    other.state.linked_nc = None;
    let relinked = other.refuses(link_nc(), nonconformity_of_it());
    assert_eq!(relinked, wrong("verified", "linked"));
    let closed = verified.after(Command::Close, rui("2025-01-22"));
    assert!(closed.holds(Command::Close, rui("2025-01-22")) && !closed.state.stands());
}

fn nonconformity_of_it() -> Context {
    nonconformity("raised", "fnd_1")
}

#[test]
fn a_positive_finding_asks_for_nothing() {
    let positive = raise(|raise| raise.grade = Some(Grade::Positive));
    let positive = nothing().after(positive, rui("2024-12-12"));
    assert!(positive.state.is_taken_care_of());
    positive.after(Command::Close, rui("2024-12-18"));
}

#[test]
fn the_auditors_correct_what_they_wrote() {
    let correct = |name: &str| {
        let set = Fields([(name.to_owned(), json!("Criteria late"))].into_iter().collect());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("misspelt"), set })
    };
    let corrected = found().after(correct("title"), rui("2024-12-13"));
    assert_eq!(corrected.state.title, Line::new("Criteria late"));
    of_body().after(correct("statement"), helen());
    let refused = found().refuses(correct("grade"), rui("2024-12-13"));
    assert!(matches!(refused, Refusal::Correction(_)), "{refused:?}");
}

#[test]
fn others_see_it_as_it_is() {
    let seen: facts::AuditFinding = serde_json::from_value(json!(linked(of_body()).state)).unwrap();
    assert_eq!((seen.audit.as_str(), seen.source.as_str()), (EXTERNAL, "stage2"));
    assert_eq!((seen.grade.as_str(), seen.status.as_str()), ("minor", "raised"));
    let (requirement, linked_nc) = (seen.requirement.as_deref(), seen.linked_nc.as_deref());
    assert_eq!((requirement, linked_nc), (Some("A.6.2.4"), Some("ncf_1")));
}
