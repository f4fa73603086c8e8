//! Given, when, then: data sets.

use cqrs_es::test::TestFramework;
use kernel::kinds::{AiSystem, PrivacyAssessment};
use kernel::values::{Hash, Line, Ref};
use serde_json::{Value, json};

use super::description::Registration;
use super::provenance::NewStep;
use super::quality::{Comparison, Dimension, QualityRequirement, QualityResult, Waiver};
use super::*;
use crate::origin::Origin;

const NOW: &str = "2025-09-17T09:00:00Z";

fn as_(user: &str, role: Role) -> Context {
    Context::of(user, &[role], NOW)
}

fn elif() -> Context {
    as_("usr_elif", Role::Ds)
}

fn sara() -> Context {
    as_("usr_sara", Role::Dev)
}

fn marc() -> Context {
    as_("usr_marc", Role::So)
}

fn hash(digit: char) -> Hash {
    Hash::new(digit.to_string().repeat(64))
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn bureau() -> Acquisition {
    Acquisition {
        source: AcquisitionSource::Purchased,
        source_name: Some(Line::new("ScoreHub")),
        legal_basis: Some(Line::new("legitimate interest")),
        terms: Some(Prose::new("credit scoring in the Netherlands")),
        selected_how: Some(Prose::new("all files of 2018 to 2024")),
        ..Acquisition::default()
    }
}

fn about() -> Description {
    Description {
        name: Line::new("Bureau data 2025"),
        hash: Some(hash('c')),
        dataset_version: Some(Line::new("2025-08")),
        roles: vec![DatasetRole::Train],
        personal_data: Some(false),
        ..Description::default()
    }
}

fn input() -> Register {
    Register { about: about(), acquisition: Some(bureau()) }
}

fn step(hash_in: Option<char>, hash_out: char, time: &str) -> NewStep {
    NewStep {
        step: Line::new("delivered"),
        source: Line::new("ScoreHub"),
        actor: Some(Prose::new("courier")),
        at: at(time),
        hash_in: hash_in.map(hash),
        hash_out: hash(hash_out),
    }
}

fn chain() -> Vec<NewStep> {
    vec![
        step(None, 'a', "2025-09-01T08:00:00Z"),
        step(Some('a'), 'b', "2025-09-02T08:00:00Z"),
        step(Some('b'), 'c', "2025-09-02T08:00:00Z"),
    ]
}

fn record(steps: Vec<NewStep>) -> Command {
    Command::RecordProvenance(RecordProvenance { steps })
}

fn required(metric: &str, comparison: Comparison, threshold: &str) -> QualityRequirement {
    QualityRequirement {
        metric: Key::new(metric),
        dimension: Dimension::Completeness,
        comparison,
        threshold: threshold.parse().unwrap(),
    }
}

fn result(metric: &str, value: &str) -> QualityResult {
    QualityResult { metric: Key::new(metric), value: value.parse().unwrap(), evidence: None }
}

/// Completeness of income must be at least 0.95.
fn measuring(value: &str) -> Command {
    Command::AssessQuality(AssessQuality {
        requirements: vec![required("income", Comparison::AtLeast, "0.95")],
        results: vec![result("income", value)],
    })
}

fn waiving(until: &str) -> Command {
    let reason = Prose::new("a better delivery is ordered");
    Command::WaiveQuality(WaiveQuality { metric: Key::new("income"), until: day(until), reason })
}

fn approve() -> Command {
    Command::Approve(Approve::default())
}

fn restrict() -> Command {
    Command::Restrict(Restrict { reason: Prose::new("tests only") })
}

fn retire() -> Command {
    let reason = Prose::new("contract ended");
    Command::Retire(Retire { reason, disposition: Disposition::Deleted })
}

/// The events of commands given one after the other.
fn history(commands: Vec<(Context, Command)>) -> Vec<Event> {
    let (mut dataset, mut all) = (Dataset::default(), Vec::new());
    for (context, command) in commands {
        for event in dataset.decide(command, &context).unwrap() {
            dataset.evolve(event.clone());
            all.push(event);
        }
    }
    all
}

fn state(events: Vec<Event>) -> Dataset {
    let mut dataset = Dataset::default();
    events.into_iter().for_each(|event| dataset.evolve(event));
    dataset
}

fn registered() -> Vec<Event> {
    history(vec![(elif(), Command::Register(input()))])
}

fn with_provenance() -> Vec<Event> {
    history(vec![(elif(), Command::Register(input())), (elif(), record(chain()))])
}

fn measured(value: &str) -> Vec<Event> {
    and(with_provenance(), vec![(sara(), measuring(value))])
}

fn approved() -> Vec<Event> {
    and(measured("0.97"), vec![(elif(), approve())])
}

/// What was given, and what follows from these commands.
fn and(mut given: Vec<Event>, commands: Vec<(Context, Command)>) -> Vec<Event> {
    let mut dataset = state(given.clone());
    for (context, command) in commands {
        for event in dataset.decide(command, &context).unwrap() {
            dataset.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn decided(context: Context, given: Vec<Event>, command: Command) -> Result<Vec<Event>, Refusal> {
    TestFramework::<Dataset>::with(context).given(given).when(command).inspect_result()
}

fn refused(context: Context, given: Vec<Event>, command: Command) -> Refusal {
    decided(context, given, command).unwrap_err()
}

#[test]
fn a_data_set_goes_from_registration_to_approval() {
    assert_eq!(state(registered()).status, DatasetStatus::Registered);
    assert_eq!(state(with_provenance()).status, DatasetStatus::ProvenanceRecorded);
    assert_eq!(state(measured("0.97")).status, DatasetStatus::QualityAssessed);
    let dataset = state(approved());
    assert_eq!(dataset.status, DatasetStatus::ApprovedForUse);
    assert_eq!(dataset.registered_by, UserId::new("usr_elif"), "the registrar may approve");
    assert_eq!(dataset.approved_by, Some(UserId::new("usr_elif")));
    assert_eq!(dataset.approved_until, None);
    let orders: Vec<_> = dataset.provenance.values().map(|step| step.order).collect();
    assert_eq!(orders, [1, 2, 3]);
}

#[test]
fn an_import_registers_with_a_name_alone_and_what_is_missing_is_demanded_later() {
    let about = Description { name: Line::new("from a model card"), ..Description::default() };
    let register = Register { about, acquisition: None };
    let import = as_("imp_bom", Role::Sys);
    let given = history(vec![(import, Command::Register(register))]);
    assert_eq!(
        refused(elif(), given.clone(), approve()),
        Refusal::Approval(ApprovalLack::NoAcquisitionRecord)
    );
    let given = and(given, vec![(sara(), Command::RecordAcquisition(Acquisition::default()))]);
    let missing = "hash, datasetVersion, roles, personalData".to_owned();
    assert_eq!(
        refused(elif(), given.clone(), approve()),
        Refusal::Approval(ApprovalLack::RegistrationIncomplete { missing })
    );
    let Description { hash, dataset_version, roles, personal_data, .. } = self::about();
    let revise = Revise { hash, dataset_version, roles, personal_data, ..Revise::default() };
    let given = and(
        given,
        vec![
            (sara(), record(chain())),
            (elif(), Command::Revise(revise)),
            (sara(), measuring("1")),
        ],
    );
    assert!(decided(elif(), given, approve()).is_ok());
}

#[test]
fn data_from_elsewhere_are_not_approved_without_a_complete_acquisition_record() {
    let bare = |source| Acquisition { source, ..Acquisition::default() };
    let all = "a supplier or sourceName, legalBasis, terms, selectedHow";
    for (acquisition, missing) in [
        (bare(AcquisitionSource::Purchased), Some(("purchased", all))),
        (bare(AcquisitionSource::Public), Some(("public", all))),
        (bare(AcquisitionSource::Scraped), Some(("scraped", all))),
        (bare(AcquisitionSource::Synthetic), Some(("synthetic", all))),
        (bare(AcquisitionSource::User), Some(("user", all))),
        (Acquisition { terms: None, ..bureau() }, Some(("purchased", "terms"))),
        (
            Acquisition { source_name: None, ..bureau() },
            Some(("purchased", "a supplier or sourceName")),
        ),
        (Acquisition { source_name: None, supplier: Some(Ref::new("sup_2")), ..bureau() }, None),
        (bureau(), None),
        (bare(AcquisitionSource::Internal), None),
    ] {
        let change = Command::RecordAcquisition(acquisition);
        let given = and(measured("0.97"), vec![(sara(), change)]);
        let found = decided(elif(), given, approve()).err();
        let wanted = missing.map(|(source, missing)| {
            let missing = missing.to_owned();
            Refusal::Approval(ApprovalLack::AcquisitionIncomplete { source, missing })
        });
        assert_eq!(found, wanted);
    }
    let register = Register { acquisition: None, ..input() };
    let given = history(vec![(elif(), Command::Register(register))]);
    let lack = Refusal::Approval(ApprovalLack::NoAcquisitionRecord);
    assert_eq!(refused(elif(), given, approve()), lack);
}

#[test]
fn approval_rests_on_provenance_and_quality() {
    let found = refused(elif(), registered(), approve());
    assert_eq!(found, Refusal::Approval(ApprovalLack::NoProvenance));
    let found = refused(elif(), with_provenance(), approve());
    assert_eq!(found, Refusal::Approval(ApprovalLack::QualityNotAssessed));
}

#[test]
fn the_hashes_of_the_steps_join_up_to_the_data_set() {
    let broken = |end: char, at: &str| {
        Some(ProvenanceRefusal::ChainBroken { end: hash(end).to_string(), at: at.into() })
    };
    let elsewhere = |at: &str| {
        let hash = hash('c').to_string();
        Some(ProvenanceRefusal::EndsElsewhere { hash, at: at.into() })
    };
    let first = || step(None, 'a', "2025-09-01T08:00:00Z");
    let then = |from: Option<char>, to| step(from, to, "2025-09-02T08:00:00Z");
    for (steps, wanted) in [
        (chain(), None),
        (vec![step(Some('f'), 'c', NOW)], None),
        (vec![], Some(ProvenanceRefusal::NoStep { at: "/steps" })),
        (vec![first(), then(Some('b'), 'c')], broken('a', "/steps/1/hashIn")),
        (vec![first(), then(None, 'c')], broken('a', "/steps/1/hashIn")),
        (vec![first(), then(Some('a'), 'b'), then(Some('a'), 'c')], broken('b', "/steps/2/hashIn")),
        (vec![first()], elsewhere("/steps/0/hashOut")),
        (vec![first(), then(Some('a'), 'd')], elsewhere("/steps/1/hashOut")),
    ] {
        let found = decided(elif(), registered(), record(steps)).err();
        assert_eq!(found, wanted.map(Refusal::Provenance));
    }
}

#[test]
fn steps_follow_one_another_in_time_and_none_lies_in_the_future() {
    let steps = vec![
        step(None, 'a', "2025-09-02T08:00:00Z"),
        step(Some('a'), 'c', "2025-09-02T07:59:59.999999Z"),
    ];
    let before = at("2025-09-02T08:00:00Z");
    let refusal = ProvenanceRefusal::BeforeItsForerunner { before, at: "/steps/1/at".into() };
    assert_eq!(refused(elif(), registered(), record(steps)), Refusal::Provenance(refusal));
    let steps = vec![step(None, 'c', "2025-09-17T09:00:00.000001Z")];
    let refusal = ProvenanceRefusal::InTheFuture { at: "/steps/0/at".into() };
    assert_eq!(refused(elif(), registered(), record(steps)), Refusal::Provenance(refusal));
}

#[test]
fn later_steps_continue_the_chain() {
    let copied = step(Some('c'), 'c', NOW);
    let given = and(approved(), vec![(sara(), record(vec![copied.clone()]))]);
    let dataset = state(given.clone());
    assert_eq!(dataset.status, DatasetStatus::ApprovedForUse, "the content is the same");
    assert_eq!(dataset.provenance.last_key_value().unwrap().1.order, 4);
    assert_eq!(decided(sara(), given.clone(), record(vec![copied])).unwrap(), vec![]);
    let end = hash('c').to_string();
    let refusal = ProvenanceRefusal::ChainBroken { end, at: "/steps/0/hashIn".into() };
    let again = record(vec![step(Some('b'), 'c', NOW)]);
    assert_eq!(refused(sara(), given, again), Refusal::Provenance(refusal));
}

#[test]
fn steps_are_recorded_while_the_content_is_still_being_made() {
    let about = Description { hash: None, ..about() };
    let register = Register { about, ..input() };
    let first = vec![step(None, 'a', "2025-09-01T08:00:00Z")];
    let given = history(vec![(elif(), Command::Register(register)), (sara(), record(first))]);
    assert_eq!(state(given.clone()).status, DatasetStatus::Registered);
    let revise = |digit| Command::Revise(Revise { hash: Some(hash(digit)), ..Revise::default() });
    let end = hash('a').to_string();
    let refusal = Refusal::HashIsNotTheEnd { end, at: "/hash" };
    assert_eq!(refused(elif(), given.clone(), revise('b')), refusal);
    let given = and(given, vec![(elif(), revise('a'))]);
    assert_eq!(state(given).status, DatasetStatus::ProvenanceRecorded);
}

#[test]
fn a_chain_is_bounded() {
    let copy = |n: u32| {
        let mut copy = step(Some('c'), 'c', NOW);
        copy.source = Line::new(n.to_string());
        copy
    };
    let given = and(with_provenance(), vec![(sara(), record((0..57).map(copy).collect()))]);
    let refusal = ProvenanceRefusal::TooManySteps { most: 60 };
    assert_eq!(
        refused(sara(), given.clone(), record(vec![copy(60)])),
        Refusal::Provenance(refusal)
    );
    let orders: Vec<_> = state(given).provenance.values().map(|step| step.order).collect();
    assert!(orders.is_sorted(), "keys sort as the steps do");
}

#[test]
fn the_content_of_a_data_set_never_changes() {
    let revise = |digit| Command::Revise(Revise { hash: Some(hash(digit)), ..Revise::default() });
    let refusal = Refusal::HashStands { at: "/hash" };
    assert_eq!(refused(elif(), registered(), revise('d')), refusal);
    assert_eq!(decided(elif(), registered(), revise('c')).unwrap(), vec![]);
}

#[test]
fn restricted_data_do_not_come_back_under_another_name() {
    let other = json!({"name": "Old", "status": "restricted", "hash": hash('c')});
    let knowing = || elif().knowing("dst_1", "dataset", other.clone());
    let refusal = Refusal::Duplicate { id: "dst_1".into(), at: "/hash" };
    assert_eq!(refused(knowing(), vec![], Command::Register(input())), refusal);
    let register = Register { about: Description { hash: None, ..about() }, ..input() };
    let given = history(vec![(elif(), Command::Register(register))]);
    let revise = Command::Revise(Revise { hash: Some(hash('c')), ..Revise::default() });
    assert_eq!(refused(knowing(), given, revise), refusal);
}

#[test]
fn an_entry_of_a_document_is_imported_once_until_it_is_retired() {
    let of =
        |entry| Origin { document_hash: Some(hash('d')), entry: Some(entry), ..Origin::default() };
    let register = |entry| {
        let about = Description { origin: Some(of(entry)), ..about() };
        Command::Register(Register { about, ..input() })
    };
    let knowing = |status: &str| {
        let origin = json!({ "documentHash": hash('d'), "entry": 2 });
        let known = json!({ "name": "Old", "status": status, "origin": origin });
        elif().knowing("dst_1", "dataset", known)
    };
    let refusal = Refusal::ImportedAlready { id: "dst_1".into(), at: "/origin/entry" };
    assert_eq!(refused(knowing("registered"), vec![], register(2)), refusal);
    assert!(decided(knowing("retired"), vec![], register(2)).is_ok());
    assert!(decided(knowing("registered"), vec![], register(1)).is_ok());
}

#[test]
fn a_value_on_its_threshold_passes() {
    for (comparison, value, passes) in [
        (Comparison::AtLeast, "0.95", true),
        (Comparison::AtLeast, "0.949999", false),
        (Comparison::AtLeast, "1", true),
        (Comparison::AtMost, "0.95", true),
        (Comparison::AtMost, "0.950001", false),
        (Comparison::AtMost, "-3", true),
    ] {
        let assess = Command::AssessQuality(AssessQuality {
            requirements: vec![required("income", comparison, "0.95")],
            results: vec![result("income", value)],
        });
        let quality = state(and(with_provenance(), vec![(sara(), assess)])).quality.unwrap();
        assert_eq!((quality.passed, quality.metrics[&Key::new("income")].passed), (passes, passes));
    }
}

#[test]
fn every_requirement_has_one_result_and_every_result_a_requirement() {
    let need = |metric: &str| required(metric, Comparison::AtLeast, "0.9");
    let (income, at) = ("income".to_owned(), |at: &str| at.to_owned());
    for (requirements, results, wanted) in [
        (vec![], vec![], QualityRefusal::NoRequirement { at: "/requirements" }),
        (
            vec![need("income"), need("income")],
            vec![result("income", "1")],
            QualityRefusal::MetricTwice {
                metric: income.clone(),
                at: at("/requirements/1/metric"),
            },
        ),
        (
            vec![need("income")],
            vec![result("income", "0.1"), result("income", "1")],
            QualityRefusal::MetricTwice { metric: income.clone(), at: at("/results/1/metric") },
        ),
        (
            vec![need("age"), need("income")],
            vec![result("age", "1")],
            QualityRefusal::NoResult { metric: income.clone(), at: at("/requirements/1/metric") },
        ),
        (
            vec![need("age")],
            vec![result("age", "1"), result("income", "1")],
            QualityRefusal::NotRequired { metric: income.clone(), at: at("/results/1/metric") },
        ),
    ] {
        let assess = Command::AssessQuality(AssessQuality { requirements, results });
        assert_eq!(refused(sara(), with_provenance(), assess), Refusal::Quality(wanted));
    }
}

#[test]
fn quality_is_measured_of_content_that_is_known() {
    let wanted = Refusal::Quality(QualityRefusal::ProvenanceFirst);
    assert_eq!(refused(sara(), registered(), measuring("0.97")), wanted);
}

#[test]
fn data_below_a_threshold_are_not_approved_without_a_waiver_that_holds() {
    let too_low = || {
        Refusal::Approval(ApprovalLack::QualityTooLow {
            metric: "income".into(),
            value: "0.9".into(),
            threshold: "0.95".into(),
        })
    };
    let given = measured("0.9");
    assert_eq!(refused(elif(), given.clone(), approve()), too_low());
    let given = and(given, vec![(marc(), waiving("2025-09-30"))]);
    let approved = and(given.clone(), vec![(elif(), approve())]);
    assert_eq!(state(approved.clone()).approved_until, Some(day("2025-09-30")));
    assert_eq!(decided(elif(), approved.clone(), approve()).unwrap(), vec![]);
    let later = |now: &str| Context::of("usr_elif", &[Role::Ds], now);
    assert!(decided(later("2025-09-30T23:59:59Z"), given.clone(), approve()).is_ok());
    assert_eq!(refused(later("2025-10-01T00:00:00Z"), given, approve()), too_low());
    assert_eq!(refused(later("2025-10-01T00:00:00Z"), approved.clone(), approve()), too_low());
    let renewed = and(approved, vec![(marc(), waiving("2025-10-31")), (elif(), approve())]);
    assert_eq!(state(renewed).approved_until, Some(day("2025-10-31")));
}

#[test]
fn an_approval_ends_with_the_first_waiver_that_does() {
    let need = |metric: &str| required(metric, Comparison::AtLeast, "0.9");
    let assess = Command::AssessQuality(AssessQuality {
        requirements: vec![need("income"), need("age")],
        results: vec![result("income", "0.1"), result("age", "0.2")],
    });
    let waive = |metric: &str, until: &str| {
        let (metric, reason) = (Key::new(metric), Prose::new("ordered"));
        (marc(), Command::WaiveQuality(WaiveQuality { metric, until: day(until), reason }))
    };
    let given = and(
        with_provenance(),
        vec![
            (sara(), assess),
            waive("income", "2025-12-01"),
            waive("age", "2025-11-01"),
            (elif(), approve()),
        ],
    );
    assert_eq!(state(given).approved_until, Some(day("2025-11-01")));
}

#[test]
fn a_waiver_concerns_a_result_that_was_measured_and_fell_short() {
    let wanted = Refusal::Quality(QualityRefusal::NotMeasured);
    assert_eq!(refused(marc(), with_provenance(), waiving("2025-09-30")), wanted);
    let other = Command::WaiveQuality(WaiveQuality {
        metric: Key::new("age"),
        until: day("2025-09-30"),
        reason: Prose::new("none"),
    });
    let wanted = QualityRefusal::UnknownMetric { metric: "age".into(), at: "/metric" };
    assert_eq!(refused(marc(), measured("0.9"), other), Refusal::Quality(wanted));
    let wanted = QualityRefusal::NothingToWaive { metric: "income".into(), at: "/metric" };
    let passed = measured("0.97");
    assert_eq!(refused(marc(), passed, waiving("2025-09-30")), Refusal::Quality(wanted));
    let wanted = Refusal::Quality(QualityRefusal::WaiverHasEnded { at: "/until" });
    assert_eq!(refused(marc(), measured("0.9"), waiving("2025-09-16")), wanted);
    assert!(decided(marc(), measured("0.9"), waiving("2025-09-17")).is_ok());
}

#[test]
fn measuring_waiving_and_approving_are_three_persons() {
    let sara_as = |role| as_("usr_sara", role);
    let wanted = Refusal::Quality(QualityRefusal::WaivedByAssessor);
    assert_eq!(refused(sara_as(Role::So), measured("0.9"), waiving("2025-09-30")), wanted);
    let wanted = Refusal::Approval(ApprovalLack::ApproverIsAssessor);
    assert_eq!(refused(sara_as(Role::Ds), measured("0.97"), approve()), wanted);
    let given = and(measured("0.9"), vec![(marc(), waiving("2025-09-30"))]);
    let wanted = Refusal::Approval(ApprovalLack::ApproverWaived);
    assert_eq!(refused(as_("usr_marc", Role::Ds), given, approve()), wanted);
}

#[test]
fn a_new_measurement_takes_waivers_with_it_and_may_end_the_approval() {
    let given = and(measured("0.9"), vec![(marc(), waiving("2025-09-30")), (elif(), approve())]);
    let given = and(given, vec![(sara(), measuring("0.8"))]);
    let dataset = state(given.clone());
    assert_eq!(dataset.status, DatasetStatus::QualityAssessed);
    let waiver: Option<Waiver> =
        dataset.quality.unwrap().metrics[&Key::new("income")].waiver.clone();
    assert_eq!(waiver, None);
    assert!(decided(elif(), given, approve()).is_err());
    let again = state(and(approved(), vec![(sara(), measuring("0.99"))]));
    assert_eq!(again.status, DatasetStatus::ApprovedForUse);
}

#[test]
fn an_approval_is_not_dated_before_the_measurement() {
    let backdated = |text: &str| Context { effective: Some(at(text)), ..elif() };
    let early = backdated("2025-09-17T08:59:59Z");
    let wanted = ApprovalLack::ApprovedBeforeAssessment { at: "/effectiveAt" };
    assert_eq!(refused(early, measured("0.97"), approve()), Refusal::Approval(wanted));
    assert!(decided(backdated(NOW), measured("0.97"), approve()).is_ok());
}

/// Personal data for one system, measured.
fn personal() -> Vec<Event> {
    let systems = vec![Ref::<AiSystem>::new("sys_1")];
    let about = Description { personal_data: Some(true), systems, ..about() };
    let register = Command::Register(Register { about, ..input() });
    history(vec![(elif(), register), (elif(), record(chain())), (sara(), measuring("0.97"))])
}

fn dpia(id: Option<&str>) -> Command {
    let privacy_assessment = id.map(Ref::<PrivacyAssessment>::new);
    Command::Approve(Approve { privacy_assessment })
}

#[test]
fn personal_data_are_approved_under_an_approved_privacy_assessment() {
    let place = "/privacyAssessment";
    let knowing = |body: Value| elif().knowing("dpi_1", "privacy_assessment", body);
    let draft = json!({"system": "sys_1"});
    let good = json!({"system": "sys_1", "effective": {"version": 1}});
    let other = json!({"system": "sys_2", "effective": {"version": 1}});
    let wanted = ApprovalLack::NoPrivacyAssessment { at: place };
    assert_eq!(refused(elif(), personal(), dpia(None)), Refusal::Approval(wanted));
    let wanted = ApprovalLack::PrivacyAssessmentNotApproved { id: "dpi_1".into(), at: place };
    let wanted = Refusal::Approval(wanted);
    assert_eq!(refused(knowing(draft), personal(), dpia(Some("dpi_1"))), wanted);
    assert_eq!(refused(elif(), personal(), dpia(Some("dpi_1"))), wanted);
    let wanted = ApprovalLack::PrivacyAssessmentOfOtherSystem { at: place };
    let found = refused(knowing(other), personal(), dpia(Some("dpi_1")));
    assert_eq!(found, Refusal::Approval(wanted));
    let events = decided(knowing(good.clone()), personal(), dpia(Some("dpi_1"))).unwrap();
    let [Event::ApprovedForUse(approval)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(approval.privacy_assessment, Some(Ref::new("dpi_1")));
    let revise = Revise { privacy_assessment: Some(Ref::new("dpi_1")), ..Revise::default() };
    let given = and(personal(), vec![(elif(), Command::Revise(revise))]);
    assert_eq!(decided(knowing(good), given.clone(), dpia(None)).unwrap(), events);
    let needs = state(given).needs(&dpia(None), &elif());
    assert_eq!(needs, vec![Need::Object("dpi_1".into())]);
}

#[test]
fn what_was_approved_stays_as_it_is_until_it_is_restricted() {
    let changes = || {
        let bias_notes = Some(Prose::new("young applicants are rare"));
        let preparation =
            Preparation { criteria: Prose::new("none lost"), methods: vec![Line::new("cleaning")] };
        vec![
            Command::Revise(Revise { bias_notes, ..Revise::default() }),
            Command::RecordAcquisition(Acquisition::default()),
            Command::RecordPreparation(preparation),
        ]
    };
    for change in changes() {
        assert_eq!(refused(elif(), approved(), change), Refusal::ApprovedAsItIs);
    }
    let given = and(approved(), vec![(elif(), restrict())]);
    assert_eq!(decided(elif(), given.clone(), restrict()).unwrap(), vec![]);
    for change in changes() {
        assert_eq!(decided(elif(), given.clone(), change).unwrap().len(), 1);
    }
    let dataset = state(and(given, vec![(elif(), approve())]));
    assert_eq!(dataset.status, DatasetStatus::ApprovedForUse);
    assert_eq!(dataset.restriction, None);
}

#[test]
fn a_restriction_outlives_what_is_recorded_meanwhile() {
    let given = and(
        registered(),
        vec![(elif(), restrict()), (sara(), record(chain())), (sara(), measuring("0.97"))],
    );
    assert_eq!(state(given).status, DatasetStatus::Restricted);
}

#[test]
fn data_are_not_obtained_in_the_future() {
    let acquisition = |text: &str| Acquisition { acquired_on: Some(day(text)), ..bureau() };
    let register = Register { acquisition: Some(acquisition("2025-09-18")), ..input() };
    let wanted = Refusal::AcquiredInFuture { at: "/acquisition/acquiredOn" };
    assert_eq!(refused(elif(), vec![], Command::Register(register)), wanted);
    let change = |text: &str| Command::RecordAcquisition(acquisition(text));
    let wanted = Refusal::AcquiredInFuture { at: "/acquiredOn" };
    assert_eq!(refused(elif(), registered(), change("2025-09-18")), wanted);
    assert!(decided(elif(), registered(), change("2025-09-17")).is_ok());
}

#[test]
fn nothing_happens_to_a_retired_data_set() {
    let given = and(approved(), vec![(elif(), retire())]);
    let waive = waiving("2025-09-30");
    let preparation = Preparation { criteria: Prose::new("none"), methods: vec![] };
    for command in [
        Command::Revise(Revise::default()),
        Command::RecordAcquisition(bureau()),
        record(chain()),
        Command::RecordPreparation(preparation),
        measuring("1"),
        waive,
        approve(),
        restrict(),
    ] {
        assert_eq!(refused(elif(), given.clone(), command), Refusal::IsRetired);
    }
    assert_eq!(decided(elif(), given, retire()).unwrap(), vec![]);
}

#[test]
fn what_holds_already_yields_nothing() {
    assert_eq!(decided(elif(), approved(), approve()).unwrap(), vec![]);
    let same = Command::RecordAcquisition(bureau());
    assert_eq!(decided(elif(), registered(), same).unwrap(), vec![]);
    assert_eq!(decided(elif(), with_provenance(), record(chain())).unwrap(), vec![]);
    let preparation = Preparation { criteria: Prose::new("none"), methods: vec![] };
    let given = and(registered(), vec![(elif(), Command::RecordPreparation(preparation.clone()))]);
    let again = Command::RecordPreparation(preparation);
    assert_eq!(decided(elif(), given, again).unwrap(), vec![]);
}

#[test]
fn registration_is_kept_as_it_was_given_with_roles_in_order() {
    let roles = vec![DatasetRole::Test, DatasetRole::Train, DatasetRole::Test];
    let register = Register { about: Description { roles, ..about() }, ..input() };
    let events = decided(elif(), vec![], Command::Register(register)).unwrap();
    let roles = vec![DatasetRole::Train, DatasetRole::Test];
    let (by, about) = (UserId::new("usr_elif"), Description { roles, ..about() });
    let registration = Registration { by, about, acquisition: Some(bureau()) };
    assert_eq!(events, vec![Event::Registered(registration)]);
}

#[test]
fn what_is_decided_is_not_set_by_a_correction() {
    for field in ["hash", "status", "personalData", "acquisition", "approvedUntil"] {
        let mut set = kernel::values::Fields::default();
        set.0.insert(field.into(), json!("x"));
        let correct = Correct { corrects: 1, reason: Prose::new("typed wrongly"), set };
        let given = registered();
        let context = Context { version: 1, ..Context::of("usr_elif", &[Role::Ds], NOW) };
        let inner =
            CorrectionRefusal::NotCorrectable { field: field.into(), at: format!("/set/{field}") };
        let found = refused(context, given, Command::Correct(correct));
        assert_eq!(found, Refusal::Correction(inner));
    }
}

#[test]
fn others_read_whether_a_data_set_may_be_used() {
    let given = and(measured("0.9"), vec![(marc(), waiving("2025-09-30")), (elif(), approve())]);
    let context = elif().knowing("dst_1", "dataset", json!(state(given)));
    let seen = context.facts.get::<facts::Dataset>("dst_1").unwrap();
    assert!(seen.is_approved_on(day("2025-09-30")));
    assert!(!seen.is_approved_on(day("2025-10-01")));
    assert!(!seen.personal_data);
    assert_eq!(seen.hash, Some(hash('c').to_string()));
    let restricted = json!(state(and(approved(), vec![(elif(), restrict())])));
    let context = elif().knowing("dst_1", "dataset", restricted);
    let seen = context.facts.get::<facts::Dataset>("dst_1").unwrap();
    assert!(!seen.is_approved_on(day("2025-09-17")));
}
