//! Given, when, then: KPIs.

use cqrs_es::test::TestFramework;
use serde_json::json;

use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(user: &str, role: Role, now: &str) -> Context {
    let objective = json!({ "status": "approved", "progress": "on_track", "theme": "fairness" });
    Context::of(user, &[role], now).knowing("obj_1", "objective", objective).knowing(
        "evd_2",
        "evidence",
        json!({ "status": "stale" }),
    )
}

fn priya(now: &str) -> Context {
    at("usr_priya", Role::Am, now)
}

fn limits(from: &str, target: &str, warn: Option<&str>, breach: &str) -> ProposeLimits {
    let (from, target, breach) = (date(from), decimal(target), decimal(breach));
    ProposeLimits { from, target, warn: warn.map(decimal), breach, reason: None }
}

fn define(direction: Direction, frequency: Frequency, limits: ProposeLimits) -> Define {
    Define {
        objective: Ref::new("obj_1"),
        name: Line::new("Disparate-impact ratio"),
        unit: Line::new("ratio"),
        direction,
        frequency,
        monitor: None,
        limits,
    }
}

fn dir() -> Define {
    let limits = limits("2024-10-21", "0.85", Some("0.82"), "0.80");
    define(Direction::Higher, Frequency::Monthly, limits)
}

const OCTOBER: &str = "2024-10-21T09:00:00Z";

fn with(context: Context) -> TestFramework<Kpi> {
    TestFramework::with(context)
}

impl Kpi {
    fn after(mut self, context: &Context, command: Command) -> Self {
        for event in self.decide(command, context).unwrap() {
            self.evolve(event);
        }
        self
    }
}

fn in_force(define: Define) -> Kpi {
    Kpi::default()
        .after(&priya(OCTOBER), Command::Define(define))
        .after(&at("usr_ingrid", Role::Tm, OCTOBER), Command::Approve)
}

fn measure(period: &str, value: &str) -> RecordMeasurement {
    let (period, value) = (date(period), decimal(value));
    RecordMeasurement { period, value, n: None, evidence: vec![], correction: None }
}

fn correct(period: &str, value: &str) -> RecordMeasurement {
    RecordMeasurement { correction: Some(Prose::new("wrong file")), ..measure(period, value) }
}

fn sys(now: &str) -> Context {
    at("rea_timer", Role::Sys, now)
}

/// After these values of months, each recorded on the fifth of the month after.
fn measured(values: &[(&str, &str)]) -> Kpi {
    values.iter().fold(in_force(dir()), |kpi, (month, value)| {
        let on = date(&format!("{month}-01")).plus_months(1).plus_days(4);
        let command = Command::RecordMeasurement(measure(&format!("{month}-15"), value));
        kpi.after(&sys(&format!("{on}T09:00:00Z")), command)
    })
}

fn record(kpi: &Kpi, now: &str, input: RecordMeasurement) -> Result<Vec<Event>, Refusal> {
    kpi.decide(Command::RecordMeasurement(input), &sys(now))
}

#[test]
fn limits_are_proposed_by_one_and_approved_by_another() {
    let kpi = in_force(dir());
    assert!(kpi.is_measured() && kpi.is_safety_or_fairness && kpi.proposal.is_none());
    let first = &kpi.limits[&Key::new("v1")];
    assert_eq!((first.from, first.bounds.warn), (date("2024-10-01"), decimal("0.82")));
    let defined = Kpi::default().after(&priya(OCTOBER), Command::Define(dir()));
    let both = at("usr_priya", Role::Tm, OCTOBER);
    assert_eq!(defined.decide(Command::Approve, &both), Err(Refusal::ApproverIsAuthor));
    let again = kpi.decide(Command::Approve, &at("usr_ingrid", Role::Tm, OCTOBER));
    assert_eq!(again, Err(Refusal::NothingProposed));
}

#[test]
fn the_limit_of_warning_is_the_target_unless_it_is_given() {
    let define =
        define(Direction::Higher, Frequency::Monthly, limits("2024-10-01", "0.85", None, "0.80"));
    assert_eq!(in_force(define).limits[&Key::new("v1")].bounds.warn, decimal("0.85"));
}

