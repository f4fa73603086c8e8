//! What a database must do for the store: the one trait with two implementations.
//!
//! An engine stores and finds rows. It decides nothing: positions, hashes, conflicts and patches
//! are worked out above it (`append.rs`, `prepare.rs`), so both engines answer alike by
//! construction.

mod interval;
pub mod postgres;
mod query;
mod row;
mod sql;
pub mod sqlite;
mod work;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Instant, Position, TenantId};

pub use self::interval::{interval_node, stabbing_nodes};
pub use self::work::{Claim, Parked, ParkedWork, Retry};
pub use self::write::{Batch, Writes};

use crate::error::Fault;

/// The head of a tenant's log: what an append locks, and what "now" means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose log it is.
    pub tenant: TenantId,
    /// Opaque id of the log; it stands inside every leaf (history, section 1).
    pub log: String,
    /// Position of the last event; 0 before the first.
    pub position: Position,
    /// `at` of the last event; the epoch before the first.
    pub at: Instant,
    /// Whether the clock of this log may be set (demo and test tenants only).
    pub simulated: bool,
    /// The Merkle frontier: the hashes of the perfect subtrees, leftmost (largest) first.
    pub frontier: Vec<u8>,
}

/// One event as stored. The bytes are what was hashed and are served as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Whose log.
    pub tenant: TenantId,
    /// Number in the log, from 1.
    pub position: Position,
    /// The object's id.
    pub stream: String,
    /// The object's kind (`scope`).
    pub kind: String,
    /// Number in the stream, from 1.
    pub version: u64,
    /// Stored event name (`scope.approved`).
    pub name: String,
    /// When it was recorded.
    pub at: Instant,
    /// When it was true in the world, where that differs.
    pub effective: Option<Instant>,
    /// Canonical header (JCS).
    pub header: Vec<u8>,
    /// Canonical payload (JCS).
    pub payload: Vec<u8>,
    /// Leaf hash of the header.
    pub leaf: [u8; 32],
}

/// Columns by which documents are found and ordered. A kind maps its declared fields to them in
/// the order of declaration; the rest of a filter runs on the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    /// Text, compared byte by byte.
    pub text: [Option<String>; 3],
    /// Numbers: integers, decimals scaled by 10^6, instants in microseconds, dates in days,
    /// booleans.
    pub number: [Option<i64>; 3],
}

/// One version of an object's document, true from `from` until before `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// The object's id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Version of its stream.
    pub version: u64,
    /// Position of the event that made it.
    pub from: Position,
    /// Position of the event that replaced it; `None` for the current one.
    pub to: Option<Position>,
    /// When it was recorded.
    pub at: Instant,
    /// When the object's first event was recorded.
    pub created_at: Instant,
    /// Number of the document's shape (a kind raises it when its fields change).
    pub shape: u16,
    /// Whether the object has late or future-dated events, so that `effectiveOn` must fold them.
    pub dated: bool,
    /// Canonical JSON.
    pub body: Arc<str>,
    /// Columns for order and filter.
    pub slots: Slots,
    /// Lower-cased text for `search`.
    pub search: String,
}

/// A sealed value: ciphertext found by its hash, deletable without touching the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRow {
    /// SHA-256(nonce || ciphertext || tag), hex.
    pub hash: String,
    /// Whose key sealed it.
    pub subject: String,
    /// nonce || ciphertext || tag.
    pub bytes: Vec<u8>,
}

/// The first answer given under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// The caller's key.
    pub key: String,
    /// Hash of the request that it belongs to.
    pub fingerprint: Vec<u8>,
    /// The answer, JSON.
    pub answer: Vec<u8>,
    /// When it was given.
    pub at: Instant,
}

/// What must be looked up while heads are locked. Answers come back in the same order.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// Streams whose current version is wanted.
    pub versions: Vec<(TenantId, String)>,
    /// Guards: has an event of these kinds or streams landed after the position?
    pub guards: Vec<GuardCheck>,
    /// Idempotency keys that may already be taken.
    pub keys: Vec<(TenantId, String)>,
}

/// One guard, as the engine looks it up.
#[derive(Clone, Debug)]
pub struct GuardCheck {
    /// Whose log.
    pub tenant: TenantId,
    /// Only events after this position count.
    pub since: Position,
    /// Kinds that must not have changed.
    pub kinds: Vec<String>,
    /// Streams that must not have changed.
    pub streams: Vec<String>,
    /// Objects that must not have come to match.
    pub matching: Vec<Matching>,
}

/// The objects of a kind whose text column has a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Matching {
    /// The kind.
    pub kind: String,
    /// Which of the text columns.
    pub slot: usize,
    /// Its value.
    pub value: String,
}

/// What the checks found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Current version per asked stream; 0 where the stream does not exist.
    pub versions: Vec<u64>,
    /// Per guard: the first position that broke it.
    pub broken: Vec<Option<Position>>,
    /// Per key: the answer that stands under it.
    pub answers: Vec<Option<AnswerRow>>,
}

/// A comparison on a slot, pushed down to SQL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    /// The column.
    pub slot: Slot,
    /// The comparison.
    pub op: Op,
}

/// A column of [`Slots`], or the identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// `text[n]`
    Text(usize),
    /// `number[n]`
    Number(usize),
    /// The object's id.
    Id,
}

/// A value of a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SlotValue {
    /// For [`Slot::Text`] and [`Slot::Id`].
    Text(String),
    /// For [`Slot::Number`].
    Number(i64),
    /// No value.
    Null,
}

