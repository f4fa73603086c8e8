//! Objectives and the KPIs that measure them: set, approved, measured month by month, closed.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given;

/// What an objective says.
pub fn content(world: &World) -> Value {
    json!({
        "title": "Groups are treated alike", "theme": "fairness",
        "text": "The disparate-impact ratio stays at 0.85 or above.",
        "actions": ["Fairness constraint in training"], "owner": world.as_(Role::Ro).user,
        "due": "2025-12-31", "evaluation": "Each month by the ratio.",
    })
}

fn with(mut input: Value, more: Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

/// A KPI of an objective, measured each month.
pub fn ratio(objective: &str) -> Value {
    json!({
        "objective": objective, "name": "Disparate-impact ratio", "unit": "ratio",
        "direction": "higher", "frequency": "monthly", "from": "2024-07-01", "target": "0.85",
        "warn": "0.82", "breach": "0.80",
    })
}

fn value(period: &str, value: &str) -> Value {
    json!({ "period": period, "value": value, "n": 1187 })
}

/// An approved objective with an approved KPI.
async fn pursued(world: &World) -> anyhow::Result<(String, String)> {
    let (am, tm) = (world.as_(Role::Am), world.as_(Role::Tm));
    let (objectives, kpis) = (Desk::of(world, "objective"), Desk::of(world, "kpi"));
    let objective = objectives.make(&am, "set", content(world)).await?;
    let kpi = kpis.make(&am, "define", ratio(&objective)).await?;
    kpis.does(&tm, "approve", &kpi, json!({})).await?;
    objectives.does(&am, "submit", &objective, json!({})).await?;
    objectives.does(&tm, "approve", &objective, json!({})).await?;
    Ok((objective, kpi))
}

story!(an_objective_goes_as_its_kpi_is_measured, world => {
    let (objective, kpi) = pursued(&world).await?;
    let (objectives, kpis) = (Desk::of(&world, "objective"), Desk::of(&world, "kpi"));
    let (am, sys, ops) = (world.as_(Role::Am), world.as_(Role::Sys), world.as_(Role::Ops));
    for (now, measured, types, progress) in [
        ("2024-08-05T08:00:00Z", value("2024-07-31", "0.87"), vec!["kpi.measured"], "on_track"),
        ("2024-09-05T08:00:00Z", value("2024-08-31", "0.79"),
            vec!["kpi.measured", "kpi.breached"], "breached"),
        ("2024-10-05T08:00:00Z", value("2024-09-30", "0.81"),
            vec!["kpi.measured", "kpi.recovered"], "at_risk"),
        ("2024-11-05T08:00:00Z", value("2024-10-31", "0.86"), vec!["kpi.measured"], "on_track"),
    ] {
        let done = kpis.does(&sys.at(now), "record_measurement", &kpi, measured).await?;
        let events = done["events"].as_array().unwrap();
        let found: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(found, types, "{now}");
        let done = objectives.does(&am, "assess", &objective, json!({})).await?;
        assert_eq!(done["object"]["progress"], progress, "{now}");
    }
    // By GraphQL with its KPI; in September as it was then.
    let of = "progress kpis { nodes { standing lastValue measurements { key value standing } } }";
    let now = objectives.read(&objective, "", of).await?;
    let measured = &now["kpis"]["nodes"][0];
    assert_eq!((&now["progress"], &measured["standing"]), (&json!("ON_TRACK"), &json!("ON_TARGET")));
    assert_eq!(measured["measurements"][1]["standing"], "BREACHED");
    let past = objectives.read(&objective, "(asOf: {time: \"2024-09-06T00:00:00Z\"})", of).await?;
    assert_eq!((&past["progress"], &past["kpis"]["nodes"][0]["lastValue"]), (&json!("BREACHED"), &json!("0.79")));
    // A correction says why, and the first value stays in the history.
    let wrong = with(value("2024-08-31", "0.82"), json!({ "correction": "A file was counted twice." }));
    let payload = kpis.mutates(&ops, "record_measurement", &kpi, &wrong, "
        measurements { key value correction }").await?;
    let august = &payload["kpi"]["measurements"][1];
    assert_eq!(august["correction"], "A file was counted twice.");
    let history = am.get(&format!("/v1/kpis/{kpi}/history?limit=100")).await?.ok();
    let before = history["data"].as_array().unwrap().last().unwrap()["data"]["before"].clone();
    assert_eq!(before, "0.79");
    let input = json!({ "outcome": "achieved", "reason": "On target." });
    let done = objectives.does(&am, "close", &objective, input).await?;
    assert_eq!(done["events"][0]["type"], "objective.achieved");
});

story!(what_is_refused_of_objectives, world => {
    let mut desk = Desk::of(&world, "objective");
    let (am, tm, ops) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Ops));
    let other = with(content(&world), json!({ "theme": "other" }));
    desk.refuse(&am, "set", "", other, "422 theme_name /otherTheme").await?;
    let idle = with(content(&world), json!({ "actions": [] }));
    let id = desk.make(&am, "set", idle).await?;
    desk.refuse(&am, "submit", &id, json!({}), "422 without_actions").await?;
    desk.refuse(&am, "assess", &id, json!({}), "409 not_in_force").await?;
    desk.refuse(&tm, "reject", &id, given::because(), "409 not_in_review").await?;
    desk.does(&am, "revise", &id, content(&world)).await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    desk.refuse(&am, "revise", &id, content(&world), "409 not_in_draft").await?;
    desk.refuse(&tm, "approve", &id, json!({}), "422 not_measurable").await?;
    let seen = json!({ "contentHash": "0".repeat(64) });
    desk.refuse(&tm, "approve", &id, seen, "409 content_changed").await?;
    let early = json!({ "effectiveAt": "2024-07-01T00:00:00Z" });
    desk.refuse(&tm, "approve", &id, early, "422 approved_before_submission /effectiveAt").await?;
    let kpis = Desk::of(&world, "kpi");
    let kpi = kpis.make(&am, "define", ratio(&id)).await?;
    desk.refuse(&tm, "approve", &id, json!({}), "422 not_measurable").await?;
    kpis.does(&tm, "approve", &kpi, json!({})).await?;
    desk.does(&tm, "approve", &id, json!({})).await?;
    desk.refuse(&tm, "withdraw", &id, given::because(), "409 close_instead").await?;
    desk.refuse_corrections(&am, &id, "title").await?;

    let close = |outcome: &str| json!({ "outcome": outcome, "reason": "It is so." });
    kpis.does(&ops, "record_measurement", &kpi, value("2024-07-01", "0.79")).await?;
    desk.refuse(&am, "close", &id, close("achieved"), "409 not_reached").await?;
    desk.refuse(&am, "close", &id, close("dropped"), "422 not_top_management").await?;
    desk.refuse(&tm, "close", &id, close("dropped"), "422 breached_without_decision /review").await?;
    kpis.does(&ops, "record_measurement", &kpi, value("2024-07-01", "0.81")).await?;
    desk.does(&tm, "close", &id, close("dropped")).await?;
    desk.refuse(&am, "revise", &id, content(&world), "409 is_closed").await?;

    let because = json!({ "notMeasurableBecause": "Trust cannot be counted." });
    let free = desk.make(&am, "set", with(content(&world), because)).await?;
    desk.does(&am, "submit", &free, json!({})).await?;
    desk.does(&tm, "approve", &free, json!({})).await?;
    desk.refuse(&am, "close", &free, close("achieved"), "422 achieved_without_proof /evidence").await?;
    let proof = given::evidence(&world, 1).await?;
    let late = world.as_(Role::Sys).at("2024-10-01T00:00:00Z");
    Desk::of(&world, "evidence").does(&late, "go_stale", &proof, json!({})).await?;
    let stale = with(close("achieved"), json!({ "evidence": [proof] }));
    desk.refuse(&am, "close", &free, stale, "422 evidence_not_good /evidence/0").await?;

    let draft = desk.make(&am, "set", content(&world)).await?;
    desk.does(&am, "withdraw", &draft, given::because()).await?;
    desk.refuse(&am, "withdraw", &draft, given::because(), "409 nothing_to_withdraw").await?;
    given::roles(&world, Role::Am, &["AM", "TM"]).await?;
    desk.does(&am, "revise", &draft, content(&world)).await?;
    desk.does(&am, "submit", &draft, json!({})).await?;
    desk.refuse(&am, "approve", &draft, json!({}), "422 approver_is_author").await?;
    // What a management review must have decided has a story of its own.
    desk.all_but(&["no_such_decision"]);
});

