//! Code written for cqrs-es runs on our store unchanged.

use std::sync::Arc;

use annals_tests::story;
use bus::cqrs::{Meta, TenantStore};
use cqrs_es::{AggregateError, CqrsFramework, EventStore};
use event_store::prepare::Grounds;
use governance::interested_party::{Command, InterestedParty};
use kernel::domain::Commands;
use kernel::{Actor, Context, Role, Via};
use serde_json::json;

fn store(world: &annals_tests::World) -> TenantStore<InterestedParty> {
    let actor = Actor { id: "usr_1".into(), role: Role::Am, via: Via::User, engagement: None };
    let meta = Meta {
        actor,
        grounds: Grounds::default(),
        effective: None,
        clock: None,
        cause: None,
        correlation: "cmd_1".into(),
        guard: None,
        unchanged: Vec::new(),
        key: None,
    };
    TenantStore::new(world.app.store.log(&world.tenant), meta, Arc::default())
}

story!(the_frameworks_own_execute_appends_to_the_log, world => {
    let id = event_store::store::new_id("pty")?;
    let framework = || CqrsFramework::new(
        store(&world), vec![], Context::of("usr_1", &[Role::Am], "2024-07-01T09:00:00Z"),
    );
    let command = |verb, input| Command::parse(verb, input).unwrap().unwrap();
    let register = json!({ "name": "Applicants", "kind": "customer" });
    framework().execute(&id, command("register", register)).await?;
    let requirement = json!({ "key": "r1", "text": "Explain", "source": "contract" });
    framework().execute(&id, command("register_requirement", requirement)).await?;
    let unknown = json!({ "requirement": "r9", "reason": "x" });
    let refused = framework().execute(&id, command("decline_requirement", unknown)).await;
    assert!(matches!(refused, Err(AggregateError::UserError(_))), "{refused:?}");

    let events = store(&world).load_events(&id).await?;
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);
    let mut loaded = store(&world).load_aggregate(&id).await?;
    let state = cqrs_es::AggregateContext::aggregate(&mut loaded);
    assert_eq!(state.requirements.len(), 1);
});
