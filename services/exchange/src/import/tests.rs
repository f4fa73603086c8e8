//! What the formats make of real files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use bus::Who;
use kernel::Via;
use kernel::values::Line;
use serde_json::{Value, json};

use super::*;

mod catalogues;

fn file(format: Format, path: &str) -> File {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/");
    let bytes = std::fs::read(format!("{folder}{path}")).unwrap();
    let name = Line::new(path.rsplit('/').next().unwrap());
    let (source, licence) = (Line::new("github.com/example"), Line::new("Apache-2.0"));
    File { format, name, bytes, source, licence, ..File::default() }
}

fn text(format: Format, name: &str, text: &str) -> File {
    let bytes = text.as_bytes().to_vec();
    let (source, licence) = (Line::new("here"), Line::new("CC0-1.0"));
    File { format, name: Line::new(name), bytes, source, licence, ..File::default() }
}

fn plan(file: &File) -> Plan {
    let (id, roles) = ("usr_1".to_owned(), vec![Role::So]);
    let who = Who { id, roles, via: Via::User, ..Who::system("test") };
    planned(file, &who, &Known::default()).unwrap()
}

/// The inputs of a plan's commands of a kind.
fn inputs<'a>(plan: &'a Plan, kind: &str) -> Vec<&'a Value> {
    let of_kind = plan.commands.iter().filter(|planned| planned.step.kind == kind);
    of_kind.map(|planned| &planned.step.request.input).collect()
}

fn left_out(plan: &Plan) -> Vec<&str> {
    plan.not_understood.iter().map(|part| part.path.as_str()).collect()
}

#[test]
fn the_risk_atlas_gives_a_candidate_for_each_of_its_99_risks() {
    let plan = plan(&file(Format::RiskLibrary, "risks/risk_atlas_data.yaml"));
    assert_eq!((plan.errors.len(), plan.commands.len()), (0, 99));
    let risks = inputs(&plan, "risk");
    let first = risks[0];
    assert_eq!(first["title"], "Evasion attack");
    assert_eq!(first["origin"]["group"], "Robustness: model behavior manipulation");
    let description = first["description"].as_str().unwrap();
    assert!(description.starts_with("Evasion attacks attempt to make a model output"));
    assert!(description.contains("usually to benefit the attacker."));
    let origin = &first["origin"];
    assert_eq!(origin["library"], "IBM AI Risk Atlas");
    assert_eq!(origin["entry"], "atlas-evasion-attack");
    assert_eq!(origin["licence"], "Apache-2.0");
    assert!(origin["url"].as_str().unwrap().ends_with("evasion-attack.html"));
    assert!(left_out(&plan).contains(&"entries[].descriptor"), "{:?}", left_out(&plan));
}

#[test]
fn the_other_libraries_are_understood_too() {
    for (path, count, title) in [
        (
            "risks/mit_ai_risk_repository_data.yaml",
            33,
            "Unfair discrimination and misrepresentation",
        ),
        ("risks/cosai-risks.yaml", 36, "Data Poisoning"),
        ("risks/nist_ai_600-1_actions.csv", 20, "AI Configuration"),
    ] {
        let plan = plan(&file(Format::RiskLibrary, path));
        assert_eq!((plan.errors.len(), plan.commands.len()), (0, count), "{path}");
        assert_eq!(inputs(&plan, "risk")[0]["title"], title);
    }
}

#[test]
fn a_file_without_risks_says_so() {
    let plan = plan(&file(Format::RiskLibrary, "risks/cosai-controls.yaml"));
    assert!(plan.commands.is_empty());
    assert_eq!(plan.errors[0].code, Line::new("no_risks"));
}

#[test]
fn a_risk_without_title_is_an_error_at_its_line() {
    let plan =
        plan(&text(Format::RiskLibrary, "r.csv", "id,title,description\n1,Bias,Unfair\n2,,x\n"));
    let errors: Vec<_> = plan.errors.iter().map(|e| (e.line, e.code.as_str())).collect();
    assert_eq!(errors, [(3, "missing")]);
}

