//! The operations that make out tokens of a certification body's people.

use kernel::domain::KindDecl;
use kernel::json_schema::{self, Nested};
use kernel::schema::Ty;
use serde_json::{Map, Value, json};

use super::{component, parameters};
use crate::rest::tokens::HOURS_MAX;

const PROBLEMS: &[&str] = &["400", "401", "403", "404", "413", "415", "422", "500"];

/// The schema of a token that was made out.
pub fn schemas(out: &mut Map<String, Value>) {
    let of = |ty: Ty| json_schema::of(&ty, Nested::Inline);
    out.insert(
        "Token".to_owned(),
        json!({
            "type": "object",
            "description": "A bearer token. It is shown this once.",
            "properties": {
                "token": {"type": "string", "description": "The token."},
                "user": of(Ty::Pseudonym),
                "engagement": of(Ty::Ref("auditor_engagement")),
                "body": of(Ty::Ref("certification_body")),
                "tenant": of(Ty::Ref("tenant")),
                "expiresAt": of(Ty::Time),
            },
            "required": ["token", "user", "expiresAt"],
        }),
    );
}

/// The path of a kind that has tokens made out.
pub fn path(paths: &mut Map<String, Value>, decl: &KindDecl) {
    let of = |ty: Ty| json_schema::of(&ty, Nested::Inline);
    let hours = json!({
        "type": "integer", "minimum": 1, "maximum": HOURS_MAX, "default": HOURS_MAX,
        "description": "For how many hours; never longer than the engagement's window.",
    });
    let mut input = json!({
        "type": "object", "additionalProperties": false, "properties": {"hours": hours},
    });
    let (id, summary, by) = if decl.row.name == "auditor_engagement" {
        let by = "By an auditor whom the engagement names, with the token of his certification \
                  body; the engagement must be granted and its window open.";
        ("createEngagementToken", "Makes out an auditor's own token under an engagement", by)
    } else {
        input["properties"]["tenant"] = of(Ty::Ref("tenant"));
        input["properties"]["user"] = of(Ty::Pseudonym);
        input["required"] = json!(["tenant", "user"]);
        let by = "By ADM of the installation.";
        ("createBodyToken", "Makes out a body's token for one of its people and one client", by)
    };
    let mut responses = super::operations::problems(PROBLEMS);
    let names = ["Annals-Request-Id", "Cache-Control"];
    let headers: Map<_, _> =
        names.iter().map(|name| ((*name).to_owned(), component("headers", name))).collect();
    responses.insert(
        "201".to_owned(),
        json!({
            "description": "The token", "headers": headers,
            "content": {"application/json": {"schema": component("schemas", "Token")}},
        }),
    );
    let operation = json!({
        "operationId": id, "summary": summary, "description": format!("{summary}. {by}"),
        "tags": [decl.row.plural], "parameters": [component("parameters", "Annals-Clock")],
        "requestBody": {
            "required": decl.row.name != "auditor_engagement",
            "description": "For how long, and for whom.",
            "content": {"application/json": {"schema": input}},
        },
        "responses": responses,
    });
    let item = json!({"parameters": [parameters::id(decl)], "post": operation});
    paths.insert(format!("/v1/{}/{{id}}/tokens", decl.row.plural), item);
}
