//! Files of controls, frameworks and mappings: shown, refused whole, taken in whole.

use annals_tests::{Client, World, story};
use kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::Desk;

fn data(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/data/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

const LIBRARY: &str = "controls/internal_controls.csv";
const MATRIX: &str = "controls/mapping_controls_to_requirements.csv";

/// Sends a file; what came of it, or what would.
async fn send(
    world: &World,
    who: &Client,
    (format, path): (&str, &str),
    more: &str,
) -> anyhow::Result<Value> {
    let who = Desk::of(world, "operation").timed(&who.with("Prefer", "wait=60")).await?;
    let name = path.rsplit('/').next().unwrap();
    let path_and_query =
        format!("/v1/imports?format={format}&name={name}&source=eramba&licence=MIT{more}");
    let body = Some(("application/octet-stream", data(path)));
    Ok(who.send(Method::POST, &path_and_query, body).await?.ok())
}

/// How many objects of a kind were or would be created.
fn created(of: &Value, kind: &str) -> u64 {
    let rows = of["created"].as_array().unwrap().iter();
    rows.filter(|row| row["kind"] == kind).filter_map(|row| row["count"].as_u64()).sum()
}

async fn total(world: &World, plural: &str) -> anyhow::Result<u64> {
    let path = format!("/v1/{plural}?limit=1&total=true");
    Ok(world.as_(Role::Emp).get(&path).await?.ok()["total"].as_u64().unwrap())
}

story!(a_library_of_controls_and_its_matrix_are_taken_in, world => {
    let am = world.as_(Role::Am);
    let file = ("catalogue", LIBRARY);
    let shown = send(&world, &am, file, "&title=Internal%20controls&dryRun=true").await?;
    assert_eq!((&shown["succeeds"], created(&shown, "catalogue_item")), (&json!(true), 160), "{shown}");
    assert_eq!(total(&world, "catalogue-items").await?, 0);
    let done = send(&world, &am, file, "&title=Internal%20controls&edition=2025&publish=true").await?;
    assert_eq!((&done["status"], created(&done, "catalogue_item")), (&json!("succeeded"), 160), "{done}");
    let list = world.as_(Role::Emp).get("/v1/catalogues").await?.ok();
    let catalogue = &list["data"][0];
    let (id, listing) = (catalogue["id"].as_str().unwrap(), &catalogue["listing"]);
    assert_eq!((&catalogue["edition"], &listing["items"], &listing["decided"]), (&json!("2025"), &json!(160), &json!(137)));
    // Twice the same edition is refused, and nothing of it is there.
    let twice = send(&world, &am, file, "&title=Internal%20controls&edition=2025").await?;
    assert_eq!((&twice["status"], total(&world, "catalogue-items").await?), (&json!("failed"), 160));
    assert_eq!(twice["errors"][0]["code"], "catalogue.edition_exists");

    // Whoever wants all of the matrix is told what no catalogue has, with line and column.
    let matrix = ("mapping", MATRIX);
    let strict = send(&world, &am, matrix, &format!("&catalogue={id}&dryRun=true")).await?;
    let errors = strict["errors"].as_array().unwrap();
    let of = |code: &str| errors.iter().filter(|error| error["code"] == code).collect::<Vec<_>>();
    assert_eq!((&strict["succeeds"], of("unknown_control").len(), of("unknown_catalogue").len()), (&json!(false), 6, 13));
    let wrong: Vec<_> = of("unknown_number").into_iter()
        .filter(|error| error["field"] == "ISO 42001:2023")
        .map(|error| (error["line"].as_u64().unwrap(), error["message"].as_str().unwrap())).collect();
    assert_eq!(wrong.len(), 5, "{wrong:?}");
    assert!(wrong.iter().all(|(line, message)| *line > 1 && message.contains("A.")), "{wrong:?}");
    let failed = send(&world, &am, matrix, &format!("&catalogue={id}")).await?;
    assert_eq!((&failed["status"], total(&world, "mappings").await?), (&json!("failed"), 0));

    // Whoever wants what can be had gets it, and the rest is named.
    let done = send(&world, &am, matrix, &format!("&catalogue={id}&unknown=skip")).await?;
    assert_eq!((&done["status"], created(&done, "mapping")), (&json!("succeeded"), 278), "{done}");
    let parts = done["notUnderstood"].as_array().unwrap();
    assert!(parts.iter().any(|part| part["path"].as_str().unwrap().contains("A.9.1")), "{parts:?}");
    assert_eq!(total(&world, "mappings").await?, 278);
    let path = "/v1/mappings?filter[to.catalogue]=iso42001-2023&total=true&limit=1";
    let found = world.as_(Role::Emp).get(path).await?.ok();
    let link = &found["data"][0];
    assert_eq!((&found["total"], &link["source"], &link["confidence"]), (&json!(51), &json!("eramba"), &json!("low")));
    world.as_(Role::Rm).send(Method::POST, "/v1/imports?format=catalogue&name=x.csv&source=x&licence=x",
        Some(("text/csv", b"number,title\n1,x\n".to_vec()))).await?.problem(403, "forbidden");
});

story!(frameworks_without_a_catalogue_get_one_where_that_is_wanted, world => {
    let am = world.as_(Role::Am);
    send(&world, &am, ("catalogue", LIBRARY), "&title=Internal%20controls&publish=true").await?;
    let wanted = "&catalogue=Internal%20controls&unknown=create";
    let done = send(&world, &am, ("mapping", MATRIX), wanted).await?;
    assert_eq!((&done["status"], created(&done, "catalogue")), (&json!("succeeded"), 13), "{done}");
    let emp = world.as_(Role::Emp);
    let nis2 = emp.get("/v1/catalogues?filter[title]=NIS2%20Article%2021").await?.ok();
    let id = nis2["data"][0]["id"].as_str().unwrap();
    let coverage = emp.get(&format!("/v1/catalogues/{id}/coverage")).await?.ok();
    let item = coverage["items"].as_array().unwrap().iter().find(|i| i["number"] == "Article-21-2-i").unwrap();
    assert_eq!(item["title"], "Article 21(2) (i)");
    let lead = &item["through"][0];
    assert_eq!((&lead["number"], &lead["counts"]), (&json!("C-001"), &json!(false)), "{lead}");
});

story!(the_risk_management_framework_is_taken_in_in_two_languages_with_its_actions, world => {
    let am = world.as_(Role::Am);
    let path = "frameworks/nist-ai-rmf/nist_ai_rmf_subcategories.json";
    for (language, edition, text) in [
        ("en", "1.0", "Legal and regulatory requirements involving AI are understood"),
        ("fr", "1.0%20fr", "Les exigences légales et réglementaires"),
    ] {
        let more = format!("&language={language}&edition={edition}&publish=true");
        let done = send(&world, &am, ("catalogue", path), &more).await?;
        assert_eq!((&done["status"], created(&done, "catalogue_item")), (&json!("succeeded"), 95), "{done}");
        let list = world.as_(Role::Emp).get(&format!("/v1/catalogues?filter[edition]={edition}")).await?.ok();
        let catalogue = &list["data"][0];
        assert_eq!((&catalogue["language"], &catalogue["listing"]["decided"]), (&json!(language), &json!(72)));
        let id = facts::CatalogueItem::id_of(catalogue["id"].as_str().unwrap(), "GOVERN-1.1");
        let item = Desk::of(&world, "catalogue_item").shown(&id, "").await?;
        assert!(item["text"].as_str().unwrap().starts_with(text), "{item}");
        assert!(item["guidance"].as_str().unwrap().len() > 500);
    }
    let path = "frameworks/nist-ai-rmf/nist_ai_rmf_actions_data.yaml";
    let more = "&title=NIST%20AI%20600-1&edition=2024&publish=true";
    let done = send(&world, &am, ("catalogue", path), more).await?;
    assert_eq!((created(&done, "catalogue_item"), created(&done, "mapping")), (212, 212), "{done}");
    // A matrix that names the profile finds it by its title.
    let table = b"control,NIST AI 600-1,ISO 42001:2023\nGV-1.1-001,GV-1.2-001,5.2\n".to_vec();
    let who = Desk::of(&world, "operation").timed(&am.with("Prefer", "wait=60")).await?;
    let path = "/v1/imports?format=mapping&name=x.csv&source=us&licence=ours&catalogue=NIST%20AI%20600-1";
    let done = who.send(Method::POST, path, Some(("text/csv", table))).await?.ok();
    assert_eq!((&done["status"], created(&done, "mapping")), (&json!("succeeded"), 2), "{done}");
});
