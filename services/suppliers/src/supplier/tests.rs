//! Given, when, then: suppliers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::id::encode;
use serde_json::{Value, json};

use super::condition::CONDITIONS_MAX;
use super::*;
use crate::samples::{NADIA, PRIYA, Person, SVEN, TIMER, Tale, command};

const NOW: &str = "2024-09-18T09:00:00Z";
/// An AIMS manager who is a supplier manager too, and assessed.
const NADIA_AM: Person = ("usr_nadia", &[Role::Sm, Role::Am]);

fn sas() -> String {
    encode("sas", 1)
}

fn register(criticality: &str) -> Command {
    command(
        "register",
        json!({
            "name": "Lumora AI", "supplierKind": "model", "criticality": criticality,
            "contacts": ["Ana, security desk"], "jurisdictions": ["IE"],
            "subprocessors": [{ "name": "Hoster", "task": "Computing", "jurisdiction": "IE" }],
        }),
    )
}

fn assessment(changes: Value) -> Value {
    let mut assessment = json!({
        "supplier": "sup_1", "status": "completed", "assessors": ["usr_nadia"], "score": 71,
        "completedAt": "2024-09-16T09:01:00Z", "validUntil": "2025-09-15",
    });
    for (name, value) in changes.as_object().unwrap() {
        assessment[name] = value.clone();
    }
    assessment
}

fn begin() -> Command {
    command("begin_assessment", json!({ "assessment": sas() }))
}

fn registered(criticality: &str) -> Tale<Supplier> {
    Tale::of("sup_1", NOW).then(NADIA, register(criticality))
}

/// Assessed by Nadia with 71 of 100.
fn assessed(criticality: &str) -> Tale<Supplier> {
    registered(criticality)
        .knowing(&sas(), "supplier_assessment", assessment(json!({ "status": "in_progress" })))
        .then(NADIA, begin())
        .knowing(&sas(), "supplier_assessment", assessment(json!({})))
}

fn approve() -> Command {
    command("approve", json!({}))
}

fn reinstate() -> Command {
    command("reinstate", json!({}))
}

fn because(verb: &str) -> Command {
    command(verb, json!({ "reason": "A tenant saw another's data." }))
}

fn under(conditions: Value) -> Command {
    command("approve_conditionally", json!({ "conditions": conditions }))
}

fn logs() -> Command {
    under(json!({ "logs": { "text": "Keep logs for 12 months.", "due": "2024-12-31" } }))
}

fn conditional() -> Tale<Supplier> {
    assessed("high").then(PRIYA, logs())
}

fn meet(key: &str) -> Command {
    command("meet_condition", json!({ "condition": key, "finding": "The contract says so." }))
}

fn mark_overdue(key: &str) -> Command {
    command("mark_condition_overdue", json!({ "condition": key }))
}

fn rate(criticality: &str) -> Command {
    command("rate_criticality", json!({ "criticality": criticality, "reason": "Used by more." }))
}

fn wrong(status: &'static str, step: &'static str) -> Refusal {
    Refusal::WrongStatus { status, step }
}

fn view(tale: &Tale<Supplier>) -> facts::Supplier {
    serde_json::from_value(tale.body()).unwrap()
}

#[test]
fn a_supplier_is_approved_under_conditions_and_then_without() {
    let tale = conditional();
    assert_eq!(tale.state.status, SupplierStatus::ConditionallyApproved);
    let approval = tale.state.approval.clone().unwrap();
    assert_eq!((approval.score, approval.by.as_str()), (Some(71), "usr_priya"));
    assert_eq!(tale.state.review_due, approval.valid_until);
    let due = "2024-12-31".parse().unwrap();
    assert_eq!(view(&tale).condition_due, Some(due));
    assert!(view(&tale).is_approved_on(due) && !view(&tale).is_approved_on(due.plus_days(1)));
    assert_eq!(tale.refused(PRIYA, approve()), Refusal::ConditionOpen { due });

    let key = "logs";
    let late = tale.at("2025-01-01T09:00:00Z").then(TIMER, mark_overdue(key));
    late.holds(TIMER, mark_overdue(key));
    let met = late.at("2025-02-03T08:00:00Z").then(NADIA, meet(key));
    met.holds(NADIA, meet(key));
    assert_eq!(view(&met).condition_due, None);
    let approved = met.then(PRIYA, approve());
    assert_eq!(approved.state.status, SupplierStatus::Approved);
    approved.holds(PRIYA, approve());
}

