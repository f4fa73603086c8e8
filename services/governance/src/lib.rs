//! Governance: organisation, scope, interested parties, documents, Statement of Applicability,
//! evidence and the catalogues that these refer to; roles, competence, objectives, communication,
//! changes of the management system and tasks; audits, findings, reviews, nonconformities and
//! improvements.

pub mod acknowledgement;
pub mod aims_change;
pub mod audit_finding;
pub mod audit_programme;
pub mod catalogue;
pub mod catalogue_item;
pub mod catalogue_ref;
pub mod communication_plan;
pub mod competence_profile;
pub mod coverage;
mod criteria;
pub mod document;
pub mod evidence;
#[cfg(test)]
mod given;
pub mod improvement;
pub mod interested_party;
pub mod internal_audit;
pub mod kpi;
pub mod management_review;
pub mod mapping;
mod name;
pub mod nonconformity;
pub mod objective;
pub mod organisation;
pub mod reporting_obligation;
pub mod role_assignment;
pub mod scope;
pub mod soa;
pub mod soa_control;
pub mod stamp;
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
        kind::<catalogue::Catalogue>(),
        kind::<catalogue_item::CatalogueItem>(),
        kind::<mapping::Mapping>(),
        kind::<audit_programme::AuditProgramme>(),
        kind::<internal_audit::InternalAudit>(),
        kind::<audit_finding::AuditFinding>(),
        kind::<management_review::ManagementReview>(),
        kind::<nonconformity::Nonconformity>(),
        kind::<improvement::Improvement>(),
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
