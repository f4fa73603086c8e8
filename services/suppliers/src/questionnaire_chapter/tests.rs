//! Given, when, then: chapters of questionnaires.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::correction::CorrectionRefusal;
use serde_json::{Value, json};

use super::*;
use crate::samples::{NADIA, SVEN, Tale, command};

fn choice(key: &str, points: Option<u32>) -> Value {
    json!({ "key": key, "text": format!("Choice {key}"), "points": points, "notApplicable": false })
}

fn question(key: &str, more: Value) -> Value {
    let mut question = json!({
        "key": key, "text": format!("Question {key}?"), "answer": "single", "weight": 2,
        "choices": [choice("yes", Some(10)), choice("no", None)],
        "critical": false, "takesRemarks": true,
    });
    for (name, value) in more.as_object().unwrap() {
        question[name] = value.clone();
    }
    question
}

fn write(questions: Value) -> Command {
    let input = json!({ "title": "Logs", "about": "How logs are kept.", "questions": questions });
    command("write", input)
}

fn put(question: Value) -> Command {
    command("put_question", question)
}

fn drop_question(key: &str) -> Command {
    command("drop_question", json!({ "question": key }))
}

fn unwritten() -> Tale<QuestionnaireChapter> {
    Tale::of("qch_1", "2024-09-09T09:00:00Z")
}

fn open() -> Tale<QuestionnaireChapter> {
    let leads = json!({ "choices": [
        choice("yes", Some(10)),
        { "key": "no", "text": "No", "notApplicable": false, "shows": ["1.2", "9.9"] },
    ] });
    let questions = json!([
        question("1.1", leads),
        question("1.2", json!({ "answer": "open", "choices": [], "weight": null })),
    ]);
    unwritten().then(NADIA, write(questions))
}

fn order(tale: &Tale<QuestionnaireChapter>) -> Vec<&str> {
    let mut all: Vec<_> = tale.state.questions.iter().collect();
    all.sort_by_key(|(_, placed)| placed.order);
    let places: Vec<_> = all.iter().map(|(_, placed)| placed.order).collect();
    assert_eq!(places, (1..).take(all.len()).collect::<Vec<u32>>());
    all.into_iter().map(|(key, _)| key.as_str()).collect()
}

#[test]
fn a_chapter_is_written_edited_and_fixed() {
    let tale = open()
        .then(SVEN, put(question("1.3", json!({}))))
        .then(NADIA, put(question("1.0", json!({ "order": 1 }))));
    assert_eq!(order(&tale), ["1.0", "1.1", "1.2", "1.3"]);
    let tale = tale.then(NADIA, put(question("1.3", json!({ "weight": 5, "order": 2 }))));
    assert_eq!(order(&tale), ["1.0", "1.3", "1.1", "1.2"]);
    assert_eq!(tale.state.questions[&Key::new("1.3")].question.weight, Some(5));
    let tale = tale.then(NADIA, drop_question("1.0")).then(NADIA, Command::Fix);
    assert_eq!(order(&tale), ["1.3", "1.1", "1.2"]);
    assert_eq!(tale.state.status, ChapterStatus::Fixed);
    let authors: Vec<_> = tale.state.authors.iter().map(UserId::as_str).collect();
    assert_eq!(authors, ["usr_nadia", "usr_sven"]);
    tale.holds(NADIA, Command::Fix);
}

#[test]
fn a_question_that_is_put_as_it_stands_changes_nothing() {
    let tale = open().then(NADIA, put(question("1.3", json!({}))));
    tale.holds(SVEN, put(question("1.3", json!({}))));
    tale.holds(SVEN, put(question("1.3", json!({ "order": 3 }))));
    let far = tale.then(NADIA, put(question("1.3", json!({ "weight": 3, "order": 99 }))));
    assert_eq!(order(&far), ["1.1", "1.2", "1.3"], "there is no gap");
}

#[test]
fn a_fixed_chapter_never_changes() {
    let tale = open().then(NADIA, Command::Fix);
    assert_eq!(tale.refused(NADIA, put(question("1.9", json!({})))), Refusal::IsFixed);
    assert_eq!(tale.refused(NADIA, drop_question("1.1")), Refusal::IsFixed);
    let correct =
        |set: Value| command("correct", json!({ "corrects": 1, "reason": "x", "set": set }));
    assert_eq!(tale.refused(NADIA, correct(json!({ "title": "Other" }))), Refusal::IsFixed);
    tale.then(NADIA, correct(json!({})));
    let unknown = json!({ "questions": {} });
    let refusal = open().refused(NADIA, correct(unknown));
    assert!(matches!(refusal, Refusal::Correction(CorrectionRefusal::NotCorrectable { .. })));
}

#[test]
fn a_number_stands_once_and_an_unknown_one_is_not_dropped() {
    let twice = json!([question("1.1", json!({})), question("1.1", json!({}))]);
    let refusal = unwritten().refused(NADIA, write(twice));
    let at = "/questions/1/key".to_owned();
    assert_eq!(refusal, Refusal::QuestionTwice { question: "1.1".into(), at });
    let refusal = open().refused(NADIA, drop_question("7.7"));
    let (question, at) = ("7.7".to_owned(), "/question");
    assert_eq!(refusal, Refusal::NoSuchQuestion { question, at });
}

#[test]
fn a_chapter_without_a_question_is_not_fixed() {
    let tale = unwritten().then(NADIA, write(json!([])));
    assert_eq!(tale.refused(NADIA, Command::Fix), Refusal::NoQuestion);
}

