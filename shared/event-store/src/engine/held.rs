//! How what lists hold stands in its column, and where guards name it.

/// The number that stands for the lists of a kind where a text column is named:
/// [`super::Matching`].
pub const HELD: usize = 3;

/// A value of the kind's n-th indexed list, as [`super::Slots::held`] has it.
pub fn held(list: usize, value: &str) -> String {
    format!("{list} {value}")
}
