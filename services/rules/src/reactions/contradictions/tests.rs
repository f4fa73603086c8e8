//! Every row of the table: what contradicts an exclusion, what does not, and what ends it.

use serde_json::Value;

use super::*;

const SOA: &str = "soa_00000000000000000000000001";

/// A statement that excludes controls, with contradictions by key.
fn soa(excluded: &[&str], open: &[(&str, &str)]) -> Value {
    let open: serde_json::Map<_, _> = open
        .iter()
        .map(|(control, object)| {
            let body = json!({ "control": control, "fact": "x", "object": object });
            (key(control, object), body)
        })
        .collect();
    let effective = json!({ "version": 1, "approvedAt": "2025-01-13T09:00:00Z" });
    json!({
        "catalogue": "iso42001-2023", "effective": effective,
        "effectiveRows": { "excludedControls": excluded }, "contradictions": open,
    })
}

fn excluding(control: &str) -> Known {
    Known::default().with(SOA, "soa", soa(&[control], &[]))
}

fn event(name: &str, object: &str) -> Trigger {
    Trigger::example(name, object, "2025-09-08T09:00:00Z", json!({}))
}

fn system(change: &[(&str, Value)]) -> Value {
    let mut body = json!({
        "name": "CreditLens", "inScope": true, "origin": "bought", "stage": "inception",
        "operationStatus": "stopped", "versions": {},
    });
    change.iter().for_each(|(field, value)| body[*field] = value.clone());
    body
}

fn dataset(change: &[(&str, Value)]) -> Value {
    let mut body =
        json!({ "name": "Bureau data", "status": "registered", "roles": [], "systems": [] });
    change.iter().for_each(|(field, value)| body[*field] = value.clone());
    body
}

/// Whether an object contradicts the exclusion of a control: by the event of its change and when
/// the statement is approved, which must say the same.
fn contradicts(control: &str, name: &str, object: &str, world: impl Fn(Known) -> Known) -> bool {
    let known = world(excluding(control));
    let changed = react(&event(name, object), &known);
    let approved = react(&event("soa.version_approved", SOA), &known);
    assert_eq!(changed, approved, "{control} {object}");
    let Some(found) = changed.first() else { return false };
    let input = &found.input;
    assert_eq!(found.verb, "detect_contradiction");
    assert_eq!((&input["control"], &input["object"]), (&json!(control), &json!(object)));
    assert_eq!(input["key"], key(control, object));
    // The same known of a statement that does not exclude it, or says so already.
    let open = [(control, object)];
    for soa in [soa(&["A.2.2"], &[]), soa(&[control], &open)] {
        let known = world(Known::default().with(SOA, "soa", soa));
        assert_eq!(react(&event(name, object), &known), []);
    }
    true
}

#[test]
fn a_system_contradicts_what_its_life_needs() {
    let on = |control: &str, change: &[(&str, Value)]| {
        let world = |known: Known| known.with("sys_1", "ai_system", system(change));
        contradicts(control, "ai_system.registered", "sys_1", world)
    };
    let out = ("inScope", json!(false));
    let retired = ("stage", json!("retirement"));
    for control in ["A.3.3", "A.4.2", "A.4.6"] {
        assert!(on(control, &[]));
        assert!(!on(control, std::slice::from_ref(&out)));
        assert!(!on(control, std::slice::from_ref(&retired)));
    }
    for control in ["A.6.1.2", "A.6.1.3", "A.6.2.2", "A.6.2.3"] {
        assert!(!on(control, &[]), "bought");
        assert!(on(control, &[("origin", json!("built"))]));
        assert!(on(control, &[("origin", json!("hybrid"))]));
        assert!(!on(control, &[("origin", json!("built")), out.clone()]));
        assert!(!on(control, &[("origin", json!("built")), retired.clone()]));
    }
    for control in ["A.6.2.4", "A.6.2.5", "A.6.2.7"] {
        assert!(!on(control, &[]), "in its inception");
        assert!(on(control, &[("stage", json!("verification_and_validation"))]), "though bought");
        assert!(!on(control, &[("stage", json!("deployment")), out.clone()]));
        assert!(!on(control, std::slice::from_ref(&retired)));
    }
    for control in ["A.6.2.6", "A.6.2.8", "A.9.2", "A.9.3", "A.9.4"] {
        assert!(!on(control, &[]));
        for runs in ["running", "restricted"] {
            assert!(on(control, &[("operationStatus", json!(runs))]), "{runs}");
        }
        assert!(!on(control, &[("operationStatus", json!("suspended"))]));
    }
    for control in ["A.8.2", "A.8.3", "A.8.4"] {
        let running = ("operationStatus", json!("running"));
        assert!(!on(control, std::slice::from_ref(&running)), "nobody has to do with it");
        assert!(on(control, &[running.clone(), ("users", json!(["lenders"]))]));
        assert!(on(control, &[running, ("affected", json!(["applicants"]))]));
        assert!(!on(control, &[("users", json!(["lenders"]))]), "it does not run");
    }
}

