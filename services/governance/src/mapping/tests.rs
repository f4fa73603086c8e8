//! Given, when, then: a link between two items.

use cqrs_es::test::TestFramework;
use serde_json::json;

use super::*;

const NOW: &str = "2025-01-10T09:00:00Z";
const ISO: &str = "iso42001-2023";

fn end(catalogue: &str, number: &str) -> End {
    End { catalogue: Key::new(catalogue), number: Number::new(number) }
}

fn claim(confidence: Confidence) -> Claim {
    let (relation, source_version) = (Relation::Supports, Line::new("1"));
    Claim { relation, source_version, confidence, note: None }
}

fn link(from: End, to: End) -> Link {
    Link { from, to, source: Line::new("our own reading"), claim: claim(Confidence::Low) }
}

/// From a control of the standard to an item of the tenant's own.
fn ours() -> Link {
    link(end(ISO, "A.6.2.4"), end("cat_1", "R-1"))
}

/// The tenant's own catalogue with its one item stands so.
fn context(status: &str, item: &str) -> Context {
    let catalogue = json!({ "title": "House rules", "edition": "1", "status": status });
    let item = json!({
        "catalogue": "cat_1", "number": "R-1", "title": "x", "place": 1, "itemKind": "control",
        "status": item,
    });
    let id = facts::CatalogueItem::id_of("cat_1", "R-1");
    Context::of("usr_priya", &[Role::Am], NOW).knowing("cat_1", "catalogue", catalogue).knowing(
        &id,
        "catalogue_item",
        item,
    )
}

fn fine() -> Context {
    context("published", "listed")
}

fn linked() -> Vec<Event> {
    vec![Event::Linked(Linked { by: UserId::new("usr_priya"), link: ours() })]
}

fn because() -> Because {
    Because { reason: Prose::new("the source was withdrawn") }
}

fn refusal(link: Link, context: &Context) -> Refusal {
    Mapping::default().decide(Command::Link(link), context).unwrap_err()
}

#[test]
fn a_link_is_made_revised_retired_and_reinstated() {
    let by = UserId::new("usr_priya");
    let revised = Revised { by, claim: claim(Confidence::High) };
    let mut given = Vec::new();
    for (command, wanted) in [
        (Command::Link(ours()), linked()),
        (Command::Revise(claim(Confidence::Low)), vec![]),
        (Command::Revise(claim(Confidence::High)), vec![Event::Revised(revised)]),
        (Command::Reinstate(because()), vec![]),
        (Command::Retire(because()), vec![Event::Retired(because())]),
        (Command::Retire(because()), vec![]),
        (Command::Reinstate(because()), vec![Event::Reinstated(because())]),
    ] {
        TestFramework::<Mapping>::with(fine())
            .given(given.clone())
            .when(command)
            .then_expect_events(wanted.clone());
        given.extend(wanted);
    }
    let mut mapping = Mapping::default();
    given.into_iter().for_each(|event| mapping.evolve(event));
    assert_eq!((mapping.from, mapping.to), (end(ISO, "A.6.2.4"), end("cat_1", "R-1")));
    assert_eq!(mapping.claim.confidence, Confidence::High);
    assert_eq!((mapping.status, mapping.retirement), (MappingStatus::Active, None));
}

#[test]
fn a_retired_link_is_not_revised() {
    TestFramework::<Mapping>::with(fine())
        .given([linked(), vec![Event::Retired(because())]].concat())
        .when(Command::Revise(claim(Confidence::High)))
        .then_expect_error(Refusal::LinkRetired);
}

#[test]
fn both_catalogues_exist() {
    for (from, to, at) in [
        (end("iso-9", "1"), end(ISO, "A.2.2"), "/from/catalogue"),
        (end(ISO, "A.2.2"), end("cat_9", "1"), "/to/catalogue"),
    ] {
        let unknown = if at.starts_with("/from") { &from } else { &to };
        let catalogue = unknown.catalogue.as_str().to_owned();
        let wanted = Refusal::UnknownCatalogue { catalogue, at };
        assert_eq!(refusal(link(from, to), &fine()), wanted);
    }
}

