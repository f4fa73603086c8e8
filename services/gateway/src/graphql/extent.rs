//! How much of the schema is made. The whole of it takes tens of megabytes, a document touches a
//! few types: for a document only the fields are made whose names stand in it, and what can be
//! reached through them. Such a part answers and refuses a document as the whole would.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationDefinition, Selection, SelectionSet, Type,
};

/// Most names that a part is made for; who asks for more is answered by the whole.
const NAMES_MAX: usize = 250;
/// The field that stands in an object of which nothing is wanted, for an object has a field. Who
/// asks for it is answered by the whole, where it does not exist.
pub const STAND_IN: &str = "_";
/// What every object of a kind has, as the interface demands.
const ALWAYS: &str = "id";

/// How much of the schema is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// What a document can touch.
    Part(Arc<Names>),
}

/// The names in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    fields: BTreeSet<String>,
    types: BTreeSet<String>,
}

impl Extent {
    /// As much as a document can touch.
    pub fn of(document: &ExecutableDocument) -> Self {
        let mut names = Names::default();
        for (_, operation) in document.operations.iter() {
            names.operation(&operation.node);
        }
        for fragment in document.fragments.values() {
            names.types.insert(fragment.node.type_condition.node.on.node.to_string());
            names.set(&fragment.node.selection_set.node);
        }
        let of_the_whole = |name: &String| name == STAND_IN || name.starts_with("__");
        if names.fields.len() + names.types.len() > NAMES_MAX
            || names.fields.iter().any(of_the_whole)
        {
            return Extent::Whole;
        }
        Extent::Part(Arc::new(names))
    }

    /// Whether fields of this name are made.
    pub fn has(&self, field: &str) -> bool {
        match self {
            Extent::Whole => true,
            Extent::Part(names) => field == ALWAYS || names.fields.contains(field),
        }
    }
}

impl Names {
    /// The types that the document names.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.types.iter().map(String::as_str)
    }

    /// Documents with one key are answered by one part.
    pub fn key(&self) -> String {
        let mut key = String::new();
        for (names, end) in [(&self.fields, '\n'), (&self.types, '\t')] {
            for name in names {
                key.push_str(name);
                key.push(end);
            }
        }
        key
    }

    fn operation(&mut self, operation: &OperationDefinition) {
        for variable in &operation.variable_definitions {
            self.types.insert(named(&variable.node.var_type.node).to_owned());
        }
        self.set(&operation.selection_set.node);
    }

    fn set(&mut self, set: &SelectionSet) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    if name != "__typename" {
                        self.fields.insert(name.to_owned());
                    }
                    self.set(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    if let Some(on) = &fragment.node.type_condition {
                        self.types.insert(on.node.on.node.to_string());
                    }
                    self.set(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

/// The name in a type.
fn named(ty: &Type) -> &str {
    let mut base = &ty.base;
    loop {
        match base {
            BaseType::Named(name) => return name,
            BaseType::List(of) => base = &of.base,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn part(text: &str) -> Arc<Names> {
        match Extent::of(&parse_query(text).unwrap()) {
            Extent::Part(names) => names,
            Extent::Whole => panic!("{text} takes the whole"),
        }
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let text = "query Q($a: [[A!]!]!) { x: f(a: $a) { ... on B { __typename g } ...h } }
                    mutation M { i } fragment h on C { j { ... @skip(if: true) { k } } }";
        let names = part(text);
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!((list(&names.fields), list(&names.types)), ("f g i j k".into(), "A B C".into()));
    }

    #[test]
    fn the_key_tells_fields_from_types_and_forgets_the_order() {
        assert_eq!(part("{ a { b } }").key(), part("{ b { a { b } } }").key());
        assert_ne!(part("{ a { b } }").key(), part("{ a { ... on b { a } } }").key());
        assert_ne!(part("{ ab }").key(), part("{ a b }").key());
    }

    #[test]
    fn what_a_part_cannot_answer_takes_the_whole() {
        let many: String = (0..=NAMES_MAX).map(|n| format!("f{n} ")).collect();
        for text in ["{ __schema { a } }", "{ a { __type(name: \"A\") { b } } }", "{ a { _ } }"] {
            assert_eq!(Extent::of(&parse_query(text).unwrap()), Extent::Whole, "{text}");
        }
        assert_eq!(Extent::of(&parse_query(format!("{{ {many} }}")).unwrap()), Extent::Whole);
        part("{ __typename }");
    }
}
