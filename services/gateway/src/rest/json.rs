//! JSON as it is let in: an object whose members are named once, whole numbers up to 2^53 - 1, not
//! nested deeper than [`DEPTH_MAX`].

use std::cell::RefCell;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::problem::{Problem, Wrong};

/// Most levels of objects and lists.
pub const DEPTH_MAX: usize = 32;
/// Most mistakes that are listed.
const ERRORS_MAX: usize = 20;
const MAX_SAFE: u64 = (1 << 53) - 1;

/// Reads a body.
///
/// # Errors
/// The problem, with a pointer to each mistake.
pub fn read(bytes: &[u8]) -> Result<Value, Problem> {
    match any(bytes)? {
        value @ Value::Object(_) => Ok(value),
        _ => Err(Problem::new("malformed_json", "the body must be a JSON object")),
    }
}

/// The same of any JSON, be it an object or not.
///
/// # Errors
/// The problem, with a pointer to each mistake.
pub fn any(bytes: &[u8]) -> Result<Value, Problem> {
    let wrongs = RefCell::new(Vec::new());
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict { at: String::new(), depth: 0, wrongs: &wrongs };
    let read = seed.deserialize(&mut from).and_then(|value| from.end().map(|()| value));
    let wrongs = wrongs.into_inner();
    match read {
        _ if !wrongs.is_empty() => {
            let first = wrongs.first().map_or(String::new(), |wrong: &Wrong| {
                format!("{}: {}", wrong.pointer.as_deref().unwrap_or_default(), wrong.message)
            });
            Err(Problem::new("malformed_json", first).with_errors(wrongs))
        }
        Ok(value) => Ok(value),
        Err(error) => Err(Problem::new("malformed_json", error.to_string())),
    }
}

struct Strict<'a> {
    at: String,
    depth: usize,
    wrongs: &'a RefCell<Vec<Wrong>>,
}

impl Strict<'_> {
    fn wrong(&self, at: &str, code: &str, message: &str) {
        let mut wrongs = self.wrongs.borrow_mut();
        if wrongs.len() < ERRORS_MAX {
            let (code, message) = (code.to_owned(), message.to_owned());
            wrongs.push(Wrong { pointer: Some(at.to_owned()), code, message, ..Wrong::default() });
        }
    }

    fn inner<E: de::Error>(&self, name: &str) -> Result<Self, E> {
        if self.depth >= DEPTH_MAX {
            self.wrong(&self.at, "too_deep", "is nested too deeply");
            return Err(E::custom("nested too deeply"));
        }
        let name = name.replace('~', "~0").replace('/', "~1");
        Ok(Self { at: format!("{}/{name}", self.at), depth: self.depth + 1, wrongs: self.wrongs })
    }

    fn text(&self, text: &str) {
        if text.contains('\0') {
            self.wrong(&self.at, "forbidden_character", "must not contain U+0000");
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        if number.unsigned_abs() > MAX_SAFE {
            self.wrong(&self.at, "out_of_range", "must be a whole number of at most 2^53 - 1");
        }
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        if number > MAX_SAFE {
            self.wrong(&self.at, "out_of_range", "must be a whole number of at most 2^53 - 1");
        }
        Ok(number.into())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        self.wrong(&self.at, "wrong_type", "must be a whole number; decimals are strings");
        Ok(Value::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        self.text(text);
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        self.text(&text);
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(self.inner(&out.len().to_string())?)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let inner = self.inner(&name)?;
            self.text(&name);
            let at = inner.at.clone();
            let value = members.next_value_seed(inner)?;
            if out.insert(name, value).is_some() {
                self.wrong(&at, "named_twice", "stands twice in the same object");
            }
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(String, String)> {
        let body = read(text.as_bytes()).unwrap_err().body("req_1");
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let show = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|e| (show(&e["pointer"]), show(&e["code"]))).collect()
    }

    #[test]
    fn a_member_that_stands_twice_is_refused_wherever_it_stands() {
        assert_eq!(codes(r#"{"a":1,"a":2}"#), [("/a".into(), "named_twice".into())]);
        assert_eq!(
            codes(r#"{"x":[{"a/b":1,"a/b":1}]}"#),
            [("/x/0/a~1b".into(), "named_twice".into())]
        );
        assert_eq!(codes(r#"{"a":1,"\u0061":2}"#), [("/a".into(), "named_twice".into())]);
    }

    #[test]
    fn only_whole_numbers_within_2_to_the_53_come_in() {
        for number in ["1.0", "1e3", "-0", "9007199254740992", "-9007199254740992"] {
            assert_eq!(codes(&format!("{{\"n\":{number}}}")).len(), 1, "{number}");
        }
        assert!(read(br#"{"n":9007199254740991,"m":-9007199254740991}"#).is_ok());
    }

    #[test]
    fn depth_kind_and_rest_are_bounded() {
        let nested = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(read(nested(DEPTH_MAX - 1).as_bytes()).is_ok());
        assert_eq!(codes(&nested(DEPTH_MAX + 1))[0].1, "too_deep");
        for text in ["", "[]", "null", "{} x", "{\"a\":", "\u{feff}{}", "{\"a\":NaN}"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(codes("{\"a\":\"\\u0000\"}")[0].1, "forbidden_character");
    }
}
