//! What was measured, period by period.

use declare::record;
use kernel::kinds;
use kernel::values::{Key, Prose, Ref};
use kernel::{Context, Date, Decimal, Instant, Role, UserId};

use super::{Event, Kpi, Refusal, Standing};

/// How many periods are kept in sight.
const KEPT: usize = 36;

/// What was measured for a period.
#[record]
pub struct Measurement {
    /// First day of the period.
    pub period: Date,
    /// The value.
    pub value: Decimal,
    /// How many cases it rests on.
    pub n: Option<u32>,
    /// What shows it.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Key of the limits by which it was judged.
    pub limits: Key,
    /// How it stands by them.
    pub standing: Standing,
    /// Who recorded it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Why an earlier value was wrong, where this one corrects it.
    pub correction: Option<Prose>,
}

/// Input of `record_measurement`.
#[record]
pub struct RecordMeasurement {
    /// A day of the period.
    pub period: Date,
    /// The value.
    pub value: Decimal,
    /// How many cases it rests on.
    pub n: Option<u32>,
    /// What shows it.
    #[field(max = 10)]
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Why the value of a closed period was wrong; needed to change it.
    pub correction: Option<Prose>,
}

/// A value was measured.
#[record]
pub struct Measured {
    /// What was measured.
    pub measurement: Measurement,
    /// The value that it replaces.
    pub before: Option<Decimal>,
    /// Whether the objective is about safety or fairness.
    pub is_safety_or_fairness: bool,
}

/// The value of a period is worse than the limit of breach.
#[record]
pub struct Breached {
    /// First day of the period.
    pub period: Date,
    /// The value.
    pub value: Decimal,
    /// The limit.
    pub limit: Decimal,
    /// In how many periods in a row it has been breached up to the newest.
    pub periods: u32,
    /// Whether the objective is about safety or fairness: a single breach counts then.
    pub is_safety_or_fairness: bool,
}

/// A KPI is breached no more.
#[record]
pub struct Recovered {
    /// First day of the period.
    pub period: Date,
    /// The value.
    pub value: Decimal,
    /// How it stands.
    pub standing: Standing,
}

fn key(period: Date) -> Key {
    Key::new(period.to_string())
}

impl Kpi {
    /// Whether the newest value is not worse than the target.
    pub(crate) fn reaches_target(&self) -> bool {
        let newest = self.last_period.and_then(|period| self.measurements.get(&key(period)));
        let limits = newest.and_then(|newest| self.limits.get(&newest.limits));
        newest.zip(limits).is_some_and(|(newest, limits)| {
            !self.direction.is_worse(newest.value, limits.bounds.target)
        })
    }

    pub(super) fn measured(
        &self,
        input: RecordMeasurement,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_active()?;
        if self.monitor.is_some() && !context.holds(Role::Sys) {
            return Err(Refusal::MeasuredByMonitor);
        }
        let period = self.frequency.period_of(input.period);
        let before = self.check_period(period, &input, context)?;
        check_evidence(&input.evidence, context)?;
        let Some((limits, counting)) = self.limits_of(period) else {
            return Err(Refusal::NoLimits { period, at: "/period" });
        };
        let RecordMeasurement { value, n, evidence, correction, .. } = input;
        let standing = counting.bounds.judge(self.direction, value);
        let (limits, by, at) = (limits.clone(), context.user(), context.now);
        let measurement =
            Measurement { period, value, n, evidence, limits, standing, by, at, correction };
        let objective = context.facts.get::<facts::Objective>(self.objective.id());
        let is_safety_or_fairness =
            objective.map_or(self.is_safety_or_fairness, |objective| objective.is_about_people());
        let measured = Measured { measurement, before, is_safety_or_fairness };
        let mut after = self.clone();
        after.take_measurement(measured.clone());
        let was = self.measurements.get(&key(period)).map(|measured| measured.standing);
        let mut events = vec![Event::Measured(measured)];
        if standing == Standing::Breached && was != Some(Standing::Breached) {
            let (limit, periods) = (counting.bounds.breach, after.breached_periods);
            events.push(Event::Breached(Breached {
                period,
                value,
                limit,
                periods,
                is_safety_or_fairness,
            }));
        }
        if self.standing == Standing::Breached && after.standing != Standing::Breached {
            let standing = after.standing;
            events.push(Event::Recovered(Recovered { period, value, standing }));
        }
        Ok(events)
    }

    /// The value that stands for the period, if this one may replace it. A period is closed when
    /// it has ended and was measured, or when a later one was measured.
    fn check_period(
        &self,
        period: Date,
        input: &RecordMeasurement,
        context: &Context,
    ) -> Result<Option<Decimal>, Refusal> {
        let at = "/period";
        let today = context.today();
        if period > today {
            return Err(Refusal::InTheFuture { period, at });
        }
        let before = self.measurements.get(&key(period)).map(|measured| measured.value);
        let has_ended = self.frequency.after(period) <= today;
        let is_passed = self.last_period.is_some_and(|last| last > period);
        let is_closed = is_passed || has_ended && before.is_some();
        let correction = input.correction.as_ref().is_some_and(|reason| !reason.is_blank());
        match (is_closed, correction) {
            (true, false) => {
                let value = before.unwrap_or_default();
                return Err(Refusal::PeriodClosed { period, value, at });
            }
            (false, true) => return Err(Refusal::NothingToCorrect { period, at: "/correction" }),
            (true, true) | (false, false) => {}
        }
        let full = self.measurements.len() >= KEPT;
        let is_older =
            self.measurements.values().next().is_some_and(|oldest| period < oldest.period);
        if full && is_older {
            return Err(Refusal::PeriodTooOld { period, at });
        }
        Ok(before)
    }

    pub(super) fn take_measurement(&mut self, event: Measured) {
        let Measured { measurement, is_safety_or_fairness, .. } = event;
        self.is_safety_or_fairness = is_safety_or_fairness;
        self.measurements.insert(key(measurement.period), measurement);
        while self.measurements.len() > KEPT {
            self.measurements.pop_first();
        }
        if let Some(newest) = self.measurements.values().next_back() {
            (self.last_period, self.last_value) = (Some(newest.period), Some(newest.value));
            self.standing = newest.standing;
        }
        let in_a_row = self.measurements.values().rev();
        let in_a_row = in_a_row.take_while(|measured| measured.standing == Standing::Breached);
        self.breached_periods = u32::try_from(in_a_row.count()).unwrap_or(u32::MAX);
    }
}

fn check_evidence(evidence: &[Ref<kinds::Evidence>], context: &Context) -> Result<(), Refusal> {
    for (n, evidence) in evidence.iter().enumerate() {
        let known = context.facts.get::<facts::Evidence>(evidence.id());
        if known.is_none_or(|known| !known.is_good()) {
            let (evidence, at) = (evidence.id().to_owned(), format!("/evidence/{n}"));
            return Err(Refusal::EvidenceNotGood { evidence, at });
        }
    }
    Ok(())
}
