//! What a Statement of Applicability must be to be submitted and approved (ISO/IEC 42001 6.1.3).

use kernel::Context;
use kernel::values::Prose;

use super::rows::is_implemented;
use super::{Content, Refusal};
use crate::catalogue_ref::{self, Found};
use crate::evidence::Evidence;
use crate::soa_control::{Decision, SoaControl};
use reference::catalogue::{ISO_42001, catalogue};

/// Every control is decided, reasoned and, where it counts as implemented, proven; no live
/// treatment plan names an excluded one.
pub(super) fn complete(
    content: &Content,
    table: &[SoaControl],
    context: &Context,
) -> Result<(), Refusal> {
    let is_undecided = |row: &SoaControl| row.choice.decision == Decision::Undecided;
    let mut undecided = missing(content, table, context)?;
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
    plans(content, table, context)
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

/// Controls of the catalogue that have no row, in its order.
fn missing(
    content: &Content,
    table: &[SoaControl],
    context: &Context,
) -> Result<Vec<String>, Refusal> {
    let id = &content.catalogue;
    let is_absent = |number: &str| table.iter().all(|row| row.control.as_str() != number);
    match catalogue_ref::find(id, context) {
        None => Ok(Vec::new()),
        Some(Found::Packaged(packaged)) => {
            let absent = packaged.decided().filter(|item| is_absent(&item.number));
            Ok(absent.map(|item| item.number.clone()).collect())
        }
        Some(Found::Own(own)) if !own.still_counts() => {
            Err(Refusal::CatalogueWithdrawn { catalogue: id.as_str().to_owned() })
        }
        Some(Found::Own(_)) => {
            let items = context.facts.all::<facts::CatalogueItem>().into_iter();
            let of_it = |item: &facts::CatalogueItem| item.catalogue == id.as_str();
            let items = items.map(|(_, item)| item).filter(|i| of_it(i) && i.is_decided());
            let mut absent: Vec<_> = items.filter(|item| is_absent(&item.number)).collect();
            absent.sort_by_key(|item| item.place);
            Ok(absent.into_iter().map(|item| item.number).collect())
        }
    }
}

/// Whether a number that a treatment plan names can mean a control of this statement: a control of
/// ISO/IEC 42001 never means one of the same number in another catalogue.
fn may_mean(content: &Content, number: &str) -> bool {
    let is_of_the_standard = || catalogue(ISO_42001).is_some_and(|c| c.control(number).is_some());
    content.catalogue.as_str() == ISO_42001 || !is_of_the_standard()
}

fn plans(content: &Content, table: &[SoaControl], context: &Context) -> Result<(), Refusal> {
    for (plan, view) in context.facts.all::<facts::TreatmentPlan>() {
        let is_named = |number: &str| view.controls.iter().any(|c| c == number);
        let names = |row: &&SoaControl| {
            let number = row.control.as_str();
            is_named(number) && may_mean(content, number)
        };
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
