//! Problem documents (RFC 9457): the one shape of every error, and the table of their types.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use bus::CommandError;
use event_store::Fault;
use event_store::log::ResolveError;
use files::FileError;
use identity::AuthError;
use kernel::door::FieldError;
use serde::Serialize;
use serde_json::{Value, json};

use crate::listing::QuestionError;

/// What a caller without token is told to bring.
pub const BEARER: &str = "Bearer realm=\"annals\"";
/// What a caller is told whose token is not accepted (RFC 6750).
pub const OTHER_BEARER: &str = "Bearer realm=\"annals\", error=\"invalid_token\"";

/// A type of problem, as `/docs` explains it.
#[derive(Clone, Copy, Debug)]
pub struct ProblemType {
    /// Stable code, the same on every surface.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// The same words every time.
    pub title: &'static str,
    /// What it means and what to do.
    pub doc: &'static str,
}

macro_rules! types {
    ($($code:literal $status:literal $title:literal $doc:literal;)*) => {
        /// Every type of problem that is not a refusal of a kind.
        pub const TYPES: &[ProblemType] = &[$(ProblemType {
            code: $code, status: $status, title: $title, doc: $doc,
        }),*];
    };
}

types! {
    "malformed_json" 400 "Malformed JSON" "The body is no JSON object, names a member twice, holds a number that is not whole or beyond 2^53 - 1, or is nested too deeply.";
    "invalid_query" 400 "Invalid query" "A query parameter is unknown or its value does not fit; `errors` names each.";
    "invalid_header" 400 "Invalid header" "A request header has a value that cannot be used; `errors` names it.";
    "bad_cursor" 400 "Bad cursor" "The cursor was not given out here, or for another question. Begin again without it.";
    "body_incomplete" 400 "Incomplete body" "The body ended before it was whole. Nothing was kept; send it again.";
    "digest_mismatch" 400 "Digest mismatch" "The bytes that arrived do not have the digest that the request's header names. Nothing was kept; send them again.";
    "unauthenticated" 401 "Authentication required" "The request carries no bearer token.";
    "invalid_token" 401 "Token not accepted" "The bearer token is malformed, expired or not ours.";
    "forbidden" 403 "Forbidden" "None of your roles may do this; `detail` names those that may.";
    "not_a_member" 403 "Not a member" "The token is good, but its bearer is not, or no longer, a member of the tenant.";
    "engagement_closed" 403 "Engagement closed" "The auditor engagement is not granted, is over, was revoked, or does not name you.";
    "engagement_forbids" 403 "Outside of the engagement" "A certification body's people read what their engagement opens, and command findings, notes and samples under it; audits and certificates for their body.";
    "beyond_ceiling" 403 "Beyond the ceiling" "`asOf` lies after the ceiling of the auditor engagement.";
    "not_of_the_body" 403 "Not of the body" "The token is good, but its bearer does not, or no longer, act for the certification body.";
    "not_found" 404 "Not found" "There is no such path or object, or none that you may know of.";
    "unknown_command" 404 "Unknown command" "The kind has no such command.";
    "unknown_tenant" 404 "Unknown tenant" "There is no such tenant.";
    "content_absent" 404 "No content" "The bytes of the evidence are not kept here, or not verified yet. `PUT` them to its `content`.";
    "method_not_allowed" 405 "Method not allowed" "The path takes the methods that `Allow` names.";
    "request_timeout" 408 "Body stalled" "The body stopped coming. Nothing was kept.";
    "already_exists" 409 "Already exists" "There may be only one such object; `detail` names the one that exists.";
    "organisation_read_only" 409 "Read only" "The organisation is suspended or closed: its records can be read, not written.";
    "conflict" 409 "Conflict" "Others changed the same facts at the same time. Read again and retry.";
    "idempotency_key_in_flight" 409 "Request still running" "The first request under this idempotency key has not been answered yet.";
    "content_quarantined" 409 "In quarantine" "The bytes of the evidence were found not to have its hash: they are not served, nor taken.";
    "content_shredded" 410 "Shredded" "The bytes of the evidence were destroyed; its hash is kept.";
    "version_mismatch" 412 "Version mismatch" "The object is not at the version that `If-Match` names; `since` lists the events since (409 where no version was named).";
    "too_large" 413 "Too large" "A body has at most 1 MiB, with measurements 2 MiB; a file as many bytes as the installation takes, 1 GiB unless it says otherwise.";
    "unsupported_media_type" 415 "Unsupported media type" "A body is `application/json`, not encoded; a file is sent as it is, under its own media type.";
    "range_not_satisfiable" 416 "Range not satisfiable" "The file ends before the range begins; `Content-Range` says how long it is.";
    "content_mismatch" 422 "Not the registered bytes" "The bytes do not have the length or the hash that was registered. Nothing was kept, and the registration stands.";
    "invalid_input" 422 "Invalid input" "Values of the input do not fit; `errors` names each with a JSON pointer.";
    "refused" 422 "Refused" "A rule of the kind forbids it; `code` names the rule's violation and `rule` its source (409 where the object's state forbids it).";
    "in_the_future" 422 "In the future" "`asOf` lies in the future.";
    "idempotency_key_reused" 422 "Idempotency key reused" "The idempotency key was used for another request.";
    "unstorable" 422 "Cannot be stored" "The object would grow too large, or a value cannot be stored.";
    "clock_refused" 422 "Clock refused" "`Annals-Clock` is for simulated tenants only and never runs backwards.";
    "too_expensive" 422 "Too expensive" "Too many objects would have to be looked at. Filter by an indexed field.";
    "rate_limited" 429 "Too many requests" "Too many requests of this address, or for this channel. Try again after `Retry-After` seconds.";
    "version_required" 428 "Version required" "This command must name the version that was seen: `If-Match: \"7\"`.";
    "fault" 500 "Fault" "Something of ours failed. Nothing was changed unless the answer says so; quote `requestId`.";
    "busy" 503 "Busy" "Too many commands wait, or too many files are coming in. Try again after `Retry-After` seconds.";
    "storage_unavailable" 503 "Storage unavailable" "The store of files does not answer or has no room. Try again after `Retry-After` seconds.";
}

