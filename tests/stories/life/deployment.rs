//! Plans to deploy: complete, approved by another, carried out in their window when everything is
//! there, verified or rolled back.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, V1, make, types};

fn without(plan: &Value, name: &str) -> Value {
    let mut plan = plan.clone();
    plan[name] = if plan[name].is_array() { json!([]) } else { json!(false) };
    plan
}

story!(a_plan_lacks_something, world => {
    let life = Life::begun(&world).await?;
    let rel = life.by(Role::Rel);
    let kind = "deployment_plan";
    let mut backwards = life.plan();
    backwards["window"] = json!({ "from": "2024-10-10T18:00:00Z", "to": "2024-10-10T06:00:00Z" });
    life.makes_no(&rel, kind, &backwards, "window_ends_first", "/window/to").await?;
    let mut other = life.plan();
    other["systemVersion"] = json!("9.9");
    life.makes_no(&rel, kind, &other, "unknown_version", "/systemVersion").await?;
    let add = json!({ "systemVersion": "1.1" });
    life.system.then(&life.by(Role::So), "add-version", &add).await?;
    let plan = life.makes(&rel, kind, &without(&life.plan(), "steps")).await?;
    let mut next = life.plan();
    next["system"] = json!(life.system.id);
    for name in ["rollback", "monitoringReady", "userInfoReady"] {
        life.refuses(&plan, &[(Role::Rel, "submit", json!({}), "plan_lacks", "")]).await?;
        plan.then(&rel, "redraft", &without(&next, name)).await?;
    }
    let mut other = next.clone();
    other["systemVersion"] = json!("1.1");
    life.refuses(&plan, &[
        (Role::Rel, "submit", json!({}), "plan_lacks", ""),
        (Role::Rel, "redraft", other, "other_version", "/systemVersion"),
        (Role::Rel, "execute", json!({}), "not_in_force", ""),
        (Role::So, "verify", json!({}), "not_executed", ""),
        (Role::Ops, "roll-back", json!({ "reason": "x" }), "not_executed", ""),
    ]).await?;
});

story!(a_plan_is_carried_out_when_everything_is_there, world => {
    let life = Life::begun(&world).await?;
    let none = json!({});
    let plan = life.makes(&life.by(Role::Rel), "deployment_plan", &life.plan()).await?;
    plan.then(&life.by(Role::Rel), "submit", &none).await?;
    plan.then(&life.by(Role::Ro), "reject", &json!({ "reason": "Not on a Friday." })).await?;
    life.approved(&plan, Role::Rel, Role::Ro).await?;
    let stands = |code: &'static str| [(Role::Rel, "execute", json!({}), code, "")];
    life.refuses(&plan, &stands("no_passed_gate")).await?;
    life.ready().await?;
    life.refuses(&plan, &stands("no_armed_monitor")).await?;
    life.watched().await?;
    life.refuses(&plan, &stands("no_user_information")).await?;
    let deploy = || json!({ "systemVersion": V1 });
    life.refuses(&life.system, &[(Role::Rel, "deploy", deploy(), "no_published_use", "")]).await?;
    life.published().await?;
    life.refuses(&life.system, &[(Role::Rel, "deploy", deploy(), "no_log_policy", "")]).await?;
    life.logged().await?;
    life.refuses(&life.system, &[(Role::Rel, "deploy", deploy(), "no_executed_plan", "")]).await?;
    life.refuses(&plan, &stands("outside_window")).await?;
    life.day("2024-10-10T09:00:00Z");
    // The policy has become stricter: the gate would not let through today.
    let rule = json!({ "check": "g16", "mode": "block", "into": ["deployment"] });
    let rules = json!([{ "check": "g15", "mode": "block",
        "into": ["deployment", "operation_and_monitoring"] }, rule]);
    let policy = json!({ "policyVersion": "2.0", "rules": rules });
    let (policy, _) = make(&world, &life.by(Role::Tm), "gate_policy", &policy).await?;
    life.refuses(&plan, &stands("gate_no_longer_holds")).await?;
    let holds = (Role::Rel, "deploy", deploy(), "gate_no_longer_holds", "");
    life.refuses(&life.system, &[holds]).await?;
    let softer = json!({ "policyVersion": "2.1", "rules": [] });
    policy.then(&life.by(Role::Tm), "change", &softer).await?;
    let done = plan.then(&life.by(Role::Rel), "execute", &none).await?;
    assert_eq!(types(&done), ["deployment_plan.deployment_executed"]);
    life.refuses(&plan, &[
        (Role::So, "withdraw", json!({ "reason": "x" }), "is_executed", ""),
    ]).await?;
    life.system.then(&life.by(Role::Rel), "deploy", &deploy()).await?;
    let read = life.graph(&plan, "status progress execution { gate { to } monitor { name }
        userInformation { progress } by { name } }").await?;
    assert_eq!(read, json!({
        "status": "APPROVED", "progress": "EXECUTED", "execution": {
            "gate": { "to": "DEPLOYMENT" }, "monitor": { "name": "Operation" },
            "userInformation": { "progress": "PUBLISHED" }, "by": { "name": "The REL" },
        },
    }));
    let input = json!({ "id": plan.id, "reason": "Declines have doubled." });
    let payload = life.mutate(&life.by(Role::Ops), "deploymentPlanRollBack", input,
        "deploymentPlan { progress } refusal { __typename }").await?;
    assert_eq!(payload["deploymentPlan"]["progress"], "ROLLED_BACK");
    life.refuses(&plan, &stands("was_rolled_back")).await?;
});

