//! Risk: criteria, AI risks, treatment plans, impact and privacy assessments, regulatory
//! classification and the rules behind it.

pub mod regulatory_classification;
pub mod rule_set;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [kind::<regulatory_classification::RegulatoryClassification>(), kind::<rule_set::RuleSet>()]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use kernel::domain::{Domain, KindDecl};
    use kernel::kinds::stored_name;

    use super::*;

    fn declared() -> Vec<KindDecl> {
        fn of<A: Domain>() -> KindDecl {
            KindDecl::of::<A>().unwrap()
        }
        vec![of::<regulatory_classification::RegulatoryClassification>(), of::<rule_set::RuleSet>()]
    }

    /// The events of the risk service in the domain model, each with the kind that declares it.
    const EVENTS: &[(&str, &str)] = &[
        ("regulatory_classification", "ClassificationProposed"),
        ("regulatory_classification", "ClassificationConfirmed"),
        ("regulatory_classification", "ClassificationSuperseded"),
        ("regulatory_classification", "RegulatoryRoleChanged"),
        ("rule_set", "RuleSetLoaded"),
        ("rule_set", "RuleSetRevised"),
        ("rule_set", "RuleAdoptedEarly"),
        ("rule_set", "EarlyAdoptionEnded"),
        ("rule_set", "RuleSetRetired"),
    ];

    #[test]
    fn every_event_of_the_domain_model_is_declared_under_its_stored_name() {
        let declared = declared();
        for (kind, event) in EVENTS {
            let of_kind = declared.iter().find(|decl| decl.row.name == *kind).unwrap();
            let stored = stored_name(kind, event);
            assert!(of_kind.events.iter().any(|e| e.name == stored), "{event} as {stored}");
        }
    }

    #[test]
    fn every_kind_is_registered() {
        let mut registered: Vec<_> = kinds().iter().map(|kind| kind.decl().row.name).collect();
        let mut all: Vec<_> = declared().iter().map(|decl| decl.row.name).collect();
        registered.sort_unstable();
        all.sort_unstable();
        assert_eq!(registered, all);
    }

    #[test]
    fn what_commands_emit_is_declared_and_every_event_is_emitted() {
        for kind in declared() {
            let of = |word: &str| format!("{}.{word}", kind.row.name);
            let mut emitted: Vec<_> =
                kind.commands.iter().flat_map(|c| c.emits.iter().map(|e| of(e))).collect();
            let mut events: Vec<_> = kind.events.iter().map(|e| e.name.to_owned()).collect();
            emitted.sort_unstable();
            emitted.dedup();
            events.sort_unstable();
            assert_eq!(emitted, events);
        }
    }

    #[test]
    fn facts_that_are_asked_for_by_field_are_indexed() {
        let kinds = declared();
        for (kind, field) in [("regulatory_classification", "system"), ("rule_set", "name")] {
            let decl = kinds.iter().find(|decl| decl.row.name == kind).unwrap();
            assert!(decl.state.field(field).is_some_and(|field| field.index), "{kind}.{field}");
        }
    }

    #[test]
    fn who_administers_the_tenant_approves_nothing() {
        for kind in declared() {
            let deciding = ["approve", "accept", "confirm"];
            let approving = kind.commands.iter().filter(|c| deciding.contains(&c.verb));
            assert!(approving.flat_map(|c| c.by).all(|role| *role != kernel::Role::Adm));
        }
    }
}
