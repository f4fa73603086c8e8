//! Certification: certification bodies, which stand outside tenants, the engagements of their
//! auditors, their audits and certificates.

pub mod audit_note;
pub mod auditor_engagement;
pub mod auditor_query;
pub mod certificate;
pub mod certification_audit;
pub mod certification_body;
pub mod sample;
#[cfg(test)]
mod world;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<certification_body::CertificationBody>(),
        kind::<auditor_engagement::AuditorEngagement>(),
        kind::<auditor_query::AuditorQuery>(),
        kind::<sample::Sample>(),
        kind::<audit_note::AuditNote>(),
        kind::<certification_audit::CertificationAudit>(),
        kind::<certificate::Certificate>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
