//! The evidence of development in the worked example (domain model, section 7, rows E24 to E80):
//! each step passes the door as JSON, is decided on what other objects say, stored with its texts
//! sealed, and read again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::approval::content_hash;
use kernel::domain::{Commands, Domain, Events, KindDecl};
use kernel::values::{PLAIN, SEALED};
use kernel::{Context, Need, Role, door, id};
use lifecycle::design_record::DesignRecord;
use lifecycle::intended_use::IntendedUse;
use lifecycle::requirement_set::RequirementSet;
use lifecycle::technical_documentation::TechnicalDocumentation;
use lifecycle::verification_record::VerificationRecord;
use serde_json::{Map, Value, json};

const MARC: (&str, Role) = ("marc", Role::So);
const LENA: (&str, Role) = ("lena", Role::Ro);
const SARA: (&str, Role) = ("sara", Role::Dev);
const KENJI: (&str, Role) = ("kenji", Role::Val);

/// The newest document of each object by id, with its kind.
#[derive(Default)]
struct World {
    objects: BTreeMap<String, (&'static str, Value)>,
}

/// The id of an object or a person of this name.
fn id_of(prefix: &str, name: &str) -> String {
    let bits = name.bytes().fold(0_u128, |bits, byte| bits * 251 + u128::from(byte));
    id::encode(prefix, bits)
}

impl World {
    /// The world before the first of these rows, as other services and kinds left it.
    fn before() -> Self {
        let (system, sara) = (id_of("sys", "SYS-01"), id_of("usr", "sara"));
        let version = |order: u32| {
            json!({
                "order": order, "stage": "design_and_development", "status": "in_preparation",
                "developers": [sara], "datasets": [id_of("dst", "train"), id_of("dst", "test")],
            })
        };
        let versions = json!({
            "2.0": version(1), "2.0.1": version(2), "2.1.0": version(3), "2.2.0": version(4),
        });
        let mut world = Self::default();
        world.put(
            "ai_system",
            &system,
            json!({"name": "CreditLens", "origin": "built", "versions": versions}),
        );
        world.put(
            "regulatory_classification",
            &id_of("cls", "CLS-01"),
            json!({
                "system": system, "status": "confirmed", "regime": "eu_ai_act",
                "class": "high_risk", "role": "provider", "effects": ["high_risk"],
                "confirmedAt": "2024-09-02T09:00:00.000000Z",
            }),
        );
        world.put(
            "impact_assessment",
            &id_of("aia", "IA-01"),
            json!({
                "system": system, "status": "approved", "level": "high",
                "intendedUses": ["Scoring of consumer loans"],
            }),
        );
        let demanded = json!({"stopping": {"title": "Stopping", "level": "skilled"}});
        world.put(
            "competence_profile",
            &id_of("cpr", "overseer"),
            json!({"revision": 1, "status": "in_force", "required": demanded}),
        );
        world.put(
            "training_record",
            &id_of("trr", "olga"),
            json!({
                "person": id_of("usr", "olga"), "status": "completed",
                "completedOn": "2024-11-04", "competences": {"stopping": {"level": "expert"}},
            }),
        );
        for (name, role) in [("train", "train"), ("test", "test")] {
            let body = json!({"name": name, "status": "approved_for_use", "roles": [role]});
            world.put("dataset", &id_of("dst", name), body);
        }
        world.set_policy("warn");
        world
    }

    fn put(&mut self, kind: &'static str, id: &str, body: Value) {
        self.objects.insert(id.to_owned(), (kind, body));
    }

    fn set_policy(&mut self, mode: &str) {
        let body = json!({"rules": {"g8_preregistration": {"mode": mode}}});
        self.put("gate_policy", &id_of("gpo", "GATE-POL"), body);
    }

