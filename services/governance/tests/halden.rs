//! The worked example (domain model, section 7): every step of governance is accepted, the versions
//! of the Statement of Applicability have the figures of the page, and its questions on governance
//! get their answers. Folded in memory; facts are given only as far as a command asks for them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use governance::acknowledgement::Acknowledgement;
use governance::document::Document;
use governance::evidence::Evidence;
use governance::interested_party::InterestedParty;
use governance::organisation::Organisation;
use governance::scope::Scope;
use governance::soa::Soa;
use governance::soa_control::SoaControl;
use kernel::approval::content_hash;
use kernel::domain::{Commands, Domain, Events, KindDecl};
use kernel::values::{PLAIN, SEALED};
use kernel::{Context, Instant, Need, Position, Role, door, id};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../annals/src/demo/halden");

#[derive(Deserialize)]
struct Person {
    label: String,
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct Step {
    row: String,
    at: Instant,
    by: String,
    role: Role,
    r#do: String,
    r#as: Option<String>,
    on: Option<String>,
    input: Value,
}

/// One version of an object's document.
struct Version {
    position: Position,
    at: Instant,
    kind: String,
    body: Arc<Value>,
}

/// The objects that came to be, with all their versions, and who is who.
#[derive(Default)]
struct World {
    roles: BTreeMap<String, Vec<Role>>,
    ids: BTreeMap<String, String>,
    objects: BTreeMap<String, Vec<Version>>,
    streams: BTreeMap<String, u64>,
    position: Position,
    now: Instant,
}

impl World {
    fn replayed() -> Self {
        let read = |name| std::fs::read_to_string(format!("{EXAMPLE}/{name}.json")).unwrap();
        let people: Vec<Person> = serde_json::from_str(&read("people")).unwrap();
        let steps: Vec<Step> = serde_json::from_str(&read("governance")).unwrap();
        let mut world = Self::default();
        for (person, bits) in people.into_iter().zip(1_u128..) {
            world.ids.insert(person.label.clone(), id::encode("usr", bits));
            world.roles.insert(person.label, person.roles);
        }
        for step in steps {
            assert!(step.at > world.now, "{} {} is not later", step.row, step.at);
            world.now = step.at;
            let (kind, verb) = step.r#do.split_once('.').unwrap();
            match kind {
                "acknowledgement" => world.take::<Acknowledgement>(verb, &step),
                "document" => world.take::<Document>(verb, &step),
                "evidence" => world.take::<Evidence>(verb, &step),
                "interested_party" => world.take::<InterestedParty>(verb, &step),
                "organisation" => world.take::<Organisation>(verb, &step),
                "scope" => world.take::<Scope>(verb, &step),
                "soa" => world.take::<Soa>(verb, &step),
                "soa_control" => world.take::<SoaControl>(verb, &step),
                other => assert_eq!(other, "membership", "{}: a kind of governance?", step.row),
            }
        }
        world
    }

