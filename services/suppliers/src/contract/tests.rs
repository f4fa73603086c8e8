//! Given, when, then: contracts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::id::encode;
use serde_json::{Value, json};

use super::*;
use crate::samples::{AOIFE, INGRID, NADIA, Person, SVEN, TIMER, Tale, command};

const NOW: &str = "2025-02-03T09:00:00Z";
const NADIA_TM: Person = ("usr_nadia", &[Role::Sm, Role::Tm]);

fn sup() -> String {
    encode("sup", 1)
}

fn hash(c: char) -> String {
    c.to_string().repeat(64)
}

fn content(changes: Value) -> Value {
    let mut content = json!({
        "title": "Lumora API, terms of service", "documentHash": hash('a'),
        "parties": ["Halden Analytics B.V.", "Lumora AI Ltd"],
        "validFrom": "2025-02-03", "validUntil": "2026-02-02", "noticeDays": 90,
        "clauses": {
            "logs": { "topic": "logs", "textRef": "§ 4", "amount": 12 },
            "notice": { "topic": "incident_notice_hours", "textRef": "§ 7.2", "amount": 24 },
        },
        "stages": ["operation_and_monitoring"],
        "allocation": {
            "hosting": { "activity": "Hosting of the model", "stage": "operation_and_monitoring",
                "who": "supplier" },
            "oversight": { "activity": "Oversight of answers", "stage": "operation_and_monitoring",
                "who": "us", "detail": "Agents read each draft." },
        },
        "euRoleSplit": { "provider": { "role": "provider", "who": "supplier" } },
    });
    for (name, value) in changes.as_object().unwrap() {
        content[name] = value.clone();
    }
    content
}

fn draft(changes: Value) -> Command {
    let mut input = content(changes);
    input["supplier"] = json!(sup());
    command("draft", input)
}

fn new() -> Tale<Contract> {
    let supplier = json!({ "name": "Lumora AI", "criticality": "high", "status": "approved" });
    Tale::of("ctr_1", NOW).knowing(&sup(), "supplier", supplier).knowing(
        "org_1",
        "organisation",
        json!({ "jurisdictions": ["NL", "NO"] }),
    )
}

fn drafted(changes: Value) -> Tale<Contract> {
    new().then(NADIA, draft(changes))
}

fn agree() -> Command {
    command("agree_allocation", json!({ "documentHash": hash('a') }))
}

fn agreed() -> Tale<Contract> {
    drafted(json!({})).then(INGRID, agree())
}

fn propose(changes: Value) -> Command {
    let input = json!({ "content": content(changes), "reason": "Renewal." });
    command("propose_amendment", input)
}

fn amend() -> Command {
    command("amend", json!({}))
}

fn terminate() -> Command {
    command("terminate", json!({ "reason": "They were bought by a rival." }))
}

fn clause(topic: &str, amount: Option<u32>) -> Value {
    json!({ "topic": topic, "textRef": "§ 7", "amount": amount })
}

#[test]
fn a_contract_is_drafted_signed_amended_and_expires() {
    let tale =
        drafted(json!({ "noticeDays": 30 })).then(SVEN, command("redraft", content(json!({}))));
    tale.holds(NADIA, command("redraft", content(json!({}))));
    let tale = tale.then(INGRID, agree());
    let state = &tale.state;
    assert_eq!(
        (state.status, state.agreed_by.clone()),
        (ContractStatus::Agreed, Some(UserId::new("usr_ingrid")),)
    );
    tale.holds(AOIFE, agree());
    let view: facts::Contract = serde_json::from_value(tale.body()).unwrap();
    assert!(view.is_agreed() && view.supplier == Some(sup()));
    for (day, holds) in
        [("2025-02-02", false), ("2025-02-03", true), ("2026-02-02", true), ("2026-02-03", false)]
    {
        assert_eq!(view.is_agreed_on(day.parse().unwrap()), holds, "{day}");
    }
    let longer = json!({ "validUntil": "2027-02-02", "documentHash": hash('b') });
    let tale = tale.then(NADIA, propose(longer)).then(AOIFE, amend());
    assert_eq!(tale.state.status, ContractStatus::Amended);
    assert_eq!(tale.state.content.document_hash.as_str(), hash('b'));
    let view: facts::Contract = serde_json::from_value(tale.body()).unwrap();
    assert!(view.is_agreed() && view.amended_at.is_some());
    assert_eq!(tale.refused(AOIFE, amend()), Refusal::NoAmendment);
    let over = tale.at("2027-02-03T00:00:00Z").then(TIMER, Command::Expire);
    assert_eq!(over.state.status, ContractStatus::Expired);
    over.holds(TIMER, Command::Expire);
}

