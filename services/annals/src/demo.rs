//! The worked example: Halden Analytics B.V., replayed through real commands under a simulated
//! clock, then served with tokens and questions ready to paste.

pub mod questions;
pub mod replay;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use event_store::verify;

use crate::app::App;
use crate::cli::wait_for_the_end;
use crate::settings::Settings;

/// How long the demo's tokens are worth something.
const TOKENS_VALID: Duration = Duration::from_secs(12 * 3600);

/// Replays the example into a fresh data folder, checks it, and serves it unless `once`.
///
/// # Errors
/// When a command is refused, an answer is not what the example says, or the log does not fit
/// together.
pub async fn run(mut settings: Settings, once: bool) -> anyhow::Result<()> {
    if settings.database_url.is_none() {
        settings.data = fresh_folder(&settings.data)?;
    }
    let app = App::open(settings).await?;
    app.follow();
    let begun = Instant::now();
    let halden = replay::halden(&app).await?;
    println!(
        "Replayed {} commands of the worked example in {:.1} s ({}).",
        halden.commands,
        begun.elapsed().as_secs_f64(),
        match &app.settings.database_url {
            Some(_) => "PostgreSQL".to_owned(),
            None => format!("data folder {}", app.settings.data.display()),
        }
    );
    let report = verify::check(&app.store.log(&halden.tenant), &*app.registry).await?;
    if let Some(problem) = report.problems.first() {
        bail!("the log does not fit together: {problem:?}");
    }
    println!("Checked {} events; Merkle root {}.", report.events, report.root);
    let running = app.serve()?;
    questions::check(&app, &halden, running.address).await?;
    if !once {
        questions::print(&app, &halden, running.address, TOKENS_VALID)?;
        wait_for_the_end().await?;
    }
    running.handle.stop(true).await;
    let stopped = running.stopped().await;
    app.record_reads().await;
    stopped
}

/// The first folder `demo-N` that does not exist yet.
fn fresh_folder(below: &Path) -> anyhow::Result<PathBuf> {
    for n in 1..10_000 {
        let folder = below.join(format!("demo-{n}"));
        if !folder.exists() {
            std::fs::create_dir_all(&folder)
                .with_context(|| format!("data folder {}", folder.display()))?;
            return Ok(folder);
        }
    }
    bail!("there are too many demo folders in {}", below.display())
}
