//! Trainings: planned, held, judged, run out; and who reads of whom.

use annals_tests::{Client, World, story};
use kernel::Role;
use kernel::id::encode;
use serde_json::{Value, json};

use super::{listed, nodes};
use crate::desk::Desk;
use crate::given;

/// A person's training in AI literacy.
pub fn training(world: &World, person: Role) -> Value {
    json!({
        "person": world.as_(person).user, "basis": "training", "course": "AI literacy",
        "audience": "All", "competences": { "ai-literacy": { "level": "basic" } },
        "plannedOn": "2024-07-15",
    })
}

fn with(mut input: Value, more: Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

async fn planned(world: &World, person: Role, more: Value) -> anyhow::Result<String> {
    let desk = Desk::of(world, "training_record");
    desk.make(&world.as_(Role::Am), "plan", with(training(world, person), more)).await
}

story!(a_training_is_planned_held_judged_and_runs_out, world => {
    let desk = Desk::of(&world, "training_record");
    let (am, so) = (world.as_(Role::Am), world.as_(Role::So));
    let led = json!({ "lineManager": so.user });
    let id = planned(&world, Role::Dev, led).await?;
    let move_to = json!({ "plannedOn": "2024-07-20", "reason": "The trainer is ill." });
    desk.does(&so, "reschedule", &id, move_to).await?;
    let proof = given::evidence(&world, 1).await?;
    let shown = json!({ "completedOn": "2024-07-20", "validUntil": "2025-07-19", "evidence": [proof] });
    let held = so.at("2024-07-20T15:00:00Z");
    let payload = desk.mutates(&held, "complete", &id, &shown, "
        status completedOn person competences { key level } evidence { filename }").await?;
    assert_eq!(payload["events"][0]["type"], "training_record.training_completed");
    let object = &payload["trainingRecord"];
    assert_eq!(object["person"], json!(world.as_(Role::Dev).user));
    assert_eq!(object["evidence"][0]["filename"], "report-1.pdf");
    let judged = json!({ "effective": true, "method": "A quiz a month later." });
    let done = desk.does(&world.as_(Role::Aud), "verify_effect", &id, judged).await?;
    assert_eq!(done["object"]["status"], "effectiveness_verified");
    let late = world.as_(Role::Sys).at("2025-07-20T00:00:00Z");
    let done = desk.does(&late, "expire", &id, json!({})).await?;
    assert_eq!(done["events"][0]["type"], "training_record.competence_expired");
    let name = json!({ "corrects": 1, "reason": "x", "set": { "audience": "Developers" } });
    desk.does(&am, "correct", &id, name).await?;
    // Whom he leads he plans for from then on.
    let next = with(training(&world, Role::Dev), json!({ "course": "AI literacy, again" }));
    let next = desk.make(&so, "plan", next).await?;
    let failed = desk.does(&so, "fail", &next, json!({ "reason": "Absent." })).await?;
    assert_eq!(failed["object"]["status"], "failed");
    let useless = planned(&world, Role::Dev, json!({})).await?;
    let shown = json!({ "completedOn": "2025-07-19", "evidence": [given::evidence(&world, 2).await?] });
    desk.does(&am, "complete", &useless, shown).await?;
    let judged = json!({ "effective": false, "method": "A quiz." });
    let done = desk.does(&am, "verify_effect", &useless, judged).await?;
    assert_eq!(done["events"][0]["type"], "training_record.training_found_ineffective");
});

/// What a person finds of these records, in every way there is: lists, objects, histories, the log,
/// by REST and GraphQL.
async fn finds(who: &Client, all: &[&String], own: &[&String]) -> anyhow::Result<()> {
    let mut wanted: Vec<_> = own.iter().map(|id| (*id).clone()).collect();
    wanted.sort();
    assert_eq!(listed(who, "/v1/training-records?sort=id").await?, wanted);
    let counted = who.get("/v1/training-records?total=true").await?.ok();
    assert_eq!(counted["total"], json!(wanted.len()));
    let query = "{ aims { trainingRecords { totalCount nodes { id } } } }";
    let mut found = nodes(who, query, "/aims/trainingRecords").await?;
    found.sort();
    assert_eq!(found, wanted);
    let feed = who.get("/v1/events?limit=100&type=training_record.training_planned").await?.ok();
    let mut told: Vec<_> = feed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["object"].as_str().unwrap().to_owned())
        .collect();
    told.sort();
    assert_eq!(told, wanted);
    let query = "{ aims { events(first: 100) { nodes { type } } } }";
    let log = who.graphql(query, json!(null)).await?.data();
    let log = log["aims"]["events"]["nodes"].as_array().unwrap().clone();
    let planned = log.iter().filter(|event| event["type"] == "training_record.training_planned");
    assert_eq!(planned.count(), wanted.len());
    for id in all {
        let is_own = own.contains(id);
        let path = format!("/v1/training-records/{id}");
        for path in [path.clone(), format!("{path}/history")] {
            let status = who.get(&path).await?.status.as_u16();
            assert_eq!(status, if is_own { 200 } else { 404 }, "{path}");
        }
        let query =
            "query($id: ID!) { node(id: $id) { id } aims { trainingRecord(id: $id) { id } } }";
        let data = who.graphql(query, json!({ "id": id })).await?.data();
        assert_eq!(data["node"].is_null(), !is_own, "{data}");
        assert_eq!(data["aims"]["trainingRecord"].is_null(), !is_own, "{data}");
    }
    Ok(())
}

story!(members_read_their_own_trainings_and_those_of_whom_they_lead, world => {
    let dev = planned(&world, Role::Dev, json!({ "lineManager": world.as_(Role::So).user })).await?;
    let val = planned(&world, Role::Val, json!({})).await?;
    let all = [&dev, &val];
    finds(&world.as_(Role::Dev), &all, &[&dev]).await?;
    finds(&world.as_(Role::Val), &all, &[&val]).await?;
    finds(&world.as_(Role::So), &all, &[&dev]).await?;
    finds(&world.as_(Role::Emp), &all, &[]).await?;
    for role in [Role::Am, Role::Tm, Role::Adm, Role::Aud, Role::Dpo] {
        finds(&world.as_(role), &all, &all).await?;
    }
    // No filter reaches further, and the list of a stranger is his own.
    let of_val = format!("/v1/training-records?filter[person]={}", world.as_(Role::Val).user);
    assert_eq!(listed(&world.as_(Role::Dev), &of_val).await?, Vec::<String>::new());
    assert_eq!(listed(&world.stranger_as(Role::Am), "/v1/training-records").await?, Vec::<String>::new());
    // Nor does a command of somebody who may not read the record tell of it.
    let proof = given::evidence(&world, 1).await?;
    let shown = json!({ "completedOn": "2024-07-01", "evidence": [proof] });
    let desk = Desk::of(&world, "training_record");
    let olga = desk.timed(&world.as_(Role::Ro)).await?;
    let path = format!("/v1/training-records/{val}/fail");
    let problem = olga.post_seen(&path, 0, &json!({ "reason": "x" })).await?.problem(412, "version_mismatch");
    assert_eq!(problem.get("since"), None, "{problem}");
    desk.does(&world.as_(Role::Am), "complete", &val, shown).await?;
});

story!(what_is_refused_of_trainings, world => {
    let mut desk = Desk::of(&world, "training_record");
    let (am, so, sys) = (world.as_(Role::Am), world.as_(Role::So), world.as_(Role::Sys));
    let plain = || training(&world, Role::Dev);
    desk.refuse(&so, "plan", "", plain(), "422 not_line_manager").await?;
    let outside = json!({ "person": encode("usr", 77) });
    desk.refuse(&am, "plan", "", with(plain(), outside.clone()), "422 name_missing /personName").await?;
    let named = with(outside, json!({ "personName": "Tim Temp" }));
    desk.make(&am, "plan", with(plain(), named)).await?;
    desk.refuse(&am, "plan", "", with(plain(), json!({ "personName": "Sara" })),
        "422 name_of_member /personName").await?;
    let own = json!({ "lineManager": world.as_(Role::Dev).user });
    desk.refuse(&am, "plan", "", with(plain(), own), "422 own_manager /lineManager").await?;
    let id = desk.make(&am, "plan", plain()).await?;
    let proof = given::evidence(&world, 1).await?;
    let shown = |more: Value| with(json!({ "completedOn": "2024-07-01", "evidence": [proof] }), more);
    desk.refuse(&am, "complete", &id, shown(json!({ "evidence": [] })),
        "422 without_evidence /evidence").await?;
    desk.refuse(&am, "complete", &id, shown(json!({ "completedOn": "2030-01-01" })),
        "422 in_the_future /completedOn").await?;
    desk.refuse(&am, "complete", &id, shown(json!({ "validUntil": "2024-06-30" })),
        "422 ends_before_it_begins /validUntil").await?;
    let law = json!({ "title": "AI literacy", "level": "basic", "regulated": true });
    let profile = json!({ "role": "EMP", "required": { "ai-literacy": law } });
    Desk::of(&world, "competence_profile").make(&am, "define", profile).await?;
    desk.refuse(&am, "complete", &id, shown(json!({})), "422 no_end_of_validity /validUntil").await?;
    let mut degree = with(plain(), shown(json!({ "validUntil": "2024-12-31", "competences": {} })));
    degree.as_object_mut().unwrap().remove("plannedOn");
    desk.refuse(&am, "record_competence", "", degree, "422 gives_nothing /competences").await?;
    desk.refuse(&sys, "expire", &id, json!({}), "409 wrong_status").await?;
    desk.does(&am, "complete", &id, shown(json!({ "validUntil": "2024-12-31" }))).await?;
    let judged = json!({ "effective": true, "method": "A quiz." });
    let dev = world.as_(Role::Dev);
    desk.refuse(&dev, "verify_effect", &id, judged, "422 own_effect").await?;
    desk.refuse(&sys, "expire", &id, json!({}), "409 still_valid").await?;
    let endless = with(plain(), json!({ "competences": { "bias": { "level": "basic" } } }));
    let endless = desk.make(&am, "plan", endless).await?;
    desk.does(&am, "complete", &endless, shown(json!({}))).await?;
    desk.refuse(&sys, "expire", &endless, json!({}), "409 has_no_end").await?;
    desk.refuse_corrections(&am, &id, "course").await?;
    let late = sys.at("2024-10-01T00:00:00Z");
    Desk::of(&world, "evidence").does(&late, "go_stale", &proof, json!({})).await?;
    let next = desk.make(&am, "plan", plain()).await?;
    desk.refuse(&am, "complete", &next, shown(json!({ "validUntil": "2024-12-31" })),
        "422 evidence_not_good /evidence/0").await?;
    desk.all_but(&[]);
});
