//! A management review: its seven inputs are frozen at a position and can be read again, byte for
//! byte, whatever has happened since.

use annals_tests::{Client, World, story};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{begun, found, idea, minor, raised, review, seen};
use crate::desk::Desk;

/// The inputs in the order of the standard.
const INPUTS: [&str; 7] = [
    "earlier_actions",
    "context_changes",
    "party_changes",
    "nonconformity_trends",
    "measurement_results",
    "audit_results",
    "improvement_opportunities",
];

fn decision(world: &World, key: &str) -> Value {
    json!({
        "key": key, "text": "A budget for monitoring.", "decisionKind": "resource",
        "owner": world.as_(Role::Ro).user, "due": "2024-12-31",
    })
}

fn minutes(digit: &str) -> Value {
    json!({ "minutesHash": digit.repeat(64) })
}

/// A review whose inputs are frozen, in a tenant in which there is something to review.
async fn frozen(world: &World) -> anyhow::Result<String> {
    crate::scope::submitted(world).await?;
    let am = world.as_(Role::Am);
    let party = json!({ "name": "Applicants", "kind": "affected_person" });
    Desk::of(world, "interested_party").make(&am, "register", party).await?;
    let audit = begun(world).await?;
    found(world, minor(&audit)).await?;
    raised(world, seen()).await?;
    Desk::of(world, "improvement").make(&world.as_(Role::Dev), "propose", idea()).await?;
    let desk = Desk::of(world, "management_review");
    desk.make(&am, "schedule", review(world)).await?;
    let id = desk.make(&am, "schedule", review(world)).await?;
    desk.does(&am, "freeze_inputs", &id, json!({})).await?;
    Ok(id)
}

/// A review of which the inputs are frozen and that has decided something, but is not over.
pub async fn decided(world: &World, key: &str) -> anyhow::Result<String> {
    let id = frozen(world).await?;
    let desk = Desk::of(world, "management_review");
    desk.does(&world.as_(Role::Tm), "record_decision", &id, decision(world, key)).await?;
    Ok(id)
}

/// The bytes of an input, checked against the hash that the review recorded.
async fn bytes(reader: &Client, id: &str, input: &str) -> anyhow::Result<String> {
    let review = reader.get(&format!("/v1/management-reviews/{id}")).await?.ok();
    let recorded = review["inputs"][input]["snapshotHash"].as_str().unwrap();
    let answer = reader.get(&format!("/v1/management-reviews/{id}/inputs/{input}")).await?;
    assert_eq!(answer.status.as_u16(), 200, "{input}: {}", answer.text);
    assert_eq!(hex::encode(Sha256::digest(&answer.text)), recorded, "{input}");
    assert_eq!(answer.headers["etag"], format!("\"{recorded}\""));
    assert!(answer.headers["repr-digest"].starts_with("sha-256=:"), "{:?}", answer.headers);
    assert_eq!(answer.json["asOf"], review["inputs"][input]["snapshotAsOf"]);
    Ok(answer.text)
}

async fn all(reader: &Client, id: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for input in INPUTS {
        found.push(bytes(reader, id, input).await?);
    }
    Ok(found)
}

story!(frozen_inputs_are_read_again_byte_for_byte, world => {
    let id = frozen(&world).await?;
    let (am, reader) = (world.as_(Role::Am), world.as_(Role::Emp));
    let then = all(&reader, &id).await?;
    let shown = |n: usize| serde_json::from_str::<Value>(&then[n]).unwrap();
    let found = |n: usize, kind: &str| shown(n)["documents"][kind].as_object().unwrap().len();
    assert_eq!(found(0, "management_review"), 1, "the other review, not this one");
    assert_eq!((found(1, "scope"), found(1, "organisation")), (1, 1));
    assert_eq!(found(2, "interested_party"), 1);
    assert_eq!(found(3, "nonconformity"), 1);
    assert_eq!((found(5, "internal_audit"), found(5, "audit_finding")), (1, 1));
    assert_eq!(found(6, "improvement"), 1);
    assert_eq!(shown(4)["documents"], json!({}));
    // Texts that name people stay sealed.
    let nonconformities = shown(3)["documents"]["nonconformity"].clone();
    let nonconformity = nonconformities.as_object().unwrap().values().next().unwrap();
    assert!(nonconformity["description"]["sealed"].is_string(), "{nonconformity}");
    assert!(!then[3].contains("Four of 46"));

    // Everything changes: what was frozen does not.
    let of = |kind: &str| format!("{kind}s");
    for (kind, n) in [("improvement", 6), ("audit_finding", 5)] {
        let documents = shown(n)["documents"][kind].clone();
        let object = documents.as_object().unwrap().keys().next().unwrap().clone();
        let title = json!({ "corrects": 1, "reason": "x", "set": { "title": of(kind) } });
        let by = if kind == "improvement" { Role::Am } else { Role::Aud };
        Desk::of(&world, kind).does(&world.as_(by), "correct", &object, title).await?;
    }
    raised(&world, seen()).await?;
    let desk = Desk::of(&world, "management_review");
    desk.does(&am, "freeze_inputs", &id, json!({ "inputs": ["nonconformity_trends"] })).await?;
    let mut now = all(&reader, &id).await?;
    assert_ne!(now[3], then[3], "frozen anew");
    now[3].clone_from(&then[3]);
    assert_eq!(now, then);
    // As of a position before, the review had the first one.
    let before = desk.events(&id).await?.len() as u64 - 1;
    let history = reader.get(&format!("/v1/management-reviews/{id}/history?limit=100")).await?.ok();
    let position = history["data"][before as usize - 1]["position"].as_str().unwrap().to_owned();
    let path = format!("/v1/management-reviews/{id}/inputs/nonconformity_trends?asOf={position}");
    assert_eq!(reader.get(&path).await?.text, then[3]);

    // Documents that were built anew give the same bytes.
    let rest = all(&reader, &id).await?;
    let log = world.app.store.log(&world.tenant);
    event_store::verify::rebuild(&log).await?;
    assert_eq!(all(&reader, &id).await?, rest);
});