#[test]
fn a_supplier_is_suspended_and_reinstated_on_a_new_assessment() {
    let tale = assessed("high").then(PRIYA, approve()).at("2025-06-17T09:00:00Z");
    let tale = tale.then(NADIA, because("suspend"));
    assert!(tale.state.approval.is_none() && tale.state.status_reason.is_some());
    tale.holds(NADIA, because("suspend"));
    assert_eq!(tale.refused(PRIYA, approve()), wrong("suspended", "approved"));
    let tale = tale.at("2025-07-10T09:01:00Z");
    let refusal = Refusal::AssessedBeforeSuspension { assessment: sas() };
    assert_eq!(tale.refused(PRIYA, reinstate()), refusal);
    let again = assessment(json!({
        "completedAt": "2025-07-10T09:00:00Z", "validUntil": "2026-07-09", "score": 84,
    }));
    let action = |status: &str| json!({ "supplier": "sup_1", "status": status });
    let tale = tale.knowing("sas_2", "supplier_assessment", again).knowing(
        "sca_1",
        "supplier_corrective_action",
        action("implemented"),
    );
    let refusal = Refusal::CorrectiveActionOpen { action: "sca_1".into() };
    assert_eq!(tale.refused(PRIYA, reinstate()), refusal);
    let tale = tale.knowing("sca_1", "supplier_corrective_action", action("verified"));
    assert_eq!(tale.refused(NADIA, reinstate()), Refusal::CriticalByOther);
    let tale = tale.then(PRIYA, reinstate());
    assert_eq!(tale.state.status, SupplierStatus::Approved);
    assert_eq!(tale.state.approval.as_ref().unwrap().score, Some(84));
    assert_eq!(tale.refused(PRIYA, reinstate()), wrong("approved", "reinstated"));
}

#[test]
fn an_open_condition_outlives_a_suspension() {
    let again = assessment(json!({ "completedAt": "2024-11-01T09:00:00Z" }));
    let tale = conditional()
        .at("2024-10-01T09:00:00Z")
        .then(NADIA, because("suspend"))
        .at("2024-11-02T09:00:00Z")
        .knowing("sas_2", "supplier_assessment", again);
    assert_eq!(view(&tale).condition_due, None);
    let key = "logs";
    assert_eq!(tale.refused(TIMER, mark_overdue(key)), Refusal::ConditionNotOpen);
    let tale = tale.then(PRIYA, reinstate());
    assert_eq!(tale.state.status, SupplierStatus::ConditionallyApproved);
    assert!(view(&tale).condition_due.is_some());
}

#[test]
fn an_approval_rests_on_a_current_assessment() {
    let none = Refusal::NoCurrentAssessment;
    for changes in [
        json!({ "status": "in_progress" }),
        json!({ "status": "expired" }),
        json!({ "validUntil": "2024-09-17" }),
        json!({ "supplier": "sup_2" }),
        // Raised to high since: what counts for two years counts for one.
        json!({ "completedAt": "2023-09-17T09:00:00Z" }),
    ] {
        let known = assessment(changes.clone());
        let tale = assessed("high").knowing(&sas(), "supplier_assessment", known);
        assert_eq!(tale.refused(PRIYA, approve()), none, "{changes}");
        assert_eq!(tale.refused(PRIYA, logs()), none, "{changes}");
    }
    for changes in
        [json!({ "validUntil": "2024-09-18" }), json!({ "completedAt": "2023-09-18T09:00:00Z" })]
    {
        let known = assessment(changes);
        assessed("high").knowing(&sas(), "supplier_assessment", known).then(PRIYA, approve());
    }
    // Of several the one that was completed last counts.
    let newer = json!({ "completedAt": "2024-09-17T09:00:00Z", "score": 90 });
    let tale = assessed("high")
        .knowing("sas_0", "supplier_assessment", assessment(newer))
        .then(PRIYA, approve());
    assert_eq!(tale.state.approval.unwrap().score, Some(90));
}

#[test]
fn an_approver_did_not_assess_and_a_critical_supplier_is_the_aims_managers() {
    let refusal = Refusal::ApproverIsAssessor { assessment: sas() };
    assert_eq!(assessed("high").refused(NADIA_AM, approve()), refusal);
    assert_eq!(assessed("low").refused(NADIA, approve()), refusal);
    assert_eq!(assessed("high").refused(SVEN, approve()), Refusal::CriticalByOther);
    assert_eq!(assessed("high").refused(SVEN, logs()), Refusal::CriticalByOther);
    for criticality in ["low", "medium"] {
        let tale = assessed(criticality).then(SVEN, approve());
        assert!(!tale.state.approval.unwrap().by_aims_manager);
        assessed(criticality).then(PRIYA, approve());
    }
}

