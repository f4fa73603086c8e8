//! Given, when, then: AI systems.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::domain::Refusals;
use kernel::values::{Fields, Ref};
use serde_json::{Value, json};

use super::version::{REFERENCES_MAX, VERSIONS_MAX};
use super::*;
use crate::gate_policy::{self, Check, GatePolicy, Mode, Setting};
use crate::samples::{World, passed_gate};
use crate::stage_gate::{CheckResult, StageGate, Status};

mod life;
mod release;
mod versions;

const MARC: (&str, Role) = ("usr_marc", Role::So);
const OLGA: (&str, Role) = ("usr_olga", Role::So);
const LENA: (&str, Role) = ("usr_lena", Role::Ro);
const OWEN: (&str, Role) = ("usr_owen", Role::Rel);

/// A system, the world around it and the day.
#[derive(Clone)]
struct Life {
    system: AiSystem,
    world: World,
    today: &'static str,
    gates: usize,
}

impl Life {
    fn new() -> Self {
        let world = World::default();
        Self { system: AiSystem::default(), world, today: "2025-01-15", gates: 0 }
    }

    fn context(&self, (user, role): (&str, Role)) -> Context {
        let mut context = Context::of(user, &[role], &format!("{}T09:00:00Z", self.today));
        context.id = "sys_1".into();
        context.version = 5;
        context
    }

    fn asks(&self, who: (&str, Role), command: Command) -> Result<Vec<Event>, Refusal> {
        self.world.decide(&self.system, command, self.context(who))
    }

    fn refuses(&self, who: (&str, Role), command: Command) -> Refusal {
        self.asks(who, command).unwrap_err()
    }

    fn does(&mut self, who: (&str, Role), command: Command) -> Vec<Event> {
        let events = self.asks(who, command).unwrap();
        events.iter().for_each(|event| self.system.evolve(event.clone()));
        events
    }

    /// Puts a passed gate into the world; gives its id.
    fn gate(&mut self, version: &str, from: Stage, to: Stage) -> String {
        self.gates += 1;
        let id = format!("gat_{}", self.gates);
        self.world.put_state(&id, &passed_gate(version, from, to, self.today));
        id
    }

    /// Moves a version on through a gate that was passed for that.
    fn moves(&mut self, version: &str, to: Stage) {
        let from = self.system.versions[&Key::new(version)].stage;
        let gate = self.gate(version, from, to);
        self.does(OWEN, enter(version, to, &gate));
    }

    /// Makes ready what a version needs to be deployed beside its gate.
    fn ready(&mut self, version: &str) {
        self.world.put(
            "itu_1",
            "intended_use",
            json!({
                "system": "sys_1", "publishedAt": "2025-01-14T09:00:00.000000Z",
            }),
        );
        self.world.put(
            "elp_1",
            "event_log_policy",
            json!({
                "system": "sys_1", "status": "active",
            }),
        );
        self.world.put(&format!("dpl_{version}"), "deployment_plan", plan(version, "executed"));
    }

    /// A version from its stage to deployment.
    fn leads_to_deployment(&mut self, version: &str) {
        self.world.put(
            &format!("dsr_{version}"),
            "design_record",
            json!({
                "system": "sys_1", "systemVersion": version, "effective": {"version": 1},
            }),
        );
        self.ready(version);
        if self.stage_of(version) == Stage::Inception {
            self.moves(version, Stage::DesignAndDevelopment);
        }
        self.moves(version, Stage::VerificationAndValidation);
        self.moves(version, Stage::Deployment);
    }

    fn stage_of(&self, version: &str) -> Stage {
        self.system.versions[&Key::new(version)].stage
    }

    fn status_of(&self, version: &str) -> VersionStatus {
        self.system.versions[&Key::new(version)].status
    }
}

/// CreditLens 2.0, new, registered.
fn registered() -> Life {
    let mut life = Life::new();
    life.does(MARC, Command::Register(register(Origin::Built, None)));
    life
}