story!(frozen_inputs_are_the_tenants_own, world => {
    let id = frozen(&world).await?;
    let path = format!("/v1/management-reviews/{id}/inputs/audit_results");
    assert_eq!(world.nobody().get(&path).await?.status.as_u16(), 401);
    world.stranger_as(Role::Tm).get(&path).await?.problem(404, "not_found");
    let reader = world.as_(Role::Emp);
    reader.get(&path.replace("audit_results", "weather")).await?.problem(404, "not_found");
    reader.get(&format!("{path}/more")).await?.problem(404, "not_found");
    let elsewhere = path.replace("management-reviews", "internal-audits");
    reader.get(&elsewhere).await?.problem(404, "not_found");
    let early = format!("{path}?asOf=2024-07-01T08:00:00Z");
    reader.get(&early).await?.problem(404, "not_found");
    reader.get(&format!("{path}?x=1")).await?.problem(400, "invalid_query");
    let answer = reader.get(&path).await?;
    let known = reader.with("If-None-Match", &answer.headers["etag"]);
    assert_eq!(known.get(&path).await?.status.as_u16(), 304);
    let put = reader.send(Method::POST, &path, None).await?;
    assert_eq!((put.status.as_u16(), put.headers["allow"].as_str()), (405, "GET, HEAD"));
    let desk = Desk::of(&world, "management_review");
    let unfrozen = desk.make(&world.as_(Role::Am), "schedule", review(&world)).await?;
    let path = format!("/v1/management-reviews/{unfrozen}/inputs/audit_results");
    reader.get(&path).await?.problem(404, "not_found");
});

story!(a_review_is_held_and_what_it_decides_is_carried_out, world => {
    let desk = Desk::of(&world, "management_review");
    let (am, tm, ro) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Ro));
    let id = frozen(&world).await?;
    let moved = json!({ "plannedOn": "2024-10-07", "reason": "The chair travels." });
    desk.does(&am, "reschedule", &id, moved).await?;
    let late = world.as_(Role::Sys).at("2024-10-08T09:00:00Z");
    desk.does(&late, "mark_overdue", &id, json!({})).await?;
    desk.does(&tm, "record_decision", &id, decision(&world, "d1")).await?;
    let payload = desk.mutates(&tm, "hold", &id, &minutes("b"), "
        status heldOn chair { name } attendees { name } inputs { key documents query
            frozen { by { name } } } decisions { key decisionKind owner { name } due }").await?;
    let held = &payload["managementReview"];
    assert_eq!((&held["status"], &held["heldOn"]), (&json!("HELD"), &json!("2024-10-08")));
    assert_eq!((&held["chair"]["name"], &held["attendees"]), (&json!("The TM"), &json!([{ "name": "The AM" }])));
    assert_eq!(held["inputs"].as_array().unwrap().len(), 7);
    assert_eq!(held["inputs"][0], json!({
        "key": "audit_results", "documents": 2, "query": 1, "frozen": { "by": { "name": "The AM" } },
    }));
    assert_eq!(held["decisions"], json!([{
        "key": "d1", "decisionKind": "RESOURCE", "owner": { "name": "The RO" }, "due": "2024-12-31",
    }]));
    desk.does(&am, "record_decision", &id, decision(&world, "d2")).await?;
    let improvements = Desk::of(&world, "improvement");
    let improvement = improvements.make(&am, "propose", json!({
        "title": "Monitoring", "text": "x", "source": "review", "origin": id,
        "reviewDecision": "d2",
    })).await?;
    for key in ["d1", "d2"] {
        let done = json!({ "decision": key, "text": "Granted." });
        desk.does(&ro, "complete_decision", &id, done).await?;
    }
    desk.does(&am, "close_actions", &id, json!({})).await?;
    let read = desk.read(&id, "", "status improvements { nodes { id } }
        decisions { result completion { by { name } } }").await?;
    assert_eq!(read, json!({
        "status": "ACTIONS_CLOSED", "improvements": { "nodes": [{ "id": improvement }] },
        "decisions": vec![json!({ "result": "Granted.", "completion": { "by": { "name": "The RO" } } }); 2],
    }));
    desk.does(&am, "correct", &id, json!({
        "corrects": 1, "reason": "Misspelt.", "set": { "title": "Review of the third quarter" },
    })).await?;
    assert_eq!(desk.events(&id).await?, [
        "management_review.scheduled", "management_review.inputs_frozen",
        "management_review.rescheduled", "management_review.overdue",
        "management_review.decision_recorded", "management_review.held",
        "management_review.decision_recorded", "management_review.decision_completed",
        "management_review.decision_completed", "management_review.actions_closed",
        "management_review.corrected",
    ]);
});

