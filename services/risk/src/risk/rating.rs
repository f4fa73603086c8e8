//! Rating a risk (ISO 31000 6.4.3; ISO/IEC 42001 6.1.2): likelihood times the gravest consequence,
//! before treatment and after, under the criteria in force.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::values::{Key, Number, Prose, Ref};
use kernel::{Context, Date, Need, kinds};
use serde_json::{Value, json};

use super::{Edit, Event, Refusal, Risk, RiskStatus, StaleReason};
use crate::control;
use crate::risk_criteria::{Criteria, Level, Rules, default_level};

/// Highest grade of likelihood and consequences.
const GRADES: u32 = 5;

/// Whom a consequence hits.
#[words]
pub enum Subject {
    /// The organisation.
    Organisation,
    /// Individuals and groups of them.
    Individual,
    /// Society.
    Society,
}

/// How well a control works against the risk.
#[words]
pub enum Effectiveness {
    /// It does what it is meant to.
    Effective,
    /// It does in part.
    PartlyEffective,
    /// It does not.
    NotEffective,
    /// Nobody has looked yet.
    NotTested,
}

/// A control that a rating counts on.
#[record]
pub struct ControlInPlace {
    /// Its number.
    pub control: Number,
    /// How well it works.
    pub effectiveness: Effectiveness,
}

/// How large a risk is, and how that was found.
#[record]
pub struct Rating {
    /// How likely it is, 1 to 5.
    pub likelihood: u32,
    /// The consequence for the organisation, 1 to 5.
    pub consequence_org: Option<u32>,
    /// The consequence for individuals and groups, 1 to 5.
    pub consequence_individual: Option<u32>,
    /// The consequence for society, 1 to 5.
    pub consequence_society: Option<u32>,
    /// For whom the consequence was not assessed.
    pub not_assessed: Vec<Subject>,
    /// Why not.
    pub not_assessed_because: Option<Prose>,
    /// Likelihood times the gravest consequence, 1 to 25.
    pub score: u32,
    /// Its level by the matrix of the criteria.
    pub level: Level,
    /// The version of the criteria that it was rated under.
    pub criteria_version: Option<u32>,
    /// How the ratings were found.
    pub rationale: Option<Prose>,
    /// The controls that it counts on.
    pub controls: BTreeMap<Key, ControlInPlace>,
    /// Who rated it, and when.
    pub edit: Option<Edit>,
}

impl Rating {
    /// The gravest consequence that was assessed.
    pub fn severity(&self) -> u32 {
        let all = [self.consequence_org, self.consequence_individual, self.consequence_society];
        all.into_iter().flatten().max().unwrap_or(0)
    }
}

/// A rating after treatment.
#[record]
pub struct Residual {
    /// The rating.
    #[field(flatten)]
    pub rating: Rating,
    /// What proves that it is lower.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Why it is higher than before treatment.
    pub reason: Option<Prose>,
}

/// What callers rate.
#[record]
pub struct Rated {
    /// How likely it is, 1 to 5.
    pub likelihood: u32,
    /// The consequence for the organisation, 1 to 5.
    pub consequence_org: Option<u32>,
    /// The consequence for individuals and groups, 1 to 5.
    pub consequence_individual: Option<u32>,
    /// The consequence for society, 1 to 5.
    pub consequence_society: Option<u32>,
    /// Why a consequence that is left out was not assessed.
    pub not_assessed_because: Option<Prose>,
    /// How the ratings were found.
    pub rationale: Prose,
    /// The controls that it counts on.
    #[field(max = 30)]
    pub controls: Vec<ControlInPlace>,
}

/// Input of `analyse`.
#[record]
pub struct Analyse {
    /// What is rated.
    #[field(flatten)]
    pub rated: Rated,
}

/// Input of `evaluate_residual`.
#[record]
pub struct EvaluateResidual {
    /// What is rated. All three consequences must be.
    #[field(flatten)]
    pub rated: Rated,
    /// What proves that it is lower, where no implemented control does.
    #[field(max = 30)]
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Why it is higher than before treatment, where it is.
    pub reason: Option<Prose>,
}

/// The risk was rated before treatment.
#[record]
pub struct Analysed {
    /// The rating.
    #[field(flatten)]
    pub rating: Rating,
    /// When it is assessed again.
    pub review_due: Option<Date>,
}

/// The risk was rated after treatment.
#[record]
pub struct ResidualRiskEvaluated {
    /// The rating.
    #[field(flatten)]
    pub residual: Residual,
    /// When it is assessed again.
    pub review_due: Option<Date>,
}

