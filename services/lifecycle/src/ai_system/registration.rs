//! Registration and description of a system, who answers for it, and whether it is in scope.

use declare::{record, words};
use kernel::kinds::{AimsChange, ChangeRequest};
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Instant, Need, UserId};

use super::version::{VersionStatus, approved_change};
use super::{AiSystem, Event, OperationStatus, Refusal, SystemVersion};
use crate::stage::Stage;

/// What kind of system it is.
#[words]
#[derive(Default)]
pub enum SystemKind {
    /// Machine learning.
    #[default]
    Ml,
    /// An application of a large language model.
    LlmApp,
    /// A general-purpose AI model.
    Gpai,
    /// Rules written by people.
    Rules,
    /// Several of these.
    Hybrid,
    /// A machine that moves.
    Robot,
}

/// Where a system comes from.
#[words]
#[derive(Default)]
pub enum Origin {
    /// Developed here.
    #[default]
    Built,
    /// Developed by a supplier.
    Bought,
    /// Developed here on a supplier's parts.
    Hybrid,
}

/// How far a system acts on its own.
#[words]
#[derive(Default)]
pub enum Autonomy {
    /// It helps people who act.
    #[default]
    Assist,
    /// A person decides on each of its results.
    HumanInLoop,
    /// A person watches and can step in.
    HumanOnLoop,
    /// It acts without a person.
    Autonomous,
}

/// Input of `register`.
#[record]
pub struct Register {
    /// Its name.
    pub name: Line,
    /// Who answers for it.
    pub owner: Option<UserId>,
    /// What it is for.
    pub purpose: Prose,
    /// What kind of system it is.
    pub system_kind: SystemKind,
    /// Where it comes from.
    pub origin: Origin,
    /// How far it acts on its own.
    pub autonomy: Autonomy,
    /// Who uses it.
    #[field(max = 20)]
    pub users: Vec<Line>,
    /// Whom its results affect.
    #[field(max = 20)]
    pub affected: Vec<Line>,
    /// Where it is used.
    #[field(max = 60)]
    pub geo: Vec<Line>,
    /// The organisational units that run it.
    #[field(max = 20)]
    pub org_units: Vec<Line>,
    /// Whether it belongs to the AIMS.
    pub in_scope: bool,
    /// The label of its first version, or of the one that exists.
    pub system_version: Key,
    /// Who develops that version.
    #[field(max = 20)]
    pub developers: Vec<UserId>,
    /// Where an existing system stands; left out for a new one.
    pub onboarded: Option<Onboarded>,
}

/// Where a system stands that existed before it was registered.
#[record]
pub struct Onboarded {
    /// The stage of its version.
    pub stage: Stage,
    /// Whether that version runs.
    pub running: bool,
}

/// Input of `describe`.
#[record]
pub struct Describe {
    /// Its name.
    pub name: Line,
    /// What it is for; as it was when left out.
    pub purpose: Option<Prose>,
    /// What kind of system it is.
    pub system_kind: SystemKind,
    /// Where it comes from.
    pub origin: Origin,
    /// How far it acts on its own.
    pub autonomy: Autonomy,
    /// Who uses it.
    #[field(max = 20)]
    pub users: Vec<Line>,
    /// Whom its results affect.
    #[field(max = 20)]
    pub affected: Vec<Line>,
    /// Where it is used.
    #[field(max = 60)]
    pub geo: Vec<Line>,
    /// The organisational units that run it.
    #[field(max = 20)]
    pub org_units: Vec<Line>,
    /// The approved change of purpose, where a running system is given another purpose.
    pub change: Option<Ref<ChangeRequest>>,
}

/// Input of `assign_owner`.
#[record]
pub struct AssignOwner {
    /// Who answers for the system from now on.
    pub owner: UserId,
}

/// Input of `set_scope`.
#[record]
pub struct SetScope {
    /// Whether it belongs to the AIMS.
    pub in_scope: bool,
    /// The approved change of the AIMS by which a running system leaves its scope.
    pub aims_change: Option<Ref<AimsChange>>,
}

/// A system was registered.
#[record]
pub struct Registered {
    /// What was said of it.
    pub system: Register,
    /// Who registered it.
    pub by: UserId,
    /// Since when its version is known to be in its stage.
    pub at: Instant,
}

/// A system was described anew.
#[record]
pub struct Described {
    /// What is said of it now.
    pub description: Describe,
    /// Who described it.
    pub by: UserId,
}

/// Somebody answers for a system.
#[record]
pub struct OwnerAssigned {
    /// Who.
    pub owner: UserId,
    /// Who did before.
    pub before: Option<UserId>,
    /// Who said so.
    pub by: UserId,
}

/// A system came into the scope of the AIMS or left it.
#[record]
pub struct ScopeChanged {
    /// Whether it belongs to the AIMS.
    pub in_scope: bool,
    /// The change of the AIMS on which that rests.
    pub aims_change: Option<Ref<AimsChange>>,
    /// Who said so.
    pub by: UserId,
}

