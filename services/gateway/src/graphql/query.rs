//! The roots of questions: the management system as of a point, any object by id, and who asks.

use std::sync::Arc;

use async_graphql::Value as Shown;
use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext, TypeRef, ValueAccessor};
use event_store::{AsOf, Resolved};
use kernel::{Instant, Position};
use serde_json::json;

use super::error::Problem;
use super::model::Kind;
use super::place::{Moment, Place};
use super::scalars;
use super::session::{always, later, session};
use super::types::{Argument, FieldSet, Input, Made, Named, Types, described, named, taking};
use super::{catalogue, connection, events};
use crate::listing::{Compare, Filter};

/// The management system as of a moment.
#[derive(Clone)]
pub struct Snapshot {
    resolved: Resolved,
    /// The moment.
    pub moment: Moment,
    /// The time that the caller named, if he named one.
    pub time: Option<Instant>,
}

/// A point as callers give it; without one, now.
///
/// # Errors
/// When it is no point.
pub fn as_of(point: Option<&ValueAccessor<'_>>) -> Result<AsOf, Problem> {
    let Some(point) = point.filter(|point| !point.is_null()) else { return Ok(AsOf::Now) };
    let point = point.object()?;
    if let Some(time) = point.get("time").filter(|time| !time.is_null()) {
        let time = time.string()?.parse();
        let wrong = |_| Problem::argument("asOf", "malformed", "time is no RFC 3339 time");
        let time = time.map_err(wrong)?;
        return Ok(AsOf::Time(time));
    }
    let position = point.get("position").and_then(|p| scalars::position(p.as_value()));
    let position =
        position.ok_or_else(|| Problem::argument("asOf", "malformed", "name a point"))?;
    Ok(AsOf::Position(position))
}

/// Makes the roots.
pub fn make(types: &mut Types) {
    let time = Argument::new("time", TypeRef::named("DateTime"));
    let position = Argument::new("position", TypeRef::named("Position"));
    types.add(
        Input::new("AsOf")
            .description("A point in the log.")
            .field(time.description("The last transaction recorded at or before it."))
            .field(position.description("This position."))
            .oneof(),
    );
    let resolved = resolved(types);
    types.add(resolved);
    let viewer_type = viewer(types);
    types.add(viewer_type);
    let snapshot = snapshot(types);
    types.add(snapshot);
    let mut fields = FieldSet::of(types);
    let aims = named("aims", TypeRef::named_nn("Snapshot"), |ctx| {
        later(ctx, |ctx| async move {
            let point = as_of(ctx.args.get("asOf").as_ref())?;
            let session = session(&ctx)?;
            let resolved = session.resolve(point).await?;
            session.rests_on(resolved.position);
            let moment = Moment { at: resolved.position, past: point != AsOf::Now };
            let time = if let AsOf::Time(time) = point { Some(time) } else { None };
            Ok(Some(FieldValue::owned_any(Snapshot { resolved, moment, time })))
        })
    });
    let point = Argument::new("asOf", TypeRef::named("AsOf"));
    let aims = taking(aims, point.description("Now when left out."));
    fields.add(described(aims, "The management system, all of it as of one point."));
    let node = named("node", TypeRef::named("Node"), |ctx| {
        later(ctx, |ctx| async move { node(&ctx).await })
    });
    let id = Argument::new("id", TypeRef::named_nn("ID"));
    let doc = "An object by id, also as of a position: `scp_…@12`.";
    fields.add(described(taking(node, id), doc));
    let viewer = named("viewer", TypeRef::named_nn("Viewer"), |_| {
        FieldFuture::Value(Some(FieldValue::value(Shown::Null)))
    });
    fields.add(described(viewer, "Who asks."));
    types.add(fields.object("Query", "Questions."));
}

async fn node<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let id = text_of(&ctx.args.try_get("id")?)?;
    let session = session(ctx)?;
    let (id, point) = match id.split_once('@') {
        None => (id.as_str(), AsOf::Now),
        Some((id, position)) => {
            let Ok(position) = position.parse() else { return Ok(None) };
            (id, AsOf::Position(Position(position)))
        }
    };
    let Some(kind) = session.model.of_id(id) else { return Ok(None) };
    let resolved = session.resolve(point).await?;
    let moment = Moment { at: resolved.position, past: point != AsOf::Now };
    let place = session.object(kind, id, moment).await?;
    Ok(place.map(|place| place.shown().with_type(kind.ty)))
}

