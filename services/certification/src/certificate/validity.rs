//! How long a certificate is valid, and when its surveillance audits are due (ISO/IEC 17021-1
//! 9.1.3).

use kernel::Date;

use super::Refusal;

/// Longest validity, in months.
pub(super) const VALID_MONTHS: i64 = 36;
/// The first surveillance is due so many months after the decision; a certificate begins within
/// them.
const YEAR: i64 = 12;

/// The last day of the calendar year in which a date lies.
fn year_end(date: Date) -> Date {
    date.period_start(12).plus_months(YEAR).plus_days(-1)
}

/// The ends of the calendar years after the one of a date and before the one in which a certificate
/// ends: each needs a surveillance audit, the year of recertification does not.
fn later_years(after: Date, valid_to: Date) -> Vec<Date> {
    let mut due = year_end(after.plus_months(YEAR).period_start(12));
    let mut all = Vec::new();
    while due < valid_to.period_start(12) {
        all.push(due);
        due = year_end(due.plus_days(1));
    }
    all
}

/// When surveillance audits are due in a new cycle: the first within a year of the decision, then
/// one in each calendar year.
pub(super) fn new_cycle(decided_on: Date, valid_to: Date) -> Vec<Date> {
    let first = decided_on.plus_months(YEAR);
    if first > valid_to {
        return Vec::new();
    }
    [first].into_iter().chain(later_years(first, valid_to)).collect()
}

/// The same once a surveillance audit was held.
pub(super) fn after_surveillance(held_on: Date, valid_to: Date) -> Vec<Date> {
    later_years(held_on, valid_to)
}

/// The last day of a certificate that begins on a day.
pub(super) fn check_validity(
    from: Date,
    to: Option<Date>,
    decided_on: Date,
) -> Result<Date, Refusal> {
    if from < decided_on || from > decided_on.plus_months(YEAR) {
        return Err(Refusal::WrongValidity { at: "/validFrom" });
    }
    let last = from.plus_months(VALID_MONTHS);
    let to = to.unwrap_or_else(|| last.plus_days(-1));
    if to > last {
        return Err(Refusal::ValidTooLong { last, at: "/validTo" });
    }
    if to <= from {
        return Err(Refusal::WrongValidity { at: "/validTo" });
    }
    Ok(to)
}
