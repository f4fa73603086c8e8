//! The two kinds of time: an instant (UTC, microseconds) and a calendar date.

use std::fmt;
use std::str::FromStr;

use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A point in time in UTC, to the microsecond; written with exactly six decimals and `Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// From microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since 1970, zero before.
    pub fn millis(self) -> u64 {
        u64::try_from(self.0 / 1_000).unwrap_or(0)
    }

    /// This instant moved by a number of microseconds.
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This instant moved by whole days of 24 hours.
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_micros(days.saturating_mul(MICROS_PER_DAY))
    }

    /// The UTC calendar date of this instant.
    pub fn date(self) -> Date {
        Date(self.civil().date())
    }

    fn civil(self) -> jiff::civil::DateTime {
        let stamp = jiff::Timestamp::from_microsecond(self.0);
        Offset::UTC.to_datetime(stamp.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            self.0.rem_euclid(1_000_000)
        )
    }
}

/// The text is not an RFC 3339 time, or not a calendar date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not {1}")]
pub struct NotATime(String, &'static str);

impl FromStr for Instant {
    type Err = NotATime;

    /// Reads RFC 3339 with any offset; years 1 to 9999.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let wrong = || NotATime(text.to_owned(), "an RFC 3339 time such as 2025-03-31T00:00:00Z");
        if text.len() < 20 || !text.is_ascii() || !matches!(text.as_bytes()[10], b'T' | b't') {
            return Err(wrong());
        }
        let stamp: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
        Ok(Self(stamp.as_microsecond()))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// A calendar date, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// The date so many calendar months later; the day is clipped to the month's end.
    pub fn plus_months(self, months: i64) -> Self {
        let span = jiff::Span::new().try_months(months).unwrap_or_default();
        Self(self.0.saturating_add(span))
    }

    /// The date so many days later.
    pub fn plus_days(self, days: i64) -> Self {
        let span = jiff::Span::new().try_days(days).unwrap_or_default();
        Self(self.0.saturating_add(span))
    }

    /// The first day of the calendar period of so many months in which this date lies. Periods are
    /// counted from a January, so that 3 gives quarters and 12 years.
    pub fn period_start(self, months: u32) -> Self {
        let month = i64::from(self.0.year()) * 12 + i64::from(self.0.month()) - 1;
        Self(self.0.first_of_month()).plus_months(-month.rem_euclid(i64::from(months.max(1))))
    }

    /// Whole days from this date to the other; negative when the other lies before.
    pub fn days_until(self, other: Self) -> i64 {
        (other.start().micros() - self.start().micros()) / MICROS_PER_DAY
    }

    /// The first instant of the date in UTC.
    pub fn start(self) -> Instant {
        let stamp = Offset::UTC.to_timestamp(self.0.at(0, 0, 0, 0));
        Instant(stamp.map_or(0, jiff::Timestamp::as_microsecond))
    }
}

impl Default for Date {
    fn default() -> Self {
        Instant::default().date()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl FromStr for Date {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let wrong = || NotATime(text.to_owned(), "a date YYYY-MM-DD");
        if text.len() != 10 {
            return Err(wrong());
        }
        text.parse().map(Self).map_err(|_| wrong())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_with_six_decimals_and_z() {
        let t: Instant = "2025-03-31T11:00:00.5+02:00".parse().unwrap();
        assert_eq!(t.to_string(), "2025-03-31T09:00:00.500000Z");
        assert_eq!(t.to_string().parse::<Instant>().unwrap(), t);
        assert_eq!(Instant::from_micros(-1).to_string(), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "2025-03-31", "2025-13-01T00:00:00Z", "yesterday", "2025-03-31 00:00:00Z"]
        {
            assert!(text.parse::<Instant>().is_err(), "{text}");
        }
        for text in ["", "2025-02-30", "2025-3-1", "20250301"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_are_clipped_and_days_counted() {
        let d: Date = "2024-01-31".parse().unwrap();
        assert_eq!(d.plus_months(1).to_string(), "2024-02-29");
        assert_eq!(d.days_until(d.plus_days(41)), 41);
        assert_eq!(d.start().date(), d);
    }

    #[test]
    fn calendar_periods_begin_with_a_january() {
        let d: Date = "2024-11-30".parse().unwrap();
        for (months, start) in
            [(1, "2024-11-01"), (3, "2024-10-01"), (6, "2024-07-01"), (12, "2024-01-01")]
        {
            assert_eq!(d.period_start(months).to_string(), start);
        }
    }
}
