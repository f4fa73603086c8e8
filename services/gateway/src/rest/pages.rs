//! The pages for people: `/` and `/docs`. Everything is embedded; nothing is loaded from outside.

use bus::Registry;

use super::problem::{ProblemType, TYPES};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
padding:0 1rem;color:#1b1f24}code{background:#f2f4f6;padding:.1em .3em}h3{margin:1.4em 0 .2em}\
dt{font-weight:600}:target{background:#fff6cc}@media(prefers-color-scheme:dark){body{\
background:#14171a;color:#e6e8ea}code{background:#252a30}a{color:#8ab4f8}\
:target{background:#4a3f10}}";

fn html(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style></head><body>{body}</body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `/`
pub fn landing(registry: &Registry) -> String {
    let mut body = String::from(
        "<h1>Annals</h1><p>Records of an AI management system, kept as events: what holds, what \
         held at any time, and who decided it on what grounds.</p><ul>\
         <li><a href=\"/docs\">How to use it, and what every error means</a></li>\
         <li><a href=\"/openapi.json\">REST as OpenAPI 3.1</a></li>\
         <li><a href=\"/graphql/explorer\">GraphQL</a> at <code>/graphql</code></li>\
         <li><a href=\"/metrics\">Metrics</a></li></ul><h2>What is kept</h2><dl>",
    );
    for decl in registry.decls() {
        let (plural, doc) = (decl.row.plural, escaped(decl.about.doc));
        body.push_str(&format!("<dt><code>/v1/{plural}</code></dt><dd>{doc}</dd>"));
    }
    body.push_str("</dl>");
    html("Annals", &body)
}

/// `/docs`
pub fn docs(registry: &Registry) -> String {
    let mut body = String::from(
        "<h1>Using Annals</h1><p>Everything is described in <a href=\"/openapi.json\">OpenAPI \
         3.1</a> and in the GraphQL schema. In short: a bearer token says who asks and for which \
         tenant; <code>asOf</code> (a time or a position) asks for the past; <code>If-Match</code> \
         names the version that was seen; <code>Idempotency-Key</code> makes a write repeatable. \
         <code>Annals-Position</code> says as of which position of the log an answer holds.</p>\
         <h2 id=\"problems\">Problems</h2><p>Every error is <code>application/problem+json</code> \
         (RFC 9457). Its <code>type</code> leads here.</p>",
    );
    for ProblemType { code, status, title, doc } in TYPES {
        let doc = escaped(doc);
        body.push_str(&format!(
            "<h3 id=\"{code}\"><code>{code}</code> ({status})</h3><p>{title}. {doc}</p>"
        ));
    }
    body.push_str("<h2 id=\"refusals\">What the rules of each kind refuse</h2>");
    for decl in registry.decls() {
        for refusal in &decl.refusals {
            let (kind, code, doc) = (decl.row.name, refusal.code, escaped(refusal.doc));
            let status = if refusal.conflict { 409 } else { 422 };
            let rule =
                refusal.rule.map_or_else(String::new, |r| format!(" Source: {}.", escaped(r)));
            body.push_str(&format!(
                "<h3 id=\"{kind}.{code}\"><code>{kind}.{code}</code> ({status})</h3>\
                 <p>{doc}{rule}</p>"
            ));
        }
    }
    html("Using Annals", &body)
}
