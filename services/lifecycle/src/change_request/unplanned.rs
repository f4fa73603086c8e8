//! Changes that nobody requested: found, then judged (8.1: unintended changes).

use declare::{record, refusals, words};
use kernel::kinds::{self, AiSystem};
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Instant, UserId};

use super::content::{check_class, check_system};
use super::{ChangeClass, ChangeKind, ChangeRequest, Content, Event, Progress, Refusal};

/// Input of `detect_unplanned`.
#[record]
pub struct DetectUnplanned {
    /// What has changed, in a few words.
    pub title: Line,
    /// The system in which it was found.
    pub system: Ref<AiSystem>,
    /// What of it has changed.
    pub change_kind: ChangeKind,
    /// How far it reaches, where that is known; significant until it is reviewed.
    pub class: Option<ChangeClass>,
    /// What was found, and how.
    pub reason: Prose,
    /// The label of the system's version as it should be.
    pub from_version: Option<Key>,
    /// The label of the version that was found.
    pub to_version: Option<Key>,
    /// The request that was not approved in time.
    pub unapproved: Option<Ref<kinds::ChangeRequest>>,
}

/// A change was found that nobody requested.
#[record]
pub struct UnplannedChangeDetected {
    /// Who or what found it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// What was found.
    pub found: DetectUnplanned,
}

/// What becomes of an unplanned change.
#[words]
pub enum Conclusion {
    /// It stays.
    Kept,
    /// It was undone.
    Reverted,
    /// A request of its own follows.
    ChangeRequested,
}

/// Input of `review_unplanned`.
#[record]
pub struct ReviewUnplanned {
    /// What becomes of it.
    pub conclusion: Conclusion,
    /// How far it reaches.
    pub class: ChangeClass,
    /// How that was found, and what follows.
    pub note: Prose,
    /// The request that follows.
    pub follow_up: Option<Ref<kinds::ChangeRequest>>,
}

/// An unplanned change was judged.
#[record]
pub struct Review {
    /// Who judged.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// What becomes of it.
    pub conclusion: Conclusion,
    /// How far it reaches.
    pub class: ChangeClass,
    /// How that was found, and what follows.
    pub note: Prose,
    /// The request that follows.
    pub follow_up: Option<Ref<kinds::ChangeRequest>>,
}

/// Why a review is refused.
#[refusals]
pub enum UnplannedRefusal {
    /// The change was requested: it is approved, not reviewed.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    WasPlanned,
    /// The change is reviewed already.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    ReviewedAlready,
    /// Whoever found the change does not judge it.
    #[refusal(rule = "segregation of duties: finder is not reviewer")]
    ReviewerIsFinder,
    /// Name the request that follows: another one, of the same system.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    NoFollowUp {
        /// Where in the input.
        at: &'static str,
    },
}

impl UnplannedChangeDetected {
    /// What was found, as the content of a change.
    pub(super) fn content(&self) -> Content {
        let found = self.found.clone();
        Content {
            title: found.title,
            system: found.system,
            change_kind: found.change_kind,
            class: found.class.unwrap_or_default(),
            reason: found.reason,
            from_version: found.from_version,
            to_version: found.to_version,
            ..Content::default()
        }
    }
}

impl ChangeRequest {
    pub(super) fn detected(
        found: DetectUnplanned,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        check_class(found.change_kind, found.class.unwrap_or_default())?;
        check_system(&found.system, found.from_version.as_ref(), context)?;
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        let detected = UnplannedChangeDetected { by, at, found };
        Ok(vec![Event::UnplannedChangeDetected(detected)])
    }

    pub(super) fn reviewed(
        &self,
        input: ReviewUnplanned,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let Some(detection) = self.detection.as_ref() else {
            return Err(UnplannedRefusal::WasPlanned.into());
        };
        if self.progress == Some(Progress::Reviewed) {
            return Err(UnplannedRefusal::ReviewedAlready.into());
        }
        let by = context.user();
        if detection.by == by {
            return Err(UnplannedRefusal::ReviewerIsFinder.into());
        }
        check_class(self.content.change_kind, input.class)?;
        match input.conclusion {
            Conclusion::Kept => self.check_substantial(input.class, context)?,
            Conclusion::Reverted => {}
            Conclusion::ChangeRequested => self.check_follow_up(&input, context)?,
        }
        let ReviewUnplanned { conclusion, class, note, follow_up } = input;
        let at = context.effective.unwrap_or(context.now);
        let review = Review { by, at, conclusion, class, note, follow_up };
        Ok(vec![Event::UnplannedChangeReviewed(review)])
    }

    fn check_follow_up(
        &self,
        input: &ReviewUnplanned,
        context: &Context,
    ) -> Result<(), UnplannedRefusal> {
        let id = input.follow_up.as_ref().map(Ref::id).filter(|id| *id != context.id);
        let found = id.and_then(|id| context.facts.get::<facts::ChangeRequest>(id));
        let fits = found.is_some_and(|found| found.system == self.content.system.id());
        if fits { Ok(()) } else { Err(UnplannedRefusal::NoFollowUp { at: "/followUp" }) }
    }
}
