//! What several stories begin with: criteria in force, a system, a control, evidence.

use annals_tests::World;
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Risk criteria with the usual values, drafted by the risk manager and approved by top management.
pub async fn criteria(world: &World) -> anyhow::Result<String> {
    let (desk, rm) = (Desk::of(world, "risk_criteria"), world.as_(Role::Rm));
    let id = desk.make(&rm, "draft", json!({})).await?;
    approve_criteria(world, &id).await?;
    Ok(id)
}

/// Submits the draft of the criteria and approves it.
pub async fn approve_criteria(world: &World, id: &str) -> anyhow::Result<()> {
    let desk = Desk::of(world, "risk_criteria");
    desk.does(&world.as_(Role::Rm), "submit", id, json!({})).await?;
    desk.does(&world.as_(Role::Tm), "approve", id, json!({})).await?;
    Ok(())
}

/// An approved change of the management system that touches this.
pub async fn aims_change(world: &World, affected: Value) -> anyhow::Result<String> {
    let (desk, am) = (Desk::of(world, "aims_change"), world.as_(Role::Am));
    let input = json!({
        "title": "A planned change", "reason": "It is wanted.", "affected": affected,
        "consequences": "None that are not wanted.", "plan": ["Decide on it"],
        "owner": am.user, "due": "2024-12-31",
    });
    let id = desk.make(&am, "propose", input).await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    desk.does(&world.as_(Role::Tm), "approve", &id, json!({})).await?;
    Ok(id)
}

/// An approved change of the management system that touches the risk criteria.
pub async fn change_of_criteria(world: &World) -> anyhow::Result<Value> {
    let change = aims_change(world, json!({ "scope": false, "criteria": true })).await?;
    Ok(json!({ "aimsChange": change }))
}

/// A system of the system owner's with the version 1.0, which runs where that is said.
pub async fn system(world: &World, name: &str, runs: bool) -> anyhow::Result<String> {
    let so = world.as_(Role::So);
    let mut input = json!({
        "name": name, "owner": so.user, "purpose": "Scores consumer credit.",
        "systemKind": "ml", "origin": "built", "autonomy": "human_in_loop", "inScope": true,
        "systemVersion": "1.0",
    });
    if runs {
        input["onboarded"] = json!({ "stage": "operation_and_monitoring", "running": true });
    }
    Desk::of(world, "ai_system").make(&so, "register", input).await
}

/// Retires a system with the version 1.0 through its last gate.
pub async fn retire(world: &World, system: &str) -> anyhow::Result<()> {
    let (gates, so) = (Desk::of(world, "stage_gate"), world.as_(Role::So));
    let request = json!({ "system": system, "systemVersion": "1.0", "to": "retirement" });
    let gate = gates.make(&so, "request", request).await?;
    let answer = json!({ "check": "g17", "result": "pass", "because": "All is settled." });
    let checks = json!({ "checks": [answer] });
    gates.does(&world.as_(Role::Sys), "evaluate", &gate, checks).await?;
    for role in [Role::Rel, Role::Ro] {
        gates.does(&world.as_(role), "approve", &gate, json!({})).await?;
    }
    let input = json!({
        "gate": gate, "dataDisposition": "Deleted.", "modelDisposition": "Archived.",
        "userNotice": "By letter.", "openObligationsChecked": true,
        "logsKeptUntil": "2035-01-01",
    });
    Desk::of(world, "ai_system").does(&so, "retire", system, input).await?;
    Ok(())
}

/// Evidence that anybody registered; its content is the number.
pub async fn evidence(world: &World, number: u8) -> anyhow::Result<String> {
    let input = json!({
        "filename": format!("report-{number}.pdf"), "mediaType": "application/pdf",
        "sha256": format!("{number:064x}"), "size": 1000, "source": "upload",
        "classification": "internal", "freshUntil": "2024-09-30",
    });
    Desk::of(world, "evidence").make(&world.as_(Role::Emp), "register", input).await
}

/// A control that a Statement of Applicability says is implemented.
pub async fn implemented_control(world: &World, number: &str) -> anyhow::Result<String> {
    let am = world.as_(Role::Am);
    let soas = Desk::of(world, "soa");
    let soa = json!({ "title": "Statement", "catalogue": "iso42001-2023" });
    let soa = soas.make(&am, "start", soa).await?;
    let controls = Desk::of(world, "soa_control");
    let input = json!({
        "soa": soa, "control": number, "decision": "applicable", "reasonCodes": ["risk"],
        "justification": "It is needed.",
    });
    let row = controls.make(&am, "list", input).await?;
    let (proof, status) = (evidence(world, 200).await?, json!({ "status": "implemented" }));
    controls.does(&am, "link_evidence", &row, json!({ "evidence": proof })).await?;
    controls.does(&am, "set_status", &row, status).await?;
    Ok(row)
}

/// Gives a member these roles.
pub async fn roles(world: &World, role: Role, codes: &[&str]) -> anyhow::Result<()> {
    let (desk, roles) = (Desk::of(world, "membership"), json!({ "roles": codes }));
    desk.does(&world.as_(Role::Adm), "change_roles", &world.membership(role), roles).await?;
    Ok(())
}

/// A text of three words that says nothing.
pub fn because() -> Value {
    json!({ "reason": "It is so." })
}
