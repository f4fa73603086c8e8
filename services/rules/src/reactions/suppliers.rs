//! Suppliers that are no longer trusted, components that change, contracts that end (P6, P7, P32).

use facts::{
    AiSystem, ChangeRequest, Contract, SuppliedComponent, Supplier, SupplierAssessment, Task,
};
use kernel::{Date, Role};
use serde_json::json;

use super::{Reaction, work};
use crate::order::line;
use crate::{Known, Order, Trigger, Work};

/// Days until the owner of a system has decided how it goes on without its supplier: 48 hours.
const DECIDE_DAYS: i64 = 2;
/// Days until a change of a component is approved, and what was validated is validated again.
const CHANGE_DAYS: i64 = 14;
/// Days until a supplier whose assessment ran out is assessed again.
const ASSESS_DAYS: i64 = 30;

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P6",
        doc: "When a supplier is suspended or terminated, or its assessment ran out, each running \
              system that depends on it is assessed again and its owner decides in 48 hours; when \
              nobody answers, what depends on a highly critical supplier is suspended (A.10.3).",
        on: &[
            "supplier.suspended",
            "supplier.terminated",
            "supplier_assessment.expired",
            "task.overdue",
        ],
        react: supplier_stopped,
    },
    Reaction {
        id: "P7",
        doc: "A component that changed is a change of each system that uses it: it is proposed, \
              validated again, and an unplanned change when nobody approves it in 14 days \
              (A.10.3, 8.1).",
        on: &[
            "supplied_component.version_changed",
            "change_request.change_proposed",
            "task.overdue",
        ],
        react: component_changed,
    },
    Reaction {
        id: "P32",
        doc: "A contract is renewed or left before it ends; one that ended in use is proposed as a \
              nonconformity (A.10.2).",
        on: &["contract.expiry_approaching", "contract.expired"],
        react: contract_ends,
    },
];

fn supplier_stopped(trigger: &Trigger, known: &Known) -> Vec<Order> {
    if trigger.name == "task.overdue" {
        let task = work::overdue(trigger, known, "P6");
        return task.map(|task| unanswered(trigger, known, &task)).unwrap_or_default();
    }
    let assessment = known.get::<SupplierAssessment>(&trigger.object);
    let id = assessment.map_or_else(|| trigger.object.clone(), |assessment| assessment.supplier);
    let Some(supplier) = known.get::<Supplier>(&id) else { return Vec::new() };
    if supplier.is_stopped() {
        let why = format!("{} is {}", supplier.name, supplier.status);
        return dependent(trigger, known, &id, &why);
    }
    if !lapsed(known, &id, &supplier, trigger.day()) {
        return Vec::new();
    }
    let why = format!("the assessment of {} ran out", supplier.name);
    let mut orders = dependent(trigger, known, &id, &why);
    if !work::is_asked(known, &id, "P6", "review", Role::Sm) {
        let title = format!("Assess the supplier {} again: its assessment ran out", supplier.name);
        let work = Work::new("review", &title, Role::Sm, trigger.in_days(ASSESS_DAYS)).about(&id);
        orders.push(work.until_about("supplier_assessment.completed", &id).order(trigger));
    }
    orders
}

/// Whether a supplier that is in use stands on no assessment that counts.
fn lapsed(known: &Known, id: &str, supplier: &Supplier, day: Date) -> bool {
    let in_use = matches!(supplier.status.as_str(), "approved" | "conditionally_approved");
    let counts = |assessment: &SupplierAssessment| {
        let until = assessment.valid_until;
        assessment.status == "completed" && until.is_none_or(|last| day <= last)
    };
    let assessments = known.of::<SupplierAssessment>("supplier", id);
    in_use && !assessments.iter().any(|(_, assessment)| counts(assessment))
}

/// What is asked for each running system that uses something of the supplier.
fn dependent(trigger: &Trigger, known: &Known, supplier: &str, why: &str) -> Vec<Order> {
    let components = known.of::<SuppliedComponent>("supplier", supplier);
    let used = components.iter().filter(|(_, component)| component.status != "withdrawn");
    let systems = used.flat_map(|(_, component)| component.used_by.keys());
    let systems: std::collections::BTreeSet<&String> = systems.collect();
    let mut orders = Vec::new();
    for id in systems {
        let Some(system) = known.get::<AiSystem>(id).filter(AiSystem::is_running) else { continue };
        let reason = format!("{} depends on a supplier: {why}.", system.name);
        orders.extend(work::fire(known, id, "supplier_component_change", supplier, &reason));
        if work::is_asked(known, id, "P6", "decide", Role::So) {
            continue;
        }
        let title = format!(
            "Decide whether {} goes on with measures, is suspended or changes its supplier: {why}",
            system.name
        );
        let work = Work::new("decide", &title, Role::So, trigger.in_days(DECIDE_DAYS)).about(id);
        let work = work.until("ai_system.operation_suspended", Some(id));
        orders.push(work::held_by(work, known, system.owner.as_deref(), Role::So).order(trigger));
    }
    orders
}

