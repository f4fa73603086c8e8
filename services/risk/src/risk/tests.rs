//! Given, when, then: AI risks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use kernel::approval::Approve;
use kernel::domain::Events;
use kernel::values::{Fields, Line, Number, Prose};
use serde_json::{Value, json};

use super::*;
use crate::risk_criteria::{self, Level, RiskCriteria};

const RISK: &str = "risk_1";
const PLAN: &str = "tpl_1";
const SYSTEM: &str = "sys_1";

/// A risk, its history's version, and what others say.
struct Story {
    risk: Risk,
    version: u64,
    facts: Vec<(String, &'static str, Value)>,
}

type Who = (&'static str, &'static [Role]);

const TOMAS: Who = ("usr_tomas", &[Role::Rm]);
const LENA: Who = ("usr_lena", &[Role::Ro]);
const OLGA: Who = ("usr_olga", &[Role::Ro]);
const INGRID: Who = ("usr_ingrid", &[Role::Tm]);
const TIMER: Who = ("rea_P5", &[Role::Sys]);

impl Story {
    fn new() -> Self {
        let mut story = Self { risk: Risk::default(), version: 0, facts: Vec::new() };
        story.know("rcr_1", "risk_criteria", json!(criteria(risk_criteria::Draft::default())));
        story
    }

    fn know(&mut self, id: &str, kind: &'static str, body: Value) {
        self.facts.retain(|(known, _, _)| known != id);
        self.facts.push((id.to_owned(), kind, body));
    }

    fn forget(&mut self, id: &str) {
        self.facts.retain(|(known, _, _)| known != id);
    }

    fn context(&self, (user, roles): Who, day: &str) -> Context {
        let mut context = Context::of(user, roles, &format!("{day}T09:00:00Z"));
        RISK.clone_into(&mut context.id);
        context.version = self.version;
        self.facts
            .iter()
            .fold(context, |context, (id, kind, body)| context.knowing(id, kind, body.clone()))
    }

    fn decide(&self, who: Who, day: &str, command: Command) -> Result<Vec<Event>, Refusal> {
        let context = self.context(who, day);
        let needs = self.risk.needs(&command, &context);
        assert!(needs.len() < 100);
        let decided = self.risk.decide(command, &context);
        assert_eq!(context.facts.unreadable(), None);
        decided
    }

    fn give(&mut self, who: Who, day: &str, command: Command) -> Vec<Event> {
        let events = self.decide(who, day, command).unwrap();
        for event in &events {
            self.risk.evolve(event.clone());
            self.version += 1;
        }
        events
    }

    fn refuses(&self, who: Who, day: &str, command: Command) -> Refusal {
        self.decide(who, day, command).unwrap_err()
    }

    /// The code of the refusal that was recorded.
    fn records(&mut self, who: Who, day: &str, command: Command) -> String {
        let events = self.give(who, day, command);
        let [Event::AcceptanceRefused(refused)] = events.as_slice() else { panic!("{events:?}") };
        refused.refusal.code.to_string()
    }

    /// What other services see.
    fn view(&self) -> facts::Risk {
        serde_json::from_value(json!(self.risk)).unwrap()
    }

    fn stands(&self, status: RiskStatus) {
        assert_eq!(self.risk.status, status);
    }
}

fn criteria(draft: risk_criteria::Draft) -> RiskCriteria {
    next_criteria(RiskCriteria::default(), draft)
}

fn next_criteria(mut criteria: RiskCriteria, draft: risk_criteria::Draft) -> RiskCriteria {
    use risk_criteria::Command::{Approve as Yes, Redraft, Submit};
    let draft = risk_criteria::Draft { aims_change: Some(Ref::new("amc_1")), ..draft };
    let commands =
        [(TOMAS, Redraft(draft)), (TOMAS, Submit), (INGRID, Yes(Approve { content_hash: None }))];
    let change = json!({ "effective": { "version": 1 }, "approved": { "criteria": true } });
    for ((user, roles), command) in commands {
        let context = Context::of(user, roles, "2024-08-19T09:00:00Z");
        let context = context.knowing("amc_1", "aims_change", change.clone());
        for event in criteria.decide(command, &context).unwrap() {
            criteria.evolve(event);
        }
    }
    criteria
}

fn date(day: &str) -> Date {
    day.parse().unwrap()
}

fn identification() -> Identification {
    Identification {
        title: Line::new("Indirect discrimination through the postcode"),
        description: Prose::new("The postcode stands for origin."),
        systems: vec![Ref::new(SYSTEM)],
        ..Identification::default()
    }
}

fn identify(owner: Option<&str>) -> Command {
    let owner = owner.map(UserId::new);
    Command::Identify(Identify { content: identification(), owner })
}

fn rated(likelihood: u32, severity: u32) -> Rated {
    Rated {
        likelihood,
        consequence_org: Some(1),
        consequence_individual: Some(severity),
        consequence_society: Some(1),
        not_assessed_because: None,
        rationale: Prose::new("Tests on last year's applications."),
        controls: Vec::new(),
    }
}

fn analyse(likelihood: u32, severity: u32) -> Command {
    Command::Analyse(Analyse { rated: rated(likelihood, severity) })
}

fn evaluate(treatment: Treatment) -> Command {
    Command::Evaluate(Evaluate { treatment, rationale: Prose::new("It can be changed.") })
}

fn planned() -> Command {
    Command::RecordTreatmentPlanned(RecordPlan { plan: Ref::new(PLAN) })
}

fn treated() -> Command {
    Command::RecordTreated(RecordPlan { plan: Ref::new(PLAN) })
}

fn counting_on(control: &str, effectiveness: Effectiveness) -> Vec<ControlInPlace> {
    vec![ControlInPlace { control: Number::new(control), effectiveness }]
}

/// What remains, counting on control A.6.2.4.
fn residual(likelihood: u32, severity: u32) -> EvaluateResidual {
    let controls = counting_on("A.6.2.4", Effectiveness::Effective);
    let rated = Rated { controls, ..rated(likelihood, severity) };
    EvaluateResidual { rated, evidence: Vec::new(), reason: None }
}

fn remains(likelihood: u32, severity: u32) -> Command {
    Command::EvaluateResidual(residual(likelihood, severity))
}

fn accept(until: &str) -> Command {
    let reason = Prose::new("The benefit outweighs it.");
    Command::Accept(Accept { valid_until: date(until), reason })
}

fn revoke() -> Command {
    Command::RevokeAcceptance(RevokeAcceptance { reason: Prose::new("It has grown.") })
}

fn close(ground: CloseGround) -> Command {
    Command::Close(Close { ground, reason: Prose::new("The model was replaced.") })
}

/// A plan in force for the risk, as its document shows it.
fn plan(progress: &str, action: &str) -> Value {
    json!({
        "status": "approved",
        "risks": [RISK],
        "controls": ["A.6.2.4"],
        "progress": progress,
        "inForce": {
            "version": 1,
            "risks": [RISK],
            "actions": {"postcode": {"due": "2025-01-31", "mandatory": true, "status": action}},
        },
    })
}

fn row(control: &str, decision: &str, status: &str) -> Value {
    row_of("iso42001-2023", control, decision, status)
}

fn row_of(catalogue: &str, control: &str, decision: &str, status: &str) -> Value {
    json!({"catalogue": catalogue, "control": control, "decision": decision, "status": status})
}

/// Identified by Tomás, owned by Lena, analysed.
fn analysed(likelihood: u32, severity: u32) -> Story {
    let mut story = Story::new();
    story.give(TOMAS, "2024-09-23", identify(Some("usr_lena")));
    story.give(TOMAS, "2024-09-24", analyse(likelihood, severity));
    story
}

/// Analysed at 20 and treated by a plan that is carried out.
fn after_treatment() -> Story {
    let mut story = analysed(4, 5);
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Modify));
    story.know(PLAN, "treatment_plan", plan("in_progress", "open"));
    story.give(TOMAS, "2024-10-14", planned());
    story.know(PLAN, "treatment_plan", plan("completed", "done"));
    story.know("soc_1", "soa_control", row("A.6.2.4", "applicable", "partially_implemented"));
    story.give(TOMAS, "2025-01-08", treated());
    story
}

