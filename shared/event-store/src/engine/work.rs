//! Work that a subscriber has claimed.

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};

use crate::error::Fault;

/// A stream whose event could not be handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The object.
    pub stream: String,
    /// The event that could not be handled: there it resumes.
    pub position: Position,
    /// Why it could not be.
    pub error: String,
    /// When it is tried again.
    pub retry: Retry,
}

/// How often something was tried, and when it is tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again; when an operator says so, where `None`.
    pub at: Option<Instant>,
}

/// A parked stream as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedWork {
    /// The subscriber.
    pub subscriber: String,
    /// Whose log.
    pub tenant: TenantId,
    /// What and why.
    pub parked: Parked,
}

/// A work list for one subscriber and tenant, locked until it is finished or dropped.
#[async_trait]
pub trait Claim: Send {
    /// Whose log.
    fn tenant(&self) -> &TenantId;
    /// The last position that was handled.
    fn checkpoint(&self) -> Position;
    /// Stores the new checkpoint and releases the lock.
    async fn finish(self: Box<Self>, checkpoint: Position) -> Result<(), Fault>;
    /// Parks a stream for this subscriber, or puts its next attempt off.
    async fn park(&mut self, parked: &Parked) -> Result<(), Fault>;
    /// A parked stream goes on.
    async fn unpark(&mut self, stream: &str) -> Result<(), Fault>;
    /// Streams that were parked for this subscriber and tenant when the work was claimed.
    async fn parked(&self) -> Result<Vec<Parked>, Fault>;
}