#[test]
fn limits_do_not_contradict_each_other() {
    for (direction, target, warn, breach, at) in [
        (Direction::Higher, "0.85", Some("0.86"), "0.80", Some("/warn")),
        (Direction::Higher, "0.85", Some("0.82"), "0.83", Some("/breach")),
        (Direction::Higher, "0.85", None, "0.86", Some("/breach")),
        (Direction::Higher, "0.85", Some("0.85"), "0.85", None),
        (Direction::Lower, "5", Some("4"), "10", Some("/warn")),
        (Direction::Lower, "5", Some("8"), "7", Some("/breach")),
        (Direction::Lower, "5", Some("8"), "10", None),
    ] {
        let limits = limits("2024-10-01", target, warn, breach);
        let defined = with(priya(OCTOBER))
            .given_no_previous_events()
            .when(Command::Define(define(direction, Frequency::Monthly, limits)))
            .inspect_result()
            .map(|_| ());
        let wanted = at.map_or(Ok(()), |at| Err(Refusal::LimitsOutOfOrder { at }));
        assert_eq!(defined, wanted, "{target} {warn:?} {breach}");
    }
}

#[test]
fn a_value_stands_by_the_limits_and_the_limit_itself_is_not_worse() {
    let lower = || {
        let limits = limits("2024-10-01", "5", Some("8"), "10");
        in_force(define(Direction::Lower, Frequency::Monthly, limits))
    };
    for (kpi, value, standing, reaches) in [
        (in_force(dir()), "0.85", Standing::OnTarget, true),
        (in_force(dir()), "0.849999", Standing::OnTarget, false),
        (in_force(dir()), "0.82", Standing::OnTarget, false),
        (in_force(dir()), "0.819999", Standing::AtRisk, false),
        (in_force(dir()), "0.80", Standing::AtRisk, false),
        (in_force(dir()), "0.799999", Standing::Breached, false),
        (lower(), "5", Standing::OnTarget, true),
        (lower(), "8", Standing::OnTarget, false),
        (lower(), "8.000001", Standing::AtRisk, false),
        (lower(), "10", Standing::AtRisk, false),
        (lower(), "10.000001", Standing::Breached, false),
    ] {
        let command = Command::RecordMeasurement(measure("2024-10-31", value));
        let kpi = kpi.after(&sys("2024-11-04T09:00:00Z"), command);
        assert_eq!((kpi.standing, kpi.reaches_target()), (standing, reaches), "{value}");
        assert_eq!(kpi.last_value, Some(decimal(value)));
    }
}

#[test]
fn a_measurement_belongs_to_the_period_in_which_its_day_lies() {
    for (frequency, period) in [
        (Frequency::Monthly, "2024-11-01"),
        (Frequency::Quarterly, "2024-10-01"),
        (Frequency::HalfYearly, "2024-07-01"),
        (Frequency::Yearly, "2024-01-01"),
    ] {
        let limits = limits("2024-01-01", "0.85", None, "0.80");
        let kpi = in_force(define(Direction::Higher, frequency, limits));
        let input = measure("2024-11-15", "0.9");
        let kpi = kpi.after(&sys("2025-01-02T09:00:00Z"), Command::RecordMeasurement(input));
        assert_eq!(kpi.last_period, Some(date(period)));
    }
}