    /// Gives one command as the bus does: roles, door, facts, decision, events, fold.
    fn take<A: Domain>(&mut self, verb: &str, step: &Step) {
        let place = format!("{} {}", step.row, step.r#do);
        let decl = KindDecl::of::<A>().unwrap();
        let command = decl.command(verb).unwrap_or_else(|| panic!("{place}: no such command"));
        assert!(command.by.contains(&step.role), "{place}: {:?} may not", step.role);
        assert_eq!(command.creates, step.r#as.is_some(), "{place}: as or on");
        if let Some(label) = &step.r#as {
            let bits = id::uuid_v7(step.at.millis(), self.ids.len() as u128);
            let fresh = self.ids.insert(label.clone(), id::encode(decl.row.prefix, bits));
            assert!(fresh.is_none(), "{place}: {label} twice");
        }
        let input = self.named(&step.input);
        assert_eq!(door::check(&command.input.fields, &input, ""), [], "{place}");
        let object = self.id(step.r#as.as_ref().or(step.on.as_ref()).unwrap());
        let command = A::Command::parse(verb, input).unwrap().unwrap();
        let mut state = self.state::<A>(&object);
        let context = self.context(&state, &command, &object, step);
        let emits = decl.command(verb).unwrap().emits;
        let events = state.decide(command, &context);
        let events = events.unwrap_or_else(|refused| panic!("{place}: {refused}"));
        assert!(!events.is_empty(), "{place}: nothing happens");
        for event in events {
            let name = event.name();
            assert!(emits.contains(&name.rsplit('.').next().unwrap()), "{place}: {name}");
            let data = sealed(event.data().unwrap());
            state.evolve(A::Event::read(name, event.version(), data).unwrap().unwrap());
            self.store(&object, decl.row.name, serde_json::to_value(&state).unwrap());
        }
    }

    fn context<A: Domain>(
        &self,
        state: &A,
        command: &A::Command,
        object: &str,
        step: &Step,
    ) -> Context {
        let (user, mut roles) = match step.by.as_str() {
            "sys" => ("rea_demo".to_owned(), vec![Role::Sys]),
            person => (self.id(person), self.roles[person].clone()),
        };
        if user != "rea_demo" {
            roles.push(Role::Emp);
        }
        assert!(roles.contains(&step.role), "{}: {} is no {:?}", step.row, step.by, step.role);
        let mut context = Context::of(&user, &roles, &step.at.to_string());
        context.actor.role = step.role;
        context.id = object.to_owned();
        context.version = self.streams.get(object).copied().unwrap_or_default();
        context.facts.position = self.position;
        let mut answered = BTreeSet::new();
        loop {
            let needs = state.needs(command, &context).into_iter();
            let new: Vec<_> = needs.filter(|need| answered.insert(need.clone())).collect();
            if new.is_empty() {
                break;
            }
            for need in new {
                self.answer(&need, &mut context);
            }
        }
        assert_eq!(context.facts.unreadable(), None);
        context
    }

    fn answer(&self, need: &Need, context: &mut Context) {
        for (object, versions) in &self.objects {
            let Some(Version { kind, body, .. }) = versions.last() else { continue };
            let fits = match need {
                Need::Object(wanted) | Need::Platform(wanted) => wanted == object,
                Need::Event(_) => false,
                Need::All(of) => of == kind,
                Need::Where(of, field, text) => of == kind && body[*field] == json!(text),
            };
            if fits {
                context.facts.add(object, kind, Arc::clone(body));
            }
        }
    }

    fn store(&mut self, object: &str, kind: &str, body: Value) {
        self.position = self.position.next();
        *self.streams.entry(object.to_owned()).or_default() += 1;
        let (position, at, kind) = (self.position, self.now, kind.to_owned());
        let version = Version { position, at, kind, body: Arc::new(body) };
        self.objects.entry(object.to_owned()).or_default().push(version);
    }

    fn state<A: Domain>(&self, object: &str) -> A {
        let document = self.objects.get(object).and_then(|versions| versions.last());
        document.map_or_else(A::default, |d| A::deserialize(&*d.body).unwrap())
    }

    fn id(&self, label: &str) -> String {
        self.ids.get(label).unwrap_or_else(|| panic!("no {label}")).clone()
    }

    /// The value with labels replaced by ids.
    fn named(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix('@') {
                Some(label) => Value::String(self.id(label)),
                None => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.named(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter();
                fields.map(|(name, value)| (name.clone(), self.named(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// The object's document as it was at the end of this day.
    fn on(&self, label: &str, day: &str) -> &Value {
        let end = format!("{day}T23:59:59Z").parse().unwrap();
        let versions = &self.objects[&self.id(label)];
        &versions.iter().rev().find(|version| version.at <= end).unwrap().body
    }

    /// The documents of a kind as of a position.
    fn as_of(&self, kind: &str, position: Position) -> Vec<&Value> {
        let of_kind = self.objects.values().filter(|versions| versions[0].kind == kind);
        let then = of_kind.filter_map(|v| v.iter().rev().find(|v| v.position <= position));
        then.map(|version| &*version.body).collect()
    }
}

/// The value with plain texts sealed, as they are stored.
fn sealed(value: Value) -> Value {
    match value {
        Value::Object(fields) => match (fields.len(), fields.get(PLAIN)) {
            (1, Some(text)) => json!({ SEALED: content_hash(text) }),
            (_, _) => fields.into_iter().map(|(k, v)| (k, sealed(v))).collect::<Map<_, _>>().into(),
        },
        Value::Array(items) => items.into_iter().map(sealed).collect(),
        other => other,
    }
}

fn soa_figures(world: &World, day: &str) -> (u64, u64, u64) {
    let rows = &world.on("SOA", day)["effectiveRows"];
    let figure = |name: &str| rows[name].as_u64().unwrap();
    (figure("implemented"), figure("applicable"), figure("partiallyImplemented"))
}

#[test]
fn the_statement_of_applicability_has_the_figures_of_the_page() {
    let world = World::replayed();
    for (version, day, figures) in [
        (1, "2024-10-08", (12, 37, 9)),
        (2, "2025-01-13", (33, 37, 4)),
        (3, "2025-03-10", (34, 37, 3)),
        (4, "2025-05-19", (36, 37, 1)),
        (5, "2025-11-24", (36, 38, 2)),
        (6, "2025-12-22", (37, 38, 1)),
    ] {
        let soa = world.on("SOA", day);
        assert_eq!(soa["effective"]["version"], json!(version));
        assert_eq!(soa["effective"]["approvedBy"], json!(world.id("ingrid")));
        assert_eq!(soa_figures(&world, day), figures, "v{version}");
        let position = soa["effectiveRows"]["position"].as_str().unwrap().parse().unwrap();
        let rows = world.as_of("soa_control", position);
        let fits = |row: &&&Value| {
            row["decision"] == json!("applicable") && row["status"] == json!("implemented")
        };
        assert_eq!(rows.len(), 38);
        assert_eq!(rows.iter().filter(fits).count() as u64, figures.0, "v{version} as pinned");
    }
}

#[test]
fn the_working_copy_moves_while_the_official_statement_stands() {
    let world = World::replayed();
    assert_eq!(world.on("SOA-A.6.2.4", "2024-10-08")["status"], json!("planned"));
    assert_eq!(world.on("SOA-A.6.2.4", "2024-12-09")["status"], json!("partially_implemented"));
    assert_eq!(soa_figures(&world, "2024-12-09"), (12, 37, 9));
    assert_eq!(world.on("SOA-A.7.3", "2024-10-08")["decision"], json!("excluded"));
}

#[test]
fn q1_what_the_statement_said_of_verification_on_31_march_2025() {
    let world = World::replayed();
    let (soa, day) = (world.on("SOA", "2025-03-31"), "2025-03-31");
    assert_eq!(soa["effective"]["version"], json!(3));
    assert_eq!(soa["effective"]["approvedAt"], json!("2025-03-10T09:00:00.000000Z"));
    let position = soa["effectiveRows"]["position"].as_str().unwrap().parse().unwrap();
    let rows = world.as_of("soa_control", position);
    let row = rows.iter().find(|row| row["control"] == json!("A.6.2.4")).unwrap();
    assert_eq!(row["status"], json!("partially_implemented"));
    assert_eq!(row["note"], world.on("SOA-A.6.2.4", day)["note"]);
    let why =
        "Finding F-01 (NC-002): fairness criteria were registered after runs VR-01 and VR-02.";
    assert_eq!(row["note"][SEALED], json!(content_hash(&why)));
}

#[test]
fn q6_how_late_the_review_of_the_ai_policy_was() {
    let world = World::replayed();
    assert_eq!(world.on("POL-01", "2025-08-06")["reviewStatus"], json!("overdue"));
    let policy = world.on("POL-01", "2025-09-15");
    assert_eq!(policy["lastReview"]["due"], json!("2025-08-05"));
    assert_eq!(policy["lastReview"]["daysLate"], json!(41));
    assert_eq!(policy["inForce"]["edition"], json!("1.1"));
    assert_eq!(policy["inForce"]["nextReviewDue"], json!("2026-09-15"));
}

#[test]
fn the_contradiction_of_a_7_3_is_open_from_september_to_november() {
    let world = World::replayed();
    let open = |day: &str| world.on("SOA", day)["contradictions"].as_object().map_or(0, Map::len);
    let days = ["2025-09-07", "2025-09-08", "2025-11-23", "2025-11-24"];
    assert_eq!(days.map(open), [0, 1, 1, 0]);
}

#[test]
fn the_organisation_is_active_and_its_documents_are_small() {
    let world = World::replayed();
    assert_eq!(world.on("ORG", "2024-07-01")["status"], json!("active"));
    assert_eq!(world.on("PRC-07", "2025-12-01")["inForce"]["edition"], json!("1.0"));
    let bodies = world.objects.values().flatten().map(|version| version.body.to_string().len());
    assert!(bodies.max().unwrap() < 64 * 1024);
}
