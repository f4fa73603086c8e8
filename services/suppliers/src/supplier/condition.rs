//! Conditions of an approval: what is to be done, by when, and whether it was.

use std::collections::BTreeMap;

use declare::record;
use kernel::kinds::Evidence;
use kernel::values::{Key, Prose, Ref};
use kernel::{Context, Date, Instant, UserId};

use super::{Event, Refusal, Supplier, SupplierStatus};

/// Most conditions of a supplier, met ones included.
pub const CONDITIONS_MAX: usize = 40;

/// A condition of an approval.
#[record]
pub struct Condition {
    /// What is to be done.
    pub text: Prose,
    /// By which day.
    pub due: Date,
    /// When it was found to be overdue.
    pub overdue_since: Option<Instant>,
    /// When it was met.
    pub met_at: Option<Instant>,
    /// Who found that it is met.
    pub met_by: Option<UserId>,
    /// How that was found.
    pub finding: Option<Prose>,
    /// What proves it.
    pub evidence: Vec<Ref<Evidence>>,
}

/// A condition that an approval makes.
#[record]
pub struct NewCondition {
    /// What is to be done.
    pub text: Prose,
    /// By which day; it must be named.
    pub due: Option<Date>,
}

/// Input of `meet_condition`.
#[record]
pub struct MeetCondition {
    /// Key of the condition.
    pub condition: Key,
    /// How it was found that it is met.
    pub finding: Prose,
    /// What proves it.
    #[field(max = 10)]
    pub proof: Vec<Ref<Evidence>>,
}

/// A condition is met.
#[record]
pub struct ConditionMet {
    /// Key of the condition.
    pub condition: Key,
    /// How that was found.
    pub finding: Prose,
    /// What proves it.
    pub proof: Vec<Ref<Evidence>>,
    /// Who found it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Whether it was met after it was due.
    pub late: bool,
}

/// Input of `mark_condition_overdue`.
#[record]
pub struct MarkConditionOverdue {
    /// Key of the condition.
    pub condition: Key,
}

/// A condition was not met in time.
#[record]
pub struct ConditionOverdue {
    /// Key of the condition.
    pub condition: Key,
    /// By which day it was to be met.
    pub due: Date,
    /// When that was found.
    pub at: Instant,
}

impl Supplier {
    /// The conditions that are not met.
    pub(super) fn open_conditions(&self) -> impl Iterator<Item = (&Key, &Condition)> {
        self.conditions.iter().filter(|(_, condition)| condition.met_at.is_none())
    }

    /// New conditions: each has a day that is yet to come.
    pub(super) fn new_conditions(
        &self,
        asked: BTreeMap<Key, NewCondition>,
        context: &Context,
    ) -> Result<BTreeMap<Key, Condition>, Refusal> {
        if asked.is_empty() {
            return Err(Refusal::NoCondition { at: "/conditions" });
        }
        if self.conditions.len() + asked.len() > CONDITIONS_MAX {
            return Err(Refusal::TooManyConditions { most: CONDITIONS_MAX });
        }
        let mut conditions = BTreeMap::new();
        for (key, NewCondition { text, due }) in asked {
            if self.conditions.contains_key(&key) {
                let (condition, at) =
                    (key.as_str().to_owned(), format!("/conditions/{}", key.as_str()));
                return Err(Refusal::ConditionTwice { condition, at });
            }
            let at = format!("/conditions/{}/due", key.as_str());
            let Some(due) = due else { return Err(Refusal::ConditionWithoutDue { at }) };
            if due < context.today() {
                return Err(Refusal::ConditionDueInPast { at });
            }
            let condition = Condition {
                text,
                due,
                overdue_since: None,
                met_at: None,
                met_by: None,
                finding: None,
                evidence: Vec::new(),
            };
            conditions.insert(key, condition);
        }
        Ok(conditions)
    }

    fn condition(&self, key: &Key) -> Result<&Condition, Refusal> {
        let unknown =
            || Refusal::NoSuchCondition { condition: key.as_str().to_owned(), at: "/condition" };
        self.conditions.get(key).ok_or_else(unknown)
    }

    pub(super) fn condition_met(
        &self,
        input: MeetCondition,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_go_on("said to meet a condition")?;
        let condition = self.condition(&input.condition)?;
        if condition.met_at.is_some() {
            return Ok(Vec::new());
        }
        let MeetCondition { condition: key, finding, proof } = input;
        let (by, at) = (context.user(), context.now);
        let late = context.effective.unwrap_or(at).date() > condition.due;
        Ok(vec![Event::ConditionMet(ConditionMet { condition: key, finding, proof, by, at, late })])
    }

    pub(super) fn condition_overdue(
        &self,
        input: &MarkConditionOverdue,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let condition = self.condition(&input.condition)?;
        if condition.overdue_since.is_some() {
            return Ok(Vec::new());
        }
        if condition.met_at.is_some() || self.status != SupplierStatus::ConditionallyApproved {
            return Err(Refusal::ConditionNotOpen);
        }
        let (key, due) = (input.condition.clone(), condition.due);
        if due >= context.today() {
            return Err(Refusal::ConditionNotDue { due });
        }
        let at = context.now;
        Ok(vec![Event::ConditionOverdue(ConditionOverdue { condition: key, due, at })])
    }

    pub(super) fn meet(&mut self, event: ConditionMet) {
        if let Some(condition) = self.conditions.get_mut(&event.condition) {
            condition.met_at = Some(event.at);
            condition.met_by = Some(event.by);
            condition.finding = Some(event.finding);
            condition.evidence = event.proof;
        }
        self.find_condition_due();
    }
}
