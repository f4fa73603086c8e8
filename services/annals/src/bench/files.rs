//! A large file in and out over HTTP, against `sha256sum` and `cp` of the same file in the same
//! run; and the memory that it takes.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use bus::{Request, Who};
use kernel::TenantId;
use kernel::id::encode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::app::App;
use crate::settings::Settings;

const MIB: usize = 1 << 20;

/// Measures.
pub async fn run(settings: Settings, mib: usize) -> anyhow::Result<()> {
    let mut settings = settings;
    settings.files_max_bytes = settings.files_max_bytes.max((mib * MIB) as u64);
    let app = App::open(settings).await?;
    let (source, copy) = (app.settings.data.join("source"), app.settings.data.join("copy"));
    write(&source, mib)?;
    let (tenant, user) = member(&app).await?;
    let token = app.identity.tokens().mint(&tenant, &user, Duration::from_secs(3600))?;
    let running = app.serve()?;
    let address = running.address.to_string();

    let hashed = timed(Command::new("sha256sum").arg(&source)).await?;
    let copied = timed(Command::new("cp").args([&source, &copy])).await?;
    let synced = timed(Command::new("sync").arg(&copy)).await?;
    let before = kib("VmRSS")?;
    let begun = Instant::now();
    let id = upload(&address, &token, &source).await?;
    let came = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let length = download(&address, &token, &id).await?;
    let went = begun.elapsed().as_secs_f64();
    let grown = kib("VmHWM")?.saturating_sub(before) >> 10;
    ensure!(length == mib * MIB, "{length} bytes came back");

    let (size, plain) = (mib as f64, hashed + copied + synced);
    println!("{mib} MiB in {}:", app.files.place());
    println!("  sha256sum {hashed:.2} s, cp {copied:.2} s, fsync {synced:.2} s: {plain:.2} s");
    println!(
        "  upload   {came:.2} s ({:.0} MiB/s), {:.2} times sha256sum + cp + fsync",
        size / came,
        came / plain
    );
    println!(
        "  download {went:.2} s ({:.0} MiB/s), {:.2} times sha256sum + cp",
        size / went,
        went / (hashed + copied)
    );
    println!("  memory grew by {grown} MiB at most, client included");
    running.handle.stop(true).await;
    running.stopped().await
}

/// A number of `/proc/self/status`, in KiB.
fn kib(name: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
    Ok(line.trim_matches([':', '\t', ' ', 'k', 'B']).parse()?)
}

/// A file that no packer shortens, made as fast as the disk takes it.
fn write(path: &Path, mib: usize) -> anyhow::Result<()> {
    let (mut random, mut out) = (File::open("/dev/urandom")?, File::create(path)?);
    let mut block = vec![0; MIB];
    random.read_exact(&mut block)?;
    for n in 0..mib {
        block[..8].copy_from_slice(&n.to_be_bytes());
        out.write_all(&block)?;
    }
    Ok(out.sync_all()?)
}

async fn timed(command: &mut Command) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let ended = command.output().await?;
    ensure!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Ok(begun.elapsed().as_secs_f64())
}

/// A tenant and a member of it.
async fn member(app: &App) -> anyhow::Result<(TenantId, String)> {
    let (tenant, user) = (TenantId::from_bits(1 << 81), encode("usr", 1));
    app.store.open_log(&tenant, false).await?;
    let log = app.store.log(&tenant);
    let organisation =
        json!({ "legalName": "Bench B.V.", "jurisdictions": ["NL"], "dataRegion": "eu" });
    let member = json!({ "user": user, "name": "Uploader", "roles": ["AM"] });
    for (kind, verb, input) in
        [("organisation", "provision", organisation), ("membership", "grant", member)]
    {
        let kind = app.registry.named(kind).with_context(|| format!("no kind {kind}"))?;
        let request = Request { verb: verb.into(), input, ..Request::default() };
        app.registry.dispatch(kind, &log, &Who::system("bench"), request).await?;
    }
    Ok((tenant, user))
}

/// Uploads the file; the id of the evidence.
async fn upload(address: &str, token: &str, source: &Path) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let mut file = tokio::fs::File::open(source).await?;
    let head = format!(
        "POST /v1/evidence/files?filename=large.bin HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        file.metadata().await?.len()
    );
    stream.write_all(head.as_bytes()).await?;
    let mut block = vec![0; MIB];
    loop {
        match file.read(&mut block).await? {
            0 => break,
            count => stream.write_all(&block[..count]).await?,
        }
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    ensure!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    let location = location.context("no location")?;
    Ok(location.trim_start_matches("/v1/evidence/").to_owned())
}

/// Downloads the evidence's bytes; how many there are.
async fn download(address: &str, token: &str, id: &str) -> anyhow::Result<usize> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "GET /v1/evidence/{id}/content HTTP/1.1\r\nHost: {address}\r\n\
         Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let (mut block, mut start, mut body) = (vec![0; MIB], Vec::new(), 0);
    let mut is_body = false;
    loop {
        let count = stream.read(&mut block).await?;
        if count == 0 {
            return Ok(body);
        }
        if is_body {
            body += count;
            continue;
        }
        start.extend_from_slice(&block[..count]);
        if let Some(end) = start.windows(4).position(|window| window == b"\r\n\r\n") {
            if !start.starts_with(b"HTTP/1.1 200") {
                bail!("{}", String::from_utf8_lossy(&start));
            }
            is_body = true;
            body = start.len() - end - 4;
        }
    }
}
