//! Evaluating a risk and treating it (ISO 31000 6.4.4, 6.5; ISO/IEC 42001 6.1.3, 8.3).

use declare::{record, words};
use kernel::values::{Prose, Ref};
use kernel::{Context, Need, kinds};

use super::{Edit, Event, Refusal, Risk, RiskStatus};
use crate::risk_criteria::{Criteria, Standing};

const PLANS_MAX: usize = 50;

/// What is done about a risk.
#[words]
pub enum Treatment {
    /// Its likelihood or consequences are changed.
    Modify,
    /// What gives rise to it is not begun, or ended.
    Avoid,
    /// It is shared with others: by contract, by insurance.
    Share,
    /// It is lived with as it is.
    Retain,
}

/// How a risk compares with the criteria, and how it is to be treated.
#[record]
pub struct Evaluation {
    /// How it is to be treated.
    pub treatment: Treatment,
    /// Why so.
    pub rationale: Prose,
    /// Whether its score lies within the appetite.
    pub within_appetite: bool,
    /// Whether its score lies within the tolerance, and it is not critical.
    pub within_tolerance: bool,
    /// The version of the criteria that say so: that of the analysis.
    pub criteria_version: u32,
    /// Who decided, and when.
    pub edit: Edit,
}

/// Input of `evaluate`.
#[record]
pub struct Evaluate {
    /// How the risk is to be treated.
    pub treatment: Treatment,
    /// Why so.
    pub rationale: Prose,
}

/// The risk was compared with the criteria.
#[record]
pub struct Evaluated {
    /// How it compares, and how it is to be treated.
    #[field(flatten)]
    pub evaluation: Evaluation,
}

/// Input of `record_treatment_planned` and `record_treated`.
#[record]
pub struct RecordPlan {
    /// The plan that treats the risk.
    pub plan: Ref<kinds::TreatmentPlan>,
}

/// A plan treats the risk, or was carried out.
#[record]
pub struct PlanRecorded {
    /// The plan.
    pub plan: Ref<kinds::TreatmentPlan>,
    /// Number of its version in force.
    pub plan_version: u32,
}

/// The criteria of the analysis.
pub(super) fn needs_criteria() -> Vec<Need> {
    vec![Criteria::need()]
}

impl Risk {
    pub(super) fn evaluated(
        &self,
        input: Evaluate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let fit = [RiskStatus::Analysed, RiskStatus::Evaluated, RiskStatus::TreatmentPlanned];
        self.must_be(&fit, "analysed")?;
        self.may_author(context)?;
        let Some(rating) = self.inherent.as_ref().filter(|_| !self.analysis_incomplete) else {
            return Err(Refusal::AnalysisIncomplete);
        };
        if self.review_fell_due {
            return Err(Refusal::ReviewIsDue);
        }
        let criteria = Criteria::known(context).ok_or(Refusal::NoCriteria)?;
        let version = rating.criteria_version.unwrap_or(0);
        let rules = criteria.version(version).ok_or(Refusal::CriteriaNotKept { version })?;
        let standing = rules.standing(rating.score, rating.level);
        let within_appetite = standing == Standing::WithinAppetite;
        if input.treatment == Treatment::Retain && !within_appetite {
            let (score, appetite, at) = (rating.score, rules.appetite, "/treatment");
            return Err(Refusal::RetainedAboveAppetite { score, appetite, at });
        }
        let evaluation = Evaluation {
            treatment: input.treatment,
            rationale: input.rationale,
            within_appetite,
            within_tolerance: standing != Standing::AboveTolerance,
            criteria_version: version,
            edit: Edit::of(context),
        };
        Ok(vec![Event::Evaluated(Evaluated { evaluation })])
    }

    /// Whether the risk was judged to need no treatment.
    pub(super) fn is_retained(&self) -> bool {
        let retained = |e: &Evaluation| e.treatment == Treatment::Retain;
        self.evaluation.as_ref().is_some_and(retained)
    }

    pub(super) fn treatment_planned(
        &self,
        input: RecordPlan,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let fit = [
            RiskStatus::Evaluated,
            RiskStatus::TreatmentPlanned,
            RiskStatus::Treated,
            RiskStatus::ResidualEvaluated,
        ];
        self.must_be(&fit, "evaluated")?;
        let is_known = self.plans.contains(&input.plan);
        if self.status == RiskStatus::TreatmentPlanned && is_known {
            return Ok(Vec::new());
        }
        if self.is_retained() {
            return Err(Refusal::Retained);
        }
        if !is_known && self.plans.len() >= PLANS_MAX {
            return Err(Refusal::TooMany { what: "treatment plans", most: PLANS_MAX });
        }
        let (_, plan_version) = self.plan(&input, context)?;
        Ok(vec![Event::TreatmentPlanned(PlanRecorded { plan: input.plan, plan_version })])
    }

    pub(super) fn treated(
        &self,
        input: RecordPlan,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be(
            &[RiskStatus::TreatmentPlanned, RiskStatus::Treated],
            "planned to be treated",
        )?;
        let (plan, plan_version) = self.plan(&input, context)?;
        if !plan.is_carried_out() {
            return Err(Refusal::PlanNotCompleted { at: "/plan" });
        }
        if self.status == RiskStatus::Treated {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Treated(PlanRecorded { plan: input.plan, plan_version })])
    }

    /// The plan, which must be in force and name this risk, and its version.
    fn plan(
        &self,
        input: &RecordPlan,
        context: &Context,
    ) -> Result<(facts::TreatmentPlan, u32), Refusal> {
        let plan = context.facts.get::<facts::TreatmentPlan>(input.plan.id());
        let plan = plan.filter(|plan| plan.treats(&context.id));
        let plan = plan.ok_or(Refusal::PlanDoesNotTreat { at: "/plan" })?;
        let version = plan.in_force.as_ref().map_or(0, |in_force| in_force.version);
        Ok((plan, version))
    }
}
