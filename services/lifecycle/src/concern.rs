//! A concern about AI that a member or an outsider reports (L-12; ISO/IEC 42001 A.3.3, A.8.3).
//!
//! ```text
//!           report             acknowledge             start_review
//!   (none) ────────► Received ────────────► Acknowledged ──────────► UnderReview
//!                                                          escalate │     │ resolve
//!                        close            ┌──────── Escalated ◄─────┘     ▼
//!                Closed ◄─────────────────┴─────────────┴──────────► Resolved
//! ```
//!
//! Only its handler acts on it and opens its texts. A concern that found no handler without a
//! conflict of interest arrives all the same and waits for somebody to be assigned.
//!
//! Invariant: no command, event or field says who reported an unnamed concern (tests:
//! `an_unnamed_concern_holds_nothing_of_who_reported_it` and
//! `nothing_of_the_reporter_can_be_corrected`).

use std::collections::BTreeMap;

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Anything, Key, Prose, Ref};
use kernel::{Context, Instant, Need, UserId};

pub use self::assignment::{AssignHandler, ConflictCheck, ConflictChecked, HandlerAssigned};
pub use self::intake::{Origin, Report, Reported};
pub use self::refusal::Refusal;
pub use self::review::{Escalate, Escalated, Resolve, Resolved, Step};
pub use self::talk::{
    AddMessage, FlagRetaliation, Message, MessageAdded, Replied, Reply, RetaliationFlagged, Speaker,
};

mod assignment;
pub(crate) mod handler;
mod intake;
mod refusal;
mod review;
mod talk;
#[cfg(test)]
mod tests;

/// A concern, who looks into it and what became of it.
#[record]
#[derive(Default)]
pub struct Concern {
    /// What was reported, how, and by when it must be answered.
    #[field(flatten)]
    pub reported: Reported,
    /// Where it stands.
    #[field(index)]
    pub status: ConcernStatus,
    /// Members who said that they have a conflict of interest in it.
    pub conflicted: Vec<UserId>,
    /// The present handler's statement on conflicts of interest.
    pub conflict_check: Option<ConflictChecked>,
    /// When receipt was acknowledged.
    pub acknowledged_at: Option<Instant>,
    /// What was written after the report, by either side.
    pub messages: BTreeMap<Key, Message>,
    /// The last answer to the reporter.
    pub reply: Option<Replied>,
    /// What became of it.
    #[field(correctable)]
    pub outcome: Option<Prose>,
    /// The incidents and nonconformities that were made of it.
    pub escalated_to: Vec<Ref<Anything>>,
    /// Whether the reporter is said to have suffered for reporting.
    pub retaliation_flag: bool,
    /// What was said of that last.
    pub retaliation: Option<RetaliationFlagged>,
    /// When it was closed.
    pub closed_at: Option<Instant>,
}

