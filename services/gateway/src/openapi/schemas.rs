//! The schemas of objects, events, inputs and problems.

use std::sync::Arc;

use governance::coverage::CatalogueCoverage;
use kernel::domain::{CommandDecl, EventDecl, KindDecl};
use kernel::door::Grounds;
use kernel::json_schema::{self, Nested};
use kernel::schema::{Field, Record, RecordDecl, Ty};
use serde_json::{Map, Value, json};

use super::component;
use crate::rest::problem::TYPES;
use crate::rest::shown::shown_name;

/// Words in `snake_case`, `kebab-case` or dots as one word in `PascalCase`.
pub fn pascal(words: &str) -> String {
    words
        .split(['_', '-', '.'])
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect()
}

/// Name of the schema of a command's input.
pub fn input_name(decl: &KindDecl, command: &CommandDecl) -> String {
    format!("{}{}Input", decl.row.graphql, pascal(command.verb))
}

fn event_name(decl: &KindDecl, event: &EventDecl) -> String {
    let name = event.name.rsplit_once('.').map_or(event.name, |(_, name)| name);
    format!("{}{}Data", decl.row.graphql, pascal(name))
}

/// The schema of a frozen input of a management review.
pub fn frozen_input(out: &mut Map<String, Value>) {
    let schema = json!({
        "type": "object",
        "description": "What the query of an input found: documents by kind and id, as they are \
                        stored, with the texts that name people sealed.",
        "properties": {
            "asOf": component("schemas", "Position"), "input": {"type": "string"},
            "query": {"type": "integer", "minimum": 1}, "review": {"type": "string"},
            "documents": {"type": "object", "additionalProperties": {
                "type": "object", "additionalProperties": {"type": "object"},
            }},
        },
        "required": ["asOf", "documents", "input", "query", "review"],
    });
    out.insert("FrozenInput".to_owned(), schema);
}

/// The schemas that every kind uses.
pub fn common() -> Map<String, Value> {
    let Value::Object(mut out) = json!({
        "Position": {
            "type": "string", "pattern": "^[0-9]{1,19}$",
            "description": "A position in the tenant's log; a string, since it has 64 bits.",
        },
        "Erased": {
            "type": "object", "description": "A personal text that was erased.",
            "properties": {"erased": {"type": "boolean", "enum": [true]}}, "required": ["erased"],
        },
        "Withheld": {
            "type": "object",
            "description": "A text that is confided to others than the caller.",
            "properties": {"withheld": {"type": "boolean", "enum": [true]}},
            "required": ["withheld"],
        },
        "RecordedEvent": {
            "type": "object", "description": "An event that a command brought about.",
            "properties": {
                "id": {"type": "string"}, "type": {"type": "string"}, "object": {"type": "string"},
                "version": {"type": "integer", "minimum": 1},
                "position": component("schemas", "Position"),
            },
            "required": ["id", "type", "object", "version", "position"],
        },
        "Me": {
            "type": "object", "description": "Who asks.",
            "properties": {
                "id": {"type": "string"}, "tenant": {"type": "string"},
                "roles": {"type": "array", "items": json_schema::of(&Ty::Role, Nested::Inline)},
                "via": {"type": "string"}, "engagement": {"type": ["string", "null"]},
                "membership": {"type": ["string", "null"]}, "simulated": {"type": "boolean"},
                "position": component("schemas", "Position"),
            },
            "required": ["id", "tenant", "roles", "via", "simulated", "position"],
        },
        "Catalogue": {
            "type": "object",
            "description": "A catalogue that comes with the product: a standard, law or framework.",
            "properties": catalogue(&["clauses", "objectives", "controls", "items", "mappings"]),
            "required": ["id", "title", "edition", "clauses", "objectives", "controls", "items"],
        },
        "CatalogueList": {
            "type": "object", "description": "The catalogues that come with the product.",
            "properties": {"data": {
                "type": "array", "items": {"type": "object", "properties": catalogue(&[])},
            }},
            "required": ["data"],
        },
        "CatalogueCoverage": coverage(),
        "Status": {
            "type": "object", "description": "The state of a probe.",
            "properties": {"status": {"type": "string"}}, "required": ["status"],
        },
    }) else {
        return Map::new();
    };
    out.insert("Event".to_owned(), event());
    out.insert("EventPage".to_owned(), page("Event", "after"));
    out.insert("Problem".to_owned(), problem());
    out
}

