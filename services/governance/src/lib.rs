//! Governance: organisation, scope, interested parties, documents, Statement of Applicability,
//! evidence, and the catalogues that these refer to.

pub mod acknowledgement;
pub mod document;
pub mod evidence;
pub mod interested_party;
pub mod organisation;
pub mod scope;
pub mod soa;
pub mod soa_control;

use std::sync::Arc;

use bus::{AnyKind, kind};

/// The kinds of this service.
pub fn kinds() -> Vec<Arc<dyn AnyKind>> {
    [
        kind::<organisation::Organisation>(),
        kind::<scope::Scope>(),
        kind::<interested_party::InterestedParty>(),
        kind::<document::Document>(),
        kind::<acknowledgement::Acknowledgement>(),
        kind::<soa::Soa>(),
        kind::<soa_control::SoaControl>(),
        kind::<evidence::Evidence>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use kernel::domain::{Domain, KindDecl};
    use kernel::kinds::stored_name;

    use super::*;

    fn declared() -> Vec<KindDecl> {
        fn of<A: Domain>() -> KindDecl {
            KindDecl::of::<A>().unwrap()
        }
        vec![
            of::<acknowledgement::Acknowledgement>(),
            of::<document::Document>(),
            of::<evidence::Evidence>(),
            of::<interested_party::InterestedParty>(),
            of::<organisation::Organisation>(),
            of::<scope::Scope>(),
            of::<soa::Soa>(),
            of::<soa_control::SoaControl>(),
        ]
    }

    /// The events of G-01 to G-04, G-08 and G-14 in the domain model, each with the kind that
    /// declares it. Memberships are the identity service's.
    const EVENTS: &[(&str, &str)] = &[
        ("organisation", "TenantProvisioned"),
        ("organisation", "AiRolesDeclared"),
        ("organisation", "TenantClosed"),
        ("scope", "ScopeDrafted"),
        ("scope", "ContextIssueRecorded"),
        ("scope", "ScopeApproved"),
        ("scope", "ScopeSuperseded"),
        ("interested_party", "InterestedPartyRegistered"),
        ("interested_party", "PartyRequirementRegistered"),
        ("interested_party", "RequirementAdopted"),
        ("interested_party", "RequirementDeclined"),
        ("document", "DocumentVersionDrafted"),
        ("document", "DocumentVersionApproved"),
        ("document", "DocumentPublished"),
        ("acknowledgement", "DocumentAcknowledged"),
        ("document", "DocumentReviewed"),
        ("document", "DocumentReviewFellDue"),
        ("document", "DocumentReviewOverdue"),
        ("document", "DocumentWithdrawn"),
        ("soa_control", "ControlApplicabilityDecided"),
        ("soa_control", "ControlImplementationStatusChanged"),
        ("soa_control", "CustomControlAdded"),
        ("soa", "SoaVersionApproved"),
        ("soa", "SoaContradictionDetected"),
        ("soa", "SoaContradictionResolved"),
        ("evidence", "EvidenceRegistered"),
        ("evidence", "EvidenceVerified"),
        ("evidence", "EvidenceLinked"),
        ("evidence", "EvidenceSuperseded"),
        ("evidence", "EvidenceWentStale"),
        ("evidence", "EvidenceShredded"),
    ];

    #[test]
    fn every_event_of_the_domain_model_is_declared_under_its_stored_name() {
        let declared = declared();
        for (kind, event) in EVENTS {
            let of_kind = declared.iter().find(|decl| decl.row.name == *kind).unwrap();
            let stored = stored_name(kind, event);
            assert!(of_kind.events.iter().any(|e| e.name == stored), "{event} as {stored}");
        }
    }

    #[test]
    fn what_commands_emit_is_declared_and_every_event_is_emitted() {
        for kind in declared() {
            let of = |word: &str| format!("{}.{word}", kind.row.name);
            let mut emitted: Vec<_> =
                kind.commands.iter().flat_map(|c| c.emits.iter().map(|e| of(e))).collect();
            let mut events: Vec<_> = kind.events.iter().map(|e| e.name.to_owned()).collect();
            emitted.sort_unstable();
            emitted.dedup();
            events.sort_unstable();
            assert_eq!(emitted, events);
        }
    }

    #[test]
    fn relations_and_pins_name_fields_that_are_declared() {
        let kinds = declared();
        for kind in &kinds {
            for relation in kind.about.relations {
                let other = kinds.iter().find(|other| other.row.name == relation.kind).unwrap();
                assert!(other.state.field(relation.by).is_some_and(|field| field.index));
                let root = relation.pinned.and_then(|path| path.split('.').next());
                assert!(root.is_none_or(|root| kind.state.field(root).is_some()));
            }
        }
    }

    #[test]
    fn facts_that_are_asked_for_by_field_are_indexed() {
        let kinds = declared();
        for (kind, field) in [
            ("soa_control", "soa"),
            ("soa_control", "control"),
            ("evidence", "sha256"),
            ("acknowledgement", "user"),
        ] {
            let decl = kinds.iter().find(|decl| decl.row.name == kind).unwrap();
            assert!(decl.state.field(field).is_some_and(|field| field.index), "{kind}.{field}");
        }
    }

    #[test]
    fn who_administers_the_tenant_approves_nothing() {
        for kind in declared() {
            let approving = kind.commands.iter().filter(|c| c.verb == "approve");
            assert!(approving.flat_map(|c| c.by).all(|role| *role != kernel::Role::Adm));
        }
    }
}
