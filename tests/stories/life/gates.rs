//! Gates: what blocks, what warns, who waives, who lets through and who does not.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::steps::{answers, checks};
use super::world::{Case, Life, Thing, V1, make, pointer, types};

fn waive(check: &str, until: &str) -> Value {
    json!({ "check": check, "until": until, "reason": "Until it is done." })
}

/// Good answers, but for one check.
fn but(into: &str, check: &str, result: &str) -> Value {
    let mut input = answers(checks(into));
    for answer in input["checks"].as_array_mut().unwrap() {
        if answer["check"] == check {
            answer["result"] = json!(result);
        }
    }
    input
}

story!(a_refusal_by_checks_is_recorded_and_taken_up_again, world => {
    let life = Life::begun(&world).await?;
    let gate = life.asks("design_and_development").await?;
    let sys = life.by(Role::Sys);
    life.refuses(&gate, &[(Role::Rel, "approve", json!({}), "not_evaluated", "")]).await?;
    // Recorded: an answer of 200 with the event and the refusal in it.
    let done = gate.then(&sys, "evaluate", &json!({})).await?;
    assert_eq!(types(&done), ["stage_gate.evaluated", "stage_gate.refused"]);
    assert_eq!(done["refusal"]["code"], "stage_gate.checks_failed");
    assert_eq!(done["refusal"]["rule"], "ISO/IEC 42001 A.6.2.5");
    let read = life.graph(&gate, "status blocking refusal { code message }
        checks { key result mode }").await?;
    assert_eq!(read["status"], "REFUSED");
    assert_eq!(read["blocking"], json!(["G1"]));
    assert_eq!(read["checks"], json!([{ "key": "g1", "result": "UNKNOWN", "mode": "BLOCK" }]));
    let input = json!({ "id": gate.id, "checks": [
        { "check": "G1", "result": "FAIL", "because": "Not confirmed." },
    ] });
    let payload = life.mutate(&sys, "stageGateEvaluate", input,
        "events { type } refusal { __typename ... on DomainRefusal { code rule } }").await?;
    assert_eq!(payload["refusal"], json!({
        "__typename": "DomainRefusal", "code": "stage_gate.checks_failed",
        "rule": "ISO/IEC 42001 A.6.2.5",
    }));
    life.refuses(&gate, &[(Role::Rel, "approve", json!({}), "gate_closed", "")]).await?;
    let rival = life.asks("design_and_development").await?;
    let input = answers(&["g1"]);
    life.refuses(&gate, &[(Role::Sys, "evaluate", input.clone(), "other_gate_open", "")]).await?;
    rival.then(&life.by(Role::Rel), "refuse", &json!({ "reason": "One is enough." })).await?;
    gate.then(&sys, "evaluate", &input).await?;
    let done = gate.then(&life.by(Role::Iap), "approve", &json!({})).await?;
    assert_eq!(types(&done), ["stage_gate.passed"]);
    assert_eq!(done["object"]["validUntil"], "2024-10-02");
    assert_eq!(done["object"]["approvals"].as_object().unwrap().len(), 1);
});

story!(a_person_may_refuse_whatever_the_checks_say, world => {
    let life = Life::begun(&world).await?;
    let gate = life.asks("design_and_development").await?;
    let sys = life.by(Role::Sys);
    gate.then(&sys, "evaluate", &answers(&["g1"])).await?;
    let input = json!({ "id": gate.id, "reason": "The market has changed." });
    let payload = life.mutate(&life.by(Role::Ro), "stageGateRefuse", input,
        "events { type } stageGate { status refusedBy { name } refusalReason }
         refusal { ... on DomainRefusal { code } }").await?;
    assert_eq!(payload, json!({
        "events": [{ "type": "stage_gate.refused" }],
        "stageGate": {
            "status": "REFUSED", "refusedBy": { "name": "The RO" },
            "refusalReason": "The market has changed.",
        },
        "refusal": { "code": "stage_gate.refused_by_approver" },
    }));
    let again = answers(&["g1"]);
    life.refuses(&gate, &[(Role::Sys, "evaluate", again, "gate_closed", "")]).await?;
});

story!(two_people_let_a_version_into_deployment, world => {
    let life = Life::begun(&world).await?;
    life.enters("design_and_development").await?;
    life.designed().await?;
    life.enters("verification_and_validation").await?;
    let gate = life.asks("deployment").await?;
    let sys = life.by(Role::Sys);
    gate.then(&sys, "evaluate", &but("deployment", "g16", "fail")).await?;
    let done = gate.then(&life.by(Role::Rel), "approve", &json!({})).await?;
    assert_eq!(types(&done), ["stage_gate.approval_given"]);
    assert_eq!(done["object"]["status"], "evaluated");
    life.refuses(&gate, &[(Role::Rel, "approve", json!({}), "same_person_twice", "")]).await?;
    let early = json!({ "effectiveAt": "2024-09-01T09:00:00Z" });
    life.refuses(&gate, &[
        (Role::Ro, "approve", early, "approved_before_evaluation", "/effectiveAt"),
    ]).await?;
    // Other answers: what was approved is no longer what is there.
    gate.then(&sys, "evaluate", &but("deployment", "g16", "unknown")).await?;
    assert_eq!(gate.now(&life.by(Role::Rel)).await?["approvals"], Value::Null);
    gate.then(&life.by(Role::Ro), "approve", &json!({})).await?;
    life.refuses(&gate, &[(Role::Iap, "approve", json!({}), "wrong_approver", "")]).await?;
    let done = gate.then(&life.by(Role::Rel), "approve", &json!({})).await?;
    assert_eq!(types(&done), ["stage_gate.passed"]);
    assert_eq!(done["object"]["warnings"], json!(["g16"]));
});

story!(who_asks_or_develops_does_not_approve, world => {
    let admin = world.as_(Role::Adm).at("2024-07-01T09:00:00Z");
    for (role, roles) in [(Role::So, json!(["SO", "REL"])), (Role::Dev, json!(["DEV", "REL"]))] {
        let path = format!("/v1/memberships/{}/change-roles", world.membership(role));
        admin.post(&path, &json!({ "roles": roles })).await?.ok();
    }
    let life = Life::begun(&world).await?;
    let gate = life.asks("design_and_development").await?;
    gate.then(&life.by(Role::Sys), "evaluate", &answers(&["g1"])).await?;
    life.refuses(&gate, &[
        (Role::So, "approve", json!({}), "requester_approves", ""),
        (Role::Dev, "approve", json!({}), "developer_approves", ""),
        (Role::So, "waive-check", waive("g1", "2024-09-09"), "requester_waives", ""),
    ]).await?;
});

story!(checks_are_waived_by_those_whom_the_table_names, world => {
    let life = Life::begun(&world).await?;
    life.enters("design_and_development").await?;
    life.designed().await?;
    let stage = "verification_and_validation";
    let gate = life.asks(stage).await?;
    let mut input = but(stage, "g7", "fail");
    input["checks"][4]["result"] = json!("unknown");
    gate.then(&life.by(Role::Sys), "evaluate", &input).await?;
    let verb = "waive-check";
    let cases: [Case<'_>; 7] = [
        (Role::Ro, verb, waive("g1", "2024-09-10"), "not_waivable", "/check"),
        (Role::Ro, verb, waive("g5", "2024-09-10"), "not_waivable", "/check"),
        (Role::Ro, verb, waive("g2", "2024-09-10"), "check_not_asked", "/check"),
        (Role::Tm, verb, waive("g9", "2024-09-10"), "wrong_waiver", ""),
        (Role::Ro, verb, waive("g9", "2024-09-01"), "waiver_passed", "/until"),
        (Role::Ro, verb, waive("g9", "2024-10-03"), "waiver_too_long", "/until"),
        (Role::Rel, verb, waive("g7", "2024-09-17"), "waiver_too_long", "/until"),
    ];
    life.refuses(&gate, &cases).await?;
    gate.then(&life.by(Role::Ro), verb, &waive("g9", "2024-10-02")).await?;
    let half = gate.then(&life.by(Role::Ro), verb, &waive("g7", "2024-09-10")).await?;
    assert_eq!(half["object"]["status"], "refused");
    let done = gate.then(&life.by(Role::Sys), "evaluate", &input).await?;
    assert_eq!(done["refusal"]["code"], "stage_gate.checks_failed", "one part is missing");
    gate.then(&life.by(Role::Rel), verb, &waive("g7", "2024-09-10")).await?;
    let done = gate.then(&life.by(Role::Sys), "evaluate", &input).await?;
    assert_eq!(done["refusal"], Value::Null);
    let read = life.graph(&gate, "checks { key result } waivers { key grants { role until } }");
    let read = read.await?;
    assert_eq!(read["checks"][3], json!({ "key": "g7", "result": "WAIVED" }));
    // A waiver that has run out holds no more.
    life.day("2024-09-11T09:00:00Z");
    life.refuses(&gate, &[(Role::Iap, "approve", json!({}), "evaluation_outdated", "")]).await?;
});

story!(no_stage_is_skipped_and_each_gate_leads_through_once, world => {
    let life = Life::begun(&world).await?;
    let so = life.by(Role::So);
    let to = |stage: &str| json!({ "systemVersion": V1, "to": stage });
    let kind = "stage_gate";
    life.makes_no(&so, kind, &to("deployment"), "stage_skipped", "/to").await?;
    let ghost = json!({ "systemVersion": "9", "to": "design_and_development" });
    life.makes_no(&so, kind, &ghost, "unknown_version", "/systemVersion").await?;
    let enter = |stage: &str, gate: &Thing| {
        json!({ "systemVersion": V1, "stage": stage, "gate": gate.id })
    };
    let design = "design_and_development";
    let open = life.asks(design).await?;
    life.makes_no(&so, kind, &to(design), "other_gate_open", "").await?;
    let early = json!({ "checks": [{ "check": "g2", "result": "pass", "because": "x" }] });
    let twice = json!({ "checks": [
        { "check": "g1", "result": "pass", "because": "x" },
        { "check": "g1", "result": "fail", "because": "y" },
    ] });
    life.refuses(&open, &[
        (Role::Sys, "evaluate", early, "check_not_asked", "/checks/0/check"),
        (Role::Sys, "evaluate", twice, "check_twice", "/checks/1/check"),
        (Role::Sys, "expire", json!({}), "not_yet_expired", ""),
    ]).await?;
    let verb = "enter-stage";
    life.refuses(&life.system, &[
        (Role::So, verb, enter(design, &open), "gate_not_passed", "/gate"),
        (Role::So, verb, enter("deployment", &open), "stage_skipped", "/stage"),
        (Role::So, verb, enter("retirement", &open), "only_by_retire", "/stage"),
    ]).await?;
    open.then(&life.by(Role::Rel), "refuse", &json!({ "reason": "Not yet." })).await?;
    let gate = life.enters(design).await?;
    let other = life.passes("verification_and_validation").await?;
    life.refuses(&life.system, &[
        (Role::So, verb, enter("verification_and_validation", &other), "no_design_record", ""),
        (Role::So, verb, enter("verification_and_validation", &gate), "gate_of_another", "/gate"),
    ]).await?;
    life.designed().await?;
    life.refuses(&gate, &[(Role::Sys, "expire", json!({}), "gate_used", "")]).await?;
    life.day("2024-10-03T09:00:00Z");
    life.refuses(&life.system, &[
        (Role::So, verb, enter("verification_and_validation", &other), "gate_lapsed", "/gate"),
    ]).await?;
    let done = other.then(&life.by(Role::Sys), "expire", &json!({})).await?;
    assert_eq!(types(&done), ["stage_gate.expired"]);
});

story!(a_gate_is_of_the_stage_in_which_it_was_asked_for, world => {
    let life = Life::begun(&world).await?;
    let end = life.asks("retirement").await?;
    end.then(&life.by(Role::Sys), "evaluate", &answers(&["g17"])).await?;
    life.enters("design_and_development").await?;
    life.refuses(&end, &[(Role::Rel, "approve", json!({}), "stage_moved", "")]).await?;
    life.designed().await?;
    life.enters("verification_and_validation").await?;
    // What a version is made of is settled once a gate has looked at it.
    let (data, _) = make(&world, &life.by(Role::Ds), "dataset", &json!({ "name": "X" })).await?;
    let link = json!({ "systemVersion": V1, "datasets": [data.id] });
    life.refuses(&life.system, &[(Role::Dev, "link-assets", link, "assets_settled", "")]).await?;
});

story!(what_runs_is_stopped_before_it_is_designed_anew, world => {
    let life = Life::begun(&world).await?;
    life.deployed().await?;
    life.enters("operation_and_monitoring").await?;
    life.enters("re_evaluation").await?;
    let gate = life.passes("design_and_development").await?;
    let enter = json!({ "systemVersion": V1, "stage": "design_and_development", "gate": gate.id });
    life.refuses(&life.system, &[(Role::So, "enter-stage", enter.clone(), "version_runs", "")])
        .await?;
    let stop = json!({ "systemVersion": V1, "reason": "To mend it." });
    life.system.then(&life.by(Role::Rel), "stop-version", &stop).await?;
    let done = life.system.then(&life.by(Role::So), "enter-stage", &enter).await?;
    assert_eq!(done["object"]["versions"][V1]["deploymentGate"], Value::Null);
});

story!(a_bought_system_is_not_designed_here, world => {
    let life = Life::with(&world, json!({ "origin": "bought" })).await?;
    let gate = life.enters("verification_and_validation").await?;
    let read = life.graph(&life.system, "stage versions { gates { id } }").await?;
    assert_eq!(read, json!({
        "stage": "VERIFICATION_AND_VALIDATION", "versions": [{ "gates": [{ "id": gate.id }] }],
    }));
    let onboarded = |stage: &str| json!({ "stage": stage, "running": true });
    let mut input = json!({
        "name": "Old", "purpose": "x", "systemKind": "rules", "origin": "built",
        "autonomy": "assist", "inScope": false, "systemVersion": "1",
        "onboarded": onboarded("inception"),
    });
    let so = life.by(Role::So);
    life.makes_no(&so, "ai_system", &input, "cannot_run_yet", "/onboarded/running").await?;
    input["onboarded"] = onboarded("retirement");
    life.makes_no(&so, "ai_system", &input, "onboarded_retired", "/onboarded/stage").await?;
});

story!(a_policy_goes_as_far_as_the_table_lets_it, world => {
    let life = Life::begun(&world).await?;
    let tm = life.by(Role::Tm);
    let with = |version: &str, rules: Value| json!({ "policyVersion": version, "rules": rules });
    let rule = |check: &str, mode: &str| json!({ "check": check, "mode": mode });
    let more = |check: &str, name: &str, value: Value| {
        let mut rule = rule(check, "block");
        rule[name] = value;
        json!([rule])
    };
    let cases = [
        (with("default", json!([])), "version_reserved", "/policyVersion"),
        (with("1", json!([rule("g4", "off"), rule("g4", "warn")])), "check_twice",
            "/rules/1/check"),
        (with("1", json!([rule("g1", "warn")])), "must_block", "/rules/0/mode"),
        (with("1", json!([rule("g8_preregistration", "off")])), "must_be_asked", "/rules/0/mode"),
        (with("1", more("g2", "into", json!(["retirement"]))), "stage_missing", "/rules/0/into"),
        (with("1", more("g2", "waivableBy", json!(["RO"]))), "not_waivable",
            "/rules/0/waivableBy"),
        (with("1", more("g7", "waivableBy", json!(["REL"]))), "waiver_role_missing",
            "/rules/0/waivableBy"),
        (with("1", more("g16", "waivableBy", json!(["DEV"]))), "role_may_not_waive",
            "/rules/0/waivableBy"),
        (with("1", more("g4", "maxDays", json!(31))), "too_many_days", "/rules/0/maxDays"),
    ];
    for (input, code, at) in &cases {
        life.makes_no(&tm, "gate_policy", input, code, at).await?;
    }
    let strict = json!([{ "check": "g16", "mode": "block", "waivableBy": ["TM"], "maxDays": 7 }]);
    let (policy, _) = make(&world, &tm, "gate_policy", &with("1.0", strict)).await?;
    policy.then(&tm, "change", &with("1.1", json!([]))).await?;
    life.refuses(&policy, &[
        (Role::Tm, "change", with("1.0", json!([])), "version_used", "/policyVersion"),
    ]).await?;
    let second = tm.post("/v1/gate-policies", &with("2.0", json!([]))).await?;
    assert_eq!(pointer(&second.problem(409, "already_exists")), "");
    let payload = life.mutate(&tm, "gatePolicyChange", json!({
        "id": policy.id, "policyVersion": "1.2", "rules": [{ "check": "G13", "mode": "BLOCK" }],
    }), "gatePolicy { policyVersion policyVersions } refusal { __typename }").await?;
    assert_eq!(payload["gatePolicy"], json!({
        "policyVersion": "1.2", "policyVersions": ["1.0", "1.1", "1.2"],
    }));
});
