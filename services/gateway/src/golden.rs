//! Golden files for `api-spec/`: every route, permission, event and refusal as a domain expert can
//! check them. All of it follows from the declarations.

use std::fmt::Write;

use bus::Registry;
use exchange::import::importers;
use exchange::operation::Format;
use kernel::Role;
use kernel::domain::{CommandDecl, KindDecl};
use kernel::json_schema::{Nested, record};
use kernel::schema::{Field, RecordDecl, Ty};
use sha2::{Digest, Sha256};

use crate::openapi;
use crate::rest::frozen::REVIEW;
use crate::rest::route::{EVIDENCE, creating, kebab};
use crate::rest::tokens::KINDS;

/// Every file: its name and what it must say.
pub fn files(registry: &Registry, graphql_sdl: Option<String>) -> Vec<(&'static str, String)> {
    let openapi = openapi::document(registry);
    let openapi = serde_json::to_string_pretty(&openapi).unwrap_or_default();
    let mut files = vec![
        ("openapi.json", openapi + "\n"),
        ("routes.txt", routes(registry)),
        ("permissions.txt", permissions(registry)),
        ("events.md", events(registry)),
        ("refusals.txt", refusals(registry)),
    ];
    files.extend(graphql_sdl.map(|sdl| ("schema.graphql", sdl)));
    files
}

fn codes(roles: &[Role]) -> String {
    roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(" ")
}

/// Who may read a kind: every member, or these roles.
fn readers(decl: &KindDecl) -> String {
    let whole = codes(decl.about.readers);
    match (decl.about.readers == Role::MEMBERS, decl.own.is_empty()) {
        (true, _) => "members".into(),
        (false, true) => whole,
        (false, false) => format!("{whole}; members their own"),
    }
}

/// Columns as wide as their widest entry.
fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width =
        |n: usize| rows.iter().filter_map(|row| row.get(n)).map(|s| s.chars().count()).max();
    let widths: Vec<_> = (0..count).map(|n| width(n).unwrap_or_default()).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// Every route: method, path, who may, which events follow.
pub fn routes(registry: &Registry) -> String {
    let row = |method: &str, path: &str, who: &str, events: &str| {
        [method, path, who, events].map(str::to_owned).to_vec()
    };
    let mut rows = vec![row("method", "path", "who", "events")];
    for path in ["/", "/docs", "/livez", "/metrics", "/openapi.json", "/readyz"] {
        rows.push(row("GET", path, "anybody", ""));
    }
    for path in ["/v1/catalogues/packaged", "/v1/catalogues/{id}/coverage", "/v1/events", "/v1/me"]
    {
        rows.push(row("GET", path, "members", ""));
    }
    rows.push(row("GET", "/v1/parked", "ADM of the installation", ""));
    rows.push(row("POST", "/v1/parked/resume", "ADM of the installation", ""));
    rows.extend(
        outside(registry).map(|(method, path, events)| row(method, path, "anybody", events)),
    );
    if registry.named("operation").is_some() {
        let events = "operation.started, and those of the commands that the file stands for";
        rows.push(row("POST", "/v1/imports", &importing(), events));
    }
    for decl in registry.decls() {
        let base = format!("/v1/{}", decl.row.plural);
        if decl.row.name == EVIDENCE {
            rows.extend(
                content(decl).map(|(method, path, who, events)| row(method, path, &who, events)),
            );
        }
        let own = |tail: &str| format!("{base}{tail}");
        for tail in ["", "/{id}", "/{id}/history"] {
            rows.push(row("GET", &own(tail), &readers(decl), ""));
        }
        if decl.row.name == REVIEW {
            rows.push(row("GET", &own("/{id}/inputs/{input}"), &readers(decl), ""));
        }
        if let Some(first) = creating(decl).next() {
            rows.push(row("POST", &base, &codes(first.by), &emitted(decl, first)));
        }
        let several = creating(decl).nth(1).is_some();
        for command in decl.commands.iter().filter(|command| several || !command.creates) {
            let id = if command.creates { "" } else { "/{id}" };
            let path = format!("{base}{id}/{}", kebab(command.verb));
            rows.push(row("POST", &path, &codes(command.by), &emitted(decl, command)));
        }
        if KINDS.contains(&decl.row.name) {
            let by = if decl.row.name == "certification_body" { "ADM" } else { "CBA" };
            rows.push(row("POST", &own("/{id}/tokens"), by, ""));
        }
    }
    columns(&rows)
}

