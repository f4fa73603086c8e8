//! What the rules say of a classification on the day on which it is confirmed.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::Date;
use kernel::values::{Key, Line};
use reference::rules::{Effect, Evaluation, Rules, Trigger};

use super::{Proposal, Refusal};

/// Most findings that are kept; those that apply come first.
const FINDINGS_MAX: usize = 30;
/// Most characters of a reason.
const BECAUSE_MAX: usize = 400;

/// What follows from a class, by the rules as they were published until the day.
#[record]
#[derive(Default)]
pub struct Findings {
    /// What the class brings about; nothing of high risk where the use is exempted.
    pub effects: Vec<Effect>,
    /// Whether the impact on fundamental rights must be assessed before first use.
    pub fria_required: bool,
    /// Whether the system must be registered.
    pub registration_required: bool,
    /// The rules behind that, by code.
    pub findings: BTreeMap<Key, Finding>,
    /// The set and edition that defines the class, `eu_ai_act@2026-07-24`.
    #[field(max = 120)]
    pub rule_set_version: Option<Line>,
    /// Code of the rule that defines the class.
    pub class_rule: Option<Key>,
    /// The day on which the rules were evaluated.
    pub evaluated_on: Option<Date>,
}

/// What one rule says of the system.
#[record]
pub struct Finding {
    /// What the rule demands.
    pub duty: Duty,
    /// Where it stands, `Art. 27(1)`.
    #[field(max = 60)]
    pub article: Line,
    /// Whether it applies on the day.
    pub applies: bool,
    /// Whether only because the tenant adopted it early.
    pub voluntary: bool,
    /// Why it applies, or what speaks against it.
    #[field(max = 400)]
    pub because: Line,
    /// The set and edition that it stands in.
    #[field(max = 120)]
    pub rule_set_version: Line,
}

/// What a rule demands before a system is used.
#[words]
pub enum Duty {
    /// An assessment of the impact on fundamental rights.
    Fria,
    /// Registration.
    Registration,
}

impl Findings {
    /// What the rules say on the day.
    ///
    /// # Errors
    /// When they do not know what is proposed (any more).
    pub fn of(proposal: &Proposal, regime: &Key, rules: &Rules, on: Date) -> Result<Self, Refusal> {
        let (rule, set) = proposal.check(regime, rules, on)?;
        let exempt = proposal.exemption.is_some();
        let mut effects = rule.effects.clone();
        effects.retain(|effect| !exempt || *effect != Effect::HighRisk);
        let mut said = Vec::new();
        for (trigger, duty) in
            [(Trigger::Fria, Duty::Fria), (Trigger::Registration, Duty::Registration)]
        {
            let all = rules.evaluate(trigger, &proposal.case(regime), on);
            said.extend(all.into_iter().filter(|e| e.rule.regime == *regime).map(|e| (duty, e)));
        }
        let required =
            |duty: Duty| said.iter().any(|(of, evaluation)| *of == duty && evaluation.applies);
        let (fria_required, registration_required) =
            (required(Duty::Fria), required(Duty::Registration));
        said.sort_by_key(|(_, evaluation)| !evaluation.applies);
        let mut findings = BTreeMap::new();
        for (duty, evaluation) in said.into_iter().take(FINDINGS_MAX) {
            findings.entry(evaluation.rule.code.clone()).or_insert(finding(duty, evaluation));
        }
        Ok(Self {
            effects,
            fria_required,
            registration_required,
            findings,
            rule_set_version: Some(Line::new(set)),
            class_rule: Some(rule.code.clone()),
            evaluated_on: Some(on),
        })
    }
}

fn finding(duty: Duty, said: Evaluation<'_>) -> Finding {
    Finding {
        duty,
        article: said.rule.article.clone(),
        applies: said.applies,
        voluntary: said.voluntary,
        because: Line::new(said.because.chars().take(BECAUSE_MAX).collect::<String>()),
        rule_set_version: Line::new(said.set),
    }
}
