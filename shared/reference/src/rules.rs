//! Regulatory rules as data (`rules/*.json`), and what they say of a case on a day.
//!
//! A rule has a code and may have several versions: the law as published first, and as changed by
//! later acts. On a day the version counts that was published last until then, so that a question
//! about the past is answered by the law as it stood. Sets come with the product; a tenant's own
//! set (`rule_set`) replaces the packaged one of the same name and is evaluated like it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use declare::{record, words};
use kernel::values::{Key, Line};
use kernel::{Date, Fact, Facts, Need};
use serde::Deserialize;

pub use self::case::{Case, Condition, Effect};
pub use self::clock::is_law_in;
pub use self::content::{ContentRefusal, RuleSetContent, SET_MAX};
pub use self::deadline::{Deadline, Unit};

mod case;
mod clock;
mod content;
mod deadline;
#[cfg(test)]
mod tests;

/// What a rule brings about.
#[words]
pub enum Trigger {
    /// Defines a class of a regime.
    Class,
    /// A serious incident must be reported; the clock runs from becoming aware.
    IncidentReport,
    /// A breach of personal data must be reported; the clock runs from becoming aware.
    BreachReport,
    /// A complete report must follow; the clock runs from the first report.
    FollowUpReport,
    /// The impact on fundamental rights must be assessed before first use.
    Fria,
    /// The system must be registered.
    Registration,
    /// Logs must be kept, from the day on which they were made.
    LogRetention,
    /// Documentation must be kept, from the day on which the system was placed on the market or put
    /// into service.
    DocumentationRetention,
}

impl Trigger {
    /// Whether a rule of this trigger says nothing without a deadline.
    pub const fn needs_deadline(self) -> bool {
        match self {
            Trigger::IncidentReport
            | Trigger::BreachReport
            | Trigger::FollowUpReport
            | Trigger::LogRetention
            | Trigger::DocumentationRetention => true,
            Trigger::Class | Trigger::Fria | Trigger::Registration => false,
        }
    }
}

/// One version of a rule.
#[record]
pub struct Rule {
    /// Its code, the same for all versions: `eu_ai_act.73_2`.
    pub code: Key,
    /// The regime that it belongs to, `eu_ai_act`.
    pub regime: Key,
    /// Where it is law, `EU`.
    #[field(max = 40)]
    pub jurisdiction: Line,
    /// Article and paragraph, `Art. 73(2)`.
    #[field(max = 60)]
    pub article: Line,
    /// What it brings about.
    pub trigger: Trigger,
    /// The class that it defines.
    pub class: Option<Key>,
    /// What that class brings about.
    #[field(max = 3)]
    pub effects: Vec<Effect>,
    /// What must be the case for it to apply.
    pub when: Condition,
    /// How long a clock runs or something is kept.
    pub deadline: Option<Deadline>,
    /// The day on which this version was published; from then on it is the one that counts.
    pub published: Date,
    /// First day on which it applies.
    pub applies_from: Date,
    /// Last day on which it applies.
    pub applies_until: Option<Date>,
    /// What it says, in own words; no substitute for the law.
    #[field(max = 600)]
    pub text: Line,
    /// Where it stands.
    pub source: Line,
    /// The edition that was read.
    pub source_version: Line,
}

/// A tenant applies a rule before it applies by law.
#[record]
pub struct EarlyAdoption {
    /// First day.
    pub since: Date,
}

/// What a rule says of a case on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation<'a> {
    /// The version of the rule that counts on the day.
    pub rule: &'a Rule,
    /// The set that it stands in, `eu_ai_act@2026-07-24`.
    pub set: String,
    /// Whether it applies.
    pub applies: bool,
    /// Whether it applies only because the tenant adopted it early.
    pub voluntary: bool,
    /// Why it applies, or all that speaks against it.
    pub because: String,
}

/// A tenant's set of rules as its document says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    #[serde(flatten)]
    content: RuleSetContent,
    status: String,
    #[serde(default)]
    adopted_early: BTreeMap<Key, EarlyAdoption>,
}

impl Fact for Kept {
    const KIND: &'static str = "rule_set";
}

