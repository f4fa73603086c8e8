//! From the demand to what was found of it.

use declare::record;
use kernel::values::Prose;
use kernel::{Context, Date, Instant, UserId};

use super::{
    ActionStatus, Demand, Event, Implement, Refusal, Reject, Reply, SPEAKERS_MAX,
    SupplierCorrectiveAction, Verify,
};

/// It was demanded.
#[record]
pub struct Requested {
    /// What.
    pub demand: Demand,
    /// Who demanded it.
    pub by: UserId,
}

/// The supplier has replied.
#[record]
pub struct Answered {
    /// What.
    pub reply: Prose,
    /// By when it says that it will be done.
    pub promised_for: Option<Date>,
    /// Who recorded it.
    pub by: UserId,
}

/// The supplier says that it is done.
#[record]
pub struct Implemented {
    /// What.
    pub what: Prose,
    /// Who recorded it.
    pub by: UserId,
}

/// It was found to work.
#[record]
pub struct Verified {
    /// What was found.
    pub finding: Prose,
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Whether that was after it was due.
    pub late: bool,
}

/// It was found not to be enough.
#[record]
pub struct Rejected {
    /// Why.
    pub reason: Prose,
    /// By whom.
    pub by: UserId,
}

/// It was not done in time.
#[record]
pub struct Overdue {
    /// When it was due.
    pub due: Date,
    /// When that was found.
    pub at: Instant,
}

impl ActionStatus {
    fn text(self) -> &'static str {
        match self {
            ActionStatus::Requested => "only demanded",
            ActionStatus::Answered => "answered",
            ActionStatus::Implemented => "implemented",
            ActionStatus::Verified => "verified",
            ActionStatus::Rejected => "rejected",
            ActionStatus::Overdue => "overdue",
        }
    }
}

pub(super) fn requested(demand: Demand, context: &Context) -> Result<Vec<Event>, Refusal> {
    let known = context.facts.get::<facts::Supplier>(demand.supplier.id());
    let gone = |s: &facts::Supplier| matches!(s.status.as_str(), "rejected" | "terminated");
    if let Some(facts::Supplier { name, status, .. }) = known.filter(gone) {
        return Err(Refusal::SupplierGone { name, status, at: "/supplier" });
    }
    if demand.due < context.today() {
        return Err(Refusal::DueInPast { at: "/due" });
    }
    Ok(vec![Event::Requested(Requested { demand, by: context.user() })])
}

impl SupplierCorrectiveAction {
    fn wrong(&self, step: &'static str) -> Refusal {
        Refusal::WrongStatus { status: self.status.text(), step }
    }

    pub(super) fn spoken(&mut self, by: UserId) {
        if !self.speakers.contains(&by) {
            self.speakers.push(by);
        }
    }

    fn may_speak(&self, context: &Context) -> Result<UserId, Refusal> {
        let by = context.user();
        if self.speakers.len() >= SPEAKERS_MAX && !self.speakers.contains(&by) {
            return Err(Refusal::TooManySpeakers { most: SPEAKERS_MAX });
        }
        Ok(by)
    }

    pub(super) fn answered(&self, input: Reply, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ActionStatus::Requested
            | ActionStatus::Answered
            | ActionStatus::Rejected
            | ActionStatus::Overdue => {}
            ActionStatus::Implemented | ActionStatus::Verified => {
                return Err(self.wrong("answered"));
            }
        }
        let by = self.may_speak(context)?;
        let Reply { reply, promised_for } = input;
        Ok(vec![Event::Answered(Answered { reply, promised_for, by })])
    }

    pub(super) fn implemented(
        &self,
        input: Implement,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ActionStatus::Answered => {}
            ActionStatus::Overdue if self.reply.is_some() => {}
            ActionStatus::Requested
            | ActionStatus::Overdue
            | ActionStatus::Implemented
            | ActionStatus::Verified
            | ActionStatus::Rejected => return Err(self.wrong("implemented")),
        }
        let by = self.may_speak(context)?;
        Ok(vec![Event::Implemented(Implemented { what: input.what, by })])
    }

    pub(super) fn verified(&self, input: Verify, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ActionStatus::Implemented => {}
            ActionStatus::Verified => return Ok(Vec::new()),
            ActionStatus::Requested
            | ActionStatus::Answered
            | ActionStatus::Rejected
            | ActionStatus::Overdue => return Err(self.wrong("verified")),
        }
        let by = context.user();
        if by == self.requested_by || self.speakers.contains(&by) {
            return Err(Refusal::VerifierHadPart);
        }
        let (finding, at) = (input.finding, context.now);
        let late = context.effective.unwrap_or(at).date() > self.demand.due;
        Ok(vec![Event::Verified(Verified { finding, by, at, late })])
    }

    pub(super) fn rejected(&self, input: Reject, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ActionStatus::Answered | ActionStatus::Implemented => {}
            ActionStatus::Rejected => return Ok(Vec::new()),
            ActionStatus::Requested | ActionStatus::Verified | ActionStatus::Overdue => {
                return Err(self.wrong("rejected"));
            }
        }
        let (reason, by) = (input.reason, context.user());
        Ok(vec![Event::Rejected(Rejected { reason, by })])
    }

    pub(super) fn overdue(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ActionStatus::Requested | ActionStatus::Answered | ActionStatus::Rejected => {}
            ActionStatus::Overdue => return Ok(Vec::new()),
            ActionStatus::Implemented | ActionStatus::Verified => return Err(self.wrong("late")),
        }
        let due = self.demand.due;
        if due >= context.today() {
            return Err(Refusal::NotDue { due });
        }
        Ok(vec![Event::Overdue(Overdue { due, at: context.now })])
    }
}