/// Treated, and what remains rated.
fn remaining(likelihood: u32, severity: u32) -> Story {
    let mut story = after_treatment();
    story.give(TOMAS, "2025-01-09", remains(likelihood, severity));
    story
}

/// What remains is 8, accepted by Lena until 2025-07-10.
fn accepted() -> Story {
    let mut story = remaining(2, 4);
    story.give(LENA, "2025-01-10", accept("2025-07-10"));
    story
}

#[test]
fn the_worked_example_of_risk_001() {
    let mut story = Story::new();
    story.give(TOMAS, "2024-09-23", identify(None));
    let owner = UserId::new("usr_lena");
    story.give(TOMAS, "2024-09-23", Command::AssignOwner(AssignOwner { owner }));
    story.give(TOMAS, "2024-09-24", analyse(4, 5));
    let inherent = story.risk.inherent.as_ref().unwrap();
    assert_eq!((inherent.score, inherent.level), (20, Level::Critical));
    assert_eq!(inherent.criteria_version, Some(1));
    assert_eq!(story.risk.review_due, Some(date("2025-01-22")));
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Modify));
    let evaluation = story.risk.evaluation.as_ref().unwrap();
    assert!(!evaluation.within_appetite && !evaluation.within_tolerance);
    story.know(PLAN, "treatment_plan", plan("not_started", "open"));
    story.give(TOMAS, "2024-10-14", planned());
    story.stands(RiskStatus::TreatmentPlanned);
    story.know(PLAN, "treatment_plan", plan("completed", "done"));
    story.know("soc_1", "soa_control", row("A.6.2.4", "applicable", "partially_implemented"));
    story.give(TOMAS, "2025-01-08", treated());
    story.give(TOMAS, "2025-01-09", remains(2, 4));
    assert_eq!(story.view().current().unwrap().score, 8);
    story.give(LENA, "2025-01-10", accept("2025-07-10"));
    story.stands(RiskStatus::Accepted);
    let acceptance = story.risk.acceptance.clone().unwrap();
    assert_eq!((acceptance.score, acceptance.role, acceptance.residual), (8, Role::Ro, true));
    assert!(story.view().has_valid_acceptance(date("2025-07-10")));
    story.give(TOMAS, "2025-04-14", remains(3, 4));
    assert!(!story.view().has_valid_acceptance(date("2025-04-14")), "12 is more than 8");
    story.give(LENA, "2025-04-14", revoke());
    story.stands(RiskStatus::ResidualEvaluated);
    story.give(TOMAS, "2025-05-12", remains(2, 4));
    story.give(LENA, "2025-05-13", accept("2025-11-13"));
    story.give(TIMER, "2025-11-14", Command::ExpireAcceptance);
    story.stands(RiskStatus::ResidualEvaluated);
    assert!(story.risk.acceptance.is_none());
    story.give(LENA, "2025-11-17", accept("2026-05-17"));
    story.stands(RiskStatus::Accepted);
    let last = story.risk.last_acceptance.as_ref().unwrap();
    assert_eq!(last.ended, AcceptanceEnd::Expired);
}

