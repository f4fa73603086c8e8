//! Suppliers: the third parties of an AI management system, their assessment, contracts, components and
//! corrective actions, and what customers expect.

use std::sync::Arc;

use bus::AnyKind;

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    Vec::new()
}
