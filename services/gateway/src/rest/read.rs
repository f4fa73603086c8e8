//! `GET`: lists, objects, histories, the log of events, and who asks.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use bus::AnyKind;
use bus::references::singleton_id;
use event_store::{AsOf, Document};
use kernel::Position;
use serde_json::{Value, json};

use super::problem::Problem;
use super::query::{Params, with_cursor};
use super::route::CURRENT;
use super::shown;
use super::view::{View, any_reader, may_read};
use crate::Gateway;
use crate::listing::{Eyes, Filter, Question, page, total};
use crate::own::{may_read as may_read_it, sight, visible};

/// `total=true` counts at most so many.
const TOTAL_MAX: u64 = 10_000;
/// Events that are looked at for one page of a filtered log.
const EVENTS_BUDGET: usize = 5_000;
/// Events that are read in one go.
const EVENTS_CHUNK: usize = 500;

/// `GET /v1/{plural}`
///
/// # Errors
/// The problem.
pub async fn list(
    request: &HttpRequest,
    gateway: &Gateway,
    kind: &Arc<dyn AnyKind>,
) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    may_read(&caller, kind.decl())?;
    let mut params = Params::read(request.query_string());
    let as_of = params.as_of();
    let asked = params.filter(kind.decl());
    let own = sight(&caller, kind.decl()).filter(&caller);
    let mut question = Question {
        filter: Filter::And([asked].into_iter().chain(own).collect()),
        search: params.one("search"),
        order: params.sort(kind.decl()),
        first: params.limit(),
        after: params.one("cursor"),
        at: Position::START,
        pinned: as_of != AsOf::Now,
    };
    let read = |text: &str| text.parse::<bool>().ok();
    let counts = params.parsed("total", "true or false", read).unwrap_or(false);
    params.finish()?;
    let view = View::of(caller, as_of).await?;
    question.at = view.at();
    let caching = view.caching(request, view.tag(request));
    if let Some(same) = caching.not_modified(request) {
        return Ok(same);
    }
    let eyes = Eyes::of(&view.caller);
    let found = page(eyes, kind.decl(), &question).await?;
    let data = shown::objects(&gateway.registry, &view.caller, kind, &found.documents).await?;
    let next = found.cursors.last().filter(|_| found.has_next);
    let mut body = json!({"data": data, "position": found.at, "next": next});
    if view.is_unsettled() {
        body["settled"] = json!(false);
    }
    if counts {
        let count = total(eyes, kind.decl(), &question, TOTAL_MAX).await?;
        body["total"] = json!(count);
        body["totalIsCapped"] = json!(count >= TOTAL_MAX);
    }
    let caching = caching.at(found.at);
    Ok(match next {
        Some(cursor) => {
            let query = with_cursor(request.query_string(), cursor);
            caching.json_with_next(&body, &format!("{}?{query}", request.path()))
        }
        None => caching.json(&body),
    })
}

/// `GET /v1/{plural}/{id}`
///
/// # Errors
/// The problem.
pub async fn object(
    request: &HttpRequest,
    gateway: &Gateway,
    kind: &Arc<dyn AnyKind>,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    may_read(&caller, kind.decl())?;
    let mut params = Params::read(request.query_string());
    let (as_of, version) = (params.as_of(), params.number("version"));
    params.finish()?;
    let view = View::of(caller, as_of).await?;
    let found = find(&view, kind, id, version).await?;
    let (document, _) = found.ok_or_else(Problem::not_found)?;
    let caching = view.caching(request, shown::etag(document.version));
    if let Some(same) = caching.not_modified(request) {
        return Ok(same);
    }
    let shown = shown::objects(&gateway.registry, &view.caller, kind, &[document]).await?;
    let mut body = shown.into_iter().next().unwrap_or_default();
    if view.is_unsettled() {
        body["settled"] = json!(false);
    }
    Ok(caching.json(&body))
}

/// The object of an id, or the only one, as of a view's position; at a version, if named. With the
/// position up to which it is shown.
async fn find(
    view: &View,
    kind: &Arc<dyn AnyKind>,
    id: &str,
    version: Option<u64>,
) -> Result<Option<(Arc<Document>, Position)>, Problem> {
    let (log, at) = (&view.caller.log, view.at());
    let found = if id == CURRENT {
        only(view, kind).await?
    } else {
        view.caller.document(id, at, view.pinned).await?
    };
    let is_his =
        |(found, _): &(Arc<Document>, Position)| may_read_it(&view.caller, kind.decl(), found);
    let of_kind = found.filter(|(found, _)| found.kind == kind.decl().row.name);
    let Some((found, upto)) = of_kind.filter(is_his) else { return Ok(None) };
    match version.filter(|version| *version != found.version) {
        Some(version) => {
            let earlier = log.at_version(&found.id, version, upto).await?;
            Ok(earlier.map(|earlier| (earlier, upto)))
        }
        None => Ok(Some((found, upto))),
    }
}

