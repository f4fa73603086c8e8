//! The kinds of suppliers: from questionnaires to what customers expect.

use kernel::Role;
use kernel::id::encode;
use serde_json::{Value, json};
use suppliers::contract::Contract;
use suppliers::customer_expectation::CustomerExpectation;
use suppliers::questionnaire::Questionnaire;
use suppliers::questionnaire_chapter::QuestionnaireChapter;
use suppliers::supplied_component::SuppliedComponent;
use suppliers::supplier::Supplier;
use suppliers::supplier_assessment::SupplierAssessment;
use suppliers::supplier_corrective_action::SupplierCorrectiveAction;

use super::{Kind, correct, member, why};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[
    chapter,
    questionnaire,
    assessment,
    supplier,
    rejected,
    contract,
    terminated,
    component,
    corrective_action,
    expectation,
];

/// Questions of a chapter of ordinary size.
const QUESTIONS: usize = 8;

fn asked(n: usize) -> Value {
    let choice = |key: &str, text: &str, points: u32| json!({ "key": key, "text": text, "points": points, "notApplicable": false });
    json!({
        "key": format!("1.{n}"), "text": format!("Is measure {n} of the policy in place?"),
        "help": "Ask for the record of it.", "answer": "single", "weight": 2,
        "critical": n == 1, "takesRemarks": true,
        "choices": [choice("1", "Yes", 10), choice("2", "In part", 5), choice("3", "No", 0)],
    })
}

fn questions() -> Value {
    (1..=QUESTIONS).map(asked).collect()
}

fn written() -> History<QuestionnaireChapter> {
    History::of(&encode("qch", 1)).given(
        Role::Sm,
        "write",
        json!({ "title": "Measures", "about": "What the policy demands.", "questions": questions() }),
    )
}

fn chapter() -> Vec<Case> {
    History::<QuestionnaireChapter>::of(&encode("qch", 1))
        .measured(
            Role::Sm,
            "write",
            json!({ "title": "Measures", "about": "What it demands.", "questions": questions() }),
        )
        .measured(Role::Sm, "put_question", asked(9))
        .measured(Role::Sm, "drop_question", json!({ "question": "1.9" }))
        .measured(Role::Sm, "correct", correct("title", "Measures of the policy"))
        .measured(Role::Sm, "fix", json!({}))
        .cases()
}

fn fixed() -> Value {
    written().given(Role::Sm, "fix", json!({})).body()
}

fn content() -> Value {
    json!({ "title": "Suppliers of models", "purpose": "For those on whom systems depend.",
        "chapters": [encode("qch", 1)] })
}

fn drafted() -> History<Questionnaire> {
    History::of(&encode("qst", 1)).knowing(&encode("qch", 1), "questionnaire_chapter", fixed())
}

fn questionnaire() -> Vec<Case> {
    drafted()
        .measured(Role::Sm, "draft", content())
        .measured(Role::Sm, "redraft", content())
        .measured(Role::Sm, "submit", json!({}))
        .measured(Role::Am, "reject", why())
        .measured(Role::Sm, "correct", correct("title", "Model suppliers"))
        .given(Role::Sm, "submit", json!({}))
        .measured(Role::Am, "approve", json!({}))
        .measured(Role::Am, "withdraw", why())
        .cases()
}

fn lumora(status: &str) -> Value {
    json!({ "name": "Lumora AI", "criticality": "high", "status": status })
}

