//! A work item that a person or a process manager opens (G-17; ISO/IEC 42001 8.1).
//!
//! ```text
//!           open             complete
//!   (none) ──────► Open ───────────────────► Done
//!                   │  │ cancel                ▲
//!                   │  └───────► Cancelled ◄─┐ │
//!                   └─ fall_overdue ──► Overdue ── complete
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Anything, Line, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Position, Role, UserId};

pub use self::ending::{Assign, Assigned, Cancel, Cancelled, Complete, Completed, Overdue};

mod ending;
#[cfg(test)]
mod tests;

/// Something that somebody is to do.
#[record]
#[derive(Default)]
pub struct Task {
    /// What is to be done.
    #[field(flatten)]
    pub work: Work,
    /// Whether it keeps its subject's gate shut until it is done.
    pub blocking: bool,
    /// The event that brought it about, by position.
    pub opened_by_event: Option<Position>,
    /// Who opened it.
    pub opened_by: UserId,
    /// When.
    pub opened_at: Instant,
    /// Its end.
    pub ending: Option<Ending>,
    /// Where it stands.
    #[field(index)]
    pub status: TaskStatus,
}

/// What is to be done.
#[record]
#[derive(Default)]
pub struct Work {
    /// In a line.
    #[field(search, correctable)]
    pub title: Line,
    /// At length.
    #[field(correctable)]
    pub detail: Option<Prose>,
    /// Which sort of work.
    pub task_kind: TaskKind,
    /// The object that it is about.
    #[field(index)]
    pub subject: Option<Ref<Anything>>,
    /// Who is to do it; anybody in the role when left out.
    #[field(index)]
    pub assignee: Option<UserId>,
    /// The role in which it is done.
    pub assignee_role: Role,
    /// Last day.
    #[field(index)]
    pub due: Date,
    /// What must have happened for it to be done.
    pub done_when: Option<DoneWhen>,
}

/// Which sort of work a task is.
#[words]
#[derive(Default)]
pub enum TaskKind {
    /// Some other.
    #[default]
    Other,
    /// Classify a system in law.
    Classify,
    /// Assess the impact of a system, or do so again.
    AssessImpact,
    /// Define intended use and user information.
    DefineUse,
    /// Name somebody who answers for something.
    AssignRole,
    /// Define what a system logs.
    DefineLogging,
    /// Assess or treat a risk.
    HandleRisk,
    /// Take note of a document.
    Acknowledge,
    /// Review a document or record.
    Review,
    /// Train somebody.
    Train,
    /// Resolve what contradicts the Statement of Applicability.
    ResolveContradiction,
    /// Raise a nonconformity, or answer a finding.
    AnswerFinding,
    /// Carry out a decision of a management review.
    CarryOutDecision,
    /// Decide something.
    Decide,
    /// Tell somebody outside.
    Inform,
    /// Renew or end a contract.
    RenewContract,
    /// Look into an incident, alert or gap.
    Investigate,
}

/// The event that must have happened for a task to be done.
#[record]
pub struct DoneWhen {
    /// Its type, such as `soa.contradiction_resolved`.
    pub event: Line,
    /// The object that it is about; any when left out.
    pub object: Option<Ref<Anything>>,
}

/// How a task ended.
#[record]
pub struct Ending {
    /// Who did it or cancelled it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// What was done, or why it was cancelled.
    pub note: Option<Prose>,
    /// The event that shows that it is done, by position.
    pub event: Option<Position>,
}

/// Where a task stands.
#[words]
#[derive(Default)]
pub enum TaskStatus {
    /// To be done.
    #[default]
    Open,
    /// Done.
    Done,
    /// To be done, and too late.
    Overdue,
    /// Not to be done any more.
    Cancelled,
}

