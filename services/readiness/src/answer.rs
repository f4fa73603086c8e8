//! What is answered: readiness as of a point, and as a series over time.

use std::collections::HashSet;

use declare::record;
use kernel::values::{Key, Line};
use kernel::{Decimal, Instant, Position};

use crate::metrics::stages::{self, Index, Missing};
use crate::metrics::{METRICS, Metric};
use crate::register::Register;
use crate::tally::{Item, Part, Tally, Unit};
use crate::value::Time;
use crate::world::{Sweep, World};

/// How ready an organisation is, as of one point.
#[record]
pub struct Readiness {
    /// The position as of which the records were read.
    pub as_of_position: Position,
    /// The point in time that due dates were compared with.
    pub at: Instant,
    /// The metrics that were asked for.
    pub metrics: Vec<ReadinessMetric>,
    /// Whether a stage 1 audit would find everything that it looks for.
    pub stage1: Option<ReadinessStage>,
    /// The same of a stage 2 audit.
    pub stage2: Option<ReadinessStage>,
    /// The readiness index, for the organisation itself: no statement of conformity, and never
    /// shown to a certification body.
    pub index: Option<ReadinessIndex>,
    /// Metrics that are not shown because something that they are counted from is withheld from the
    /// reader.
    pub withheld: Vec<Key>,
}

/// A metric with what is behind its number.
#[record]
pub struct ReadinessMetric {
    /// Its name.
    pub name: Key,
    /// What it says.
    #[field(max = 400)]
    pub doc: Line,
    /// What counts.
    pub numerator: Decimal,
    /// Of what; none where the numerator alone is the number.
    pub denominator: Option<Decimal>,
    /// Numerator by denominator; none where the denominator is zero or there is nothing to count.
    pub value: Option<Decimal>,
    /// What the value is measured in.
    pub unit: Unit,
    /// Its parts, and numbers that go with it.
    pub parts: Vec<ReadinessPart>,
    /// How many items are behind it, of those that were asked for.
    pub item_count: u32,
    /// A page of them, by id.
    pub items: Vec<ReadinessItem>,
}

/// A part of a number, or one that goes with it.
#[record]
pub struct ReadinessPart {
    /// Of which clause, area, band or the like; or what it says.
    pub name: Line,
    /// What counts.
    pub numerator: Decimal,
    /// Of what.
    pub denominator: Option<Decimal>,
    /// Numerator by denominator; none where the denominator is zero or there is nothing to count.
    pub value: Option<Decimal>,
    /// What the value is measured in.
    pub unit: Unit,
}

/// Something behind a number.
#[record]
pub struct ReadinessItem {
    /// Id of the object, or number of the clause or control.
    pub id: Line,
    /// Whether it counts in the numerator.
    pub counted: bool,
    /// What is to be said of it.
    #[field(max = 1000)]
    pub note: Line,
}

/// Readiness for a stage of a certification audit.
#[record]
pub struct ReadinessStage {
    /// Whether nothing is missing.
    pub ready: bool,
    /// What is missing.
    pub missing: Vec<ReadinessGap>,
}

/// Something without which a stage is not ready.
#[record]
pub struct ReadinessGap {
    /// Its name.
    pub what: Key,
    /// Why it is missing.
    pub why: Line,
}

/// The readiness index.
#[record]
pub struct ReadinessIndex {
    /// From 0 to 1.
    pub value: Decimal,
    /// What it would be if it were not held down.
    pub uncapped: Decimal,
    /// Whether it is held down to 0.6 by what stage 2 lacks.
    pub forced: bool,
    /// What stage 2 lacks.
    pub because: Vec<Key>,
    /// Its parts.
    pub parts: Vec<ReadinessWeight>,
}

/// A part of the index.
#[record]
pub struct ReadinessWeight {
    /// The metric.
    pub name: Key,
    /// Its value from 0 to 1; none where there is nothing to count, which adds nothing.
    pub value: Option<Decimal>,
    /// Its weight in percent.
    pub weight: u32,
}

