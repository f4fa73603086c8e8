//! The fields of objects and records, from the declarations.

use async_graphql::Value as Shown;
use async_graphql::dynamic::{FieldFuture, FieldValue, TypeRef};
use kernel::schema::{Field as Declared, Ty};
use serde_json::Value;

use super::error::Problem;
use super::names::id_field;
use super::place::{Place, here};
use super::scalars::{Leaf, leaf};
use super::session::{Session, always, later, no_members, session};
use super::types::{Named, Types, described, named};
use crate::text::sealed;

/// The fields that show a declared field under a name; none when none of them is wanted.
pub fn fields_of(types: &mut Types, declared: &Declared, name: &str) -> Vec<Named> {
    let ids = [false, true].map(|several| id_field(name, several));
    if !types.wants(name) && !ids.iter().any(|id| types.wants(id)) {
        return Vec::new();
    }
    let documented = |field: Named| described(field, declared.doc);
    let json = declared.name;
    if let Some((ty, how)) = leaf(&types.model, &declared.ty) {
        types.ensure_leaf(&declared.ty);
        let ty = if declared.required { TypeRef::named_nn(ty) } else { TypeRef::named(ty) };
        return vec![documented(leaf_field(name, ty, json, how))];
    }
    let fields = match &declared.ty {
        Ty::Prose(_) => vec![prose(name, json)],
        Ty::User => reference(types, name, json, Some("membership"), declared.required),
        Ty::Ref("") => reference(types, name, json, None, declared.required),
        Ty::Ref(kind) => reference(types, name, json, Some(kind), declared.required),
        Ty::Record(record) => {
            let ty = types.record(record, false);
            let ty = if declared.required { TypeRef::named_nn(ty) } else { TypeRef::named(ty) };
            vec![named(name, ty, move |ctx| {
                let place = here(&ctx).filter(|place| !place.field(json).is_null());
                FieldFuture::Value(place.map(|place| place.inside(json).shown()))
            })]
        }
        Ty::Map(record, _) => vec![members(name, &types.record(record, true), json)],
        Ty::List(of, _) => list(types, name, json, of),
        Ty::Line(_) | Ty::Int(..) | Ty::Decimal | Ty::Bool | Ty::Date | Ty::Time => Vec::new(),
        Ty::Position => Vec::new(),
        Ty::Hash | Ty::Version | Ty::Number | Ty::Pseudonym | Ty::Key => Vec::new(),
        Ty::Role | Ty::Words(_) | Ty::Fields => Vec::new(),
    };
    fields.into_iter().map(documented).collect()
}

fn leaf_field(name: &str, ty: TypeRef, json: &'static str, how: Leaf) -> Named {
    named(name, ty, move |ctx| {
        let shown = here(&ctx).and_then(|place| how.show(place.field(json)));
        FieldFuture::Value(shown.map(FieldValue::value))
    })
}

fn list(types: &mut Types, name: &str, json: &'static str, of: &Ty) -> Vec<Named> {
    if let Some((ty, how)) = leaf(&types.model, of) {
        types.ensure_leaf(of);
        return vec![named(name, TypeRef::named_nn_list_nn(ty), move |ctx| {
            let items = here(&ctx).and_then(|place| place.field(json).as_array());
            let shown = items.into_iter().flatten().filter_map(|item| how.show(item)).collect();
            FieldFuture::Value(Some(FieldValue::value(Shown::List(shown))))
        })];
    }
    match of {
        Ty::Prose(_) => vec![proses(name, json)],
        Ty::User => references(types, name, json, Some("membership")),
        Ty::Ref("") => references(types, name, json, None),
        Ty::Ref(kind) => references(types, name, json, Some(kind)),
        Ty::Record(record) => vec![members(name, &types.record(record, false), json)],
        _ => vec![leaf_field(name, TypeRef::named("JSON"), json, Leaf::Plain)],
    }
}

fn members(name: &str, ty: &str, json: &'static str) -> Named {
    named(name, TypeRef::named_nn_list_nn(ty), move |ctx| {
        let members = here(&ctx).map(|place| place.members(json)).unwrap_or_default();
        let members = members.into_iter().map(Place::shown);
        FieldFuture::Value(Some(FieldValue::list(members)))
    })
}

/// Sealed text, opened when it is asked for; null when it was erased.
fn prose(name: &str, json: &'static str) -> Named {
    named(name, TypeRef::named(TypeRef::STRING), move |ctx| {
        let found = here(&ctx).and_then(|place| Some((place, sealed(place.field(json))?)));
        let Some((place, hash)) = found else { return FieldFuture::Value(None) };
        later(ctx, move |ctx| async move {
            let session = session(&ctx)?;
            let outlook = session.caller.outlook.as_ref();
            if outlook.is_some_and(|outlook| outlook.veils(place.object().0, json)) {
                return Ok(None);
            }
            let texts = session.texts(place.object(), &[hash.to_owned()]).await?;
            Ok(texts.into_iter().flatten().next().map(|text| FieldValue::value(&*text)))
        })
    })
}

