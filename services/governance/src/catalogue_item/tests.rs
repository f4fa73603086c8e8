//! Given, when, then: an item of a catalogue.

use cqrs_es::test::TestFramework;
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2025-01-10T09:00:00Z";
const DRAFT: &str = "cat_1";

fn wording(title: &str, parent: Option<&str>) -> Wording {
    let (title, parent) = (Line::new(title), parent.map(Number::new));
    Wording { title, parent, ..Wording::default() }
}

fn add(number: &str, place: u32, parent: Option<&str>) -> Add {
    let (catalogue, number) = (Ref::new(DRAFT), Number::new(number));
    Add { catalogue, number, place, wording: wording("Logging", parent) }
}

fn added() -> Vec<Event> {
    vec![Event::Added(add("1.1", 2, None))]
}

fn catalogue(status: &str) -> Value {
    json!({ "title": "House rules", "edition": "2025", "status": status })
}

/// The catalogue stands so.
fn context(status: &str) -> Context {
    let mut context = Context::of("usr_priya", &[Role::Am], NOW);
    context.id = facts::CatalogueItem::id_of(DRAFT, "1.1");
    context.knowing(DRAFT, "catalogue", catalogue(status))
}

/// Another item of a catalogue.
fn knowing(context: Context, catalogue: &str, number: &str, place: u32, status: &str) -> Context {
    let item = json!({
        "catalogue": catalogue, "number": number, "title": "x", "place": place,
        "itemKind": "group", "status": status,
    });
    context.knowing(&facts::CatalogueItem::id_of(catalogue, number), "catalogue_item", item)
}

fn state(events: &[Event]) -> CatalogueItem {
    let mut item = CatalogueItem::default();
    events.iter().for_each(|event| item.evolve(event.clone()));
    item
}

fn because() -> Because {
    Because { reason: Prose::new("twice") }
}

#[test]
fn an_item_is_added_revised_removed_and_put_back_while_the_catalogue_is_a_draft() {
    let revised = Revised { wording: wording("Logs", None) };
    let steps = [
        (Command::Add(add("1.1", 2, None)), added()),
        (Command::Revise(wording("Logs", None)), vec![Event::Revised(revised)]),
        (Command::Revise(wording("Logs", None)), vec![]),
        (Command::Remove(because()), vec![Event::Removed(because())]),
        (Command::Remove(because()), vec![]),
        (Command::Restore(because()), vec![Event::Restored(because())]),
        (Command::Restore(because()), vec![]),
    ];
    let mut given = Vec::new();
    for (command, wanted) in steps {
        TestFramework::<CatalogueItem>::with(context("draft"))
            .given(given.clone())
            .when(command)
            .then_expect_events(wanted.clone());
        given.extend(wanted);
    }
    let item = state(&given);
    assert_eq!((item.place, item.status), (2, ItemStatus::Listed));
    assert_eq!(item.place_key, Line::new("cat_1:2"));
    assert_eq!(item.wording.title, Line::new("Logs"));
}

#[test]
fn the_items_of_a_published_edition_never_change() {
    let item = state(&added());
    let refusal = Refusal::CatalogueNotADraft { catalogue: DRAFT.into() };
    for status in ["published", "superseded", "withdrawn"] {
        for command in [
            Command::Add(add("1.2", 3, None)),
            Command::Revise(wording("Other", None)),
            Command::Remove(because()),
            Command::Restore(because()),
        ] {
            assert_eq!(item.decide(command, &context(status)), Err(refusal.clone()), "{status}");
        }
    }
}

#[test]
fn a_removed_item_is_put_back_before_it_is_revised() {
    let given = [added(), vec![Event::Removed(because())]].concat();
    TestFramework::<CatalogueItem>::with(context("draft"))
        .given(given)
        .when(Command::Revise(wording("Logs", None)))
        .then_expect_error(Refusal::ItemRemoved);
}

#[test]
fn a_place_lies_within_the_catalogue_and_is_taken_once() {
    let decide = |place, context: &Context| {
        CatalogueItem::default().decide(Command::Add(add("1.1", place, None)), context)
    };
    for place in [0, PLACE_MAX + 1] {
        let refusal = Refusal::PlaceOutOfRange { last: PLACE_MAX, at: "/place" };
        assert_eq!(decide(place, &context("draft")), Err(refusal));
    }
    for place in [1, PLACE_MAX] {
        assert!(decide(place, &context("draft")).is_ok());
    }
    for status in ["listed", "removed"] {
        let known = knowing(context("draft"), DRAFT, "1", 2, status);
        let refusal = Refusal::PlaceTaken { number: "1".into(), place: 2, at: "/place" };
        assert_eq!(decide(2, &known), Err(refusal));
    }
    let elsewhere = knowing(context("draft"), "cat_2", "1", 2, "listed");
    assert!(decide(2, &elsewhere).is_ok());
}

#[test]
fn what_an_item_belongs_to_stands_before_it() {
    let decide = |parent, context: &Context| {
        CatalogueItem::default().decide(Command::Add(add("1.1", 2, Some(parent))), context)
    };
    let unknown = |parent: &str| Refusal::UnknownParent { parent: parent.into(), at: "/parent" };
    assert_eq!(decide("1", &context("draft")), Err(unknown("1")));
    let removed = knowing(context("draft"), DRAFT, "1", 1, "removed");
    assert_eq!(decide("1", &removed), Err(unknown("1")));
    let elsewhere = knowing(context("draft"), "cat_2", "1", 1, "listed");
    assert_eq!(decide("1", &elsewhere), Err(unknown("1")));
    let before = |parent: &str| Refusal::ParentNotBefore { parent: parent.into(), at: "/parent" };
    let after = knowing(context("draft"), DRAFT, "1", 3, "listed");
    assert_eq!(decide("1", &after), Err(before("1")));
    assert!(decide("1", &knowing(context("draft"), DRAFT, "1", 1, "listed")).is_ok());
    // Nothing belongs to itself.
    let itself = knowing(context("draft"), DRAFT, "1.1", 2, "listed");
    let revise = Command::Revise(wording("Logs", Some("1.1")));
    assert_eq!(state(&added()).decide(revise, &itself), Err(before("1.1")));
}

#[test]
fn catalogue_and_number_determine_the_id_and_what_must_be_known() {
    let command = Command::Add(add("1.1", 2, Some("1")));
    let id = CatalogueItem::given_id(&command);
    assert_eq!(id, Some(facts::CatalogueItem::id_of(DRAFT, "1.1")));
    let needs = CatalogueItem::default().needs(&command, &context("draft"));
    let place = Need::Where("catalogue_item", "placeKey", "cat_1:2".into());
    let parent = Need::Object(facts::CatalogueItem::id_of(DRAFT, "1"));
    assert_eq!(needs, [Need::Object(DRAFT.into()), place, parent]);
}

#[test]
fn a_remark_is_made_on_an_item_and_nothing_of_it_is_corrected() {
    let correct = |set: Value| {
        let input = json!({ "corrects": 1, "reason": "Misread.", "set": set });
        Command::Correct(serde_json::from_value(input).unwrap())
    };
    let mut context = context("published");
    context.version = 1;
    assert!(state(&added()).decide(correct(json!({})), &context).is_ok());
    let refusal = state(&added()).decide(correct(json!({ "title": "x" })), &context);
    assert!(matches!(refusal, Err(Refusal::Correction(_))), "{refusal:?}");
}
