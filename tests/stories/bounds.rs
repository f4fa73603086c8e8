//! What the risk service bounds, told by as many requests as it takes.

use annals_tests::{Client, World, story};
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given;
use crate::impact_assessment::{content, impact};

/// So many more members who hold a role.
pub async fn crowd(world: &World, role: Role, count: usize) -> anyhow::Result<Vec<Client>> {
    let (desk, adm) = (Desk::of(world, "membership"), world.as_(Role::Adm));
    let mut crowd = Vec::new();
    for n in 0..count {
        let user = event_store::store::new_id("usr")?;
        let input = json!({ "user": user, "name": format!("Member {n}"), "roles": [role.code()] });
        desk.make(&adm, "grant", input).await?;
        crowd.push(world.client(&world.tenant, &user)?);
    }
    Ok(crowd)
}

story!(a_risk_has_a_hundred_assessors_and_fifty_links, world => {
    let (mut desk, rm) = (Desk::of(&world, "risk"), world.as_(Role::Rm));
    given::criteria(&world).await?;
    let identify = json!({ "title": "Unfair refusals", "description": "One group is refused more often." });
    let id = desk.make(&rm, "identify", identify).await?;
    let (mut some, suppliers) = (Vec::new(), Desk::of(&world, "supplier"));
    for n in 0..51 {
        let input = json!({ "name": format!("Supplier {n}"), "supplierKind": "model", "criticality": "low" });
        some.push(suppliers.make(&world.as_(Role::Sm), "register", input).await?);
    }
    let (first, last) = some.split_at(50);
    desk.does(&rm, "link", &id, json!({ "suppliers": first })).await?;
    desk.refuse(&rm, "link", &id, json!({ "suppliers": last }), "422 too_many").await?;
    let rated = json!({
        "likelihood": 2, "consequenceOrg": 2, "consequenceIndividual": 2, "consequenceSociety": 2,
        "rationale": "By the figures of last year.",
    });
    // Who identified it is the first of a hundred.
    let mut crowd = crowd(&world, Role::Rm, 100).await?;
    let one_too_many = crowd.pop().unwrap();
    for assessor in &crowd {
        desk.does(assessor, "analyse", &id, rated.clone()).await?;
    }
    desk.refuse(&one_too_many, "analyse", &id, rated.clone(), "409 too_many_authors").await?;
    // Who has assessed it before still does.
    desk.does(&crowd[7], "analyse", &id, rated).await?;
    desk.exactly(&["too_many", "too_many_authors"]);
});

story!(an_assessment_has_forty_impacts, world => {
    let (mut desk, ia) = (Desk::of(&world, "impact_assessment"), world.as_(Role::Ia));
    given::criteria(&world).await?;
    let mut input = content();
    input["system"] = json!(given::system(&world, "CreditLens", true).await?);
    let id = desk.make(&ia, "start", input).await?;
    for n in 0..40 {
        let mut one = impact("individual", [2, 2, 2, 2]);
        one["who"] = json!(format!("applicants of branch {n}"));
        desk.does(&ia, "rate_impact", &id, one).await?;
    }
    let more = impact("individual", [2, 2, 2, 2]);
    desk.refuse(&ia, "rate_impact", &id, more.clone(), "409 full").await?;
    // One of them goes, and there is room again.
    let shown = desk.shown(&id, "").await?;
    let key = shown["impacts"].as_object().unwrap().keys().next().unwrap().clone();
    desk.does(&ia, "remove_impact", &id, json!({ "impact": key, "reason": "Twice." })).await?;
    desk.does(&ia, "rate_impact", &id, more).await?;
    desk.exactly(&["full"]);
});

story!(thirty_rules_are_adopted_early, world => {
    let mut desk = Desk::of(&world, "rule_set");
    let (dpo, tm) = (world.as_(Role::Dpo), world.as_(Role::Tm));
    let mut set = crate::regulatory_classification::own_set("mine", "1", "heavy");
    for n in 0..31 {
        set["rules"][format!("r{n}")] = json!({
            "code": format!("own.r{n}"), "regime": "own_regime", "jurisdiction": "NL",
            "article": format!("{n}"), "trigger": "incident_report", "when": { "classes": ["heavy"] },
            "published": "2024-01-01", "appliesFrom": "2026-01-01",
            "deadline": { "amount": 15, "unit": "days" }, "text": "Report.", "source": "our own",
            "sourceVersion": "1",
        });
    }
    let id = desk.make(&dpo, "load", set).await?;
    let early = |n: usize| json!({ "rule": format!("own.r{n}"), "reason": "Customers ask for it." });
    for n in 0..30 {
        desk.does(&tm, "adopt_early", &id, early(n)).await?;
    }
    desk.refuse(&tm, "adopt_early", &id, early(30), "409 too_many_adopted").await?;
    let adopted: Value = desk.shown(&id, "").await?["adoptedEarly"].clone();
    assert_eq!(adopted.as_object().unwrap().len(), 30);
    desk.exactly(&["too_many_adopted"]);
});
