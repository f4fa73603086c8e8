//! A file on its way in: hashed and sealed as it comes, found by nobody until it is kept.

use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA256};
use bytes::Bytes;
use event_store::Log;
use event_store::seal::SecretKey;
use object_store::buffered::BufWriter;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;

use crate::sealing::Sealer;
use crate::slots::Slot;
use crate::{FileError, Files, context};

/// Bytes of a part: a file of up to one part is sent whole, a larger one part by part.
const PART: usize = 8 << 20;
/// Parts under way beside the one that is being filled.
const PARTS: usize = 2;

/// A file on its way in. It leaves nothing behind unless it is kept.
pub struct Incoming {
    /// `None` once it is kept or discarded.
    writer: Option<BufWriter>,
    sealer: Option<Sealer>,
    segments: Vec<Vec<u8>>,
    hash: digest::Context,
    size: u64,
    key: SecretKey,
    log: Log,
    id: String,
    _slot: Slot,
}

impl Files {
    /// Begins to take in a file for an object.
    ///
    /// # Errors
    /// When too many are coming in, or the database fails.
    pub async fn receive(self: &Arc<Self>, log: &Log, id: &str) -> Result<Incoming, FileError> {
        let slot = self.slots.take(log.tenant()).await?;
        let key = match log.file_key(id).await? {
            Some(key) => key,
            None => SecretKey::generate()?,
        };
        let (sealer, header) = Sealer::new(&key, &context(log.tenant(), id))?;
        let path = self.path(log.tenant(), id);
        let writer = BufWriter::with_capacity(Arc::clone(&self.store), path, PART);
        Ok(Incoming {
            writer: Some(writer.with_max_concurrency(PARTS)),
            sealer: Some(sealer),
            segments: vec![header.to_vec()],
            hash: digest::Context::new(&SHA256),
            size: 0,
            key,
            log: log.clone(),
            id: id.to_owned(),
            _slot: slot,
        })
    }
}

impl Incoming {
    /// How many bytes have come.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the store does not take them: nothing will be kept.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        if let Some(sealer) = &mut self.sealer {
            sealer.push(bytes, |segment| self.segments.push(segment))?;
        }
        self.send().await
    }

    async fn send(&mut self) -> Result<(), FileError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for segment in self.segments.drain(..) {
            writer.put(Bytes::from(segment)).await?;
        }
        Ok(())
    }

    /// Ends it: all bytes have come. Their SHA-256, in hex.
    ///
    /// # Errors
    /// As for `write`.
    pub async fn end(&mut self) -> Result<String, FileError> {
        if let Some(sealer) = self.sealer.take() {
            self.segments.push(sealer.finish()?);
        }
        self.send().await?;
        let hash = std::mem::replace(&mut self.hash, digest::Context::new(&SHA256));
        Ok(hex::encode(hash.finish()))
    }

    /// Keeps the file: from now on it is found, and survives whatever happens to the machine.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn keep(mut self) -> Result<(), FileError> {
        if !self.log.keep_file_key(&self.id, &self.key).await? {
            return Err(FileError::Overtaken);
        }
        let Some(mut writer) = self.writer.take() else { return Ok(()) };
        writer.shutdown().await.map_err(|error| {
            let (store, source) = ("files", Box::new(error));
            FileError::Store(object_store::Error::Generic { store, source })
        })
    }

    /// Gives up, and waits until nothing is left.
    pub async fn discard(mut self) {
        if let Some(writer) = self.writer.take() {
            abort(writer).await;
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if let (Some(writer), Ok(runtime)) = (self.writer.take(), Handle::try_current()) {
            runtime.spawn(abort(writer));
        }
    }
}

/// What cannot be removed now is removed by the next sweep, or by the bucket's own rule.
async fn abort(mut writer: BufWriter) {
    if let Err(error) = writer.abort().await {
        tracing::warn!(%error, "an upload that was given up has left parts behind");
    }
}
