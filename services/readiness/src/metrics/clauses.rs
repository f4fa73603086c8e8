//! How far the clauses are met: their documents in force, and events that evidence them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use reference::catalogue::{Catalogue, Clause, Demand, ISO_42001, catalogue};

use crate::metrics::impact::is_current;
use crate::register::Rows;
use crate::rows::assurance::{InternalAudit, ManagementReview};
use crate::rows::risk::{PlanInForce, Risk};
use crate::tally::{ONE, Tally, Unit};
use crate::word::Word;
use crate::world::World;

/// Months within which an event must have evidenced a clause.
const RECENT_MONTHS: u32 = 12;

/// How far a clause is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its documents are in force and in date, and an event of the last twelve months evidences it.
    Met,
    /// Some of that.
    Partly,
    /// Nothing of it.
    Gap,
}

/// The standard.
pub(crate) fn standard() -> Option<&'static Catalogue> {
    catalogue(ISO_42001)
}

/// How far each clause is met, and what it lacks.
fn states(world: &World<'_>) -> Vec<(&'static Clause, State, Vec<&'static str>)> {
    let clauses = standard().map(|standard| standard.clauses.as_slice()).unwrap_or_default();
    let demands: HashSet<Demand> =
        clauses.iter().flat_map(|clause| clause.demands.iter().copied()).collect();
    let mut lacks: HashMap<Demand, Option<&'static str>> =
        demands.into_iter().map(|demand| (demand, lack(world, demand))).collect();
    let every = lacks.values().flatten().next().map(|_| "not everything that is demanded is there");
    lacks.insert(Demand::EveryDocument, every);
    let since = world.day.months_before(RECENT_MONTHS);
    let state = |clause: &'static Clause| {
        let of = clause.demands.iter().map(|demand| lacks.get(demand).copied().flatten());
        let mut missing: Vec<_> = of.flatten().collect();
        let real = clause.demands.iter().filter(|demand| !is_moot(world, **demand));
        let there = real.filter(|demand| lacks.get(demand).copied().flatten().is_none()).count();
        let recent = world.last_evidenced(&clause.number).is_some_and(|day| day > since);
        if !recent {
            missing.push("no event of the last twelve months evidences it");
        }
        let state = match (missing.is_empty(), there > 0 || recent) {
            (true, _) => State::Met,
            (false, true) => State::Partly,
            (false, false) => State::Gap,
        };
        (clause, state, missing)
    };
    clauses.iter().map(state).collect()
}

/// Whether there is nothing yet of which a record could be demanded.
fn is_moot(world: &World<'_>, demand: Demand) -> bool {
    demand == Demand::CorrectiveActions && world.nonconformities().rows().next().is_none()
}

/// Clause coverage: met ones, and half of those that are met in part.
pub(crate) fn coverage<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let (mut chapters, mut counts) = (Vec::<(&str, i64, i64)>::new(), [0; 3]);
    for (clause, state, missing) in states(world) {
        let (part, word) = match state {
            State::Met => (ONE, "met"),
            State::Partly => (ONE / 2, "partly"),
            State::Gap => (0, "gap"),
        };
        let note = || {
            let text = if missing.is_empty() {
                String::new()
            } else {
                format!(": {}", missing.join("; "))
            };
            Cow::Owned(format!("{word}{text}"))
        };
        tally.weigh(Cow::Borrowed(&clause.number), part, ONE, state == State::Met, note);
        let chapter = clause.number.split('.').next().unwrap_or_default();
        match chapters.iter_mut().find(|(known, _, _)| *known == chapter) {
            Some((_, sum, all)) => (*sum, *all) = (*sum + part, *all + ONE),
            None => chapters.push((chapter, part, ONE)),
        }
        if let Some(count) = counts.get_mut(state as usize) {
            *count += 1;
        }
    }
    for (chapter, part, whole) in chapters {
        tally.quotient(chapter, (part, whole), Unit::Share);
    }
    for (name, count) in ["met", "partly", "gap"].into_iter().zip(counts) {
        tally.number(name, count, Unit::Count);
    }
}

