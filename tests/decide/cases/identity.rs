//! Tenants and memberships.

use identity::membership::Membership;
use identity::tenant::{Tenant, platform};
use kernel::Role;
use kernel::id::encode;
use serde_json::json;

use crate::history::{Case, History};

pub fn cases() -> Vec<Case> {
    let (person, membership) = (encode("usr", 1), encode("mbr", 1));
    let other = json!({ "user": encode("usr", 2), "name": "Rui", "roles": ["ADM", "AM", "TM"],
        "status": "active" });
    let membership = History::<Membership>::of(&membership)
        .knowing(&encode("mbr", 2), "membership", other)
        .measured(
            Role::Adm,
            "grant",
            json!({ "user": person, "name": "Priya Nair",
            "email": "priya@halden.example", "roles": ["AM", "DO"] }),
        )
        .measured(Role::Adm, "change_roles", json!({ "roles": ["AM", "RM", "DO"] }))
        .measured(
            Role::Adm,
            "correct",
            json!({ "corrects": 1, "reason": "Misspelt.",
            "set": { "name": "Priya Nayar" } }),
        )
        .measured(Role::Adm, "revoke", json!({ "reason": "She left." }));
    let tenant = History::<Tenant>::of(&encode("tnt", 1))
        .within(platform())
        .measured(
            Role::Adm,
            "provision",
            json!({ "legalName": "Halden Analytics B.V.",
            "jurisdictions": ["NL", "NO"], "dataRegion": "eu",
            "administrator": { "name": "Ada", "email": "ada@halden.example" } }),
        )
        .measured(
            Role::Adm,
            "correct",
            json!({ "corrects": 1, "reason": "Misspelt.",
            "set": { "legalName": "Halden Analytics B.V." } }),
        );
    [membership.cases(), tenant.cases()].into_iter().flatten().collect()
}