#[test]
fn an_acceptance_names_the_version_of_the_risk_and_of_its_rating() {
    let story = remaining(2, 4);
    let rated_at = story.version;
    let events = story.decide(LENA, "2025-01-10", accept("2025-07-10")).unwrap();
    let [Event::Accepted(acceptance)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(acceptance.risk_version, rated_at);
    assert_eq!(acceptance.rating_version, Some(rated_at), "the rating was the last event");
    assert_eq!(acceptance.edit.history_version, rated_at + 1);
    assert_eq!(acceptance.criteria_version, 1);
}

#[test]
fn the_score_is_likelihood_times_the_gravest_consequence() {
    for (likelihood, org, individual, society, score, level) in [
        (1, 1, 1, 1, 1, Level::Low),
        (2, 2, 1, 1, 4, Level::Low),
        (5, 1, 1, 1, 5, Level::Medium),
        (3, 1, 3, 2, 9, Level::Medium),
        (2, 1, 2, 5, 10, Level::High),
        (3, 1, 4, 1, 12, Level::High),
        (3, 5, 1, 1, 15, Level::Critical),
        (5, 5, 5, 5, 25, Level::Critical),
    ] {
        let mut story = Story::new();
        story.give(TOMAS, "2024-09-23", identify(None));
        let rated = Rated {
            likelihood,
            consequence_org: Some(org),
            consequence_individual: Some(individual),
            consequence_society: Some(society),
            ..rated(1, 1)
        };
        story.give(TOMAS, "2024-09-24", Command::Analyse(Analyse { rated }));
        let inherent = story.risk.inherent.as_ref().unwrap();
        assert_eq!((inherent.score, inherent.level), (score, level));
        assert_eq!(story.risk.inherent_score, Some(score));
    }
}

#[test]
fn the_first_version_of_an_analysis_knew_the_organisation_only() {
    let old = json!({ "likelihood": 4, "consequence": 3 });
    let event = Event::read("risk.analysed", 1, old).unwrap().unwrap();
    let mut story = Story::new();
    story.give(TOMAS, "2024-01-10", identify(Some("usr_lena")));
    story.risk.evolve(event);
    let inherent = story.risk.inherent.clone().unwrap();
    assert_eq!((inherent.likelihood, inherent.consequence_org), (4, Some(3)));
    assert_eq!((inherent.consequence_individual, inherent.consequence_society), (None, None));
    assert_eq!(inherent.not_assessed, [Subject::Individual, Subject::Society]);
    assert_eq!((inherent.score, inherent.level), (12, Level::High));
    assert!(story.risk.analysis_incomplete);
    story.stands(RiskStatus::Analysed);
    assert_eq!(story.view().current().unwrap().score, 12);
    let refusal = story.refuses(TOMAS, "2024-01-11", evaluate(Treatment::Modify));
    assert_eq!(refusal, Refusal::AnalysisIncomplete);
    let code = story.records(LENA, "2024-01-11", accept("2024-03-01"));
    assert_eq!(code, "risk.analysis_incomplete");
    story.give(TOMAS, "2024-09-24", analyse(4, 3));
    assert!(!story.risk.analysis_incomplete);
}

#[test]
fn the_newest_version_of_an_analysis_is_read_as_it_was_written() {
    let events = analysed(4, 5).decide(TOMAS, "2024-09-25", analyse(2, 3)).unwrap();
    let (event, data) = (&events[0], events[0].data().unwrap());
    assert_eq!(event.version(), 2);
    assert_eq!(Event::read(event.name(), 2, data).unwrap().as_ref(), Some(event));
}

#[test]
fn a_consequence_is_left_out_for_a_reason_only_and_is_assessed_before_the_risk_is_decided_on() {
    let mut story = Story::new();
    story.give(TOMAS, "2024-09-23", identify(Some("usr_lena")));
    let without = |because: Option<&str>| {
        let not_assessed_because = because.map(Prose::new);
        let rated = Rated { consequence_society: None, not_assessed_because, ..rated(2, 2) };
        Command::Analyse(Analyse { rated })
    };
    let (subject, at) = ("society", "/notAssessedBecause");
    for because in [None, Some(" ")] {
        let refusal = story.refuses(TOMAS, "2024-09-24", without(because));
        assert_eq!(refusal, Refusal::NotAssessedWithoutReason { subject, at });
    }
    story.give(TOMAS, "2024-09-24", without(Some("The survey is not back yet.")));
    assert!(story.risk.analysis_incomplete);
    assert_eq!(story.risk.inherent.as_ref().unwrap().not_assessed, [Subject::Society]);
    let refusal = story.refuses(TOMAS, "2024-09-25", evaluate(Treatment::Retain));
    assert_eq!(refusal, Refusal::AnalysisIncomplete);
}

#[test]
fn nothing_is_analysed_without_a_consequence_or_beyond_the_scale() {
    let mut story = Story::new();
    story.give(TOMAS, "2024-09-23", identify(None));
    let nothing = Rated {
        consequence_org: None,
        consequence_individual: None,
        consequence_society: None,
        not_assessed_because: Some(Prose::new("no idea")),
        ..rated(2, 2)
    };
    let command = Command::Analyse(Analyse { rated: nothing });
    assert_eq!(story.refuses(TOMAS, "2024-09-24", command), Refusal::NothingRated);
    for (likelihood, severity, grade, at) in [
        (0, 3, 0, "/likelihood"),
        (6, 3, 6, "/likelihood"),
        (3, 0, 0, "/consequenceIndividual"),
        (3, 6, 6, "/consequenceIndividual"),
    ] {
        let refusal = story.refuses(TOMAS, "2024-09-24", analyse(likelihood, severity));
        assert_eq!(refusal, Refusal::NoGrade { grade, at });
    }
}

#[test]
fn nothing_is_judged_without_criteria_in_force() {
    let mut story = analysed(3, 3);
    story.forget("rcr_1");
    assert_eq!(story.refuses(TOMAS, "2024-09-25", analyse(2, 2)), Refusal::NoCriteria);
    let evaluate = || evaluate(Treatment::Retain);
    assert_eq!(story.refuses(TOMAS, "2024-09-25", evaluate()), Refusal::NoCriteria);
    assert_eq!(story.refuses(LENA, "2024-09-25", accept("2025-01-01")), Refusal::NoCriteria);
    story.know("rcr_1", "risk_criteria", json!(RiskCriteria::default()));
    assert_eq!(story.refuses(TOMAS, "2024-09-25", analyse(2, 2)), Refusal::NoCriteria);
    assert_eq!(story.refuses(LENA, "2024-09-25", accept("2025-01-01")), Refusal::NoCriteria);
    let refusal = story.refuses(TOMAS, "2024-09-25", evaluate());
    assert_eq!(refusal, Refusal::CriteriaNotKept { version: 1 });
}

#[test]
fn an_analysis_is_judged_by_the_criteria_that_it_was_made_under() {
    let mut story = analysed(3, 3);
    let lower = risk_criteria::Draft { appetite: Some(4), ..risk_criteria::Draft::default() };
    let second = next_criteria(criteria(risk_criteria::Draft::default()), lower);
    story.know("rcr_1", "risk_criteria", json!(second));
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Retain));
    let evaluation = story.risk.evaluation.clone().unwrap();
    assert!(evaluation.within_appetite, "9 was within the appetite of version 1");
    assert_eq!(evaluation.criteria_version, 1);
    let code = story.records(LENA, "2024-09-26", accept("2025-01-01"));
    assert_eq!(code, "risk.no_authority", "today 9 is above the appetite of 4");
    story.give(INGRID, "2024-09-26", accept("2025-01-01"));
    let acceptance = story.risk.acceptance.as_ref().unwrap();
    assert_eq!((acceptance.role, acceptance.criteria_version), (Role::Tm, 2));
}

#[test]
fn a_rating_that_was_critical_when_it_was_made_is_not_accepted_under_milder_criteria() {
    use Level::{Critical, High, Low, Medium};
    let mut story = remaining(3, 5);
    let bands = [(Low, 1, 4), (Medium, 5, 9), (High, 10, 19), (Critical, 20, 25)];
    let bands = bands.map(|(level, from, to)| risk_criteria::Band { level, from, to });
    let milder = risk_criteria::Draft {
        bands: Some(bands.into()),
        tolerance: Some(19),
        ..risk_criteria::Draft::default()
    };
    let second = next_criteria(criteria(risk_criteria::Draft::default()), milder);
    story.know("rcr_1", "risk_criteria", json!(second));
    let code = story.records(INGRID, "2025-01-10", accept("2025-03-01"));
    assert_eq!(code, "risk.critical_never_accepted");
    story.give(TOMAS, "2025-01-11", remains(3, 5));
    story.give(INGRID, "2025-01-12", accept("2025-03-01"));
    story.stands(RiskStatus::Accepted);
}

#[test]
fn a_risk_within_the_appetite_may_be_retained_and_accepted_untreated() {
    let mut story = analysed(3, 3);
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Retain));
    story.give(LENA, "2024-09-26", accept("2025-09-26"));
    story.stands(RiskStatus::Accepted);
    assert!(!story.risk.acceptance.as_ref().unwrap().residual);
    story.give(TIMER, "2025-09-27", Command::ExpireAcceptance);
    story.stands(RiskStatus::Evaluated);
}

