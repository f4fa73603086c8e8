//! Where a field's value stands: in which object, as of when, and how deep inside. Nothing of the
//! document is copied.

use std::sync::Arc;

use async_graphql::dynamic::{FieldValue, ResolverContext};
use event_store::Document;
use kernel::Position;
use serde_json::Value;

use super::model::Kind;

/// As of when an object is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The position.
    pub at: Position,
    /// Whether the caller asked for it; the ids of objects say so then.
    pub past: bool,
}

impl Moment {
    /// An object's id in this moment.
    pub fn id(&self, id: &str) -> String {
        if self.past { format!("{id}@{}", self.at) } else { id.to_owned() }
    }
}

/// An object as of a moment.
pub struct Entity {
    /// The document.
    pub document: Arc<Document>,
    /// What it says, in the newest shape.
    pub body: Arc<Value>,
    /// As of when.
    pub moment: Moment,
}

impl Entity {
    /// A document of a kind.
    pub fn new(kind: &Kind, document: Arc<Document>, moment: Moment) -> Arc<Self> {
        let body = if document.shape == kind.decl().about.shape {
            Arc::clone(&document.body)
        } else {
            Arc::new(kind.any.upcast(document.shape, Value::clone(&document.body)))
        };
        Arc::new(Self { document, body, moment })
    }
}

/// One step into a document.
#[derive(Clone, Debug)]
pub enum Step {
    /// To a field.
    Field(&'static str),
    /// To the member of a map.
    Key(String),
    /// To the member of a list.
    Index(usize),
}

/// A record inside an object, or the object itself.
#[derive(Clone)]
pub struct Place {
    /// The object.
    pub entity: Arc<Entity>,
    steps: Vec<Step>,
}

impl Place {
    /// The object itself.
    pub fn of(entity: Arc<Entity>) -> Self {
        Self { entity, steps: Vec::new() }
    }

    /// The record that stands here.
    pub fn value(&self) -> &Value {
        self.steps.iter().fold(&*self.entity.body, |value, step| match step {
            Step::Field(name) => &value[*name],
            Step::Key(key) => &value[key.as_str()],
            Step::Index(index) => &value[*index],
        })
    }

    /// The kind and id of the object.
    pub fn object(&self) -> (&str, &str) {
        (&self.entity.document.kind, &self.entity.document.id)
    }

    /// A field of the record; null when it is absent.
    pub fn field(&self, name: &str) -> &Value {
        &self.value()[name]
    }

    /// The record that stands in a field.
    pub fn inside(&self, name: &'static str) -> Self {
        let steps = self.steps.iter().cloned().chain([Step::Field(name)]).collect();
        Self { entity: Arc::clone(&self.entity), steps }
    }

    /// The members of the list or map that stands in a field; of a map in the order of the keys.
    pub fn members(&self, name: &'static str) -> Vec<Self> {
        let inside = self.inside(name);
        let member = |step| {
            let mut steps = Vec::with_capacity(inside.steps.len() + 1);
            steps.extend(inside.steps.iter().cloned());
            steps.push(step);
            Self { entity: Arc::clone(&self.entity), steps }
        };
        match inside.value() {
            Value::Object(members) => {
                members.keys().map(|key| member(Step::Key(key.clone()))).collect()
            }
            Value::Array(items) => (0..items.len()).map(|i| member(Step::Index(i))).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        }
    }

    /// The key under which the record stands in its map.
    pub fn key(&self) -> Option<&str> {
        match self.steps.last() {
            Some(Step::Key(key)) => Some(key),
            Some(Step::Field(_) | Step::Index(_)) | None => None,
        }
    }

    /// As a field's value.
    pub fn shown<'a>(self) -> FieldValue<'a> {
        FieldValue::owned_any(self)
    }
}

/// The place whose field is asked for.
pub fn here<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Place> {
    ctx.parent_value.downcast_ref::<Place>()
}
