//! The end of a system's life (G17).

use declare::record;
use kernel::kinds::StageGate as GateKind;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Fact, Instant, Need, UserId};

use super::stages::{Way, gate_needs};
use super::version::VersionStatus;
use super::{AiSystem, Event, Refusal};
use crate::gate_policy::GatePolicy;
use crate::stage::Stage;

/// Input of `retire`. Whatever is left out is refused by its name.
#[record]
pub struct Retire {
    /// The gate into retirement that was passed for the system's current version.
    pub gate: Ref<GateKind>,
    /// What becomes of its data.
    pub data_disposition: Option<Prose>,
    /// What becomes of its models.
    pub model_disposition: Option<Prose>,
    /// How its users were told.
    pub user_notice: Option<Prose>,
    /// Whether what is still owed because of it was looked through: contracts, reports, requests.
    pub open_obligations_checked: bool,
    /// The last day on which its logs are kept.
    pub logs_kept_until: Option<Date>,
}

/// How a system's life ended.
#[record]
pub struct Retirement {
    /// The gate into retirement.
    pub gate: Ref<GateKind>,
    /// The gate policy under which the gate held.
    pub policy_version: Line,
    /// What becomes of its data.
    pub data_disposition: Prose,
    /// What becomes of its models.
    pub model_disposition: Prose,
    /// How its users were told.
    pub user_notice: Prose,
    /// The last day on which its logs are kept.
    pub logs_kept_until: Date,
    /// Who retired it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// A system's life has ended.
#[record]
pub struct Retired {
    /// The version that stood for it.
    pub system_version: Key,
    /// How it ended.
    pub retirement: Retirement,
    /// The versions that ran until then.
    pub stopped: Vec<Key>,
}

impl Retire {
    pub(super) fn needs(&self, known: &Context) -> Vec<Need> {
        let incidents = Need::Where(<facts::Incident as Fact>::KIND, "system", known.id.clone());
        [incidents].into_iter().chain(gate_needs(&self.gate)).collect()
    }

    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(retirement) = &system.retirement {
            let is_same = retirement.gate == self.gate;
            return if is_same { Ok(Vec::new()) } else { Err(Refusal::SystemRetired) };
        }
        let (gate, policy) = (self.gate.clone(), GatePolicy::in_force(context));
        let settled = self.settled(policy.policy_version.clone(), context)?;
        let Some((label, version)) = system.current() else {
            return Err(Refusal::GateOfAnother { at: "/gate" });
        };
        let way = Way { system_version: label, version, to: Stage::Retirement };
        way.check(&gate, &policy, context)?;
        let incidents = context.facts.all::<facts::Incident>().into_iter();
        let mut open = incidents.filter(|(_, i)| i.system == context.id && !is_closed(i));
        if let Some((incident, _)) = open.next() {
            return Err(Refusal::OpenIncident { incident });
        }
        let stopped = system.running().cloned().collect();
        let system_version = label.clone();
        Ok(vec![Event::Retired(Retired { system_version, retirement: settled, stopped })])
    }

    /// Everything that must be settled is.
    fn settled(self, policy_version: Line, context: &Context) -> Result<Retirement, Refusal> {
        let lacks = |what, at| Refusal::RetirementLacks { what, at };
        let data_disposition =
            self.data_disposition.ok_or(lacks("what becomes of its data", "/dataDisposition"))?;
        let model_disposition = self
            .model_disposition
            .ok_or(lacks("what becomes of its models", "/modelDisposition"))?;
        let user_notice =
            self.user_notice.ok_or(lacks("how its users were told", "/userNotice"))?;
        if !self.open_obligations_checked {
            return Err(lacks("that open obligations were checked", "/openObligationsChecked"));
        }
        let logs_kept_until =
            self.logs_kept_until.ok_or(lacks("how long its logs are kept", "/logsKeptUntil"))?;
        if logs_kept_until < context.today() {
            return Err(Refusal::LogsNotKept { at: "/logsKeptUntil" });
        }
        Ok(Retirement {
            gate: self.gate,
            policy_version,
            data_disposition,
            model_disposition,
            user_notice,
            logs_kept_until,
            by: context.user(),
            at: context.effective.unwrap_or(context.now),
        })
    }
}

/// Whether nothing is left to be done about an incident; a resolved one is not yet closed.
fn is_closed(incident: &facts::Incident) -> bool {
    matches!(incident.status.as_str(), "closed" | "duplicate" | "not_an_incident")
}

impl AiSystem {
    pub(super) fn retired(&mut self, event: Retired) {
        for version in self.versions.values_mut() {
            version.stage = Stage::Retirement;
            version.status = VersionStatus::Retired;
            version.alongside = None;
            version.entered_at = event.retirement.at;
        }
        if let Some(version) = self.versions.get_mut(&event.system_version) {
            version.gates.push(event.retirement.gate.clone());
        }
        self.restriction = None;
        self.suspension = None;
        self.retirement = Some(event.retirement);
    }
}
