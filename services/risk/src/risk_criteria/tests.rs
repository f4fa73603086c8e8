//! Given, when, then: risk criteria.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use kernel::values::{Line, Prose, Ref};
use kernel::{Date, Facts, Position};
use serde_json::json;

use super::rules::{Standing, level_of};
use super::*;

const TODAY: &str = "2024-08-19T09:00:00Z";

fn tomas() -> Context {
    Context::of("usr_tomas", &[Role::Rm], TODAY)
}

/// She knows of an approved change that touches the criteria.
fn ingrid() -> Context {
    let change = json!({ "effective": { "version": 1 }, "approved": { "criteria": true } });
    Context::of("usr_ingrid", &[Role::Tm], TODAY).knowing("amc_1", "aims_change", change)
}

/// The input as the draft of a version after the first.
fn altering(input: Draft) -> Draft {
    Draft { aims_change: Some(Ref::new("amc_1")), ..input }
}

/// Gives commands one after the other.
fn after(mut criteria: RiskCriteria, commands: Vec<(Command, Context)>) -> RiskCriteria {
    for (command, context) in commands {
        for event in criteria.decide(command, &context).unwrap() {
            criteria.evolve(event);
        }
    }
    criteria
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn approved_with(input: Draft, before: RiskCriteria) -> RiskCriteria {
    let draft = match before.approval.version {
        0 => Command::Draft(input),
        1.. => Command::Redraft(altering(input)),
    };
    let steps = vec![(draft, tomas()), (Command::Submit, tomas()), (approve(), ingrid())];
    after(before, steps)
}

fn drafted(input: Draft) -> Result<Content, Refusal> {
    let events = RiskCriteria::default().decide(Command::Draft(input), &tomas())?;
    let [Event::Drafted(drafted)] = events.as_slice() else { panic!("{events:?}") };
    Ok(drafted.content.clone())
}

fn refused(input: Draft) -> Refusal {
    drafted(input).unwrap_err()
}

fn bands(given: &[(Level, u32, u32)]) -> Option<Vec<Band>> {
    Some(given.iter().map(|&(level, from, to)| Band { level, from, to }).collect())
}

fn grades(count: usize) -> Vec<Grade> {
    let grade = |n| Grade { label: Line::new(format!("grade {n}")), description: None };
    (1..=count).map(grade).collect()
}

fn default_rules() -> Rules {
    drafted(Draft::default()).unwrap().rules
}

#[test]
fn a_draft_of_nothing_has_the_usual_scales_levels_and_limits() {
    let content = drafted(Draft::default()).unwrap();
    let rules = &content.rules;
    assert_eq!((rules.appetite, rules.tolerance), (9, 14));
    let authority = [(Role::Ro, 9, 365), (Role::Tm, 14, 180)];
    let authority =
        authority.map(|(role, up_to_score, max_days)| Authority { role, up_to_score, max_days });
    assert_eq!(rules.acceptance_authority, authority);
    assert_eq!(content.likelihood_scale.len(), 5);
    assert_eq!(content.severity_scale.society.len(), 5);
    assert_eq!(content.impact_scales.reversibility.len(), 5);
}

#[test]
fn bands_give_each_score_its_level_and_the_matrix_follows_them() {
    let rules = default_rules();
    for (score, level) in [
        (0, Level::Critical),
        (1, Level::Low),
        (4, Level::Low),
        (5, Level::Medium),
        (9, Level::Medium),
        (10, Level::High),
        (14, Level::High),
        (15, Level::Critical),
        (25, Level::Critical),
        (26, Level::Critical),
    ] {
        assert_eq!(level_of(&rules.bands, score), level, "score {score}");
    }
    for (likelihood, severity, level) in [
        (1, 1, Level::Low),
        (2, 4, Level::Medium),
        (3, 4, Level::High),
        (4, 5, Level::Critical),
        (5, 5, Level::Critical),
        (0, 3, Level::Critical),
        (3, 6, Level::Critical),
    ] {
        assert_eq!(rules.level(likelihood, severity), level, "{likelihood} x {severity}");
    }
}

#[test]
fn a_score_stands_within_appetite_within_tolerance_or_above() {
    let rules = default_rules();
    for (score, level, standing) in [
        (9, Level::Medium, Standing::WithinAppetite),
        (10, Level::High, Standing::WithinTolerance),
        (14, Level::High, Standing::WithinTolerance),
        (15, Level::High, Standing::AboveTolerance),
        (4, Level::Critical, Standing::AboveTolerance),
    ] {
        assert_eq!(rules.standing(score, level), standing, "score {score}");
    }
}

#[test]
fn the_interval_of_the_level_says_when_a_risk_is_assessed_again() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let due = |level| default_rules().review_due(level, day("2024-09-24"));
    assert_eq!(due(Level::Low), day("2025-09-24"));
    assert_eq!(due(Level::Medium), day("2025-09-24"));
    assert_eq!(due(Level::High), day("2025-03-23"));
    assert_eq!(due(Level::Critical), day("2025-01-22"));
}

