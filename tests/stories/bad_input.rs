//! Bad input gets a typed answer that says what is wrong and where.

use annals_tests::story;
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scope::{draft, submitted};

fn pointers(problem: &Value) -> Vec<(String, String)> {
    let errors = problem["errors"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

story!(bodies_that_are_no_input, world => {
    let am = world.as_(Role::Am).at("2024-07-08T09:00:00Z");
    let send = |media: &'static str, body: &str| {
        let (am, body) = (am.clone(), body.as_bytes().to_vec());
        async move { am.send(Method::POST, "/v1/scopes", Some((media, body))).await }
    };
    send("application/json", "{\"statement\": ").await?.problem(400, "malformed_json");
    send("application/json", "[1]").await?.problem(400, "malformed_json");
    send("application/json", "{\"statement\": \"a\", \"statement\": \"b\"}").await?
        .problem(400, "malformed_json");
    send("application/json", "{\"statement\": 0.5}").await?.problem(400, "malformed_json");
    send("application/json", "\u{feff}{}").await?.problem(400, "malformed_json");
    send("text/plain", "{}").await?.problem(415, "unsupported_media_type");
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(200), "]".repeat(200));
    send("application/json", &deep).await?.problem(400, "malformed_json");
    let huge = format!("{{\"statement\": \"{}\"}}", "x".repeat(2 << 20));
    send("application/json", &huge).await?.problem(413, "too_large");
});

story!(every_fault_of_an_input_is_told_with_its_place, world => {
    let am = world.as_(Role::Am).at("2024-07-08T09:00:00Z");
    let input = json!({
        "statement": "x".repeat(10_001), "activities": ["develop", "destroy"], "sites": "Utrecht",
        "colour": "red", "systemsIn": ["risk_00000000000000000000000000"],
        "exclusions": [{ "what": "a\u{7}b" }], "effectiveAt": "yesterday",
    });
    let problem = am.post("/v1/scopes", &input).await?.problem(422, "invalid_input");
    let wanted = [
        ("/colour", "unknown_field"), ("/statement", "too_long"), ("/activities/1", "not_a_word"),
        ("/sites", "wrong_type"), ("/systemsIn/0", "malformed"),
        ("/exclusions/0/what", "forbidden_character"), ("/effectiveAt", "malformed"),
    ];
    assert_eq!(pointers(&problem), wanted.map(|(at, code)| (at.to_owned(), code.to_owned())));
    let sealed = json!({ "statement": { "sealed": "0".repeat(64) } });
    let problem = am.post("/v1/scopes", &sealed).await?.problem(422, "invalid_input");
    assert_eq!(pointers(&problem)[0].1, "wrong_type");
});

story!(grounds_must_exist_and_time_must_have_come, world => {
    let am = world.as_(Role::Am).at("2024-07-08T09:00:00Z");
    let mut input = draft();
    input["evidence"] = json!(["evd_00000000000000000000000000"]);
    let problem = am.post("/v1/scopes", &input).await?.problem(422, "invalid_input");
    assert_eq!(pointers(&problem)[0], ("/evidence/0".into(), "unknown_reference".into()));
    let mut input = draft();
    input["effectiveAt"] = json!("2024-07-09T00:00:00Z");
    let problem = am.post("/v1/scopes", &input).await?.problem(422, "invalid_input");
    assert_eq!(pointers(&problem)[0], ("/effectiveAt".into(), "in_the_future".into()));
});

story!(places_that_do_not_exist, world => {
    let am = world.as_(Role::Am).at("2024-07-12T09:00:00Z");
    let (id, _) = submitted(&world).await?;
    am.get("/v1/unicorns").await?.problem(404, "not_found");
    am.get("/v1/scopes/scp_00000000000000000000000000").await?.problem(404, "not_found");
    am.get("/v1/scopes/nonsense").await?.problem(404, "not_found");
    am.get(&format!("/v1/documents/{id}")).await?.problem(404, "not_found");
    am.post(&format!("/v1/scopes/{id}/burn"), &json!({})).await?.problem(404, "not_found");
    let answer = am.send(Method::DELETE, &format!("/v1/scopes/{id}"), None).await?;
    assert!(answer.headers["allow"].contains("GET"), "{:?}", answer.headers);
    answer.problem(405, "method_not_allowed");
    am.get("/v1/scopes?colour=red").await?.problem(400, "invalid_query");
    am.get("/v1/scopes?filter[colour]=red").await?.problem(400, "invalid_query");
    am.get("/v1/scopes?filter[statement]=x").await?.problem(400, "invalid_query");
    am.get("/v1/scopes?sort=statement").await?.problem(400, "invalid_query");
    am.get("/v1/scopes?limit=0").await?.problem(400, "invalid_query");
    am.get("/v1/scopes?limit=101").await?.problem(400, "invalid_query");
    am.get("/v1/scopes?cursor=abc").await?.problem(400, "bad_cursor");
    am.get("/v1/scopes?asOf=tomorrow").await?.problem(400, "invalid_query");
    am.get("/v1/scopes?asOf=999999").await?.problem(422, "in_the_future");
    am.get("/v1/scopes?asOf=2999-01-01T00:00:00Z").await?.problem(422, "in_the_future");
});

