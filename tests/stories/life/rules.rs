//! What holds for many kinds alike: approvals, corrections; and that each refusal is one that a
//! story tells of.

use std::collections::BTreeSet;

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, V1, hash, types};

/// A kind that is approved: author, approver, what he drafts, how he changes it.
type Approvable = (&'static str, Role, Role, Value, &'static str, Value);

fn approvable(life: &Life<'_>) -> Vec<Approvable> {
    let design = json!({
        "systemVersion": V1, "architecture": "Trees.", "approach": "Supervised.",
        "security": "Signed.",
    });
    let document = json!({ "title": "Handbook", "hash": hash('a') });
    let documents = json!({ "systemVersion": V1, "audiences": { "user": document } });
    let item = json!({
        "requirementKind": "legal", "text": "x", "source": "Law", "priority": "must",
    });
    let mut added = item.clone();
    added["key"] = json!("more");
    let change = json!({
        "title": "Another prompt", "changeKind": "prompt", "class": "minor", "reason": "x",
        "impact": { "aisiaNeeded": false, "revalidationNeeded": false },
    });
    let intended = json!({
        "intendedPurpose": "x", "intendedUses": ["Consumer credit"], "instructionsHash": hash('1'),
    });
    let without = |input: &Value| {
        let mut input = input.clone();
        input.as_object_mut().unwrap().remove("systemVersion");
        input
    };
    let of_system = |input: &Value| {
        let mut input = input.clone();
        input["system"] = json!(life.system.id);
        input
    };
    let (so, ro, dev, rel) = (Role::So, Role::Ro, Role::Dev, Role::Rel);
    vec![
        ("requirement_set", so, ro, json!({ "items": { "law": item } }), "add-requirement", added),
        ("design_record", dev, so, design.clone(), "revise", without(&design)),
        ("technical_documentation", dev, so, documents.clone(), "redraft", without(&documents)),
        ("deployment_plan", rel, ro, life.plan(), "redraft", of_system(&life.plan())),
        ("change_request", dev, rel, change.clone(), "revise", of_system(&change)),
        ("intended_use", so, ro, intended.clone(), "redraft", intended),
    ]
}

story!(what_is_approved_goes_the_same_way_everywhere, world => {
    let admin = world.as_(Role::Adm).at("2024-07-01T09:00:00Z");
    for (role, roles) in [
        (Role::So, json!(["SO", "RO"])), (Role::Dev, json!(["DEV", "SO"])),
        (Role::Rel, json!(["REL", "RO"])),
    ] {
        let path = format!("/v1/memberships/{}/change-roles", world.membership(role));
        admin.post(&path, &json!({ "roles": roles })).await?.ok();
    }
    let life = Life::begun(&world).await?;
    life.assessed(&["Consumer credit"]).await?;
    for (kind, author, approver, draft, edit, change) in approvable(&life) {
        let thing = life.makes(&life.by(author), kind, &draft).await?;
        let approve = if kind == "requirement_set" { "baseline" } else { "approve" };
        let none = || json!({});
        let reason = || json!({ "reason": "Not so." });
        life.refuses(&thing, &[
            (approver, approve, none(), "not_in_review", ""),
            (approver, "reject", reason(), "not_in_review", ""),
        ]).await?;
        thing.then(&life.by(author), "submit", &none()).await?;
        let own = if kind == "change_request" { Role::Dev } else { author };
        let early = json!({ "effectiveAt": "2024-08-01T00:00:00Z" });
        life.refuses(&thing, &[
            (author, "submit", none(), "not_in_draft", ""),
            (author, edit, change.clone(), "not_in_draft", ""),
            (own, approve, none(), "approver_is_author", ""),
            (approver, approve, json!({ "contentHash": hash('0') }), "content_changed", ""),
            (approver, approve, early, "approved_before_submission", "/effectiveAt"),
        ]).await?;
        thing.then(&life.by(approver), "reject", &reason()).await?;
        thing.then(&life.by(author), edit, &change).await?;
        let back = thing.then(&life.by(author), "withdraw", &reason()).await?;
        assert_eq!(back["object"]["status"], "withdrawn", "{kind}");
        life.refuses(&thing, &[(author, "withdraw", reason(), "nothing_to_withdraw", "")]).await?;
    }
});

story!(corrections_change_what_is_described_and_nothing_that_was_decided, world => {
    let life = Life::begun(&world).await?;
    let system = &life.system;
    let correct = |corrects: u64, set: Value| {
        json!({ "corrects": corrects, "reason": "Misspelt.", "set": set })
    };
    life.refuses(system, &[
        (Role::So, "correct", correct(9, json!({})), "no_such_version", "/corrects"),
        (Role::So, "correct", correct(1, json!({ "stage": "deployment" })), "not_correctable",
            "/set/stage"),
        (Role::So, "correct", correct(1, json!({ "versions": {} })), "not_correctable",
            "/set/versions"),
        (Role::So, "correct", correct(1, json!({ "name": 7 })), "wrong_value", "/set/name"),
    ]).await?;
    let input = correct(1, json!({ "name": "CreditLens EU" }));
    let done = system.then(&life.by(Role::So), "correct", &input).await?;
    assert_eq!(types(&done), ["ai_system.corrected"]);
    let read = life.graph(system, "name stage").await?;
    assert_eq!(read, json!({ "name": "CreditLens EU", "stage": "INCEPTION" }));
    let before = life.by(Role::Emp).get(&format!("/v1/ai-systems/{}?version=1", system.id)).await?;
    assert_eq!(before.ok()["name"], "CreditLens");
});