#[test]
fn both_numbers_exist() {
    let unknown = |number: &str, catalogue: &str, at| {
        let (number, catalogue) = (number.to_owned(), catalogue.to_owned());
        Refusal::UnknownNumber { number, catalogue, at }
    };
    for number in ["A.4.1", "A.5.1", "A.7.1", "A.8.1", "A.9.1"] {
        let found = refusal(link(end(ISO, number), end("cat_1", "R-1")), &fine());
        assert_eq!(found, unknown(number, ISO, "/from/number"));
    }
    let found = refusal(link(end(ISO, "A.2.2"), end("cat_1", "R-2")), &fine());
    assert_eq!(found, unknown("R-2", "cat_1", "/to/number"));
    let found = refusal(ours(), &context("published", "removed"));
    assert_eq!(found, unknown("R-1", "cat_1", "/to/number"));
    // Clauses, areas and other packaged catalogues can be linked as well.
    let fine_too = link(end(ISO, "6.1.4"), end("eu-ai-act-2024", "Art.27"));
    assert!(Mapping::default().decide(Command::Link(fine_too), &fine()).is_ok());
}

#[test]
fn only_items_of_a_published_catalogue_are_linked() {
    for status in ["draft", "superseded", "withdrawn"] {
        let found = refusal(ours(), &context(status, "listed"));
        let (catalogue, status, at) = ("cat_1".into(), status.into(), "/to/catalogue");
        assert_eq!(found, Refusal::CatalogueNotPublished { catalogue, status, at });
    }
}

#[test]
fn nothing_is_linked_to_itself() {
    let itself = link(end(ISO, "A.6.2.4"), end(ISO, "A.6.2.4"));
    let (number, at) = ("A.6.2.4".into(), "/to/number");
    assert_eq!(refusal(itself, &fine()), Refusal::LinkedToItself { number, at });
    let within = link(end(ISO, "6.1.4"), end(ISO, "A.5.2"));
    assert!(Mapping::default().decide(Command::Link(within), &fine()).is_ok());
}

#[test]
fn no_source_says_a_thing_twice_and_two_sources_may_say_the_same() {
    let id = |source: &str, confidence| {
        let link = Link { source: Line::new(source), claim: claim(confidence), ..ours() };
        Mapping::given_id(&Command::Link(link)).unwrap()
    };
    assert_eq!(id("us", Confidence::Low), id("us", Confidence::High));
    assert_ne!(id("us", Confidence::Low), id("them", Confidence::Low));
}

#[test]
fn what_comes_with_the_product_need_not_be_looked_up() {
    let needs = |link| Mapping::default().needs(&Command::Link(link), &fine());
    assert_eq!(needs(link(end(ISO, "A.2.2"), end("iso27001-2022", "A.5.1"))), []);
    let item = Need::Object(facts::CatalogueItem::id_of("cat_1", "R-1"));
    assert_eq!(needs(ours()), [Need::Object("cat_1".into()), item]);
}

#[test]
fn there_is_no_relation_that_says_satisfied() {
    assert!(serde_json::from_value::<Relation>(json!("satisfies")).is_err());
}

#[test]
fn the_version_of_a_source_is_corrected_and_an_end_is_not() {
    let mut context = fine();
    context.version = 1;
    let mut mapping = Mapping::default();
    linked().into_iter().for_each(|event| mapping.evolve(event));
    let correct = |field: &str| {
        let set = json!({ field: "2" });
        let input = json!({ "corrects": 1, "reason": "Misread.", "set": set });
        Command::Correct(serde_json::from_value(input).unwrap())
    };
    let events = mapping.decide(correct("sourceVersion"), &context).unwrap();
    events.into_iter().for_each(|event| mapping.evolve(event));
    assert_eq!(mapping.claim.source_version, Line::new("2"));
    let refusal = mapping.decide(correct("from"), &context).unwrap_err();
    assert!(matches!(refusal, Refusal::Correction(_)), "{refusal}");
}
