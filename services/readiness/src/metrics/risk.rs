//! Risks: exposure, treatment, acceptance.

use std::borrow::Cow;

use crate::register::Rows;
use crate::rows::risk::{Rating, Risk};
use crate::tally::{ONE, Tally, Unit};
use crate::value::Day;
use crate::word::Word;
use crate::world::World;

impl Risk {
    /// Whether it is neither a mere candidate nor closed.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.status, Word::Candidate | Word::Closed)
    }

    /// How large it is now: after treatment where that was rated.
    pub(crate) fn current(&self) -> Option<&Rating> {
        self.residual.as_ref().or(self.inherent.as_ref())
    }

    /// Whether on this day somebody's acceptance covers it as it is (as `facts::Risk` says).
    fn is_accepted_on(&self, day: Day) -> bool {
        let (Some(acceptance), Some(rating)) = (&self.acceptance, self.current()) else {
            return false;
        };
        let stale = self.acceptance_stale.as_ref();
        let wider = stale.is_some_and(|stale| stale.because.contains(&Word::SystemsAdded));
        let covers = rating.score <= acceptance.score && rating.level != Word::Critical;
        self.is_open() && day <= acceptance.valid_until && covers && !wider
    }
}

fn open<'a>(world: &World<'a>) -> impl Iterator<Item = (crate::value::Sym, &'a Risk)> {
    world.risks().iter().filter(|(_, row)| row.is_open())
}

/// The sum of what remains, by level.
pub(crate) fn exposure<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    let levels = [Word::Low, Word::Medium, Word::High, Word::Critical];
    let (mut counts, mut unrated) = ([0; 4], 0);
    for (id, row) in open(world) {
        let Some(rating) = row.current() else {
            unrated += 1;
            continue;
        };
        tally.numerator += i64::from(rating.score) * ONE;
        let place = levels.iter().position(|level| *level == rating.level);
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
        tally.item(Cow::Borrowed(world.text(id)), true, || {
            Cow::Owned(format!("{} {}", rating.score, rating.level.text()))
        });
    }
    for (level, count) in ["low", "medium", "high", "critical"].into_iter().zip(counts) {
        tally.number(level, count, Unit::Count);
    }
    tally.number("not_rated", unrated, Unit::Count);
}

/// The appetite of the criteria in force.
fn appetite(world: &World<'_>) -> Option<u32> {
    let rows = world.risk_criteria().rows();
    let (row, effective) = rows.filter_map(|row| Some((row, row.effective.as_ref()?))).next()?;
    let key = world.find(&format!("v{}", effective.version))?;
    let approved = row.approved_versions.0.iter().find(|(known, _)| *known == key);
    approved.map(|(_, approved)| approved.appetite)
}

/// Risks above the appetite that nobody has validly accepted.
pub(crate) fn above_appetite<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    let Some(appetite) = appetite(world) else {
        tally.absent = true;
        return;
    };
    let mut above = 0;
    for (id, row) in open(world) {
        let Some(rating) = row.current().filter(|rating| rating.score > appetite) else { continue };
        above += 1;
        let accepted = row.is_accepted_on(world.day);
        tally.numerator += if accepted { 0 } else { ONE };
        tally.item(Cow::Borrowed(world.text(id)), !accepted, || {
            let how = if accepted { "accepted" } else { "without valid acceptance" };
            Cow::Owned(format!("{} over {appetite}, {how}", rating.score))
        });
    }
    tally.number("above_appetite", above, Unit::Count);
    tally.number("appetite", i64::from(appetite), Unit::Points);
}

/// Actions of plans in force that were done by their day, of those whose day has come.
pub(crate) fn timeliness<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let (mut delay, mut due) = (0, 0);
    for (id, row) in world.treatment_plans().iter().filter(|(_, row)| row.effective.is_some()) {
        let actions = row.in_force.iter().flat_map(|plan| &plan.actions.0);
        for (key, action) in actions.filter(|(_, action)| action.due <= world.day) {
            let until = action.done_at.map_or(world.day, |at| at.day());
            let late = (until.0 - action.due.0).max(0);
            let (done, key) = (action.done_at.is_some(), world.text(*key));
            let counted = done && late == 0;
            (delay, due) = (delay + late, due + 1);
            let whole = if counted { ONE } else { 0 };
            tally.weigh(Cow::Borrowed(world.text(id)), whole, ONE, counted, || {
                let how = if done { "done" } else { "open" };
                Cow::Owned(format!("{key}: {how}, {late} days late"))
            });
        }
    }
    tally.quotient("mean_delay", (delay * ONE, due * ONE), Unit::Days);
}

/// Acceptances that hold, of all risks that are accepted.
pub(crate) fn acceptance<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    for (id, row) in open(world).filter(|(_, row)| row.acceptance.is_some()) {
        let valid = row.is_accepted_on(world.day);
        tally.one(world, id, valid, || {
            Cow::Borrowed(if valid { "valid" } else { "no longer covers it" })
        });
    }
}
