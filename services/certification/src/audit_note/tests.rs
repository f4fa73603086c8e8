//! Given, when, then: notes of auditors.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::Fields;

use super::*;
use crate::auditor_engagement::{AuditKind, Terms};
use crate::world::{HELEN, OTTO, World, helen, helen_under, member, person, terms};

const ANT: &str = "ant_1";
const WITHIN: &str = "2025-01-28";

fn world() -> World {
    let mut world = World::certified();
    let stage_one = terms(AuditKind::Stage1, "2025-01-27", "2025-02-07");
    let both = Terms { auditors: vec![person(HELEN), person(OTTO)], ..stage_one };
    world.engaged("eng_1", both.clone(), "2025-01-23");
    world.engaged("eng_2", both, "2025-01-23");
    world
}

fn write() -> Command {
    let (text, requirement) = (Prose::new("the owner hesitated"), None);
    Command::Write(Write { text, about: Some(Ref::new("risk_1")), requirement })
}

fn rewrite() -> Command {
    Command::Rewrite(Rewrite { text: Prose::new("the owner was sure") })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("beside the point") })
}

#[test]
fn a_note_is_written_rewritten_and_withdrawn() {
    let mut world = world();
    world.does(ANT, write(), helen_under("eng_1", WITHIN));
    let note: AuditNote = world.state(ANT);
    assert_eq!(note.auditors, [person(HELEN), person(OTTO)]);
    assert_eq!(AuditNote::CONFIDED, Some("auditors"));
    world.does(ANT, rewrite(), helen_under("eng_1", WITHIN));
    world.does(ANT, withdraw(), helen_under("eng_1", WITHIN));
    assert_eq!(world.state::<AuditNote>(ANT).status, NoteStatus::Withdrawn);
    assert_eq!(world.does(ANT, withdraw(), helen_under("eng_1", WITHIN)), []);
    let refusal = world.refuses(ANT, rewrite(), helen_under("eng_1", WITHIN));
    assert_eq!(refusal, Refusal::WasWithdrawn);
}

#[test]
fn only_auditors_of_an_open_engagement_write_notes() {
    let world = world();
    for context in [
        helen(WITHIN),
        helen_under("eng_1", "2025-02-08"),
        member("usr_x", Role::Cba, WITHIN).under("eng_1"),
    ] {
        assert_eq!(world.refuses(ANT, write(), context), Refusal::EngagementNotOpen);
    }
}

#[test]
fn a_note_is_its_writers_own() {
    let mut world = world();
    world.does(ANT, write(), helen_under("eng_1", WITHIN));
    let otto = || member(OTTO, Role::Cba, WITHIN).under("eng_1");
    let correct = || {
        Command::Correct(Correct { corrects: 1, reason: Prose::new("x"), set: Fields::default() })
    };
    for command in [rewrite(), withdraw(), correct()] {
        assert_eq!(world.refuses(ANT, command, otto()), Refusal::NotYourNote);
    }
    let elsewhere = helen_under("eng_2", WITHIN);
    assert_eq!(world.refuses(ANT, rewrite(), elsewhere), Refusal::NotYourNote);
}

#[test]
fn an_engagement_has_so_many_notes() {
    let mut world = world();
    let known = AuditNote { engagement: Ref::new("eng_1"), ..AuditNote::default() };
    for n in 0..1_000 {
        world.put(&format!("ant_a{n}"), "audit_note", serde_json::to_value(&known).unwrap());
    }
    let refusal = world.refuses(ANT, write(), helen_under("eng_1", WITHIN));
    assert_eq!(refusal, Refusal::TooMany { max: 1_000 });
}
