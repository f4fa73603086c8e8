//! One metric: how it is measured and judged, and its newest windows.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::values::{Key, Line};
use kernel::{Decimal, Instant};

use super::Refusal;

/// How many windows of a metric stay open for points that arrive late.
pub const WINDOWS_KEPT: usize = 6;
/// The longest window, in days.
const DAYS_MAX: u32 = 366;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// 1970-01-05, a Monday: windows of seven days are weeks.
const MONDAY: i64 = 4 * DAY;

/// What a metric is about.
#[words]
#[derive(Default)]
pub enum MetricKind {
    /// How well the system does its task.
    #[default]
    Performance,
    /// How far its input, output or environment has moved from that of its validation.
    Drift,
    /// How evenly it treats groups.
    Fairness,
    /// How often it endangers somebody.
    Safety,
    /// What it costs.
    Cost,
    /// How much it is used.
    Usage,
    /// How often people overrule it.
    OverrideRate,
    /// How many complain of it.
    Complaints,
}

/// What one value stands for a window.
#[words]
#[derive(Default)]
pub enum Aggregate {
    /// The sum divided by the number of observations.
    #[default]
    Mean,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The sum.
    Sum,
    /// The number of observations.
    Count,
    /// The newest.
    Last,
}

/// Which values are the better ones.
#[words]
#[derive(Default)]
pub enum Direction {
    /// The higher, the better: a value below a threshold is worse than it allows.
    #[default]
    HigherIsBetter,
    /// The lower, the better: a value above a threshold is worse than it allows.
    LowerIsBetter,
}

impl Direction {
    /// Whether the first value is worse than the second.
    pub fn is_worse(self, value: Decimal, than: Decimal) -> bool {
        match self {
            Self::HigherIsBetter => value < than,
            Self::LowerIsBetter => value > than,
        }
    }

    /// On which side of a value the worse ones lie.
    fn worse_side(self) -> &'static str {
        match self {
            Self::HigherIsBetter => "below",
            Self::LowerIsBetter => "above",
        }
    }
}

/// How bad a value is.
#[words]
#[derive(Default)]
pub enum Level {
    /// Within all thresholds.
    #[default]
    Normal,
    /// Worse than `warn` allows.
    Warn,
    /// Worse than `breach` allows.
    Breach,
    /// Worse than `critical` allows.
    Critical,
}

/// Unit of a window's length.
#[words]
#[derive(Default)]
pub enum PeriodUnit {
    /// Of 60 seconds.
    Minutes,
    /// Of 60 minutes.
    Hours,
    /// Of 24 hours; seven of them begin on a Monday.
    Days,
    /// Of the calendar; three of them are a quarter, twelve a year.
    #[default]
    Months,
}

/// How long a window is. Windows follow each other without gaps in UTC.
#[record]
#[derive(Copy, Default, Eq)]
pub struct Period {
    /// How many units.
    pub amount: u32,
    /// Of what.
    pub unit: PeriodUnit,
}

/// A stretch of time.
#[record]
#[derive(Copy, Default, Eq)]
pub struct Span {
    /// Its first instant.
    pub from: Instant,
    /// The first instant after it.
    pub to: Instant,
}

impl Span {
    /// Whether an instant lies in it.
    pub fn holds(&self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }
}

impl Period {
    /// The window in which an instant lies.
    pub fn window_of(self, at: Instant) -> Span {
        let even = |unit: i64, origin: i64| {
            let length = unit.saturating_mul(i64::from(self.amount.max(1)));
            let number = (at.micros() - origin).div_euclid(length);
            let from = Instant::from_micros(origin + number * length);
            Span { from, to: from.plus_micros(length) }
        };
        match self.unit {
            PeriodUnit::Minutes => even(MINUTE, 0),
            PeriodUnit::Hours => even(HOUR, 0),
            PeriodUnit::Days => even(DAY, MONDAY),
            PeriodUnit::Months => {
                let first = at.date().period_start(self.amount);
                let next = first.plus_months(i64::from(self.amount.max(1)));
                Span { from: first.start(), to: next.start() }
            }
        }
    }