#[test]
fn a_breach_and_a_recovery_are_events_beside_the_measurement() {
    let kpi = measured(&[("2025-01", "0.87"), ("2025-02", "0.86")]);
    let events = record(&kpi, "2025-04-07T09:00:00Z", measure("2025-03-31", "0.79")).unwrap();
    let [Event::Measured(_), Event::Breached(breached)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((breached.limit, breached.periods), (decimal("0.80"), 1));
    assert!(breached.is_safety_or_fairness);
    let kpi = measured(&[("2025-03", "0.79")]);
    let events = record(&kpi, "2025-05-05T09:00:00Z", measure("2025-04-30", "0.78")).unwrap();
    let [Event::Measured(_), Event::Breached(breached)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(breached.periods, 2);
    let events = record(&kpi, "2025-05-05T09:00:00Z", measure("2025-04-30", "0.81")).unwrap();
    let [Event::Measured(_), Event::Recovered(recovered)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(recovered.standing, Standing::AtRisk);
}

#[test]
fn a_closed_period_changes_only_by_a_correction() {
    let kpi = measured(&[("2025-01", "0.87"), ("2025-03", "0.79")]);
    let now = "2025-04-08T09:00:00Z";
    let closed = |period, value| {
        let (period, value) = (date(period), decimal(value));
        Err(Refusal::PeriodClosed { period, value, at: "/period" })
    };
    assert_eq!(record(&kpi, now, measure("2025-03-10", "0.9")), closed("2025-03-01", "0.79"));
    assert_eq!(record(&kpi, now, measure("2025-02-10", "0.9")), closed("2025-02-01", "0"));
    let blank =
        RecordMeasurement { correction: Some(Prose::new(" ")), ..measure("2025-03-10", "0.9") };
    assert_eq!(record(&kpi, now, blank), closed("2025-03-01", "0.79"));
    let events = record(&kpi, now, correct("2025-03-10", "0.83")).unwrap();
    let [Event::Measured(measured), Event::Recovered(_)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(measured.before, Some(decimal("0.79")));
    assert!(measured.measurement.correction.is_some());
    let events = record(&kpi, now, correct("2025-01-10", "0.86")).unwrap();
    assert!(matches!(events.as_slice(), [Event::Measured(_)]), "still breached in March");
    let kpi = kpi.after(&sys(now), Command::RecordMeasurement(correct("2025-02-10", "0.70")));
    assert_eq!((kpi.breached_periods, kpi.last_value), (2, Some(decimal("0.79"))));
}

#[test]
fn a_running_period_is_measured_again_and_one_to_come_is_not() {
    let kpi = in_force(dir());
    let now = "2024-11-15T09:00:00Z";
    let kpi = kpi.after(&sys(now), Command::RecordMeasurement(measure("2024-11-15", "0.7")));
    let events = record(&kpi, now, measure("2024-11-15", "0.71")).unwrap();
    assert!(matches!(events.as_slice(), [Event::Measured(_)]), "it was breached before");
    let events = record(&kpi, now, measure("2024-11-15", "0.9")).unwrap();
    assert!(matches!(events.as_slice(), [Event::Measured(_), Event::Recovered(_)]));
    let period = date("2024-11-01");
    let nothing = Refusal::NothingToCorrect { period, at: "/correction" };
    assert_eq!(record(&kpi, now, correct("2024-11-15", "0.9")), Err(nothing));
    let period = date("2024-12-01");
    let future = Refusal::InTheFuture { period, at: "/period" };
    assert_eq!(record(&kpi, now, measure("2024-12-24", "0.9")), Err(future));
}

#[test]
fn no_limits_judge_a_period_before_their_first() {
    let period = date("2024-09-01");
    let none = Refusal::NoLimits { period, at: "/period" };
    assert_eq!(record(&in_force(dir()), OCTOBER, measure("2024-09-30", "0.9")), Err(none.clone()));
    let defined = Kpi::default().after(&priya(OCTOBER), Command::Define(dir()));
    let period = date("2024-10-01");
    let none = Refusal::NoLimits { period, at: "/period" };
    assert_eq!(record(&defined, OCTOBER, measure("2024-10-20", "0.9")), Err(none));
}

#[test]
fn other_limits_count_from_a_later_period_on() {
    let kpi = measured(&[("2025-01", "0.83")]);
    let now = "2025-02-10T09:00:00Z";
    let propose = |from| Command::ProposeLimits(limits(from, "0.90", None, "0.85"));
    let from = date("2025-02-01");
    let back = Refusal::LimitsLookBack { from, at: "/from" };
    assert_eq!(kpi.decide(propose("2025-01-31"), &priya(now)), Err(back));
    let kpi = kpi.after(&priya(now), propose("2025-02-01"));
    // Before they are approved the period is measured: they come too late for it.
    let ingrid = at("usr_ingrid", Role::Tm, now);
    let input = Command::RecordMeasurement(measure("2025-02-10", "0.83"));
    let overtaken = kpi.clone().after(&sys(now), input);
    let from = date("2025-03-01");
    let late = Err(Refusal::ProposalOvertaken { from });
    assert_eq!(overtaken.decide(Command::Approve, &ingrid), late);
    let march = at("usr_ingrid", Role::Tm, "2025-03-01T09:00:00Z");
    assert_eq!(kpi.decide(Command::Approve, &march), late);
    let kpi = kpi.after(&ingrid, Command::Approve);
    assert_eq!(kpi.limits_version, 2);
    // What was measured before is judged by the limits of its time, also when it is corrected.
    let now = "2025-03-04T09:00:00Z";
    let kpi = kpi.after(&sys(now), Command::RecordMeasurement(measure("2025-02-10", "0.84")));
    assert_eq!(kpi.standing, Standing::Breached);
    let kpi = kpi.after(&sys(now), Command::RecordMeasurement(correct("2025-01-10", "0.84")));
    let january = &kpi.measurements[&Key::new("2025-01-01")];
    assert_eq!((january.standing, january.limits.as_str()), (Standing::OnTarget, "v1"));
}

#[test]
fn a_monitor_measures_what_is_its_own() {
    let define = Define { monitor: Some(Ref::new("mon_1")), ..dir() };
    let kpi = in_force(define);
    let now = "2024-11-04T09:00:00Z";
    let input = || Command::RecordMeasurement(measure("2024-10-31", "0.9"));
    let ops = at("usr_ops", Role::Ops, now);
    assert_eq!(kpi.decide(input(), &ops), Err(Refusal::MeasuredByMonitor));
    assert!(kpi.decide(input(), &sys(now)).is_ok());
    assert!(in_force(dir()).decide(input(), &ops).is_ok());
}

#[test]
fn evidence_of_a_measurement_is_good() {
    let evidence = vec![Ref::new("evd_2")];
    let input = RecordMeasurement { evidence, ..measure("2024-10-20", "0.9") };
    let refused = Refusal::EvidenceNotGood { evidence: "evd_2".into(), at: "/evidence/0".into() };
    assert_eq!(record(&in_force(dir()), OCTOBER, input), Err(refused));
}

#[test]
fn the_newest_periods_stay_in_sight_and_older_ones_are_settled() {
    let months: Vec<_> =
        (0..40).map(|n| date("2024-10-01").plus_months(n).to_string()[..7].to_owned()).collect();
    let values: Vec<_> = months.iter().map(|month| (month.as_str(), "0.9")).collect();
    let kpi = measured(&values);
    assert_eq!(kpi.measurements.len(), 36);
    assert_eq!(kpi.measurements.keys().next().unwrap().as_str(), "2025-02-01");
    let period = date("2025-01-01");
    let old = Refusal::PeriodTooOld { period, at: "/period" };
    let now = "2028-03-01T09:00:00Z";
    assert_eq!(record(&kpi, now, correct("2025-01-10", "0.9")), Err(old));
}

#[test]
fn a_closed_objective_gets_no_kpi_and_a_retired_kpi_no_value() {
    let closed = json!({ "status": "approved", "progress": "dropped", "theme": "fairness" });
    with(priya(OCTOBER).knowing("obj_1", "objective", closed))
        .given_no_previous_events()
        .when(Command::Define(dir()))
        .then_expect_error(Refusal::ObjectiveClosed { at: "/objective" });
    let retire = || Command::Retire(RetireKpi { reason: Prose::new("product ended") });
    let kpi = in_force(dir()).after(&priya(OCTOBER), retire());
    assert!(!kpi.is_measured());
    let retired = Err(Refusal::IsRetired);
    assert_eq!(record(&kpi, OCTOBER, measure("2024-10-20", "0.9")), retired);
    let propose = Command::ProposeLimits(limits("2024-11-01", "0.9", None, "0.8"));
    assert_eq!(kpi.decide(propose, &priya(OCTOBER)), retired);
    assert_eq!(kpi.decide(retire(), &priya(OCTOBER)), Ok(vec![]));
}

#[test]
fn others_read_how_it_stands() {
    let kpi = measured(&[("2025-03", "0.79")]);
    let view: facts::Kpi = serde_json::from_value(json!(kpi)).unwrap();
    assert_eq!((view.objective.as_str(), view.standing.as_str()), ("obj_1", "breached"));
    assert_eq!(view.status, "active");
}
