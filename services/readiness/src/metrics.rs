//! The metrics: each a function of a world. Formulae, weights and thresholds are those of the
//! readiness table of the domain model; where it is silent the functions say what was chosen.

pub(crate) mod assurance;
pub(crate) mod clauses;
pub(crate) mod controls;
pub mod evidence;
pub(crate) mod impact;
pub(crate) mod lifecycle;
pub(crate) mod people;
pub(crate) mod risk;
pub mod stages;
pub(crate) mod suppliers;

use crate::tally::{Tally, Unit};
use crate::world::World;

/// What a metric does: it counts into a tally.
type Work = for<'a> fn(&World<'a>, &mut Tally<'a>);

/// A metric.
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// What its value is measured in.
    pub unit: Unit,
    /// Kinds that it is read from.
    pub reads: &'static [&'static str],
    work: Work,
}

impl Metric {
    /// What it counts in a world; with the items behind the number, if they are wanted.
    pub fn of<'a>(&self, world: &World<'a>, items: bool) -> Tally<'a> {
        let mut tally = Tally::new(items);
        (self.work)(world, &mut tally);
        tally
    }
}

/// The metric of this name.
pub fn metric(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

macro_rules! metrics {
    ($($name:ident $unit:ident $work:path, [$($kind:ident)*], $doc:literal;)*) => {
        /// All metrics, in the order in which they are shown.
        pub const METRICS: &[Metric] = &[$(Metric {
            name: stringify!($name),
            doc: $doc,
            unit: Unit::$unit,
            reads: &[$(stringify!($kind)),*],
            work: $work,
        }),*];
    };
}

metrics! {
    clause_coverage Share clauses::coverage, [
        scope document risk_criteria soa treatment_plan impact_assessment ai_system objective
        training_record risk gate_policy kpi audit_programme internal_audit management_review
        nonconformity
    ], "Leaf requirements of clauses 4 to 10 that are met, and half of those met in part, of 32: \
        documents in force and in date, and an event that evidences it within twelve months.";
    control_decisions Share controls::decisions, [soa soa_control],
        "Controls of Annex A that the working statement of applicability decides on, of 38.";
    control_implementation Share controls::implementation, [soa soa_control],
        "Implemented controls of those that apply by the approved statement of applicability.";
    control_proof Share controls::proof, [soa soa_control evidence],
        "Implemented controls with evidence that is fresh.";
    objective_score Points controls::objectives, [soa soa_control],
        "How far the control objectives A.2 to A.10 are reached: an implemented control counts 1, \
         one in part 0.5, a planned one 0.1.";
    evidence_freshness Share evidence::freshness, [evidence soa soa_control],
        "How fresh linked evidence is, falling from 1 to 0 over its time; by clause and control.";
    soa_integrity Count controls::integrity, [soa],
        "Facts that contradict the statement of applicability and are open.";
    document_currency Share people::currency, [document],
        "Approved documents whose review is not overdue.";
    acknowledgement_rate Share people::acknowledgement, [document acknowledgement membership],
        "Members who have acknowledged the AI policy in force.";
    competence_coverage Share people::competence,
        [role_assignment competence_profile training_record],
        "Pairs of a person and a competence that his roles demand, of which he has it.";
    risk_exposure Points risk::exposure, [risk], "The sum of the scores of open risks.";
    risks_above_appetite Count risk::above_appetite, [risk risk_criteria],
        "Open risks above the appetite without a valid acceptance.";
    treatment_timeliness Share risk::timeliness, [treatment_plan],
        "Actions of treatment plans done by their day, of those whose day has come.";
    acceptance_validity Share risk::acceptance, [risk],
        "Acceptances that still cover their risk.";
    aisia_coverage Share impact::coverage, [ai_system impact_assessment],
        "Running systems in scope with an impact assessment that is approved and in date.";
    aisia_age Days impact::age, [ai_system impact_assessment],
        "Days since impact assessments were approved, on average.";
    inventory_completeness Share impact::inventory, [
        ai_system regulatory_classification intended_use impact_assessment event_log_policy
    ], "Systems in scope with owner, classification, intended use, impact assessment, log policy.";
    gate_discipline Share lifecycle::gates, [ai_system stage_gate],
        "Deployments through a gate that passed.";
    verification_independence Share lifecycle::verification, [verification_record],
        "Passed verifications by others than the developers, with criteria registered before.";
    dataset_proof Share lifecycle::datasets, [ai_system dataset],
        "Data sets of running versions with complete provenance and passed quality.";
    monitoring Share lifecycle::monitoring, [monitor ai_system],
        "Alerts of monitors that were acknowledged in time.";
    incidents Count lifecycle::incidents, [incident], "Incidents.";
    concerns Share lifecycle::concerns, [concern reporting_channel],
        "Concerns that were answered in time.";
    supplier_assurance Share suppliers::assurance,
        [supplier supplier_assessment supplied_component contract ai_system],
        "Suppliers in use that are approved and whose assessment is valid, weighted 1, 2 or 4 by \
         criticality.";
    responsibility_coverage Share suppliers::responsibility,
        [supplied_component contract ai_system],
        "Pairs of a component and a life-cycle stage in use for which it is agreed who answers.";
    objectives Share assurance::objectives, [kpi], "Indicators on target.";
    nonconformities Count assurance::nonconformities, [nonconformity], "Open nonconformities.";
    audit_programme Share assurance::audits, [internal_audit soa soa_control],
        "Clauses that were audited in the last twelve months, of 32.";
    management_review Share assurance::reviews, [management_review],
        "Inputs of the last management review that were frozen, of 7.";
    certificate_clock Days assurance::certificate, [certificate],
        "Days until the certificate expires.";
}

#[cfg(test)]
mod tests;
