//! A version is put into operation, or taken out of it.

use declare::record;
use kernel::kinds::{
    DeploymentPlan as PlanKind, EventLogPolicy, IntendedUse, StageGate as GateKind,
};
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Fact, Instant, Need, UserId};

use super::stages::{check_holds, gate_needs};
use super::version::{
    Alongside, VersionStatus, check_not_frozen, check_not_prohibited, freeze_needs,
};
use super::{AiSystem, Event, Refusal, SystemVersion};
use crate::deployment_plan::DeploymentPlan;
use crate::gate_policy::GatePolicy;
use crate::stage::Stage;
use crate::stage_gate::StageGate;

/// Input of `deploy`.
#[record]
pub struct Deploy {
    /// The version's label.
    pub system_version: Key,
    /// The running version that it replaces; that one stops.
    pub replaces: Option<Key>,
    /// How it runs beside another version; without this no two run at once.
    pub alongside: Option<Alongside>,
}

/// Input of `stop_version`.
#[record]
pub struct StopVersion {
    /// The version's label.
    pub system_version: Key,
    /// Why.
    pub reason: Prose,
}

/// A version runs.
#[record]
pub struct Deployed {
    /// Its label.
    pub system_version: Key,
    /// The version that it replaced, which runs no more.
    pub replaces: Option<Key>,
    /// How it runs beside another version.
    pub alongside: Option<Alongside>,
    /// The gate through which it came into deployment.
    pub gate: Ref<GateKind>,
    /// The gate policy under which the gate held.
    pub policy_version: Line,
    /// The plan by which it was deployed.
    pub plan: Ref<PlanKind>,
    /// The published intended use.
    pub intended_use: Ref<IntendedUse>,
    /// The active event-log policy.
    pub log_policy: Ref<EventLogPolicy>,
    /// Who deployed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// A version runs no more.
#[record]
pub struct VersionStopped {
    /// Its label.
    pub system_version: Key,
    /// Why.
    pub reason: Prose,
    /// Who stopped it.
    pub by: UserId,
}

impl Deploy {
    pub(super) fn needs(&self, system: &AiSystem, known: &Context) -> Vec<Need> {
        let of_system = |kind| Need::Where(kind, "system", known.id.clone());
        let mut needs = vec![
            of_system(<facts::IntendedUse as Fact>::KIND),
            of_system(<facts::EventLogPolicy as Fact>::KIND),
            of_system(<facts::RegulatoryClassification as Fact>::KIND),
            of_system(DeploymentPlan::KIND),
        ];
        let gate = system.version(&self.system_version).and_then(|v| v.deployment_gate.as_ref());
        needs.extend(gate.into_iter().flat_map(gate_needs));
        needs.extend(freeze_needs(known));
        needs
    }

    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let version = system.version_or(&self.system_version, "/systemVersion")?;
        let runs = version.status == VersionStatus::Running;
        if runs && self.replaces.is_none() && version.alongside == self.alongside {
            return Ok(Vec::new());
        }
        if !matches!(version.stage, Stage::Deployment | Stage::OperationAndMonitoring) {
            return Err(Refusal::NotInDeployment { stage: version.stage.word() });
        }
        let policy = GatePolicy::in_force(context);
        let gate = self.gate(version, &policy, context)?;
        self.check_others(system)?;
        check_not_frozen(context)?;
        check_not_prohibited(context)?;
        let intended_use = published_use(context)?;
        let log_policy = active_log_policy(context)?;
        let plan = executed_plan(&self.system_version, context)?;
        Ok(vec![Event::Deployed(Deployed {
            system_version: self.system_version,
            replaces: self.replaces,
            alongside: self.alongside,
            gate,
            policy_version: policy.policy_version,
            plan,
            intended_use,
            log_policy,
            by: context.user(),
            at: context.effective.unwrap_or(context.now),
        })])
    }

