//! What catalogues and mappings between them become.

use super::*;

fn wishing(file: File, wishes: Wishes) -> File {
    File { wishes, ..file }
}

fn controls() -> Plan {
    plan(&file(Format::Catalogue, "controls/internal_controls.csv"))
}

/// The library of controls as the tenant has it, under the id `cat_1`.
fn library() -> Known {
    let plan = controls();
    let items = inputs(&plan, "catalogue_item");
    let items: Vec<_> = items
        .iter()
        .map(|item| (item["number"].as_str().unwrap(), item["title"].as_str().unwrap()))
        .collect();
    Known::default().with("cat_1", "Internal controls", &items)
}

fn mapped(file: &File, known: &Known) -> Plan {
    let (id, roles) = ("usr_1".to_owned(), vec![Role::Am]);
    let who = Who { id, roles, via: Via::User, ..Who::system("test") };
    planned(file, &who, known).unwrap()
}

fn matrix(unknown: Unknown) -> Plan {
    let file = file(Format::Mapping, "controls/mapping_controls_to_requirements.csv");
    let catalogue = Some("cat_1".to_owned());
    mapped(&wishing(file, Wishes { catalogue, unknown, ..Wishes::default() }), &library())
}

/// Each fault as `line field code`.
fn faults(plan: &Plan) -> Vec<String> {
    let fault = |error: &FileError| {
        let field = error.field.as_ref().map_or("-", |field| field.as_str());
        format!("{} {field} {}", error.line, error.code)
    };
    plan.errors.iter().map(fault).collect()
}

fn assumed(plan: &Plan) -> Vec<(&str, &str)> {
    plan.assumed.iter().map(|a| (a.field.as_str(), a.value.as_str())).collect()
}

#[test]
fn a_library_of_controls_becomes_a_draft_with_numbers_and_groups() {
    let plan = controls();
    assert_eq!(faults(&plan), Vec::<String>::new());
    let [draft] = inputs(&plan, "catalogue")[..] else { panic!("one catalogue") };
    assert_eq!((&draft["title"], &draft["language"]), (&json!("internal_controls"), &json!("en")));
    let items = inputs(&plan, "catalogue_item");
    let (groups, controls): (Vec<&Value>, Vec<&Value>) =
        items.iter().copied().partition(|item| item["itemKind"] == "group");
    assert_eq!((controls.len(), groups.len()), (137, 23));
    let first = controls[0];
    assert_eq!(first["number"], "C-001");
    assert_eq!(first["title"], "User Account Inventory Review");
    assert_eq!(first["parent"], "Access_Management");
    assert!(first["guidance"].as_str().unwrap().contains("Access_Management > Access Review"));
    assert_eq!(
        (&groups[0]["title"], &groups[0]["place"]),
        (&json!("Access Management"), &json!(1))
    );
    let places: Vec<_> = items.iter().map(|item| item["place"].as_u64().unwrap()).collect();
    assert_eq!(places, (1..=160).collect::<Vec<_>>());
    assert!(assumed(&plan).contains(&("number", "C-001 and so on")), "{:?}", plan.assumed);
    assert_eq!(left_out(&plan), Vec::<&str>::new());
}

#[test]
fn the_subcategories_of_the_rmf_are_read_in_the_language_that_is_asked_for() {
    let path = "frameworks/nist-ai-rmf/nist_ai_rmf_subcategories.json";
    for (language, title, outcome, head) in [
        ("en", "GOVERN 1.1", "Legal and regulatory requirements", "NIST AI Risk Management"),
        ("fr", "GOVERN 1.1 - résultat", "Les exigences légales", "NIST AI Risk Management"),
    ] {
        let language = Some(language.to_owned());
        let wishes = Wishes { language, publish: true, ..Wishes::default() };
        let plan = plan(&wishing(file(Format::Catalogue, path), wishes));
        assert_eq!(faults(&plan), Vec::<String>::new());
        let draft = &plan.commands[0].step.request.input;
        assert!(draft["title"].as_str().unwrap().starts_with(head), "{draft}");
        assert_eq!(draft["edition"], "AI RMF 1.0");
        let items = inputs(&plan, "catalogue_item");
        let outcomes: Vec<_> = items.iter().filter(|item| item["itemKind"] == "outcome").collect();
        assert_eq!((outcomes.len(), items.len()), (72, 72 + 19 + 4));
        assert!(outcomes[0]["title"].as_str().unwrap().starts_with(title), "{}", outcomes[0]);
        assert!(outcomes[0]["text"].as_str().unwrap().starts_with(outcome), "{}", outcomes[0]);
        let parents = [&outcomes[0]["parent"], &items[1]["parent"], &items[0]["parent"]];
        assert_eq!(parents, [&json!("GOVERN-1"), &json!("GOVERN"), &Value::Null]);
        let guidance = outcomes[0]["guidance"].as_str().unwrap();
        assert!(guidance.chars().count() <= 10_000 && guidance.len() > 500);
        assert_eq!(plan.commands.last().unwrap().step.request.verb, "publish");
    }
}

