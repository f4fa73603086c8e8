//! `POST`: any command of any kind.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, IF_MATCH, LOCATION,
};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bus::{AnyKind, CommandError, Done, Request};
use event_store::IdempotencyKey;
use futures::StreamExt;
use identity::Caller;
use kernel::Instant;
use kernel::domain::CommandDecl;
use kernel::schema::{Field, LIST_MAX, Ty};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Surface;
use super::metrics::Counter;
use super::problem::Problem;
use super::query::Params;
use super::route::CURRENT;
use super::view::header;
use super::{json as strict, shown};
use crate::{Gateway, outside, own};

/// Most bytes of a body.
pub const BODY_MAX: usize = 1 << 20;
/// Most bytes of a body that may hold thousands of members: ten thousand of the longest points fit.
pub const BULK_MAX: usize = 2 << 20;
/// Most characters of an idempotency key.
pub const KEY_MAX: usize = 200;
/// Most events that a version mismatch lists.
const SINCE_MAX: usize = 100;

/// A command's target: the kind, its declaration and, unless it makes an object, the object.
pub struct Target<'a> {
    /// The kind.
    pub kind: &'a Arc<dyn AnyKind>,
    /// The command.
    pub command: &'a CommandDecl,
    /// The object.
    pub id: Option<&'a str>,
}

/// Carries out a command: authenticate, parse, dispatch, map the outcome.
///
/// # Errors
/// The problem.
pub async fn command(
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
    target: Target<'_>,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    let (bearer, now) = (header(headers, AUTHORIZATION), clock(headers)?);
    let caller = gateway.identity.any_commander(bearer, now).await?;
    Params::read(request.query_string()).finish()?;
    let body = body(headers, payload, body_max(target.command)).await?;
    let expected = if_match(headers, target.command)?;
    let command = Request {
        verb: target.command.verb.to_owned(),
        id: object_id(&caller, &target).await?,
        fresh: None,
        input: if body.is_empty() { Value::Null } else { strict::read(&body)? },
        expected,
        key: idempotency_key(request, &caller, &body)?,
        cause: None,
        correlation: None,
        clock: now,
    };
    let (decl, id) = (target.kind.decl(), command.id.as_deref());
    outside::check(&caller, decl, target.command, id, &command.input).await?;
    let done = gateway.registry.dispatch(target.kind, &caller.log, &caller.who, command).await;
    let done = match done {
        Ok(done) => done,
        Err(error) => return Err(explained(error, gateway, &caller, &target, expected).await),
    };
    count(&gateway.surface, target.kind.decl().row.name, target.command.verb, &done);
    answer(gateway, &caller, &target, &done).await
}

/// Counts a command that was carried out.
pub fn count(surface: &Surface, kind: &str, verb: &str, done: &Done) {
    if !done.replayed {
        let metrics = surface.metrics();
        metrics.count(Counter::Commands, format!("kind=\"{kind}\",verb=\"{verb}\""), 1);
        let events = done.outcome.events.len() as u64;
        metrics.count(Counter::Events, format!("kind=\"{kind}\""), events);
    }
}

/// The object, `current` read as the only one of its kind.
async fn object_id(caller: &Caller, target: &Target<'_>) -> Result<Option<String>, Problem> {
    match target.id {
        Some(CURRENT) => {
            let view = super::view::View::of(caller.clone(), event_store::AsOf::Now).await?;
            let only = super::read::only(&view, target.kind).await?;
            Ok(Some(only.ok_or_else(Problem::not_found)?.0.id.clone()))
        }
        other => Ok(other.map(str::to_owned)),
    }
}

/// Most bytes of a command's body, by what its input may hold.
fn body_max(command: &CommandDecl) -> usize {
    let is_bulk = |field: &Field| matches!(field.ty, Ty::List(_, max) if max > LIST_MAX);
    if command.input.fields.iter().any(is_bulk) { BULK_MAX } else { BODY_MAX }
}

/// The bytes of a body, at most so many.
///
/// # Errors
/// When there are more, or the body breaks off.
pub async fn bytes(
    headers: &HeaderMap,
    mut payload: Payload,
    max: usize,
) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::new("too_large", format!("a body has at most {max} bytes here"));
    let declared = header(headers, "content-length").and_then(|n| n.parse::<usize>().ok());
    if declared.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let unreadable =
            |error| Problem::new("malformed_json", format!("the body broke off: {error}"));
        let chunk = chunk.map_err(unreadable)?;
        if body.len() + chunk.len() > max {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The bytes of a JSON body, at most so many; none when there is no body.
///
/// # Errors
/// When there are more, or it is no JSON by its media type.
pub async fn body(headers: &HeaderMap, payload: Payload, max: usize) -> Result<Vec<u8>, Problem> {
    let body = bytes(headers, payload, max).await?;
    if body.is_empty() {
        return Ok(body);
    }
    let media = header(headers, CONTENT_TYPE).unwrap_or_default();
    let (media, parameters) = media.split_once(';').unwrap_or((media, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    let is_utf8 = matches!(parameters.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"");
    let plain = headers.get(CONTENT_ENCODING).is_none();
    if !media.trim().eq_ignore_ascii_case("application/json") || !is_utf8 || !plain {
        let detail = "a body is application/json in UTF-8, not encoded";
        return Err(Problem::new("unsupported_media_type", detail));
    }
    Ok(body)
}

/// The version that the caller saw; `*` stands for any.
pub(super) fn if_match(headers: &HeaderMap, command: &CommandDecl) -> Result<Option<u64>, Problem> {
    let Some(text) = text_header(headers, "If-Match")? else { return Ok(None) };
    if command.creates {
        return Err(Problem::header(
            "If-Match",
            "has no meaning for a command that makes an object",
        ));
    }
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let version = version.filter(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()));
    let version = version.and_then(|version| version.parse().ok());
    let wrong = || Problem::header("If-Match", "must be one strong entity tag such as \"7\", or *");
    version.map(Some).ok_or_else(wrong)
}

/// The only header of a name, as text.
///
/// # Errors
/// When it stands twice or is no text.
pub fn text_header<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let text =
                value.to_str().map_err(|_| Problem::header(name, "must be visible ASCII"))?;
            Ok(Some(text.trim()))
        }
        (Some(_), Some(_)) => Err(Problem::header(name, "must stand at most once")),
    }
}

