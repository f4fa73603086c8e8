//! An engagement from its request to its end, and what it refuses.

use annals_tests::story;
use kernel::Role;
use serde_json::{Value, json};

use super::house::{House, party, registered};
use crate::desk::Desk;

story!(an_engagement_is_asked_for_granted_lengthened_and_over, world => {
    let house = House::opened(&world).await?;
    let desk = Desk::of(&world, "auditor_engagement");
    let (am, tm, sys) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Sys));
    let id = desk.make(&am, "request", house.terms(json!({}))).await?;
    desk.does(&tm, "grant", &id, json!({})).await?;
    let shown = desk.shown(&id, "").await?;
    assert_eq!(shown["status"], "granted");
    assert_eq!(shown["bodyName"], "CertNova");
    assert_eq!(shown["accreditation"], "Raad voor Accreditatie C 042");
    // Names of the body's people are copied, with where they were read.
    assert_eq!(shown["people"][&house.helen]["name"], "Helen Okafor");
    let platform = world.app.store.log(&identity::tenant::platform()).head().await?.unwrap();
    assert_eq!(shown["seen"], json!({ "log": platform.log, "position": platform.position }));
    desk.does(&sys.at("2024-08-05T00:05:00Z"), "activate", &id, json!({})).await?;
    let extend = json!({ "to": "2024-08-23", "asOfCeiling": "2024-08-06T12:00:00Z",
        "reason": "One more site." });
    desk.does(&tm.at("2024-08-06T13:00:00Z"), "extend", &id, extend).await?;
    let redact = json!({ "objectKind": "concern", "reason": "Reporters were promised silence." });
    desk.does(&tm, "redact", &id, redact).await?;
    let shown = desk.read(&id, "", "status window { to } asOfCeiling redactions { key objectKind reason }").await?;
    assert_eq!(shown["window"]["to"], "2024-08-23");
    assert_eq!(shown["redactions"][0]["reason"], "Reporters were promised silence.");
    let key = shown["redactions"][0]["key"].clone();
    let lift = json!({ "key": key, "reason": "They have agreed." });
    desk.does(&tm, "lift_redaction", &id, lift).await?;
    desk.does(&sys.at("2024-08-24T00:05:00Z"), "expire", &id, json!({})).await?;
    let types: Vec<_> = ["requested", "granted", "activated", "extended", "redacted",
        "redaction_lifted", "expired"].map(|event| format!("auditor_engagement.{event}")).into();
    assert_eq!(desk.events(&id).await?, types);
});

