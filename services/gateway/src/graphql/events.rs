//! Events as callers see them: who decided what, on what grounds, and what it changed.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Value as Shown;
use async_graphql::dynamic::{Enum, EnumItem, FieldFuture, FieldValue, ResolverContext, TypeRef};
use event_store::log::StoredEvent;
use kernel::{Position, Via};
use serde_json::Value;

use super::error::Problem;
use super::fields;
use super::place::{Moment, here};
use super::session::{Session, always, later, no_members, session};
use super::types::{FieldSet, Named, Types, described, named};
use crate::{own, text};

/// Events on a page unless the caller says otherwise.
pub const FIRST: i32 = 50;
/// Most events on a page.
pub const FIRST_MAX: usize = 100;
/// Events that are looked through at a time for the one to blame.
const WINDOW: u64 = 100;

/// An event as of a moment.
#[derive(Clone)]
pub struct Happened {
    /// The event.
    pub event: Arc<StoredEvent>,
    /// As of when related objects are shown.
    pub moment: Moment,
    /// Whether it is only said that it happened: the caller may not read what it is about.
    announced: bool,
}

impl Happened {
    /// One that the caller may read.
    pub fn of(event: StoredEvent, moment: Moment) -> Self {
        Self { event: Arc::new(event), moment, announced: false }
    }

    /// As a field's value.
    pub fn shown<'a>(event: StoredEvent, moment: Moment) -> FieldValue<'a> {
        FieldValue::owned_any(Self::of(event, moment))
    }

    /// As a field's value that does not tell what was recorded.
    pub fn announced<'a>(event: StoredEvent, moment: Moment) -> FieldValue<'a> {
        FieldValue::owned_any(Self { event: Arc::new(event), moment, announced: true })
    }
}

fn event<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Happened> {
    ctx.parent_value.downcast_ref::<Happened>()
}

/// Makes the types of events.
pub fn make(types: &mut Types) {
    let via = [
        (Via::User, "A person's session."),
        (Via::ApiKey, "An integration."),
        (Via::Reaction, "A timer or process manager."),
        (Via::Import, "A bulk import."),
    ];
    let items = via.map(|(via, doc)| EnumItem::new(via_name(via)).description(doc));
    types.add(Enum::new("Via").description("Through what an actor came.").items(items));
    let mut fields = FieldSet::of(types);
    fields.add_all(plain());
    fields.add_all(grounds(types));
    fields.add_all(content());
    types.add(fields.object("Event", "Something that was decided and recorded for ever."));
    let mut fields = FieldSet::of(types);
    fields.add_all(actor(types));
    types.add(fields.object("Actor", "Who decided, in which role."));
}

const fn via_name(via: Via) -> &'static str {
    match via {
        Via::User => "USER",
        Via::ApiKey => "API_KEY",
        Via::Reaction => "REACTION",
        Via::Import => "IMPORT",
    }
}

fn of(name: &str, ty: TypeRef, doc: &str, show: fn(&StoredEvent) -> Option<Shown>) -> Named {
    let field = named(name, ty, move |ctx| {
        let shown = event(&ctx).and_then(|happened| show(&happened.event));
        FieldFuture::Value(shown.map(FieldValue::value))
    });
    described(field, doc)
}

fn plain() -> Vec<Named> {
    let (nn, some) = (|ty: &str| TypeRef::named_nn(ty), |ty: &str| TypeRef::named(ty));
    vec![
        of("id", nn("ID"), "Its id.", |e| Some(e.header.id.as_str().into())),
        of("type", nn("String"), "What happened, `scope.approved`.", |e| {
            Some(e.row.name.as_str().into())
        }),
        of("subjectId", nn("ID"), "The object's id.", |e| Some(e.row.stream.as_str().into())),
        of("version", nn("Int"), "Its number among the object's events, from 1.", |e| {
            Some(e.row.version.into())
        }),
        of("position", nn("Position"), "Its number in the tenant's log.", |e| {
            Some(e.row.position.to_string().into())
        }),
        of("recordedAt", nn("DateTime"), "When it was recorded.", |e| {
            Some(e.row.at.to_string().into())
        }),
        of("effectiveAt", some("DateTime"), "When it was true, where that differs.", |e| {
            e.row.effective.map(|at| at.to_string().into())
        }),
        of("correlation", nn("ID"), "Groups what one cause brought about.", |e| {
            Some(e.header.corr.as_str().into())
        }),
        of("cause", some("ID"), "The event or command that caused it.", |e| {
            e.header.cause.as_deref().map(Into::into)
        }),
        of("clauses", TypeRef::named_nn_list_nn("String"), "The clauses it evidences.", |e| {
            let clauses = e.payload["clauses"].as_array().into_iter().flatten();
            Some(Shown::List(clauses.filter_map(Value::as_str).map(Into::into).collect()))
        }),
    ]
}

