//! What is done so that it does not happen again.

use std::collections::BTreeMap;

use declare::record;
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Role, UserId};

use super::{
    ACTIONS_MAX, Effectiveness, Event, Grade, MAJOR_DAYS, Nonconformity,
    NonconformityStatus as Status, Refusal,
};
use crate::stamp::Stamp;

/// An action that is to be done.
#[record]
pub struct NewAction {
    /// What is done.
    pub text: Prose,
    /// Who does it.
    pub owner: UserId,
    /// When it is to be done.
    pub due: Date,
}

/// An action: what is done, by whom and until when, and whether it is.
#[record]
pub struct Action {
    /// What is done.
    pub text: Prose,
    /// Who does it.
    pub owner: UserId,
    /// When it is to be done.
    pub due: Date,
    /// Who planned it, and when.
    pub planned: Stamp,
    /// Whether its day went by before it was done.
    pub is_overdue: bool,
    /// Who said that it is done, and when.
    pub done: Option<Stamp>,
    /// What proves it.
    pub evidence: Vec<Ref<kinds::Evidence>>,
}

/// Input of `plan_actions`.
#[record]
pub struct PlanActions {
    /// The actions, by key. Those that are not done are replaced; those that are done stay.
    #[field(max = 40)]
    pub actions: BTreeMap<Key, NewAction>,
    /// How it will be found out whether they work.
    pub method: Line,
    /// When that is found out.
    pub check_due: Option<Date>,
}

/// Input of `complete_action`.
#[record]
pub struct CompleteAction {
    /// Which action.
    pub action: Key,
    /// What proves that it is done.
    #[field(max = 20)]
    pub evidence: Vec<Ref<kinds::Evidence>>,
}

/// Actions were planned.
#[record]
pub struct ActionsPlanned {
    /// Those that are to be done, by key.
    pub actions: BTreeMap<Key, NewAction>,
    /// How it will be found out whether they work.
    pub method: Line,
    /// When that is found out.
    pub check_due: Option<Date>,
    /// Who planned them, and when.
    pub planned: Stamp,
}

/// An action is done.
#[record]
pub struct ActionCompleted {
    /// Which.
    pub action: Key,
    /// What proves it.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Who said so, and when.
    pub done: Stamp,
    /// Whether it is the last one.
    pub is_last: bool,
}

/// Input of `mark_overdue`, and what was recorded of it.
#[record]
pub struct ActionOverdue {
    /// Which action.
    pub action: Key,
}

impl Nonconformity {
    /// The last day on which an action may be due. When actions have failed, the days of a major
    /// one begin anew and no other day binds the next ones.
    fn latest(&self, today: Date) -> Option<Date> {
        let is_first = self.failed_checks == 0;
        let since = if is_first { self.raised_on } else { today };
        let major = Some(since.plus_days(MAJOR_DAYS)).filter(|_| self.grade == Grade::Major);
        [self.due.filter(|_| is_first), major].into_iter().flatten().min()
    }

    pub(super) fn planned(
        &self,
        input: PlanActions,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be(&[Status::CauseFound, Status::ActionsPlanned], "planned for")?;
        let PlanActions { actions, method, check_due } = input;
        if actions.is_empty() {
            return Err(Refusal::NoActions { at: "/actions" });
        }
        let done = self.actions.iter().filter(|(_, action)| action.done.is_some());
        if done.clone().count() + actions.len() > ACTIONS_MAX {
            return Err(Refusal::TooManyActions { most: ACTIONS_MAX, at: "/actions" });
        }
        let mut done = done.map(|(key, _)| key);
        if let Some(key) = done.find(|key| actions.contains_key(*key)) {
            let action = key.as_str().to_owned();
            return Err(Refusal::ActionIsDone { action, at: "/actions" });
        }
        for (key, action) in &actions {
            let at = format!("/actions/{}/due", key.as_str());
            let due = action.due;
            if let Some(latest) = self.latest(context.today()).filter(|latest| due > *latest) {
                return Err(Refusal::ActionDueTooLate { due, latest, at });
            }
            if due < context.today() {
                return Err(Refusal::DueInPast { due, at });
            }
        }
        let planned = Stamp::of(context);
        let event = ActionsPlanned { actions, method, check_due, planned };
        Ok(vec![Event::CorrectiveActionsPlanned(event)])
    }

    pub(super) fn take_plan(&mut self, event: ActionsPlanned) {
        let ActionsPlanned { actions, method, check_due, planned } = event;
        self.status = Status::ActionsPlanned;
        self.actions.retain(|_, action| action.done.is_some());
        self.actions.extend(actions.into_iter().map(|(key, action)| {
            let NewAction { text, owner, due } = action;
            let planned = planned.clone();
            let (is_overdue, done, evidence) = (false, None, Vec::new());
            (key, Action { text, owner, due, planned, is_overdue, done, evidence })
        }));
        self.effectiveness = Some(Effectiveness { method, due: check_due, result: None });
    }

    fn action(&self, key: &Key) -> Result<&Action, Refusal> {
        let unknown = || Refusal::UnknownAction { action: key.as_str().into(), at: "/action" };
        self.actions.get(key).ok_or_else(unknown)
    }

    pub(super) fn completed(
        &self,
        input: CompleteAction,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let CompleteAction { action: key, evidence } = input;
        let action = self.action(&key)?;
        if context.user() != action.owner && !context.holds(Role::Am) {
            return Err(Refusal::NotActionOwner { at: "/action" });
        }
        if action.done.is_some() {
            return Ok(Vec::new());
        }
        self.must_be(&[Status::ActionsPlanned], "acted upon")?;
        if evidence.is_empty() {
            return Err(Refusal::NoEvidence { at: "/evidence" });
        }
        let is_good = |one: &&Ref<kinds::Evidence>| {
            let found = context.facts.get::<facts::Evidence>(one.id());
            found.is_some_and(|found| found.is_good())
        };
        if let Some(bad) = evidence.iter().find(|one| !is_good(one)) {
            return Err(Refusal::EvidenceProvesNothing {
                evidence: bad.id().to_owned(),
                at: "/evidence",
            });
        }
        let is_last = self.actions.iter().all(|(other, a)| *other == key || a.done.is_some());
        let (action, done) = (key, Stamp::of(context));
        let event = ActionCompleted { action, evidence, done, is_last };
        Ok(vec![Event::CorrectiveActionCompleted(event)])
    }

    pub(super) fn take_completion(&mut self, event: ActionCompleted) {
        if let Some(action) = self.actions.get_mut(&event.action) {
            action.done = Some(event.done);
            action.evidence = event.evidence;
        }
        if event.is_last {
            self.status = Status::ActionsDone;
        }
    }

    pub(super) fn overdue(
        &self,
        input: ActionOverdue,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let action = self.action(&input.action)?;
        if action.is_overdue {
            return Ok(Vec::new());
        }
        if action.done.is_some() || context.today() <= action.due {
            return Err(Refusal::NotOverdue { due: action.due });
        }
        Ok(vec![Event::CorrectiveActionOverdue(input)])
    }
}
