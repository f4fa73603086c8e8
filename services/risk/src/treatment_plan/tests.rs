//! Given, when, then: treatment plans.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use kernel::Decimal;
use kernel::values::{Fields, Key, Line, Prose, Ref};
use serde_json::{Value, json};

use super::*;

const RISK: &str = "risk_1";

/// A plan, its history's version, and what others say.
struct Story {
    plan: TreatmentPlan,
    version: u64,
    facts: Vec<(String, &'static str, Value)>,
}

type Who = (&'static str, &'static [Role]);

const TOMAS: Who = ("usr_tomas", &[Role::Emp, Role::Rm]);
const LENA: Who = ("usr_lena", &[Role::Emp, Role::Ro]);
const OLGA: Who = ("usr_olga", &[Role::Emp, Role::Ro]);
const INGRID: Who = ("usr_ingrid", &[Role::Emp, Role::Tm]);
const SARA: Who = ("usr_sara", &[Role::Emp, Role::Dev]);
const KENJI: Who = ("usr_kenji", &[Role::Emp, Role::Val]);
const TIMER: Who = ("rea_timer", &[Role::Sys]);

impl Story {
    fn new() -> Self {
        let mut story = Self { plan: TreatmentPlan::default(), version: 0, facts: Vec::new() };
        story.know(RISK, "risk", risk("usr_lena", "evaluated"));
        story.know("evd_1", "evidence", json!({"status": "verified"}));
        story
    }

    fn know(&mut self, id: &str, kind: &'static str, body: Value) {
        self.facts.retain(|(known, _, _)| known != id);
        self.facts.push((id.to_owned(), kind, body));
    }

    fn decide(
        &self,
        (user, roles): Who,
        day: &str,
        command: Command,
    ) -> Result<Vec<Event>, Refusal> {
        let mut context = Context::of(user, roles, &format!("{day}T09:00:00Z"));
        "tpl_1".clone_into(&mut context.id);
        context.version = self.version;
        let context = self
            .facts
            .iter()
            .fold(context, |context, (id, kind, body)| context.knowing(id, kind, body.clone()));
        let decided = self.plan.decide(command, &context);
        assert_eq!(context.facts.unreadable(), None);
        decided
    }

    fn give(&mut self, who: Who, day: &str, command: Command) -> Vec<Event> {
        let events = self.decide(who, day, command).unwrap();
        for event in &events {
            self.plan.evolve(event.clone());
            self.version += 1;
        }
        events
    }

    fn refuses(&self, who: Who, day: &str, command: Command) -> Refusal {
        self.decide(who, day, command).unwrap_err()
    }

    /// What other services see.
    fn view(&self) -> facts::TreatmentPlan {
        serde_json::from_value(json!(self.plan)).unwrap()
    }

