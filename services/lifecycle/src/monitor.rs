//! A monitor of an AI system in operation (L-10; ISO/IEC 42001 9.1, A.6.2.6): what is measured, how
//! it is judged, and the alerts that are open.
//!
//! ```text
//!          arm           ingest, worse          acknowledge_alert        resolve_alert
//!   (none) ────► Armed ────────────────► Alerting ───────────► Acknowledged ───────► Resolved
//!                 ▲ ▲                       ▲   ingest, worse still │   (the last one)  │
//!                 │ │                       └───────────────────────┘                   │
//!                 │ └────────── rearm, or ingest once every metric is normal again ─────┘
//!                 └─ end_pause, rearm, or ingest after its end ── Paused ◄── pause (at most 72 h)
//!          close, once the system is retired (from any) ──► Closed
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::AiSystem;
use kernel::values::{Anything, Key, Line, Prose, Ref};
use kernel::{Context, Instant, Need, Role, UserId};

pub use self::alert::{Acknowledge, Acknowledged, Alert, Breach, Recovered, Resolve, Resolved};
pub use self::arm::{AddMetric, Arm, Armed, MetricAdded, MetricRemoved, RemoveMetric};
pub use self::ingest::{Ingest, MetricObserved, Observed, Point};
pub use self::metric::{
    Aggregate, Definition, Direction, Level, Limits, Metric, MetricKind, Period, PeriodUnit, Span,
    Window,
};
pub use self::pause::{Closed, Pause, PauseEnded, Paused, Rearmed};
pub use self::refusal::Refusal;
pub use self::threshold::{ChangeThreshold, Threshold, ThresholdChanged};

mod alert;
mod arm;
mod ingest;
mod metric;
mod pause;
mod refusal;
#[cfg(test)]
mod tests;
mod threshold;

/// What is measured of an AI system in operation, how it is judged, and what stands out.
#[record]
#[derive(Default)]
pub struct Monitor {
    /// The AI system that it watches.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// Its name.
    #[field(search, correctable)]
    pub name: Line,
    /// Where it stands.
    #[field(index)]
    pub status: MonitorStatus,
    /// The worst level of its metrics.
    #[field(index)]
    pub level: Level,
    /// How it is run.
    pub mode: MonitorMode,
    /// The post-market monitoring plan that it carries out, if any: a document or technical
    /// documentation (EU AI Act Art. 72).
    pub post_market_plan_ref: Option<Ref<Anything>>,
    /// Who armed it first.
    pub armed_by: UserId,
    /// When it was armed first.
    pub armed_at: Instant,
    /// What it measures, each with its newest windows.
    pub metrics: BTreeMap<Key, Metric>,
    /// Open alerts, at most one for each metric; those that were resolved stand in the history.
    pub alerts: BTreeMap<Key, Alert>,
    /// Until when it is paused.
    pub paused_until: Option<Instant>,
    /// Why it is paused.
    pub pause_reason: Option<Prose>,
    /// The last pause, together with those just before it, unless something was measured since.
    pub last_pause: Option<Span>,
    /// When it was closed.
    pub closed_at: Option<Instant>,
}

/// Where a monitor stands.
#[words]
#[derive(Default)]
pub enum MonitorStatus {
    /// It measures, and nothing stands out.
    #[default]
    Armed,
    /// An alert waits to be acknowledged.
    Alerting,
    /// Every open alert is acknowledged.
    Acknowledged,
    /// No alert is open any more, but a metric is not yet normal.
    Resolved,
    /// It takes no measurements for a while.
    Paused,
    /// Its system is retired.
    Closed,
}

/// How a monitor is run.
#[words]
#[derive(Default)]
pub enum MonitorMode {
    /// At set times.
    #[default]
    Scheduled,
    /// All the time, as a system that keeps learning needs (ISO/IEC 22989).
    ContinuousValidation,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Defines a monitor of a system and arms it.
    #[command(by(So), emits(Armed), creates)]
    Arm(Arm),
    /// Arms it again after a pause or once its alerts are resolved: every metric without an open
    /// alert counts as normal until it is measured again.
    #[command(by(So, Ops), emits(Rearmed))]
    Rearm,
    /// Adds a metric.
    #[command(by(So), emits(MetricAdded))]
    AddMetric(AddMetric),
    /// Measures a metric no longer; needs an approved change.
    #[command(by(So), emits(MetricRemoved))]
    RemoveMetric(RemoveMetric),
    /// Takes measurements, all or none. Each metric and window is summarised exactly, whatever the
    /// order of the points; windows that have ended are judged also when no point is given.
    #[command(
        by(Sys, Ops),
        emits(PauseEnded, MetricObserved, MetricThresholdBreached, DriftDetected, MetricRecovered)
    )]
    Ingest(Ingest),
    /// Says that somebody looks into an alert.
    #[command(by(Ops), emits(AlertAcknowledged))]
    AcknowledgeAlert(Acknowledge),
    /// Resolves an acknowledged alert.
    #[command(by(Ops, So), emits(AlertResolved))]
    ResolveAlert(Resolve),
    /// Changes how a metric is judged from now on; loosening needs an approved change.
    #[command(by(So), emits(ThresholdChanged))]
    ChangeThreshold(ChangeThreshold),
    /// Pauses it; a high-risk system that runs goes unwatched only if the risk owner says so.
    #[command(by(Ops, So, Ro), emits(Paused))]
    Pause(Pause),
    /// Ends the pause.
    #[command(by(Sys, Ops), emits(PauseEnded))]
    EndPause,
    /// Closes it once its system is retired.
    #[command(by(So, Sys), emits(Closed))]
    Close,
    /// Corrects an earlier event.
    #[command(by(So), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "monitor")]
