//! The table: which excluded control is contradicted by what (domain model, 5.3). The eight
//! controls that clauses of the standard demand are not here: their exclusion is approved only with
//! a reason of top management (`soa.approve`).

use crate::Known;

/// The objects that one has to do with.
type Linked = fn(&str, &Known) -> Vec<String>;

/// What contradicts the exclusion of some controls.
pub(super) struct Row {
    /// The controls, by number.
    pub controls: &'static [&'static str],
    /// The kind of object that shows it.
    pub about: &'static str,
    /// Other kinds whose change can make an object show it or not; the objects that a change
    /// touches.
    links: &'static [(&'static str, Linked)],
    /// What this object shows to the contrary, in a line; nothing when it does not.
    pub holds: fn(&str, &Known) -> Option<String>,
    /// All objects that show it.
    pub all: fn(&Known) -> Vec<(String, String)>,
}

impl Row {
    /// The objects that an object of another kind has to do with; `None` when that kind makes no
    /// difference.
    pub fn linked(&self, kind: &str, object: &str, known: &Known) -> Option<Vec<String>> {
        let (_, objects) = self.links.iter().find(|(linked, _)| *linked == kind)?;
        Some(objects(object, known))
    }

    /// Whether the object of this id is of the kind that shows it.
    pub fn is_about(&self, object: &str) -> bool {
        let kind = kernel::kinds::kind_of_prefix(kernel::id::prefix_of(object));
        kind.is_some_and(|kind| kind.name == self.about)
    }
}

/// All objects of a view's kind of which something holds.
fn all<F: kernel::Fact>(
    known: &Known,
    holds: fn(&str, &Known) -> Option<String>,
) -> Vec<(String, String)> {
    let ids = known.all::<F>().into_iter().map(|(id, _)| id);
    ids.filter_map(|id| Some((id.clone(), holds(&id, known)?))).collect()
}

/// A row about AI systems alone.
macro_rules! systems {
    ($controls:expr, $says:literal, $fits:expr) => {
        Row {
            controls: $controls,
            about: "ai_system",
            links: &[],
            holds: |id, known| {
                let system = known.get::<facts::AiSystem>(id)?;
                let fits: fn(&facts::AiSystem) -> bool = $fits;
                fits(&system).then(|| format!($says, system.name))
            },
            all: |known| {
                let fits: fn(&facts::AiSystem) -> bool = $fits;
                let all = known.all::<facts::AiSystem>().into_iter();
                let fitting = all.filter(|(_, system)| fits(system));
                fitting.map(|(id, system)| (id, format!($says, system.name))).collect()
            },
        }
    };
}

/// The table.
pub(super) const ROWS: &[Row] = &[
    systems!(&["A.3.3", "A.4.2", "A.4.6"], "{} is in scope", facts::AiSystem::is_in_the_aims),
    Row {
        controls: &["A.4.3", "A.7.4", "A.7.5"],
        about: "dataset",
        links: &[("ai_system", datasets_of)],
        holds: linked_dataset,
        all: |known| all::<facts::Dataset>(known, linked_dataset),
    },
    Row {
        controls: &["A.4.4"],
        about: "resource",
        links: &[("ai_system", resources_of)],
        holds: |id, known| linked_resource(id, "tooling", known),
        all: |known| {
            all::<facts::Resource>(known, |id, known| linked_resource(id, "tooling", known))
        },
    },
    Row {
        controls: &["A.4.5"],
        about: "resource",
        links: &[("ai_system", resources_of)],
        holds: |id, known| linked_resource(id, "compute", known),
        all: |known| {
            all::<facts::Resource>(known, |id, known| linked_resource(id, "compute", known))
        },
    },
    systems!(
        &["A.6.1.2", "A.6.1.3", "A.6.2.2", "A.6.2.3"],
        "{} is in scope and built here at least in part",
        |system| system.is_in_the_aims() && matches!(system.origin.as_str(), "built" | "hybrid")
    ),
    systems!(
        &["A.6.2.4", "A.6.2.5", "A.6.2.7"],
        "{} is in scope and past its inception",
        |system| system.is_in_the_aims() && system.stage != "inception"
    ),
    systems!(
        &["A.6.2.6", "A.6.2.8", "A.9.2", "A.9.3", "A.9.4"],
        "{} runs",
        facts::AiSystem::is_running
    ),
    Row {
        controls: &["A.7.2", "A.7.6"],
        about: "dataset",
        links: &[],
        holds: made_from,
        all: |known| all::<facts::Dataset>(known, made_from),
    },
    Row {
        controls: &["A.7.3"],
        about: "dataset",
        links: &[],
        holds: acquired,
        all: |known| all::<facts::Dataset>(known, acquired),
    },
    systems!(&["A.8.2", "A.8.3", "A.8.4"], "{} runs and has users or affects people", |system| {
        system.is_running() && !(system.users.is_empty() && system.affected.is_empty())
    }),
    Row {
        controls: &["A.8.5"],
        about: "reporting_obligation",
        links: &[],
        holds: obligation,
        all: |known| all::<facts::ReportingObligation>(known, obligation),
    },
    Row {
        controls: &["A.10.2", "A.10.3"],
        about: "supplier",
        links: &[("supplied_component", supplier_of)],
        holds: supplier_in_use,
        all: |known| all::<facts::Supplier>(known, supplier_in_use),
    },
    Row {
        controls: &["A.10.4"],
        about: "customer_expectation",
        links: &[],
        holds: expectation,
        all: |known| all::<facts::CustomerExpectation>(known, expectation),
    },
    Row {
        controls: &["A.10.4"],
        about: "interested_party",
        links: &[],
        holds: customer,
        all: |known| all::<facts::InterestedParty>(known, customer),
    },
];

