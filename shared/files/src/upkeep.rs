//! What keeps files and records together: bytes go when their shredding is recorded, and what a
//! crash has left between the two is put right.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bus::{CommandError, Done, Registry, Request, Who};
use event_store::log::StoredEvent;
use event_store::subscribe::{Subscriber, Why};
use event_store::{Fault, Log, Store};
use facts::Evidence;
use futures::TryStreamExt;
use kernel::TenantId;
use object_store::{ObjectMeta, ObjectStore};
use serde::Deserialize;
use serde_json::json;

use crate::{FileError, Files};

/// Removes the bytes of evidence whose shredding was recorded.
pub struct Shredder {
    /// The files.
    pub files: Arc<Files>,
    /// The store.
    pub store: Arc<Store>,
}

#[async_trait]
impl Subscriber for Shredder {
    fn name(&self) -> &'static str {
        "files"
    }

    async fn handle(&self, tenant: &TenantId, event: &StoredEvent) -> Result<(), Why> {
        if event.row.name == "evidence.shredded" {
            self.files.remove(&self.store.log(tenant), &event.row.stream).await?;
        }
        Ok(())
    }
}

/// Records that the bytes of evidence were read and have a hash, as a rule of our own.
///
/// # Errors
/// Why that could not be recorded.
pub async fn verify(
    registry: &Registry,
    log: &Log,
    id: &str,
    sha256: &str,
    more: Request,
) -> Result<Done, CommandError> {
    let kind = registry.named("evidence");
    let kind = kind.ok_or_else(|| Fault::Corrupt("there is no kind evidence".into()))?;
    let request = Request {
        verb: "verify".into(),
        id: Some(id.to_owned()),
        input: json!({ "sha256": sha256 }),
        ..more
    };
    registry.dispatch(kind, log, &Who::system("files"), request).await
}

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Parts of files that never came to their end.
    pub parts: u64,
    /// Files that belong to nothing, or to what was shredded.
    pub removed: u64,
    /// Evidence whose bytes were kept, which had not been recorded.
    pub verified: u64,
    /// Files that this database knows nothing of: they are left alone.
    pub unknown: u64,
}

/// Puts right what processes have left that ended in the middle.
pub struct Upkeep {
    /// The files.
    pub files: Arc<Files>,
    /// The store.
    pub store: Arc<Store>,
    /// The kinds.
    pub registry: Arc<Registry>,
}

impl Upkeep {
    /// Puts right what has been lying since a time; what is younger may be under way.
    ///
    /// # Errors
    /// When files or records cannot be read; what was put right stays so.
    pub async fn tidy(&self, since: SystemTime) -> Result<Tidied, FileError> {
        let mut tidied = Tidied { parts: self.files.place.sweep(since)?, ..Tidied::default() };
        let root = self.files.place.root();
        let mut all = self.files.store.list(Some(&root));
        while let Some(found) = all.try_next().await? {
            if SystemTime::from(found.last_modified) < since {
                self.look(&found, &mut tidied).await?;
            }
        }
        Ok(tidied)
    }

    async fn look(&self, found: &ObjectMeta, tidied: &mut Tidied) -> Result<(), FileError> {
        let mut parts = found.location.parts().collect::<Vec<_>>().into_iter().rev();
        let (Some(id), Some(tenant)) = (parts.next(), parts.next()) else { return Ok(()) };
        let id = id.as_ref();
        let Some(tenant) = TenantId::parse(tenant.as_ref()) else {
            tidied.unknown += 1;
            return Ok(());
        };
        let log = self.store.log(&tenant);
        log.forget(id);
        let evidence = match log.newest(id).await? {
            Some(document) => Some(
                Evidence::deserialize(&*document.body)
                    .map_err(|error| Fault::Corrupt(format!("evidence {id}: {error}")))?,
            ),
            None => None,
        };
        match evidence {
            // Only a key shows that it is a file of this database and not of another one that
            // keeps its files here too.
            None if log.file_key(id).await?.is_none() => tidied.unknown += 1,
            None => {
                self.files.remove(&log, id).await?;
                tidied.removed += 1;
            }
            Some(evidence) if evidence.status == "shredded" => {
                self.files.remove(&log, id).await?;
                tidied.removed += 1;
            }
            Some(evidence) if evidence.status == "registered" => {
                tidied.verified += u64::from(self.verified(&log, id, &evidence).await?);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Reads the bytes of evidence whose verification was not recorded, and records it.
    async fn verified(&self, log: &Log, id: &str, of: &Evidence) -> Result<bool, FileError> {
        let sha256 = match self.files.digest(log, id, of.size).await {
            Ok(sha256) => sha256,
            Err(error) => {
                tracing::error!(%id, %error, "bytes that cannot be verified");
                return Ok(false);
            }
        };
        // A simulated clock stays where it is.
        let head = log.head().await?.filter(|head| head.simulated);
        let clock = head.map(|head| head.at.plus_micros(1));
        let more = Request { clock, ..Request::default() };
        if let Err(error) = verify(&self.registry, log, id, &sha256, more).await {
            tracing::error!(%id, %error, "verification was not recorded");
            return Ok(false);
        }
        Ok(true)
    }
}
