//! The scheduler: gives each command that an object waits for when its time has come.
//!
//! ```text
//!   document ──deadlines()──► due_at (index) ──► due? ──► command ──► event, next due_at
//!                                                  │ refused
//!                                                  └──► parked until it changes or is resumed
//! ```
//!
//! What an object waits for follows from its state alone ([`kernel::domain::Domain::deadlines`]),
//! and stands in a column of its document, written with its last event. So nothing is lost or
//! doubled by a crash: a command was either recorded, and then its object waits for something
//! else, or it was not, and then it still waits. Two schedulers over one database find the same; a
//! key made of object, version, command and time lets the first one win.

mod fire;
mod round;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bus::{Registry, Who};
use event_store::{Fault, Log, Store};
use kernel::{Instant, TenantId};
use tokio::task::JoinSet;
use tokio::time;

use self::fire::Step;
pub use self::fire::{Fired, Stop};

/// Most objects that one look takes on.
const LOOK: usize = 1_000;
/// Tenants whose commands are given side by side.
const AT_ONCE: usize = 64;
/// Longest time between two looks; what another process makes due sooner is found by then.
const PAUSE: Duration = Duration::from_secs(1);
/// Shortest time between two looks while tenants are at work.
const BREATH: Duration = Duration::from_millis(20);
/// How long a tenant rests after its first fault; doubled with each further one.
const REST: Duration = Duration::from_secs(1);
/// How long it rests at most.
const REST_MAX: Duration = Duration::from_secs(60);
/// How long a tenant rests whose records are closed for writing.
const CLOSED: Duration = Duration::from_secs(5);

/// Gives commands that have come due.
#[derive(Clone)]
pub struct Deadlines {
    store: Arc<Store>,
    registry: Arc<Registry>,
    who: Who,
}

impl Deadlines {
    /// A scheduler over a store, for objects of these kinds.
    pub fn new(store: Arc<Store>, registry: Arc<Registry>) -> Self {
        Self { store, registry, who: Who::system("deadline") }
    }

    /// Gives everything in a log that has come due by a time on the log's clock, oldest first.
    ///
    /// # Errors
    /// Why it stopped; what was given until then stands.
    pub async fn advance(&self, log: &Log, until: Instant) -> Result<Vec<Fired>, Stop> {
        let mut all = Vec::new();
        while let Some(fired) = self.fire_next(log, until).await? {
            all.push(fired);
        }
        Ok(all)
    }

    /// Gives the command in a log that has been due longest; `None` when none is due by then. In a
    /// simulated log it is recorded at the time at which it was due, or just after the last event.
    ///
    /// # Errors
    /// Why it stopped.
    pub async fn fire_next(&self, log: &Log, until: Instant) -> Result<Option<Fired>, Stop> {
        loop {
            let Some(due) = log.due(until, 1).await?.into_iter().next() else { return Ok(None) };
            let head = log.head().await?.filter(|head| head.simulated);
            match self.fire(log, &due, until, head.map(|head| head.at)).await? {
                Step::Fired(fired) => return Ok(Some(fired)),
                Step::Parked | Step::Moved => tokio::task::yield_now().await,
            }
        }
    }

    /// Gives what comes due in all logs on the real clock, until the process ends.
    pub async fn run(self, clock: impl Fn() -> Instant) {
        let scheduler = Arc::new(self);
        let mut resting: HashMap<TenantId, Rest> = HashMap::new();
        let mut working: JoinSet<(TenantId, Result<(), Stop>)> = JoinSet::new();
        let permits = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
        let mut busy = std::collections::HashSet::new();
        loop {
            let now = clock();
            let except = resting.iter().filter(|(_, rest)| rest.until > time::Instant::now());
            let except: Vec<_> = except.map(|(tenant, _)| tenant).chain(&busy).cloned().collect();
            let pause = match scheduler.look(now, &except).await {
                Ok(Look { rounds, pause }) => {
                    for round in rounds {
                        let (scheduler, permits) = (Arc::clone(&scheduler), Arc::clone(&permits));
                        busy.insert(round.tenant.clone());
                        working.spawn(async move {
                            let tenant = round.tenant.clone();
                            // The semaphore is never closed; without a permit it goes on as well.
                            let permit = permits.acquire_owned().await.ok();
                            let done = scheduler.go_round(round, now).await;
                            drop(permit);
                            (tenant, done)
                        });
                    }
                    pause
                }
                Err(fault) => {
                    tracing::error!(%fault, "what has come due could not be looked up");
                    PAUSE
                }
            };
            tokio::select! {
                Some(done) = working.join_next(), if !working.is_empty() => {
                    let mut all = vec![done];
                    time::sleep(BREATH).await;
                    all.extend(std::iter::from_fn(|| working.try_join_next()));
                    for (tenant, done) in all.into_iter().filter_map(finished) {
                        busy.remove(&tenant);
                        Rest::note(&mut resting, tenant, done);
                    }
                    // A task that panicked cannot say whose it was.
                    if working.is_empty() {
                        busy.clear();
                    }
                }
                () = time::sleep(pause) => {}
            }
        }
    }

    /// What has come due by now, by tenant, and how long to wait until the next look.
    async fn look(&self, now: Instant, except: &[TenantId]) -> Result<Look, Fault> {
        let due = self.store.due(now, except, LOOK).await?;
        if due.is_empty() {
            let next = self.store.next_due(now).await?;
            let until = next.map(|next| next.micros().saturating_sub(now.micros()).max(0));
            let until = until.map(|micros| Duration::from_micros(micros.cast_unsigned()));
            return Ok(Look { rounds: Vec::new(), pause: until.map_or(PAUSE, |d| d.min(PAUSE)) });
        }
        // There may be more, of tenants that came too late to be among these.
        let pause = if due.len() < LOOK { PAUSE } else { BREATH };
        let more = due.len() == LOOK;
        Ok(Look { rounds: round::by_tenant(due, more), pause })
    }
}

struct Look {
    rounds: Vec<round::Round>,
    pause: Duration,
}

/// A tenant that is left alone for a while.
struct Rest {
    until: time::Instant,
    last: Duration,
}

impl Rest {
    /// After a fault a tenant rests, longer each time; the others go on.
    fn note(resting: &mut HashMap<TenantId, Self>, tenant: TenantId, done: Result<(), Stop>) {
        let last = match done {
            Ok(()) => {
                resting.remove(&tenant);
                return;
            }
            Err(Stop::ReadOnly) => CLOSED,
            Err(Stop::Fault(error)) => {
                let before = resting.get(&tenant).map(|rest| rest.last * 2);
                let last = before.unwrap_or(REST).min(REST_MAX);
                tracing::error!(%tenant, %error, "a command that is due will be tried again");
                last
            }
        };
        resting.insert(tenant, Self { until: time::Instant::now() + last, last });
    }
}

fn finished<T>(done: Result<T, tokio::task::JoinError>) -> Option<T> {
    done.inspect_err(|error| tracing::error!(%error, "a round of the scheduler broke off")).ok()
}