story!(two_versions_run_at_once_only_when_that_is_said, world => {
    let life = Life::with(&world, json!({ "systemVersion": "0.9", "onboarded": {
        "stage": "operation_and_monitoring", "running": true,
    } })).await?;
    let (so, rel) = (life.by(Role::So), life.by(Role::Rel));
    life.system.then(&so, "add-version", &json!({ "systemVersion": V1 })).await?;
    life.refuses(&life.system, &[
        (Role::Rel, "deploy", json!({ "systemVersion": V1 }), "not_in_deployment", ""),
        (Role::Rel, "deploy", json!({ "systemVersion": "0.9", "alongside": "canary" }),
            "no_deployment_gate", ""),
        (Role::So, "stop-version", json!({ "systemVersion": V1, "reason": "x" }),
            "version_not_running", "/systemVersion"),
    ]).await?;
    life.ready().await?;
    life.published().await?;
    life.watched().await?;
    life.logged().await?;
    let plan = life.makes(&rel, "deployment_plan", &life.plan()).await?;
    life.approved(&plan, Role::Rel, Role::So).await?;
    life.day("2024-10-10T09:00:00Z");
    let rel = life.by(Role::Rel);
    plan.then(&rel, "execute", &json!({})).await?;
    life.refuses(&life.system, &[
        (Role::Rel, "deploy", json!({ "systemVersion": V1 }), "other_version_runs", "/replaces"),
        (Role::Rel, "deploy", json!({ "systemVersion": V1, "replaces": V1 }),
            "version_not_running", "/replaces"),
        (Role::Rel, "deploy", json!({ "systemVersion": V1, "replaces": "0.9",
            "alongside": "shadow" }), "nothing_alongside", "/alongside"),
    ]).await?;
    let canary = json!({ "systemVersion": V1, "alongside": "canary" });
    let done = life.system.then(&rel, "deploy", &canary).await?;
    assert_eq!(done["object"]["versions"][V1]["alongside"], "canary");
    assert_eq!(done["object"]["versions"]["0.9"]["status"], "running");
    let replace = json!({ "systemVersion": V1, "replaces": "0.9" });
    let done = life.system.then(&rel, "deploy", &replace).await?;
    assert_eq!(done["object"]["versions"]["0.9"]["status"], "stopped");
    let read = life.graph(&life.system, "operationStatus versions { key status alongside }").await?;
    assert_eq!(read["versions"], json!([
        { "key": "0.9", "status": "STOPPED", "alongside": null },
        { "key": V1, "status": "RUNNING", "alongside": null },
    ]));
});
