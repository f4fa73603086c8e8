//! Certification bodies, the engagements of their auditors, their audits and certificates.

use std::time::Duration;

use certification::audit_note::AuditNote;
use certification::auditor_engagement::AuditorEngagement;
use certification::auditor_query::AuditorQuery;
use certification::certificate::Certificate;
use certification::certification_audit::CertificationAudit;
use certification::certification_body::CertificationBody;
use certification::sample::Sample;
use kernel::id::{encode, platform};
use kernel::{Role, TenantId};
use serde_json::{Value, json};

use super::{Kind, correct, member, remark, why};
use crate::history::{Case, History};

pub const KINDS: &[Kind] =
    &[body, engagement, engagement_over, query, sample, note, audit, certificate, ended];

/// What writing down a whole minute of questions and hashing them may take: 120 of them.
const QUESTIONS: Option<Duration> = Some(Duration::from_micros(1_000));
/// What looking through everything that a certificate rests on may take: 38 controls with their
/// evidence, 40 documents.
const RESTS_ON: Option<Duration> = Some(Duration::from_micros(200));

fn client() -> String {
    TenantId::from_bits(1).to_string()
}

fn cbo() -> String {
    encode("cbo", 1)
}

fn eng() -> String {
    encode("eng", 1)
}

fn accreditation() -> Value {
    json!({
        "accreditor": "Raad voor Accreditatie", "number": "C 042", "validFrom": "2024-01-01",
        "validUntil": "2028-12-31",
        "scope": ["ISO/IEC 17021-1", "ISO/IEC 42001", "ISO/IEC 42006"],
    })
}

fn person(role: Role, does: &str) -> Value {
    json!({
        "user": member(role), "name": "Helen Okafor", "role": does,
        "competences": [{ "what": "machine learning in finance" }],
    })
}

fn impartial(role: Role) -> Value {
    json!({ "user": member(role), "client": client(), "declaredOn": "2025-01-10" })
}

/// A body with an auditor and a decision maker, and 30 others.
fn registered() -> History<CertificationBody> {
    let rules = json!({ "ncReplyDays": 60, "majorFixDays": 90, "minorPlanOk": true });
    let history = History::<CertificationBody>::of(&cbo())
        .within(platform())
        .measured(Role::Adm, "register", json!({ "name": "CertNova", "rules": rules }))
        .measured(Role::Adm, "record_accreditation", accreditation())
        .measured(Role::Adm, "add_person", person(Role::Cba, "auditor"))
        .given(Role::Adm, "add_person", person(Role::Cbd, "decision_maker"))
        .given(Role::Adm, "declare_impartiality", impartial(Role::Cba))
        .given(Role::Adm, "declare_impartiality", impartial(Role::Cbd));
    (0..30).fold(history, |history, n| {
        let mut other = person(Role::Cba, "auditor");
        other["user"] = json!(encode("usr", 100 + n));
        history.given(Role::Adm, "add_person", other)
    })
}

fn body() -> Vec<Case> {
    let mut other = impartial(Role::Cba);
    other["client"] = json!(TenantId::from_bits(2).to_string());
    let advice = json!({ "user": member(Role::Cba), "client": TenantId::from_bits(3).to_string(),
        "until": "2024-06-30" });
    let rules = json!({ "ncReplyDays": 30, "majorFixDays": 90, "minorPlanOk": false });
    registered()
        .measured(Role::Adm, "declare_impartiality", other)
        .measured(Role::Adm, "record_consultancy", advice)
        .measured(Role::Adm, "change_rules", json!({ "rules": rules }))
        .measured(Role::Adm, "correct", correct("name", "CertNova B.V."))
        .measured(
            Role::Adm,
            "end_person",
            json!({ "user": member(Role::Cba), "reason": "She left." }),
        )
        .at("2029-01-02T09:00:00Z")
        .measured(Role::Sys, "lapse_accreditation", json!({}))
        .cases()
}

fn terms(kind: &str) -> Value {
    let redactions: Vec<_> = (0..20)
        .map(|n| json!({ "object": encode("inc", n), "reason": "A settlement in confidence." }))
        .collect();
    json!({
        "body": cbo(), "auditors": [member(Role::Cba)], "auditKind": kind, "accredited": true,
        "window": { "from": "2025-03-03", "to": "2025-03-14" },
        "asOfCeiling": "2025-03-02T23:59:59Z", "purpose": "An audit of certification.",
        "scope": { "services": ["governance", "risk"], "sites": ["Utrecht"] },
        "redactions": redactions,
    })
}

fn granted(kind: &str) -> History<AuditorEngagement> {
    History::<AuditorEngagement>::of(&eng())
        .knowing(&cbo(), "certification_body", registered().body())
        .measured(Role::Am, "request", terms(kind))
        .measured(Role::Tm, "grant", json!({}))
}