#[test]
fn a_bill_of_materials_gives_models_and_data_sets_and_names_what_it_assumes() {
    let plan = plan(&file(Format::CyclonedxMlBom, "ml-bom/valid-machine-learning-1.6.json"));
    assert!(plan.errors.is_empty(), "{:?}", plan.errors);
    let models = inputs(&plan, "resource");
    assert_eq!(models.len(), 1);
    assert_eq!(models[0]["name"], "stable-diffusion");
    assert_eq!(models[0]["resourceVersion"], "1.4");
    assert_eq!(models[0]["supplierName"], "Acme Inc");
    assert_eq!(models[0]["origin"]["format"], "CycloneDX 1.6");
    let datasets = inputs(&plan, "dataset");
    assert_eq!((datasets.len(), &datasets[0]["roles"]), (1, &json!(["train"])));
    assert_eq!(datasets[0]["acquisition"]["sourceName"], "https://example.com/path/to/dataset");
    assert!(plan.assumed.iter().any(|a| a.field == Line::new("acquisition.source")));
    let missed = left_out(&plan);
    assert!(missed.contains(&"components[].modelCard.quantitativeAnalysis"), "{missed:?}");
    assert!(inputs(&plan, "ai_system").is_empty());
}

#[test]
fn energy_and_emissions_are_kept_with_the_model() {
    let path = "ml-bom/valid-machine-learning-considerations-env-1.6.json";
    let plan = plan(&file(Format::CyclonedxMlBom, path));
    let note = "training: energy 0.4 kWh, emissions 31.22 tCO2eq, offset 31.22 tCO2eq";
    assert_eq!(inputs(&plan, "resource")[0]["energyNote"], note);
}

#[test]
fn the_component_that_a_bill_describes_becomes_a_system_of_its_parts() {
    let bill = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"component": {
            "type": "application", "name": "CreditLens", "version": "2.0 RC", "supplier": {"name": "X"},
        }},
        "components": [
            {"type": "machine-learning-model", "name": "m", "licenses": [{"license": {"id": "MIT"}}],
             "hashes": [{"alg": "MD5", "content": "0"}, {"alg": "SHA-256", "content": "ab"}],
             "modelCard": {"modelParameters": {"datasets": [{"ref": "d"}]}}},
            {"type": "data", "bom-ref": "d", "name": "loans", "data": [
                {"type": "dataset", "name": "loans test", "sensitiveData": ["age", "postcode"]}]},
        ],
    });
    let plan = plan(&text(Format::CyclonedxMlBom, "bom.json", &bill.to_string()));
    assert!(plan.errors.is_empty(), "{:?}", plan.errors);
    let system = inputs(&plan, "ai_system");
    assert_eq!(
        (&system[0]["name"], &system[0]["systemVersion"]),
        (&json!("CreditLens"), &json!("2.0-rc"))
    );
    assert_eq!((&system[0]["origin"], &system[0]["owner"]), (&json!("bought"), &json!("usr_1")));
    assert_eq!(system[1]["resources"].as_array().unwrap().len(), 1);
    let model = inputs(&plan, "resource")[0];
    assert_eq!((&model["licence"], &model["hash"]), (&json!("MIT"), &json!("ab")));
    let data = inputs(&plan, "dataset")[0];
    assert_eq!((&data["roles"], &data["personalData"]), (&json!(["test"]), &json!(true)));
}

#[test]
fn a_bill_that_is_none_or_refers_to_nothing_is_refused() {
    let none = plan(&text(Format::CyclonedxMlBom, "x.json", "{\"bomFormat\": \"SPDX\"}"));
    assert_eq!(none.errors[0].code, Line::new("not_cyclonedx"));
    let old = "{\"bomFormat\": \"CycloneDX\",\n\"specVersion\": \"1.4\"}";
    let old = plan(&text(Format::CyclonedxMlBom, "x.json", old));
    assert_eq!(old.errors[0].code, Line::new("too_old"));
    let bill = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "machine-learning-model", "name": "m", "modelCard": {"modelParameters":
            {"datasets": [{"ref": "nowhere"}]}}}]}"#;
    let dangling = plan(&text(Format::CyclonedxMlBom, "x.json", bill));
    assert_eq!(dangling.errors[0].code, Line::new("unknown_reference"));
    assert_eq!(dangling.errors[0].line, 3);
    let broken = plan(&text(Format::CyclonedxMlBom, "x.json", "{\n"));
    assert_eq!(broken.errors[0].code, Line::new("unreadable"));
}