/// Version 1 of `risk.analysed` knew likelihood and one consequence, which was the organisation's:
/// the others are not assessed. It named no criteria; the level is that of the usual bands.
pub(super) fn analysed(version: u16, mut data: Value) -> Value {
    if version > 1 {
        return data;
    }
    let Value::Object(members) = &mut data else { return data };
    let consequence = members.remove("consequence").unwrap_or_default();
    let grade = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    let likelihood = members.get("likelihood").map_or(0, grade);
    let score = likelihood.saturating_mul(grade(&consequence));
    let not_assessed = json!([Subject::Individual, Subject::Society]);
    members.insert("consequenceOrg".to_owned(), consequence);
    members.insert("notAssessed".to_owned(), not_assessed);
    members.insert("score".to_owned(), json!(score));
    members.insert("level".to_owned(), json!(default_level(score)));
    data
}

/// The criteria, the controls' rows and the evidence.
pub(super) fn needs(controls: &[ControlInPlace], evidence: &[Ref<kinds::Evidence>]) -> Vec<Need> {
    let rows = controls.iter().map(|named| control::rows(&named.control));
    let evidence = evidence.iter().map(|evidence| Need::Object(evidence.id().to_owned()));
    [Criteria::need()].into_iter().chain(rows).chain(evidence).collect()
}

impl Rated {
    /// The rating under the criteria in force.
    fn rating(self, context: &Context) -> Result<(Rating, Option<Date>), Refusal> {
        let not_assessed = self.check_grades()?;
        let criteria = Criteria::known(context).ok_or(Refusal::NoCriteria)?;
        let (version, rules) = criteria.in_force().ok_or(Refusal::NoCriteria)?;
        let mut rating = Rating {
            likelihood: self.likelihood,
            consequence_org: self.consequence_org,
            consequence_individual: self.consequence_individual,
            consequence_society: self.consequence_society,
            not_assessed_because: self.not_assessed_because.filter(|_| !not_assessed.is_empty()),
            not_assessed,
            score: 0,
            level: Level::Critical,
            criteria_version: Some(version),
            rationale: Some(self.rationale),
            controls: in_place(self.controls, context)?,
            edit: Some(Edit::of(context)),
        };
        let due = rating.judge(rules, context.today());
        Ok((rating, Some(due)))
    }

    /// For whom the consequence is left out; refuses what is no grade.
    fn check_grades(&self) -> Result<Vec<Subject>, Refusal> {
        let consequences = [
            (Subject::Organisation, self.consequence_org, "organisation", "/consequenceOrg"),
            (
                Subject::Individual,
                self.consequence_individual,
                "individual",
                "/consequenceIndividual",
            ),
            (Subject::Society, self.consequence_society, "society", "/consequenceSociety"),
        ];
        let likelihood = (Some(self.likelihood), "/likelihood");
        let given = consequences.iter().map(|(_, grade, _, at)| (*grade, *at));
        for (grade, at) in [likelihood].into_iter().chain(given) {
            if let Some(grade) = grade.filter(|grade| !(1..=GRADES).contains(grade)) {
                return Err(Refusal::NoGrade { grade, at });
            }
        }
        let left_out = consequences.iter().filter(|(_, grade, _, _)| grade.is_none());
        let left_out: Vec<_> = left_out.collect();
        if left_out.len() == consequences.len() {
            return Err(Refusal::NothingRated);
        }
        let reason = self.not_assessed_because.as_ref().filter(|reason| !reason.is_blank());
        if let (Some((_, _, subject, _)), None) = (left_out.first(), reason) {
            let at = "/notAssessedBecause";
            return Err(Refusal::NotAssessedWithoutReason { subject, at });
        }
        Ok(left_out.into_iter().map(|(subject, ..)| *subject).collect())
    }
}

impl Rating {
    /// Gives score and level by the rules; when it is assessed again.
    fn judge(&mut self, rules: &Rules, today: Date) -> Date {
        self.score = self.likelihood * self.severity();
        self.level = rules.level(self.likelihood, self.severity());
        rules.review_due(self.level, today)
    }

    /// Level, then score: what makes one rating higher than another.
    fn height(&self) -> (Level, u32) {
        (self.level, self.score)
    }

