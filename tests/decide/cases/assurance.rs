//! The kinds of check and act: audits, findings, management reviews, nonconformities, improvements.

use std::time::Duration;

use governance::audit_finding::AuditFinding;
use governance::audit_programme::AuditProgramme;
use governance::improvement::Improvement;
use governance::internal_audit::InternalAudit;
use governance::management_review::{InputKind, ManagementReview};
use governance::nonconformity::Nonconformity;
use kernel::Role;
use kernel::id::encode;
use reference::catalogue::{ISO_42001, catalogue};
use serde_json::{Value, json};

use super::{Kind, correct, member, why};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[programme, audit, finding, review, nonconformity, improvement];

/// What holding every clause and control of the standard against an audit's criteria may take.
const COVERAGE: Option<Duration> = Some(Duration::from_micros(200));
/// What writing out and hashing the documents of seven inputs may take: 70 of them.
const SEVEN_INPUTS: Option<Duration> = Some(Duration::from_millis(2));

const CRITERIA: [&str; 8] = ["4", "5", "6", "7", "8", "9", "10", "A.6.2"];

/// The rows of a Statement of Applicability, each owned by somebody.
fn with_rows<A>(history: History<A>) -> History<A>
where
    A: kernel::domain::Domain + Clone + 'static,
    A::Command: Clone + 'static,
{
    let controls = catalogue(ISO_42001).unwrap().controls.iter().zip(1_u128..);
    controls.fold(history, |history, (control, n)| {
        let row = json!({ "control": control.number, "decision": "applicable",
            "status": "implemented", "owner": member(Role::So) });
        history.knowing(&encode("soc", n), "soa_control", row)
    })
}

fn programme() -> Vec<Case> {
    let planned = |month: u32| {
        let key = format!("audit-{month}");
        (
            key,
            json!({ "title": "Audit of a quarter", "criteria": CRITERIA,
            "areas": ["Lending", "Data"], "plannedOn": format!("2025-{month:02}-10"),
            "lead": member(Role::Aud) }),
        )
    };
    let planned: serde_json::Map<_, _> = [3, 6, 9, 12].map(planned).into_iter().collect();
    let draft = json!({
        "year": 2025, "criteria": ["ISO/IEC 42001:2023", "AI policy"], "frequencyMonths": 12,
        "methods": "Interviews and samples.", "riskBasis": "Credit scoring comes first.",
        "plannedAudits": planned,
    });
    with_rows(History::<AuditProgramme>::of(&encode("apr", 1)))
        .measured(Role::Am, "draft", draft.clone())
        .measured(Role::Am, "submit", json!({}))
        .measured(Role::Tm, "reject", why())
        .given(Role::Am, "submit", json!({}))
        .measured_as("approve, 32 clauses and 38 rows", COVERAGE, Role::Tm, "approve", json!({}))
        .measured(Role::Am, "correct", correct("methods", "Interviews."))
        .measured(Role::Am, "redraft", draft)
        .measured(Role::Tm, "withdraw", why())
        .cases()
}

fn plan() -> Value {
    json!({
        "title": "Audit of the first quarter", "objective": "Whether the system works.",
        "criteria": CRITERIA, "scope": "Utrecht and Oslo.", "areas": ["Lending", "Data"],
        "systems": [encode("sys", 1)], "auditors": [member(Role::Aud)], "plannedOn": "2025-03-03",
    })
}

/// A membership with a role.
fn membership(role: Role) -> (String, Value) {
    let user = kernel::UserId::new(member(role));
    (facts::Membership::id_of(&user), json!({ "roles": [role], "status": "active" }))
}

fn scheduled() -> History<InternalAudit> {
    let (id, body) = membership(Role::Aud);
    let assignment = json!({ "item": "Lending", "responsibility": "accountable",
        "holder": member(Role::Ro), "status": "active" });
    let system = json!({ "name": "CreditLens", "owner": member(Role::So) });
    with_rows(History::of(&encode("iad", 1)))
        .knowing(&id, "membership", body)
        .knowing(&encode("ras", 1), "role_assignment", assignment)
        .knowing(&encode("sys", 1), "ai_system", system)
        .measured_as("schedule, beside 38 rows", COVERAGE, Role::Am, "schedule", plan())
}

