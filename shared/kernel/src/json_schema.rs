//! Declarations as JSON Schema (2020-12): for OpenAPI, the event catalogue and the schema hash that
//! stands in each event.

use serde_json::{Map, Value, json};

use crate::schema::{Field, RecordDecl, Ty};

/// How a record's nested records are shown: inline, or by reference to a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nested {
    /// The whole schema in place.
    Inline,
    /// `#/components/schemas/Name`.
    Component,
}

/// The schema of a record as callers send it or receive it.
pub fn record(record: &RecordDecl, nested: Nested) -> Value {
    let mut out = object(&record.fields, nested);
    out["title"] = json!(record.name);
    if !record.doc.is_empty() {
        out["description"] = json!(record.doc);
    }
    out
}

/// The schema of an object with these fields and no others.
pub fn object(fields: &[Field], nested: Nested) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut schema = of(&field.ty, nested);
        if !field.doc.is_empty() {
            schema["description"] = json!(field.doc);
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<_> = fields.iter().filter(|f| f.required).map(|f| f.name).collect();
    let mut out = json!({
        "type": "object", "properties": properties, "additionalProperties": false
    });
    if !required.is_empty() {
        out["required"] = json!(required);
    }
    out
}

/// The schema of a type.
pub fn of(ty: &Ty, nested: Nested) -> Value {
    match ty {
        Ty::Line(max) => json!({ "type": "string", "minLength": 1, "maxLength": max }),
        Ty::Prose(max) => {
            json!({ "type": "string", "minLength": 1, "maxLength": max, "x-personal": true })
        }
        Ty::Int(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Ty::Decimal => {
            json!({ "type": "string", "pattern": "^-?[0-9]{1,12}(\\.[0-9]{1,6})?$" })
        }
        Ty::Bool => json!({ "type": "boolean" }),
        Ty::Date => json!({ "type": "string", "format": "date" }),
        Ty::Time => json!({ "type": "string", "format": "date-time" }),
        Ty::Position => json!({ "type": "string", "pattern": "^[0-9]{1,19}$" }),
        Ty::Hash => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        Ty::Version => json!({ "type": "string", "pattern": "^[0-9]{1,6}(\\.[0-9]{1,6}){1,2}$" }),
        Ty::Number => json!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{1,40}$" }),
        Ty::User | Ty::Pseudonym => {
            json!({ "type": "string", "pattern": "^usr_[0-9a-hjkmnp-tv-z]{26}$" })
        }
        Ty::Ref(kind) => reference(kind),
        Ty::Key => json!({ "type": "string", "pattern": "^[a-z0-9_.-]{1,64}$" }),
        Ty::Role => {
            let codes: Vec<_> = crate::Role::ALL.iter().map(|role| role.code()).collect();
            json!({ "type": "string", "enum": codes })
        }
        Ty::Words(decl) => {
            let words: Vec<_> = decl.words.iter().map(|(word, _)| *word).collect();
            json!({ "type": "string", "enum": words })
        }
        Ty::Record(decl) => nested_record(decl, nested),
        Ty::List(of_, max) => json!({ "type": "array", "maxItems": max, "items": of(of_, nested) }),
        Ty::Map(decl, max) => json!({
            "type": "object", "maxProperties": max,
            "additionalProperties": nested_record(decl, nested),
        }),
        Ty::Fields => json!({ "type": "object", "additionalProperties": true }),
    }
}

fn reference(kind: &str) -> Value {
    let prefix = crate::kinds::kind(kind).map_or("[a-z_]+", |row| row.prefix);
    json!({
        "type": "string",
        "pattern": format!("^{prefix}_[0-9a-hjkmnp-tv-z]{{26}}$"),
        "x-references": if kind.is_empty() { "any" } else { kind },
    })
}

fn nested_record(decl: &RecordDecl, nested: Nested) -> Value {
    match nested {
        Nested::Inline => record(decl, nested),
        Nested::Component => json!({ "$ref": format!("#/components/schemas/{}", decl.name) }),
    }
}
