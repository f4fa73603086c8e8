//! Concerns that members and outsiders report (P13; ISO/IEC 42001 A.3.3, A.8.3).
//!
//! Invariant: a task says that there is a concern and nothing of what it says, whom it is about or
//! who reported it.

use kernel::{Date, Role};
use serde_json::json;

use super::Reaction;
use super::follow_up::{cancel, is_open, open_tasks};
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "P13",
    doc: "Has a concern given to a handler without a conflict of interest, acknowledged and \
          answered in the days that its channel promises; tells AIMS and top management of what \
          is late (A.3.3, A.8.3).",
    on: &[
        "concern.reported",
        "concern.handler_assigned",
        "concern.conflict_checked",
        "concern.fell_overdue",
        "concern.closed",
    ],
    react,
}];

/// Days until a concern has a handler.
const HANDLER_DAYS: i64 = 2;
/// Days until management has seen to a promise that was not kept.
const LATE_DAYS: i64 = 2;
const ACKNOWLEDGED: &str = "concern.acknowledged";
const REPLIED: &str = "concern.replied";

fn react(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(concern) = known.get::<facts::Concern>(&trigger.object) else { return Vec::new() };
    match trigger.name.as_str() {
        "concern.fell_overdue" => late(trigger, known),
        "concern.closed" => {
            let tasks = open_tasks(known, &trigger.object, "P13").into_iter();
            tasks.map(|(task, _)| cancel(&task, "The concern is closed.")).collect()
        }
        _ => match &concern.handler {
            Some(handler) => handle(trigger, &concern, handler.as_str(), known),
            None => seek_handler(trigger, known),
        },
    }
}

/// Somebody in management gives it to a person whom it does not name.
fn seek_handler(trigger: &Trigger, known: &Known) -> Vec<Order> {
    if is_open(known, &trigger.object, "P13", "assign_role") {
        return Vec::new();
    }
    let title = "Give a concern to somebody without a conflict of interest";
    let due = trigger.in_days(HANDLER_DAYS);
    let for_role = |role| {
        let work = Work::new("assign_role", title, role, due).about(&trigger.object);
        work.until("concern.handler_assigned", Some(&trigger.object)).order(trigger)
    };
    vec![for_role(Role::Am), for_role(Role::Tm)]
}

/// The handler acknowledges and answers; what an earlier one had to do is his now.
fn handle(trigger: &Trigger, concern: &facts::Concern, handler: &str, known: &Known) -> Vec<Order> {
    let open = open_tasks(known, &trigger.object, "P13");
    let mut orders = Vec::new();
    for (sort, title, event, due, done) in [
        (
            "inform",
            "Acknowledge a concern",
            ACKNOWLEDGED,
            concern.ack_due.date(),
            concern.acknowledged_at.is_some(),
        ),
        ("decide", "Answer a concern", REPLIED, concern.answer_due.date(), concern.reply.is_some()),
    ] {
        let task = open.iter().find(|(_, task)| task.task_kind == sort);
        match task {
            Some((id, task)) => {
                let is_his = task.assignee.as_ref().is_some_and(|user| user.as_str() == handler);
                let assign = || Order::to("task", id, "assign", json!({ "assignee": handler }));
                orders.extend((!is_his).then(assign));
            }
            None if done => {}
            None => orders.push(promise(trigger, (sort, title, event), due, handler)),
        }
    }
    orders
}

fn promise(
    trigger: &Trigger,
    (sort, title, event): (&str, &str, &str),
    due: Date,
    handler: &str,
) -> Order {
    let work = Work::new(sort, title, Role::Emp, due.max(trigger.day())).by(handler);
    work.about(&trigger.object).until(event, Some(&trigger.object)).order(trigger)
}

