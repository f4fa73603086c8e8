//! The operations of every path.

use governance::coverage::CoveredBy;
use governance::management_review::InputKind;
use kernel::domain::{CommandDecl, KindDecl};
use kernel::json_schema::{self, Nested};
use kernel::schema::Described;
use serde_json::{Map, Value, json};

use super::schemas::{input_name, pascal};
use super::{component, parameters};
use crate::rest::route::{creating, kebab};

const READ: &[&str] = &["400", "401", "403", "404", "422", "500"];
const WRITE: &[&str] =
    &["400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "500", "503"];

/// The paths that no kind has.
pub fn fixed(paths: &mut Map<String, Value>) {
    let own = |id: &str, summary: &str, schema: &str, extra: Vec<Value>| {
        read(Read {
            id: id.to_owned(),
            tag: "annals",
            summary: summary.to_owned(),
            schema: schema.to_owned(),
            parameters: extra,
            more: false,
        })
    };
    let shared = |name: &str| component("parameters", name);
    let me = own("getMe", "Who asks, with his roles today", "Me", Vec::new());
    paths.insert("/v1/me".to_owned(), json!({"get": me}));
    let ty = json!({
        "name": "type", "in": "query", "required": false, "description": "Only events of these types.",
        "schema": {"type": "array", "items": {"type": "string"}}, "style": "form", "explode": true,
    });
    let names = ["asOf", "limit", "afterPosition", "If-None-Match"];
    let events: Vec<_> = names.iter().map(|name| shared(name)).chain([ty]).collect();
    let events =
        own("listEvents", "The log, as far as the caller may read it", "EventPage", events);
    paths.insert("/v1/events".to_owned(), json!({"get": events}));
    let summary = "The catalogues that come with the product";
    let packaged = own("listPackagedCatalogues", summary, "CatalogueList", Vec::new());
    paths.insert("/v1/catalogues/packaged".to_owned(), json!({"get": packaged}));
    paths.insert("/v1/catalogues/{id}/coverage".to_owned(), coverage());
    for (path, id, summary) in [
        ("/livez", "getLivez", "Whether the process runs"),
        ("/readyz", "getReadyz", "Whether the database answers"),
    ] {
        let content = json!({"application/json": {"schema": component("schemas", "Status")}});
        paths.insert(path.to_owned(), open(id, summary, content));
    }
    for (path, id, summary, media) in [
        ("/", "getLanding", "The first page", "text/html"),
        ("/docs", "getDocs", "How to use it, and what every problem means", "text/html"),
        ("/metrics", "getMetrics", "Counters for Prometheus", "text/plain"),
        ("/openapi.json", "getOpenapi", "This document", "application/json"),
    ] {
        let schema = if media == "application/json" { "object" } else { "string" };
        let content = json!({media: {"schema": {"type": schema}}});
        paths.insert(path.to_owned(), open(id, summary, content));
    }
}

/// How far any catalogue is covered.
fn coverage() -> Value {
    let words = json_schema::of(&CoveredBy::ty(), Nested::Inline);
    let only = json!({
        "name": "coveredBy", "in": "query", "required": false, "schema": words,
        "description": "Only items that this covers.",
    });
    let names = ["asOf", "limit", "cursor", "If-None-Match"];
    let parameters = names.iter().map(|name| component("parameters", name)).chain([only]);
    let operation = read(Read {
        id: "getCatalogueCoverage".to_owned(),
        tag: "catalogues",
        summary: "How far a catalogue is covered, item by item".to_owned(),
        schema: "CatalogueCoverage".to_owned(),
        parameters: parameters.collect(),
        more: true,
    });
    json!({"parameters": [any_catalogue()], "get": operation})
}

/// The id of any catalogue.
fn any_catalogue() -> Value {
    json!({
        "name": "id", "in": "path", "required": true,
        "description": "The catalogue's id: of one that comes with the product (`iso42001-2023`), \
                        or `cat_…` of one of your own.",
        "schema": {"type": "string", "pattern": "^[a-z0-9_.-]{1,64}$"},
    })
}

/// Catalogues that come with the product are read where the tenant's own are.
pub fn packaged(paths: &mut Map<String, Value>) {
    let Some(path) = paths.get_mut("/v1/catalogues/{id}") else { return };
    let answer = "/get/responses/200/content/application~1json/schema";
    if let Some(schema) = path.pointer_mut(answer) {
        *schema = json!({"anyOf": [schema.take(), component("schemas", "Catalogue")]});
    }
    path["parameters"] = json!([any_catalogue()]);
}

/// The path under which a frozen input of a management review is read again.
pub fn frozen_input(paths: &mut Map<String, Value>, review: &KindDecl) {
    let words: Vec<_> = InputKind::ALL.into_iter().map(InputKind::word).collect();
    let input = json!({
        "name": "input", "in": "path", "required": true,
        "description": "Which of the seven inputs.", "schema": {"type": "string", "enum": words},
    });
    let shared = |name: &str| component("parameters", name);
    let mut operation = read(Read {
        id: "getManagementReviewInput".to_owned(),
        tag: review.row.plural,
        summary: "A frozen input, byte for byte as its hash was recorded".to_owned(),
        schema: "FrozenInput".to_owned(),
        parameters: vec![shared("asOf"), shared("If-None-Match")],
        more: false,
    });
    operation["responses"]["200"]["headers"]["Repr-Digest"] = component("headers", "Repr-Digest");
    let parameters = json!([parameters::id(review), input]);
    let item = json!({"parameters": parameters, "get": operation});
    paths.insert(format!("/v1/{}/{{id}}/inputs/{{input}}", review.row.plural), item);
}

/// A path that takes no token.
fn open(id: &str, summary: &str, content: Value) -> Value {
    json!({"get": {
        "operationId": id, "summary": summary, "description": format!("{summary}."),
        "tags": ["annals"], "security": [],
        "responses": {
            "200": {"description": summary, "content": content},
            "405": component("responses", "Problem405"),
            "500": component("responses", "Problem500"),
        },
    }})
}

/// The paths of a kind.
pub fn add(paths: &mut Map<String, Value>, decl: &KindDecl) {
    let (row, ty) = (decl.row, decl.row.graphql);
    let base = format!("/v1/{}", row.plural);
    let make = |id: String, summary: String, schema: String, parameters, more| {
        read(Read { id, tag: row.plural, summary, schema, parameters, more })
    };
    let shared = |name: &str| component("parameters", name);
    let list_id = format!("list{}", pascal(row.plural));
    let list_id = if list_id == format!("get{ty}") { format!("{list_id}s") } else { list_id };
    let summary = format!("A page of {}", row.plural.replace('-', " "));
    let list = make(list_id, summary, format!("{ty}Page"), parameters::list(decl), true);
    let mut item = json!({ "get": list });
    if let Some(command) = creating(decl).next() {
        item["post"] = write(decl, command, format!("create{ty}"));
    }
    paths.insert(base.clone(), item);

    let one = vec![shared("asOf"), shared("version"), shared("If-None-Match")];
    let name = row.name.replace('_', " ");
    let object = make(format!("get{ty}"), format!("One {name}"), ty.to_owned(), one, false);
    let id = parameters::id(decl);
    paths.insert(format!("{base}/{{id}}"), json!({"parameters": [id], "get": object}));

    let names = ["asOf", "limit", "afterVersion", "If-None-Match"];
    let past = names.iter().map(|name| shared(name)).collect();
    let summary = format!("The events of one {name}");
    let history = make(format!("get{ty}History"), summary, format!("{ty}EventPage"), past, true);
    paths.insert(format!("{base}/{{id}}/history"), json!({"parameters": [id], "get": history}));

    let several = creating(decl).nth(1).is_some();
    for command in decl.commands.iter().filter(|command| several || !command.creates) {
        let camel = ty.chars().take(1).flat_map(char::to_lowercase).chain(ty.chars().skip(1));
        let operation = write(decl, command, camel.collect::<String>() + &pascal(command.verb));
        let verb = kebab(command.verb);
        if command.creates {
            paths.insert(format!("{base}/{verb}"), json!({"post": operation}));
        } else {
            let item = json!({"parameters": [id], "post": operation});
            paths.insert(format!("{base}/{{id}}/{verb}"), item);
        }
    }
}

struct Read {
    id: String,
    tag: &'static str,
    summary: String,
    schema: String,
    parameters: Vec<Value>,
    /// Whether there can be a next page.
    more: bool,
}

fn read(operation: Read) -> Value {
    let Read { id, tag, summary, schema, parameters, more } = operation;
    let mut names = vec![
        "Annals-Position",
        "Annals-Simulated",
        "Annals-Settled",
        "Annals-Request-Id",
        "ETag",
        "Cache-Control",
    ];
    if more {
        names.push("Link");
    }
    let ok = json!({
        "description": summary, "headers": headers(&names),
        "content": {"application/json": {"schema": component("schemas", &schema)}},
    });
    let mut responses = problems(READ);
    responses.insert("200".to_owned(), ok);
    responses.insert("304".to_owned(), component("responses", "NotModified"));
    json!({
        "operationId": id, "summary": summary, "description": format!("{summary}."),
        "tags": [tag], "parameters": parameters, "responses": responses,
    })
}

fn write(decl: &KindDecl, command: &CommandDecl, id: String) -> Value {
    let roles: Vec<_> = command.by.iter().map(|role| role.code()).collect();
    let events: Vec<_> =
        command.emits.iter().map(|event| format!("{}.{event}", decl.row.name)).collect();
    let mut names = vec!["Annals-Position", "Annals-Simulated", "Annals-Request-Id", "ETag"];
    names.push("Idempotency-Replayed");
    let (status, done) = if command.creates { ("201", "Made") } else { ("200", "Done") };
    let mut inputs = vec!["Idempotency-Key", "Annals-Clock"];
    if command.creates {
        names.push("Location");
    } else {
        inputs.push("If-Match");
    }
    let inputs: Vec<_> = inputs.iter().map(|name| component("parameters", name)).collect();
    let schema = component("schemas", &format!("{}Done", decl.row.graphql));
    let ok = json!({
        "description": done, "headers": headers(&names),
        "content": {"application/json": {"schema": schema}},
    });
    let mut responses = problems(WRITE);
    responses.insert(status.to_owned(), ok);
    let required = command.input.fields.iter().any(|field| field.required);
    let seen = if command.if_match { " The version that was seen must be named." } else { "" };
    json!({
        "operationId": id,
        "summary": command.doc.trim_end_matches('.'),
        "description": format!("{} By {}.{seen}", command.doc, roles.join(", ")),
        "tags": [decl.row.plural],
        "x-roles": roles,
        "x-events": events,
        "parameters": inputs,
        "requestBody": {
            "required": required,
            "description": "The command's input, and the grounds on which it is given.",
            "content": {"application/json": {
                "schema": component("schemas", &input_name(decl, command)),
            }},
        },
        "responses": responses,
    })
}

fn headers(names: &[&str]) -> Value {
    let each = names.iter().map(|name| ((*name).to_owned(), component("headers", name)));
    Value::Object(each.collect())
}

/// The responses of these statuses.
pub fn problems(statuses: &[&str]) -> Map<String, Value> {
    let each = statuses.iter();
    each.map(|s| ((*s).to_owned(), component("responses", &format!("Problem{s}")))).collect()
}