#[test]
fn questions_are_well_formed() {
    let no = |choices: Value, more: Value| {
        let mut changes = json!({ "choices": choices });
        for (name, value) in more.as_object().unwrap() {
            changes[name] = value.clone();
        }
        let written = unwritten().refused(NADIA, write(json!([question("1.1", changes.clone())])));
        let put = open().refused(NADIA, put(question("1.1", changes)));
        let (Refusal::Question(written), Refusal::Question(put)) = (written, put) else {
            panic!("another refusal")
        };
        let code = |refusal: &QuestionRefusal| {
            use kernel::domain::Refusals;
            (refusal.declaration().code, refusal.pointer().unwrap_or_default().to_owned())
        };
        let ((one, at), (other, place)) = (code(&written), code(&put));
        assert_eq!((one, at), (other, format!("/questions/0{place}")));
        (other, place)
    };
    let none = json!({ "key": "na", "text": "n/a", "points": 1, "notApplicable": true });
    for (choices, more, code, at) in [
        (json!([]), json!({}), "no_choice", "/choices"),
        (json!([choice("a", None)]), json!({ "answer": "open" }), "choice_not_asked", "/choices"),
        (json!([choice("a", None)]), json!({ "answer": "date" }), "choice_not_asked", "/choices"),
        (
            json!([choice("a", Some(1)), choice("a", None)]),
            json!({}),
            "choice_twice",
            "/choices/1/key",
        ),
        (json!([choice("a", None)]), json!({}), "weight_without_points", "/weight"),
        (
            json!([choice("b", None), choice("a", Some(1))]),
            json!({ "weight": null }),
            "points_without_weight",
            "/choices/1/points",
        ),
        (json!([none]), json!({}), "points_not_applicable", "/choices/0/points"),
        (json!([choice("a", Some(10_001))]), json!({}), "counts_too_much", "/choices/0/points"),
        (json!([choice("a", Some(1))]), json!({ "weight": 10_001 }), "counts_too_much", "/weight"),
        (
            json!([choice("a", Some(1))]),
            json!({ "critical": true, "takesRemarks": false }),
            "critical_without_evidence",
            "/takesRemarks",
        ),
        (
            json!([{ "key": "a", "text": "A", "points": 1, "notApplicable": false,
                "shows": ["1.1"] }]),
            json!({}),
            "shows_earlier",
            "/choices/0/shows/0",
        ),
    ] {
        assert_eq!(no(choices, more), (code, at.to_owned()));
    }
}

#[test]
fn a_question_leads_to_later_ones_only() {
    let back = json!({ "choices": [
        choice("yes", Some(1)),
        { "key": "no", "text": "No", "notApplicable": false, "shows": ["5.1", "1.1"] },
    ] });
    let refusal = open().refused(NADIA, put(question("1.3", back)));
    let earlier = |question: &str, shown: &str, at: &str| {
        let (question, shown, at) = (question.to_owned(), shown.to_owned(), at.to_owned());
        Refusal::Question(QuestionRefusal::ShowsEarlier { question, shown, at })
    };
    assert_eq!(refusal, earlier("1.3", "1.1", "/choices/1/shows/1"));
    // 1.1 leads to 1.2, which cannot be put before it.
    let moved = json!({ "answer": "open", "choices": [], "weight": null, "order": 1 });
    let refusal = open().refused(NADIA, put(question("1.2", moved)));
    assert_eq!(refusal, earlier("1.1", "1.2", "/order"));
}

#[test]
fn a_chapter_has_bounds() {
    let short = |n: usize| {
        json!({ "key": format!("{n}"), "text": "Is it?", "answer": "open",
        "critical": false, "takesRemarks": true })
    };
    let many: Vec<_> = (0..QUESTIONS_MAX).map(short).collect();
    let full = unwritten().then(NADIA, write(json!(many)));
    let refusal = full.refused(NADIA, put(short(QUESTIONS_MAX)));
    assert_eq!(refusal, Refusal::TooManyQuestions { most: QUESTIONS_MAX });
    full.then(NADIA, put(question("7", json!({}))));

    // As much as fits, of the worst texts that there are, stays within a document.
    let long = |n: usize| {
        let wide = json!({ "key": "a", "text": "\u{1F600}".repeat(200), "notApplicable": false });
        let mut choices = vec![wide; 20];
        for (n, choice) in choices.iter_mut().enumerate() {
            choice["key"] = json!(format!("{n}"));
            choice["shows"] = json!(["later.question"]);
        }
        question(
            &format!("{n}"),
            json!({ "text": "\"".repeat(600), "weight": null,
            "choices": choices, "help": "x" }),
        )
    };
    let two = unwritten().then(NADIA, write(json!([long(1), long(2)])));
    let bytes = serde_json::to_vec(&two.state).unwrap().len();
    assert!((36_000..60_000).contains(&bytes), "{bytes}");
    let refusal = unwritten().refused(NADIA, write(json!([long(1), long(2), long(3)])));
    assert!(matches!(refusal, Refusal::TooLarge { at: "/questions", .. }), "{refusal}");
    let refusal = two.refused(NADIA, put(long(3)));
    assert!(matches!(refusal, Refusal::TooLarge { at: "/text", .. }), "{refusal}");
    let counted: usize =
        two.state.questions.iter().map(|(key, placed)| placed.question.bytes(key)).sum();
    assert!(bytes <= counted + 600, "{bytes} bytes were taken for {counted}");
}
