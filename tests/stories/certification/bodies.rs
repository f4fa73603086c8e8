//! A certification body in the installation's log: set up by the operator alone.

use annals_tests::{Answer, World, story};
use kernel::Role;
use serde_json::{Value, json};

use super::house::{House, accreditation, operator};

/// The refusal of a body's command: status, code and pointer.
#[track_caller]
fn refused(world: &World, answer: Answer, expected: &str) {
    let words: Vec<_> = expected.split(' ').collect();
    let declared = world.registry().named("certification_body").unwrap().decl();
    let declared = declared.refusals.iter().find(|one| one.code == words[1]).unwrap();
    assert_eq!(declared.conflict, words[0] == "409", "{expected}");
    let (status, text) = (words[0].parse().unwrap(), answer.text.clone());
    let problem = answer.problem(status, &format!("certification_body.{}", words[1]));
    assert_eq!(problem["rule"].as_str(), declared.rule, "{text}");
    let pointer = problem["errors"][0]["pointer"].as_str();
    assert_eq!(pointer, words.get(2).copied(), "{text}");
}

fn with(name: &str, value: Value) -> Value {
    let mut input = accreditation();
    input[name] = value;
    input
}

story!(the_operator_knows_certification_bodies, world => {
    let house = House::opened(&world).await?;
    let operator = operator(&world)?;
    let path = format!("/v1/certification-bodies/{}", house.body);
    let body = operator.get(&path).await?.ok();
    assert_eq!(body["status"], "accredited");
    assert_eq!(body["people"][&house.helen]["name"], "Helen Okafor");
    assert_eq!(body["people"][&house.miriam]["role"], "decision_maker");
    // By GraphQL too, and the texts are sealed at rest.
    let query = "query($id: ID!) { aims { certificationBody(id: $id) { name status \
                 people { key name role } } } }";
    let data = operator.graphql(query, json!({ "id": house.body })).await?.data();
    assert_eq!(data["aims"]["certificationBody"]["people"].as_array().unwrap().len(), 3);
    let log = world.app.store.log(&identity::tenant::platform());
    let stored = log.newest(&house.body).await?.unwrap();
    assert!(!stored.body.to_string().contains("Okafor"), "{}", stored.body);

    // The organisations know no bodies of their own, and do not look at the installation's.
    let adm = world.as_(Role::Adm).at("2024-07-03T09:00:00Z");
    let rules = json!({ "ncReplyDays": 60, "majorFixDays": 90, "minorPlanOk": true });
    let own = json!({ "name": "Ours", "rules": rules });
    let own = adm.post("/v1/certification-bodies", &own).await?;
    refused(&world, own, "409 not_the_platform");
    adm.get(&path).await?.problem(404, "not_found");
    world.as_(Role::Tm).get(&path).await?.problem(403, "forbidden");
});

story!(what_the_operator_may_not_do_with_a_body, world => {
    let house = House::opened(&world).await?;
    let gives = async |verb: &str, input: Value, expected: &str| {
        refused(&world, house.operates(verb, &input).await?, expected);
        anyhow::Ok(())
    };
    let scope = |lines: &[&str]| with("scope", json!(lines));
    let accredit = "record-accreditation";
    for lines in [["ISO/IEC 42001", "ISO/IEC 42006"], ["ISO/IEC 17021-1", "ISO/IEC 42006"]] {
        gives(accredit, scope(&lines), "422 scope_lacks_standard /scope").await?;
    }
    let over = with("validUntil", json!("2024-12-31"));
    gives(accredit, over, "422 has_run_out /validUntil").await?;
    let rules = json!({ "rules": { "ncReplyDays": 60, "majorFixDays": 185, "minorPlanOk": true } });
    gives("change-rules", rules, "422 rule_out_of_range /rules/majorFixDays").await?;
    let both = json!({
        "user": house.helen, "name": "Helen Okafor", "role": "decision_maker", "competences": [],
    });
    gives("add-person", both, "409 holds_other_role").await?;
    let nobody = event_store::store::new_id("usr")?;
    let end = json!({ "user": nobody, "reason": "She left." });
    gives("end-person", end, "422 not_of_the_body /user").await?;
    let client = world.tenant.to_string();
    let early = json!({ "user": house.helen, "client": client, "declaredOn": "2400-01-01" });
    gives("declare-impartiality", early, "422 in_the_future /declaredOn").await?;

    // Timers speak when an accreditation has run out, not before.
    let sys = world.client(&identity::tenant::platform(), "rea_timer")?;
    let lapse = format!("/v1/certification-bodies/{}/lapse-accreditation", house.body);
    refused(&world, sys.post(&lapse, &json!({})).await?, "409 still_holds");
    let rules = json!({ "ncReplyDays": 60, "majorFixDays": 90, "minorPlanOk": true });
    let bare = json!({ "name": "Bare Ltd", "rules": rules });
    let bare = operator(&world)?.post("/v1/certification-bodies", &bare).await?.created();
    let lapse = format!(
        "/v1/certification-bodies/{}/lapse-accreditation",
        bare["id"].as_str().unwrap()
    );
    refused(&world, sys.post(&lapse, &json!({})).await?, "409 not_accredited");

    // So much fits into the record of a body.
    for n in 0..47 {
        house.adds(&kernel::id::encode("usr", 900 + n), "Somebody", "auditor").await?;
    }
    let more = json!({ "user": nobody, "name": "More", "role": "auditor", "competences": [] });
    gives("add-person", more, "409 too_many").await?;
    let correct = |set: Value| json!({ "corrects": 1, "reason": "A slip.", "set": set });
    house.operates("correct", &correct(json!({ "name": "CertNova B.V." }))).await?.ok();
    let status = correct(json!({ "status": "lapsed" }));
    gives("correct", status, "422 not_correctable /set/status").await?;

    // The same through GraphQL.
    let query = "mutation($input: CertificationBodyEndPersonInput!) { \
                 certificationBodyEndPerson(input: $input) { refusal { \
                 ... on DomainRefusal { code pointer } } } }";
    let input = json!({ "id": house.body, "user": nobody, "reason": "She left." });
    let data = operator(&world)?.graphql(query, json!({ "input": input })).await?.data();
    let refusal = &data["certificationBodyEndPerson"]["refusal"];
    assert_eq!(*refusal, json!({ "code": "certification_body.not_of_the_body", "pointer": "/user" }));
});
