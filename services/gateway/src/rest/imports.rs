//! `POST /v1/imports`: a file into the tenant's records, all or nothing; or a dry run.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LOCATION};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bus::CommandError;
use event_store::AsOf;
use exchange::import::{FILE_MAX, File, Import, Imports, Wishes, importers};
use exchange::numbers::Unknown;
use exchange::operation::Format;
use identity::Caller;
use kernel::door;
use kernel::schema::{Described, Ty};
use kernel::values::{Key, Line};
use reference::catalogue::ItemKind;
use serde_json::json;

use super::command::{bytes, clock, idempotency_key, text_header};
use super::problem::Problem;
use super::query::Params;
use super::shown;
use super::view::{View, header};
use crate::Gateway;

/// Longest time that `Prefer: wait` may ask for.
const WAIT_MAX_S: u64 = 60;

/// Takes a file in.
///
/// # Errors
/// The problem.
pub async fn import(
    request: &HttpRequest,
    payload: Payload,
    gateway: &Gateway,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    let caller = gateway.identity.commander(header(headers, AUTHORIZATION)).await?;
    let mut params = Params::read(request.query_string());
    let question = Question::read(&mut params);
    params.finish()?;
    let question = question.ok_or_else(|| Problem::new("invalid_query", "incomplete"))?;
    if headers.get(CONTENT_ENCODING).is_some() {
        let detail = "a file is sent as it is, not encoded";
        return Err(Problem::new("unsupported_media_type", detail));
    }
    let by = importers(question.format);
    if !caller.holds_one_of(by) {
        return Err(CommandError::Forbidden { by }.into());
    }
    let wait = wait(text_header(headers, "Prefer")?)?;
    let bytes = bytes(headers, payload, FILE_MAX).await?;
    let key = idempotency_key(request, &caller, &bytes)?;
    let (log, who, clock) = (caller.log.clone(), caller.who.clone(), clock(headers)?);
    let dry_run = question.dry_run;
    let import = Import { log, who, file: question.file(bytes), clock };
    let imports = Imports::of(&gateway.registry);
    if dry_run {
        let shown = imports.dry_run(&import).await?;
        let response = HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/json"))
            .insert_header(("Cache-Control", "no-store"))
            .body(json!(shown).to_string());
        return Ok(response);
    }
    let started = imports.start(&import, key).await?;
    let id = started.id.clone();
    if !started.replayed {
        run(gateway, imports, import, id.clone(), wait).await;
    }
    answer(gateway, &caller, &id, started.replayed).await
}

/// Carries it out beside the workers, and waits as long as the caller wants to.
async fn run(
    gateway: &Gateway,
    imports: Imports,
    import: Import,
    id: String,
    wait: Option<Duration>,
) {
    let job = async move {
        if let Err(error) = imports.carry_out(&import, &id).await {
            tracing::error!(operation = %id, %error, "an import was not carried out");
            if let Err(error) = imports.interrupt(&import.log, &id).await {
                tracing::error!(operation = %id, %error, "nor could that be recorded");
            }
        }
    };
    let running = match &gateway.jobs {
        Some(runtime) => runtime.spawn(job),
        None => tokio::spawn(job),
    };
    if let Some(wait) = wait {
        // When the time is over the job runs on.
        drop(tokio::time::timeout(wait, running).await);
    }
}

