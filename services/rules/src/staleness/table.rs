//! The table of decisions: what each rests on, and which change of that is material.

mod gates;
mod governance;
mod lifecycle;
mod management;
mod risk;
mod suppliers;

use super::{Decisions, Fact, Found, Rest, Step, Test, fact, rest};

/// All decisions, by the service that makes them.
pub(super) const TABLE: &[&[Decisions]] = &[
    risk::TABLE,
    lifecycle::TABLE,
    gates::TABLE,
    suppliers::TABLE,
    governance::TABLE,
    management::TABLE,
];

/// All decisions.
pub fn all() -> impl Iterator<Item = &'static Decisions> {
    TABLE.iter().copied().flatten()
}

/// What a system is for, and for and with whom.
const MEANING: &[Fact] = &[
    fact("purpose", "purpose", Test::Changes),
    fact("system_kind", "systemKind", Test::Changes),
    fact("autonomy", "autonomy", Test::Changes),
    fact("users", "users", Test::Grows),
    fact("affected", "affected", Test::Grows),
    fact("geo", "geo", Test::Grows),
];

/// A version runs that was not there when it was decided.
const NEW_VERSION: &[Fact] = &[Fact {
    name: "running_versions",
    found: Found::Then("versions.#", "versions.#running"),
    test: Test::Grows,
}];

/// What the version at hand is made of.
const ASSETS: &[Fact] = &[
    fact("datasets", "versions.$systemVersion.datasets", Test::Grows),
    fact("resources", "versions.$systemVersion.resources", Test::Grows),
    fact("components", "versions.$systemVersion.components", Test::Grows),
];

/// The version in force is another, or there is none any more.
const IN_FORCE: &[Fact] = &[fact("version_in_force", "effective.version", Test::Changes)];

const SYSTEM: &[Step] = &[Step::To("system")];
const DATASETS: &[Step] = &[Step::To("system"), Step::To("versions.$systemVersion.datasets")];
const COMPONENTS: &[Step] = &[Step::To("system"), Step::To("versions.$systemVersion.components")];
const COMPONENT_SUPPLIERS: &[Step] =
    &[Step::To("system"), Step::To("versions.$systemVersion.components"), Step::To("supplier")];
const CLASSES: &[Step] = &[Step::To("system"), Step::From("regulatory_classification", "system")];
const USES: &[Step] = &[Step::To("system"), Step::From("intended_use", "system")];
const INCIDENTS: &[Step] = &[Step::To("system"), Step::From("incident", "system")];

const SYSTEM_DESCRIBED: &[&str] = &["ai_system.described", "ai_system.corrected"];
const SYSTEM_DEPLOYED: &[&str] = &["ai_system.deployed"];
const ASSETS_LINKED: &[&str] = &["ai_system.assets_linked"];

/// What the law makes of the system.
const CLASS: &[Fact] = &[
    fact("class", "class", Test::Changes),
    fact("role", "role", Test::Changes),
    fact("effects", "effects", Test::Grows),
];
const CLASSIFIED: &[&str] =
    &["regulatory_classification.confirmed", "regulatory_classification.regulatory_role_changed"];

/// A data set can be relied on no more, or is another one.
const DATASET_CLOSED: &[Fact] = &[
    fact("status", "status", Test::Reaches(&["restricted", "retired"])),
    fact("content", "hash", Test::Changes),
    fact("personal_data", "personalData", Test::Reaches(&["true"])),
];
const DATASET_CHANGED: &[&str] =
    &["dataset.restricted", "dataset.retired", "dataset.revised", "dataset.corrected"];

const COMPONENT_CHANGED: &[&str] =
    &["supplied_component.version_changed", "supplied_component.withdrawn"];
const COMPONENT: &[Fact] = &[
    fact("component_version", "componentVersion", Test::Changes),
    fact("status", "status", Test::Reaches(&["withdrawn"])),
];

const SUPPLIER_LOST: &[&str] =
    &["supplier.suspended", "supplier.terminated", "supplier.reinstated"];
const SUPPLIER: &[Fact] = &[fact("status", "status", Test::Reaches(&["suspended", "terminated"]))];

/// An incident is found to be serious, or to have harmed somebody.
const GRAVE: &[Fact] = &[
    fact("severity", "severity", Test::Reaches(&["serious"])),
    fact("harm", "harm.#", Test::Grows),
];
const INCIDENT_ASSESSED: &[&str] = &[
    "incident.reported",
    "incident.triaged",
    "incident.severity_changed",
    "incident.marked_duplicate",
    "incident.dismissed",
];
/// An incident that is one.
const IS_INCIDENT: &[(&str, &[&str])] =
    &[("status", &["reported", "triaged", "contained", "investigating", "resolved", "closed"])];

/// A system's meaning, as a decision on the system rests on it.
const fn meaning(clause: &'static str) -> Rest {
    rest("ai_system", SYSTEM, SYSTEM_DESCRIBED, MEANING, clause)
}

/// The make-up of the version at hand.
const fn assets(clause: &'static str) -> Rest {
    rest("ai_system", SYSTEM, ASSETS_LINKED, ASSETS, clause)
}

/// The versions that run.
const fn running(clause: &'static str) -> Rest {
    rest("ai_system", SYSTEM, SYSTEM_DEPLOYED, NEW_VERSION, clause)
}

/// The data sets of the version at hand.
const fn datasets(clause: &'static str) -> Rest {
    rest("dataset", DATASETS, DATASET_CHANGED, DATASET_CLOSED, clause)
}

/// The supplied components of the version at hand.
const fn components(clause: &'static str) -> Rest {
    rest("supplied_component", COMPONENTS, COMPONENT_CHANGED, COMPONENT, clause)
}

/// The suppliers of those components.
const fn component_suppliers(clause: &'static str) -> Rest {
    rest("supplier", COMPONENT_SUPPLIERS, SUPPLIER_LOST, SUPPLIER, clause)
}

/// What the law makes of the system.
const fn classes(clause: &'static str) -> Rest {
    rest("regulatory_classification", CLASSES, CLASSIFIED, CLASS, clause)
}

/// The intended use in force.
const fn uses(clause: &'static str) -> Rest {
    let on = &["intended_use.approved", "intended_use.withdrawn"];
    rest("intended_use", USES, on, IN_FORCE, clause)
}

/// Incidents of the system that are serious or did harm.
const fn incidents(clause: &'static str) -> Rest {
    rest("incident", INCIDENTS, INCIDENT_ASSESSED, GRAVE, clause).only(IS_INCIDENT)
}
