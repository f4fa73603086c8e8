//! Suppliers: assurance, and who answers for what.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::register::Rows;
use crate::rows::suppliers::SuppliedComponent;
use crate::tally::{ONE, Tally, Unit};
use crate::value::Sym;
use crate::word::Word;
use crate::world::World;

/// Components with the systems that use them, whose life has not ended.
fn in_use<'a>(
    world: &World<'a>,
) -> impl Iterator<Item = (Sym, &'a SuppliedComponent, Vec<(Sym, Sym)>)> {
    let ended = world.ai_systems().iter().filter(|(_, row)| row.stage == Word::Retirement);
    let ended: HashSet<Sym> = ended.map(|(id, _)| id).collect();
    let rows = world.supplied_components().iter();
    rows.filter(|(_, row)| row.status != Word::Withdrawn).filter_map(move |(id, row)| {
        let uses = row.used_by.values().filter(|by| !ended.contains(&by.system));
        let uses: Vec<_> = uses.map(|by| (by.system, by.contract)).collect();
        (!uses.is_empty()).then_some((id, row, uses))
    })
}

/// Suppliers in use - of a component that a system uses, or under a contract that holds - that are
/// approved and whose assessment is valid, by weight: 1, 2 or 4 for low, medium or high.
pub(crate) fn assurance<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let mut used: BTreeSet<Sym> = in_use(world).map(|(_, row, _)| row.supplier).collect();
    let contracts = world.contracts().rows().filter(|row| row.is_agreed_on(world.day));
    used.extend(contracts.filter_map(|row| row.supplier));
    let assessments = world.supplier_assessments().rows();
    let valid = assessments.filter(|row| {
        row.status == Word::Completed && row.valid_until.is_none_or(|last| world.day <= last)
    });
    let valid: HashSet<Sym> = valid.map(|row| row.supplier).collect();
    let (mut plain, mut classes) = ((0, 0), BTreeMap::<Word, (i64, i64)>::new());
    for id in used {
        let Some(row) = world.one(world.suppliers(), id) else { continue };
        let weight = match row.criticality {
            Word::High => 4,
            Word::Medium => 2,
            _ => 1,
        };
        let (approved, assessed) = (row.is_approved_on(world.day), valid.contains(&id));
        let fine = approved && assessed;
        let part = if fine { weight * ONE } else { 0 };
        tally.weigh(Cow::Borrowed(world.text(id)), part, weight * ONE, fine, || {
            Cow::Borrowed(match (approved, assessed) {
                (true, true) => "approved, assessment valid",
                (false, _) => "not approved",
                (true, false) => "no valid assessment",
            })
        });
        plain = (plain.0 + i64::from(fine), plain.1 + 1);
        let class = classes.entry(row.criticality).or_default();
        *class = (class.0 + i64::from(fine), class.1 + 1);
    }
    tally.ratio("unweighted", plain.0, plain.1);
    for (name, class) in [("high", Word::High), ("medium", Word::Medium), ("low", Word::Low)] {
        let (fine, all) = classes.get(&class).copied().unwrap_or_default();
        tally.ratio(name, fine, all);
    }
}

/// Pairs of a component and a stage that are in use, of which a contract that holds says who
/// answers.
pub(crate) fn responsibility<'a>(world: &World<'a>, tally: &mut Tally<'a>) {
    tally.share();
    let mut pairs = HashMap::<(Sym, Word), bool>::new();
    for (id, _, uses) in in_use(world) {
        for (system, contract) in uses {
            let Some(system) = world.one(world.ai_systems(), system) else { continue };
            let contract = world.one(world.contracts(), contract);
            let allotted = contract.filter(|row| row.is_agreed_on(world.day)).is_some_and(|row| {
                let mut duties = row.allocation.values();
                duties.any(|duty| duty.stage == system.stage && duty.who.is_some())
            });
            let known = pairs.entry((id, system.stage)).or_insert(true);
            *known = *known && allotted;
        }
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_unstable();
    for ((id, stage), allotted) in pairs {
        let whole = if allotted { ONE } else { 0 };
        tally.weigh(Cow::Borrowed(world.text(id)), whole, ONE, allotted, || {
            let how = if allotted { "allotted" } else { "nobody answers for it" };
            Cow::Owned(format!("{}: {how}", stage.text()))
        });
    }
    tally.number(
        "components",
        i64::try_from(in_use(world).count()).unwrap_or_default(),
        Unit::Count,
    );
}
