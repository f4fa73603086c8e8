//! The AI system that a bill of materials or a model card describes, with what such files never
//! say assumed and named.

use bus::Who;
use event_store::Fault;
use serde_json::json;

use crate::plan::{Origin, Plan};

/// The objects that a system is made of, by id.
#[derive(Debug, Default)]
pub struct Parts {
    /// Models.
    pub resources: Vec<String>,
    /// Data sets.
    pub datasets: Vec<String>,
}

/// What a file says of a system.
pub struct Described<'a> {
    /// Where.
    pub line: usize,
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: Option<&'a str>,
    /// What it is for.
    pub purpose: Option<String>,
    /// Whether somebody supplies it.
    pub bought: bool,
}

/// Plans a system of these parts.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn plan(
    plan: &mut Plan,
    described: Described<'_>,
    origin: Origin,
    parts: Parts,
    who: &Who,
) -> Result<(), Fault> {
    let Described { line, name, version, purpose, bought } = described;
    let label = version.map(label).filter(|label| !label.is_empty());
    let label = label.unwrap_or_else(|| {
        plan.assume(line, "systemVersion", "1", "the file names no version");
        "1".to_owned()
    });
    let purpose = purpose.unwrap_or_else(|| {
        plan.assume(line, "purpose", "not stated", "the file says nothing of the purpose");
        "Not stated in the imported file.".to_owned()
    });
    let origin_word = if bought { "bought" } else { "built" };
    let because = if bought { "the file names a supplier" } else { "the file names no supplier" };
    plan.assume(line, "origin", origin_word, because);
    plan.assume(line, "systemKind", "ml", "the file describes a machine-learning model");
    plan.assume(line, "autonomy", "human_in_loop", "the file does not say how it is used");
    plan.assume(line, "inScope", "false", "whether it belongs to the AIMS is yours to decide");
    let input = json!({
        "name": name, "owner": who.id, "purpose": purpose, "systemKind": "ml",
        "origin": origin_word, "autonomy": "human_in_loop", "inScope": false, "systemVersion": label,
    });
    let origins = vec![Origin { to: "name".into(), ..origin }];
    let id = plan.create(("ai_system", "register"), (name, line), input, origins)?;
    let Parts { resources, datasets } = parts;
    if !(resources.is_empty() && datasets.is_empty()) {
        let assets =
            json!({ "systemVersion": label, "datasets": datasets, "resources": resources });
        plan.change("ai_system", "link_assets", &id, line, assets);
    }
    Ok(())
}

/// A version as a label: lower case, other characters than `[a-z0-9_.-]` as dashes.
fn label(version: &str) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let label = version.trim().chars().map(|c| if fine(c) { c.to_ascii_lowercase() } else { '-' });
    label.take(64).collect::<String>().trim_matches('-').to_owned()
}

/// The role of a data set, where its name tells.
pub fn dataset_role(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let tells = [("train", "train"), ("valid", "validation"), ("eval", "validation")];
    let more = [("test", "test"), ("ground", "grounding")];
    tells.iter().chain(&more).find(|(word, _)| name.contains(word)).map(|(_, role)| *role)
}
