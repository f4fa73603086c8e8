//! The life cycle of AI systems: from registration through gates, evidence of development and
//! deployment to monitoring, incidents, changes and retirement.

pub mod change_request;
pub mod dataset;
pub mod event_log_policy;
pub mod origin;
pub mod resource;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<resource::Resource>(),
        kind::<dataset::Dataset>(),
        kind::<event_log_policy::EventLogPolicy>(),
        kind::<change_request::ChangeRequest>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
