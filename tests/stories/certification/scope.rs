//! Which part of the records an engagement opens: services, systems, and what is withheld; and what
//! is nobody's business outside.

use annals_tests::{Client, story};
use kernel::Role;
use serde_json::json;

use super::house::{House, WITHIN, party, risk};
use crate::desk::Desk;
use crate::given;

async fn count(who: &Client, plural: &str) -> anyhow::Result<usize> {
    let list = who.get(&format!("/v1/{plural}?limit=100&total=true")).await?.ok();
    let shown = list["data"].as_array().unwrap().len();
    assert_eq!(list["total"], shown, "{plural}");
    Ok(shown)
}

story!(an_engagement_opens_its_services_and_systems, world => {
    let house = House::opened(&world).await?;
    let (one, two) = (
        given::system(&world, "CreditLens", false).await?,
        given::system(&world, "DocExtract", false).await?,
    );
    let (ours, theirs) = (risk(&world, "Unfair", &one).await?, risk(&world, "Leaks", &two).await?);
    let plan = crate::risk::plan(&world, &theirs).await?;
    party(&world, "Applicants", "2024-08-01T09:00:00Z").await?;

    // By service.
    let risks = house.engaged(json!({ "scope": { "services": ["risk"] } })).await?;
    let helen = house.helen(&risks)?;
    assert_eq!(count(&helen, "risks").await?, 2);
    for plural in ["interested-parties", "ai-systems", "memberships", "organisations"] {
        helen.get(&format!("/v1/{plural}")).await?.problem(403, "engagement_forbids");
    }
    let query = "{ aims { risks { totalCount nodes { title systems { id } } } } }";
    let answer = helen.graphql(query, json!({})).await?;
    assert_eq!(answer.json["errors"][0]["extensions"]["code"], "engagement_forbids", "{}", answer.text);
    let types = helen.get("/v1/events?limit=100").await?.ok();
    for event in types["data"].as_array().unwrap() {
        let kind = event["kind"].as_str().unwrap();
        assert!(["risk", "treatment_plan", "auditor_engagement"].contains(&kind), "{event}");
    }

    // By system: what is about another system is not there, what is about none is.
    let systems = house.engaged(json!({ "scope": { "systems": [one] } })).await?;
    let helen = house.helen(&systems)?;
    assert_eq!(count(&helen, "ai-systems").await?, 1);
    assert_eq!(count(&helen, "risks").await?, 1);
    // The plan is about the other system by way of its risk.
    assert_eq!(count(&helen, "treatment-plans").await?, 0);
    assert_eq!(count(&helen, "interested-parties").await?, 1);
    for (plural, id) in [("ai-systems", &two), ("risks", &theirs), ("treatment-plans", &plan)] {
        for tail in ["", "/history", "?asOf=20"] {
            let path = format!("/v1/{plural}/{id}{tail}");
            helen.get(&path).await?.problem(404, "not_found");
        }
        let answer = helen.graphql("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await?;
        assert!(answer.json["data"]["node"].is_null(), "{}", answer.text);
    }
    let feed = helen.get("/v1/events?limit=100").await?;
    assert!(feed.text.contains(&ours), "{}", feed.text);
    assert!(!feed.text.contains(&theirs) && !feed.text.contains(&plan), "{}", feed.text);
    // Nor is it a sample, nor what a note is about.
    let sample = helen.post("/v1/samples", &json!({ "object": theirs })).await?;
    let problem = sample.problem(422, "invalid_input");
    assert_eq!(problem["errors"][0]["code"], "unknown_reference");
    let missing = json!({ "object": kernel::id::encode("risk", 1) });
    let other = helen.post("/v1/samples", &missing).await?.problem(422, "invalid_input");
    assert_eq!(other["errors"][0]["code"], problem["errors"][0]["code"]);
    helen.post("/v1/samples", &json!({ "object": ours })).await?.created();
});

story!(what_is_withheld_is_not_there, world => {
    let house = House::opened(&world).await?;
    let system = given::system(&world, "CreditLens", false).await?;
    let (open, closed) = (risk(&world, "Open", &system).await?, risk(&world, "Closed", &system).await?);
    let evidence = given::evidence(&world, 7).await?;
    let party = party(&world, "Applicants", "2024-08-01T09:00:00Z").await?;
    let redactions = json!([
        { "object": closed, "reason": "A settlement in confidence." },
        { "objectKind": "interested_party", "reason": "Names of customers." },
    ]);
    let engagement = house.engaged(json!({ "redactions": redactions })).await?;
    let helen = house.helen(&engagement)?;
    assert_eq!(count(&helen, "risks").await?, 1);
    helen.get(&format!("/v1/risks/{open}")).await?.ok();
    for path in ["", "/history", "?asOf=2024-08-04T00:00:00Z"] {
        helen.get(&format!("/v1/risks/{closed}{path}")).await?.problem(404, "not_found");
    }
    helen.get("/v1/interested-parties").await?.problem(403, "engagement_forbids");
    helen.get(&format!("/v1/interested-parties/{party}")).await?.problem(403, "engagement_forbids");
    let query = "query($id: ID!) { aims { risks { totalCount nodes { id } } risk(id: $id) { id } } }";
    let data = helen.graphql(query, json!({ "id": closed })).await?.data();
    assert_eq!(data["aims"]["risks"], json!({ "totalCount": 1, "nodes": [{ "id": open }] }));
    assert!(data["aims"]["risk"].is_null());
    let feed = helen.get("/v1/events?limit=100").await?.ok();
    let objects: Vec<_> = feed["data"].as_array().unwrap().iter().map(|event| &event["object"]).collect();
    assert!(objects.contains(&&json!(open)) && !objects.contains(&&json!(closed)), "{feed}");
    // That something is withheld, and why, she sees.
    let shown = helen.get(&format!("/v1/auditor-engagements/{engagement}")).await?.ok();
    let shown = shown["redactions"].to_string();
    assert!(shown.contains("A settlement in confidence.") && shown.contains(&closed), "{shown}");

    // What is worked out from records is shown where all of them are.
    let coverage = "/v1/catalogues/iso42001-2023/coverage";
    helen.get(coverage).await?.ok();
    let desk = Desk::of(&world, "auditor_engagement");
    let hide = json!({ "object": evidence, "reason": "A trade secret." });
    desk.does(&world.as_(Role::Tm).at(WITHIN), "redact", &engagement, hide).await?;
    helen.get(coverage).await?.problem(403, "engagement_forbids");
    let query = "{ aims { coverage(catalogue: \"iso42001-2023\") { title } } }";
    let answer = helen.graphql(query, json!({})).await?;
    assert_eq!(answer.json["errors"][0]["extensions"]["code"], "engagement_forbids", "{}", answer.text);
    helen.get(&format!("/v1/evidence/{evidence}/content")).await?.problem(404, "not_found");
    // It counts at once, and so does showing it again.
    let engagement_now = desk.shown(&engagement, "").await?;
    let redactions = engagement_now["redactions"].as_object().unwrap();
    let key = redactions.iter().find(|(_, one)| one["object"] == json!(closed)).unwrap().0;
    let lift = json!({ "key": key, "reason": "It is settled." });
    desk.does(&world.as_(Role::Tm), "lift_redaction", &engagement, lift).await?;
    helen.get(&format!("/v1/risks/{closed}")).await?.ok();
});

story!(people_have_names_and_no_addresses, world => {
    let house = House::opened(&world).await?;
    let user = event_store::store::new_id("usr")?;
    let grant = json!({ "user": user, "name": "Priya Nair", "email": "priya@halden.example", "roles": ["AM"] });
    let adm = Desk::of(&world, "membership");
    let id = adm.make(&world.as_(Role::Adm), "grant", grant).await?;
    let engagement = house.engaged(json!({})).await?;
    let helen = house.helen(&engagement)?;
    let shown = helen.get(&format!("/v1/memberships/{id}")).await?;
    assert!(!shown.text.contains("priya@"), "{}", shown.text);
    let shown = shown.ok();
    assert_eq!((&shown["name"], &shown["email"]), (&json!("Priya Nair"), &json!({ "withheld": true })));
    for path in ["/v1/memberships?limit=100".to_owned(), format!("/v1/memberships/{id}/history"),
        "/v1/events?limit=100".to_owned()] {
        let answer = helen.get(&path).await?;
        assert!(answer.text.contains("Priya Nair"), "{path}");
        assert!(!answer.text.contains("priya@") && !answer.text.contains("ada@"), "{path}: {}", answer.text);
    }
    let query = "query($id: ID!) { aims { membership(id: $id) { name email \
                 history { data patch } } } }";
    let answer = helen.graphql(query, json!({ "id": id })).await?;
    assert!(!answer.text.contains("priya@"), "{}", answer.text);
    let data = answer.data();
    assert_eq!(data["aims"]["membership"]["name"], "Priya Nair");
    assert!(data["aims"]["membership"]["email"].is_null());
    // A member sees it.
    let member = world.as_(Role::Emp).get(&format!("/v1/memberships/{id}")).await?.ok();
    assert_eq!(member["email"], "priya@halden.example");
    // Nobody audits the organisation and is a member of it.
    let grant = json!({ "user": house.helen, "name": "Helen Okafor", "roles": [] });
    let answer = adm.rest(&world.as_(Role::Adm), "grant", "", &grant).await?;
    answer.problem(409, "membership.engaged_auditor");
});
