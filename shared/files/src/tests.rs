//! Files on a disk of their own, beside a database of their own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;
use std::time::SystemTime;

use event_store::engine::sqlite::SqliteEngine;
use event_store::seal::SecretKey;
use event_store::{Log, Store};
use futures::TryStreamExt;
use kernel::TenantId;

use super::*;

struct World {
    folder: tempfile::TempDir,
    files: Arc<Files>,
    log: Log,
    other: Log,
}

/// Of several segments and more than one part.
const LENGTH: usize = (8 << 20) + 200_000;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 31 % 251) as u8).collect()
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes))
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Arc::new(SqliteEngine::open(folder.path()).await.unwrap());
        let master = SecretKey::generate().unwrap();
        let store = Store::open(engine, master, [].into()).await.unwrap();
        let logs = [TenantId::from_bits(1), TenantId::from_bits(2)];
        for tenant in &logs {
            store.open_log(tenant, false).await.unwrap();
        }
        let [log, other] = logs.map(|tenant| store.log(&tenant));
        let files = Files::open(Place::Folder(folder.path().join("files")), 1 << 30).unwrap();
        Self { folder, files, log, other }
    }

    async fn incoming(&self, id: &str, bytes: &[u8]) -> Incoming {
        let mut incoming = self.files.receive(&self.log, id).await.unwrap();
        for piece in bytes.chunks(50_000) {
            incoming.write(piece).await.unwrap();
        }
        incoming
    }

    async fn kept(&self, id: &str, bytes: &[u8]) {
        let mut incoming = self.incoming(id, bytes).await;
        assert_eq!(incoming.end().await.unwrap(), hash(bytes));
        incoming.keep().await.unwrap();
    }

    async fn read(
        &self,
        id: &str,
        size: u64,
        range: std::ops::Range<u64>,
    ) -> Result<Vec<u8>, FileError> {
        let pieces: Vec<_> =
            self.files.read(&self.log, id, size, range).await?.try_collect().await?;
        Ok(pieces.concat())
    }

    /// Everything that lies where files are kept.
    fn lying(&self) -> Vec<PathBuf> {
        let below = self.folder.path().join("files");
        let tenants = std::fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path());
        tenants
            .flat_map(|tenant| std::fs::read_dir(tenant).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect()
    }
}

