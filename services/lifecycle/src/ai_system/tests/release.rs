//! Versions run, one at a time unless declared; operation is restricted and halted.

use super::*;

/// CreditLens with 2.0 running and 2.1 in deployment.
fn next_ready() -> Life {
    let mut life = running();
    life.does(MARC, Command::AddVersion(add("2.1")));
    life.leads_to_deployment("2.1");
    life
}

#[test]
fn a_deployed_version_runs_and_the_event_says_on_what_it_rests() {
    let mut life = registered();
    life.leads_to_deployment("2.0");
    assert_eq!(life.system.operation_status, OperationStatus::Stopped);
    let events = life.does(OWEN, deploy("2.0", None, None));
    let [Event::Deployed(deployed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(deployed.gate.id(), "gat_3");
    assert_eq!(deployed.plan.id(), "dpl_2.0");
    assert_eq!(deployed.intended_use.id(), "itu_1");
    assert_eq!(deployed.log_policy.id(), "elp_1");
    assert_eq!(deployed.policy_version, Line::new("default"));
    assert_eq!(life.system.operation_status, OperationStatus::Running);
    assert_eq!(life.asks(OWEN, deploy("2.0", None, None)), Ok(vec![]));
}

#[test]
fn a_version_that_replaces_another_stops_it_in_the_same_event() {
    let mut life = next_ready();
    let refusal = Refusal::OtherVersionRuns { running: "2.0".into(), at: "/replaces" };
    assert_eq!(life.refuses(OWEN, deploy("2.1", None, None)), refusal);
    assert_eq!(life.does(OWEN, deploy("2.1", Some("2.0"), None)).len(), 1);
    assert_eq!(life.status_of("2.0"), VersionStatus::Stopped);
    assert_eq!(life.status_of("2.1"), VersionStatus::Running);
    life.does(OWEN, deploy("2.0", Some("2.1"), None));
    assert_eq!(life.status_of("2.0"), VersionStatus::Running);
}

#[test]
fn only_what_runs_can_be_replaced() {
    let life = next_ready();
    let not_running = |version: &str| Refusal::VersionNotRunning {
        system_version: version.into(),
        at: "/replaces",
    };
    assert_eq!(life.refuses(OWEN, deploy("2.1", Some("2.1"), None)), not_running("2.1"));
    assert_eq!(life.refuses(OWEN, deploy("2.0", Some("2.1"), None)), not_running("2.1"));
    let refusal = Refusal::UnknownVersion { system_version: "9".into(), at: "/replaces" };
    assert_eq!(life.refuses(OWEN, deploy("2.1", Some("9"), None)), refusal);
}

#[test]
fn a_declared_canary_runs_beside_the_main_version_and_can_take_its_place() {
    let mut life = next_ready();
    life.does(OWEN, deploy("2.1", None, Some(Alongside::Canary)));
    assert_eq!(life.status_of("2.0"), VersionStatus::Running);
    assert_eq!(life.system.current().unwrap().0, &Key::new("2.0"));
    assert_eq!(life.asks(OWEN, deploy("2.1", None, Some(Alongside::Canary))), Ok(vec![]));
    let refusal = Refusal::OtherVersionRuns { running: "2.0".into(), at: "/replaces" };
    assert_eq!(life.refuses(OWEN, deploy("2.1", None, None)), refusal);
    life.does(OWEN, deploy("2.1", Some("2.0"), None));
    assert_eq!(life.status_of("2.0"), VersionStatus::Stopped);
    assert_eq!(life.system.versions[&Key::new("2.1")].alongside, None);
}

#[test]
fn nothing_runs_alongside_nothing() {
    let mut life = registered();
    life.leads_to_deployment("2.0");
    let refusal = Refusal::NothingAlongside { at: "/alongside" };
    assert_eq!(life.refuses(OWEN, deploy("2.0", None, Some(Alongside::Shadow))), refusal);
    let life = next_ready();
    let both = deploy("2.1", Some("2.0"), Some(Alongside::AbTest));
    assert_eq!(life.refuses(OWEN, both), refusal);
}

#[test]
fn only_a_version_in_deployment_or_operation_that_came_through_a_gate_is_deployed() {
    let mut life = registered();
    life.ready("2.0");
    let refusal = Refusal::NotInDeployment { stage: "inception" };
    assert_eq!(life.refuses(OWEN, deploy("2.0", None, None)), refusal);
    let refusal = Refusal::UnknownVersion { system_version: "9".into(), at: "/systemVersion" };
    assert_eq!(life.refuses(OWEN, deploy("9", None, None)), refusal);
    let mut life = onboarded();
    life.ready("2.0");
    life.does(OLGA, stop("2.0"));
    let refusal = Refusal::NoDeploymentGate { system_version: "2.0".into() };
    assert_eq!(life.refuses(OWEN, deploy("2.0", None, None)), refusal);
}

#[test]
fn with_policy_v2_and_the_contradiction_open_v2_2_0_is_not_deployed() {
    let mut life = registered();
    life.leads_to_deployment("2.0");
    let gate = "gat_3";
    let mut warned =
        passed_gate("2.0", Stage::VerificationAndValidation, Stage::Deployment, "2025-01-15");
    warned.checks.get_mut(&Check::G16.key()).unwrap().result = CheckResult::Fail;
    life.world.put_state(gate, &warned);
    assert!(life.asks(OWEN, deploy("2.0", None, None)).is_ok());
    life.world.put_state("gpo_1", &blocking(Check::G16));
    let refusal = Refusal::GateNoLongerHolds { check: "g16" };
    assert_eq!(life.refuses(OWEN, deploy("2.0", None, None)), refusal);
}

#[test]
fn deployment_needs_published_use_an_active_log_policy_and_an_executed_plan() {
    let mut life = registered();
    life.leads_to_deployment("2.0");
    let refused = |world: World| {
        let life = Life { world, ..life.clone() };
        life.refuses(OWEN, deploy("2.0", None, None))
    };
    let with = |id: &str, kind: &'static str, body: Value| life.world.clone().with(id, kind, body);
    let without = |id: &str| {
        let mut world = life.world.clone();
        world.remove(id);
        world
    };
    let draft = with("itu_1", "intended_use", json!({"system": "sys_1", "effective": {}}));
    assert_eq!(refused(draft), Refusal::NoPublishedUse);
    assert_eq!(refused(without("itu_1")), Refusal::NoPublishedUse);
    for status in ["defined", "gap", "retired"] {
        let policy = json!({"system": "sys_1", "status": status});
        assert_eq!(refused(with("elp_1", "event_log_policy", policy)), Refusal::NoLogPolicy);
    }
    let refusal = Refusal::NoExecutedPlan { system_version: "2.0".into() };
    for progress in ["planned", "rolled_back"] {
        let plan = with("dpl_2.0", "deployment_plan", plan("2.0", progress));
        assert_eq!(refused(plan), refusal);
    }
    let of_another = with("dpl_2.0", "deployment_plan", plan("1.9", "executed"));
    assert_eq!(refused(of_another), refusal);
    let mut withdrawn = plan("2.0", "executed");
    withdrawn["effective"] = Value::Null;
    assert_eq!(refused(with("dpl_2.0", "deployment_plan", withdrawn)), refusal);
}

#[test]
fn a_stopped_version_leaves_the_system_stopped() {
    let mut life = running();
    let events = life.does(MARC, stop("2.0"));
    assert!(matches!(events.as_slice(), [Event::VersionStopped(_)]));
    assert_eq!(life.system.operation_status, OperationStatus::Stopped);
    assert_eq!(life.asks(MARC, stop("2.0")), Ok(vec![]));
    let system_version = "2.0".to_owned();
    let refusal = Refusal::VersionNotRunning { system_version, at: "/systemVersion" };
    assert_eq!(registered().refuses(MARC, stop("2.0")), refusal);
}

fn restrict(measure: &str) -> Command {
    let reason = Prose::new("DIR below 0.80");
    Command::RestrictOperation(RestrictOperation { measure: Line::new(measure), reason })
}

fn suspend() -> Command {
    Command::SuspendOperation(Suspend { reason: Prose::new("tenant isolation") })
}

fn resume() -> Command {
    Command::ResumeOperation(Resume { reason: None })
}

fn lift() -> Command {
    Command::LiftRestriction(LiftRestriction { reason: None })
}

#[test]
fn restrictions_add_up_outlast_a_deployment_and_are_lifted_together() {
    let mut life = next_ready();
    life.does(LENA, restrict("every decision reviewed by a person"));
    assert_eq!(life.system.operation_status, OperationStatus::Restricted);
    life.does(LENA, restrict("no new customers"));
    assert_eq!(life.asks(LENA, restrict("no new customers")), Ok(vec![]));
    assert_eq!(life.system.restriction.as_ref().unwrap().measures.len(), 2);
    life.does(OWEN, deploy("2.1", Some("2.0"), None));
    assert_eq!(life.system.operation_status, OperationStatus::Restricted);
    let events = life.does(LENA, lift());
    let [Event::OperationRestrictionLifted(lifted)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(lifted.measures.len(), 2);
    assert_eq!(life.system.operation_status, OperationStatus::Running);
    assert_eq!(life.asks(LENA, lift()), Ok(vec![]));
}

#[test]
fn measures_are_bounded() {
    let mut life = onboarded();
    for n in 0..operation::MEASURES_MAX {
        life.does(LENA, restrict(&n.to_string()));
    }
    let refusal = Refusal::TooManyMeasures { max: operation::MEASURES_MAX };
    assert_eq!(life.refuses(LENA, restrict("one more")), refusal);
}

#[test]
fn a_suspended_system_stays_so_until_it_is_resumed_whatever_is_deployed() {
    let mut life = next_ready();
    life.does(LENA, restrict("every decision reviewed by a person"));
    life.does(OLGA, suspend());
    assert_eq!(life.system.operation_status, OperationStatus::Suspended);
    assert_eq!(life.asks(OLGA, suspend()), Ok(vec![]));
    life.does(OWEN, deploy("2.1", Some("2.0"), None));
    assert_eq!(life.system.operation_status, OperationStatus::Suspended);
    let events = life.does(OLGA, resume());
    let [Event::OperationResumed(resumed)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(resumed.suspended_since.to_string(), "2025-01-15T09:00:00.000000Z");
    assert_eq!(life.system.operation_status, OperationStatus::Restricted);
    assert_eq!(life.asks(OLGA, resume()), Ok(vec![]));
}

#[test]
fn what_does_not_run_is_neither_restricted_nor_halted_nor_resumed() {
    let life = registered();
    for command in [restrict("by hand"), suspend(), resume()] {
        assert_eq!(life.refuses(OLGA, command), Refusal::SystemNotRunning);
    }
}

#[test]
fn during_a_serious_investigation_nothing_is_altered_before_an_authority_was_told() {
    let mut life = next_ready();
    let alterations = || {
        let datasets = vec![Ref::new("dst_1")];
        let link = LinkAssets {
            system_version: Key::new("2.2"),
            datasets,
            resources: vec![],
            components: vec![],
        };
        [
            (MARC, Command::AddVersion(add("3.0"))),
            (OWEN, deploy("2.1", Some("2.0"), None)),
            (MARC, Command::LinkAssets(link)),
        ]
    };
    life.does(MARC, Command::AddVersion(add("2.2")));
    let all_pass = |life: &Life| alterations().into_iter().all(|(w, c)| life.asks(w, c).is_ok());
    let all_frozen = |life: &Life| {
        let refusal = Refusal::FrozenByIncident { incident: "inc_1".into() };
        alterations().into_iter().all(|(who, command)| life.refuses(who, command) == refusal)
    };
    for (severity, status) in [("major", "investigating"), ("serious", "resolved")] {
        life.world.put("inc_1", "incident", incident(severity, status));
        assert!(all_pass(&life));
    }
    life.world.put("inc_1", "incident", incident("serious", "investigating"));
    assert!(all_frozen(&life));
    for (rule, status) in [(json!("eu_ai_act.73_2"), "released"), (Value::Null, "submitted")] {
        life.world.put("xrp_1", "external_report", report(rule, status));
        assert!(all_frozen(&life));
    }
    life.world.put("xrp_1", "external_report", report(json!("eu_ai_act.73_2"), "submitted"));
    assert!(all_pass(&life));
}
