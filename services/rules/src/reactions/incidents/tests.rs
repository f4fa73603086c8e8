//! Incidents and reports, in small worlds.

use serde_json::Value;

use super::*;

const AT: &str = "2025-06-16T09:52:00Z";

fn trigger(name: &str, object: &str, data: Value) -> Trigger {
    Trigger::example(name, object, AT, data)
}

fn incident(severity: &str, breach: bool, status: &str) -> Value {
    json!({
        "system": "sys_1", "title": "Notes were shown", "severity": severity, "status": status,
        "personalDataBreach": breach, "awareAt": "2025-06-16T09:40:00Z", "harm": {},
        "clocks": { "met": { "due": AT, "metAt": AT }, "gdpr": { "due": AT } },
    })
}

fn world(incident: Value) -> Known {
    let system = json!({ "name": "Copilot", "stage": "deployment", "operationStatus": "running" });
    Known::default().with("inc_1", "incident", incident).with("sys_1", "ai_system", system)
}

fn told(orders: &[Order]) -> Vec<(&str, &str)> {
    orders.iter().map(|order| (order.kind, order.verb)).collect()
}

fn roles(orders: &[Order]) -> Vec<&str> {
    orders.iter().filter_map(|order| order.input["assigneeRole"].as_str()).collect()
}

#[test]
fn what_may_be_reportable_is_held_against_the_rules() {
    let assessed = |severity: &str, breach: bool, status: &str| {
        let mut body = incident(severity, breach, status);
        body["clocks"] = json!({});
        clocks(&trigger("incident.reported", "inc_1", json!({})), &world(body))
    };
    let start = [Order::to("incident", "inc_1", "start_clocks", json!({}))];
    assert_eq!(assessed("serious", false, "reported"), start);
    assert_eq!(assessed("minor", true, "resolved"), start);
    assert_eq!(assessed("major", false, "reported"), []);
    assert_eq!(assessed("serious", true, "closed"), []);
    assert_eq!(assessed("serious", true, "duplicate"), []);
    // Its clocks are looked at again even if it turns out less grave.
    let softer = world(incident("minor", false, "triaged"));
    assert_eq!(clocks(&trigger("incident.severity_changed", "inc_1", json!({})), &softer), start);
    let class = json!({
        "system": "sys_1", "status": "confirmed", "regime": "eu_ai_act", "class": "high_risk",
        "role": "provider",
    });
    let known = world(incident("serious", false, "triaged"));
    let known = known.with("cls_1", "regulatory_classification", class);
    let confirmed = trigger("regulatory_classification.confirmed", "cls_1", json!({}));
    assert_eq!(clocks(&confirmed, &known), start);
}

#[test]
fn a_clock_has_its_report_its_people_and_a_system_that_stays_as_it_is() {
    let data = json!({ "rule": "gdpr", "article": "Art. 33(1)", "due": "2025-06-19T09:40:00Z" });
    let run = trigger("incident.regulatory_clock_started", "inc_1", data);
    let orders = clocks(&run, &world(incident("major", true, "triaged")));
    let open = ("task", "open");
    assert_eq!(told(&orders), [("external_report", "fall_due"), open, open]);
    assert_eq!(
        orders[0].input,
        json!({
            "rule": "gdpr", "recipient": "Authority by Art. 33(1)", "incident": "inc_1",
            "reportKind": "initial", "due": "2025-06-19T09:40:00.000000Z",
        })
    );
    assert_eq!(roles(&orders), ["IM", "TM"]);
    let serious = clocks(&run, &world(incident("serious", false, "triaged")));
    assert_eq!(roles(&serious), ["IM", "TM", "SO"]);
    assert_eq!(serious[3].input["blocking"], json!(true));
    assert_eq!(serious[3].input["subject"], "sys_1");
    let report = |due: &str, status: &str| {
        json!({
            "incident": "inc_1", "rule": "gdpr", "recipient": "AP", "reportKind": "initial",
            "status": status, "due": due,
        })
    };
    let known = |report: Value| {
        let known = world(incident("major", true, "triaged"));
        clocks(&run, &known.with("xrp_1", "external_report", report))
    };
    assert_eq!(roles(&known(report("2025-06-19T09:40:00Z", "due"))), ["IM", "TM"]);
    assert_eq!(roles(&known(report("2025-07-01T09:40:00Z", "due"))), ["DPO", "IM", "TM"]);
    assert_eq!(roles(&known(report("2025-07-01T09:40:00Z", "submitted"))), ["IM", "TM"]);
    let withdrawn = known(report("2025-07-01T09:40:00Z", "withdrawn"));
    assert_eq!(told(&withdrawn)[0], ("external_report", "fall_due"));
}

#[test]
fn a_report_that_is_owed_is_the_data_protection_officers() {
    let known = Known::default().with("xrp_1", "external_report", json!({
        "reportKind": "initial", "status": "due", "recipient": "AP", "due": "2025-06-19T09:40:00Z",
    }));
    let orders = clocks(&trigger("external_report.fell_due", "xrp_1", json!({})), &known);
    assert_eq!(roles(&orders), ["DPO"]);
    assert_eq!(orders[0].input["due"], "2025-06-19");
    let submitted = json!({ "event": "external_report.submitted", "object": "xrp_1" });
    assert_eq!(orders[0].input["doneWhen"], submitted);
}

