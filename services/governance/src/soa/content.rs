//! What a statement is on, and what is hashed when it is submitted.

use declare::record;
use kernel::values::{Hash, Key, Line};
use kernel::{Context, UserId};

use super::Refusal;
use crate::catalogue_ref::{self, Found};

/// What a statement is on. Input of `start`.
#[record]
#[derive(Default)]
pub struct Content {
    /// Id of the catalogue of controls: `iso42001-2023` or another one that comes with the product,
    /// or `cat_…` for one of your own.
    pub catalogue: Key,
    /// Its title.
    #[field(search, correctable)]
    pub title: Line,
}

/// A version was begun.
#[record]
pub struct VersionDrafted {
    /// Its number.
    pub version: u32,
    /// Who began it.
    pub by: UserId,
    /// What it is a statement on.
    pub content: Content,
}

/// What is hashed at submission: the statement with its rows.
#[record]
pub(super) struct Submission {
    /// What it is a statement on.
    #[field(flatten)]
    content: Content,
    /// Hash of its rows.
    rows: Hash,
}

impl Content {
    /// Starts the statement on a catalogue that there is and that does not change any more.
    pub(super) fn start(self, context: &Context) -> Result<VersionDrafted, Refusal> {
        let (catalogue, at) = (self.catalogue.as_str().to_owned(), "/catalogue");
        match catalogue_ref::find(&self.catalogue, context) {
            None => Err(Refusal::UnknownCatalogue { catalogue, at }),
            Some(Found::Own(own)) if !own.is_published() => {
                Err(Refusal::CatalogueNotPublished { catalogue, status: own.status, at })
            }
            Some(Found::Own(_) | Found::Packaged(_)) => Ok(self.begin(1, context)),
        }
    }

    /// Begins a version.
    pub(super) fn begin(self, version: u32, context: &Context) -> VersionDrafted {
        VersionDrafted { version, by: context.user(), content: self }
    }

    /// The statement with its rows, as it is hashed.
    pub(super) fn with(&self, rows: &Hash) -> Submission {
        Submission { content: self.clone(), rows: rows.clone() }
    }
}
