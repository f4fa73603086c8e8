//! Opening sealed texts: what readers are shown in place of `{"sealed": …}`.

use std::collections::HashMap;
use std::sync::Arc;

use event_store::{Fault, Log};
use kernel::values::SEALED;
use serde_json::{Value, json};

/// Opens every sealed text in these values, in place; one that was erased reads
/// `{"erased": true}`.
///
/// # Errors
/// When the database fails or a sealed value is not what was stored.
pub async fn open(log: &Log, values: &mut [Value]) -> Result<(), Fault> {
    let mut hashes = Vec::new();
    values.iter().for_each(|value| collect(value, &mut hashes));
    if hashes.is_empty() {
        return Ok(());
    }
    hashes.sort_unstable();
    hashes.dedup();
    let texts = log.open_texts(&hashes).await?;
    values.iter_mut().for_each(|value| put(value, &texts));
    Ok(())
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
    }
}
