//! Given, when, then: the Statement of Applicability.

use cqrs_es::test::TestFramework;
use kernel::approval::{ApprovalRefusal, Phase};
use kernel::values::{Hash, Line, Number, Ref};
use serde_json::json;

use super::*;
use crate::evidence::{Evidence, EvidenceStatus};
use crate::soa_control::{Choice, ControlStatus, Decision, Edit, ReasonCode, SoaControl};
use reference::catalogue::catalogue;

const SOA: &str = "soa_1";
const NOW: &str = "2024-10-08T09:00:00Z";

/// The rows of a statement, and what else is known.
struct World {
    rows: Vec<SoaControl>,
    evidence: EvidenceStatus,
    plan: Option<(&'static str, &'static str)>,
}

impl World {
    /// All 38 controls: A.2.2 implemented with evidence, A.7.3 excluded, the others planned.
    fn complete() -> Self {
        let controls = &catalogue(ISO_42001).unwrap().controls;
        let rows = controls.iter().zip(1..).map(|(control, place)| SoaControl {
            soa: Ref::new(SOA),
            control: Number::new(control.number.clone()),
            place,
            choice: Choice {
                decision: Decision::Applicable,
                reason_codes: vec![ReasonCode::Risk],
                ..Choice::default()
            },
            status: ControlStatus::Planned,
            ..SoaControl::default()
        });
        let mut world =
            Self { rows: rows.collect(), evidence: EvidenceStatus::Verified, plan: None };
        world.row("A.2.2").status = ControlStatus::Implemented;
        world.row("A.2.2").evidence = vec![Ref::new("evd_1")];
        world.exclude("A.7.3", Some("training data only from own loan book"));
        world
    }

    fn row(&mut self, control: &str) -> &mut SoaControl {
        self.rows.iter_mut().find(|row| row.control.as_str() == control).unwrap()
    }

    fn exclude(&mut self, control: &str, justification: Option<&str>) {
        let justification = justification.map(Prose::new);
        let decision = Decision::Excluded;
        self.row(control).choice = Choice { decision, justification, ..Choice::default() };
    }

    fn edited(&mut self, control: &str, user: &str, at: &str) {
        let edit = Edit { by: UserId::new(user), at: at.parse().unwrap() };
        self.row(control).edits.insert(Key::new(user), edit);
    }

    fn context(&self, user: &str, role: Role) -> Context {
        let mut context = Context::of(user, &[role], NOW);
        context.id = SOA.into();
        context.facts.position = kernel::Position(412);
        let evidence = Evidence { status: self.evidence, ..Evidence::default() };
        let mut context = context.knowing("evd_1", "evidence", json!(evidence));
        for row in &self.rows {
            context = context.knowing(&format!("soc_{}", row.control), "soa_control", json!(row));
        }
        match self.plan {
            None => context,
            Some((status, control)) => {
                let plan = json!({"status": status, "controls": [control]});
                context.knowing("tpl_1", "treatment_plan", plan)
            }
        }
    }

    fn submit(&self, given: &[Event]) -> Result<Vec<Event>, Refusal> {
        state(given).decide(Command::Submit, &self.context("usr_priya", Role::Am))
    }

    fn approve_as(
        &self,
        user: &str,
        despite: Option<&str>,
        given: &[Event],
    ) -> Result<Vec<Event>, Refusal> {
        let approve = Approve { content_hash: None };
        let input = ApproveSoa { approve, despite_clauses: despite.map(Prose::new) };
        state(given).decide(Command::Approve(input), &self.context(user, Role::Tm))
    }

    fn approve(&self, given: &[Event]) -> Result<Vec<Event>, Refusal> {
        self.approve_as("usr_ingrid", None, given)
    }

    /// Started and submitted as the rows stand.
    fn submitted(&self) -> Vec<Event> {
        [started(), self.submit(&started()).unwrap()].concat()
    }

    /// Started, submitted and approved as the rows stand.
    fn approved(&self) -> Vec<Event> {
        let given = self.submitted();
        [given.clone(), self.approve(&given).unwrap()].concat()
    }
}

