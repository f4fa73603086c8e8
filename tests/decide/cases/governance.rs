//! The kinds of governance.

use std::time::Duration;

use governance::acknowledgement::Acknowledgement;
use governance::document::Document;
use governance::evidence::Evidence;
use governance::interested_party::InterestedParty;
use governance::organisation::Organisation;
use governance::scope::Scope;
use governance::soa::Soa;
use governance::soa_control::SoaControl;
use kernel::Role;
use kernel::id::encode;
use reference::catalogue::{ISO_42001, catalogue};
use serde_json::{Value, json};

use super::{Kind, correct, member, why, with};
use crate::history::{Case, History};

/// What a decision on all rows of a statement and on what proves them may take: 77 objects are read
/// and the rows are hashed.
const STATEMENT: Option<Duration> = Some(Duration::from_micros(500));

pub const KINDS: &[Kind] =
    &[organisation, scope, interested_party, document, acknowledgement, soa, soa_control, evidence];

fn provisioned() -> History<Organisation> {
    let roles = json!({ "aiRoles": ["producer", "provider"], "euRoles": ["provider"],
        "note": "Producer and provider of CreditLens; customer of HelpDesk Copilot." });
    History::of(&encode("org", 1))
        .measured(
            Role::Sys,
            "provision",
            json!({ "legalName": "Halden Analytics B.V.",
            "jurisdictions": ["NL", "NO"], "dataRegion": "eu" }),
        )
        .measured(Role::Am, "declare_ai_roles", roles)
}

fn organisation() -> Vec<Case> {
    provisioned()
        .measured(Role::Adm, "change_settings", json!({ "lateEntryDays": 14 }))
        .measured(Role::Am, "correct", correct("legalName", "Halden Analytics B.V."))
        .measured(Role::Adm, "suspend", why())
        .measured(Role::Adm, "reactivate", why())
        .measured(Role::Tm, "close", why())
        .cases()
}

fn scope() -> Vec<Case> {
    let content = json!({
        "statement": "The building and provision of CreditLens and the use of HelpDesk Copilot.",
        "activities": ["develop", "provide", "use"],
        "orgUnits": ["Lending", "Product", "Data", "Customer operations"],
        "sites": ["Utrecht", "Oslo"],
        "systemsIn": [encode("sys", 1), encode("sys", 2), encode("sys", 3)],
        "exclusions": [{ "what": "Payroll", "reason": "It uses no AI." }],
        "interfaces": ["Banks that use CreditLens", "Lumora AI, supplier of HelpDesk Copilot"],
    });
    let issue = json!({ "side": "external", "climate": false,
        "text": "Credit scoring of natural persons is high-risk under the EU AI Act." });
    let system = |n: u128| {
        json!({ "name": format!("System {n}"), "orgUnits": ["Lending", "Data"],
        "inScope": true, "stage": "deployment", "operationStatus": "running" })
    };
    let drafted = History::<Scope>::of(&encode("scp", 1))
        .knowing(&encode("org", 1), "organisation", provisioned().body())
        .knowing(&encode("sys", 1), "ai_system", system(1))
        .knowing(&encode("sys", 2), "ai_system", system(2))
        .knowing(&encode("sys", 3), "ai_system", system(3))
        .measured(Role::Am, "draft", content.clone())
        .given(Role::Am, "record_context_issue", issue.clone())
        .given(Role::Am, "record_context_issue", issue.clone())
        .measured(Role::Am, "record_context_issue", issue);
    drafted
        .measured(Role::Am, "submit", json!({}))
        .measured(Role::Tm, "reject", why())
        .given(Role::Am, "submit", json!({}))
        .measured(Role::Tm, "approve", json!({}))
        .measured(Role::Am, "correct", correct("statement", "The building of CreditLens."))
        .measured(Role::Am, "redraft", with(content, json!({ "aimsChange": encode("amc", 1) })))
        .measured(Role::Am, "withdraw", why())
        .cases()
}

