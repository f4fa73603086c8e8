//! Designs of versions and their technical documentation are written by developers and approved by
//! the system's owner.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, V1, hash, types};

fn design() -> Value {
    json!({
        "systemVersion": V1, "architecture": "Trees.", "approach": "Supervised.",
        "security": "Signed.", "alternatives": ["A scorecard"], "assumptions": ["Stable data"],
    })
}

fn documents() -> Value {
    let document = json!({ "title": "Handbook", "hash": hash('a'), "mediaType": "text/html" });
    json!({ "systemVersion": V1, "audiences": { "user": document, "authority": document } })
}

story!(a_design_is_revised_after_its_approval, world => {
    let life = Life::begun(&world).await?;
    let (dev, so) = (life.by(Role::Dev), life.by(Role::So));
    let record = life.makes(&dev, "design_record", &design()).await?;
    record.then(&dev, "submit", &json!({})).await?;
    record.then(&so, "reject", &json!({ "reason": "No limits." })).await?;
    let mut better = design();
    better.as_object_mut().unwrap().remove("systemVersion");
    better["knownLimits"] = json!(["Thin files"]);
    better["modelCardHash"] = json!(hash('c'));
    record.then(&dev, "revise", &better).await?;
    record.then(&dev, "submit", &json!({})).await?;
    let wrong = json!({ "contentHash": hash('0') });
    life.refuses(&record, &[(Role::So, "approve", wrong, "content_changed", "")]).await?;
    let seen = record.now(&so).await?["version"].clone();
    let input = json!({ "id": record.id, "expectedVersion": seen });
    let payload = life.mutate(&so, "designRecordApprove", input,
        "designRecord { status effective { version approvedBy { name } } } refusal { __typename }");
    let wanted = json!({ "status": "APPROVED", "effective": {
        "version": 1, "approvedBy": { "name": "The SO" },
    } });
    assert_eq!(payload.await?["designRecord"], wanted);
    better["security"] = json!("Signed and sealed.");
    record.then(&dev, "revise", &better).await?;
    record.then(&dev, "submit", &json!({})).await?;
    let done = record.then(&so, "approve", &json!({})).await?;
    assert_eq!(types(&done), ["design_record.superseded", "design_record.approved"]);
    let read = life.graph(&record, "knownLimits security systemVersion effective { version }");
    assert_eq!(read.await?, json!({
        "knownLimits": ["Thin files"], "security": "Signed and sealed.", "systemVersion": V1,
        "effective": { "version": 2 },
    }));
});

story!(a_version_has_one_design_and_one_documentation, world => {
    let life = Life::begun(&world).await?;
    let dev = life.by(Role::Dev);
    let other = |mut input: Value| { input["systemVersion"] = json!("9.9"); input };
    let at = "/systemVersion";
    for (kind, input, twice) in [
        ("design_record", design(), "version_has_record"),
        ("technical_documentation", documents(), "version_is_documented"),
    ] {
        life.makes_no(&dev, kind, &other(input.clone()), "unknown_version", at).await?;
        life.makes(&dev, kind, &input).await?;
        life.makes_no(&dev, kind, &input, twice, at).await?;
    }
});

story!(documentation_says_where_annex_iv_is_met, world => {
    let life = Life::begun(&world).await?;
    let (dev, so) = (life.by(Role::Dev), life.by(Role::So));
    life.classified("high_risk", Some("5(b)")).await?;
    let mut input = documents();
    input["annexIvMap"] = json!({ "10": { "reference": "Part 10" } });
    let kind = "technical_documentation";
    life.makes_no(&dev, kind, &input, "no_such_point", "/annexIvMap/10").await?;
    input["annexIvMap"] = json!({});
    input["audiences"] = json!({});
    let record = life.makes(&dev, kind, &input).await?;
    life.refuses(&record, &[(Role::Dev, "submit", json!({}), "no_audience", "")]).await?;
    let mut input = documents();
    input.as_object_mut().unwrap().remove("systemVersion");
    record.then(&dev, "redraft", &input).await?;
    life.refuses(&record, &[(Role::Dev, "submit", json!({}), "annex_points_missing", "")]).await?;
    let point = |n: u32| (n.to_string(), json!({ "reference": format!("Part {n}") }));
    input["annexIvMap"] = (1..=9).map(point).collect::<serde_json::Map<_, _>>().into();
    record.then(&dev, "redraft", &input).await?;
    life.approved(&record, Role::Dev, Role::So).await?;
    let read = life.graph(&record, "status annexIvMap { key reference }
        audiences { user { title hash } partner { title } }").await?;
    assert_eq!(read["annexIvMap"][8], json!({ "key": "9", "reference": "Part 9" }));
    assert_eq!(read["audiences"], json!({
        "user": { "title": "Handbook", "hash": hash('a') }, "partner": null,
    }));
    let done = record.then(&so, "withdraw", &json!({ "reason": "Out of date." })).await?;
    assert_eq!(done["object"]["status"], "withdrawn");
});

story!(what_is_older_than_what_runs_is_not_documented_any_more, world => {
    let life = Life::with(&world, json!({ "systemVersion": "0.9" })).await?;
    let (dev, so) = (life.by(Role::Dev), life.by(Role::So));
    let mut input = documents();
    input["systemVersion"] = json!("0.9");
    let older = life.makes(&dev, "technical_documentation", &input).await?;
    older.then(&dev, "submit", &json!({})).await?;
    let add = json!({ "systemVersion": V1, "developers": [dev.user] });
    life.system.then(&so, "add-version", &add).await?;
    life.deployed().await?;
    let stale = (Role::So, "approve", json!({}), "older_than_running", "");
    life.refuses(&older, &[stale]).await?;
});
