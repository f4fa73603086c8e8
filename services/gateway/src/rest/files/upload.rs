//! `POST /v1/evidence/files`: a file and what is said of it; evidence comes of it, registered and
//! verified.

use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bus::{AnyKind, CommandError, Done, Request};
use event_store::batch::Recorded;
use event_store::store::new_id;
use event_store::{Fault, Outcome};
use files::verify;
use identity::Caller;
use kernel::Instant;
use kernel::domain::CommandDecl;
use kernel::door;
use serde_json::{Value, json};

use super::announced::{Announced, media_type, too_large};
use super::receive::{Received, receive, spawn};
use super::{command, may_bring};
use crate::Gateway;
use crate::rest::command::{Target, answer, clock, count, idempotency_key};
use crate::rest::problem::{Problem, Wrong};
use crate::rest::query::Params;
use crate::rest::view::header;

/// What the query says of a file; the rest follows from the bytes and the headers.
pub const SAID: [&str; 7] = [
    "filename",
    "capturedAt",
    "source",
    "classification",
    "freshUntil",
    "retentionUntil",
    "supersedes",
];
/// What need not be said: an upload is one, and is for the members of the organisation.
pub const UNSAID: [(&str, &str); 2] = [("source", "upload"), ("classification", "internal")];
/// Events of new evidence among which those of its upload are found.
const EVENTS: usize = 50;

/// Takes in a file as evidence.
///
/// # Errors
/// The problem; nothing is kept then.
pub async fn upload(
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
    kind: &Arc<dyn AnyKind>,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    let caller = gateway.identity.commander(header(headers, AUTHORIZATION)).await?;
    may_bring(&caller, kind.decl()).await?;
    let max = gateway.files.max();
    let announced = Announced::read(headers, max)?;
    let register = command(kind.decl(), "register")?;
    let id = new_id(kind.decl().row.prefix)?;
    let mut input = said(request, register, media_type(headers)?, &id)?;
    let clock = clock(headers)?;
    // A malformed key is told of before the bytes are sent.
    idempotency_key(request, &caller, b"")?;

    let incoming = gateway.files.receive(&caller.log, &id).await?;
    let received = receive(gateway, incoming, payload, max, || too_large(max)).await?;
    if let Err(problem) = announced.agrees(&received.sha256) {
        received.incoming.discard().await;
        return Err(problem);
    }
    input["sha256"] = json!(received.sha256);
    input["size"] = json!(received.incoming.size());
    let command = Request {
        verb: register.verb.to_owned(),
        fresh: Some(id),
        input,
        key: idempotency_key(request, &caller, received.sha256.as_bytes())?,
        clock,
        ..Request::default()
    };
    let job = conclude(gateway.clone(), caller.clone(), Arc::clone(kind), received, command);
    let done = spawn(gateway, job).await;
    let done = done.map_err(|error| Fault::Corrupt(error.to_string()))??;
    let target = Target { kind, command: register, id: None };
    count(&gateway.surface, target.kind.decl().row.name, target.command.verb, &done);
    answer(gateway, &caller, &target, &done).await
}

/// The input of `register`, but for hash and length; checked before the bytes come.
fn said(
    request: &HttpRequest,
    register: &CommandDecl,
    media_type: String,
    id: &str,
) -> Result<Value, Problem> {
    let mut params = Params::read(request.query_string());
    let mut input = json!({
        "sha256": "0".repeat(64), "size": 0, "mediaType": media_type,
        "storageUri": format!("/v1/evidence/{id}/content"),
    });
    for (name, value) in UNSAID {
        input[name] = json!(value);
    }
    for name in SAID {
        if let Some(text) = params.one(name) {
            input[name] = json!(text);
        }
    }
    for wrong in door::check(&register.input.fields, &input, "") {
        params.wrong(wrong.pointer.trim_start_matches('/'), wrong.code, wrong.message);
    }
    params.finish()?;
    Ok(input)
}

/// Keeps the file, registers it as evidence and records that its bytes have the hash.
async fn conclude(
    gateway: Gateway,
    caller: Caller,
    kind: Arc<dyn AnyKind>,
    received: Received,
    register: Request,
) -> Result<Done, Problem> {
    let (log, clock) = (&caller.log, register.clock);
    let id = register.fresh.clone().unwrap_or_default();
    let Received { incoming, sha256 } = received;
    incoming.keep().await?;
    let done = match gateway.registry.dispatch(&kind, log, &caller.who, register).await {
        Ok(done) => done,
        // Whether it was recorded is not known: the next sweep looks.
        Err(fault @ CommandError::Fault(_)) => return Err(fault.into()),
        Err(refusal) => {
            forget(&gateway, &caller, &id).await;
            return Err(refused(refusal));
        }
    };
    if done.id != id {
        // The answer to an earlier request under the same key, which has its file.
        forget(&gateway, &caller, &id).await;
    }
    let cause = done.outcome.events.first().map(|event| event.id.clone());
    let more = Request { clock, cause, ..Request::default() };
    match verify(&gateway.registry, log, &done.id, &sha256, more).await {
        // What became of it since changes nothing in the answer to the first request.
        Err(CommandError::Refused { .. }) if done.replayed => {}
        verified => drop(verified?),
    }
    whole(&caller, done).await
}

/// Removes a file that no evidence came of.
async fn forget(gateway: &Gateway, caller: &Caller, id: &str) {
    if let Err(error) = gateway.files.remove(&caller.log, id).await {
        tracing::warn!(%id, %error, "a file without evidence is left to the next sweep");
    }
}

/// What is wrong with what the query says, where it says so.
fn refused(error: CommandError) -> Problem {
    let CommandError::Invalid { errors } = error else { return error.into() };
    let wrong = errors.into_iter().map(|wrong| {
        Wrong::parameter(wrong.pointer.trim_start_matches('/'), wrong.code, wrong.message)
    });
    let wrong: Vec<_> = wrong.collect();
    let detail = wrong.first().map_or_else(String::new, |wrong| {
        format!("{} {}", wrong.parameter.as_deref().unwrap_or_default(), wrong.message)
    });
    Problem::new("invalid_query", detail).with_errors(wrong)
}

/// Both commands as one: the same answer for the first request and for its repetition.
async fn whole(caller: &Caller, registered: Done) -> Result<Done, Problem> {
    let head = caller.log.head().await?.ok_or_else(Problem::not_found)?;
    let history = caller.log.history(&registered.id, 0, head.position, EVENTS).await?;
    let mut events: Vec<Recorded> = Vec::new();
    let mut at = registered.outcome.recorded_at;
    for event in history {
        let name = event.row.name.as_str();
        let is_ours = matches!(name, "evidence.registered" | "evidence.verified");
        if is_ours && !events.iter().any(|known| known.name == name) {
            at = Instant::max(at, event.header.at);
            events.push(Recorded {
                id: event.header.id.clone(),
                name: name.to_owned(),
                stream: event.row.stream.clone(),
                version: event.row.version,
                position: event.row.position,
            });
        }
    }
    let Some(last) = events.last() else { return Ok(registered) };
    let (version, position) = (last.version, last.position);
    let outcome = Outcome { position, recorded_at: at, events };
    Ok(Done { version, outcome, ..registered })
}
