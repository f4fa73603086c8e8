//! Laws of the register: however it came about it answers the same, and a series says at each point
//! what a question as of that point is answered.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::register::{KINDS, Version};

/// One version of one of a few objects.
#[derive(Clone, Debug)]
struct Change {
    kind: &'static str,
    id: String,
    body: Value,
    days: i64,
}

fn change() -> impl Strategy<Value = Change> {
    let of = prop::sample::select(vec![
        ("risk", "risk"),
        ("document", "doc"),
        ("evidence", "evd"),
        ("nonconformity", "ncf"),
        ("ai_system", "sys"),
        ("impact_assessment", "aia"),
        ("incident", "inc"),
        ("kpi", "kpi"),
    ]);
    (of, 0..4_u8, 0..20_u32, 0..40_i64).prop_map(|((kind, prefix), object, n, days)| {
        let id = format!("{prefix}_{object}");
        let day = kernel::Instant::from_micros(0).plus_days(20_000 + i64::from(n) * 20).date();
        let body = match kind {
            "risk" => json!({ "status": "residual_evaluated",
                "residual": { "score": n, "level": if n > 9 { "high" } else { "low" } },
                "acceptance": { "score": 9, "validUntil": day } }),
            "document" => json!({ "kind": "ai_policy", "status": "approved",
                "effective": { "version": n, "approvedAt": "2024-01-01T00:00:00Z" },
                "inForce": { "edition": "1.0", "nextReviewDue": day } }),
            "evidence" => json!({ "status": if n > 15 { "stale" } else { "verified" },
                "freshUntil": day, "links": { "4.1": { "clause": "4.1" } } }),
            "nonconformity" => json!({ "grade": if n > 9 { "major" } else { "minor" },
                "status": if n % 3 == 0 { "closed" } else { "raised" }, "raisedOn": day,
                "requirement": "7.2" }),
            "ai_system" => json!({ "inScope": n % 4 > 0, "owner": "usr_1",
                "operationStatus": if n % 2 == 0 { "running" } else { "stopped" } }),
            "impact_assessment" => json!({ "system": format!("sys_{}", n % 4),
                "status": "approved", "approvedAt": "2024-10-01T00:00:00Z", "nextDue": day }),
            "incident" => json!({ "severity": "major", "awareAt": "2024-10-01T00:00:00Z",
                "status": if n % 2 == 0 { "resolved" } else { "triaged" } }),
            _ => json!({ "status": "active", "standing": "on_target", "measurements": {
                "m": { "period": day, "value": n.to_string() } } }),
        };
        Change { kind, id, body, days }
    })
}

/// When each change was recorded.
fn times(changes: &[Change]) -> Vec<Time> {
    let mut at = kernel::Instant::from_micros(0).plus_days(20_000);
    let time = |change: &Change| {
        at = at.plus_days(change.days).plus_micros(1);
        Time(at.micros())
    };
    changes.iter().map(time).collect()
}

fn take(register: &mut Register, n: usize, change: &Change, at: Time) {
    let (from, body) = (n as u64 + 1, change.body.to_string());
    let version = Version { kind: change.kind, id: &change.id, from, at, created: at, body: &body };
    register.version(&version).unwrap();
}

/// One that learns the changes as they come, with pauses in which it is complete.
fn followed(changes: &[Change], times: &[Time], pause: usize) -> Register {
    let mut register = Register::new();
    for (n, (change, at)) in changes.iter().zip(times).enumerate() {
        register.evidenced("8.2", n as u64 + 1, *at);
        take(&mut register, n, change, *at);
        if n % pause == 0 {
            register.finish(n as u64 + 1);
            register = Register::from_bytes(&register.to_bytes().unwrap()).unwrap();
        }
    }
    register.finish(changes.len() as u64);
    register
}

/// One that reads everything at once, object by object, as the store lists it.
fn afresh(changes: &[Change], times: &[Time]) -> Register {
    let mut register = Register::new();
    for (n, at) in times.iter().enumerate() {
        register.evidenced("8.2", n as u64 + 1, *at);
    }
    let mut all: Vec<_> = changes.iter().zip(times).enumerate().collect();
    all.sort_by(|(m, (a, _)), (n, (b, _))| (&a.id, m).cmp(&(&b.id, n)));
    for (n, (change, at)) in all {
        take(&mut register, n, change, *at);
    }
    register.finish(changes.len() as u64);
    register
}

