//! The store: one database, the appender, the keys and what is kept in memory.

use std::sync::Arc;

use kernel::{Instant, Position, TenantId, id};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::watch;

use crate::append::{Append, Appender, OnCommit};
use crate::batch::Committed;
use crate::document::Document;
use crate::engine::{Engine, Head, ListQuery, ParkedWork};
use crate::error::{AppendError, Fault};
use crate::log::Log;
use crate::mapping::Mappings;
use crate::seal::{self, SecretKey};

/// How much memory past and present documents may take.
const CACHE_BYTES: u64 = 96 << 20;
/// How much memory opened texts may take.
const TEXT_BYTES: u64 = 16 << 20;

pub(crate) type Pages = Cache<(TenantId, ListQuery), Arc<Vec<Arc<Document>>>, PageWeight>;
pub(crate) type Versions =
    Cache<(TenantId, String, Position), Option<Arc<Document>>, DocumentWeight>;

#[derive(Clone)]
pub(crate) struct PageWeight;

impl Weighter<(TenantId, ListQuery), Arc<Vec<Arc<Document>>>> for PageWeight {
    fn weight(&self, _: &(TenantId, ListQuery), page: &Arc<Vec<Arc<Document>>>) -> u64 {
        400 + page.iter().map(|document| document.weight()).sum::<u64>()
    }
}

#[derive(Clone)]
pub(crate) struct DocumentWeight;

impl Weighter<(TenantId, String, Position), Option<Arc<Document>>> for DocumentWeight {
    fn weight(&self, _: &(TenantId, String, Position), d: &Option<Arc<Document>>) -> u64 {
        200 + d.as_ref().map_or(0, |document| document.weight())
    }
}

#[derive(Clone)]
pub(crate) struct TextWeight;

impl Weighter<(TenantId, String), Arc<str>> for TextWeight {
    fn weight(&self, _: &(TenantId, String), text: &Arc<str>) -> u64 {
        250 + text.len() as u64
    }
}

/// What is kept in memory. Everything but `newest` is keyed by a position and therefore never
/// wrong; `newest` only speeds decisions, and each append checks the version that it saw.
pub(crate) struct Caches {
    pub newest: Cache<(TenantId, String), Arc<Document>>,
    pub versions: Versions,
    pub pages: Pages,
    pub times: Cache<(TenantId, Instant), Position>,
    pub texts: Cache<(TenantId, String), Arc<str>, TextWeight>,
    pub tenant_keys: Cache<TenantId, SecretKey>,
    pub subject_keys: Cache<(TenantId, String), SecretKey>,
}

impl Caches {
    /// Keeps what an append has just made: it is what is read next.
    fn remember(&self, append: &Append, done: &Committed) {
        let tenant = &done.tenant;
        for document in &done.documents {
            let (id, at) = (document.id.clone(), done.outcome.position);
            self.newest.insert((tenant.clone(), id.clone()), Arc::clone(document));
            self.versions.insert((tenant.clone(), id, at), Some(Arc::clone(document)));
        }
        for stream in &append.streams {
            for (hash, text) in &stream.texts {
                self.texts.insert((tenant.clone(), hash.clone()), Arc::clone(text));
            }
            if let Some((key, _)) = &stream.new_key {
                self.subject_keys.insert((tenant.clone(), stream.id.clone()), key.clone());
            }
        }
    }

    fn new() -> Self {
        Self {
            newest: Cache::new(20_000),
            versions: Cache::with_weighter(20_000, CACHE_BYTES / 2, DocumentWeight),
            pages: Cache::with_weighter(2_000, CACHE_BYTES / 2, PageWeight),
            times: Cache::new(10_000),
            texts: Cache::with_weighter(20_000, TEXT_BYTES, TextWeight),
            tenant_keys: Cache::new(1_000),
            subject_keys: Cache::new(20_000),
        }
    }
}