/// Where a concern stands.
#[words]
#[derive(Default)]
pub enum ConcernStatus {
    /// It has arrived.
    #[default]
    Received,
    /// The reporter was told that it has arrived.
    Acknowledged,
    /// It is being looked into.
    UnderReview,
    /// An incident or nonconformity was made of it.
    Escalated,
    /// Its outcome is known.
    Resolved,
    /// Nothing more is done about it.
    Closed,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Reports a concern through a channel.
    #[command(by(Emp, Ext), emits(Reported), creates)]
    Report(Report),
    /// Acknowledges receipt.
    #[command(by(Am, Tm, Dpo, Im), emits(Acknowledged))]
    Acknowledge,
    /// Gives it to a handler whom it does not name.
    #[command(by(Am, Tm), emits(HandlerAssigned))]
    AssignHandler(AssignHandler),
    /// The handler says whether he has a conflict of interest; with one he gives it back.
    #[command(by(Am, Tm, Dpo, Im), emits(ConflictChecked))]
    RecordConflictCheck(ConflictCheck),
    /// Begins to look into it.
    #[command(by(Am, Tm, Dpo, Im), emits(ReviewStarted))]
    StartReview,
    /// Adds what the reporter or the handler has to say.
    #[command(by(Am, Tm, Dpo, Im, Emp, Ext), emits(MessageAdded))]
    AddMessage(AddMessage),
    /// Says that the reporter suffers for having reported.
    #[command(by(Am, Tm, Dpo, Im, Emp, Ext), emits(RetaliationFlagged))]
    FlagRetaliation(FlagRetaliation),
    /// Answers the reporter.
    #[command(by(Am, Tm, Dpo, Im), emits(Replied))]
    Reply(Reply),
    /// Takes it further as an incident or nonconformity.
    #[command(by(Am, Tm, Dpo, Im), emits(Escalated))]
    Escalate(Escalate),
    /// Says what became of it.
    #[command(by(Am, Tm, Dpo, Im), emits(Resolved))]
    Resolve(Resolve),
    /// Closes it.
    #[command(by(Am, Tm, Dpo, Im), emits(Closed))]
    Close,
    /// Corrects an earlier event; nothing of the reporter can be set.
    #[command(by(Am, Tm, Dpo, Im), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "concern")]
pub enum Event {
    /// A concern was reported.
    Reported(Reported),
    /// Receipt was acknowledged.
    Acknowledged(Step),
    /// A handler was assigned.
    HandlerAssigned(HandlerAssigned),
    /// The handler said whether he has a conflict of interest.
    ConflictChecked(ConflictChecked),
    /// The handler began to look into it.
    ReviewStarted(Step),
    /// One side said more.
    MessageAdded(MessageAdded),
    /// Retaliation was reported.
    RetaliationFlagged(RetaliationFlagged),
    /// The reporter was answered.
    Replied(Replied),
    /// An incident or nonconformity was made of it.
    Escalated(Escalated),
    /// Its outcome is known.
    Resolved(Resolved),
    /// It was closed.
    Closed(Step),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(Concern, "concern", Command, Event, Refusal);

impl Domain for Concern {
    const ABOUT: About = About {
        kind: "concern",
        doc: "A concern that a member or an outsider reports, and what becomes of it.",
        clauses: &["A.3.3", "A.8.3"],
        singleton: false,
        readers: handler::ROLES,
        relations: &[],
        shape: 1,
    };

    const CONFIDED: Option<&'static str> = Some("handler");

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Report(input) => input.needs(known),
            Command::AssignHandler(input) => {
                handler::memberships(std::slice::from_ref(&input.handler))
            }
            Command::Acknowledge
            | Command::RecordConflictCheck(_)
            | Command::StartReview
            | Command::AddMessage(_)
            | Command::FlagRetaliation(_)
            | Command::Reply(_)
            | Command::Escalate(_)
            | Command::Resolve(_)
            | Command::Close
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Report(input) => Ok(vec![Event::Reported(input.received(context)?)]),
            Command::AssignHandler(input) => self.handler_assigned(input, context),
            Command::AddMessage(input) => self.message_added(input, context),
            Command::FlagRetaliation(input) => self.retaliation_flagged(input, context),
            Command::Acknowledge => self.acknowledged(context),
            Command::RecordConflictCheck(input) => self.conflict_checked(input, context),
            Command::StartReview => self.review_started(context),
            Command::Reply(input) => self.replied(input, context),
            Command::Escalate(input) => self.escalated(input, context),
            Command::Resolve(input) => self.resolved(input, context),
            Command::Close => self.closed(context),
            Command::Correct(input) => {
                self.must_handle(context)?;
                Ok(vec![Event::Corrected(input.decide::<Self>(context)?)])
            }
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Reported(e) => self.reported = e,
            Event::Acknowledged(e) => {
                self.status = ConcernStatus::Acknowledged;
                self.acknowledged_at = Some(e.at);
            }
            Event::HandlerAssigned(e) => self.given_to(e.handler),
            Event::ConflictChecked(e) => self.checked(e),
            Event::ReviewStarted(_) => self.status = ConcernStatus::UnderReview,
            Event::MessageAdded(e) => {
                self.messages.insert(e.key, e.message);
            }
            Event::RetaliationFlagged(e) => {
                self.retaliation_flag = true;
                self.retaliation = Some(e);
            }
            Event::Replied(e) => self.answer(e),
            Event::Escalated(e) => {
                self.status = ConcernStatus::Escalated;
                self.escalated_to.push(e.to);
            }
            Event::Resolved(e) => {
                self.status = ConcernStatus::Resolved;
                self.outcome = Some(e.outcome);
            }
            Event::Closed(e) => {
                self.status = ConcernStatus::Closed;
                self.closed_at = Some(e.at);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
