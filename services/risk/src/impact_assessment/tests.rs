//! Given, when, then: impact assessments.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use cqrs_es::test::TestFramework;
use kernel::correction::CorrectionRefusal;
use kernel::domain::{Commands, Events, Refusals};
use kernel::values::{Fields, Line};
use serde_json::{Value, json};

use super::*;

const STARTED: &str = "2024-10-01T09:00:00Z";
const APPROVED: &str = "2024-12-02T09:00:00Z";

fn grade(number: u32) -> Grade {
    Grade::try_from(number).unwrap()
}

fn prose(text: &str) -> Prose {
    Prose::new(text)
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn system(stage: &str) -> Value {
    let version = json!({"stage": stage, "status": "in_preparation"});
    json!({
        "name": "CreditLens", "owner": "usr_marc", "stage": stage,
        "versions": {"2.0": version, "2.1.0": version},
    })
}

fn privacy(system: &str, in_force: bool) -> Value {
    let effective = in_force.then(|| json!({"version": 1}));
    json!({"system": system, "effective": effective})
}

/// A person in these roles, who knows the system and its privacy assessment.
fn as_(user: &str, roles: &[Role], now: &str) -> Context {
    Context::of(user, roles, now)
        .knowing("sys_1", "ai_system", system("design_and_development"))
        .knowing("dpi_1", "privacy_assessment", privacy("sys_1", true))
}

fn tomas() -> Context {
    as_("usr_tomas", &[Role::Ia], STARTED)
}

fn aoife() -> Context {
    as_("usr_aoife", &[Role::Iap, Role::Dpo], APPROVED)
}

fn ingrid() -> Context {
    as_("usr_ingrid", &[Role::Tm], APPROVED)
}

fn timer(now: &str) -> Context {
    as_("rea_P3", &[Role::Sys], now)
}

fn content() -> Content {
    Content {
        system_version: Some(Key::new("2.0")),
        scope: Some(prose("Credit decisions on consumers.")),
        purpose: Some(prose("To score applications.")),
        intended_uses: vec![Line::new("Scoring of consumer credit")],
        foreseeable_misuse: vec![Line::new("Scoring of job applicants")],
        context: Some(UseContext {
            geo: vec![Line::new("NL"), Line::new("NO")],
            sector: Line::new("Banking"),
            population: prose("Applicants for consumer credit"),
            affected_count: Some(40_000),
        }),
        consulted_parties: vec![Line::new("Consumer association")],
        data_summary: Some(prose("Own loan book.")),
        personal_data: true,
        privacy_assessment: Some(Ref::new("dpi_1")),
        oversight: Some(prose("A person reviews each decline.")),
        sensitive_use: true,
    }
}

fn start(content: Content) -> Command {
    Command::Start(Start { system: Ref::new("sys_1"), content })
}

/// A harm of 4 x 3 = 12, high; 3 x 2 = 6 remains.
fn rated(subject: Subject) -> Rated {
    Rated {
        subject,
        who: Line::new("Loan applicants"),
        area: Area::Fairness,
        direction: Direction::Harm,
        severity: grade(3),
        likelihood: grade(3),
        scale: grade(4),
        vulnerable: false,
        measures: vec![prose("Postcode dropped.")],
        residual: Some(Residual {
            severity: grade(2),
            likelihood: grade(2),
            scale: None,
            reversibility: None,
        }),
    }
}

fn rate(rated: Rated) -> Command {
    Command::RateImpact(RateImpact { impact: None, rated, reversibility: grade(2) })
}

fn none(subject: Subject) -> Command {
    Command::StateNone(StateNone { subject, reason: prose("Nobody is touched.") })
}

fn approve() -> Approve {
    Approve { content_hash: None, conditions: vec![], next_due: None }
}

fn fire(trigger: TriggerKind, source: Option<&str>) -> Command {
    let source = source.map(Ref::new);
    Command::FireTrigger(FireTrigger { trigger, reason: prose("It happened."), source })
}

fn state(events: &[Event]) -> ImpactAssessment {
    let mut assessment = ImpactAssessment::default();
    events.iter().for_each(|event| assessment.evolve(event.clone()));
    assessment
}

/// The events that follow from these commands, each given by somebody.
fn after(mut given: Vec<Event>, commands: Vec<(Command, Context)>) -> Vec<Event> {
    let mut assessment = state(&given);
    for (command, mut context) in commands {
        // Keys are drawn anew by each command.
        context.seed = given.len() as u128 * 100;
        for event in assessment.decide(command, &context).unwrap() {
            assessment.evolve(event.clone());
            given.push(event);
        }
    }
    given
}

fn by_tomas(given: Vec<Event>, commands: Vec<Command>) -> Vec<Event> {
    after(given, commands.into_iter().map(|command| (command, tomas())).collect())
}

/// A revision with this content and these impacts, ready to be submitted.
fn written(content: Content, impact: Rated) -> Vec<Event> {
    let rest = [none(Subject::Group), none(Subject::Society)];
    by_tomas(vec![], [start(content), rate(impact)].into_iter().chain(rest).collect())
}

fn submitted() -> Vec<Event> {
    by_tomas(written(content(), rated(Subject::Individual)), vec![Command::Submit])
}

fn in_force() -> Vec<Event> {
    after(submitted(), vec![(Command::Approve(approve()), aoife())])
}

fn refused(given: &[Event], command: Command, context: &Context) -> Refusal {
    state(given).decide(command, context).unwrap_err()
}

fn not_approved(given: &[Event], context: &Context) -> Refusal {
    refused(given, Command::Approve(approve()), context)
}

fn approved_by(context: &Context, given: &[Event], input: Approve) -> ApprovedRevision {
    let mut events = state(given).decide(Command::Approve(input), context).unwrap();
    let Some(Event::Approved(approved)) = events.pop() else { panic!("{events:?}") };
    approved.approved
}

#[test]
fn the_score_weighs_severity_by_what_cannot_be_undone_and_by_whom_it_hits() {
    for (severity, likelihood, scale, reversibility, vulnerable, score) in [
        (1, 1, 1, Some(1), false, 1),
        (3, 3, 1, Some(1), false, 9),
        (3, 3, 3, Some(3), false, 9),
        (3, 3, 3, Some(4), false, 12),
        (3, 3, 3, Some(5), false, 12),
        (3, 3, 4, Some(3), false, 12),
        (3, 3, 1, Some(1), true, 12),
        (3, 3, 5, Some(1), true, 12),
        (3, 3, 4, Some(4), true, 15),
        (3, 3, 1, None, false, 12),
        (4, 2, 4, Some(4), false, 10),
        (5, 5, 5, Some(5), true, 25),
        (5, 1, 5, Some(5), true, 5),
    ] {
        let weights = Weights {
            severity: grade(severity),
            likelihood: grade(likelihood),
            scale: grade(scale),
            reversibility: reversibility.map(grade),
            vulnerable,
        };
        assert_eq!(weights.score(), score, "{weights:?}");
    }
}

#[test]
fn the_default_bands_part_at_four_nine_and_fourteen() {
    let criteria = AppliedCriteria::default();
    for (score, level) in [
        (1, Level::Low),
        (4, Level::Low),
        (5, Level::Medium),
        (9, Level::Medium),
        (10, Level::High),
        (14, Level::High),
        (15, Level::Critical),
        (25, Level::Critical),
        (0, Level::Critical),
    ] {
        assert_eq!(criteria.level(score), level, "{score}");
    }
}

#[test]
fn a_grade_is_a_number_from_one_to_five() {
    for number in [0, 6, u32::MAX] {
        assert!(Grade::try_from(number).is_err());
        assert!(serde_json::from_value::<Grade>(json!(number)).is_err());
    }
    assert_eq!(serde_json::from_value::<Grade>(json!(5)).unwrap(), Grade::MAX);
    assert_eq!(serde_json::to_value(grade(3)).unwrap(), json!(3));
}

#[test]
fn what_remains_is_weighed_like_the_impact_itself() {
    let criteria = AppliedCriteria::default();
    let base = rated(Subject::Individual);
    let sizes = base.sizes(Some(grade(2)), &criteria);
    assert_eq!((sizes.score, sizes.level), (12, Level::High));
    // Scale and reversibility are as before: (2 + 1) x 2.
    assert_eq!((sizes.residual_score, sizes.residual_level), (Some(6), Some(Level::Medium)));
    let mut narrower = base.clone();
    if let Some(rest) = &mut narrower.residual {
        rest.scale = Some(grade(1));
        rest.reversibility = Some(grade(5));
    }
    assert_eq!(narrower.sizes(Some(grade(1)), &criteria).residual_score, Some(6));
    let unmeasured = Rated { residual: None, ..base };
    assert_eq!(unmeasured.sizes(Some(grade(2)), &criteria).residual_level, None);
}

#[test]
fn levels_come_from_the_criteria_in_force_and_say_so() {
    let bands = json!([
        {"level": "low", "from": 1, "to": 11},
        {"level": "medium", "from": 12, "to": 14},
        {"level": "high", "from": 15, "to": 19},
        {"level": "critical", "from": 20, "to": 25},
    ]);
    let criteria = json!({
        "effective": {"version": 2},
        "approvedVersions": {"v1": {"bands": []}, "v2": {"bands": bands}},
    });
    let knowing = || tomas().knowing("rcr_1", "risk_criteria", criteria.clone());
    let given = by_tomas(vec![], vec![start(content())]);
    let given = after(given, vec![(rate(rated(Subject::Individual)), knowing())]);
    let impact = state(&given).impacts.into_values().next().unwrap();
    assert_eq!(impact.criteria, Key::new("v2"));
    let levels = (impact.sizes.level, impact.sizes.residual_level);
    assert_eq!(levels, (Level::Medium, Some(Level::Low)));
    let Some(Event::ImpactRated(event)) = given.last() else { panic!("{given:?}") };
    assert_eq!(event.criteria.version, Key::new("v2"));

    // No criteria in force: the domain's bands.
    let withdrawn = json!({"approvedVersions": {"v2": {"bands": bands}}});
    let context = tomas().knowing("rcr_1", "risk_criteria", withdrawn);
    let given = after(given, vec![(rate(rated(Subject::Individual)), context)]);
    let Some(Event::ImpactRated(event)) = given.last() else { panic!("{given:?}") };
    assert_eq!((event.criteria.version.as_str(), event.sizes.level), ("default", Level::High));
}

#[test]
fn submission_gives_all_levels_by_the_same_criteria() {
    let bands = json!([{"level": "low", "from": 1, "to": 25}]);
    let criteria = json!({
        "effective": {"version": 1}, "approvedVersions": {"v1": {"bands": bands}},
    });
    let given = written(content(), rated(Subject::Individual));
    assert_eq!(state(&given).working_level, Some(Level::High));
    let context = tomas().knowing("rcr_1", "risk_criteria", criteria);
    let given = after(given, vec![(Command::Submit, context)]);
    let assessment = state(&given);
    assert_eq!(assessment.working_level, Some(Level::Low));
    assert!(assessment.impacts.values().all(|impact| impact.criteria == Key::new("v1")));
    let approved = approved_by(&aoife(), &given, approve());
    assert_eq!((approved.level, approved.criteria.as_str()), (Level::Low, "v1"));
}

#[test]
fn the_greatest_harm_gives_the_level() {
    let smaller = Rated { likelihood: grade(1), residual: None, ..rated(Subject::Group) };
    let given = by_tomas(written(content(), rated(Subject::Individual)), vec![rate(smaller)]);
    assert_eq!(state(&given).working_level, Some(Level::High));
    let given = by_tomas(given, vec![Command::Submit]);
    let approved = approved_by(&aoife(), &given, approve());
    assert_eq!((approved.level, approved.residual_level), (Level::High, Level::Medium));
}

#[test]
fn a_benefit_does_not_count_as_a_harm() {
    let benefit = Rated {
        direction: Direction::Benefit,
        severity: grade(5),
        likelihood: grade(5),
        residual: None,
        ..rated(Subject::Individual)
    };
    let given = by_tomas(written(content(), benefit), vec![Command::Submit]);
    assert_eq!(approved_by(&aoife(), &given, approve()).level, Level::Low);
}

#[test]
fn an_assessment_goes_from_its_plan_to_an_approved_revision() {
    let due = Some(date("2024-12-31"));
    let plan = Command::Plan(Plan { system: Ref::new("sys_1"), due });
    let given = after(vec![], vec![(plan, timer("2024-08-26T09:00:00Z"))]);
    let planned = state(&given);
    assert_eq!((planned.status, planned.next_due, planned.revision), (Status::Planned, due, 0));

    let given = by_tomas(given, vec![Command::Revise(content())]);
    assert!(matches!(given.last(), Some(Event::Started(Started { revision: 1, .. }))));
    let working = state(&given);
    assert_eq!((working.status, working.revision), (Status::InProgress, 1));
    assert_eq!(working.missing, [Missing::Individual, Missing::Group, Missing::Society]);

    let rest = [none(Subject::Group), none(Subject::Society), Command::Submit];
    let commands = [rate(rated(Subject::Individual))].into_iter().chain(rest).collect();
    let given = by_tomas(given, commands);
    let submitted = state(&given);
    assert_eq!((submitted.status, submitted.missing.len()), (Status::Submitted, 0));
    assert_eq!(submitted.level, None);

    let conditions = vec![SetCondition {
        key: Some(Key::new("review")),
        text: prose("A person reviews every decline."),
        due: Some(date("2025-01-15")),
    }];
    let next_due = Some(date("2025-06-02"));
    let approve = Approve { conditions, next_due, ..approve() };
    let given = after(given, vec![(Command::Approve(approve), aoife())]);
    let assessment = state(&given);
    assert_eq!(assessment.status, Status::ApprovedWithConditions);
    assert_eq!((assessment.level, assessment.next_due), (Some(Level::High), next_due));
    let approved = assessment.approved.unwrap();
    assert_eq!((approved.revision, approved.residual_level), (1, Level::Medium));
    assert_eq!(approved.approved_by, UserId::new("usr_aoife"));
    assert_eq!(approved.privacy_assessments, [Ref::new("dpi_1")]);
    assert_eq!(approved.system_version, Some(Key::new("2.0")));
    assert_eq!(approved.criteria, Key::new("default"));
}

#[test]
fn others_read_of_it_what_they_rely_on() {
    let key = Some(Key::new("review"));
    let conditions = vec![SetCondition { key, text: prose("Review."), due: None }];
    let approve = Command::Approve(Approve { conditions, ..approve() });
    let given = after(submitted(), vec![(approve, aoife())]);
    let read = |given: &[Event]| -> facts::ImpactAssessment {
        serde_json::from_value(serde_json::to_value(state(given)).unwrap()).unwrap()
    };
    let fact = read(&given);
    assert!(fact.is_current() && !fact.conditions_met());
    assert_eq!((fact.system.as_str(), fact.level.as_deref()), ("sys_1", Some("high")));
    assert_eq!(fact.intended_uses, ["Scoring of consumer credit"]);
    assert_eq!(fact.next_due, Some(date("2025-06-02")));
    assert!(fact.approved_at.is_some());

    let meet = MeetCondition { condition: Key::new("review"), how: prose("In the procedure.") };
    let meet = Command::MeetCondition(meet);
    let given = by_tomas(given, vec![meet.clone(), fire(TriggerKind::LawChange, None)]);
    let fact = read(&given);
    assert!(fact.conditions_met() && !fact.is_current());
    assert_eq!(state(&given).decide(meet, &tomas()).unwrap(), []);
    let unknown = MeetCondition { condition: Key::new("other"), how: prose("Somehow.") };
    let unknown = refused(&given, Command::MeetCondition(unknown), &tomas());
    assert_eq!(unknown, Refusal::UnknownCondition { key: "other".into(), at: "/condition" });
}

#[test]
fn a_trigger_begins_the_next_revision_while_the_approved_one_stays_visible() {
    let given = by_tomas(in_force(), vec![fire(TriggerKind::CriticalDrift, Some("mon_1"))]);
    let out_of_date = state(&given);
    assert_eq!(out_of_date.status, Status::ReassessmentRequired);
    assert_eq!(out_of_date.triggers_fired.len(), 1);

    let next = Content { system_version: Some(Key::new("2.1.0")), ..content() };
    let given = by_tomas(given, vec![Command::Revise(next)]);
    let working = state(&given);
    assert_eq!((working.status, working.revision), (Status::InProgress, 2));
    assert_eq!(working.impacts.len(), 1, "the next revision starts from the one before");
    assert_eq!(working.assessors, [UserId::new("usr_tomas")]);
    let approved = working.approved.clone().unwrap();
    assert_eq!((approved.revision, approved.system_version), (1, Some(Key::new("2.0"))));
    assert_eq!(working.level, Some(Level::High));

    // A further trigger adds to the first, and the working revision goes on.
    let fired = fire(TriggerKind::NewDataSource, Some("dst_1"));
    let given = by_tomas(given, vec![fired, Command::Submit]);
    assert_eq!(state(&given).status, Status::Submitted);
    let later = as_("usr_aoife", &[Role::Iap], "2025-05-12T09:00:00Z");
    let given = after(given, vec![(Command::Approve(approve()), later)]);
    let assessment = state(&given);
    assert_eq!(assessment.status, Status::Approved);
    assert!(assessment.triggers_fired.is_empty());
    let approved = assessment.approved.unwrap();
    assert_eq!(approved.revision, 2);
    assert_eq!(approved.answered, [TriggerKind::NewDataSource, TriggerKind::CriticalDrift]);
    assert_eq!(approved.next_due, date("2025-11-12"));
}

#[test]
fn the_next_revision_has_its_own_assessors_and_its_own_advice() {
    let advise = Command::Advise(Advise { advice: prose("Keep a person in the loop.") });
    let given = after(submitted(), vec![(advise, aoife()), (Command::Approve(approve()), aoife())]);
    let kenji = || as_("usr_kenji", &[Role::Ia], APPROVED);
    let given = by_tomas(given, vec![fire(TriggerKind::LawChange, None)]);
    let given = after(given, vec![(Command::Revise(content()), kenji())]);
    let working = state(&given);
    assert_eq!((working.assessors, working.advice), (vec![UserId::new("usr_kenji")], None));
    let given = after(given, vec![(Command::Submit, kenji())]);
    let tomas = as_("usr_tomas", &[Role::Iap], APPROVED);
    assert_eq!(approved_by(&tomas, &given, approve()).revision, 2);
}

#[test]
fn the_same_trigger_of_the_same_source_fires_once() {
    let source = Some("inc_1");
    let given = by_tomas(in_force(), vec![fire(TriggerKind::SeriousIncident, source)]);
    let again = |trigger, source| {
        let events = state(&given).decide(fire(trigger, source), &tomas()).unwrap();
        events.len()
    };
    assert_eq!(again(TriggerKind::SeriousIncident, source), 0);
    assert_eq!(again(TriggerKind::SeriousIncident, Some("inc_2")), 1);
    assert_eq!(again(TriggerKind::CriticalDrift, source), 1);
    // Two law changes without a source may be two laws; one interval elapses once.
    let laws = vec![fire(TriggerKind::LawChange, None), fire(TriggerKind::LawChange, None)];
    let elapsed = fire(TriggerKind::IntervalElapsed, None);
    let given = by_tomas(by_tomas(in_force(), laws), vec![elapsed.clone(), elapsed]);
    assert_eq!(state(&given).triggers_fired.len(), 3);
}

#[test]
fn a_trigger_after_the_submission_is_answered_before_the_approval() {
    let given = by_tomas(submitted(), vec![fire(TriggerKind::NewPopulation, None)]);
    assert_eq!(state(&given).status, Status::Submitted);
    let refusal = not_approved(&given, &aoife());
    assert!(matches!(refusal, Refusal::TriggerNotAnswered { .. }), "{refusal:?}");
    let answered = |given: &[Event]| -> Vec<_> {
        state(given).triggers_fired.values().map(|fired| fired.answered_in).collect()
    };
    let reject = || Command::Reject(Reject { reason: prose("Answer the trigger.") });
    let given = after(given, vec![(reject(), aoife()), (Command::Submit, tomas())]);
    assert_eq!(answered(&given), [Some(1)]);
    let rejected = after(given.clone(), vec![(reject(), aoife())]);
    assert_eq!(answered(&rejected), [None], "what is sent back answers nothing");
    let approved = approved_by(&aoife(), &given, approve());
    assert_eq!(approved.answered, [TriggerKind::NewPopulation]);
}

#[test]
fn a_rejected_revision_is_written_on() {
    let reject = Command::Reject(Reject { reason: prose("Too thin.") });
    let given = after(submitted(), vec![(reject.clone(), aoife())]);
    assert_eq!(state(&given).status, Status::Rejected);
    assert!(state(&given).rejection.is_some());
    let given = by_tomas(given, vec![Command::Revise(content())]);
    assert!(matches!(given.last(), Some(Event::Revised(Revised { revision: 1, .. }))));
    assert_eq!(state(&given).status, Status::InProgress);
    let refusal = refused(&given, reject, &aoife());
    assert_eq!(refusal, Refusal::NotSubmitted { status: "in progress" });
}

#[test]
fn a_system_has_one_assessment() {
    let other = json!({"system": "sys_1", "status": "approved"});
    let context = tomas().knowing("aia_1", "impact_assessment", other);
    let taken = Refusal::AlreadyAssessed { id: "aia_1".into(), at: "/system" };
    let plan = Command::Plan(Plan { system: Ref::new("sys_1"), due: None });
    for command in [start(content()), plan] {
        let nothing = ImpactAssessment::default();
        let needs = nothing.needs(&command, &context);
        let asked = Need::Where("impact_assessment", "system", "sys_1".into());
        assert!(needs.contains(&asked), "{needs:?}");
        assert_eq!(refused(&[], command, &context), taken);
    }
    let foreign = json!({"system": "sys_2", "status": "approved"});
    let context = tomas().knowing("aia_1", "impact_assessment", foreign);
    assert!(ImpactAssessment::default().decide(start(content()), &context).is_ok());
}

#[test]
fn a_retired_system_is_not_assessed_and_its_assessment_ends() {
    let retired = || tomas().knowing("sys_1", "ai_system", system("retirement"));
    let refusal = refused(&[], start(content()), &retired());
    assert_eq!(refusal, Refusal::SystemRetired { at: "/system" });

    let end = || Command::Supersede(Supersede { reason: prose("Retired.") });
    assert_eq!(refused(&in_force(), end(), &tomas()), Refusal::SystemInUse);
    let given = after(in_force(), vec![(end(), retired())]);
    let ended = state(&given);
    assert_eq!(ended.status, Status::Superseded);
    assert_eq!(ended.decide(end(), &retired()).unwrap(), []);
    let meet = MeetCondition { condition: Key::new("x"), how: prose("Somehow.") };
    assert_eq!(refused(&given, Command::MeetCondition(meet), &tomas()), Refusal::Ended);
    let fired = refused(&given, fire(TriggerKind::LawChange, None), &tomas());
    assert_eq!(fired, Refusal::NothingToReassess { status: "superseded" });
}

#[test]
fn what_the_content_refers_to_is_of_the_system() {
    let version = Some(Key::new("9.9"));
    let unknown = start(Content { system_version: version, ..content() });
    let refusal = refused(&[], unknown, &tomas());
    let wanted = Refusal::UnknownSystemVersion { version: "9.9".into(), at: "/systemVersion" };
    assert_eq!(refusal, wanted);
    let foreign = tomas().knowing("dpi_1", "privacy_assessment", privacy("sys_2", true));
    let wanted =
        Refusal::PrivacyAssessmentOfOtherSystem { id: "dpi_1".into(), at: "/privacyAssessment" };
    assert_eq!(refused(&[], start(content()), &foreign), wanted);
}

#[test]
fn nothing_is_written_but_on_a_revision_in_progress() {
    let due = None;
    let plan = Command::Plan(Plan { system: Ref::new("sys_1"), due });
    let planned = after(vec![], vec![(plan, tomas())]);
    let impact = rate(rated(Subject::Group));
    for (given, status) in [
        (planned, "planned"),
        (submitted(), "submitted"),
        (in_force(), "approved"),
        (by_tomas(in_force(), vec![fire(TriggerKind::LawChange, None)]), "to be done again"),
    ] {
        let wanted = Refusal::NotEditable { status };
        let rights = Command::AssessRights(Rights::default());
        for command in [impact.clone(), none(Subject::Group), rights, Command::Submit] {
            assert_eq!(refused(&given, command, &tomas()), wanted);
        }
    }
    for given in [submitted(), in_force()] {
        let refusal = refused(&given, Command::Revise(content()), &tomas());
        assert!(matches!(refusal, Refusal::NotEditable { .. }), "{refusal:?}");
    }
}

#[test]
fn an_impact_is_rated_again_and_removed_by_its_key() {
    let given = written(content(), rated(Subject::Individual));
    let key = state(&given).impacts.into_keys().next().unwrap();
    let again = Command::RateImpact(RateImpact {
        impact: Some(key.clone()),
        rated: Rated { likelihood: grade(4), ..rated(Subject::Individual) },
        reversibility: grade(2),
    });
    let given = by_tomas(given, vec![again]);
    assert_eq!(state(&given).impacts[&key].sizes.score, 16);
    let remove = |key: &Key| {
        let reason = prose("It was counted twice.");
        Command::RemoveImpact(RemoveImpact { impact: key.clone(), reason })
    };
    let given = by_tomas(given, vec![remove(&key)]);
    assert_eq!(state(&given).missing, [Missing::Individual]);
    assert_eq!(state(&given).working_level, None);
    let unknown = Refusal::UnknownImpact { key: key.as_str().to_owned(), at: "/impact" };
    assert_eq!(refused(&given, remove(&key), &tomas()), unknown);
    let rated = rated(Subject::Group);
    let rate = RateImpact { impact: Some(key), rated, reversibility: grade(1) };
    assert_eq!(refused(&given, Command::RateImpact(rate), &tomas()), unknown);
}

#[test]
fn an_impact_and_the_statement_of_none_exclude_each_other() {
    let given = written(content(), rated(Subject::Individual));
    let wanted = Refusal::ImpactsRated { subject: "individual", at: "/subject" };
    assert_eq!(refused(&given, none(Subject::Individual), &tomas()), wanted);
    assert!(state(&given).no_impacts.contains_key(&Subject::Group.key()));
    let given = by_tomas(given, vec![rate(rated(Subject::Group))]);
    assert!(!state(&given).no_impacts.contains_key(&Subject::Group.key()));
}

#[test]
fn what_remains_is_less_and_has_a_cause() {
    let given = by_tomas(vec![], vec![start(content())]);
    let no_measure = Rated { measures: vec![], ..rated(Subject::Individual) };
    let refusal = refused(&given, rate(no_measure), &tomas());
    assert_eq!(refusal, Refusal::ResidualWithoutMeasure { at: "/measures" });
    let more = Rated {
        residual: Some(Residual {
            severity: grade(5),
            likelihood: grade(5),
            scale: None,
            reversibility: None,
        }),
        ..rated(Subject::Individual)
    };
    let refusal = refused(&given, rate(more), &tomas());
    let wanted = Refusal::ResidualAboveRating { rest: 25, score: 12, at: "/residual" };
    assert_eq!(refusal, wanted);
    let benefit = Rated { direction: Direction::Benefit, ..rated(Subject::Individual) };
    let refusal = refused(&given, rate(benefit), &tomas());
    assert_eq!(refusal, Refusal::ResidualOfBenefit { at: "/residual" });
}

#[test]
fn an_assessor_does_not_approve_his_own_revision() {
    let tomas = as_("usr_tomas", &[Role::Iap, Role::Ia], APPROVED);
    assert_eq!(not_approved(&submitted(), &tomas), Refusal::ApproverIsAssessor);
    // Whoever wrote a part, or only submitted it, counts as an assessor.
    let rights = Rights { processes: Some(prose("Credit desk.")), ..Rights::default() };
    let given = written(content(), rated(Subject::Individual));
    let given = after(given, vec![(Command::AssessRights(rights), aoife())]);
    let given = by_tomas(given, vec![Command::Submit]);
    assert_eq!(not_approved(&given, &aoife()), Refusal::ApproverIsAssessor);
    let submitter = as_("usr_kenji", &[Role::Ia, Role::Iap], APPROVED);
    let early = as_("usr_kenji", &[Role::Ia], STARTED);
    let given = written(content(), rated(Subject::Individual));
    let given = after(given, vec![(Command::Submit, early)]);
    assert_eq!(not_approved(&given, &submitter), Refusal::ApproverIsAssessor);
}

#[test]
fn the_officers_advice_does_not_make_him_an_assessor() {
    let advise = Command::Advise(Advise { advice: prose("Keep a person in the loop.") });
    let given = after(submitted(), vec![(advise.clone(), aoife())]);
    assert_eq!(state(&given).advice.unwrap().by, UserId::new("usr_aoife"));
    assert_eq!(approved_by(&aoife(), &given, approve()).revision, 1);
    let refusal = refused(&in_force(), advise, &aoife());
    assert_eq!(refusal, Refusal::NotEditable { status: "approved" });
}

#[test]
fn the_owner_of_the_system_does_not_approve_its_assessment() {
    let marc = as_("usr_marc", &[Role::Iap, Role::So], APPROVED);
    assert_eq!(not_approved(&submitted(), &marc), Refusal::ApproverOwnsSystem);
    let marc = as_("usr_marc", &[Role::Tm], APPROVED);
    assert_eq!(not_approved(&submitted(), &marc), Refusal::ApproverOwnsSystem);
}

#[test]
fn only_what_was_submitted_is_approved() {
    let written = written(content(), rated(Subject::Individual));
    assert_eq!(not_approved(&written, &aoife()), Refusal::NotSubmitted { status: "in progress" });
    assert_eq!(not_approved(&in_force(), &aoife()), Refusal::NotSubmitted { status: "approved" });
    let given = submitted();
    let other = Approve { content_hash: Some(Hash::new("00".repeat(32))), ..approve() };
    let refusal = refused(&given, Command::Approve(other), &aoife());
    assert_eq!(refusal, Refusal::ContentChanged);
    let seen = state(&given).content_hash;
    let same = Approve { content_hash: seen.clone(), ..approve() };
    assert_eq!(Some(approved_by(&aoife(), &given, same).content_hash), seen);
    // A correction after the submission changes what would be approved.
    let set = json!({"purpose": "To score everybody."}).as_object().unwrap().clone();
    let correct = Correct { corrects: 1, reason: prose("Wrong."), set: Fields(set) };
    let mut context = tomas();
    context.version = given.len() as u64;
    let given = after(given, vec![(Command::Correct(correct), context)]);
    assert_eq!(not_approved(&given, &aoife()), Refusal::ContentChanged);
}

#[test]
fn an_approval_is_not_dated_before_the_submission() {
    let mut context = aoife();
    context.effective = "2024-09-30T09:00:00Z".parse().ok();
    let wanted = Refusal::ApprovedBeforeSubmission { at: "/effectiveAt" };
    assert_eq!(not_approved(&submitted(), &context), wanted);
}

#[test]
fn each_part_of_the_description_is_needed_for_approval() {
    let full = content;
    let not = |what| Refusal::NotDescribed { what };
    for (lacking, wanted) in [
        (
            Content { system_version: None, ..full() },
            not("which version of the system it is about"),
        ),
        (Content { scope: None, ..full() }, not("its scope")),
        (Content { purpose: None, ..full() }, not("the purpose of the system")),
        (Content { intended_uses: vec![], ..full() }, Refusal::NoIntendedUse),
        (Content { foreseeable_misuse: vec![], ..full() }, Refusal::NoForeseeableMisuse),
        (Content { context: None, ..full() }, not("where and on whom the system is used")),
        (Content { data_summary: None, ..full() }, not("which data the system uses")),
        (Content { oversight: None, ..full() }, not("how people oversee the system")),
    ] {
        let given = written(lacking, rated(Subject::Individual));
        let given = by_tomas(given, vec![Command::Submit]);
        assert_eq!(not_approved(&given, &aoife()), wanted);
    }
}

#[test]
fn individuals_groups_and_society_are_each_spoken_of() {
    let all = [Subject::Individual, Subject::Group, Subject::Society];
    for (left_out, subject) in all.into_iter().zip(["individuals", "groups", "society"]) {
        let spoken_of = all.into_iter().filter(|subject| *subject != left_out).map(none);
        let commands = [start(content())].into_iter().chain(spoken_of).chain([Command::Submit]);
        let given = by_tomas(vec![], commands.collect());
        let wanted = Refusal::SubjectNotAssessed { subject };
        assert_eq!(not_approved(&given, &aoife()), wanted);
    }
}

#[test]
fn what_stays_critical_is_approved_by_top_management_alone() {
    let critical = Rated {
        severity: grade(5),
        likelihood: grade(5),
        residual: None,
        ..rated(Subject::Individual)
    };
    let given = by_tomas(written(content(), critical.clone()), vec![Command::Submit]);
    assert_eq!(not_approved(&given, &aoife()), Refusal::CriticalWithoutTopManagement);
    assert_eq!(approved_by(&ingrid(), &given, approve()).level, Level::Critical);

    let residual =
        Residual { severity: grade(4), likelihood: grade(3), scale: None, reversibility: None };
    let kept = Rated { residual: Some(residual.clone()), ..critical.clone() };
    let given = by_tomas(written(content(), kept), vec![Command::Submit]);
    assert_eq!(not_approved(&given, &aoife()), Refusal::CriticalWithoutTopManagement);

    let lowered = Residual { likelihood: grade(2), ..residual };
    let lowered = Rated { residual: Some(lowered), ..critical };
    let given = by_tomas(written(content(), lowered), vec![Command::Submit]);
    let approved = approved_by(&aoife(), &given, approve());
    assert_eq!((approved.level, approved.residual_level), (Level::Critical, Level::High));
    assert_eq!(not_approved(&given, &ingrid()), Refusal::NotAnImpactApprover);
}

#[test]
fn personal_data_need_a_privacy_assessment_in_force() {
    let knowing = |body| aoife().knowing("dpi_1", "privacy_assessment", body);
    for body in [privacy("sys_1", false), privacy("sys_2", true)] {
        let refusal = not_approved(&submitted(), &knowing(body));
        assert_eq!(refusal, Refusal::NoPrivacyAssessment);
    }
    let unnamed = Content { privacy_assessment: None, ..content() };
    let given = written(unnamed.clone(), rated(Subject::Individual));
    let given = by_tomas(given, vec![Command::Submit]);
    let refusal = not_approved(&given, &knowing(privacy("sys_1", false)));
    assert_eq!(refusal, Refusal::NoPrivacyAssessment);
    assert_eq!(approved_by(&aoife(), &given, approve()).privacy_assessments.len(), 1);

    let without = Content { personal_data: false, ..unnamed };
    let given = written(without, rated(Subject::Individual));
    let given = by_tomas(given, vec![Command::Submit]);
    let approved = approved_by(&knowing(privacy("sys_1", false)), &given, approve());
    assert!(approved.privacy_assessments.is_empty());
}

#[test]
fn the_rights_assessment_is_complete_where_it_is_required() {
    let classified = |status: &str, required: bool| {
        let body = json!({
            "system": "sys_1", "status": status, "regime": "eu_ai_act", "class": "high_risk",
            "role": "deployer", "friaRequired": required,
        });
        aoife().knowing("cls_1", "regulatory_classification", body)
    };
    let given = written(content(), rated(Subject::Individual));
    let part = |text: &str| Some(prose(text));
    let first = Rights {
        processes: part("Credit desk."),
        period_and_frequency: part("Daily, for three years."),
        affected_persons: part("Applicants."),
        ..Rights::default()
    };
    let rest = Rights {
        risks_of_harm: part("Unfair declines."),
        human_oversight: part("Each decline is reviewed."),
        measures: part("Complaints go to the desk's head."),
        ..Rights::default()
    };
    let unwritten = by_tomas(given.clone(), vec![Command::Submit]);
    let refusal = not_approved(&unwritten, &classified("confirmed", true));
    assert_eq!(refusal, Refusal::RightsNotAssessed { missing: "a, b, c, d, e, f".into() });
    let given = by_tomas(given, vec![Command::AssessRights(first)]);
    let half = by_tomas(given.clone(), vec![Command::Submit]);
    let refusal = not_approved(&half, &classified("confirmed", true));
    assert_eq!(refusal, Refusal::RightsNotAssessed { missing: "d, e, f".into() });
    let whole = by_tomas(given, vec![Command::AssessRights(rest), Command::Submit]);
    assert_eq!(approved_by(&classified("confirmed", true), &whole, approve()).revision, 1);
    // Nothing is required by a classification that is not confirmed, or does not say so.
    for context in [classified("proposed", true), classified("confirmed", false)] {
        assert_eq!(approved_by(&context, &unwritten, approve()).revision, 1);
    }
    let nothing = Command::AssessRights(Rights::default());
    let given = written(content(), rated(Subject::Individual));
    assert_eq!(state(&given).decide(nothing, &tomas()).unwrap(), []);
}

#[test]
fn the_next_assessment_is_due_in_twelve_months_or_in_six() {
    let medium = Rated { likelihood: grade(2), ..rated(Subject::Individual) };
    let medium = by_tomas(written(content(), medium), vec![Command::Submit]);
    let high = submitted();
    let with = |due: &str| Approve { next_due: Some(date(due)), ..approve() };
    for (given, level, latest, late) in [
        (&high, "high", "2025-06-02", "2025-06-03"),
        (&medium, "medium", "2025-12-02", "2025-12-03"),
    ] {
        assert_eq!(approved_by(&aoife(), given, approve()).next_due, date(latest));
        assert_eq!(approved_by(&aoife(), given, with(latest)).next_due, date(latest));
        let early = "2024-12-03";
        assert_eq!(approved_by(&aoife(), given, with(early)).next_due, date(early));
        let refusal = refused(given, Command::Approve(with(late)), &aoife());
        let latest = date(latest);
        assert_eq!(refusal, Refusal::NextDueTooLate { level, latest, at: "/nextDue" });
        let refusal = refused(given, Command::Approve(with("2024-12-02")), &aoife());
        assert_eq!(refusal, Refusal::NextDueNotAfterApproval { at: "/nextDue" });
    }
}

#[test]
fn a_condition_has_one_key() {
    let set = || SetCondition { key: Some(Key::new("a")), text: prose("Do it."), due: None };
    let twice = Approve { conditions: vec![set(), set()], ..approve() };
    let wanted = Refusal::ConditionTwice { key: "a".into(), at: "/conditions/1/key".into() };
    assert_eq!(refused(&submitted(), Command::Approve(twice), &aoife()), wanted);
    let free = || SetCondition { key: None, ..set() };
    let input = Approve { conditions: vec![free(), free()], ..approve() };
    let given = after(submitted(), vec![(Command::Approve(input), aoife())]);
    assert_eq!(state(&given).conditions.len(), 2);
}

#[test]
fn a_trigger_needs_an_assessment_that_was_begun() {
    let plan = Command::Plan(Plan { system: Ref::new("sys_1"), due: None });
    let planned = after(vec![], vec![(plan, tomas())]);
    let refusal = refused(&planned, fire(TriggerKind::LawChange, None), &tomas());
    assert_eq!(refusal, Refusal::NothingToReassess { status: "planned" });
}

#[test]
fn what_is_not_done_again_in_time_is_overdue_and_out_of_date() {
    let given = in_force();
    let on_time = timer("2025-06-02T23:59:59Z");
    assert_eq!(refused(&given, Command::MarkOverdue, &on_time), Refusal::NotOverdue);
    let late = "2025-06-03T00:00:00Z";
    let given = after(given, vec![(Command::MarkOverdue, timer(late))]);
    let overdue = state(&given);
    assert_eq!(overdue.overdue_since, Some(date("2025-06-02")));
    assert_eq!(overdue.status, Status::ReassessmentRequired);
    let fired: Vec<_> = overdue.triggers_fired.values().map(|fired| fired.trigger).collect();
    assert_eq!(fired, [TriggerKind::IntervalElapsed]);
    assert_eq!(overdue.decide(Command::MarkOverdue, &timer(late)).unwrap(), []);
    let again = fire(TriggerKind::IntervalElapsed, None);
    assert_eq!(overdue.decide(again, &timer(late)).unwrap(), []);

    let given = by_tomas(given, vec![Command::Revise(content()), Command::Submit]);
    let later = as_("usr_aoife", &[Role::Iap], "2025-06-10T09:00:00Z");
    let given = after(given, vec![(Command::Approve(approve()), later)]);
    assert_eq!(state(&given).overdue_since, None);
}

#[test]
fn a_planned_assessment_can_be_overdue_too() {
    let due = Some(date("2024-10-31"));
    let plan = Command::Plan(Plan { system: Ref::new("sys_1"), due });
    let given = after(vec![], vec![(plan, tomas())]);
    let given = after(given, vec![(Command::MarkOverdue, timer("2024-11-01T00:00:00Z"))]);
    assert_eq!((state(&given).status, state(&given).overdue_since), (Status::Planned, due));
}

#[test]
fn only_an_approved_result_is_shared_and_each_reader_gets_it_once() {
    let share = |with: &str| {
        Command::ShareResult(ShareResult {
            with: Line::new(with),
            audience: Audience::Authority,
            party: None,
            note: Some(prose("By letter.")),
        })
    };
    assert_eq!(refused(&submitted(), share("Inspectorate"), &tomas()), Refusal::NothingApproved);
    let given = by_tomas(in_force(), vec![share("Inspectorate"), share("Association")]);
    assert_eq!(state(&given).shared_with.len(), 2);
    assert!(state(&given).shared_with.values().all(|shared| shared.revision == 1));
    assert_eq!(state(&given).decide(share("Inspectorate"), &tomas()).unwrap(), []);

    // The next revision's result is another one.
    let next = [fire(TriggerKind::LawChange, None), Command::Revise(content()), Command::Submit];
    let given = by_tomas(given, next.into());
    let given = after(given, vec![(Command::Approve(approve()), aoife())]);
    assert!(state(&given).shared_with.is_empty());
    let given = by_tomas(given, vec![share("Inspectorate")]);
    assert!(state(&given).shared_with.values().all(|shared| shared.revision == 2));
}

#[test]
fn lists_that_commands_grow_are_bounded() {
    let mut given = by_tomas(vec![], vec![start(content())]);
    let impacts = (0..40).map(|_| rate(rated(Subject::Individual))).collect();
    given = by_tomas(given, impacts);
    let wanted = Refusal::Full { max: 40, what: "impacts" };
    assert_eq!(refused(&given, rate(rated(Subject::Group)), &tomas()), wanted);

    let triggers = (0..30).map(|_| fire(TriggerKind::LawChange, None)).collect();
    let given = by_tomas(in_force(), triggers);
    let wanted = Refusal::Full { max: 30, what: "open triggers" };
    assert_eq!(refused(&given, fire(TriggerKind::LawChange, None), &tomas()), wanted);

    let share = |n: usize| {
        Command::ShareResult(ShareResult {
            with: Line::new(format!("Reader {n}")),
            audience: Audience::Customer,
            party: None,
            note: None,
        })
    };
    let given = by_tomas(in_force(), (0..60).map(share).collect());
    let wanted = Refusal::Full { max: 60, what: "readers" };
    assert_eq!(refused(&given, share(60), &tomas()), wanted);
}

/// A rating as version 1 recorded it: 3 x 3 = 9, medium.
fn rated_v1() -> Value {
    json!({
        "key": "impact_1", "by": "usr_tomas",
        "criteria": AppliedCriteria::default(),
        "rated": {
            "subject": "individual", "who": "Loan applicants", "area": "fairness",
            "direction": "harm", "severity": 3, "likelihood": 3, "scale": 1, "vulnerable": false,
        },
        "sizes": {"score": 9, "level": "medium"},
    })
}

#[test]
fn a_rating_of_version_1_counts_as_irreversible_until_it_is_rated_again() {
    let read = Event::read("impact_assessment.impact_rated", 1, rated_v1()).unwrap().unwrap();
    let Event::ImpactRated(old) = &read else { panic!("{read:?}") };
    assert_eq!(old.reversibility, None);
    assert_eq!((old.sizes.score, old.sizes.level), (12, Level::High));
    assert_eq!(Events::version(&read), 2);

    let mut given = by_tomas(vec![], vec![start(content())]);
    given.push(read);
    let rest = vec![none(Subject::Group), none(Subject::Society), Command::Submit];
    let given = by_tomas(given, rest);
    assert_eq!(state(&given).missing, [Missing::Reversibility]);
    assert_eq!(not_approved(&given, &aoife()), Refusal::ReversibilityNotAssessed);

    let reject = Command::Reject(Reject { reason: prose("Rate it again.") });
    let given = after(given, vec![(reject, aoife())]);
    let again = Command::RateImpact(RateImpact {
        impact: Some(Key::new("impact_1")),
        rated: Rated { residual: None, scale: grade(1), ..rated(Subject::Individual) },
        reversibility: grade(1),
    });
    let given = by_tomas(given, vec![again, Command::Submit]);
    assert_eq!(approved_by(&aoife(), &given, approve()).level, Level::Medium);
}

#[test]
fn a_rating_of_version_2_is_read_as_it_stands() {
    let mut data = rated_v1();
    data["reversibility"] = json!(1);
    let read = Event::read("impact_assessment.impact_rated", 2, data.clone()).unwrap().unwrap();
    let Event::ImpactRated(rated) = &read else { panic!("{read:?}") };
    assert_eq!((rated.sizes.score, rated.reversibility), (9, Some(Grade::MIN)));
    // What cannot be read as a rating is not made up.
    assert!(Event::read("impact_assessment.impact_rated", 1, json!({})).is_err());
}

#[test]
fn what_is_decided_is_not_corrected() {
    let mut context = tomas();
    context.version = 5;
    for (field, value) in [
        ("status", json!("approved")),
        ("level", json!("low")),
        ("nextDue", json!("2030-01-01")),
        ("personalData", json!(false)),
        ("intendedUses", json!(["Everything"])),
    ] {
        let set = json!({field: value}).as_object().unwrap().clone();
        let correct = Correct { corrects: 1, reason: prose("Wrong."), set: Fields(set) };
        let refusal = refused(&in_force(), Command::Correct(correct), &context);
        let wanted =
            CorrectionRefusal::NotCorrectable { field: field.into(), at: format!("/set/{field}") };
        assert_eq!(refusal, Refusal::Correction(wanted));
    }
    let set = json!({"scope": "Consumers in NL."}).as_object().unwrap().clone();
    let correct = Correct { corrects: 1, reason: prose("Wrong."), set: Fields(set) };
    let given = after(in_force(), vec![(Command::Correct(correct), context)]);
    assert_eq!(state(&given).content.scope, Some(prose("Consumers in NL.")));
    assert_eq!(state(&given).status, Status::Approved);
}

#[test]
fn a_state_that_was_stored_is_read_back_the_same() {
    let rights = Rights { processes: Some(prose("Credit desk.")), ..Rights::default() };
    let given = written(content(), rated(Subject::Individual));
    let given = by_tomas(given, vec![Command::AssessRights(rights), Command::Submit]);
    let given = after(given, vec![(Command::Approve(approve()), aoife())]);
    let assessment = state(&given);
    let stored = serde_json::to_value(&assessment).unwrap();
    assert_eq!(serde_json::from_value::<ImpactAssessment>(stored).unwrap(), assessment);
    for event in given {
        let read = Event::read(event.name(), event.version(), event.data().unwrap()).unwrap();
        assert_eq!(read, Some(event));
    }
}

#[test]
fn commands_are_read_from_flat_input() {
    let input = json!({
        "subject": "group", "who": "Students", "area": "privacy", "direction": "harm",
        "severity": 2, "likelihood": 2, "scale": 2, "reversibility": 3, "vulnerable": true,
        "residual": {"severity": 1, "likelihood": 2}, "measures": ["Less data."],
    });
    let command = Command::parse("rate_impact", input).unwrap().unwrap();
    TestFramework::<ImpactAssessment>::with(tomas())
        .given(by_tomas(vec![], vec![start(content())]))
        .when(command)
        .inspect_result()
        .unwrap();
    let too_grave = json!({
        "subject": "group", "who": "Students", "area": "privacy", "direction": "harm",
        "severity": 6, "likelihood": 2, "scale": 2, "reversibility": 3, "vulnerable": true,
    });
    assert!(Command::parse("rate_impact", too_grave).is_err());
}

#[test]
fn each_refusal_names_its_rule_and_stays_short() {
    for refusal in Refusal::declared() {
        assert!(refusal.doc.chars().count() <= 180, "{}", refusal.doc);
    }
    assert_eq!(not_approved(&submitted(), &ingrid()).declaration().code, "not_an_impact_approver");
}
