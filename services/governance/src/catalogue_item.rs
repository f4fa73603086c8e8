//! One item of a catalogue that the tenant has loaded: a heading, a clause, a control, an outcome,
//! an obligation (ISO/IEC 42001 6.1.3, 4.2).
//!
//! ```text
//!          add              remove
//!   (none) ────► Listed ◄───────────► Removed     while the catalogue is a draft
//!                │    ▲     restore
//!                └────┘ revise
//! ```
//!
//! Catalogue and number determine its id: a number stands once in a catalogue.

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Line, Number, Prose, Ref};
use kernel::{Context, Fact, Need, Role};
use reference::catalogue::ItemKind;

#[cfg(test)]
mod tests;

/// Most items of a catalogue: a statement on them is decided in one go.
pub const PLACE_MAX: u32 = 2_000;

/// One item of a catalogue.
#[record]
#[derive(Default)]
pub struct CatalogueItem {
    /// The catalogue.
    #[field(index)]
    pub catalogue: Ref<kinds::OwnCatalogue>,
    /// Its number.
    #[field(index, search)]
    pub number: Number,
    /// Its place in the order of the catalogue, from 1.
    #[field(index)]
    pub place: u32,
    /// Catalogue and place in one: no two items have the same.
    #[field(index)]
    pub place_key: Line,
    /// What it says.
    #[field(flatten)]
    pub wording: Wording,
    /// Whether it belongs to the catalogue.
    pub status: ItemStatus,
}

impl Fact for CatalogueItem {
    const KIND: &'static str = "catalogue_item";
}

/// What an item says: input of `revise`.
#[record]
#[derive(Default)]
pub struct Wording {
    /// Its title.
    #[field(search)]
    pub title: Line,
    /// What it asks for.
    pub text: Option<Prose>,
    /// How it can be met and shown: suggested actions, what to document, how it is audited.
    pub guidance: Option<Prose>,
    /// What it is.
    pub item_kind: ItemKind,
    /// Number of the item that it belongs to, which stands before it.
    pub parent: Option<Number>,
}

/// Whether an item belongs to its catalogue.
#[words]
#[derive(Default)]
pub enum ItemStatus {
    /// It does.
    #[default]
    Listed,
    /// It was taken out before the catalogue was published.
    Removed,
}

/// Input of `add`, and what was added.
#[record]
pub struct Add {
    /// A draft.
    pub catalogue: Ref<kinds::OwnCatalogue>,
    /// Its number.
    pub number: Number,
    /// Its place in the order of the catalogue, from 1.
    pub place: u32,
    /// What it says.
    #[field(flatten)]
    pub wording: Wording,
}

