//! The conditions on which a revision was approved (ISO/IEC 42005 5.11).

use std::collections::BTreeMap;

use declare::record;
use kernel::values::{Key, Prose};
use kernel::{Context, Date, Instant, UserId};

use super::{Event, ImpactAssessment, Refusal};

/// A condition on which a revision was approved.
#[record]
pub struct Condition {
    /// What is to be done.
    pub text: Prose,
    /// By when.
    pub due: Option<Date>,
    /// How it is met.
    pub how: Option<Prose>,
    /// Who said so.
    pub met_by: Option<UserId>,
    /// When it was met.
    pub met_at: Option<Instant>,
}

/// A condition as the approver sets it.
#[record]
pub struct SetCondition {
    /// A key of your own choice; made when left out.
    pub key: Option<Key>,
    /// What is to be done.
    pub text: Prose,
    /// By when.
    pub due: Option<Date>,
}

/// Input of `meet_condition`.
#[record]
pub struct MeetCondition {
    /// The condition.
    pub condition: Key,
    /// How it is met.
    pub how: Prose,
}

/// A condition was met.
#[record]
pub struct ConditionMet {
    /// The condition.
    pub condition: Key,
    /// How.
    pub how: Prose,
    /// Who said so.
    pub by: UserId,
    /// When it was met.
    pub at: Instant,
}

/// The conditions under their keys.
pub(super) fn conditions(
    set: Vec<SetCondition>,
    context: &Context,
) -> Result<BTreeMap<Key, Condition>, Refusal> {
    let mut conditions = BTreeMap::new();
    for (n, SetCondition { key, text, due }) in set.into_iter().enumerate() {
        let key = key.unwrap_or_else(|| context.new_key("condition"));
        if conditions.contains_key(&key) {
            let at = format!("/conditions/{n}/key");
            return Err(Refusal::ConditionTwice { key: key.as_str().to_owned(), at });
        }
        conditions.insert(key, Condition { text, due, how: None, met_by: None, met_at: None });
    }
    Ok(conditions)
}

impl ImpactAssessment {
    /// Decides on `meet_condition`.
    pub(super) fn condition_met(
        &self,
        input: MeetCondition,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_live()?;
        let MeetCondition { condition: key, how } = input;
        let Some(condition) = self.conditions.get(&key) else {
            let key = key.as_str().to_owned();
            return Err(Refusal::UnknownCondition { key, at: "/condition" });
        };
        if condition.met_at.is_some() {
            return Ok(Vec::new());
        }
        let (by, at) = (context.user(), context.effective.unwrap_or(context.now));
        Ok(vec![Event::ConditionMet(ConditionMet { condition: key, how, by, at })])
    }

    /// Evolves by a condition that was met.
    pub(super) fn evolve_met(&mut self, event: ConditionMet) {
        if let Some(condition) = self.conditions.get_mut(&event.condition) {
            condition.how = Some(event.how);
            condition.met_by = Some(event.by);
            condition.met_at = Some(event.at);
        }
    }
}
