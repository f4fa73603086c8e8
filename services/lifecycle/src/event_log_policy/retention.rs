//! How long entries of a log must be kept, by the rules of the regimes that the system falls under.

use std::collections::{BTreeMap, BTreeSet};

use kernel::values::{Key, Line};
use kernel::{Context, Date, Need};
use reference::rules::{Case, Deadline, Rule, Rules, Trigger, Unit};

/// A rule that asks for more than a policy gives.
pub(super) struct BrokenRule {
    /// Its regime and article.
    pub article: String,
    /// What it asks for.
    pub least: String,
    /// Since when it applies.
    pub from: Date,
}

/// The classifications of the system, and the rules.
pub(super) fn needs(system: &str) -> Vec<Need> {
    let classes = Need::Where("regulatory_classification", "system", system.to_owned());
    vec![classes, Rules::need()]
}

/// The first rule by which so many months are too few.
///
/// A policy has no last day. So it is measured by the rules of today and of each later day on which
/// one begins to apply: logs that fall under it will be kept then.
pub(super) fn broken_rule(system: &str, months: u32, context: &Context) -> Option<BrokenRule> {
    let rules = Rules::known(&context.facts);
    let known = context.facts.all::<facts::RegulatoryClassification>().into_iter();
    let mut cases = known.filter(|(_, c)| c.system == system && c.was_confirmed());
    cases.find_map(|(_, classification)| {
        let case = case_of(&classification);
        let asked = asked(&rules, &case, context.today());
        asked.into_iter().find(|rule| !suffices(months, rule.deadline)).map(|rule| BrokenRule {
            article: format!("{} {}", rule.regime.as_str(), rule.article),
            least: rule.deadline.map(in_words).unwrap_or_default(),
            from: rule.applies_from,
        })
    })
}

fn case_of(classification: &facts::RegulatoryClassification) -> Case {
    let class = (Key::new(&*classification.regime), Key::new(&*classification.class));
    Case {
        classes: BTreeMap::from([class]),
        roles: vec![Key::new(&*classification.role)],
        point: classification.point.as_deref().map(Line::new),
        public_body: classification.public_body,
        exempt: classification.is_exempt(),
        ..Case::default()
    }
}

/// The rules that apply to the case on the day or begin to later.
fn asked<'a>(rules: &'a Rules, case: &Case, today: Date) -> Vec<&'a Rule> {
    let (mut day, mut found) = (today, Vec::new());
    loop {
        let told = rules.evaluate(Trigger::LogRetention, case, day);
        let later: BTreeSet<Date> =
            told.iter().map(|e| e.rule.applies_from).filter(|from| *from > day).collect();
        found.extend(told.into_iter().filter(|e| e.applies).map(|e| e.rule));
        match later.first() {
            Some(next) => day = *next,
            None => return found,
        }
    }
}

/// Whether so many calendar months are never shorter than the period: measured from a first of
/// February in a common year, from where months are shortest.
fn suffices(months: u32, period: Option<Deadline>) -> bool {
    let shortest = Date::default().plus_months(1);
    period.is_none_or(|p| p.until(shortest) <= shortest.plus_months(i64::from(months)))
}

fn in_words(period: Deadline) -> String {
    let unit = match period.unit {
        Unit::Hours => "hours",
        Unit::Days => "days",
        Unit::Months => "months",
        Unit::Years => "years",
    };
    format!("{} {unit}", period.amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_suffice_when_their_shortest_run_does() {
        for (months, amount, unit, fine) in [
            (6, 6, Unit::Months, true),
            (5, 6, Unit::Months, false),
            (24, 2, Unit::Years, true),
            (23, 2, Unit::Years, false),
            (6, 181, Unit::Days, true),
            (6, 182, Unit::Days, false),
            (1, 28 * 24, Unit::Hours, true),
            (1, 29 * 24, Unit::Hours, false),
        ] {
            assert_eq!(
                suffices(months, Some(Deadline { amount, unit })),
                fine,
                "{amount} {unit:?}"
            );
        }
        assert!(suffices(1, None));
    }
}
