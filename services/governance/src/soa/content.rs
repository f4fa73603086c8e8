//! What a statement is on, and what is hashed when it is submitted.

use declare::record;
use kernel::values::{Hash, Key, Line};
use kernel::{Context, UserId};

use super::Refusal;
use reference::catalogue::catalogue;

/// What a statement is on. Input of `start`.
#[record]
#[derive(Default)]
pub struct Content {
    /// Id of the catalogue of controls, `iso42001-2023`.
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
    /// Begins a version.
    pub(super) fn begin(self, version: u32, context: &Context) -> Result<VersionDrafted, Refusal> {
        if catalogue(self.catalogue.as_str()).is_none() {
            let catalogue = self.catalogue.as_str().to_owned();
            return Err(Refusal::UnknownCatalogue { catalogue, at: "/catalogue" });
        }
        Ok(VersionDrafted { version, by: context.user(), content: self })
    }

    /// The statement with its rows, as it is hashed.
    pub(super) fn with(&self, rows: &Hash) -> Submission {
        Submission { content: self.clone(), rows: rows.clone() }
    }
}
