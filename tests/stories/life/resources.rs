//! Resources of AI systems: approved by somebody who did not describe them, linked, restricted,
//! blocked and retired.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, V1, hash, make, types};

fn model() -> Value {
    json!({
        "name": "bert-base", "resourceKind": "model", "resourceVersion": "1.0",
        "hash": hash('b'), "supplierName": "Example Labs",
    })
}

story!(a_resource_is_approved_restricted_blocked_and_retired, world => {
    let life = Life::begun(&world).await?;
    let (so, dev) = (life.by(Role::So), life.by(Role::Dev));
    let mut input = model();
    input["licence"] = json!("Apache-2.0");
    let (model, _) = make(&world, &dev, "resource", &input).await?;
    let link = json!({ "system": life.system.id, "stages": ["deployment", "inception"] });
    model.then(&dev, "link", &link).await?;
    let done = model.then(&so, "approve", &json!({})).await?;
    assert_eq!(types(&done), ["resource.approved"]);
    let read = life.graph(&model, "status licence approvedBy { name }
        usedBy { stages system { name } }").await?;
    assert_eq!(read, json!({
        "status": "APPROVED", "licence": "Apache-2.0", "approvedBy": { "name": "The SO" },
        "usedBy": [{ "stages": ["INCEPTION", "DEPLOYMENT"], "system": { "name": "CreditLens" } }],
    }));
    model.then(&so, "restrict", &json!({ "reason": "Known bias." })).await?;
    let block = json!({ "id": model.id, "reason": "Withdrawn by its maker." });
    let payload = life.mutate(&life.by(Role::Am), "resourceBlock", block,
        "resource { status } refusal { __typename }").await?;
    assert_eq!(payload, json!({ "resource": { "status": "BLOCKED" }, "refusal": null }));
    let add = json!({ "systemVersion": "2.0", "resources": [model.id] });
    life.refuses(&life.system, &[
        (Role::Dev, "add-version", add, "blocked_resource", "/resources/0"),
        (Role::So, "link-assets", json!({ "systemVersion": V1, "resources": [model.id] }),
            "blocked_resource", "/resources/0"),
    ]).await?;
    let again = json!({ "system": life.system.id, "stages": ["retirement"] });
    life.refuses(&model, &[
        (Role::Dev, "link", again, "to_blocked", ""),
        (Role::So, "approve", json!({}), "is_blocked", ""),
        (Role::So, "restrict", json!({ "reason": "x" }), "is_blocked", ""),
    ]).await?;
    model.then(&so, "unblock", &json!({ "reason": "Mended." })).await?;
    model.then(&dev, "unlink", &json!({ "system": life.system.id })).await?;
    let done = model.then(&so, "retire", &json!({ "reason": "Replaced." })).await?;
    assert_eq!(done["object"]["usedBy"], Value::Null);
    life.refuses(&model, &[
        (Role::So, "approve", json!({}), "is_retired", ""),
        (Role::Dev, "revise", json!({ "licence": "MIT" }), "is_retired", ""),
        (Role::So, "block", json!({ "reason": "x" }), "is_retired", ""),
    ]).await?;
});

story!(a_resource_that_is_not_known_is_not_approved, world => {
    let life = Life::begun(&world).await?;
    let (so, dev) = (life.by(Role::So), life.by(Role::Dev));
    for (kind, code) in [
        ("model", "model_without_licence"), ("compute", "compute_without_location"),
        ("human", "people_without_competences"),
    ] {
        let input = json!({ "name": "Something", "resourceKind": kind });
        let (resource, _) = make(&world, &dev, "resource", &input).await?;
        life.refuses(&resource, &[
            (Role::So, "approve", json!({}), code, ""),
            (Role::So, "restrict", json!({ "reason": "x" }), "not_approved", ""),
            (Role::So, "link", json!({ "system": life.system.id, "stages": [] }),
                "no_stage", "/stages"),
        ]).await?;
    }
    let (own, _) = make(&world, &so, "resource", &json!({
        "name": "A cluster", "resourceKind": "compute", "location": "Amsterdam",
    })).await?;
    life.refuses(&own, &[(Role::So, "approve", json!({}), "approver_is_author", "")]).await?;
    let (model_, _) = make(&world, &dev, "resource", &model()).await?;
    life.makes_no(&dev, "resource", &json!({
        "name": "The same", "resourceKind": "model", "hash": hash('b'),
    }), "duplicate", "/hash").await?;
    life.refuses(&model_, &[
        (Role::Dev, "revise", json!({ "hash": hash('d') }), "hash_stands", "/hash"),
    ]).await?;
});
