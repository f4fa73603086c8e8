//! An engine that fails where it is told to: before an operation, after the operation has taken
//! effect and the answer is lost, or from an operation on until the store is opened again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use event_store::Fault;
use event_store::engine::{
    AnswerRow, Batch, BlobRow, Checks, Claim, Derived, DocumentRow, DueRow, Engine, EventRow,
    Findings, Head, ListQuery, Parked, ParkedWork, Waits, Writes,
};
use kernel::{Instant, Position, TenantId};

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It does nothing.
    Before,
    /// It has taken effect; the answer is lost.
    After,
    /// The process is gone: it and all later ones do nothing.
    Killed,
}

/// Which operation fails, and how many there have been.
pub struct Plan {
    at: usize,
    failure: Failure,
    count: AtomicUsize,
}

impl Plan {
    /// The operation of this number fails, from 1; none where it is 0.
    pub fn new(at: usize, failure: Failure) -> Arc<Self> {
        Arc::new(Self { at, failure, count: AtomicUsize::new(0) })
    }

    /// How many operations there were.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Whether the process is gone.
    pub fn is_killed(&self) -> bool {
        self.failure == Failure::Killed && self.at > 0 && self.count() >= self.at
    }

    async fn run<T>(&self, operation: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let n = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let lost = || Fault::Database(sqlx::Error::PoolClosed);
        match self.failure {
            _ if self.at == 0 => operation.await,
            Failure::Before if n == self.at => Err(lost()),
            Failure::Killed if n >= self.at => Err(lost()),
            Failure::After if n == self.at => {
                operation.await?;
                Err(lost())
            }
            Failure::Before | Failure::After | Failure::Killed => operation.await,
        }
    }
}

/// An engine that fails by a plan.
pub struct Faulty {
    /// What does the work.
    pub inner: Arc<dyn Engine>,
    /// When it fails.
    pub plan: Arc<Plan>,
}

struct FaultyBatch {
    inner: Box<dyn Batch>,
    plan: Arc<Plan>,
}

struct FaultyClaim {
    /// Behind a lock only so that it can be shared, which it never is.
    inner: Mutex<Box<dyn Claim>>,
    tenant: TenantId,
    checkpoint: Position,
    parked: Vec<Parked>,
    plan: Arc<Plan>,
}

impl FaultyClaim {
    fn inner(&mut self) -> &mut Box<dyn Claim> {
        self.inner.get_mut().unwrap()
    }
}

#[async_trait]
impl Batch for FaultyBatch {
    fn heads(&self) -> &[Head] {
        self.inner.heads()
    }

    fn now(&self) -> Instant {
        self.inner.now()
    }

    async fn check(&mut self, checks: &Checks) -> Result<Findings, Fault> {
        self.plan.run(self.inner.check(checks)).await
    }

    async fn write(self: Box<Self>, writes: &Writes) -> Result<(), Fault> {
        self.plan.run(self.inner.write(writes)).await
    }

    async fn abandon(self: Box<Self>) -> Result<(), Fault> {
        self.plan.run(self.inner.abandon()).await
    }
}

#[async_trait]
impl Claim for FaultyClaim {
    fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    fn checkpoint(&self) -> Position {
        self.checkpoint
    }

    async fn finish(self: Box<Self>, checkpoint: Position) -> Result<(), Fault> {
        let Self { inner, plan, .. } = *self;
        plan.run(inner.into_inner().unwrap().finish(checkpoint)).await
    }

    async fn park(&mut self, parked: &Parked) -> Result<(), Fault> {
        let plan = Arc::clone(&self.plan);
        plan.run(self.inner().park(parked)).await
    }

    async fn unpark(&mut self, stream: &str) -> Result<(), Fault> {
        let plan = Arc::clone(&self.plan);
        plan.run(self.inner().unpark(stream)).await
    }

    async fn parked(&self) -> Result<Vec<Parked>, Fault> {
        let parked = self.parked.clone();
        self.plan.run(async move { Ok(parked) }).await
    }
}