fn assessment() -> Vec<Case> {
    let approved = drafted()
        .given(Role::Sm, "draft", content())
        .given(Role::Sm, "submit", json!({}))
        .given(Role::Am, "approve", json!({}))
        .body();
    let answer = |n: usize| {
        json!({ "question": format!("1.{n}"), "choices": ["2"], "remark": "Seen on their screen.",
            "evidence": [encode("evd", 1)] })
    };
    let answers: Value = (1..=QUESTIONS).map(answer).collect();
    let certificate = json!({ "standard": "ISO/IEC 42001:2023", "issuer": "CertNova",
        "number": "C-77", "validUntil": "2026-01-01", "evidence": encode("evd", 2) });
    let plan = json!({ "supplier": encode("sup", 1), "questionnaire": encode("qst", 1) });
    let history = History::<SupplierAssessment>::of(&encode("sas", 1))
        .knowing(&encode("sup", 1), "supplier", lumora("under_assessment"))
        .knowing(&encode("qst", 1), "questionnaire", approved)
        .knowing(&encode("qch", 1), "questionnaire_chapter", fixed())
        .knowing(&encode("evd", 1), "evidence", json!({ "status": "verified" }))
        .measured(Role::Sm, "plan", plan)
        .measured(Role::Sm, "start", json!({}))
        .measured(Role::Sm, "answer", json!({ "answers": answers }))
        .measured(Role::Sm, "record_certificate", certificate);
    let certificates = history.body()["certificates"].clone();
    let certificate = certificates.as_object().unwrap().keys().next().unwrap().clone();
    history
        .measured(Role::Sm, "remove_certificate", json!({ "certificate": certificate }))
        .measured(Role::Sm, "complete", json!({ "validUntil": "2026-03-02", "opinion": "Fit." }))
        .measured(Role::Sm, "correct", correct("plannedFor", "2025-03-31"))
        .at("2026-03-03T09:00:00Z")
        .measured(Role::Sys, "expire", json!({}))
        .cases()
}

fn made(at: &str, until: &str) -> Value {
    json!({ "supplier": encode("sup", 1), "status": "completed", "assessors": [member(Role::Sm)],
        "score": 71, "completedAt": at, "validUntil": until })
}

fn registered(n: u128) -> History<Supplier> {
    let running = json!({ "supplier": encode("sup", n), "status": "in_progress" });
    let subprocessor = json!({ "name": "Hoster", "task": "Computing", "jurisdiction": "IE" });
    History::of(&encode("sup", n))
        .knowing(&encode("sas", n), "supplier_assessment", running)
        .measured(
            Role::Sm,
            "register",
            json!({ "name": "Lumora AI", "supplierKind": "model", "criticality": "medium",
                "contacts": ["Ana, security desk"], "jurisdictions": ["IE", "US"],
                "subprocessors": [subprocessor] }),
        )
        .measured(Role::Sm, "begin_assessment", json!({ "assessment": encode("sas", n) }))
}

fn supplier() -> Vec<Case> {
    let conditions = json!({ "logs": { "text": "Keep logs for 12 months.", "due": "2025-03-31" } });
    let first = made("2025-03-01T09:00:00Z", "2026-02-28");
    let history = registered(1)
        .knowing(&encode("sas", 1), "supplier_assessment", first)
        .measured(Role::Sm, "describe", json!({ "jurisdictions": ["IE"] }))
        .measured(Role::Sm, "rate_criticality", json!({ "criticality": "high", "reason": "x" }))
        .measured(Role::Am, "approve_conditionally", json!({ "conditions": conditions }));
    let met = json!({ "condition": "logs", "finding": "The contract says so." });
    let verified = json!({ "supplier": encode("sup", 1), "status": "verified" });
    history
        .at("2025-04-01T09:00:00Z")
        .measured(Role::Sys, "mark_condition_overdue", json!({ "condition": "logs" }))
        .measured(Role::Sm, "meet_condition", met)
        .measured(Role::Am, "approve", json!({}))
        .measured(Role::Sm, "correct", correct("name", "Lumora AI Ltd"))
        .measured(Role::Sm, "suspend", why())
        .at("2025-05-02T09:00:00Z")
        .knowing(
            &encode("sas", 2),
            "supplier_assessment",
            made("2025-05-01T09:00:00Z", "2026-04-30"),
        )
        .knowing(&encode("sca", 1), "supplier_corrective_action", verified)
        .measured(Role::Am, "reinstate", json!({}))
        .measured(Role::Am, "terminate", why())
        .cases()
}

