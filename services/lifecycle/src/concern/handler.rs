//! Who can receive a concern and act on it.

use kernel::{Context, Need, Role, UserId};

/// The roles whose holders can receive concerns and act on them.
pub(crate) const ROLES: &[Role] = &[Role::Am, Role::Tm, Role::Dpo, Role::Im];

/// The memberships of these people.
pub(crate) fn memberships(users: &[UserId]) -> Vec<Need> {
    users.iter().map(|user| Need::Object(facts::Membership::id_of(user))).collect()
}

/// Whether the person is a member today with a role that can act on concerns.
pub(crate) fn may_handle(user: &UserId, context: &Context) -> bool {
    let membership = context.facts.get::<facts::Membership>(&facts::Membership::id_of(user));
    membership.is_some_and(|found| found.holds_one_of(ROLES))
}
