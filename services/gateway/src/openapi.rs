//! The OpenAPI 3.1 document, made from the declarations. The schemas are JSON already
//! (`kernel::json_schema`), so the document is put together as JSON; a test reads it with utoipa's
//! types.

mod files;
mod imports;
mod operations;
mod outside;
mod parameters;
mod parked;
mod schemas;
mod tokens;

use bus::Registry;
use serde_json::{Map, Value, json};

use crate::rest::frozen::REVIEW;
use crate::rest::problem::TYPES;
use crate::rest::route::EVIDENCE;
use crate::rest::tokens::KINDS;

/// The document of these kinds.
pub fn document(registry: &Registry) -> Value {
    let mut paths = Map::new();
    let mut components = schemas::common();
    operations::fixed(&mut paths);
    parked::schemas(&mut components);
    parked::paths(&mut paths);
    if registry.named("operation").is_some() {
        imports::schemas(&mut components);
        imports::path(&mut paths);
    }
    let of = |kind: &str| registry.named(kind).map(|kind| kind.decl());
    if let (Some(channel), Some(concern)) = (of("reporting_channel"), of("concern")) {
        outside::schemas(&mut components, channel, concern);
        outside::paths(&mut paths);
    }
    for decl in registry.decls().filter(|decl| KINDS.contains(&decl.row.name)) {
        tokens::schemas(&mut components);
        tokens::path(&mut paths, decl);
    }
    if let Some(evidence) = of(EVIDENCE) {
        files::paths(&mut paths, evidence);
    }
    if let Some(review) = of(REVIEW) {
        schemas::frozen_input(&mut components);
        operations::frozen_input(&mut paths, review);
    }
    for decl in registry.decls() {
        schemas::add(&mut components, decl);
        operations::add(&mut paths, decl);
    }
    operations::packaged(&mut paths);
    let tags = registry.decls().map(|decl| {
        let (name, service) = (decl.row.plural, decl.row.service);
        json!({"name": name, "description": decl.about.doc, "x-service": service})
    });
    let own = |name: &str, description: &str| json!({"name": name, "description": description});
    let fixed = [
        own("annals", "The log, the caller, imports, pages and probes."),
        own("public", "What outsiders report, without a token."),
    ];
    let tags: Vec<_> = fixed.into_iter().chain(tags).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Annals",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Records of an AI management system (ISO/IEC 42001), kept as events: \
                            what holds, what held at any time, and who decided it on what grounds.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "Annals", "url": "https://annals.localhost/docs"},
        },
        "servers": [{"url": "/", "description": "This installation."}],
        "security": [{"bearer": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": parameters::shared(),
            "headers": headers(),
            "responses": responses(),
            "securitySchemes": {"bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "A token of this installation; it names person and tenant.",
            }},
        },
    })
}

/// A reference to a component.
fn component(section: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{section}/{name}")})
}

fn headers() -> Value {
    let text =
        |description: &str| json!({"description": description, "schema": {"type": "string"}});
    json!({
        "Annals-Position": {
            "description": "The position of the log as of which the answer holds.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"},
        },
        "Annals-Simulated": text("`true` when the tenant's clock is simulated."),
        "Annals-Settled": text("`false` when the answer about the past can still change."),
        "Annals-Request-Id": text("Names the request in the log of the installation."),
        "Repr-Digest": text("SHA-256 of the bytes of the answer (RFC 9530)."),
        "ETag": text("The version of the object, or a tag of the whole answer."),
        "Cache-Control": text("How long the answer may be kept."),
        "Link": text("The next page, `rel=\"next\"`."),
        "Location": text("Where the object is read."),
        "Idempotency-Replayed": text("`true` when this repeats the answer to the first request."),
        "Content-Disposition": text("An attachment under the name of the file."),
        "Content-Range": text("Which bytes these are, or how many there are."),
        "Content-Digest": text("SHA-256 of these bytes (RFC 9530)."),
        "Repr-Digest": text("SHA-256 of the whole file (RFC 9530)."),
        "Accept-Ranges": text("`bytes`: a range can be asked for."),
        "WWW-Authenticate": text("How to authenticate."),
        "Allow": text("The methods that the path takes."),
        "Retry-After": text("After how many seconds to try again."),
    })
}

/// One response per status that a problem can have, named `Problem404`.
fn responses() -> Value {
    let mut statuses: Vec<u16> = TYPES.iter().map(|known| known.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let mut out = Map::new();
    for status in statuses {
        let known: Vec<_> = TYPES.iter().filter(|known| known.status == status).collect();
        let titles: Vec<_> = known.iter().map(|k| format!("`{}`: {}", k.code, k.title)).collect();
        let mut headers = json!({"Annals-Request-Id": component("headers", "Annals-Request-Id")});
        let own = match status {
            401 => Some("WWW-Authenticate"),
            405 => Some("Allow"),
            416 => Some("Content-Range"),
            429 | 503 => Some("Retry-After"),
            _ => None,
        };
        if let Some(name) = own {
            headers[name] = component("headers", name);
        }
        let content =
            json!({"application/problem+json": {"schema": component("schemas", "Problem")}});
        let response = json!({
            "description": titles.join("; "), "headers": headers, "content": content,
        });
        out.insert(format!("Problem{status}"), response);
    }
    let not_modified = json!({
        "description": "What the caller has still holds.",
        "headers": {
            "ETag": component("headers", "ETag"),
            "Annals-Position": component("headers", "Annals-Position"),
        },
    });
    out.insert("NotModified".to_owned(), not_modified);
    Value::Object(out)
}

#[cfg(test)]
mod tests;
