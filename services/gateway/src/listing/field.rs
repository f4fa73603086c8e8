//! The fields that a list can be asked by: paths into the declared record, and what the log says of
//! the object (`id`, `createdAt`, `updatedAt` or `recordedAt`, `version`) unless the kind has a
//! field of that name.

use event_store::Document;
use event_store::engine::SlotValue;
use event_store::mapping::slot_value;
use kernel::domain::KindDecl;
use kernel::schema::{RecordDecl, Ty};
use serde_json::Value;

use super::{QuestionError, invalid};

/// Where a field's values are found.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The object's id.
    Id,
    /// When its first event was recorded.
    CreatedAt,
    /// When its last event was recorded.
    UpdatedAt,
    /// The version of its stream.
    Version,
    /// In the document.
    Body(Vec<Step>),
}

/// One step into a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// To the field of this name.
    Name(&'static str),
    /// To each member of a list or map.
    Each,
}

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// As it was asked for.
    pub path: String,
    /// Where its values are.
    pub place: Place,
    /// The type of one value.
    pub ty: Ty,
}

/// The type of the values of a field by path, members of lists taken one by one; `None` when there
/// is no such field.
pub fn field_type(kind: &KindDecl, path: &str) -> Option<Ty> {
    target(kind, path).ok().map(|target| target.ty)
}

/// The field of this path.
pub fn target(kind: &KindDecl, path: &str) -> Result<Target, QuestionError> {
    let own = |place, ty| Target { path: path.to_owned(), place, ty };
    if kind.state.field(path).is_none() {
        match path {
            "id" => return Ok(own(Place::Id, Ty::Ref(kind.row.name))),
            "createdAt" => return Ok(own(Place::CreatedAt, Ty::Time)),
            "updatedAt" | "recordedAt" => return Ok(own(Place::UpdatedAt, Ty::Time)),
            "version" => return Ok(own(Place::Version, Ty::Int(0, (1 << 53) - 1))),
            _ => {}
        }
    }
    let names: Vec<_> = path.split('.').collect();
    let Some(Way { steps, ty }) = walk(&kind.state, &names, Vec::new()) else {
        let message = format!("{} has no field {path:?}", kind.row.name);
        return Err(invalid("unknown_field", path, message));
    };
    Ok(Target { path: path.to_owned(), place: Place::Body(steps), ty })
}

/// The way to a field's values, and their type.
struct Way {
    steps: Vec<Step>,
    ty: Ty,
}

fn walk(record: &RecordDecl, names: &[&str], mut steps: Vec<Step>) -> Option<Way> {
    let (name, rest) = names.split_first()?;
    let field = record.field(name)?;
    steps.push(Step::Name(field.name));
    descend(&field.ty, rest, steps)
}

fn descend(ty: &Ty, rest: &[&str], mut steps: Vec<Step>) -> Option<Way> {
    match ty {
        Ty::List(of, _) => {
            steps.push(Step::Each);
            descend(of, rest, steps)
        }
        Ty::Map(of, _) if !rest.is_empty() => {
            steps.push(Step::Each);
            walk(of, rest, steps)
        }
        Ty::Record(of) if !rest.is_empty() => walk(of, rest, steps),
        other => rest.is_empty().then(|| Way { steps, ty: other.clone() }),
    }
}

impl Target {
    /// Whether an object has at most one value.
    pub fn is_single(&self) -> bool {
        match &self.place {
            Place::Id | Place::CreatedAt | Place::UpdatedAt | Place::Version => true,
            Place::Body(steps) => !steps.contains(&Step::Each),
        }
    }

    /// The field's values in a document that are not null.
    pub fn values(&self, document: &Document) -> Vec<SlotValue> {
        match &self.place {
            Place::Id => vec![SlotValue::Text(document.id.clone())],
            Place::CreatedAt => vec![SlotValue::Number(document.created_at.micros())],
            Place::UpdatedAt => vec![SlotValue::Number(document.at.micros())],
            Place::Version => {
                vec![SlotValue::Number(i64::try_from(document.version).unwrap_or(i64::MAX))]
            }
            Place::Body(steps) => {
                let mut found = Vec::new();
                self.collect(&document.body, steps, &mut found);
                found
            }
        }
    }

    fn collect(&self, value: &Value, steps: &[Step], found: &mut Vec<SlotValue>) {
        match (steps.split_first(), value) {
            (Some((Step::Name(name), rest)), Value::Object(members)) => {
                if let Some(member) = members.get(*name) {
                    self.collect(member, rest, found);
                }
            }
            (Some((Step::Each, rest)), Value::Array(items)) => {
                items.iter().for_each(|item| self.collect(item, rest, found));
            }
            (Some((Step::Each, rest)), Value::Object(members)) => {
                members.values().for_each(|member| self.collect(member, rest, found));
            }
            (None, Value::Null) | (Some(_), _) => {}
            (None, value) => found.push(match slot_value(&self.ty, value) {
                // A record or map: that it is there is all that can be asked.
                SlotValue::Null => SlotValue::Number(1),
                value => value,
            }),
        }
    }
}
