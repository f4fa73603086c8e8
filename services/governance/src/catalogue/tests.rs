//! Given, when, then: a catalogue of the tenant's own.

use cqrs_es::test::TestFramework;
use kernel::approval::content_hash;
use kernel::values::Number;
use serde_json::{Value, json};

use super::*;
use crate::catalogue_item::{CatalogueItem, ItemStatus, Wording};
use reference::catalogue::ItemKind;

const NOW: &str = "2025-01-10T09:00:00Z";

fn edition() -> Edition {
    Edition {
        title: Line::new("House rules"),
        edition: Line::new("2025"),
        publisher: None,
        source: Line::new("our own"),
        licence: Line::new("internal"),
        language: Key::new("en"),
    }
}

fn context() -> Context {
    let mut context = Context::of("usr_priya", &[Role::Am], NOW);
    context.id = "cat_1".into();
    context.facts.position = Position(7);
    context
}

fn drafted() -> Vec<Event> {
    vec![Event::Drafted(Drafted { by: UserId::new("usr_priya"), edition: edition() })]
}

fn item(number: &str, place: u32, item_kind: ItemKind, parent: Option<&str>) -> CatalogueItem {
    let wording = Wording {
        title: Line::new("x"),
        item_kind,
        parent: parent.map(Number::new),
        ..Wording::default()
    };
    CatalogueItem {
        catalogue: Ref::new("cat_1"),
        number: Number::new(number),
        place,
        wording,
        ..CatalogueItem::default()
    }
}

/// The context with these items.
fn with(items: &[CatalogueItem]) -> Context {
    let known = items.iter().enumerate();
    known.fold(context(), |context, (n, item)| {
        context.knowing(&format!("cit_{n}"), "catalogue_item", json!(item))
    })
}

fn state(events: &[Event]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    events.iter().for_each(|event| catalogue.evolve(event.clone()));
    catalogue
}

fn published() -> Vec<Event> {
    let known = with(&[item("1", 1, ItemKind::Control, None)]);
    [drafted(), state(&drafted()).decide(Command::Publish, &known).unwrap()].concat()
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("obsolete") })
}

fn other(status: &str) -> Value {
    json!({ "title": "House rules", "edition": "2025", "status": status })
}

#[test]
fn a_catalogue_is_begun_revised_and_published() {
    let next = Edition { edition: Line::new("2026"), ..edition() };
    TestFramework::<Catalogue>::with(context())
        .given_no_previous_events()
        .when(Command::Draft(edition()))
        .then_expect_events(drafted());
    TestFramework::<Catalogue>::with(context())
        .given(drafted())
        .when(Command::Revise(next.clone()))
        .then_expect_events(vec![Event::Revised(Revised { edition: next })]);
    TestFramework::<Catalogue>::with(context())
        .given(drafted())
        .when(Command::Revise(edition()))
        .then_expect_events(vec![]);
}

#[test]
fn what_is_published_is_counted_hashed_in_order_and_pinned() {
    let items = [
        item("1.2", 3, ItemKind::Control, Some("1")),
        item("1", 1, ItemKind::Group, None),
        item("1.1", 2, ItemKind::Clause, Some("1")),
        CatalogueItem { status: ItemStatus::Removed, ..item("9", 9, ItemKind::Control, None) },
        CatalogueItem { catalogue: Ref::new("cat_2"), ..item("8", 8, ItemKind::Control, None) },
    ];
    let events = state(&drafted()).decide(Command::Publish, &with(&items)).unwrap();
    let catalogue = state(&[drafted(), events].concat());
    let listing = catalogue.listing.unwrap();
    assert_eq!((listing.items, listing.decided, listing.position), (3, 1, Position(7)));
    assert_eq!(listing.hash, content_hash(&[&items[1], &items[2], &items[0]]));
    assert_eq!(catalogue.status, CatalogueStatus::Published);
}

#[test]
fn without_items_nothing_is_published() {
    let gone =
        CatalogueItem { status: ItemStatus::Removed, ..item("1", 1, ItemKind::Control, None) };
    TestFramework::<Catalogue>::with(with(&[gone]))
        .given(drafted())
        .when(Command::Publish)
        .then_expect_error(Refusal::NoItems);
}

#[test]
fn an_item_whose_parent_was_removed_keeps_the_catalogue_a_draft() {
    let gone = CatalogueItem { status: ItemStatus::Removed, ..item("1", 1, ItemKind::Group, None) };
    TestFramework::<Catalogue>::with(with(&[gone, item("1.1", 2, ItemKind::Control, Some("1"))]))
        .given(drafted())
        .when(Command::Publish)
        .then_expect_error(Refusal::ParentMissing { number: "1.1".into(), parent: "1".into() });
}

