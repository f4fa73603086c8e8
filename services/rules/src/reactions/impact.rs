//! When an impact assessment is out of date, and what follows (P3, P14).

use std::collections::BTreeSet;

use facts::{AiSystem, Concern, CustomerExpectation, ImpactAssessment, Incident, IntendedUse};
use kernel::{Instant, Role};

use super::{Reaction, work};
use crate::{Known, Order, Trigger, Work};

/// Days until a system of high impact is assessed again.
const HIGH_DAYS: i64 = 14;
/// Days until any other is.
const DAYS: i64 = 30;
/// How many complaints about a system make a cluster, and within how many days.
const CLUSTER: usize = 3;
const CLUSTER_DAYS: i64 = 30;

/// The rules of this file.
pub const RULES: &[Reaction] = &[
    Reaction {
        id: "P3",
        doc: "What makes an impact assessment out of date: it is done again in 14 days (high \
              impact) or 30, and after a serious incident or critical drift the risk owner \
              decides on a restriction (8.4, A.5.2).",
        on: &[
            "impact_assessment.reassessment_triggered",
            "impact_assessment.overdue",
            "intended_use.approved",
            "ai_system.assets_linked",
            "ai_system.version_added",
            "incident.reported",
            "incident.triaged",
            "incident.severity_changed",
            "rule_set.revised",
            "task.overdue",
        ],
        react: out_of_date,
    },
    Reaction {
        id: "P14",
        doc: "Three concerns or complaints about a system within 30 days make its impact \
              assessment out of date (8.4).",
        on: &["concern.reported", "customer_expectation.captured"],
        react: complaints,
    },
];

fn out_of_date(trigger: &Trigger, known: &Known) -> Vec<Order> {
    match trigger.name.as_str() {
        "impact_assessment.reassessment_triggered" => triggered(trigger, known),
        "impact_assessment.overdue" => never_done(trigger, known),
        "intended_use.approved" => new_use(trigger, known),
        "ai_system.assets_linked" | "ai_system.version_added" => new_version(trigger, known),
        "rule_set.revised" => law_changed(trigger),
        "task.overdue" => {
            let task =
                work::overdue(trigger, known, "P3").filter(|task| task.task_kind != "decide");
            task.map(|task| work::nonconformity_of(trigger, known, &task)).unwrap_or_default()
        }
        _ => serious(trigger, known),
    }
}

fn triggered(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let assessment = known.get::<ImpactAssessment>(id).filter(ImpactAssessment::has_result);
    let Some(assessment) = assessment else { return Vec::new() };
    let Some(system) = work::living(known, &assessment.system) else { return Vec::new() };
    let due = trigger.in_days(if assessment.is_high() { HIGH_DAYS } else { DAYS });
    let mut orders = Vec::new();
    if !work::is_asked(known, id, "P3", "assess_impact", Role::Ia) {
        let title = format!("Assess the impact of {} again", system.name);
        let work = Work::new("assess_impact", &title, Role::Ia, due).about(id);
        orders.push(work.until("impact_assessment.approved", Some(id)).order(trigger));
    }
    let fired = trigger.data["trigger"]["trigger"].as_str().unwrap_or_default();
    let is_grave = matches!(fired, "serious_incident" | "critical_drift");
    let asked = work::is_asked(known, &assessment.system, "P3", "decide", Role::Ro);
    if is_grave && system.operation_status == "running" && !asked {
        let title =
            format!("Decide whether {} is restricted until it is assessed again", system.name);
        let work = Work::new("decide", &title, Role::Ro, due).about(&assessment.system);
        let restricted = "ai_system.operation_restricted";
        orders.push(work.until(restricted, Some(&assessment.system)).order(trigger));
    }
    orders
}

/// An assessment that was planned and is not done in time; one that was done before is triggered.
fn never_done(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let assessment = known.get::<ImpactAssessment>(&trigger.object);
    let Some(assessment) = assessment.filter(|found| found.approved_at.is_none()) else {
        return Vec::new();
    };
    let Some(system) = work::living(known, &assessment.system) else { return Vec::new() };
    let why = format!("the impact of {} was not assessed in time", system.name);
    work::nonconformity(trigger, known, &trigger.object, &why)
}