fn started() -> Vec<Event> {
    let content = Content { catalogue: Key::new(ISO_42001), title: Line::new("SoA") };
    let by = UserId::new("usr_priya");
    vec![Event::VersionDrafted(VersionDrafted { version: 1, by, content })]
}

fn state(events: &[Event]) -> Soa {
    let mut soa = Soa::default();
    events.iter().for_each(|event| soa.evolve(event.clone()));
    soa
}

/// What is refused both when the world is submitted and when a complete one that was submitted
/// has become so by the time of approval.
fn refused_twice(world: &World, refusal: &Refusal) {
    assert_eq!(world.submit(&started()).unwrap_err(), *refusal);
    let mut given = started();
    let table = rows::table(&world.context("usr_priya", Role::Am));
    let rows = Rows::of(&table, &world.context("usr_priya", Role::Am));
    let submission = state(&given).content.with(&rows.hash);
    let context = world.context("usr_priya", Role::Am);
    let submitted = state(&given).approval.submit(&submission, &context).unwrap();
    given.push(Event::VersionSubmitted(VersionSubmitted { submitted, rows, authors: vec![] }));
    assert_eq!(world.approve(&given).unwrap_err(), *refusal);
}

#[test]
fn what_is_approved_is_pinned_to_the_position_of_the_facts_and_counted() {
    let soa = state(&World::complete().approved());
    let rows = soa.effective_rows.unwrap();
    assert_eq!(rows.position, kernel::Position(412));
    assert_eq!((rows.implemented, rows.applicable, rows.excluded, rows.planned), (1, 37, 1, 36));
    assert_eq!(rows.excluded_controls, [Number::new("A.7.3")]);
    assert_eq!(soa.approval.effective.unwrap().version, 1);
    assert_eq!(soa.submitted_rows, None);
}

#[test]
fn a_statement_is_on_a_known_catalogue() {
    let content = Content { catalogue: Key::new("iso-9"), title: Line::new("SoA") };
    TestFramework::<Soa>::with(World::complete().context("usr_priya", Role::Am))
        .given_no_previous_events()
        .when(Command::Start(content))
        .then_expect_error(Refusal::UnknownCatalogue {
            catalogue: "iso-9".into(),
            at: "/catalogue",
        });
}

#[test]
fn every_control_of_the_catalogue_is_decided_and_a_missing_row_is_undecided() {
    let mut world = World::complete();
    world.row("A.9.2").choice.decision = Decision::Undecided;
    world.rows.retain(|row| row.control.as_str() != "A.4.2");
    refused_twice(&world, &Refusal::Undecided { controls: "A.4.2, A.9.2".into() });
}

#[test]
fn an_exclusion_without_justification_is_refused() {
    let mut world = World::complete();
    world.exclude("A.7.3", None);
    let controls = "A.7.3".into();
    refused_twice(&world, &Refusal::ExclusionWithoutJustification { controls });
}

#[test]
fn an_inclusion_without_reason_is_refused() {
    let mut world = World::complete();
    world.row("A.8.2").choice.reason_codes.clear();
    refused_twice(&world, &Refusal::InclusionWithoutReason { controls: "A.8.2".into() });
}

#[test]
fn implemented_needs_verified_evidence_that_is_not_stale() {
    let refusal = Refusal::ImplementedWithoutEvidence { controls: "A.2.2".into() };
    let mut world = World::complete();
    for status in [
        EvidenceStatus::Registered,
        EvidenceStatus::Stale,
        EvidenceStatus::Superseded,
        EvidenceStatus::Quarantined,
        EvidenceStatus::Shredded,
    ] {
        world.evidence = status;
        refused_twice(&world, &refusal);
    }
    world.evidence = EvidenceStatus::Verified;
    world.row("A.2.2").evidence.clear();
    refused_twice(&world, &refusal);
}

