//! A gate: the request to move a version of a system into the next stage, the answers to the
//! checks, and who let it through (L-02; ISO/IEC 42001 8.1, A.6.1.3, A.6.2.5).
//!
//! ```text
//!           request             evaluate                      approve (all who must)
//!   (none) ─────────► Requested ────────► Evaluated ────────────────────────► Passed
//!                         │                ▲     │ refuse                       │
//!                         │ evaluate       │     ▼                              │ expire
//!                         └──────────────► Refused ◄── refuse                   ▼ (30 days
//!                             evaluate again (not after a person refused)    Expired   unused)
//! ```
//!
//! The checks that block follow from the gate policy; a blocking check without an answer counts as
//! unknown and never passes. Once passed, the gate leads through once: `ai_system` remembers that.

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem as SystemKind;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Fact, Instant, Need, Position, Refused, Role, UserId};

pub use self::approval::{Approval, ApprovalGiven, Passed, RefuseGate};
pub use self::evaluation::{
    Answer, Answered, CheckResult, CheckState, Evaluate, Evaluated, GateRefused,
};
pub use self::refusals::Refusal;
pub use self::waiver::{CheckWaived, Grant, WaiveCheck, Waiver};
use crate::ai_system::{AiSystem, VersionStatus};
use crate::gate_policy::{Check, GatePolicy, Mode};
use crate::stage::Stage;

mod approval;
mod evaluation;
mod refusals;
#[cfg(test)]
mod tests;
mod waiver;

/// Days after which an open or passed gate that was not used expires.
pub const UNUSED_DAYS: i64 = 30;

/// A gate into a stage.
#[record]
#[derive(Default)]
pub struct StageGate {
    /// The system.
    #[field(index)]
    pub system: Ref<SystemKind>,
    /// The label of the system's version.
    pub system_version: Key,
    /// The stage in which the version is.
    pub from: Stage,
    /// The stage into which it leads.
    #[field(index)]
    pub to: Stage,
    /// Where it stands.
    #[field(index)]
    pub status: Status,
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    #[field(index)]
    pub requested_at: Instant,
    /// The policy by which it was evaluated last.
    pub policy_version: Option<Line>,
    /// The position in the log at which the answers were taken.
    pub evaluated_position: Option<Position>,
    /// When it was evaluated last.
    pub evaluated_at: Option<Instant>,
    /// The checks with their results, by code.
    pub checks: BTreeMap<Key, CheckState>,
    /// The checks that did not pass but only warn.
    pub warnings: Vec<Check>,
    /// The checks that did not pass and block.
    pub blocking: Vec<Check>,
    /// Who waived which check, by its code.
    pub waivers: BTreeMap<Key, Waiver>,
    /// Who let it through, by person.
    pub approvals: BTreeMap<Key, Approval>,
    /// When it was passed.
    #[field(index)]
    pub passed_at: Option<Instant>,
    /// The last day on which it leads through.
    pub valid_until: Option<Date>,
    /// Why it was refused.
    pub refusal: Option<Refused>,
    /// Who refused it, where a person did.
    pub refused_by: Option<UserId>,
    /// Why that person refused it.
    pub refusal_reason: Option<Prose>,
}

/// Where a gate stands.
#[words]
#[derive(Default)]
pub enum Status {
    /// It was asked for.
    #[default]
    Requested,
    /// Nothing blocks; it waits for those who must approve.
    Evaluated,
    /// It lets the version through, once.
    Passed,
    /// It was refused.
    Refused,
    /// It was not used in time.
    Expired,
}

impl Status {
    /// The word that stands for it in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Requested => "requested",
            Status::Evaluated => "evaluated",
            Status::Passed => "passed",
            Status::Refused => "refused",
            Status::Expired => "expired",
        }
    }
}