    /// Gives one command as the bus does; the message when it is refused.
    fn give<A: Domain>(
        &mut self,
        (user, role): (&str, Role),
        now: &str,
        object: &str,
        verb: &str,
        input: Value,
    ) -> Result<Vec<&'static str>, String> {
        let decl = KindDecl::of::<A>().unwrap();
        let command = decl.command(verb).unwrap();
        assert!(command.by.contains(&role), "{verb} by {role:?}");
        assert_eq!(door::check(&command.input.fields, &input, ""), [], "{verb}");
        let given = A::Command::parse(verb, input).unwrap().unwrap();
        let object = id_of(decl.row.prefix, object);
        let stored = self.objects.get(&object);
        assert_eq!(stored.is_none(), command.creates, "{verb} {object}");
        let mut state = stored.map_or_else(A::default, |(_, body)| A::deserialize(body).unwrap());
        let mut context = Context::of(&id_of("usr", user), &[role], now);
        context.id = object.clone();
        self.inform(&state, &given, &mut context);
        let events = state.decide(given, &context).map_err(|refusal| refusal.to_string())?;
        let mut names = Vec::new();
        for event in events {
            let data = sealed(event.data().unwrap());
            names.push(event.name());
            state.evolve(A::Event::read(event.name(), event.version(), data).unwrap().unwrap());
        }
        let body = serde_json::to_value(&state).unwrap();
        assert!(body.to_string().len() < 64 * 1024);
        self.put(decl.row.name, &object, body);
        Ok(names)
    }

    fn inform<A: Domain>(&self, state: &A, command: &A::Command, context: &mut Context) {
        let mut answered = BTreeSet::new();
        loop {
            let needs = state.needs(command, context).into_iter();
            let new: Vec<_> = needs.filter(|need| answered.insert(need.clone())).collect();
            if new.is_empty() {
                break;
            }
            for (id, (kind, body)) in &self.objects {
                let fits = new.iter().any(|need| match need {
                    Need::Object(wanted) | Need::Platform(wanted) => wanted == id,
                    Need::Event(_) => false,
                    Need::All(of) => of == kind,
                    Need::Where(of, field, text) => of == kind && body[*field] == json!(text),
                });
                if fits {
                    context.facts.add(id, *kind, Arc::new(body.clone()));
                }
            }
        }
        assert_eq!(context.facts.unreadable(), None);
    }

    fn body(&self, prefix: &str, name: &str) -> &Value {
        &self.objects[&id_of(prefix, name)].1
    }

    /// Requirements in the words of the page: 28, with fairness, oversight and law among them.
    fn baseline(&mut self) {
        let kinds = ["function", "performance", "fairness", "oversight", "legal", "security"];
        let item = |n: usize| {
            let mut item = json!({
                "text": "As the assessment asks.", "requirementKind": kinds[n % kinds.len()],
                "source": "IA-01", "priority": "must",
            });
            if matches!(n % kinds.len(), 1 | 2) {
                item["metric"] = json!(format!("metric {n}"));
                item["threshold"] = json!({"comparison": "at_least", "value": "0.80"});
            }
            (format!("r{n:02}"), item)
        };
        let items: Map<_, _> = (0..27).map(item).collect();
        let draft = json!({"system": id_of("sys", "SYS-01"), "items": items});
        let now = "2024-11-08T09:00:00Z";
        let mut give = |who, now: &str, verb: &str, input| {
            self.give::<RequirementSet>(who, now, "REQ-01", verb, input).unwrap()
        };
        give(MARC, now, "draft", draft);
        let mut dir = item(2).1;
        (dir["key"], dir["metric"]) = (json!("dir"), json!("disparate impact ratio"));
        give(MARC, now, "add_requirement", dir);
        give(MARC, now, "submit", json!({}));
        let events = give(LENA, "2024-11-11T09:00:00Z", "baseline", json!({}));
        assert_eq!(events, ["requirement_set.baselined"]);
    }

    fn plan(&mut self, record: &str, label: &str, now: &str) {
        let criterion = |n: usize| {
            let threshold = json!({"comparison": "at_least", "value": "0.8"});
            (format!("c{n:02}"), json!({"metric": "ratio", "threshold": threshold, "must": true}))
        };
        let mut criteria: Map<_, _> = (1..28).map(criterion).collect();
        let (metric, value) = ("Disparate impact ratio", "0.8");
        let threshold = json!({"comparison": "at_least", "value": value});
        criteria.insert(
            "dir".into(),
            json!({"requirement": "dir", "metric": metric, "threshold": threshold, "must": true}),
        );
        let input = json!({
            "system": id_of("sys", "SYS-01"), "systemVersion": label, "criteria": criteria,
            "requirementSet": id_of("rqs", "REQ-01"),
        });
        self.give::<VerificationRecord>(KENJI, now, record, "register_plan", input).unwrap();
    }

