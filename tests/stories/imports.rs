//! Files are imported whole or not at all: risk libraries as candidates, bills of materials and
//! model cards as systems, models and data sets.

use std::time::Duration;

use annals::app::App;
use annals::import::{Args, FileFormat, OnUnknown, run};
use annals::settings::Settings;
use annals_tests::{Answer, Client, Engine, World, story};
use anyhow::Context;
use event_store::verify;
use kernel::{Position, Role, TenantId};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::desk::Desk;
use crate::given::{self, because};

fn data(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/data/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

const FROM: &str = "source=github.com%2Fexample&licence=Apache-2.0";

/// POSTs a file; more parameters after the usual ones.
async fn send(
    world: &World,
    who: &Client,
    format: &str,
    name: &str,
    file: Vec<u8>,
    more: &str,
) -> anyhow::Result<Answer> {
    let who = Desk::of(world, "operation").timed(who).await?;
    let path = format!("/v1/imports?format={format}&name={name}&{FROM}{more}");
    who.send(Method::POST, &path, Some(("application/octet-stream", file))).await
}

/// The same with a wait until it is done; the operation.
async fn import(
    world: &World,
    who: &Client,
    format: &str,
    name: &str,
    file: Vec<u8>,
    more: &str,
) -> anyhow::Result<Value> {
    let answer = send(world, &who.with("Prefer", "wait=30"), format, name, file, more).await?;
    anyhow::ensure!(answer.headers.contains_key("location"), "{}", answer.text);
    Ok(answer.ok())
}

/// A dry run, which leaves the log as it is.
async fn dry_run(
    world: &World,
    who: &Client,
    format: &str,
    name: &str,
    file: Vec<u8>,
    more: &str,
) -> anyhow::Result<Value> {
    let desk = Desk::of(world, "operation");
    let before = desk.head().await?;
    let shown = send(world, who, format, name, file, &format!("{more}&dryRun=true")).await?.ok();
    anyhow::ensure!(shown["dryRun"] == true && desk.head().await? == before, "{shown}");
    Ok(shown)
}

/// All objects of a kind.
async fn all(world: &World, plural: &str) -> anyhow::Result<Vec<Value>> {
    let (emp, mut found) = (world.as_(Role::Emp), Vec::new());
    let mut path = format!("/v1/{plural}?limit=100");
    loop {
        let page = emp.get(&path).await?.ok();
        found.extend(page["data"].as_array().context("data")?.iter().cloned());
        let Some(next) = page["next"].as_str() else { return Ok(found) };
        path = format!("/v1/{plural}?limit=100&cursor={next}");
    }
}

/// Each fault of an operation or dry run as `line field code`.
fn faults(of: &Value) -> Vec<String> {
    let errors = of["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fault = |error: &Value| {
        let (field, code) =
            (error["field"].as_str().unwrap_or("-"), error["code"].as_str().unwrap());
        format!("{} {field} {code}", error["line"])
    };
    errors.iter().map(fault).collect()
}

/// The import wrote so many events, all by the member through the import, under its operation.
async fn recorded(
    world: &World,
    operation: &Value,
    since: Position,
    count: usize,
) -> anyhow::Result<()> {
    let log = world.app.store.log(&world.tenant);
    let head = log.head().await?.context("head")?.position;
    let events = log.events(since, head, 1_000).await?;
    anyhow::ensure!(events.len() == count, "{} events instead of {count}", events.len());
    let id = operation["id"].as_str().context("id")?;
    // The operation's own start is the cause of all the rest.
    let parts = events.iter().filter(|event| event.row.kind != "operation");
    for part in parts {
        let shown = format!("{:?}", part.header);
        anyhow::ensure!(part.header.corr == id, "{shown}");
        anyhow::ensure!(json!(part.header.via) == "import", "{shown}");
        anyhow::ensure!(part.header.actor == operation["startedBy"].as_str().unwrap(), "{shown}");
    }
    Ok(())
}

/// A library is shown, imported, and refused when it is imported again.
async fn library(
    world: &World,
    name: &str,
    count: usize,
    first: &str,
    twice: &str,
) -> anyhow::Result<Value> {
    let (rm, file) = (world.as_(Role::Rm), data(&format!("risks/{name}")));
    let shown = dry_run(world, &rm, "risk_library", name, file.clone(), "").await?;
    assert_eq!((&shown["succeeds"], &shown["errors"]), (&json!(true), &json!([])), "{name}");
    let titles = shown["titles"].as_array().unwrap();
    assert_eq!((titles.len(), titles[0]["title"].as_str()), (count, Some(first)), "{name}");
    assert_eq!(shown["created"], json!([{ "kind": "risk", "count": count }]));
    assert!(!shown["notUnderstood"].as_array().unwrap().is_empty(), "{name}: {shown}");
    assert_eq!(all(world, "risks").await?, Vec::<Value>::new());

    let before = Desk::of(world, "risk").head().await?.0;
    let done = import(world, &rm, "risk_library", name, file.clone(), "").await?;
    assert_eq!((&done["status"], &done["fileName"]), (&json!("succeeded"), &json!(name)), "{done}");
    assert_eq!(done["created"], shown["created"]);
    assert_eq!(done["notUnderstood"], shown["notUnderstood"]);
    assert_eq!(done["objects"].as_array().unwrap().len(), count);
    recorded(world, &done, before, count + 2).await?;
    let risks = all(world, "risks").await?;
    assert_eq!(risks.len(), count);
    for risk in &risks {
        assert_eq!(risk["status"], "candidate");
        assert_eq!(
            (&risk["origin"]["source"], &risk["origin"]["licence"]),
            (&json!("github.com/example"), &json!("Apache-2.0")),
            "{risk}"
        );
        assert!(!risk["description"].as_str().unwrap().is_empty(), "{risk}");
    }

    let again = dry_run(world, &rm, "risk_library", name, file.clone(), "").await?;
    assert_eq!((&again["succeeds"], faults(&again).len()), (&json!(false), count), "{name}");
    let before = Desk::of(world, "risk").head().await?.0;
    let again = import(world, &rm, "risk_library", name, file, "").await?;
    assert_eq!(again["status"], "failed");
    let found = faults(&again);
    assert_eq!((found.len(), found[0].as_str()), (count, twice), "{name}");
    assert!(found.iter().all(|fault| fault.ends_with("risk.duplicate_entry")), "{found:?}");
    recorded(world, &again, before, 2).await?;
    assert_eq!(all(world, "risks").await?.len(), count);
    Ok(done)
}

story!(the_risk_atlas_becomes_candidates_that_are_adopted_or_dismissed, world => {
    let [rm, so, ro] = [Role::Rm, Role::So, Role::Ro].map(|role| world.as_(role));
    let done = library(&world, "risk_atlas_data.yaml", 99, "Evasion attack", "90 id risk.duplicate_entry").await?;
    let desk = Desk::of(&world, "operation");
    let id = done["id"].as_str().unwrap();
    let read = desk.read(id, "", "status format startedBy { name } created { kind count } source licence").await?;
    assert_eq!(read, json!({
        "status": "SUCCEEDED", "format": "RISK_LIBRARY", "startedBy": { "name": "The RM" },
        "created": [{ "kind": "risk", "count": 99 }], "source": "github.com/example",
        "licence": "Apache-2.0",
    }));

    let mut risks = Desk::of(&world, "risk");
    let ids: Vec<_> = done["objects"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let origin = risks.read(ids[0], "", "title origin { library entry group url }").await?;
    assert_eq!(origin["title"], "Evasion attack");
    assert_eq!((&origin["origin"]["library"], &origin["origin"]["entry"]),
        (&json!("IBM AI Risk Atlas"), &json!("atlas-evasion-attack")));
    assert_eq!(origin["origin"]["group"], "Robustness: model behavior manipulation");
    let analyse = json!({ "likelihood": 1, "consequenceOrg": 1, "rationale": "x", "notAssessedBecause": "y" });
    risks.refuse(&rm, "analyse", ids[0], analyse, "409 wrong_status").await?;
    let system = given::system(&world, "CreditLens", true).await?;
    let adopt = json!({ "systems": [system], "owner": ro.user });
    let payload = risks.mutates(&rm, "adopt", ids[0], &adopt, "status owner { name } systems { name }").await?;
    assert_eq!(payload["risk"], json!({
        "id": ids[0], "status": "IDENTIFIED", "owner": { "name": "The RO" }, "systems": [{ "name": "CreditLens" }],
    }));
    let closed = risks.does(&rm, "dismiss", ids[1], because()).await?["object"].take();
    assert_eq!((&closed["status"], &closed["closure"]["ground"]), (&json!("closed"), &json!("dismissed")));
    risks.refuse(&rm, "adopt", ids[1], json!({}), "409 wrong_status").await?;
    risks.refuse(&rm, "dismiss", ids[0], because(), "409 wrong_status").await?;
    let left = world.as_(Role::Emp).get("/v1/risks?filter[status]=candidate&limit=100").await?.ok();
    assert_eq!(left["data"].as_array().unwrap().len(), 97);
    assert_eq!(risks.events(ids[0]).await?, ["risk.candidate_imported", "risk.adopted", "risk.owner_assigned"]);

    // An operation is the tenant's own, and is done once.
    let stranger = world.stranger_as(Role::Rm);
    stranger.get(&format!("/v1/operations/{id}")).await?.problem(404, "not_found");
    assert_eq!(stranger.get("/v1/operations").await?.ok()["data"], json!([]));
    let path = format!("/v1/imports?format=risk_library&name=a.yaml&{FROM}");
    let body = Some(("application/yaml", data("risks/risk_atlas_data.yaml")));
    let theirs = stranger.at("2024-07-02T00:00:00Z").with("Prefer", "wait=30").send(Method::POST, &path, body).await?.ok();
    assert_eq!(theirs["status"], "succeeded", "{theirs}");
    world.as_(Role::Rm).get(&format!("/v1/operations/{}", theirs["id"].as_str().unwrap())).await?
        .problem(404, "not_found");
    let mut desk = desk;
    let sys = world.as_(Role::Sys);
    desk.refuse(&sys, "interrupt", id, json!({}), "409 has_ended").await?;
    desk.refuse(&sys, "fail", id, json!({ "errors": [] }), "409 has_ended").await?;
    desk.refuse(&sys, "complete", id, json!({}), "409 has_ended").await?;
    desk.refuse_corrections(&so, id, "source").await?;
    desk.all_but(&[]);
});

story!(the_mit_repository_becomes_candidates, world => {
    library(&world, "mit_ai_risk_repository_data.yaml", 33, "Unfair discrimination and misrepresentation",
        "90 id risk.duplicate_entry").await?;
});

story!(the_cosai_map_becomes_candidates, world => {
    library(&world, "cosai-risks.yaml", 36, "Data Poisoning", "33 id risk.duplicate_entry").await?;
    // Its controls are no risks.
    let (rm, file) = (world.as_(Role::Rm), data("risks/cosai-controls.yaml"));
    let shown = dry_run(&world, &rm, "risk_library", "cosai-controls.yaml", file.clone(), "").await?;
    assert_eq!(faults(&shown)[0].split(' ').next_back(), Some("no_risks"));
    let done = import(&world, &rm, "risk_library", "cosai-controls.yaml", file, "").await?;
    assert_eq!((&done["status"], &done["errors"]), (&json!("failed"), &shown["errors"]));
});

story!(the_table_of_nist_becomes_candidates_with_their_actions, world => {
    let done = library(&world, "nist_ai_600-1_actions.csv", 20, "AI Configuration",
        "21 NIST GAI Risks risk.duplicate_entry").await?;
    assert_eq!(done["assumed"].as_array().unwrap().len(), 20);
    let risks = all(&world, "risks").await?;
    let biased = risks.iter().find(|risk| risk["title"] == "Harmful Bias and Homogenization").unwrap();
    let actions = biased["suggestedActions"].as_array().unwrap();
    assert!(actions[0].as_str().unwrap().starts_with("GV-1.1-001: Align GAI development"), "{biased}");
});

story!(a_bill_of_materials_becomes_a_system_of_its_parts, world => {
    let (so, format) = (world.as_(Role::So), "cyclonedx_ml_bom");
    let (name, file) = ("bom.json", data("ml-bom/valid-machine-learning-1.6.json"));
    let shown = dry_run(&world, &so, format, name, file.clone(), "&withSystem=true").await?;
    let kinds: Vec<_> = shown["titles"].as_array().unwrap().iter().map(|t| t["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["resource", "dataset", "ai_system"]);
    let assumed: Vec<_> = shown["assumed"].as_array().unwrap().iter().map(|a| a["field"].as_str().unwrap()).collect();
    assert!(assumed.contains(&"autonomy") && assumed.contains(&"acquisition.source"), "{assumed:?}");
    let missed = shown["notUnderstood"].to_string();
    assert!(missed.contains("components[].modelCard.quantitativeAnalysis"), "{missed}");
    assert_eq!(all(&world, "resources").await?.len() + all(&world, "ai-systems").await?.len(), 0);

    // A developer may bring models, but registers no system: then nothing is stored.
    let dev = world.as_(Role::Dev);
    let before = Desk::of(&world, "operation").head().await?.0;
    let refused = import(&world, &dev, format, name, file.clone(), "&withSystem=true").await?;
    assert_eq!(refused["status"], "failed", "{refused}");
    assert!(faults(&refused).iter().any(|fault| fault.ends_with("forbidden")), "{refused}");
    recorded(&world, &refused, before, 2).await?;

    let before = Desk::of(&world, "operation").head().await?.0;
    let done = import(&world, &so, format, name, file.clone(), "&withSystem=true").await?;
    assert_eq!(done["status"], "succeeded", "{done}");
    assert_eq!((&done["assumed"], &done["notUnderstood"]), (&shown["assumed"], &shown["notUnderstood"]));
    recorded(&world, &done, before, 6).await?;
    let systems = all(&world, "ai-systems").await?;
    let version = systems[0]["versions"].as_object().unwrap().values().next().unwrap();
    let (models, sets) = (all(&world, "resources").await?, all(&world, "datasets").await?);
    assert_eq!(version["resources"], json!([models[0]["id"]]));
    assert_eq!(version["datasets"], json!([sets[0]["id"]]));
    assert_eq!(systems[0]["owner"], json!(so.user));
    let query = "query($id: ID!) { aims { resource(id: $id) { name licence origin { format source licence } } } }";
    let read = so.graphql(query, json!({ "id": models[0]["id"] })).await?.data();
    assert_eq!(read["aims"]["resource"]["name"], "stable-diffusion");
    assert_eq!(read["aims"]["resource"]["origin"], json!({
        "format": "CycloneDX 1.6", "source": "github.com/example", "licence": "Apache-2.0",
    }));
    let again = import(&world, &so, format, name, file, "").await?;
    assert_eq!(again["status"], "failed");
    let code = |fault: &String| fault.split(' ').next_back().unwrap().to_owned();
    let mut codes: Vec<_> = faults(&again).iter().map(code).collect();
    codes.sort();
    assert_eq!(codes, ["dataset.imported_already", "resource.imported_already"], "{again}");

    let file = data("ml-bom/valid-machine-learning-considerations-env-1.6.json");
    let done = import(&world, &dev, format, "llama.json", file, "").await?;
    assert_eq!(done["created"], json!([{ "kind": "resource", "count": 1 }]), "{done}");
    let note = all(&world, "resources").await?.iter().find_map(|r| r["energyNote"].as_str().map(str::to_owned));
    assert_eq!(note.as_deref(), Some("training: energy 0.4 kWh, emissions 31.22 tCO2eq, offset 31.22 tCO2eq"));
});

story!(model_cards_become_models_and_data_sets, world => {
    let (so, format) = (world.as_(Role::So), "model_card");
    for (name, more, created) in [
        ("cats_vs_dogs_v0_0_2.json", "", json!([{ "kind": "dataset", "count": 2 }, { "kind": "resource", "count": 1 }])),
        ("full.json", "&withSystem=true", json!([
            { "kind": "ai_system", "count": 1 }, { "kind": "dataset", "count": 1 }, { "kind": "resource", "count": 1 },
        ])),
    ] {
        let file = data(&format!("model-cards/{name}"));
        let shown = dry_run(&world, &so, format, name, file.clone(), more).await?;
        assert_eq!((&shown["succeeds"], &shown["created"]), (&json!(true), &created), "{shown}");
        assert!(!shown["notUnderstood"].as_array().unwrap().is_empty(), "{shown}");
        let done = import(&world, &so, format, name, file.clone(), more).await?;
        assert_eq!((&done["status"], &done["created"]), (&json!("succeeded"), &created), "{done}");
        let again = import(&world, &so, format, name, file, "").await?;
        assert_eq!(again["status"], "failed", "{again}");
        assert!(faults(&again).iter().all(|fault| fault.ends_with(".imported_already")), "{again}");
    }
    let systems = all(&world, "ai-systems").await?;
    assert_eq!((&systems[0]["name"], &systems[0]["purpose"]), (&json!("name"), &json!("use_cases")));
    let card = b"---\nlicense: mit\ndatasets:\n- imdb\n- glue\nlanguage: en\n---\n# Tiny BERT\n\nText.\n";
    let done = import(&world, &so, format, "README.md", card.to_vec(), "").await?;
    assert_eq!(done["status"], "succeeded", "{done}");
    assert_eq!(done["notUnderstood"][0]["path"], "language");
});

/// A table of so many risks.
fn table(count: usize) -> Vec<String> {
    let rows = (1..=count).map(|n| format!("r{n},Risk {n},It may happen."));
    ["id,title,description".to_owned()].into_iter().chain(rows).collect()
}

story!(one_bad_row_keeps_the_whole_file_out, world => {
    let rm = world.as_(Role::Rm);
    let desk = Desk::of(&world, "operation");
    let mut untitled = table(50);
    untitled[25] = "r25,,It may happen.".into();
    untitled[30] = "r30,Risk 30,".into();
    let mut long = table(50);
    long[25] = format!("r25,{},It may happen.", "x".repeat(201));
    long[40] = format!("r40,Risk 40,{}", "x".repeat(10_001));
    let mut twice = table(50);
    twice[25] = "r7,Risk 25,It may happen.".into();
    let mut wide = table(50);
    wide[25] += ",more";
    let mut nul = table(50);
    nul[25] += "\0";
    for (rows, expected) in [
        (untitled, vec!["26 title missing", "31 description missing"]),
        (long, vec!["26 title too_long", "41 description too_long"]),
        (twice, vec!["26 id risk.duplicate_entry"]),
        (wide, vec!["26 - unreadable"]),
        (nul, vec!["26 - unreadable"]),
    ] {
        let file = rows.join("\n").into_bytes();
        let shown = dry_run(&world, &rm, "risk_library", "r.csv", file.clone(), "").await?;
        assert_eq!((&shown["succeeds"], faults(&shown)), (&json!(false), expected.iter().map(|e| (*e).to_owned()).collect()));
        let before = desk.head().await?.0;
        let done = import(&world, &rm, "risk_library", "r.csv", file, "").await?;
        assert_eq!((&done["status"], faults(&done)), (&json!("failed"), expected.iter().map(|e| (*e).to_owned()).collect()));
        // The operation's two events, and nothing else.
        recorded(&world, &done, before, 2).await?;
        let read = desk.read(done["id"].as_str().unwrap(), "", "status errors { line code field message }").await?;
        assert_eq!((&read["status"], &read["errors"][0]["line"]), (&json!("FAILED"), &json!(26)));
        assert_eq!(desk.events(done["id"].as_str().unwrap()).await?, ["operation.started", "operation.failed"]);
    }
    assert_eq!(all(&world, "risks").await?.len(), 0);
    let file = table(50).join("\n").into_bytes();
    assert_eq!(import(&world, &rm, "risk_library", "r.csv", file, "").await?["status"], "succeeded");
    assert_eq!(all(&world, "risks").await?.len(), 50);
});

story!(files_that_cannot_be_read_say_where, world => {
    let rm = world.as_(Role::Rm);
    for (name, file, expected) in [
        ("r.yaml", "risks:\n- title: a\n  description: b\n- title: [\n".as_bytes(), "unreadable"),
        ("r.yaml", b"risks:\n- &a {title: x, description: y}\n- *a\n", "3 - unreadable"),
        ("r.yaml", b"risks: []\n---\nrisks: []\n", "2 - unreadable"),
        ("r.yaml", b"risks:\n- title: a\n  title: b\n", "3 - unreadable"),
        ("r.json", b"{\"risks\": [\n{\"title\": \"a\",}\n]}", "2 - unreadable"),
        ("r.json", b"{\"risks\": [\n{\"title\": \"a\", \"title\": \"b\"}\n]}", "2 - unreadable"),
        ("r.csv", b"id,title,title\n1,a,b\n", "1 - unreadable"),
        ("r.csv", b"id,title,description\n1,a,\xff\n", "2 - unreadable"),
        ("r.csv", b"", "1 - unreadable"),
        ("r.yaml", b"risks: []\n", "1 - nothing_found"),
        ("r.yaml", b"risks: {}\n", "1 - no_risks"),
    ] {
        let shown = dry_run(&world, &rm, "risk_library", name, file.to_vec(), "").await?;
        let found = faults(&shown);
        assert!(shown["succeeds"] == false && found.len() == 1 && found[0].ends_with(expected), "{name} {expected}: {shown}");
        let done = import(&world, &rm, "risk_library", name, file.to_vec(), "").await?;
        assert_eq!((&done["status"], &done["errors"]), (&json!("failed"), &shown["errors"]));
    }
    let deep = ["[".repeat(50_000), "{\"risks\":".repeat(50_000)];
    for (name, file) in ["r.yaml", "r.json"].into_iter().zip(deep) {
        let shown = dry_run(&world, &rm, "risk_library", name, file.into_bytes(), "").await?;
        assert_eq!(faults(&shown), ["1 - unreadable"]);
    }
});

story!(who_may_not_or_asks_wrongly_imports_nothing, world => {
    let desk = Desk::of(&world, "operation");
    let rm = desk.timed(&world.as_(Role::Rm)).await?;
    let before = desk.head().await?;
    let file = || Some(("text/csv", table(2).join("\n").into_bytes()));
    let good = format!("/v1/imports?format=risk_library&name=r.csv&{FROM}");
    world.nobody().send(Method::POST, &good, file()).await?.problem(401, "unauthenticated");
    for role in Role::MEMBERS.iter().copied().filter(|role| *role != Role::Rm) {
        world.as_(role).send(Method::POST, &good, file()).await?.problem(403, "forbidden");
    }
    for format in ["cyclonedx_ml_bom", "model_card"] {
        let path = format!("/v1/imports?format={format}&name=r.json&{FROM}");
        rm.send(Method::POST, &path, file()).await?.problem(403, "forbidden");
    }
    for (query, parameters) in [
        (String::new(), vec!["format", "name", "source", "licence"]),
        (format!("format=risk_library&name=r.csv&{FROM}&colour=red"), vec!["colour"]),
        (format!("format=risk_library&name=r.csv&{FROM}&dryrun=true"), vec!["dryrun"]),
        (format!("format=risk_library&name=r.csv&{FROM}&dryRun=yes"), vec!["dryRun"]),
        (format!("format=spdx&name=r.csv&{FROM}"), vec!["format"]),
        (format!("format=risk_library&name=&{FROM}"), vec!["name"]),
        (format!("format=risk_library&name=r.csv&name=s.csv&{FROM}"), vec!["name"]),
        (format!("format=risk_library&name={}&{FROM}", "x".repeat(201)), vec!["name"]),
        (format!("format=risk_library&name=a%00b&{FROM}"), vec!["name"]),
    ] {
        let problem = rm.send(Method::POST, &format!("/v1/imports?{query}"), file()).await?
            .problem(400, "invalid_query");
        let wrong: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["parameter"].as_str().unwrap()).collect();
        assert_eq!(wrong, parameters, "{query}");
    }
    for prefer in ["wait=0", "wait=61", "wait=soon"] {
        rm.with("Prefer", prefer).send(Method::POST, &good, file()).await?.problem(400, "invalid_header");
    }
    let huge = Some(("text/csv", vec![b'x'; (16 << 20) + 1]));
    rm.send(Method::POST, &good, huge).await?.problem(413, "too_large");
    rm.with("Content-Encoding", "gzip").send(Method::POST, &good, file()).await?
        .problem(415, "unsupported_media_type");
    rm.get("/v1/imports").await?.problem(405, "method_not_allowed");
    assert_eq!(desk.head().await?, before);
});

story!(an_import_under_a_key_is_done_once, world => {
    let rm = world.as_(Role::Rm).with("Idempotency-Key", "import-1");
    let file = || table(20).join("\n").into_bytes();
    let waiting = rm.with("Prefer", "wait=30");
    let first = send(&world, &waiting, "risk_library", "r.csv", file(), "").await?;
    assert_eq!(first.headers.get("idempotency-replayed"), None);
    let second = send(&world, &waiting, "risk_library", "r.csv", file(), "").await?;
    assert_eq!(second.headers["idempotency-replayed"], "true");
    let (first, second) = (first.ok(), second.ok());
    assert_eq!((&first["id"], &first["status"]), (&second["id"], &json!("succeeded")));
    assert_eq!(all(&world, "risks").await?.len(), 20);
    // Under the same key nothing else can be asked: another file, or the same taken otherwise.
    send(&world, &rm, "risk_library", "r.csv", table(21).join("\n").into_bytes(), "").await?
        .problem(422, "idempotency_key_reused");
    send(&world, &rm, "risk_library", "other.csv", file(), "").await?.problem(422, "idempotency_key_reused");

    // Who does not wait gets the operation as it stands, and finds it done later.
    let later = send(&world, &world.as_(Role::Rm), "risk_library", "s.csv", table(1).join("\n").replace("r1,", "s1,").into_bytes(), "").await?;
    assert!([200, 202].contains(&later.status.as_u16()), "{}", later.text);
    let path = later.headers["location"].clone();
    for attempt in 0.. {
        let shown = world.as_(Role::Emp).get(&path).await?.ok();
        if shown["status"] != "running" {
            assert_eq!(shown["status"], "succeeded", "{shown}");
            break;
        }
        anyhow::ensure!(attempt < 1000, "the import does not end");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(all(&world, "risks").await?.len(), 21);
});

/// `annals import` of the MIT repository in the name of a member: what it prints, and how it ends.
async fn command_line(
    settings: &Settings,
    (tenant, member): (&TenantId, &str),
    dry_run: bool,
) -> (Value, anyhow::Result<()>) {
    let file = "risks/mit_ai_risk_repository_data.yaml";
    let args = || Args {
        file: format!("{}/data/{file}", env!("CARGO_MANIFEST_DIR")).into(),
        format: FileFormat::RiskLibrary,
        tenant: tenant.to_string(),
        member: member.to_owned(),
        source: "github.com/example".to_owned(),
        licence: "Apache-2.0".to_owned(),
        with_system: false,
        title: None,
        edition: None,
        language: None,
        publish: false,
        catalogue: None,
        unknown: OnUnknown::Refuse,
        dry_run,
    };
    // Whoever had the folder before lets go of it in its own time.
    for _ in 0..1_000 {
        let mut out = Vec::new();
        let ended = run(settings.clone(), args(), &mut out).await;
        let is_taken =
            |error: &anyhow::Error| format!("{error:#}").contains("is in use by another");
        if !ended.as_ref().is_err_and(is_taken) {
            return (serde_json::from_slice(&out).unwrap_or_default(), ended);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the data folder is never free");
}

/// Opens the data folder once it is free.
async fn opened(settings: Settings) -> anyhow::Result<App> {
    for _ in 0..1_000 {
        match App::open(settings.clone()).await {
            Err(error) if format!("{error:#}").contains("is in use by another") => {}
            other => return other,
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    anyhow::bail!("the data folder is never free")
}

/// Nobody serves; the file is imported into the data folder itself.
fn imported_on_the_command_line(engine: Engine) -> anyhow::Result<()> {
    let serving = Runtime::new()?;
    let (settings, folder, tenant, members) = serving.block_on(async {
        let world = World::start(engine).await?;
        let (tenant, members) =
            (world.tenant.clone(), [Role::So, Role::Rm].map(|r| world.as_(r).user));
        let (settings, folder) = world.leave().await;
        anyhow::Ok((settings, folder, tenant, members))
    })?;
    drop(serving);
    let [so, rm] = members.each_ref().map(|member| (&tenant, member.as_str()));
    Runtime::new()?.block_on(async {
        let (_, ended) = command_line(&settings, so, false).await;
        let error = ended.unwrap_err().to_string();
        anyhow::ensure!(error.contains("holds none of the roles RM"), "{error}");
        let (_, ended) = command_line(&settings, (&tenant, "usr_nobody"), false).await;
        anyhow::ensure!(ended.is_err(), "a stranger imported");
        let (shown, ended) = command_line(&settings, rm, true).await;
        ended?;
        assert_eq!(
            (&shown["succeeds"], shown["titles"].as_array().unwrap().len()),
            (&json!(true), 33)
        );
        let (operation, ended) = command_line(&settings, rm, false).await;
        ended?;
        assert_eq!(
            (&operation["status"], &operation["startedBy"]),
            (&json!("succeeded"), &json!(rm.1))
        );
        assert_eq!(operation["created"], json!([{ "kind": "risk", "count": 33 }]));
        let (operation, ended) = command_line(&settings, rm, false).await;
        let error = ended.unwrap_err().to_string();
        anyhow::ensure!(error.starts_with("nothing was imported; the operation opr_"), "{error}");
        assert_eq!((&operation["status"], faults(&operation).len()), (&json!("failed"), 33));
        let (shown, ended) = command_line(&settings, rm, true).await;
        assert_eq!(ended.unwrap_err().to_string(), "33 faults; nothing would be imported");
        assert_eq!(shown["succeeds"], false);

        // Two operations and one import, whole; the dry runs and the strangers left no trace.
        let app = opened(settings).await?;
        let report = verify::check(&app.store.log(&tenant), &*app.registry).await?;
        anyhow::ensure!(report.problems.is_empty(), "{:?}", report.problems);
        let log = app.store.log(&tenant);
        let head = log.head().await?.context("head")?.position;
        let events = log.events(Position::START, head, 1_000).await?;
        let of = |kind: &str| events.iter().filter(|event| event.row.kind == kind).count();
        assert_eq!((of("risk"), of("operation")), (33, 4));
        anyhow::Ok(())
    })?;
    drop(folder);
    Ok(())
}

#[test]
fn a_library_is_imported_on_the_command_line_into_sqlite() -> anyhow::Result<()> {
    imported_on_the_command_line(Engine::Sqlite)
}

#[test]
fn a_library_is_imported_on_the_command_line_into_postgres() -> anyhow::Result<()> {
    imported_on_the_command_line(Engine::Postgres)
}

/// Questions of all chapters of a file's questionnaire, in their order.
async fn questions(world: &World, questionnaire: &Value) -> anyhow::Result<Vec<(String, Value)>> {
    let mut all = Vec::new();
    for id in questionnaire["chapters"].as_array().context("chapters")? {
        let path = format!("/v1/questionnaire-chapters/{}", id.as_str().context("id")?);
        let chapter = world.as_(Role::Emp).get(&path).await?.ok();
        let questions = chapter["questions"].as_object().context("questions")?;
        let mut of_chapter: Vec<_> = questions.clone().into_iter().collect();
        of_chapter.sort_by_key(|(_, question)| question["order"].as_u64());
        all.extend(of_chapter);
    }
    Ok(all)
}

story!(a_questionnaire_becomes_chapters_that_are_scored_fixed_and_approved, world => {
    let [sm, am, rm] = [Role::Sm, Role::Am, Role::Rm].map(|role| world.as_(role));
    for (name, chapters, count) in [
        ("third-party-supplier-questionnaire.csv", 12, 239),
        ("data-management-questionnaire.csv", 14, 149),
    ] {
        let file = data(&format!("suppliers/{name}"));
        let answer = send(&world, &rm, "questionnaire", name, file.clone(), "&dryRun=true").await?;
        answer.problem(403, "forbidden");
        let shown = dry_run(&world, &sm, "questionnaire", name, file.clone(), "").await?;
        assert_eq!((&shown["succeeds"], &shown["errors"]), (&json!(true), &json!([])), "{name}");
        assert_eq!(shown["notUnderstood"], Value::Null, "{name}: all of it is understood");
        assert_eq!(shown["titles"].as_array().unwrap().len(), chapters + 1);
        let before = Desk::of(&world, "operation").head().await?.0;
        let done = import(&world, &sm, "questionnaire", name, file.clone(), "").await?;
        assert_eq!(done["status"], "succeeded", "{done}");
        recorded(&world, &done, before, chapters + 3).await?;
        let id = done["objects"].as_array().unwrap().last().unwrap().as_str().unwrap();
        let questionnaire = world.as_(Role::Emp).get(&format!("/v1/questionnaires/{id}")).await?.ok();
        assert_eq!(questionnaire["status"], "draft");
        assert_eq!(questions(&world, &questionnaire).await?.len(), count, "{name}");
        let again = dry_run(&world, &sm, "questionnaire", name, file, "").await?;
        assert_eq!(faults(&again), ["1 documentHash questionnaire.imported_already"], "{name}");
    }

    // Nothing of it is scored until somebody says what counts.
    let desk = Desk::of(&world, "questionnaire");
    let all = world.as_(Role::Emp).get("/v1/questionnaires?limit=10").await?.ok();
    let found = all["data"].as_array().unwrap().iter().find(|q| q["title"] == "Data management questionnaire");
    let found = found.context("the second one")?;
    let (id, chapters) = (found["id"].as_str().unwrap(), Desk::of(&world, "questionnaire_chapter"));
    for chapter in found["chapters"].as_array().unwrap() {
        let chapter = chapter.as_str().unwrap();
        if chapters.shown(chapter, "").await?["title"] == "Responsibilities" {
            let scored = json!({
                "key": "3.1", "text": "Is somebody responsible for classifying data?", "answer": "single", "weight": 1,
                "critical": true, "takesRemarks": true, "choices": [
                    { "key": "1", "text": "Yes", "points": 1, "notApplicable": false, "shows": ["3.2"] },
                    { "key": "2", "text": "No", "points": 0, "notApplicable": false },
                ],
            });
            chapters.does(&sm, "put_question", chapter, scored).await?;
        }
        chapters.does(&sm, "fix", chapter, json!({})).await?;
    }
    desk.does(&sm, "submit", id, json!({})).await?;
    let approved = desk.does(&am, "approve", id, json!({})).await?;
    assert_eq!(approved["object"]["inForce"]["version"], 1);
});

story!(a_questionnaire_with_faults_is_not_imported_at_all, world => {
    let sm = world.as_(Role::Sm);
    let head = "Chapter ID,Chapter Title,Question ID,Question Title,Answer Type,Dropdown Options,Dropdown Scoring,Dropdown Option Score,Dropdown Option Score Multiplier\n";
    let csv = format!("{head}1,Logs,1.1,\"Are logs\nkept?\",2,Yes|No,1,10,1|0\n1,Logs,1.2,{},1,,,,\n1,Logs,1.3,Weighed?,2,Yes|No,1,99999,1|0\n", "x".repeat(601));
    let shown = dry_run(&world, &sm, "questionnaire", "q.csv", csv.clone().into_bytes(), "").await?;
    assert_eq!(faults(&shown), ["4 Question Title too_long"]);
    let done = import(&world, &sm, "questionnaire", "q.csv", csv.into_bytes(), "").await?;
    assert_eq!((&done["status"], faults(&done)), (&json!("failed"), vec!["4 Question Title too_long".to_owned()]));
    assert_eq!(all(&world, "questionnaires").await?, Vec::<Value>::new());
    let csv = format!("{head}1,Logs,1.3,Weighed?,2,Yes|No,1,99999,1|0\n");
    let shown = dry_run(&world, &sm, "questionnaire", "q.csv", csv.into_bytes(), "").await?;
    assert_eq!(faults(&shown), ["2 Dropdown Option Score questionnaire_chapter.counts_too_much"]);
});