story!(transitions_that_cannot_be, world => {
    let (id, version) = submitted(&world).await?;
    let am = world.as_(Role::Am).at("2024-07-12T09:00:00Z");
    let path = |verb: &str| format!("/v1/scopes/{id}/{verb}");
    am.post(&path("submit"), &json!({})).await?.problem(409, "scope.not_in_draft");
    am.post(&path("redraft"), &draft()).await?.problem(409, "scope.not_in_draft");
    let tm = world.as_(Role::Tm).at("2024-07-22T09:00:00Z");
    tm.post_seen(&path("approve"), version, &json!({})).await?.ok();
    tm.post_seen(&path("approve"), version + 1, &json!({})).await?
        .problem(409, "scope.not_in_review");
    tm.post(&path("reject"), &json!({ "reason": "late" })).await?.problem(409, "scope.not_in_review");
});

story!(clocks_are_set_only_where_they_are_simulated_and_never_back, world => {
    submitted(&world).await?;
    let party = json!({ "name": "Applicants", "kind": "affected_person" });
    let am = world.as_(Role::Am);
    am.at("2024-07-09T00:00:00Z").post("/v1/interested-parties", &party).await?
        .problem(422, "clock_refused");
    am.at("noon").post("/v1/interested-parties", &party).await?.problem(400, "invalid_header");
    let platform = identity::tenant::platform();
    let operator = identity::tenant::first_administrator(&platform);
    let operator = world.client(&platform, operator.as_str())?.at("2024-07-09T00:00:00Z");
    operator.post("/v1/tenants", &json!({
        "legalName": "x", "dataRegion": "eu", "administrator": { "name": "y" },
    })).await?.problem(422, "clock_refused");
});

async fn code(client: &annals_tests::Client, query: &str) -> anyhow::Result<String> {
    let answer = client.graphql(query, json!({})).await?;
    let code = &answer.json["errors"][0]["extensions"]["code"];
    anyhow::ensure!(code.is_string(), "{}", answer.text);
    Ok(code.as_str().unwrap_or_default().to_owned())
}

story!(graphql_questions_that_are_too_much_or_none, world => {
    let emp = world.as_(Role::Emp);
    assert_eq!(code(&emp, "{ aims { ").await?, "malformed_query");
    assert_eq!(code(&emp, "{ unicorns }").await?, "invalid_query");
    assert_eq!(code(&emp, "{ aims(asOf: {position: \"99999\"}) { scope { id } } }").await?, "in_the_future");
    let deep = format!("{{ aims {}{} }}", "{ scope { asOf(point: {position: \"1\"}) ".repeat(8), "{ id }".to_owned() + &"} }".repeat(8));
    assert_eq!(code(&emp, &deep).await?, "query_too_deep");
    let many: String = (0..60).map(|n| format!("a{n}: viewer {{ id }} ")).collect();
    assert_eq!(code(&emp, &format!("{{ {many} }}")).await?, "too_many_aliases");
    let wide = "{ aims { memberships(first: 100) { nodes { history(first: 100) { id } } } } }";
    let nested = wide.replace("{ id }", "{ id actor { member { history(first: 100) { id } } } }");
    assert_eq!(code(&emp, &nested).await?, "query_too_expensive");
    let huge = format!("{{ viewer {{ id }} }} #{}", "x".repeat(70_000));
    assert_eq!(code(&emp, &huge).await?, "query_too_large");
    let answer = emp.post("/graphql", &json!([{ "query": "{ viewer { id } }" }])).await?;
    assert_eq!(answer.status.as_u16(), 400, "{}", answer.text);
    let body = ("text/plain", b"{ viewer { id } }".to_vec());
    let answer = emp.send(Method::POST, "/graphql", Some(body)).await?;
    assert_eq!(answer.status.as_u16(), 415, "{}", answer.text);
    let path = "/graphql?query=mutation%20%7B%20x%20%7D";
    assert_eq!(emp.get(path).await?.status.as_u16(), 405);
});

story!(graphql_mutations_refuse_as_data, world => {
    submitted(&world).await?;
    let am = world.as_(Role::Am).at("2024-07-12T09:00:00Z");
    let scope = am.graphql("{ aims { scope { id version } } }", json!({})).await?.data();
    let id = scope["aims"]["scope"]["id"].clone();
    let query = "mutation($id: ID!) { scopeSubmit(input: {id: $id}) {
        scope { status } refusal { __typename ... on DomainRefusal { code rule } } } }";
    let data = am.graphql(query, json!({ "id": id })).await?.data();
    let refusal = &data["scopeSubmit"]["refusal"];
    assert_eq!(refusal["__typename"], "DomainRefusal");
    assert_eq!(refusal["code"], "scope.not_in_draft");
    let query = "mutation($id: ID!) { scopeApprove(input: {id: $id, expectedVersion: 3}) {
        version scope { status effective { version approvedBy { name } } } refusal { __typename } } }";
    let answer = am.graphql(query, json!({ "id": id })).await?;
    assert_eq!(answer.json["errors"][0]["extensions"]["code"], "forbidden", "{}", answer.text);
    let tm = world.as_(Role::Tm).at("2024-07-22T09:00:00Z");
    let data = tm.graphql(query, json!({ "id": id })).await?.data();
    assert_eq!(data["scopeApprove"]["scope"]["status"], "APPROVED");
    assert_eq!(data["scopeApprove"]["scope"]["effective"]["approvedBy"]["name"], "The TM");
    let data = tm.graphql(query, json!({ "id": id })).await?.data();
    assert_eq!(data["scopeApprove"]["refusal"]["__typename"], "VersionConflict");
});
