//! What others rely on of the identity service.

use kernel::{Role, UserId};

view!("membership",
/// A person's membership as others rely on it.
Membership {
    /// The roles that he holds beside EMP.
    #[serde(default)]
    roles: Vec<Role>,
    /// `active`, `revoked`.
    status: String,
});

impl Membership {
    /// The id of a person's membership: `usr_X` has `mbr_X`.
    pub fn id_of(user: &UserId) -> String {
        format!("mbr_{}", kernel::id::suffix_of(user.as_str()))
    }

    /// Whether he is a member today and holds one of the roles.
    pub fn holds_one_of(&self, roles: &[Role]) -> bool {
        self.status == "active" && self.roles.iter().any(|role| roles.contains(role))
    }
}
