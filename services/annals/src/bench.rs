//! Measurements as ratios taken in one run: our rate against a plain reference on the same machine,
//! the same database server and at the same time of day.

pub mod client;
mod commands;
mod files;
mod import;
mod lists;
mod reference;
mod start;

use anyhow::Context;
use clap::Subcommand;

use crate::settings::Settings;

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Commands over HTTP against single-row inserts by pgbench (needs --database-url).
    Commands {
        /// Concurrent clients.
        #[arg(long, default_value_t = 32)]
        clients: usize,
        /// Seconds per measurement.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
        /// Tenants among which the clients spread.
        #[arg(long, default_value_t = 64)]
        tenants: usize,
    },
    /// Lists now against the same lists as of a position in mid-history (either engine).
    Lists {
        /// Tenants.
        #[arg(long, default_value_t = 100)]
        tenants: usize,
        /// Objects per tenant.
        #[arg(long, default_value_t = 1000)]
        objects: usize,
        /// Versions per object.
        #[arg(long, default_value_t = 20)]
        versions: usize,
    },
    /// A library of risks from its file to the commit (either engine).
    Import {
        /// Risks in the library.
        #[arg(long, default_value_t = 5000)]
        risks: usize,
    },
    /// A file in and out over HTTP against sha256sum and cp, and the memory that it takes (either
    /// engine).
    Files {
        /// Its size.
        #[arg(long, default_value_t = 1024)]
        mib: usize,
    },
    /// From start to ready, and memory when idle (embedded engine).
    Start,
}

/// Measures.
///
/// # Errors
/// When the database or a reference tool cannot be used.
pub async fn run(settings: Settings, args: Args) -> anyhow::Result<()> {
    let scratch = Scratch::new(settings).await?;
    let settings = scratch.settings.clone();
    let measured = match args.what {
        What::Commands { clients, seconds, tenants } => {
            commands::run(settings, clients, seconds, tenants).await
        }
        What::Lists { tenants, objects, versions } => {
            lists::run(settings, lists::Size { tenants, objects, versions }).await
        }
        What::Import { risks } => import::run(settings, risks).await,
        What::Files { mib } => files::run(settings, mib).await,
        What::Start => start::run(&settings).await,
    };
    scratch.remove()?;
    measured
}

/// A database and data folder of the measurement's own.
struct Scratch {
    settings: Settings,
}

impl Scratch {
    async fn new(mut settings: Settings) -> anyhow::Result<Self> {
        use sqlx::{Connection, Executor};
        let mut name = event_store::store::new_id("annals_bench")?;
        name.truncate(60);
        settings.data = std::env::temp_dir().join(&name);
        settings.listen = "127.0.0.1:0".into();
        settings.keys = String::new();
        if let Some(server) = &settings.database_url {
            let mut connection = sqlx::PgConnection::connect(server).await?;
            connection.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await?;
            let (base, _) = server.rsplit_once('/').context("a URL with a database")?;
            settings.database_url = Some(format!("{base}/{name}"));
        }
        Ok(Self { settings })
    }

    fn remove(self) -> anyhow::Result<()> {
        if self.settings.data.exists() {
            std::fs::remove_dir_all(&self.settings.data)?;
        }
        Ok(())
    }
}
