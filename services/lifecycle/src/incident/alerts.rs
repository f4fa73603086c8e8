//! How much of a regulatory clock's time is used up, told before it is too late; and that its time
//! passed without a report (EU AI Act Art. 73, 26(5); GDPR Art. 33).

use declare::record;
use kernel::domain::Deadline;
use kernel::values::{Key, Line};
use kernel::{Context, Instant};
use serde_json::json;

use super::clocks::Clock;
use super::{Event, Incident, IncidentStatus, Refusal};

/// Shares of a clock's time, in percent, at which it is told that they are used up.
const ALERTS: [u32; 3] = [50, 75, 90];
/// All of it.
const OVER: u32 = 100;

/// Input of `alert_clock`.
#[record]
pub struct AlertClock {
    /// Code of the clock's rule.
    pub rule: Key,
}

/// Much of a clock's time is used up.
#[record]
pub struct ClockAlerted {
    /// Code of the clock's rule.
    pub rule: Key,
    /// Article and paragraph.
    pub article: Line,
    /// How much of it, in percent.
    pub percent: u32,
    /// When the report is due at the latest.
    pub due: Instant,
    /// When it was told.
    pub at: Instant,
}

/// The time of a clock passed without a report.
#[record]
pub struct RegulatoryClockMissed {
    /// Code of the clock's rule.
    pub rule: Key,
    /// Article and paragraph.
    pub article: Line,
    /// When the report was due at the latest.
    pub due: Instant,
    /// When that was noticed.
    pub at: Instant,
}

impl Clock {
    /// When a share of its time is used up; all of it just after the last moment.
    fn used_up(&self, percent: u32) -> Instant {
        if percent >= OVER {
            return self.due.plus_micros(1);
        }
        let whole = i128::from(self.due.micros()) - i128::from(self.aware_at.micros());
        let part = whole.max(0) * i128::from(percent) / 100;
        self.aware_at.plus_micros(i64::try_from(part).unwrap_or(i64::MAX))
    }

    /// The shares that were not told yet, with the time of each.
    fn untold(&self) -> impl Iterator<Item = (u32, Instant)> {
        let shares = ALERTS.into_iter().chain([OVER]);
        let untold = shares.filter(|percent| *percent > self.alerted_percent);
        untold.map(|percent| (percent, self.used_up(percent)))
    }
}

impl Incident {
    /// Decides on `alert_clock`: tells the greatest share that is used up.
    pub(super) fn clock_alerted(
        &self,
        input: AlertClock,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let (clock, at, rule) = (self.clock(&input.rule)?, context.now, input.rule);
        if clock.met_at.is_some() {
            return Err(Refusal::ClockIsMet { rule: rule.as_str().to_owned() });
        }
        let (article, due) = (clock.article.clone(), clock.due);
        match clock.untold().filter(|(_, from)| *from <= at).last() {
            Some((OVER, _)) => {
                let missed = RegulatoryClockMissed { rule, article, due, at };
                Ok(vec![Event::RegulatoryClockMissed(missed)])
            }
            Some((percent, _)) => {
                Ok(vec![Event::ClockAlerted(ClockAlerted { rule, article, percent, due, at })])
            }
            None => match clock.untold().next() {
                Some((percent, from)) if clock.alerted_percent == 0 => {
                    Err(Refusal::ClockHasTime { percent, from })
                }
                Some(_) | None => Ok(Vec::new()),
            },
        }
    }

    pub(super) fn alert_clock(&mut self, rule: &Key, percent: u32) {
        if let Some(clock) = self.clocks.get_mut(rule) {
            clock.alerted_percent = percent;
        }
    }

    pub(super) fn miss_clock(&mut self, event: &RegulatoryClockMissed) {
        self.alert_clock(&event.rule, OVER);
        if let Some(clock) = self.clocks.get_mut(&event.rule) {
            clock.missed_at = Some(event.at);
        }
    }

    /// The next share of each running clock; those of a duplicate run with the incident that stands
    /// for it.
    pub(super) fn waits(&self) -> Vec<Deadline> {
        let clocks = self.clocks.iter().filter(|_| self.status != IncidentStatus::Duplicate);
        let running = clocks.filter(|(_, clock)| clock.is_running());
        let alerts = running.filter_map(|(rule, clock)| {
            let (_, at) = clock.untold().next()?;
            Some(Deadline::at(at, "alert_clock").with(json!({ "rule": rule })))
        });
        alerts.collect()
    }
}