#[test]
fn a_live_treatment_plan_names_no_excluded_control() {
    let mut world = World::complete();
    world.plan = Some(("approved", "A.7.3"));
    let (plan, control) = ("tpl_1".into(), "A.7.3".into());
    refused_twice(&world, &Refusal::PlanNamesExcludedControl { plan, control });
    for plan in [("draft", "A.7.3"), ("approved", "A.7.4")] {
        world.plan = Some(plan);
        assert!(world.submit(&started()).is_ok());
    }
}

#[test]
fn excluding_what_clauses_demand_needs_the_approvers_reason() {
    let mut world = World::complete();
    world.exclude("A.5.2", Some("assessed by the group"));
    world.exclude("A.2.3", Some("no other policies"));
    let given = world.submitted();
    let refusal = Refusal::ClausesDemandControls { controls: "A.2.3, A.5.2".into() };
    assert_eq!(world.approve(&given).unwrap_err(), refusal);
    let events = world.approve_as("usr_ingrid", Some("group policy applies"), &given).unwrap();
    let soa = state(&[given, events].concat());
    assert_eq!(soa.despite_clauses, Some(Prose::new("group policy applies")));
}

#[test]
fn rows_that_changed_since_the_submission_are_not_approved() {
    let mut world = World::complete();
    let given = world.submitted();
    world.row("A.8.2").note = Some(Prose::new("changed meanwhile"));
    assert_eq!(world.approve(&given).unwrap_err(), Refusal::RowsChanged);
}

#[test]
fn whoever_changed_a_row_does_not_approve() {
    let mut world = World::complete();
    world.edited("A.2.2", "usr_ingrid", "2024-10-07T09:00:00Z");
    let refusal = world.approve(&world.submitted()).unwrap_err();
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
    let refusal = world.approve_as("usr_priya", None, &world.submitted()).unwrap_err();
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn an_author_of_an_earlier_version_may_approve_a_later_one() {
    let mut world = World::complete();
    let given = world.approved();
    world.edited("A.2.2", "usr_ingrid", "2024-10-07T09:00:00Z");
    let given = [given.clone(), world.submit(&given).unwrap()].concat();
    assert!(world.approve(&given).is_ok());
}

#[test]
fn submitting_after_an_approval_begins_the_next_version() {
    let mut world = World::complete();
    let mut given = world.approved();
    world.row("A.2.3").status = ControlStatus::PartiallyImplemented;
    let events = world.submit(&given).unwrap();
    assert!(matches!(events.as_slice(), [Event::VersionDrafted(_), Event::VersionSubmitted(_)]));
    given.extend(events);
    let soa = state(&given);
    assert_eq!((soa.approval.version, soa.approval.status), (2, Phase::InReview));
    assert_eq!(soa.effective_rows.unwrap().partially_implemented, 0);
    let events = world.approve(&given).unwrap();
    assert!(matches!(events.as_slice(), [Event::VersionSuperseded(_), Event::VersionApproved(_)]));
    let soa = state(&[given, events].concat());
    assert_eq!(soa.approval.effective.unwrap().version, 2);
    assert_eq!(soa.effective_rows.unwrap().partially_implemented, 1);
}

#[test]
fn a_statement_in_review_is_not_submitted_again() {
    let world = World::complete();
    let refusal = world.submit(&world.submitted()).unwrap_err();
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::NotInDraft { status: "in review" }));
}

#[test]
fn the_approver_names_the_content_that_he_saw() {
    let world = World::complete();
    let approve = Approve { content_hash: Some(Hash::new("0".repeat(64))) };
    let input = ApproveSoa { approve, despite_clauses: None };
    let context = world.context("usr_ingrid", Role::Tm);
    let refusal = state(&world.submitted()).decide(Command::Approve(input), &context).unwrap_err();
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ContentChanged));
}

#[test]
fn a_statement_is_not_withdrawn_while_a_certificate_rests_on_it() {
    let world = World::complete();
    let context = world.context("usr_ingrid", Role::Tm).knowing(
        "crt_1",
        "certificate",
        json!({"number": "CERT-0421", "status": "active", "restsOn": [SOA]}),
    );
    let withdraw = Command::Withdraw(Withdraw { reason: Prose::new("no longer") });
    let refusal = state(&world.approved()).decide(withdraw.clone(), &context).unwrap_err();
    assert_eq!(refusal, Refusal::CertificateActive { number: "CERT-0421".into() });
    let context = world.context("usr_ingrid", Role::Tm);
    let given = world.approved();
    let events = state(&given).decide(withdraw, &context).unwrap();
    assert_eq!(state(&[given, events].concat()).effective_rows, None);
}

