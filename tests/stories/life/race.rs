//! A critical risk against the last approval of a gate: one comes first, and the other sees it.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, make};

/// Rounds, unless `ANNALS_RACE_ROUNDS` asks for more.
const ROUNDS: usize = 36;

fn rounds() -> usize {
    let asked = std::env::var("ANNALS_RACE_ROUNDS").ok();
    asked.and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS)
}

fn analysis(likelihood: u32, consequence: u32) -> Value {
    json!({
        "likelihood": likelihood, "consequenceOrg": 1, "consequenceIndividual": consequence,
        "consequenceSociety": 1, "rationale": "Tested.",
    })
}

/// The position of the last event of a type.
fn position(done: &Value, ty: &str) -> Option<u64> {
    let events = done["events"].as_array().unwrap().iter();
    let event = events.rev().find(|event| event["type"] == ty)?;
    Some(event["position"].as_str().unwrap().parse().unwrap())
}

/// What came first in a round: the approval, or the risk.
async fn round(life: &Life<'_>, risk: &Thing, n: usize) -> anyhow::Result<bool> {
    let (rm, ro, none) = (life.by(Role::Rm), life.by(Role::Ro), json!({}));
    risk.then(&rm, "analyse", &analysis(1, 2)).await?;
    let gate = life.asks("deployment").await?;
    gate.then(&life.by(Role::Sys), "evaluate", &none).await?;
    gate.then(&life.by(Role::Rel), "approve", &none).await?;
    let seen = gate.now(&ro).await?["version"].as_u64().unwrap();
    let path = format!("/v1/stage-gates/{}/approve", gate.id);
    let approve = async { anyhow::Ok(ro.post_seen(&path, seen, &none).await?.ok()) };
    // The approval reads more than the risk does: it gets a start, of another length each time.
    let critical = async {
        for _ in 0..n % 12 {
            risk.now(&rm).await?;
        }
        risk.then(&rm, "analyse", &analysis(5, 5)).await
    };
    let (approved, analysed) = tokio::join!(approve, critical);
    let (approved, analysed) = (approved?, analysed?);
    let risen = position(&analysed, "risk.analysed").unwrap();
    let passed = position(&approved, "stage_gate.passed");
    let refused = position(&approved, "stage_gate.refused");
    match (passed, refused) {
        (Some(passed), None) => {
            assert!(passed < risen, "round {n}: passed at {passed}, critical since {risen}");
            Ok(true)
        }
        (None, Some(refused)) => {
            assert!(risen < refused, "round {n}: refused at {refused}, critical since {risen}");
            let checks = &gate.now(&ro).await?["checks"];
            assert_eq!(checks["g3"]["result"], "fail", "round {n}");
            Ok(false)
        }
        (_, _) => panic!("round {n}: {approved}"),
    }
}

story!(a_gate_is_never_passed_over_a_critical_risk_that_was_there_before, world => {
    let life = Life::begun(&world).await?;
    let rm = life.by(Role::Rm);
    let (criteria, _) = make(&world, &rm, "risk_criteria", &json!({})).await?;
    life.approved(&criteria, Role::Rm, Role::Tm).await?;
    life.enters("design_and_development").await?;
    life.enters("verification_and_validation").await?;
    life.meets("deployment").await?;
    let risk = json!({
        "title": "Refuses whole districts", "description": "By the postcode.",
        "systems": [life.system.id],
    });
    let (risk, _) = make(&world, &rm, "risk", &risk).await?;
    let (mut passed, mut refused) = (0, 0);
    for n in 0..rounds() {
        if round(&life, &risk, n).await? { passed += 1 } else { refused += 1 }
    }
    println!("{passed} passed before the risk rose, {refused} were refused because of it");
    assert!(passed > 0 && refused > 0, "{passed} passed, {refused} refused");
});
