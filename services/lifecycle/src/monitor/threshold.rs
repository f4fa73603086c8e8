//! Thresholds are tightened freely and loosened under an approved change.

use declare::{record, words};
use kernel::kinds::ChangeRequest;
use kernel::values::{Key, Ref};
use kernel::{Context, Decimal, Instant, Need, UserId};

use super::{Event, Limits, Monitor, Period, Refusal};

/// A threshold of a metric.
#[words]
pub enum Threshold {
    /// Beyond it a warning is due.
    Warn,
    /// Beyond it the metric is in breach.
    Breach,
    /// Beyond it the metric is critical.
    Critical,
}

/// Input of `change_threshold`; what is left out stays as it is.
#[record]
pub struct ChangeThreshold {
    /// Key of the metric.
    pub metric: Key,
    /// The last value that needs no warning.
    pub warn: Option<Decimal>,
    /// The last value that is no breach.
    pub breach: Option<Decimal>,
    /// The last value that is not critical.
    pub critical: Option<Decimal>,
    /// Thresholds that are given up.
    #[field(max = 3)]
    pub without: Vec<Threshold>,
    /// How many observations a window must have to be judged.
    pub min_n: Option<u32>,
    /// Over how long a time observations are summarised; windows begin anew.
    pub window: Option<Period>,
    /// The approved change that allows it; demanded when anything is loosened.
    pub change: Option<Ref<ChangeRequest>>,
}

/// A metric is judged otherwise from now on.
#[record]
pub struct ThresholdChanged {
    /// Key of the metric.
    pub metric: Key,
    /// Who changed it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// How it was judged before.
    pub before: Limits,
    /// How it is judged from now on.
    pub after: Limits,
    /// Whether anything is looser than before.
    pub loosened: bool,
    /// The approved change that allows it.
    pub change: Option<Ref<ChangeRequest>>,
    /// The version of the change that was approved.
    pub change_version: Option<u32>,
}

/// The facts that a loosening needs.
pub(super) fn needs(change: Option<&Ref<ChangeRequest>>) -> Vec<Need> {
    change.map(|change| Need::Object(change.id().to_owned())).into_iter().collect()
}

impl ChangeThreshold {
    fn applied(&self, limits: Limits) -> Limits {
        let kept = |threshold, old: Option<Decimal>, new: Option<Decimal>| {
            new.or(old).filter(|_| !self.without.contains(&threshold))
        };
        Limits {
            warn: kept(Threshold::Warn, limits.warn, self.warn),
            breach: kept(Threshold::Breach, limits.breach, self.breach),
            critical: kept(Threshold::Critical, limits.critical, self.critical),
            min_n: self.min_n.or(limits.min_n),
            window: self.window.unwrap_or(limits.window),
        }
    }
}

impl Monitor {
    /// Decides on other limits.
    pub(super) fn threshold_changed(
        &self,
        input: ChangeThreshold,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let definition = &self.metric(&input.metric)?.definition;
        let before = definition.limits;
        let after = input.applied(before);
        if after == before {
            return Ok(Vec::new());
        }
        after.check(definition.direction, "")?;
        let loosened = before.loosened_by(&after, definition.direction);
        let approved = match (loosened, input.change) {
            (None, None) => None,
            (what, change) => {
                Some(self.approved_change(change, what.unwrap_or("threshold"), context)?)
            }
        };
        let (change, change_version) = approved.unzip();
        Ok(vec![Event::ThresholdChanged(ThresholdChanged {
            metric: input.metric,
            by: context.user(),
            at: context.now,
            before,
            after,
            loosened: loosened.is_some(),
            change,
            change_version,
        })])
    }

    /// The approved change of this system that allows something to be loosened.
    pub(super) fn approved_change(
        &self,
        change: Option<Ref<ChangeRequest>>,
        what: &'static str,
        context: &Context,
    ) -> Result<(Ref<ChangeRequest>, u32), Refusal> {
        let change = change.ok_or(Refusal::LooseningWithoutChange { what, at: "/change" })?;
        let known = context.facts.get::<facts::ChangeRequest>(change.id());
        let known = known.filter(|known| known.system == self.system.id());
        let known = known.ok_or(Refusal::ChangeOfAnotherSystem { at: "/change" })?;
        let effective = known.effective.ok_or(Refusal::ChangeNotApproved { at: "/change" })?;
        let version = effective["version"].as_u64().and_then(|version| version.try_into().ok());
        Ok((change, version.unwrap_or_default()))
    }

    /// Evolves by other limits. Windows of another length begin anew with the one that runs.
    pub(super) fn take_threshold(&mut self, event: ThresholdChanged) {
        let Some(metric) = self.metrics.get_mut(&event.metric) else { return };
        metric.definition.limits = event.after;
        if event.before.window != event.after.window {
            metric.windows.clear();
            metric.judged_from = None;
            let begun = event.after.window.window_of(event.at).from;
            metric.open_from = metric.open_from.max(Some(begun));
        }
    }
}
