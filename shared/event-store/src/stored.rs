//! A log as it is stored: rows in bulk, unparsed, and what is derived from them; for whoever keeps
//! a view of a whole tenant.

use kernel::Position;

use crate::engine::{DocumentRow, EventRow};
use crate::error::Fault;
use crate::log::Log;

impl Log {
    /// Events after a position, up to and including another, as they are stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stored_events(
        &self,
        after: Position,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault> {
        self.store.engine.events(&self.tenant, after, upto, limit).await
    }

    /// All versions of all documents by (id, position), after the given pair.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stored_versions(
        &self,
        after: (&str, Position),
        limit: usize,
    ) -> Result<Vec<DocumentRow>, Fault> {
        self.store.engine.versions(&self.tenant, after, limit).await
    }

    /// What was derived from the log under a name, and up to which position.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn derived(&self, name: &str) -> Result<Option<(Position, Vec<u8>)>, Fault> {
        self.store.engine.derived(&self.tenant, name).await
    }

    /// Keeps what was derived from the log, in the place of what was there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_derived(
        &self,
        name: &str,
        position: Position,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        self.store.engine.put_derived(&self.tenant, name, position, bytes).await
    }
}
