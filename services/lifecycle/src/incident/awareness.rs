//! When the organisation became aware of an incident. It can only turn out to have been earlier.

use declare::record;
use kernel::values::Prose;
use kernel::{Context, Instant, UserId};

use super::{Event, Incident, Refusal};

/// Input of `move_aware_at`.
#[record]
pub struct MoveAwareAt {
    /// When the organisation was aware of it in truth.
    pub aware_at: Instant,
    /// How that is known.
    pub reason: Prose,
}

/// The organisation was aware of the incident earlier than it had said.
#[record]
pub struct AwareAtMoved {
    /// When it was said to be aware.
    pub from: Instant,
    /// When it was aware.
    pub to: Instant,
    /// How that is known.
    pub reason: Prose,
    /// Who found it.
    pub by: UserId,
}

impl Incident {
    /// The move, and what the rules say of the earlier time where they were evaluated already.
    pub(super) fn aware_at_moved(
        &self,
        input: MoveAwareAt,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("dated again")?;
        let (from, to, at) = (self.aware_at, input.aware_at, "/awareAt");
        if to > from {
            return Err(Refusal::AwareMovedLater { from, at });
        }
        if to == from {
            return Ok(Vec::new());
        }
        if let Some(occurred) = self.occurred_at.filter(|occurred| *occurred > to) {
            return Err(Refusal::AwareBeforeItHappened { occurred, at });
        }
        let by = context.user();
        let moved = Event::AwareAtMoved(AwareAtMoved { from, to, reason: input.reason, by });
        let mut events = vec![moved];
        if self.evaluated.is_some() {
            let earlier = Self { aware_at: to, ..self.clone() };
            events.extend(earlier.clocks_started(context)?);
        }
        Ok(events)
    }
}
