//! Who looks into a concern: somebody whom it does not name and who has no interest in it.

use declare::record;
use kernel::values::Prose;
use kernel::{Context, Instant, UserId};

use super::{Concern, ConcernStatus, Event, Refusal, handler};

/// Most members whom a concern names.
const NAMED_MAX: usize = 100;

/// Input of `assign_handler`.
#[record]
pub struct AssignHandler {
    /// Who looks into it from now on.
    pub handler: UserId,
}

/// A handler was assigned.
#[record]
pub struct HandlerAssigned {
    /// Who looks into it from now on.
    pub handler: UserId,
    /// Who handled it before.
    pub from: Option<UserId>,
    /// Who assigned him.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `record_conflict_check`.
#[record]
pub struct ConflictCheck {
    /// Whether the concern touches an interest of the handler.
    pub conflict: bool,
    /// How that was found.
    pub note: Option<Prose>,
    /// Members whom the concern names beside those whom the reporter marked.
    #[field(max = 20)]
    pub named: Vec<UserId>,
}

/// The handler said whether he has a conflict of interest.
#[record]
pub struct ConflictChecked {
    /// Whether he has.
    pub conflict: bool,
    /// How that was found.
    pub note: Option<Prose>,
    /// Members whom the concern names beside those who were known.
    pub named: Vec<UserId>,
    /// The handler.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl Concern {
    pub(super) fn given_to(&mut self, handler: UserId) {
        self.reported.handler = Some(handler);
        self.reported.conflict = false;
        self.conflict_check = None;
    }

    pub(super) fn checked(&mut self, event: ConflictChecked) {
        let known = &mut self.reported.about;
        known.extend(event.named.iter().cloned());
        known.sort_unstable();
        known.dedup();
        if event.conflict {
            self.conflicted.push(event.by);
            self.reported.handler = None;
            self.reported.conflict = true;
            self.conflict_check = None;
        } else {
            self.conflict_check = Some(event);
        }
    }

    pub(super) fn handler_assigned(
        &self,
        input: AssignHandler,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let (handler, by) = (input.handler, context.user());
        if self.reported.about.contains(&by) {
            return Err(Refusal::AssignerIsNamed);
        }
        let from = self.reported.handler.clone();
        if from.as_ref() == Some(&handler) {
            return Ok(Vec::new());
        }
        if self.status == ConcernStatus::Closed {
            let status = self.status.text();
            return Err(Refusal::WrongStatus { status, step: "assigned" });
        }
        self.may_be_given_to(&handler, context)?;
        if from.is_some() && handler == by {
            return Err(Refusal::TakenFromHandler { at: "/handler" });
        }
        let at = context.now;
        Ok(vec![Event::HandlerAssigned(HandlerAssigned { handler, from, by, at })])
    }

    fn may_be_given_to(&self, handler: &UserId, context: &Context) -> Result<(), Refusal> {
        let (user, at) = (handler.to_string(), "/handler");
        if self.reported.about.contains(handler) {
            return Err(Refusal::HandlerIsNamed { user, at });
        }
        if self.reported.reporter.as_ref() == Some(handler) {
            return Err(Refusal::HandlerIsReporter { user, at });
        }
        if self.conflicted.contains(handler) {
            return Err(Refusal::HandlerHasConflict { user, at });
        }
        if !handler::may_handle(handler, context) {
            return Err(Refusal::HandlerCannotAct { user, at });
        }
        Ok(())
    }

    pub(super) fn conflict_checked(
        &self,
        input: ConflictCheck,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_handle(context)?;
        if self.status == ConcernStatus::Closed {
            let status = self.status.text();
            return Err(Refusal::WrongStatus { status, step: "checked for conflicts" });
        }
        let by = context.user();
        let mut named = input.named;
        named.sort_unstable();
        named.dedup();
        named.retain(|user| !self.reported.about.contains(user));
        if self.reported.about.len() + named.len() > NAMED_MAX {
            return Err(Refusal::TooManyNamed { most: NAMED_MAX, at: "/named" });
        }
        // Whoever finds himself named has a conflict, whatever he says.
        let conflict = input.conflict || named.contains(&by);
        if !conflict && named.is_empty() && self.conflict_check.is_some() {
            return Ok(Vec::new());
        }
        let (note, at) = (input.note, context.now);
        Ok(vec![Event::ConflictChecked(ConflictChecked { conflict, note, named, by, at })])
    }
}
