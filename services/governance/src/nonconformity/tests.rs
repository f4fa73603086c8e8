//! Given, when, then: nonconformities.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::UserId;
use kernel::values::Fields;
use serde_json::{Value, json};

use super::*;
use crate::given::{Given, on, sealed};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn priya(at: &str) -> Context {
    on("usr_priya", Role::Am, at)
        .knowing("evd_1", "evidence", json!({ "status": "verified" }))
        .knowing("evd_9", "evidence", json!({ "status": "quarantined" }))
}

fn rui(at: &str) -> Context {
    on("usr_rui", Role::Aud, at).knowing("evd_1", "evidence", json!({ "status": "superseded" }))
}

fn sara(at: &str) -> Context {
    on("usr_sara", Role::Emp, at).knowing("evd_1", "evidence", json!({ "status": "verified" }))
}

fn timer(at: &str) -> Context {
    on("rea_P12", Role::Sys, at)
}

fn raise(change: impl FnOnce(&mut Raise)) -> Command {
    let mut raise = Raise {
        of: Origin::default(),
        grade: None,
        requirement: Some(Number::new("7.2")),
        title: Line::new("Four people without AI literacy training"),
        description: Prose::new("Four of 46 people joined after the course."),
        due: None,
    };
    change(&mut raise);
    Command::Raise(raise)
}

fn contain() -> Command {
    Command::RecordContainment(Contain { text: Prose::new("They do no work on AI systems.") })
}

fn cause() -> Command {
    let text = Prose::new("The course was held once a year.");
    Command::RecordCause(FindCause { method: cause::Method::FiveWhys, text })
}

fn similar() -> Command {
    let text = Prose::new("The records of all other courses: none is missing.");
    Command::CheckSimilarCases(SimilarCases { text, found: vec![] })
}

fn action(owner: &str, due: &str) -> NewAction {
    NewAction { text: Prose::new("Hold it on arrival."), owner: UserId::new(owner), due: day(due) }
}

fn plan(actions: Vec<(&str, NewAction)>) -> Command {
    Command::PlanActions(PlanActions {
        actions: actions.into_iter().map(|(key, action)| (Key::new(key), action)).collect(),
        method: Line::new("Coverage of the course a month later"),
        check_due: Some(day("2025-01-22")),
    })
}

fn complete(key: &str, evidence: &[&str]) -> Command {
    let evidence = evidence.iter().map(|id| Ref::new(*id)).collect();
    Command::CompleteAction(CompleteAction { action: Key::new(key), evidence })
}

fn verify(outcome: Outcome) -> Command {
    Command::VerifyEffect(VerifyEffect { outcome, text: Prose::new("46 of 46 are trained.") })
}

fn close() -> Command {
    Command::Close(Close { aims_change: Some(Ref::new("amc_1")) })
}

fn reject() -> Command {
    Command::Reject(Reject { reason: Prose::new("They had been trained elsewhere.") })
}

fn overdue(key: &str) -> Command {
    Command::MarkOverdue(ActionOverdue { action: Key::new(key) })
}

fn raised() -> Given<Nonconformity> {
    Given::nothing("ncf_1").after(raise(|_| ()), rui("2024-12-18"))
}

fn cause_found() -> Given<Nonconformity> {
    raised().after(contain(), priya("2024-12-19")).after(cause(), priya("2024-12-20"))
}

fn planned() -> Given<Nonconformity> {
    let actions = vec![("course", action("usr_sara", "2025-01-15"))];
    cause_found().after(plan(actions), priya("2024-12-20"))
}

fn done() -> Given<Nonconformity> {
    planned().after(complete("course", &["evd_1"]), sara("2025-01-14"))
}

fn verified() -> Given<Nonconformity> {
    done().after(verify(Outcome::Effective), rui("2025-01-22"))
}

fn finding(grade: &str, status: &str) -> Value {
    let mut finding = json!(crate::audit_finding::AuditFinding::default());
    finding["audit"] = json!("cau_1");
    finding["grade"] = json!(grade);
    finding["status"] = json!(status);
    finding["requirement"] = json!("A.6.2.4");
    finding["replyDue"] = json!("2025-05-27");
    finding["raised"] = json!({ "by": "usr_helen", "at": "2025-02-26T09:00:00.000000Z" });
    finding
}

