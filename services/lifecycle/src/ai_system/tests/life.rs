//! Registration, description, stages and the end.

use super::*;

#[test]
fn a_new_system_begins_with_inception_and_does_not_run() {
    let life = registered();
    assert_eq!(life.system.stage, Stage::Inception);
    assert_eq!(life.system.operation_status, OperationStatus::Stopped);
    assert_eq!(life.status_of("2.0"), VersionStatus::InPreparation);
    assert!(!life.system.onboarded);
}

#[test]
fn an_existing_system_is_registered_where_it_stands() {
    let life = onboarded();
    assert_eq!(life.system.stage, Stage::OperationAndMonitoring);
    assert_eq!(life.system.operation_status, OperationStatus::Running);
    assert!(life.system.onboarded && life.system.versions[&Key::new("2.0")].onboarded);
    let refused = |stage, running| {
        let onboarded = Some(Onboarded { stage, running });
        Life::new().refuses(MARC, Command::Register(register(Origin::Built, onboarded)))
    };
    let refusal =
        Refusal::CannotRunYet { stage: "design_and_development", at: "/onboarded/running" };
    assert_eq!(refused(Stage::DesignAndDevelopment, true), refusal);
    let refusal = Refusal::OnboardedRetired { at: "/onboarded/stage" };
    assert_eq!(refused(Stage::Retirement, false), refusal);
}

#[test]
fn a_version_goes_from_stage_to_stage_to_operation_and_round() {
    let mut life = running();
    for stage in [
        Stage::OperationAndMonitoring,
        Stage::ReEvaluation,
        Stage::OperationAndMonitoring,
        Stage::ReEvaluation,
    ] {
        life.moves("2.0", stage);
        assert_eq!(life.system.stage, stage);
        assert_eq!(life.system.operation_status, OperationStatus::Running);
    }
    assert_eq!(life.system.versions[&Key::new("2.0")].gates.len(), 7);
}

#[test]
fn the_view_of_others_reads_what_is_written_here() {
    let mut life = running();
    life.does(MARC, Command::AddVersion(add("2.1")));
    let view: facts::AiSystem =
        serde_json::from_value(serde_json::to_value(&life.system).unwrap()).unwrap();
    assert_eq!((view.name.as_str(), view.stage.as_str()), ("CreditLens", "deployment"));
    assert_eq!((view.origin.as_str(), view.in_scope, view.is_running()), ("built", true, true));
    assert_eq!(view.org_units, ["Lending"]);
    assert_eq!(view.versions["2.0"].status, "running");
    assert_eq!(view.versions["2.1"].developers, ["usr_sara"]);
    assert!(!view.is_retired());
}

#[test]
fn no_stage_is_skipped() {
    let mut life = registered();
    let gate = life.gate("2.0", Stage::Inception, Stage::Deployment);
    let refusal = Refusal::StageSkipped { from: "inception", to: "deployment", at: "/stage" };
    assert_eq!(life.refuses(OWEN, enter("2.0", Stage::Deployment, &gate)), refusal);
    let gate = life.gate("2.0", Stage::Inception, Stage::Retirement);
    let refusal = Refusal::OnlyByRetire { at: "/stage" };
    assert_eq!(life.refuses(OWEN, enter("2.0", Stage::Retirement, &gate)), refusal);
    let refusal = Refusal::UnknownVersion { system_version: "9".into(), at: "/systemVersion" };
    assert_eq!(life.refuses(OWEN, enter("9", Stage::Deployment, &gate)), refusal);
}

#[test]
fn a_bought_system_goes_from_inception_to_verification_without_a_design_record() {
    let mut life = Life::new();
    life.does(MARC, Command::Register(register(Origin::Bought, None)));
    life.moves("2.0", Stage::VerificationAndValidation);
    assert_eq!(life.system.stage, Stage::VerificationAndValidation);
    life.does(MARC, Command::AddVersion(add("3.0")));
    assert_eq!(life.stage_of("3.0"), Stage::Inception);
}

