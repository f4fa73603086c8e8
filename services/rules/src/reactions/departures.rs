//! What somebody who leaves had to do and answered for goes to others (P21; ISO/IEC 42001 5.3).

use kernel::Role;
use serde_json::json;

use super::Reaction;
use super::follow_up::{cancel, is_open, propose_nonconformity, user_of};
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "P21",
    doc: "Ends the roles of a member who leaves, gives his tasks back and has everything that he \
          answered for given to others in 30 days; a post that stays vacant longer may be a \
          nonconformity (5.3).",
    on: &["membership.revoked", "role_assignment.ended", "role_assignment.accountable_role_vacant"],
    react,
}];

/// Days until others have taken over.
const DAYS: i64 = 30;
/// Most orders of one departure.
const ORDERS_MAX: usize = 150;
const ENDED: &str = "The holder is no member any more.";

fn react(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "membership.revoked" => left(trigger, known),
        name => {
            let Some(post) = known.get::<facts::RoleAssignment>(&trigger.object) else {
                return Vec::new();
            };
            let what = format!("{} ({})", post.role, post.item);
            if name != "role_assignment.ended" {
                let what = format!("nobody has answered for 30 days as {what}");
                return vec![propose_nonconformity(trigger, &what, Some(&trigger.object))];
            }
            vacant(trigger, &post, &what, known).into_iter().collect()
        }
    }
}

/// Somebody must be named where one person answers for something and nobody does.
fn vacant(
    trigger: &Trigger,
    post: &facts::RoleAssignment,
    what: &str,
    known: &Known,
) -> Option<Order> {
    let since = post.vacant_since?;
    if is_open(known, &trigger.object, "P21", "assign_role") {
        return None;
    }
    let title = format!("Name who answers as {what}");
    let due = since.plus_days(DAYS).max(trigger.day());
    let work = Work::new("assign_role", &title, Role::Am, due).about(&trigger.object);
    Some(work.until("role_assignment.role_assigned", Some(&trigger.object)).order(trigger))
}

/// A member left.
fn left(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let user = user_of(&trigger.object);
    let mut orders = roles_ended(&user, known);
    orders.extend(tasks_given_back(&user, known));
    orders.extend(roles_nobody_holds(trigger, known));
    let hand = |role, what: &str, object: &str, event: &str| {
        let title = format!("Give to somebody else: {what}");
        let work = Work::new("assign_role", &title, role, trigger.in_days(DAYS)).about(object);
        work.until(event, Some(object)).order(trigger)
    };
    for (id, risk) in known.of::<facts::Risk>("owner", &user) {
        if risk.is_open() {
            let what = format!("the risk {}", risk.title);
            orders.push(hand(Role::Rm, &what, &id, "risk.owner_assigned"));
        }
    }
    for (id, system) in known.of::<facts::AiSystem>("owner", &user) {
        if !system.is_retired() {
            let what = format!("the system {}", system.name);
            orders.push(hand(Role::So, &what, &id, "ai_system.owner_assigned"));
        }
    }
    // Documents are few, and found by their status and kind only.
    for (id, document) in known.all::<facts::Document>() {
        let is_his = document.owner.as_ref().is_some_and(|owner| owner.as_str() == user);
        if is_his && document.effective.is_some() {
            let what = format!("the document {}", document.title);
            orders.push(hand(Role::Am, &what, &id, "document.version_approved"));
        }
    }
    for (id, objective) in known.all::<facts::Objective>() {
        let is_his = objective.owner.as_ref().is_some_and(|owner| owner.as_str() == user);
        if is_his && !objective.is_closed() {
            let what = format!("the objective {}", objective.title);
            orders.push(hand(Role::Am, &what, &id, "objective.approved"));
        }
    }
    for (id, title) in plans_with_his_actions(&user, known) {
        let what = format!("actions of the treatment plan {title}");
        orders.push(hand(Role::Rm, &what, &id, "treatment_plan.approved"));
    }
    for (id, nonconformity) in known.of::<facts::Nonconformity>("status", "actions_planned") {
        let is_his = |action: &facts::CorrectiveAction| {
            action.owner.as_str() == user && action.done.is_none()
        };
        if nonconformity.actions.values().any(is_his) {
            let what = format!("actions of the nonconformity {}", nonconformity.title);
            orders.push(hand(Role::Am, &what, &id, "nonconformity.corrective_actions_planned"));
        }
    }
    orders.extend(gates(trigger, &user, known));
    in_bounds(trigger, orders)
}

/// Roles that he held end.
fn roles_ended(user: &str, known: &Known) -> Vec<Order> {
    let held = known.of::<facts::RoleAssignment>("holder", user).into_iter();
    let active = held.filter(|(_, held)| held.status == "active");
    let end = |id: String| Order::to("role_assignment", &id, "end", json!({ "reason": ENDED }));
    active.map(|(id, _)| end(id)).collect()
}

