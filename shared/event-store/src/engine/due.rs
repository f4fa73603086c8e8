//! Objects that wait for a command of the scheduler's.

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};

use super::Head;
use crate::error::Fault;

/// When an object waits for a command of the scheduler's, on the clock that its log has. A
/// simulated time means nothing to the real clock, so the two stand apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// On the real clock.
    pub at: Option<Instant>,
    /// On the clock of a simulated log.
    pub simulated: Option<Instant>,
}

impl Due {
    /// On the clock of a log.
    pub fn of(at: Option<Instant>, simulated: bool) -> Self {
        if simulated { Self { at: None, simulated: at } } else { Self { at, simulated: None } }
    }
}

/// An object that waits for a command that has come due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRow {
    /// Whose.
    pub tenant: TenantId,
    /// The object's id.
    pub id: String,
    /// The version of its stream that waits.
    pub version: u64,
    /// Position of the event that made that version.
    pub from: Position,
    /// Since when.
    pub at: Instant,
}

/// The name under which the scheduler parks.
pub const DEADLINES: &str = "deadlines";

/// What a database must do for the scheduler.
#[async_trait]
pub trait Waits {
    /// Objects of logs on the real clock that wait for a command that has come due, oldest first,
    /// but for those of some tenants and those that are parked at the version that waits.
    async fn due(
        &self,
        until: Instant,
        except: &[TenantId],
        limit: usize,
    ) -> Result<Vec<DueRow>, Fault>;
    /// The same of one log, on the clock that it has.
    async fn due_of(&self, head: &Head, until: Instant, limit: usize)
    -> Result<Vec<DueRow>, Fault>;
    /// The first time after another at which something comes due on the real clock.
    async fn next_due(&self, after: Instant) -> Result<Option<Instant>, Fault>;
    /// Parks an object for the scheduler at the version that waits, until another time at which
    /// something of it comes due, if there is one.
    async fn park_due(
        &self,
        due: &DueRow,
        error: &str,
        until: Option<Instant>,
    ) -> Result<(), Fault>;
}
