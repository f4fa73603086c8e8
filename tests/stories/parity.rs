//! The same wrong request, put to REST and to GraphQL, is answered with the same code.

use annals_tests::{Answer, Client, World, story};
use kernel::Role;
use kernel::id::encode;
use reqwest::Method;
use serde_json::{Value, json};

use crate::certification::house::{House, WITHIN, party, risk};
use crate::desk::Desk;
use crate::given;

/// A wrong request, on both surfaces.
struct Same {
    cause: &'static str,
    who: Client,
    /// Path, and a body where it is a command.
    rest: (String, Option<Value>),
    /// The question and its variables.
    graphql: (String, Value),
    /// HTTP status and code of REST. Whoever is not let in has the status in GraphQL too.
    expected: (u16, &'static str),
}

/// A question of both.
fn asks(
    who: &Client,
    path: &str,
    query: &str,
) -> (Client, (String, Option<Value>), (String, Value)) {
    (who.clone(), (path.to_owned(), None), (query.to_owned(), json!({})))
}

/// A command of both: a mutation's input is REST's, in its own spelling.
fn commands(
    who: &Client,
    (path, body): (&str, Value),
    (mutation, input): (&str, Value),
) -> (Client, (String, Option<Value>), (String, Value)) {
    let ty = mutation[..1].to_uppercase() + &mutation[1..] + "Input";
    let query = format!(
        "mutation($input: {ty}!) {{ {mutation}(input: $input) {{ version refusal {{ __typename
            ... on DomainRefusal {{ code rule pointer }} ... on InvalidInput {{ errors {{ pointer code }} }} }} }} }}"
    );
    (who.clone(), (path.to_owned(), Some(body)), (query, json!({ "input": input })))
}

