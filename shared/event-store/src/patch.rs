//! The frozen effect of an event on its document: JSON Patch (RFC 6902) with a `test` of what was
//! there before each change. Lists of plain values are replaced whole; records have stable keys.

use serde_json::{Map, Value, json};

use crate::error::Fault;

/// The patch that turns `before` into `after`; `before` is null for a new object.
pub fn diff(before: &Value, after: &Value) -> Value {
    if before.is_null() {
        return json!([{ "op": "add", "path": "", "value": after }]);
    }
    let mut ops = Vec::new();
    walk(before, after, &mut String::new(), &mut ops);
    Value::Array(ops)
}

fn walk(before: &Value, after: &Value, path: &mut String, ops: &mut Vec<Value>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => members(old, new, path, ops),
        (old, new) if old == new => {}
        (old, new) => {
            ops.push(json!({ "op": "test", "path": path, "value": old }));
            ops.push(json!({ "op": "replace", "path": path, "value": new }));
        }
    }
}

fn members(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    path: &mut String,
    ops: &mut Vec<Value>,
) {
    let length = path.len();
    for (key, was) in old {
        path.push('/');
        path.push_str(&key.replace('~', "~0").replace('/', "~1"));
        match new.get(key) {
            Some(is) => walk(was, is, path, ops),
            None => {
                ops.push(json!({ "op": "test", "path": path, "value": was }));
                ops.push(json!({ "op": "remove", "path": path }));
            }
        }
        path.truncate(length);
    }
    for (key, is) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        let at = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
        ops.push(json!({ "op": "add", "path": at, "value": is }));
    }
}

/// The document after a stored patch.
///
/// # Errors
/// When the patch is none or a `test` in it fails: the log does not fit together.
pub fn apply(document: &mut Value, patch: &Value) -> Result<(), Fault> {
    let corrupt = |error: &dyn std::fmt::Display| Fault::Corrupt(format!("patch: {error}"));
    let patch: json_patch::Patch =
        serde_json::from_value(patch.clone()).map_err(|error| corrupt(&error))?;
    json_patch::patch(document, &patch).map_err(|error| corrupt(&error))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-c/~]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-c/~]{1,2}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_patch_leads_from_before_to_after(before in json(), after in json()) {
            let patch = diff(&before, &after);
            let mut document = before;
            apply(&mut document, &patch).unwrap();
            prop_assert_eq!(document, after);
        }
    }

    #[test]
    fn a_patch_does_not_apply_to_another_document() {
        let patch = diff(&json!({"a": 1}), &json!({"a": 2}));
        assert!(apply(&mut json!({"a": 3}), &patch).is_err());
    }
}
