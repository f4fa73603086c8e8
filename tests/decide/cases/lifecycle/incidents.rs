//! What goes wrong, who says so and who is told: incidents, concerns, channels, reports.

use kernel::Role;
use kernel::id::encode;
use lifecycle::concern::Concern;
use lifecycle::external_report::ExternalReport;
use lifecycle::incident::Incident;
use lifecycle::reporting_channel::ReportingChannel;
use serde_json::{Value, json};

use super::{Kind, correct, member, why, with};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[
    incident,
    lowered,
    dismissed,
    duplicate,
    reporting_channel,
    concern,
    external_report,
    missed,
    withdrawn,
];

/// The rule on breaches of personal data.
const GDPR: &str = "eu_gdpr.33_1";

fn sys() -> String {
    encode("sys", 1)
}

/// A breach of the personal data of three customers, assessed as major.
fn triaged(n: u128) -> History<Incident> {
    let version = |stage: &str, status: &str| json!({ "stage": stage, "status": status });
    let system = json!({ "name": "HelpDesk Copilot", "versions": {
        "1.0": version("operation_and_monitoring", "running"),
        "1.1": version("deployment", "in_preparation") } });
    let class = json!({ "system": sys(), "status": "confirmed", "regime": "eu_ai_act",
        "class": "transparency", "role": "deployer", "effects": ["transparency"],
        "confirmedAt": "2025-01-01T09:00:00Z" });
    let sent = json!({ "incident": encode("inc", n), "rule": GDPR, "reportKind": "initial",
        "status": "submitted", "submittedAt": "2025-03-03T08:59:00Z" });
    let other = json!({ "system": sys(), "severity": "serious", "status": "triaged",
        "personalDataBreach": true });
    let harm = json!([
        { "who": "Customers", "harmKind": "disclosure", "count": 3 },
        { "who": "Agents", "harmKind": "complaints", "count": 5 },
    ]);
    let report = json!({
        "system": sys(), "systemVersion": "1.0", "title": "Case notes of others were shown",
        "description": "Three users saw another customer's case note.",
        "awareAt": "2025-03-03T08:40:00Z", "occurredAt": "2025-03-02T16:00:00Z",
        "category": "privacy", "severity": "major", "harm": harm,
    });
    let triage = json!({ "category": "privacy", "severity": "major", "personalDataBreach": true,
        "harm": harm, "note": "The index of two customers was shared." });
    History::of(&encode("inc", n))
        .knowing(&sys(), "ai_system", system)
        .knowing(&encode("cls", 1), "regulatory_classification", class)
        .knowing(&encode("xrp", n), "external_report", sent)
        .knowing(&encode("inc", 99), "incident", other)
        .measured(Role::Ops, "report", report)
        .measured(Role::Im, "triage", triage)
}

fn clocked(n: u128) -> History<Incident> {
    triaged(n).measured(Role::Sys, "start_clocks", json!({}))
}

fn incident() -> Vec<Case> {
    let earlier = with(why(), json!({ "awareAt": "2025-03-03T08:10:00Z" }));
    clocked(1)
        .measured(Role::Im, "move_aware_at", earlier)
        .measured(Role::Im, "contain", json!({ "what": "The index was split." }))
        .measured(Role::Im, "investigate", json!({}))
        .measured(
            Role::Im,
            "establish_causality",
            json!({ "link": "established", "note": "A shared key." }),
        )
        .measured(
            Role::Im,
            "inform_users",
            json!({ "decision": "informed", "reason": "They are affected.", "how": "By e-mail." }),
        )
        .measured(Role::Im, "meet_clock", json!({ "rule": GDPR, "report": encode("xrp", 1) }))
        .measured(
            Role::Im,
            "resolve",
            json!({ "cause": "No isolation of customers.", "actions": ["Tests of isolation",
                "One key per customer"] }),
        )
        .measured(Role::Im, "correct", correct("title", "Notes of others were shown"))
        .measured(Role::Im, "close", json!({ "lessons": "Test isolation before release." }))
        .cases()
}

fn lowered() -> Vec<Case> {
    let lower = with(why(), json!({ "severity": "major", "personalDataBreach": false }));
    let turned_down = with(why(), json!({ "proposal": "lowering" }));
    clocked(2)
        .measured(Role::Im, "set_severity", lower.clone())
        .measured(Role::Dpo, "turn_down", turned_down)
        .given(Role::Im, "set_severity", lower)
        .measured(Role::Dpo, "confirm_lowering", json!({}))
        .measured(Role::Dpo, "lift_clock", with(why(), json!({ "rule": GDPR })))
        .cases()
}

fn dismissed() -> Vec<Case> {
    triaged(3)
        .measured(Role::Im, "dismiss", why())
        .measured(Role::Dpo, "confirm_dismissal", json!({}))
        .cases()
}