fn rejected() -> Vec<Case> {
    registered(2).measured(Role::Sm, "reject", why()).cases()
}

fn terms(notice_days: u32) -> Value {
    let clause = |topic: &str, amount: u32| json!({ "topic": topic, "textRef": "§ 7", "amount": amount, "gist": "As offered." });
    let duty = |activity: &str, who: &str| {
        json!({ "activity": activity, "stage": "operation_and_monitoring", "who": who,
            "detail": "As the annex says." })
    };
    json!({
        "title": "Lumora API", "documentHash": "a1".repeat(32),
        "parties": ["Halden Analytics B.V.", "Lumora AI Ltd"],
        "validFrom": "2025-03-03", "validUntil": "2025-05-02", "noticeDays": notice_days,
        "clauses": { "logs": clause("logs", 12), "notice": clause("incident_notice_hours", 24),
            "changes": clause("change_notice_days", 30) },
        "stages": ["operation_and_monitoring"],
        "allocation": { "hosting": duty("Hosting", "supplier"), "logs": duty("Logs", "supplier"),
            "oversight": duty("Oversight", "us"), "reports": duty("Reports", "us") },
        "euRoleSplit": { "provider": { "role": "provider", "who": "supplier" } },
    })
}

fn signed(n: u128) -> History<Contract> {
    let mut draft = terms(90);
    draft["supplier"] = json!(encode("sup", 1));
    let used = json!({ "supplier": encode("sup", 1), "name": "API", "status": "accepted",
        "usedBy": { (encode("sys", 1)): { "system": encode("sys", 1), "systemVersions": ["1.0"] } } });
    let system = json!({ "name": "HelpDesk Copilot", "versions": {
        "1.0": { "stage": "operation_and_monitoring", "status": "running" } } });
    let class = json!({ "system": encode("sys", 1), "status": "confirmed", "regime": "eu_ai_act",
        "class": "transparency", "role": "deployer", "effects": ["transparency"],
        "confirmedAt": "2024-09-02T09:00:00Z" });
    History::of(&encode("ctr", n))
        .knowing(&encode("sup", 1), "supplier", lumora("approved"))
        .knowing(&encode("org", 1), "organisation", json!({ "jurisdictions": ["NL", "NO"] }))
        .knowing(&encode("cmp", 1), "supplied_component", used)
        .knowing(&encode("sys", 1), "ai_system", system)
        .knowing(&encode("cls", 1), "regulatory_classification", class)
        .measured(Role::Sm, "draft", draft)
        .measured(Role::Sm, "redraft", terms(60))
        .measured(Role::Tm, "agree_allocation", json!({ "documentHash": "a1".repeat(32) }))
}

fn contract() -> Vec<Case> {
    let amendment = json!({ "content": terms(30), "reason": "Shorter notice." });
    signed(1)
        .measured(Role::Sm, "propose_amendment", amendment.clone())
        .measured(Role::Sm, "drop_amendment", why())
        .given(Role::Sm, "propose_amendment", amendment)
        .measured(Role::Dpo, "amend", json!({}))
        .measured(Role::Sm, "correct", correct("title", "Lumora chat API"))
        .measured(Role::Sys, "announce_expiry", json!({}))
        .at("2025-05-03T09:00:00Z")
        .measured(Role::Sys, "expire", json!({}))
        .cases()
}

fn terminated() -> Vec<Case> {
    signed(2).measured(Role::Tm, "terminate", why()).cases()
}

