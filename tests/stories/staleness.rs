//! Decisions go stale visibly: a supplier and its component are approved; then the component has
//! another version and the supplier another sub-processor. Everybody sees since when and because of
//! what the decisions no longer rest on what they were made on, also as of an earlier time.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::because;
use crate::suppliers::world::{agreed, approved};

/// What is asked of a decision.
const ASKED: &str = "staleness { status since decision restedOn { key object { id } seenVersion } \
    because { object { id } fact before now clause eventType event } }";

async fn stale(world: &World, kind: &str, id: &str, as_of: &str) -> anyhow::Result<Value> {
    Ok(Desk::of(world, kind).read(id, as_of, ASKED).await?["staleness"].take())
}

/// With the rules at work.
fn alive(settings: &mut annals::settings::Settings) {
    settings.automation = true;
}

async fn settled(world: &World) -> anyhow::Result<()> {
    Ok(world.app.rules.settle(&world.tenant).await?)
}

/// A supplier with a component that was accepted and is under contract.
async fn supplied(world: &World) -> anyhow::Result<(String, String)> {
    let (sm, so) = (world.as_(Role::Sm), world.as_(Role::So));
    let supplier = approved(world, "Lumora AI", "high").await?;
    let desk = Desk::of(world, "supplied_component");
    let card = json!([{ "title": "Model card", "hash": "c".repeat(64) }]);
    let propose = json!({
        "supplier": supplier, "name": "Chat API", "componentKind": "service",
        "componentVersion": "4.1", "documentation": card, "knownLimits": ["No arithmetic"],
    });
    let component = desk.make(&sm, "propose", propose).await?;
    desk.does(&so, "accept", &component, json!({})).await?;
    agreed(world, &supplier).await?;
    settled(world).await?;
    Ok((supplier, component))
}

story!(what_a_decision_was_made_on_changes_and_all_see_it, world, alive => {
    let (supplier, component) = supplied(&world).await?;
    let (sm, so) = (world.as_(Role::Sm), world.as_(Role::So));
    let components = Desk::of(&world, "supplied_component");
    for (kind, id) in [("supplier", &supplier), ("supplied_component", &component)] {
        assert_eq!(stale(&world, kind, id, "").await?, Value::Null, "{kind} is as it was decided");
    }
    let before = components.head().await?.0;

    let next = json!({ "componentVersion": "4.2", "releasedOn": "2024-06-30" });
    components.does(&sm, "notify_version", &component, next).await?;
    let changed = components.head().await?.0;
    settled(&world).await?;
    // The supplier was approved before it had the component.
    assert_eq!(stale(&world, "supplier", &supplier, "").await?, Value::Null);
    let found = stale(&world, "supplied_component", &component, "").await?;
    assert_eq!(found["status"], "STALE");
    assert_eq!(found["decision"], "supplied_component.accepted");
    assert_eq!(found["because"], json!([{
        "object": { "id": component }, "fact": "component_version", "before": ["4.1"],
        "now": ["4.2"], "clause": "A.10.3", "eventType": "supplied_component.version_changed",
        "event": found["because"][0]["event"],
    }]));
    let event: u64 = found["because"][0]["event"].as_str().unwrap().parse()?;
    assert!(event <= changed.0 && event > before.0, "the event that changed it");
    let rested = found["restedOn"].as_array().unwrap();
    assert!(rested.iter().any(|rested| rested["object"]["id"] == json!(supplier)), "{found}");
    let as_of = format!("(asOf: {{ position: \"{before}\" }})");
    assert_eq!(stale(&world, "supplied_component", &component, &as_of).await?, Value::Null);

    let more = json!({ "subprocessors": { "hosting": { "name": "CloudHost", "task": "Hosting" } } });
    Desk::of(&world, "supplier").does(&sm, "describe", &supplier, more).await?;
    settled(&world).await?;
    let found = stale(&world, "supplier", &supplier, "").await?;
    assert_eq!(found["because"][0]["fact"], "subprocessors", "{found}");
    assert_eq!(found["because"][0]["now"], json!(["hosting"]));
    let reader = world.as_(Role::Aud);
    let listed = reader.get("/v1/decision-bases?filter[status]=stale").await?.ok();
    let items = listed["items"].as_array().unwrap();
    let mut of: Vec<_> = items.iter().map(|item| item["object"].as_str().unwrap()).collect();
    of.sort_unstable();
    assert!(of.contains(&&*component) && of.contains(&&*supplier), "{of:?}");

    let card = json!([{ "title": "Model card", "hash": "d".repeat(64) }]);
    components.does(&sm, "describe", &component, json!({ "documentation": card })).await?;
    components.does(&so, "accept", &component, json!({})).await?;
    settled(&world).await?;
    assert_eq!(stale(&world, "supplied_component", &component, "").await?, Value::Null);
    let basis = rules::decision_basis::id_for(&component);
    let events = Desk::of(&world, "decision_basis").events(&basis).await?;
    assert_eq!(events, ["decision_basis.recorded", "decision_basis.went_stale", "decision_basis.renewed"]);
    let basis = rules::decision_basis::id_for(&supplier);
    let last = Desk::of(&world, "decision_basis").shown(&basis, "").await?;
    Desk::of(&world, "supplier").does(&sm, "suspend", &supplier, because()).await?;
    settled(&world).await?;
    assert_eq!(stale(&world, "supplier", &supplier, "").await?, Value::Null, "it stands no more");

    let bases = Desk::of(&world, "decision_basis");
    let mut desk = Desk::of(&world, "decision_basis");
    let sys = world.as_(Role::Sys);
    let nothing = |decided: &Value| json!({ "decided": decided, "causes": [] });
    desk.refuse(&sys, "find_stale", &basis, nothing(&last["decided"]), "409 decision_ended").await?;
    let other = rules::decision_basis::id_for(&component);
    desk.refuse(&sys, "find_stale", &other, nothing(&json!("1")), "409 decided_again").await?;
    assert_eq!(bases.shown(&basis, "").await?["ending"]["eventType"], "supplier.suspended");
    desk.refuse_corrections(&world.as_(Role::Am), &basis, "status").await?;
});

story!(a_run_of_the_rule_says_what_it_saw_and_ordered, world, alive => {
    let (_, component) = supplied(&world).await?;
    let sm = world.as_(Role::Sm);
    let next = json!({ "componentVersion": "4.2", "releasedOn": "2024-06-30" });
    Desk::of(&world, "supplied_component").does(&sm, "notify_version", &component, next).await?;
    settled(&world).await?;
    let query = format!("/v1/reactions?filter[rule]=STALE&filter[subject]={component}");
    let runs = world.as_(Role::Aud).get(&query).await?.ok();
    let runs = runs["items"].as_array().unwrap();
    let run = runs.iter().find(|run| run["triggerType"] == "supplied_component.version_changed");
    let run = run.unwrap();
    let basis = rules::decision_basis::id_for(&component);
    assert_eq!(run["orders"], json!([
        { "command": "decision_basis.find_stale", "object": basis, "outcome": "done" },
    ]));
    assert!(run["lookedAt"].as_array().unwrap().contains(&json!(basis)), "{run}");
    assert_eq!(run["knew"], run["trigger"], "as of the event, and of nothing later");
});
