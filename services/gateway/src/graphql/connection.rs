//! Lists of a kind by pages, as the Relay specification has them.

use std::sync::Arc;

use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext, TypeRef};
use event_store::log::StoredEvent;
use serde_json::json;

use super::error::Problem;
use super::events::Happened;
use super::filters;
use super::model::Kind;
use super::place::Moment;
use super::session::{always, later, session};
use super::types::{Argument, FieldSet, Made, Named, Types, described, named, taking};
use crate::listing::{self, Compare, Eyes, Filter, PAGE_DEFAULT, PAGE_MAX, Page, Question};

/// Objects are counted up to here.
const TOTAL_MAX: u64 = 10_000;

/// What a list is of.
pub struct Scope {
    /// As of when.
    pub moment: Moment,
    /// What holds of all of them.
    pub only: Option<Filter>,
}

impl Scope {
    /// The objects of which a field has a value.
    pub fn with(moment: Moment, field: &str, value: &str) -> Self {
        let only = Filter::Field(field.to_owned(), Compare::Eq(json!(value)));
        Self { moment, only: Some(only) }
    }
}

/// A page of objects.
struct Objects {
    kind: Arc<Kind>,
    question: Question,
    moment: Moment,
    page: Page,
}

/// What a connection has found.
#[derive(Clone)]
enum Found {
    Objects(Arc<Objects>),
    Events(Arc<(Vec<Happened>, bool)>),
}

impl Found {
    fn len(&self) -> usize {
        match self {
            Found::Objects(found) => found.page.documents.len(),
            Found::Events(found) => found.0.len(),
        }
    }

    fn cursor(&self, at: usize) -> Option<String> {
        match self {
            Found::Objects(found) => found.page.cursors.get(at).cloned(),
            Found::Events(found) => found.0.get(at).map(|h| h.event.row.position.to_string()),
        }
    }

    fn node<'a>(&self, ctx: &ResolverContext<'a>, at: usize) -> Option<FieldValue<'a>> {
        match self {
            Found::Objects(found) => {
                let document = Arc::clone(found.page.documents.get(at)?);
                let at = *found.page.seen_at.get(at)?;
                let moment = Moment { at, past: found.moment.past };
                Some(session(ctx).ok()?.place(&found.kind, document, moment).shown())
            }
            Found::Events(found) => found.0.get(at).cloned().map(FieldValue::owned_any),
        }
    }

    fn has_next(&self) -> bool {
        match self {
            Found::Objects(found) => found.page.has_next,
            Found::Events(found) => found.1,
        }
    }
}

/// Events as a connection's value.
pub fn events<'a>(events: Vec<StoredEvent>, has_next: bool, moment: Moment) -> FieldValue<'a> {
    let happened = events.into_iter().map(|event| Happened::of(event, moment));
    FieldValue::owned_any(Found::Events(Arc::new((happened.collect(), has_next))))
}

/// A page without members, where one must be and cannot.
pub fn no_page<'a>() -> FieldValue<'a> {
    FieldValue::owned_any(Found::Events(Arc::new((Vec::new(), false))))
}

/// Makes what all connections share, and the connection of events.
pub fn make_shared(types: &mut Types) {
    let mut fields = FieldSet::of(types);
    fields.add(named("hasNextPage", TypeRef::named_nn("Boolean"), |ctx| {
        FieldFuture::Value(found(&ctx).map(|found| FieldValue::value(found.has_next())))
    }));
    let before = named("hasPreviousPage", TypeRef::named_nn("Boolean"), |_| {
        FieldFuture::Value(Some(FieldValue::value(false)))
    });
    fields.add(described(before, "Always false: pages go forward."));
    for (name, last) in [("startCursor", false), ("endCursor", true)] {
        fields.add(named(name, TypeRef::named("String"), move |ctx| {
            let cursor = found(&ctx).and_then(|found| {
                found.cursor(if last { found.len().checked_sub(1)? } else { 0 })
            });
            FieldFuture::Value(cursor.map(FieldValue::value))
        }));
    }
    types.add(fields.object("PageInfo", "Where a page stands."));
    make_pair(types, "Event", false);
}

/// Makes the connection of a kind.
pub fn make(types: &mut Types, kind: &Kind) {
    make_pair(types, kind.ty, true);
}

fn make_pair(types: &mut Types, ty: &str, counted: bool) {
    let edge = format!("{ty}Edge");
    let mut fields = FieldSet::of(types);
    fields.add(named("edges", TypeRef::named_nn_list_nn(edge.as_str()), |ctx| {
        let edges = found(&ctx).map(|found| {
            let edge = |at| FieldValue::owned_any((found.clone(), at));
            FieldValue::list((0..found.len()).map(edge))
        });
        FieldFuture::Value(edges)
    }));
    fields.add(named("nodes", TypeRef::named_nn_list_nn(ty), |ctx| {
        let nodes = found(&ctx)
            .map(|found| FieldValue::list((0..found.len()).filter_map(|at| found.node(&ctx, at))));
        FieldFuture::Value(nodes)
    }));
    fields.add(named("pageInfo", TypeRef::named_nn("PageInfo"), |ctx| {
        FieldFuture::Value(found(&ctx).cloned().map(FieldValue::owned_any))
    }));
    if counted {
        fields.add(total());
    }
    types.add(fields.object(&format!("{ty}Connection"), "A page."));
    let edge = edge_type(types, &edge, ty);
    types.add(edge);
}

