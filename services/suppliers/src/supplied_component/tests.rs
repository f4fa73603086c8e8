//! Given, when, then: supplied components.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::id::encode;
use serde_json::{Value, json};

use super::description::{DOCUMENTS_MAX, PROPOSERS_MAX};
use super::link::{SYSTEMS_MAX, VERSIONS_MAX};
use super::*;
use crate::samples::{MARC, NADIA, Person, SVEN, TIMER, Tale, command};

const NOW: &str = "2025-02-04T09:00:00Z";

fn sup() -> String {
    encode("sup", 1)
}

fn sys(n: u128) -> String {
    encode("sys", n)
}

fn supplier(status: &str) -> Value {
    json!({ "name": "Lumora AI", "criticality": "high", "status": status })
}

fn manual() -> Value {
    json!({ "title": "Model card", "hash": "a".repeat(64) })
}

fn propose(documents: Value) -> Command {
    command(
        "propose",
        json!({
            "supplier": sup(), "name": "Lumora chat API", "componentKind": "service",
            "componentVersion": "4.1", "documentation": documents, "knownLimits": ["No arithmetic"],
            "changeFeed": "https://lumora.example/changes", "sbomHash": "b".repeat(64),
        }),
    )
}

fn new() -> Tale<SuppliedComponent> {
    let contract = json!({ "supplier": sup(), "status": "agreed", "validFrom": "2025-02-03",
        "validUntil": "2026-02-02" });
    Tale::of("cmp_1", NOW)
        .knowing(&sup(), "supplier", supplier("approved"))
        .knowing(&encode("ctr", 1), "contract", contract)
        .knowing(&sys(1), "ai_system", system("operation_and_monitoring"))
}

fn system(stage: &str) -> Value {
    json!({ "name": "HelpDesk Copilot", "stage": stage, "versions": {
        "1.0": { "stage": stage, "status": "running" },
        "0.9": { "stage": "retirement", "status": "retired" },
        "1.1": { "stage": "deployment", "status": "in_preparation" },
    } })
}

fn proposed() -> Tale<SuppliedComponent> {
    new().then(NADIA, propose(json!([manual()])))
}

fn accepted() -> Tale<SuppliedComponent> {
    proposed().then(MARC, Command::Accept)
}

fn describe(input: Value) -> Command {
    command("describe", input)
}

fn notify(version: &str) -> Command {
    command(
        "notify_version",
        json!({ "componentVersion": version, "changes": "Faster.",
        "releasedOn": "2025-02-01" }),
    )
}

fn link(n: u128, versions: &[&str]) -> Command {
    command("link", json!({ "system": sys(n), "systemVersions": versions }))
}

fn withdraw() -> Command {
    command("withdraw", json!({ "reason": "It is not offered any more." }))
}

#[test]
fn a_component_is_proposed_accepted_linked_and_withdrawn() {
    let tale = accepted();
    assert_eq!(tale.state.accepted_version, Some(Line::new("4.1")));
    tale.holds(MARC, Command::Accept);
    let tale = tale.then(MARC, link(1, &["1.0"]));
    tale.holds(MARC, link(1, &["1.0"]));
    let tale = tale.then(NADIA, link(1, &["1.1"]));
    let view: facts::SuppliedComponent = serde_json::from_value(tale.body()).unwrap();
    assert_eq!((view.supplier, view.status.as_str()), (sup(), "accepted"));
    assert_eq!(view.used_by[&sys(1)].system_versions, ["1.0", "1.1"]);
    assert_eq!(view.used_by[&sys(1)].system, sys(1));
    let tale = tale.then(NADIA, withdraw());
    assert_eq!(tale.state.status, ComponentStatus::Withdrawn);
    tale.holds(NADIA, withdraw());
}

#[test]
fn another_version_must_be_documented_and_accepted_anew() {
    let tale = accepted().then(MARC, link(1, &["1.0"])).then(TIMER, notify("4.2"));
    tale.holds(NADIA, notify("4.2"));
    let state = &tale.state;
    assert_eq!(state.status, ComponentStatus::VersionChanged);
    assert_eq!(
        (state.component_version.as_str(), state.previous_version.clone()),
        ("4.2", Some(Line::new("4.1")),)
    );
    assert_eq!(state.about.sbom_hash, None, "that was of the version before");
    let wrong = Refusal::WrongStatus {
        status: "of another version than was accepted",
        step: "linked to a system",
    };
    assert_eq!(tale.refused(MARC, link(1, &["1.1"])), wrong);
    let missing = Refusal::NoDocumentation { version: "4.2".into() };
    assert_eq!(tale.refused(MARC, Command::Accept), missing);
    let tale = tale.then(NADIA, describe(json!({ "documentation": [manual()] })));
    let tale = tale.then(MARC, Command::Accept);
    assert_eq!(tale.state.accepted_version, Some(Line::new("4.2")));
    assert_eq!(tale.state.used_by.len(), 1);
}

