//! A version enters a stage: only the one that follows, and only through a gate that was passed
//! for exactly this.

use declare::record;
use kernel::kinds::StageGate as GateKind;
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Fact, Instant, Need, UserId};

use super::version::{VersionStatus, check_not_prohibited};
use super::{AiSystem, Event, Refusal, SystemVersion};
use crate::gate_policy::GatePolicy;
use crate::stage::Stage;
use crate::stage_gate::{StageGate, Status};

/// Input of `enter_stage`.
#[record]
pub struct EnterStage {
    /// The version's label.
    pub system_version: Key,
    /// The stage.
    pub stage: Stage,
    /// The gate that was passed.
    pub gate: Ref<GateKind>,
}

/// A version entered a stage.
#[record]
pub struct StageEntered {
    /// The version's label.
    pub system_version: Key,
    /// The stage that it left.
    pub from: Stage,
    /// The stage that it entered.
    pub to: Stage,
    /// The gate through which it went.
    pub gate: Ref<GateKind>,
    /// The gate policy under which the gate held.
    pub policy_version: Line,
    /// Who moved it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// What must be known to say whether a gate leads through.
pub(super) fn gate_needs(gate: &Ref<GateKind>) -> [Need; 2] {
    [Need::Object(gate.id().to_owned()), Need::All(GatePolicy::KIND)]
}

impl EnterStage {
    pub(super) fn needs(&self, known: &Context) -> Vec<Need> {
        let of_system = |kind| Need::Where(kind, "system", known.id.clone());
        let mut needs = vec![
            of_system(<facts::DesignRecord as Fact>::KIND),
            of_system(<facts::RegulatoryClassification as Fact>::KIND),
        ];
        needs.extend(gate_needs(&self.gate));
        needs
    }

    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let version = system.version_or(&self.system_version, "/systemVersion")?;
        let (from, to) = (version.stage, self.stage);
        if from == to && version.gates.last() == Some(&self.gate) {
            return Ok(Vec::new());
        }
        if to == Stage::Retirement {
            return Err(Refusal::OnlyByRetire { at: "/stage" });
        }
        if !from.leads_to(to, system.is_bought()) {
            let (from, to) = (from.word(), to.word());
            return Err(Refusal::StageSkipped { from, to, at: "/stage" });
        }
        if to == Stage::DesignAndDevelopment && version.status == VersionStatus::Running {
            let system_version = self.system_version.as_str().into();
            return Err(Refusal::VersionRuns { system_version });
        }
        let policy = GatePolicy::in_force(context);
        let way = Way { system_version: &self.system_version, version, to };
        way.check(&self.gate, &policy, context)?;
        check_not_prohibited(context)?;
        if to == Stage::VerificationAndValidation && !system.is_bought() {
            check_design(&self.system_version, context)?;
        }
        system.check_room(1)?;
        Ok(vec![Event::StageEntered(StageEntered {
            system_version: self.system_version,
            from,
            to,
            gate: self.gate,
            policy_version: policy.policy_version,
            by: context.user(),
            at: context.effective.unwrap_or(context.now),
        })])
    }
}

/// A way that a version is to take.
pub(super) struct Way<'a> {
    pub system_version: &'a Key,
    pub version: &'a SystemVersion,
    pub to: Stage,
}

impl Way<'_> {
    /// The gate was passed for exactly this way, was not used, is not too old, and would let
    /// through under the policy of today.
    pub fn check(
        &self,
        gate: &Ref<GateKind>,
        policy: &GatePolicy,
        context: &Context,
    ) -> Result<(), Refusal> {
        let at = "/gate";
        let leads_here = |known: &StageGate| {
            known.system.id() == context.id
                && known.system_version == *self.system_version
                && known.to == self.to
        };
        let known = context.facts.get::<StageGate>(gate.id()).filter(leads_here);
        let known = known.ok_or(Refusal::GateOfAnother { at })?;
        if self.version.gates.contains(gate) {
            return Err(Refusal::GateUsed { at });
        }
        if known.status != Status::Passed {
            return Err(Refusal::GateNotPassed { status: known.status.word(), at });
        }
        if known.from != self.version.stage || known.is_lapsed(context.today()) {
            return Err(Refusal::GateLapsed { at });
        }
        check_holds(&known, policy, context)
    }
}

/// The gate would let through under the policy of today.
pub(super) fn check_holds(
    gate: &StageGate,
    policy: &GatePolicy,
    context: &Context,
) -> Result<(), Refusal> {
    match gate.blocking(policy, context.today()).first() {
        Some(check) => Err(Refusal::GateNoLongerHolds { check: check.code() }),
        None => Ok(()),
    }
}

fn check_design(system_version: &Key, context: &Context) -> Result<(), Refusal> {
    let system_version = system_version.as_str();
    let is_of_version = |design: &facts::DesignRecord| {
        design.system == context.id && design.system_version == system_version
    };
    let designs = context.facts.all::<facts::DesignRecord>().into_iter();
    let mut designs = designs.filter(|(_, design)| is_of_version(design));
    if designs.any(|(_, design)| design.effective.is_some()) {
        return Ok(());
    }
    Err(Refusal::NoDesignRecord { system_version: system_version.into() })
}

impl AiSystem {
    pub(super) fn stage_entered(&mut self, event: StageEntered) {
        let Some(version) = self.versions.get_mut(&event.system_version) else { return };
        version.stage = event.to;
        version.entered_at = event.at;
        match event.to {
            Stage::Deployment => version.deployment_gate = Some(event.gate.clone()),
            // What is designed anew needs a new gate before it runs again.
            Stage::DesignAndDevelopment => version.deployment_gate = None,
            Stage::Inception
            | Stage::VerificationAndValidation
            | Stage::OperationAndMonitoring
            | Stage::ReEvaluation
            | Stage::Retirement => {}
        }
        version.gates.push(event.gate);
    }
}