/// A promise to the reporter was not kept.
fn late(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let (title, event) = match trigger.text("promise") {
        "acknowledgement" => ("See to a concern that was not acknowledged in time", ACKNOWLEDGED),
        _ => ("See to a concern that was not answered in time", REPLIED),
    };
    let open = open_tasks(known, &trigger.object, "P13");
    if open.iter().any(|(_, task)| task.title == title) {
        return Vec::new();
    }
    let for_role = |role| {
        let work = Work::new("investigate", title, role, trigger.in_days(LATE_DAYS));
        work.about(&trigger.object).until(event, Some(&trigger.object)).order(trigger)
    };
    vec![for_role(Role::Am), for_role(Role::Tm)]
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const CONCERN: &str = "con_00000000000000000000000001";

    fn concern(handler: Option<&str>) -> Value {
        json!({
            "status": "received", "handler": handler,
            "receivedAt": "2025-03-03T09:00:00Z", "ackDue": "2025-03-10T09:00:00Z",
            "answerDue": "2025-06-01T09:00:00Z",
        })
    }

    fn known(handler: Option<&str>) -> Known {
        Known::default().with(CONCERN, "concern", concern(handler))
    }

    fn trigger(event: &str, data: Value) -> Trigger {
        Trigger::example(&format!("concern.{event}"), CONCERN, "2025-03-03T09:00:00Z", data)
    }

    fn task(sort: &str, title: &str, assignee: Option<&str>) -> Value {
        json!({
            "subject": CONCERN, "status": "open", "blocking": false, "taskKind": sort,
            "title": title, "assignee": assignee, "openedBy": "rea_P13",
        })
    }

    fn told(orders: &[Order]) -> Vec<[&str; 3]> {
        fn told(order: &Order) -> [&str; 3] {
            ["title", "due", "assignee"].map(|name| order.input[name].as_str().unwrap_or_default())
        }
        orders.iter().map(told).collect()
    }

    #[test]
    fn its_handler_acknowledges_and_answers_in_the_days_that_were_promised() {
        let orders = react(&trigger("reported", json!({})), &known(Some("usr_priya")));
        assert_eq!(
            told(&orders),
            [
                ["Acknowledge a concern", "2025-03-10", "usr_priya"],
                ["Answer a concern", "2025-06-01", "usr_priya"],
            ]
        );
        let until = json!({ "event": "concern.acknowledged", "object": CONCERN });
        assert_eq!(orders[0].input["doneWhen"], until);
        assert!(orders.iter().all(|order| order.input["assigneeRole"] == "EMP"));
    }

    #[test]
    fn a_concern_without_a_free_handler_is_given_to_one_by_management() {
        let reported = trigger("reported", json!({ "conflict": true }));
        let orders = react(&reported, &known(None));
        let roles: Vec<_> = orders.iter().map(|o| o.input["assigneeRole"].clone()).collect();
        assert_eq!(roles, ["AM", "TM"]);
        let open = known(None).with("tsk_1", "task", task("assign_role", "x", None));
        assert_eq!(react(&reported, &open), []);
    }

    #[test]
    fn what_the_earlier_handler_had_to_do_is_the_new_ones() {
        let open = known(Some("usr_jonas"))
            .with("tsk_1", "task", task("inform", "Acknowledge a concern", Some("usr_priya")))
            .with("tsk_2", "task", task("decide", "Answer a concern", Some("usr_priya")));
        let assign = |task| Order::to("task", task, "assign", json!({ "assignee": "usr_jonas" }));
        let assigned = trigger("handler_assigned", json!({ "handler": "usr_jonas" }));
        assert_eq!(react(&assigned, &open), [assign("tsk_1"), assign("tsk_2")]);
        let mut done = concern(Some("usr_jonas"));
        done["acknowledgedAt"] = json!("2025-03-04T09:00:00Z");
        let orders = react(&assigned, &Known::default().with(CONCERN, "concern", done));
        assert_eq!(told(&orders), [["Answer a concern", "2025-06-01", "usr_jonas"]]);
    }

    #[test]
    fn a_check_without_conflict_changes_nothing() {
        let open = known(Some("usr_priya"))
            .with("tsk_1", "task", task("inform", "Acknowledge a concern", Some("usr_priya")))
            .with("tsk_2", "task", task("decide", "Answer a concern", Some("usr_priya")));
        assert_eq!(react(&trigger("conflict_checked", json!({ "conflict": false })), &open), []);
    }

    #[test]
    fn a_promise_that_was_not_kept_is_told_to_management_once() {
        let overdue = |promise: &str| trigger("fell_overdue", json!({ "promise": promise }));
        let known = || known(Some("usr_priya"));
        let orders = react(&overdue("answer"), &known());
        assert_eq!(orders.len(), 2);
        let title = "See to a concern that was not answered in time";
        assert!(orders.iter().all(|order| order.input["title"] == title));
        assert_eq!(orders[0].input["doneWhen"]["event"], "concern.replied");
        let open = known().with("tsk_3", "task", task("investigate", title, None));
        assert_eq!(react(&overdue("answer"), &open), []);
        let other = react(&overdue("acknowledgement"), &open);
        assert_eq!(other[0].input["doneWhen"]["event"], "concern.acknowledged");
    }

    #[test]
    fn what_is_left_ends_with_the_concern() {
        let open = known(Some("usr_priya")).with(
            "tsk_2",
            "task",
            task("decide", "Answer a concern", Some("usr_priya")),
        );
        let closed = react(&trigger("closed", json!({})), &open);
        assert_eq!(closed, [cancel("tsk_2", "The concern is closed.")]);
    }

    #[test]
    fn a_task_says_nothing_of_what_a_concern_says() {
        let data = json!({ "system": "sys_1", "about": ["usr_x"], "reporter": "usr_y" });
        for name in ["reported", "handler_assigned", "fell_overdue"] {
            for handler in [None, Some("usr_priya")] {
                for order in react(&trigger(name, data.clone()), &known(handler)) {
                    let told = order.input.to_string();
                    assert!(!["sys_1", "usr_x", "usr_y"].iter().any(|text| told.contains(text)));
                }
            }
        }
    }
}
