//! What a programme leaves uncovered: warnings, no reasons to refuse it.

use declare::record;
use kernel::values::Number;
use kernel::{Context, Date};
use reference::catalogue::{ISO_42001, catalogue};

use super::Content;
use crate::criteria::covers;
use crate::internal_audit::InternalAudit;

/// Years over which every applicable control is to be audited, the programme's own included.
const CONTROL_YEARS: u32 = 3;

/// What the planned audits, with those that were performed, do not cover.
#[record]
#[derive(Default)]
pub struct Uncovered {
    /// Clauses that no audit of the year covers: each is to be audited within 12 months.
    pub clauses: Vec<Number>,
    /// Applicable controls that no audit of three years, this one the last, covers: each is to be
    /// audited within 36 months.
    pub controls: Vec<Number>,
}

impl Uncovered {
    /// By a version of the programme, with the audits and statements that the context knows.
    pub(super) fn by(content: &Content, context: &Context) -> Self {
        let audits = context.facts.all::<InternalAudit>();
        let since = |years: u32| {
            let first = Content::days(content.year.saturating_sub(years - 1));
            let last = Content::days(content.year);
            first.zip(last).map(|((first, _), (_, last))| (first, last))
        };
        let performed = |within: Option<(Date, Date)>| {
            let audits = audits.iter().map(|(_, audit)| audit);
            let audits = audits.filter(move |audit| {
                let on = audit.performed_on.filter(|_| audit.was_performed());
                on.zip(within).is_some_and(|(on, (first, last))| first <= on && on <= last)
            });
            audits.flat_map(|audit| &audit.plan.criteria).collect::<Vec<_>>()
        };
        let planned: Vec<_> = content.audited().collect();
        let (year, three) = (performed(since(1)), performed(since(CONTROL_YEARS)));
        let is_covered = |number: &str, performed: &[&Number]| {
            planned.iter().chain(performed).any(|criterion| covers(criterion, number))
        };
        let clauses = catalogue(ISO_42001).into_iter().flat_map(|standard| &standard.clauses);
        let clauses = clauses.filter(|clause| !is_covered(&clause.number, &year));
        let rows = context.facts.all::<facts::SoaControl>();
        let rows = rows.iter().map(|(_, row)| row).filter(|row| row.decision == "applicable");
        let mut controls: Vec<_> = rows
            .filter(|row| !is_covered(&row.control, &three))
            .map(|row| Number::new(row.control.clone()))
            .collect();
        controls.sort_unstable();
        controls.dedup();
        Self {
            clauses: clauses.map(|clause| Number::new(clause.number.clone())).collect(),
            controls,
        }
    }
}
