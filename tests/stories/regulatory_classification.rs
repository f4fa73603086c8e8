//! The risk manager proposes how a system is classified, the data protection officer confirms it
//! with what the rules of the day say.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given;

fn credit(role: &str) -> Value {
    json!({ "class": "high_risk", "point": "5(b)", "role": role, "rationale": "It scores credit." })
}

fn class(name: &str) -> Value {
    json!({ "class": name, "role": "provider", "rationale": "x" })
}

fn with(mut input: Value, name: &str, value: Value) -> Value {
    input[name] = value;
    input
}

story!(a_classification_is_proposed_confirmed_and_replaced_as_role_and_law_change, world => {
    let desk = Desk::of(&world, "regulatory_classification");
    let [rm, dpo] = [Role::Rm, Role::Dpo].map(|role| world.as_(role));
    let system = given::system(&world, "CreditLens", true).await?;
    let input = with(with(credit("deployer"), "system", json!(system)), "regime", json!("eu_ai_act"));
    let id = desk.make(&rm.at("2024-08-01T09:00:00Z"), "propose", input).await?;
    let object = desk.shown(&id, "").await?;
    assert_eq!((&object["status"], &object["effects"]), (&json!("proposed"), &Value::Null));
    let of = "status revision class role friaRequired registrationRequired ruleSetVersion evaluatedOn
        effects confirmedBy { name } findings { key article applies because }";
    let payload = desk.mutates(&dpo.at("2024-08-05T09:00:00Z"), "confirm", &id, &json!({}), of).await?;
    let object = &payload["regulatoryClassification"];
    assert_eq!((&object["status"], &object["effects"]), (&json!("CONFIRMED"), &json!(["HIGH_RISK"])));
    assert_eq!(object["confirmedBy"]["name"], "The DPO");
    assert_eq!((&object["friaRequired"], &object["evaluatedOn"]), (&json!(false), &json!("2024-08-05")));
    let fria = object["findings"].as_array().unwrap().iter().find(|f| f["key"] == "eu_ai_act.27_1.credit");
    let fria = fria.unwrap();
    assert_eq!((&fria["article"], &fria["applies"]), (&json!("Art. 27(1)"), &json!(false)));
    assert!(fria["because"].as_str().unwrap().contains("2026-08-02"), "{fria}");

    // The organisation becomes provider: at once, and the class is looked at again.
    let change = json!({ "role": "provider", "because": "rebranding", "reason": "Our name is on it." });
    let done = desk.does(&rm.at("2025-01-10T09:00:00Z"), "record_role_change", &id, change).await?["object"].take();
    assert_eq!((&done["status"], &done["role"]), (&json!("proposed"), &json!("provider")));
    assert_eq!((&done["roleChange"]["from"], &done["confirmedRole"]), (&json!("deployer"), &json!("deployer")));
    desk.does(&rm, "repropose", &id, credit("provider")).await?;
    let done = desk.does(&dpo.at("2025-01-20T09:00:00Z"), "confirm", &id, json!({})).await?;
    let types: Vec<_> = done["events"].as_array().unwrap().iter().map(|e| &e["type"]).collect();
    assert_eq!(types, ["regulatory_classification.superseded", "regulatory_classification.confirmed"]);
    let object = &done["object"];
    assert_eq!((&object["revision"], &object["superseded"]["revision-000001"]["role"]), (&json!(2), &json!("deployer")));

    // What is forbidden is found, not allowed; what the law says later counts later.
    desk.does(&rm, "repropose", &id, class("prohibited")).await?;
    let stands = desk.read(&id, "", "status class revision pending { revision proposal { class } }").await?;
    assert_eq!(stands, json!({
        "status": "CONFIRMED", "class": "high_risk", "revision": 2,
        "pending": { "revision": 3, "proposal": { "class": "prohibited" } },
    }));
    let done = desk.does(&dpo.at("2025-03-01T09:00:00Z"), "confirm", &id, json!({})).await?;
    assert_eq!(done["events"][2]["type"], "regulatory_classification.forbidden_use_found");
    assert_eq!(done["object"]["forbiddenUse"], json!({
        "stage": "operation_and_monitoring", "operationStatus": "running", "foundOn": "2025-03-01",
    }));
    desk.does(&rm, "repropose", &id, credit("deployer")).await?;
    let done = desk.does(&dpo.at("2028-01-10T09:00:00Z"), "confirm", &id, json!({})).await?;
    assert_eq!((&done["object"]["friaRequired"], &done["object"]["forbiddenUse"]), (&json!(true), &Value::Null));
    for (time, status, class, role) in [
        ("2024-08-04T00:00:00Z", "PROPOSED", "high_risk", "deployer"),
        ("2024-08-05T09:00:00Z", "CONFIRMED", "high_risk", "deployer"),
        ("2025-01-10T09:00:00Z", "PROPOSED", "high_risk", "provider"),
        ("2025-03-01T09:00:00Z", "CONFIRMED", "prohibited", "provider"),
    ] {
        let read = desk.read(&id, &format!("(asOf: {{time: {time:?}}})"), "status class role").await?;
        assert_eq!(read, json!({ "status": status, "class": class, "role": role }), "{time}");
    }
});

