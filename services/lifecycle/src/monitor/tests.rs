//! Given, when, then: monitors.

use std::collections::BTreeSet;

use kernel::domain::{Commands, Events, KindDecl, Refusals};
use kernel::{Decimal, door};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::arm::METRICS_MAX;
use super::metric::WINDOWS_KEPT;
use super::*;

const SYSTEM: &str = "sys_01kb3v5z4m8q7rt2x9w6y0abcd";
const CHANGE: &str = "chg_01kb3v5z4m8q7rt2x9w6y0abcd";

/// A monitor and what its decisions know of other objects.
struct Story {
    monitor: Monitor,
    facts: Vec<(&'static str, &'static str, Value)>,
}

type Decided = Result<Vec<Event>, Refusal>;

impl Story {
    fn new() -> Self {
        Self { monitor: Monitor::default(), facts: Vec::new() }
    }

    /// A monitor of these metrics, armed on 2025-01-14.
    fn of(metrics: Value) -> Self {
        let mut story = Self::new();
        let input = json!({ "system": SYSTEM, "name": "CreditLens DIR", "metrics": metrics });
        story.give(Role::So, "2025-01-14T10:00:00Z", "arm", input).unwrap();
        story
    }

    fn knowing(mut self, id: &'static str, kind: &'static str, body: Value) -> Self {
        self.facts.retain(|(known, _, _)| *known != id);
        self.facts.push((id, kind, body));
        self
    }

    /// Gives a command as the bus does, and folds what follows.
    fn give(&mut self, role: Role, time: &str, verb: &str, input: Value) -> Decided {
        let decl = KindDecl::of::<Monitor>().unwrap();
        let command = decl.command(verb).unwrap();
        assert!(command.by.contains(&role), "{role:?} may not {verb}");
        assert_eq!(door::check(&command.input.fields, &input, ""), [], "{verb}");
        let facts = self.facts.iter().cloned();
        let user = format!("usr_{}", role.code().to_ascii_lowercase());
        let mut context = facts.fold(Context::of(&user, &[role], time), |context, fact| {
            context.knowing(fact.0, fact.1, fact.2)
        });
        context.version = 9;
        let command = Command::parse(verb, input).unwrap().unwrap();
        let events = self.monitor.decide(command, &context)?;
        for event in &events {
            let stored = Event::read(event.name(), event.version(), event.data().unwrap());
            assert_eq!(stored.unwrap().as_ref(), Some(event));
            self.monitor.evolve(event.clone());
        }
        let stored = serde_json::to_value(&self.monitor).unwrap();
        assert_eq!(serde_json::from_value::<Monitor>(stored).unwrap(), self.monitor);
        Ok(events)
    }

    fn ingest(&mut self, time: &str, points: Value) -> Decided {
        self.give(Role::Sys, time, "ingest", json!({ "points": points }))
    }

    /// Takes one value of the metric `m`, measured when it is taken.
    fn measure(&mut self, time: &str, value: &str) -> Vec<&'static str> {
        let points = json!([{ "metric": "m", "at": time, "value": value }]);
        names(&self.ingest(time, points).unwrap())
    }

    fn alert(&self) -> Key {
        let [key] = self.monitor.alerts.keys().collect::<Vec<_>>()[..] else { panic!("one alert") };
        key.clone()
    }

    fn acknowledge(&mut self, time: &str) -> Decided {
        let alert = self.alert();
        self.give(Role::Ops, time, "acknowledge_alert", json!({ "alert": alert }))
    }

    fn resolve(&mut self, time: &str) -> Decided {
        let input = json!({ "alert": self.alert(), "note": "Retrained." });
        self.give(Role::So, time, "resolve_alert", input)
    }

    fn window(&self, n: usize) -> &Window {
        self.monitor.metrics[&Key::new("m")].windows.values().nth(n).unwrap()
    }
}

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.name().strip_prefix("monitor.").unwrap()).collect()
}

/// The metric of the worked example: DIR, monthly, breach below 0.80.
fn dir() -> Value {
    json!({ "m": {
        "name": "Disparate-impact ratio", "metricKind": "fairness", "aggregate": "mean",
        "direction": "higher_is_better", "window": { "amount": 1, "unit": "months" },
        "warn": "0.85", "breach": "0.80", "critical": "0.70",
    }})
}

/// A metric with some fields otherwise.
fn metric(other: Value) -> Value {
    let mut metrics = dir();
    metrics["m"].as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    metrics
}

fn daily(other: Value) -> Value {
    let mut metrics = metric(json!({ "window": { "amount": 1, "unit": "days" } }));
    metrics["m"].as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    metrics
}

fn code(decided: Decided) -> (&'static str, Option<String>) {
    let refused = decided.unwrap_err();
    (refused.declaration().code, refused.pointer().map(str::to_owned))
}

