//! Risks above the appetite, acceptances that end, and criteria that change (P4, P5, P31).

use facts::{Risk, RiskCriteria, TreatmentPlan};
use kernel::Role;
use serde_json::json;

use super::{Reaction, work};
use crate::{Known, Order, Trigger, Work};

/// Days until a risk above the appetite is planned to be treated.
const PLAN_DAYS: i64 = 30;
/// Days until top management has decided on a risk above the tolerance in operation: 48 hours.
const DECIDE_DAYS: i64 = 2;
/// Days until a risk whose acceptance ended is accepted again or treated.
const ACCEPT_DAYS: i64 = 7;
/// Days until the risks are assessed under new criteria.
const CRITERIA_DAYS: i64 = 90;
/// Days until a risk that is due for review is assessed again.
const REVIEW_DAYS: i64 = 30;

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P4",
        doc: "A risk above the appetite is planned to be treated in 30 days; on one above the \
              tolerance in operation top management decides in 48 hours; what an approved plan \
              treats is marked (6.1.3, 8.3).",
        on: &[
            "risk.analysed",
            "risk.residual_risk_evaluated",
            "treatment_plan.approved",
            "treatment_plan.completed",
            "task.overdue",
        ],
        react: above_appetite,
    },
    Reaction {
        id: "P5",
        doc: "The owner accepts a risk again, or has it treated, within 7 days after its \
              acceptance ended (6.1.3).",
        on: &["risk.acceptance_expired", "risk.acceptance_revoked", "task.overdue"],
        react: acceptance_ended,
    },
    Reaction {
        id: "P31",
        doc: "Open risks are assessed again under new criteria within 90 days, and each when its \
              review falls due (6.1.1, 8.2).",
        on: &["risk_criteria.approved", "risk.review_fell_due"],
        react: assessed_again,
    },
];

fn above_appetite(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "treatment_plan.approved" => planned(trigger, known),
        "treatment_plan.completed" => carried_out(trigger, known),
        "task.overdue" => undecided(trigger, known),
        _ => rated(trigger, known),
    }
}

fn rated(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let criteria = known.all::<RiskCriteria>();
    let version: u32 = trigger.field("criteriaVersion").unwrap_or_default();
    let criteria = criteria.iter().find_map(|(_, criteria)| criteria.approved(version));
    let score: Option<u32> = trigger.field("score");
    let (Some(risk), Some(criteria), Some(score)) = (known.get::<Risk>(id), criteria, score) else {
        return Vec::new();
    };
    let Some(appetite) = criteria.appetite else { return Vec::new() };
    if score <= appetite {
        let reason = format!("Rated {score}, the risk is within the appetite of {appetite}.");
        let open = work::open_tasks(known, id, "P4").into_iter();
        let cancel = |task: String| Order::to("task", &task, "cancel", json!({ "reason": reason }));
        return open.map(|(task, _)| cancel(task)).collect();
    }
    let mut orders = treatment(trigger, known, &risk, appetite);
    let runs = work::running(known, &risk.systems);
    if score > criteria.tolerance
        && let Some((_, system)) = runs
        && !work::is_asked(known, id, "P4", "decide", Role::Tm)
    {
        let title = format!(
            "Decide whether {} goes on: the risk \"{}\" scores {score}, above the tolerance of {}",
            system.name, risk.title, criteria.tolerance
        );
        let work = Work::new("decide", &title, Role::Tm, trigger.in_days(DECIDE_DAYS)).about(id);
        orders.push(work.order(trigger));
    }
    orders
}

/// A plan for a risk that no plan treats: the risk manager drafts it, the owner approves it.
fn treatment(trigger: &Trigger, known: &Known, risk: &Risk, appetite: u32) -> Vec<Order> {
    let id = trigger.object.as_str();
    let plans = known.holding::<TreatmentPlan>("risks", id);
    if plans.iter().any(|(_, plan)| plan.is_live() && !plan.is_carried_out()) {
        return Vec::new();
    }
    let (title, due) = (&risk.title, trigger.in_days(PLAN_DAYS));
    let mut orders = Vec::new();
    if !work::is_asked(known, id, "P4", "handle_risk", Role::Rm) {
        let text =
            format!("Plan the treatment of \"{title}\", which is above the appetite of {appetite}");
        let work = Work::new("handle_risk", &text, Role::Rm, due).about(id);
        orders.push(work.until_about("treatment_plan.submitted", id).order(trigger));
    }
    if !work::is_asked(known, id, "P4", "handle_risk", Role::Ro) {
        let text =
            format!("Decide how \"{title}\" is treated: it is above the appetite of {appetite}");
        let work = Work::new("handle_risk", &text, Role::Ro, due).about(id);
        let work = work.until_about("treatment_plan.approved", id);
        let work = work::held_by(work, known, risk.owner.as_deref(), Role::Ro);
        orders.push(work.order(trigger));
    }
    orders
}

