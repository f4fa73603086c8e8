//! Other catalogues than the standard: loaded, published, stated on, mapped, and covered.

mod covered;
mod taken_in;

use annals_tests::{World, story};
use facts::CatalogueItem;
use kernel::Role;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::given::because;

fn edition(title: &str, edition: &str) -> Value {
    json!({
        "title": title, "edition": edition, "source": "the board", "licence": "internal",
        "language": "en",
    })
}

fn item(catalogue: &str, number: &str, place: u32, item_kind: &str) -> Value {
    json!({
        "catalogue": catalogue, "number": number, "place": place, "itemKind": item_kind,
        "title": format!("Rule {number}"), "text": "As the board decided.",
    })
}

/// A draft with a heading and the controls.
async fn draft(world: &World, title: &str) -> anyhow::Result<String> {
    let am = world.as_(Role::Am);
    let id = Desk::of(world, "catalogue").make(&am, "draft", edition(title, "1")).await?;
    let items = Desk::of(world, "catalogue_item");
    items.make(&am, "add", item(&id, "R", 1, "group")).await?;
    for (number, place) in [("R-1", 2), ("R-2", 3)] {
        let mut input = item(&id, number, place, "control");
        input["parent"] = json!("R");
        items.make(&am, "add", input).await?;
    }
    Ok(id)
}

/// The same, published.
async fn published(world: &World, title: &str) -> anyhow::Result<String> {
    let id = draft(world, title).await?;
    Desk::of(world, "catalogue").does(&world.as_(Role::Am), "publish", &id, json!({})).await?;
    Ok(id)
}

fn link(from: (&str, &str), to: (&str, &str)) -> Value {
    let end =
        |(catalogue, number): (&str, &str)| json!({ "catalogue": catalogue, "number": number });
    json!({
        "from": end(from), "to": end(to), "relation": "supports", "source": "our own reading",
        "sourceVersion": "1", "confidence": "low",
    })
}

/// A statement on a catalogue; its id.
async fn statement(world: &World, catalogue: &str) -> anyhow::Result<String> {
    let input = json!({ "catalogue": catalogue, "title": "Statement" });
    Desk::of(world, "soa").make(&world.as_(Role::Am), "start", input).await
}

/// A row of it that applies; its id.
async fn row(world: &World, soa: &str, control: &str) -> anyhow::Result<String> {
    let input = json!({
        "soa": soa, "control": control, "decision": "applicable", "reasonCodes": ["contract"],
    });
    Desk::of(world, "soa_control").make(&world.as_(Role::Am), "list", input).await
}