    /// Whether it is at least one unit and at most a year.
    fn is_fine(self) -> bool {
        let most = match self.unit {
            PeriodUnit::Minutes => DAYS_MAX * 24 * 60,
            PeriodUnit::Hours => DAYS_MAX * 24,
            PeriodUnit::Days => DAYS_MAX,
            PeriodUnit::Months => 12,
        };
        (1..=most).contains(&self.amount)
    }
}

/// When a value is too bad, and what it takes to say so.
#[record]
#[derive(Copy, Default, Eq)]
pub struct Limits {
    /// The last value that needs no warning.
    pub warn: Option<Decimal>,
    /// The last value that is no breach.
    pub breach: Option<Decimal>,
    /// The last value that is not critical.
    pub critical: Option<Decimal>,
    /// How many observations a window must have to be judged; 1 when left out.
    pub min_n: Option<u32>,
    /// Over how long a time observations are summarised.
    pub window: Period,
}

impl Limits {
    /// The thresholds by name, the mildest first.
    pub fn thresholds(&self) -> [(Level, &'static str, Option<Decimal>); 3] {
        [
            (Level::Warn, "warn", self.warn),
            (Level::Breach, "breach", self.breach),
            (Level::Critical, "critical", self.critical),
        ]
    }

    /// How many observations a window must have to be judged.
    pub fn least(&self) -> u32 {
        self.min_n.unwrap_or(1)
    }

    /// With the least number of observations written out.
    #[must_use]
    pub fn spelt_out(self) -> Self {
        Self { min_n: Some(self.least()), ..self }
    }

    /// Checks the limits; `at` is where they stand in the input.
    pub fn check(&self, direction: Direction, at: &str) -> Result<(), Refusal> {
        if !self.window.is_fine() {
            return Err(Refusal::WindowTooLongOrShort { at: format!("{at}/window/amount") });
        }
        if self.least() == 0 {
            return Err(Refusal::NoObservationsNeeded { at: format!("{at}/minN") });
        }
        let given = self.thresholds().into_iter().filter_map(|(_, name, t)| Some((name, t?)));
        let given: Vec<_> = given.collect();
        for ((milder, mild), (worse, bad)) in given.iter().zip(given.iter().skip(1)) {
            if !direction.is_worse(*bad, *mild) {
                let (side, at) = (direction.worse_side(), format!("{at}/{worse}"));
                return Err(Refusal::ThresholdsOutOfOrder { worse, milder, side, at });
            }
        }
        Ok(())
    }

    /// What other limits are looser in, if in anything: they would let pass, or judge later or on
    /// another footing, what these do not.
    pub fn loosened_by(&self, other: &Self, direction: Direction) -> Option<&'static str> {
        let both = self.thresholds().into_iter().zip(other.thresholds());
        let looser = both.filter_map(|((_, name, old), (_, _, new))| Some((name, old?, new)));
        let mut looser =
            looser.filter(|(_, old, new)| new.is_none_or(|new| direction.is_worse(new, *old)));
        if let Some((name, _, _)) = looser.next() {
            return Some(name);
        }
        if other.least() > self.least() {
            return Some("minN");
        }
        (other.window != self.window).then_some("window")
    }
}

/// How a metric is measured and judged.
#[record]
#[derive(Default)]
pub struct Definition {
    /// What is measured.
    #[field(max = 80)]
    pub name: Line,
    /// What it is about.
    pub metric_kind: MetricKind,
    /// What one value stands for a window.
    pub aggregate: Aggregate,
    /// Which values are the better ones.
    pub direction: Direction,
    /// When a value is too bad.
    #[field(flatten)]
    pub limits: Limits,
    /// The group of people, cases or places to which it is restricted.
    #[field(max = 80)]
    pub segment: Option<Line>,
}

