//! Check and act: audits, findings, management reviews, nonconformities and improvements, each from
//! its first command to its last, by the people who may.

mod audits;
mod findings;
mod improvements;
mod nonconformities;
mod programmes;
pub mod reviews;

use annals_tests::{Client, World};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Clauses and controls as an audit has them.
const CRITERIA: [&str; 4] = ["7", "9.2", "10", "A.6.2"];

/// An audit of training by the AUD, planned on 2024-09-02.
fn audit(world: &World) -> Value {
    json!({
        "title": "First internal audit", "objective": "Whether the system works.",
        "criteria": CRITERIA, "scope": "Utrecht.", "areas": ["Training"],
        "auditors": [world.as_(Role::Aud).user], "plannedOn": "2024-09-02",
    })
}

/// An audit that the AUD has begun.
pub async fn begun(world: &World) -> anyhow::Result<String> {
    let desk = Desk::of(world, "internal_audit");
    let id = desk.make(&world.as_(Role::Am), "schedule", audit(world)).await?;
    desk.does(&world.as_(Role::Aud), "start", &id, json!({})).await?;
    Ok(id)
}

/// What is found: a minor nonconformity on 7.2.
pub fn minor(audit: &str) -> Value {
    json!({
        "audit": audit, "grade": "minor", "requirement": "7.2", "title": "Untrained people",
        "statement": "Four of 46 people are not trained.",
        "objectiveEvidence": [{ "object": audit, "note": "42 of 46" }],
    })
}

/// A finding of the AUD in an audit under way.
pub async fn found(world: &World, input: Value) -> anyhow::Result<String> {
    Desk::of(world, "audit_finding").make(&world.as_(Role::Aud), "raise", input).await
}

/// A nonconformity that somebody saw.
fn seen() -> Value {
    json!({
        "source": "manual", "requirement": "7.2", "title": "Untrained people",
        "description": "Four of 46 people are not trained.",
    })
}

/// A nonconformity that the AUD raised.
async fn raised(world: &World, input: Value) -> anyhow::Result<String> {
    Desk::of(world, "nonconformity").make(&world.as_(Role::Aud), "raise", input).await
}

/// A nonconformity with one action of the DEV's, due on 2024-12-31; its evidence.
async fn planned(world: &World) -> anyhow::Result<(String, String)> {
    let (desk, am) = (Desk::of(world, "nonconformity"), world.as_(Role::Am));
    let id = raised(world, seen()).await?;
    let text = json!({ "text": "They do no work on AI systems." });
    desk.does(&am, "record_containment", &id, text).await?;
    let cause = json!({ "method": "five_whys", "text": "The course is held once a year." });
    desk.does(&am, "record_cause", &id, cause).await?;
    desk.does(&am, "plan_actions", &id, plan(&world.as_(Role::Dev))).await?;
    Ok((id, crate::given::evidence(world, 77).await?))
}

fn plan(owner: &Client) -> Value {
    json!({
        "actions": { "course": {
            "text": "Hold the course on arrival.", "owner": owner.user, "due": "2024-12-31",
        } },
        "method": "Attendance after a month", "checkDue": "2025-01-31",
    })
}

/// A review by top management, planned on 2024-09-30.
fn review(world: &World) -> Value {
    json!({
        "title": "Management review", "periodFrom": "2024-07-01", "periodTo": "2024-09-30",
        "plannedOn": "2024-09-30", "chair": world.as_(Role::Tm).user,
        "attendees": [world.as_(Role::Am).user],
    })
}

/// An idea of an employee's.
fn idea() -> Value {
    json!({ "title": "Criteria in the template", "text": "Ask for them.", "source": "staff" })
}

/// At least one object of each kind.
pub async fn one_of_each(world: &World) -> anyhow::Result<()> {
    let am = world.as_(Role::Am);
    programmes::drafted(world, 2024).await?;
    let audit = begun(world).await?;
    found(world, minor(&audit)).await?;
    raised(world, seen()).await?;
    Desk::of(world, "management_review").make(&am, "schedule", review(world)).await?;
    Desk::of(world, "improvement").make(&world.as_(Role::Emp), "propose", idea()).await?;
    Ok(())
}
