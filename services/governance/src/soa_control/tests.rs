//! Given, when, then: rows of the Statement of Applicability.

use cqrs_es::test::TestFramework;
use serde_json::json;

use super::*;
use crate::evidence::EvidenceStatus;
use crate::soa::Soa;

const SOA: &str = "soa_1";

fn context() -> Context {
    let mut soa = Soa::default();
    soa.content.catalogue = Key::new(reference::catalogue::ISO_42001);
    let evidence = |status| json!(Evidence { status, ..Evidence::default() });
    Context::of("usr_priya", &[Role::Am], "2024-10-07T09:00:00Z")
        .knowing(SOA, "soa", json!(soa))
        .knowing("evd_1", "evidence", evidence(EvidenceStatus::Verified))
        .knowing("evd_2", "evidence", evidence(EvidenceStatus::Quarantined))
}

fn with(context: Context) -> TestFramework<SoaControl> {
    TestFramework::with(context)
}

fn applicable() -> Choice {
    let reason_codes = vec![ReasonCode::Risk];
    Choice { decision: Decision::Applicable, reason_codes, ..Choice::default() }
}

fn list(control: &str) -> Command {
    let (soa, control) = (Ref::new(SOA), Number::new(control));
    Command::List(List { soa, control, choice: applicable() })
}

fn add_own(control: &str) -> Command {
    let (soa, control, title) = (Ref::new(SOA), Number::new(control), Line::new("Red teaming"));
    Command::AddOwn(AddOwn { soa, control, title, choice: Choice::default() })
}

fn state(events: Vec<Event>) -> SoaControl {
    let mut row = SoaControl::default();
    events.into_iter().for_each(|event| row.evolve(event));
    row
}

fn listed() -> Vec<Event> {
    SoaControl::default().decide(list("A.6.2.4"), &context()).unwrap()
}

fn set_status(status: ControlStatus) -> Command {
    Command::SetStatus(SetStatus { status, note: Some(Prose::new("finding F-01 / NC-002")) })
}

#[test]
fn a_control_of_the_catalogue_is_listed_with_its_decision() {
    let events = listed();
    assert!(matches!(events.as_slice(), [Event::Listed(_), Event::ApplicabilityDecided(_)]));
    let row = state(events);
    assert_eq!((row.place, row.own), (19, false));
    assert!(row.is_applicable());
    assert_eq!(row.edits[&Key::new("usr_priya")].by, UserId::new("usr_priya"));
}

#[test]
fn a_control_stands_in_a_statement_once() {
    let knowing = context().knowing("soc_1", "soa_control", json!(state(listed())));
    let duplicate = |row: &str| Refusal::Duplicate { control: "A.6.2.4".into(), row: row.into() };
    for command in [list("A.6.2.4"), add_own("A.6.2.4")] {
        let refusal = SoaControl::default().decide(command, &knowing).unwrap_err();
        assert_eq!(refusal, duplicate("soc_1"));
    }
    let mut other = state(listed());
    other.soa = Ref::new("soa_2");
    let knowing = context().knowing("soc_1", "soa_control", json!(other));
    assert!(SoaControl::default().decide(list("A.6.2.4"), &knowing).is_ok());
}

#[test]
fn what_the_catalogue_does_not_have_is_ones_own() {
    let (control, catalogue) = ("A.6.2.9".to_owned(), "iso42001-2023".to_owned());
    with(context())
        .given_no_previous_events()
        .when(list("A.6.2.9"))
        .then_expect_error(Refusal::NotInCatalogue { control, catalogue });
    let events = SoaControl::default().decide(add_own("X.1"), &context()).unwrap();
    assert!(matches!(events.as_slice(), [Event::CustomControlAdded(_)]));
    let row = state(events);
    assert_eq!((row.place, row.own, row.choice.decision), (1_001, true, Decision::Undecided));
}

#[test]
fn a_control_of_the_catalogue_is_not_ones_own() {
    let (control, catalogue) = ("A.2.2".to_owned(), "iso42001-2023".to_owned());
    with(context())
        .given_no_previous_events()
        .when(add_own("A.2.2"))
        .then_expect_error(Refusal::InCatalogue { control, catalogue });
}

#[test]
fn a_row_belongs_to_a_statement_that_exists() {
    with(Context::of("usr_priya", &[Role::Am], "2024-10-07T09:00:00Z"))
        .given_no_previous_events()
        .when(list("A.2.2"))
        .then_expect_error(Refusal::UnknownSoa { soa: SOA.into() });
}

