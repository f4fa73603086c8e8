//! Given, when, then: questionnaires.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use kernel::values::Key;
use serde_json::{Value, json};

use super::*;
use crate::samples::{NADIA, PRIYA, Person, SVEN, Tale, command};

const BOTH: Person = ("usr_sven", &[Role::Sm, Role::Am]);

fn ids(n: usize) -> Vec<String> {
    (1..=n).map(|n| kernel::id::encode("qch", n as u128)).collect()
}

fn question(order: u32, shows: &[&str], weight: Option<u32>) -> Value {
    json!({ "order": order, "text": "Is it?", "answer": "single", "weight": weight,
        "critical": false, "takesRemarks": false, "choices": [
            { "key": "yes", "text": "Yes", "points": weight, "notApplicable": false },
            { "key": "no", "text": "No", "notApplicable": false, "shows": shows },
        ] })
}

fn chapter(status: &str, questions: Value) -> Value {
    json!({ "status": status, "title": "A chapter", "authors": ["usr_nadia"],
        "questions": questions })
}

fn first() -> Value {
    chapter(
        "fixed",
        json!({ "1.1": question(1, &["2.1"], Some(1)), "1.2": question(2, &[], None) }),
    )
}

fn second() -> Value {
    chapter("fixed", json!({ "2.1": question(1, &[], None) }))
}

fn content(chapters: &[String]) -> Value {
    json!({ "title": "Model suppliers", "chapters": chapters })
}

fn drafted() -> Tale<Questionnaire> {
    let ids = ids(2);
    Tale::of("qst_1", "2024-09-10T09:00:00Z")
        .knowing(&ids[0], "questionnaire_chapter", first())
        .knowing(&ids[1], "questionnaire_chapter", second())
        .then(NADIA, command("draft", content(&ids)))
}

fn approve() -> Command {
    command("approve", json!({}))
}

#[test]
fn a_version_is_drafted_submitted_and_approved_by_another() {
    let tale = drafted().then(NADIA, Command::Submit).then(PRIYA, approve());
    let in_force = tale.state.in_force.clone().unwrap();
    assert_eq!((in_force.version, in_force.chapters.len()), (1, 2));
    // The next version is another; the first one stands until it is approved.
    let shorter = content(&ids(1));
    let only = chapter("fixed", json!({ "1.1": question(1, &[], Some(1)) }));
    let next = tale
        .knowing(&ids(1)[0], "questionnaire_chapter", only)
        .then(NADIA, command("redraft", shorter));
    assert_eq!(next.state.in_force, Some(in_force));
    let next = next.then(NADIA, Command::Submit).then(PRIYA, approve());
    let in_force = next.state.in_force.clone().unwrap();
    assert_eq!((in_force.version, in_force.chapters.len()), (2, 1));
    let gone = next.then(NADIA, command("withdraw", json!({ "reason": "It is out of date." })));
    assert_eq!(gone.state.in_force, None);
}

#[test]
fn a_version_that_is_sent_back_is_drafted_again() {
    let back = command("reject", json!({ "reason": "Too long." }));
    let tale = drafted().then(NADIA, Command::Submit).then(PRIYA, back);
    let refusal = tale.refused(PRIYA, approve());
    assert!(matches!(refusal, Refusal::Approval(ApprovalRefusal::NotInReview { .. })));
    tale.then(NADIA, command("redraft", content(&ids(2)))).then(NADIA, Command::Submit);
}

#[test]
fn nobody_approves_what_he_wrote() {
    let tale = drafted().then(SVEN, Command::Submit);
    let refusal = Refusal::Approval(ApprovalRefusal::ApproverIsAuthor);
    assert_eq!(tale.refused(BOTH, approve()), refusal);
    let mut written = second();
    written["authors"] = json!(["usr_nadia", "usr_sven"]);
    let tale = drafted()
        .knowing(&ids(2)[1], "questionnaire_chapter", written)
        .then(NADIA, Command::Submit);
    assert_eq!(tale.refused(BOTH, approve()), Refusal::ApproverWroteChapter);
    tale.then(PRIYA, approve());
}

