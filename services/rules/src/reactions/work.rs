//! What rules have in common: whether something is asked for already, whose it is, and the
//! proposals that they make to people.

use facts::{AiSystem, ImpactAssessment, Membership, Nonconformity, Task};
use kernel::{Role, UserId};
use serde_json::json;

use crate::{Known, Order, Trigger, Work};

/// Days until the AIMS manager has decided on a proposal to raise a nonconformity: five working
/// days.
const PROPOSAL_DAYS: i64 = 7;

/// The open tasks about an object that a rule opened.
pub(super) fn open_tasks(known: &Known, subject: &str, rule: &str) -> Vec<(String, Task)> {
    let mut tasks = known.of::<Task>("subject", subject);
    tasks.retain(|(_, task)| task.is_open() && is_of(task, rule));
    tasks
}

/// Whether a rule has asked somebody in this role for this sort of work on an object, and it is
/// still to be done.
pub(super) fn is_asked(known: &Known, subject: &str, rule: &str, kind: &str, role: Role) -> bool {
    let tasks = open_tasks(known, subject, rule);
    tasks.iter().any(|(_, task)| task.task_kind == kind && task.assignee_role == role.code())
}

/// The task that has fallen overdue, where this rule opened it.
pub(super) fn overdue(trigger: &Trigger, known: &Known, rule: &str) -> Option<Task> {
    let task = known.get::<Task>(&trigger.object);
    task.filter(|task| trigger.name == "task.overdue" && is_of(task, rule))
}

fn is_of(task: &Task, rule: &str) -> bool {
    task.opened_by.strip_prefix("rea_") == Some(rule)
}

/// Gives work to a person if he holds its role; else anybody in the role does it.
pub(super) fn held_by(work: Work, known: &Known, user: Option<&str>, role: Role) -> Work {
    let holds = |user: &&str| {
        let id = Membership::id_of(&UserId::new(*user));
        known.get::<Membership>(&id).is_some_and(|member| member.holds_one_of(&[role]))
    };
    match user.filter(holds) {
        Some(user) => work.by(user),
        None => work,
    }
}

/// Proposes to the AIMS manager to raise a nonconformity about an object (10.2), unless one of that
/// origin is open. Whether there is one is his to decide.
pub(super) fn nonconformity(trigger: &Trigger, known: &Known, on: &str, why: &str) -> Vec<Order> {
    let of_origin = known.of::<Nonconformity>("origin", on);
    if of_origin.iter().any(|(_, known)| known.is_open()) {
        return Vec::new();
    }
    let title = format!("Raise a nonconformity, or say why there is none: {why}");
    let work = Work::new("decide", &title, Role::Am, trigger.in_days(PROPOSAL_DAYS)).about(on);
    vec![work.until_about("nonconformity.raised", on).order(trigger)]
}

/// The same for a task that its rule finds overdue, about the task's subject.
pub(super) fn nonconformity_of(trigger: &Trigger, known: &Known, task: &Task) -> Vec<Order> {
    let subject = task.subject.as_deref().unwrap_or(&trigger.object);
    nonconformity(trigger, known, subject, &format!("overdue is \"{}\"", task.title))
}

/// The impact assessments of a system that have an approved result.
pub(super) fn assessments(known: &Known, system: &str) -> Vec<(String, ImpactAssessment)> {
    let mut found = known.of::<ImpactAssessment>("system", system);
    found.retain(|(_, assessment)| assessment.has_result());
    found
}

/// Says that something makes the approved assessments of a system out of date (8.4).
pub(super) fn fire(
    known: &Known,
    system: &str,
    what: &'static str,
    source: &str,
    reason: &str,
) -> Vec<Order> {
    let input = json!({ "trigger": what, "reason": reason, "source": source });
    let fired = |(id, _): (String, ImpactAssessment)| {
        Order::to("impact_assessment", &id, "fire_trigger", input.clone())
    };
    assessments(known, system).into_iter().map(fired).collect()
}

/// A system that can still be worked on.
pub(super) fn living(known: &Known, system: &str) -> Option<AiSystem> {
    known.get::<AiSystem>(system).filter(|system| !system.is_retired())
}

/// Of these systems the one that runs and comes first.
pub(super) fn running(known: &Known, systems: &[String]) -> Option<(String, AiSystem)> {
    let runs = |id: &String| {
        let system = known.get::<AiSystem>(id).filter(AiSystem::is_running)?;
        Some((id.clone(), system))
    };
    systems.iter().find_map(runs)
}