fn audit() -> Vec<Case> {
    let sample = json!({ "what": "12 of 46 records", "object": encode("trr", 1) });
    let report = json!({ "reportHash": "ab".repeat(32), "summary": "One minor finding." });
    let running = scheduled()
        .measured_as("replan, beside 38 rows", COVERAGE, Role::Am, "replan", plan())
        .at("2025-03-04T09:00:00Z")
        .measured(Role::Sys, "mark_overdue", json!({}))
        .measured_as("start, beside 38 rows", COVERAGE, Role::Aud, "start", json!({}))
        .measured(Role::Aud, "record_sample", sample)
        .measured(Role::Aud, "report", report)
        .measured(Role::Aud, "correct", correct("title", "Audit of spring"))
        .knowing(&encode("fnd", 1), "audit_finding", linked().body())
        .measured(Role::Aud, "close", json!({}));
    let cancelled = scheduled().measured(Role::Am, "cancel", why());
    [running.cases(), cancelled.cases()].into_iter().flatten().collect()
}

fn minor() -> Value {
    let proof = |n: u128| json!({ "object": encode("trr", n), "note": "Not trained." });
    let proofs = [1, 2, 3, 4].map(proof);
    json!({
        "audit": encode("iad", 1), "grade": "minor", "requirement": "7.2",
        "title": "Four people without training", "statement": "Four of 46 are not trained.",
        "objectiveEvidence": proofs,
    })
}

fn raised() -> History<AuditFinding> {
    let running = json!({ "title": "Audit", "objective": { "plain": "x" }, "status": "in_progress",
        "scope": { "plain": "x" }, "auditors": [member(Role::Aud)], "plannedOn": "2025-03-03" });
    History::of(&encode("fnd", 1)).knowing(&encode("iad", 1), "internal_audit", running).measured(
        Role::Aud,
        "raise",
        minor(),
    )
}

fn linked() -> History<AuditFinding> {
    let nonconformity = json!({ "grade": "minor", "status": "effectiveness_verified",
        "finding": encode("fnd", 1) });
    raised()
        .measured(Role::Am, "dispute", why())
        .measured(
            Role::Aud,
            "regrade",
            json!({ "grade": "major", "reason": "It happened before." }),
        )
        .measured(Role::Am, "accept", json!({}))
        .knowing(&encode("ncf", 1), "nonconformity", nonconformity)
        .measured(Role::Am, "link", json!({ "nonconformity": encode("ncf", 1) }))
}

fn finding() -> Vec<Case> {
    linked()
        .measured(Role::Am, "answer", json!({ "text": "They are trained in April." }))
        .measured(Role::Aud, "verify", json!({}))
        .measured(Role::Aud, "close", json!({}))
        .measured(Role::Aud, "correct", correct("title", "Four untrained people"))
        .cases()
}

fn review() -> Vec<Case> {
    let (chair, body) = membership(Role::Tm);
    let kinds = InputKind::ALL.into_iter().flat_map(InputKind::kinds).zip(1_u128..);
    let mut history =
        History::<ManagementReview>::of(&encode("mrv", 99)).knowing(&chair, "membership", body);
    for (kind, n) in kinds {
        let prefix = kernel::kinds::kind(kind).unwrap().prefix;
        for m in 0..5 {
            let document = raised().body();
            history = history.knowing(&encode(prefix, n * 100 + m), kind, document);
        }
    }
    let decision = |key: &str| {
        json!({ "key": key, "text": "A budget for monitoring.", "decisionKind": "resource",
            "owner": member(Role::Ro), "due": "2025-06-30" })
    };
    let done = |key: &str| json!({ "decision": key, "text": "Granted." });
    let plan = json!({
        "title": "Management review", "periodFrom": "2024-07-01", "periodTo": "2024-12-31",
        "plannedOn": "2025-03-03", "chair": member(Role::Tm), "attendees": [member(Role::Am)],
        "agenda": "Also the budget.",
    });
    history
        .measured(Role::Am, "schedule", plan)
        .measured(Role::Am, "reschedule", json!({ "plannedOn": "2025-03-04", "reason": "x" }))
        .at("2025-03-05T09:00:00Z")
        .measured(Role::Sys, "mark_overdue", json!({}))
        .measured_as(
            "freeze_inputs, 70 documents",
            SEVEN_INPUTS,
            Role::Am,
            "freeze_inputs",
            json!({}),
        )
        .given(Role::Tm, "record_decision", decision("d1"))
        .measured(Role::Tm, "record_decision", decision("d2"))
        .measured(Role::Tm, "hold", json!({ "minutesHash": "ab".repeat(32) }))
        .measured(Role::Am, "complete_decision", done("d1"))
        .given(Role::Am, "complete_decision", done("d2"))
        .measured(Role::Am, "close_actions", json!({}))
        .measured(Role::Am, "correct", correct("title", "Review of 2024"))
        .cases()
}

