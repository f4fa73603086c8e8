//! How many files may come in at once: each takes memory for the parts that are under way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kernel::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::FileError;

/// Files at once.
const ALL: usize = 16;
/// Files of one tenant at once, so that none keeps the others waiting.
const EACH: usize = 4;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// Turns of files that come in.
pub struct Slots {
    all: Arc<Semaphore>,
    tenants: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

/// A file's turn; over when it is dropped.
pub struct Slot {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Default for Slots {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL)), tenants: Mutex::default() }
    }
}

impl Slots {
    /// Waits for a turn.
    pub async fn take(&self, tenant: &TenantId) -> Result<Slot, FileError> {
        let own = {
            let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(EACH));
            Arc::clone(tenants.entry(tenant.clone()).or_insert_with(new))
        };
        let turn = async {
            let own = own.acquire_owned().await.ok()?;
            let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(Slot { _own: own, _all: all })
        };
        timeout(PATIENCE, turn).await.ok().flatten().ok_or(FileError::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_tenant_waits_for_its_own_files_and_not_for_those_of_others() {
        let slots = Slots::default();
        let (one, other) = (TenantId::from_bits(1), TenantId::from_bits(2));
        let mut taken = Vec::new();
        for _ in 0..EACH {
            taken.push(slots.take(&one).await.unwrap());
        }
        assert!(matches!(slots.take(&one).await, Err(FileError::Busy)));
        assert!(slots.take(&other).await.is_ok());
        taken.pop();
        assert!(slots.take(&one).await.is_ok());
    }
}
