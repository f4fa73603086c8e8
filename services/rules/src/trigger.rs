//! The event that a rule reacts to.

use event_store::log::StoredEvent;
use kernel::{Date, Instant, Position};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An event as rules see it. Sealed texts stay sealed.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Stored name, `risk.analysed`.
    pub name: String,
    /// Its id.
    pub event: String,
    /// Where it stands.
    pub position: Position,
    /// The last position of the transaction that recorded it: there the world is looked at.
    pub settled: Position,
    /// When it was recorded.
    pub at: Instant,
    /// The object that decided, by id.
    pub object: String,
    /// Who decided, by pseudonym.
    pub actor: String,
    /// Its data.
    pub data: Value,
}

impl Trigger {
    /// What a stored event is to rules.
    pub fn of(event: &StoredEvent) -> Self {
        let tx = event.header.tx;
        Self {
            name: event.row.name.clone(),
            event: event.header.id.clone(),
            position: event.row.position,
            settled: Position(tx.first + tx.n.saturating_sub(1)),
            at: event.row.at,
            object: event.row.stream.clone(),
            actor: event.header.actor.clone(),
            data: event.payload["data"].clone(),
        }
    }

    /// A field of the event's data; `None` when it is absent or of another type.
    pub fn field<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.data.get(name)?).ok()
    }

    /// A text of the event's data, `""` when it is absent.
    pub fn text(&self, name: &str) -> &str {
        self.data[name].as_str().unwrap_or_default()
    }

    /// The day on which it was recorded, in UTC.
    pub fn day(&self) -> Date {
        self.at.date()
    }

    /// The day so many days after it was recorded.
    pub fn in_days(&self, days: i64) -> Date {
        self.day().plus_days(days)
    }

    /// An event for tests of rules: this name, object, time and data, at position 100.
    pub fn example(name: &str, object: &str, at: &str, data: Value) -> Self {
        Self {
            name: name.to_owned(),
            event: "evt_00000000000000000000000001".into(),
            position: Position(100),
            settled: Position(100),
            at: at.parse().unwrap_or_default(),
            object: object.to_owned(),
            actor: "usr_00000000000000000000000001".into(),
            data,
        }
    }
}
