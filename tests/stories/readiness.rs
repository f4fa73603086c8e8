//! Readiness for certification: the worked example at days whose figures were worked out by hand
//! from its table, series over time, and who sees what of it.

use annals::demo::example::Example;
use annals::demo::replay::{self, Replayed};
use annals_tests::{Client, World, story};
use kernel::Role;
use serde_json::{Value, json};

/// What the worked example says: a day, a metric, a part of it, what it amounts to.
const HALDEN: &str = include_str!("../data/halden/readiness.txt");

async fn replayed(world: &World) -> anyhow::Result<(Replayed, Client)> {
    let halden = replay::replay(&world.app, Example::halden()?).await?;
    let reader = world.client(&halden.tenant, halden.id("priya")?)?;
    Ok((halden, reader))
}

fn metric<'a>(found: &'a Value, name: &str) -> &'a Value {
    let mut all = found["metrics"].as_array().unwrap().iter();
    all.find(|metric| metric["name"] == name).unwrap_or_else(|| panic!("no {name} in {found}"))
}

fn share(of: &Value) -> String {
    let text = |name: &str| of[name].as_str().unwrap_or("-").to_owned();
    match of["denominator"].as_str() {
        Some(_) => format!("{}/{} {}", text("numerator"), text("denominator"), text("value")),
        None => text("value"),
    }
}

fn missing(stage: &Value) -> Vec<&str> {
    stage["missing"].as_array().unwrap().iter().map(|gap| gap["what"].as_str().unwrap()).collect()
}

story!(the_worked_example_is_as_ready_as_its_table_says, world => {
    let (halden, priya) = replayed(&world).await?;
    let mut lines = 0;
    for line in HALDEN.lines().filter(|line| line.starts_with("20")) {
        let columns: Vec<_> = line.split(" | ").collect();
        let [day, name, part, wanted, _] = columns[..] else { panic!("five columns: {line}") };
        let path = format!("/v1/readiness?asOf={day}T08:00:00Z&metrics={name}");
        let found = priya.get(&path).await?.ok();
        let found = metric(&found, name);
        let of = match part {
            "" => found,
            part => {
                let mut parts = found["parts"].as_array().unwrap().iter();
                parts.find(|of| of["name"] == part).unwrap_or_else(|| panic!("{line}: {found}"))
            }
        };
        assert_eq!(share(of), wanted, "{line}: {found}");
        lines += 1;
    }
    assert!(lines > 30, "only {lines} lines were read");

    // What stood behind the numbers.
    let path = "/v1/readiness?asOf=2025-04-15T08:00:00Z&metrics=risks_above_appetite&counted=true";
    let found = priya.get(path).await?.ok();
    let items = &metric(&found, "risks_above_appetite")["items"];
    let risk = halden.id("RISK-001")?;
    assert_eq!(items, &json!([{ "id": risk, "counted": true,
        "note": "12 over 9, without valid acceptance" }]));

    // The stages, when the auditors came and before.
    let at = |day: &str| format!("/v1/readiness?asOf={day}T08:00:00Z&metrics=soa_integrity&items=0");
    let early = priya.get(&at("2024-10-09")).await?.ok();
    assert_eq!(missing(&early["stage1"]), ["treatment_plan", "objectives", "impact_assessments"]);
    let more = ["internal_audit", "management_review", "months_of_records", "control_implementation"];
    assert_eq!(missing(&early["stage2"])[3..], more);
    assert_eq!(early["index"]["because"].as_array().unwrap().len(), 7);
    for (day, stage) in [("2025-01-28", "stage1"), ("2025-02-27", "stage2")] {
        let found = priya.get(&at(day)).await?.ok();
        assert_eq!(found[stage], json!({ "ready": true }), "{day}");
        assert_eq!(found["index"]["forced"], false);
    }
    // 0.30 * 29/32 + 0.25 * 33/37 + 0.15 + 0.10 + 0.10 + 0.05 + 0.05: all else is whole.
    let found = priya.get(&at("2025-02-23")).await?.ok();
    assert_eq!(found["index"]["value"], "0.944848", "{}", found["index"]);
});