#[test]
fn a_risk_above_the_appetite_is_not_retained() {
    let story = analysed(2, 5);
    let refusal = story.refuses(TOMAS, "2024-09-25", evaluate(Treatment::Retain));
    let (score, appetite, at) = (10, 9, "/treatment");
    assert_eq!(refusal, Refusal::RetainedAboveAppetite { score, appetite, at });
}

#[test]
fn a_risk_that_is_to_be_treated_is_not_accepted_before_that() {
    let mut story = analysed(3, 3);
    let acceptable = "rated after treatment, or retained within the appetite,";
    let refusal = story.refuses(LENA, "2024-09-25", accept("2025-01-01"));
    assert_eq!(refusal, Refusal::WrongStatus { status: "analysed", needed: acceptable });
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Modify));
    let refusal = story.refuses(LENA, "2024-09-26", accept("2025-01-01"));
    assert_eq!(refusal, Refusal::WrongStatus { status: "evaluated", needed: acceptable });
    let unrated = Story::new();
    let refusal = unrated.refuses(LENA, "2024-09-26", accept("2025-01-01"));
    assert_eq!(refusal, Refusal::WrongStatus { status: "identified", needed: "analysed" });
}

#[test]
fn only_a_plan_in_force_that_names_the_risk_treats_it() {
    let mut story = analysed(4, 5);
    let refusal = story.refuses(TOMAS, "2024-10-14", planned());
    assert_eq!(refusal, Refusal::WrongStatus { status: "analysed", needed: "evaluated" });
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Modify));
    let at = "/plan";
    let refusal = story.refuses(TOMAS, "2024-10-14", planned());
    assert_eq!(refusal, Refusal::PlanDoesNotTreat { at }, "no such plan");
    let draft = json!({"status": "in_review", "risks": [RISK]});
    story.know(PLAN, "treatment_plan", draft);
    let refusal = story.refuses(TOMAS, "2024-10-14", planned());
    assert_eq!(refusal, Refusal::PlanDoesNotTreat { at }, "not in force");
    let mut other = plan("not_started", "open");
    other["inForce"]["risks"] = json!(["risk_2"]);
    story.know(PLAN, "treatment_plan", other);
    let refusal = story.refuses(TOMAS, "2024-10-14", planned());
    assert_eq!(refusal, Refusal::PlanDoesNotTreat { at }, "for another risk");
    story.know(PLAN, "treatment_plan", plan("not_started", "open"));
    story.give(TOMAS, "2024-10-14", planned());
    assert!(story.give(TOMAS, "2024-10-15", planned()).is_empty(), "it holds already");
    for progress in ["not_started", "in_progress", "ineffective"] {
        story.know(PLAN, "treatment_plan", plan(progress, "open"));
        let refusal = story.refuses(TOMAS, "2024-10-16", treated());
        assert_eq!(refusal, Refusal::PlanNotCompleted { at });
    }
    story.know(PLAN, "treatment_plan", plan("effectiveness_verified", "done"));
    story.give(TOMAS, "2025-01-08", treated());
    story.stands(RiskStatus::Treated);
    assert!(story.give(TOMAS, "2025-01-08", treated()).is_empty(), "it holds already");
}

#[test]
fn a_retained_risk_has_no_treatment() {
    let mut story = analysed(3, 3);
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Retain));
    story.know(PLAN, "treatment_plan", plan("not_started", "open"));
    assert_eq!(story.refuses(TOMAS, "2024-10-14", planned()), Refusal::Retained);
}

#[test]
fn a_risk_has_fifty_plans_at_most() {
    let mut story = analysed(4, 5);
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Modify));
    story.risk.plans = (0..50).map(|n| Ref::new(format!("tpl_old{n}"))).collect();
    story.know(PLAN, "treatment_plan", plan("not_started", "open"));
    let refusal = story.refuses(TOMAS, "2024-10-14", planned());
    assert_eq!(refusal, Refusal::TooMany { what: "treatment plans", most: 50 });
}

#[test]
fn what_remains_is_rated_after_treatment_only() {
    let mut story = analysed(4, 5);
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Modify));
    let refusal = story.refuses(TOMAS, "2025-01-09", remains(2, 4));
    assert_eq!(refusal, Refusal::WrongStatus { status: "evaluated", needed: "treated" });
    let mut retained = analysed(3, 3);
    retained.give(TOMAS, "2024-09-25", evaluate(Treatment::Retain));
    retained.give(LENA, "2024-09-26", accept("2025-09-26"));
    let refusal = retained.refuses(TOMAS, "2025-01-09", remains(2, 2));
    assert_eq!(refusal, Refusal::WrongStatus { status: "accepted", needed: "treated" });
}

#[test]
fn what_remains_is_rated_for_all_three() {
    let story = after_treatment();
    let mut input = residual(2, 4);
    input.rated.consequence_org = None;
    input.rated.not_assessed_because = Some(Prose::new("no time"));
    let refusal = story.refuses(TOMAS, "2025-01-09", Command::EvaluateResidual(input));
    assert_eq!(refusal, Refusal::AnalysisIncomplete);
}

#[test]
fn what_remains_is_lower_only_by_an_implemented_control_or_good_evidence() {
    let mut story = after_treatment();
    let without = |controls| {
        let rated = Rated { controls, ..rated(2, 4) };
        Command::EvaluateResidual(EvaluateResidual { rated, evidence: Vec::new(), reason: None })
    };
    let refusal = Refusal::LowerWithoutProof { at: "/controls" };
    assert_eq!(story.refuses(TOMAS, "2025-01-09", without(Vec::new())), refusal);
    let failing = counting_on("A.6.2.4", Effectiveness::NotEffective);
    assert_eq!(story.refuses(TOMAS, "2025-01-09", without(failing)), refusal);
    for (decision, status) in
        [("applicable", "planned"), ("applicable", "not_effective"), ("excluded", "implemented")]
    {
        story.know("soc_1", "soa_control", row("A.6.2.4", decision, status));
        assert_eq!(story.refuses(TOMAS, "2025-01-09", remains(2, 4)), refusal, "{status}");
    }
    // A control of another catalogue that has the same number is another control.
    let other = row_of("cat_1", "A.6.2.4", "applicable", "implemented");
    story.know("soc_1", "soa_control", other);
    assert_eq!(story.refuses(TOMAS, "2025-01-09", remains(2, 4)), refusal);
    story.know("soc_1", "soa_control", row("A.6.2.4", "applicable", "implemented"));
    assert!(story.decide(TOMAS, "2025-01-09", remains(2, 4)).is_ok());
    story.know("evd_1", "evidence", json!({"status": "verified"}));
    let mut proven = residual(2, 4);
    (proven.rated.controls, proven.evidence) = (Vec::new(), vec![Ref::new("evd_1")]);
    story.give(TOMAS, "2025-01-09", Command::EvaluateResidual(proven));
    assert_eq!(story.risk.residual_score, Some(8));
}

