//! An improvement: proposed by anybody, decided on by the AIMS manager, carried out, evaluated.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::{idea, review};
use crate::desk::Desk;

fn accept(owner: &str) -> Value {
    json!({ "choice": "accept", "owner": owner, "due": "2024-12-31" })
}

fn measure() -> Value {
    json!({ "measure": "Runs before criteria", "before": "2", "after": "0", "worked": true })
}

story!(an_idea_is_accepted_carried_out_and_evaluated, world => {
    let desk = Desk::of(&world, "improvement");
    let (am, val) = (world.as_(Role::Am), world.as_(Role::Val));
    let id = desk.make(&world.as_(Role::Dev), "propose", idea()).await?;
    desk.does(&am, "decide", &id, accept(&val.user)).await?;
    desk.does(&val, "implement", &id, json!({ "text": "Template 1.3 is in use." })).await?;
    let payload = desk.mutates(&am, "evaluate", &id, &measure(), "
        status owner { name } proposed { by { name } } result { measure before after worked }")
        .await?;
    assert_eq!(payload["improvement"], json!({
        "id": id, "status": "EVALUATED", "owner": { "name": "The VAL" },
        "proposed": { "by": { "name": "The DEV" } },
        "result": { "measure": "Runs before criteria", "before": "2", "after": "0", "worked": true },
    }));
    let other = desk.make(&world.as_(Role::Dev), "propose", idea()).await?;
    let reason = json!({ "choice": "decline", "reason": "Too dear." });
    desk.does(&am, "decide", &other, reason).await?;
    desk.does(&am, "correct", &other, json!({
        "corrects": 1, "reason": "Misspelt.", "set": { "effort": "Two days" },
    })).await?;
    assert_eq!(desk.events(&other).await?, [
        "improvement.proposed", "improvement.declined", "improvement.corrected",
    ]);
});

story!(what_improvements_refuse, world => {
    let mut desk = Desk::of(&world, "improvement");
    let (am, dev) = (world.as_(Role::Am), world.as_(Role::Dev));
    let review = Desk::of(&world, "management_review").make(&am, "schedule", review(&world)).await?;
    let of = |source: &str, more: Value| {
        let mut input = idea();
        input["source"] = json!(source);
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let missing = "422 origin_missing /origin";
    desk.refuse(&dev, "propose", "", of("ofi", json!({ "origin": review })), missing).await?;
    let unknown = of("review", json!({ "origin": review, "reviewDecision": "d1" }));
    desk.refuse(&dev, "propose", "", unknown, "422 unknown_decision /reviewDecision").await?;
    let id = desk.make(&dev, "propose", idea()).await?;
    let decline = json!({ "choice": "decline" });
    desk.refuse(&am, "decide", &id, decline, "422 declined_without_reason /reason").await?;
    let nobody = json!({ "choice": "accept", "due": "2024-12-31" });
    desk.refuse(&am, "decide", &id, nobody, "422 accepted_without_plan /owner").await?;
    desk.refuse(&am, "evaluate", &id, measure(), "409 wrong_status").await?;
    desk.does(&am, "decide", &id, accept(&dev.user)).await?;
    let text = json!({ "text": "Done." });
    let so = world.as_(Role::So);
    desk.refuse(&so, "implement", &id, text.clone(), "422 not_owner").await?;
    desk.does(&dev, "implement", &id, text).await?;
    desk.refuse(&am, "evaluate", &id, json!({ "worked": true }), "422 no_measure /measure").await?;
    let own = desk.make(&am, "propose", idea()).await?;
    desk.refuse(&am, "decide", &own, accept(&dev.user), "422 decider_is_proposer").await?;
    let decided = desk.make(&am, "propose", of("review", json!({ "origin": review }))).await?;
    let decline = json!({ "choice": "decline", "reason": "Too dear." });
    desk.refuse(&am, "decide", &decided, decline, "422 decided_by_review /choice").await?;
    desk.does(&am, "decide", &decided, accept(&dev.user)).await?;
    desk.refuse_corrections(&am, &id, "title").await?;
    desk.all_but(&[]);
});
