//! Concerns from outside: without a token, without a name, answered by a receipt.

use std::num::NonZeroU32;

use annals_tests::{World, story};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::concerns::channel;
use super::world::{Life, Thing, is_refusal, make, pointer};

/// Where outsiders find a channel of the tenant.
fn at(world: &World, channel: &Thing) -> String {
    format!("/v1/public/{}/reporting-channels/{}", world.tenant, channel.id)
}

fn receipts(world: &World) -> String {
    format!("/v1/public/{}/receipts", world.tenant)
}

/// An external channel, and a concern reported through it: receipt and concern.
async fn reported(life: &Life<'_>, input: &Value) -> anyhow::Result<(String, Thing, Thing)> {
    let world = life.world;
    let channel = channel(world, "external").await?;
    let path = format!("{}/concerns", at(world, &channel));
    let shown = world.nobody().post(&path, input).await?.created();
    let receipt = shown["receipt"].as_str().unwrap().to_owned();
    let all = life.by(Role::Am).get("/v1/concerns").await?.ok();
    let concern = Thing::of("concern", all["data"][0]["id"].as_str().unwrap());
    Ok((receipt, concern, channel))
}

story!(an_outsider_reports_without_a_name_and_is_answered, world => {
    let life = Life::begun(&world).await?;
    let input = json!({ "text": "I was declined for my name.", "system": life.system.id });
    let (receipt, concern, channel) = reported(&life, &input).await?;
    assert!(receipt.starts_with("rcp_") && receipt.len() == 30, "{receipt}");
    let shown = world.nobody().get(&at(&world, &channel)).await?.ok();
    assert_eq!(shown, json!({
        "id": channel.id, "title": "Speak up", "audience": "external", "languages": ["nl"],
        "acceptsAnonymous": true, "ackDays": 7, "answerDays": 90,
    }));
    // Nothing of the caller is kept, and nowhere does the receipt stand.
    let am = life.by(Role::Am);
    let read = concern.now(&am).await?;
    assert_eq!((&read["anonymous"], &read["origin"]), (&json!(true), &json!("external")));
    assert_eq!((&read["reporter"], &read["contact"]), (&Value::Null, &Value::Null));
    let event = &concern.history(&am).await?[0];
    assert_eq!((&event["role"], &event["actor"]), (&json!("EXT"), &json!("rea_intake")));
    assert!(!event.to_string().contains("127.0.0.1"), "{event}");
    let log = world.app.store.log(&world.tenant);
    let all = log.events(kernel::Position::START, kernel::Position(1 << 40), 1000).await?;
    for event in all {
        let header = String::from_utf8(event.row.header)?;
        let payload = String::from_utf8(event.row.payload)?;
        for secret in [&receipt[..], "127.0.0.1", "declined for my name"] {
            assert!(!header.contains(secret) && !payload.contains(secret), "{payload}");
        }
    }
    // Both sides talk.
    let (path, own) = (receipts(&world), json!({ "receipt": receipt }));
    let nobody = world.nobody();
    let answer = nobody.post(&path, &own).await?;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.ok()["status"], "received");
    concern.then(&am, "acknowledge", &json!({})).await?;
    concern.then(&am, "record-conflict-check", &json!({ "conflict": false })).await?;
    let more = json!({ "receipt": receipt, "text": "So was my sister." });
    let messages = format!("{path}/messages");
    nobody.post(&messages, &more).await?.ok();
    life.day("2024-09-04T09:00:00Z");
    let am = life.by(Role::Am);
    concern.then(&am, "reply", &json!({ "text": "We have looked at both." })).await?;
    let harmed = json!({ "receipt": receipt, "text": "They called me.", "retaliation": true });
    let shown = nobody.post(&messages, &harmed).await?.ok();
    assert_eq!(shown["retaliationFlag"], true);
    let shown = nobody.post(&path, &own).await?.ok();
    assert_eq!(shown["status"], "acknowledged");
    let said: Vec<_> = shown["messages"].as_array().unwrap().iter()
        .map(|message| (message["from"].as_str().unwrap(), message["text"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [
        ("reporter", "So was my sister."), ("handler", "We have looked at both."),
    ]);
    assert_eq!(shown["handler"], Value::Null);
    let read = concern.now(&am).await?;
    assert_eq!(read["retaliation"]["text"], "They called me.");
    // Others of those who may see that there is one read none of it.
    let text = life.by(Role::Tm).get(&format!("/v1/concerns/{}", concern.id)).await?.text;
    for word in ["sister", "called me", "looked at both", "declined"] {
        assert!(!text.contains(word), "{text}");
    }
});

story!(a_session_leaves_no_trace_in_what_comes_from_outside, world => {
    let life = Life::begun(&world).await?;
    let outside = channel(&world, "external").await?;
    let path = format!("{}/concerns", at(&world, &outside));
    let emp = world.as_(Role::Emp);
    let input = json!({ "text": "From within.", "contact": "me@example.org", "anonymous": false });
    emp.post(&path, &input).await?.created();
    let all = life.by(Role::Am).get("/v1/concerns").await?.ok();
    let concern = Thing::of("concern", all["data"][0]["id"].as_str().unwrap());
    let am = life.by(Role::Am);
    let read = concern.now(&am).await?;
    assert_eq!((&read["contact"], &read["reporter"]), (&json!("me@example.org"), &Value::Null));
    let told = concern.history(&am).await?[0].to_string();
    assert!(!told.contains(&emp.user), "{told}");
    let withheld = concern.now(&life.by(Role::Im)).await?;
    assert_eq!(withheld["contact"], json!({ "withheld": true }));
    // A simulated clock stays where members have put it.
    assert!(read["receivedAt"].as_str().unwrap().starts_with("2024-09-02"), "{read}");
    emp.at("2030-01-01T00:00:00Z").post(&path, &input).await?.problem(400, "invalid_header");
});

story!(what_outsiders_may_not_know_is_not_there, world => {
    let life = Life::begun(&world).await?;
    let input = json!({ "text": "Something." });
    let (receipt, _, outside) = reported(&life, &input).await?;
    let nobody = world.nobody();
    let inside = channel(&world, "internal").await?;
    nobody.get(&at(&world, &inside)).await?.problem(404, "not_found");
    let answer = nobody.post(&format!("{}/concerns", at(&world, &inside)), &input).await?;
    is_refusal(&world, "concern", "channel_is_internal", answer, "/channel");
    let theirs = at(&world, &outside).replace(&world.tenant.to_string(), world.stranger.as_str());
    let nowhere = at(&world, &outside).replace(&world.tenant.to_string(), "tnt_x");
    let gone = channel(&world, "external").await?;
    gone.then(&life.by(Role::Am), "withdraw", &json!({ "reason": "Unused." })).await?;
    let ghost = at(&world, &Thing::of("reporting_channel", "rch_00000000000000000000000000"));
    let system = at(&world, &life.system);
    for path in [theirs, nowhere, at(&world, &gone), ghost, system] {
        nobody.get(&path).await?.problem(404, "not_found");
        nobody.post(&format!("{path}/concerns"), &input).await?.problem(404, "not_found");
    }
    let (path, own) = (receipts(&world), json!({ "receipt": receipt }));
    let others = path.replace(&world.tenant.to_string(), world.stranger.as_str());
    nobody.post(&others, &own).await?.problem(404, "not_found");
    for wrong in ["rcp_00000000000000000000000000", "", "x", &receipt[..29], &"r".repeat(9_000)] {
        let wrong = json!({ "receipt": wrong });
        nobody.post(&path, &wrong).await?.problem(404, "not_found");
        let mut message = wrong;
        message["text"] = json!("Let me in.");
        nobody.post(&format!("{path}/messages"), &message).await?.problem(404, "not_found");
    }
    nobody.post(&path, &own).await?.ok();
    nobody.get("/v1/concerns").await?.problem(401, "unauthenticated");
});

story!(what_outsiders_send_is_looked_at_like_any_input, world => {
    let life = Life::begun(&world).await?;
    let (receipt, _, outside) = reported(&life, &json!({ "text": "Something." })).await?;
    let nobody = world.nobody();
    let path = format!("{}/concerns", at(&world, &outside));
    for (input, code, at) in [
        (json!({}), "missing", "/text"),
        (json!({ "text": "x", "about": [] }), "unknown_field", "/about"),
        (json!({ "text": "x", "receiptHash": "a".repeat(64) }), "unknown_field", "/receiptHash"),
        (json!({ "text": "x", "reason": "x" }), "unknown_field", "/reason"),
        (json!({ "text": 7 }), "wrong_type", "/text"),
        (json!({ "text": "x", "anonymous": "yes" }), "wrong_type", "/anonymous"),
        (json!({ "text": "x", "system": "sys_00000000000000000000000000" }),
            "unknown_reference", "/system"),
    ] {
        let problem = nobody.post(&path, &input).await?.problem(422, "invalid_input");
        assert_eq!(pointer(&problem), at, "{problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
    let huge = json!({ "text": "x".repeat(70_000) });
    nobody.post(&path, &huge).await?.problem(413, "too_large");
    let send = |media: &'static str, body: &'static str| {
        nobody.send(Method::POST, &path, Some((media, body.into())))
    };
    send("text/plain", "{}").await?.problem(415, "unsupported_media_type");
    send("application/json", "[]").await?.problem(400, "malformed_json");
    send("application/json", "{\"text\": \"a\", \"text\": \"b\"}").await?
        .problem(400, "malformed_json");
    nobody.get(&path).await?.problem(405, "method_not_allowed");
    nobody.get(&format!("{}?x=1", at(&world, &outside))).await?.problem(400, "invalid_query");
    let messages = format!("{}/messages", receipts(&world));
    for (input, at) in [
        (json!({ "receipt": receipt }), "/text"),
        (json!({ "text": "x" }), "/receipt"),
        (json!({ "receipt": 1, "text": "x" }), "/receipt"),
        (json!({ "receipt": receipt, "text": "x", "retaliation": 1 }), "/retaliation"),
        (json!({ "receipt": receipt, "text": "x", "from": "handler" }), "/from"),
    ] {
        let problem = nobody.post(&messages, &input).await?.problem(422, "invalid_input");
        assert_eq!(pointer(&problem), at, "{problem}");
    }
    let named = json!({
        "audience": "external", "title": "By name", "acceptsAnonymous": false,
        "handlers": [life.by(Role::Am).user],
    });
    let (named, _) = make(&world, &life.by(Role::Im), "reporting_channel", &named).await?;
    let path = format!("{}/concerns", at(&world, &named));
    let answer = nobody.post(&path, &json!({ "text": "x" })).await?;
    is_refusal(&world, "concern", "channel_names_reporters", answer, "/anonymous");
    for n in 0..50 {
        let more = json!({ "receipt": receipt, "text": format!("Message {n}") });
        nobody.post(&messages, &more).await?.ok();
    }
    let more = json!({ "receipt": receipt, "text": "One too many" });
    let answer = nobody.post(&messages, &more).await?;
    is_refusal(&world, "concern", "too_many_messages", answer, "");
});

story!(outsiders_call_so_many_times_a_minute, world, |settings| {
    settings.public_per_minute = NonZeroU32::MIN;
} => {
    let outside = channel(&world, "external").await?;
    let path = at(&world, &outside);
    let mut wait = None;
    for n in 0..20 {
        let answer = world.nobody().get(&path).await?;
        if answer.status.as_u16() == 429 {
            assert_eq!(n, 10, "a burst of ten is let through");
            wait = answer.headers.get("retry-after").cloned();
            answer.problem(429, "rate_limited");
            break;
        }
        answer.ok();
    }
    let seconds: u64 = wait.unwrap().parse()?;
    assert!((1..=61).contains(&seconds), "{seconds}");
    // Whatever is asked for counts, a wrong receipt too; members are not held up.
    let wrong = json!({ "receipt": "rcp_x" });
    world.nobody().post(&receipts(&world), &wrong).await?.problem(429, "rate_limited");
    world.as_(Role::Emp).get("/v1/me").await?.ok();
});
