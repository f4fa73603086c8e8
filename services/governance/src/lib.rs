//! Governance: organisation, scope, interested parties, documents, Statement of Applicability,
//! evidence, and the catalogues that these refer to; internal audits, findings, management reviews,
//! nonconformities and improvements.

pub mod acknowledgement;
pub mod audit_finding;
pub mod audit_programme;
pub mod catalogue;
pub mod catalogue_item;
pub mod catalogue_ref;
pub mod coverage;
mod criteria;
pub mod document;
pub mod evidence;
#[cfg(test)]
mod given;
pub mod improvement;
pub mod interested_party;
pub mod internal_audit;
pub mod management_review;
pub mod mapping;
pub mod nonconformity;
pub mod organisation;
pub mod scope;
pub mod soa;
pub mod soa_control;
pub mod stamp;

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
    ]
    .into_iter()
    .flatten()
    .collect()
}
