//! The check of input at the door, by declaration: every fault at once, each with a JSON pointer.

use std::str::FromStr;

use declare::record;
use serde_json::Value;

use crate::schema::{Field, RecordDecl, Ty};
use crate::values::Prose;
use crate::{Date, Decimal, Instant, Role, id, kinds};

/// What is wrong with one value of the input.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// `missing`, `unknown_field`, `wrong_type`, `too_long`, `blank`, `malformed`, `out_of_range`,
    /// `not_a_word`, `too_many`, `forbidden_character`.
    pub code: &'static str,
    /// What it must be.
    pub message: String,
}

/// The grounds that every command takes beside its own input.
#[record]
#[derive(Default)]
pub struct Grounds {
    /// Why this was decided.
    pub reason: Option<Prose>,
    /// The evidence on which it was decided.
    pub evidence: Vec<crate::values::Ref<kinds::Evidence>>,
    /// When it was true in the world, if before it was recorded.
    pub effective_at: Option<Instant>,
}

/// Checks an object against the fields that it may have.
pub fn check(fields: &[Field], input: &Value, at: &str) -> Vec<FieldError> {
    let Value::Object(members) = input else {
        return vec![wrong(at, "wrong_type", "must be an object")];
    };
    let mut errors = Vec::new();
    for name in members.keys() {
        if !fields.iter().any(|field| field.name == name) {
            let pointer = format!("{at}/{}", escaped(name));
            errors.push(wrong(&pointer, "unknown_field", "is not known here"));
        }
    }
    for field in fields {
        let pointer = format!("{at}/{}", field.name);
        match members.get(field.name) {
            None | Some(Value::Null) if field.required => {
                errors.push(wrong(&pointer, "missing", "is required"));
            }
            None | Some(Value::Null) => {}
            Some(value) => errors.extend(check_value(&field.ty, value, &pointer)),
        }
    }
    errors
}

/// Checks one value against its type.
pub fn check_value(ty: &Ty, value: &Value, at: &str) -> Vec<FieldError> {
    match (ty, value) {
        (Ty::Bool, Value::Bool(_)) | (Ty::Fields, Value::Object(_)) => Vec::new(),
        (Ty::Bool, _) => vec![wrong(at, "wrong_type", "must be true or false")],
        (Ty::Fields, _) => vec![wrong(at, "wrong_type", "must be an object")],
        (Ty::Int(min, max), _) => whole_number(*min, *max, value, at),
        (Ty::Record(of), _) => check(&of.fields, value, at),
        (Ty::List(of, max), Value::Array(items)) => list(of, *max, items, at),
        (Ty::List(_, _), _) => vec![wrong(at, "wrong_type", "must be a list")],
        (Ty::Map(of, max), Value::Object(items)) => map(of, *max, items, at),
        (Ty::Map(_, _), _) => vec![wrong(at, "wrong_type", "must be an object of records by key")],
        (_, Value::String(text)) => check_text(ty, text, at),
        (_, _) => vec![wrong(at, "wrong_type", "must be a string")],
    }
}

fn whole_number(min: i64, max: i64, value: &Value, at: &str) -> Vec<FieldError> {
    match value.as_i64() {
        Some(number) if (min..=max).contains(&number) => Vec::new(),
        Some(_) => vec![wrong(at, "out_of_range", format!("must lie in {min} to {max}"))],
        None => vec![wrong(at, "wrong_type", "must be a whole number")],
    }
}

fn list(of: &Ty, max: usize, items: &[Value], at: &str) -> Vec<FieldError> {
    if items.len() > max {
        return vec![wrong(at, "too_many", format!("takes at most {max} members"))];
    }
    let checked = items.iter().enumerate();
    checked.flat_map(|(i, item)| check_value(of, item, &format!("{at}/{i}"))).collect()
}

fn map(
    of: &RecordDecl,
    max: usize,
    items: &serde_json::Map<String, Value>,
    at: &str,
) -> Vec<FieldError> {
    if items.len() > max {
        return vec![wrong(at, "too_many", format!("takes at most {max} members"))];
    }
    let checked = items.iter();
    checked
        .flat_map(|(key, item)| {
            let at = format!("{at}/{}", escaped(key));
            let bad = check_value(&Ty::Key, &Value::String(key.clone()), &at);
            bad.into_iter().chain(check(&of.fields, item, &at)).collect::<Vec<_>>()
        })
        .collect()
}

