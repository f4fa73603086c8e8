//! Objectives, nonconformities, audits, reviews, certificates.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::metrics::clauses::standard;
use crate::register::Rows;
use crate::rows::assurance::{InternalAudit, ManagementReview, Nonconformity};
use crate::rows::governance::Kpi;
use crate::tally::{ONE, Tally, Unit};
use crate::value::{Day, Sym};
use crate::word::Word;
use crate::world::World;

/// Periods over which a trend is taken.
const TREND_PERIODS: usize = 6;
/// Inputs of a management review (9.3.2).
const REVIEW_INPUTS: i64 = 7;

impl Kpi {
    /// The slope of the last six measurements per period, by least squares, in millionths; positive
    /// when it goes the way that is wanted.
    fn slope(&self) -> Option<i64> {
        let mut points: Vec<_> = self.measurements.values().collect();
        points.sort_by_key(|point| point.period);
        let last = points.split_off(points.len().saturating_sub(TREND_PERIODS));
        let n = i128::try_from(last.len()).ok().filter(|n| *n > 1)?;
        let (mut sum, mut moment) = (0, 0);
        for (x, point) in (0_i128..).zip(&last) {
            sum += i128::from(point.value.0);
            moment += x * i128::from(point.value.0);
        }
        let xs = n * (n - 1) / 2;
        let squares = n * (n - 1) * (2 * n - 1) / 6;
        let slope = (n * moment - xs * sum) / (n * squares - xs * xs);
        let slope = i64::try_from(slope).ok()?;
        Some(if self.direction == Word::Lower { -slope } else { slope })
    }
}

/// Indicators on target.
pub(crate) fn objectives<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let standings = [Word::AtRisk, Word::Breached, Word::NotMeasured];
    let (mut counts, mut trend) = ([0; 3], (0, 0));
    for (id, row) in world.kpis().iter().filter(|(_, row)| row.status == Word::Active) {
        let place = standings.iter().position(|standing| *standing == row.standing);
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
        let slope = row.slope();
        trend.0 += i64::from(slope.is_some_and(|slope| slope > 0));
        trend.1 += i64::from(slope.is_some_and(|slope| slope < 0));
        tally.one(world, id, row.standing == Word::OnTarget, || {
            let slope = slope.map(|slope| kernel::Decimal::from_micros(slope).to_string());
            let slope = slope.map_or(String::new(), |slope| format!(", trend {slope} a period"));
            Cow::Owned(format!("{}{slope}", row.standing.text()))
        });
    }
    for (name, count) in ["at_risk", "breached", "not_measured"].into_iter().zip(counts) {
        tally.number(name, count, Unit::Count);
    }
    tally.number("improving", trend.0, Unit::Count);
    tally.number("worsening", trend.1, Unit::Count);
}

impl Nonconformity {
    /// Whether something is still to be done about it.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.status, Word::Closed | Word::Rejected)
    }

    /// Whether its effect was judged, and whether it worked at once.
    fn first_time(&self) -> Option<bool> {
        let judged = self.effectiveness.as_ref().and_then(|effect| effect.result.as_ref());
        let judged = judged.map(|result| result.outcome == Word::Effective);
        match (judged, self.failed_checks) {
            (None, 0) => None,
            (judged, failed) => Some(failed == 0 && judged == Some(true)),
        }
    }
}

/// Open nonconformities of a grade.
pub(crate) fn open(world: &World<'_>, grade: Word) -> i64 {
    let rows = world.nonconformities().rows();
    let count = rows.filter(|row| row.is_open() && row.grade == grade).count();
    i64::try_from(count).unwrap_or_default()
}

/// Open nonconformities, and how well they are dealt with.
pub(crate) fn nonconformities<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    let (mut ages, mut overdue) = (Vec::new(), 0);
    let (mut repeated, mut all, mut first) = (0, 0, (0, 0));
    let mut raised = HashMap::<Sym, Vec<Day>>::new();
    for row in world.nonconformities().rows().filter(|row| row.status != Word::Rejected) {
        if let Some(requirement) = row.requirement {
            raised.entry(requirement).or_default().push(row.raised_on);
        }
    }
    raised.values_mut().for_each(|days| days.sort_unstable());
    for (id, row) in world.nonconformities().iter() {
        if row.status == Word::Rejected {
            continue;
        }
        all += 1;
        let earlier = |days: &Vec<Day>| is_repeated(days, row.raised_on);
        repeated += i64::from(row.requirement.and_then(|of| raised.get(&of)).is_some_and(earlier));
        if let Some(worked) = row.first_time() {
            first = (first.0 + i64::from(worked), first.1 + 1);
        }
        if row.is_open() {
            let age = (world.day.0 - row.raised_on.0).max(0);
            let late = row.due.is_some_and(|due| due < world.day)
                || row.actions.values().any(|a| a.done.is_none() && a.due < world.day);
            ages.push(age);
            overdue += i64::from(late);
            tally.numerator += ONE;
            tally.item(Cow::Borrowed(world.text(id)), true, || {
                let late = if late { ", overdue" } else { "" };
                Cow::Owned(format!("{}, {age} days{late}", row.grade.text()))
            });
        }
    }
    ages.sort_unstable();
    tally.number("open_major", open(world, Word::Major), Unit::Count);
    tally.number("open_minor", open(world, Word::Minor), Unit::Count);
    tally.number("overdue", overdue, Unit::Count);
    median(tally, &ages);
    tally.ratio("repeated", repeated, all);
    tally.ratio("effective_first_time", first.0, first.1);
}

