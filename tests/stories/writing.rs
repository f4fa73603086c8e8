//! Writing: repeatable, conflict-free, gapless.

use std::collections::BTreeSet;

use annals_tests::{Client, story};
use kernel::{Position, Role};
use serde_json::{Value, json};

fn party(n: usize) -> Value {
    json!({ "name": format!("Party {n}"), "kind": "customer" })
}

story!(the_same_request_under_the_same_key_is_done_once, world => {
    let am = world.as_(Role::Am).at("2024-07-02T00:00:00Z").with("Idempotency-Key", "k-1");
    let first = am.post("/v1/interested-parties", &party(1)).await?;
    assert_eq!(first.headers.get("idempotency-replayed"), None);
    let second = am.post("/v1/interested-parties", &party(1)).await?;
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(first.text, second.text);
    first.created();
    second.created();
    am.post("/v1/interested-parties", &party(2)).await?.problem(422, "idempotency_key_reused");
    let list = am.get("/v1/interested-parties").await?.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    am.with("Idempotency-Key", "bad key\u{e9}").post("/v1/interested-parties", &party(3)).await?
        .problem(400, "invalid_header");
});

/// So many people register parties at once.
async fn register_at_once(am: &Client, count: usize) -> anyhow::Result<Vec<Value>> {
    let mut tasks = Vec::new();
    for n in 0..count {
        let am = am.clone();
        tasks.push(tokio::spawn(async move { am.post("/v1/interested-parties", &party(n)).await }));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await??.created());
    }
    Ok(answers)
}

story!(many_at_once_get_positions_without_gaps, world => {
    let am = world.as_(Role::Am);
    let before = world.app.store.log(&world.tenant).head().await?.unwrap().position;
    let answers = register_at_once(&am, 60).await?;
    let positions: BTreeSet<u64> = answers.iter()
        .map(|answer| answer["position"].as_str().unwrap().parse().unwrap())
        .collect();
    let wanted: BTreeSet<u64> = (before.0 + 1..=before.0 + 60).collect();
    assert_eq!(positions, wanted);
    let events = world.app.store.log(&world.tenant)
        .events(before, Position(before.0 + 60), 100).await?;
    assert!(events.windows(2).all(|pair| pair[0].row.at < pair[1].row.at));
});

story!(of_many_changes_to_one_version_one_is_made, world => {
    let am = world.as_(Role::Am).at("2024-07-02T00:00:00Z");
    let made = am.post("/v1/interested-parties", &party(1)).await?.created();
    let path = format!("/v1/interested-parties/{}/register-requirement", made["id"].as_str().unwrap());
    let mut tasks = Vec::new();
    for n in 0..12 {
        let (am, path) = (world.as_(Role::Am), path.clone());
        let input = json!({ "key": format!("r{n}"), "text": "Explain", "source": "contract" });
        tasks.push(tokio::spawn(async move { am.post_seen(&path, 1, &input).await }));
    }
    let mut done = 0;
    for task in tasks {
        let answer = task.await??;
        match answer.status.as_u16() {
            200 => done += 1,
            412 => {}
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!(done, 1);
});

story!(what_nobody_names_a_version_for_is_decided_again, world => {
    let am = world.as_(Role::Am).at("2024-07-02T00:00:00Z");
    let made = am.post("/v1/interested-parties", &party(1)).await?.created();
    let path = format!("/v1/interested-parties/{}/register-requirement", made["id"].as_str().unwrap());
    let mut tasks = Vec::new();
    for n in 0..2 {
        let (am, path) = (world.as_(Role::Am), path.clone());
        let input = json!({ "key": format!("r{n}"), "text": "Explain", "source": "contract" });
        tasks.push(tokio::spawn(async move { am.post(&path, &input).await }));
    }
    for task in tasks {
        task.await??.ok();
    }
});

story!(a_late_entry_says_so, world => {
    let am = world.as_(Role::Am).at("2024-07-20T00:00:00Z");
    let mut input = party(1);
    input["effectiveAt"] = json!("2024-03-04T00:00:00Z");
    let made = am.post("/v1/interested-parties", &input).await?.created();
    let path = format!("/v1/interested-parties/{}/history", made["id"].as_str().unwrap());
    let history = am.get(&path).await?.ok();
    assert_eq!(history["data"][0]["effectiveAt"], "2024-03-04T00:00:00.000000Z");
    assert_eq!(history["data"][0]["late"], true);
});

story!(corrections_are_events, world => {
    let am = world.as_(Role::Am).at("2024-07-02T00:00:00Z");
    let made = am.post("/v1/interested-parties", &party(1)).await?.created();
    let base = format!("/v1/interested-parties/{}", made["id"].as_str().unwrap());
    let path = format!("{base}/correct");
    let input = json!({ "corrects": 1, "reason": "Misspelt.", "set": { "name": "Applicants" } });
    let done = am.post(&path, &input).await?.ok();
    assert_eq!(done["object"]["name"], "Applicants");
    assert_eq!(done["events"][0]["type"], "interested_party.corrected");
    let wrong = json!({ "corrects": 1, "reason": "x", "set": { "status": "retired" } });
    am.post(&path, &wrong).await?.problem(422, "interested_party.not_correctable");
    let wrong = json!({ "corrects": 9, "reason": "x", "set": {} });
    am.post(&path, &wrong).await?.problem(422, "interested_party.no_such_version");
    // The text of the reason is sealed: the log's bytes do not hold it.
    let events = world.app.store.log(&world.tenant)
        .events(Position::START, Position(1 << 40), 1000).await?;
    for event in events {
        let payload = String::from_utf8(event.row.payload)?;
        assert!(!payload.contains("Misspelt") && !payload.contains("Ada Admin"), "{payload}");
    }
});
