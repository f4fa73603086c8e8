//! What a verification refuses.

use declare::refusals;
use kernel::Instant;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The system has no version {label}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    UnknownVersion {
        /// The label.
        label: String,
        /// Where in the input.
        at: &'static str,
    },
    /// You develop version {label}: somebody else must verify it.
    #[refusal(rule = "segregation of duties: developer is not validator of the same version")]
    ValidatorIsDeveloper {
        /// The label.
        label: String,
    },
    /// You are a developer, and nobody is named who develops version {label}: name them first.
    #[refusal(rule = "segregation of duties: developer is not validator of the same version")]
    DevelopersNotNamed {
        /// The label.
        label: String,
    },
    /// The record {record} of version {label} stands: invalidate it before you plan another.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.4")]
    RecordStands {
        /// Its id.
        record: String,
        /// The label.
        label: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A plan without criteria proves nothing.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    NoCriteria {
        /// Where in the input.
        at: &'static str,
    },
    /// None of the criteria must hold: the plan could not fail.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    NoMustCriterion {
        /// Where in the input.
        at: &'static str,
    },
    /// A plan has at most {max} criteria.
    TooManyCriteria {
        /// The most.
        max: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// The criterion {criterion} proves a requirement: name the requirement set.
    RequirementWithoutSet {
        /// The criterion.
        criterion: String,
        /// Where in the input.
        at: String,
    },
    /// The requirement set is that of another system.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    SetOfAnotherSystem {
        /// Where in the input.
        at: &'static str,
    },
    /// The requirement set has no baseline in force.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.2")]
    NoBaseline {
        /// Where in the input.
        at: &'static str,
    },
    /// The baseline in force has no requirement {requirement}.
    UnknownRequirement {
        /// The requirement.
        requirement: String,
        /// Where in the input.
        at: String,
    },
    /// The criterion {criterion} proves less than the requirement {requirement}: {wanted}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    CriterionTooWeak {
        /// The criterion.
        criterion: String,
        /// The requirement.
        requirement: String,
        /// What that asks for.
        wanted: String,
        /// Where in the input.
        at: String,
    },
    /// The first run has begun: the criteria are fixed; invalidate the record and plan anew.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.4")]
    CriteriaFixed,
    /// The record is {status}: nothing can be added to it.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.4")]
    RecordClosed {
        /// Where it stands.
        status: &'static str,
    },
    /// The run began at {started}, before its criteria were registered at {registered}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    RunBeforeCriteria {
        /// When the run began.
        started: Instant,
        /// When the criteria were registered.
        registered: Instant,
        /// Where in the input.
        at: &'static str,
    },
    /// The run lies in the future.
    RunInFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// The run ended before it began.
    RunEndsBeforeStart {
        /// Where in the input.
        at: &'static str,
    },
    /// A record has at most {runs} runs with {results} results: invalidate it and plan anew.
    #[refusal(conflict)]
    TooManyRuns {
        /// The most runs.
        runs: usize,
        /// The most results.
        results: usize,
    },
    /// The run {run} is on record with another content: a run is not reported twice.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.4")]
    RunRecorded {
        /// Its key.
        run: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The run {run} began with another {field}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    RunDiffersFromStart {
        /// Its key.
        run: String,
        /// What differs.
        field: &'static str,
        /// Where in the input.
        at: String,
    },
    /// No run {run} is under way.
    UnknownRun {
        /// Its key.
        run: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The data set {dataset} is {status}: it cannot be tested on.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.7.2")]
    DatasetNotUsable {
        /// Its name.
        dataset: String,
        /// Where it stands.
        status: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The model may have learnt from {dataset}: declare the overlap and say why the results count.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    UndeclaredOverlap {
        /// Name of the data set.
        dataset: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The run measured nothing.
    NoResults {
        /// Where in the input.
        at: &'static str,
    },
    /// The plan has no criterion {criterion}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    UnknownCriterion {
        /// The criterion.
        criterion: String,
        /// Where in the input.
        at: String,
    },
    /// The run gives two values for {criterion}.
    ResultTwice {
        /// The criterion.
        criterion: String,
        /// Where in the input.
        at: String,
    },
    /// The criterion {criterion} must hold, but no run measured it.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    MissingResult {
        /// The criterion.
        criterion: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The run {run} began but is not reported: report or abandon it before you close the record.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.4")]
    RunUnreported {
        /// Its key.
        run: String,
    },
    /// The version does not pass: {criterion} must hold, but failed.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    PassWithFailedMust {
        /// The first such criterion.
        criterion: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The outcome is {outcome}, not {claimed}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.4")]
    OutcomeDiffers {
        /// What the results say.
        outcome: &'static str,
        /// What was claimed.
        claimed: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// A run that does not close the record has no outcome.
    OutcomeBeforeClosing {
        /// Where in the input.
        at: &'static str,
    },
}