    /// Whether it counts on a control that is implemented and not known to fail.
    fn counts_on_implemented(&self, context: &Context) -> bool {
        self.controls.values().any(|named| {
            let works = named.effectiveness != Effectiveness::NotEffective;
            works && control::is_implemented(&named.control, context)
        })
    }
}

/// The controls by key; refuses unknown ones and repetitions.
fn in_place(
    named: Vec<ControlInPlace>,
    context: &Context,
) -> Result<BTreeMap<Key, ControlInPlace>, Refusal> {
    let mut all = BTreeMap::new();
    for (n, named) in named.into_iter().enumerate() {
        let at = || format!("/controls/{n}/control");
        let control = named.control.to_string();
        if !control::is_known(&named.control, context) {
            return Err(Refusal::UnknownControl { control, at: at() });
        }
        if all.insert(control::key(&named.control), named).is_some() {
            return Err(Refusal::ControlNamedTwice { control, at: at() });
        }
    }
    Ok(all)
}

impl Risk {
    pub(super) fn analysed(
        &self,
        input: Analyse,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        self.may_author(context)?;
        let (rating, review_due) = input.rated.rating(context)?;
        Ok(vec![Event::Analysed(Analysed { rating, review_due })])
    }

    /// What was decided on the rating before no longer counts; an acceptance is stale.
    pub(super) fn evolve_analysed(&mut self, event: Analysed) {
        let Analysed { rating, review_due } = event;
        self.status = RiskStatus::Analysed;
        self.authored(rating.edit.as_ref().map(|edit| edit.by.clone()));
        self.grow_stale(StaleReason::AnalysedAgain, rating.edit.as_ref());
        self.analysis_incomplete = !rating.not_assessed.is_empty();
        self.inherent_score = Some(rating.score);
        self.inherent = Some(rating);
        (self.evaluation, self.residual, self.residual_score) = (None, None, None);
        (self.review_due, self.review_fell_due) = (review_due, false);
    }

    pub(super) fn residual_evaluated(
        &self,
        input: EvaluateResidual,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let treated = [RiskStatus::Treated, RiskStatus::ResidualEvaluated];
        if self.status != RiskStatus::Accepted || self.residual.is_none() {
            self.must_be(&treated, "treated")?;
        }
        self.may_author(context)?;
        let Some(inherent) = &self.inherent else { return Err(Refusal::AnalysisIncomplete) };
        let EvaluateResidual { rated, evidence, reason } = input;
        let (rating, review_due) = rated.rating(context)?;
        if !rating.not_assessed.is_empty() {
            return Err(Refusal::AnalysisIncomplete);
        }
        check_evidence(&evidence, context)?;
        let before = self.residual.as_ref().map(|residual| residual.rating.height());
        let height = rating.height();
        let given = reason.as_ref().is_some_and(|reason| !reason.is_blank());
        let is_higher = rating.level > inherent.level || rating.score > inherent.score;
        if is_higher && !given {
            return Err(Refusal::HigherWithoutReason { at: "/reason" });
        }
        let is_lower = height < inherent.height()
            || rating.score < inherent.score
            || before.is_some_and(|before| height < before);
        if is_lower && evidence.is_empty() && !rating.counts_on_implemented(context) {
            return Err(Refusal::LowerWithoutProof { at: "/controls" });
        }
        let residual = Residual { rating, evidence, reason };
        Ok(vec![Event::ResidualRiskEvaluated(ResidualRiskEvaluated { residual, review_due })])
    }

    pub(super) fn evolve_residual(&mut self, event: ResidualRiskEvaluated) {
        let ResidualRiskEvaluated { residual, review_due } = event;
        self.status = RiskStatus::ResidualEvaluated;
        let edit = residual.rating.edit.as_ref();
        self.authored(edit.map(|edit| edit.by.clone()));
        self.grow_stale(StaleReason::ResidualEvaluated, edit);
        self.residual_score = Some(residual.rating.score);
        self.residual = Some(residual);
        (self.review_due, self.review_fell_due) = (review_due, false);
    }
}

/// Refuses evidence that proves nothing.
fn check_evidence(evidence: &[Ref<kinds::Evidence>], context: &Context) -> Result<(), Refusal> {
    for (n, evidence) in evidence.iter().enumerate() {
        let known = context.facts.get::<facts::Evidence>(evidence.id());
        if !known.is_some_and(|known| known.is_good()) {
            let (evidence, at) = (evidence.id().to_owned(), format!("/evidence/{n}"));
            return Err(Refusal::EvidenceNotGood { evidence, at });
        }
    }
    Ok(())
}
