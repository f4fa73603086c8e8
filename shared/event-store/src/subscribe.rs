//! Subscribers: every event of every tenant, in order per object, at least once, each tenant by one
//! process at a time, from a checkpoint that survives restarts.
//!
//! An event that cannot be handled holds up its object's stream alone, never the tenant's others or
//! another tenant: the stream is parked and tried again after growing pauses, then left to an
//! operator ([`Store::resume`]). A parked stream resumes at the event that failed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};

use crate::engine::{Claim, Parked, Retry};
use crate::error::Fault;
use crate::log::{Log, StoredEvent};
use crate::store::{Store, clock};

/// Most events that are read at once.
const CHUNK: usize = 256;
/// Pauses before an event that failed is tried again; after the last it is an operator's.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
];
/// Why an event could not be handled.
pub type Why = Box<dyn std::error::Error + Send + Sync>;

const BUSY: Duration = Duration::from_millis(25);
const IDLE: Duration = Duration::from_secs(1);

/// Something that follows the logs.
#[async_trait]
pub trait Subscriber: Send + Sync + 'static {
    /// Its name, under which checkpoints are kept.
    fn name(&self) -> &'static str;
    /// Handles one event; it may come again after a crash.
    ///
    /// # Errors
    /// When it could not be handled: its stream is parked and it is tried again.
    async fn handle(&self, tenant: &TenantId, event: &StoredEvent) -> Result<(), Why>;
}

/// Follows the logs until the store's task ends. New commits of this process wake it at once;
/// those of others are found by polling.
pub async fn follow(store: Arc<Store>, subscriber: Arc<dyn Subscriber>) {
    let mut committed = store.committed.clone();
    let mut pause = BUSY;
    loop {
        match step(&store, &*subscriber).await {
            Ok(true) => {
                pause = BUSY;
                continue;
            }
            Ok(false) => pause = (pause * 2).min(IDLE),
            Err(fault) => {
                tracing::error!(subscriber = subscriber.name(), %fault, "subscriber stopped short");
                pause = IDLE;
            }
        }
        let signal = tokio::time::timeout(pause, committed.changed()).await;
        if matches!(signal, Ok(Err(_))) {
            return;
        }
    }
}

/// Handles what stands open for one tenant; false when nothing does for any.
///
/// # Errors
/// When the database fails.
pub async fn step(store: &Arc<Store>, subscriber: &dyn Subscriber) -> Result<bool, Fault> {
    step_at(store, subscriber, clock()).await
}

/// The same at a time that is handed in: that decides which parked streams are tried again.
///
/// # Errors
/// When the database fails.
pub async fn step_at(
    store: &Arc<Store>,
    subscriber: &dyn Subscriber,
    now: Instant,
) -> Result<bool, Fault> {
    let Some(claim) = store.engine.claim(subscriber.name(), now).await? else { return Ok(false) };
    let log = store.log(claim.tenant());
    let parked = claim.parked().await?;
    let parked = parked.into_iter().map(|parked| (parked.stream.clone(), parked)).collect();
    Step { subscriber, log, claim, parked, now }.run().await?;
    Ok(true)
}

/// The work on one tenant's log.
struct Step<'a> {
    subscriber: &'a dyn Subscriber,
    log: Log,
    claim: Box<dyn Claim>,
    parked: HashMap<String, Parked>,
    now: Instant,
}

impl Step<'_> {
    async fn run(mut self) -> Result<(), Fault> {
        let after = self.claim.checkpoint();
        let is_due = |parked: &&Parked| parked.retry.at.is_some_and(|at| at <= self.now);
        let due: Vec<_> = self.parked.values().filter(is_due).cloned().collect();
        for parked in due {
            self.again(parked, after).await?;
        }
        let events = self.log.events(after, Position(u64::MAX >> 1), CHUNK).await?;
        let mut done = after;
        for event in events {
            done = event.row.position;
            if self.parked.contains_key(&event.row.stream) {
                continue;
            }
            if let Err(why) = self.subscriber.handle(self.log.tenant(), &event).await {
                self.park(&event, 1, &*why).await?;
            }
        }
        self.claim.finish(done).await
    }

    /// Tries a parked stream again, from the event that failed up to the checkpoint.
    async fn again(&mut self, parked: Parked, upto: Position) -> Result<(), Fault> {
        let before = Position(parked.position.0.saturating_sub(1));
        let first = self.log.events(before, parked.position, 1).await?;
        let mut after = first.first().map_or(0, |event| event.row.version.saturating_sub(1));
        loop {
            let events = self.log.history(&parked.stream, after, upto, CHUNK).await?;
            let Some(last) = events.last() else { break };
            after = last.row.version;
            for event in &events {
                if let Err(why) = self.subscriber.handle(self.log.tenant(), event).await {
                    let is_same = event.row.position == parked.position;
                    let attempts = if is_same { parked.retry.attempts + 1 } else { 1 };
                    return self.park(event, attempts, &*why).await;
                }
            }
        }
        self.parked.remove(&parked.stream);
        self.claim.unpark(&parked.stream).await
    }

    async fn park(
        &mut self,
        event: &StoredEvent,
        attempts: u32,
        why: &(dyn std::error::Error + Send + Sync),
    ) -> Result<(), Fault> {
        let (stream, position) = (event.row.stream.clone(), event.row.position);
        let pause = PAUSES.get(attempts.saturating_sub(1) as usize);
        let micros = pause.map(|pause| i64::try_from(pause.as_micros()).unwrap_or(i64::MAX));
        let at = micros.map(|micros| self.now.plus_micros(micros));
        let (subscriber, tenant) = (self.subscriber.name(), self.log.tenant());
        if at.is_some() {
            tracing::warn!(subscriber, %tenant, stream, %position, attempts, %why, "not handled");
        } else {
            tracing::error!(subscriber, %tenant, stream, %position, attempts, %why,
                "parked until an operator resumes it");
        }
        let retry = Retry { attempts, at };
        let parked = Parked { stream: stream.clone(), position, error: why.to_string(), retry };
        self.claim.park(&parked).await?;
        self.parked.insert(stream, parked);
        Ok(())
    }
}
