//! One process: store, kinds, identity and the surfaces over them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::dev::ServerHandle;
use actix_web::{App as Actix, HttpServer};
use anyhow::{Context, anyhow, bail};
use bus::{AnyKind, Registry};
use event_store::engine::Engine;
use event_store::engine::postgres::PostgresEngine;
use event_store::engine::sqlite::SqliteEngine;
use event_store::store::clock;
use event_store::{Store, subscribe};
use exchange::import::Imports;
use files::{Files, Shredder, Tidied, Upkeep};
use gateway::graphql::{self, GraphQl};
use gateway::reads::Reads;
use gateway::rest::intake::Limits;
use gateway::{Gateway, rest};
use identity::provisioning::{Provisioner, open_platform};
use identity::{Identity, Tokens};
use tokio::runtime::Handle;

use crate::keys::Keys;
use crate::settings::Settings;

/// An operation of another process ends within this time.
const OTHERS_MAY_RUN_US: i64 = 600_000_000;

/// A file that nobody has written to for so long, and that belongs to nothing, has been left.
const OTHERS_MAY_WRITE: Duration = Duration::from_secs(3600);
/// A file system tells times no more finely than that.
const CLOCK_TICK: Duration = Duration::from_millis(50);
const A_DAY: Duration = Duration::from_secs(24 * 3600);

/// All kinds of all services.
pub fn all_kinds() -> Vec<Arc<dyn AnyKind>> {
    let management = [identity::kinds(), governance::kinds(), risk::kinds()];
    let operation = [lifecycle::kinds(), suppliers::kinds(), certification::kinds()];
    management.into_iter().chain(operation).chain([exchange::kinds()]).flatten().collect()
}

/// Names of all services.
fn services(kinds: &[Arc<dyn AnyKind>]) -> Vec<&'static str> {
    let mut names: Vec<_> = kinds.iter().map(|kind| kind.decl().row.service).collect();
    names.dedup();
    names
}

/// A process that is ready to serve.
#[derive(Clone)]
pub struct App {
    /// What it is set to.
    pub settings: Settings,
    /// The store.
    pub store: Arc<Store>,
    /// All kinds: facts and checks need those of other services too.
    pub registry: Arc<Registry>,
    /// The kinds whose surfaces this process serves.
    pub served: Arc<Registry>,
    /// The bytes of evidence.
    pub files: Arc<Files>,
    /// Who asks.
    pub identity: Arc<Identity>,
    /// What auditors have read and is not recorded yet.
    pub reads: Arc<Reads>,
}

/// A running HTTP server.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Stops it.
    pub handle: ServerHandle,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Waits until it has stopped.
    ///
    /// # Errors
    /// When it failed.
    pub async fn stopped(self) -> anyhow::Result<()> {
        Ok(self.server.await??)
    }
}