#[test]
fn a_change_of_status_says_from_where_to_where_and_why() {
    let events = state(listed()).decide(set_status(ControlStatus::Planned), &context()).unwrap();
    let [Event::ImplementationStatusChanged(change)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((change.from, change.to), (ControlStatus::NotStarted, ControlStatus::Planned));
    let row = state([listed(), events].concat());
    assert_eq!(row.note, Some(Prose::new("finding F-01 / NC-002")));
    assert_eq!(row.last_verified_at, Some(context().now));
    assert_eq!(row.decide(set_status(ControlStatus::Planned), &context()), Ok(vec![]));
}

#[test]
fn only_a_control_that_applies_has_a_status() {
    for decision in [Decision::Undecided, Decision::Excluded] {
        let choice = Choice { decision, ..Choice::default() };
        let decide = Command::Decide(Decide { choice, note: None });
        let events = state(listed()).decide(decide, &context()).unwrap();
        for command in [set_status(ControlStatus::Implemented), Command::VerifyStatus] {
            with(context())
                .given([listed(), events.clone()].concat())
                .when(command)
                .then_expect_error(Refusal::NotApplicable);
        }
    }
}

#[test]
fn the_same_decision_again_changes_nothing() {
    with(context())
        .given(listed())
        .when(Command::Decide(Decide { choice: applicable(), note: None }))
        .then_expect_events(vec![]);
}

#[test]
fn only_evidence_that_can_be_relied_on_is_linked() {
    let link = |id: &str| Command::LinkEvidence(Proof { evidence: Ref::new(id) });
    for id in ["evd_2", "evd_of_another_tenant"] {
        with(context())
            .given(listed())
            .when(link(id))
            .then_expect_error(Refusal::NoEvidence { evidence: id.into() });
    }
    let events = state(listed()).decide(link("evd_1"), &context()).unwrap();
    let row = state([listed(), events].concat());
    assert_eq!(row.evidence, [Ref::new("evd_1")]);
    assert_eq!(row.decide(link("evd_1"), &context()), Ok(vec![]));
    let unlink = Command::UnlinkEvidence(Proof { evidence: Ref::new("evd_1") });
    assert!(matches!(
        row.decide(unlink, &context()).unwrap().as_slice(),
        [Event::EvidenceUnlinked(_)]
    ));
}

/// A statement on another catalogue; the item R-1 of the tenant's own is of this kind.
fn on(catalogue: &str, item_kind: &str) -> Context {
    let mut soa = Soa::default();
    soa.content.catalogue = Key::new(catalogue);
    let item = json!({
        "catalogue": "cat_1", "number": "R-1", "title": "x", "place": 7, "itemKind": item_kind,
        "status": "listed",
    });
    let id = facts::CatalogueItem::id_of("cat_1", "R-1");
    let own = json!({ "title": "House rules", "edition": "1", "status": "published" });
    Context::of("usr_priya", &[Role::Am], "2024-10-07T09:00:00Z")
        .knowing(SOA, "soa", json!(soa))
        .knowing("cat_1", "catalogue", own)
        .knowing(&id, "catalogue_item", item)
}

#[test]
fn rows_are_of_the_catalogue_that_the_statement_is_on() {
    for (catalogue, control, place) in [
        ("iso27001-2022", "A.5.1", 1),
        ("eu-ai-act-2024", "Art.4", 1),
        ("nist-ai-rmf-1.0", "GOVERN-1.2", 2),
        ("cat_1", "R-1", 7),
    ] {
        let events = SoaControl::default().decide(list(control), &on(catalogue, "control"));
        let row = state(events.unwrap());
        assert_eq!((row.place, row.catalogue.as_str()), (place, catalogue));
        let own = SoaControl::default().decide(add_own(control), &on(catalogue, "control"));
        let (control, catalogue) = (control.to_owned(), catalogue.to_owned());
        assert_eq!(own, Err(Refusal::InCatalogue { control, catalogue }));
    }
}

#[test]
fn headings_and_clauses_have_no_row() {
    for (catalogue, control, item_kind) in [
        ("iso27001-2022", "5.2", "control"),
        ("iso27001-2022", "A.5", "control"),
        ("eu-ai-act-2024", "Art.9.1", "control"),
        ("cat_1", "R-1", "group"),
        ("cat_1", "R-1", "clause"),
        ("cat_1", "R-2", "control"),
    ] {
        let refusal = SoaControl::default().decide(list(control), &on(catalogue, item_kind));
        let (control, catalogue) = (control.to_owned(), catalogue.to_owned());
        assert_eq!(refusal, Err(Refusal::NotInCatalogue { control, catalogue }));
    }
}

#[test]
fn own_controls_stand_behind_those_of_any_catalogue() {
    for (catalogue, place) in [("iso27001-2022", 1_001), ("cat_1", 2_001)] {
        let events = SoaControl::default().decide(add_own("X.1"), &on(catalogue, "control"));
        assert_eq!(state(events.unwrap()).place, place);
    }
}

#[test]
fn the_item_is_asked_for_once_the_statement_is_known() {
    let bare = Context::of("usr_priya", &[Role::Am], "2024-10-07T09:00:00Z");
    assert_eq!(SoaControl::default().needs(&list("R-1"), &bare).len(), 2);
    let item = Need::Object(facts::CatalogueItem::id_of("cat_1", "R-1"));
    assert!(SoaControl::default().needs(&list("R-1"), &on("cat_1", "control")).contains(&item));
    assert_eq!(SoaControl::default().needs(&list("A.2.2"), &context()).len(), 2);
}
