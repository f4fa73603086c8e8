//! Decisions that go stale: every row of the table in a small world.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use cqrs_es::Aggregate as _;
use kernel::domain::{Commands as _, Domain as _};
use kernel::{Context, Facts, Position, Role};

use super::*;
use crate::decision_basis::Command;
use crate::staleness::{Fact, Found, Test};

/// A small world: documents by id, the records of decisions, and where the log stands.
#[derive(Clone, Default)]
struct World {
    documents: BTreeMap<String, Value>,
    bases: BTreeMap<String, DecisionBasis>,
    events: BTreeMap<String, u64>,
    position: u64,
}

impl World {
    fn put(&mut self, id: &str, document: Value) {
        self.documents.insert(id.to_owned(), document);
    }

    fn known(&self) -> Known {
        let mut known = Known::new(Facts::at(Position(self.position)));
        for (id, document) in &self.documents {
            known = known.with(id, kind_of(id).unwrap(), document.clone());
        }
        for (id, position) in &self.events {
            known = known.with(id, "event", json!({ "position": position.to_string() }));
        }
        for (id, basis) in &self.bases {
            known = known.with_now(id, "decision_basis", json!(basis));
        }
        known
    }

    /// What the rule orders when this has happened; carried out.
    fn after(&mut self, event: &str, object: &str, data: Value) -> Vec<Order> {
        self.position += 10;
        let mut trigger = Trigger::example(event, object, "2025-03-01T09:00:00Z", data);
        trigger.position = Position(self.position);
        trigger.settled = trigger.position;
        let orders = react(&trigger, &self.known());
        for order in &orders {
            self.carry_out(order);
        }
        orders
    }

    fn carry_out(&mut self, order: &Order) {
        assert_eq!(order.kind, "decision_basis");
        let command = Command::parse(order.verb, order.input.clone()).unwrap().unwrap();
        let id = order.on.clone().or_else(|| DecisionBasis::given_id(&command)).unwrap();
        let basis = self.bases.entry(id).or_default();
        let context = Context::of("rea_STALE", &[Role::Sys], "2025-03-01T09:00:01Z");
        for event in basis.decide(command, &context).unwrap() {
            basis.apply(event);
        }
    }

    fn basis(&self, object: &str) -> &DecisionBasis {
        &self.bases[&id_for(object)]
    }

    fn because(&self, object: &str) -> Vec<&str> {
        self.basis(object).because.keys().map(Key::as_str).collect()
    }
}

fn id(kind: &str, n: u128) -> String {
    kernel::id::encode(kernel::kinds::kind(kind).unwrap().prefix, n)
}

/// Puts values at a path of a document, in the form in which `values_at` finds them.
fn put_at(document: &mut Value, path: &str, values: &[&str]) {
    let parts: Vec<_> = path.split('.').collect();
    let mut here = document;
    for (n, part) in parts.iter().enumerate() {
        if *part == "#" {
            *here = values.iter().map(|key| ((*key).to_owned(), json!({}))).collect();
            return;
        }
        let key = match *part {
            "*" => "k1",
            part if part.starts_with('$') => "v1",
            part => part,
        };
        if !here.is_object() {
            *here = json!({});
        }
        here = &mut here[key];
        if part.starts_with('$') {
            if !here.is_object() {
                *here = json!({});
            }
            here["status"] = json!("running");
        }
        if n + 1 == parts.len() {
            *here = match values {
                [] => Value::Null,
                [one] => json!(one),
                many => json!(many),
            };
        }
    }
}

/// Values that were seen, that are found after a change that is not material and after one that is.
fn values(test: Test) -> [Vec<&'static str>; 3] {
    match test {
        Test::Changes | Test::Differs => [vec!["a"], vec!["a"], vec!["b"]],
        Test::Grows => [vec!["a", "c"], vec!["a"], vec!["a", "b", "c"]],
        Test::Reaches(words) => [vec!["fine"], vec!["fine too"], vec![words[0]]],
        Test::Leaves(words) => {
            [vec![words[0]], vec![words[words.len() - 1]], vec!["something else"]]
        }
        Test::Rises(order) => [vec![order[1]], vec![order[0]], vec![order[2]]],
    }
}

