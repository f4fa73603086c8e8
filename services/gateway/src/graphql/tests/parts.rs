//! A part of the schema answers and refuses as the whole does.

use async_graphql::Request as Query;
use async_graphql::dynamic::Schema;
use async_graphql::parser::parse_query;
use async_graphql::registry::{MetaType, MetaTypeName, Registry as Meta};

use super::super::limits;
use super::*;

fn whole() -> (Arc<Model>, Schema) {
    let model = Model::of(&registry());
    let whole = build(&model, Extent::Whole).unwrap();
    (model, whole.schema)
}

/// What a schema says to a document that nobody in particular asks.
async fn said(schema: &Schema, text: &str) -> String {
    let document = parse_query(text).unwrap();
    let measured = limits::measure(schema.registry(), &document, None, &Variables::default());
    let mut request = Query::new(String::new());
    request.set_parsed_query(document);
    let response = schema.execute(request).await;
    format!("{measured:?} {}", serde_json::to_string(&response).unwrap())
}

/// Whether a part answers at all; its answer is the whole's.
async fn part_says_the_same(model: &Arc<Model>, whole: &Schema, text: &str) -> bool {
    let extent = Extent::of(&parse_query(text).unwrap());
    if extent == Extent::Whole {
        return false;
    }
    let Ok(part) = build(model, extent) else { return false };
    assert_eq!(said(&part.schema, text).await, said(whole, text).await, "{text}");
    true
}

/// Writes documents that fit the schema, and now and then do not.
struct Writer<'a> {
    types: &'a Meta,
    state: u64,
}

impl Writer<'_> {
    /// A number below a bound; the same ones in every run.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        usize::try_from(self.state >> 33).unwrap() % bound
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn set(&mut self, ty: &str, depth: usize) -> String {
        let mut text = String::from("{ ");
        let on = match &self.types.types[ty] {
            MetaType::Interface { possible_types, .. } | MetaType::Union { possible_types, .. } => {
                possible_types.iter().cloned().collect()
            }
            _ => vec![ty.to_owned(), "Node".to_owned(), "Scope".to_owned()],
        };
        if depth < 5 && (self.one_in(12) || self.types.types[ty].fields().is_none()) {
            let on = on[self.below(on.len())].clone();
            let inner = if self.types.types.contains_key(&on) { on.as_str() } else { ty };
            text += &format!("... on {on} {} ", self.set(inner, depth + 1));
        }
        if let Some(fields) = self.types.types[ty].fields() {
            for n in 0..=self.below(3) {
                let (name, field) = fields.get_index(self.below(fields.len())).unwrap();
                if name.starts_with("__") {
                    continue;
                }
                let arguments = field.args.values().map(|a| (a.name.as_str(), a.ty.as_str()));
                let arguments = self.arguments(arguments.collect());
                let inner = MetaTypeName::concrete_typename(&field.ty);
                let is_leaf = self.types.types[inner].is_leaf();
                let wrong = if self.one_in(60) { "x" } else { "" };
                text += &format!("f{depth}{n}: {name}{wrong}{arguments} ");
                if depth < 5 && is_leaf == self.one_in(40) {
                    text += &if is_leaf { "{ id } ".into() } else { self.set(inner, depth + 1) };
                }
            }
        }
        text + "__typename } "
    }

    fn arguments(&mut self, known: Vec<(&str, &str)>) -> String {
        let mut given = Vec::new();
        for (name, ty) in known {
            if if ty.ends_with('!') { !self.one_in(30) } else { self.one_in(3) } {
                given.push(format!("{name}: {}", self.value(ty, 0)));
            }
        }
        if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
    }

    fn value(&mut self, ty: &str, depth: usize) -> String {
        let named = MetaTypeName::concrete_typename(ty);
        let inner = match &self.types.types[named] {
            MetaType::Enum { enum_values, .. } if !self.one_in(15) => {
                enum_values.get_index(self.below(enum_values.len())).unwrap().0.clone()
            }
            MetaType::InputObject { input_fields, .. } if depth < 4 => {
                let mut members = Vec::new();
                for field in input_fields.values() {
                    if field.ty.ends_with('!') || self.one_in(8) {
                        members.push(format!(
                            "{}: {}",
                            field.name,
                            self.value(&field.ty, depth + 1)
                        ));
                    }
                }
                format!("{{{}}}", members.join(", "))
            }
            _ => {
                ["1", "\"x\"", "true", "\"2026-01-01\"", "null", "{}", "RED"][self.below(7)].into()
            }
        };
        if ty.contains('[') && !self.one_in(5) { format!("[{inner}]") } else { inner }
    }
}

