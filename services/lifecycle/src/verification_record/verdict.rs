//! From the results of all runs to the outcome.

use std::collections::BTreeMap;

use kernel::values::Key;

use super::{Criterion, Outcome, Refusal, Run, RunStatus};

/// What the runs of a plan show.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    /// What follows.
    pub outcome: Outcome,
    /// How many criteria passed.
    pub passed: u32,
    /// How many there are.
    pub total: u32,
    /// Those that did not pass.
    pub failed: Vec<Key>,
}

/// The verdict on runs. A criterion passes when it was measured and every run that measured it
/// passed: a failure is not outvoted by runs that are repeated until one passes.
///
/// # Errors
/// When a criterion that must hold was not measured.
pub(super) fn of<'a>(
    criteria: &BTreeMap<Key, Criterion>,
    runs: impl Iterator<Item = &'a Run> + Clone,
) -> Result<Verdict, Refusal> {
    let mut failed = Vec::new();
    let mut outcome = Outcome::Pass;
    for (key, criterion) in criteria {
        let mut results = runs
            .clone()
            .filter(|run| run.run_status == RunStatus::Completed)
            .filter_map(|run| run.results.get(key))
            .peekable();
        if results.peek().is_none() && criterion.must {
            let criterion = key.as_str().to_owned();
            return Err(Refusal::MissingResult { criterion, at: "/run/results" });
        }
        if results.peek().is_some() && results.all(|measured| measured.passed) {
            continue;
        }
        outcome = if criterion.must { Outcome::Fail } else { outcome.max(Outcome::Conditional) };
        failed.push(key.clone());
    }
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (total, failures) = (count(criteria.len()), count(failed.len()));
    Ok(Verdict { outcome, passed: total.saturating_sub(failures), total, failed })
}