#[test]
fn what_was_agreed_can_be_known_by_its_hash() {
    let tale = agreed();
    let expected = kernel::approval::content_hash(&tale.state.content);
    assert_eq!(tale.state.content_hash, Some(expected));
}

#[test]
fn whoever_wrote_it_does_not_sign_it() {
    assert_eq!(drafted(json!({})).refused(NADIA_TM, agree()), Refusal::SignerIsAuthor);
    let tale = agreed().then(NADIA, propose(json!({ "noticeDays": 30 })));
    assert_eq!(tale.refused(NADIA_TM, amend()), Refusal::SignerIsAuthor);
    tale.then(INGRID, amend());
}

#[test]
fn what_is_signed_is_the_document_that_was_seen() {
    let other = |verb: &str| command::<Command>(verb, json!({ "documentHash": hash('c') }));
    let changed = Refusal::DocumentChanged { at: "/documentHash" };
    assert_eq!(drafted(json!({})).refused(INGRID, other("agree_allocation")), changed);
    let tale = agreed().then(NADIA, propose(json!({ "noticeDays": 30 })));
    assert_eq!(tale.refused(INGRID, other("amend")), changed);
}

#[test]
fn somebody_answers_for_each_activity_of_a_stage_in_use() {
    let refused = |changes: Value| drafted(changes).refused(INGRID, agree());
    assert_eq!(refused(json!({ "stages": [] })), Refusal::NoStage);
    let stage = "deployment";
    let more = json!({ "stages": ["operation_and_monitoring", stage] });
    assert_eq!(refused(more), Refusal::StageWithoutDuty { stage });
    let nobody = json!({ "activity": "Release", "stage": "operation_and_monitoring" });
    let duty = json!({ "activity": "Hosting", "stage": "operation_and_monitoring",
        "who": "supplier" });
    let (activity, stage) = ("Release".to_owned(), "operation_and_monitoring");
    let refusal = refused(json!({ "allocation": { "a": duty, "b": nobody } }));
    assert_eq!(refusal, Refusal::NobodyAnswers { activity, stage });
    // What is not in use need not be settled.
    let elsewhere = json!({ "activity": "Release", "stage": "deployment" });
    drafted(json!({ "allocation": { "a": duty, "b": elsewhere } })).then(INGRID, agree());
}

#[test]
fn a_stage_is_in_use_where_a_system_that_uses_a_component_stands() {
    let using = |status: &str, version: Value| {
        drafted(json!({}))
            .knowing(
                "cmp_1",
                "supplied_component",
                json!({
                    "supplier": sup(), "name": "API", "status": status,
                    "usedBy": { "sys_1": { "system": "sys_1", "systemVersions": ["1.0"] } },
                }),
            )
            .knowing(
                "sys_1",
                "ai_system",
                json!({ "name": "Copilot",
                "versions": { "1.0": version } }),
            )
    };
    let version = |stage: &str, status: &str| json!({ "stage": stage, "status": status });
    let tale = using("accepted", version("re_evaluation", "running"));
    let refusal = Refusal::StageWithoutDuty { stage: "re_evaluation" };
    assert_eq!(tale.refused(INGRID, agree()), refusal);
    let needs = tale.needs(INGRID, &agree());
    assert!(needs.contains(&Need::Object("sys_1".into())), "{needs:?}");
    using("withdrawn", version("re_evaluation", "running")).then(INGRID, agree());
    using("accepted", version("re_evaluation", "stopped")).then(INGRID, agree());
    using("accepted", version("operation_and_monitoring", "running")).then(INGRID, agree());
}

