//! The verification and validation of one version of an AI system (L-05; ISO/IEC 42001 A.6.2.4).
//!
//! ```text
//!           register_plan                   start_run, complete_run
//!   (none) ──────────────► PlanRegistered ──────────────────────────► Running
//!                            │  ▲ │                                   │ ▲ │ start_run,
//!                            │  └─┘ change_criteria                   │ └─┘ complete_run, abandon_run
//!                            │           complete_run, the last       ▼
//!                            ├──────────────────────────────────► Completed (pass, fail, conditional)
//!                            ▼                                        │
//!                        Superseded ◄──────────── invalidate ─────────┘ (from any of these)
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem;
use kernel::values::{Key, Prose, Ref};
use kernel::{Context, Instant, Need, Role, UserId};

pub use self::event::{
    CriteriaChanged, Invalidate, RunAbandoned, RunRecorded, VerificationCompleted,
    VerificationInvalidated, VerificationPlanRegistered,
};
pub use self::plan::{ChangeCriteria, Criterion, Plan, RegisterPlan};
pub use self::refusal::Refusal;
pub use self::run::{
    AbandonRun, CompleteRun, Measured, Reading, Report, Run, RunStatus, Setup, StartRun,
    TrainingOverlap, Warning,
};

mod check;
mod completing;
mod event;
mod plan;
mod refusal;
mod run;
#[cfg(test)]
mod tests;
mod verdict;

/// How one version of an AI system was verified. At most one record of a version stands.
#[record]
#[derive(Default)]
pub struct VerificationRecord {
    /// The AI system.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// The label of its version.
    #[field(index)]
    pub system_version: Key,
    /// Where the record stands.
    #[field(index)]
    pub status: VerificationStatus,
    /// What the version is verified against.
    pub plan: Plan,
    /// Who developed the version when the plan was registered.
    pub developers: Vec<UserId>,
    /// Who registered the plan or reported runs.
    pub validators: Vec<UserId>,
    /// The runs by key.
    pub runs: BTreeMap<Key, Run>,
    /// What followed; it stays when the record is invalidated.
    pub outcome: Option<Outcome>,
    /// How many criteria passed.
    pub passed: u32,
    /// How many there were.
    pub total: u32,
    /// Those that did not pass.
    pub failed: Vec<Key>,
    /// Whether every run began when its criteria stood already.
    pub criteria_first: bool,
    /// What was found that the version does not do well.
    #[field(correctable)]
    pub limits_found: Vec<Prose>,
    /// When the last run was reported.
    #[field(index)]
    pub completed_at: Option<Instant>,
    /// Why it does not stand any more.
    pub invalidation: Option<VerificationInvalidated>,
}

/// Where a verification record stands.
#[words]
#[derive(Default)]
pub enum VerificationStatus {
    /// Its criteria are registered; no run has begun.
    #[default]
    PlanRegistered,
    /// Runs have begun.
    Running,
    /// The last run was reported.
    Completed,
    /// It does not stand any more.
    Superseded,
}

