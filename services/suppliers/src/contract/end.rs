//! The end of a contract: announced, reached, or brought about.

use declare::record;
use kernel::values::Prose;
use kernel::{Context, Date, Instant, UserId};

use super::{Contract, ContractStatus, Event, Expired, Refusal};

/// So many days before its end that is told, first to last.
const TOLD_BEFORE: [u32; 2] = [90, 30];

/// Its end comes near.
#[record]
pub struct ExpiryApproaching {
    /// Its last day.
    pub valid_until: Date,
    /// It is at most so many days away.
    pub days_before: u32,
    /// When that was found.
    pub at: Instant,
}

/// Input of `terminate`.
#[record]
pub struct Terminate {
    /// Why.
    pub reason: Prose,
}

/// It was ended.
#[record]
pub struct Terminated {
    /// Why.
    pub reason: Prose,
    /// Who ended it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl Contract {
    fn last_day(&self, step: &'static str) -> Result<Date, Refusal> {
        if !self.status.holds() {
            return Err(self.wrong(step));
        }
        self.content.valid_until.ok_or(Refusal::NoEnd)
    }

    pub(super) fn expiry_announced(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let valid_until = self.last_day("near its end")?;
        let left = context.today().days_until(valid_until);
        let reached = TOLD_BEFORE.into_iter().filter(|days| left <= i64::from(*days));
        let Some(days_before) = reached.min() else {
            return Err(Refusal::EndNotNear { valid_until });
        };
        if self.told_days_before.is_some_and(|told| told <= days_before) {
            return Ok(Vec::new());
        }
        let at = context.now;
        Ok(vec![Event::ExpiryApproaching(ExpiryApproaching { valid_until, days_before, at })])
    }

    pub(super) fn expired(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == ContractStatus::Expired {
            return Ok(Vec::new());
        }
        let valid_until = self.last_day("expired")?;
        if valid_until >= context.today() {
            return Err(Refusal::EndNotReached { valid_until });
        }
        Ok(vec![Event::Expired(Expired { valid_until, at: context.now })])
    }

    pub(super) fn terminated(
        &self,
        input: Terminate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ContractStatus::Terminated => Ok(Vec::new()),
            ContractStatus::Expired => Err(self.wrong("terminated")),
            ContractStatus::Draft | ContractStatus::Agreed | ContractStatus::Amended => {
                let (reason, by, at) = (input.reason, context.user(), context.now);
                Ok(vec![Event::Terminated(Terminated { reason, by, at })])
            }
        }
    }
}
