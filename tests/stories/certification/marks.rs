//! What auditors write under their engagement: samples and notes.

use annals_tests::story;
use kernel::Role;
use serde_json::json;

use super::house::{House, WITHIN, party};
use crate::assurance::{begun, found, minor};
use crate::desk::Desk;

story!(auditors_take_samples, world => {
    let house = House::opened(&world).await?;
    let mut desk = Desk::of(&world, "sample");
    let object = party(&world, "Applicants", "2024-07-20T09:00:00Z").await?;
    let engagement = house.engaged(json!({ "auditors": [house.helen, house.otto] })).await?;
    let (helen, otto) = house.both(&engagement)?;
    let take = || json!({ "object": object, "requirement": "4.2", "purpose": "Needs of customers." });
    let id = desk.make(&helen, "take", take()).await?;
    desk.refuse(&otto, "take", "", take(), "409 already_taken").await?;
    desk.does(&otto, "record_result", &id, json!({ "result": "conforming" })).await?;
    desk.refuse_corrections(&helen, &id, "requirement").await?;
    // The organisation sees what is sampled, and commands nothing of it.
    let shown = desk.shown(&id, "").await?;
    assert_eq!((shown["status"].as_str(), shown["objectKind"].as_str()), (Some("examined"), Some("interested_party")));
    assert_eq!(shown["asOf"], "2024-08-04T23:59:59.000000Z");
    let tm = world.as_(Role::Tm).at(WITHIN);
    let path = format!("/v1/samples/{id}/withdraw");
    tm.post(&path, &json!({ "reason": "No." })).await?.problem(403, "forbidden");
    // Whoever acts for the body alone, and not under an engagement, takes none.
    let body = house.for_body(&house.helen)?.at(WITHIN);
    body.post("/v1/samples", &take()).await?.problem(403, "engagement_forbids");
    desk.does(&helen, "withdraw", &id, json!({ "reason": "The wrong one." })).await?;
    let result = json!({ "result": "conforming" });
    desk.refuse(&helen, "record_result", &id, result, "409 was_withdrawn").await?;
    // The others stand in the way of races alone: tokens of an engagement that is not open open
    // nothing, another engagement's samples are not seen, and what is withheld is not there.
    desk.all_but(&["engagement_not_open", "other_engagement", "too_many", "withheld"]);
});

story!(auditors_write_notes_for_themselves, world => {
    let house = House::opened(&world).await?;
    let mut desk = Desk::of(&world, "audit_note");
    let engagement = house.engaged(json!({ "auditors": [house.helen, house.otto] })).await?;
    let (helen, otto) = house.both(&engagement)?;
    let secret = "The owner hesitated.";
    let id = desk.make(&helen, "write", json!({ "text": secret })).await?;
    desk.refuse(&otto, "rewrite", &id, json!({ "text": "x" }), "409 not_your_note").await?;
    desk.refuse_corrections(&helen, &id, "text").await?;
    // The auditors open it; the organisation sees that there is one.
    let path = format!("/v1/audit-notes/{id}");
    for auditor in [&helen, &otto] {
        assert_eq!(auditor.get(&path).await?.ok()["text"], secret);
        let query = "query($id: ID!) { aims { auditNote(id: $id) { text history { data } } } }";
        let data = auditor.graphql(query, json!({ "id": id })).await?.data();
        assert_eq!(data["aims"]["auditNote"]["text"], secret);
        assert_eq!(data["aims"]["auditNote"]["history"][0]["data"]["text"], secret);
    }
    for role in [Role::Tm, Role::Am, Role::Adm, Role::Aud] {
        let member = world.as_(role);
        for path in [path.clone(), format!("{path}/history"), "/v1/events?limit=100".to_owned()] {
            let answer = member.get(&path).await?;
            assert!(answer.status.is_success() && !answer.text.contains(secret), "{}", answer.text);
        }
        assert_eq!(member.get(&path).await?.ok()["text"], json!({ "withheld": true }));
        let query = "query($id: ID!) { aims { auditNote(id: $id) { text history { data patch } } } }";
        let answer = member.graphql(query, json!({ "id": id })).await?;
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
    desk.does(&helen, "withdraw", &id, json!({ "reason": "Beside the point." })).await?;
    desk.refuse(&helen, "rewrite", &id, json!({ "text": "x" }), "409 was_withdrawn").await?;
    desk.all_but(&["engagement_not_open", "too_many"]);
});

story!(a_finding_is_its_auditors_alone, world => {
    let house = House::opened(&world).await?;
    let object = party(&world, "Applicants", "2024-08-01T09:00:00Z").await?;
    let internal = begun(&world).await?;
    let internal = found(&world, minor(&internal)).await?;
    let engagement = house.engaged(json!({})).await?;
    let (audit, helen) = (house.audits(&engagement).await?, house.helen(&engagement)?);
    let mut desk = Desk::of(&world, "audit_finding");
    let concern = json!({
        "audit": audit, "grade": "area_of_concern", "requirement": "4.2",
        "title": "Needs are not written down", "statement": "Nobody could say what they need.",
        "objectiveEvidence": [{ "object": object, "note": "no requirement" }],
    });
    let finding = desk.make(&helen, "raise", concern).await?;
    // The organisation's own auditors grade nothing that the body found.
    let aud = world.as_(Role::Aud).at(WITHIN);
    let milder = json!({ "grade": "ofi", "reason": "It is small." });
    desk.refuse(&aud, "regrade", &finding, milder.clone(), "422 finding_of_body").await?;
    // For the body's auditors what the organisation found is no object of theirs.
    let path = format!("/v1/audit-findings/{internal}/regrade");
    helen.post(&path, &milder).await?.problem(404, "not_found");
    desk.exactly(&["finding_of_body"]);
});
