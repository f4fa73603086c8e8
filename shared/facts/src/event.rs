//! What others rely on of a recorded event.

use kernel::Instant;

view!("event",
/// An event of the log by its position.
Event {
    /// Stored name, `evidence.linked`.
    name: String,
    /// The object that decided, by id.
    object: String,
    /// Its data; sealed texts stay sealed.
    #[serde(default)]
    data: serde_json::Value,
    /// When it was recorded.
    recorded_at: Instant,
});

impl Event {
    /// Whether its data holds this text: a key, an id.
    pub fn names(&self, text: &str) -> bool {
        holds_text(&self.data, text)
    }
}

/// Whether a value holds this very text somewhere.
pub fn holds_text(value: &serde_json::Value, text: &str) -> bool {
    use serde_json::Value;
    match value {
        Value::String(held) => held == text,
        Value::Array(items) => items.iter().any(|item| holds_text(item, text)),
        Value::Object(members) => members.values().any(|member| holds_text(member, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
