//! Given, when, then: deployment plans.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::Fields;
use serde_json::{Value, json};

use super::*;
use crate::ai_system::SystemVersion;
use crate::gate_policy::{self, Check, GatePolicy, Mode, Setting};
use crate::samples::{World, passed_gate};
use crate::stage::Stage;
use crate::stage_gate::CheckResult;

const OWEN: (&str, Role) = ("usr_owen", Role::Rel);
const LENA: (&str, Role) = ("usr_lena", Role::Ro);
const MARC: (&str, Role) = ("usr_marc", Role::So);
const IN_WINDOW: &str = "2025-01-20T09:00:00Z";

/// A plan, the world around it and the time.
#[derive(Clone)]
struct Case {
    plan: DeploymentPlan,
    world: World,
    now: &'static str,
}

impl Case {
    fn new() -> Self {
        let mut case = Self {
            plan: DeploymentPlan::default(),
            world: World::default(),
            now: "2025-01-16T09:00:00Z",
        };
        case.system(Some("gat_1"));
        let (from, to) = (Stage::VerificationAndValidation, Stage::Deployment);
        case.world.put_state("gat_1", &passed_gate("2.0.1", from, to, "2025-01-15"));
        let monitor = json!({"system": "sys_1", "status": "armed"});
        case.world.put("mon_1", "monitor", monitor);
        let published = "2025-01-14T09:00:00.000000Z";
        let user_information = json!({"system": "sys_1", "publishedAt": published});
        case.world.put("itu_1", "intended_use", user_information);
        case
    }

    /// CreditLens 2.0.1, which came into deployment through this gate.
    fn system(&mut self, gate: Option<&str>) {
        let deployment_gate = gate.map(Ref::new);
        let version = SystemVersion { deployment_gate, ..SystemVersion::default() };
        let versions = [(Key::new("2.0.1"), version)].into();
        self.world.put_state("sys_1", &AiSystem { versions, ..AiSystem::default() });
    }

    fn approved() -> Self {
        let mut case = Self::new();
        case.does(OWEN, Command::Draft(content()));
        case.does(OWEN, Command::Submit);
        case.does(LENA, approve());
        case.now = IN_WINDOW;
        case
    }

    fn executed() -> Self {
        let mut case = Self::approved();
        case.does(OWEN, Command::Execute);
        case
    }

    fn asks(&self, (user, role): (&str, Role), command: Command) -> Result<Vec<Event>, Refusal> {
        let mut context = Context::of(user, &[role], self.now);
        (context.id, context.version) = ("dpl_1".into(), 3);
        self.world.decide(&self.plan, command, context)
    }

    fn refuses(&self, who: (&str, Role), command: Command) -> Refusal {
        self.asks(who, command).unwrap_err()
    }

    fn does(&mut self, who: (&str, Role), command: Command) -> Vec<Event> {
        let events = self.asks(who, command).unwrap();
        events.iter().for_each(|event| self.plan.evolve(event.clone()));
        events
    }
}

fn content() -> Content {
    Content {
        system: Ref::new("sys_1"),
        system_version: Key::new("2.0.1"),
        target_env: Line::new("production"),
        steps: vec![Line::new("switch the traffic")],
        rollback: vec![Line::new("switch back")],
        comms: Some(Prose::new("Lending is told a day before.")),
        monitoring_ready: true,
        user_info_ready: true,
        window: Window {
            from: "2025-01-20T08:00:00Z".parse().unwrap(),
            to: "2025-01-20T18:00:00Z".parse().unwrap(),
        },
    }
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn verify() -> Command {
    Command::Verify(Verify { finding: None })
}

fn roll_back() -> Command {
    Command::RollBack(RollBack { reason: Prose::new("errors") })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("no longer") })
}

#[test]
fn a_plan_is_approved_carried_out_and_verified() {
    let mut case = Case::executed();
    let execution = case.plan.execution.clone().unwrap();
    assert_eq!((execution.gate.id(), execution.monitor.id()), ("gat_1", "mon_1"));
    assert_eq!(execution.user_information.id(), "itu_1");
    assert_eq!(execution.plan_version, 1);
    assert!(case.plan.is_carried_out());
    assert_eq!(case.asks(OWEN, Command::Execute), Ok(vec![]));
    case.does(OWEN, verify());
    assert_eq!(case.plan.progress, Progress::Verified);
    assert_eq!(case.plan.execution.as_ref().unwrap().verified_by, Some(UserId::new("usr_owen")));
    assert!(case.plan.is_carried_out());
    for command in [verify(), Command::Execute] {
        assert_eq!(case.asks(OWEN, command), Ok(vec![]));
    }
}

#[test]
fn who_wrote_or_submitted_a_plan_does_not_approve_it() {
    let mut case = Case::new();
    case.does(OWEN, Command::Draft(content()));
    case.does(("usr_rel2", Role::Rel), Command::Submit);
    for user in ["usr_owen", "usr_rel2"] {
        let refusal = case.refuses((user, Role::So), approve());
        assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
    }
    assert!(case.asks(MARC, approve()).is_ok());
}

