//! Who answers for what: proposed, assigned, left and followed.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given;

/// The post of whom validates, held by this person.
pub fn post(world: &World, responsibility: &str, holder: Role) -> Value {
    json!({
        "process": "Verification and validation", "role": "Validator", "aimsRole": "VAL",
        "responsibility": responsibility, "isKey": false,
        "holder": world.as_(holder).user, "validFrom": "2024-07-01",
    })
}

fn with(mut input: Value, more: Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

fn why() -> Value {
    json!({ "reason": "He left the company." })
}

story!(a_key_role_is_proposed_assigned_left_and_followed, world => {
    let desk = Desk::of(&world, "role_assignment");
    let (am, tm, sys) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Sys));
    let id = desk.make(&am, "propose", post(&world, "accountable", Role::Val)).await?;
    let payload = desk.mutates(&tm, "assign", &id, &json!({}), "
        status isKey responsibility holder { name } assignedBy { name }").await?;
    assert_eq!(payload["events"][0]["type"], "role_assignment.role_assigned");
    let object = &payload["roleAssignment"];
    assert_eq!(object["holder"]["name"], "The VAL");
    assert_eq!(object["assignedBy"]["name"], "The TM");
    assert_eq!((&object["isKey"], &object["status"]), (&json!(true), &json!("ACTIVE")));

    // He leaves: the post stays, and that it is vacant is reported after a month.
    let done = desk.does(&am, "end", &id, why()).await?;
    assert_eq!(done["object"]["status"], "vacant");
    assert_eq!(done["object"]["holder"], Value::Null);
    let late = sys.at("2024-08-15T09:00:00Z");
    let done = desk.does(&late, "fall_vacant", &id, json!({})).await?;
    assert_eq!(done["events"][0]["type"], "role_assignment.accountable_role_vacant");
    let again = desk.does(&late.at("2024-08-16T09:00:00Z"), "fall_vacant", &id, json!({})).await?;
    assert_eq!(again["events"], json!([]));

    // Who follows does so by a planned change.
    let affected = json!({ "roles": ["Validator"], "scope": false, "criteria": false });
    let change = given::aims_change(&world, affected).await?;
    let next = json!({ "holder": world.as_(Role::Val).user, "validFrom": "2024-08-20",
        "aimsChange": change });
    desk.does(&am, "propose_successor", &id, next).await?;
    desk.does(&tm, "assign", &id, json!({})).await?;
    let now = desk.read(&id, "", "status vacantSince holder { name } aimsChange { title }").await?;
    assert_eq!((&now["status"], &now["vacantSince"]), (&json!("ACTIVE"), &Value::Null));
    let was = desk.shown(&id, "?asOf=2024-08-15T09:00:00Z").await?;
    assert_eq!(was["status"], "vacant");
    assert_eq!(desk.events(&id).await?, [
        "role_assignment.proposed", "role_assignment.role_assigned", "role_assignment.ended",
        "role_assignment.accountable_role_vacant", "role_assignment.proposed",
        "role_assignment.role_assigned",
    ]);
});

/// A profile of validators that nobody meets.
async fn demanding(world: &World) -> anyhow::Result<()> {
    let bias = json!({ "title": "Bias testing", "level": "skilled", "regulated": false });
    let input = json!({ "role": "Validator", "required": { "bias": bias } });
    Desk::of(world, "competence_profile").make(&world.as_(Role::Am), "define", input).await?;
    Ok(())
}

