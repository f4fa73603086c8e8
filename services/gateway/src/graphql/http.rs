//! GraphQL over HTTP, as its specification has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use async_graphql::{ServerError, Variables};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::error::extended;
use super::execute::{Answered, Asked, GraphQl, Rejected};
use crate::rest::json as strict;
use crate::rest::problem::{BEARER, OTHER_BEARER, Problem};

/// Most bytes of a request's body; the text of the query is bounded further.
const BODY_MAX: usize = crate::rest::command::BULK_MAX;
const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";
const IMMUTABLE: &str = "private, immutable, max-age=31536000";
const EXPLORER: &str = include_str!("explorer.html");
const EXPLORER_POLICY: &str = "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; \
    script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Mounts `/graphql` and `/graphql/explorer`.
pub fn configure(config: &mut web::ServiceConfig, graphql: Arc<GraphQl>) {
    config.service(
        web::resource("/graphql")
            .app_data(web::PayloadConfig::new(BODY_MAX))
            .app_data(web::Data::new(graphql))
            .default_service(web::to(handle)),
    );
    config.service(web::resource("/graphql/explorer").route(web::get().to(explorer)));
}

async fn explorer() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("content-security-policy", EXPLORER_POLICY))
        .insert_header(("x-content-type-options", "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(EXPLORER)
}

/// The body of an answer.
#[derive(serde::Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    extensions: &'a BTreeMap<String, async_graphql::Value>,
}

/// An answer that is no GraphQL answer: what is wrong with the request as such.
struct Bad {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Bad {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The body is no JSON as REST takes it either.
    fn json(name: &str, problem: &Problem) -> Self {
        let message = format!("{name}: {}", problem.detail());
        Self::new(StatusCode::BAD_REQUEST, "malformed_json", message)
    }

    fn request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }
}

/// A header that REST would not take either.
impl From<Problem> for Bad {
    fn from(problem: Problem) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_header", problem.detail())
    }
}

async fn handle(
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
    graphql: web::Data<Arc<GraphQl>>,
) -> HttpResponse {
    let id = event_store::store::new_id("req").unwrap_or_default();
    let media = media(request.headers());
    let answered = match (media, asked(&request, body, &id)) {
        (None, _) => Err(Bad::new(
            StatusCode::NOT_ACCEPTABLE,
            "not_acceptable",
            format!("answers are {GRAPHQL} or {JSON}"),
        )),
        (Some(_), Err(bad)) => Err(bad),
        (Some(media), Ok(asked)) => Ok((media, graphql.answer(asked).await)),
    };
    match answered {
        Err(bad) => refuse(&bad, media.unwrap_or(JSON), &id),
        Ok((media, Ok(answered))) => respond(&request, media, answered, &id),
        Ok((media, Err(rejected))) => reject(rejected, media, &id),
    }
}

/// The media type of the answer; `None` when the caller takes none of ours.
fn media(headers: &HeaderMap) -> Option<&'static str> {
    let mut accepted = headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    let Some(first) = accepted.next() else { return Some(JSON) };
    let ranges = std::iter::once(first).chain(accepted).flat_map(|value| value.split(','));
    let mut best: Option<(f32, u8, &'static str)> = None;
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
        let quality: f32 = quality.unwrap_or(0.0);
        let offer = match name.as_str() {
            GRAPHQL => (2, GRAPHQL),
            JSON => (2, JSON),
            "application/*" => (1, GRAPHQL),
            "*/*" => (0, JSON),
            _ => continue,
        };
        if quality > 0.0 && best.is_none_or(|(q, exact, _)| (quality, offer.0) > (q, exact)) {
            best = Some((quality, offer.0, offer.1));
        }
    }
    best.map(|(_, _, media)| media)
}

/// What the request asks.
fn asked(
    request: &HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
    id: &str,
) -> Result<Asked, Bad> {
    let parameters = match *request.method() {
        Method::GET => in_query(request.query_string())?,
        Method::POST => in_body(request.headers(), body)?,
        _ => {
            let message = "questions come by GET or POST, commands by POST";
            return Err(Bad::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message));
        }
    };
    let text = |name: &str| match parameters.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Bad::request(format!("{name} must be a string"))),
    };
    let object = |name: &str| match parameters.get(name) {
        None | Some(Value::Null) => Ok(Value::Object(Map::new())),
        Some(Value::Object(members)) => Ok(Value::Object(members.clone())),
        Some(_) => Err(Bad::request(format!("{name} must be an object"))),
    };
    object("extensions")?;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    Ok(Asked {
        query: text("query")?.ok_or_else(|| Bad::request("query is missing"))?,
        operation: text("operationName")?.filter(|name| !name.is_empty()),
        variables: Variables::from_json(object("variables")?),
        authorization: header("authorization").map(str::to_owned),
        clock: crate::rest::command::clock(request.headers()).map_err(Bad::from)?,
        only_query: request.method() == Method::GET,
        request_id: id.to_owned(),
    })
}