fn proses(name: &str, json: &'static str) -> Named {
    named(name, TypeRef::named_list_nn(TypeRef::STRING), move |ctx| {
        always(ctx, no_members, move |ctx| async move {
            let Some(place) = here(&ctx) else { return Ok(None) };
            let items = place.field(json).as_array().into_iter().flatten();
            let hashes: Vec<_> = items.filter_map(sealed).map(str::to_owned).collect();
            let texts = session(&ctx)?.texts(place.object(), &hashes).await?;
            let texts =
                texts.into_iter().map(|text| text.map_or(Shown::Null, |t| Shown::from(&*t)));
            Ok(Some(FieldValue::value(Shown::List(texts.collect()))))
        })
    })
}

/// The id of the object that a reference means: of a user, his membership.
pub fn object_id(reference: &str) -> String {
    if kernel::id::prefix_of(reference) == "usr" {
        format!("mbr_{}", kernel::id::suffix_of(reference))
    } else {
        reference.to_owned()
    }
}

/// A referred object; without kind it may be any.
///
/// # Errors
/// When the caller may not read it or the database fails.
pub async fn referred<'a>(
    session: &Session,
    reference: &str,
    moment: super::place::Moment,
    kind: Option<&str>,
) -> Result<Option<FieldValue<'a>>, Problem> {
    let id = object_id(reference);
    let found = match kind {
        Some(name) => session.model.kind(name),
        None => session.model.of_id(&id),
    };
    let Some(found) = found else { return Ok(None) };
    let place = session.object(found, &id, moment).await?;
    Ok(place.map(|place| match kind {
        Some(_) => place.shown(),
        None => place.shown().with_type(found.ty),
    }))
}

/// The type of a referred object, when its kind is there; what stands in the installation's log is
/// named by its id alone.
fn target(types: &Types, kind: Option<&'static str>) -> Option<String> {
    match kind {
        Some(name) => {
            let kind = types.model.kind(name).filter(|kind| !kind.decl().row.is_of_platform());
            kind.map(|kind| kind.ty.to_owned())
        }
        None => Some("Node".to_owned()),
    }
}

fn reference(
    types: &Types,
    name: &str,
    json: &'static str,
    kind: Option<&'static str>,
    required: bool,
) -> Vec<Named> {
    let ty = if required { TypeRef::named_nn("ID") } else { TypeRef::named("ID") };
    let mut fields = vec![leaf_field(&id_field(name, false), ty, json, Leaf::Plain)];
    if let Some(ty) = target(types, kind) {
        fields.push(named(name, TypeRef::named(ty), move |ctx| {
            let Some(place) = here(&ctx) else { return FieldFuture::Value(None) };
            let Some(id) = place.field(json).as_str() else { return FieldFuture::Value(None) };
            later(ctx, move |ctx| async move {
                referred(session(&ctx)?, id, place.entity.moment, kind).await
            })
        }));
    }
    fields
}

fn references(
    types: &Types,
    name: &str,
    json: &'static str,
    kind: Option<&'static str>,
) -> Vec<Named> {
    let ids = named(id_field(name, true), TypeRef::named_nn_list_nn("ID"), move |ctx| {
        let items = here(&ctx).and_then(|place| place.field(json).as_array());
        let ids = items.into_iter().flatten().filter_map(|item| Leaf::Plain.show(item)).collect();
        FieldFuture::Value(Some(FieldValue::value(Shown::List(ids))))
    });
    let mut fields = vec![ids];
    if let Some(ty) = target(types, kind) {
        fields.push(named(name, TypeRef::named_nn_list_nn(ty), move |ctx| {
            let Some(place) = here(&ctx) else { return FieldFuture::Value(None) };
            always(ctx, no_members, move |ctx| async move {
                let ids = place.field(json).as_array().into_iter().flatten();
                let ids: Vec<_> = ids.filter_map(Value::as_str).collect();
                let moment = place.entity.moment;
                Ok(Some(FieldValue::list(all(session(&ctx)?, &ids, moment, kind).await?)))
            })
        }));
    }
    fields
}

/// All referred objects that exist.
///
/// # Errors
/// When the caller may not read them or the database fails.
pub async fn all<'a>(
    session: &Session,
    references: &[&str],
    moment: super::place::Moment,
    kind: Option<&str>,
) -> Result<Vec<FieldValue<'a>>, Problem> {
    if let Some(kind) = kind {
        let Some(kind) = session.model.kind(kind) else { return Ok(Vec::new()) };
        let ids = references.iter().map(|reference| object_id(reference));
        let places = session.objects(kind, ids, moment).await?;
        return Ok(places.into_iter().flatten().map(Place::shown).collect());
    }
    let mut found = Vec::new();
    for reference in references {
        found.extend(referred(session, reference, moment, None).await?);
    }
    Ok(found)
}
