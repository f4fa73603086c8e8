//! A small world under the rules: its commands, given again until they are answered, and what
//! follows from them.

use std::path::Path;
use std::sync::Arc;

use bus::{CommandError, Registry, Request, Who};
use event_store::engine::Engine as Database;
use event_store::seal::SecretKey;
use event_store::subscribe::step_at;
use event_store::{Fault, IdempotencyKey, Log, Store};
use kernel::id::encode;
use kernel::{Instant, Position, Role, TenantId, Via};
use rules::{Engine, Reaction, Rules};
use serde_json::{Value, json};

use crate::faulty::{Faulty, Plan};

/// One command of a person or the operator.
pub struct Step {
    pub kind: &'static str,
    pub verb: &'static str,
    /// The object; made by it where `makes`.
    pub id: String,
    pub makes: bool,
    pub role: Role,
    pub input: Value,
}

impl Step {
    pub fn make(
        role: Role,
        kind: &'static str,
        verb: &'static str,
        id: &str,
        input: Value,
    ) -> Self {
        Self { kind, verb, id: id.to_owned(), makes: true, role, input }
    }

    pub fn to(role: Role, kind: &'static str, verb: &'static str, id: &str, input: Value) -> Self {
        Self { kind, verb, id: id.to_owned(), makes: false, role, input }
    }
}

/// A store under rules.
pub struct World {
    pub store: Arc<Store>,
    pub registry: Arc<Registry>,
    pub engine: Engine,
    pub tenant: TenantId,
}

/// How late parked streams are tried again, in microseconds from the clock's now: later than any
/// pause.
const LATER_US: i64 = 3_600_000_000;

impl World {
    /// Opens the store over a database.
    pub async fn open(database: Arc<dyn Database>, rules: &[Reaction]) -> Result<Self, Fault> {
        let registry = Registry::new(annals::app::all_kinds());
        let master = SecretKey::from_bytes(&[7; 32])?;
        let store = Store::open(database, master, registry.mappings()).await?;
        let rules = Rules::of(rules.iter().copied());
        let engine = Engine { store: Arc::clone(&store), registry: Arc::clone(&registry), rules };
        Ok(Self { store, registry, engine, tenant: TenantId::from_bits(1) })
    }

    pub fn log(&self) -> Log {
        self.store.log(&self.tenant)
    }

    /// The organisation as it begins; nothing fails there.
    pub async fn begin(&self) -> anyhow::Result<()> {
        self.store.open_log(&self.tenant, true).await?;
        let input = json!({ "legalName": "Halden", "jurisdictions": ["NO"], "dataRegion": "eu" });
        let step = Step::make(Role::Sys, "organisation", "provision", "", input);
        self.give(0, &step).await?;
        Ok(())
    }

    /// Gives a command once, under a key by which it is known again.
    pub async fn give(&self, n: usize, step: &Step) -> Result<(), CommandError> {
        let user = encode("usr", step.role as u128);
        let who = match step.role {
            Role::Sys => Who::system("operator"),
            role => Who { id: user, roles: vec![role], via: Via::User, ..Who::system("") },
        };
        let start: Instant = "2025-01-10T09:00:00Z".parse().unwrap();
        let head = self.log().head().await?.map_or(start, |head| head.at);
        let expected = match step.makes {
            true => None,
            false => self.log().newest(&step.id).await?.map(|found| found.version),
        };
        let clock = head.max(start).plus_micros(60_000_000);
        let request = Request {
            verb: step.verb.to_owned(),
            id: (!step.makes).then(|| step.id.clone()),
            fresh: step.makes.then(|| step.id.clone()),
            input: step.input.clone(),
            expected,
            key: Some(IdempotencyKey { key: format!("step {n}"), fingerprint: vec![1] }),
            clock: Some(clock),
            ..Request::default()
        };
        let kind = self.registry.named(step.kind).unwrap();
        kind.dispatch(&self.log(), &who, request).await.map(|_| ())
    }

    /// What stands open for the rules is done, with parked streams tried at once.
    pub async fn settle(&self) -> Result<bool, Fault> {
        let later = event_store::store::clock().plus_micros(LATER_US);
        while step_at(&self.store, &self.engine, later).await? {}
        let head = self.log().head().await?.map_or(Position::START, |head| head.position);
        let open = self.store.parked(Some(rules::engine::NAME)).await?;
        let handled = self.store.handled(rules::engine::NAME, &self.tenant).await?;
        Ok(open.is_empty() && handled >= head)
    }

    /// All events in order: name, object and data.
    pub async fn told(&self) -> anyhow::Result<Vec<(String, String, Value)>> {
        let log = self.log();
        let (mut told, mut after) = (Vec::new(), Position::START);
        loop {
            let events = log.events(after, Position(u64::MAX >> 1), 256).await?;
            let Some(last) = events.last() else { return Ok(told) };
            after = last.row.position;
            told.extend(events.into_iter().map(|event| {
                let data = event.payload["data"].clone();
                (event.row.name, event.row.stream, data)
            }));
        }
    }
}

/// Lives a story to its end over a database that fails once by the plan. A person gives a command
/// again until it is answered; a process that is killed is started again.
pub async fn live(
    folder: &Path,
    rules: &[Reaction],
    story: &[Step],
    plan: Arc<Plan>,
) -> anyhow::Result<Vec<(String, String, Value)>> {
    let inner = event_store::engine::sqlite::SqliteEngine::open(folder).await?;
    let inner: Arc<dyn Database> = Arc::new(inner);
    World::open(Arc::clone(&inner), rules).await?.begin().await?;
    let faulty = Faulty { inner: Arc::clone(&inner), plan: Arc::clone(&plan) };
    let mut world = match World::open(Arc::new(faulty), rules).await {
        Ok(world) => world,
        Err(_) => World::open(Arc::clone(&inner), rules).await?,
    };
    for (n, step) in story.iter().enumerate() {
        for attempt in 0.. {
            anyhow::ensure!(attempt < 20, "step {n} is not answered");
            let given = world.give(n + 1, step).await;
            if plan.is_killed() {
                world = World::open(Arc::clone(&inner), rules).await?;
            }
            match given {
                Ok(()) => break,
                Err(CommandError::Fault(_)) => {}
                Err(error) => anyhow::bail!("step {n}, {}.{}: {error}", step.kind, step.verb),
            }
        }
        for attempt in 0.. {
            anyhow::ensure!(attempt < 40, "after step {n} it does not come to rest");
            let settled = world.settle().await;
            if plan.is_killed() {
                world = World::open(Arc::clone(&inner), rules).await?;
            }
            if matches!(settled, Ok(true)) {
                break;
            }
        }
    }
    world.told().await
}