/// As somebody who knows a finding of a certification body.
fn finding_of(grade: &str, status: &str, fix_days: u32) -> Context {
    let audit = json!({ "body": "cbo_1", "auditKind": "stage2", "status": "concluded",
        "rules": { "ncReplyDays": 90, "majorFixDays": fix_days } });
    priya("2025-03-03").knowing("fnd_1", "audit_finding", finding(grade, status)).knowing(
        "cau_1",
        "certification_audit",
        audit,
    )
}

fn of_finding(change: fn(&mut Raise)) -> Command {
    raise(move |raise| {
        raise.of.source = Source::Finding;
        raise.of.origin = Some(Ref::new("fnd_1"));
        raise.requirement = None;
        change(raise);
    })
}

fn nothing() -> Given<Nonconformity> {
    Given::nothing("ncf_1")
}

#[test]
fn a_nonconformity_goes_through_all_its_states_and_is_closed() {
    let closed = verified().after(similar(), priya("2025-01-22")).after(close(), rui("2025-01-22"));
    let nonconformity = closed.state;
    assert_eq!(nonconformity.status, NonconformityStatus::Closed);
    assert_eq!(nonconformity.aims_change, Some(Ref::new("amc_1")));
    let result = nonconformity.effectiveness.unwrap().result.unwrap();
    assert_eq!((result.outcome, result.verified.by), (Outcome::Effective, UserId::new("usr_rui")));
}

#[test]
fn each_state_follows_from_the_one_before() {
    use NonconformityStatus as S;
    assert_eq!(raised().state.status, S::Raised);
    assert_eq!(raised().after(contain(), priya("2024-12-19")).state.status, S::Contained);
    assert_eq!(cause_found().state.status, S::CauseFound);
    assert_eq!(planned().state.status, S::ActionsPlanned);
    assert_eq!(done().state.status, S::ActionsDone);
    assert_eq!(verified().state.status, S::EffectivenessVerified);
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    let today = || priya("2024-12-20");
    assert_eq!(raised().refuses(cause(), today()), wrong("raised", "analysed"));
    let actions = || plan(vec![("course", action("usr_sara", "2025-01-15"))]);
    assert_eq!(raised().refuses(actions(), today()), wrong("raised", "planned for"));
    assert_eq!(planned().refuses(contain(), today()), wrong("at its actions", "contained"));
    let effective = verify(Outcome::Effective);
    let refused = planned().refuses(effective, rui("2025-01-22"));
    assert_eq!(refused, wrong("at its actions", "verified"));
    let refused = verified().refuses(reject(), priya("2025-01-22"));
    assert_eq!(refused, wrong("found effective", "rejected"));
    let closed = verified().after(similar(), priya("2025-01-22")).after(close(), rui("2025-01-22"));
    let refused = closed.refuses(similar(), priya("2025-01-23"));
    assert_eq!(refused, wrong("closed", "compared with similar cases"));
}

#[test]
fn what_holds_already_changes_nothing() {
    assert!(done().holds(complete("course", &["evd_1"]), sara("2025-01-15")));
    assert!(verified().holds(verify(Outcome::Effective), rui("2025-01-23")));
    let closed = verified().after(similar(), priya("2025-01-22")).after(close(), rui("2025-01-22"));
    assert!(closed.holds(close(), rui("2025-01-23")));
}

