//! One command that has come due, given once.

use std::sync::Arc;

use bus::{AnyKind, CommandError, Done, Request};
use event_store::document::Document;
use event_store::engine::DueRow;
use event_store::{Fault, IdempotencyKey, Log};
use kernel::domain::Deadline;
use kernel::{Instant, Position};

use super::Deadlines;

/// A command that was given because its time had come.
#[derive(Clone, Debug)]
pub struct Fired {
    /// The object.
    pub object: String,
    /// The command's verb.
    pub verb: &'static str,
    /// When it was due.
    pub due: Instant,
    /// When it was recorded.
    pub at: Instant,
    /// Stored names of the events that it brought about.
    pub events: Vec<String>,
    /// What the object waits for next.
    pub(super) next: Option<DueRow>,
}

/// Why a tenant's round stopped: it goes on later, where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Its records are closed for writing; what has come due stays so.
    #[error("the organisation's records are closed for writing")]
    ReadOnly,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What became of an object that was due.
pub(super) enum Step {
    /// A command was given.
    Fired(Fired),
    /// None could be: it is parked.
    Parked,
    /// It has changed meanwhile and is looked at afresh.
    Moved,
}

/// What became of one command.
enum Given {
    Fired(Fired),
    Refused(String),
    Moved,
}

impl Deadlines {
    /// Gives the command for which the object has waited longest, and where it is refused the one
    /// after it. `head` is the time of the last event of a simulated log.
    pub(super) async fn fire(
        &self,
        log: &Log,
        due: &DueRow,
        until: Instant,
        head: Option<Instant>,
    ) -> Result<Step, Stop> {
        let Some(document) = waiting(log, due).await? else { return Ok(Step::Moved) };
        let Some(kind) = self.registry.named(&document.kind) else {
            return self.park(due, "there is no such kind in this process", None).await;
        };
        let deadlines = match (kind.decl().deadlines)(document.shape, &document.body) {
            Ok(deadlines) => deadlines,
            Err(error) => {
                return self.park(due, &format!("its state does not read: {error}"), None).await;
            }
        };
        let (mut past, future): (Vec<_>, Vec<_>) =
            deadlines.into_iter().partition(|deadline| deadline.at <= until);
        past.sort_by_key(|deadline| deadline.at);
        let mut refused = Vec::new();
        for deadline in &past {
            let at = head.map(|head| deadline.at.max(head.plus_micros(1)));
            match self.give(log, kind, &document, deadline, at).await? {
                Given::Fired(fired) => return Ok(Step::Fired(fired)),
                Given::Moved => return Ok(Step::Moved),
                Given::Refused(why) => refused.push(format!("{}: {why}", deadline.verb)),
            }
        }
        if refused.is_empty() {
            refused.push("its column waits for another time than its state: rebuild".to_owned());
        }
        let until = future.iter().map(|deadline| deadline.at).min();
        self.park(due, &refused.join("; "), until).await
    }

    async fn park(&self, due: &DueRow, why: &str, until: Option<Instant>) -> Result<Step, Stop> {
        tracing::error!(tenant = %due.tenant, object = due.id, why, "a deadline was parked");
        self.store.park_due(due, why, until).await?;
        Ok(Step::Parked)
    }

    async fn give(
        &self,
        log: &Log,
        kind: &Arc<dyn AnyKind>,
        document: &Document,
        deadline: &Deadline,
        clock: Option<Instant>,
    ) -> Result<Given, Stop> {
        let Deadline { at, verb, input } = deadline;
        let (id, version) = (&document.id, document.version);
        let request = Request {
            verb: (*verb).to_owned(),
            id: Some(id.clone()),
            input: input.clone(),
            expected: Some(version),
            key: Some(IdempotencyKey {
                key: format!("deadline/{id}/{version}/{verb}/{}", at.micros()),
                fingerprint: format!("{verb} {input}").into_bytes(),
            }),
            cause: cause(log, document.position).await?,
            clock,
            ..Request::default()
        };
        match self.registry.dispatch(kind, log, &self.who, request).await {
            Ok(done) if done.replayed => {
                // It was recorded by another process; what memory holds of the object is old.
                log.forget(id);
                Ok(Given::Moved)
            }
            Ok(done) if done.outcome.events.is_empty() => {
                Ok(Given::Refused("the command changed nothing".to_owned()))
            }
            Ok(done) => self.fired(log, kind, document, deadline, done).await,
            Err(
                CommandError::VersionMismatch { .. }
                | CommandError::Conflict
                | CommandError::KeyInFlight,
            ) => {
                log.forget(id);
                Ok(Given::Moved)
            }
            Err(CommandError::ReadOnly { .. }) => Err(Stop::ReadOnly),
            Err(CommandError::Fault(fault)) => Err(fault.into()),
            Err(error @ (CommandError::Busy | CommandError::NoTenant)) => {
                Err(Fault::Corrupt(error.to_string()).into())
            }
            Err(CommandError::Invalid { errors }) => Ok(Given::Refused(format!("{errors:?}"))),
            Err(refusal) => Ok(Given::Refused(refusal.to_string())),
        }
    }

    /// What the object waits for after the command. Not for the same again: it would never end.
    async fn fired(
        &self,
        log: &Log,
        kind: &Arc<dyn AnyKind>,
        document: &Document,
        deadline: &Deadline,
        done: Done,
    ) -> Result<Given, Stop> {
        let mut next = None;
        if let Some(after) = log.newest(&document.id).await? {
            let left = (kind.decl().deadlines)(after.shape, &after.body).unwrap_or_default();
            let spins = left.contains(deadline);
            next = Deadline::first(left).map(|first| DueRow {
                tenant: log.tenant().clone(),
                id: after.id.clone(),
                version: after.version,
                from: after.position,
                at: first.at,
            });
            if let Some(row) = next.take_if(|_| spins) {
                let why = format!("{} was given and is waited for again", deadline.verb);
                self.park(&row, &why, None).await?;
            }
        }
        let events = done.outcome.events.into_iter().map(|event| event.name).collect();
        Ok(Given::Fired(Fired {
            object: document.id.clone(),
            verb: deadline.verb,
            due: deadline.at,
            at: done.outcome.recorded_at,
            events,
            next,
        }))
    }
}

/// The document that waits; `None` when it has changed since it was found.
async fn waiting(log: &Log, due: &DueRow) -> Result<Option<Arc<Document>>, Fault> {
    for _ in 0..2 {
        match log.newest(&due.id).await? {
            Some(document) if document.version == due.version => return Ok(Some(document)),
            // Memory may be older than the database, where another process writes as well.
            Some(_) | None => log.forget(&due.id),
        }
    }
    Ok(None)
}

/// The event since which the object waits.
async fn cause(log: &Log, since: Position) -> Result<Option<String>, Fault> {
    let before = Position(since.0.saturating_sub(1));
    let found = log.events(before, since, 1).await?;
    Ok(found.into_iter().next().map(|event| event.header.id))
}
