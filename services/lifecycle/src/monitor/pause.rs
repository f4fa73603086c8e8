//! When a monitor does not measure: pauses, and its end.

use declare::record;
use kernel::values::{Key, Prose};
use kernel::{Context, Instant, Role, UserId};

use super::{Event, Level, Monitor, MonitorStatus, Refusal, Span};

/// How long a pause may last: 72 hours, in microseconds.
const PAUSE_MAX_MICROS: i64 = 72 * 3_600_000_000;

/// Input of `pause`.
#[record]
pub struct Pause {
    /// Why.
    pub reason: Prose,
    /// Until when, at most 72 hours on.
    pub until: Instant,
}

/// A monitor was paused.
#[record]
pub struct Paused {
    /// Who paused it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// When it began, together with those just before it.
    pub since: Instant,
    /// Until when.
    pub until: Instant,
    /// Why.
    pub reason: Prose,
    /// Whether its system runs and is of high risk.
    pub high_risk: bool,
}

/// The pause ended.
#[record]
pub struct PauseEnded {
    /// Who or what ended it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// A monitor was armed again.
#[record]
pub struct Rearmed {
    /// Who armed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// A monitor was closed.
#[record]
pub struct Closed {
    /// Who or what closed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// How many alerts were open; they can still be resolved.
    pub open_alerts: u32,
}

impl Monitor {
    /// Decides on a pause.
    pub(super) fn paused(&self, input: Pause, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        if self.paused_until == Some(input.until) {
            return Ok(Vec::new());
        }
        if input.until <= context.now {
            return Err(Refusal::PauseInThePast { at: "/until" });
        }
        let since = self.unwatched_since(context.now);
        let latest = since.plus_micros(PAUSE_MAX_MICROS);
        if input.until > latest {
            return Err(Refusal::PauseTooLong { latest, at: "/until" });
        }
        let high_risk = self.runs_at_high_risk(context);
        if high_risk && !context.holds(Role::Ro) {
            return Err(Refusal::PauseNeedsRiskOwner);
        }
        Ok(vec![Event::Paused(Paused {
            by: context.user(),
            at: context.now,
            since,
            until: input.until,
            reason: input.reason,
            high_risk,
        })])
    }

    /// When a pause that begins now began: pauses that follow each other without a measurement, and
    /// within the time that one may last, count as one.
    fn unwatched_since(&self, now: Instant) -> Instant {
        let last = self.last_pause.filter(|last| now <= last.to.plus_micros(PAUSE_MAX_MICROS));
        last.map_or(now, |last| last.from)
    }

    /// Whether its system runs, and a classification in force says that it is of high risk.
    fn runs_at_high_risk(&self, context: &Context) -> bool {
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        let classified = context.facts.all::<facts::RegulatoryClassification>();
        let mut classified = classified.iter().filter(|(_, c)| c.system == self.system.id());
        system.is_none_or(|system| system.is_running())
            && classified.any(|(_, c)| c.is_confirmed() && c.has_effect("high_risk"))
    }

    /// Decides that the pause ends, if there is one.
    pub(super) fn pause_ended(&self, context: &Context) -> Vec<Event> {
        let ended = PauseEnded { by: context.user(), at: context.now };
        let paused = self.status == MonitorStatus::Paused;
        paused.then_some(Event::PauseEnded(ended)).into_iter().collect()
    }

    /// Decides on arming again.
    pub(super) fn rearmed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            MonitorStatus::Armed => Ok(Vec::new()),
            MonitorStatus::Resolved | MonitorStatus::Paused => {
                Ok(vec![Event::Rearmed(Rearmed { by: context.user(), at: context.now })])
            }
            MonitorStatus::Alerting | MonitorStatus::Acknowledged => Err(Refusal::AlertsOpen),
            MonitorStatus::Closed => Err(Refusal::MonitorClosed),
        }
    }

    /// Decides on closing.
    pub(super) fn closed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.closed_at.is_some() {
            return Ok(Vec::new());
        }
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        if !system.is_some_and(|system| system.is_retired()) {
            return Err(Refusal::SystemNotRetired);
        }
        let open_alerts = u32::try_from(self.alerts.len()).unwrap_or(u32::MAX);
        Ok(vec![Event::Closed(Closed { by: context.user(), at: context.now, open_alerts })])
    }

    /// Evolves by a pause.
    pub(super) fn take_paused(&mut self, event: Paused) {
        self.paused_until = Some(event.until);
        self.pause_reason = Some(event.reason);
        self.last_pause = Some(Span { from: event.since, to: event.until });
    }

    /// Evolves by the end of a pause at this time.
    pub(super) fn take_pause_end(&mut self, at: Instant) {
        let ended = self.last_pause.map(|pause| Span { to: pause.to.min(at), ..pause });
        self.last_pause = ended;
        self.paused_until = None;
        self.pause_reason = None;
    }

    /// Evolves by arming again: what was resolved does not count any more.
    pub(super) fn take_rearmed(&mut self, event: &Rearmed) {
        self.take_pause_end(event.at);
        let alerts = &self.alerts;
        let is_open = |key: &Key| alerts.values().any(|alert| alert.metric == *key);
        for (_, metric) in self.metrics.iter_mut().filter(|(key, _)| !is_open(key)) {
            metric.level = Level::Normal;
        }
    }
}
