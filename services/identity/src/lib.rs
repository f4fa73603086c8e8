//! Identity: tenants, members with roles, and who asks.

pub mod caller;
pub mod membership;
pub mod outlook;
pub mod provisioning;

pub mod tenant;
pub mod token;

pub use caller::{AuthError, Caller, Identity};
pub use outlook::Outlook;
pub use token::Tokens;

use std::sync::Arc;

use bus::AnyKind;

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [bus::kind::<tenant::Tenant>(), bus::kind::<membership::Membership>()]
        .into_iter()
        .flatten()
        .collect()
}
