//! Given, when, then: assessments of suppliers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::id::encode;
use serde_json::{Value, json};

use super::completion::GAPS_MAX;
use super::*;
use crate::samples::{NADIA, SVEN, TIMER, Tale, command};

const NOW: &str = "2024-09-16T09:00:00Z";

fn sup() -> String {
    encode("sup", 1)
}

fn qst() -> String {
    encode("qst", 1)
}

fn qch() -> String {
    encode("qch", 1)
}

fn evd() -> String {
    encode("evd", 1)
}

fn supplier(criticality: &str, status: &str) -> Value {
    json!({ "name": "Lumora AI", "criticality": criticality, "status": status })
}

fn choices(of: &[(&str, u32)]) -> Value {
    let choice = |(key, points): &(&str, u32)| {
        json!({ "key": key, "text": format!("Says {key}"), "points": points,
            "notApplicable": *key == "na" })
    };
    of.iter().map(choice).collect()
}

/// 1: yes or no (3 × 10), critical; no leads to 2. 2: open. 3: several (1 × 4 and 6), n/a.
/// 4: a date. 5: one with words, not scored.
fn chapter() -> Value {
    let mut leads = choices(&[("yes", 10), ("part", 5), ("no", 0)]);
    leads[2]["shows"] = json!(["2"]);
    json!({ "status": "fixed", "title": "Logs", "questions": {
        "1": { "order": 1, "text": "Are logs kept for a year?", "answer": "single", "weight": 3,
            "critical": true, "takesRemarks": true, "choices": leads },
        "2": { "order": 2, "text": "Why not?", "answer": "open", "critical": false,
            "takesRemarks": false },
        "3": { "order": 3, "text": "What is logged?", "answer": "multiple", "weight": 1,
            "critical": false, "takesRemarks": true,
            "choices": choices(&[("in", 4), ("out", 6), ("na", 0)]) },
        "4": { "order": 4, "text": "Since when?", "answer": "date", "critical": false,
            "takesRemarks": false },
        "5": { "order": 5, "text": "Where?", "answer": "single_open", "critical": false,
            "takesRemarks": false, "choices": choices(&[("eu", 0), ("us", 0)]) },
    } })
}

fn questionnaire() -> Value {
    json!({ "status": "approved", "version": 1, "title": "Model suppliers",
        "chapters": [qch()], "inForce": { "version": 1, "title": "Model suppliers",
            "chapters": [qch()] } })
}

fn planned() -> Tale<SupplierAssessment> {
    let input = json!({ "supplier": sup(), "questionnaire": qst(), "plannedFor": "2024-09-30" });
    Tale::of("sas_1", NOW)
        .knowing(&sup(), "supplier", supplier("high", "prospective"))
        .knowing(&qst(), "questionnaire", questionnaire())
        .knowing(&qch(), "questionnaire_chapter", chapter())
        .knowing(&evd(), "evidence", json!({ "status": "registered" }))
        .then(NADIA, command("plan", input))
}

fn started() -> Tale<SupplierAssessment> {
    planned().then(NADIA, Command::Start)
}

fn answer(answers: Value) -> Command {
    command("answer", json!({ "answers": answers }))
}

fn good() -> Value {
    json!([
        { "question": "1", "choices": ["yes"], "evidence": [evd()] },
        { "question": "3", "choices": ["in", "out"], "remark": "Seen in the console." },
        { "question": "4", "date": "2023-01-01" },
        { "question": "5", "choices": ["eu"], "text": "Dublin." },
    ])
}

fn with(place: usize, other: Value) -> Value {
    let mut answers = good();
    answers[place] = other;
    answers
}

fn complete(until: &str) -> Command {
    command("complete", json!({ "validUntil": until, "opinion": "Fit for use." }))
}

fn completed(answers: Value) -> Outcome {
    let tale = started().then(NADIA, answer(answers)).then(NADIA, complete("2025-09-15"));
    tale.state.outcome
}

