//! A contract: drafted, signed by another once it says who answers for what, amended, and over.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{supplier, terms};
use crate::desk::Desk;
use crate::given::{because, roles};

story!(a_contract_is_signed_once_it_says_who_answers_for_what, world => {
    let mut desk = Desk::of(&world, "contract");
    let [sm, tm, dpo, sys] =
        [Role::Sm, Role::Tm, Role::Dpo, Role::Sys].map(|role| world.as_(role));
    let lumora = supplier(&world, "Lumora AI", "high").await?;
    let with = |changes: Value| {
        let mut draft = terms(&changes);
        draft["supplier"] = json!(lumora);
        draft
    };
    let clause = |topic: &str, amount: Value| json!({ "topic": topic, "textRef": "§ 1", "amount": amount });
    desk.refuse(&sm, "draft", "", terms(&json!({})), "422 not_one_other_party /supplier").await?;
    let same = json!({ "clauses": { "a": clause("ip", json!(null)), "b": clause("ip", json!(null)) } });
    let vague = json!({ "clauses": { "a": clause("change_notice_days", json!(null)) } });
    for (changes, expected) in [
        (json!({ "parties": ["Halden"] }), "too_few_parties /parties"),
        (json!({ "validUntil": "2024-06-30" }), "term_reversed /validUntil"),
        (same, "topic_twice /clauses/b/topic"),
        (vague, "clause_without_amount /clauses/a/amount"),
    ] {
        desk.refuse(&sm, "draft", "", with(changes), &format!("422 {expected}")).await?;
    }
    let id = desk.make(&sm, "draft", with(json!({}))).await?;
    let sign = "agree_allocation";
    desk.refuse(&tm, "amend", &id, json!({}), "409 wrong_status").await?;
    let duty = |who: Value| json!({ "a": { "activity": "Hosting", "stage": "operation_and_monitoring", "who": who } });
    let notice = |hours: u32| json!({ "clauses": { "n": clause("incident_notice_hours", json!(hours)) } });
    for (changes, code) in [
        (json!({ "stages": [] }), "no_stage"),
        (json!({ "stages": ["deployment"] }), "stage_without_duty"),
        (json!({ "allocation": duty(Value::Null) }), "nobody_answers"),
        (json!({ "clauses": {} }), "no_incident_notice"),
        (notice(49), "notice_too_long"),
    ] {
        desk.does(&sm, "redraft", &id, terms(&changes)).await?;
        desk.refuse(&tm, sign, &id, json!({}), &format!("409 {code}")).await?;
    }
    // GDPR Art. 33 leaves 72 hours: 48 are a day less.
    desk.does(&sm, "redraft", &id, terms(&notice(48))).await?;
    let other = json!({ "documentHash": "b".repeat(64) });
    desk.refuse(&dpo, sign, &id, other, "409 document_changed /documentHash").await?;
    roles(&world, Role::Sm, &["SM", "TM"]).await?;
    desk.refuse(&sm, sign, &id, json!({}), "422 signer_is_author").await?;
    let done = desk.mutates(&tm, sign, &id, &json!({ "documentHash": "a".repeat(64) }),
        "status agreedBy { name } allocation { key who } supplier { name }").await?;
    assert_eq!(done["contract"], json!({
        "id": id, "status": "AGREED", "agreedBy": { "name": "The TM" },
        "allocation": [{ "key": "hosting", "who": "SUPPLIER" }], "supplier": { "name": "Lumora AI" },
    }));
    desk.refuse(&dpo, "amend", &id, json!({}), "409 no_amendment").await?;
    let amend = |changes: Value| json!({ "content": terms(&changes), "reason": "Renewal." });
    desk.refuse(&sm, "propose_amendment", &id, amend(notice(48)), "422 amends_nothing /content").await?;
    desk.does(&sm, "propose_amendment", &id, amend(json!({ "validUntil": "2027-06-30" }))).await?;
    desk.does(&tm, "drop_amendment", &id, because()).await?;
    desk.does(&sm, "propose_amendment", &id, amend(json!({ "validUntil": "2025-06-30" }))).await?;
    let done = desk.does(&dpo, "amend", &id, json!({})).await?;
    assert_eq!((&done["object"]["status"], &done["object"]["validUntil"]), (&json!("amended"), &json!("2025-06-30")));

    desk.refuse(&sys, "announce_expiry", &id, json!({}), "409 end_not_near").await?;
    desk.does(&sys.at("2025-04-01T09:00:00Z"), "announce_expiry", &id, json!({})).await?;
    desk.refuse(&sys, "expire", &id, json!({}), "409 end_not_reached").await?;
    desk.refuse_corrections(&sm, &id, "title").await?;
    desk.does(&sys.at("2025-07-01T09:00:00Z"), "expire", &id, json!({})).await?;
    desk.refuse(&tm, "terminate", &id, because(), "409 wrong_status").await?;
    assert_eq!(desk.events(&id).await?.last().unwrap(), "contract.expired");

    let customer = json!({ "customer": "Nordbank ASA", "clauses": {}, "validUntil": null });
    let theirs = desk.make(&sm, "draft", terms(&customer)).await?;
    desk.does(&dpo, sign, &theirs, json!({})).await?;
    desk.refuse(&sys, "announce_expiry", &theirs, json!({}), "409 no_end").await?;
    desk.does(&dpo, "terminate", &theirs, because()).await?;
    let past = desk.make(&sm, "draft", with(json!({}))).await?;
    desk.refuse(&tm.at("2026-07-01T09:00:00Z"), sign, &past, json!({}), "409 term_over").await?;
    Desk::of(&world, "supplier").does(&sm, "reject", &lumora, because()).await?;
    desk.refuse(&sm, "draft", "", with(json!({})), "409 supplier_gone /supplier").await?;
    desk.all_but(&["too_large"]);
});
