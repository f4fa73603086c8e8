//! What grows has a bound, and says so before a document grows too large.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::concerns::channel;
use super::world::{Life, V1, hash, make};

story!(versions_and_what_they_name, world => {
    let life = Life::running(&world).await?;
    let so = life.by(Role::So);
    let people: Vec<_> = Role::MEMBERS.iter().map(|role| world.as_(*role).user).collect();
    let crowd: Vec<_> = people.iter().cycle().take(20).collect();
    let version = |n: usize, developers: Value| {
        json!({ "systemVersion": format!("2.{n}"), "developers": developers })
    };
    // The first one names one developer.
    for n in 0..39 {
        life.system.then(&so, "add-version", &version(n, json!(crowd))).await?;
    }
    life.refuses(&life.system, &[
        (Role::So, "add-version", version(39, json!(crowd)), "too_many_references", ""),
    ]).await?;
    for n in 39..49 {
        life.system.then(&so, "add-version", &version(n, json!([]))).await?;
    }
    life.refuses(&life.system, &[
        (Role::So, "add-version", version(49, json!([])), "too_many_versions", ""),
    ]).await?;
});

story!(runs_of_a_record, world => {
    let life = Life::begun(&world).await?;
    let plan = json!({ "systemVersion": V1, "criteria": { "auc": {
        "metric": "auc", "must": true, "threshold": { "comparison": "at_least", "value": "0.8" },
    } } });
    let val = life.by(Role::Val);
    let record = life.makes(&val, "verification_record", &plan).await?;
    let start = |n: usize| json!({
        "key": format!("run{n}"), "environment": "Staging", "startedAt": "2024-09-02T09:00:00.5Z",
    });
    life.day("2024-09-03T09:00:00Z");
    for n in 0..16 {
        record.then(&life.by(Role::Val), "start-run", &start(n)).await?;
    }
    life.refuses(&record, &[(Role::Val, "start-run", start(16), "too_many_runs", "")]).await?;
});

story!(systems_of_a_resource, world => {
    let life = Life::begun(&world).await?;
    let so = life.by(Role::So);
    let input = json!({ "name": "A cluster", "resourceKind": "compute" });
    let (resource, _) = make(&world, &so, "resource", &input).await?;
    let mut last = json!({});
    for n in 0..101 {
        let other = Life::with(&world, json!({ "name": format!("System {n}") })).await?;
        last = json!({ "system": other.system.id, "stages": ["deployment"] });
        if n < 100 {
            resource.then(&so, "link", &last).await?;
        }
    }
    life.refuses(&resource, &[(Role::So, "link", last, "too_many_systems", "")]).await?;
});

story!(versions_of_the_gate_policy, world => {
    let life = Life::begun(&world).await?;
    let tm = life.by(Role::Tm);
    let policy = |n: usize| json!({ "policyVersion": format!("1.{n}") });
    let (gate_policy, _) = make(&world, &tm, "gate_policy", &policy(0)).await?;
    for n in 1..200 {
        gate_policy.then(&tm, "change", &policy(n)).await?;
    }
    life.refuses(&gate_policy, &[(Role::Tm, "change", policy(200), "too_many_versions", "")])
        .await?;
});

story!(clocks_of_an_incident, world => {
    let life = Life::running(&world).await?;
    let rule = |n: usize| json!({
        "code": format!("own.{n}"), "regime": "own", "jurisdiction": "NL", "article": "1",
        "trigger": "breach_report", "when": { "personalData": true },
        "deadline": { "amount": 72, "unit": "hours" }, "published": "2020-01-01",
        "appliesFrom": "2020-01-01", "text": "Tell us.", "source": "Own", "sourceVersion": "1",
    });
    let rules: serde_json::Map<_, _> = (0..60).map(|n| (format!("own.{n}"), rule(n))).collect();
    let set = json!({
        "name": "own", "revision": "1", "licence": "CC0", "source": "Own", "rules": rules,
    });
    make(&world, &life.by(Role::Dpo), "rule_set", &set).await?;
    let input = json!({
        "title": "A breach", "description": "x", "awareAt": "2024-09-02T08:00:00Z",
        "category": "privacy", "severity": "major", "personalDataBreach": true,
    });
    let breach = life.makes(&life.by(Role::Emp), "incident", &input).await?;
    // Sixty of their own and the one of the GDPR.
    let clocks = (Role::Dpo, "start-clocks", json!({}), "too_many_clocks", "");
    life.refuses(&breach, &[clocks]).await?;
});

story!(who_is_named_in_a_concern_and_where_it_goes, world => {
    let life = Life::running(&world).await?;
    let admin = world.as_(Role::Adm).at("2024-09-02T09:00:00Z");
    let mut users = Vec::new();
    for n in 0..101 {
        let user = event_store::store::new_id("usr")?;
        let member = json!({ "user": user, "name": format!("Member {n}"), "roles": [] });
        admin.post("/v1/memberships", &member).await?.created();
        users.push(user);
    }
    let channel = channel(&world, "internal").await?;
    let input = json!({ "channel": channel.id, "text": "All of them.", "anonymous": false });
    let (concern, _) = make(&world, &life.by(Role::Emp), "concern", &input).await?;
    let am = life.by(Role::Am);
    let named = |users: &[String]| json!({ "conflict": false, "named": users });
    for users in users[..100].chunks(20) {
        concern.then(&am, "record-conflict-check", &named(users)).await?;
    }
    life.refuses(&concern, &[
        (Role::Am, "record-conflict-check", named(&users[100..]), "too_many_named", "/named"),
    ]).await?;
    concern.then(&am, "acknowledge", &json!({})).await?;
    concern.then(&am, "start-review", &json!({})).await?;
    let incident = json!({
        "title": "One of many", "description": "x", "awareAt": "2024-09-02T08:00:00Z",
        "category": "misuse", "severity": "minor",
    });
    let mut last = json!({});
    for n in 0..21 {
        let incident = life.makes(&life.by(Role::Emp), "incident", &incident).await?;
        last = json!({ "to": incident.id, "reason": hash('a') });
        if n < 20 {
            concern.then(&am, "escalate", &last).await?;
        }
    }
    life.refuses(&concern, &[(Role::Am, "escalate", last, "too_many_escalations", "")]).await?;
});