/// Nobody decided: operation halts while a highly critical supplier is not to be relied on.
fn unanswered(trigger: &Trigger, known: &Known, task: &Task) -> Vec<Order> {
    let id = task.subject.as_deref().unwrap_or_default();
    let system = known.get::<AiSystem>(id).filter(AiSystem::is_running);
    let Some(system) = system.filter(|_| task.task_kind == "decide") else { return Vec::new() };
    let components = known.holding::<SuppliedComponent>("usedBy", id);
    let failing = components.iter().find_map(|(_, component)| {
        let supplier = known.get::<Supplier>(&component.supplier)?;
        let fails =
            supplier.is_stopped() || lapsed(known, &component.supplier, &supplier, trigger.day());
        (component.status != "withdrawn" && supplier.is_highly_critical() && fails)
            .then_some(supplier.name)
    });
    let suspend = |supplier: String| {
        let reason = format!(
            "Nobody decided in 48 hours whether {} goes on without relying on {supplier}.",
            system.name
        );
        Order::to("ai_system", id, "suspend_operation", json!({ "reason": reason }))
    };
    failing.map(suspend).into_iter().collect()
}

fn component_changed(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "change_request.change_proposed" => proposed(trigger, known),
        "task.overdue" => {
            let task = work::overdue(trigger, known, "P7");
            task.map(|task| unapproved(known, &task)).unwrap_or_default()
        }
        _ => changed(trigger, known),
    }
}

fn changed(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(component) = known.get::<SuppliedComponent>(&trigger.object) else {
        return Vec::new();
    };
    let (before, now) = (trigger.text("before"), trigger.text("componentVersion"));
    let mut orders = Vec::new();
    for id in component.used_by.keys() {
        let Some(system) = work::living(known, id) else { continue };
        let change = format!("{} changes from {before} to {now}", component.name);
        let input = json!({
            "title": line(&change), "system": id, "changeKind": "supplier", "class": "significant",
            "reason": format!("The supplier of {} tells of another version.", component.name),
            "impact": { "aisiaNeeded": true, "revalidationNeeded": true },
        });
        orders.push(Order::make("change_request", "propose", input));
        let title = format!("Validate {} with {} {now}", system.name, component.name);
        let work = Work::new("review", &title, Role::Val, trigger.in_days(CHANGE_DAYS)).about(id);
        orders.push(work.until_about("verification_record.completed", id).order(trigger));
        let fired = work::fire(known, id, "supplier_component_change", &trigger.object, &change);
        orders.extend(fired);
    }
    orders
}

/// A change that this rule has proposed waits for an answer.
fn proposed(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let ours = trigger.actor == "rea_P7" && trigger.field::<u32>("version") == Some(1);
    let Some(change) = known.get::<ChangeRequest>(id).filter(|_| ours) else { return Vec::new() };
    let system = known.get::<AiSystem>(&change.system);
    let Some(system) = system else { return Vec::new() };
    let title = format!("Decide on a change of {}: {}", system.name, change.title);
    let work = Work::new("decide", &title, Role::So, trigger.in_days(CHANGE_DAYS)).about(id);
    let work = work.until("change_request.change_approved", Some(id));
    vec![work::held_by(work, known, system.owner.as_deref(), Role::So).order(trigger)]
}

/// The new version is live and nobody approved it.
fn unapproved(known: &Known, task: &Task) -> Vec<Order> {
    let id = task.subject.as_deref().unwrap_or_default();
    let change = known.get::<ChangeRequest>(id);
    let waits = |change: &ChangeRequest| {
        let runs = known.get::<AiSystem>(&change.system).is_some_and(|system| system.is_running());
        runs && change.effective.is_none() && change.status != "withdrawn"
    };
    let Some(change) = change.filter(waits) else { return Vec::new() };
    let input = json!({
        "title": change.title, "system": change.system, "changeKind": "supplier",
        "class": change.class, "unapproved": id,
        "reason": "The supplier's new version is in operation and nobody approved it in 14 days.",
    });
    vec![Order::make("change_request", "detect_unplanned", input)]
}

fn contract_ends(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let Some(contract) = known.get::<Contract>(id) else { return Vec::new() };
    if trigger.name == "contract.expiry_approaching" {
        let due: Option<Date> = trigger.field("validUntil");
        let asked = work::is_asked(known, id, "P32", "renew_contract", Role::Sm);
        let Some(due) = due.filter(|_| !asked) else { return Vec::new() };
        let title = format!("Renew or leave \"{}\": it ends on {due}", contract.title);
        let work = Work::new("renew_contract", &title, Role::Sm, due).about(id);
        return vec![work.until("contract.amended", Some(id)).order(trigger)];
    }
    let supplier = contract.supplier.as_deref().unwrap_or_default();
    let components = known.of::<SuppliedComponent>("supplier", supplier);
    let in_use = components.iter().filter(|(_, component)| component.status != "withdrawn");
    let mut uses = in_use.flat_map(|(_, component)| component.used_by.values());
    let running = uses.find_map(|link| {
        let system = known.get::<AiSystem>(&link.system).filter(AiSystem::is_running)?;
        (link.contract.as_deref() == Some(id)).then_some(system)
    });
    let why = |system: AiSystem| {
        format!("\"{}\" ended while {} depends on it", contract.title, system.name)
    };
    running.map(|system| work::nonconformity(trigger, known, id, &why(system))).unwrap_or_default()
}

#[cfg(test)]
mod tests;