fn check_text(ty: &Ty, text: &str, at: &str) -> Vec<FieldError> {
    let error = match ty {
        Ty::Line(max) => line(text, *max),
        Ty::Prose(max) => prose(text, *max),
        Ty::Date => parsed::<Date>(text),
        Ty::Decimal => parsed::<Decimal>(text),
        Ty::Time => parsed::<Instant>(text),
        Ty::Position => parsed_as(text.parse::<i64>().is_ok_and(|n| n >= 0), "a position"),
        Ty::Hash => parsed_as(is_hash(text), "SHA-256 as 64 lower-case hex digits"),
        Ty::Version => parsed_as(is_version(text), "a version such as 1.1 or 2.0.1"),
        Ty::Number => parsed_as(is_number(text), "the number of a clause or control"),
        Ty::User | Ty::Pseudonym => parsed_as(is_id(text, "usr"), "a user's id (usr_…)"),
        Ty::Key => parsed_as(is_key(text), "a key of at most 64 characters of [a-z0-9_.-]"),
        Ty::Role => parsed_as(Role::from_code(text).is_some(), "a role's code such as AM"),
        Ty::Ref("") => parsed_as(id::is_well_formed(text), "an object's id"),
        Ty::Ref(kind) => {
            let prefix = kinds::kind(kind).map_or("", |row| row.prefix);
            parsed_as(is_id(text, prefix), &format!("the id of {kind} ({prefix}_…)"))
        }
        Ty::Words(words) if words.words.iter().any(|(word, _)| *word == text) => None,
        Ty::Words(words) => {
            let all: Vec<_> = words.words.iter().map(|(word, _)| *word).collect();
            Some(("not_a_word", format!("must be one of {}", all.join(", "))))
        }
        Ty::Int(..) | Ty::Bool | Ty::Fields | Ty::Record(_) | Ty::List(..) | Ty::Map(..) => None,
    };
    error.map(|(code, message)| wrong(at, code, message)).into_iter().collect()
}

type Wrong = Option<(&'static str, String)>;

fn line(text: &str, max: usize) -> Wrong {
    if text.chars().any(char::is_control) {
        return Some(("forbidden_character", "must be one line without control characters".into()));
    }
    sized(text, max)
}

fn prose(text: &str, max: usize) -> Wrong {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Some(("forbidden_character", "must be free of control characters".into()));
    }
    sized(text, max)
}

fn sized(text: &str, max: usize) -> Wrong {
    if text.trim().is_empty() {
        return Some(("blank", "must say something".into()));
    }
    let long = text.len() > max && text.chars().count() > max;
    long.then(|| ("too_long", format!("may have at most {max} characters")))
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Wrong {
    text.parse::<T>().err().map(|error| ("malformed", error.to_string()))
}

fn parsed_as(fine: bool, what: &str) -> Wrong {
    (!fine).then(|| ("malformed", format!("must be {what}")))
}

fn is_id(text: &str, prefix: &str) -> bool {
    id::is_well_formed(text) && id::prefix_of(text) == prefix
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_version(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    let numeric = |part: &&str| {
        !part.is_empty() && part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit())
    };
    matches!(parts.len(), 2 | 3) && parts.iter().all(numeric)
}

fn is_number(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    (1..=40).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_key(text: &str) -> bool {
    let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn wrong(at: &str, code: &'static str, message: impl Into<String>) -> FieldError {
    FieldError { pointer: at.to_owned(), code, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Record;
    use serde_json::json;

    /// One field of each troublesome type.
    #[record]
    struct Sample {
        /// A title.
        title: crate::values::Line,
        /// A note.
        note: Option<Prose>,
        /// When.
        due: Option<Date>,
        /// How often.
        times: Option<u32>,
        /// Who.
        owner: Option<crate::UserId>,
    }

    fn codes(input: &Value) -> Vec<(String, &'static str)> {
        let errors = check(&Sample::record().fields, input, "");
        errors.into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn every_fault_is_found_at_once_with_its_place() {
        let found = codes(&json!({
            "note": " ", "due": "2025-02-30", "times": -1, "owner": "tnt_x", "a/b": 1
        }));
        let wanted = [
            ("/a~1b", "unknown_field"),
            ("/title", "missing"),
            ("/note", "blank"),
            ("/due", "malformed"),
            ("/times", "out_of_range"),
            ("/owner", "malformed"),
        ];
        assert_eq!(found, wanted.map(|(at, code)| (at.to_owned(), code)));
    }

    #[test]
    fn sealed_objects_and_control_characters_do_not_pass() {
        assert_eq!(codes(&json!({"title": "x", "note": {"sealed": "00"}}))[0].1, "wrong_type");
        assert_eq!(codes(&json!({"title": "a\u{0}b"}))[0].1, "forbidden_character");
        assert_eq!(codes(&json!({"title": "x".repeat(201)}))[0].1, "too_long");
        assert!(codes(&json!({"title": "é".repeat(200), "note": "a\nb"})).is_empty());
    }
}
