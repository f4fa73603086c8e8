//! What rules say of cases on days around each boundary.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn key(text: &str) -> Key {
    Key::new(text)
}

fn product() -> Rules {
    Rules::known(&Facts::default())
}

/// A high-risk system of Annex III in this role.
fn high_risk(role: &str, point: &str) -> Case {
    Case {
        classes: [(key("eu_ai_act"), key("high_risk"))].into(),
        roles: vec![key(role)],
        point: Some(Line::new(point)),
        ..Case::default()
    }
}

fn said<'a>(
    rules: &'a Rules,
    code: &str,
    trigger: Trigger,
    case: &Case,
    on: &str,
) -> Evaluation<'a> {
    let all = rules.evaluate(trigger, case, date(on));
    let mut of_code = all.into_iter().filter(|said| said.rule.code.as_str() == code);
    let found = of_code.next().unwrap();
    assert_eq!(of_code.next(), None, "one version of {code} counts");
    found
}

fn applying(rules: &Rules, trigger: Trigger, case: &Case, on: &str) -> Vec<String> {
    let all = rules.evaluate(trigger, case, date(on));
    let applying = all.into_iter().filter(|said| said.applies);
    applying.map(|said| said.rule.code.as_str().to_owned()).collect()
}

#[test]
fn what_is_packaged_is_fit_and_none_is_left_out() {
    assert_eq!(packaged_names(), ["eu_ai_act", "eu_gdpr"]);
    for set in PACKAGED.iter() {
        assert_eq!(set.check(), Ok(()), "{}", set.name.as_str());
        for (version, rule) in &set.rules {
            assert!(version.as_str().starts_with(rule.code.as_str()), "{}", version.as_str());
            assert!(rule.code.as_str().starts_with(&format!("{}.", rule.regime.as_str())));
        }
    }
}

#[test]
fn the_texts_of_a_packaged_set_pass_the_door() {
    for set in PACKAGED.iter() {
        let json = serde_json::to_value(set.as_ref()).unwrap();
        let fields = &<RuleSetContent as kernel::schema::Record>::record().fields;
        assert_eq!(kernel::door::check(fields, &json, ""), Vec::new());
    }
}

#[test]
fn the_classes_of_the_ai_act_have_their_effects() {
    let rules = product();
    for (class, effects, article) in [
        ("prohibited", vec![Effect::Forbidden], "Art. 5"),
        ("high_risk", vec![Effect::HighRisk], "Art. 6(2), Annex III"),
        ("high_risk_product", vec![Effect::HighRisk], "Art. 6(1), Annex I"),
        ("transparency", vec![Effect::Transparency], "Art. 50"),
        ("minimal", vec![], "Art. 95"),
        ("gpai", vec![], "Art. 53"),
        ("gpai_systemic", vec![], "Art. 51, 55"),
    ] {
        let (rule, set) = rules.class("eu_ai_act", class, date("2024-09-02")).unwrap();
        assert_eq!((&rule.effects, rule.article.as_str()), (&effects, article));
        assert_eq!(set, "eu_ai_act@2026-07-24");
    }
    assert_eq!(rules.classes("eu_ai_act", date("2024-09-02")).len(), 7);
    assert_eq!(rules.class("eu_ai_act", "unacceptable", date("2024-09-02")), None);
    assert_eq!(rules.class("eu_ai_act", "high_risk", date("2024-07-11")), None);
    assert_eq!(rules.regimes(date("2024-07-11")).len(), 0);
    assert!(rules.roles("eu_ai_act").contains("importer"));
    assert!(!rules.roles("eu_ai_act").contains("controller"));
}