/// How far a catalogue is covered. `next` is a cursor.
fn coverage() -> Value {
    let mut schema = json_schema::record(&CatalogueCoverage::record(), Nested::Inline);
    schema["properties"]["settled"] =
        json!({"type": "boolean", "description": "False when the answer can still change."});
    schema
}

/// What a catalogue is, with lists of these parts.
fn catalogue(parts: &[&str]) -> Value {
    let texts = ["id", "title", "edition", "publisher", "source", "licence", "language"];
    let texts = texts.iter().map(|name| ((*name).to_owned(), json!({"type": "string"})));
    let list = json!({"type": "array", "items": {"type": "object"}});
    let lists = parts.iter().map(|name| ((*name).to_owned(), list.clone()));
    let count = ("itemCount".to_owned(), json!({"type": "integer", "minimum": 0}));
    Value::Object(texts.chain(lists).chain([count]).collect())
}

fn event() -> Value {
    let time = json_schema::of(&Ty::Time, Nested::Inline);
    json!({
        "type": "object", "description": "An event as it stands in the log, its texts opened.",
        "properties": {
            "id": {"type": "string"}, "type": {"type": "string"}, "object": {"type": "string"},
            "kind": {"type": "string"}, "version": {"type": "integer", "minimum": 1},
            "position": component("schemas", "Position"), "recordedAt": time,
            "effectiveAt": time,
            "late": {"type": "boolean", "description": "Recorded later than the tenant allows."},
            "actor": {"type": "string"}, "role": json_schema::of(&Ty::Role, Nested::Inline),
            "via": {"type": "string"}, "engagement": {"type": "string"},
            "cause": {"type": "string"}, "correlation": {"type": "string"},
            "data": {"type": "object"},
            "patch": {
                "type": "array", "items": {"type": "object"},
                "description": "The change of the object's document, RFC 6902.",
            },
            "reason": personal(),
            "evidence": {"type": "array", "items": {"type": "string"}},
            "clauses": {"type": "array", "items": {"type": "string"}},
            "relied": {"type": "object", "description": "The facts that the decision relied on."},
        },
        "required": [
            "id", "type", "object", "kind", "version", "position", "recordedAt", "effectiveAt",
            "late", "actor", "role", "via", "correlation", "data", "patch",
        ],
    })
}

fn personal() -> Value {
    json!({"anyOf": [
        {"type": "string", "x-personal": true},
        component("schemas", "Erased"),
        component("schemas", "Withheld"),
    ]})
}

fn page(item: &str, next: &str) -> Value {
    json!({
        "type": "object", "description": format!("A page of {item}."),
        "properties": {
            "data": {"type": "array", "maxItems": 100, "items": component("schemas", item)},
            "position": component("schemas", "Position"),
            "next": {
                "type": ["string", "null"],
                "description": format!("What `{next}` takes for the next page; null at the end."),
            },
            "settled": {"type": "boolean"},
            "total": {"type": "integer", "minimum": 0}, "totalIsCapped": {"type": "boolean"},
        },
        "required": ["data", "position", "next"],
    })
}

fn problem() -> Value {
    let codes: Vec<_> = TYPES.iter().map(|known| known.code).collect();
    json!({
        "type": "object", "description": "RFC 9457. Codes of rules have the form `kind.code`.",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "code": {"type": "string", "examples": codes},
            "rule": {"type": "string", "description": "Clause, article or principle."},
            "requestId": {"type": "string"},
            "errors": {"type": "array", "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string"}, "header": {"type": "string"},
                    "code": {"type": "string"}, "message": {"type": "string"},
                },
                "required": ["code", "message"],
            }},
            "since": {"type": "array", "items": component("schemas", "Event")},
        },
        "required": ["type", "title", "status", "detail", "code", "requestId"],
    })
}

/// The schemas of a kind.
pub fn add(out: &mut Map<String, Value>, decl: &KindDecl) {
    let ty = decl.row.graphql;
    out.insert(ty.to_owned(), object(decl));
    out.insert(format!("{ty}Page"), page(ty, "cursor"));
    out.insert(format!("{ty}Done"), done(ty));
    nested(out, ty, &decl.state.fields);
    for command in &decl.commands {
        out.insert(input_name(decl, command), input(command));
    }
    let mut datas = Vec::new();
    for event in &decl.events {
        let name = event_name(decl, event);
        let mut schema = shown(ty, json_schema::record(&event.data, Nested::Component));
        schema["description"] = json!(format!("{} (`{}`)", event.doc, event.name));
        out.insert(name.clone(), schema);
        nested(out, ty, &event.data.fields);
        datas.push(component("schemas", &name));
    }
    let description = format!("An event of {}.", decl.row.plural);
    let own = json!({"type": "object", "properties": {"data": {"anyOf": datas}}});
    let event = json!({
        "description": description, "allOf": [component("schemas", "Event"), own],
    });
    out.insert(format!("{ty}Event"), event);
    out.insert(format!("{ty}EventPage"), page(&format!("{ty}Event"), "after"));
}

