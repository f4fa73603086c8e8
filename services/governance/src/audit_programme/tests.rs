//! Given, when, then: programmes of internal audits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::{Fields, Line, Number, Prose};
use serde_json::{Value, json};

use super::*;
use crate::given::{Given, on};

fn planned(criteria: &[&str], day: &str) -> PlannedAudit {
    PlannedAudit {
        title: Line::new("Audit"),
        criteria: criteria.iter().map(|number| Number::new(*number)).collect(),
        areas: vec![Line::new("Training")],
        planned_on: day.parse().unwrap(),
        lead: Some(UserId::new("usr_rui")),
    }
}

fn content() -> Content {
    let spring = planned(&["4", "5", "6", "7"], "2025-03-10");
    let autumn = planned(&["8", "9", "10", "A.6"], "2025-10-06");
    Content {
        year: 2025,
        criteria: vec![Line::new("ISO/IEC 42001:2023")],
        frequency_months: 12,
        methods: None,
        risk_basis: Some(Prose::new("Credit scoring first: it carries the highest risks.")),
        look_back_months: None,
        planned_audits: [("spring", spring), ("autumn", autumn)]
            .map(|(key, audit)| (Key::new(key), audit))
            .into(),
    }
}

fn priya() -> Context {
    on("usr_priya", Role::Am, "2025-01-20")
}

fn ingrid() -> Context {
    on("usr_ingrid", Role::Tm, "2025-01-27")
}

fn approve() -> Command {
    Command::Approve(Approve { content_hash: None })
}

fn drafted(content: Content) -> Given<AuditProgramme> {
    Given::nothing("apr_1").after(Command::Draft(content), priya())
}

fn approved() -> Given<AuditProgramme> {
    drafted(content()).after(Command::Submit, priya()).after(approve(), ingrid())
}

fn row(control: &str, decision: &str) -> Value {
    json!({
        "catalogue": "iso42001-2023", "control": control, "decision": decision, "status": "planned",
    })
}

fn audit(criteria: &[&str], performed_on: &str, status: &str) -> Value {
    let mut audit = json!(crate::internal_audit::InternalAudit::default());
    audit["criteria"] = json!(criteria);
    audit["performedOn"] = json!(performed_on);
    audit["status"] = json!(status);
    audit
}

#[test]
fn top_management_approves_what_the_aims_manager_planned() {
    let programme = approved().state;
    assert_eq!(programme.approval.effective.as_ref().map(|e| e.version), Some(1));
    let in_force = programme.in_force.unwrap();
    assert_eq!(in_force.planned_audits, ["autumn", "spring"].map(Key::new));
    assert_eq!(in_force.look_back_months, LOOK_BACK_MONTHS);
}

#[test]
fn approval_records_which_clauses_and_controls_are_left_uncovered() {
    let gaps = |context: Context, content| {
        let submitted = drafted(content).after(Command::Submit, priya());
        submitted.after(approve(), context).state.uncovered.unwrap()
    };
    let numbers = |list: &[&str]| list.iter().map(|n| Number::new(*n)).collect::<Vec<_>>();
    let mut narrow = content();
    narrow.planned_audits.remove(&Key::new("spring"));
    let knowing = ingrid()
        .knowing("soc_1", "soa_control", row("A.6.2.4", "applicable"))
        .knowing("soc_2", "soa_control", row("A.7.4", "applicable"))
        .knowing("soc_3", "soa_control", row("A.7.3", "excluded"))
        .knowing("soc_4", "soa_control", row("H.1", "applicable"))
        .knowing("soc_5", "soa_control", row("A.10.3", "applicable"))
        // Counts for the clauses of its year and the controls of three.
        .knowing("iad_1", "internal_audit", audit(&["5", "A.7.4"], "2025-01-10", "reported"))
        .knowing("iad_2", "internal_audit", audit(&["4", "H"], "2023-01-01", "closed"))
        // Too early, or not performed.
        .knowing("iad_3", "internal_audit", audit(&["6", "A.10"], "2022-12-31", "closed"))
        .knowing("iad_4", "internal_audit", audit(&["7", "A.10"], "2025-01-10", "cancelled"));
    let found = gaps(knowing, narrow);
    let clauses = [
        "4.1", "4.2", "4.3", "4.4", "6.1.1", "6.1.2", "6.1.3", "6.1.4", "6.2", "6.3", "7.1", "7.2",
        "7.3", "7.4", "7.5.1", "7.5.2", "7.5.3",
    ];
    assert_eq!(found.clauses, numbers(&clauses));
    assert_eq!(found.controls, numbers(&["A.10.3"]));
    let whole = gaps(ingrid(), content());
    assert_eq!(whole, Uncovered::default());
}

