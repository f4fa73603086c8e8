//! Operation is restricted, halted, and goes on again.

use declare::record;
use kernel::values::{Line, Prose};
use kernel::{Context, Instant, UserId};

use super::{AiSystem, Event, OperationStatus, Refusal};

/// Most measures at a time.
pub const MEASURES_MAX: usize = 20;

/// What operation is restricted to.
#[record]
pub struct Restriction {
    /// The measures that hold, all at once.
    pub measures: Vec<Line>,
    /// Why the last one was taken.
    pub reason: Prose,
    /// Who took the last one.
    pub by: UserId,
    /// Since when operation is restricted.
    pub since: Instant,
}

/// Why operation is halted.
#[record]
pub struct Suspension {
    /// Why.
    pub reason: Prose,
    /// Who halted it.
    pub by: UserId,
    /// Since when.
    pub since: Instant,
}

/// Input of `restrict_operation`.
#[record]
pub struct RestrictOperation {
    /// What is done differently, such as `every decision reviewed by a person`.
    pub measure: Line,
    /// Why.
    pub reason: Prose,
}

/// Input of `lift_restriction`.
#[record]
pub struct LiftRestriction {
    /// Why it is no longer needed.
    pub reason: Option<Prose>,
}

/// Input of `suspend_operation`.
#[record]
pub struct Suspend {
    /// Why.
    pub reason: Prose,
}

/// Input of `resume_operation`.
#[record]
pub struct Resume {
    /// Why it may go on.
    pub reason: Option<Prose>,
}

/// Operation was restricted.
#[record]
pub struct OperationRestricted {
    /// The measure.
    pub measure: Line,
    /// Why.
    pub reason: Prose,
    /// Who took it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// The restrictions were lifted.
#[record]
pub struct OperationRestrictionLifted {
    /// The measures that hold no more.
    pub measures: Vec<Line>,
    /// Why.
    pub reason: Option<Prose>,
    /// Who lifted them.
    pub by: UserId,
}

/// Operation was halted.
#[record]
pub struct OperationSuspended {
    /// Why, by whom and since when.
    pub suspension: Suspension,
}

/// Operation goes on.
#[record]
pub struct OperationResumed {
    /// Since when it had been halted.
    pub suspended_since: Instant,
    /// Why it may go on.
    pub reason: Option<Prose>,
    /// Who said so.
    pub by: UserId,
}

impl RestrictOperation {
    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        check_runs(system)?;
        let measures = system.restriction.as_ref().map_or(&[][..], |r| &r.measures);
        if measures.contains(&self.measure) {
            return Ok(Vec::new());
        }
        if measures.len() >= MEASURES_MAX {
            return Err(Refusal::TooManyMeasures { max: MEASURES_MAX });
        }
        let (measure, reason, by) = (self.measure, self.reason, context.user());
        let at = context.effective.unwrap_or(context.now);
        Ok(vec![Event::OperationRestricted(OperationRestricted { measure, reason, by, at })])
    }
}

impl LiftRestriction {
    pub(super) fn decide(self, system: &AiSystem, context: &Context) -> Vec<Event> {
        let Some(restriction) = &system.restriction else { return Vec::new() };
        let (measures, reason) = (restriction.measures.clone(), self.reason);
        let by = context.user();
        let lifted = OperationRestrictionLifted { measures, reason, by };
        vec![Event::OperationRestrictionLifted(lifted)]
    }
}

impl Suspend {
    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        check_runs(system)?;
        if system.suspension.is_some() {
            return Ok(Vec::new());
        }
        let since = context.effective.unwrap_or(context.now);
        let suspension = Suspension { reason: self.reason, by: context.user(), since };
        Ok(vec![Event::OperationSuspended(OperationSuspended { suspension })])
    }
}

impl Resume {
    pub(super) fn decide(
        self,
        system: &AiSystem,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let Some(suspension) = &system.suspension else {
            return check_runs(system).map(|()| Vec::new());
        };
        let (suspended_since, by) = (suspension.since, context.user());
        let resumed = OperationResumed { suspended_since, reason: self.reason, by };
        Ok(vec![Event::OperationResumed(resumed)])
    }
}

fn check_runs(system: &AiSystem) -> Result<(), Refusal> {
    match system.operation_status {
        OperationStatus::Stopped => Err(Refusal::SystemNotRunning),
        OperationStatus::Running | OperationStatus::Restricted | OperationStatus::Suspended => {
            Ok(())
        }
    }
}

impl AiSystem {
    pub(super) fn restricted(&mut self, event: OperationRestricted) {
        let before = self.restriction.take();
        let since = before.as_ref().map_or(event.at, |before| before.since);
        let mut measures = before.map(|before| before.measures).unwrap_or_default();
        measures.push(event.measure);
        self.restriction =
            Some(Restriction { measures, reason: event.reason, by: event.by, since });
    }
}
