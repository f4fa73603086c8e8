//! The certificate: given, kept up, suspended, reduced, run out, taken away; in the worked example.

use annals_tests::story;
use serde_json::{Value, json};

use super::house::Certified;

fn issue(number: &str, audit: &str) -> Value {
    json!({ "number": number, "audit": audit, "sites": ["Utrecht", "Oslo"] })
}

fn with(mut input: Value, name: &str, value: &str) -> Value {
    input[name] = json!(value);
    input
}

story!(what_stands_in_the_way_of_a_certificate, world => {
    // CA-2 has its plan accepted, ENG-2 is over; nobody has decided.
    let case = Certified::until(&world, "2025-03-19T09:00:00Z").await?;
    let mut desk = case.desk("certificate");
    let (miriam, audit) = (case.certnova("miriam")?.at("2025-03-19T10:00:00Z"), case.id("CA-2"));
    let number = "CERT-0421";
    // Helen audits: the role is missing, whatever she names.
    let helen = case.certnova("helen")?.at("2025-03-19T09:00:00Z");
    let sign = issue(number, audit);
    helen.post("/v1/certificates", &sign).await?.problem(403, "forbidden");
    let first = issue(number, case.id("CA-1"));
    desk.refuse(&miriam, "issue", "", first, "422 wrong_audit /audit").await?;
    for (name, date, expected) in [
        ("validTo", "2028-03-21", "422 valid_too_long /validTo"),
        ("validTo", "2025-03-19", "422 wrong_validity /validTo"),
        ("validFrom", "2025-03-18", "422 wrong_validity /validFrom"),
    ] {
        let input = with(issue(number, audit), name, date);
        desk.refuse(&miriam, "issue", "", input, expected).await?;
    }
    // What the body's auditors say of a finding afterwards counts.
    let findings = case.desk("audit_finding");
    let grade = |grade: &str| json!({ "grade": grade, "reason": "On reflection." });
    findings.does(&helen, "regrade", case.id("F-02"), grade("minor")).await?;
    desk.refuse(&miriam, "issue", "", sign.clone(), "409 no_plan_for_minor").await?;
    findings.does(&helen, "regrade", case.id("F-01"), grade("major")).await?;
    desk.refuse(&miriam, "issue", "", sign.clone(), "409 major_not_verified").await?;
    for (label, back) in [("F-01", "minor"), ("F-02", "ofi")] {
        findings.does(&helen, "regrade", case.id(label), grade(back)).await?;
    }
    // A decision maker is impartial, and was not on the team in another role.
    let client = case.halden.tenant.to_string();
    let advice = |until: &str| json!({ "user": case.id("miriam"), "client": client, "until": until });
    case.operates("record-consultancy", &advice("2024-06-30")).await?;
    desk.refuse(&miriam, "issue", "", sign.clone(), "422 decider_not_impartial").await?;
    case.operates("record-consultancy", &advice("2020-06-30")).await?;
    let end = json!({ "user": case.id("helen"), "reason": "She decides from now on." });
    case.operates("end-person", &end).await?;
    let decides = json!({ "user": case.id("helen"), "name": "Helen Okafor", "role": "decision_maker",
        "competences": [] });
    case.operates("add-person", &decides).await?;
    let helen = case.certnova("helen")?;
    let decider = helen.at("2025-03-19T10:00:00Z");
    desk.refuse(&decider, "issue", "", sign.clone(), "422 decider_audited /audit").await?;
    // The accreditation holds on the day.
    let accredited = |from: &str| json!({
        "accreditor": "Raad voor Accreditatie", "number": "C 042", "validFrom": from,
        "validUntil": "2039-12-31",
        "scope": ["ISO/IEC 17021-1", "ISO/IEC 42001", "ISO/IEC 42006"],
    });
    case.operates("record-accreditation", &accredited("2026-01-01")).await?;
    desk.refuse(&miriam, "issue", "", sign.clone(), "409 not_accredited").await?;
    case.operates("record-accreditation", &accredited("2024-01-01")).await?;

    let later = with(sign.clone(), "validFrom", "2025-04-01");
    let id = desk.make(&miriam, "issue", later).await?;
    let timer = case.timer()?;
    desk.refuse(&timer, "activate", &id, json!({}), "409 not_begun").await?;
    desk.refuse(&miriam, "issue", "", sign, "409 audit_used").await?;
    desk.refuse_corrections(&miriam, &id, "remark").await?;
    desk.exactly(&[
        "audit_used", "decider_audited", "decider_not_impartial", "major_not_verified",
        "no_plan_for_minor", "no_such_version", "not_accredited", "not_begun", "not_correctable",
        "valid_too_long", "wrong_audit", "wrong_validity", "wrong_value",
    ]);
});

story!(a_certificate_waits_for_the_audit, world => {
    // The audit is concluded; its one finding has no accepted plan.
    let case = Certified::until(&world, "2025-03-06T12:00:00Z").await?;
    let mut desk = case.desk("certificate");
    let (miriam, helen) = (case.certnova("miriam")?, case.certnova("helen")?);
    let sign = issue("CERT-0421", case.id("CA-2"));
    desk.refuse(&miriam, "issue", "", sign.clone(), "409 audit_not_reviewed").await?;
    let actions = json!({
        "actions": { "gate": {
            "text": "The gate policy blocks.", "owner": case.id("owen"), "due": "2025-05-09",
        } },
        "method": "The next verification", "checkDue": "2025-05-31",
    });
    let priya = case.by("priya")?;
    case.desk("nonconformity").does(&priya, "plan_actions", case.id("NC-002"), actions).await?;
    let accept = json!({ "nonconformities": [case.id("NC-002")] });
    let audits = case.desk("certification_audit");
    audits.does(&helen, "accept_action_plan", case.id("CA-2"), accept).await?;
    desk.refuse(&miriam, "issue", "", sign, "409 engagement_not_over").await?;
    let bad = case.audited("stage2", "2025-03-10", "not_recommend").await?;
    let miriam = miriam.at("2025-03-11T09:00:00Z");
    let sign = issue("CERT-0422", &bad);
    desk.refuse(&miriam, "issue", "", sign, "422 not_recommended /audit").await?;
});

