//! What a customer expects: adopted or declined by another than captured it, met, broken, and told.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{agreed, supplier, terms};
use crate::desk::Desk;
use crate::given::{because, roles, system};

story!(what_a_contract_says_is_declined_only_once_that_was_amended, world => {
    let mut desk = Desk::of(&world, "customer_expectation");
    let (sm, am, tm) = (world.as_(Role::Sm), world.as_(Role::Am), world.as_(Role::Tm));
    let contracts = Desk::of(&world, "contract");
    let credit = system(&world, "CreditLens", true).await?;
    let capture = |source: &str, contract: Value| json!({
        "customer": "Nordbank ASA", "expectation": "Reasons for every decline.", "source": source,
        "contract": contract, "systems": [credit],
    });
    desk.refuse(&sm, "capture", "", capture("contract", json!(null)), "422 contract_unclear /contract").await?;
    let lumora = supplier(&world, "Lumora AI", "low").await?;
    let theirs = agreed(&world, &lumora).await?;
    desk.refuse(&sm, "capture", "", capture("contract", json!(theirs)), "422 contract_of_supplier /contract").await?;
    let customer = terms(&json!({ "customer": "Nordbank ASA", "clauses": {} }));
    let contract = contracts.make(&sm, "draft", customer).await?;
    contracts.does(&tm, "agree_allocation", &contract, json!({})).await?;

    let id = desk.make(&sm, "capture", capture("contract", json!(contract))).await?;
    desk.refuse(&am, "adopt", &id, json!({ "answer": "Yes." }), "409 wrong_status").await?;
    desk.does(&sm, "assess", &id, json!({ "assessment": "Two weeks of work." })).await?;
    desk.refuse(&am, "decline", &id, because(), "409 contract_not_amended").await?;
    let shorter = json!({ "content": terms(&json!({ "clauses": {}, "noticeDays": 30 })), "reason": "Left out." });
    contracts.does(&sm, "propose_amendment", &contract, shorter).await?;
    contracts.does(&tm, "amend", &contract, json!({})).await?;
    roles(&world, Role::Sm, &["SM", "AM"]).await?;
    desk.refuse(&sm, "decline", &id, because(), "422 decider_is_assessor").await?;
    let declined = desk.does(&am, "decline", &id, because()).await?;
    assert_eq!(declined["object"]["status"], "declined");
    desk.refuse_corrections(&sm, &id, "customer").await?;

    let other = desk.make(&sm, "capture", capture("complaint", json!(null))).await?;
    desk.does(&sm, "assess", &other, json!({ "assessment": "A day." })).await?;
    let adopt = json!({ "answer": "You get them.", "obligations": [{ "text": "Reasons in the API", "due": "2024-12-01" }] });
    let done = desk.mutates(&am, "adopt", &other, &adopt, "status decidedBy { name } obligations { text due } systems { name }").await?;
    assert_eq!(done["customerExpectation"], json!({
        "id": other, "status": "ADOPTED", "decidedBy": { "name": "The AM" },
        "obligations": [{ "text": "Reasons in the API", "due": "2024-12-01" }], "systems": [{ "name": "CreditLens" }],
    }));
    desk.does(&sm, "meet", &other, json!({ "finding": "Seen." })).await?;
    desk.does(&sm, "record_breach", &other, json!({ "breach": "None on 1 July." })).await?;
    let told = desk.does(&sm, "inform", &other, json!({ "topic": "The breach", "how": "By e-mail" })).await?;
    assert_eq!(told["events"][0]["type"], "customer_expectation.customer_informed");
    assert_eq!(told["object"]["status"], "broken");
    desk.all_but(&["too_many_assessors", "too_much_told"]);
});
