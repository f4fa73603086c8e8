//! Readiness in the OpenAPI document.

use kernel::json_schema::{self, Nested};
use kernel::schema::{Described, RecordDecl};
use readiness::metrics::METRICS;
use readiness::steps::Step;
use serde_json::{Map, Value, json};

use super::component;
use super::operations::{Read, read};
use crate::readiness::{ITEMS_DEFAULT, ITEMS_MAX};

/// The paths.
pub fn paths(paths: &mut Map<String, Value>) {
    let shared = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| component("parameters", name)).collect()
    };
    let mut parameters = shared(&["asOf", "If-None-Match"]);
    let items = json!({"type": "integer", "minimum": 0, "maximum": ITEMS_MAX,
        "default": ITEMS_DEFAULT});
    parameters.extend([
        metrics(),
        parameter("items", items, "How many of the items behind each number are named."),
        parameter("after", json!({"type": "string"}), "Only items after this id."),
        parameter("counted", json!({"type": "boolean"}), "Only items that count, or do not."),
    ]);
    let summary = "How ready the organisation is for certification";
    let operation = own("getReadiness", summary, "Readiness", parameters);
    paths.insert("/v1/readiness".to_owned(), json!({"get": operation}));
    let mut parameters = shared(&["asOf", "If-None-Match"]);
    let end = json!({"type": "string"});
    let doc = "A date, of which the end is meant, or an RFC 3339 time.";
    let mut from = parameter("from", end.clone(), doc);
    from["required"] = json!(true);
    let to = parameter("to", end, &format!("{doc} The time of `asOf` when left out."));
    let step = json_schema::of(&Step::ty(), Nested::Inline);
    let step = parameter("step", step, "A month when left out.");
    parameters.extend([from, to, step, metrics()]);
    let summary = "Readiness over time";
    let operation = own("listReadinessSeries", summary, "ReadinessSeries", parameters);
    paths.insert("/v1/readiness/series".to_owned(), json!({"get": operation}));
}

fn own(id: &str, summary: &str, schema: &str, parameters: Vec<Value>) -> Value {
    read(Read {
        id: id.to_owned(),
        tag: "annals",
        summary: summary.to_owned(),
        schema: schema.to_owned(),
        parameters,
        more: false,
    })
}

fn parameter(name: &str, schema: Value, doc: &str) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": schema, "description": doc})
}

fn metrics() -> Value {
    let names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
    let schema = json!({"type": "array", "items": {"type": "string", "enum": names}});
    let mut names = parameter("metrics", schema, "Names of metrics; all when left out.");
    (names["style"], names["explode"]) = (json!("form"), json!(false));
    names
}

/// What is answered.
pub fn schema(record: &RecordDecl) -> Value {
    let mut schema = json_schema::record(record, Nested::Inline);
    schema["properties"]["settled"] =
        json!({"type": "boolean", "description": "False when the answer can still change."});
    schema
}
