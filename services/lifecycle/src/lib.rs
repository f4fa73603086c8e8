//! The life cycle of AI systems: from registration through gates, evidence of development and
//! deployment to monitoring, incidents, changes and retirement.

pub mod ai_system;
pub mod deployment_plan;
pub mod gate_policy;
pub mod stage;
pub mod stage_gate;

#[cfg(test)]
mod samples;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<ai_system::AiSystem>(),
        kind::<stage_gate::StageGate>(),
        kind::<gate_policy::GatePolicy>(),
        kind::<deployment_plan::DeploymentPlan>(),
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
            of::<ai_system::AiSystem>(),
            of::<stage_gate::StageGate>(),
            of::<gate_policy::GatePolicy>(),
            of::<deployment_plan::DeploymentPlan>(),
        ]
    }

    /// The events of L-01 to L-15 in the domain model, each with the kind that declares it.
    const EVENTS: &[(&str, &str)] = &[
        ("ai_system", "AiSystemRegistered"),
        ("ai_system", "SystemVersionAdded"),
        ("ai_system", "SystemStageEntered"),
        ("ai_system", "SystemDeployed"),
        ("ai_system", "OperationRestricted"),
        ("ai_system", "OperationRestrictionLifted"),
        ("ai_system", "OperationSuspended"),
        ("ai_system", "OperationResumed"),
        ("ai_system", "SystemRetired"),
        ("stage_gate", "StageGateRequested"),
        ("stage_gate", "StageGateEvaluated"),
        ("stage_gate", "GateApprovalGiven"),
        ("stage_gate", "StageGatePassed"),
        ("stage_gate", "StageGateRefused"),
        ("stage_gate", "GateCheckWaived"),
        ("gate_policy", "GatePolicyChanged"),
        ("deployment_plan", "DeploymentPlanApproved"),
        ("deployment_plan", "DeploymentExecuted"),
        ("deployment_plan", "DeploymentRolledBack"),
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

    /// Relations may lead to kinds of other services, which are not declared here.
    #[test]
    fn relations_name_kinds_that_exist_and_fields_that_are_indexed() {
        let kinds = declared();
        for relation in kinds.iter().flat_map(|kind| kind.about.relations) {
            assert!(kernel::kinds::kind(relation.kind).is_some(), "{}", relation.kind);
            if let Some(other) = kinds.iter().find(|other| other.row.name == relation.kind) {
                let field = other.state.field(relation.by);
                assert!(field.is_some_and(|field| field.index), "{}", relation.kind);
            }
        }
    }

    #[test]
    fn facts_that_are_asked_for_by_field_are_indexed() {
        let kinds = declared();
        for (kind, field) in [("stage_gate", "system"), ("deployment_plan", "system")] {
            let decl = kinds.iter().find(|decl| decl.row.name == kind).unwrap();
            assert!(decl.state.field(field).is_some_and(|field| field.index), "{kind}.{field}");
        }
    }

    #[test]
    fn who_administers_the_tenant_approves_nothing() {
        for kind in declared() {
            let approving = kind.commands.iter().filter(|c| c.verb == "approve");
            assert!(approving.flat_map(|c| c.by).all(|role| *role != kernel::Role::Adm));
        }
    }
}