#[test]
fn actions_of_the_generative_profile_are_linked_to_the_subcategories_that_they_name() {
    let path = "frameworks/nist-ai-rmf/nist_ai_rmf_actions_data.yaml";
    let draft = plan(&file(Format::Catalogue, path));
    assert_eq!(faults(&draft), Vec::<String>::new());
    assert_eq!((inputs(&draft, "catalogue_item").len(), inputs(&draft, "mapping").len()), (212, 0));
    let wishes = Wishes { publish: true, ..Wishes::default() };
    let published = plan(&wishing(file(Format::Catalogue, path), wishes));
    let links = inputs(&published, "mapping");
    assert_eq!(links.len(), 212);
    assert_eq!(links[0]["from"]["number"], "GV-1.1-001");
    assert_eq!(links[0]["to"], json!({ "catalogue": "nist-ai-rmf-1.0", "number": "GOVERN-1.1" }));
    let order: Vec<_> = published.commands.iter().map(|c| c.step.request.verb.as_str()).collect();
    let publishing = order.iter().position(|verb| *verb == "publish").unwrap();
    assert!(order[publishing + 1..].iter().all(|verb| *verb == "link"));
}

#[test]
fn a_table_of_ones_own_is_read_with_its_numbers_parents_and_kinds() {
    let table = "number,title,text,parent,kind\n\
                 1,People,,,group\n\
                 1.1,Training,Everybody is trained.,1,control\n\
                 Art. 2 (1),Duty,,1,obligation\n\
                 1.3,Odd,,1,wish\n";
    let title = Some(Line::new("House rules"));
    let wishes = Wishes { title, item_kind: Some("requirement".into()), ..Wishes::default() };
    let plan = plan(&wishing(text(Format::Catalogue, "rules.csv", table), wishes));
    assert_eq!(faults(&plan), Vec::<String>::new());
    assert_eq!(plan.commands[0].title, "House rules");
    let items: Vec<_> = inputs(&plan, "catalogue_item")
        .into_iter()
        .map(|i| (i["number"].as_str().unwrap(), i["itemKind"].as_str().unwrap(), &i["parent"]))
        .collect();
    let one = json!("1");
    let wanted = [
        ("1", "group", &Value::Null),
        ("1.1", "control", &one),
        ("Art.-2-1", "obligation", &one),
        ("1.3", "requirement", &one),
    ];
    assert_eq!(items, wanted);
    assert!(assumed(&plan).contains(&("number", "Art.-2-1")));
    assert!(assumed(&plan).contains(&("kind", "requirement")));
}

#[test]
fn faults_of_a_table_are_named_with_line_and_field() {
    let table = "number,title\n1,One\n1,Again\n,Two\n(),Three\n5,\n";
    let plan = plan(&text(Format::Catalogue, "rules.csv", table));
    let wanted =
        ["4 number missing", "5 number malformed", "6 title missing", "3 number duplicate"];
    let (mut found, mut wanted) = (faults(&plan), wanted.map(str::to_owned).to_vec());
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
    let plan = super::plan(&text(Format::Catalogue, "x.json", "{\"title\": \"x\"}"));
    assert_eq!(faults(&plan), ["1 - no_items"]);
}

#[test]
fn a_matrix_names_what_no_catalogue_has_with_line_and_framework() {
    let plan = matrix(Unknown::Refuse);
    let errors = faults(&plan);
    let controls: Vec<_> = errors.iter().filter(|e| e.ends_with("unknown_control")).collect();
    assert_eq!(controls.len(), 6, "{errors:?}");
    let numbers: Vec<_> = plan
        .errors
        .iter()
        .filter(|e| e.field.as_ref().is_some_and(|f| f.as_str() == "ISO 42001:2023"))
        .collect();
    let named: Vec<_> =
        numbers.iter().filter_map(|e| e.message.as_str().rsplit(' ').next()).collect();
    assert_eq!(named, ["A.5.1", "A.7.1", "A.8.1", "A.4.1", "A.9.1"]);
    let unknown: Vec<_> = errors.iter().filter(|e| e.ends_with("unknown_catalogue")).collect();
    assert_eq!(unknown.len(), 13, "{unknown:?}");
}

#[test]
fn a_matrix_leaves_out_what_no_catalogue_has_where_that_is_wanted() {
    let plan = matrix(Unknown::Skip);
    assert_eq!(faults(&plan), Vec::<String>::new());
    let links = inputs(&plan, "mapping");
    let to = |catalogue: &str| links.iter().filter(|l| l["to"]["catalogue"] == catalogue).count();
    let counts = ["iso42001-2023", "eu-ai-act-2024", "iso27001-2022"].map(to);
    assert_eq!(counts, [51, 84, 143]);
    assert_eq!(links.len(), counts.iter().sum::<usize>());
    assert!(inputs(&plan, "catalogue").is_empty());
    assert!(links.iter().all(|link| link["relation"] == "supports"));
    let annex = links.iter().find(|l| l["to"]["catalogue"] == "iso27001-2022").unwrap();
    assert!(annex["to"]["number"].as_str().unwrap().starts_with("A.5."), "{annex}");
    let out = left_out(&plan);
    assert!(out.contains(&"ISO 42001:2023: the catalogue has no item A.4.1"), "{out:?}");
    assert!(out.iter().any(|path| path.contains("\"Risk Treatment Plan Review\"")), "{out:?}");
    let pci = plan.not_understood.iter().find(|part| part.path.as_str().starts_with("PCI DSS"));
    assert!(pci.unwrap().count > 200);
}