story!(a_catalogue_is_loaded_published_superseded_and_withdrawn, world => {
    let (desk, items) = (Desk::of(&world, "catalogue"), Desk::of(&world, "catalogue_item"));
    let am = world.as_(Role::Am);
    let payload = desk.mutates(&am.at("2024-07-10T09:00:00Z"), "draft", "",
        &edition("House rules", "1"), "status title language draftedBy { name }").await?;
    let object = &payload["ownCatalogue"];
    assert_eq!((&object["status"], &object["draftedBy"]["name"]), (&json!("DRAFT"), &json!("The AM")));
    let first = object["id"].as_str().unwrap().to_owned();
    let one = items.make(&am, "add", item(&first, "R-1", 1, "control")).await?;
    assert_eq!(one, CatalogueItem::id_of(&first, "R-1"));
    let two = items.make(&am, "add", item(&first, "R-2", 2, "outcome")).await?;
    let mut wording = item(&first, "R-2", 2, "control");
    for fixed in ["catalogue", "number", "place"] {
        wording.as_object_mut().unwrap().remove(fixed);
    }
    let payload = items.mutates(&am, "revise", &two, &wording, "itemKind text place").await?;
    let shown = json!({ "id": two, "itemKind": "CONTROL", "text": "As the board decided.", "place": 2 });
    assert_eq!(payload["catalogueItem"], shown);
    items.does(&am, "remove", &two, because()).await?;
    items.does(&am, "restore", &two, because()).await?;
    let done = desk.does(&am.at("2024-08-01T09:00:00Z"), "publish", &first, json!({})).await?;
    let listing = &done["object"]["listing"];
    assert_eq!((&listing["items"], &listing["decided"]), (&json!(2), &json!(2)), "{listing}");
    assert_eq!(listing["hash"].as_str().unwrap().len(), 64);
    let next = published(&world, "House rules, second edition").await?;
    desk.does(&am.at("2024-09-01T09:00:00Z"), "supersede", &first, json!({ "by": next })).await?;
    let payload = desk.mutates(&am.at("2024-10-01T09:00:00Z"), "withdraw", &first, &because(),
        "status supersededBy { id title }").await?;
    let by = json!({ "id": next, "title": "House rules, second edition" });
    assert_eq!((&payload["ownCatalogue"]["status"], &payload["ownCatalogue"]["supersededBy"]),
        (&json!("WITHDRAWN"), &by));
    for (time, status) in [
        ("2024-07-31T00:00:00Z", "DRAFT"), ("2024-08-31T00:00:00Z", "PUBLISHED"),
        ("2024-09-30T00:00:00Z", "SUPERSEDED"), ("2024-10-01T09:00:00Z", "WITHDRAWN"),
    ] {
        let of = "status items(orderBy: {field: PLACE}) { totalCount nodes { number catalogueId } }";
        let read = desk.read(&first, &format!("(asOf: {{time: {time:?}}})"), of).await?;
        assert_eq!(read["status"], status, "{time}");
        assert_eq!(read["items"]["nodes"][1]["number"], "R-2", "{read}");
    }
    assert_eq!(desk.events(&first).await?,
        ["drafted", "published", "superseded", "withdrawn"].map(|name| format!("catalogue.{name}")));
    assert_eq!(items.events(&two).await?,
        ["added", "revised", "removed", "restored"].map(|name| format!("catalogue_item.{name}")));
});