#[test]
fn a_fact_contradicts_an_exclusion_of_the_version_in_force_until_it_is_resolved() {
    let world = World::complete();
    let detect = |control: &str| {
        Command::DetectContradiction(Detect {
            key: Key::new("a.7.3-ds-02"),
            control: Number::new(control),
            fact: Line::new("dataset DS-02 was purchased"),
            object: None,
        })
    };
    let context = world.context("rea_P15", Role::Sys);
    let mut given = world.approved();
    let refusal = state(&given).decide(detect("A.7.4"), &context).unwrap_err();
    assert_eq!(refusal, Refusal::NotExcluded { control: "A.7.4".into() });
    given.extend(state(&given).decide(detect("A.7.3"), &context).unwrap());
    assert_eq!(state(&given).contradictions.len(), 1);
    assert_eq!(state(&given).decide(detect("A.7.3"), &context), Ok(vec![]));
    let resolve = Command::ResolveContradiction(Resolve { key: Key::new("a.7.3-ds-02") });
    given.extend(state(&given).decide(resolve.clone(), &context).unwrap());
    assert!(state(&given).contradictions.is_empty());
    assert_eq!(state(&given).decide(resolve, &context), Ok(vec![]));
}

#[test]
fn evidence_is_asked_for_once_the_rows_are_known() {
    let bare = Context::of("usr_priya", &[Role::Am], NOW);
    let first = state(&started()).needs(&Command::Submit, &bare);
    assert_eq!(first.len(), 2);
    let known = World::complete().context("usr_priya", Role::Am);
    let second = state(&started()).needs(&Command::Submit, &known);
    assert!(second.contains(&Need::Object("evd_1".into())));
    assert!(second.contains(&Need::Where("soa_control", "soa", SOA.into())));
}

/// A statement on a catalogue of the tenant's own: a heading and two controls, of which R-1 has a
/// row. The catalogue stands so.
fn own(status: &str) -> Context {
    let item = |number: &str, place: u32, item_kind: &str| {
        let item = json!({
            "catalogue": "cat_1", "number": number, "title": "x", "place": place,
            "itemKind": item_kind, "status": "listed",
        });
        (facts::CatalogueItem::id_of("cat_1", number), item)
    };
    let items = [item("R", 1, "group"), item("R-1", 2, "control"), item("R-2", 3, "control")];
    let mut context = Context::of("usr_priya", &[Role::Am], NOW).knowing(
        "cat_1",
        "catalogue",
        json!({ "title": "House rules", "edition": "1", "status": status }),
    );
    context.id = SOA.into();
    for (id, item) in items {
        context = context.knowing(&id, "catalogue_item", item);
    }
    context.knowing("soc_1", "soa_control", json!(planned("R-1")))
}

/// A row of the statement that is planned.
fn planned(control: &str) -> SoaControl {
    let reason_codes = vec![ReasonCode::Risk];
    SoaControl {
        soa: Ref::new(SOA),
        control: Number::new(control),
        choice: Choice { decision: Decision::Applicable, reason_codes, ..Choice::default() },
        status: ControlStatus::Planned,
        ..SoaControl::default()
    }
}

fn on(catalogue: &str) -> Content {
    Content { catalogue: Key::new(catalogue), title: Line::new("SoA") }
}

fn started_on(catalogue: &str) -> Soa {
    let (by, content) = (UserId::new("usr_priya"), on(catalogue));
    state(&[Event::VersionDrafted(VersionDrafted { version: 1, by, content })])
}

