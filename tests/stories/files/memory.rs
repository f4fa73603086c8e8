//! Memory does not grow with the file. Measured in a process of its own, in which nothing else
//! runs; `annals bench files` does the same with 1 GiB.

use std::process::Command;

use annals_tests::{Engine, World};
use anyhow::Context;
use futures::{StreamExt, stream};
use kernel::Role;
use sha2::{Digest, Sha256};

use super::room::{bytes, content};

const PIECE: usize = 64 << 10;
const PIECES: usize = 192 << 4;
/// More than the parts that are under way, on both sides of the connection; a third of the file.
const BOUND_KIB: u64 = 64 << 10;

#[test]
fn a_file_of_192_mib_takes_little_memory_in_and_out() {
    let test = concat!(module_path!(), "::alone").split_once("::").unwrap().1;
    let own = std::env::current_exe().unwrap();
    let ran =
        Command::new(own).args(["--exact", test, "--ignored", "--nocapture"]).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}

/// A number of `/proc/self/status`, in KiB.
fn kib(name: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
    Ok(line.trim_matches([':', '\t', ' ', 'k', 'B']).parse()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the test above runs it in a process of its own"]
async fn alone() -> anyhow::Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let emp = world.as_(Role::Emp);
    let authorization = emp.authorization.clone().context("a token")?;
    let piece = bytes(PIECE);
    let mut hash = Sha256::new();
    (0..PIECES).for_each(|_| hash.update(&piece));
    let sha256 = hex::encode(hash.finalize());

    let http = reqwest::Client::new();
    let before = kib("VmRSS")?;
    let pieces = stream::iter((0..PIECES).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
    let answer = http
        .post(format!("{}/v1/evidence/files?filename=large.bin", world.base()))
        .header("Authorization", &authorization)
        .header("Annals-Clock", "2024-07-02T08:00:00Z")
        .body(reqwest::Body::wrap_stream(pieces))
        .send()
        .await?;
    let made: serde_json::Value = answer.error_for_status()?.json().await?;
    assert_eq!(
        (&made["object"]["sha256"], &made["object"]["size"]),
        (&sha256.clone().into(), &(PIECE * PIECES).into())
    );

    let url = format!("{}{}", world.base(), content(made["id"].as_str().context("id")?));
    let answer = http.get(url).header("Authorization", &authorization).send().await?;
    let (mut coming, mut hash) = (answer.error_for_status()?.bytes_stream(), Sha256::new());
    while let Some(piece) = coming.next().await {
        hash.update(&piece?);
    }
    assert_eq!(hex::encode(hash.finalize()), sha256);
    let grown = kib("VmHWM")?.saturating_sub(before);
    println!("memory grew by {} MiB", grown >> 10);
    assert!(grown < BOUND_KIB, "memory grew by {} MiB", grown >> 10);
    world.stop().await;
    Ok(())
}