#[test]
fn what_remains_is_lowered_again_only_by_proof() {
    let mut story = analysed(2, 4);
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Modify));
    story.know(PLAN, "treatment_plan", plan("completed", "done"));
    story.give(TOMAS, "2024-10-14", planned());
    story.give(TOMAS, "2024-10-14", treated());
    let with = |likelihood, reason: Option<&str>| {
        Command::EvaluateResidual(EvaluateResidual {
            rated: rated(likelihood, 4),
            evidence: Vec::new(),
            reason: reason.map(Prose::new),
        })
    };
    story.give(TOMAS, "2024-10-15", with(2, None));
    story.give(TOMAS, "2024-10-16", with(3, Some("More applicants than thought.")));
    let refusal = story.refuses(TOMAS, "2024-10-17", with(2, None));
    assert_eq!(refusal, Refusal::LowerWithoutProof { at: "/controls" }, "8 after 12");
}

#[test]
fn evidence_that_proves_nothing_is_named_to_no_avail() {
    let mut story = after_treatment();
    let mut input = residual(2, 4);
    input.evidence = vec![Ref::new("evd_1"), Ref::new("evd_2")];
    story.know("evd_1", "evidence", json!({"status": "registered"}));
    for status in ["stale", "superseded", "quarantined", "shredded"] {
        story.know("evd_2", "evidence", json!({"status": status}));
        let command = Command::EvaluateResidual(input.clone());
        let (evidence, at) = ("evd_2".to_owned(), "/evidence/1".to_owned());
        let refusal = story.refuses(TOMAS, "2025-01-09", command);
        assert_eq!(refusal, Refusal::EvidenceNotGood { evidence, at });
    }
}

#[test]
fn more_remains_than_there_was_for_a_reason_only() {
    let story = after_treatment();
    let refusal = story.refuses(TOMAS, "2025-01-09", remains(5, 5));
    assert_eq!(refusal, Refusal::HigherWithoutReason { at: "/reason" });
    let reason = Some(Prose::new("The model drifts faster than it is retrained."));
    let input = EvaluateResidual { reason, ..residual(5, 5) };
    assert!(story.decide(TOMAS, "2025-01-09", Command::EvaluateResidual(input)).is_ok());
    assert!(story.decide(TOMAS, "2025-01-09", remains(4, 5)).is_ok(), "as much as before");
}

#[test]
fn controls_are_of_the_standard_or_of_a_statement_of_applicability_and_named_once() {
    let mut story = Story::new();
    story.give(TOMAS, "2024-09-23", identify(None));
    let with = |names: &[&str]| {
        let named = names.iter().flat_map(|name| counting_on(name, Effectiveness::NotTested));
        let controls = named.collect();
        Command::Analyse(Analyse { rated: Rated { controls, ..rated(2, 2) } })
    };
    let (control, at) = ("A.99.1".to_owned(), "/controls/1/control".to_owned());
    let refusal = story.refuses(TOMAS, "2024-09-24", with(&["A.7.4", "A.99.1"]));
    assert_eq!(refusal, Refusal::UnknownControl { control, at: at.clone() });
    let refusal = story.refuses(TOMAS, "2024-09-24", with(&["A.7.4", "A.7.4"]));
    assert_eq!(refusal, Refusal::ControlNamedTwice { control: "A.7.4".to_owned(), at });
    story.know("soc_9", "soa_control", row("X.1", "applicable", "planned"));
    story.give(TOMAS, "2024-09-24", with(&["A.7.4", "X.1"]));
    assert_eq!(story.risk.inherent.as_ref().unwrap().controls.len(), 2);
}

#[test]
fn an_author_does_not_accept_his_own_risk() {
    let tomas: Who = ("usr_tomas", &[Role::Rm, Role::Ro, Role::Tm]);
    let mut story = remaining(2, 4);
    let owner = UserId::new("usr_tomas");
    story.give(TOMAS, "2025-01-09", Command::AssignOwner(AssignOwner { owner }));
    let code = story.records(tomas, "2025-01-10", accept("2025-07-10"));
    assert_eq!(code, "risk.acceptor_is_author");
    story.stands(RiskStatus::ResidualEvaluated);
    let refused = story.risk.last_refusal.as_ref().unwrap();
    let rule = refused.refusal.rule.as_ref().unwrap();
    assert_eq!(rule.as_str(), "segregation of duties: risk author is not risk acceptor");
    assert_eq!((refused.score, refused.level), (8, Level::Medium));
}

#[test]
fn whoever_assessed_the_risk_once_stays_an_author() {
    let lena: Who = ("usr_lena", &[Role::Rm, Role::Ro]);
    let mut story = after_treatment();
    story.give(lena, "2025-01-09", remains(2, 4));
    story.give(TOMAS, "2025-01-09", remains(2, 4));
    let code = story.records(lena, "2025-01-10", accept("2025-07-10"));
    assert_eq!(code, "risk.acceptor_is_author");
}

#[test]
fn within_the_appetite_only_the_owner_accepts() {
    let mut story = remaining(2, 4);
    for who in [OLGA, INGRID] {
        let code = story.records(who, "2025-01-10", accept("2025-07-10"));
        assert_eq!(code, "risk.acceptor_is_not_owner");
    }
    story.give(LENA, "2025-01-10", accept("2025-07-10"));
    story.stands(RiskStatus::Accepted);
}

#[test]
fn above_the_appetite_top_management_accepts_for_180_days_at_most() {
    let mut story = remaining(3, 4);
    let code = story.records(LENA, "2025-01-10", accept("2025-02-10"));
    assert_eq!(code, "risk.no_authority", "an owner has authority up to 9");
    let refusal = story.refuses(INGRID, "2025-01-10", accept("2025-07-10"));
    let (last, at) = (date("2025-07-09"), "/validUntil");
    assert_eq!(refusal, Refusal::AcceptedTooLong { last, at });
    story.give(INGRID, "2025-01-10", accept("2025-07-09"));
    assert_eq!(story.risk.acceptance.as_ref().unwrap().role, Role::Tm);
}

#[test]
fn within_the_appetite_an_acceptance_lasts_twelve_months_at_most() {
    let story = remaining(2, 4);
    let refusal = story.refuses(LENA, "2025-01-10", accept("2026-01-11"));
    let (last, at) = (date("2026-01-10"), "/validUntil");
    assert_eq!(refusal, Refusal::AcceptedTooLong { last, at });
    assert!(story.decide(LENA, "2025-01-10", accept("2026-01-10")).is_ok());
}

#[test]
fn an_acceptance_does_not_end_in_the_past() {
    let story = remaining(2, 4);
    let refusal = story.refuses(LENA, "2025-01-10", accept("2025-01-09"));
    let (until, at) = (date("2025-01-09"), "/validUntil");
    assert_eq!(refusal, Refusal::EndsInThePast { until, at });
    assert!(story.decide(LENA, "2025-01-10", accept("2025-01-10")).is_ok());
}