fn interested_party() -> Vec<Case> {
    let requirement = |key: &str| {
        json!({ "key": key, "source": "contract",
        "text": "An explanation and human review of declines.",
        "reference": "GDPR Art. 22", "reviewDue": "2025-07-15" })
    };
    History::<InterestedParty>::of(&encode("pty", 1))
        .measured(
            Role::Am,
            "register",
            json!({ "name": "Loan applicants",
            "kind": "affected_person" }),
        )
        .given(Role::Am, "register_requirement", requirement("explanation"))
        .given(Role::Am, "register_requirement", requirement("review"))
        .measured(Role::Am, "register_requirement", requirement("notice"))
        .measured(
            Role::Am,
            "adopt_requirement",
            json!({ "requirement": "review",
            "owner": member(Role::So) }),
        )
        .measured(
            Role::Am,
            "decline_requirement",
            json!({ "requirement": "notice",
            "reason": "It is given in the contract already." }),
        )
        .measured(
            Role::Am,
            "retire_requirement",
            json!({ "requirement": "review",
            "reason": "The contract ended." }),
        )
        .measured(Role::Am, "correct", correct("name", "Applicants for loans"))
        .measured(Role::Am, "retire", why())
        .cases()
}

fn content(edition: &str) -> Value {
    json!({
        "kind": "ai_policy", "title": "AI policy", "number": "POL-01", "edition": edition,
        "textHash": "ab".repeat(32), "owner": member(Role::Do), "classification": "public",
        "effectiveFrom": "2025-03-10", "nextReviewDue": "2026-03-10",
        "relatedPolicies": [encode("doc", 2), encode("doc", 3)],
        "audience": ["All employees", "Suppliers"], "retentionMonths": 120,
        "commitments": { "framesObjectives": true, "meetsRequirements": true, "improves": true },
    })
}

fn published() -> History<Document> {
    History::of(&encode("doc", 1))
        .knowing(&encode("org", 1), "organisation", provisioned().body())
        .measured(Role::Do, "draft", content("1.0"))
        .measured(Role::Do, "submit", json!({}))
        .measured(Role::Tm, "reject", why())
        .given(Role::Do, "submit", json!({}))
        .given(Role::Tm, "approve", json!({}))
        .measured(Role::Do, "publish", json!({}))
}

fn document() -> Vec<Case> {
    published()
        .at("2026-03-01T09:00:00Z")
        .measured(Role::Sys, "fall_due", json!({}))
        .at("2026-03-12T09:00:00Z")
        .measured(Role::Sys, "fall_overdue", json!({}))
        .measured(
            Role::Do,
            "record_review",
            json!({ "outcome": "change",
            "nextReviewDue": "2026-06-01", "finding": "A commitment is to be added." }),
        )
        .measured(Role::Do, "correct", correct("title", "Policy on AI"))
        .measured(Role::Do, "redraft", {
            let mut next = content("1.1");
            next["nextReviewDue"] = json!("2027-03-10");
            next
        })
        .given(Role::Do, "submit", json!({}))
        .measured(Role::Tm, "approve", json!({}))
        .measured(Role::Tm, "withdraw", why())
        .cases()
}

fn acknowledgement() -> Vec<Case> {
    let input = json!({ "document": encode("doc", 1), "edition": "1.0", "remark": "Read." });
    History::<Acknowledgement>::of(&encode("ack", 1))
        .knowing(&encode("doc", 1), "document", published().body())
        .measured(Role::Emp, "acknowledge", input)
        .measured(Role::Am, "correct", correct("remark", "Read twice."))
        .cases()
}

fn registered(n: u128) -> History<Evidence> {
    let sha256 = format!("{n:064x}");
    let file = json!({
        "sha256": sha256, "size": 48_213, "mediaType": "application/pdf",
        "filename": format!("report-{n}.pdf"), "capturedAt": "2025-03-01T09:00:00Z",
        "source": "upload", "classification": "internal", "freshUntil": "2026-02-28",
        "retentionUntil": "2026-03-31",
    });
    History::of(&encode("evd", n)).measured(Role::Emp, "register", file).measured(
        Role::Sys,
        "verify",
        json!({ "sha256": sha256 }),
    )
}

fn evidence() -> Vec<Case> {
    registered(1)
        .knowing(&encode("evd", 2), "evidence", registered(2).body())
        .given(Role::Emp, "link", json!({ "clause": "6.1.3" }))
        .given(Role::Emp, "link", json!({ "control": "A.6.2.4" }))
        .measured(Role::Emp, "link", json!({ "control": "A.6.2.6" }))
        .measured(Role::Am, "correct", correct("filename", "report.pdf"))
        .measured(Role::Am, "place_hold", why())
        .measured(Role::Am, "release_hold", why())
        .at("2026-04-01T09:00:00Z")
        .measured(Role::Sys, "go_stale", json!({}))
        .measured(Role::Emp, "supersede", json!({ "by": encode("evd", 2) }))
        .measured(Role::Am, "shred", why())
        .cases()
}

