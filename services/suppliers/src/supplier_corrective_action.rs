//! A corrective action that is demanded of a supplier (S-05; ISO/IEC 42001 A.10.3, 10.2).
//!
//! ```text
//!           request               answer              implement               verify
//!   (none) ─────────► Requested ─────────► Answered ────────────► Implemented ───────► Verified
//!                        │    mark_overdue   │  ▲ │ reject            │ reject
//!                        └──────► Overdue ◄──┘  │ └──► Rejected ◄─────┘
//!                                    └─ answer ─┴─ answer ─┘
//! ```

use declare::{commands, events, record, words};
use kernel::correction::{Correct, Corrected, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Line, Prose, Ref};
use kernel::{Context, Date, Instant, Need, Role, UserId};

pub use self::course::{Answered, Implemented, Overdue, Rejected, Requested, Verified};
pub use self::refusal::Refusal;

mod course;
mod refusal;
#[cfg(test)]
mod tests;

/// Most people who act for a supplier in one corrective action.
pub const SPEAKERS_MAX: usize = 20;

/// What a supplier is to put right.
#[record]
#[derive(Default)]
pub struct SupplierCorrectiveAction {
    /// Where it stands.
    #[field(index)]
    pub status: ActionStatus,
    /// What is demanded, and why.
    #[field(flatten)]
    pub demand: Demand,
    /// Who demanded it.
    pub requested_by: UserId,
    /// What the supplier replied last.
    pub reply: Option<Prose>,
    /// By when it says that it will be done.
    pub promised_for: Option<Date>,
    /// What it did.
    pub implemented: Option<Prose>,
    /// Who recorded what the supplier replied and did: its speakers here.
    pub speakers: Vec<UserId>,
    /// Why its reply or what it did was not enough.
    pub rejection: Option<Prose>,
    /// When it was found to be late.
    pub overdue_since: Option<Instant>,
    /// Who verified it.
    pub verified_by: Option<UserId>,
    /// When.
    #[field(index)]
    pub verified_at: Option<Instant>,
    /// What was found.
    pub finding: Option<Prose>,
}

/// What is demanded of a supplier. Input of `request`.
#[record]
#[derive(Default)]
pub struct Demand {
    /// The supplier.
    #[field(index)]
    pub supplier: Ref<kinds::Supplier>,
    /// What it is about, in a line.
    #[field(search, correctable)]
    pub title: Line,
    /// What went wrong.
    #[field(correctable)]
    pub cause: Prose,
    /// What the supplier is to do.
    #[field(correctable)]
    pub demanded: Prose,
    /// By when.
    #[field(index)]
    pub due: Date,
    /// The incident that showed it.
    #[field(index)]
    pub incident: Option<Ref<kinds::Incident>>,
    /// The nonconformity that it answers.
    pub nonconformity: Option<Ref<kinds::Nonconformity>>,
}

/// Where a corrective action stands.
#[words]
#[derive(Default)]
pub enum ActionStatus {
    /// The supplier was asked.
    #[default]
    Requested,
    /// It has replied.
    Answered,
    /// It says that it is done.
    Implemented,
    /// Somebody who had no part in it found that it works.
    Verified,
    /// The reply, or what was done, is not enough.
    Rejected,
    /// It was not done in time.
    Overdue,
}

/// Input of `answer`.
#[record]
pub struct Reply {
    /// What the supplier replies.
    pub reply: Prose,
    /// By when it says that it will be done.
    pub promised_for: Option<Date>,
}

/// Input of `implement`.
#[record]
pub struct Implement {
    /// What the supplier did.
    pub what: Prose,
}

/// Input of `verify`.
#[record]
pub struct Verify {
    /// What was looked at, and what was found.
    pub finding: Prose,
}

/// Input of `reject`.
#[record]
pub struct Reject {
    /// Why it is not enough.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Demands a corrective action of a supplier.
    #[command(by(Sm), emits(Requested), creates)]
    Request(Demand),
    /// Records what the supplier replies.
    #[command(by(Sm), emits(Answered))]
    Answer(Reply),
    /// Records what the supplier did.
    #[command(by(Sm), emits(Implemented))]
    Implement(Implement),
    /// Finds that it works.
    #[command(by(Val), emits(Verified))]
    Verify(Verify),
    /// Finds that the reply, or what was done, is not enough: the supplier is to reply anew.
    #[command(by(Sm, Val), emits(Rejected))]
    Reject(Reject),
    /// Says that it was not done in time.
    #[command(by(Sys), emits(Overdue))]
    MarkOverdue,
    /// Corrects an earlier event.
    #[command(by(Sm), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "supplier_corrective_action")]
pub enum Event {
    /// It was demanded.
    Requested(Requested),
    /// The supplier has replied.
    Answered(Answered),
    /// The supplier says that it is done.
    Implemented(Implemented),
    /// It was found to work.
    Verified(Verified),
    /// It was found not to be enough.
    Rejected(Rejected),
    /// It was not done in time.
    Overdue(Overdue),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

kernel::aggregate!(SupplierCorrectiveAction, "supplier_corrective_action", Command, Event, Refusal);

impl Domain for SupplierCorrectiveAction {
    const ABOUT: About = About {
        kind: "supplier_corrective_action",
        doc: "A corrective action that is demanded of a supplier.",
        clauses: &["A.10.3", "10.2"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Request(input) => vec![Need::Object(input.supplier.id().to_owned())],
            Command::Answer(_)
            | Command::Implement(_)
            | Command::Verify(_)
            | Command::Reject(_)
            | Command::MarkOverdue
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Request(demand) => course::requested(demand, context),
            Command::Answer(input) => self.answered(input, context),
            Command::Implement(input) => self.implemented(input, context),
            Command::Verify(input) => self.verified(input, context),
            Command::Reject(input) => self.rejected(input, context),
            Command::MarkOverdue => self.overdue(context),
            Command::Correct(input) => Ok(vec![Event::Corrected(input.decide::<Self>(context)?)]),
        }
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Requested(e) => {
                self.demand = e.demand;
                self.requested_by = e.by;
            }
            Event::Answered(e) => {
                self.status = ActionStatus::Answered;
                self.reply = Some(e.reply);
                self.promised_for = e.promised_for;
                self.spoken(e.by);
            }
            Event::Implemented(e) => {
                self.status = ActionStatus::Implemented;
                self.implemented = Some(e.what);
                self.spoken(e.by);
            }
            Event::Verified(e) => {
                self.status = ActionStatus::Verified;
                self.finding = Some(e.finding);
                self.verified_by = Some(e.by);
                self.verified_at = Some(e.at);
            }
            Event::Rejected(e) => {
                self.status = ActionStatus::Rejected;
                self.rejection = Some(e.reason);
            }
            Event::Overdue(e) => {
                self.status = ActionStatus::Overdue;
                self.overdue_since = Some(e.at);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}
