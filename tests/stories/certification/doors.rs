//! Which doors a certification body's people come through, and which stay closed to them.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use super::house::{House, WITHIN, operator, party, registered};
use crate::desk::Desk;

story!(an_engagement_lets_in_inside_its_window_until_it_is_revoked, world => {
    let house = House::opened(&world).await?;
    let desk = Desk::of(&world, "auditor_engagement");
    let id = desk.make(&world.as_(Role::Am), "request", house.terms(json!({}))).await?;
    let helen = |at: &str| anyhow::Ok(house.under(&house.helen, &id)?.at(at));
    // Asked for is not granted.
    helen(WITHIN)?.get("/v1/me").await?.problem(403, "engagement_closed");
    desk.does(&world.as_(Role::Tm), "grant", &id, json!({})).await?;
    helen("2024-08-04T23:59:59Z")?.get("/v1/me").await?.problem(403, "engagement_closed");
    helen("2024-08-05T00:00:00Z")?.get("/v1/me").await?.ok();
    helen("2024-08-16T23:59:59Z")?.get("/v1/me").await?.ok();
    helen("2024-08-17T00:00:00Z")?.get("/v1/risks").await?.problem(403, "engagement_closed");
    let query = helen("2024-08-17T00:00:00Z")?.graphql("{ viewer { id } }", json!({})).await?;
    assert_eq!(query.json["errors"][0]["extensions"]["code"], "engagement_closed", "{}", query.text);
    // Another auditor of the body, its decision maker and a member do not come in by it.
    for other in [&house.otto, &house.miriam, &world.as_(Role::Aud).user] {
        let other = house.under(other, &id)?.at(WITHIN);
        other.get("/v1/me").await?.problem(403, "engagement_closed");
    }
    let nothing = house.under(&house.helen, &kernel::id::encode("eng", 1))?.at(WITHIN);
    nothing.get("/v1/me").await?.problem(403, "engagement_closed");
    // Without engagement she is nobody here.
    world.client(&world.tenant, &house.helen)?.get("/v1/me").await?.problem(403, "not_a_member");

    // A revocation counts for the very next request, of either door.
    let inside = helen(WITHIN)?;
    inside.get("/v1/risks").await?.ok();
    let revoke = json!({ "reason": "The audit is put off." });
    desk.does(&world.as_(Role::Tm).at(WITHIN), "revoke", &id, revoke).await?;
    inside.get("/v1/risks").await?.problem(403, "engagement_closed");
    let note = inside.post("/v1/audit-notes", &json!({ "text": "x" })).await?;
    note.problem(403, "engagement_closed");
    let query = inside.graphql("{ aims { risks { nodes { id } } } }", json!({})).await?;
    assert_eq!(query.json["errors"][0]["extensions"]["code"], "engagement_closed", "{}", query.text);

    // Who has left the body comes in by nothing.
    let again = house.engaged(json!({})).await?;
    let (auditor, body) = (house.helen(&again)?, house.for_body(&house.helen)?);
    auditor.get("/v1/me").await?.ok();
    body.get("/v1/me").await?.ok();
    let end = json!({ "user": house.helen, "reason": "She left." });
    house.operates("end-person", &end).await?.ok();
    auditor.get("/v1/me").await?.problem(403, "not_of_the_body");
    body.get("/v1/me").await?.problem(403, "not_of_the_body");
});

