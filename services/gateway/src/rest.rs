//! REST: one entry for every path. Routes, inputs and rights are read off the kinds' declarations;
//! no kind has a handler of its own.

pub mod catalogue;
pub mod command;
pub mod files;
pub mod frozen;
pub mod imports;
pub mod intake;
pub mod json;
pub mod metrics;
pub mod pages;
mod parked;
pub mod problem;
pub mod query;
pub mod read;
pub mod route;
pub mod shown;
pub mod tokens;
pub mod view;

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use bus::Registry;
use event_store::store::new_id;
use event_store::{Fault, Log};
use kernel::TenantId;

use crate::Gateway;
use crate::reads::{Asked, fingerprint};
use command::{Target, command};
use metrics::{Counter, Metrics};
use problem::Problem;
use route::{Route, route};

/// What the REST surface works out once, and counts.
pub struct Surface {
    /// Made when it is asked for first: few processes ever are, and it is large.
    openapi: OnceLock<web::Bytes>,
    docs: OnceLock<String>,
    landing: String,
    metrics: Metrics,
    simulated: Mutex<HashMap<TenantId, bool>>,
}

impl Surface {
    /// The surface of these kinds.
    pub fn of(registry: &Registry) -> Self {
        Self {
            openapi: OnceLock::new(),
            docs: OnceLock::new(),
            landing: pages::landing(registry),
            metrics: Metrics::default(),
            simulated: Mutex::default(),
        }
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether a log's clock is simulated; that never changes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_simulated(&self, log: &Log) -> Result<bool, Fault> {
        let known = || self.simulated.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(simulated) = known().get(log.tenant()).copied() {
            return Ok(simulated);
        }
        let simulated = log.head().await?.is_some_and(|head| head.simulated);
        known().insert(log.tenant().clone(), simulated);
        Ok(simulated)
    }
}

/// Mounts REST, the pages and the probes: every path that nothing else takes.
pub fn configure(config: &mut ServiceConfig, gateway: &Gateway) {
    let gateway = gateway.clone();
    let entry = move |request, payload| serve(request, payload, gateway.clone());
    config.default_service(web::to(entry));
}

/// Answers any request: with what was asked for, or with a problem.
async fn serve(request: HttpRequest, payload: Payload, gateway: Gateway) -> HttpResponse {
    let id = new_id("req").unwrap_or_else(|_| "req_unknown".to_owned());
    let mut response = match answer(&request, payload, &gateway).await {
        Ok(response) => response,
        Err(problem) => {
            if let Some(cause) = problem.cause() {
                tracing::error!(request = %id, path = request.path(), %cause, "fault");
            }
            problem.response(&id)
        }
    };
    if let Some(asked) = request.extensions_mut().remove::<Asked>() {
        note(&gateway, asked, &request, &response);
    }
    harden(&mut response, &id);
    let labels =
        format!("method=\"{}\",status=\"{}\"", word(request.method()), response.status().as_u16());
    gateway.surface.metrics.count(Counter::Requests, labels, 1);
    response
}

/// Notes what an auditor has asked.
fn note(gateway: &Gateway, asked: Asked, request: &HttpRequest, response: &HttpResponse) {
    let parts = [request.method().as_str(), request.path(), request.query_string()];
    let fingerprint = fingerprint(parts.map(str::as_bytes));
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    gateway.reads.note(asked, "rest", request.path(), &fingerprint, refused);
}

/// A method as a label: one of a few words, whatever callers send.
fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        _ => "other",
    }
}

/// Headers that every answer carries, whatever it says; those that are there already stay.
pub fn harden(response: &mut HttpResponse, request_id: &str) {
    const ALWAYS: [(&str, &str); 5] = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ];
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("annals-request-id"), id);
    }
}

async fn answer(
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
) -> Result<HttpResponse, Problem> {
    let route = route(&gateway.registry, request.path()).ok_or_else(Problem::not_found)?;
    let (allowed, method) = (route.allowed(), request.method().as_str());
    if !allowed.split(", ").any(|allowed| allowed == method) {
        return Err(Problem::method(allowed));
    }
    let posts = request.method() == Method::POST;
    let surface = &gateway.surface;
    match route {
        Route::Landing => Ok(page(&surface.landing)),
        Route::Docs => Ok(page(surface.docs.get_or_init(|| pages::docs(&gateway.registry)))),
        Route::OpenApi => {
            let make = || crate::openapi::document(&gateway.registry).to_string().into();
            Ok(plain("application/json", surface.openapi.get_or_init(make).clone()))
        }
        Route::Alive => Ok(plain("application/json", r#"{"status":"alive"}"#)),
        Route::Ready => ready(gateway).await,
        Route::Metrics => Ok(plain("text/plain; version=0.0.4", surface.metrics.text())),
        Route::Me => read::me(request, gateway).await,
        Route::Events => read::events(request, gateway).await,
        Route::Packaged => catalogue::packaged(request, gateway).await,
        Route::Catalogue(id) => catalogue::one(request, gateway, id).await,
        Route::Coverage(id) => catalogue::coverage(request, gateway, id).await,
        Route::Public(tenant, place) => {
            intake::intake(request, payload, gateway, tenant, place).await
        }
        Route::Parked => parked::list(request, gateway).await,
        Route::Resume => parked::resume(request, payload, gateway).await,
        Route::Imports => imports::import(request, payload, gateway).await,
        Route::Files(kind) => files::upload::upload(request, payload, gateway, kind).await,
        Route::Content(kind, id) if request.method() == Method::PUT => {
            files::content::replace(request, payload, gateway, kind, id).await
        }
        Route::Content(kind, id) => files::download::download(request, gateway, kind, id).await,
        Route::List(kind, Some(create)) if posts => {
            command(request, payload, gateway, Target { kind, command: create, id: None }).await
        }
        Route::List(kind, _) => read::list(request, gateway, kind).await,
        Route::Object(kind, id) => read::object(request, gateway, kind, id).await,
        Route::History(kind, id) => read::history(request, gateway, kind, id).await,
        Route::FrozenInput(id, input) => frozen::input(request, gateway, id, input).await,
        Route::Create(kind, create) => {
            command(request, payload, gateway, Target { kind, command: create, id: None }).await
        }
        Route::Tokens(kind, id) => tokens::token(request, payload, gateway, kind.decl(), id).await,
        Route::Command(kind, id, verb) => {
            command(request, payload, gateway, Target { kind, command: verb, id: Some(id) }).await
        }
    }
}

fn page(html: &str) -> HttpResponse {
    let style = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let mut response = plain("text/html; charset=utf-8", html.to_owned());
    let name = HeaderName::from_static("content-security-policy");
    response.headers_mut().insert(name, HeaderValue::from_static(style));
    response
}

fn plain(media: &str, body: impl Into<web::Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(body.into())
}

/// Whether the database answers.
async fn ready(gateway: &Gateway) -> Result<HttpResponse, Problem> {
    gateway.store.log(&TenantId::from_bits(0)).head().await?;
    Ok(plain("application/json", r#"{"status":"ready"}"#))
}

#[cfg(test)]
mod tests;
