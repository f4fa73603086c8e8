//! Given, when, then: evidence.

use cqrs_es::test::TestFramework;
use kernel::values::{Anything, Number};
use serde_json::json;

use super::*;

fn context(role: Role) -> Context {
    Context::of("usr_priya", &[role], "2025-06-01T09:00:00Z")
}

fn with(context: Context) -> TestFramework<Evidence> {
    TestFramework::with(context)
}

fn hash(digit: char) -> Hash {
    Hash::new(digit.to_string().repeat(64))
}

fn file() -> File {
    File { sha256: hash('a'), ..File::default() }
}

fn registered(file: File) -> Event {
    Event::Registered(Registered { by: UserId::new("usr_priya"), file })
}

fn verified() -> Event {
    Event::Verified(Verified { at: Instant::default() })
}

fn grounded() -> Grounded {
    Grounded { reason: Prose::new("case 7") }
}

fn state(events: Vec<Event>) -> Evidence {
    let mut evidence = Evidence::default();
    events.into_iter().for_each(|event| evidence.evolve(event));
    evidence
}

fn known(evidence: &Evidence) -> Context {
    context(Role::Emp).knowing("evd_1", "evidence", json!(evidence))
}

fn day(text: &str) -> Option<Date> {
    Some(text.parse().unwrap())
}

#[test]
fn bytes_with_the_registered_hash_are_verified() {
    let context = context(Role::Sys);
    let at = context.now;
    with(context)
        .given(vec![registered(file())])
        .when(Command::Verify(Verify { sha256: hash('a') }))
        .then_expect_events(vec![Event::Verified(Verified { at })]);
}

#[test]
fn bytes_with_another_hash_go_into_quarantine_and_stay_there() {
    let quarantined = Event::Quarantined(Quarantined { found: hash('b') });
    for given in [vec![registered(file())], vec![registered(file()), verified()]] {
        with(context(Role::Sys))
            .given(given)
            .when(Command::Verify(Verify { sha256: hash('b') }))
            .then_expect_events(vec![quarantined.clone()]);
    }
    with(context(Role::Sys))
        .given(vec![registered(file()), quarantined])
        .when(Command::Verify(Verify { sha256: hash('a') }))
        .then_expect_error(Refusal::NotUsable);
}

#[test]
fn a_hash_is_registered_once() {
    let again = known(&state(vec![registered(file())]));
    with(again)
        .given_no_previous_events()
        .when(Command::Register(file()))
        .then_expect_error(Refusal::Duplicate { id: "evd_1".into(), at: "/sha256" });
    let shredded = known(&state(vec![registered(file()), Event::Shredded(grounded())]));
    with(shredded)
        .given_no_previous_events()
        .when(Command::Register(file()))
        .then_expect_events(vec![registered(file())]);
}

#[test]
fn evidence_takes_the_place_of_evidence_that_exists() {
    let newer = File { supersedes: Some(Ref::new("evd_9")), ..file() };
    with(context(Role::Emp))
        .given_no_previous_events()
        .when(Command::Register(newer))
        .then_expect_error(Refusal::UnknownTarget { target: "evd_9".into() });
}

