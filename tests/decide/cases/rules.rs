//! Of what holds between services.

use kernel::Role;
use kernel::id::encode;
use rules::reaction::Reaction;
use serde_json::json;

use super::{Kind, remark};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[reaction];

fn reaction() -> Vec<Case> {
    let order =
        |n| json!({ "command": "task.open", "object": encode("tsk", n), "outcome": "done" });
    let event = encode("evt", 1);
    let run = json!({
        "rule": "P4", "subject": encode("risk", 1), "trigger": "7", "triggerEvent": event,
        "triggerType": "risk.analysed", "knew": "8", "depth": 0,
        "lookedAt": (0..50).map(|n| encode("risk", n)).collect::<Vec<_>>(),
        "orders": (0..20).map(order).collect::<Vec<_>>(),
    });
    let ran = facts::derived("rct", &["P4", &event]);
    let all = [
        History::<Reaction>::of(&ran)
            .measured(Role::Sys, "run", run.clone())
            .measured(Role::Am, "correct", remark())
            .cases(),
        History::<Reaction>::of(&ran).measured(Role::Sys, "cut_off", run).cases(),
    ];
    all.into_iter().flatten().collect()
}
