//! What the reporter was promised: to hear that the concern has arrived, and to be answered
//! (ISO/IEC 42001 A.3.3, A.8.3). Its texts play no part in this, so that time may look at it.

use declare::{record, words};
use kernel::domain::Deadline;
use kernel::{Context, Instant};
use serde_json::json;

use super::{Concern, ConcernStatus, Event, Refusal};

/// What a reporter is promised.
#[words]
pub enum Promise {
    /// That receipt is acknowledged.
    Acknowledgement,
    /// That he is answered.
    Answer,
}

/// Input of `fall_overdue`.
#[record]
pub struct FallOverdue {
    /// What was not done in time.
    pub promise: Promise,
}

/// The reporter waits longer than he was promised.
#[record]
pub struct FellOverdue {
    /// For what.
    pub promise: Promise,
    /// Until when it was promised.
    pub due: Instant,
    /// When that was noticed.
    pub at: Instant,
}

impl Promise {
    fn text(self) -> &'static str {
        match self {
            Promise::Acknowledgement => "acknowledgement",
            Promise::Answer => "answer",
        }
    }
}

impl Concern {
    /// Until when a promise is to be kept; `None` when it was kept or nobody waits.
    fn owed(&self, promise: Promise) -> Option<Instant> {
        let reported = &self.reported;
        let (owed, due) = match promise {
            Promise::Acknowledgement => (self.acknowledged_at.is_none(), reported.ack_due),
            Promise::Answer => {
                (self.reply.is_none() && reported.can_be_answered(), reported.answer_due)
            }
        };
        (owed && self.status != ConcernStatus::Closed).then_some(due)
    }

    fn noticed(&self, promise: Promise) -> Option<Instant> {
        match promise {
            Promise::Acknowledgement => self.ack_overdue_since,
            Promise::Answer => self.answer_overdue_since,
        }
    }

    pub(super) fn fallen_overdue(
        &self,
        input: &FallOverdue,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let (promise, at) = (input.promise, context.now);
        if self.noticed(promise).is_some() {
            return Ok(Vec::new());
        }
        match self.owed(promise).filter(|due| *due < at) {
            Some(due) => Ok(vec![Event::FellOverdue(FellOverdue { promise, due, at })]),
            None => Err(Refusal::PromiseNotBroken { promise: promise.text() }),
        }
    }

    /// The first moment after each promise.
    pub(super) fn waits(&self) -> Vec<Deadline> {
        let promises = [Promise::Acknowledgement, Promise::Answer].into_iter();
        let open = promises.filter(|promise| self.noticed(*promise).is_none());
        let open = open.filter_map(|promise| Some((promise, self.owed(promise)?)));
        let overdue = open.map(|(promise, due)| {
            let input = json!({ "promise": promise.text() });
            Deadline::at(due.plus_micros(1), "fall_overdue").with(input)
        });
        overdue.collect()
    }
}
