//! Given, when, then: gates.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::Anything;
use serde_json::{Value, json};

use super::*;
use crate::ai_system::{self, SystemVersion};
use crate::gate_policy::{self, Setting, TABLE};
use crate::samples::{POSITION, World, passed_gate};

mod approval;
mod evaluation;

const MARC: (&str, Role) = ("usr_marc", Role::So);
const OWEN: (&str, Role) = ("usr_owen", Role::Rel);
const LENA: (&str, Role) = ("usr_lena", Role::Ro);
const AOIFE: (&str, Role) = ("usr_aoife", Role::Iap);
const INGRID: (&str, Role) = ("usr_ingrid", Role::Tm);
const SYS: (&str, Role) = ("rea_P1", Role::Sys);

/// A gate, the world around it and the day.
#[derive(Clone)]
struct Case {
    gate: StageGate,
    world: World,
    today: String,
    version: u64,
}

impl Case {
    /// Nothing asked yet; CreditLens 2.0, developed by Sara, stands in this stage.
    fn before(stage: Stage) -> Self {
        let mut case = Self {
            gate: StageGate::default(),
            world: World::default(),
            today: "2025-01-15".into(),
            version: 0,
        };
        case.system_in(stage);
        case
    }

    /// Marc has asked for the gate from this stage to that.
    fn requested(from: Stage, to: Stage) -> Self {
        let mut case = Self::before(from);
        case.does(MARC, request("2.0", to));
        case
    }

    /// Everything asked at the gate into deployment holds.
    fn evaluated() -> Self {
        let mut case = Self::requested(Stage::VerificationAndValidation, Stage::Deployment);
        case.evaluates(&[]);
        case
    }

    fn system_in(&mut self, stage: Stage) {
        let version = SystemVersion {
            order: 1,
            stage,
            developers: vec![UserId::new("usr_sara")],
            ..SystemVersion::default()
        };
        let versions = [(Key::new("2.0"), version)].into();
        let system = AiSystem { versions, stage, ..AiSystem::default() };
        self.world.put_state("sys_1", &system);
    }

    fn policy(&mut self, version: &str, rules: Vec<Setting>) {
        let set = gate_policy::Set { policy_version: Line::new(version), rules };
        let mut policy = GatePolicy::default();
        let context = Context::of("usr_ingrid", &[Role::Tm], "2025-01-01T09:00:00Z");
        let events = policy.decide(gate_policy::Command::Set(set), &context).unwrap();
        events.into_iter().for_each(|event| policy.evolve(event));
        self.world.put_state("gpo_1", &policy);
    }

    fn context(&self, user: &str, roles: &[Role]) -> Context {
        let mut context = Context::of(user, roles, &format!("{}T09:00:00Z", self.today));
        (context.id, context.version) = ("gat_1".into(), self.version);
        context
    }

    fn asks(&self, (user, role): (&str, Role), command: Command) -> Result<Vec<Event>, Refusal> {
        self.world.decide(&self.gate, command, self.context(user, &[role]))
    }

    fn refuses(&self, who: (&str, Role), command: Command) -> Refusal {
        self.asks(who, command).unwrap_err()
    }

    fn does(&mut self, who: (&str, Role), command: Command) -> Vec<Event> {
        let events = self.asks(who, command).unwrap();
        for event in &events {
            self.gate.evolve(event.clone());
            self.version += 1;
        }
        events
    }

    /// Every check that is asked holds, but these.
    fn evaluates(&mut self, but: &[(Check, Answer)]) -> Vec<Event> {
        let answers = self.answers(but);
        self.does(SYS, answers)
    }

    fn answers(&self, but: &[(Check, Answer)]) -> Command {
        let asked = TABLE.iter().filter(|row| row.into.contains(&self.gate.to));
        let checks = asked.map(|row| {
            let other = but.iter().find(|(check, _)| *check == row.check);
            answer(row.check, other.map_or(Answer::Pass, |(_, result)| *result))
        });
        Command::Evaluate(Evaluate { checks: checks.collect() })
    }

