//! A KPI that a monitor measures: which one, and which of its metrics (9.1).

use declare::record;
use kernel::values::{Key, Ref};
use kernel::{Context, UserId, kinds};

use super::{Event, Kpi, Refusal};

/// How many keys of metrics a refusal names.
const NAMED_MAX: usize = 5;

/// Input of `link_monitor`.
#[record]
pub struct LinkMonitor {
    /// The monitor that measures it.
    pub monitor: Ref<kinds::Monitor>,
    /// The metric of that monitor; needed where it has several.
    pub metric: Option<Key>,
}

/// A monitor measures the KPI from now on.
#[record]
pub struct MonitorLinked {
    /// The monitor.
    pub monitor: Ref<kinds::Monitor>,
    /// Its metric.
    pub metric: Option<Key>,
    /// Who said so.
    pub by: UserId,
}

/// The monitor measures something, and which metric is meant is plain.
pub(super) fn check(
    monitor: Option<&Ref<kinds::Monitor>>,
    metric: Option<&Key>,
    context: &Context,
) -> Result<(), Refusal> {
    let Some(monitor) = monitor else {
        let named = metric.map(|_| Refusal::MetricWithoutMonitor { at: "/metric" });
        return named.map_or(Ok(()), Err);
    };
    let Some(known) = context.facts.get::<facts::Monitor>(monitor.id()) else { return Ok(()) };
    if known.status == "closed" {
        return Err(Refusal::MonitorIsClosed { monitor: known.name, at: "/monitor" });
    }
    let is_plain = match metric {
        Some(metric) => known.metrics.contains_key(metric.as_str()),
        None => known.metrics.len() == 1,
    };
    if is_plain {
        return Ok(());
    }
    let keys: Vec<&str> = known.metrics.keys().map(String::as_str).take(NAMED_MAX).collect();
    Err(Refusal::WhichMetric { monitor: known.name, metrics: keys.join(", "), at: "/metric" })
}

impl Kpi {
    pub(super) fn monitor_linked(
        &self,
        input: LinkMonitor,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_active()?;
        check(Some(&input.monitor), input.metric.as_ref(), context)?;
        let LinkMonitor { monitor, metric } = input;
        if (Some(&monitor), &metric) == (self.monitor.as_ref(), &self.metric) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::MonitorLinked(MonitorLinked { monitor, metric, by: context.user() })])
    }
}
