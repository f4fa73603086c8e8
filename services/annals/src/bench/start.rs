//! From start to ready, and memory when idle.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::settings::Settings;

/// Measures this very binary as a process of its own on the embedded engine.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    // The first start makes keys and schema; the second is what operators see.
    for round in ["first start (makes keys and schema)", "start"] {
        let begun = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&settings.data)
            .stdout(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("stdout")?;
        let line = BufReader::new(stdout).lines().next_line().await?.context("no line")?;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let address = address.with_context(|| format!("no address in {line:?}"))?.to_owned();
        let ready = loop {
            if get(&address, "/readyz").await.is_ok_and(|status| status == 200) {
                break begun.elapsed();
            }
            if begun.elapsed() > Duration::from_secs(10) {
                bail!("not ready after ten seconds");
            }
        };
        tokio::time::sleep(Duration::from_secs(2)).await;
        let pid = child.id().context("pid")?;
        println!(
            "{round}: ready after {:.0} ms (goal 150), {:.1} MB resident when idle (goal 60)",
            ready.as_secs_f64() * 1000.0,
            resident_kib(pid)? as f64 / 1024.0
        );
        child.kill().await?;
    }
    Ok(())
}

async fn get(address: &str, path: &str) -> anyhow::Result<u16> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.split(' ').nth(1).context("a status")?.parse()?)
}

fn resident_kib(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
