//! A catalogue of requirements or controls that the tenant has loaded: another standard, a law, a
//! framework, or controls of its own (ISO/IEC 42001 6.1.3, 4.2). Its items are objects of their own
//! (`catalogue_item.rs`).
//!
//! ```text
//!          draft            publish               supersede
//!   (none) ──────► Draft ───────────► Published ─────────────► Superseded
//!                  │   ▲ revise           │                        │
//!                  └───┴── withdraw ──────┴────────────────────────┴──► Withdrawn
//! ```
//!
//! A published edition never changes: what was decided on it can be read on it for ever. A new
//! content is a new catalogue, which supersedes the old one.

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain, Relation};
use kernel::kinds;
use kernel::values::{Hash, Key, Line, Prose, Ref};
use kernel::{Context, Fact, Instant, Need, Position, Role, UserId};

mod publishing;
#[cfg(test)]
mod tests;

/// A catalogue of the tenant's own.
#[record]
#[derive(Default)]
pub struct Catalogue {
    /// What it is.
    #[field(flatten)]
    pub edition: Edition,
    /// Where it stands.
    #[field(index)]
    pub status: CatalogueStatus,
    /// Who loaded it.
    pub drafted_by: UserId,
    /// What was published, once it was.
    pub listing: Option<Listing>,
    /// The catalogue that takes its place.
    pub superseded_by: Option<Ref<kinds::OwnCatalogue>>,
    /// Why it is not used any more.
    pub withdrawal: Option<Prose>,
}

impl Fact for Catalogue {
    const KIND: &'static str = "catalogue";
}

/// What a catalogue is: input of `draft` and `revise`.
#[record]
#[derive(Default)]
pub struct Edition {
    /// Its title.
    #[field(index, search)]
    pub title: Line,
    /// Its edition: a year, a version.
    #[field(max = 60)]
    pub edition: Line,
    /// Who publishes it.
    #[field(search, correctable)]
    pub publisher: Option<Line>,
    /// Where it was taken from.
    #[field(correctable)]
    pub source: Line,
    /// Under which terms it may be used.
    #[field(correctable)]
    pub licence: Line,
    /// Its language (BCP 47): `en`, `fr-ca`.
    pub language: Key,
}

/// Where a catalogue stands.
#[words]
#[derive(Default)]
pub enum CatalogueStatus {
    /// Its items can still change.
    #[default]
    Draft,
    /// It can be used and never changes.
    Published,
    /// Another edition took its place; what rests on it still does.
    Superseded,
    /// It is not used any more.
    Withdrawn,
}

/// What was published.
#[record]
pub struct Listing {
    /// Who published it.
    pub by: UserId,
    /// When.
    #[field(index)]
    pub at: Instant,
    /// The position in the tenant's log at which its items were read.
    pub position: Position,
    /// How many items it has.
    pub items: u32,
    /// On how many of them a Statement of Applicability decides.
    pub decided: u32,
    /// SHA-256 over the canonical JSON (RFC 8785) of the items in their order.
    pub hash: Hash,
}

/// Input of `supersede`, and what is recorded of it.
#[record]
pub struct Supersede {
    /// The published catalogue that takes its place.
    pub by: Ref<kinds::OwnCatalogue>,
}

