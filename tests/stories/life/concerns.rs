//! Concerns of members: confided to a handler, who alone reads and answers them.

use annals_tests::{Client, World, story};
use kernel::Role;
use serde_json::{Value, json};

use super::world::{Life, Thing, is_refusal, make, types};

/// A channel that the AM handles.
pub async fn channel(world: &World, audience: &str) -> anyhow::Result<Thing> {
    let input = json!({
        "audience": audience, "title": "Speak up", "handlers": [world.as_(Role::Am).user],
        "acceptsAnonymous": audience == "external", "languages": ["nl"],
    });
    let am = world.as_(Role::Am).at("2024-09-02T09:00:00Z");
    Ok(make(world, &am, "reporting_channel", &input).await?.0)
}

/// A concern that the EMP reports, by name.
async fn reported(life: &Life<'_>, more: Value) -> anyhow::Result<Thing> {
    let channel = channel(life.world, "internal").await?;
    let mut input = json!({
        "channel": channel.id, "text": "My manager games the scores.", "anonymous": false,
        "system": life.system.id,
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Ok(make(life.world, &life.by(Role::Emp), "concern", &input).await?.0)
}

/// The text of a concern as somebody reads it in four places.
async fn readings(by: &Client, concern: &Thing) -> anyhow::Result<Vec<Value>> {
    let now = concern.now(by).await?["text"].clone();
    let event = concern.history(by).await?[0].clone();
    let feed = by.get("/v1/events?type=concern.reported").await?.ok()["data"][0].clone();
    let patched = |event: &Value| {
        let text = event["patch"].to_string();
        json!(if text.contains("My manager") { "shown" } else { "hidden" })
    };
    Ok(vec![
        now,
        event["data"]["text"].clone(),
        feed["data"]["text"].clone(),
        patched(&event),
        patched(&feed),
    ])
}

/// What GraphQL says of the text, and of it in the events.
async fn graph(by: &Client, concern: &Thing) -> anyhow::Result<Value> {
    let query = "query($id: ID!) { node(id: $id) { ... on Concern {
        text history(first: 1) { reason data patch } } } }";
    Ok(by.graphql(query, json!({ "id": concern.id })).await?.data()["node"].take())
}

story!(only_its_handler_reads_a_concern, world => {
    let life = Life::begun(&world).await?;
    let concern = reported(&life, json!({ "reason": "My manager will not listen." })).await?;
    let (am, tm, dpo) = (life.by(Role::Am), life.by(Role::Tm), life.by(Role::Dpo));
    let text = json!("My manager games the scores.");
    let hidden = json!({ "withheld": true });
    let shown = [text.clone(), text.clone(), text.clone(), json!("shown"), json!("shown")];
    let kept = [hidden.clone(), hidden.clone(), hidden.clone(), json!("hidden"), json!("hidden")];
    assert_eq!(readings(&am, &concern).await?, shown);
    for by in [&tm, &dpo, &life.by(Role::Im)] {
        assert_eq!(readings(by, &concern).await?, kept);
        assert_eq!(graph(by, &concern).await?["text"], Value::Null);
        let history = concern.history(by).await?;
        assert_eq!(history[0]["reason"], hidden);
        let answer = by.get("/v1/events").await?;
        assert!(!answer.text.contains("My manager"), "{}", answer.text);
    }
    let told = graph(&am, &concern).await?.to_string();
    assert!(told.contains("games the scores"), "{told}");
    let untold = graph(&tm, &concern).await?.to_string();
    assert!(!untold.contains("My manager"), "{untold}");
    // Nobody else learns even that it exists.
    let path = format!("/v1/concerns/{}", concern.id);
    for role in [Role::Adm, Role::So, Role::Emp, Role::Aud] {
        life.by(role).get(&path).await?.problem(403, "forbidden");
        let feed = life.by(role).get("/v1/events?type=concern.reported").await?;
        assert!(!feed.text.contains(&concern.id), "{}", feed.text);
    }
    // After the handler has changed the new one reads and the old one does not, also the past.
    let assign = json!({ "handler": life.by(Role::Dpo).user });
    concern.then(&tm, "assign-handler", &assign).await?;
    assert_eq!(readings(&dpo, &concern).await?, shown);
    assert_eq!(readings(&am, &concern).await?, kept);
    let before = am.get(&format!("{path}?version=1")).await?.ok();
    assert_eq!(before["text"], hidden);
});

