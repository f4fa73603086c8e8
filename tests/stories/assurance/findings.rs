//! A finding of an internal audit: raised, disputed, graded anew, accepted, answered, verified,
//! closed. What certification bodies find is told of with certification.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use super::{audit, begun, found, idea, minor, plan, planned, raised, seen};
use crate::desk::Desk;
use crate::given::roles;

fn because(text: &str) -> Value {
    json!({ "reason": text })
}

/// A nonconformity from a finding.
async fn of(world: &World, finding: &str) -> anyhow::Result<String> {
    let mut input = seen();
    (input["source"], input["origin"]) = (json!("finding"), json!(finding));
    raised(world, input).await
}

story!(a_finding_goes_from_the_audit_to_its_closing, world => {
    let desk = Desk::of(&world, "audit_finding");
    let (am, aud) = (world.as_(Role::Am), world.as_(Role::Aud));
    let audit = begun(&world).await?;
    let id = found(&world, minor(&audit)).await?;
    desk.does(&am, "dispute", &id, because("They were trained elsewhere.")).await?;
    desk.does(&aud, "regrade", &id, json!({ "grade": "major" })).await?;
    desk.does(&aud, "regrade", &id, json!({ "grade": "minor", "reason": "Two were." })).await?;
    let payload = desk.mutates(&am, "accept", &id, &json!({}), "
        status grade source requirement requirementViolated dispute { reason }
        regraded { from to reason }").await?;
    assert_eq!(payload["auditFinding"], json!({
        "id": id, "status": "ACCEPTED", "grade": "MINOR", "source": "INTERNAL",
        "requirement": "7.2", "requirementViolated": true,
        "dispute": { "reason": "They were trained elsewhere." },
        "regraded": { "from": "MAJOR", "to": "MINOR", "reason": "Two were." },
    }));
    let nonconformity = of(&world, &id).await?;
    desk.does(&world.as_(Role::Sys), "link", &id, json!({ "nonconformity": nonconformity })).await?;
    desk.does(&am, "answer", &id, json!({ "text": "They are trained in January." })).await?;
    let ncs = Desk::of(&world, "nonconformity");
    ncs.does(&am, "record_containment", &nonconformity, json!({ "text": "No work." })).await?;
    let cause = json!({ "method": "fishbone", "text": "Once a year." });
    ncs.does(&am, "record_cause", &nonconformity, cause).await?;
    ncs.does(&am, "plan_actions", &nonconformity, plan(&am)).await?;
    let proof = crate::given::evidence(&world, 7).await?;
    let done = json!({ "action": "course", "evidence": [proof] });
    ncs.does(&am, "complete_action", &nonconformity, done).await?;
    let works = json!({ "outcome": "effective", "text": "All are trained." });
    ncs.does(&aud, "verify_effect", &nonconformity, works).await?;
    desk.does(&aud, "verify", &id, json!({})).await?;
    desk.does(&aud, "close", &id, json!({})).await?;
    let read = desk.read(&id, "", "status linkedNc { id status } answer { text answered { by { name } } }
        nonconformities { nodes { id } } objectiveEvidence { object { id } asOf note }").await?;
    assert_eq!(read["linkedNc"], json!({ "id": nonconformity, "status": "EFFECTIVENESS_VERIFIED" }));
    assert_eq!(read["nonconformities"]["nodes"], json!([{ "id": nonconformity }]));
    assert_eq!(read["objectiveEvidence"][0]["object"]["id"], json!(audit));
    assert_eq!(read["answer"]["answered"]["by"]["name"], "The AM");
    desk.does(&aud, "correct", &id, json!({
        "corrects": 1, "reason": "Misspelt.", "set": { "title": "Four untrained people" },
    })).await?;
    assert_eq!(desk.events(&id).await?, [
        "audit_finding.raised", "audit_finding.disputed", "audit_finding.regraded",
        "audit_finding.regraded", "audit_finding.accepted", "audit_finding.linked",
        "audit_finding.answered", "audit_finding.verified", "audit_finding.closed",
        "audit_finding.corrected",
    ]);
});

story!(what_audit_findings_refuse, world => {
    let mut desk = Desk::of(&world, "audit_finding");
    let (am, aud) = (world.as_(Role::Am), world.as_(Role::Aud));
    let audits = Desk::of(&world, "internal_audit");
    let planned_only = audits.make(&am, "schedule", audit(&world)).await?;
    let under_way = "409 audit_not_under_way";
    desk.refuse(&aud, "raise", "", minor(&planned_only), under_way).await?;
    let audit = begun(&world).await?;
    roles(&world, Role::Val, &["VAL", "AUD"]).await?;
    let other = world.as_(Role::Val);
    desk.refuse(&other, "raise", "", minor(&audit), "422 not_of_the_audit").await?;
    let with = |name: &str, value: Value| {
        let mut input = minor(&audit);
        input[name] = value;
        input
    };
    let proof = crate::given::evidence(&world, 9).await?;
    let both = json!([{ "object": audit, "evidence": proof }]);
    let future = json!([{ "object": audit, "asOf": "999999" }]);
    let mut violated = with("grade", json!("ofi"));
    violated["requirementViolated"] = json!(true);
    for (input, expected) in [
        (with("audit", json!(proof)), "422 no_audit /audit"),
        (with("requirement", json!("A.99")), "422 unknown_requirement /requirement"),
        (with("requirement", Value::Null), "422 no_requirement /requirement"),
        (with("objectiveEvidence", json!([])), "422 no_objective_evidence /objectiveEvidence"),
        (violated, "422 violation_dressed_up /grade"),
        (with("grade", json!("area_of_concern")), "422 area_of_concern_outside_stage1 /grade"),
        (with("objectiveEvidence", both), "422 not_one_proof /objectiveEvidence/0"),
        (with("objectiveEvidence", future), "422 seen_in_future /objectiveEvidence/0/asOf"),
    ] {
        let input = input.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
        let input = input.map(|(name, value)| (name.clone(), value.clone())).collect();
        desk.refuse(&aud, "raise", "", Value::Object(input), expected).await?;
    }
    let id = found(&world, minor(&audit)).await?;
    let milder = json!({ "grade": "ofi" });
    desk.refuse(&aud, "regrade", &id, milder, "422 lowered_without_reason /reason").await?;
    desk.refuse(&am, "answer", &id, json!({ "text": "x" }), "409 wrong_status").await?;
    desk.does(&am, "accept", &id, json!({})).await?;
    desk.refuse(&am, "answer", &id, json!({ "text": "x" }), "409 no_nonconformity").await?;
    desk.refuse(&am, "link", &id, json!({}), "422 not_one_answer").await?;
    let elsewhere = planned(&world).await?.0;
    let link = json!({ "nonconformity": elsewhere });
    desk.refuse(&am, "link", &id, link, "422 answers_other_finding /nonconformity").await?;
    let idea = Desk::of(&world, "improvement").make(&am, "propose", idea()).await?;
    let link = json!({ "improvement": idea });
    desk.refuse(&am, "link", &id, link, "422 needs_nonconformity /improvement").await?;
    let nonconformity = of(&world, &id).await?;
    desk.does(&am, "link", &id, json!({ "nonconformity": nonconformity })).await?;
    desk.does(&am, "answer", &id, json!({ "text": "They are trained." })).await?;
    desk.refuse(&aud, "verify", &id, json!({}), "409 correction_not_verified").await?;
    desk.refuse_corrections(&aud, &id, "title").await?;
    // Told of with certification (marks.rs): what a body's auditors alone may touch. No request
    // tells of the last two: other bodies' and internal findings are not there for outsiders,
    // and among members only internal auditors grade.
    desk.all_but(&["finding_of_body", "finding_of_other_body", "internal_finding"]);
});
