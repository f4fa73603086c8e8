//! The worked example answers its auditors' questions.

use annals::app::App;
use annals::demo::{questions, replay};
use annals_tests::{Engine, database};

async fn replayed(engine: Engine) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let app = App::open(database(engine, folder.path()).await?).await?;
    app.follow();
    let halden = replay::halden(&app).await?;
    let running = app.serve()?;
    questions::check(&app, &halden, running.address).await?;
    let log = app.store.log(&halden.tenant);
    let report = event_store::verify::check(&log, &*app.registry).await?;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert!(report.events > 300, "{}", report.events);
    event_store::verify::rebuild(&log).await?;
    let again = event_store::verify::check(&log, &*app.registry).await?;
    assert!(again.problems.is_empty(), "{:?}", again.problems);
    running.handle.stop(false).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worked_example_on_sqlite() -> anyhow::Result<()> {
    replayed(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worked_example_on_postgres() -> anyhow::Result<()> {
    replayed(Engine::Postgres).await
}
