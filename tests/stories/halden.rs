//! The worked example: its rows of risk and life cycle are in the log as the domain model has them,
//! and it answers its auditors' questions.

use std::collections::{BTreeMap, BTreeSet};

use annals::demo::questions;
use annals::demo::replay::{self, Example, Replayed};
use annals_tests::{Client, World, story};
use serde_json::{Value, json};

/// The rows as the domain model has them; the head of the first says what the columns are.
const ROWS: [&str; 6] = [
    include_str!("../data/halden/rows.txt"),
    include_str!("../data/halden/governance.txt"),
    include_str!("../data/halden/suppliers.txt"),
    include_str!("../data/halden/support.txt"),
    include_str!("../data/halden/assurance.txt"),
    include_str!("../data/halden/certification.txt"),
];

/// One event of a row.
struct Row {
    number: u32,
    place: String,
    time: &'static str,
    event: &'static str,
    object: &'static str,
    actor: &'static str,
    role: &'static str,
    facts: Vec<(&'static str, &'static str)>,
}

impl Row {
    fn read(line: &'static str) -> Self {
        let columns: Vec<_> = line.split(" | ").collect();
        let [row, time, event, object, actor, role, facts] = columns[..] else {
            panic!("seven columns, not {}: {line}", columns.len());
        };
        let facts = facts.split("; ").map(|fact| fact.split_once('=').unwrap()).collect();
        let number = row.trim_start_matches('E').parse().unwrap();
        let place = format!("{row} {event} {object}");
        Self { number, place, time, event, object, actor, role, facts }
    }

    fn all() -> Vec<Self> {
        let lines = ROWS.into_iter().flat_map(str::lines);
        lines.filter(|line| line.starts_with('E')).map(Self::read).collect()
    }
}

/// Every event of the log by type, object and time.
async fn events(reader: &Client) -> anyhow::Result<BTreeMap<[String; 3], Value>> {
    let (mut all, mut after) = (BTreeMap::new(), "0".to_owned());
    loop {
        let page = reader.get(&format!("/v1/events?limit=100&after={after}")).await?.ok();
        let page = page["data"].as_array().unwrap();
        let Some(last) = page.last() else { return Ok(all) };
        last["position"].as_str().unwrap().clone_into(&mut after);
        for event in page {
            let key = ["type", "object", "recordedAt"].map(|name| text(Some(&event[name])));
            assert_eq!(all.insert(key, event.clone()), None);
        }
    }
}

/// A value as the table writes it.
fn text(value: Option<&Value>) -> String {
    match value {
        None => "null".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn count(value: Option<&Value>) -> usize {
    match value {
        None | Some(Value::Null) => 0,
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(members)) => members.len(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_)) => 1,
    }
}

/// Each row is in the log, by the right person in the right role at its time, and the object said
/// from then on what the row says.
async fn the_rows_are_in_the_log(world: &World, halden: &Replayed) -> anyhow::Result<()> {
    let reader = world.client(&halden.tenant, halden.id("rui")?)?;
    let events = events(&reader).await?;
    let rows = Row::all();
    // All rows of the domain model, E01 to E101.
    let numbers: BTreeSet<u32> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=101).collect());
    for Row { place, time, event, object, actor, role, facts, .. } in rows {
        let id = halden.id(object)?;
        let recorded_at = time.replace('Z', ".000000Z");
        let found = events.get(&[event.to_owned(), id.to_owned(), recorded_at]);
        let found = found.unwrap_or_else(|| panic!("{place} is not in the log at {time}"));
        assert_eq!(found["role"], role, "{place}");
        match actor {
            "sys" => assert!(found["actor"].as_str().unwrap().starts_with("rea_"), "{place}"),
            actor => assert_eq!(found["actor"], halden.id(actor)?, "{place}"),
        }
        let kind = world.registry().named(event.split_once('.').unwrap().0).unwrap();
        let path = format!("/v1/{}/{id}?asOf={time}", kind.decl().row.plural);
        let body = reader.get(&path).await?.ok();
        for (pointer, wanted) in facts {
            let wanted = match wanted.strip_prefix('@') {
                Some(label) => halden.id(label)?,
                None => wanted,
            };
            let seen = match pointer.strip_prefix('#') {
                Some(pointer) => count(body.pointer(pointer)).to_string(),
                None => text(body.pointer(pointer)),
            };
            assert_eq!(seen, wanted, "{place} {pointer}: {body}");
        }
    }
    Ok(())
}

/// Every command was recorded in the role in which the example says that it was given.
async fn the_roles_are_those_of_the_example(
    world: &World,
    halden: &Replayed,
) -> anyhow::Result<()> {
    let reader = world.client(&halden.tenant, halden.id("rui")?)?;
    let events = events(&reader).await?;
    let roles: BTreeMap<_, _> =
        events.into_iter().map(|([_, _, time], event)| (time, event["role"].clone())).collect();
    let steps = Example::halden()?.steps;
    assert_eq!(steps.len() + Example::halden()?.people.len(), halden.commands);
    for step in steps {
        let recorded = roles.get(&step.at.to_string());
        assert_eq!(recorded, Some(&json!(step.role.code())), "{} {}", step.row, step.what);
    }
    Ok(())
}

/// What was recorded late says so, and since when it is true.
async fn late_entries_say_so(world: &World, halden: &Replayed) -> anyhow::Result<()> {
    let reader = world.client(&halden.tenant, halden.id("rui")?)?;
    for (label, since) in [("SYS-02", "2024-03-04"), ("SYS-03", "2023-05-15")] {
        let id = halden.id(label)?;
        let history = reader.get(&format!("/v1/ai-systems/{id}/history")).await?.ok();
        let first = &history["data"][0];
        assert_eq!(first["type"], "ai_system.registered");
        assert!(first["effectiveAt"].as_str().unwrap().starts_with(since), "{first}");
        assert_eq!(first["late"], true, "{first}");
    }
    Ok(())
}

story!(the_worked_example, world => {
    let halden = replay::halden(&world.app).await?;
    let address = world.base().trim_start_matches("http://").parse()?;
    questions::check(&world.app, &halden, address).await?;
    the_rows_are_in_the_log(&world, &halden).await?;
    the_roles_are_those_of_the_example(&world, &halden).await?;
    late_entries_say_so(&world, &halden).await?;
    let log = world.app.store.log(&halden.tenant);
    let report = event_store::verify::check(&log, &*world.app.registry).await?;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert!(report.events > 600, "{}", report.events);
    event_store::verify::rebuild(&log).await?;
    let again = event_store::verify::check(&log, &*world.app.registry).await?;
    assert!(again.problems.is_empty(), "{:?}", again.problems);
});
