//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use identity::token::For;

use crate::app::App;
use crate::settings::{Flags, Settings};
use crate::{bench, demo, import, spec, upkeep};

/// Annals: the system of record of an AI management system (ISO/IEC 42001).
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves all services in one process (or only some).
    Serve,
    /// Replays the worked example into a fresh data folder and serves it.
    Demo {
        /// Replays, checks the answers and the log, and exits.
        #[arg(long)]
        once: bool,
    },
    /// Brings the database's schema up to date.
    Migrate,
    /// Reads every log from its first event and compares everything that follows from it.
    Check {
        /// Reads every byte of every file, too, and compares its hash.
        #[arg(long)]
        whole_files: bool,
    },
    /// Throws all documents away and derives them again from the events.
    Rebuild,
    /// Prints a token: for the platform's operator, a tenant's first administrator or another
    /// member, or somebody of a certification body.
    Token {
        /// The tenant; the platform when left out.
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// The bearer (`usr_…`, or `sys` for a timer); the first administrator when left out.
        #[arg(long, value_name = "ID")]
        user: Option<String>,
        /// The auditor engagement under which the bearer reads and writes.
        #[arg(long, value_name = "ID", requires = "user", conflicts_with = "body")]
        engagement: Option<String>,
        /// The certification body with whose rights the bearer acts.
        #[arg(long, value_name = "ID", requires = "user")]
        body: Option<String>,
        /// For how long it is worth something, in hours.
        #[arg(long, default_value_t = 24)]
        hours: u64,
    },
    /// Imports a file as a member of a tenant: all of it or nothing.
    Import(import::Args),
    /// Prints the settings in force, secrets masked.
    Config,
    /// Writes the generated files of `api-spec/`.
    Spec {
        /// The folder.
        #[arg(default_value = "api-spec")]
        folder: PathBuf,
    },
    /// Measures; prints ratios taken in one run.
    Bench(bench::Args),
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("annals: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = Settings::read(&cli.flags)?;
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_new(&settings.log)?)
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve => serve(settings).await,
            Command::Demo { once } => demo::run(settings, once).await,
            Command::Migrate => App::open(settings).await.map(drop),
            Command::Check { whole_files } => {
                upkeep::check(settings, whole_files, &mut std::io::stdout()).await
            }
            Command::Rebuild => upkeep::rebuild(settings, &mut std::io::stdout()).await,
            Command::Token { tenant, user, engagement, body, hours } => {
                let valid = Duration::from_secs(hours.saturating_mul(3600));
                let behalf = match (&engagement, &body) {
                    (Some(id), _) => For::Engagement(id),
                    (None, Some(id)) => For::Body(id),
                    (None, None) => For::Himself,
                };
                let (tenant, user) = (tenant.as_deref(), user.as_deref());
                let token = upkeep::token(&settings, behalf, tenant, user, valid)?;
                println!("{token}");
                Ok(())
            }
            Command::Import(args) => import::run(settings, args, &mut std::io::stdout()).await,
            Command::Config => {
                print!("{}", settings.shown()?);
                Ok(())
            }
            Command::Spec { folder } => spec::write(&folder),
            Command::Bench(args) => bench::run(settings, args).await,
        }
    })
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let app = App::open(settings).await?;
    app.follow();
    let running = app.serve()?;
    println!("annals listens on http://{} ({})", running.address, app.store.engine());
    wait_for_the_end().await?;
    running.handle.stop(true).await;
    let stopped = running.stopped().await;
    app.record_reads().await;
    stopped
}

/// Returns when the process is asked to end (interrupt or terminate).
///
/// # Errors
/// When signals cannot be received.
pub async fn wait_for_the_end() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The flags of the settings stand beside those of every command: a name that both have would
    /// end the process when the command line is read.
    #[test]
    fn every_command_reads_its_flags_beside_those_of_the_settings() {
        let all = Cli::command();
        let settings: Vec<_> = all
            .get_arguments()
            .filter(|flag| flag.is_global_set())
            .map(clap::Arg::get_id)
            .collect();
        assert!(settings.len() > 3);
        for command in all.get_subcommands() {
            for flag in command.get_arguments() {
                assert!(!settings.contains(&flag.get_id()), "{} {}", command.get_name(), flag);
            }
        }
        let read = Cli::try_parse_from(["annals", "check", "--whole-files", "--files", "/x"]);
        let Command::Check { whole_files } = read.unwrap().command else { panic!("not check") };
        assert!(whole_files);
    }
}