#[test]
fn on_a_day_the_version_counts_that_was_published_last_until_then() {
    let (rules, provider) = (product(), high_risk("provider", "5(b)"));
    for (on, applies, from) in [
        ("2026-07-23", false, "2026-08-02"),
        ("2026-07-24", false, "2027-12-02"),
        ("2026-08-02", false, "2027-12-02"),
        ("2027-12-01", false, "2027-12-02"),
        ("2027-12-02", true, "2027-12-02"),
    ] {
        let said = said(&rules, "eu_ai_act.73_2", Trigger::IncidentReport, &provider, on);
        assert_eq!((said.applies, said.rule.applies_from), (applies, date(from)), "{on}");
    }
    let mut product = provider;
    product.classes = [(key("eu_ai_act"), key("high_risk_product"))].into();
    for (on, applies) in [("2027-12-02", false), ("2028-08-01", false), ("2028-08-02", true)] {
        let codes = applying(&rules, Trigger::IncidentReport, &product, on);
        assert_eq!(!codes.is_empty(), applies, "{on}");
    }
}

#[test]
fn it_says_why_a_rule_does_not_apply() {
    let rules = product();
    let because =
        |case: &Case, on| said(&rules, "eu_ai_act.73_2", Trigger::IncidentReport, case, on).because;
    let mut case = high_risk("deployer", "5(b)");
    assert_eq!(because(&case, "2027-12-02"), "the role is deployer, not provider");
    case.classes = [(key("eu_ai_act"), key("transparency"))].into();
    assert_eq!(
        because(&case, "2025-06-16"),
        "applies from 2026-08-02, not on 2025-06-16; the class is transparency, not high_risk; \
         the role is deployer, not provider"
    );
    assert_eq!(
        because(&Case::default(), "2024-07-01"),
        "published on 2024-07-12, after 2024-07-01; no class is known, where high_risk is asked \
         for; no role is known, where provider is asked for"
    );
    let exempt = Case { exempt: true, ..high_risk("provider", "5(b)") };
    assert_eq!(because(&exempt, "2028-01-01"), "the system is exempted from high_risk");
    let case = high_risk("provider", "5(b)");
    let said = said(&rules, "eu_ai_act.73_4", Trigger::IncidentReport, &case, "2028-01-01");
    assert_eq!((said.applies, said.because.as_str()), (false, "nobody died"));
}

#[test]
fn it_says_why_a_rule_applies() {
    let rules = product();
    let case = Case { death: true, ..high_risk("provider", "5(b)") };
    let said = said(&rules, "eu_ai_act.73_4", Trigger::IncidentReport, &case, "2028-01-01");
    assert!(said.applies && !said.voluntary);
    assert_eq!(
        said.because,
        "applies since 2027-12-02; the class is high_risk; the role is provider; somebody died"
    );
    assert_eq!(said.set, "eu_ai_act@2026-07-24");
}

#[test]
fn clocks_of_serious_incidents() {
    let rules = product();
    let clocks = |case: &Case| applying(&rules, Trigger::IncidentReport, case, "2028-01-01");
    let provider = high_risk("provider", "2");
    let deployer = high_risk("deployer", "2");
    assert_eq!(clocks(&provider), ["eu_ai_act.73_2"]);
    assert_eq!(clocks(&deployer), ["eu_ai_act.26_5"]);
    let grave = Case { death: true, widespread: true, grounds: vec![key("b")], ..provider };
    let all = ["eu_ai_act.73_2", "eu_ai_act.73_3", "eu_ai_act.73_3.b", "eu_ai_act.73_4"];
    assert_eq!(clocks(&grave), all);
    let ground = Case { grounds: vec![key("a")], ..deployer };
    assert_eq!(clocks(&ground), ["eu_ai_act.26_5"]);
    let aware = "2028-01-01T10:00:00Z".parse().unwrap();
    let dues = rules.evaluate(Trigger::IncidentReport, &grave, date("2028-01-01"));
    let due = |said: &Evaluation| said.rule.deadline.unwrap().due(aware).to_string();
    let dues: Vec<_> = dues.iter().filter(|said| said.applies).map(due).collect();
    let days = ["16", "03", "03", "11"].map(|day| format!("2028-01-{day}T10:00:00.000000Z"));
    assert_eq!(dues, days);
}

