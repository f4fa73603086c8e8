//! What follows by itself from what people do: whole chains of rules, looked at as an auditor does:
//! what triggered each run, what it knew, what it ordered and what came of that.

use annals_tests::{Client, World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given;
use crate::suppliers::world::{agreed, approved};

/// The objects of a kind that a filter finds, oldest first.
async fn found(who: &Client, query: &str) -> anyhow::Result<Vec<Value>> {
    let list = who.get(&format!("/v1/{query}")).await?.ok();
    Ok(list["data"].as_array().unwrap().clone())
}

/// The open task about an object that a rule gave to a role.
async fn task(world: &World, about: &str, rule: &str, role: &str) -> anyhow::Result<Value> {
    let tasks = found(&world.as_(Role::Emp), &format!("tasks?filter[subject]={about}")).await?;
    let is_it =
        |task: &&Value| task["openedBy"] == format!("rea_{rule}") && task["assigneeRole"] == role;
    let task = tasks.iter().find(is_it).cloned();
    Ok(task.unwrap_or_else(|| panic!("{rule} asks no {role} about {about}: {tasks:#?}")))
}

/// The last run of a rule about an object's event.
async fn last_run(world: &World, rule: &str, of: &str) -> anyhow::Result<Value> {
    let runs = found(&world.as_(Role::Aud), &format!("reactions?filter[subject]={of}")).await?;
    let own: Vec<_> = runs.into_iter().filter(|run| run["rule"] == rule).collect();
    Ok(own.last().unwrap_or_else(|| panic!("{rule} did not run about {of}")).clone())
}

async fn settle(world: &World) -> anyhow::Result<()> {
    Ok(world.app.rules.settle(&world.tenant).await?)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A running system of the system owner's that depends on a supplier of a criticality.
async fn depending(world: &World, criticality: &str) -> anyhow::Result<(String, String)> {
    let (sm, so) = (world.as_(Role::Sm), world.as_(Role::So));
    let supplier = approved(world, "Lumora AI", criticality).await?;
    let system = given::system(world, "HelpDesk Copilot", true).await?;
    agreed(world, &supplier).await?;
    let desk = Desk::of(world, "supplied_component");
    let component = json!({
        "supplier": supplier, "name": "Chat API", "componentKind": "service",
        "componentVersion": "4.1", "documentation": [{ "title": "Card", "hash": "c".repeat(64) }],
    });
    let component = desk.make(&sm, "propose", component).await?;
    desk.does(&so, "accept", &component, json!({})).await?;
    let link = json!({ "system": system, "systemVersions": ["1.0"] });
    desk.does(&so, "link", &component, link).await?;
    Ok((supplier, system))
}

story!(a_supplier_is_suspended_and_when_nobody_answers_operation_halts, world => {
    let (supplier, system) = depending(&world, "high").await?;
    settle(&world).await?;
    let sm = world.as_(Role::Sm);
    Desk::of(&world, "supplier").does(&sm, "suspend", &supplier, given::because()).await?;
    settle(&world).await?;
    let asked = task(&world, &system, "P6", "SO").await?;
    assert_eq!((&asked["status"], &asked["taskKind"]), (&json!("open"), &json!("decide")));
    assert_eq!(asked["assignee"], world.as_(Role::So).user);
    let run = last_run(&world, "P6", &supplier).await?;
    assert_eq!((&run["triggerType"], &run["depth"]), (&json!("supplier.suspended"), &json!(0)));
    assert_eq!(run["orders"][0]["command"], "task.open");
    assert_eq!(run["orders"][0]["object"], asked["id"]);
    assert!(run["lookedAt"].as_array().unwrap().contains(&json!(system)));

    let late = world.as_(Role::Sys).at(&format!("{}T00:00:00Z", "2024-07-05"));
    Desk::of(&world, "task").does(&late, "fall_overdue", text(&asked["id"]), json!({})).await?;
    settle(&world).await?;
    let halted = Desk::of(&world, "ai_system").shown(&system, "").await?;
    assert_eq!(halted["operationStatus"], "suspended");
    assert_eq!(halted["suspension"]["by"], "rea_P6");
    let run = last_run(&world, "P6", text(&asked["id"])).await?;
    assert_eq!(run["triggerType"], "task.overdue");
    assert_eq!(run["orders"], json!([{
        "command": "ai_system.suspend_operation", "object": system, "outcome": "done",
    }]));
    // What the task waited for has happened, if late.
    let done = Desk::of(&world, "task").shown(text(&asked["id"]), "").await?;
    assert_eq!((&done["status"], &done["ending"]["by"]), (&json!("done"), &json!("rea_TASKS")));
    // Nothing follows twice.
    let (before, _) = Desk::of(&world, "task").head().await?;
    settle(&world).await?;
    assert_eq!(Desk::of(&world, "task").head().await?.0, before);
});

story!(a_reasoned_no_ends_what_was_to_be_decided, world => {
    let (supplier, system) = depending(&world, "high").await?;
    let sm = world.as_(Role::Sm);
    Desk::of(&world, "supplier").does(&sm, "suspend", &supplier, given::because()).await?;
    settle(&world).await?;
    let asked = task(&world, &system, "P6", "SO").await?;
    let (desk, so) = (Desk::of(&world, "task"), world.as_(Role::So));
    let note = json!({ "note": "It goes on: drafts are written by people meanwhile." });
    desk.does(&so, "complete", text(&asked["id"]), note).await?;
    settle(&world).await?;
    let shown = Desk::of(&world, "ai_system").shown(&system, "").await?;
    assert_eq!(shown["operationStatus"], "running");
});

story!(a_system_that_comes_brings_its_tasks_and_they_end_by_what_they_wait_for, world => {
    let (system, other) =
        (given::system(&world, "CreditLens", false).await?, given::system(&world, "DocExtract", false).await?);
    settle(&world).await?;
    let (tasks, am) = (Desk::of(&world, "task"), world.as_(Role::Am));
    let open = task(&world, &other, "P2", "RM").await?;
    let postpone = json!({ "due": "2024-12-31", "reason": "It is not yet built." });
    let done = tasks.does(&am, "postpone", text(&open["id"]), postpone).await?;
    assert_eq!(done["object"]["postponed"]["before"], open["due"]);

    // The first rules of the regime were published on 12 July.
    let (rm, dpo) = (world.as_(Role::Rm).at("2024-08-01T09:00:00Z"), world.as_(Role::Dpo));
    let desk = Desk::of(&world, "regulatory_classification");
    let proposal = json!({
        "system": system, "regime": "eu_ai_act", "class": "minimal", "role": "provider",
        "rationale": "It reads documents.",
    });
    let class = desk.make(&rm, "propose", proposal).await?;
    desk.does(&dpo, "confirm", &class, json!({})).await?;
    settle(&world).await?;
    let ended = task(&world, &system, "P2", "RM").await?;
    assert_eq!((&ended["status"], &ended["ending"]["by"]), (&json!("done"), &json!("rea_TASKS")));
    assert_eq!(task(&world, &other, "P2", "RM").await?["status"], "open");

    let assess = task(&world, &other, "P2", "IA").await?;
    let late = world.as_(Role::Sys).at("2024-08-10T00:00:00Z");
    tasks.does(&late, "fall_overdue", text(&assess["id"]), json!({})).await?;
    settle(&world).await?;
    let proposed = task(&world, &other, "P2", "AM").await?;
    assert_eq!(proposed["doneWhen"], json!({ "event": "nonconformity.raised", "about": other }));
});

story!(a_breach_starts_its_clock_and_each_report_calls_for_the_next, world => {
    let system = given::system(&world, "HelpDesk Copilot", true).await?;
    let (im, dpo) = (world.as_(Role::Im), world.as_(Role::Dpo));
    let incident = json!({
        "system": system, "title": "Notes were shown", "description": "Three notes.",
        "awareAt": "2024-07-01T00:00:00Z", "category": "privacy", "severity": "major",
        "personalDataBreach": true,
    });
    let desk = Desk::of(&world, "incident");
    let incident = desk.make(&im, "report", incident).await?;
    settle(&world).await?;
    let clocks = desk.shown(&incident, "").await?["clocks"].clone();
    let due = clocks["eu_gdpr.33_1"]["due"].clone();
    assert_eq!(due, "2024-07-04T00:00:00.000000Z");
    let reports = Desk::of(&world, "external_report");
    let owed = async || found(&dpo, &format!("external-reports?filter[incident]={incident}")).await;
    let initial = owed().await?.remove(0);
    assert_eq!((&initial["status"], &initial["due"]), (&json!("due"), &due));
    let id = text(&initial["id"]);
    let asked = task(&world, id, "P8", "DPO").await?;
    let write = json!({ "contentHash": "a".repeat(64), "recipient": "The authority" });
    reports.does(&im, "redraft", id, write).await?;
    reports.does(&world.as_(Role::Tm), "release", id, json!({})).await?;
    reports.does(&dpo, "submit", id, json!({ "receiptPlaceholder": "AP-1" })).await?;
    settle(&world).await?;
    assert!(desk.shown(&incident, "").await?["clocks"]["eu_gdpr.33_1"]["metAt"].is_string());
    let ended = Desk::of(&world, "task").shown(text(&asked["id"]), "").await?;
    assert_eq!(ended["status"], "done");
    let complete = owed().await?.into_iter().find(|report| report["reportKind"] == "complete");
    assert_eq!(complete.unwrap()["status"], "due");
    let run = last_run(&world, "P9", &incident).await?;
    assert_eq!((&run["triggerType"], &run["depth"]), (&json!("incident.regulatory_clock_met"), &json!(1)));
});

story!(a_monitor_measures_its_kpi_and_what_is_grave_is_assessed_again, world => {
    let system = given::system(&world, "CreditLens", true).await?;
    let (so, am, sys) = (world.as_(Role::So), world.as_(Role::Am), world.as_(Role::Sys));
    let metric = json!({
        "name": "DIR", "metricKind": "fairness", "aggregate": "mean",
        "direction": "higher_is_better", "window": { "amount": 1, "unit": "months" },
        "warn": "0.85", "breach": "0.80", "critical": "0.75", "minN": 10,
    });
    let monitors = Desk::of(&world, "monitor");
    let monitor = json!({ "system": system, "name": "Fairness", "metrics": { "dir": metric } });
    let monitor = monitors.make(&so, "arm", monitor).await?;
    let kpi = crate::support::objectives::pursued(&world).await?.1;
    let kpis = Desk::of(&world, "kpi");
    kpis.does(&am, "link_monitor", &kpi, json!({ "monitor": monitor })).await?;
    let points = json!({ "points": [
        { "metric": "dir", "at": "2024-07-20T00:00:00Z", "value": "0.7", "n": 400 },
    ] });
    monitors.does(&sys.at("2024-08-02T00:00:00Z"), "ingest", &monitor, points).await?;
    settle(&world).await?;
    let shown = kpis.shown(&kpi, "").await?;
    assert_eq!((&shown["lastValue"], &shown["standing"]), (&json!("0.7"), &json!("breached")));
    let asked = task(&world, &monitor, "P11", "OPS").await?;
    assert_eq!((&asked["status"], &asked["due"]), (&json!("open"), &json!("2024-08-02")));
    let history = monitors.shown(&monitor, "").await?;
    let alert = history["alerts"].as_object().unwrap().keys().next().unwrap().clone();
    let look = json!({ "alert": alert });
    monitors.does(&world.as_(Role::Ops), "acknowledge_alert", &monitor, look).await?;
    settle(&world).await?;
    let ended = Desk::of(&world, "task").shown(text(&asked["id"]), "").await?;
    assert_eq!(ended["status"], "done");
});

story!(a_risk_above_the_tolerance_in_operation_is_top_managements, world => {
    given::criteria(&world).await?;
    let system = given::system(&world, "CreditLens", true).await?;
    let (rm, ro) = (world.as_(Role::Rm), world.as_(Role::Ro));
    let desk = Desk::of(&world, "risk");
    let risk = json!({
        "title": "Postcode", "description": "A proxy.", "systems": [system],
        "sources": ["machine_learning"], "themes": ["fairness"], "owner": ro.user,
    });
    let risk = desk.make(&rm, "identify", risk).await?;
    let rating = |score: u32| {
        json!({ "likelihood": score, "consequenceOrg": 5, "consequenceIndividual": 5,
            "consequenceSociety": 5, "rationale": "The model uses it." })
    };
    desk.does(&rm, "analyse", &risk, rating(4)).await?;
    settle(&world).await?;
    let decide = task(&world, &risk, "P4", "TM").await?;
    assert_eq!(task(&world, &risk, "P4", "RO").await?["assignee"], ro.user);
    let late = world.as_(Role::Sys).at("2024-07-10T00:00:00Z");
    Desk::of(&world, "task").does(&late, "fall_overdue", text(&decide["id"]), json!({})).await?;
    settle(&world).await?;
    let restrict = task(&world, &system, "P4", "RO").await?;
    let measure = json!({ "measure": "A person decides.", "reason": "It is above the tolerance." });
    Desk::of(&world, "ai_system").does(&ro, "restrict_operation", &system, measure).await?;
    settle(&world).await?;
    let tasks = Desk::of(&world, "task");
    assert_eq!(tasks.shown(text(&restrict["id"]), "").await?["status"], "done");
    desk.does(&rm, "analyse", &risk, rating(1)).await?;
    settle(&world).await?;
    let plan = task(&world, &risk, "P4", "RM").await?;
    assert_eq!((&plan["status"], &plan["ending"]["by"]), (&json!("cancelled"), &json!("rea_P4")));
});
