//! The meeting: scheduled, moved, held, and closed when everything decided is done.

use declare::record;
use kernel::values::{Hash, Prose};
use kernel::{Context, Date, Role, UserId};

use super::{Event, ManagementReview, Plan, Refusal, ReviewStatus};
use crate::stamp::Stamp;

/// Input of `reschedule`.
#[record]
pub struct Reschedule {
    /// When it is to be held now.
    pub planned_on: Date,
    /// Who chairs it, if that changes.
    pub chair: Option<UserId>,
    /// Why it is moved.
    pub reason: Prose,
}

/// Input of `hold`.
#[record]
pub struct Hold {
    /// The day on which it was held; today when left out.
    pub held_on: Option<Date>,
    /// Who attended, if others than planned.
    #[field(max = 60)]
    pub attendees: Vec<UserId>,
    /// SHA-256 of its minutes.
    pub minutes_hash: Hash,
}

/// A review was scheduled.
#[record]
pub struct Scheduled {
    /// What is planned.
    pub plan: Plan,
    /// Who scheduled it, and when.
    pub scheduled: Stamp,
}

/// A review was moved.
#[record]
pub struct Rescheduled {
    /// What is planned now.
    pub plan: Plan,
    /// Why.
    pub reason: Prose,
    /// Who moved it, and when.
    pub rescheduled: Stamp,
}

/// A review was held.
#[record]
pub struct Held {
    /// The day.
    pub held_on: Date,
    /// Who chaired it.
    pub chair: UserId,
    /// Who attended.
    pub attendees: Vec<UserId>,
    /// SHA-256 of its minutes.
    pub minutes_hash: Hash,
    /// Who recorded it, and when.
    pub recorded: Stamp,
}

/// Everything decided is done.
#[record]
pub struct ActionsClosed {
    /// Who found so, and when.
    pub closed: Stamp,
}

/// A review should have been held.
#[record]
pub struct Overdue {
    /// When it was to be held.
    pub planned_on: Date,
}

/// Refuses a chair who is not top management.
fn check_chair(chair: &UserId, context: &Context) -> Result<(), Refusal> {
    let membership = facts::Membership::id_of(chair);
    let membership = context.facts.get::<facts::Membership>(&membership);
    if membership.is_some_and(|membership| membership.holds_one_of(&[Role::Tm])) {
        return Ok(());
    }
    Err(Refusal::ChairIsNotTopManagement { chair: chair.to_string() })
}

impl Plan {
    pub(super) fn scheduled(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.period_to < self.period_from {
            return Err(Refusal::PeriodEndsFirst { at: "/periodTo" });
        }
        check_chair(&self.chair, context)?;
        let scheduled = Stamp::of(context);
        Ok(vec![Event::Scheduled(Scheduled { plan: self, scheduled })])
    }
}

impl ManagementReview {
    pub(super) fn rescheduled(
        &self,
        input: Reschedule,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let Reschedule { planned_on, chair, reason } = input;
        if !self.is_to_come() {
            return Err(self.wrong_status("moved"));
        }
        if let Some(chair) = &chair {
            check_chair(chair, context)?;
        }
        let chair = chair.unwrap_or_else(|| self.plan.chair.clone());
        let plan = Plan { planned_on, chair, ..self.plan.clone() };
        if plan == self.plan {
            return Ok(Vec::new());
        }
        let rescheduled = Stamp::of(context);
        Ok(vec![Event::Rescheduled(Rescheduled { plan, reason, rescheduled })])
    }

    pub(super) fn held(&self, input: Hold, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Hold { held_on, attendees, minutes_hash } = input;
        match self.status {
            ReviewStatus::Scheduled => {
                return Err(Refusal::InputsMissing { inputs: self.missing().join(", ") });
            }
            ReviewStatus::InputsFrozen => {}
            ReviewStatus::Held | ReviewStatus::ActionsClosed => {
                let same = self.minutes_hash.as_ref() == Some(&minutes_hash)
                    && held_on.is_none_or(|day| Some(day) == self.held_on);
                return if same { Ok(Vec::new()) } else { Err(self.wrong_status("held again")) };
            }
        }
        check_chair(&self.plan.chair, context)?;
        let held_on = held_on.unwrap_or_else(|| context.today());
        if held_on > context.today() {
            return Err(Refusal::HeldInFuture { at: "/heldOn" });
        }
        let frozen = self.inputs.values().map(|input| input.frozen.at.date()).max();
        if let Some(frozen) = frozen.filter(|frozen| held_on < *frozen) {
            return Err(Refusal::HeldBeforeInputs { frozen, at: "/heldOn" });
        }
        let planned = &self.plan.attendees;
        let attendees = if attendees.is_empty() { planned.clone() } else { attendees };
        let (chair, recorded) = (self.plan.chair.clone(), Stamp::of(context));
        Ok(vec![Event::Held(Held { held_on, chair, attendees, minutes_hash, recorded })])
    }

    pub(super) fn take_meeting(&mut self, event: Held) {
        self.status = ReviewStatus::Held;
        self.held_on = Some(event.held_on);
        self.plan.attendees = event.attendees;
        self.minutes_hash = Some(event.minutes_hash);
    }

    pub(super) fn actions_closed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ReviewStatus::ActionsClosed => return Ok(Vec::new()),
            ReviewStatus::Held => {}
            ReviewStatus::Scheduled | ReviewStatus::InputsFrozen => {
                return Err(self.wrong_status("closed"));
            }
        }
        let open = self.decisions.iter().filter(|(_, decision)| decision.completion.is_none());
        let open: Vec<_> = open.map(|(key, _)| key.as_str()).collect();
        if !open.is_empty() {
            return Err(Refusal::DecisionsOpen { decisions: open.join(", ") });
        }
        Ok(vec![Event::ActionsClosed(ActionsClosed { closed: Stamp::of(context) })])
    }

    pub(super) fn overdue(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.overdue_since.is_some() {
            return Ok(Vec::new());
        }
        let planned_on = self.plan.planned_on;
        if !self.is_to_come() || context.today() <= planned_on {
            return Err(Refusal::NotOverdue { planned_on });
        }
        Ok(vec![Event::Overdue(Overdue { planned_on })])
    }
}
