//! Filters and orders: an input type per kind and per type of field, and what they mean to
//! `listing`.

use std::sync::Arc;

use async_graphql::Value as Given;
use async_graphql::dynamic::{Enum, EnumItem, TypeRef};
use event_store::mapping::Mapping;
use kernel::schema::{Field, RecordDecl, Ty};
use serde_json::Value;

use super::error::Problem;
use super::inputs;
use super::model::Kind;
use super::names::{id_field, screaming};
use super::objects::shown_name;
use super::scalars;
use super::types::{Argument, Input, Types};
use crate::listing::{Compare, Filter};

/// Operators by what they apply to.
const EQUAL: &[&str] = &["eq", "ne"];
const ORDERED: &[&str] = &["lt", "lte", "gt", "gte"];
const TEXTUAL: &[&str] = &["contains", "startsWith"];
/// When an object was made and last changed, as `listing` names it and as objects show it.
const TIMES: [(&str, &str); 2] = [("createdAt", "createdAt"), ("updatedAt", "recordedAt")];

/// Makes what all kinds share.
pub fn make_shared(types: &mut Types) {
    let items = ["ASC", "DESC"].map(EnumItem::new);
    let doc = "Smallest or largest first; nulls come last either way.";
    types.add(Enum::new("Direction").description(doc).items(items));
}

/// Makes the filter and the order of a kind.
pub fn make(types: &mut Types, kind: &Kind) {
    let name = format!("{}Filter", kind.ty);
    let mut filter = combinators(Input::new(&name), &name);
    let id = comparison(types, &Ty::Ref(""));
    filter = filter.field(Argument::new("id", TypeRef::named(id)));
    for (path, shown) in TIMES {
        if kind.decl().state.field(path).is_none() {
            let ty = comparison(types, &Ty::Time);
            filter = filter.field(Argument::new(shown, TypeRef::named(ty)));
        }
    }
    for field in &kind.decl().state.fields {
        if let Some(value) = field_filter(types, field, &shown_name(kind, field.name)) {
            filter = filter.field(value);
        }
    }
    types.add(filter);
    let by = format!("{}OrderField", kind.ty);
    let paths = sortable(kind);
    types.add(Enum::new(&by).items(paths.iter().map(|path| EnumItem::new(screaming(path)))));
    let direction = Argument::new("direction", TypeRef::named("Direction"));
    types.add(
        Input::new(&format!("{}Order", kind.ty))
            .field(Argument::new("field", TypeRef::named_nn(by)))
            .field(direction.default_value(Given::Enum(async_graphql::Name::new("ASC")))),
    );
}

/// The paths by which a kind's lists are sorted.
fn sortable(kind: &Kind) -> Vec<String> {
    let indexed = Mapping::of(kind.decl()).indexed.into_iter().map(|indexed| indexed.path);
    std::iter::once("id".to_owned()).chain(indexed).collect()
}

fn combinators(filter: Input, name: &str) -> Input {
    let several = |field: &str| Argument::new(field, TypeRef::named_nn_list(name));
    filter
        .field(several("and").description("All of these."))
        .field(several("or").description("One of these."))
        .field(Argument::new("not", TypeRef::named(name)).description("Not this."))
}

/// The name under which a field is filtered; of references it is the id that is compared.
fn filter_name(ty: &Ty, shown: &str) -> String {
    match ty {
        Ty::User | Ty::Ref(_) => id_field(shown, false),
        Ty::List(of, _) if matches!(**of, Ty::User | Ty::Ref(_)) => id_field(shown, true),
        _ => shown.to_owned(),
    }
}

fn field_filter(types: &mut Types, field: &Field, shown: &str) -> Option<Argument> {
    let ty = type_filter(types, &field.ty)?;
    let name = filter_name(&field.ty, shown);
    let some = matches!(field.ty, Ty::List(..) | Ty::Map(..));
    let doc = if some { format!("Some of: {}", field.doc) } else { field.doc.to_owned() };
    Some(Argument::new(name, TypeRef::named(ty)).description(doc))
}

/// The filter type of a field; sealed text has none.
fn type_filter(types: &mut Types, ty: &Ty) -> Option<String> {
    match ty {
        Ty::Prose(_) | Ty::Fields => None,
        Ty::Record(record) | Ty::Map(record, _) => record_filter(types, record),
        Ty::List(of, _) => type_filter(types, of),
        other => Some(comparison(types, other)),
    }
}

fn record_filter(types: &mut Types, record: &Arc<RecordDecl>) -> Option<String> {
    let name = format!("{}Filter", types.model.record(record));
    if types.has_begun(&name) {
        return Some(name);
    }
    let mut filter = Input::new(&name);
    let fields: Vec<_> =
        record.fields.iter().filter_map(|field| field_filter(types, field, field.name)).collect();
    if fields.is_empty() {
        return None;
    }
    if types.begin(&name) {
        let absent = Argument::new("isNull", TypeRef::named("Boolean"));
        filter = filter.field(absent.description("Whether there is none."));
        types.add(fields.into_iter().fold(filter, Input::field));
    }
    Some(name)
}

