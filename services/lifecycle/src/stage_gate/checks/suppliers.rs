//! What suppliers put into the version (G12).

use std::collections::BTreeSet;

use kernel::{Fact, Need};

use super::{Answered, Question, Reply, counted};

/// The components of the version: those that it names, those that its resources are, and those
/// that say that it uses them.
pub(super) fn components(question: &Question) -> BTreeSet<String> {
    let version = &question.version;
    let mut ids: BTreeSet<String> =
        version.components.iter().map(|component| component.id().to_owned()).collect();
    for resource in &version.resources {
        let resource = question.get::<facts::Resource>(resource.id());
        ids.extend(resource.and_then(|resource| resource.supplied_component));
    }
    let label = question.label.as_str();
    let uses = question.all::<facts::SuppliedComponent>(|component| {
        component.used_by.get(question.id).is_some_and(|used| {
            used.system_versions.is_empty() || used.system_versions.iter().any(|v| v == label)
        })
    });
    ids.extend(uses.into_iter().map(|(id, _)| id));
    ids
}

/// The components of the version, as far as they can be told by now.
pub(super) fn needs_of_components(question: &Question) -> Vec<Need> {
    let using = Need::Holding(facts::SuppliedComponent::KIND, "usedBy", question.id.to_owned());
    let resources = question.version.resources.iter();
    let resources = resources.map(|resource| Need::Object(resource.id().to_owned()));
    let components = components(question).into_iter().map(Need::Object);
    [using].into_iter().chain(resources).chain(components).collect()
}

/// The suppliers of components that are known by now.
pub(super) fn suppliers(question: &Question) -> BTreeSet<String> {
    let known = components(question).into_iter();
    let known = known.filter_map(|id| question.get::<facts::SuppliedComponent>(&id));
    known.map(|component| component.supplier).collect()
}

pub(super) fn needs(question: &Question) -> Vec<Need> {
    let mut needs = needs_of_components(question);
    for supplier in suppliers(question) {
        needs.push(Need::Where(facts::Contract::KIND, "supplier", supplier.clone()));
        needs.push(Need::Object(supplier));
    }
    needs
}

/// G12: every component is accepted, its supplier approved today, and a contract in force says who
/// answers for what.
pub(super) fn approved(question: &Question) -> Answered {
    let mut reply = Reply::default();
    let (ids, today) = (components(question), question.today());
    for id in &ids {
        reply.saw(id);
        let Some(component) = question.get::<facts::SuppliedComponent>(id) else {
            reply.unknown(format!("{id} cannot be found"));
            continue;
        };
        if component.status != "accepted" {
            reply.fails_by(id, format!("{id} is {}, not accepted", component.status));
        }
        let by = &component.supplier;
        reply.saw(by);
        match question.get::<facts::Supplier>(by) {
            Some(supplier) if supplier.is_approved_on(today) => {}
            Some(supplier) => match supplier.condition_due.filter(|due| *due < today) {
                Some(due) => reply.fails_by(by, format!("{by}: a condition was due on {due}")),
                None => reply.fails_by(by, format!("{by} is {}", supplier.status)),
            },
            None => reply.unknown(format!("{by} cannot be found")),
        }
        let contracts =
            question.all::<facts::Contract>(|c| c.supplier.as_deref() == Some(by.as_str()));
        if !contracts.iter().any(|(_, contract)| contract.is_agreed_on(today)) {
            reply.fails_by(by, format!("No contract with {by} is in force that splits duties"));
        }
        reply.saw_all(&contracts);
    }
    let holds = match ids.len() {
        0 => "No supplied component is part of this version.".to_owned(),
        n => {
            let said = counted(n, "component", "components");
            format!("{said} accepted, suppliers approved, responsibilities agreed.")
        }
    };
    reply.done(question, holds)
}
