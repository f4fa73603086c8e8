//! A catalogue as records name it: one that comes with the product by its id (`iso42001-2023`), one
//! of the tenant's own by `cat_…`.

use declare::record;
use kernel::values::{Key, Number};
use kernel::{Context, Need};
use reference::catalogue as packaged;

/// One item of a catalogue, wherever that comes from.
#[record]
pub struct ItemRef {
    /// Id of the catalogue: `iso27001-2022`, or `cat_…` for one of your own.
    pub catalogue: Key,
    /// Number of the item.
    pub number: Number,
}

/// A catalogue that exists.
pub(crate) enum Found {
    /// It comes with the product.
    Packaged(&'static packaged::Catalogue),
    /// It is the tenant's own.
    Own(facts::Catalogue),
}

/// An item that exists.
pub(crate) struct Entry {
    /// Its place: among the decided ones of a packaged catalogue, among all of the tenant's own.
    /// None where no Statement of Applicability decides on it.
    pub(crate) place: Option<u32>,
}

/// What must be known to find a catalogue.
pub(crate) fn needs(catalogue: &Key) -> Option<Need> {
    let id = catalogue.as_str();
    packaged::catalogue(id).is_none().then(|| Need::Object(id.to_owned()))
}

/// What must be known to find an item of it.
pub(crate) fn item_needs(catalogue: &Key, number: &Number) -> Option<Need> {
    let id = || facts::CatalogueItem::id_of(catalogue.as_str(), number.as_str());
    packaged::catalogue(catalogue.as_str()).is_none().then(|| Need::Object(id()))
}

/// The catalogue of this id.
pub(crate) fn find(catalogue: &Key, context: &Context) -> Option<Found> {
    let id = catalogue.as_str();
    match packaged::catalogue(id) {
        Some(packaged) => Some(Found::Packaged(packaged)),
        None => context.facts.get::<facts::Catalogue>(id).map(Found::Own),
    }
}

/// The item of this number.
pub(crate) fn item(catalogue: &Key, number: &Number, context: &Context) -> Option<Entry> {
    let (id, number) = (catalogue.as_str(), number.as_str());
    if let Some(packaged) = packaged::catalogue(id) {
        packaged.item(number)?;
        let place = packaged.place(number).and_then(|place| u32::try_from(place).ok());
        return Some(Entry { place });
    }
    let item = context.facts.get::<facts::CatalogueItem>(&facts::CatalogueItem::id_of(id, number));
    let item = item.filter(facts::CatalogueItem::is_listed)?;
    Some(Entry { place: item.is_decided().then_some(item.place) })
}
