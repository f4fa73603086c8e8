//! Subscribers: every event of every tenant, in order per tenant, at least once, each tenant by one
//! process at a time, from a checkpoint that survives restarts.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kernel::{Position, TenantId};

use crate::engine::Claim;
use crate::error::Fault;
use crate::log::StoredEvent;
use crate::store::Store;

/// Most events that are read at once.
const CHUNK: usize = 256;
/// Attempts before an event's stream is parked.
const ATTEMPTS: u32 = 3;
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
    /// When it could not be handled: it is tried again, then its stream is parked.
    async fn handle(&self, tenant: &TenantId, event: &StoredEvent) -> Result<(), Why>;
}

/// Follows the logs until the store's task ends. New commits of this process wake it at once;
/// those of others are found by polling.
pub async fn follow(store: Arc<Store>, subscriber: Arc<dyn Subscriber>) {
    let mut committed = store.committed.clone();
    let mut pause = BUSY;
    loop {
        match step(&store, &*subscriber).await {
            Ok(true) => pause = BUSY,
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

/// Handles everything that stands open for one tenant; false when nothing does.
///
/// # Errors
/// When the database fails.
pub async fn step(store: &Arc<Store>, subscriber: &dyn Subscriber) -> Result<bool, Fault> {
    let Some(mut claim) = store.engine.claim(subscriber.name()).await? else { return Ok(false) };
    let tenant = claim.tenant().clone();
    let parked = claim.parked().await?;
    let after = claim.checkpoint();
    let events = store.log(&tenant).events(after, Position(u64::MAX >> 1), CHUNK).await?;
    let (mut done, mut parked) = (after, parked);
    for event in events {
        if !parked.contains(&event.row.stream) && !attempt(subscriber, &tenant, &event).await {
            park(&mut *claim, &event).await?;
            parked.push(event.row.stream.clone());
        }
        done = event.row.position;
    }
    claim.finish(done).await?;
    Ok(true)
}

async fn attempt(subscriber: &dyn Subscriber, tenant: &TenantId, event: &StoredEvent) -> bool {
    for attempt in 1..=ATTEMPTS {
        match subscriber.handle(tenant, event).await {
            Ok(()) => return true,
            Err(error) => tracing::warn!(
                subscriber = subscriber.name(), %tenant, position = %event.row.position, attempt,
                %error, "event not handled"
            ),
        }
    }
    false
}

async fn park(claim: &mut dyn Claim, event: &StoredEvent) -> Result<(), Fault> {
    tracing::error!(stream = event.row.stream, position = %event.row.position, "stream parked");
    claim.park(&event.row.stream, event.row.position, "not handled after several attempts").await
}