/// Nobody planned in time, or nobody decided: then also the owner is asked for a restriction.
fn undecided(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(task) = work::overdue(trigger, known, "P4") else { return Vec::new() };
    let mut orders = Vec::new();
    // The drafter's delay shows in the approver's task.
    if task.assignee_role != Role::Rm.code() {
        orders = work::nonconformity_of(trigger, known, &task);
    }
    let subject = task.subject.as_deref().unwrap_or_default();
    let is_on_operation = task.assignee_role == Role::Tm.code();
    if let Some(risk) = known.get::<Risk>(subject).filter(|_| is_on_operation)
        && let Some((id, system)) = work::running(known, &risk.systems)
        && system.operation_status != "restricted"
    {
        let title =
            format!("Restrict {}: nobody decided on the risk \"{}\"", system.name, risk.title);
        let work = Work::new("decide", &title, Role::Ro, trigger.in_days(DECIDE_DAYS)).about(&id);
        let work = work.until("ai_system.operation_restricted", Some(&id));
        orders.push(work::held_by(work, known, risk.owner.as_deref(), Role::Ro).order(trigger));
    }
    orders
}

/// The risks that a plan in force treats and that stand at one of these, with the verb for them.
fn of_plan(trigger: &Trigger, known: &Known, at: &[&str], verb: &'static str) -> Vec<Order> {
    let plan = known.get::<TreatmentPlan>(&trigger.object).and_then(|plan| plan.in_force);
    let risks = plan.map(|plan| plan.risks).unwrap_or_default();
    let stands = |risk: &String| {
        known.get::<Risk>(risk).is_some_and(|risk| at.contains(&risk.status.as_str()))
    };
    let input = json!({ "plan": trigger.object });
    let risks = risks.into_iter().filter(stands);
    risks.map(|risk| Order::to("risk", &risk, verb, input.clone())).collect()
}

fn planned(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let at = ["evaluated", "treated", "residual_evaluated"];
    of_plan(trigger, known, &at, "record_treatment_planned")
}

fn carried_out(trigger: &Trigger, known: &Known) -> Vec<Order> {
    of_plan(trigger, known, &["treatment_planned"], "record_treated")
}

fn acceptance_ended(trigger: &Trigger, known: &Known) -> Vec<Order> {
    if trigger.name == "task.overdue" {
        let task = work::overdue(trigger, known, "P5");
        return task.map(|task| work::nonconformity_of(trigger, known, &task)).unwrap_or_default();
    }
    let id = trigger.object.as_str();
    let Some(risk) = known.get::<Risk>(id).filter(Risk::is_open) else { return Vec::new() };
    if work::is_asked(known, id, "P5", "handle_risk", Role::Ro) {
        return Vec::new();
    }
    let why = if trigger.name == "risk.acceptance_expired" { "ran out" } else { "was taken back" };
    let title = format!("Accept \"{}\" again or have it treated: its acceptance {why}", risk.title);
    let work = Work::new("handle_risk", &title, Role::Ro, trigger.in_days(ACCEPT_DAYS)).about(id);
    let work = work.until("risk.accepted", Some(id));
    vec![work::held_by(work, known, risk.owner.as_deref(), Role::Ro).order(trigger)]
}

fn assessed_again(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    if trigger.name == "risk_criteria.approved" {
        let version = trigger.data["effective"]["version"].as_u64().unwrap_or_default();
        let title = format!("Assess the open risks again under version {version} of the criteria");
        let work = Work::new("handle_risk", &title, Role::Rm, trigger.in_days(CRITERIA_DAYS));
        // Under the first criteria nothing was assessed before.
        return if version > 1 { vec![work.about(id).order(trigger)] } else { Vec::new() };
    }
    let Some(risk) = known.get::<Risk>(id).filter(Risk::is_open) else { return Vec::new() };
    if work::is_asked(known, id, "P31", "handle_risk", Role::Rm) {
        return Vec::new();
    }
    let title = format!("Assess \"{}\" again: its review is due", risk.title);
    let work = Work::new("handle_risk", &title, Role::Rm, trigger.in_days(REVIEW_DAYS)).about(id);
    vec![work.until("risk.analysed", Some(id)).order(trigger)]
}

#[cfg(test)]
mod tests;