story!(a_concern_is_looked_into_answered_and_closed, world => {
    let life = Life::begun(&world).await?;
    let concern = reported(&life, json!({})).await?;
    let (am, none) = (life.by(Role::Am), json!({}));
    let by_am = |verb: &'static str, input: Value, code: &'static str| {
        (Role::Am, verb, input, code, "")
    };
    life.refuses(&concern, &[
        by_am("start-review", json!({}), "conflict_not_checked"),
        by_am("reply", json!({ "text": "x" }), "conflict_not_checked"),
        (Role::Tm, "acknowledge", json!({}), "not_the_handler", ""),
        (Role::Dpo, "close", json!({}), "not_the_handler", ""),
        (Role::Im, "add-message", json!({ "text": "x" }), "not_the_handler", ""),
    ]).await?;
    concern.then(&am, "acknowledge", &none).await?;
    concern.then(&am, "record-conflict-check", &json!({ "conflict": false })).await?;
    life.refuses(&concern, &[by_am("resolve", json!({ "outcome": "x" }), "wrong_status")]).await?;
    concern.then(&am, "start-review", &none).await?;
    let emp = life.by(Role::Emp);
    concern.then(&emp, "add-message", &json!({ "text": "It goes on." })).await?;
    concern.then(&emp, "flag-retaliation", &json!({ "text": "I was moved." })).await?;
    let incident = json!({
        "title": "Gamed scores", "description": "x", "awareAt": "2024-09-02T08:00:00Z",
        "category": "misuse", "severity": "minor",
    });
    let incident = life.makes(&emp, "incident", &incident).await?;
    let escalate = |to: &Thing| json!({ "to": to.id, "reason": "It is one." });
    life.refuses(&concern, &[
        (Role::Am, "escalate", escalate(&life.system), "not_an_escalation", "/to"),
    ]).await?;
    concern.then(&am, "escalate", &escalate(&incident)).await?;
    concern.then(&am, "resolve", &json!({ "outcome": "Scores were set right." })).await?;
    life.refuses(&concern, &[by_am("close", json!({}), "not_answered")]).await?;
    life.day("2024-09-04T09:00:00Z");
    let am = life.by(Role::Am);
    let payload = life.mutate(&am, "concernReply",
        json!({ "id": concern.id, "text": "Thank you; it was so." }),
        "concern { status messages { from text } } refusal { __typename }").await?;
    assert_eq!(payload["concern"], json!({ "status": "RESOLVED", "messages": [
        { "from": "REPORTER", "text": "It goes on." },
        { "from": "HANDLER", "text": "Thank you; it was so." },
    ] }));
    let done = concern.then(&am, "close", &none).await?;
    assert_eq!(types(&done), ["concern.closed"]);
    let read = life.graph(&concern, "status retaliationFlag outcome reporter { name }
        escalatedTo { id } handler { name }").await?;
    assert_eq!(read, json!({
        "status": "CLOSED", "retaliationFlag": true, "outcome": "Scores were set right.",
        "reporter": { "name": "The EMP" }, "escalatedTo": [{ "id": incident.id }],
        "handler": { "name": "The AM" },
    }));
    life.refuses(&concern, &[
        by_am("add-message", json!({ "text": "x" }), "wrong_status"),
        by_am("reply", json!({ "text": "x" }), "wrong_status"),
        by_am("escalate", json!({ "to": life.system.id, "reason": "x" }), "wrong_status"),
    ]).await?;
});

story!(whom_a_concern_names_does_not_handle_it, world => {
    let life = Life::begun(&world).await?;
    let user = |role: Role| life.by(role).user;
    let named = json!({ "about": [user(Role::Am), user(Role::Tm)] });
    let concern = reported(&life, named).await?;
    let read = concern.now(&life.by(Role::Dpo)).await?;
    assert_eq!((&read["handler"], &read["conflict"]), (&Value::Null, &json!(true)));
    let both = json!({ "roles": ["AM"] });
    let admin = world.as_(Role::Adm).at("2024-09-02T09:00:00Z");
    let path = format!("/v1/memberships/{}/change-roles", world.membership(Role::Sm));
    admin.post(&path, &both).await?.ok();
    let path = format!("/v1/memberships/{}/change-roles", world.membership(Role::Emp));
    admin.post(&path, &both).await?.ok();
    let assign = |role: Role| json!({ "handler": user(role) });
    let (verb, at) = ("assign-handler", "/handler");
    life.refuses(&concern, &[
        (Role::Tm, verb, assign(Role::Dpo), "assigner_is_named", ""),
        (Role::Sm, verb, assign(Role::Am), "handler_is_named", at),
        (Role::Sm, verb, assign(Role::Emp), "handler_is_reporter", at),
        (Role::Sm, verb, assign(Role::Dev), "handler_cannot_act", at),
    ]).await?;
    let sm = life.by(Role::Sm);
    concern.then(&sm, verb, &assign(Role::Dpo)).await?;
    life.refuses(&concern, &[(Role::Sm, verb, assign(Role::Sm), "taken_from_handler", at)]).await?;
    // A handler who has an interest gives it back for good.
    let conflict = json!({ "conflict": true, "note": "A friend." });
    concern.then(&life.by(Role::Dpo), "record-conflict-check", &conflict).await?;
    life.refuses(&concern, &[(Role::Sm, verb, assign(Role::Dpo), "handler_has_conflict", at)])
        .await?;
    concern.then(&sm, verb, &assign(Role::Im)).await?;
    let itself = json!({ "conflict": false, "named": [user(Role::Im)] });
    concern.then(&life.by(Role::Im), "record-conflict-check", &itself).await?;
    assert_eq!(concern.now(&sm).await?["handler"], Value::Null);
});

story!(a_session_reports_by_name_or_not_at_all, world => {
    let life = Life::begun(&world).await?;
    let inside = channel(&world, "internal").await?;
    let gone = channel(&world, "internal").await?;
    gone.then(&life.by(Role::Im), "withdraw", &json!({ "reason": "Unused." })).await?;
    let input = |channel: &Thing, anonymous: bool| {
        json!({ "channel": channel.id, "text": "Something.", "anonymous": anonymous })
    };
    let mut receipt = input(&inside, false);
    receipt["receiptHash"] = json!("a".repeat(64));
    for (input, code, at) in [
        (input(&inside, true), "session_reveals_reporter", "/anonymous"),
        (receipt, "receipt_of_member", "/receiptHash"),
        (input(&gone, false), "no_open_channel", "/channel"),
    ] {
        let answer = life.by(Role::Emp).post("/v1/concerns", &input).await?;
        is_refusal(&world, "concern", code, answer, at);
    }
});

story!(channels_are_published_changed_and_withdrawn, world => {
    let life = Life::begun(&world).await?;
    let im = life.by(Role::Im);
    let offer = |more: Value| {
        let mut input = json!({
            "title": "Speak up", "handlers": [life.by(Role::Am).user], "acceptsAnonymous": true,
        });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let publish = |more: Value| {
        let mut input = offer(more);
        input["audience"] = json!("internal");
        input
    };
    for (more, code, at) in [
        (json!({ "handlers": [] }), "no_handler", "/handlers"),
        (json!({ "handlers": [life.by(Role::Dev).user] }), "handler_cannot_act", "/handlers"),
        (json!({ "publicUrl": "http://x.example" }), "no_web_address", "/publicUrl"),
        (json!({ "ackDays": 8 }), "acknowledged_too_late", "/ackDays"),
        (json!({ "answerDays": 91 }), "answered_too_late", "/answerDays"),
        (json!({ "ackDays": 5, "answerDays": 4 }), "answered_too_late", "/answerDays"),
    ] {
        life.makes_no(&im, "reporting_channel", &publish(more), code, at).await?;
    }
    let (channel, made) = make(&world, &im, "reporting_channel", &publish(json!({}))).await?;
    let ty = "reporting_channel.internal_reporting_channel_published";
    assert_eq!(types(&made), [ty]);
    channel.then(&im, "change", &offer(json!({ "ackDays": 3, "answerDays": 30 }))).await?;
    let read = life.graph(&channel, "status audience ackDays answerDays handlers { name }").await?;
    assert_eq!(read, json!({
        "status": "PUBLISHED", "audience": "INTERNAL", "ackDays": 3, "answerDays": 30,
        "handlers": [{ "name": "The AM" }],
    }));
    let payload = life.mutate(&im, "reportingChannelWithdraw",
        json!({ "id": channel.id, "reason": "Another one." }),
        "reportingChannel { status withdrawal } refusal { __typename }").await?;
    assert_eq!(payload["reportingChannel"], json!({
        "status": "WITHDRAWN", "withdrawal": "Another one.",
    }));
    life.refuses(&channel, &[
        (Role::Im, "change", offer(json!({ "ackDays": 1 })), "channel_withdrawn", ""),
    ]).await?;
});

story!(who_reports_by_graphql_hears_that_it_happened_and_no_more, world => {
    let life = Life::begun(&world).await?;
    let channel = channel(&world, "internal").await?;
    let input = json!({ "channel": channel.id, "text": "My manager games the scores.", "anonymous": false });
    let query = "mutation($input: ConcernReportInput!) { concernReport(input: $input) {
        version refusal { __typename } events { type subjectId data patch } } }";
    let emp = life.by(Role::Emp);
    let data = emp.graphql(query, json!({ "input": input })).await?.data();
    let payload = &data["concernReport"];
    assert_eq!((&payload["version"], &payload["refusal"]), (&json!(1), &Value::Null));
    let event = &payload["events"][0];
    assert_eq!(event["type"], "concern.reported");
    assert_eq!((&event["data"], &event["patch"]), (&Value::Null, &Value::Null), "{event}");
    let id = event["subjectId"].as_str().unwrap();
    emp.get(&format!("/v1/concerns/{id}")).await?.problem(403, "forbidden");
    // Its handler, who reads it, is told what his own command changed.
    let query = "mutation($input: ConcernAcknowledgeInput!) { concernAcknowledge(input: $input) {
        refusal { __typename } events { type patch } } }";
    let am = life.by(Role::Am);
    let data = am.graphql(query, json!({ "input": { "id": id } })).await?.data();
    let events = &data["concernAcknowledge"]["events"];
    assert!(events[0]["patch"].is_array(), "{data}");
});