/// Input of `open`.
#[record]
pub struct Open {
    /// What is to be done.
    #[field(flatten)]
    pub work: Work,
    /// Whether it keeps its subject's gate shut until it is done.
    pub blocking: Option<bool>,
    /// The event that brought it about, by position.
    pub opened_by_event: Option<Position>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Opens a task. Only managers, auditors and process managers open one that shuts gates.
    #[command(by(Emp, Sys), emits(Opened), creates)]
    Open(Open),
    /// Gives it to somebody who has the role; who has it takes it himself.
    #[command(by(Am, Emp, Sys), emits(Assigned))]
    Assign(Assign),
    /// Says that it is done, naming the event that shows it.
    #[command(by(Emp, Sys), emits(Completed))]
    Complete(Complete),
    /// Says that its last day has passed.
    #[command(by(Sys), emits(Overdue))]
    FallOverdue,
    /// Says that it is not to be done any more.
    #[command(by(Am, Emp, Sys), emits(Cancelled))]
    Cancel(Cancel),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// A task was opened.
#[record]
pub struct Opened {
    /// What is to be done.
    pub work: Work,
    /// Whether it keeps its subject's gate shut.
    pub blocking: bool,
    /// The event that brought it about.
    pub opened_by_event: Option<Position>,
    /// Who opened it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// What can have happened.
#[events(kind = "task")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
pub enum Event {
    /// A task was opened.
    Opened(Opened),
    /// It was given to somebody.
    Assigned(Assigned),
    /// It is done.
    Completed(Completed),
    /// Its last day has passed.
    Overdue(Overdue),
    /// It is not to be done any more.
    Cancelled(Cancelled),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Top and AIMS management, risk managers, system owners and auditors open tasks that shut
    /// gates.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    MayNotBlock {
        /// Where in the input.
        at: &'static str,
    },
    /// A task that shuts a gate is about an object: name it.
    BlocksNothing {
        /// Where in the input.
        at: &'static str,
    },
    /// {role} does no work of the organisation: name a role of members.
    NotAMemberRole {
        /// The role.
        role: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// {assignee} is no member with the role {role}.
    AssigneeLacksRole {
        /// Who.
        assignee: String,
        /// The role.
        role: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// {event} is no type of event: it begins with the name of a kind and a point.
    UnknownEvent {
        /// What was given.
        event: String,
        /// Where in the input.
        at: &'static str,
    },
    /// There is no event at position {position}.
    NoSuchEvent {
        /// The position.
        position: Position,
        /// Where in the input.
        at: &'static str,
    },
    /// The task is done when {event} has happened: name that event by its position.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    NotDoneYet {
        /// The type of the event.
        event: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The event at {position} is {found}, or of another object, or older than the task.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    OtherEvent {
        /// The position.
        position: Position,
        /// The type of the event that stands there.
        found: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The task is another's: its assignee, who has its role, or the AIMS manager does that.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    NotYourTask,
    /// Only the AIMS manager and who opened the task cancel it.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    NotYoursToCancel,
    /// The task is {status}: that is its end.
    #[refusal(conflict)]
    HasEnded {
        /// Where it stands.
        status: &'static str,
    },
    /// The task is due on {due}: that day has not passed.
    #[refusal(conflict)]
    NotOverdue {
        /// Its last day.
        due: Date,
    },
}

kernel::aggregate!(Task, "task", Command, Event, Refusal);

impl Domain for Task {
    const ABOUT: About = About {
        kind: "task",
        doc: "Something that somebody is to do until a day.",
        clauses: &["8.1"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Open(input) => {
                let assignee = input.work.assignee.iter().map(membership);
                assignee.chain(input.opened_by_event.map(Need::Event)).collect()
            }
            Command::Assign(input) => vec![membership(&input.assignee)],
            Command::Complete(input) => input.event.map(Need::Event).into_iter().collect(),
            Command::FallOverdue | Command::Cancel(_) | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Open(input) => input.opened(context),
            Command::Assign(input) => self.assigned(input, context),
            Command::Complete(input) => self.completed(input, context),
            Command::FallOverdue => self.fallen_overdue(context),
            Command::Cancel(input) => self.cancelled(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Opened(e) => {
                (self.work, self.blocking) = (e.work, e.blocking);
                (self.opened_by_event, self.opened_by) = (e.opened_by_event, e.by);
                self.opened_at = e.at;
            }
            Event::Assigned(e) => self.work.assignee = Some(e.assignee),
            Event::Completed(e) => {
                (self.status, self.ending) = (TaskStatus::Done, Some(e.ending));
            }
            Event::Overdue(_) => self.status = TaskStatus::Overdue,
            Event::Cancelled(e) => {
                (self.status, self.ending) = (TaskStatus::Cancelled, Some(e.ending));
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

fn membership(user: &UserId) -> Need {
    Need::Object(facts::Membership::id_of(user))
}
