//! `POST …/tokens`: credentials of a certification body's people. The installation's operator makes
//! out a body's token for a person and a client; with it an auditor makes out his own token under
//! an engagement. The organisation that is audited makes out neither: it must not be able to write or
//! read in an auditor's name.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bus::AnyKind;
use event_store::store::clock as wall;
use identity::caller::Caller;
use identity::token::For;
use kernel::domain::KindDecl;
use kernel::id::PLATFORM;
use kernel::{Date, Instant, Role, TenantId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::command::{body, clock};
use super::json as strict;
use super::problem::{Problem, Wrong};
use super::query::Params;
use super::view::header;
use crate::Gateway;

/// The kinds that have tokens made out.
pub const KINDS: [&str; 2] = ["auditor_engagement", "certification_body"];
/// How long a token is worth something at most, and unless it is said, in hours.
pub const HOURS_MAX: u64 = 12;
const BODY_MAX: usize = 1 << 12;

/// What the body of a request may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    hours: Option<u64>,
    tenant: Option<String>,
    user: Option<String>,
}

/// Makes a token out.
///
/// # Errors
/// The problem.
pub async fn token(
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
    kind: &KindDecl,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    let (bearer, now) = (header(headers, AUTHORIZATION), clock(headers)?);
    let caller = gateway.identity.any_commander(bearer, now).await?;
    Params::read(request.query_string()).finish()?;
    let wanted = wanted(&body(headers, payload, BODY_MAX).await?)?;
    let hours = wanted.hours.unwrap_or(HOURS_MAX);
    if !(1..=HOURS_MAX).contains(&hours) {
        return Err(invalid("/hours", &format!("must lie in 1 to {HOURS_MAX}")));
    }
    let made = if kind.row.name == "auditor_engagement" {
        for_himself(gateway, &caller, id, hours, now).await?
    } else {
        for_another(gateway, &caller, id, &wanted, hours).await?
    };
    Ok(HttpResponse::build(StatusCode::CREATED)
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Content-Type", "application/json"))
        .body(made.to_string()))
}

fn wanted(body: &[u8]) -> Result<Wanted, Problem> {
    if body.is_empty() {
        return Ok(Wanted::default());
    }
    let read = Wanted::deserialize(strict::read(body)?);
    read.map_err(|error| invalid("", &error.to_string()))
}

fn invalid(pointer: &str, message: &str) -> Problem {
    let (pointer, code) = (Some(pointer.to_owned()), "wrong_value".to_owned());
    let wrong = Wrong { pointer, code, message: message.to_owned(), ..Wrong::default() };
    Problem::new("invalid_input", message).with_errors(vec![wrong])
}

/// An auditor's own token under an engagement of his body that is open now.
async fn for_himself(
    gateway: &Gateway,
    caller: &Caller,
    id: &str,
    hours: u64,
    now: Option<Instant>,
) -> Result<Value, Problem> {
    if caller.who.body.is_none() || !caller.who.roles.contains(&Role::Cba) {
        let detail = "an auditor makes out his own token, with the token of his certification body";
        return Err(Problem::new("forbidden", detail));
    }
    let newest = caller.newest().await?;
    caller.document(id, newest, false).await?.ok_or_else(Problem::not_found)?;
    let (log, user) = (caller.log.clone(), caller.who.id.as_str());
    let auditor = gateway.identity.auditor(log, user, id, now).await?;
    let mut valid = Duration::from_secs(hours * 3600);
    if let Some(end) = end_of(&auditor) {
        // Where the clock is simulated the window has nothing to do with the token's real life.
        let left = end.micros().saturating_sub(wall().micros()).max(0);
        valid = valid.min(Duration::from_micros(left.unsigned_abs()));
    }
    let tokens = gateway.identity.tokens();
    let token = tokens.mint_for(For::Engagement(id), caller.tenant(), user, valid);
    let token = token.map_err(|error| event_store::Fault::Corrupt(error.to_string()))?;
    let expires = wall().plus_micros(i64::try_from(valid.as_micros()).unwrap_or(0));
    Ok(json!({ "token": token, "user": user, "engagement": id, "expiresAt": expires }))
}

/// When the window of an auditor's engagement is over; `None` where the clock is simulated.
fn end_of(auditor: &Caller) -> Option<Instant> {
    let outlook = auditor.outlook.as_ref().filter(|outlook| !outlook.head.simulated)?;
    outlook.last_day().map(|day: Date| day.plus_days(1).start())
}

/// A body's token for one of its people and one client, by the operator.
async fn for_another(
    gateway: &Gateway,
    caller: &Caller,
    id: &str,
    wanted: &Wanted,
    hours: u64,
) -> Result<Value, Problem> {
    if caller.tenant().as_str() != PLATFORM || !caller.who.roles.contains(&Role::Adm) {
        let detail =
            "the operator of the installation makes out the tokens of certification bodies";
        return Err(Problem::new("forbidden", detail));
    }
    let tenant = wanted.tenant.as_deref().and_then(TenantId::parse);
    let tenant = tenant.ok_or_else(|| invalid("/tenant", "must be a tenant's id (tnt_…)"))?;
    let user = wanted.user.as_deref().filter(|user| user.starts_with("usr_"));
    let user = user.ok_or_else(|| invalid("/user", "must be a user's id (usr_…)"))?;
    let log = gateway.store.log(&tenant);
    if log.head().await?.is_none() {
        return Err(invalid("/tenant", "there is no such tenant"));
    }
    gateway.identity.of_body(log, user, id, None).await?;
    let valid = Duration::from_secs(hours * 3600);
    let token = gateway.identity.tokens().mint_for(For::Body(id), &tenant, user, valid);
    let token = token.map_err(|error| event_store::Fault::Corrupt(error.to_string()))?;
    let expires = wall().plus_micros(i64::try_from(valid.as_micros()).unwrap_or(0));
    Ok(json!({ "token": token, "user": user, "body": id, "tenant": tenant, "expiresAt": expires }))
}

/// Whether tokens are made out for objects of a kind.
pub fn has_tokens(kind: &dyn AnyKind) -> bool {
    KINDS.contains(&kind.decl().row.name)
}