pub enum Event {
    /// It was defined and armed.
    Armed(Armed),
    /// It was armed again.
    Rearmed(Rearmed),
    /// A metric was added.
    MetricAdded(MetricAdded),
    /// A metric was taken out.
    MetricRemoved(MetricRemoved),
    /// Measurements were taken; the windows that they fall into have these summaries now.
    MetricObserved(MetricObserved),
    /// A metric has become worse than a threshold allows.
    MetricThresholdBreached(Breach),
    /// A metric of drift has become worse than a threshold allows.
    DriftDetected(Breach),
    /// A metric is back within its thresholds.
    MetricRecovered(Recovered),
    /// Somebody looks into an alert.
    AlertAcknowledged(Acknowledged),
    /// An alert was resolved.
    AlertResolved(Resolved),
    /// A metric is judged otherwise from now on.
    ThresholdChanged(ThresholdChanged),
    /// It was paused.
    Paused(Paused),
    /// The pause ended.
    PauseEnded(PauseEnded),
    /// It was closed.
    Closed(Closed),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Monitor, "monitor", Command, Event, Refusal);

impl Domain for Monitor {
    const ABOUT: About = About {
        kind: "monitor",
        doc: "A monitor of an AI system in operation: metrics, thresholds, measurements, alerts.",
        clauses: &["9.1", "A.6.2.6"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Arm(input) => vec![Need::Object(input.system.id().to_owned())],
            Command::RemoveMetric(input) => threshold::needs(input.change.as_ref()),
            Command::ChangeThreshold(input) => threshold::needs(input.change.as_ref()),
            Command::Pause(_) => {
                let system = self.system.id().to_owned();
                let classified = Need::Where("regulatory_classification", "system", system.clone());
                vec![Need::Object(system), classified]
            }
            Command::Close => vec![Need::Object(self.system.id().to_owned())],
            Command::Rearm
            | Command::AddMetric(_)
            | Command::Ingest(_)
            | Command::AcknowledgeAlert(_)
            | Command::ResolveAlert(_)
            | Command::EndPause
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Arm(input) => input.armed(context),
            Command::Rearm => self.rearmed(context),
            Command::AddMetric(input) => self.metric_added(input, context),
            Command::RemoveMetric(input) => self.metric_removed(input, context),
            Command::Ingest(input) => self.ingested(&input.points, context),
            Command::AcknowledgeAlert(input) => self.alert_acknowledged(input, context),
            Command::ResolveAlert(input) => self.alert_resolved(input, context),
            Command::ChangeThreshold(input) => self.threshold_changed(input, context),
            Command::Pause(input) => self.paused(input, context),
            Command::EndPause => Ok(self.pause_ended(context)),
            Command::Close => self.closed(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Armed(e) => self.take_armed(e),
            Event::Rearmed(e) => self.take_rearmed(&e),
            Event::MetricAdded(e) => {
                self.metrics.insert(e.key, Metric::of(e.definition));
            }
            Event::MetricRemoved(e) => {
                self.metrics.remove(&e.metric);
            }
            Event::MetricObserved(e) => self.take_observed(e),
            Event::MetricThresholdBreached(e) | Event::DriftDetected(e) => self.take_breach(e),
            Event::MetricRecovered(_) => {}
            Event::AlertAcknowledged(e) => self.take_acknowledged(e),
            Event::AlertResolved(e) => {
                self.alerts.remove(&e.alert);
            }
            Event::ThresholdChanged(e) => self.take_threshold(e),
            Event::Paused(e) => self.take_paused(e),
            Event::PauseEnded(e) => self.take_pause_end(e.at),
            Event::Closed(e) => self.closed_at = Some(e.at),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
        self.status = self.standing();
        self.level = self.metrics.values().map(|metric| metric.level).max().unwrap_or_default();
    }
}

impl Monitor {
    /// Where it stands, by what it holds.
    fn standing(&self) -> MonitorStatus {
        let waits = |alert: &Alert| alert.ack_at.is_none();
        if self.closed_at.is_some() {
            MonitorStatus::Closed
        } else if self.paused_until.is_some() {
            MonitorStatus::Paused
        } else if self.alerts.values().any(waits) {
            MonitorStatus::Alerting
        } else if !self.alerts.is_empty() {
            MonitorStatus::Acknowledged
        } else if self.metrics.values().any(|metric| metric.level > Level::Normal) {
            MonitorStatus::Resolved
        } else {
            MonitorStatus::Armed
        }
    }

    fn must_be_open(&self) -> Result<(), Refusal> {
        if self.closed_at.is_some() { Err(Refusal::MonitorClosed) } else { Ok(()) }
    }

    fn metric(&self, key: &Key) -> Result<&Metric, Refusal> {
        let unknown =
            || Refusal::UnknownMetric { metric: key.as_str().to_owned(), at: "/metric".to_owned() };
        self.metrics.get(key).ok_or_else(unknown)
    }

    /// The open alert of a metric.
    fn alert_of(&self, metric: &Key) -> Option<&Key> {
        self.alerts.iter().find(|(_, alert)| alert.metric == *metric).map(|(key, _)| key)
    }
}
