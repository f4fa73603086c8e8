//! What a version of a plan says: which risks, which actions, at what cost, to what end.

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Line, Number, Prose, Ref};
use kernel::{Context, Date, Decimal, Need, UserId, kinds};

use super::{Refusal, TreatmentPlan};
use crate::control;

const GRADES: u32 = 5;

/// What a version of a plan says.
#[record]
#[derive(Default)]
pub struct Content {
    /// Its title.
    #[field(search, correctable)]
    pub title: Line,
    /// The risks that it treats.
    #[field(max = 50)]
    pub risks: Vec<Ref<kinds::Risk>>,
    /// What is done.
    #[field(max = 40)]
    pub actions: BTreeMap<Key, PlannedAction>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// What is expected to remain of the risks.
    pub expected_residual: Option<ExpectedResidual>,
}

/// Something that is to be done.
#[record]
pub struct PlannedAction {
    /// What.
    pub text: Prose,
    /// The control that it implements.
    pub control: Number,
    /// Who does it.
    pub owner: UserId,
    /// When it must be done.
    pub due: Date,
    /// Whether the risks cannot be accepted without it.
    pub mandatory: bool,
}

/// An amount of money.
#[record]
pub struct Budget {
    /// How much.
    pub amount: Decimal,
    /// The currency's code of three letters (ISO 4217).
    #[field(max = 3)]
    pub currency: Line,
}

/// What is expected to remain of the risks.
#[record]
pub struct ExpectedResidual {
    /// How likely they will be, 1 to 5.
    pub likelihood: u32,
    /// How grave the gravest consequence will be, 1 to 5.
    pub severity: u32,
}

/// Something that is to be done, as callers give it.
#[record]
pub struct NewAction {
    /// Its key; one that the version before has keeps what was done of it.
    pub key: Option<Key>,
    /// What is to be done.
    pub text: Prose,
    /// The control that it implements.
    pub control: Number,
    /// Who does it.
    pub owner: UserId,
    /// When it must be done.
    pub due: Date,
    /// Whether the risks cannot be accepted without it; so unless said otherwise.
    pub mandatory: Option<bool>,
}

/// Input of `draft` and `redraft`: the whole content.
#[record]
pub struct Draft {
    /// Its title.
    pub title: Line,
    /// The risks that it treats.
    #[field(max = 50)]
    pub risks: Vec<Ref<kinds::Risk>>,
    /// What is done.
    #[field(max = 40)]
    pub actions: Vec<NewAction>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// What is expected to remain of the risks.
    pub expected_residual: Option<ExpectedResidual>,
}

impl Draft {
    /// The rows of controls that are not of the standard.
    pub(super) fn needs(&self) -> Vec<Need> {
        let own = self.actions.iter().filter(|a| !control::is_in_catalogue(&a.control));
        own.map(|action| control::rows(&action.control)).collect()
    }

    /// The content; refuses unknown controls, keys taken twice, and numbers that mean nothing.
    pub(super) fn content(self, context: &Context) -> Result<Content, Refusal> {
        let mut actions = BTreeMap::new();
        for (n, new) in self.actions.into_iter().enumerate() {
            let NewAction { key, text, control, owner, due, mandatory } = new;
            if !control::is_known(&control, context) {
                let (control, at) = (control.to_string(), format!("/actions/{n}/control"));
                return Err(Refusal::UnknownControl { control, at });
            }
            let key = key.unwrap_or_else(|| context.new_key("action"));
            let mandatory = mandatory.unwrap_or(true);
            let action = PlannedAction { text, control, owner, due, mandatory };
            if actions.insert(key.clone(), action).is_some() {
                let (key, at) = (key.as_str().to_owned(), format!("/actions/{n}/key"));
                return Err(Refusal::KeyTakenTwice { key, at });
            }
        }
        let (budget, expected_residual) = (self.budget, self.expected_residual);
        budget.as_ref().map_or(Ok(()), Budget::check)?;
        expected_residual.as_ref().map_or(Ok(()), ExpectedResidual::check)?;
        let mut risks = Vec::new();
        for risk in self.risks {
            if !risks.contains(&risk) {
                risks.push(risk);
            }
        }
        Ok(Content { title: self.title, risks, actions, budget, expected_residual })
    }
}

impl Budget {
    fn check(&self) -> Result<(), Refusal> {
        let currency = self.currency.as_str();
        let coded = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        if coded && self.amount.micros() >= 0 {
            return Ok(());
        }
        Err(Refusal::NoBudget { at: "/budget" })
    }
}

impl ExpectedResidual {
    fn check(&self) -> Result<(), Refusal> {
        let likelihood = (self.likelihood, "/expectedResidual/likelihood");
        let severity = (self.severity, "/expectedResidual/severity");
        for (grade, at) in [likelihood, severity] {
            if !(1..=GRADES).contains(&grade) {
                return Err(Refusal::NoGrade { grade, at });
            }
        }
        Ok(())
    }
}

impl Content {
    /// Refuses a plan that treats nothing or does nothing.
    pub(super) fn check_whole(&self) -> Result<(), Refusal> {
        if self.risks.is_empty() {
            return Err(Refusal::NoRisk);
        }
        if self.actions.is_empty() {
            return Err(Refusal::NoAction);
        }
        Ok(())
    }
}

impl TreatmentPlan {
    /// Refuses a plan for a risk that is a mere candidate or closed.
    pub(super) fn check_risks_open(&self, context: &Context) -> Result<(), Refusal> {
        for risk in &self.content.risks {
            let known = context.facts.get::<facts::Risk>(risk.id());
            if let Some(risk) = known.filter(|known| !known.is_open()) {
                return Err(Refusal::RiskNotOpen { risk: risk.title });
            }
        }
        Ok(())
    }
}
