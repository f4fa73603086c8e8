//! The kinds of the rules between services.

use kernel::Role;
use kernel::id::encode;
use rules::decision_basis::{DecisionBasis, id_for};
use rules::reaction::Reaction;
use serde_json::{Map, Value, json};

use super::{Kind, remark};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[decision_basis, reaction];

/// A decision on a hundred objects.
fn basis(decided: u64) -> Value {
    let rested = |n| {
        let seen = json!({ "status": { "values": ["approved_for_use"] },
            "content": { "values": ["a".repeat(64)] } });
        (encode("dst", n), json!({ "object": encode("dst", n), "seenVersion": 4, "seen": seen }))
    };
    json!({
        "object": encode("aia", 1), "watched": "impact_assessment",
        "decision": "impact_assessment.approved", "decided": decided.to_string(),
        "decisionEvent": encode("evt", 1), "decidedAt": "2025-01-10T09:00:00.000000Z",
        "decidedBy": encode("usr", 1), "restedOn": (0..100).map(rested).collect::<Map<_, _>>(),
        "leftOut": 0,
    })
}

fn causes(of: std::ops::Range<u128>) -> Value {
    let cause = |n| {
        let cause = json!({
            "object": encode("dst", n), "fact": "status", "before": ["approved_for_use"],
            "now": ["restricted"], "clause": "A.7.2", "event": "70", "eventId": encode("evt", 2),
            "eventType": "dataset.restricted", "at": "2025-02-10T09:00:00.000000Z",
        });
        (format!("{}.status", encode("dst", n)), cause)
    };
    let causes: Map<_, _> = of.map(cause).collect();
    json!({ "decided": "7", "causes": causes })
}

fn decision_basis() -> Vec<Case> {
    let keys = |of: std::ops::Range<u128>| {
        let keys = of.map(|n| format!("{}.status", encode("dst", n))).collect::<Vec<_>>();
        json!({ "causes": keys, "event": "80" })
    };
    let end = json!({ "event": "90", "eventType": "impact_assessment.superseded",
        "at": "2025-03-10T09:00:00.000000Z" });
    History::<DecisionBasis>::of(&id_for(&encode("aia", 1)))
        .measured(Role::Sys, "record", basis(7))
        .measured(Role::Sys, "find_stale", causes(0..10))
        .measured(Role::Sys, "find_stale", causes(10..20))
        .measured(Role::Sys, "settle", keys(0..10))
        .measured(Role::Am, "correct", remark())
        .measured(Role::Sys, "renew", basis(85))
        .measured(Role::Sys, "end", end)
        .cases()
}

fn reaction() -> Vec<Case> {
    let order =
        |n| json!({ "command": "task.open", "object": encode("tsk", n), "outcome": "done" });
    let run = json!({
        "rule": "P4", "subject": encode("risk", 1), "trigger": "7",
        "triggerEvent": encode("evt", 1), "triggerType": "risk.analysed", "knew": "8",
        "lookedAt": (0..50).map(|n| encode("risk", n)).collect::<Vec<_>>(), "depth": 0,
        "part": 0, "parts": 1, "orders": (0..20).map(order).collect::<Vec<_>>(),
    });
    let ran = rules::reaction::id_for("P4", &encode("evt", 1), 0);
    let all = [
        History::<Reaction>::of(&ran)
            .measured(Role::Sys, "run", run.clone())
            .measured(Role::Am, "correct", remark())
            .cases(),
        History::<Reaction>::of(&ran).measured(Role::Sys, "cut_off", run).cases(),
    ];
    all.into_iter().flatten().collect()
}
