//! What is refused of tasks.

use declare::refusals;
use kernel::correction::CorrectionRefusal;
use kernel::{Date, Position};

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
    /// The event at {position} is {found}, or of another object or matter, or older than the task.
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
    /// The task is due on {due}: more time is a later day than that.
    NotLater {
        /// Its last day.
        due: Date,
        /// Where in the input.
        at: &'static str,
    },
    /// The task is overdue since {due}: what is late stays late, and is done or cancelled.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    IsOverdue {
        /// Its last day.
        due: Date,
    },
    /// Who is to do a task does not give himself more time: another manager does.
    #[refusal(rule = "segregation of duties: who does it does not postpone it")]
    PostponedByAssignee,
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