/// Comparison operators. A null never matches but by `IsNull(true)` and `Ne`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Equal.
    Eq(SlotValue),
    /// Not equal, or null.
    Ne(SlotValue),
    /// One of these.
    In(Vec<SlotValue>),
    /// Less.
    Lt(SlotValue),
    /// Less or equal.
    Lte(SlotValue),
    /// Greater.
    Gt(SlotValue),
    /// Greater or equal.
    Gte(SlotValue),
    /// Begins with the text, byte for byte.
    StartsWith(String),
    /// Null (true) or not null (false).
    IsNull(bool),
}

/// One sort key. Nulls come last in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// By what.
    pub slot: Slot,
    /// Largest first.
    pub descending: bool,
    /// Whether the column can be null (if not, the index serves the order directly).
    pub nullable: bool,
}

/// A page of one kind's documents as of a position.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListQuery {
    /// The kind.
    pub kind: String,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// Lower-cased text that `search` must contain.
    pub search: Option<String>,
    /// Sort keys; the last is always [`Slot::Id`], so the order is total.
    pub order: Vec<Order>,
    /// Values of the sort keys of the row after which the page starts (same length as `order`).
    pub after: Option<Vec<SlotValue>>,
    /// Most rows.
    pub limit: usize,
    /// As of this position.
    pub at: Position,
}

/// A database.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Brings the schema up to date.
    async fn migrate(&self) -> Result<(), Fault>;
    /// `sqlite` or `postgres`.
    fn name(&self) -> &'static str;
    /// How many batches it can write at once, of different tenants.
    fn writers(&self) -> usize;

    /// Opens a tenant's log; false when it is open already.
    async fn open_log(&self, head: &Head, wrapped_key: &[u8]) -> Result<bool, Fault>;
    /// The head of one log; `None` when there is no such log.
    async fn head(&self, tenant: &TenantId) -> Result<Option<Head>, Fault>;
    /// All logs, by tenant.
    async fn tenants(&self) -> Result<Vec<TenantId>, Fault>;
    /// Locks the heads of these tenants, sorted; waits for held ones only when `patient`.
    async fn lock(&self, tenants: &[TenantId], patient: bool) -> Result<Box<dyn Batch>, Fault>;

    /// The last position recorded at or before the time; 0 when there is none.
    async fn position_at(&self, tenant: &TenantId, at: Instant) -> Result<Position, Fault>;
    /// Documents of these ids as of a position; those that do not exist are left out.
    async fn documents(
        &self,
        tenant: &TenantId,
        ids: &[String],
        at: Position,
    ) -> Result<Vec<DocumentRow>, Fault>;
    /// The newest documents of these ids.
    async fn newest(&self, tenant: &TenantId, ids: &[String]) -> Result<Vec<DocumentRow>, Fault>;
    /// A page.
    async fn list(&self, tenant: &TenantId, query: &ListQuery) -> Result<Vec<DocumentRow>, Fault>;
    /// How many documents a query has over all pages, counting at most `limit` of them.
    async fn count(&self, tenant: &TenantId, query: &ListQuery) -> Result<u64, Fault>;

    /// Events after a position, up to and including another, in order.
    async fn events(
        &self,
        tenant: &TenantId,
        after: Position,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault>;
    /// Events of one stream with a version above `after`, up to and including a position, in order.
    async fn stream(
        &self,
        tenant: &TenantId,
        stream: &str,
        after: u64,
        upto: Position,
        limit: usize,
    ) -> Result<Vec<EventRow>, Fault>;

    /// Sealed values by hash; erased ones are left out.
    async fn blobs(&self, tenant: &TenantId, hashes: &[String]) -> Result<Vec<BlobRow>, Fault>;
    /// The tenant's wrapped key.
    async fn tenant_key(&self, tenant: &TenantId) -> Result<Option<Vec<u8>>, Fault>;
    /// The wrapped keys of subjects; those that do not exist are left out.
    async fn subject_keys(
        &self,
        tenant: &TenantId,
        subjects: &[String],
    ) -> Result<HashMap<String, Vec<u8>>, Fault>;
    /// Stores a subject's wrapped key, unless it has one.
    async fn put_key(&self, tenant: &TenantId, subject: &str, wrapped: &[u8]) -> Result<(), Fault>;
    /// Destroys a subject's key.
    async fn drop_key(&self, tenant: &TenantId, subject: &str) -> Result<(), Fault>;
    /// The answer under an idempotency key.
    async fn answer(&self, tenant: &TenantId, key: &str) -> Result<Option<AnswerRow>, Fault>;

    /// Claims a log with work for the subscriber that nobody else holds, if any: events beyond its
    /// checkpoint, or a parked stream that is to be tried again by now.
    async fn claim(&self, subscriber: &str, now: Instant) -> Result<Option<Box<dyn Claim>>, Fault>;
    /// What is parked, for one subscriber or all, in the order of subscriber, tenant and stream.
    async fn parked(&self, subscriber: Option<&str>) -> Result<Vec<ParkedWork>, Fault>;
    /// Has a parked stream tried again at once; false when it is not parked.
    async fn resume(
        &self,
        subscriber: &str,
        tenant: &TenantId,
        stream: &str,
    ) -> Result<bool, Fault>;

    /// All document versions of a tenant by (id, from), after the given pair: for `check`.
    async fn versions(
        &self,
        tenant: &TenantId,
        after: (&str, Position),
        limit: usize,
    ) -> Result<Vec<DocumentRow>, Fault>;
    /// Throws all documents of a tenant away and stores these instead, in one transaction with
    /// the head locked: for `rebuild`. Fails when the head is no longer at `head`.
    async fn replace_documents(
        &self,
        tenant: &TenantId,
        head: Position,
        rows: Vec<DocumentRow>,
    ) -> Result<(), Fault>;
}