fn duplicate() -> Vec<Case> {
    triaged(4).measured(Role::Im, "mark_duplicate", json!({ "of": encode("inc", 99) })).cases()
}

fn with_members<A>(history: History<A>) -> History<A>
where
    A: kernel::domain::Domain + Clone + 'static,
    A::Command: Clone + 'static,
{
    let handlers = [Role::Am, Role::Tm, Role::Im].into_iter();
    handlers.fold(history, |history, role| {
        let id = facts::Membership::id_of(&kernel::UserId::new(member(role)));
        let body = json!({ "user": member(role), "roles": [role], "status": "active" });
        history.knowing(&id, "membership", body)
    })
}

fn offer() -> Value {
    json!({ "title": "Public web form", "languages": ["en", "nl", "no"],
        "handlers": [member(Role::Am), member(Role::Im)], "acceptsAnonymous": true,
        "publicUrl": "https://halden.example/concerns", "ackDays": 7, "answerDays": 90 })
}

fn published() -> History<ReportingChannel> {
    with_members(History::of(&encode("rch", 1))).measured(
        Role::Im,
        "publish",
        with(offer(), json!({ "audience": "external" })),
    )
}

fn reporting_channel() -> Vec<Case> {
    published()
        .measured(Role::Am, "change", with(offer(), json!({ "ackDays": 5 })))
        .measured(Role::Am, "correct", correct("title", "Web form"))
        .measured(Role::Am, "withdraw", why())
        .cases()
}

fn concern() -> Vec<Case> {
    let receipt = "ab".repeat(32);
    let report = json!({ "channel": encode("rch", 1), "system": sys(), "anonymous": true,
        "text": "It declines everybody from one street.", "receiptHash": receipt });
    let said = json!({ "text": "Here is another case.", "receiptHash": receipt });
    let mut history = with_members(History::<Concern>::of(&encode("con", 1)))
        .knowing(&encode("rch", 1), "reporting_channel", published().body())
        .measured(Role::Ext, "report", report)
        .measured(Role::Am, "acknowledge", json!({}))
        .measured(Role::Tm, "assign_handler", json!({ "handler": member(Role::Im) }))
        .given(Role::Tm, "assign_handler", json!({ "handler": member(Role::Am) }))
        .measured(
            Role::Am,
            "record_conflict_check",
            json!({ "conflict": false, "named": [member(Role::Dev)], "note": "He built it." }),
        )
        .measured(Role::Am, "start_review", json!({}));
    for _ in 0..5 {
        history = history.given(Role::Ext, "add_message", said.clone());
    }
    history
        .measured(Role::Ext, "add_message", said.clone())
        .measured(Role::Ext, "flag_retaliation", said)
        .measured(Role::Am, "escalate", with(why(), json!({ "to": encode("inc", 1) })))
        .measured(Role::Am, "resolve", json!({ "outcome": "The street code was dropped." }))
        .measured(Role::Am, "reply", json!({ "text": "Thank you; it has been repaired." }))
        .measured(Role::Am, "correct", correct("outcome", "The code of streets was dropped."))
        .measured(Role::Am, "close", json!({}))
        .cases()
}

fn duty() -> Value {
    json!({ "rule": GDPR, "recipient": "Data protection authority", "incident": encode("inc", 1),
        "reportKind": "initial", "due": "2025-03-06T08:40:00Z" })
}

fn report(n: u128) -> History<ExternalReport> {
    let incident = json!({ "system": sys(), "severity": "major", "status": "triaged",
        "clocks": { GDPR: { "due": "2025-03-06T08:40:00Z" } } });
    History::of(&encode("xrp", n)).knowing(&encode("inc", 1), "incident", incident)
}

fn external_report() -> Vec<Case> {
    let written = json!({ "contentHash": "ab".repeat(32), "channel": "Portal" });
    report(1)
        .measured(Role::Im, "draft", with(duty(), written))
        .measured(Role::Im, "redraft", json!({ "contentHash": "cd".repeat(32) }))
        .measured(Role::Tm, "release", json!({ "contentHash": "cd".repeat(32) }))
        .measured(Role::Dpo, "submit", json!({ "receiptPlaceholder": "AP-2025-0303" }))
        .measured(Role::Dpo, "record_receipt", json!({ "receipt": "AP-77" }))
        .measured(Role::Dpo, "correct", correct("channel", "Web portal"))
        .cases()
}

fn missed() -> Vec<Case> {
    report(2)
        .measured(Role::Sys, "fall_due", duty())
        .at("2025-03-06T09:00:00Z")
        .measured(Role::Sys, "miss_deadline", json!({}))
        .cases()
}

fn withdrawn() -> Vec<Case> {
    let written = json!({ "contentHash": "ab".repeat(32), "channel": "Portal" });
    report(3)
        .given(Role::Im, "draft", with(duty(), written))
        .measured(Role::Dpo, "withdraw", why())
        .cases()
}
