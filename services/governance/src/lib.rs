//! Governance: organisation, scope, interested parties, documents, Statement of Applicability,
//! evidence, and the catalogues that these refer to.

pub mod acknowledgement;
pub mod catalogue;
pub mod catalogue_item;
pub mod catalogue_ref;
pub mod coverage;
pub mod document;
pub mod evidence;
pub mod interested_party;
pub mod mapping;
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
        kind::<catalogue::Catalogue>(),
        kind::<catalogue_item::CatalogueItem>(),
        kind::<mapping::Mapping>(),
        kind::<evidence::Evidence>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
