//! A task gets more time: somebody who answers for the management system says so and why, before
//! it is overdue.

use declare::record;
use kernel::values::Prose;
use kernel::{Context, Date, Instant, UserId};

use super::{Event, Refusal, Task, TaskStatus};

/// Input of `postpone`.
#[record]
pub struct Postpone {
    /// The new last day.
    pub due: Date,
    /// Why it can wait.
    pub reason: Prose,
}

/// A task was given more time.
#[record]
pub struct Postponed {
    /// The last day before.
    pub before: Date,
    /// The new last day.
    pub due: Date,
    /// Why it can wait.
    pub reason: Prose,
    /// Who said so.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl Task {
    pub(super) fn postponed(
        &self,
        input: Postpone,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let (before, by, at) = (self.work.due, context.user(), context.now);
        if self.status == TaskStatus::Overdue || context.today() > before {
            return Err(Refusal::IsOverdue { due: before });
        }
        if self.work.assignee.as_ref() == Some(&by) {
            return Err(Refusal::PostponedByAssignee);
        }
        let Postpone { due, reason } = input;
        if due == before {
            return Ok(Vec::new());
        }
        if due < before {
            return Err(Refusal::NotLater { due: before, at: "/due" });
        }
        Ok(vec![Event::Postponed(Postponed { before, due, reason, by, at })])
    }
}
