//! What evidence can be linked to: a clause, a control, an item of any catalogue or an object of
//! the tenant.

use declare::record;
use kernel::values::{Anything, Key, Number, Ref};
use kernel::{Context, Need};

use super::Refusal;
use crate::catalogue_ref::{self, ItemRef};
use crate::soa_control::SoaControl;
use reference::catalogue::{ISO_42001, catalogue};

/// What evidence is linked to: exactly one of the four. Input of `link`.
#[record]
pub struct Target {
    /// A clause of the standard.
    pub clause: Option<Number>,
    /// A control of the standard or one of the organisation's own.
    pub control: Option<Number>,
    /// An item of any catalogue.
    pub item: Option<ItemRef>,
    /// An object of the tenant.
    pub object: Option<Ref<Anything>>,
}

impl Target {
    /// What must be known to check it.
    pub(super) fn needs(&self) -> Vec<Need> {
        let own = |n: &Number| Need::Where("soa_control", "control", n.to_string());
        let object = |o: &Ref<Anything>| Need::Object(o.id().to_owned());
        let item = self.item.iter().flat_map(|item| {
            let catalogue = catalogue_ref::needs(&item.catalogue);
            catalogue.into_iter().chain(catalogue_ref::item_needs(&item.catalogue, &item.number))
        });
        let others = self.control.iter().map(own).chain(self.object.iter().map(object));
        others.chain(item).collect()
    }

    /// The key of the link; refuses what does not exist in this tenant or the catalogue.
    pub(super) fn check(&self, context: &Context) -> Result<Key, Refusal> {
        let standard = catalogue(ISO_42001);
        let (target, exists) = match (&self.clause, &self.control, &self.item, &self.object) {
            (Some(number), None, None, None) => {
                let number = number.as_str();
                (number.to_owned(), standard.is_some_and(|c| c.clause(number).is_some()))
            }
            (None, Some(number), None, None) => {
                let number = number.as_str();
                let rows = context.facts.all::<SoaControl>();
                let own = rows.iter().any(|(_, row)| row.control.as_str() == number);
                let exists = own || standard.is_some_and(|c| c.control(number).is_some());
                (number.to_owned(), exists)
            }
            (None, None, Some(item), None) => item_target(item, context),
            (None, None, None, Some(object)) => {
                (object.id().to_owned(), context.facts.exists(object.id()))
            }
            (_, _, _, _) => return Err(Refusal::NotOneTarget),
        };
        if !exists {
            return Err(Refusal::UnknownTarget { target });
        }
        Ok(Key::new(target.to_ascii_lowercase()))
    }
}

/// What names an item among the links, and whether it exists: a number of the standard stands
/// alone, as it does for its clauses and controls.
fn item_target(item: &ItemRef, context: &Context) -> (String, bool) {
    let (catalogue, number) = (item.catalogue.as_str(), item.number.as_str());
    let named = match catalogue {
        ISO_42001 => number.to_owned(),
        other if catalogue_ref::needs(&item.catalogue).is_none() => format!("{other}.{number}"),
        own => facts::CatalogueItem::id_of(own, number),
    };
    let counts = match catalogue_ref::find(&item.catalogue, context) {
        Some(catalogue_ref::Found::Own(own)) => own.still_counts(),
        Some(catalogue_ref::Found::Packaged(_)) => true,
        None => false,
    };
    (named, counts && catalogue_ref::item(&item.catalogue, &item.number, context).is_some())
}