#[test]
fn a_condition_has_a_day_that_is_to_come() {
    let tale = assessed("high");
    let due = |due: Value| under(json!({ "a": { "text": "x", "due": "2024-12-01" }, "b": due }));
    let at = || "/conditions/b/due".to_owned();
    let refusal = tale.refused(PRIYA, due(json!({ "text": "y" })));
    assert_eq!(refusal, Refusal::ConditionWithoutDue { at: at() });
    let refusal = tale.refused(PRIYA, due(json!({ "text": "y", "due": "2024-09-17" })));
    assert_eq!(refusal, Refusal::ConditionDueInPast { at: at() });
    let refusal = tale.refused(PRIYA, under(json!({})));
    assert_eq!(refusal, Refusal::NoCondition { at: "/conditions" });
    let many = |from: usize| {
        let one = |n| (format!("c{n}"), json!({ "text": "x", "due": "2024-12-01" }));
        under(Value::Object((from..from + 20).map(one).collect()))
    };
    let full = tale.then(PRIYA, many(0));
    let (condition, at) = ("c1".to_owned(), "/conditions/c1".to_owned());
    let twice = under(json!({ "c1": { "text": "x", "due": "2024-12-01" } }));
    assert_eq!(full.refused(PRIYA, twice), Refusal::ConditionTwice { condition, at });
    let full = full.then(PRIYA, many(20));
    let refusal = full.refused(PRIYA, logs());
    assert_eq!(refusal, Refusal::TooManyConditions { most: CONDITIONS_MAX });
}

#[test]
fn a_condition_is_overdue_after_its_day_unless_it_is_met() {
    let tale = conditional();
    let key = "logs";
    let due = "2024-12-31".parse().unwrap();
    let last = tale.clone().at("2024-12-31T23:59:59Z");
    assert_eq!(last.refused(TIMER, mark_overdue(key)), Refusal::ConditionNotDue { due });
    let met = tale.then(NADIA, meet(key)).at("2025-01-01T00:00:00Z");
    assert_eq!(met.refused(TIMER, mark_overdue(key)), Refusal::ConditionNotOpen);
    let unknown = Refusal::NoSuchCondition { condition: "other".into(), at: "/condition" };
    assert_eq!(met.refused(TIMER, mark_overdue("other")), unknown);
    assert_eq!(met.refused(NADIA, meet("other")), unknown);
}

#[test]
fn a_review_is_to_come() {
    let on = |day: &str| command("approve", json!({ "reviewDue": day }));
    let tale = assessed("high");
    let refusal = tale.refused(PRIYA, on("2024-09-17"));
    assert_eq!(refusal, Refusal::ReviewInPast { at: "/reviewDue" });
    let tale = tale.then(PRIYA, on("2025-03-01"));
    assert_eq!(tale.state.review_due, Some("2025-03-01".parse().unwrap()));
    tale.then(PRIYA, on("2025-04-01"));
}

#[test]
fn an_assessment_is_begun_for_a_supplier_that_waits_for_one() {
    let of = |changes: Value| {
        registered("high").knowing(&sas(), "supplier_assessment", assessment(changes))
    };
    let (assessment_1, at) = (sas(), "/assessment");
    let other = of(json!({ "supplier": "sup_9", "status": "in_progress" }));
    let refusal = Refusal::AssessmentOfAnother { assessment: assessment_1.clone(), at };
    assert_eq!(other.refused(NADIA, begin()), refusal);
    let refusal = Refusal::AssessmentNotInProgress { assessment: assessment_1, at };
    assert_eq!(of(json!({})).refused(NADIA, begin()), refusal);
    assessed("high").holds(NADIA, begin());
    let approved = assessed("high").then(PRIYA, approve());
    assert_eq!(approved.refused(NADIA, begin()), wrong("approved", "put under assessment"));
    let rejected = registered("high").then(NADIA, because("reject")).knowing(
        &sas(),
        "supplier_assessment",
        assessment(json!({ "status": "in_progress" })),
    );
    rejected.holds(NADIA, because("reject"));
    assert_eq!(rejected.refused(PRIYA, approve()), wrong("rejected", "approved"));
    let again = rejected.then(NADIA, begin());
    assert_eq!(again.state.status, SupplierStatus::UnderAssessment);
}