#[test]
fn a_data_set_contradicts_by_what_it_is_for_and_where_it_is_from() {
    let on = |control: &str, change: &[(&str, Value)]| {
        let world = |known: Known| known.with("dst_1", "dataset", dataset(change));
        contradicts(control, "dataset.revised", "dst_1", world)
    };
    let retired = ("status", json!("retired"));
    for control in ["A.7.2", "A.7.6"] {
        assert!(!on(control, &[]));
        for role in ["train", "validation", "test", "grounding"] {
            assert!(on(control, &[("roles", json!(["input", role]))]), "{role}");
        }
        assert!(!on(control, &[("roles", json!(["input"]))]));
        assert!(!on(control, &[("roles", json!(["train"])), retired.clone()]));
    }
    let from = |source: &str| ("acquisition", json!({ "source": source }));
    assert!(!on("A.7.3", &[]), "nothing is said of where it is from");
    assert!(!on("A.7.3", &[from("internal")]));
    for source in ["purchased", "public", "scraped", "synthetic", "user"] {
        assert!(on("A.7.3", &[from(source)]), "{source}");
    }
    assert!(!on("A.7.3", &[from("purchased"), retired]));
}

#[test]
fn a_data_set_of_a_system_in_scope_contradicts_what_is_said_of_data() {
    let version = |datasets: Value| {
        let version = json!({ "stage": "deployment", "status": "running", "datasets": datasets });
        json!({ "1.0": version })
    };
    let registered = [("systems", json!(["sys_1"]))];
    for control in ["A.4.3", "A.7.4", "A.7.5"] {
        let on = |of_system: Value, of_dataset: &[(&str, Value)]| {
            let world = |known: Known| {
                let known = known.with("sys_1", "ai_system", of_system.clone());
                known.with("dst_1", "dataset", dataset(of_dataset))
            };
            let by_dataset = contradicts(control, "dataset.registered", "dst_1", world);
            let known = world(excluding(control));
            let by_system = react(&event("ai_system.assets_linked", "sys_1"), &known);
            assert_eq!(by_dataset, !by_system.is_empty(), "{control}");
            by_dataset
        };
        assert!(on(system(&[]), &registered), "registered for it");
        assert!(on(system(&[("versions", version(json!(["dst_1"])))]), &[]), "used by a version");
        assert!(!on(system(&[("versions", version(json!(["dst_2"])))]), &[]));
        assert!(!on(system(&[("inScope", json!(false))]), &registered));
        assert!(!on(system(&[]), &[registered[0].clone(), ("status", json!("retired"))]));
    }
}

#[test]
fn tools_and_computers_that_systems_need_contradict_what_is_said_of_them() {
    let on = |control: &str, sort: &str, used_by: Value, status: &str, versions: Value| {
        let body = json!({
            "name": "GPU cluster", "status": status, "resourceKind": sort, "usedBy": used_by,
        });
        let world = |known: Known| {
            let known = known.with("res_1", "resource", body.clone());
            known.with("sys_1", "ai_system", system(&[("versions", versions.clone())]))
        };
        contradicts(control, "resource.linked", "res_1", world)
    };
    let used = || json!({ "sys_1": { "system": "sys_1", "stages": ["deployment"] } });
    let none = || json!({});
    for (control, sort, other) in [("A.4.4", "tooling", "compute"), ("A.4.5", "compute", "tooling")]
    {
        assert!(on(control, sort, used(), "approved", none()));
        assert!(!on(control, other, used(), "approved", none()));
        assert!(!on(control, sort, none(), "approved", none()), "no system needs it");
        assert!(!on(control, sort, used(), "retired", none()));
        let versions =
            json!({ "1": { "stage": "deployment", "status": "running", "resources": ["res_1"] } });
        assert!(on(control, sort, none(), "approved", versions));
    }
}

