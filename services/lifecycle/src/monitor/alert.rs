//! Alerts: raised by measurements, acknowledged and resolved by people.

use declare::record;
use kernel::values::{Key, Prose};
use kernel::{Context, Decimal, Instant, UserId};

use super::{Event, Level, MetricKind, Monitor, Refusal, Span};

const HOUR_MICROS: i64 = 3_600_000_000;

/// Within how long an alert is to be acknowledged: 4 hours when critical, else 24.
pub(super) fn ack_within_micros(level: Level) -> i64 {
    match level {
        Level::Critical => 4 * HOUR_MICROS,
        Level::Normal | Level::Warn | Level::Breach => 24 * HOUR_MICROS,
    }
}

/// An open alert.
#[record]
#[derive(Default)]
pub struct Alert {
    /// Key of the metric.
    pub metric: Key,
    /// The worst level since it was opened.
    pub level: Level,
    /// When it was opened.
    pub opened_at: Instant,
    /// The window that gave the level.
    pub window: Span,
    /// The window's value.
    pub value: Decimal,
    /// Until when it is to be acknowledged.
    pub ack_due: Instant,
    /// Who looks into it; nobody yet, or not since it became worse.
    pub ack_by: Option<UserId>,
    /// Since when.
    pub ack_at: Option<Instant>,
}

/// A metric has become worse than a threshold allows.
#[record]
pub struct Breach {
    /// Key of the alert that it opens, or makes worse.
    pub alert: Key,
    /// Key of the metric.
    pub metric: Key,
    /// What the metric is about.
    pub metric_kind: MetricKind,
    /// How bad it is.
    pub level: Level,
    /// The window's value.
    pub value: Decimal,
    /// The threshold that the value is worse than.
    pub threshold: Decimal,
    /// How many observations the window has.
    pub n: u64,
    /// The window.
    pub window: Span,
    /// When it was found.
    pub at: Instant,
    /// Until when the alert is to be acknowledged.
    pub ack_due: Instant,
}

/// A metric is normal again; its alert stays open until somebody resolves it.
#[record]
pub struct Recovered {
    /// Key of the metric.
    pub metric: Key,
    /// The window's value.
    pub value: Decimal,
    /// How many observations the window has.
    pub n: u64,
    /// The window.
    pub window: Span,
}

/// Input of `acknowledge_alert`.
#[record]
pub struct Acknowledge {
    /// Key of the alert.
    pub alert: Key,
}

/// Somebody looks into an alert.
#[record]
pub struct Acknowledged {
    /// Key of the alert.
    pub alert: Key,
    /// Key of the metric.
    pub metric: Key,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Whether that was in time.
    pub in_time: bool,
}

/// Input of `resolve_alert`.
#[record]
pub struct Resolve {
    /// Key of the alert.
    pub alert: Key,
    /// What was found and done; demanded.
    pub note: Option<Prose>,
}

/// An alert was resolved.
#[record]
pub struct Resolved {
    /// Key of the alert.
    pub alert: Key,
    /// Key of the metric.
    pub metric: Key,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// What was found and done.
    pub note: Prose,
}

impl Monitor {
    fn open_alert(&self, key: &Key) -> Result<&Alert, Refusal> {
        let unknown = || Refusal::UnknownAlert { alert: key.as_str().to_owned(), at: "/alert" };
        self.alerts.get(key).ok_or_else(unknown)
    }

    /// Decides that somebody looks into an alert.
    pub(super) fn alert_acknowledged(
        &self,
        input: Acknowledge,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let alert = self.open_alert(&input.alert)?;
        if alert.ack_at.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::AlertAcknowledged(Acknowledged {
            alert: input.alert,
            metric: alert.metric.clone(),
            by: context.user(),
            at: context.now,
            in_time: context.now <= alert.ack_due,
        })])
    }

    /// Decides that an alert is resolved.
    pub(super) fn alert_resolved(
        &self,
        input: Resolve,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let alert = self.open_alert(&input.alert)?;
        if alert.ack_at.is_none() {
            return Err(Refusal::NotAcknowledged);
        }
        let note = input.note.filter(|note| !note.is_blank());
        let note = note.ok_or(Refusal::ResolvedWithoutNote { at: "/note" })?;
        Ok(vec![Event::AlertResolved(Resolved {
            metric: alert.metric.clone(),
            alert: input.alert,
            by: context.user(),
            at: context.now,
            note,
        })])
    }

    /// Evolves by a breach: opens the alert, or raises it, so that somebody must look again.
    pub(super) fn take_breach(&mut self, event: Breach) {
        let known = self.alerts.get(&event.alert);
        if known.is_some_and(|known| event.level <= known.level) {
            return;
        }
        let alert = Alert {
            metric: event.metric,
            level: event.level,
            opened_at: known.map_or(event.at, |known| known.opened_at),
            window: event.window,
            value: event.value,
            ack_due: event.ack_due,
            ack_by: None,
            ack_at: None,
        };
        self.alerts.insert(event.alert, alert);
    }

    /// Evolves by an acknowledgement.
    pub(super) fn take_acknowledged(&mut self, event: Acknowledged) {
        if let Some(alert) = self.alerts.get_mut(&event.alert) {
            alert.ack_by = Some(event.by);
            alert.ack_at = Some(event.at);
        }
    }
}
