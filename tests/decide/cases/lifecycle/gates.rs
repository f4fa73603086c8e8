//! What the checks of a gate look at, of ordinary size.

use kernel::id::encode;
use kernel::{Role, UserId};
use lifecycle::stage_gate::StageGate;
use serde_json::{Value, json};

use super::member;
use crate::history::History;

/// A treatment plan whose one mandatory action that is due stands so.
pub fn plan(status: &str) -> (String, Value) {
    let action =
        |due: &str, status: &str| json!({ "due": due, "mandatory": true, "status": status });
    let in_force = json!({ "version": 2, "risks": [encode("risk", 1), encode("risk", 2)],
        "actions": { "a1": action("2025-01-31", status), "a2": action("2025-06-30", "open") } });
    (encode("tpl", 1), json!({ "status": "approved", "inForce": in_force }))
}

/// Everything that a gate asks for holds.
pub fn surrounded(gate: History<StageGate>, system: &str) -> History<StageGate> {
    let of_system = || json!({ "system": system, "effective": { "version": 1 } });
    let of_version =
        || json!({ "system": system, "systemVersion": "2.0", "effective": { "version": 1 } });
    let class = json!({ "system": system, "status": "confirmed", "regime": "eu_ai_act",
        "class": "high_risk", "point": "5(b)", "role": "provider", "effects": ["high_risk"] });
    let impact = json!({ "system": system, "status": "approved", "nextDue": "2025-09-01",
        "intendedUses": ["Consumer credit"], "personalData": true, "approved": { "revision": 2 },
        "conditions": { "c1": { "metAt": "2025-01-02T09:00:00Z" } } });
    let criteria = json!({ "effective": { "version": 1 },
        "approvedVersions": { "v1": { "bands": [], "appetite": 9 } } });
    let record = json!({ "system": system, "systemVersion": "2.0", "status": "completed",
        "outcome": "pass", "criteriaFirst": true, "validators": [member(Role::Val)] });
    let intended = json!({ "system": system, "effective": { "version": 1 },
        "publishedAt": "2025-02-14T09:00:00Z", "inForce": { "intendedUses": ["Consumer credit"],
            "oversight": { "clerk": { "who": member(Role::Ops), "stopAbility": true,
                "competence": [encode("evd", 1), encode("evd", 2)] } } } });
    let deployment = json!({ "system": system, "systemVersion": "2.0", "version": 1,
        "status": "approved", "targetEnv": "production", "rollback": ["Switch back."],
        "monitoringReady": true, "userInfoReady": true, "progress": "planned",
        "window": { "from": "2025-03-03T08:00:00Z", "to": "2025-03-04T18:00:00Z" },
        "effective": { "version": 1, "approvedBy": member(Role::Ro),
            "approvedAt": "2025-02-20T09:00:00Z", "contentHash": "5e".repeat(32),
            "historyVersion": 3 } });
    let (id, treatment) = plan("done");
    let mut gate = gate
        .knowing(&encode("cls", 1), "regulatory_classification", class)
        .knowing(&encode("aia", 1), "impact_assessment", impact)
        .knowing(&encode("dpi", 1), "privacy_assessment", of_system())
        .knowing(&encode("rcr", 1), "risk_criteria", criteria)
        .knowing(&id, "treatment_plan", treatment)
        .knowing(&encode("rqs", 1), "requirement_set", of_system())
        .knowing(&encode("dsr", 1), "design_record", of_version())
        .knowing(&encode("tdo", 1), "technical_documentation", of_version())
        .knowing(&encode("vrf", 1), "verification_record", record)
        .knowing(&encode("itu", 1), "intended_use", intended)
        .knowing(&encode("dpl", 1), "deployment_plan", deployment)
        .knowing(&encode("mon", 1), "monitor", json!({ "system": system, "status": "armed" }))
        .knowing(
            &encode("elp", 1),
            "event_log_policy",
            json!({ "system": system,
            "status": "active", "retentionMonths": 12 }),
        );
    for n in 1..=10 {
        let risk = json!({ "title": "Drift", "systems": [system], "status": "residual_evaluated",
            "residual": { "score": 8, "level": "medium" } });
        gate = gate.knowing(&encode("risk", n), "risk", risk);
    }
    for n in 1..=2 {
        let data = json!({ "name": "Loans", "status": "approved_for_use", "personalData": true });
        let component = json!({ "supplier": encode("sup", n), "name": "Model",
            "status": "accepted", "usedBy": { system: { "system": system }, "other": {
                "system": "other" } } });
        let supplier = json!({ "name": "Lumora", "criticality": "high", "status": "approved" });
        let contract = json!({ "supplier": encode("sup", n), "status": "agreed" });
        gate = gate
            .knowing(&encode("dst", n), "dataset", data)
            .knowing(&encode("evd", n), "evidence", json!({ "status": "verified" }))
            .knowing(&encode("cmp", n), "supplied_component", component)
            .knowing(&encode("sup", n), "supplier", supplier)
            .knowing(&encode("ctr", n), "contract", contract);
    }
    around(gate, system)
}

/// Who answers, what is open, what is stated.
fn around(gate: History<StageGate>, system: &str) -> History<StageGate> {
    let post = |item: &str, role: Role| {
        json!({ "item": item, "responsibility": "accountable", "holder": member(role),
            "status": "active" })
    };
    let task = json!({ "subject": system, "status": "open", "blocking": false });
    let statement = json!({ "catalogue": "iso42001-2023", "contradictions": {} });
    let mut gate = gate
        .knowing(&encode("ras", 1), "role_assignment", post(system, Role::So))
        .knowing(&encode("ras", 2), "role_assignment", post("ai management system", Role::Am))
        .knowing(&encode("tsk", 1), "task", task)
        .knowing(&encode("soa", 1), "soa", statement);
    for role in [Role::So, Role::Am, Role::Ops] {
        let id = facts::Membership::id_of(&UserId::new(member(role)));
        gate = gate.knowing(&id, "membership", json!({ "status": "active" }));
    }
    gate
}
