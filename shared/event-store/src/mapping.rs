//! From a kind's declared fields to the columns by which its documents are found and ordered.

use std::collections::HashMap;

use kernel::domain::KindDecl;
use kernel::schema::{Field, RecordDecl, Ty};
use kernel::{Date, Decimal, Instant};
use serde_json::Value;

use crate::engine::{Slot, SlotValue, Slots};

/// An indexed field and its column.
#[derive(Clone, Debug)]
pub struct Indexed {
    /// Name; dots lead into records.
    pub path: String,
    /// The column.
    pub slot: Slot,
    /// Its type.
    pub ty: Ty,
    /// Whether it can be absent.
    pub nullable: bool,
}

/// The columns of one kind.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// Number of the document's shape.
    pub shape: u16,
    /// Its indexed fields.
    pub indexed: Vec<Indexed>,
    /// Paths of the fields that full-text search looks at.
    pub searched: Vec<String>,
}

/// The columns of all kinds.
pub type Mappings = HashMap<&'static str, Mapping>;

/// The mappings of these kinds.
pub fn mappings<'a>(kinds: impl IntoIterator<Item = &'a KindDecl>) -> Mappings {
    kinds.into_iter().map(|kind| (kind.row.name, Mapping::of(kind))).collect()
}

/// Whether values of the type are compared as numbers.
fn is_number(ty: &Ty) -> bool {
    matches!(ty, Ty::Int(..) | Ty::Decimal | Ty::Bool | Ty::Date | Ty::Time | Ty::Position)
}

/// A value as its column holds it.
pub fn slot_value(ty: &Ty, value: &Value) -> SlotValue {
    let number = match (ty, value) {
        (_, Value::Bool(flag)) => Some(i64::from(*flag)),
        (_, Value::Number(number)) => number.as_i64(),
        (Ty::Date, Value::String(text)) => {
            text.parse::<Date>().ok().map(|date| date.start().micros())
        }
        (Ty::Time, Value::String(text)) => text.parse::<Instant>().ok().map(Instant::micros),
        (Ty::Position, Value::String(text)) => text.parse().ok(),
        (Ty::Decimal, Value::String(text)) => text.parse().ok().map(Decimal::micros),
        (_, _) => None,
    };
    match (number, value) {
        (Some(number), _) => SlotValue::Number(number),
        (None, Value::String(text)) if !is_number(ty) => SlotValue::Text(text.clone()),
        (None, _) => SlotValue::Null,
    }
}

/// The value at a dotted path.
pub fn at_path<'a>(body: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(body, |value, name| value.get(name).unwrap_or(&Value::Null))
}

impl Mapping {
    /// The mapping of a kind.
    pub fn of(kind: &KindDecl) -> Self {
        let mut mapping = Self { shape: kind.about.shape, ..Self::default() };
        mapping.take(&kind.state, "", true);
        mapping
    }

    fn take(&mut self, record: &RecordDecl, prefix: &str, always: bool) {
        for Field { name, ty, required, index, search, .. } in &record.fields {
            let path = format!("{prefix}{name}");
            if let Ty::Record(inner) = ty {
                self.take(inner, &format!("{path}."), always && *required);
            }
            if *search {
                self.searched.push(path.clone());
            }
            if *index {
                self.index(path, ty, !(always && *required));
            }
        }
    }

    /// Fields beyond the third of a type are filtered on the body.
    fn index(&mut self, path: String, ty: &Ty, nullable: bool) {
        let as_number = is_number(ty);
        let taken = self.indexed.iter().filter(|i| matches!(i.slot, Slot::Number(_)) == as_number);
        let next = taken.count();
        if next < 3 {
            let slot = if as_number { Slot::Number(next) } else { Slot::Text(next) };
            self.indexed.push(Indexed { path, slot, ty: ty.clone(), nullable });
        }
    }

    /// The indexed field of this path.
    pub fn field(&self, path: &str) -> Option<&Indexed> {
        self.indexed.iter().find(|indexed| indexed.path == path)
    }

    /// The columns of a document.
    pub fn slots(&self, body: &Value) -> Slots {
        let mut slots = Slots::default();
        for Indexed { path, slot, ty, .. } in &self.indexed {
            match (slot, slot_value(ty, at_path(body, path))) {
                (Slot::Text(n), SlotValue::Text(text)) => slots.text[*n] = Some(text),
                (Slot::Number(n), SlotValue::Number(number)) => slots.number[*n] = Some(number),
                (Slot::Id | Slot::Text(_) | Slot::Number(_), _) => {}
            }
        }
        slots
    }

    /// The lower-cased text that full-text search looks through.
    pub fn search(&self, body: &Value) -> String {
        let mut out = String::new();
        for path in &self.searched {
            collect(at_path(body, path), &mut out);
        }
        out
    }
}

fn collect(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&text.to_lowercase());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