fn total() -> Named {
    let total = named("totalCount", TypeRef::named("Int"), |ctx| {
        let Some(Found::Objects(found)) = found(&ctx) else { return FieldFuture::Value(None) };
        let (page, question) = (&found.page, &found.question);
        if question.after.is_none() && !page.has_next {
            return FieldFuture::Value(Some(FieldValue::value(page.documents.len())));
        }
        later(ctx, move |ctx| async move {
            let eyes = Eyes::of(&session(&ctx)?.caller);
            let total = listing::total(eyes, found.kind.decl(), question, TOTAL_MAX).await?;
            Ok(Some(FieldValue::value(total)))
        })
    });
    described(total, &format!("How many there are on all pages, counted up to {TOTAL_MAX}."))
}

fn edge_type(types: &Types, name: &str, ty: &str) -> Made {
    fn edge<'a>(ctx: &ResolverContext<'a>) -> Option<&'a (Found, usize)> {
        ctx.parent_value.downcast_ref::<(Found, usize)>()
    }
    let mut fields = FieldSet::of(types);
    let cursor = named("cursor", TypeRef::named_nn("String"), |ctx| {
        let cursor = edge(&ctx).and_then(|(found, at)| found.cursor(*at));
        FieldFuture::Value(cursor.map(FieldValue::value))
    });
    fields.add(described(cursor, "To continue after this one."));
    fields.add(named("node", TypeRef::named_nn(ty), |ctx| {
        FieldFuture::Value(edge(&ctx).and_then(|(found, at)| found.node(&ctx, *at)))
    }));
    fields.object(name, "One on a page.")
}

fn found<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Found> {
    ctx.parent_value.downcast_ref::<Found>()
}

/// A field that lists a kind's objects; `scope` says which and as of when, and where it says
/// nothing the field is null.
pub fn field<F>(name: &str, kind: &Arc<Kind>, doc: &str, scope: F) -> Named
where
    F: for<'a> Fn(&ResolverContext<'a>) -> Option<Scope> + Send + Sync + 'static,
{
    list(name, kind, doc, scope, true)
}

/// The same where the list may be missing.
pub fn optional<F>(name: &str, kind: &Arc<Kind>, doc: &str, scope: F) -> Named
where
    F: for<'a> Fn(&ResolverContext<'a>) -> Option<Scope> + Send + Sync + 'static,
{
    list(name, kind, doc, scope, false)
}

fn list<F>(name: &str, kind: &Arc<Kind>, doc: &str, scope: F, always_there: bool) -> Named
where
    F: for<'a> Fn(&ResolverContext<'a>) -> Option<Scope> + Send + Sync + 'static,
{
    let ty = format!("{}Connection", kind.ty);
    let ty = if always_there { TypeRef::named_nn(ty) } else { TypeRef::named(ty) };
    let listed = Arc::clone(kind);
    let field = named(name, ty, move |ctx| {
        let Some(scope) = scope(&ctx) else { return FieldFuture::Value(None) };
        let kind = Arc::clone(&listed);
        let resolve = move |ctx| async move { page(&ctx, kind, scope).await.map(Some) };
        if always_there { always(ctx, no_page, resolve) } else { later(ctx, resolve) }
    });
    let first = Argument::new("first", TypeRef::named("Int"));
    let default = i32::try_from(PAGE_DEFAULT).unwrap_or(50);
    let first = first.description(format!("How many, at most {PAGE_MAX}.")).default_value(default);
    let after = Argument::new("after", TypeRef::named("String"));
    let filter = Argument::new("filter", TypeRef::named(format!("{}Filter", kind.ty)));
    let search = Argument::new("search", TypeRef::named("String"));
    let search = search.description("Text that the searchable fields contain, in any case.");
    let order = TypeRef::named_nn_list(format!("{}Order", kind.ty));
    let order = Argument::new("orderBy", order).description("By the id when left out.");
    let field = taking(taking(taking(field, filter), search), order);
    described(taking(taking(field, first), after), doc)
}

async fn page<'a>(
    ctx: &ResolverContext<'a>,
    kind: Arc<Kind>,
    scope: Scope,
) -> Result<FieldValue<'a>, Problem> {
    let session = session(ctx)?;
    session.may_read(&kind)?;
    let given = |name: &str| ctx.args.get(name).filter(|value| !value.is_null());
    let mut filters = Vec::new();
    filters.extend(scope.only);
    filters.extend(session.sight(&kind).filter(&session.caller));
    if let Some(filter) = given("filter") {
        filters.push(filters::read(&kind, filter.as_value())?);
    }
    let first = given("first").map_or(Ok(PAGE_DEFAULT as i64), |first| first.i64())?;
    let first = usize::try_from(first).ok().filter(|first| *first <= PAGE_MAX);
    let out_of_range =
        || Problem::argument("first", "out_of_range", format!("first must lie in 0 to {PAGE_MAX}"));
    let question = Question {
        filter: Filter::And(filters),
        search: given("search").map(|text| text.string().map(str::to_owned)).transpose()?,
        order: given("orderBy")
            .map_or(Ok(Vec::new()), |order| filters::order(&kind, order.as_value()))?,
        first: first.ok_or_else(out_of_range)?,
        after: given("after").map(|text| text.string().map(str::to_owned)).transpose()?,
        at: scope.moment.at,
        pinned: scope.moment.past,
    };
    let page = listing::page(Eyes::of(&session.caller), kind.decl(), &question).await?;
    let moment = Moment { at: page.at, past: scope.moment.past };
    let objects = Objects { kind, question, moment, page };
    Ok(FieldValue::owned_any(Found::Objects(Arc::new(objects))))
}
