//! What is derived from a log and kept as bytes: to be thrown away at any time, for whoever made it
//! can make it again.

use async_trait::async_trait;
use kernel::{Position, TenantId};

use crate::error::Fault;

/// Keeps what was derived from logs.
#[async_trait]
pub trait Derived: Send + Sync {
    /// What was derived under a name, and up to which position of the log.
    async fn derived(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<(Position, Vec<u8>)>, Fault>;
    /// Keeps it in the place of what was there.
    async fn put_derived(
        &self,
        tenant: &TenantId,
        name: &str,
        position: Position,
        bytes: &[u8],
    ) -> Result<(), Fault>;
}
