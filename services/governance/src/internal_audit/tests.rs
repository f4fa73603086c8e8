//! Given, when, then: internal audits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::UserId;
use kernel::values::{Fields, Line, Number, Ref};
use serde_json::{Value, json};

use super::*;
use crate::given::{Given, on};

fn plan() -> Plan {
    Plan {
        programme: None,
        planned_audit: None,
        title: Line::new("Internal audit 2024"),
        objective: Prose::new("Whether the management system conforms and works."),
        criteria: ["7", "9.2", "A.6.2.4"].map(Number::new).into(),
        scope: Prose::new("Utrecht and Oslo."),
        areas: vec![Line::new("Training")],
        systems: vec![Ref::new("sys_1")],
        auditors: vec![UserId::new("usr_rui")],
        planned_on: "2024-12-09".parse().unwrap(),
    }
}

fn priya() -> Context {
    on("usr_priya", Role::Am, "2024-11-25")
}

fn rui(day: &str) -> Context {
    on("usr_rui", Role::Aud, day)
}

fn vera(day: &str) -> Context {
    on("usr_vera", Role::Aud, day)
}

fn timer(day: &str) -> Context {
    on("rea_timer", Role::Sys, day)
}

fn start() -> Command {
    Command::Start(Start { performed_on: None })
}

fn sample() -> Command {
    let object = Some(Ref::new("trr_1"));
    let what = Line::new("12 of 46 training records");
    Command::RecordSample(RecordSample { what, object })
}

fn report(c: char) -> Command {
    let report_hash = Hash::new(c.to_string().repeat(64));
    Command::Report(Report { report_hash, summary: Some(Prose::new("One minor finding.")) })
}

fn cancel() -> Command {
    Command::Cancel(Cancel { reason: Prose::new("The auditor is ill.") })
}

fn scheduled() -> Given<InternalAudit> {
    Given::nothing("iad_1").after(Command::Schedule(plan()), priya())
}

fn started() -> Given<InternalAudit> {
    scheduled().after(start(), rui("2024-12-09"))
}

fn reported() -> Given<InternalAudit> {
    started().after(sample(), rui("2024-12-10")).after(report('a'), rui("2024-12-18"))
}

fn finding(change: Value) -> Value {
    let mut finding = json!(crate::audit_finding::AuditFinding::default());
    let Value::Object(change) = change else { panic!("no object") };
    finding["audit"] = json!("iad_1");
    finding.as_object_mut().unwrap().extend(change);
    finding
}

#[test]
fn an_audit_is_scheduled_started_sampled_reported_and_closed() {
    let closed = reported().after(Command::Close, rui("2025-01-22")).state;
    assert_eq!(closed.status, AuditStatus::Closed);
    assert_eq!(closed.performed_on, Some("2024-12-09".parse().unwrap()));
    assert_eq!(closed.reported_at, Some("2024-12-18T09:00:00Z".parse().unwrap()));
    let sample = closed.samples.into_values().next().unwrap();
    assert_eq!(sample.as_of, Some(kernel::Position(40)));
}

#[test]
fn what_holds_already_changes_nothing() {
    assert!(started().holds(start(), rui("2024-12-10")));
    let day = Some("2024-12-09".parse().unwrap());
    assert!(started().holds(Command::Start(Start { performed_on: day }), rui("2024-12-10")));
    assert!(reported().holds(report('a'), rui("2024-12-19")));
    let closed = reported().after(Command::Close, rui("2025-01-22"));
    assert!(closed.holds(Command::Close, rui("2025-01-23")));
    assert!(scheduled().after(cancel(), priya()).holds(cancel(), priya()));
}

#[test]
fn who_answers_for_an_area_does_not_audit_it() {
    let assigned = |item: &str, responsibility: &str, status: &str, to: Option<&str>| {
        json!({ "item": item, "responsibility": responsibility, "holder": "usr_rui",
            "status": status, "validTo": to })
    };
    let audits = [
        (assigned("training", "accountable", "active", None), Some("training")),
        (assigned("sys_1", "responsible", "active", None), Some("sys_1")),
        (assigned("A.6.2.4", "accountable", "ended", Some("2022-12-09")), Some("A.6.2.4")),
        (assigned("7.2", "accountable", "ended", None), Some("7.2")),
        (assigned("Training", "accountable", "ended", Some("2022-12-08")), None),
        (assigned("Training", "consulted", "active", None), None),
        (assigned("Training", "accountable", "proposed", None), None),
        (assigned("Sales", "accountable", "active", None), None),
    ];
    for (assignment, area) in audits {
        let context = priya().knowing("ras_1", "role_assignment", assignment.clone());
        let decided = InternalAudit::default().decide(Command::Schedule(plan()), &context);
        let refused = area.map(|area| Refusal::AuditorAnswersForArea {
            auditor: "usr_rui".into(),
            area: area.into(),
            at: "/auditors",
        });
        assert_eq!(decided.err(), refused, "{assignment}");
    }
}

