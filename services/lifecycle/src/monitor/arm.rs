//! What a monitor measures: arming it, adding a metric and taking one out.

use std::collections::BTreeMap;

use declare::record;
use kernel::kinds::{AiSystem, ChangeRequest};
use kernel::values::{Anything, Key, Line, Ref};
use kernel::{Context, Instant, UserId, id};

use super::{Definition, Event, Metric, Monitor, MonitorMode, Refusal};

/// Most metrics of a monitor: with all their windows they stay within a document.
pub const METRICS_MAX: usize = 16;

/// Input of `arm`.
#[record]
#[derive(Default)]
pub struct Arm {
    /// The AI system that it is to watch.
    pub system: Ref<AiSystem>,
    /// Its name.
    pub name: Line,
    /// How it is run; scheduled when left out.
    pub mode: Option<MonitorMode>,
    /// The post-market monitoring plan that it carries out: a document or technical documentation.
    pub post_market_plan_ref: Option<Ref<Anything>>,
    /// What it measures, under keys of your own choice.
    #[field(max = 16)]
    pub metrics: BTreeMap<Key, Definition>,
}

/// A monitor was defined and armed.
#[record]
pub struct Armed {
    /// Who armed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// The AI system that it watches.
    pub system: Ref<AiSystem>,
    /// Its name.
    pub name: Line,
    /// How it is run.
    pub mode: MonitorMode,
    /// The post-market monitoring plan that it carries out.
    pub post_market_plan_ref: Option<Ref<Anything>>,
    /// What it measures.
    #[field(max = 16)]
    pub metrics: BTreeMap<Key, Definition>,
}

/// Input of `add_metric`.
#[record]
pub struct AddMetric {
    /// A key of your own choice.
    pub key: Key,
    /// How it is measured and judged.
    #[field(flatten)]
    pub definition: Definition,
}

/// A metric was added.
#[record]
pub struct MetricAdded {
    /// Its key.
    pub key: Key,
    /// Who added it.
    pub by: UserId,
    /// How it is measured and judged.
    #[field(flatten)]
    pub definition: Definition,
}

/// Input of `remove_metric`.
#[record]
pub struct RemoveMetric {
    /// Key of the metric.
    pub metric: Key,
    /// The approved change that allows it; demanded.
    pub change: Option<Ref<ChangeRequest>>,
}

/// A metric was taken out.
#[record]
pub struct MetricRemoved {
    /// Its key.
    pub metric: Key,
    /// Who took it out.
    pub by: UserId,
    /// The approved change that allows it.
    pub change: Ref<ChangeRequest>,
    /// The version of the change that was approved.
    pub change_version: u32,
}

impl Definition {
    fn spelt_out(self) -> Self {
        Self { limits: self.limits.spelt_out(), ..self }
    }
}

impl Arm {
    /// Decides on arming.
    pub(super) fn armed(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        if system.is_some_and(|system| system.is_retired()) {
            return Err(Refusal::SystemRetired { at: "/system" });
        }
        let plan = self.post_market_plan_ref.as_ref().map(|plan| id::prefix_of(plan.id()));
        if plan.is_some_and(|prefix| !matches!(prefix, "doc" | "tdo")) {
            return Err(Refusal::NoPlan { at: "/postMarketPlanRef" });
        }
        if self.metrics.is_empty() {
            return Err(Refusal::NothingMeasured { at: "/metrics" });
        }
        for (key, definition) in &self.metrics {
            let at = format!("/metrics/{}", key.as_str());
            definition.limits.check(definition.direction, &at)?;
        }
        let metrics = self.metrics.into_iter();
        Ok(vec![Event::Armed(Armed {
            by: context.user(),
            at: context.now,
            system: self.system,
            name: self.name,
            mode: self.mode.unwrap_or_default(),
            post_market_plan_ref: self.post_market_plan_ref,
            metrics: metrics.map(|(key, definition)| (key, definition.spelt_out())).collect(),
        })])
    }
}

impl Monitor {
    /// Decides on a further metric.
    pub(super) fn metric_added(
        &self,
        input: AddMetric,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let definition = input.definition.spelt_out();
        match self.metrics.get(&input.key) {
            Some(known) if known.definition == definition => return Ok(Vec::new()),
            Some(_) => {
                return Err(Refusal::KeyTaken { key: input.key.as_str().to_owned(), at: "/key" });
            }
            None => {}
        }
        if self.metrics.len() >= METRICS_MAX {
            return Err(Refusal::TooManyMetrics { max: METRICS_MAX, at: "/key" });
        }
        definition.limits.check(definition.direction, "")?;
        let (key, by) = (input.key, context.user());
        Ok(vec![Event::MetricAdded(MetricAdded { key, by, definition })])
    }

    /// Decides that a metric is measured no longer.
    pub(super) fn metric_removed(
        &self,
        input: RemoveMetric,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        self.metric(&input.metric)?;
        if self.metrics.len() == 1 {
            return Err(Refusal::NothingMeasured { at: "/metric" });
        }
        if self.alert_of(&input.metric).is_some() {
            return Err(Refusal::AlertsOpen);
        }
        let (change, change_version) = self.approved_change(input.change, "metric", context)?;
        let (metric, by) = (input.metric, context.user());
        Ok(vec![Event::MetricRemoved(MetricRemoved { metric, by, change, change_version })])
    }

    /// Evolves by arming.
    pub(super) fn take_armed(&mut self, event: Armed) {
        self.system = event.system;
        self.name = event.name;
        self.mode = event.mode;
        self.post_market_plan_ref = event.post_market_plan_ref;
        self.armed_by = event.by;
        self.armed_at = event.at;
        let metrics = event.metrics.into_iter();
        self.metrics = metrics.map(|(key, metric)| (key, Metric::of(metric))).collect();
    }
}