fn component() -> Vec<Case> {
    let document = |title: &str| json!({ "title": title, "hash": "a1".repeat(32) });
    let system = json!({ "name": "HelpDesk Copilot", "stage": "operation_and_monitoring",
        "versions": { "1.0": { "stage": "operation_and_monitoring", "status": "running" } } });
    let agreed = json!({ "supplier": encode("sup", 1), "status": "agreed" });
    let link = json!({ "system": encode("sys", 1), "systemVersions": ["1.0"] });
    History::<SuppliedComponent>::of(&encode("cmp", 1))
        .knowing(&encode("sup", 1), "supplier", lumora("approved"))
        .knowing(&encode("ctr", 1), "contract", agreed)
        .knowing(&encode("sys", 1), "ai_system", system)
        .measured(
            Role::Sm,
            "propose",
            json!({ "supplier": encode("sup", 1), "name": "Chat API", "componentKind": "service",
                "componentVersion": "4.1", "documentation": [document("Model card")],
                "knownLimits": ["No arithmetic", "English and Dutch only"] }),
        )
        .measured(
            Role::Sm,
            "describe",
            json!({ "documentation": [document("Terms"), document("Limits")],
                "sbomHash": "b2".repeat(32) }),
        )
        .measured(Role::So, "accept", json!({}))
        .measured(Role::So, "link", link.clone())
        .measured(Role::So, "unlink", link)
        .measured(
            Role::Sys,
            "notify_version",
            json!({ "componentVersion": "4.2", "changes": "Faster.", "releasedOn": "2025-03-01" }),
        )
        .measured(Role::So, "correct", correct("changeFeed", "https://lumora.example/changes"))
        .measured(Role::Sm, "withdraw", why())
        .cases()
}

fn corrective_action() -> Vec<Case> {
    let demand = json!({ "supplier": encode("sup", 1), "title": "Isolation of tenants",
        "cause": "An index was shared.", "demanded": "Separate the indexes.", "due": "2025-03-31",
        "incident": encode("inc", 1) });
    let done = json!({ "what": "One index a tenant." });
    History::<SupplierCorrectiveAction>::of(&encode("sca", 1))
        .knowing(&encode("sup", 1), "supplier", lumora("suspended"))
        .measured(Role::Sm, "request", demand)
        .measured(Role::Sm, "answer", json!({ "reply": "We will.", "promisedFor": "2025-03-20" }))
        .measured(Role::Sm, "reject", why())
        .at("2025-04-01T09:00:00Z")
        .measured(Role::Sys, "mark_overdue", json!({}))
        .given(Role::Sm, "answer", json!({ "reply": "We did." }))
        .measured(Role::Sm, "implement", done)
        .measured(Role::Val, "verify", json!({ "finding": "200 probes found nothing." }))
        .measured(Role::Sm, "correct", correct("title", "Isolation"))
        .cases()
}

fn expectation() -> Vec<Case> {
    let captured = |n: u128| {
        History::<CustomerExpectation>::of(&encode("cex", n))
            .knowing(
                &encode("ctr", 1),
                "contract",
                json!({ "status": "amended", "amendedAt": "2025-03-03T10:00:00Z" }),
            )
            .measured(
                Role::Sm,
                "capture",
                json!({ "customer": "Nordbank ASA", "expectation": "Reasons for declines.",
                    "source": "contract", "contract": encode("ctr", 1),
                    "systems": [encode("sys", 1)] }),
            )
            .measured(Role::Sm, "assess", json!({ "assessment": "Two weeks of work." }))
    };
    let adopt = json!({ "answer": "You get them.",
        "obligations": [{ "text": "Reasons in the API", "due": "2025-06-01" }] });
    let mut cases = captured(1)
        .measured(Role::Am, "adopt", adopt)
        .measured(Role::Sm, "meet", json!({ "finding": "Seen in the log." }))
        .measured(Role::Sm, "record_breach", json!({ "breach": "None on 1 July." }))
        .measured(Role::Sm, "inform", json!({ "topic": "The breach", "how": "By e-mail" }))
        .measured(Role::Sm, "correct", correct("customer", "Nordbank"))
        .cases();
    let declined = captured(2).at("2025-03-04T09:00:00Z").measured(Role::Am, "decline", why());
    cases.extend(declined.cases());
    cases
}
