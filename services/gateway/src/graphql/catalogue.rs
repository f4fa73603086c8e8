//! Catalogues of requirements and controls: those that come with the product and the tenant's own,
//! seen alike; and how far one is covered.

use std::sync::Arc;

use async_graphql::dynamic::{FieldFuture, FieldValue, ResolverContext, TypeRef};
use event_store::Document;
use governance::coverage::{CatalogueCoverage, CoveredBy};
use kernel::Instant;
use kernel::schema::{Described, Record};
use reference::catalogue::{
    self as packaged, Catalogue, Clause, Control, Item, ItemKind, Objective,
};
use serde_json::json;

use super::error::Problem;
use super::place::{Entity, Moment, Place};
use super::query::Snapshot;
use super::scalars::{Leaf, leaf_type, shown_words};
use super::session::{later, session};
use super::types::{Argument, FieldSet, Named, Types, described, named, taking};
use crate::coverage::{Question, READ, answer, is_whole, own};
use crate::listing::{PAGE_DEFAULT, PAGE_MAX};

/// Name of the type of a catalogue's coverage: it costs what it reads.
pub const COVERAGE: &str = "CatalogueCoverage";

/// Makes the types, and the fields that find catalogues.
pub fn fields(types: &mut Types) -> Vec<Named> {
    make(types);
    let one = named("catalogue", TypeRef::named("Catalogue"), |ctx| {
        later(ctx, |ctx| async move {
            let id = ctx.args.try_get("id")?.string()?.to_owned();
            if let Some(found) = packaged::catalogue(&id) {
                return Ok(Some(FieldValue::borrowed_any(found)));
            }
            let Some(snapshot) = ctx.parent_value.downcast_ref::<Snapshot>() else {
                return Ok(None);
            };
            may_read(&ctx)?;
            let (session, at) = (session(&ctx)?, snapshot.moment.at);
            let found = own(&session.registry, session.log(), &id, at).await?;
            Ok(found.map(FieldValue::owned_any))
        })
    });
    let one = taking(one, Argument::new("id", TypeRef::named_nn(TypeRef::STRING)));
    let doc = "A catalogue of requirements and controls: one that comes with the product \
               (`iso42001-2023`), or `cat_…` of your own.";
    let known = named("packagedCatalogues", TypeRef::named_nn_list_nn("Catalogue"), |_| {
        let all = packaged::catalogues().iter().map(|found| FieldValue::borrowed_any(found));
        FieldFuture::Value(Some(FieldValue::list(all)))
    });
    let known = described(known, "The catalogues that come with the product.");
    vec![described(one, doc), known, coverage(types)]
}

/// Refuses a caller who may not read what coverage and catalogues are read from.
fn may_read(ctx: &ResolverContext<'_>) -> Result<(), Problem> {
    let session = session(ctx)?;
    READ.iter()
        .filter_map(|kind| session.model.kind(kind))
        .try_for_each(|k| session.may_read(k))?;
    if is_whole(&session.caller) {
        return Ok(());
    }
    let why = "coverage is worked out from records of which some are withheld from you";
    Err(Problem::EngagementForbids(why.to_owned()))
}

/// How far a catalogue is covered.
fn coverage(types: &mut Types) -> Named {
    let ty = types.record(&CatalogueCoverage::record(), false);
    let words = CoveredBy::ty();
    types.ensure_leaf(&words);
    let words = leaf_type(&types.model, &words).unwrap_or(TypeRef::STRING).to_owned();
    let field = named("coverage", TypeRef::named(ty), |ctx| {
        later(ctx, |ctx| async move {
            let Some(snapshot) = ctx.parent_value.downcast_ref::<Snapshot>() else {
                return Ok(None);
            };
            may_read(&ctx)?;
            let question = question(&ctx, snapshot)?;
            let session = session(&ctx)?;
            let found = answer(&session.registry, session.log(), &question).await?;
            Ok(found.map(|found| shown(&found, snapshot.moment).shown()))
        })
    });
    let catalogue = Argument::new("catalogue", TypeRef::named_nn(TypeRef::STRING));
    let only = Argument::new("coveredBy", TypeRef::named(words));
    let default = i32::try_from(PAGE_DEFAULT).unwrap_or(50);
    let first = Argument::new("first", TypeRef::named("Int"));
    let first = first.description(format!("How many items, at most {PAGE_MAX}."));
    let after = Argument::new("after", TypeRef::named(TypeRef::STRING));
    let field =
        taking(field, catalogue.description("Id of any catalogue, as `catalogue` takes it."));
    let field = taking(field, only.description("Only items that this covers."));
    let field = taking(field, first.default_value(default));
    let field = taking(field, after.description("`next` of the page before."));
    let doc = "How far a catalogue is covered, item by item: directly, and through mappings. \
               Covered through a mapping never means satisfied.";
    described(field, doc)
}

fn question(ctx: &ResolverContext<'_>, snapshot: &Snapshot) -> Result<Question, Problem> {
    let given = |name: &str| ctx.args.get(name).filter(|value| !value.is_null());
    let first = given("first").map_or(Ok(PAGE_DEFAULT as i64), |first| first.i64())?;
    let first = usize::try_from(first).ok().filter(|first| (1..=PAGE_MAX).contains(first));
    let out_of_range =
        || Problem::argument("first", "out_of_range", format!("first must lie in 1 to {PAGE_MAX}"));
    let only = given("coveredBy").map(|word| word.enum_name().map(str::to_ascii_lowercase));
    let only = only.transpose()?.and_then(|word| serde_json::from_value(json!(word)).ok());
    Ok(Question {
        catalogue: ctx.args.try_get("catalogue")?.string()?.to_owned(),
        at: snapshot.moment.at,
        time: snapshot.time,
        only,
        after: given("after").map(|text| text.string().map(str::to_owned)).transpose()?,
        first: first.ok_or_else(out_of_range)?,
    })
}

