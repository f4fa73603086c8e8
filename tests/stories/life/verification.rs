//! Verification and validation: criteria first, by somebody who did not develop, on data from which
//! the model did not learn.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, V1, hash, make, types};

fn criterion(value: &str) -> Value {
    json!({
        "metric": "auc", "must": true, "threshold": { "comparison": "at_least", "value": value },
    })
}

fn plan() -> Value {
    let mut wish = criterion("0.9");
    wish["must"] = json!(false);
    json!({ "systemVersion": V1, "criteria": { "auc": criterion("0.8"), "wish": wish } })
}

fn report(started: &str, results: Value) -> Value {
    json!({ "closes": true, "run": {
        "key": "first", "environment": "Staging", "startedAt": started, "seed": "42",
        "reportHash": hash('7'), "results": results,
    } })
}

fn result(value: &str) -> Value {
    json!([{ "criterion": "auc", "value": value }, { "criterion": "wish", "value": "0.1" }])
}

async fn registered(life: &Life<'_>) -> anyhow::Result<Thing> {
    life.day("2024-10-01T09:00:00Z");
    life.makes(&life.by(Role::Val), "verification_record", &plan()).await
}

story!(a_version_is_verified, world => {
    let life = Life::begun(&world).await?;
    let record = registered(&life).await?;
    life.day("2024-10-02T09:00:00Z");
    let val = life.by(Role::Val);
    let criteria = json!({ "criteria": {
        "auc": criterion("0.85"), "wish": plan()["criteria"]["wish"],
    } });
    record.then(&val, "change-criteria", &criteria).await?;
    life.day("2024-10-03T09:00:00Z");
    let val = life.by(Role::Val);
    let begun = json!({
        "key": "zeroth", "environment": "Staging", "startedAt": "2024-10-03T08:00:00Z",
    });
    record.then(&val, "start-run", &begun).await?;
    life.refuses(&record, &[
        (Role::Val, "change-criteria", criteria, "criteria_fixed", ""),
        (Role::Val, "complete-run", report("2024-10-03T08:30:00Z", result("0.9")),
            "run_unreported", ""),
    ]).await?;
    record.then(&val, "abandon-run", &json!({ "run": "zeroth", "reason": "Power cut." })).await?;
    let run = report("2024-10-03T08:30:00Z", result("0.9"));
    let input = json!({
        "id": record.id, "closes": true, "outcome": "CONDITIONAL", "run": run["run"],
        "limitsFound": "Thin files.",
    });
    let payload = life.mutate(&val, "verificationRecordCompleteRun", input,
        "events { type } verificationRecord { outcome status } refusal { __typename }").await?;
    assert_eq!(payload, json!({
        "events": [{ "type": "verification_record.verification_completed" }],
        "verificationRecord": { "outcome": "CONDITIONAL", "status": "COMPLETED" },
        "refusal": null,
    }));
    let read = life.graph(&record, "outcome limitsFound plan { criteria { key must } }
        runs { key runStatus criteriaFirst results { key value passed } }").await?;
    assert_eq!(read["runs"][0], json!({
        "key": "first", "runStatus": "COMPLETED", "criteriaFirst": true, "results": [
            { "key": "auc", "value": "0.9", "passed": true },
            { "key": "wish", "value": "0.1", "passed": false },
        ],
    }));
    let again = record.then(&val, "complete-run", &run).await?;
    assert_eq!(types(&again), [""; 0], "a report is not told twice");
    let late = report("2024-10-03T08:31:00Z", result("0.9"));
    life.refuses(&record, &[(Role::Val, "complete-run", late, "run_recorded", "/run/key")]).await?;
    life.makes_no(&val, "verification_record", &plan(), "record_stands", "/systemVersion").await?;
    let am = life.by(Role::Am);
    let done = record.then(&am, "invalidate", &json!({ "reason": "Wrong data." })).await?;
    assert_eq!(done["object"]["status"], "superseded");
    let mut more = begun;
    more["key"] = json!("more");
    life.refuses(&record, &[(Role::Val, "start-run", more, "record_closed", "")]).await?;
    life.makes(&val, "verification_record", &plan()).await?;
});

story!(a_plan_that_proves_nothing, world => {
    let life = Life::begun(&world).await?;
    let val = life.by(Role::Val);
    let kind = "verification_record";
    let with = |criteria: Value| json!({ "systemVersion": V1, "criteria": criteria });
    let mut wish = criterion("0.9");
    wish["must"] = json!(false);
    let mut proof = criterion("0.7");
    proof["requirement"] = json!("auc");
    let many: serde_json::Map<_, _> =
        (0..61).map(|n| (format!("c{n}"), criterion("0.5"))).collect();
    for (input, code, at) in [
        (json!({ "systemVersion": "9", "criteria": {} }), "unknown_version", "/systemVersion"),
        (with(json!({})), "no_criteria", "/criteria"),
        (with(json!({ "wish": wish })), "no_must_criterion", "/criteria"),
        (with(json!(many)), "too_many_criteria", "/criteria"),
        (with(json!({ "a": proof })), "requirement_without_set", "/criteria/a/requirement"),
    ] {
        life.makes_no(&val, kind, &input, code, at).await?;
    }
    let other = Life::begun(&world).await?;
    let item = json!({
        "requirementKind": "performance", "text": "Good.", "source": "Policy", "priority": "must",
        "metric": "auc", "threshold": { "comparison": "at_least", "value": "0.8" },
    });
    let items = json!({ "items": { "auc": item } });
    let strange = other.makes(&life.by(Role::So), "requirement_set", &items).await?;
    let set = life.makes(&life.by(Role::So), "requirement_set", &items).await?;
    let proving = |set: &Thing, requirement: &str| {
        let mut proof = criterion("0.7");
        proof["requirement"] = json!(requirement);
        json!({
            "systemVersion": V1, "requirementSet": set.id, "criteria": { "a": proof },
        })
    };
    let at = "/requirementSet";
    life.makes_no(&val, kind, &proving(&strange, "auc"), "set_of_another_system", at).await?;
    life.makes_no(&val, kind, &proving(&set, "auc"), "no_baseline", at).await?;
    life.approved(&set, Role::So, Role::Ro).await?;
    let at = "/criteria/a/requirement";
    life.makes_no(&val, kind, &proving(&set, "f1"), "unknown_requirement", at).await?;
    let at = "/criteria/a/threshold";
    life.makes_no(&val, kind, &proving(&set, "auc"), "criterion_too_weak", at).await?;
});

story!(a_run_counts_only_after_its_criteria, world => {
    let life = Life::begun(&world).await?;
    let record = registered(&life).await?;
    life.day("2024-10-04T09:00:00Z");
    let day = "2024-10-02T09:00:00Z";
    let early = report("2024-09-30T09:00:00Z", result("0.9"));
    let mut ends_first = report(day, result("0.9"));
    ends_first["run"]["finishedAt"] = json!("2024-10-01T10:00:00Z");
    let with = |input: Value, name: &str, value: Value| {
        let mut input = input;
        input[name] = value;
        input
    };
    let fine = || report(day, result("0.9"));
    let twice = json!([{ "criterion": "auc", "value": "1" }, { "criterion": "auc", "value": "1" }]);
    let unknown = json!([{ "criterion": "f1", "value": "1" }]);
    let lacking = json!([{ "criterion": "wish", "value": "1" }]);
    let verb = "complete-run";
    life.refuses(&record, &[
        (Role::Val, verb, early.clone(), "run_before_criteria", "/run/startedAt"),
        (Role::Val, verb, report("2024-10-09T09:00:00Z", result("1")), "run_in_future",
            "/run/startedAt"),
        (Role::Val, verb, ends_first, "run_ends_before_start", "/run/finishedAt"),
        (Role::Val, verb, report(day, json!([])), "no_results", "/run/results"),
        (Role::Val, verb, report(day, unknown), "unknown_criterion", "/run/results/0/criterion"),
        (Role::Val, verb, report(day, twice), "result_twice", "/run/results/1/criterion"),
        (Role::Val, verb, report(day, lacking), "missing_result", "/run/results"),
        (Role::Val, verb, with(report(day, result("0.5")), "outcome", json!("pass")),
            "pass_with_failed_must", "/outcome"),
        (Role::Val, verb, with(fine(), "outcome", json!("pass")), "outcome_differs", "/outcome"),
        (Role::Val, verb, with(with(fine(), "closes", json!(false)), "outcome", json!("pass")),
            "outcome_before_closing", "/outcome"),
        (Role::Val, "abandon-run", json!({ "run": "ghost", "reason": "x" }), "unknown_run",
            "/run"),
    ]).await?;
    // A policy may let such a run through with a warning.
    let rule = json!({ "check": "g8_preregistration", "mode": "warn" });
    let policy = json!({ "policyVersion": "1.0", "rules": [rule] });
    make(&world, &life.by(Role::Tm), "gate_policy", &policy).await?;
    let done = record.then(&life.by(Role::Val), verb, &early).await?;
    let run = &done["object"]["runs"]["first"];
    assert_eq!(run["criteriaFirst"], false);
    assert_eq!(run["warnings"], json!(["run_before_criteria", "no_dataset"]));
});

story!(a_developer_does_not_verify_and_training_data_do_not_test, world => {
    let both = world.as_(Role::Adm).at("2024-07-01T09:00:00Z");
    let path = format!("/v1/memberships/{}/change-roles", world.membership(Role::Dev));
    both.post(&path, &json!({ "roles": ["DEV", "VAL"] })).await?.ok();
    let life = Life::begun(&world).await?;
    let dev = life.by(Role::Dev);
    let kind = "verification_record";
    life.makes_no(&dev, kind, &plan(), "validator_is_developer", "").await?;
    let nobody = Life::with(&world, json!({ "developers": [] })).await?;
    nobody.makes_no(&dev, kind, &plan(), "developers_not_named", "").await?;
    let data = |name: &str, roles: Value| json!({ "name": name, "roles": roles });
    let ds = life.by(Role::Ds);
    let (trained, _) = make(&world, &ds, "dataset", &data("Train", json!(["train"]))).await?;
    let (closed, _) = make(&world, &ds, "dataset", &data("Old", json!(["test"]))).await?;
    closed.then(&ds, "restrict", &json!({ "reason": "Licence." })).await?;
    let link = json!({ "systemVersion": V1, "datasets": [trained.id] });
    life.system.then(&dev, "link-assets", &link).await?;
    let record = registered(&life).await?;
    life.day("2024-10-04T09:00:00Z");
    let on = |dataset: &Thing| {
        let mut input = report("2024-10-02T09:00:00Z", result("0.9"));
        input["run"]["dataset"] = json!(dataset.id);
        input
    };
    life.refuses(&record, &[
        (Role::Dev, "complete-run", on(&trained), "validator_is_developer", ""),
        (Role::Val, "complete-run", on(&closed), "dataset_not_usable", "/run/dataset"),
        (Role::Val, "complete-run", on(&trained), "undeclared_overlap", "/trainingOverlap"),
    ]).await?;
    let begun = json!({
        "key": "first", "environment": "Staging", "startedAt": "2024-10-02T09:00:00Z",
    });
    record.then(&life.by(Role::Val), "start-run", &begun).await?;
    life.refuses(&record, &[
        (Role::Val, "complete-run", on(&trained), "run_differs_from_start", "/run/dataset"),
    ]).await?;
    let give_up = json!({ "run": "first", "reason": "Other data." });
    record.then(&life.by(Role::Val), "abandon-run", &give_up).await?;
    let mut declared = on(&trained);
    declared["run"]["key"] = json!("second");
    declared["trainingOverlap"] = json!({ "declared": true, "reason": "One in a thousand." });
    let done = record.then(&life.by(Role::Val), "complete-run", &declared).await?;
    assert_eq!(done["object"]["runs"]["second"]["warnings"], json!(["training_overlap"]));
});
