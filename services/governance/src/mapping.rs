//! How one item of a catalogue corresponds to one of another: a link with its source, its version
//! and how sure it is, so that anybody can see why it exists (ISO/IEC 42001 6.1.3, 4.2). A link
//! never says that one end satisfies the other.
//!
//! ```text
//!          link             retire
//!   (none) ─────► Active ◄───────────► Retired
//!                 │    ▲    reinstate
//!                 └────┘ revise
//! ```
//!
//! Its ends and its source determine its id: no source says a thing twice.

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Key, Line, Number, Prose};
use kernel::{Context, Fact, Need, Role, UserId};
use reference::mapping::{Confidence, Relation};

use crate::catalogue_ref::{self, Found};

#[cfg(test)]
mod tests;

/// A link between two items.
#[record]
#[derive(Default)]
pub struct Mapping {
    /// The first end.
    pub from: End,
    /// The second end.
    pub to: End,
    /// Who says that it exists.
    #[field(search)]
    pub source: Line,
    /// What he says of it.
    #[field(flatten)]
    pub claim: Claim,
    /// Whether it counts.
    #[field(index)]
    pub status: MappingStatus,
    /// Who recorded what is said of it.
    pub recorded_by: UserId,
    /// Why it does not count any more.
    pub retirement: Option<Prose>,
}

impl Fact for Mapping {
    const KIND: &'static str = "mapping";
}

/// One end of a link.
#[record]
#[derive(Default)]
pub struct End {
    /// Id of the catalogue: `iso27001-2022`, or `cat_…` for one of your own.
    #[field(index)]
    pub catalogue: Key,
    /// Number of the item.
    #[field(search)]
    pub number: Number,
}

/// What a source says of a link: input of `revise`.
#[record]
#[derive(Default)]
pub struct Claim {
    /// What the first end is to the second.
    pub relation: Relation,
    /// Version of the source.
    #[field(correctable)]
    pub source_version: Line,
    /// How sure it is.
    pub confidence: Confidence,
    /// What else is to be known.
    #[field(correctable)]
    pub note: Option<Prose>,
}

/// Whether a link counts.
#[words]
#[derive(Default)]
pub enum MappingStatus {
    /// It does.
    #[default]
    Active,
    /// It does not any more.
    Retired,
}

/// Input of `link`.
#[record]
pub struct Link {
    /// The first end.
    pub from: End,
    /// The second end.
    pub to: End,
    /// Who says that it exists.
    pub source: Line,
    /// What he says of it.
    #[field(flatten)]
    pub claim: Claim,
}

