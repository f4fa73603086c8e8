//! Given, when, then: expectations of customers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::id::encode;
use serde_json::{Value, json};

use super::*;
use crate::samples::{NADIA, PRIYA, Person, SVEN, Tale, command};

const NOW: &str = "2025-03-03T09:00:00Z";

fn ctr() -> String {
    encode("ctr", 1)
}

fn capture(source: &str, contract: Option<String>) -> Command {
    command(
        "capture",
        json!({
            "customer": "Nordbank ASA", "expectation": "Reasons for every decline.",
            "source": source, "contract": contract, "systems": [encode("sys", 1)],
        }),
    )
}

fn contract(amended: Option<&str>) -> Value {
    json!({ "status": "agreed", "amendedAt": amended })
}

fn new() -> Tale<CustomerExpectation> {
    Tale::of("cex_1", NOW).knowing(&ctr(), "contract", contract(None))
}

fn captured(source: &str) -> Tale<CustomerExpectation> {
    new().then(NADIA, capture(source, (source == "contract").then(ctr)))
}

fn assess() -> Command {
    command("assess", json!({ "assessment": "Two weeks of work." }))
}

fn adopt() -> Command {
    command(
        "adopt",
        json!({ "answer": "You get them.",
        "obligations": [{ "text": "Reasons in the API", "due": "2025-06-01" }] }),
    )
}

fn decline() -> Command {
    command("decline", json!({ "reason": "Not offered." }))
}

fn meet() -> Command {
    command("meet", json!({ "finding": "Seen in the log." }))
}

fn breach() -> Command {
    command("record_breach", json!({ "breach": "No reasons on 1 July." }))
}

fn inform() -> Command {
    command("inform", json!({ "topic": "The breach of 1 July", "how": "By e-mail" }))
}

fn adopted() -> Tale<CustomerExpectation> {
    captured("survey").then(NADIA, assess()).then(PRIYA, adopt())
}

fn wrong(status: &'static str, step: &'static str) -> Refusal {
    Refusal::WrongStatus { status, step }
}

#[test]
fn an_expectation_is_captured_assessed_adopted_met_broken_and_made_good() {
    let tale = adopted();
    assert_eq!(tale.state.obligations.len(), 1);
    let tale = tale.then(NADIA, meet());
    tale.holds(PRIYA, meet());
    let tale = tale.then(NADIA, breach()).then(PRIYA, inform());
    tale.holds(NADIA, breach());
    assert_eq!(tale.state.informed_of.len(), 1);
    let view: facts::CustomerExpectation = serde_json::from_value(tale.body()).unwrap();
    assert_eq!((view.status.as_str(), view.customer.as_str()), ("broken", "Nordbank ASA"));
    assert_eq!(view.systems, [encode("sys", 1)]);
    let tale = tale.then(NADIA, meet());
    assert_eq!(tale.state.status, ExpectationStatus::Met);
    adopted().then(NADIA, breach());
}

#[test]
fn what_a_contract_says_is_declined_only_after_that_was_amended() {
    let tale = captured("contract").then(NADIA, assess());
    let refusal = Refusal::ContractNotAmended { contract: ctr() };
    for (amended, declined) in [
        (None, false),
        (Some("2025-03-02T09:00:00Z"), false),
        (Some(NOW), false),
        (Some("2025-03-03T09:00:00.000001Z"), true),
    ] {
        let tale = tale.clone().knowing(&ctr(), "contract", contract(amended));
        let decided = tale.decided(PRIYA, decline());
        assert_eq!(decided.err(), (!declined).then(|| refusal.clone()), "{amended:?}");
    }
    assert_eq!(tale.needs(PRIYA, &decline()), [Need::Object(ctr())]);
    tale.then(PRIYA, adopt());
    let other = captured("rfp").then(NADIA, assess()).then(PRIYA, decline());
    other.holds(PRIYA, decline());
}

#[test]
fn who_captured_or_assessed_it_does_not_decide_on_it() {
    let sven: Person = ("usr_sven", &[Role::Am]);
    let nadia: Person = ("usr_nadia", &[Role::Am]);
    let tale = captured("survey").then(SVEN, assess());
    for person in [sven, nadia] {
        assert_eq!(tale.refused(person, adopt()), Refusal::DeciderIsAssessor);
        assert_eq!(tale.refused(person, decline()), Refusal::DeciderIsAssessor);
    }
}

#[test]
fn an_expectation_by_contract_names_the_customers_contract() {
    let unclear = Refusal::ContractUnclear { at: "/contract" };
    assert_eq!(new().refused(NADIA, capture("contract", None)), unclear);
    assert_eq!(new().refused(NADIA, capture("survey", Some(ctr()))), unclear);
    let theirs = json!({ "status": "agreed", "supplier": encode("sup", 1) });
    let tale = new().knowing(&ctr(), "contract", theirs);
    let refusal = tale.refused(NADIA, capture("contract", Some(ctr())));
    let (contract, at) = (ctr(), "/contract");
    assert_eq!(refusal, Refusal::ContractOfSupplier { contract, at });
}

#[test]
fn a_step_is_taken_in_its_turn() {
    let early = captured("survey");
    assert_eq!(early.refused(PRIYA, adopt()), wrong("only captured", "adopted"));
    assert_eq!(early.refused(PRIYA, decline()), wrong("only captured", "declined"));
    assert_eq!(early.refused(NADIA, meet()), wrong("only captured", "met"));
    assert_eq!(early.refused(NADIA, breach()), wrong("only captured", "broken"));
    assert_eq!(adopted().refused(NADIA, assess()), wrong("adopted", "assessed"));
    assert_eq!(adopted().refused(PRIYA, decline()), wrong("adopted", "declined"));
    let gone = captured("survey").then(NADIA, assess()).then(PRIYA, decline());
    assert_eq!(gone.refused(NADIA, meet()), wrong("declined", "met"));
}

#[test]
fn an_expectation_has_bounds() {
    let mut tale = adopted();
    for _ in 0..TOLD_MAX {
        tale = tale.then(NADIA, inform());
    }
    assert_eq!(tale.refused(NADIA, inform()), Refusal::TooMuchTold { most: TOLD_MAX });
    assert!(serde_json::to_vec(&tale.state).unwrap().len() < 30_000);
    let mut crowd = captured("survey");
    for n in 1..ASSESSORS_MAX {
        let user: &'static str = format!("usr_{n}").leak();
        crowd = crowd.then((user, &[Role::Sm]), assess());
    }
    let most = ASSESSORS_MAX;
    assert_eq!(crowd.refused(SVEN, assess()), Refusal::TooManyAssessors { most });
}

#[test]
fn what_was_decided_is_not_corrected() {
    let correct = |field: &str, value: Value| {
        command("correct", json!({ "corrects": 1, "reason": "x", "set": { field: value } }))
    };
    let tale = adopted().then(NADIA, correct("customer", json!("Nordbank")));
    assert_eq!(tale.state.captured.customer.as_str(), "Nordbank");
    for field in ["status", "source", "contract", "obligations"] {
        let refusal = tale.refused(NADIA, correct(field, json!("survey")));
        assert!(matches!(refusal, Refusal::Correction(_)), "{field}");
    }
}