#[test]
fn verification_needs_the_approved_design_of_exactly_this_version() {
    let mut life = registered();
    life.moves("2.0", Stage::DesignAndDevelopment);
    let to = Stage::VerificationAndValidation;
    let gate = life.gate("2.0", Stage::DesignAndDevelopment, to);
    let refusal = Refusal::NoDesignRecord { system_version: "2.0".into() };
    assert_eq!(life.refuses(OWEN, enter("2.0", to, &gate)), refusal);
    life.world.put("dsr_1", "design_record", design("2.0", Value::Null));
    life.world.put("dsr_2", "design_record", design("1.9", json!({"version": 1})));
    assert_eq!(life.refuses(OWEN, enter("2.0", to, &gate)), refusal);
    life.world.put("dsr_1", "design_record", design("2.0", json!({"version": 1})));
    life.does(OWEN, enter("2.0", to, &gate));
    assert_eq!(life.system.stage, to);
}

#[test]
fn a_prohibited_practice_goes_nowhere_but_to_its_end() {
    let mut life = running();
    let class = |status: &str, effects: Value| {
        json!({
            "system": "sys_1", "status": status, "regime": "eu_ai_act", "class": "prohibited",
            "role": "provider", "effects": effects,
        })
    };
    let gate = life.gate("2.0", Stage::Deployment, Stage::OperationAndMonitoring);
    let enter = || enter("2.0", Stage::OperationAndMonitoring, &gate);
    for fine in [class("proposed", json!(["forbidden"])), class("confirmed", json!(["high_risk"]))]
    {
        life.world.put("cls_1", "regulatory_classification", fine);
        assert!(life.asks(OWEN, enter()).is_ok());
    }
    life.world.put("cls_1", "regulatory_classification", class("confirmed", json!(["forbidden"])));
    assert_eq!(life.refuses(OWEN, enter()), Refusal::ProhibitedPractice);
    life.does(MARC, stop("2.0"));
    assert_eq!(life.refuses(OWEN, deploy("2.0", None, None)), Refusal::ProhibitedPractice);
    let another = Command::AddVersion(add("2.1"));
    assert_eq!(life.refuses(MARC, another), Refusal::ProhibitedPractice);
    let gate = life.gate("2.0", Stage::Deployment, Stage::Retirement);
    life.does(MARC, Command::Retire(retire(&gate)));
}

#[test]
fn a_stage_is_entered_only_through_a_gate_passed_for_exactly_that() {
    let mut life = registered();
    let to = Stage::DesignAndDevelopment;
    let foreign = |change: fn(&mut StageGate)| {
        let mut gate =
            passed_gate("2.0", Stage::Inception, Stage::DesignAndDevelopment, "2025-01-15");
        change(&mut gate);
        let mut life = registered();
        life.world.put_state("gat_x", &gate);
        life.refuses(OWEN, enter("2.0", Stage::DesignAndDevelopment, "gat_x"))
    };
    let of_another = Refusal::GateOfAnother { at: "/gate" };
    assert_eq!(life.refuses(OWEN, enter("2.0", to, "gat_none")), of_another);
    assert_eq!(foreign(|gate| gate.system = Ref::new("sys_2")), of_another);
    assert_eq!(foreign(|gate| gate.system_version = Key::new("1.9")), of_another);
    assert_eq!(foreign(|gate| gate.to = Stage::Deployment), of_another);
    for (status, word) in [
        (Status::Requested, "requested"),
        (Status::Evaluated, "evaluated"),
        (Status::Refused, "refused"),
        (Status::Expired, "expired"),
    ] {
        let mut gate = passed_gate("2.0", Stage::Inception, to, "2025-01-15");
        gate.status = status;
        life.world.put_state("gat_x", &gate);
        let refusal = Refusal::GateNotPassed { status: word, at: "/gate" };
        assert_eq!(life.refuses(OWEN, enter("2.0", to, "gat_x")), refusal);
    }
    let lapsed = Refusal::GateLapsed { at: "/gate" };
    assert_eq!(foreign(|gate| gate.from = Stage::ReEvaluation), lapsed);
    assert_eq!(foreign(|gate| gate.valid_until = Some("2025-01-14".parse().unwrap())), lapsed);
    assert_eq!(foreign(|gate| gate.valid_until = None), lapsed);
}