#[test]
fn a_version_that_was_not_accepted_yet_stays_proposed() {
    let tale = proposed().then(TIMER, notify("4.2"));
    assert_eq!(tale.state.status, ComponentStatus::Proposed);
    let later =
        command("notify_version", json!({ "componentVersion": "5", "releasedOn": "2025-02-05" }));
    let refusal = tale.refused(NADIA, later);
    assert_eq!(refusal, Refusal::ReleasedInFuture { at: "/releasedOn" });
}

#[test]
fn whoever_proposed_described_or_told_of_it_does_not_accept_it() {
    let both: Person = ("usr_marc", &[Role::So, Role::Sm]);
    assert_eq!(proposed().refused(NADIA, Command::Accept), Refusal::AcceptorProposed);
    let described = proposed().then(MARC, describe(json!({ "aibomHash": "c".repeat(64) })));
    assert_eq!(described.refused(MARC, Command::Accept), Refusal::AcceptorProposed);
    described.then(SVEN, Command::Accept);
    let told = accepted().then(both, notify("4.2"));
    assert_eq!(told.refused(both, Command::Accept), Refusal::AcceptorProposed);
}

#[test]
fn what_has_no_document_is_not_accepted() {
    let bare = new().then(NADIA, propose(json!([])));
    let missing = Refusal::NoDocumentation { version: "4.1".into() };
    assert_eq!(bare.refused(MARC, Command::Accept), missing);
    let nowhere = json!([manual(), { "title": "Terms" }]);
    let (title, at) = ("Terms".to_owned(), "/documentation/1".to_owned());
    let refusal = new().refused(NADIA, propose(nowhere));
    assert_eq!(refusal, Refusal::DocumentNowhere { title, at });
}

#[test]
fn nothing_new_is_taken_from_a_supplier_that_was_stopped() {
    for (status, is_stopped) in [
        ("suspended", true),
        ("terminated", true),
        ("rejected", true),
        ("under_assessment", false),
        ("conditionally_approved", false),
    ] {
        let stopped = |at| {
            let (name, status) = ("Lumora AI".to_owned(), status.to_owned());
            is_stopped.then_some(Refusal::SupplierStopped { name, status, at })
        };
        let known =
            |tale: Tale<SuppliedComponent>| tale.knowing(&sup(), "supplier", supplier(status));
        let decided = known(new()).decided(NADIA, propose(json!([manual()])));
        assert_eq!(decided.err(), stopped("/supplier"), "{status}");
        let decided = known(proposed()).decided(MARC, Command::Accept);
        assert_eq!(decided.err(), stopped(""), "{status}");
        let decided = known(accepted()).decided(MARC, link(1, &["1.0"]));
        assert_eq!(decided.err(), stopped(""), "{status}");
    }
}

#[test]
fn a_component_is_used_only_under_a_contract_that_holds() {
    for (contract, holds) in [
        (json!({ "supplier": sup(), "status": "draft" }), false),
        (json!({ "supplier": sup(), "status": "terminated" }), false),
        (json!({ "supplier": sup(), "status": "expired" }), false),
        (json!({ "supplier": sup(), "status": "agreed", "validUntil": "2025-02-03" }), false),
        (json!({ "supplier": sup(), "status": "agreed", "validFrom": "2025-02-05" }), false),
        (json!({ "supplier": encode("sup", 2), "status": "agreed" }), false),
        (json!({ "status": "agreed" }), false),
        (json!({ "supplier": sup(), "status": "agreed", "validUntil": "2025-02-04" }), true),
        (json!({ "supplier": sup(), "status": "amended" }), true),
    ] {
        let tale = accepted().knowing(&encode("ctr", 1), "contract", contract.clone());
        let refusal = (!holds).then_some(Refusal::NothingAgreed);
        assert_eq!(tale.decided(MARC, link(1, &["1.0"])).err(), refusal, "{contract}");
    }
}

#[test]
fn a_link_names_versions_that_go_on() {
    let tale = accepted();
    let refusal = tale.refused(MARC, link(1, &[]));
    assert_eq!(refusal, Refusal::NoVersion { at: "/systemVersions" });
    for version in ["3.0", "0.9"] {
        let refusal = tale.refused(MARC, link(1, &["1.0", version]));
        let (version, at) = (version.to_owned(), "/systemVersions/1".to_owned());
        assert_eq!(refusal, Refusal::NoSuchVersion { version, at });
    }
    let gone = tale.knowing(&sys(1), "ai_system", system("retirement"));
    let refusal = gone.refused(MARC, link(1, &["1.0"]));
    let (name, at) = ("HelpDesk Copilot".to_owned(), "/system");
    assert_eq!(refusal, Refusal::SystemRetired { name, at });
}

