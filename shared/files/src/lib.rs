//! Files: the bytes that belong to an object of a tenant (evidence, G-14; ISO/IEC 42001 7.5.3), on
//! local disk or in an S3-compatible store.
//!
//! ```text
//! bytes ─► Incoming: hash, seal by segments ─► temporary ──keep──► {tenant}/{object} ─► Outgoing
//!          (bounded memory)                        └──discard, or a crash──► nothing
//! ```
//!
//! A file belongs to one object of one tenant, and its hash is what the object says: a content is
//! kept once per tenant, because a hash is registered once, and never shared between tenants, so
//! that nobody learns what others have. Each file is sealed under a key of its own (`event_store`,
//! `file_keys`): to destroy the key is to shred the file, wherever copies of it lie. Its name says
//! nothing of the content.

mod check;
mod incoming;
mod outgoing;
mod place;
mod sealing;
mod slots;
#[cfg(test)]
mod tests;
mod upkeep;

use std::sync::Arc;

use event_store::{Fault, Log};
use futures::StreamExt;
use kernel::TenantId;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

pub use check::{Checked, check};
pub use incoming::Incoming;
pub use outgoing::Outgoing;
pub use place::{Place, S3};
pub use sealing::sealed_len;
pub use upkeep::{Shredder, Tidied, Upkeep, verify};

use slots::Slots;

/// Why bytes could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk or the object store refused or was out of reach.
    #[error("store of files: {0}")]
    Store(#[from] object_store::Error),
    /// The bytes are not what was kept.
    #[error("a kept file is damaged: {0}")]
    Damaged(String),
    /// There are no bytes.
    #[error("there is no such file")]
    Missing,
    /// Too many files of this tenant, or of all, are coming in.
    #[error("too many files are coming in; try again")]
    Busy,
    /// Somebody else has just kept bytes for the same object.
    #[error("another upload for the same object came first; try again")]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl FileError {
    fn damaged(what: &str) -> Self {
        Self::Damaged(what.to_owned())
    }
}

/// The files of an installation.
pub struct Files {
    store: Arc<dyn ObjectStore>,
    place: Place,
    slots: Slots,
    max: u64,
}

impl Files {
    /// Opens the place where files of at most `max` bytes are kept; a folder is made where it is
    /// missing.
    ///
    /// # Errors
    /// When the place cannot be used.
    pub fn open(place: Place, max: u64) -> Result<Arc<Self>, FileError> {
        let store = place.store()?;
        Ok(Arc::new(Self { store, place, slots: Slots::default(), max }))
    }

    /// Where files are kept, for people.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Most bytes of a file that comes in.
    pub fn max(&self) -> u64 {
        self.max
    }

    fn path(&self, tenant: &TenantId, id: &str) -> Path {
        self.below(tenant).join(id)
    }

    fn below(&self, tenant: &TenantId) -> Path {
        self.place.root().join(tenant.as_str())
    }

    /// Whether an object has a file whose sealed form has the right length; `None` when it has none
    /// at all.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn holds(&self, log: &Log, id: &str, size: u64) -> Result<Option<bool>, FileError> {
        match self.store.head(&self.path(log.tenant(), id)).await {
            Ok(found) => Ok(Some(found.size == sealed_len(size))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Destroys an object's file and its key; nothing happens when there is none.
    ///
    /// The key goes last: as long as bytes may be left, it shows that they are ours to remove.
    ///
    /// # Errors
    /// When the store or the database does not answer: then it is to be tried again.
    pub async fn remove(&self, log: &Log, id: &str) -> Result<(), FileError> {
        match self.store.delete(&self.path(log.tenant(), id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(log.destroy_file_key(id).await?)
    }

    /// Reads an object's whole file and works out its SHA-256, in hex.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub async fn digest(&self, log: &Log, id: &str, size: u64) -> Result<String, FileError> {
        let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let mut bytes = self.read(log, id, size, 0..size).await?;
        while let Some(piece) = bytes.next().await {
            hash.update(&piece?);
        }
        Ok(hex::encode(hash.finish()))
    }
}

/// Binds a sealed file to its place.
fn context(tenant: &TenantId, id: &str) -> String {
    format!("{tenant}/{id}")
}
