//! A tenant's own regulatory rules: loaded, revised, adopted early, retired.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::because;
use crate::regulatory_classification::own_set;

/// The set with one more rule, a duty to report within fifteen days from 2026 on.
fn set(revision: &str) -> Value {
    let mut set = own_set("mine", revision, "heavy");
    set["rules"]["report"] = json!({
        "code": "own.report", "regime": "own_regime", "jurisdiction": "NL", "article": "2",
        "trigger": "incident_report", "when": { "classes": ["heavy"] }, "published": "2024-01-01",
        "appliesFrom": "2026-01-01", "deadline": { "amount": 15, "unit": "days" },
        "text": "Report.", "source": "our own", "sourceVersion": "1",
    });
    set
}

fn with(mut input: Value, path: &str, value: Value) -> Value {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = input.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    parent.insert(name.to_owned(), value);
    input
}

story!(a_set_is_loaded_adopted_early_revised_and_retired, world => {
    let desk = Desk::of(&world, "rule_set");
    let [dpo, tm, am] = [Role::Dpo, Role::Tm, Role::Am].map(|role| world.as_(role));
    let payload = desk.mutates(&am.at("2024-07-10T09:00:00Z"), "load", "", &set("1"), "
        status name rules { key code trigger deadline { amount unit } } loadedBy { name }").await?;
    assert_eq!(payload["refusal"], Value::Null);
    let object = &payload["ruleSet"];
    assert_eq!((&object["status"], &object["loadedBy"]["name"]), (&json!("ACTIVE"), &json!("The AM")));
    assert_eq!(object["rules"][1]["deadline"], json!({ "amount": 15, "unit": "DAYS" }));
    let id = object["id"].as_str().unwrap().to_owned();
    let early = json!({ "rule": "own.report", "reason": "Customers ask for it." });
    let done = desk.does(&tm.at("2024-08-01T09:00:00Z"), "adopt_early", &id, early).await?;
    assert_eq!(done["object"]["adoptedEarly"]["own.report"]["since"], "2024-08-01");
    let later = with(set("2"), "/rules/report/appliesFrom", json!("2027-01-01"));
    let done = desk.does(&dpo, "revise", &id, later).await?;
    assert_eq!(done["object"]["revisions"], json!(["1", "2"]));
    let end = json!({ "rule": "own.report", "reason": "They do not any more." });
    let done = desk.does(&dpo.at("2024-09-01T09:00:00Z"), "end_early_adoption", &id, end).await?;
    assert_eq!(done["object"]["adoptedEarly"], Value::Null);
    let payload = desk.mutates(&am.at("2024-10-01T09:00:00Z"), "retire", &id, &because(), "status").await?;
    assert_eq!(payload["ruleSet"]["status"], "RETIRED");
    for (time, status, revision, adopted) in [
        ("2024-07-31T00:00:00Z", "ACTIVE", "1", 0), ("2024-08-01T09:00:00Z", "ACTIVE", "1", 1),
        ("2024-08-02T00:00:00Z", "ACTIVE", "2", 1), ("2024-09-01T09:00:00Z", "ACTIVE", "2", 0),
        ("2024-10-01T09:00:00Z", "RETIRED", "2", 0),
    ] {
        let read = desk.read(&id, &format!("(asOf: {{time: {time:?}}})"), "status revision adoptedEarly { key }").await?;
        assert_eq!((&read["status"], &read["revision"]), (&json!(status), &json!(revision)), "{time}");
        assert_eq!(read["adoptedEarly"].as_array().unwrap().len(), adopted, "{time}");
    }
    // A packaged set is taken over as it is.
    let packaged = desk.make(&dpo, "load_packaged", json!({ "name": "eu_gdpr" })).await?;
    let shown = desk.shown(&packaged, "").await?;
    assert!(shown["rules"].as_object().unwrap().values().any(|rule| rule["deadline"]["amount"] == 72), "{shown}");
    assert_eq!(desk.events(&id).await?, [
        "loaded", "rule_adopted_early", "revised", "early_adoption_ended", "retired",
    ].map(|name| format!("rule_set.{name}")));
});

story!(what_a_set_refuses, world => {
    let mut desk = Desk::of(&world, "rule_set");
    let [dpo, tm, am] = [Role::Dpo, Role::Tm, Role::Am].map(|role| world.as_(role));
    let rule = |path: &str, value: Value| with(set("1"), &format!("/rules/{path}"), value);
    let twin = |name: &str| set("1")["rules"][name].clone();
    let mut no_deadline = set("1");
    no_deadline["rules"]["report"].as_object_mut().unwrap().remove("deadline");
    let mut no_class = set("1");
    no_class["rules"]["class"].as_object_mut().unwrap().remove("class");
    let other_code = with(json!({ "x": twin("class") }), "/x/code", json!("class.other"))["x"].clone();
    let mixed = with(json!({ "x": twin("report") }), "/x/regime", json!("third"))["x"].clone();
    let mixed = with(json!({ "x": mixed }), "/x/published", json!("2024-02-01"))["x"].clone();
    let mut large = set("1");
    for n in 0..60 {
        let text = "A very long text of a rule that says next to nothing. ".repeat(11);
        let rule = with(json!({ "x": twin("report") }), "/x/text", json!(text))["x"].clone();
        large["rules"][format!("r{n}")] = with(json!({ "x": rule }), "/x/code", json!(format!("own.r{n}")))["x"].clone();
    }
    for (input, expected) in [
        (with(set("1"), "/rules", json!({})), "422 no_rules /rules"),
        (large, "422 too_large /rules"),
        (no_deadline, "422 no_deadline /rules/report/deadline"),
        (rule("report/deadline", json!({ "amount": 0, "unit": "days" })), "422 deadline_out_of_range /rules/report/deadline/amount"),
        (rule("report/deadline", json!({ "amount": 4_000_000_000_u32, "unit": "years" })),
            "422 deadline_out_of_range /rules/report/deadline/amount"),
        (no_class, "422 no_class /rules/class/class"),
        (rule("report/class", json!("heavy")), "422 not_a_class_rule /rules/report/class"),
        (rule("report/appliesUntil", json!("2025-12-31")), "422 ends_before_it_applies /rules/report/appliesUntil"),
        (rule("twin", twin("report")), "422 published_twice /rules/twin/published"),
        (rule("other", other_code), "422 class_defined_twice /rules/other/class"),
        (rule("mixed", mixed), "422 lineage_mixed /rules/report/code"),
    ] {
        desk.refuse(&dpo, "load", "", input, expected).await?;
    }
    desk.refuse(&dpo, "load_packaged", "", json!({ "name": "moon_law" }), "422 not_packaged /name").await?;
    let id = desk.make(&dpo, "load", set("1")).await?;
    desk.refuse(&am, "load", "", set("2"), "409 name_taken /name").await?;
    desk.refuse(&dpo, "revise", &id, with(set("2"), "/name", json!("other")), "422 other_name /name").await?;
    let same = with(set("1"), "/source", json!("changed silently"));
    desk.refuse(&dpo, "revise", &id, same, "422 revision_not_new /revision").await?;
    let early = |rule: &str| json!({ "rule": rule, "reason": "x" });
    desk.refuse(&tm, "adopt_early", &id, early("own.unknown"), "422 unknown_rule /rule").await?;
    desk.refuse(&tm, "adopt_early", &id, early("class.heavy"), "422 class_not_adopted /rule").await?;
    desk.does(&tm, "adopt_early", &id, early("own.report")).await?;
    desk.refuse(&dpo, "revise", &id, own_set("mine", "2", "heavy"), "409 adopted_rule_missing /rules").await?;
    desk.does(&tm, "end_early_adoption", &id, early("own.report")).await?;
    let law = with(set("2"), "/rules/report/appliesFrom", json!("2024-01-01"));
    desk.does(&dpo, "revise", &id, law.clone()).await?;
    desk.refuse(&tm, "adopt_early", &id, early("own.report"), "409 applies_by_law /rule").await?;
    let over = with(with(law, "/revision", json!("3")), "/rules/report/appliesUntil", json!("2024-06-30"));
    desk.does(&dpo, "revise", &id, over).await?;
    desk.refuse(&tm, "adopt_early", &id, early("own.report"), "422 rule_ended /rule").await?;
    desk.refuse_corrections(&dpo, &id, "source").await?;
    desk.does(&dpo, "retire", &id, because()).await?;
    desk.refuse(&dpo, "revise", &id, set("9"), "409 set_retired").await?;
    desk.refuse(&tm, "adopt_early", &id, early("own.report"), "409 set_retired").await?;
    // Thirty-one adoptions stand in bounds.rs.
    desk.all_but(&["too_many_adopted"]);
});