impl App {
    /// Opens database and keys.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub async fn open(settings: Settings) -> anyhow::Result<Self> {
        let keys = Keys::open(&settings.key_folder())?;
        let engine = engine(&settings).await?;
        let kinds = all_kinds();
        let served = Registry::new(served(&settings, &kinds)?);
        let registry = Registry::new(kinds);
        let store = Store::open(engine, keys.master, registry.mappings()).await?;
        let tokens = Tokens::new(&settings.issuer, &keys.token)?;
        let identity = Identity::new(Arc::clone(&store), tokens);
        open_platform(&store, &registry).await.map_err(|error| anyhow!(error))?;
        let files = Files::open(settings.file_place(), settings.files_max_bytes)?;
        let reads = Arc::default();
        Ok(Self { settings, store, registry, served, files, identity, reads })
    }

    /// Starts the subscribers of this process.
    pub fn follow(&self) {
        let (store, registry) = (Arc::clone(&self.store), Arc::clone(&self.registry));
        let provisioner = Arc::new(Provisioner { store, registry });
        tokio::spawn(subscribe::follow(Arc::clone(&self.store), provisioner));
        let (reads, registry) = (Arc::clone(&self.reads), Arc::clone(&self.registry));
        tokio::spawn(async move { reads.follow(&registry).await });
        let (files, store) = (Arc::clone(&self.files), Arc::clone(&self.store));
        let shredder = Arc::new(Shredder { files, store });
        tokio::spawn(subscribe::follow(Arc::clone(&self.store), shredder));
        // In a folder of its own, what lies there when the process starts is nobody's.
        let is_alone = self.settings.database_url.is_none() && self.settings.files.is_empty();
        let age = if is_alone { CLOCK_TICK } else { OTHERS_MAY_WRITE };
        tokio::spawn(self.clone().tidy(SystemTime::now() - age));
        let (store, imports) = (Arc::clone(&self.store), Imports::of(&self.registry));
        // On SQLite the data folder is ours alone; on PostgreSQL another process may be at it.
        let (is_alone, before) =
            (store.engine() == "sqlite", clock().plus_micros(-OTHERS_MAY_RUN_US));
        tokio::spawn(async move {
            if let Err(error) = imports.sweep(&store, before, is_alone).await {
                tracing::error!(%error, "operations still shown as running");
            }
        });
    }

    /// Records what auditors have read until now: before the process ends.
    pub async fn record_reads(&self) {
        self.reads.write(&self.registry, true).await;
    }

    /// Puts right what crashes have left of files, at the start and every day.
    async fn tidy(self, mut since: SystemTime) {
        let Self { store, registry, files, .. } = self;
        let upkeep = Upkeep { files, store, registry };
        loop {
            match upkeep.tidy(since).await {
                Ok(tidied) if tidied == Tidied::default() => {}
                Ok(tidied) => tracing::info!(?tidied, "files were put right"),
                Err(error) => tracing::error!(%error, "files were not looked through"),
            }
            tokio::time::sleep(A_DAY).await;
            since = SystemTime::now() - OTHERS_MAY_WRITE;
        }
    }

    /// Starts the HTTP server.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn serve(&self) -> anyhow::Result<Running> {
        let gateway = Gateway {
            registry: Arc::clone(&self.served),
            store: Arc::clone(&self.store),
            identity: Arc::clone(&self.identity),
            surface: Arc::new(rest::Surface::of(&self.served)),
            jobs: Some(Handle::current()),
            files: Arc::clone(&self.files),
            limits: Arc::new(Limits::per_minute(self.settings.public_per_minute)),
            reads: Arc::clone(&self.reads),
        };
        let questions = GraphQl::new(gateway.clone(), Some(Handle::current()));
        let make = move || {
            let (gateway, questions) = (gateway.clone(), Arc::clone(&questions));
            Actix::new().configure(move |config| {
                graphql::configure(config, questions);
                rest::configure(config, &gateway);
            })
        };
        let mut server = HttpServer::new(make).disable_signals().shutdown_timeout(10);
        if self.settings.workers > 0 {
            server = server.workers(self.settings.workers);
        }
        let server = server
            .bind(&self.settings.listen)
            .with_context(|| format!("listening on {}", self.settings.listen))?;
        let address = server.addrs().first().copied().context("no address")?;
        let server = server.run();
        Ok(Running { address, handle: server.handle(), server: tokio::spawn(server) })
    }
}

fn served(
    settings: &Settings,
    kinds: &[Arc<dyn AnyKind>],
) -> anyhow::Result<Vec<Arc<dyn AnyKind>>> {
    let only: Vec<_> = settings.only.split(',').map(str::trim).filter(|s| !s.is_empty()).collect();
    let known = services(kinds);
    // The gateway is in every process; naming it alone serves everything.
    if let Some(unknown) = only.iter().find(|name| **name != "gateway" && !known.contains(name)) {
        bail!("there is no service {unknown:?}; there are gateway, {}", known.join(", "));
    }
    let named =
        |service: &str| only.iter().all(|name| *name == "gateway") || only.contains(&service);
    Ok(kinds.iter().filter(|kind| named(kind.decl().row.service)).cloned().collect())
}

async fn engine(settings: &Settings) -> anyhow::Result<Arc<dyn Engine>> {
    Ok(match &settings.database_url {
        Some(url) => Arc::new(PostgresEngine::connect(url, settings.database_connections).await?),
        None => {
            std::fs::create_dir_all(&settings.data)
                .with_context(|| format!("data folder {}", settings.data.display()))?;
            Arc::new(SqliteEngine::open(&settings.data).await?)
        }
    })
}
