//! A work item that a person or a process manager opens (G-17; ISO/IEC 42001 8.1).
//!
//! ```text
//!           open             complete
//!   (none) ──────► Open ───────────────────► Done
//!                   │  │ cancel                ▲
//!                   │  └───────► Cancelled ◄─┐ │
//!                   └─ fall_overdue ──► Overdue ── complete
//!
//!   postpone (from Open): another last day, with a reason
//! ```

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Deadline, Domain};
use kernel::values::{Anything, Line, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Position, Role, UserId};

pub use self::awaiting::DoneWhen;
pub use self::ending::{
    Assign, Assigned, Cancel, Cancelled, Complete, Completed, Ending, Overdue, Release, Released,
};
pub use self::postponing::{Postpone, Postponed};
pub use self::refusal::Refusal;

mod awaiting;
mod ending;
mod postponing;
mod refusal;
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
    /// Why its last day was moved last.
    pub postponed: Option<Postponed>,
    /// The event that it waits for while it is open: its type, `@`, and the object that decides or
    /// is referred to; nothing after the sign when any object will do.
    #[field(index, max = 1)]
    pub awaits: Vec<Line>,
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
    /// Takes it from whoever has it: anybody in its role may do it then.
    #[command(by(Am, Sys), emits(Released))]
    Release(Release),
    /// Gives it more time, with a reason; not who is to do it, and not once it is overdue.
    #[command(by(Am, Tm), emits(Postponed))]
    Postpone(Postpone),
    /// Says that it is done, naming the event that shows it. What was to be decided is done also
    /// with a note of what was decided otherwise.
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
    /// It was taken from whoever had it.
    Released(Released),
    /// It was given more time.
    Postponed(Postponed),
    /// It is done.
    Completed(Completed),
    /// Its last day has passed.
    Overdue(Overdue),
    /// It is not to be done any more.
    Cancelled(Cancelled),
    /// An earlier event was corrected.
    Corrected(Corrected),
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

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Open(input) => {
                let assignee = input.work.assignee.iter().map(membership);
                assignee.chain(input.opened_by_event.map(Need::Event)).collect()
            }
            Command::Assign(input) => vec![membership(&input.assignee)],
            Command::Complete(input) => self.needs_of_event(input.event, known),
            Command::Release(_)
            | Command::Postpone(_)
            | Command::FallOverdue
            | Command::Cancel(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Open(input) => input.opened(context),
            Command::Assign(input) => self.assigned(input, context),
            Command::Release(input) => self.released(input, context),
            Command::Postpone(input) => self.postponed(input, context),
            Command::Complete(input) => self.completed(input, context),
            Command::FallOverdue => self.fallen_overdue(context),
            Command::Cancel(input) => self.cancelled(input, context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn deadlines(&self) -> Vec<Deadline> {
        let open = (self.status == TaskStatus::Open).then_some(self.work.due);
        open.map(|due| Deadline::after(due, "fall_overdue")).into_iter().collect()
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Opened(e) => {
                (self.work, self.blocking) = (e.work, e.blocking);
                (self.opened_by_event, self.opened_by) = (e.opened_by_event, e.by);
                self.opened_at = e.at;
                self.awaits = self.work.done_when.iter().map(DoneWhen::awaited).collect();
            }
            Event::Assigned(e) => self.work.assignee = Some(e.assignee),
            Event::Released(e) => {
                (self.work.assignee, self.work.assignee_role) = (None, e.assignee_role);
            }
            Event::Postponed(e) => {
                self.work.due = e.due;
                self.postponed = Some(e);
            }
            Event::Completed(e) => self.end(TaskStatus::Done, e.ending),
            Event::Overdue(_) => self.status = TaskStatus::Overdue,
            Event::Cancelled(e) => self.end(TaskStatus::Cancelled, e.ending),
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

fn membership(user: &UserId) -> Need {
    Need::Object(facts::Membership::id_of(user))
}