#[test]
fn it_is_not_closed_before_cause_similar_cases_evidence_and_effect_are_there() {
    let today = || priya("2025-01-22");
    assert_eq!(raised().refuses(close(), today()), Refusal::NoCause);
    assert_eq!(cause_found().refuses(close(), today()), Refusal::SimilarCasesNotChecked);
    let checked = |given: Given<Nonconformity>| given.after(similar(), priya("2025-01-20"));
    assert_eq!(checked(cause_found()).refuses(close(), today()), Refusal::EffectNotVerified);
    let open = Refusal::ActionWithoutEvidence { action: "course".into() };
    assert_eq!(checked(planned()).refuses(close(), today()), open);
    assert_eq!(checked(done()).refuses(close(), today()), Refusal::EffectNotVerified);
    // What proved it then was found to be false.
    let quarantined = today().knowing("evd_1", "evidence", json!({ "status": "quarantined" }));
    assert_eq!(checked(verified()).refuses(close(), quarantined), open);
    checked(verified()).after(close(), today());
}

#[test]
fn whoever_owns_did_or_planned_an_action_does_not_judge_it() {
    let judge = |context| done().refuses(verify(Outcome::Effective), context);
    assert_eq!(judge(sara("2025-01-22")), Refusal::VerifierIsActionOwner);
    assert_eq!(judge(priya("2025-01-22")), Refusal::VerifierPlannedActions);
    let by_manager = planned().after(complete("course", &["evd_1"]), priya("2025-01-14"));
    let refused = by_manager.refuses(verify(Outcome::Ineffective), priya("2025-01-22"));
    assert_eq!(refused, Refusal::VerifierIsActionOwner);
    let olga = on("usr_olga", Role::Emp, "2025-01-22");
    done().after(verify(Outcome::Effective), olga);
}

#[test]
fn actions_that_do_not_work_lead_back_to_the_cause() {
    let failed = done().after(verify(Outcome::Ineffective), rui("2025-01-22"));
    assert_eq!(failed.state.status, NonconformityStatus::CauseFound);
    assert_eq!(failed.state.failed_checks, 1);
    let failed = failed.after(cause(), priya("2025-01-23"));
    let same = plan(vec![("course", action("usr_sara", "2025-02-15"))]);
    let refused = failed.refuses(same, priya("2025-01-23"));
    assert_eq!(refused, Refusal::ActionIsDone { action: "course".into(), at: "/actions" });
    let next = plan(vec![("reminder", action("usr_sara", "2025-02-15"))]);
    let next = failed.after(next, priya("2025-01-23"));
    assert_eq!(next.state.actions.len(), 2);
    let done = next.after(complete("reminder", &["evd_1"]), sara("2025-02-01"));
    assert_eq!(done.state.status, NonconformityStatus::ActionsDone);
}

#[test]
fn a_plan_replaces_what_is_not_done() {
    let two = vec![
        ("course", action("usr_sara", "2025-01-15")),
        ("list", action("usr_priya", "2025-01-15")),
    ];
    let planned = cause_found().after(plan(two), priya("2024-12-20"));
    let one_done = planned.after(complete("course", &["evd_1"]), sara("2025-01-14"));
    assert_eq!(one_done.state.status, NonconformityStatus::ActionsPlanned);
    let other = plan(vec![("calendar", action("usr_priya", "2025-01-31"))]);
    let replaced = one_done.after(other, priya("2025-01-15"));
    let keys: Vec<_> = replaced.state.actions.keys().map(Key::as_str).collect();
    assert_eq!(keys, ["calendar", "course"]);
    assert_eq!(
        cause_found().refuses(plan(vec![]), priya("2024-12-20")),
        Refusal::NoActions { at: "/actions" }
    );
    let mut full = replaced;
    let one = full.state.actions[&Key::new("course")].clone();
    for n in 0..ACTIONS_MAX {
        full.state.actions.insert(Key::new(format!("a{n}")), one.clone());
    }
    let more = plan(vec![("more", action("usr_sara", "2025-01-31"))]);
    let refused = full.refuses(more, priya("2025-01-15"));
    assert_eq!(refused, Refusal::TooManyActions { most: ACTIONS_MAX, at: "/actions" });
}

