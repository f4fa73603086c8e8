//! The document is valid and whole.

use std::collections::HashSet;

use super::*;

fn kinds() -> std::sync::Arc<Registry> {
    let all = [identity::kinds(), governance::kinds(), lifecycle::kinds(), exchange::kinds()];
    Registry::new(all.concat())
}

/// Every value under a key, anywhere in the document.
fn all<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == key {
                    found.push(member);
                }
                all(member, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_its_own_id() {
    let document = document(&kinds());
    let mut references = Vec::new();
    all(&document, "$ref", &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let mut ids = Vec::new();
    all(&document, "operationId", &mut ids);
    let ids: Vec<_> = ids.into_iter().map(|id| id.as_str().unwrap()).collect();
    let unique: HashSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    assert!(ids.iter().all(|id| id.chars().all(char::is_alphanumeric)));
    assert!(ids.iter().all(|id| id.starts_with(char::is_lowercase)));
}

#[test]
fn every_response_is_described_and_utoipa_reads_the_document() {
    let document = document(&kinds());
    for path in document["paths"].as_object().unwrap().values() {
        for operation in path.as_object().unwrap().values().filter(|o| o.is_object()) {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let reference = response["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
                let response = reference.map_or(response, |r| document.pointer(r).unwrap());
                assert!(response["description"].is_string(), "{status} {operation}");
            }
        }
    }
    let read: utoipa::openapi::OpenApi = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(read.paths.paths.len(), document["paths"].as_object().unwrap().len());
}

#[test]
fn what_outsiders_may_takes_no_token_and_says_how_often() {
    let document = document(&kinds());
    let paths = document["paths"].as_object().unwrap().iter();
    let public = paths.filter(|(path, _)| path.starts_with("/v1/public/"));
    let operations: Vec<_> = public
        .flat_map(|(_, item)| item.as_object().unwrap().values())
        .filter(|operation| operation["operationId"].is_string())
        .collect();
    assert_eq!(operations.len(), 4);
    for operation in operations {
        assert_eq!(operation["security"], json!([]), "{operation}");
        assert!(operation["responses"]["429"].is_object(), "{operation}");
    }
    let shown = &document["components"]["schemas"]["PublicConcern"]["properties"];
    assert!(shown["handler"].is_null() && shown["contact"].is_null(), "{shown}");
    assert!(document["paths"]["/v1/imports"]["post"]["security"].is_null());
}