/// Input of `request`.
#[record]
pub struct RequestGate {
    /// The system.
    pub system: Ref<SystemKind>,
    /// The label of its version.
    pub system_version: Key,
    /// The stage that the version is to enter.
    pub to: Stage,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Asks that a version may enter its next stage.
    #[command(by(So, Dev), emits(Requested), creates)]
    Request(RequestGate),
    /// Records the answers to the checks; what blocks and is not answered counts as unknown.
    #[command(by(Sys), emits(Evaluated, Refused))]
    Evaluate(Evaluate),
    /// Waives a check until a day. Where several roles must take part, each gives its own part.
    #[command(by(Ro, Rel, Tm, Am, Iap), emits(CheckWaived))]
    WaiveCheck(WaiveCheck),
    /// Lets the version through; deployment, operation and retirement take two people.
    #[command(by(Rel, Ro, Iap), emits(ApprovalGiven, Passed), if_match)]
    Approve,
    /// Does not let the version through, whatever the checks say.
    #[command(by(Rel, Ro), emits(Refused))]
    Refuse(RefuseGate),
    /// Notices that the gate was not used in time.
    #[command(by(Sys), emits(Expired))]
    Expire,
    /// Corrects an earlier event.
    #[command(by(So), emits(Corrected))]
    Correct(Correct),
}

