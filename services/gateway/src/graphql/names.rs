//! Names in the schema, by rule from the words of the declarations.

use kernel::kinds::KindRow;

/// Words apart by `_`, `-`, `.` or a capital.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in text.chars() {
        let begins = c.is_ascii_uppercase() && !before.is_ascii_uppercase();
        if (matches!(c, '_' | '-' | '.') || begins) && words.last().is_some_and(|w| !w.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// `record_context_issue` as `RecordContextIssue`.
pub fn pascal(text: &str) -> String {
    words(text).iter().map(|word| capitalised(word)).collect()
}

/// `interested-parties` as `interestedParties`.
pub fn camel(text: &str) -> String {
    let words = words(text);
    let (first, rest) = words.split_first().map_or(("", &[][..]), |(f, r)| (f.as_str(), r));
    rest.iter().fold(first.to_owned(), |name, word| name + &capitalised(word))
}

/// `effective.approvedAt` as `EFFECTIVE_APPROVED_AT`.
pub fn screaming(text: &str) -> String {
    words(text).join("_").to_ascii_uppercase()
}

/// Field under which one object of a kind is found.
pub fn singular(row: &KindRow) -> String {
    camel(row.graphql)
}

/// Field under which a kind's objects are listed. Where the language has one word for both, the
/// list says so.
pub fn plural(row: &KindRow) -> String {
    let plural = camel(row.plural);
    if plural == singular(row) { plural + "List" } else { plural }
}

/// Field of a mutation: noun and verb.
pub fn mutation(row: &KindRow, verb: &str) -> String {
    singular(row) + &pascal(verb)
}

/// Field that holds the id where `field` holds the object, or the ids of several.
pub fn id_field(field: &str, several: bool) -> String {
    format!("{field}{}", if several { "Ids" } else { "Id" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str) -> &'static KindRow {
        kernel::kinds::kind(name).unwrap()
    }

    #[test]
    fn words_become_names() {
        assert_eq!(pascal("record_context_issue"), "RecordContextIssue");
        assert_eq!(camel("interested-parties"), "interestedParties");
        assert_eq!(camel("InterestedParty"), "interestedParty");
        assert_eq!(screaming("effective.approvedAt"), "EFFECTIVE_APPROVED_AT");
        assert_eq!(screaming("in_review"), "IN_REVIEW");
        assert_eq!(screaming("sha256"), "SHA256");
    }

    #[test]
    fn one_and_many_have_different_names() {
        assert_eq!(
            (singular(row("soa_control")), plural(row("soa_control"))),
            ("soaControl".into(), "soaControls".into())
        );
        assert_eq!(
            (singular(row("evidence")), plural(row("evidence"))),
            ("evidence".into(), "evidenceList".into())
        );
        for row in kernel::kinds::KINDS {
            assert_ne!(singular(row), plural(row));
        }
    }

    #[test]
    fn mutations_are_noun_and_verb() {
        assert_eq!(mutation(row("scope"), "record_context_issue"), "scopeRecordContextIssue");
    }
}