fn grounds(types: &Types) -> Vec<Named> {
    let reason = named("reason", TypeRef::named("String"), |ctx| {
        let reason = event(&ctx).and_then(|happened| {
            Some((&happened.event.row, text::sealed(&happened.event.payload["reason"])?))
        });
        let Some((row, hash)) = reason else { return FieldFuture::Value(None) };
        later(ctx, move |ctx| async move {
            let of = (row.kind.as_str(), row.stream.as_str());
            let texts = session(&ctx)?.texts(of, &[hash.to_owned()]).await?;
            Ok(texts.into_iter().flatten().next().map(|text| FieldValue::value(&*text)))
        })
    });
    let ids = of("evidenceIds", TypeRef::named_nn_list_nn("ID"), "Ids of the evidence.", |e| {
        let ids = e.payload["evidence"].as_array().into_iter().flatten();
        Some(Shown::List(ids.filter_map(Value::as_str).map(Into::into).collect()))
    });
    let subject = named("subject", TypeRef::named("Node"), |ctx| {
        let Some(happened) = event(&ctx) else { return FieldFuture::Value(None) };
        later(ctx, move |ctx| async move {
            let id = &happened.event.row.stream;
            fields::referred(session(&ctx)?, id, happened.moment, None).await
        })
    });
    let actor = named("actor", TypeRef::named_nn("Actor"), |ctx| {
        FieldFuture::Value(event(&ctx).cloned().map(FieldValue::owned_any))
    });
    let late = named("late", TypeRef::named_nn("Boolean"), |ctx| {
        let Some(happened) = event(&ctx) else { return FieldFuture::Value(None) };
        if happened.event.row.effective.is_none() {
            return FieldFuture::Value(Some(FieldValue::value(false)));
        }
        always(
            ctx,
            || FieldValue::value(false),
            move |ctx| async move {
                Ok(Some(FieldValue::value(is_late(session(&ctx)?, &happened.event).await?)))
            },
        )
    });
    let mut fields = vec![
        described(reason, "Why it was decided; null when nothing was said or it was erased."),
        ids,
        described(subject, "The object."),
        described(actor, "Who decided."),
        described(late, "Whether it was recorded long after it was true."),
    ];
    if let Some(kind) = types.model.kind("evidence") {
        let evidence = named("evidence", TypeRef::named_nn_list_nn(kind.ty), |ctx| {
            let Some(happened) = event(&ctx) else { return FieldFuture::Value(None) };
            always(ctx, no_members, move |ctx| async move {
                let ids = happened.event.payload["evidence"].as_array().into_iter().flatten();
                let ids: Vec<_> = ids.filter_map(Value::as_str).collect();
                let session = session(&ctx)?;
                let found = fields::all(session, &ids, happened.moment, Some("evidence")).await?;
                Ok(Some(FieldValue::list(found)))
            })
        });
        fields.push(described(evidence, "The evidence on which it was decided."));
    }
    fields
}

fn content() -> Vec<Named> {
    let part = |name: &'static str, doc: &str| {
        let field = named(name, TypeRef::named("JSON"), move |ctx| {
            let told = event(&ctx).filter(|happened| !happened.announced);
            let Some(happened) = told else { return FieldFuture::Value(None) };
            later(ctx, move |ctx| async move {
                let opened = opened(session(&ctx)?, &happened.event, name).await?;
                Ok(Shown::from_json(opened).ok().map(FieldValue::value))
            })
        });
        described(field, doc)
    };
    vec![
        part("data", "What was recorded; sealed texts opened, erased ones marked."),
        part("patch", "What it changed in the object: JSON Patch (RFC 6902), texts opened."),
    ]
}

async fn opened(session: &Session, event: &StoredEvent, name: &str) -> Result<Value, Problem> {
    let mut hashes = Vec::new();
    let mut value = event.payload[name].clone();
    text::veil(&session.caller, &event.row.kind, &mut value);
    text::collect(&value, &mut hashes);
    if !hashes.is_empty() {
        let of = (event.row.kind.as_str(), event.row.stream.as_str());
        let texts = session.texts(of, &hashes).await?;
        let texts = hashes.into_iter().zip(texts).filter_map(|(hash, text)| Some((hash, text?)));
        text::put(&mut value, &texts.collect::<HashMap<_, _>>());
    }
    Ok(value)
}

