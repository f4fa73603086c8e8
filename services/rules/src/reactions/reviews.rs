//! What a management review decides is carried out, or comes before the next one (P30; ISO/IEC
//! 42001 9.3.2, 9.3.3).

use kernel::{Date, Role, UserId};

use super::Reaction;
use super::follow_up::{OVERDUE, open_tasks, overdue, work_of};
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "P30",
    doc: "Has the decisions of a management review carried out by their owners in time, and brings \
          what is late before the next review (9.3.2, 9.3.3).",
    on: &["management_review.decision_recorded", OVERDUE],
    react,
}];

/// Months until the next review where none is scheduled.
const REVIEW_MONTHS: i64 = 12;

fn react(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        OVERDUE => bring_up(trigger, known).into_iter().collect(),
        _ => carry_out(trigger, known).into_iter().collect(),
    }
}

fn carry_out(trigger: &Trigger, known: &Known) -> Option<Order> {
    let review = known.get::<facts::ManagementReview>(&trigger.object)?;
    let (key, decision) = (trigger.text("key"), &trigger.data["decision"]);
    let due = decision["due"].as_str().and_then(|due| due.parse::<Date>().ok())?;
    let owner = decision["owner"].as_str().map(UserId::new);
    let title = format!("Carry out decision {key} of: {}", review.title);
    let due = due.max(trigger.day());
    let work = work_of(owner.as_ref(), Role::Am, ("carry_out_decision", &title, due), known);
    let done = "management_review.decision_completed";
    let work = work.about(&trigger.object).until(done, Some(&trigger.object));
    Some(work.naming(key).order(trigger))
}

/// A decision that was not carried out in time is an input of the next review.
fn bring_up(trigger: &Trigger, known: &Known) -> Option<Order> {
    let task = overdue(trigger, known, "P30")?;
    let task = Some(task).filter(|task| task.task_kind == "carry_out_decision")?;
    let review = task.subject?;
    let title = format!("Bring before the next management review what is late: {}", task.title);
    let title: String = title.chars().take(200).collect();
    if open_tasks(known, &review, "P30").iter().any(|(_, open)| open.title == title) {
        return None;
    }
    let next = known.of::<facts::ManagementReview>("status", "scheduled").into_iter();
    let next = next.filter_map(|(_, review)| review.planned_on).min();
    let due = next.unwrap_or_else(|| trigger.day().plus_months(REVIEW_MONTHS)).max(trigger.day());
    let work = Work::new("review", &title, Role::Am, due).about(&review);
    Some(work.until("management_review.held", None).order(trigger))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const REVIEW: &str = "mrv_00000000000000000000000001";

    fn known() -> Known {
        let review = json!({ "title": "Review of 2024", "status": "held" });
        let member = json!({ "roles": ["RO"], "status": "active" });
        let known = Known::default().with(REVIEW, "management_review", review);
        known.with("mbr_lena", "membership", member)
    }

    fn decided(owner: &str, due: &str) -> Trigger {
        let data = json!({ "key": "d1", "decision": { "owner": owner, "due": due } });
        let at = "2025-01-17T08:50:00Z";
        Trigger::example("management_review.decision_recorded", REVIEW, at, data)
    }

    fn task(sort: &str) -> Value {
        json!({
            "subject": REVIEW, "status": "overdue", "blocking": false, "taskKind": sort,
            "title": "Carry out decision d1 of: Review of 2024", "openedBy": "rea_P30",
        })
    }

    #[test]
    fn its_owner_carries_a_decision_out_until_it_is_said_to_be_done() {
        let orders = react(&decided("usr_lena", "2025-03-31"), &known());
        let input = &orders[0].input;
        assert_eq!(input["title"], "Carry out decision d1 of: Review of 2024");
        assert_eq!((&input["assignee"], &input["due"]), (&json!("usr_lena"), &json!("2025-03-31")));
        let until = json!({
            "event": "management_review.decision_completed", "object": REVIEW, "naming": ["d1"],
        });
        assert_eq!(input["doneWhen"], until);
        let orders = react(&decided("usr_gone", "2025-01-01"), &known());
        assert_eq!(orders[0].input["assigneeRole"], "AM");
        assert_eq!(orders[0].input["due"], "2025-01-17", "no task ends before it begins");
    }

    #[test]
    fn what_is_late_comes_before_the_next_review() {
        let overdue = Trigger::example(OVERDUE, "tsk_1", "2025-04-01T00:00:00Z", json!({}));
        let late = || known().with("tsk_1", "task", task("carry_out_decision"));
        let orders = react(&overdue, &late());
        assert_eq!(orders[0].input["due"], "2026-04-01");
        let next = json!({ "title": "Next", "status": "scheduled", "plannedOn": "2025-10-20" });
        let scheduled = late().with("mrv_2", "management_review", next);
        let orders = react(&overdue, &scheduled);
        assert_eq!(orders[0].input["due"], "2025-10-20");
        let mut open = task("review");
        open["title"] = orders[0].input["title"].clone();
        assert_eq!(react(&overdue, &scheduled.with("tsk_2", "task", open)), []);
        assert_eq!(react(&overdue, &known().with("tsk_1", "task", task("review"))), []);
    }
}