/// A world in which an object can decide, with everything on the way to what it rests on; and the
/// id of that.
fn world_for(decisions: &Decisions, rest: &Rest) -> (World, String, String) {
    let (mut world, decider) = (World::default(), id(decisions.kind, 1));
    let mut documents = BTreeMap::from([(decider.clone(), json!({}))]);
    let mut here = decider.clone();
    for (n, step) in rest.route.iter().enumerate() {
        let is_last = n + 1 == rest.route.len();
        let next = |kind: &str| id(kind, 100 + n as u128);
        match step {
            Step::To(path) => {
                let kind = if is_last { rest.kind } else { step_kind(path) };
                let there = next(kind);
                put_at(documents.get_mut(&here).unwrap(), path, &[&there]);
                here = there;
            }
            Step::From(kind, field) => {
                let mut document = json!({});
                put_at(&mut document, field, &[&here]);
                here = next(kind);
                documents.insert(here.clone(), document);
            }
            Step::Holding(kind, field) => {
                let document = json!({ *field: [here] });
                here = next(kind);
                documents.insert(here.clone(), document);
            }
            Step::All(kind) | Step::Any(kind) => here = next(kind),
        }
        documents.entry(here.clone()).or_insert(json!({}));
    }
    if rest.kind != "ai_system" || !rest.route.is_empty() {
        documents.get_mut(&decider).unwrap()["systemVersion"] = json!("v1");
    }
    let target = documents.get_mut(&here).unwrap();
    if let Some(field) = rest.same {
        target[field] = json!("v1");
    }
    for (field, words) in rest.only {
        put_at(target, field, &[words[0]]);
    }
    documents.into_iter().for_each(|(id, document)| world.put(&id, document));
    (world, decider, here)
}

/// The kind to which a path leads that is not the last.
fn step_kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap() {
        "system" | "systems" => "ai_system",
        "components" => "supplied_component",
        other => panic!("{other}: say to which kind it leads"),
    }
}

fn set(world: &mut World, target: &str, fact: &Fact, is_decided: bool, values: &[&str]) {
    let path = match fact.found {
        Found::At(path) => path,
        Found::Then(path, later) => {
            if is_decided {
                later
            } else {
                path
            }
        }
        Found::By(_) => panic!("{} has tests of its own", fact.name),
    };
    let document = world.documents.get_mut(target).unwrap();
    if let Found::Then(..) = fact.found {
        // Versions, of which those run that are named.
        let mut versions = document.get("versions").cloned().unwrap_or(json!({}));
        for label in values {
            versions[*label] = json!({ "status": if is_decided { "running" } else { "new" } });
        }
        document["versions"] = versions;
        return;
    }
    put_at(document, path, values);
}

#[test]
fn every_row_of_the_table_goes_stale_by_a_material_change_and_by_no_other() {
    let mut rows = 0;
    for decisions in table::all() {
        for rest in decisions.rests {
            for fact in rest.facts.iter().filter(|fact| !matches!(fact.found, Found::By(_))) {
                let name = format!("{} {} {}", decisions.kind, rest.kind, fact.name);
                let [seen, harmless, material] = values(fact.test);
                let (mut world, decider, target) = world_for(decisions, rest);
                set(&mut world, &target, fact, false, &seen);
                let orders = world.after(decisions.made[0], &decider, json!({}));
                assert_eq!(orders[0].verb, "record", "{name}");

                set(&mut world, &target, fact, true, &harmless);
                let orders = world.after(rest.on[0], &target, json!({}));
                let told = orders.iter().any(|order| order.verb == "find_stale");
                assert!(!told, "{name}: {harmless:?} after {seen:?} is not material");

                set(&mut world, &target, fact, true, &material);
                world.after(rest.on[0], &target, json!({}));
                let key = format!("{target}.{}", fact.name);
                assert_eq!(world.because(&decider), [&*key], "{name}: {material:?} is");
                let cause = &world.basis(&decider).because[&Key::new(&*key)];
                assert_eq!(cause.clause.as_str(), rest.clause);
                assert_eq!(cause.event, Position(world.position), "{name}");
                assert!(
                    world
                        .after(rest.on[0], &target, json!({}))
                        .iter()
                        .all(|order| { order.verb != "find_stale" && order.verb != "settle" })
                );
                rows += 1;
            }
        }
    }
    assert!(rows > 120, "{rows} rows");
}

