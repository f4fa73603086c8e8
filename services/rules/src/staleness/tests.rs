//! Paths, tests and the table of decisions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[test]
fn a_path_leads_through_records_lists_maps_and_by_what_the_deciding_object_names() {
    let document = json!({
        "effective": { "version": 3 }, "owner": null, "purpose": { "sealed": "ab" },
        "geo": ["NO", "DE", "NO"], "inScope": true,
        "versions": {
            "1.0": { "status": "running", "datasets": ["dst_1"] },
            "2.0": { "status": "in_preparation", "datasets": ["dst_2", "dst_3"] },
        },
        "conditions": { "a": { "overdueSince": null }, "b": { "overdueSince": "2025-01-01" } },
    });
    let deciding = json!({ "systemVersion": "2.0" });
    for (path, expected) in [
        ("effective.version", &["3"][..]),
        ("owner", &[]),
        ("missing.further", &[]),
        ("purpose", &["sealed:ab"]),
        ("geo", &["DE", "NO"]),
        ("inScope", &["true"]),
        ("versions.#", &["1.0", "2.0"]),
        ("versions.#running", &["1.0"]),
        ("versions.*.datasets", &["dst_1", "dst_2", "dst_3"]),
        ("versions.$systemVersion.datasets", &["dst_2", "dst_3"]),
        ("conditions.*.overdueSince", &["2025-01-01"]),
    ] {
        assert_eq!(values_at(&document, path, &deciding), texts(expected), "{path}");
    }
    let without = values_at(&document, "versions.$systemVersion.datasets", &json!({}));
    assert_eq!(without, texts(&["dst_1"]), "those that run, where none is named");
}

#[test]
fn long_texts_and_long_lists_are_kept_as_hashes_that_tell_them_apart() {
    let long = |last: &str| json!({ "text": format!("{}{last}", "x".repeat(300)) });
    let [one, other] = ["a", "b"].map(|last| values_at(&long(last), "text", &Value::Null));
    assert!(one[0].starts_with("sha256:") && one[0].len() < 80);
    assert_ne!(one, other);
    let many = |n: u32| json!({ "list": (0..n).collect::<Vec<_>>() });
    assert_eq!(values_at(&many(64), "list", &Value::Null).len(), 64);
    let hashed = values_at(&many(65), "list", &Value::Null);
    assert_eq!(hashed.len(), 1);
    assert_ne!(hashed, values_at(&many(66), "list", &Value::Null));
}

#[test]
fn each_test_knows_which_change_is_material() {
    const BAD: &[&str] = &["bad", "worse"];
    const GOOD: &[&str] = &["good"];
    let none: &[&str] = &[];
    for (test, seen, now, expected) in [
        (Test::Changes, &["a"][..], &["b"][..], true),
        (Test::Changes, &["a"], &["a"], false),
        (Test::Changes, &["a"], none, true),
        (Test::Changes, none, &["a"], false),
        (Test::Differs, none, &["a"], true),
        (Test::Differs, &["a"], &["a"], false),
        (Test::Grows, &["a"], &["a", "b"], true),
        (Test::Grows, &["a", "b"], &["a"], false),
        (Test::Grows, none, &["a"], true),
        (Test::Grows, &["a"], &["a"], false),
        (Test::Reaches(BAD), none, &["bad"], true),
        (Test::Reaches(BAD), &["good"], &["worse"], true),
        (Test::Reaches(BAD), &["bad"], &["worse"], false),
        (Test::Reaches(BAD), &["bad"], &["good"], false),
        (Test::Leaves(GOOD), &["good"], &["bad"], true),
        (Test::Leaves(GOOD), &["good"], none, true),
        (Test::Leaves(GOOD), none, &["bad"], false),
        (Test::Leaves(GOOD), &["good"], &["good"], false),
        (Test::Rises(&["low", "high"]), &["low"], &["high"], true),
        (Test::Rises(&["low", "high"]), &["high"], &["low"], false),
        (Test::Rises(&["low", "high"]), &["low"], &["low"], false),
        (Test::Rises(&["low", "high"]), none, &["high"], false),
    ] {
        let material = test.is_material(&texts(seen), &texts(now));
        assert_eq!(material, expected, "{test:?} {seen:?} {now:?}");
    }
}

#[test]
fn what_is_told_of_a_change_is_kept_only_where_the_test_needs_it() {
    let bad = Test::Reaches(&["bad"]);
    assert!(bad.needs_seen(&texts(&["bad"])) && !bad.needs_seen(&texts(&["good"])));
    assert!(Test::Changes.needs_seen(&texts(&["a"])) && !Test::Changes.needs_seen(&[]));
}

#[test]
fn each_kind_decides_in_one_row_and_each_fact_is_found_in_one_place() {
    let mut kinds = BTreeSet::new();
    for decisions in table::all() {
        assert!(kinds.insert(decisions.kind), "{} twice", decisions.kind);
        assert!(!decisions.made.is_empty() && !decisions.rests.is_empty(), "{}", decisions.kind);
        let mut places = BTreeMap::new();
        for rest in decisions.rests {
            assert!(!rest.on.is_empty() && !rest.facts.is_empty() && !rest.clause.is_empty());
            for fact in rest.facts {
                // `{id}.{fact}` is a key of at most 64 characters.
                assert!(fact.name.len() <= 32, "{}", fact.name);
                let place = format!("{:?}", fact.found);
                let before = places.insert((rest.kind, fact.name), place.clone());
                assert!(
                    before.is_none_or(|before| before == place || before.contains("0x")),
                    "{} {} {}",
                    decisions.kind,
                    rest.kind,
                    fact.name
                );
            }
        }
    }
    assert!(decisions_of("risk").is_some() && decisions_of("task").is_none());
}

#[test]
fn the_names_of_all_events_are_gathered_once() {
    let mut expected = BTreeSet::new();
    for decisions in table::all() {
        expected.extend(decisions.made.iter().chain(decisions.ended).copied());
        expected.extend(decisions.used.iter().map(|(event, _)| *event));
        expected.extend(decisions.rests.iter().flat_map(|rest| rest.on).copied());
    }
    let gathered: BTreeSet<_> = EVENTS.iter().copied().collect();
    assert_eq!(gathered, expected);
    assert_eq!(gathered.len(), EVENTS.len());
}
