//! AI systems and their impact assessments.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::register::Rows;
use crate::rows::lifecycle::AiSystem;
use crate::rows::risk::ImpactAssessment;
use crate::tally::{ONE, Tally, Unit};
use crate::value::{Day, Sym};
use crate::word::Word;
use crate::world::World;

/// Whether an assessment is approved, nothing has made it out of date, and its time is not over.
pub(crate) fn is_current(row: &ImpactAssessment, day: Day) -> bool {
    matches!(row.status, Word::Approved | Word::ApprovedWithConditions)
        && row.next_due.is_none_or(|due| day <= due)
}

/// Systems of the AIMS that run.
pub(crate) fn running<'a>(world: &World<'a>) -> impl Iterator<Item = (Sym, &'a AiSystem)> {
    world.ai_systems().iter().filter(|(_, row)| row.in_scope && row.is_running())
}

/// Systems of the AIMS whose life has not ended.
pub(crate) fn in_scope<'a>(world: &World<'a>) -> impl Iterator<Item = (Sym, &'a AiSystem)> {
    let systems = world.ai_systems().iter();
    systems.filter(|(_, row)| row.in_scope && row.stage != Word::Retirement)
}

/// Systems with an assessment that is current.
fn assessed(world: &World<'_>) -> HashSet<Sym> {
    let rows = world.impact_assessments().rows();
    rows.filter(|row| is_current(row, world.day)).map(|row| row.system).collect()
}

/// Whether a system has one.
pub(crate) fn is_assessed(world: &World<'_>, system: Sym) -> bool {
    let mut rows = world.impact_assessments().rows();
    rows.any(|row| row.system == system && is_current(row, world.day))
}

/// Running systems with a current assessment.
pub(crate) fn coverage<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let assessed = assessed(world);
    for (id, _) in running(world) {
        let has = assessed.contains(&id);
        tally.one(world, id, has, || {
            Cow::Borrowed(if has { "assessed" } else { "no current impact assessment" })
        });
    }
}

/// Days since assessments were approved, on average, of systems that are not retired.
pub(crate) fn age<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let (mut overdue, mut oldest) = (0, None);
    let systems: HashSet<Sym> = in_scope(world).map(|(id, _)| id).collect();
    let rows = world.impact_assessments().iter();
    for (id, row) in rows.filter(|(_, row)| row.status != Word::Superseded) {
        let Some(at) = row.approved_at.filter(|_| systems.contains(&row.system)) else { continue };
        let days = world.day.0 - at.day().0;
        let late = row.next_due.map_or(0, |due| (world.day.0 - due.0).max(0));
        overdue += i64::from(late > 0);
        oldest = oldest.max(Some(days));
        tally.weigh(Cow::Borrowed(world.text(id)), days * ONE, ONE, late == 0, || match late {
            0 => Cow::Owned(format!("{days} days")),
            late => Cow::Owned(format!("{days} days, {late} days overdue")),
        });
    }
    tally.number("overdue", overdue, Unit::Count);
    tally.maybe("oldest", oldest, Unit::Days);
}

/// Systems of which everything is recorded that must be.
pub(crate) fn inventory<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let of = |rows: &mut dyn Iterator<Item = Sym>| -> HashSet<Sym> { rows.collect() };
    let classified = of(&mut world
        .classifications()
        .rows()
        .filter(|row| row.status == Word::Confirmed)
        .map(|row| row.system));
    let uses = of(&mut world
        .intended_uses()
        .rows()
        .filter(|row| row.effective.is_some())
        .map(|row| row.system));
    let logs = of(&mut world
        .event_log_policies()
        .rows()
        .filter(|row| matches!(row.status, Word::Active | Word::Gap))
        .map(|row| row.system));
    let assessed = assessed(world);
    for (id, row) in in_scope(world) {
        let checks = [
            ("owner", row.owner.is_some()),
            ("classification", classified.contains(&id)),
            ("intended use", uses.contains(&id)),
            ("impact assessment", assessed.contains(&id)),
            ("log policy", logs.contains(&id)),
        ];
        let complete = checks.iter().all(|(_, there)| *there);
        tally.one(world, id, complete, || {
            let missing = checks.iter().filter(|(_, there)| !there).map(|(name, _)| *name);
            match missing.collect::<Vec<_>>() {
                missing if missing.is_empty() => Cow::Borrowed("complete"),
                missing => Cow::Owned(format!("lacks {}", missing.join(", "))),
            }
        });
    }
}