#[test]
fn a_supplier_tells_of_incidents_a_day_before_our_first_clock_ends() {
    let notice = |amount: u32| {
        json!({ "clauses": {
        "n": clause("incident_notice_hours", Some(amount)) } })
    };
    // GDPR Art. 33: 72 hours.
    let tale = drafted(notice(48)).then(INGRID, agree());
    assert_eq!(tale.state.status, ContractStatus::Agreed);
    let too_long = |hours, rule: &str, clock, most| Refusal::NoticeTooLong {
        hours,
        rule: rule.to_owned(),
        clock,
        most,
    };
    let refusal = too_long(49, "eu_gdpr.33_1 Art. 33(1)", 72, 48);
    assert_eq!(drafted(notice(49)).refused(INGRID, agree()), refusal);
    let none = json!({ "clauses": { "l": clause("logs", Some(12)) } });
    let rule = "eu_gdpr.33_1 Art. 33(1)".to_owned();
    let refusal = Refusal::NoIncidentNotice { rule, clock: 72, most: 48 };
    assert_eq!(drafted(none.clone()).refused(INGRID, agree()), refusal);

    // Art. 73(3) of the AI Act, once it applies to a system of ours: 2 days.
    let later = |amount| {
        let mut changes = notice(amount);
        changes["validUntil"] = json!("2028-12-31");
        let class = json!({ "system": "sys_1", "status": "confirmed", "regime": "eu_ai_act",
            "class": "high_risk", "role": "provider", "effects": ["high_risk"],
            "confirmedAt": "2024-09-02T09:00:00Z" });
        drafted(changes).knowing("cls_1", "regulatory_classification", class)
    };
    later(48).then(INGRID, agree());
    let then = later(48).at("2027-12-02T09:00:00Z");
    let refusal = then.refused(INGRID, agree());
    assert!(matches!(refusal, Refusal::NoticeTooLong { clock: 48, most: 24, .. }), "{refusal}");
    later(24).at("2027-12-02T09:00:00Z").then(INGRID, agree());

    // Where no such rule is law, none is asked for.
    let abroad = drafted(none).knowing("org_1", "organisation", json!({ "jurisdictions": ["US"] }));
    abroad.then(INGRID, agree());
}

#[test]
fn a_contract_with_a_customer_asks_for_no_notice() {
    let mut input = content(json!({ "clauses": {}, "validUntil": null }));
    input["customer"] = json!("Nordbank ASA");
    let tale = new().then(NADIA, command("draft", input.clone())).then(INGRID, agree());
    let view: facts::Contract = serde_json::from_value(tale.body()).unwrap();
    assert_eq!(view.supplier, None);
    assert_eq!(tale.refused(TIMER, Command::AnnounceExpiry), Refusal::NoEnd);
    assert_eq!(tale.refused(TIMER, Command::Expire), Refusal::NoEnd);
    let one = Refusal::NotOneOtherParty { at: "/supplier" };
    assert_eq!(new().refused(NADIA, command("draft", content(json!({})))), one);
    input["supplier"] = json!(sup());
    assert_eq!(new().refused(NADIA, command("draft", input)), one);
}

#[test]
fn a_draft_hangs_together() {
    let refused = |changes: Value| new().refused(NADIA, draft(changes));
    let refusal = refused(json!({ "parties": ["Halden"] }));
    assert_eq!(refusal, Refusal::TooFewParties { at: "/parties" });
    let refusal = refused(json!({ "validUntil": "2025-02-02" }));
    assert_eq!(refusal, Refusal::TermReversed { at: "/validUntil" });
    let twice = json!({ "clauses": { "a": clause("ip", None), "b": clause("ip", None) } });
    let (topic, at) = ("intellectual property", "/clauses/b/topic".to_owned());
    assert_eq!(refused(twice), Refusal::TopicTwice { topic, at });
    for (word, topic) in [
        ("incident_notice_hours", "notice of incidents"),
        ("change_notice_days", "notice of changes"),
    ] {
        let without = json!({ "clauses": { "a": clause(word, None) } });
        let at = "/clauses/a/amount".to_owned();
        assert_eq!(refused(without), Refusal::ClauseWithoutAmount { topic, at });
    }
    let duty = json!({ "activity": "x".repeat(200), "stage": "deployment", "who": "us",
        "detail": "y".repeat(200) });
    let allocation: serde_json::Map<_, _> =
        (0..60).map(|n| (format!("duty-{n}"), duty.clone())).collect();
    let refusal = refused(json!({ "allocation": allocation }));
    assert!(matches!(refusal, Refusal::TooLarge { most: CONTENT_MAX, .. }));
}

#[test]
fn nothing_is_agreed_with_a_supplier_with_whom_it_is_over() {
    for (status, is_over) in
        [("terminated", true), ("rejected", true), ("suspended", false), ("prospective", false)]
    {
        let known = json!({ "name": "Lumora AI", "criticality": "high", "status": status });
        let decided =
            new().knowing(&sup(), "supplier", known.clone()).decided(NADIA, draft(json!({})));
        assert_eq!(decided.is_err(), is_over, "{status}");
        let decided =
            drafted(json!({})).knowing(&sup(), "supplier", known).decided(INGRID, agree());
        let gone =
            Refusal::SupplierGone { name: "Lumora AI".into(), status: status.into(), at: "" };
        assert_eq!(decided.err(), is_over.then_some(gone), "{status}");
    }
}

