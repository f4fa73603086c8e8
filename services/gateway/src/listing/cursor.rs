//! Cursors: the place of an object in a list, and the position at which the list was read. They are
//! authenticated, so that nothing but what was given out comes back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use event_store::engine::{Order, Slot, SlotValue};
use event_store::{Document, Log};
use kernel::Position;
use kernel::domain::KindDecl;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::Plan;
use super::{Question, QuestionError, invalid};

/// What a cursor says.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// The kind.
    kind: String,
    /// As of which position the list was read.
    at: Position,
    /// The object's values of the sort keys, the id last.
    keys: Vec<Value>,
    /// Hash of what was asked.
    asked: String,
}

/// Where a page starts.
#[derive(Debug)]
pub struct Start {
    /// As of which position.
    pub at: Position,
    /// Values of the sort keys of the object after which it starts.
    pub after: Option<Vec<SlotValue>>,
}

/// The cursor of an object.
pub fn of(log: &Log, kind: &KindDecl, plan: &Plan, at: Position, document: &Document) -> String {
    let key = |value| match value {
        SlotValue::Text(text) => Value::from(text),
        SlotValue::Number(number) => Value::from(number),
        SlotValue::Null => Value::Null,
    };
    let keys = plan.keys(document).into_iter().map(key).collect();
    let cursor = Cursor { kind: kind.row.name.to_owned(), at, keys, asked: plan.asked() };
    // A value of strings and numbers is always JSON.
    let json = serde_json::to_vec(&cursor).unwrap_or_default();
    let mac = mac(log, &json);
    format!("{}.{}", URL_SAFE_NO_PAD.encode(json), URL_SAFE_NO_PAD.encode(mac))
}

/// Where the page that was asked for starts.
pub fn start(
    log: &Log,
    kind: &KindDecl,
    question: &Question,
    plan: &Plan,
) -> Result<Start, QuestionError> {
    let Some(text) = &question.after else {
        return Ok(Start { at: question.at, after: None });
    };
    let wrong = |message: &str| invalid("bad_cursor", "cursor", message);
    let foreign = || wrong("the cursor was not given out here");
    let cursor = read(log, text).ok_or_else(foreign)?;
    if cursor.kind != kind.row.name || cursor.asked != plan.asked() {
        return Err(wrong("the cursor belongs to a question with another filter or order"));
    }
    if question.pinned && question.at != cursor.at {
        return Err(wrong("the cursor belongs to another point in time"));
    }
    let after = keys(&plan.order, cursor.keys).ok_or_else(foreign)?;
    Ok(Start { at: cursor.at, after: Some(after) })
}

fn read(log: &Log, text: &str) -> Option<Cursor> {
    let (json, tag) = text.split_once('.')?;
    let json = URL_SAFE_NO_PAD.decode(json).ok()?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    let expected = mac(log, &json);
    // Compared as a whole, in a time that says nothing about where they differ.
    let differs = tag.iter().zip(expected).fold(0, |differs, (a, b)| differs | (a ^ b));
    (tag.len() == expected.len() && differs == 0).then_some(())?;
    serde_json::from_slice(&json).ok()
}

fn keys(order: &[Order], values: Vec<Value>) -> Option<Vec<SlotValue>> {
    let key = |(order, value): (&Order, Value)| match (order.slot, value) {
        (Slot::Text(_) | Slot::Number(_), Value::Null) => Some(SlotValue::Null),
        (Slot::Number(_), Value::Number(number)) => number.as_i64().map(SlotValue::Number),
        (Slot::Text(_) | Slot::Id, Value::String(text)) => Some(SlotValue::Text(text)),
        (Slot::Text(_) | Slot::Number(_) | Slot::Id, _) => None,
    };
    if order.len() != values.len() {
        return None;
    }
    order.iter().zip(values).map(key).collect()
}

fn mac(log: &Log, json: &[u8]) -> [u8; 16] {
    let message = [log.tenant().as_str().as_bytes(), &[0], json].concat();
    log.store().mac("cursor", &message)
}
