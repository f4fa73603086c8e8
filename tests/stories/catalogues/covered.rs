//! How far catalogues are covered: now, then, and who says so.

use annals_tests::{World, story};
use kernel::Role;
use serde_json::{Value, json};

use super::{link, published, row, statement};
use crate::desk::Desk;
use crate::given::{because, evidence, implemented_control};

/// Evidence whose bytes have been compared.
async fn verified(world: &World, number: u8) -> anyhow::Result<String> {
    let id = evidence(world, number).await?;
    let bytes = json!({ "sha256": format!("{number:064x}") });
    Desk::of(world, "evidence").does(&world.as_(Role::Sys), "verify", &id, bytes).await?;
    Ok(id)
}

/// Coverage of a catalogue through REST.
async fn rest(world: &World, catalogue: &str, query: &str) -> anyhow::Result<Value> {
    let path = format!("/v1/catalogues/{catalogue}/coverage{query}");
    Ok(world.as_(Role::Emp).get(&path).await?.ok())
}

/// An item of it: what covers it, and how it stands.
fn stands<'a>(coverage: &'a Value, number: &str) -> (&'a str, &'a str) {
    let items = coverage["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["number"] == number);
    let item = item.unwrap_or_else(|| panic!("no {number}: {coverage}"));
    (item["coveredBy"].as_str().unwrap(), item["standing"].as_str().unwrap())
}

fn count<'a>(coverage: &'a Value, item_kind: &str) -> &'a Value {
    let counts = coverage["counts"].as_array().unwrap();
    counts.iter().find(|count| count["itemKind"] == item_kind).unwrap()
}

story!(what_is_done_about_a_control_covers_what_it_is_mapped_to, world => {
    let before = rest(&world, "eu-ai-act-2024", "?limit=100").await?;
    assert_eq!(stands(&before, "Art.15"), ("nothing", "open"));
    assert_eq!((&count(&before, "obligation")["direct"], &before["complete"]), (&json!(0), &json!(true)));
    let at = before["asOfPosition"].as_str().unwrap();
    let done = implemented_control(&world, "A.6.2.4").await?;
    let after = rest(&world, "eu-ai-act-2024", "?limit=100").await?;
    assert_eq!(stands(&after, "Art.15"), ("mapping", "open"));
    // Art. 9 and 15 through the control; Art. 8 through clause 4.1, of which there are records.
    assert_eq!(count(&after, "obligation")["throughMappings"], 3);
    let items = after["items"].as_array().unwrap();
    let lead = &items.iter().find(|item| item["number"] == "Art.15").unwrap()["through"][0];
    assert_eq!(*lead, json!({
        "catalogue": "iso42001-2023", "number": "A.6.2.4",
        "title": "AI system verification and validation", "relation": "supports", "whole": false,
        "source": "GASP-AICF mapping matrix", "sourceVersion": "as read in November 2026",
        "confidence": "medium", "standing": "implemented", "counts": true,
    }));
    let statement = &after["statements"][0];
    assert_eq!((&statement["catalogue"], statement.get("approvedVersion")), (&json!("iso42001-2023"), None));
    // The control itself, and the same question as of before.
    let iso = rest(&world, "iso42001-2023", "?limit=100&coveredBy=direct").await?;
    assert_eq!(stands(&iso, "A.6.2.4"), ("direct", "implemented"));
    let control = iso["items"].as_array().unwrap().iter().find(|item| item["number"] == "A.6.2.4").unwrap();
    assert_eq!(control["row"], json!(done));
    let then = rest(&world, "eu-ai-act-2024", &format!("?limit=100&asOf={at}")).await?;
    assert_eq!(stands(&then, "Art.15"), ("nothing", "open"));
    // Clauses are covered by the records that evidence them.
    assert_eq!(stands(&iso, "6.1.3"), ("direct", "recorded"));
});

story!(fresh_evidence_proves_and_stale_evidence_does_not, world => {
    let am = world.as_(Role::Am);
    let own = published(&world, "House rules").await?;
    let evidence = verified(&world, 7).await?;
    let to = |catalogue: &str, number: &str| json!({ "item": { "catalogue": catalogue, "number": number } });
    let mut desk = Desk::of(&world, "evidence");
    desk.refuse(&world.as_(Role::Emp), "link", &evidence, to(&own, "R-7"), "422 unknown_target").await?;
    desk.does(&world.as_(Role::Emp), "link", &evidence, to(&own, "R-1")).await?;
    desk.does(&world.as_(Role::Emp), "link", &evidence, to("eu-ai-act-2024", "Art.12")).await?;
    let coverage = rest(&world, &own, "").await?;
    assert_eq!(stands(&coverage, "R-1"), ("direct", "evidenced"));
    assert_eq!(stands(&coverage, "R-2"), ("nothing", "open"));
    assert_eq!(coverage["items"][1]["evidence"], json!([evidence]));
    assert_eq!(stands(&rest(&world, "eu-ai-act-2024", "?limit=100").await?, "Art.12"), ("direct", "evidenced"));
    // Once a statement decides, it counts; with the evidence it is proven.
    let soa = statement(&world, &own).await?;
    let first = row(&world, &soa, "R-1").await?;
    assert_eq!(stands(&rest(&world, &own, "").await?, "R-1"), ("nothing", "open"));
    let rows = Desk::of(&world, "soa_control");
    rows.does(&am, "set_status", &first, json!({ "status": "implemented" })).await?;
    assert_eq!(stands(&rest(&world, &own, "").await?, "R-1"), ("direct", "proven"));
    // The evidence is fresh until the end of September.
    rows.does(&am.at("2024-10-05T09:00:00Z"), "verify_status", &first, json!({})).await?;
    assert_eq!(stands(&rest(&world, &own, "").await?, "R-1"), ("direct", "implemented"));
    assert_eq!(stands(&rest(&world, &own, "?asOf=2024-09-30T12:00:00Z").await?, "R-1"), ("direct", "proven"));
    assert_eq!(stands(&rest(&world, &own, "?asOf=2024-10-01T00:00:00Z").await?, "R-1"), ("direct", "implemented"));
});

