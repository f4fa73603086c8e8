//! The handler's way through a concern: acknowledge, look into it, take it further or resolve it,
//! close.

use declare::record;
use kernel::values::{Anything, Prose, Ref};
use kernel::{Context, Instant, UserId, kinds};

use super::{Concern, ConcernStatus, Event, Refusal};

/// Most objects that are made of one concern.
const ESCALATIONS_MAX: usize = 20;

/// Input of `escalate`.
#[record]
pub struct Escalate {
    /// The incident or nonconformity that takes it further.
    pub to: Ref<Anything>,
    /// Why.
    pub reason: Prose,
}

/// Input of `resolve`.
#[record]
pub struct Resolve {
    /// What was found and done.
    pub outcome: Prose,
}

/// A step of the handler.
#[record]
pub struct Step {
    /// The handler.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Whether that was later than promised.
    pub late: bool,
}

/// It was taken further.
#[record]
pub struct Escalated {
    /// The incident or nonconformity.
    pub to: Ref<Anything>,
    /// Why.
    pub reason: Prose,
    /// The handler.
    pub by: UserId,
}

/// Its outcome is known.
#[record]
pub struct Resolved {
    /// What was found and done.
    pub outcome: Prose,
    /// The handler.
    pub by: UserId,
}

impl ConcernStatus {
    pub(super) fn text(self) -> &'static str {
        match self {
            ConcernStatus::Received => "received",
            ConcernStatus::Acknowledged => "acknowledged",
            ConcernStatus::UnderReview => "under review",
            ConcernStatus::Escalated => "escalated",
            ConcernStatus::Resolved => "resolved",
            ConcernStatus::Closed => "closed",
        }
    }
}

impl Concern {
    fn step(&self, context: &Context, due: Instant) -> Step {
        Step { by: context.user(), at: context.now, late: context.now > due }
    }

    pub(super) fn must_handle(&self, context: &Context) -> Result<(), Refusal> {
        let is_handler = self.reported.handler.as_ref() == Some(&context.user());
        if is_handler { Ok(()) } else { Err(Refusal::NotTheHandler) }
    }

    /// The handler has said that no interest of his is touched.
    pub(super) fn must_be_impartial(&self, context: &Context) -> Result<(), Refusal> {
        self.must_handle(context)?;
        if self.conflict_check.is_some() { Ok(()) } else { Err(Refusal::ConflictNotChecked) }
    }

    pub(super) fn must_be(
        &self,
        allowed: &[ConcernStatus],
        step: &'static str,
    ) -> Result<(), Refusal> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::WrongStatus { status: self.status.text(), step })
    }

    pub(super) fn acknowledged(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_handle(context)?;
        if self.acknowledged_at.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Acknowledged(self.step(context, self.reported.ack_due))])
    }

    pub(super) fn review_started(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_impartial(context)?;
        if self.status == ConcernStatus::UnderReview {
            return Ok(Vec::new());
        }
        self.must_be(&[ConcernStatus::Acknowledged], "put under review")?;
        Ok(vec![Event::ReviewStarted(self.step(context, self.reported.answer_due))])
    }

    pub(super) fn escalated(
        &self,
        input: Escalate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_impartial(context)?;
        if self.escalated_to.contains(&input.to) {
            return Ok(Vec::new());
        }
        self.must_be(&[ConcernStatus::UnderReview, ConcernStatus::Escalated], "escalated")?;
        let prefix = kernel::id::prefix_of(input.to.id());
        let row = kinds::kind_of_prefix(prefix);
        if !row.is_some_and(|row| matches!(row.name, "incident" | "nonconformity")) {
            let to = input.to.id().to_owned();
            return Err(Refusal::NotAnEscalation { to, at: "/to" });
        }
        if self.escalated_to.len() >= ESCALATIONS_MAX {
            return Err(Refusal::TooManyEscalations { most: ESCALATIONS_MAX });
        }
        let Escalate { to, reason } = input;
        Ok(vec![Event::Escalated(Escalated { to, reason, by: context.user() })])
    }

    pub(super) fn resolved(
        &self,
        input: Resolve,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_impartial(context)?;
        self.must_be(&[ConcernStatus::UnderReview, ConcernStatus::Escalated], "resolved")?;
        Ok(vec![Event::Resolved(Resolved { outcome: input.outcome, by: context.user() })])
    }

    pub(super) fn closed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_handle(context)?;
        if self.status == ConcernStatus::Closed {
            return Ok(Vec::new());
        }
        self.must_be_impartial(context)?;
        self.must_be(&[ConcernStatus::Escalated, ConcernStatus::Resolved], "closed")?;
        if self.reported.can_be_answered() && self.reply.is_none() {
            return Err(Refusal::NotAnswered);
        }
        Ok(vec![Event::Closed(self.step(context, self.reported.answer_due))])
    }
}
