//! The kinds of risk management: criteria, rule sets, risks and their treatment.

use std::time::Duration;

use kernel::Role;
use kernel::id::encode;
use risk::risk::Risk;
use risk::risk_criteria::RiskCriteria;
use risk::rule_set::RuleSet;
use risk::treatment_plan::TreatmentPlan;
use serde_json::{Value, json};

use super::{Kind, correct, member, why, with};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[criteria, rule_set, candidate, risk, treatment_plan];

fn scale(labels: [&str; 5]) -> Value {
    labels.map(|label| json!({ "label": label, "description": "As the guide explains." })).into()
}

fn approved() -> History<RiskCriteria> {
    let consequence = scale(["negligible", "minor", "moderate", "major", "severe"]);
    let draft = json!({
        "likelihoodScale": scale(["rare", "unlikely", "possible", "likely", "almost certain"]),
        "severityScale": { "organisation": consequence, "individual": consequence,
            "society": consequence },
        "appetite": 9, "tolerance": 14, "note": "Agreed with the board on 19 August.",
    });
    History::of(&encode("rcr", 1))
        .measured(Role::Rm, "draft", draft)
        .measured(Role::Rm, "submit", json!({}))
        .measured(Role::Tm, "reject", why())
        .given(Role::Rm, "submit", json!({}))
        .measured(Role::Tm, "approve", json!({}))
}

fn criteria() -> Vec<Case> {
    approved()
        .measured(Role::Rm, "correct", correct("note", "Agreed with the board."))
        .measured(
            Role::Rm,
            "redraft",
            json!({ "appetite": 8, "tolerance": 12, "aimsChange": encode("amc", 1) }),
        )
        .measured(Role::Rm, "withdraw", why())
        .cases()
}

/// What taking over a whole act may take: each of its rules is checked and copied.
const WHOLE_ACT: Option<Duration> = Some(Duration::from_micros(200));

/// Ten rules of the house that will apply one day.
fn house(revision: &str) -> Value {
    let rule = |n: usize| {
        let code = format!("house.report_{n}");
        let rule = json!({
            "code": code, "regime": "house", "jurisdiction": "NL", "article": n.to_string(),
            "trigger": "incident_report", "when": { "roles": ["provider"] },
            "deadline": { "amount": n, "unit": "days" }, "published": "2025-01-01",
            "appliesFrom": "2026-01-01", "text": "Tell the board.", "source": "House rules",
            "sourceVersion": "1",
        });
        (code, rule)
    };
    let class = with(
        rule(1).1,
        json!({ "code": "house.class", "trigger": "class", "when": {}, "class": "grave",
            "deadline": null, "effects": ["high_risk"] }),
    );
    let rules = (1..10).map(rule).chain([("house.class".to_owned(), class)]);
    json!({ "name": "house", "revision": revision, "source": "Board", "licence": "Own",
        "roles": ["provider", "deployer"], "rules": rules.collect::<serde_json::Map<_, _>>() })
}

fn rule_set() -> Vec<Case> {
    let rule = json!({ "rule": "house.report_1", "reason": "It is good practice." });
    let loaded = History::<RuleSet>::of(&encode("rst", 1))
        .measured(Role::Dpo, "load", house("1"))
        .measured(Role::Dpo, "revise", house("2"))
        .measured(Role::Tm, "adopt_early", rule.clone())
        .measured(Role::Tm, "end_early_adoption", rule)
        .measured(Role::Dpo, "correct", correct("source", "The board"))
        .measured(Role::Dpo, "retire", why());
    let packaged = History::<RuleSet>::of(&encode("rst", 2)).measured_as(
        "load_packaged, 68 rules",
        WHOLE_ACT,
        Role::Dpo,
        "load_packaged",
        json!({ "name": "eu_ai_act" }),
    );
    [loaded.cases(), packaged.cases()].into_iter().flatten().collect()
}