#[test]
fn an_amendment_changes_something_and_can_be_given_up() {
    let same = agreed().refused(NADIA, propose(json!({})));
    assert_eq!(same, Refusal::AmendsNothing { at: "/content" });
    let dropped = command("drop_amendment", json!({ "reason": "They do not want it." }));
    let tale = agreed().then(NADIA, propose(json!({ "noticeDays": 30 })));
    let tale = tale.then(NADIA, dropped);
    assert_eq!(tale.state.amendment, None);
    tale.holds(NADIA, command("drop_amendment", json!({ "reason": "x" })));
    let early = drafted(json!({})).refused(NADIA, propose(json!({})));
    assert_eq!(early, Refusal::WrongStatus { status: "a draft", step: "amended" });
    let early = drafted(json!({})).refused(INGRID, amend());
    assert_eq!(early, Refusal::WrongStatus { status: "a draft", step: "amended" });
}

#[test]
fn a_term_that_is_over_is_not_signed() {
    let tale = drafted(json!({})).at("2026-02-03T00:00:00Z");
    assert_eq!(tale.refused(INGRID, agree()), Refusal::TermOver);
}

#[test]
fn the_end_is_told_ninety_and_thirty_days_before_once_each() {
    let tale = agreed().at("2025-11-03T00:00:00Z");
    let end = "2026-02-02".parse().unwrap();
    let refusal = tale.refused(TIMER, Command::AnnounceExpiry);
    assert_eq!(refusal, Refusal::EndNotNear { valid_until: end });
    let tale = tale.at("2025-11-04T00:00:00Z").then(TIMER, Command::AnnounceExpiry);
    assert_eq!(tale.state.told_days_before, Some(90));
    let tale = tale.at("2026-01-02T23:00:00Z");
    tale.holds(TIMER, Command::AnnounceExpiry);
    let tale = tale.at("2026-01-03T00:00:00Z").then(TIMER, Command::AnnounceExpiry);
    assert_eq!(tale.state.told_days_before, Some(30));
    tale.holds(TIMER, Command::AnnounceExpiry);
    let refusal = tale.clone().at("2026-02-02T23:00:00Z").refused(TIMER, Command::Expire);
    assert_eq!(refusal, Refusal::EndNotReached { valid_until: end });
    // A longer term is told of anew.
    let renewed =
        tale.then(NADIA, propose(json!({ "validUntil": "2027-02-02" }))).then(INGRID, amend());
    assert_eq!(renewed.state.told_days_before, None);
}

#[test]
fn a_contract_that_has_ended_does_not_change() {
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    let gone = agreed().then(AOIFE, terminate());
    gone.holds(INGRID, terminate());
    let over = agreed().at("2026-02-03T00:00:00Z").then(TIMER, Command::Expire);
    for (tale, status) in [(gone, "terminated"), (over, "expired")] {
        assert_eq!(tale.refused(INGRID, agree()), wrong(status, "agreed"));
        let redraft = command("redraft", content(json!({ "noticeDays": 1 })));
        assert_eq!(tale.refused(NADIA, redraft), wrong(status, "drafted again"));
        assert_eq!(tale.refused(NADIA, propose(json!({}))), wrong(status, "amended"));
        let told = tale.refused(TIMER, Command::AnnounceExpiry);
        assert_eq!(told, wrong(status, "near its end"));
    }
    let over = agreed().at("2026-02-03T00:00:00Z").then(TIMER, Command::Expire);
    assert_eq!(over.refused(INGRID, terminate()), wrong("expired", "terminated"));
    drafted(json!({})).then(INGRID, terminate());
}

#[test]
fn what_was_agreed_is_not_corrected() {
    let correct = |field: &str, value: Value| {
        command("correct", json!({ "corrects": 1, "reason": "x", "set": { field: value } }))
    };
    let tale = agreed().then(NADIA, correct("title", json!("Terms of Lumora")));
    assert_eq!(tale.state.content.title.as_str(), "Terms of Lumora");
    for field in ["allocation", "clauses", "status", "validUntil", "documentHash"] {
        let refusal = tale.refused(NADIA, correct(field, json!(null)));
        assert!(matches!(refusal, Refusal::Correction(_)), "{field}");
    }
}

#[test]
fn a_contract_with_an_amendment_stays_within_a_document() {
    let duty = json!({ "activity": "x".repeat(200), "stage": "operation_and_monitoring",
        "who": "us", "detail": "y".repeat(100) });
    let allocation: serde_json::Map<_, _> =
        (0..60).map(|n| (format!("duty-{n}"), duty.clone())).collect();
    let big = json!({ "allocation": allocation });
    let mut other = big.clone();
    other["noticeDays"] = json!(30);
    let tale = drafted(big).then(INGRID, agree()).then(NADIA, propose(other));
    let bytes = serde_json::to_vec(&tale.state).unwrap().len();
    assert!((45_000..60_000).contains(&bytes), "{bytes}");
}
