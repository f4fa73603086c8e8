//! Where a field that must have a value has none, the nearest field around it that may be null
//! becomes null, and only that (GraphQL, 6.4.4). The executor would give up the whole answer, so
//! such a field is filled with something empty first (`session::always`) and the answer is put
//! right here.

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::registry::{MetaTypeName, Registry};
use async_graphql::{PathSegment, Value};

use super::limits::declared;

/// An operation, to find the types of what it asked for.
pub struct Types<'a> {
    /// All types.
    pub registry: &'a Registry,
    /// The document.
    pub document: &'a ExecutableDocument,
}

/// A selection on a type.
type Part<'a> = (&'a str, &'a SelectionSet);

impl<'a> Types<'a> {
    /// Puts null where the value at the path, which must not be null, makes it.
    pub fn clear(
        &self,
        root: &'a str,
        operation: &'a OperationDefinition,
        path: &[PathSegment],
        data: &mut Value,
    ) {
        let length = self.nullable(root, operation, path);
        let mut place = data;
        for segment in path.iter().take(length) {
            let next = match (segment, place) {
                (PathSegment::Field(key), Value::Object(members)) => members.get_mut(key.as_str()),
                (PathSegment::Index(index), Value::List(items)) => items.get_mut(*index),
                (PathSegment::Field(_) | PathSegment::Index(_), _) => None,
            };
            // Something further out is null already.
            let Some(next) = next else { return };
            place = next;
        }
        *place = Value::Null;
    }

    /// How much of the path leads to the innermost value around its end that may be null.
    fn nullable(
        &self,
        root: &'a str,
        operation: &'a OperationDefinition,
        path: &[PathSegment],
    ) -> usize {
        let mut parts = vec![(root, &operation.selection_set.node)];
        let (mut ty, mut nullable) = ("", 0);
        for (place, segment) in path.iter().enumerate() {
            match segment {
                PathSegment::Index(_) => {
                    let list = ty.strip_suffix('!').unwrap_or(ty);
                    let list = list.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
                    ty = list.unwrap_or_default();
                }
                PathSegment::Field(key) => {
                    let mut found = Vec::new();
                    parts.iter().for_each(|part| self.find(*part, key, &mut found));
                    let Some((first, _)) = found.first() else { return 0 };
                    ty = first;
                    let inner = |(ty, set): Part<'a>| (MetaTypeName::concrete_typename(ty), set);
                    parts = found.into_iter().map(inner).collect();
                }
            }
            if !ty.ends_with('!') {
                nullable = place + 1;
            }
        }
        nullable
    }

    /// The fields of this response key, each with its type and selection.
    fn find(&self, (parent, set): Part<'a>, key: &str, found: &mut Vec<Part<'a>>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    if field.response_key().node == key
                        && let Some(ty) = self.registry.types.get(parent)
                        && let Some(ty) = declared(ty, &field.name.node)
                    {
                        found.push((ty, &field.selection_set.node));
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let on = on.map_or(parent, |on| on.node.on.node.as_str());
                    self.find((on, &fragment.node.selection_set.node), key, found);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                    if let Some(fragment) = fragment {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.find((on, &fragment.node.selection_set.node), key, found);
                    }
                }
            }
        }
    }
}