story!(packaged_and_own_catalogues_are_read_alike, world => {
    let own = published(&world, "House rules").await?;
    let emp = world.as_(Role::Emp);
    let list = emp.get("/v1/catalogues/packaged").await?.ok();
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    let wanted = ["iso42001-2023", "eu-ai-act-2024", "iso27001-2022", "iso27701-2025", "nist-ai-rmf-1.0"];
    assert_eq!(ids, wanted);
    let act = emp.get("/v1/catalogues/eu-ai-act-2024").await?.ok();
    let lead = act["mappings"].as_array().unwrap().iter()
        .find(|link| link["from"]["number"] == "A.6.2.4" && link["to"]["number"] == "Art.15").unwrap();
    assert_eq!((&lead["relation"], &lead["source"]), (&json!("supports"), &json!("GASP-AICF mapping matrix")));
    let shown = emp.get(&format!("/v1/catalogues/{own}")).await?.ok();
    assert_eq!((&shown["title"], &shown["status"]), (&json!("House rules"), &json!("published")));
    emp.get("/v1/catalogues/iso-9").await?.problem(404, "not_found");
    emp.get(&format!("/v1/catalogues/{}", kernel::id::encode("cat", 1))).await?.problem(404, "not_found");
    let query = "query($id: String!) { aims {
        packagedCatalogues { id }
        catalogue(id: $id) { id title edition source publisher items(first: 2, after: \"R\") { number title itemKind parent } } } }";
    let data = emp.graphql(query, json!({ "id": own })).await?.data();
    assert_eq!(data["aims"]["packagedCatalogues"].as_array().unwrap().len(), 5);
    let rule = |number: &str| json!({ "number": number, "title": format!("Rule {number}"), "itemKind": "CONTROL", "parent": "R" });
    assert_eq!(data["aims"]["catalogue"], json!({
        "id": own, "title": "House rules", "edition": "1", "source": "the board", "publisher": null,
        "items": [rule("R-1"), rule("R-2")],
    }));
    let query = "{ aims { catalogue(id: \"nist-ai-rmf-1.0\") { title controls { number } items(first: 3) { number itemKind text } } } }";
    let data = emp.graphql(query, json!({})).await?.data();
    let nist = &data["aims"]["catalogue"];
    assert_eq!((nist["controls"].as_array().unwrap().len(), &nist["items"][2]["number"]), (0, &json!("GOVERN-1.1")));
    let old = "query($id: String!) { aims(asOf: {position: \"3\"}) { catalogue(id: $id) { title } } }";
    let data = emp.graphql(old, json!({ "id": own })).await?.data();
    assert_eq!(data["aims"]["catalogue"], Value::Null);
    // A stranger sees neither it nor its items.
    let stranger = world.stranger_as(Role::Am);
    let data = stranger.graphql("query($id: String!) { aims { catalogue(id: $id) { title } coverage(catalogue: $id) { title } } }",
        json!({ "id": own })).await?.data();
    assert_eq!(data["aims"], json!({ "catalogue": null, "coverage": null }));
    stranger.get(&format!("/v1/catalogues/{own}/coverage")).await?.problem(404, "not_found");
});

story!(what_a_catalogue_refuses, world => {
    let mut desk = Desk::of(&world, "catalogue");
    let am = world.as_(Role::Am);
    let first = draft(&world, "House rules").await?;
    let mut foreign = edition("Another", "1");
    foreign["language"] = json!("english");
    desk.refuse(&am, "draft", "", foreign, "422 not_a_language /language").await?;
    desk.refuse(&am, "draft", "", edition("House rules", "1"), "409 edition_exists /edition").await?;
    let empty = desk.make(&am, "draft", edition("Empty", "1")).await?;
    desk.refuse(&am, "publish", &empty, json!({}), "409 no_items").await?;
    let items = Desk::of(&world, "catalogue_item");
    let heading = CatalogueItem::id_of(&first, "R");
    items.does(&am, "remove", &heading, because()).await?;
    desk.refuse(&am, "publish", &first, json!({}), "409 parent_missing").await?;
    items.does(&am, "restore", &heading, because()).await?;
    desk.refuse(&am, "supersede", &first, json!({ "by": empty }), "409 not_published").await?;
    desk.does(&am, "publish", &first, json!({})).await?;
    desk.refuse(&am, "revise", &first, edition("House rules", "2"), "409 not_a_draft").await?;
    desk.refuse(&am, "supersede", &first, json!({ "by": empty }), "422 successor_not_published /by").await?;
    desk.refuse(&am, "supersede", &first, json!({ "by": first }), "422 successor_not_published /by").await?;
    desk.refuse_corrections(&am, &first, "source").await?;
    let soa = statement(&world, &first).await?;
    for control in ["R-1", "R-2"] {
        row(&world, &soa, control).await?;
    }
    let soas = Desk::of(&world, "soa");
    soas.does(&am, "submit", &soa, json!({})).await?;
    soas.does(&world.as_(Role::Tm), "approve", &soa, json!({})).await?;
    desk.refuse(&am, "withdraw", &first, because(), "409 statement_in_force").await?;
    desk.all_but(&[]);
});

story!(what_an_item_refuses, world => {
    let mut desk = Desk::of(&world, "catalogue_item");
    let (catalogues, am) = (Desk::of(&world, "catalogue"), world.as_(Role::Am));
    let id = draft(&world, "House rules").await?;
    let with = |number: &str, place: u32, parent: &str| {
        let mut input = item(&id, number, place, "control");
        input["parent"] = json!(parent);
        input
    };
    for (input, expected) in [
        (item(&id, "R-3", 0, "control"), "422 place_out_of_range /place"),
        (item(&id, "R-3", 2_001, "control"), "422 place_out_of_range /place"),
        (item(&id, "R-3", 3, "control"), "409 place_taken /place"),
        (with("R-3", 4, "S"), "422 unknown_parent /parent"),
        (with("R-3", 4, "R-3"), "422 unknown_parent /parent"),
    ] {
        desk.refuse(&am, "add", "", input, expected).await?;
    }
    // A number stands once, whatever place it is given.
    let twice = desk.rest(&am, "add", "", &item(&id, "R-1", 9, "control")).await?;
    twice.problem(409, "already_exists");
    let last = desk.make(&am, "add", with("R-9", 9, "R-2")).await?;
    let wording = |parent: &str| json!({ "title": "Rule", "itemKind": "control", "parent": parent });
    let first = CatalogueItem::id_of(&id, "R-1");
    desk.refuse(&am, "revise", &first, wording("R-9"), "422 parent_not_before /parent").await?;
    desk.does(&am, "remove", &last, because()).await?;
    desk.refuse(&am, "revise", &last, wording("R"), "409 item_removed").await?;
    let remark = |corrects: u64, set: Value| json!({ "corrects": corrects, "reason": "Misread.", "set": set });
    desk.does(&am, "correct", &first, remark(1, json!({}))).await?;
    desk.refuse(&am, "correct", &first, remark(9, json!({})), "422 no_such_version /corrects").await?;
    let title = remark(1, json!({ "title": "x" }));
    desk.refuse(&am, "correct", &first, title, "422 not_correctable /set/title").await?;
    catalogues.does(&am, "publish", &id, json!({})).await?;
    desk.refuse(&am, "add", "", item(&id, "R-4", 4, "control"), "409 catalogue_not_a_draft").await?;
    desk.refuse(&am, "revise", &first, wording("R"), "409 catalogue_not_a_draft").await?;
    desk.refuse(&am, "remove", &first, because(), "409 catalogue_not_a_draft").await?;
    // No field of an item is correctable, so no value can be wrong.
    desk.all_but(&["wrong_value"]);
});

story!(what_a_mapping_refuses_and_what_becomes_of_it, world => {
    let mut desk = Desk::of(&world, "mapping");
    let am = world.as_(Role::Am);
    let (own, other) = (published(&world, "House rules").await?, draft(&world, "Drafted").await?);
    let iso = "iso42001-2023";
    for (input, expected) in [
        (link(("iso-9", "1"), (iso, "A.2.2")), "422 unknown_catalogue /from/catalogue"),
        (link((&own, "R-1"), ("cat_x", "1")), "422 unknown_catalogue /to/catalogue"),
        (link((&own, "R-7"), (iso, "A.2.2")), "422 unknown_number /from/number"),
        (link((&own, "R-1"), (iso, "A.4.1")), "422 unknown_number /to/number"),
        (link((&other, "R-1"), (iso, "A.2.2")), "409 catalogue_not_published /from/catalogue"),
        (link((iso, "A.2.2"), (iso, "A.2.2")), "422 linked_to_itself /to/number"),
    ] {
        desk.refuse(&am, "link", "", input, expected).await?;
    }
    let mut satisfies = link((&own, "R-1"), (iso, "A.2.2"));
    satisfies["relation"] = json!("satisfies");
    desk.rest(&am, "link", "", &satisfies).await?.problem(422, "invalid_input");
    let payload = desk.mutates(&am, "link", "", &link((&own, "R-1"), (iso, "A.2.2")),
        "status relation from { catalogue number } recordedBy { name }").await?;
    let made = &payload["mapping"];
    let shown = json!({ "catalogue": own, "number": "R-1" });
    assert_eq!((&made["from"], &made["recordedBy"]["name"]), (&shown, &json!("The AM")));
    let id = made["id"].as_str().unwrap().to_owned();
    let again = desk.rest(&am, "link", "", &link((&own, "R-1"), (iso, "A.2.2"))).await?;
    again.problem(409, "already_exists");
    let claim = json!({ "relation": "equivalent", "sourceVersion": "2", "confidence": "high" });
    desk.does(&am, "revise", &id, claim.clone()).await?;
    desk.refuse_corrections(&am, &id, "sourceVersion").await?;
    desk.does(&am, "retire", &id, because()).await?;
    let weaker = json!({ "relation": "supports", "sourceVersion": "2", "confidence": "high" });
    desk.refuse(&am, "revise", &id, weaker, "409 link_retired").await?;
    let done = desk.does(&am, "reinstate", &id, because()).await?;
    assert_eq!((&done["object"]["status"], &done["object"]["relation"]), (&json!("active"), &json!("equivalent")));
    assert_eq!(desk.events(&id).await?,
        ["linked", "revised", "retired", "reinstated"].map(|name| format!("mapping.{name}")));
    let path = format!("/v1/mappings?filter[from.catalogue]={own}&filter[status]=active");
    assert_eq!(world.as_(Role::Emp).get(&path).await?.ok()["data"][0]["id"], id);
    desk.all_but(&[]);
});

story!(statements_are_made_on_any_catalogue_side_by_side, world => {
    let (am, tm) = (world.as_(Role::Am), world.as_(Role::Tm));
    let mut soas = Desk::of(&world, "soa");
    let on = |catalogue: &str| json!({ "catalogue": catalogue, "title": "Statement" });
    soas.refuse(&am, "start", "", on("iso-9"), "422 unknown_catalogue /catalogue").await?;
    let drafted = draft(&world, "Drafted").await?;
    soas.refuse(&am, "start", "", on(&drafted), "409 catalogue_not_published /catalogue").await?;
    let own = published(&world, "House rules").await?;
    let on_iso = statement(&world, "iso42001-2023").await?;
    let on_annex = statement(&world, "iso27001-2022").await?;
    let on_own = statement(&world, &own).await?;
    for catalogue in ["iso42001-2023", "iso27001-2022", &own] {
        soas.rest(&am, "start", "", &on(catalogue)).await?.problem(409, "already_exists");
    }
    // The statement on the standard is the one that needs no id.
    let emp = world.as_(Role::Emp);
    assert_eq!(emp.get("/v1/soas/current").await?.ok()["id"], on_iso);
    let data = emp.graphql("{ aims { soa { id catalogue } soas { totalCount } } }", json!({})).await?.data();
    assert_eq!(data["aims"]["soa"], json!({ "id": on_iso, "catalogue": "iso42001-2023" }));
    assert_eq!(data["aims"]["soas"]["totalCount"], 3);
    assert_eq!(emp.get(&format!("/v1/soas/{on_annex}")).await?.ok()["catalogue"], "iso27001-2022");

    // Numbers are those of the statement's catalogue, wherever that comes from.
    let mut rows = Desk::of(&world, "soa_control");
    let list = |soa: &str, control: &str| json!({ "soa": soa, "control": control, "decision": "undecided" });
    for (soa, control) in [(&on_annex, "A.2.2"), (&on_own, "R-7"), (&on_own, "R"), (&on_iso, "R-1")] {
        rows.refuse(&am, "list", "", list(soa, control), "422 not_in_catalogue").await?;
    }
    row(&world, &on_annex, "A.5.2").await?;
    row(&world, &on_iso, "A.5.2").await?;
    let first = row(&world, &on_own, "R-1").await?;
    let titled = json!({ "soa": on_own, "control": "R-2", "title": "Rule", "decision": "undecided" });
    rows.refuse(&am, "add_own", "", titled, "422 in_catalogue").await?;
    soas.refuse(&am, "submit", &on_own, json!({}), "422 undecided").await?;
    row(&world, &on_own, "R-2").await?;
    soas.does(&am, "submit", &on_own, json!({})).await?;
    let done = soas.does(&tm, "approve", &on_own, json!({})).await?;
    assert_eq!(done["object"]["effectiveRows"]["applicable"], 2);
    let shown = rows.shown(&first, "").await?;
    assert_eq!((&shown["catalogue"], &shown["place"]), (&json!(own), &json!(2)));

    // What was withdrawn is stated on no further.
    let other = published(&world, "Short-lived").await?;
    let soa = statement(&world, &other).await?;
    Desk::of(&world, "catalogue").does(&am, "withdraw", &other, because()).await?;
    soas.refuse(&am, "submit", &soa, json!({}), "409 catalogue_withdrawn").await?;
});
