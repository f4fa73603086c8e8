//! What one appender knows of the streams that it wrote or looked up, so that it need not look
//! again.
//!
//! Invariant: as long as a log's head stands where this appender left it, nobody else has written
//! to the log, and what is known of its streams is true. When the head stands elsewhere, everything
//! known of that log is forgotten. Guarded by `two_processes_share_one_log_without_gaps`.

use std::collections::HashMap;

use kernel::{Position, TenantId};

use crate::engine::Head;

/// Most versions that are remembered.
const VERSIONS_MAX: usize = 200_000;

/// Versions of streams, by tenant.
#[derive(Default)]
pub(crate) struct Known {
    logs: HashMap<TenantId, KnownLog>,
    versions: usize,
}

#[derive(Default)]
struct KnownLog {
    head: Position,
    versions: HashMap<String, u64>,
}

impl Known {
    /// Forgets what may no longer be true now that the head is locked.
    pub fn see(&mut self, head: &Head) {
        if self.versions > VERSIONS_MAX {
            self.logs.clear();
            self.versions = 0;
        }
        let log = self.logs.entry(head.tenant.clone()).or_default();
        if log.head != head.position {
            self.versions -= log.versions.len();
            log.versions.clear();
            log.head = head.position;
        }
    }

    /// The version of a stream, where it is known.
    pub fn version(&self, tenant: &TenantId, stream: &str) -> Option<u64> {
        self.logs.get(tenant)?.versions.get(stream).copied()
    }

    /// Remembers a version that was looked up, or written, under the head's lock.
    pub fn learn(&mut self, tenant: &TenantId, stream: &str, version: u64) {
        if let Some(log) = self.logs.get_mut(tenant)
            && log.versions.insert(stream.to_owned(), version).is_none()
        {
            self.versions += 1;
        }
    }

    /// The head stands here after this appender's commit.
    pub fn moved(&mut self, head: &Head) {
        if let Some(log) = self.logs.get_mut(&head.tenant) {
            log.head = head.position;
        }
    }

    /// Forgets a log: it is uncertain what was written.
    pub fn forget(&mut self, tenant: &TenantId) {
        if let Some(log) = self.logs.remove(tenant) {
            self.versions -= log.versions.len();
        }
    }
}