story!(an_auditor_commands_findings_notes_and_samples_alone, world => {
    let house = House::opened(&world).await?;
    party(&world, "Applicants", "2024-07-20T09:00:00Z").await?;
    let engagement = house.engaged(json!({})).await?;
    let helen = house.helen(&engagement)?.with("If-Match", "\"1\"");
    let nothing = |prefix: &str| kernel::id::encode(prefix, 1);
    for kind in world.registry().decls() {
        let (row, open) = (kind.row, ["audit_finding", "sample", "audit_note"].contains(&kind.row.name));
        for command in &kind.commands {
            let verb = command.verb.replace('_', "-");
            let several = kind.commands.iter().filter(|command| command.creates).count() > 1;
            let path = match (command.creates, several) {
                (true, false) => format!("/v1/{}", row.plural),
                (true, true) => format!("/v1/{}/{verb}", row.plural),
                (false, _) => format!("/v1/{}/{}/{verb}", row.plural, nothing(row.prefix)),
            };
            let who = if command.creates { house.helen(&engagement)? } else { helen.clone() };
            let answer = who.post(&path, &json!({})).await?;
            let may = open && command.by.contains(&Role::Cba);
            assert_eq!(answer.status.as_u16() == 403, !may, "{path}: {}", answer.text);
        }
    }
    // What is no command of a kind is closed as well.
    let helen = house.helen(&engagement)?;
    let import = "/v1/imports?format=risk_library&name=x.csv&source=x&licence=x&dryRun=true";
    helen.post(import, &json!({})).await?.problem(403, "engagement_forbids");
    let file = helen.post("/v1/evidence/files", &json!({})).await?;
    assert_eq!(file.status.as_u16(), 403, "{}", file.text);
    let path = format!("/v1/evidence/{}/content", nothing("evd"));
    let bytes = Some(("application/octet-stream", b"x".to_vec()));
    let put = helen.send(reqwest::Method::PUT, &path, bytes).await?;
    assert_eq!(put.status.as_u16(), 403, "{}", put.text);
    // Through GraphQL neither.
    let query = "mutation($input: InterestedPartyRegisterInput!) { \
                 interestedPartyRegister(input: $input) { version } }";
    let input = json!({ "name": "x", "kind": "CUSTOMER" });
    let answer = helen.graphql(query, json!({ "input": input })).await?;
    assert_eq!(answer.json["errors"][0]["extensions"]["code"], "forbidden", "{}", answer.text);
    let query = "mutation($input: AuditorEngagementRevokeInput!) { \
                 auditorEngagementRevoke(input: $input) { version } }";
    let input = json!({ "id": engagement, "reason": "x" });
    let answer = helen.graphql(query, json!({ "input": input })).await?;
    assert_eq!(answer.json["errors"][0]["extensions"]["code"], "engagement_forbids", "{}", answer.text);
});

/// Asks for a token; the answer.
async fn tokens(
    who: &annals_tests::Client,
    place: &str,
    input: Value,
) -> anyhow::Result<annals_tests::Answer> {
    who.post(&format!("/v1/{place}/tokens"), &input).await
}

/// A client that bears a token.
fn bearing(world: &World, token: &Value, user: &str) -> anyhow::Result<annals_tests::Client> {
    let mut client = world.client(&world.tenant, user)?;
    client.authorization = Some(format!("Bearer {}", token["token"].as_str().unwrap()));
    Ok(client)
}