/// An answer as a place whose fields are read like an object's: it is no object, but what it refers
/// to is shown as of its moment.
fn shown(found: &CatalogueCoverage, moment: Moment) -> Place {
    let body = Arc::new(json!(found));
    let document = Document {
        id: found.catalogue.as_str().to_owned(),
        kind: "catalogue".to_owned(),
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
    let mut fields = FieldSet::of(types);
    fields.add(text::<Catalogue>("id", "Its id.", |c| Some(&c.id), true));
    fields.add(text::<Catalogue>("title", "Its title.", |c| Some(&c.title), true));
    fields.add(text::<Catalogue>("edition", "Its edition.", |c| Some(&c.edition), true));
    let doc = "Who publishes it.";
    fields.add(text::<Catalogue>(
        "publisher",
        doc,
        |c| Some(c.publisher.as_str()).filter(|p| !p.is_empty()),
        false,
    ));
    fields.add(text::<Catalogue>("source", "Where it was taken from.", |c| Some(&c.source), true));
    let doc = "Under which terms it may be used.";
    fields.add(text::<Catalogue>("licence", doc, |c| Some(&c.licence), true));
    let doc = "Its language (BCP 47).";
    fields.add(text::<Catalogue>("language", doc, |c| Some(&c.language), true));
    let alone = |part, of: &str| described(part, &format!("{of}; of ISO/IEC 42001 alone."));
    fields.add(alone(parts("clauses", "Clause", |c| &c.clauses), "Its clauses"));
    fields.add(alone(parts("objectives", "ControlObjective", |c| &c.objectives), "Its objectives"));
    fields.add(alone(parts("controls", "Control", |c| &c.controls), "Its controls"));
    fields.add(items());
    let doc = "One edition of a standard, law or framework, or of your own controls.";
    types.add(fields.object("Catalogue", doc));
    make_item(types);
    let mut fields = FieldSet::of(types);
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
    let mut fields = FieldSet::of(types);
    fields.add(text::<Objective>("number", "Its number.", |o| Some(&o.number), true));
    fields.add(text::<Objective>("title", "Title of the area.", |o| Some(&o.title), true));
    fields.add(text::<Objective>("statement", "The objective.", |o| Some(&o.statement), true));
    let doc = "The service that answers for it.";
    fields.add(text::<Objective>("owner", doc, |o| Some(&o.owner), true));
    types.add(fields.object("ControlObjective", "The objective of an area of controls."));
    make_control(types);
}

fn make_control(types: &mut Types) {
    let mut fields = FieldSet::of(types);
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

/// The items of a catalogue, a page at a time.
fn items() -> Named {
    let field = named("items", TypeRef::named_nn_list_nn("CatalogueEntry"), |ctx| {
        let given = |name: &str| ctx.args.get(name).filter(|value| !value.is_null());
        let first = given("first").and_then(|first| first.u64().ok()).unwrap_or_default();
        let first = usize::try_from(first).unwrap_or_default().min(PAGE_MAX);
        let after = given("after");
        let after = after.as_ref().and_then(|after| after.string().ok());
        let Some(found) = here(&ctx) else { return FieldFuture::Value(None) };
        let start = match after {
            None => 0,
            Some(after) => {
                let place = found.items.iter().position(|item| item.number == after);
                place.map_or(found.items.len(), |place| place + 1)
            }
        };
        let page = found.items.iter().skip(start).take(first);
        FieldFuture::Value(Some(FieldValue::list(page.map(|item| FieldValue::borrowed_any(item)))))
    });
    let default = i32::try_from(PAGE_DEFAULT).unwrap_or(50);
    let first = Argument::new("first", TypeRef::named_nn("Int")).default_value(default);
    let first = first.description(format!("How many, at most {PAGE_MAX}."));
    let after = Argument::new("after", TypeRef::named(TypeRef::STRING));
    let field = taking(taking(field, first), after.description("Number of the item before."));
    described(field, "Its items, in order.")
}

fn make_item(types: &mut Types) {
    let mut fields = FieldSet::of(types);
    fields.add(text::<Item>("number", "Its number.", |i| Some(&i.number), true));
    fields.add(text::<Item>("title", "Its title.", |i| Some(&i.title), true));
    let doc = "What it asks for, beyond its title; of what comes with the product alone.";
    fields.add(text::<Item>("text", doc, |i| i.text.as_deref(), false));
    let doc = "Number of the item that it belongs to.";
    fields.add(text::<Item>("parent", doc, |i| i.parent.as_deref(), false));
    let ty = ItemKind::ty();
    types.ensure_leaf(&ty);
    if let kernel::schema::Ty::Words(decl) = ty {
        let (name, how) = (types.model.words(&decl).to_owned(), Leaf::Words(shown_words(&decl)));
        let kind = named("itemKind", TypeRef::named_nn(name), move |ctx| {
            let item = ctx.parent_value.downcast_ref::<Item>();
            let shown = item.and_then(|item| how.show(&json!(item.kind)));
            FieldFuture::Value(shown.map(FieldValue::value))
        });
        fields.add(described(kind, "What it is."));
    }
    types.add(fields.object("CatalogueEntry", "An item of a catalogue, wherever that comes from."));
}
