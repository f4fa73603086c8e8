//! Thresholds: what a measured value must reach to pass (A.6.2.2, A.6.2.4).

use std::fmt;

use declare::{record, words};
use kernel::Decimal;

/// How a measured value is compared with a limit.
#[words]
pub enum Comparison {
    /// Passes at the limit and above it.
    AtLeast,
    /// Passes at the limit and below it.
    AtMost,
    /// Passes above the limit only.
    Above,
    /// Passes below the limit only.
    Below,
    /// Passes at the limit only.
    Equals,
}

/// What a measured value must reach.
#[record]
#[derive(Copy, Eq)]
pub struct Threshold {
    /// How the value is compared with the limit.
    pub comparison: Comparison,
    /// The limit, in the unit of the metric.
    pub value: Decimal,
}

impl Threshold {
    /// Whether a measured value passes.
    pub fn holds(self, measured: Decimal) -> bool {
        match self.comparison {
            Comparison::AtLeast => measured >= self.value,
            Comparison::AtMost => measured <= self.value,
            Comparison::Above => measured > self.value,
            Comparison::Below => measured < self.value,
            Comparison::Equals => measured == self.value,
        }
    }

    /// Whether every value that passes this threshold passes the other one too.
    pub fn implies(self, other: Self) -> bool {
        match (self.comparison, other.comparison) {
            (Comparison::Equals, _) => other.holds(self.value),
            (Comparison::AtLeast, Comparison::AtLeast | Comparison::Above)
            | (Comparison::AtMost, Comparison::AtMost | Comparison::Below) => {
                other.holds(self.value)
            }
            (Comparison::Above, Comparison::AtLeast | Comparison::Above) => {
                self.value >= other.value
            }
            (Comparison::Below, Comparison::AtMost | Comparison::Below) => {
                self.value <= other.value
            }
            (Comparison::AtLeast | Comparison::Above, Comparison::AtMost | Comparison::Below)
            | (Comparison::AtMost | Comparison::Below, Comparison::AtLeast | Comparison::Above)
            | (
                Comparison::AtLeast | Comparison::AtMost | Comparison::Above | Comparison::Below,
                Comparison::Equals,
            ) => false,
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comparison = match self.comparison {
            Comparison::AtLeast => "at least",
            Comparison::AtMost => "at most",
            Comparison::Above => "above",
            Comparison::Below => "below",
            Comparison::Equals => "equal to",
        };
        write!(f, "{comparison} {}", self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Comparison; 5] = [
        Comparison::AtLeast,
        Comparison::AtMost,
        Comparison::Above,
        Comparison::Below,
        Comparison::Equals,
    ];

    fn limit(comparison: Comparison, value: &str) -> Threshold {
        Threshold { comparison, value: value.parse().unwrap() }
    }

    #[test]
    fn a_value_passes_as_the_comparison_says() {
        for (comparison, below, at, above) in [
            (Comparison::AtLeast, false, true, true),
            (Comparison::AtMost, true, true, false),
            (Comparison::Above, false, false, true),
            (Comparison::Below, true, false, false),
            (Comparison::Equals, false, true, false),
        ] {
            let threshold = limit(comparison, "0.8");
            for (value, passes) in [("0.799999", below), ("0.80", at), ("0.800001", above)] {
                assert_eq!(threshold.holds(value.parse().unwrap()), passes, "{value} {threshold}");
            }
        }
    }

    #[test]
    fn a_threshold_implies_another_when_no_value_passes_it_alone() {
        let values: Vec<Decimal> = (-40..=40).map(|n| Decimal::from_micros(n * 50_000)).collect();
        for (ours, theirs) in ALL.iter().flat_map(|a| ALL.iter().map(move |b| (*a, *b))) {
            for limits in [("0.8", "0.8"), ("0.7", "0.8"), ("0.9", "0.8"), ("-0.5", "0.5")] {
                let (ours, theirs) = (limit(ours, limits.0), limit(theirs, limits.1));
                let escapes = values.iter().any(|v| ours.holds(*v) && !theirs.holds(*v));
                assert_eq!(ours.implies(theirs), !escapes, "{ours} implies {theirs}");
            }
        }
    }

    #[test]
    fn a_threshold_is_shown_in_words() {
        assert_eq!(limit(Comparison::AtLeast, "0.80").to_string(), "at least 0.8");
    }
}
