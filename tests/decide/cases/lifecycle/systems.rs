//! Systems, the gates between their stages, and what carries them into production.

use kernel::Role;
use kernel::id::encode;
use lifecycle::ai_system::AiSystem;
use lifecycle::change_request::ChangeRequest;
use lifecycle::deployment_plan::DeploymentPlan;
use lifecycle::gate_policy::GatePolicy;
use lifecycle::stage::Stage;
use lifecycle::stage_gate::StageGate;
use serde_json::{Value, json};

use super::{Kind, correct, member, remark, why, with};
use crate::history::{Case, History};

pub const KINDS: &[Kind] =
    &[ai_system, stage_gate, passed, expired, gate_policy, deployment_plan, change, unplanned];

fn sys() -> String {
    encode("sys", 1)
}

fn register() -> Value {
    json!({
        "name": "CreditLens", "owner": member(Role::So), "purpose": "Scores loan applications.",
        "systemKind": "ml", "origin": "built", "autonomy": "human_in_loop",
        "users": ["Loan officers", "Branch managers"],
        "affected": ["Loan applicants", "Guarantors"], "geo": ["NL", "NO"],
        "orgUnits": ["Lending", "Product"], "inScope": true, "systemVersion": "2.0",
        "developers": [member(Role::Dev)],
    })
}

/// CreditLens, whose first version has come to a stage through gates.
fn system_in(stage: Stage) -> Value {
    let mut system = History::<AiSystem>::of(&sys()).given(Role::So, "register", register()).body();
    system["stage"] = json!(stage);
    system["versions"]["2.0"]["stage"] = json!(stage);
    system
}

fn policy() -> History<GatePolicy> {
    let rules = json!([{ "check": "g16", "mode": "block" },
        { "check": "g8_preregistration", "mode": "warn" }]);
    History::of(&encode("gpo", 1)).measured(
        Role::Tm,
        "set",
        json!({ "policyVersion": "1", "rules": rules }),
    )
}

fn gate_policy() -> Vec<Case> {
    let rules = json!([{ "check": "g16", "mode": "block" },
        { "check": "g8_preregistration", "mode": "block" },
        { "check": "g4", "mode": "block", "waivableBy": ["RO"], "maxDays": 14 }]);
    policy()
        .measured(Role::Tm, "change", json!({ "policyVersion": "1.1", "rules": rules }))
        .given(Role::Tm, "change", json!({ "policyVersion": "2", "rules": [] }))
        .measured(Role::Tm, "correct", remark())
        .cases()
}

/// Answers to every check at the gate into a stage.
fn answers(into: Stage, failing: &str) -> Value {
    let asked = GatePolicy::standard().asked(into).into_iter();
    let answer = |(check, _): (lifecycle::gate_policy::Check, _)| {
        let result = if check.code() == failing { "fail" } else { "pass" };
        json!({ "check": check, "result": result, "because": "7 documents were looked at.",
            "evidence": [encode("evd", 1)],
            "lookedAt": [encode("risk", 1), encode("risk", 2), encode("aia", 1)] })
    };
    json!({ "checks": asked.map(answer).collect::<Vec<_>>() })
}

fn requested(n: u128, from: Stage, to: Stage) -> History<StageGate> {
    let request = json!({ "system": sys(), "systemVersion": "2.0", "to": to });
    History::of(&encode("gat", n))
        .knowing(&sys(), "ai_system", system_in(from))
        .knowing(&encode("gpo", 1), "gate_policy", policy().body())
        .measured(Role::So, "request", request)
}

const READY: Stage = Stage::VerificationAndValidation;

fn stage_gate() -> Vec<Case> {
    let waiver = json!({ "check": "g4", "until": "2025-03-20",
        "reason": "The audit comes next week." });
    requested(1, READY, Stage::Deployment)
        .given(Role::Sys, "evaluate", answers(Stage::Deployment, "g4"))
        .measured(Role::Ro, "waive_check", waiver)
        .measured(Role::Sys, "evaluate", answers(Stage::Deployment, "g4"))
        .given(Role::Iap, "approve", json!({}))
        .measured(Role::Rel, "approve", json!({}))
        .cases()
}

