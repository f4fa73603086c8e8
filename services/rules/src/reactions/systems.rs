//! What follows when a system comes, changes substantially, and goes (P2, P28, P29).

use facts::{
    AiSystem, ChangeRequest, EventLogPolicy, ImpactAssessment, IntendedUse, Monitor,
    RegulatoryClassification, Risk, SuppliedComponent, Task,
};
use kernel::Role;
use serde_json::json;

use super::{Reaction, work};
use crate::{Known, Order, Trigger, Work};

/// Days until a system that was taken in is classified, assessed and described.
const INTAKE_DAYS: i64 = 30;
/// Days until what a substantial change asks for is done; the gate stays shut until then.
const CHANGE_DAYS: i64 = 30;
/// Days until what a retired system leaves behind is wound up.
const EXIT_DAYS: i64 = 30;

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P2",
        doc: "Asks for what a system in scope needs: class in law, impact assessment, intended \
              use, owner, log policy; what is overdue is proposed as a nonconformity (6.1.4, \
              A.4.2).",
        on: &["ai_system.registered", "ai_system.scope_changed", "task.overdue"],
        react: intake,
    },
    Reaction {
        id: "P28",
        doc: "After a substantial change a system is classified, assessed, validated and \
              documented again; its gates stay shut until then (EU AI Act Art. 25, 3(23)).",
        on: &["change_request.change_approved"],
        react: substantial_change,
    },
    Reaction {
        id: "P29",
        doc: "Winds up what belongs to a retired system: monitors, risks, tasks, assessment, \
              supplied components; logs and evidence stay (A.6.2.x).",
        on: &["ai_system.retired"],
        react: retired,
    },
];

fn intake(trigger: &Trigger, known: &Known) -> Vec<Order> {
    if trigger.name == "task.overdue" {
        let task = work::overdue(trigger, known, "P2");
        return task.map(|task| work::nonconformity_of(trigger, known, &task)).unwrap_or_default();
    }
    let id = trigger.object.as_str();
    let Some(system) = work::living(known, id).filter(|system| system.in_scope) else {
        return Vec::new();
    };
    let name = &system.name;
    let asked = |kind, title: String, role| {
        let open = work::is_asked(known, id, "P2", kind, role);
        let work = Work::new(kind, &title, role, trigger.in_days(INTAKE_DAYS)).about(id);
        (!open).then_some(work)
    };
    let mut works = Vec::new();
    let classes = known.of::<RegulatoryClassification>("system", id);
    if !classes.iter().any(|(_, class)| class.was_confirmed()) {
        let work = asked("classify", format!("Classify {name} in law"), Role::Rm);
        works.push(work.map(|w| w.until_about("regulatory_classification.confirmed", id)));
    }
    if work::assessments(known, id).is_empty() {
        let work = asked("assess_impact", format!("Assess the impact of {name}"), Role::Ia);
        works.push(work.map(|w| w.until_about("impact_assessment.approved", id)));
    }
    let uses = known.of::<IntendedUse>("system", id);
    if uses.iter().all(|(_, intended)| intended.effective.is_none()) {
        let work = asked("define_use", format!("Define the intended use of {name}"), Role::So);
        works.push(work.map(|w| w.until_about("intended_use.approved", id)));
    }
    if system.owner.is_none() {
        let work = asked("assign_role", format!("Name who answers for {name}"), Role::So);
        works.push(work.map(|w| w.until("ai_system.owner_assigned", Some(id))));
    }
    if known.of::<EventLogPolicy>("system", id).is_empty() {
        let work = asked("define_logging", format!("Define what {name} logs"), Role::So);
        works.push(work.map(|w| w.until_about("event_log_policy.defined", id)));
    }
    works.into_iter().flatten().map(|work| work.order(trigger)).collect()
}