/// Readiness over time.
#[record]
pub struct ReadinessSeries {
    /// The position up to which the records were known.
    pub as_of_position: Position,
    /// Its points, in order.
    #[field(max = 1000)]
    pub points: Vec<ReadinessPoint>,
    /// Metrics that are not shown because something that they are counted from is withheld from the
    /// reader.
    pub withheld: Vec<Key>,
}

/// Readiness at one point of a series: what a question as of its time is answered.
#[record]
pub struct ReadinessPoint {
    /// When.
    pub at: Instant,
    /// The position as of which the records were read.
    pub as_of_position: Position,
    /// The values of the metrics that were asked for.
    pub metrics: Vec<ReadinessValue>,
    /// Whether stage 1 is ready.
    pub stage1_ready: Option<bool>,
    /// Whether stage 2 is ready.
    pub stage2_ready: Option<bool>,
    /// The readiness index, for the organisation itself.
    pub index: Option<Decimal>,
}

/// A metric's value.
#[record]
pub struct ReadinessValue {
    /// The metric.
    pub name: Key,
    /// What counts.
    pub numerator: Decimal,
    /// Of what.
    pub denominator: Option<Decimal>,
    /// Numerator by denominator.
    pub value: Option<Decimal>,
}

/// Which items are wanted.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// At most so many of each metric.
    pub first: usize,
    /// Those after this id.
    pub after: Option<String>,
    /// Those that count, or those that do not.
    pub counted: Option<bool>,
}

/// What is asked, and what of it may be shown.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The metrics, by name; all when it is empty.
    pub metrics: Vec<String>,
    /// The items behind the numbers.
    pub page: Page,
    /// Kinds that numbers may be counted from for this reader.
    pub readable: HashSet<&'static str>,
    /// Kinds of which every object may be named to him.
    pub listable: HashSet<&'static str>,
    /// Whether he is one of the organisation's own.
    pub is_member: bool,
}

/// A point that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// As of which position.
    pub position: Position,
    /// As of which time.
    pub at: Instant,
}

/// What is shown of a question, and what is withheld.
struct Shown {
    metrics: Vec<&'static Metric>,
    withheld: Vec<Key>,
    stages: bool,
    index: bool,
}

impl Question {
    fn shown(&self) -> Shown {
        let asked = |metric: &&Metric| {
            self.metrics.is_empty() || self.metrics.iter().any(|name| name == metric.name)
        };
        let readable = |kinds: &[&str]| kinds.iter().all(|kind| self.readable.contains(kind));
        let (metrics, withheld): (Vec<_>, Vec<_>) =
            METRICS.iter().filter(asked).partition(|metric| readable(metric.reads));
        let withheld = withheld.into_iter().map(|metric| Key::new(metric.name)).collect();
        let stages = readable(stages::READS);
        Shown { metrics, withheld, stages, index: stages && self.is_member }
    }
}

/// Readiness as of a point.
pub fn readiness(register: &Register, question: &Question, point: Point) -> Readiness {
    let shown = question.shown();
    let mut sweep = Sweep::new(register);
    let world = sweep.to(point.position.0, Time(point.at.micros()));
    let first = question.page.first > 0;
    let metric = |metric: &&'static Metric| described(metric, metric.of(&world, first), question);
    let metrics = shown.metrics.iter().map(metric).collect();
    let stage2 = shown.stages.then(|| stages::stage2(&world));
    let index = stage2.as_ref().filter(|_| shown.index);
    let index = index.map(|missing| indexed(stages::index(&world, missing), missing));
    Readiness {
        as_of_position: point.position,
        at: point.at,
        metrics,
        stage1: shown.stages.then(|| stage(&stages::stage1(&world))),
        stage2: stage2.as_deref().map(stage),
        index,
        withheld: shown.withheld,
    }
}

/// Readiness at several points, in their order; the register is gone through once.
pub fn series(
    register: &Register,
    question: &Question,
    points: &[Point],
    known: Position,
) -> ReadinessSeries {
    let shown = question.shown();
    let mut sweep = Sweep::new(register);
    let points = points.iter().map(|point| {
        let world = sweep.to(point.position.0, Time(point.at.micros()));
        at_point(&world, &shown, *point)
    });
    ReadinessSeries {
        as_of_position: known,
        points: points.collect(),
        withheld: shown.withheld.clone(),
    }
}