fn passed() -> Vec<Case> {
    requested(2, READY, Stage::Deployment)
        .given(Role::Sys, "evaluate", answers(Stage::Deployment, ""))
        .measured(Role::Rel, "refuse", why())
        .measured(Role::So, "correct", remark())
        .cases()
}

fn expired() -> Vec<Case> {
    gate(3, READY, Stage::Deployment)
        .at("2025-06-03T09:00:00Z")
        .measured(Role::Sys, "expire", json!({}))
        .cases()
}

/// A gate that was passed.
fn gate(n: u128, from: Stage, to: Stage) -> History<StageGate> {
    let requested = requested(n, from, to).given(Role::Sys, "evaluate", answers(to, ""));
    let approved = if to.approvers().len() > 1 {
        requested.given(Role::Ro, "approve", json!({}))
    } else {
        requested
    };
    approved.given(Role::Rel, "approve", json!({}))
}

fn ai_system() -> Vec<Case> {
    let retire = json!({ "gate": encode("gat", 9), "dataDisposition": "Deleted.",
        "modelDisposition": "Archived.", "userNotice": "By letter.",
        "openObligationsChecked": true, "logsKeptUntil": "2027-03-01" });
    let stop = with(why(), json!({ "systemVersion": "2.0" }));
    let stopped = operated().measured(Role::Ops, "stop_version", stop).cases().pop();
    let retired = operated().measured(Role::So, "retire", retire).cases();
    retired.into_iter().chain(stopped).collect()
}

/// What the bus gives a system that stands beside all that its life needs.
fn surrounded() -> History<AiSystem> {
    use Stage::{Deployment, DesignAndDevelopment, Inception, OperationAndMonitoring, Retirement};
    let published = json!({ "system": sys(), "publishedAt": "2025-03-01T09:00:00Z" });
    let designed =
        json!({ "system": sys(), "systemVersion": "2.0", "effective": { "version": 1 } });
    let change = json!({ "system": sys(), "changeKind": "config", "class": "minor",
        "effective": { "version": 1 } });
    let class = json!({ "system": sys(), "status": "confirmed", "regime": "eu_ai_act",
        "class": "high_risk", "role": "provider", "effects": ["high_risk"] });
    let aims = json!({ "effective": { "version": 1 } });
    let data = |hash: &str| {
        json!({ "name": "Loans 2024", "roles": ["train"],
        "status": "approved_for_use", "hash": hash.repeat(32) })
    };
    let model = json!({ "name": "Gradient-boosted trees", "status": "approved" });
    let gates = [
        (1, Inception, DesignAndDevelopment),
        (2, DesignAndDevelopment, READY),
        (3, READY, Deployment),
        (4, Deployment, OperationAndMonitoring),
        (9, OperationAndMonitoring, Retirement),
    ];
    let mut history = History::<AiSystem>::of(&sys())
        .knowing(&encode("gpo", 1), "gate_policy", policy().body())
        .knowing(&encode("itu", 1), "intended_use", published)
        .knowing(
            &encode("elp", 1),
            "event_log_policy",
            json!({ "system": sys(), "status": "active" }),
        )
        .knowing(&encode("dpl", 1), "deployment_plan", executed().body())
        .knowing(&encode("dsr", 1), "design_record", designed)
        .knowing(&encode("chg", 1), "change_request", change)
        .knowing(&encode("cls", 1), "regulatory_classification", class)
        .knowing(&encode("amc", 1), "aims_change", aims)
        .knowing(&encode("res", 1), "resource", model.clone())
        .knowing(&encode("res", 2), "resource", model);
    for (n, hash) in [(1, "aa"), (2, "bb"), (3, "cc")] {
        history = history.knowing(&encode("dst", n), "dataset", data(hash));
    }
    for (n, from, to) in gates {
        history = history.knowing(&encode("gat", n), "stage_gate", gate(n, from, to).body());
    }
    history
}

