//! The type of each kind, and what every object has: its ids, versions and its own past.

use std::sync::Arc;

use async_graphql::dynamic::{FieldFuture, FieldValue, Interface, InterfaceField, TypeRef};
use event_store::AsOf;
use kernel::schema::Ty;

use super::error::Problem;
use super::events;
use super::fields::fields_of;
use super::model::{Kind, Model};
use super::names;
use super::place::{Moment, Place, here};
use super::query::as_of;
use super::relations;
use super::session::{Session, always, later, no_members, session};
use super::types::{Argument, FieldSet, Made, Named, Types, described, named, taking};

/// Fields that every object has, so that a declared field of the same name is shown under the
/// kind's name and its own (`scopeVersion`).
const COMMON: &[&str] = &[
    "id",
    "currentId",
    "version",
    "position",
    "recordedAt",
    "createdAt",
    "history",
    "blame",
    "asOf",
    "atVersion",
    "effectiveVersion",
];

/// The name under which a declared field is shown.
pub fn shown_name(kind: &Kind, declared: &str) -> String {
    if COMMON.contains(&declared) {
        names::camel(&format!("{}_{declared}", kind.name()))
    } else {
        declared.to_owned()
    }
}

/// Name of the interface of all objects.
pub const NODE: &str = "Node";

/// The interface of all objects.
pub fn node(model: &Model) -> Made {
    let id = InterfaceField::new("id", TypeRef::named_nn(TypeRef::ID));
    let node = Interface::new(NODE).description("An object with an id.").field(id);
    Made::from(node).needing(model.kinds.iter().map(|kind| kind.ty))
}

/// Makes the type of a kind.
pub fn make(types: &mut Types, kind: &Arc<Kind>) {
    let mut fields = FieldSet::of(types);
    fields.add_all(common());
    fields.add_all(past(kind));
    for declared in &kind.decl().state.fields {
        let name = shown_name(kind, declared.name);
        let made = fields_of(types, declared, &name);
        fields.add_all(made);
    }
    if has_effective_version(kind) {
        fields.add(effective_version(kind));
    }
    relations::add(types, kind, &mut fields);
    let object = fields.object(kind.ty, kind.decl().about.doc);
    types.add(object.node());
}

fn common() -> Vec<Named> {
    let of = |name: &str, ty: &str, doc: &str, show: fn(&Place) -> async_graphql::Value| {
        let field = named(name, TypeRef::named_nn(ty), move |ctx| {
            FieldFuture::Value(here(&ctx).map(|place| FieldValue::value(show(place))))
        });
        described(field, doc)
    };
    let id = "Its id; inside a past snapshot with the position, `scp_…@12`, so that caches keep \
              the times apart.";
    vec![
        of("id", TypeRef::ID, id, |p| p.entity.moment.id(&p.entity.document.id).into()),
        of("currentId", TypeRef::ID, "Its id without position.", |p| {
            p.entity.document.id.as_str().into()
        }),
        of("version", TypeRef::INT, "Number of its last event, from 1.", |p| {
            p.entity.document.version.into()
        }),
        of("position", "Position", "Position of its last event in the log.", |p| {
            p.entity.document.position.to_string().into()
        }),
        of("recordedAt", "DateTime", "When its last event was recorded.", |p| {
            p.entity.document.at.to_string().into()
        }),
        of("createdAt", "DateTime", "When its first event was recorded.", |p| {
            p.entity.document.created_at.to_string().into()
        }),
    ]
}

/// The object at other times.
fn past(kind: &Arc<Kind>) -> Vec<Named> {
    let int = |name: &str| Argument::new(name, TypeRef::named(TypeRef::INT));
    let at_kind = Arc::clone(kind);
    let as_of_field = named("asOf", TypeRef::named(kind.ty), move |ctx| {
        let kind = Arc::clone(&at_kind);
        later(ctx, move |ctx| async move {
            let Some(place) = here(&ctx) else { return Ok(None) };
            let point = as_of(ctx.args.get("point").as_ref())?;
            let session = session(&ctx)?;
            let resolved = session.resolve(point).await?;
            let moment = Moment { at: resolved.position, past: point != AsOf::Now };
            let found = session.object(&kind, &place.entity.document.id, moment).await?;
            Ok(found.map(Place::shown))
        })
    });
    let version_kind = Arc::clone(kind);
    let at_version = named("atVersion", TypeRef::named(kind.ty), move |ctx| {
        let kind = Arc::clone(&version_kind);
        later(ctx, move |ctx| async move {
            let Some(place) = here(&ctx) else { return Ok(None) };
            let version = ctx.args.try_get("version")?.i64()?;
            let version = u64::try_from(version).unwrap_or_default();
            at_version_of(session(&ctx)?, &kind, place, version).await
        })
    });
    let point = Argument::new("point", TypeRef::named_nn("AsOf"));
    let version = Argument::new("version", TypeRef::named_nn(TypeRef::INT));
    let path = Argument::new("path", TypeRef::named_nn(TypeRef::STRING));
    let path = path.description("JSON pointer into the object as REST shows it, `/exclusions`.");
    let history = named("history", TypeRef::named_nn_list_nn("Event"), |ctx| {
        always(ctx, no_members, |ctx| async move { events::history(&ctx).await })
    });
    let blame = named("blame", TypeRef::named("Event"), |ctx| {
        later(ctx, |ctx| async move { events::blame(&ctx).await })
    });
    let history = taking(history, int("first").default_value(events::FIRST));
    vec![
        described(
            taking(history, int("after").description("Only events of later versions.")),
            "Its events up to this moment, oldest first.",
        ),
        described(
            taking(blame, path),
            "The last event that changed what stands at a path, above or below it.",
        ),
        described(taking(as_of_field, point), "The same object at another time."),
        described(
            taking(at_version, version),
            "The same object at a version of its stream, no later than this moment.",
        ),
    ]
}

async fn at_version_of<'a>(
    session: &Session,
    kind: &Kind,
    place: &Place,
    version: u64,
) -> Result<Option<FieldValue<'a>>, Problem> {
    let entity = &place.entity;
    if version == entity.document.version {
        let document = Arc::clone(&entity.document);
        let moment = Moment { at: document.position, past: true };
        return Ok(Some(session.place(kind, document, moment).shown()));
    }
    let log = session.log();
    let found = log.at_version(&entity.document.id, version, entity.moment.at).await?;
    Ok(found.map(|document| {
        let moment = Moment { at: document.position, past: true };
        session.place(kind, document, moment).shown()
    }))
}

/// Whether the kind holds successive versions of which one is in force.
fn has_effective_version(kind: &Kind) -> bool {
    let effective = kind.decl().state.field("effective");
    effective.is_some_and(|field| match &field.ty {
        Ty::Record(record) => record.field("historyVersion").is_some(),
        _ => false,
    })
}

fn effective_version(kind: &Arc<Kind>) -> Named {
    let (kind, ty) = (Arc::clone(kind), TypeRef::named(kind.ty));
    let field = named("effectiveVersion", ty, move |ctx| {
        let kind = Arc::clone(&kind);
        later(ctx, move |ctx| async move {
            let Some(place) = here(&ctx) else { return Ok(None) };
            let version = place.field("effective")["historyVersion"].as_u64();
            let Some(version) = version else { return Ok(None) };
            at_version_of(session(&ctx)?, &kind, place, version).await
        })
    });
    described(field, "The object as it stood when the version in force was approved.")
}