fn at_point(world: &World<'_>, shown: &Shown, point: Point) -> ReadinessPoint {
    let value = |metric: &&'static Metric| {
        let tally = metric.of(world, false);
        ReadinessValue {
            name: Key::new(metric.name),
            numerator: Decimal::from_micros(tally.numerator),
            denominator: tally.denominator.map(Decimal::from_micros),
            value: tally.value().map(Decimal::from_micros),
        }
    };
    let stage2 = shown.stages.then(|| stages::stage2(world));
    let index = stage2.as_ref().filter(|_| shown.index);
    let index = index.map(|missing| Decimal::from_micros(stages::index(world, missing).value));
    ReadinessPoint {
        at: point.at,
        as_of_position: point.position,
        metrics: shown.metrics.iter().map(value).collect(),
        stage1_ready: shown.stages.then(|| stages::stage1(world).is_empty()),
        stage2_ready: stage2.map(|missing| missing.is_empty()),
        index,
    }
}

fn described(metric: &Metric, tally: Tally<'_>, question: &Question) -> ReadinessMetric {
    let value = tally.value().map(Decimal::from_micros);
    let Tally { numerator, denominator, mut items, parts, .. } = tally;
    let Page { first, after, counted } = &question.page;
    items.retain(|item| {
        counted.is_none_or(|counted| item.counted == counted) && lists(question, item)
    });
    let item_count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    items.sort_by(|a, b| (&a.id, &a.note).cmp(&(&b.id, &b.note)));
    let after = after.as_deref();
    let rest = items.into_iter().filter(|item| after.is_none_or(|after| *item.id > *after));
    ReadinessMetric {
        name: Key::new(metric.name),
        doc: Line::new(metric.doc),
        numerator: Decimal::from_micros(numerator),
        denominator: denominator.map(Decimal::from_micros),
        value,
        unit: metric.unit,
        parts: parts.iter().map(part).collect(),
        item_count,
        items: rest.take(*first).map(item).collect(),
    }
}

/// Whether an item may be named to the reader; clauses and controls may.
fn lists(question: &Question, item: &Item<'_>) -> bool {
    let prefix = kernel::id::prefix_of(&item.id);
    let kind = if prefix == "usr" {
        "membership"
    } else {
        kernel::kinds::kind_of_prefix(prefix).map_or("", |row| row.name)
    };
    kind.is_empty() || question.listable.contains(kind)
}

fn item(item: Item<'_>) -> ReadinessItem {
    let note = Line::new(item.note.into_owned());
    ReadinessItem { id: Line::new(item.id.into_owned()), counted: item.counted, note }
}

fn part(part: &Part) -> ReadinessPart {
    ReadinessPart {
        name: Line::new(part.name.clone().into_owned()),
        numerator: Decimal::from_micros(part.numerator),
        denominator: part.denominator.map(Decimal::from_micros),
        value: part.value().map(Decimal::from_micros),
        unit: part.unit,
    }
}

fn stage(missing: &[Missing]) -> ReadinessStage {
    let gap = |missing: &Missing| ReadinessGap {
        what: Key::new(missing.what),
        why: Line::new(missing.why),
    };
    ReadinessStage { ready: missing.is_empty(), missing: missing.iter().map(gap).collect() }
}

fn indexed(index: Index, missing: &[Missing]) -> ReadinessIndex {
    let part = |(name, value, weight): (&'static str, Option<i64>, u32)| ReadinessWeight {
        name: Key::new(name),
        value: value.map(Decimal::from_micros),
        weight,
    };
    ReadinessIndex {
        value: Decimal::from_micros(index.value),
        uncapped: Decimal::from_micros(index.uncapped),
        forced: index.is_forced,
        because: missing.iter().map(|missing| Key::new(missing.what)).collect(),
        parts: index.parts.into_iter().map(part).collect(),
    }
}

#[cfg(test)]
mod tests;
