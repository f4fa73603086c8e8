//! Questions and commands over HTTP.

use super::*;

const DRAFT: &str = r#"mutation ($input: ScopeDraftInput!) { scopeDraft(input: $input) {
    scope { id currentId version scopeVersion status statement activities orgUnits
            exclusions { key what reason } authors { id name userId } authorsIds }
    version position events { type actor { id role via member { name } } }
    replayed
    refusal { __typename ... on DomainRefusal { code }
      ... on InvalidInput { errors { pointer code } } }
} }"#;

fn draft() -> Value {
    json!({"input": {
        "statement": "AI for credit decisions", "activities": ["PROVIDE"], "orgUnits": ["Lab"],
        "sites": [], "systemsIn": [], "interfaces": [],
        "exclusions": [{"what": "Payroll", "reason": "No AI there"}],
    }})
}

#[actix_web::test]
async fn a_scope_is_drafted_and_read_as_of_each_point() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let made = world.ask(&am, DRAFT, draft()).await.data();
    let made = &made["scopeDraft"];
    assert_eq!(made["refusal"], Value::Null, "{made}");
    let scope = &made["scope"];
    assert_eq!(scope["statement"], "AI for credit decisions");
    assert_eq!(scope["exclusions"][0]["reason"], "No AI there");
    assert_eq!(scope["authors"][0]["name"], "Member 1");
    assert_eq!(scope["status"], "DRAFT");
    assert_eq!(made["events"][0]["actor"]["member"]["name"], "Member 1");
    let id = scope["id"].as_str().unwrap();
    let position = made["position"].as_str().unwrap();

    let query = "query ($p: Position!, $b: Position!) {
        now: aims { resolved { position recordedAt settled simulated } scope { id } }
        then: aims(asOf: {position: $p}) { scope { id currentId
            history { type version recordedAt reason late data patch subject { id } }
            blame(path: \"/exclusions\") { type } asOf(point: {position: $b}) { id }
            atVersion(version: 1) { id version } effectiveVersion { id } } }
        before: aims(asOf: {position: $b}) { scope { id }
            memberships { totalCount nodes { id name } } }
    }";
    let before = (position.parse::<u64>().unwrap() - 1).to_string();
    let data = world.ask(&am, query, json!({"p": position, "b": before})).await.data();
    assert_eq!(data["now"]["scope"]["id"], id);
    assert_eq!(data["then"]["scope"]["id"], format!("{id}@{position}"));
    assert_eq!(data["then"]["scope"]["currentId"], id);
    assert_eq!(data["then"]["scope"]["asOf"], Value::Null);
    assert_eq!(data["then"]["scope"]["blame"]["type"], "scope.drafted");
    assert_eq!(
        data["then"]["scope"]["history"][0]["data"]["content"]["statement"],
        "AI for credit decisions"
    );
    assert_eq!(data["before"]["scope"], Value::Null);
    assert_eq!(data["before"]["memberships"]["totalCount"], 1);

    let node = "query ($a: ID!, $b: ID!) {
        a: node(id: $a) { id __typename } b: node(id: $b) { id ... on Scope { status } } }";
    let ids = json!({"a": id, "b": format!("{id}@{position}")});
    let data = world.ask(&am, node, ids).await.data();
    assert_eq!(data["a"], json!({"id": id, "__typename": "Scope"}));
    assert_eq!(data["b"], json!({"id": format!("{id}@{position}"), "status": "DRAFT"}));
}

