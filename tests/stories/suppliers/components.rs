//! A component: proposed, accepted by another, linked under a contract; another version of it is
//! documented and accepted anew.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{agreed, approved};
use crate::desk::Desk;
use crate::given::{because, retire, system};

story!(a_component_is_accepted_version_by_version_and_linked_under_a_contract, world => {
    let mut desk = Desk::of(&world, "supplied_component");
    let (sm, so, sys) = (world.as_(Role::Sm), world.as_(Role::So), world.as_(Role::Sys));
    let lumora = approved(&world, "Lumora AI", "high").await?;
    let copilot = system(&world, "HelpDesk Copilot", true).await?;
    let card = || json!([{ "title": "Model card", "hash": "c".repeat(64) }]);
    let propose = |documents: Value| json!({
        "supplier": lumora, "name": "Chat API", "componentKind": "service", "componentVersion": "4.1",
        "documentation": documents, "knownLimits": ["No arithmetic"],
    });
    let nowhere = propose(json!([{ "title": "Model card" }]));
    desk.refuse(&sm, "propose", "", nowhere, "422 document_nowhere /documentation/0").await?;
    let id = desk.make(&sm, "propose", propose(json!([]))).await?;
    desk.refuse(&sm, "accept", &id, json!({}), "422 acceptor_proposed").await?;
    desk.refuse(&so, "accept", &id, json!({}), "409 no_documentation").await?;
    desk.does(&sm, "describe", &id, json!({ "documentation": card() })).await?;
    let link = |versions: Value| json!({ "system": copilot, "systemVersions": versions });
    desk.refuse(&so, "link", &id, link(json!(["1.0"])), "409 wrong_status").await?;
    let done = desk.mutates(&so, "accept", &id, &json!({}), "status acceptedBy { name } acceptedVersion supplier { name }").await?;
    assert_eq!(done["suppliedComponent"], json!({
        "id": id, "status": "ACCEPTED", "acceptedBy": { "name": "The SO" }, "acceptedVersion": "4.1",
        "supplier": { "name": "Lumora AI" },
    }));
    desk.refuse(&so, "link", &id, link(json!(["1.0"])), "409 nothing_agreed").await?;
    let contract = agreed(&world, &lumora).await?;
    desk.refuse(&so, "link", &id, link(json!([])), "422 no_version /systemVersions").await?;
    desk.refuse(&so, "link", &id, link(json!(["9.9"])), "422 no_such_version /systemVersions/0").await?;
    desk.does(&so, "link", &id, link(json!(["1.0"]))).await?;
    let read = desk.read(&id, "", "usedBy { systemVersions system { name } contract { id } }").await?;
    assert_eq!(read["usedBy"], json!([{ "systemVersions": ["1.0"], "system": { "name": "HelpDesk Copilot" }, "contract": { "id": contract } }]));

    let next = |day: &str| json!({ "componentVersion": "4.2", "releasedOn": day });
    desk.refuse(&sm, "notify_version", &id, next("2030-01-01"), "422 released_in_future /releasedOn").await?;
    desk.does(&sys, "notify_version", &id, next("2024-06-30")).await?;
    assert_eq!(desk.shown(&id, "").await?["status"], "version_changed");
    desk.refuse(&so, "accept", &id, json!({}), "409 no_documentation").await?;
    desk.does(&sm, "describe", &id, json!({ "documentation": card() })).await?;
    desk.does(&so, "accept", &id, json!({})).await?;
    desk.refuse_corrections(&so, &id, "changeFeed").await?;

    let old = system(&world, "Old one", true).await?;
    retire(&world, &old).await?;
    let gone = json!({ "system": old, "systemVersions": ["1.0"] });
    desk.refuse(&so, "link", &id, gone, "422 system_retired /system").await?;
    desk.does(&so, "unlink", &id, json!({ "system": copilot })).await?;
    Desk::of(&world, "supplier").does(&sm, "suspend", &lumora, because()).await?;
    desk.refuse(&sm, "propose", "", propose(card()), "409 supplier_stopped /supplier").await?;
    desk.does(&sm, "withdraw", &id, because()).await?;
    desk.refuse(&so, "accept", &id, json!({}), "409 wrong_status").await?;
    assert_eq!(desk.events(&id).await?, ["supplied_component.proposed", "supplied_component.described",
        "supplied_component.accepted", "supplied_component.linked", "supplied_component.version_changed",
        "supplied_component.described", "supplied_component.accepted", "supplied_component.unlinked",
        "supplied_component.withdrawn"]);
    desk.all_but(&["too_many_documents", "too_many_proposers", "too_many_systems", "too_many_versions"]);
});
