//! Readiness for certification, as of the snapshot's point and as a series up to it.

use std::sync::Arc;

use async_graphql::dynamic::{ResolverContext, TypeRef};
use event_store::{AsOf, Document};
use kernel::Instant;
use kernel::schema::{Described, Record};
use readiness::answer::{Page, Readiness, ReadinessSeries};
use readiness::steps::{End, Step, points};
use serde_json::{Value, json};

use super::error::Problem;
use super::place::{Entity, Moment, Place};
use super::query::Snapshot;
use super::scalars::leaf;
use super::session::{Session, later, session};
use super::types::{Argument, Named, Types, described, named, taking};
use crate::readiness::{Asking, ITEMS_DEFAULT, ITEMS_MAX, Named as Point, NoReadiness};

/// Names of the types of readiness and its series: they cost what they count.
pub const READINESS: &str = "Readiness";
/// The same over time.
pub const SERIES: &str = "ReadinessSeries";

impl From<NoReadiness> for Problem {
    fn from(why: NoReadiness) -> Self {
        let text = why.to_string();
        match why {
            NoReadiness::NotForHim | NoReadiness::Withheld => Self::Forbidden(text),
            NoReadiness::Unknown(_) => Self::argument("metrics", "unknown_metric", text),
            NoReadiness::Resolve(error) => error.into(),
            NoReadiness::Fault(fault) => fault.into(),
        }
    }
}

/// The fields of a snapshot.
pub fn fields(types: &mut Types) -> Vec<Named> {
    vec![one(types), series(types)]
}

fn one(types: &mut Types) -> Named {
    let ty = types.record(&Readiness::record(), false);
    let field = named("readiness", TypeRef::named(ty), |ctx| {
        later(ctx, |ctx| async move {
            let Some(snapshot) = snapshot(&ctx) else { return Ok(None) };
            let first = given(&ctx, "items", |items| Ok(items.u64()?))?;
            let first = first.map_or(Some(ITEMS_DEFAULT), |first| usize::try_from(first).ok());
            let first = first.filter(|first| *first <= ITEMS_MAX).ok_or_else(|| {
                let message = format!("items must lie in 0 to {ITEMS_MAX}");
                Problem::argument("items", "out_of_range", message)
            })?;
            let after = given(&ctx, "after", |after| Ok(after.string()?.to_owned()))?;
            let counted = given(&ctx, "counted", |counted| Ok(counted.boolean()?))?;
            let asking = asking(session(&ctx)?, snapshot);
            let page = Page { first, after, counted };
            let found = asking.readiness(metrics(&ctx)?, page).await?;
            Ok(Some(shown(json!(found), snapshot.moment).shown()))
        })
    });
    let default = i32::try_from(ITEMS_DEFAULT).unwrap_or(20);
    let items = Argument::new("items", TypeRef::named("Int")).default_value(default);
    let items = items.description(format!(
        "How many of the items behind each number are named, at most {ITEMS_MAX}."
    ));
    let after = Argument::new("after", TypeRef::named(TypeRef::STRING));
    let counted = Argument::new("counted", TypeRef::named(TypeRef::BOOLEAN));
    let counted = counted.description("Only items that count, or that do not.");
    let field = taking(taking(field, names()), items);
    let field = taking(field, after.description("Only items after this id."));
    let doc = "How ready the organisation is for certification: each number with its numerator, its \
               denominator and the items behind it, and what the two stages of an audit would miss.";
    described(taking(field, counted), doc)
}

fn series(types: &mut Types) -> Named {
    let ty = types.record(&ReadinessSeries::record(), false);
    let words = Step::ty();
    types.ensure_leaf(&words);
    let words = leaf(&types.model, &words).map_or("String".to_owned(), |(name, _)| name);
    let field = named("readinessSeries", TypeRef::named(ty), |ctx| {
        later(ctx, |ctx| async move {
            let Some(snapshot) = snapshot(&ctx) else { return Ok(None) };
            let asking = asking(session(&ctx)?, snapshot);
            let now = asking.at().await?;
            let end = |name: &'static str| {
                given(&ctx, name, |text| {
                    let end = End::read(text.string()?);
                    let message = format!("{name} must be a date or an RFC 3339 time");
                    end.ok_or_else(|| Problem::argument(name, "malformed", message))
                })
            };
            let (from, to) = (end("from")?, end("to")?);
            let from =
                from.ok_or_else(|| Problem::argument("from", "required", "from is required"))?;
            let step = given(&ctx, "step", |word| Ok(word.enum_name()?.to_ascii_lowercase()))?;
            let step = step.and_then(|word| serde_json::from_value::<Step>(json!(word)).ok());
            let times =
                points(from, to.unwrap_or(End::Time(now)), step.unwrap_or_default(), now)
                    .map_err(|why| Problem::argument("from", "out_of_range", why.to_string()))?;
            let found = asking.series(metrics(&ctx)?, &times).await?;
            Ok(Some(shown(json!(found), snapshot.moment).shown()))
        })
    });
    let end = "A date, of which the end is meant, or an RFC 3339 time.";
    let from = Argument::new("from", TypeRef::named_nn(TypeRef::STRING)).description(end);
    let to = Argument::new("to", TypeRef::named(TypeRef::STRING));
    let to = to.description(format!("{end} The snapshot's time when left out."));
    let step = Argument::new("step", TypeRef::named(words));
    let step = step.description("A month when left out.");
    let field = taking(taking(taking(taking(field, from), to), step), names());
    described(field, "Readiness over time, each point as a question as of its time is answered.")
}

fn names() -> Argument {
    let names = Argument::new("metrics", TypeRef::named_nn_list(TypeRef::STRING));
    names.description("Names of metrics; all when left out.")
}

fn snapshot<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Snapshot> {
    ctx.parent_value.downcast_ref::<Snapshot>()
}

fn given<'c, T>(
    ctx: &'c ResolverContext<'_>,
    name: &str,
    read: impl FnOnce(async_graphql::dynamic::ValueAccessor<'c>) -> Result<T, Problem>,
) -> Result<Option<T>, Problem> {
    ctx.args.get(name).filter(|value| !value.is_null()).map(read).transpose()
}

fn metrics(ctx: &ResolverContext<'_>) -> Result<Vec<String>, Problem> {
    let names = given(ctx, "metrics", |names| {
        let names = names.list()?;
        names.iter().map(|name| Ok(name.string()?.to_owned())).collect::<Result<Vec<_>, Problem>>()
    })?;
    Ok(names.unwrap_or_default())
}

fn asking<'a>(session: &'a Session, snapshot: &Snapshot) -> Asking<'a> {
    let Moment { at, past } = snapshot.moment;
    let as_of = match (snapshot.time, past) {
        (Some(time), _) => AsOf::Time(time),
        (None, true) => AsOf::Position(at),
        (None, false) => AsOf::Now,
    };
    let named = Point { position: at, as_of, clock: session.clock };
    let (registry, keeper) = (&session.registry, &session.readiness);
    Asking { caller: &session.caller, registry, keeper, named }
}

/// An answer as a place whose fields are read like an object's, which it is not.
fn shown(found: Value, moment: Moment) -> Place {
    let body = Arc::new(found);
    let document = Document {
        id: String::new(),
        kind: "readiness".to_owned(),
        version: 0,
        position: moment.at,
        at: Instant::default(),
        created_at: Instant::default(),
        shape: 1,
        dated: false,
        body: Arc::clone(&body),
        slots: event_store::engine::Slots::default(),
    };
    Place::of(Arc::new(Entity { document: Arc::new(document), body, moment }))
}
