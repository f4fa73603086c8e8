//! Readiness for the two stages of a certification audit, and the index.

use reference::catalogue::Demand;

use crate::metrics::clauses::lack;
use crate::metrics::{assurance, metric};
use crate::register::Rows;
use crate::tally::ONE;
use crate::word::Word;
use crate::world::World;

/// Above this the index does not rise while anything of stage 2 is missing.
const CAP: i64 = 600_000;

/// Something without which a stage is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub what: &'static str,
    /// Why it is missing.
    pub why: &'static str,
}

/// Kinds that the stages and the index are read from beside those of the metrics that they use.
pub const READS: &[&str] = &[
    "scope",
    "document",
    "role_assignment",
    "risk_criteria",
    "risk",
    "treatment_plan",
    "soa",
    "soa_control",
    "impact_assessment",
    "ai_system",
    "objective",
    "audit_programme",
    "internal_audit",
    "management_review",
    "nonconformity",
];

/// What stage 1 lacks.
pub fn stage1(world: &World<'_>) -> Vec<Missing> {
    let demanded = [
        ("scope", Demand::Scope),
        ("ai_policy", Demand::AiPolicy),
        ("risk_criteria", Demand::RiskCriteria),
        ("risk_assessment", Demand::RiskAssessments),
        ("treatment_plan", Demand::TreatmentPlan),
        ("statement_of_applicability", Demand::Soa),
        ("objectives", Demand::Objectives),
        ("audit_programme", Demand::AuditProgramme),
        ("document_control", Demand::ControlledDocuments),
    ];
    let demanded = demanded.into_iter();
    let found = demanded.filter_map(|(what, demand)| Some((what, lack(world, demand)?)));
    let mut missing: Vec<_> = found.map(|(what, why)| Missing { what, why }).collect();
    let mut roles = world.role_assignments().rows();
    if !roles.any(|row| row.status == Word::Active) {
        missing.push(Missing { what: "roles", why: "no role is assigned" });
    }
    let covered = metric("aisia_coverage").map(|metric| metric.of(world, false));
    if covered.is_some_and(|tally| Some(tally.numerator) != tally.denominator) {
        let why = "a running system has no impact assessment that is approved and in date";
        missing.push(Missing { what: "impact_assessments", why });
    }
    missing
}

/// What stage 2 lacks: what stage 1 lacks, and the proof that the system works.
pub fn stage2(world: &World<'_>) -> Vec<Missing> {
    let mut missing = stage1(world);
    let mut must = |there: bool, what, why| {
        if !there {
            missing.push(Missing { what, why });
        }
    };
    let why = "no internal audit was reported";
    must(lack(world, Demand::AuditReports).is_none(), "internal_audit", why);
    let why = "no management review was held";
    must(lack(world, Demand::ReviewResults).is_none(), "management_review", why);
    let why = "a major nonconformity is open";
    must(assurance::open(world, Word::Major) == 0, "major_nonconformities", why);
    let since = world.day.months_before(world.rules.months_of_records);
    let first = world.register.first_evidenced("8.", world.position);
    let why = "records of operation (clause 8) do not reach back far enough";
    must(first.is_some_and(|day| day <= since), "months_of_records", why);
    let threshold = i64::from(world.rules.implementation_threshold) * ONE / 100;
    let rate = share(world, "control_implementation");
    let why = "the rate of implemented controls is below the organisation's threshold";
    must(rate.is_some_and(|rate| rate >= threshold), "control_implementation", why);
    missing
}

fn share(world: &World<'_>, name: &str) -> Option<i64> {
    metric(name)?.of(world, false).value()
}

/// The index, a number for the organisation's own eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// In millionths.
    pub value: i64,
    /// What it would be if nothing of stage 2 were missing.
    pub uncapped: i64,
    /// Whether it is held down by what stage 2 lacks.
    pub is_forced: bool,
    /// Each part: its name, its value in millionths (none where there is nothing to count, which
    /// counts as nothing reached) and its weight in percent.
    pub parts: Vec<(&'static str, Option<i64>, u32)>,
}

/// The index of a world.
pub fn index(world: &World<'_>, stage2: &[Missing]) -> Index {
    let weights = &world.rules.weights;
    let (major, minor) = (assurance::open(world, Word::Major), assurance::open(world, Word::Minor));
    let burden = ONE.min(major.saturating_mul(ONE).saturating_add(minor * ONE / 10));
    let parts = vec![
        ("clause_coverage", share(world, "clause_coverage"), weights.clause_coverage),
        (
            "control_implementation",
            share(world, "control_implementation"),
            weights.control_implementation,
        ),
        ("control_proof", share(world, "control_proof"), weights.control_proof),
        ("aisia_coverage", share(world, "aisia_coverage"), weights.impact_assessments),
        ("nonconformities", Some(ONE - burden), weights.nonconformities),
        ("document_currency", share(world, "document_currency"), weights.document_currency),
        ("supplier_assurance", share(world, "supplier_assurance"), weights.supplier_assurance),
    ];
    let sum: i64 =
        parts.iter().map(|(_, value, weight)| value.unwrap_or_default() * i64::from(*weight)).sum();
    let uncapped = (sum + 50) / 100;
    let is_forced = !stage2.is_empty() && uncapped > CAP;
    let value = if stage2.is_empty() { uncapped } else { uncapped.min(CAP) };
    Index { value, uncapped, is_forced, parts }
}