/// What a verification found.
#[words]
pub enum Outcome {
    /// Every criterion passed.
    Pass,
    /// Every criterion that must hold passed, another one did not.
    Conditional,
    /// A criterion that must hold did not pass.
    Fail,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Registers what a version of a system will be verified against.
    #[command(by(Val), emits(VerificationPlanRegistered), creates)]
    RegisterPlan(RegisterPlan),
    /// Replaces the criteria, as long as no run has begun.
    #[command(by(Val), emits(CriteriaChanged))]
    ChangeCriteria(ChangeCriteria),
    /// Records that a run begins.
    #[command(by(Val), emits(RunStarted))]
    StartRun(StartRun),
    /// Reports a run; the last one completes the verification, and the outcome is worked out.
    #[command(by(Val), emits(RunCompleted, VerificationCompleted))]
    CompleteRun(CompleteRun),
    /// Records that a run was broken off.
    #[command(by(Val), emits(RunAbandoned))]
    AbandonRun(AbandonRun),
    /// Says that the record does not stand any more, so that the version can be verified anew.
    #[command(by(Val, Am), emits(VerificationInvalidated))]
    Invalidate(Invalidate),
    /// Corrects an earlier event.
    #[command(by(Val), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "verification_record")]
pub enum Event {
    /// A plan was registered.
    VerificationPlanRegistered(VerificationPlanRegistered),
    /// Other criteria hold.
    CriteriaChanged(CriteriaChanged),
    /// A run began.
    RunStarted(RunRecorded),
    /// A run was reported; others are to follow.
    RunCompleted(RunRecorded),
    /// A run was broken off.
    RunAbandoned(RunAbandoned),
    /// The last run was reported, and the outcome worked out.
    VerificationCompleted(VerificationCompleted),
    /// The record does not stand any more.
    VerificationInvalidated(VerificationInvalidated),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(VerificationRecord, "verification_record", Command, Event, Refusal);

impl Domain for VerificationRecord {
    const ABOUT: About = About {
        kind: "verification_record",
        doc: "How one version of an AI system was verified and validated.",
        clauses: &["A.6.2.4"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        let object = |id: &str| Need::Object(id.to_owned());
        let system = object(self.system.id());
        match command {
            Command::RegisterPlan(input) => {
                let system = input.system.id();
                let records = Need::Where("verification_record", "system", system.to_owned());
                let set = input.requirement_set.as_ref().map(|set| object(set.id()));
                [object(system), records].into_iter().chain(set).collect()
            }
            Command::ChangeCriteria(_) => {
                let set = self.plan.requirement_set.as_ref().map(|set| object(set.id()));
                [system].into_iter().chain(set).collect()
            }
            Command::StartRun(input) => self.needs_of_run(&input.setup, known),
            Command::CompleteRun(input) => self.needs_of_run(&input.run.setup, known),
            Command::AbandonRun(_) | Command::Invalidate(_) | Command::Correct(_) => vec![system],
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::RegisterPlan(input) => self.registered(input, context),
            Command::ChangeCriteria(input) => self.criteria_changed(input, context),
            Command::StartRun(input) => self.started(input, context),
            Command::CompleteRun(input) => self.completed(input, context),
            Command::AbandonRun(input) => self.abandoned(input, context),
            Command::Invalidate(input) => self.invalidated(input, context),
            Command::Correct(input) => {
                self.check_validator(context)?;
                let corrected = input.decide::<Self>(context)?;
                Ok(vec![Event::Corrected(corrected)])
            }
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::VerificationPlanRegistered(e) => {
                (self.system, self.system_version) = (e.system, e.system_version);
                self.developers = e.developers;
                self.criteria_first = true;
                self.planned(e.plan);
            }
            Event::CriteriaChanged(e) => self.planned(e.plan),
            Event::RunStarted(e) | Event::RunCompleted(e) => {
                self.status = VerificationStatus::Running;
                self.limits_found.extend(e.limits_found);
                self.took(e.key, e.run);
            }
            Event::RunAbandoned(e) => {
                if let Some(run) = self.runs.get_mut(&e.run) {
                    run.run_status = RunStatus::Abandoned;
                }
            }
            Event::VerificationCompleted(e) => {
                self.status = VerificationStatus::Completed;
                self.limits_found.extend(e.limits_found);
                self.took(e.key, e.run);
                self.outcome = Some(e.outcome);
                (self.passed, self.total, self.failed) = (e.passed, e.total, e.failed);
                self.completed_at = Some(e.at);
            }
            Event::VerificationInvalidated(e) => {
                self.status = VerificationStatus::Superseded;
                self.invalidation = Some(e);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl VerificationRecord {
    fn planned(&mut self, plan: Plan) {
        self.validated_by(plan.registered_by.clone());
        self.plan = plan;
    }

    fn took(&mut self, key: Key, run: Run) {
        self.validated_by(run.by.clone());
        self.criteria_first &= run.criteria_first;
        self.runs.insert(key, run);
    }

    fn validated_by(&mut self, validator: UserId) {
        if !self.validators.contains(&validator) {
            self.validators.push(validator);
        }
    }

    fn registered(&self, input: RegisterPlan, context: &Context) -> Result<Vec<Event>, Refusal> {
        let RegisterPlan { system, system_version, requirement_set, criteria } = input;
        let label = system_version.as_str();
        check::version_exists(&system, label, context)?;
        check::validator(&system, label, &[], context)?;
        check::none_stands(&system, label, context)?;
        let developers = check::developers(&system, label, context);
        let plan = Plan::registered(&system, requirement_set, criteria, context)?;
        Ok(vec![Event::VerificationPlanRegistered(VerificationPlanRegistered {
            system,
            system_version,
            plan,
            developers,
        })])
    }

    fn criteria_changed(
        &self,
        input: ChangeCriteria,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.check_validator(context)?;
        match self.status {
            VerificationStatus::PlanRegistered => {}
            VerificationStatus::Running => return Err(Refusal::CriteriaFixed),
            VerificationStatus::Completed | VerificationStatus::Superseded => {
                self.must_be_open()?
            }
        }
        if input.criteria == self.plan.criteria {
            return Ok(Vec::new());
        }
        let set = self.plan.requirement_set.clone();
        let plan = Plan::registered(&self.system, set, input.criteria, context)?;
        Ok(vec![Event::CriteriaChanged(CriteriaChanged { plan })])
    }

    fn started(&self, input: StartRun, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.check_validator(context)?;
        let StartRun { key, setup } = input;
        let key = key.unwrap_or_else(|| context.new_key("run"));
        if let Some(run) = self.runs.get(&key) {
            if run.run_status == RunStatus::Started && run.setup == setup {
                return Ok(Vec::new());
            }
            return Err(Refusal::RunRecorded { run: key.as_str().to_owned(), at: "/key" });
        }
        self.must_be_open()?;
        check::room_for_run(&self.runs, 0)?;
        let criteria_first = self.check_began(&setup, "/startedAt", context)?;
        check::dataset(&setup, "/dataset", context)?;
        let run = Run::begun(context.user(), setup, criteria_first);
        Ok(vec![Event::RunStarted(RunRecorded { key, run, limits_found: None })])
    }

    fn abandoned(&self, input: AbandonRun, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.check_validator(context)?;
        let AbandonRun { run, reason } = input;
        match self.runs.get(&run).map(|run| run.run_status) {
            Some(RunStatus::Abandoned) => Ok(Vec::new()),
            Some(RunStatus::Started) => {
                self.must_be_open()?;
                let by = context.user();
                Ok(vec![Event::RunAbandoned(RunAbandoned { run, by, reason })])
            }
            Some(RunStatus::Completed) | None => {
                Err(Refusal::UnknownRun { run: run.as_str().to_owned(), at: "/run" })
            }
        }
    }

    /// A developer of the version does not do away with a failure of his own work.
    fn invalidated(&self, input: Invalidate, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.check_validator(context)?;
        if self.status == VerificationStatus::Superseded {
            return Ok(Vec::new());
        }
        let (by, at, reason) = (context.user(), context.now, input.reason);
        let invalidated = VerificationInvalidated { by, at, reason };
        Ok(vec![Event::VerificationInvalidated(invalidated)])
    }
}