/// Input of `withdraw`, and what is recorded of it.
#[record]
pub struct Withdraw {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Begins a catalogue.
    #[command(by(Am), emits(Drafted), creates)]
    Draft(Edition),
    /// Says anew what a draft is.
    #[command(by(Am), emits(Revised))]
    Revise(Edition),
    /// Publishes it with its items as they stand.
    #[command(by(Am), emits(Published))]
    Publish,
    /// Says which published catalogue takes its place.
    #[command(by(Am), emits(Superseded))]
    Supersede(Supersede),
    /// Takes it out of use.
    #[command(by(Am), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// A catalogue was begun.
#[record]
pub struct Drafted {
    /// Who loaded it.
    pub by: UserId,
    /// What it is.
    pub edition: Edition,
}

/// It was said anew what a draft is.
#[record]
pub struct Revised {
    /// What it is.
    pub edition: Edition,
}

/// A catalogue was published.
#[record]
pub struct Published {
    /// What was published.
    pub listing: Listing,
}

/// What can have happened.
#[events(kind = "catalogue")]
pub enum Event {
    /// It was begun.
    Drafted(Drafted),
    /// It was said anew what it is.
    Revised(Revised),
    /// It was published: it never changes any more.
    Published(Published),
    /// Another edition took its place.
    Superseded(Supersede),
    /// It was taken out of use.
    Withdrawn(Withdraw),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// {language} names no language: write en, fr or pt-br.
    NotALanguage {
        /// What was named.
        language: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {id} is {title}, {edition} already.
    #[refusal(conflict)]
    EditionExists {
        /// The catalogue that it is.
        id: String,
        /// The title.
        title: String,
        /// The edition.
        edition: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The catalogue is {status}: a published edition never changes.
    #[refusal(conflict, rule = "ISO/IEC 42001 7.5.3")]
    NotADraft {
        /// Where it stands.
        status: &'static str,
    },
    /// A catalogue without items says nothing.
    #[refusal(conflict)]
    NoItems,
    /// The item {number} belongs to {parent}, which is no item of the catalogue.
    #[refusal(conflict)]
    ParentMissing {
        /// Number of the item.
        number: String,
        /// Number of what it belongs to.
        parent: String,
    },
    /// The catalogue is {status}: only a published one is superseded.
    #[refusal(conflict)]
    NotPublished {
        /// Where it stands.
        status: &'static str,
    },
    /// {by} is no other published catalogue.
    SuccessorNotPublished {
        /// What was named.
        by: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The Statement of Applicability {soa} in force rests on the catalogue.
    #[refusal(conflict, rule = "ISO/IEC 42001 6.1.3")]
    StatementInForce {
        /// The statement.
        soa: String,
    },
}

kernel::aggregate!(Catalogue, "catalogue", Command, Event, Refusal);

impl Domain for Catalogue {
    const ABOUT: About = About {
        kind: "catalogue",
        doc: "A catalogue of requirements or controls that the organisation has loaded.",
        clauses: &["4.2", "6.1.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[Relation {
            name: "items",
            doc: "Its items.",
            kind: "catalogue_item",
            by: "catalogue",
            pinned: None,
        }],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        let titled = |e: &Edition| vec![Need::Where("catalogue", "title", e.title.to_string())];
        match command {
            Command::Draft(edition) | Command::Revise(edition) => titled(edition),
            Command::Publish => {
                vec![Need::Where("catalogue_item", "catalogue", known.id.clone())]
            }
            Command::Supersede(input) => vec![Need::Object(input.by.id().to_owned())],
            Command::Withdraw(_) => vec![Need::All("soa")],
            Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Draft(edition) => {
                edition.check(context)?;
                vec![Event::Drafted(Drafted { by: context.user(), edition })]
            }
            Command::Revise(edition) => {
                self.must_be_draft()?;
                if edition == self.edition {
                    return Ok(Vec::new());
                }
                edition.check(context)?;
                vec![Event::Revised(Revised { edition })]
            }
            Command::Publish => self.published(context)?,
            Command::Supersede(input) => self.superseded(input, context)?,
            Command::Withdraw(input) => self.withdrawn(input, context)?,
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Drafted(e) => (self.edition, self.drafted_by) = (e.edition, e.by),
            Event::Revised(e) => self.edition = e.edition,
            Event::Published(e) => {
                self.status = CatalogueStatus::Published;
                self.listing = Some(e.listing);
            }
            Event::Superseded(e) => {
                self.status = CatalogueStatus::Superseded;
                self.superseded_by = Some(e.by);
            }
            Event::Withdrawn(e) => {
                self.status = CatalogueStatus::Withdrawn;
                self.withdrawal = Some(e.reason);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl CatalogueStatus {
    fn word(self) -> &'static str {
        match self {
            CatalogueStatus::Draft => "draft",
            CatalogueStatus::Published => "published",
            CatalogueStatus::Superseded => "superseded",
            CatalogueStatus::Withdrawn => "withdrawn",
        }
    }
}

impl Edition {
    /// Refuses what is no language, and an edition that there is already.
    fn check(&self, context: &Context) -> Result<(), Refusal> {
        let mut parts = self.language.as_str().split('-');
        let letters = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase());
        let is_first = |part: &str| matches!(part.len(), 2 | 3) && letters(part);
        let is_more = |part: &str| {
            (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        if !(parts.next().is_some_and(is_first) && parts.all(is_more)) {
            let language = self.language.as_str().to_owned();
            return Err(Refusal::NotALanguage { language, at: "/language" });
        }
        let others = context.facts.all::<facts::Catalogue>().into_iter();
        let mut others = others.filter(|(id, c)| *id != context.id && c.status != "withdrawn");
        let (title, edition) = (self.title.as_str(), self.edition.as_str());
        match others.find(|(_, c)| c.title == title && c.edition == edition) {
            Some((id, facts::Catalogue { title, edition, .. })) => {
                Err(Refusal::EditionExists { id, title, edition, at: "/edition" })
            }
            None => Ok(()),
        }
    }
}