story!(what_is_refused_of_roles, world => {
    let mut desk = Desk::of(&world, "role_assignment");
    let (am, tm, sys) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Sys));
    let key = || post(&world, "accountable", Role::Val);
    let plain = || post(&world, "informed", Role::Val);
    desk.refuse(&am, "propose", "", with(key(), json!({ "process": null })),
        "422 not_one_item /process").await?;
    desk.refuse(&am, "propose", "", post(&world, "informed", Role::Ro),
        "422 holder_lacks_role /holder").await?;
    let twice = with(plain(), json!({ "deputy": world.as_(Role::Val).user }));
    desk.refuse(&am, "propose", "", twice, "422 deputy_is_holder /deputy").await?;
    let over = with(plain(), json!({ "validTo": "2024-06-30" }));
    desk.refuse(&am, "propose", "", over, "422 period_has_ended /validTo").await?;
    let admin = world.as_(Role::Adm);
    Desk::of(&world, "membership").does(&admin, "revoke", &world.membership(Role::Ops), why()).await?;
    let gone = with(post(&world, "informed", Role::Ops), json!({ "aimsRole": "OPS" }));
    desk.refuse(&am, "propose", "", gone, "422 holder_not_member /holder").await?;

    let id = desk.make(&am, "propose", key()).await?;
    desk.refuse(&am, "propose", "", key(), "409 another_is_accountable").await?;
    desk.refuse(&am, "assign", &id, json!({}), "422 not_top_management").await?;
    desk.refuse(&am, "end", &id, with(why(), json!({ "on": "2030-01-01" })),
        "422 in_the_future /on").await?;
    desk.refuse_corrections(&am, &id, "authority").await?;
    desk.does(&tm, "assign", &id, json!({})).await?;
    desk.refuse(&sys, "fall_vacant", &id, json!({}), "409 nothing_vacant").await?;
    let next = json!({ "holder": world.as_(Role::Val).user, "validFrom": "2024-07-02" });
    desk.refuse(&am, "propose_successor", &id, next.clone(), "409 wrong_status").await?;
    desk.does(&am, "end", &id, why()).await?;
    desk.refuse(&sys, "fall_vacant", &id, json!({}), "409 not_vacant_long").await?;
    desk.refuse(&am, "propose_successor", &id, next.clone(), "422 no_aims_change /aimsChange").await?;
    let affected = json!({ "roles": ["Developer"], "scope": false, "criteria": false });
    let other = given::aims_change(&world, affected).await?;
    let next = with(next, json!({ "aimsChange": other }));
    desk.refuse(&am, "propose_successor", &id, next, "409 aims_change_not_approved /aimsChange").await?;

    let system = given::system(&world, "CreditLens", true).await?;
    let of_system = json!({ "process": null, "system": system, "role": "Owner", "aimsRole": null,
        "responsibility": "accountable" });
    let owner = desk.make(&tm, "propose", with(key(), of_system)).await?;
    desk.refuse(&tm, "assign", &owner, json!({}), "422 assigner_is_proposer").await?;
    let ended = with(why(), json!({ "itemEnded": true }));
    desk.refuse(&am, "end", &owner, ended, "409 system_lives /itemEnded").await?;

    demanding(&world).await?;
    desk.refuse(&am, "propose", "", plain(), "422 lacks_competence /holder").await?;
    let waived = |until: &str| {
        with(plain(), json!({ "waiver": { "until": until, "reason": "A course in autumn." } }))
    };
    desk.refuse(&am, "propose", "", waived("2026-01-01"), "422 waiver_out_of_range /waiver/until").await?;
    let lacking = desk.make(&am, "propose", waived("2024-09-30")).await?;
    let done = desk.does(&am, "assign", &lacking, json!({})).await?;
    assert_eq!(done["object"]["lacking"], json!(["bias"]));
    desk.refuse(&sys, "end_waiver", &lacking, json!({}), "409 waiver_runs").await?;
    let after = sys.at("2024-10-01T00:00:00Z");
    let done = desk.does(&after, "end_waiver", &lacking, json!({})).await?;
    assert_eq!(done["events"][0]["type"], "role_assignment.waiver_ended");
    desk.all_but(&[]);
});

story!(a_trained_person_may_hold_a_role_that_demands_it, world => {
    let desk = Desk::of(&world, "role_assignment");
    let am = world.as_(Role::Am);
    demanding(&world).await?;
    let proof = given::evidence(&world, 1).await?;
    let input = json!({
        "person": world.as_(Role::Val).user, "basis": "experience", "course": "Ten years of testing",
        "competences": { "bias": { "level": "expert" } }, "completedOn": "2024-07-01",
        "evidence": [proof],
    });
    let record = Desk::of(&world, "training_record").make(&am, "record_competence", input).await?;
    let id = desk.make(&am, "propose", post(&world, "responsible", Role::Val)).await?;
    let payload = desk.mutates(&am, "assign", &id, &json!({}), "
        judged { profiles { revision profile { role } } proofs { id } }").await?;
    let judged = &payload["roleAssignment"]["judged"];
    assert_eq!(judged["profiles"], json!([{ "revision": 1, "profile": { "role": "Validator" } }]));
    assert_eq!(judged["proofs"], json!([{ "id": record }]));
});

story!(what_is_refused_of_competence_profiles, world => {
    let mut desk = Desk::of(&world, "competence_profile");
    let am = world.as_(Role::Am);
    let bias = |level: &str| json!({ "bias": { "title": "Bias testing", "level": level, "regulated": true } });
    let define = |role: &str| json!({ "role": role, "required": bias("basic") });
    desk.refuse(&am, "define", "", json!({ "role": "Tester", "required": {} }),
        "422 demands_nothing /required").await?;
    let id = desk.make(&am, "define", define("Tester")).await?;
    desk.refuse(&am, "define", "", define("TESTER"), "409 has_profile /role").await?;
    let done = desk.does(&am, "redefine", &id, json!({ "required": bias("expert") })).await?;
    assert_eq!(done["object"]["revision"], 2);
    let read = desk.read(&id, "", "role required { key level regulated }").await?;
    assert_eq!(read["required"], json!([{ "key": "bias", "level": "EXPERT", "regulated": true }]));
    desk.refuse_corrections(&am, &id, "note").await?;
    desk.does(&am, "retire", &id, json!({ "reason": "The role is gone." })).await?;
    desk.refuse(&am, "redefine", &id, json!({ "required": bias("basic") }), "409 is_retired").await?;
    desk.make(&am, "define", define("tester")).await?;
    desk.all_but(&[]);
});