#[test]
fn every_row_is_current_again_when_the_change_is_undone_and_when_it_is_decided_again() {
    for decisions in table::all() {
        for rest in decisions.rests {
            for fact in rest.facts.iter().filter(|fact| matches!(fact.found, Found::At(_))) {
                let name = format!("{} {} {}", decisions.kind, rest.kind, fact.name);
                let [seen, _, material] = values(fact.test);
                let (mut world, decider, target) = world_for(decisions, rest);
                set(&mut world, &target, fact, false, &seen);
                world.after(decisions.made[0], &decider, json!({}));
                set(&mut world, &target, fact, true, &material);
                world.after(rest.on[0], &target, json!({}));
                assert!(world.basis(&decider).is_stale(), "{name}");

                let mut undone = world.clone();
                set(&mut undone, &target, fact, true, &seen);
                undone.after(rest.on[0], &target, json!({}));
                assert!(!undone.basis(&decider).is_stale(), "{name}: undone");

                world.after(decisions.made[0], &decider, json!({}));
                assert!(!world.basis(&decider).is_stale(), "{name}: decided again");
                world.after(rest.on[0], &target, json!({}));
                assert!(!world.basis(&decider).is_stale(), "{name}: it was decided on this");
            }
        }
    }
}

#[test]
fn every_end_of_a_decision_ends_what_it_rests_on() {
    for decisions in table::all() {
        for event in decisions.ended {
            let (mut world, decider, _) = world_for(decisions, &decisions.rests[0]);
            world.after(decisions.made[0], &decider, json!({}));
            let orders = world.after(event, &decider, json!({}));
            assert!(orders.iter().any(|order| order.verb == "end"), "{event}");
            assert_eq!(world.basis(&decider).status, BasisStatus::Ended, "{event}");
        }
    }
}

#[test]
fn what_is_used_is_watched_no_more() {
    let system = id("ai_system", 1);
    let gate = id("stage_gate", 1);
    let dataset = id("dataset", 1);
    let mut world = World::default();
    world.put(&system, json!({}));
    world.put(&dataset, json!({ "status": "approved_for_use" }));
    let checks = json!({ "g9": { "lookedAt": { dataset.clone(): {} } } });
    world.put(&gate, json!({ "system": system, "systemVersion": "1.0", "checks": checks }));
    world.after("stage_gate.passed", &gate, json!({}));
    let mut unused = world.clone();
    world.after("ai_system.stage_entered", &system, json!({ "gate": gate }));
    assert_eq!(world.basis(&gate).status, BasisStatus::Ended);
    for world in [&mut world, &mut unused] {
        world.put(&dataset, json!({ "status": "restricted" }));
        world.after("dataset.restricted", &dataset, json!({}));
    }
    assert!(!world.basis(&gate).is_stale(), "a gate that was used is history");
    assert_eq!(unused.because(&gate), [format!("{dataset}.status")]);
}