fn in_query(query: &str) -> Result<Map<String, Value>, Bad> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query);
    let pairs = pairs.map_err(|_| Bad::request("the query string cannot be read"))?;
    let mut parameters = Map::new();
    for (name, text) in pairs.into_inner() {
        let value = match name.as_str() {
            "variables" | "extensions" if text.is_empty() => Value::Null,
            "variables" | "extensions" => {
                strict::any(text.as_bytes()).map_err(|problem| Bad::json(&name, &problem))?
            }
            _ => Value::String(text),
        };
        if parameters.insert(name.clone(), value).is_some() {
            return Err(Bad::request(format!("{name} is given twice")));
        }
    }
    Ok(parameters)
}

fn in_body(
    headers: &HeaderMap,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<Map<String, Value>, Bad> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = given.unwrap_or_default().split(';').map(str::trim);
    let json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(JSON));
    let utf8 = parts.all(|part| {
        let charset = part.to_ascii_lowercase();
        let charset = charset.strip_prefix("charset=").map(|set| set.trim_matches('"').to_owned());
        charset.is_none_or(|set| set == "utf-8" || set == "utf8")
    });
    if !json || !utf8 {
        let message = "the content type must be application/json in UTF-8";
        return Err(Bad::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            message,
        ));
    }
    let body = body.map_err(|error| match error.as_error() {
        Some(PayloadError::Overflow) => {
            let message = format!("a request has at most {BODY_MAX} bytes");
            Bad::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
        }
        _ => {
            let message = format!("the body broke off: {error}");
            Bad::new(StatusCode::BAD_REQUEST, "malformed_json", message)
        }
    })?;
    match strict::any(&body).map_err(|problem| Bad::json("the body", &problem))? {
        Value::Object(parameters) => Ok(parameters),
        Value::Array(_) => Err(Bad::request("several questions in one request are not answered")),
        _ => Err(Bad::request("the body must be an object")),
    }
}

fn builder(status: StatusCode, media: &str, id: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.content_type(format!("{media}; charset=utf-8"));
    response.insert_header(("annals-request-id", id));
    response.insert_header((header::VARY, "Accept, Authorization"));
    response.insert_header(("x-content-type-options", "nosniff"));
    response
}

fn without_data(status: StatusCode, media: &str, error: &ServerError, id: &str) -> HttpResponse {
    let mut response = builder(status, media, id);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.insert_header((header::ALLOW, "GET, POST"));
    }
    if status == StatusCode::UNAUTHORIZED {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        let known = code == Some(&async_graphql::Value::from("invalid_token"));
        let bearer = if known { OTHER_BEARER } else { BEARER };
        response.insert_header((header::WWW_AUTHENTICATE, bearer));
    }
    response.body(json!({ "errors": [error] }).to_string())
}

fn refuse(bad: &Bad, media: &str, id: &str) -> HttpResponse {
    let error = extended(ServerError::new(&bad.message, None), bad.code, id, false);
    without_data(bad.status, media, &error, id)
}

fn reject(rejected: Rejected, media: &str, id: &str) -> HttpResponse {
    let (status, error) = match rejected {
        Rejected::Door(door) => {
            let error = ServerError::new(door.to_string(), None);
            let error = extended(error, door.code(), id, false);
            let known = if matches!(door.code(), "unauthenticated" | "invalid_token") {
                StatusCode::UNAUTHORIZED
            } else {
                StatusCode::FORBIDDEN
            };
            (known, error)
        }
        Rejected::MutationOnGet => {
            let error = ServerError::new("commands come by POST", None);
            let error = extended(error, "method_not_allowed", id, false);
            (StatusCode::METHOD_NOT_ALLOWED, error)
        }
        Rejected::Fault(error) => (StatusCode::INTERNAL_SERVER_ERROR, error),
        Rejected::Document(error) if media == JSON => (StatusCode::OK, error),
        Rejected::Document(error) => (StatusCode::BAD_REQUEST, error),
    };
    without_data(status, media, &error, id)
}

fn respond(request: &HttpRequest, media: &str, answered: Answered, id: &str) -> HttpResponse {
    let Answered { response, executed, settled, fetches } = answered;
    tracing::debug!(request_id = id, fetches, "a GraphQL request was answered");
    let body = Body {
        data: executed.then_some(&response.data),
        errors: &response.errors,
        extensions: &response.extensions,
    };
    let body = match serde_json::to_string(&body) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(request_id = id, %error, "an answer cannot be written");
            let error = ServerError::new("something of ours failed", None);
            let error = extended(error, "fault", id, false);
            return without_data(StatusCode::INTERNAL_SERVER_ERROR, media, &error, id);
        }
    };
    let status = if executed || media == JSON { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let mut response = builder(status, media, id);
    if !settled {
        return response.insert_header((header::CACHE_CONTROL, "no-store")).body(body);
    }
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..16]));
    response.insert_header((header::CACHE_CONTROL, IMMUTABLE));
    response.insert_header((header::ETAG, tag.as_str()));
    let known = request.headers().get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| matches(known, &tag)) {
        response.status(StatusCode::NOT_MODIFIED);
        return response.finish();
    }
    response.body(body)
}

fn matches(known: &HeaderValue, tag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    })
}
