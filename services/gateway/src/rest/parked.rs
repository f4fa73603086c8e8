//! `/v1/parked`: what subscribers (rules, provisioning, shredding) could not handle, for the
//! operator of the installation, who cures the cause and has it tried again.

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use event_store::engine::ParkedWork;
use kernel::id::PLATFORM;
use kernel::{Role, TenantId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::command::{body, clock};
use super::json as strict;
use super::problem::{Problem, Wrong};
use super::query::Params;
use super::view::header;
use crate::Gateway;

const BODY_MAX: usize = 1 << 12;

/// Which stream is to be tried again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    subscriber: String,
    tenant: String,
    object: String,
}

/// Lists what is parked.
///
/// # Errors
/// The problem.
pub async fn list(request: &HttpRequest, gateway: &Gateway) -> Result<HttpResponse, Problem> {
    operator(request, gateway).await?;
    Params::read(request.query_string()).finish()?;
    let parked = gateway.store.parked(None).await?;
    Ok(answer(&json!({ "data": parked.iter().map(shown).collect::<Vec<_>>() })))
}

/// Has a parked stream tried again at once.
///
/// # Errors
/// The problem.
pub async fn resume(
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
) -> Result<HttpResponse, Problem> {
    operator(request, gateway).await?;
    Params::read(request.query_string()).finish()?;
    let sent = body(request.headers(), payload, BODY_MAX).await?;
    let read = Stream::deserialize(strict::read(&sent)?);
    let Stream { subscriber, tenant, object } = read.map_err(|error| {
        let (pointer, code) = (Some(String::new()), "wrong_value".to_owned());
        let wrong = Wrong { pointer, code, message: error.to_string(), ..Wrong::default() };
        Problem::new("invalid_input", error.to_string()).with_errors(vec![wrong])
    })?;
    let tenant = TenantId::parse(&tenant).ok_or_else(Problem::not_found)?;
    if !gateway.store.resume(&subscriber, &tenant, &object).await? {
        return Err(Problem::not_found());
    }
    Ok(answer(&json!({ "subscriber": subscriber, "tenant": tenant, "object": object })))
}

/// Only the operator of the installation sees what all tenants wait for.
async fn operator(request: &HttpRequest, gateway: &Gateway) -> Result<(), Problem> {
    let headers = request.headers();
    let bearer = header(headers, AUTHORIZATION);
    let caller = gateway.identity.any_commander(bearer, clock(headers)?).await?;
    if caller.tenant().as_str() == PLATFORM && caller.who.roles.contains(&Role::Adm) {
        return Ok(());
    }
    Err(Problem::new("forbidden", "this is for the operator of the installation"))
}

fn shown(work: &ParkedWork) -> Value {
    let parked = &work.parked;
    json!({
        "subscriber": work.subscriber, "tenant": work.tenant, "object": parked.stream,
        "position": parked.position, "error": parked.error, "attempts": parked.retry.attempts,
        "retryAt": parked.retry.at,
    })
}

fn answer(body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Content-Type", "application/json"))
        .body(body.to_string())
}