#[test]
fn an_assessment_is_planned_started_answered_completed_and_expires() {
    let tale = started().then(SVEN, answer(good())).then(NADIA, complete("2025-09-15"));
    let state = &tale.state;
    assert_eq!(state.status, AssessmentStatus::Completed);
    assert_eq!((state.questionnaire_version, state.outcome.score), (Some(1), Some(100)));
    assert_eq!((state.outcome.earned, state.outcome.attainable), (Some(40), Some(40)));
    assert_eq!((state.outcome.asked, state.outcome.gap_count), (Some(4), Some(0)));
    let assessors: Vec<_> = state.assessors.iter().map(UserId::as_str).collect();
    assert_eq!(assessors, ["usr_nadia", "usr_sven"]);
    let view: facts::SupplierAssessment = serde_json::from_value(tale.body()).unwrap();
    assert_eq!((view.score, view.status.as_str()), (Some(100), "completed"));
    assert_eq!((view.supplier, view.assessors.len()), (sup(), 2));
    assert!(view.valid_until.is_some() && view.completed_at.is_some());
    let until = "2025-09-15".parse().unwrap();
    let refusal = tale.clone().at("2025-09-15T23:00:00Z").refused(TIMER, Command::Expire);
    assert_eq!(refusal, Refusal::StillValid { valid_until: until });
    let over = tale.at("2025-09-16T00:00:00Z").then(TIMER, Command::Expire);
    assert_eq!(over.state.status, AssessmentStatus::Expired);
    over.holds(TIMER, Command::Expire);
}

#[test]
fn it_is_pinned_to_the_version_with_which_it_was_started() {
    let other = encode("qch", 2);
    let next = json!({ "status": "approved", "version": 2, "title": "Next", "chapters": [other],
        "inForce": { "version": 2, "title": "Next", "chapters": [other] } });
    let tale = started().knowing(&qst(), "questionnaire", next);
    tale.holds(NADIA, Command::Start);
    let done = tale.then(NADIA, answer(good())).then(NADIA, complete("2025-09-15"));
    assert_eq!(done.state.questionnaire_version, Some(1));
    assert_eq!(done.state.chapters, vec![Ref::new(qch())]);
}

#[test]
fn the_score_is_what_was_earned_of_what_could_be() {
    let one = |choice: &str| json!({ "question": "1", "choices": [choice], "evidence": [evd()] });
    let three = |choices: &[&str]| json!({ "question": "3", "choices": choices });
    let why = json!({ "question": "2", "text": "It costs too much." });
    for (first, third, expected) in [
        (one("yes"), three(&["in", "out"]), (40, 40, 100)),
        (one("yes"), three(&["in"]), (34, 40, 85)),
        (one("part"), three(&["out"]), (21, 40, 53)),
        (one("part"), three(&["na"]), (15, 30, 50)),
        (one("no"), three(&["in"]), (4, 40, 10)),
        (one("no"), three(&["na"]), (0, 30, 0)),
    ] {
        let mut answers = good();
        answers[0] = first.clone();
        answers[1] = third;
        answers.as_array_mut().unwrap().push(why.clone());
        let outcome = completed(answers);
        let found = (outcome.earned.unwrap(), outcome.attainable.unwrap(), outcome.score.unwrap());
        assert_eq!(found, expected);
        // 2 is asked only after "no"; an answer to what is not asked is not counted.
        let asked = if first["choices"][0] == "no" { 5 } else { 4 };
        assert_eq!(outcome.asked, Some(asked));
    }
}

#[test]
fn what_falls_short_is_a_gap_the_critical_first() {
    let mut answers = good();
    answers[0]["choices"] = json!(["part"]);
    answers[1]["choices"] = json!(["in"]);
    let outcome = completed(answers);
    assert_eq!(outcome.gap_count, Some(2));
    let gap = &outcome.gaps[&Key::new("1")];
    assert_eq!(gap.question, Line::new("Are logs kept for a year?"));
    assert_eq!((gap.answer.as_str(), gap.critical), ("Says part", true));
    assert_eq!((gap.earned, gap.attainable), (15, 30));
    assert_eq!(outcome.gaps[&Key::new("3")].answer, Line::new("Says in"));
}

