//! An AI system with its versions, from registration to retirement (L-01; ISO/IEC 42001 4.3, 8.1,
//! A.4.2, A.6.2, A.9.4).
//!
//! ```text
//!   each version:
//!                register,         enter_stage              deploy
//!                add_version       (passed gate)        ┌───────────► running
//!   (none) ─────► in_preparation ──────► … Deployment ──┘               │ stop_version, or another
//!                                              ▲   deploy (back again)  ▼ version replaces it
//!                                              └──────────────────── stopped
//!   operation of the system, while a version runs:
//!              restrict_operation              suspend_operation
//!   running ──────────────────────► restricted ──────────────────► suspended
//!           ◄──────────────────────            ◄──────────────────
//!              lift_restriction                resume_operation
//!
//!   retire (passed gate): every version is retired, whatever its stage
//! ```
//!
//! The stages themselves are in `stage.rs`. The system's own stage is that of its running version,
//! or of its newest one while none runs.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::values::{Key, Line, Prose};
use kernel::{Context, Fact, Need, Role, UserId};

pub use self::operation::{
    LiftRestriction, OperationRestricted, OperationRestrictionLifted, OperationResumed,
    OperationSuspended, RestrictOperation, Restriction, Resume, Suspend, Suspension,
};
pub use self::refusals::Refusal;
pub use self::registration::{
    AssignOwner, Autonomy, Describe, Described, Onboarded, Origin, OwnerAssigned, Register,
    Registered, ScopeChanged, SetScope, SystemKind,
};
pub use self::release::{Deploy, Deployed, StopVersion, VersionStopped};
pub use self::retirement::{Retire, Retired, Retirement};
pub use self::stages::{EnterStage, StageEntered};
pub use self::version::{
    AddVersion, Alongside, AssetsLinked, LinkAssets, SystemVersion, VersionAdded, VersionStatus,
};
use crate::stage::Stage;

mod operation;
mod refusals;
mod registration;
mod release;
mod retirement;
mod stages;
#[cfg(test)]
mod tests;
mod version;

/// An AI system.
#[record]
#[derive(Default)]
pub struct AiSystem {
    /// Its name.
    #[field(search, correctable)]
    pub name: Line,
    /// Who answers for it.
    #[field(index)]
    pub owner: Option<UserId>,
    /// What it is for.
    #[field(correctable)]
    pub purpose: Prose,
    /// What kind of system it is.
    pub system_kind: SystemKind,
    /// Where it comes from.
    pub origin: Origin,
    /// How far it acts on its own.
    pub autonomy: Autonomy,
    /// Who uses it.
    #[field(correctable, max = 20)]
    pub users: Vec<Line>,
    /// Whom its results affect.
    #[field(correctable, max = 20)]
    pub affected: Vec<Line>,
    /// Where it is used.
    #[field(correctable, max = 60)]
    pub geo: Vec<Line>,
    /// The organisational units that run it.
    #[field(max = 20)]
    pub org_units: Vec<Line>,
    /// Whether it belongs to the AIMS.
    #[field(index)]
    pub in_scope: bool,
    /// Whether it existed before it was registered.
    pub onboarded: bool,
    /// Its versions by label.
    pub versions: BTreeMap<Key, SystemVersion>,
    /// The stage of its running version, or of its newest one.
    #[field(index)]
    pub stage: Stage,
    /// Whether and how it operates.
    #[field(index)]
    pub operation_status: OperationStatus,
    /// What its operation is restricted to.
    pub restriction: Option<Restriction>,
    /// Why its operation is suspended.
    pub suspension: Option<Suspension>,
    /// How its life ended.
    pub retirement: Option<Retirement>,
}