fn substantial_change(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let change = known.get::<ChangeRequest>(&trigger.object);
    let Some(change) = change.filter(|change| change.class == "substantial") else {
        return Vec::new();
    };
    let id = change.system.as_str();
    let Some(system) = work::living(known, id) else { return Vec::new() };
    let (name, due) = (&system.name, trigger.in_days(CHANGE_DAYS));
    let ask = |kind, title: String, role, until| {
        Work::new(kind, &title, role, due).about(id).until_about(until, id).blocking()
    };
    let mut works = Vec::new();
    let outcome = change.reclassification.as_ref().map(|found| found.outcome.as_str());
    if outcome != Some("class_unchanged") {
        let title = format!("Classify {name} again after its substantial change");
        works.push(ask("classify", title, Role::Rm, "regulatory_classification.confirmed"));
    }
    let title = format!("Validate {name} again after its substantial change");
    works.push(ask("review", title, Role::Val, "verification_record.completed"));
    let title = format!("Bring the technical documentation of {name} up to date");
    works.push(ask("review", title, Role::Dev, "technical_documentation.approved"));
    let reason = format!("A substantial change was approved: {}", change.title);
    let mut orders = work::fire(known, id, "substantial_change", &trigger.object, &reason);
    orders.extend(works.into_iter().map(|work| work.order(trigger)));
    orders
}

/// Tasks that make no sense once their system is gone.
const ENDING: [&str; 7] = [
    "classify",
    "assess_impact",
    "define_use",
    "assign_role",
    "define_logging",
    "handle_risk",
    "decide",
];

fn retired(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let Some(system) = known.get::<AiSystem>(id) else { return Vec::new() };
    let reason = format!("{} is retired.", system.name);
    let (mut orders, mut gone) = (Vec::new(), vec![id.to_owned()]);
    for (monitor, view) in known.of::<Monitor>("system", id) {
        if view.status != "closed" {
            orders.push(Order::to("monitor", &monitor, "close", json!({})));
        }
        gone.push(monitor);
    }
    for (assessment, view) in known.of::<ImpactAssessment>("system", id) {
        if view.status != "superseded" {
            let input = json!({ "reason": reason });
            orders.push(Order::to("impact_assessment", &assessment, "supersede", input));
        }
        gone.push(assessment);
    }
    for (risk, view) in known.holding::<Risk>("systems", id) {
        let all_gone = view
            .systems
            .iter()
            .all(|system| known.get::<AiSystem>(system).is_some_and(|system| system.is_retired()));
        if view.is_open() && all_gone {
            let input = json!({ "ground": "system_retired", "reason": reason });
            orders.push(Order::to("risk", &risk, "close", input));
            gone.push(risk);
        }
    }
    for subject in gone {
        for (task, view) in known.of::<Task>("subject", &subject) {
            let ends = ENDING.contains(&view.task_kind.as_str());
            // What the AIMS manager is to decide, such as on a nonconformity, stays.
            if view.is_open() && ends && view.assignee_role != Role::Am.code() {
                orders.push(Order::to("task", &task, "cancel", json!({ "reason": reason })));
            }
        }
    }
    orders.extend(left_behind(trigger, known, &system));
    orders
}

/// What people wind up: supplied components, and the log, whose entries are kept.
fn left_behind(trigger: &Trigger, known: &Known, system: &AiSystem) -> Vec<Order> {
    let (id, due) = (trigger.object.as_str(), trigger.in_days(EXIT_DAYS));
    let mut orders = Vec::new();
    for (component, view) in known.holding::<SuppliedComponent>("usedBy", id) {
        let title = format!("End the use of {} by {}, which is retired", view.name, system.name);
        let work = Work::new("renew_contract", &title, Role::Sm, due).about(&component);
        orders.push(work.until("supplied_component.unlinked", Some(&component)).order(trigger));
    }
    for (policy, view) in known.of::<EventLogPolicy>("system", id) {
        if view.status != "retired" {
            let title =
                format!("End the logging of {} and say how long its logs are kept", system.name);
            let work = Work::new("define_logging", &title, Role::So, due).about(&policy);
            orders.push(work.until("event_log_policy.retired", Some(&policy)).order(trigger));
        }
    }
    orders
}

#[cfg(test)]
mod tests;
