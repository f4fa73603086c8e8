//! Periods of time as rules name them, and when they end.

use declare::{record, words};
use kernel::{Date, Instant};

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// What a period is counted in.
#[words]
pub enum Unit {
    /// Hours of 60 minutes.
    Hours,
    /// Days of 24 hours.
    Days,
    /// Calendar months.
    Months,
    /// Calendar years.
    Years,
}

/// A period of time.
///
/// Days are counted as 24 hours each from the instant on: the conservative clock. How a period is
/// computed in law (weekends, holidays, last day; for the European Union Regulation 1182/71) is for
/// lawyers and never ends earlier.
#[record]
#[derive(Copy, Eq)]
pub struct Deadline {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Deadline {
    /// When a period ends that began at this instant.
    pub fn due(&self, from: Instant) -> Instant {
        match self.unit {
            Unit::Hours => from.plus_micros(i64::from(self.amount) * MICROS_PER_HOUR),
            Unit::Days => from.plus_days(i64::from(self.amount)),
            Unit::Months | Unit::Years => {
                let began = from.date();
                from.plus_days(began.days_until(began.plus_months(self.months())))
            }
        }
    }

    /// The day on which a period ends that began on this day.
    pub fn until(&self, from: Date) -> Date {
        match self.unit {
            Unit::Hours => self.due(from.start()).date(),
            Unit::Days => from.plus_days(i64::from(self.amount)),
            Unit::Months | Unit::Years => from.plus_months(self.months()),
        }
    }

    /// The longest period that a rule may name: a hundred years.
    pub(crate) fn most(unit: Unit) -> u32 {
        match unit {
            Unit::Hours => 876_000,
            Unit::Days => 36_500,
            Unit::Months => 1_200,
            Unit::Years => 100,
        }
    }

    fn months(&self) -> i64 {
        let per = if self.unit == Unit::Years { 12 } else { 1 };
        i64::from(self.amount) * per
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_24_hours_each_and_months_follow_the_calendar() {
        for (amount, unit, from, due) in [
            (72, Unit::Hours, "2025-06-16T09:40:00Z", "2025-06-19T09:40:00Z"),
            (15, Unit::Days, "2028-02-20T23:59:59.999999Z", "2028-03-06T23:59:59.999999Z"),
            (2, Unit::Days, "2025-03-29T01:30:00Z", "2025-03-31T01:30:00Z"),
            (6, Unit::Months, "2025-08-31T12:00:00Z", "2026-02-28T12:00:00Z"),
            (10, Unit::Years, "2028-02-29T08:00:00Z", "2038-02-28T08:00:00Z"),
        ] {
            let due: Instant = due.parse().unwrap();
            let from = from.parse().unwrap();
            assert_eq!(Deadline { amount, unit }.due(from), due, "{amount} {unit:?}");
        }
    }

    #[test]
    fn a_period_of_days_ends_on_a_day() {
        for (amount, unit, until) in [
            (72, Unit::Hours, "2025-02-03"),
            (15, Unit::Days, "2025-02-15"),
            (1, Unit::Months, "2025-02-28"),
            (10, Unit::Years, "2035-01-31"),
        ] {
            let until: Date = until.parse().unwrap();
            assert_eq!(Deadline { amount, unit }.until("2025-01-31".parse().unwrap()), until);
        }
    }

    #[test]
    fn the_longest_period_of_each_unit_still_ends() {
        let from: Instant = "2025-01-01T00:00:00Z".parse().unwrap();
        for unit in [Unit::Hours, Unit::Days, Unit::Months, Unit::Years] {
            let longest = Deadline { amount: Deadline::most(unit), unit };
            assert!(longest.due(from) > from.plus_days(36_000), "{unit:?}");
            assert!(longest.until(from.date()) > from.date().plus_days(36_000));
        }
    }
}
