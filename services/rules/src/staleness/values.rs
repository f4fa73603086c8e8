//! What stands at a path of a document, as texts that can be compared.

use kernel::approval::content_hash;
use kernel::values::SEALED;
use serde_json::Value;

/// Longest text that is kept as it is, in characters.
const TEXT_MAX: usize = 160;
/// Most texts that are kept one by one.
const TEXTS_MAX: usize = 64;

/// The values at a path, in order and each once. Dots lead into records; `*` stands for all members
/// of a map or list, `#` for the keys of a map (or what a list holds), `#word` for the keys of
/// members whose `status` is the word, and `$field` for the member that a field of the deciding
/// object names (those that run, where it names none).
pub fn values_at(document: &Value, path: &str, deciding: &Value) -> Vec<String> {
    let mut keys = Vec::new();
    let mut here = vec![document];
    for part in path.split('.') {
        if let Some(status) = part.strip_prefix('#') {
            let members = here.iter().filter_map(|value| value.as_object()).flatten();
            let of_status = members.filter(|(_, member)| {
                status.is_empty() || member["status"].as_str() == Some(status)
            });
            keys = of_status.map(|(key, _)| key.clone()).collect();
            here.retain(|value| status.is_empty() && value.is_array());
        } else {
            here = here.into_iter().flat_map(|value| step(value, part, deciding)).collect();
        }
    }
    let mut texts = keys;
    here.into_iter().for_each(|value| tell(value, &mut texts));
    texts.sort_unstable();
    texts.dedup();
    if texts.len() > TEXTS_MAX {
        return vec![hashed(&texts)];
    }
    texts
}

fn step<'a>(value: &'a Value, part: &str, deciding: &Value) -> Vec<&'a Value> {
    if part == "*" {
        return members(value);
    }
    if let Some(field) = part.strip_prefix('$') {
        return match deciding[field].as_str() {
            Some(key) => value.get(key).into_iter().collect(),
            None => running(value),
        };
    }
    value.get(part).into_iter().collect()
}

fn members(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn running(value: &Value) -> Vec<&Value> {
    let mut members = members(value);
    members.retain(|member| member["status"].as_str() == Some("running"));
    members
}

/// A value as texts. A sealed text is told by the hash of its ciphertext: written again, it is
/// another.
fn tell(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => texts.push(flag.to_string()),
        Value::Number(number) => texts.push(number.to_string()),
        Value::String(text) if text.chars().count() > TEXT_MAX => texts.push(hashed(text)),
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| tell(item, texts)),
        Value::Object(members) => match members.get(SEALED).and_then(Value::as_str) {
            Some(hash) => texts.push(format!("sealed:{hash}")),
            None => texts.push(hashed(members)),
        },
    }
}

fn hashed(value: &impl serde::Serialize) -> String {
    format!("sha256:{}", content_hash(value).as_str())
}
