//! What a system logs of its operation: long enough by law, joined by digests, without gaps that
//! nobody saw.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, hash, types};

fn policy(months: u32) -> Value {
    json!({
        "stagesOn": ["operation_and_monitoring"], "fields": ["input"], "integrity": "hash_chain",
        "retentionMonths": months, "sink": "logs.example",
    })
}

fn digest(n: u32, previous: Option<char>, digest: char) -> Value {
    let mut input = json!({
        "coversFrom": format!("2024-10-0{n}T00:00:00Z"), "digest": hash(digest),
        "coversTo": format!("2024-10-0{}T00:00:00Z", n + 1), "entries": 1000,
    });
    if let Some(previous) = previous {
        input["previous"] = json!(hash(previous));
    }
    input
}

story!(a_log_is_kept_and_its_gaps_are_seen, world => {
    let life = Life::begun(&world).await?;
    let (so, none) = (life.by(Role::So), json!({}));
    let log = life.makes(&so, "event_log_policy", &policy(6)).await?;
    log.then(&life.by(Role::Ops), "revise", &policy(12)).await?;
    let gap = json!({ "from": "2024-10-03T12:00:00Z" });
    life.refuses(&log, &[(Role::Sys, "detect-gap", gap.clone(), "not_active", "")]).await?;
    log.then(&so, "activate", &none).await?;
    life.day("2024-10-06T00:00:00Z");
    let sys = life.by(Role::Sys);
    log.then(&sys, "receive-digest", &digest(1, None, 'a')).await?;
    log.then(&sys, "receive-digest", &digest(2, Some('a'), 'b')).await?;
    log.then(&sys, "detect-gap", &gap).await?;
    assert_eq!(log.now(&life.by(Role::Ops)).await?["status"], "gap");
    let close = json!({ "id": log.id, "to": "2024-10-03T13:00:00Z", "cause": "A full disk." });
    let payload = life.mutate(&sys, "eventLogPolicyCloseGap", close,
        "version refusal { __typename }").await?;
    assert_eq!(payload, json!({ "version": 7, "refusal": null }));
    let read = life.graph(&log, "status gaps digests lastDigest { digest entries } retentionMonths").await?;
    assert_eq!(read, json!({
        "status": "ACTIVE", "gaps": 1, "digests": 2, "lastDigest": { "digest": hash('b'), "entries": 1000 },
        "retentionMonths": 12,
    }));
    let verb = "receive-digest";
    let mut backwards = digest(5, Some('b'), 'd');
    backwards["coversTo"] = json!("2024-10-04T00:00:00Z");
    let span = |from: &str, to: &str| json!({ "from": from, "to": to });
    life.refuses(&log, &[
        (Role::Sys, verb, digest(3, Some('a'), 'd'), "not_joined", "/previous"),
        (Role::Sys, verb, digest(3, None, 'd'), "not_joined", "/previous"),
        (Role::Sys, verb, digest(2, Some('b'), 'd'), "parts_overlap", "/coversFrom"),
        (Role::Sys, verb, digest(6, Some('b'), 'd'), "part_in_the_future", "/coversTo"),
        (Role::Sys, verb, backwards, "part_ends_before_it_begins", "/coversTo"),
        (Role::Sys, "detect-gap", json!({ "from": "2024-11-01T00:00:00Z" }), "in_the_future",
            "/from"),
        (Role::Sys, "detect-gap", span("2024-10-04T00:00:00Z", "2024-10-03T00:00:00Z"),
            "ends_before_it_begins", "/to"),
        (Role::Sys, "detect-gap", json!({ "from": "2024-08-01T00:00:00Z" }), "before_activation",
            "/from"),
    ]).await?;
    let done = log.then(&life.by(Role::So), "retire", &json!({ "reason": "Another log." })).await?;
    assert_eq!(done["object"]["retirement"]["logsKeptUntil"], "2025-10-06");
    life.refuses(&log, &[
        (Role::Sys, "detect-gap", gap, "has_ended", ""),
        (Role::So, "activate", none, "has_ended", ""),
        (Role::So, "revise", policy(24), "has_ended", ""),
    ]).await?;
});

story!(a_log_is_kept_as_long_as_the_law_asks, world => {
    let life = Life::running(&world).await?;
    let so = life.by(Role::So);
    let kind = "event_log_policy";
    let with = |name: &str, value: Value| {
        let mut input = policy(6);
        input[name] = value;
        input
    };
    for (input, code, at) in [
        (with("stagesOn", json!(["deployment"])), "not_on_in_use", "/stagesOn"),
        (with("fields", json!([])), "nothing_logged", "/fields"),
        (policy(0), "retention_out_of_range", "/retentionMonths"),
        (policy(9_999), "retention_out_of_range", "/retentionMonths"),
    ] {
        life.makes_no(&so, kind, &input, code, at).await?;
    }
    let short = life.makes(&so, kind, &policy(5)).await?;
    life.makes_no(&so, kind, &policy(6), "system_has_policy", "/system").await?;
    life.classified("high_risk", Some("5(b)")).await?;
    let at = "/retentionMonths";
    let mut fewer = policy(4);
    fewer["sink"] = json!("elsewhere");
    life.refuses(&short, &[
        (Role::So, "activate", json!({}), "retention_fell_below_rule", ""),
        (Role::So, "revise", fewer, "retention_below_rule", at),
        (Role::So, "retire", json!({ "reason": "x" }), "system_runs", ""),
    ]).await?;
    let done = short.then(&so, "revise", &policy(6)).await?;
    assert_eq!(types(&done), ["event_log_policy.revised"]);
    short.then(&so, "activate", &json!({})).await?;
});