#[test]
fn model_cards_give_a_model_with_its_data_sets() {
    let plan = plan(&file(Format::ModelCard, "model-cards/cats_vs_dogs_v0_0_2.json"));
    assert!(plan.errors.is_empty(), "{:?}", plan.errors);
    let model = inputs(&plan, "resource")[0];
    assert_eq!(model["name"], "Fine-tuned MobileNetV2 Model for Cat vs. Dogs");
    assert_eq!(
        (&model["licence"], &model["resourceVersion"]),
        (&json!("Apache-2.0"), &json!("v1.0"))
    );
    let roles: Vec<_> = inputs(&plan, "dataset").iter().map(|d| &d["roles"][0]).collect();
    assert_eq!(roles, ["train", "validation"]);
    assert!(left_out(&plan).contains(&"quantitative_analysis"));
    let mut full = file(Format::ModelCard, "model-cards/full.json");
    full.with_system = true;
    let full = super::tests::plan(&full);
    assert_eq!(inputs(&full, "ai_system")[0]["purpose"], "use_cases");
    assert_eq!(inputs(&full, "dataset")[0]["personalData"], true);
}

#[test]
fn front_matter_of_a_hub_is_a_model_card_too() {
    let card =
        "---\nlicense: mit\ndatasets:\n- imdb\n- glue\nlanguage: en\n---\n# Tiny BERT\n\nText.\n";
    let plan = plan(&text(Format::ModelCard, "README.md", card));
    assert!(plan.errors.is_empty(), "{:?}", plan.errors);
    let model = inputs(&plan, "resource")[0];
    assert_eq!((&model["name"], &model["licence"]), (&json!("Tiny BERT"), &json!("mit")));
    assert_eq!(inputs(&plan, "dataset").len(), 2);
    assert_eq!(left_out(&plan), ["language"]);
}

/// The faults of a plan as `line field code`.
fn faults(plan: &Plan) -> Vec<String> {
    let fault = |e: &FileError| {
        let field = e.field.as_ref().map_or("-", Line::as_str);
        format!("{} {field} {}", e.line, e.code)
    };
    plan.errors.iter().map(fault).collect()
}

#[test]
fn a_questionnaire_gives_its_chapters_with_their_questions_in_order() {
    let path = "suppliers/third-party-supplier-questionnaire.csv";
    let plan = plan(&file(Format::Questionnaire, path));
    assert_eq!(faults(&plan), [""; 0]);
    assert_eq!(left_out(&plan), [""; 0], "all of the file is understood");
    let chapters = inputs(&plan, "questionnaire_chapter");
    let count = |chapter: &&Value| chapter["questions"].as_array().unwrap().len();
    let counts: Vec<_> = chapters.iter().map(count).collect();
    assert_eq!((counts.len(), counts.iter().sum::<usize>()), (12, 239));
    let scope = chapters[1];
    assert_eq!(scope["title"], "Scope");
    let about = scope["about"].as_str().unwrap();
    assert!(about.starts_with("This policy applies to:\n- All third parties"), "{about}");
    assert!(!about.contains('<'));
    assert_eq!(scope["origin"]["entry"], 2);
    let asked = &scope["questions"][0];
    assert_eq!((&asked["key"], &asked["answer"]), (&json!("2.1"), &json!("single")));
    assert!(asked["help"].as_str().unwrap().contains("\n- All situations"), "{asked}");
    let texts: Vec<_> = asked["choices"].as_array().unwrap().iter().map(|c| &c["text"]).collect();
    assert_eq!(texts, ["Yes", "No", "Somewhat"]);
    assert_eq!(asked["choices"][2]["shows"], json!(["2.2"]));
    assert_eq!(asked["choices"][0]["shows"], json!([]));
    assert_eq!(asked["weight"], Value::Null);
    let questionnaire = inputs(&plan, "questionnaire");
    assert_eq!(questionnaire[0]["title"], "Third party supplier questionnaire");
    assert_eq!(questionnaire[0]["chapters"].as_array().unwrap().len(), 12);
    let assumed: Vec<_> =
        plan.assumed.iter().map(|a| (a.field.as_str(), a.value.as_str())).collect();
    assert!(assumed.contains(&("Dropdown Options", "Not applicable")), "{assumed:?}");
    let markup = plan.assumed.iter().find(|a| a.because.as_str().starts_with("markup"));
    assert!(markup.unwrap().because.as_str().ends_with("times)"));
}

