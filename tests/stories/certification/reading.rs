//! An auditor sees the records as of the ceiling of his engagement, whichever way he asks; and what
//! is his own as of now.

use annals_tests::{Client, story};
use event_store::AsOf;
use kernel::Role;
use serde_json::{Value, json};

use super::house::{CEILING, House, WITHIN, party, risk};
use crate::desk::Desk;
use crate::given;

/// The ids of a list.
async fn ids(who: &Client, path: &str) -> anyhow::Result<Vec<String>> {
    let list = who.get(path).await?.ok();
    let all = list["data"].as_array().unwrap().iter();
    Ok(all.map(|one| one["id"].as_str().unwrap().to_owned()).collect())
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

story!(nothing_after_the_ceiling_is_shown, world => {
    let house = House::opened(&world).await?;
    let system = given::system(&world, "CreditLens", false).await?;
    let known = risk(&world, "Unfair refusals", &system).await?;
    let early = party(&world, "Applicants", "2024-08-01T09:00:00Z").await?;
    let engagement = house.engaged(json!({})).await?;
    let log = world.app.store.log(&world.tenant);
    // After the ceiling a party joins, and the risk gets another title.
    let late = party(&world, "Latecomers", "2024-08-05T09:00:00Z").await?;
    let set = json!({ "corrects": 1, "reason": "A slip.", "set": { "title": "Other words" } });
    let risks = Desk::of(&world, "risk");
    risks.does(&world.as_(Role::Rm).at("2024-08-05T09:10:00Z"), "correct", &known, set).await?;
    let ceiling = log.resolve(AsOf::Time(CEILING.parse()?)).await?.position;
    let after = log.head().await?.unwrap().position;
    assert!(ceiling < after);

    let helen = house.helen(&engagement)?;
    let me = helen.get("/v1/me").await?.ok();
    assert_eq!((&me["roles"], &me["engagement"]), (&json!(["CBA"]), &json!(engagement)));
    assert_eq!(me["position"], json!(ceiling));
    assert_eq!(ids(&helen, "/v1/interested-parties").await?, [early.clone()]);
    let list = helen.get("/v1/interested-parties?total=true").await?;
    assert_eq!(list.headers["cache-control"], "no-store");
    assert_eq!(list.headers["annals-position"], ceiling.to_string());
    assert!(!list.headers.contains_key("etag"));
    assert_eq!(list.ok()["total"], 1);
    for path in [format!("/v1/interested-parties/{late}"), format!("/v1/interested-parties/{late}/history")] {
        helen.get(&path).await?.problem(404, "not_found");
    }
    let path = format!("/v1/risks/{known}");
    let shown = helen.get(&path).await?.ok();
    assert_eq!((shown["title"].as_str(), shown["version"].as_u64()), (Some("Unfair refusals"), Some(1)));
    assert_eq!(helen.get(&format!("{path}/history")).await?.ok()["data"].as_array().unwrap().len(), 1);
    helen.get(&format!("{path}?version=2")).await?.problem(404, "not_found");
    // What the newest records say is not found by search or filter either.
    assert_eq!(ids(&helen, "/v1/risks?search=other%20words").await?, [""; 0]);
    assert_eq!(ids(&helen, "/v1/risks?search=unfair").await?, [known.clone()]);
    assert_eq!(ids(&helen, "/v1/interested-parties?filter[name]=Latecomers").await?, [""; 0]);

    // A point after the ceiling is refused, one before it is answered; with or without the clock.
    for point in ["2024-08-05T00:00:00Z".to_owned(), after.to_string(), ceiling.next().to_string()] {
        for path in ["/v1/risks", &path, "/v1/events", &format!("{path}/history")] {
            helen.get(&format!("{path}?asOf={point}")).await?.problem(403, "beyond_ceiling");
        }
    }
    let then = helen.get(&format!("{path}?asOf={CEILING}")).await?;
    assert_eq!(then.headers["cache-control"], "no-store");
    then.ok();
    assert_eq!(ids(&helen, "/v1/interested-parties?asOf=1").await?, [""; 0]);
    // The page of somebody who sees further does not lead further.
    let more = party(&world, "Regulators", "2024-08-05T09:20:00Z").await?;
    let am = world.as_(Role::Am).get("/v1/interested-parties?limit=1").await?.ok();
    let cursor = am["next"].as_str().unwrap();
    let page = ids(&helen, &format!("/v1/interested-parties?limit=50&cursor={cursor}")).await?;
    assert!(!page.contains(&late) && !page.contains(&more), "{page:?}");

    // The log ends at the ceiling.
    let mut after_position = "0".to_owned();
    loop {
        let page = helen.get(&format!("/v1/events?limit=100&after={after_position}")).await?.ok();
        for event in page["data"].as_array().unwrap() {
            let position: u64 = event["position"].as_str().unwrap().parse()?;
            assert!(position <= ceiling.0 || event["object"] == json!(engagement), "{event}");
        }
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after_position),
            None => break,
        }
    }

    // GraphQL says the same.
    let query = "query($late: ID!, $risk: ID!) { aims { resolved { position } \
        interestedParties { totalCount nodes { id } } late: interestedParty(id: $late) { id } \
        risk(id: $risk) { title version history { type } \
            systems { id } } \
        events(first: 100) { nodes { position subjectId } } } \
        node(id: $late) { id } viewer { roles } }";
    let data = helen.graphql(query, json!({ "late": late, "risk": known })).await?;
    assert_eq!(data.headers["cache-control"], "no-store");
    let data = data.data();
    let aims = &data["aims"];
    assert_eq!(aims["resolved"]["position"], json!(ceiling));
    assert_eq!(aims["interestedParties"], json!({ "totalCount": 1, "nodes": [{ "id": early }] }));
    assert!(aims["late"].is_null() && data["node"].is_null());
    assert_eq!(aims["risk"]["title"], "Unfair refusals");
    assert_eq!(aims["risk"]["history"].as_array().unwrap().len(), 1);
    for event in aims["events"]["nodes"].as_array().unwrap() {
        let position: u64 = event["position"].as_str().unwrap().parse()?;
        assert!(position <= ceiling.0 || event["subjectId"] == json!(engagement), "{event}");
    }
    for question in [
        format!("{{ aims(asOf: {{position: \"{after}\"}}) {{ risks {{ nodes {{ id }} }} }} }}"),
        "{ aims(asOf: {time: \"2024-08-05T00:00:00Z\"}) { resolved { position } } }".to_owned(),
        format!("{{ node(id: \"{known}@{after}\") {{ id }} }}"),
        format!("{{ aims {{ risk(id: \"{known}\") {{ asOf(point: {{position: \"{after}\"}}) {{ title }} }} }} }}"),
    ] {
        let answer = helen.graphql(&question, json!({})).await?;
        assert_eq!(code(&answer.json), "beyond_ceiling", "{question}: {}", answer.text);
        assert!(!answer.text.contains("Other words"), "{}", answer.text);
    }
    let question = format!("{{ aims {{ risk(id: \"{known}\") {{ atVersion(version: 2) {{ title }} }} }} }}");
    let data = helen.graphql(&question, json!({})).await?.data();
    assert!(data["aims"]["risk"]["atVersion"].is_null(), "{data}");
    // A settled answer is not kept either.
    let past = format!("{{ aims(asOf: {{position: \"{}\"}}) {{ risks {{ nodes {{ id }} }} }} }}", ceiling.0 - 1);
    let past = helen.graphql(&past, json!({})).await?;
    assert_eq!(past.headers["cache-control"], "no-store");

    // A live engagement has no ceiling.
    let live = house.engaged(json!({ "asOfCeiling": null })).await?;
    let live = house.helen(&live)?;
    assert_eq!(ids(&live, "/v1/interested-parties").await?.len(), 3);
    assert_eq!(live.get(&path).await?.ok()["title"], "Other words");
});

