//! Versions and what they are made of.

use super::*;

fn link(version: &str, datasets: &[&str], resources: &[&str]) -> LinkAssets {
    LinkAssets {
        system_version: Key::new(version),
        datasets: datasets.iter().copied().map(Ref::new).collect(),
        resources: resources.iter().copied().map(Ref::new).collect(),
        components: vec![Ref::new("cmp_1")],
    }
}

#[test]
fn a_further_version_begins_with_design_once_the_system_has_left_its_inception() {
    let mut life = registered();
    life.does(MARC, Command::AddVersion(add("2.0.1")));
    assert_eq!(life.stage_of("2.0.1"), Stage::Inception);
    life.moves("2.0", Stage::DesignAndDevelopment);
    life.does(MARC, Command::AddVersion(add("2.1")));
    assert_eq!(life.stage_of("2.1"), Stage::DesignAndDevelopment);
    assert_eq!(life.system.versions[&Key::new("2.1")].order, 3);
}

#[test]
fn the_system_shows_the_stage_of_its_running_version_or_of_its_newest() {
    let mut life = registered();
    life.moves("2.0", Stage::DesignAndDevelopment);
    life.does(MARC, Command::AddVersion(add("10.0")));
    assert_eq!(life.system.current().unwrap().0, &Key::new("10.0"));
    let mut life = running();
    life.does(MARC, Command::AddVersion(add("10.0")));
    assert_eq!(life.system.current().unwrap().0, &Key::new("2.0"));
    assert_eq!(life.system.stage, Stage::Deployment);
    life.does(MARC, stop("2.0"));
    assert_eq!(life.system.stage, Stage::DesignAndDevelopment);
}

#[test]
fn a_label_stands_for_one_version() {
    let mut life = registered();
    life.does(MARC, Command::AddVersion(add("2.1")));
    assert_eq!(life.asks(MARC, Command::AddVersion(add("2.1"))), Ok(vec![]));
    let other = AddVersion { developers: vec![], ..add("2.1") };
    let system_version = "2.1".to_owned();
    let refusal = Refusal::DuplicateVersion { system_version, at: "/systemVersion" };
    assert_eq!(life.refuses(MARC, Command::AddVersion(other)), refusal);
}

#[test]
fn a_version_uses_nothing_blocked_restricted_or_retired() {
    let mut life = registered();
    let dataset = |status: &str| json!({"name": "DS-01", "status": status});
    let resource = |status: &str| json!({"name": "GPU pool", "status": status});
    life.world.put("dst_1", "dataset", dataset("approved_for_use"));
    life.world.put("res_1", "resource", resource("approved"));
    life.world.put("dst_2", "dataset", dataset("restricted"));
    life.world.put("dst_3", "dataset", dataset("retired"));
    life.world.put("res_2", "resource", resource("blocked"));
    let both = |datasets: &[&str], resources: &[&str]| {
        let LinkAssets { datasets, resources, .. } = link("2.0", datasets, resources);
        let added = AddVersion { datasets, resources, ..add("2.1") };
        [
            Command::AddVersion(added.clone()),
            Command::LinkAssets(LinkAssets {
                system_version: Key::new("2.0"),
                datasets: added.datasets,
                resources: added.resources,
                components: vec![],
            }),
        ]
    };
    let unfit = |status: &str| Refusal::UnfitDataset {
        name: "DS-01".into(),
        status: status.into(),
        at: "/datasets/1".into(),
    };
    for command in both(&["dst_1", "dst_2"], &[]) {
        assert_eq!(life.refuses(MARC, command), unfit("restricted"));
    }
    for command in both(&["dst_1", "dst_3"], &[]) {
        assert_eq!(life.refuses(MARC, command), unfit("retired"));
    }
    let blocked = Refusal::BlockedResource { name: "GPU pool".into(), at: "/resources/1".into() };
    for command in both(&[], &["res_1", "res_2"]) {
        assert_eq!(life.refuses(MARC, command), blocked);
    }
    for command in both(&["dst_1"], &["res_1"]) {
        assert!(life.asks(MARC, command).is_ok());
    }
}