#[test]
fn an_incident_that_comes_later_concerns_the_acceptance_and_one_that_was_known_does_not() {
    let [risk, system, incident] = ["risk", "ai_system", "incident"].map(|kind| id(kind, 1));
    let serious = json!({ "system": system, "severity": "serious", "status": "triaged" });
    let mut world = World::default();
    world.put(&system, json!({}));
    world.put(&risk, json!({ "systems": [system] }));
    let mut knew = world.clone();
    world.after("risk.accepted", &risk, json!({}));
    world.put(&incident, serious.clone());
    world.after("incident.triaged", &incident, json!({}));
    assert_eq!(world.because(&risk), [format!("{incident}.severity")]);

    knew.put(&incident, serious);
    knew.after("risk.accepted", &risk, json!({}));
    knew.after("incident.triaged", &incident, json!({}));
    assert!(!knew.basis(&risk).is_stale(), "it was accepted in view of the incident");
}

#[test]
fn a_duplicate_of_an_incident_is_none() {
    let [risk, system, incident] = ["risk", "ai_system", "incident"].map(|kind| id(kind, 1));
    let mut world = World::default();
    world.put(&system, json!({}));
    world.put(&risk, json!({ "systems": [system] }));
    world.after("risk.accepted", &risk, json!({}));
    let told = |status| json!({ "system": system, "severity": "serious", "status": status });
    world.put(&incident, told("reported"));
    world.after("incident.reported", &incident, json!({}));
    assert!(world.basis(&risk).is_stale());
    world.put(&incident, told("duplicate"));
    world.after("incident.marked_duplicate", &incident, json!({}));
    assert!(!world.basis(&risk).is_stale());
}

#[test]
fn an_incident_of_another_system_concerns_nobody() {
    let [risk, system, incident] = ["risk", "ai_system", "incident"].map(|kind| id(kind, 1));
    let other = id("ai_system", 2);
    let mut world = World::default();
    world.put(&system, json!({}));
    world.put(&other, json!({}));
    world.put(&risk, json!({ "systems": [system] }));
    world.after("risk.accepted", &risk, json!({}));
    world.put(&incident, json!({ "system": other, "severity": "serious", "status": "reported" }));
    assert_eq!(world.after("incident.reported", &incident, json!({})), []);
}

#[test]
fn a_version_that_was_prepared_when_it_was_decided_is_no_news_when_it_runs() {
    let [risk, system] = ["risk", "ai_system"].map(|kind| id(kind, 1));
    let running = json!({ "status": "running" });
    let mut world = World::default();
    world.put(&system, json!({ "versions": { "1.0": { "status": "in_preparation" } } }));
    world.put(&risk, json!({ "systems": [system] }));
    world.after("risk.accepted", &risk, json!({}));
    world.put(&system, json!({ "versions": { "1.0": running } }));
    world.after("ai_system.deployed", &system, json!({}));
    assert!(!world.basis(&risk).is_stale());
    let stopped = json!({ "status": "stopped" });
    world.put(&system, json!({ "versions": { "1.0": stopped, "2.0": running } }));
    world.after("ai_system.deployed", &system, json!({}));
    let cause = &world.basis(&risk).because[&Key::new(format!("{system}.running_versions"))];
    assert_eq!(cause.before, [Line::new("1.0")]);
    assert_eq!(cause.now, [Line::new("2.0")]);
}

#[test]
fn a_system_in_scope_that_the_scope_does_not_name_makes_it_stale_until_it_is_out_again() {
    let [scope, named, other] = [id("scope", 1), id("ai_system", 1), id("ai_system", 2)];
    let of = |in_scope| json!({ "inScope": in_scope, "stage": "inception" });
    let mut world = World::default();
    world.put(&named, of(true));
    world.put(&scope, json!({ "systemsIn": [named] }));
    world.after("scope.approved", &scope, json!({}));
    world.after("ai_system.registered", &named, json!({}));
    assert!(!world.basis(&scope).is_stale(), "it is named");
    world.put(&other, of(false));
    world.after("ai_system.registered", &other, json!({}));
    assert!(!world.basis(&scope).is_stale(), "it is not of the AIMS");
    world.put(&other, of(true));
    world.after("ai_system.scope_changed", &other, json!({}));
    assert_eq!(world.because(&scope), [format!("{other}.unnamed_system")]);
    world.put(&other, of(false));
    world.after("ai_system.scope_changed", &other, json!({}));
    assert!(!world.basis(&scope).is_stale());
}

