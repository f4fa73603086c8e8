//! What holds between services: reactions to events (domain model, 5.2).
//!
//! `trigger`, `known` and `order` are the vocabulary: what happened, what is known of the world at
//! that point of the log, what is to be done. `reactions` is the table of the rules P1 to P34, each
//! a small pure function. `engine` runs them: it follows the log, reads what a rule asks for and
//! carries its orders out in one transaction with a record of the run (`reaction`).

use std::sync::Arc;

use bus::{AnyKind, kind};

pub mod engine;
pub mod known;
pub mod order;
pub mod reaction;
pub mod reactions;
pub mod trigger;

pub use engine::Engine;
pub use known::Known;
pub use order::{Order, Work};
pub use reactions::{Reaction, Rules};
pub use trigger::Trigger;

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [kind::<reaction::Reaction>()].into_iter().flatten().collect()
}