#[test]
fn an_action_is_done_by_its_owner_with_evidence() {
    let today = "2025-01-14";
    let refused =
        planned().refuses(complete("course", &["evd_1"]), on("usr_olga", Role::Emp, today));
    assert_eq!(refused, Refusal::NotActionOwner { at: "/action" });
    let refused = planned().refuses(complete("course", &[]), sara(today));
    assert_eq!(refused, Refusal::NoEvidence { at: "/evidence" });
    let refused = planned().refuses(complete("course", &["evd_1", "evd_9"]), priya(today));
    let evidence = "evd_9".to_owned();
    assert_eq!(refused, Refusal::EvidenceProvesNothing { evidence, at: "/evidence" });
    let refused = planned().refuses(complete("other", &["evd_1"]), sara(today));
    assert_eq!(refused, Refusal::UnknownAction { action: "other".into(), at: "/action" });
    let failed = done().after(verify(Outcome::Ineffective), rui("2025-01-22"));
    let mut undone = failed;
    if let Some(action) = undone.state.actions.get_mut(&Key::new("course")) {
        action.done = None;
    }
    let refused = undone.refuses(complete("course", &["evd_1"]), sara("2025-01-23"));
    assert_eq!(refused, Refusal::WrongStatus { status: "at its cause", step: "acted upon" });
}

#[test]
fn an_action_whose_day_went_by_is_overdue_once() {
    let due = day("2025-01-15");
    let refused = planned().refuses(overdue("course"), timer("2025-01-15"));
    assert_eq!(refused, Refusal::NotOverdue { due });
    let late = planned().after(overdue("course"), timer("2025-01-16"));
    assert!(late.state.actions[&Key::new("course")].is_overdue);
    assert!(late.holds(overdue("course"), timer("2025-01-17")));
    let refused = done().refuses(overdue("course"), timer("2025-01-16"));
    assert_eq!(refused, Refusal::NotOverdue { due });
}

#[test]
fn a_major_nonconformity_is_corrected_within_ninety_days() {
    let major = |due: Option<&str>| {
        let due = due.map(day);
        raise(move |raise| (raise.grade, raise.due) = (Some(Grade::Major), due))
    };
    let given = nothing().after(major(None), rui("2024-12-18"));
    assert_eq!(given.state.due, Some(day("2025-03-18")));
    nothing().after(major(Some("2025-03-18")), rui("2024-12-18"));
    let refused = nothing().refuses(major(Some("2025-03-19")), rui("2024-12-18"));
    let (due, latest) = (day("2025-03-19"), day("2025-03-18"));
    assert_eq!(refused, Refusal::DueTooLate { due, latest, at: "/due" });
    let past = raise(|raise| raise.due = Some(day("2024-12-17")));
    let refused = nothing().refuses(past, rui("2024-12-18"));
    assert_eq!(refused, Refusal::DueInPast { due: day("2024-12-17"), at: "/due".into() });
    let analysed = given.after(contain(), priya("2024-12-19")).after(cause(), priya("2024-12-20"));
    let late = || plan(vec![("fix", action("usr_sara", "2025-03-19"))]);
    let refused = analysed.refuses(late(), priya("2024-12-20"));
    let at = || "/actions/fix/due".to_owned();
    assert_eq!(refused, Refusal::ActionDueTooLate { due, latest, at: at() });
    let past = plan(vec![("fix", action("usr_sara", "2024-12-19"))]);
    let refused = analysed.refuses(past, priya("2024-12-20"));
    assert_eq!(refused, Refusal::DueInPast { due: day("2024-12-19"), at: at() });
    // Ninety more when the actions have failed.
    let fix = plan(vec![("fix", action("usr_sara", "2025-03-18"))]);
    let done = analysed.after(fix, priya("2024-12-20"));
    let done = done.after(complete("fix", &["evd_1"]), sara("2025-03-18"));
    let failed = done.after(verify(Outcome::Ineffective), rui("2025-03-19"));
    let again = |due| plan(vec![("again", action("usr_sara", due))]);
    failed.clone().after(again("2025-06-17"), priya("2025-03-19"));
    let refused = failed.refuses(again("2025-06-18"), priya("2025-03-19"));
    assert!(matches!(refused, Refusal::ActionDueTooLate { .. }), "{refused:?}");
}