/// Uses that no approved assessment covers.
fn new_use(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let Some(intended) = known.get::<IntendedUse>(&trigger.object) else { return Vec::new() };
    let uses = intended.in_force.map(|in_force| in_force.intended_uses).unwrap_or_default();
    let assessed = work::assessments(known, &intended.system);
    let covered = |named: &String| {
        assessed.iter().any(|(_, assessment)| assessment.intended_uses.contains(named))
    };
    match uses.iter().find(|named| !covered(named)) {
        Some(named) => {
            let reason = format!("A use was approved that was not assessed: {named}");
            work::fire(known, &intended.system, "new_intended_use", &trigger.object, &reason)
        }
        None => Vec::new(),
    }
}

/// Data that no other version uses, or a new major version.
fn new_version(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let id = trigger.object.as_str();
    let label = trigger.text("systemVersion");
    let Some(system) = work::living(known, id) else { return Vec::new() };
    let Some(version) = system.versions.get(label) else { return Vec::new() };
    let others = || system.versions.iter().filter(|(other, _)| *other != label);
    let used: BTreeSet<&String> = others().flat_map(|(_, other)| &other.datasets).collect();
    let mut orders = Vec::new();
    for dataset in version.datasets.iter().filter(|dataset| !used.contains(dataset)) {
        let named = known.get::<facts::Dataset>(dataset).map(|dataset| dataset.name);
        let named = named.unwrap_or_else(|| dataset.clone());
        let reason =
            format!("Version {label} is to use data that no version before it uses: {named}");
        orders.extend(work::fire(known, id, "new_data_source", dataset, &reason));
    }
    let before = others().filter_map(|(other, _)| major(other)).max();
    let is_major = major(label).zip(before).is_some_and(|(now, before)| now > before);
    if trigger.name == "ai_system.version_added" && is_major {
        let reason = format!("Version {label} is a new major version.");
        orders.extend(work::fire(known, id, "model_major_version", id, &reason));
    }
    orders
}

/// The first number of a version's label.
fn major(label: &str) -> Option<u32> {
    let digits = label.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}

fn law_changed(trigger: &Trigger) -> Vec<Order> {
    let title = "Say which impact assessments the new edition of the rules makes out of date";
    let work = Work::new("review", title, Role::Dpo, trigger.in_days(DAYS));
    vec![work.about(&trigger.object).order(trigger)]
}

fn serious(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let incident = known.get::<Incident>(&trigger.object);
    let open = incident.filter(|incident| incident.severity == "serious" && !incident.has_ended());
    let Some(incident) = open else { return Vec::new() };
    let reason = format!("A serious incident: {}", incident.title);
    work::fire(known, &incident.system, "serious_incident", &trigger.object, &reason)
}

fn complaints(trigger: &Trigger, known: &Known) -> Vec<Order> {
    let systems: Vec<String> = match trigger.name.as_str() {
        "concern.reported" => trigger.field("system").into_iter().collect(),
        _ => {
            let captured = known.get::<CustomerExpectation>(&trigger.object);
            let complaint = captured.filter(|captured| captured.source == "complaint");
            complaint.map(|complaint| complaint.systems).unwrap_or_default()
        }
    };
    let is_cluster = |system: &String| heard(trigger, known, system) >= CLUSTER;
    let reason = "Three complaints or more within 30 days.";
    let fired = |system: String| work::fire(known, &system, "complaint_cluster", &system, reason);
    let systems = systems
        .into_iter()
        .filter(|system| known.get::<AiSystem>(system).is_some_and(|system| !system.is_retired()));
    systems.filter(is_cluster).flat_map(fired).collect()
}

/// How many concerns and complaints about a system came within the last days.
fn heard(trigger: &Trigger, known: &Known, system: &str) -> usize {
    let since = trigger.at.plus_days(-CLUSTER_DAYS);
    let recent = |at: Instant| since <= at && at <= trigger.at;
    let concerns = known.of::<Concern>("system", system);
    let concerns = concerns.iter().filter(|(_, concern)| recent(concern.received_at)).count();
    let complaints = known.holding::<CustomerExpectation>("systems", system);
    let complained = |captured: &CustomerExpectation| {
        captured.source == "complaint" && captured.captured_at.is_some_and(recent)
    };
    concerns + complaints.iter().filter(|(_, captured)| complained(captured)).count()
}

#[cfg(test)]
mod tests;