/// Input of `remove` and `restore`, and what is recorded of them.
#[record]
pub struct Because {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Adds an item to a draft.
    #[command(by(Am), emits(Added), creates)]
    Add(Add),
    /// Says anew what it says.
    #[command(by(Am), emits(Revised))]
    Revise(Wording),
    /// Takes it out of the draft.
    #[command(by(Am), emits(Removed))]
    Remove(Because),
    /// Puts it back.
    #[command(by(Am), emits(Restored))]
    Restore(Because),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// It was said anew what an item says.
#[record]
pub struct Revised {
    /// What it says.
    pub wording: Wording,
}

/// What can have happened.
#[events(kind = "catalogue_item")]
pub enum Event {
    /// It was added.
    Added(Add),
    /// It was said anew what it says.
    Revised(Revised),
    /// It was taken out.
    Removed(Because),
    /// It was put back.
    Restored(Because),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// {catalogue} is no draft: the items of a published edition never change.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    CatalogueNotADraft {
        /// The catalogue.
        catalogue: String,
    },
    /// A place lies in 1 to {last}.
    PlaceOutOfRange {
        /// The last one.
        last: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// {number} stands at the place {place}.
    #[refusal(conflict)]
    PlaceTaken {
        /// Number of the item that has it.
        number: String,
        /// The place.
        place: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// {parent} is no item of the catalogue.
    UnknownParent {
        /// What was named.
        parent: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {parent} does not stand before the item: what belongs to another follows it.
    ParentNotBefore {
        /// What was named.
        parent: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The item was removed: put it back first.
    #[refusal(conflict)]
    ItemRemoved,
}

kernel::aggregate!(CatalogueItem, "catalogue_item", Command, Event, Refusal);

impl Domain for CatalogueItem {
    const ABOUT: About = About {
        kind: "catalogue_item",
        doc: "One item of a catalogue that the organisation has loaded.",
        clauses: &["4.2", "6.1.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn given_id(command: &Command) -> Option<String> {
        match command {
            Command::Add(input) => {
                let (catalogue, number) = (input.catalogue.id(), input.number.as_str());
                Some(facts::CatalogueItem::id_of(catalogue, number))
            }
            Command::Revise(_) | Command::Remove(_) | Command::Restore(_) | Command::Correct(_) => {
                None
            }
        }
    }

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let object = |id: &str| Need::Object(id.to_owned());
        let parent = |catalogue: &Ref<kinds::OwnCatalogue>, wording: &Wording| {
            let parent = wording.parent.as_ref();
            parent.map(|n| object(&facts::CatalogueItem::id_of(catalogue.id(), n.as_str())))
        };
        match command {
            Command::Add(input) => {
                let key = place_key(&input.catalogue, input.place).to_string();
                let place = Need::Where("catalogue_item", "placeKey", key);
                let parent = parent(&input.catalogue, &input.wording);
                [object(input.catalogue.id()), place].into_iter().chain(parent).collect()
            }
            Command::Revise(wording) => {
                let parent = parent(&self.catalogue, wording);
                [object(self.catalogue.id())].into_iter().chain(parent).collect()
            }
            Command::Remove(_) | Command::Restore(_) => vec![object(self.catalogue.id())],
            Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Add(input) => vec![Event::Added(input.check(context)?)],
            Command::Revise(wording) => {
                must_be_draft(&self.catalogue, context)?;
                if self.status == ItemStatus::Removed {
                    return Err(Refusal::ItemRemoved);
                }
                if wording == self.wording {
                    return Ok(Vec::new());
                }
                wording.check(&self.catalogue, self.place, context)?;
                vec![Event::Revised(Revised { wording })]
            }
            Command::Remove(input) => {
                must_be_draft(&self.catalogue, context)?;
                match self.status {
                    ItemStatus::Listed => vec![Event::Removed(input)],
                    ItemStatus::Removed => Vec::new(),
                }
            }
            Command::Restore(input) => {
                must_be_draft(&self.catalogue, context)?;
                match self.status {
                    ItemStatus::Listed => Vec::new(),
                    ItemStatus::Removed => vec![Event::Restored(input)],
                }
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Added(e) => {
                self.place_key = place_key(&e.catalogue, e.place);
                (self.catalogue, self.number, self.place) = (e.catalogue, e.number, e.place);
                self.wording = e.wording;
            }
            Event::Revised(e) => self.wording = e.wording,
            Event::Removed(_) => self.status = ItemStatus::Removed,
            Event::Restored(_) => self.status = ItemStatus::Listed,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

/// Catalogue and place in one.
fn place_key(catalogue: &Ref<kinds::OwnCatalogue>, place: u32) -> Line {
    Line::new(format!("{}:{place}", catalogue.id()))
}

fn must_be_draft(catalogue: &Ref<kinds::OwnCatalogue>, context: &Context) -> Result<(), Refusal> {
    let found = context.facts.get::<facts::Catalogue>(catalogue.id());
    if found.is_some_and(|found| found.status == "draft") {
        return Ok(());
    }
    Err(Refusal::CatalogueNotADraft { catalogue: catalogue.id().to_owned() })
}

impl Add {
    fn check(self, context: &Context) -> Result<Self, Refusal> {
        must_be_draft(&self.catalogue, context)?;
        if !(1..=PLACE_MAX).contains(&self.place) {
            return Err(Refusal::PlaceOutOfRange { last: PLACE_MAX, at: "/place" });
        }
        let items = context.facts.all::<facts::CatalogueItem>().into_iter().map(|(_, item)| item);
        let mut there = items.filter(|item| item.catalogue == self.catalogue.id());
        if let Some(other) = there.find(|item| item.place == self.place) {
            let (number, place) = (other.number, self.place);
            return Err(Refusal::PlaceTaken { number, place, at: "/place" });
        }
        self.wording.check(&self.catalogue, self.place, context)?;
        Ok(self)
    }
}

impl Wording {
    /// What an item belongs to is in the catalogue, before it; so nothing belongs to itself.
    fn check(
        &self,
        catalogue: &Ref<kinds::OwnCatalogue>,
        place: u32,
        context: &Context,
    ) -> Result<(), Refusal> {
        let Some(parent) = &self.parent else { return Ok(()) };
        let id = facts::CatalogueItem::id_of(catalogue.id(), parent.as_str());
        let found = context.facts.get::<facts::CatalogueItem>(&id);
        let parent = parent.to_string();
        match found.filter(facts::CatalogueItem::is_listed) {
            None => Err(Refusal::UnknownParent { parent, at: "/parent" }),
            Some(found) if found.place >= place => {
                Err(Refusal::ParentNotBefore { parent, at: "/parent" })
            }
            Some(_) => Ok(()),
        }
    }
}
