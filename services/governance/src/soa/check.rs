//! What a Statement of Applicability must be to be submitted and approved (ISO/IEC 42001 6.1.3).

use kernel::Context;
use kernel::values::Prose;

use super::rows::is_implemented;
use super::{Content, Refusal};
use crate::evidence::Evidence;
use crate::soa_control::{Decision, SoaControl};
use reference::catalogue::catalogue;

/// Every control is decided, reasoned and, where it counts as implemented, proven; no live
/// treatment plan names an excluded one.
pub(super) fn complete(
    content: &Content,
    table: &[SoaControl],
    context: &Context,
) -> Result<(), Refusal> {
    let is_undecided = |row: &SoaControl| row.choice.decision == Decision::Undecided;
    let mut undecided = missing(content, table);
    undecided.extend(numbers(table, is_undecided));
    none(undecided, |controls| Refusal::Undecided { controls })?;
    let bare = |row: &SoaControl| {
        is_excluded(row) && row.choice.justification.as_ref().is_none_or(Prose::is_blank)
    };
    none(numbers(table, bare), |controls| Refusal::ExclusionWithoutJustification { controls })?;
    let bare = |row: &SoaControl| row.is_applicable() && row.choice.reason_codes.is_empty();
    none(numbers(table, bare), |controls| Refusal::InclusionWithoutReason { controls })?;
    let unproven = |row: &SoaControl| is_implemented(row) && !is_proven(row, context);
    none(numbers(table, unproven), |controls| Refusal::ImplementedWithoutEvidence { controls })?;
    plans(table, context)
}

/// No control is excluded that clauses of the standard demand.
pub(super) fn clauses(content: &Content, table: &[SoaControl]) -> Result<(), Refusal> {
    let standard = catalogue(content.catalogue.as_str());
    let demanded = |row: &SoaControl| {
        let control = standard.and_then(|c| c.control(row.control.as_str()));
        is_excluded(row) && control.is_some_and(|c| !c.demanded_by.is_empty())
    };
    none(numbers(table, demanded), |controls| Refusal::ClausesDemandControls { controls })
}

/// Controls of the catalogue that have no row.
fn missing(content: &Content, table: &[SoaControl]) -> Vec<String> {
    let controls = catalogue(content.catalogue.as_str()).map(|c| c.controls.iter());
    let numbers = controls.into_iter().flatten().map(|control| &control.number);
    let absent = numbers.filter(|number| table.iter().all(|row| row.control.as_str() != *number));
    absent.cloned().collect()
}

fn plans(table: &[SoaControl], context: &Context) -> Result<(), Refusal> {
    for (plan, view) in context.facts.all::<facts::TreatmentPlan>() {
        let names = |row: &&SoaControl| view.controls.iter().any(|c| c == row.control.as_str());
        let excluded = table.iter().filter(|row| is_excluded(row)).find(names);
        if let Some(row) = excluded.filter(|_| view.is_live()) {
            return Err(Refusal::PlanNamesExcludedControl {
                plan,
                control: row.control.to_string(),
            });
        }
    }
    Ok(())
}

fn is_excluded(row: &SoaControl) -> bool {
    row.choice.decision == Decision::Excluded
}

fn is_proven(row: &SoaControl, context: &Context) -> bool {
    let mut evidence = row.evidence.iter();
    evidence.any(|evidence| {
        let known = context.facts.get::<Evidence>(evidence.id());
        known.is_some_and(|known| known.proves_on(context.today()))
    })
}

/// Numbers of the rows that fit, in the order of the catalogue.
fn numbers(table: &[SoaControl], fits: impl Fn(&SoaControl) -> bool) -> Vec<String> {
    let mut found: Vec<_> = table.iter().filter(|row| fits(row)).collect();
    found.sort_by_key(|row| row.place);
    found.into_iter().map(|row| row.control.to_string()).collect()
}

fn none(controls: Vec<String>, refusal: impl FnOnce(String) -> Refusal) -> Result<(), Refusal> {
    if controls.is_empty() { Ok(()) } else { Err(refusal(controls.join(", "))) }
}
