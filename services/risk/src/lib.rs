//! Risk: criteria, AI risks, treatment plans, impact and privacy assessments, regulatory
//! classification and the rules behind it.

mod control;
pub mod risk;
pub mod risk_criteria;
pub mod treatment_plan;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<risk_criteria::RiskCriteria>(),
        kind::<risk::Risk>(),
        kind::<treatment_plan::TreatmentPlan>(),
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
            of::<risk_criteria::RiskCriteria>(),
            of::<risk::Risk>(),
            of::<treatment_plan::TreatmentPlan>(),
        ]
    }

    /// The events of in the domain model, each with the kind that declares it.
    const EVENTS: &[(&str, &str)] = &[
        ("risk_criteria", "RiskCriteriaDrafted"),
        ("risk_criteria", "RiskCriteriaApproved"),
        ("risk", "RiskIdentified"),
        ("risk", "RiskAnalysed"),
        ("risk", "RiskEvaluated"),
        ("risk", "RiskOwnerAssigned"),
        ("risk", "ResidualRiskEvaluated"),
        ("risk", "RiskAccepted"),
        ("risk", "RiskAcceptanceRefused"),
        ("risk", "RiskAcceptanceRevoked"),
        ("risk", "RiskAcceptanceExpired"),
        ("risk", "RiskReviewFellDue"),
        ("risk", "RiskClosed"),
        ("treatment_plan", "TreatmentPlanDrafted"),
        ("treatment_plan", "TreatmentPlanApproved"),
        ("treatment_plan", "TreatmentActionCompleted"),
        ("treatment_plan", "TreatmentEffectivenessVerified"),
        ("treatment_plan", "TreatmentFoundIneffective"),
        ("treatment_plan", "TreatmentActionOverdue"),
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
        use kernel::schema::Ty;
        let kinds = declared();
        for (kind, path) in [("treatment_plan", "mandatoryActions"), ("risk", "origin.entry")] {
            let decl = kinds.iter().find(|decl| decl.row.name == kind).unwrap();
            let (mut record, mut indexed) = (Arc::clone(&decl.state), false);
            for name in path.split('.') {
                let field = record.field(name).unwrap().clone();
                indexed = field.index;
                if let Ty::Record(inner) = field.ty {
                    record = inner;
                }
            }
            assert!(indexed, "{kind}.{path}");
        }
    }

    #[test]
    fn who_administers_the_tenant_approves_nothing() {
        for kind in declared() {
            let approving = kind
                .commands
                .iter()
                .filter(|c| ["approve", "accept", "confirm", "verify"].contains(&c.verb));
            assert!(approving.flat_map(|c| c.by).all(|role| *role != kernel::Role::Adm));
        }
    }
}