#[test]
fn a_version_brings_only_an_approved_change_of_its_own_system() {
    let mut life = registered();
    let change = |system: &str, effective: Value| change(system, "model", effective);
    let with = || Command::AddVersion(AddVersion { change: Some(Ref::new("chg_1")), ..add("2.1") });
    assert_eq!(life.refuses(MARC, with()), Refusal::ChangeOfAnother { at: "/change" });
    life.world.put("chg_1", "change_request", change("sys_2", json!({})));
    assert_eq!(life.refuses(MARC, with()), Refusal::ChangeOfAnother { at: "/change" });
    life.world.put("chg_1", "change_request", change("sys_1", Value::Null));
    assert_eq!(life.refuses(MARC, with()), Refusal::ChangeNotApproved { at: "/change" });
    let with_field = |field: &str, value: &str| {
        let mut change = change("sys_1", json!({}));
        change[field] = json!(value);
        change
    };
    life.world.put("chg_1", "change_request", with_field("progress", "rolled_back"));
    assert_eq!(life.refuses(MARC, with()), Refusal::ChangeNotApproved { at: "/change" });
    life.world.put("chg_1", "change_request", with_field("toVersion", "2.2"));
    let to_another = Refusal::ChangeToAnother { to_version: "2.2".into(), at: "/change" };
    assert_eq!(life.refuses(MARC, with()), to_another);
    life.world.put("chg_1", "change_request", with_field("toVersion", "2.1"));
    life.does(MARC, with());
    assert_eq!(life.system.versions[&Key::new("2.1")].change, Some(Ref::new("chg_1")));
}

#[test]
fn assets_are_linked_once_each_until_a_gate_has_looked_at_them() {
    let mut life = registered();
    life.moves("2.0", Stage::DesignAndDevelopment);
    let events = life.does(MARC, Command::LinkAssets(link("2.0", &["dst_1", "dst_1"], &["res_1"])));
    let [Event::AssetsLinked(linked)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(linked.datasets, [Ref::new("dst_1")]);
    let again = Command::LinkAssets(link("2.0", &["dst_1"], &["res_1"]));
    assert_eq!(life.asks(MARC, again.clone()), Ok(vec![]));
    life.leads_on_to_deployment();
    assert_eq!(life.asks(MARC, again), Ok(vec![]));
    let more = Command::LinkAssets(link("2.0", &["dst_2"], &[]));
    let (system_version, stage) = ("2.0".to_owned(), "deployment");
    assert_eq!(life.refuses(MARC, more), Refusal::AssetsSettled { system_version, stage });
    let unknown = Command::LinkAssets(link("9", &["dst_2"], &[]));
    let refusal = Refusal::UnknownVersion { system_version: "9".into(), at: "/systemVersion" };
    assert_eq!(life.refuses(MARC, unknown), refusal);
}

#[test]
fn what_an_onboarded_version_uses_is_recorded_afterwards() {
    let mut life = onboarded();
    life.does(OLGA, Command::LinkAssets(link("2.0", &["dst_1"], &["res_1"])));
    let version = &life.system.versions[&Key::new("2.0")];
    assert_eq!((version.datasets.len(), version.components.len()), (1, 1));
    life.moves("2.0", Stage::ReEvaluation);
    let more = Command::LinkAssets(link("2.0", &["dst_2"], &[]));
    assert!(matches!(life.refuses(OLGA, more), Refusal::AssetsSettled { .. }));
}

#[test]
fn versions_and_what_they_name_are_bounded() {
    let mut life = registered();
    for n in 1..VERSIONS_MAX {
        life.does(MARC, Command::AddVersion(add(&format!("3.{n}"))));
    }
    let refusal = Refusal::TooManyVersions { max: VERSIONS_MAX };
    assert_eq!(life.refuses(MARC, Command::AddVersion(add("4.0"))), refusal);

    let mut life = registered();
    let many =
        |n: usize| (0..40).map(move |i| Ref::new(format!("res_{n}_{i}"))).collect::<Vec<_>>();
    let refusal = Refusal::TooManyReferences { max: REFERENCES_MAX };
    for n in 0..19 {
        life.does(
            MARC,
            Command::LinkAssets(LinkAssets {
                resources: many(n),
                components: vec![],
                ..link("2.0", &[], &[])
            }),
        );
    }
    let last = AddVersion { resources: many(19), ..add("2.1") };
    assert_eq!(life.refuses(MARC, Command::AddVersion(last)), refusal);
    let last = LinkAssets { resources: many(19), ..link("2.0", &[], &[]) };
    assert_eq!(life.refuses(MARC, Command::LinkAssets(last)), refusal);
    let longest = serde_json::to_string(&life.system).unwrap();
    assert!(longest.len() < 32 * 1024, "{}", longest.len());
}

impl Life {
    fn leads_on_to_deployment(&mut self) {
        self.world.put(
            "dsr_1",
            "design_record",
            json!({
                "system": "sys_1", "systemVersion": "2.0", "effective": {"version": 1},
            }),
        );
        self.moves("2.0", Stage::VerificationAndValidation);
        self.moves("2.0", Stage::Deployment);
    }
}
