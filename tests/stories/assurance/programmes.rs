//! A year's programme of internal audits: drafted by the AIMS manager, approved by top management.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::{because, implemented_control, roles};

fn programme(year: u32) -> Value {
    json!({
        "year": year, "criteria": ["ISO/IEC 42001:2023"], "frequencyMonths": 12,
        "riskBasis": "Credit scoring first.",
        "plannedAudits": { "autumn": {
            "title": "Autumn", "criteria": ["4", "5", "6", "7", "9", "10"],
            "plannedOn": format!("{year}-09-02"),
        } },
    })
}

/// A programme that is a draft.
pub async fn drafted(world: &World, year: u32) -> anyhow::Result<String> {
    let desk = Desk::of(world, "audit_programme");
    desk.make(&world.as_(Role::Am), "draft", programme(year)).await
}

/// A programme in force.
pub async fn approved(world: &World, year: u32) -> anyhow::Result<String> {
    let (desk, id) = (Desk::of(world, "audit_programme"), drafted(world, year).await?);
    desk.does(&world.as_(Role::Am), "submit", &id, json!({})).await?;
    desk.does(&world.as_(Role::Tm), "approve", &id, json!({})).await?;
    Ok(id)
}

story!(a_programme_is_approved_with_what_it_leaves_uncovered, world => {
    let desk = Desk::of(&world, "audit_programme");
    let (am, tm) = (world.as_(Role::Am), world.as_(Role::Tm));
    implemented_control(&world, "A.6.2.4").await?;
    let id = drafted(&world, 2024).await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    desk.does(&tm, "reject", &id, because()).await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    let payload = desk.mutates(&tm, "approve", &id, &json!({}), "
        status effective { version approvedBy { name } } uncovered { clauses controls }
        inForce { plannedAudits lookBackMonths }").await?;
    assert_eq!(payload["auditProgramme"], json!({
        "id": id, "status": "APPROVED",
        "effective": { "version": 1, "approvedBy": { "name": "The TM" } },
        "uncovered": { "clauses": ["8.1", "8.2", "8.3", "8.4"], "controls": ["A.6.2.4"] },
        "inForce": { "plannedAudits": ["autumn"], "lookBackMonths": 24 },
    }));
    // The next version covers what was left out.
    let mut wider = programme(2024);
    wider["plannedAudits"]["autumn"]["criteria"] = json!(["4", "5", "6", "7", "8", "9", "10", "A"]);
    wider["plannedAudits"]["autumn"]["criteria"].as_array_mut().unwrap().pop();
    wider["plannedAudits"]["winter"] = json!({
        "title": "Winter", "criteria": ["A.6.2"], "plannedOn": "2024-12-02",
    });
    desk.does(&am, "redraft", &id, wider).await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    desk.does(&tm, "approve", &id, json!({})).await?;
    let now = desk.shown(&id, "").await?;
    assert_eq!((&now["uncovered"], &now["effective"]["version"]), (&json!({}), &json!(2)));
    desk.does(&am, "correct", &id, json!({
        "corrects": 1, "reason": "It was left out.", "set": { "methods": "Interviews." },
    })).await?;
    desk.does(&tm, "withdraw", &id, because()).await?;
    assert_eq!(desk.shown(&id, "").await?["inForce"], Value::Null);
    assert_eq!(desk.events(&id).await?, [
        "audit_programme.drafted", "audit_programme.submitted", "audit_programme.rejected",
        "audit_programme.submitted", "audit_programme.approved", "audit_programme.drafted",
        "audit_programme.submitted", "audit_programme.superseded", "audit_programme.approved",
        "audit_programme.corrected", "audit_programme.withdrawn",
    ]);
});

story!(what_programmes_refuse, world => {
    let mut desk = Desk::of(&world, "audit_programme");
    let (am, tm) = (world.as_(Role::Am), world.as_(Role::Tm));
    let with = |name: &str, value: Value| {
        let mut input = programme(2024);
        input[name] = value;
        input
    };
    let audit = |criteria: &str, day: &str| {
        json!({ "x": { "title": "X", "criteria": [criteria], "plannedOn": day } })
    };
    for (input, expected) in [
        (with("year", json!(1999)), "422 year_out_of_range /year"),
        (with("frequencyMonths", json!(0)), "422 frequency_out_of_range /frequencyMonths"),
        (with("plannedAudits", audit("7", "2025-01-01")),
            "422 planned_outside_year /plannedAudits/x/plannedOn"),
        (with("plannedAudits", audit("A.11", "2024-09-02")),
            "422 unknown_criterion /plannedAudits/x/criteria"),
    ] {
        desk.refuse(&am, "draft", "", input, expected).await?;
    }
    let id = desk.make(&am, "draft", with("plannedAudits", json!({}))).await?;
    desk.refuse(&am, "draft", "", programme(2024), "409 year_has_programme").await?;
    desk.refuse(&am, "redraft", &id, programme(2025), "422 other_year /year").await?;
    desk.refuse(&am, "submit", &id, json!({}), "422 programme_lacks").await?;
    desk.does(&am, "redraft", &id, programme(2024)).await?;
    desk.refuse(&tm, "approve", &id, json!({}), "409 not_in_review").await?;
    desk.does(&am, "submit", &id, json!({})).await?;
    desk.refuse(&am, "redraft", &id, programme(2024), "409 not_in_draft").await?;
    let other = json!({ "contentHash": "0".repeat(64) });
    desk.refuse(&tm, "approve", &id, other, "409 content_changed").await?;
    let early = json!({ "effectiveAt": "2024-07-01T00:00:00Z" });
    desk.refuse(&tm, "approve", &id, early, "422 approved_before_submission /effectiveAt").await?;
    roles(&world, Role::Am, &["AM", "TM"]).await?;
    desk.refuse(&am, "approve", &id, json!({}), "422 approver_is_author").await?;
    desk.refuse_corrections(&am, &id, "methods").await?;
    desk.does(&am, "withdraw", &id, because()).await?;
    desk.refuse(&am, "withdraw", &id, because(), "409 nothing_to_withdraw").await?;
    // What was taken back bars no other.
    drafted(&world, 2024).await?;
    desk.all_but(&[]);
});
