//! Risk: criteria, AI risks, treatment plans, impact and privacy assessments, regulatory
//! classification and the rules behind it.

use std::sync::Arc;

use bus::AnyKind;

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    Vec::new()
}
