//! The life cycle of AI systems: from registration through gates, evidence of development and
//! deployment to monitoring, incidents, changes and retirement.

use std::sync::Arc;

use bus::AnyKind;

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    Vec::new()
}
