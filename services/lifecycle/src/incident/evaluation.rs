//! What the regulatory rules say of an incident on the day of becoming aware, applying or not.

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Line};
use kernel::{Context, Instant, Need};
use reference::rules::{self, Case, Rules, Trigger};

use super::{Assessment, Incident, Severity};

/// Most rules whose evaluation is kept; those that apply come first.
const EVALUATIONS_MAX: usize = 40;
/// Most characters of what is kept of why a rule applies or not.
const BECAUSE_MAX: usize = 300;
/// What a rule says of an incident.
#[record]
pub struct Evaluation {
    /// Article and paragraph.
    pub article: Line,
    /// The set of rules and its edition.
    pub set: Line,
    /// Whether it applies.
    pub applies: bool,
    /// Whether it applies only because the tenant adopted it early.
    pub voluntary: bool,
    /// Why it applies, or all that speaks against it.
    #[field(max = 300)]
    pub because: Line,
}

/// On what the rules were evaluated.
#[record]
pub struct Evaluated {
    /// How grave the incident was assessed to be.
    pub assessment: Assessment,
    /// The system's classes and the organisation's roles, `eu_ai_act: high_risk, provider`.
    pub classes: Vec<Line>,
    /// When the organisation was aware of it: the rules of that day count.
    pub aware_at: Instant,
    /// When they were evaluated.
    pub at: Instant,
    /// How many rules that do not apply were left out for want of room.
    pub left_out: u32,
}

/// The regulatory rules were looked at.
#[record]
pub struct RegulatoryRulesEvaluated {
    /// What each says, by its code.
    pub evaluations: BTreeMap<Key, Evaluation>,
    /// On what they were evaluated.
    pub evaluated: Evaluated,
}

impl Incident {
    pub(super) fn needs_of_rules(&self) -> Vec<Need> {
        let system = self.system.id().to_owned();
        vec![Rules::need(), Need::Where("regulatory_classification", "system", system)]
    }

    /// Whether the rules were evaluated for the incident as it is assessed now.
    pub(super) fn is_evaluated(&self) -> bool {
        self.evaluated.as_ref().is_some_and(|evaluated| {
            evaluated.assessment == self.assessment && evaluated.aware_at == self.aware_at
        })
    }

    /// Every rule on reports with what it says of this incident on the day of becoming aware.
    pub(super) fn weighed<'a>(
        &self,
        rules: &'a Rules,
        context: &Context,
    ) -> Vec<rules::Evaluation<'a>> {
        let on = self.aware_at.date();
        let case = self.case(context);
        let mut found = rules.evaluate(Trigger::IncidentReport, &case, on);
        if !self.assessment.is_serious_in_law() {
            for evaluation in &mut found {
                let serious = format!("the incident is {}", self.assessment.severity.text());
                let against = (!evaluation.applies).then_some(evaluation.because.as_str());
                let parts: Vec<_> = against.into_iter().chain([serious.as_str()]).collect();
                evaluation.because = format!("{}, not serious", parts.join("; "));
                evaluation.applies = false;
                evaluation.voluntary = false;
            }
        }
        found.extend(rules.evaluate(Trigger::BreachReport, &case, on));
        found
    }

    /// The classifications of the system whose class was confirmed, also while a change of the
    /// organisation's role waits to be looked at.
    fn classifications(&self, context: &Context) -> Vec<facts::RegulatoryClassification> {
        let all = context.facts.all::<facts::RegulatoryClassification>().into_iter();
        let all = all.map(|(_, classification)| classification);
        all.filter(|c| c.system == self.system.id() && c.was_confirmed()).collect()
    }

    fn case(&self, context: &Context) -> Case {
        let mut case = Case {
            grounds: self.assessment.serious_ground.iter().cloned().collect(),
            death: self.assessment.death,
            widespread: self.assessment.widespread,
            personal_data: self.assessment.personal_data_breach,
            ..Case::default()
        };
        for found in self.classifications(context) {
            case.exempt |= found.is_exempt();
            case.public_body |= found.public_body;
            case.point = found.point.map(Line::new).or(case.point);
            let role = Key::new(found.role);
            if !case.roles.contains(&role) {
                case.roles.push(role);
            }
            case.classes.insert(Key::new(found.regime), Key::new(found.class));
        }
        case
    }

    /// The evaluation as it is kept: the rules that apply first, then as many others as fit.
    pub(super) fn told(
        &self,
        found: &[rules::Evaluation<'_>],
        context: &Context,
    ) -> RegulatoryRulesEvaluated {
        let mut by_weight: Vec<_> = found.iter().collect();
        by_weight.sort_by_key(|evaluation| !evaluation.applies);
        let mut evaluations = BTreeMap::new();
        for found in by_weight.iter().take(EVALUATIONS_MAX) {
            evaluations.entry(found.rule.code.clone()).or_insert_with(|| Evaluation {
                article: found.rule.article.clone(),
                set: Line::new(found.set.clone()),
                applies: found.applies,
                voluntary: found.voluntary,
                because: shortened(&found.because),
            });
        }
        let classes = self.classifications(context).into_iter();
        let mut classes: Vec<_> =
            classes.map(|c| Line::new(format!("{}: {}, {}", c.regime, c.class, c.role))).collect();
        classes.sort_unstable();
        let left_out = found.len().saturating_sub(EVALUATIONS_MAX);
        let evaluated = Evaluated {
            assessment: self.assessment.clone(),
            classes,
            aware_at: self.aware_at,
            at: context.now,
            left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        };
        RegulatoryRulesEvaluated { evaluations, evaluated }
    }
}

/// So much of the words as is kept.
pub(super) fn shortened(words: &str) -> Line {
    let end = words.char_indices().nth(BECAUSE_MAX).map_or(words.len(), |(end, _)| end);
    Line::new(&words[..end])
}

impl Severity {
    fn text(self) -> &'static str {
        match self {
            Severity::Minor => "minor",
            Severity::Major => "major",
            Severity::Serious => "serious",
        }
    }
}