story!(what_is_ones_own_is_shown_after_the_ceiling_too, world => {
    let house = House::opened(&world).await?;
    let early = party(&world, "Applicants", "2024-08-01T09:00:00Z").await?;
    let engagement = house.engaged(json!({})).await?;
    let other = house.engaged(json!({ "auditors": [house.otto] })).await?;
    let audit = house.audits(&engagement).await?;
    let helen = house.helen(&engagement)?;
    let findings = Desk::of(&world, "audit_finding");
    let concern = json!({
        "audit": audit, "grade": "area_of_concern", "requirement": "4.2",
        "title": "Needs are not written down", "statement": "Nobody could say what they need.",
        "objectiveEvidence": [{ "object": early, "note": "no requirement" }],
    });
    let finding = findings.make(&helen, "raise", concern).await?;
    let late = party(&world, "Latecomers", "2024-08-07T11:00:00Z").await?;

    // The organisation answers; and has other things of its own.
    let am = world.as_(Role::Am);
    findings.does(&am, "accept", &finding, json!({})).await?;
    let ncs = Desk::of(&world, "nonconformity");
    let nc = |origin: Value, source: &str| {
        let mut input = json!({ "source": source, "requirement": "4.2", "grade": "minor",
            "title": "Needs", "description": "They are not written down." });
        if !origin.is_null() {
            input["origin"] = origin;
        }
        input
    };
    let own = ncs.make(&am, "raise", nc(Value::Null, "manual")).await?;
    let answer = ncs.make(&am, "raise", nc(json!(finding), "finding")).await;
    let helen = helen.at("2024-08-08T10:00:00Z");
    assert_eq!(ids(&helen, "/v1/audit-findings").await?, [finding.clone()]);
    let shown = helen.get(&format!("/v1/audit-findings/{finding}")).await?.ok();
    assert_eq!(shown["status"], "accepted");
    let history = helen.get(&format!("/v1/audit-findings/{finding}/history")).await?.ok();
    assert_eq!(history["data"].as_array().unwrap().len(), 2);
    assert_eq!(ids(&helen, "/v1/certification-audits").await?, [audit.clone()]);
    assert_eq!(helen.get(&format!("/v1/certification-audits/{audit}")).await?.ok()["status"], "in_progress");
    assert!(ids(&helen, "/v1/auditor-engagements").await?.contains(&engagement));
    // An area of concern is no nonconformity; what answers a finding is shown, the rest is not.
    let answers: Vec<_> = answer.into_iter().collect();
    assert_eq!(ids(&helen, "/v1/nonconformities").await?, answers);
    helen.get(&format!("/v1/nonconformities/{own}")).await?.problem(404, "not_found");
    // From her own she does not get to what came later.
    let query = "query($id: ID!) { aims { auditFinding(id: $id) { status version \
        objectiveEvidence { object { ... on InterestedParty { id name } } } } \
        auditFindings { totalCount } certificationAudits { nodes { id } } \
        interestedParties { nodes { id } } events(first: 100) { nodes { type subjectId } } } }";
    let data = helen.graphql(query, json!({ "id": finding })).await?.data();
    assert_eq!(data["aims"]["auditFinding"]["status"], "ACCEPTED");
    assert_eq!(data["aims"]["auditFinding"]["objectiveEvidence"][0]["object"]["id"], json!(early));
    assert_eq!(data["aims"]["auditFindings"]["totalCount"], 1);
    assert_eq!(data["aims"]["interestedParties"]["nodes"], json!([{ "id": early }]));
    let seen = data["aims"]["events"]["nodes"].as_array().unwrap();
    assert!(seen.iter().any(|event| event["subjectId"] == json!(finding)));
    assert!(!seen.iter().any(|event| event["subjectId"] == json!(late)));
    // The feed of REST has her own events after the ceiling.
    let feed = helen.get("/v1/events?type=audit_finding.accepted").await?.ok();
    assert_eq!(feed["data"].as_array().unwrap().len(), 1);
    // As of a point she has it as it stood then: not yet.
    helen.get(&format!("/v1/audit-findings/{finding}?asOf={CEILING}")).await?.problem(404, "not_found");
    // Otto's engagement with the same body does not see them as his own.
    let otto = house.under(&house.otto, &other)?.at("2024-08-08T11:00:00Z");
    for path in [format!("/v1/audit-findings/{finding}"), format!("/v1/certification-audits/{audit}"),
        format!("/v1/auditor-engagements/{engagement}")] {
        let found = otto.get(&path).await?;
        if path.contains("engagement") { found.ok(); } else { found.problem(404, "not_found"); }
    }
    assert_eq!(WITHIN.len(), CEILING.len());
});