#[actix_web::test]
async fn a_part_answers_and_refuses_as_the_whole_does() {
    let (model, whole) = whole();
    let mut writer = Writer { types: whole.registry(), state: 1 };
    let mut parts = 0;
    for n in 0..300 {
        let (operation, root) = [("query", "Query"), ("mutation", "Mutation")][n % 2];
        let text = format!("{operation} {}", writer.set(root, 1));
        parts += usize::from(part_says_the_same(&model, &whole, &text).await);
    }
    assert!(parts > 240, "{parts} of 300 were answered by parts");
}

#[actix_web::test]
async fn documents_that_do_not_fit_are_refused_alike() {
    let (model, whole) = whole();
    for text in [
        "{ aims { scopes { nodes } } }",
        "{ aims { scope { title { id } } } }",
        "{ nothing }",
        "{ viewer { id: tenant id } }",
        "query Q($a: ScopeFilter) { aims { scopes(filter: $a) { totalCount } } }",
        "query Q($a: ScopeFilter) { aims { memberships(filter: $a) { totalCount } } }",
        "query Q($a: Snapshot) { node(id: $a) { id } }",
        "query Q { ...f } fragment f on Mutation { __typename }",
        "mutation M { __typename }",
        "mutation M { scopeApprove(input: {}) { refusal { ... on Event { id } } } }",
        "{ node(id: 1) { ... on Viewer { id } ... on Scope { status } } }",
        "{ aims(asOf: {time: \"2026-01-01T00:00:00Z\", position: 1}) { resolved { position } } }",
        "subscription S { a }",
    ] {
        let answered = part_says_the_same(&model, &whole, text).await;
        assert!(answered, "{text} is answered by the whole");
    }
}

#[actix_web::test]
async fn what_a_part_does_not_know_the_whole_answers() {
    let world = World::new().await;
    let am = world.member(1, &["AM"]).await;
    let unknown = world.ask(&am, "{ viewer { ... on Nobody { id } } }", json!({})).await;
    assert_eq!(unknown.code(), "invalid_query");
    assert!(unknown.body.to_string().contains("Unknown type \\\"Nobody\\\""), "{}", unknown.body);
    let stand_in = world.ask(&am, "{ aims { _ } }", json!({})).await;
    assert!(stand_in.body.to_string().contains("Unknown field \\\"_\\\""), "{}", stand_in.body);
    // A type that nothing in the document leads to is known all the same.
    let query = "query Q($kind: ScopeStatus) { viewer { id } }";
    let unused = world.ask(&am, query, json!({})).await;
    assert!(unused.body.to_string().contains("is not used"), "{}", unused.body);
    let schema = world.ask(&am, "{ __schema { types { name } } }", json!({})).await.data();
    assert!(schema["__schema"]["types"].as_array().unwrap().len() > 500);
}

#[test]
fn parts_are_small() {
    let model = Model::of(&registry());
    let all = build(&model, Extent::Whole).unwrap().size;
    for (text, most) in [
        ("{ viewer { id roles } }", 30),
        ("{ aims { scopes { nodes { id version status history { type } } } } }", 200),
        ("mutation M { scopeSubmit(input: {id: 1}) { version refusal { __typename } } }", 80),
        ("{ node(id: 1) { id __typename ... on Scope { status } } }", 300),
    ] {
        let part = build(&model, Extent::of(&parse_query(text).unwrap())).unwrap();
        assert!(part.size < most, "{text}: {} of {all}", part.size);
    }
}
