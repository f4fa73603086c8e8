//! How a task is opened, given to somebody, and ends.

use declare::record;
use kernel::values::Prose;
use kernel::{Context, Date, Position, Role, UserId};

use super::{Ending, Event, Open, Opened, Refusal, Task, TaskStatus, Work};

/// Who may open a task that shuts gates.
const BLOCKING: [Role; 6] = [Role::Tm, Role::Am, Role::Rm, Role::So, Role::Aud, Role::Sys];

/// Input of `assign`.
#[record]
pub struct Assign {
    /// To whom.
    pub assignee: UserId,
}

/// A task was given to somebody.
#[record]
pub struct Assigned {
    /// To whom.
    pub assignee: UserId,
    /// Who had it before.
    pub before: Option<UserId>,
    /// Who gave it.
    pub by: UserId,
}

/// Input of `complete`.
#[record]
pub struct Complete {
    /// The event that shows that it is done, by position; needed where the task says which.
    pub event: Option<Position>,
    /// What was done.
    pub note: Option<Prose>,
}

/// A task is done.
#[record]
pub struct Completed {
    /// How.
    pub ending: Ending,
    /// Whether its last day had passed.
    pub late: bool,
}

/// The last day of a task has passed.
#[record]
pub struct Overdue {
    /// The day.
    pub due: Date,
    /// Who was to do it.
    pub assignee: Option<UserId>,
    /// In which role.
    pub assignee_role: Role,
}

/// Input of `cancel`.
#[record]
pub struct Cancel {
    /// Why.
    pub reason: Prose,
}

/// A task is not to be done any more.
#[record]
pub struct Cancelled {
    /// Why.
    pub ending: Ending,
}

/// Whether a person is a member who has a role.
fn has_role(user: &UserId, role: Role, context: &Context) -> bool {
    let membership = facts::Membership::id_of(user);
    let member = context.facts.get::<facts::Membership>(&membership);
    member.is_some_and(|member| {
        member.holds_one_of(&[role]) || role == Role::Emp && member.status == "active"
    })
}

impl Open {
    pub(super) fn opened(self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let Open { work, blocking, opened_by_event } = self;
        let blocking = blocking.unwrap_or(false);
        if blocking && !BLOCKING.iter().any(|role| context.holds(*role)) {
            return Err(Refusal::MayNotBlock { at: "/blocking" });
        }
        if blocking && work.subject.is_none() {
            return Err(Refusal::BlocksNothing { at: "/subject" });
        }
        work.check(context)?;
        if let Some(position) = opened_by_event
            && !context.facts.exists(&position.to_string())
        {
            return Err(Refusal::NoSuchEvent { position, at: "/openedByEvent" });
        }
        let (by, at) = (context.user(), context.now);
        Ok(vec![Event::Opened(Opened { work, blocking, opened_by_event, by, at })])
    }
}

impl Work {
    fn check(&self, context: &Context) -> Result<(), Refusal> {
        let role = self.assignee_role;
        if !Role::MEMBERS.contains(&role) {
            return Err(Refusal::NotAMemberRole { role: role.code(), at: "/assigneeRole" });
        }
        if let Some(assignee) = &self.assignee {
            self.check_assignee(assignee, context)?;
        }
        let event = self.done_when.as_ref().map(|done| done.event.as_str());
        let is_known = |event: &str| {
            let kind = event.split_once('.').filter(|(_, words)| !words.is_empty());
            kind.is_some_and(|(kind, _)| kernel::kinds::kind(kind).is_some())
        };
        match event.filter(|event| !is_known(event)) {
            Some(event) => {
                Err(Refusal::UnknownEvent { event: event.to_owned(), at: "/doneWhen/event" })
            }
            None => Ok(()),
        }
    }

    fn check_assignee(&self, assignee: &UserId, context: &Context) -> Result<(), Refusal> {
        let role = self.assignee_role;
        if has_role(assignee, role, context) {
            return Ok(());
        }
        let (assignee, role) = (assignee.to_string(), role.code());
        Err(Refusal::AssigneeLacksRole { assignee, role, at: "/assignee" })
    }
}

