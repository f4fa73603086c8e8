//! What a management review decides (9.3.3), and whether it is done.

use declare::{record, words};
use kernel::values::{Key, Prose};
use kernel::{Context, Date, Role, UserId};

use super::{DECISIONS_MAX, Event, ManagementReview, Refusal, ReviewStatus};
use crate::stamp::Stamp;

/// What a decision is about.
#[words]
pub enum DecisionKind {
    /// An improvement.
    Improvement,
    /// A change of the management system.
    AimsChange,
    /// Money, people or tools.
    Resource,
}

/// A decision of a review.
#[record]
pub struct Decision {
    /// What is decided.
    pub text: Prose,
    /// What it is about.
    pub decision_kind: DecisionKind,
    /// Who carries it out.
    pub owner: UserId,
    /// By when.
    pub due: Date,
    /// Who recorded it, and when.
    pub recorded: Stamp,
    /// Who said that it is done, and when.
    pub completion: Option<Stamp>,
    /// What came of it.
    pub result: Option<Prose>,
}

/// Input of `record_decision`.
#[record]
pub struct RecordDecision {
    /// A key for it; one is made when it is left out.
    pub key: Option<Key>,
    /// What is decided.
    pub text: Prose,
    /// What it is about.
    pub decision_kind: DecisionKind,
    /// Who carries it out; a decision needs somebody.
    pub owner: Option<UserId>,
    /// By when; a decision needs a day.
    pub due: Option<Date>,
}

/// Input of `complete_decision`.
#[record]
pub struct CompleteDecision {
    /// Which decision.
    pub decision: Key,
    /// What came of it.
    pub text: Option<Prose>,
}

/// A decision was recorded.
#[record]
pub struct DecisionRecorded {
    /// Its key.
    pub key: Key,
    /// What it is.
    pub decision: Decision,
}

/// A decision is carried out.
#[record]
pub struct DecisionCompleted {
    /// Which.
    pub decision: Key,
    /// What came of it.
    pub text: Option<Prose>,
    /// Who said so, and when.
    pub completed: Stamp,
}

impl ManagementReview {
    pub(super) fn decision_recorded(
        &self,
        input: RecordDecision,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ReviewStatus::InputsFrozen | ReviewStatus::Held => {}
            ReviewStatus::Scheduled => {
                return Err(Refusal::InputsMissing { inputs: self.missing().join(", ") });
            }
            ReviewStatus::ActionsClosed => return Err(self.wrong_status("given a decision")),
        }
        let RecordDecision { key, text, decision_kind, owner, due } = input;
        let Some(owner) = owner else {
            return Err(Refusal::DecisionWithoutOwner { at: "/owner" });
        };
        let Some(due) = due else { return Err(Refusal::DecisionWithoutDue { at: "/due" }) };
        if self.decisions.len() >= DECISIONS_MAX {
            return Err(Refusal::TooManyDecisions { most: DECISIONS_MAX });
        }
        let key = key.unwrap_or_else(|| context.new_key("decision"));
        if self.decisions.contains_key(&key) {
            let decision = key.as_str().to_owned();
            return Err(Refusal::DecisionExists { decision, at: "/key" });
        }
        let (recorded, completion, result) = (Stamp::of(context), None, None);
        let decision = Decision { text, decision_kind, owner, due, recorded, completion, result };
        Ok(vec![Event::DecisionRecorded(DecisionRecorded { key, decision })])
    }

    pub(super) fn decision_completed(
        &self,
        input: CompleteDecision,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let CompleteDecision { decision: key, text } = input;
        let Some(decision) = self.decisions.get(&key) else {
            let decision = key.as_str().to_owned();
            return Err(Refusal::UnknownDecision { decision, at: "/decision" });
        };
        if decision.owner != context.user() && !context.holds(Role::Am) {
            return Err(Refusal::NotDecisionOwner { at: "/decision" });
        }
        if decision.completion.is_some() {
            return Ok(Vec::new());
        }
        if self.status != ReviewStatus::Held {
            return Err(self.wrong_status("carried out"));
        }
        let completed = Stamp::of(context);
        let event = DecisionCompleted { decision: key, text, completed };
        Ok(vec![Event::DecisionCompleted(event)])
    }
}
