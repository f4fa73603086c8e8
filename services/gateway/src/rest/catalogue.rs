//! A catalogue as JSON.

use reference::catalogue::{Catalogue, Clause, Control, Objective};
use serde_json::{Value, json};

/// The catalogue.
pub fn shown(catalogue: &Catalogue) -> Value {
    json!({
        "id": catalogue.id,
        "title": catalogue.title,
        "clauses": catalogue.clauses.iter().map(clause).collect::<Vec<_>>(),
        "objectives": catalogue.objectives.iter().map(objective).collect::<Vec<_>>(),
        "controls": catalogue.controls.iter().map(control).collect::<Vec<_>>(),
    })
}

fn clause(clause: &Clause) -> Value {
    let Clause { number, title, shows, document, customary, owner } = clause;
    json!({
        "number": number, "title": title, "shows": shows, "document": document,
        "customary": customary, "owner": owner,
    })
}

fn objective(objective: &Objective) -> Value {
    let Objective { number, title, statement, owner } = objective;
    json!({ "number": number, "title": title, "statement": statement, "owner": owner })
}

fn control(control: &Control) -> Value {
    let Control { number, title, purpose, objective, owner, demanded_by } = control;
    json!({
        "number": number, "title": title, "purpose": purpose, "objective": objective,
        "owner": owner, "demandedBy": demanded_by,
    })
}
