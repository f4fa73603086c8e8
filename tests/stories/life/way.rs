//! The way of a system: from its inception through gates, requirements, design, verification, user
//! information, logging and monitoring into operation, through its troubles, and to its end.

use annals_tests::story;
use kernel::Role;
use serde_json::json;

use super::world::{Life, V1, make, types};

story!(a_system_comes_into_operation_and_ends, world => {
    let life = Life::begun(&world).await?;
    let so = life.by(Role::So);
    let none = json!({});
    life.classified("high_risk", Some("5(b)")).await?;
    life.assessed(&["Consumer credit"]).await?;
    life.enters("design_and_development").await?;

    // What it must do, how it does it, and how that is shown.
    let item = |kind: &str| json!({
        "requirementKind": kind, "text": "As the policy says.", "source": "Policy",
        "priority": "must", "metric": kind,
        "threshold": { "comparison": "at_least", "value": "0.80" },
    });
    let items = json!({
        "fair": item("fairness"), "watch": item("oversight"), "law": item("legal"),
    });
    let set = life.makes(&so, "requirement_set", &json!({ "items": items })).await?;
    life.approved(&set, Role::So, Role::Ro).await?;
    life.designed().await?;
    life.enters("verification_and_validation").await?;
    let criteria = json!({ "fairness": {
        "metric": "fairness", "must": true, "requirement": "fair",
        "threshold": { "comparison": "at_least", "value": "0.80" },
    } });
    let plan = json!({ "systemVersion": V1, "requirementSet": set.id, "criteria": criteria });
    life.day("2024-10-01T09:00:00Z");
    let record = life.makes(&life.by(Role::Val), "verification_record", &plan).await?;
    let run = json!({ "closes": true, "run": {
        "environment": "Staging", "startedAt": "2024-10-02T09:00:00Z",
        "reportHash": "7".repeat(64), "results": [{ "criterion": "fairness", "value": "0.91" }],
    } });
    life.day("2024-10-03T09:00:00Z");
    let done = record.then(&life.by(Role::Val), "complete-run", &run).await?;
    assert_eq!(done["object"]["outcome"], "pass");
    life.enters("deployment").await?;

    // What must be there before it runs.
    let rel = life.by(Role::Rel);
    life.published().await?;
    life.watched().await?;
    life.logged().await?;
    let plan = life.makes(&rel, "deployment_plan", &life.plan()).await?;
    life.approved(&plan, Role::Rel, Role::So).await?;
    life.day("2024-10-10T09:00:00Z");
    let (so, rel) = (life.by(Role::So), life.by(Role::Rel));
    plan.then(&rel, "execute", &none).await?;
    let done = life.system.then(&rel, "deploy", &json!({ "systemVersion": V1 })).await?;
    assert_eq!(done["object"]["operationStatus"], "running");
    let verified = plan.then(&so, "verify", &json!({ "finding": "It works." })).await?;
    assert_eq!(verified["object"]["progress"], "verified");
    life.enters("operation_and_monitoring").await?;

    // It runs, under restrictions, not at all, and again.
    let measure = json!({ "measure": "A clerk looks at each decline", "reason": "Complaints" });
    life.system.then(&life.by(Role::Ops), "restrict-operation", &measure).await?;
    let halt = json!({ "reason": "Something is wrong." });
    life.system.then(&life.by(Role::Sys), "suspend-operation", &halt).await?;
    let read = life.graph(&life.system, "operationStatus stage restriction { measures }").await?;
    assert_eq!(read, json!({
        "operationStatus": "SUSPENDED", "stage": "OPERATION_AND_MONITORING",
        "restriction": { "measures": ["A clerk looks at each decline"] },
    }));
    let ro = life.by(Role::Ro);
    let resumed = life.mutate(&ro, "aiSystemResumeOperation", json!({ "id": life.system.id }),
        "aiSystem { operationStatus } refusal { __typename }").await?;
    let wanted = json!({ "aiSystem": { "operationStatus": "RESTRICTED" }, "refusal": null });
    assert_eq!(resumed, wanted);
    let done = life.system.then(&life.by(Role::Ro), "lift-restriction", &none).await?;
    assert_eq!(done["object"]["operationStatus"], "running");
    life.enters("re_evaluation").await?;
    life.enters("operation_and_monitoring").await?;

    // Its life ends through a gate.
    let gate = life.passes("retirement").await?;
    let retire = json!({
        "gate": gate.id, "dataDisposition": "Deleted.", "modelDisposition": "Archived.",
        "userNotice": "By letter.", "openObligationsChecked": true, "logsKeptUntil": "2026-01-01",
    });
    let done = life.system.then(&so, "retire", &retire).await?;
    assert_eq!(types(&done), ["ai_system.retired"]);
    assert_eq!(done["object"]["stage"], "retirement");
    assert_eq!(done["object"]["versions"][V1]["status"], "retired");
    let history = life.system.history(&life.by(Role::Emp)).await?;
    let told: Vec<_> = history.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(told.iter().filter(|ty| **ty == "ai_system.stage_entered").count(), 6);
    assert_eq!(told[told.len() - 1], "ai_system.retired");
});

story!(versions_follow_each_other_and_run_beside_each_other, world => {
    let life = Life::running(&world).await?;
    let (so, dev) = (life.by(Role::So), life.by(Role::Dev));
    let data = json!({ "name": "Applications 2023" });
    let (dataset, _) = make(&world, &life.by(Role::Ds), "dataset", &data).await?;
    let add = json!({ "systemVersion": "1.1.0", "developers": [dev.user] });
    let done = life.system.then(&dev, "add-version", &add).await?;
    assert_eq!(done["object"]["versions"]["1.1.0"]["stage"], "design_and_development");
    let again = life.system.then(&dev, "add-version", &add).await?;
    assert_eq!(types(&again), [""; 0]);
    let link = json!({ "systemVersion": "1.1.0", "datasets": [dataset.id] });
    life.system.then(&so, "link-assets", &link).await?;
    let other = life.by(Role::Tm).user;
    life.system.then(&so, "assign-owner", &json!({ "owner": other })).await?;
    let describe = json!({
        "name": "CreditLens", "systemKind": "hybrid", "origin": "built",
        "autonomy": "human_on_loop", "users": ["Clerks"],
    });
    life.system.then(&so, "describe", &describe).await?;
    let read = life.graph(&life.system, "systemKind autonomy owner { name }
        versions { key datasets { id } developers { name } }").await?;
    assert_eq!(read["systemKind"], "HYBRID");
    assert_eq!(read["owner"]["name"], "The TM");
    assert_eq!(read["versions"][1], json!({
        "key": "1.1.0", "datasets": [{ "id": dataset.id }], "developers": [{ "name": "The DEV" }],
    }));
    let stop = json!({ "systemVersion": V1, "reason": "Replaced by hand." });
    let done = life.system.then(&life.by(Role::Ops), "stop-version", &stop).await?;
    assert_eq!(done["object"]["operationStatus"], "stopped");
    let leave = json!({ "inScope": false });
    let done = life.system.then(&so, "set-scope", &leave).await?;
    assert_eq!(types(&done), ["ai_system.scope_changed"]);
});
