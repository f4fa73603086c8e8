//! The operations of evidence's bytes.

use kernel::domain::KindDecl;
use kernel::json_schema::{self, Nested};
use serde_json::{Map, Value, json};

use super::component;
use super::operations::problems;
use super::parameters;
use crate::rest::files::upload::{SAID, UNSAID};

const WRITE: &[&str] =
    &["400", "401", "403", "404", "408", "409", "410", "412", "413", "415", "422", "500", "503"];
const READ: &[&str] = &["400", "401", "403", "404", "409", "410", "416", "500", "503"];

/// The paths.
pub fn paths(paths: &mut Map<String, Value>, evidence: &KindDecl) {
    paths.insert("/v1/evidence/files".to_owned(), json!({"post": upload(evidence)}));
    let item = json!({
        "parameters": [parameters::id(evidence)], "get": download(), "put": replace(evidence),
    });
    paths.insert("/v1/evidence/{id}/content".to_owned(), item);
}

fn header(name: &str, description: &str) -> Value {
    json!({
        "name": name, "in": "header", "required": false, "description": description,
        "schema": {"type": "string"},
    })
}

fn digest() -> Value {
    let about = "`sha-256=:…:` of the body (RFC 9530); other bytes are refused.";
    header("Content-Digest", about)
}

fn file() -> Value {
    let binary = json!({"schema": {"type": "string", "format": "binary"}});
    json!({
        "required": true, "content": {"*/*": binary},
        "description": "The file as it is, under its own media type; 1 GiB at most, unless the \
                        installation says otherwise.",
    })
}

/// An operation that ends like a command of evidence.
fn written(id: &str, summary: &str, about: &str, roles: &[&str], status: &str) -> Value {
    let names = ["Annals-Position", "Annals-Simulated", "Annals-Request-Id", "ETag"];
    let created = (status == "201").then_some("Location");
    let names = names.into_iter().chain(["Idempotency-Replayed"]).chain(created);
    let headers: Map<_, _> =
        names.map(|name| (name.to_owned(), component("headers", name))).collect();
    let mut responses = problems(WRITE);
    responses.insert(
        status.to_owned(),
        json!({
            "description": summary, "headers": headers,
            "content": {"application/json": {"schema": component("schemas", "EvidenceDone")}},
        }),
    );
    json!({
        "operationId": id, "summary": summary, "description": about, "tags": ["evidence"],
        "x-roles": roles, "requestBody": file(), "responses": responses,
    })
}

fn roles(evidence: &KindDecl) -> Vec<&'static str> {
    let by = evidence.command("register").map_or(&[][..], |register| register.by);
    by.iter().map(|role| role.code()).collect()
}

fn upload(evidence: &KindDecl) -> Value {
    let register = evidence.command("register").map(|command| &command.input);
    let said = SAID.iter().filter_map(|name| register?.field(name)).map(|field| {
        let unsaid = UNSAID.iter().find(|(name, _)| *name == field.name);
        let mut schema = json_schema::of(&field.ty, Nested::Inline);
        if let Some((_, value)) = unsaid {
            schema["default"] = json!(value);
        }
        json!({
            "name": field.name, "in": "query", "required": field.required && unsaid.is_none(),
            "description": field.doc, "schema": schema,
        })
    });
    let shared = ["Idempotency-Key", "Annals-Clock"].map(|name| component("parameters", name));
    let parameters: Vec<_> = said.chain([digest()]).chain(shared).collect();
    let about = "Takes a file in as evidence: hashed on the way, registered, and verified. The \
                 same bytes are registered once.";
    let summary = "Uploads a file as evidence";
    let mut operation = written("uploadEvidence", summary, about, &roles(evidence), "201");
    operation["x-events"] = json!(["evidence.registered", "evidence.verified"]);
    operation["parameters"] = json!(parameters);
    operation
}

fn replace(evidence: &KindDecl) -> Value {
    let about = "Takes in the bytes of evidence that was registered by its hash. Others are \
                 refused, and the registration stands.";
    let summary = "Uploads the bytes of evidence";
    let mut operation = written("putEvidenceContent", summary, about, &roles(evidence), "200");
    operation["x-events"] = json!(["evidence.verified"]);
    let shared = ["Idempotency-Key", "If-Match", "Annals-Clock"];
    let shared = shared.map(|name| component("parameters", name));
    operation["parameters"] = [digest()].into_iter().chain(shared).collect();
    operation
}

fn download() -> Value {
    let names = [
        "Annals-Request-Id",
        "ETag",
        "Cache-Control",
        "Content-Disposition",
        "Repr-Digest",
        "Accept-Ranges",
    ];
    let with = |more: &str| -> Map<String, Value> {
        let names = names.iter().copied().chain([more]);
        names.map(|name| (name.to_owned(), component("headers", name))).collect()
    };
    let content = json!({"*/*": {"schema": {"type": "string", "format": "binary"}}});
    let mut responses = problems(READ);
    for (status, what, header) in [
        ("200", "The file, as an attachment that runs nowhere.", "Content-Digest"),
        ("206", "A range of it.", "Content-Range"),
    ] {
        let answer =
            json!({"description": what, "headers": with(header), "content": content.clone()});
        responses.insert(status.to_owned(), answer);
    }
    let known = json!({
        "description": "The caller has these bytes.", "headers": {"ETag": component("headers", "ETag")},
    });
    responses.insert("304".to_owned(), known);
    json!({
        "operationId": "getEvidenceContent", "summary": "The bytes of evidence",
        "description": "The bytes of evidence, whole or one range of them. The entity tag is their \
                        SHA-256.",
        "tags": ["evidence"], "responses": responses,
        "parameters": [
            header("Range", "`bytes=0-99`: one range."),
            header("If-Range", "The range is only wanted of these bytes."),
            component("parameters", "If-None-Match"),
        ],
    })
}
