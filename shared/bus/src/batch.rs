//! Several commands as one: all are carried out in one transaction, or none. Each is decided on
//! what those before it brought about.

use event_store::{AppendError, Fault, IdempotencyKey, Log, Outcome};
use kernel::Instant;

use crate::dispatch::ATTEMPTS;
use crate::{CommandError, Done, Registry, Request, Who};

/// One command of a batch. Its key, clock and correlation are the batch's.
#[derive(Clone, Debug)]
pub struct Step {
    /// The kind.
    pub kind: String,
    /// The command.
    pub request: Request,
}

/// What the commands of a batch share.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Makes the batch repeatable.
    pub key: Option<IdempotencyKey>,
    /// The clock of a simulated log.
    pub clock: Option<Instant>,
    /// The event or command that caused it.
    pub cause: Option<String>,
    /// Groups what the batch brought about.
    pub correlation: Option<String>,
    /// Decides everything and stores nothing.
    pub dry_run: bool,
}

/// Most commands that are named when a batch cannot be carried out.
const ERRORS_MAX: usize = 100;

/// Why a batch was not carried out. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Some of its commands cannot be carried out.
    #[error("{} commands cannot be carried out", .0.len())]
    Steps(Vec<(usize, CommandError)>),
    /// The whole.
    #[error(transparent)]
    Whole(CommandError),
}

impl Registry {
    /// Carries out all commands in one transaction. The answers' positions are those of the whole.
    ///
    /// # Errors
    /// The commands that cannot be carried out, from 0, or why the whole cannot be stored.
    pub async fn dispatch_all(
        &self,
        log: &Log,
        who: &Who,
        steps: &[Step],
        batch: &Batch,
    ) -> Result<(Outcome, Vec<Done>), BatchError> {
        let whole = |error: AppendError| BatchError::Whole(CommandError::of(error));
        for _ in 0..ATTEMPTS {
            let drafting = log.drafting().await.map_err(whole)?;
            let done = self.decide_all(&drafting, who, steps, batch).await?;
            let drafted = drafting.drafted().filter(|_| !batch.dry_run);
            let Some(mut append) = drafted else {
                let head = drafting.head().await.map_err(|fault| whole(fault.into()))?;
                let (position, recorded_at) = head.map(|h| (h.position, h.at)).unwrap_or_default();
                let outcome = Outcome { position, recorded_at, events: Vec::new() };
                return Ok((outcome, done));
            };
            append.key.clone_from(&batch.key);
            match log.append(append).await {
                Ok(committed) => return Ok((committed.outcome.clone(), done)),
                Err(AppendError::VersionConflict { stream, .. }) => log.forget(&stream),
                Err(AppendError::GuardBroken { .. }) => {}
                Err(error) => return Err(whole(error)),
            }
        }
        Err(BatchError::Whole(CommandError::Conflict))
    }

    async fn decide_all(
        &self,
        log: &Log,
        who: &Who,
        steps: &[Step],
        batch: &Batch,
    ) -> Result<Vec<Done>, BatchError> {
        let (mut done, mut errors) = (Vec::with_capacity(steps.len()), Vec::new());
        for (n, step) in steps.iter().enumerate() {
            match self.decide(log, who, step, batch).await {
                Ok(decided) => done.push(decided),
                Err(fault @ CommandError::Fault(_)) => return Err(BatchError::Whole(fault)),
                Err(error) => errors.push((n, error)),
            }
            if errors.len() == ERRORS_MAX {
                break;
            }
        }
        if errors.is_empty() { Ok(done) } else { Err(BatchError::Steps(errors)) }
    }

    async fn decide(
        &self,
        log: &Log,
        who: &Who,
        step: &Step,
        batch: &Batch,
    ) -> Result<Done, CommandError> {
        let kind = self.named(&step.kind);
        let kind = kind.ok_or_else(|| Fault::Corrupt(format!("no kind {}", step.kind)))?;
        let request = Request {
            key: None,
            clock: batch.clock,
            cause: batch.cause.clone(),
            correlation: batch.correlation.clone(),
            ..step.request.clone()
        };
        kind.dispatch(log, who, request).await
    }
}
