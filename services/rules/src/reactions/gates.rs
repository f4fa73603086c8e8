//! Gates are evaluated as soon as they are asked for (P1).

use serde_json::json;

use super::Reaction;
use crate::{Known, Order, Trigger};

/// The rules of this file.
pub const RULES: &[Reaction] = &[Reaction {
    id: "P1",
    doc: "Answers the checks of a gate as soon as it is asked for (A.6.2.5, 8.1).",
    on: &["stage_gate.requested"],
    react: evaluate,
}];

fn evaluate(trigger: &Trigger, _: &Known) -> Vec<Order> {
    vec![Order::to("stage_gate", &trigger.object, "evaluate", json!({}))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_that_is_asked_for_is_evaluated() {
        let gate = "gat_00000000000000000000000001";
        let at = "2025-01-15T08:30:00Z";
        let trigger = Trigger::example("stage_gate.requested", gate, at, json!({}));
        let orders = evaluate(&trigger, &Known::default());
        assert_eq!(orders, [Order::to("stage_gate", gate, "evaluate", json!({}))]);
    }
}