/// What he was to do is anybody's in the role; what only he could do is not to be done any more.
fn tasks_given_back(user: &str, known: &Known) -> Vec<Order> {
    let tasks = known.of::<facts::Task>("assignee", user).into_iter();
    let back = |(id, task): (String, facts::Task)| {
        if task.task_kind == "acknowledge" {
            return cancel(&id, "Who was to take note is no member any more.");
        }
        let by_name = task.assignee_role == Role::Emp.code();
        let input = if by_name { json!({ "assigneeRole": "AM" }) } else { json!({}) };
        Order::to("task", &id, "release", input)
    };
    tasks.filter(|(_, task)| task.is_open()).map(back).collect()
}

/// Roles of his that nobody holds any more.
fn roles_nobody_holds(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(member) = known.get::<facts::Membership>(&trigger.object) else { return Vec::new() };
    let others = known.of::<facts::Membership>("status", "active");
    let is_held = |role: &Role| others.iter().any(|(_, other)| other.roles.contains(role));
    let lost = member.roles.iter().filter(|role| **role != Role::Emp && !is_held(role));
    let seek = |role: &Role| {
        let title = format!("Give the role {} to a member: nobody holds it", role.code());
        let work = Work::new("assign_role", &title, Role::Tm, trigger.in_days(DAYS));
        work.about(&trigger.object).order(trigger)
    };
    lost.map(seek).collect()
}

/// Plans in force with actions that he has not done, and their titles.
fn plans_with_his_actions(user: &str, known: &Known) -> Vec<(String, String)> {
    let of = |progress| known.of::<facts::TreatmentPlan>("progress", progress).into_iter();
    let is_his = |action: &facts::PlanAction| {
        action.owner.as_deref() == Some(user) && action.status != "done"
    };
    let plans = of("not_started").chain(of("in_progress"));
    let has_his = |plan: &facts::TreatmentPlan| {
        plan.in_force.iter().flat_map(|in_force| in_force.actions.values()).any(is_his)
    };
    plans.filter(|(_, plan)| has_his(plan)).map(|(id, plan)| (id, plan.title)).collect()
}

/// Gates that he asked for and that are not decided.
fn gates(trigger: &Trigger, user: &str, known: &Known) -> Vec<Order> {
    let of = |status| known.of::<facts::StageGate>("status", status).into_iter();
    let his = of("requested").chain(of("evaluated"));
    let his = his.filter(|(_, gate)| gate.requested_by.as_deref() == Some(user));
    let take_over = |(id, gate): (String, facts::StageGate)| {
        let version = &gate.system_version;
        let title = format!("Decide on the gate of version {version}: who asked for it has left");
        let work = Work::new("decide", &title, Role::Rel, trigger.in_days(DAYS));
        work.about(&id).order(trigger)
    };
    his.map(take_over).collect()
}