/// The comparisons that fit a type.
fn comparison(types: &mut Types, ty: &Ty) -> String {
    types.ensure_leaf(ty);
    let value = scalars::leaf_type(&types.model, ty).unwrap_or(TypeRef::ID).to_owned();
    let name = format!("{value}Filter");
    if types.begin(&name) {
        let operators: Vec<&str> = match ty {
            Ty::Int(..) | Ty::Decimal | Ty::Date | Ty::Time | Ty::Position => {
                [EQUAL, ORDERED].concat()
            }
            Ty::Line(_) | Ty::Number | Ty::Key => [EQUAL, ORDERED, TEXTUAL].concat(),
            _ => EQUAL.to_vec(),
        };
        let mut filter = Input::new(&name).description("All comparisons given must hold.");
        for operator in operators {
            filter = filter.field(Argument::new(operator, TypeRef::named(value.as_str())));
        }
        let one_of = Argument::new("in", TypeRef::named_nn_list(value.as_str()));
        let absent = Argument::new("isNull", TypeRef::named("Boolean"));
        types.add(filter.field(one_of).field(absent));
    }
    name
}

/// A kind's filter as `listing` takes it.
///
/// # Errors
/// When it is not of the declared form.
pub fn read(kind: &Kind, given: &Given) -> Result<Filter, Problem> {
    let Given::Object(members) = given else { return Err(malformed()) };
    let mut all = Vec::new();
    for (name, value) in members.iter().filter(|(_, value)| **value != Given::Null) {
        all.push(match (name.as_str(), value) {
            ("and", Given::List(filters)) => Filter::And(each(kind, filters)?),
            ("or", Given::List(filters)) => Filter::Or(each(kind, filters)?),
            ("not", value) => Filter::Not(Box::new(read(kind, value)?)),
            ("id", value) => compare(&Ty::Ref(""), "id", value)?,
            (name, value) => match TIMES.iter().find(|(_, shown)| *shown == name) {
                Some((path, _)) => compare(&Ty::Time, path, value)?,
                None => {
                    let shown = |field: &&Field| {
                        filter_name(&field.ty, &shown_name(kind, field.name)) == name
                    };
                    let field = kind.decl().state.fields.iter().find(shown);
                    let field = field.ok_or_else(malformed)?;
                    compare(&field.ty, field.name, value)?
                }
            },
        });
    }
    Ok(Filter::And(all))
}

fn each(kind: &Kind, filters: &[Given]) -> Result<Vec<Filter>, Problem> {
    filters.iter().map(|filter| read(kind, filter)).collect()
}

fn malformed() -> Problem {
    Problem::argument("filter", "malformed", "the filter does not have the declared form")
}

fn compare(ty: &Ty, path: &str, given: &Given) -> Result<Filter, Problem> {
    let Given::Object(members) = given else { return Err(malformed()) };
    let members = members.iter().filter(|(_, value)| **value != Given::Null);
    let inner = match ty {
        Ty::List(of, _) => of,
        other => other,
    };
    let mut all = Vec::new();
    for (name, value) in members {
        let record = match inner {
            Ty::Record(record) | Ty::Map(record, _) if name != "isNull" => Some(record),
            _ => None,
        };
        all.push(match record {
            Some(record) => {
                let named = |field: &&Field| filter_name(&field.ty, field.name) == name.as_str();
                let field = record.fields.iter().find(named).ok_or_else(malformed)?;
                compare(&field.ty, &format!("{path}.{}", field.name), value)?
            }
            None => Filter::Field(path.to_owned(), operator(inner, name, value)?),
        });
    }
    Ok(Filter::And(all))
}

fn operator(ty: &Ty, name: &str, given: &Given) -> Result<Compare, Problem> {
    if name == "isNull" {
        let Given::Boolean(absent) = given else { return Err(malformed()) };
        return Ok(Compare::IsNull(*absent));
    }
    if let ("in", Given::List(values)) = (name, given) {
        return Ok(Compare::In(values.iter().map(|value| inputs::plain(ty, value)).collect()));
    }
    let value = inputs::plain(ty, given);
    Ok(match (name, value) {
        ("eq", value) => Compare::Eq(value),
        ("ne", value) => Compare::Ne(value),
        ("lt", value) => Compare::Lt(value),
        ("lte", value) => Compare::Lte(value),
        ("gt", value) => Compare::Gt(value),
        ("gte", value) => Compare::Gte(value),
        ("contains", Value::String(text)) => Compare::Contains(text),
        ("startsWith", Value::String(text)) => Compare::StartsWith(text),
        _ => return Err(malformed()),
    })
}

/// A kind's order as `listing` takes it.
///
/// # Errors
/// When it is not of the declared form.
pub fn order(kind: &Kind, given: &Given) -> Result<Vec<(String, bool)>, Problem> {
    let one = std::slice::from_ref(given);
    let keys = match given {
        Given::List(keys) => keys.as_slice(),
        _ => one,
    };
    let paths = sortable(kind);
    let key = |key: &Given| {
        let Given::Object(members) = key else { return Err(malformed()) };
        let word = |name: &str| match members.get(name) {
            Some(Given::Enum(word)) => word.to_string(),
            Some(Given::String(word)) => word.clone(),
            _ => String::new(),
        };
        let field = word("field");
        let path = paths.iter().find(|path| screaming(path) == field).ok_or_else(malformed)?;
        Ok((path.clone(), word("direction") == "DESC"))
    };
    keys.iter().map(key).collect()
}
