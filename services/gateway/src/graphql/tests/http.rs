//! GraphQL over HTTP: media types, statuses, caching, limits.

use super::*;

const GRAPHQL: &str = "application/graphql-response+json";
const TYPENAME: &str = "{ __typename }";

fn get(token: &str, query: &str) -> TestRequest {
    let mut uri = String::from("/graphql?query=");
    for byte in query.bytes() {
        uri.push_str(&format!("%{byte:02X}"));
    }
    let request = TestRequest::get().uri(&uri).insert_header(("accept", GRAPHQL));
    request.insert_header(("authorization", format!("Bearer {token}")))
}

fn post(token: &str, body: impl Into<String>) -> TestRequest {
    let request = TestRequest::post().uri("/graphql").set_payload(body.into());
    request.insert_header(("authorization", format!("Bearer {token}")))
}

#[actix_web::test]
async fn shapes_and_statuses_are_those_of_the_specification() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let json_post =
        |body: &str| post(&am, body).insert_header(("content-type", "application/json"));
    let fine = json!({"query": TYPENAME}).to_string();
    let answer = world.call(json_post(&fine)).await;
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert!(answer.header("annals-request-id").starts_with("req_"));
    assert_eq!(answer.data(), json!({"__typename": "Query"}));
    assert_eq!(
        world.call(get(&am, TYPENAME)).await.header("content-type"),
        format!("{GRAPHQL}; charset=utf-8")
    );

    let status = async |request: TestRequest| world.call(request).await.status.as_u16();
    assert_eq!(status(post(&am, fine.clone())).await, 415);
    assert_eq!(
        status(post(&am, fine.clone()).insert_header(("content-type", "text/plain"))).await,
        415
    );
    assert_eq!(status(json_post(&fine).insert_header(("accept", "text/html"))).await, 406);
    for wrong in [
        "",
        "{",
        "[]",
        "7",
        "{}",
        r#"{"query": 7}"#,
        r#"{"query": "{a}", "variables": "x"}"#,
        r#"{"query": "{a}", "operationName": {}}"#,
        r#"{"query": "{a}", "extensions": []}"#,
    ] {
        assert_eq!(status(json_post(wrong)).await, 400, "{wrong}");
    }
    assert_eq!(status(json_post(&format!("[{fine}]"))).await, 400);
    let nulls = json!({"query": TYPENAME, "variables": null, "operationName": null});
    assert_eq!(status(json_post(&nulls.to_string())).await, 200);
    assert_eq!(status(TestRequest::delete().uri("/graphql")).await, 405);

    for query in ["{", "{ nothing }", "{ aims }"] {
        let body = json!({"query": query}).to_string();
        let answer = world.call(json_post(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.body.get("data")), (200, None), "{query}");
        let answer = world.call(json_post(&body).insert_header(("accept", GRAPHQL))).await;
        assert_eq!((answer.status.as_u16(), answer.body.get("data")), (400, None), "{query}");
    }
    let mutation = "mutation { scopeSubmit(input: {id: \"a\"}) { version } }";
    let answer = world.call(get(&am, mutation)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (405, "method_not_allowed"));
    let answer = world.call(get("nonsense", TYPENAME)).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (401, "invalid_token"));
    assert!(answer.header("www-authenticate").contains("invalid_token"), "{}", answer.body);
    let page = world.call(TestRequest::get().uri("/graphql/explorer")).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
}

#[actix_web::test]
async fn settled_answers_are_kept_for_ever_and_others_never() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let past = "{ aims(asOf: {position: 1}) { memberships { nodes { id name } } } }";
    let answer = world.call(get(&am, past)).await;
    assert_eq!(answer.header("cache-control"), "private, immutable, max-age=31536000");
    let tag = answer.header("etag").to_owned();
    world.member(2, &["RO"]).await;
    let again = world.call(get(&am, past).insert_header(("if-none-match", tag.clone()))).await;
    assert_eq!((again.status.as_u16(), again.header("etag")), (304, tag.as_str()));
    for now in [
        "{ aims { memberships { totalCount } } }",
        "{ aims(asOf: null) { resolved { position } } }",
        "{ aims(asOf: {position: 1}) { resolved { position } } viewer { id } }",
        "{ aims(asOf: {position: 1}) { memberships { nodes {
            asOf(point: {time: \"2999-01-01T00:00:00Z\"}) { id } } } } }",
    ] {
        let answer = world.call(get(&am, now)).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{now}: {}", answer.body);
        assert_eq!(answer.header("etag"), "");
    }
}

#[actix_web::test]
async fn what_asks_for_too_much_is_not_executed() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let deep = format!(
        "{{ aims {{ scope {}{{ id }}{} }} }}",
        "{ atVersion(version: 1) ".repeat(12),
        " }".repeat(12)
    );
    let dear = "{ aims { documents(first: 100) { nodes {
        acknowledgements(first: 100) { nodes { id user { id email } } } } } } }";
    let aliases: String = (0..51).map(|n| format!("a{n}: __typename ")).collect();
    let directives = "@include(if: true) ".repeat(21);
    for (query, code) in [
        (deep, "query_too_deep"),
        (dear.to_owned(), "query_too_expensive"),
        (format!("{{ {aliases} }}"), "too_many_aliases"),
        (format!("{{ __typename {directives} }}"), "too_many_directives"),
        (
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".into(),
            "fragment_cycle",
        ),
        (
            "{ aims(asOf: {position: 1, position: 2}) { scope { id } } }".into(),
            "duplicate_input_field",
        ),
        ("query A { __typename } query B { __typename }".into(), "unknown_operation"),
    ] {
        let answer = world.ask(&am, &query, Value::Null).await;
        assert_eq!(
            (answer.code(), answer.status.as_u16()),
            (code, 400),
            "{query}: {}",
            answer.body
        );
    }
    let answer = world.ask(&am, "{ aimz { id } }", Value::Null).await;
    assert!(!answer.body.to_string().contains("aims"), "{}", answer.body);
    let schema = include_str!("introspection.graphql");
    let data = world.ask(&am, schema, Value::Null).await.data();
    assert!(data["__schema"]["types"].as_array().unwrap().len() > 100);
}

#[actix_web::test]
async fn ten_thousand_measurements_fit_into_one_request() {
    let world = World::new().await;
    let ops = world.member(1, &["OPS"]).await;
    let point = json!({
        "metric": "m".repeat(64), "at": "2025-03-31T12:34:56.123456+00:00",
        "value": "-999999999999.999999", "n": u32::MAX,
    });
    let ingest =
        "mutation($input: MonitorIngestInput!) { monitorIngest(input: $input) { version } }";
    let input = json!({ "id": encode("mon", 1), "points": vec![point; 10_000] });
    let answer = world.ask(&ops, ingest, json!({ "input": input })).await;
    assert_eq!(answer.code(), "not_found", "{}", answer.body);
    let large = json!({ "query": TYPENAME, "variables": { "a": "x".repeat(2 << 20) } }).to_string();
    let large = post(&ops, large).insert_header(("content-type", "application/json"));
    assert_eq!(world.call(large).await.status, 413);
}
