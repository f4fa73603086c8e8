//! One batch of appends: heads locked, checks looked up, everything written at once.

use async_trait::async_trait;
use kernel::{Instant, TenantId};

use super::{AnswerRow, BlobRow, Checks, DocumentRow, EventRow, Findings, Head};
use crate::error::Fault;

/// Everything one batch writes.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    /// New events, in position order per tenant.
    pub events: Vec<EventRow>,
    /// Versions that end, whether they were current before the batch or lived only inside one
    /// transaction; `to` is set.
    pub ended: Vec<(TenantId, DocumentRow)>,
    /// New current documents, each later than the one it replaces; `to` is `None`.
    pub current: Vec<(TenantId, DocumentRow)>,
    /// Heads as they stand after the batch.
    pub heads: Vec<Head>,
    /// Answers under idempotency keys.
    pub answers: Vec<(TenantId, AnswerRow)>,
    /// Sealed values.
    pub blobs: Vec<(TenantId, BlobRow)>,
    /// New subjects with their wrapped keys (a subject is a stream, so the version check of the
    /// append keeps two keys of one subject apart).
    pub subject_keys: Vec<(TenantId, String, Vec<u8>)>,
}

/// Locked heads and an open transaction.
#[async_trait]
pub trait Batch: Send {
    /// The heads that were locked, as they stand now. A head that another transaction holds is
    /// left out: its appends go into the next batch.
    fn heads(&self) -> &[Head];
    /// The database's clock when the heads were locked.
    fn now(&self) -> Instant;
    /// Looks up, in a statement of its own (a fresh snapshot after the locks).
    async fn check(&mut self, checks: &Checks) -> Result<Findings, Fault>;
    /// Writes everything and commits; an error leaves nothing behind.
    async fn write(self: Box<Self>, writes: &Writes) -> Result<(), Fault>;
    /// Gives up.
    async fn abandon(self: Box<Self>) -> Result<(), Fault>;
}
