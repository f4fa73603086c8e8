//! What can go wrong below the domain: conflicts, which a caller may retry, and faults, which are
//! ours.

use kernel::{Position, TenantId};

/// Something of ours failed: the database, the disk, a row that is not what was written.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database refused or was out of reach.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Stored bytes are not what they must be.
    #[error("corrupt store: {0}")]
    Corrupt(String),
    /// The clock of this process and the database's lie more than two seconds apart.
    #[error("clock: {0}")]
    Clock(String),
    /// The data folder is in use or cannot be used.
    #[error("data folder: {0}")]
    Folder(String),
    /// A key cannot be used.
    #[error("key: {0}")]
    Key(String),
    /// The appender has stopped.
    #[error("the store is closed")]
    Closed,
}

/// Why an append was not done. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream is at another version than the caller expected.
    #[error("{stream} is at version {actual}, not {expected}")]
    VersionConflict {
        /// The stream.
        stream: String,
        /// What the caller expected; 0 = that it does not exist.
        expected: u64,
        /// What it is.
        actual: u64,
    },
    /// A fact that the decision relied on changed after it was read.
    #[error("a fact changed at position {at}, after the decision was taken")]
    GuardBroken {
        /// The first event that broke the guard.
        at: Position,
    },
    /// The idempotency key belongs to an earlier request: its answer, or a refusal if it differs.
    #[error("the idempotency key was used before")]
    KeyTaken(Box<crate::engine::AnswerRow>),
    /// There is no such log.
    #[error("no log of tenant {0}")]
    NoLog(TenantId),
    /// The clock of this log cannot be set, or was set back.
    #[error("{0}")]
    Clock(String),
    /// An event or document is larger than it may be, or holds what canonical JSON cannot.
    #[error("{0}")]
    Unstorable(String),
    /// Too many appends wait; try again.
    #[error("the store is busy")]
    Busy,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}