story!(what_a_classification_refuses, world => {
    let mut desk = Desk::of(&world, "regulatory_classification");
    let [rm, dpo] = [Role::Rm, Role::Dpo].map(|role| world.as_(role));
    let system = given::system(&world, "CreditLens", true).await?;
    let of = |input: Value, regime: &str| with(with(input, "system", json!(system)), "regime", json!(regime));
    // Before the act was published there was nothing to classify by.
    let early = rm.at("2024-07-11T09:00:00Z");
    desk.refuse(&early, "propose", "", of(credit("deployer"), "eu_ai_act"), "422 unknown_regime /regime").await?;
    let rm_then = rm.at("2024-08-01T09:00:00Z");
    let exempt = |profiling: bool, reason: Option<&str>| {
        let mut exemption = json!({ "ground": "preparatory", "profiling": profiling });
        if let Some(reason) = reason {
            exemption["reason"] = json!(reason);
        }
        with(credit("provider"), "exemption", exemption)
    };
    for (input, regime, expected) in [
        (credit("deployer"), "moon_law", "422 unknown_regime /regime"),
        (class("limited"), "eu_ai_act", "422 unknown_class /class"),
        (credit("tenant"), "eu_ai_act", "422 unknown_role /role"),
        (class("high_risk"), "eu_ai_act", "422 point_missing /point"),
        (with(credit("provider"), "point", json!("9")), "eu_ai_act", "422 unknown_point /point"),
        (with(credit("provider"), "point", json!("5(b)(c)")), "eu_ai_act", "422 unknown_point /point"),
        (with(class("minimal"), "point", json!("5")), "eu_ai_act", "422 class_without_points /point"),
        (with(class("minimal"), "exemption", json!({ "ground": "preparatory", "profiling": false, "reason": "x" })),
            "eu_ai_act", "422 no_exemption_from_class /exemption"),
        (exempt(true, Some("It only sorts.")), "eu_ai_act", "422 exemption_while_profiling /exemption/profiling"),
        (exempt(false, None), "eu_ai_act", "422 exemption_without_reason /exemption/reason"),
    ] {
        desk.refuse(&rm_then, "propose", "", of(input, regime), expected).await?;
    }
    let id = desk.make(&rm_then, "propose", of(exempt(false, Some("It only sorts.")), "eu_ai_act")).await?;
    desk.refuse(&rm, "propose", "", of(credit("provider"), "eu_ai_act"), "409 already_classified").await?;
    let change = json!({ "role": "tenant", "because": "rebranding", "reason": "x" });
    desk.refuse(&dpo, "record_role_change", &id, change, "422 unknown_role /role").await?;
    // Without a confirmation there is none to hold: who recorded the change of role, and who
    // proposed, do not confirm.
    let change = json!({ "role": "deployer", "because": "purpose_change", "reason": "x" });
    desk.does(&dpo, "record_role_change", &id, change).await?;
    desk.refuse(&dpo, "confirm", &id, json!({}), "422 confirmer_is_author").await?;
    given::roles(&world, Role::Rm, &["RM", "DPO"]).await?;
    desk.refuse(&rm, "confirm", &id, json!({}), "422 confirmer_is_author").await?;
    desk.does(&rm, "repropose", &id, exempt(false, Some("It only sorts."))).await?;
    let done = desk.does(&dpo, "confirm", &id, json!({})).await?;
    assert_eq!((&done["object"]["effects"], &done["object"]["status"]), (&Value::Null, &json!("confirmed")));
    desk.refuse_corrections(&rm, &id, "rationale").await?;

    // A set of the tenant's own that knows the class no more outdates a proposal.
    let sets = Desk::of(&world, "rule_set");
    let set = sets.make(&dpo, "load", own_set("mine", "1", "heavy")).await?;
    let other = of(json!({ "class": "heavy", "role": "keeper", "rationale": "x" }), "own_regime");
    let mine = desk.make(&rm, "propose", other).await?;
    sets.does(&dpo, "revise", &set, own_set("mine", "2", "light")).await?;
    desk.refuse(&dpo, "confirm", &mine, json!({}), "409 proposal_outdated").await?;
    desk.all_but(&[]);
});

/// A set of rules with one class.
pub fn own_set(name: &str, revision: &str, class: &str) -> Value {
    json!({
        "name": name, "revision": revision, "source": "our own", "licence": "CC0-1.0", "roles": ["keeper"],
        "rules": { "class": {
            "code": format!("class.{class}"), "regime": "own_regime", "jurisdiction": "NL",
            "article": "1", "trigger": "class", "class": class, "when": {},
            "published": "2024-01-01", "appliesFrom": "2024-01-01", "text": "A class.",
            "source": "our own", "sourceVersion": "1",
        } },
    })
}
