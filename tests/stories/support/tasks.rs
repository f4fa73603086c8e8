//! Tasks: opened by people and machines, given to somebody, done when what they wait for has
//! happened.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use super::{nodes, position};
use crate::desk::Desk;
use crate::given;

/// Work of somebody in a role.
pub fn work(role: &str, due: &str) -> Value {
    json!({ "title": "Look at the list", "taskKind": "review", "assigneeRole": role, "due": due })
}

fn with(mut input: Value, more: Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

/// Evidence and a task that waits for its link to a control.
async fn waiting(world: &World) -> anyhow::Result<(String, String)> {
    let evidence = given::evidence(world, 1).await?;
    let done_when = json!({ "event": "evidence.linked", "object": evidence });
    let input = with(
        work("DO", "2024-07-31"),
        json!({
            "subject": evidence, "doneWhen": done_when, "openedByEvent": position(world).await?,
        }),
    );
    let task = Desk::of(world, "task").make(&world.as_(Role::Sys), "open", input).await?;
    Ok((evidence, task))
}

story!(a_task_is_done_when_what_it_waits_for_has_happened, world => {
    let (evidence, task) = waiting(&world).await?;
    let desk = Desk::of(&world, "task");
    let (owner, sys) = (world.as_(Role::Do), world.as_(Role::Sys));
    let me = json!({ "assignee": owner.user });
    desk.does(&owner, "assign", &task, me).await?;
    let late = sys.at("2024-08-01T00:00:00Z");
    let done = desk.does(&late, "fall_overdue", &task, json!({})).await?;
    assert_eq!(done["events"][0]["type"], "task.overdue");
    Desk::of(&world, "evidence").does(&owner, "link", &evidence, json!({ "clause": "6.1.3" })).await?;
    let shown = json!({ "event": position(&world).await?, "note": "Linked." });
    let payload = desk.mutates(&owner, "complete", &task, &shown, "
        status ending { event by { name } note } subject { id } assignee { name }").await?;
    assert_eq!(payload["events"][0]["type"], "task.completed");
    let object = &payload["task"];
    assert_eq!((&object["status"], &object["subject"]["id"]), (&json!("DONE"), &json!(evidence)));
    assert_eq!(object["ending"]["by"]["name"], "The DO");
    assert_eq!(object["ending"]["event"], shown["event"]);
});

story!(what_is_refused_of_tasks, world => {
    let mut desk = Desk::of(&world, "task");
    let (am, sys, dev) = (world.as_(Role::Am), world.as_(Role::Sys), world.as_(Role::Dev));
    let plain = || work("DO", "2024-07-31");
    let blocking = with(plain(), json!({ "blocking": true }));
    desk.refuse(&dev, "open", "", blocking.clone(), "422 may_not_block /blocking").await?;
    desk.refuse(&am, "open", "", blocking, "422 blocks_nothing /subject").await?;
    desk.refuse(&am, "open", "", work("CBA", "2024-07-31"),
        "422 not_a_member_role /assigneeRole").await?;
    let wrong = with(plain(), json!({ "assignee": dev.user }));
    desk.refuse(&am, "open", "", wrong, "422 assignee_lacks_role /assignee").await?;
    let unknown = with(plain(), json!({ "doneWhen": { "event": "weather.changed" } }));
    desk.refuse(&am, "open", "", unknown, "422 unknown_event /doneWhen/event").await?;
    let nothing = with(plain(), json!({ "openedByEvent": "999999" }));
    desk.refuse(&am, "open", "", nothing, "422 no_such_event /openedByEvent").await?;

    let before = position(&world).await?;
    let (_, task) = waiting(&world).await?;
    let owner = world.as_(Role::Do);
    desk.refuse(&owner, "complete", &task, json!({}), "409 not_done_yet /event").await?;
    let other = json!({ "event": before });
    desk.refuse(&owner, "complete", &task, other, "422 other_event /event").await?;
    desk.refuse(&owner, "complete", &task, json!({ "event": "999999" }),
        "422 no_such_event /event").await?;
    desk.refuse(&dev, "complete", &task, json!({}), "422 not_your_task").await?;
    desk.refuse(&dev, "cancel", &task, given::because(), "422 not_yours_to_cancel").await?;
    desk.refuse(&sys, "fall_overdue", &task, json!({}), "409 not_overdue").await?;
    desk.refuse_corrections(&am, &task, "title").await?;
    desk.does(&am, "cancel", &task, given::because()).await?;
    desk.refuse(&owner, "complete", &task, json!({}), "409 has_ended").await?;
    desk.all_but(&[]);
});

story!(each_finds_the_open_tasks_that_are_his, world => {
    let desk = Desk::of(&world, "task");
    let am = world.as_(Role::Am);
    let plain = "{ viewer { tasks { nodes { id } } } }";
    let finds = async |role: Role| -> anyhow::Result<Vec<String>> {
        let mut found = nodes(&world.as_(role), plain, "/viewer/tasks").await?;
        found.sort();
        Ok(found)
    };
    let val = world.as_(Role::Val).user;
    let given_to = with(work("VAL", "2024-07-31"), json!({ "assignee": val }));
    let given_to = desk.make(&am, "open", given_to).await?;
    let in_role = desk.make(&am, "open", work("DS", "2024-07-31")).await?;
    let for_all = desk.make(&am, "open", work("EMP", "2024-07-31")).await?;
    let mut of_val = vec![given_to.clone(), for_all.clone()];
    of_val.sort();
    let mut of_ds = vec![in_role.clone(), for_all.clone()];
    of_ds.sort();
    assert_eq!(finds(Role::Val).await?, of_val);
    assert_eq!(finds(Role::Ds).await?, of_ds);
    assert_eq!(finds(Role::Ro).await?, std::slice::from_ref(&for_all));
    // What is done is gone from there; what is overdue is not.
    desk.does(&world.as_(Role::Val), "complete", &given_to, json!({})).await?;
    let late = world.as_(Role::Sys).at("2024-08-01T00:00:00Z");
    desk.does(&late, "fall_overdue", &for_all, json!({})).await?;
    assert_eq!(finds(Role::Val).await?, [for_all]);
    assert!(world.stranger_as(Role::Val).graphql(plain, json!(null)).await?.data()
        ["viewer"]["tasks"]["nodes"].as_array().unwrap().is_empty());
});