#[test]
fn of_many_gaps_the_heaviest_are_described() {
    let mut big = chapter();
    let mut answers = good();
    for n in 0..GAPS_MAX + 10 {
        let key = format!("q{n}");
        big["questions"][&key] = json!({ "order": 10 + n, "text": "ä".repeat(600),
            "answer": "single", "weight": n + 1, "critical": false, "takesRemarks": true,
            "choices": choices(&[("yes", 10), ("no", 0)]) });
        answers.as_array_mut().unwrap().push(json!({ "question": key, "choices": ["no"] }));
    }
    let tale = started().knowing(&qch(), "questionnaire_chapter", big);
    let done = tale.then(NADIA, answer(answers)).then(NADIA, complete("2025-09-15"));
    let outcome = &done.state.outcome;
    assert_eq!((outcome.gaps.len(), outcome.gap_count), (GAPS_MAX, Some(60)));
    assert!(outcome.gaps.contains_key(&Key::new("q59")));
    assert!(!outcome.gaps.contains_key(&Key::new("q9")));
    assert!(outcome.gaps.values().all(|gap| gap.question.as_str().len() <= 150));
}

#[test]
fn an_answer_fits_its_question() {
    let refused = |answer_: Value| {
        use kernel::domain::Refusals;
        let refusal = started().refused(NADIA, answer(json!([answer_])));
        (refusal.declaration().code, refusal.pointer().unwrap_or_default().to_owned())
    };
    for (given, code, at) in [
        (json!({ "question": "9" }), "no_such_question", "question"),
        (json!({ "question": "1", "choices": ["maybe"] }), "no_such_choice", "choices/0"),
        (json!({ "question": "3", "choices": ["in", "in"] }), "no_such_choice", "choices/1"),
        (json!({ "question": "1" }), "answer_missing", "choices"),
        (json!({ "question": "1", "choices": ["yes", "no"] }), "answer_missing", "choices"),
        (json!({ "question": "3", "choices": [] }), "answer_missing", "choices"),
        (json!({ "question": "2" }), "answer_missing", "text"),
        (json!({ "question": "4" }), "answer_missing", "date"),
        (json!({ "question": "2", "text": "x", "choices": ["a"] }), "no_such_choice", "choices/0"),
        (json!({ "question": "1", "choices": ["yes"], "text": "x" }), "answer_not_taken", "text"),
        (json!({ "question": "2", "text": "x", "date": "2024-01-01" }), "answer_not_taken", "date"),
        (json!({ "question": "2", "text": "x", "remark": "y" }), "answer_not_taken", "remark"),
        (
            json!({ "question": "5", "choices": ["eu"], "evidence": [evd()] }),
            "answer_not_taken",
            "evidence",
        ),
        (
            json!({ "question": "3", "choices": ["in", "na"] }),
            "not_applicable_among_others",
            "choices",
        ),
    ] {
        assert_eq!(refused(given.clone()), (code, format!("/answers/0/{at}")), "{given}");
    }
    let twice = json!([good()[0], good()[0]]);
    let refusal = started().refused(NADIA, answer(twice));
    let (question, at) = ("1".to_owned(), "/answers/1/question".to_owned());
    assert_eq!(refusal, Refusal::AnsweredTwice { question, at });
}

#[test]
fn an_answer_that_stands_is_not_given_twice() {
    let tale = started().then(NADIA, answer(good()));
    tale.holds(SVEN, answer(json!([good()[0]])));
    tale.holds(SVEN, answer(json!([])));
    let other = json!([{ "question": "1", "choices": ["no"] }]);
    let tale = tale.then(SVEN, answer(other));
    assert_eq!(tale.state.answers[&Key::new("1")].choices, vec![Key::new("no")]);
    assert_eq!(tale.state.answers.len(), 4);
}

#[test]
fn every_question_that_is_asked_is_answered_before_the_end() {
    let tale = started().then(NADIA, answer(json!([good()[1]])));
    let refusal = tale.refused(NADIA, complete("2025-09-15"));
    assert_eq!(refusal, Refusal::Unanswered { question: "1".into(), open: 3 });
    let no = json!({ "question": "1", "choices": ["no"], "evidence": [evd()] });
    let tale = started().then(NADIA, answer(with(0, no)));
    let refusal = tale.refused(NADIA, complete("2025-09-15"));
    assert_eq!(refusal, Refusal::Unanswered { question: "2".into(), open: 1 });
}