#[test]
fn a_plan_that_names_an_excluded_control_makes_the_statement_stale() {
    let [soa, plan, other] = [id("soa", 1), id("treatment_plan", 1), id("treatment_plan", 2)];
    let mut world = World::default();
    world.put(&soa, json!({ "effectiveRows": { "excludedControls": ["A.7.3", "A.10.4"] } }));
    world.after("soa.version_approved", &soa, json!({}));
    let effective = json!({ "version": 1 });
    world.put(&other, json!({ "controls": ["A.5.2"], "effective": effective }));
    world.after("treatment_plan.approved", &other, json!({}));
    assert!(!world.basis(&soa).is_stale());
    world.put(&plan, json!({ "controls": ["A.5.2", "A.7.3"], "effective": effective }));
    world.after("treatment_plan.approved", &plan, json!({}));
    let cause = &world.basis(&soa).because[&Key::new(format!("{plan}.excluded_controls"))];
    assert_eq!(cause.now, [Line::new("A.7.3")]);
    world.put(&plan, json!({ "controls": ["A.5.2", "A.7.3"], "effective": null }));
    world.after("treatment_plan.withdrawn", &plan, json!({}));
    assert!(!world.basis(&soa).is_stale());
}

#[test]
fn a_correction_of_what_a_review_looked_at_makes_it_stale_and_one_of_later_events_does_not() {
    let [review, kpi] = [id("management_review", 1), id("kpi", 1)];
    let mut world = World { position: 100, ..World::default() };
    let frozen = |at: &str| json!({ "snapshotAsOf": at });
    let inputs = json!({ "measurement_results": frozen("90"), "audit_results": frozen("80") });
    world.put(&review, json!({ "inputs": inputs }));
    world.put(&kpi, json!({}));
    world.events.insert(format!("{kpi}@3"), 90);
    world.events.insert(format!("{kpi}@4"), 91);
    world.after("management_review.held", &review, json!({}));
    world.after("kpi.corrected", &kpi, json!({ "corrects": 4 }));
    assert!(!world.basis(&review).is_stale(), "that came after the inputs were frozen");
    world.after("kpi.corrected", &kpi, json!({ "corrects": 3 }));
    assert_eq!(world.because(&review), [format!("{kpi}.corrected")]);
}

#[test]
fn a_decision_of_the_same_event_is_judged_by_the_new_record() {
    let [supplier, system] = [id("supplier", 1), id("ai_system", 1)];
    let mut world = World::default();
    world.put(&system, json!({}));
    world.put(&supplier, json!({ "status": "approved" }));
    world.after("supplier.approved", &supplier, json!({}));
    let orders = world.after("supplier.reinstated", &supplier, json!({}));
    assert_eq!(orders.iter().map(|order| order.verb).collect::<Vec<_>>(), ["renew"]);
}

#[test]
fn an_object_that_decided_nothing_ends_nothing() {
    let risk = id("risk", 1);
    let mut world = World::default();
    world.put(&risk, json!({}));
    assert_eq!(world.after("risk.closed", &risk, json!({})), []);
}

#[test]
fn a_decision_on_very_many_things_says_how_many_are_not_watched() {
    let soa = id("soa", 1);
    let mut world = World::default();
    world.put(&soa, json!({}));
    for n in 0..300 {
        let control = json!({ "soa": soa, "decision": "applicable", "status": "implemented" });
        world.put(&id("soa_control", n), control);
    }
    world.after("soa.version_approved", &soa, json!({}));
    let basis = &world.basis(&soa).basis;
    assert_eq!(basis.rested_on.len(), RESTS_MAX);
    assert_eq!(basis.left_out, 101);
    assert!(json!(basis).to_string().len() < 64 * 1024);
}
