//! Refusals that are business facts: they are recorded as events (domain model, 4.0). The command
//! that meets one has succeeded; its answer says what was refused.

use declare::record;

use crate::domain::Refusals;
use crate::values::Line;

/// What was refused and by which rule, as an event keeps it.
#[record]
#[derive(Eq)]
pub struct Refused {
    /// Stable code, `risk.acceptor_is_author`.
    pub code: Line,
    /// In words.
    pub message: Line,
    /// Clause, article or principle that demands it.
    pub rule: Option<Line>,
}

impl Refused {
    /// A refusal of a kind as a fact.
    pub fn of(kind: &str, refusal: &impl Refusals) -> Self {
        let declared = refusal.declaration();
        Self {
            code: Line::new(format!("{kind}.{}", declared.code)),
            message: Line::new(refusal.to_string()),
            rule: declared.rule.map(Line::new),
        }
    }
}