/// What is wrong with one part of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// JSON pointer into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Request header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What kind of mistake.
    pub code: String,
    /// What it must be.
    pub message: String,
}

impl From<FieldError> for Wrong {
    fn from(error: FieldError) -> Self {
        let FieldError { pointer, code, message } = error;
        Self { pointer: Some(pointer), code: code.to_owned(), message, ..Self::default() }
    }
}

impl Wrong {
    /// In a query parameter.
    pub fn parameter(name: &str, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self { parameter: Some(name.to_owned()), code, message, ..Self::default() }
    }
}

/// A problem on its way out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    /// Stable code.
    pub code: String,
    detail: String,
    more: Box<More>,
}

/// What few problems have; apart, so that a result is small.
#[derive(Debug, Default)]
struct More {
    rule: Option<&'static str>,
    errors: Vec<Wrong>,
    since: Option<Vec<Value>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

impl Problem {
    /// A problem of a type in the table.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        let known = TYPES.iter().find(|known| known.code == code);
        let status = known.and_then(|known| StatusCode::from_u16(known.status).ok());
        Self {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            title: known.map_or("Problem", |known| known.title),
            code: code.to_owned(),
            detail: detail.into(),
            more: Box::default(),
        }
    }

    /// What a caller may not know of, or what is not there.
    pub fn not_found() -> Self {
        Self::new("not_found", "there is nothing here, or nothing that you may know of")
    }

    /// One wrong request header.
    pub fn header(name: &'static str, message: &str) -> Self {
        let (code, message) = ("malformed".to_owned(), message.to_owned());
        let wrong = Wrong { header: Some(name.to_owned()), code, message, ..Wrong::default() };
        Self::new("invalid_header", format!("{name} {}", wrong.message)).with_errors(vec![wrong])
    }

    /// The path takes other methods.
    pub fn method(allowed: &str) -> Self {
        let problem = Self::new("method_not_allowed", format!("this path takes {allowed}"));
        problem.with_header(ALLOW, allowed)
    }

    /// With what is wrong in detail.
    pub fn with_errors(mut self, errors: Vec<Wrong>) -> Self {
        self.more.errors = errors;
        self
    }

    /// With the events since the version that the caller saw.
    pub fn with_since(mut self, since: Vec<Value>) -> Self {
        self.more.since = Some(since);
        self
    }

