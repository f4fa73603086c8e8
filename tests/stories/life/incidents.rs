//! Incidents: reported, triaged, contained, investigated and closed, while the law's clocks run.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, V1, hash, make, pointer, types};

const NOW: &str = "2025-06-18T09:50:00Z";
const GDPR: &str = "eu_gdpr.33_1";

pub fn incident(more: Value) -> Value {
    let mut input = json!({
        "title": "Wrong declines", "description": "Applicants of one town were all declined.",
        "occurredAt": "2025-06-17T20:00:00Z", "awareAt": "2025-06-18T09:00:00Z",
        "category": "bias", "severity": "serious", "seriousGround": "c",
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

async fn reported(life: &Life<'_>, more: Value) -> anyhow::Result<Thing> {
    life.makes(&life.by(Role::Emp), "incident", &incident(more)).await
}

/// A running, high-risk system on a day in 2025.
async fn begun<'a>(world: &'a annals_tests::World) -> anyhow::Result<Life<'a>> {
    let life = Life::running(world).await?;
    life.classified("high_risk", Some("5(b)")).await?;
    life.day(NOW);
    Ok(life)
}

/// A report about the incident under the GDPR, released by another and sent.
async fn told(life: &Life<'_>, incident: &Thing) -> anyhow::Result<Thing> {
    let draft = json!({
        "incident": incident.id, "rule": GDPR, "recipient": "Data protection authority",
        "reportKind": "initial", "contentHash": hash('5'),
    });
    let path = "/v1/external-reports/draft";
    let made = life.by(Role::Im).post(path, &draft).await?.created();
    let report = Thing::of("external_report", made["id"].as_str().unwrap());
    report.then(&life.by(Role::Dpo), "release", &json!({})).await?;
    report.then(&life.by(Role::Dpo), "submit", &json!({ "receiptPlaceholder": "AP-1" })).await?;
    Ok(report)
}

story!(clocks_run_where_a_rule_applies_and_others_say_why_not, world => {
    let life = begun(&world).await?;
    let breach = reported(&life, json!({ "personalDataBreach": true })).await?;
    let im = life.by(Role::Im);
    let done = breach.then(&im, "start-clocks", &json!({})).await?;
    assert_eq!(types(&done), [
        "incident.regulatory_rules_evaluated", "incident.regulatory_clock_started",
    ]);
    let clocks = &done["object"]["clocks"];
    assert_eq!(clocks.as_object().unwrap().len(), 1);
    // 72 hours from becoming aware (GDPR Art. 33), whatever the day of the report.
    assert_eq!(clocks[GDPR]["due"], "2025-06-21T09:00:00.000000Z");
    assert_eq!(clocks[GDPR]["article"], "Art. 33(1)");
    // The AI Act's duty to report is not yet law on that day, and says so.
    let read = life.graph(&breach, "evaluations { key applies because article }
        clocks { key due metAt }").await?;
    let all = read["evaluations"].as_array().unwrap();
    let of = |key: &str| all.iter().find(|one| one["key"] == key).unwrap();
    let act = of("eu_ai_act.73_2");
    assert_eq!(act["applies"], false);
    assert!(act["because"].as_str().unwrap().contains("2026-08-02"), "{act}");
    assert_eq!(of(GDPR)["applies"], true);
    let again = breach.then(&im, "start-clocks", &json!({})).await?;
    assert_eq!(types(&again), [""; 0]);
    // Aware earlier than thought: the clock ends earlier.
    let earlier = json!({ "awareAt": "2025-06-18T06:00:00Z", "reason": "The hotline knew." });
    let done = breach.then(&im, "move-aware-at", &earlier).await?;
    assert_eq!(done["object"]["clocks"][GDPR]["due"], "2025-06-21T06:00:00.000000Z");
    let later = json!({ "awareAt": "2025-06-18T09:00:00Z", "reason": "x" });
    let never = json!({ "awareAt": "2025-06-17T10:00:00Z", "reason": "x" });
    life.refuses(&breach, &[
        (Role::Im, "move-aware-at", later, "aware_moved_later", "/awareAt"),
        (Role::Im, "move-aware-at", never, "aware_before_it_happened", "/awareAt"),
        (Role::Dpo, "lift-clock", json!({ "rule": GDPR, "reason": "x" }), "rule_still_applies",
            ""),
        (Role::Dpo, "lift-clock", json!({ "rule": "eu_gdpr.34", "reason": "x" }), "no_such_clock",
            "/rule"),
    ]).await?;
});

story!(an_incident_is_closed_when_all_is_settled, world => {
    let life = begun(&world).await?;
    let breach = reported(&life, json!({ "personalDataBreach": true })).await?;
    let (im, none) = (life.by(Role::Im), json!({}));
    let step = |verb: &'static str| (Role::Im, verb, json!({}), "wrong_status", "");
    life.refuses(&breach, &[step("investigate"), step("resolve")]).await?;
    let triage = json!({
        "category": "bias", "severity": "serious", "harm": [
            { "who": "Applicants", "harmKind": "Declined credit", "count": 41 },
        ],
    });
    breach.then(&im, "triage", &triage).await?;
    breach.then(&life.by(Role::Ops), "contain", &json!({ "what": "Clerks decide alone." })).await?;
    breach.then(&im, "investigate", &none).await?;
    // Nothing of the system is altered before an authority has been told (Art. 73(6)).
    let frozen = |verb: &'static str, input: Value| {
        (Role::So, verb, input, "frozen_by_incident", "")
    };
    let data = json!({ "name": "Applications 2024" });
    let (data, _) = make(&world, &life.by(Role::Ds), "dataset", &data).await?;
    life.refuses(&life.system, &[
        frozen("add-version", json!({ "systemVersion": "2.0" })),
        frozen("link-assets", json!({ "systemVersion": V1, "datasets": [data.id] })),
    ]).await?;
    let cause = json!({ "link": "established", "note": "A broken feature." });
    breach.then(&im, "establish-causality", &cause).await?;
    breach.then(&im, "resolve", &none).await?;
    let close = json!({ "id": breach.id, "lessons": "Watch regions." });
    let closes = |code: &'static str| {
        (Role::Im, "close", json!({ "lessons": "x" }), code, "")
    };
    life.refuses(&breach, &[closes("rules_not_evaluated")]).await?;
    breach.then(&life.by(Role::Dpo), "start-clocks", &none).await?;
    life.refuses(&breach, &[closes("clock_runs")]).await?;
    let report = told(&life, &breach).await?;
    life.system.then(&life.by(Role::So), "add-version", &json!({ "systemVersion": "2.0" })).await?;
    let meet = json!({ "rule": GDPR, "report": report.id });
    let done = breach.then(&im, "meet-clock", &meet).await?;
    assert_eq!(types(&done), ["incident.regulatory_clock_met"]);
    life.refuses(&breach, &[
        closes("no_cause"),
        (Role::Dpo, "lift-clock", json!({ "rule": GDPR, "reason": "x" }), "clock_is_met", ""),
    ]).await?;
    let found = json!({ "cause": "A town's code was missing.", "actions": ["Mended"] });
    breach.then(&im, "resolve", &found).await?;
    life.refuses(&breach, &[
        closes("no_user_decision"),
        (Role::Im, "inform-users", json!({ "decision": "informed" }), "not_said_how", "/how"),
        (Role::Im, "inform-users", json!({ "decision": "not_needed" }), "not_said_why_not",
            "/reason"),
        (Role::Im, "inform-users", json!({ "decision": "informed", "how": "By letter",
            "informedAt": "2025-06-19T09:00:00Z" }), "in_the_future", "/informedAt"),
    ]).await?;
    breach.then(&im, "inform-users", &json!({ "decision": "informed", "how": "Letter." })).await?;
    life.refuses(&breach, &[
        (Role::Im, "inform-users", json!({ "decision": "not_needed", "reason": "x" }),
            "users_were_informed", ""),
    ]).await?;
    breach.then(&im, "dismiss", &json!({ "reason": "Perhaps none." })).await?;
    life.refuses(&breach, &[closes("proposal_waits")]).await?;
    let down = json!({ "proposal": "dismissal", "reason": "It was one." });
    breach.then(&life.by(Role::Tm), "turn-down", &down).await?;
    let payload = life.mutate(&im, "incidentClose", close,
        "events { type } incident { status lessons clocks { key metAt report { status } } }
         refusal { __typename }").await?;
    assert_eq!(payload, json!({
        "events": [{ "type": "incident.closed" }], "refusal": null, "incident": {
            "status": "CLOSED", "lessons": "Watch regions.", "clocks": [{
                "key": GDPR, "metAt": payload["incident"]["clocks"][0]["metAt"],
                "report": { "status": "SUBMITTED" },
            }],
        },
    }));
    life.refuses(&breach, &[step("investigate"), step("start-clocks")]).await?;
});

story!(severity_is_lowered_by_two_people, world => {
    let life = begun(&world).await?;
    let breach = reported(&life, json!({ "personalDataBreach": true })).await?;
    let im = life.by(Role::Im);
    let softer = |reason: &str| json!({
        "severity": "major", "seriousGround": "none", "reason": reason,
    });
    let triage = json!({ "category": "bias", "severity": "minor", "seriousGround": "none" });
    life.refuses(&breach, &[
        (Role::Im, "triage", triage, "lowered_in_triage", "/severity"),
        (Role::Im, "set-severity", json!({ "severity": "major", "death": true, "reason": "x" }),
            "less_than_serious", "/severity"),
        (Role::Im, "set-severity", json!({ "severity": "serious", "seriousGround": "e",
            "reason": "x" }), "unknown_ground", "/seriousGround"),
        (Role::Am, "confirm-lowering", json!({}), "nothing_proposed", ""),
        (Role::Tm, "turn-down", json!({ "proposal": "lowering", "reason": "x" }),
            "nothing_proposed", ""),
    ]).await?;
    let without = json!({ "severity": "major", "seriousGround": "none" });
    let answer = breach.send(&im, "set-severity", &without).await?;
    assert_eq!(pointer(&answer.problem(422, "invalid_input")), "/reason");
    breach.then(&im, "start-clocks", &json!({})).await?;
    let done = breach.then(&im, "set-severity", &softer("Less harm.")).await?;
    assert_eq!(types(&done), ["incident.severity_lowering_proposed"]);
    assert_eq!(done["object"]["severity"], "serious", "until somebody else agrees");
    life.refuses(&breach, &[
        (Role::Im, "confirm-lowering", json!({}), "proposer_confirms", ""),
    ]).await?;
    breach.then(&life.by(Role::Am), "turn-down",
        &json!({ "proposal": "lowering", "reason": "Not yet." })).await?;
    breach.then(&im, "set-severity", &softer("Only one town.")).await?;
    let payload = life.mutate(&life.by(Role::Dpo), "incidentConfirmLowering",
        json!({ "id": breach.id, "expectedVersion": breach.now(&im).await?["version"] }),
        "events { type } incident { severity lowering { reason } } refusal { __typename }").await?;
    assert_eq!(payload, json!({
        "events": [{ "type": "incident.severity_changed" }], "refusal": null,
        "incident": { "severity": "MAJOR", "lowering": null },
    }));
    // Graver holds at once.
    let graver = json!({ "severity": "serious", "seriousGround": "a", "reason": "Somebody died.",
        "death": true });
    let done = breach.then(&im, "set-severity", &graver).await?;
    assert_eq!(types(&done), ["incident.severity_changed"]);
    let lesser = json!({ "severity": "serious", "death": false, "personalDataBreach": false,
        "reason": "No data of people." });
    breach.then(&im, "set-severity", &lesser).await?;
    breach.then(&life.by(Role::Am), "confirm-lowering", &json!({})).await?;
    breach.then(&im, "start-clocks", &json!({})).await?;
    let lift = json!({ "rule": GDPR, "reason": "No personal data were concerned." });
    let done = breach.then(&life.by(Role::Dpo), "lift-clock", &lift).await?;
    assert_eq!(types(&done), ["incident.regulatory_clock_lifted"]);
});

story!(an_incident_that_is_none_and_one_that_is_another, world => {
    let life = begun(&world).await?;
    let im = life.by(Role::Im);
    let small = json!({ "severity": "minor", "seriousGround": "none" });
    let none = reported(&life, small.clone()).await?;
    none.then(&im, "dismiss", &json!({ "reason": "A test." })).await?;
    life.refuses(&none, &[(Role::Im, "confirm-dismissal", json!({}), "proposer_confirms", "")])
        .await?;
    let done = none.then(&life.by(Role::Am), "confirm-dismissal", &json!({})).await?;
    assert_eq!(done["object"]["status"], "not_an_incident");
    let first = reported(&life, json!({ "personalDataBreach": true })).await?;
    let second = reported(&life, json!({ "personalDataBreach": true })).await?;
    let late = json!({ "awareAt": "2025-06-18T09:30:00Z" });
    let third = reported(&life, late).await?;
    let of = |of: &Thing| json!({ "of": of.id });
    let mild = reported(&life, small).await?;
    first.then(&im, "start-clocks", &json!({})).await?;
    let verb = "mark-duplicate";
    life.refuses(&first, &[
        (Role::Im, verb, of(&first), "not_the_same", "/of"),
        (Role::Im, verb, of(&none), "not_the_same", "/of"),
        (Role::Im, verb, of(&third), "original_aware_later", "/of"),
        (Role::Im, verb, of(&mild), "original_less_grave", "/of"),
        (Role::Im, verb, of(&second), "clock_runs", ""),
    ]).await?;
    let done = second.then(&im, verb, &of(&first)).await?;
    assert_eq!(done["object"]["status"], "duplicate");
    first.then(&im, "dismiss", &json!({ "reason": "x" })).await?;
    life.refuses(&first, &[(Role::Am, "confirm-dismissal", json!({}), "clock_runs", "")]).await?;
});

story!(what_is_reported_must_have_happened, world => {
    let life = begun(&world).await?;
    let emp = life.by(Role::Emp);
    for (more, code, at) in [
        (json!({ "awareAt": "2025-06-18T10:00:00Z" }), "aware_in_future", "/awareAt"),
        (json!({ "awareAt": "2025-06-17T10:00:00Z" }), "aware_before_it_happened", "/awareAt"),
        (json!({ "systemVersion": "7" }), "unknown_version", "/systemVersion"),
        (json!({ "seriousGround": "e" }), "unknown_ground", "/seriousGround"),
        (json!({ "severity": "minor" }), "less_than_serious", "/severity"),
    ] {
        life.makes_no(&emp, "incident", &incident(more), code, at).await?;
    }
    let breach = reported(&life, json!({ "personalDataBreach": true })).await?;
    let other = reported(&life, json!({})).await?;
    let future = json!({ "what": "x", "containedAt": "2025-06-19T10:00:00Z" });
    breach.then(&life.by(Role::Dpo), "start-clocks", &json!({})).await?;
    let report = told(&life, &other).await?;
    let meet = |report: &Thing| json!({ "rule": GDPR, "report": report.id });
    let draft = |kind: &str| json!({
        "incident": breach.id, "rule": GDPR, "recipient": "Authority", "reportKind": kind,
        "contentHash": hash('5'),
    });
    let path = "/v1/external-reports/draft";
    let made = life.by(Role::Im).post(path, &draft("follow_up")).await?.created();
    let follows = Thing::of("external_report", made["id"].as_str().unwrap());
    let made = life.by(Role::Im).post(path, &draft("initial")).await?.created();
    let unsent = Thing::of("external_report", made["id"].as_str().unwrap());
    let at = "/report";
    life.refuses(&breach, &[
        (Role::Ops, "contain", future, "in_the_future", "/containedAt"),
        (Role::Dpo, "meet-clock", meet(&report), "report_of_another", at),
        (Role::Dpo, "meet-clock", meet(&follows), "report_only_follows_up", at),
        (Role::Dpo, "meet-clock", meet(&unsent), "report_not_submitted", at),
        (Role::Dpo, "meet-clock", json!({ "rule": "eu_gdpr.34", "report": report.id }),
            "no_such_clock", "/rule"),
    ]).await?;
    for n in 0..50 {
        let step = json!({ "what": format!("Step {n}") });
        breach.then(&life.by(Role::Ops), "contain", &step).await?;
    }
    let more = json!({ "what": "One more" });
    life.refuses(&breach, &[(Role::Ops, "contain", more, "too_many_steps", "")]).await?;
    let retire = life.passes("retirement").await?;
    let retire = json!({
        "gate": retire.id, "dataDisposition": "x", "modelDisposition": "x", "userNotice": "x",
        "openObligationsChecked": true, "logsKeptUntil": "2027-01-01",
    });
    life.refuses(&life.system, &[(Role::So, "retire", retire, "open_incident", "")]).await?;
});
