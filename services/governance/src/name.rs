//! Names as they are compared: two that differ in case or spacing mean the same.

use kernel::values::Line;

/// The form in which a name is compared.
pub(crate) fn folded(name: &str) -> Line {
    let words: Vec<_> = name.split_whitespace().map(str::to_lowercase).collect();
    Line::new(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_spacing_make_no_other_name() {
        assert_eq!(folded("  Risk   Owner, CREDIT "), Line::new("risk owner, credit"));
        assert_ne!(folded("risk owner"), folded("riskowner"));
    }
}