impl TaskStatus {
    fn end(self) -> Option<&'static str> {
        match self {
            TaskStatus::Done => Some("done"),
            TaskStatus::Cancelled => Some("cancelled"),
            TaskStatus::Open | TaskStatus::Overdue => None,
        }
    }
}

impl Task {
    fn must_be_open(&self) -> Result<(), Refusal> {
        match self.status.end() {
            Some(status) => Err(Refusal::HasEnded { status }),
            None => Ok(()),
        }
    }

    /// Whether it is this person's: given to him, or to nobody and he has the role.
    fn is_of(&self, context: &Context) -> bool {
        match &self.work.assignee {
            Some(assignee) => *assignee == context.user(),
            None => context.holds(self.work.assignee_role),
        }
    }

    fn must_be_of(&self, context: &Context) -> Result<(), Refusal> {
        let manages = context.holds(Role::Am) || context.holds(Role::Sys);
        if manages || self.is_of(context) { Ok(()) } else { Err(Refusal::NotYourTask) }
    }

    pub(super) fn assigned(&self, input: Assign, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        self.must_be_of(context)?;
        let (assignee, before) = (input.assignee, self.work.assignee.clone());
        if before.as_ref() == Some(&assignee) {
            return Ok(Vec::new());
        }
        self.work.check_assignee(&assignee, context)?;
        let by = context.user();
        Ok(vec![Event::Assigned(Assigned { assignee, before, by })])
    }

    pub(super) fn completed(
        &self,
        input: Complete,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.status == TaskStatus::Done {
            return Ok(Vec::new());
        }
        self.must_be_open()?;
        self.must_be_of(context)?;
        self.must_have_happened(input.event, context)?;
        let Complete { event, note } = input;
        let ending = Ending { by: context.user(), at: context.now, note, event };
        let late = context.today() > self.work.due;
        Ok(vec![Event::Completed(Completed { ending, late })])
    }

    /// The named event is the one that the task waits for, and happened after it was opened.
    fn must_have_happened(
        &self,
        position: Option<Position>,
        context: &Context,
    ) -> Result<(), Refusal> {
        let at = "/event";
        let awaited = self.work.done_when.as_ref();
        let position = match (position, awaited) {
            (Some(position), _) => position,
            (None, Some(awaited)) => {
                return Err(Refusal::NotDoneYet { event: awaited.event.to_string(), at });
            }
            (None, None) => return Ok(()),
        };
        let found = context.facts.get::<facts::Event>(&position.to_string());
        let found = found.ok_or(Refusal::NoSuchEvent { position, at })?;
        let fits = awaited.is_none_or(|awaited| {
            let object = awaited.object.as_ref();
            awaited.event.as_str() == found.name
                && object.is_none_or(|object| object.id() == found.object)
        });
        if !fits || found.recorded_at < self.opened_at {
            return Err(Refusal::OtherEvent { position, found: found.name, at });
        }
        Ok(())
    }

    pub(super) fn fallen_overdue(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_open()?;
        let due = self.work.due;
        if self.status == TaskStatus::Overdue {
            return Ok(Vec::new());
        }
        if context.today() <= due {
            return Err(Refusal::NotOverdue { due });
        }
        let (assignee, assignee_role) = (self.work.assignee.clone(), self.work.assignee_role);
        Ok(vec![Event::Overdue(Overdue { due, assignee, assignee_role })])
    }

    pub(super) fn cancelled(
        &self,
        input: Cancel,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        if self.status == TaskStatus::Cancelled {
            return Ok(Vec::new());
        }
        self.must_be_open()?;
        let (by, at) = (context.user(), context.now);
        let manages = context.holds(Role::Am) || context.holds(Role::Sys);
        if !manages && self.opened_by != by {
            return Err(Refusal::NotYoursToCancel);
        }
        let ending = Ending { by, at, note: Some(input.reason), event: None };
        Ok(vec![Event::Cancelled(Cancelled { ending })])
    }
}