    fn run(
        &mut self,
        record: &str,
        (started, now): (&str, &str),
        dir: &str,
        failed: &[usize],
    ) -> Result<Vec<&'static str>, String> {
        let value = |n: usize| if failed.contains(&n) { "0.5" } else { "0.9" };
        let results = (1..28).map(|n| json!({"criterion": format!("c{n:02}"), "value": value(n)}));
        let dir = json!({"criterion": "dir", "value": dir});
        let results: Vec<_> = results.chain([dir]).collect();
        let input = json!({
            "run": {
                "dataset": id_of("dst", "test"), "environment": "ci-7", "startedAt": started,
                "seed": "42", "reportHash": content_hash(&record), "results": results,
            },
            "limitsFound": "Thin files score low.",
            "closes": true,
        });
        self.give::<VerificationRecord>(KENJI, now, record, "complete_run", input)
    }

    /// Outcome, criteria passed of all, and whether the criteria came first.
    fn found(&self, record: &str) -> (String, u64, u64, bool) {
        let body = self.body("vrf", record);
        let number = |field: &str| body[field].as_u64().unwrap();
        let outcome = body["outcome"].as_str().unwrap().to_owned();
        (outcome, number("passed"), number("total"), body["criteriaFirst"].as_bool().unwrap())
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

#[test]
fn e24_lena_baselines_28_requirements_that_marc_wrote() {
    let mut world = World::before();
    world.baseline();
    let set = world.body("rqs", "REQ-01");
    assert_eq!(set["baseline"]["requirements"].as_object().unwrap().len(), 28);
    assert_eq!(set["effective"]["approvedBy"], json!(id_of("usr", "lena")));
    let text = set["items"]["dir"]["text"].as_object().unwrap();
    assert_eq!(text.keys().collect::<Vec<_>>(), [SEALED]);
}

#[test]
fn e28_and_e33_runs_before_their_criteria_are_recorded_while_the_policy_warns() {
    let mut world = World::before();
    world.baseline();
    world.plan("VR-01", "2.0", "2024-12-09T08:30:00Z");
    let times = ("2024-12-06T10:00:00Z", "2024-12-09T09:00:00Z");
    let events = world.run("VR-01", times, "0.78", &[7]).unwrap();
    assert_eq!(events, ["verification_record.verification_completed"]);
    assert_eq!(world.found("VR-01"), ("fail".to_owned(), 26, 28, false));
    world.plan("VR-02", "2.0.1", "2025-01-08T08:30:00Z");
    let times = ("2025-01-07T10:00:00Z", "2025-01-08T09:00:00Z");
    world.run("VR-02", times, "0.87", &[]).unwrap();
    assert_eq!(world.found("VR-02"), ("pass".to_owned(), 28, 28, false));
}

#[test]
fn e58_e59_and_e80_criteria_come_first_once_the_policy_blocks() {
    let mut world = World::before();
    world.baseline();
    world.set_policy("block");
    world.plan("VR-03", "2.1.0", "2025-05-06T09:00:00Z");
    let early = ("2025-05-06T08:59:59Z", "2025-05-09T09:00:00Z");
    let refusal = world.run("VR-03", early, "0.88", &[]).unwrap_err();
    assert!(refusal.contains("before its criteria were registered"), "{refusal}");
    let times = ("2025-05-08T10:00:00Z", "2025-05-09T09:00:00Z");
    world.run("VR-03", times, "0.88", &[]).unwrap();
    assert_eq!(world.found("VR-03"), ("pass".to_owned(), 28, 28, true));
    world.plan("VR-04", "2.2.0", "2025-09-17T09:00:00Z");
    let times = ("2025-09-18T10:00:00Z", "2025-09-19T09:00:00Z");
    world.run("VR-04", times, "0.89", &[]).unwrap();
    assert_eq!(world.found("VR-04"), ("pass".to_owned(), 28, 28, true));
}

#[test]
fn e37_lena_publishes_the_intended_use_and_keeps_it_through_its_next_version() {
    let mut world = World::before();
    let content = |hash: char| {
        json!({
            "intendedPurpose": "Helps lenders to judge applications of consumers.",
            "intendedUses": ["scoring of consumer loans"],
            "allowedUsers": ["Lenders under contract"], "prohibitedUses": ["Hiring"],
            "conditions": ["A person reviews every decline."],
            "oversight": {"lending": {
                "who": id_of("usr", "olga"), "competence": id_of("cpr", "overseer"),
                "stopAbility": true, "reviewShare": "100",
            }},
            "instructionsHash": hash.to_string().repeat(64),
            "limits": ["Thin files."], "contact": "support@halden.example", "languages": ["nl"],
        })
    };
    let mut first = content('a');
    first["system"] = json!(id_of("sys", "SYS-01"));
    let mut give = |who, now: &str, verb: &str, input| {
        world.give::<IntendedUse>(who, now, "IU-01", verb, input).unwrap()
    };
    give(MARC, "2025-01-12T09:00:00Z", "draft", first);
    give(MARC, "2025-01-12T10:00:00Z", "submit", json!({}));
    give(LENA, "2025-01-13T09:00:00Z", "approve", json!({}));
    let events = give(LENA, "2025-01-14T09:00:00Z", "publish", json!({}));
    assert_eq!(events, ["intended_use.user_information_published"]);
    give(MARC, "2025-06-01T09:00:00Z", "redraft", content('b'));
    give(MARC, "2025-06-01T10:00:00Z", "submit", json!({}));
    let events = give(LENA, "2025-06-02T09:00:00Z", "approve", json!({}));
    assert_eq!(events, ["intended_use.superseded", "intended_use.approved"]);
    let deviation = json!({"deviationKind": "prohibited_use", "what": "A recruiter used it."});
    give(("emma", Role::Emp), "2025-06-03T09:00:00Z", "record_deviation", deviation);
    let intended_use = world.body("itu", "IU-01");
    assert_eq!(intended_use["progress"], "outdated");
    assert_eq!(intended_use["published"]["instructionsHash"], "a".repeat(64));
    assert_eq!(intended_use["publishedAt"], Value::Null);
    assert_eq!(intended_use["deviationCount"], 1);
}

#[test]
fn the_design_and_documentation_of_a_version_are_approved_by_its_system_owner() {
    let mut world = World::before();
    let subject = |mut body: Value| {
        body["system"] = json!(id_of("sys", "SYS-01"));
        body["systemVersion"] = json!("2.0.1");
        body
    };
    let design = subject(json!({
        "architecture": "Trees over bureau data.", "approach": "Gradient boosting.",
        "alternatives": ["A linear model."], "assumptions": ["Bureau data are current."],
        "knownLimits": ["Thin files."], "security": "Inputs are bounded.",
    }));
    let (now, later) = ("2025-01-09T09:00:00Z", "2025-01-10T09:00:00Z");
    let mut give = |who, now: &str, verb: &str, input| {
        world.give::<DesignRecord>(who, now, "DR-01", verb, input).unwrap()
    };
    give(SARA, now, "record", design);
    give(SARA, now, "submit", json!({}));
    give(MARC, later, "approve", json!({}));
    let points = (1..=9).map(|n| (n.to_string(), json!({"reference": format!("TD-01, part {n}")})));
    let documentation = subject(json!({
        "audiences": {"user": {"hash": "c".repeat(64), "title": "Instructions"}},
        "annexIvMap": points.collect::<Map<_, _>>(),
    }));
    let mut give = |who, now: &str, verb: &str, input| {
        world.give::<TechnicalDocumentation>(who, now, "TD-01", verb, input).unwrap()
    };
    give(SARA, now, "draft", documentation);
    give(SARA, now, "submit", json!({}));
    give(MARC, later, "approve", json!({}));
    for (prefix, name) in [("dsr", "DR-01"), ("tdo", "TD-01")] {
        assert_eq!(world.body(prefix, name)["status"], "approved");
    }
}
