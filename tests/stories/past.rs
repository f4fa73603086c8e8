//! Asking about the past.

use std::collections::BTreeMap;

use annals_tests::story;
use event_store::AsOf;
use kernel::{Position, Role};
use serde_json::{Value, json};

use crate::scope::submitted;

story!(a_question_is_answered_as_of_its_time, world => {
    let (id, version) = submitted(&world).await?;
    let tm = world.as_(Role::Tm).at("2024-07-22T09:00:00Z");
    tm.post_seen(&format!("/v1/scopes/{id}/approve"), version, &json!({})).await?.ok();
    let emp = world.as_(Role::Emp);
    let status = |as_of: &str| {
        let (emp, path) = (emp.clone(), format!("/v1/scopes/{id}?asOf={as_of}"));
        async move { emp.get(&path).await }
    };
    status("2024-07-08T08:59:59Z").await?.problem(404, "not_found");
    // Exactly at an event's time: included.
    assert_eq!(status("2024-07-08T09:00:00Z").await?.ok()["status"], "draft");
    assert_eq!(status("2024-07-10T09:00:00Z").await?.ok()["status"], "in_review");
    assert_eq!(status("2024-07-22T08:59:59.999999Z").await?.ok()["status"], "in_review");
    assert_eq!(status("2024-07-22T11:00:00%2B02:00").await?.ok()["status"], "approved");

    let past = status("2024-07-10T09:00:00Z").await?;
    let etag = past.headers["etag"].clone();
    assert!(!etag.starts_with("W/"), "{etag}");
    assert!(past.headers["cache-control"].contains("immutable"), "{:?}", past.headers);
    assert_eq!(past.headers["annals-simulated"], "true");
    let path = format!("/v1/scopes/{id}?asOf=2024-07-10T09:00:00Z");
    let again = emp.with("If-None-Match", &etag).get(&path).await?;
    assert_eq!(again.status.as_u16(), 304);
    let now = emp.get(&format!("/v1/scopes/{id}")).await?;
    assert!(!now.headers["cache-control"].contains("immutable"));
    let same = emp.with("If-None-Match", &now.headers["etag"]).get(&format!("/v1/scopes/{id}")).await?;
    assert_eq!(same.status.as_u16(), 304);
});

story!(graphql_answers_wholly_as_of_one_point, world => {
    let (id, version) = submitted(&world).await?;
    let tm = world.as_(Role::Tm).at("2024-07-22T09:00:00Z");
    tm.post_seen(&format!("/v1/scopes/{id}/approve"), version, &json!({})).await?.ok();
    let emp = world.as_(Role::Emp);
    let query = "query($asOf: AsOf) { aims(asOf: $asOf) {
        resolved { position settled simulated }
        scope { id currentId status statement history { type actor { role member { name } } } } } }";
    let past = json!({ "asOf": { "time": "2024-07-10T12:00:00Z" } });
    let answer = emp.graphql(query, past.clone()).await?;
    let first = answer.text.clone();
    assert!(answer.headers["cache-control"].contains("immutable"), "{:?}", answer.headers);
    let data = answer.data();
    let scope = &data["aims"]["scope"];
    assert_eq!(scope["status"], "IN_REVIEW");
    assert_eq!(scope["currentId"], json!(id));
    let position = data["aims"]["resolved"]["position"].as_str().unwrap();
    assert_eq!(scope["id"], json!(format!("{id}@{position}")));
    assert_eq!(scope["history"].as_array().unwrap().len(), 3);
    assert_eq!(scope["history"][2]["actor"]["member"]["name"], "The AM");
    assert_eq!(data["aims"]["resolved"]["simulated"], true);

    let node = "query($id: ID!) { node(id: $id) { id ... on Scope { status } } }";
    let data = emp.graphql(node, json!({ "id": scope["id"] })).await?.data();
    assert_eq!(data["node"]["status"], "IN_REVIEW");
    let data = emp.graphql(node, json!({ "id": id })).await?.data();
    assert_eq!(data["node"]["status"], "APPROVED");

    // The same question about the same point gives the same bytes, whatever happened since.
    let party = json!({ "name": "Applicants", "kind": "affected_person" });
    world.as_(Role::Am).at("2024-08-01T00:00:00Z").post("/v1/interested-parties", &party).await?.created();
    assert_eq!(emp.graphql(query, past).await?.text, first);
});

story!(pages_stay_stable_under_writes, world => {
    let am = world.as_(Role::Am);
    for n in 0..7 {
        let party = json!({ "name": format!("Party {n}"), "kind": "customer" });
        let at = format!("2024-07-0{}T00:00:00Z", n + 2);
        am.at(&at).post("/v1/interested-parties", &party).await?.created();
    }
    let path = "/v1/interested-parties?sort=-name&limit=3";
    let page = am.get(path).await?.ok();
    let names = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().into()).collect()
    };
    assert_eq!(names(&page), ["Party 6", "Party 5", "Party 4"]);
    let party = json!({ "name": "Party 39", "kind": "customer" });
    am.at("2024-08-01T00:00:00Z").post("/v1/interested-parties", &party).await?.created();
    let next = format!("{path}&cursor={}", page["next"].as_str().unwrap());
    let page = am.get(&next).await?.ok();
    assert_eq!(names(&page), ["Party 3", "Party 2", "Party 1"]);
    let path = "/v1/interested-parties?filter[name][startsWith]=Party%203&filter[kind]=customer";
    assert_eq!(names(&am.get(path).await?.ok()), ["Party 3", "Party 39"]);
});

story!(
    /// The law of time travel: as of every position, every document is the fold of the events up to
    /// it; and a rebuild gives the same documents.
    as_of_every_position_is_the_fold_of_the_prefix, world => {
    let (id, version) = submitted(&world).await?;
    let tm = world.as_(Role::Tm).at("2024-07-22T09:00:00Z");
    tm.post_seen(&format!("/v1/scopes/{id}/approve"), version, &json!({})).await?.ok();
    let log = world.app.store.log(&world.tenant);
    let head = log.resolve(AsOf::Now).await?.position;
    let events = log.events(Position::START, head, 10_000).await?;
    let mut folded: BTreeMap<String, Value> = BTreeMap::new();
    for event in &events {
        let kind = world.registry().named(&event.row.kind).unwrap();
        let before = folded.get(&event.row.stream).cloned().unwrap_or_default();
        let data = event.payload["data"].clone();
        let after = kind.fold(&before, &event.row.name, event.header.schema.data, data);
        folded.insert(event.row.stream.clone(), after.unwrap());
        let ids: Vec<_> = folded.keys().cloned().collect();
        let documents = log.documents(&ids, event.row.position).await?;
        for (id, document) in ids.iter().zip(documents) {
            assert_eq!(*document.unwrap().body, folded[id], "{id} as of {}", event.row.position);
        }
    }
    let before = event_store::verify::check(&log, &**world.registry()).await?;
    assert!(before.problems.is_empty(), "{:?}", before.problems);
    assert!(before.documents >= before.events);
    event_store::verify::rebuild(&log).await?;
    let after = event_store::verify::check(&log, &**world.registry()).await?;
    assert!(after.problems.is_empty(), "{:?}", after.problems);
    assert_eq!((before.documents, before.root), (after.documents, after.root));
});