#[test]
fn duties_suppliers_and_customers_contradict_what_is_said_of_them() {
    let duty = |status: &str| {
        let body = json!({ "title": "Serious incidents", "status": status });
        let world = |known: Known| known.with("rob_1", "reporting_obligation", body.clone());
        contradicts("A.8.5", "reporting_obligation.registered", "rob_1", world)
    };
    assert!(duty("active") && !duty("retired"));
    for control in ["A.10.2", "A.10.3"] {
        let supplier = |status: &str, used_by: Value, component: &str| {
            let body = json!({ "name": "Lumora AI", "criticality": "high", "status": status });
            let part = json!({
                "supplier": "sup_1", "name": "LLM API", "status": component, "usedBy": used_by,
            });
            let world = |known: Known| {
                let known = known.with("sup_1", "supplier", body.clone());
                known.with("cmp_1", "supplied_component", part.clone())
            };
            let by_supplier = contradicts(control, "supplier.approved", "sup_1", world);
            let known = world(excluding(control));
            let by_component = react(&event("supplied_component.linked", "cmp_1"), &known);
            assert_eq!(by_supplier, !by_component.is_empty());
            by_supplier
        };
        for status in ["approved", "conditionally_approved", "suspended"] {
            assert!(supplier(status, json!({}), "proposed"), "{status}");
        }
        for status in ["prospective", "under_assessment", "rejected", "terminated"] {
            assert!(!supplier(status, json!({}), "proposed"), "{status}");
        }
        let used = json!({ "sys_1": { "system": "sys_1" } });
        assert!(supplier("under_assessment", used.clone(), "accepted"), "it is in a system");
        assert!(!supplier("terminated", used, "withdrawn"));
    }
    let expectation = |status: &str| {
        let body = json!({ "customer": "Nordbank", "status": status });
        let world = |known: Known| known.with("cex_1", "customer_expectation", body.clone());
        contradicts("A.10.4", "customer_expectation.captured", "cex_1", world)
    };
    assert!(expectation("captured") && expectation("broken") && !expectation("declined"));
    let party = |kind: &str, status: &str| {
        let body = json!({ "name": "Nordbank", "kind": kind, "status": status });
        let world = |known: Known| known.with("pty_1", "interested_party", body.clone());
        contradicts("A.10.4", "interested_party.registered", "pty_1", world)
    };
    assert!(party("customer", "active"));
    assert!(!party("customer", "retired") && !party("supplier", "active"));
}

#[test]
fn every_control_of_annex_a_is_in_the_table_or_demanded_by_a_clause() {
    let iso = reference::catalogue::catalogue(reference::catalogue::ISO_42001).unwrap();
    for control in &iso.controls {
        let rows =
            ROWS.iter().filter(|row| row.controls.contains(&control.number.as_str())).count();
        let demanded = !control.demanded_by.is_empty();
        assert_eq!(rows > 0, !demanded, "{}", control.number);
    }
}

#[test]
fn a_contradiction_ends_with_the_fact_or_the_exclusion() {
    let open = [("A.7.3", "dst_1")];
    let stated = |excluded: &[&str], body: Value| {
        let known = Known::default().with(SOA, "soa", soa(excluded, &open));
        known.with("dst_1", "dataset", body)
    };
    let resolved = [resolve(SOA, "a.7.3-dst_1")];
    let internal = dataset(&[("acquisition", json!({ "source": "internal" }))]);
    let changed = event("dataset.acquisition_recorded", "dst_1");
    assert_eq!(react(&changed, &stated(&["A.7.3"], internal)), resolved);
    let purchased = || dataset(&[("acquisition", json!({ "source": "purchased" }))]);
    assert_eq!(react(&changed, &stated(&["A.7.3"], purchased())), []);
    let approved = event("soa.version_approved", SOA);
    assert_eq!(react(&approved, &stated(&[], purchased())), resolved, "A.7.3 applies now");
    assert_eq!(react(&approved, &stated(&["A.7.3"], purchased())), [], "it is known");
    let mut withdrawn = soa(&["A.7.3"], &open);
    withdrawn["effective"] = Value::Null;
    let withdrawn =
        Known::default().with(SOA, "soa", withdrawn).with("dst_1", "dataset", purchased());
    assert_eq!(react(&event("soa.version_withdrawn", SOA), &withdrawn), resolved);
}

