//! Early adoption: a rule is applied before it applies by law.

use declare::record;
use kernel::values::{Key, Prose};
use kernel::{Context, Date, UserId};
use reference::rules::{Rule, Trigger};

use super::{Event, Refusal, RuleSet};

/// Most rules that a tenant can have adopted early at a time.
pub(super) const EARLY_MAX: usize = 30;

/// That a rule is applied before it applies by law.
#[record]
pub struct Adoption {
    /// First day.
    pub since: Date,
    /// Who decided it.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// Input of `adopt_early`.
#[record]
pub struct AdoptEarly {
    /// Code of the rule, such as `eu_ai_act.73_2`.
    pub rule: Key,
    /// Why.
    pub reason: Prose,
}

/// Input of `end_early_adoption`.
#[record]
pub struct EndEarlyAdoption {
    /// Code of the rule.
    pub rule: Key,
    /// Why.
    pub reason: Prose,
}

/// A rule is applied before it applies by law.
#[record]
pub struct RuleAdoptedEarly {
    /// Its code.
    pub rule: Key,
    /// Since when, by whom and why.
    pub adoption: Adoption,
}

/// A rule is left to the law again.
#[record]
pub struct EarlyAdoptionEnded {
    /// Its code.
    pub rule: Key,
    /// Who decided it.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// The day on which a decision is true in the world.
fn day(context: &Context) -> Date {
    context.effective.unwrap_or(context.now).date()
}

impl RuleSet {
    fn rule(&self, code: &Key, on: Date) -> Result<&Rule, Refusal> {
        let unknown = || Refusal::UnknownRule { rule: code.as_str().to_owned(), at: "/rule" };
        self.content.version(code, on).ok_or_else(unknown)
    }

    /// Decides on early adoption.
    pub(super) fn adopted(
        &self,
        input: AdoptEarly,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_active()?;
        let since = day(context);
        let rule = self.rule(&input.rule, since)?;
        let (code, at) = (input.rule.as_str().to_owned(), "/rule");
        if rule.trigger == Trigger::Class {
            return Err(Refusal::ClassNotAdopted { rule: code, at });
        }
        if self.adopted_early.contains_key(&input.rule) {
            return Ok(Vec::new());
        }
        if let Some(until) = rule.applies_until.filter(|until| *until < since) {
            return Err(Refusal::RuleEnded { rule: code, until: until.to_string(), at });
        }
        if rule.published <= since && rule.applies_from <= since {
            let since = rule.applies_from.to_string();
            return Err(Refusal::AppliesByLaw { rule: code, since, at });
        }
        if self.adopted_early.len() >= EARLY_MAX {
            return Err(Refusal::TooManyAdopted { most: EARLY_MAX });
        }
        let adoption = Adoption { since, by: context.user(), reason: input.reason };
        Ok(vec![Event::RuleAdoptedEarly(RuleAdoptedEarly { rule: input.rule, adoption })])
    }

    /// Decides on its end.
    pub(super) fn adoption_ended(
        &self,
        input: EndEarlyAdoption,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_active()?;
        self.rule(&input.rule, day(context))?;
        if !self.adopted_early.contains_key(&input.rule) {
            return Ok(Vec::new());
        }
        let EndEarlyAdoption { rule, reason } = input;
        let by = context.user();
        Ok(vec![Event::EarlyAdoptionEnded(EarlyAdoptionEnded { rule, by, reason })])
    }
}
