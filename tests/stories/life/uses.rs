//! Intended use, human oversight and what users are told.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, hash, types};

async fn submitted(life: &Life<'_>, input: &Value) -> anyhow::Result<Thing> {
    let intended = life.makes(&life.by(Role::So), "intended_use", input).await?;
    intended.then(&life.by(Role::So), "submit", &json!({})).await?;
    Ok(intended)
}

story!(users_are_told_and_deviations_are_noted, world => {
    let life = Life::begun(&world).await?;
    life.assessed(&["Consumer credit"]).await?;
    let (so, ro, none) = (life.by(Role::So), life.by(Role::Ro), json!({}));
    let draft = life.use_of().await?;
    let intended = submitted(&life, &draft).await?;
    intended.then(&ro, "reject", &json!({ "reason": "Too short." })).await?;
    let mut next = draft.clone();
    next["limits"] = json!(["Not for minors"]);
    intended.then(&so, "redraft", &next).await?;
    life.approved(&intended, Role::So, Role::Ro).await?;
    let payload = life.mutate(&so, "intendedUsePublish", json!({ "id": intended.id }),
        "intendedUse { progress publishedAt } refusal { __typename }").await?;
    assert_eq!(payload["intendedUse"]["progress"], "PUBLISHED");
    let seen = json!({
        "deviationKind": "prohibited_use", "what": "Used for a mortgage.", "action": "Stopped.",
        "observedAt": "2024-09-01T09:00:00Z",
    });
    intended.then(&life.by(Role::Emp), "record-deviation", &seen).await?;
    let read = life.graph(&intended, "status progress deviationCount limits
        deviations { deviationKind what by { name } }
        oversight { key who { name } competence { role } stopAbility reviewShare }
        inForce { competence { key revision validUntil } }").await?;
    let role = read["oversight"][0]["competence"]["role"].as_str().unwrap();
    assert!(role.starts_with("Overseer "), "{role}");
    assert_eq!(read["inForce"]["competence"], json!([
        { "key": "clerk", "revision": 1, "validUntil": null },
    ]));
    assert_eq!(read["deviations"], json!([{
        "deviationKind": "PROHIBITED_USE", "what": "Used for a mortgage.",
        "by": { "name": "The EMP" },
    }]));
    assert_eq!(read["oversight"], json!([{
        "key": "clerk", "who": { "name": "The OPS" }, "competence": { "role": role },
        "stopAbility": true, "reviewShare": "12.5",
    }]));
    // Another version makes what users were told out of date until it is published.
    next["contact"] = json!("help@halden.example");
    intended.then(&so, "redraft", &next).await?;
    intended.then(&so, "submit", &none).await?;
    let done = intended.then(&ro, "approve", &none).await?;
    assert_eq!(types(&done), ["intended_use.superseded", "intended_use.approved"]);
    assert_eq!(done["object"]["progress"], "outdated");
    let done = intended.then(&ro, "publish", &none).await?;
    assert_eq!(done["object"]["progress"], "published");
    let done = intended.then(&so, "withdraw", &json!({ "reason": "Given up." })).await?;
    assert_eq!(done["object"]["progress"], "not_published");
});

story!(an_intended_use_that_was_not_assessed, world => {
    let life = Life::begun(&world).await?;
    let so = life.by(Role::So);
    let draft = life.use_of().await?;
    let mut share = draft.clone();
    share["oversight"]["clerk"]["reviewShare"] = json!("100.1");
    let at = "/oversight/clerk/reviewShare";
    life.makes_no(&so, "intended_use", &share, "no_share", at).await?;
    let intended = submitted(&life, &draft).await?;
    life.makes_no(&so, "intended_use", &draft, "system_has_use", "/system").await?;
    let approve = |code: &'static str| [(Role::Ro, "approve", json!({}), code, "")];
    life.refuses(&intended, &approve("not_assessed")).await?;
    life.refuses(&intended, &[
        (Role::So, "publish", json!({}), "not_approved", ""),
        (Role::Ops, "record-deviation",
            json!({ "deviationKind": "outside_purpose", "what": "x" }), "not_approved", ""),
        (Role::Ops, "record-deviation", json!({ "deviationKind": "outside_purpose", "what": "x",
            "observedAt": "2025-01-01T00:00:00Z" }), "seen_in_future", "/observedAt"),
    ]).await?;
    life.assessed(&["consumer  CREDIT"]).await?;
    let other = Life::begun(&world).await?;
    let strange = other.watched().await?;
    let beginner = life.overseer("basic", None).await?;
    let lapsed = life.overseer("expert", Some("2024-12-31")).await?;
    let retired = life.overseer("expert", None).await?;
    retired.then(&life.by(Role::Am), "retire", &json!({ "reason": "Merged." })).await?;
    life.day("2025-01-01T09:00:00Z");
    let so = life.by(Role::So);
    let changed = |name: &str, value: Value| {
        let mut next = draft.clone();
        next[name] = value;
        next
    };
    let overseer = |name: &str, value: Value| {
        let mut next = draft.clone();
        next["oversight"]["clerk"][name] = value;
        next
    };
    let mut silent = draft.clone();
    silent.as_object_mut().unwrap().remove("instructionsHash");
    for (next, code) in [
        (silent, "no_instructions"),
        (changed("intendedUses", json!([])), "no_use"),
        (changed("intendedUses", json!(["Consumer credit", "Mortgages"])), "wider_than_assessed"),
        (overseer("competence", json!(beginner.id)), "overseer_not_competent"),
        (overseer("competence", json!(lapsed.id)), "overseer_not_competent"),
        (overseer("who", json!(life.by(Role::Dev).user)), "overseer_not_competent"),
        (overseer("competence", json!(retired.id)), "profile_retired"),
        (overseer("stopAbility", json!(false)), "nobody_can_stop"),
        (changed("monitorsOfUse", json!([strange.id])), "monitor_of_another_system"),
    ] {
        intended.then(&life.by(Role::Ro), "reject", &json!({ "reason": "Anew." })).await?;
        intended.then(&so, "redraft", &next).await?;
        intended.then(&so, "submit", &json!({})).await?;
        life.refuses(&intended, &approve(code)).await?;
    }
    intended.then(&life.by(Role::Ro), "reject", &json!({ "reason": "Anew." })).await?;
    intended.then(&so, "redraft", &draft).await?;
    life.approved(&intended, Role::So, Role::Ro).await?;
});

story!(the_use_of_what_runs_is_not_withdrawn, world => {
    let life = Life::running(&world).await?;
    life.assessed(&["Consumer credit"]).await?;
    let intended = life.published().await?;
    life.refuses(&intended, &[
        (Role::So, "withdraw", json!({ "reason": "x" }), "system_runs", ""),
    ]).await?;
    let read = intended.now(&life.by(Role::Emp)).await?;
    assert_eq!(read["published"]["instructionsHash"], hash('1'));
});
