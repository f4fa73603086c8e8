//! The AIMS manager drafts the scope, top management approves it.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

/// A draft of the scope.
pub fn draft() -> Value {
    json!({
        "statement": "Building and providing CreditLens.",
        "activities": ["develop", "provide"],
        "orgUnits": ["Lending"],
        "sites": ["Utrecht", "Oslo"],
        "reason": "First scope of the management system.",
    })
}

/// Declares roles, drafts, records an issue and submits; the scope's id and version.
pub async fn submitted(world: &World) -> anyhow::Result<(String, u64)> {
    let am = world.as_(Role::Am);
    let organisation = world.as_(Role::Emp).get("/v1/organisations/current").await?.ok();
    let id = organisation["id"].as_str().unwrap().to_owned();
    let roles = json!({ "aiRoles": ["producer", "provider"], "euRoles": ["provider"] });
    let declare = format!("/v1/organisations/{id}/declare-ai-roles");
    am.at("2024-07-02T09:00:00Z").post(&declare, &roles).await?.ok();
    let scope = am.at("2024-07-08T09:00:00Z").post("/v1/scopes", &draft()).await?.created();
    let id = scope["id"].as_str().unwrap().to_owned();
    let issue = json!({ "side": "external", "text": "Consumer credit law", "climate": false });
    let path = format!("/v1/scopes/{id}/record-context-issue");
    am.at("2024-07-09T09:00:00Z").post(&path, &issue).await?.ok();
    let path = format!("/v1/scopes/{id}/submit");
    let submitted = am.at("2024-07-10T09:00:00Z").post(&path, &json!({})).await?.ok();
    Ok((id, submitted["version"].as_u64().unwrap()))
}

story!(top_management_approves_the_scope, world => {
    let (id, version) = submitted(&world).await?;
    let tm = world.as_(Role::Tm).at("2024-07-22T09:00:00Z");
    let approve = format!("/v1/scopes/{id}/approve");
    let answer = tm.post_seen(&approve, version, &json!({ "reason": "It fits." })).await?;
    assert_eq!(answer.headers["etag"], format!("\"{}\"", version + 1));
    let done = answer.ok();
    assert_eq!(done["object"]["status"], "approved");
    assert_eq!(done["object"]["effective"]["version"], 1);
    assert_eq!(done["events"][0]["type"], "scope.approved");

    let read = world.as_(Role::Emp).get(&format!("/v1/scopes/{id}")).await?.ok();
    assert_eq!(read["statement"], "Building and providing CreditLens.");
    assert_eq!(read["sites"], json!(["Utrecht", "Oslo"]));

    let history = world.as_(Role::Emp).get(&format!("/v1/scopes/{id}/history")).await?.ok();
    let events = history["data"].as_array().unwrap();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, [
        "scope.drafted", "scope.context_issue_recorded", "scope.submitted", "scope.approved",
    ]);
    assert_eq!(events[3]["reason"], "It fits.");
    assert_eq!(events[3]["role"], "TM");
    assert_eq!(events[3]["recordedAt"], "2024-07-22T09:00:00.000000Z");
});

story!(the_author_does_not_approve, world => {
    // Somebody who drafts and holds the approver's role too.
    let admin = world.as_(Role::Adm).at("2024-07-01T09:00:00Z");
    let path = format!("/v1/memberships/{}/change-roles", world.membership(Role::Am));
    admin.post(&path, &json!({ "roles": ["AM", "TM"] })).await?.ok();
    let (id, version) = submitted(&world).await?;
    let am = world.as_(Role::Am).at("2024-07-22T09:00:00Z");
    let answer = am.post_seen(&format!("/v1/scopes/{id}/approve"), version, &json!({})).await?;
    let problem = answer.problem(422, "scope.approver_is_author");
    assert_eq!(problem["rule"], "segregation of duties: author is not approver");
});

story!(a_version_that_was_not_seen_is_not_approved, world => {
    let (id, version) = submitted(&world).await?;
    let tm = world.as_(Role::Tm).at("2024-07-22T09:00:00Z");
    let approve = format!("/v1/scopes/{id}/approve");
    tm.post(&approve, &json!({})).await?.problem(428, "version_required");
    let problem = tm.post_seen(&approve, version - 1, &json!({})).await?.problem(412, "version_mismatch");
    assert_eq!(problem["since"][0]["type"], "scope.submitted");
    let other = "0".repeat(64);
    tm.post_seen(&approve, version, &json!({ "contentHash": other })).await?
        .problem(409, "scope.content_changed");
});

story!(there_is_one_scope, world => {
    submitted(&world).await?;
    let am = world.as_(Role::Am).at("2024-07-22T09:00:00Z");
    am.post("/v1/scopes", &draft()).await?.problem(409, "already_exists");
});

story!(nothing_is_recorded_by_a_refusal, world => {
    let before = world.as_(Role::Emp).get("/v1/me").await?.headers["annals-position"].clone();
    let am = world.as_(Role::Am).at("2024-07-08T09:00:00Z");
    am.post("/v1/scopes", &json!({ "statement": "" })).await?.problem(422, "invalid_input");
    let after = world.as_(Role::Emp).get("/v1/me").await?.headers["annals-position"].clone();
    assert_eq!(before, after);
});
