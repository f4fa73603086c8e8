//! The review of a document in force: it falls due before its date, is overdue after it, and is
//! done by looking at the document or by approving its next version.

use declare::{record, words};
use kernel::values::Prose;
use kernel::{Context, Date, Need, UserId};

use super::{Document, Event, Refusal};
use crate::organisation::{Organisation, REVIEW_NOTICE_DAYS};

/// Most months from today to the next review.
pub const REVIEW_MONTHS_MAX: i64 = 24;

/// Where the review of the version in force stands.
#[words]
#[derive(Default)]
pub enum ReviewStatus {
    /// Not due.
    #[default]
    NotDue,
    /// Due soon: the notice before the date has begun.
    DueSoon,
    /// Due.
    Due,
    /// Its date has passed.
    Overdue,
    /// Done; the next date is set.
    Reviewed,
}

/// How a review ended.
#[words]
pub enum ReviewOutcome {
    /// The document stays as it is.
    Keep,
    /// The document is changed by a new version.
    Change,
}

/// The last review of a document.
#[record]
pub struct Review {
    /// When it was due.
    pub due: Date,
    /// When it was done.
    pub done: Date,
    /// How many days late it was done; 0 when in time.
    pub days_late: u32,
    /// How it ended.
    pub outcome: ReviewOutcome,
    /// Who did it.
    pub by: UserId,
    /// What was found.
    pub finding: Option<Prose>,
}

/// Input of `record_review`.
#[record]
pub struct RecordReview {
    /// How it ended.
    pub outcome: ReviewOutcome,
    /// When the next review is due, or by when a changed version must be approved.
    pub next_review_due: Date,
    /// What was found.
    pub finding: Option<Prose>,
}

/// A document was reviewed.
#[record]
pub struct Reviewed {
    /// The review.
    pub review: Review,
    /// When the next one is due.
    pub next_review_due: Date,
}

/// A review falls or fell due, or is overdue.
#[record]
pub struct ReviewDate {
    /// When it is due.
    pub due: Date,
    /// How many days before (positive) or after (negative) that date this was noticed.
    pub days_left: i64,
}

/// What must be known to say whether a review falls due.
pub(super) fn needs() -> Vec<Need> {
    vec![Need::All(<Organisation as kernel::Fact>::KIND)]
}

impl Document {
    /// A review on this day of the version in force, which was due on that day.
    pub(super) fn review(
        due: Date,
        outcome: ReviewOutcome,
        finding: Option<Prose>,
        context: &Context,
    ) -> Review {
        let done = context.effective.unwrap_or(context.now).date();
        let days_late = u32::try_from(due.days_until(done)).unwrap_or(0);
        Review { due, done, days_late, outcome, by: context.user(), finding }
    }

    pub(super) fn reviewed(
        &self,
        input: RecordReview,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let due = self.review_due()?;
        check_date(input.next_review_due, "/nextReviewDue", context)?;
        let review = Self::review(due, input.outcome, input.finding, context);
        let next_review_due = input.next_review_due;
        Ok(vec![Event::Reviewed(Reviewed { review, next_review_due })])
    }

    /// Falls due: once when the notice begins and once on the date.
    pub(super) fn fallen_due(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let due = self.review_due()?;
        let days_left = context.today().days_until(due);
        let organisations = context.facts.all::<Organisation>();
        let notice = organisations.first().map(|(_, o)| o.settings.review_notice_days);
        if days_left > i64::from(notice.unwrap_or(REVIEW_NOTICE_DAYS)) {
            return Err(Refusal::ReviewNotDue { due });
        }
        let noticed = match self.review_status {
            ReviewStatus::NotDue | ReviewStatus::Reviewed => false,
            ReviewStatus::DueSoon => days_left > 0,
            ReviewStatus::Due | ReviewStatus::Overdue => true,
        };
        if noticed {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ReviewFellDue(ReviewDate { due, days_left })])
    }

    pub(super) fn fallen_overdue(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let due = self.review_due()?;
        let days_left = context.today().days_until(due);
        if days_left >= 0 {
            return Err(Refusal::ReviewNotDue { due });
        }
        if self.review_status == ReviewStatus::Overdue {
            return Ok(Vec::new());
        }
        Ok(vec![Event::ReviewOverdue(ReviewDate { due, days_left })])
    }

    fn review_due(&self) -> Result<Date, Refusal> {
        let in_force = self.in_force.as_ref().ok_or(Refusal::NotApproved)?;
        Ok(in_force.next_review_due)
    }
}

/// The next review lies ahead, and at most 24 months.
pub(super) fn check_date(due: Date, at: &'static str, context: &Context) -> Result<(), Refusal> {
    if due <= context.today() {
        return Err(Refusal::ReviewNotAhead { at });
    }
    if due > context.today().plus_months(REVIEW_MONTHS_MAX) {
        return Err(Refusal::ReviewTooFarAhead { at });
    }
    Ok(())
}
