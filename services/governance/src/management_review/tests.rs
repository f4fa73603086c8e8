//! Given, when, then: management reviews.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::Position;
use kernel::values::Fields;
use serde_json::{Value, json};

use super::*;
use crate::given::{Given, on, sealed};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn plan() -> Plan {
    Plan {
        title: Line::new("Management review 2024"),
        period_from: day("2024-07-01"),
        period_to: day("2024-12-31"),
        planned_on: day("2025-01-17"),
        chair: UserId::new("usr_ingrid"),
        attendees: vec![UserId::new("usr_priya"), UserId::new("usr_rui")],
        agenda: None,
    }
}

/// As the AIMS manager, who knows documents of every kind that the inputs read.
fn priya(day: &str) -> Context {
    let context = on("usr_priya", Role::Am, day);
    let kinds = InputKind::ALL.into_iter().flat_map(InputKind::kinds).enumerate();
    kinds.fold(context, |context, (n, kind)| {
        let document = json!({ "title": format!("Number {n}"), "text": { "plain": "Names" } });
        context.knowing(&format!("x{n:02}_1"), kind, sealed(document))
    })
}

fn ingrid(day: &str) -> Context {
    on("usr_ingrid", Role::Tm, day)
}

fn timer(day: &str) -> Context {
    on("rea_timer", Role::Sys, day)
}

fn freeze(inputs: &[InputKind]) -> Command {
    Command::FreezeInputs(FreezeInputs { inputs: inputs.to_vec() })
}

fn record(key: &str) -> RecordDecision {
    RecordDecision {
        key: Some(Key::new(key)),
        text: Prose::new("A budget for monitoring."),
        decision_kind: DecisionKind::Resource,
        owner: Some(UserId::new("usr_lena")),
        due: Some(day("2025-03-31")),
    }
}

fn hold(held_on: Option<&str>) -> Command {
    let (held_on, minutes_hash) = (held_on.map(day), Hash::new("c".repeat(64)));
    Command::Hold(Hold { held_on, attendees: vec![], minutes_hash })
}

fn complete(key: &str) -> Command {
    let text = Some(Prose::new("20,000 euro a year."));
    Command::CompleteDecision(CompleteDecision { decision: Key::new(key), text })
}

fn scheduled() -> Given<ManagementReview> {
    Given::nothing("mrv_1").after(Command::Schedule(plan()), priya("2024-12-20"))
}

fn frozen() -> Given<ManagementReview> {
    scheduled().after(freeze(&[]), priya("2025-01-16"))
}

fn held() -> Given<ManagementReview> {
    let decided = frozen().after(Command::RecordDecision(record("d1")), ingrid("2025-01-17"));
    decided.after(hold(None), ingrid("2025-01-17"))
}

#[test]
fn a_review_is_scheduled_frozen_held_and_closed_when_its_decisions_are_carried_out() {
    let done = held().after(complete("d1"), on("usr_lena", Role::Emp, "2025-03-20"));
    let closed = done.after(Command::CloseActions, priya("2025-03-31"));
    assert_eq!(closed.state.status, ReviewStatus::ActionsClosed);
    assert_eq!(closed.state.held_on, Some(day("2025-01-17")));
    assert!(closed.holds(Command::CloseActions, priya("2025-03-31")));
    assert!(closed.holds(complete("d1"), priya("2025-03-31")));
}

#[test]
fn the_seven_inputs_are_those_of_the_standard_and_no_kind_is_read_twice() {
    assert_eq!(InputKind::ALL.len(), 7);
    let mut kinds: Vec<_> = InputKind::ALL.into_iter().flat_map(InputKind::kinds).collect();
    let all = kinds.len();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), all);
    for kind in kinds {
        assert!(kernel::kinds::kind(kind).is_some(), "{kind}");
    }
    for input in InputKind::ALL {
        assert_eq!(InputKind::of_word(input.word()), Some(input));
        assert_eq!(json!(input), json!(input.word()));
    }
    assert_eq!(InputKind::of_word("weather"), None);
}

#[test]
fn all_seven_inputs_are_frozen_at_the_position_of_the_facts() {
    let review = frozen().state;
    assert_eq!(review.status, ReviewStatus::InputsFrozen);
    assert_eq!(review.inputs.len(), 7);
    for (word, input) in &review.inputs {
        let kind = InputKind::of_word(word.as_str()).unwrap();
        assert_eq!(input.snapshot_as_of, Position(40));
        assert_eq!(input.documents as usize, kind.kinds().len(), "{word:?}");
    }
    let hashes: std::collections::BTreeSet<_> =
        review.inputs.values().map(|input| input.snapshot_hash.as_str()).collect();
    assert_eq!(hashes.len(), 7);
}

