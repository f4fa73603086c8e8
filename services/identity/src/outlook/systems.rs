//! Which AI systems an object is about.

use std::collections::HashSet;
use std::sync::Arc;

use event_store::{Document, Fault, Log};
use kernel::Position;
use kernel::id::{is_well_formed, prefix_of};
use kernel::kinds::kind_of_prefix;
use serde_json::Value;

/// How many references lead from an object to the system that it is about, at most.
const STEPS_MAX: usize = 3;

/// The AI systems that an object is about: those that it names, or that what it names is about.
pub(super) async fn systems_of(
    log: &Log,
    found: &Document,
    at: Position,
) -> Result<HashSet<String>, Fault> {
    let mut systems = HashSet::new();
    let (mut next, mut seen) = (vec![found.id.clone()], HashSet::from([found.id.clone()]));
    let mut first = Some(Arc::clone(&found.body));
    for _ in 0..=STEPS_MAX {
        let mut further = Vec::new();
        for id in std::mem::take(&mut next) {
            if prefix_of(&id) == "sys" {
                systems.insert(id);
                continue;
            }
            let body = match first.take() {
                Some(body) => Some(body),
                None => log.document(&id, at).await?.map(|found| Arc::clone(&found.body)),
            };
            // What governs the organisation names many things that it is not about.
            let lists = kind_of_prefix(prefix_of(&id)).is_some_and(|k| k.service != "governance");
            let named = body.as_deref().map(|body| references(body, lists)).unwrap_or_default();
            let (direct, others): (Vec<_>, Vec<_>) =
                named.into_iter().partition(|id| prefix_of(id) == "sys");
            // What an object says itself of its systems counts, not what others say.
            if direct.is_empty() { further.extend(others) } else { systems.extend(direct) }
        }
        next = further.into_iter().filter(|id| seen.insert(id.clone())).collect();
    }
    Ok(systems)
}

/// The ids that the fields of an object name: alone, or with `lists` in a list as well. Systems
/// count in lists always.
fn references(body: &Value, lists: bool) -> Vec<String> {
    let mut ids = Vec::new();
    for value in body.as_object().into_iter().flat_map(|fields| fields.values()) {
        let (named, is_list) = match value {
            Value::String(_) => (std::slice::from_ref(value), false),
            Value::Array(items) => (items.as_slice(), true),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => continue,
        };
        for id in named.iter().filter_map(Value::as_str).filter(|text| is_well_formed(text)) {
            let row = kind_of_prefix(prefix_of(id)).filter(|row| !row.is_of_platform());
            if row.is_some_and(|row| !is_list || lists || row.name == "ai_system") {
                ids.push(id.to_owned());
            }
        }
    }
    ids
}