/// HelpDesk Copilot, bought, running when it was registered.
fn onboarded() -> Life {
    let mut life = Life::new();
    let stage = Stage::OperationAndMonitoring;
    let onboarded = Some(Onboarded { stage, running: true });
    life.does(OLGA, Command::Register(register(Origin::Bought, onboarded)));
    life
}

/// CreditLens 2.0, running.
fn running() -> Life {
    let mut life = registered();
    life.leads_to_deployment("2.0");
    life.does(OWEN, deploy("2.0", None, None));
    life
}

fn register(origin: Origin, onboarded: Option<Onboarded>) -> Register {
    Register {
        name: Line::new("CreditLens"),
        owner: Some(UserId::new("usr_marc")),
        purpose: Prose::new("Scores loan applications."),
        system_kind: SystemKind::Ml,
        origin,
        autonomy: Autonomy::HumanInLoop,
        users: vec![Line::new("loan officers")],
        affected: vec![Line::new("loan applicants")],
        geo: vec![Line::new("NL")],
        org_units: vec![Line::new("Lending")],
        in_scope: true,
        system_version: Key::new("2.0"),
        developers: vec![UserId::new("usr_sara")],
        onboarded,
    }
}

fn add(version: &str) -> AddVersion {
    AddVersion {
        system_version: Key::new(version),
        developers: vec![UserId::new("usr_sara")],
        datasets: vec![],
        resources: vec![],
        components: vec![],
        change: None,
    }
}

fn enter(version: &str, stage: Stage, gate: &str) -> Command {
    let system_version = Key::new(version);
    Command::EnterStage(EnterStage { system_version, stage, gate: Ref::new(gate) })
}

fn deploy(version: &str, replaces: Option<&str>, alongside: Option<Alongside>) -> Command {
    let (system_version, replaces) = (Key::new(version), replaces.map(Key::new));
    Command::Deploy(Deploy { system_version, replaces, alongside })
}

fn stop(version: &str) -> Command {
    let reason = Prose::new("drifts");
    Command::StopVersion(StopVersion { system_version: Key::new(version), reason })
}

fn plan(version: &str, progress: &str) -> Value {
    json!({
        "status": "approved", "version": 1,
        "effective": {
            "version": 1, "approvedBy": "usr_lena", "approvedAt": "2025-01-14T09:00:00Z",
            "contentHash": "0".repeat(64), "historyVersion": 2,
        },
        "system": "sys_1", "systemVersion": version, "targetEnv": "production",
        "steps": ["switch"], "rollback": ["switch back"],
        "monitoringReady": true, "userInfoReady": true,
        "window": {"from": "2025-01-20T08:00:00Z", "to": "2025-01-20T18:00:00Z"},
        "progress": progress,
    })
}

fn design(version: &str, effective: Value) -> Value {
    json!({"system": "sys_1", "systemVersion": version, "effective": effective})
}

fn change(system: &str, kind: &str, effective: Value) -> Value {
    json!({"system": system, "changeKind": kind, "class": "minor", "effective": effective})
}

fn report(rule: Value, status: &str) -> Value {
    json!({"incident": "inc_1", "rule": rule, "reportKind": "initial", "status": status})
}

fn incident(severity: &str, status: &str) -> Value {
    json!({"system": "sys_1", "severity": severity, "status": status})
}

/// A gate policy under which this check blocks.
fn blocking(check: Check) -> GatePolicy {
    let setting =
        Setting { check, mode: Mode::Block, into: vec![], waivable_by: None, max_days: None };
    let set = gate_policy::Set { policy_version: Line::new("2"), rules: vec![setting] };
    let mut policy = GatePolicy::default();
    let context = Context::of("usr_ingrid", &[Role::Tm], "2025-12-15T09:00:00Z");
    let events = policy.decide(gate_policy::Command::Set(set), &context).unwrap();
    events.into_iter().for_each(|event| policy.evolve(event));
    policy
}