#[test]
fn a_critical_question_needs_evidence_that_is_good() {
    let without = json!({ "question": "1", "choices": ["yes"] });
    let missing = Refusal::CriticalWithoutEvidence { question: "1".into() };
    let tale = started().then(NADIA, answer(with(0, without)));
    assert_eq!(tale.refused(NADIA, complete("2025-09-15")), missing);
    for (status, good_) in
        [("verified", true), ("registered", true), ("quarantined", false), ("shredded", false)]
    {
        let evidence = json!({ "status": status });
        let tale = started().knowing(&evd(), "evidence", evidence).then(NADIA, answer(good()));
        let decided = tale.decided(NADIA, complete("2025-09-15"));
        assert_eq!(decided.is_ok(), good_, "{status}");
        if let Err(refusal) = decided {
            assert_eq!(refusal, missing);
        }
    }
}

#[test]
fn an_assessment_of_which_nothing_applies_has_no_score() {
    let mut unscored = chapter();
    unscored["questions"]["1"]["weight"] = Value::Null;
    let none = json!({ "question": "3", "choices": ["na"] });
    let tale = started()
        .knowing(&qch(), "questionnaire_chapter", unscored)
        .then(NADIA, answer(with(1, none)));
    assert_eq!(tale.refused(NADIA, complete("2025-09-15")), Refusal::NothingScored);
}

#[test]
fn how_long_it_is_valid_depends_on_the_supplier() {
    for (criticality, until, refused) in [
        ("high", "2025-09-16", false),
        ("high", "2025-09-17", true),
        ("medium", "2026-09-16", false),
        ("medium", "2026-09-17", true),
        ("low", "2026-09-16", false),
        ("low", "2026-09-17", true),
    ] {
        let tale = started()
            .knowing(&sup(), "supplier", supplier(criticality, "approved"))
            .then(NADIA, answer(good()));
        let decided = tale.decided(NADIA, complete(until));
        assert_eq!(decided.is_err(), refused, "{criticality} {until}");
        if let Err(refusal) = decided {
            assert!(matches!(refusal, Refusal::ValidTooLong { at: "/validUntil", .. }));
        }
    }
    let tale = started().then(NADIA, answer(good()));
    let refusal = Refusal::ValidInPast { at: "/validUntil" };
    assert_eq!(tale.refused(NADIA, complete("2024-09-16")), refusal);
}

#[test]
fn it_is_started_with_an_approved_questionnaire() {
    let draft = json!({ "status": "draft", "version": 1, "title": "Draft", "chapters": [qch()] });
    let tale = planned().knowing(&qst(), "questionnaire", draft);
    let refusal = Refusal::QuestionnaireNotApproved { questionnaire: qst() };
    assert_eq!(tale.refused(NADIA, Command::Start), refusal);
}

#[test]
fn a_terminated_supplier_is_not_assessed() {
    let gone = |at| Refusal::SupplierTerminated { name: "Lumora AI".into(), at };
    let terminated = supplier("high", "terminated");
    let tale = planned().knowing(&sup(), "supplier", terminated.clone());
    assert_eq!(tale.refused(NADIA, Command::Start), gone(""));
    let new = Tale::<SupplierAssessment>::of("sas_2", NOW).knowing(&sup(), "supplier", terminated);
    let plan = command("plan", json!({ "supplier": sup(), "questionnaire": qst() }));
    assert_eq!(new.refused(NADIA, plan), gone("/supplier"));
}