story!(a_system_that_does_not_run_or_live, world => {
    let life = Life::begun(&world).await?;
    let reason = || json!({ "reason": "x" });
    let measure = |n: usize| json!({ "measure": format!("Measure {n}"), "reason": "x" });
    life.refuses(&life.system, &[
        (Role::Ops, "suspend-operation", reason(), "system_not_running", ""),
        (Role::Ops, "restrict-operation", measure(0), "system_not_running", ""),
        (Role::So, "resume-operation", json!({}), "system_not_running", ""),
        (Role::So, "add-version", json!({ "systemVersion": V1, "developers": [] }),
            "duplicate_version", "/systemVersion"),
        (Role::So, "enter-stage", json!({ "systemVersion": "9", "stage": "deployment",
            "gate": life.asks("design_and_development").await?.id }), "unknown_version",
            "/systemVersion"),
    ]).await?;
    let runs = Life::running(&world).await?;
    let ops = runs.by(Role::Ops);
    for n in 0..20 {
        runs.system.then(&ops, "restrict-operation", &measure(n)).await?;
    }
    let bought = json!({
        "name": "CreditLens", "systemKind": "ml", "origin": "bought", "autonomy": "assist",
    });
    runs.refuses(&runs.system, &[
        (Role::Ops, "restrict-operation", measure(20), "too_many_measures", ""),
        (Role::So, "describe", bought, "origin_settled", "/origin"),
        (Role::So, "set-scope", json!({ "inScope": false }), "no_aims_change", "/aimsChange"),
    ]).await?;
    let retire = |life: &Life<'_>, gate: &str| json!({
        "gate": gate, "dataDisposition": "x", "modelDisposition": "x", "userNotice": "x",
        "openObligationsChecked": true, "logsKeptUntil": "2026-01-01", "reason": life.system.id,
    });
    let gate = life.passes("retirement").await?;
    let whole = retire(&life, &gate.id);
    for (name, at) in [
        ("dataDisposition", "/dataDisposition"), ("modelDisposition", "/modelDisposition"),
        ("userNotice", "/userNotice"), ("logsKeptUntil", "/logsKeptUntil"),
    ] {
        let mut lacking = whole.clone();
        lacking.as_object_mut().unwrap().remove(name);
        life.refuses(&life.system, &[(Role::So, "retire", lacking, "retirement_lacks", at)]).await?;
    }
    let mut unchecked = whole.clone();
    unchecked["openObligationsChecked"] = json!(false);
    let mut forgotten = whole.clone();
    forgotten["logsKeptUntil"] = json!("2024-01-01");
    life.refuses(&life.system, &[
        (Role::So, "retire", unchecked, "retirement_lacks", "/openObligationsChecked"),
        (Role::So, "retire", forgotten, "logs_not_kept", "/logsKeptUntil"),
    ]).await?;
    life.system.then(&life.by(Role::So), "retire", &whole).await?;
    life.refuses(&life.system, &[
        (Role::So, "add-version", json!({ "systemVersion": "2" }), "system_retired", ""),
    ]).await?;
    let to = json!({ "systemVersion": V1, "to": "retirement" });
    life.makes_no(&life.by(Role::So), "stage_gate", &to, "system_retired", "").await?;
});

story!(a_prohibited_practice_goes_no_further, world => {
    let life = Life::begun(&world).await?;
    let gate = life.passes("design_and_development").await?;
    life.classified("prohibited", None).await?;
    let enter = json!({ "systemVersion": V1, "stage": "design_and_development", "gate": gate.id });
    life.refuses(&life.system, &[(Role::So, "enter-stage", enter, "prohibited_practice", "")])
        .await?;
});

/// Refusals that no request provokes within a story, each for a reason.
const UNTOLD: &[(&str, &str)] =
    &[("concern.wrong_receipt", "whoever shows another receipt finds no concern: 404")];

fn is_untold(code: &str) -> bool {
    UNTOLD.iter().any(|(known, _)| *known == code)
}

/// Every refusal of the life cycle stands in a story.
#[test]
fn each_refusal_is_told_of() {
    let stories = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    let own = std::fs::read_dir(stories.join("life")).unwrap().map(|file| file.unwrap().path());
    let others = ["imports.rs", "support/changes.rs"].map(|name| stories.join(name));
    let files = own.chain(others);
    let told: String = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let mut untold = BTreeSet::new();
    for kind in lifecycle::kinds() {
        let decl = kind.decl();
        for refusal in &decl.refusals {
            let whole = format!("{}.{}", decl.row.name, refusal.code);
            let is_told = |code: &str| told.contains(&format!("\"{code}\""));
            if !is_told(refusal.code) && !is_told(&whole) || is_untold(&whole) {
                untold.insert(format!("{}.{}", decl.row.name, refusal.code));
            }
        }
    }
    let known = UNTOLD.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(untold, known, "refusals of which no story tells");
}