#[test]
fn a_terminated_supplier_is_over_for_good() {
    let tale = assessed("high").then(PRIYA, approve()).then(PRIYA, because("terminate"));
    tale.holds(PRIYA, because("terminate"));
    for (command, step) in [
        (approve(), "approved"),
        (logs(), "approved"),
        (begin(), "put under assessment"),
        (because("suspend"), "suspended"),
        (because("reject"), "rejected"),
        (reinstate(), "reinstated"),
        (rate("low"), "rated anew"),
        (meet("x"), "said to meet a condition"),
        (command("describe", json!({ "jurisdictions": ["DE"] })), "described anew"),
    ] {
        assert_eq!(tale.refused(PRIYA, command), wrong("terminated", step));
    }
    let new = registered("high");
    assert_eq!(new.refused(PRIYA, because("terminate")), wrong("prospective", "terminated"));
    assert_eq!(new.refused(PRIYA, because("suspend")), wrong("prospective", "suspended"));
}

#[test]
fn only_the_aims_manager_says_that_less_depends_on_it() {
    let refusal = Refusal::LoweredByOther { at: "/criticality" };
    assert_eq!(registered("high").refused(NADIA, rate("medium")), refusal);
    let lowered = registered("high").then(PRIYA, rate("medium"));
    assert_eq!(lowered.state.profile.criticality, Criticality::Medium);
    lowered.holds(NADIA, rate("medium"));
}

#[test]
fn an_approval_for_less_ends_when_the_supplier_becomes_critical() {
    let by_sm = assessed("low").then(SVEN, approve());
    let raised = by_sm.clone().then(NADIA, rate("medium"));
    assert_eq!(raised.state.status, SupplierStatus::Approved);
    let raised = by_sm.then(NADIA, rate("high"));
    assert_eq!(raised.state.status, SupplierStatus::UnderAssessment);
    assert!(raised.state.approval.is_none());
    let by_am = assessed("low").then(PRIYA, approve()).then(NADIA, rate("high"));
    assert_eq!(by_am.state.status, SupplierStatus::Approved);
    // The approval says for what it was given, so that it can be renewed.
    by_am.then(PRIYA, approve());
}

#[test]
fn a_supplier_is_registered_once() {
    let other = |status: &str| {
        let known = json!({ "name": "Lumora AI", "criticality": "low", "status": status });
        Tale::<Supplier>::of("sup_1", NOW).knowing("sup_2", "supplier", known)
    };
    let refusal = Refusal::NameTaken { id: "sup_2".into(), at: "/name" };
    assert_eq!(other("approved").refused(NADIA, register("low")), refusal);
    let tale = other("terminated").then(NADIA, register("low"));
    assert_eq!(tale.state.registered_by, UserId::new("usr_nadia"));
    let needs = tale.needs(NADIA, &register("low"));
    assert_eq!(needs, [Need::Where("supplier", "name", "Lumora AI".into())]);
}

#[test]
fn it_is_described_anew() {
    let tale = registered("low");
    let subprocessors = serde_json::to_value(&tale.state.profile.subprocessors).unwrap();
    let describe = |countries: Value, subprocessors: &Value| {
        let input = json!({ "jurisdictions": countries, "subprocessors": subprocessors });
        command::<Command>("describe", input)
    };
    let tale = tale.then(SVEN, describe(json!(["DE"]), &subprocessors));
    assert_eq!(tale.state.profile.jurisdictions, vec![kernel::values::Line::new("DE")]);
    assert_eq!(tale.state.profile.subprocessors.len(), 1);
    tale.holds(SVEN, describe(json!(["DE"]), &subprocessors));
}

#[test]
fn nothing_that_was_decided_is_corrected() {
    let correct = |field: &str, value: Value| {
        command("correct", json!({ "corrects": 1, "reason": "x", "set": { field: value } }))
    };
    let tale = conditional().then(NADIA, correct("name", json!("Lumora AI Ltd")));
    assert_eq!(view(&tale).name, "Lumora AI Ltd");
    for field in ["status", "criticality", "conditions", "approval", "conditionDue"] {
        let refusal = tale.refused(NADIA, correct(field, json!("x")));
        assert!(matches!(refusal, Refusal::Correction(_)), "{field}");
    }
}
