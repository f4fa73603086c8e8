//! Who may verify, when a run counts, and on which data.

use std::collections::BTreeMap;

use kernel::kinds::AiSystem;
use kernel::values::{Key, Ref};
use kernel::{Context, Need, Role, UserId};

use super::{Refusal, Run, Setup, VerificationRecord, VerificationStatus};

/// Most runs of a record.
pub(super) const RUNS_MAX: usize = 16;
/// Most results of all runs of a record.
pub(super) const RESULTS_MAX: usize = 200;

pub(super) fn version_exists(
    system: &Ref<AiSystem>,
    label: &str,
    context: &Context,
) -> Result<(), Refusal> {
    let known = context.facts.get::<facts::AiSystem>(system.id());
    if known.is_some_and(|known| known.versions.contains_key(label)) {
        return Ok(());
    }
    Err(Refusal::UnknownVersion { label: label.to_owned(), at: "/systemVersion" })
}

/// Who develops the version.
pub(super) fn developers(system: &Ref<AiSystem>, label: &str, context: &Context) -> Vec<UserId> {
    let known = context.facts.get::<facts::AiSystem>(system.id());
    let version = known.and_then(|mut known| known.versions.remove(label));
    let developers = version.map(|version| version.developers).unwrap_or_default();
    developers.into_iter().map(UserId::new).collect()
}

/// Who verifies a version does not develop it, and did not when its plan was registered (`then`).
/// A developer who finds nobody named cannot show that; a bought system is developed elsewhere.
pub(super) fn validator(
    system: &Ref<AiSystem>,
    label: &str,
    then: &[UserId],
    context: &Context,
) -> Result<(), Refusal> {
    let (user, now) = (context.user(), developers(system, label, context));
    let label = label.to_owned();
    if now.contains(&user) || then.contains(&user) {
        return Err(Refusal::ValidatorIsDeveloper { label });
    }
    let nobody_named = now.is_empty() && then.is_empty();
    let known = context.facts.get::<facts::AiSystem>(system.id());
    let bought = known.is_some_and(|known| known.origin == "bought");
    if nobody_named && !bought && context.holds(Role::Dev) {
        return Err(Refusal::DevelopersNotNamed { label });
    }
    Ok(())
}

/// A version has one record at a time: nobody plans twice and keeps what suits him.
pub(super) fn none_stands(
    system: &Ref<AiSystem>,
    label: &str,
    context: &Context,
) -> Result<(), Refusal> {
    let records = context.facts.all::<facts::VerificationRecord>();
    let same = |r: &facts::VerificationRecord| {
        r.system == system.id() && r.system_version == label && r.stands()
    };
    match records.into_iter().find(|(_, record)| same(record)) {
        Some((record, _)) => {
            Err(Refusal::RecordStands { record, label: label.to_owned(), at: "/systemVersion" })
        }
        None => Ok(()),
    }
}

/// Whether a further run with so many results fits.
pub(super) fn room_for_run(runs: &BTreeMap<Key, Run>, results: usize) -> Result<(), Refusal> {
    let known: usize = runs.values().map(|run| run.results.len()).sum();
    if runs.len() >= RUNS_MAX || known + results > RESULTS_MAX {
        return Err(Refusal::TooManyRuns { runs: RUNS_MAX, results: RESULTS_MAX });
    }
    Ok(())
}

/// The test data is neither restricted nor retired.
pub(super) fn dataset(setup: &Setup, at: &'static str, context: &Context) -> Result<(), Refusal> {
    let Some(dataset) = &setup.dataset else { return Ok(()) };
    match context.facts.get::<facts::Dataset>(dataset.id()) {
        Some(known) if known.is_closed() => {
            let facts::Dataset { name: dataset, status, .. } = known;
            Err(Refusal::DatasetNotUsable { dataset, status, at })
        }
        Some(_) | None => Ok(()),
    }
}

impl VerificationRecord {
    pub(super) fn check_validator(&self, context: &Context) -> Result<(), Refusal> {
        validator(&self.system, self.system_version.as_str(), &self.developers, context)
    }

    pub(super) fn must_be_open(&self) -> Result<(), Refusal> {
        match self.status {
            VerificationStatus::PlanRegistered | VerificationStatus::Running => Ok(()),
            VerificationStatus::Completed => Err(Refusal::RecordClosed { status: "completed" }),
            VerificationStatus::Superseded => Err(Refusal::RecordClosed { status: "superseded" }),
        }
    }

    /// The facts on which it depends whether a run counts: the version's developers and data, the
    /// test data, and the gate policy where the run began too early.
    pub(super) fn needs_of_run(&self, setup: &Setup, known: &Context) -> Vec<Need> {
        let mut needs = vec![Need::Object(self.system.id().to_owned())];
        if setup.started_at < self.plan.registered_at {
            needs.push(Need::All("gate_policy"));
        }
        if let Some(dataset) = &setup.dataset {
            needs.push(Need::Object(dataset.id().to_owned()));
            needs.extend(self.used_datasets(known).into_iter().map(Need::Object));
        }
        needs
    }

    /// The data sets that the version uses, by id.
    fn used_datasets(&self, context: &Context) -> Vec<String> {
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        let version = system.and_then(|mut s| s.versions.remove(self.system_version.as_str()));
        version.map(|version| version.datasets).unwrap_or_default()
    }

    /// Whether a run began when its criteria stood; refused when not, unless the gate policy warns.
    pub(super) fn check_began(
        &self,
        setup: &Setup,
        at: &'static str,
        context: &Context,
    ) -> Result<bool, Refusal> {
        let (started, registered) = (setup.started_at, self.plan.registered_at);
        if started > context.now {
            return Err(Refusal::RunInFuture { at });
        }
        if started >= registered {
            return Ok(true);
        }
        let policies = context.facts.all::<facts::GatePolicy>();
        if policies.iter().any(|(_, policy)| policy.warns_of_early_runs()) {
            return Ok(false);
        }
        Err(Refusal::RunBeforeCriteria { started, registered, at })
    }

    /// The name of the test data, where the version's model may have learnt from it: because the
    /// version uses it for more than tests, or uses another data set of the same content so.
    pub(super) fn overlapping(&self, setup: &Setup, context: &Context) -> Option<String> {
        let id = setup.dataset.as_ref()?.id();
        let tested = context.facts.get::<facts::Dataset>(id);
        let overlaps = self.used_datasets(context).iter().any(|used| {
            let Some(known) = context.facts.get::<facts::Dataset>(used) else { return used == id };
            let of_tested = tested.as_ref().and_then(|tested| tested.hash.as_ref());
            let same = used == id || (known.hash.is_some() && known.hash.as_ref() == of_tested);
            same && known.may_have_trained()
        });
        overlaps.then(|| tested.map_or_else(|| id.to_owned(), |tested| tested.name))
    }
}
