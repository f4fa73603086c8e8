//! Work that a subscriber has claimed.

use async_trait::async_trait;
use kernel::{Position, TenantId};

use crate::error::Fault;

/// A work list for one subscriber and tenant, locked until it is finished or dropped.
#[async_trait]
pub trait Claim: Send {
    /// Whose log.
    fn tenant(&self) -> &TenantId;
    /// The last position that was handled.
    fn checkpoint(&self) -> Position;
    /// Stores the new checkpoint and releases the lock.
    async fn finish(self: Box<Self>, checkpoint: Position) -> Result<(), Fault>;
    /// Parks the event's stream for this subscriber: it is passed over, visibly, until resumed.
    async fn park(&mut self, stream: &str, at: Position, error: &str) -> Result<(), Fault>;
    /// Streams that are parked for this subscriber and tenant.
    async fn parked(&mut self) -> Result<Vec<String>, Fault>;
}