    /// With another status than the type's.
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// With a response header.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.more.headers.push((name, value));
        }
        self
    }

    /// What is wrong, in words.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What went wrong of ours: for the log, not for the caller.
    pub fn cause(&self) -> Option<&str> {
        self.more.cause.as_deref()
    }

    /// The document.
    pub fn body(&self, request_id: &str) -> Value {
        let mut body = json!({
            "type": format!("/docs#{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
            "requestId": request_id,
        });
        if let Some(rule) = self.more.rule {
            body["rule"] = json!(rule);
        }
        if !self.more.errors.is_empty() {
            body["errors"] = json!(self.more.errors);
        }
        if let Some(since) = &self.more.since {
            body["since"] = json!(since);
        }
        body
    }

    /// The answer.
    pub fn response(&self, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for (name, value) in &self.more.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.insert_header((CONTENT_TYPE, "application/problem+json"));
        response.insert_header(("Cache-Control", "no-store"));
        response.body(self.body(request_id).to_string())
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let detail = "something of ours failed; quote the request id when you report it";
        let mut problem = Self::new("fault", detail);
        problem.more.cause = Some(fault.to_string());
        problem
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        let detail = error.to_string();
        match error {
            FileError::Fault(fault) => fault.into(),
            FileError::Damaged(_) => Fault::Corrupt(detail).into(),
            FileError::Missing => {
                Self::new("content_absent", "the bytes of this evidence are not kept here")
            }
            FileError::Busy => Self::new("busy", detail).with_header(RETRY_AFTER, "5"),
            FileError::Overtaken => Self::new("conflict", detail),
            FileError::Store(_) => {
                let shown = "the store of files does not answer or has no room; try again";
                let mut problem = Self::new("storage_unavailable", shown);
                problem.more.cause = Some(detail);
                problem.with_header(RETRY_AFTER, "10")
            }
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let problem = Self::new(error.code(), error.to_string());
        match error {
            AuthError::Missing => problem.with_header(WWW_AUTHENTICATE, BEARER),
            AuthError::Token(_) => problem.with_header(WWW_AUTHENTICATE, OTHER_BEARER),
            AuthError::NotAMember
            | AuthError::EngagementClosed(_)
            | AuthError::NotOfTheBody
            | AuthError::MembersOnly => problem,
            AuthError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ResolveError> for Problem {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::NoLog(_) => Self::new("unknown_tenant", error.to_string()),
            ResolveError::InTheFuture(message) => {
                let wrong = Wrong::parameter("asOf", "in_the_future", message.clone());
                Self::new("in_the_future", message).with_errors(vec![wrong])
            }
            ResolveError::Fault(fault) => fault.into(),
        }
    }
}

impl From<QuestionError> for Problem {
    fn from(error: QuestionError) -> Self {
        match error {
            QuestionError::Invalid { code, message, field } => {
                let outer = if code == "bad_cursor" { code } else { "invalid_query" };
                let wrong = Wrong::parameter(&field, code, message.clone());
                Self::new(outer, message).with_errors(vec![wrong])
            }
            QuestionError::TooExpensive => Self::new("too_expensive", error.to_string()),
            QuestionError::Fault(fault) => fault.into(),
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        let detail = error.to_string();
        match error {
            CommandError::UnknownCommand { .. } => Self::new("unknown_command", detail),
            CommandError::Forbidden { .. } => Self::new("forbidden", detail),
            CommandError::OutsideOfEngagement { .. } => Self::new("engagement_forbids", detail),
            CommandError::Invalid { errors } => Self::new("invalid_input", detail)
                .with_errors(errors.into_iter().map(Wrong::from).collect()),
            CommandError::NotFound { .. } => Self::new("not_found", detail),
            CommandError::AlreadyExists { .. } => Self::new("already_exists", detail),
            CommandError::Refused { code, message, rule, conflict, pointer } => {
                refused(code, message, rule, conflict, pointer)
            }
            CommandError::ReadOnly { .. } => Self::new("organisation_read_only", detail),
            CommandError::VersionRequired => Self::new("version_required", detail),
            CommandError::VersionMismatch { .. } => Self::new("version_mismatch", detail),
            CommandError::Conflict => Self::new("conflict", detail),
            CommandError::KeyReused => Self::new("idempotency_key_reused", detail),
            CommandError::KeyInFlight => Self::new("idempotency_key_in_flight", detail),
            CommandError::Unstorable(_) => Self::new("unstorable", detail),
            CommandError::Clock(_) => Self::new("clock_refused", detail),
            CommandError::Busy => Self::new("busy", detail).with_header(RETRY_AFTER, "1"),
            CommandError::NoTenant => Self::new("unknown_tenant", detail),
            CommandError::Fault(fault) => fault.into(),
        }
    }
}

fn refused(
    code: String,
    message: String,
    rule: Option<&'static str>,
    conflict: bool,
    pointer: Option<String>,
) -> Problem {
    let wrong = pointer.map(|pointer| Wrong {
        pointer: Some(pointer),
        code: code.clone(),
        message: message.clone(),
        ..Wrong::default()
    });
    let mut problem = Problem::new("refused", message).with_errors(wrong.into_iter().collect());
    problem.code = code;
    problem.more.rule = rule;
    if conflict { problem.with_status(StatusCode::CONFLICT) } else { problem }
}
