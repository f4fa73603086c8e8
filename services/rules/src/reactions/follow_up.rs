//! What many rules do: look whether their own task is open already, and see to what was left
//! undone.

use kernel::{Date, Instant, Role, UserId};
use serde_json::json;

use crate::{Known, Order, Trigger, Work};

/// Working days until somebody has said whether something is a nonconformity (10.2).
const PROPOSAL_DAYS: u32 = 5;

/// The open tasks about an object that a rule opened.
pub(super) fn open_tasks(known: &Known, about: &str, rule: &str) -> Vec<(String, facts::Task)> {
    let mut tasks = known.of::<facts::Task>("subject", about);
    tasks.retain(|(_, task)| task.is_open() && task.is_of_rule(rule));
    tasks
}

/// Whether a rule's task of a sort about an object is open: then it opens no other.
pub(super) fn is_open(known: &Known, about: &str, rule: &str, sort: &str) -> bool {
    open_tasks(known, about, rule).iter().any(|(_, task)| task.task_kind == sort)
}

/// The task of a rule that has fallen overdue, when that is what happened.
pub(super) fn overdue(trigger: &Trigger, known: &Known, rule: &str) -> Option<facts::Task> {
    let task = known.get::<facts::Task>(&trigger.object).filter(|_| trigger.name == OVERDUE)?;
    Some(task).filter(|task| task.is_of_rule(rule))
}

/// The event of a task whose last day has passed.
pub(super) const OVERDUE: &str = "task.overdue";

/// The AIMS manager is to say whether this is a nonconformity: to raise one, or to cancel the task
/// with his reason.
pub(super) fn propose_nonconformity(trigger: &Trigger, what: &str, about: Option<&str>) -> Order {
    let title = format!("Raise a nonconformity, or say why not: {what}");
    let due = working_days_after(trigger.day(), PROPOSAL_DAYS);
    let work = Work::new("answer_finding", &title, Role::Am, due);
    match about {
        Some(object) => work.about(object).order(trigger),
        None => work.order(trigger),
    }
}

/// Work for who answers for something; for a role when nobody does or he is no member any more.
pub(super) fn work_of(
    owner: Option<&UserId>,
    instead: Role,
    (sort, title, due): (&str, &str, Date),
    known: &Known,
) -> Work {
    let membership = |user: &&UserId| {
        let member = known.get::<facts::Membership>(&facts::Membership::id_of(user));
        member.is_some_and(|member| member.status == "active")
    };
    match owner.filter(membership) {
        Some(user) => Work::new(sort, title, Role::Emp, due).by(user.as_str()),
        None => Work::new(sort, title, instead, due),
    }
}

/// The person of a membership: `mbr_X` is of `usr_X`.
pub(super) fn user_of(membership: &str) -> String {
    format!("usr_{}", kernel::id::suffix_of(membership))
}

/// The task is not to be done any more.
pub(super) fn cancel(task: &str, reason: &str) -> Order {
    Order::to("task", task, "cancel", json!({ "reason": reason }))
}

/// The day so many working days later, Monday to Friday.
pub(super) fn working_days_after(day: Date, days: u32) -> Date {
    let (mut day, mut left) = (day, days);
    while left > 0 {
        day = day.plus_days(1);
        if days_after_monday(day) < 5 {
            left -= 1;
        }
    }
    day
}

/// 0 on a Monday, 6 on a Sunday. 1970-01-01 was a Thursday.
fn days_after_monday(day: Date) -> i64 {
    (Instant::default().date().days_until(day) + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_days_leave_saturdays_and_sundays_out() {
        let after = |day: &str, days| working_days_after(day.parse().unwrap(), days).to_string();
        assert_eq!(after("2025-02-26", 5), "2025-03-05", "a Wednesday");
        assert_eq!(after("2025-02-28", 1), "2025-03-03", "a Friday");
        assert_eq!(after("2025-03-01", 1), "2025-03-03", "a Saturday");
        assert_eq!(after("2025-03-02", 5), "2025-03-07", "a Sunday");
        assert_eq!(after("1969-12-31", 2), "1970-01-02", "before the epoch");
        assert_eq!(after("2025-03-01", 0), "2025-03-01");
    }

    #[test]
    fn a_rule_sees_its_own_open_tasks_and_no_others() {
        let task = |status: &str, opened_by: &str| {
            let (subject, kind) = ("kpi_1", "decide");
            json!({
                "subject": subject, "status": status, "blocking": false, "taskKind": kind,
                "openedBy": opened_by,
            })
        };
        let known = Known::default()
            .with("tsk_1", "task", task("open", "rea_P12"))
            .with("tsk_2", "task", task("overdue", "rea_P12"))
            .with("tsk_3", "task", task("done", "rea_P12"))
            .with("tsk_4", "task", task("cancelled", "rea_P12"))
            .with("tsk_5", "task", task("open", "rea_P1"))
            .with("tsk_6", "task", task("open", "usr_priya"));
        let ids: Vec<_> = open_tasks(&known, "kpi_1", "P12").into_iter().map(|t| t.0).collect();
        assert_eq!(ids, ["tsk_1", "tsk_2"]);
        assert!(is_open(&known, "kpi_1", "P12", "decide"));
        assert!(!is_open(&known, "kpi_1", "P12", "inform"));
        assert!(!is_open(&known, "kpi_2", "P12", "decide"));
        let at = "2025-01-01T00:00:01Z";
        let trigger = |name: &str, task: &str| Trigger::example(name, task, at, json!({}));
        assert!(overdue(&trigger(OVERDUE, "tsk_2"), &known, "P12").is_some());
        assert!(overdue(&trigger(OVERDUE, "tsk_2"), &known, "P1").is_none());
        assert!(overdue(&trigger("task.assigned", "tsk_2"), &known, "P12").is_none());
    }
}