/// The data sets of a system's versions, and those registered for it.
fn datasets_of(system: &str, known: &Known) -> Vec<String> {
    let registered = known.holding::<facts::Dataset>("systems", system);
    let registered = registered.into_iter().map(|(id, _)| id);
    let versions = known.get::<facts::AiSystem>(system).map(|system| system.versions);
    let used = versions.into_iter().flatten().flat_map(|(_, version)| version.datasets);
    registered.chain(used).collect()
}

/// The resources of a system's versions.
fn resources_of(system: &str, known: &Known) -> Vec<String> {
    let versions = known.get::<facts::AiSystem>(system).map(|system| system.versions);
    versions.into_iter().flatten().flat_map(|(_, version)| version.resources).collect()
}

fn supplier_of(component: &str, known: &Known) -> Vec<String> {
    let component = known.get::<facts::SuppliedComponent>(component);
    component.map(|component| component.supplier).into_iter().collect()
}

/// A data set that is used by a system in scope or registered for one.
fn linked_dataset(id: &str, known: &Known) -> Option<String> {
    let dataset = known.get::<facts::Dataset>(id).filter(|found| found.status != "retired")?;
    let registered = dataset.systems.iter().filter_map(|id| known.get::<facts::AiSystem>(id));
    let uses = |system: &facts::AiSystem| {
        let mut versions = system.versions.values();
        versions.any(|version| version.datasets.iter().any(|used| used == id))
    };
    let mut linked = registered.collect::<Vec<_>>();
    if !linked.iter().any(facts::AiSystem::is_in_the_aims) {
        let all = known.all::<facts::AiSystem>().into_iter().map(|(_, system)| system);
        linked.extend(all.filter(uses));
    }
    let system = linked.into_iter().find(facts::AiSystem::is_in_the_aims)?;
    Some(format!("{} is a data set of {}", dataset.name, system.name))
}

/// A resource of a sort that a system needs or uses.
fn linked_resource(id: &str, sort: &str, known: &Known) -> Option<String> {
    let resource = known.get::<facts::Resource>(id)?;
    if resource.status == "retired" || resource.resource_kind != sort {
        return None;
    }
    let is_used = || {
        let mut systems = known.all::<facts::AiSystem>().into_iter();
        systems.any(|(_, system)| {
            let mut versions = system.versions.values();
            versions.any(|version| version.resources.iter().any(|used| used == id))
        })
    };
    let linked = !resource.used_by.is_empty() || is_used();
    linked.then(|| format!("{} is linked to a system", resource.name))
}

/// A data set from which systems are made or tested, or on which their answers rest.
fn made_from(id: &str, known: &Known) -> Option<String> {
    let dataset = known.get::<facts::Dataset>(id).filter(|found| found.status != "retired")?;
    let makes =
        |role: &String| matches!(role.as_str(), "train" | "validation" | "test" | "grounding");
    let role = dataset.roles.iter().find(|role| makes(role))?;
    Some(format!("{} is a data set for use as: {role}", dataset.name))
}

/// A data set from outside the organisation's own operations.
fn acquired(id: &str, known: &Known) -> Option<String> {
    let dataset = known.get::<facts::Dataset>(id).filter(|found| found.status != "retired")?;
    let source = dataset.acquisition.filter(|from| from.source != "internal")?.source;
    Some(format!("{} is a data set from outside: {source}", dataset.name))
}

fn obligation(id: &str, known: &Known) -> Option<String> {
    let found = known.get::<facts::ReportingObligation>(id)?;
    (found.status == "active").then(|| format!("a duty to report exists: {}", found.title))
}

/// A supplier on whom the organisation relies: approved, if only under conditions or for now not,
/// or with a component in a system.
fn supplier_in_use(id: &str, known: &Known) -> Option<String> {
    let supplier = known.get::<facts::Supplier>(id)?;
    let supplies = || {
        let mut components = known.of::<facts::SuppliedComponent>("supplier", id).into_iter();
        components.any(|(_, c)| c.status != "withdrawn" && !c.used_by.is_empty())
    };
    let relied_on =
        matches!(supplier.status.as_str(), "approved" | "conditionally_approved" | "suspended");
    (relied_on || supplies()).then(|| format!("{} is a supplier in use", supplier.name))
}

fn expectation(id: &str, known: &Known) -> Option<String> {
    let found = known.get::<facts::CustomerExpectation>(id)?;
    (found.status != "declined")
        .then(|| format!("{} expects something as a customer", found.customer))
}

fn customer(id: &str, known: &Known) -> Option<String> {
    let found = known.get::<facts::InterestedParty>(id)?;
    let is_customer = found.kind == "customer" && found.status == "active";
    is_customer.then(|| format!("{} is a customer", found.name))
}
