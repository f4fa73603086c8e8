//! Governance: organisation, scope, interested parties, documents, Statement of Applicability,
//! evidence, roles and competence, objectives, communication, changes of the management system,
//! tasks, and the catalogues that these refer to.

pub mod acknowledgement;
pub mod aims_change;
pub mod communication_plan;
pub mod competence_profile;
pub mod document;
pub mod evidence;
pub mod interested_party;
pub mod kpi;
mod name;
pub mod objective;
pub mod organisation;
pub mod reporting_obligation;
pub mod role_assignment;
pub mod scope;
pub mod soa;
pub mod soa_control;
pub mod task;
pub mod training_record;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<organisation::Organisation>(),
        kind::<scope::Scope>(),
        kind::<interested_party::InterestedParty>(),
        kind::<document::Document>(),
        kind::<acknowledgement::Acknowledgement>(),
        kind::<soa::Soa>(),
        kind::<soa_control::SoaControl>(),
        kind::<evidence::Evidence>(),
        kind::<role_assignment::RoleAssignment>(),
        kind::<competence_profile::CompetenceProfile>(),
        kind::<training_record::TrainingRecord>(),
        kind::<objective::Objective>(),
        kind::<kpi::Kpi>(),
        kind::<communication_plan::CommunicationPlan>(),
        kind::<reporting_obligation::ReportingObligation>(),
        kind::<aims_change::AimsChange>(),
        kind::<task::Task>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