#[test]
fn a_rejected_plan_is_written_again() {
    let mut case = Case::new();
    case.does(OWEN, Command::Draft(content()));
    case.does(OWEN, Command::Submit);
    let refusal = case.refuses(OWEN, Command::Redraft(content()));
    assert!(matches!(refusal, Refusal::Approval(ApprovalRefusal::NotInDraft { .. })));
    case.does(LENA, Command::Reject(Reject { reason: Prose::new("too short a window") }));
    case.does(OWEN, Command::Redraft(content()));
    case.does(OWEN, Command::Submit);
    case.does(LENA, approve());
    assert_eq!(case.plan.approval.version, 1);
}

#[test]
fn a_plan_is_for_one_version_that_lives() {
    let mut case = Case::new();
    let unknown = |version: &str| {
        let system_version = version.into();
        Refusal::UnknownVersion { system_version, at: "/systemVersion" }
    };
    let of = |version: &str| Content { system_version: Key::new(version), ..content() };
    assert_eq!(case.refuses(OWEN, Command::Draft(of("9"))), unknown("9"));
    case.does(OWEN, Command::Draft(content()));
    let system_version = "2.0.1".to_owned();
    let other = Refusal::OtherVersion { system_version, at: "/systemVersion" };
    assert_eq!(case.refuses(OWEN, Command::Redraft(of("2.1"))), other);
    let system = Content { system: Ref::new("sys_2"), ..content() };
    assert_eq!(case.refuses(OWEN, Command::Redraft(system)), other);
    let mut retired: Value = serde_json::to_value(AiSystem::default()).unwrap();
    retired["versions"] = json!({"2.0.1": SystemVersion::default()});
    retired["retirement"] = json!({
        "gate": "gat_7", "policyVersion": "1", "dataDisposition": "x", "modelDisposition": "x",
        "userNotice": "x", "logsKeptUntil": "2027-01-01", "by": "usr_marc",
        "at": "2025-01-01T00:00:00Z",
    });
    case.world.put("sys_1", "ai_system", retired);
    assert_eq!(case.refuses(OWEN, Command::Redraft(content())), unknown("2.0.1"));
}

#[test]
fn a_window_ends_after_it_begins() {
    let instant = |text: &str| text.parse().unwrap();
    for to in ["2025-01-20T08:00:00Z", "2025-01-20T07:59:59Z"] {
        let window = Window { from: instant("2025-01-20T08:00:00Z"), to: instant(to) };
        let refusal = Case::new().refuses(OWEN, Command::Draft(Content { window, ..content() }));
        assert_eq!(refusal, Refusal::WindowEndsFirst { at: "/window/to" });
    }
}

#[test]
fn a_plan_without_steps_a_way_back_or_readiness_is_not_submitted() {
    for (content, what) in [
        (Content { steps: vec![], ..content() }, "steps"),
        (Content { rollback: vec![], ..content() }, "a way back"),
        (Content { monitoring_ready: false, ..content() }, "monitoring that is ready"),
        (Content { user_info_ready: false, ..content() }, "information for users that is ready"),
    ] {
        let mut case = Case::new();
        case.does(OWEN, Command::Draft(content));
        assert_eq!(case.refuses(OWEN, Command::Submit), Refusal::PlanLacks { what });
    }
}

#[test]
fn only_the_plan_in_force_is_carried_out() {
    let mut case = Case::new();
    case.does(OWEN, Command::Draft(content()));
    case.now = IN_WINDOW;
    assert_eq!(case.refuses(OWEN, Command::Execute), Refusal::NotInForce);
    case.does(OWEN, Command::Submit);
    assert_eq!(case.refuses(OWEN, Command::Execute), Refusal::NotInForce);
    case.does(LENA, approve());
    let mut begun = case.clone();
    begun.does(OWEN, Command::Redraft(content()));
    assert_eq!(begun.refuses(OWEN, Command::Execute), Refusal::NotInForce);
    case.does(LENA, withdraw());
    assert_eq!(case.refuses(OWEN, Command::Execute), Refusal::NotInForce);
}

#[test]
fn a_plan_is_carried_out_only_after_the_version_came_through_its_gate() {
    let mut case = Case::approved();
    let refusal = Refusal::NoPassedGate { system_version: "2.0.1".into() };
    case.system(None);
    assert_eq!(case.refuses(OWEN, Command::Execute), refusal);
    case.system(Some("gat_unknown"));
    assert_eq!(case.refuses(OWEN, Command::Execute), refusal);
}

