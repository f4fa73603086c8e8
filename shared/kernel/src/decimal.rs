//! Decimals: exact to six places, compared as whole numbers of millionths.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::schema::{Described, Ty};

const SCALE: i64 = 1_000_000;
const PLACES: usize = 6;
/// Most digits before the point: with six places they stay within 2^63.
const WHOLE_DIGITS: usize = 12;

/// A decimal number with at most twelve digits before and six after the point; text in JSON,
/// written without needless zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i64);

impl Decimal {
    /// From millionths.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Millionths.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// A whole number.
    pub const fn whole(number: i64) -> Self {
        Self(number.saturating_mul(SCALE))
    }

    /// The sum; at the ends of the range it stays there.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The quotient by a count, rounded to nearest, halves away from zero; zero for no count.
    #[must_use]
    pub fn over(self, count: u64) -> Self {
        let count = i128::from(count);
        if count == 0 {
            return Self(0);
        }
        let (half, value) = (count / 2, i128::from(self.0));
        let rounded = if value < 0 { (value - half) / count } else { (value + half) / count };
        Self(i64::try_from(rounded).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, value) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, part) = (value / SCALE.unsigned_abs(), value % SCALE.unsigned_abs());
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let part = format!("{part:06}");
        write!(f, "{sign}{whole}.{}", part.trim_end_matches('0'))
    }
}

/// The text is no decimal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a decimal number such as 0.85, with at most 12 digits before and 6 after \
    the point"
)]
pub struct NotADecimal(String);

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let wrong = || NotADecimal(text.to_owned());
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |text: &str, max| {
            (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
        };
        if !is_number(whole, WHOLE_DIGITS) || !is_number(part, PLACES) {
            return Err(wrong());
        }
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let part: i64 = format!("{part:0<6}").parse().map_err(|_| wrong())?;
        Ok(Self(sign * (whole * SCALE + part)))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

impl Described for Decimal {
    fn ty() -> Ty {
        Ty::Decimal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_exact_and_written_without_needless_zeros() {
        for (text, shown) in [
            ("0.85", "0.85"),
            ("0.850000", "0.85"),
            ("-3.5", "-3.5"),
            ("-0.000001", "-0.000001"),
            ("12", "12"),
            ("999999999999.999999", "999999999999.999999"),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), shown);
        }
        let (a, b): (Decimal, Decimal) = ("0.1".parse().unwrap(), "0.2".parse().unwrap());
        assert_eq!(a.plus(b).to_string(), "0.3");
        assert_eq!(Decimal::whole(-2).over(3).to_string(), "-0.666667");
        assert!(a < b);
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", ".", "1.", ".5", "+1", "1e3", "0.1234567", "1234567890123", "NaN", "1,5"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }
}