story!(own_mappings_lead_in_the_direction_in_which_they_say_something, world => {
    let am = world.as_(Role::Am);
    let own = published(&world, "House rules").await?;
    implemented_control(&world, "A.6.2.4").await?;
    let mappings = Desk::of(&world, "mapping");
    // R-1 supports the control: that says nothing of R-1.
    let forth = mappings.make(&am, "link", link((&own, "R-1"), ("iso42001-2023", "A.6.2.4"))).await?;
    assert_eq!(stands(&rest(&world, &own, "").await?, "R-1"), ("nothing", "open"));
    let same = json!({ "relation": "equivalent", "sourceVersion": "1", "confidence": "high" });
    mappings.does(&am, "revise", &forth, same).await?;
    let coverage = rest(&world, &own, "").await?;
    assert_eq!(stands(&coverage, "R-1"), ("mapping", "open"));
    let lead = &coverage["items"][1]["through"][0];
    assert_eq!((&lead["whole"], &lead["mapping"]), (&json!(true), &json!(forth)));
    mappings.does(&am, "retire", &forth, because()).await?;
    assert_eq!(stands(&rest(&world, &own, "").await?, "R-1"), ("nothing", "open"));
});

story!(coverage_is_read_a_page_at_a_time_through_both_doors, world => {
    let emp = world.as_(Role::Emp);
    implemented_control(&world, "A.6.2.4").await?;
    let (mut numbers, mut path) = (Vec::new(), "/v1/catalogues/iso27001-2022/coverage?limit=50".to_owned());
    loop {
        let answer = emp.get(&path).await?;
        let link = answer.headers.get("link").cloned();
        let page = answer.ok();
        assert!(page["items"].as_array().unwrap().len() <= 50);
        numbers.extend(page["items"].as_array().unwrap().iter().map(|item| item["number"].clone()));
        // What is recorded meanwhile changes nothing of the pages that follow.
        published(&world, &format!("Rules {}", numbers.len())).await?;
        let Some(next) = page["next"].as_str() else { break };
        assert!(link.unwrap().contains("rel=\"next\""));
        path = format!("/v1/catalogues/iso27001-2022/coverage?limit=50&cursor={next}");
    }
    assert_eq!(numbers.len(), 34 + 4 + 93);
    numbers.dedup();
    assert_eq!(numbers.len(), 34 + 4 + 93);
    let query = "query($after: String) { aims { coverage(catalogue: \"iso27001-2022\", first: 2, after: $after, coveredBy: MAPPING) {
        title day next counts { itemKind items applicable direct throughMappings }
        statements { soa { title } approvedVersion }
        items { number standing coveredBy evidenceIds through { number confidence counts mapping { id } } } } } }";
    let data = emp.graphql(query, json!({ "after": null })).await?.data();
    let coverage = &data["aims"]["coverage"];
    let items = coverage["items"].as_array().unwrap();
    let found: Vec<_> = items.iter().map(|item| item["number"].as_str().unwrap()).collect();
    assert_eq!((found, &coverage["next"]), (vec!["7.5.3", "8.1"], &json!("8.1")), "{coverage}");
    assert_eq!(coverage["counts"][1]["itemKind"], "CONTROL");
    assert_eq!(coverage["statements"][0]["soa"]["title"], "Statement");
    let data = emp.graphql(query, json!({ "after": "8.1" })).await?.data();
    let coverage = &data["aims"]["coverage"];
    let items = coverage["items"].as_array().unwrap();
    let found: Vec<_> = items.iter().map(|item| item["number"].as_str().unwrap()).collect();
    assert_eq!((found, &coverage["next"]), (vec!["A.8.29", "A.8.33"], &Value::Null), "{coverage}");
    assert_eq!(items[0]["through"][0], json!({ "number": "A.6.2.4", "confidence": "LOW", "counts": true, "mapping": null }));
    for (query, code) in [
        ("?limit=0", "invalid_query"), ("?coveredBy=magic", "invalid_query"), ("?cursor=x", "invalid_query"),
        ("?colour=red", "invalid_query"),
    ] {
        let answer = emp.get(&format!("/v1/catalogues/iso27001-2022/coverage{query}")).await?;
        assert_eq!(answer.json["code"], code, "{query}: {}", answer.text);
    }
    emp.get("/v1/catalogues/iso-9/coverage").await?.problem(404, "not_found");
    // It costs what it reads.
    let many = (0..25).map(|n| format!("a{n}: coverage(catalogue: \"iso27001-2022\", first: 1) {{ title }} "));
    let dear = format!("{{ aims {{ {} }} }}", many.collect::<String>());
    let answer = emp.graphql(&dear, json!({})).await?;
    assert_eq!(answer.json["errors"][0]["extensions"]["code"], "query_too_expensive", "{}", answer.text);
});
