//! How a row comes to be: a control of the catalogue is listed, or one's own is added.

use declare::record;
use kernel::values::{Key, Line, Number, Ref};
use kernel::{Context, Fact, Need, kinds};
use serde::Deserialize;

use super::{
    ApplicabilityDecided, Choice, CustomControlAdded, Edit, Event, Listed, Refusal, SoaControl,
};
use crate::catalogue_item::PLACE_MAX;
use crate::catalogue_ref;
use crate::soa::Soa;

/// Places of an organisation's own controls begin after this one, behind those of every catalogue
/// that comes with the product.
pub const LAST_CATALOGUE_PLACE: u32 = 1_000;

/// Input of `list`.
#[record]
pub struct List {
    /// The statement.
    pub soa: Ref<kinds::Soa>,
    /// Number of a control of its catalogue.
    pub control: Number,
    /// Whether it applies, and why; may be undecided.
    #[field(flatten)]
    pub choice: Choice,
}

/// Input of `add_own`.
#[record]
pub struct AddOwn {
    /// The statement.
    pub soa: Ref<kinds::Soa>,
    /// A number that the catalogue does not have.
    pub control: Number,
    /// Its title.
    pub title: Line,
    /// Whether it applies, and why; may be undecided.
    #[field(flatten)]
    pub choice: Choice,
}

/// What must be known to make a row of this statement: the statement and its rows and, once that is
/// known, the item of a catalogue of the tenant's own.
pub(super) fn needs(soa: &Ref<kinds::Soa>, control: &Number, known: &Context) -> Vec<Need> {
    let rows = Need::Where("soa_control", "soa", soa.id().to_owned());
    let mut needs = vec![Need::Object(soa.id().to_owned()), rows];
    if let Some(statement) = known.facts.get::<Statement>(soa.id()) {
        needs.extend(catalogue_ref::item_needs(&statement.catalogue, control));
    }
    needs
}

impl List {
    pub(super) fn decide(self, edit: Edit, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Self { soa, control, choice } = self;
        let Places { catalogue, in_catalogue, .. } = places(&soa, &control, context)?;
        let Some(place) = in_catalogue else {
            let catalogue = catalogue.as_str().to_owned();
            return Err(Refusal::NotInCatalogue { control: control.to_string(), catalogue });
        };
        let listed = Event::Listed(Listed { soa, catalogue, control, place, edit: edit.clone() });
        Ok(with_choice(listed, choice, edit))
    }
}

impl AddOwn {
    pub(super) fn decide(self, edit: Edit, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Self { soa, control, title, choice } = self;
        let Places { catalogue, in_catalogue, next_own } = places(&soa, &control, context)?;
        if in_catalogue.is_some() {
            let catalogue = catalogue.as_str().to_owned();
            return Err(Refusal::InCatalogue { control: control.to_string(), catalogue });
        }
        let (place, own) = (next_own, edit.clone());
        let added = CustomControlAdded { soa, catalogue, control, place, title, edit: own };
        Ok(with_choice(Event::CustomControlAdded(added), choice, edit))
    }
}

/// What a new row must know of the statement: what it is on.
#[derive(Deserialize)]
struct Statement {
    catalogue: Key,
}

impl Fact for Statement {
    const KIND: &'static str = Soa::KIND;
}

/// What a new row must know of the others: where they stand. A statement has many rows, and the
/// whole of them takes eight times as long to read.
#[derive(Deserialize)]
struct Row {
    soa: Ref<kinds::Soa>,
    control: Number,
    place: u32,
}

impl Fact for Row {
    const KIND: &'static str = SoaControl::KIND;
}

/// Where a control stands or would stand in a statement that does not have it yet.
struct Places {
    catalogue: Key,
    in_catalogue: Option<u32>,
    next_own: u32,
}

fn places(soa: &Ref<kinds::Soa>, control: &Number, context: &Context) -> Result<Places, Refusal> {
    let Some(statement) = context.facts.get::<Statement>(soa.id()) else {
        return Err(Refusal::UnknownSoa { soa: soa.id().to_owned() });
    };
    let rows = context.facts.all::<Row>();
    let rows: Vec<_> = rows.iter().filter(|(_, row)| row.soa == *soa).collect();
    if let Some((id, _)) = rows.iter().find(|(_, row)| row.control == *control) {
        return Err(Refusal::Duplicate { control: control.to_string(), row: id.clone() });
    }
    let catalogue = statement.catalogue;
    let is_own = catalogue_ref::needs(&catalogue).is_some();
    let floor = if is_own { PLACE_MAX } else { LAST_CATALOGUE_PLACE };
    let last = rows.iter().map(|(_, row)| row.place).max().unwrap_or_default();
    let in_catalogue = catalogue_ref::item(&catalogue, control, context);
    let in_catalogue = in_catalogue.and_then(|entry| entry.place);
    Ok(Places { catalogue, in_catalogue, next_own: last.max(floor) + 1 })
}

/// The decision that comes with a new row; a row begins undecided.
fn with_choice(made: Event, choice: Choice, edit: Edit) -> Vec<Event> {
    if choice == Choice::default() {
        return vec![made];
    }
    vec![made, Event::ApplicabilityDecided(ApplicabilityDecided { choice, note: None, edit })]
}
