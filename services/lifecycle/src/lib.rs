//! The life cycle of AI systems: from registration through gates, evidence of development and
//! deployment to monitoring, incidents, changes and retirement.

pub mod ai_system;
pub mod change_request;
pub mod concern;
pub mod dataset;
pub mod deployment_plan;
pub mod design_record;
pub mod event_log_policy;
pub mod external_report;
pub mod gate_policy;
pub mod incident;
pub mod intended_use;
pub mod monitor;
pub mod origin;
pub mod reporting_channel;
pub mod requirement_set;
pub mod resource;
#[cfg(test)]
mod samples;
pub mod stage;
pub mod stage_gate;
pub mod technical_documentation;
pub mod threshold;
pub mod verification_record;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<ai_system::AiSystem>(),
        kind::<stage_gate::StageGate>(),
        kind::<gate_policy::GatePolicy>(),
        kind::<requirement_set::RequirementSet>(),
        kind::<design_record::DesignRecord>(),
        kind::<technical_documentation::TechnicalDocumentation>(),
        kind::<verification_record::VerificationRecord>(),
        kind::<deployment_plan::DeploymentPlan>(),
        kind::<resource::Resource>(),
        kind::<dataset::Dataset>(),
        kind::<event_log_policy::EventLogPolicy>(),
        kind::<monitor::Monitor>(),
        kind::<incident::Incident>(),
        kind::<concern::Concern>(),
        kind::<reporting_channel::ReportingChannel>(),
        kind::<external_report::ExternalReport>(),
        kind::<change_request::ChangeRequest>(),
        kind::<intended_use::IntendedUse>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
