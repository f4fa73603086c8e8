//! The versions of a system and what they are made of.

use declare::{record, words};
use kernel::kinds::{ChangeRequest, Dataset, Resource, StageGate, SuppliedComponent};
use kernel::values::{Key, Ref};
use kernel::{Context, Fact, Instant, Need, UserId};

use super::{AiSystem, Event, Refusal};
use crate::stage::Stage;

/// Most versions of a system.
pub const VERSIONS_MAX: usize = 50;
/// Most references (people, data sets, resources, components, gates) that a system's versions hold
/// together: its document stays within bounds.
pub const REFERENCES_MAX: usize = 800;

/// One version of a system.
#[record]
#[derive(Default)]
pub struct SystemVersion {
    /// Its place among the versions in the order in which they came, from 1.
    pub order: u32,
    /// Its stage.
    pub stage: Stage,
    /// Whether it runs.
    pub status: VersionStatus,
    /// Since when it is in its stage.
    pub entered_at: Instant,
    /// Who develops it.
    pub developers: Vec<UserId>,
    /// The data sets that it uses.
    pub datasets: Vec<Ref<Dataset>>,
    /// The models, tools and other resources that it uses.
    pub resources: Vec<Ref<Resource>>,
    /// The suppliers' components in it.
    pub components: Vec<Ref<SuppliedComponent>>,
    /// The change that it brings.
    pub change: Option<Ref<ChangeRequest>>,
    /// The gates through which it went; each leads through once.
    pub gates: Vec<Ref<StageGate>>,
    /// The gate through which it came into deployment last.
    pub deployment_gate: Option<Ref<StageGate>>,
    /// How it runs beside another version, where it does.
    pub alongside: Option<Alongside>,
    /// Whether it existed before its system was registered.
    pub onboarded: bool,
}

/// Whether a version runs.
#[words]
#[derive(Default)]
pub enum VersionStatus {
    /// It is being made ready.
    #[default]
    InPreparation,
    /// It runs.
    Running,
    /// It ran and runs no more.
    Stopped,
    /// Its life has ended.
    Retired,
}

/// How a version runs beside another.
#[words]
pub enum Alongside {
    /// Both serve, to compare them.
    AbTest,
    /// It serves a small part, to try it.
    Canary,
    /// It sees the inputs, but nobody acts on its results.
    Shadow,
}

/// Input of `add_version`.
#[record]
pub struct AddVersion {
    /// Its label, such as `2.0.1`.
    pub system_version: Key,
    /// Who develops it.
    #[field(max = 20)]
    pub developers: Vec<UserId>,
    /// The data sets that it uses.
    #[field(max = 40)]
    pub datasets: Vec<Ref<Dataset>>,
    /// The models, tools and other resources that it uses.
    #[field(max = 40)]
    pub resources: Vec<Ref<Resource>>,
    /// The suppliers' components in it.
    #[field(max = 40)]
    pub components: Vec<Ref<SuppliedComponent>>,
    /// The approved change that it brings.
    pub change: Option<Ref<ChangeRequest>>,
}

/// Input of `link_assets`.
#[record]
pub struct LinkAssets {
    /// The version's label.
    pub system_version: Key,
    /// Further data sets.
    #[field(max = 40)]
    pub datasets: Vec<Ref<Dataset>>,
    /// Further resources.
    #[field(max = 40)]
    pub resources: Vec<Ref<Resource>>,
    /// Further components.
    #[field(max = 40)]
    pub components: Vec<Ref<SuppliedComponent>>,
}

/// A version was added.
#[record]
pub struct VersionAdded {
    /// Its label.
    pub system_version: Key,
    /// What it is.
    pub version: SystemVersion,
    /// Who added it.
    pub by: UserId,
}

/// A version's assets were added to.
#[record]
pub struct AssetsLinked {
    /// The version's label.
    pub system_version: Key,
    /// The further data sets.
    pub datasets: Vec<Ref<Dataset>>,
    /// The further resources.
    pub resources: Vec<Ref<Resource>>,
    /// The further components.
    pub components: Vec<Ref<SuppliedComponent>>,
    /// Who linked them.
    pub by: UserId,
}

