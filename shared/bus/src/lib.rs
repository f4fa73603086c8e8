//! The command bus: from a verb and its input to events in the log.
//!
//! `kinds` erases the types of the aggregates, `dispatch` takes one command through its steps,
//! `references` and `facts` look up what it refers to and relies on, `cqrs` is our store as cqrs-es
//! sees it.

mod batch;
pub mod cqrs;
mod dispatch;
pub mod error;
mod facts;
pub mod kinds;
pub mod references;

pub use batch::{Batch, BatchError, Step};
pub use dispatch::writable;
pub use error::CommandError;
pub use kinds::{AnyKind, Registry, kind};
pub use references::references;

use event_store::{IdempotencyKey, Outcome};
use kernel::{Instant, Refused, Role, Via};
use serde_json::Value;

/// Who asks, as identity has established it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// `usr_…`, `key_…`, `rea_…` or `imp_…`.
    pub id: String,
    /// All roles that he holds today.
    pub roles: Vec<Role>,
    /// Through what he came.
    pub via: Via,
    /// The auditor engagement under which he acts.
    pub engagement: Option<String>,
    /// The membership or engagement that gives him the roles, and its version: the append is
    /// refused when it has changed. `None` for machines.
    pub membership: Option<(String, u64)>,
    /// The certification body with whose own rights he acts, by id.
    pub body: Option<String>,
    /// The kinds whose commands he may give at all; every kind when left out.
    pub only: Option<&'static [&'static str]>,
}

impl Who {
    /// A timer, process manager or integration of our own.
    pub fn system(name: &str) -> Self {
        Self {
            id: format!("rea_{name}"),
            roles: vec![Role::Sys],
            via: Via::Reaction,
            engagement: None,
            membership: None,
            body: None,
            only: None,
        }
    }
}

/// One command, as any surface hands it in.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The verb.
    pub verb: String,
    /// The object; `None` for a command that makes one.
    pub id: Option<String>,
    /// The id that the object gets which the command makes, drawn by us and never by a caller, so
    /// that the commands after it in a batch can refer to it.
    pub fresh: Option<String>,
    /// The command's own input and the grounds, one JSON object.
    pub input: Value,
    /// The version that the caller saw.
    pub expected: Option<u64>,
    /// Makes the command repeatable.
    pub key: Option<IdempotencyKey>,
    /// The event or command that caused it.
    pub cause: Option<String>,
    /// Groups what one cause brought about; made when missing.
    pub correlation: Option<String>,
    /// The clock of a simulated log.
    pub clock: Option<Instant>,
}

/// What a command brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The object.
    pub id: String,
    /// Its version after the command.
    pub version: u64,
    /// Where and when it was recorded, and the events; none when what was asked held already.
    pub outcome: Outcome,
    /// Whether this is the answer to an earlier request under the same idempotency key.
    pub replayed: bool,
    /// What was refused, where the refusal itself is what was recorded.
    pub refusal: Option<Refused>,
}