#[test]
fn a_risk_above_the_tolerance_is_accepted_by_nobody() {
    let draft = risk_criteria::Draft { tolerance: Some(11), ..risk_criteria::Draft::default() };
    let mut story = remaining(3, 4);
    story.know("rcr_1", "risk_criteria", json!(criteria(draft)));
    let code = story.records(INGRID, "2025-01-10", accept("2025-02-10"));
    assert_eq!(code, "risk.above_tolerance");
}

#[test]
fn a_critical_risk_is_accepted_by_nobody() {
    let mut story = remaining(4, 4);
    for who in [LENA, INGRID] {
        let code = story.records(who, "2025-01-10", accept("2025-02-10"));
        assert_eq!(code, "risk.critical_never_accepted");
    }
    assert!(!story.view().has_valid_acceptance(date("2025-01-10")));
}

#[test]
fn a_risk_without_owner_is_accepted_by_nobody() {
    let mut story = Story::new();
    story.give(TOMAS, "2024-09-23", identify(None));
    story.give(TOMAS, "2024-09-24", analyse(2, 2));
    story.give(TOMAS, "2024-09-25", evaluate(Treatment::Retain));
    let code = story.records(INGRID, "2024-09-26", accept("2025-01-01"));
    assert_eq!(code, "risk.no_owner");
}

#[test]
fn a_risk_is_not_accepted_while_mandatory_actions_are_open() {
    let mut story = remaining(2, 4);
    story.know("tpl_2", "treatment_plan", plan("in_progress", "overdue"));
    let code = story.records(LENA, "2025-01-10", accept("2025-07-10"));
    assert_eq!(code, "risk.mandatory_actions_open");
    let refused = story.risk.last_refusal.as_ref().unwrap();
    assert!(refused.refusal.message.as_str().contains("tpl_2"));
    let mut other = plan("in_progress", "open");
    other["inForce"]["risks"] = json!(["risk_2"]);
    story.know("tpl_2", "treatment_plan", other);
    assert!(matches!(
        story.decide(LENA, "2025-01-10", accept("2025-07-10")).unwrap().as_slice(),
        [Event::Accepted(_)]
    ));
}

#[test]
fn accepting_what_is_accepted_so_already_changes_nothing() {
    let mut story = accepted();
    assert!(story.give(LENA, "2025-01-11", accept("2025-07-10")).is_empty());
    let refusal = story.refuses(LENA, "2025-07-11", accept("2025-07-10"));
    assert!(matches!(refusal, Refusal::EndsInThePast { .. }), "it ran out unnoticed");
    story.give(LENA, "2025-07-01", accept("2025-12-31"));
    let last = story.risk.last_acceptance.as_ref().unwrap();
    assert_eq!(last.ended, AcceptanceEnd::Replaced);
    assert_eq!(story.risk.acceptance.as_ref().unwrap().valid_until, date("2025-12-31"));
}

#[test]
fn an_acceptance_is_stale_once_the_risk_has_changed() {
    let mut story = accepted();
    assert!(story.risk.acceptance_stale.is_none());
    let owner = UserId::new("usr_olga");
    story.give(TOMAS, "2025-02-01", Command::AssignOwner(AssignOwner { owner }));
    let since = story.version;
    assert!(story.view().has_valid_acceptance(date("2025-02-01")), "it is no larger");
    let systems = vec![Ref::new(SYSTEM), Ref::new("sys_2")];
    story.give(TOMAS, "2025-02-02", Command::ChangeSystems(ChangeSystems { systems }));
    assert!(!story.view().has_valid_acceptance(date("2025-02-02")), "it concerns more");
    story.give(TOMAS, "2025-02-03", remains(2, 3));
    story.give(TOMAS, "2025-02-04", analyse(4, 5));
    let stale = story.risk.acceptance_stale.clone().unwrap();
    assert_eq!(stale.since_version, Some(since));
    let all = [
        StaleReason::OwnerChanged,
        StaleReason::SystemsAdded,
        StaleReason::ResidualEvaluated,
        StaleReason::AnalysedAgain,
    ];
    assert_eq!(stale.because, all);
    story.stands(RiskStatus::Analysed);
    assert!(story.risk.residual.is_none() && story.risk.evaluation.is_none());
}

#[test]
fn a_stale_acceptance_is_renewed_for_the_same_day() {
    let mut story = accepted();
    let systems = vec![Ref::new(SYSTEM), Ref::new("sys_2")];
    story.give(TOMAS, "2025-02-02", Command::ChangeSystems(ChangeSystems { systems }));
    let events = story.give(LENA, "2025-02-03", accept("2025-07-10"));
    assert!(matches!(events.as_slice(), [Event::Accepted(_)]));
    assert!(story.view().has_valid_acceptance(date("2025-02-03")));
}

#[test]
fn a_system_less_does_not_make_an_acceptance_stale() {
    let mut story = accepted();
    let systems = ChangeSystems { systems: Vec::new() };
    story.give(TOMAS, "2025-02-02", Command::ChangeSystems(systems.clone()));
    assert!(story.risk.acceptance_stale.is_none());
    assert!(story.give(TOMAS, "2025-02-02", Command::ChangeSystems(systems)).is_empty());
}

#[test]
fn only_the_owner_or_top_management_takes_an_acceptance_back() {
    let mut story = accepted();
    let refusal = story.refuses(OLGA, "2025-04-14", revoke());
    assert_eq!(refusal, Refusal::NotTheOwner { role: "TM" });
    story.give(INGRID, "2025-04-14", revoke());
    story.stands(RiskStatus::ResidualEvaluated);
    let last = story.risk.last_acceptance.as_ref().unwrap();
    assert_eq!(last.ended, AcceptanceEnd::Revoked);
    assert!(last.revoked_because.is_some());
    assert!(story.give(LENA, "2025-04-15", revoke()).is_empty(), "it holds already");
    assert_eq!(remaining(2, 4).refuses(LENA, "2025-04-14", revoke()), Refusal::NotAccepted);
}

#[test]
fn an_acceptance_expires_once_its_last_day_has_passed() {
    let mut story = accepted();
    let refusal = story.refuses(TIMER, "2025-07-10", Command::ExpireAcceptance);
    assert_eq!(refusal, Refusal::StillAccepted { until: date("2025-07-10") });
    assert!(!story.view().has_valid_acceptance(date("2025-07-11")));
    story.give(TIMER, "2025-07-11", Command::ExpireAcceptance);
    story.stands(RiskStatus::ResidualEvaluated);
    assert!(story.give(TIMER, "2025-07-12", Command::ExpireAcceptance).is_empty());
    let never = remaining(2, 4).refuses(TIMER, "2025-07-12", Command::ExpireAcceptance);
    assert_eq!(never, Refusal::NotAccepted);
}