#[test]
fn a_nonconformity_from_a_finding_takes_grade_requirement_and_days_from_it() {
    let minor = nothing().after(of_finding(|_| ()), finding_of("minor", "accepted", 60)).state;
    assert_eq!((minor.grade, minor.due), (Grade::Minor, None));
    assert_eq!(minor.requirement, Some(Number::new("A.6.2.4")));
    assert_eq!(minor.finding, Some(Ref::new("fnd_1")));
    assert_eq!(minor.reply_due, Some(day("2025-05-27")));
    for (fix_days, due) in [(60, "2025-04-27"), (180, "2025-06-01"), (0, "2025-06-01")] {
        let context = finding_of("major", "accepted", fix_days);
        let major = nothing().after(of_finding(|_| ()), context).state;
        assert_eq!((major.grade, major.due), (Grade::Major, Some(day(due))), "{fix_days}");
    }
    let late = of_finding(|raise| raise.due = Some(day("2025-04-28")));
    let refused = nothing().refuses(late, finding_of("major", "accepted", 60));
    let (due, latest) = (day("2025-04-28"), day("2025-04-27"));
    assert_eq!(refused, Refusal::DueTooLate { due, latest, at: "/due" });
    let milder = of_finding(|raise| raise.grade = Some(Grade::Minor));
    let refused = nothing().refuses(milder, finding_of("major", "accepted", 60));
    assert_eq!(refused, Refusal::GradeBelowFinding { at: "/grade" });
    for (grade, status) in [("ofi", "accepted"), ("minor", "closed"), ("ungraded", "raised")] {
        let refused = nothing().refuses(of_finding(|_| ()), finding_of(grade, status, 60));
        assert_eq!(refused, Refusal::FindingAsksForNone { at: "/origin" }, "{grade}");
    }
}

#[test]
fn a_finding_has_one_nonconformity_and_an_indicator_one_that_is_open() {
    let other = |origin: &str, status: &str| {
        let mut other = json!(Nonconformity::default());
        other["origin"] = json!(origin);
        other["status"] = json!(status);
        other
    };
    let has = || Refusal::OriginHasNonconformity { other: "ncf_2".into() };
    let finding = |status| {
        finding_of("minor", "accepted", 60).knowing(
            "ncf_2",
            "nonconformity",
            other("fnd_1", status),
        )
    };
    assert_eq!(nothing().refuses(of_finding(|_| ()), finding("closed")), has());
    nothing().after(of_finding(|_| ()), finding("rejected"));
    let of_kpi = || {
        raise(|raise| {
            raise.of.source = Source::Kpi;
            raise.of.origin = Some(Ref::new("kpi_1"));
        })
    };
    let kpi =
        |status| timer("2025-04-07").knowing("ncf_2", "nonconformity", other("kpi_1", status));
    assert_eq!(nothing().refuses(of_kpi(), kpi("actions_done")), has());
    let raised = nothing().after(of_kpi(), kpi("closed")).state;
    assert_eq!(raised.kpi, Some(Ref::new("kpi_1")));
    let of_incident = raise(|raise| {
        raise.of.source = Source::Incident;
        raise.of.origin = Some(Ref::new("inc_1"));
    });
    let context = rui("2025-04-07").knowing("ncf_2", "nonconformity", other("inc_1", "raised"));
    nothing().after(of_incident, context);
}

#[test]
fn what_it_comes_from_is_of_the_kind_that_the_source_says() {
    for (source, origin, fits) in [
        (Source::Manual, None, true),
        (Source::Manual, Some("inc_1"), false),
        (Source::Incident, Some("inc_1"), true),
        (Source::Incident, Some("con_1"), false),
        (Source::Incident, None, false),
        (Source::Kpi, Some("mon_1"), true),
        (Source::Concern, Some("con_1"), true),
        (Source::Supplier, Some("sup_1"), true),
        (Source::Supplier, Some("xyz_1"), false),
        (Source::Gate, Some("gat_1"), true),
    ] {
        let of = Origin { source, origin: origin.map(Ref::new), system: None };
        let decided =
            Nonconformity::default().decide(raise(move |raise| raise.of = of), &rui("2024-12-18"));
        match (decided, fits, origin) {
            (Ok(_), true, _) => {}
            (Err(Refusal::OriginMissing { at: "/origin", .. }), false, None) => {}
            (Err(Refusal::OriginOfOtherKind { at: "/origin", .. }), false, Some(_)) => {}
            (decided, _, _) => panic!("{source:?} {origin:?}: {decided:?}"),
        }
    }
    let unknown = raise(|raise| raise.requirement = Some(Number::new("12.1")));
    let refused = nothing().refuses(unknown, rui("2024-12-18"));
    let number = "12.1".to_owned();
    assert_eq!(refused, Refusal::UnknownRequirement { number, at: "/requirement" });
}