#[test]
fn the_recorded_hash_is_that_of_the_bytes_which_the_same_documents_give_again() {
    use sha2::{Digest, Sha256};
    let context = priya("2025-01-16").knowing("mrv_1", "management_review", json!({ "own": 1 }));
    let review = scheduled().after(freeze(&[]), context).state;
    let input = InputKind::EarlierActions;
    let recorded = &review.inputs[&Key::new("earlier_actions")];
    assert_eq!(recorded.documents, 1, "the review itself does not count");
    let (own, other) = (
        json!({ "own": 1 }),
        sealed(json!({ "text": { "plain": "" },
        "title": "Number 0" })),
    );
    let documents = |own| {
        let reviews = [("x00_1", &other), ("mrv_1", own)];
        let scopes = [("scp_1", own)];
        Documents::from([
            ("management_review", reviews.into()),
            ("scope", scopes.into()),
            ("interested_party", [].into()),
        ])
    };
    let bytes = snapshot(input, "mrv_1", Position(40), documents(&own));
    assert_eq!(hex::encode(Sha256::digest(&bytes)), recorded.snapshot_hash.as_str());
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with(r#"{"asOf":"40","documents":{"management_review":{"x00_1":{"#));
    assert!(text.ends_with(r#""input":"earlier_actions","query":1,"review":"mrv_1"}"#), "{text}");
    let later = snapshot(input, "mrv_1", Position(41), documents(&own));
    assert_ne!(hex::encode(Sha256::digest(later)), recorded.snapshot_hash.as_str());
}

#[test]
fn inputs_can_be_frozen_one_by_one_and_anew_until_the_review_is_held() {
    let six = scheduled().after(freeze(&InputKind::ALL[..6]), priya("2025-01-15"));
    assert_eq!(six.state.status, ReviewStatus::Scheduled);
    let missing = Refusal::InputsMissing { inputs: "improvement_opportunities".into() };
    assert_eq!(six.refuses(hold(None), ingrid("2025-01-17")), missing);
    let decide = || Command::RecordDecision(record("d1"));
    assert_eq!(six.refuses(decide(), ingrid("2025-01-17")), missing);
    let seven = six.after(freeze(&InputKind::ALL[6..]), priya("2025-01-16"));
    assert_eq!(seven.state.status, ReviewStatus::InputsFrozen);
    let changed = priya("2025-01-17").knowing("ipv_9", "improvement", json!({ "title": "New" }));
    let again = seven.clone().after(freeze(&InputKind::ALL[6..]), changed);
    let hash = |given: &Given<ManagementReview>| {
        given.state.inputs[&Key::new("improvement_opportunities")].snapshot_hash.clone()
    };
    assert_ne!(hash(&seven), hash(&again));
    let refused = held().refuses(freeze(&[]), priya("2025-01-18"));
    assert_eq!(refused, Refusal::WrongStatus { status: "held", step: "given other inputs" });
}

#[test]
fn top_management_chairs() {
    let other = Plan { chair: UserId::new("usr_priya"), ..plan() };
    let nothing = Given::<ManagementReview>::nothing("mrv_1");
    let refused = nothing.refuses(Command::Schedule(other), priya("2024-12-20"));
    let not = |chair: &str| Refusal::ChairIsNotTopManagement { chair: chair.into() };
    assert_eq!(refused, not("usr_priya"));
    let moved = |chair: &str| {
        let (planned_on, reason) = (day("2025-01-24"), Prose::new("Travel."));
        Command::Reschedule(Reschedule { planned_on, chair: Some(UserId::new(chair)), reason })
    };
    assert_eq!(scheduled().refuses(moved("usr_rui"), priya("2025-01-10")), not("usr_rui"));
    let gone = ingrid("2025-01-17").knowing(
        "mbr_ingrid",
        "membership",
        json!({ "roles": ["TM"], "status": "revoked" }),
    );
    assert_eq!(frozen().refuses(hold(None), gone), not("usr_ingrid"));
}

#[test]
fn a_review_is_moved_until_it_is_held() {
    let moved = |to: &str| {
        let reason = Prose::new("The chair travels.");
        Command::Reschedule(Reschedule { planned_on: day(to), chair: None, reason })
    };
    let later = scheduled().after(moved("2025-01-24"), priya("2025-01-10"));
    assert_eq!(later.state.plan.planned_on, day("2025-01-24"));
    assert!(later.holds(moved("2025-01-24"), priya("2025-01-10")));
    let refused = held().refuses(moved("2025-01-24"), priya("2025-01-20"));
    assert_eq!(refused, Refusal::WrongStatus { status: "held", step: "moved" });
    let ends_first = Plan { period_to: day("2024-06-30"), ..plan() };
    let nothing = Given::<ManagementReview>::nothing("mrv_1");
    let refused = nothing.refuses(Command::Schedule(ends_first), priya("2024-12-20"));
    assert_eq!(refused, Refusal::PeriodEndsFirst { at: "/periodTo" });
}

#[test]
fn a_review_is_held_after_its_inputs_and_not_in_the_future() {
    let refused = frozen().refuses(hold(Some("2025-01-18")), ingrid("2025-01-17"));
    assert_eq!(refused, Refusal::HeldInFuture { at: "/heldOn" });
    let refused = frozen().refuses(hold(Some("2025-01-15")), ingrid("2025-01-17"));
    let frozen = day("2025-01-16");
    assert_eq!(refused, Refusal::HeldBeforeInputs { frozen, at: "/heldOn" });
    assert!(held().holds(hold(None), ingrid("2025-01-18")));
    let refused = held().refuses(hold(Some("2025-01-18")), ingrid("2025-01-18"));
    assert_eq!(refused, Refusal::WrongStatus { status: "held", step: "held again" });
}

#[test]
fn a_decision_has_an_owner_and_a_day() {
    let refuses =
        |decision| frozen().refuses(Command::RecordDecision(decision), ingrid("2025-01-17"));
    let nobody = RecordDecision { owner: None, ..record("d1") };
    assert_eq!(refuses(nobody), Refusal::DecisionWithoutOwner { at: "/owner" });
    let never = RecordDecision { due: None, ..record("d1") };
    assert_eq!(refuses(never), Refusal::DecisionWithoutDue { at: "/due" });
    let unnamed = RecordDecision { key: None, ..record("d1") };
    let decided = frozen().after(Command::RecordDecision(unnamed), ingrid("2025-01-17"));
    assert_eq!(decided.state.decisions.len(), 1);
    let again = || Command::RecordDecision(record("d1"));
    let refused = held().refuses(again(), ingrid("2025-01-17"));
    assert_eq!(refused, Refusal::DecisionExists { decision: "d1".into(), at: "/key" });
    let mut full = held();
    let one = full.state.decisions[&Key::new("d1")].clone();
    for n in 0..DECISIONS_MAX {
        full.state.decisions.insert(Key::new(format!("x{n}")), one.clone());
    }
    let refused = full.refuses(again(), ingrid("2025-01-17"));
    assert_eq!(refused, Refusal::TooManyDecisions { most: DECISIONS_MAX });
}

#[test]
fn a_decision_is_carried_out_by_its_owner_before_the_review_is_closed() {
    let lena = || on("usr_lena", Role::Emp, "2025-03-20");
    let refused = held().refuses(Command::CloseActions, priya("2025-03-31"));
    assert_eq!(refused, Refusal::DecisionsOpen { decisions: "d1".into() });
    let refused = held().refuses(complete("d1"), on("usr_sara", Role::Emp, "2025-03-20"));
    assert_eq!(refused, Refusal::NotDecisionOwner { at: "/decision" });
    let refused = held().refuses(complete("d9"), lena());
    assert_eq!(refused, Refusal::UnknownDecision { decision: "d9".into(), at: "/decision" });
    let early = frozen().after(Command::RecordDecision(record("d1")), ingrid("2025-01-17"));
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    assert_eq!(early.refuses(complete("d1"), lena()), wrong("about to be held", "carried out"));
    let refused = frozen().refuses(Command::CloseActions, priya("2025-03-31"));
    assert_eq!(refused, wrong("about to be held", "closed"));
    let closed = held().after(complete("d1"), lena());
    let closed = closed.after(Command::CloseActions, priya("2025-03-31"));
    let more = Command::RecordDecision(record("d2"));
    let refused = closed.refuses(more, ingrid("2025-04-01"));
    assert_eq!(refused, wrong("closed", "given a decision"));
}

#[test]
fn a_review_that_is_not_held_in_time_is_overdue_once() {
    let planned_on = day("2025-01-17");
    let refused = frozen().refuses(Command::MarkOverdue, timer("2025-01-17"));
    assert_eq!(refused, Refusal::NotOverdue { planned_on });
    let late = frozen().after(Command::MarkOverdue, timer("2025-01-18"));
    assert_eq!(late.state.overdue_since, Some(planned_on));
    assert!(late.holds(Command::MarkOverdue, timer("2025-01-19")));
    let refused = held().refuses(Command::MarkOverdue, timer("2025-01-19"));
    assert_eq!(refused, Refusal::NotOverdue { planned_on });
}

#[test]
fn only_descriptions_can_be_corrected() {
    let correct = |name: &str, value: Value| {
        let set = Fields([(name.to_owned(), value)].into_iter().collect());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("misspelt"), set })
    };
    let context = || priya("2025-01-18");
    let corrected = held().after(correct("title", json!("Review of 2024")), context());
    assert_eq!(corrected.state.plan.title, Line::new("Review of 2024"));
    let refused = held().refuses(correct("inputs", json!({})), context());
    assert!(matches!(refused, Refusal::Correction(_)), "{refused:?}");
}

#[test]
fn others_see_it_as_it_is() {
    let view = |given: Given<ManagementReview>| -> facts::ManagementReview {
        serde_json::from_value(json!(given.state)).unwrap()
    };
    assert_eq!((view(frozen()).is_held(), view(frozen()).held_on), (false, None));
    let seen = view(held());
    assert_eq!((seen.is_held(), seen.held_on), (true, Some(day("2025-01-17"))));
    let done = held().after(complete("d1"), priya("2025-03-20"));
    assert!(view(done.after(Command::CloseActions, priya("2025-03-31"))).is_held());
}