fn at(code: &'static str, pointer: &str) -> (&'static str, Option<String>) {
    (code, Some(pointer.to_owned()))
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn a_monitor_goes_through_every_status() {
    let mut story = Story::of(dir());
    assert_eq!(story.monitor.status, MonitorStatus::Armed);
    assert_eq!(story.monitor.armed_by, UserId::new("usr_so"));
    assert_eq!(
        story.measure("2025-03-31T12:00:00Z", "0.79"),
        ["metric_observed", "metric_threshold_breached"]
    );
    assert_eq!(story.monitor.status, MonitorStatus::Alerting);
    assert_eq!(story.monitor.level, Level::Breach);
    story.acknowledge("2025-04-01T11:00:00Z").unwrap();
    assert_eq!(story.monitor.status, MonitorStatus::Acknowledged);
    story.resolve("2025-04-02T12:00:00Z").unwrap();
    assert_eq!(story.monitor.status, MonitorStatus::Resolved);
    assert_eq!(
        story.measure("2025-04-30T12:00:00Z", "0.86"),
        ["metric_observed", "metric_recovered"]
    );
    assert_eq!(story.monitor.status, MonitorStatus::Armed);
    let pause = json!({ "reason": "Migration.", "until": "2025-05-03T09:00:00Z" });
    story.give(Role::Ops, "2025-05-01T09:00:00Z", "pause", pause).unwrap();
    assert_eq!(story.monitor.status, MonitorStatus::Paused);
    story.give(Role::Sys, "2025-05-03T09:00:00Z", "end_pause", json!({})).unwrap();
    assert_eq!(story.monitor.status, MonitorStatus::Armed);
    let mut story = story.knowing(
        SYSTEM,
        "ai_system",
        json!({ "name": "CreditLens",
        "stage": "retirement" }),
    );
    story.give(Role::Sys, "2025-06-01T09:00:00Z", "close", json!({})).unwrap();
    assert_eq!(story.monitor.status, MonitorStatus::Closed);
    let view: facts::Monitor =
        serde_json::from_value(serde_json::to_value(&story.monitor).unwrap()).unwrap();
    assert_eq!((view.system.as_str(), view.status.as_str()), (SYSTEM, "closed"));
}

#[test]
fn a_value_at_the_threshold_is_within_it() {
    for (direction, thresholds, cases) in [
        (
            "higher_is_better",
            ["0.85", "0.8", "0.7"],
            [
                ("0.85", Level::Normal),
                ("0.849999", Level::Warn),
                ("0.8", Level::Warn),
                ("0.79", Level::Breach),
                ("0.7", Level::Breach),
                ("0.699999", Level::Critical),
            ],
        ),
        (
            "lower_is_better",
            ["1", "2", "3.5"],
            [
                ("1", Level::Normal),
                ("1.000001", Level::Warn),
                ("2", Level::Warn),
                ("2.1", Level::Breach),
                ("3.5", Level::Breach),
                ("-1", Level::Normal),
            ],
        ),
    ] {
        let [warn, breach, critical] = thresholds;
        let limits = json!({ "direction": direction, "warn": warn, "breach": breach,
            "critical": critical });
        for (value, level) in cases {
            let mut story = Story::of(metric(limits.clone()));
            story.measure("2025-03-31T12:00:00Z", value);
            assert_eq!(story.monitor.level, level, "{direction} {value}");
        }
    }
}

#[test]
fn a_breach_says_window_value_threshold_and_until_when_it_is_to_be_acknowledged() {
    let mut story = Story::of(metric(json!({ "minN": 2 })));
    let points = json!([
        { "metric": "m", "at": "2025-03-07T12:00:00Z", "value": "0.80", "n": 3 },
        { "metric": "m", "at": "2025-03-31T23:59:59.999999Z", "value": "0.77" },
    ]);
    let events = story.ingest("2025-04-07T09:00:00Z", points).unwrap();
    let [Event::MetricObserved(observed), Event::MetricThresholdBreached(breach)] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!((observed.points, observed.windows.len()), (2, 1));
    assert_eq!((breach.level, breach.n), (Level::Breach, 4));
    assert_eq!(breach.value, decimal("0.7925"));
    assert_eq!(breach.threshold, decimal("0.8"));
    assert_eq!(breach.window.from.to_string(), "2025-03-01T00:00:00.000000Z");
    assert_eq!(breach.window.to.to_string(), "2025-04-01T00:00:00.000000Z");
    assert_eq!(breach.ack_due.to_string(), "2025-04-08T09:00:00.000000Z");
    let critical = story.ingest(
        "2025-04-07T10:00:00Z",
        json!([{ "metric": "m", "at": "2025-04-01T00:00:00Z", "value": "0.1", "n": 2 }]),
    );
    let Event::MetricThresholdBreached(critical) = &critical.unwrap()[1] else { panic!() };
    assert_eq!(critical.ack_due.to_string(), "2025-04-07T14:00:00.000000Z");
}

#[test]
fn only_metrics_of_drift_report_drift() {
    let mut story = Story::of(metric(json!({ "metricKind": "drift" })));
    let found = story.measure("2025-03-31T12:00:00Z", "0.79");
    assert_eq!(found, ["metric_observed", "drift_detected"]);
}

#[test]
fn staying_as_bad_says_nothing_more_and_getting_worse_does() {
    let mut story = Story::of(daily(json!({})));
    let observed = "metric_observed";
    assert_eq!(story.measure("2025-03-01T12:00:00Z", "0.84").len(), 2);
    story.acknowledge("2025-03-01T13:00:00Z").unwrap();
    assert_eq!(story.measure("2025-03-02T12:00:00Z", "0.84"), [observed]);
    assert_eq!(story.monitor.status, MonitorStatus::Acknowledged);
    let opened = story.alert();
    assert_eq!(
        story.measure("2025-03-03T12:00:00Z", "0.5"),
        [observed, "metric_threshold_breached"]
    );
    assert_eq!(story.alert(), opened, "the same alert, now worse");
    assert_eq!(story.monitor.status, MonitorStatus::Alerting, "to be looked at again");
    let alert = &story.monitor.alerts[&opened];
    assert_eq!((alert.level, alert.value), (Level::Critical, decimal("0.5")));
    assert_eq!(alert.opened_at.to_string(), "2025-03-01T12:00:00.000000Z");
    // Less bad, then worse again: a rise is news, but the alert keeps what was worst.
    assert_eq!(story.measure("2025-03-04T12:00:00Z", "0.84"), [observed]);
    assert_eq!(
        story.measure("2025-03-05T12:00:00Z", "0.75"),
        [observed, "metric_threshold_breached"]
    );
    assert_eq!(story.monitor.alerts[&opened].level, Level::Critical);
}

#[test]
fn a_window_is_judged_once_it_has_enough_observations() {
    let mut story = Story::of(daily(json!({ "minN": 3 })));
    for (hour, found) in [(1, 1), (2, 1), (3, 2)] {
        assert_eq!(story.measure(&format!("2025-03-01T0{hour}:00:00Z"), "0.1").len(), found);
    }
    // The next day has too few yet: the level is still the day before's.
    story.measure("2025-03-02T01:00:00Z", "0.9");
    assert_eq!((story.monitor.level, story.window(1).level), (Level::Critical, None));
}

#[test]
fn what_can_still_grow_is_judged_when_its_window_has_ended() {
    for (aggregate, direction, early) in [
        ("count", "higher_is_better", false),
        ("sum", "higher_is_better", false),
        ("max", "higher_is_better", false),
        ("min", "lower_is_better", false),
        ("count", "lower_is_better", true),
        ("sum", "lower_is_better", true),
        ("min", "higher_is_better", true),
        ("max", "lower_is_better", true),
        ("mean", "higher_is_better", true),
        ("last", "lower_is_better", true),
    ] {
        let (warn, value) = if direction == "higher_is_better" { ("5", "1") } else { ("0", "2") };
        let mut metrics = daily(json!({ "aggregate": aggregate, "direction": direction,
            "warn": warn }));
        for other in ["breach", "critical"] {
            metrics["m"].as_object_mut().unwrap().remove(other);
        }
        let mut story = Story::of(metrics);
        let found = story.measure("2025-03-01T12:00:00Z", value);
        assert_eq!(found.len() == 2, early, "{aggregate} {direction}: {found:?}");
        let tick = names(&story.ingest("2025-03-01T23:59:59Z", json!([])).unwrap());
        assert!(tick.is_empty(), "{aggregate} {direction}: {tick:?}");
        let tick = names(&story.ingest("2025-03-02T00:00:00Z", json!([])).unwrap());
        assert_eq!(tick.len() == 2, !early, "{aggregate} {direction}: {tick:?}");
        assert_eq!(story.monitor.level, Level::Warn);
        assert!(story.ingest("2025-03-02T00:00:01Z", json!([])).unwrap().is_empty());
    }
}

#[test]
fn each_aggregate_is_exact() {
    // One value stands for two observations: 0.1, 0.1, 0.2, -0.3, 1.
    let points = json!([
        { "metric": "m", "at": "2025-03-01T04:00:00Z", "value": "1" },
        { "metric": "m", "at": "2025-03-01T01:00:00Z", "value": "0.1", "n": 2 },
        { "metric": "m", "at": "2025-03-01T03:00:00Z", "value": "-0.3" },
        { "metric": "m", "at": "2025-03-01T02:00:00Z", "value": "0.2" },
    ]);
    for (aggregate, value) in [
        ("mean", "0.22"),
        ("min", "-0.3"),
        ("max", "1"),
        ("sum", "1.1"),
        ("count", "5"),
        ("last", "1"),
    ] {
        let mut story = Story::of(daily(json!({ "aggregate": aggregate })));
        story.ingest("2025-03-02T00:00:00Z", points.clone()).unwrap();
        assert_eq!(story.window(0).value, decimal(value), "{aggregate}");
    }
    for (values, mean) in [(["1", "1", "0"], "0.666667"), (["-1", "-1", "0"], "-0.666667")] {
        let mut story = Story::of(daily(json!({})));
        for value in values {
            story.measure("2025-03-01T12:00:00Z", value);
        }
        assert_eq!(story.window(0).value, decimal(mean), "halves away from zero");
    }
}

#[test]
fn of_two_points_at_one_instant_the_later_one_is_the_last() {
    let mut story = Story::of(daily(json!({ "aggregate": "last" })));
    let now = "2025-03-01T12:00:00Z";
    let point = |value: &str| json!({ "metric": "m", "at": now, "value": value });
    story.ingest(now, json!([point("1"), point("2")])).unwrap();
    assert_eq!(story.window(0).last, decimal("2"));
    story.ingest(now, json!([point("3")])).unwrap();
    assert_eq!(story.window(0).last, decimal("3"));
}

#[test]
fn windows_are_aligned_in_utc_and_months_by_the_calendar() {
    for (amount, unit, moment, from, to) in [
        (5, "minutes", "2025-03-01T10:04:59Z", "2025-03-01T10:00", "2025-03-01T10:05"),
        (6, "hours", "2025-03-01T01:30:00+02:00", "2025-02-28T18:00", "2025-03-01T00:00"),
        (1, "days", "2025-03-01T00:00:00Z", "2025-03-01T00:00", "2025-03-02T00:00"),
        (7, "days", "2025-03-05T12:00:00Z", "2025-03-03T00:00", "2025-03-10T00:00"),
        (1, "months", "2024-02-29T23:59:59.999999Z", "2024-02-01T00:00", "2024-03-01T00:00"),
        (3, "months", "2025-02-28T00:00:00Z", "2025-01-01T00:00", "2025-04-01T00:00"),
        (12, "months", "2024-12-31T23:00:00Z", "2024-01-01T00:00", "2025-01-01T00:00"),
        (1, "hours", "1969-12-31T23:30:00Z", "1969-12-31T23:00", "1970-01-01T00:00"),
    ] {
        let period = json!({ "amount": amount, "unit": unit });
        let period: Period = serde_json::from_value(period).unwrap();
        let span = period.window_of(moment.parse().unwrap());
        let shown = |at: Instant| at.to_string().replace(":00.000000Z", "");
        assert_eq!((shown(span.from), shown(span.to)), (from.into(), to.into()), "{moment}");
    }
}

#[test]
fn a_window_that_turns_out_worse_afterwards_raises_an_alert_all_the_same() {
    let mut story = Story::of(daily(json!({})));
    story.measure("2025-03-01T12:00:00Z", "0.9");
    story.measure("2025-03-02T12:00:00Z", "0.9");
    let late = json!([{ "metric": "m", "at": "2025-03-01T13:00:00Z", "value": "0.6" }]);
    let events = story.ingest("2025-03-02T13:00:00Z", late).unwrap();
    assert_eq!(names(&events), ["metric_observed", "metric_threshold_breached"]);
    let Event::MetricThresholdBreached(breach) = &events[1] else { panic!() };
    assert_eq!((breach.value, breach.n), (decimal("0.75"), 2));
    assert_eq!(breach.window.from.to_string(), "2025-03-01T00:00:00.000000Z");
    assert_eq!(story.monitor.level, Level::Normal, "the newest window is fine");
    assert_eq!(story.monitor.status, MonitorStatus::Alerting);
    let again = json!([{ "metric": "m", "at": "2025-03-01T14:00:00Z", "value": "0.75" }]);
    assert_eq!(names(&story.ingest("2025-03-02T14:00:00Z", again).unwrap()), ["metric_observed"]);
}

#[test]
fn a_breach_between_the_first_and_the_last_window_of_a_request_is_not_lost() {
    let mut story = Story::of(daily(json!({})));
    let day = |day: u32, value: &str| json!({ "metric": "m", "at": format!("2025-03-0{day}T12:00:00Z"), "value": value });
    let points =
        json!([day(1, "0.9"), day(2, "0.75"), day(3, "0.65"), day(4, "0.84"), day(5, "0.9")]);
    let events = story.ingest("2025-03-06T00:00:00Z", points).unwrap();
    assert_eq!(
        names(&events),
        ["metric_observed", "metric_threshold_breached", "metric_recovered"]
    );
    let Event::MetricThresholdBreached(breach) = &events[1] else { panic!() };
    assert_eq!((breach.level, breach.value), (Level::Critical, decimal("0.65")));
    let Event::MetricObserved(observed) = &events[0] else { panic!() };
    let levels: Vec<_> = observed.windows.iter().filter_map(|o| o.window.level).collect();
    assert_eq!(levels, [Level::Normal, Level::Breach, Level::Critical, Level::Warn, Level::Normal]);
    assert_eq!(story.monitor.status, MonitorStatus::Alerting);
}

#[test]
fn points_that_arrive_late_merge_until_their_window_has_given_way() {
    let mut story = Story::of(daily(json!({})));
    for day in 1..=7 {
        story.measure(&format!("2025-03-0{day}T12:00:00Z"), "0.9");
    }
    let metric = &story.monitor.metrics[&Key::new("m")];
    assert_eq!(metric.windows.len(), WINDOWS_KEPT);
    assert_eq!(metric.open_from, Some("2025-03-02T00:00:00Z".parse().unwrap()));
    let point = |at: &str| json!({ "metric": "m", "at": at, "value": "0.8" });
    let ok = point("2025-03-02T00:00:00Z");
    story.ingest("2025-03-07T13:00:00Z", json!([ok])).unwrap();
    assert_eq!((story.window(0).n, story.window(0).value), (2, decimal("0.85")));
    let before = story.monitor.clone();
    let late = point("2025-03-01T23:59:59.999999Z");
    let refused = story.ingest("2025-03-07T13:00:00Z", json!([ok, ok, late]));
    assert_eq!(code(refused), at("too_late", "/points/2/at"));
    assert_eq!(story.monitor, before, "all or none");
}

#[test]
fn a_wrong_point_is_refused_by_its_place() {
    let mut story = Story::of(dir());
    let now = "2025-03-31T12:00:00Z";
    let fine = json!({ "metric": "m", "at": now, "value": "0.9" });
    for (field, value, code_, pointer) in [
        ("metric", json!("x"), "unknown_metric", "/points/1/metric"),
        ("at", json!("2025-03-31T12:05:00.000001Z"), "from_the_future", "/points/1/at"),
        ("at", json!("2015-03-20T00:00:00Z"), "too_late", "/points/1/at"),
        ("n", json!(0), "nothing_observed", "/points/1/n"),
    ] {
        let mut wrong = fine.clone();
        wrong[field] = value;
        let refused = story.ingest(now, json!([fine, wrong, fine]));
        assert_eq!(code(refused), at(code_, pointer));
    }
    let mut ahead = fine.clone();
    ahead["at"] = json!("2025-03-31T12:05:00Z");
    story.ingest(now, json!([fine, ahead])).unwrap();
}

#[test]
fn a_sum_that_a_decimal_cannot_hold_is_refused_and_one_that_it_can_is_exact() {
    let mut story = Story::of(daily(json!({})));
    let now = "2025-03-31T12:00:00Z";
    let point = |value: &str, n: u32| json!({ "metric": "m", "at": now, "value": value, "n": n });
    let most = "999999999999.999999";
    let refused = story.ingest(now, json!([point("1", 1), point(most, 1)]));
    assert_eq!(code(refused), at("sum_out_of_range", "/points/1/value"));
    let (far, back) = (point("1000000", 1_000_000), point("-1000000", 1_000_000));
    story.ingest(now, json!([far, far, back, back, point("-0.000001", 3)])).unwrap();
    let window = story.window(0);
    assert_eq!((window.sum, window.n), (decimal("-0.000003"), 4_000_003));
    let many = point("0", u32::MAX);
    let refused = story.ingest(now, Value::Array(vec![many; 240]));
    assert_eq!(code(refused), at("sum_out_of_range", "/points/239/value"));
}

#[test]
fn thresholds_stand_in_their_order() {
    for (limits, pointer) in [
        (json!({ "breach": "0.85" }), "/metrics/m/breach"),
        (json!({ "critical": "0.81" }), "/metrics/m/critical"),
        (json!({ "breach": null, "critical": "0.9" }), "/metrics/m/critical"),
        (json!({ "direction": "lower_is_better" }), "/metrics/m/breach"),
    ] {
        let input = json!({ "system": SYSTEM, "name": "x", "metrics": metric(limits) });
        let refused = Story::new().give(Role::So, "2025-01-14T10:00:00Z", "arm", input);
        assert_eq!(code(refused), at("thresholds_out_of_order", pointer));
    }
    Story::of(metric(json!({ "warn": null, "breach": null, "critical": null })));
}

#[test]
fn a_metric_needs_a_window_observations_and_a_place() {
    for (other, code_, field) in [
        (
            json!({ "window": { "amount": 0, "unit": "days" } }),
            "window_too_long_or_short",
            "window/amount",
        ),
        (
            json!({ "window": { "amount": 13, "unit": "months" } }),
            "window_too_long_or_short",
            "window/amount",
        ),
        (json!({ "minN": 0 }), "no_observations_needed", "minN"),
    ] {
        let metrics = metric(other);
        let input = json!({ "system": SYSTEM, "name": "x", "metrics": metrics });
        let refused = Story::new().give(Role::So, "2025-01-14T10:00:00Z", "arm", input);
        assert_eq!(code(refused), at(code_, &format!("/metrics/m/{field}")));
        let mut input = metrics["m"].clone();
        input["key"] = json!("other");
        let refused = Story::of(dir()).give(Role::So, "2025-01-15T10:00:00Z", "add_metric", input);
        assert_eq!(code(refused), at(code_, &format!("/{field}")));
    }
    let input = json!({ "system": SYSTEM, "name": "x", "metrics": {} });
    let refused = Story::new().give(Role::So, "2025-01-14T10:00:00Z", "arm", input);
    assert_eq!(code(refused), at("nothing_measured", "/metrics"));
}

#[test]
fn a_retired_system_is_not_watched_and_a_plan_is_a_document() {
    let time = "2025-01-14T10:00:00Z";
    let mut input = json!({ "system": SYSTEM, "name": "x", "metrics": dir(),
        "mode": "continuous_validation", "postMarketPlanRef": CHANGE });
    let retired = json!({ "name": "CreditLens", "stage": "retirement" });
    let mut story = Story::new().knowing(SYSTEM, "ai_system", retired);
    let refused = story.give(Role::So, time, "arm", input.clone());
    assert_eq!(code(refused), at("system_retired", "/system"));
    let mut story = Story::new();
    let refused = story.give(Role::So, time, "arm", input.clone());
    assert_eq!(code(refused), at("no_plan", "/postMarketPlanRef"));
    input["postMarketPlanRef"] = json!("tdo_01kb3v5z4m8q7rt2x9w6y0abcd");
    story.give(Role::So, time, "arm", input).unwrap();
    assert_eq!(story.monitor.mode, MonitorMode::ContinuousValidation);
}

#[test]
fn metrics_are_added_up_to_a_limit() {
    let mut story = Story::of(dir());
    let mut add = |key: &str, name: &str| {
        let mut input = dir()["m"].clone();
        input["key"] = json!(key);
        input["name"] = json!(name);
        story.give(Role::So, "2025-01-15T10:00:00Z", "add_metric", input)
    };
    assert_eq!(names(&add("m1", "x").unwrap()), ["metric_added"]);
    assert!(add("m1", "x").unwrap().is_empty(), "it is there already");
    assert_eq!(code(add("m1", "y")), at("key_taken", "/key"));
    for n in 2..METRICS_MAX {
        add(&format!("m{n}"), "x").unwrap();
    }
    assert_eq!(code(add("more", "x")), at("too_many_metrics", "/key"));
}

#[test]
fn an_alert_is_acknowledged_once_and_in_time() {
    let mut story = Story::of(dir());
    story.measure("2025-03-31T12:00:00Z", "0.79");
    let events = story.acknowledge("2025-04-01T12:00:00Z").unwrap();
    let [Event::AlertAcknowledged(acknowledged)] = events.as_slice() else { panic!() };
    assert!(acknowledged.in_time);
    assert!(story.acknowledge("2025-04-01T13:00:00Z").unwrap().is_empty());
    let mut story = Story::of(dir());
    story.measure("2025-03-31T12:00:00Z", "0.6");
    let events = story.acknowledge("2025-03-31T16:00:00.000001Z").unwrap();
    let [Event::AlertAcknowledged(acknowledged)] = events.as_slice() else { panic!() };
    assert!(!acknowledged.in_time, "critical: within four hours");
}

#[test]
fn an_alert_is_resolved_with_a_note_after_it_was_acknowledged() {
    let mut story = Story::of(dir());
    story.measure("2025-03-31T12:00:00Z", "0.79");
    let time = "2025-04-01T12:00:00Z";
    assert_eq!(code(story.resolve(time)), ("not_acknowledged", None));
    story.acknowledge(time).unwrap();
    let alert = story.alert();
    let refused = story.give(Role::Ops, time, "resolve_alert", json!({ "alert": alert }));
    assert_eq!(code(refused), at("resolved_without_note", "/note"));
    assert_eq!(names(&story.resolve(time).unwrap()), ["alert_resolved"]);
    for verb in ["acknowledge_alert", "resolve_alert"] {
        let refused = story.give(Role::Ops, time, verb, json!({ "alert": alert }));
        assert_eq!(code(refused), at("unknown_alert", "/alert"));
    }
}

#[test]
fn arming_again_lets_the_same_badness_raise_a_new_alert() {
    let mut story = Story::of(daily(json!({})));
    let time = "2025-03-01T12:00:00Z";
    assert!(story.give(Role::So, time, "rearm", json!({})).unwrap().is_empty());
    story.measure(time, "0.75");
    assert_eq!(code(story.give(Role::So, time, "rearm", json!({}))), ("alerts_open", None));
    let first = story.alert();
    story.acknowledge(time).unwrap();
    assert_eq!(code(story.give(Role::Ops, time, "rearm", json!({}))), ("alerts_open", None));
    story.resolve(time).unwrap();
    assert_eq!(story.measure("2025-03-02T12:00:00Z", "0.75"), ["metric_observed"]);
    let rearmed = story.give(Role::So, "2025-03-02T13:00:00Z", "rearm", json!({})).unwrap();
    assert_eq!(names(&rearmed), ["rearmed"]);
    assert_eq!(story.monitor.status, MonitorStatus::Armed);
    let found = story.measure("2025-03-02T14:00:00Z", "0.75");
    assert_eq!(found, ["metric_observed", "metric_threshold_breached"]);
    assert_ne!(story.alert(), first);
}

#[test]
fn tightening_is_free_and_loosening_needs_an_approved_change_of_this_system() {
    let time = "2025-05-01T09:00:00Z";
    let minute = json!({ "amount": 1, "unit": "minutes" });
    for tighter in [
        json!({ "breach": "0.81" }),
        json!({ "warn": "0.9", "critical": "0.75" }),
        json!({ "minN": 4 }),
    ] {
        let mut story = Story::of(metric(json!({ "minN": 5 })));
        let mut input = tighter.clone();
        input["metric"] = json!("m");
        let events = story.give(Role::So, time, "change_threshold", input).unwrap();
        let [Event::ThresholdChanged(changed)] = events.as_slice() else { panic!() };
        assert!(!changed.loosened && changed.change.is_none(), "{tighter}");
    }
    for looser in [
        json!({ "breach": "0.79" }),
        json!({ "warn": "0.9", "critical": "0.69" }),
        json!({ "without": ["critical"] }),
        json!({ "minN": 6 }),
        json!({ "window": minute }),
    ] {
        let mut story = Story::of(metric(json!({ "minN": 5 })));
        let mut input = looser.clone();
        input["metric"] = json!("m");
        let refused = story.give(Role::So, time, "change_threshold", input.clone());
        assert_eq!(code(refused), at("loosening_without_change", "/change"), "{looser}");
        input["change"] = json!(CHANGE);
        let mut change = json!({ "system": "sys_other", "changeKind": "config",
            "class": "minor" });
        for (system, effective, refused) in [
            ("sys_other", json!({ "version": 2 }), Some("change_of_another_system")),
            (SYSTEM, Value::Null, Some("change_not_approved")),
            (SYSTEM, json!({ "version": 2 }), None),
        ] {
            change["system"] = json!(system);
            change["effective"] = effective;
            story = story.knowing(CHANGE, "change_request", change.clone());
            let decided = story.give(Role::So, time, "change_threshold", input.clone());
            if let Some(refused) = refused {
                assert_eq!(code(decided), at(refused, "/change"));
                continue;
            }
            let events = decided.unwrap();
            let [Event::ThresholdChanged(changed)] = events.as_slice() else { panic!() };
            assert!(changed.loosened);
            assert_eq!(changed.change_version, Some(2));
        }
    }
}

#[test]
fn where_lower_is_better_a_higher_threshold_is_the_looser_one() {
    let mut story = Story::of(metric(json!({ "direction": "lower_is_better", "warn": "1",
        "breach": "2", "critical": null })));
    let time = "2025-05-01T09:00:00Z";
    let mut change = |field: &str, value: &str| {
        let input = json!({ "metric": "m", field: value });
        story.give(Role::So, time, "change_threshold", input)
    };
    assert_eq!(code(change("breach", "2.000001")), at("loosening_without_change", "/change"));
    assert_eq!(code(change("breach", "1")), at("thresholds_out_of_order", "/breach"));
    assert!(change("breach", "2").unwrap().is_empty(), "as it is");
    change("breach", "1.5").unwrap();
    change("critical", "3").unwrap();
}

#[test]
fn another_threshold_holds_for_what_is_measured_afterwards() {
    let mut story = Story::of(daily(json!({ "warn": "0.6", "breach": null, "critical": null })));
    story.measure("2025-03-01T12:00:00Z", "0.75");
    let input = json!({ "metric": "m", "warn": "0.8" });
    let changed = story.give(Role::So, "2025-03-01T13:00:00Z", "change_threshold", input);
    assert_eq!(names(&changed.unwrap()), ["threshold_changed"]);
    assert_eq!((story.monitor.level, story.window(0).level), (Level::Normal, Some(Level::Normal)));
    assert_eq!(story.measure("2025-03-01T14:00:00Z", "0.75").len(), 2);
    let unknown = json!({ "metric": "x", "warn": "0.8" });
    let refused = story.give(Role::So, "2025-03-01T15:00:00Z", "change_threshold", unknown);
    assert_eq!(code(refused), at("unknown_metric", "/metric"));
}

#[test]
fn windows_of_another_length_begin_anew() {
    let approved = json!({ "system": SYSTEM, "changeKind": "config", "class": "minor",
        "effective": { "version": 1 } });
    let mut story = Story::of(dir()).knowing(CHANGE, "change_request", approved);
    story.measure("2025-03-10T12:00:00Z", "0.79");
    let input = json!({ "metric": "m", "window": { "amount": 1, "unit": "days" },
        "change": CHANGE });
    story.give(Role::So, "2025-03-10T13:00:00Z", "change_threshold", input).unwrap();
    assert_eq!(story.monitor.level, Level::Breach, "until a window of the new length says more");
    let old = json!([{ "metric": "m", "at": "2025-03-09T23:59:59Z", "value": "0.9" }]);
    let refused = story.ingest("2025-03-10T14:00:00Z", old);
    assert_eq!(code(refused), at("too_late", "/points/0/at"));
    let found = story.measure("2025-03-10T14:00:00Z", "0.9");
    assert_eq!(found, ["metric_observed", "metric_recovered"]);
    assert_eq!(story.window(0).n, 1);
}

#[test]
fn a_metric_is_taken_out_under_a_change_and_never_the_last_or_one_with_an_alert() {
    let approved = json!({ "system": SYSTEM, "changeKind": "config", "class": "minor",
        "effective": { "version": 1 } });
    let mut story = Story::of(dir()).knowing(CHANGE, "change_request", approved);
    let time = "2025-03-31T13:00:00Z";
    let input = json!({ "metric": "m", "change": CHANGE });
    let refused = story.give(Role::So, time, "remove_metric", input.clone());
    assert_eq!(code(refused), at("nothing_measured", "/metric"));
    let mut other = dir()["m"].clone();
    other["key"] = json!("other");
    story.give(Role::So, time, "add_metric", other).unwrap();
    story.measure("2025-03-31T12:00:00Z", "0.79");
    let refused = story.give(Role::So, time, "remove_metric", input.clone());
    assert_eq!(code(refused), ("alerts_open", None));
    story.acknowledge(time).unwrap();
    story.resolve(time).unwrap();
    let refused = story.give(Role::So, time, "remove_metric", json!({ "metric": "m" }));
    assert_eq!(code(refused), at("loosening_without_change", "/change"));
    story.give(Role::So, time, "remove_metric", input).unwrap();
    assert_eq!(story.monitor.status, MonitorStatus::Armed, "its level went with it");
}

#[test]
fn a_pause_lasts_at_most_72_hours_also_in_pieces() {
    let mut story = Story::of(dir());
    let pause = |until: &str| json!({ "reason": "Migration.", "until": until });
    let start = "2025-05-01T09:00:00Z";
    let refused = story.give(Role::Ops, start, "pause", pause(start));
    assert_eq!(code(refused), at("pause_in_the_past", "/until"));
    let refused = story.give(Role::Ops, start, "pause", pause("2025-05-04T09:00:00.000001Z"));
    assert_eq!(code(refused), at("pause_too_long", "/until"));
    story.give(Role::Ops, start, "pause", pause("2025-05-03T09:00:00Z")).unwrap();
    let again = story.give(Role::Ops, start, "pause", pause("2025-05-03T09:00:00Z")).unwrap();
    assert!(again.is_empty());
    let later = "2025-05-02T09:00:00Z";
    let refused = story.give(Role::Ops, later, "pause", pause("2025-05-05T09:00:00Z"));
    assert_eq!(code(refused), at("pause_too_long", "/until"));
    story.give(Role::So, later, "pause", pause("2025-05-04T09:00:00Z")).unwrap();
    story.give(Role::Ops, later, "end_pause", json!({})).unwrap();
    let refused = story.give(Role::Ops, later, "pause", pause("2025-05-05T09:00:00Z"));
    assert_eq!(code(refused), at("pause_too_long", "/until"), "nothing was measured between them");
    story.measure(later, "0.9");
    story.give(Role::Ops, later, "pause", pause("2025-05-05T09:00:00Z")).unwrap();
    story.give(Role::Ops, later, "end_pause", json!({})).unwrap();
    assert!(story.give(Role::Ops, later, "end_pause", json!({})).unwrap().is_empty());
    // Long after the pause another one begins by itself.
    let may = json!({ "reason": "Migration.", "until": "2025-05-23T09:00:00Z" });
    story.give(Role::Ops, "2025-05-20T09:00:00Z", "pause", may).unwrap();
}

#[test]
fn a_paused_monitor_takes_no_points_until_its_pause_is_over() {
    let mut story = Story::of(dir());
    let pause = json!({ "reason": "Migration.", "until": "2025-05-01T10:00:00Z" });
    story.give(Role::Ops, "2025-05-01T09:00:00Z", "pause", pause).unwrap();
    let point = |at: &str| json!([{ "metric": "m", "at": at, "value": "0.9" }]);
    let refused = story.ingest("2025-05-01T09:59:59Z", point("2025-05-01T09:59:59Z"));
    assert_eq!(code(refused), ("monitor_paused", None));
    let events = story.ingest("2025-05-01T10:00:00Z", point("2025-05-01T10:00:00Z")).unwrap();
    assert_eq!(names(&events), ["pause_ended", "metric_observed"]);
    assert_eq!(story.monitor.status, MonitorStatus::Armed);
    let pause = json!({ "reason": "Migration.", "until": "2025-05-02T10:00:00Z" });
    story.give(Role::Ops, "2025-05-01T11:00:00Z", "pause", pause).unwrap();
    story.give(Role::So, "2025-05-01T12:00:00Z", "rearm", json!({})).unwrap();
    assert_eq!(story.monitor.status, MonitorStatus::Armed);
}

#[test]
fn only_the_risk_owner_pauses_the_monitor_of_a_high_risk_system_that_runs() {
    let pause = json!({ "reason": "Migration.", "until": "2025-05-01T10:00:00Z" });
    let time = "2025-05-01T09:00:00Z";
    for (operation, status, effects, needs_owner) in [
        ("running", "confirmed", json!(["high_risk"]), true),
        ("restricted", "confirmed", json!(["high_risk", "transparency"]), true),
        ("suspended", "confirmed", json!(["high_risk"]), false),
        ("running", "proposed", json!(["high_risk"]), false),
        ("running", "confirmed", json!(["transparency"]), false),
    ] {
        let classified = |system: &str| {
            json!({ "system": system, "status": status, "regime": "eu_ai_act",
                "class": "high_risk", "role": "provider", "effects": effects })
        };
        let of = |system: &str| {
            let known = json!({ "name": "CreditLens", "operationStatus": operation });
            let story = Story::of(dir()).knowing(SYSTEM, "ai_system", known);
            story.knowing("cls_1", "regulatory_classification", classified(system))
        };
        for role in [Role::Ops, Role::So] {
            let decided = of(SYSTEM).give(role, time, "pause", pause.clone());
            assert_eq!(decided.is_err(), needs_owner, "{operation} {status} {effects}");
            if needs_owner {
                assert_eq!(code(decided), ("pause_needs_risk_owner", None));
            }
        }
        let events = of(SYSTEM).give(Role::Ro, time, "pause", pause.clone()).unwrap();
        let [Event::Paused(paused)] = events.as_slice() else { panic!() };
        assert_eq!(paused.high_risk, needs_owner);
        of("sys_other").give(Role::Ops, time, "pause", pause.clone()).unwrap();
    }
}

#[test]
fn a_monitor_is_closed_when_its_system_is_retired() {
    let time = "2025-05-01T09:00:00Z";
    let running = json!({ "name": "CreditLens", "stage": "operation_and_monitoring" });
    let retired = json!({ "name": "CreditLens", "stage": "retirement" });
    let mut story = Story::of(dir()).knowing(SYSTEM, "ai_system", running);
    story.measure("2025-03-31T12:00:00Z", "0.79");
    assert_eq!(code(story.give(Role::So, time, "close", json!({}))), ("system_not_retired", None));
    let mut story = story.knowing(SYSTEM, "ai_system", retired);
    let events = story.give(Role::So, time, "close", json!({})).unwrap();
    let [Event::Closed(closed)] = events.as_slice() else { panic!() };
    assert_eq!(closed.open_alerts, 1);
    assert!(story.give(Role::Sys, time, "close", json!({})).unwrap().is_empty());
    let mut other = dir()["m"].clone();
    other["key"] = json!("other");
    for (role, verb, input) in [
        (Role::So, "rearm", json!({})),
        (Role::So, "add_metric", other),
        (Role::So, "remove_metric", json!({ "metric": "m" })),
        (Role::Sys, "ingest", json!({ "points": [] })),
        (Role::So, "change_threshold", json!({ "metric": "m", "warn": "0.9" })),
        (Role::Ro, "pause", json!({ "reason": "x", "until": "2025-05-01T10:00:00Z" })),
    ] {
        assert_eq!(code(story.give(role, time, verb, input)), ("monitor_closed", None), "{verb}");
    }
    story.acknowledge(time).unwrap();
    story.resolve(time).unwrap();
    assert_eq!(story.monitor.status, MonitorStatus::Closed);
}

#[test]
fn the_name_can_be_corrected_and_nothing_that_was_decided() {
    let mut story = Story::of(dir());
    let correct = |set: Value| json!({ "corrects": 1, "reason": "Misspelt.", "set": set });
    let time = "2025-05-01T09:00:00Z";
    story.give(Role::So, time, "correct", correct(json!({ "name": "DIR" }))).unwrap();
    assert_eq!(story.monitor.name, Line::new("DIR"));
    for field in ["status", "level", "metrics", "system", "alerts"] {
        let refused = story.give(Role::So, time, "correct", correct(json!({ field: "x" })));
        assert_eq!(code(refused), at("not_correctable", &format!("/set/{field}")));
    }
}

#[test]
fn the_fullest_monitor_fits_into_a_document() {
    let wide = "\u{10ffff}".repeat(80);
    let least = "-166666666666.666666";
    let mut metrics = json!({});
    for n in 0..METRICS_MAX {
        metrics[format!("{n:0>64}")] = json!({
            "name": wide, "segment": wide, "metricKind": "override_rate", "aggregate": "mean",
            "direction": "higher_is_better", "window": { "amount": 527_040, "unit": "minutes" },
            "warn": "999999999999.999999", "breach": "-0.999999", "critical": "-1.999999",
            "minN": 5,
        });
    }
    let mut story = Story::of(metrics.clone());
    let mut points = Vec::new();
    for key in metrics.as_object().unwrap().keys() {
        for year in 2016..=2025 {
            let at = format!("{year}-01-14T12:34:56.123456Z");
            points.push(json!({ "metric": key, "at": at, "value": least, "n": 5 }));
        }
    }
    story.ingest("2025-01-14T13:00:00.000001Z", Value::Array(points)).unwrap();
    assert_eq!(story.monitor.alerts.len(), METRICS_MAX);
    let alerts: Vec<_> = story.monitor.alerts.keys().cloned().collect();
    for alert in alerts {
        let input = json!({ "alert": alert });
        story.give(Role::Ops, "2025-01-14T14:00:00Z", "acknowledge_alert", input).unwrap();
    }
    let kept = story.monitor.metrics.values().map(|metric| metric.windows.len());
    assert!(kept.into_iter().all(|kept| kept == WINDOWS_KEPT));
    let bytes = serde_json::to_vec(&story.monitor).unwrap().len();
    assert!((40_000..60_000).contains(&bytes), "{bytes} of 65536 bytes");
}

/// The points of the law below, by the second of a day, value in millionths and weight.
fn law_points() -> impl Strategy<Value = Vec<(u32, i64, u32)>> {
    let times = prop::collection::btree_set(0_u32..6 * 86_400, 1..40);
    let point = |second| (Just(second), -2_000_000..2_000_000_i64, 1..4_u32);
    times.prop_flat_map(move |times: BTreeSet<u32>| {
        times.into_iter().map(point).collect::<Vec<_>>().prop_shuffle()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However the points are ordered and split into requests, the windows are what they sum to.
    #[test]
    fn order_and_batches_make_no_difference(points in law_points(), batch in 1..7_usize) {
        let start: Instant = "2025-03-01T00:00:00Z".parse().unwrap();
        let shown = |(second, micros, n): &(u32, i64, u32)| {
            let at = start.plus_micros(i64::from(*second) * 1_000_000);
            json!({ "metric": "m", "at": at, "value": Decimal::from_micros(*micros), "n": n })
        };
        let metrics = daily(json!({}));
        let (mut at_once, mut in_pieces) = (Story::of(metrics.clone()), Story::of(metrics));
        let all: Vec<_> = points.iter().map(shown).collect();
        at_once.ingest("2025-03-07T00:00:00Z", Value::Array(all.clone())).unwrap();
        for piece in all.chunks(batch) {
            in_pieces.ingest("2025-03-07T00:00:00Z", json!(piece)).unwrap();
        }
        let windows = |story: &Story| story.monitor.metrics[&Key::new("m")].windows.clone();
        prop_assert_eq!(windows(&at_once), windows(&in_pieces));
        prop_assert_eq!(at_once.monitor.level, in_pieces.monitor.level);
        for window in windows(&at_once).values() {
            let inside = points.iter().filter(|(second, ..)| {
                window.span().holds(start.plus_micros(i64::from(*second) * 1_000_000))
            });
            let inside: Vec<_> = inside.collect();
            let n: u64 = inside.iter().map(|(.., n)| u64::from(*n)).sum();
            let sum: i64 = inside.iter().map(|(_, micros, n)| micros * i64::from(*n)).sum();
            prop_assert_eq!((window.n, window.sum.micros()), (n, sum));
            prop_assert_eq!(window.value, Decimal::from_micros(sum).over(n));
            let last = inside.iter().max_by_key(|(second, ..)| second).unwrap();
            prop_assert_eq!(window.last.micros(), last.1);
            let least = inside.iter().map(|(_, micros, _)| *micros).min().unwrap();
            prop_assert_eq!(window.min.micros(), least);
        }
    }
}
