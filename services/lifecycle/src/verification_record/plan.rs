//! The plan of a verification: what is measured and what it must reach, fixed before it is run.

use std::collections::BTreeMap;

use declare::record;
use kernel::kinds::AiSystem;
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Fact, Instant, UserId, kinds};
use serde::Deserialize;

use super::Refusal;
use crate::requirement_set::{Baseline, Measure, RequirementSet};
use crate::threshold::Threshold;

/// Most criteria of a plan: with their results they fit into a document.
pub(super) const CRITERIA_MAX: usize = 60;

/// What a version is verified against, and since when that stands.
#[record]
#[derive(Default)]
pub struct Plan {
    /// The requirements from which its criteria come.
    pub requirement_set: Option<Ref<kinds::RequirementSet>>,
    /// The number of the baseline that was in force.
    pub baseline: Option<u32>,
    /// Its criteria by key.
    pub criteria: BTreeMap<Key, Criterion>,
    /// Since when the criteria stand as they are: a run that began before does not count as
    /// planned.
    pub registered_at: Instant,
    /// Who registered them.
    pub registered_by: UserId,
}

/// What is measured and what it must reach.
#[record]
pub struct Criterion {
    /// Key of the requirement that it proves.
    pub requirement: Option<Key>,
    /// What is measured.
    #[field(max = 80)]
    pub metric: Line,
    /// What the measured value must reach.
    pub threshold: Threshold,
    /// Whether the version fails without it; else it passes under conditions.
    pub must: bool,
}

/// Input of `register_plan`.
#[record]
pub struct RegisterPlan {
    /// The AI system.
    pub system: Ref<AiSystem>,
    /// The label of its version.
    pub system_version: Key,
    /// The requirements from which criteria come.
    pub requirement_set: Option<Ref<kinds::RequirementSet>>,
    /// The criteria by a key of your own choice, such as `fairness.dir`.
    pub criteria: BTreeMap<Key, Criterion>,
}

/// Input of `change_criteria`: the criteria that hold instead.
#[record]
pub struct ChangeCriteria {
    /// The criteria by key.
    pub criteria: BTreeMap<Key, Criterion>,
}

impl Plan {
    /// A plan of these criteria, registered now.
    pub(super) fn registered(
        system: &Ref<AiSystem>,
        requirement_set: Option<Ref<kinds::RequirementSet>>,
        criteria: BTreeMap<Key, Criterion>,
        context: &Context,
    ) -> Result<Self, Refusal> {
        check_criteria(&criteria)?;
        let set = requirement_set.as_ref();
        let baseline = set.map(|set| baseline_of(set, system, context)).transpose()?;
        for (key, criterion) in &criteria {
            let Some(requirement) = &criterion.requirement else { continue };
            let at = |field: &str| format!("/criteria/{}/{field}", key.as_str());
            let Some(baseline) = &baseline else {
                let criterion = key.as_str().to_owned();
                return Err(Refusal::RequirementWithoutSet { criterion, at: at("requirement") });
            };
            let Some(measure) = baseline.requirements.get(requirement) else {
                let requirement = requirement.as_str().to_owned();
                return Err(Refusal::UnknownRequirement { requirement, at: at("requirement") });
            };
            if let Some(wanted) = criterion.falls_short_of(measure) {
                let requirement = requirement.as_str().to_owned();
                let (criterion, at) = (key.as_str().to_owned(), at("threshold"));
                return Err(Refusal::CriterionTooWeak { criterion, requirement, wanted, at });
            }
        }
        Ok(Self {
            requirement_set,
            baseline: baseline.map(|baseline| baseline.number),
            criteria,
            registered_at: context.now,
            registered_by: context.user(),
        })
    }
}

fn check_criteria(criteria: &BTreeMap<Key, Criterion>) -> Result<(), Refusal> {
    let at = "/criteria";
    if criteria.is_empty() {
        return Err(Refusal::NoCriteria { at });
    }
    if criteria.len() > CRITERIA_MAX {
        return Err(Refusal::TooManyCriteria { max: CRITERIA_MAX, at });
    }
    if criteria.values().all(|criterion| !criterion.must) {
        return Err(Refusal::NoMustCriterion { at });
    }
    Ok(())
}

/// What a plan must know of a set: the baseline in force, not the texts of the next one.
#[derive(Deserialize)]
struct InForce {
    system: Ref<AiSystem>,
    baseline: Option<Baseline>,
}

impl Fact for InForce {
    const KIND: &'static str = RequirementSet::KIND;
}

/// The baseline in force of the set, which is of the same system.
fn baseline_of(
    set: &Ref<kinds::RequirementSet>,
    system: &Ref<AiSystem>,
    context: &Context,
) -> Result<Baseline, Refusal> {
    let at = "/requirementSet";
    let found = context.facts.get::<InForce>(set.id());
    let found = found.filter(|found| found.system == *system);
    let found = found.ok_or(Refusal::SetOfAnotherSystem { at })?;
    found.baseline.ok_or(Refusal::NoBaseline { at })
}

impl Criterion {
    /// What the requirement asks for where the criterion proves less: another metric, or a
    /// threshold that some value reaches without reaching the requirement's.
    fn falls_short_of(&self, requirement: &Measure) -> Option<String> {
        let (metric, threshold) = (requirement.metric.as_ref()?, requirement.threshold?);
        let plain = |metric: &Line| metric.as_str().trim().to_lowercase();
        let proves = plain(metric) == plain(&self.metric) && self.threshold.implies(threshold);
        (!proves).then(|| format!("{metric} {threshold}"))
    }
}
