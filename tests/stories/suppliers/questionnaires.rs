//! Questionnaires: chapters are written and fixed, versions made of them and approved by another.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{chapter, question};
use crate::desk::Desk;
use crate::given::{because, roles};

fn leading(key: &str, to: &Value) -> Value {
    question(
        key,
        &json!({ "choices": [
        { "key": "yes", "text": "Yes", "points": 1, "notApplicable": false },
        { "key": "no", "text": "No", "notApplicable": false, "shows": to, "warning": "Say why." },
    ] }),
    )
}

story!(a_chapter_is_written_and_never_changes_once_it_is_fixed, world => {
    let mut desk = Desk::of(&world, "questionnaire_chapter");
    let sm = world.as_(Role::Sm);
    let write = |questions: Value| json!({ "title": "Logs", "about": "How logs are kept.", "questions": questions });
    let id = desk.make(&sm, "write", write(json!([leading("1.1", &json!(["1.2"])), question("1.2", &json!({ "answer": "open", "choices": [], "weight": null }))]))).await?;
    let third = question("1.3", &json!({ "help": "Ask for the record." }));
    let put = desk.mutates(&sm, "put_question", &id, &third, "questions { key order text answer }").await?;
    assert_eq!(put["questionnaireChapter"]["questions"][2], json!({
        "key": "1.3", "order": 3, "text": "What of 1.3?", "answer": "SINGLE",
    }));
    desk.does(&sm, "drop_question", &id, json!({ "question": "1.3" })).await?;

    let twice = write(json!([question("1", &json!({})), question("1", &json!({}))]));
    desk.refuse(&sm, "write", "", twice, "422 question_twice /questions/1/key").await?;
    let odd = |more: Value| write(json!([question("1", &more)]));
    let none = |points: u32| json!([{ "key": "x", "text": "N/A", "points": points, "notApplicable": true }]);
    let same = json!([{ "key": "x", "text": "X", "notApplicable": false }, { "key": "x", "text": "Y", "notApplicable": false }]);
    let earns = json!([{ "key": "x", "text": "X", "points": 1, "notApplicable": false }]);
    for (more, expected) in [
        (json!({ "choices": [] }), "no_choice /questions/0/choices"),
        (json!({ "answer": "date" }), "choice_not_asked /questions/0/choices"),
        (json!({ "choices": same, "weight": null }), "choice_twice /questions/0/choices/1/key"),
        (json!({ "choices": none(0) }), "weight_without_points /questions/0/weight"),
        (json!({ "choices": earns, "weight": null }), "points_without_weight /questions/0/choices/0/points"),
        (json!({ "choices": none(1) }), "points_not_applicable /questions/0/choices/0/points"),
        (json!({ "weight": 10_001 }), "counts_too_much /questions/0/weight"),
        (json!({ "critical": true, "takesRemarks": false }), "critical_without_evidence /questions/0/takesRemarks"),
    ] {
        desk.refuse(&sm, "write", "", odd(more), &format!("422 {expected}")).await?;
    }
    let back = leading("1.3", &json!(["1.1"]));
    desk.refuse(&sm, "put_question", &id, back, "422 shows_earlier /choices/1/shows/0").await?;
    let unknown = json!({ "question": "7" });
    desk.refuse(&sm, "drop_question", &id, unknown.clone(), "422 no_such_question /question").await?;
    desk.refuse_corrections(&sm, &id, "title").await?;
    let empty = desk.make(&sm, "write", write(json!([]))).await?;
    desk.refuse(&sm, "fix", &empty, json!({}), "409 no_question").await?;

    desk.does(&sm, "fix", &id, json!({})).await?;
    desk.refuse(&sm, "put_question", &id, question("1.4", &json!({})), "409 is_fixed").await?;
    desk.refuse(&sm, "drop_question", &id, unknown, "409 is_fixed").await?;
    let read = desk.read(&id, "", "status authors { name } questions { key choices { key points shows warning } }").await?;
    assert_eq!(read["status"], "FIXED");
    assert_eq!(read["questions"][0]["choices"][1], json!({
        "key": "no", "points": null, "shows": ["1.2"], "warning": "Say why.",
    }));
    assert_eq!(desk.events(&id).await?, ["questionnaire_chapter.written", "questionnaire_chapter.question_put",
        "questionnaire_chapter.question_dropped", "questionnaire_chapter.fixed"]);
    desk.all_but(&["too_many_questions", "too_large"]);
});

