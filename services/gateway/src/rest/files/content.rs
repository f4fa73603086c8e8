//! `PUT /v1/evidence/{id}/content`: the bytes of evidence that was registered by its hash.
//!
//! Other bytes are refused and change nothing: a wrong upload says something of the uploader, not
//! of the evidence. Quarantine is for bytes that were kept and are found to be others.

use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bus::{AnyKind, CommandError, Done, Request};
use event_store::{Fault, Log};
use facts::Evidence;
use files::verify;
use identity::Caller;

use super::announced::{Announced, too_large};
use super::receive::{Received, receive, spawn};
use super::{command, evidence, may_bring, refuse_dead};
use crate::Gateway;
use crate::rest::command::{Target, answer, clock, count, explained, idempotency_key, if_match};
use crate::rest::problem::Problem;
use crate::rest::query::Params;
use crate::rest::view::header;

/// Takes in the bytes of evidence.
///
/// # Errors
/// The problem; nothing is kept then.
pub async fn replace(
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
    kind: &Arc<dyn AnyKind>,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    let caller = gateway.identity.commander(header(headers, AUTHORIZATION)).await?;
    may_bring(&caller, kind.decl()).await?;
    Params::read(request.query_string()).finish()?;
    let (registered, version) = registered(&caller.log, id).await?;
    refuse_dead(&registered)?;
    let (max, size) = (gateway.files.max(), registered.size);
    if size > max {
        return Err(too_large(max));
    }
    let announced = Announced::read(headers, max)?;
    if announced.length.is_some_and(|length| length != size) {
        return Err(other_length(size));
    }
    if let Some(sha256) = announced.sha256.as_ref().filter(|sha| **sha != registered.sha256) {
        return Err(other_hash(&registered, sha256));
    }
    let verb = command(kind.decl(), "verify")?;
    let (expected, clock) = (if_match(headers, verb)?, clock(headers)?);
    let key = idempotency_key(request, &caller, registered.sha256.as_bytes())?;
    let target = Target { kind, command: verb, id: Some(id) };
    if let Some(expected) = expected.filter(|expected| *expected != version) {
        let seen = CommandError::VersionMismatch { id: id.to_owned(), expected, actual: version };
        return Err(explained(seen, gateway, &caller, &target, Some(expected)).await);
    }

    let incoming = gateway.files.receive(&caller.log, id).await?;
    let received = receive(gateway, incoming, payload, size, || other_length(size)).await?;
    let wrong = match (received.incoming.size() == size, &received.sha256) {
        (false, _) => Some(other_length(size)),
        (true, sha256) if *sha256 != registered.sha256 => Some(other_hash(&registered, sha256)),
        (true, _) => None,
    };
    if let Some(wrong) = wrong {
        received.incoming.discard().await;
        return Err(wrong);
    }
    let more = Request { expected, clock, key, ..Request::default() };
    let job = conclude(gateway.clone(), caller.clone(), id.to_owned(), received, more);
    let done = spawn(gateway, job).await;
    let done = match done.map_err(|error| Fault::Corrupt(error.to_string()))? {
        Ok(done) => done,
        Err(Unkept::Command(error)) => {
            return Err(explained(error, gateway, &caller, &target, expected).await);
        }
        Err(Unkept::Problem(problem)) => return Err(problem),
    };
    count(&gateway.surface, target.kind.decl().row.name, target.command.verb, &done);
    answer(gateway, &caller, &target, &done).await
}

/// Why the bytes were not kept, or that was not recorded.
enum Unkept {
    Command(CommandError),
    Problem(Problem),
}

/// Keeps the bytes and records that they have the hash.
async fn conclude(
    gateway: Gateway,
    caller: Caller,
    id: String,
    received: Received,
    more: Request,
) -> Result<Done, Unkept> {
    let Received { incoming, sha256 } = received;
    incoming.keep().await.map_err(|error| Unkept::Problem(error.into()))?;
    // It may have been shredded while its bytes were coming: whoever removes them has gone by.
    caller.log.forget(&id);
    let dead = match registered(&caller.log, &id).await {
        Ok((registered, _)) => refuse_dead(&registered),
        Err(problem) => Err(problem),
    };
    if let Err(problem) = dead {
        if problem.code == "content_shredded" {
            let removed = gateway.files.remove(&caller.log, &id).await;
            removed.map_err(|error| Unkept::Problem(error.into()))?;
        }
        return Err(Unkept::Problem(problem));
    }
    verify(&gateway.registry, &caller.log, &id, &sha256, more).await.map_err(Unkept::Command)
}

/// What is registered, and the evidence's version.
async fn registered(log: &Log, id: &str) -> Result<(Evidence, u64), Problem> {
    let found = log.newest(id).await?.ok_or_else(Problem::not_found)?;
    Ok((evidence(&found)?, found.version))
}

fn other_length(size: u64) -> Problem {
    Problem::new("content_mismatch", format!("the registered file has {size} bytes"))
}

fn other_hash(registered: &Evidence, found: &str) -> Problem {
    let detail = format!("the bytes have SHA-256 {found}; registered is {}", registered.sha256);
    Problem::new("content_mismatch", detail)
}
