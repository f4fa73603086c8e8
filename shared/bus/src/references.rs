//! References in a command's input must lead to objects of the same tenant.

use event_store::{Fault, Log};
use kernel::door::FieldError;
use kernel::id::{encode, suffix_of};
use kernel::schema::{Field, Ty};
use serde_json::Value;

/// The references in an input that lead nowhere. A person is referred to by his pseudonym and
/// exists when he has a membership.
pub async fn dangling(
    log: &Log,
    fields: &[Field],
    input: &Value,
) -> Result<Vec<FieldError>, Fault> {
    let mut found = Vec::new();
    collect_fields(fields, input, "", &mut found);
    let mut errors = Vec::new();
    for (pointer, id) in found {
        if log.newest(&object_of(&id)).await?.is_none() {
            let message = format!("{id} does not exist here");
            errors.push(FieldError { pointer, code: "unknown_reference", message });
        }
    }
    Ok(errors)
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

/// The id of an object that has a natural key: the same key gives the same id, so that a second
/// object with it is refused by the version check alone.
pub fn natural_id(prefix: &str, tenant: &str, key: &str) -> String {
    use sha2::{Digest, Sha256};
    if key.is_empty() {
        return format!("{prefix}_{}", suffix_of(tenant));
    }
    let hash = Sha256::new()
        .chain_update(b"annals/id/v1\0")
        .chain_update(tenant)
        .chain_update([0])
        .chain_update(prefix)
        .chain_update([0])
        .chain_update(key)
        .finalize();
    let mut bits = [0; 16];
    bits.copy_from_slice(&hash[..16]);
    // The top bits of base32's 130 are zero; version and variant say "custom" (UUIDv8, RFC 9562).
    let bits = u128::from_be_bytes(bits);
    let bits = bits & !(0xf << 76) & !(0b11 << 62) | (8 << 76) | (0b10 << 62);
    encode(prefix, bits)
}
