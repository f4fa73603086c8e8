//! Documents and people: currency, acknowledgement, competence.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::register::Rows;
use crate::rows::governance::{CompetenceProfile, TrainingRecord};
use crate::tally::{ONE, Tally, Unit};
use crate::value::{Day, Sym};
use crate::word::Word;
use crate::world::World;

/// Approved documents whose review is not overdue.
pub(crate) fn currency<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let (mut most, mut sum) = (0, 0);
    for (id, row) in world.documents().iter() {
        let Some(in_force) = row.effective.as_ref().and(row.in_force.as_ref()) else { continue };
        let late = (world.day.0 - in_force.next_review_due.0).max(0);
        (most, sum) = (most.max(late), sum + late);
        tally.one(world, id, late == 0, || match late {
            0 => Cow::Borrowed("in date"),
            late => Cow::Owned(format!("{late} days overdue")),
        });
    }
    tally.number("days_overdue", sum, Unit::Days);
    tally.number("most_days_overdue", most, Unit::Days);
}

/// Members who have acknowledged the edition of the AI policy that is in force.
pub(crate) fn acknowledgement<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let policies = world.documents().iter().filter(|(_, row)| row.kind == Word::AiPolicy);
    let in_force = policies.filter_map(|(id, row)| {
        let (effective, in_force) = (row.effective.as_ref()?, row.in_force.as_ref()?);
        Some((effective.approved_at, id, in_force.edition))
    });
    let Some((_, policy, edition)) = in_force.max() else { return };
    let done = world.acknowledgements().rows();
    let done = done.filter(|row| row.document == policy && row.edition == edition);
    let done: HashSet<Sym> = done.map(|row| row.user).collect();
    for (id, row) in world.memberships().iter().filter(|(_, row)| row.status == Word::Active) {
        let has = done.contains(&row.user);
        tally.one(world, id, has, || {
            Cow::Borrowed(if has { "acknowledged" } else { "not acknowledged" })
        });
    }
}

impl TrainingRecord {
    /// Whether it counts on a day.
    pub(crate) fn is_valid_on(&self, day: Day) -> bool {
        matches!(self.status, Word::Completed | Word::EffectivenessVerified)
            && self.completed_on.is_none_or(|done| done <= day)
            && self.valid_until.is_none_or(|last| day <= last)
    }
}

/// A rank of a level of competence.
fn rank(level: Word) -> u8 {
    match level {
        Word::Expert => 3,
        Word::Skilled => 2,
        _ => 1,
    }
}

/// Who needs which competence at which level: of the profiles of the roles that he holds.
fn needed(world: &World<'_>) -> BTreeMap<(Sym, Sym), u8> {
    let profiles = world.competence_profiles().rows();
    let profiles = profiles.filter(|row| row.status == Word::InForce);
    let profiles: HashMap<Sym, &CompetenceProfile> =
        profiles.map(|row| (row.role_key, row)).collect();
    let mut needed = BTreeMap::new();
    for row in world.role_assignments().rows() {
        let holds = row.status == Word::Active
            && row.valid_from <= world.day
            && row.valid_to.is_none_or(|last| world.day <= last);
        let Some(holder) = row.holder.filter(|_| holds) else { continue };
        for role in [Some(row.role), row.aims_role].into_iter().flatten() {
            let words: Vec<_> =
                world.text(role).split_whitespace().map(str::to_lowercase).collect();
            let profile = world.find(&words.join(" ")).and_then(|key| profiles.get(&key));
            for (competence, asked) in profile.iter().flat_map(|profile| &profile.required.0) {
                let level = needed.entry((holder, *competence)).or_insert(0);
                *level = rank(asked.level).max(*level);
            }
        }
    }
    needed
}

/// Pairs of a person and a competence that he needs, of which he has the competence.
pub(crate) fn competence<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let needed = needed(world);
    let mut held = HashMap::<(Sym, Sym), u8>::new();
    for row in world.training_records().rows().filter(|row| row.is_valid_on(world.day)) {
        for (competence, conveyed) in &row.competences.0 {
            let level = held.entry((row.person, *competence)).or_default();
            *level = rank(conveyed.level).max(*level);
        }
    }
    for ((person, competence), level) in needed {
        let has = held.get(&(person, competence)).is_some_and(|held| *held >= level);
        let name = world.text(competence);
        let whole = if has { ONE } else { 0 };
        tally.weigh(Cow::Borrowed(world.text(person)), whole, ONE, has, || {
            Cow::Owned(format!("{name}{}", if has { "" } else { ": not proven" }))
        });
    }
}