/// What is missing for documented information to be there; nothing when it is.
pub(crate) fn lack(world: &World<'_>, demand: Demand) -> Option<&'static str> {
    let (there, why) = match demand {
        Demand::AiPolicy => return policy(world),
        Demand::ImpactAssessments => return assessments(world),
        // It follows from all others.
        Demand::EveryDocument => return None,
        Demand::Scope => {
            (world.scopes().rows().any(|row| row.effective.is_some()), "no scope is in force")
        }
        Demand::RiskCriteria => {
            let there = world.risk_criteria().rows().any(|row| row.effective.is_some());
            (there, "no risk criteria are in force")
        }
        Demand::Soa => {
            let there = world.controls().soa.is_some_and(|(_, soa)| soa.effective.is_some());
            (there, "no statement of applicability is in force")
        }
        Demand::TreatmentPlan => (plans(world).next().is_some(), "no treatment plan is in force"),
        Demand::TreatmentActions => {
            let there = plans(world).any(|plan| !plan.actions.is_empty());
            (there, "no action is planned in a treatment plan in force")
        }
        Demand::TreatmentResults => {
            let done = |plan: &PlanInForce| plan.actions.values().any(|a| a.status == Word::Done);
            (plans(world).any(done), "no action of a treatment plan was carried out")
        }
        Demand::Objectives => (has_objective(world), "no objective is in force"),
        Demand::OperatingCriteria => {
            let there = world.gate_policies().rows().next().is_some() || has_objective(world);
            (there, "neither a gate policy nor an objective is in force")
        }
        Demand::Competence => {
            let there = world.training_records().rows().any(|row| row.is_valid_on(world.day));
            (there, "no evidence of competence is valid")
        }
        Demand::ControlledDocuments => {
            let there = world.documents().rows().any(|row| row.effective.is_some());
            (there, "no controlled document is in force")
        }
        Demand::RiskAssessments => {
            let rated = |row: &Risk| row.status != Word::Candidate && row.current().is_some();
            (world.risks().rows().any(rated), "no risk was assessed")
        }
        Demand::Measurements => (is_measured(world), "nothing was measured in twelve months"),
        Demand::AuditProgramme => {
            let there = world.audit_programmes().rows().any(|row| row.effective.is_some());
            (there, "no audit programme is in force")
        }
        Demand::AuditReports => {
            let there = world.internal_audits().rows().any(InternalAudit::is_reported);
            (there, "no internal audit was reported")
        }
        Demand::ReviewResults => {
            let there = world.management_reviews().rows().any(ManagementReview::is_held);
            (there, "no management review was held")
        }
        Demand::CorrectiveActions => {
            (!is_idle(world), "a nonconformity is open beyond its day without an action")
        }
    };
    (!there).then_some(why)
}

fn has_objective(world: &World<'_>) -> bool {
    world.objectives().rows().any(|row| row.effective.is_some())
}

fn is_measured(world: &World<'_>) -> bool {
    let since = world.day.months_before(RECENT_MONTHS);
    world.kpis().rows().any(|row| row.measurements.values().any(|m| m.period > since))
}

/// Whether nothing is done about a nonconformity whose day is over.
fn is_idle(world: &World<'_>) -> bool {
    world.nonconformities().rows().any(|row| {
        row.is_open() && row.due.is_some_and(|due| due < world.day) && row.actions.is_empty()
    })
}

fn plans<'a>(world: &World<'a>) -> impl Iterator<Item = &'a PlanInForce> {
    let plans = world.treatment_plans().rows().filter(|row| row.effective.is_some());
    plans.filter_map(|row| row.in_force.as_ref())
}

fn policy(world: &World<'_>) -> Option<&'static str> {
    let policies = world.documents().rows().filter(|row| row.kind == Word::AiPolicy);
    let mut in_force = policies.filter_map(|row| row.effective.as_ref().and(row.in_force.as_ref()));
    let first = in_force.next();
    match first {
        None => Some("no AI policy is in force"),
        Some(first) => {
            let current = std::iter::once(first).chain(in_force);
            let mut current = current.filter(|policy| world.day <= policy.next_review_due);
            current.next().is_none().then_some("the review of the AI policy is overdue")
        }
    }
}

fn assessments(world: &World<'_>) -> Option<&'static str> {
    if !world.impact_assessments().rows().any(|row| is_current(row, world.day)) {
        return Some("no impact assessment is approved and in date");
    }
    let mut running = crate::metrics::impact::running(world);
    let lacks = running.any(|(system, _)| !crate::metrics::impact::is_assessed(world, system));
    lacks.then_some("a running system has no impact assessment that is approved and in date")
}
