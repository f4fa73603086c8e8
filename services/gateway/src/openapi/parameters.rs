//! Parameters: those that many operations share, and the filters of each kind.

use kernel::domain::KindDecl;
use kernel::json_schema::{self, Nested};
use kernel::schema::{Field, RecordDecl, Ty};
use serde_json::{Value, json};

use super::component;
use crate::listing::{PAGE_DEFAULT, PAGE_MAX};
use crate::rest::shown::shown_name;

/// Parameters that many operations share.
pub fn shared() -> Value {
    let query = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "query", "required": false, "description": description, "schema": schema});
    let header = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "header", "required": false, "description": description, "schema": schema});
    let count = json!({
        "type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_DEFAULT,
    });
    let position = json!({"type": "string", "pattern": "^[0-9]{1,19}$"});
    let number = json!({"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_u64});
    json!({
        "asOf": query(
            "asOf",
            "As of when: an RFC 3339 time or a position of the log. Without it: now.",
            json!({"anyOf": [{"type": "string", "format": "date-time"}, position]}),
        ),
        "limit": query("limit", "How many.", count),
        "cursor": query(
            "cursor",
            "Where the page begins: `next` of the page before. It keeps the position of the first \
             page.",
            json!({"type": "string", "maxLength": 4096}),
        ),
        "search": query(
            "search",
            "Text that the searchable fields contain, in any case.",
            json!({"type": "string", "maxLength": 200}),
        ),
        "total": query("total", "Also count all pages.", json!({"type": "boolean"})),
        "version": query("version", "The version of the object.", number.clone()),
        "afterVersion": query("after", "Only events of later versions.", number),
        "afterPosition": query("after", "Only events of later positions.", position),
        "Idempotency-Key": header(
            "Idempotency-Key",
            "Makes the request repeatable: the first answer is given again.",
            json!({"type": "string", "pattern": "^[!-~]{1,200}$"}),
        ),
        "If-Match": header(
            "If-Match",
            "The version of the object that was seen, or `*` for any.",
            json!({"type": "string", "pattern": "^(\"[0-9]+\"|\\*)$"}),
        ),
        "If-None-Match": header(
            "If-None-Match",
            "The tag of an answer that the caller has.",
            json!({"type": "string"}),
        ),
        "Annals-Clock": header(
            "Annals-Clock",
            "The time of the command, for simulated tenants only.",
            json!({"type": "string", "format": "date-time"}),
        ),
    })
}

/// The parameter that names an object.
pub fn id(decl: &KindDecl) -> Value {
    let own = json_schema::of(&Ty::Ref(decl.row.name), Nested::Inline);
    let (schema, more) = if decl.about.singleton {
        (
            json!({"anyOf": [own, {"type": "string", "enum": ["current"]}]}),
            ", or `current` for the only one",
        )
    } else {
        (own, "")
    };
    let description = format!("The object's id{more}.");
    json!({
        "name": "id", "in": "path", "required": true, "description": description, "schema": schema,
    })
}

/// Every parameter of a kind's list.
pub fn list(decl: &KindDecl) -> Vec<Value> {
    let names = ["asOf", "limit", "cursor", "search", "total", "If-None-Match"];
    let mut out: Vec<_> = names.iter().map(|name| component("parameters", name)).collect();
    let mut fields = vec![("id".to_owned(), Ty::Ref(decl.row.name), true)];
    collect(decl, &decl.state, "", &mut fields);
    let sortable: Vec<_> = fields.iter().filter(|f| f.2).map(|f| f.0.as_str()).collect();
    let keys: Vec<_> = sortable.iter().map(|path| path.replace('.', "\\.")).collect();
    let key = format!("-?({})", keys.join("|"));
    out.push(json!({
        "name": "sort", "in": "query", "required": false,
        "description": format!(
            "Sort keys, `-` for the largest first, of: {}. What has no value comes last.",
            sortable.join(", ")
        ),
        "schema": {"type": "string", "pattern": format!("^{key}(,{key}){{0,4}}$")},
    }));
    for (path, ty, indexed) in &fields {
        for op in operators(ty, *indexed) {
            out.push(filter(path, ty, op));
        }
    }
    out
}

/// The comparisons that are listed; all others of the type work too.
fn operators(ty: &Ty, indexed: bool) -> &'static [&'static str] {
    match ty {
        _ if !indexed => &["eq"],
        Ty::Bool => &["eq", "ne", "isNull"],
        Ty::Int(..) | Ty::Decimal | Ty::Date | Ty::Time | Ty::Position => {
            &["eq", "ne", "in", "lt", "lte", "gt", "gte", "isNull"]
        }
        _ => &["eq", "ne", "in", "contains", "startsWith", "isNull"],
    }
}

fn filter(path: &str, ty: &Ty, op: &str) -> Value {
    let (suffix, words) = match op {
        "eq" => (String::new(), "equals".to_owned()),
        "ne" => ("[ne]".to_owned(), "does not equal".to_owned()),
        "in" => ("[in]".to_owned(), "is one of, separated by commas".to_owned()),
        "isNull" => ("[isNull]".to_owned(), "is absent".to_owned()),
        other => (format!("[{other}]"), format!("compares by {other}")),
    };
    let schema = match op {
        "isNull" => json!({"type": "boolean"}),
        "in" => json!({"type": "string"}),
        "contains" | "startsWith" => json!({"type": "string", "maxLength": 200}),
        _ => json_schema::of(ty, Nested::Inline),
    };
    json!({
        "name": format!("filter[{path}]{suffix}"), "in": "query", "required": false,
        "description": format!("`{path}` {words}."), "schema": schema,
    })
}

/// The fields that lists are filtered by: path, type of one value, whether a column holds it.
fn collect(decl: &KindDecl, record: &RecordDecl, prefix: &str, out: &mut Vec<(String, Ty, bool)>) {
    for Field { name, ty, index, .. } in &record.fields {
        let shown = if prefix.is_empty() { shown_name(decl, name) } else { (*name).to_owned() };
        let path = format!("{prefix}{shown}");
        let single = match ty {
            Ty::List(of, _) => &**of,
            other => other,
        };
        match single {
            Ty::Record(of) | Ty::Map(of, _) => collect(decl, of, &format!("{path}."), out),
            Ty::Prose(_) | Ty::Fields => {}
            scalar => out.push((path, scalar.clone(), *index && single == ty)),
        }
    }
}
