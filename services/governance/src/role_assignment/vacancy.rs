//! The end of an assignment, and posts that nobody holds.

use declare::record;
use kernel::values::Prose;
use kernel::{Context, Date, Instant, Need, UserId};

use super::{AssignmentStatus, Event, Refusal, RoleAssignment};

/// A vacancy is reported after so many days.
const VACANT_DAYS: i64 = 30;

/// Input of `end`.
#[record]
pub struct End {
    /// Why.
    pub reason: Prose,
    /// Its last day; today when left out.
    pub on: Option<Date>,
    /// Whether the process or system itself has ended, so that nobody need answer for it.
    pub item_ended: Option<bool>,
}

/// An assignment ended.
#[record]
pub struct Ended {
    /// Who held the role or was proposed.
    pub holder: Option<UserId>,
    /// The last day.
    pub on: Date,
    /// Why.
    pub reason: Prose,
    /// Since when nobody is accountable; none where nobody need be.
    pub vacant_since: Option<Date>,
    /// Who ended it.
    pub by: UserId,
}

/// Nobody has been accountable for long.
#[record]
pub struct Vacant {
    /// Since when.
    pub since: Date,
    /// For how many days.
    pub days: i64,
    /// When that was reported.
    pub at: Instant,
}

impl RoleAssignment {
    pub(super) fn end_needs(&self, input: &End) -> Vec<Need> {
        let ends = input.item_ended == Some(true);
        let system = self.post.system.iter().filter(|_| ends);
        system.map(|system| Need::Object(system.id().to_owned())).collect()
    }

    pub(super) fn ended(&self, input: End, context: &Context) -> Result<Vec<Event>, Refusal> {
        let End { reason, on, item_ended } = input;
        let on = on.unwrap_or_else(|| context.today());
        if on > context.today() {
            return Err(Refusal::InTheFuture { day: on, at: "/on" });
        }
        let item_ended = item_ended.unwrap_or(false);
        if item_ended && self.lives(context) {
            return Err(Refusal::SystemLives { at: "/itemEnded" });
        }
        let must_be_held =
            self.post.responsibility.is_accountable() && self.assigned_at.is_some() && !item_ended;
        match self.status {
            AssignmentStatus::Ended => return Ok(Vec::new()),
            AssignmentStatus::Vacant if must_be_held => return Ok(Vec::new()),
            AssignmentStatus::Vacant | AssignmentStatus::Proposed | AssignmentStatus::Active => {}
        }
        let vacant_since = must_be_held.then(|| self.vacant_since.unwrap_or(on));
        let (holder, by) = (self.holder.clone(), context.user());
        Ok(vec![Event::Ended(Ended { holder, on, reason, vacant_since, by })])
    }

    /// Whether it is about an AI system that is not retired.
    fn lives(&self, context: &Context) -> bool {
        let system = self.post.system.as_ref();
        let system = system.and_then(|system| context.facts.get::<facts::AiSystem>(system.id()));
        system.is_some_and(|system| !system.is_retired())
    }

    pub(super) fn fallen_vacant(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let since = self.vacant_since.ok_or(Refusal::NothingVacant)?;
        if self.vacancy_reported_at.is_some() {
            return Ok(Vec::new());
        }
        let (days, at) = (since.days_until(context.today()), context.now);
        if days <= VACANT_DAYS {
            return Err(Refusal::NotVacantLong { since });
        }
        Ok(vec![Event::AccountableRoleVacant(Vacant { since, days, at })])
    }

    pub(super) fn take_end(&mut self, event: Ended) {
        let vacant = event.vacant_since.is_some();
        self.status = if vacant { AssignmentStatus::Vacant } else { AssignmentStatus::Ended };
        (self.vacant_since, self.end_reason) = (event.vacant_since, Some(event.reason));
        self.valid_to = Some(event.on);
        if vacant {
            (self.holder, self.deputy, self.waiver) = (None, None, None);
            self.lacking.clear();
        }
    }
}
