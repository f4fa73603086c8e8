//! Scalars and enumerations, and how stored JSON is shown in them.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dynamic::{Enum, EnumItem, Scalar, TypeRef};
use async_graphql::{Name, Value as Shown};
use kernel::schema::{Ty, WordsDecl};
use kernel::{Date, Instant, Role};
use serde_json::Value;

use super::model::Model;
use super::names::screaming;

const DOCS: &str = "https://annals.example/docs/scalars";
/// What `Int` holds.
const INT_MAX: i64 = u32::MAX as i64;

/// All scalars.
pub fn scalars() -> Vec<Scalar> {
    let text = |name: &str, doc: &str, url: String, valid: fn(&str) -> bool| {
        let valid = move |value: &Shown| matches!(value, Shown::String(text) if valid(text));
        Scalar::new(name).description(doc).specified_by_url(url).validator(valid)
    };
    let docs = |name: &str| format!("{DOCS}#{name}");
    vec![
        text(
            "DateTime",
            "A point in time, RFC 3339 in UTC with `Z`.",
            "https://scalars.graphql.org/andimarek/date-time.html".into(),
            |text| text.parse::<Instant>().is_ok(),
        ),
        text(
            "Date",
            "A calendar date, `YYYY-MM-DD`.",
            "https://scalars.graphql.org/andimarek/local-date.html".into(),
            |text| text.parse::<Date>().is_ok(),
        ),
        text(
            "Decimal",
            "A decimal number as text, with at most 12 digits before and 6 after the point.",
            docs("Decimal"),
            |text| text.parse::<kernel::Decimal>().is_ok(),
        ),
        text("Hash", "SHA-256 as 64 lower-case hex digits.", docs("Hash"), |text| {
            text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        }),
        text("Version", "A version of two or three numbers, `1.1`.", docs("Version"), |text| {
            !text.is_empty() && text.split('.').all(|part| part.parse::<u32>().is_ok())
        }),
        Scalar::new("Position")
            .description("The number of an event in the tenant's log, as a string.")
            .specified_by_url(docs("Position"))
            .validator(|value| position(value).is_some()),
        Scalar::new("Int53")
            .description("A whole number of up to 53 bits.")
            .specified_by_url(docs("Int53"))
            .validator(|value| matches!(value, Shown::Number(number) if !number.is_f64())),
        Scalar::new("JSON")
            .description("Any JSON value.")
            .specified_by_url("https://www.rfc-editor.org/rfc/rfc8259"),
    ]
}

/// A position as callers give it: a string, or a whole number.
pub fn position(value: &Shown) -> Option<kernel::Position> {
    let number = match value {
        Shown::String(text) => text.parse::<i64>().ok(),
        Shown::Number(number) => number.as_i64(),
        _ => None,
    };
    number.and_then(|number| u64::try_from(number).ok()).map(kernel::Position)
}

/// The enumeration of a list of words.
pub fn words(name: &str, decl: &WordsDecl) -> Enum {
    let items =
        decl.words.iter().map(|(word, doc)| EnumItem::new(screaming(word)).description(*doc));
    Enum::new(name).description(decl.doc).items(items)
}

/// The roles.
pub fn roles() -> Enum {
    let items = Role::ALL.iter().map(|role| EnumItem::new(role.code()));
    Enum::new("Role").description("A role in the AI management system.").items(items)
}

/// How a value without parts is shown.
#[derive(Clone)]
pub enum Leaf {
    /// As it is.
    Plain,
    /// As a word in capitals.
    Words(Arc<HashMap<&'static str, Name>>),
}

impl Leaf {
    /// Shows a stored value; `None` for null.
    pub fn show(&self, value: &Value) -> Option<Shown> {
        match (self, value) {
            (_, Value::Null) => None,
            (Leaf::Words(words), Value::String(word)) => {
                words.get(word.as_str()).cloned().map(Shown::Enum)
            }
            (_, Value::String(text)) => Some(Shown::String(text.clone())),
            (_, Value::Bool(flag)) => Some(Shown::Boolean(*flag)),
            (_, Value::Number(number)) => Some(Shown::Number(number.clone())),
            (_, Value::Array(_) | Value::Object(_)) => Shown::from_json(value.clone()).ok(),
        }
    }
}

/// The words and their names in the schema.
pub fn shown_words(decl: &WordsDecl) -> Arc<HashMap<&'static str, Name>> {
    Arc::new(decl.words.iter().map(|(word, _)| (*word, Name::new(screaming(word)))).collect())
}

/// The type of a value without parts and how it is shown; `None` for records, lists, maps,
/// references and sealed text.
pub fn leaf(model: &Model, ty: &Ty) -> Option<(String, Leaf)> {
    let how = match ty {
        Ty::Words(decl) => Leaf::Words(shown_words(decl)),
        _ => Leaf::Plain,
    };
    Some((leaf_type(model, ty)?.to_owned(), how))
}

/// The same type alone.
pub fn leaf_type<'a>(model: &'a Model, ty: &Ty) -> Option<&'a str> {
    Some(match ty {
        Ty::Line(_) | Ty::Number | Ty::Key => TypeRef::STRING,
        Ty::Int(min, max) if *min >= i64::from(i32::MIN) && *max <= INT_MAX => TypeRef::INT,
        Ty::Int(..) => "Int53",
        Ty::Bool => TypeRef::BOOLEAN,
        Ty::Decimal => "Decimal",
        Ty::Date => "Date",
        Ty::Time => "DateTime",
        Ty::Position => "Position",
        Ty::Hash => "Hash",
        Ty::Version => "Version",
        Ty::Pseudonym => TypeRef::ID,
        Ty::Role => "Role",
        Ty::Fields => "JSON",
        Ty::Words(decl) => model.words(decl),
        Ty::Prose(_) | Ty::User | Ty::Ref(_) | Ty::Record(_) | Ty::List(..) | Ty::Map(..) => {
            return None;
        }
    })
}
