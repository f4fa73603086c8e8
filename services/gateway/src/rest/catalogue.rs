//! Catalogues that come with the product, as JSON; and how far any catalogue is covered.

use actix_web::{HttpRequest, HttpResponse};
use event_store::AsOf;
use governance::coverage::CoveredBy;
use kernel::Position;
use reference::catalogue::{Catalogue, Clause, Control, Item, Objective, catalogue, catalogues};
use reference::mapping::{Link, links};
use serde_json::{Value, json};

use super::problem::Problem;
use super::query::{Params, with_cursor};
use super::view::{View, any_reader, may_read};
use crate::Gateway;
use crate::coverage::{Question, READ, answer, is_whole};

/// `GET /v1/catalogues/{id}`: a catalogue that comes with the product; the same for every tenant.
///
/// # Errors
/// The problem.
pub async fn one(
    request: &HttpRequest,
    gateway: &Gateway,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    Params::read(request.query_string()).finish()?;
    let catalogue = catalogue(id).ok_or_else(Problem::not_found)?;
    let view = View::of(caller, AsOf::Now).await?;
    Ok(view.caching(request, view.tag(request)).json(&shown(catalogue)))
}

/// `GET /v1/catalogues/packaged`: what catalogues come with the product.
///
/// # Errors
/// The problem.
pub async fn packaged(request: &HttpRequest, gateway: &Gateway) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    Params::read(request.query_string()).finish()?;
    let view = View::of(caller, AsOf::Now).await?;
    let data: Vec<_> = catalogues().iter().map(head).collect();
    Ok(view.caching(request, view.tag(request)).json(&json!({ "data": data })))
}

/// `GET /v1/catalogues/{id}/coverage`: of one that comes with the product or the tenant's own.
///
/// # Errors
/// The problem.
pub async fn coverage(
    request: &HttpRequest,
    gateway: &Gateway,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    for kind in READ.iter().filter_map(|kind| gateway.registry.named(kind)) {
        may_read(&caller, kind.decl())?;
    }
    if !is_whole(&caller) {
        let detail = "coverage is worked out from records of which some are withheld from you";
        return Err(Problem::new("engagement_forbids", detail));
    }
    let mut params = Params::read(request.query_string());
    let (as_of, first) = (params.as_of(), params.limit());
    let word = |text: &str| serde_json::from_value::<CoveredBy>(json!(text)).ok();
    let only = params.parsed("coveredBy", "direct, mapping, excluded or nothing", word);
    let cursor = params.parsed("cursor", "`next` of the page before", |text| {
        let (position, number) = text.split_once(':')?;
        Some((Position(position.parse().ok()?), number.to_owned()))
    });
    params.finish()?;
    // Pages that belong together are as of one position.
    let point = match (&cursor, as_of) {
        (Some((position, _)), AsOf::Now) => AsOf::Position(*position),
        (_, as_of) => as_of,
    };
    let view = View::of(caller, point).await?;
    let caching = view.caching(request, view.tag(request));
    if let Some(same) = caching.not_modified(request) {
        return Ok(same);
    }
    let question = Question {
        catalogue: id.to_owned(),
        at: view.at(),
        time: if let AsOf::Time(time) = as_of { Some(time) } else { None },
        only,
        after: cursor.map(|(_, number)| number),
        first,
    };
    let found = answer(&gateway.registry, &view.caller.log, &question).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let next = found.next.as_ref().map(|number| format!("{}:{number}", view.at()));
    let mut body = json!(found);
    body["next"] = json!(next);
    if view.is_unsettled() {
        body["settled"] = json!(false);
    }
    Ok(match next {
        Some(cursor) => {
            let query = with_cursor(request.query_string(), &cursor);
            caching.json_with_next(&body, &format!("{}?{query}", request.path()))
        }
        None => caching.json(&body),
    })
}

/// What a catalogue is.
fn head(catalogue: &Catalogue) -> Value {
    let Catalogue { id, title, edition, publisher, source, licence, language, .. } = catalogue;
    json!({
        "id": id, "title": title, "edition": edition, "publisher": publisher, "source": source,
        "licence": licence, "language": language, "itemCount": catalogue.items.len(),
    })
}

fn shown(catalogue: &Catalogue) -> Value {
    let mut body = head(catalogue);
    let touches = |link: &&Link| [&link.from, &link.to].iter().any(|e| e.catalogue == catalogue.id);
    let parts = [
        ("clauses", catalogue.clauses.iter().map(clause).collect::<Vec<_>>()),
        ("objectives", catalogue.objectives.iter().map(objective).collect()),
        ("controls", catalogue.controls.iter().map(control).collect()),
        ("items", catalogue.items.iter().map(item).collect()),
        ("mappings", links().iter().filter(touches).map(link).collect()),
    ];
    for (name, part) in parts {
        body[name] = json!(part);
    }
    body
}

fn clause(clause: &Clause) -> Value {
    let Clause { number, title, shows, document, customary, owner } = clause;
    json!({
        "number": number, "title": title, "shows": shows, "document": document,
        "customary": customary, "owner": owner,
    })
}

fn objective(objective: &Objective) -> Value {
    let Objective { number, title, statement, owner } = objective;
    json!({ "number": number, "title": title, "statement": statement, "owner": owner })
}

fn control(control: &Control) -> Value {
    let Control { number, title, purpose, objective, owner, demanded_by } = control;
    json!({
        "number": number, "title": title, "purpose": purpose, "objective": objective,
        "owner": owner, "demandedBy": demanded_by,
    })
}

fn item(item: &Item) -> Value {
    let Item { number, title, kind, parent, text, .. } = item;
    json!({ "number": number, "title": title, "itemKind": kind, "parent": parent, "text": text })
}

fn link(link: &Link) -> Value {
    let Link { from, to, relation, source } = link;
    let end =
        |end: &reference::mapping::End| json!({ "catalogue": end.catalogue, "number": end.number });
    json!({
        "from": end(from), "to": end(to), "relation": relation, "source": source.source,
        "sourceVersion": source.version, "confidence": source.confidence, "note": source.note,
    })
}
