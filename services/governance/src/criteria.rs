//! Clauses and controls as criteria of audits and as requirements that something breaks. A number
//! stands for itself and for what is numbered below it: `9.2` for 9.2.1 and 9.2.2.

use kernel::values::Number;
use kernel::{Context, Need};
use reference::catalogue::{ISO_42001, catalogue};

/// Whether a criterion covers a leaf clause or a control.
pub(crate) fn covers(criterion: &Number, number: &str) -> bool {
    let rest = number.strip_prefix(criterion.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether the standard has the number, as a leaf or above one.
fn is_of_the_standard(criterion: &Number) -> bool {
    catalogue(ISO_42001).is_some_and(|standard| {
        standard.clauses.iter().any(|clause| covers(criterion, &clause.number))
            || standard.controls.iter().any(|control| covers(criterion, &control.number))
    })
}

/// What must be known to tell whether the numbers exist: rows of a Statement of Applicability that
/// the standard does not have.
pub(crate) fn needs<'a>(numbers: impl IntoIterator<Item = &'a Number>) -> Vec<Need> {
    let others = numbers.into_iter().filter(|number| !is_of_the_standard(number));
    others.map(|number| Need::Where("soa_control", "control", number.to_string())).collect()
}

/// The first number that neither the standard nor a Statement of Applicability has.
pub(crate) fn unknown<'a>(
    numbers: impl IntoIterator<Item = &'a Number>,
    context: &Context,
) -> Option<&'a Number> {
    let others = numbers.into_iter().filter(|number| !is_of_the_standard(number));
    let rows = || context.facts.all::<facts::SoaControl>();
    others.into_iter().find(|number| rows().iter().all(|(_, row)| row.control != number.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_covers_itself_and_what_is_below_it() {
        for (criterion, number, expected) in [
            ("9.2", "9.2.1", true),
            ("9.2.1", "9.2.1", true),
            ("A.6", "A.6.2.4", true),
            ("A.6.2", "A.6.1.2", false),
            ("4", "4.1", true),
            ("1", "10.2", false),
            ("10", "10.2", true),
            ("9.2.1", "9.2", false),
        ] {
            assert_eq!(covers(&Number::new(criterion), number), expected, "{criterion} {number}");
        }
    }

    #[test]
    fn a_number_is_known_to_the_standard_or_to_a_statement() {
        let row = serde_json::json!({ "catalogue": "iso42001-2023", "control": "H.1",
            "decision": "applicable", "status": "planned" });
        let context = Context::of("usr_rui", &[kernel::Role::Aud], "2024-12-01T09:00:00Z").knowing(
            "soc_1",
            "soa_control",
            row,
        );
        let numbers = ["4", "9.2.2", "A.6.2.4", "H.1", "H.2"].map(Number::new);
        assert_eq!(unknown(&numbers, &context), Some(&Number::new("H.2")));
        assert_eq!(unknown(&numbers[..4], &context), None);
        let asked = needs(&numbers);
        assert_eq!(asked.len(), 2, "{asked:?}");
    }
}