#[test]
fn a_gate_that_would_not_let_through_today_stops_the_execution() {
    let mut case = Case::approved();
    let (from, to) = (Stage::VerificationAndValidation, Stage::Deployment);
    let mut gate = passed_gate("2.0.1", from, to, "2025-01-15");
    gate.checks.get_mut(&Check::G16.key()).unwrap().result = CheckResult::Fail;
    case.world.put_state("gat_1", &gate);
    assert!(case.asks(OWEN, Command::Execute).is_ok());
    let mode = Mode::Block;
    let rule = Setting { check: Check::G16, mode, into: vec![], waivable_by: None, max_days: None };
    let set = gate_policy::Set { policy_version: Line::new("2"), rules: vec![rule] };
    let mut policy = GatePolicy::default();
    let context = Context::of("usr_ingrid", &[Role::Tm], "2025-01-17T09:00:00Z");
    let events = policy.decide(gate_policy::Command::Set(set), &context).unwrap();
    events.into_iter().for_each(|event| policy.evolve(event));
    case.world.put_state("gpo_1", &policy);
    let refusal = Refusal::GateNoLongerHolds { check: "g16" };
    assert_eq!(case.refuses(OWEN, Command::Execute), refusal);
}

#[test]
fn a_plan_is_carried_out_only_with_a_monitor_and_information_for_users() {
    let mut case = Case::approved();
    for (status, watches) in [
        ("armed", true),
        ("alerting", true),
        ("acknowledged", true),
        ("resolved", true),
        ("paused", false),
        ("closed", false),
    ] {
        case.world.put("mon_1", "monitor", json!({"system": "sys_1", "status": status}));
        assert_eq!(case.asks(OWEN, Command::Execute).is_ok(), watches, "{status}");
    }
    assert_eq!(case.refuses(OWEN, Command::Execute), Refusal::NoArmedMonitor);
    case.world.put("mon_1", "monitor", json!({"system": "sys_1", "status": "armed"}));
    case.world.put("itu_1", "intended_use", json!({"system": "sys_1", "effective": {}}));
    assert_eq!(case.refuses(OWEN, Command::Execute), Refusal::NoUserInformation);
}

#[test]
fn a_plan_is_carried_out_within_its_window() {
    let mut case = Case::approved();
    for (now, fine) in [
        ("2025-01-20T07:59:59Z", false),
        ("2025-01-20T08:00:00Z", true),
        ("2025-01-20T18:00:00Z", true),
        ("2025-01-20T18:00:01Z", false),
    ] {
        case.now = now;
        let Window { from, to } = content().window;
        let asked = case.asks(OWEN, Command::Execute);
        let outside = Err(Refusal::OutsideWindow { from, to });
        assert_eq!(asked.map(|_| ()), if fine { Ok(()) } else { outside }, "{now}");
    }
}

#[test]
fn what_was_not_carried_out_is_neither_verified_nor_undone() {
    let case = Case::approved();
    for command in [verify(), roll_back()] {
        assert_eq!(case.refuses(OWEN, command), Refusal::NotExecuted);
    }
}

#[test]
fn an_executed_plan_is_verified_or_rolled_back_before_it_changes() {
    let case = Case::executed();
    for command in [Command::Redraft(content()), withdraw()] {
        assert_eq!(case.refuses(OWEN, command), Refusal::IsExecuted);
    }
}

#[test]
fn a_rolled_back_plan_needs_an_approved_next_version() {
    let mut case = Case::executed();
    case.does(OWEN, verify());
    case.does(("usr_ops", Role::Ops), roll_back());
    assert!(!case.plan.is_carried_out());
    assert_eq!(case.asks(OWEN, roll_back()), Ok(vec![]));
    assert_eq!(case.refuses(OWEN, verify()), Refusal::NotExecuted);
    assert_eq!(case.refuses(OWEN, Command::Execute), Refusal::WasRolledBack);
    case.does(OWEN, Command::Redraft(content()));
    case.does(OWEN, Command::Submit);
    let events = case.does(LENA, approve());
    assert!(matches!(events.as_slice(), [Event::Superseded(_), Event::Approved(_)]));
    assert_eq!((case.plan.progress, &case.plan.execution), (Progress::Planned, &None));
    case.does(OWEN, Command::Execute);
    assert_eq!(case.plan.execution.unwrap().plan_version, 2);
}

#[test]
fn a_deployment_is_undone_even_while_the_next_plan_is_written() {
    let mut case = Case::executed();
    case.does(OWEN, verify());
    case.does(OWEN, Command::Redraft(content()));
    case.does(OWEN, roll_back());
    assert_eq!(case.plan.progress, Progress::RolledBack);
}

#[test]
fn a_correction_leaves_what_was_decided() {
    let mut case = Case::executed();
    let correct = |set: Value| {
        let set = Fields(set.as_object().unwrap().clone());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("typing error"), set })
    };
    case.does(OWEN, correct(json!({"targetEnv": "production, Utrecht"})));
    assert_eq!(case.plan.content.target_env, Line::new("production, Utrecht"));
    for field in ["progress", "status", "system", "systemVersion", "rollback", "window"] {
        let refusal = case.refuses(OWEN, correct(json!({field: "x"})));
        assert!(matches!(refusal, Refusal::Correction(_)), "{field}");
    }
}
