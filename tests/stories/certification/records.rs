//! What auditors read is recorded, a minute at a time.

use annals_tests::story;
use kernel::Role;
use kernel::canonical::canonical;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::house::{House, WITHIN};

story!(each_question_of_an_auditor_is_recorded, world => {
    let house = House::opened(&world).await?;
    let engagement = house.engaged(json!({ "auditors": [house.helen, house.otto] })).await?;
    let (helen, otto) = (house.helen(&engagement)?, house.under(&house.otto, &engagement)?.at(WITHIN));
    helen.get("/v1/risks?limit=5").await?.ok();
    helen.get("/v1/risks?asOf=2024-08-06T00:00:00Z").await?.problem(403, "beyond_ceiling");
    helen.graphql("query Parties { aims { interestedParties { nodes { id } } } }", json!({})).await?.data();
    otto.get("/v1/events").await?.ok();
    // A body's person and members are not watched so.
    house.for_body(&house.helen)?.get("/v1/certificates").await?.ok();
    world.as_(Role::Tm).get("/v1/risks").await?.ok();
    world.app.record_reads().await;

    let tm = world.as_(Role::Tm);
    let list = tm.get("/v1/auditor-queries?sort=firstAt").await?.ok();
    let records = list["data"].as_array().unwrap();
    // Where the minute turned there are several of Helen's; together they have all she asked.
    let of = |user: &str| {
        let own = records.iter().filter(|record| record["auditor"] == json!(user));
        own.flat_map(|record| record["questions"].as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    let asked = of(&house.helen);
    let what: Vec<_> = asked.iter().map(|question| question["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["/v1/risks", "/v1/risks", "/graphql"]);
    let refused: Vec<_> = asked.iter().map(|question| question["refused"].clone()).collect();
    assert_eq!(refused, [json!(false), json!(true), json!(false)]);
    assert_ne!(asked[0]["fingerprint"], asked[1]["fingerprint"]);
    assert_eq!(asked[0]["position"], asked[2]["position"]);
    let parts = ["GET", "/v1/risks", "limit=5"];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    assert_eq!(asked[0]["fingerprint"], json!(hex::encode(hash.finalize())));
    assert_eq!(of(&house.otto).len(), 1);
    for record in records {
        // Anybody can check that the list is the one that was recorded.
        let digest = Sha256::digest(canonical(&record["questions"])?);
        assert_eq!(record["digest"], json!(hex::encode(digest)));
        assert_eq!(record["count"], record["questions"].as_array().unwrap().len());
        assert_eq!(record["engagement"], json!(engagement));
    }
    // Few read that: the organisation's management and auditors, and each auditor his own.
    world.as_(Role::Emp).get("/v1/auditor-queries").await?.problem(403, "forbidden");
    for role in [Role::Am, Role::Aud, Role::Adm] {
        world.as_(role).get("/v1/auditor-queries").await?.ok();
    }
    let own = helen.get("/v1/auditor-queries").await?.ok();
    let own = own["data"].as_array().unwrap();
    assert!(!own.is_empty() && own.iter().all(|record| record["auditor"] == json!(house.helen)));
    // Nobody writes it but the machine, and what was read is not corrected.
    let input = json!({ "engagement": engagement, "auditor": house.helen, "questions": [] });
    tm.at(WITHIN).post("/v1/auditor-queries", &input).await?.problem(403, "forbidden");
    let sys = world.as_(Role::Sys).at(WITHIN);
    sys.post("/v1/auditor-queries", &input).await?.problem(422, "auditor_query.nothing_asked");
    let question: &Value = &asked[0];
    let input = json!({ "engagement": engagement, "auditor": house.miriam, "questions": [question] });
    sys.post("/v1/auditor-queries", &input).await?.problem(422, "auditor_query.not_an_auditor");
    let path = format!("/v1/auditor-queries/{}/correct", records[0]["id"].as_str().unwrap());
    let correct = json!({ "corrects": 1, "reason": "?", "set": { "count": 0 } });
    sys.post(&path, &correct).await?.problem(422, "auditor_query.not_correctable");
});

story!(a_busy_minute_is_recorded_whole, world => {
    let house = House::opened(&world).await?;
    let engagement = house.engaged(json!({})).await?;
    let helen = house.helen(&engagement)?;
    for _ in 0..130 {
        helen.get("/v1/me").await?.ok();
    }
    world.app.record_reads().await;
    let list = world.as_(Role::Tm).get("/v1/auditor-queries").await?.ok();
    let records = list["data"].as_array().unwrap();
    let count: u64 = records.iter().map(|record| record["count"].as_u64().unwrap()).sum();
    assert_eq!(count, 130);
    assert!(records.len() >= 2 && records.iter().all(|record| record["count"].as_u64() <= Some(120)));
});