/// Parties, each with three requirements that a member answers for.
async fn parties(world: &World, am: &str, count: u128) -> String {
    let register = "mutation ($name: String!) {
        interestedPartyRegister(input: {name: $name, kind: SUPPLIER}) {
        position interestedParty { id } refusal { __typename } } }";
    let require = "mutation ($a: InterestedPartyRegisterRequirementInput!) {
        interestedPartyRegisterRequirement(input: $a) {
            version position refusal { __typename } } }";
    let adopt = "mutation ($a: InterestedPartyAdoptRequirementInput!) {
        interestedPartyAdoptRequirement(input: $a) { position
          refusal { __typename ... on DomainRefusal { code message }
            ... on InvalidInput { errors { pointer code } } } } }";
    let mut position = String::new();
    for n in 0..count {
        let made = world.ask(am, register, json!({"name": format!("Party {n:03}")})).await.data();
        let id = made["interestedPartyRegister"]["interestedParty"]["id"].clone();
        for key in ["a", "b", "c"] {
            let input = json!({"id": id, "key": key, "text": format!("requirement {key} of {n}"),
                "source": "CONTRACT"});
            let made = world.ask(am, require, json!({"a": input})).await.data();
            assert_eq!(
                made["interestedPartyRegisterRequirement"]["refusal"],
                Value::Null,
                "{made}"
            );
            let owner = encode("usr", n % 5 + 10);
            let input = json!({"id": id, "requirement": key, "owner": owner});
            let made = world.ask(am, adopt, json!({"a": input})).await.data();
            let payload = &made["interestedPartyAdoptRequirement"];
            assert_eq!(payload["refusal"], Value::Null, "{made}");
            position = payload["position"].as_str().unwrap().to_owned();
        }
    }
    position
}

const LIST: &str = "query ($first: Int, $after: String) { aims {
    interestedParties(first: $first, after: $after, orderBy: [{field: NAME, direction: DESC}]) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { id name kind status requirements { key text status owner { id name } } } } } }";

#[actix_web::test]
async fn a_list_of_fifty_takes_a_handful_of_queries() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    for bits in 10..15 {
        world.member(bits, &["RO"]).await;
    }
    parties(&world, &am, 53).await;
    let page = world.ask(&am, LIST, json!({"first": 50})).await;
    eprintln!("{}", page.body["extensions"]);
    let data = page.data();
    let list = &data["aims"]["interestedParties"];
    assert_eq!(list["totalCount"], 53);
    assert_eq!(list["pageInfo"]["hasNextPage"], true);
    assert_eq!(list["nodes"].as_array().unwrap().len(), 50);
    assert_eq!(list["nodes"][0]["name"], "Party 052");
    assert_eq!(list["nodes"][0]["requirements"][2]["text"], "requirement c of 52");
    assert_eq!(list["nodes"][0]["requirements"][2]["owner"]["name"], "Member 12");
    // The texts, the owners and their names, however many parties there are.
    assert_eq!(world.fetches(&am, LIST, json!({"first": 50})).await, 3);
    let after = list["pageInfo"]["endCursor"].clone();
    let data = world.ask(&am, LIST, json!({"first": 50, "after": after})).await.data();
    let names: Vec<_> = data["aims"]["interestedParties"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["Party 002", "Party 001", "Party 000"]);
    let (began, rounds) = (Instant::now(), 50);
    for _ in 0..rounds {
        world.fetches(&am, LIST, json!({"first": 50})).await;
    }
    eprintln!("a list of 50 in {:?}", began.elapsed() / rounds);
}

