//! Exchange: foreign files into commands, all or nothing, and what came of it.
//!
//! `read` turns a file into values with their lines; `risk_library`, `ml_bom`, `model_card`,
//! `questionnaire`, `catalogue` and `mapping` turn those into a `plan`, `import` carries a plan
//! out, `operation` records what came of it.

mod catalogue;
pub mod import;
mod known;
mod mapping;
mod ml_bom;
mod model_card;
pub mod numbers;
pub mod operation;
mod plan;
mod questionnaire;
pub mod read;
mod risk_library;
mod system;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [kind::<operation::Operation>()].into_iter().flatten().collect()
}