#[test]
fn a_gate_leads_through_on_its_last_day_and_only_once() {
    let mut life = running();
    life.moves("2.0", Stage::OperationAndMonitoring);
    let gate = life.gate("2.0", Stage::OperationAndMonitoring, Stage::ReEvaluation);
    life.today = "2025-02-14";
    life.does(OWEN, enter("2.0", Stage::ReEvaluation, &gate));
    assert_eq!(life.asks(OWEN, enter("2.0", Stage::ReEvaluation, &gate)), Ok(vec![]));
    life.moves("2.0", Stage::OperationAndMonitoring);
    let refusal = Refusal::GateUsed { at: "/gate" };
    assert_eq!(life.refuses(OWEN, enter("2.0", Stage::ReEvaluation, &gate)), refusal);
}

#[test]
fn a_gate_that_would_not_let_through_today_does_not() {
    let mut life = registered();
    life.moves("2.0", Stage::DesignAndDevelopment);
    life.world.put(
        "dsr_1",
        "design_record",
        json!({
            "system": "sys_1", "systemVersion": "2.0", "effective": {"version": 1},
        }),
    );
    life.moves("2.0", Stage::VerificationAndValidation);
    let mut gate =
        passed_gate("2.0", Stage::VerificationAndValidation, Stage::Deployment, "2025-01-15");
    gate.checks.get_mut(&Check::G16.key()).unwrap().result = CheckResult::Fail;
    life.world.put_state("gat_x", &gate);
    assert!(life.asks(OWEN, enter("2.0", Stage::Deployment, "gat_x")).is_ok());
    life.world.put_state("gpo_1", &blocking(Check::G16));
    let refusal = Refusal::GateNoLongerHolds { check: "g16" };
    assert_eq!(life.refuses(OWEN, enter("2.0", Stage::Deployment, "gat_x")), refusal);
}

#[test]
fn what_runs_is_stopped_before_it_is_designed_anew_and_then_needs_a_new_gate() {
    let mut life = running();
    life.moves("2.0", Stage::OperationAndMonitoring);
    life.moves("2.0", Stage::ReEvaluation);
    let gate = life.gate("2.0", Stage::ReEvaluation, Stage::DesignAndDevelopment);
    let enter = || enter("2.0", Stage::DesignAndDevelopment, &gate);
    let refusal = Refusal::VersionRuns { system_version: "2.0".into() };
    assert_eq!(life.refuses(OWEN, enter()), refusal);
    life.does(MARC, stop("2.0"));
    life.does(OWEN, enter());
    assert_eq!(life.system.versions[&Key::new("2.0")].deployment_gate, None);
    assert_eq!(life.system.stage, Stage::DesignAndDevelopment);
}

fn describe(purpose: Option<&str>, change: Option<&str>) -> Describe {
    let Register { name, system_kind, origin, autonomy, users, affected, geo, org_units, .. } =
        register(Origin::Built, None);
    let (purpose, change) = (purpose.map(Prose::new), change.map(Ref::new));
    Describe {
        name,
        purpose,
        system_kind,
        origin,
        autonomy,
        users,
        affected,
        geo,
        org_units,
        change,
    }
}

#[test]
fn a_description_replaces_the_one_before_but_leaves_an_unnamed_purpose() {
    let mut life = registered();
    assert_eq!(life.asks(MARC, Command::Describe(describe(None, None))), Ok(vec![]));
    let name = Line::new("CreditLens NL");
    life.does(MARC, Command::Describe(Describe { name: name.clone(), ..describe(None, None) }));
    assert_eq!(life.system.name, name);
    assert_eq!(life.system.purpose, Prose::new("Scores loan applications."));
    let hybrid = Describe { origin: Origin::Hybrid, ..describe(Some("Scores firms."), None) };
    life.does(MARC, Command::Describe(hybrid));
    assert_eq!(life.system.origin, Origin::Hybrid);
    assert_eq!(life.system.purpose, Prose::new("Scores firms."));
}

#[test]
fn where_a_system_comes_from_is_settled_after_inception() {
    let mut life = registered();
    life.moves("2.0", Stage::DesignAndDevelopment);
    let bought = Describe { origin: Origin::Bought, ..describe(None, None) };
    let refusal = Refusal::OriginSettled { at: "/origin" };
    assert_eq!(life.refuses(MARC, Command::Describe(bought)), refusal);
}