#[actix_web::test]
async fn lists_are_filtered_searched_and_checked() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    for bits in 10..15 {
        world.member(bits, &["RO"]).await;
    }
    parties(&world, &am, 6).await;
    let count = async |filter: Value, search: Option<&str>| {
        let query = "query ($f: InterestedPartyFilter, $s: String) {
            aims { interestedParties(filter: $f, search: $s) { totalCount } } }";
        let data = world.ask(&am, query, json!({"f": filter, "s": search})).await.data();
        data["aims"]["interestedParties"]["totalCount"].as_u64().unwrap()
    };
    assert_eq!(count(json!({"kind": {"eq": "SUPPLIER"}}), None).await, 6);
    assert_eq!(count(json!({"kind": {"in": ["CUSTOMER"]}}), None).await, 0);
    assert_eq!(count(json!({"name": {"gte": "Party 004"}}), None).await, 2);
    assert_eq!(count(json!({"not": {"name": {"startsWith": "Party 00"}}}), None).await, 0);
    let owner = json!({"requirements": {"ownerId": {"eq": encode("usr", 10)}}});
    assert_eq!(count(owner, None).await, 2);
    let either = json!({"or": [{"name": {"eq": "Party 001"}}, {"name": {"contains": "3"}}]});
    assert_eq!(count(either, Some("PARTY")).await, 2);

    for (arguments, code) in [
        ("first: 101", "invalid_query first out_of_range"),
        ("first: -1", "invalid_query first out_of_range"),
        ("after: \"x\"", "bad_cursor after bad_cursor"),
        ("filter: {text: {eq: \"x\"}}", "invalid_query"),
        ("last: 5", "invalid_query"),
        ("orderBy: {field: STATUSS}", "invalid_query"),
    ] {
        let query = format!("{{ aims {{ interestedParties({arguments}) {{ totalCount }} }} }}");
        let answer = world.ask(&am, &query, Value::Null).await;
        let mut words = code.split(' ');
        assert_eq!(words.next(), Some(answer.code()), "{arguments}: {}", answer.body);
        let wrong = &answer.body["errors"][0]["extensions"]["errors"][0];
        let found = [wrong["argument"].as_str(), wrong["code"].as_str()];
        let wanted = [words.next(), words.next()];
        assert_eq!(found, wanted, "{arguments}: {}", answer.body);
        assert_eq!(answer.body["errors"].as_array().unwrap().len(), 1, "{}", answer.body);
        if code != "invalid_query" {
            let path = json!(["aims", "interestedParties"]);
            assert_eq!(answer.body["errors"][0]["path"], path, "{}", answer.body);
            assert_eq!(answer.body["data"], Value::Null);
        }
    }
}

#[actix_web::test]
async fn a_refusal_is_data_and_the_rest_are_errors() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let tm = world.member(2, &["TM"]).await;
    let made = world.ask(&am, DRAFT, draft()).await.data();
    let id = made["scopeDraft"]["scope"]["id"].clone();
    let submit =
        "mutation ($id: ID!) { scopeSubmit(input: {id: $id}) { version refusal { __typename } } }";
    let data = world.ask(&am, submit, json!({"id": id})).await.data();
    assert_eq!(data["scopeSubmit"]["version"], 2, "{data}");
    let approve =
        "mutation ($id: ID!, $v: Int!) { scopeApprove(input: {id: $id, expectedVersion: $v}) {
        version scope { id } events { id } refusal { __typename
          ... on DomainRefusal { code message rule pointer }
          ... on VersionConflict { id expected actual since { type version } }
          ... on InvalidInput { errors { pointer code message } } } } }";
    let data = world.ask(&tm, approve, json!({"id": id, "v": 2})).await.data();
    let refusal = &data["scopeApprove"]["refusal"];
    assert_eq!(refusal["code"], "scope.no_context_issue", "{data}");
    assert_eq!(refusal["rule"], "ISO/IEC 42001 4.1");
    assert_eq!(data["scopeApprove"]["events"], json!([]));
    let data = world.ask(&tm, approve, json!({"id": id, "v": 1})).await.data();
    let since = json!([{"type": "scope.submitted", "version": 2}]);
    assert_eq!(
        data["scopeApprove"]["refusal"],
        json!({"__typename": "VersionConflict", "id": id,
        "expected": 1, "actual": 2, "since": since})
    );
    let blank = json!({"input": {"statement": " ", "activities": []}});
    let data = world.ask(&am, DRAFT, blank).await.data();
    let errors = &data["scopeDraft"]["refusal"]["errors"];
    assert_eq!(errors[0], json!({"pointer": "/statement", "code": "blank"}), "{data}");

    let answer = world.ask(&am, approve, json!({"id": id, "v": 2})).await;
    assert_eq!(answer.code(), "forbidden");
    assert_eq!(answer.body["data"], json!({"scopeApprove": null}));
    assert_eq!(answer.body["errors"][0]["path"], json!(["scopeApprove"]));
    let missing = format!("scp_{}", "0".repeat(26));
    let answer = world.ask(&tm, approve, json!({"id": missing, "v": 2})).await;
    assert_eq!(answer.code(), "not_found", "{}", answer.body);
    let future = "{ aims(asOf: {position: 10000}) { scope { id } } }";
    assert_eq!(world.ask(&am, future, Value::Null).await.code(), "in_the_future");
}

