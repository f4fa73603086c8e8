//! Runs of a verification: when they began, on which data, and what they measured.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::values::{Hash, Key, Line, Prose, Ref};
use kernel::{Decimal, Instant, UserId, kinds};

use super::Outcome;

/// One run.
#[record]
pub struct Run {
    /// Where it stands.
    pub run_status: RunStatus,
    /// Who reported it.
    pub by: UserId,
    /// On what and in which surroundings it ran, and when it began.
    #[field(flatten)]
    pub setup: Setup,
    /// Whether it began when its criteria stood already.
    pub criteria_first: bool,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// SHA-256 of its report.
    pub report_hash: Option<Hash>,
    /// What it measured, by the criterion's key.
    pub results: BTreeMap<Key, Measured>,
    /// What is said of test data from which the model may have learnt.
    pub training_overlap: Option<TrainingOverlap>,
    /// What speaks against it.
    pub warnings: Vec<Warning>,
}

/// Where a run stands.
#[words]
pub enum RunStatus {
    /// It began; what it measured is not reported yet.
    Started,
    /// It is reported.
    Completed,
    /// It was broken off and measured nothing.
    Abandoned,
}

/// What speaks against a run that is recorded all the same.
#[words]
pub enum Warning {
    /// It began before its criteria were registered; the gate policy lets that pass.
    RunBeforeCriteria,
    /// The model may have learnt from its test data; that was declared.
    TrainingOverlap,
    /// It names no test data.
    NoDataset,
}

/// On what and in which surroundings a run ran.
#[record]
pub struct Setup {
    /// The test data.
    pub dataset: Option<Ref<kinds::Dataset>>,
    /// Machine, software and configuration.
    #[field(max = 120)]
    pub environment: Line,
    /// When it began.
    pub started_at: Instant,
    /// The seed of its randomness.
    #[field(max = 40)]
    pub seed: Option<Line>,
}

/// A measured value.
#[record]
pub struct Measured {
    /// The value.
    pub value: Decimal,
    /// Whether it reached the criterion's threshold.
    pub passed: bool,
}

/// What is said of test data from which the model may have learnt.
#[record]
pub struct TrainingOverlap {
    /// Whether it overlaps with training data.
    pub declared: bool,
    /// How much, and why the results count all the same.
    pub reason: Prose,
}

/// Input of `start_run`.
#[record]
pub struct StartRun {
    /// A key of your own choice; made when left out.
    pub key: Option<Key>,
    /// On what and in which surroundings it runs.
    #[field(flatten)]
    pub setup: Setup,
}

/// Input of `complete_run`.
#[record]
pub struct CompleteRun {
    /// The run.
    pub run: Report,
    /// What was found that the version does not do well.
    pub limits_found: Option<Prose>,
    /// What is said of test data from which the model may have learnt.
    pub training_overlap: Option<TrainingOverlap>,
    /// Whether it is the last run, so that the outcome is worked out.
    pub closes: bool,
    /// The outcome that the report claims; refused when it is another one.
    pub outcome: Option<Outcome>,
}

/// The report of a run.
#[record]
pub struct Report {
    /// The key under which it was started, or one of your own choice; made when left out.
    pub key: Option<Key>,
    /// On what and in which surroundings it ran.
    #[field(flatten)]
    pub setup: Setup,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// SHA-256 of the report.
    pub report_hash: Hash,
    /// What it measured.
    #[field(max = 60)]
    pub results: Vec<Reading>,
}

/// A value as a report gives it.
#[record]
pub struct Reading {
    /// Key of the criterion.
    pub criterion: Key,
    /// The measured value.
    pub value: Decimal,
}

/// Input of `abandon_run`.
#[record]
pub struct AbandonRun {
    /// Key of the run.
    pub run: Key,
    /// Why it was broken off.
    pub reason: Prose,
}

impl Run {
    /// A run that has begun.
    pub(super) fn begun(by: UserId, setup: Setup, criteria_first: bool) -> Self {
        Self {
            run_status: RunStatus::Started,
            by,
            setup,
            criteria_first,
            finished_at: None,
            report_hash: None,
            results: BTreeMap::new(),
            training_overlap: None,
            warnings: Vec::new(),
        }
    }

    /// Whether it is the run of this report.
    pub(super) fn is_told_by(&self, report: &Report) -> bool {
        let value = |reading: &Reading| self.results.get(&reading.criterion).map(|m| m.value);
        self.setup == report.setup
            && self.finished_at == report.finished_at
            && self.report_hash.as_ref() == Some(&report.report_hash)
            && self.results.len() == report.results.len()
            && report.results.iter().all(|reading| value(reading) == Some(reading.value))
    }

    /// The field in which a report differs from what was said when the run began.
    pub(super) fn differs_in(&self, told: &Setup) -> Option<&'static str> {
        let Setup { dataset, environment, started_at, seed } = &self.setup;
        [
            ("dataset", *dataset != told.dataset),
            ("environment", *environment != told.environment),
            ("startedAt", *started_at != told.started_at),
            ("seed", seed.is_some() && *seed != told.seed),
        ]
        .into_iter()
        .find_map(|(field, differs)| differs.then_some(field))
    }
}
