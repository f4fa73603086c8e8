//! Given, when, then: verification and validation.

use kernel::values::{Fields, Hash, Line};
use kernel::{Decimal, kinds};
use serde_json::{Value, json};

use super::*;
use crate::threshold::{Comparison, Threshold};

const SYSTEM: &str = "sys_creditlens";
const PLANNED: &str = "2025-05-06T09:00:00Z";
const LATER: &str = "2025-05-09T09:00:00Z";

fn creditlens(developers: &[&str], origin: &str) -> Value {
    json!({
        "name": "CreditLens",
        "origin": origin,
        "versions": {"2.1.0": {
            "stage": "verification_and_validation",
            "status": "in_preparation",
            "developers": developers,
            "datasets": ["dst_train", "dst_tuning", "dst_holdout"],
        }},
    })
}

fn dataset(name: &str, role: &str, status: &str, hash: &str) -> Value {
    json!({"name": name, "roles": [role], "status": status, "hash": hash})
}

fn on(user: &str, roles: &[Role], now: &str) -> Context {
    let approved = "approved_for_use";
    Context::of(user, roles, now)
        .knowing(SYSTEM, "ai_system", creditlens(&["usr_sara"], "built"))
        .knowing("dst_train", "dataset", dataset("Loans 2023", "train", approved, "aa"))
        .knowing("dst_tuning", "dataset", dataset("Loans 2024", "validation", approved, "bb"))
        .knowing("dst_holdout", "dataset", dataset("Hold-out", "test", approved, "cc"))
}