#[test]
fn a_breach_of_personal_data_is_reported_within_72_hours_whatever_the_class() {
    let rules = product();
    let breach = Case { personal_data: true, ..Case::default() };
    let said = said(&rules, "eu_gdpr.33_1", Trigger::BreachReport, &breach, "2025-06-16");
    assert!(said.applies);
    let due = said.rule.deadline.unwrap().due("2025-06-16T09:40:00Z".parse().unwrap());
    assert_eq!(due, "2025-06-19T09:40:00Z".parse().unwrap());
    assert!(applying(&rules, Trigger::BreachReport, &Case::default(), "2025-06-16").is_empty());
    assert!(applying(&rules, Trigger::BreachReport, &breach, "2018-05-24").is_empty());
    let followed = applying(&rules, Trigger::FollowUpReport, &breach, "2025-06-18");
    assert_eq!(followed, ["eu_gdpr.33_4"]);
}

#[test]
fn fundamental_rights_and_registration_go_by_role_and_point() {
    let rules = product();
    for (role, point, public_body, exempt, fria, registered) in [
        ("deployer", "5(b)", false, false, vec!["27_1.credit"], vec![]),
        ("deployer", "5(c)", true, false, vec!["27_1", "27_1.credit"], vec!["49_3"]),
        ("deployer", "5(d)", false, false, vec![], vec![]),
        ("deployer", "4(a)", true, false, vec!["27_1"], vec!["49_3"]),
        ("deployer", "2", true, false, vec![], vec![]),
        ("deployer", "2(a)", true, false, vec![], vec![]),
        ("provider", "5(b)", false, false, vec![], vec!["49_1"]),
        ("provider", "5(b)", false, true, vec![], vec!["49_2"]),
        ("provider", "2", false, false, vec![], vec![]),
        ("deployer", "5(b)", true, true, vec![], vec![]),
    ] {
        let case = Case { public_body, exempt, ..high_risk(role, point) };
        let named = |codes: Vec<&str>| -> Vec<String> {
            codes.into_iter().map(|code| format!("eu_ai_act.{code}")).collect()
        };
        let asked = applying(&rules, Trigger::Fria, &case, "2027-12-02");
        assert_eq!(asked, named(fria), "{role} {point} {public_body} {exempt}");
        let asked = applying(&rules, Trigger::Registration, &case, "2027-12-02");
        assert_eq!(asked, named(registered), "{role} {point} {public_body} {exempt}");
    }
}