#[test]
fn the_owner_of_an_audited_control_or_system_does_not_audit() {
    let row = |control: &str| {
        json!({ "catalogue": "iso42001-2023", "control": control, "decision": "applicable",
            "status": "planned", "owner": "usr_rui" })
    };
    let system = |owner: &str| json!({ "name": "CreditLens", "owner": owner });
    let refuses = |context: Context| {
        InternalAudit::default().decide(Command::Schedule(plan()), &context).err()
    };
    let answers = |area: &str| {
        let (auditor, area) = ("usr_rui".into(), area.into());
        Some(Refusal::AuditorAnswersForArea { auditor, area, at: "/auditors" })
    };
    let of_control = priya().knowing("soc_1", "soa_control", row("A.6.2.4"));
    assert_eq!(refuses(of_control), answers("A.6.2.4"));
    assert_eq!(refuses(priya().knowing("soc_1", "soa_control", row("A.7.4"))), None);
    let of_system = priya().knowing("sys_1", "ai_system", system("usr_rui"));
    assert_eq!(refuses(of_system), answers("CreditLens"));
    assert_eq!(refuses(priya().knowing("sys_1", "ai_system", system("usr_marc"))), None);
    // Also when it became so after the audit was scheduled.
    let late = rui("2024-12-09").knowing("sys_1", "ai_system", system("usr_rui"));
    assert_eq!(Some(scheduled().refuses(start(), late)), answers("CreditLens"));
}

#[test]
fn an_approved_programme_sets_how_far_the_look_back_goes() {
    let programme = |months: u32| {
        json!({ "status": "approved", "version": 1, "year": 2024, "frequencyMonths": 12,
            "inForce": { "plannedAudits": ["autumn"], "lookBackMonths": months } })
    };
    let ended = json!({ "item": "Training", "responsibility": "accountable", "status": "ended",
        "holder": "usr_rui", "validTo": "2023-12-10" });
    let schedule = |months, key: &str| {
        let context = priya().knowing("apr_1", "audit_programme", programme(months)).knowing(
            "ras_1",
            "role_assignment",
            ended.clone(),
        );
        let (programme, planned_audit) = (Some(Ref::new("apr_1")), Some(Key::new(key)));
        let plan = Plan { programme, planned_audit, ..plan() };
        InternalAudit::default().decide(Command::Schedule(plan), &context)
    };
    assert!(schedule(11, "autumn").is_ok());
    let refused = schedule(12, "autumn").unwrap_err();
    assert!(matches!(refused, Refusal::AuditorAnswersForArea { .. }), "{refused:?}");
    let audit = "spring".to_owned();
    let refused = schedule(11, "spring").unwrap_err();
    assert_eq!(refused, Refusal::NotInProgramme { audit, at: "/plannedAudit" });
}

#[test]
fn a_plan_names_auditors_and_what_exists() {
    let refuses = |change: fn(&mut Plan)| {
        let mut plan = plan();
        change(&mut plan);
        Given::<InternalAudit>::nothing("iad_1").refuses(Command::Schedule(plan), priya())
    };
    assert_eq!(refuses(|plan| plan.auditors.clear()), Refusal::NoAuditor { at: "/auditors" });
    assert_eq!(
        refuses(|plan| plan.auditors.push(UserId::new("usr_priya"))),
        Refusal::NotInTheRole { auditor: "usr_priya".into(), at: "/auditors" }
    );
    assert_eq!(
        refuses(|plan| plan.criteria.push(Number::new("11.1"))),
        Refusal::UnknownCriterion { number: "11.1".into(), at: "/criteria" }
    );
    assert_eq!(
        refuses(|plan| plan.programme = Some(Ref::new("apr_9"))),
        Refusal::ProgrammeNotInForce { at: "/programme" }
    );
}

#[test]
fn once_it_has_begun_only_its_auditors_change_the_plan() {
    let wider = || Plan { criteria: vec![Number::new("7")], ..plan() };
    let moved = scheduled().after(Command::Replan(wider()), priya());
    assert_eq!(moved.state.plan.criteria.len(), 1);
    started().after(Command::Replan(wider()), rui("2024-12-10"));
    let refused = started().refuses(Command::Replan(wider()), priya());
    assert_eq!(refused, Refusal::NotItsAuditor);
    let refused = reported().refuses(Command::Replan(wider()), rui("2024-12-19"));
    assert_eq!(refused, Refusal::WrongStatus { status: "reported", step: "planned again" });
}

#[test]
fn only_its_auditors_conduct_an_audit() {
    assert_eq!(scheduled().refuses(start(), vera("2024-12-09")), Refusal::NotItsAuditor);
    assert_eq!(started().refuses(sample(), vera("2024-12-09")), Refusal::NotItsAuditor);
    assert_eq!(started().refuses(report('a'), vera("2024-12-18")), Refusal::NotItsAuditor);
}