/// A gate was asked for.
#[record]
pub struct Requested {
    /// The system.
    pub system: Ref<SystemKind>,
    /// The label of its version.
    pub system_version: Key,
    /// The stage in which the version is.
    pub from: Stage,
    /// The stage that it is to enter.
    pub to: Stage,
    /// Who asked.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// A gate was not used in time.
#[record]
pub struct Expired {
    /// The last day on which it could have been used.
    pub until: Date,
}

/// What can have happened.
#[events(kind = "stage_gate")]
pub enum Event {
    /// The gate was asked for.
    Requested(Requested),
    /// The checks were answered.
    Evaluated(Evaluated),
    /// The gate was refused.
    #[event(refuses)]
    Refused(GateRefused),
    /// A check was waived, or a part of its waiver given.
    CheckWaived(CheckWaived),
    /// One of those who must approve did.
    ApprovalGiven(ApprovalGiven),
    /// The last one approved: the gate lets the version through.
    Passed(Passed),
    /// The gate was not used in time.
    Expired(Expired),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(StageGate, "stage_gate", Command, Event, Refusal);

impl Fact for StageGate {
    const KIND: &'static str = "stage_gate";
}

impl Domain for StageGate {
    const ABOUT: About = About {
        kind: "stage_gate",
        doc: "A request to move a version of a system into its next stage, and what came of it.",
        clauses: &["8.1", "A.6.1.3", "A.6.2.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let system = |id: &str| Need::Object(id.to_owned());
        let others = |id: &str| Need::Where(Self::KIND, "system", id.to_owned());
        let (own, policy) = (self.system.id(), Need::All(GatePolicy::KIND));
        match command {
            Command::Request(input) => vec![system(input.system.id()), others(input.system.id())],
            Command::Evaluate(_) => vec![system(own), others(own), policy],
            Command::Approve => vec![system(own), policy],
            Command::WaiveCheck(_) => vec![policy],
            Command::Expire => vec![system(own)],
            Command::Refuse(_) | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Request(input) => input.decide(context),
            Command::Evaluate(input) => self.evaluated(input, context),
            Command::WaiveCheck(input) => self.waived(input, context),
            Command::Approve => self.approved(context),
            Command::Refuse(input) => self.refused(input, context),
            Command::Expire => self.expired(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Requested(e) => {
                self.system = e.system;
                self.system_version = e.system_version;
                (self.from, self.to) = (e.from, e.to);
                (self.requested_by, self.requested_at) = (e.by, e.at);
                self.status = Status::Requested;
            }
            Event::Evaluated(e) => self.take_evaluation(e),
            Event::Refused(e) => {
                self.status = Status::Refused;
                self.refusal = Some(e.refusal);
                (self.refused_by, self.refusal_reason) = (e.by, e.reason);
            }
            Event::CheckWaived(e) => self.take_waiver(e),
            Event::ApprovalGiven(e) => self.take_approval(e.approval),
            Event::Passed(e) => {
                self.take_approval(e.approval);
                self.status = Status::Passed;
                self.passed_at = Some(e.at);
                self.valid_until = Some(e.valid_until);
            }
            Event::Expired(_) => self.status = Status::Expired,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl RequestGate {
    fn decide(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Self { system, system_version, to } = self;
        let known = context.facts.get::<AiSystem>(system.id());
        let version = known.as_ref().and_then(|known| known.version(&system_version));
        let (Some(known), Some(version)) = (&known, version) else {
            let system_version = system_version.as_str().into();
            return Err(Refusal::UnknownVersion { system_version, at: "/systemVersion" });
        };
        if version.status == VersionStatus::Retired {
            return Err(Refusal::SystemRetired);
        }
        let from = version.stage;
        if !from.leads_to(to, known.is_bought()) {
            let (from, to) = (from.word(), to.word());
            return Err(Refusal::StageSkipped { from, to, at: "/to" });
        }
        let is_same = |gate: &StageGate| {
            gate.system == system && gate.system_version == system_version && gate.to == to
        };
        let gates = context.facts.all::<StageGate>().into_iter();
        let mut gates = gates.filter(|(_, gate)| is_same(gate) && gate.is_open());
        if let Some((gate, _)) = gates.next() {
            return Err(Refusal::OtherGateOpen { gate });
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        Ok(vec![Event::Requested(Requested { system, system_version, from, to, by, at })])
    }
}

impl StageGate {
    /// Whether it waits for answers or approvals.
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Requested | Status::Evaluated)
    }

    /// Whether the days in which it lets through are over.
    pub fn is_lapsed(&self, today: Date) -> bool {
        self.valid_until.is_none_or(|until| until < today)
    }

    /// The checks that block under a policy on a day, by the answers that were given.
    pub fn blocking(&self, policy: &GatePolicy, today: Date) -> Vec<Check> {
        let asked = policy.asked(self.to).into_iter();
        let asked = asked.filter(|(_, rule)| rule.mode == Mode::Block);
        let open = asked.filter(|(check, rule)| {
            let key = check.key();
            let answer = self.checks.get(&key);
            let passes = answer.is_some_and(|state| state.result == CheckResult::Pass);
            let waiver = self.waivers.get(&key);
            !passes && !waiver.is_some_and(|waiver| waiver.holds(rule, today))
        });
        open.map(|(check, _)| check).collect()
    }

    /// Nobody has moved the version since the gate was asked for.
    fn check_stage(&self, context: &Context) -> Result<(), Refusal> {
        let system = context.facts.get::<AiSystem>(self.system.id());
        let version = system.as_ref().and_then(|system| system.version(&self.system_version));
        if version.is_some_and(|version| version.stage == self.from) {
            return Ok(());
        }
        Err(Refusal::StageMoved)
    }

    fn expired(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let requested_until = self.requested_at.date().plus_days(UNUSED_DAYS);
        let until = match self.status {
            Status::Expired => return Ok(Vec::new()),
            Status::Refused => return Err(self.closed()),
            Status::Requested | Status::Evaluated => requested_until,
            Status::Passed => self.valid_until.unwrap_or(requested_until),
        };
        let system = context.facts.get::<AiSystem>(self.system.id());
        let versions = system.into_iter().flat_map(|system| system.versions.into_values());
        if versions.flat_map(|version| version.gates).any(|gate| gate.id() == context.id) {
            return Err(Refusal::GateUsed);
        }
        if until >= context.today() {
            return Err(Refusal::NotYetExpired { until });
        }
        Ok(vec![Event::Expired(Expired { until })])
    }

    fn closed(&self) -> Refusal {
        Refusal::GateClosed { status: self.status.word() }
    }
}