#[test]
fn a_matrix_makes_catalogues_of_frameworks_that_there_are_none_of_where_that_is_wanted() {
    let plan = matrix(Unknown::Create);
    assert_eq!(faults(&plan), Vec::<String>::new());
    let made = inputs(&plan, "catalogue");
    let titles: Vec<_> = made.iter().filter_map(|c| c["title"].as_str()).collect();
    assert_eq!(titles.len(), 13, "{titles:?}");
    assert!(titles.contains(&"NIS2 Article 21") && titles.contains(&"ISO 27701:2025"));
    let items = inputs(&plan, "catalogue_item");
    let article = items.iter().find(|i| i["title"] == "Article 21(2) (i)").unwrap();
    assert_eq!(article["number"], "Article-21-2-i");
    let links = inputs(&plan, "mapping");
    assert!(links.len() > 1_400, "{}", links.len());
    assert!(links.iter().any(|l| l["to"]["number"] == "Article-21-2-i"));
    assert!(left_out(&plan).contains(&"ISO 42001:2023: the catalogue has no item A.4.1"));
}

#[test]
fn a_matrix_is_of_a_catalogue_that_is_named_and_published() {
    let file = file(Format::Mapping, "controls/mapping_controls_to_requirements.csv");
    assert_eq!(faults(&mapped(&file, &library())), ["1 catalogue missing"]);
    let catalogue = Some("cat_2".to_owned());
    let other = wishing(file, Wishes { catalogue, ..Wishes::default() });
    assert_eq!(faults(&mapped(&other, &library())), ["1 catalogue unknown_catalogue"]);
}

#[test]
fn a_list_of_links_says_what_it_knows_and_the_rest_is_assumed() {
    let list = "from_catalogue,from,to_catalogue,to,relation,source,source_version,\
                confidence,note\n\
                iso42001-2023,A.6.2.4,EU AI Act,Art.15,intersects,a law firm,3,high,By article\n\
                Internal controls,User Account Inventory Review,iso27002:2022,5.15,,,,,\n\
                Internal controls,C-001,ISO 27002:2022,5.15,,,,,\n";
    let plan = mapped(&text(Format::Mapping, "links.csv", list), &library());
    assert_eq!(faults(&plan), ["3 to_catalogue unknown_catalogue"]);
    let list = list.replace("iso27002:2022", "ISO 27002:2022").replace("C-001", "C-002");
    let plan = mapped(&text(Format::Mapping, "links.csv", &list), &library());
    assert_eq!(faults(&plan), Vec::<String>::new());
    let links = inputs(&plan, "mapping");
    let first = json!({
        "from": { "catalogue": "iso42001-2023", "number": "A.6.2.4" },
        "to": { "catalogue": "eu-ai-act-2024", "number": "Art.15" },
        "relation": "intersects", "source": "a law firm", "sourceVersion": "3",
        "confidence": "high", "note": "By article",
    });
    assert_eq!(*links[0], first);
    assert_eq!(links[1]["from"], json!({ "catalogue": "cat_1", "number": "C-001" }));
    assert_eq!(links[1]["to"], json!({ "catalogue": "iso27001-2022", "number": "A.5.15" }));
    assert_eq!((&links[1]["source"], &links[1]["confidence"]), (&json!("here"), &json!("low")));
}

#[test]
fn faults_of_a_list_of_links_are_named_with_line_and_field() {
    let list = "from,to_catalogue,to,relation,confidence\n\
                C-001,iso42001-2023,A.4.1,,\n\
                C-999,iso42001-2023,A.2.2,,\n\
                C-001,,A.2.2,,\n\
                C-001,moon law,1,,\n\
                C-001,iso42001-2023,A.2.2,satisfies,\n\
                C-002,iso42001-2023,A.2.2,supports,certain\n\
                C-003,iso42001-2023,A.2.2,,\n\
                C-003,iso42001-2023,A.2.2,,\n\
                ,iso42001-2023,A.2.2,,\n";
    let wishes = Wishes { catalogue: Some("Internal controls".into()), ..Wishes::default() };
    let plan = mapped(&wishing(text(Format::Mapping, "links.csv", list), wishes), &library());
    let wanted = [
        "2 to unknown_number",
        "3 from unknown_number",
        "4 to_catalogue missing",
        "5 to_catalogue unknown_catalogue",
        "6 relation not_a_word",
        "7 confidence not_a_word",
        "9 from duplicate",
        "10 from missing",
    ];
    assert_eq!(faults(&plan), wanted);
}
