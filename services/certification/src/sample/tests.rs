//! Given, when, then: samples.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::{Fields, Number};

use super::*;
use crate::auditor_engagement::{self as engagement, AuditKind, Terms};
use crate::world::{OTTO, World, helen, helen_under, ingrid, member, terms};

const SMP: &str = "smp_1";
const WITHIN: &str = "2025-01-28";

fn world() -> World {
    let mut world = World::certified();
    let ceiling = "2025-01-26T23:59:59Z".parse().ok();
    let stage_one = terms(AuditKind::Stage1, "2025-01-27", "2025-02-07");
    let shared = Terms { as_of_ceiling: ceiling, ..stage_one.clone() };
    world.engaged("eng_1", shared, "2025-01-23");
    world.engaged("eng_2", stage_one, "2025-01-23");
    world
}

fn take(object: &str) -> Command {
    let requirement = Some(Number::new("6.1.3"));
    Command::Take(Take { object: Ref::new(object), requirement, purpose: None })
}

fn result(result: SampleResult) -> Command {
    Command::RecordResult(RecordResult { result, remark: None })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("the wrong one") })
}

#[test]
fn a_record_is_taken_and_examined() {
    let mut world = world();
    world.does(SMP, take("risk_1"), helen_under("eng_1", WITHIN));
    let taken: Sample = world.state(SMP);
    assert_eq!((taken.status, taken.object_kind.as_str()), (SampleStatus::Taken, "risk"));
    assert_eq!(taken.as_of, "2025-01-26T23:59:59Z".parse().unwrap());
    world.does(SMP, result(SampleResult::Inconclusive), helen_under("eng_1", WITHIN));
    world.does(SMP, result(SampleResult::Conforming), helen_under("eng_1", WITHIN));
    let examined: Sample = world.state(SMP);
    assert_eq!(examined.result, Some(SampleResult::Conforming));
    assert_eq!(examined.status, SampleStatus::Examined);
    let again = world.does(SMP, result(SampleResult::Conforming), helen_under("eng_1", WITHIN));
    assert_eq!(again, []);
}

#[test]
fn while_everything_is_shown_a_sample_is_as_of_when_it_is_taken() {
    let mut world = world();
    world.does(SMP, take("risk_1"), helen_under("eng_2", WITHIN));
    let taken: Sample = world.state(SMP);
    assert_eq!(taken.as_of, "2025-01-28T09:00:00Z".parse().unwrap());
}

#[test]
fn only_auditors_of_an_open_engagement_take_samples() {
    let mut world = world();
    let closed = Refusal::EngagementNotOpen;
    for context in [
        helen(WITHIN),
        helen_under("eng_1", "2025-01-26"),
        helen_under("eng_1", "2025-02-08"),
        helen_under("eng_9", WITHIN),
        member(OTTO, Role::Cba, WITHIN).under("eng_1"),
    ] {
        assert_eq!(world.refuses(SMP, take("risk_1"), context), closed);
    }
    world.does(SMP, take("risk_1"), helen_under("eng_1", WITHIN));
    let revoke = engagement::Revoke { reason: Prose::new("over") };
    world.does("eng_1", engagement::Command::Revoke(revoke), ingrid(WITHIN));
    let refusal = world.refuses(SMP, withdraw(), helen_under("eng_1", WITHIN));
    assert_eq!(refusal, closed);
}

#[test]
fn a_record_is_a_sample_of_an_engagement_once() {
    let mut world = world();
    world.does(SMP, take("risk_1"), helen_under("eng_1", WITHIN));
    let refusal = world.refuses("smp_2", take("risk_1"), helen_under("eng_1", WITHIN));
    let (object, sample) = ("risk_1".to_owned(), SMP.to_owned());
    assert_eq!(refusal, Refusal::AlreadyTaken { object, sample });
    world.does("smp_2", take("risk_1"), helen_under("eng_2", WITHIN));
    world.does(SMP, withdraw(), helen_under("eng_1", WITHIN));
    assert_eq!(world.does(SMP, withdraw(), helen_under("eng_1", WITHIN)), []);
    world.does("smp_3", take("risk_1"), helen_under("eng_1", WITHIN));
}

#[test]
fn a_sample_belongs_to_its_engagement() {
    let mut world = world();
    world.does(SMP, take("risk_1"), helen_under("eng_1", WITHIN));
    let correct = Correct { corrects: 1, reason: Prose::new("x"), set: Fields::default() };
    for command in [result(SampleResult::Conforming), withdraw(), Command::Correct(correct)] {
        let refusal = world.refuses(SMP, command, helen_under("eng_2", WITHIN));
        assert_eq!(refusal, Refusal::OtherEngagement);
    }
    world.does(SMP, withdraw(), helen_under("eng_1", WITHIN));
    let refusal =
        world.refuses(SMP, result(SampleResult::Conforming), helen_under("eng_1", WITHIN));
    assert_eq!(refusal, Refusal::WasWithdrawn);
}

#[test]
fn what_is_withheld_is_no_sample() {
    let mut world = world();
    for (object, kind) in [(Some(Ref::new("risk_1")), None), (None, Some(Line::new("incident")))] {
        let reason = Prose::new("in confidence");
        let input = engagement::Redact { object, object_kind: kind, reason };
        world.does("eng_1", engagement::Command::Redact(input), ingrid(WITHIN));
    }
    for object in ["risk_1", "inc_4"] {
        let refusal = world.refuses(SMP, take(object), helen_under("eng_1", WITHIN));
        assert_eq!(refusal, Refusal::Withheld { object: object.into(), at: "/object" });
    }
    world.does(SMP, take("risk_2"), helen_under("eng_1", WITHIN));
}

#[test]
fn an_engagement_has_so_many_samples() {
    let mut world = world();
    let known = Sample { engagement: Ref::new("eng_1"), ..Sample::default() };
    for n in 0..1_000 {
        let object = Ref::new(format!("risk_{n}"));
        let body = serde_json::to_value(Sample { object, ..known.clone() }).unwrap();
        world.put(&format!("smp_a{n}"), "sample", body);
    }
    let refusal = world.refuses(SMP, take("risk_x"), helen_under("eng_1", WITHIN));
    assert_eq!(refusal, Refusal::TooMany { max: 1_000 });
}
