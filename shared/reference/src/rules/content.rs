//! A set of rules as it is kept, and what makes one unfit.

use std::collections::{BTreeMap, BTreeSet};

use declare::{record, refusals};
use kernel::Date;
use kernel::values::{Key, Line};

use super::{Deadline, Rule, Trigger};

/// Most bytes of a set as JSON: a document has room for it and for what else is known of it.
pub const SET_MAX: usize = 48 * 1024;

/// A named set of rules in one edition.
#[record]
#[derive(Default)]
pub struct RuleSetContent {
    /// Its name, `eu_ai_act`. A tenant's set replaces the packaged one of the same name.
    #[field(index, search)]
    pub name: Key,
    /// Its edition; a new content has a new one.
    #[field(max = 40)]
    pub revision: Line,
    /// Where it was taken from.
    #[field(correctable)]
    pub source: Line,
    /// Under which terms it may be used.
    #[field(correctable)]
    pub licence: Line,
    /// The roles that its regimes know.
    #[field(max = 40)]
    pub roles: Vec<Key>,
    /// Its rules, each version under a key of its own: `eu_ai_act.73_2.2026` may hold the version
    /// of 2026 of the rule with the code `eu_ai_act.73_2`.
    #[field(max = 200)]
    pub rules: BTreeMap<Key, Rule>,
}

/// What makes a set of rules unfit.
#[refusals]
pub enum ContentRefusal {
    /// A set without rules says nothing.
    NoRules {
        /// Where in the input.
        at: &'static str,
    },
    /// The set takes {bytes} bytes as JSON, at most {most} can be kept: split it into two sets.
    TooLarge {
        /// How many it takes.
        bytes: usize,
        /// How many it may take.
        most: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// The rule {rule} starts a clock or a retention period: it needs a deadline.
    NoDeadline {
        /// Key of the rule.
        rule: String,
        /// Where in the input.
        at: String,
    },
    /// The deadline of the rule {rule} must lie in 1 to {most} of its unit.
    DeadlineOutOfRange {
        /// Key of the rule.
        rule: String,
        /// Largest amount in this unit.
        most: u32,
        /// Where in the input.
        at: String,
    },
    /// The rule {rule} defines a class: it must name it.
    NoClass {
        /// Key of the rule.
        rule: String,
        /// Where in the input.
        at: String,
    },
    /// The rule {rule} defines no class: it cannot name one, nor effects of one.
    NotAClassRule {
        /// Key of the rule.
        rule: String,
        /// Where in the input.
        at: String,
    },
    /// The rule {rule} ends on {until}, before it applies from {from}.
    EndsBeforeItApplies {
        /// Key of the rule.
        rule: String,
        /// First day.
        from: String,
        /// Last day.
        until: String,
        /// Where in the input.
        at: String,
    },
    /// {code} has two versions published on {published}: which of them counts would be unknown.
    PublishedTwice {
        /// Code of the rule.
        code: String,
        /// The day.
        published: String,
        /// Where in the input.
        at: String,
    },
    /// {code} and {other} both define the class {class} of {regime}.
    ClassDefinedTwice {
        /// Code of the rule.
        code: String,
        /// Code of the other rule.
        other: String,
        /// The class.
        class: String,
        /// The regime.
        regime: String,
        /// Where in the input.
        at: String,
    },
    /// {code} has a version with another trigger, regime or class: give it another code.
    LineageMixed {
        /// Code of the rule.
        code: String,
        /// Where in the input.
        at: String,
    },
}

impl RuleSetContent {
    /// Whether the set can be evaluated without doubt.
    ///
    /// # Errors
    /// The first thing that makes it unfit.
    pub fn check(&self) -> Result<(), ContentRefusal> {
        if self.rules.is_empty() {
            return Err(ContentRefusal::NoRules { at: "/rules" });
        }
        let bytes = serde_json::to_vec(self).map_or(usize::MAX, |json| json.len());
        if bytes > SET_MAX {
            return Err(ContentRefusal::TooLarge { bytes, most: SET_MAX, at: "/rules" });
        }
        for (key, rule) in &self.rules {
            check_rule(key, rule)?;
        }
        self.check_lineages()
    }

