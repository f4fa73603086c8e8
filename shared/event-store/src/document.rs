//! A document as readers hold it.

use std::sync::Arc;

use kernel::{Instant, Position};
use serde_json::Value;

use crate::engine::{DocumentRow, Slots};
use crate::error::Fault;

/// One version of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The object's id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Version of its stream.
    pub version: u64,
    /// Position of the event that made this version.
    pub position: Position,
    /// When it was recorded.
    pub at: Instant,
    /// When the object's first event was recorded.
    pub created_at: Instant,
    /// Number of its shape.
    pub shape: u16,
    /// Whether the object has events with a time of effect of their own.
    pub dated: bool,
    /// What it says; personal values sealed.
    pub body: Arc<Value>,
    /// Columns for order and filter.
    pub slots: Slots,
}

impl Document {
    /// Reads a stored row.
    ///
    /// # Errors
    /// When the body is no JSON.
    pub fn read(row: DocumentRow) -> Result<Arc<Self>, Fault> {
        let body = serde_json::from_str(&row.body)
            .map_err(|error| Fault::Corrupt(format!("document {}: {error}", row.id)))?;
        Ok(Arc::new(Self {
            id: row.id,
            kind: row.kind,
            version: row.version,
            position: row.from,
            at: row.at,
            created_at: row.created_at,
            shape: row.shape,
            dated: row.dated,
            body: Arc::new(body),
            slots: row.slots,
        }))
    }

    /// About how many bytes it takes in memory, for bounded caches.
    pub fn weight(&self) -> u64 {
        fn size(value: &Value) -> usize {
            32 + match value {
                Value::Null | Value::Bool(_) | Value::Number(_) => 0,
                Value::String(text) => text.len(),
                Value::Array(items) => items.iter().map(size).sum(),
                Value::Object(members) => members.iter().map(|(k, v)| 56 + k.len() + size(v)).sum(),
            }
        }
        (300 + self.id.len() + size(&self.body)) as u64
    }
}
