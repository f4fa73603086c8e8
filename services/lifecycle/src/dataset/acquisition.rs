//! How data were obtained (A.7.3).

use declare::{record, words};
use kernel::kinds::Supplier;
use kernel::values::{Line, Prose, Ref};
use kernel::{Context, Date};

use super::Refusal;

/// How data were obtained. Input of `record_acquisition`, and what was recorded of it; the whole
/// record each time.
#[record]
#[derive(Default)]
pub struct Acquisition {
    /// From what kind of source.
    pub source: AcquisitionSource,
    /// The supplier, where one is registered.
    pub supplier: Option<Ref<Supplier>>,
    /// The source by name, where it is no registered supplier.
    pub source_name: Option<Line>,
    /// On which legal ground they are held and used.
    pub legal_basis: Option<Line>,
    /// Under which terms or licence.
    pub terms: Option<Prose>,
    /// How they were selected.
    pub selected_how: Option<Prose>,
    /// When they were obtained.
    pub acquired_on: Option<Date>,
}

/// From what kind of source data were obtained.
#[words]
#[derive(Default)]
pub enum AcquisitionSource {
    /// From the organisation's own operations.
    #[default]
    Internal,
    /// Bought.
    Purchased,
    /// Published for everybody.
    Public,
    /// Collected from the web.
    Scraped,
    /// Generated.
    Synthetic,
    /// Given by users.
    User,
}

impl AcquisitionSource {
    /// The source in words.
    fn text(self) -> &'static str {
        match self {
            AcquisitionSource::Internal => "internal",
            AcquisitionSource::Purchased => "purchased",
            AcquisitionSource::Public => "public",
            AcquisitionSource::Scraped => "scraped",
            AcquisitionSource::Synthetic => "synthetic",
            AcquisitionSource::User => "user",
        }
    }
}

impl Acquisition {
    pub(super) fn check(&self, at: &'static str, context: &Context) -> Result<(), Refusal> {
        let future = self.acquired_on.is_some_and(|day| day > context.today());
        if future { Err(Refusal::AcquiredInFuture { at }) } else { Ok(()) }
    }

    /// What the record lacks before the data may be used; nothing for the organisation's own.
    pub(super) fn lacks(&self) -> Option<(&'static str, String)> {
        if self.source == AcquisitionSource::Internal {
            return None;
        }
        let missing: Vec<_> = [
            ("a supplier or sourceName", self.supplier.is_none() && self.source_name.is_none()),
            ("legalBasis", self.legal_basis.is_none()),
            ("terms", self.terms.is_none()),
            ("selectedHow", self.selected_how.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, missing)| missing.then_some(name))
        .collect();
        (!missing.is_empty()).then(|| (self.source.text(), missing.join(", ")))
    }
}
