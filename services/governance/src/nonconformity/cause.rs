//! What was done at once, why it happened, and where else it happens.

use declare::{record, words};
use kernel::Context;
use kernel::values::{Anything, Prose, Ref};

use super::{Event, Nonconformity, NonconformityStatus as Status, Refusal};
use crate::stamp::Stamp;

/// Input of `record_containment`.
#[record]
pub struct Contain {
    /// What was done at once, and about the consequences.
    pub text: Prose,
}

/// What was done at once.
#[record]
pub struct Contained {
    /// What it was.
    pub text: Prose,
    /// Who recorded it, and when.
    pub recorded: Stamp,
}

/// How a cause is found.
#[words]
pub enum Method {
    /// Asking why until nothing lies behind.
    FiveWhys,
    /// A diagram of causes by group.
    Fishbone,
    /// A tree of faults.
    FaultTree,
    /// What had changed before.
    ChangeAnalysis,
    /// Another way, told in the text.
    Other,
}

/// Input of `record_cause`.
#[record]
pub struct FindCause {
    /// How the cause was found.
    pub method: Method,
    /// Why it happened.
    pub text: Prose,
}

/// Why it happened.
#[record]
pub struct RootCause {
    /// How the cause was found.
    pub method: Method,
    /// Why it happened.
    pub text: Prose,
    /// Who recorded it, and when.
    pub recorded: Stamp,
}

/// Input of `check_similar_cases`.
#[record]
pub struct SimilarCases {
    /// Where somebody looked, and what it brought to light.
    pub text: Prose,
    /// Objects in which it happens or could happen too.
    #[field(max = 40)]
    pub found: Vec<Ref<Anything>>,
}

/// What looking for similar cases brought to light.
#[record]
pub struct SimilarCheck {
    /// Where somebody looked, and what it brought to light.
    pub text: Prose,
    /// Objects in which it happens or could happen too.
    pub found: Vec<Ref<Anything>>,
    /// Who looked, and when.
    pub checked: Stamp,
}

impl Nonconformity {
    pub(super) fn contained(
        &self,
        input: Contain,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be(&[Status::Raised, Status::Contained], "contained")?;
        let (text, recorded) = (input.text, Stamp::of(context));
        Ok(vec![Event::ContainmentRecorded(Contained { text, recorded })])
    }

    /// The cause is written again only until actions are planned on it, or after they failed.
    pub(super) fn cause_found(
        &self,
        input: FindCause,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be(&[Status::Contained, Status::CauseFound], "analysed")?;
        let (FindCause { method, text }, recorded) = (input, Stamp::of(context));
        Ok(vec![Event::RootCauseRecorded(RootCause { method, text, recorded })])
    }

    pub(super) fn similar_checked(
        &self,
        input: SimilarCases,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if !self.is_open() {
            return Err(self.wrong_status("compared with similar cases"));
        }
        let (SimilarCases { text, found }, checked) = (input, Stamp::of(context));
        Ok(vec![Event::SimilarCasesChecked(SimilarCheck { text, found, checked })])
    }
}
