//! A corrective action of a supplier: demanded, answered, done, and verified by somebody who had
//! no part in it.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::supplier;
use crate::desk::Desk;
use crate::given::{because, roles};

story!(a_corrective_action_is_verified_by_somebody_who_had_no_part_in_it, world => {
    let mut desk = Desk::of(&world, "supplier_corrective_action");
    let (sm, val, sys) = (world.as_(Role::Sm), world.as_(Role::Val), world.as_(Role::Sys));
    let lumora = supplier(&world, "Lumora AI", "high").await?;
    let demand = |due: &str| json!({
        "supplier": lumora, "title": "Isolation of tenants", "cause": "An index was shared.",
        "demanded": "Separate the indexes.", "due": due,
    });
    desk.refuse(&sm, "request", "", demand("2024-06-30"), "422 due_in_past /due").await?;
    let id = desk.make(&sm, "request", demand("2024-07-31")).await?;
    desk.refuse(&sm, "implement", &id, json!({ "what": "x" }), "409 wrong_status").await?;
    desk.refuse(&sys, "mark_overdue", &id, json!({}), "409 not_due").await?;
    let reply = |reply: &str| json!({ "reply": reply, "promisedFor": "2024-07-20" });
    desk.does(&sm, "answer", &id, reply("We look at it.")).await?;
    desk.does(&sm, "reject", &id, because()).await?;
    desk.does(&sys.at("2024-08-01T00:00:00Z"), "mark_overdue", &id, json!({})).await?;
    desk.does(&sm, "answer", &id, reply("We split them.")).await?;
    desk.does(&sm, "implement", &id, json!({ "what": "One index a tenant." })).await?;
    roles(&world, Role::Sm, &["SM", "VAL"]).await?;
    let finding = json!({ "finding": "200 probes found nothing." });
    desk.refuse(&sm, "verify", &id, finding.clone(), "422 verifier_had_part").await?;
    let done = desk.mutates(&val, "verify", &id, &finding, "status verifiedBy { name } requestedBy { name } supplier { name }").await?;
    assert_eq!(done["supplierCorrectiveAction"], json!({
        "id": id, "status": "VERIFIED", "verifiedBy": { "name": "The VAL" }, "requestedBy": { "name": "The SM" },
        "supplier": { "name": "Lumora AI" },
    }));
    desk.refuse_corrections(&sm, &id, "title").await?;
    let read: Value = desk.shown(&id, "").await?;
    assert_eq!((&read["finding"], &read["rejection"]), (&json!("200 probes found nothing."), &because()["reason"]));
    Desk::of(&world, "supplier").does(&sm, "reject", &lumora, because()).await?;
    desk.refuse(&sm, "request", "", demand("2025-01-01"), "409 supplier_gone /supplier").await?;
    desk.all_but(&["too_many_speakers"]);
});