impl Definition {
    /// The level of a value, and the threshold that it is worse than.
    pub fn judge(&self, value: Decimal) -> (Level, Option<Decimal>) {
        let worst_first = self.limits.thresholds().into_iter().rev();
        let mut passed = worst_first.filter_map(|(level, _, threshold)| Some((level, threshold?)));
        let passed = passed.find(|(_, threshold)| self.direction.is_worse(value, *threshold));
        passed.map_or((Level::Normal, None), |(level, threshold)| (level, Some(threshold)))
    }

    /// Whether further observations can only make a window's value better, so that it is judged
    /// when it has ended: a day's usage is not too low in the morning.
    pub fn is_judged_at_end(&self) -> bool {
        match (self.aggregate, self.direction) {
            (Aggregate::Sum | Aggregate::Count | Aggregate::Max, Direction::HigherIsBetter)
            | (Aggregate::Min, Direction::LowerIsBetter) => true,
            (Aggregate::Sum | Aggregate::Count | Aggregate::Max, Direction::LowerIsBetter)
            | (Aggregate::Min, Direction::HigherIsBetter)
            | (Aggregate::Mean | Aggregate::Last, _) => false,
        }
    }

    /// The level of a window as it stands at a time; `None` when it cannot be judged yet.
    pub fn level_of(&self, window: &Window, now: Instant) -> Option<Level> {
        let enough = window.n >= u64::from(self.limits.least());
        let ready = enough && (window.to <= now || !self.is_judged_at_end());
        ready.then(|| self.judge(window.value).0)
    }
}

/// The observations of one window, summarised.
#[record]
#[derive(Default)]
pub struct Window {
    /// Its first instant.
    pub from: Instant,
    /// The first instant after it.
    pub to: Instant,
    /// How many observations.
    pub n: u64,
    /// Their sum.
    pub sum: Decimal,
    /// The least.
    pub min: Decimal,
    /// The greatest.
    pub max: Decimal,
    /// The newest.
    pub last: Decimal,
    /// When the newest was made.
    pub last_at: Instant,
    /// The value that stands for the window.
    pub value: Decimal,
    /// How it was judged; nothing while it has too few observations, or has to end first.
    pub level: Option<Level>,
}

impl Window {
    /// Its key: when it begins, to the minute.
    fn key(&self) -> Key {
        let text = self.from.to_string().to_ascii_lowercase().replace(':', ".");
        Key::new(text.get(..16).unwrap_or(&text))
    }

    /// From when to when it lasts.
    pub fn span(&self) -> Span {
        Span { from: self.from, to: self.to }
    }
}

/// A metric with its newest windows.
#[record]
#[derive(Default)]
pub struct Metric {
    /// How it is measured and judged.
    #[field(flatten)]
    pub definition: Definition,
    /// The level of its newest window that could be judged; normal before the first and after the
    /// monitor was armed again.
    pub level: Level,
    /// When the window began that gave the level.
    pub judged_from: Option<Instant>,
    /// The earliest time of which points are still taken.
    pub open_from: Option<Instant>,
    /// Its newest windows, by when they begin.
    pub windows: BTreeMap<Key, Window>,
}

impl Metric {
    /// A metric that was not measured yet.
    pub fn of(definition: Definition) -> Self {
        Self { definition, ..Self::default() }
    }

    /// The window that begins at this instant, if it is still open.
    pub fn window(&self, from: Instant) -> Option<&Window> {
        self.windows.values().find(|window| window.from == from)
    }

    /// Whether the level of a window that begins then is the metric's.
    pub fn is_newest(&self, from: Instant) -> bool {
        self.judged_from.is_none_or(|judged| judged <= from)
    }

    /// Keeps a window's summary; the oldest gives way.
    pub fn keep(&mut self, window: Window) {
        if let Some(level) = window.level.filter(|_| self.is_newest(window.from)) {
            self.level = level;
            self.judged_from = Some(window.from);
        }
        self.windows.insert(window.key(), window);
        while self.windows.len() > WINDOWS_KEPT {
            let Some((_, oldest)) = self.windows.pop_first() else { return };
            self.open_from = self.open_from.max(Some(oldest.to));
        }
    }
}
