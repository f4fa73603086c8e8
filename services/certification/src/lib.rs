//! Certification: certification bodies, which stand outside tenants, the engagements of their auditors,
//! their audits and certificates.

use std::sync::Arc;

use bus::AnyKind;

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    Vec::new()
}