#[test]
fn a_statement_is_on_any_catalogue_that_does_not_change_any_more() {
    let start = |catalogue: &str, status: &str| {
        Soa::default().decide(Command::Start(on(catalogue)), &own(status))
    };
    for packaged in ["iso27001-2022", "eu-ai-act-2024", "nist-ai-rmf-1.0", ISO_42001] {
        assert!(start(packaged, "draft").is_ok(), "{packaged}");
    }
    assert!(start("cat_1", "published").is_ok());
    for status in ["draft", "superseded", "withdrawn"] {
        let (catalogue, at) = ("cat_1".to_owned(), "/catalogue");
        let wanted = Refusal::CatalogueNotPublished { catalogue, status: status.into(), at };
        assert_eq!(start("cat_1", status), Err(wanted));
    }
    let wanted = Refusal::UnknownCatalogue { catalogue: "cat_2".into(), at: "/catalogue" };
    assert_eq!(start("cat_2", "published"), Err(wanted));
}

#[test]
fn every_decided_item_of_an_own_catalogue_has_its_row() {
    let soa = started_on("cat_1");
    let refusal = soa.decide(Command::Submit, &own("published")).unwrap_err();
    assert_eq!(refusal, Refusal::Undecided { controls: "R-2".into() });
    for status in ["published", "superseded"] {
        let known = own(status).knowing("soc_2", "soa_control", json!(planned("R-2")));
        assert!(soa.decide(Command::Submit, &known).is_ok(), "{status}");
    }
    let known = own("withdrawn").knowing("soc_2", "soa_control", json!(planned("R-2")));
    let refusal = soa.decide(Command::Submit, &known).unwrap_err();
    assert_eq!(refusal, Refusal::CatalogueWithdrawn { catalogue: "cat_1".into() });
}

#[test]
fn every_decided_item_of_another_packaged_catalogue_has_its_row() {
    let refusal = started_on("iso27001-2022").decide(Command::Submit, &own("published"));
    let Err(Refusal::Undecided { controls }) = refusal else { panic!("{refusal:?}") };
    assert_eq!(controls.split(", ").count(), 93);
    assert!(controls.starts_with("A.5.1, A.5.2, "), "{controls}");
}

#[test]
fn the_items_of_an_own_catalogue_are_asked_for_and_those_of_a_packaged_one_are_not() {
    let asks = |catalogue: &str| {
        let needs = started_on(catalogue).needs(&Command::Submit, &own("published"));
        needs.contains(&Need::Where("catalogue_item", "catalogue", catalogue.to_owned()))
    };
    assert!(asks("cat_1") && !asks(ISO_42001) && !asks("iso27001-2022"));
    let needs = Soa::default().needs(&Command::Start(on("cat_1")), &own("published"));
    assert_eq!(needs, [Need::Object("cat_1".into())]);
}

#[test]
fn a_plan_that_names_a_control_of_the_standard_means_no_other_of_that_number() {
    let excluded = |control: &str| {
        let justification = Some(Prose::new("not here"));
        let choice = Choice { decision: Decision::Excluded, justification, ..Choice::default() };
        SoaControl { choice, ..planned(control) }
    };
    let plan = |control: &str| json!({ "status": "approved", "controls": [control] });
    let decided = |control: &str, named: &str| {
        let table = [excluded(control)];
        let known = own("published").knowing("tpl_1", "treatment_plan", plan(named));
        check::complete(&on("cat_2"), &table, &known)
    };
    // A.5.2 of another catalogue is another control; R-9 can only be this one.
    assert_eq!(decided("A.5.2", "A.5.2"), Ok(()));
    let (plan, control) = ("tpl_1".into(), "R-9".into());
    assert_eq!(decided("R-9", "R-9"), Err(Refusal::PlanNamesExcludedControl { plan, control }));
}

#[test]
fn there_is_one_statement_on_each_catalogue() {
    let id = |catalogue: &str| Soa::given_id(&Command::Start(on(catalogue)));
    assert_eq!(id(ISO_42001), None);
    assert_eq!(id("iso27001-2022"), Some(facts::statement_id("iso27001-2022")));
    assert_ne!(id("iso27001-2022"), id("cat_1"));
}
