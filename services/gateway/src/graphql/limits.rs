//! What a query may ask for: depth, aliases, directives and cost, worked out on the parsed document
//! before anything is validated or executed.

use std::collections::HashMap;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
    OperationType, Selection, SelectionSet,
};
use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use async_graphql::{Name, Positioned, Value as Given, Variables};

use super::catalogue::COVERAGE;

/// Deepest nesting of fields.
pub const DEPTH_MAX: usize = 12;
/// Deepest nesting of a query that asks for the schema only.
const INTROSPECTION_DEPTH_MAX: usize = 20;
/// Most aliases in a document.
const ALIASES_MAX: usize = 50;
/// Most directives in a document.
const DIRECTIVES_MAX: usize = 20;
/// Dearest query.
pub const COST_MAX: u64 = 20_000;
/// What a list inside an object is taken to hold.
const MEMBERS: u64 = 3;
/// What a page costs beside its objects, and a count.
const PAGE_COST: u64 = 10;
/// What the coverage of a catalogue costs beside its items: it looks at all evidence.
const COVERAGE_COST: u64 = 1_000;
/// What a command costs beside its answer.
const COMMAND_COST: u64 = 50;

/// A query that is not executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable code.
    pub code: &'static str,
    /// Why.
    pub message: String,
}

impl Refused {
    /// A refusal.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What a query was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Its cost.
    pub cost: u64,
    /// Its kind.
    pub operation: OperationType,
    /// Whether all it asks for is the management system as of a point that the caller names.
    pub only_past: bool,
}

/// Measures the operation of this name.
///
/// # Errors
/// When it asks for too much.
pub fn measure(
    registry: &Registry,
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
) -> Result<Measured, Refused> {
    count(document)?;
    let Some(operation) = operation_of(document, name) else {
        return Err(Refused::new("unknown_operation", "name an operation of the document"));
    };
    let mut meter = Meter { registry, document, operation, variables, fragments: HashMap::new() };
    let root = root_of(registry, operation.ty);
    let Size { cost, depth } = meter.set(root, &operation.selection_set.node, 1)?;
    let roots = roots(document, &operation.selection_set.node);
    let about_schema =
        !roots.is_empty() && roots.iter().all(|field| field.name.node.as_str().starts_with("__"));
    let depth_max = if about_schema { INTROSPECTION_DEPTH_MAX } else { DEPTH_MAX };
    if depth > depth_max {
        let message = format!("the query is {depth} deep; at most {depth_max} is answered");
        return Err(Refused::new("query_too_deep", message));
    }
    if cost > COST_MAX {
        let message = format!("the query costs {cost}; at most {COST_MAX} is answered");
        return Err(Refused::new("query_too_expensive", message));
    }
    let only_past = operation.ty == OperationType::Query
        && matches!(roots.as_slice(), [field] if field.name.node == "aims"
            && meter.argument(field, "asOf").is_some_and(|point| point != Given::Null));
    Ok(Measured { cost, operation: operation.ty, only_past })
}

/// The operation of this name, or the only one.
pub fn operation_of<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        (DocumentOperations::Single(one), None) => Some(one),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Single(_), Some(_)) | (DocumentOperations::Multiple(_), None) => None,
    };
    operation.map(|operation| &operation.node)
}

/// The type at the root of an operation.
pub fn root_of(registry: &Registry, operation: OperationType) -> &str {
    let name = match operation {
        OperationType::Query => Some(registry.query_type.as_str()),
        OperationType::Mutation => registry.mutation_type.as_deref(),
        OperationType::Subscription => registry.subscription_type.as_deref(),
    };
    name.unwrap_or_default()
}

/// The root fields, also those in fragments one level down.
fn roots<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet) -> Vec<&'a Field> {
    let mut roots = Vec::new();
    for item in &set.items {
        let inner = match &item.node {
            Selection::Field(field) => {
                roots.push(&field.node);
                continue;
            }
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => document
                .fragments
                .get(&spread.node.fragment_name.node)
                .map(|fragment| &fragment.node.selection_set.node),
        };
        for item in inner.into_iter().flat_map(|set| &set.items) {
            if let Selection::Field(field) = &item.node {
                roots.push(&field.node);
            }
        }
    }
    roots
}

/// Counts aliases and directives in the whole document.
fn count(document: &ExecutableDocument) -> Result<(), Refused> {
    let mut total = Counts::default();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        total.directives += operation.directives.len();
        let defined = operation.variable_definitions.iter();
        total.directives += defined.map(|variable| variable.node.directives.len()).sum::<usize>();
        total.take(&operation.selection_set.node);
    }
    for fragment in document.fragments.values() {
        total.directives += fragment.node.directives.len();
        total.take(&fragment.node.selection_set.node);
    }
    if total.aliases > ALIASES_MAX {
        let message = format!("a query has at most {ALIASES_MAX} aliases");
        return Err(Refused::new("too_many_aliases", message));
    }
    if total.directives > DIRECTIVES_MAX {
        let message = format!("a query has at most {DIRECTIVES_MAX} directives");
        return Err(Refused::new("too_many_directives", message));
    }
    Ok(())
}