#[test]
fn certificates_are_recorded_and_taken_back() {
    let record = |number: usize, until: &str| {
        command(
            "record_certificate",
            json!({ "standard": "ISO/IEC 42001:2023",
            "issuer": "CertNova", "number": number.to_string(), "validUntil": until }),
        )
    };
    let mut tale = started();
    for n in 0..certificate::CERTIFICATES_MAX {
        tale = tale.then(NADIA, record(n, "2026-01-01"));
    }
    tale.holds(NADIA, record(3, "2026-01-01"));
    let most = certificate::CERTIFICATES_MAX;
    let refusal = tale.refused(NADIA, record(most, "2026-01-01"));
    assert_eq!(refusal, Refusal::TooManyCertificates { most });
    let refusal = tale.refused(NADIA, record(most, "2024-09-15"));
    assert!(matches!(refusal, Refusal::CertificateRanOut { at: "/validUntil", .. }));
    let remove = |key: &str| command("remove_certificate", json!({ "certificate": key }));
    let refusal = tale.refused(NADIA, remove("other"));
    let (certificate, at) = ("other".to_owned(), "/certificate");
    assert_eq!(refusal, Refusal::NoSuchCertificate { certificate, at });
    let key = tale.state.certificates.keys().next().unwrap().as_str().to_owned();
    let tale = tale.then(NADIA, remove(&key));
    assert_eq!(tale.state.certificates.len(), most - 1);
}

#[test]
fn what_is_not_in_progress_is_not_worked_on() {
    let early = planned();
    let wrong = |status, step| Refusal::WrongStatus { status, step };
    assert_eq!(early.refused(NADIA, answer(good())), wrong("planned", "answered"));
    assert_eq!(early.refused(NADIA, complete("2025-09-15")), wrong("planned", "completed"));
    assert_eq!(early.refused(TIMER, Command::Expire), wrong("planned", "expired"));
    let done = started().then(NADIA, answer(good())).then(NADIA, complete("2025-09-15"));
    done.holds(NADIA, complete("2025-09-15"));
    let later = complete("2025-09-14");
    assert_eq!(done.refused(NADIA, later), wrong("completed", "completed"));
    assert_eq!(done.refused(NADIA, answer(good())), wrong("completed", "answered"));
    assert_eq!(done.refused(NADIA, Command::Start), wrong("completed", "started"));
}

#[test]
fn an_assessment_has_bounds() {
    let mut crowd = started();
    for n in 1..ASSESSORS_MAX {
        let user: &'static str = format!("usr_{n}").leak();
        let answers = json!([{ "question": "4", "date": format!("2023-01-{n:02}") }]);
        crowd = crowd.then((user, &[Role::Sm]), answer(answers));
    }
    let refusal = crowd.refused(SVEN, answer(good()));
    assert_eq!(refusal, Refusal::TooManyAssessors { most: ASSESSORS_MAX });
    crowd.then(NADIA, answer(good()));

    let mut wide = chapter();
    for n in 0..300 {
        wide["questions"][format!("q{n}")] = json!({ "order": 10 + n, "text": "Is it?",
            "answer": "open", "critical": false, "takesRemarks": true });
    }
    let say = |from: usize, to: usize| {
        let one = |n| json!({ "question": format!("q{n}"), "text": "x", "evidence": [evd()] });
        answer((from..to).map(one).collect())
    };
    let tale = started()
        .knowing(&qch(), "questionnaire_chapter", wide)
        .then(NADIA, say(0, 100))
        .then(NADIA, say(0, 100));
    assert!(serde_json::to_vec(&tale.state).unwrap().len() < answer::ANSWERS_MAX);
    let refusal = tale.refused(NADIA, say(100, 300));
    assert!(matches!(refusal, Refusal::TooLarge { .. }), "{refusal}");
}

#[test]
fn completing_needs_the_chapters_the_supplier_and_all_evidence() {
    let tale = started().then(NADIA, answer(good()));
    let needs = tale.needs(NADIA, &complete("2025-09-15"));
    let expected = [qch(), sup(), evd()].map(Need::Object);
    assert_eq!(needs, expected);
}

#[test]
fn only_the_plan_and_the_opinion_are_corrected() {
    let correct =
        |set: Value| command("correct", json!({ "corrects": 1, "reason": "x", "set": set }));
    let tale = planned().then(NADIA, correct(json!({ "plannedFor": "2024-10-01" })));
    assert_eq!(tale.state.planned_for, Some("2024-10-01".parse().unwrap()));
    for field in ["score", "validUntil", "answers", "supplier"] {
        let refusal = tale.refused(NADIA, correct(json!({ field: null })));
        assert!(matches!(refusal, Refusal::Correction(_)), "{field}");
    }
}
