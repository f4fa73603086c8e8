//! Given, when, then: resources.

use cqrs_es::test::TestFramework;
use kernel::values::{Hash, Line, Ref};
use serde_json::json;

use super::link::SYSTEMS_MAX;
use super::*;

fn as_(user: &str, role: Role) -> Context {
    Context::of(user, &[role], "2024-09-02T09:00:00Z")
}

fn marc() -> Context {
    as_("usr_marc", Role::So)
}

fn hash(digit: &str) -> Hash {
    Hash::new(digit.repeat(64))
}

fn model() -> Description {
    Description {
        name: Line::new("Gradient-boosted trees"),
        licence: Some(Line::new("Apache-2.0")),
        ..Description::default()
    }
}

fn described(about: Description) -> Described {
    Described { by: UserId::new("usr_sara"), about }
}

fn registered(about: Description) -> Vec<Event> {
    vec![Event::Registered(described(about))]
}

fn approval() -> Event {
    Event::Approved(Approved { by: UserId::new("usr_marc"), at: marc().now })
}

fn grounded() -> Grounded {
    Grounded { reason: Prose::new("the licence was withdrawn") }
}

fn and(mut given: Vec<Event>, more: Event) -> Vec<Event> {
    given.push(more);
    given
}

fn used_in(stages: &[Stage]) -> Use {
    Use { system: Ref::new("sys_1"), stages: stages.to_vec() }
}

fn decided(context: Context, given: Vec<Event>, command: Command) -> Result<Vec<Event>, Refusal> {
    TestFramework::<Resource>::with(context).given(given).when(command).inspect_result()
}

fn state(events: Vec<Event>) -> Resource {
    let mut resource = Resource::default();
    events.into_iter().for_each(|event| resource.evolve(event));
    resource
}

#[test]
fn a_system_owner_approves_what_a_developer_registered() {
    let events = decided(marc(), registered(model()), Command::Approve).unwrap();
    assert_eq!(events, vec![approval()]);
    let resource = state(and(registered(model()), approval()));
    assert_eq!(resource.status, ResourceStatus::Approved);
    assert_eq!(resource.approved_by, Some(UserId::new("usr_marc")));
}

#[test]
fn who_described_a_resource_does_not_approve_it() {
    let sara = || as_("usr_sara", Role::So);
    let refused = decided(sara(), registered(model()), Command::Approve).unwrap_err();
    assert_eq!(refused, Refusal::ApproverIsAuthor);
    let mut given = and(registered(model()), approval());
    given.push(Event::Blocked(grounded()));
    given.push(Event::Unblocked(grounded()));
    let refused = decided(sara(), given, Command::Approve).unwrap_err();
    assert_eq!(refused, Refusal::ApproverIsAuthor, "also after a ban was lifted");
}

#[test]
fn each_kind_needs_what_its_control_asks_for() {
    let of = |resource_kind| Description { resource_kind, ..Description::default() };
    let place = Some(Line::new("Utrecht"));
    let skills = vec![Line::new("credit risk modelling")];
    for (about, lack) in [
        (of(ResourceKind::Model), Some(Lack::ModelWithoutLicence)),
        (model(), None),
        (of(ResourceKind::Tooling), None),
        (of(ResourceKind::Compute), Some(Lack::ComputeWithoutLocation)),
        (Description { location: place, ..of(ResourceKind::Compute) }, None),
        (of(ResourceKind::Human), Some(Lack::PeopleWithoutCompetences)),
        (Description { competences: skills, ..of(ResourceKind::Human) }, None),
    ] {
        let found = decided(marc(), registered(about), Command::Approve).err();
        assert_eq!(found, lack.map(Refusal::Lack));
    }
}

