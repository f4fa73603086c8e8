//! A body on its way into a file: the worker reads the connection, a job beside it hashes, seals
//! and writes, and neither holds more than a few pieces.

use std::time::Duration;

use actix_web::web::{Bytes, Payload};
use files::{FileError, Incoming};
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Gateway;
use crate::rest::metrics::Counter;
use crate::rest::problem::Problem;

/// Pieces between the connection and the file.
const PIECES: usize = 16;
/// How long a body may keep us waiting for its next piece.
const PATIENCE: Duration = Duration::from_secs(60);

/// A whole file that has come and is not kept yet.
pub struct Received {
    /// The file.
    pub incoming: Incoming,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// A piece of a body; `None` when it has come to its end.
type Piece = Option<Bytes>;

/// Runs a job beside the workers: it goes on when its caller goes away.
pub fn spawn<T: Send + 'static>(
    gateway: &Gateway,
    job: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    match &gateway.jobs {
        Some(runtime) => runtime.spawn(job),
        None => tokio::spawn(job),
    }
}

/// Takes a body in; `too_long` says what is wrong when it has more than `max` bytes.
///
/// # Errors
/// When it is too long, breaks off, stalls, or cannot be written. Nothing is left of it then.
pub async fn receive(
    gateway: &Gateway,
    incoming: Incoming,
    mut payload: Payload,
    max: u64,
    too_long: impl Fn() -> Problem,
) -> Result<Received, Problem> {
    let (pieces, coming) = mpsc::channel(PIECES);
    let job = spawn(gateway, write(incoming, coming));
    let mut size = 0;
    let end = loop {
        match timeout(PATIENCE, payload.next()).await {
            Err(_) => break Err(Problem::new("request_timeout", "the body stopped coming")),
            Ok(None) => break Ok(()),
            Ok(Some(Err(error))) => {
                let detail = format!("the body broke off: {error}");
                break Err(Problem::new("body_incomplete", detail));
            }
            Ok(Some(Ok(bytes))) => {
                size += bytes.len() as u64;
                if size > max {
                    break Err(too_long());
                }
                // The job ends early only when it failed, and says why below.
                if pieces.send(Some(bytes)).await.is_err() {
                    break Ok(());
                }
            }
        }
    };
    if end.is_ok() {
        // As above.
        drop(pieces.send(None).await);
    }
    drop(pieces);
    let written = job.await.map_err(|error| event_store::Fault::Corrupt(error.to_string()))?;
    end?;
    let broken = || Problem::new("body_incomplete", "the body broke off");
    let received = written?.ok_or_else(broken)?;
    let labels = "direction=\"in\"".to_owned();
    gateway.surface.metrics().count(Counter::FileBytes, labels, size);
    Ok(received)
}

/// Writes the pieces; `None` when they end before the body does.
async fn write(
    mut incoming: Incoming,
    mut pieces: mpsc::Receiver<Piece>,
) -> Result<Option<Received>, FileError> {
    while let Some(piece) = pieces.recv().await {
        let done = match piece {
            Some(bytes) => incoming.write(&bytes).await,
            None => match incoming.end().await {
                Ok(sha256) => return Ok(Some(Received { incoming, sha256 })),
                Err(error) => Err(error),
            },
        };
        if let Err(error) = done {
            incoming.discard().await;
            return Err(error);
        }
    }
    incoming.discard().await;
    Ok(None)
}