fn everything() -> Question {
    let kinds = || KINDS.iter().copied().collect();
    Question {
        metrics: Vec::new(),
        page: Page { first: 100, ..Page::default() },
        readable: kinds(),
        listable: kinds(),
        is_member: true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_register_answers_the_same_however_it_came_about(
        changes in prop::collection::vec(change(), 1..60), pause in 1..20_usize
    ) {
        let times = times(&changes);
        let (one, other) = (followed(&changes, &times, pause), afresh(&changes, &times));
        for (n, at) in times.iter().enumerate().step_by(5) {
            let point = Point { position: Position(n as u64 + 1), at: at.instant() };
            let all = everything();
            let said = [&one, &other].map(|register| json!(readiness(register, &all, point)));
            prop_assert_eq!(&said[0], &said[1]);
        }
    }

    #[test]
    fn each_point_of_a_series_is_what_is_answered_as_of_it(
        changes in prop::collection::vec(change(), 1..60), step in 1..9_usize
    ) {
        let times = times(&changes);
        let register = afresh(&changes, &times);
        let point = |n: usize| Point { position: Position(n as u64 + 1), at: times[n].instant() };
        let points: Vec<_> = (0..times.len()).step_by(step).map(point).collect();
        let known = Position(times.len() as u64);
        let found = series(&register, &everything(), &points, known);
        prop_assert_eq!(found.points.len(), points.len());
        for (shown, point) in found.points.iter().zip(points) {
            let alone = readiness(&register, &everything(), point);
            prop_assert_eq!(shown.index, alone.index.map(|index| index.value));
            prop_assert_eq!(shown.stage2_ready, alone.stage2.map(|stage| stage.ready));
            for (value, metric) in shown.metrics.iter().zip(&alone.metrics) {
                prop_assert_eq!(&value.name, &metric.name);
                prop_assert_eq!(value.value, metric.value);
                prop_assert_eq!(value.numerator, metric.numerator);
                prop_assert_eq!(value.denominator, metric.denominator);
            }
        }
    }
}

/// A small world with two risks, one piece of evidence and a nonconformity.
fn small() -> Register {
    let risk = |score: u32| json!({ "status": "analysed", "residual": { "score": score, "level": "low" } });
    let change = |kind, id: &str, body| Change { kind, id: id.to_owned(), body, days: 1 };
    let changes = [
        change("risk", "risk_a", risk(4)),
        change("risk", "risk_b", risk(6)),
        change(
            "evidence",
            "evd_a",
            json!({ "status": "stale", "links": { "4.1": { "clause": "4.1" } } }),
        ),
    ];
    afresh(&changes, &times(&changes))
}

fn asked(question: &Question) -> Readiness {
    let at = Instant::from_micros(0).plus_days(20_100);
    readiness(&small(), question, Point { position: Position(3), at })
}

fn metric_of<'a>(found: &'a Readiness, name: &str) -> &'a ReadinessMetric {
    found.metrics.iter().find(|metric| metric.name.as_str() == name).unwrap()
}

#[test]
fn items_are_paged_by_id_and_chosen_by_whether_they_count() {
    let page = Page { first: 1, ..Page::default() };
    let found = asked(&Question { page, ..everything() });
    let risks = metric_of(&found, "risk_exposure");
    assert_eq!((risks.item_count, risks.items[0].id.as_str()), (2, "risk_a"));
    let page = Page { first: 5, after: Some("risk_a".to_owned()), counted: None };
    let found = asked(&Question { page, ..everything() });
    let risks = metric_of(&found, "risk_exposure");
    assert_eq!((risks.item_count, risks.items.len()), (2, 1));
    assert_eq!(risks.items[0].id.as_str(), "risk_b");
    let page = Page { first: 5, after: None, counted: Some(true) };
    let found = asked(&Question { page, ..everything() });
    assert_eq!(metric_of(&found, "evidence_freshness").item_count, 0);
}

#[test]
fn what_may_not_be_named_is_counted_all_the_same() {
    let mut question = everything();
    question.listable.remove("risk");
    let found = asked(&question);
    let risks = metric_of(&found, "risk_exposure");
    assert_eq!((risks.numerator, risks.item_count), (Decimal::whole(10), 0));
}

#[test]
fn what_is_withheld_takes_its_metrics_with_it_and_outsiders_see_no_index() {
    let mut question = everything();
    question.readable.remove("evidence");
    question.is_member = false;
    let found = asked(&question);
    let withheld: Vec<_> = found.withheld.iter().map(Key::as_str).collect();
    assert_eq!(withheld, ["control_proof", "evidence_freshness"]);
    assert!(found.index.is_none() && found.stage2.is_some());
    question.readable.remove("risk");
    assert!(asked(&question).stage1.is_none());
}

#[test]
fn bytes_of_another_form_are_no_register() {
    let mut bytes = small().to_bytes().unwrap();
    assert!(Register::from_bytes(&bytes).is_some());
    assert!(Register::from_bytes(&bytes[..bytes.len() / 2]).is_none());
    bytes[0] = 99;
    assert!(Register::from_bytes(&bytes).is_none());
    assert!(Register::from_bytes(&[]).is_none());
}
