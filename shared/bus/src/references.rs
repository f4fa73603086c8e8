//! References in a command's input must lead to objects of the same tenant.

use event_store::{Fault, Log};
use kernel::door::FieldError;
use kernel::id::{platform, prefix_of, suffix_of};
use kernel::kinds::{KindRow, kind_of_prefix};
use kernel::schema::{Field, Ty};
use serde_json::Value;

/// The references in an input that lead nowhere. A person is referred to by his pseudonym and
/// exists when he has a membership.
pub async fn dangling(
    log: &Log,
    fields: &[Field],
    input: &Value,
) -> Result<Vec<FieldError>, Fault> {
    let found = references(fields, input);
    let mut errors = Vec::new();
    for (pointer, id) in found {
        let is_of_platform = kind_of_prefix(prefix_of(&id)).is_some_and(KindRow::is_of_platform);
        let exists = if is_of_platform {
            log.store().log(&platform()).newest(&id).await?.is_some()
        } else {
            log.newest(&object_of(&id)).await?.is_some()
        };
        if !exists {
            let message = format!("{id} does not exist here");
            errors.push(FieldError { pointer, code: "unknown_reference", message });
        }
    }
    Ok(errors)
}

/// The references in an input: where they stand, and what they name.
pub fn references(fields: &[Field], input: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect_fields(fields, input, "", &mut found);
    found
}

/// The object that an id refers to: for a person, his membership.
fn object_of(id: &str) -> String {
    id.strip_prefix("usr_").map_or_else(|| id.to_owned(), |suffix| format!("mbr_{suffix}"))
}

fn collect_fields(fields: &[Field], input: &Value, at: &str, found: &mut Vec<(String, String)>) {
    for field in fields {
        if let Some(value) = input.get(field.name) {
            collect(&field.ty, value, &format!("{at}/{}", field.name), found);
        }
    }
}

fn collect(ty: &Ty, value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match (ty, value) {
        (Ty::Ref(_) | Ty::User, Value::String(id)) => found.push((at.to_owned(), id.clone())),
        (Ty::Record(of), value) => collect_fields(&of.fields, value, at, found),
        (Ty::List(of, _), Value::Array(items)) => {
            for (n, item) in items.iter().enumerate() {
                collect(of, item, &format!("{at}/{n}"), found);
            }
        }
        (Ty::Map(of, _), Value::Object(items)) => {
            for (key, item) in items {
                collect_fields(&of.fields, item, &format!("{at}/{key}"), found);
            }
        }
        (_, _) => {}
    }
}

/// The id of the one object of a kind that a tenant can have: it ends like the tenant's, so that a
/// second one is refused by the version check alone.
pub fn singleton_id(prefix: &str, tenant: &str) -> String {
    format!("{prefix}_{}", suffix_of(tenant))
}
