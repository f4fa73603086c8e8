//! Group commit: a task takes all appends that wait for it, checks each against the locked heads,
//! writes everything that passed in one transaction, and answers each caller. A conflict refuses
//! its own append alone; a batch that the database refuses is halved until the culprit is alone.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use kernel::{Actor, Instant, Position, TenantId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::batch::{self, Committed};
use crate::engine::{Engine, Head, Matching};
use crate::error::{AppendError, Fault};
use crate::known::Known;
use crate::prepare::PreparedStream;

/// Most appends that wait; more are told to come again.
const QUEUE: usize = 4096;
/// Most appends in one transaction.
const BATCH: usize = 256;
/// How long a caller waits for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(5);
/// After so many batches that passed an append over, because another process held its head, the
/// appender waits for that head.
const PASSED_OVER: u32 = 20;

/// Refuses the append when something landed after a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Only events after it count.
    pub since: Position,
    /// Kinds of which nothing may have changed.
    pub kinds: Vec<String>,
    /// Objects that may not have changed.
    pub streams: Vec<String>,
    /// Objects that may not have come to match.
    pub matching: Vec<Matching>,
}

/// A caller's key that makes a write repeatable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Chosen by the caller.
    pub key: String,
    /// Hash of the request.
    pub fingerprint: Vec<u8>,
}

/// One caller's request: all of it is stored, or nothing.
#[derive(Clone, Debug)]
pub struct Append {
    /// Whose log.
    pub tenant: TenantId,
    /// Who decided.
    pub actor: Actor,
    /// Groups what one cause brought about.
    pub correlation: String,
    /// The event or command that caused it.
    pub cause: Option<String>,
    /// When it was true in the world, where that differs.
    pub effective: Option<Instant>,
    /// The clock of a simulated log.
    pub clock: Option<Instant>,
    /// The objects that change.
    pub streams: Vec<PreparedStream>,
    /// Facts that may not have changed.
    pub guard: Option<Guard>,
    /// Other objects that must still be at these versions.
    pub unchanged: Vec<(String, u64)>,
    /// Makes the write repeatable.
    pub key: Option<IdempotencyKey>,
}

/// An append and where its caller waits.
pub(crate) struct Waiting {
    pub append: Append,
    pub answer: oneshot::Sender<Result<Arc<Committed>, AppendError>>,
    pub passed_over: u32,
}

/// Hands appends to the tasks.
#[derive(Clone, Debug)]
pub(crate) struct Appender {
    queues: Vec<mpsc::Sender<Waiting>>,
}

/// What a batch tells the rest of the process after its commit.
pub(crate) type OnCommit = Arc<dyn Fn(&Append, &Committed) + Send + Sync>;

impl Appender {
    /// Starts the tasks, as many as the engine can write with at once; they end when the last
    /// handle is dropped. A tenant's appends all go through the same one, in order.
    pub fn start(engine: &Arc<dyn Engine>, committed: &watch::Sender<u64>, on: &OnCommit) -> Self {
        let start = |_| {
            let (queue, waiting) = mpsc::channel(QUEUE);
            tokio::spawn(run(Arc::clone(engine), waiting, committed.clone(), Arc::clone(on)));
            queue
        };
        Self { queues: (0..engine.writers().max(1)).map(start).collect() }
    }

    /// Appends.
    pub async fn append(&self, append: Append) -> Result<Arc<Committed>, AppendError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { append, answer, passed_over: 0 };
        match self.queue_of(&waiting.append.tenant).send_timeout(waiting, PATIENCE).await {
            Ok(()) => answered.await.map_err(|_| Fault::Closed)?,
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(AppendError::Busy),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(Fault::Closed.into()),
        }
    }
}

impl Appender {
    fn queue_of(&self, tenant: &TenantId) -> &mpsc::Sender<Waiting> {
        let mut hasher = DefaultHasher::new();
        tenant.hash(&mut hasher);
        let place = hasher.finish() % self.queues.len() as u64;
        &self.queues[usize::try_from(place).unwrap_or_default()]
    }
}

async fn run(
    engine: Arc<dyn Engine>,
    mut queue: mpsc::Receiver<Waiting>,
    committed: watch::Sender<u64>,
    on_commit: OnCommit,
) {
    let mut next: Vec<Waiting> = Vec::new();
    let mut known = Known::default();
    loop {
        if next.is_empty() {
            match queue.recv().await {
                Some(waiting) => next.push(waiting),
                None => return,
            }
        }
        while next.len() < BATCH {
            match queue.try_recv() {
                Ok(waiting) => next.push(waiting),
                Err(_) => break,
            }
        }
        let held = commit(&*engine, std::mem::take(&mut next), &mut known, &on_commit).await;
        committed.send_modify(|batches| *batches += 1);
        if !held.is_empty() && queue.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        next = held;
    }
}

