//! What others rely on of governance: the tenant's own catalogues and their items.

use kernel::approval::content_hash;
use kernel::id::encode;
use kernel::kinds::{self, CatalogueItem as ItemTag};
use kernel::values::KindTag;

view!("catalogue",
/// A catalogue of the tenant's own as others rely on it (owner: governance).
Catalogue {
    /// Its title.
    title: String,
    /// Its edition.
    edition: String,
    /// `draft`, `published`, `superseded`, `withdrawn`.
    status: String,
});

impl Catalogue {
    /// Whether new records may refer to its items: what is published never changes.
    pub fn is_published(&self) -> bool {
        self.status == "published"
    }

    /// Whether records that refer to its items already still mean something.
    pub fn still_counts(&self) -> bool {
        matches!(self.status.as_str(), "published" | "superseded")
    }
}

view!("catalogue_item",
/// One item of such a catalogue as others rely on it (owner: governance).
CatalogueItem {
    /// The catalogue, by id.
    catalogue: String,
    /// Its number.
    number: String,
    /// Its title.
    title: String,
    /// Its place in the order of the catalogue, from 1.
    place: u32,
    /// `group`, `clause`, `control`, `requirement`, `outcome`, `obligation`.
    item_kind: String,
    /// `listed`, `removed`.
    status: String,
});

impl CatalogueItem {
    /// The id of an item: catalogue and number determine it, so that a number stands once.
    pub fn id_of(catalogue: &str, number: &str) -> String {
        derived(ItemTag::PREFIX, &["item", catalogue, number])
    }

    /// Whether it belongs to the catalogue.
    pub fn is_listed(&self) -> bool {
        self.status == "listed"
    }

    /// Whether a Statement of Applicability decides on it.
    pub fn is_decided(&self) -> bool {
        self.is_listed() && !matches!(self.item_kind.as_str(), "group" | "clause")
    }
}

/// The id of a mapping: its ends and its source determine it, so that no source says a thing twice.
pub fn mapping_id(from: (&str, &str), to: (&str, &str), source: &str) -> String {
    derived(kinds::Mapping::PREFIX, &["mapping", from.0, from.1, to.0, to.1, source])
}

/// The id of a Statement of Applicability on a catalogue other than ISO/IEC 42001: a tenant has one
/// on each.
pub fn statement_id(catalogue: &str) -> String {
    derived(kinds::Soa::PREFIX, &["soa", catalogue])
}

/// An id that follows from texts.
fn derived(prefix: &str, texts: &[&str]) -> String {
    let hash = content_hash(&texts);
    let bits = hash.as_str().get(..32).and_then(|digits| u128::from_str_radix(digits, 16).ok());
    encode(prefix, bits.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_follow_from_texts_are_well_formed_and_differ() {
        let first = CatalogueItem::id_of("cat_1", "A.1");
        assert!(kernel::id::is_well_formed(&first) && first.starts_with("cit_"), "{first}");
        assert_eq!(first, CatalogueItem::id_of("cat_1", "A.1"));
        assert_ne!(first, CatalogueItem::id_of("cat_1A", ".1"));
        let there = mapping_id(("a", "1"), ("b", "2"), "us");
        assert!(kernel::id::is_well_formed(&there) && there.starts_with("map_"), "{there}");
        assert_ne!(there, mapping_id(("b", "2"), ("a", "1"), "us"));
        assert_ne!(there, mapping_id(("a", "1"), ("b", "2"), "them"));
    }
}
