//! Changes: proposed, approved by two, implemented, verified by another, closed; and those that
//! nobody asked for.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, V1, hash, is_refusal, types};

fn change(more: Value) -> Value {
    let mut input = json!({
        "title": "New features", "changeKind": "model", "class": "significant",
        "reason": "Better scores.", "rollback": "Deploy the version before.",
        "impact": { "aisiaNeeded": false, "revalidationNeeded": true },
        "fromVersion": V1, "toVersion": "1.1.0",
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

/// Proposed and submitted by the DEV.
async fn submitted(life: &Life<'_>, input: &Value) -> anyhow::Result<Thing> {
    let request = life.makes(&life.by(Role::Dev), "change_request", input).await?;
    request.then(&life.by(Role::Dev), "submit", &json!({})).await?;
    Ok(request)
}

async fn approved(life: &Life<'_>, input: &Value) -> anyhow::Result<Thing> {
    let request = submitted(life, input).await?;
    for role in [Role::Rel, Role::So] {
        request.then(&life.by(role), "approve", &json!({})).await?;
    }
    Ok(request)
}

story!(a_change_is_approved_by_two_and_verified_by_another, world => {
    let life = Life::running(&world).await?;
    let (so, dev, none) = (life.by(Role::So), life.by(Role::Dev), json!({}));
    let request = submitted(&life, &change(json!({}))).await?;
    request.then(&life.by(Role::Rel), "reject", &json!({ "reason": "Explain." })).await?;
    let mut clearer = change(json!({ "title": "Features of the bureau" }));
    clearer["system"] = json!(life.system.id);
    request.then(&dev, "revise", &clearer).await?;
    request.then(&dev, "submit", &none).await?;
    let done = request.then(&life.by(Role::Rel), "approve", &none).await?;
    assert_eq!(types(&done), ["change_request.change_approval_given"]);
    life.refuses(&request, &[(Role::Dev, "implement", json!({}), "not_approved", "")]).await?;
    let input = json!({ "id": request.id, "expectedVersion": done["version"] });
    let payload = life.mutate(&so, "changeRequestApprove", input,
        "events { type } changeRequest { status approvals { by { name } } }
         refusal { __typename }").await?;
    assert_eq!(payload["events"], json!([{ "type": "change_request.change_approved" }]));
    let by = payload["changeRequest"]["approvals"].as_array().unwrap();
    assert_eq!(by.len(), 2);
    life.refuses(&request, &[
        (Role::Dev, "implement", json!({}), "version_missing", ""),
        (Role::So, "verify", json!({}), "out_of_turn", ""),
        (Role::So, "close", json!({}), "out_of_turn", ""),
        (Role::So, "roll-back", json!({ "reason": "x" }), "out_of_turn", ""),
        (Role::So, "review-unplanned",
            json!({ "class": "minor", "conclusion": "kept", "note": "x" }), "was_planned", ""),
        (Role::Dev, "implement", json!({ "effectiveAt": "2024-08-01T00:00:00Z" }),
            "version_missing", ""),
    ]).await?;
    let wrong = json!({ "systemVersion": "1.2.0", "change": request.id });
    life.refuses(&life.system, &[
        (Role::Dev, "add-version", wrong, "change_to_another", "/change"),
    ]).await?;
    let add = json!({ "systemVersion": "1.1.0", "change": request.id });
    life.system.then(&dev, "add-version", &add).await?;
    let early = json!({ "effectiveAt": "2024-08-01T00:00:00Z" });
    life.refuses(&request, &[
        (Role::Dev, "implement", early, "dated_before", "/effectiveAt"),
    ]).await?;
    request.then(&dev, "implement", &json!({ "note": "Merged." })).await?;
    life.refuses(&request, &[
        (Role::Dev, "verify", json!({}), "verifier_is_implementer", ""),
        (Role::So, "verify", json!({}), "not_revalidated", ""),
    ]).await?;
    let plan = json!({ "systemVersion": "1.1.0", "criteria": { "auc": {
        "metric": "auc", "must": true, "threshold": { "comparison": "at_least", "value": "0.8" },
    } } });
    let record = life.makes(&life.by(Role::Val), "verification_record", &plan).await?;
    life.day("2024-09-03T09:00:00Z");
    let run = json!({ "closes": true, "run": {
        "environment": "Staging", "startedAt": "2024-09-03T08:00:00Z", "reportHash": hash('7'),
        "results": [{ "criterion": "auc", "value": "0.9" }],
    } });
    record.then(&life.by(Role::Val), "complete-run", &run).await?;
    let (so, rel) = (life.by(Role::So), life.by(Role::Rel));
    request.then(&so, "verify", &none).await?;
    let done = request.then(&rel, "close", &json!({ "note": "Works." })).await?;
    assert_eq!(types(&done), ["change_request.change_closed"]);
    let read = life.graph(&request, "status progress class implemented { note by { name } }
        verified { by { name } }").await?;
    assert_eq!(read, json!({
        "status": "APPROVED", "progress": "CLOSED", "class": "SIGNIFICANT",
        "implemented": { "note": "Merged.", "by": { "name": "The DEV" } },
        "verified": { "by": { "name": "The SO" } },
    }));
    life.refuses(&request, &[
        (Role::So, "roll-back", json!({ "reason": "x" }), "out_of_turn", ""),
        (Role::Dev, "implement", json!({}), "out_of_turn", ""),
    ]).await?;
});

story!(a_change_is_rolled_back, world => {
    let life = Life::running(&world).await?;
    let mut minor = change(json!({ "class": "minor", "changeKind": "prompt",
        "impact": { "aisiaNeeded": false, "revalidationNeeded": false } }));
    minor.as_object_mut().unwrap().remove("toVersion");
    let request = approved(&life, &minor).await?;
    request.then(&life.by(Role::Dev), "implement", &json!({})).await?;
    let (rel, worse) = (life.by(Role::Rel), json!({ "reason": "Worse." }));
    let done = request.then(&rel, "roll-back", &worse).await?;
    assert_eq!(done["object"]["progress"], "rolled_back");
    let add = json!({ "systemVersion": "2.0", "change": request.id });
    life.refuses(&life.system, &[
        (Role::Dev, "add-version", add, "change_not_approved", "/change"),
    ]).await?;
});

story!(what_a_proposal_must_say, world => {
    let life = Life::running(&world).await?;
    let dev = life.by(Role::Dev);
    let kind = "change_request";
    let substantial = change(json!({ "class": "substantial" }));
    for (input, code, at) in [
        (change(json!({ "changeKind": "purpose", "class": "minor" })), "purpose_is_not_minor",
            "/class"),
        (substantial, "substantial_without_assessment", "/impact/aisiaNeeded"),
        (change(json!({ "toVersion": V1 })), "same_version", "/toVersion"),
        (change(json!({ "fromVersion": "0.1" })), "unknown_version", "/fromVersion"),
    ] {
        life.makes_no(&dev, kind, &input, code, at).await?;
    }
    let mut bare = change(json!({}));
    bare.as_object_mut().unwrap().remove("rollback");
    bare.as_object_mut().unwrap().remove("toVersion");
    let request = life.makes(&dev, kind, &bare).await?;
    life.refuses(&request, &[(Role::Dev, "submit", json!({}), "no_rollback", "")]).await?;
    bare["rollback"] = json!("Back.");
    bare["system"] = json!(life.system.id);
    request.then(&dev, "revise", &bare).await?;
    let other = Life::begun(&world).await?;
    let mut moved = bare.clone();
    moved["system"] = json!(other.system.id);
    life.refuses(&request, &[
        (Role::Dev, "submit", json!({}), "no_version_to_validate", ""),
        (Role::Dev, "revise", moved, "system_stands", "/system"),
    ]).await?;
    let strange = other.makes(&dev, kind, &change(json!({}))).await?;
    let add = json!({ "systemVersion": "2.0", "change": strange.id });
    life.refuses(&life.system, &[
        (Role::Dev, "add-version", add, "change_of_another", "/change"),
    ]).await?;
});

story!(a_substantial_change_is_classified_and_assessed_again, world => {
    let life = Life::running(&world).await?;
    let other = Life::begun(&world).await?;
    let strange = other.classified("minimal", None).await?;
    let input = change(json!({ "class": "substantial", "changeKind": "purpose",
        "impact": { "aisiaNeeded": true, "revalidationNeeded": false } }));
    let request = submitted(&life, &input).await?;
    let so = life.by(Role::So);
    let approve = |code: &'static str| [(Role::Rel, "approve", json!({}), code, "")];
    life.refuses(&request, &approve("not_reclassified")).await?;
    let propose = json!({
        "regime": "eu_ai_act", "class": "high_risk", "point": "5(b)", "role": "provider",
        "rationale": "Annex III.",
    });
    let by = life.by(Role::Rm);
    let class = life.makes(&by, "regulatory_classification", &propose).await?;
    let record = |of: &Thing| json!({
        "classification": of.id, "outcome": "class_changed", "conclusion": "Now high-risk.",
    });
    let (verb, at) = ("record-reclassification", "/classification");
    life.refuses(&request, &[
        (Role::So, verb, record(&class), "not_confirmed", at),
        (Role::So, verb, record(&strange), "other_system", at),
    ]).await?;
    class.then(&life.by(Role::Dpo), "confirm", &json!({})).await?;
    request.then(&life.by(Role::Dpo), verb, &record(&class)).await?;
    life.refuses(&request, &approve("no_impact_assessment")).await?;
    let assessment = life.assessed(&["Consumer credit"]).await?;
    let change_of_role = json!({
        "role": "deployer", "because": "purpose_change", "reason": "We only use it.",
    });
    class.then(&by, "record-role-change", &change_of_role).await?;
    life.refuses(&request, &approve("classification_lapsed")).await?;
    class.then(&life.by(Role::Dpo), "confirm", &json!({})).await?;
    for role in [Role::Rel, Role::So] {
        request.then(&life.by(role), "approve", &json!({})).await?;
    }
    let fire = json!({ "trigger": "new_intended_use", "reason": "Another purpose." });
    assessment.then(&life.by(Role::So), "fire-trigger", &fire).await?;
    life.refuses(&request, &[
        (Role::Dev, "implement", json!({}), "impact_assessment_not_current", ""),
    ]).await?;
    let describe = json!({
        "name": "CreditLens", "purpose": "Scores tenants.", "systemKind": "ml",
        "origin": "built", "autonomy": "human_in_loop",
    });
    life.refuses(&life.system, &[
        (Role::So, "describe", describe.clone(), "purpose_needs_change", "/change"),
    ]).await?;
    let mut grounded = describe;
    grounded["change"] = json!(request.id);
    life.system.then(&so, "describe", &grounded).await?;
    request.then(&life.by(Role::So), "withdraw", &json!({ "reason": "Too much." })).await?;
});

story!(two_approve_a_change, world => {
    let admin = world.as_(Role::Adm).at("2024-07-01T09:00:00Z");
    for role in [Role::Rel, Role::Tm] {
        let path = format!("/v1/memberships/{}/change-roles", world.membership(role));
        let roles = if role == Role::Rel { json!(["REL", "SO"]) } else { json!(["TM", "REL"]) };
        admin.post(&path, &json!({ "roles": roles })).await?.ok();
    }
    let life = Life::running(&world).await?;
    let request = submitted(&life, &change(json!({}))).await?;
    request.then(&life.by(Role::Rel), "approve", &json!({})).await?;
    life.refuses(&request, &[
        (Role::Rel, "approve", json!({}), "second_person_must_approve", ""),
    ]).await?;
    request.then(&life.by(Role::Tm), "approve", &json!({})).await?;
    let other = submitted(&life, &change(json!({ "title": "Another" }))).await?;
    other.then(&life.by(Role::Tm), "approve", &json!({})).await?;
    let path = format!("/v1/memberships/{}/change-roles", world.membership(Role::Rel));
    let admin = world.as_(Role::Adm).at("2024-09-02T09:00:00Z");
    admin.post(&path, &json!({ "roles": ["REL"] })).await?.ok();
    life.refuses(&other, &[(Role::Rel, "approve", json!({}), "role_has_approved", "")]).await?;
});

story!(a_change_that_nobody_asked_for_is_reviewed, world => {
    let life = Life::running(&world).await?;
    let ops = life.by(Role::Ops);
    let detect = |kind: &str, class: &str| json!({
        "title": "Another tokeniser", "changeKind": kind, "class": class,
        "reason": "Seen in the log.", "system": life.system.id, "fromVersion": V1,
    });
    let path = "/v1/change-requests/detect-unplanned";
    let answer = ops.post(path, &detect("purpose", "minor")).await?;
    is_refusal(&world, "change_request", "purpose_is_not_minor", answer, "/class");
    let made = ops.post(path, &detect("supplier", "minor")).await?.created();
    assert_eq!(made["events"][0]["type"], "change_request.unplanned_change_detected");
    let found = Thing::of("change_request", made["id"].as_str().unwrap());
    let review = |class: &str, conclusion: &str| {
        json!({ "class": class, "conclusion": conclusion, "note": "Looked at." })
    };
    let mut itself = review("minor", "change_requested");
    itself["followUp"] = json!(found.id);
    let verb = "review-unplanned";
    life.refuses(&found, &[
        (Role::So, verb, review("substantial", "kept"), "not_reclassified", ""),
        (Role::So, verb, review("minor", "change_requested"), "no_follow_up", "/followUp"),
        (Role::So, verb, itself, "no_follow_up", "/followUp"),
        (Role::So, "approve", json!({}), "was_not_planned", ""),
        (Role::So, "implement", json!({}), "was_not_planned", ""),
    ]).await?;
    let next = life.makes(&life.by(Role::So), "change_request", &change(json!({}))).await?;
    let input = json!({
        "id": found.id, "class": "MINOR", "conclusion": "CHANGE_REQUESTED", "note": "As a change.",
        "followUp": next.id,
    });
    let payload = life.mutate(&life.by(Role::Rel), "changeRequestReviewUnplanned", input,
        "changeRequest { progress planned review { followUp { title } } }
         refusal { __typename }").await?;
    assert_eq!(payload["changeRequest"], json!({
        "progress": "REVIEWED", "planned": false,
        "review": { "followUp": { "title": "New features" } },
    }));
    life.refuses(&found, &[
        (Role::So, verb, review("minor", "kept"), "reviewed_already", ""),
    ]).await?;
    // Whoever found a change does not judge it.
    let path_of = format!("/v1/memberships/{}/change-roles", world.membership(Role::Ops));
    let admin = world.as_(Role::Adm).at("2024-09-02T09:00:00Z");
    admin.post(&path_of, &json!({ "roles": ["OPS", "SO"] })).await?.ok();
    let made = ops.post(path, &detect("infra", "minor")).await?.created();
    let own = Thing::of("change_request", made["id"].as_str().unwrap());
    life.refuses(&own, &[
        (Role::Ops, verb, review("minor", "kept"), "reviewer_is_finder", ""),
    ]).await?;
});
