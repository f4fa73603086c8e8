//! The assessments of the risk service: of impact, of privacy, and the regulatory class.

use kernel::Role;
use kernel::id::encode;
use risk::impact_assessment::ImpactAssessment;
use risk::privacy_assessment::PrivacyAssessment;
use risk::regulatory_classification::RegulatoryClassification;
use serde_json::{Value, json};

use super::{Kind, correct, member, why, with};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[planned, assessed, started, privacy_assessment, classification];

fn content() -> Value {
    json!({
        "systemVersion": "2.0", "scope": "Credit decisions on consumers.",
        "purpose": "To score applications.",
        "intendedUses": ["Scoring of consumer credit", "Scoring of small loans"],
        "foreseeableMisuse": ["Scoring of job applicants", "Use without human review"],
        "context": { "geo": ["NL", "NO"], "sector": "Banking", "affectedCount": 40_000,
            "population": "Applicants for consumer credit" },
        "consultedParties": ["Consumer association", "Works council"],
        "dataSummary": "Own loan book and bureau data.", "personalData": true,
        "privacyAssessment": encode("dpi", 1), "sensitiveUse": true,
        "oversight": "A person reviews each decline.",
    })
}

fn start() -> Value {
    with(content(), json!({ "system": encode("sys", 1) }))
}

fn rated(subject: &str, area: &str) -> Value {
    json!({
        "subject": subject, "who": "Loan applicants", "area": area, "direction": "harm",
        "severity": 3, "likelihood": 3, "scale": 4, "reversibility": 2, "vulnerable": false,
        "measures": ["The postcode was dropped.", "A person reviews each decline."],
        "residual": { "severity": 2, "likelihood": 2 },
    })
}

fn history(n: u128) -> History<ImpactAssessment> {
    let version = json!({ "stage": "design_and_development", "status": "in_preparation" });
    let system = json!({ "name": "CreditLens", "owner": member(Role::So),
        "stage": "design_and_development", "versions": { "2.0": version, "2.1.0": version } });
    let privacy = json!({ "system": encode("sys", 1), "effective": { "version": 1 } });
    let class = json!({ "system": encode("sys", 1), "status": "confirmed", "regime": "eu_ai_act",
        "class": "high_risk", "role": "provider", "effects": ["high_risk"] });
    let band = |level, from, to| json!({ "level": level, "from": from, "to": to });
    let bands = json!([
        band("low", 1, 4),
        band("medium", 5, 9),
        band("high", 10, 14),
        band("critical", 15, 25)
    ]);
    let criteria = json!({ "effective": { "version": 1 },
        "approvedVersions": { "v1": { "bands": bands } } });
    History::of(&encode("aia", n))
        .knowing(&encode("sys", 1), "ai_system", system)
        .knowing(&encode("dpi", 1), "privacy_assessment", privacy)
        .knowing(&encode("cls", 1), "regulatory_classification", class)
        .knowing(&encode("rcr", 1), "risk_criteria", criteria)
}

fn planned() -> Vec<Case> {
    history(2)
        .measured(Role::Am, "plan", json!({ "system": encode("sys", 1), "due": "2025-03-31" }))
        .at("2025-04-01T09:00:00Z")
        .measured(Role::Sys, "mark_overdue", json!({}))
        .cases()
}

fn started() -> Vec<Case> {
    history(3)
        .given(Role::Ia, "start", start())
        .knowing(
            &encode("sys", 1),
            "ai_system",
            json!({ "name": "CreditLens", "stage": "retirement" }),
        )
        .measured(Role::Am, "supersede", why())
        .cases()
}

