//! What the organisation plans and what supports it: roles, competence, objectives, communication,
//! changes of the management system, tasks.

mod changes;
mod objectives;
mod plans;
mod roles;
mod tasks;
mod training;

use annals_tests::{Client, World};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given;

/// An object of each kind; their ids.
pub async fn one_of_each(world: &World) -> anyhow::Result<Vec<String>> {
    let am = world.as_(Role::Am);
    let make = async |kind: &str, verb: &str, input: Value| {
        Desk::of(world, kind).make(&am, verb, input).await
    };
    let change = given::aims_change(world, json!({ "scope": true, "criteria": false })).await?;
    let objective = make("objective", "set", objectives::content(world)).await?;
    let kpi = make("kpi", "define", objectives::ratio(&objective)).await?;
    let bias = json!({ "title": "Bias testing", "level": "basic", "regulated": false });
    let profile = json!({ "role": "Tester", "required": { "bias": bias } });
    let profile = make("competence_profile", "define", profile).await?;
    let record = make("training_record", "plan", training::training(world, Role::Dev)).await?;
    let post = roles::post(world, "informed", Role::Val);
    let assignment = make("role_assignment", "propose", post).await?;
    let plan = make("communication_plan", "plan", plans::item(world)).await?;
    let party = json!({ "name": "Authority", "kind": "regulator" });
    let party = make("interested_party", "register", party).await?;
    let obligation = make("reporting_obligation", "register", plans::duty(world, &party)).await?;
    let task = make("task", "open", tasks::work("DO", "2025-12-31")).await?;
    Ok(vec![change, objective, kpi, profile, record, assignment, plan, obligation, task])
}

/// The ids of what a person finds in a list.
pub async fn listed(who: &Client, path: &str) -> anyhow::Result<Vec<String>> {
    let list = who.get(path).await?.ok();
    let found = list["data"].as_array().unwrap().iter();
    Ok(found.map(|object| object["id"].as_str().unwrap().to_owned()).collect())
}

/// The ids of the nodes at a pointer of a GraphQL answer.
pub async fn nodes(who: &Client, query: &str, pointer: &str) -> anyhow::Result<Vec<String>> {
    let data = who.graphql(query, Value::Null).await?.data();
    let nodes = data.pointer(&format!("{pointer}/nodes")).and_then(Value::as_array).unwrap();
    Ok(nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect())
}

/// The position of the last event of a tenant's log.
pub async fn position(world: &World) -> anyhow::Result<String> {
    let head = world.app.store.log(&world.tenant).head().await?;
    Ok(head.unwrap().position.to_string())
}
