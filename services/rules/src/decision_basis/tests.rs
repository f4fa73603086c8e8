//! Given, when, then: what a decision rests on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;

const RISK: &str = "risk_00000000000000000000000001";
const SYSTEM: &str = "sys_00000000000000000000000001";

fn engine() -> Context {
    Context::of("rea_STALE", &[Role::Sys], "2025-03-01T09:00:00Z")
}

fn basis(decided: u64) -> Basis {
    let rested = Rested { object: Ref::new(SYSTEM), seen_version: 3, seen: BTreeMap::new() };
    Basis {
        object: Ref::new(RISK),
        watched: Line::new("risk"),
        decision: Line::new("risk.accepted"),
        decided: Position(decided),
        decision_event: Line::new("evt_00000000000000000000000001"),
        decided_at: "2025-01-10T09:00:00Z".parse().unwrap(),
        decided_by: Line::new("usr_00000000000000000000000001"),
        rested_on: BTreeMap::from([(Key::new(SYSTEM), rested)]),
        left_out: 0,
    }
}

fn cause(at: &str) -> Cause {
    Cause {
        object: Ref::new(SYSTEM),
        fact: Key::new("purpose"),
        before: vec![Line::new("a")],
        now: vec![Line::new("b")],
        clause: Line::new("8.2"),
        event: Position(40),
        event_id: Line::new("evt_00000000000000000000000002"),
        event_type: Line::new("ai_system.described"),
        at: at.parse().unwrap(),
    }
}

fn found(decided: u64, causes: &[(&str, &str)]) -> Command {
    let causes = causes.iter().map(|(key, at)| (Key::new(*key), cause(at))).collect();
    Command::FindStale(FindStale { decided: Position(decided), causes })
}

fn settle(causes: &[&str]) -> Command {
    let causes = causes.iter().map(|key| Key::new(*key)).collect();
    Command::Settle(Settle { causes, event: Position(50) })
}

fn end() -> Command {
    let at = "2025-06-01T00:00:00Z".parse().unwrap();
    let event_type = Line::new("risk.acceptance_expired");
    Command::End(Ending { event: Position(60), event_type, at })
}

/// The state after these commands, and how many events the last one made.
fn after(commands: Vec<Command>) -> (DecisionBasis, usize) {
    let (mut state, mut made) = (DecisionBasis::default(), 0);
    for command in commands {
        let events = state.decide(command, &engine()).unwrap();
        made = events.len();
        events.into_iter().for_each(|event| state.evolve(event));
    }
    (state, made)
}

fn refused(before: Vec<Command>, command: Command) -> Refusal {
    after(before).0.decide(command, &engine()).unwrap_err()
}

const A: (&str, &str) = ("sys_1.purpose", "2025-03-01T08:00:00Z");
const B: (&str, &str) = ("sys_1.geo", "2025-03-02T08:00:00Z");

#[test]
fn a_decision_is_current_when_it_is_made() {
    let (state, _) = after(vec![Command::Record(basis(7))]);
    assert_eq!(state.status, BasisStatus::Current);
    assert!(!state.is_stale() && state.since.is_none() && state.because.is_empty());
    assert!(state.basis.rested_on.contains_key(&Key::new(SYSTEM)));
}

#[test]
fn it_is_stale_since_the_first_thing_that_changed() {
    let (state, _) = after(vec![Command::Record(basis(7)), found(7, &[A]), found(7, &[B])]);
    assert!(state.is_stale());
    assert_eq!(state.since, Some(A.1.parse().unwrap()));
    assert_eq!(state.because.len(), 2);
}

#[test]
fn the_first_cause_makes_it_stale_and_further_ones_are_added() {
    let (state, _) = after(vec![Command::Record(basis(7))]);
    let events = state.decide(found(7, &[A]), &engine()).unwrap();
    assert!(matches!(events[..], [Event::WentStale(_)]), "{events:?}");
    let (state, _) = after(vec![Command::Record(basis(7)), found(7, &[A])]);
    let events = state.decide(found(7, &[A, B]), &engine()).unwrap();
    let [Event::CauseAdded(added)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(added.causes.keys().map(Key::as_str).collect::<Vec<_>>(), [B.0]);
}

#[test]
fn a_cause_that_is_known_is_not_told_again() {
    let (_, made) = after(vec![Command::Record(basis(7)), found(7, &[A]), found(7, &[A])]);
    assert_eq!(made, 0);
}

#[test]
fn it_is_current_again_only_when_the_last_cause_is_gone() {
    let stale = || vec![Command::Record(basis(7)), found(7, &[A, B])];
    let (state, _) = after([stale(), vec![settle(&[A.0])]].concat_commands());
    assert!(state.is_stale() && state.because.len() == 1);
    let (state, _) = after([stale(), vec![settle(&[A.0]), settle(&[B.0])]].concat_commands());
    assert!(!state.is_stale() && state.since.is_none());
    let (_, made) = after([stale(), vec![settle(&["other"])]].concat_commands());
    assert_eq!(made, 0);
}

#[test]
fn the_next_decision_begins_anew() {
    let (state, _) =
        after(vec![Command::Record(basis(7)), found(7, &[A]), Command::Renew(basis(70))]);
    assert!(!state.is_stale() && state.because.is_empty());
    assert_eq!(state.basis.decided, Position(70));
    let (_, made) = after(vec![Command::Record(basis(7)), Command::Renew(basis(7))]);
    assert_eq!(made, 0, "the same decision again");
}

#[test]
fn what_was_found_of_an_earlier_decision_says_nothing_of_the_next() {
    let before = vec![Command::Record(basis(7)), Command::Renew(basis(70))];
    let refusal = refused(before, found(7, &[A]));
    assert_eq!(refusal, Refusal::DecidedAgain { decided: Position(70) });
}

#[test]
fn a_decision_that_has_ended_rests_on_nothing_and_is_not_stale() {
    let (state, _) = after(vec![Command::Record(basis(7)), found(7, &[A]), end()]);
    assert_eq!(state.status, BasisStatus::Ended);
    assert!(state.basis.rested_on.is_empty() && state.because.is_empty());
    assert!(state.basis.watched.as_str().is_empty() && state.since.is_none());
    let (_, made) = after(vec![Command::Record(basis(7)), end(), end()]);
    assert_eq!(made, 0);
    let refusal = refused(vec![Command::Record(basis(7)), end()], found(7, &[A]));
    assert_eq!(refusal, Refusal::DecisionEnded);
}

#[test]
fn an_object_that_decides_again_after_an_end_is_watched_again() {
    let (state, _) = after(vec![Command::Record(basis(7)), end(), Command::Renew(basis(70))]);
    assert_eq!(state.status, BasisStatus::Current);
    assert!(state.ending.is_none() && !state.basis.rested_on.is_empty());
}

#[test]
fn the_object_determines_the_record() {
    let id = DecisionBasis::given_id(&Command::Record(basis(7)));
    assert_eq!(id, DecisionBasis::given_id(&Command::Record(basis(8))));
    assert_eq!(id, Some(id_for(RISK)));
    assert_ne!(id_for(RISK), id_for(SYSTEM));
    assert_eq!(DecisionBasis::given_id(&settle(&[])), None);
}

trait Concat {
    fn concat_commands(self) -> Vec<Command>;
}

impl<const N: usize> Concat for [Vec<Command>; N] {
    fn concat_commands(self) -> Vec<Command> {
        self.into_iter().flatten().collect()
    }
}