impl Register {
    pub(super) fn decide(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match &self.onboarded {
            Some(Onboarded { stage: Stage::Retirement, .. }) => {
                return Err(Refusal::OnboardedRetired { at: "/onboarded/stage" });
            }
            Some(Onboarded { stage, running: true }) if !stage.may_run() => {
                let (stage, at) = (stage.word(), "/onboarded/running");
                return Err(Refusal::CannotRunYet { stage, at });
            }
            Some(Onboarded { .. }) | None => {}
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        Ok(vec![Event::Registered(Registered { system: self, by, at })])
    }

    /// The first version: a new one begins with inception, an existing one is where it is.
    fn version(&self, at: Instant) -> SystemVersion {
        let stands = self.onboarded.as_ref();
        let runs = stands.is_some_and(|stands| stands.running);
        SystemVersion {
            order: 1,
            stage: stands.map(|stands| stands.stage).unwrap_or_default(),
            status: if runs { VersionStatus::Running } else { VersionStatus::InPreparation },
            entered_at: at,
            developers: self.developers.clone(),
            onboarded: stands.is_some(),
            ..SystemVersion::default()
        }
    }
}

impl Describe {
    pub(super) fn needs(&self) -> Vec<Need> {
        self.change.iter().map(|change| Need::Object(change.id().into())).collect()
    }

    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let has_begun = system.versions.values().any(|v| v.stage != Stage::Inception);
        if self.origin != system.origin && has_begun {
            return Err(Refusal::OriginSettled { at: "/origin" });
        }
        if self.purpose.is_some() && system.operation_status != OperationStatus::Stopped {
            self.check_purpose(context)?;
        }
        if self.is(system) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Described(Described { description: self, by: context.user() })])
    }

    /// Whether the system is described just like this. A purpose is sealed and cannot be compared.
    fn is(&self, system: &AiSystem) -> bool {
        self.purpose.is_none()
            && self.name == system.name
            && self.system_kind == system.system_kind
            && self.origin == system.origin
            && self.autonomy == system.autonomy
            && self.users == system.users
            && self.affected == system.affected
            && self.geo == system.geo
            && self.org_units == system.org_units
    }

    fn check_purpose(&self, context: &Context) -> Result<(), Refusal> {
        let lacking = Refusal::PurposeNeedsChange { at: "/change" };
        let Some(change) = &self.change else { return Err(lacking) };
        let change = approved_change(change, context)?;
        if change.change_kind == "purpose" { Ok(()) } else { Err(lacking) }
    }
}

impl AssignOwner {
    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if system.owner.as_ref() == Some(&self.owner) {
            return Ok(Vec::new());
        }
        let (before, by) = (system.owner.clone(), context.user());
        Ok(vec![Event::OwnerAssigned(OwnerAssigned { owner: self.owner, before, by })])
    }
}

impl SetScope {
    pub(super) fn needs(&self) -> Vec<Need> {
        self.aims_change.iter().map(|change| Need::Object(change.id().into())).collect()
    }

    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.in_scope == system.in_scope {
            return Ok(Vec::new());
        }
        if !self.in_scope && system.operation_status != OperationStatus::Stopped {
            let change = self.aims_change.as_ref();
            let change = change.ok_or(Refusal::NoAimsChange { at: "/aimsChange" })?;
            let change = context.facts.get::<facts::AimsChange>(change.id());
            if change.is_none_or(|change| change.effective.is_none()) {
                return Err(Refusal::AimsChangeNotApproved { at: "/aimsChange" });
            }
        }
        let (in_scope, aims_change, by) = (self.in_scope, self.aims_change, context.user());
        Ok(vec![Event::ScopeChanged(ScopeChanged { in_scope, aims_change, by })])
    }
}

impl AiSystem {
    pub(super) fn registered(&mut self, event: Registered) {
        let said = event.system;
        let version = said.version(event.at);
        self.name = said.name;
        self.owner = said.owner;
        self.purpose = said.purpose;
        self.system_kind = said.system_kind;
        self.origin = said.origin;
        self.autonomy = said.autonomy;
        self.users = said.users;
        self.affected = said.affected;
        self.geo = said.geo;
        self.org_units = said.org_units;
        self.in_scope = said.in_scope;
        self.onboarded = said.onboarded.is_some();
        self.versions.insert(said.system_version, version);
    }

    pub(super) fn described(&mut self, event: Described) {
        let said = event.description;
        self.name = said.name;
        self.purpose = said.purpose.unwrap_or_else(|| self.purpose.clone());
        self.system_kind = said.system_kind;
        self.origin = said.origin;
        self.autonomy = said.autonomy;
        self.users = said.users;
        self.affected = said.affected;
        self.geo = said.geo;
        self.org_units = said.org_units;
    }
}