    fn result(&self, check: Check) -> CheckResult {
        self.gate.checks[&check.key()].result
    }
}

fn request(version: &str, to: Stage) -> Command {
    let (system, system_version) = (Ref::new("sys_1"), Key::new(version));
    Command::Request(RequestGate { system, system_version, to })
}

fn answer(check: Check, result: Answer) -> Answered {
    let because = Line::new("looked at");
    let looked_at = vec![Ref::<Anything>::new("risk_1")];
    Answered { check, result, because, evidence: vec![], looked_at }
}

fn setting(check: Check, mode: Mode) -> Setting {
    Setting { check, mode, into: vec![], waivable_by: None, max_days: None }
}

fn waive(check: Check, until: &str) -> Command {
    let (until, reason) = (until.parse().unwrap(), Prose::new("audited next week"));
    Command::WaiveCheck(WaiveCheck { check, until, reason })
}

fn refuse() -> Command {
    Command::Refuse(RefuseGate { reason: Prose::new("not in this quarter") })
}

#[test]
fn a_gate_leads_from_the_stage_of_its_version() {
    let case = Case::requested(Stage::VerificationAndValidation, Stage::Deployment);
    assert_eq!(case.gate.from, Stage::VerificationAndValidation);
    assert_eq!(case.gate.status, Status::Requested);
    assert_eq!(case.gate.requested_by, UserId::new("usr_marc"));
}

#[test]
fn the_view_of_others_reads_what_is_written_here() {
    let gate =
        passed_gate("2.0", Stage::VerificationAndValidation, Stage::Deployment, "2025-01-15");
    let view: facts::StageGate =
        serde_json::from_value(serde_json::to_value(gate).unwrap()).unwrap();
    assert_eq!((view.system.as_str(), view.system_version.as_str()), ("sys_1", "2.0"));
    assert_eq!((view.to.as_str(), view.status.as_str()), ("deployment", "passed"));
}

#[test]
fn a_gate_is_asked_for_the_next_stage_of_a_version_that_lives() {
    let mut case = Case::before(Stage::Inception);
    let refusal = Refusal::UnknownVersion { system_version: "9".into(), at: "/systemVersion" };
    assert_eq!(case.refuses(MARC, request("9", Stage::DesignAndDevelopment)), refusal);
    let (from, to) = ("inception", "deployment");
    let refusal = Refusal::StageSkipped { from, to, at: "/to" };
    assert_eq!(case.refuses(MARC, request("2.0", Stage::Deployment)), refusal);
    assert!(case.asks(MARC, request("2.0", Stage::Retirement)).is_ok());
    let retired = json!({
        "status": "retired", "stage": "retirement", "order": 1, "enteredAt": "2025-01-01T00:00:00Z",
    });
    let mut system = serde_json::to_value(AiSystem::default()).unwrap();
    system["versions"] = json!({"2.0": retired});
    case.world.put("sys_1", "ai_system", system);
    assert_eq!(case.refuses(MARC, request("2.0", Stage::Retirement)), Refusal::SystemRetired);
}

#[test]
fn one_gate_at_a_time_is_open_for_a_version_and_a_stage() {
    let mut case = Case::before(Stage::VerificationAndValidation);
    let gate = |status: Status, version: &str| {
        let from = Stage::VerificationAndValidation;
        StageGate { status, ..passed_gate(version, from, Stage::Deployment, "2025-01-10") }
    };
    for status in [Status::Requested, Status::Evaluated] {
        case.world.put_state("gat_9", &gate(status, "2.0"));
        let refusal = Refusal::OtherGateOpen { gate: "gat_9".into() };
        assert_eq!(case.refuses(MARC, request("2.0", Stage::Deployment)), refusal);
    }
    for status in [Status::Passed, Status::Refused, Status::Expired] {
        case.world.put_state("gat_9", &gate(status, "2.0"));
        assert!(case.asks(MARC, request("2.0", Stage::Deployment)).is_ok());
    }
    case.world.put_state("gat_9", &gate(Status::Requested, "1.9"));
    assert!(case.asks(MARC, request("2.0", Stage::Deployment)).is_ok());
}