#[test]
fn a_link_names_one_thing_that_exists_in_this_tenant() {
    let link = |clause: Option<&str>, control: Option<&str>, object: Option<&str>| {
        Command::Link(Target {
            clause: clause.map(Number::new),
            control: control.map(Number::new),
            item: None,
            object: object.map(Ref::<Anything>::new),
        })
    };
    let unknown = |target: &str| Refusal::UnknownTarget { target: target.into() };
    for (command, refusal) in [
        (link(None, None, None), Refusal::NotOneTarget),
        (link(Some("7.5.3"), Some("A.2.2"), None), Refusal::NotOneTarget),
        (link(Some("7.9"), None, None), unknown("7.9")),
        (link(None, Some("A.99.1"), None), unknown("A.99.1")),
        (link(None, None, Some("sys_of_another_tenant")), unknown("sys_of_another_tenant")),
    ] {
        with(context(Role::Emp))
            .given(vec![registered(file())])
            .when(command)
            .then_expect_error(refusal);
    }
    let fine = [
        (link(Some("7.5.3"), None, None), "7.5.3"),
        (link(None, Some("A.2.2"), None), "a.2.2"),
        (link(None, Some("X.1"), None), "x.1"),
        (link(None, None, Some("sys_1")), "sys_1"),
    ];
    for (command, key) in fine {
        let row = crate::soa_control::SoaControl {
            soa: Ref::new("soa_1"),
            control: Number::new("X.1"),
            ..crate::soa_control::SoaControl::default()
        };
        let knowing = context(Role::Emp).knowing("sys_1", "ai_system", json!({})).knowing(
            "soc_1",
            "soa_control",
            json!(row),
        );
        let mut evidence = state(vec![registered(file())]);
        let events = evidence.decide(command.clone(), &knowing).unwrap();
        events.into_iter().for_each(|event| evidence.evolve(event));
        assert!(evidence.links.contains_key(&Key::new(key)));
        assert_eq!(evidence.decide(command, &knowing), Ok(vec![]));
    }
}

#[test]
fn evidence_goes_stale_after_its_last_day_only() {
    for (fresh_until, fresh) in
        [(None, true), (day("2025-06-01"), true), (day("2025-05-31"), false)]
    {
        let given = vec![registered(File { fresh_until, ..file() }), verified()];
        assert_eq!(state(given.clone()).proves_on("2025-06-01".parse().unwrap()), fresh);
        let result = with(context(Role::Sys)).given(given).when(Command::GoStale);
        match fresh_until.filter(|_| !fresh) {
            None => result.then_expect_error(Refusal::StillFresh),
            Some(fresh_until) => {
                let stale = Event::WentStale(WentStale { fresh_until });
                result.then_expect_events(vec![stale]);
            }
        }
    }
}

#[test]
fn only_verified_evidence_proves_anything() {
    let today = "2025-06-01".parse().unwrap();
    assert!(!state(vec![registered(file())]).proves_on(today));
    let by = Ref::new("evd_2");
    let superseded = Event::Superseded(Supersede { by });
    assert!(!state(vec![registered(file()), verified(), superseded]).proves_on(today));
}

#[test]
fn evidence_is_superseded_by_other_usable_evidence_only() {
    let unusable = state(vec![registered(file()), Event::Shredded(grounded())]);
    for (knowing, by) in [
        (context(Role::Emp), "evd_2"),
        (context(Role::Emp).knowing("evd_2", "evidence", json!(unusable)), "evd_2"),
        (context(Role::Emp).knowing("", "evidence", json!(Evidence::default())), ""),
    ] {
        with(knowing)
            .given(vec![registered(file()), verified()])
            .when(Command::Supersede(Supersede { by: Ref::new(by) }))
            .then_expect_error(Refusal::UnknownSuccessor { id: by.into() });
    }
}

#[test]
fn only_the_registrar_and_the_aims_manager_say_what_takes_its_place() {
    let newer = json!(state(vec![registered(file()), verified()]));
    for (user, role, may) in [
        ("usr_priya", Role::Emp, true),
        ("usr_am2", Role::Am, true),
        ("usr_sara", Role::Emp, false),
    ] {
        let context = Context::of(user, &[role], "2025-06-01T09:00:00Z");
        let supersede = Supersede { by: Ref::new("evd_2") };
        let result = with(context.knowing("evd_2", "evidence", newer.clone()))
            .given(vec![registered(file()), verified()])
            .when(Command::Supersede(supersede.clone()));
        match may {
            true => result.then_expect_events(vec![Event::Superseded(supersede)]),
            false => result.then_expect_error(Refusal::NotTheRegistrar),
        }
    }
}