#[test]
fn time_that_runs_out_is_top_managements_and_then_a_major_nonconformity() {
    let alert = |percent: u32| {
        let data =
            json!({ "percent": percent, "article": "Art. 33(1)", "due": "2025-06-19T09:40:00Z" });
        let known = world(incident("major", true, "triaged"));
        clocks(&trigger("incident.clock_alerted", "inc_1", data), &known)
    };
    assert_eq!((alert(50), alert(75)), (vec![], vec![]));
    assert_eq!(roles(&alert(90)), ["TM"]);
    let missed = |known: &Known| {
        let data = json!({ "rule": "gdpr", "article": "Art. 33(1)" });
        clocks(&trigger("incident.regulatory_clock_missed", "inc_1", data), known)
    };
    let known = world(incident("major", true, "triaged"));
    let orders = missed(&known);
    assert_eq!(roles(&orders), ["AM"]);
    assert!(orders[0].input["title"].as_str().unwrap().contains("major"));
    let report = json!({ "incident": "inc_1", "reportKind": "initial", "status": "missed" });
    let asked = json!({
        "subject": "inc_1", "status": "open", "blocking": false, "taskKind": "decide",
        "assigneeRole": "AM", "openedBy": "rea_P8",
    });
    let known = known.with("xrp_1", "external_report", report);
    let late = trigger("external_report.deadline_missed", "xrp_1", json!({}));
    assert_eq!(clocks(&late, &known)[0].input["subject"], "inc_1");
    assert_eq!(clocks(&late, &known.with("task_1", "task", asked)), [], "proposed already");
}

fn report(rule: &str, kind: &str, status: &str) -> Value {
    json!({
        "incident": "inc_1", "rule": rule, "recipient": "AP", "reportKind": kind, "status": status,
    })
}

#[test]
fn a_submitted_report_meets_its_clock_and_ends_what_was_owed_besides() {
    let submitted = |rule: &str, kind: &str| {
        let known = world(incident("major", true, "triaged"))
            .with("xrp_1", "external_report", report(rule, kind, "submitted"))
            .with("xrp_2", "external_report", report("gdpr", "initial", "due"))
            .with("xrp_3", "external_report", report("gdpr", "initial", "drafted"));
        reports(&trigger("external_report.submitted", "xrp_1", json!({})), &known)
    };
    let orders = submitted("gdpr", "initial");
    let meet = Order::to(
        "incident",
        "inc_1",
        "meet_clock",
        json!({
            "rule": "gdpr", "report": "xrp_1",
        }),
    );
    assert_eq!(told(&orders), [("external_report", "withdraw"), ("incident", "meet_clock")]);
    assert_eq!((orders[0].on.as_deref(), &orders[1]), (Some("xrp_2"), &meet));
    assert_eq!(submitted("met", "initial"), [], "its clock is met");
    assert_eq!(submitted("gdpr", "complete"), [meet]);
    assert_eq!(submitted("gdpr", "follow_up"), []);
    let known = world(incident("major", true, "triaged"))
        .with("xrp_2", "external_report", report("gdpr", "initial", "due"))
        .with("xrp_4", "external_report", report("other", "initial", "due"));
    let lifted = trigger("incident.regulatory_clock_lifted", "inc_1", json!({ "rule": "gdpr" }));
    assert_eq!(reports(&lifted, &known)[0].on.as_deref(), Some("xrp_2"));
    assert_eq!(reports(&lifted, &known).len(), 1);
}

#[test]
fn a_complete_report_follows_an_initial_one_in_fifteen_days() {
    let met = |kind: &str, other: Option<&str>| {
        let known = world(incident("major", true, "triaged"));
        let mut known = known.with("xrp_1", "external_report", report("gdpr", kind, "submitted"));
        if let Some(status) = other {
            known = known.with("xrp_2", "external_report", report("gdpr", "complete", status));
        }
        let data = json!({ "rule": "gdpr", "report": "xrp_1", "metAt": "2025-06-18T14:05:00Z" });
        reports(&trigger("incident.regulatory_clock_met", "inc_1", data), &known)
    };
    assert_eq!(
        met("initial", None),
        [Order::make(
            "external_report",
            "fall_due",
            json!({
                "rule": "gdpr", "recipient": "AP", "incident": "inc_1", "reportKind": "complete",
                "due": "2025-07-03T14:05:00.000000Z",
            })
        )]
    );
    assert_eq!(met("complete", None), []);
    assert_eq!(met("initial", Some("drafted")), []);
    assert_eq!(met("initial", Some("withdrawn")).len(), 1);
}

#[test]
fn what_an_incident_teaches_is_drawn_from_it_in_ten_days() {
    let resolved = |harm: Value| {
        let mut body = incident("major", true, "resolved");
        body["harm"] = harm;
        let assessment = json!({
            "system": "sys_1", "status": "approved", "approvedAt": "2024-12-16T09:00:00Z",
        });
        let known = world(body).with("ia_1", "impact_assessment", assessment);
        lessons(&trigger("incident.resolved", "inc_1", json!({})), &known)
    };
    let orders = resolved(json!({}));
    assert_eq!(roles(&orders), ["AM", "RM"]);
    assert!(orders.iter().all(|order| order.input["due"] == "2025-06-26"));
    assert_eq!(orders[0].input["taskKind"], "decide", "a reason for none ends it too");
    let harmed = resolved(json!({ "harm_1": { "count": 3 } }));
    assert_eq!(told(&harmed)[2], ("impact_assessment", "fire_trigger"));
    assert_eq!(harmed[2].input["trigger"], "serious_incident");
}