fn same(
    cause: &'static str,
    expected: (u16, &'static str),
    (who, rest, graphql): (Client, (String, Option<Value>), (String, Value)),
) -> Same {
    Same { cause, who, rest, graphql, expected }
}

/// The code of a GraphQL answer: of its error, or of the refusal that is its data.
fn code_of(answer: &Answer) -> String {
    if let Some(code) = answer.json["errors"][0]["extensions"]["code"].as_str() {
        assert!(answer.json["errors"][0]["extensions"]["requestId"].is_string(), "{}", answer.text);
        return code.to_owned();
    }
    let data = answer.json["data"].as_object().and_then(|data| data.values().next());
    let refusal = data.map_or(&Value::Null, |payload| &payload["refusal"]);
    match refusal["__typename"].as_str() {
        Some("DomainRefusal") => refusal["code"].as_str().unwrap_or_default().to_owned(),
        Some("VersionConflict") => "version_mismatch".to_owned(),
        Some("InvalidInput") => "invalid_input".to_owned(),
        _ => String::new(),
    }
}

/// What is wrong with which part, by REST and GraphQL alike.
fn faults(problem: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

async fn compare(table: Vec<Same>) -> anyhow::Result<()> {
    for Same { cause, who, rest: (path, body), graphql: (query, variables), expected } in table {
        let rest = match &body {
            Some(body) => who.post(&path, body).await?,
            None => who.get(&path).await?,
        };
        let found = (rest.status.as_u16(), rest.json["code"].as_str().unwrap_or_default());
        assert_eq!(found, expected, "{cause}: {}", rest.text);
        let answer = who.graphql(&query, variables).await?;
        assert_eq!(code_of(&answer), expected.1, "{cause}: {}", answer.text);
        let is_door = [
            "unauthenticated",
            "invalid_token",
            "not_a_member",
            "engagement_closed",
            "not_of_the_body",
        ]
        .contains(&expected.1);
        let status = if is_door { expected.0 } else { 200 };
        assert_eq!(answer.status.as_u16(), status, "{cause}: {}", answer.text);
        let payload = answer.json["data"].as_object().and_then(|data| data.values().next());
        let refusal = payload.map_or(&Value::Null, |payload| &payload["refusal"]);
        if expected.1 == "invalid_input" {
            assert_eq!(faults(refusal), faults(&rest.json), "{cause}");
        }
        if refusal["__typename"] == "DomainRefusal" {
            assert_eq!(refusal["rule"], rest.json["rule"], "{cause}");
            assert_eq!(refusal["pointer"], rest.json["errors"][0]["pointer"], "{cause}");
        }
    }
    Ok(())
}

/// Whoever bears this token.
fn bearing(world: &World, token: &str) -> Client {
    let mut client = world.nobody();
    client.authorization = Some(format!("Bearer {token}"));
    client
}

story!(who_is_not_let_in_hears_the_same_of_both, world => {
    let house = House::opened(&world).await?;
    let engagement = house.engaged(json!({})).await?;
    let (path, query) = ("/v1/risks", "{ aims { risks { totalCount } } }");
    let late = house.under(&house.helen, &engagement)?.at("2024-09-01T00:00:00Z");
    let other = house.under(&house.otto, &engagement)?.at(WITHIN);
    let nowhere = kernel::TenantId::from_bits(77);
    let left = world.membership(Role::Ds);
    let revoke = json!({ "reason": "Left." });
    Desk::of(&world, "membership").does(&world.as_(Role::Adm), "revoke", &left, revoke).await?;
    house.operates("end-person", &json!({ "user": house.miriam, "reason": "Left." })).await?.ok();
    compare(vec![
        same("no token", (401, "unauthenticated"), asks(&world.nobody(), path, query)),
        same("no token of ours", (401, "invalid_token"), asks(&bearing(&world, "x.y.z"), path, query)),
        same("a tenant that is none", (403, "not_a_member"),
            asks(&world.client(&nowhere, &encode("usr", 1))?, path, query)),
        same("a stranger", (403, "not_a_member"),
            asks(&world.client(&world.tenant, &encode("usr", 1))?, path, query)),
        same("whose membership was revoked", (403, "not_a_member"), asks(&world.as_(Role::Ds), path, query)),
        same("after the window", (403, "engagement_closed"), asks(&late, path, query)),
        same("whom it does not name", (403, "engagement_closed"), asks(&other, path, query)),
        same("who left the body", (403, "not_of_the_body"), asks(&house.for_body(&house.miriam)?, path, query)),
        same("a command of a stranger", (403, "not_a_member"), commands(
            &world.client(&world.tenant, &encode("usr", 1))?,
            ("/v1/interested-parties", json!({ "name": "x", "kind": "customer" })),
            ("interestedPartyRegister", json!({ "name": "x", "kind": "CUSTOMER" })))),
    ]).await?;
});

story!(what_may_not_be_read_is_refused_alike, world => {
    let house = House::opened(&world).await?;
    let system = given::system(&world, "CreditLens", false).await?;
    risk(&world, "Unfair", &system).await?;
    let applicants = party(&world, "Applicants", "2024-07-20T09:00:00Z").await?;
    let narrow = house.engaged(json!({ "scope": { "services": ["risk"] } })).await?;
    let helen = house.helen(&narrow)?;
    let whole = house.engaged(json!({})).await?;
    let wide = house.helen(&whole)?;
    let emp = world.as_(Role::Emp);
    let read = |kind: &str, id: &str| format!("{{ aims {{ {kind}(id: \"{id}\") {{ id }} }} }}");
    let parties = "{ aims { interestedParties { totalCount } } }";
    compare(vec![
        same("a kind that none of his roles reads", (403, "forbidden"),
            asks(&emp, "/v1/concerns", "{ aims { concerns { totalCount } } }")),
        same("an object of such a kind", (403, "forbidden"),
            asks(&emp, &format!("/v1/concerns/{}", encode("con", 1)), &read("concern", &encode("con", 1)))),
        same("a kind that the engagement does not open", (403, "engagement_forbids"),
            asks(&helen, "/v1/interested-parties", parties)),
        same("an object of it", (403, "engagement_forbids"), asks(&helen,
            &format!("/v1/interested-parties/{applicants}"), &read("interestedParty", &applicants))),
        same("the only one of a kind", (403, "engagement_forbids"),
            asks(&helen, "/v1/organisations", "{ aims { organisation { id } } }")),
        same("coverage by what is withheld", (403, "engagement_forbids"), asks(&helen,
            "/v1/catalogues/iso42001-2023/coverage", "{ aims { coverage(catalogue: \"iso42001-2023\") { title } } }")),
        same("after the ceiling", (403, "beyond_ceiling"), asks(&wide, "/v1/risks?asOf=2024-08-06T00:00:00Z",
            "{ aims(asOf: {time: \"2024-08-06T00:00:00Z\"}) { risks { totalCount } } }")),
        same("the future", (422, "in_the_future"),
            asks(&emp, "/v1/risks?asOf=999999", "{ aims(asOf: {position: \"999999\"}) { risks { totalCount } } }")),
        same("no point in time", (400, "invalid_query"), asks(&emp, "/v1/risks?asOf=soon",
            "{ aims(asOf: {time: \"soon\"}) { risks { totalCount } } }")),
        same("a page of too many", (400, "invalid_query"),
            asks(&emp, "/v1/risks?limit=101", "{ aims { risks(first: 101) { totalCount } } }")),
        same("a cursor that is none", (400, "bad_cursor"),
            asks(&emp, "/v1/risks?cursor=abc.def", "{ aims { risks(after: \"abc.def\") { totalCount } } }")),
        same("a filter of a field that is none", (400, "invalid_query"), asks(&emp,
            "/v1/risks?filter[colour]=red", "{ aims { risks(filter: {colour: {eq: \"red\"}}) { totalCount } } }")),
        same("an order by a field that is none", (400, "invalid_query"), asks(&emp,
            "/v1/risks?sort=colour", "{ aims { risks(orderBy: [{field: COLOUR}]) { totalCount } } }")),
    ]).await?;

});

story!(what_may_not_be_commanded_is_refused_alike, world => {
    let house = House::opened(&world).await?;
    let engagement = house.engaged(json!({})).await?;
    let helen = house.helen(&engagement)?;
    let (am, emp) = (world.as_(Role::Am), world.as_(Role::Emp));
    let system = given::system(&world, "CreditLens", false).await?;
    let theirs = Desk::within(&world, &world.stranger, "interested_party");
    let foreign = theirs.make(&world.stranger_as(Role::Am), "register",
        json!({ "name": "Theirs", "kind": "customer" })).await?;
    let id = Desk::of(&world, "interested_party").make(&am, "register",
        json!({ "name": "Applicants", "kind": "affected_person" })).await?;
    let criteria = Desk::of(&world, "risk_criteria").make(&world.as_(Role::Rm), "draft", json!({})).await?;
    let parties = "/v1/interested-parties";
    let retire = |id: &str| (format!("{parties}/{id}/retire"), json!({ "id": id, "reason": "x" }));
    let because = || json!({ "reason": "x" });
    let cases = [
        ("his roles do not let him", &emp, (403, "forbidden"), id.clone()),
        ("an engagement does not let her", &helen, (403, "forbidden"), id.clone()),
        ("no object", &am, (404, "not_found"), encode("pty", 1)),
        ("another tenant's object", &am, (404, "not_found"), foreign.clone()),
        ("an object of another kind", &am, (404, "not_found"), system.clone()),
        ("no id at all", &am, (404, "not_found"), "x".to_owned()),
    ];
    let mut table: Vec<_> = cases.into_iter().map(|(cause, who, expected, id)| {
        let (path, input) = retire(&id);
        same(cause, expected, commands(who, (&path, because()), ("interestedPartyRetire", input)))
    }).collect();
    let register = |who: &Client, cause, expected, body: Value, input: Value|
        same(cause, expected, commands(who, (parties, body), ("interestedPartyRegister", input)));
    table.extend([
        register(&am, "a blank name", (422, "invalid_input"),
            json!({ "name": "  ", "kind": "customer" }), json!({ "name": "  ", "kind": "CUSTOMER" })),
        register(&am, "a long one", (422, "invalid_input"),
            json!({ "name": "x".repeat(5000), "kind": "customer" }),
            json!({ "name": "x".repeat(5000), "kind": "CUSTOMER" })),
        register(&am, "evidence that is none", (422, "invalid_input"),
            json!({ "name": "x", "kind": "customer", "evidence": [encode("evd", 1)] }),
            json!({ "name": "x", "kind": "CUSTOMER", "evidence": [encode("evd", 1)] })),
        same("the organisation once more", (409, "already_exists"), commands(&world.as_(Role::Rm),
            ("/v1/risk-criteria", json!({})), ("riskCriteriaDraft", json!({})))),
        same("a refusal of the kind", (422, "risk_criteria.no_such_version"), commands(&world.as_(Role::Rm),
            (&format!("/v1/risk-criteria/{criteria}/correct"), json!({ "corrects": 9, "reason": "x", "set": {} })),
            ("riskCriteriaCorrect", json!({ "id": criteria, "corrects": 9, "reason": "x", "set": {} })))),
    ]);
    compare(table).await?;

    // The version that was seen, and keys, are headers there and members of the input here.
    let (path, mut input) = retire(&id);
    am.with("If-Match", "\"7\"").post(&path, &because()).await?.problem(412, "version_mismatch");
    input["expectedVersion"] = json!(7);
    let ask = async |who: &Client, input: Value| {
        let (_, _, (query, variables)) = commands(who, ("", json!({})), ("interestedPartyRetire", input));
        anyhow::Ok(code_of(&who.graphql(&query, variables).await?))
    };
    assert_eq!(ask(&am, input.clone()).await?, "version_mismatch");
    for key in ["", "with a blank", &"x".repeat(201)] {
        let mut input = retire(&id).1;
        input["idempotencyKey"] = json!(key);
        assert_eq!(ask(&am, input).await?, "invalid_input", "{key}");
        if !key.is_empty() {
            let answer = am.with("Idempotency-Key", key).post(&path, &because()).await?;
            answer.problem(400, "invalid_header");
        }
    }
    // A key stands for one question of one person, whatever else is the same.
    let body = json!({ "name": "Keyed", "kind": "customer" });
    let graph = json!({ "name": "Keyed", "kind": "CUSTOMER", "idempotencyKey": "k-2" });
    am.with("Idempotency-Key", "k-1").post(parties, &body).await?.created();
    let dpo = world.as_(Role::Am);
    given::roles(&world, Role::Tm, &["TM", "AM"]).await?;
    let tm = world.as_(Role::Tm);
    tm.with("Idempotency-Key", "k-1").post(parties, &body).await?.problem(422, "idempotency_key_reused");
    let registers = async |who: &Client, input: &Value| {
        let (_, _, (query, variables)) = commands(who, ("", json!({})), ("interestedPartyRegister", input.clone()));
        who.graphql(&query, variables).await
    };
    assert_eq!(registers(&dpo, &graph).await?.data()["interestedPartyRegister"]["version"], 1);
    assert_eq!(registers(&dpo, &graph).await?.data()["interestedPartyRegister"]["version"], 1);
    assert_eq!(code_of(&registers(&tm, &graph).await?), "idempotency_key_reused");
});

story!(what_is_no_request_is_refused_alike, world => {
    let am = world.as_(Role::Am);
    let body = |text: &str| Some(("application/json", text.as_bytes().to_vec()));
    let nested = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    for (text, code) in [
        ("{\"name\": \"x\", \"name\": \"y\"}", "malformed_json"),
        ("{\"name\": \"a\\u0000b\"}", "malformed_json"),
        ("{\"name\": 1.5}", "malformed_json"),
        ("{", "malformed_json"),
        (nested.as_str(), "malformed_json"),
    ] {
        let rest = am.send(Method::POST, "/v1/interested-parties", body(text)).await?;
        rest.problem(400, code);
        let whole = format!("{{\"query\": \"{{ __typename }}\", \"variables\": {text}}}");
        let answer = am.send(Method::POST, "/graphql", body(&whole)).await?;
        let found = (answer.status.as_u16(), code_of(&answer));
        assert_eq!(found, (400, code.to_owned()), "{text}: {}", answer.text);
    }
    for media in ["text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded"] {
        let text = b"{\"query\": \"{ __typename }\"}".to_vec();
        let rest = am.send(Method::POST, "/v1/interested-parties", Some((media, text.clone()))).await?;
        rest.problem(415, "unsupported_media_type");
        let answer = am.send(Method::POST, "/graphql", Some((media, text))).await?;
        assert_eq!((answer.status.as_u16(), code_of(&answer).as_str()), (415, "unsupported_media_type"));
    }
    let odd = am.with("Annals-Clock", "yesterday");
    odd.get("/v1/me").await?.problem(400, "invalid_header");
    let answer = odd.graphql("{ viewer { id } }", json!({})).await?;
    assert_eq!((answer.status.as_u16(), code_of(&answer).as_str()), (400, "invalid_header"));

    // An escape of GraphQL's own brings U+0000 past the door of JSON: such an id is nobody's.
    for field in ["risk", "catalogue", "coverage", "interestedParty"] {
        let (argument, shown) = match field {
            "coverage" => ("catalogue", "title"),
            "catalogue" => ("id", "title"),
            _ => ("id", "id"),
        };
        let query = format!("{{ aims {{ {field}({argument}: \"cat_\\u0000\") {{ {shown} }} }} }}");
        let data = am.graphql(&query, json!({})).await?.data();
        assert!(data["aims"][field].is_null(), "{field}: {data}");
    }
    let node = am.graphql("{ node(id: \"risk_\\u0000\") { id } }", json!({})).await?.data();
    assert!(node["node"].is_null(), "{node}");

    // GraphQL has no maps: a key that stands twice in a list is refused like a member of that name.
    let so = world.as_(Role::So);
    let system = given::system(&world, "CreditLens", false).await?;
    let item = "{\"text\": \"Fair\", \"requirementKind\": \"fairness\", \"source\": \"Law\", \"priority\": \"must\"}";
    let twice = format!("{{\"system\": \"{system}\", \"items\": {{\"fair\": {item}, \"fair\": {item}}}}}");
    let problem = so.send(Method::POST, "/v1/requirement-sets", body(&twice)).await?.problem(400, "malformed_json");
    assert_eq!(faults(&problem), [("/items/fair".to_owned(), "named_twice".to_owned())]);
    let item = json!({ "key": "fair", "text": "Fair", "requirementKind": "FAIRNESS", "source": "Law", "priority": "MUST" });
    let input = json!({ "system": system, "items": [item, item] });
    let (_, _, (query, variables)) = commands(&so, ("", json!({})), ("requirementSetDraft", input));
    let answer = so.graphql(&query, variables).await?;
    assert_eq!(code_of(&answer), "invalid_input", "{}", answer.text);
    let refusal = &answer.json["data"]["requirementSetDraft"]["refusal"];
    assert_eq!(faults(refusal), [("/items/fair".to_owned(), "named_twice".to_owned())]);
});