fn seen() -> Value {
    json!({
        "source": "finding", "origin": encode("fnd", 1), "system": encode("sys", 1),
        "title": "Four people without training", "description": "Four of 46 are not trained.",
        "due": "2025-05-30",
    })
}

fn actions(keys: &[&str]) -> Value {
    let action = |key: &&str| {
        let action = json!({ "text": "Hold the course on arrival.", "owner": member(Role::Dev),
            "due": "2025-03-31" });
        ((*key).to_owned(), action)
    };
    let actions: serde_json::Map<_, _> = keys.iter().map(action).collect();
    json!({ "actions": actions, "method": "Attendance after a month", "checkDue": "2025-05-30" })
}

fn done_action(key: &str) -> Value {
    json!({ "action": key, "evidence": [encode("evd", 1)] })
}

fn of_finding() -> History<Nonconformity> {
    History::of(&encode("ncf", 1))
        .knowing(&encode("fnd", 1), "audit_finding", raised().body())
        .knowing(&encode("evd", 1), "evidence", json!({ "status": "verified" }))
        .measured(Role::Aud, "raise", seen())
}

fn nonconformity() -> Vec<Case> {
    let text = |text: &str| json!({ "text": text });
    let cause = json!({ "method": "five_whys", "text": "The course is held once a year." });
    let effect = |outcome: &str| json!({ "outcome": outcome, "text": "The list of attendance." });
    let corrected = of_finding()
        .measured(Role::Am, "record_containment", text("They do no work on AI systems."))
        .measured(Role::Am, "record_cause", cause)
        .measured(Role::Am, "check_similar_cases", text("No other course."))
        .measured(Role::Am, "plan_actions", actions(&["course", "list", "reminder"]))
        .at("2025-04-01T09:00:00Z")
        .measured(Role::Sys, "mark_overdue", json!({ "action": "course" }))
        .given(Role::Am, "complete_action", done_action("course"))
        .given(Role::Am, "complete_action", done_action("list"))
        .measured(Role::Am, "complete_action", done_action("reminder"))
        .measured(Role::Aud, "verify_effect", effect("effective"))
        .measured(Role::Aud, "close", json!({}))
        .measured(Role::Am, "correct", correct("title", "Four untrained people"));
    let advice = json!({ "audit": encode("iad", 1), "grade": "ofi", "source": "internal",
        "title": "x", "statement": { "plain": "x" }, "status": "accepted" });
    let rejected = of_finding()
        .knowing(&encode("fnd", 1), "audit_finding", advice)
        .given(Role::Am, "reject", why())
        .measured(Role::Aud, "reject", why());
    [corrected.cases(), rejected.cases()].into_iter().flatten().collect()
}

fn improvement() -> Vec<Case> {
    let idea = json!({
        "title": "Criteria in the template", "text": "The template asks for them.",
        "source": "ofi", "origin": encode("fnd", 1), "benefit": "Nobody forgets them.",
        "effort": "Two days",
    });
    let decide = json!({ "choice": "accept", "owner": member(Role::Val), "due": "2025-04-30" });
    let result = json!({ "measure": "Runs before criteria", "before": "2", "after": "0",
        "worked": true });
    History::<Improvement>::of(&encode("ipv", 1))
        .measured(Role::Emp, "propose", idea)
        .measured(Role::Am, "decide", decide)
        .measured(Role::Am, "implement", json!({ "text": "Template 1.3 is in use." }))
        .measured(Role::Am, "evaluate", result)
        .measured(Role::Am, "correct", correct("effort", "Three days"))
        .cases()
}