macro_rules! delegated {
    ($(async fn $name:ident(&self $(, $argument:ident: $ty:ty)* $(,)?) -> $answer:ty;)*) => {
        #[async_trait]
        impl Engine for Faulty {
            fn name(&self) -> &'static str {
                self.inner.name()
            }

            fn writers(&self) -> usize {
                self.inner.writers()
            }

            async fn lock(
                &self,
                tenants: &[TenantId],
                patient: bool,
            ) -> Result<Box<dyn Batch>, Fault> {
                let inner = self.plan.run(self.inner.lock(tenants, patient)).await?;
                Ok(Box::new(FaultyBatch { inner, plan: Arc::clone(&self.plan) }))
            }

            async fn claim(
                &self,
                subscriber: &str,
                now: Instant,
            ) -> Result<Option<Box<dyn Claim>>, Fault> {
                let inner = self.plan.run(self.inner.claim(subscriber, now)).await?;
                let Some(inner) = inner else { return Ok(None) };
                let asked = inner.parked();
                let parked = asked.await?;
                let (tenant, checkpoint) = (inner.tenant().clone(), inner.checkpoint());
                let (inner, plan) = (Mutex::new(inner), Arc::clone(&self.plan));
                Ok(Some(Box::new(FaultyClaim { inner, tenant, checkpoint, parked, plan })))
            }

            async fn versions(
                &self,
                tenant: &TenantId,
                after: (&str, Position),
                limit: usize,
            ) -> Result<Vec<DocumentRow>, Fault> {
                self.plan.run(self.inner.versions(tenant, after, limit)).await
            }

            $(async fn $name(&self $(, $argument: $ty)*) -> $answer {
                self.plan.run(self.inner.$name($($argument),*)).await
            })*
        }
    };
}

delegated! {
    async fn migrate(&self) -> Result<(), Fault>;
    async fn open_log(&self, head: &Head, wrapped_key: &[u8]) -> Result<bool, Fault>;
    async fn head(&self, tenant: &TenantId) -> Result<Option<Head>, Fault>;
    async fn tenants(&self) -> Result<Vec<TenantId>, Fault>;
    async fn position_at(&self, tenant: &TenantId, at: Instant) -> Result<Position, Fault>;
    async fn documents(&self, tenant: &TenantId, ids: &[String], at: Position)
        -> Result<Vec<DocumentRow>, Fault>;
    async fn newest(&self, tenant: &TenantId, ids: &[String]) -> Result<Vec<DocumentRow>, Fault>;
    async fn list(&self, tenant: &TenantId, query: &ListQuery) -> Result<Vec<DocumentRow>, Fault>;
    async fn count(&self, tenant: &TenantId, query: &ListQuery) -> Result<u64, Fault>;
    async fn events(&self, tenant: &TenantId, after: Position, upto: Position, limit: usize)
        -> Result<Vec<EventRow>, Fault>;
    async fn stream(&self, tenant: &TenantId, stream: &str, after: u64, upto: Position, limit: usize)
        -> Result<Vec<EventRow>, Fault>;
    async fn blobs(&self, tenant: &TenantId, hashes: &[String]) -> Result<Vec<BlobRow>, Fault>;
    async fn tenant_key(&self, tenant: &TenantId) -> Result<Option<Vec<u8>>, Fault>;
    async fn subject_keys(&self, tenant: &TenantId, subjects: &[String])
        -> Result<HashMap<String, Vec<u8>>, Fault>;
    async fn put_key(&self, tenant: &TenantId, subject: &str, wrapped: &[u8]) -> Result<(), Fault>;
    async fn drop_key(&self, tenant: &TenantId, subject: &str) -> Result<(), Fault>;
    async fn answer(&self, tenant: &TenantId, key: &str) -> Result<Option<AnswerRow>, Fault>;
    async fn parked(&self, subscriber: Option<&str>) -> Result<Vec<ParkedWork>, Fault>;
    async fn resume(&self, subscriber: &str, tenant: &TenantId, stream: &str)
        -> Result<bool, Fault>;
    async fn handled(&self, subscriber: &str, tenant: &TenantId) -> Result<Position, Fault>;
    async fn replace_documents(&self, tenant: &TenantId, head: Position, rows: Vec<DocumentRow>)
        -> Result<(), Fault>;
}

#[async_trait]
impl Waits for Faulty {
    async fn due(
        &self,
        until: Instant,
        except: &[TenantId],
        limit: usize,
    ) -> Result<Vec<DueRow>, Fault> {
        self.plan.run(self.inner.due(until, except, limit)).await
    }

    async fn due_of(
        &self,
        head: &Head,
        until: Instant,
        limit: usize,
    ) -> Result<Vec<DueRow>, Fault> {
        self.plan.run(self.inner.due_of(head, until, limit)).await
    }

    async fn next_due(&self, after: Instant) -> Result<Option<Instant>, Fault> {
        self.plan.run(self.inner.next_due(after)).await
    }

    async fn park_due(
        &self,
        due: &DueRow,
        error: &str,
        until: Option<Instant>,
    ) -> Result<(), Fault> {
        self.plan.run(self.inner.park_due(due, error, until)).await
    }
}

#[async_trait]
impl Derived for Faulty {
    async fn derived(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<(Position, Vec<u8>)>, Fault> {
        self.plan.run(self.inner.derived(tenant, name)).await
    }

    async fn put_derived(
        &self,
        tenant: &TenantId,
        name: &str,
        position: Position,
        bytes: &[u8],
    ) -> Result<(), Fault> {
        self.plan.run(self.inner.put_derived(tenant, name, position, bytes)).await
    }
}