fn assessed() -> Vec<Case> {
    let rights = json!({
        "processes": "The decision on a loan.", "periodAndFrequency": "Daily, until 2027.",
        "affectedPersons": "Applicants and their households.", "risksOfHarm": "No credit.",
        "humanOversight": "A loan officer decides.", "measures": "Appeal within two weeks.",
    });
    let condition =
        |key: &str, text: &str| json!({ "key": key, "text": text, "due": "2025-04-15" });
    let approve = json!({ "nextDue": "2025-08-01", "conditions": [
        condition("review", "A person reviews every decline."),
        condition("notice", "Applicants are told why they are declined."),
    ]});
    let mut history = history(1).measured(Role::Ia, "start", start());
    for area in ["fairness", "privacy", "financial"] {
        history = history.given(Role::Ia, "rate_impact", rated("individual", area));
    }
    history = history.measured(Role::Ia, "rate_impact", rated("group", "accessibility"));
    let impacts = history.body();
    let last = impacts["impacts"].as_object().unwrap().keys().next_back().unwrap().clone();
    history
        .measured(Role::Ia, "remove_impact", json!({ "impact": last, "reason": "Rated twice." }))
        .given(Role::Ia, "rate_impact", rated("group", "accessibility"))
        .measured(
            Role::Ia,
            "state_none",
            json!({ "subject": "society", "reason": "Nobody else is touched." }),
        )
        .measured(Role::Dpo, "assess_rights", rights)
        .measured(Role::Dpo, "advise", json!({ "advice": "Keep the data for two years only." }))
        .measured(Role::Ia, "submit", json!({}))
        .measured(Role::Iap, "reject", why())
        .given(Role::Ia, "submit", json!({}))
        .measured(Role::Iap, "approve", approve)
        .measured(
            Role::Ia,
            "meet_condition",
            json!({ "condition": "review", "how": "It stands in the procedure." }),
        )
        .measured(
            Role::Ia,
            "share_result",
            json!({ "with": "Consumer association", "audience": "affected_persons",
                "note": "The summary." }),
        )
        .measured(
            Role::Sys,
            "fire_trigger",
            json!({ "trigger": "critical_drift", "reason": "The ratio fell below 0.70.",
                "source": encode("mon", 1) }),
        )
        .measured(Role::Ia, "revise", with(content(), json!({ "systemVersion": "2.1.0" })))
        .measured(Role::Ia, "correct", correct("purpose", "To score loan applications."))
        .cases()
}

fn privacy_assessment() -> Vec<Case> {
    let measure = |kind: &str| json!({ "measureKind": kind, "text": "As the procedure says." });
    let content = json!({
        "purposes": ["Credit scoring"], "lawfulBases": ["contract", "legitimate_interests"],
        "dataCategories": ["Income", "Employment", "Payment history"],
        "specialCategories": false, "subjects": ["Applicants", "Guarantors"],
        "automatedDecision": true, "minimisation": "No postcode.", "retention": "Five years.",
        "residual": "medium", "authorityConsulted": false,
        "transfers": [{ "to": "Norway", "safeguard": "adequacy" }],
        "measures": [measure("human_review"), measure("security"), measure("minimisation")],
    });
    let system = json!({ "name": "CreditLens", "owner": member(Role::So) });
    History::<PrivacyAssessment>::of(&encode("dpi", 1))
        .knowing(&encode("sys", 1), "ai_system", system)
        .measured(Role::Ds, "start", with(content.clone(), json!({ "system": encode("sys", 1) })))
        .measured(Role::Dpo, "advise", json!({ "advice": "Keep less." }))
        .measured(Role::Ds, "submit", json!({}))
        .measured(Role::Dpo, "reject", why())
        .given(Role::Ds, "submit", json!({}))
        .measured(Role::Dpo, "approve", json!({}))
        .measured(Role::Ds, "correct", correct("retention", "Six years."))
        .measured(Role::Dpo, "require_review", why())
        .measured(Role::Ds, "redraft", with(content, json!({ "retention": "Two years." })))
        .measured(Role::Dpo, "withdraw", why())
        .cases()
}

fn classification() -> Vec<Case> {
    let proposal = json!({ "class": "high_risk", "point": "5(b)", "role": "provider",
        "rationale": "It scores the creditworthiness of natural persons.",
        "publicBody": false });
    let system = json!({ "name": "CreditLens", "owner": member(Role::So) });
    let propose = with(
        proposal.clone(),
        json!({ "system": encode("sys", 1),
        "regime": "eu_ai_act" }),
    );
    let role = json!({ "role": "deployer", "because": "rebranding",
        "reason": "It is sold under the name of another." });
    History::<RegulatoryClassification>::of(&encode("cls", 1))
        .knowing(&encode("sys", 1), "ai_system", system)
        .measured(Role::Rm, "propose", propose)
        .measured(Role::Dpo, "confirm", json!({}))
        .measured(Role::Rm, "correct", correct("rationale", "It scores natural persons."))
        .measured(Role::Dpo, "record_role_change", role)
        .measured(Role::Rm, "repropose", proposal)
        .cases()
}