fn kenji(now: &str) -> Context {
    on("usr_kenji", &[Role::Val], now)
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at_least(value: &str) -> Threshold {
    Threshold { comparison: Comparison::AtLeast, value: decimal(value) }
}

fn criterion(metric: &str, limit: &str, must: bool) -> Criterion {
    let (metric, threshold) = (Line::new(metric), at_least(limit));
    Criterion { requirement: None, metric, threshold, must }
}

/// Fairness must hold, and accuracy; speed should.
fn criteria() -> BTreeMap<Key, Criterion> {
    BTreeMap::from([
        (Key::new("dir"), criterion("disparate impact ratio", "0.8", true)),
        (Key::new("auc"), criterion("area under the curve", "0.75", true)),
        (Key::new("speed"), criterion("decisions per second", "50", false)),
    ])
}

fn plan(criteria: BTreeMap<Key, Criterion>) -> RegisterPlan {
    RegisterPlan {
        system: Ref::new(SYSTEM),
        system_version: Key::new("2.1.0"),
        requirement_set: None,
        criteria,
    }
}

fn register(criteria: BTreeMap<Key, Criterion>) -> Command {
    Command::RegisterPlan(plan(criteria))
}

fn change(criteria: BTreeMap<Key, Criterion>) -> Command {
    Command::ChangeCriteria(ChangeCriteria { criteria })
}

fn setup(dataset: Option<&str>, started_at: &str) -> Setup {
    Setup {
        dataset: dataset.map(Ref::new),
        environment: Line::new("ci-7, Python 3.12"),
        started_at: started_at.parse().unwrap(),
        seed: Some(Line::new("42")),
    }
}

const STARTED: &str = "2025-05-08T08:00:00Z";

fn start(key: &str, setup: Setup) -> Command {
    Command::StartRun(StartRun { key: Some(Key::new(key)), setup })
}

/// The last run on the hold-out data; `digit` makes its report's hash.
fn report(digit: &str, results: &[(&str, &str)]) -> CompleteRun {
    let reading =
        |(key, value): &(&str, &str)| Reading { criterion: Key::new(*key), value: decimal(value) };
    CompleteRun {
        run: Report {
            key: Some(Key::new(format!("run-{digit}"))),
            setup: setup(Some("dst_holdout"), STARTED),
            finished_at: Some("2025-05-08T10:00:00Z".parse().unwrap()),
            report_hash: Hash::new(digit.repeat(64)),
            results: results.iter().map(reading).collect(),
        },
        limits_found: None,
        training_overlap: None,
        closes: true,
        outcome: None,
    }
}

const ALL_PASS: &[(&str, &str)] = &[("dir", "0.88"), ("auc", "0.79"), ("speed", "61")];

fn complete(input: CompleteRun) -> Command {
    Command::CompleteRun(input)
}

fn given(record: &mut VerificationRecord, command: Command, context: &Context) -> Vec<Event> {
    let events = record.decide(command, context).unwrap();
    events.iter().for_each(|event| record.evolve(event.clone()));
    events
}

fn planned() -> VerificationRecord {
    let mut record = VerificationRecord::default();
    given(&mut record, register(criteria()), &kenji(PLANNED));
    record
}

fn running() -> VerificationRecord {
    let mut record = planned();
    let first = CompleteRun { closes: false, ..report("a", &[("auc", "0.79")]) };
    given(&mut record, complete(first), &kenji(LATER));
    record
}

fn completed(results: &[(&str, &str)]) -> VerificationRecord {
    let mut record = planned();
    given(&mut record, complete(report("a", results)), &kenji(LATER));
    record
}

fn refused(record: &VerificationRecord, command: Command, context: &Context) -> Refusal {
    record.decide(command, context).unwrap_err()
}

fn invalidate() -> Command {
    Command::Invalidate(Invalidate { reason: Prose::new("The hold-out data was mixed up.") })
}

fn policy(context: Context, preregistration: Option<&str>) -> Context {
    let rule = |mode: &str| json!({"rules": {"g8_preregistration": {"mode": mode}}});
    let body = preregistration.map_or(json!({}), rule);
    context.knowing("gpo_1", "gate_policy", body)
}

#[test]
fn criteria_first_then_a_run_that_passes() {
    let mut record = planned();
    assert_eq!(record.status, VerificationStatus::PlanRegistered);
    assert_eq!(record.plan.registered_at, PLANNED.parse().unwrap());
    let run = setup(Some("dst_holdout"), STARTED);
    given(&mut record, start("first", run), &kenji("2025-05-08T08:05:00Z"));
    assert_eq!(record.status, VerificationStatus::Running);
    let mut last = report("a", ALL_PASS);
    last.run.key = Some(Key::new("first"));
    last.limits_found = Some(Prose::new("Thin files score low."));
    let events = given(&mut record, complete(last), &kenji(LATER));
    let [Event::VerificationCompleted(e)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((e.outcome, e.passed, e.total), (Outcome::Pass, 3, 3));
    assert!(e.criteria_first && record.criteria_first);
    assert_eq!(record.status, VerificationStatus::Completed);
    assert_eq!(record.completed_at, Some(LATER.parse().unwrap()));
    assert_eq!(record.runs.len(), 1);
    assert!(record.runs[&Key::new("first")].results[&Key::new("dir")].passed);
    assert_eq!(record.limits_found.len(), 1);
}

#[test]
fn the_outcome_follows_from_what_must_and_what_should_hold() {
    for (results, outcome, passed, failed) in [
        (ALL_PASS, Outcome::Pass, 3, &[][..]),
        (&[("dir", "0.8"), ("auc", "0.75"), ("speed", "50")], Outcome::Pass, 3, &[]),
        (&[("dir", "0.88"), ("auc", "0.79"), ("speed", "12")], Outcome::Conditional, 2, &["speed"]),
        (&[("dir", "0.88"), ("auc", "0.79")], Outcome::Conditional, 2, &["speed"]),
        (&[("dir", "0.78"), ("auc", "0.79"), ("speed", "61")], Outcome::Fail, 2, &["dir"]),
        (
            &[("dir", "0.799999"), ("auc", "0.7"), ("speed", "1")],
            Outcome::Fail,
            0,
            &["auc", "dir", "speed"],
        ),
    ] {
        let record = completed(results);
        assert_eq!(record.outcome, Some(outcome), "{results:?}");
        assert_eq!((record.passed, record.total), (passed, 3), "{results:?}");
        let failed: Vec<_> = failed.iter().map(|key| Key::new(*key)).collect();
        assert_eq!(record.failed, failed);
    }
}

#[test]
fn twenty_six_of_twenty_eight_with_a_failed_must_is_a_failure() {
    let key = |n: usize| format!("r{n:02}");
    let all = (1..=28).map(|n| (Key::new(key(n)), criterion("ratio", "0.8", true))).collect();
    let mut record = VerificationRecord::default();
    given(&mut record, register(all), &kenji(PLANNED));
    let keys: Vec<_> = (1..=28).map(key).collect();
    let value = |n: usize| if n < 2 { "0.78" } else { "0.87" };
    let results: Vec<_> = keys.iter().enumerate().map(|(n, k)| (k.as_str(), value(n))).collect();
    given(&mut record, complete(report("a", &results)), &kenji(LATER));
    assert_eq!((record.passed, record.total), (26, 28));
    assert_eq!(record.outcome, Some(Outcome::Fail));
}

#[test]
fn a_failure_is_not_outvoted_by_a_run_that_is_repeated() {
    let mut record = planned();
    let first = CompleteRun { closes: false, ..report("a", &[("dir", "0.78"), ("auc", "0.79")]) };
    let events = given(&mut record, complete(first), &kenji(LATER));
    assert!(matches!(events.as_slice(), [Event::RunCompleted(_)]));
    given(&mut record, complete(report("b", ALL_PASS)), &kenji(LATER));
    assert_eq!((record.outcome, record.passed), (Some(Outcome::Fail), 2));
}

#[test]
fn several_runs_make_up_the_results_together() {
    let mut record = running();
    let last = report("b", &[("dir", "0.88"), ("speed", "61")]);
    given(&mut record, complete(last), &kenji(LATER));
    assert_eq!((record.outcome, record.passed), (Some(Outcome::Pass), 3));
}

#[test]
fn a_run_that_began_before_its_criteria_is_refused() {
    let started = "2025-05-05T23:59:59Z";
    let mut early = report("a", ALL_PASS);
    early.run.setup.started_at = started.parse().unwrap();
    let refusal = |at| Refusal::RunBeforeCriteria {
        started: started.parse().unwrap(),
        registered: PLANNED.parse().unwrap(),
        at,
    };
    for context in [kenji(LATER), policy(kenji(LATER), None), policy(kenji(LATER), Some("block"))] {
        let refused = refused(&planned(), complete(early.clone()), &context);
        assert_eq!(refused, refusal("/run/startedAt"));
    }
    let command = start("first", early.run.setup);
    assert_eq!(refused(&planned(), command, &kenji(LATER)), refusal("/startedAt"));
    let mut at_once = report("a", ALL_PASS);
    at_once.run.setup.started_at = PLANNED.parse().unwrap();
    assert!(planned().decide(complete(at_once), &kenji(LATER)).is_ok());
}

#[test]
fn where_the_gate_policy_warns_an_early_run_is_recorded_as_such() {
    let mut early = report("a", ALL_PASS);
    early.run.setup.started_at = "2025-05-05T08:00:00Z".parse().unwrap();
    let mut record = planned();
    let context = policy(kenji(LATER), Some("warn"));
    let events = given(&mut record, complete(early), &context);
    let [Event::VerificationCompleted(e)] = events.as_slice() else { panic!("{events:?}") };
    assert!(!e.criteria_first && !e.run.criteria_first && !record.criteria_first);
    assert_eq!(e.run.warnings, vec![Warning::RunBeforeCriteria]);
    assert_eq!(record.outcome, Some(Outcome::Pass));
}

#[test]
fn a_run_that_began_under_a_policy_that_warns_is_reported_under_one_that_blocks() {
    let mut record = planned();
    let early = setup(Some("dst_holdout"), "2025-05-05T08:00:00Z");
    let context = policy(kenji(LATER), Some("warn"));
    given(&mut record, start("first", early.clone()), &context);
    let mut last = report("a", ALL_PASS);
    (last.run.key, last.run.setup) = (Some(Key::new("first")), early);
    given(&mut record, complete(last), &policy(kenji(LATER), Some("block")));
    assert!(!record.criteria_first);
}

#[test]
fn the_gate_policy_is_asked_for_early_runs_only() {
    let asks = |started_at: &str| {
        let command = start("first", setup(None, started_at));
        planned().needs(&command, &kenji(LATER)).contains(&Need::All("gate_policy"))
    };
    assert!(asks("2025-05-05T08:00:00Z"));
    assert!(!asks(STARTED));
}

#[test]
fn changed_criteria_count_from_their_change_on() {
    let mut record = planned();
    let mut stricter = criteria();
    stricter.insert(Key::new("dir"), criterion("disparate impact ratio", "0.85", true));
    assert_eq!(record.decide(change(criteria()), &kenji(LATER)), Ok(vec![]));
    given(&mut record, change(stricter), &kenji("2025-05-08T09:00:00Z"));
    let refusal = refused(&record, complete(report("a", ALL_PASS)), &kenji(LATER));
    assert!(matches!(refusal, Refusal::RunBeforeCriteria { .. }), "{refusal}");
}

#[test]
fn criteria_are_fixed_once_a_run_has_begun() {
    let other = BTreeMap::from([(Key::new("dir"), criterion("ratio", "0.5", true))]);
    let mut started = planned();
    given(&mut started, start("first", setup(None, STARTED)), &kenji(LATER));
    for record in [started, running()] {
        let refusal = refused(&record, change(other.clone()), &kenji(LATER));
        assert_eq!(refusal, Refusal::CriteriaFixed);
    }
    let refusal = refused(&completed(ALL_PASS), change(other), &kenji(LATER));
    assert_eq!(refusal, Refusal::RecordClosed { status: "completed" });
}

#[test]
fn a_developer_of_the_version_has_no_part_in_its_verification() {
    let sara = on("usr_sara", &[Role::Val, Role::Am], LATER);
    let refusal = Refusal::ValidatorIsDeveloper { label: "2.1.0".into() };
    let record = running();
    let correct = Correct { corrects: 1, reason: Prose::new("a slip"), set: Fields::default() };
    let abandon = AbandonRun { run: Key::new("x"), reason: Prose::new("broken") };
    for command in [
        register(criteria()),
        change(criteria()),
        start("first", setup(None, STARTED)),
        complete(report("b", ALL_PASS)),
        Command::AbandonRun(abandon),
        invalidate(),
        Command::Correct(correct),
    ] {
        assert_eq!(refused(&record, command, &sara), refusal);
    }
}

#[test]
fn who_was_a_developer_when_the_plan_was_registered_stays_one() {
    let now_others = kenji(LATER).knowing(SYSTEM, "ai_system", creditlens(&["usr_li"], "built"));
    let sara = Context { actor: on("usr_sara", &[Role::Val], LATER).actor, ..now_others };
    let refusal = refused(&planned(), complete(report("a", ALL_PASS)), &sara);
    assert_eq!(refusal, Refusal::ValidatorIsDeveloper { label: "2.1.0".into() });
}

#[test]
fn a_developer_of_another_version_may_verify_this_one() {
    let both = on("usr_kenji", &[Role::Val, Role::Dev], LATER);
    assert!(planned().decide(complete(report("a", ALL_PASS)), &both).is_ok());
}

#[test]
fn a_developer_does_not_verify_what_nobody_is_named_to_have_developed() {
    let none = |roles: &[Role], origin: &str| {
        on("usr_kenji", roles, PLANNED).knowing(SYSTEM, "ai_system", creditlens(&[], origin))
    };
    let record = VerificationRecord::default();
    let both = &[Role::Val, Role::Dev];
    let refusal = refused(&record, register(criteria()), &none(both, "built"));
    assert_eq!(refusal, Refusal::DevelopersNotNamed { label: "2.1.0".into() });
    assert!(record.decide(register(criteria()), &none(both, "bought")).is_ok());
    assert!(record.decide(register(criteria()), &none(&[Role::Val], "built")).is_ok());
}

#[test]
fn a_plan_is_of_a_version_that_the_system_has() {
    let unknown = RegisterPlan { system_version: Key::new("9.9"), ..plan(criteria()) };
    let record = VerificationRecord::default();
    let refusal = refused(&record, Command::RegisterPlan(unknown), &kenji(PLANNED));
    let label = "9.9".to_owned();
    assert_eq!(refusal, Refusal::UnknownVersion { label, at: "/systemVersion" });
}

#[test]
fn one_record_of_a_version_stands_at_a_time() {
    let other = |version: &str, status: &str| {
        let body = json!({"system": SYSTEM, "systemVersion": version, "status": status});
        kenji(PLANNED).knowing("vrf_1", "verification_record", body)
    };
    let record = VerificationRecord::default();
    for status in ["plan_registered", "running", "completed"] {
        let refusal = refused(&record, register(criteria()), &other("2.1.0", status));
        let at = "/systemVersion";
        let stands = Refusal::RecordStands { record: "vrf_1".into(), label: "2.1.0".into(), at };
        assert_eq!(refusal, stands);
    }
    for context in [other("2.1.0", "superseded"), other("2.0.1", "completed")] {
        assert!(record.decide(register(criteria()), &context).is_ok());
    }
}

#[test]
fn a_plan_has_criteria_of_which_one_must_hold() {
    let record = VerificationRecord::default();
    let at = "/criteria";
    let no_criteria = refused(&record, register(BTreeMap::new()), &kenji(PLANNED));
    assert_eq!(no_criteria, Refusal::NoCriteria { at });
    let lax = BTreeMap::from([(Key::new("dir"), criterion("ratio", "0.8", false))]);
    let no_must = refused(&record, register(lax), &kenji(PLANNED));
    assert_eq!(no_must, Refusal::NoMustCriterion { at });
    let one = |n: usize| (Key::new(format!("c{n}")), criterion("ratio", "0.8", true));
    let most = |count: usize| register((0..count).map(one).collect());
    let max = plan::CRITERIA_MAX;
    assert!(record.decide(most(max), &kenji(PLANNED)).is_ok());
    let too_many = refused(&record, most(max + 1), &kenji(PLANNED));
    assert_eq!(too_many, Refusal::TooManyCriteria { max, at });
}

fn requirements(system: &str, is_baselined: bool) -> Value {
    let measure = json!({
        "requirementKind": "fairness", "priority": "must", "metric": "Disparate impact ratio",
        "threshold": {"comparison": "at_least", "value": "0.8"},
    });
    let unmeasured = json!({"requirementKind": "legal", "priority": "must"});
    let mut set = serde_json::to_value(crate::requirement_set::RequirementSet::default()).unwrap();
    set["system"] = json!(system);
    if is_baselined {
        let requirements = json!({"fairness": measure, "legal": unmeasured});
        set["baseline"] = json!({"number": 2, "requirements": requirements});
    }
    set
}

/// A plan with one criterion that proves this requirement.
fn proving(requirement: &str, metric: &str, threshold: Threshold) -> RegisterPlan {
    let requirement = Some(Key::new(requirement));
    let proves = Criterion { requirement, threshold, ..criterion(metric, "0", true) };
    RegisterPlan {
        requirement_set: Some(Ref::new("rqs_1")),
        ..plan(BTreeMap::from([(Key::new("c"), proves)]))
    }
}

fn refused_plan(plan: RegisterPlan, set: Value) -> Refusal {
    let context = kenji(PLANNED).knowing("rqs_1", "requirement_set", set);
    refused(&VerificationRecord::default(), Command::RegisterPlan(plan), &context)
}

#[test]
fn criteria_prove_requirements_of_the_baseline_in_force() {
    let fairness = || proving("fairness", "disparate impact ratio ", at_least("0.85"));
    let context = kenji(PLANNED).knowing("rqs_1", "requirement_set", requirements(SYSTEM, true));
    let mut record = VerificationRecord::default();
    given(&mut record, Command::RegisterPlan(fairness()), &context);
    assert_eq!(record.plan.baseline, Some(2));
    let legal = proving("legal", "reasons given", at_least("1"));
    let legal = VerificationRecord::default().decide(Command::RegisterPlan(legal), &context);
    assert!(legal.is_ok());
    let elsewhere = refused_plan(fairness(), requirements("sys_other", true));
    assert_eq!(elsewhere, Refusal::SetOfAnotherSystem { at: "/requirementSet" });
    let draft = refused_plan(fairness(), requirements(SYSTEM, false));
    assert_eq!(draft, Refusal::NoBaseline { at: "/requirementSet" });
    let at = "/criteria/c/requirement".to_owned();
    let unknown = proving("speed", "seconds", at_least("1"));
    let requirement = "speed".to_owned();
    assert_eq!(
        refused_plan(unknown, requirements(SYSTEM, true)),
        Refusal::UnknownRequirement { requirement, at: at.clone() }
    );
    let setless = RegisterPlan { requirement_set: None, ..fairness() };
    let criterion = "c".to_owned();
    assert_eq!(
        refused_plan(setless, requirements(SYSTEM, true)),
        Refusal::RequirementWithoutSet { criterion, at }
    );
}

#[test]
fn a_criterion_does_not_prove_less_than_its_requirement_asks() {
    let at_most = Threshold { comparison: Comparison::AtMost, value: decimal("0.9") };
    for (metric, threshold) in [
        ("disparate impact ratio", at_least("0.79")),
        ("disparate impact ratio", at_most),
        ("accuracy", at_least("0.9")),
    ] {
        let plan = proving("fairness", metric, threshold);
        let weak = Refusal::CriterionTooWeak {
            criterion: "c".into(),
            requirement: "fairness".into(),
            wanted: "Disparate impact ratio at least 0.8".into(),
            at: "/criteria/c/threshold".into(),
        };
        assert_eq!(refused_plan(plan, requirements(SYSTEM, true)), weak);
    }
    let context = kenji(PLANNED).knowing("rqs_1", "requirement_set", requirements(SYSTEM, true));
    let mut record = VerificationRecord::default();
    let strict = proving("fairness", "disparate impact ratio", at_least("0.8"));
    given(&mut record, Command::RegisterPlan(strict), &context);
    let weaker = proving("fairness", "disparate impact ratio", at_least("0.7")).criteria;
    let refusal = refused(&record, change(weaker), &context);
    assert!(matches!(refusal, Refusal::CriterionTooWeak { .. }), "nor after a change");
}

#[test]
fn a_run_lies_in_the_past_and_ends_after_it_began() {
    let with = |change: fn(&mut Report)| {
        let mut input = report("a", ALL_PASS);
        change(&mut input.run);
        refused(&planned(), complete(input), &kenji(LATER))
    };
    let future = with(|run| run.setup.started_at = "2025-05-09T09:00:01Z".parse().unwrap());
    assert_eq!(future, Refusal::RunInFuture { at: "/run/startedAt" });
    let future = with(|run| run.finished_at = Some("2025-05-09T09:00:01Z".parse().unwrap()));
    assert_eq!(future, Refusal::RunInFuture { at: "/run/finishedAt" });
    let backwards = with(|run| run.finished_at = Some("2025-05-08T07:59:59Z".parse().unwrap()));
    assert_eq!(backwards, Refusal::RunEndsBeforeStart { at: "/run/finishedAt" });
    let command = start("first", setup(None, "2025-05-10T08:00:00Z"));
    let future = refused(&planned(), command, &kenji(LATER));
    assert_eq!(future, Refusal::RunInFuture { at: "/startedAt" });
}

#[test]
fn results_are_of_criteria_of_the_plan_each_once() {
    let with = |results: &[(&str, &str)]| {
        refused(&planned(), complete(report("a", results)), &kenji(LATER))
    };
    assert_eq!(with(&[]), Refusal::NoResults { at: "/run/results" });
    let (criterion, at) = ("recall".to_owned(), "/run/results/1/criterion".to_owned());
    assert_eq!(
        with(&[("dir", "0.9"), ("recall", "0.9")]),
        Refusal::UnknownCriterion { criterion, at: at.clone() }
    );
    let criterion = "dir".to_owned();
    assert_eq!(with(&[("dir", "0.7"), ("dir", "0.9")]), Refusal::ResultTwice { criterion, at });
}

#[test]
fn a_record_is_not_closed_without_a_result_for_each_criterion_that_must_hold() {
    let last = report("a", &[("dir", "0.88"), ("speed", "61")]);
    let missing = refused(&planned(), complete(last.clone()), &kenji(LATER));
    let criterion = "auc".to_owned();
    assert_eq!(missing, Refusal::MissingResult { criterion, at: "/run/results" });
    let open = CompleteRun { closes: false, ..last };
    assert!(planned().decide(complete(open), &kenji(LATER)).is_ok());
}

#[test]
fn a_claimed_outcome_is_the_one_that_follows() {
    let claim = |results: &[(&str, &str)], claimed| {
        let input = CompleteRun { outcome: Some(claimed), ..report("a", results) };
        planned().decide(complete(input), &kenji(LATER))
    };
    let at = "/outcome";
    let fails = &[("dir", "0.78"), ("auc", "0.79"), ("speed", "61")];
    let criterion = "dir".to_owned();
    assert_eq!(claim(fails, Outcome::Pass), Err(Refusal::PassWithFailedMust { criterion, at }));
    let differs = |outcome, claimed| Err(Refusal::OutcomeDiffers { outcome, claimed, at });
    assert_eq!(claim(fails, Outcome::Conditional), differs("fail", "conditional"));
    let slow = &[("dir", "0.88"), ("auc", "0.79"), ("speed", "1")];
    assert_eq!(claim(slow, Outcome::Pass), differs("conditional", "pass"));
    assert_eq!(claim(ALL_PASS, Outcome::Fail), differs("pass", "fail"));
    assert!(claim(ALL_PASS, Outcome::Pass).is_ok());
    let open = CompleteRun { closes: false, outcome: Some(Outcome::Pass), ..report("a", ALL_PASS) };
    let refusal = refused(&planned(), complete(open), &kenji(LATER));
    assert_eq!(refusal, Refusal::OutcomeBeforeClosing { at });
}

fn on_dataset(id: &str, overlap: Option<TrainingOverlap>) -> CompleteRun {
    let mut input = report("a", ALL_PASS);
    input.run.setup.dataset = Some(Ref::new(id));
    CompleteRun { training_overlap: overlap, ..input }
}

fn declared(declared: bool, reason: &str) -> Option<TrainingOverlap> {
    Some(TrainingOverlap { declared, reason: Prose::new(reason) })
}

#[test]
fn test_data_that_the_model_may_have_learnt_from_is_declared() {
    let undeclared = |dataset: &str| Refusal::UndeclaredOverlap {
        dataset: dataset.into(),
        at: "/trainingOverlap",
    };
    for (id, name) in [("dst_train", "Loans 2023"), ("dst_tuning", "Loans 2024")] {
        for overlap in [None, declared(false, "none"), declared(true, " ")] {
            let command = complete(on_dataset(id, overlap));
            assert_eq!(refused(&planned(), command, &kenji(LATER)), undeclared(name));
        }
    }
    let mut record = planned();
    let command = complete(on_dataset("dst_train", declared(true, "Ten per cent; cross-checked.")));
    given(&mut record, command, &kenji(LATER));
    let run = record.runs.values().next().unwrap();
    assert_eq!(run.warnings, vec![Warning::TrainingOverlap]);
}

#[test]
fn the_same_data_under_another_name_overlaps_too() {
    let copy = dataset("Fresh data", "test", "approved_for_use", "aa");
    let context = kenji(LATER).knowing("dst_copy", "dataset", copy);
    let refusal = refused(&planned(), complete(on_dataset("dst_copy", None)), &context);
    let dataset = "Fresh data".to_owned();
    assert_eq!(refusal, Refusal::UndeclaredOverlap { dataset, at: "/trainingOverlap" });
}

#[test]
fn a_data_set_of_the_version_whose_role_is_not_told_counts_as_training_data() {
    let untold = json!({"name": "Hold-out", "status": "registered"});
    let context = kenji(LATER).knowing("dst_holdout", "dataset", untold);
    let refusal = refused(&planned(), complete(report("a", ALL_PASS)), &context);
    assert!(matches!(refusal, Refusal::UndeclaredOverlap { .. }));
}

#[test]
fn the_data_of_the_version_are_read_once_the_system_is_known() {
    let needs = |known: &Context| planned().needs(&complete(report("a", ALL_PASS)), known);
    let training = Need::Object("dst_train".into());
    assert!(!needs(&Context::of("usr_kenji", &[Role::Val], LATER)).contains(&training));
    assert!(needs(&kenji(LATER)).contains(&training));
}

#[test]
fn a_run_on_restricted_or_retired_data_does_not_count() {
    for status in ["restricted", "retired"] {
        let closed = dataset("Hold-out", "test", status, "cc");
        let context = kenji(LATER).knowing("dst_holdout", "dataset", closed);
        let refusal = |at| Refusal::DatasetNotUsable {
            dataset: "Hold-out".into(),
            status: status.into(),
            at,
        };
        let command = complete(report("a", ALL_PASS));
        assert_eq!(refused(&planned(), command, &context), refusal("/run/dataset"));
        let command = start("first", setup(Some("dst_holdout"), STARTED));
        assert_eq!(refused(&planned(), command, &context), refusal("/dataset"));
    }
}

#[test]
fn a_run_without_test_data_says_so() {
    let mut record = planned();
    let mut input = report("a", ALL_PASS);
    input.run.setup.dataset = None;
    given(&mut record, complete(input), &kenji(LATER));
    assert_eq!(record.runs.values().next().unwrap().warnings, vec![Warning::NoDataset]);
}

#[test]
fn the_same_report_counts_once() {
    let record = completed(ALL_PASS);
    let mut same = report("a", ALL_PASS);
    assert_eq!(record.decide(complete(same.clone()), &kenji(LATER)), Ok(vec![]));
    same.run.key = None;
    assert_eq!(record.decide(complete(same.clone()), &kenji(LATER)), Ok(vec![]), "by its hash");
    same.run.key = Some(Key::new("another"));
    same.run.results[0].value = decimal("0.99");
    let refusal = refused(&record, complete(same), &kenji(LATER));
    assert_eq!(refusal, Refusal::RunRecorded { run: "run-a".into(), at: "/run/key" });
    let refusal = refused(&record, complete(report("b", ALL_PASS)), &kenji(LATER));
    assert_eq!(refusal, Refusal::RecordClosed { status: "completed" });
}

#[test]
fn a_run_without_a_key_gets_one() {
    let mut input = report("a", ALL_PASS);
    input.run.key = None;
    let mut record = planned();
    given(&mut record, complete(input), &kenji(LATER));
    assert!(record.runs.keys().all(|key| key.as_str().starts_with("run_")));
}

#[test]
fn a_report_that_was_not_the_last_can_be_made_so() {
    let mut record = planned();
    let open = CompleteRun { closes: false, ..report("a", ALL_PASS) };
    given(&mut record, complete(open.clone()), &kenji(LATER));
    assert_eq!(record.decide(complete(open), &kenji(LATER)), Ok(vec![]));
    let events = given(&mut record, complete(report("a", ALL_PASS)), &kenji(LATER));
    assert!(matches!(events.as_slice(), [Event::VerificationCompleted(_)]));
    assert_eq!(record.runs.len(), 1);
}

#[test]
fn a_run_is_started_once_and_reported_as_it_began() {
    let mut record = planned();
    let begun = setup(Some("dst_holdout"), STARTED);
    given(&mut record, start("first", begun.clone()), &kenji(LATER));
    assert_eq!(record.decide(start("first", begun), &kenji(LATER)), Ok(vec![]));
    let other = start("first", setup(None, STARTED));
    let taken = Refusal::RunRecorded { run: "first".into(), at: "/key" };
    assert_eq!(refused(&record, other, &kenji(LATER)), taken);
    let with = |change: fn(&mut Setup)| {
        let mut input = report("a", ALL_PASS);
        input.run.key = Some(Key::new("first"));
        change(&mut input.run.setup);
        refused(&record, complete(input), &kenji(LATER))
    };
    let differs = |field, at: &str| Refusal::RunDiffersFromStart {
        run: "first".into(),
        field,
        at: at.into(),
    };
    let started = with(|s| s.started_at = "2025-05-08T09:00:00Z".parse().unwrap());
    assert_eq!(started, differs("startedAt", "/run/startedAt"));
    let dataset = with(|s| s.dataset = None);
    assert_eq!(dataset, differs("dataset", "/run/dataset"));
    let environment = with(|s| s.environment = Line::new("laptop"));
    assert_eq!(environment, differs("environment", "/run/environment"));
    let seed = with(|s| s.seed = Some(Line::new("43")));
    assert_eq!(seed, differs("seed", "/run/seed"));
}

#[test]
fn a_run_that_began_is_reported_or_abandoned_before_the_record_is_closed() {
    let mut record = planned();
    given(&mut record, start("first", setup(None, STARTED)), &kenji(LATER));
    let refusal = refused(&record, complete(report("a", ALL_PASS)), &kenji(LATER));
    assert_eq!(refusal, Refusal::RunUnreported { run: "first".into() });
    let abandon = |run: &str| {
        let (run, reason) = (Key::new(run), Prose::new("The machine broke down."));
        Command::AbandonRun(AbandonRun { run, reason })
    };
    given(&mut record, abandon("first"), &kenji(LATER));
    assert_eq!(record.decide(abandon("first"), &kenji(LATER)), Ok(vec![]));
    let unknown = Refusal::UnknownRun { run: "second".into(), at: "/run" };
    assert_eq!(refused(&record, abandon("second"), &kenji(LATER)), unknown);
    let mut revived = report("a", ALL_PASS);
    revived.run.key = Some(Key::new("first"));
    let refusal = refused(&record, complete(revived), &kenji(LATER));
    assert_eq!(refusal, Refusal::RunRecorded { run: "first".into(), at: "/run/key" });
    given(&mut record, complete(report("a", ALL_PASS)), &kenji(LATER));
    assert_eq!(record.outcome, Some(Outcome::Pass));
}

#[test]
fn a_record_does_not_grow_without_end() {
    let mut record = planned();
    for n in 0..check::RUNS_MAX {
        let mut run = CompleteRun { closes: false, ..report("a", &[("dir", "0.9")]) };
        run.run.report_hash = Hash::new(format!("{n:064}"));
        run.run.key = Some(Key::new(format!("run-{n}")));
        given(&mut record, complete(run), &kenji(LATER));
    }
    let most = Refusal::TooManyRuns { runs: check::RUNS_MAX, results: check::RESULTS_MAX };
    let refusal = refused(&record, complete(report("b", ALL_PASS)), &kenji(LATER));
    assert_eq!(refusal, most);
    let refusal = refused(&record, start("more", setup(None, STARTED)), &kenji(LATER));
    assert_eq!(refusal, most);
}

#[test]
fn the_largest_record_fits_into_a_document() {
    let key = |n: usize| Key::new(format!("{n:064}"));
    let widest = |n: usize| {
        (
            key(n),
            Criterion {
                requirement: Some(key(n)),
                ..criterion(&"m".repeat(80), "999999999999.999999", true)
            },
        )
    };
    let mut record = planned();
    record.plan.criteria = (0..plan::CRITERIA_MAX).map(widest).collect();
    record.failed = record.plan.criteria.keys().cloned().collect();
    let per_run = check::RESULTS_MAX / check::RUNS_MAX;
    let sealed = || Prose::Sealed("f".repeat(64));
    for n in 0..check::RUNS_MAX {
        let mut input = report("f", ALL_PASS).run;
        input.setup.environment = Line::new("e".repeat(120));
        input.setup.seed = Some(Line::new("1".repeat(40)));
        let mut run = Run::begun(UserId::new("usr_kenji"), input.setup, true);
        let value = decimal("-999999999999.999999");
        run.results = (0..per_run).map(|m| (key(m), Measured { value, passed: false })).collect();
        (run.report_hash, run.finished_at) = (Some(input.report_hash), input.finished_at);
        run.training_overlap = Some(TrainingOverlap { declared: true, reason: sealed() });
        run.warnings = vec![Warning::RunBeforeCriteria, Warning::TrainingOverlap];
        record.runs.insert(key(n), run);
        record.limits_found.push(sealed());
    }
    assert!(serde_json::to_vec(&record).unwrap().len() < 64 * 1024);
}

#[test]
fn an_invalidated_record_no_longer_stands() {
    let mut record = completed(ALL_PASS);
    let priya = on("usr_priya", &[Role::Am], LATER);
    given(&mut record, invalidate(), &priya);
    assert_eq!(record.status, VerificationStatus::Superseded);
    assert_eq!(record.invalidation.as_ref().unwrap().by, UserId::new("usr_priya"));
    assert_eq!(record.decide(invalidate(), &priya), Ok(vec![]));
    let closed = Refusal::RecordClosed { status: "superseded" };
    for command in
        [complete(report("b", ALL_PASS)), start("first", setup(None, STARTED)), change(criteria())]
    {
        assert_eq!(refused(&record, command, &kenji(LATER)), closed);
    }
}

#[test]
fn limits_are_corrected_but_nothing_that_was_measured() {
    let context = Context { version: 2, ..kenji(LATER) };
    let correct = |set: Value| {
        let set = Fields(set.as_object().unwrap().clone());
        Command::Correct(Correct { corrects: 2, reason: Prose::new("a slip"), set })
    };
    let mut record = completed(ALL_PASS);
    given(&mut record, correct(json!({"limitsFound": ["Thin files score low."]})), &context);
    assert_eq!(record.limits_found, vec![Prose::new("Thin files score low.")]);
    for field in ["outcome", "passed", "status", "plan", "runs", "criteriaFirst"] {
        let refusal = refused(&record, correct(json!({ field: "x" })), &context);
        assert!(matches!(
            refusal,
            Refusal::Correction(kernel::correction::CorrectionRefusal::NotCorrectable { .. })
        ));
    }
}

#[test]
fn what_others_rely_on_is_what_the_record_says() {
    let body = serde_json::to_value(completed(ALL_PASS)).unwrap();
    let context = kenji(LATER).knowing("vrf_1", "verification_record", body);
    let seen: facts::VerificationRecord = context.facts.get("vrf_1").unwrap();
    assert_eq!(seen.system, Ref::<kinds::AiSystem>::new(SYSTEM).id());
    assert_eq!((seen.system_version.as_str(), seen.status.as_str()), ("2.1.0", "completed"));
    assert_eq!(seen.outcome.as_deref(), Some("pass"));
    assert!(seen.criteria_first && seen.stands());
    assert_eq!(seen.validators, ["usr_kenji"]);
}