#[tokio::test]
async fn any_range_of_what_was_kept_comes_out_and_the_disk_shows_none_of_it() {
    let (world, plain) = (World::new().await, bytes(LENGTH));
    world.kept("evd_1", &plain).await;
    let size = plain.len() as u64;
    let edges = [0, 1, 65_479, 65_480, 65_481, 131_000, size / 2, size - 1, size];
    for start in edges {
        for end in edges.into_iter().filter(|end| *end > start) {
            let (from, to) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
            let found = world.read("evd_1", size, start..end).await.unwrap();
            assert!(found == plain[from..to], "{start}..{end}");
        }
    }
    assert_eq!(world.files.digest(&world.log, "evd_1", size).await.unwrap(), hash(&plain));
    let [path] = &world.lying()[..] else { panic!("one file") };
    let stored = std::fs::read(path).unwrap();
    assert_eq!(stored.len() as u64, sealed_len(size));
    assert!(!stored.windows(32).any(|window| window == &plain[1000..1032]));
    assert!(!path.to_string_lossy().contains(&hash(&plain)));
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let world = World::new().await;
    world.kept("evd_1", b"").await;
    assert_eq!(world.read("evd_1", 0, 0..0).await.unwrap(), b"");
    assert_eq!(world.files.digest(&world.log, "evd_1", 0).await.unwrap(), hash(b""));
    assert_eq!(world.files.holds(&world.log, "evd_1", 0).await.unwrap(), Some(true));
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let (world, plain) = (World::new().await, bytes(2 * LENGTH));
    world.incoming("evd_1", &plain).await.discard().await;
    drop(world.incoming("evd_2", &plain).await);
    for attempt in 0.. {
        if world.lying().is_empty() {
            break;
        }
        assert!(attempt < 1000, "{:?}", world.lying());
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    for id in ["evd_1", "evd_2"] {
        assert_eq!(world.files.holds(&world.log, id, 1).await.unwrap(), None);
        assert!(world.log.file_key(id).await.unwrap().is_none());
        assert!(matches!(world.read(id, 1, 0..1).await, Err(FileError::Missing)));
    }
}

#[tokio::test]
async fn a_damaged_file_is_found_out_and_none_of_the_damage_comes_out() {
    let (world, plain) = (World::new().await, bytes(300_000));
    world.kept("evd_1", &plain).await;
    let [path] = &world.lying()[..] else { panic!("one file") };
    let stored = std::fs::read(path).unwrap();
    let mut flipped = stored.clone();
    flipped[200_000] ^= 1;
    std::fs::write(path, flipped).unwrap();
    let size = plain.len() as u64;
    let mut pieces = world.files.read(&world.log, "evd_1", size, 0..size).await.unwrap();
    let mut found = Vec::new();
    let error = loop {
        match pieces.try_next().await {
            Ok(piece) => found.extend(piece.expect("it ends before its damage")),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, FileError::Damaged(_)), "{error}");
    assert!(found.len() > 100_000 && plain.starts_with(&found));
    // A range beside the damage is fine.
    assert_eq!(world.read("evd_1", size, 0..10).await.unwrap(), plain[..10]);
    std::fs::write(path, &stored[..stored.len() - 1]).unwrap();
    let cut = world.read("evd_1", size, 0..10).await;
    assert!(matches!(cut, Err(FileError::Damaged(_))), "{cut:?}");
    assert_eq!(world.files.holds(&world.log, "evd_1", size).await.unwrap(), Some(false));
}

#[tokio::test]
async fn a_tenant_has_nothing_of_anothers() {
    let (world, plain) = (World::new().await, bytes(1000));
    world.kept("evd_1", &plain).await;
    assert_eq!(world.files.holds(&world.other, "evd_1", 1000).await.unwrap(), None);
    let read = world.files.read(&world.other, "evd_1", 1000, 0..1000).await;
    assert!(matches!(read.map(drop), Err(FileError::Missing)));
    // Even where the sealed bytes come to lie in the other's place.
    let [path] = &world.lying()[..] else { panic!("one file") };
    let theirs = path.parent().unwrap().with_file_name(world.other.tenant().as_str());
    std::fs::create_dir(&theirs).unwrap();
    std::fs::copy(path, theirs.join("evd_1")).unwrap();
    let key = world.log.file_key("evd_1").await.unwrap().unwrap();
    assert!(world.other.keep_file_key("evd_1", &key).await.unwrap());
    let read = world.files.digest(&world.other, "evd_1", 1000).await;
    assert!(matches!(read, Err(FileError::Damaged(_))), "{read:?}");
}

#[tokio::test]
async fn bytes_are_gone_for_good_with_their_key() {
    let (world, plain) = (World::new().await, bytes(1000));
    world.kept("evd_1", &plain).await;
    let [path] = &world.lying()[..] else { panic!("one file") };
    let backup = std::fs::read(path).unwrap();
    for _ in 0..2 {
        world.files.remove(&world.log, "evd_1").await.unwrap();
        assert_eq!(world.lying(), Vec::<PathBuf>::new());
    }
    std::fs::write(path, backup).unwrap();
    let read = world.read("evd_1", 1000, 0..1000).await;
    assert!(matches!(read, Err(FileError::Missing)), "{read:?}");
}

#[tokio::test]
async fn of_two_that_bring_the_same_file_at_once_one_is_told_to_come_again() {
    let (world, plain) = (World::new().await, bytes(1000));
    let mut first = world.incoming("evd_1", &plain).await;
    let mut second = world.incoming("evd_1", &plain).await;
    first.end().await.unwrap();
    second.end().await.unwrap();
    first.keep().await.unwrap();
    assert!(matches!(second.keep().await, Err(FileError::Overtaken)));
    assert_eq!(world.read("evd_1", 1000, 0..1000).await.unwrap(), plain);
    // Whoever comes later uses the key that is there.
    world.kept("evd_1", &plain).await;
    assert_eq!(world.read("evd_1", 1000, 0..1000).await.unwrap(), plain);
}

#[tokio::test]
async fn the_sweep_takes_what_was_left_in_the_middle_and_no_more() {
    let world = World::new().await;
    world.kept("evd_1", &bytes(1000)).await;
    let [path] = &world.lying()[..] else { panic!("one file") };
    std::fs::write(path.with_file_name("evd_2#1"), b"half").unwrap();
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(world.files.place.sweep(SystemTime::now() - hour).unwrap(), 0, "it may be growing");
    assert_eq!(world.files.place.sweep(SystemTime::now() + hour).unwrap(), 1);
    assert_eq!(world.lying(), std::slice::from_ref(path));
}