#[test]
fn a_published_edition_never_changes() {
    let next = Edition { edition: Line::new("2026"), ..edition() };
    let refusal = Refusal::NotADraft { status: "published" };
    assert_eq!(state(&published()).decide(Command::Revise(next), &context()), Err(refusal));
    assert_eq!(state(&published()).decide(Command::Publish, &context()), Ok(vec![]));
    let gone = [published(), state(&published()).decide(withdraw(), &context()).unwrap()].concat();
    let refusal = Refusal::NotADraft { status: "withdrawn" };
    assert_eq!(state(&gone).decide(Command::Publish, &context()), Err(refusal));
}

#[test]
fn an_edition_is_loaded_once_unless_it_was_withdrawn() {
    let known = |status| context().knowing("cat_9", "catalogue", other(status));
    for status in ["draft", "published", "superseded"] {
        let refusal = Catalogue::default().decide(Command::Draft(edition()), &known(status));
        let (title, edition) = ("House rules".into(), "2025".into());
        let at = "/edition";
        let wanted = Refusal::EditionExists { id: "cat_9".into(), title, edition, at };
        assert_eq!(refusal, Err(wanted));
    }
    assert!(Catalogue::default().decide(Command::Draft(edition()), &known("withdrawn")).is_ok());
    let itself = context().knowing("cat_1", "catalogue", other("draft"));
    let source = Edition { source: Line::new("elsewhere"), ..edition() };
    assert!(state(&drafted()).decide(Command::Revise(source), &itself).is_ok());
}

#[test]
fn a_language_is_named_by_its_code() {
    for (language, fine) in [
        ("en", true),
        ("fr-ca", true),
        ("zh-hans-cn", true),
        ("gsw", true),
        ("english", false),
        ("e", false),
        ("en_us", false),
        ("en-", false),
        ("1n", false),
    ] {
        let edition = Edition { language: Key::new(language), ..edition() };
        let decided = Catalogue::default().decide(Command::Draft(edition), &context());
        let (language, at) = (language.to_owned(), "/language");
        let wanted = Err(Refusal::NotALanguage { language, at });
        assert_eq!(decided.is_ok(), fine, "{decided:?}");
        assert!(fine || decided == wanted);
    }
}

#[test]
fn another_published_catalogue_takes_its_place() {
    let by = |id: &str| Command::Supersede(Supersede { by: Ref::new(id) });
    let known = |status| context().knowing("cat_2", "catalogue", other(status));
    for (id, status) in [("cat_2", "draft"), ("cat_2", "withdrawn"), ("cat_1", "published")] {
        let refusal = state(&published()).decide(by(id), &known(status)).unwrap_err();
        assert_eq!(refusal, Refusal::SuccessorNotPublished { by: id.into(), at: "/by" });
    }
    let refusal = state(&drafted()).decide(by("cat_2"), &known("published")).unwrap_err();
    assert_eq!(refusal, Refusal::NotPublished { status: "draft" });
    let events = state(&published()).decide(by("cat_2"), &known("published")).unwrap();
    let superseded = state(&[published(), events].concat());
    assert_eq!(superseded.status, CatalogueStatus::Superseded);
    assert_eq!(superseded.decide(by("cat_2"), &known("published")), Ok(vec![]));
    let refusal = superseded.decide(by("cat_3"), &known("published")).unwrap_err();
    assert_eq!(refusal, Refusal::NotPublished { status: "superseded" });
}

#[test]
fn what_a_statement_in_force_rests_on_is_not_withdrawn() {
    let soa = |catalogue: &str, effective: Value| {
        let soa = json!({ "catalogue": catalogue, "effective": effective });
        context().knowing("soa_1", "soa", soa)
    };
    let in_force = json!({ "version": 1, "approvedAt": NOW });
    let refusal = state(&published()).decide(withdraw(), &soa("cat_1", in_force.clone()));
    assert_eq!(refusal, Err(Refusal::StatementInForce { soa: "soa_1".into() }));
    for fine in [soa("cat_1", Value::Null), soa("cat_2", in_force)] {
        let events = state(&published()).decide(withdraw(), &fine).unwrap();
        let withdrawn = state(&[published(), events].concat());
        assert_eq!(withdrawn.status, CatalogueStatus::Withdrawn);
        assert_eq!(withdrawn.decide(withdraw(), &fine), Ok(vec![]));
    }
}

#[test]
fn the_source_of_an_edition_is_corrected_and_its_title_is_not() {
    let correct = |field: &str| {
        let set = json!({ field: "OJ L" });
        let input = json!({ "corrects": 1, "reason": "Misread.", "set": set });
        Command::Correct(serde_json::from_value(input).unwrap())
    };
    let mut context = context();
    context.version = 1;
    let events = state(&drafted()).decide(correct("source"), &context).unwrap();
    let corrected = state(&[drafted(), events].concat());
    assert_eq!(corrected.edition.source, Line::new("OJ L"));
    let refusal = state(&drafted()).decide(correct("title"), &context).unwrap_err();
    assert!(matches!(refusal, Refusal::Correction(_)), "{refusal}");
}
