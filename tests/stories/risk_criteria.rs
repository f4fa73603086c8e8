//! The risk manager drafts the risk criteria, top management approves them; assessments stay with
//! the version that they were made under.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::{self, because, change_of_criteria, criteria};

fn levels(rows: [[&str; 5]; 5]) -> Value {
    rows.iter().map(|row| json!({ "levels": row })).collect()
}

fn bands(ends: [(u32, u32); 4]) -> Value {
    let words = ["low", "medium", "high", "critical"].iter();
    words
        .zip(ends)
        .map(|(level, (from, to))| json!({ "level": level, "from": from, "to": to }))
        .collect()
}

story!(criteria_are_drafted_sent_back_approved_replaced_and_taken_back, world => {
    let desk = Desk::of(&world, "risk_criteria");
    let (rm, tm) = (world.as_(Role::Rm), world.as_(Role::Tm));
    let mut change = change_of_criteria(&world).await?;
    let at = |time: &str| (rm.at(time), tm.at(time));
    let (rm1, tm1) = at("2024-07-02T09:00:00Z");
    let id = desk.make(&rm1, "draft", json!({ "note": "For all systems." })).await?;
    let draft = desk.shown(&id, "").await?;
    assert_eq!((&draft["status"], &draft["appetite"], &draft["tolerance"]), (&json!("draft"), &json!(9), &json!(14)));
    assert_eq!(draft["matrix"][2]["levels"], json!(["low", "medium", "medium", "high", "critical"]));
    assert_eq!(draft["bands"][3], json!({ "level": "critical", "from": 15, "to": 25 }));
    assert_eq!(draft["acceptanceAuthority"][1], json!({ "role": "TM", "upToScore": 14, "maxDays": 180 }));
    desk.does(&rm1, "submit", &id, json!({})).await?;
    desk.does(&tm1, "reject", &id, json!({ "reason": "The appetite is too large." })).await?;

    // The authority of risk owners moves along with the appetite.
    let payload = desk.mutates(&rm, "redraft", &id, &json!({ "appetite": 6 }), "
        status appetite acceptanceAuthority { role upToScore maxDays } rejection").await?;
    assert_eq!(payload["events"][0]["type"], "risk_criteria.drafted");
    let object = &payload["riskCriteria"];
    assert_eq!(object["acceptanceAuthority"][0], json!({ "role": "RO", "upToScore": 6, "maxDays": 365 }));
    assert_eq!(object["rejection"], "The appetite is too large.");
    desk.does(&rm, "submit", &id, json!({})).await?;
    let (rm2, tm2) = at("2024-07-05T09:00:00Z");
    let payload = desk.mutates(&tm2, "approve", &id, &json!({}), "
        status effective { version approvedBy { name } }").await?;
    let object = &payload["riskCriteria"];
    assert_eq!((&object["status"], &object["effective"]["version"]), (&json!("APPROVED"), &json!(1)));
    assert_eq!(object["effective"]["approvedBy"]["name"], "The TM");

    // The next version replaces it; its rules are kept for what was assessed under them.
    change["appetite"] = json!(9);
    desk.does(&rm2, "redraft", &id, change).await?;
    let between = desk.shown(&id, "").await?;
    assert_eq!((&between["status"], &between["effective"]["version"]), (&json!("draft"), &json!(1)));
    desk.does(&rm.at("2024-08-01T09:00:00Z"), "submit", &id, json!({})).await?;
    desk.does(&tm, "approve", &id, json!({})).await?;
    let now = desk.shown(&id, "").await?;
    assert_eq!(now["effective"]["version"], 2);
    assert_eq!(now["approvedVersions"]["v1"]["appetite"], 6);
    assert_eq!(now["approvedVersions"]["v2"]["appetite"], 9);
    desk.does(&tm, "withdraw", &id, json!({ "reason": "A review of the method." })).await?;
    let now = desk.read(&id, "", "status effective { version }").await?;
    assert_eq!(now, json!({ "status": "WITHDRAWN", "effective": null }));
    let past = desk.read(&id, "(asOf: {time: \"2024-07-05T12:00:00Z\"})", "
        appetite status effective { version }").await?;
    assert_eq!((&past["effective"]["version"], &past["status"]), (&json!(1), &json!("DRAFT")));
    assert_eq!(desk.events(&id).await?, [
        "risk_criteria.drafted", "risk_criteria.submitted", "risk_criteria.rejected",
        "risk_criteria.drafted", "risk_criteria.submitted", "risk_criteria.approved",
        "risk_criteria.drafted", "risk_criteria.submitted", "risk_criteria.superseded",
        "risk_criteria.approved", "risk_criteria.withdrawn",
    ]);
});

story!(what_criteria_refuse, world => {
    let mut desk = Desk::of(&world, "risk_criteria");
    let (rm, tm) = (world.as_(Role::Rm), world.as_(Role::Tm));
    let id = desk.make(&rm, "draft", json!({})).await?;
    let grade = json!({ "label": "x" });
    let four = vec![grade.clone(); 4];
    let mut falling = [["low", "medium", "high", "critical", "critical"]; 5];
    falling[3][1] = "low";
    let refused = [
        (json!({ "likelihoodScale": four }), "422 scale_not_of_five /likelihoodScale"),
        (json!({ "impactScales": { "scale": vec![grade.clone(); 5], "reversibility": four } }),
            "422 scale_not_of_five /impactScales/reversibility"),
        (json!({ "severityScale": { "organisation": vec![grade.clone(); 5], "individual": [], "society": [] } }),
            "422 scale_not_of_five /severityScale/individual"),
        (json!({ "bands": [{ "level": "low", "from": 1, "to": 25 }] }), "422 not_one_band /bands"),
        (json!({ "bands": bands([(0, 4), (5, 9), (10, 14), (15, 25)]) }), "422 band_out_of_range /bands"),
        (json!({ "bands": bands([(1, 4), (5, 9), (10, 14), (15, 26)]) }), "422 band_out_of_range /bands"),
        (json!({ "bands": bands([(1, 4), (6, 9), (10, 14), (15, 25)]) }), "422 band_gap /bands"),
        (json!({ "bands": bands([(1, 4), (5, 9), (10, 14), (15, 24)]) }), "422 band_gap /bands"),
        (json!({ "bands": bands([(1, 4), (4, 9), (10, 14), (15, 25)]) }), "422 band_overlap /bands"),
        (json!({ "matrix": [{ "levels": ["low", "low", "low", "low", "low"] }] }), "422 matrix_incomplete /matrix"),
        (json!({ "matrix": [] }), "422 matrix_incomplete /matrix"),
        (json!({ "matrix": levels(falling) }), "422 matrix_decreases /matrix"),
        (json!({ "appetite": 15 }), "422 appetite_reaches_critical /appetite"),
        (json!({ "appetite": 25 }), "422 appetite_reaches_critical /appetite"),
        (json!({ "tolerance": 8 }), "422 tolerance_below_appetite /tolerance"),
        (json!({ "tolerance": 15 }), "422 tolerance_reaches_critical /tolerance"),
        (json!({ "acceptanceAuthority": [{ "role": "RM", "upToScore": 14, "maxDays": 90 }] }),
            "422 role_accepts_nothing /acceptanceAuthority"),
        (json!({ "acceptanceAuthority": [{ "role": "TM", "upToScore": 14, "maxDays": 90 },
            { "role": "TM", "upToScore": 9, "maxDays": 90 }] }), "422 duplicate_authority /acceptanceAuthority"),
        (json!({ "acceptanceAuthority": [{ "role": "TM", "upToScore": 12, "maxDays": 90 }] }),
            "422 authority_ends_elsewhere /acceptanceAuthority"),
        (json!({ "acceptanceAuthority": [] }), "422 authority_ends_elsewhere /acceptanceAuthority"),
        (json!({ "acceptanceAuthority": [{ "role": "TM", "upToScore": 14, "maxDays": 181 }] }),
            "422 acceptance_too_long /acceptanceAuthority"),
        (json!({ "reviewIntervalDays": { "low": 30, "medium": 60, "high": 60, "critical": 60 } }),
            "422 intervals_wrong /reviewIntervalDays"),
        (json!({ "reviewIntervalDays": { "low": 1096, "medium": 60, "high": 60, "critical": 60 } }),
            "422 intervals_wrong /reviewIntervalDays"),
    ];
    for (input, expected) in refused {
        desk.refuse(&rm, "redraft", &id, input, expected).await?;
    }
    desk.refuse(&tm, "reject", &id, because(), "409 not_in_review").await?;
    desk.does(&rm, "submit", &id, json!({})).await?;
    // There is one object of criteria: changes are new versions of it, never in place.
    rm.post("/v1/risk-criteria", &json!({})).await?.problem(409, "already_exists");
    desk.refuse(&rm, "redraft", &id, json!({}), "409 not_in_draft").await?;
    desk.refuse(&rm, "submit", &id, json!({}), "409 not_in_draft").await?;
    let seen = json!({ "contentHash": "0".repeat(64) });
    desk.refuse(&tm, "approve", &id, seen, "409 content_changed").await?;
    let early = json!({ "effectiveAt": "2024-07-01T00:00:00Z" });
    desk.refuse(&tm, "approve", &id, early, "422 approved_before_submission /effectiveAt").await?;
    desk.does(&tm, "approve", &id, json!({})).await?;
    desk.refuse(&tm, "approve", &id, json!({}), "409 not_in_review").await?;
    desk.refuse(&rm, "withdraw", &id, because(), "422 not_top_management").await?;
    desk.refuse_corrections(&rm, &id, "note").await?;
    desk.refuse(&rm, "redraft", &id, json!({}), "422 no_aims_change /aimsChange").await?;
    desk.does(&tm, "withdraw", &id, because()).await?;
    desk.refuse(&tm, "withdraw", &id, because(), "409 nothing_to_withdraw").await?;
    // Who drafts and holds the approver's role too.
    crate::given::roles(&world, Role::Rm, &["RM", "TM"]).await?;
    let scope = json!({ "scope": true, "criteria": false });
    let change = given::aims_change(&world, scope).await?;
    desk.does(&rm, "redraft", &id, json!({ "aimsChange": change })).await?;
    desk.does(&rm, "submit", &id, json!({})).await?;
    desk.refuse(&rm, "approve", &id, json!({}), "422 approver_is_author").await?;
    desk.refuse(&tm, "approve", &id, json!({}), "409 aims_change_not_approved").await?;
    desk.all_but(&[]);
});

story!(criteria_are_the_tenants_own, world => {
    let id = criteria(&world).await?;
    let path = format!("/v1/risk-criteria/{id}");
    world.stranger_as(Role::Rm).get(&path).await?.problem(404, "not_found");
    world.stranger_as(Role::Tm).post_seen(&format!("{path}/approve"), 3, &json!({})).await?
        .problem(404, "not_found");
});
