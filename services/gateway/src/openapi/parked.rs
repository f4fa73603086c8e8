//! The operations on what subscribers could not handle.

use kernel::json_schema::{self, Nested};
use kernel::schema::Ty;
use serde_json::{Map, Value, json};

use super::component;

/// The schemas.
pub fn schemas(out: &mut Map<String, Value>) {
    let of = |ty: Ty| json_schema::of(&ty, Nested::Inline);
    let place = json!({
        "subscriber": {"type": "string", "description": "Who could not handle an event."},
        "tenant": of(Ty::Ref("tenant")),
        "object": {"type": "string", "description": "The object whose events wait."},
    });
    let required = json!(["subscriber", "tenant", "object"]);
    let mut parked = json!({
        "type": "object", "required": required, "properties": place,
        "description": "A stream of events that waits because one could not be handled.",
    });
    let properties = &mut parked["properties"];
    properties["position"] = of(Ty::Position);
    properties["error"] = json!({"type": "string", "description": "Why it could not be."});
    properties["attempts"] = json!({"type": "integer", "minimum": 0});
    properties["retryAt"] = json!({
        "type": ["string", "null"], "format": "date-time",
        "description": "When it is tried again; when an operator says so, where null.",
    });
    out.insert("Parked".to_owned(), parked);
    let place = json!({
        "type": "object", "required": required, "properties": place,
        "additionalProperties": false,
    });
    out.insert("ParkedStream".to_owned(), place);
}

/// The paths.
pub fn paths(paths: &mut Map<String, Value>) {
    let operation = |id: &str, summary: &str, schema: Value, more: &[&str]| {
        let base = ["400", "401", "403", "500"];
        let codes: Vec<_> = base.iter().chain(more).copied().collect();
        let mut responses = super::operations::problems(&codes);
        let names = ["Annals-Request-Id", "Cache-Control"];
        let headers: Map<_, _> =
            names.iter().map(|name| ((*name).to_owned(), component("headers", name))).collect();
        let content = json!({"application/json": {"schema": schema}});
        let answer = json!({"description": "Done", "headers": headers, "content": content});
        responses.insert("200".to_owned(), answer);
        json!({
            "operationId": id, "summary": summary, "tags": ["annals"],
            "description": format!("{summary}. By ADM of the installation."),
            "parameters": [component("parameters", "Annals-Clock")], "responses": responses,
        })
    };
    let data = json!({"type": "array", "items": component("schemas", "Parked")});
    let list = json!({"type": "object", "required": ["data"], "properties": {"data": data}});
    let list = operation("listParked", "Lists what could not be handled", list, &[]);
    paths.insert("/v1/parked".to_owned(), json!({"get": list}));
    let stream = component("schemas", "ParkedStream");
    let summary = "Has a parked stream tried again at once";
    let mut resume =
        operation("resumeParked", summary, stream.clone(), &["404", "413", "415", "422"]);
    resume["requestBody"] = json!({
        "required": true, "description": "Which stream.",
        "content": {"application/json": {"schema": stream}},
    });
    paths.insert("/v1/parked/resume".to_owned(), json!({"post": resume}));
}
