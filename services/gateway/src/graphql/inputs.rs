//! Commands' input: the types, and from what callers give to the JSON that the bus takes.

use std::collections::HashSet;

use async_graphql::Value as Given;
use kernel::door::FieldError;
use kernel::schema::{Field, Ty};
use serde_json::{Map, Value};

use super::names::screaming;

/// A value as the bus and `listing` take it: words in `snake_case`, positions and ids as text, maps
/// by key.
pub fn plain(ty: &Ty, given: &Given) -> Value {
    match (ty, given) {
        (_, Given::Null) => Value::Null,
        (Ty::Words(decl), Given::Enum(name)) => word(decl, name),
        (Ty::Words(decl), Given::String(name)) => word(decl, name),
        (Ty::Record(decl), Given::Object(_)) => object(&decl.fields, given),
        (Ty::List(of, _), Given::List(items)) => {
            Value::Array(items.iter().map(|item| plain(of, item)).collect())
        }
        // A single value stands for a list of one, by the rules of the language.
        (Ty::List(of, _), single) => Value::Array(vec![plain(of, single)]),
        (Ty::Map(decl, _), Given::List(items)) => {
            let members = items.iter().filter_map(|item| entry(&decl.fields, item));
            Value::Object(members.collect())
        }
        (Ty::Map(decl, _), single) => {
            Value::Object(entry(&decl.fields, single).into_iter().collect())
        }
        (Ty::Int(..) | Ty::Fields, other) => json(other),
        (_, Given::Number(number)) => Value::String(number.to_string()),
        (_, other) => json(other),
    }
}

fn word(decl: &kernel::schema::WordsDecl, name: &str) -> Value {
    let found = decl.words.iter().find(|(word, _)| screaming(word) == name);
    Value::String(found.map_or(name, |(word, _)| word).to_owned())
}

fn json(given: &Given) -> Value {
    given.clone().into_json().unwrap_or_default()
}

/// The fields that were given; null counts as not given.
pub fn object(fields: &[Field], given: &Given) -> Value {
    let Given::Object(members) = given else { return json(given) };
    let given = |field: &Field| members.get(field.name).filter(|value| **value != Given::Null);
    let members = fields.iter().filter_map(|field| {
        given(field).map(|value| (field.name.to_owned(), plain(&field.ty, value)))
    });
    Value::Object(members.collect::<Map<_, _>>())
}

/// Members of maps that are given under a key that stands already: GraphQL has no maps, so they
/// come as lists.
pub fn named_twice(fields: &[Field], given: &Given) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Given::Object(members) = given {
        let given = fields.iter().filter_map(|field| Some((field, members.get(field.name)?)));
        given.for_each(|(field, value)| {
            look(&field.ty, value, &format!("/{}", field.name), &mut errors);
        });
    }
    errors
}

fn look(ty: &Ty, given: &Given, at: &str, errors: &mut Vec<FieldError>) {
    let under = |at: &str, fields: &[Field], given: &Given, errors: &mut Vec<FieldError>| {
        errors.extend(
            named_twice(fields, given)
                .into_iter()
                .map(|error| FieldError { pointer: format!("{at}{}", error.pointer), ..error }),
        );
    };
    match (ty, given) {
        (Ty::Record(decl), given) => under(at, &decl.fields, given, errors),
        (Ty::List(of, _), Given::List(items)) => {
            for (n, item) in items.iter().enumerate() {
                look(of, item, &format!("{at}/{n}"), errors);
            }
        }
        (Ty::Map(decl, _), Given::List(items)) => {
            let mut seen = HashSet::new();
            for item in items {
                let Given::Object(members) = item else { continue };
                let Some(Given::String(key)) = members.get("key") else { continue };
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                if !seen.insert(key) {
                    let message = "stands twice among the keys".to_owned();
                    errors.push(FieldError { pointer: at.clone(), code: "named_twice", message });
                }
                under(&at, &decl.fields, item, errors);
            }
        }
        (_, _) => {}
    }
}

fn entry(fields: &[Field], given: &Given) -> Option<(String, Value)> {
    let Given::Object(members) = given else { return None };
    let Some(Given::String(key)) = members.get("key") else { return None };
    Some((key.clone(), object(fields, given)))
}
