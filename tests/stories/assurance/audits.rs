//! An internal audit: scheduled under the programme, conducted by independent auditors, reported,
//! closed when its findings are taken care of.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::{audit, begun, found, minor, programmes, raised};
use crate::desk::Desk;
use crate::given::{because, implemented_control, roles};

fn report(digit: &str) -> Value {
    json!({ "reportHash": digit.repeat(64), "summary": "One minor finding." })
}

story!(an_audit_is_scheduled_conducted_reported_and_closed, world => {
    let desk = Desk::of(&world, "internal_audit");
    let (am, aud) = (world.as_(Role::Am), world.as_(Role::Aud));
    let programme = programmes::approved(&world, 2024).await?;
    let mut plan = audit(&world);
    plan["programme"] = json!(programme);
    plan["plannedAudit"] = json!("autumn");
    let id = desk.make(&am, "schedule", plan.clone()).await?;
    plan["areas"] = json!(["Training", "Purchasing"]);
    desk.does(&aud, "replan", &id, plan).await?;
    let late = world.as_(Role::Sys).at("2024-09-03T09:00:00Z");
    desk.does(&late, "mark_overdue", &id, json!({})).await?;
    assert_eq!(desk.shown(&id, "").await?["overdueSince"], "2024-09-02");
    let payload = desk.mutates(&aud, "start", &id, &json!({ "performedOn": "2024-09-03" }), "
        status performedOn programme { year } auditors { name }").await?;
    assert_eq!(payload["internalAudit"], json!({
        "id": id, "status": "IN_PROGRESS", "performedOn": "2024-09-03",
        "programme": { "year": 2024 }, "auditors": [{ "name": "The AUD" }],
    }));
    let sample = json!({ "what": "The programme", "object": programme });
    desk.does(&aud, "record_sample", &id, sample).await?;
    let finding = found(&world, minor(&id)).await?;
    desk.does(&aud, "report", &id, report("a")).await?;
    let nonconformity = raised(&world, json!({
        "source": "finding", "origin": finding, "title": "Untrained", "description": "Four.",
    })).await?;
    let link = json!({ "nonconformity": nonconformity });
    Desk::of(&world, "audit_finding").does(&am, "link", &finding, link).await?;
    desk.does(&aud, "close", &id, json!({})).await?;
    let read = desk.read(&id, "", "status reportHash summary samples { what object { id } asOf }
        findings { nodes { title grade linkedNc { id status } } }").await?;
    let seen = read["samples"][0]["asOf"].as_str().unwrap().parse::<u64>()?;
    assert!(seen > 0, "{read}");
    assert_eq!(read["samples"][0]["object"]["id"], json!(programme));
    assert_eq!((&read["status"], &read["summary"]), (&json!("CLOSED"), &json!("One minor finding.")));
    assert_eq!(read["findings"]["nodes"], json!([{
        "title": "Untrained people", "grade": "MINOR",
        "linkedNc": { "id": nonconformity, "status": "RAISED" },
    }]));
    assert_eq!(desk.events(&id).await?, [
        "internal_audit.scheduled", "internal_audit.replanned", "internal_audit.overdue",
        "internal_audit.started", "internal_audit.sampled", "internal_audit.reported",
        "internal_audit.closed",
    ]);
});

story!(what_internal_audits_refuse, world => {
    let mut desk = Desk::of(&world, "internal_audit");
    let (am, aud) = (world.as_(Role::Am), world.as_(Role::Aud));
    let with = |name: &str, value: Value| {
        let mut input = audit(&world);
        input[name] = value;
        input
    };
    let draft = programmes::drafted(&world, 2023).await?;
    let programme = programmes::approved(&world, 2024).await?;
    let mut spring = with("programme", json!(programme));
    spring["plannedAudit"] = json!("spring");
    for (input, expected) in [
        (with("programme", json!(draft)), "422 programme_not_in_force /programme"),
        (spring, "422 not_in_programme /plannedAudit"),
        (with("criteria", json!(["11.1"])), "422 unknown_criterion /criteria"),
        (with("auditors", json!([])), "422 no_auditor /auditors"),
        (with("auditors", json!([am.user])), "422 not_in_the_role /auditors"),
    ] {
        desk.refuse(&am, "schedule", "", input, expected).await?;
    }
    let control = implemented_control(&world, "A.6.2.4").await?;
    let rows = Desk::of(&world, "soa_control");
    rows.does(&am, "assign_owner", &control, json!({ "owner": aud.user })).await?;
    let owns = "422 auditor_answers_for_area /auditors";
    desk.refuse(&am, "schedule", "", audit(&world), owns).await?;
    rows.does(&am, "assign_owner", &control, json!({ "owner": am.user })).await?;

    let id = desk.make(&am, "schedule", with("criteria", json!([]))).await?;
    desk.refuse(&world.as_(Role::Sys), "mark_overdue", &id, json!({}), "409 not_overdue").await?;
    desk.refuse(&aud, "report", &id, report("a"), "409 wrong_status").await?;
    roles(&world, Role::Val, &["VAL", "AUD"]).await?;
    let other = world.as_(Role::Val);
    desk.refuse(&other, "start", &id, json!({}), "422 not_its_auditor").await?;
    let future = json!({ "performedOn": "2025-01-01" });
    desk.refuse(&aud, "start", &id, future, "422 starts_in_future /performedOn").await?;
    desk.does(&aud, "start", &id, json!({})).await?;
    desk.refuse(&am, "cancel", &id, because(), "422 has_begun").await?;
    desk.refuse(&aud, "report", &id, report("a"), "409 no_criteria").await?;
    desk.does(&aud, "replan", &id, audit(&world)).await?;
    for n in 1..=100 {
        let what = json!({ "what": format!("Record {n}") });
        desk.does(&aud, "record_sample", &id, what).await?;
    }
    let more = json!({ "what": "One more" });
    desk.refuse(&aud, "record_sample", &id, more, "409 too_many_samples").await?;
    desk.refuse_corrections(&aud, &id, "title").await?;
    let mut ungraded = minor(&id);
    ungraded.as_object_mut().unwrap().remove("grade");
    let finding = found(&world, ungraded).await?;
    desk.does(&aud, "report", &id, report("a")).await?;
    desk.refuse(&aud, "close", &id, json!({}), "409 finding_not_graded").await?;
    let minor = json!({ "grade": "minor" });
    Desk::of(&world, "audit_finding").does(&aud, "regrade", &finding, minor).await?;
    desk.refuse(&aud, "close", &id, json!({}), "409 finding_open").await?;
    desk.all_but(&[]);
});

story!(an_audit_is_cancelled_by_those_who_may, world => {
    let desk = Desk::of(&world, "internal_audit");
    let id = desk.make(&world.as_(Role::Am), "schedule", audit(&world)).await?;
    desk.does(&world.as_(Role::Am), "cancel", &id, because()).await?;
    let id = begun(&world).await?;
    desk.does(&world.as_(Role::Tm), "cancel", &id, because()).await?;
    let read = desk.read(&id, "", "status cancellation").await?;
    assert_eq!(read, json!({ "status": "CANCELLED", "cancellation": "It is so." }));
});
