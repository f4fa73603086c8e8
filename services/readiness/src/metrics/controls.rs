//! The statement of applicability: decided, implemented, proven, contradicted.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use crate::metrics::clauses::standard;
use crate::rows::governance::SoaControl;
use crate::tally::{ONE, Tally, Unit};
use crate::value::Sym;
use crate::word::Word;
use crate::world::World;

/// Controls of the standard that the working copy decides on.
pub(crate) fn decisions<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let rows = &world.controls().working;
    for control in standard().map(|standard| standard.controls.as_slice()).unwrap_or_default() {
        let number = world.find(&control.number);
        let row = rows.iter().find(|(_, row)| Some(row.control) == number);
        let decided = row.is_some_and(|(_, row)| row.decision != Word::Undecided);
        let id = row.map_or(Cow::Borrowed(control.number.as_str()), |(id, _)| {
            Cow::Borrowed(world.text(*id))
        });
        let whole = if decided { ONE } else { 0 };
        tally.weigh(id, whole, ONE, decided, || Cow::Borrowed(&control.number));
    }
}

/// Applicable rows of the approved statement.
fn applicable<'a>(world: &World<'a>) -> Vec<(Sym, &'a SoaControl)> {
    let rows = world.controls().approved.iter();
    rows.filter(|(_, row)| row.decision == Word::Applicable).copied().collect()
}

fn note(world: &World<'_>, row: &SoaControl, more: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{} {}{more}", world.text(row.control), row.status.text()))
}

/// Applicable controls that are implemented, by the approved statement.
pub(crate) fn implementation<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let mut counts = BTreeMap::<Word, i64>::new();
    let all = applicable(world);
    for (id, row) in &all {
        *counts.entry(row.status).or_default() += 1;
        let counted = row.status == Word::Implemented;
        tally.one(world, *id, counted, || note(world, row, ""));
    }
    let whole = i64::try_from(all.len()).unwrap_or_default();
    for (name, status) in [
        ("partially_implemented", Word::PartiallyImplemented),
        ("planned", Word::Planned),
        ("not_started", Word::NotStarted),
        ("not_effective", Word::NotEffective),
    ] {
        tally.ratio(name, counts.get(&status).copied().unwrap_or_default(), whole);
    }
    let approved = &world.controls().approved;
    let excluded = approved.iter().filter(|(_, row)| row.decision == Word::Excluded).count();
    tally.number("excluded", i64::try_from(excluded).unwrap_or_default(), Unit::Count);
}

/// Implemented controls with evidence that is fresh.
pub(crate) fn proof<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let implemented = applicable(world).into_iter();
    for (id, row) in implemented.filter(|(_, row)| row.status == Word::Implemented) {
        let fresh = world.fresh();
        let proven = row.evidence.iter().any(|id| fresh.is_fresh(*id)) || fresh.proves(row.control);
        let why = if proven { "" } else { " without fresh evidence" };
        tally.one(world, id, proven, || note(world, row, why));
    }
}

/// What a control's status is worth towards its area's objective.
fn weight(status: Word) -> i64 {
    match status {
        Word::Implemented => ONE,
        Word::PartiallyImplemented => ONE / 2,
        Word::Planned => ONE / 10,
        _ => 0,
    }
}

/// How far the objectives of the areas A.2 to A.10 are reached.
pub(crate) fn objectives<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let numbers = standard().map(|standard| standard.controls.as_slice()).unwrap_or_default();
    let mut areas: Vec<(String, i64, i64)> = Vec::new();
    for control in numbers {
        let area = area(&control.number);
        if areas.last().is_none_or(|(known, _, _)| *known != area) {
            areas.push((area, 0, 0));
        }
    }
    for (id, row) in applicable(world) {
        let (own, number) = (weight(row.status), world.text(row.control));
        let id = Cow::Borrowed(world.text(id));
        tally.weigh(id, own, ONE, own == ONE, || note(world, row, ""));
        let area = area(number);
        if let Some((_, sum, all)) = areas.iter_mut().find(|(known, _, _)| *known == area) {
            (*sum, *all) = (*sum + own, *all + ONE);
        }
    }
    for (area, sum, all) in areas {
        tally.quotient(area, (sum, all), Unit::Points);
    }
}

/// `A.6` of `A.6.2.4`.
fn area(number: &str) -> String {
    number.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// Open contradictions of the statement.
pub(crate) fn integrity<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    let Some((id, soa)) = world.controls().soa else {
        tally.absent = true;
        return;
    };
    let mut oldest = None;
    let mut controls = HashSet::new();
    for contradiction in soa.contradictions.values() {
        tally.numerator += ONE;
        let age = world.day.0 - contradiction.since.day().0;
        oldest = oldest.max(Some(age));
        controls.insert(contradiction.control);
        let control = world.text(contradiction.control);
        tally.item(Cow::Borrowed(world.text(id)), true, || {
            Cow::Owned(format!("{control}: {age} days"))
        });
    }
    tally.number("controls", i64::try_from(controls.len()).unwrap_or_default(), Unit::Count);
    tally.maybe("age_of_oldest", oldest, Unit::Days);
}
