//! The shortest clock that the rules can start for an organisation: what others must tell it, they
//! must tell it sooner.

use kernel::Date;
use kernel::values::Line;

use super::{Case, Condition, Deadline, Rule, Rules, Trigger, Unit};

/// The countries of the European Economic Area, where law of the European Union is law.
const EEA: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whether law of the jurisdiction is law in the country: `EU` in `NL`, `US` in `US-CA`.
pub fn is_law_in(jurisdiction: &str, country: &str) -> bool {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let of_union = same(jurisdiction, "EU") || same(jurisdiction, "EEA");
    let part = country.get(..jurisdiction.len()).zip(country.get(jurisdiction.len()..));
    same(jurisdiction, country)
        || of_union && EEA.iter().any(|member| same(member, country))
        || part.is_some_and(|(whole, rest)| same(whole, jurisdiction) && rest.starts_with('-'))
}

impl Deadline {
    /// The period in hours, the shortest that it can be: a month has at least 28 days.
    fn hours(self) -> u64 {
        let hours = match self.unit {
            Unit::Hours => 1,
            Unit::Days => 24,
            Unit::Months => 28 * 24,
            Unit::Years => 365 * 24,
        };
        u64::from(self.amount) * hours
    }
}

impl Condition {
    /// What it asks of the system and the organisation, whatever the incident.
    fn of_system(&self) -> Self {
        Self {
            grounds: Vec::new(),
            death: None,
            widespread: None,
            personal_data: None,
            ..self.clone()
        }
    }
}

impl Rules {
    /// The rule with the shortest time, in hours, for a report on an incident or breach that can
    /// come to apply on the day: to one of these systems, or whatever the system, of an
    /// organisation in these countries. An organisation that names no country is in all of them.
    pub fn shortest_clock(
        &self,
        systems: &[Case],
        countries: &[Line],
        on: Date,
    ) -> Option<(&Rule, u64)> {
        let mut shortest: Option<(&Rule, u64)> = None;
        for set in &self.sets {
            for trigger in [Trigger::IncidentReport, Trigger::BreachReport] {
                for rule in set.content.versions_of(trigger, on) {
                    let Some(hours) = rule.deadline.map(Deadline::hours) else { continue };
                    let sooner = shortest.is_none_or(|(_, least)| hours < least);
                    let is_law =
                        |country: &Line| is_law_in(rule.jurisdiction.as_str(), country.as_str());
                    let is_here = countries.is_empty() || countries.iter().any(is_law);
                    if sooner
                        && is_here
                        && set.in_time(rule, on).0
                        && self.can_apply(rule, systems, on)
                    {
                        shortest = Some((rule, hours));
                    }
                }
            }
        }
        shortest
    }

    /// Whether the rule applies to one of the systems, or to any, given the right incident.
    fn can_apply(&self, rule: &Rule, systems: &[Case], on: Date) -> bool {
        let asked = rule.when.of_system();
        let unknown = Case::default();
        systems.iter().chain([&unknown]).any(|case| {
            let effects = self.effects(&rule.regime, case, on);
            let class = case.classes.get(&rule.regime);
            asked.weigh(case, class, &effects).iter().all(|(holds, _)| *holds)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kernel::Facts;
    use kernel::values::Key;

    use super::*;

    fn system(class: &str, role: &str) -> Case {
        Case {
            classes: BTreeMap::from([(Key::new("eu_ai_act"), Key::new(class))]),
            roles: vec![Key::new(role)],
            ..Case::default()
        }
    }

    fn shortest(systems: &[Case], countries: &[&str], on: &str) -> Option<(String, u64)> {
        let rules = Rules::known(&Facts::default());
        let countries: Vec<_> = countries.iter().map(|country| Line::new(*country)).collect();
        let found = rules.shortest_clock(systems, &countries, on.parse().unwrap_or_default());
        found.map(|(rule, hours)| (rule.code.as_str().to_owned(), hours))
    }

    #[test]
    fn law_of_the_union_is_law_in_the_economic_area_and_nowhere_else() {
        for (jurisdiction, country, is) in [
            ("EU", "NL", true),
            ("EU", "no", true),
            ("EU", "EU", true),
            ("EU", "GB", false),
            ("EU", "US", false),
            ("US", "US-CA", true),
            ("US-CA", "US", false),
            ("US", "USX", false),
            ("NL", "NL", true),
            ("NL", "DE", false),
        ] {
            assert_eq!(is_law_in(jurisdiction, country), is, "{jurisdiction} in {country}");
        }
    }

    #[test]
    fn the_shortest_clock_is_of_the_rules_that_can_apply_on_the_day() {
        let gdpr = Some(("eu_gdpr.33_1".to_owned(), 72));
        let ai_act = |hours| Some(("eu_ai_act.73_3".to_owned(), hours));
        let high = [system("high_risk", "provider")];
        let minimal = [system("minimal", "provider")];
        for (systems, countries, on, expected) in [
            (&high[..], &["NL"][..], "2025-02-03", gdpr.clone()),
            (&[][..], &["NO"][..], "2025-02-03", gdpr.clone()),
            (&high[..], &["NL"][..], "2027-12-01", gdpr.clone()),
            (&high[..], &["NL"][..], "2027-12-02", ai_act(48)),
            (&minimal[..], &["NL"][..], "2027-12-02", gdpr.clone()),
            (&high[..], &["US"][..], "2027-12-02", None),
            (&high[..], &[][..], "2027-12-02", ai_act(48)),
            (&high[..], &["NL"][..], "2018-05-24", None),
        ] {
            assert_eq!(shortest(systems, countries, on), expected, "{countries:?} {on}");
        }
    }
}
