//! Who acts, in which role and through what.

use serde::{Deserialize, Serialize};

/// A role of the management system (domain model, 4.0). A command names the roles that may give it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Tenant administrator: members and settings, no business approval.
    Adm,
    /// Top management.
    Tm,
    /// AIMS manager.
    Am,
    /// Risk manager.
    Rm,
    /// Risk owner.
    Ro,
    /// Impact assessor.
    Ia,
    /// Impact approver.
    Iap,
    /// Data protection officer.
    Dpo,
    /// System owner.
    So,
    /// Developer.
    Dev,
    /// Validator.
    Val,
    /// Release manager.
    Rel,
    /// Operator.
    Ops,
    /// Incident manager.
    Im,
    /// Data steward.
    Ds,
    /// Supplier manager.
    Sm,
    /// Document owner.
    Do,
    /// Internal auditor.
    Aud,
    /// Any employee; every member of a tenant holds it.
    #[default]
    Emp,
    /// Outside reporter, by token.
    Ext,
    /// Auditor of a certification body.
    Cba,
    /// Decision maker of a certification body.
    Cbd,
    /// Timer, process manager or integration.
    Sys,
}

impl Role {
    /// Every role, in the order of the domain model.
    pub const ALL: [Role; 23] = [
        Role::Adm,
        Role::Tm,
        Role::Am,
        Role::Rm,
        Role::Ro,
        Role::Ia,
        Role::Iap,
        Role::Dpo,
        Role::So,
        Role::Dev,
        Role::Val,
        Role::Rel,
        Role::Ops,
        Role::Im,
        Role::Ds,
        Role::Sm,
        Role::Do,
        Role::Aud,
        Role::Emp,
        Role::Ext,
        Role::Cba,
        Role::Cbd,
        Role::Sys,
    ];

    /// The roles a person inside the organisation can hold: all that may read its records.
    pub const MEMBERS: &[Role] = &[
        Role::Adm,
        Role::Tm,
        Role::Am,
        Role::Rm,
        Role::Ro,
        Role::Ia,
        Role::Iap,
        Role::Dpo,
        Role::So,
        Role::Dev,
        Role::Val,
        Role::Rel,
        Role::Ops,
        Role::Im,
        Role::Ds,
        Role::Sm,
        Role::Do,
        Role::Aud,
        Role::Emp,
    ];

    /// The code of the domain model, `TM`.
    pub const fn code(self) -> &'static str {
        match self {
            Role::Adm => "ADM",
            Role::Tm => "TM",
            Role::Am => "AM",
            Role::Rm => "RM",
            Role::Ro => "RO",
            Role::Ia => "IA",
            Role::Iap => "IAP",
            Role::Dpo => "DPO",
            Role::So => "SO",
            Role::Dev => "DEV",
            Role::Val => "VAL",
            Role::Rel => "REL",
            Role::Ops => "OPS",
            Role::Im => "IM",
            Role::Ds => "DS",
            Role::Sm => "SM",
            Role::Do => "DO",
            Role::Aud => "AUD",
            Role::Emp => "EMP",
            Role::Ext => "EXT",
            Role::Cba => "CBA",
            Role::Cbd => "CBD",
            Role::Sys => "SYS",
        }
    }

    /// The role of a code; `None` when there is none.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Through what an actor came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A person's session.
    User,
    /// An API key of an integration.
    ApiKey,
    /// A timer or process manager.
    Reaction,
    /// A bulk import.
    Import,
}

/// Who acts: a pseudonymous id, the role in which he acts, and through what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// `usr_…`, `key_…`, `rea_P12` or `imp_…`.
    pub id: String,
    /// The role in which the actor gives this command.
    pub role: Role,
    /// Through what.
    pub via: Via,
    /// The auditor engagement under which he acts, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engagement: Option<String>,
}