/// One database and everything that keeps it in order.
pub struct Store {
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) mappings: Mappings,
    pub(crate) caches: Arc<Caches>,
    pub(crate) committed: watch::Receiver<u64>,
    appender: Appender,
    master: SecretKey,
}

impl Store {
    /// Brings the schema up to date and starts the appender.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn open(
        engine: Arc<dyn Engine>,
        master: SecretKey,
        mappings: Mappings,
    ) -> Result<Arc<Self>, Fault> {
        engine.migrate().await?;
        let caches = Arc::new(Caches::new());
        let (batches, committed) = watch::channel(0);
        let remembering = Arc::clone(&caches);
        let on_commit = Arc::new(move |append: &Append, done: &Committed| {
            remembering.remember(append, done);
        });
        let appender = Appender::start(&engine, &batches, &(on_commit as OnCommit));
        Ok(Arc::new(Self { engine, mappings, caches, committed, appender, master }))
    }

    /// A tenant's log. Everything read or written through it is that tenant's.
    pub fn log(self: &Arc<Self>, tenant: &TenantId) -> Log {
        Log::new(Arc::clone(self), tenant.clone())
    }

    /// The name of the database engine.
    pub fn engine(&self) -> &'static str {
        self.engine.name()
    }

    /// What subscribers could not handle: their parked streams, of one subscriber or all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn parked(&self, subscriber: Option<&str>) -> Result<Vec<ParkedWork>, Fault> {
        self.engine.parked(subscriber).await
    }

    /// Has a parked stream tried again at once; false when it is not parked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume(
        &self,
        subscriber: &str,
        tenant: &TenantId,
        stream: &str,
    ) -> Result<bool, Fault> {
        self.engine.resume(subscriber, tenant, stream).await
    }

    /// All tenants that have a log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tenants(&self) -> Result<Vec<TenantId>, Fault> {
        self.engine.tenants().await
    }

    /// Opens the log of a tenant; false when it is open already. A simulated log's clock can be
    /// set, and every answer from it says so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_log(&self, tenant: &TenantId, simulated: bool) -> Result<bool, Fault> {
        let log = id::encode("log", u128::from_be_bytes(seal::random()?));
        let key = self.master.wrap(&SecretKey::generate()?, tenant.as_str())?;
        let head = Head {
            tenant: tenant.clone(),
            log,
            position: Position::START,
            at: Instant::default(),
            simulated,
            frontier: Vec::new(),
        };
        self.engine.open_log(&head, &key).await
    }

    /// A message authentication code (HMAC-SHA-256, 16 bytes) under a key derived for a purpose:
    /// for cursors and the like that come back from callers.
    pub fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 16] {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, self.master.bytes());
        let derived = aws_lc_rs::hmac::sign(&key, purpose.as_bytes());
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, derived.as_ref());
        let mut tag = [0; 16];
        tag.copy_from_slice(&aws_lc_rs::hmac::sign(&key, message).as_ref()[..16]);
        tag
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Arc<Committed>, AppendError> {
        self.appender.append(append).await
    }

    pub(crate) async fn tenant_key(&self, tenant: &TenantId) -> Result<SecretKey, Fault> {
        if let Some(key) = self.caches.tenant_keys.get(tenant) {
            return Ok(key);
        }
        let wrapped = self.engine.tenant_key(tenant).await?;
        let wrapped = wrapped.ok_or_else(|| Fault::Key(format!("tenant {tenant} has no key")))?;
        let key = self.master.unwrap_key(&wrapped, tenant.as_str())?;
        self.caches.tenant_keys.insert(tenant.clone(), key.clone());
        Ok(key)
    }
}

/// The clock of this process, in UTC.
pub fn clock() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX));
    Instant::from_micros(micros)
}

/// A new identifier with this prefix, from the clock and the system's randomness.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn new_id(prefix: &str) -> Result<String, Fault> {
    let random = u128::from_be_bytes(seal::random()?);
    Ok(id::encode(prefix, id::uuid_v7(clock().millis(), random)))
}