#[test]
fn an_accepted_risk_that_is_due_for_review_is_merely_analysed_again() {
    let mut story = remaining(2, 4);
    assert_eq!(story.risk.review_due, Some(date("2026-01-09")));
    story.give(LENA, "2025-10-10", accept("2026-10-10"));
    let refusal = story.refuses(TIMER, "2026-01-08", Command::FallDueForReview);
    assert_eq!(refusal, Refusal::ReviewNotDue);
    story.give(TIMER, "2026-01-09", Command::FallDueForReview);
    story.stands(RiskStatus::Analysed);
    let last = story.risk.last_acceptance.as_ref().unwrap();
    assert_eq!(last.ended, AcceptanceEnd::Reviewed);
    assert!(story.give(TIMER, "2026-01-10", Command::FallDueForReview).is_empty());
    let refusal = story.refuses(TOMAS, "2026-01-10", evaluate(Treatment::Modify));
    assert_eq!(refusal, Refusal::ReviewIsDue);
    story.give(TOMAS, "2026-01-10", analyse(2, 4));
    assert!(!story.risk.review_fell_due);
    assert!(story.decide(TOMAS, "2026-01-11", evaluate(Treatment::Retain)).is_ok());
}

#[test]
fn an_assessment_that_is_out_of_date_is_not_accepted_even_if_nobody_has_noticed() {
    let story = remaining(2, 4);
    let refusal = story.refuses(LENA, "2026-01-10", accept("2026-02-01"));
    assert_eq!(refusal, Refusal::ReviewIsDue);
    assert!(story.decide(LENA, "2026-01-09", accept("2026-02-01")).is_ok());
}

#[test]
fn a_risk_that_was_never_assessed_is_not_due_for_review() {
    let mut story = Story::new();
    story.give(TOMAS, "2024-09-23", identify(None));
    let refusal = story.refuses(TIMER, "2030-01-01", Command::FallDueForReview);
    assert_eq!(refusal, Refusal::ReviewNotDue);
}

#[test]
fn a_risk_is_closed_once_its_systems_are_retired_or_its_source_is_gone() {
    let mut story = accepted();
    let system = |stage: &str, operation: &str| {
        let name = "CreditLens";
        json!({"name": name, "stage": stage, "operationStatus": operation})
    };
    let name = || Refusal::SystemNotRetired { system: "CreditLens".to_owned() };
    for (stage, operation) in
        [("operation_and_monitoring", "running"), ("re_evaluation", "suspended")]
    {
        story.know(SYSTEM, "ai_system", system(stage, operation));
        let refusal = story.refuses(TOMAS, "2025-10-01", close(CloseGround::SystemRetired));
        assert_eq!(refusal, name());
    }
    assert!(story.decide(TOMAS, "2025-10-01", close(CloseGround::SourceGone)).is_ok());
    let refusal = story.refuses(OLGA, "2025-10-01", close(CloseGround::SourceGone));
    assert_eq!(refusal, Refusal::NotTheOwner { role: "RM" });
    story.know(SYSTEM, "ai_system", system("retirement", "stopped"));
    story.give(LENA, "2025-10-27", close(CloseGround::SystemRetired));
    story.stands(RiskStatus::Closed);
    let last = story.risk.last_acceptance.as_ref().unwrap();
    assert_eq!(last.ended, AcceptanceEnd::Closed);
    assert!(!story.view().is_open());
    assert!(story.give(LENA, "2025-10-28", close(CloseGround::SystemRetired)).is_empty());
    for command in [analyse(1, 1), accept("2025-12-01"), Command::FallDueForReview] {
        let refusal = story.refuses(LENA, "2025-10-28", command);
        assert_eq!(refusal, Refusal::WrongStatus { status: "closed", needed: "open" });
    }
}

#[test]
fn a_risk_of_no_system_is_not_closed_for_a_system() {
    let mut story = Story::new();
    let content = Identification { systems: Vec::new(), ..identification() };
    story.give(TOMAS, "2024-09-23", Command::Identify(Identify { content, owner: None }));
    let refusal = story.refuses(TOMAS, "2024-09-24", close(CloseGround::SystemRetired));
    assert_eq!(refusal, Refusal::NoSystem);
}

fn origin(entry: &str) -> Origin {
    Origin {
        library: Line::new("IBM AI Risk Atlas"),
        entry: Line::new(entry),
        source: Line::new("IBM"),
        group: None,
        licence: Line::new("Apache-2.0"),
        url: None,
    }
}

fn import(entry: &str) -> Command {
    Command::ImportCandidate(ImportCandidate {
        suggested_actions: vec![],
        title: Line::new("Data bias"),
        description: Prose::new("Bias in training data."),
        origin: origin(entry),
        assets: Vec::new(),
        sources: vec![RiskSource::MachineLearning],
        other_sources: Vec::new(),
        themes: vec![ObjectiveTheme::Fairness],
        other_themes: Vec::new(),
        stage: None,
    })
}

#[test]
fn a_candidate_of_a_library_becomes_a_risk_when_it_is_adopted() {
    let mut story = Story::new();
    story.give(("imp_atlas", &[Role::Sys]), "2024-09-01", import("atlas-data-bias"));
    story.stands(RiskStatus::Candidate);
    assert!(!story.view().is_open());
    let refusal = story.refuses(TOMAS, "2024-09-02", analyse(2, 2));
    assert_eq!(refusal, Refusal::WrongStatus { status: "a candidate", needed: "open" });
    let systems = vec![Ref::new(SYSTEM)];
    let owner = Some(UserId::new("usr_lena"));
    let adopt = Command::Adopt(Adopt { systems, owner });
    story.give(TOMAS, "2024-09-02", adopt.clone());
    story.stands(RiskStatus::Identified);
    assert_eq!(story.risk.authors, [UserId::new("usr_tomas")], "an import is nobody's judgement");
    assert!(story.view().concerns(SYSTEM));
    let refusal = story.refuses(TOMAS, "2024-09-02", adopt);
    assert_eq!(refusal, Refusal::WrongStatus { status: "identified", needed: "a candidate" });
}

#[test]
fn a_candidate_that_does_not_concern_the_organisation_is_closed() {
    let dismiss = || Command::Dismiss(Dismiss { reason: Prose::new("We train no models.") });
    let mut story = Story::new();
    story.give(TOMAS, "2024-09-01", import("atlas-data-bias"));
    story.give(TOMAS, "2024-09-02", dismiss());
    story.stands(RiskStatus::Closed);
    assert_eq!(story.risk.closure.as_ref().unwrap().ground, ClosureGround::Dismissed);
    assert!(story.give(TOMAS, "2024-09-03", dismiss()).is_empty());
    let refusal = analysed(2, 2).refuses(TOMAS, "2024-09-25", dismiss());
    assert_eq!(refusal, Refusal::WrongStatus { status: "analysed", needed: "a candidate" });
}