/// Whether a text can be an idempotency key.
pub fn is_idempotency_key(key: &str) -> bool {
    (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
}

/// The idempotency key of a request, with the fingerprint of what was asked.
///
/// # Errors
/// When the header is malformed.
pub fn idempotency_key(
    request: &HttpRequest,
    caller: &Caller,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, Problem> {
    let headers = request.headers();
    let Some(key) = text_header(headers, "Idempotency-Key")? else { return Ok(None) };
    if !is_idempotency_key(key) {
        let message = format!("must be 1 to {KEY_MAX} visible ASCII characters");
        return Err(Problem::header("Idempotency-Key", &message));
    }
    let expected = header(headers, IF_MATCH).unwrap_or_default();
    let mut hash = Sha256::new();
    let (path, query) = (request.path(), request.query_string());
    let parts = [request.method().as_str(), path, query, expected, &caller.who.id];
    for part in parts.map(str::as_bytes).into_iter().chain([body]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Ok(Some(IdempotencyKey { key: key.to_owned(), fingerprint: hash.finalize().to_vec() }))
}

/// The clock of a simulated log.
///
/// # Errors
/// When the header is malformed.
pub fn clock(headers: &HeaderMap) -> Result<Option<Instant>, Problem> {
    let text = text_header(headers, "Annals-Clock")?;
    text.map(|text| {
        let wrong = |_| Problem::header("Annals-Clock", "must be an RFC 3339 time");
        text.parse().map_err(wrong)
    })
    .transpose()
}

/// A version mismatch tells the events since; one of another object is a conflict with others.
pub(super) async fn explained(
    error: CommandError,
    gateway: &Gateway,
    caller: &Caller,
    target: &Target<'_>,
    expected: Option<u64>,
) -> Problem {
    let CommandError::VersionMismatch { id, expected: seen, actual } = &error else {
        return error.into();
    };
    if expected != Some(*seen) || target.id != Some(id.as_str()) && target.id != Some(CURRENT) {
        return CommandError::Conflict.into();
    }
    let mut problem = Problem::new("version_mismatch", error.to_string());
    if seen < actual {
        match since(gateway, caller, target, id, *seen).await {
            Ok(Some(since)) => problem = problem.with_since(since),
            Ok(None) => {}
            Err(fault) => return fault,
        }
    }
    problem
}

/// The events since a version, if the caller may read the object.
async fn since(
    gateway: &Gateway,
    caller: &Caller,
    target: &Target<'_>,
    id: &str,
    version: u64,
) -> Result<Option<Vec<Value>>, Problem> {
    let newest = caller.log.newest(id).await?;
    if newest.is_none_or(|newest| !own::may_read(caller, target.kind.decl(), &newest)) {
        return Ok(None);
    }
    let Some(head) = caller.log.head().await? else { return Ok(None) };
    let events = caller.log.history(id, version, head.position, SINCE_MAX).await?;
    Ok(Some(shown::events(&gateway.registry, caller, events, head.position).await?))
}

/// The answer to a command that was carried out.
///
/// # Errors
/// When the object cannot be shown.
pub(super) async fn answer(
    gateway: &Gateway,
    caller: &Caller,
    target: &Target<'_>,
    done: &Done,
) -> Result<HttpResponse, Problem> {
    let (row, outcome) = (target.kind.decl().row, &done.outcome);
    let events = outcome.events.iter().map(|event| {
        json!({
            "id": event.id, "type": event.name, "object": event.stream,
            "version": event.version, "position": event.position,
        })
    });
    let events: Vec<_> = events.collect();
    let body = json!({
        "id": done.id,
        "version": done.version,
        "position": outcome.position,
        "recordedAt": outcome.recorded_at,
        "events": events,
        "object": object(gateway, caller, target, done).await?,
        "refusal": done.refusal,
    });
    let status = if target.command.creates { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header(("Cache-Control", "no-store"))
        .insert_header((ETAG, shown::etag(done.version)))
        .insert_header(("Annals-Position", outcome.position.to_string()));
    if target.command.creates {
        response.insert_header((LOCATION, format!("/v1/{}/{}", row.plural, done.id)));
    }
    if done.replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    if gateway.surface.is_simulated(&caller.log).await? {
        response.insert_header(("Annals-Simulated", "true"));
    }
    Ok(response.body(body.to_string()))
}

/// The object as the command left it, if the caller may read it.
async fn object(
    gateway: &Gateway,
    caller: &Caller,
    target: &Target<'_>,
    done: &Done,
) -> Result<Value, Problem> {
    let newest = caller.log.newest(&done.id).await?.filter(|found| found.version == done.version);
    let found = match newest {
        Some(found) => Some(found),
        None => caller.log.document(&done.id, done.outcome.position).await?,
    };
    let his = found.filter(|found| own::may_read(caller, target.kind.decl(), found));
    let Some(found) = his else { return Ok(Value::Null) };
    let shown = shown::objects(&gateway.registry, caller, target.kind, &[found]).await?;
    Ok(shown.into_iter().next().unwrap_or_default())
}