/// So much is ordered at once; what is more is one task.
fn in_bounds(trigger: &Trigger, mut orders: Vec<Order>) -> Vec<Order> {
    if orders.len() <= ORDERS_MAX {
        return orders;
    }
    let more = orders.len() - ORDERS_MAX;
    orders.truncate(ORDERS_MAX);
    let title = format!("Give to others what a member who left answered for: {more} more records");
    let work = Work::new("assign_role", &title, Role::Am, trigger.in_days(DAYS));
    orders.push(work.about(&trigger.object).order(trigger));
    orders
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const AT: &str = "2025-03-03T09:00:00Z";

    fn revoked() -> Trigger {
        Trigger::example("membership.revoked", "mbr_1", AT, json!({}))
    }

    fn titles(orders: &[Order]) -> Vec<String> {
        orders.iter().map(|o| o.input["title"].as_str().unwrap_or(o.verb).to_owned()).collect()
    }

    #[test]
    fn his_roles_end_and_his_tasks_are_given_back() {
        let post = |status: &str| {
            json!({
                "item": "Risk", "responsibility": "accountable", "holder": "usr_1",
                "role": "Risk owner", "status": status,
            })
        };
        let task = |kind: &str, role: &str, status: &str| {
            json!({
                "assignee": "usr_1", "assigneeRole": role, "taskKind": kind, "status": status,
                "blocking": false,
            })
        };
        let known = Known::default()
            .with("rac_1", "role_assignment", post("active"))
            .with("rac_2", "role_assignment", post("ended"))
            .with("tsk_1", "task", task("review", "DS", "open"))
            .with("tsk_2", "task", task("review", "EMP", "overdue"))
            .with("tsk_3", "task", task("acknowledge", "EMP", "open"))
            .with("tsk_4", "task", task("review", "DS", "done"));
        let expected = [
            Order::to("role_assignment", "rac_1", "end", json!({ "reason": ENDED })),
            Order::to("task", "tsk_1", "release", json!({})),
            Order::to("task", "tsk_2", "release", json!({ "assigneeRole": "AM" })),
            cancel("tsk_3", "Who was to take note is no member any more."),
        ];
        assert_eq!(react(&revoked(), &known), expected);
    }

    #[test]
    fn what_he_answered_for_is_given_to_others() {
        let risk = |status: &str| json!({ "title": "Bias", "owner": "usr_1", "status": status });
        let system =
            |stage: &str| json!({ "name": "CreditLens", "owner": "usr_1", "stage": stage });
        let document =
            json!({ "title": "Policy", "owner": "usr_1", "effective": { "version": 1 } });
        let draft = json!({ "title": "Draft", "owner": "usr_1" });
        let objective = |progress: &str| {
            let (title, owner) = ("Fair", "usr_1");
            json!({ "title": title, "owner": owner, "status": "approved", "progress": progress })
        };
        let action = |owner: &str, status: &str| json!({ "a": { "owner": owner, "status": status, "due": "2025-05-05" } });
        let plan = |actions: Value| {
            let in_force = json!({ "version": 1, "actions": actions });
            let (status, progress) = ("approved", "in_progress");
            json!({ "title": "TP", "status": status, "progress": progress, "inForce": in_force })
        };
        let nc = |done: Value| {
            let actions = json!({ "a": { "owner": "usr_1", "done": done } });
            let (grade, status) = ("minor", "actions_planned");
            json!({ "title": "NC", "grade": grade, "status": status, "actions": actions })
        };
        let gate = |by: &str| {
            json!({
                "system": "sys_1", "systemVersion": "2.0", "to": "deployment",
                "status": "evaluated", "requestedBy": by,
            })
        };
        let known = Known::default()
            .with("rsk_1", "risk", risk("accepted"))
            .with("rsk_2", "risk", risk("closed"))
            .with("sys_1", "ai_system", system("deployment"))
            .with("sys_2", "ai_system", system("retirement"))
            .with("doc_1", "document", document)
            .with("doc_2", "document", draft)
            .with("obj_1", "objective", objective("on_track"))
            .with("obj_2", "objective", objective("achieved"))
            .with("trp_1", "treatment_plan", plan(action("usr_1", "open")))
            .with("trp_2", "treatment_plan", plan(action("usr_1", "done")))
            .with("trp_3", "treatment_plan", plan(action("usr_2", "open")))
            .with("ncf_1", "nonconformity", nc(Value::Null))
            .with("ncf_2", "nonconformity", nc(json!({ "by": "usr_1", "at": AT })))
            .with("gat_1", "stage_gate", gate("usr_1"))
            .with("gat_2", "stage_gate", gate("usr_2"));
        let orders = react(&revoked(), &known);
        assert_eq!(
            titles(&orders),
            [
                "Give to somebody else: the risk Bias",
                "Give to somebody else: the system CreditLens",
                "Give to somebody else: the document Policy",
                "Give to somebody else: the objective Fair",
                "Give to somebody else: actions of the treatment plan TP",
                "Give to somebody else: actions of the nonconformity NC",
                "Decide on the gate of version 2.0: who asked for it has left",
            ]
        );
        assert!(orders.iter().all(|order| order.input["due"] == "2025-04-02"));
        let until = json!({ "event": "risk.owner_assigned", "object": "rsk_1" });
        assert_eq!(orders[0].input["doneWhen"], until);
    }

    #[test]
    fn a_role_that_nobody_holds_any_more_is_given_to_somebody() {
        let member = |roles: &[&str], status: &str| json!({ "roles": roles, "status": status });
        let known = Known::default()
            .with("mbr_1", "membership", member(&["REL", "RO"], "revoked"))
            .with("mbr_2", "membership", member(&["RO"], "active"))
            .with("mbr_3", "membership", member(&["REL"], "revoked"));
        let expected = ["Give the role REL to a member: nobody holds it"];
        assert_eq!(titles(&react(&revoked(), &known)), expected);
    }

    #[test]
    fn a_post_that_must_be_held_is_filled_in_thirty_days_or_may_be_a_nonconformity() {
        let post = |vacant: Value| {
            let body = json!({
                "item": "Credit risk", "responsibility": "accountable", "status": "vacant",
                "role": "Risk owner", "vacantSince": vacant,
            });
            Known::default().with("rac_1", "role_assignment", body)
        };
        let event = |name: &str| {
            Trigger::example(&format!("role_assignment.{name}"), "rac_1", AT, json!({}))
        };
        let orders = react(&event("ended"), &post(json!("2025-03-03")));
        assert_eq!(titles(&orders), ["Name who answers as Risk owner (Credit risk)"]);
        assert_eq!(orders[0].input["due"], "2025-04-02");
        assert_eq!(react(&event("ended"), &post(Value::Null)), [], "nobody must hold it");
        let orders = react(&event("accountable_role_vacant"), &post(json!("2025-01-31")));
        assert_eq!(orders[0].input["taskKind"], "answer_finding");
    }

    #[test]
    fn one_departure_is_so_many_orders_at_most() {
        let risk = || json!({ "title": "R", "owner": "usr_1", "status": "accepted" });
        let known = (0..ORDERS_MAX + 7)
            .fold(Known::default(), |known, n| known.with(&format!("rsk_{n}"), "risk", risk()));
        let orders = react(&revoked(), &known);
        assert_eq!(orders.len(), ORDERS_MAX + 1);
        let last = "Give to others what a member who left answered for: 7 more records";
        assert_eq!(titles(&orders).last().unwrap(), last);
    }
}
