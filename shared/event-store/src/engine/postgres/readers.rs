//! The readers' connections on PostgreSQL, which remember the tenant that they are set to: asked
//! again for the same tenant, one saves a round trip.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kernel::TenantId;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions, PgConnection, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{AS_READER, is_broken};
use crate::error::Fault;

/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);
/// After so long a connection is tried before it is relied on.
const STALE: Duration = Duration::from_secs(1);
/// After so long without use a connection is closed.
const IDLE: Duration = Duration::from_secs(600);
/// So old a connection is closed rather than kept, with its plans and its memory.
const OLD: Duration = Duration::from_secs(3_600);

/// At most so many connections as there are permits: a new one is made only when none is idle.
#[derive(Clone)]
pub(super) struct Readers {
    options: Arc<PgConnectOptions>,
    permits: Arc<Semaphore>,
    /// Longest unused first.
    idle: Arc<Mutex<VecDeque<Link>>>,
}

struct Link {
    connection: PgConnection,
    tenant: TenantId,
    made: Instant,
    used: Instant,
}

impl Readers {
    pub(super) fn new(options: &PgConnectOptions, connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(1).max(1);
        Self {
            options: Arc::new(options.clone()),
            permits: Arc::new(Semaphore::new(connections)),
            idle: Arc::default(),
        }
    }

    /// Closes what is idle; what is in use closes when it is given back.
    pub(super) fn close(&self) {
        self.permits.close();
        self.links().clear();
    }

    /// A connection on which row-level security shows this tenant.
    pub(super) async fn reader(&self, tenant: &TenantId) -> Result<Scoped, Fault> {
        let permit = tokio::time::timeout(PATIENCE, self.permits.clone().acquire_owned());
        let permit =
            permit.await.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| Fault::Closed)?;
        let link = loop {
            let Some(mut link) = self.take(tenant) else { break self.connect(tenant).await? };
            if link.tenant == *tenant && link.used.elapsed() < STALE {
                break link;
            }
            match set(&mut link.connection, tenant).await {
                Ok(()) => {
                    link.tenant = tenant.clone();
                    break link;
                }
                // Broken while it was idle, after a fail-over say: dropped, and the next is tried.
                Err(error) if is_broken(&error) => {}
                Err(error) => return Err(error.into()),
            }
        };
        Ok(Scoped { link: Some(link), is_sound: true, readers: self.clone(), _permit: permit })
    }

    /// The idle connection that was last used for the tenant, or else the longest unused one.
    fn take(&self, tenant: &TenantId) -> Option<Link> {
        let mut links = self.links();
        match links.iter().rposition(|link| link.tenant == *tenant) {
            Some(place) => links.remove(place),
            None => links.pop_front(),
        }
    }

    async fn connect(&self, tenant: &TenantId) -> Result<Link, Fault> {
        let mut connection = self.options.connect().await?;
        sqlx::raw_sql(AS_READER).execute(&mut connection).await?;
        set(&mut connection, tenant).await?;
        let now = Instant::now();
        Ok(Link { connection, tenant: tenant.clone(), made: now, used: now })
    }

    fn give_back(&self, mut link: Link) {
        if link.made.elapsed() > OLD || self.permits.is_closed() {
            return;
        }
        link.used = Instant::now();
        let mut links = self.links();
        if links.front().is_some_and(|first| first.used.elapsed() > IDLE) {
            links.pop_front();
        }
        links.push_back(link);
    }

    fn links(&self) -> MutexGuard<'_, VecDeque<Link>> {
        // A list of whole connections stays one whoever panicked beside it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn set(connection: &mut PgConnection, tenant: &TenantId) -> Result<(), sqlx::Error> {
    sqlx::query("select set_config('annals.tenant', $1, false)")
        .bind(tenant.as_str())
        .execute(connection)
        .await
        .map(|_| ())
}

/// A connection that shows one tenant. There is no other way to a reader's connection, so no
/// statement runs for a tenant that was not named.
pub(super) struct Scoped {
    /// Present until it is dropped.
    link: Option<Link>,
    /// Whether the last statement was heard to its end; a connection that was left in the middle
    /// of an answer is not used again.
    is_sound: bool,
    readers: Readers,
    _permit: OwnedSemaphorePermit,
}

impl Scoped {
    pub(super) async fn rows(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, Fault> {
        let link = self.link.as_mut().ok_or(Fault::Closed)?;
        self.is_sound = false;
        let answer = query.fetch_all(&mut link.connection).await;
        self.is_sound = match &answer {
            Ok(_) => true,
            Err(error) => matches!(error, sqlx::Error::Database(_)) && !is_broken(error),
        };
        Ok(answer?)
    }
}

impl Drop for Scoped {
    fn drop(&mut self) {
        if let Some(link) = self.link.take().filter(|_| self.is_sound) {
            self.readers.give_back(link);
        }
    }
}
