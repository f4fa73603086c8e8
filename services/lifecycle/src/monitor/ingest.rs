//! Measurements: thousands of points become a summary for each window that they fall into, and one
//! event.

use std::collections::BTreeMap;

use declare::record;
use kernel::values::Key;
use kernel::{Context, Decimal, Instant};

use super::alert::ack_within_micros;
use super::{
    Aggregate, Breach, Event, Level, Metric, MetricKind, Monitor, Recovered, Refusal, Span, Window,
};

/// How far a point's clock may be ahead of ours, in microseconds.
const AHEAD_MAX_MICROS: i64 = 5 * 60 * 1_000_000;
/// How old a point may be at most, in days.
const AGE_MAX_DAYS: i64 = 3_660;
/// The first sum, in millionths, and the first count that a decimal cannot hold.
const SUM_END: i128 = 1_000_000_000_000_000_000;
const COUNT_END: u64 = 1_000_000_000_000;

/// One measurement.
#[record]
pub struct Point {
    /// Key of the metric.
    pub metric: Key,
    /// When it was measured.
    pub at: Instant,
    /// The value.
    pub value: Decimal,
    /// How many observations it stands for, each with this value; 1 when left out.
    pub n: Option<u32>,
}

/// Input of `ingest`.
#[record]
pub struct Ingest {
    /// The measurements, in any order.
    #[field(max = 10000)]
    pub points: Vec<Point>,
}

/// A window of a metric as it stands after a measurement.
#[record]
pub struct Observed {
    /// Key of the metric.
    pub metric: Key,
    /// All its observations so far, summarised.
    #[field(flatten)]
    pub window: Window,
}

/// Measurements were taken.
#[record]
pub struct MetricObserved {
    /// How many points.
    pub points: u32,
    /// The windows that they fall into, and those that could be judged since they have ended; by
    /// metric, the oldest first.
    #[field(max = 10000)]
    pub windows: Vec<Observed>,
}

/// A window in the making. Its sum may leave the range of decimals on the way.
struct Tally<'a> {
    metric: &'a Metric,
    window: Window,
    sum: i128,
    /// The last point that was added.
    place: usize,
}

impl<'a> Tally<'a> {
    fn of(metric: &'a Metric, span: Span) -> Self {
        let Span { from, to } = span;
        let window = metric.window(from).cloned();
        let window = window.unwrap_or_else(|| Window { from, to, ..Window::default() });
        let sum = i128::from(window.sum.micros());
        Self { metric, window, sum, place: 0 }
    }

    fn add(&mut self, point: &Point, n: u32, place: usize) {
        let (window, value) = (&mut self.window, point.value);
        if window.n == 0 {
            (window.min, window.max, window.last_at) = (value, value, point.at);
        }
        window.min = window.min.min(value);
        window.max = window.max.max(value);
        if window.last_at <= point.at {
            (window.last, window.last_at) = (value, point.at);
        }
        window.n += u64::from(n);
        self.sum += i128::from(value.micros()) * i128::from(n);
        self.place = place;
    }

    fn finish(self, metric: &Key, now: Instant) -> Result<Observed, Refusal> {
        let (definition, mut window) = (&self.metric.definition, self.window);
        let fits = self.sum.abs() < SUM_END && window.n < COUNT_END;
        let sum = i64::try_from(self.sum).ok().filter(|_| fits).ok_or_else(|| {
            Refusal::SumOutOfRange { at: format!("/points/{}/value", self.place) }
        })?;
        window.sum = Decimal::from_micros(sum);
        window.value = match definition.aggregate {
            Aggregate::Mean => window.sum.over(window.n),
            Aggregate::Min => window.min,
            Aggregate::Max => window.max,
            Aggregate::Sum => window.sum,
            Aggregate::Count => Decimal::whole(window.n.cast_signed()),
            Aggregate::Last => window.last,
        };
        window.level = definition.level_of(&window, now);
        Ok(Observed { metric: metric.clone(), window })
    }
}

type Tallies<'a> = BTreeMap<(&'a Key, Instant), Tally<'a>>;

impl Monitor {
    /// Decides on measurements.
    pub(super) fn ingested(
        &self,
        points: &[Point],
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        if let Some(until) = self.paused_until.filter(|until| context.now < *until) {
            return Err(Refusal::MonitorPaused { until });
        }
        let mut events = self.pause_ended(context);
        let windows = self.summarised(points, context)?;
        let changes: Vec<_> = windows
            .chunk_by(|a, b| a.metric == b.metric)
            .flat_map(|windows| self.judged(windows, context))
            .collect();
        if !windows.is_empty() {
            let points = u32::try_from(points.len()).unwrap_or(u32::MAX);
            events.push(Event::MetricObserved(MetricObserved { points, windows }));
        }
        events.extend(changes);
        Ok(events)
    }

