//! Carrying out the version in force (8.3): actions done or overdue, and whether the plan worked.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::values::{Key, Number, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId, kinds};

use super::{Event, PlannedAction, Progress, Refusal, TreatmentPlan};

/// Where an action stands.
#[words]
pub enum ActionStatus {
    /// To be done.
    Open,
    /// Not done, and its day has passed.
    Overdue,
    /// Done.
    Done,
}

/// Whether mandatory actions are open.
#[words]
#[derive(Default)]
pub enum MandatoryActions {
    /// No version is in force, or it has none.
    #[default]
    None,
    /// At least one is not done.
    Open,
    /// All are done.
    Done,
}

/// An action of the version in force.
#[record]
pub struct Action {
    /// What is to be done.
    pub text: Prose,
    /// The control that it implements.
    pub control: Number,
    /// Who does it.
    pub owner: UserId,
    /// When it must be done.
    pub due: Date,
    /// Whether the risks cannot be accepted without it.
    pub mandatory: bool,
    /// Where it stands.
    pub status: ActionStatus,
    /// Who said that it is done.
    pub done_by: Option<UserId>,
    /// When.
    pub done_at: Option<Instant>,
    /// What proves it.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Why nothing does.
    pub reason: Option<Prose>,
}

/// The version in force.
#[record]
pub struct InForce {
    /// Its number.
    pub version: u32,
    /// The risks that it treats.
    pub risks: Vec<Ref<kinds::Risk>>,
    /// What is done.
    pub actions: BTreeMap<Key, Action>,
}

/// Whether a plan worked.
#[record]
pub struct Verification {
    /// Number of the version that was verified.
    pub version: u32,
    /// Whether it worked.
    pub effective: bool,
    /// What was found.
    pub result: Prose,
    /// What proves it.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Who verified it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// Input of `complete_action`.
#[record]
pub struct CompleteAction {
    /// The action's key.
    pub action: Key,
    /// What proves that it is done.
    #[field(max = 10)]
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Why nothing does, where there is no evidence.
    pub reason: Option<Prose>,
}

/// Input of `mark_action_overdue`.
#[record]
pub struct MarkActionOverdue {
    /// The action's key.
    pub action: Key,
}

/// Input of `verify`.
#[record]
pub struct Verify {
    /// Whether the plan worked.
    pub effective: bool,
    /// What was found.
    pub result: Prose,
    /// What proves it.
    #[field(max = 10)]
    pub evidence: Vec<Ref<kinds::Evidence>>,
}

/// An action is done.
#[record]
pub struct ActionCompleted {
    /// The action's key.
    pub action: Key,
    /// Number of the version in force.
    pub version: u32,
    /// What proves it.
    pub evidence: Vec<Ref<kinds::Evidence>>,
    /// Why nothing does.
    pub reason: Option<Prose>,
    /// Who said so.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// An action is overdue.
#[record]
pub struct ActionOverdue {
    /// The action's key.
    pub action: Key,
    /// Number of the version in force.
    pub version: u32,
    /// When it had to be done.
    pub due: Date,
}

/// All actions are done.
#[record]
pub struct Completed {
    /// Number of the version in force.
    pub version: u32,
    /// Who said so.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// It was found whether the plan worked.
#[record]
pub struct Verified {
    /// What was found.
    pub verification: Verification,
}

/// The evidence that is named.
pub(super) fn needs(evidence: &[Ref<kinds::Evidence>]) -> Vec<Need> {
    evidence.iter().map(|evidence| Need::Object(evidence.id().to_owned())).collect()
}

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

impl InForce {
    fn action(&self, key: &Key) -> Result<&Action, Refusal> {
        let unknown = || Refusal::NoSuchAction { action: key.as_str().to_owned(), at: "/action" };
        self.actions.get(key).ok_or_else(unknown)
    }

    fn open(&self) -> impl Iterator<Item = &Action> {
        self.actions.values().filter(|action| action.status != ActionStatus::Done)
    }

    /// Whether the person owned or did an action.
    fn acted(&self, user: &UserId) -> bool {
        let mut actions = self.actions.values();
        actions.any(|action| action.owner == *user || action.done_by.as_ref() == Some(user))
    }
}

impl Action {
    fn of(planned: &PlannedAction) -> Self {
        let PlannedAction { text, control, owner, due, mandatory } = planned.clone();
        Self {
            text,
            control,
            owner,
            due,
            mandatory,
            status: ActionStatus::Open,
            done_by: None,
            done_at: None,
            evidence: Vec::new(),
            reason: None,
        }
    }
}

impl TreatmentPlan {
    pub(super) fn risks_in_force(&self) -> impl Iterator<Item = &Ref<kinds::Risk>> {
        self.in_force.iter().flat_map(|in_force| &in_force.risks)
    }

    fn in_force(&self) -> Result<&InForce, Refusal> {
        self.in_force.as_ref().ok_or(Refusal::NotInForce)
    }

    pub(super) fn action_completed(
        &self,
        input: CompleteAction,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let in_force = self.in_force()?;
        let action = in_force.action(&input.action)?;
        let by = context.user();
        if action.owner != by && !context.holds(Role::Rm) {
            return Err(Refusal::NotTheActionOwner);
        }
        if action.status == ActionStatus::Done {
            return Ok(Vec::new());
        }
        let CompleteAction { action, evidence, reason } = input;
        if evidence.is_empty() && reason.as_ref().is_none_or(Prose::is_blank) {
            return Err(Refusal::DoneWithoutProof { at: "/evidence" });
        }
        check_evidence(&evidence, context)?;
        let (version, at) = (in_force.version, context.now);
        let done = ActionCompleted { action, version, evidence, reason, by, at };
        Ok(vec![Event::TreatmentActionCompleted(done)])
    }

