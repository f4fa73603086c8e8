//! Given, when, then: corrective actions of suppliers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::id::encode;
use serde_json::{Value, json};

use super::*;
use crate::samples::{KENJI, NADIA, Person, SVEN, TIMER, Tale, command};

const NOW: &str = "2025-06-18T09:00:00Z";

fn request() -> Command {
    command(
        "request",
        json!({
            "supplier": encode("sup", 1), "title": "Isolation of tenants",
            "cause": "An index was shared.", "demanded": "Separate the indexes and prove it.",
            "due": "2025-07-04", "incident": encode("inc", 1),
        }),
    )
}

fn requested() -> Tale<SupplierCorrectiveAction> {
    Tale::of("sca_1", NOW).then(NADIA, request())
}

fn answer() -> Command {
    command("answer", json!({ "reply": "We split them.", "promisedFor": "2025-06-30" }))
}

fn implement() -> Command {
    command("implement", json!({ "what": "One index a tenant since 28 June." }))
}

fn verify() -> Command {
    command("verify", json!({ "finding": "200 probes found nothing of others." }))
}

fn reject() -> Command {
    command("reject", json!({ "reason": "No test was shown." }))
}

fn implemented() -> Tale<SupplierCorrectiveAction> {
    requested().then(NADIA, answer()).then(SVEN, implement())
}

fn wrong(status: &'static str, step: &'static str) -> Refusal {
    Refusal::WrongStatus { status, step }
}

#[test]
fn an_action_is_demanded_answered_implemented_and_verified_by_another() {
    let tale = implemented().at("2025-07-07T09:00:00Z").then(KENJI, verify());
    let state = &tale.state;
    assert_eq!(
        (state.status, state.verified_by.clone()),
        (ActionStatus::Verified, Some(UserId::new("usr_kenji")),)
    );
    tale.holds(KENJI, verify());
    let view: facts::SupplierCorrectiveAction = serde_json::from_value(tale.body()).unwrap();
    assert_eq!((view.status.as_str(), view.supplier), ("verified", encode("sup", 1)));
    for (command, step) in
        [(answer(), "answered"), (implement(), "implemented"), (reject(), "rejected")]
    {
        assert_eq!(tale.refused(NADIA, command), wrong("verified", step));
    }
    assert_eq!(tale.refused(TIMER, Command::MarkOverdue), wrong("verified", "late"));
}

#[test]
fn who_demanded_it_or_spoke_for_the_supplier_does_not_verify_it() {
    for person in [("usr_nadia", &[Role::Val][..]), ("usr_sven", &[Role::Val][..])] {
        assert_eq!(implemented().refused(person as Person, verify()), Refusal::VerifierHadPart);
    }
}

#[test]
fn what_is_not_enough_is_answered_anew() {
    let tale = requested().then(NADIA, answer()).then(NADIA, reject());
    tale.holds(NADIA, reject());
    assert_eq!(tale.refused(NADIA, implement()), wrong("rejected", "implemented"));
    assert_eq!(tale.refused(KENJI, verify()), wrong("rejected", "verified"));
    let tale = tale.then(NADIA, answer()).then(NADIA, implement()).then(KENJI, reject());
    let tale = tale.then(NADIA, answer()).then(NADIA, implement()).then(KENJI, verify());
    assert_eq!(tale.state.status, ActionStatus::Verified);
}

#[test]
fn what_is_not_done_in_time_is_overdue_and_can_still_be_done() {
    let due = "2025-07-04".parse().unwrap();
    let last = requested().at("2025-07-04T23:00:00Z");
    assert_eq!(last.refused(TIMER, Command::MarkOverdue), Refusal::NotDue { due });
    let late = last.at("2025-07-05T00:00:00Z").then(TIMER, Command::MarkOverdue);
    late.holds(TIMER, Command::MarkOverdue);
    assert_eq!(late.refused(NADIA, implement()), wrong("overdue", "implemented"));
    assert_eq!(late.refused(NADIA, reject()), wrong("overdue", "rejected"));
    late.then(NADIA, answer()).then(NADIA, implement()).then(KENJI, verify());
    let answered = requested().then(NADIA, answer()).at("2025-07-05T00:00:00Z");
    let late = answered.then(TIMER, Command::MarkOverdue);
    late.then(NADIA, implement());
    let waiting = implemented().at("2025-07-05T00:00:00Z");
    assert_eq!(waiting.refused(TIMER, Command::MarkOverdue), wrong("implemented", "late"));
}

#[test]
fn nothing_is_demanded_for_yesterday_or_of_a_supplier_that_is_gone() {
    let new = Tale::<SupplierCorrectiveAction>::of("sca_1", "2025-07-05T09:00:00Z");
    assert_eq!(new.refused(NADIA, request()), Refusal::DueInPast { at: "/due" });
    for status in ["terminated", "rejected"] {
        let gone = json!({ "name": "Lumora AI", "criticality": "high", "status": status });
        let new = Tale::<SupplierCorrectiveAction>::of("sca_1", NOW);
        let new = new.knowing(&encode("sup", 1), "supplier", gone);
        let (name, status, at) = ("Lumora AI".to_owned(), status.to_owned(), "/supplier");
        assert_eq!(new.refused(NADIA, request()), Refusal::SupplierGone { name, status, at });
    }
}

#[test]
fn not_everybody_speaks_for_a_supplier() {
    let mut tale = requested();
    for n in 0..SPEAKERS_MAX {
        let user: &'static str = format!("usr_{n}").leak();
        tale = tale.then((user, &[Role::Sm]), answer());
    }
    let most = SPEAKERS_MAX;
    assert_eq!(tale.refused(NADIA, answer()), Refusal::TooManySpeakers { most });
}

#[test]
fn a_step_is_not_taken_before_the_one_before() {
    assert_eq!(requested().refused(NADIA, implement()), wrong("only demanded", "implemented"));
    assert_eq!(requested().refused(KENJI, verify()), wrong("only demanded", "verified"));
    assert_eq!(requested().refused(NADIA, reject()), wrong("only demanded", "rejected"));
    assert_eq!(implemented().refused(NADIA, answer()), wrong("implemented", "answered"));
}

#[test]
fn who_verified_it_is_not_corrected() {
    let correct = |field: &str, value: Value| {
        command("correct", json!({ "corrects": 1, "reason": "x", "set": { field: value } }))
    };
    let tale = requested().then(NADIA, correct("title", json!("Isolation")));
    assert_eq!(tale.state.demand.title.as_str(), "Isolation");
    for field in ["due", "status", "verifiedBy", "supplier", "speakers"] {
        let refusal = tale.refused(NADIA, correct(field, json!("2026-01-01")));
        assert!(matches!(refusal, Refusal::Correction(_)), "{field}");
    }
}
