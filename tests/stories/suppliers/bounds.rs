//! What grows has a bound, and says so before a document grows too large.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{
    agreed, approved, assessed, chapter, question, questionnaire, started, supplier, terms,
};
use crate::bounds::crowd;
use crate::desk::Desk;
use crate::given::{evidence, system};

fn small(key: &str) -> Value {
    question(key, &json!({ "answer": "open", "choices": [], "weight": null }))
}

story!(questions_of_chapters_and_questionnaires, world => {
    let (sm, mut desk) = (world.as_(Role::Sm), Desk::of(&world, "questionnaire_chapter"));
    let full: Value = (0..150).map(|n| small(&format!("q{n}"))).collect();
    let id = desk.make(&sm, "write", json!({ "title": "Full", "questions": full })).await?;
    desk.refuse(&sm, "put_question", &id, small("more"), "409 too_many_questions").await?;
    let wide = |key: &str| {
        let choice = |n: usize| json!({ "key": format!("{n}"), "text": "\u{1F600}".repeat(190), "notApplicable": false });
        question(key, &json!({ "weight": null, "choices": (0..20).map(choice).collect::<Vec<_>>() }))
    };
    let three: Vec<_> = ["a", "b", "c"].map(wide).into();
    let too_large = json!({ "title": "Wide", "questions": three });
    desk.refuse(&sm, "write", "", too_large, "422 too_large /questions").await?;
    desk.exactly(&["too_many_questions", "too_large"]);

    let mut desk = Desk::of(&world, "questionnaire");
    let mut chapters = Vec::new();
    for c in 0..4 {
        let questions = (0..150).map(|n| small(&format!("{c}.{n}"))).collect();
        chapters.push(chapter(&world, &format!("Chapter {c}"), questions).await?);
    }
    let id = desk.make(&sm, "draft", json!({ "title": "Long", "chapters": chapters })).await?;
    desk.refuse(&sm, "submit", &id, json!({}), "409 too_many_questions").await?;
    desk.exactly(&["too_many_questions"]);
});

story!(answers_assessors_and_certificates_of_an_assessment, world => {
    let (sm, mut desk) = (world.as_(Role::Sm), Desk::of(&world, "supplier_assessment"));
    let mut questions: Vec<_> = (0..149).map(|n| small(&format!("q{n}"))).collect();
    questions.push(question("last", &json!({})));
    let by = questionnaire(&world, json!(questions)).await?;
    let lumora = supplier(&world, "Lumora AI", "low").await?;
    let id = started(&world, &lumora, &by).await?;
    let proof = evidence(&world, 1).await?;
    let say = |from: usize, to: usize| {
        let one = |n| json!({ "question": format!("q{n}"), "text": "So.", "remark": "Hm.", "evidence": [proof] });
        json!({ "answers": (from..to).map(one).collect::<Vec<_>>() })
    };
    desk.does(&sm, "answer", &id, say(0, 80)).await?;
    desk.refuse(&sm, "answer", &id, say(80, 149), "409 too_large").await?;
    let certificate = |n: usize| json!({ "standard": "ISO/IEC 42001:2023", "issuer": "CertNova", "number": n.to_string() });
    for n in 0..10 {
        desk.does(&sm, "record_certificate", &id, certificate(n)).await?;
    }
    desk.refuse(&sm, "record_certificate", &id, certificate(10), "409 too_many_certificates").await?;
    let others = crowd(&world, Role::Sm, 20).await?;
    let choose = |n: usize| {
        let choice = if n.is_multiple_of(2) { "full" } else { "part" };
        json!({ "answers": [{ "question": "last", "choices": [choice] }] })
    };
    for (n, other) in others[1..].iter().enumerate() {
        desk.does(other, "answer", &id, choose(n)).await?;
    }
    desk.refuse(&others[0], "answer", &id, choose(1), "409 too_many_assessors").await?;
    desk.exactly(&["too_large", "too_many_certificates", "too_many_assessors"]);
});

story!(conditions_of_a_supplier_and_the_size_of_a_contract, world => {
    let (am, sm, mut desk) = (world.as_(Role::Am), world.as_(Role::Sm), Desk::of(&world, "supplier"));
    let (id, _) = assessed(&world, "Lumora AI", "high").await?;
    let under = |from: usize, to: usize| {
        let one = |n| (format!("c{n}"), json!({ "text": "x", "due": "2024-12-01" }));
        json!({ "conditions": (from..to).map(one).collect::<serde_json::Map<_, _>>() })
    };
    desk.does(&am, "approve_conditionally", &id, under(0, 20)).await?;
    desk.does(&am, "approve_conditionally", &id, under(20, 40)).await?;
    desk.refuse(&am, "approve_conditionally", &id, under(40, 41), "409 too_many_conditions").await?;
    desk.exactly(&["too_many_conditions"]);

    let mut desk = Desk::of(&world, "contract");
    let duty = json!({ "activity": "x".repeat(200), "stage": "deployment", "who": "us", "detail": "y".repeat(200) });
    let duties: serde_json::Map<_, _> = (0..60).map(|n| (format!("d{n}"), duty.clone())).collect();
    let draft = terms(&json!({ "supplier": id, "allocation": duties }));
    desk.refuse(&sm, "draft", "", draft, "422 too_large").await?;
    desk.exactly(&["too_large"]);
});