/// The only object of a kind, as of a view's position.
///
/// # Errors
/// When the database fails.
pub async fn only(
    view: &View,
    kind: &Arc<dyn AnyKind>,
) -> Result<Option<(Arc<Document>, Position)>, Problem> {
    let id = singleton_id(kind.decl().row.prefix, view.caller.tenant().as_str());
    Ok(view.caller.document(&id, view.at(), view.pinned).await?)
}

/// `GET /v1/{plural}/{id}/history`
///
/// # Errors
/// The problem.
pub async fn history(
    request: &HttpRequest,
    gateway: &Gateway,
    kind: &Arc<dyn AnyKind>,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    may_read(&caller, kind.decl())?;
    let mut params = Params::read(request.query_string());
    let (as_of, after, limit) = (params.as_of(), params.number("after"), params.limit());
    params.finish()?;
    let view = View::of(caller, as_of).await?;
    let found = find(&view, kind, id, None).await?;
    let (object, upto) = found.ok_or_else(Problem::not_found)?;
    let caching = view.caching(request, view.tag(request));
    if let Some(same) = caching.not_modified(request) {
        return Ok(same);
    }
    let log = &view.caller.log;
    let mut found = log.history(&object.id, after.unwrap_or(0), upto, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|event| event.row.version.to_string()).filter(|_| more);
    let data = shown::events(&gateway.registry, &view.caller, found, view.at()).await?;
    Ok(feed(&view, &caching, data, next, request))
}

/// `GET /v1/events`: what the caller may read of the tenant's log, in order.
///
/// # Errors
/// The problem.
pub async fn events(request: &HttpRequest, gateway: &Gateway) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    let mut params = Params::read(request.query_string());
    let (as_of, after, limit) = (params.as_of(), params.number("after"), params.limit());
    let types = params.all("type");
    let known = |name: &String| {
        gateway.registry.decls().any(|decl| decl.events.iter().any(|event| event.name == name))
    };
    for unknown in types.iter().filter(|name| !known(name)) {
        params.wrong("type", "unknown_type", format!("{unknown:?} is no type of event"));
    }
    params.finish()?;
    let view = View::of(caller, as_of).await?;
    let caching = view.caching(request, view.tag(request));
    if let Some(same) = caching.not_modified(request) {
        return Ok(same);
    }
    let decl = |kind: &str| gateway.registry.named(kind).map(|kind| kind.decl());
    let (log, at) = (&view.caller.log, last_of(&view));
    let (mut last, mut looked_at) = (Position(after.unwrap_or(0)), 0);
    let mut found = Vec::new();
    while found.len() < limit && last < at && looked_at < EVENTS_BUDGET {
        let chunk = log.events(last, at, EVENTS_CHUNK.min(limit.max(100))).await?;
        if chunk.is_empty() {
            last = at;
        }
        looked_at += chunk.len();
        let upto = chunk.last().map_or(at, |event| event.row.position);
        for event in visible(&view.caller, decl, chunk, at).await? {
            if found.len() == limit {
                break;
            }
            last = event.row.position;
            if types.is_empty() || types.contains(&event.row.name) {
                found.push(event);
            }
        }
        if found.len() < limit {
            last = upto;
        }
    }
    let next = Some(last.to_string()).filter(|_| last < at);
    let data = shown::events(&gateway.registry, &view.caller, found, at).await?;
    Ok(feed(&view, &caching, data, next, request))
}

/// The last position of which a view shows events: what is an outsider's own is shown after his
/// ceiling too, unless he has fixed the point in time.
fn last_of(view: &View) -> Position {
    let newest = view.caller.outlook.as_ref().filter(|_| !view.pinned);
    newest.map_or(view.at(), |outlook| outlook.head.position)
}

/// A page of events. `next` is what `after` takes on the following page.
fn feed(
    view: &View,
    caching: &super::view::Caching,
    data: Vec<Value>,
    next: Option<String>,
    request: &HttpRequest,
) -> HttpResponse {
    let mut body = json!({"data": data, "position": view.at(), "next": next});
    if view.is_unsettled() {
        body["settled"] = json!(false);
    }
    let Some(next) = next else { return caching.json(&body) };
    // Without point in time the following page is as of its own "now".
    let others = request.query_string().split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> =
        others.filter(|pair| !pair.starts_with("after=")).map(str::to_owned).collect();
    pairs.push(format!("after={next}"));
    caching.json_with_next(&body, &format!("{}?{}", request.path(), pairs.join("&")))
}

/// `GET /v1/me`
///
/// # Errors
/// The problem.
pub async fn me(request: &HttpRequest, gateway: &Gateway) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    Params::read(request.query_string()).finish()?;
    let view = View::of(caller, AsOf::Now).await?;
    let caching = view.caching(request, view.tag(request));
    let who = &view.caller.who;
    let roles: Vec<_> = who.roles.iter().map(|role| role.code()).collect();
    Ok(caching.json(&json!({
        "id": who.id,
        "tenant": view.caller.tenant(),
        "roles": roles,
        "via": who.via,
        "engagement": who.engagement,
        "body": who.body,
        "membership": who.membership.as_ref().filter(|_| view.caller.outlook.is_none()).map(|(id, _)| id),
        "simulated": view.resolved.simulated,
        "position": view.at(),
    })))
}