#[test]
fn the_aims_manager_and_an_auditor_reject_it_together() {
    for (first, second) in
        [(priya("2024-12-19"), rui("2024-12-20")), (rui("2024-12-19"), priya("2024-12-20"))]
    {
        let proposed = raised().after(reject(), first);
        assert_eq!(proposed.state.status, NonconformityStatus::Raised);
        let rejected = proposed.after(reject(), second);
        assert_eq!(rejected.state.status, NonconformityStatus::Rejected);
        assert!(rejected.holds(reject(), rui("2024-12-21")));
        let refused = rejected.refuses(close(), rui("2024-12-21"));
        assert_eq!(refused, Refusal::WrongStatus { status: "rejected", step: "closed" });
    }
    let proposed = raised().after(reject(), priya("2024-12-19"));
    assert!(proposed.holds(reject(), priya("2024-12-20")), "one person alone is not enough");
    let other = on("usr_anna", Role::Am, "2024-12-20");
    let refused = proposed.refuses(reject(), other);
    assert_eq!(refused, Refusal::OtherRoleRejects { lacking: "AUD" });
}

#[test]
fn what_answers_a_finding_is_not_rejected_while_that_stands() {
    let given = nothing().after(of_finding(|_| ()), finding_of("minor", "accepted", 60));
    let refused = given.refuses(reject(), finding_of("minor", "accepted", 60));
    assert_eq!(refused, Refusal::FindingStands);
    given.after(reject(), finding_of("ofi", "accepted", 60));
}

#[test]
fn only_descriptions_can_be_corrected() {
    let correct = |name: &str, value: &str| {
        let set = Fields([(name.to_owned(), json!(value))].into_iter().collect());
        Command::Correct(Correct { corrects: 1, reason: Prose::new("misspelt"), set })
    };
    let title = raised().after(correct("title", "Untrained people"), priya("2024-12-19"));
    assert_eq!(title.state.title, Line::new("Untrained people"));
    let refused = raised().refuses(correct("grade", "minor"), priya("2024-12-19"));
    assert!(matches!(refused, Refusal::Correction(_)), "{refused:?}");
}

#[test]
fn others_see_it_as_it_is() {
    let view = |state: &Nonconformity| -> facts::Nonconformity {
        serde_json::from_value(sealed(json!(state))).unwrap()
    };
    let of = of_finding(|raise| raise.of.system = Some(Ref::new("sys_1")));
    let mut state = nothing().after(of, finding_of("major", "accepted", 60)).state;
    let seen = view(&state);
    assert_eq!((seen.grade.as_str(), seen.status.as_str()), ("major", "raised"));
    assert_eq!((seen.system.as_deref(), seen.finding.as_deref()), (Some("sys_1"), Some("fnd_1")));
    use NonconformityStatus as S;
    for (status, is_open, is_verified) in [
        (S::Raised, true, false),
        (S::Contained, true, false),
        (S::CauseFound, true, false),
        (S::ActionsPlanned, true, false),
        (S::ActionsDone, true, false),
        (S::EffectivenessVerified, true, true),
        (S::Closed, false, true),
        (S::Rejected, false, false),
    ] {
        state.status = status;
        let seen = view(&state);
        assert_eq!((seen.is_open(), seen.is_verified()), (is_open, is_verified), "{status:?}");
        assert_eq!(state.is_open(), is_open);
    }
}