fn choice() -> Value {
    json!({ "decision": "applicable", "reasonCodes": ["law", "best_practice"],
        "justification": "The management system needs it, and the law demands it." })
}

/// The row of a control, once it is implemented and proven.
fn row(n: u128, control: &str) -> History<SoaControl> {
    let (soa, proof) = (encode("soa", 1), encode("evd", n));
    let mut listed = choice();
    listed["soa"] = json!(soa);
    listed["control"] = json!(control);
    History::of(&encode("soc", n))
        .knowing(&soa, "soa", started().body())
        .knowing(&proof, "evidence", registered(n).body())
        .given(Role::Am, "list", listed)
        .measured(Role::Am, "assign_owner", json!({ "owner": member(Role::So) }))
        .measured(Role::Am, "link_evidence", json!({ "evidence": proof }))
        .measured(
            Role::Am,
            "set_status",
            json!({ "status": "implemented",
            "note": "Found in place at the gap analysis." }),
        )
        .measured(Role::Am, "verify_status", json!({}))
}

fn started() -> History<Soa> {
    let input = json!({ "catalogue": ISO_42001, "title": "Statement of Applicability" });
    History::of(&encode("soa", 1)).measured(Role::Am, "start", input)
}

/// The rows of all controls but some.
fn with_rows<A>(history: History<A>, but: &[&str]) -> History<A>
where
    A: kernel::domain::Domain + Clone + 'static,
    A::Command: Clone + 'static,
{
    let controls = catalogue(ISO_42001).unwrap().controls.iter().zip(1_u128..);
    controls.filter(|(control, _)| !but.contains(&control.number.as_str())).fold(
        history,
        |history, (control, n)| {
            let mut row = row(n, &control.number).body();
            if control.number == "A.7.3" {
                row["decision"] = json!("excluded");
            }
            history.knowing(&encode("soc", n), "soa_control", row).knowing(
                &encode("evd", n),
                "evidence",
                registered(n).body(),
            )
        },
    )
}

fn soa() -> Vec<Case> {
    let found = json!({ "key": "a.7.3-ds-02", "control": "A.7.3",
        "fact": "dataset DS-02 is purchased bureau data" });
    with_rows(started(), &[])
        .measured_as("submit, 38 rows and proofs", STATEMENT, Role::Am, "submit", json!({}))
        .measured(Role::Tm, "reject", why())
        .given(Role::Am, "submit", json!({}))
        .measured_as("approve, 38 rows and proofs", STATEMENT, Role::Tm, "approve", json!({}))
        .measured(Role::Sys, "detect_contradiction", found)
        .measured(Role::Sys, "resolve_contradiction", json!({ "key": "a.7.3-ds-02" }))
        .measured(Role::Am, "correct", correct("title", "Statement"))
        .measured(Role::Am, "withdraw", why())
        .cases()
}

fn soa_control() -> Vec<Case> {
    let soa = encode("soa", 1);
    let mut listed = choice();
    listed["soa"] = json!(soa);
    listed["control"] = json!("A.6.2.4");
    let mut own = listed.clone();
    own["control"] = json!("HA.1");
    own["title"] = json!("Review of declines by a person");
    let made = |verb: &str, input| {
        let name = format!("{verb}, beside 37 rows");
        with_rows(History::<SoaControl>::of(&encode("soc", 99)), &["A.6.2.4"])
            .knowing(&soa, "soa", started().body())
            .measured_as(&name, None, Role::Am, verb, input)
            .cases()
    };
    let changed = row(1, "A.6.2.4")
        .measured(Role::Am, "unlink_evidence", json!({ "evidence": encode("evd", 1) }))
        .measured(
            Role::Am,
            "decide",
            json!({ "decision": "excluded",
            "justification": "The system is bought.", "note": "The build was given up." }),
        )
        .cases();
    let corrected = History::<SoaControl>::of(&encode("soc", 98))
        .knowing(&soa, "soa", started().body())
        .given(Role::Am, "add_own", own.clone())
        .measured(Role::Am, "correct", correct("title", "Human review"))
        .cases();
    [made("list", listed), made("add_own", own), changed, corrected].into_iter().flatten().collect()
}