story!(a_questionnaire_is_approved_by_somebody_who_wrote_nothing_of_it, world => {
    let mut desk = Desk::of(&world, "questionnaire");
    let chapters = Desk::of(&world, "questionnaire_chapter");
    let (sm, am) = (world.as_(Role::Sm), world.as_(Role::Am));
    let draft = |chapters: &[&String]| json!({ "title": "Suppliers of models", "chapters": chapters });
    let first = chapter(&world, "First", json!([leading("1.1", &json!(["2.1"]))])).await?;
    let open = json!({ "title": "Second", "questions": [question("2.1", &json!({}))] });
    let second = chapters.make(&sm, "write", open).await?;
    let twice = draft(&[&first, &first]);
    desk.refuse(&sm, "draft", "", twice, "422 chapter_twice /chapters/1").await?;

    let id = desk.make(&sm, "draft", draft(&[&first, &second])).await?;
    desk.refuse(&sm, "submit", &id, json!({}), "409 chapter_open").await?;
    chapters.does(&sm, "fix", &second, json!({})).await?;
    let unfit = |chapters: Vec<&String>| draft(&chapters);
    let same = chapter(&world, "Same", json!([question("1.1", &json!({}))])).await?;
    let unscored = chapter(&world, "Unscored", json!([question("3.1", &json!({ "answer": "open", "choices": [], "weight": null }))])).await?;
    for (chapters, code) in [
        (vec![], "no_chapter"),
        (vec![&first], "shows_unknown"),
        (vec![&second, &first], "shows_earlier"),
        (vec![&first, &second, &same], "question_twice"),
        (vec![&unscored], "nothing_scored"),
    ] {
        desk.does(&sm, "redraft", &id, unfit(chapters)).await?;
        desk.refuse(&sm, "submit", &id, json!({}), &format!("409 {code}")).await?;
    }
    desk.does(&sm, "redraft", &id, draft(&[&first, &second])).await?;
    desk.refuse(&am, "approve", &id, json!({}), "409 not_in_review").await?;
    desk.refuse(&am, "reject", &id, because(), "409 not_in_review").await?;
    desk.does(&sm, "submit", &id, json!({})).await?;
    desk.refuse(&sm, "redraft", &id, draft(&[]), "409 not_in_draft").await?;
    desk.does(&am, "reject", &id, because()).await?;
    desk.does(&sm, "submit", &id, json!({})).await?;

    let other = json!({ "contentHash": "f".repeat(64) });
    desk.refuse(&am, "approve", &id, other, "409 content_changed").await?;
    roles(&world, Role::Sm, &["SM", "AM"]).await?;
    desk.refuse(&sm, "approve", &id, json!({}), "422 approver_is_author").await?;
    let submitted = desk.shown(&id, "").await?["submittedAt"].as_str().unwrap().to_owned();
    let early = json!({ "effectiveAt": "2024-07-01T08:00:30Z" });
    assert!(submitted.as_str() > "2024-07-01T08:00:30Z", "{submitted}");
    desk.refuse(&am, "approve", &id, early, "422 approved_before_submission /effectiveAt").await?;
    let approve = json!({});
    let done = desk.mutates(&am, "approve", &id, &approve, "effective { version } inForce { version chapters { title } }").await?;
    assert_eq!(done["questionnaire"]["inForce"], json!({
        "version": 1, "chapters": [{ "title": "First" }, { "title": "Second" }],
    }));

    // The next version is drafted by another, but its author of old wrote the chapters.
    roles(&world, Role::So, &["SO", "SM"]).await?;
    let so = world.as_(Role::So);
    desk.does(&so, "redraft", &id, draft(&[&second])).await?;
    desk.does(&so, "submit", &id, json!({})).await?;
    desk.refuse(&sm, "approve", &id, json!({}), "422 approver_wrote_chapter").await?;
    desk.does(&am, "approve", &id, json!({})).await?;
    let shown = desk.shown(&id, "").await?;
    assert_eq!((&shown["inForce"]["version"], &shown["inForce"]["chapters"]), (&json!(2), &json!([second])));
    desk.refuse_corrections(&so, &id, "title").await?;
    desk.does(&so, "withdraw", &id, because()).await?;
    desk.refuse(&so, "withdraw", &id, because(), "409 nothing_to_withdraw").await?;

    let imported = json!({ "title": "Imported", "documentHash": "e".repeat(64) });
    desk.make(&so, "draft", imported.clone()).await?;
    desk.refuse(&so, "draft", "", imported, "409 imported_already /documentHash").await?;
    desk.all_but(&["too_many_questions"]);
});
