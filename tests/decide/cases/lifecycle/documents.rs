//! What is written of a system: requirements, design, verification, documentation, use.

use kernel::Role;
use kernel::id::encode;
use lifecycle::design_record::DesignRecord;
use lifecycle::intended_use::IntendedUse;
use lifecycle::requirement_set::RequirementSet;
use lifecycle::technical_documentation::TechnicalDocumentation;
use lifecycle::verification_record::VerificationRecord;
use serde_json::{Map, Value, json};

use super::{Kind, correct, member, remark, why, with};
use crate::history::{Case, History};

pub const KINDS: &[Kind] =
    &[requirement_set, design_record, documentation, verification, invalidated, intended_use];

/// What is asked of the system: three requirements of each kind.
const ASKED: [&str; 9] = [
    "fairness",
    "performance",
    "safety",
    "security",
    "privacy",
    "transparency",
    "oversight",
    "legal",
    "function",
];

fn sys() -> String {
    encode("sys", 1)
}

fn system() -> Value {
    json!({ "name": "CreditLens", "origin": "built", "operationStatus": "stopped", "versions": {
        "2.0": { "stage": "verification_and_validation", "status": "in_preparation",
            "developers": [member(Role::Dev)],
            "datasets": [encode("dst", 1), encode("dst", 2), encode("dst", 3)] },
    }})
}

fn high_risk() -> Value {
    json!({ "system": sys(), "status": "confirmed", "regime": "eu_ai_act", "class": "high_risk",
        "role": "provider", "effects": ["high_risk"], "confirmedAt": "2024-09-02T09:00:00Z" })
}

fn at_least(value: &str) -> Value {
    json!({ "comparison": "at_least", "value": value })
}

fn requirement(kind: &str, limit: &str) -> Value {
    json!({ "text": "Groups of applicants are treated alike.", "requirementKind": kind,
        "metric": "Disparate impact ratio", "threshold": at_least(limit), "source": "IA-01",
        "priority": "must" })
}

fn baselined() -> History<RequirementSet> {
    let item = |kind: &str, n: usize| (format!("{kind}_{n}"), requirement(kind, "0.8"));
    let items: Map<_, _> = ASKED.iter().flat_map(|k| (1..4).map(|n| item(k, n))).collect();
    let changed = with(requirement("fairness", "0.85"), json!({ "key": "fairness_1" }));
    let added = with(requirement("fairness", "0.9"), json!({ "key": "parity" }));
    History::of(&encode("rqs", 1))
        .knowing(&sys(), "ai_system", system())
        .knowing(&encode("cls", 1), "regulatory_classification", high_risk())
        .knowing(
            &encode("aia", 1),
            "impact_assessment",
            json!({ "system": sys(), "status": "approved", "level": "high" }),
        )
        .measured(Role::So, "draft", json!({ "system": sys(), "items": items }))
        .measured(Role::So, "add_requirement", added)
        .measured(Role::So, "change_requirement", changed)
        .measured(Role::So, "remove_requirement", json!({ "key": "parity" }))
        .measured(Role::So, "submit", json!({}))
        .measured(Role::Ro, "reject", why())
        .given(Role::So, "submit", json!({}))
        .measured(Role::Ro, "baseline", json!({}))
}

fn requirement_set() -> Vec<Case> {
    let next = json!({ "reason": "The assessment asks for more.", "remove": ["legal_3"],
        "change": { "fairness_1": requirement("fairness", "0.9") },
        "add": { "parity": requirement("fairness", "0.8") } });
    baselined()
        .measured(Role::So, "correct", remark())
        .measured(Role::So, "change_baseline", next)
        .measured(Role::Ro, "withdraw", why())
        .cases()
}

