//! What systems are made of and leave behind: data sets, resources, event logs.

use kernel::Role;
use kernel::id::encode;
use lifecycle::dataset::Dataset;
use lifecycle::event_log_policy::EventLogPolicy;
use lifecycle::resource::Resource;
use serde_json::{Value, json};

use super::{Kind, correct, why, with};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[dataset, resource, event_log_policy];

fn dataset() -> Vec<Case> {
    let acquisition = json!({ "source": "purchased", "sourceName": "ScoreHub",
        "legalBasis": "Legitimate interest", "terms": "Credit scoring in the Netherlands.",
        "selectedHow": "All files of 2018 to 2024.", "acquiredOn": "2025-01-15" });
    let about = json!({
        "name": "Bureau data 2025", "hash": "05".repeat(32), "datasetVersion": "2025-08",
        "roles": ["train", "validation"], "personalData": true,
        "privacyAssessment": encode("dpi", 1), "systems": [encode("sys", 1), encode("sys", 2)],
        "biasNotes": "Young people have thin files.", "retention": "Five years",
    });
    let step = |n: usize| {
        let mut step = json!({ "step": "delivered", "source": "ScoreHub", "actor": "Courier",
            "at": format!("2025-02-0{n}T08:00:00Z"), "hashOut": format!("{n:02x}").repeat(32) });
        if n > 1 {
            step["hashIn"] = json!(format!("{:02x}", n - 1).repeat(32));
        }
        step
    };
    let metrics = ["income", "age", "address", "employment", "history", "balance"];
    let required = |metric: &&str| {
        json!({ "metric": metric, "dimension": "completeness",
        "comparison": "at_least", "threshold": "0.95" })
    };
    let result = |metric: &&str| {
        let value = if *metric == "income" { "0.93" } else { "0.97" };
        json!({ "metric": metric, "value": value, "evidence": encode("evd", 1) })
    };
    let quality = json!({ "requirements": metrics.iter().map(required).collect::<Vec<_>>(),
        "results": metrics.iter().map(result).collect::<Vec<_>>() });
    let privacy = json!({ "system": encode("sys", 1), "effective": { "version": 1 } });
    let other = |hash: &str| {
        json!({ "name": "Loans", "roles": ["train"], "status": "registered",
        "hash": hash.repeat(32) })
    };
    let preparation = json!({ "criteria": "Complete rows.",
        "methods": ["Deduplication", "Imputation of age"] });
    let waiver = json!({ "metric": "income", "until": "2025-04-30",
        "reason": "A better delivery is ordered." });
    let first = with(about.clone(), json!({ "biasNotes": "None known." }));
    History::<Dataset>::of(&encode("dst", 1))
        .knowing(&encode("dpi", 1), "privacy_assessment", privacy)
        .knowing(&encode("dst", 2), "dataset", other("aa"))
        .measured(Role::Ds, "register", first)
        .measured(Role::Ds, "revise", about)
        .measured(Role::Ds, "record_acquisition", acquisition)
        .measured(
            Role::Ds,
            "record_provenance",
            json!({ "steps": (1..6).map(step).collect::<Vec<_>>() }),
        )
        .measured(Role::Dev, "record_preparation", preparation)
        .measured(Role::Dev, "assess_quality", quality)
        .measured(Role::Ro, "waive_quality", waiver)
        .measured(Role::Ds, "approve", json!({}))
        .measured(Role::Ds, "restrict", why())
        .measured(Role::Ds, "correct", correct("name", "Bureau data"))
        .measured(Role::Ds, "retire", with(why(), json!({ "disposition": "deleted" })))
        .cases()
}

fn resource() -> Vec<Case> {
    let model = json!({ "name": "Gradient-boosted trees", "resourceKind": "model",
        "licence": "Apache-2.0", "resourceVersion": "2.0", "hash": "ab".repeat(32),
        "supplierName": "Lumora AI", "location": "Utrecht", "energyNote": "3 kWh a month." });
    let other = json!({ "name": "Old", "status": "blocked", "hash": "cd".repeat(32) });
    let link = |n| {
        json!({ "system": encode("sys", n),
        "stages": ["deployment", "operation_and_monitoring"] })
    };
    History::<Resource>::of(&encode("res", 1))
        .knowing(&encode("res", 2), "resource", other)
        .knowing(&encode("sys", 1), "ai_system", json!({ "name": "CreditLens" }))
        .measured(Role::Dev, "register", model)
        .measured(Role::Dev, "revise", json!({ "licence": "MIT", "resourceVersion": "2.1" }))
        .measured(Role::So, "approve", json!({}))
        .given(Role::So, "link", link(2))
        .measured(Role::So, "link", link(1))
        .measured(Role::So, "unlink", json!({ "system": encode("sys", 2) }))
        .measured(Role::So, "restrict", why())
        .measured(Role::Am, "block", why())
        .measured(Role::Am, "unblock", why())
        .measured(Role::So, "correct", correct("name", "Trees"))
        .given(Role::So, "unlink", json!({ "system": encode("sys", 1) }))
        .measured(Role::So, "retire", why())
        .cases()
}

fn event_log_policy() -> Vec<Case> {
    let content = json!({
        "stagesOn": ["verification_and_validation", "operation_and_monitoring"],
        "fields": ["time", "score", "model version", "user", "inputs"],
        "retentionMonths": 24, "integrity": "hash_chain", "sink": "Log store Utrecht",
    });
    let class: Value = json!({ "system": encode("sys", 1), "status": "confirmed",
        "regime": "eu_ai_act", "class": "high_risk", "role": "provider",
        "effects": ["high_risk"], "confirmedAt": "2024-09-02T09:00:00Z" });
    let digest = |n: usize| {
        let mut digest = json!({ "digest": format!("{n:02x}").repeat(32), "entries": 1_200,
            "coversFrom": format!("2025-03-0{}T09:00:00Z", n + 2),
            "coversTo": format!("2025-03-0{}T09:00:00Z", n + 3) });
        if n > 1 {
            digest["previous"] = json!(format!("{:02x}", n - 1).repeat(32));
        }
        digest
    };
    let closed = json!({ "to": "2025-03-07T09:00:00Z", "cause": "The disk was full." });
    let define = with(content.clone(), json!({ "system": encode("sys", 1) }));
    History::<EventLogPolicy>::of(&encode("elp", 1))
        .knowing(&encode("sys", 1), "ai_system", json!({ "name": "CreditLens" }))
        .knowing(&encode("cls", 1), "regulatory_classification", class)
        .measured(Role::So, "define", define)
        .measured(Role::So, "revise", with(content, json!({ "retentionMonths": 36 })))
        .measured(Role::So, "activate", json!({}))
        .at("2025-03-08T09:00:00Z")
        .given(Role::Ops, "receive_digest", digest(1))
        .given(Role::Ops, "receive_digest", digest(2))
        .measured(Role::Ops, "receive_digest", digest(3))
        .measured(Role::Sys, "detect_gap", json!({ "from": "2025-03-06T12:00:00Z" }))
        .measured(Role::Sys, "close_gap", closed)
        .measured(Role::So, "correct", correct("sink", "Log store Oslo"))
        .measured(Role::So, "retire", why())
        .cases()
}