fn engagement() -> Vec<Case> {
    let taken = taken().body();
    granted("stage1")
        .measured(Role::Sys, "activate", json!({}))
        .measured(Role::Tm, "extend", json!({ "to": "2025-03-20", "reason": "One more site." }))
        .knowing(&encode("smp", 1), "sample", taken)
        .measured(
            Role::Tm,
            "redact",
            json!({ "objectKind": "concern", "reason": "Reporters were promised silence." }),
        )
        .measured(Role::Am, "correct", correct("purpose", "Stage 1."))
        .measured(Role::Tm, "revoke", why())
        .cases()
}

fn engagement_over() -> Vec<Case> {
    let granted = granted("stage1");
    let key = granted.body()["redactions"].as_object().unwrap().keys().next().cloned();
    granted
        .measured(Role::Tm, "lift_redaction", json!({ "key": key, "reason": "It is settled." }))
        .at("2025-03-21T09:00:00Z")
        .measured(Role::Sys, "expire", json!({}))
        .cases()
}

fn query() -> Vec<Case> {
    let question = json!({
        "at": "2025-03-03T08:59:01Z", "surface": "rest", "what": "/v1/risks", "position": "812",
        "fingerprint": "ab".repeat(32), "refused": false,
    });
    let log = json!({
        "engagement": eng(), "auditor": member(Role::Cba), "questions": vec![question; 120],
    });
    History::<AuditorQuery>::of(&encode("aqy", 1))
        .knowing(&eng(), "auditor_engagement", granted("stage1").body())
        .measured_as("log, 120 questions", QUESTIONS, Role::Sys, "log", log)
        .measured(Role::Sys, "correct", correct("remark", "Asked twice by a slip."))
        .cases()
}

fn taken() -> History<Sample> {
    let take = json!({
        "object": encode("risk", 1), "requirement": "6.1.3", "purpose": "An accepted risk.",
    });
    History::<Sample>::of(&encode("smp", 1))
        .under(&eng())
        .knowing(&eng(), "auditor_engagement", granted("stage1").body())
        .measured(Role::Cba, "take", take)
}

fn sample() -> Vec<Case> {
    let result = json!({ "result": "conforming", "remark": "Accepted by its owner." });
    taken()
        .measured(Role::Cba, "record_result", result)
        .measured(Role::Cba, "correct", correct("requirement", "8.3"))
        .measured(Role::Cba, "withdraw", why())
        .cases()
}

fn note() -> Vec<Case> {
    let text = "The owner hesitated, and looked at the manager before she answered.";
    History::<AuditNote>::of(&encode("ant", 1))
        .under(&eng())
        .knowing(&eng(), "auditor_engagement", granted("stage1").body())
        .measured(Role::Cba, "write", json!({ "text": text, "about": encode("risk", 1) }))
        .measured(Role::Cba, "rewrite", json!({ "text": "She was sure of it." }))
        .measured(Role::Cba, "correct", correct("requirement", "8.3"))
        .measured(Role::Cba, "withdraw", why())
        .cases()
}

/// The standing of an organisation before stage 2, with a stage 1 that found it ready.
fn before_stage_two() -> History<CertificationAudit> {
    let in_force = |n: u32| json!({ "version": n, "approvedAt": "2025-01-13T09:00:00Z" });
    let ready = History::<CertificationAudit>::of(&encode("cau", 1))
        .for_body(&cbo())
        .knowing(&cbo(), "certification_body", registered().body())
        .knowing(&eng(), "auditor_engagement", granted("stage1").body())
        .given(Role::Cba, "plan", plan("stage1"))
        .given(Role::Cba, "start", json!({}))
        .given(Role::Cba, "conclude", conclusion("ready"));
    History::<CertificationAudit>::of(&encode("cau", 2))
        .for_body(&cbo())
        .knowing(&cbo(), "certification_body", registered().body())
        .knowing(&eng(), "auditor_engagement", granted("stage2").body())
        .knowing(&encode("cau", 1), "certification_audit", ready.body())
        .knowing(&encode("iad", 1), "internal_audit", json!({ "status": "reported" }))
        .knowing(&encode("mrv", 1), "management_review", json!({ "status": "held" }))
        .knowing(&encode("scp", 1), "scope", json!({ "effective": in_force(1) }))
        .knowing(
            &encode("soa", 1),
            "soa",
            json!({ "catalogue": "iso42001-2023", "effective": in_force(2) }),
        )
}

fn plan(kind: &str) -> Value {
    json!({
        "auditKind": kind, "engagement": eng(), "team": [member(Role::Cba)],
        "plannedFrom": "2025-03-03", "plannedTo": "2025-03-07", "objective": "Whether it works.",
        "criteria": ["4.3", "6.1.3", "A.6.2.4"],
    })
}

fn conclusion(conclusion: &str) -> Value {
    json!({
        "conclusion": conclusion, "summary": "As the report says.",
        "reportHash": "ab".repeat(32),
    })
}

