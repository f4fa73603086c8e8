//! A plan in force is carried out, looked at afterwards, or undone.

use declare::record;
use kernel::approval::Phase;
use kernel::kinds::{IntendedUse, Monitor, StageGate as GateKind};
use kernel::values::{Prose, Ref};
use kernel::{Context, Fact, Instant, Need, UserId};

use super::{DeploymentPlan, Event, Progress, Refusal};
use crate::ai_system::AiSystem;
use crate::gate_policy::GatePolicy;
use crate::stage_gate::StageGate;

/// How a plan was carried out.
#[record]
pub struct Execution {
    /// The version of the plan.
    pub plan_version: u32,
    /// Who carried it out.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// The gate through which the system's version came into deployment.
    pub gate: Ref<GateKind>,
    /// The armed monitor.
    pub monitor: Ref<Monitor>,
    /// The published information for users.
    pub user_information: Ref<IntendedUse>,
    /// Who looked at it afterwards.
    pub verified_by: Option<UserId>,
    /// When.
    pub verified_at: Option<Instant>,
    /// What was found then.
    pub finding: Option<Prose>,
    /// Who undid it.
    pub rolled_back_by: Option<UserId>,
    /// When.
    pub rolled_back_at: Option<Instant>,
    /// Why it was undone.
    pub rollback_reason: Option<Prose>,
}

/// Input of `verify`.
#[record]
pub struct Verify {
    /// What was found.
    pub finding: Option<Prose>,
}

/// Input of `roll_back`.
#[record]
pub struct RollBack {
    /// Why.
    pub reason: Prose,
}

/// The steps of a plan were carried out.
#[record]
pub struct DeploymentExecuted {
    /// How.
    pub execution: Execution,
}

/// All is well after a deployment.
#[record]
pub struct DeploymentVerified {
    /// Who looked.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// What was found.
    pub finding: Option<Prose>,
}

/// A deployment was undone.
#[record]
pub struct DeploymentRolledBack {
    /// Who undid it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: Prose,
}

impl DeploymentPlan {
    pub(super) fn execution_needs(&self, system: Need, known: &Context) -> Vec<Need> {
        let of_system = |kind| Need::Where(kind, "system", self.content.system.id().to_owned());
        let mut needs = vec![
            system,
            Need::All(GatePolicy::KIND),
            of_system(<facts::Monitor as Fact>::KIND),
            of_system(<facts::IntendedUse as Fact>::KIND),
        ];
        let gate = self.gate(known).map(|gate| Need::Object(gate.id().to_owned()));
        needs.extend(gate);
        needs
    }

    /// The gate through which the version came into deployment, as its system says.
    fn gate(&self, known: &Context) -> Option<Ref<GateKind>> {
        let system = known.facts.get::<AiSystem>(self.content.system.id())?;
        system.version(&self.content.system_version)?.deployment_gate.clone()
    }

    pub(super) fn executed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.check_in_force()?;
        match self.progress {
            Progress::Planned => {}
            Progress::Executed | Progress::Verified => return Ok(Vec::new()),
            Progress::RolledBack => return Err(Refusal::WasRolledBack),
        }
        let gate = self.passed_gate(context)?;
        let monitor = self.armed_monitor(context)?;
        let user_information = self.user_information(context)?;
        let at = context.effective.unwrap_or(context.now);
        let window = &self.content.window;
        if at < window.from || at > window.to {
            return Err(Refusal::OutsideWindow { from: window.from, to: window.to });
        }
        let execution = Execution {
            plan_version: self.approval.version,
            by: context.user(),
            at,
            gate,
            monitor,
            user_information,
            verified_by: None,
            verified_at: None,
            finding: None,
            rolled_back_by: None,
            rolled_back_at: None,
            rollback_reason: None,
        };
        Ok(vec![Event::DeploymentExecuted(DeploymentExecuted { execution })])
    }

    /// The version in force is the one that stands here; no next one has been begun.
    fn check_in_force(&self) -> Result<(), Refusal> {
        match self.approval.status {
            Phase::Approved if self.approval.effective.is_some() => Ok(()),
            Phase::Approved | Phase::Draft | Phase::InReview | Phase::Withdrawn => {
                Err(Refusal::NotInForce)
            }
        }
    }

    fn passed_gate(&self, context: &Context) -> Result<Ref<GateKind>, Refusal> {
        let lacking = || {
            let system_version = self.content.system_version.as_str().into();
            Refusal::NoPassedGate { system_version }
        };
        let gate = self.gate(context).ok_or_else(lacking)?;
        let known = context.facts.get::<StageGate>(gate.id()).ok_or_else(lacking)?;
        let policy = GatePolicy::in_force(context);
        match known.blocking(&policy, context.today()).first() {
            Some(check) => Err(Refusal::GateNoLongerHolds { check: check.code() }),
            None => Ok(gate),
        }
    }

    /// A monitor that watches; a paused or closed one does not.
    fn armed_monitor(&self, context: &Context) -> Result<Ref<Monitor>, Refusal> {
        let watches = |monitor: &facts::Monitor| {
            monitor.system == self.content.system.id()
                && !matches!(monitor.status.as_str(), "paused" | "closed")
        };
        let monitors = context.facts.all::<facts::Monitor>().into_iter();
        let mut monitors = monitors.filter(|(_, monitor)| watches(monitor));
        monitors.next().map(|(id, _)| Ref::new(id)).ok_or(Refusal::NoArmedMonitor)
    }

    fn user_information(&self, context: &Context) -> Result<Ref<IntendedUse>, Refusal> {
        let is_published = |known: &facts::IntendedUse| {
            known.system == self.content.system.id() && known.published_at.is_some()
        };
        let uses = context.facts.all::<facts::IntendedUse>().into_iter();
        let mut uses = uses.filter(|(_, known)| is_published(known));
        uses.next().map(|(id, _)| Ref::new(id)).ok_or(Refusal::NoUserInformation)
    }

    pub(super) fn verified(&self, input: Verify, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.progress {
            Progress::Executed => {}
            Progress::Verified => return Ok(Vec::new()),
            Progress::Planned | Progress::RolledBack => return Err(Refusal::NotExecuted),
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        let finding = input.finding;
        Ok(vec![Event::DeploymentVerified(DeploymentVerified { by, at, finding })])
    }

    /// Undone at any time, also while a next version of the plan is being written.
    pub(super) fn rolled_back(
        &self,
        input: RollBack,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.progress {
            Progress::Executed | Progress::Verified => {}
            Progress::RolledBack => return Ok(Vec::new()),
            Progress::Planned => return Err(Refusal::NotExecuted),
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        let reason = input.reason;
        Ok(vec![Event::DeploymentRolledBack(DeploymentRolledBack { by, at, reason })])
    }

    pub(super) fn take_verification(&mut self, event: DeploymentVerified) {
        self.progress = Progress::Verified;
        if let Some(execution) = &mut self.execution {
            execution.verified_by = Some(event.by);
            execution.verified_at = Some(event.at);
            execution.finding = event.finding;
        }
    }

    pub(super) fn take_rollback(&mut self, event: DeploymentRolledBack) {
        self.progress = Progress::RolledBack;
        if let Some(execution) = &mut self.execution {
            execution.rolled_back_by = Some(event.by);
            execution.rolled_back_at = Some(event.at);
            execution.rollback_reason = Some(event.reason);
        }
    }
}