/// The operation as it stands.
async fn answer(
    gateway: &Gateway,
    caller: &Caller,
    id: &str,
    replayed: bool,
) -> Result<HttpResponse, Problem> {
    let kind = gateway.registry.named("operation").ok_or_else(Problem::not_found)?;
    let view = View::of(Caller { head: None, ..caller.clone() }, AsOf::Now).await?;
    let found = caller.log.document(id, view.at()).await?.ok_or_else(Problem::not_found)?;
    let ended = found.body["status"] != "running";
    let version = found.version;
    let shown = shown::objects(&gateway.registry, &view.caller, kind, &[found]).await?;
    let body = shown.into_iter().next().unwrap_or_default();
    let status = if ended { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header(("Cache-Control", "no-store"))
        .insert_header((ETAG, shown::etag(version)))
        .insert_header(("Annals-Position", view.at().to_string()))
        .insert_header((LOCATION, format!("/v1/operations/{id}")));
    if replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    Ok(response.body(body.to_string()))
}

/// `Prefer: wait=5` (RFC 7240); other preferences are not ours.
fn wait(prefer: Option<&str>) -> Result<Option<Duration>, Problem> {
    let preferences = prefer.into_iter().flat_map(|text| text.split(','));
    let wanted = preferences.map(str::trim).find_map(|text| text.strip_prefix("wait="));
    let Some(text) = wanted else { return Ok(None) };
    let seconds = text.parse::<u64>().ok().filter(|s| (1..=WAIT_MAX_S).contains(s));
    let message = format!("wait= takes 1 to {WAIT_MAX_S} seconds");
    let seconds = seconds.ok_or_else(|| Problem::header("Prefer", &message))?;
    Ok(Some(Duration::from_secs(seconds)))
}

/// What the query says of the file.
struct Question {
    format: Format,
    name: Line,
    source: Line,
    licence: Line,
    with_system: bool,
    wishes: Wishes,
    dry_run: bool,
}

impl Question {
    fn read(params: &mut Params) -> Option<Self> {
        let format = line(params, "format", &Format::ty());
        let name = line(params, "name", &Line::ty());
        let source = line(params, "source", &Line::ty());
        let licence = line(params, "licence", &Line::ty());
        let flag = |text: &str| text.parse::<bool>().ok();
        let with_system = params.parsed("withSystem", "true or false", flag).unwrap_or(false);
        let dry_run = params.parsed("dryRun", "true or false", flag).unwrap_or(false);
        let wishes = wishes(params);
        let format = serde_json::from_value(json!(format?)).ok()?;
        let (name, source, licence) = (Line::new(name?), Line::new(source?), Line::new(licence?));
        Some(Self { format, name, source, licence, with_system, wishes, dry_run })
    }

    fn file(self, bytes: Vec<u8>) -> File {
        let Self { format, name, source, licence, with_system, wishes, .. } = self;
        File { format, name, bytes, source, licence, with_system, wishes }
    }
}

/// What is wanted of a catalogue or of mappings.
fn wishes(params: &mut Params) -> Wishes {
    let flag = |text: &str| text.parse::<bool>().ok();
    let publish = params.parsed("publish", "true or false", flag).unwrap_or(false);
    let unknown = given(params, "unknown", &Unknown::ty());
    let unknown = unknown.and_then(|word| serde_json::from_value(json!(word)).ok());
    Wishes {
        title: given(params, "title", &Line::ty()).map(Line::new),
        edition: given(params, "edition", &Line::ty().shortened(EDITION_MAX)).map(Line::new),
        language: given(params, "language", &Key::ty()),
        item_kind: given(params, "itemKind", &ItemKind::ty()),
        publish,
        catalogue: given(params, "catalogue", &Line::ty()),
        unknown: unknown.unwrap_or_default(),
    }
}

/// Longest edition of a catalogue.
pub const EDITION_MAX: usize = 60;

/// A parameter that may be given and fits a type.
fn given(params: &mut Params, name: &str, ty: &Ty) -> Option<String> {
    let text = params.one(name)?;
    fitting(params, name, ty, text)
}

/// A parameter that must be given and fit a type.
fn line(params: &mut Params, name: &str, ty: &Ty) -> Option<String> {
    let Some(text) = params.one(name) else {
        params.wrong(name, "missing", "must be given");
        return None;
    };
    fitting(params, name, ty, text)
}

fn fitting(params: &mut Params, name: &str, ty: &Ty, text: String) -> Option<String> {
    match door::check_value(ty, &json!(text), "").into_iter().next() {
        Some(wrong) => {
            params.wrong(name, wrong.code, wrong.message);
            None
        }
        None => Some(text),
    }
}