story!(a_certificate_is_kept_suspended_reduced_and_taken_away, world => {
    let case = Certified::until(&world, "2025-12-23T09:00:00Z").await?;
    let mut desk = case.desk("certificate");
    let (miriam, timer, id) = (case.certnova("miriam")?, case.timer()?, case.id("CERT-0421"));
    let reason = || json!({ "reason": "As decided." });
    // A further stage 2 carries no second certificate, nor the number of the first.
    let again = case.audited("stage2", "2025-12-29", "recommend").await?;
    let sign = issue("CERT-0421", &again);
    desk.refuse(&miriam, "issue", "", sign, "422 number_taken /number").await?;
    let sign = issue("CERT-0500", &again);
    desk.refuse(&miriam, "issue", "", sign, "409 already_certified").await?;
    let due = "surveillance_fall_due";
    desk.refuse(&timer, due, id, json!({}), "409 no_surveillance_due").await?;
    desk.refuse(&timer, "expire", id, json!({}), "409 not_over").await?;
    desk.refuse(&miriam, "lift_suspension", id, reason(), "409 not_now").await?;
    // What is certified changes on an audit, and gets less.
    let reduce = |audit: Option<&str>, sites: &[&str]| {
        json!({ "audit": audit, "sites": sites, "reason": "Oslo was given up." })
    };
    let none = reduce(None, &["Utrecht"]);
    let expected = "422 scope_change_without_audit /audit";
    desk.refuse(&miriam, "reduce_scope", id, none, expected).await?;
    let special = case.audited("special", "2026-01-12", "not_recommend").await?;
    let wider = reduce(Some(&special), &["Bergen"]);
    desk.refuse(&miriam, "reduce_scope", id, wider, "422 not_a_reduction /sites").await?;
    let suspend = json!({ "ground": "persistent_failure", "reason": "Findings stay open." });
    desk.does(&miriam, "suspend", id, suspend).await?;
    let late = miriam.at("2026-07-13T09:00:00Z");
    desk.refuse(&late, "lift_suspension", id, reason(), "409 suspended_too_long").await?;
    desk.does(&late, "reduce_scope", id, reduce(Some(&special), &["Utrecht"])).await?;
    assert_eq!(case.by("rui")?.get(&format!("/v1/certificates/{id}")).await?.ok()["status"], "scope_reduced");
    desk.does(&miriam, "lift_suspension", id, reason()).await?;
    desk.does(&timer.at("2026-12-31T09:00:00Z"), due, id, json!({})).await?;

    // It runs out, and can be restored for half a year.
    let recert = case.audited("recertification", "2028-01-10", "recommend").await?;
    let renew = json!({ "audit": recert });
    let late = miriam.at("2028-03-20T09:00:00Z");
    desk.refuse(&late, "renew", id, renew.clone(), "409 has_run_out").await?;
    desk.does(&timer.at("2028-03-20T09:10:00Z"), "expire", id, json!({})).await?;
    let late = miriam.at("2028-09-20T09:00:00Z");
    desk.refuse(&late, "restore", id, renew.clone(), "409 too_late_to_restore").await?;
    desk.does(&miriam.at("2028-04-03T09:00:00Z"), "restore", id, renew).await?;
    let shown = case.by("rui")?.get(&format!("/v1/certificates/{id}")).await?.ok();
    assert_eq!((&shown["status"], &shown["validTo"]), (&json!("active"), &json!("2031-03-19")));

    // It rests on scope, statement, documents and evidence: none of them goes while it runs,
    // though nothing else keeps the evidence any longer.
    let evidence = format!("/v1/evidence/{}/shred", case.id("EV-A.6.2.4"));
    let priya = case.by("priya")?.at("2029-01-04T09:00:00Z");
    let answer = priya.post(&evidence, &reason()).await?;
    assert_eq!(answer.json["code"], "evidence.certificate_active", "{}", answer.text);

    // Taken away it is for good.
    desk.does(&miriam, "withdraw", id, reason()).await?;
    desk.refuse(&miriam, "lift_suspension", id, reason(), "409 is_withdrawn").await?;
    for code in [
        // Told of in the stories before.
        "audit_used", "audit_not_reviewed", "decider_audited", "decider_not_impartial",
        "engagement_not_over", "major_not_verified", "no_plan_for_minor", "no_such_version",
        "not_accredited", "not_begun", "not_correctable", "not_recommended", "valid_too_long",
        "wrong_audit", "wrong_validity", "wrong_value",
    ] {
        desk.met(code);
    }
    // Another body's certificates are not there at all; an audit of stage 2 without scope and
    // statement, and the limits of the record, are told of beside the aggregate.
    desk.all_but(&["no_scope", "no_soa", "not_your_body", "too_many"]);
});