#[derive(Debug)]
struct Set {
    content: Arc<RuleSetContent>,
    early: BTreeMap<Key, EarlyAdoption>,
}

impl Set {
    fn edition(&self) -> String {
        format!("{}@{}", self.content.name.as_str(), self.content.revision)
    }

    /// Whether a rule's time has come, and in words; the last part says whether only by early
    /// adoption.
    fn in_time(&self, rule: &Rule, on: Date) -> (bool, String, bool) {
        let early = self.early.get(&rule.code).filter(|early| early.since <= on);
        if let Some(until) = rule.applies_until.filter(|until| *until < on) {
            return (false, format!("applied until {until}, not on {on}"), false);
        }
        if rule.published <= on && rule.applies_from <= on {
            return (true, format!("applies since {}", rule.applies_from), false);
        }
        let from = rule.applies_from;
        if let Some(EarlyAdoption { since }) = early {
            return (
                true,
                format!("adopted early on {since}, by law it applies from {from}"),
                true,
            );
        }
        if rule.published > on {
            return (false, format!("published on {}, after {on}", rule.published), false);
        }
        (false, format!("applies from {from}, not on {on}"), false)
    }
}

/// Invariant: each text is a set of rules, so none is left out. Guarded by
/// `what_is_packaged_is_fit_and_none_is_left_out`.
static PACKAGED: LazyLock<Vec<Arc<RuleSetContent>>> = LazyLock::new(|| {
    let texts = [include_str!("../rules/eu-ai-act.json"), include_str!("../rules/eu-gdpr.json")];
    texts.into_iter().filter_map(|text| serde_json::from_str(text).ok().map(Arc::new)).collect()
});

/// The set of this name that comes with the product.
pub fn packaged(name: &str) -> Option<&'static RuleSetContent> {
    PACKAGED.iter().find(|set| set.name.as_str() == name).map(Arc::as_ref)
}

/// The names of the sets that come with the product.
pub fn packaged_names() -> Vec<&'static str> {
    PACKAGED.iter().map(|set| set.name.as_str()).collect()
}

/// The rules that hold for a tenant.
#[derive(Debug)]
pub struct Rules {
    sets: Vec<Set>,
}

impl Rules {
    /// The facts that [`Rules::known`] reads.
    pub fn need() -> Need {
        Need::All(Kept::KIND)
    }

    /// The tenant's sets in force, then the packaged ones that none of them replaces.
    pub fn known(facts: &Facts) -> Self {
        let kept = facts.all::<Kept>().into_iter().map(|(_, kept)| kept);
        let mut sets: Vec<Set> = kept
            .filter(|kept| kept.status == "active")
            .map(|kept| Set { content: Arc::new(kept.content), early: kept.adopted_early })
            .collect();
        for content in PACKAGED.iter() {
            if sets.iter().all(|set| set.content.name != content.name) {
                sets.push(Set { content: Arc::clone(content), early: BTreeMap::new() });
            }
        }
        Self { sets }
    }

