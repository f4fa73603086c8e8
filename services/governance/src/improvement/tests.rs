//! Given, when, then: improvements.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::Fields;
use serde_json::json;

use super::*;
use crate::given::{Given, on};

fn idea() -> Idea {
    Idea {
        title: Line::new("Criteria in the template of the plan"),
        text: Prose::new("The template asks for criteria before runs can be reported."),
        source: Source::Staff,
        origin: None,
        review_decision: None,
        benefit: Some(Prose::new("Nobody forgets them.")),
        effort: Some(Line::new("Two days")),
    }
}

fn of_review(key: Option<&str>) -> Idea {
    let (origin, review_decision) = (Some(Ref::new("mrv_1")), key.map(Key::new));
    Idea { source: Source::Review, origin, review_decision, ..idea() }
}

fn sara() -> Context {
    on("usr_sara", Role::Emp, "2025-03-03")
}

fn priya() -> Context {
    let review = json!({ "title": "Review", "periodFrom": "2024-07-01", "status": "held",
        "periodTo": "2024-12-31", "plannedOn": "2025-01-17", "chair": "usr_ingrid",
        "decisions": { "d1": { "text": "Budget", "decisionKind": "resource", "due": "2025-03-31",
            "owner": "usr_priya", "recorded":
                { "by": "usr_ingrid", "at": "2025-01-17T09:00:00.000000Z" } } } });
    on("usr_priya", Role::Am, "2025-03-10").knowing("mrv_1", "management_review", review)
}

fn accept() -> Decide {
    Decide {
        choice: Choice::Accept,
        reason: None,
        owner: Some(UserId::new("usr_kenji")),
        due: Some("2025-04-30".parse().unwrap()),
    }
}

fn decline(reason: Option<&str>) -> Command {
    let reason = reason.map(Prose::new);
    Command::Decide(Decide { choice: Choice::Decline, reason, owner: None, due: None })
}

fn implement() -> Command {
    Command::Implement(Implement { text: Prose::new("Template 1.3 is in use.") })
}

fn evaluate(measure: Option<&str>) -> Command {
    Command::Evaluate(Evaluate {
        measure: measure.map(Line::new),
        before: Some(Decimal::whole(2)),
        after: Some(Decimal::whole(0)),
        worked: true,
        text: None,
    })
}

fn proposed() -> Given<Improvement> {
    Given::nothing("ipv_1").after(Command::Propose(idea()), sara())
}

fn accepted() -> Given<Improvement> {
    proposed().after(Command::Decide(accept()), priya())
}

#[test]
fn an_idea_is_accepted_carried_out_and_evaluated() {
    let kenji = on("usr_kenji", Role::Emp, "2025-04-28");
    let evaluated = accepted().after(implement(), kenji).after(
        evaluate(Some("Runs before criteria, a quarter")),
        on("usr_priya", Role::Am, "2025-07-31"),
    );
    let improvement = evaluated.state;
    assert_eq!(improvement.status, ImprovementStatus::Evaluated);
    assert_eq!(improvement.owner, Some(UserId::new("usr_kenji")));
    assert!(improvement.result.unwrap().worked);
}

#[test]
fn what_holds_already_changes_nothing() {
    assert!(accepted().holds(Command::Decide(accept()), priya()));
    assert!(accepted().after(implement(), priya()).holds(implement(), priya()));
    let declined = proposed().after(decline(Some("Too dear.")), priya());
    assert!(declined.holds(decline(Some("Too dear.")), priya()));
}

#[test]
fn whoever_proposed_it_does_not_decide_on_it() {
    let own = Given::<Improvement>::nothing("ipv_1").after(Command::Propose(idea()), priya());
    let refused = own.refuses(Command::Decide(accept()), priya());
    assert_eq!(refused, Refusal::DeciderIsProposer);
}

#[test]
fn a_decision_of_a_management_review_is_not_declined() {
    let given = Given::<Improvement>::nothing("ipv_1");
    let given = given.after(Command::Propose(of_review(Some("d1"))), priya());
    let refused = given.refuses(decline(Some("Too dear.")), priya());
    assert_eq!(refused, Refusal::DecidedByReview { at: "/choice" });
    given.after(Command::Decide(accept()), priya());
}

#[test]
fn what_comes_from_a_review_finding_or_indicator_names_it() {
    let refuses = |idea| {
        let given = Given::<Improvement>::nothing("ipv_1");
        given.refuses(Command::Propose(idea), priya())
    };
    let missing = |source, wanted| Refusal::OriginMissing { source, wanted, at: "/origin" };
    let of = |source, origin: Option<&str>| Idea { source, origin: origin.map(Ref::new), ..idea() };
    assert_eq!(refuses(of(Source::Ofi, None)), missing("an audit", "finding"));
    assert_eq!(refuses(of(Source::Ofi, Some("ncf_1"))), missing("an audit", "finding"));
    assert_eq!(refuses(of(Source::Kpi, Some("mon_1"))), missing("an indicator", "indicator"));
    let review = missing("a management review", "review");
    assert_eq!(refuses(of(Source::Review, None)), review);
    let decision = "d9".to_owned();
    let unknown = Refusal::UnknownDecision { decision, at: "/reviewDecision" };
    assert_eq!(refuses(of_review(Some("d9"))), unknown);
}

#[test]
fn a_decision_says_why_or_by_whom_and_when() {
    let refused = proposed().refuses(decline(None), priya());
    assert_eq!(refused, Refusal::DeclinedWithoutReason { at: "/reason" });
    let nobody = Decide { owner: None, ..accept() };
    let refused = proposed().refuses(Command::Decide(nobody), priya());
    assert_eq!(refused, Refusal::AcceptedWithoutPlan { at: "/owner" });
    let never = Decide { due: None, ..accept() };
    let refused = proposed().refuses(Command::Decide(never), priya());
    assert_eq!(refused, Refusal::AcceptedWithoutPlan { at: "/due" });
}

#[test]
fn an_improvement_is_evaluated_by_a_measure_once_it_was_carried_out() {
    let implemented = accepted().after(implement(), priya());
    let refused = implemented.refuses(evaluate(None), priya());
    assert_eq!(refused, Refusal::NoMeasure { at: "/measure" });
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    let refused = accepted().refuses(evaluate(Some("Runs")), priya());
    assert_eq!(refused, wrong("accepted", "evaluated"));
    assert_eq!(proposed().refuses(implement(), priya()), wrong("proposed", "carried out"));
    let refused = accepted().refuses(decline(Some("Too dear.")), priya());
    assert_eq!(refused, wrong("accepted", "decided on"));
    assert_eq!(accepted().refuses(implement(), sara()), Refusal::NotOwner);
}

#[test]
fn only_descriptions_can_be_corrected() {
    let correct = |name: &str, value: &str| {
        let set = Fields([(name.to_owned(), json!(value))].into_iter().collect());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("misspelt"), set })
    };
    let corrected = proposed().after(correct("effort", "Three days"), priya());
    assert_eq!(corrected.state.idea.effort, Some(Line::new("Three days")));
    let refused = proposed().refuses(correct("source", "review"), priya());
    assert!(matches!(refused, Refusal::Correction(_)), "{refused:?}");
}