#[test]
fn a_year_of_acceptance_is_twelve_months_and_less_is_counted_in_days() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let last =
        |max_days, from| Authority { role: Role::Ro, up_to_score: 9, max_days }.last_day(day(from));
    assert_eq!(last(365, "2024-01-10"), day("2025-01-10"));
    assert_eq!(last(365, "2024-02-29"), day("2025-02-28"));
    assert_eq!(last(180, "2025-01-10"), day("2025-07-09"));
}

#[test]
fn top_management_approves_what_the_risk_manager_drafted() {
    let criteria = approved_with(Draft::default(), RiskCriteria::default());
    let effective = criteria.approval.effective.as_ref().unwrap();
    assert_eq!(effective.version, 1);
    assert_eq!(effective.approved_by, UserId::new("usr_ingrid"));
    assert_eq!(criteria.approved_versions.get(&Key::new("v1")), Some(&criteria.content.rules));
}

#[test]
fn an_author_does_not_approve_his_own_criteria() {
    let both = Context::of("usr_tomas", &[Role::Rm, Role::Tm], TODAY);
    let steps = vec![(Command::Draft(Draft::default()), tomas()), (Command::Submit, tomas())];
    let submitted = after(RiskCriteria::default(), steps);
    let refusal = submitted.decide(approve(), &both).unwrap_err();
    assert_eq!(refusal, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn what_was_sent_back_is_a_draft_again() {
    let reject = Command::Reject(Reject { reason: Prose::new("the appetite is too high") });
    let steps = vec![
        (Command::Draft(Draft::default()), tomas()),
        (Command::Submit, tomas()),
        (reject, ingrid()),
    ];
    let criteria = after(RiskCriteria::default(), steps);
    assert_eq!(criteria.approval.status, Phase::Draft);
    assert!(criteria.approval.rejection.is_some());
}

#[test]
fn submitted_criteria_are_not_changed() {
    let steps = vec![(Command::Draft(Draft::default()), tomas()), (Command::Submit, tomas())];
    let submitted = after(RiskCriteria::default(), steps);
    let refusal = submitted.decide(Command::Redraft(Draft::default()), &tomas()).unwrap_err();
    assert!(matches!(refusal, Refusal::Approval(ApprovalRefusal::NotInDraft { .. })));
}

#[test]
fn new_criteria_are_a_new_version_and_the_old_rules_are_kept() {
    let first = approved_with(Draft::default(), RiskCriteria::default());
    let input = Draft { appetite: Some(8), tolerance: Some(12), ..Draft::default() };
    let second = approved_with(input, first.clone());
    assert_eq!(second.approval.effective.as_ref().map(|e| e.version), Some(2));
    assert_eq!(second.approved_versions.get(&Key::new("v1")), Some(&first.content.rules));
    let rules = second.approved_versions.get(&Key::new("v2")).unwrap();
    assert_eq!((rules.appetite, rules.tolerance), (8, 12));
    let moved: Vec<_> = rules.acceptance_authority.iter().map(|a| a.up_to_score).collect();
    assert_eq!(moved, [8, 12], "authority follows the limits");
    assert_eq!(second.content.likelihood_scale, first.content.likelihood_scale);
}

#[test]
fn criteria_that_were_in_force_are_altered_only_by_a_planned_change() {
    let first = approved_with(Draft::default(), RiskCriteria::default());
    let refused = first.decide(Command::Redraft(Draft::default()), &tomas());
    assert_eq!(refused, Err(Refusal::NoAimsChange { at: "/aimsChange" }));
    let redraft = Command::Redraft(altering(Draft::default()));
    let steps = vec![(redraft, tomas()), (Command::Submit, tomas())];
    let submitted = after(first, steps);
    for change in [
        json!({ "status": "draft" }),
        json!({ "effective": { "version": 1 }, "approved": { "scope": true } }),
    ] {
        let context = ingrid().knowing("amc_1", "aims_change", change);
        let refused = submitted.decide(approve(), &context);
        assert_eq!(refused, Err(Refusal::AimsChangeNotApproved));
    }
    let second = after(submitted, vec![(approve(), ingrid())]);
    // Neither a withdrawal nor the change of the version before makes the next one free.
    let reason = Prose::new("x");
    let withdrawn = (Command::Withdraw(Withdraw { reason }), ingrid());
    for criteria in [second.clone(), after(second, vec![withdrawn])] {
        let refused = criteria.decide(Command::Redraft(Draft::default()), &tomas());
        assert_eq!(refused, Err(Refusal::NoAimsChange { at: "/aimsChange" }));
    }
}

#[test]
fn a_draft_that_is_written_again_keeps_the_change_that_it_names() {
    let first = approved_with(Draft::default(), RiskCriteria::default());
    let lower = Draft { appetite: Some(8), ..Draft::default() };
    let steps = vec![
        (Command::Redraft(altering(Draft::default())), tomas()),
        (Command::Redraft(lower), tomas()),
    ];
    assert_eq!(after(first, steps).content.aims_change, Some(Ref::new("amc_1")));
}

#[test]
fn the_newest_twenty_versions_are_kept() {
    let mut criteria = RiskCriteria::default();
    for _ in 0..23 {
        criteria = approved_with(Draft::default(), criteria);
    }
    assert_eq!(criteria.approved_versions.len(), KEPT_VERSIONS);
    assert!(!criteria.approved_versions.contains_key(&Key::new("v3")));
    assert!(criteria.approved_versions.contains_key(&Key::new("v4")));
    assert!(criteria.approved_versions.contains_key(&Key::new("v23")));
    let body = serde_json::to_vec(&criteria).unwrap();
    assert!(body.len() < 48 * 1024, "{} bytes", body.len());
}

#[test]
fn assessments_read_the_version_in_force_and_the_kept_ones() {
    let first = approved_with(Draft::default(), RiskCriteria::default());
    let input = Draft { appetite: Some(8), ..Draft::default() };
    let drafted = after(first, vec![(Command::Redraft(altering(input)), tomas())]);
    let mut context = tomas();
    context.facts = Facts::at(Position(1));
    assert!(Criteria::known(&context).is_none());
    context.facts.add("rcr_1", "risk_criteria", Arc::new(json!(drafted)));
    let criteria = Criteria::known(&context).unwrap();
    let (version, rules) = criteria.in_force().unwrap();
    assert_eq!((version, rules.appetite), (1, 9), "a draft is not in force");
    assert!(criteria.version(2).is_none());
}

#[test]
fn only_top_management_takes_back_criteria_that_are_in_force() {
    let criteria = approved_with(Draft::default(), RiskCriteria::default());
    let withdraw = || Command::Withdraw(Withdraw { reason: Prose::new("wrong bands") });
    assert_eq!(criteria.decide(withdraw(), &tomas()).unwrap_err(), Refusal::NotTopManagement);
    let withdrawn = after(criteria, vec![(withdraw(), ingrid())]);
    assert!(withdrawn.approval.effective.is_none());
    assert_eq!(withdrawn.approved_versions.len(), 1, "old assessments stay readable");
}

#[test]
fn a_draft_that_was_never_approved_is_taken_back_by_its_author() {
    let withdraw = Command::Withdraw(Withdraw { reason: Prose::new("started too early") });
    let steps = vec![(Command::Draft(Draft::default()), tomas()), (withdraw, tomas())];
    let criteria = after(RiskCriteria::default(), steps);
    assert_eq!(criteria.approval.status, Phase::Withdrawn);
}

#[test]
fn a_scale_has_five_grades() {
    let input = Draft { likelihood_scale: Some(grades(4)), ..Draft::default() };
    let at = "/likelihoodScale";
    assert_eq!(refused(input), Refusal::ScaleNotOfFive { scale: "likelihood", grades: 4, at });
    let severity =
        SeverityScale { organisation: grades(5), individual: grades(5), society: Vec::new() };
    let input = Draft { severity_scale: Some(severity), ..Draft::default() };
    let at = "/severityScale/society";
    let scale = "society's severity";
    assert_eq!(refused(input), Refusal::ScaleNotOfFive { scale, grades: 0, at });
    let impact = ImpactScales { scale: grades(5), reversibility: grades(1) };
    let input = Draft { impact_scales: Some(impact), ..Draft::default() };
    assert!(matches!(refused(input), Refusal::ScaleNotOfFive { scale: "reversibility", .. }));
}

#[test]
fn bands_run_on_from_1_to_25_in_the_order_of_the_levels() {
    use Level::{Critical, High, Low, Medium};
    let at = "/bands";
    let cases = [
        (
            bands(&[(Low, 1, 4), (Medium, 5, 9), (High, 11, 14), (Critical, 15, 25)]),
            Refusal::BandGap { score: 10, at },
        ),
        (
            bands(&[(Low, 1, 4), (Medium, 5, 9), (High, 10, 14), (Critical, 15, 24)]),
            Refusal::BandGap { score: 25, at },
        ),
        (
            bands(&[(Low, 1, 5), (Medium, 5, 9), (High, 10, 14), (Critical, 15, 25)]),
            Refusal::BandOverlap { score: 5, at },
        ),
        (
            bands(&[(Critical, 1, 4), (High, 5, 9), (Medium, 10, 14), (Low, 15, 25)]),
            Refusal::BandGap { score: 1, at },
        ),
        (
            bands(&[(Low, 0, 4), (Medium, 5, 9), (High, 10, 14), (Critical, 15, 25)]),
            Refusal::BandOutOfRange { from: 0, to: 4, at },
        ),
        (
            bands(&[(Low, 1, 4), (Medium, 5, 9), (High, 10, 14), (Critical, 15, 26)]),
            Refusal::BandOutOfRange { from: 15, to: 26, at },
        ),
        (
            bands(&[(Low, 4, 1), (Medium, 5, 9), (High, 10, 14), (Critical, 15, 25)]),
            Refusal::BandOutOfRange { from: 4, to: 1, at },
        ),
        (
            bands(&[(Low, 1, 4), (Medium, 5, 9), (Critical, 10, 25)]),
            Refusal::NotOneBand { level: "high", bands: 0, at },
        ),
        (
            bands(&[(Low, 1, 2), (Low, 3, 4), (Medium, 5, 9), (High, 10, 14), (Critical, 15, 25)]),
            Refusal::NotOneBand { level: "low", bands: 2, at },
        ),
    ];
    for (bands, refusal) in cases {
        assert_eq!(refused(Draft { bands, ..Draft::default() }), refusal);
    }
    let unordered = bands(&[(Critical, 15, 25), (Low, 1, 4), (High, 10, 14), (Medium, 5, 9)]);
    assert!(drafted(Draft { bands: unordered, ..Draft::default() }).is_ok());
}

#[test]
fn a_matrix_is_five_by_five_and_never_falls() {
    let matrix = || default_rules().matrix;
    let with = |matrix| Draft { matrix: Some(matrix), ..Draft::default() };
    let at = "/matrix";
    let short = matrix().into_iter().take(4).collect();
    assert_eq!(refused(with(short)), Refusal::MatrixIncomplete { at });
    assert_eq!(refused(with(Vec::new())), Refusal::MatrixIncomplete { at });
    let mut gap = matrix();
    gap[2].levels.pop();
    assert_eq!(refused(with(gap)), Refusal::MatrixIncomplete { at });
    let mut along = matrix();
    along[2].levels[4] = Level::Low;
    let (likelihood, severity) = (3, 5);
    assert_eq!(refused(with(along)), Refusal::MatrixDecreases { likelihood, severity, at });
    let mut down = matrix();
    down[4].levels[0] = Level::Low;
    down[3].levels[0] = Level::Medium;
    let (likelihood, severity) = (5, 1);
    assert_eq!(refused(with(down)), Refusal::MatrixDecreases { likelihood, severity, at });
    let mut own = matrix();
    own[0].levels[4] = Level::High;
    let own_content = drafted(with(own.clone())).unwrap();
    assert_eq!(own_content.rules.matrix, own);
    assert_eq!(own_content.rules.level(1, 5), Level::High, "the matrix decides, not the band");
}

#[test]
fn new_bands_without_a_matrix_give_a_new_matrix() {
    use Level::{Critical, High, Low, Medium};
    let first = approved_with(Draft::default(), RiskCriteria::default());
    let stricter = bands(&[(Low, 1, 3), (Medium, 4, 9), (High, 10, 15), (Critical, 16, 25)]);
    let second = approved_with(Draft { bands: stricter, ..Draft::default() }, first);
    assert_eq!(second.content.rules.level(1, 4), Medium);
    assert_eq!(second.content.rules.level(3, 5), High);
}

#[test]
fn the_appetite_stays_below_the_lowest_critical_score() {
    let input = Draft { appetite: Some(15), ..Draft::default() };
    let refusal = Refusal::AppetiteReachesCritical { appetite: 15, critical: 15, at: "/appetite" };
    assert_eq!(refused(input), refusal);
    let mut matrix = default_rules().matrix;
    matrix[0].levels[4] = Level::Critical;
    for row in &mut matrix[1..] {
        row.levels[4] = Level::Critical;
    }
    let input = Draft { matrix: Some(matrix), ..Draft::default() };
    let refusal = Refusal::AppetiteReachesCritical { appetite: 9, critical: 5, at: "/appetite" };
    assert_eq!(refused(input), refusal, "a critical cell of the matrix counts too");
}

#[test]
fn the_tolerance_lies_between_the_appetite_and_the_lowest_critical_score() {
    let at = "/tolerance";
    let input = Draft { tolerance: Some(8), ..Draft::default() };
    assert_eq!(refused(input), Refusal::ToleranceBelowAppetite { tolerance: 8, appetite: 9, at });
    let input = Draft { tolerance: Some(15), ..Draft::default() };
    let refusal = Refusal::ToleranceReachesCritical { tolerance: 15, critical: 15, at };
    assert_eq!(refused(input), refusal);
    let none = Draft { appetite: Some(9), tolerance: Some(9), ..Draft::default() };
    assert!(drafted(none).is_ok(), "an organisation may tolerate nothing above its appetite");
}

#[test]
fn authority_is_for_owners_and_top_management_once_each_and_ends_at_the_tolerance() {
    let at = "/acceptanceAuthority";
    let with = |all: &[(Role, u32, u32)]| {
        let all = all.iter().map(|&(role, up_to_score, max_days)| Authority {
            role,
            up_to_score,
            max_days,
        });
        Draft { acceptance_authority: Some(all.collect()), ..Draft::default() }
    };
    let refusal = Refusal::RoleAcceptsNothing { role: "ADM", at };
    assert_eq!(refused(with(&[(Role::Adm, 14, 180)])), refusal);
    let refusal = Refusal::DuplicateAuthority { role: "RO", at };
    assert_eq!(refused(with(&[(Role::Ro, 9, 365), (Role::Ro, 14, 180)])), refusal);
    for (up_to, input) in [
        (9, with(&[(Role::Ro, 9, 365)])),
        (15, with(&[(Role::Ro, 9, 365), (Role::Tm, 15, 180)])),
        (0, with(&[])),
    ] {
        let refusal = Refusal::AuthorityEndsElsewhere { up_to, tolerance: 14, at };
        assert_eq!(refused(input), refusal);
    }
    for (role, score, days, most) in
        [(Role::Ro, 9, 366, 365), (Role::Tm, 14, 181, 180), (Role::Tm, 14, 0, 180)]
    {
        let refusal = Refusal::AcceptanceTooLong { role: role.code(), days, most, at };
        assert_eq!(refused(with(&[(role, score, days)])), refusal);
    }
    assert!(drafted(with(&[(Role::Ro, 14, 180)])).is_ok());
}

#[test]
fn graver_risks_are_not_assessed_less_often() {
    let with = |low, medium, high, critical| {
        let intervals = Intervals { low, medium, high, critical };
        Draft { review_interval_days: Some(intervals), ..Draft::default() }
    };
    let refusal = Refusal::IntervalsWrong { at: "/reviewIntervalDays" };
    for input in [
        with(365, 180, 90, 120),
        with(365, 400, 90, 30),
        with(1_096, 365, 90, 30),
        with(365, 180, 90, 0),
    ] {
        assert_eq!(refused(input), refusal);
    }
    assert!(drafted(with(1_095, 180, 180, 1)).is_ok());
}

#[test]
fn a_correction_may_change_the_note_only() {
    let mut context = tomas();
    context.version = 1;
    let set = |name: &str, value| {
        let set = serde_json::Map::from_iter([(name.to_owned(), value)]);
        let reason = Prose::new("typing error");
        let set = kernel::values::Fields(set);
        Command::Correct(Correct { corrects: 1, reason, set })
    };
    let drafted = after(RiskCriteria::default(), vec![(Command::Draft(Draft::default()), tomas())]);
    assert!(drafted.decide(set("note", json!("For all systems.")), &context).is_ok());
    let refusal = drafted.decide(set("appetite", json!(14)), &context).unwrap_err();
    assert!(matches!(refusal, Refusal::Correction(CorrectionRefusal::NotCorrectable { .. })));
}