/// With ten findings of which two are nonconformities.
fn concluded() -> History<CertificationAudit> {
    let finding = |n: u128, grade: &str| {
        json!({
            "audit": encode("cau", 2), "source": "stage2", "grade": grade, "status": "answered",
            "requirement": "A.6.2.4", "linkedNc": encode("ncf", n),
        })
    };
    let mut history = before_stage_two().measured(Role::Cba, "plan", plan("stage2")).measured(
        Role::Cba,
        "start",
        json!({}),
    );
    for n in 0..10 {
        let grade = ["minor", "major"].get(n as usize).unwrap_or(&"ofi");
        history = history.knowing(&encode("fnd", n), "audit_finding", finding(n, grade)).knowing(
            &encode("ncf", n),
            "nonconformity",
            json!({ "grade": "minor", "status": "actions_done" }),
        );
    }
    history.measured(Role::Cba, "conclude", conclusion("recommend_after_actions"))
}

fn reviewed() -> History<CertificationAudit> {
    concluded()
        .at("2025-03-17T09:00:00Z")
        .measured(
            Role::Cba,
            "accept_action_plan",
            json!({ "nonconformities": [encode("ncf", 0)], "remark": "It fits." }),
        )
        .measured(Role::Cba, "verify_actions", json!({ "findings": [encode("fnd", 1)] }))
}

fn audit() -> Vec<Case> {
    reviewed()
        .measured(Role::Cba, "correct", correct("summary", "As the report says, in its part 2."))
        .measured(Role::Cba, "close", json!({}))
        .cases()
}

/// An audit after certification, closed.
fn later(n: u128, kind: &str) -> Value {
    let mut audit = reviewed().body();
    audit["auditKind"] = json!(kind);
    audit["engagement"] = json!(encode("eng", n));
    audit
}

/// A certificate on 40 documents and the evidence of 38 controls.
fn issued() -> History<Certificate> {
    let in_force = json!({ "version": 1, "approvedAt": "2025-01-13T09:00:00Z" });
    let mut history = History::<Certificate>::of(&encode("crt", 1))
        .for_body(&cbo())
        .at("2025-03-20T09:00:00Z")
        .knowing(&cbo(), "certification_body", registered().body())
        .knowing(&encode("cau", 2), "certification_audit", reviewed().body())
        .knowing(&encode("scp", 1), "scope", json!({ "effective": in_force }))
        .knowing(
            &encode("soa", 1),
            "soa",
            json!({ "catalogue": "iso42001-2023", "effective": in_force }),
        );
    for n in 0..40 {
        let document = json!({ "title": "A procedure", "effective": in_force });
        history = history.knowing(&encode("doc", n), "document", document);
    }
    for n in 0..38 {
        let row = json!({
            "soa": encode("soa", 1), "catalogue": "iso42001-2023", "control": "A.2.2",
            "decision": "applicable", "status": "implemented", "evidence": [encode("evd", n)],
        });
        history = history.knowing(&encode("soc", n), "soa_control", row);
    }
    let issue = json!({
        "number": "CERT-0421", "audit": encode("cau", 2), "sites": ["Utrecht", "Oslo"],
    });
    history.measured_as("issue, on 80 objects", RESTS_ON, Role::Cbd, "issue", issue)
}

fn certificate() -> Vec<Case> {
    let reduce = json!({ "audit": encode("cau", 4), "sites": ["Utrecht"], "reason": "Oslo left." });
    let ground = json!({ "ground": "voluntary", "reason": "They have asked for it." });
    issued()
        .measured(Role::Sys, "activate", json!({}))
        .at("2026-03-20T09:00:00Z")
        .measured(Role::Sys, "surveillance_fall_due", json!({}))
        .knowing(&encode("cau", 3), "certification_audit", later(3, "surveillance"))
        .measured(Role::Cbd, "maintain", json!({ "audit": encode("cau", 3) }))
        .measured(Role::Cbd, "suspend", ground)
        .knowing(&encode("cau", 4), "certification_audit", later(4, "special"))
        .measured(Role::Cbd, "reduce_scope", reduce)
        .measured(Role::Cbd, "lift_suspension", why())
        .measured(Role::Cbd, "correct", remark())
        .at("2028-02-01T09:00:00Z")
        .knowing(&encode("cau", 5), "certification_audit", later(5, "recertification"))
        .measured_as(
            "renew, on 80 objects",
            RESTS_ON,
            Role::Cbd,
            "renew",
            json!({ "audit": encode("cau", 5) }),
        )
        .measured(Role::Cbd, "withdraw", why())
        .cases()
}

fn ended() -> Vec<Case> {
    let over = || issued().at("2028-03-21T09:00:00Z").measured(Role::Sys, "expire", json!({}));
    let restored = over()
        .knowing(&encode("cau", 5), "certification_audit", later(5, "recertification"))
        .measured_as(
            "restore, on 80 objects",
            RESTS_ON,
            Role::Cbd,
            "restore",
            json!({ "audit": encode("cau", 5) }),
        );
    let lapsed = over().at("2028-10-01T09:00:00Z").measured(Role::Sys, "lapse", json!({}));
    [restored.cases(), lapsed.cases()].into_iter().flatten().collect()
}