story!(a_breached_objective_is_dropped_as_a_review_that_was_held_has_decided, world => {
    let mut desk = Desk::of(&world, "objective");
    let (tm, ops) = (world.as_(Role::Tm), world.as_(Role::Ops));
    let (objective, kpi) = pursued(&world).await?;
    let kpis = Desk::of(&world, "kpi");
    kpis.does(&ops, "record_measurement", &kpi, value("2024-07-01", "0.79")).await?;
    let review = crate::assurance::reviews::decided(&world, "drop-it").await?;
    let drop = |review: &str, decision: &str| json!({
        "outcome": "dropped", "reason": "The product ends.", "review": review, "decision": decision,
    });
    // It has decided so, but is not over; then nothing of this name; half a decision is none.
    desk.refuse(&tm, "close", &objective, drop(&review, "drop-it"), "422 no_such_decision /decision").await?;
    let reviews = Desk::of(&world, "management_review");
    let held = json!({ "minutesHash": "b".repeat(64) });
    reviews.does(&tm, "hold", &review, held).await?;
    desk.refuse(&tm, "close", &objective, drop(&review, "keep-it"), "422 no_such_decision /decision").await?;
    let half = json!({ "outcome": "dropped", "reason": "x", "review": review });
    desk.refuse(&tm, "close", &objective, half, "422 breached_without_decision /review").await?;
    let done = desk.does(&tm, "close", &objective, drop(&review, "drop-it")).await?;
    assert_eq!(done["events"][0]["type"], "objective.dropped");
    assert_eq!(done["object"]["progress"], "dropped");
    desk.exactly(&["no_such_decision", "breached_without_decision"]);
});

