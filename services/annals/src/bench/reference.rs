//! What PostgreSQL does without us: pgbench on the same server.

use std::process::Stdio;

use anyhow::{Context, bail};
use sqlx::{Connection, Executor};
use tokio::process::Command;

const PLAIN: &str = "insert into reference_plain (client, payload) \
                     values (:client_id, repeat('x', 200));\n";
const LOCKED: &str = "begin;\n\
    select position from reference_head where tenant = 1 for update;\n\
    insert into reference_plain (client, payload) values (:client_id, repeat('x', 200));\n\
    update reference_head set position = position + 1 where tenant = 1;\n\
    commit;\n";

/// What a command of ours writes at least, each in a transaction of its own: the head moved on
/// under its lock, an event of like size, the document replaced, the version that ended kept.
const ALIKE: &str = "\\set tenant random(1, 64)\n\\set id random(1, 10000)\n\
    begin;\n\
    update reference_head set position = position + 1 where tenant = :tenant;\n\
    insert into reference_event (tenant, stream, header, payload) \
        values (:tenant, :id, repeat('h', 480), repeat('p', 900));\n\
    insert into reference_history (tenant, id, body) \
        select tenant, id, body from reference_document where tenant = :tenant and id = :id;\n\
    insert into reference_document (tenant, id, body) values (:tenant, :id, repeat('d', 600)) \
        on conflict (tenant, id) do update set body = excluded.body;\n\
    commit;\n";

/// Which reference.
#[derive(Clone, Copy, Debug)]
pub enum Reference {
    /// One single-row insert per transaction.
    Plain,
    /// One transaction per command that locks one row, inserts, and updates that row.
    Locked,
    /// One transaction per command that writes rows like ours.
    Alike,
}

/// Makes the tables of the references.
pub async fn prepare(url: &str) -> anyhow::Result<()> {
    let mut connection = sqlx::PgConnection::connect(url).await?;
    connection
        .execute(
            "create table reference_plain (id bigserial primary key, client int, payload text);
             create table reference_head (tenant int primary key, position bigint not null);
             insert into reference_head select n, 0 from generate_series(1, 64) n;
             create table reference_event (position bigserial, tenant int, stream int,
                 header text, payload text, primary key (tenant, position));
             create index on reference_event (tenant, stream, position);
             create table reference_document (tenant int, id int, body text,
                 primary key (tenant, id));
             create table reference_history (position bigserial, tenant int, id int, body text,
                 primary key (tenant, id, position));",
        )
        .await?;
    Ok(())
}

/// Transactions per second that pgbench reaches.
pub async fn measure(
    reference: Reference,
    url: &str,
    clients: usize,
    seconds: u64,
) -> anyhow::Result<f64> {
    let script = match reference {
        Reference::Plain => PLAIN,
        Reference::Locked => LOCKED,
        Reference::Alike => ALIKE,
    };
    let file =
        std::env::temp_dir().join(format!("annals-{reference:?}-{}.sql", std::process::id()));
    std::fs::write(&file, script)?;
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-j", "2"])
        .args(["-c", &clients.to_string(), "-T", &seconds.to_string()])
        .arg("-f")
        .arg(&file)
        .arg(url)
        .stderr(Stdio::piped())
        .output()
        .await
        .context("pgbench (run through tests/with-postgres)")?;
    std::fs::remove_file(&file)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rest| rest.split(' ').next()).and_then(|number| number.parse().ok());
    match rate {
        Some(rate) => Ok(rate),
        None => bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr)),
    }
}