#[test]
fn the_other_questionnaire_is_read_by_the_same_words() {
    let plan = plan(&file(Format::Questionnaire, "suppliers/data-management-questionnaire.csv"));
    assert_eq!((faults(&plan), left_out(&plan)), (vec![], vec![]));
    let chapters = inputs(&plan, "questionnaire_chapter");
    let questions = chapters.iter().flat_map(|c| c["questions"].as_array().unwrap());
    assert_eq!((chapters.len(), questions.count()), (14, 149));
}

#[test]
fn a_questionnaire_may_be_called_otherwise_and_be_scored() {
    let csv = "Section,Number,Question,Type,Options,Scoring,Weight,Points,Shows,Critical,Owner\n\
        A,Q 1,Logs kept?,2,Yes|No|N/A,1,3,10|0|0,|q_2 q_3|,1,Ana\n\
        A,Q 2,Why not?,open answer,,,,,,,\n\
        A,Q 3,Since when?,4,,0,,,,,\n\
        A,Q 4,Which?,5,In | Out,0,7,1|2,,,\n";
    let plan = plan(&text(Format::Questionnaire, "our_own-list.csv", csv));
    assert_eq!(faults(&plan), [""; 0]);
    assert_eq!(left_out(&plan), ["[].Owner"]);
    let chapter = inputs(&plan, "questionnaire_chapter")[0];
    assert_eq!(chapter["title"], "Chapter A");
    let asked = &chapter["questions"];
    assert_eq!((&asked[0]["key"], &asked[0]["weight"]), (&json!("q_1"), &json!(3)));
    assert_eq!(asked[0]["critical"], true);
    let choices = &asked[0]["choices"];
    assert_eq!((&choices[0]["points"], &choices[2]["notApplicable"]), (&json!(10), &json!(true)));
    assert_eq!(choices[1]["shows"], json!(["q_2", "q_3"]));
    assert_eq!((&asked[1]["answer"], &asked[2]["answer"]), (&json!("open"), &json!("date")));
    assert_eq!(
        (&asked[3]["weight"], &asked[3]["choices"][1]["text"]),
        (&Value::Null, &json!("Out"))
    );
    let passed = plan.assumed.iter().filter(|a| a.because.as_str().starts_with("passed over"));
    assert_eq!(
        passed.map(|a| a.field.as_str()).collect::<Vec<_>>(),
        ["Dropdown Option Score", "Dropdown Option Score Multiplier",]
    );
    assert_eq!(inputs(&plan, "questionnaire")[0]["title"], "Our own list");
}

