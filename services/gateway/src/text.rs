//! Opening sealed texts: what readers are shown in place of `{"sealed": …}`.

use std::collections::HashMap;
use std::sync::Arc;

use bus::Registry;
use event_store::{Fault, Log};
use identity::Caller;
use kernel::domain::KindDecl;
use kernel::values::SEALED;
use serde_json::{Value, json};

/// Whether a caller may open the texts of an object. Of a kind whose texts are confided that is
/// whom the object names today, also where its past is shown.
///
/// # Errors
/// When the database fails.
pub async fn may_open(caller: &Caller, kind: &KindDecl, id: &str) -> Result<bool, Fault> {
    let Some(field) = kind.confided else { return Ok(true) };
    let today = caller.log.document(id, caller.newest().await?).await?;
    let is_named = |value: &Value| value.as_str() == Some(caller.who.id.as_str());
    Ok(today.is_some_and(|today| match &today.body[field] {
        Value::Array(names) => names.iter().any(is_named),
        name => is_named(name),
    }))
}

/// Opens the texts of what belongs to each of these objects (kind, id, value), in place; texts
/// that are confided to others read `{"withheld": true}`.
///
/// # Errors
/// When the database fails or a sealed value is not what was stored.
pub async fn open_of(
    registry: &Registry,
    caller: &Caller,
    shown: &mut [(String, String, Value)],
) -> Result<(), Fault> {
    let mut hashes = Vec::new();
    for (kind, id, value) in shown.iter_mut() {
        veil(caller, kind, value);
        let kind = registry.named(kind).map(|kind| kind.decl());
        let open = match kind {
            Some(kind) => may_open(caller, kind, id).await?,
            None => true,
        };
        if open {
            collect(value, &mut hashes);
        } else {
            withhold(value);
        }
    }
    let texts = opened(&caller.log, hashes).await?;
    shown.iter_mut().for_each(|(_, _, value)| put(value, &texts));
    Ok(())
}

/// Withholds texts that are nobody's business outside the organisation, wherever they stand in what
/// an outsider is shown: in documents, events and patches.
pub fn veil(caller: &Caller, kind: &str, value: &mut Value) {
    let Some(outlook) = &caller.outlook else { return };
    match value {
        Value::Object(members) => {
            let place = members.get("path").and_then(Value::as_str).unwrap_or_default();
            if place.strip_prefix('/').is_some_and(|field| outlook.veils(kind, field)) {
                members.get_mut("value").into_iter().for_each(withhold);
            }
            for (name, member) in members.iter_mut() {
                if outlook.veils(kind, name) {
                    withhold(member);
                } else {
                    veil(caller, kind, member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| veil(caller, kind, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Puts `{"withheld": true}` in the place of every sealed text.
pub fn withhold(value: &mut Value) {
    if sealed(value).is_some() {
        *value = json!({"withheld": true});
        return;
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(withhold),
        Value::Array(items) => items.iter_mut().for_each(withhold),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn opened(log: &Log, mut hashes: Vec<String>) -> Result<HashMap<String, Arc<str>>, Fault> {
    if hashes.is_empty() {
        return Ok(HashMap::new());
    }
    hashes.sort_unstable();
    hashes.dedup();
    log.open_texts(&hashes).await
}

/// The hash that a value stands for, if it is a sealed text.
pub fn sealed(value: &Value) -> Option<&str> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get(SEALED)?.as_str()
}

/// The hashes of all sealed texts in a value.
pub fn collect(value: &Value, hashes: &mut Vec<String>) {
    if let Some(hash) = sealed(value) {
        hashes.push(hash.to_owned());
        return;
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| collect(member, hashes)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, hashes)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Puts opened texts in the place of their hashes; what is missing was erased.
pub fn put(value: &mut Value, texts: &HashMap<String, Arc<str>>) {
    if let Some(hash) = sealed(value) {
        *value = texts.get(hash).map_or_else(|| json!({"erased": true}), |text| json!(&**text));
        return;
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| put(member, texts)),
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_texts_are_opened_in_place_and_erased_ones_say_so() {
        let mut value = json!({"a": [{"sealed": "01"}], "b": {"sealed": "02"}, "c": {"d": "e"}});
        let mut hashes = Vec::new();
        collect(&value, &mut hashes);
        assert_eq!(hashes, ["01", "02"]);
        put(&mut value, &HashMap::from([("01".to_owned(), Arc::from("x"))]));
        assert_eq!(value, json!({"a": ["x"], "b": {"erased": true}, "c": {"d": "e"}}));
        let mut value = json!({"a": [{"sealed": "01"}], "b": "c"});
        withhold(&mut value);
        assert_eq!(value, json!({"a": [{"withheld": true}], "b": "c"}));
    }
}
