//! Reports to authorities and others: due, written, released by another, sent, confirmed.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::incidents::incident;
use super::world::{Life, Thing, hash, is_refusal, types};

const GDPR: &str = "eu_gdpr.33_1";

async fn draft(life: &Life<'_>, input: &Value) -> anyhow::Result<Thing> {
    let path = "/v1/external-reports/draft";
    let made = life.by(Role::Im).post(path, input).await?.created();
    Ok(Thing::of("external_report", made["id"].as_str().unwrap()))
}

/// An incident with personal data, of which the organisation became aware at nine that day.
async fn breach(life: &Life<'_>) -> anyhow::Result<Thing> {
    life.day("2025-06-18T09:50:00Z");
    let input = incident(json!({ "personalDataBreach": true }));
    let breach = life.makes(&life.by(Role::Emp), "incident", &input).await?;
    breach.then(&life.by(Role::Im), "start-clocks", &json!({})).await?;
    Ok(breach)
}

fn about(incident: &Thing, kind: &str) -> Value {
    json!({
        "incident": incident.id, "rule": GDPR, "recipient": "Authority", "reportKind": kind,
        "contentHash": hash('5'),
    })
}

story!(a_report_is_due_written_released_sent_and_confirmed, world => {
    let life = Life::running(&world).await?;
    let breach = breach(&life).await?;
    let duty = json!({
        "incident": breach.id, "rule": GDPR, "recipient": "Authority", "reportKind": "initial",
    });
    let made = life.by(Role::Sys).post("/v1/external-reports", &duty).await?.created();
    let report = Thing::of("external_report", made["id"].as_str().unwrap());
    let read = report.now(&life.by(Role::Emp)).await?;
    assert_eq!((read["status"].as_str(), read["due"].as_str()),
        (Some("due"), Some("2025-06-21T09:00:00.000000Z")));
    let (im, dpo) = (life.by(Role::Im), life.by(Role::Dpo));
    let unwritten = (Role::Tm, "release", json!({}), "wrong_status", "");
    life.refuses(&report, &[unwritten]).await?;
    report.then(&im, "redraft", &json!({ "contentHash": hash('5'), "channel": "Form" })).await?;
    let placeholder = json!({ "receiptPlaceholder": "AP-1" });
    life.refuses(&report, &[
        (Role::Im, "submit", placeholder.clone(), "not_released", ""),
        (Role::Dpo, "release", json!({ "contentHash": hash('6') }), "content_changed", ""),
        (Role::Sys, "miss-deadline", json!({}), "deadline_not_passed", ""),
        (Role::Sys, "record-receipt", json!({ "receipt": "x" }), "wrong_status", ""),
    ]).await?;
    report.then(&dpo, "release", &json!({ "contentHash": hash('5') })).await?;
    let at = "/submittedAt";
    let sent = |time: &str| json!({ "receiptPlaceholder": "AP-1", "submittedAt": time });
    life.refuses(&report, &[
        (Role::Im, "submit", json!({}), "no_receipt_placeholder", "/receiptPlaceholder"),
        (Role::Im, "submit", sent("2025-06-19T09:00:00Z"), "submitted_in_future", at),
        (Role::Im, "submit", sent("2025-06-18T09:10:00Z"), "submitted_before_release", at),
    ]).await?;
    // Written anew after its release: somebody must release it again.
    report.then(&im, "redraft", &json!({ "contentHash": hash('7') })).await?;
    life.refuses(&report, &[(Role::Im, "submit", placeholder.clone(), "not_released", "")]).await?;
    report.then(&life.by(Role::Tm), "release", &json!({})).await?;
    let input = json!({ "id": report.id, "receiptPlaceholder": "AP-1" });
    let payload = life.mutate(&im, "externalReportSubmit", input,
        "externalReport { status late submittedBy { name } release { by { name } } }
         refusal { __typename }").await?;
    assert_eq!(payload["externalReport"], json!({
        "status": "SUBMITTED", "late": false, "submittedBy": { "name": "The IM" },
        "release": { "by": { "name": "The TM" } },
    }));
    let receipt = json!({ "receipt": "AP-2025-77" });
    report.then(&life.by(Role::Sys), "record-receipt", &receipt).await?;
    life.refuses(&report, &[
        (Role::Im, "record-receipt", json!({ "receipt": "AP-78" }), "other_receipt", ""),
        (Role::Dpo, "withdraw", json!({ "reason": "x" }), "wrong_status", ""),
        (Role::Im, "submit", sent("2025-06-18T09:49:00Z"), "wrong_status", ""),
    ]).await?;
    let read = life.graph(&report, "status receipt due incident { title } rule").await?;
    assert_eq!(read, json!({
        "status": "ACKNOWLEDGED", "receipt": "AP-2025-77", "due": "2025-06-21T09:00:00.000000Z",
        "incident": { "title": "Wrong declines" }, "rule": GDPR,
    }));
});

story!(a_deadline_is_missed_and_the_report_comes_late, world => {
    let life = Life::running(&world).await?;
    let breach = breach(&life).await?;
    let report = draft(&life, &about(&breach, "initial")).await?;
    life.day("2025-06-22T09:00:00Z");
    report.then(&life.by(Role::Sys), "miss-deadline", &json!({})).await?;
    let read = report.now(&life.by(Role::Emp)).await?;
    assert_eq!(read["status"], "missed");
    report.then(&life.by(Role::Tm), "release", &json!({})).await?;
    let sent = json!({ "receiptPlaceholder": "AP-1" });
    let done = report.then(&life.by(Role::Im), "submit", &sent).await?;
    assert_eq!((&done["object"]["late"], &done["object"]["status"]),
        (&json!(true), &json!("submitted")));
    let meet = json!({ "rule": GDPR, "report": report.id });
    breach.then(&life.by(Role::Im), "meet-clock", &meet).await?;
    let history = breach.history(&life.by(Role::Emp)).await?;
    assert_eq!(history.last().unwrap()["data"]["late"], true);
});

story!(who_wrote_a_report_does_not_release_it_and_the_first_comes_first, world => {
    let life = Life::running(&world).await?;
    let breach = breach(&life).await?;
    let mut late = about(&breach, "initial");
    late["due"] = json!("2025-07-01T00:00:00Z");
    let path = "/v1/external-reports/draft";
    let answer = life.by(Role::Im).post(path, &late).await?;
    is_refusal(&world, "external_report", "due_after_clock", answer, "/due");
    let made = life.by(Role::Dpo).post(path, &about(&breach, "complete")).await?.created();
    let complete = Thing::of("external_report", made["id"].as_str().unwrap());
    life.refuses(&complete, &[(Role::Dpo, "release", json!({}), "releaser_is_author", "")]).await?;
    complete.then(&life.by(Role::Tm), "release", &json!({})).await?;
    let initial = draft(&life, &about(&breach, "initial")).await?;
    let sent = json!({ "receiptPlaceholder": "AP-1" });
    life.refuses(&complete, &[
        (Role::Dpo, "submit", sent.clone(), "initial_not_submitted", ""),
    ]).await?;
    let done = initial.then(&life.by(Role::Dpo), "withdraw", &json!({ "reason": "One is enough." }))
        .await?;
    assert_eq!(types(&done), ["external_report.withdrawn"]);
    complete.then(&life.by(Role::Dpo), "submit", &sent).await?;
});