story!(auditors_make_out_their_own_tokens, world => {
    let house = House::opened(&world).await?;
    let engagement = house.engaged(json!({})).await?;
    let (body, own) = (format!("certification-bodies/{}", house.body), format!("auditor-engagements/{engagement}"));
    let tenant = world.tenant.to_string();
    // The operator makes out the body's token for Helen at this client.
    let operator = operator(&world)?;
    let wanted = json!({ "tenant": tenant, "user": house.helen, "hours": 2 });
    let token = tokens(&operator, &body, wanted.clone()).await?.created();
    assert_eq!(token["user"], json!(house.helen));
    let helen = bearing(&world, &token, &house.helen)?.at(WITHIN);
    let me = helen.get("/v1/me").await?.ok();
    assert_eq!((&me["roles"], &me["body"]), (&json!(["CBA"]), &json!(house.body)));
    // With it she makes out her own under the engagement.
    let token = tokens(&helen, &own, json!({ "hours": 1 })).await?;
    assert_eq!(token.headers["cache-control"], "no-store");
    let auditor = bearing(&world, &token.created(), &house.helen)?.at(WITHIN);
    assert_eq!(auditor.get("/v1/me").await?.ok()["engagement"], json!(engagement));

    // Nobody else does: the organisation must not act in an auditor's name.
    world.nobody().post(&format!("/v1/{own}/tokens"), &json!({})).await?.problem(401, "unauthenticated");
    for role in [Role::Tm, Role::Am, Role::Adm, Role::Emp] {
        let member = world.as_(role).at(WITHIN);
        tokens(&member, &own, json!({})).await?.problem(403, "forbidden");
        tokens(&member, &body, wanted.clone()).await?.problem(403, "forbidden");
    }
    tokens(&auditor, &own, json!({})).await?.problem(403, "forbidden");
    let miriam = house.for_body(&house.miriam)?.at(WITHIN);
    tokens(&miriam, &own, json!({})).await?.problem(403, "forbidden");
    // Otto is of the body and not of the engagement; it is not open at other times.
    let otto = house.for_body(&house.otto)?.at(WITHIN);
    tokens(&otto, &own, json!({})).await?.problem(403, "engagement_closed");
    let early = helen.at("2024-08-01T09:00:00Z");
    tokens(&early, &own, json!({})).await?.problem(403, "engagement_closed");
    // Another body's people do not know of it.
    let other = registered(&world, "Other Ltd").await?;
    let other = house.of(other);
    other.adds(&house.otto, "Otto Brandt", "auditor").await?;
    let stranger = other.for_body(&house.otto)?.at(WITHIN);
    tokens(&stranger, &own, json!({})).await?.problem(404, "not_found");
    for (input, pointer) in [
        (json!({ "tenant": tenant, "user": house.helen, "hours": 13 }), "/hours"),
        (json!({ "tenant": "x", "user": house.helen }), "/tenant"),
        (json!({ "tenant": kernel::id::encode("tnt", 7), "user": house.helen }), "/tenant"),
        (json!({ "tenant": tenant, "user": "rea_timer" }), "/user"),
    ] {
        let problem = tokens(&operator, &body, input).await?.problem(422, "invalid_input");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    let nobody = json!({ "tenant": tenant, "user": world.as_(Role::Emp).user });
    tokens(&operator, &body, nobody).await?.problem(403, "not_of_the_body");
});

story!(whoever_acts_for_a_body_sees_its_own_alone, world => {
    let house = House::opened(&world).await?;
    let own = house.engaged(json!({})).await?;
    let audit = house.audits(&own).await?;
    party(&world, "Applicants", "2024-08-05T11:00:00Z").await?;
    let helen = house.for_body(&house.helen)?.at(WITHIN);
    for kind in world.registry().decls() {
        let open = [
            "auditor_engagement", "certification_audit", "certificate", "audit_finding",
            "nonconformity",
        ];
        let answer = helen.get(&format!("/v1/{}", kind.row.plural)).await?;
        if open.contains(&kind.row.name) {
            answer.ok();
        } else {
            answer.problem(403, "engagement_forbids");
        }
    }
    helen.get(&format!("/v1/certification-audits/{audit}")).await?.ok();
    let events = helen.get("/v1/events?limit=100").await?.ok();
    for event in events["data"].as_array().unwrap() {
        assert!([json!(own), json!(audit)].contains(&event["object"]), "{event}");
    }
    // Another body that is engaged as well sees nothing of it.
    let id = registered(&world, "Other Ltd").await?;
    let user = event_store::store::new_id("usr")?;
    let other = House { helen: user.clone(), ..house.of(id) };
    other.adds(&user, "Ola Nordmann", "auditor").await?;
    let theirs = other.engaged(json!({ "window": { "from": "2024-08-12", "to": "2024-08-16" } })).await?;
    let ola = other.for_body(&user)?.at("2024-08-12T09:00:00Z");
    for path in [format!("/v1/certification-audits/{audit}"), format!("/v1/auditor-engagements/{own}")] {
        ola.get(&path).await?.problem(404, "not_found");
        ola.get(&format!("{path}/history")).await?.problem(404, "not_found");
    }
    let list = ola.get("/v1/auditor-engagements").await?.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["id"], json!(theirs));
    // Nor does it command it: there is no such audit, and no such engagement.
    let path = format!("/v1/certification-audits/{audit}/close");
    ola.post(&path, &json!({})).await?.problem(404, "not_found");
    let path = format!("/v1/auditor-engagements/{own}/revoke");
    ola.post(&path, &json!({ "reason": "x" })).await?.problem(404, "not_found");
    let plan = json!({
        "auditKind": "stage1", "engagement": own, "team": [user], "plannedFrom": "2024-08-12",
        "plannedTo": "2024-08-13", "criteria": [],
    });
    let problem = ola.post("/v1/certification-audits", &plan).await?.problem(422, "invalid_input");
    assert_eq!(problem["errors"][0]["pointer"], "/engagement");
    // The body itself ends its own engagement.
    let path = format!("/v1/auditor-engagements/{theirs}/revoke");
    ola.post(&path, &json!({ "reason": "No time." })).await?.ok();
});