#[test]
fn an_unused_gate_expires_after_thirty_days() {
    let mut case = Case::evaluated();
    case.today = "2025-02-14".into();
    let until = "2025-02-14".parse().unwrap();
    assert_eq!(case.refuses(SYS, Command::Expire), Refusal::NotYetExpired { until });
    case.today = "2025-01-20".into();
    case.does(OWEN, Command::Approve);
    case.does(LENA, Command::Approve);
    case.today = "2025-02-19".into();
    let until = "2025-02-19".parse().unwrap();
    assert_eq!(case.refuses(SYS, Command::Expire), Refusal::NotYetExpired { until });
    assert!(!case.gate.is_lapsed(until));
    case.today = "2025-02-20".into();
    assert!(case.gate.is_lapsed(case.today.parse().unwrap()));
    case.does(SYS, Command::Expire);
    assert_eq!(case.gate.status, Status::Expired);
    assert_eq!(case.asks(SYS, Command::Expire), Ok(vec![]));
}

#[test]
fn a_used_or_refused_gate_does_not_expire() {
    let mut case = Case::evaluated();
    case.does(OWEN, Command::Approve);
    case.does(LENA, Command::Approve);
    case.today = "2025-06-01".into();
    let version = SystemVersion {
        stage: Stage::Deployment,
        gates: vec![Ref::new("gat_1")],
        ..SystemVersion::default()
    };
    let versions = [(Key::new("2.0"), version)].into();
    case.world.put_state("sys_1", &AiSystem { versions, ..AiSystem::default() });
    assert_eq!(case.refuses(SYS, Command::Expire), Refusal::GateUsed);
    let mut case = Case::evaluated();
    case.does(OWEN, refuse());
    case.today = "2025-06-01".into();
    assert_eq!(case.refuses(SYS, Command::Expire), Refusal::GateClosed { status: "refused" });
}

#[test]
fn nothing_that_was_decided_about_a_gate_is_set_by_a_correction() {
    let case = Case::evaluated();
    for field in ["status", "checks", "approvals", "requestedBy", "to"] {
        let set = kernel::values::Fields([(field.to_owned(), Value::Null)].into_iter().collect());
        let correct = Correct { corrects: 1, reason: Prose::new("wrong"), set };
        let refusal = case.refuses(MARC, Command::Correct(correct));
        assert!(matches!(refusal, Refusal::Correction(_)), "{field}");
    }
    let set = kernel::values::Fields::default();
    let remark = Correct { corrects: 1, reason: Prose::new("typing error"), set };
    let events = case.asks(MARC, Command::Correct(remark)).unwrap();
    let mut after = case.gate.clone();
    events.into_iter().for_each(|event| after.evolve(event));
    assert_eq!(after, case.gate);
}

#[test]
fn a_system_enters_the_stage_through_the_gate_that_was_passed_here() {
    let mut case = Case::evaluated();
    case.does(OWEN, Command::Approve);
    case.does(LENA, Command::Approve);
    case.world.put_state("gat_1", &case.gate);
    let version =
        SystemVersion { stage: Stage::VerificationAndValidation, ..SystemVersion::default() };
    let versions = [(Key::new("2.0"), version)].into();
    let system = AiSystem { versions, ..AiSystem::default() };
    let enter = ai_system::Command::EnterStage(ai_system::EnterStage {
        system_version: Key::new("2.0"),
        stage: Stage::Deployment,
        gate: Ref::new("gat_1"),
    });
    let mut context = case.context("usr_owen", &[Role::Rel]);
    context.id = "sys_1".into();
    assert_eq!(case.world.decide(&system, enter, context).unwrap().len(), 1);
}
