//! What is communicated to whom, and what must be reported.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given;
use crate::suppliers::world::{drafted as contract, supplier};

/// What is communicated once a year.
pub fn item(world: &World) -> Value {
    json!({
        "what": "How CreditLens decides", "to": ["Loan applicants"], "cadence": "yearly",
        "how": "Web page", "owner": world.as_(Role::Ro).user, "nextDue": "2024-08-01",
    })
}

/// The duty to report breaches of personal data to a party.
pub fn duty(world: &World, party: &str) -> Value {
    json!({
        "title": "Breaches of personal data", "toParty": party, "rule": "eu_gdpr.33_1",
        "trigger": "A breach of personal data", "owner": world.as_(Role::Dpo).user,
        "content": "Nature, persons, consequences, measures.",
    })
}

fn with(mut input: Value, more: Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

story!(what_is_communicated_is_planned_sent_and_ended, world => {
    let mut desk = Desk::of(&world, "communication_plan");
    let (am, dpo, ro) = (world.as_(Role::Am), world.as_(Role::Dpo), world.as_(Role::Ro));
    desk.refuse(&am, "plan", "", with(item(&world), json!({ "to": [] })), "422 to_nobody /to").await?;
    let occasion = with(item(&world), json!({ "cadence": "on_occasion" }));
    desk.refuse(&am, "plan", "", occasion, "422 no_occasion /when").await?;
    let id = desk.make(&dpo, "plan", item(&world)).await?;
    let sent = json!({ "summary": "The page was renewed.", "nextDue": "2025-08-01" });
    desk.refuse(&world.as_(Role::Dev), "send", &id, sent.clone(), "422 not_owner").await?;
    desk.refuse(&ro, "send", &id, with(sent.clone(), json!({ "on": "2030-01-01" })),
        "422 in_the_future /on").await?;
    let payload = desk.mutates(&ro, "send", &id, &sent, "
        sentCount lastSentOn nextDue sent { summary to by { name } }").await?;
    assert_eq!(payload["events"][0]["type"], "communication_plan.communication_sent");
    let object = &payload["communicationPlan"];
    assert_eq!((&object["sentCount"], &object["nextDue"]), (&json!(1), &json!("2025-08-01")));
    assert_eq!(object["sent"][0]["to"], json!(["Loan applicants"]));
    assert_eq!(object["sent"][0]["by"]["name"], "The RO");
    desk.refuse_corrections(&am, &id, "how").await?;
    desk.does(&am, "change", &id, with(item(&world), json!({ "how": "Letter" }))).await?;
    desk.does(&am, "retire", &id, given::because()).await?;
    desk.refuse(&ro, "send", &id, sent, "409 is_retired").await?;
    assert_eq!(desk.shown(&id, "").await?["how"], "Letter");
    desk.all_but(&[]);
});

story!(what_must_be_reported_has_an_owner_a_source_and_a_deadline, world => {
    let mut desk = Desk::of(&world, "reporting_obligation");
    let (am, dpo) = (world.as_(Role::Am), world.as_(Role::Dpo));
    let parties = Desk::of(&world, "interested_party");
    let authority = json!({ "name": "Data protection authority", "kind": "regulator" });
    let authority = parties.make(&am, "register", authority).await?;
    let duty = duty(&world, &authority);
    let but = |more: Value| with(duty.clone(), more);
    for (more, expected) in [
        (json!({ "owner": null }), "422 without_owner /owner"),
        (json!({ "rule": null }), "422 not_one_source /rule"),
        (json!({ "rule": "eu_gdpr.999" }), "422 unknown_rule /rule"),
        (json!({ "deadline": { "amount": 73, "unit": "hours" } }), "422 later_than_rule /deadline"),
        (json!({ "deadline": { "amount": 0, "unit": "hours" } }), "422 no_deadline /deadline"),
    ] {
        desk.refuse(&dpo, "register", "", but(more), expected).await?;
    }
    let id = desk.make(&dpo, "register", duty.clone()).await?;
    let read = desk.read(&id, "", "title article ruleSet deadline { amount unit }
        toParty { name } owner { name }").await?;
    assert_eq!(read["deadline"], json!({ "amount": 72, "unit": "HOURS" }));
    assert_eq!((&read["article"], &read["toParty"]["name"]),
        (&json!("Art. 33(1)"), &json!("Data protection authority")));
    let sooner = but(json!({ "deadline": { "amount": 1, "unit": "days" } }));
    let done = desk.does(&am, "revise", &id, sooner).await?;
    assert_eq!(done["object"]["deadline"]["unit"], "days");
    desk.refuse_corrections(&dpo, &id, "title").await?;

    // A contract that holds is a source as well, and says nothing of its own of a deadline.
    let lumora = supplier(&world, "Lumora AI", "low").await?;
    let contract = contract(&world, &lumora).await?;
    let by_contract = |more: Value| with(with(duty.clone(), json!({
        "title": "Notice of incidents", "rule": null, "contract": contract,
        "deadline": { "amount": 24, "unit": "hours" },
    })), more);
    let agree = json!({});
    desk.refuse(&am, "register", "", by_contract(json!({})), "422 contract_not_agreed /contract").await?;
    Desk::of(&world, "contract").does(&world.as_(Role::Tm), "agree_allocation", &contract, agree).await?;
    let both = by_contract(json!({ "rule": "eu_gdpr.33_1" }));
    desk.refuse(&am, "register", "", both, "422 not_one_source /rule").await?;
    let open = by_contract(json!({ "deadline": null }));
    desk.refuse(&am, "register", "", open, "422 no_deadline /deadline").await?;
    let bound = desk.make(&am, "register", by_contract(json!({}))).await?;
    let read = desk.read(&bound, "", "article ruleSet contract { title status } deadline { amount }").await?;
    assert_eq!(read["contract"], json!({ "title": "Service agreement", "status": "AGREED" }));
    assert_eq!((&read["article"], &read["ruleSet"]), (&Value::Null, &Value::Null));

    parties.does(&am, "retire", &authority, given::because()).await?;
    desk.refuse(&dpo, "revise", &id, duty.clone(), "422 party_retired /toParty").await?;
    desk.does(&dpo, "retire", &id, given::because()).await?;
    desk.refuse(&dpo, "revise", &id, duty, "409 is_retired").await?;
    desk.all_but(&[]);
});
