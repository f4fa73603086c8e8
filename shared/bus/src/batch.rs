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
}

/// Why a batch was not carried out. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// One of its commands cannot be carried out.
    #[error("command {step}: {error}")]
    Step {
        /// Which one, from 0.
        step: usize,
        /// Why.
        error: CommandError,
    },
    /// The whole.
    #[error(transparent)]
    Whole(CommandError),
}

impl Registry {
    /// Carries out all commands in one transaction. The answers' positions are those of the whole.
    ///
    /// # Errors
    /// The first command that cannot be carried out, or why the whole cannot be stored.
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
            let mut done = Vec::with_capacity(steps.len());
            for (n, step) in steps.iter().enumerate() {
                let decided = self.decide(&drafting, who, step, batch).await;
                done.push(decided.map_err(|error| BatchError::Step { step: n, error })?);
            }
            let Some(mut append) = drafting.drafted() else {
                let head = log.head().await.map_err(|fault| whole(fault.into()))?;
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