story!(what_an_engagement_refuses, world => {
    let house = House::opened(&world).await?;
    let mut desk = Desk::of(&world, "auditor_engagement");
    let (am, tm, sys) = (world.as_(Role::Am), world.as_(Role::Tm), world.as_(Role::Sys));
    let request = |more: Value| house.terms(more);
    let window = |from: &str, to: &str| json!({ "window": { "from": from, "to": to } });
    let lapsed = registered(&world, "Bare Ltd").await?;
    let tenant = world.tenant.to_string();
    for (more, expected) in [
        (json!({ "auditors": [] }), "422 no_auditor /auditors"),
        (json!({ "auditors": [house.miriam] }), "422 not_an_auditor /auditors"),
        (json!({ "body": lapsed, "auditors": [house.helen] }), "422 not_an_auditor /auditors"),
        (window("2024-08-16", "2024-08-05"), "422 window_ends_first /window/to"),
        (window("2024-06-03", "2024-06-14"), "422 window_in_the_past /window/to"),
        (window("2024-08-05", "2024-09-04"), "422 window_too_long /window/to"),
        (json!({ "asOfCeiling": "2024-08-17T00:00:00Z" }), "422 ceiling_after_window /asOfCeiling"),
        (json!({ "redactions": [{ "reason": "?" }] }), "422 object_or_kind /object"),
        (json!({ "redactions": [{ "objectKind": "risks", "reason": "?" }] }),
            "422 unknown_kind /objectKind"),
        (json!({ "redactions": [{ "objectKind": "sample", "reason": "?" }] }), "422 cannot_be_hidden"),
    ] {
        desk.refuse(&am, "request", "", request(more), expected).await?;
    }
    // An auditor who advised the organisation, is a member of it, or has declared nothing.
    let unready = event_store::store::new_id("usr")?;
    let person = json!({ "user": unready, "name": "New", "role": "auditor", "competences": [] });
    house.operates("add-person", &person).await?.ok();
    let new = json!({ "auditors": [unready] });
    desk.refuse(&am, "request", "", request(new), "422 not_impartial /auditors").await?;
    let advice = json!({ "user": house.otto, "client": tenant, "until": "2023-07-01" });
    house.operates("record-consultancy", &advice).await?.ok();
    let otto = json!({ "auditors": [house.otto] });
    desk.refuse(&am, "request", "", request(otto), "422 auditor_advised /auditors").await?;
    house.adds(&world.as_(Role::Dev).user, "The DEV", "auditor").await?;
    let dev = json!({ "auditors": [world.as_(Role::Dev).user] });
    desk.refuse(&am, "request", "", request(dev), "422 auditor_is_member /auditors").await?;
    // A body whose accreditation does not hold on the day.
    let early = json!({ "accreditor": "RvA", "number": "C 1", "validFrom": "2024-07-02",
        "validUntil": "2039-12-31",
        "scope": ["ISO/IEC 17021-1", "ISO/IEC 42001", "ISO/IEC 42006"] });
    house.operates("record-accreditation", &early).await?.ok();
    let day_one = am.at("2024-07-01T23:00:00Z");
    let expected = "422 not_accredited /accredited";
    desk.refuse(&day_one, "request", "", request(json!({})), expected).await?;

    // Who asks does not grant; and each step has its time.
    let both = json!({ "roles": ["AM", "TM"] });
    let adm = Desk::of(&world, "membership");
    adm.does(&world.as_(Role::Adm), "change_roles", &world.membership(Role::Am), both).await?;
    let asked = desk.make(&am.at("2024-07-29T09:00:00Z"), "request", request(json!({}))).await?;
    desk.refuse(&am, "grant", &asked, json!({}), "409 granter_asked_for_it").await?;
    let late = tm.at("2024-08-17T09:00:00Z");
    desk.refuse(&late, "grant", &asked, json!({}), "409 window_over").await?;
    desk.refuse(&sys, "activate", &asked, json!({}), "409 not_now").await?;
    desk.does(&tm, "grant", &asked, json!({})).await?;
    desk.refuse(&sys, "activate", &asked, json!({}), "409 window_not_begun").await?;
    let on = sys.at("2024-08-16T09:00:00Z");
    desk.refuse(&on, "expire", &asked, json!({}), "409 window_open").await?;
    let extend = |to: &str, ceiling: &str| {
        json!({ "to": to, "asOfCeiling": ceiling, "reason": "More." })
    };
    let expected = "422 not_later /to";
    desk.refuse(&tm, "extend", &asked, extend("2024-08-10", "2024-08-05T00:00:00Z"), expected).await?;
    let lift = json!({ "key": "redaction_x", "reason": "?" });
    desk.refuse(&tm, "lift_redaction", &asked, lift, "422 no_such_redaction /key").await?;
    desk.refuse_corrections(&am, &asked, "purpose").await?;

    // What was sampled is not withheld any more.
    let applicants = party(&world, "Applicants", "2024-08-02T09:00:00Z").await?;
    let helen = house.helen(&asked)?;
    Desk::of(&world, "sample").make(&helen, "take", json!({ "object": applicants })).await?;
    let hide = json!({ "object": applicants, "reason": "Too late." });
    desk.refuse(&tm, "redact", &asked, hide, "409 sampled").await?;

    // So often it is extended, and so much is withheld.
    for n in 0..24 {
        let to = format!("2024-08-{:02}", 17 + n % 14);
        let to = if n < 14 { to } else { format!("2024-09-{:02}", n - 13) };
        let extend = json!({ "to": to, "reason": "A day more." });
        desk.does(&tm, "extend", &asked, extend).await?;
    }
    let extend = json!({ "to": "2024-09-20", "reason": "A day more." });
    desk.refuse(&tm, "extend", &asked, extend, "409 too_many_extensions").await?;
    for n in 0..100 {
        let input = json!({ "name": format!("Party {n}"), "kind": "customer" });
        let party = Desk::of(&world, "interested_party").make(&am, "register", input).await?;
        let redact = json!({ "object": party, "reason": "In confidence." });
        desk.does(&tm, "redact", &asked, redact).await?;
    }
    let kind = json!({ "objectKind": "concern", "reason": "In confidence." });
    desk.refuse(&tm, "redact", &asked, kind, "409 too_many_redactions").await?;
    // An unknown body is an unknown reference at the door; another body's engagement is unknown to
    // its people.
    desk.all_but(&["not_your_body", "unknown_body"]);
});