#[test]
fn an_entry_of_a_library_is_taken_over_once() {
    let mut story = Story::new();
    story.know("risk_9", "risk", json!({"origin": origin("atlas-data-bias")}));
    let refusal = || Refusal::DuplicateEntry { id: "risk_9".to_owned(), at: "/origin/entry" };
    assert_eq!(story.refuses(TOMAS, "2024-09-01", import("atlas-data-bias")), refusal());
    let content = Identification { origin: Some(origin("atlas-data-bias")), ..identification() };
    let identify = Command::Identify(Identify { content, owner: None });
    assert_eq!(story.refuses(TOMAS, "2024-09-01", identify), refusal());
    assert!(story.decide(TOMAS, "2024-09-01", import("atlas-data-leak")).is_ok());
    let elsewhere = Origin { library: Line::new("CoSAI"), ..origin("atlas-data-bias") };
    story.know("risk_9", "risk", json!({"origin": elsewhere}));
    assert!(story.decide(TOMAS, "2024-09-01", import("atlas-data-bias")).is_ok());
}

#[test]
fn links_are_added_once_and_fifty_of_each_at_most() {
    let mut story = analysed(2, 2);
    let link = |from: usize, to: usize| {
        let incidents = (from..to).map(|n| Ref::new(format!("inc_{n}"))).collect();
        Command::Link(Link { links: Links { incidents, ..Links::default() } })
    };
    story.give(TOMAS, "2024-10-01", link(0, 40));
    assert!(story.give(TOMAS, "2024-10-01", link(10, 30)).is_empty());
    let refusal = story.refuses(TOMAS, "2024-10-01", link(30, 51));
    assert_eq!(refusal, Refusal::TooMany { what: "incidents", most: 50 });
    story.give(TOMAS, "2024-10-01", link(30, 50));
    assert_eq!(story.risk.content.links.incidents.len(), 50);
}

#[test]
fn the_same_owner_is_not_assigned_twice() {
    let mut story = analysed(2, 2);
    let owner = UserId::new("usr_lena");
    let command = Command::AssignOwner(AssignOwner { owner });
    assert!(story.give(TOMAS, "2024-10-01", command).is_empty());
}

#[test]
fn a_hundred_people_assess_a_risk_at_most() {
    let mut story = analysed(2, 2);
    story.risk.authors.extend((1..100).map(|n| UserId::new(format!("usr_{n}"))));
    let most = 100;
    let rita: Who = ("usr_rita", &[Role::Rm]);
    let refusal = story.refuses(rita, "2024-10-01", analyse(2, 2));
    assert_eq!(refusal, Refusal::TooManyAuthors { most });
    assert!(story.decide(TOMAS, "2024-10-01", analyse(2, 2)).is_ok());
}

#[test]
fn a_correction_sets_the_title_but_no_score() {
    let story = analysed(2, 2);
    let correct = |name: &str, value| {
        let set = Fields(serde_json::Map::from_iter([(name.to_owned(), value)]));
        Command::Correct(Correct { corrects: 1, reason: Prose::new("typing error"), set })
    };
    assert!(story.decide(TOMAS, "2024-10-01", correct("title", json!("Postcode"))).is_ok());
    for (name, value) in [
        ("inherentScore", json!(1)),
        ("status", json!("accepted")),
        ("owner", json!("usr_tomas")),
        ("reviewDue", json!("2030-01-01")),
    ] {
        let refusal = story.refuses(TOMAS, "2024-10-01", correct(name, value));
        assert!(matches!(refusal, Refusal::Correction(_)), "{name}");
    }
}

#[test]
fn messages_fit_the_line_in_which_a_refusal_is_kept() {
    use kernel::domain::Refusals;
    for declared in Refusal::declared() {
        assert!(declared.doc.len() <= 180, "{}", declared.code);
    }
}

/// A command as callers give it, checked at the door.
fn given(verb: &str, input: Value) -> Command {
    use kernel::domain::Commands;
    let declared = Command::declared().into_iter().find(|c| c.verb == verb).unwrap();
    assert_eq!(kernel::door::check(&declared.input.fields, &input, ""), []);
    Command::parse(verb, input).unwrap().unwrap()
}

#[test]
fn callers_give_no_more_than_a_step_needs() {
    let mut story = Story::new();
    let identify = json!({"title": "Postcode proxy", "description": "It stands for origin."});
    story.give(TOMAS, "2024-09-23", given("identify", identify));
    let analyse = json!({
        "likelihood": 2, "consequenceOrg": 2, "consequenceIndividual": 4,
        "consequenceSociety": 1, "rationale": "Tests.",
        "controls": [{"control": "A.7.4", "effectiveness": "not_tested"}],
    });
    story.give(TOMAS, "2024-09-24", given("analyse", analyse));
    let evaluate = json!({"treatment": "retain", "rationale": "It is small."});
    story.give(TOMAS, "2024-09-25", given("evaluate", evaluate));
    let document = json!(story.risk);
    assert_eq!(document["title"], "Postcode proxy");
    assert_eq!(document["status"], "evaluated");
    assert_eq!(document["inherent"]["score"], 8);
    assert_eq!(document["inherent"]["controls"]["a.7.4"]["control"], "A.7.4");
    assert_eq!(document["analysisIncomplete"], false);
    assert_eq!(document["evaluation"]["withinAppetite"], true);
    assert_eq!(serde_json::from_value::<Risk>(document).unwrap(), story.risk);
}

#[test]
fn the_largest_risk_fits_into_a_document() {
    fn refs<K>(prefix: &str, count: usize) -> Vec<Ref<K>> {
        (0..count).map(|n| Ref::new(format!("{prefix}_{n:026}"))).collect()
    }
    let line = || Line::new("ß".repeat(200));
    let sealed = || Prose::Sealed("0".repeat(64));
    let mut story = accepted();
    story.risk.content = Identification {
        title: line(),
        description: sealed(),
        systems: refs("sys", 100),
        assets: vec![line(); 10],
        other_sources: vec![line(); 5],
        other_themes: vec![line(); 5],
        links: Links {
            impact_assessments: refs("aia", 50),
            incidents: refs("inc", 50),
            suppliers: refs("sup", 50),
        },
        ..identification()
    };
    story.risk.authors = (0..100).map(|n| UserId::new(format!("usr_{n:026}"))).collect();
    story.risk.plans = refs("tpl", 50);
    let named = |n| {
        let control = Number::new(format!("X-{n:038}"));
        let effectiveness = Effectiveness::PartlyEffective;
        (crate::control::key(&control), ControlInPlace { control, effectiveness })
    };
    let mut rating = story.risk.inherent.clone().unwrap();
    rating.controls = (0..30).map(named).collect();
    story.risk.inherent = Some(rating.clone());
    story.risk.residual =
        Some(Residual { rating, evidence: refs("evd", 30), reason: Some(sealed()) });
    let bytes = serde_json::to_vec(&story.risk).unwrap().len();
    assert!(bytes < 60 * 1024, "{bytes} bytes");
}