story!(a_series_says_at_each_point_what_is_answered_as_of_it, world => {
    let (_, priya) = replayed(&world).await?;
    let path = "/v1/readiness/series?from=2024-07-31&to=2025-12-31&step=month";
    let found = priya.get(path).await?.ok();
    let points = found["points"].as_array().unwrap();
    // The log ends on 2025-12-22: its last day has not come to the end of December.
    assert_eq!(points.len(), 17, "{found}");
    assert_eq!(points[1]["at"], "2024-08-31T23:59:59.999999Z");
    for point in points.iter().step_by(4) {
        let at = point["at"].as_str().unwrap();
        let alone = priya.get(&format!("/v1/readiness?asOf={at}&items=0")).await?.ok();
        assert_eq!(point["asOfPosition"], alone["asOfPosition"]);
        assert_eq!(point["index"], alone["index"]["value"], "{at}");
        assert_eq!(point["stage1Ready"], alone["stage1"]["ready"]);
        for value in point["metrics"].as_array().unwrap() {
            let one = metric(&alone, value["name"].as_str().unwrap());
            assert_eq!(share(value), share(one), "{at} {}", value["name"]);
        }
    }
    // The same in GraphQL, bounded by the snapshot's point.
    let query = "{ aims(asOf: {time: \"2025-05-31T23:59:59.999999Z\"}) {
        readinessSeries(from: \"2024-07-31\", to: \"2025-12-31\", step: MONTH,
            metrics: [\"control_implementation\"]) { points { at metrics { name value } } }
        readiness(metrics: [\"control_implementation\"], items: 1) {
            metrics { value itemCount items { id counted note } } stage2 { ready } } } }";
    let data = priya.graphql(query, json!({})).await?.data();
    let series = data["aims"]["readinessSeries"]["points"].as_array().unwrap();
    assert_eq!(series.len(), 11);
    assert_eq!(series[10]["metrics"][0]["value"], "0.972973");
    let one = &data["aims"]["readiness"]["metrics"][0];
    assert_eq!((&one["value"], &one["itemCount"]), (&json!("0.972973"), &json!(37)));
    assert_eq!(one["items"].as_array().unwrap().len(), 1);

    // What is wrong is named.
    for (query, code) in [
        ("from=2025-02-01&to=2025-01-01", "out_of_range"), ("from=1990-01-01&step=day", "out_of_range"),
        ("from=soon", "malformed"), ("to=2025-01-01", "required"), ("from=2025-01-01&step=hour", "malformed"),
        ("from=2025-01-01&metrics=happiness", "unknown_metric"), ("from=2026-01-01", "out_of_range"),
    ] {
        let problem = priya.get(&format!("/v1/readiness/series?{query}")).await?;
        let problem = problem.problem(400, "invalid_query");
        assert_eq!(problem["errors"][0]["code"], code, "{query}: {problem}");
    }
    priya.get("/v1/readiness?items=501").await?.problem(400, "invalid_query");
});

story!(readiness_follows_every_command_and_survives_a_restart, world => {
    let (am, emp) = (world.as_(Role::Am), world.as_(Role::Emp));
    let open = |found: &Value| share(metric(found, "document_currency"));
    let path = "/v1/readiness?metrics=document_currency,competence_coverage";
    let before = emp.get(path).await?.ok();
    assert_eq!(open(&before), "0/0 -");
    assert_eq!(before["stage1"]["ready"], false);
    let party = json!({ "name": "Applicants", "kind": "affected_person", "reason": "They bear it." });
    am.post("/v1/interested-parties", &party).await?.created();
    let after = emp.get("/v1/readiness?metrics=clause_coverage&items=40").await?.ok();
    let items = metric(&after, "clause_coverage")["items"].as_array().unwrap().clone();
    let of = |number: &str| items.iter().find(|item| item["id"] == number).unwrap().clone();
    assert_eq!(of("4.2")["counted"], true, "{after}");
    assert_eq!(of("9.3.3")["counted"], false);

    // A machine counts too; who is no member, or nobody, does not.
    world.nobody().get(path).await?.problem(401, "unauthenticated");
    let stranger = world.stranger_as(Role::Am).get("/v1/readiness?metrics=clause_coverage").await?.ok();
    assert_ne!(share(metric(&stranger, "clause_coverage")), share(metric(&after, "clause_coverage")));
    // Nothing of ours is behind a stranger's numbers, now or over time.
    let query = "{ aims { readiness(metrics: [\"clause_coverage\", \"acknowledgement_rate\"],
        items: 100) { metrics { name numerator items { id } } }
        readinessSeries(from: \"2020-01-01T00:00:00Z\", metrics: [\"acknowledgement_rate\"]) {
            points { metrics { denominator } } } } }";
    let theirs = world.stranger_as(Role::Am).graphql(query, json!({})).await?.data().to_string();
    let ours = am.graphql(query, json!({})).await?.data().to_string();
    let membership = world.membership(Role::Emp);
    assert!(ours.contains("mbr_") == ours.contains(&membership) && !theirs.contains(&membership));
    let unknown = emp.graphql("{ aims { readiness(metrics: [\"x\"]) { at } } }", json!({})).await?;
    assert_eq!(unknown.json["errors"][0]["extensions"]["code"], "unknown_metric", "{}", unknown.text);
});
