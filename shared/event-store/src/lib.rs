//! The event store: one gapless log per tenant, the documents that follow from it, and both as of
//! any position. Two engines, SQLite and PostgreSQL, behind one trait.
//!
//! An append goes through `prepare` (in the caller's task), `append` and `batch` (group commit) to
//! an `engine`; a question goes through `log`.

pub mod append;
pub mod batch;
pub mod document;
mod draft;
pub mod engine;
pub mod error;
mod file_keys;
mod growing;
pub mod header;
mod known;
pub mod log;
pub mod mapping;
pub mod patch;
pub mod prepare;
pub mod seal;
pub mod store;
pub mod subscribe;
mod texts;
pub mod verify;

pub use append::{Append, Guard, IdempotencyKey};
pub use batch::{Committed, Outcome};
pub use document::Document;
pub use error::{AppendError, Fault};
pub use log::{AsOf, Log, Resolved};
pub use store::Store;