#[test]
fn steps_are_taken_in_order() {
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    let day = || rui("2024-12-18");
    assert_eq!(scheduled().refuses(report('a'), day()), wrong("planned", "reported"));
    assert_eq!(scheduled().refuses(sample(), day()), wrong("planned", "sampled"));
    assert_eq!(started().refuses(Command::Close, day()), wrong("in progress", "closed"));
    assert_eq!(reported().refuses(report('b'), day()), wrong("reported", "reported"));
    assert_eq!(reported().refuses(start(), day()), wrong("reported", "started"));
    assert_eq!(reported().refuses(cancel(), priya()), wrong("reported", "cancelled"));
    let future = Command::Start(Start { performed_on: Some("2024-12-19".parse().unwrap()) });
    let refused = scheduled().refuses(future, day());
    assert_eq!(refused, Refusal::StartsInFuture { at: "/performedOn" });
}

#[test]
fn an_audit_without_criteria_is_not_reported() {
    let plan = Plan { criteria: vec![], ..plan() };
    let audit = Given::<InternalAudit>::nothing("iad_1").after(Command::Schedule(plan), priya());
    let audit = audit.after(start(), rui("2024-12-09"));
    assert_eq!(audit.refuses(report('a'), rui("2024-12-18")), Refusal::NoCriteria);
}

#[test]
fn an_audit_is_closed_when_every_finding_is_graded_and_taken_care_of() {
    let close = |change: Value| {
        let context = rui("2025-01-22").knowing("fnd_1", "audit_finding", finding(change));
        reported().state.decide(Command::Close, &with_id(context)).err()
    };
    let open = || Some(Refusal::FindingOpen { finding: "fnd_1".into() });
    let ungraded = Refusal::FindingNotGraded { finding: "fnd_1".into() };
    assert_eq!(close(json!({})), Some(ungraded));
    assert_eq!(close(json!({ "grade": "minor" })), open());
    assert_eq!(close(json!({ "grade": "ofi", "status": "answered" })), open());
    assert_eq!(close(json!({ "grade": "minor", "linkedNc": "ncf_1" })), None);
    assert_eq!(close(json!({ "grade": "ofi", "linkedImprovement": "ipv_1" })), None);
    assert_eq!(close(json!({ "grade": "minor", "status": "closed" })), None);
    assert_eq!(close(json!({ "grade": "positive" })), None);
    assert_eq!(close(json!({ "audit": "iad_2" })), None);
}

fn with_id(mut context: Context) -> Context {
    context.id = "iad_1".into();
    context
}

#[test]
fn a_running_audit_is_cancelled_by_top_management_alone() {
    assert_eq!(scheduled().after(cancel(), priya()).state.status, AuditStatus::Cancelled);
    assert_eq!(started().refuses(cancel(), priya()), Refusal::HasBegun);
    let ingrid = on("usr_ingrid", Role::Tm, "2024-12-10");
    assert_eq!(started().after(cancel(), ingrid).state.status, AuditStatus::Cancelled);
}

#[test]
fn an_audit_that_does_not_begin_in_time_is_overdue_once() {
    let planned_on = "2024-12-09".parse().unwrap();
    let refused = scheduled().refuses(Command::MarkOverdue, timer("2024-12-09"));
    assert_eq!(refused, Refusal::NotOverdue { planned_on });
    let late = scheduled().after(Command::MarkOverdue, timer("2024-12-10"));
    assert_eq!(late.state.overdue_since, Some(planned_on));
    assert!(late.holds(Command::MarkOverdue, timer("2024-12-11")));
    let moved = late.after(Command::Replan(plan()), priya());
    assert_eq!(moved.state.overdue_since, None);
    let refused = started().refuses(Command::MarkOverdue, timer("2024-12-11"));
    assert_eq!(refused, Refusal::WrongStatus { status: "in progress", step: "overdue" });
}

#[test]
fn an_audit_notes_so_many_samples_and_no_more() {
    let mut audit = started();
    let noted = audit.clone().after(sample(), rui("2024-12-10"));
    let one = noted.state.samples.into_values().next().unwrap();
    for n in 0..SAMPLES_MAX {
        audit.state.samples.insert(Key::new(format!("s{n}")), one.clone());
    }
    let refused = audit.refuses(sample(), rui("2024-12-10"));
    assert_eq!(refused, Refusal::TooManySamples { most: SAMPLES_MAX });
}

#[test]
fn only_descriptions_can_be_corrected() {
    let correct = |name: &str, value: Value| {
        let set = Fields([(name.to_owned(), value)].into_iter().collect());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("misspelt"), set })
    };
    let title = scheduled().after(correct("title", json!("Audit 2024")), rui("2024-12-09"));
    assert_eq!(title.state.plan.title, Line::new("Audit 2024"));
    let refused = scheduled().refuses(correct("auditors", json!([])), rui("2024-12-09"));
    assert!(matches!(refused, Refusal::Correction(_)), "{refused:?}");
}

#[test]
fn others_see_it_as_it_is() {
    let view = |given: Given<InternalAudit>| -> facts::InternalAudit {
        serde_json::from_value(json!(given.state)).unwrap()
    };
    let running = view(started());
    assert_eq!((running.status.as_str(), running.reported_at), ("in_progress", None));
    assert!(!running.is_reported());
    let over = view(reported());
    assert_eq!(over.reported_at, Some("2024-12-18T09:00:00Z".parse().unwrap()));
    assert!(over.is_reported());
    assert!(view(reported().after(Command::Close, rui("2025-01-22"))).is_reported());
}