#[actix_web::test]
async fn an_idempotency_key_gives_the_same_answer_again() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let mut input = draft();
    input["input"]["idempotencyKey"] = json!("k1");
    let first = world.ask(&am, DRAFT, input.clone()).await.data();
    let again = world.ask(&am, DRAFT, input.clone()).await.data();
    assert_eq!(again["scopeDraft"]["replayed"], true, "{again}");
    assert_eq!(again["scopeDraft"]["events"], first["scopeDraft"]["events"]);
    input["input"]["statement"] = json!("another");
    assert_eq!(world.ask(&am, DRAFT, input).await.code(), "idempotency_key_reused");
}

#[actix_web::test]
async fn a_failing_field_takes_along_no_more_than_it_must() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    world.ask(&am, DRAFT, draft()).await.data();
    let query = "{ viewer { tenant } aims { a: scope { id } b: scope { id ...F }
        memberships { nodes { id blame(path: \"x\") { id } } } } }
        fragment F on Scope { old: history(first: 1000) { id } }";
    let answer = world.ask(&am, query, Value::Null).await;
    let data = &answer.body["data"];
    assert!(data["aims"]["a"]["id"].is_string(), "{}", answer.body);
    assert_eq!(data["aims"]["b"], Value::Null, "{}", answer.body);
    assert_eq!(data["aims"]["memberships"]["nodes"][0]["blame"], Value::Null);
    let mut paths: Vec<_> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["path"].to_string())
        .collect();
    paths.sort();
    assert_eq!(paths, [r#"["aims","b","old"]"#, r#"["aims","memberships","nodes",0,"blame"]"#]);
    let query = "{ viewer { id } aims { memberships(first: 1000) { nodes { id } } } }";
    assert_eq!(world.ask(&am, query, Value::Null).await.body["data"], Value::Null);
}

#[actix_web::test]
async fn who_reads_nothing_is_told_so_and_a_simulated_clock_is_set_by_header() {
    let world = World::simulated().await;
    let am = world.member(1, &["AM"]).await;
    let machine = world.token("rea_test");
    let answer =
        world.ask(&machine, "{ aims { scope { id } events { nodes { id } } } }", Value::Null).await;
    assert_eq!(answer.code(), "forbidden");
    let nothing = json!({"aims": {"scope": null, "events": {"nodes": []}}});
    assert_eq!(answer.body["data"], nothing, "{}", answer.body);
    let body = json!({"query": DRAFT, "variables": draft()});
    let request = TestRequest::post().uri("/graphql").set_json(body);
    let request = request.insert_header(("authorization", format!("Bearer {am}")));
    let at = "2999-07-01T09:00:00.000000Z";
    let data = world.call(request.insert_header(("annals-clock", at))).await.data();
    assert_eq!(data["scopeDraft"]["refusal"], Value::Null, "{data}");
    let query = "{ viewer { id roles simulated } aims { resolved { recordedAt simulated } } }";
    let data = world.ask(&am, query, Value::Null).await.data();
    assert_eq!(data["aims"]["resolved"], json!({"recordedAt": at, "simulated": true}));
    assert_eq!(data["viewer"]["roles"], json!(["AM", "EMP"]));
}

#[actix_web::test]
async fn queries_run_on_a_runtime_that_is_given() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut world = World::new().await;
    world.graphql = GraphQl::new(world.gateway.clone(), Some(runtime.handle().clone()));
    let am = world.member(1, &["AM"]).await;
    let data =
        world.ask(&am, "{ viewer { tenant } aims { memberships { totalCount } } }", Value::Null);
    assert_eq!(data.await.data()["aims"]["memberships"]["totalCount"], 1);
    runtime.shutdown_background();
}