/// CreditLens in operation: 2.0 runs, 2.1 is in preparation.
fn operated() -> History<AiSystem> {
    use Stage::{Deployment, DesignAndDevelopment, OperationAndMonitoring};
    let enter = |n, stage: Stage| json!({ "systemVersion": "2.0", "stage": stage, "gate": encode("gat", n) });
    let version = json!({ "systemVersion": "2.1", "developers": [member(Role::Dev)],
        "datasets": [encode("dst", 1), encode("dst", 2)], "resources": [encode("res", 1)],
        "change": encode("chg", 1) });
    let assets = json!({ "systemVersion": "2.1", "datasets": [encode("dst", 3)],
        "resources": [encode("res", 2)] });
    let mut described = register();
    for field in ["owner", "inScope", "systemVersion", "developers"] {
        described.as_object_mut().unwrap().remove(field);
    }
    let described = with(described, json!({ "purpose": "Scores applications for loans." }));
    surrounded()
        .measured(Role::So, "register", register())
        .measured(Role::So, "describe", described)
        .measured(Role::So, "assign_owner", json!({ "owner": member(Role::Am) }))
        .given(Role::So, "assign_owner", json!({ "owner": member(Role::So) }))
        .given(Role::Rel, "enter_stage", enter(1, DesignAndDevelopment))
        .given(Role::Rel, "enter_stage", enter(2, READY))
        .measured(Role::Rel, "enter_stage", enter(3, Deployment))
        .measured(Role::Rel, "deploy", json!({ "systemVersion": "2.0" }))
        .given(Role::Rel, "enter_stage", enter(4, OperationAndMonitoring))
        .measured(Role::Dev, "add_version", version)
        .measured(Role::Dev, "link_assets", assets)
        .measured(
            Role::So,
            "set_scope",
            json!({ "inScope": false, "aimsChange": encode("amc", 1) }),
        )
        .measured(
            Role::Ops,
            "restrict_operation",
            json!({ "measure": "Declines are decided by hand.", "reason": "Drift." }),
        )
        .measured(Role::Ro, "lift_restriction", json!({}))
        .measured(Role::Ops, "suspend_operation", why())
        .measured(Role::Ro, "resume_operation", json!({}))
        .measured(Role::So, "correct", correct("purpose", "Scores applications."))
}

fn plan() -> Value {
    json!({
        "system": sys(), "systemVersion": "2.0", "targetEnv": "production",
        "steps": ["Switch the traffic of one branch.", "Switch all traffic.", "Watch a day."],
        "rollback": ["Switch back.", "Tell Lending."], "comms": "Lending is told a day before.",
        "monitoringReady": true, "userInfoReady": true,
        "window": { "from": "2025-03-03T08:00:00Z", "to": "2025-03-04T18:00:00Z" },
    })
}

fn executed() -> History<DeploymentPlan> {
    let mut system = system_in(Stage::Deployment);
    system["versions"]["2.0"]["deploymentGate"] = json!(encode("gat", 3));
    let passed = gate(3, READY, Stage::Deployment).body();
    let published = json!({ "system": sys(), "publishedAt": "2025-03-01T09:00:00Z" });
    History::of(&encode("dpl", 1))
        .knowing(&sys(), "ai_system", system)
        .knowing(&encode("gpo", 1), "gate_policy", policy().body())
        .knowing(&encode("gat", 3), "stage_gate", passed)
        .knowing(&encode("mon", 1), "monitor", json!({ "system": sys(), "status": "armed" }))
        .knowing(&encode("itu", 1), "intended_use", published)
        .measured(Role::Rel, "draft", plan())
        .measured(Role::Rel, "submit", json!({}))
        .measured(Role::Ro, "reject", why())
        .measured(Role::Rel, "redraft", with(plan(), json!({ "comms": "All are told." })))
        .given(Role::Rel, "submit", json!({}))
        .measured(Role::Ro, "approve", json!({}))
        .measured(Role::Rel, "execute", json!({}))
}