    /// The version of each rule that counts on the day, by code: the one published last until
    /// then, the first one where none was published yet.
    pub fn versions(&self, on: Date) -> impl Iterator<Item = &Rule> {
        Self::newest(self.rules.values(), on)
    }

    /// The same of the rules with this trigger; all versions of a rule have the same one.
    pub fn versions_of(&self, trigger: Trigger, on: Date) -> impl Iterator<Item = &Rule> {
        Self::newest(self.rules.values().filter(move |rule| rule.trigger == trigger), on)
    }

    fn newest<'a>(
        rules: impl Iterator<Item = &'a Rule>,
        on: Date,
    ) -> impl Iterator<Item = &'a Rule> {
        let mut newest: BTreeMap<&Key, &Rule> = BTreeMap::new();
        for rule in rules {
            let counts = newest.entry(&rule.code).or_insert(rule);
            let known = |rule: &Rule| rule.published <= on;
            let better = match (known(rule), known(counts)) {
                (true, true) => rule.published > counts.published,
                (false, false) => rule.published < counts.published,
                (known, _) => known,
            };
            if better {
                *counts = rule;
            }
        }
        newest.into_values()
    }

    /// The version of a rule that counts on the day.
    pub fn version(&self, code: &Key, on: Date) -> Option<&Rule> {
        self.versions(on).find(|rule| rule.code == *code)
    }

    /// Versions of a rule differ in their day of publication and agree in trigger, regime and
    /// class; a class has one lineage.
    fn check_lineages(&self) -> Result<(), ContentRefusal> {
        let mut first: BTreeMap<&Key, &Rule> = BTreeMap::new();
        let mut published = BTreeSet::new();
        let mut classes: BTreeMap<(&Key, &Key), &Key> = BTreeMap::new();
        for (key, rule) in &self.rules {
            let code = rule.code.as_str().to_owned();
            let at = |field: &str| format!("/rules/{}/{field}", key.as_str());
            if !published.insert((&rule.code, rule.published)) {
                let (published, at) = (rule.published.to_string(), at("published"));
                return Err(ContentRefusal::PublishedTwice { code, published, at });
            }
            let of = first.entry(&rule.code).or_insert(rule);
            if (of.trigger, &of.regime, &of.class) != (rule.trigger, &rule.regime, &rule.class) {
                return Err(ContentRefusal::LineageMixed { code, at: at("code") });
            }
            let Some(class) = &rule.class else { continue };
            let other = classes.entry((&rule.regime, class)).or_insert(&rule.code);
            if *other != &rule.code {
                return Err(ContentRefusal::ClassDefinedTwice {
                    code,
                    other: other.as_str().to_owned(),
                    class: class.as_str().to_owned(),
                    regime: rule.regime.as_str().to_owned(),
                    at: at("class"),
                });
            }
        }
        Ok(())
    }
}

fn check_rule(key: &Key, rule: &Rule) -> Result<(), ContentRefusal> {
    let name = key.as_str().to_owned();
    let at = |field: &str| format!("/rules/{name}/{field}");
    match rule.deadline {
        None if rule.trigger.needs_deadline() => {
            return Err(ContentRefusal::NoDeadline { at: at("deadline"), rule: name });
        }
        Some(Deadline { amount, unit }) if !(1..=Deadline::most(unit)).contains(&amount) => {
            let most = Deadline::most(unit);
            let at = at("deadline/amount");
            return Err(ContentRefusal::DeadlineOutOfRange { at, most, rule: name });
        }
        None | Some(_) => {}
    }
    let defines = rule.trigger == Trigger::Class;
    if defines && rule.class.is_none() {
        return Err(ContentRefusal::NoClass { at: at("class"), rule: name });
    }
    if !defines && (rule.class.is_some() || !rule.effects.is_empty()) {
        let field = if rule.class.is_some() { "class" } else { "effects" };
        return Err(ContentRefusal::NotAClassRule { at: at(field), rule: name });
    }
    match rule.applies_until {
        Some(until) if until < rule.applies_from => Err(ContentRefusal::EndsBeforeItApplies {
            from: rule.applies_from.to_string(),
            until: until.to_string(),
            at: at("appliesUntil"),
            rule: name,
        }),
        Some(_) | None => Ok(()),
    }
}