#[test]
fn a_data_set_that_is_linked_no_more_contradicts_no_more() {
    let known = Known::default()
        .with(SOA, "soa", soa(&["A.4.3"], &[("A.4.3", "dst_1")]))
        .with("dst_1", "dataset", dataset(&[]))
        .with("sys_1", "ai_system", system(&[]));
    let unlinked = event("ai_system.assets_linked", "sys_1");
    assert_eq!(react(&unlinked, &known), [resolve(SOA, "a.4.3-dst_1")]);
}

#[test]
fn statements_on_other_catalogues_exclude_nothing_of_the_standard() {
    let mut other = soa(&["A.7.3"], &[]);
    other["catalogue"] = json!("cat_1");
    let purchased = dataset(&[("acquisition", json!({ "source": "purchased" }))]);
    let known = Known::default().with(SOA, "soa", other).with("dst_1", "dataset", purchased);
    assert_eq!(react(&event("dataset.registered", "dst_1"), &known), []);
    assert_eq!(react(&event("soa.version_approved", SOA), &known), []);
}

#[test]
fn only_what_is_excluded_costs_reads() {
    let mut known = excluding("A.7.3");
    react(&event("ai_system.deployed", "sys_1"), &known);
    assert_eq!(known.missing(), [kernel::Need::All("soa")]);
}

fn detected(control: &str, object: &str) -> Trigger {
    let data = json!({
        "key": key(control, object),
        "contradiction": {
            "control": control, "fact": "Bureau data is from outside", "object": object,
        },
    });
    Trigger::example("soa.contradiction_detected", SOA, "2025-09-08T09:00:00Z", data)
}

#[test]
fn the_aims_manager_resolves_a_contradiction_in_two_weeks() {
    let world = |source: &str| {
        let from = dataset(&[("acquisition", json!({ "source": source }))]);
        excluding("A.7.3").with("dst_1", "dataset", from)
    };
    let orders = react(&detected("A.7.3", "dst_1"), &world("purchased"));
    let input = &orders[0].input;
    let title = "Resolve the contradiction about A.7.3: Bureau data is from outside";
    assert_eq!(input["title"], title);
    assert_eq!((&input["assigneeRole"], &input["due"]), (&json!("AM"), &json!("2025-09-22")));
    let until = json!({
        "event": "soa.contradiction_resolved", "object": SOA, "naming": ["a.7.3-dst_1"],
    });
    assert_eq!(input["doneWhen"], until);
    let am = |status: &str| json!({ "roles": ["AM", "DO"], "status": status });
    let alone = world("purchased").with("mbr_1", "membership", am("active"));
    let alone = alone.with("mbr_2", "membership", am("revoked"));
    assert_eq!(react(&detected("A.7.3", "dst_1"), &alone)[0].input["assignee"], "usr_1");
    let two = alone.with("mbr_3", "membership", am("active"));
    assert_eq!(react(&detected("A.7.3", "dst_1"), &two)[0].input["assignee"], Value::Null);
    let passed = react(&detected("A.7.3", "dst_1"), &world("internal"));
    assert_eq!(passed, [resolve(SOA, "a.7.3-dst_1")], "the fact has passed away meanwhile");
    let task = |status: &str| {
        json!({
            "subject": SOA, "status": status, "blocking": false, "title": title,
            "taskKind": "resolve_contradiction", "openedBy": "rea_P15",
        })
    };
    let open = world("purchased").with("tsk_1", "task", task("open"));
    assert_eq!(react(&detected("A.7.3", "dst_1"), &open), []);
    let overdue = event(OVERDUE, "tsk_1");
    let orders = react(&overdue, &world("purchased").with("tsk_1", "task", task("overdue")));
    assert_eq!(orders[0].input["taskKind"], "answer_finding");
    assert_eq!(orders[0].input["due"], "2025-09-15");
}

#[test]
fn a_customer_is_looked_at_as_a_customer() {
    let party = json!({ "name": "Nordbank", "kind": "customer", "status": "active" });
    let known = excluding("A.10.4").with("pty_1", "interested_party", party);
    let orders = react(&detected("A.10.4", "pty_1"), &known);
    assert_eq!(orders[0].verb, "open");
}

#[test]
fn so_many_are_found_at_once_as_a_statement_records() {
    let known = (0..150).fold(excluding("A.7.3"), |known, n| {
        let from = dataset(&[("acquisition", json!({ "source": "public" }))]);
        known.with(&format!("dst_{n:03}"), "dataset", from)
    });
    assert_eq!(react(&event("soa.version_approved", SOA), &known).len(), FOUND_MAX);
}
