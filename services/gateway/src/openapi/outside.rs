//! The operations of outsiders: they take no token, and speak of a tenant's channels and of what
//! was reported through them.

use kernel::domain::KindDecl;
use kernel::json_schema::{self, Nested};
use kernel::schema::{Field, Ty};
use serde_json::{Map, Value, json};

use super::component;
use crate::rest::intake::{CHANNEL_SHOWN, CONCERN_SHOWN, CONCERN_TAKEN};

const PROBLEMS: &[&str] = &["400", "404", "413", "415", "422", "429", "500", "503"];

/// The schemas that only these operations use. A channel and a concern show outsiders some of
/// their fields; what a reporter may say is a part of what a member may.
pub fn schemas(out: &mut Map<String, Value>, channel: &KindDecl, concern: &KindDecl) {
    let mut shown = fields(&channel.state.fields, CHANNEL_SHOWN, "A channel, as outsiders see it.");
    shown["properties"]["id"] = json_schema::of(&Ty::Ref(channel.row.name), Nested::Inline);
    shown["required"] = json!(["id", "title", "audience"]);
    out.insert("PublicChannel".to_owned(), shown);

    let input = concern.commands.iter().find(|command| command.verb == "report");
    let input = input.map(|command| &command.input.fields[..]).unwrap_or_default();
    let about = "A concern of an outsider. He is not asked who he is; `anonymous` is true unless \
                 he says otherwise.";
    let mut taken = fields(input, CONCERN_TAKEN, about);
    taken["required"] = json!(["text"]);
    taken["additionalProperties"] = json!(false);
    out.insert("PublicReport".to_owned(), taken);

    let about = "Where a concern stands, and what its reporter and its handler have said.";
    let mut standing = fields(&concern.state.fields, CONCERN_SHOWN, about);
    standing["properties"]["messages"] = json!({"type": "array", "items": message()});
    standing["required"] = json!(["status", "receivedAt", "ackDue", "answerDue", "messages"]);
    let mut receipt = standing.clone();
    out.insert("PublicConcern".to_owned(), standing);
    receipt["description"] = json!("A concern that was taken in.");
    receipt["properties"]["receipt"] = json!({
        "type": "string", "pattern": RECEIPT,
        "description": "Shown this once. Whoever has it is taken for the reporter.",
    });
    receipt["required"] =
        json!(["status", "receivedAt", "ackDue", "answerDue", "messages", "receipt"]);
    out.insert("PublicReceipt".to_owned(), receipt);

    let receipt = json!({"type": "string", "description": "The receipt code."});
    let text = concern.commands.iter().find(|command| command.verb == "add_message");
    let text = text.and_then(|command| command.input.field("text"));
    let text = text.map(|field| json_schema::of(&field.ty, Nested::Inline));
    out.insert("PublicQuestion".to_owned(), json!({
        "type": "object", "description": "A reporter asks what became of his concern.",
        "properties": {"receipt": receipt}, "required": ["receipt"], "additionalProperties": false,
    }));
    out.insert(
        "PublicMessage".to_owned(),
        json!({
            "type": "object", "description": "A reporter adds to his concern.",
            "properties": {"receipt": receipt, "text": text, "retaliation": {
                "type": "boolean", "default": false,
                "description": "Whether it tells of harm that he suffers for having reported.",
            }},
            "required": ["receipt", "text"], "additionalProperties": false,
        }),
    );
}

/// The form of a receipt code.
const RECEIPT: &str = "^rcp_[0-9a-hjkmnp-tv-z]{26}$";

fn fields(of: &[Field], names: &[&str], description: &str) -> Value {
    let shown = of.iter().filter(|field| names.contains(&field.name));
    let shown: Vec<Field> = shown.cloned().collect();
    let mut schema = json_schema::object(&shown, Nested::Inline);
    schema["description"] = json!(description);
    schema
}

fn message() -> Value {
    json!({
        "type": "object",
        "properties": {
            "from": {"type": "string", "enum": ["reporter", "handler"]},
            "at": json_schema::of(&Ty::Time, Nested::Inline),
            "text": {"anyOf": [
                {"type": "string", "x-personal": true}, component("schemas", "Erased"),
            ]},
        },
        "required": ["from", "at", "text"],
    })
}

/// The paths.
pub fn paths(paths: &mut Map<String, Value>) {
    let tenant = json!({
        "name": "tenant", "in": "path", "required": true, "description": "The organisation's id.",
        "schema": {"type": "string", "pattern": "^tnt_[0-9a-hjkmnp-tv-z]{26}$"},
    });
    let channel = json_schema::of(&Ty::Ref("reporting_channel"), Nested::Inline);
    let id = json!({
        "name": "id", "in": "path", "required": true, "description": "The channel's id.",
        "schema": channel,
    });
    let base = "/v1/public/{tenant}";
    let mut put = |path: &str, parameters: &[&Value], method: &str, operation: Value| {
        let item = json!({"parameters": parameters, method: operation});
        paths.insert(format!("{base}{path}"), item);
    };
    let one = answered("getPublicChannel", "A published channel", "200", "PublicChannel");
    put("/reporting-channels/{id}", &[&tenant, &id], "get", one);
    let report = answered("reportPublicly", "Reports a concern", "201", "PublicReceipt");
    let report = taking(report, "PublicReport");
    put("/reporting-channels/{id}/concerns", &[&tenant, &id], "post", report);
    let status = answered("readReceipt", "What became of a concern", "200", "PublicConcern");
    put("/receipts", &[&tenant], "post", taking(status, "PublicQuestion"));
    let message = answered("addPublicMessage", "Adds to a concern", "200", "PublicConcern");
    put("/receipts/messages", &[&tenant], "post", taking(message, "PublicMessage"));
}

fn answered(id: &str, summary: &str, status: &str, schema: &str) -> Value {
    let mut responses = super::operations::problems(PROBLEMS);
    responses.insert(
        status.to_owned(),
        json!({
            "description": summary,
            "headers": {
                "Annals-Request-Id": component("headers", "Annals-Request-Id"),
                "Cache-Control": component("headers", "Cache-Control"),
            },
            "content": {"application/json": {"schema": component("schemas", schema)}},
        }),
    );
    json!({
        "operationId": id, "summary": summary,
        "description": format!("{summary}. By anybody, so many times a minute; nothing of the \
                                caller is kept."),
        "tags": ["public"], "security": [], "responses": responses,
    })
}

fn taking(mut operation: Value, schema: &str) -> Value {
    operation["requestBody"] = json!({
        "required": true, "description": "At most 64 KiB.",
        "content": {"application/json": {"schema": component("schemas", schema)}},
    });
    operation
}