#[test]
fn logs_are_kept_for_six_months_and_documentation_for_ten_years() {
    let rules = product();
    let kept = |trigger, role: &str| {
        let all = rules.evaluate(trigger, &high_risk(role, "5(b)"), date("2028-01-01"));
        let applying = all.into_iter().filter(|said| said.applies);
        applying
            .map(|said| said.rule.deadline.unwrap().until(date("2028-01-01")).to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(kept(Trigger::LogRetention, "provider"), ["2028-07-01"]);
    assert_eq!(kept(Trigger::LogRetention, "deployer"), ["2028-07-01"]);
    assert_eq!(kept(Trigger::DocumentationRetention, "provider"), ["2038-01-01"]);
    assert!(kept(Trigger::DocumentationRetention, "deployer").is_empty());
}

#[test]
fn a_case_without_class_is_judged_by_the_effects_that_it_names() {
    let rules = own(json!({
        "when": {"effects": ["high_risk"]},
    }));
    let case = Case { effects: vec![Effect::HighRisk], ..Case::default() };
    assert_eq!(applying(&rules, Trigger::IncidentReport, &case, "2025-01-01"), ["own.1"]);
    let other = [(key("eu_ai_act"), key("high_risk"))].into();
    let said_of = |case| said(&rules, "own.1", Trigger::IncidentReport, &case, "2025-01-01");
    let elsewhere = said_of(Case { classes: other, ..Case::default() });
    assert_eq!(elsewhere.because, "the system is not known to be high_risk");
}

/// The product's rules with a tenant's own set of one rule, changed by these fields.
fn own(changed: Value) -> Rules {
    Rules::known(&kept(changed, "active", json!({})))
}

fn kept(changed: Value, status: &str, early: Value) -> Facts {
    let mut rule = json!({
        "code": "own.1", "regime": "own", "jurisdiction": "NL", "article": "3",
        "trigger": "incident_report", "when": {}, "deadline": {"amount": 1, "unit": "days"},
        "published": "2024-01-01", "appliesFrom": "2025-01-01", "text": "Tell us.",
        "source": "House rules", "sourceVersion": "1",
    });
    rule.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    let set = json!({
        "name": "own", "revision": "1", "source": "us", "licence": "ours",
        "rules": {"own.1": rule}, "status": status, "adoptedEarly": early,
    });
    let mut facts = Facts::default();
    facts.add("rst_1", "rule_set", Arc::new(set));
    facts
}

#[test]
fn a_rule_adopted_early_applies_from_then_on_and_says_so() {
    let early = json!({"own.1": {"since": "2024-06-01", "by": "usr_1"}});
    let rules = Rules::known(&kept(json!({}), "active", early));
    let on = |on| said(&rules, "own.1", Trigger::IncidentReport, &Case::default(), on);
    let before = on("2024-05-31");
    assert!(!before.applies && !before.voluntary);
    let since = on("2024-06-01");
    assert!(since.applies && since.voluntary);
    assert_eq!(since.because, "adopted early on 2024-06-01, by law it applies from 2025-01-01");
    let by_law = on("2025-01-01");
    assert!(by_law.applies && !by_law.voluntary);
}

#[test]
fn a_rule_ends_after_its_last_day() {
    let rules = own(json!({"appliesUntil": "2025-03-31"}));
    let on = |on| said(&rules, "own.1", Trigger::IncidentReport, &Case::default(), on);
    assert!(on("2025-03-31").applies);
    assert_eq!(on("2025-04-01").because, "applied until 2025-03-31, not on 2025-04-01");
}

#[test]
fn a_tenants_set_replaces_the_packaged_one_of_its_name_until_it_is_retired() {
    let facts = |status: &str| {
        let mut set = serde_json::to_value(packaged("eu_gdpr").unwrap()).unwrap();
        set["revision"] = json!("house");
        set["rules"]["eu_gdpr.33_1"]["deadline"] = json!({"amount": 24, "unit": "hours"});
        set["status"] = json!(status);
        let mut facts = Facts::default();
        facts.add("rst_1", "rule_set", Arc::new(set));
        facts
    };
    let breach = Case { personal_data: true, ..Case::default() };
    for (status, hours, set) in [("active", 24, "house"), ("retired", 72, "2016-05-04")] {
        let rules = Rules::known(&facts(status));
        let said = said(&rules, "eu_gdpr.33_1", Trigger::BreachReport, &breach, "2025-01-01");
        assert_eq!(said.rule.deadline.unwrap().amount, hours);
        assert_eq!(said.set, format!("eu_gdpr@{set}"));
        assert!(rules.class("eu_ai_act", "high_risk", date("2025-01-01")).is_some());
    }
}

#[test]
fn an_unfit_set_is_refused_with_the_place() {
    let on = |rule: &str, path: &str, value: Value| {
        let mut set = serde_json::to_value(packaged("eu_ai_act").unwrap()).unwrap();
        *set["rules"][rule].pointer_mut(path).unwrap() = value;
        serde_json::from_value::<RuleSetContent>(set).unwrap().check().unwrap_err()
    };
    let place = |refusal: &ContentRefusal| {
        kernel::domain::Refusals::pointer(refusal).unwrap_or_default().to_owned()
    };
    for (rule, path, value, at, message) in [
        (
            "eu_ai_act.73_2",
            "/deadline",
            Value::Null,
            "/rules/eu_ai_act.73_2/deadline",
            "The rule eu_ai_act.73_2 starts a clock or a retention period: it needs a deadline.",
        ),
        (
            "eu_ai_act.73_2",
            "/deadline/amount",
            json!(0),
            "/rules/eu_ai_act.73_2/deadline/amount",
            "The deadline of the rule eu_ai_act.73_2 must lie in 1 to 36500 of its unit.",
        ),
        (
            "eu_ai_act.18",
            "/deadline/amount",
            json!(101),
            "/rules/eu_ai_act.18/deadline/amount",
            "The deadline of the rule eu_ai_act.18 must lie in 1 to 100 of its unit.",
        ),
        (
            "eu_ai_act.class.minimal",
            "/class",
            Value::Null,
            "/rules/eu_ai_act.class.minimal/class",
            "The rule eu_ai_act.class.minimal defines a class: it must name it.",
        ),
        (
            "eu_ai_act.class.high_risk",
            "/trigger",
            json!("fria"),
            "/rules/eu_ai_act.class.high_risk/class",
            "The rule eu_ai_act.class.high_risk defines no class: it cannot name one, nor effects \
             of one.",
        ),
        (
            "eu_ai_act.73_2-2026",
            "/published",
            json!("2024-07-12"),
            "/rules/eu_ai_act.73_2-2026/published",
            "eu_ai_act.73_2 has two versions published on 2024-07-12: which of them counts would \
             be unknown.",
        ),
        (
            "eu_ai_act.class.gpai",
            "/class",
            json!("minimal"),
            "/rules/eu_ai_act.class.minimal/class",
            "eu_ai_act.class.minimal and eu_ai_act.class.gpai both define the class minimal of \
             eu_ai_act.",
        ),
        (
            "eu_ai_act.19-2026",
            "/trigger",
            json!("documentation_retention"),
            "/rules/eu_ai_act.19-2026/code",
            "eu_ai_act.19 has a version with another trigger, regime or class: give it another \
             code.",
        ),
    ] {
        let refusal = on(rule, path, value);
        assert_eq!((place(&refusal).as_str(), refusal.to_string().as_str()), (at, message));
    }
}

#[test]
fn a_set_says_something_within_its_bounds_and_ends_no_rule_before_it_applies() {
    let mut set = packaged("eu_gdpr").unwrap().clone();
    let version = key("eu_gdpr.33_1");
    if let Some(rule) = set.rules.get_mut(&version) {
        rule.applies_until = Some(rule.applies_from);
    }
    assert_eq!(set.check(), Ok(()));
    if let Some(rule) = set.rules.get_mut(&version) {
        rule.applies_until = Some(date("2018-05-24"));
    }
    assert_eq!(
        set.check().unwrap_err().to_string(),
        "The rule eu_gdpr.33_1 ends on 2018-05-24, before it applies from 2018-05-25."
    );
    let rule = packaged("eu_gdpr").unwrap().rules[&version].clone();
    set.rules = (0..120)
        .map(|n| {
            let (code, text) = (key(&format!("own.{n}")), Line::new("x".repeat(600)));
            (code.clone(), Rule { code, text, ..rule.clone() })
        })
        .collect();
    assert!(matches!(set.check(), Err(ContentRefusal::TooLarge { most: SET_MAX, .. })));
    set.rules.clear();
    assert_eq!(set.check(), Err(ContentRefusal::NoRules { at: "/rules" }));
}

#[test]
fn a_rule_is_found_by_its_code_in_the_version_that_counts_while_it_lives() {
    let rules = Rules::known(&Facts::default());
    let (rule, set) = rules.rule("eu_gdpr.33_1", date("2025-03-03")).unwrap();
    assert_eq!((rule.article.as_str(), set.starts_with("eu_gdpr@")), ("Art. 33(1)", true));
    let published = |on: &str| Some(rules.rule("eu_ai_act.73_2", date(on))?.0.published);
    assert_eq!(published("2024-07-11"), None);
    assert_eq!(published("2026-07-23"), Some(date("2024-07-12")));
    assert_eq!(published("2026-07-24"), Some(date("2026-07-24")));
    assert!(rules.rule("eu_ai_act.999", date("2025-03-03")).is_none());
}