/// An id as callers give it: text or, by the rules of the language, a whole number.
///
/// # Errors
/// When it is neither.
pub fn text_of(value: &ValueAccessor<'_>) -> Result<String, Problem> {
    match value.as_value() {
        Shown::Number(number) => Ok(number.to_string()),
        _ => Ok(value.string()?.to_owned()),
    }
}

/// The open tasks that are a caller's: given to him, or to nobody and done in a role of his.
fn tasks(kind: &Arc<Kind>) -> Named {
    let doc = "Open tasks: given to him, or to nobody and done in a role of his.";
    connection::field("tasks", kind, doc, |ctx| {
        let caller = &session(ctx).ok()?.caller;
        let moment = Moment { at: caller.head.as_ref()?.position, past: false };
        let field = |name: &str, compare| Filter::Field(name.to_owned(), compare);
        let roles = caller.who.roles.iter().map(|role| json!(role.code())).collect();
        let in_role = Filter::And(vec![
            field("assignee", Compare::IsNull(true)),
            field("assigneeRole", Compare::In(roles)),
        ]);
        let given = field("assignee", Compare::Eq(json!(caller.who.id)));
        let open = field("status", Compare::In(vec![json!("open"), json!("overdue")]));
        let only = Some(Filter::And(vec![open, Filter::Or(vec![given, in_role])]));
        Some(connection::Scope { moment, only })
    })
}

fn viewer(types: &Types) -> Made {
    let mut fields = FieldSet::of(types);
    if let Some(kind) = types.model.kind("task") {
        fields.add(tasks(kind));
    }
    fields.add(named("id", TypeRef::named_nn("ID"), |ctx| {
        let id = session(&ctx).ok().map(|session| session.caller.who.id.as_str());
        FieldFuture::Value(id.map(FieldValue::value))
    }));
    let roles = named("roles", TypeRef::named_nn_list_nn("Role"), |ctx| {
        let roles = session(&ctx).ok().map(|session| &session.caller.who.roles);
        let roles = roles.into_iter().flatten().map(|role| Shown::from(role.code()));
        FieldFuture::Value(Some(FieldValue::value(Shown::List(roles.collect()))))
    });
    fields.add(described(roles, "The roles held today."));
    fields.add(named("tenant", TypeRef::named_nn("ID"), |ctx| {
        let tenant = session(&ctx).ok().map(|session| session.caller.tenant().as_str());
        FieldFuture::Value(tenant.map(FieldValue::value))
    }));
    let simulated = named("simulated", TypeRef::named_nn("Boolean"), |ctx| {
        later(ctx, |ctx| async move {
            Ok(Some(FieldValue::value(session(&ctx)?.head().await?.simulated)))
        })
    });
    fields.add(described(simulated, "Whether the clock of the tenant's log is simulated."));
    fields.object("Viewer", "Who asks.")
}

fn here<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Snapshot> {
    ctx.parent_value.downcast_ref::<Snapshot>()
}

fn resolved(types: &Types) -> Made {
    let mut fields = FieldSet::of(types);
    let of = |name: &str, ty: &str, doc: &str, show: fn(&Resolved) -> Shown| {
        let field = named(name, TypeRef::named_nn(ty), move |ctx| {
            FieldFuture::Value(here(&ctx).map(|s| FieldValue::value(show(&s.resolved))))
        });
        described(field, doc)
    };
    fields.add(of("position", "Position", "The position.", |r| r.position.to_string().into()));
    fields.add(of("settled", "Boolean", "Whether the answer can never change.", |r| {
        r.settled.into()
    }));
    fields.add(of("simulated", "Boolean", "Whether the log's clock is simulated.", |r| {
        r.simulated.into()
    }));
    let recorded_at = named("recordedAt", TypeRef::named("DateTime"), |ctx| {
        let Some(snapshot) = here(&ctx) else { return FieldFuture::Value(None) };
        let resolved = &snapshot.resolved;
        if resolved.position == Position::START {
            return FieldFuture::Value(None);
        }
        if resolved.position == resolved.head {
            return FieldFuture::Value(Some(FieldValue::value(resolved.head_at.to_string())));
        }
        later(ctx, move |ctx| async move {
            let before = Position(resolved.position.0 - 1);
            let events = session(&ctx)?.log().events(before, resolved.position, 1).await?;
            Ok(events.first().map(|event| FieldValue::value(event.row.at.to_string())))
        })
    });
    let doc = "When the event at the position was recorded; null before the first.";
    fields.add(described(recorded_at, doc));
    fields.object("Resolved", "The point that a question is answered at.")
}