#[test]
fn a_resource_that_is_described_anew_must_be_approved_again() {
    let licence = Some(Line::new("MIT"));
    let revise = || Command::Revise(Revise { licence: licence.clone(), ..Revise::default() });
    let given = and(registered(model()), approval());
    let events = decided(as_("usr_owen", Role::Dev), given.clone(), revise()).unwrap();
    let [Event::Revised(revised)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(revised.about.licence, licence);
    assert_eq!(revised.about.name, model().name, "what is left out stays");
    let resource = state(given.into_iter().chain(events.clone()).collect());
    assert_eq!(resource.status, ResourceStatus::Registered);
    assert_eq!(resource.authors, vec![UserId::new("usr_owen")]);
    let given = registered(revised.about.clone());
    assert_eq!(decided(marc(), given, revise()).unwrap(), vec![], "it says so already");
}

#[test]
fn a_revision_does_not_lift_a_restriction_or_a_ban() {
    let revision = Event::Revised(described(model()));
    let given = and(and(registered(model()), approval()), Event::Restricted(grounded()));
    assert_eq!(state(and(given, revision.clone())).status, ResourceStatus::Restricted);
    let given = and(registered(model()), Event::Blocked(grounded()));
    assert_eq!(state(and(given, revision)).status, ResourceStatus::Blocked);
}

#[test]
fn a_hash_is_given_once() {
    let with = |digit| Description { hash: Some(hash(digit)), ..model() };
    let revise = |digit| Command::Revise(Revise { hash: Some(hash(digit)), ..Revise::default() });
    let refused = decided(marc(), registered(with("a")), revise("b")).unwrap_err();
    assert_eq!(refused, Refusal::HashStands { at: "/hash" });
    assert_eq!(decided(marc(), registered(with("a")), revise("a")).unwrap(), vec![]);
    let events = decided(marc(), registered(model()), revise("a")).unwrap();
    let [Event::Revised(revised)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(revised.about.hash, Some(hash("a")));
}

#[test]
fn blocked_bytes_do_not_come_back_under_another_name() {
    let other = json!({"name": "Old", "status": "blocked", "hash": "a".repeat(64)});
    let knowing = || marc().knowing("res_1", "resource", other.clone());
    let about = Description { hash: Some(hash("a")), ..model() };
    let refused = decided(knowing(), vec![], Command::Register(about)).unwrap_err();
    assert_eq!(refused, Refusal::Duplicate { id: "res_1".into(), at: "/hash" });
    let revise = Command::Revise(Revise { hash: Some(hash("a")), ..Revise::default() });
    let refused = decided(knowing(), registered(model()), revise).unwrap_err();
    assert_eq!(refused, Refusal::Duplicate { id: "res_1".into(), at: "/hash" });
    let about = Description { hash: Some(hash("b")), ..model() };
    assert!(decided(knowing(), vec![], Command::Register(about)).is_ok());
}

#[test]
fn an_entry_of_a_document_is_imported_once_until_it_is_retired() {
    let of =
        |entry| Origin { document_hash: Some(hash("d")), entry: Some(entry), ..Origin::default() };
    let register = |origin| Command::Register(Description { origin: Some(origin), ..model() });
    let origin = json!({ "documentHash": hash("d"), "entry": 2 });
    let knowing = |status: &str| {
        let known = json!({ "name": "Old", "status": status, "origin": origin });
        marc().knowing("res_1", "resource", known)
    };
    let refusal = Refusal::ImportedAlready { id: "res_1".into(), at: "/origin/entry" };
    for status in ["registered", "approved", "blocked"] {
        let refused = decided(knowing(status), vec![], register(of(2))).unwrap_err();
        assert_eq!(refused, refusal, "{status}");
    }
    assert!(decided(knowing("retired"), vec![], register(of(2))).is_ok());
    // Another entry, another document, or one of which neither is known, is another resource.
    let other = Origin { document_hash: Some(hash("e")), ..of(2) };
    for origin in [of(1), other, Origin { entry: None, ..of(2) }, Origin::default()] {
        assert!(decided(knowing("registered"), vec![], register(origin)).is_ok());
    }
}

#[test]
fn only_an_approved_resource_is_restricted_and_approval_lifts_it() {
    let restrict = || Command::Restrict(grounded());
    let refused = decided(marc(), registered(model()), restrict()).unwrap_err();
    assert_eq!(refused, Refusal::NotApproved);
    let given = and(registered(model()), approval());
    let events = decided(marc(), given.clone(), restrict()).unwrap();
    assert_eq!(events, vec![Event::Restricted(grounded())]);
    let given = and(given, Event::Restricted(grounded()));
    assert_eq!(decided(marc(), given.clone(), restrict()).unwrap(), vec![]);
    let events = decided(marc(), given.clone(), Command::Approve).unwrap();
    assert_eq!(events, vec![approval()]);
    assert_eq!(state(and(given, approval())).status_reason, None);
}

#[test]
fn a_ban_is_lifted_before_anything_else_happens() {
    let given = and(registered(model()), Event::Blocked(grounded()));
    for command in [Command::Approve, Command::Restrict(grounded())] {
        assert_eq!(decided(marc(), given.clone(), command).unwrap_err(), Refusal::IsBlocked);
    }
    let priya = || as_("usr_priya", Role::Am);
    let events = decided(priya(), given.clone(), Command::Unblock(grounded())).unwrap();
    assert_eq!(events, vec![Event::Unblocked(grounded())]);
    let resource = state(and(given, Event::Unblocked(grounded())));
    assert_eq!(resource.status, ResourceStatus::Registered, "it must be approved again");
}

#[test]
fn no_system_begins_to_use_a_blocked_resource() {
    let given = and(registered(model()), Event::Blocked(grounded()));
    let link = Command::Link(used_in(&[Stage::Deployment]));
    assert_eq!(decided(marc(), given, link).unwrap_err(), Refusal::Link(LinkRefusal::ToBlocked));
}

#[test]
fn links_say_in_which_stages_a_resource_is_needed() {
    let link = |stages: &[Stage]| Command::Link(used_in(stages));
    let refused = decided(marc(), registered(model()), link(&[])).unwrap_err();
    assert_eq!(refused, Refusal::Link(LinkRefusal::NoStage { at: "/stages" }));
    let twice = [Stage::Deployment, Stage::Deployment];
    let first = used_in(&[Stage::Deployment]);
    let events = decided(marc(), registered(model()), link(&twice)).unwrap();
    assert_eq!(events, vec![Event::Linked(first.clone())]);
    let given = and(registered(model()), Event::Linked(first));
    assert_eq!(decided(marc(), given.clone(), link(&[Stage::Deployment])).unwrap(), vec![]);
    let both = used_in(&[Stage::Inception, Stage::Deployment]);
    let events = decided(marc(), given.clone(), link(&[Stage::Inception])).unwrap();
    assert_eq!(events, vec![Event::Linked(both.clone())]);
    let resource = state(and(given, Event::Linked(both.clone())));
    assert_eq!(resource.used_by.into_values().collect::<Vec<_>>(), vec![both]);
}

#[test]
fn a_retired_system_needs_no_resource() {
    let system = json!({"name": "DocExtract", "stage": "retirement"});
    let context = marc().knowing("sys_1", "ai_system", system);
    let link = Command::Link(used_in(&[Stage::Deployment]));
    let refused = decided(context, registered(model()), link).unwrap_err();
    let inner = LinkRefusal::SystemRetired { name: "DocExtract".into(), at: "/system" };
    assert_eq!(refused, Refusal::Link(inner));
}

#[test]
fn the_number_of_linked_systems_is_bounded() {
    let linked = |n: usize| {
        let system = Ref::new(format!("sys_{n}"));
        Event::Linked(Use { system, stages: vec![Stage::Inception] })
    };
    let given = registered(model()).into_iter().chain((10..10 + SYSTEMS_MAX).map(linked));
    let link = Command::Link(used_in(&[Stage::Inception]));
    let refused = decided(marc(), given.collect(), link).unwrap_err();
    assert_eq!(refused, Refusal::Link(LinkRefusal::TooManySystems { most: SYSTEMS_MAX }));
}

#[test]
fn a_link_is_taken_away_once() {
    let unlink = || Unlink { system: Ref::new("sys_1") };
    let given = and(registered(model()), Event::Linked(used_in(&[Stage::Inception])));
    let events = decided(marc(), given.clone(), Command::Unlink(unlink())).unwrap();
    assert_eq!(events, vec![Event::Unlinked(unlink())]);
    let given = and(given, Event::Unlinked(unlink()));
    assert!(state(given.clone()).used_by.is_empty());
    assert_eq!(decided(marc(), given, Command::Unlink(unlink())).unwrap(), vec![]);
}

#[test]
fn nothing_happens_to_a_retired_resource() {
    let given = and(registered(model()), Event::Retired(grounded()));
    for command in [
        Command::Approve,
        Command::Revise(Revise::default()),
        Command::Restrict(grounded()),
        Command::Block(grounded()),
        Command::Link(used_in(&[Stage::Inception])),
    ] {
        assert_eq!(decided(marc(), given.clone(), command).unwrap_err(), Refusal::IsRetired);
    }
    assert_eq!(decided(marc(), given, Command::Retire(grounded())).unwrap(), vec![]);
}

#[test]
fn what_holds_already_yields_nothing() {
    let approved = and(registered(model()), approval());
    assert_eq!(decided(marc(), approved.clone(), Command::Approve).unwrap(), vec![]);
    assert_eq!(decided(marc(), approved, Command::Unblock(grounded())).unwrap(), vec![]);
    let blocked = and(registered(model()), Event::Blocked(grounded()));
    assert_eq!(decided(marc(), blocked, Command::Block(grounded())).unwrap(), vec![]);
}

#[test]
fn what_is_decided_is_not_set_by_a_correction() {
    let mut context = marc();
    context.version = 1;
    let mut set = kernel::values::Fields::default();
    set.0.insert("licence".into(), json!("none"));
    let correct = Correct { corrects: 1, reason: Prose::new("typed wrongly"), set };
    let refused = decided(context, registered(model()), Command::Correct(correct)).unwrap_err();
    let at = "/set/licence".to_owned();
    let inner = CorrectionRefusal::NotCorrectable { field: "licence".into(), at };
    assert_eq!(refused, Refusal::Correction(inner));
}

#[test]
fn others_read_the_hash_and_status_of_a_resource() {
    let about = Description { hash: Some(hash("a")), ..model() };
    let document = json!(state(and(registered(about), Event::Blocked(grounded()))));
    let context = marc().knowing("res_1", "resource", document);
    let seen = context.facts.get::<facts::Resource>("res_1").unwrap();
    assert_eq!((seen.status.as_str(), seen.hash), ("blocked", Some("a".repeat(64))));
}
