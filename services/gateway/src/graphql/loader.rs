//! Loads objects and sealed texts in batches: everything that is asked for while the fields of one
//! level are visited is fetched by one query. There is no delay: each waits one turn of the
//! executor, in which its neighbours say what they want.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use event_store::{Document, Fault, Log};
use kernel::Position;
use tokio::sync::Notify;

use super::error::Problem;

/// Gives way once.
#[derive(Default)]
struct Turn {
    taken: bool,
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.taken, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What is wanted and what has been found.
struct State<K, V> {
    wanted: HashSet<K>,
    found: HashMap<K, Result<V, Arc<Fault>>>,
}

/// One kind of look-up, batched. What was found is kept for the request.
struct Batch<K, V> {
    state: Mutex<State<K, V>>,
    done: Notify,
}

impl<K: Clone + Eq + Hash, V: Clone> Batch<K, V> {
    fn new() -> Self {
        let state = State { wanted: HashSet::new(), found: HashMap::new() };
        Self { state: Mutex::new(state), done: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The values of all keys; `fetch` is asked for those that nobody has fetched.
    async fn load<F, Fut>(&self, keys: &[K], fetch: F) -> Result<Vec<V>, Problem>
    where
        F: Fn(Vec<K>) -> Fut,
        Fut: Future<Output = Result<Vec<(K, V)>, Fault>>,
    {
        if let Some(found) = self.want(keys) {
            return found;
        }
        Turn::default().await;
        loop {
            let done = self.done.notified();
            tokio::pin!(done);
            done.as_mut().enable();
            let batch: Vec<K> = {
                let mut state = self.lock();
                if let Some(found) = all(&state, keys) {
                    return found;
                }
                state.wanted.drain().collect()
            };
            if batch.is_empty() {
                done.await;
                continue;
            }
            self.fetched(&batch, fetch(batch.clone()).await);
        }
    }

    /// Everything at once if it is there; otherwise says what is wanted.
    fn want(&self, keys: &[K]) -> Option<Result<Vec<V>, Problem>> {
        let mut state = self.lock();
        let found = all(&state, keys);
        if found.is_none() {
            for key in keys {
                if !state.found.contains_key(key) {
                    state.wanted.insert(key.clone());
                }
            }
        }
        found
    }

    fn fetched(&self, batch: &[K], fetched: Result<Vec<(K, V)>, Fault>) {
        let mut state = self.lock();
        match fetched {
            Ok(pairs) => state.found.extend(pairs.into_iter().map(|(key, value)| (key, Ok(value)))),
            Err(fault) => {
                let fault = Arc::new(fault);
                let failed = batch.iter().map(|key| (key.clone(), Err(Arc::clone(&fault))));
                state.found.extend(failed);
            }
        }
        drop(state);
        self.done.notify_waiters();
    }
}

fn all<K: Eq + Hash, V: Clone>(state: &State<K, V>, keys: &[K]) -> Option<Result<Vec<V>, Problem>> {
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        match state.found.get(key)? {
            Ok(value) => values.push(value.clone()),
            Err(fault) => return Some(Err(Problem::Fault(fault.to_string()))),
        }
    }
    Some(Ok(values))
}

/// The loader of one request.
pub struct Loader {
    log: Log,
    documents: Batch<(Position, String), Option<Arc<Document>>>,
    texts: Batch<String, Option<Arc<str>>>,
    queries: AtomicUsize,
}

impl Loader {
    /// A loader over a tenant's log.
    pub fn new(log: Log) -> Self {
        let (documents, texts) = (Batch::new(), Batch::new());
        Self { log, documents, texts, queries: AtomicUsize::new(0) }
    }

    /// How many look-ups were made.
    pub fn queries(&self) -> usize {
        self.queries.load(Ordering::Relaxed)
    }

    /// Objects as of a position, in the order of the ids.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn documents(
        &self,
        ids: impl IntoIterator<Item = String>,
        at: Position,
    ) -> Result<Vec<Option<Arc<Document>>>, Problem> {
        let keys: Vec<_> = ids.into_iter().map(|id| (at, id)).collect();
        self.documents.load(&keys, |keys| self.fetch_documents(keys)).await
    }

    /// Sealed texts by hash; `None` where it was erased.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn texts(&self, hashes: &[String]) -> Result<Vec<Option<Arc<str>>>, Problem> {
        self.texts.load(hashes, |hashes| self.fetch_texts(hashes)).await
    }

    async fn fetch_documents(
        &self,
        keys: Vec<(Position, String)>,
    ) -> Result<Vec<((Position, String), Option<Arc<Document>>)>, Fault> {
        let mut by_position = BTreeMap::<Position, Vec<String>>::new();
        for (at, id) in keys {
            by_position.entry(at).or_default().push(id);
        }
        let mut found = Vec::new();
        for (at, ids) in by_position {
            self.queries.fetch_add(1, Ordering::Relaxed);
            let documents = self.log.documents(&ids, at).await?;
            found.extend(ids.into_iter().map(|id| (at, id)).zip(documents));
        }
        Ok(found)
    }

    async fn fetch_texts(
        &self,
        hashes: Vec<String>,
    ) -> Result<Vec<(String, Option<Arc<str>>)>, Fault> {
        self.queries.fetch_add(1, Ordering::Relaxed);
        let mut texts = self.log.open_texts(&hashes).await?;
        let found = hashes.into_iter().map(|hash| {
            let text = texts.remove(&hash);
            (hash, text)
        });
        Ok(found.collect())
    }
}