#[derive(Default)]
struct Counts {
    aliases: usize,
    directives: usize,
}

impl Counts {
    fn take(&mut self, set: &SelectionSet) {
        for item in &set.items {
            self.directives += item.node.directives().len();
            match &item.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    self.take(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.take(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Size {
    cost: u64,
    depth: usize,
}

impl Size {
    fn and(self, other: Self) -> Self {
        let cost = self.cost.saturating_add(other.cost);
        Self { cost, depth: self.depth.max(other.depth) }
    }
}

struct Meter<'a> {
    registry: &'a Registry,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    /// Fragments by page size; `None` while one is being measured.
    fragments: HashMap<(&'a Name, u64), Option<Size>>,
}

impl<'a> Meter<'a> {
    /// The size of a selection; `page` is how many a connection's nodes and edges are.
    fn set(&mut self, parent: &'a str, set: &'a SelectionSet, page: u64) -> Result<Size, Refused> {
        let mut size = Size::default();
        for item in &set.items {
            let part = match &item.node {
                Selection::Field(field) => self.field(parent, &field.node, page)?,
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let on = on.map_or(parent, |on| on.node.on.node.as_str());
                    self.set(on, &fragment.node.selection_set.node, page)?
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    match self.document.fragments.get_key_value(name) {
                        Some((name, fragment)) => self.fragment(name, fragment, page)?,
                        None => Size::default(),
                    }
                }
            };
            size = size.and(part);
        }
        Ok(size)
    }

    fn fragment(
        &mut self,
        name: &'a Name,
        fragment: &'a Positioned<FragmentDefinition>,
        page: u64,
    ) -> Result<Size, Refused> {
        match self.fragments.insert((name, page), None) {
            Some(Some(known)) => {
                self.fragments.insert((name, page), Some(known));
                Ok(known)
            }
            Some(None) => {
                let message = format!("the fragment {name} contains itself");
                Err(Refused::new("fragment_cycle", message))
            }
            None => {
                let on = fragment.node.type_condition.node.on.node.as_str();
                let size = self.set(on, &fragment.node.selection_set.node, page)?;
                self.fragments.insert((name, page), Some(size));
                Ok(size)
            }
        }
    }

    fn field(&mut self, parent: &'a str, field: &'a Field, page: u64) -> Result<Size, Refused> {
        let name = field.name.node.as_str();
        let declared = self.registry.types.get(parent).and_then(|ty| declared(ty, name));
        let ty = declared.unwrap_or_default();
        let inner = MetaTypeName::concrete_typename(ty);
        let connection = inner.ends_with("Connection");
        let (own, times, next_page) = if inner == COVERAGE {
            (COVERAGE_COST, 1, self.first(field).unwrap_or(50))
        } else if parent == COVERAGE && name == "items" {
            (1, page, 1)
        } else if connection {
            (PAGE_COST, 1, self.first(field).unwrap_or(50))
        } else if parent.ends_with("Connection") && matches!(name, "nodes" | "edges") {
            (1, page, 1)
        } else if name == "totalCount" {
            (PAGE_COST, 1, 1)
        } else if parent == "Mutation" {
            (COMMAND_COST, 1, 1)
        } else if inner.starts_with("__") || !ty.contains('[') {
            (1, 1, 1)
        } else {
            (1, self.first(field).unwrap_or(MEMBERS), 1)
        };
        let Size { cost, depth } = self.set(inner, &field.selection_set.node, next_page)?;
        Ok(Size { cost: own.saturating_add(times.saturating_mul(cost)), depth: depth + 1 })
    }

    /// The number that `first` gives.
    fn first(&self, field: &Field) -> Option<u64> {
        match self.argument(field, "first")? {
            Given::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// An argument with the variables in their places.
    fn argument(&self, field: &Field, name: &str) -> Option<Given> {
        let value = field.get_argument(name)?.node.clone();
        let defined = &self.operation.variable_definitions;
        let value = value.into_const_with(|name| {
            let default = || {
                let defined = defined.iter().find(|defined| defined.node.name.node == name);
                defined.and_then(|defined| defined.node.default_value())
            };
            Ok::<_, ()>(self.variables.get(&name).or_else(default).cloned().unwrap_or_default())
        });
        value.ok()
    }
}

/// The type of a field.
pub fn declared<'a>(ty: &'a MetaType, name: &str) -> Option<&'a str> {
    match ty {
        MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } => {
            fields.get(name).map(|field| field.ty.as_str())
        }
        MetaType::Scalar { .. }
        | MetaType::Union { .. }
        | MetaType::Enum { .. }
        | MetaType::InputObject { .. } => None,
    }
}
