//! Given, when, then: what auditors have read.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use serde_json::json;

use super::*;
use crate::auditor_engagement::AuditKind;
use crate::world::{HELEN, MIRIAM, World, hash, person, terms, timer};

fn world() -> World {
    let mut world = World::certified();
    let stage_one = terms(AuditKind::Stage1, "2025-01-27", "2025-02-07");
    world.engaged("eng_1", stage_one, "2025-01-23");
    world
}

fn question(at: &str) -> Question {
    Question {
        at: at.parse().unwrap(),
        surface: Surface::Rest,
        what: Line::new("/v1/risks"),
        fingerprint: hash(),
        position: Position(12),
        refused: false,
    }
}

fn log(auditor: &str, questions: Vec<Question>) -> Command {
    Command::Log(Log { engagement: Ref::new("eng_1"), auditor: person(auditor), questions })
}

#[test]
fn a_minute_of_questions_is_kept_with_its_count_and_hash() {
    let mut world = world();
    let asked = || vec![question("2025-01-28T10:00:01Z"), question("2025-01-28T10:00:59Z")];
    world.does("aqy_1", log(HELEN, asked()), timer("2025-01-28"));
    let kept: AuditorQuery = world.state("aqy_1");
    assert_eq!((kept.count, kept.questions.len()), (2, 2));
    assert_eq!(kept.first_at, "2025-01-28T10:00:01Z".parse().unwrap());
    assert_eq!(kept.last_at, "2025-01-28T10:00:59Z".parse().unwrap());
    assert_eq!(kept.digest, digest(&asked()));
    let mut other = asked();
    other[1].refused = true;
    assert_ne!(kept.digest, digest(&other));
    // The canonical JSON of the list is what is hashed: anybody can do it again.
    let canonical = format!(
        r#"[{{"at":"2025-01-28T10:00:01.000000Z","fingerprint":"{}","position":"12","refused":false,"surface":"rest","what":"/v1/risks"}}]"#,
        "a".repeat(64)
    );
    let again = Hash::new(hex::encode(Sha256::digest(canonical)));
    assert_eq!(digest(&[question("2025-01-28T10:00:01Z")]), again);
}

#[test]
fn nothing_asked_is_nothing_to_record() {
    let refusal = world().refuses("aqy_1", log(HELEN, vec![]), timer("2025-01-28"));
    assert_eq!(refusal, Refusal::NothingAsked { at: "/questions" });
}

#[test]
fn what_is_recorded_was_read_by_an_auditor_of_the_engagement() {
    let asked = vec![question("2025-01-28T10:00:01Z")];
    let refusal = world().refuses("aqy_1", log(MIRIAM, asked), timer("2025-01-28"));
    assert_eq!(refusal, Refusal::NotAnAuditor { user: MIRIAM.into(), at: "/auditor" });
}

#[test]
fn what_was_read_is_never_corrected() {
    let mut world = world();
    world.does("aqy_1", log(HELEN, vec![question("2025-01-28T10:00:01Z")]), timer("2025-01-28"));
    let set = json!({"count": 0}).as_object().unwrap().clone();
    let set = kernel::values::Fields(set);
    let input = Correct { corrects: 1, reason: kernel::values::Prose::new("x"), set };
    let context = Context { version: 1, ..timer("2025-01-28") };
    let refusal = world.refuses("aqy_1", Command::Correct(input), context);
    assert!(matches!(refusal, Refusal::Correction(CorrectionRefusal::NotCorrectable { .. })));
}
