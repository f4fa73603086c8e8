//! The kinds of exchange.

use exchange::operation::Operation;
use kernel::Role;
use kernel::id::encode;
use serde_json::json;

use super::{Kind, correct, member};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[operation];

fn operation() -> Vec<Case> {
    let start = json!({ "format": "risk_library", "startedBy": member(Role::Rm),
        "fileName": "risks.yaml", "fileHash": "ab".repeat(32), "fileSize": 148_213,
        "source": "MIT AI Risk Repository", "licence": "CC BY 4.0" });
    let started =
        |n| History::<Operation>::of(&encode("opr", n)).given(Role::Sys, "start", start.clone());
    let ids = (0..100).map(|n| encode("risk", n)).collect::<Vec<_>>();
    let assumed = (1..20_u32)
        .map(|line| {
            json!({ "line": line, "field": "stage",
        "value": "deployment", "because": "The file does not say." })
        })
        .collect::<Vec<_>>();
    let unread = (1..20_u32)
        .map(|line| {
            json!({ "path": format!("risks[].extra_{line}"),
        "count": 5, "line": line })
        })
        .collect::<Vec<_>>();
    let report = json!({ "created": [{ "kind": "risk", "count": 1_600 }], "objects": ids,
        "assumed": assumed, "notUnderstood": unread });
    let errors = (1..20_u32)
        .map(|line| {
            json!({ "line": line, "field": "title",
        "code": "too_long", "message": "may have at most 200 characters" })
        })
        .collect::<Vec<_>>();
    let all = [
        History::<Operation>::of(&encode("opr", 1))
            .measured(Role::Sys, "start", start.clone())
            .measured(Role::Sys, "complete", report)
            .measured(Role::Rm, "correct", correct("source", "MIT"))
            .cases(),
        started(2).measured(Role::Sys, "fail", json!({ "errors": errors })).cases(),
        started(3).measured(Role::Sys, "interrupt", json!({})).cases(),
    ];
    all.into_iter().flatten().collect()
}
