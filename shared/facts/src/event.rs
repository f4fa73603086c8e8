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

/// Whether a document refers to an object in a field of its own: a field that names it, a list that
/// holds it, a map that has it as a key. Deeper parts tell of particulars.
pub fn refers_to(document: &serde_json::Value, id: &str) -> bool {
    references(document).any(|reference| reference == id)
}

/// The texts of a document that may be references of its own: fields, items of lists, keys of maps.
pub fn references(document: &serde_json::Value) -> impl Iterator<Item = &str> {
    use serde_json::Value;
    let fields = document.as_object().into_iter().flat_map(|fields| fields.values());
    fields.flat_map(|field| -> Box<dyn Iterator<Item = &str>> {
        match field {
            Value::String(text) => Box::new(std::iter::once(text.as_str())),
            Value::Array(items) => Box::new(items.iter().filter_map(Value::as_str)),
            Value::Object(members) => Box::new(members.keys().map(String::as_str)),
            Value::Null | Value::Bool(_) | Value::Number(_) => Box::new(std::iter::empty()),
        }
    })
}
