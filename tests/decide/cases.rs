//! What is measured: for each kind an object of ordinary size and each of its commands. A kind is
//! added by a history in which every command of it is given once by `measured`.

mod assessments;
mod assurance;
mod catalogues;
mod certification;
mod exchange;
mod governance;
mod identity;
mod lifecycle;
mod risk;
mod suppliers;
mod support;

use kernel::Role;
use kernel::id::encode;
use serde_json::{Value, json};

use crate::history::Case;

/// The cases of a kind, or of a part of its life.
type Kind = fn() -> Vec<Case>;

/// All of them.
pub fn all() -> Vec<Case> {
    let services = [
        identity::KINDS,
        governance::KINDS,
        catalogues::KINDS,
        assurance::KINDS,
        support::KINDS,
        risk::KINDS,
        assessments::KINDS,
        lifecycle::documents::KINDS,
        lifecycle::inputs::KINDS,
        lifecycle::systems::KINDS,
        lifecycle::monitor::KINDS,
        lifecycle::incidents::KINDS,
        certification::KINDS,
        exchange::KINDS,
        suppliers::KINDS,
    ];
    services.into_iter().flatten().flat_map(|kind| kind()).collect()
}

/// The member who holds a role.
pub fn member(role: Role) -> String {
    encode("usr", role as u128)
}

/// A correction of the first event.
fn correct(field: &str, value: impl Into<Value>) -> Value {
    let value: Value = value.into();
    json!({ "corrects": 1, "reason": "It was misspelt.", "set": { field: value } })
}

/// A correction that sets nothing: a remark on the first event.
fn remark() -> Value {
    json!({ "corrects": 1, "reason": "It was misread at first.", "set": {} })
}

/// Input of a command that asks for nothing but its reason.
fn why() -> Value {
    json!({ "reason": "Decided in the meeting of the board on 3 March." })
}

/// These fields over those.
fn with(mut base: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("not an object") };
    base.as_object_mut().unwrap().extend(changes);
    base
}