    /// What every rule of this trigger says of the case on the day, applying or not: the version
    /// that counted on that day, by set and code.
    pub fn evaluate(&self, trigger: Trigger, case: &Case, on: Date) -> Vec<Evaluation<'_>> {
        let rules = self
            .sets
            .iter()
            .flat_map(|set| set.content.versions_of(trigger, on).map(move |rule| (set, rule)));
        // What a class brings about is looked up once for all rules of a regime.
        let mut effects: BTreeMap<&Key, Vec<Effect>> = BTreeMap::new();
        let told = rules.map(|(set, rule)| {
            let regime = &rule.regime;
            let effects = effects.entry(regime).or_insert_with(|| self.effects(regime, case, on));
            Self::evaluated(set, rule, case, effects, on)
        });
        told.collect()
    }

    fn evaluated<'a>(
        set: &Set,
        rule: &'a Rule,
        case: &Case,
        effects: &[Effect],
        on: Date,
    ) -> Evaluation<'a> {
        let (in_time, time, voluntary) = set.in_time(rule, on);
        let class = case.classes.get(&rule.regime);
        let mut parts = vec![(in_time, time)];
        parts.extend(rule.when.weigh(case, class, effects));
        let applies = parts.iter().all(|(holds, _)| *holds);
        let told = parts.into_iter().filter(|(holds, _)| applies || !holds);
        Evaluation {
            rule,
            set: set.edition(),
            applies,
            voluntary: applies && voluntary,
            because: told.map(|(_, words)| words).collect::<Vec<_>>().join("; "),
        }
    }

    /// What the case's class brings about in a regime.
    fn effects(&self, regime: &Key, case: &Case, on: Date) -> Vec<Effect> {
        let class = case.classes.get(regime);
        let defined = class.map(|class| self.class(regime.as_str(), class.as_str(), on));
        let mut effects = match defined {
            Some(defined) => defined.map(|(rule, _)| rule.effects.clone()).unwrap_or_default(),
            None => case.effects.clone(),
        };
        effects.retain(|effect| !case.exempt || *effect != Effect::HighRisk);
        effects
    }

    /// The rule of this code in the version that counts on the day, with the set that it stands in;
    /// none that is published later or has ended.
    pub fn rule(&self, code: &str, on: Date) -> Option<(&Rule, String)> {
        self.sets.iter().find_map(|set| {
            let of_code = set.content.rules.values().filter(|rule| rule.code.as_str() == code);
            let published = of_code.filter(|rule| rule.published <= on);
            let counts = published.max_by_key(|rule| rule.published)?;
            let lives = counts.applies_until.is_none_or(|until| until >= on);
            lives.then(|| (counts, set.edition()))
        })
    }

    /// The definition of a class as published until the day, with the set that it stands in. A
    /// class counts from its publication on: systems are classified before its duties apply.
    pub fn class(&self, regime: &str, class: &str, on: Date) -> Option<(&Rule, String)> {
        let mut all = self.class_rules(regime, on);
        all.find(|(rule, _)| rule.class.as_ref().is_some_and(|named| named.as_str() == class))
            .map(|(rule, set)| (rule, set.edition()))
    }

    /// The classes of a regime as published until the day.
    pub fn classes(&self, regime: &str, on: Date) -> BTreeSet<&str> {
        self.class_rules(regime, on)
            .filter_map(|(rule, _)| Some(rule.class.as_ref()?.as_str()))
            .collect()
    }

    /// The regimes that define classes, as published until the day.
    pub fn regimes(&self, on: Date) -> BTreeSet<&str> {
        let rules = self.sets.iter().flat_map(|set| set.content.versions_of(Trigger::Class, on));
        rules.filter(|rule| defines(rule, on)).map(|rule| rule.regime.as_str()).collect()
    }

    /// The roles that a regime knows: those of the sets that have its rules, and those that the
    /// rules ask for.
    pub fn roles(&self, regime: &str) -> BTreeSet<&str> {
        let mut known = BTreeSet::new();
        for set in &self.sets {
            let rules = set.content.rules.values();
            let rules: Vec<_> = rules.filter(|rule| rule.regime.as_str() == regime).collect();
            if !rules.is_empty() {
                known.extend(set.content.roles.iter().map(Key::as_str));
                known.extend(rules.iter().flat_map(|rule| &rule.when.roles).map(Key::as_str));
            }
        }
        known
    }

    fn class_rules(&self, regime: &str, on: Date) -> impl Iterator<Item = (&Rule, &Set)> {
        let all = self.sets.iter().flat_map(move |set| {
            set.content.versions_of(Trigger::Class, on).map(move |rule| (rule, set))
        });
        all.filter(move |(rule, _)| rule.regime.as_str() == regime && defines(rule, on))
    }
}

/// Whether the rule defines a class that can be given on the day.
fn defines(rule: &Rule, on: Date) -> bool {
    let ended = rule.applies_until.is_some_and(|until| until < on);
    rule.trigger == Trigger::Class && rule.published <= on && !ended
}

/// Whether a point belongs to the points that a class or rule names.
pub fn is_point_of(point: &str, points: &[Line]) -> bool {
    case::is_among(point, points)
}