fn design_record() -> Vec<Case> {
    let design = json!({
        "architecture": "Gradient-boosted trees on 48 features.", "approach": "Supervised.",
        "assumptions": ["Applicants tell the truth.", "Bureau data are current."],
        "knownLimits": ["Thin files score low.", "No data before 2018."],
        "alternatives": ["Logistic regression", "A neural network"],
        "security": "Weights are signed.", "modelCardHash": "ab".repeat(32),
    });
    let record = with(design.clone(), json!({ "system": sys(), "systemVersion": "2.0" }));
    History::<DesignRecord>::of(&encode("dsr", 1))
        .knowing(&sys(), "ai_system", system())
        .measured(Role::Dev, "record", record)
        .measured(Role::Dev, "submit", json!({}))
        .measured(Role::So, "reject", why())
        .measured(Role::Dev, "revise", with(design, json!({ "approach": "Trees." })))
        .given(Role::Dev, "submit", json!({}))
        .measured(Role::So, "approve", json!({}))
        .measured(Role::Dev, "correct", remark())
        .measured(Role::So, "withdraw", why())
        .cases()
}

fn documentation() -> Vec<Case> {
    let part = |title: &str| {
        json!({ "hash": "ab".repeat(32), "title": title,
        "mediaType": "application/pdf" })
    };
    let point = |n: u32| (n.to_string(), json!({ "reference": format!("TD-01, section {n}") }));
    let content = json!({
        "audiences": { "user": part("Instructions"), "partner": part("Integration"),
            "authority": part("Annex IV file") },
        "annexIvMap": (1..10).map(point).collect::<Map<_, _>>(),
        "modelCardHash": "cd".repeat(32),
    });
    let draft = with(content.clone(), json!({ "system": sys(), "systemVersion": "2.0" }));
    History::<TechnicalDocumentation>::of(&encode("tdo", 1))
        .knowing(&sys(), "ai_system", system())
        .knowing(&encode("cls", 1), "regulatory_classification", high_risk())
        .measured(Role::Dev, "draft", draft)
        .measured(Role::Dev, "submit", json!({}))
        .measured(Role::So, "reject", why())
        .measured(Role::Dev, "redraft", with(content, json!({ "modelCardHash": "ef".repeat(32) })))
        .given(Role::Dev, "submit", json!({}))
        .measured(Role::So, "approve", json!({}))
        .measured(Role::Dev, "correct", remark())
        .measured(Role::So, "withdraw", why())
        .cases()
}

fn criteria(limit: &str) -> Value {
    let criterion = |n: usize| {
        let requirement = format!("{}_{}", ASKED[n / 3], n % 3 + 1);
        let one = json!({ "metric": "Disparate impact ratio", "threshold": at_least(limit),
            "must": n < 24, "requirement": requirement });
        (format!("dir_{n}"), one)
    };
    json!({ "criteria": (0..27).map(criterion).collect::<Map<_, _>>() })
}

fn planned(n: u128) -> History<VerificationRecord> {
    let data = |name: &str, role: &str, hash: &str| {
        json!({ "name": name, "roles": [role], "status": "approved_for_use",
            "hash": hash.repeat(32) })
    };
    let plan = json!({ "system": sys(), "systemVersion": "2.0",
        "requirementSet": encode("rqs", 1) });
    History::of(&encode("vrf", n))
        .knowing(&sys(), "ai_system", system())
        .knowing(&encode("rqs", 1), "requirement_set", baselined().body())
        .knowing(&encode("dst", 1), "dataset", data("Loans 2023", "train", "aa"))
        .knowing(&encode("dst", 2), "dataset", data("Loans 2024", "validation", "bb"))
        .knowing(&encode("dst", 3), "dataset", data("Hold-out", "test", "cc"))
        .measured(Role::Val, "register_plan", with(criteria("0.85"), plan))
        .measured(Role::Val, "change_criteria", criteria("0.86"))
        .at("2025-03-04T09:00:00Z")
}

fn run(key: &str) -> Value {
    json!({ "key": key, "dataset": encode("dst", 3), "environment": "ci-7, Python 3.12",
        "startedAt": "2025-03-04T08:00:00Z", "seed": "42" })
}