fn identification() -> Value {
    json!({
        "title": "Indirect discrimination through the postcode",
        "description": "The postcode stands for origin: applicants of one district are declined.",
        "assets": ["Model CreditLens 2.0", "Loan book"],
        "sources": ["machine_learning", "lack_of_transparency"],
        "themes": ["fairness", "transparency"], "stage": "operation_and_monitoring",
    })
}

fn identified(n: u128) -> Value {
    with(
        identification(),
        json!({ "systems": [encode("sys", n)], "owner": member(Role::Ro),
            "impactAssessments": [encode("aia", 1)] }),
    )
}

fn candidate() -> Vec<Case> {
    let origin = json!({ "library": "MIT AI Risk Repository", "entry": "01.01.00",
        "licence": "CC BY 4.0", "source": "Weidinger et al., 2022",
        "url": "https://airisk.mit.edu" });
    let imported = || with(identification(), json!({ "origin": origin }));
    let adopt = json!({ "systems": [encode("sys", 1)], "owner": member(Role::Ro) });
    let adopted = History::<Risk>::of(&encode("risk", 2))
        .measured(Role::Rm, "import_candidate", imported())
        .measured(Role::Rm, "adopt", adopt);
    let dismissed = History::<Risk>::of(&encode("risk", 3))
        .given(Role::Rm, "import_candidate", imported())
        .measured(Role::Rm, "dismiss", why());
    [adopted.cases(), dismissed.cases()].into_iter().flatten().collect()
}

fn rated(likelihood: u32, severity: u32, controls: &[&str]) -> Value {
    let control = |control| json!({ "control": control, "effectiveness": "effective" });
    json!({
        "likelihood": likelihood, "consequenceOrg": 2, "consequenceIndividual": severity,
        "consequenceSociety": 2, "rationale": "Tests on the applications of last year.",
        "controls": controls.iter().map(control).collect::<Vec<_>>(),
    })
}

/// A plan in force for the risk, as its document shows it.
fn plan(progress: &str, action: &str) -> Value {
    let action = |due: &str| json!({ "due": due, "mandatory": true, "status": action });
    json!({
        "status": "approved", "risks": [encode("risk", 1)], "controls": ["A.6.2.4", "A.7.4"],
        "progress": progress,
        "inForce": { "version": 1, "risks": [encode("risk", 1)],
            "actions": { "postcode": action("2025-03-31"), "constraint": action("2025-04-30") } },
    })
}

