//! Catalogues of requirements and controls.

use async_graphql::dynamic::{FieldFuture, FieldValue, InputValue, ResolverContext, TypeRef};
use reference::catalogue::{Catalogue, Clause, Control, Objective, catalogue};

use super::types::{FieldSet, Named, Types, described, named, taking};

/// Makes the types, and the field that finds a catalogue.
pub fn field(types: &mut Types) -> Named {
    make(types);
    let field = named("catalogue", TypeRef::named("Catalogue"), |ctx| {
        let id = ctx.args.get("id").and_then(|id| id.string().ok());
        FieldFuture::Value(id.and_then(catalogue).map(|found| FieldValue::borrowed_any(found)))
    });
    let field = taking(field, InputValue::new("id", TypeRef::named_nn(TypeRef::STRING)));
    described(field, "A catalogue of requirements and controls: `iso42001-2023`.")
}

fn text<T: Send + Sync + 'static>(
    name: &str,
    doc: &str,
    show: fn(&T) -> Option<&str>,
    always: bool,
) -> Named {
    let ty = if always { TypeRef::named_nn("String") } else { TypeRef::named("String") };
    let field = named(name, ty, move |ctx| {
        let here = ctx.parent_value.downcast_ref::<T>();
        FieldFuture::Value(here.and_then(show).map(FieldValue::value))
    });
    described(field, doc)
}

fn here<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Catalogue> {
    ctx.parent_value.downcast_ref::<Catalogue>()
}

fn parts<T: Send + Sync + 'static>(name: &str, ty: &str, of: fn(&Catalogue) -> &[T]) -> Named {
    named(name, TypeRef::named_nn_list_nn(ty), move |ctx| {
        let parts = here(&ctx).map(|found| {
            FieldValue::list(of(found).iter().map(|part| FieldValue::borrowed_any(part)))
        });
        FieldFuture::Value(parts)
    })
}

fn make(types: &mut Types) {
    let mut fields = FieldSet::default();
    fields.add(text::<Catalogue>("id", "Its id.", |c| Some(&c.id), true));
    fields.add(text::<Catalogue>("title", "Its title.", |c| Some(&c.title), true));
    fields.add(parts("clauses", "Clause", |c| &c.clauses));
    fields.add(parts("objectives", "ControlObjective", |c| &c.objectives));
    fields.add(parts("controls", "Control", |c| &c.controls));
    types.add(fields.object("Catalogue", "One edition of a standard."));
    let mut fields = FieldSet::default();
    fields.add(text::<Clause>("number", "Its number.", |c| Some(&c.number), true));
    fields.add(text::<Clause>("title", "Its title.", |c| Some(&c.title), true));
    fields.add(text::<Clause>("shows", "What must be shown.", |c| Some(&c.shows), true));
    let doc = "The documented information that it demands.";
    fields.add(text::<Clause>("document", doc, |c| c.document.as_deref(), false));
    let doc = "The record that auditors want to see where none is demanded.";
    fields.add(text::<Clause>("customary", doc, |c| c.customary.as_deref(), false));
    fields.add(text::<Clause>(
        "owner",
        "The service that answers for it.",
        |c| Some(&c.owner),
        true,
    ));
    types.add(fields.object("Clause", "A leaf requirement."));
    let mut fields = FieldSet::default();
    fields.add(text::<Objective>("number", "Its number.", |o| Some(&o.number), true));
    fields.add(text::<Objective>("title", "Title of the area.", |o| Some(&o.title), true));
    fields.add(text::<Objective>("statement", "The objective.", |o| Some(&o.statement), true));
    let doc = "The service that answers for it.";
    fields.add(text::<Objective>("owner", doc, |o| Some(&o.owner), true));
    types.add(fields.object("ControlObjective", "The objective of an area of controls."));
    make_control(types);
}

fn make_control(types: &mut Types) {
    let mut fields = FieldSet::default();
    fields.add(text::<Control>("number", "Its number.", |c| Some(&c.number), true));
    fields.add(text::<Control>("title", "Its title.", |c| Some(&c.title), true));
    fields.add(text::<Control>("purpose", "What it is for.", |c| Some(&c.purpose), true));
    fields.add(text::<Control>(
        "objective",
        "Number of its objective.",
        |c| Some(&c.objective),
        true,
    ));
    fields.add(text::<Control>(
        "owner",
        "The service that answers for it.",
        |c| Some(&c.owner),
        true,
    ));
    let demanded = named("demandedBy", TypeRef::named_nn_list_nn("String"), |ctx| {
        let control = ctx.parent_value.downcast_ref::<Control>();
        FieldFuture::Value(control.map(|control| {
            FieldValue::list(control.demanded_by.iter().map(|n| FieldValue::value(n.as_str())))
        }))
    });
    fields.add(described(demanded, "Clauses that demand the same."));
    types.add(fields.object("Control", "A control."));
}
