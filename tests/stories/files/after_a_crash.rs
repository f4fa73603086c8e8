//! What a crash between bytes and records leaves is put right; and files outlive the process.

use std::time::{Duration, SystemTime};

use annals::app::App;
use annals::upkeep;
use annals_tests::{Engine, World, story};
use anyhow::Context;
use event_store::Log;
use files::{Tidied, Upkeep};
use kernel::Role;
use serde_json::json;
use tokio::runtime::Runtime;

use super::room::{Room, bytes};

async fn kept(world: &World, log: &Log, id: &str, body: &[u8]) -> anyhow::Result<()> {
    let mut incoming = world.app.files.receive(log, id).await?;
    incoming.write(body).await?;
    incoming.end().await?;
    Ok(incoming.keep().await?)
}

fn sweeper(app: &App) -> Upkeep {
    let App { files, store, registry, .. } = app.clone();
    Upkeep { files, store, registry }
}

story!(what_a_crash_left_is_put_right, world => {
    let room = Room::of(&world);
    let log = world.app.store.log(&world.tenant);
    let (one, two, three) = (bytes(100_000), bytes(1000), bytes(2000));
    // Kept, but its evidence was never recorded.
    let orphan = "evd_00000000000000000000000007";
    kept(&world, &log, orphan, &one).await?;
    // Kept, but its verification was never recorded.
    let unverified = room.registered(&two).await?;
    kept(&world, &log, &unverified, &two).await?;
    // Shredded, but brought again by somebody who did not know yet.
    let shredded = room.taken(&world.as_(Role::Emp), "a.pdf", &three).await?;
    let reason = json!({ "reason": "A mistake." });
    room.desk.does(&world.as_(Role::Am), "shred", &shredded, reason).await?;
    room.settles_at(2).await?;
    kept(&world, &log, &shredded, &three).await?;
    // A part of a file; and files of another database, of ours by no sign.
    let folder = room.lying()[0].parent().context("folder")?.to_owned();
    std::fs::write(folder.join("evd_00000000000000000000000008#1"), b"half")?;
    std::fs::write(folder.join("evd_00000000000000000000000009"), b"theirs")?;
    room.settles_at(5).await?;

    // Younger than an hour: it may be under way.
    let sweeper = sweeper(&world.app);
    let hour = Duration::from_secs(3600);
    assert_eq!(sweeper.tidy(SystemTime::now() - hour).await?, Tidied::default());
    let tidied = sweeper.tidy(SystemTime::now() + hour).await?;
    assert_eq!(tidied, Tidied { parts: 1, removed: 2, verified: 1, unknown: 1 });
    room.settles_at(2).await?;
    assert_eq!(room.shown(&unverified).await?["status"], "verified");
    assert_eq!(room.fetched(&world.as_(Role::Emp), &unverified).await?, two);
    assert!(log.file_key(orphan).await?.is_none());
    let again = sweeper.tidy(SystemTime::now() + hour).await?;
    assert_eq!(again, Tidied { unknown: 1, ..Tidied::default() });
});

story!(bytes_kept_for_other_evidence_go_into_quarantine, world => {
    let room = Room::of(&world);
    let log = world.app.store.log(&world.tenant);
    let id = room.registered(&bytes(1000)).await?;
    // A store that was tampered with by somebody who has the key.
    kept(&world, &log, &id, &vec![7; 1000]).await?;
    sweeper(&world.app).tidy(SystemTime::now() + Duration::from_secs(60)).await?;
    assert_eq!(room.shown(&id).await?["status"], "quarantined");
    room.get(&id).await?.problem(409, "content_quarantined");
});

/// Opens the data folder once whoever had it before has let go of it.
async fn opened(settings: annals::settings::Settings) -> anyhow::Result<App> {
    for _ in 0..1_000 {
        match App::open(settings.clone()).await {
            Err(error) if format!("{error:#}").contains("is in use by another") => {}
            other => return other,
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    anyhow::bail!("the data folder is never free")
}

/// Brings a file, shreds another without waiting, ends; another process reads the one and finds
/// the other gone.
fn over_a_restart(engine: Engine) -> anyhow::Result<()> {
    let (kept, shredded) = (bytes(300_000), bytes(2000));
    let serving = Runtime::new()?;
    let (settings, _folder, tenant, ids) = serving.block_on(async {
        let world = World::start(engine).await?;
        let room = Room::of(&world);
        let emp = world.as_(Role::Emp);
        let ids =
            [room.taken(&emp, "a.pdf", &kept).await?, room.taken(&emp, "b.pdf", &shredded).await?];
        let reason = json!({ "reason": "A mistake." });
        room.desk.does(&world.as_(Role::Am), "shred", &ids[1], reason).await?;
        let tenant = world.tenant.clone();
        let (settings, folder) = world.leave().await;
        anyhow::Ok((settings, folder, tenant, ids))
    })?;
    drop(serving);
    Runtime::new()?.block_on(async {
        let app = opened(settings.clone()).await?;
        app.follow();
        let log = app.store.log(&tenant);
        let found = app.files.digest(&log, &ids[0], kept.len() as u64).await?;
        assert_eq!(found, super::room::hash(&kept));
        for attempt in 0.. {
            let gone = app.files.holds(&log, &ids[1], shredded.len() as u64).await?.is_none();
            if gone && log.file_key(&ids[1]).await?.is_none() {
                break;
            }
            anyhow::ensure!(attempt < 1_000, "shredded bytes are still there");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let checked = files::check(&app.files, &log, true).await?;
        assert_eq!((checked.files, checked.problems), (1, Vec::new()));
        anyhow::Ok(())
    })?;
    // On the command line: every log, and every byte of every file.
    Runtime::new()?.block_on(async {
        drop(opened(settings.clone()).await?);
        for _ in 0..1_000 {
            let mut out = Vec::new();
            match upkeep::check(settings.clone(), true, &mut out).await {
                Err(error) if format!("{error:#}").contains("is in use by another") => {}
                done => {
                    let said = String::from_utf8_lossy(&out).into_owned();
                    anyhow::ensure!(said.contains("  1 files, 0 problems"), "{said}");
                    return done;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("the data folder is never free")
    })
}

#[test]
fn files_outlive_the_process_sqlite() -> anyhow::Result<()> {
    over_a_restart(Engine::Sqlite)
}

#[test]
fn files_outlive_the_process_postgres() -> anyhow::Result<()> {
    over_a_restart(Engine::Postgres)
}