/// Whether on these days, which are in order, another one was raised within 24 months before a day
/// or on it.
fn is_repeated(days: &[Day], on: Day) -> bool {
    let since = on.months_before(24);
    let (from, to) = (days.partition_point(|d| *d < since), days.partition_point(|d| *d <= on));
    to - from > 1
}

fn median(tally: &mut Tally<'_>, ages: &[i64]) {
    let (low, high) = (ages.get(ages.len().saturating_sub(1) / 2), ages.get(ages.len() / 2));
    match (low, high) {
        (Some(low), Some(high)) => {
            tally.quotient("median_age", ((low + high) * ONE, 2 * ONE), Unit::Days);
        }
        (_, _) => tally.maybe("median_age", None, Unit::Days),
    }
}

impl InternalAudit {
    /// Whether its report stands.
    pub(crate) fn is_reported(&self) -> bool {
        matches!(self.status, Word::Reported | Word::Closed)
    }

    /// The day on which it was done.
    fn day(&self) -> Day {
        let reported = self.reported_at.map(|at| at.day());
        self.performed_on.or(reported).unwrap_or(self.planned_on)
    }
}

/// Whether a criterion of an audit covers a clause or control: it is that, or what it stands under.
fn covers(criterion: &str, number: &str) -> bool {
    let rest = number.strip_prefix(criterion);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Clauses that were audited in the last twelve months.
pub(crate) fn audits<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let (year, three) = (world.day.months_before(12), world.day.months_before(36));
    let (mut recent, mut older, mut overdue) = (Vec::new(), Vec::new(), 0);
    for row in world.internal_audits().rows() {
        if row.is_reported() {
            let criteria = row.criteria.iter().map(|criterion| world.text(*criterion));
            let day = row.day();
            let within = |since: Day| since < day && day <= world.day;
            if within(three) {
                older.extend(criteria.clone());
            }
            if within(year) {
                recent.extend(criteria);
            }
        } else if row.status == Word::Planned && row.planned_on < world.day {
            overdue += 1;
        }
    }
    for list in [&mut recent, &mut older] {
        list.sort_unstable();
        list.dedup();
    }
    for clause in standard().map(|standard| standard.clauses.as_slice()).unwrap_or_default() {
        let audited = recent.iter().any(|criterion| covers(criterion, &clause.number));
        let whole = if audited { ONE } else { 0 };
        tally.weigh(Cow::Borrowed(&clause.number), whole, ONE, audited, || {
            Cow::Borrowed(if audited { "audited" } else { "not audited within a year" })
        });
    }
    let (mut audited, mut applicable) = (0, 0);
    for (_, row) in &world.controls().approved {
        if row.decision == Word::Applicable {
            let number = world.text(row.control);
            applicable += 1;
            audited += i64::from(older.iter().any(|criterion| covers(criterion, number)));
        }
    }
    tally.ratio("controls", audited, applicable);
    tally.number("overdue", overdue, Unit::Count);
}

impl ManagementReview {
    /// Whether it was held.
    pub(crate) fn is_held(&self) -> bool {
        matches!(self.status, Word::Held | Word::ActionsClosed)
    }
}

/// Frozen inputs of the last review of which any were, of the seven.
pub(crate) fn reviews<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let rows = world.management_reviews();
    let last = rows.iter().filter(|(_, row)| row.is_held() || row.inputs.0 > 0);
    let last = last.max_by_key(|(_, row)| row.held_on.unwrap_or(row.planned_on));
    let frozen = last.map_or(0, |(_, row)| i64::from(row.inputs.0).min(REVIEW_INPUTS));
    tally.numerator = frozen * ONE;
    tally.denominator = Some(if last.is_some() { REVIEW_INPUTS * ONE } else { 0 });
    if let Some((id, row)) = last {
        tally.item(Cow::Borrowed(world.text(id)), row.is_held(), || {
            Cow::Owned(format!("{frozen} of {REVIEW_INPUTS} inputs frozen"))
        });
    }
    let next = rows.rows().filter(|row| !row.is_held()).map(|row| row.planned_on).min();
    tally.maybe("days_to_next", next.map(|day| day.0 - world.day.0), Unit::Days);
    let decisions = rows.rows().flat_map(|row| row.decisions.values());
    let (mut in_time, mut due) = (0, 0);
    for decision in decisions {
        let done = decision.completion.as_ref().map(|stamp| stamp.at.day());
        if done.is_some() || decision.due < world.day {
            due += 1;
            in_time += i64::from(done.is_some_and(|day| day <= decision.due));
        }
    }
    tally.ratio("decisions_in_time", in_time, due);
}

/// Days until the certificate expires, and until what comes before.
pub(crate) fn certificate<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    let running = [Word::Issued, Word::Active, Word::Suspended, Word::ScopeReduced];
    let certificates = world.certificates().iter();
    let running = certificates.filter(|(_, row)| running.contains(&row.status));
    let Some((id, row)) = running.max_by_key(|(_, row)| row.valid_to) else {
        tally.absent = true;
        return;
    };
    let until = |day: Day| day.0 - world.day.0;
    tally.numerator = until(row.valid_to) * ONE;
    tally.item(Cow::Borrowed(world.text(id)), true, || Cow::Owned(row.status.text()));
    tally.maybe("to_surveillance", row.next_surveillance.map(until), Unit::Days);
    tally.number("to_recertification", until(row.recertification_due), Unit::Days);
    let suspended = row.suspension.as_ref().filter(|_| row.status == Word::Suspended);
    let suspended = suspended.map_or(0, |suspension| world.day.0 - suspension.since.0);
    tally.number("suspended", suspended, Unit::Days);
}
