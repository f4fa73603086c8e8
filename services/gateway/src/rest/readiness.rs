//! `GET /v1/readiness` and its series over time.

use actix_web::{HttpRequest, HttpResponse};
use event_store::AsOf;
use readiness::answer::Page;
use readiness::steps::{End, POINTS_MAX, Step, points};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::command::clock;
use super::problem::Problem;
use super::query::Params;
use super::view::{View, any_reader};
use crate::Gateway;
use crate::readiness::{Asking, ITEMS_DEFAULT, ITEMS_MAX, Named, NoReadiness};

impl From<NoReadiness> for Problem {
    fn from(why: NoReadiness) -> Self {
        let text = why.to_string();
        match why {
            NoReadiness::NotForHim => Self::new("forbidden", text),
            NoReadiness::Withheld => Self::new("engagement_forbids", text),
            NoReadiness::Unknown(_) => wrong("metrics", "unknown_metric", text),
            NoReadiness::Resolve(error) => error.into(),
            NoReadiness::Fault(fault) => fault.into(),
        }
    }
}

/// A parameter that is well-formed and wrong all the same.
fn wrong(name: &str, code: &str, message: String) -> Problem {
    let mut params = Params::read("");
    params.wrong(name, code, message);
    params.finish().err().unwrap_or_else(Problem::not_found)
}

/// Names of metrics, `a,b`.
fn metrics(params: &mut Params) -> Vec<String> {
    let text = params.one("metrics").unwrap_or_default();
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// `GET /v1/readiness`
///
/// # Errors
/// The problem.
pub async fn readiness(request: &HttpRequest, gateway: &Gateway) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    let mut params = Params::read(request.query_string());
    let (as_of, metrics) = (params.as_of(), metrics(&mut params));
    let what = format!("a number from 0 to {ITEMS_MAX}");
    let first = params.parsed("items", &what, |text| {
        text.parse().ok().filter(|first: &usize| *first <= ITEMS_MAX)
    });
    let counted = params.parsed("counted", "true or false", |text| text.parse().ok());
    let after = params.one("after");
    params.finish()?;
    let view = View::of(caller, as_of).await?;
    let asking = asking(request, gateway, &view, as_of)?;
    let page = Page { first: first.unwrap_or(ITEMS_DEFAULT), after, counted };
    let found = asking.readiness(metrics, page).await?;
    Ok(answered(request, &view, json!(found)))
}

/// `GET /v1/readiness/series`
///
/// # Errors
/// The problem.
pub async fn series(request: &HttpRequest, gateway: &Gateway) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    let mut params = Params::read(request.query_string());
    let (as_of, metrics) = (params.as_of(), metrics(&mut params));
    let what = "a date or an RFC 3339 time";
    let (from, to) = (params.parsed("from", what, End::read), params.parsed("to", what, End::read));
    let word = |text: &str| serde_json::from_value::<Step>(json!(text)).ok();
    let step = params.parsed("step", "day, week or month", word).unwrap_or_default();
    if from.is_none() {
        params.wrong("from", "required", "says when the series begins");
    }
    params.finish()?;
    let view = View::of(caller, as_of).await?;
    let asking = asking(request, gateway, &view, as_of)?;
    let now = asking.at().await?;
    let Some(from) = from else { return Err(Problem::not_found()) };
    let times = points(from, to.unwrap_or(End::Time(now)), step, now)
        .map_err(|why| wrong("from", "out_of_range", why.to_string()))?;
    debug_assert!(times.len() <= POINTS_MAX);
    let found = asking.series(metrics, &times).await?;
    Ok(answered(request, &view, json!(found)))
}

fn asking<'a>(
    request: &HttpRequest,
    gateway: &'a Gateway,
    view: &'a View,
    as_of: AsOf,
) -> Result<Asking<'a>, Problem> {
    let named = Named { position: view.at(), as_of, clock: clock(request.headers())? };
    let (registry, keeper) = (&gateway.registry, &gateway.readiness);
    Ok(Asking { caller: &view.caller, registry, keeper, named })
}

/// An answer about now depends on the clock as well: its tag is that of its bytes.
fn answered(request: &HttpRequest, view: &View, mut body: Value) -> HttpResponse {
    if view.is_unsettled() {
        body["settled"] = json!(false);
    }
    let mut said = body.clone();
    if !view.pinned {
        said["at"].take();
    }
    let tag = hex::encode(&Sha256::digest(said.to_string().as_bytes())[..16]);
    let caching = view.caching(request, format!("\"{tag}\""));
    caching.not_modified(request).unwrap_or_else(|| caching.json(&body))
}
