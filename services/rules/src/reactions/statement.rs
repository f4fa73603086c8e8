//! What treatment and stale evidence mean for the rows of the Statement of Applicability (P16, P17;
//! ISO/IEC 42001 6.1.3, 8.1, 9.1). A rule proposes; the AIMS manager states.

use kernel::Role;
use serde_json::json;

use super::Reaction;
use super::follow_up::{OVERDUE, is_open, overdue, work_of};
use crate::{Known, Order, Trigger, Work};

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P16",
        doc: "Proposes what the Statement of Applicability should say of a control once its \
              treatment is approved or carried out (6.1.3, 8.1).",
        on: &["treatment_plan.approved", "treatment_plan.treatment_action_completed"],
        react: treated,
    },
    Reaction {
        id: "P17",
        doc: "Shows a control as unproven when nothing proves any more that it is implemented, has \
              that renewed in 30 days, and else proposes a lower status (9.1).",
        on: &[
            "evidence.went_stale",
            "evidence.quarantined",
            "evidence.superseded",
            "evidence.shredded",
            "evidence.verified",
            "soa_control.evidence_linked",
            "soa_control.evidence_unlinked",
            "soa_control.implementation_status_changed",
            "soa_control.applicability_decided",
            "soa_control.proof_lost",
            OVERDUE,
        ],
        react: proven,
    },
];

/// Days until the AIMS manager has brought a row up to date.
const STATE_DAYS: i64 = 30;
/// Days until evidence is renewed.
const RENEW_DAYS: i64 = 30;
const STATUS_CHANGED: &str = "soa_control.implementation_status_changed";

/// The rows of the standard's statement for a control.
fn rows(control: &str, known: &Known) -> Vec<(String, facts::SoaControl)> {
    let mut rows = known.of::<facts::SoaControl>("control", control);
    rows.retain(|(_, row)| row.catalogue == "iso42001-2023");
    rows
}

/// A plan came into force, or one of its actions was done.
fn treated(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let plan = known.get::<facts::TreatmentPlan>(&trigger.object);
    let Some((plan, in_force)) = plan.and_then(|plan| Some((plan.clone(), plan.in_force?))) else {
        return Vec::new();
    };
    let actions = in_force.actions.values();
    let done: String = trigger.field("action").unwrap_or_default();
    let done = in_force.actions.get(&done).map(|action| action.control.as_str());
    let mut orders = Vec::new();
    for control in &plan.controls {
        let of_control = actions.clone().filter(|action| action.control == *control);
        let reached = match done {
            None => "planned",
            Some(done) if done != control => continue,
            Some(_) if of_control.clone().all(|action| action.status == "done") => "implemented",
            Some(_) => "partially_implemented",
        };
        for (id, row) in rows(control, known) {
            let is_news = height(reached) > height(&row.status) && row.decision != "excluded";
            if is_news && !is_open(known, &id, "P16", "decide") {
                orders.push(propose(trigger, control, &id, reached));
            }
        }
    }
    orders
}

/// How far a status goes.
fn height(status: &str) -> u8 {
    match status {
        "planned" => 1,
        "partially_implemented" => 2,
        "implemented" => 3,
        _ => 0,
    }
}

fn propose(trigger: &Trigger, control: &str, row: &str, status: &str) -> Order {
    let because = match status {
        "planned" => "a treatment plan for it is approved",
        "implemented" => "its treatment actions are done",
        _ => "a treatment action is done",
    };
    let status = status.replace('_', " ");
    let title = format!("Decide whether {control} counts as {status}: {because}");
    let work = Work::new("decide", &title, Role::Am, trigger.in_days(STATE_DAYS)).about(row);
    work.until(STATUS_CHANGED, Some(row)).order(trigger)
}

fn proven(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let check = |row: &str| Order::to("soa_control", row, "check_proof", json!({}));
    match trigger.name.as_str() {
        "soa_control.proof_lost" => renew(trigger, known).into_iter().collect(),
        OVERDUE => lower(trigger, known).into_iter().collect(),
        name if name.starts_with("soa_control.") => {
            let row = known.get::<facts::SoaControl>(&trigger.object);
            let was_unproven = row.is_some_and(|row| {
                // Taking evidence off can lose a proof; everything else can only bring one.
                let loses = name == "soa_control.evidence_unlinked" && row.is_implemented();
                row.unproven_since.is_some() || loses
            });
            if was_unproven { vec![check(&trigger.object)] } else { Vec::new() }
        }
        name => {
            let rows = known.holding::<facts::SoaControl>("evidence", &trigger.object);
            let proves = name == "evidence.verified";
            let concerned = rows
                .into_iter()
                .filter(|(_, row)| row.is_implemented() && row.unproven_since.is_some() == proves);
            concerned.map(|(id, _)| check(&id)).collect()
        }
    }
}

/// Who answers for a control renews what proves it.
fn renew(trigger: &Trigger, known: &Known) -> Option<Order> {
    let row = known.get::<facts::SoaControl>(&trigger.object)?;
    if row.unproven_since.is_none() || is_open(known, &trigger.object, "P17", "review") {
        return None;
    }
    let title = format!("Renew what proves that {} is implemented", row.control);
    let due = trigger.in_days(RENEW_DAYS);
    let work = work_of(row.owner.as_ref(), Role::Am, ("review", &title, due), known);
    let restored = "soa_control.proof_restored";
    Some(work.about(&trigger.object).until(restored, Some(&trigger.object)).order(trigger))
}

/// A control that stayed unproven should not count as implemented.
fn lower(trigger: &Trigger, known: &Known) -> Option<Order> {
    let task = overdue(trigger, known, "P17").filter(|task| task.task_kind == "review")?;
    let row = task.subject?;
    let control = known.get::<facts::SoaControl>(&row)?;
    if control.unproven_since.is_none() || is_open(known, &row, "P17", "decide") {
        return None;
    }
    let title = format!(
        "Decide whether {} counts as partially implemented: nothing proves more",
        control.control
    );
    let work = Work::new("decide", &title, Role::Am, trigger.in_days(STATE_DAYS)).about(&row);
    Some(work.until("soa_control.proof_restored", Some(&row)).order(trigger))
}

#[cfg(test)]
mod tests;
