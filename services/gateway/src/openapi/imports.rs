//! The operation that takes a file in.

use exchange::numbers::Unknown;
use exchange::operation::{FileError, Format, Report};
use kernel::json_schema::{self, Nested};
use kernel::schema::{Described, Record};
use kernel::values::{Key, Line};
use reference::catalogue::ItemKind;
use serde_json::{Map, Value, json};

use super::component;
use crate::rest::imports::EDITION_MAX;

const PROBLEMS: &[&str] = &["400", "401", "403", "404", "409", "413", "415", "422", "500", "503"];

/// The schema of what a dry run shows.
pub fn schemas(out: &mut Map<String, Value>) {
    let mut run = json_schema::object(&Report::record().fields, Nested::Inline);
    run["description"] = json!("What an import would do. Nothing of it is stored.");
    let title = json!({
        "type": "object",
        "properties": {
            "kind": {"type": "string"}, "title": {"type": "string"},
            "line": {"type": "integer", "minimum": 0},
        },
        "required": ["kind", "title", "line"],
    });
    let error = json_schema::record(&FileError::record(), Nested::Inline);
    let more = [
        ("dryRun", json!({"type": "boolean", "enum": [true]})),
        ("succeeds", json!({"type": "boolean", "description": "Whether it would succeed."})),
        ("titles", json!({"type": "array", "items": title})),
        ("errors", json!({"type": "array", "items": error})),
    ];
    for (name, schema) in more {
        run["properties"][name] = schema;
    }
    run["required"] = json!(["dryRun", "succeeds", "titles", "errors"]);
    out.insert("DryRun".to_owned(), run);
}

/// The path.
pub fn path(paths: &mut Map<String, Value>) {
    let query = |name: &str, description: &str, required: bool, schema: Value| {
        json!({
            "name": name, "in": "query", "required": required, "description": description,
            "schema": schema,
        })
    };
    let line = || json_schema::of(&Line::ty(), Nested::Inline);
    let flag = || json!({"type": "boolean", "default": false});
    let format = json_schema::of(&Format::ty(), Nested::Inline);
    let prefer = json!({
        "name": "Prefer", "in": "header", "required": false,
        "description": "`wait=30` waits so many seconds for the end, at most 60.",
        "schema": {"type": "string"},
    });
    let parameters = [
        query("format", "What the file is taken for.", true, format),
        query("name", "Name of the file.", true, line()),
        query("source", "Where it comes from.", true, line()),
        query("licence", "The licence under which it may be used.", true, line()),
        query("withSystem", "Whether a system is registered for what it describes.", false, flag()),
        query("title", "Title of the catalogue.", false, line()),
        query("edition", "Edition of the catalogue, or version of the mappings' source.", false, {
            json_schema::of(&Line::ty().shortened(EDITION_MAX), Nested::Inline)
        }),
        query("language", "Language of the catalogue, also where the file has several.", false, {
            json_schema::of(&Key::ty(), Nested::Inline)
        }),
        query("itemKind", "What the items are where the file does not say.", false, {
            json_schema::of(&ItemKind::ty(), Nested::Inline)
        }),
        query("publish", "Whether the catalogue is published at once.", false, flag()),
        query("catalogue", "The catalogue whose controls the mappings are from.", false, line()),
        query("unknown", "What becomes of what a mapping names and no catalogue has.", false, {
            json_schema::of(&Unknown::ty(), Nested::Inline)
        }),
        query("dryRun", "Whether it is only shown what would be done.", false, flag()),
        component("parameters", "Idempotency-Key"),
        component("parameters", "Annals-Clock"),
        prefer,
    ];
    let operation = component("schemas", "Operation");
    let shown = json!({"anyOf": [operation, component("schemas", "DryRun")]});
    let answer = |description: &str, schema: &Value| {
        let names = ["Annals-Request-Id", "Cache-Control", "ETag", "Location"];
        let names = names.iter().chain(&["Idempotency-Replayed"]);
        let headers = names.map(|name| ((*name).to_owned(), component("headers", name)));
        json!({
            "description": description, "headers": headers.collect::<Map<_, _>>(),
            "content": {"application/json": {"schema": schema}},
        })
    };
    let mut responses = super::operations::problems(PROBLEMS);
    responses.insert("200".to_owned(), answer("The operation, ended; or the dry run", &shown));
    responses.insert("202".to_owned(), answer("The operation, under way", &operation));
    let summary = "Takes a file in, all or nothing";
    let binary = json!({"schema": {"type": "string", "format": "binary"}});
    paths.insert("/v1/imports".to_owned(), json!({"post": {
        "operationId": "importFile", "summary": summary,
        "description": format!("{summary}; by those who may give the commands that it stands for."),
        "tags": ["annals"], "parameters": parameters,
        "requestBody": {
            "required": true, "description": "The file as it is.", "content": {"*/*": binary},
        },
        "responses": responses,
    }}));
}

#[cfg(test)]
mod tests {
    use kernel::schema::Ty;

    use super::*;

    #[test]
    fn the_formats_are_those_that_are_read() {
        let Ty::Words(words) = Format::ty() else { panic!("a format is a word") };
        let named: Vec<_> = words.words.iter().map(|(word, _)| *word).collect();
        let mut paths = Map::new();
        path(&mut paths);
        let parameters = &paths["/v1/imports"]["post"]["parameters"];
        assert_eq!(parameters[0]["schema"]["enum"], json!(named));
    }
}
