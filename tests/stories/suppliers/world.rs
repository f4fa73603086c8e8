//! What several stories begin with: a questionnaire, a supplier that is assessed or approved, a
//! contract that is signed.

use annals_tests::World;
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;

/// A question with three choices that earn 10, 5 and nothing.
pub fn question(key: &str, more: &Value) -> Value {
    let choice = |key: &str, points: u32| {
        json!({ "key": key, "text": format!("It is {key}"), "points": points,
            "notApplicable": false })
    };
    let mut question = json!({
        "key": key, "text": format!("What of {key}?"), "answer": "single", "weight": 2,
        "critical": false, "takesRemarks": true,
        "choices": [choice("full", 10), choice("part", 5), choice("none", 0)],
    });
    for (name, value) in more.as_object().unwrap() {
        question[name] = value.clone();
    }
    question
}

/// A chapter that does not change any more.
pub async fn chapter(world: &World, title: &str, questions: Value) -> anyhow::Result<String> {
    let (desk, sm) = (Desk::of(world, "questionnaire_chapter"), world.as_(Role::Sm));
    let input = json!({ "title": title, "questions": questions });
    let id = desk.make(&sm, "write", input).await?;
    desk.does(&sm, "fix", &id, json!({})).await?;
    Ok(id)
}

/// An approved questionnaire of one chapter with these questions.
pub async fn questionnaire(world: &World, questions: Value) -> anyhow::Result<String> {
    let (desk, sm) = (Desk::of(world, "questionnaire"), world.as_(Role::Sm));
    let chapter = chapter(world, "Everything", questions).await?;
    let draft = json!({ "title": "Suppliers of models", "chapters": [chapter] });
    let id = desk.make(&sm, "draft", draft).await?;
    desk.does(&sm, "submit", &id, json!({})).await?;
    desk.does(&world.as_(Role::Am), "approve", &id, json!({})).await?;
    Ok(id)
}

/// A supplier that was registered.
pub async fn supplier(world: &World, name: &str, criticality: &str) -> anyhow::Result<String> {
    let input = json!({ "name": name, "supplierKind": "model", "criticality": criticality });
    Desk::of(world, "supplier").make(&world.as_(Role::Sm), "register", input).await
}

/// An assessment of it that was started.
pub async fn started(world: &World, supplier: &str, by: &str) -> anyhow::Result<String> {
    let (desk, sm) = (Desk::of(world, "supplier_assessment"), world.as_(Role::Sm));
    let plan = json!({ "supplier": supplier, "questionnaire": by });
    let id = desk.make(&sm, "plan", plan).await?;
    desk.does(&sm, "start", &id, json!({})).await?;
    Ok(id)
}

/// The answers of an assessment are given, and it is completed with the score of 75.
pub async fn completed(world: &World, assessment: &str, until: &str) -> anyhow::Result<()> {
    let (desk, sm) = (Desk::of(world, "supplier_assessment"), world.as_(Role::Sm));
    let answers = json!({ "answers": [
        { "question": "a", "choices": ["full"] }, { "question": "b", "choices": ["part"] },
    ] });
    desk.does(&sm, "answer", assessment, answers).await?;
    desk.does(&sm, "complete", assessment, json!({ "validUntil": until })).await?;
    Ok(())
}

/// A supplier under assessment, with the completed assessment.
pub async fn assessed(
    world: &World,
    name: &str,
    criticality: &str,
) -> anyhow::Result<(String, String)> {
    let two = json!([question("a", &json!({})), question("b", &json!({}))]);
    let by = questionnaire(world, two).await?;
    let supplier = supplier(world, name, criticality).await?;
    let assessment = started(world, &supplier, &by).await?;
    let begin = json!({ "assessment": assessment });
    let desk = Desk::of(world, "supplier");
    desk.does(&world.as_(Role::Sm), "begin_assessment", &supplier, begin).await?;
    completed(world, &assessment, "2025-06-30").await?;
    Ok((supplier, assessment))
}

/// A supplier that was approved.
pub async fn approved(world: &World, name: &str, criticality: &str) -> anyhow::Result<String> {
    let (supplier, _) = assessed(world, name, criticality).await?;
    Desk::of(world, "supplier").does(&world.as_(Role::Am), "approve", &supplier, json!({})).await?;
    Ok(supplier)
}

/// What a contract says, with these changes.
pub fn terms(changes: &Value) -> Value {
    let mut terms = json!({
        "title": "Service agreement", "documentHash": "a".repeat(64),
        "parties": ["Halden Analytics B.V.", "Lumora AI Ltd"],
        "validFrom": "2024-07-01", "validUntil": "2026-06-30",
        "clauses": { "notice": { "topic": "incident_notice_hours", "textRef": "§ 8", "amount": 24 } },
        "stages": ["operation_and_monitoring"],
        "allocation": { "hosting": { "activity": "Hosting", "stage": "operation_and_monitoring",
            "who": "supplier" } },
    });
    for (name, value) in changes.as_object().unwrap() {
        terms[name] = value.clone();
    }
    terms
}

/// The draft of a contract with the supplier.
pub async fn drafted(world: &World, supplier: &str) -> anyhow::Result<String> {
    let mut draft = terms(&json!({}));
    draft["supplier"] = json!(supplier);
    Desk::of(world, "contract").make(&world.as_(Role::Sm), "draft", draft).await
}

/// A contract with the supplier that was signed.
pub async fn agreed(world: &World, supplier: &str) -> anyhow::Result<String> {
    let (desk, id) = (Desk::of(world, "contract"), drafted(world, supplier).await?);
    desk.does(&world.as_(Role::Tm), "agree_allocation", &id, json!({})).await?;
    Ok(id)
}