/// Whether and how a system operates.
#[words]
#[derive(Default)]
pub enum OperationStatus {
    /// No version runs.
    #[default]
    Stopped,
    /// A version runs.
    Running,
    /// A version runs under restrictions.
    Restricted,
    /// Operation is halted until it is resumed.
    Suspended,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Registers a system with its first version.
    #[command(by(So), emits(Registered), creates)]
    Register(Register),
    /// Describes the system anew.
    #[command(by(So), emits(Described))]
    Describe(Describe),
    /// Says who answers for the system.
    #[command(by(So), emits(OwnerAssigned))]
    AssignOwner(AssignOwner),
    /// Takes the system into the scope of the AIMS, or out of it.
    #[command(by(So), emits(ScopeChanged))]
    SetScope(SetScope),
    /// Adds a version that is to be developed.
    #[command(by(So, Dev), emits(VersionAdded))]
    AddVersion(AddVersion),
    /// Adds to the data sets, resources and components of a version.
    #[command(by(So, Dev), emits(AssetsLinked))]
    LinkAssets(LinkAssets),
    /// Moves a version into the next stage, through a gate that was passed for exactly that.
    #[command(by(So, Rel), emits(StageEntered))]
    EnterStage(EnterStage),
    /// Lets a version run.
    #[command(by(Rel), emits(Deployed))]
    Deploy(Deploy),
    /// Stops a running version.
    #[command(by(So, Rel, Ops), emits(VersionStopped))]
    StopVersion(StopVersion),
    /// Restricts operation; further restrictions add up.
    #[command(by(Ro, So, Ops), emits(OperationRestricted))]
    RestrictOperation(RestrictOperation),
    /// Lifts all restrictions.
    #[command(by(Ro), emits(OperationRestrictionLifted))]
    LiftRestriction(LiftRestriction),
    /// Halts operation.
    #[command(by(So, Ro, Ops, Sys), emits(OperationSuspended))]
    SuspendOperation(Suspend),
    /// Lets operation go on; restrictions stay.
    #[command(by(So, Ro), emits(OperationResumed))]
    ResumeOperation(Resume),
    /// Ends the system's life, through a gate that was passed for that.
    #[command(by(So), emits(Retired))]
    Retire(Retire),
    /// Corrects an earlier event.
    #[command(by(So), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "ai_system")]
pub enum Event {
    /// The system was registered.
    Registered(Registered),
    /// The system was described anew.
    Described(Described),
    /// Somebody answers for the system.
    OwnerAssigned(OwnerAssigned),
    /// The system came into the scope of the AIMS or left it.
    ScopeChanged(ScopeChanged),
    /// A version was added.
    VersionAdded(VersionAdded),
    /// A version's assets were added to.
    AssetsLinked(AssetsLinked),
    /// A version entered a stage.
    StageEntered(StageEntered),
    /// A version runs.
    Deployed(Deployed),
    /// A version runs no more.
    VersionStopped(VersionStopped),
    /// Operation was restricted.
    OperationRestricted(OperationRestricted),
    /// The restrictions were lifted.
    OperationRestrictionLifted(OperationRestrictionLifted),
    /// Operation was halted.
    OperationSuspended(OperationSuspended),
    /// Operation goes on.
    OperationResumed(OperationResumed),
    /// The system's life has ended.
    Retired(Retired),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(AiSystem, "ai_system", Command, Event, Refusal);

impl Fact for AiSystem {
    const KIND: &'static str = "ai_system";
}

/// Objects of another kind that name this system.
const fn listed(name: &'static str, kind: &'static str, doc: &'static str) -> Relation {
    Relation { name, doc, kind, by: "system", pinned: None }
}

const RELATIONS: &[Relation] = &[
    listed("impactAssessments", "impact_assessment", "Its impact assessments."),
    listed("privacyAssessments", "privacy_assessment", "Its data protection impact assessments."),
    listed("classifications", "regulatory_classification", "Its regulatory classifications."),
    listed("stageGates", "stage_gate", "The gates of its versions."),
    listed("requirementSets", "requirement_set", "Its requirements."),
    listed("designRecords", "design_record", "The designs of its versions."),
    listed("technicalDocumentation", "technical_documentation", "Its technical documentation."),
    listed("verificationRecords", "verification_record", "Verification of its versions."),
    listed("deploymentPlans", "deployment_plan", "The plans to deploy its versions."),
    listed("eventLogPolicies", "event_log_policy", "What it logs of its operation."),
    listed("monitors", "monitor", "What watches its operation."),
    listed("incidents", "incident", "Its incidents."),
    listed("changeRequests", "change_request", "Changes to it."),
    listed("intendedUses", "intended_use", "Its intended use, oversight and user information."),
];

impl Domain for AiSystem {
    const ABOUT: About = About {
        kind: "ai_system",
        doc: "An AI system with its versions, their stages and its operation.",
        clauses: &["4.3", "8.1", "A.4.2", "A.6.1.3", "A.6.2.5", "A.6.2.6", "A.9.4"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: RELATIONS,
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Describe(input) => input.needs(),
            Command::SetScope(input) => input.needs(),
            Command::AddVersion(input) => input.needs(known),
            Command::LinkAssets(input) => input.needs(known),
            Command::EnterStage(input) => input.needs(known),
            Command::Deploy(input) => input.needs(self, known),
            Command::Retire(input) => input.needs(known),
            Command::Register(_)
            | Command::AssignOwner(_)
            | Command::StopVersion(_)
            | Command::RestrictOperation(_)
            | Command::LiftRestriction(_)
            | Command::SuspendOperation(_)
            | Command::ResumeOperation(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let lives = || if self.is_retired() { Err(Refusal::SystemRetired) } else { Ok(()) };
        match command {
            Command::Register(input) => input.decide(context),
            Command::Describe(input) => lives().and_then(|()| input.decide(self, context)),
            Command::AssignOwner(input) => lives().and_then(|()| input.decide(self, context)),
            Command::SetScope(input) => input.decide(self, context),
            Command::AddVersion(input) => lives().and_then(|()| input.decide(self, context)),
            Command::LinkAssets(input) => lives().and_then(|()| input.decide(self, context)),
            Command::EnterStage(input) => lives().and_then(|()| input.decide(self, context)),
            Command::Deploy(input) => lives().and_then(|()| input.decide(self, context)),
            Command::StopVersion(input) => lives().and_then(|()| input.decide(self, context)),
            Command::RestrictOperation(input) => input.decide(self, context),
            Command::LiftRestriction(input) => Ok(input.decide(self, context)),
            Command::SuspendOperation(input) => input.decide(self, context),
            Command::ResumeOperation(input) => input.decide(self, context),
            Command::Retire(input) => input.decide(self, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Registered(e) => self.registered(e),
            Event::Described(e) => self.described(e),
            Event::OwnerAssigned(e) => self.owner = Some(e.owner),
            Event::ScopeChanged(e) => self.in_scope = e.in_scope,
            Event::VersionAdded(e) => self.version_added(e),
            Event::AssetsLinked(e) => self.assets_linked(e),
            Event::StageEntered(e) => self.stage_entered(e),
            Event::Deployed(e) => self.deployed(e),
            Event::VersionStopped(e) => self.stopped(&e.system_version),
            Event::OperationRestricted(e) => self.restricted(e),
            Event::OperationRestrictionLifted(_) => self.restriction = None,
            Event::OperationSuspended(e) => self.suspension = Some(e.suspension),
            Event::OperationResumed(_) => self.suspension = None,
            Event::Retired(e) => self.retired(e),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
        self.derive();
    }
}

impl AiSystem {
    /// Whether its life has ended.
    pub fn is_retired(&self) -> bool {
        self.retirement.is_some()
    }

    /// Whether it was bought, so that it is not designed here.
    pub fn is_bought(&self) -> bool {
        self.origin == Origin::Bought
    }

    /// The version of this label.
    pub fn version(&self, label: &Key) -> Option<&SystemVersion> {
        self.versions.get(label)
    }

    /// The version that stands for the system: the one that runs, not merely alongside another, or
    /// else the newest.
    pub fn current(&self) -> Option<(&Key, &SystemVersion)> {
        let runs = |v: &SystemVersion| v.status == VersionStatus::Running;
        let rank = |v: &SystemVersion| (!runs(v), v.alongside.is_some(), Reverse(v.order));
        self.versions.iter().min_by_key(|(_, version)| rank(version))
    }

    /// The labels of the versions that run.
    fn running(&self) -> impl Iterator<Item = &Key> {
        let running = self.versions.iter().filter(|(_, v)| v.status == VersionStatus::Running);
        running.map(|(label, _)| label)
    }

    fn version_or(&self, label: &Key, at: &'static str) -> Result<&SystemVersion, Refusal> {
        let unknown = || Refusal::UnknownVersion { system_version: label.as_str().into(), at };
        self.version(label).ok_or_else(unknown)
    }

    /// Brings what follows from the versions up to date.
    fn derive(&mut self) {
        self.stage = self.current().map_or(self.stage, |(_, version)| version.stage);
        let halted = (self.suspension.is_some(), self.restriction.is_some());
        let runs = self.running().next().is_some();
        self.operation_status = match (runs, halted) {
            (false, _) => OperationStatus::Stopped,
            (true, (true, _)) => OperationStatus::Suspended,
            (true, (false, true)) => OperationStatus::Restricted,
            (true, (false, false)) => OperationStatus::Running,
        };
    }
}