    pub(super) fn evolve_action_completed(&mut self, event: ActionCompleted) {
        let in_force = self.in_force.as_mut();
        if let Some(action) = in_force.and_then(|f| f.actions.get_mut(&event.action)) {
            action.status = ActionStatus::Done;
            (action.done_by, action.done_at) = (Some(event.by), Some(event.at));
            (action.evidence, action.reason) = (event.evidence, event.reason);
        }
        if self.progress == Progress::NotStarted {
            self.progress = Progress::InProgress;
        }
    }

    pub(super) fn action_overdue(
        &self,
        input: MarkActionOverdue,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let in_force = self.in_force()?;
        let Action { status, due, .. } = in_force.action(&input.action)?;
        match status {
            ActionStatus::Done => Err(Refusal::ActionDone),
            ActionStatus::Overdue => Ok(Vec::new()),
            ActionStatus::Open if context.today() <= *due => Err(Refusal::NotOverdue { due: *due }),
            ActionStatus::Open => {
                let (action, version, due) = (input.action, in_force.version, *due);
                Ok(vec![Event::TreatmentActionOverdue(ActionOverdue { action, version, due })])
            }
        }
    }

    pub(super) fn evolve_action_overdue(&mut self, event: &ActionOverdue) {
        let in_force = self.in_force.as_mut();
        if let Some(action) = in_force.and_then(|f| f.actions.get_mut(&event.action)) {
            action.status = ActionStatus::Overdue;
        }
    }

    pub(super) fn completed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let in_force = self.in_force()?;
        match self.progress {
            Progress::Completed | Progress::EffectivenessVerified => return Ok(Vec::new()),
            Progress::Ineffective => return Err(Refusal::FoundIneffective),
            Progress::NotStarted | Progress::InProgress => {}
        }
        let count = in_force.open().count();
        if count > 0 {
            return Err(Refusal::ActionsOpen { count });
        }
        let (version, by, at) = (in_force.version, context.user(), context.now);
        Ok(vec![Event::Completed(Completed { version, by, at })])
    }

    pub(super) fn verified(&self, input: Verify, context: &Context) -> Result<Vec<Event>, Refusal> {
        let in_force = self.in_force()?;
        let Verify { effective, result, evidence } = input;
        if in_force.acted(&context.user()) {
            return Err(Refusal::VerifierIsActionOwner);
        }
        match (self.progress, effective) {
            (Progress::EffectivenessVerified, true) | (Progress::Ineffective, false) => {
                return Ok(Vec::new());
            }
            (Progress::Ineffective, true) => return Err(Refusal::FoundIneffective),
            (Progress::NotStarted | Progress::InProgress, _) => return Err(Refusal::NotCompleted),
            (Progress::Completed, _) | (Progress::EffectivenessVerified, false) => {}
        }
        check_evidence(&evidence, context)?;
        let (version, by, at) = (in_force.version, context.user(), context.now);
        let verification = Verification { version, effective, result, evidence, by, at };
        let verified = Verified { verification };
        Ok(vec![if effective {
            Event::TreatmentEffectivenessVerified(verified)
        } else {
            Event::TreatmentFoundIneffective(verified)
        }])
    }

    /// The working version comes into force. An action that is done stays so when the new version
    /// has it under the same key for the same control.
    pub(super) fn come_into_force(&mut self, version: u32) {
        let mut before = self.in_force.take().map(|old| old.actions).unwrap_or_default();
        let carried = |(key, planned): (&Key, &PlannedAction)| {
            let new = Action::of(planned);
            let old = before
                .remove(key)
                .filter(|old| old.status == ActionStatus::Done && old.control == new.control);
            let action = match old {
                Some(old) => Action {
                    status: old.status,
                    done_by: old.done_by,
                    done_at: old.done_at,
                    evidence: old.evidence,
                    reason: old.reason,
                    ..new
                },
                None => new,
            };
            (key.clone(), action)
        };
        let actions: BTreeMap<_, _> = self.content.actions.iter().map(carried).collect();
        let begun = actions.values().any(|action| action.status == ActionStatus::Done);
        self.progress = if begun { Progress::InProgress } else { Progress::NotStarted };
        self.in_force = Some(InForce { version, risks: self.content.risks.clone(), actions });
    }

    /// What follows from the actions: whether mandatory ones are open, what is due next, which
    /// controls are named.
    pub(super) fn settle(&mut self) {
        let (mut mandatory, mut next_due) = (MandatoryActions::None, None::<Date>);
        let mut controls = Vec::new();
        let in_force = self.in_force.iter().flat_map(|in_force| in_force.actions.values());
        for action in in_force.clone() {
            let is_open = action.status != ActionStatus::Done;
            if is_open {
                next_due = Some(next_due.map_or(action.due, |due| due.min(action.due)));
            }
            mandatory = match (action.mandatory, is_open, mandatory) {
                (false, _, before) | (true, false, before @ MandatoryActions::Open) => before,
                (true, true, _) => MandatoryActions::Open,
                (true, false, _) => MandatoryActions::Done,
            };
        }
        let planned = self.content.actions.values().map(|action| &action.control);
        for control in planned.chain(in_force.map(|action| &action.control)) {
            if !controls.contains(control) {
                controls.push(control.clone());
            }
        }
        (self.mandatory_actions, self.next_due, self.controls) = (mandatory, next_due, controls);
    }
}