    /// The gate into deployment, which would still let through.
    fn gate(
        &self,
        version: &SystemVersion,
        policy: &GatePolicy,
        context: &Context,
    ) -> Result<Ref<GateKind>, Refusal> {
        let lacking = || {
            let system_version = self.system_version.as_str().into();
            Refusal::NoDeploymentGate { system_version }
        };
        let gate = version.deployment_gate.clone().ok_or_else(lacking)?;
        let known = context.facts.get::<StageGate>(gate.id()).ok_or_else(lacking)?;
        check_holds(&known, policy, context)?;
        Ok(gate)
    }

    /// Two versions run at once only when that is declared.
    fn check_others(&self, system: &AiSystem) -> Result<(), Refusal> {
        if let Some(replaced) = &self.replaces {
            let known = system.version_or(replaced, "/replaces")?;
            if known.status != VersionStatus::Running || *replaced == self.system_version {
                let system_version = replaced.as_str().into();
                return Err(Refusal::VersionNotRunning { system_version, at: "/replaces" });
            }
        }
        let stays =
            |label: &&Key| **label != self.system_version && Some(*label) != self.replaces.as_ref();
        match (system.running().find(stays), self.alongside) {
            (Some(running), None) => {
                let running = running.as_str().into();
                Err(Refusal::OtherVersionRuns { running, at: "/replaces" })
            }
            (None, Some(_)) => Err(Refusal::NothingAlongside { at: "/alongside" }),
            (Some(_), Some(_)) | (None, None) => Ok(()),
        }
    }
}

fn published_use(context: &Context) -> Result<Ref<IntendedUse>, Refusal> {
    let uses = context.facts.all::<facts::IntendedUse>().into_iter();
    let mut uses = uses.filter(|(_, known)| known.system == context.id);
    let published = uses.find(|(_, known)| known.published_at.is_some());
    published.map(|(id, _)| Ref::new(id)).ok_or(Refusal::NoPublishedUse)
}

fn active_log_policy(context: &Context) -> Result<Ref<EventLogPolicy>, Refusal> {
    let policies = context.facts.all::<facts::EventLogPolicy>().into_iter();
    let mut policies = policies.filter(|(_, known)| known.system == context.id);
    let active = policies.find(|(_, known)| known.status == "active");
    active.map(|(id, _)| Ref::new(id)).ok_or(Refusal::NoLogPolicy)
}

fn executed_plan(system_version: &Key, context: &Context) -> Result<Ref<PlanKind>, Refusal> {
    let plans = context.facts.all::<DeploymentPlan>().into_iter();
    let mut plans = plans.filter(|(_, plan)| plan.is_for(&context.id, system_version));
    let executed = plans.find(|(_, plan)| plan.is_carried_out());
    let lacking = || Refusal::NoExecutedPlan { system_version: system_version.as_str().into() };
    executed.map(|(id, _)| Ref::new(id)).ok_or_else(lacking)
}

impl StopVersion {
    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match system.version_or(&self.system_version, "/systemVersion")?.status {
            VersionStatus::Stopped | VersionStatus::Retired => Ok(Vec::new()),
            VersionStatus::InPreparation => {
                let system_version = self.system_version.as_str().into();
                Err(Refusal::VersionNotRunning { system_version, at: "/systemVersion" })
            }
            VersionStatus::Running => {
                let (system_version, reason) = (self.system_version, self.reason);
                let by = context.user();
                Ok(vec![Event::VersionStopped(VersionStopped { system_version, reason, by })])
            }
        }
    }
}

impl AiSystem {
    pub(super) fn deployed(&mut self, event: Deployed) {
        if let Some(replaced) = &event.replaces {
            self.stopped(replaced);
        }
        if let Some(version) = self.versions.get_mut(&event.system_version) {
            version.status = VersionStatus::Running;
            version.alongside = event.alongside;
        }
    }

    pub(super) fn stopped(&mut self, label: &Key) {
        if let Some(version) = self.versions.get_mut(label) {
            version.status = VersionStatus::Stopped;
            version.alongside = None;
        }
    }
}