    fn action(&self, key: &str) -> &Action {
        &self.plan.in_force.as_ref().unwrap().actions[&Key::new(key)]
    }
}

fn risk(owner: &str, status: &str) -> Value {
    json!({"title": "Postcode proxy", "owner": owner, "status": status})
}

fn date(day: &str) -> Date {
    day.parse().unwrap()
}

fn new_action(key: &str, control: &str, owner: &str, due: &str) -> NewAction {
    NewAction {
        key: Some(Key::new(key)),
        text: Prose::new("Drop the postcode from the features."),
        control: Number::new(control),
        owner: UserId::new(owner),
        due: date(due),
        mandatory: None,
    }
}

/// TP-01 of the worked example.
fn content() -> Draft {
    Draft {
        title: Line::new("Fairness of CreditLens"),
        risks: vec![Ref::new(RISK)],
        actions: vec![
            new_action("postcode", "A.6.2.4", "usr_sara", "2024-12-31"),
            new_action("constraint", "A.7.4", "usr_sara", "2025-01-31"),
            NewAction {
                mandatory: Some(false),
                ..new_action("review", "A.9.2", "usr_lena", "2025-01-15")
            },
        ],
        budget: None,
        expected_residual: None,
    }
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn withdraw() -> Command {
    Command::Withdraw(Withdraw { reason: Prose::new("Another plan does it.") })
}

fn done(action: &str) -> Command {
    let (action, evidence) = (Key::new(action), vec![Ref::new("evd_1")]);
    Command::CompleteAction(CompleteAction { action, evidence, reason: None })
}

fn overdue(action: &str) -> Command {
    Command::MarkActionOverdue(MarkActionOverdue { action: Key::new(action) })
}

fn verify(effective: bool) -> Command {
    let result = Prose::new("The disparate-impact ratio is 0.87.");
    Command::Verify(Verify { effective, result, evidence: vec![Ref::new("evd_1")] })
}

fn submitted() -> Story {
    let mut story = Story::new();
    story.give(TOMAS, "2024-10-10", Command::Draft(content()));
    story.give(TOMAS, "2024-10-11", Command::Submit);
    story
}

fn in_force() -> Story {
    let mut story = submitted();
    story.give(LENA, "2024-10-14", approve());
    story
}

fn completed() -> Story {
    let mut story = in_force();
    story.give(SARA, "2024-12-01", done("postcode"));
    story.give(SARA, "2024-12-02", done("constraint"));
    story.give(LENA, "2024-12-03", done("review"));
    story.give(TOMAS, "2025-01-08", Command::Complete);
    story
}

#[test]
fn a_plan_is_drafted_approved_carried_out_and_shown_to_work() {
    let mut story = in_force();
    assert_eq!(story.plan.approval.effective.as_ref().unwrap().version, 1);
    assert_eq!(story.plan.progress, Progress::NotStarted);
    assert_eq!(story.plan.mandatory_actions, MandatoryActions::Open);
    assert_eq!(story.plan.next_due, Some(date("2024-12-31")));
    let controls: Vec<_> = story.plan.controls.iter().map(Number::as_str).collect();
    assert_eq!(controls, ["A.7.4", "A.6.2.4", "A.9.2"]);
    story.give(SARA, "2024-12-01", done("postcode"));
    assert_eq!(story.plan.progress, Progress::InProgress);
    assert_eq!(story.action("postcode").status, ActionStatus::Done);
    assert_eq!(story.plan.next_due, Some(date("2025-01-15")));
    story.give(SARA, "2024-12-02", done("constraint"));
    assert_eq!(story.plan.mandatory_actions, MandatoryActions::Done);
    story.give(LENA, "2024-12-03", done("review"));
    assert_eq!(story.plan.next_due, None);
    assert!(!story.view().is_carried_out());
    story.give(TOMAS, "2025-01-08", Command::Complete);
    assert!(story.view().is_carried_out());
    story.give(KENJI, "2025-03-01", verify(true));
    assert_eq!(story.plan.progress, Progress::EffectivenessVerified);
    assert!(story.view().is_carried_out());
    let verification = story.plan.verification.as_ref().unwrap();
    assert_eq!((verification.version, verification.effective), (1, true));
}

#[test]
fn the_author_of_a_plan_does_not_approve_it() {
    let both: Who = ("usr_tomas", &[Role::Rm, Role::Tm]);
    let refusal = submitted().refuses(both, "2024-10-14", approve());
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn a_plan_is_decided_on_by_the_owner_of_all_its_risks_or_by_top_management() {
    let mut story = Story::new();
    story.know(
        "risk_2",
        "risk",
        json!({"title": "Leak", "owner": "usr_olga", "status": "evaluated"}),
    );
    let risks = vec![Ref::new(RISK), Ref::new("risk_2")];
    story.give(TOMAS, "2024-10-10", Command::Draft(Draft { risks, ..content() }));
    story.give(TOMAS, "2024-10-11", Command::Submit);
    let reject = || Command::Reject(Reject { reason: Prose::new("too slow") });
    for (who, not_his) in [(LENA, "Leak"), (OLGA, "Postcode proxy")] {
        let refusal = Refusal::NotDesignated { risk: not_his.to_owned() };
        assert_eq!(story.refuses(who, "2024-10-14", approve()), refusal);
        assert_eq!(story.refuses(who, "2024-10-14", reject()), refusal);
    }
    assert!(story.decide(INGRID, "2024-10-14", reject()).is_ok());
    assert!(story.decide(INGRID, "2024-10-14", approve()).is_ok());
}

#[test]
fn a_plan_that_was_sent_back_is_a_draft_again() {
    let mut story = submitted();
    story.give(LENA, "2024-10-12", Command::Reject(Reject { reason: Prose::new("too slow") }));
    assert_eq!(story.plan.approval.status, Phase::Draft);
    story.give(TOMAS, "2024-10-13", Command::Redraft(content()));
    assert_eq!(story.plan.approval.version, 1);
}

#[test]
fn a_plan_for_a_risk_that_is_not_open_is_not_approved() {
    let mut story = submitted();
    for status in ["closed", "candidate"] {
        story.know(RISK, "risk", risk("usr_lena", status));
        let refusal = story.refuses(LENA, "2024-10-14", approve());
        assert_eq!(refusal, Refusal::RiskNotOpen { risk: "Postcode proxy".to_owned() });
    }
}

#[test]
fn a_plan_names_risks_and_actions() {
    let mut story = Story::new();
    story.give(TOMAS, "2024-10-10", Command::Draft(Draft { risks: Vec::new(), ..content() }));
    assert_eq!(story.refuses(TOMAS, "2024-10-11", Command::Submit), Refusal::NoRisk);
    let redraft = Draft { actions: Vec::new(), ..content() };
    story.give(TOMAS, "2024-10-10", Command::Redraft(redraft));
    assert_eq!(story.refuses(TOMAS, "2024-10-11", Command::Submit), Refusal::NoAction);
}

#[test]
fn an_action_has_a_control_an_owner_and_a_day() {
    use kernel::door::check;
    use kernel::schema::Record;
    let whole = json!({
        "text": "Drop the postcode.", "control": "A.6.2.4",
        "owner": "usr_00000000000000000000000000", "due": "2024-12-31",
    });
    assert!(check(&NewAction::record().fields, &whole, "/actions/0").is_empty());
    for field in ["control", "owner", "due"] {
        let mut action = whole.clone();
        action.as_object_mut().unwrap().remove(field);
        let errors = check(&NewAction::record().fields, &action, "/actions/0");
        let pointers: Vec<_> = errors.iter().map(|e| (e.pointer.as_str(), e.code)).collect();
        assert_eq!(pointers, [(format!("/actions/0/{field}").as_str(), "missing")]);
    }
}

#[test]
fn a_control_is_of_the_standard_or_of_a_statement_of_applicability() {
    let mut story = Story::new();
    let mut input = content();
    input.actions[1].control = Number::new("X.1");
    let needs = story.plan.needs(
        &Command::Draft(input.clone()),
        &Context::of("usr_tomas", &[Role::Rm], "2024-10-10T09:00:00Z"),
    );
    assert_eq!(needs, [Need::Where("soa_control", "control", "X.1".to_owned())]);
    let refusal = story.refuses(TOMAS, "2024-10-10", Command::Draft(input.clone()));
    let (control, at) = ("X.1".to_owned(), "/actions/1/control".to_owned());
    assert_eq!(refusal, Refusal::UnknownControl { control, at });
    let mut row = json!({"control": "X.1", "decision": "applicable", "status": "planned"});
    row["catalogue"] = json!("cat_1");
    story.know("soc_1", "soa_control", row);
    assert!(story.decide(TOMAS, "2024-10-10", Command::Draft(input)).is_ok());
}

#[test]
fn two_actions_have_two_keys() {
    let story = Story::new();
    let mut input = content();
    input.actions[2].key = Some(Key::new("postcode"));
    let refusal = story.refuses(TOMAS, "2024-10-10", Command::Draft(input.clone()));
    let (key, at) = ("postcode".to_owned(), "/actions/2/key".to_owned());
    assert_eq!(refusal, Refusal::KeyTakenTwice { key, at });
    input.actions.iter_mut().for_each(|action| action.key = None);
    let events = story.decide(TOMAS, "2024-10-10", Command::Draft(input)).unwrap();
    let [Event::Drafted(drafted)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(drafted.content.actions.len(), 3, "keys are given where they lack");
}

#[test]
fn budget_and_expected_residual_mean_something() {
    let story = Story::new();
    let draft = |budget, expected_residual| {
        Command::Draft(Draft { budget, expected_residual, ..content() })
    };
    let budget = |amount: &str, currency| {
        let amount: Decimal = amount.parse().unwrap();
        Some(Budget { amount, currency: Line::new(currency) })
    };
    for wrong in [budget("-1", "EUR"), budget("10", "EU"), budget("10", "eur")] {
        let refusal = story.refuses(TOMAS, "2024-10-10", draft(wrong, None));
        assert_eq!(refusal, Refusal::NoBudget { at: "/budget" });
    }
    let expected = |likelihood, severity| Some(ExpectedResidual { likelihood, severity });
    for (wrong, grade, at) in [
        (expected(0, 4), 0, "/expectedResidual/likelihood"),
        (expected(2, 6), 6, "/expectedResidual/severity"),
    ] {
        let refusal = story.refuses(TOMAS, "2024-10-10", draft(None, wrong));
        assert_eq!(refusal, Refusal::NoGrade { grade, at });
    }
    let fine = draft(budget("12500.50", "EUR"), expected(2, 4));
    assert!(story.decide(TOMAS, "2024-10-10", fine).is_ok());
}

#[test]
fn an_action_is_done_by_its_owner_or_the_risk_manager() {
    let mut story = in_force();
    for who in [LENA, KENJI, OLGA] {
        let refusal = story.refuses(who, "2024-12-01", done("postcode"));
        assert_eq!(refusal, Refusal::NotTheActionOwner);
    }
    story.give(TOMAS, "2024-12-01", done("postcode"));
    assert_eq!(story.action("postcode").done_by, Some(UserId::new("usr_tomas")));
    assert!(story.give(SARA, "2024-12-02", done("postcode")).is_empty(), "it holds already");
}

#[test]
fn an_action_is_done_with_evidence_or_a_reason() {
    let mut story = in_force();
    let with = |evidence: &[&str], reason: Option<&str>| {
        Command::CompleteAction(CompleteAction {
            action: Key::new("postcode"),
            evidence: evidence.iter().map(|id| Ref::new(*id)).collect(),
            reason: reason.map(Prose::new),
        })
    };
    let refusal = Refusal::DoneWithoutProof { at: "/evidence" };
    assert_eq!(story.refuses(SARA, "2024-12-01", with(&[], None)), refusal);
    assert_eq!(story.refuses(SARA, "2024-12-01", with(&[], Some(" "))), refusal);
    story.know("evd_2", "evidence", json!({"status": "quarantined"}));
    let refusal = story.refuses(SARA, "2024-12-01", with(&["evd_1", "evd_2"], None));
    let (evidence, at) = ("evd_2".to_owned(), "/evidence/1".to_owned());
    assert_eq!(refusal, Refusal::EvidenceNotGood { evidence, at });
    story.give(SARA, "2024-12-01", with(&[], Some("A talk; nothing was written.")));
    assert!(story.action("postcode").reason.is_some());
}

#[test]
fn what_is_not_in_force_is_not_carried_out() {
    let story = submitted();
    for command in [done("postcode"), overdue("postcode"), Command::Complete, verify(true)] {
        assert_eq!(story.refuses(TOMAS, "2024-12-01", command), Refusal::NotInForce);
    }
    let refusal = in_force().refuses(SARA, "2024-12-01", done("unknown"));
    let (action, at) = ("unknown".to_owned(), "/action");
    assert_eq!(refusal, Refusal::NoSuchAction { action, at });
}

#[test]
fn a_plan_with_open_actions_is_not_completed() {
    let mut story = in_force();
    assert_eq!(
        story.refuses(TOMAS, "2024-12-01", Command::Complete),
        Refusal::ActionsOpen { count: 3 }
    );
    story.give(SARA, "2024-12-01", done("postcode"));
    story.give(SARA, "2024-12-01", done("constraint"));
    let refusal = story.refuses(TOMAS, "2024-12-01", Command::Complete);
    assert_eq!(refusal, Refusal::ActionsOpen { count: 1 }, "also one that is not mandatory");
    let mut completed = completed();
    assert!(completed.give(TOMAS, "2025-01-09", Command::Complete).is_empty());
}

#[test]
fn an_action_is_overdue_once_its_day_has_passed() {
    let mut story = in_force();
    let refusal = story.refuses(TIMER, "2024-12-31", overdue("postcode"));
    assert_eq!(refusal, Refusal::NotOverdue { due: date("2024-12-31") });
    story.give(TIMER, "2025-01-01", overdue("postcode"));
    assert_eq!(story.action("postcode").status, ActionStatus::Overdue);
    assert!(story.give(TIMER, "2025-01-02", overdue("postcode")).is_empty());
    assert_eq!(story.view().open_mandatory(Some(date("2024-12-31"))), 1);
    assert_eq!(story.view().open_mandatory(None), 2);
    story.give(SARA, "2025-01-03", done("postcode"));
    assert_eq!(story.refuses(TIMER, "2025-01-04", overdue("postcode")), Refusal::ActionDone);
    assert_eq!(story.view().open_mandatory(Some(date("2024-12-31"))), 0);
}

#[test]
fn whoever_owned_or_did_an_action_does_not_verify_the_plan() {
    let mut story = in_force();
    story.give(TOMAS, "2024-12-01", done("postcode"));
    story.give(SARA, "2024-12-02", done("constraint"));
    story.give(LENA, "2024-12-03", done("review"));
    story.give(LENA, "2025-01-08", Command::Complete);
    for who in [TOMAS, SARA, LENA] {
        let refusal = story.refuses(who, "2025-03-01", verify(true));
        assert_eq!(refusal, Refusal::VerifierIsActionOwner);
    }
    assert!(story.decide(KENJI, "2025-03-01", verify(true)).is_ok());
}

#[test]
fn a_plan_is_verified_once_it_is_completed_and_on_good_evidence() {
    assert_eq!(in_force().refuses(KENJI, "2025-03-01", verify(true)), Refusal::NotCompleted);
    let mut story = completed();
    story.know("evd_1", "evidence", json!({"status": "stale"}));
    let refusal = story.refuses(KENJI, "2025-03-01", verify(true));
    assert!(matches!(refusal, Refusal::EvidenceNotGood { .. }));
    story.know("evd_1", "evidence", json!({"status": "verified"}));
    story.give(KENJI, "2025-03-01", verify(true));
    assert!(story.give(KENJI, "2025-03-02", verify(true)).is_empty(), "it holds already");
    story.give(KENJI, "2025-06-01", verify(false));
    assert_eq!(story.plan.progress, Progress::Ineffective, "what worked may cease to work");
}

#[test]
fn an_ineffective_plan_is_drafted_again_and_goes_through_review() {
    let mut story = completed();
    story.give(KENJI, "2025-03-01", verify(false));
    assert_eq!(story.plan.progress, Progress::Ineffective);
    assert!(!story.view().is_carried_out());
    assert!(story.give(KENJI, "2025-03-02", verify(false)).is_empty());
    assert_eq!(story.refuses(KENJI, "2025-03-02", verify(true)), Refusal::FoundIneffective);
    assert_eq!(story.refuses(TOMAS, "2025-03-02", Command::Complete), Refusal::FoundIneffective);
    let mut next = content();
    next.actions.push(new_action("retrain", "A.6.2.2", "usr_sara", "2025-06-30"));
    story.give(TOMAS, "2025-03-03", Command::Redraft(next));
    story.give(TOMAS, "2025-03-03", Command::Submit);
    assert_eq!(story.plan.approval.status, Phase::InReview);
    let events = story.give(LENA, "2025-03-04", approve());
    assert!(matches!(events.as_slice(), [Event::Superseded(_), Event::Approved(_)]));
    assert_eq!(story.plan.approval.effective.as_ref().unwrap().version, 2);
    assert_eq!(story.plan.progress, Progress::InProgress);
    assert_eq!(story.action("postcode").status, ActionStatus::Done, "what is done stays done");
    assert_eq!(story.action("retrain").status, ActionStatus::Open);
    story.give(SARA, "2025-06-01", done("retrain"));
    story.give(TOMAS, "2025-06-02", Command::Complete);
    assert!(story.view().is_carried_out());
}

#[test]
fn the_version_in_force_counts_until_the_next_one_is_approved() {
    let mut story = in_force();
    let mut next = content();
    next.actions.remove(0);
    next.risks = vec![Ref::new("risk_2")];
    story.give(TOMAS, "2024-11-01", Command::Redraft(next));
    assert_eq!(story.plan.approval.status, Phase::Draft);
    assert_eq!(story.plan.mandatory_actions, MandatoryActions::Open);
    let view = story.view();
    assert!(view.is_live() && view.treats(RISK) && !view.treats("risk_2"));
    assert_eq!(view.open_mandatory(None), 2, "a draft drops no mandatory action");
    assert!(view.controls.contains(&"A.6.2.4".to_owned()));
    story.give(SARA, "2024-11-02", done("postcode"));
    assert_eq!(story.view().open_mandatory(None), 1);
}

#[test]
fn an_action_for_another_control_begins_anew() {
    let mut story = in_force();
    story.give(SARA, "2024-11-01", done("postcode"));
    let mut next = content();
    next.actions[0].control = Number::new("A.6.2.2");
    story.give(TOMAS, "2024-11-02", Command::Redraft(next));
    story.give(TOMAS, "2024-11-02", Command::Submit);
    story.give(LENA, "2024-11-03", approve());
    assert_eq!(story.action("postcode").status, ActionStatus::Open);
    assert_eq!(story.plan.progress, Progress::NotStarted);
}

#[test]
fn a_plan_in_force_is_taken_back_by_those_who_may_approve_it() {
    let mut story = in_force();
    for who in [TOMAS, OLGA] {
        let refusal = story.refuses(who, "2024-11-01", withdraw());
        assert_eq!(refusal, Refusal::NotDesignated { risk: "Postcode proxy".to_owned() });
    }
    story.give(LENA, "2024-11-01", withdraw());
    assert!(story.plan.in_force.is_none());
    assert_eq!(story.plan.mandatory_actions, MandatoryActions::None);
    assert!(!story.view().is_live());
    let mut draft = submitted();
    draft.give(TOMAS, "2024-10-12", withdraw());
    assert_eq!(draft.plan.approval.status, Phase::Withdrawn);
}

#[test]
fn a_draft_of_the_next_version_is_taken_back_without_ending_the_one_in_force() {
    let mut story = in_force();
    story.give(TOMAS, "2024-11-01", Command::Redraft(content()));
    story.give(TOMAS, "2024-11-02", withdraw());
    assert!(story.view().is_live() && story.view().treats(RISK));
}

#[test]
fn a_correction_sets_the_title_but_no_progress() {
    let story = in_force();
    let correct = |name: &str, value| {
        let set = Fields(serde_json::Map::from_iter([(name.to_owned(), value)]));
        Command::Correct(Correct { corrects: 1, reason: Prose::new("typing error"), set })
    };
    assert!(story.decide(TOMAS, "2024-11-01", correct("title", json!("Fairness"))).is_ok());
    for (name, value) in [("progress", json!("completed")), ("nextDue", json!("2030-01-01"))] {
        let refusal = story.refuses(TOMAS, "2024-11-01", correct(name, value));
        assert!(matches!(refusal, Refusal::Correction(_)), "{name}");
    }
}

#[test]
fn the_largest_plan_fits_into_a_document() {
    let mut story = Story::new();
    let sealed = || Prose::Sealed("0".repeat(64));
    let id = |prefix: &str, n: usize| format!("{prefix}_{n:026}");
    let actions = (0..40).map(|n| NewAction {
        key: Some(Key::new(format!("{n:064}"))),
        text: sealed(),
        ..new_action("", "A.6.2.4", &id("usr", n), "2025-01-31")
    });
    let risks = (0..50).map(|n| Ref::new(id("risk", n))).collect();
    let draft = Draft { actions: actions.collect(), risks, ..content() };
    story.give(TOMAS, "2024-10-10", Command::Draft(draft));
    story.give(TOMAS, "2024-10-11", Command::Submit);
    story.give(INGRID, "2024-10-14", approve());
    story.know("evd_1", "evidence", json!({"status": "verified"}));
    for n in 0..40 {
        let evidence: Vec<_> = (0..10).map(|n| id("evd", n)).collect();
        evidence.iter().for_each(|e| story.know(e, "evidence", json!({"status": "verified"})));
        let action = Key::new(format!("{n:064}"));
        let evidence = evidence.into_iter().map(Ref::new).collect();
        let done = CompleteAction { action, evidence, reason: Some(sealed()) };
        story.give(TOMAS, "2024-12-01", Command::CompleteAction(done));
    }
    let bytes = serde_json::to_vec(&story.plan).unwrap().len();
    assert!(bytes < 60 * 1024, "{bytes} bytes");
}
