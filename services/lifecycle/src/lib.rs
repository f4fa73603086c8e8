//! The life cycle of AI systems: from registration through gates, evidence of development and
//! deployment to monitoring, incidents, changes and retirement.

pub mod design_record;
pub mod intended_use;
pub mod requirement_set;
pub mod technical_documentation;
pub mod threshold;
pub mod verification_record;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<requirement_set::RequirementSet>(),
        kind::<design_record::DesignRecord>(),
        kind::<technical_documentation::TechnicalDocumentation>(),
        kind::<verification_record::VerificationRecord>(),
        kind::<intended_use::IntendedUse>(),
    ]
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
        vec![
            of::<requirement_set::RequirementSet>(),
            of::<design_record::DesignRecord>(),
            of::<technical_documentation::TechnicalDocumentation>(),
            of::<verification_record::VerificationRecord>(),
            of::<intended_use::IntendedUse>(),
        ]
    }

    /// The events of L-03 to L-05 and L-15 in the domain model, each with the kind that declares
    /// it.
    const EVENTS: &[(&str, &str)] = &[
        ("requirement_set", "RequirementAdded"),
        ("requirement_set", "RequirementSetBaselined"),
        ("requirement_set", "RequirementBaselineChanged"),
        ("design_record", "DesignRecorded"),
        ("design_record", "DesignRecordApproved"),
        ("technical_documentation", "TechnicalDocumentationApproved"),
        ("verification_record", "VerificationPlanRegistered"),
        ("verification_record", "VerificationCompleted"),
        ("verification_record", "VerificationInvalidated"),
        ("intended_use", "IntendedUseApproved"),
        ("intended_use", "UserInformationPublished"),
        ("intended_use", "UseDeviationRecorded"),
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
        for (kind, field) in [
            ("requirement_set", "system"),
            ("design_record", "system"),
            ("technical_documentation", "system"),
            ("verification_record", "system"),
            ("intended_use", "system"),
        ] {
            let decl = kinds.iter().find(|decl| decl.row.name == kind).unwrap();
            assert!(decl.state.field(field).is_some_and(|field| field.index), "{kind}.{field}");
        }
    }

    #[test]
    fn who_administers_the_tenant_approves_nothing() {
        for kind in declared() {
            let approving = kind.commands.iter().filter(|c| c.if_match);
            assert!(approving.flat_map(|c| c.by).all(|role| *role != kernel::Role::Adm));
        }
    }
}
