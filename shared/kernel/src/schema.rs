//! The types of fields as plain data. REST, GraphQL, OpenAPI, filters and the check of input at
//! the door are all read off these declarations.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Date, Instant, UserId};

/// Most characters of a [`crate::values::Line`].
pub const LINE_MAX: usize = 200;
/// Most characters of a [`crate::values::Prose`].
pub const PROSE_MAX: usize = 10_000;
/// Most members of a list or map in a command's input.
pub const LIST_MAX: usize = 500;

/// The type of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// One line of public text; at most so many characters.
    Line(usize),
    /// Free text that may name people: sealed at rest, no sort key (`x-personal`).
    Prose(usize),
    /// A whole number within bounds.
    Int(i64, i64),
    /// A decimal number (text in JSON).
    Decimal,
    /// True or false.
    Bool,
    /// A calendar date.
    Date,
    /// A point in time.
    Time,
    /// A position in the tenant's log (a string in JSON).
    Position,
    /// SHA-256 as 64 lower-case hex digits.
    Hash,
    /// A semantic version, `1.1` or `2.0.1`.
    Version,
    /// The number of a clause or control, `A.6.2.4`.
    Number,
    /// A member, by pseudonym.
    User,
    /// The pseudonym of a person who need not be a member.
    Pseudonym,
    /// An object of a kind; the empty kind stands for any.
    Ref(&'static str),
    /// A key that is stable within its object.
    Key,
    /// One of the AIMS roles by code.
    Role,
    /// One of a closed list of words.
    Words(WordsDecl),
    /// A group of fields.
    Record(Arc<RecordDecl>),
    /// Several values; at most so many.
    List(Box<Ty>, usize),
    /// Records by stable key.
    Map(Arc<RecordDecl>, usize),
    /// Field names with new values, as `correct` takes them.
    Fields,
}

impl Ty {
    /// The same type with a smaller limit.
    pub fn shortened(self, max: usize) -> Self {
        match self {
            Ty::Line(_) => Ty::Line(max),
            Ty::Prose(_) => Ty::Prose(max),
            Ty::List(of, _) => Ty::List(of, max),
            Ty::Map(of, _) => Ty::Map(of, max),
            other => other,
        }
    }
}

/// A closed list of words with their meanings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WordsDecl {
    /// Name of the type.
    pub name: &'static str,
    /// What the list says.
    pub doc: &'static str,
    /// Each word (`snake_case`) and its meaning.
    pub words: &'static [(&'static str, &'static str)],
}

/// A group of fields.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordDecl {
    /// Name of the type.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields in order.
    pub fields: Vec<Field>,
}

impl RecordDecl {
    /// A record without fields.
    pub fn empty() -> Arc<Self> {
        Arc::new(Self { name: "Nothing", doc: "No fields.", fields: Vec::new() })
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name in JSON, camelCase.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// Its type.
    pub ty: Ty,
    /// Whether it is always there.
    pub required: bool,
    /// Whether lists are sorted and filtered by it in the database.
    pub index: bool,
    /// Whether full-text search looks at it.
    pub search: bool,
    /// Whether `correct` may set it.
    pub correctable: bool,
}

/// A type that has a declaration.
pub trait Described {
    /// Whether a field of this type is always there.
    const REQUIRED: bool = true;
    /// The declaration.
    fn ty() -> Ty;
}

/// A type that is a group of fields.
pub trait Record {
    /// The declaration; worked out once.
    fn record() -> Arc<RecordDecl>;

    /// Puts a value into the field of this name; nothing happens when there is none.
    ///
    /// # Errors
    /// When the value does not have the field's type; the field is as it was then.
    fn set(&mut self, name: &str, value: serde_json::Value) -> Result<(), serde_json::Error>;
}

impl<T: Described> Described for Option<T> {
    const REQUIRED: bool = false;
    fn ty() -> Ty {
        T::ty()
    }
}

impl<T: Described> Described for Vec<T> {
    const REQUIRED: bool = false;
    fn ty() -> Ty {
        Ty::List(Box::new(T::ty()), LIST_MAX)
    }
}

impl<T: Record> Described for BTreeMap<crate::values::Key, T> {
    const REQUIRED: bool = false;
    fn ty() -> Ty {
        Ty::Map(T::record(), LIST_MAX)
    }
}

macro_rules! described {
    ($($rust:ty => $ty:expr),* $(,)?) => {
        $(impl Described for $rust {
            fn ty() -> Ty {
                $ty
            }
        })*
    };
}

described! {
    bool => Ty::Bool,
    u32 => Ty::Int(0, u32::MAX as i64),
    u64 => Ty::Int(0, (1 << 53) - 1),
    i64 => Ty::Int(-(1 << 53) + 1, (1 << 53) - 1),
    Date => Ty::Date,
    Instant => Ty::Time,
    crate::Position => Ty::Position,
    UserId => Ty::User,
    crate::Role => Ty::Role,
}