impl AddVersion {
    pub(super) fn needs(&self, known: &Context) -> Vec<Need> {
        let mut needs = asset_needs(&self.datasets, &self.resources);
        needs.extend(self.change.iter().map(|change| Need::Object(change.id().into())));
        needs.push(Need::Where(CLASSIFICATION, "system", known.id.clone()));
        needs.extend(freeze_needs(known));
        needs
    }

    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(known) = system.version(&self.system_version) {
            return if self.is(known) { Ok(Vec::new()) } else { Err(self.duplicate()) };
        }
        check_not_frozen(context)?;
        check_assets(&self.datasets, &self.resources, context)?;
        self.check_change(context)?;
        let stage = system.first_stage();
        if stage != Stage::Inception {
            check_not_prohibited(context)?;
        }
        if system.versions.len() >= VERSIONS_MAX {
            return Err(Refusal::TooManyVersions { max: VERSIONS_MAX });
        }
        let version = SystemVersion {
            order: system.next_order(),
            stage,
            entered_at: context.effective.unwrap_or(context.now),
            developers: self.developers,
            datasets: self.datasets,
            resources: self.resources,
            components: self.components,
            change: self.change,
            ..SystemVersion::default()
        };
        system.check_room(version.references())?;
        let (system_version, by) = (self.system_version, context.user());
        Ok(vec![Event::VersionAdded(VersionAdded { system_version, version, by })])
    }

    /// Whether the version was added just like this.
    fn is(&self, known: &SystemVersion) -> bool {
        self.developers == known.developers
            && self.datasets == known.datasets
            && self.resources == known.resources
            && self.components == known.components
            && self.change == known.change
    }

    fn duplicate(&self) -> Refusal {
        let system_version = self.system_version.as_str().into();
        Refusal::DuplicateVersion { system_version, at: "/systemVersion" }
    }

    fn check_change(&self, context: &Context) -> Result<(), Refusal> {
        let Some(change) = &self.change else { return Ok(()) };
        let to_version = approved_change(change, context)?.to_version;
        match to_version.filter(|to| to != self.system_version.as_str()) {
            Some(to_version) => Err(Refusal::ChangeToAnother { to_version, at: "/change" }),
            None => Ok(()),
        }
    }
}

impl LinkAssets {
    pub(super) fn needs(&self, known: &Context) -> Vec<Need> {
        let mut needs = asset_needs(&self.datasets, &self.resources);
        needs.extend(freeze_needs(known));
        needs
    }

    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let version = system.version_or(&self.system_version, "/systemVersion")?;
        let is_new = AssetsLinked {
            datasets: without(&self.datasets, &version.datasets),
            resources: without(&self.resources, &version.resources),
            components: without(&self.components, &version.components),
            by: context.user(),
            system_version: self.system_version,
        };
        let count = is_new.datasets.len() + is_new.resources.len() + is_new.components.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        check_not_frozen(context)?;
        check_assets(&self.datasets, &self.resources, context)?;
        if version.is_settled() {
            let system_version = is_new.system_version.as_str().into();
            let stage = version.stage.word();
            return Err(Refusal::AssetsSettled { system_version, stage });
        }
        system.check_room(count)?;
        Ok(vec![Event::AssetsLinked(is_new)])
    }
}

impl SystemVersion {
    /// How many people, data sets, resources, components and gates it names.
    fn references(&self) -> usize {
        let assets = self.datasets.len() + self.resources.len() + self.components.len();
        self.developers.len() + assets + self.gates.len()
    }

    /// Whether a gate into verification or beyond has looked at what it is made of. Of a version
    /// that existed before its system was registered, what it uses is recorded afterwards.
    fn is_settled(&self) -> bool {
        match self.stage {
            Stage::Inception | Stage::DesignAndDevelopment => false,
            Stage::VerificationAndValidation
            | Stage::Deployment
            | Stage::OperationAndMonitoring
            | Stage::ReEvaluation
            | Stage::Retirement => !self.onboarded || !self.gates.is_empty(),
        }
    }
}

impl AiSystem {
    /// The stage in which a further version begins: once a system that is built here has left its
    /// inception, its versions begin with design.
    fn first_stage(&self) -> Stage {
        let has_begun = self.versions.values().any(|v| v.stage != Stage::Inception);
        if has_begun && !self.is_bought() { Stage::DesignAndDevelopment } else { Stage::Inception }
    }

    fn next_order(&self) -> u32 {
        self.versions.values().map(|v| v.order).max().unwrap_or(0).saturating_add(1)
    }

    /// Whether so many further references keep the document within bounds.
    pub(super) fn check_room(&self, more: usize) -> Result<(), Refusal> {
        let held: usize = self.versions.values().map(SystemVersion::references).sum();
        if held + more > REFERENCES_MAX {
            return Err(Refusal::TooManyReferences { max: REFERENCES_MAX });
        }
        Ok(())
    }

