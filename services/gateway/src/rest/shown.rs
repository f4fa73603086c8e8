//! Objects and events as JSON.

use std::sync::Arc;

use bus::{AnyKind, Registry};
use event_store::log::StoredEvent;
use event_store::{Document, Fault, Log};
use identity::Caller;
use kernel::domain::KindDecl;
use kernel::id::suffix_of;
use kernel::{Instant, Position};
use serde_json::{Value, json};

use crate::text;

/// Members that every object has, so that a declared field of the same name is shown under the
/// kind's name and its own (`scopeVersion`), as in GraphQL.
pub const COMMON: &[&str] = &["id", "version", "position", "recordedAt", "createdAt"];

/// The name under which a declared field is shown.
pub fn shown_name(decl: &KindDecl, declared: &str) -> String {
    if !COMMON.contains(&declared) {
        return declared.to_owned();
    }
    let mut words = decl.row.name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.chain([declared]).fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_ascii_uppercase() + rest
    })
}

/// The declared path of a field by the name under which it is shown; `None` where the log's own
/// member hides a declared one.
pub fn declared_path(decl: &KindDecl, shown: &str) -> Option<String> {
    let (first, rest) = shown.split_once('.').map_or((shown, None), |(a, b)| (a, Some(b)));
    let hidden = decl.state.fields.iter().filter(|field| COMMON.contains(&field.name));
    let renamed = hidden.clone().find(|field| shown_name(decl, field.name) == first);
    let first = match renamed {
        Some(field) => field.name,
        None if hidden.clone().any(|field| field.name == first) => return None,
        None => first,
    };
    Some(rest.map_or_else(|| first.to_owned(), |rest| format!("{first}.{rest}")))
}

/// Objects of a kind: what the log says of each, and its fields with the texts opened that the
/// caller may open. `kind` is left to a field of that name where the kind has one.
///
/// # Errors
/// When texts cannot be opened.
pub async fn objects(
    registry: &Registry,
    caller: &Caller,
    kind: &Arc<dyn AnyKind>,
    documents: &[Arc<Document>],
) -> Result<Vec<Value>, Fault> {
    let upcast = |d: &Arc<Document>| {
        (d.kind.clone(), d.id.clone(), kind.upcast(d.shape, Value::clone(&d.body)))
    };
    let mut bodies: Vec<_> = documents.iter().map(upcast).collect();
    text::open_of(registry, caller, &mut bodies).await?;
    let shown = documents.iter().zip(bodies);
    Ok(shown.map(|(document, (_, _, body))| object(kind.decl(), document, body)).collect())
}

fn object(decl: &KindDecl, document: &Document, body: Value) -> Value {
    let mut out = json!({
        "id": document.id,
        "version": document.version,
        "position": document.position,
        "recordedAt": document.at,
        "createdAt": document.created_at,
    });
    if decl.state.field("kind").is_none() {
        out["kind"] = json!(document.kind);
    }
    if let Value::Object(fields) = body {
        for (name, value) in fields {
            out[shown_name(decl, &name)] = value;
        }
    }
    out
}

/// The entity tag of a version.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// After how many days an entry counts as late in a tenant, as of a position.
///
/// # Errors
/// When the database fails.
pub async fn late_entry_days(log: &Log, at: Position) -> Result<i64, Fault> {
    let id = format!("org_{}", suffix_of(log.tenant().as_str()));
    let organisation = log.document(&id, at).await?;
    let days = organisation.and_then(|o| o.body["settings"]["lateEntryDays"].as_i64());
    Ok(days.unwrap_or(7))
}

/// Events with the texts opened that the caller may open.
///
/// # Errors
/// When texts cannot be opened.
pub async fn events(
    registry: &Registry,
    caller: &Caller,
    events: Vec<StoredEvent>,
    at: Position,
) -> Result<Vec<Value>, Fault> {
    let days = late_entry_days(&caller.log, at).await?;
    let mut shown: Vec<_> = events
        .into_iter()
        .map(|found| (found.row.kind.clone(), found.row.stream.clone(), event(found, days)))
        .collect();
    text::open_of(registry, caller, &mut shown).await?;
    Ok(shown.into_iter().map(|(_, _, event)| event).collect())
}

fn event(event: StoredEvent, late_entry_days: i64) -> Value {
    let StoredEvent { row, header, mut payload } = event;
    let is_late = |effective: Instant| effective < header.at.plus_days(-late_entry_days);
    let mut out = json!({
        "id": header.id,
        "type": header.name,
        "object": header.stream,
        "kind": row.kind,
        "version": header.ver,
        "position": row.position,
        "recordedAt": header.at,
        "effectiveAt": header.eff.unwrap_or(header.at),
        "late": header.eff.is_some_and(is_late),
        "actor": header.actor,
        "role": header.role,
        "via": header.via,
        "correlation": header.corr,
    });
    if let Some(engagement) = header.eng {
        out["engagement"] = json!(engagement);
    }
    if let Some(cause) = header.cause {
        out["cause"] = json!(cause);
    }
    for name in ["data", "patch", "reason", "evidence", "clauses", "relied"] {
        if let Some(value) = payload.get_mut(name).map(Value::take) {
            out[name] = value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_the_log_has_too_is_shown_under_the_kinds_name() {
        let scope = KindDecl::of::<governance::scope::Scope>().unwrap();
        assert_eq!(shown_name(&scope, "version"), "scopeVersion");
        assert_eq!(shown_name(&scope, "sites"), "sites");
        assert_eq!(declared_path(&scope, "scopeVersion").as_deref(), Some("version"));
        assert_eq!(declared_path(&scope, "version"), None);
        let path = declared_path(&scope, "effective.version");
        assert_eq!(path.as_deref(), Some("effective.version"));
        assert_eq!(declared_path(&scope, "id").as_deref(), Some("id"));
    }
}