#[test]
fn a_link_is_taken_back_version_by_version_or_whole() {
    let unlink = |versions: &[&str]| {
        command("unlink", json!({ "system": sys(1), "systemVersions": versions }))
    };
    let tale = accepted().then(MARC, link(1, &["1.0", "1.1"])).then(MARC, unlink(&["1.0"]));
    assert_eq!(tale.state.used_by[&Key::new(sys(1))].system_versions, vec![Key::new("1.1")]);
    tale.holds(MARC, unlink(&["1.0"]));
    let tale = tale.then(NADIA, unlink(&[]));
    assert!(tale.state.used_by.is_empty());
    tale.holds(NADIA, unlink(&[]));
}

#[test]
fn a_withdrawn_component_is_over() {
    let tale = accepted().then(NADIA, withdraw());
    let wrong = |step| Refusal::WrongStatus { status: "withdrawn", step };
    assert_eq!(tale.refused(MARC, Command::Accept), wrong("accepted"));
    assert_eq!(tale.refused(NADIA, notify("5")), wrong("given another version"));
    assert_eq!(tale.refused(NADIA, describe(json!({}))), wrong("described"));
    assert_eq!(tale.refused(MARC, link(1, &["1.0"])), wrong("linked to a system"));
    let early = proposed().refused(MARC, link(1, &["1.0"]));
    let (status, step) = ("only proposed", "linked to a system");
    assert_eq!(early, Refusal::WrongStatus { status, step });
}

#[test]
fn saying_the_same_again_changes_nothing() {
    let tale = proposed();
    tale.holds(NADIA, describe(json!({})));
    tale.holds(NADIA, describe(json!({ "documentation": [manual()] })));
    let tale = tale.then(NADIA, describe(json!({ "knownLimits": ["No law"] })));
    assert_eq!(tale.state.about.known_limits, vec![Line::new("No law")]);
    assert_eq!(tale.state.about.documentation.len(), 1);
}

#[test]
fn a_component_has_bounds() {
    let documents = |from: usize| -> Value {
        (from..from + 20).map(|n| json!({ "title": format!("Part {n}"), "place": "web" })).collect()
    };
    let add = |from| describe(json!({ "documentation": documents(from) }));
    let full = new().then(NADIA, propose(documents(0))).then(NADIA, add(20));
    let refusal = full.refused(NADIA, add(40));
    let (most, at) = (DOCUMENTS_MAX, "/documentation");
    assert_eq!(refusal, Refusal::TooManyDocuments { most, at });
    let mut crowd = proposed();
    for n in 1..PROPOSERS_MAX {
        let user: &'static str = format!("usr_{n}").leak();
        let said = describe(json!({ "changeFeed": format!("feed {n}") }));
        crowd = crowd.then((user, &[Role::So]), said);
    }
    let refusal = crowd.refused(MARC, describe(json!({ "changeFeed": "another" })));
    assert_eq!(refusal, Refusal::TooManyProposers { most: PROPOSERS_MAX });

    let mut many = accepted();
    for n in 0..SYSTEMS_MAX as u128 {
        many =
            many.knowing(&sys(n), "ai_system", system("deployment")).then(MARC, link(n, &["1.0"]));
    }
    let more = many.knowing(&sys(99), "ai_system", system("deployment"));
    let refusal = more.refused(MARC, link(99, &["1.0"]));
    assert_eq!(refusal, Refusal::TooManySystems { most: SYSTEMS_MAX });
    let mut versions = system("deployment");
    let labels: Vec<_> = (0..=VERSIONS_MAX).map(|n| format!("2.{n}")).collect();
    for label in &labels {
        versions["versions"][label] = json!({ "stage": "deployment", "status": "running" });
    }
    let labels: Vec<_> = labels.iter().map(String::as_str).collect();
    let tale = accepted().knowing(&sys(1), "ai_system", versions);
    let tale = tale.then(MARC, link(1, &labels[..20]));
    let refusal = tale.refused(MARC, link(1, &labels[20..]));
    assert_eq!(refusal, Refusal::TooManyVersions { most: VERSIONS_MAX });
}

#[test]
fn a_version_is_not_changed_by_a_correction() {
    let correct = |field: &str, value: Value| {
        command("correct", json!({ "corrects": 1, "reason": "x", "set": { field: value } }))
    };
    let tale = accepted().then(MARC, correct("changeFeed", json!("https://lumora.example/rss")));
    assert_eq!(tale.state.about.change_feed, Some(Line::new("https://lumora.example/rss")));
    for field in ["componentVersion", "status", "usedBy", "documentation", "supplier"] {
        let refusal = tale.refused(MARC, correct(field, json!("5")));
        assert!(matches!(refusal, Refusal::Correction(_)), "{field}");
    }
}
