//! The generated files of `api-spec/`.

use std::path::Path;

use anyhow::{Context, anyhow};
use bus::Registry;

use crate::app::all_kinds;

/// Every generated file: its name and what it must say.
///
/// # Errors
/// When the declarations make no schema.
pub fn files() -> anyhow::Result<Vec<(&'static str, String)>> {
    let registry = Registry::new(all_kinds());
    let sdl =
        gateway::graphql::sdl(&registry).map_err(|error| anyhow!("GraphQL schema: {error}"))?;
    Ok(gateway::golden::files(&registry, Some(sdl)))
}

/// Writes them.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, text) in files()? {
        let file = folder.join(name);
        std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}
