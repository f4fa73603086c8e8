//! Events of the example that nobody brings about: what is expected of them, and what a label
//! names.

use anyhow::Context;
use event_store::log::StoredEvent;
use serde_json::Value;

/// What a label names of an event that was found.
pub(super) fn named_part(part: Option<&str>, found: &StoredEvent) -> anyhow::Result<String> {
    let Some(pointer) = part else { return Ok(found.row.stream.clone()) };
    let text = found.payload["data"].pointer(pointer).and_then(Value::as_str);
    Ok(text.with_context(|| format!("{} has no {pointer}", found.row.name))?.to_owned())
}

/// Whether a value holds everything that another says.
pub(super) fn holds(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (_, Value::Null) => true,
        (Value::Object(value), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| value.get(name).is_some_and(|value| holds(value, wanted))),
        (value, wanted) => value == wanted,
    }
}
