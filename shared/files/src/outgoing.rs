//! A file on its way out: the segments of a range, opened one by one.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use event_store::Log;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt};
use tokio::task::spawn_blocking;

use crate::sealing::{HEADER, Opener, find, last, place, sealed_len};
use crate::{FileError, Files, context};

/// The bytes of a file, piece by piece; an error where they turn out to be damaged.
pub type Outgoing = BoxStream<'static, Result<Bytes, FileError>>;

/// Bytes that are read from a disk at once.
const READ: u64 = 1 << 20;

impl Files {
    /// The bytes of a range of an object's file, which has `size` bytes. Nothing comes out that is
    /// not what was kept; where it is damaged the stream ends with an error.
    ///
    /// # Errors
    /// When there is no such file, or it has another length.
    pub async fn read(
        &self,
        log: &Log,
        id: &str,
        size: u64,
        range: Range<u64>,
    ) -> Result<Outgoing, FileError> {
        let key = log.file_key(id).await?.ok_or(FileError::Missing)?;
        let path = self.path(log.tenant(), id);
        let range = range.start.min(size)..range.end.min(size);
        let (first, skip) = find(range.start);
        let first = first.min(last(size));
        let end = find(range.end.max(1) - 1).0;
        let (begin, _) = place(first, size);
        let (_, end_of) = place(end, size);
        // The header comes along with the first segment.
        let begin = if first == 0 { 0 } else { begin };
        let options =
            GetOptions { range: Some(GetRange::Bounded(begin..end_of)), ..GetOptions::default() };
        let found = self.store.get_opts(&path, options).await.map_err(missing)?;
        if found.meta.size != sealed_len(size) {
            return Err(FileError::damaged("its length is another"));
        }
        let mut pieces =
            Pieces { from: pieces(found.payload, begin..end_of), held: BytesMut::new() };
        let header = match first {
            0 => pieces.take(HEADER as u64).await?,
            _ => self.header(&path).await?,
        };
        let opener = Opener::new(&key, &context(log.tenant(), id), &header)?;
        let left = range.end.saturating_sub(range.start);
        let reading = Reading { pieces, opener, size, segment: first, end, skip, left };
        Ok(stream::try_unfold(Some(reading), Reading::next).try_filter(filled).boxed())
    }

    async fn header(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let header = self.store.get_range(path, 0..HEADER as u64).await.map_err(missing)?;
        Ok(header.to_vec())
    }
}

fn missing(error: object_store::Error) -> FileError {
    match error {
        object_store::Error::NotFound { .. } => FileError::Missing,
        other => other.into(),
    }
}

fn filled(bytes: &Bytes) -> std::future::Ready<bool> {
    std::future::ready(!bytes.is_empty())
}

/// Where a reader stands.
struct Reading {
    pieces: Pieces,
    opener: Opener,
    size: u64,
    segment: u64,
    /// The last segment of the range.
    end: u64,
    /// Bytes of the segment before the range.
    skip: usize,
    /// Bytes of the range that are still to come.
    left: u64,
}

impl Reading {
    async fn next(reading: Option<Self>) -> Result<Option<(Bytes, Option<Self>)>, FileError> {
        let Some(mut this) = reading else { return Ok(None) };
        let (begin, end) = place(this.segment, this.size);
        let mut segment = this.pieces.take(end - begin).await?;
        this.opener.open(this.segment, this.segment == last(this.size), &mut segment)?;
        let mut text = Bytes::from(segment);
        let skipped = text.split_to(this.skip.min(text.len()));
        drop(skipped);
        text.truncate(usize::try_from(this.left).unwrap_or(usize::MAX));
        this.left -= text.len() as u64;
        this.skip = 0;
        let is_over = this.segment == this.end;
        this.segment += 1;
        Ok(Some((text, (!is_over).then_some(this))))
    }
}

/// Sealed bytes as they come.
struct Pieces {
    from: BoxStream<'static, Result<Bytes, object_store::Error>>,
    held: BytesMut,
}

impl Pieces {
    /// The next bytes, exactly so many.
    async fn take(&mut self, count: u64) -> Result<Vec<u8>, FileError> {
        let too_long = |_| FileError::damaged("a segment is too long");
        let count = usize::try_from(count).map_err(too_long)?;
        while self.held.len() < count {
            let more =
                self.from.next().await.ok_or_else(|| FileError::damaged("it is cut short"))?;
            self.held.extend_from_slice(&more?);
        }
        Ok(self.held.split_to(count).to_vec())
    }
}

/// What a store answers with, as a stream of bytes.
fn pieces(
    payload: GetResultPayload,
    range: Range<u64>,
) -> BoxStream<'static, Result<Bytes, object_store::Error>> {
    match payload {
        GetResultPayload::Stream(stream) => stream,
        GetResultPayload::File(file, _) => {
            stream::try_unfold((file, range), |(file, range)| from_disk(file, range)).boxed()
        }
    }
}

type Step = Option<(Bytes, (File, Range<u64>))>;

async fn from_disk(mut file: File, range: Range<u64>) -> Result<Step, object_store::Error> {
    if range.is_empty() {
        return Ok(None);
    }
    let read = spawn_blocking(move || {
        let until = range.end.min(range.start + READ);
        let mut bytes = Vec::with_capacity(usize::try_from(until - range.start).unwrap_or(0));
        file.seek(SeekFrom::Start(range.start))?;
        // A file that ends too early is found out by who puts the segments together.
        let count = (&mut file).take(until - range.start).read_to_end(&mut bytes)? as u64;
        let rest = if count == 0 { range.end } else { range.start + count }..range.end;
        Ok::<Step, std::io::Error>(Some((bytes.into(), (file, rest))))
    });
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic {
        store: "files",
        source,
    };
    read.await.map_err(|error| failed(Box::new(error)))?.map_err(|error| failed(Box::new(error)))
}
