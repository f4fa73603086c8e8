//! GraphQL: one schema from the kinds' declarations, made once at start.
//!
//! `model` knows the kinds and names, `types` collects the types that `objects`, `fields`,
//! `connection`, `filters` and `mutations` make; `session` and `loader` are what the fields of one
//! request share; `http` and `limits` stand before the executor.

mod catalogue;
mod connection;
mod error;
mod events;
mod execute;
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
mod readiness;
mod refusals;
mod relations;
mod scalars;
mod scan;
mod session;
#[cfg(test)]
mod tests;
mod types;

use std::sync::Arc;

use async_graphql::SDLExportOptions;
use async_graphql::dynamic::{Schema, SchemaError};
use bus::Registry;

pub use self::execute::GraphQl;
pub use self::http::configure;

use self::model::Model;
use self::types::Types;

/// The schema of these kinds and what it knows of them.
fn build(registry: &Registry) -> Result<(Schema, Arc<Model>), SchemaError> {
    let model = Model::of(registry);
    let mut types = Types::new(Arc::clone(&model));
    scalars::scalars().into_iter().for_each(|scalar| types.add(scalar));
    types.add(scalars::roles());
    types.add(objects::node());
    events::make(&mut types);
    connection::make_shared(&mut types);
    filters::make_shared(&mut types);
    for kind in &model.kinds {
        objects::make(&mut types, kind);
        connection::make(&mut types, kind);
        filters::make(&mut types, kind);
    }
    query::make(&mut types);
    mutations::make(&mut types);
    Ok((types.finish()?, model))
}

/// The schema in its own language, sorted, as `api-spec/schema.graphql` holds it.
///
/// # Errors
/// When the declarations do not fit together.
pub fn sdl(registry: &Registry) -> Result<String, SchemaError> {
    let (schema, _) = build(registry)?;
    let options = SDLExportOptions::new().use_space_ident().indent_width(2).sorted_fields();
    let options = options.sorted_arguments().sorted_enum_items().include_specified_by();
    Ok(schema.sdl_with_options(options))
}