story!(documents_describers_and_uses_of_a_component, world => {
    let (sm, so) = (world.as_(Role::Sm), world.as_(Role::So));
    let mut desk = Desk::of(&world, "supplied_component");
    let lumora = approved(&world, "Lumora AI", "high").await?;
    agreed(&world, &lumora).await?;
    let documents = |from: usize, to: usize| -> Value {
        (from..to).map(|n| json!({ "title": format!("Part {n}"), "place": "web" })).collect()
    };
    let propose = json!({ "supplier": lumora, "name": "Chat API", "componentKind": "service",
        "componentVersion": "4.1", "documentation": documents(0, 20) });
    let id = desk.make(&sm, "propose", propose).await?;
    desk.does(&sm, "describe", &id, json!({ "documentation": documents(20, 40) })).await?;
    let more = json!({ "documentation": documents(40, 60) });
    desk.refuse(&sm, "describe", &id, more, "422 too_many_documents /documentation").await?;
    let feed = |n: usize| json!({ "changeFeed": format!("feed {n}") });
    for (n, other) in crowd(&world, Role::So, 19).await?.iter().enumerate() {
        desk.does(other, "describe", &id, feed(n)).await?;
    }
    desk.refuse(&so, "describe", &id, feed(99), "409 too_many_proposers").await?;
    desk.does(&so, "accept", &id, json!({})).await?;

    let first = system(&world, "System 0", false).await?;
    let systems = Desk::of(&world, "ai_system");
    for n in 0..20 {
        systems.does(&so, "add_version", &first, json!({ "systemVersion": format!("2.{n}") })).await?;
    }
    let versions: Vec<_> = (0..20).map(|n| format!("2.{n}")).collect();
    let link = |system: &str, versions: Value| json!({ "system": system, "systemVersions": versions });
    desk.does(&so, "link", &id, link(&first, json!(versions))).await?;
    desk.refuse(&so, "link", &id, link(&first, json!(["1.0"])), "409 too_many_versions").await?;
    for n in 1..60 {
        let other = system(&world, &format!("System {n}"), false).await?;
        desk.does(&so, "link", &id, link(&other, json!(["1.0"]))).await?;
    }
    let last = system(&world, "System 60", false).await?;
    desk.refuse(&so, "link", &id, link(&last, json!(["1.0"])), "409 too_many_systems").await?;
    desk.exactly(&["too_many_documents", "too_many_proposers", "too_many_systems", "too_many_versions"]);
});

story!(who_speaks_for_a_supplier_and_looks_at_an_expectation, world => {
    let sm = world.as_(Role::Sm);
    let lumora = supplier(&world, "Lumora AI", "high").await?;
    let mut desk = Desk::of(&world, "supplier_corrective_action");
    let demand = json!({ "supplier": lumora, "title": "Isolation", "cause": "x", "demanded": "y", "due": "2025-07-31" });
    let action = desk.make(&sm, "request", demand).await?;
    let others = crowd(&world, Role::Sm, 20).await?;
    for other in &others {
        desk.does(other, "answer", &action, json!({ "reply": "We will." })).await?;
    }
    desk.refuse(&sm, "answer", &action, json!({ "reply": "x" }), "409 too_many_speakers").await?;
    desk.exactly(&["too_many_speakers"]);

    let mut desk = Desk::of(&world, "customer_expectation");
    let capture = json!({ "customer": "Nordbank ASA", "expectation": "Reasons.", "source": "survey" });
    let id = desk.make(&sm, "capture", capture).await?;
    let assess = json!({ "assessment": "Two weeks." });
    for other in &others[1..] {
        desk.does(other, "assess", &id, assess.clone()).await?;
    }
    desk.refuse(&others[0], "assess", &id, assess, "409 too_many_assessors").await?;
    let inform = json!({ "topic": "News", "how": "By e-mail" });
    for _ in 0..60 {
        desk.does(&sm, "inform", &id, inform.clone()).await?;
    }
    desk.refuse(&sm, "inform", &id, inform, "409 too_much_told").await?;
    desk.exactly(&["too_many_assessors", "too_much_told"]);
});