story!(what_is_refused_of_kpis, world => {
    let mut desk = Desk::of(&world, "kpi");
    let (am, tm, ops) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Ops));
    let (objective, kpi) = pursued(&world).await?;
    let crossed = with(ratio(&objective), json!({ "warn": "0.79" }));
    desk.refuse(&am, "define", "", crossed, "422 limits_out_of_order /breach").await?;
    desk.refuse(&tm, "approve", &kpi, json!({}), "409 nothing_proposed").await?;
    let limits = |from: &str| json!({ "from": from, "target": "0.90", "breach": "0.85" });
    desk.refuse(&am, "propose_limits", &kpi, limits("2024-06-30"), "409 limits_look_back /from").await?;
    desk.refuse(&ops, "record_measurement", &kpi, value("2024-06-30", "0.9"), "409 no_limits /period").await?;
    desk.refuse(&ops, "record_measurement", &kpi, value("2024-08-01", "0.9"),
        "422 in_the_future /period").await?;
    let why = json!({ "correction": "A file was counted twice." });
    desk.refuse(&ops, "record_measurement", &kpi, with(value("2024-07-01", "0.9"), why.clone()),
        "422 nothing_to_correct /correction").await?;
    desk.does(&am, "propose_limits", &kpi, limits("2024-07-01")).await?;
    desk.does(&ops, "record_measurement", &kpi, value("2024-07-01", "0.87")).await?;
    desk.refuse(&tm, "approve", &kpi, json!({}), "409 proposal_overtaken").await?;
    desk.does(&am, "propose_limits", &kpi, limits("2024-08-01")).await?;
    let done = desk.does(&tm, "approve", &kpi, json!({})).await?;
    assert_eq!(done["object"]["limits"]["v2"]["from"], "2024-08-01");
    let august = ops.at("2024-08-02T09:00:00Z");
    desk.refuse(&august, "record_measurement", &kpi, value("2024-07-31", "0.9"),
        "409 period_closed /period").await?;
    desk.refuse_corrections(&am, &kpi, "name").await?;

    let system = given::system(&world, "CreditLens", true).await?;
    let metric = json!({
        "name": "DIR", "metricKind": "fairness", "aggregate": "mean",
        "direction": "higher_is_better", "window": { "amount": 1, "unit": "months" },
        "warn": "0.85", "breach": "0.80", "critical": "0.75", "minN": 10,
    });
    let monitor = json!({ "system": system, "name": "Fairness", "metrics": { "dir": metric } });
    let monitor = Desk::of(&world, "monitor").make(&world.as_(Role::So), "arm", monitor).await?;
    let watched = with(ratio(&objective), json!({ "monitor": monitor, "from": "2024-08-01" }));
    let watched = desk.make(&am, "define", watched).await?;
    desk.does(&tm, "approve", &watched, json!({})).await?;
    desk.refuse(&ops, "record_measurement", &watched, value("2024-08-01", "0.9"),
        "422 measured_by_monitor").await?;

    let proof = given::evidence(&world, 1).await?;
    let late = world.as_(Role::Sys).at("2024-10-01T00:00:00Z");
    Desk::of(&world, "evidence").does(&late, "go_stale", &proof, json!({})).await?;
    let stale = with(value("2024-09-30", "0.9"), json!({ "evidence": [proof] }));
    desk.refuse(&ops, "record_measurement", &kpi, stale, "422 evidence_not_good /evidence/0").await?;
    desk.does(&am, "retire", &kpi, given::because()).await?;
    desk.refuse(&ops, "record_measurement", &kpi, value("2024-09-30", "0.9"), "409 is_retired").await?;
    let drop = json!({ "outcome": "dropped", "reason": "It is so." });
    Desk::of(&world, "objective").does(&tm, "close", &objective, drop).await?;
    desk.refuse(&am, "define", "", ratio(&objective), "409 objective_closed /objective").await?;
    let other = Desk::of(&world, "objective").make(&am, "set", content(&world)).await?;
    given::roles(&world, Role::Am, &["AM", "TM"]).await?;
    let own = desk.make(&am, "define", ratio(&other)).await?;
    desk.refuse(&am, "approve", &own, json!({}), "422 approver_is_author").await?;
    desk.all_but(&["period_too_old"]);
});

story!(the_newest_36_periods_stay_in_sight_and_older_ones_in_the_history, world => {
    let (_, kpi) = pursued(&world).await?;
    let mut desk = Desk::of(&world, "kpi");
    for month in 0..38_i64 {
        let period = "2024-07-01".parse::<kernel::Date>()?.plus_months(month);
        let now = world.as_(Role::Sys).at(&format!("{}T08:00:00Z", period.plus_months(1)));
        let measured = value(&period.to_string(), "0.9");
        desk.does(&now, "record_measurement", &kpi, measured).await?;
    }
    let now = desk.shown(&kpi, "").await?;
    assert_eq!(now["measurements"].as_object().unwrap().len(), 36);
    let past = desk.shown(&kpi, "?asOf=2024-08-02T00:00:00Z").await?;
    assert_eq!(past["measurements"]["2024-07-01"]["value"], "0.9");
    let wrong = with(value("2024-07-01", "0.8"), json!({ "correction": "A typing error." }));
    desk.refuse(&world.as_(Role::Sys), "record_measurement", &kpi, wrong,
        "409 period_too_old /period").await?;
    desk.exactly(&["period_too_old"]);
});
