//! What cannot be handled holds up one object alone, and the operator sees it and resumes it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use annals_tests::{World, story};
use async_trait::async_trait;
use event_store::log::StoredEvent;
use event_store::subscribe::{self, Subscriber, Why};
use identity::tenant::{first_administrator, platform};
use kernel::{Role, TenantId};
use serde_json::{Value, json};

/// Somebody who follows the logs and cannot handle one object's events.
struct Clumsy {
    object: String,
    broken: AtomicBool,
    handled: AtomicUsize,
}

#[async_trait]
impl Subscriber for Clumsy {
    fn name(&self) -> &'static str {
        "clumsy"
    }

    async fn handle(&self, _: &TenantId, event: &StoredEvent) -> Result<(), Why> {
        if event.row.stream == self.object && self.broken.load(Ordering::Relaxed) {
            return Err("the endpoint is down".into());
        }
        self.handled.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

async fn party(world: &World, name: &str) -> anyhow::Result<String> {
    let party = json!({ "name": name, "kind": "society", "reason": "They are there." });
    let made = world.as_(Role::Am).post("/v1/interested-parties", &party).await?.created();
    Ok(made["id"].as_str().unwrap().to_owned())
}

story!(an_operator_sees_what_could_not_be_handled_and_resumes_it, world => {
    let (stuck, _) = (party(&world, "Neighbours").await?, party(&world, "Applicants").await?);
    let broken = AtomicBool::new(true);
    let clumsy = Clumsy { object: stuck.clone(), broken, handled: AtomicUsize::new(0) };
    while subscribe::step(&world.app.store, &clumsy).await? {}
    let before = clumsy.handled.load(Ordering::Relaxed);
    assert!(before > 1, "others are not held up");

    let operator = world.client(&platform(), first_administrator(&platform()).as_str())?;
    let list = operator.get("/v1/parked").await?.ok();
    let parked = &list["data"][0];
    assert_eq!(list["data"].as_array().unwrap().len(), 1, "{list}");
    let place = json!({ "subscriber": "clumsy", "tenant": world.tenant, "object": stuck });
    for (name, value) in place.as_object().unwrap() {
        assert_eq!(parked[name], *value, "{parked}");
    }
    assert_eq!((&parked["error"], &parked["attempts"]), (&json!("the endpoint is down"), &json!(1)));
    assert!(parked["retryAt"].is_string(), "{parked}");

    // It is tried again by itself; who cannot wait has it tried at once.
    clumsy.broken.store(false, Ordering::Relaxed);
    operator.post("/v1/parked/resume", &place).await?.ok();
    while subscribe::step(&world.app.store, &clumsy).await? {}
    assert_eq!(clumsy.handled.load(Ordering::Relaxed), before + 1);
    assert_eq!(operator.get("/v1/parked").await?.ok()["data"], json!([]));
    operator.post("/v1/parked/resume", &place).await?.problem(404, "not_found");

    let wrong: [(Value, u16, &str); 3] = [
        (json!({ "subscriber": "clumsy" }), 422, "invalid_input"),
        (json!({ "subscriber": "a", "tenant": "tnt", "object": "b" }), 404, "not_found"),
        (json!({ "subscriber": "a", "tenant": "t", "object": "b", "x": 1 }), 422, "invalid_input"),
    ];
    for (input, status, code) in wrong {
        operator.post("/v1/parked/resume", &input).await?.problem(status, code);
    }
    // Of what other tenants wait for nobody else learns.
    for role in [Role::Adm, Role::Tm, Role::Am] {
        world.as_(role).get("/v1/parked").await?.problem(403, "forbidden");
        world.as_(role).post("/v1/parked/resume", &place).await?.problem(403, "forbidden");
    }
    world.nobody().get("/v1/parked").await?.problem(401, "unauthenticated");
});
