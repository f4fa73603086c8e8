//! How fresh evidence is, by what it is linked to.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::register::Rows;
use crate::rows::governance::Evidence;
use crate::tally::{ONE, Tally, Unit};
use crate::value::{Day, Sym, Time};
use crate::word::Word;
use crate::world::World;

/// Which evidence proves something today, and what.
#[derive(Default)]
pub struct Fresh {
    fresh: HashSet<Sym>,
    proven: HashSet<Sym>,
}

impl Fresh {
    /// Of a world.
    pub(crate) fn of(world: &World<'_>) -> Self {
        let mut found = Self::default();
        for (id, row) in world.evidence().iter().filter(|(_, row)| row.is_fresh_on(world.day)) {
            found.fresh.insert(id);
            found.proven.extend(row.links.values().filter_map(|target| target.control));
        }
        found
    }

    /// Whether this evidence is fresh.
    pub(crate) fn is_fresh(&self, id: Sym) -> bool {
        self.fresh.contains(&id)
    }

    /// Whether fresh evidence is linked to a control.
    pub(crate) fn proves(&self, control: Sym) -> bool {
        self.proven.contains(&control)
    }
}

impl Evidence {
    /// Whether its bytes count: they were not found wrong, too old, replaced or destroyed.
    fn is_good(&self) -> bool {
        matches!(self.status, Word::Registered | Word::Verified)
    }

    /// Whether it proves something on a day.
    pub(crate) fn is_fresh_on(&self, day: Day) -> bool {
        self.is_good() && self.fresh_until.is_none_or(|last| day <= last)
    }

    /// 1 on the day on which it came to be, falling to 0 at the end of its time.
    fn freshness(&self, created: Time, day: Day, usual_days: u32) -> i64 {
        if !self.is_fresh_on(day) {
            return 0;
        }
        let from = self.captured_at.unwrap_or(created).day();
        let days = match self.fresh_until {
            Some(last) => (last.0 - from.0).max(1),
            None => i64::from(usual_days.max(1)),
        };
        let age = (day.0 - from.0).max(0);
        (ONE - age.saturating_mul(ONE) / days).max(0)
    }
}

/// How fresh linked evidence is, on average; evidence that was replaced or destroyed is left out.
pub(crate) fn freshness<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let mut named = HashMap::<Sym, Vec<Sym>>::new();
    for (_, row) in &world.controls().working {
        for evidence in &row.evidence {
            named.entry(*evidence).or_default().push(row.control);
        }
    }
    let (mut stale, mut all) = (0, 0);
    let mut numbers = BTreeMap::<Sym, (i64, i64)>::new();
    for (id, created, row) in world.evidence().dated() {
        if matches!(row.status, Word::Superseded | Word::Shredded) {
            continue;
        }
        let targets = row.links.values().filter_map(|target| target.control.or(target.clause));
        let mut targets: Vec<_> = targets.collect();
        targets.extend(named.get(&id).into_iter().flatten());
        targets.sort_unstable();
        targets.dedup();
        if targets.is_empty() && row.links.is_empty() {
            continue;
        }
        let freshness = row.freshness(created, world.day, world.rules.evidence_fresh_days);
        let is_stale = !row.is_fresh_on(world.day);
        (all, stale) = (all + 1, stale + i64::from(is_stale));
        tally.weigh(Cow::Borrowed(world.text(id)), freshness, ONE, !is_stale, || {
            Cow::Borrowed(if is_stale { "stale" } else { "fresh" })
        });
        for number in targets {
            let (sum, count) = numbers.entry(number).or_default();
            (*sum, *count) = (*sum + freshness, *count + ONE);
        }
    }
    tally.ratio("stale", stale, all);
    let mut numbers: Vec<_> =
        numbers.into_iter().map(|(number, share)| (world.text(number), share)).collect();
    numbers.sort_unstable();
    for (number, share) in numbers {
        tally.quotient(number.to_owned(), share, Unit::Share);
    }
}
