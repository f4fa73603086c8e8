//! Requirements are written, changed and baselined; what cannot be shown is no baseline.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, types};

fn item(kind: &str) -> Value {
    json!({ "requirementKind": kind, "text": "As said.", "source": "Policy", "priority": "must" })
}

fn measured(kind: &str, metric: &str) -> Value {
    let mut item = item(kind);
    item["metric"] = json!(metric);
    item["threshold"] = json!({ "comparison": "at_least", "value": "0.8" });
    item
}

async fn drafted(life: &Life<'_>, items: Value) -> anyhow::Result<Thing> {
    life.makes(&life.by(Role::So), "requirement_set", &json!({ "items": items })).await
}

story!(a_baseline_follows_another, world => {
    let life = Life::begun(&world).await?;
    let (so, ro) = (life.by(Role::So), life.by(Role::Ro));
    let set = drafted(&life, json!({ "fair": measured("fairness", "parity") })).await?;
    let mut more = item("legal");
    more["key"] = json!("law");
    set.then(&so, "add-requirement", &more).await?;
    more["text"] = json!("Explain each decline.");
    set.then(&so, "change-requirement", &more).await?;
    let mut gone = item("function");
    gone["key"] = json!("gone");
    set.then(&so, "add-requirement", &gone).await?;
    set.then(&so, "remove-requirement", &json!({ "key": "gone" })).await?;
    set.then(&so, "submit", &json!({})).await?;
    set.then(&ro, "reject", &json!({ "reason": "Too little." })).await?;
    set.then(&so, "submit", &json!({})).await?;
    let done = set.then(&ro, "baseline", &json!({})).await?;
    assert_eq!(types(&done), ["requirement_set.baselined"]);
    assert_eq!(done["object"]["baseline"]["number"], 1);

    let change = json!({
        "add": { "safe": item("function") }, "change": { "fair": measured("fairness", "odds") },
        "remove": ["law"], "reason": "After a year.",
    });
    set.then(&so, "change-baseline", &change).await?;
    set.then(&so, "submit", &json!({})).await?;
    let seen = set.now(&so).await?["version"].clone();
    let input = json!({ "id": set.id, "expectedVersion": seen });
    let payload = life.mutate(&ro, "requirementSetBaseline", input,
        "events { type } refusal { __typename }").await?;
    let wanted = ["requirement_set.superseded", "requirement_set.baselined"];
    assert_eq!(payload["events"], json!(wanted.map(|ty| json!({ "type": ty }))));
    let read = life.graph(&set, "status baseline { number requirements { key metric } }
        items { key requirementKind priority threshold { comparison value } }").await?;
    assert_eq!(read["status"], "APPROVED");
    assert_eq!(read["baseline"], json!({ "number": 2, "requirements": [
        { "key": "fair", "metric": "odds" }, { "key": "safe", "metric": null },
    ] }));
    assert_eq!(read["items"][0], json!({
        "key": "fair", "requirementKind": "FAIRNESS", "priority": "MUST",
        "threshold": { "comparison": "AT_LEAST", "value": "0.8" },
    }));
    let done = set.then(&ro, "withdraw", &json!({ "reason": "Given up." })).await?;
    assert_eq!(done["object"]["baseline"], Value::Null);
});

story!(what_cannot_be_shown_is_no_baseline, world => {
    let life = Life::begun(&world).await?;
    let so = life.by(Role::So);
    let mut bare = item("legal");
    bare["threshold"] = json!({ "comparison": "at_least", "value": "1" });
    let items = json!({ "items": { "law": bare } });
    let (kind, at) = ("requirement_set", "/items/law/metric");
    life.makes_no(&so, kind, &items, "threshold_without_metric", at).await?;
    let set = drafted(&life, json!({})).await?;
    life.makes_no(&so, kind, &json!({}), "system_has_set", "/system").await?;
    life.refuses(&set, &[(Role::So, "submit", json!({}), "no_requirements", "")]).await?;
    let mut vague = item("performance");
    vague["key"] = json!("fast");
    set.then(&so, "add-requirement", &vague).await?;
    let mut unknown = item("legal");
    unknown["key"] = json!("nowhere");
    life.refuses(&set, &[
        (Role::So, "submit", json!({}), "not_measurable", ""),
        (Role::So, "add-requirement", vague, "key_taken", "/key"),
        (Role::So, "change-requirement", unknown, "unknown_requirement", "/key"),
        (Role::So, "change-baseline", json!({ "reason": "x" }), "still_draft", ""),
        (Role::Ro, "reject", json!({ "reason": "x" }), "not_in_review", ""),
    ]).await?;
    set.then(&so, "remove-requirement", &json!({ "key": "fast" })).await?;
    let many: serde_json::Map<_, _> =
        (0..120).map(|n| (format!("r{n}"), item("legal"))).collect();
    set.then(&so, "withdraw", &json!({ "reason": "Anew." })).await?;
    let change = json!({ "add": many, "reason": "All of them." });
    set.then(&so, "change-baseline", &change).await?;
    let full = (Role::So, "add-requirement", item("legal"), "too_many_requirements", "");
    life.refuses(&set, &[full]).await?;
});

story!(a_system_of_high_impact_needs_fairness_oversight_and_law, world => {
    let life = Life::begun(&world).await?;
    life.classified("high_risk", Some("5(b)")).await?;
    let set = drafted(&life, json!({ "law": item("legal") })).await?;
    life.refuses(&set, &[(Role::So, "submit", json!({}), "kind_missing", "")]).await?;
    let mut watch = item("oversight");
    watch["key"] = json!("watch");
    let mut fair = measured("fairness", "parity");
    fair["key"] = json!("fair");
    for input in [watch, fair] {
        set.then(&life.by(Role::So), "add-requirement", &input).await?;
    }
    life.approved(&set, Role::So, Role::Ro).await?;
});
