//! The Statement of Applicability: lists that belong to an object, now and as they were approved.

use super::*;

const START: &str = "mutation { soaStart(input: {catalogue: \"iso42001-2023\", title: \"SoA\"}) {
    soa { id } refusal { __typename } } }";
const LIST: &str = "mutation ($soa: ID!, $control: String!) { soaControlList(input: {soa: $soa,
    control: $control, decision: APPLICABLE, reasonCodes: [BEST_PRACTICE]}) {
    soaControl { id } refusal { __typename ... on DomainRefusal { message } } } }";
const SUBMIT: &str =
    "mutation ($id: ID!) { soaSubmit(input: {id: $id}) { version refusal { __typename
    ... on DomainRefusal { message } } } }";
const APPROVE: &str =
    "mutation ($id: ID!, $v: Int!) { soaApprove(input: {id: $id, expectedVersion: $v}) {
    position refusal { __typename ... on DomainRefusal { message } } } }";
const STATUS: &str =
    "mutation ($id: ID!) { soaControlSetStatus(input: {id: $id, status: PLANNED}) {
    soaControl { status soa { id status } } refusal { __typename } } }";
const READ: &str = "{ aims { soa { id version effectiveRows { position applicable }
    controls(first: 1, orderBy: {field: PLACE}) { totalCount nodes { id status control soaId } }
    officialControls(first: 1, orderBy: {field: PLACE}) {
        totalCount edges { node { id status soa { id status } } } }
    effectiveVersion { id status version } }
    catalogue(id: \"iso42001-2023\") { controls { number } } } }";

#[actix_web::test]
async fn official_rows_are_those_of_the_approved_position() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let tm = world.member(2, &["TM"]).await;
    let data = world.ask(&am, START, Value::Null).await.data();
    let soa = data["soaStart"]["soa"]["id"].clone();
    let data = world.ask(&am, READ, Value::Null).await.data();
    assert_eq!(data["aims"]["soa"]["officialControls"], Value::Null);
    let controls = data["aims"]["catalogue"]["controls"].as_array().unwrap();
    let mut rows = Vec::new();
    for control in controls {
        let variables = json!({"soa": soa, "control": control["number"]});
        let data = world.ask(&am, LIST, variables).await.data();
        assert_eq!(data["soaControlList"]["refusal"], Value::Null, "{data}");
        rows.push(data["soaControlList"]["soaControl"]["id"].clone());
    }
    let data = world.ask(&am, SUBMIT, json!({"id": soa})).await.data();
    let version = data["soaSubmit"]["version"].clone();
    let data = world.ask(&tm, APPROVE, json!({"id": soa, "v": version})).await.data();
    assert_eq!(data["soaApprove"]["refusal"], Value::Null, "{data}");
    let data = world.ask(&am, STATUS, json!({"id": rows[0]})).await.data();
    let row = &data["soaControlSetStatus"]["soaControl"];
    assert_eq!(*row, json!({"status": "PLANNED", "soa": {"id": soa, "status": "APPROVED"}}));

    let data = world.ask(&am, READ, Value::Null).await.data();
    let read = &data["aims"]["soa"];
    let pinned = read["effectiveRows"]["position"].as_str().unwrap();
    let now = json!({"id": rows[0], "status": "PLANNED", "control": "A.2.2", "soaId": soa});
    assert_eq!(read["controls"], json!({"totalCount": 38, "nodes": [now]}));
    let then = |id: &Value| format!("{}@{pinned}", id.as_str().unwrap());
    assert_eq!(read["officialControls"]["totalCount"], 38);
    let official = &read["officialControls"]["edges"][0]["node"];
    let status = &official["soa"]["status"];
    assert_eq!(
        *official,
        json!({"id": then(&rows[0]), "status": "NOT_STARTED",
            "soa": {"id": then(&soa), "status": status}})
    );
    let in_force = &read["effectiveVersion"];
    assert!(in_force["version"].as_u64() <= read["version"].as_u64(), "{in_force}");
    assert!(in_force["id"].as_str().unwrap().contains('@'));
}