fn actor(types: &Types) -> Vec<Named> {
    let mut fields = vec![
        of("id", TypeRef::named_nn("ID"), "`usr_…` for people.", |e| {
            Some(e.header.actor.as_str().into())
        }),
        of("role", TypeRef::named_nn("Role"), "The role in which he decided.", |e| {
            Some(e.header.role.code().into())
        }),
        of("via", TypeRef::named_nn("Via"), "Through what he came.", |e| {
            Some(via_name(e.header.via).into())
        }),
    ];
    if let Some(kind) = types.model.kind("membership") {
        let member = named("member", TypeRef::named(kind.ty), |ctx| {
            let Some(happened) = event(&ctx) else { return FieldFuture::Value(None) };
            if !happened.event.header.actor.starts_with("usr_") {
                return FieldFuture::Value(None);
            }
            later(ctx, move |ctx| async move {
                let actor = &happened.event.header.actor;
                fields::referred(session(&ctx)?, actor, happened.moment, Some("membership")).await
            })
        });
        fields.push(described(member, "His membership."));
    }
    fields
}

/// Whether an event was recorded more days after it was true than the organisation allowed then.
async fn is_late(session: &Session, event: &StoredEvent) -> Result<bool, Problem> {
    let Some(effective) = event.row.effective else { return Ok(false) };
    let mut days = i64::from(governance::organisation::LATE_ENTRY_DAYS);
    if let Some(kind) = session.model.kind("organisation") {
        let moment = Moment { at: event.row.position, past: true };
        let organisation = session.sole(kind, moment).await?;
        let said = organisation.and_then(|o| o.field("settings")["lateEntryDays"].as_i64());
        days = said.unwrap_or(days);
    }
    Ok(effective < event.row.at.plus_days(-days))
}

/// How many events a caller wants.
///
/// # Errors
/// When it is no number that a page can have.
pub fn first_of(ctx: &ResolverContext<'_>) -> Result<usize, Problem> {
    let Some(first) = ctx.args.get("first").filter(|first| !first.is_null()) else {
        return Ok(usize::try_from(FIRST).unwrap_or(FIRST_MAX));
    };
    let first = first.i64()?;
    usize::try_from(first).ok().filter(|first| *first <= FIRST_MAX).ok_or_else(|| {
        Problem::argument("first", "out_of_range", format!("first must lie in 0 to {FIRST_MAX}"))
    })
}

/// An object's events up to its moment.
///
/// # Errors
/// When an argument is wrong or the database fails.
pub async fn history<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let Some(place) = here(ctx) else { return Ok(None) };
    let first = first_of(ctx)?;
    let after = ctx.args.get("after").filter(|after| !after.is_null());
    let after = after.map(|after| after.i64()).transpose()?.unwrap_or_default();
    let after = u64::try_from(after).unwrap_or_default();
    let (entity, session) = (&place.entity, session(ctx)?);
    let found = session.log().history(&entity.document.id, after, entity.moment.at, first).await?;
    let shown = found.into_iter().map(|event| Happened::shown(event, entity.moment));
    Ok(Some(FieldValue::list(shown)))
}

/// The last event up to an object's moment that changed what stands at a path.
///
/// # Errors
/// When the database fails.
pub async fn blame<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let Some(place) = here(ctx) else { return Ok(None) };
    let path = ctx.args.try_get("path")?.string()?;
    if !path.is_empty() && !path.starts_with('/') {
        let message = "path must be a JSON pointer, such as /status";
        return Err(Problem::argument("path", "malformed", message));
    }
    let (entity, session) = (&place.entity, session(ctx)?);
    let mut upto = entity.document.version;
    while upto > 0 {
        let after = upto.saturating_sub(WINDOW);
        let limit = usize::try_from(upto - after).unwrap_or(FIRST_MAX);
        let id = &entity.document.id;
        let found = session.log().history(id, after, entity.moment.at, limit).await?;
        if let Some(event) = found.into_iter().rev().find(|event| touches(event, path)) {
            return Ok(Some(Happened::shown(event, entity.moment)));
        }
        upto = after;
    }
    Ok(None)
}

fn touches(event: &StoredEvent, path: &str) -> bool {
    let under = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let changes = event.payload["patch"].as_array().into_iter().flatten();
    changes.filter(|change| change["op"] != "test").any(|change| {
        let places = [change["path"].as_str(), change["from"].as_str()];
        places.into_iter().flatten().any(|at| under(at, path) || under(path, at))
    })
}

/// Events of a log that the caller may see: after a position, up to and including another.
///
/// # Errors
/// When the database fails.
pub async fn visible(
    session: &Session,
    mut after: Position,
    upto: Position,
    wanted: usize,
) -> Result<Vec<StoredEvent>, Problem> {
    let mut visible = Vec::new();
    while visible.len() < wanted && after < upto {
        let found = session.log().events(after, upto, wanted.max(FIRST_MAX)).await?;
        let Some(last) = found.last() else { break };
        after = last.row.position;
        let decl = |kind: &str| session.model.kind(kind).map(|kind| kind.decl());
        let found = own::visible(&session.caller, decl, found, upto).await;
        visible.extend(found.map_err(|fault| Problem::Fault(fault.to_string()))?);
    }
    visible.truncate(wanted);
    Ok(visible)
}