fn risk() -> Vec<Case> {
    let tpl = encode("tpl", 1);
    let row = |control: &str| {
        json!({ "soa": encode("soa", 1), "catalogue": "iso42001-2023", "control": control,
            "decision": "applicable", "status": "implemented" })
    };
    let named = json!({ "plan": tpl });
    let link = json!({ "incidents": [encode("inc", 1)], "impactAssessments": [encode("aia", 1)],
        "suppliers": [encode("sup", 1)] });
    let accept = json!({ "validUntil": "2025-12-01", "reason": "The benefit outweighs it." });
    let remains =
        with(rated(2, 4, &["A.6.2.4", "A.7.4"]), json!({ "evidence": [encode("evd", 1)] }));
    let two = json!({ "systems": [encode("sys", 1), encode("sys", 2)] });
    History::<Risk>::of(&encode("risk", 1))
        .knowing(&encode("rcr", 1), "risk_criteria", approved().body())
        .knowing(&encode("soc", 1), "soa_control", row("A.6.2.4"))
        .knowing(&encode("soc", 2), "soa_control", row("A.7.4"))
        .knowing(&encode("evd", 1), "evidence", json!({ "status": "verified" }))
        .knowing(&encode("sys", 1), "ai_system", json!({ "name": "CreditLens" }))
        .measured(Role::So, "identify", identified(1))
        .measured(Role::Rm, "assign_owner", json!({ "owner": member(Role::So) }))
        .given(Role::Rm, "assign_owner", json!({ "owner": member(Role::Ro) }))
        .measured(Role::So, "change_systems", two)
        .measured(Role::Rm, "link", link)
        .measured(Role::Rm, "analyse", rated(4, 5, &["A.7.4"]))
        .measured(
            Role::Rm,
            "evaluate",
            json!({ "treatment": "modify", "rationale": "It can be changed." }),
        )
        .knowing(&tpl, "treatment_plan", plan("in_progress", "open"))
        .measured(Role::Rm, "record_treatment_planned", named.clone())
        .knowing(&tpl, "treatment_plan", plan("completed", "done"))
        .measured(Role::Rm, "record_treated", named)
        .measured(Role::Rm, "evaluate_residual", remains)
        .measured(Role::Ro, "accept", accept.clone())
        .measured(Role::Ro, "revoke_acceptance", why())
        .given(Role::Ro, "accept", accept)
        .at("2025-12-02T09:00:00Z")
        .measured(Role::Sys, "expire_acceptance", json!({}))
        .given(
            Role::Ro,
            "accept",
            json!({ "validUntil": "2026-11-01", "reason": "As in the spring." }),
        )
        .at("2026-10-30T09:00:00Z")
        .measured(Role::Sys, "fall_due_for_review", json!({}))
        .measured(Role::Rm, "correct", correct("title", "Discrimination through the postcode"))
        .measured(
            Role::Ro,
            "close",
            json!({ "ground": "source_gone", "reason": "The model was replaced." }),
        )
        .cases()
}

fn treatment_plan() -> Vec<Case> {
    let action = |key: &str, control: &str, due: &str| {
        json!({ "key": key, "text": "Drop the postcode from the features.", "control": control,
            "owner": member(Role::Emp), "due": due })
    };
    let content = json!({
        "title": "Fairness of CreditLens",
        "risks": [encode("risk", 1), encode("risk", 2)],
        "actions": [
            action("postcode", "A.6.2.4", "2025-03-31"),
            action("constraint", "A.7.4", "2025-04-30"),
            action("review", "A.9.2", "2025-04-15"),
        ],
        "budget": { "amount": "12000", "currency": "EUR" },
        "expectedResidual": { "likelihood": 2, "severity": 4 },
    });
    let risk = json!({ "title": "Discrimination", "owner": member(Role::Ro),
        "status": "evaluated" });
    let done = |action: &str| json!({ "action": action, "evidence": [encode("evd", 1)] });
    let shown = json!({ "effective": true, "result": "The disparate-impact ratio is 0.87.",
        "evidence": [encode("evd", 1)] });
    History::<TreatmentPlan>::of(&encode("tpl", 1))
        .knowing(&encode("risk", 1), "risk", risk.clone())
        .knowing(&encode("risk", 2), "risk", risk)
        .knowing(&encode("evd", 1), "evidence", json!({ "status": "verified" }))
        .measured(Role::Rm, "draft", content.clone())
        .measured(Role::Rm, "submit", json!({}))
        .measured(Role::Ro, "reject", why())
        .measured(Role::Rm, "redraft", with(content.clone(), json!({ "title": "Fair credit" })))
        .given(Role::Rm, "submit", json!({}))
        .measured(Role::Ro, "approve", json!({}))
        .measured(Role::Emp, "complete_action", done("postcode"))
        .given(Role::Emp, "complete_action", done("constraint"))
        .at("2025-04-16T09:00:00Z")
        .measured(Role::Sys, "mark_action_overdue", json!({ "action": "review" }))
        .given(Role::Emp, "complete_action", done("review"))
        .measured(Role::Rm, "complete", json!({}))
        .measured(Role::Val, "verify", shown)
        .measured(Role::Rm, "correct", correct("title", "Fairness"))
        .given(Role::Rm, "redraft", content)
        .measured(Role::Rm, "withdraw", why())
        .cases()
}