#[test]
fn a_running_system_gets_another_purpose_only_by_an_approved_change_of_purpose() {
    let mut life = running();
    let asks = |life: &Life, change| {
        life.asks(MARC, Command::Describe(describe(Some("Scores firms."), change)))
    };
    let needs = Refusal::PurposeNeedsChange { at: "/change" };
    assert_eq!(asks(&life, None), Err(needs.clone()));
    for (body, refusal) in [
        (change("sys_2", "purpose", json!({})), Refusal::ChangeOfAnother { at: "/change" }),
        (change("sys_1", "purpose", Value::Null), Refusal::ChangeNotApproved { at: "/change" }),
        (change("sys_1", "model", json!({})), needs),
    ] {
        life.world.put("chg_1", "change_request", body);
        assert_eq!(asks(&life, Some("chg_1")), Err(refusal));
    }
    life.world.put("chg_1", "change_request", change("sys_1", "purpose", json!({})));
    assert!(asks(&life, Some("chg_1")).is_ok());
}

#[test]
fn an_owner_is_assigned_once() {
    let mut life = registered();
    let assign = |owner: &str| Command::AssignOwner(AssignOwner { owner: UserId::new(owner) });
    assert_eq!(life.asks(MARC, assign("usr_marc")), Ok(vec![]));
    let events = life.does(MARC, assign("usr_olga"));
    let [Event::OwnerAssigned(assigned)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(assigned.before, Some(UserId::new("usr_marc")));
    assert_eq!(life.system.owner, Some(UserId::new("usr_olga")));
}

fn scope(in_scope: bool, change: Option<&str>) -> Command {
    Command::SetScope(SetScope { in_scope, aims_change: change.map(Ref::new) })
}

#[test]
fn a_running_system_leaves_the_scope_only_by_an_approved_change_of_the_aims() {
    let mut life = running();
    assert_eq!(life.asks(MARC, scope(true, None)), Ok(vec![]));
    let refusal = Refusal::NoAimsChange { at: "/aimsChange" };
    assert_eq!(life.refuses(MARC, scope(false, None)), refusal);
    let refusal = Refusal::AimsChangeNotApproved { at: "/aimsChange" };
    assert_eq!(life.refuses(MARC, scope(false, Some("amc_1"))), refusal);
    life.world.put("amc_1", "aims_change", json!({"status": "in_review"}));
    assert_eq!(life.refuses(MARC, scope(false, Some("amc_1"))), refusal);
    life.does(MARC, Command::SuspendOperation(Suspend { reason: Prose::new("defect") }));
    assert_eq!(life.refuses(MARC, scope(false, Some("amc_1"))), refusal);
    life.world.put("amc_1", "aims_change", json!({"effective": {"version": 1}}));
    life.does(MARC, scope(false, Some("amc_1")));
    assert!(!life.system.in_scope);
    life.does(MARC, scope(true, None));
    life.does(MARC, stop("2.0"));
    life.does(MARC, scope(false, None));
}

fn retire(gate: &str) -> Retire {
    Retire {
        gate: Ref::new(gate),
        data_disposition: Some(Prose::new("deleted")),
        model_disposition: Some(Prose::new("archived")),
        user_notice: Some(Prose::new("by letter")),
        open_obligations_checked: true,
        logs_kept_until: Some("2027-10-27".parse().unwrap()),
    }
}

#[test]
fn a_system_retires_with_all_its_versions_and_then_nothing_moves() {
    let mut life = onboarded();
    let gate = life.gate("2.0", Stage::OperationAndMonitoring, Stage::Retirement);
    life.does(MARC, Command::RestrictOperation(measure("by hand")));
    let events = life.does(MARC, Command::Retire(retire(&gate)));
    let [Event::Retired(retired)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(retired.stopped, [Key::new("2.0")]);
    let system = &life.system;
    assert!(system.is_retired() && system.restriction.is_none());
    assert_eq!(system.stage, Stage::Retirement);
    assert_eq!(system.operation_status, OperationStatus::Stopped);
    assert_eq!(life.status_of("2.0"), VersionStatus::Retired);
    assert_eq!(life.asks(MARC, Command::Retire(retire(&gate))), Ok(vec![]));
    let assign = AssignOwner { owner: UserId::new("usr_olga") };
    for command in [
        Command::AddVersion(add("2.1")),
        Command::Describe(describe(None, None)),
        Command::AssignOwner(assign),
        enter("2.0", Stage::ReEvaluation, &gate),
        deploy("2.0", None, None),
        stop("2.0"),
        Command::Retire(retire("gat_other")),
    ] {
        assert_eq!(life.refuses(MARC, command), Refusal::SystemRetired);
    }
}

#[test]
fn a_system_does_not_retire_while_anything_is_unsaid() {
    let mut life = onboarded();
    let gate = life.gate("2.0", Stage::OperationAndMonitoring, Stage::Retirement);
    let lacks = |what, at| Refusal::RetirementLacks { what, at };
    for (input, refusal) in [
        (
            Retire { data_disposition: None, ..retire(&gate) },
            lacks("what becomes of its data", "/dataDisposition"),
        ),
        (
            Retire { model_disposition: None, ..retire(&gate) },
            lacks("what becomes of its models", "/modelDisposition"),
        ),
        (
            Retire { user_notice: None, ..retire(&gate) },
            lacks("how its users were told", "/userNotice"),
        ),
        (
            Retire { open_obligations_checked: false, ..retire(&gate) },
            lacks("that open obligations were checked", "/openObligationsChecked"),
        ),
        (
            Retire { logs_kept_until: None, ..retire(&gate) },
            lacks("how long its logs are kept", "/logsKeptUntil"),
        ),
        (
            Retire { logs_kept_until: "2025-01-14".parse().ok(), ..retire(&gate) },
            Refusal::LogsNotKept { at: "/logsKeptUntil" },
        ),
    ] {
        assert_eq!(life.refuses(MARC, Command::Retire(input)), refusal);
    }
}

#[test]
fn a_system_does_not_retire_with_an_open_incident_or_without_its_gate() {
    let mut life = onboarded();
    let gate = life.gate("2.0", Stage::OperationAndMonitoring, Stage::Retirement);
    for (status, is_open) in [
        ("reported", true),
        ("triaged", true),
        ("resolved", true),
        ("closed", false),
        ("duplicate", false),
        ("not_an_incident", false),
    ] {
        life.world.put("inc_1", "incident", incident("minor", status));
        let refusal = Err(Refusal::OpenIncident { incident: "inc_1".into() });
        let asked = life.asks(MARC, Command::Retire(retire(&gate))).map(|_| ());
        assert_eq!(asked, if is_open { refusal } else { Ok(()) }, "{status}");
    }
    let elsewhere = life.gate("2.0", Stage::OperationAndMonitoring, Stage::ReEvaluation);
    let refusal = Refusal::GateOfAnother { at: "/gate" };
    assert_eq!(life.refuses(MARC, Command::Retire(retire(&elsewhere))), refusal);
    let of_older = life.gate("1.0", Stage::OperationAndMonitoring, Stage::Retirement);
    assert_eq!(life.refuses(MARC, Command::Retire(retire(&of_older))), refusal);
    assert!(life.asks(MARC, Command::Retire(retire(&gate))).is_ok());
}

fn measure(text: &str) -> RestrictOperation {
    RestrictOperation { measure: Line::new(text), reason: Prose::new("DIR below 0.80") }
}

#[test]
fn a_correction_sets_what_is_descriptive_and_nothing_that_was_decided() {
    let mut life = running();
    let correct = |set: Value| {
        let set = Fields(set.as_object().unwrap().clone());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("typing error"), set })
    };
    life.does(MARC, correct(json!({"name": "CreditLens 2"})));
    assert_eq!(life.system.name, Line::new("CreditLens 2"));
    assert_eq!(life.system.operation_status, OperationStatus::Running);
    for field in ["stage", "operationStatus", "versions", "origin", "inScope", "owner", "orgUnits"]
    {
        let refusal = life.refuses(MARC, correct(json!({field: "x"})));
        assert_eq!(refusal.declaration().code, "not_correctable", "{field}");
    }
}