    /// The windows that the points change, and those that have ended since they were last looked
    /// at; by metric and time.
    fn summarised(&self, points: &[Point], context: &Context) -> Result<Vec<Observed>, Refusal> {
        let mut tallies = self.tallied(points, context)?;
        for (key, metric) in self.metrics.iter().filter(|(_, m)| m.definition.is_judged_at_end()) {
            for window in metric.windows.values().filter(|window| window.level.is_none()) {
                if metric.definition.level_of(window, context.now).is_some() {
                    let tally = || Tally::of(metric, window.span());
                    tallies.entry((key, window.from)).or_insert_with(tally);
                }
            }
        }
        tallies.into_iter().map(|((key, _), tally)| tally.finish(key, context.now)).collect()
    }

    fn tallied(&self, points: &[Point], context: &Context) -> Result<Tallies<'_>, Refusal> {
        let mut tallies = Tallies::new();
        // Neighbouring points mostly fall into one window.
        let mut spans = BTreeMap::<&Key, Span>::new();
        for (place, point) in points.iter().enumerate() {
            let Some((key, metric)) = self.metrics.get_key_value(&point.metric) else {
                let metric = point.metric.as_str().to_owned();
                return Err(Refusal::UnknownMetric {
                    metric,
                    at: format!("/points/{place}/metric"),
                });
            };
            let n = point.n.unwrap_or(1);
            metric.check(point, n, place, context.now)?;
            let span = spans.get(key).copied().filter(|span| span.holds(point.at));
            let span = span.unwrap_or_else(|| {
                let span = metric.definition.limits.window.window_of(point.at);
                spans.insert(key, span);
                span
            });
            let tally = tallies.entry((key, span.from));
            tally.or_insert_with(|| Tally::of(metric, span)).add(point, n, place);
        }
        Ok(tallies)
    }

    /// What follows from one metric's windows: the worst of those that have become worse than what
    /// is known raises an alert; the newest says whether the metric is normal again.
    fn judged(&self, windows: &[Observed], context: &Context) -> Vec<Event> {
        let Some(key) = windows.first().map(|observed| &observed.metric) else { return Vec::new() };
        let Some(metric) = self.metrics.get(key) else { return Vec::new() };
        let newest = windows.iter().rev().map(|observed| &observed.window);
        let newest = newest.clone().find(|w| w.level.is_some() && metric.is_newest(w.from));
        let is_worse = |window: &&Window| {
            let level = window.level.unwrap_or_default();
            let before = metric.window(window.from).and_then(|before| before.level);
            let gives_level = newest.is_some_and(|newest| newest.from == window.from);
            level > metric.level && (gives_level || level > before.unwrap_or_default())
        };
        let worse = windows.iter().map(|observed| &observed.window).filter(is_worse);
        let worst = worse.max_by_key(|window| (window.level, window.from));
        let mut events: Vec<_> =
            worst.map(|window| self.breach(key, metric, window, context)).into_iter().collect();
        let stood_out = metric.level > Level::Normal || worst.is_some();
        if let Some(window) = newest.filter(|w| stood_out && w.level == Some(Level::Normal)) {
            let (value, n, window) = (window.value, window.n, window.span());
            let metric = key.clone();
            events.push(Event::MetricRecovered(Recovered { metric, value, n, window }));
        }
        events
    }

    fn breach(&self, key: &Key, metric: &Metric, window: &Window, context: &Context) -> Event {
        let (level, threshold) = metric.definition.judge(window.value);
        let alert = self.alert_of(key).cloned().unwrap_or_else(|| context.new_key("alert"));
        let breach = Breach {
            alert,
            metric: key.clone(),
            metric_kind: metric.definition.metric_kind,
            level,
            value: window.value,
            threshold: threshold.unwrap_or_default(),
            n: window.n,
            window: window.span(),
            at: context.now,
            ack_due: context.now.plus_micros(ack_within_micros(level)),
        };
        match metric.definition.metric_kind {
            MetricKind::Drift => Event::DriftDetected(breach),
            MetricKind::Performance
            | MetricKind::Fairness
            | MetricKind::Safety
            | MetricKind::Cost
            | MetricKind::Usage
            | MetricKind::OverrideRate
            | MetricKind::Complaints => Event::MetricThresholdBreached(breach),
        }
    }

    /// Evolves by measurements.
    pub(super) fn take_observed(&mut self, event: MetricObserved) {
        self.last_pause = None;
        for Observed { metric, window } in event.windows {
            if let Some(metric) = self.metrics.get_mut(&metric) {
                metric.keep(window);
            }
        }
    }
}

impl Metric {
    /// Whether a point may be taken.
    fn check(&self, point: &Point, n: u32, place: usize, now: Instant) -> Result<(), Refusal> {
        let latest = now.plus_micros(AHEAD_MAX_MICROS);
        let earliest = Some(now.plus_days(-AGE_MAX_DAYS)).max(self.open_from).unwrap_or_default();
        if point.at > latest {
            return Err(Refusal::FromTheFuture { latest, at: format!("/points/{place}/at") });
        }
        if point.at < earliest {
            let metric = point.metric.as_str().to_owned();
            return Err(Refusal::TooLate { metric, earliest, at: format!("/points/{place}/at") });
        }
        if n == 0 {
            return Err(Refusal::NothingObserved { at: format!("/points/{place}/n") });
        }
        Ok(())
    }
}