#[test]
fn an_author_does_not_approve_his_own_programme() {
    let submitted = drafted(content()).after(Command::Submit, priya());
    let refused = submitted.refuses(approve(), on("usr_priya", Role::Tm, "2025-01-27"));
    assert_eq!(refused, Refusal::Approval(ApprovalRefusal::ApproverIsAuthor));
}

#[test]
fn the_next_version_ends_the_one_in_force() {
    let next = approved().after(Command::Redraft(content()), priya());
    assert_eq!((next.state.approval.version, next.state.in_force.is_some()), (2, true));
    let next = next.after(Command::Submit, priya());
    let events = next.decides(approve(), ingrid());
    assert!(matches!(events[..], [Event::Superseded(_), Event::Approved(_)]), "{events:?}");
}

#[test]
fn a_version_goes_back_and_can_be_taken_back() {
    let reason = || Prose::new("The autumn is too full.");
    let submitted = drafted(content()).after(Command::Submit, priya());
    let back = submitted.after(Command::Reject(Reject { reason: reason() }), ingrid());
    assert_eq!(back.state.approval.status, kernel::approval::Phase::Draft);
    let taken = approved().after(Command::Withdraw(Withdraw { reason: reason() }), ingrid());
    assert_eq!((taken.state.in_force, taken.state.uncovered), (None, None));
}

#[test]
fn a_year_has_one_programme() {
    let other =
        |programme: AuditProgramme| priya().knowing("apr_2", "audit_programme", json!(programme));
    let nothing = Given::<AuditProgramme>::nothing("apr_1");
    let refused = nothing.refuses(Command::Draft(content()), other(approved().state));
    let programme = "apr_2".to_owned();
    assert_eq!(refused, Refusal::YearHasProgramme { year: 2025, programme });
    let reason = Prose::new("A mistake.");
    let withdrawn = drafted(content()).after(Command::Withdraw(Withdraw { reason }), priya());
    nothing.after(Command::Draft(content()), other(withdrawn.state));
    let moved = Content { year: 2026, ..content() };
    let refused = approved().refuses(Command::Redraft(moved), priya());
    assert_eq!(refused, Refusal::OtherYear { year: 2025, at: "/year" });
}

#[test]
fn what_a_programme_says_is_within_its_bounds() {
    let draft = |change: fn(&mut Content)| {
        let mut content = content();
        change(&mut content);
        Given::<AuditProgramme>::nothing("apr_1").refuses(Command::Draft(content), priya())
    };
    let year = draft(|content| content.year = 1999);
    assert_eq!(year, Refusal::YearOutOfRange { year: 1999, at: "/year" });
    for months in [0, 37] {
        let programme = Content { frequency_months: months, ..content() };
        let nothing = Given::<AuditProgramme>::nothing("apr_1");
        let refused = nothing.refuses(Command::Draft(programme), priya());
        assert_eq!(refused, Refusal::FrequencyOutOfRange { months, at: "/frequencyMonths" });
    }
    let outside = draft(|content| {
        content.planned_audits.insert(Key::new("late"), planned(&["4"], "2026-01-01"));
    });
    assert_eq!(
        outside,
        Refusal::PlannedOutsideYear {
            audit: "late".into(),
            planned_on: "2026-01-01".parse().unwrap(),
            year: 2025,
            at: "/plannedAudits/late/plannedOn".into(),
        }
    );
    let unknown = draft(|content| {
        content.planned_audits.insert(Key::new("x"), planned(&["A.11.2"], "2025-05-01"));
    });
    let (number, at) = ("A.11.2".into(), "/plannedAudits/x/criteria".into());
    assert_eq!(unknown, Refusal::UnknownCriterion { number, at });
}

#[test]
fn a_programme_is_submitted_when_it_is_complete() {
    type Change = fn(&mut Content);
    let lacks: [(&str, Change); 4] = [
        ("criteria: what is audited against", |content| content.criteria.clear()),
        ("a basis in risks and earlier results", |content| content.risk_basis = None),
        ("planned audits", |content| content.planned_audits.clear()),
        ("clauses or controls for one of its audits", |content| {
            content.planned_audits.insert(Key::new("empty"), planned(&[], "2025-05-01"));
        }),
    ];
    for (what, change) in lacks {
        let mut content = content();
        change(&mut content);
        let refused = drafted(content).refuses(Command::Submit, priya());
        assert_eq!(refused, Refusal::ProgrammeLacks { what });
    }
}

#[test]
fn only_descriptions_can_be_corrected() {
    let correct = |name: &str, value: Value| {
        let set = Fields([(name.to_owned(), value)].into_iter().collect());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("misspelt"), set })
    };
    let drafted = drafted(content());
    drafted.clone().after(correct("methods", json!("Interviews.")), priya());
    let refused = drafted.refuses(correct("year", json!(2026)), priya());
    assert!(matches!(refused, Refusal::Correction(_)), "{refused:?}");
}