    pub(super) fn version_added(&mut self, event: VersionAdded) {
        self.versions.insert(event.system_version, event.version);
    }

    pub(super) fn assets_linked(&mut self, event: AssetsLinked) {
        if let Some(version) = self.versions.get_mut(&event.system_version) {
            version.datasets.extend(event.datasets);
            version.resources.extend(event.resources);
            version.components.extend(event.components);
        }
    }
}

const CLASSIFICATION: &str = <facts::RegulatoryClassification as Fact>::KIND;

/// A system whose practice is prohibited goes no further.
pub(super) fn check_not_prohibited(context: &Context) -> Result<(), Refusal> {
    let classes = context.facts.all::<facts::RegulatoryClassification>();
    let mut of_system = classes.into_iter().filter(|(_, c)| c.system == context.id);
    if of_system.any(|(_, c)| c.is_confirmed() && c.has_effect("forbidden")) {
        return Err(Refusal::ProhibitedPractice);
    }
    Ok(())
}

/// A change of this system that is approved and was not rolled back.
pub(super) fn approved_change(
    change: &Ref<ChangeRequest>,
    context: &Context,
) -> Result<facts::ChangeRequest, Refusal> {
    let known = context.facts.get::<facts::ChangeRequest>(change.id());
    let known = known.filter(|change| change.system == context.id);
    let known = known.ok_or(Refusal::ChangeOfAnother { at: "/change" })?;
    if known.is_in_force() { Ok(known) } else { Err(Refusal::ChangeNotApproved { at: "/change" }) }
}

fn serious_open(context: &Context) -> Vec<String> {
    let incidents = context.facts.all::<facts::Incident>().into_iter();
    let held_up =
        |i: &facts::Incident| i.system == context.id && i.severity == "serious" && i.is_open();
    incidents.filter(|(_, incident)| held_up(incident)).map(|(id, _)| id).collect()
}

/// What must be known to say whether the system may be altered.
pub(super) fn freeze_needs(known: &Context) -> Vec<Need> {
    let incidents = Need::Where(<facts::Incident as Fact>::KIND, "system", known.id.clone());
    let report = <facts::ExternalReport as Fact>::KIND;
    let reports = serious_open(known).into_iter();
    let reports = reports.map(|incident| Need::Where(report, "incident", incident));
    [incidents].into_iter().chain(reports).collect()
}

/// While the cause of a serious incident is looked for, the system is altered only after an
/// authority was told: by a report that a regulatory rule demands.
pub(super) fn check_not_frozen(context: &Context) -> Result<(), Refusal> {
    let reports = context.facts.all::<facts::ExternalReport>();
    let is_told = |incident: &String| {
        reports.iter().any(|(_, report)| {
            report.incident.as_ref() == Some(incident)
                && report.rule.is_some()
                && report.is_submitted()
        })
    };
    match serious_open(context).into_iter().find(|incident| !is_told(incident)) {
        Some(incident) => Err(Refusal::FrozenByIncident { incident }),
        None => Ok(()),
    }
}

fn asset_needs(datasets: &[Ref<Dataset>], resources: &[Ref<Resource>]) -> Vec<Need> {
    let datasets = datasets.iter().map(|dataset| dataset.id());
    let resources = resources.iter().map(|resource| resource.id());
    datasets.chain(resources).map(|id| Need::Object(id.to_owned())).collect()
}

/// A version is made of nothing that is blocked, restricted or retired.
fn check_assets(
    datasets: &[Ref<Dataset>],
    resources: &[Ref<Resource>],
    context: &Context,
) -> Result<(), Refusal> {
    for (n, dataset) in datasets.iter().enumerate() {
        let known = context.facts.get::<facts::Dataset>(dataset.id());
        if let Some(facts::Dataset { name, status, .. }) = known.filter(facts::Dataset::is_closed) {
            return Err(Refusal::UnfitDataset { name, status, at: format!("/datasets/{n}") });
        }
    }
    for (n, resource) in resources.iter().enumerate() {
        let known = context.facts.get::<facts::Resource>(resource.id());
        if let Some(facts::Resource { name, .. }) = known.filter(|r| r.status == "blocked") {
            return Err(Refusal::BlockedResource { name, at: format!("/resources/{n}") });
        }
    }
    Ok(())
}

/// Those of the first list that are not in the second, each once.
fn without<K>(given: &[Ref<K>], known: &[Ref<K>]) -> Vec<Ref<K>> {
    let mut fresh = Vec::new();
    for one in given {
        if !known.contains(one) && !fresh.contains(one) {
            fresh.push(one.clone());
        }
    }
    fresh
}
