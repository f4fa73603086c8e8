//! Files in an S3-compatible store, as `tests/with-s3` starts one; without it, that is said.

use std::time::{Duration, SystemTime};

use annals_tests::{Engine, World};
use anyhow::Context;
use files::{Tidied, Upkeep};
use futures::StreamExt;
use kernel::Role;
use reqwest::Method;
use serde_json::json;

use super::room::{Room, bytes, content};

/// A bucket of one's own in the store; `None` when there is no store.
async fn bucket(name: &str) -> anyhow::Result<Option<(String, String)>> {
    let Ok(endpoint) = std::env::var("TEST_S3_URL") else {
        println!("SKIPPED: there is no S3-compatible store (tests/with-s3 starts one)");
        return Ok(None);
    };
    let bucket = format!("{name}-{}", event_store::store::new_id("b")?.replace('_', "-"));
    let made = reqwest::Client::new().put(format!("{endpoint}/{bucket}")).send().await?;
    anyhow::ensure!(made.status().is_success(), "{}", made.text().await?);
    Ok(Some((endpoint, bucket)))
}

async fn world(endpoint: &str, bucket: &str) -> anyhow::Result<World> {
    World::start_with(Engine::Sqlite, |settings| {
        settings.files = format!("s3://{bucket}/annals/");
        settings.s3_endpoint = Some(endpoint.to_owned());
        settings.s3_region = Some("eu-central-1".into());
        settings.s3_access_key_id = Some("testing".into());
        settings.s3_secret_access_key = Some("testing".into());
    })
    .await
}

/// The names of everything in the bucket.
async fn names(endpoint: &str, bucket: &str) -> anyhow::Result<Vec<String>> {
    let list = format!("{endpoint}/{bucket}?list-type=2");
    let text = reqwest::get(list).await?.text().await?;
    let keys = text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
    Ok(keys.map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_come_and_go_through_a_bucket() -> anyhow::Result<()> {
    let Some((endpoint, bucket)) = bucket("files").await? else { return Ok(()) };
    let world = world(&endpoint, &bucket).await?;
    let room = Room::of(&world);
    let emp = world.as_(Role::Emp);
    let mut ids = Vec::new();
    // Sent whole, and part by part.
    for (name, length) in [("empty", 0), ("small", 100_000), ("large", 21 << 20)] {
        let body = bytes(length);
        let id = room.taken(&emp, name, &body).await?;
        assert!(room.fetched(&emp, &id).await? == body, "{name}");
        ids.push(id);
    }
    let wanted: Vec<_> = ids.iter().map(|id| format!("annals/{}/{id}", world.tenant)).collect();
    assert_eq!(names(&endpoint, &bucket).await?, wanted);
    let log = world.app.store.log(&world.tenant);
    for range in [0..100, 70_000..140_000, (20 << 20)..(21 << 20)] {
        let size = 21 << 20;
        let (from, to) = (usize::try_from(range.start)?, usize::try_from(range.end)?);
        let mut pieces = world.app.files.read(&log, &ids[2], size, range).await?;
        let mut found = Vec::new();
        while let Some(piece) = pieces.next().await {
            found.extend_from_slice(&piece?);
        }
        assert!(found == bytes(21 << 20)[from..to], "{from}..{to}");
    }
    let head = emp.send(Method::HEAD, &content(&ids[1]), None).await?;
    assert_eq!(head.headers["content-length"], "100000");

    // Refused: nothing is found of it, whole or in parts.
    let id = room.registered(&bytes(20 << 20)).await?;
    let mut other = bytes(20 << 20);
    other[0] ^= 1;
    room.put(&emp, &id, &other).await?.problem(422, "content_mismatch");
    assert_eq!(names(&endpoint, &bucket).await?.len(), 3);
    let uploads = reqwest::get(format!("{endpoint}/{bucket}?uploads")).await?.text().await?;
    assert!(!uploads.contains("<Upload>"), "{uploads}");

    let reason = json!({ "reason": "A mistake." });
    room.desk.does(&world.as_(Role::Am), "shred", &ids[1], reason).await?;
    for attempt in 0.. {
        if names(&endpoint, &bucket).await?.len() == 2 {
            break;
        }
        anyhow::ensure!(attempt < 1_000, "shredded bytes are still there");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let checked = files::check(&world.app.files, &log, true).await?;
    assert_eq!((checked.files, checked.problems), (2, Vec::new()));

    // Kept without a record: the sweep takes it; what others keep in the bucket stays.
    let mut incoming = world.app.files.receive(&log, "evd_00000000000000000000000007").await?;
    incoming.write(b"orphan").await?;
    incoming.end().await?;
    incoming.keep().await?;
    let others = format!("{endpoint}/{bucket}/annals/{}/evd_9", world.tenant);
    reqwest::Client::new().put(others).body("theirs").send().await?.error_for_status()?;
    let annals::app::App { files, store, registry, .. } = world.app.clone();
    let later = SystemTime::now() + Duration::from_secs(60);
    let tidied = Upkeep { files, store, registry }.tidy(later).await?;
    assert_eq!(tidied, Tidied { removed: 1, unknown: 1, ..Tidied::default() });
    assert_eq!(names(&endpoint, &bucket).await?.len(), 3);
    world.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_out_of_reach_is_said_to_be() -> anyhow::Result<()> {
    // Nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    drop(listener);
    let world = world(&endpoint, "nowhere").await?;
    let room = Room::of(&world);
    let emp = world.as_(Role::Emp);
    let answer = room.upload(&emp, "filename=a", "text/plain", b"x").await?;
    assert!(answer.headers.contains_key("retry-after"), "{}", answer.text);
    let problem = answer.problem(503, "storage_unavailable");
    assert!(!problem.to_string().contains("127.0.0.1"), "{problem}");
    assert_eq!(room.count().await?, 0);
    let id = room.registered(b"x").await.context("registering needs no store")?;
    room.put(&emp, &id, b"x").await?.problem(503, "storage_unavailable");
    assert_eq!(room.shown(&id).await?["status"], "registered");
    world.stop().await;
    Ok(())
}
