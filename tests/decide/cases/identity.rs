//! Tenants and memberships.

use identity::membership::Membership;
use identity::tenant::{Tenant, platform};
use kernel::Role;
use kernel::id::encode;
use serde_json::json;

use super::{Kind, correct, why};
use crate::history::{Case, History};

pub const KINDS: &[Kind] = &[membership, tenant];

fn membership() -> Vec<Case> {
    let (person, membership) = (encode("usr", 1), encode("mbr", 1));
    let other = json!({ "user": encode("usr", 2), "name": "Rui", "roles": ["ADM", "AM", "TM"],
        "status": "active" });
    History::<Membership>::of(&membership)
        .knowing(&encode("mbr", 2), "membership", other)
        .measured(
            Role::Adm,
            "grant",
            json!({ "user": person, "name": "Priya Nair",
            "email": "priya@halden.example", "roles": ["AM", "DO"] }),
        )
        .measured(Role::Adm, "change_roles", json!({ "roles": ["AM", "RM", "DO"] }))
        .measured(Role::Adm, "correct", correct("name", "Priya Nayar"))
        .measured(Role::Adm, "revoke", why())
        .cases()
}

fn tenant() -> Vec<Case> {
    History::<Tenant>::of(&encode("tnt", 1))
        .within(platform())
        .measured(
            Role::Adm,
            "provision",
            json!({ "legalName": "Halden Analytics B.V.",
            "jurisdictions": ["NL", "NO"], "dataRegion": "eu",
            "administrator": { "name": "Ada", "email": "ada@halden.example" } }),
        )
        .measured(Role::Adm, "correct", correct("legalName", "Halden Analytics B.V."))
        .cases()
}