/// Input of `retire` and `reinstate`, and what is recorded of them.
#[record]
pub struct Because {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Links two items.
    #[command(by(Am), emits(Linked), creates)]
    Link(Link),
    /// Says what the source says of the link now.
    #[command(by(Am), emits(Revised))]
    Revise(Claim),
    /// Says that the link does not count any more.
    #[command(by(Am), emits(Retired))]
    Retire(Because),
    /// Says that it counts again.
    #[command(by(Am), emits(Reinstated))]
    Reinstate(Because),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// Two items were linked.
#[record]
pub struct Linked {
    /// Who recorded it.
    pub by: UserId,
    /// The link.
    #[field(flatten)]
    pub link: Link,
}

/// A source says something else of a link.
#[record]
pub struct Revised {
    /// Who recorded it.
    pub by: UserId,
    /// What it says.
    #[field(flatten)]
    pub claim: Claim,
}

/// What can have happened.
#[events(kind = "mapping")]
pub enum Event {
    /// Two items were linked.
    Linked(Linked),
    /// The source says something else of the link.
    Revised(Revised),
    /// The link does not count any more.
    Retired(Because),
    /// It counts again.
    Reinstated(Because),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// There is no catalogue {catalogue}.
    UnknownCatalogue {
        /// What was named.
        catalogue: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The catalogue {catalogue} is {status}: only items of a published one are linked.
    #[refusal(conflict)]
    CatalogueNotPublished {
        /// The catalogue.
        catalogue: String,
        /// Where it stands.
        status: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The catalogue {catalogue} has no item {number}.
    UnknownNumber {
        /// The number.
        number: String,
        /// The catalogue.
        catalogue: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {number} is not linked to itself.
    LinkedToItself {
        /// The number.
        number: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The link does not count any more: reinstate it first.
    #[refusal(conflict)]
    LinkRetired,
}

kernel::aggregate!(Mapping, "mapping", Command, Event, Refusal);

impl Domain for Mapping {
    const ABOUT: About = About {
        kind: "mapping",
        doc: "How one item of a catalogue corresponds to one of another, and who says so.",
        clauses: &["4.2", "6.1.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn given_id(command: &Command) -> Option<String> {
        match command {
            Command::Link(input) => {
                let (from, to) = (input.from.named(), input.to.named());
                Some(facts::mapping_id(from, to, input.source.as_str()))
            }
            Command::Revise(_)
            | Command::Retire(_)
            | Command::Reinstate(_)
            | Command::Correct(_) => None,
        }
    }

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Link(input) => {
                [&input.from, &input.to].into_iter().flat_map(End::needs).collect()
            }
            Command::Revise(_)
            | Command::Retire(_)
            | Command::Reinstate(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let by = context.user();
        Ok(match command {
            Command::Link(link) => {
                link.check(context)?;
                vec![Event::Linked(Linked { by, link })]
            }
            Command::Revise(claim) => match self.status {
                MappingStatus::Retired => return Err(Refusal::LinkRetired),
                MappingStatus::Active if claim == self.claim => Vec::new(),
                MappingStatus::Active => vec![Event::Revised(Revised { by, claim })],
            },
            Command::Retire(input) => match self.status {
                MappingStatus::Active => vec![Event::Retired(input)],
                MappingStatus::Retired => Vec::new(),
            },
            Command::Reinstate(input) => match self.status {
                MappingStatus::Active => Vec::new(),
                MappingStatus::Retired => vec![Event::Reinstated(input)],
            },
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Linked(Linked { by, link }) => {
                (self.from, self.to, self.source) = (link.from, link.to, link.source);
                (self.claim, self.recorded_by) = (link.claim, by);
            }
            Event::Revised(e) => (self.claim, self.recorded_by) = (e.claim, e.by),
            Event::Retired(e) => {
                (self.status, self.retirement) = (MappingStatus::Retired, Some(e.reason));
            }
            Event::Reinstated(_) => {
                (self.status, self.retirement) = (MappingStatus::Active, None);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl End {
    fn named(&self) -> (&str, &str) {
        (self.catalogue.as_str(), self.number.as_str())
    }

    fn needs(&self) -> impl Iterator<Item = Need> + use<> {
        let catalogue = catalogue_ref::needs(&self.catalogue);
        catalogue.into_iter().chain(catalogue_ref::item_needs(&self.catalogue, &self.number))
    }

    /// Both the catalogue and the number exist, and neither can go away.
    fn check(
        &self,
        (at_catalogue, at_number): (&'static str, &'static str),
        context: &Context,
    ) -> Result<(), Refusal> {
        let catalogue = || self.catalogue.as_str().to_owned();
        match catalogue_ref::find(&self.catalogue, context) {
            None => {
                let catalogue = catalogue();
                return Err(Refusal::UnknownCatalogue { catalogue, at: at_catalogue });
            }
            Some(Found::Own(own)) if !own.is_published() => {
                let (catalogue, status) = (catalogue(), own.status);
                return Err(Refusal::CatalogueNotPublished { catalogue, status, at: at_catalogue });
            }
            Some(Found::Own(_) | Found::Packaged(_)) => {}
        }
        if catalogue_ref::item(&self.catalogue, &self.number, context).is_none() {
            let (number, catalogue) = (self.number.to_string(), catalogue());
            return Err(Refusal::UnknownNumber { number, catalogue, at: at_number });
        }
        Ok(())
    }
}

impl Link {
    fn check(&self, context: &Context) -> Result<(), Refusal> {
        self.from.check(("/from/catalogue", "/from/number"), context)?;
        self.to.check(("/to/catalogue", "/to/number"), context)?;
        if self.from == self.to {
            let number = self.to.number.to_string();
            return Err(Refusal::LinkedToItself { number, at: "/to/number" });
        }
        Ok(())
    }
}