/// The routes of outsiders, which take no token.
fn outside(registry: &Registry) -> impl Iterator<Item = (&str, &str, &str)> {
    let routes = [
        ("GET", "/v1/public/{tenant}/reporting-channels/{id}", ""),
        ("POST", "/v1/public/{tenant}/reporting-channels/{id}/concerns", "concern.reported"),
        ("POST", "/v1/public/{tenant}/receipts", ""),
        (
            "POST",
            "/v1/public/{tenant}/receipts/messages",
            "concern.message_added concern.retaliation_flagged",
        ),
    ];
    routes.into_iter().filter(|_| registry.named("concern").is_some())
}

/// The routes of evidence's bytes.
fn content(decl: &KindDecl) -> [(&'static str, &'static str, String, &'static str); 3] {
    let by = decl.command("register").map_or(&[][..], |register| register.by);
    let content = "/v1/evidence/{id}/content";
    let both = "evidence.registered evidence.verified";
    [
        ("POST", "/v1/evidence/files", codes(by), both),
        ("GET", content, readers(decl), ""),
        ("PUT", content, codes(by), "evidence.verified"),
    ]
}

/// Who takes files in, of whatever format.
fn importing() -> String {
    let formats = [
        Format::RiskLibrary,
        Format::CyclonedxMlBom,
        Format::ModelCard,
        Format::Questionnaire,
        Format::Catalogue,
        Format::Mapping,
    ];
    let roles: Vec<_> = formats.iter().flat_map(|format| importers(*format)).copied().collect();
    let all = Role::ALL.iter().filter(|role| roles.contains(role));
    codes(&all.copied().collect::<Vec<_>>())
}

fn emitted(decl: &KindDecl, command: &CommandDecl) -> String {
    let names = command.emits.iter().map(|event| format!("{}.{event}", decl.row.name));
    names.collect::<Vec<_>>().join(" ")
}

/// Role by command: `x` where the role may give it, `v` where it must name the version seen.
pub fn permissions(registry: &Registry) -> String {
    let head = ["kind", "command"].into_iter().chain(Role::ALL.map(Role::code));
    let mut rows = vec![head.map(str::to_owned).collect::<Vec<_>>()];
    for decl in registry.decls() {
        let mut line = |name: &str, by: &[Role], mark: &str| {
            let marks = Role::ALL.map(|role| if by.contains(&role) { mark } else { "." });
            let cells = [decl.row.name, name].into_iter().chain(marks);
            rows.push(cells.map(str::to_owned).collect());
        };
        line("(read)", decl.about.readers, "r");
        if !decl.own.is_empty() {
            line("(read own)", &[Role::Emp], "o");
        }
        for command in &decl.commands {
            line(command.verb, command.by, if command.if_match { "v" } else { "x" });
        }
    }
    format!(
        "r reads, o reads what is his own, x may give the command, v may give it naming the \
         version that was seen\n\n{}",
        columns(&rows)
    )
}

/// Every event: stored name, version, service, by which command and role, data, clauses.
pub fn events(registry: &Registry) -> String {
    let mut out = String::from(
        "# Events\n\nStored names and the forms of their data; the hash is SHA-256 of the JSON \
         Schema and changes only with the version. `?` marks what can be absent, `*` personal text \
         (sealed).\n",
    );
    for decl in registry.decls() {
        let (name, service, clauses) = (decl.row.name, decl.row.service, decl.about.clauses);
        let clauses = if clauses.is_empty() { "none".to_owned() } else { clauses.join(", ") };
        out.push_str(&format!(
            "\n## {name}\n\n{} Service {service}; evidences {clauses}; shape {}.\n",
            decl.about.doc, decl.about.shape
        ));
        for event in &decl.events {
            let hash = hex::encode(Sha256::digest(record(&event.data, Nested::Inline).to_string()));
            let short = event.name.strip_prefix(name).unwrap_or(event.name).trim_start_matches('.');
            let by: Vec<_> = decl
                .commands
                .iter()
                .filter(|command| command.emits.contains(&short))
                .map(|command| format!("`{}` by {}", command.verb, codes(command.by)))
                .collect();
            let by = if by.is_empty() { "no command".to_owned() } else { by.join("; ") };
            out.push_str(&format!(
                "\n### {} @{}\n\n{}\n\n- from: {by}\n- data: {}\n- schema: {hash}\n",
                event.name,
                event.version,
                event.doc,
                fields(&event.data)
            ));
        }
    }
    out
}

fn fields(record: &RecordDecl) -> String {
    let shown = record.fields.iter().map(|Field { name, ty, required, .. }| {
        let mark = if matches!(ty, Ty::Prose(_)) { "*" } else { "" };
        let absent = if *required { "" } else { "?" };
        format!("{name}{absent}{mark}: {}", type_name(ty))
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// A type in a word or two.
fn type_name(ty: &Ty) -> String {
    match ty {
        Ty::Line(max) => format!("line({max})"),
        Ty::Prose(max) => format!("text({max})"),
        Ty::Int(_, _) => "number".into(),
        Ty::Decimal => "decimal".into(),
        Ty::Bool => "flag".into(),
        Ty::Date => "date".into(),
        Ty::Time => "time".into(),
        Ty::Position => "position".into(),
        Ty::Hash => "SHA-256".into(),
        Ty::Version => "version".into(),
        Ty::Number => "clause or control".into(),
        Ty::User => "member".into(),
        Ty::Pseudonym => "person".into(),
        Ty::Ref("") => "any object".into(),
        Ty::Ref(kind) => format!("{kind} id"),
        Ty::Key => "key".into(),
        Ty::Role => "role".into(),
        Ty::Words(words) => words.words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|"),
        Ty::Record(of) => format!("{{{}}}", fields(of)),
        Ty::List(of, _) => format!("[{}]", type_name(of)),
        Ty::Map(of, _) => format!("by key {{{}}}", fields(of)),
        Ty::Fields => "fields".into(),
    }
}

/// Every refusal: code, status, source, message.
pub fn refusals(registry: &Registry) -> String {
    let mut out = String::new();
    for decl in registry.decls() {
        for refusal in &decl.refusals {
            let status = if refusal.conflict { 409 } else { 422 };
            let rule = refusal.rule.map_or_else(String::new, |rule| format!("  [{rule}]"));
            let (kind, code, doc) = (decl.row.name, refusal.code, refusal.doc);
            // Writing to a string does not fail.
            if writeln!(out, "{kind}.{code}  {status}{rule}\n    {doc}").is_err() {
                break;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> std::sync::Arc<Registry> {
        Registry::new(vec![bus::kind::<governance::scope::Scope>().unwrap()])
    }

    /// The line that begins so, its columns set apart by one space.
    fn line(text: &str, start: &str) -> String {
        let squeezed = text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "));
        squeezed.into_iter().find(|line| line.starts_with(start)).unwrap_or_default()
    }

    #[test]
    fn routes_name_who_may_and_what_follows() {
        let text = routes(&scope());
        let approve = "POST /v1/scopes/{id}/approve TM scope.superseded scope.approved";
        assert_eq!(line(&text, "POST /v1/scopes/{id}/approve"), approve);
        assert_eq!(line(&text, "POST /v1/scopes AM"), "POST /v1/scopes AM scope.drafted");
        assert_eq!(line(&text, "GET /v1/scopes"), "GET /v1/scopes members");
        assert_eq!(line(&text, "GET /v1/me"), "GET /v1/me members");
    }

    #[test]
    fn permissions_are_a_matrix_of_roles_and_commands() {
        let text = permissions(&scope());
        let approve = line(&text, "scope approve");
        let marks: Vec<_> = approve.split(' ').skip(2).collect();
        assert_eq!(marks.len(), Role::ALL.len());
        assert_eq!(marks.iter().filter(|mark| **mark == "v").count(), 1);
        assert_eq!(marks[1], "v");
    }

    #[test]
    fn events_and_refusals_stand_with_their_source() {
        let text = events(&scope());
        assert!(text.contains("### scope.rejected @1"), "{text}");
        assert!(text.contains("- from: `submit` by AM\n"));
        assert!(text.contains("reason*: text(10000)"));
        let text = refusals(&scope());
        assert!(text.contains("scope.no_context_issue  422  [ISO/IEC 42001 4.1]\n"), "{text}");
        assert!(text.contains("scope.not_in_draft  409"));
    }

    #[test]
    fn every_event_that_a_command_names_is_declared() {
        let registry = Registry::new([identity::kinds(), governance::kinds()].concat());
        for decl in registry.decls() {
            for command in &decl.commands {
                for name in emitted(decl, command).split_whitespace() {
                    assert!(decl.events.iter().any(|event| event.name == name), "{name}");
                }
            }
        }
    }

    #[test]
    fn every_file_says_something() {
        let files = files(&scope(), Some("type Query".into()));
        assert_eq!(files.len(), 6);
        assert!(files.iter().all(|(_, text)| !text.is_empty()));
    }
}