#[test]
fn what_is_wrong_with_a_questionnaire_is_named_by_line_and_field() {
    let head = "Chapter ID,Question ID,Question Title,Answer Type,Dropdown Options,\
        Dropdown Scoring,Dropdown Option Score,Dropdown Option Score Multiplier,\
        Dropdown Option Show another Question,Question Comments & Attachments\n";
    for (row, expected) in [
        (",1.1,Is it?,1,,,,,,", "3 Chapter ID missing"),
        ("1,,Is it?,1,,,,,,", "3 Question ID missing"),
        ("1,ä!,Is it?,1,,,,,,", "3 Question ID malformed"),
        ("1,1.0,Is it?,1,,,,,,", "3 Question ID twice"),
        ("1,1.1,,1,,,,,,", "3 Question Title missing"),
        ("1,1.1,Is it?,7,,,,,,", "3 Answer Type unknown_type"),
        ("1,1.1,Is it?,2,,,,,,", "3 Dropdown Options missing"),
        ("1,1.1,Is it?,1,Yes|No,,,,,", "3 Dropdown Options not_taken"),
        ("1,1.1,Is it?,2,Yes||No,,,,,", "3 Dropdown Options blank"),
        ("1,1.1,Is it?,2,Yes|No,maybe,,,,", "3 Dropdown Scoring malformed"),
        ("1,1.1,Is it?,2,Yes|No,1,,1|0,,", "3 Dropdown Option Score missing"),
        ("1,1.1,Is it?,2,Yes|No,1,x,1|0,,", "3 Dropdown Option Score malformed"),
        ("1,1.1,Is it?,2,Yes|No,1,3,,,", "3 Dropdown Option Score Multiplier missing"),
        ("1,1.1,Is it?,2,Yes|No,1,3,1,,", "3 Dropdown Option Score Multiplier other_count"),
        ("1,1.1,Is it?,2,Yes|No,1,3,1|-1,,", "3 Dropdown Option Score Multiplier malformed"),
        ("1,1.1,Is it?,2,Yes|No,,,,1.2,", "3 Dropdown Option Show another Question other_count"),
        (
            "1,1.1,Is it?,2,Yes|No,,,,|9.9,",
            "3 Dropdown Option Show another Question unknown_question",
        ),
        ("1,1.1,Is it?,2,Yes|No,,,,|1.0,", "3 Dropdown Option Show another Question not_later"),
        ("1,1.1,Is it?,2,Yes|No,,,,|1.1,", "3 Dropdown Option Show another Question not_later"),
        ("1,1.1,Is it?,2,Yes|No,,,,,2", "3 Question Comments & Attachments malformed"),
    ] {
        let csv = format!("{head}1,1.0,First?,1,,,,,,1\n{row}\n");
        let plan = plan(&text(Format::Questionnaire, "q.csv", &csv));
        assert_eq!(faults(&plan), [expected], "{row}");
        assert!(plan.commands.is_empty());
    }
    let other = plan(&text(Format::Questionnaire, "q.csv", "id,risk\n1,Bias\n"));
    assert_eq!(faults(&other), ["1 Question Title no_questions"]);
    // A question that is led to and has a fault of its own is one fault.
    let csv = format!("{head}1,1.0,First?,2,Yes|No,,,,|1.1,1\n1,1.1,Is it?,7,,,,,,\n");
    let both = plan(&text(Format::Questionnaire, "q.csv", &csv));
    assert_eq!(faults(&both), ["3 Answer Type unknown_type"]);
}

#[test]
fn a_refused_question_is_named_by_its_own_line() {
    let csv = "Chapter ID,Question ID,Question Title,Answer Type,Dropdown Options\n\
        1,1.0,First?,1,\n1,1.1,Second?,2,Yes|No\n";
    let plan = plan(&text(Format::Questionnaire, "q.csv", csv));
    let refused = |pointer: &str| bus::CommandError::Refused {
        code: "x".into(),
        message: "y".into(),
        rule: None,
        pointer: Some(pointer.into()),
        conflict: false,
    };
    for (pointer, expected) in [
        ("/questions/1/choices/0/points", (3, "Dropdown Options")),
        ("/questions/0/text", (2, "Question Title")),
        ("/questions/1/weight", (3, "Dropdown Option Score")),
        ("/questions/1/unheard", (3, "Question ID")),
        ("/questions", (2, "Question ID")),
    ] {
        let found = plan.faults(0, &refused(pointer));
        let found = (found[0].line, found[0].field.as_ref().unwrap().as_str().to_owned());
        assert_eq!((found.0, found.1.as_str()), expected, "{pointer}");
    }
}
