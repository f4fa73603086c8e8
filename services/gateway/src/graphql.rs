//! GraphQL: one schema from the kinds' declarations, of which as much is made as a document needs.
//!
//! `model` knows the kinds and names, `types` collects the types that `objects`, `fields`,
//! `connection`, `filters` and `mutations` make, `extent` says how many of them a document can
//! touch, and `schemas` keeps what was made; `session` and `loader` are what the fields of one
//! request share; `http` and `limits` stand before the executor.

mod catalogue;
mod connection;
mod error;
mod events;
mod execute;
mod extent;
mod fields;
mod filters;
mod http;
mod inputs;
mod limits;
mod loader;
mod model;
mod mutations;
mod names;
mod nulls;
mod objects;
mod place;
mod query;
mod refusals;
mod relations;
mod scalars;
mod scan;
mod schemas;
mod session;
#[cfg(test)]
mod tests;
mod types;

use std::sync::Arc;

use async_graphql::SDLExportOptions;
use async_graphql::dynamic::SchemaError;
use bus::Registry;

pub use self::execute::GraphQl;
pub use self::http::configure;

use self::extent::Extent;
use self::model::Model;
use self::types::{Built, Types};

/// The schema of these kinds, or as much of it as a document can touch.
///
/// # Errors
/// When the declarations do not fit together; of a part, also when the document names a type that
/// no field in it leads to.
fn build(model: &Arc<Model>, extent: Extent) -> Result<Built, SchemaError> {
    let is_whole = extent == Extent::Whole;
    let mut types = Types::new(Arc::clone(model), extent);
    scalars::scalars().into_iter().for_each(|scalar| types.add(scalar));
    types.add(scalars::roles());
    types.add(objects::node(model));
    events::make(&mut types);
    connection::make_shared(&mut types);
    filters::make_shared(&mut types);
    // A part asks for those of them that it reaches.
    for kind in model.kinds.iter().filter(|_| is_whole) {
        objects::make(&mut types, kind);
        connection::make(&mut types, kind);
        filters::make(&mut types, kind);
    }
    query::make(&mut types);
    mutations::make(&mut types);
    types.finish()
}

/// Makes the types of a kind among which is the one of this name.
fn made_for(types: &mut Types, name: &str) {
    let model = Arc::clone(&types.model);
    let with = |ends: &[&str]| ends.iter().find_map(|end| model.of_type(name.strip_suffix(end)?));
    if let Some(kind) = with(&[""]) {
        objects::make(types, kind);
    } else if let Some(kind) = with(&["Connection", "Edge"]) {
        connection::make(types, kind);
    } else if let Some(kind) = with(&["Filter", "Order", "OrderField"]) {
        filters::make(types, kind);
    }
}

/// The schema in its own language, sorted, as `api-spec/schema.graphql` holds it.
///
/// # Errors
/// When the declarations do not fit together.
pub fn sdl(registry: &Registry) -> Result<String, SchemaError> {
    let schema = build(&Model::of(registry), Extent::Whole)?.schema;
    let options = SDLExportOptions::new().use_space_ident().indent_width(2).sorted_fields();
    let options = options.sorted_arguments().sorted_enum_items().include_specified_by();
    Ok(schema.sdl_with_options(options))
}