#[test]
fn evidence_is_not_shredded_under_retention_or_legal_hold() {
    let kept = File { retention_until: day("2025-06-01"), ..file() };
    with(context(Role::Am))
        .given(vec![registered(kept)])
        .when(Command::Shred(grounded()))
        .then_expect_error(Refusal::UnderRetention { until: "2025-06-01".parse().unwrap() });
    let mut held = vec![registered(file()), Event::LegalHoldPlaced(grounded())];
    with(context(Role::Am))
        .given(held.clone())
        .when(Command::Shred(grounded()))
        .then_expect_error(Refusal::UnderLegalHold);
    held.push(Event::LegalHoldReleased(grounded()));
    with(context(Role::Am))
        .given(held)
        .when(Command::Shred(grounded()))
        .then_expect_events(vec![Event::Shredded(grounded())]);
}

#[test]
fn evidence_on_which_an_active_certificate_rests_is_not_shredded() {
    for (status, refused) in [("active", true), ("withdrawn", false)] {
        let mut context = context(Role::Am).knowing(
            "crt_1",
            "certificate",
            json!({"number": "CERT-0421", "status": status, "restsOn": ["evd_1"]}),
        );
        context.id = "evd_1".into();
        let result = with(context).given(vec![registered(file())]).when(Command::Shred(grounded()));
        match refused {
            true => {
                result.then_expect_error(Refusal::CertificateActive { number: "CERT-0421".into() })
            }
            false => result.then_expect_events(vec![Event::Shredded(grounded())]),
        }
    }
}

#[test]
fn nothing_rests_on_shredded_evidence() {
    let given = vec![registered(file()), Event::Shredded(grounded())];
    let clause = Some(Number::new("7.5.3"));
    let target = Target { clause, control: None, item: None, object: None };
    for command in [
        Command::Link(target),
        Command::PlaceHold(grounded()),
        Command::Verify(Verify { sha256: hash('a') }),
        Command::GoStale,
    ] {
        with(context(Role::Am))
            .given(given.clone())
            .when(command)
            .then_expect_error(Refusal::NotUsable);
    }
}

#[test]
fn a_link_names_an_item_of_any_catalogue_that_is_in_use() {
    let link = |catalogue: &str, number: &str| {
        let (catalogue, number) = (Key::new(catalogue), Number::new(number));
        let item = Some(crate::catalogue_ref::ItemRef { catalogue, number });
        Command::Link(Target { clause: None, control: None, item, object: None })
    };
    let id = facts::CatalogueItem::id_of("cat_1", "R-1");
    let knowing = |status: &str| {
        let catalogue = json!({ "title": "House rules", "edition": "1", "status": status });
        let item = json!({
            "catalogue": "cat_1", "number": "R-1", "title": "x", "place": 1,
            "itemKind": "control", "status": "listed",
        });
        let context = context(Role::Emp).knowing("cat_1", "catalogue", catalogue);
        context.knowing(&id, "catalogue_item", item)
    };
    for (catalogue, number, key) in [
        ("eu-ai-act-2024", "Art.15", "eu-ai-act-2024.art.15"),
        ("iso42001-2023", "A.2.2", "a.2.2"),
        ("iso42001-2023", "6.1.3", "6.1.3"),
        ("cat_1", "R-1", id.as_str()),
    ] {
        for status in ["published", "superseded"] {
            let mut evidence = state(vec![registered(file())]);
            let command = link(catalogue, number);
            let events = evidence.decide(command.clone(), &knowing(status)).unwrap();
            events.into_iter().for_each(|event| evidence.evolve(event));
            assert!(evidence.links.contains_key(&Key::new(key)), "{:?}", evidence.links);
            assert!(key.len() <= 64);
            assert_eq!(evidence.decide(command, &knowing(status)), Ok(vec![]));
        }
    }
    let evidence = state(vec![registered(file())]);
    let refused = |catalogue, number, status| {
        let refusal = evidence.decide(link(catalogue, number), &knowing(status)).unwrap_err();
        assert!(matches!(refusal, Refusal::UnknownTarget { .. }), "{refusal}");
    };
    refused("eu-ai-act-2024", "Art.999", "published");
    refused("iso-9", "1", "published");
    refused("cat_9", "R-1", "published");
    refused("cat_1", "R-2", "published");
    refused("cat_1", "R-1", "draft");
    refused("cat_1", "R-1", "withdrawn");
}