#[test]
fn the_chapters_of_a_version_fit_together() {
    let none = Tale::<Questionnaire>::of("qst_1", "2024-09-10T09:00:00Z");
    let empty = none.clone().then(NADIA, command("draft", content(&[])));
    assert_eq!(empty.refused(NADIA, Command::Submit), Refusal::NoChapter);
    let id = ids(1)[0].clone();
    let twice = command("draft", content(&[id.clone(), id.clone()]));
    let refusal = none.refused(NADIA, twice);
    assert_eq!(refusal, Refusal::ChapterTwice { chapter: id, at: "/chapters/1".into() });

    let refused = |first: Value, second: Value| {
        drafted()
            .knowing(&ids(2)[0], "questionnaire_chapter", first)
            .knowing(&ids(2)[1], "questionnaire_chapter", second)
            .refused(NADIA, Command::Submit)
    };
    let open = chapter("open", json!({ "2.1": question(1, &[], None) }));
    assert_eq!(refused(first(), open), Refusal::ChapterOpen { chapter: ids(2)[1].clone() });
    let same = chapter("fixed", json!({ "1.2": question(1, &[], None) }));
    assert_eq!(refused(first(), same), Refusal::QuestionTwice { question: "1.2".into() });
    let names = |question: &str, shown: &str| (question.to_owned(), shown.to_owned());
    let (question_1, shown) = names("1.1", "2.1");
    let other = chapter("fixed", json!({ "2.2": question(1, &[], None) }));
    let unknown = Refusal::ShowsUnknown { question: question_1, shown };
    assert_eq!(refused(first(), other), unknown);
    let back = chapter("fixed", json!({ "2.1": question(1, &["1.2"], None) }));
    let (question_2, shown) = names("2.1", "1.2");
    assert_eq!(refused(first(), back), Refusal::ShowsEarlier { question: question_2, shown });
    let unscored = chapter("fixed", json!({ "1.1": question(1, &["2.1"], None) }));
    assert_eq!(refused(unscored, second()), Refusal::NothingScored);
    let many: serde_json::Map<_, _> = (0..=QUESTIONS_MAX)
        .map(|n| (format!("q{n}"), question(u32::try_from(n).unwrap(), &[], Some(1))))
        .collect();
    let most = QUESTIONS_MAX;
    let refusal = refused(chapter("fixed", Value::Object(many)), second());
    assert_eq!(refusal, Refusal::TooManyQuestions { most });
}

#[test]
fn a_file_is_imported_once_unless_what_it_brought_was_withdrawn() {
    let known = |status: &str| {
        json!({ "status": status, "version": 1, "title": "Same",
        "documentHash": "d".repeat(64) })
    };
    let draft = command("draft", json!({ "title": "Same", "documentHash": "d".repeat(64) }));
    let new = Tale::<Questionnaire>::of("qst_1", "2024-09-10T09:00:00Z");
    let again = new.clone().knowing("qst_0", "questionnaire", known("approved"));
    let refusal = Refusal::ImportedAlready { id: "qst_0".into(), at: "/documentHash" };
    assert_eq!(again.refused(NADIA, draft), refusal);
    let draft = command("draft", json!({ "title": "Same", "documentHash": "d".repeat(64) }));
    new.knowing("qst_0", "questionnaire", known("withdrawn")).then(NADIA, draft);
}

#[test]
fn a_question_is_asked_when_an_answer_leads_to_it() {
    let facts = kernel::Context::of("usr_nadia", &[Role::Sm], "2024-09-10T09:00:00Z")
        .knowing(&ids(2)[0], "questionnaire_chapter", first())
        .knowing(&ids(2)[1], "questionnaire_chapter", second())
        .facts;
    let chapters: Vec<_> = ids(2).into_iter().map(Ref::new).collect();
    let sheet = Sheet::of(&chapters, &facts);
    let (yes, no) = ([Key::new("yes")], [Key::new("no")]);
    for (answer, asked) in [
        (&yes[..], &["1.1", "1.2"][..]),
        (&no[..], &["1.1", "1.2", "2.1"][..]),
        (&[][..], &["1.1", "1.2"][..]),
    ] {
        let chosen = |key: &Key| if key.as_str() == "1.1" { answer } else { &[] };
        let reached: Vec<_> = sheet.reached(chosen).iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(reached, asked);
    }
}

#[test]
fn only_the_title_and_purpose_are_corrected() {
    let correct =
        |set: Value| command("correct", json!({ "corrects": 1, "reason": "x", "set": set }));
    let tale = drafted().then(NADIA, correct(json!({ "title": "Suppliers of models" })));
    assert_eq!(tale.state.content.title, Line::new("Suppliers of models"));
    let refusal = tale.refused(NADIA, correct(json!({ "chapters": [] })));
    assert!(matches!(refusal, Refusal::Correction(CorrectionRefusal::NotCorrectable { .. })));
}