fn snapshot(types: &mut Types) -> Made {
    let mut fields = FieldSet::of(types);
    let resolved = named("resolved", TypeRef::named_nn("Resolved"), |ctx| {
        FieldFuture::Value(here(&ctx).cloned().map(FieldValue::owned_any))
    });
    fields.add(described(resolved, "The point."));
    for kind in types.model.kinds.clone() {
        if fields.wants(&kind.singular) {
            fields.add(if kind.decl().about.singleton { sole(&kind) } else { one(&kind) });
        }
        if fields.wants(&kind.plural) {
            fields.add(connection::field(&kind.plural, &kind, kind.decl().about.doc, |ctx| {
                let snapshot = here(ctx)?;
                Some(connection::Scope { moment: snapshot.moment, only: None })
            }));
        }
    }
    fields.add(event_list());
    fields.add_all(catalogue::fields(types));
    fields.object("Snapshot", "The management system as of one point.")
}

fn sole(kind: &Arc<Kind>) -> Named {
    let doc = kind.decl().about.doc;
    let (name, ty, kind) = (kind.singular.clone(), TypeRef::named(kind.ty), Arc::clone(kind));
    let field = named(name, ty, move |ctx| {
        let kind = Arc::clone(&kind);
        later(ctx, move |ctx| async move {
            let Some(snapshot) = here(&ctx) else { return Ok(None) };
            Ok(session(&ctx)?.singleton(&kind, snapshot.moment).await?.map(Place::shown))
        })
    });
    described(field, doc)
}

fn one(kind: &Arc<Kind>) -> Named {
    let doc = kind.decl().about.doc;
    let (name, ty, kind) = (kind.singular.clone(), TypeRef::named(kind.ty), Arc::clone(kind));
    let field = named(name, ty, move |ctx| {
        let kind = Arc::clone(&kind);
        later(ctx, move |ctx| async move {
            let Some(snapshot) = here(&ctx) else { return Ok(None) };
            let id = text_of(&ctx.args.try_get("id")?)?;
            let (id, position) = id.split_once('@').unwrap_or((&id, ""));
            if !position.is_empty() && position != snapshot.moment.at.to_string() {
                let message = "the id names another position than the snapshot: use node(id:)";
                return Err(Problem::argument("id", "wrong_position", message));
            }
            Ok(session(&ctx)?.object(&kind, id, snapshot.moment).await?.map(Place::shown))
        })
    });
    described(taking(field, Argument::new("id", TypeRef::named_nn("ID"))), doc)
}

fn event_list() -> Named {
    let field = named("events", TypeRef::named_nn("EventConnection"), |ctx| {
        always(ctx, connection::no_page, |ctx| async move {
            let Some(snapshot) = here(&ctx) else { return Ok(None) };
            let after = ctx.args.get("after").filter(|after| !after.is_null());
            let after = after.and_then(|after| scalars::position(after.as_value()));
            let after = after.unwrap_or_default();
            let first = events::first_of(&ctx)?;
            let session = session(&ctx)?;
            // What is an outsider's own is shown after his ceiling too.
            let newest = session.caller.outlook.as_ref().filter(|_| !snapshot.moment.past);
            let upto = newest.map_or(snapshot.moment.at, |outlook| outlook.head.position);
            let mut found = events::visible(session, after, upto, first + 1).await?;
            let has_next = found.len() > first;
            found.truncate(first);
            Ok(Some(connection::events(found, has_next, snapshot.moment)))
        })
    });
    let after = Argument::new("after", TypeRef::named("Position"));
    let first = Argument::new("first", TypeRef::named("Int")).default_value(events::FIRST);
    let field = taking(taking(field, first), after.description("Only later events."));
    described(field, "The log up to this point, as far as your roles read it.")
}
