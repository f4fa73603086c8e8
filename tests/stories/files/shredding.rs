//! Bytes are destroyed when that was recorded, and not before it may be.

use annals_tests::story;
use anyhow::Context;
use kernel::Role;
use serde_json::json;

use super::room::{Room, bytes};

story!(bytes_go_with_the_recorded_shredding_and_not_before, world => {
    let (mut room, body) = (Room::of(&world), bytes(100_000));
    let (am, dpo, emp) = (world.as_(Role::Am), world.as_(Role::Dpo), world.as_(Role::Emp));
    let query = "filename=a.pdf&retentionUntil=2024-08-31";
    let made = room.upload(&emp, query, "application/pdf", &body).await?.created();
    let id = made["id"].as_str().context("id")?;
    let reason = || json!({ "reason": "No longer needed." });
    room.desk.refuse(&am, "shred", id, reason(), "409 under_retention").await?;
    room.desk.does(&dpo, "place_hold", id, json!({ "reason": "Case 7." })).await?;
    let later = am.at("2024-09-02T08:00:00Z");
    room.desk.refuse(&later, "shred", id, reason(), "409 under_legal_hold").await?;
    assert_eq!(room.fetched(&emp, id).await?, body);

    let later = world.as_(Role::Am).at("2024-09-02T09:00:00Z");
    room.desk.does(&later, "release_hold", id, json!({ "reason": "Case 7 is closed." })).await?;
    let backup = std::fs::read(&room.lying()[0])?;
    let path = room.lying()[0].clone();
    let later = world.as_(Role::Am).at("2024-09-02T09:30:00Z");
    room.desk.does(&later, "shred", id, reason()).await?;
    room.get(id).await?.problem(410, "content_shredded");
    room.put(&emp.at("2024-09-02T10:00:00Z"), id, &body).await?.problem(410, "content_shredded");
    room.settles_at(0).await?;
    // The key is gone, so what a backup or an old version holds is worth nothing.
    let log = world.app.store.log(&world.tenant);
    for _ in 0..1_000 {
        if log.file_key(id).await?.is_none() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(log.file_key(id).await?.is_none());
    std::fs::write(&path, backup)?;
    let read = world.app.files.digest(&log, id, body.len() as u64).await;
    assert!(read.is_err(), "a backup was read");
    let found = files::check(&world.app.files, &log, false).await?;
    assert_eq!(found.problems.len(), 1);
    std::fs::remove_file(&path)?;

    // The record stays, with the hash; the same bytes may come again, as other evidence.
    let shown = room.shown(id).await?;
    assert_eq!((&shown["status"], &shown["size"]), (&json!("shredded"), &json!(100_000)));
    let again = emp.at("2024-09-02T11:00:00Z");
    let again = room.taken(&again, "b.pdf", &body).await?;
    assert_ne!(again, id);
    assert_eq!(room.fetched(&emp, &again).await?, body);
});
