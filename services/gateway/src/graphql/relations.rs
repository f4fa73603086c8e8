//! Lists of other kinds' objects that belong to an object: those that its kind declares, and those
//! that follow from the references of other kinds.

use std::sync::Arc;

use event_store::mapping::at_path;
use kernel::domain::Relation;
use kernel::schema::Ty;

use super::connection::{self, Scope};
use super::model::Kind;
use super::place::{Moment, here};
use super::types::{FieldSet, Types};

/// Adds a kind's lists. A name that is taken is passed over.
pub fn add(types: &Types, kind: &Kind, fields: &mut FieldSet) {
    for relation in kind.decl().about.relations {
        let listed = types.model.kind(relation.kind);
        if let Some(listed) = listed.filter(|_| fields.wants(relation.name)) {
            fields.add(declared(listed, relation));
        }
    }
    for listed in types.model.kinds.iter().filter(|listed| types.wants(&listed.plural)) {
        for by in references(listed, kind) {
            let shown = kind.decl().about.relations.iter().any(|relation| {
                relation.kind == listed.name() && relation.by == by && relation.pinned.is_none()
            });
            if !shown && fields.wants(&listed.plural) {
                fields.add(backward(listed, by));
            }
        }
    }
}

/// The indexed fields of a kind that name one object of another.
fn references(listed: &Kind, target: &Kind) -> Vec<&'static str> {
    if target.decl().row.is_of_platform() {
        return Vec::new();
    }
    let names = |ty: &Ty| matches!(ty, Ty::Ref(kind) if *kind == target.name());
    let fields = listed.decl().state.fields.iter();
    fields.filter(|field| field.index && names(&field.ty)).map(|field| field.name).collect()
}

fn declared(listed: &Arc<Kind>, relation: &'static Relation) -> super::types::Named {
    let Some(pinned) = relation.pinned else {
        return connection::field(relation.name, listed, relation.doc, |ctx| {
            let entity = &here(ctx)?.entity;
            Some(Scope::with(entity.moment, relation.by, &entity.document.id))
        });
    };
    connection::optional(relation.name, listed, relation.doc, |ctx| {
        let entity = &here(ctx)?.entity;
        let position = at_path(&entity.body, pinned).as_str()?.parse().ok()?;
        let moment = Moment { at: position, past: true };
        Some(Scope::with(moment, relation.by, &entity.document.id))
    })
}

fn backward(listed: &Arc<Kind>, by: &'static str) -> super::types::Named {
    connection::field(&listed.plural, listed, listed.decl().about.doc, move |ctx| {
        let entity = &here(ctx)?.entity;
        Some(Scope::with(entity.moment, by, &entity.document.id))
    })
}