/// Commits what can be committed and answers it; returns what must wait for a held head.
async fn commit(
    engine: &dyn Engine,
    appends: Vec<Waiting>,
    known: &mut Known,
    on_commit: &OnCommit,
) -> Vec<Waiting> {
    let mut held = Vec::new();
    let mut work = vec![appends];
    while let Some(appends) = work.pop() {
        match attempt(engine, appends, known).await {
            Attempt::Done { committed, passed_over } => {
                for (done, waiting) in committed {
                    on_commit(&waiting.append, &done);
                    reply(waiting, Ok(done));
                }
                held.extend(passed_over);
            }
            Attempt::Refused { mut appends, fault } if appends.len() > 1 => {
                tracing::warn!(%fault, appends = appends.len(), "batch refused; halving it");
                let rest = appends.split_off(appends.len() / 2);
                work.push(rest);
                work.push(appends);
            }
            Attempt::Refused { appends, fault } => {
                tracing::error!(%fault, "append refused by the database");
                for waiting in appends {
                    let fault = Fault::Corrupt(format!("append refused: {fault}"));
                    reply(waiting, Err(fault.into()));
                }
            }
        }
    }
    held
}

enum Attempt {
    Done { committed: Vec<(Arc<Committed>, Waiting)>, passed_over: Vec<Waiting> },
    Refused { appends: Vec<Waiting>, fault: Fault },
}

/// A caller that went away is no fault: what he asked for is done.
fn reply(waiting: Waiting, result: Result<Arc<Committed>, AppendError>) {
    if waiting.answer.send(result).is_err() {
        tracing::debug!("the caller of an append went away");
    }
}

async fn attempt(engine: &dyn Engine, appends: Vec<Waiting>, known: &mut Known) -> Attempt {
    let mut tenants: Vec<TenantId> = appends.iter().map(|w| w.append.tenant.clone()).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let patient = appends.iter().any(|w| w.passed_over >= PASSED_OVER);
    let mut batch = match engine.lock(&tenants, patient).await {
        Ok(batch) => batch,
        Err(fault) => return Attempt::Refused { appends, fault },
    };
    let heads: HashMap<TenantId, Head> =
        batch.heads().iter().map(|head| (head.tenant.clone(), head.clone())).collect();
    let (appends, mut passed_over): (Vec<_>, Vec<_>) =
        appends.into_iter().partition(|w| heads.contains_key(&w.append.tenant));
    heads.values().for_each(|head| known.see(head));
    let checks = batch::checks(&appends, &heads, known);
    let findings = match batch.check(&checks).await {
        Ok(findings) => findings,
        Err(fault) => return refused(appends, passed_over, fault),
    };
    let plan = batch::plan(appends, heads, &checks, &findings, known, batch.now());
    let (writes, accepted) = (plan.writes, plan.accepted);
    for (waiting, error) in plan.refused {
        reply(waiting, Err(error));
    }
    let written =
        if accepted.is_empty() { batch.abandon().await } else { batch.write(&writes).await };
    if let Err(fault) = written {
        writes.heads.iter().for_each(|head| known.forget(&head.tenant));
        let appends = accepted.into_iter().map(|(_, waiting)| waiting).collect();
        return refused(appends, passed_over, fault);
    }
    for row in &writes.events {
        known.learn(&row.tenant, &row.stream, row.version);
    }
    writes.heads.iter().for_each(|head| known.moved(head));
    passed_over = unknown_logs_answered(engine, passed_over).await;
    Attempt::Done { committed: accepted, passed_over }
}

fn refused(mut appends: Vec<Waiting>, passed_over: Vec<Waiting>, fault: Fault) -> Attempt {
    appends.extend(passed_over);
    Attempt::Refused { appends, fault }
}

/// A head that was not locked is held elsewhere, or there is no such log.
async fn unknown_logs_answered(engine: &dyn Engine, passed_over: Vec<Waiting>) -> Vec<Waiting> {
    let mut held = Vec::new();
    for mut waiting in passed_over {
        let tenant = waiting.append.tenant.clone();
        match engine.head(&tenant).await {
            Ok(Some(_)) => {
                waiting.passed_over += 1;
                held.push(waiting);
            }
            Ok(None) => reply(waiting, Err(AppendError::NoLog(tenant))),
            Err(fault) => reply(waiting, Err(fault.into())),
        }
    }
    held
}