story!(what_management_reviews_refuse, world => {
    let mut desk = Desk::of(&world, "management_review");
    let (am, tm, ro) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Ro));
    let with = |name: &str, value: Value| {
        let mut input = review(&world);
        input[name] = value;
        input
    };
    let ends_first = with("periodTo", json!("2024-06-30"));
    desk.refuse(&am, "schedule", "", ends_first, "422 period_ends_first /periodTo").await?;
    let other = with("chair", json!(am.user));
    desk.refuse(&am, "schedule", "", other, "422 chair_is_not_top_management").await?;
    let id = desk.make(&am, "schedule", review(&world)).await?;
    desk.refuse(&world.as_(Role::Sys), "mark_overdue", &id, json!({}), "409 not_overdue").await?;
    desk.refuse(&tm, "hold", &id, minutes("a"), "409 inputs_missing").await?;
    desk.does(&am, "freeze_inputs", &id, json!({ "inputs": INPUTS[..6] })).await?;
    desk.refuse(&tm, "hold", &id, minutes("a"), "409 inputs_missing").await?;
    let frozen = am.at("2024-09-30T09:00:00Z");
    desk.does(&frozen, "freeze_inputs", &id, json!({ "inputs": INPUTS[6..] })).await?;
    let decided = |name: &str| {
        let mut input = decision(&world, "d1");
        input.as_object_mut().unwrap().remove(name);
        input
    };
    let expected = "422 decision_without_owner /owner";
    desk.refuse(&tm, "record_decision", &id, decided("owner"), expected).await?;
    let expected = "422 decision_without_due /due";
    desk.refuse(&tm, "record_decision", &id, decided("due"), expected).await?;
    let mut held = minutes("a");
    held["heldOn"] = json!("2024-10-31");
    desk.refuse(&tm, "hold", &id, held.clone(), "422 held_in_future /heldOn").await?;
    held["heldOn"] = json!("2024-09-29");
    desk.refuse(&tm, "hold", &id, held, "422 held_before_inputs /heldOn").await?;
    desk.does(&tm, "record_decision", &id, decision(&world, "d1")).await?;
    desk.does(&tm, "hold", &id, minutes("a")).await?;
    desk.refuse(&am, "freeze_inputs", &id, json!({}), "409 wrong_status").await?;
    let twice = decision(&world, "d1");
    desk.refuse(&tm, "record_decision", &id, twice, "409 decision_exists /key").await?;
    let done = |key: &str| json!({ "decision": key });
    desk.refuse(&ro, "complete_decision", &id, done("d9"), "422 unknown_decision /decision").await?;
    let so = world.as_(Role::So);
    let expected = "422 not_decision_owner /decision";
    desk.refuse(&so, "complete_decision", &id, done("d1"), expected).await?;
    desk.refuse(&am, "close_actions", &id, json!({}), "409 decisions_open").await?;
    for n in 2..=60 {
        let more = decision(&world, &format!("d{n}"));
        desk.does(&tm, "record_decision", &id, more).await?;
    }
    let more = decision(&world, "d61");
    desk.refuse(&tm, "record_decision", &id, more, "409 too_many_decisions").await?;
    desk.refuse_corrections(&am, &id, "title").await?;
    desk.all_but(&[]);
});
