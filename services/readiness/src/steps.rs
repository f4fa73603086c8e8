//! The points of a series.

use declare::words;
use kernel::{Date, Instant};

/// Most points of a series.
pub const POINTS_MAX: usize = 1_000;

/// How far the points of a series lie apart.
#[words]
#[derive(Default)]
pub enum Step {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// The same day of each month, or the last of a shorter one.
    #[default]
    Month,
}

/// One end of a series: a time, or a day, of which the end is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// This very time.
    Time(Instant),
    /// The end of this day in UTC.
    Day(Date),
}

impl End {
    /// Reads a date or a time.
    pub fn read(text: &str) -> Option<Self> {
        let day = text.parse().map(End::Day).ok();
        day.or_else(|| text.parse().map(End::Time).ok())
    }

    /// The point in time.
    pub fn at(self) -> Instant {
        match self {
            End::Time(at) => at,
            End::Day(day) => day.plus_days(1).start().plus_micros(-1),
        }
    }

    /// The end so many steps later.
    fn plus(self, step: Step, count: i64) -> Self {
        let on = |day: Date| match step {
            Step::Day => day.plus_days(count),
            Step::Week => day.plus_days(7 * count),
            Step::Month => day.plus_months(count),
        };
        match self {
            End::Day(day) => End::Day(on(day)),
            End::Time(at) => {
                let of_day = at.micros() - at.date().start().micros();
                End::Time(on(at.date()).start().plus_micros(of_day))
            }
        }
    }
}

/// Why there is no such series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSeries {
    /// It ends before it begins.
    #[error("the series ends before it begins")]
    Reversed,
    /// It has too many points.
    #[error("a series has at most {POINTS_MAX} points: ask for longer steps or a shorter time")]
    TooLong,
    /// It begins after the point up to which the records are known.
    #[error("the series begins after the point in time that it is asked as of")]
    InTheFuture,
}

/// The points from one end to another, each so many steps from the first. What lies after `now` is
/// left out, but for the day of now, which ends now.
///
/// # Errors
/// When there is no such series.
pub fn points(from: End, to: End, step: Step, now: Instant) -> Result<Vec<Instant>, NoSeries> {
    if to.at() < from.at() {
        return Err(NoSeries::Reversed);
    }
    let mut points = Vec::new();
    for count in 0.. {
        let end = from.plus(step, count);
        let at = match end {
            End::Day(day) if day == now.date() => end.at().min(now),
            End::Day(_) | End::Time(_) => end.at(),
        };
        if at > to.at() || at > now {
            break;
        }
        if points.len() == POINTS_MAX {
            return Err(NoSeries::TooLong);
        }
        points.push(at);
    }
    if points.is_empty() { Err(NoSeries::InTheFuture) } else { Ok(points) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(from: &str, to: &str, step: Step, now: &str) -> Result<Vec<String>, NoSeries> {
        let end = |text| End::read(text).unwrap();
        let points = points(end(from), end(to), step, now.parse().unwrap())?;
        Ok(points.into_iter().map(|at| at.to_string()).collect())
    }

    #[test]
    fn months_are_counted_from_the_first_day() {
        let days = shown("2025-01-31", "2025-04-30", Step::Month, "2026-01-01T00:00:00Z").unwrap();
        let days: Vec<_> = days.iter().map(|at| at.split('T').next().unwrap()).collect();
        assert_eq!(days, ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]);
    }

    #[test]
    fn a_day_means_its_end_and_a_time_itself() {
        let now = "2026-01-01T00:00:00Z";
        let days = shown("2025-01-01", "2025-01-02", Step::Day, now).unwrap();
        assert_eq!(days, ["2025-01-01T23:59:59.999999Z", "2025-01-02T23:59:59.999999Z"]);
        let (from, to) = ("2025-01-01T09:00:00Z", "2025-01-15T09:00:00Z");
        let times = shown(from, to, Step::Week, now).unwrap();
        let three = ["01", "08", "15"].map(|day| format!("2025-01-{day}T09:00:00.000000Z"));
        assert_eq!(times, three);
    }

    #[test]
    fn today_ends_now_and_what_comes_after_is_left_out() {
        let now = "2025-01-02T10:00:00Z";
        let days = shown("2025-01-01", "2025-01-05", Step::Day, now).unwrap();
        assert_eq!(days, ["2025-01-01T23:59:59.999999Z", "2025-01-02T10:00:00.000000Z"]);
        let later = shown("2025-01-03", "2025-01-05", Step::Day, now);
        assert_eq!(later, Err(NoSeries::InTheFuture));
    }

    #[test]
    fn a_series_goes_forward_and_has_an_end() {
        let now = "2026-01-01T00:00:00Z";
        let back = shown("2025-01-02", "2025-01-01", Step::Day, now);
        assert_eq!(back, Err(NoSeries::Reversed));
        assert_eq!(shown("1990-01-01", "2025-01-01", Step::Day, now), Err(NoSeries::TooLong));
    }
}