fn verification() -> Vec<Case> {
    let result = |n: usize| json!({ "criterion": format!("dir_{n}"), "value": "0.88" });
    let report = with(
        run("first"),
        json!({ "finishedAt": "2025-03-04T08:30:00Z", "reportHash": "ab".repeat(32),
            "results": (0..27).map(result).collect::<Vec<_>>() }),
    );
    planned(1)
        .measured(Role::Val, "start_run", run("first"))
        .given(Role::Val, "start_run", run("second"))
        .measured(Role::Val, "abandon_run", with(why(), json!({ "run": "second" })))
        .measured(
            Role::Val,
            "complete_run",
            json!({ "closes": true, "run": report, "limitsFound": "Thin files score low." }),
        )
        .measured(Role::Val, "correct", correct("limitsFound", json!(["Thin files score low"])))
        .measured(Role::Am, "invalidate", why())
        .cases()
}

fn invalidated() -> Vec<Case> {
    planned(2).measured(Role::Val, "invalidate", why()).cases()
}

fn intended_use() -> Vec<Case> {
    let overseer = |role: Role| {
        json!({ "who": member(role), "competence": encode("cpr", 1), "stopAbility": true,
            "reviewShare": "100" })
    };
    let content = json!({
        "intendedPurpose": "Helps lenders to judge applications.",
        "intendedUses": ["Scoring of consumer loans", "Scoring of small loans"],
        "prohibitedUses": ["Hiring", "Pricing of insurance"],
        "allowedUsers": ["Loan officers", "Branch managers"],
        "conditions": ["A person reviews each decline."], "limits": ["Thin files score low."],
        "oversight": { "lending": overseer(Role::Ro), "product": overseer(Role::Am) },
        "instructionsHash": "ab".repeat(32), "languages": ["nl", "no", "en"],
        "contact": "support@halden.example", "monitorsOfUse": [encode("mon", 1)],
    });
    let assessed = json!({ "system": sys(), "status": "approved",
        "intendedUses": ["Scoring of consumer loans", "Scoring of small loans"] });
    let demanded = json!({ "role": "Overseer", "revision": 1, "status": "in_force", "required": {
        "stopping": { "title": "Stopping the system", "level": "skilled", "regulated": false } } });
    let learnt = |role: Role| {
        json!({ "person": member(role), "status": "completed", "completedOn": "2024-11-04",
            "competences": { "stopping": { "level": "skilled" } } })
    };
    let deviation = json!({ "deviationKind": "outside_purpose",
        "what": "It was used for rent contracts.", "observedAt": "2025-03-02T09:00:00Z",
        "action": "The branch was told." });
    History::<IntendedUse>::of(&encode("itu", 1))
        .knowing(&sys(), "ai_system", system())
        .knowing(&encode("cpr", 1), "competence_profile", demanded)
        .knowing(&encode("trr", 1), "training_record", learnt(Role::Ro))
        .knowing(&encode("trr", 2), "training_record", learnt(Role::Am))
        .knowing(&encode("mon", 1), "monitor", json!({ "system": sys(), "status": "armed" }))
        .knowing(&encode("aia", 1), "impact_assessment", assessed)
        .measured(Role::So, "draft", with(content.clone(), json!({ "system": sys() })))
        .measured(Role::So, "submit", json!({}))
        .measured(Role::Ro, "reject", why())
        .measured(Role::So, "redraft", with(content.clone(), json!({ "languages": ["nl"] })))
        .given(Role::So, "submit", json!({}))
        .measured(Role::Ro, "approve", json!({}))
        .measured(Role::Ro, "publish", json!({}))
        .measured(Role::Ops, "record_deviation", deviation)
        .measured(Role::So, "correct", remark())
        .given(Role::So, "redraft", content)
        .measured(Role::Ro, "withdraw", why())
        .cases()
}