fn deployment_plan() -> Vec<Case> {
    executed()
        .measured(Role::So, "verify", json!({ "finding": "No errors within a day." }))
        .measured(Role::Rel, "correct", correct("comms", "Lending was told."))
        .measured(Role::Ops, "roll_back", why())
        .given(Role::Rel, "redraft", plan())
        .measured(Role::So, "withdraw", why())
        .cases()
}

fn proposed() -> Value {
    json!({
        "title": "Recalibration", "system": sys(), "changeKind": "model",
        "class": "substantial", "reason": "The ratio fell below 0.80.",
        "rollback": "Back to 2.0.", "fromVersion": "2.0", "toVersion": "2.1.0",
        "impact": { "risks": [encode("risk", 1), encode("risk", 2)], "aisiaNeeded": true,
            "revalidationNeeded": true, "docs": [encode("doc", 1), encode("tdo", 1)] },
        "monitors": [encode("mon", 1)],
    })
}

fn known_to_change(n: u128) -> History<ChangeRequest> {
    let version = |stage: &str, status: &str| json!({ "stage": stage, "status": status });
    let system = json!({ "name": "CreditLens", "stage": "operation_and_monitoring", "versions": {
        "2.0": version("operation_and_monitoring", "running"),
        "2.1.0": version("verification_and_validation", "in_preparation"),
    }});
    let assessed = json!({ "system": sys(), "status": "approved", "level": "medium" });
    let verified = json!({ "system": sys(), "systemVersion": "2.1.0", "status": "completed",
        "outcome": "pass", "criteriaFirst": true });
    let class = json!({ "system": sys(), "status": "confirmed", "regime": "eu_ai_act",
        "class": "high_risk", "role": "provider", "effects": ["high_risk"] });
    History::of(&encode("chg", n))
        .knowing(&sys(), "ai_system", system)
        .knowing(&encode("aia", 1), "impact_assessment", assessed)
        .knowing(&encode("vrf", 1), "verification_record", verified)
        .knowing(&encode("cls", 1), "regulatory_classification", class)
}

fn change() -> Vec<Case> {
    let looked = json!({ "classification": encode("cls", 1), "outcome": "class_unchanged",
        "conclusion": "It still scores natural persons." });
    let note = json!({ "note": "As planned." });
    let implemented = |n| {
        known_to_change(n)
            .measured(Role::Dev, "propose", proposed())
            .measured(Role::Dev, "revise", with(proposed(), json!({ "rollback": "To 2.0.1" })))
            .measured(Role::So, "record_reclassification", looked.clone())
            .measured(Role::Dev, "submit", json!({}))
            .measured(Role::Rel, "reject", why())
            .given(Role::Dev, "submit", json!({}))
            .given(Role::So, "approve", json!({}))
            .measured(Role::Rel, "approve", json!({}))
            .measured(Role::Dev, "implement", note.clone())
    };
    let closed = implemented(1)
        .measured(Role::So, "verify", note.clone())
        .measured(Role::So, "close", note.clone())
        .measured(Role::So, "correct", correct("title", "Calibration"));
    let rolled_back = implemented(2).measured(Role::Rel, "roll_back", why());
    let withdrawn = known_to_change(3).given(Role::Dev, "propose", proposed()).measured(
        Role::Dev,
        "withdraw",
        why(),
    );
    let ends = rolled_back.cases().into_iter().rev().take(1).chain(withdrawn.cases());
    closed.cases().into_iter().chain(ends).collect()
}

fn unplanned() -> Vec<Case> {
    let detected = json!({ "title": "A new model answers", "system": sys(),
        "changeKind": "supplier", "reason": "The supplier changed its model.",
        "fromVersion": "2.0", "toVersion": "2.1.0" });
    let review = json!({ "class": "minor", "conclusion": "kept",
        "note": "The answers are as good as before." });
    known_to_change(4)
        .measured(Role::Ops, "detect_unplanned", detected)
        .measured(Role::So, "review_unplanned", review)
        .cases()
}
