//! Questions and commands over HTTP.

use super::*;

const DRAFT: &str = r#"mutation ($input: ScopeDraftInput!) { scopeDraft(input: $input) {
    scope { id currentId version scopeVersion status statement activities orgUnits
            exclusions { key what reason } authors { id name userId } authorsIds }
    version position events { type actor { id role via member { name } } }
    replayed
    refusal { __typename ... on DomainRefusal { code } ... on InvalidInput { errors { pointer code } } }
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
        before: aims(asOf: {position: $b}) { scope { id } memberships { totalCount nodes { id name } } }
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

    let node = "query ($a: ID!, $b: ID!) { a: node(id: $a) { id __typename } b: node(id: $b) { id ... on Scope { status } } }";
    let ids = json!({"a": id, "b": format!("{id}@{position}")});
    let data = world.ask(&am, node, ids).await.data();
    assert_eq!(data["a"], json!({"id": id, "__typename": "Scope"}));
    assert_eq!(data["b"], json!({"id": format!("{id}@{position}"), "status": "DRAFT"}));
}

/// Parties, each with three requirements that a member answers for.
async fn parties(world: &World, am: &str, count: u128) -> String {
    let register = "mutation ($name: String!) { interestedPartyRegister(input: {name: $name, kind: SUPPLIER}) {
        position interestedParty { id } refusal { __typename } } }";
    let require = "mutation ($a: InterestedPartyRegisterRequirementInput!) {
        interestedPartyRegisterRequirement(input: $a) { version position refusal { __typename } } }";
    let adopt = "mutation ($a: InterestedPartyAdoptRequirementInput!) {
        interestedPartyAdoptRequirement(input: $a) { position
          refusal { __typename ... on DomainRefusal { code message } ... on InvalidInput { errors { pointer code } } } } }";
    let mut position = String::new();
    for n in 0..count {
        let made = world.ask(am, register, json!({"name": format!("Party {n:03}")})).await.data();
        let id = made["interestedPartyRegister"]["interestedParty"]["id"].clone();
        for key in ["a", "b", "c"] {
            let input = json!({"id": id, "key": key, "text": format!("requirement {key} of {n}"),
                "source": "CONTRACT"});
            let made = world.ask(am, require, json!({"a": input})).await.data();
            assert_eq!(made["interestedPartyRegisterRequirement"]["refusal"], Value::Null, "{made}");
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
    assert!(world.graphql.queries() <= 4, "{}", world.graphql.queries());
    let after = list["pageInfo"]["endCursor"].clone();
    let data = world.ask(&am, LIST, json!({"first": 50, "after": after})).await.data();
    let names: Vec<_> = data["aims"]["interestedParties"]["nodes"].as_array().unwrap().iter()
        .map(|node| node["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["Party 002", "Party 001", "Party 000"]);
    let (began, rounds) = (Instant::now(), 50);
    for _ in 0..rounds {
        world.ask(&am, LIST, json!({"first": 50})).await.data();
    }
    eprintln!("a list of 50 in {:?}", began.elapsed() / rounds);
}
