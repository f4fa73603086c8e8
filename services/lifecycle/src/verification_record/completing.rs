//! The report of a run, and the outcome when it is the last one.

use std::collections::BTreeMap;

use kernel::Context;
use kernel::values::{Key, Prose};

use super::{
    CompleteRun, Event, Measured, Outcome, Refusal, Report, Run, RunRecorded, RunStatus,
    TrainingOverlap, VerificationCompleted, VerificationRecord, VerificationStatus, Warning, check,
    verdict,
};

impl VerificationRecord {
    pub(super) fn completed(
        &self,
        input: CompleteRun,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.check_validator(context)?;
        let CompleteRun { run: report, limits_found, training_overlap, closes, outcome } = input;
        if outcome.is_some() && !closes {
            return Err(Refusal::OutcomeBeforeClosing { at: "/outcome" });
        }
        let on_record = self.on_record(&report)?;
        let closed = self.status != VerificationStatus::Running;
        if let Some((key, run)) = on_record {
            // The same report once more: nothing new, unless it closes the record now.
            if !closes || closed {
                return Ok(Vec::new());
            }
            return self.closed(key.clone(), run.clone(), limits_found, outcome, context);
        }
        self.must_be_open()?;
        let key = report.key.clone().unwrap_or_else(|| context.new_key("run"));
        let run = self.run_of(&key, report, training_overlap, context)?;
        if closes {
            return self.closed(key, run, limits_found, outcome, context);
        }
        Ok(vec![Event::RunCompleted(RunRecorded { key, run, limits_found })])
    }

    /// The run that this report tells, if it is on record as reported: under its key, or its
    /// report's hash.
    fn on_record(&self, report: &Report) -> Result<Option<(&Key, &Run)>, Refusal> {
        let is_same = |(key, run): &(&Key, &Run)| {
            report.key.as_ref() == Some(*key)
                || run.report_hash.as_ref() == Some(&report.report_hash)
        };
        let is_told = |run: &Run| run.run_status != RunStatus::Started;
        let mut same = self.runs.iter().filter(|(_, run)| is_told(run)).filter(is_same);
        match same.next() {
            Some((key, run)) if run.is_told_by(report) => Ok(Some((key, run))),
            Some((key, _)) => {
                Err(Refusal::RunRecorded { run: key.as_str().to_owned(), at: "/run/key" })
            }
            None => Ok(None),
        }
    }

    /// The run as it is recorded.
    fn run_of(
        &self,
        key: &Key,
        report: Report,
        training_overlap: Option<TrainingOverlap>,
        context: &Context,
    ) -> Result<Run, Refusal> {
        let Report { setup, finished_at, report_hash, results, .. } = report;
        let begun = self.runs.get(key);
        if let Some(field) = begun.and_then(|begun| begun.differs_in(&setup)) {
            let (run, at) = (key.as_str().to_owned(), format!("/run/{field}"));
            return Err(Refusal::RunDiffersFromStart { run, field, at });
        }
        let others = self.runs.iter().filter(|(known, _)| *known != key);
        let others = others.map(|(key, run)| (key.clone(), run.clone())).collect();
        check::room_for_run(&others, results.len())?;
        // What was decided when the run began is not decided again under a later policy.
        let criteria_first = match begun {
            Some(begun) => begun.criteria_first,
            None => self.check_began(&setup, "/run/startedAt", context)?,
        };
        if finished_at.is_some_and(|finished| finished > context.now) {
            return Err(Refusal::RunInFuture { at: "/run/finishedAt" });
        }
        if finished_at.is_some_and(|finished| finished < setup.started_at) {
            return Err(Refusal::RunEndsBeforeStart { at: "/run/finishedAt" });
        }
        check::dataset(&setup, "/run/dataset", context)?;
        let declared = training_overlap.as_ref().is_some_and(TrainingOverlap::is_declared);
        if let Some(dataset) = self.overlapping(&setup, context).filter(|_| !declared) {
            return Err(Refusal::UndeclaredOverlap { dataset, at: "/trainingOverlap" });
        }
        let warnings = [
            (!criteria_first).then_some(Warning::RunBeforeCriteria),
            declared.then_some(Warning::TrainingOverlap),
            setup.dataset.is_none().then_some(Warning::NoDataset),
        ];
        Ok(Run {
            run_status: RunStatus::Completed,
            finished_at,
            report_hash: Some(report_hash),
            results: self.measured(&results)?,
            training_overlap,
            warnings: warnings.into_iter().flatten().collect(),
            ..Run::begun(context.user(), setup, criteria_first)
        })
    }

    /// Each value with whether it reached its criterion's threshold.
    fn measured(&self, results: &[super::Reading]) -> Result<BTreeMap<Key, Measured>, Refusal> {
        let mut measured = BTreeMap::new();
        for (n, reading) in results.iter().enumerate() {
            let (key, value) = (&reading.criterion, reading.value);
            let name = || (key.as_str().to_owned(), format!("/run/results/{n}/criterion"));
            let Some(criterion) = self.plan.criteria.get(key) else {
                let (criterion, at) = name();
                return Err(Refusal::UnknownCriterion { criterion, at });
            };
            let passed = criterion.threshold.holds(value);
            if measured.insert(key.clone(), Measured { value, passed }).is_some() {
                let (criterion, at) = name();
                return Err(Refusal::ResultTwice { criterion, at });
            }
        }
        if measured.is_empty() {
            return Err(Refusal::NoResults { at: "/run/results" });
        }
        Ok(measured)
    }

    /// The outcome of all runs with this one as the last.
    fn closed(
        &self,
        key: Key,
        run: Run,
        limits_found: Option<Prose>,
        claimed: Option<Outcome>,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let others = self.runs.iter().filter(|(other, _)| **other != key);
        let mut under_way = others.clone().filter(|(_, run)| run.run_status == RunStatus::Started);
        if let Some((run, _)) = under_way.next() {
            return Err(Refusal::RunUnreported { run: run.as_str().to_owned() });
        }
        let runs = others.map(|(_, run)| run).chain([&run]);
        let criteria_first = runs.clone().all(|run| run.criteria_first);
        let verdict::Verdict { outcome, passed, total, failed } =
            verdict::of(&self.plan.criteria, runs)?;
        self.check_claim(claimed, outcome, &failed)?;
        let at = context.now;
        Ok(vec![Event::VerificationCompleted(VerificationCompleted {
            key,
            run,
            limits_found,
            outcome,
            passed,
            total,
            failed,
            criteria_first,
            at,
        })])
    }

    fn check_claim(
        &self,
        claimed: Option<Outcome>,
        outcome: Outcome,
        failed: &[Key],
    ) -> Result<(), Refusal> {
        let Some(claimed) = claimed.filter(|claimed| *claimed != outcome) else { return Ok(()) };
        let at = "/outcome";
        let must = |key: &&Key| self.plan.criteria.get(*key).is_some_and(|c| c.must);
        match failed.iter().find(must) {
            Some(criterion) if claimed == Outcome::Pass => {
                let criterion = criterion.as_str().to_owned();
                Err(Refusal::PassWithFailedMust { criterion, at })
            }
            Some(_) | None => {
                let (outcome, claimed) = (outcome.text(), claimed.text());
                Err(Refusal::OutcomeDiffers { outcome, claimed, at })
            }
        }
    }
}

impl TrainingOverlap {
    /// Whether it says that the data overlaps, and why the results count all the same.
    fn is_declared(&self) -> bool {
        self.declared && !self.reason.is_blank()
    }
}

impl Outcome {
    fn text(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Conditional => "conditional",
            Outcome::Fail => "fail",
        }
    }
}
