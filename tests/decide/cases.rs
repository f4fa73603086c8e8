//! What is measured: for each kind an object of ordinary size and each of its commands. A kind is
//! added by a history in which every command of it is given once by `measured`.

mod governance;
mod identity;
mod lifecycle;

use kernel::Role;
use kernel::id::encode;

use crate::history::Case;

/// All of them.
pub fn all() -> Vec<Case> {
    let services = [identity::cases(), governance::cases(), lifecycle::cases()];
    services.into_iter().flatten().collect()
}

/// The member who holds a role.
pub fn member(role: Role) -> String {
    encode("usr", role as u128)
}
