//! A task that waits for an event is done when that happens: nobody has to say so again.

use std::collections::BTreeSet;

use facts::{DoneWhen, Task, holds_text, references, refers_to};
use kernel::id::is_well_formed;
use serde_json::json;

use super::Reaction;
use crate::{Known, Order, Trigger};

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "TASKS",
    doc: "Completes the open tasks that wait for an event when it happens, naming it (8.1).",
    on: &["*"],
    react: complete,
}];

/// Open tasks are found by what they wait for: the event's name with its object, with an object
/// that this one refers to, or with none.
fn complete(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let document = known.document(&trigger.object);
    let mut objects = BTreeSet::from([None, Some(trigger.object.as_str())]);
    let referred = document.into_iter().flat_map(references);
    // People are nobody's subject of work.
    objects.extend(referred.filter(|id| is_well_formed(id) && !id.starts_with("usr_")).map(Some));
    let mut done = BTreeSet::new();
    for object in objects {
        let waiting = known.holding::<Task>("awaits", &Task::awaited(&trigger.name, object));
        let is_done = |task: &Task| {
            let waits =
                task.done_when.as_ref().is_some_and(|awaited| fits(awaited, trigger, known));
            task.is_open() && waits && task.opened_by_event < Some(trigger.position)
        };
        done.extend(waiting.into_iter().filter(|(_, task)| is_done(task)).map(|(id, _)| id));
    }
    let input = json!({ "event": trigger.position });
    done.iter().map(|id| Order::to("task", id, "complete", input.clone())).collect()
}

/// Whether the event is the one that is waited for.
fn fits(awaited: &DoneWhen, trigger: &Trigger, known: &Known) -> bool {
    let of_object = awaited.object.as_ref().is_none_or(|object| *object == trigger.object);
    let about = awaited.about.as_ref().is_none_or(|about| {
        let document = known.document(&trigger.object);
        *about == trigger.object || document.is_some_and(|document| refers_to(document, about))
    });
    let names = awaited.naming.iter().all(|text| holds_text(&trigger.data, text));
    awaited.event == trigger.name && of_object && about && names
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const SYSTEM: &str = "sys_00000000000000000000000001";
    const OTHER: &str = "sys_00000000000000000000000002";
    const CLASS: &str = "cls_00000000000000000000000001";

    fn world(done_when: Value, status: &str) -> Known {
        let object = done_when["object"].as_str().or(done_when["about"].as_str());
        let awaits = Task::awaited(done_when["event"].as_str().unwrap_or_default(), object);
        let task = json!({
            "status": status, "blocking": false, "doneWhen": done_when, "awaits": [awaits],
            "openedByEvent": "40",
        });
        Known::default().with("task_1", "task", task).with(
            CLASS,
            "regulatory_classification",
            json!({ "system": SYSTEM, "by": "usr_00000000000000000000000001" }),
        )
    }

    fn confirmed(known: &Known) -> Vec<Order> {
        let name = "regulatory_classification.confirmed";
        complete(&Trigger::example(name, CLASS, "2024-09-02T09:00:00Z", json!({})), known)
    }

    #[test]
    fn a_task_is_done_by_the_event_that_it_waits_for_and_by_no_other() {
        let name = "regulatory_classification.confirmed";
        let waits = |done_when: Value| confirmed(&world(done_when, "open"));
        let done = [Order::to("task", "task_1", "complete", json!({ "event": "100" }))];
        assert_eq!(waits(json!({ "event": name, "about": SYSTEM })), done);
        assert_eq!(waits(json!({ "event": name, "object": CLASS })), done);
        assert_eq!(waits(json!({ "event": name, "object": CLASS, "about": SYSTEM })), done);
        assert_eq!(waits(json!({ "event": name })), done);
        assert_eq!(waits(json!({ "event": name, "about": OTHER })), []);
        assert_eq!(waits(json!({ "event": name, "object": CLASS, "about": OTHER })), []);
        assert_eq!(waits(json!({ "event": name, "object": SYSTEM })), []);
        let proposed = "regulatory_classification.proposed";
        assert_eq!(waits(json!({ "event": proposed, "about": SYSTEM })), []);
    }

    #[test]
    fn what_is_late_is_done_too_but_not_what_has_ended_or_came_later() {
        let about = json!({ "event": "regulatory_classification.confirmed", "about": SYSTEM });
        assert_eq!(confirmed(&world(about.clone(), "overdue")).len(), 1);
        assert_eq!(confirmed(&world(about.clone(), "cancelled")), []);
        let task = json!({
            "status": "open", "blocking": false, "doneWhen": about, "openedByEvent": "100",
            "awaits": [Task::awaited("regulatory_classification.confirmed", Some(SYSTEM))],
        });
        let later = world(json!({ "event": "x" }), "open").with("task_1", "task", task);
        assert_eq!(confirmed(&later), []);
    }
}