fn object(decl: &KindDecl) -> Value {
    let ty = decl.row.graphql;
    let mut schema = shown(ty, json_schema::record(&decl.state, Nested::Component));
    let time = json_schema::of(&Ty::Time, Nested::Inline);
    let mut properties = json!({
        "id": json_schema::of(&Ty::Ref(decl.row.name), Nested::Inline),
        "version": {
            "type": "integer", "minimum": 1,
            "description": "Number of its last event; what `If-Match` takes.",
        },
        "position": component("schemas", "Position"),
        "recordedAt": time, "createdAt": time, "settled": {"type": "boolean"},
    });
    if decl.state.field("kind").is_none() {
        properties["kind"] = json!({"type": "string", "enum": [decl.row.name]});
    }
    let mut required = vec!["id", "version", "position", "recordedAt", "createdAt"];
    let fields = decl.state.fields.iter();
    let names: Vec<_> = fields.map(|f| (f, shown_name(decl, f.name))).collect();
    for (field, name) in &names {
        properties[name] = schema["properties"][field.name].take();
        if field.required {
            required.push(name);
        }
    }
    schema["description"] = json!(decl.about.doc);
    schema["required"] = json!(required);
    schema["properties"] = properties;
    schema
}

/// A schema as readers see it: nested records by their component of the kind, personal texts open,
/// erased or withheld.
fn shown(ty: &str, schema: Value) -> Value {
    match schema {
        Value::Object(members) if members.get("x-personal") == Some(&Value::Bool(true)) => {
            let mut out = personal();
            if let Some(description) = members.get("description") {
                out["description"] = description.clone();
            }
            out
        }
        Value::Object(members) => {
            let each = |(name, value): (String, Value)| match value.as_str() {
                Some(target) if name == "$ref" => {
                    let own = target.replace("#/components/schemas/", "");
                    (name, json!(format!("#/components/schemas/{ty}{own}")))
                }
                _ => (name, shown(ty, value)),
            };
            Value::Object(members.into_iter().map(each).collect())
        }
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| shown(ty, item)).collect())
        }
        other => other,
    }
}

/// The records inside these fields, each as a component of the kind.
fn nested(out: &mut Map<String, Value>, ty: &str, fields: &[Field]) {
    for field in fields {
        let Some(record) = inner(&field.ty) else { continue };
        let schema = shown(ty, json_schema::record(record, Nested::Component));
        if out.insert(format!("{ty}{}", record.name), schema).is_none() {
            nested(out, ty, &record.fields);
        }
    }
}

fn inner(ty: &Ty) -> Option<&Arc<RecordDecl>> {
    match ty {
        Ty::Record(of) | Ty::Map(of, _) => Some(of),
        Ty::List(of, _) => inner(of),
        _ => None,
    }
}

fn input(command: &CommandDecl) -> Value {
    let grounds = Grounds::record();
    let extra = grounds.fields.iter().filter(|field| command.input.field(field.name).is_none());
    let fields: Vec<Field> = command.input.fields.iter().chain(extra).cloned().collect();
    let mut schema = json_schema::object(&fields, Nested::Inline);
    schema["description"] = json!(command.doc);
    schema
}

fn done(ty: &str) -> Value {
    json!({
        "type": "object", "description": "What a command brought about.",
        "properties": {
            "id": {"type": "string"}, "version": {"type": "integer", "minimum": 0},
            "position": component("schemas", "Position"),
            "recordedAt": json_schema::of(&Ty::Time, Nested::Inline),
            "events": {"type": "array", "items": component("schemas", "RecordedEvent")},
            "object": {
                "anyOf": [component("schemas", ty), {"type": "null"}],
                "description": "The object as it was left; null for those who may not read it.",
            },
            "refusal": {"type": ["object", "null"], "description": "A refusal that was recorded."},
        },
        "required": ["id", "version", "position", "recordedAt", "events", "object", "refusal"],
    })
}
